//! What is seen of a call before it is made, what is filled in, and what can be copied.

use crate::tui::driver::Driver;

#[test]
fn what_is_sent_is_seen_while_it_is_written() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = Driver::new(width, height);
        driver
            .press("<enter>w")
            .sees("POST http://127.0.0.1:8080/entity.create");
        driver.sees("Authorization: Signature the-client:••••••••");
        driver
            .press("/givenName<enter><enter>Zoë")
            .sees_no("Zo%C3%AB");
        driver.press("<enter>");
        driver.press("<tab>G").sees("%22Zo%C3%AB%22");
        driver.sees("string to sign");
        driver.press("<backtab>w").sees_no("string to sign");
    }
}

#[test]
fn the_secret_of_a_password_is_not_in_what_is_shown() {
    let mut driver = Driver::new(200, 50);
    driver.press("<enter>w/password<enter><enter>hunter2hunter2<enter>");
    driver.sees_no("hunter2").sees("password");
    driver.press("yj");
    assert!(!driver.copied[0].contains("hunter2"), "{:?}", driver.copied);
}

#[test]
fn a_form_is_filled_and_goes_through() {
    for (key, least) in [("r", 0), ("t", 8), ("e", 29)] {
        let mut driver = Driver::new(120, 40);
        driver
            .press("<enter>/givenName<enter><enter>Zoë<enter><esc>F")
            .sees("everything");
        driver.press(key);
        let record = driver.model.form.collect().expect("can be written");
        let members = record.as_object().expect("is an object");
        assert!(members.len() > least, "{key}: {}", members.len());
        assert_eq!(
            record.get("givenName").and_then(|name| name.as_str()),
            Some("Zoë")
        );
        driver.press("<f5>").sees("✓ ok ");
    }
    let mut driver = Driver::new(120, 40);
    driver
        .press("<enter>Fl")
        .sees("no record of this type was sent or opened yet");
    driver.press("Ft<f5>").sees("✓ ok");
    let first = driver.model.form.collect().expect("can be written");
    driver.press("NFl");
    let second = driver.model.form.collect().expect("can be written");
    assert_eq!(first.get("familyName"), second.get("familyName"));
    assert_ne!(first.get("email"), second.get("email"), "must be unique");
    driver.press("<f5>").sees("✓ ok");
    driver.press("NFtu<home>").sees("0 of 30 set");
}

#[test]
fn values_paths_and_answers_are_copied() {
    let mut driver = Driver::new(120, 40);
    driver.press("<enter>/givenName<enter><enter>Zoë<enter><esc>");
    driver.press("yyypyj").sees("Form");
    assert_eq!(driver.copied[..2], ["Zoë", "givenName"]);
    assert_eq!(driver.copied[2], "{\n  \"givenName\": \"Zoë\"\n}");
    driver.press("<f5>3yuyj");
    let [.., uuid, body] = driver.copied.as_slice() else {
        panic!("copied {:?}", driver.copied);
    };
    assert!(
        uuid.len() == 36 && body.contains(uuid.as_str()),
        "{uuid}: {body}"
    );
    driver.press("yr").sees("this answer has no request id");
}

#[test]
fn a_call_is_copied_as_a_command_with_secrets_only_after_asking() {
    let mut driver = Driver::new(80, 24);
    driver.press("<enter>/password<enter><enter>hunter2hunter2<enter><esc>yc");
    assert!(
        driver.copied[0].contains("-u \"the-client:$CLIENT_SECRET\""),
        "{}",
        driver.copied[0]
    );
    assert!(
        !driver.copied[0].contains("hunter2"),
        "{}",
        driver.copied[0]
    );
    driver
        .press("yC")
        .sees("Copy with secrets")
        .press("<enter>");
    assert_eq!(driver.copied.len(), 1, "not asked for");
    driver.press("yC<right><enter>");
    let command = &driver.copied[1];
    assert!(command.contains("the-client:the-secret"), "{command}");
    assert!(command.contains("hunter2hunter2"), "{command}");
    driver.press("<f5>3yc");
    assert!(
        driver.copied[2].contains("/entity.create"),
        "{}",
        driver.copied[2]
    );
    assert!(
        !driver.copied[2].contains("hunter2"),
        "{}",
        driver.copied[2]
    );
}
