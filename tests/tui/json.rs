//! The draft as JSON, its repair, and the user's own editor.

use captui::capture::endpoint::Endpoint;
use captui::tui::msg::Msg;

use crate::tui::driver::Driver;

/// The form of `user` with an e-mail and a status, not yet sent.
fn filled(width: u16, height: u16) -> Driver {
    let mut driver = Driver::new(width, height);
    driver
        .press("<enter>/email<enter><home><down><enter>zoe@example.com<enter><esc>")
        .press("/<c-u>statuses<enter>aactive<enter><esc>/<c-u><enter>");
    driver
}

/// The attributes of the last call that creates a record.
fn sent(driver: &Driver) -> String {
    let exchange = driver.exchanges().last().expect("was sent");
    assert_eq!(exchange.request.endpoint, Endpoint::EntityCreate);
    exchange
        .request
        .args
        .get("attributes")
        .expect("are there")
        .to_owned()
}

#[test]
fn the_draft_is_written_as_json_and_sent_the_same() {
    let mut driver = filled(80, 24);
    driver
        .press("v")
        .sees("Form · user (new) · JSON")
        .sees("\"email\": \"zoe@example.com\"");
    driver.press("<home><enter>").sees("EDIT JSON");
    driver.press("<end><enter>// a note<enter>\"birthday\": \"1985-02-29\",");
    driver
        .sees("birthday: 1985 is not a leap year")
        .sees("not sent: a comment");
    driver
        .press("<backspace><backspace><backspace>8\",<esc>")
        .sees_no("leap year");
    driver.press("<f5>").sees("✓ ok  id ");
    let from_json = sent(&driver);
    driver.press("v").sees_no("· JSON").sees("1985-02-28");
    driver.press("<f5>");
    assert_eq!(sent(&driver), from_json, "the same bytes from either view");
    driver.press("v").sees("// a note");
}

#[test]
fn broken_json_is_not_sent_but_repaired() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = filled(width, height);
        driver.press("v<home><enter><end><enter>'aboutMe': “hi” <esc>");
        driver.sees("a key in double quotes is");
        driver.press("v").sees("it stays a text until it is JSON");
        driver.press("<f5>").sees("not sent: line 2 column 3");
        driver
            .press("=")
            .sees("Repair of the draft: ")
            .sees("a comma was missing here");
        insta::assert_snapshot!(format!("repair_{width}x{height}"), driver.screen());
        driver.press("<esc>").sees("'aboutMe': “hi”");
        driver
            .press("=<enter>")
            .sees("repaired the draft: u takes it back")
            .sees("\"aboutMe\": \"hi\",");
        driver
            .press("u")
            .sees("'aboutMe': “hi”")
            .press("U<esc>")
            .sees_no("· JSON");
        driver.press("/aboutMe<enter>").sees("hi");
    }
}

#[test]
fn the_draft_comes_back_from_an_editor() {
    let mut driver = filled(80, 24);
    driver.press("E");
    let text = driver.edited.pop().expect("is edited");
    driver.send(Msg::Edited(Ok(text.clone())));
    driver.sees("nothing changed in the editor");
    driver.press("E");
    driver.send(Msg::Edited(Ok(text.replace("zoe@", "zoë@"))));
    driver
        .sees("taken over from the editor")
        .sees("zoë@example.com");
    driver.press("E");
    driver.send(Msg::Edited(Ok(text.replace("zoe@", "\""))));
    driver.sees("kept as text, line ").sees("· JSON");
    driver.press("E");
    driver.send(Msg::Edited(Err(
        "the editor `false` ended with status 1".to_owned()
    )));
    driver.sees("nothing changed: the editor `false`");
}

/// A text that does not parse has no stand-ins: what is secret in it is masked as soon as nobody edits it.
#[test]
fn a_password_in_broken_json_is_seen_only_while_it_is_written() {
    let mut driver = Driver::new(80, 24);
    driver.press("<enter>v<enter>").press("<c-home>");
    driver.paste("{\"password\": \"hunter2hunter2\", ");
    driver.press("<esc>").sees("password").sees_no("hunter2");
    driver.press("=").sees_no("hunter2");
}
