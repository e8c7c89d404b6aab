//! Folding, moving, peeking.

use crate::tui::viewer::ANSWER;
use crate::tui::viewer::viewing;

#[test]
fn the_tree_is_drawn_with_line_path_and_place() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = viewing(width, height, ANSWER);
        driver.press("jjjj").sees("$.results[0].id").sees("line 4");
        insta::assert_snapshot!(format!("tree_{width}x{height}"), driver.screen());
    }
}

#[test]
fn folds_go_to_a_level_and_by_siblings() {
    let mut driver = viewing(120, 40, ANSWER);
    driver.press("z1").sees("results").sees_no("\"email\"");
    driver.press("z2").sees("[2]").sees_no("\"email\"");
    driver.press("z3").sees("\"email\"").sees_no("\"city\"");
    driver.press("z4").sees("\"city\"").sees_no("\"status\"");
    driver.press("z9").sees("\"status\"");
    driver.press("zM").sees_no("\"email\"").press("zR");
    driver
        .press("<home>jjjzs")
        .sees("[2] {}")
        .sees_no("\"email\"");
    driver.press("zszazc").sees("$.results  3/");
    driver.press("zazo").sees("/").press("<home><enter>");
    driver.sees("1/1").sees_no("result_count");
}

#[test]
fn one_moves_by_siblings_parents_and_names() {
    let mut driver = viewing(120, 40, ANSWER);
    driver.press("jjjj").sees("$.results[0].id");
    driver.press("JJ").sees("$.results[0].email");
    driver.press("K").sees("$.results[0].uuid");
    driver.press("*").sees("$.results[1].uuid");
    driver.press("*").sees("$.results[2].uuid");
    driver.press("*").sees("$.results[0].uuid");
    driver.press("#").sees("$.results[2].uuid");
    driver.press("<backspace>").sees("$.results[2]  ");
    driver.press("*").sees("this has no key");
    driver.press("K").sees("$.results[1]  ");
    driver.press("h").sees("$.results[1]  ").press("h");
    driver
        .sees("$.results  ")
        .press("ll")
        .sees("$.results[0].id");
    driver
        .press("G")
        .sees("$.stat")
        .press("<home>")
        .sees("$  1/");
    driver.press("<pagedown>").sees("$.").press("<pageup>");
    driver.sees("$  1/");
}

#[test]
fn a_value_is_shown_whole_and_read_in_every_way() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = viewing(width, height, ANSWER);
        driver.press("/note<enter>p").sees("second é line");
        driver.sees("escapes read");
        insta::assert_snapshot!(format!("value_{width}x{height}"), driver.screen());
        driver
            .press("e")
            .sees("second \\u00e9 line")
            .sees("as written");
        driver.press("<esc>").sees_no("as written");
    }
    let mut driver = viewing(120, 40, ANSWER);
    driver.press("/created<enter>p").sees("r: date");
    driver.press("r").sees("$.results[0].created · date");
    driver.press("<esc>G").sees("$.stat");
    driver
        .press("p")
        .press("o")
        .sees("there is no document inside");
    driver.press("q/data<enter>p").sees("r: JSON in a string");
    driver
        .press("o")
        .sees("inside $.results[2].data")
        .sees("\"inside\"");
    driver.press("<esc>").sees_no("inside $.").sees("$.results");
    driver
        .press("z1<home>jjp")
        .sees("\"email\": \"zoe@example.com\"");
    driver.press("e").sees("only strings have escapes");
    driver.press(" <end><home><down><up><pageup>q");
    driver.sees_no("only strings");
}

#[test]
fn a_long_value_is_wrapped_when_asked() {
    let body: &'static str = format!(
        r#"{{"stat":"ok","long":"{}end","after":1}}"#,
        "word ".repeat(100)
    )
    .leak();
    let mut driver = viewing(80, 24, body);
    driver.sees_no("end\"").press("W").sees("end\"");
    driver.sees("\"after\": 1").press("G").sees("$.after");
    driver.press("W").sees_no("end\"");
}

#[test]
fn a_click_goes_to_a_row_and_on_its_mark_folds() {
    let mut driver = viewing(80, 24, ANSWER);
    let row = driver
        .screen()
        .lines()
        .position(|line| line.contains("\"results\""))
        .expect("is shown") as u16;
    driver.click(20, row).sees("$.results  ");
    driver.sees("\"uuid\"").click(4, row).sees_no("\"uuid\"");
    driver.click(4, row).sees("\"uuid\"");
    driver.wheel(20, row, true).sees("$.results");
}

#[test]
fn broken_json_is_shown_up_to_its_fault_which_is_named() {
    let mut driver = viewing(80, 24, "{\"a\": [1, 2\n, tru");
    driver.sees("line 2 column ").press("!").sees("$.a");
    let mut driver = viewing(80, 24, r#"{"stat":"ok"}"#);
    driver.press("!").sees("nothing odd was found");
    let mut driver = viewing(80, 24, ANSWER);
    driver.press("!").sees("$.results[0].balance");
}
