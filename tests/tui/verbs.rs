//! The list of all verbs, the help as such a list, what a key that begins a sequence leads to, and keys of one's own.

use std::rc::Rc;
use std::time::Duration;

use captui::config::keys::KeySetting;
use captui::tui::action;
use captui::tui::keys::keymap::Keymap;
use captui::tui::overlays::Overlay;

use crate::tui::driver::Driver;

/// The form of `user`.
fn form(width: u16, height: u16) -> Driver {
    let mut driver = Driver::new(width, height);
    driver.press("<enter>").sees("2 Form · user (new)");
    driver
}

#[test]
fn a_verb_is_found_by_its_name_and_done_where_it_belongs() {
    let mut driver = form(120, 40);
    driver.press(":").sees("All verbs").sees("Form");
    driver.write("find records").sees("g f");
    driver
        .press("<enter>")
        .sees("2 Find · user")
        .sees_no("All verbs");
    // A verb of another pane takes one there.
    driver.press("<c-p>").write("add an element to the plural");
    driver.press("<enter>").sees("2 Form · user (new)");
    driver.press(":").write("zzqx").sees("nothing fits");
    driver.press("<enter>").sees("nothing fits");
    driver.press("<esc>").sees("Send null");
    driver.press("<esc>").sees_no("All verbs");
    // Its key and its name are enough, and so is the name without its pane.
    for typed in ["g s", "app.schema", "schema"] {
        driver.press(":").write(typed).press("<enter>");
        driver.sees("‹Schema›").press("gr").sees("‹Record›");
    }
    driver.press(":").write("quit").press("<enter>");
    assert!(driver.quit);
}

#[test]
fn a_verb_of_a_place_that_is_not_open_says_so() {
    let mut driver = form(120, 40);
    driver.press(":").write("edit.leave").press("<enter>");
    driver.sees("works in: While a field has the cursor");
}

#[test]
fn every_verb_is_in_the_list_and_can_be_chosen() {
    let mut driver = form(120, 40);
    for spec in action::all() {
        driver.press(":").paste(spec.id);
        driver.sees(&format!("· {}", spec.id));
        driver.press("<enter>");
        let is_open =
            matches!(driver.model.overlays.last(), Some(Overlay::Help(help)) if help.is_narrowed());
        assert!(!is_open, "{} was not done", spec.id);
        driver.model.overlays.clear();
        driver.press("<esc><esc><esc>");
        driver.model.overlays.clear();
        driver.press("gr2");
    }
}

#[test]
fn help_is_narrowed_and_does_what_is_chosen() {
    let mut driver = form(120, 40);
    driver.press("?").sees("Help").sees("Send null");
    driver
        .write("null")
        .sees_no("Send an empty")
        .sees("form.null");
    driver.press("<enter>").sees("‹null›").sees_no("Help");
}

#[test]
fn who_hesitates_is_told_what_may_follow() {
    let mut driver = form(80, 24);
    driver.press("g").sees_no("g … and then");
    driver.wait(Duration::from_millis(400)).sees("g … and then");
    driver.sees("Find records of this entity type");
    driver.press("f").sees_no("and then").sees("Find · user");
}

#[test]
fn keys_of_ones_own_are_shown_and_work() {
    let set = |verb: &str, keys: &[&str]| KeySetting {
        verb: verb.to_owned(),
        keys: keys.iter().map(|keys| (*keys).to_owned()).collect(),
        place: String::new(),
    };
    let settings = [
        set("app.send", &["ctrl-x"]),
        set("form.null", &["ctrl-n"]),
        set("app.help", &["f1"]),
        set("app.verbs", &["ctrl-p"]),
    ];
    let mut driver = form(200, 50);
    driver.model.keymap = Rc::new(Keymap::configured(&settings).expect("can be set"));
    driver
        .sees("Ctrl-X send")
        .sees("Ctrl-N null")
        .sees("F1 help");
    driver.sees("Ctrl-P commands").sees_no("F5 send");
    driver.press("<c-n>").sees("‹null›");
    driver
        .press("-")
        .sees("- does nothing here: F1 lists the keys");
    driver.press("<f1>").sees("Ctrl-X").sees_no("F5, Ctrl-S");
}

#[test]
fn verbs_at_three_sizes() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = form(width, height);
        driver.press(":").write("copy");
        insta::assert_snapshot!(format!("verbs_{width}x{height}"), driver.screen());
        driver.press("<esc><esc>?");
        insta::assert_snapshot!(format!("help_{width}x{height}"), driver.screen());
        driver.press("<esc>g").wait(Duration::from_millis(400));
        insta::assert_snapshot!(format!("which_key_{width}x{height}"), driver.screen());
    }
}
