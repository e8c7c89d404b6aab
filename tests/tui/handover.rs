//! Handing a call over: from the error to the ticket, and into files.

use std::fs;

use captui::capture::endpoint::Endpoint;
use captui::handover::open::open;

use crate::tui::driver::Driver;

const TAKEN: &str = r#"{"stat":"error","code":361,"error":"unique_violation","error_description":"Zoë <zoe@example.com> with hunter2hunter2 exists","attribute_name":"/email","request_id":"geup8cd3gvcvjjnc"}"#;

/// The explorer after a record of Zoë's was refused.
fn refused(width: u16, height: u16) -> Driver {
    let mut driver = Driver::new(width, height);
    driver.press("<enter>/givenName<enter><enter>Zoë<enter><esc>");
    driver.press("/email<enter><enter>zoe@example.com<enter><esc>");
    driver.press("/password<enter><enter>hunter2hunter2<enter><esc>");
    driver.answer_with(Endpoint::EntityCreate, TAKEN);
    driver.press("<f5>");
    driver
}

fn holds_nothing(text: &str) {
    for planted in [
        "zoe@example.com",
        "zoe%40example.com",
        "Zo",
        "hunter2",
        "the-client",
    ] {
        assert!(!text.contains(planted), "{planted} in\n{text}");
    }
}

#[test]
fn from_the_error_to_the_ticket_in_three_keys() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = refused(width, height);
        driver.press("3yt");
        let ticket = driver.copied.last().expect("is copied");
        holds_nothing(ticket);
        for told in [
            "## entity.create user: error 361",
            "2026-03-01 12:00",
            "+0200 where this was written",
            "**Environment:** sandbox (sandbox), http://127.0.0.1:40000",
            "**Client:** owner",
            "geup8cd3gvcvjjnc",
            "The attribute email in the schema",
            "$CLIENT_ID",
            "‹email 1›",
        ] {
            assert!(ticket.contains(told), "{told} in\n{ticket}");
        }
    }
}

#[test]
fn from_the_error_to_its_field_to_the_ticket_in_three_keys() {
    let mut driver = refused(80, 24);
    driver.press("3");
    driver.press("o").sees("✗ email");
    driver.press("yt");
    let ticket = driver.copied.last().expect("is copied");
    holds_nothing(ticket);
    assert!(
        ticket.contains("## entity.create user: error 361"),
        "{ticket}"
    );
}

#[test]
fn the_format_of_a_ticket_is_asked_for_and_remembered_and_personal_data_is_not() {
    let mut driver = refused(120, 40);
    driver
        .press("3yT")
        .sees("Copy as")
        .sees("NOT masked")
        .press("W");
    let open = driver.copied.last().expect("is copied").clone();
    assert!(open.starts_with("h2. entity.create"), "{open}");
    assert!(open.contains("zoe") && !open.contains("hunter2"), "{open}");
    driver.press("yt");
    let masked = driver.copied.last().expect("is copied");
    assert!(masked.starts_with("h2. entity.create"), "{masked}");
    holds_nothing(masked);
    driver.press("yT<esc>").sees_no("Copy as");
    assert_eq!(driver.copied.len(), 2);
}

#[test]
fn a_call_of_the_history_becomes_a_ticket_and_a_file() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let mut driver = refused(120, 40);
    driver.press("4t");
    holds_nothing(driver.copied.last().expect("is copied"));
    // Which call's ticket it is now, is said.
    let called = "the ticket of entity.create user, call ";
    assert!(
        driver.said_copied.starts_with(called),
        "{}",
        driver.said_copied
    );
    driver.press("<enter>yt");
    assert!(
        driver.said_copied.starts_with(called),
        "{}",
        driver.said_copied
    );
    driver.press("4");
    driver
        .press("Xb")
        .sees("Export into which file?")
        .sees("are masked");
    let file = folder.path().join("case.json");
    let name = file.to_str().expect("is text");
    driver
        .press("<c-u>")
        .write(name)
        .press("<enter>")
        .sees("written");
    let text = fs::read_to_string(&file).expect("is written");
    holds_nothing(&text);
    let opened = open(text.as_bytes()).expect("opens");
    assert_eq!((opened.calls.len(), opened.schemas.len()), (1, 1));
    // The file is there now.
    driver
        .press("Xb<c-u>")
        .write(name)
        .press("<enter>")
        .sees("exists already");
    driver.press("<esc>").sees_no("exists already");
}

#[test]
fn personal_data_goes_into_a_file_only_when_that_is_chosen() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let mut driver = refused(80, 24);
    driver.press("3Xh<tab>").sees("Personal data is NOT masked");
    let file = folder.path().join("open.har");
    driver
        .press("<c-u>")
        .write(file.to_str().expect("is text"))
        .press("<enter>");
    driver.sees("written, personal data NOT masked");
    let text = fs::read_to_string(&file).expect("is written");
    assert!(
        text.contains("zoe%40example.com") && !text.contains("hunter2"),
        "{text}"
    );
    driver
        .press("3Xt")
        .sees(".csv")
        .press("<enter>")
        .sees("no answer holds records");
}

#[test]
fn without_an_answer_there_is_nothing_to_hand_over() {
    let mut driver = Driver::new(80, 24);
    driver.press("<enter>3yt").sees("there is no answer yet");
    driver.press("X").sees("there is no answer yet");
}

#[test]
fn the_questions_look_well_at_every_size() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = refused(width, height);
        driver.press("3X");
        insta::assert_snapshot!(format!("formats_{width}x{height}"), driver.screen());
        driver.press("h");
        insta::assert_snapshot!(format!("file_{width}x{height}"), driver.screen());
    }
}
