//! In another environment.

use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;

use crate::tui::history_replay::after;
use crate::tui::history_replay::find;
use crate::tui::history_replay::made;
use crate::tui::history_replay::update;

#[test]
fn a_read_goes_to_the_chosen_environment() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = after(width, height, find());
        driver.press("R").sees("Send it again where?");
        driver.sees("DEV").sees("PROD").sees("at once");
        insta::assert_snapshot!(format!("where_{width}x{height}"), driver.screen());
        driver.press("s<enter>");
        let exchange = driver.last_exchange();
        assert_eq!(exchange.environment, "staging");
        assert_eq!(exchange.request, find());
    }
}

#[test]
fn production_wants_its_name_and_what_is_guarded_refuses() {
    let mut driver = after(120, 40, update());
    driver
        .press("R")
        .sees("asks first")
        .sees("read-only: refused");
    driver.press("l<enter>").sees("type live to go on");
    driver.press("rrrrrrrr<enter>").sees("type live to go on");
    assert_eq!(made(&driver, Endpoint::EntityUpdate), 1);
    driver.press("<esc>").sees("nothing was sent");
    driver.press("Rl<enter>live<enter>");
    let exchange = driver.last_exchange();
    assert_eq!(
        (
            exchange.environment.as_str(),
            made(&driver, Endpoint::EntityUpdate)
        ),
        ("live", 2)
    );
    driver.press("4<home>jjR").sees("Send it again where?");
    driver
        .press("g<enter>")
        .sees("guarded is read-only: entity.update is refused");
    driver.press("R<esc>").sees("nothing was sent");
    assert_eq!(made(&driver, Endpoint::EntityUpdate), 2);
}

#[test]
fn a_create_asks_elsewhere_and_a_removal_wants_the_name_outside_of_sandboxes() {
    let create = ApiRequest::new(Endpoint::EntityCreate)
        .with("type_name", "user")
        .with("attributes", "{}");
    let mut driver = after(120, 40, create);
    driver
        .press("Rs<enter>")
        .sees("entity.create of user makes one more record");
    driver.press("<right><enter>");
    assert_eq!(driver.last_exchange().environment, "staging");
    let delete = ApiRequest::new(Endpoint::EntityDelete)
        .with("type_name", "user")
        .with("uuid", "8a3abdda-b4fb-49d8-a88d-022585b0f877");
    let mut driver = after(120, 40, delete);
    driver.press("Rs<enter>").sees("type staging to go on");
    driver.sees("What goes away is gone for good.");
    driver
        .press("<esc>r<right>")
        .sees("Send it again to sandbox?");
    assert_eq!(made(&driver, Endpoint::EntityDelete), 1);
}

#[test]
fn without_another_environment_it_says_so() {
    let mut driver = after(120, 40, find());
    driver.model.session.environments.clear();
    driver
        .press("R")
        .sees("the configuration names no other environment");
}
