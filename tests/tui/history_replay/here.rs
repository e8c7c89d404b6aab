//! In the environment of now.

use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;
use captui::capture::secret::MASK;
use captui::config::environment::EnvironmentClass;

use crate::tui::driver::Driver;
use crate::tui::history_replay::after;
use crate::tui::history_replay::find;
use crate::tui::history_replay::made;
use crate::tui::history_replay::update;

#[test]
fn a_read_goes_out_at_once_from_the_history_and_from_the_response() {
    let mut driver = after(120, 40, find());
    driver.press("r");
    assert_eq!(made(&driver, Endpoint::EntityFind), 2);
    assert_eq!(driver.last_exchange().request, find());
    driver.sees("result_count");
    driver.sees("answered again: the entity.find user before is marked, D compares them");
    driver.press("D").sees("Two calls compared").press("<esc>");
    driver.press("r");
    assert_eq!(
        made(&driver, Endpoint::EntityFind),
        3,
        "the response has the focus"
    );
    driver.hold = true;
    driver.press("r");
    let waiting = driver.held.len();
    driver.press("r").sees("a call is still running");
    assert_eq!(driver.held.len(), waiting);
}

#[test]
fn a_write_asks_first_and_a_held_key_is_no_answer() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = after(width, height, update());
        driver.press("r").sees("Send it again to sandbox?");
        driver.sees("entity.update of user changes what is stored");
        insta::assert_snapshot!(format!("question_{width}x{height}"), driver.screen());
        driver
            .press(&"r".repeat(40))
            .sees("Send it again to sandbox?");
        driver.press("<enter>").sees("nothing was sent");
        assert_eq!(made(&driver, Endpoint::EntityUpdate), 1);
        driver.press("r<esc>").sees("nothing was sent");
        assert_eq!(made(&driver, Endpoint::EntityUpdate), 1);
        driver.press("r<right><enter>");
        assert_eq!(made(&driver, Endpoint::EntityUpdate), 2);
        assert_eq!(driver.last_exchange().request.args, update().args);
    }
}

#[test]
fn a_record_is_made_in_its_form() {
    let attributes =
        format!(r#"{{"givenName":"Ada","email":"ada@example.com","password":"{MASK}"}}"#);
    let create = ApiRequest::new(Endpoint::EntityCreate)
        .with("type_name", "user")
        .with("attributes", attributes);
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = after(width, height, create.clone());
        driver.press("r");
        driver.sees("the form holds that record, but no masked value");
        insta::assert_snapshot!(format!("form_{width}x{height}"), driver.screen());
        assert_eq!(made(&driver, Endpoint::EntityCreate), 1);
        driver.press("<f5>").sees("password was not kept");
        assert_eq!(made(&driver, Endpoint::EntityCreate), 1);
        driver
            .press("<f5>")
            .sees("Send it again to sandbox?")
            .sees("this makes one more");
        assert_eq!(made(&driver, Endpoint::EntityCreate), 1);
        driver.press("<right><enter>");
        let sent = driver.last_exchange().request.clone();
        let sent = sent.args.get("attributes");
        let sent = sent
            .unwrap_or_else(|| panic!("{}", driver.screen()))
            .to_owned();
        assert!(
            sent.contains("ada@example.com") && !sent.contains('•'),
            "{sent}"
        );
        assert_eq!(made(&driver, Endpoint::EntityCreate), 2);
    }
}

#[test]
fn what_is_not_known_is_not_sent() {
    let masked = ApiRequest::new(Endpoint::EntityFind)
        .with("type_name", "user")
        .with("filter", format!("password = '{MASK}'"));
    let mut driver = after(120, 40, masked);
    driver
        .press("r")
        .sees("not sent: filter is masked: captui history replay 2 -- filter=…");
    assert_eq!(made(&driver, Endpoint::EntityFind), 1);
}

#[test]
fn nothing_is_written_where_nothing_may_be() {
    let mut driver = after(120, 40, update());
    driver.model.session.read_only = true;
    driver
        .press("r")
        .sees("sandbox is read-only: entity.update is refused");
    assert_eq!(made(&driver, Endpoint::EntityUpdate), 1);
    let mut empty = Driver::new(80, 24);
    empty.press("3r").sees("there is no answer yet");
    empty.press("R").sees("there is no answer yet");
}

#[test]
fn who_is_not_asked_for_a_while_is_asked_before_a_record_is_made_once_more() {
    let create = ApiRequest::new(Endpoint::EntityCreate)
        .with("type_name", "user")
        .with("attributes", r#"{"givenName":"Ada"}"#);
    let mut driver = after(120, 40, create);
    driver.model.session.class = EnvironmentClass::Prod;
    // Leave not to be asked is given to an ordinary record.
    driver
        .press("1<enter><f5>")
        .sees("do not ask for 10 minutes")
        .press(" <right><enter>");
    let before = made(&driver, Endpoint::EntityCreate);
    driver
        .press("4<end>kr<f5>")
        .sees("Send it again to sandbox?")
        .sees_no("10 minutes")
        .press("<enter>")
        .sees("nothing was sent");
    assert_eq!(made(&driver, Endpoint::EntityCreate), before);
    driver.press("<f5><right><enter>");
    assert_eq!(made(&driver, Endpoint::EntityCreate), before + 1);
}

#[test]
fn a_question_tells_the_arguments_as_far_as_there_is_room() {
    let about = "long ".repeat(100);
    let attributes = format!(r#"{{"aboutMe":"{about}","password":"hunter2"}}"#);
    let update = update()
        .with("attributes", attributes)
        .hiding(["password".to_owned()]);
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = after(width, height, update.clone());
        driver
            .press("r")
            .sees("uuid 8a3abdda-b4fb-49d8-a88d-022585b0f877")
            .sees(r#"{"givenName":"Ada","familyName":"Lovelace"}"#)
            .sees("more characters")
            .sees("came to:")
            .sees_no("hunter2");
        insta::assert_snapshot!(format!("long_{width}x{height}"), driver.screen());
        // Who looks on is told of nobody.
        driver.press("<esc>Mr").sees("‹…›").sees_no("Lovelace");
    }
}
