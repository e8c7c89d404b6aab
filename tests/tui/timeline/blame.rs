//! Since when a field is so, from wherever the answer shows it.

use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;

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
