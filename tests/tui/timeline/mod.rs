//! A record through time: its states, walking them, comparing them, and which call is to blame for a field.

mod blame;
mod mask;

use captui::capture::endpoint::Endpoint;
use captui::capture::json::Json;
use captui::capture::request::ApiRequest;

use crate::tui::driver::Driver;

/// A call about the record of [`ada`].
fn about(endpoint: Endpoint, id: i64) -> ApiRequest {
    ApiRequest::new(endpoint)
        .with("type_name", "user")
        .with("id", id.to_string())
}

/// The explorer after six calls about a record of Ada's, and a change that somebody else made; and the record's id.
fn ada(width: u16, height: u16) -> (Driver, i64) {
    let mut driver = Driver::new(width, height);
    let attributes = r#"{"email":"ada@example.com","givenName":"Ada","password":"hunter2hunter2",
        "statuses":[{"status":"trial","statusCreated":"2026-01-01 00:00:00 +0000"}]}"#;
    let passwords = || vec!["password".to_owned()];
    let create = ApiRequest::new(Endpoint::EntityCreate)
        .with("type_name", "user")
        .with("attributes", attributes)
        .with("include_record", "true")
        .hiding(passwords());
    let created = driver.call(create);
    let Some(captui::capture::response::Answer::Ok(answer)) = created.answer() else {
        panic!("is created");
    };
    let id = answer.get("id").and_then(Json::as_i64).expect("has one");
    let minute = std::time::Duration::from_secs(60);
    driver.wait(minute);
    let update = about(Endpoint::EntityUpdate, id);
    driver.call(update.with(
        "attributes",
        r#"{"displayName":"ada","givenName":"Augusta"}"#,
    ));
    driver.wait(minute);
    driver.call(about(Endpoint::EntityView, id));
    driver.wait(minute);
    driver.change_behind("user", r#"{"displayName":"countess"}"#);
    driver.wait(minute);
    driver.call(about(Endpoint::EntityView, id));
    driver.wait(minute);
    let replace = about(Endpoint::EntityUpdate, id).hiding(passwords());
    driver.call(replace.with(
        "attributes",
        r#"{"statuses":[{"status":"active"}],"password":"other-hunter2"}"#,
    ));
    driver.wait(minute);
    driver.call(about(Endpoint::EntityView, id));
    driver.reload_history();
    (driver, id)
}

/// The screen with the record's uuid, which is another each time, made the same; also where it is cut.
fn shown(driver: &mut Driver) -> String {
    let screen = driver.screen();
    let shapes = |text: &str| {
        let groups = text.split('-').map(str::len);
        text.chars().all(|c| c == '-' || c.is_ascii_hexdigit()) && groups.eq([8, 4, 4, 4, 12])
    };
    let words = screen.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let Some(uuid) = words
        .into_iter()
        .find(|word| shapes(word))
        .map(str::to_owned)
    else {
        return screen;
    };
    let lengths = (9..=uuid.len()).rev();
    lengths.fold(screen, |screen, length| {
        let hidden: String = uuid[..length]
            .chars()
            .map(|c| if c == '-' { c } else { '0' })
            .collect();
        screen.replace(&uuid[..length], &hidden)
    })
}

#[test]
fn the_states_of_a_record_are_walked() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let (mut driver, _) = ada(width, height);
        driver.press("4<home><enter>").sees("entity");
        driver.press("gt").sees("through time").sees("1 of 6");
        insta::assert_snapshot!(format!("newest_{width}x{height}"), shown(&mut driver));
        driver.press("<left><left>").sees("3 of 6");
        insta::assert_snapshot!(format!("countess_{width}x{height}"), shown(&mut driver));
        driver.press("<tab>n").sees("seen after entity");
        insta::assert_snapshot!(format!("blamed_{width}x{height}"), shown(&mut driver));
        driver.press("<right>").sees("2 of 6").press("<home>");
        driver.press("<tab><end>").sees("6 of 6");
        driver.press("<left>").sees("nothing older was seen");
        driver.press("<esc>").sees_no("through time");
    }
}

#[test]
fn a_state_is_compared_with_a_marked_one() {
    let (mut driver, _) = ada(120, 40);
    driver
        .press("4<home><enter>gt<end>m<home>")
        .sees("beside 12:00:0");
    driver.sees("was \"Ada\"");
    insta::assert_snapshot!("marked_120x40", shown(&mut driver));
    driver
        .press("=")
        .sees_no("\"ada@example.com\"")
        .sees("was null");
    driver.press("=").sees("\"ada@example.com\"");
    driver.press("<end>m").sees_no("beside");
}

#[test]
fn enter_opens_the_call_of_a_state_and_the_one_to_blame() {
    let (mut driver, _) = ada(120, 40);
    driver.press("4<home><enter>gt<left><enter>");
    driver.sees_no("through time").sees("entity.update");
    // From there the sheet opens at that state.
    driver.press("gt").sees("2 of 6").press("<esc>");
    driver
        .press("4<home><enter>")
        .press("/\"displayName<enter>b");
    driver
        .sees("displayName")
        .sees("changed between")
        .sees("before: \"ada\"")
        .sees("then: \"countess\"");
    driver.press("<enter>").sees_no("through time");
    driver.press("gt").sees("3 of 6");
    driver.press("b").press("<home>").press("yj");
    assert!(
        driver
            .copied
            .last()
            .expect("is copied")
            .contains("countess")
    );
}

#[test]
fn blame_goes_to_the_state_since_which_a_field_is_so() {
    let (mut driver, _) = ada(120, 40);
    driver.press("4<home><enter>/\"givenName<enter>b");
    driver.sees("written by entity.update").sees("1 of 6");
    driver.press("b").sees("5 of 6").sees("before: \"Ada\"");
    driver.press("yy");
    assert_eq!(driver.copied.last().map(String::as_str), Some("Augusta"));
}

#[test]
fn a_deleted_record_says_when_it_was_seen_last() {
    let (mut driver, id) = ada(120, 40);
    driver.call(about(Endpoint::EntityDelete, id));
    driver.reload_history().press("4<home>gt");
    driver
        .sees("deleted at")
        .sees("last seen at 12:06:00")
        .sees("1 of 7");
    insta::assert_snapshot!("deleted_120x40", shown(&mut driver));
    driver.press("yj").sees("it was deleted");
}

#[test]
fn records_found_and_opened_have_a_past_too() {
    let (mut driver, id) = ada(120, 40);
    driver.press("1<enter>gf/id = ").write(&id.to_string());
    driver.press("<enter>").sees("ada@example.com");
    driver.press("gt").sees("1 of 7").press("q");
    driver.press("<enter>gt").sees("of 7").sees("through time");
}

#[test]
fn what_was_never_seen_says_so() {
    let mut driver = Driver::new(80, 24);
    driver.press("gt").sees("go to a record first");
    driver.press("<enter>gt").sees("go to a record first");
    let missing = about(Endpoint::EntityView, 4711);
    driver.call(missing);
    driver
        .reload_history()
        .press("4<home>gt")
        .sees("asked for in vain")
        .press("m");
    driver
        .sees("nothing was seen of this record")
        .press("<esc>");
    driver.call(ApiRequest::new(Endpoint::EntityFind).with("type_name", "user"));
    driver
        .reload_history()
        .press("4<home>gt")
        .sees("shows several records")
        .sees_no("As it was");
    driver.press("<enter>gt").sees("go to one of them");
    driver.press("b").sees("go to");
}

#[test]
fn thousands_of_states_are_walked_at_once() {
    let (mut driver, id) = ada(80, 24);
    for number in 0..300 {
        let update = about(Endpoint::EntityUpdate, id);
        driver.call(update.with("attributes", format!(r#"{{"displayName":"{number}"}}"#)));
    }
    driver.reload_history().press("4<home>gt").sees("1 of 306");
    driver.press("<end>").sees("306 of 306");
    driver.press("<pageup><pageup><home><tab>").sees("1 of 306");
}

#[test]
fn passwords_stay_masked() {
    let (mut driver, _) = ada(200, 50);
    driver.press("4<home><enter>gt<end>");
    for _ in 0..6 {
        driver.press("<tab><end>").sees_no("hunter2").sees_no("$2");
        driver.press("<tab><right>");
    }
}
