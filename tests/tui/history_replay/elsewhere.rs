//! In another environment.

use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;

use crate::tui::history_replay::after;
use crate::tui::history_replay::after_answer;
use crate::tui::history_replay::find;
use crate::tui::history_replay::made;
use crate::tui::history_replay::update;

const HERE: &str = r#"{"stat":"ok","result_count":1,"results":[{"id":17,"uuid":"8a3abdda-b4fb-49d8-a88d-022585b0f877","email":"nobody@example.com","givenName":"Ada","statuses":[{"id":3,"status":"awake"}]}]}"#;
const THERE: &str = r#"{"stat":"ok","result_count":1,"results":[{"id":4,"uuid":"0c9f4a3e-1f0b-4c0c-9d5e-3f2f7f1f9a11","email":"nobody@example.com","givenName":"Ada Maria","statuses":[{"id":9,"status":"awake"},{"id":12,"status":"asleep"}]}]}"#;

#[test]
fn a_read_goes_to_the_chosen_environment_and_both_answers_stand_side_by_side() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = after_answer(width, height, find(), Some(HERE));
        driver.press("R").sees("Send it again where?");
        driver.sees("DEV").sees("PROD").sees("at once");
        insta::assert_snapshot!(format!("where_{width}x{height}"), driver.screen());
        driver.answer_with(Endpoint::EntityFind, THERE);
        driver.press("s<enter>").sees("Two calls compared");
        driver.sees("results[0].givenName").sees("staging");
        insta::assert_snapshot!(format!("compared_{width}x{height}"), driver.screen());
        let exchange = driver.last_exchange();
        assert_eq!(exchange.environment, "staging");
        assert_eq!(exchange.request, find());
        driver.press("<esc>").sees("Ada Maria");
    }
}

#[test]
fn a_write_asks_also_in_production_and_what_is_guarded_refuses() {
    let mut driver = after(120, 40, update());
    driver
        .press("R")
        .sees("asks first")
        .sees("read-only: refused");
    driver
        .press("l<enter>")
        .sees("Send it again to live?")
        .sees("PROD")
        .sees("1 call: entity.update of user");
    driver.press("rrrrrrrr<enter>").sees("nothing was sent");
    assert_eq!(made(&driver, Endpoint::EntityUpdate), 1);
    driver.press("Rl<enter><right><enter>");
    let exchange = driver.last_exchange();
    assert_eq!(
        (
            exchange.environment.as_str(),
            made(&driver, Endpoint::EntityUpdate)
        ),
        ("live", 2)
    );
    driver.press("<esc>4<home>jjR").sees("Send it again where?");
    driver
        .press("g<enter>")
        .sees("guarded is read-only: entity.update is refused");
    driver.press("R<esc>").sees("nothing was sent");
    assert_eq!(made(&driver, Endpoint::EntityUpdate), 2);
}

#[test]
fn a_create_asks_elsewhere_and_a_removal_wants_the_name() {
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
        .press("<esc>r<right><enter>")
        .sees("Send it again to sandbox?")
        .sees("type sandbox to go on");
    assert_eq!(made(&driver, Endpoint::EntityDelete), 1);
    driver.press("sandbox<enter>");
    assert_eq!(made(&driver, Endpoint::EntityDelete), 2);
}

#[test]
fn without_another_environment_it_says_so() {
    let mut driver = after(120, 40, find());
    driver.model.session.environments.clear();
    driver
        .press("R")
        .sees("the configuration names no other environment");
}
