//! Since when a field is so, from wherever the answer shows it.

use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;

use crate::tui::driver::Driver;
use crate::tui::history::exchange;
use crate::tui::history::keep;
use crate::tui::history::record;
use crate::tui::history::view;
use crate::tui::timeline::about;
use crate::tui::timeline::ada;

#[test]
fn a_field_of_an_element_and_of_a_part_of_a_record() {
    let (mut driver, id) = ada(120, 40);
    driver.call(about(Endpoint::EntityView, id).with("attribute_name", "statuses"));
    driver
        .reload_history()
        .press("4<home><enter>/\"active<enter>b");
    driver
        .sees(".status")
        .sees("then: \"active\"")
        .press("<esc>");
    let find = ApiRequest::new(Endpoint::EntityFind).with("type_name", "user");
    driver.call(find.with("filter", format!("id = {id}")));
    driver
        .reload_history()
        .press("4<home><enter>/\"countess<enter>b");
    driver.sees("displayName").sees("before: \"ada\"");
}

#[test]
fn what_is_no_field_is_not_blamed() {
    let (mut driver, _) = ada(80, 24);
    driver
        .press("4<home><enter><home>b")
        .sees("go to a field of the record first");
    driver.press("|.result<enter>b").sees("go to a field");
}

#[test]
fn what_was_written_masked_is_not_said_to_be_known() {
    let mut driver = Driver::with_history(120, 40);
    let update = ApiRequest::new(Endpoint::EntityUpdate)
        .with("type_name", "user")
        .with("id", "7")
        .with("attributes", r#"{"givenName":"Zoë"}"#)
        .hiding(["givenName".to_owned()]);
    let calls = [
        exchange("sandbox", 1, view(7), &record("Zoe", "")),
        exchange("sandbox", 2, update, r#"{"stat":"ok"}"#),
        exchange("sandbox", 3, view(7), &record("Zoë", "")),
    ];
    keep(&mut driver, calls);
    driver.press("4<home>gt").sees("1 of 3").sees("nothing new");
    // What it was before is masked: whether it differs is not known, and not said.
    driver.sees("1 masked").sees_no("differs");
    driver.sees("? givenName");
    driver.press("<tab><home><down><down>");
    driver
        .sees("whose value is masked; first seen at")
        .sees("before: \"Zoe\"");
    // Of the state that was written only the call is known.
    driver
        .press("<left>")
        .sees("1 differs")
        .sees("written by entity.update, call 2")
        .sees_no("whose value is masked")
        .sees_no("then: \"Zoë\"");
}
