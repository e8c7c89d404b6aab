//! Writing a record: elements of plurals, the way back, and what is said while one types.

use captui::capture::endpoint::Endpoint;

use crate::tui::driver::Driver;

/// A `user` with two statuses.
fn with_statuses(width: u16, height: u16) -> Driver {
    let mut driver = Driver::new(width, height);
    driver
        .press("<enter>/statuses<enter>aactive<enter><esc>")
        .press("atrial<enter><esc>")
        .press("/<c-u>statuses<enter><esc>");
    driver
}

fn cursor(driver: &Driver) -> String {
    let path = driver.model.form.cursor_path();
    path.map_or_else(|| "a heading".to_owned(), |path| path.to_string())
}

#[test]
fn what_was_deleted_is_brought_back_and_shown() {
    let mut driver = with_statuses(120, 40);
    driver.sees("active").sees("trial").press("<down>");
    assert_eq!(cursor(&driver), "statuses[0]");
    driver
        .press("d")
        .sees("deleted statuses[0]: u brings it back")
        .sees_no("active");
    driver
        .press("<home>u")
        .sees("taken back: statuses[0] deleted (U does it again)")
        .sees("active");
    assert_eq!(cursor(&driver), "statuses[0]", "on what came back");
    driver
        .press("U")
        .sees("done again: statuses[0] deleted")
        .sees_no("active");
    driver.press("U").sees("nothing was taken back just now");
}

#[test]
fn every_step_can_be_taken_back() {
    let mut driver = with_statuses(80, 24);
    let mut steps = 0;
    while driver.press("u").screen().contains("taken back") {
        steps += 1;
    }
    assert_eq!(steps, 4, "two elements and two texts");
    driver.sees("there is nothing to take back");
    driver.press("q");
    assert!(driver.quit, "nothing is left to be lost");
    driver.press("UUUU").sees("2 items");
}

#[test]
fn the_keys_of_an_element_are_offered_on_it() {
    let mut driver = with_statuses(80, 24);
    driver.sees_no("d delete").press("<down>");
    driver.sees("d delete  c clone");
    driver
        .press("p")
        .sees("F5 sends")
        .sees("Esc closes")
        .sees_no("m mode")
        .sees_no("guard");
}

#[test]
fn a_refused_form_that_holds_nothing_begins_anew_without_a_trace() {
    let mut driver = Driver::new(80, 24);
    driver.press("<enter>");
    driver.answer_with(
        Endpoint::EntityCreate,
        r#"{"code":362,"error":"missing_required_attribute","error_description":"/email: required",
            "attribute_name":"/email","stat":"error"}"#,
    );
    driver.press("<f5>").sees("✗ refused").sees("✗ 1 problem");
    driver
        .press("N")
        .sees_no("✗ refused")
        .sees_no("✗ 1 problem");
}

#[test]
fn an_element_is_cloned_and_moved() {
    let mut driver = with_statuses(120, 40);
    driver.press("<down>c").sees("cloned statuses[0]");
    assert_eq!(cursor(&driver), "statuses[1]");
    driver.press("]").sees("3 items");
    assert_eq!(cursor(&driver), "statuses[2]");
    driver.press("]").sees("this element is the last already");
    driver.press("<a-up><a-up>");
    assert_eq!(cursor(&driver), "statuses[0]");
    driver
        .press("u")
        .sees("taken back: statuses[1] moved to [0]");
    assert_eq!(cursor(&driver), "statuses[1]");
    driver.press("J");
    assert_eq!(cursor(&driver), "statuses[2]");
    driver.press("KK<left>");
    assert_eq!(cursor(&driver), "statuses[0]", "folded");
    driver.press("<left>{");
    assert_eq!(cursor(&driver), "a heading");
}
