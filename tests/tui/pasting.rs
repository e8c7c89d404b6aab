//! What a person pastes, what it is taken for, and where it opens.

use captui::capture::endpoint::ClientFeature;
use captui::capture::redact;
use captui::config::environment::EnvironmentClass;
use captui::tui::msg::Msg;
use captui::tui::permission::Permission;
use captui::tui::session::PaneId;
use crossterm::event::Event;

use crate::tui::driver::Driver;

/// The first sample of the documentation of `entity.create`, as it stands there: elided, and with a line lost.
const DOCUMENTED: &str = r#"curl -X POST \
    -H "Authorization: Basic aW1fYV...NfbXk="\
    --data-urlencode type_name=user\
      "statusCreated":"2015-12-15T07:36:25Z"}]}' \
"#;

/// The same with nothing lost.
const WHOLE: &str = r#"$ curl -X POST \
    -H "Authorization: Basic aW1fYV...NfbXk=" \
    --data-urlencode type_name=user \
    --data-urlencode attributes='{"givenName":"Bob","email":"bob@example.com","statuses":[{"status":"active",
      "statusCreated":"2015-12-15T07:36:25Z"}]}' \
    https://my-app.janraincapture.com/entity.create | jq ."#;

fn paste(driver: &mut Driver, text: &str) {
    driver.send(Msg::Terminal(Event::Paste(text.to_owned())));
}

fn given_name(driver: &Driver) -> Option<String> {
    let record = driver.model.form.collect().expect("can be written");
    let name = record.get("givenName")?.as_str()?;
    Some(name.to_owned())
}

#[test]
fn a_documented_call_opens_as_a_form_and_is_sent() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = Driver::new(width, height);
        paste(&mut driver, WHOLE);
        driver.sees("Pasted a call").sees("/entity.create");
        driver.sees("elided").sees("my-app.janraincapture.com");
        insta::assert_snapshot!(format!("pasted_call_{width}x{height}"), driver.screen());
        driver
            .press("<enter>")
            .sees("the form holds what was pasted");
        assert_eq!(given_name(&driver).as_deref(), Some("Bob"));
        driver.press("<f5>").sees("✓ ok");
        driver.press("u");
        assert_eq!(
            given_name(&driver),
            None,
            "one step brings back what was there"
        );
    }
}

#[test]
fn what_is_lost_of_a_sample_is_said() {
    let mut driver = Driver::new(120, 40);
    paste(&mut driver, DOCUMENTED);
    driver.sees("Pasted a call").sees("elided");
    insta::assert_snapshot!("pasted_broken_sample", driver.screen());
    driver.press("o").sees("statusCreated").press("<enter>");
    assert_eq!(driver.model.session.type_name.as_deref(), Some("user"));
    assert_eq!(driver.model.focus, PaneId::Form, "what is left of it opens");
}

#[test]
fn a_call_is_sent_as_it_is() {
    let mut driver = Driver::new(120, 40);
    paste(&mut driver, WHOLE);
    driver.press("<f5>").sees("✓ ok").sees("entity.create user");
    let schema = r#"curl --data-urlencode type_name=pasted --data-urlencode 'attr_defs=[{"name":"a","type":"string"}]' https://h/entityType.create"#;
    paste(&mut driver, schema);
    driver.sees("Enter opens the schema");
    driver.press("<f5>").sees("✓ ok").sees("entityType.create");
}

#[test]
fn a_record_opens_in_the_chosen_type() {
    let mut driver = Driver::new(120, 40);
    let records = r#"[{"givenName":"Ann"},{"givenName":"Ben","birthday":"1985-02-29"}]"#;
    paste(&mut driver, records);
    driver
        .press("<enter>")
        .sees("choose an entity type first")
        .press("<esc><enter>");
    paste(&mut driver, records);
    driver
        .sees("1 of 2")
        .press("<right>")
        .sees("birthday: ")
        .press("<enter>");
    assert_eq!(given_name(&driver).as_deref(), Some("Ben"));
}

#[test]
fn an_update_opens_in_its_record() {
    let mut driver = Driver::new(120, 40);
    driver
        .press("<enter>/givenName<enter><enter>Zoë<enter><esc><f5>")
        .sees("✓ ok  ");
    driver.press("3yu");
    let uuid = driver.copied.last().cloned().expect("was copied");
    let update = format!(
        "curl -d type_name=user -d uuid={uuid} -d 'attributes={{\"familyName\":\"Meier\"}}' https://h/entity.update"
    );
    paste(&mut driver, &update);
    driver.press("<enter>");
    assert_eq!(driver.model.focus, PaneId::Form);
    assert_eq!(
        given_name(&driver).as_deref(),
        Some("Zoë"),
        "what is not named stays"
    );
    driver.press("<f5>").sees("✓ ok").sees("entity.update");
}

#[test]
fn an_error_is_explained_and_a_file_is_asked_for() {
    let mut driver = Driver::new(120, 40);
    paste(
        &mut driver,
        r#"{"code":363,"error":"length_violation","error_description":"too long","request_id":"geup8cd3gvcvjjnc","stat":"error"}"#,
    );
    driver
        .sees("363 length_violation")
        .sees("geup8cd3gvcvjjnc")
        .sees("meaning")
        .press("<esc>");
    paste(
        &mut driver,
        "curl -d type_name=user --data-urlencode attributes@bob.json https://h/entity.create",
    );
    driver
        .press("<enter>")
        .sees("the contents of bob.json are missing");
    driver.press("f<enter>");
    assert_eq!(given_name(&driver).as_deref(), Some("File"));
}

#[test]
fn what_was_copied_is_read_on_request_and_text_is_no_call() {
    let mut driver = Driver::new(80, 24);
    driver
        .press("P")
        .sees("Pasted a text")
        .press("<enter>")
        .sees("nothing in it");
    driver.press("<esc>");
    paste(&mut driver, "{\"a\": ]");
    driver.sees("JSON that is broken").press("<esc><enter>");
    // What can be repaired is, and that it was is said.
    paste(&mut driver, "{givenName: 'Ann',}");
    driver.sees("was broken JSON").press("<enter>");
    assert_eq!(given_name(&driver).as_deref(), Some("Ann"));
    let long = format!(
        "{{\"givenName\":\"Ben\",\"aboutMe\":\"{}\"}}",
        "x".repeat(40_000)
    );
    paste(&mut driver, &long);
    driver.sees("Pasted a record").press("<enter>");
    assert_eq!(given_name(&driver).as_deref(), Some("Ben"));
}

/// The parameters of the calls made so far, as the history keeps them.
fn kept(driver: &Driver) -> String {
    let requests = driver.exchanges.iter().map(|one| &one.request);
    requests.map(|one| redact::args(one).to_form()).collect()
}

#[test]
fn a_password_of_any_name_is_not_kept_of_a_pasted_call() {
    let mut driver = Driver::new(120, 40);
    let define = r#"curl -d type_name=vault -d 'attr_defs=[{"name":"pin","type":"password-bcrypt"}]' https://h/entityType.create"#;
    paste(&mut driver, define);
    driver.press("<f5>").sees("✓ ok");
    for attributes in [r#"{"pin":"hunter2"}"#, r#"{"pin":"hunter2",}"#] {
        let call = format!(
            "curl -d type_name=vault --data-urlencode 'attributes={attributes}' https://h/entity.create"
        );
        paste(&mut driver, &call);
        driver.press("<f5>");
    }
    let kept = kept(&driver);
    assert!(
        kept.contains("vault") && !kept.contains("hunter2"),
        "{kept}"
    );
}

#[test]
fn what_a_pasted_call_destroys_is_asked_about_everywhere_but_in_a_sandbox() {
    let delete = "curl -d type_name=user -d id=99999999 https://h/entity.delete";
    let remove =
        "curl -d type_name=user -d attribute_name=aboutMe https://h/entityType.removeAttribute";
    for (class, call, word) in [
        (EnvironmentClass::Sandbox, delete, None),
        (EnvironmentClass::Dev, delete, Some("99999999")),
        (EnvironmentClass::Prod, remove, Some("aboutMe")),
    ] {
        let mut driver = Driver::new(80, 24);
        driver.model.session.class = class;
        let calls = |driver: &Driver| kept(driver).matches("type_name=user").count();
        let before = calls(&driver);
        paste(&mut driver, call);
        driver.press("<f5>");
        if let Some(word) = word {
            driver
                .sees(&format!("type {word} to go on"))
                .sees("type_name user");
            driver
                .press("<enter><f5><enter><esc>")
                .sees("nothing was sent");
            assert_eq!(calls(&driver), before);
            paste(&mut driver, call);
            driver.press("<f5>").press(&format!("{word}<enter>"));
        }
        assert_eq!(calls(&driver), before + 1, "{class:?}");
    }
}

#[test]
fn a_pasted_write_is_asked_about_as_the_forms() {
    let mut driver = Driver::new(120, 40);
    driver.model.session.class = EnvironmentClass::Prod;
    paste(&mut driver, WHOLE);
    driver.press("<f5>").sees("Write to sandbox?");
    driver
        .sees("type_name user")
        .press("<enter>")
        .sees("nothing was sent");
    let reads = [ClientFeature::DirectReadAccess];
    driver.model.session.permission = Permission::new(Some(&reads));
    paste(&mut driver, WHOLE);
    driver
        .press("<f5>")
        .sees("this client may not call entity.create");
    driver
        .press("<f5>")
        .sees("Write to sandbox?")
        .press("<right><enter>")
        .sees("✓ ok");
}

#[test]
fn a_pasted_call_waits_for_the_one_before() {
    let mut driver = Driver::new(120, 40);
    driver.hold = true;
    for _ in 0..2 {
        paste(&mut driver, WHOLE);
        driver.press("<f5>");
    }
    driver.sees("a call is still running");
    assert_eq!(driver.held.len(), 1);
}

#[test]
fn a_masked_password_is_missed_and_never_sent() {
    let mut driver = Driver::new(120, 40);
    driver.press("<enter>");
    let copied = r#"curl 'https://h/entity.create' \
  --data-urlencode 'type_name=user' \
  --data-urlencode 'attributes={"givenName":"Ann","password":"••••••••"}'"#;
    paste(&mut driver, copied);
    driver
        .press("<f5>")
        .sees("stands for something")
        .press("<enter>");
    driver.sees("no masked value");
    assert_eq!(given_name(&driver).as_deref(), Some("Ann"));
    driver.press("<f5>").sees("password was not kept");
    driver.press("<esc>");
    let stored = r#"{"givenName":"Ben","password":{"type":"password-bcrypt","value":"••••••••"}}"#;
    paste(&mut driver, stored);
    driver.press("<enter>");
    let record = driver.model.form.collect().expect("can be written");
    assert_eq!(record.to_string(), r#"{"givenName":"Ben"}"#);
}

#[test]
fn every_command_of_a_page_can_be_chosen() {
    let mut driver = Driver::new(120, 40);
    let page = "curl -d type_name=user https://h/entity.count\r\rcurl -d type_name=user --data-urlencode \
                attributes@bob.json https://h/entity.create\r";
    paste(&mut driver, page);
    driver.sees("1 of 2").sees("/entity.count");
    driver
        .press("<right>f")
        .sees("2 of 2")
        .sees("/entity.create");
    driver.press("<enter>");
    assert_eq!(given_name(&driver).as_deref(), Some("File"));
}

#[test]
fn a_paste_over_a_question_is_not_lost_in_silence() {
    let mut driver = Driver::new(120, 40);
    paste(&mut driver, WHOLE);
    paste(&mut driver, "other");
    driver.sees("Pasted a call");
    driver.sees("close this first (Esc), then paste again");
}

#[test]
fn a_very_long_text_goes_into_a_field_after_a_question() {
    let mut driver = Driver::new(80, 24);
    driver.press("<enter>/givenName<enter><enter>");
    let long = "x".repeat((1 << 20) + 1);
    paste(&mut driver, &long);
    driver.sees("1048577 bytes").press("<enter>");
    paste(&mut driver, &long);
    driver.press("<right><enter><esc>");
    assert_eq!(given_name(&driver).map(|name| name.len()), Some(long.len()));
}

#[test]
fn what_lost_its_data_is_not_sent() {
    let mut driver = Driver::new(120, 40);
    for call in [
        r#"curl --json '{"type_name":"user"}' https://h/entity.create"#,
        r#"curl -H 'Content-Type: application/json' -d '{"type_name":"user"}' https://h/entity.create"#,
    ] {
        paste(&mut driver, call);
        driver
            .sees_no("F5 sends it")
            .press("<f5>")
            .sees("parts of its data were not taken");
        driver.press("<esc>");
    }
}

#[test]
fn the_type_of_a_bare_record_is_chosen_in_the_preview() {
    let mut driver = Driver::new(120, 40);
    paste(&mut driver, r#"{"givenName":"Ann"}"#);
    driver.press("<enter>").sees("choose an entity type first");
    while !driver.screen().contains("type_name   user") {
        driver.press("t");
    }
    driver.press("<enter>");
    assert_eq!(given_name(&driver).as_deref(), Some("Ann"));
}

#[test]
fn the_preview_shows_no_secret() {
    let mut driver = Driver::new(120, 40);
    driver.press("<enter>");
    for call in [
        r#"curl --data-urlencode 'attributes={"password":"hunter2",}' https://h/entity.create"#,
        "curl -u YOUR_ID:hunter2 -d type_name=user https://h/entity.create",
        "curl -d attributes=%7B%22password%22%3A%22hunter2%22%7D https://h/entity.create",
    ] {
        paste(&mut driver, call);
        driver
            .sees("Pasted a call")
            .sees_no("hunter2")
            .press("<esc>");
    }
}
