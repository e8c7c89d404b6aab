//! What the screen says around a design: header, footer, help, response, and what is told once something was done.

use std::time::Duration;

use crate::tui::driver::Driver;
use crate::tui::schema::USER2;

/// Long enough for what is put off.
const PAUSE: Duration = Duration::from_millis(100);

/// The last line of the screen.
fn footer(driver: &Driver) -> String {
    driver
        .screen()
        .lines()
        .last()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn with_nothing_open_the_words_are_those_of_the_schema() {
    let mut driver = Driver::new(120, 40);
    driver.press("gs").sees("No entity type is open.");
    assert!(!footer(&driver).contains("F5"), "{}", footer(&driver));
    driver.press("<f5>").sees("n begins a new entity type");
    driver.press("3H").sees("F5 creates the type that is");
    driver.press("<enter>").sees("F5 makes the call");
}

#[test]
fn the_header_names_what_is_designed_and_the_status_what_was_created() {
    let mut driver = Driver::new(80, 24);
    let call =
        format!("curl -d type_name=user2b -d 'attr_defs={USER2}' https://h/entityType.create");
    driver.press("<enter>gs").sees("entity type user");
    driver.paste(&call).press("<enter>");
    driver.sees("entity type user2b (new)");
    driver.press("<f5>").sees("user2b created");
    driver
        .sees("3 shows the answer")
        .sees("entity type user2b ");
    driver.sees_no("(new)");
}

#[test]
fn the_footer_has_room_for_what_is_needed_most() {
    let mut driver = Driver::new(80, 24);
    driver.press("<enter>gs");
    let footer = footer(&driver);
    for hint in [
        "F5 plan",
        "a add",
        "n new",
        "g m map",
        "g v rules",
        "g c access",
    ] {
        assert!(footer.contains(hint), "{hint}: {footer}");
    }
    let mut wide = Driver::new(120, 40);
    wide.press("<enter>gs");
    let footer = self::footer(&wide);
    for hint in ["D compare", "X export"] {
        assert!(footer.contains(hint), "{hint}: {footer}");
    }
    assert!(!footer.contains("p plan"), "{footer}");
}

#[test]
fn help_is_whole_at_every_width() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = Driver::new(width, height);
        driver.press("<enter>gs?").sees("Help");
        let mut seen = String::new();
        for _ in 0..20 {
            let screen = driver.screen();
            // Beside the help the panes are still in sight.
            let inside = screen.lines().filter_map(|line| {
                let cells: Vec<char> = line.chars().collect();
                let frame = usize::from(width.min(104) - 4);
                let from = (usize::from(width) - frame) / 2;
                Some(cells.get(from..from + frame)?.iter().collect::<String>())
            });
            let inside = inside.collect::<Vec<_>>().join("\n");
            assert!(!inside.contains('…'), "{screen}");
            seen.push_str(&inside);
            driver.press("<pagedown>");
        }
        assert!(seen.contains("another type, another"), "{seen}");
        let (own, rest) = seen.split_once("Everywhere").expect("is there");
        assert!(own.contains("Show the rules of this entity type"), "{own}");
        assert!(rest.contains("Leave captui"));
    }
}

#[test]
fn types_are_whole_and_keys_have_one_sign() {
    let mut driver = Driver::new(120, 40);
    let long = r#"[{"name":"aNameThatIsLongEnoughToTakeTheRoomOfEverythingElse","type":"string","length":1000,
        "constraints":["required","unique","email-address"]},{"name":"p","type":"plural","attr_defs":[
        {"name":"k","type":"string","features":["primary-key"]}]}]"#;
    driver.paste(long).press("<enter>").sees("string(1000)");
    driver.sees("k #").sees_no("◆");
    driver.press("gm").sees("# primary-key").sees("◆ unique");
}

#[test]
fn the_legend_stays_in_sight() {
    let mut driver = Driver::new(80, 24);
    driver.press("<enter>gsgm").sees("* required");
    driver.press("<pagedown>").sees("* required");
    driver.press("<end>").sees("* required").sees("X exports");
}

#[test]
fn what_is_about_the_whole_works_beside_the_tree() {
    let mut driver = Driver::new(120, 40);
    driver.paste(USER2).press("<enter>5").sees("‹attr_defs›");
    driver
        .press("W")
        .sees("‹Calls›")
        .press("w")
        .sees_no("‹Calls›");
    driver.press("D").sees("Compare");
}

#[test]
fn a_type_is_chosen_and_not_kept() {
    let mut driver = Driver::new(120, 40);
    driver
        .paste(USER2)
        .press("<enter><down><enter><down><enter>");
    let footer = footer(&driver);
    assert!(
        footer.contains("choose") && footer.contains("leave it"),
        "{footer}"
    );
}

/// A type with more attributes than are judged at once.
fn large() -> String {
    let defs = (0..600).map(|at| format!(r#"{{"name":"a{at}","type":"string","length":9}}"#));
    format!("[{}]", defs.collect::<Vec<_>>().join(","))
}

#[test]
fn what_is_sent_of_a_large_design_follows_once_no_key_is_waiting() {
    let mut driver = Driver::new(120, 40);
    driver.paste(&large()).press("<enter>").wait(PAUSE);
    driver.sees("\"name\": \"a0\"");
    driver.press("<down><enter><enter>b");
    driver.sees("a0b").sees("\"name\": \"a0\"");
    driver.wait(PAUSE);
    driver.sees("\"name\": \"a0b\"");
    driver.press("<esc><esc>W").wait(PAUSE).sees("‹Calls›");
    driver
        .press("3<pagedown><pagedown>")
        .sees("\"name\": \"a0b\"");
}
