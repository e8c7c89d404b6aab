//! The draft as JSON and in the user's own editor: both ways without loss, repairs, and what is said.

use super::*;

use crate::capture::secret::Secret;
use crate::tui::effect::EditedFile;
use crate::tui::panes::form::json::text;

fn member_type() -> EntityType {
    schema(
        "member",
        r#"[
        {"name":"email","type":"string","length":20},
        {"name":"age","type":"integer"},
        {"name":"born","type":"date"},
        {"name":"active","type":"boolean"},
        {"name":"extra","type":"json"},
        {"name":"secret","type":"password-bcrypt"},
        {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"}]},
        {"name":"tags","type":"plural","attr_defs":[
            {"name":"tag","type":"string"},{"name":"pin","type":"password-bcrypt"}]}]"#,
    )
}

/// A draft of this record.
fn with(record: &str) -> Driver {
    let mut driver = Driver::new(&member_type(), 80, 20);
    driver.form.load(&Json::parse(record).expect("is JSON"));
    driver
}

/// The JSON on the screen.
fn text_of(driver: &Driver) -> String {
    driver.form.json_view().expect("is open").text.editor.text()
}

/// Puts another text in place of all of it, as typing would.
fn put(driver: &mut Driver, text: &str) {
    driver.form.json_view_mut().expect("is open").replace(text);
    driver.press("enter esc");
}

fn told(outcome: Option<Outcome>) -> String {
    match outcome {
        Some(Outcome::Told(text) | Outcome::Refused(text)) => text,
        other => panic!("says nothing: {other:?}"),
    }
}

#[test]
fn the_text_is_what_is_sent() {
    let record = r#"{"email":null,"age":12345678901234567890,"active":false,"home":{"city":""},"tags":[{"tag":"a"},{}]}"#;
    let mut driver = with(record);
    driver.press("v");
    let text = text_of(&driver);
    assert_eq!(
        Json::parse(&text).expect("is JSON").to_string(),
        driver.sent()
    );
    assert!(text.contains("\"age\": 12345678901234567890,\n"), "{text}");
    let before = driver.sent();
    driver.press("v");
    assert!(!driver.form.shows_json());
    assert_eq!(driver.sent(), before, "looking changes nothing");
    assert!(told(driver.press("u")).contains("all values"), "the load");
}

#[test]
fn what_is_written_in_the_text_is_in_the_form_as_one_step() {
    let mut driver = with(r#"{"email":"a@b.c","tags":[{"id":7,"tag":"a"},{"id":8,"tag":"b"}]}"#);
    let before = driver.sent();
    driver.press("v");
    let text = text_of(&driver).replace("a@b.c", "d@e.f").replace(
        "\"email\"",
        "// why\n \"extra\": {\"n\": 1.50,},\n \"odd\": [1e400], \"age\": \"x\", \"email\"",
    );
    put(&mut driver, &text);
    let sent = r#"{"age":"x","email":"d@e.f","extra":{"n":1.50},"tags":[{"tag":"a"},{"tag":"b"}],"odd":[1e400]}"#;
    assert_eq!(driver.sent(), sent);
    let ids: Vec<_> = state(&driver)
        .into_iter()
        .filter(|line| line.contains("Some("))
        .collect();
    assert_eq!(ids, ["[7, 0] Some(7)", "[7, 1] Some(8)"]);
    assert_eq!(text_of(&driver), text, "the text stays as it was written");
    assert!(
        driver.screen().contains("line 4: age: "),
        "{}",
        driver.screen()
    );
    assert!(
        driver
            .screen()
            .contains("not sent: a comment and a trailing comma")
    );
    assert!(told(driver.press("v")).contains("stays in the JSON as long as"));
    driver.press("v");
    assert_eq!(text_of(&driver), text, "with its comment");
    driver.press("v u");
    assert_eq!(driver.sent(), before);
    driver.press("v");
    assert!(
        !text_of(&driver).contains("why"),
        "it says something else now"
    );
}

#[test]
fn a_text_that_is_no_json_stays_a_text() {
    let mut driver = with(r#"{"email":"a@b.c"}"#);
    driver.press("v");
    let broken = "{\n  \"email\": \"x@y.z\n}";
    put(&mut driver, broken);
    assert_eq!(driver.sent(), r#"{"email":"a@b.c"}"#);
    let said = told(driver.press("v"));
    assert!(said.ends_with("see line 2 column 18"), "{said}");
    assert_eq!(text_of(&driver), broken);
    let Outcome::Refused(said) = driver.submit() else {
        panic!("is sent");
    };
    assert!(said.starts_with("not sent: line 2 column 18"), "{said}");
    assert_eq!(text_of(&driver), broken);
    for (text, reason) in [
        (
            "[]",
            "line 1 column 1: a record is an object in braces, not of type array",
        ),
        (
            "{\"age\": 1,\n \"age\": 2}",
            "line 2 column 2: the key \"age\" stands here for the second time: only one can be sent",
        ),
        (
            "{\"extra\": \"\\ud800\"}",
            "line 1 column 11: half of a \\u pair: the other half is missing",
        ),
    ] {
        put(&mut driver, text);
        assert!(told(driver.press("v")).starts_with("it stays a text"));
        let head: String = reason.chars().take(60).collect();
        assert!(driver.screen().contains(&head), "{}", driver.screen());
    }
}

#[test]
fn what_the_form_cannot_hold_is_said() {
    let mut driver = with("{}");
    driver.press("v");
    put(&mut driver, r#"{"id": 5, "uuid": "x", "age": 1}"#);
    assert!(
        driver
            .screen()
            .contains("not sent: id, uuid, which only the service gives")
    );
    assert_eq!(
        told(driver.press("v")),
        "left out: id, uuid. Only the service gives that"
    );
    assert_eq!(driver.sent(), r#"{"age":1}"#);
}

#[test]
fn what_has_no_json_spelling_is_written_as_it_was_typed() {
    let mut driver = with("{}");
    driver.fill("age", "12a");
    driver.press("v");
    assert_eq!(text_of(&driver), "{\n  \"age\": 12a\n}");
    driver.press("v");
    assert!(
        !driver.form.shows_json(),
        "nothing was changed: nothing is lost"
    );
    driver.press("v");
    put(&mut driver, "{\n  \"age\": 12\n}");
    assert_eq!(driver.sent(), r#"{"age":12}"#);
}

#[test]
fn passwords_are_not_in_the_text() {
    let mut driver =
        with(r#"{"secret":"hunter2","tags":[{"tag":"a","pin":"1234"},{"tag":"b","pin":"5678"}]}"#);
    let before = driver.sent();
    driver.press("v");
    let text = text_of(&driver);
    assert!(
        !text.contains("hunter2") && !text.contains("1234"),
        "{text}"
    );
    // A stand-in goes with its element; another text is another password.
    let swapped = text
        .replace("password 2", "password X")
        .replace("password 3", "password 2")
        .replace("password X", "password 3");
    put(&mut driver, &swapped);
    assert_eq!(
        driver.sent(),
        before
            .replace("1234", "-")
            .replace("5678", "1234")
            .replace('-', "5678")
    );
    put(
        &mut driver,
        &text.replace("‹password 1, kept as it is›", "other"),
    );
    assert_eq!(driver.sent(), before.replace("hunter2", "other"));
    driver.press("v u u");
    assert_eq!(driver.sent(), before);
}

#[test]
fn broken_json_is_repaired_after_a_look_as_one_step() {
    let mut driver = with(r#"{"email":"a@b.c"}"#);
    assert!(matches!(driver.press("="), Some(Outcome::Refused(_))));
    driver.press("v");
    assert_eq!(told(driver.press("=")), "there is nothing to repair");
    let broken = "{\n  // mine\n  'email': “x@y.z”,\n  \"active\": True";
    put(&mut driver, broken);
    let Some(Outcome::Repair(proposal)) = driver.press("=") else {
        panic!("is not repaired");
    };
    assert_eq!((proposal.what.as_str(), proposal.count), ("the draft", 6));
    assert_eq!(proposal.hunks[0].line, 3);
    assert_eq!(text_of(&driver), broken, "only looked at");
    driver.event(PaneEvent::Act(Action::ApplyRepair));
    let repaired = "{\n  // mine\n  \"email\": \"x@y.z\",\n  \"active\": true}";
    assert_eq!(text_of(&driver), repaired);
    assert_eq!(driver.sent(), r#"{"active":true,"email":"x@y.z"}"#);
    driver.press("u");
    assert_eq!(text_of(&driver), broken);
    driver.press("U");
    assert_eq!(text_of(&driver), repaired);
    put(&mut driver, r#""{\"age\": 1}""#);
    assert!(matches!(driver.press("="), Some(Outcome::Repair(_))));
}

#[test]
fn broken_json_in_a_field_is_repaired() {
    let mut driver = with("{}");
    driver.fill("extra", "{'a':[1,2");
    assert!(driver.problem("extra").is_some());
    let Some(Outcome::Repair(proposal)) = driver.press("=") else {
        panic!("is not repaired");
    };
    assert_eq!(proposal.what, "extra");
    driver.event(PaneEvent::Act(Action::ApplyRepair));
    assert_eq!(driver.sent(), r#"{"extra":{"a":[1,2]}}"#);
    assert_eq!(driver.problem("extra"), None);
    driver.press("u");
    assert!(driver.problem("extra").is_some());
}

#[test]
fn problems_are_listed_at_their_lines() {
    let mut driver = with(r#"{"email":"a","tags":[{"tag":"x"},{"tag":1}],"born":"1985-02-29"}"#);
    driver.press("v home !");
    let line = |driver: &Driver| {
        driver
            .form
            .json_view()
            .expect("is open")
            .text
            .editor
            .cursor()
            .0
    };
    let text = text_of(&driver);
    let at = |part: &str| {
        text.lines()
            .position(|line| line.contains(part))
            .expect("is there")
    };
    assert_eq!(line(&driver), at("born"));
    assert!(
        driver
            .screen()
            .contains("line 2: born: 1985 is not a leap year"),
        "{}",
        driver.screen()
    );
    driver.press("!");
    assert_eq!(line(&driver), at("\"tag\": 1"));
    driver.press("!");
    assert_eq!(line(&driver), at("born"), "round the end");
    let path = "tags[0].tag".parse().expect("is a path");
    assert!(driver.form.go_to(&path));
    assert_eq!(line(&driver), at("\"tag\": \"x\""));
}

#[test]
fn typing_is_typing() {
    let mut driver = with("{}");
    driver.press("v");
    assert!(!driver.form.typing());
    assert!(matches!(driver.press("x"), Some(Outcome::Refused(_))));
    driver.press("enter");
    assert!(driver.form.typing());
    driver.event(PaneEvent::Key(KeyEvent::new(
        KeyCode::Right,
        KeyModifiers::NONE,
    )));
    driver.press("enter");
    driver.type_text("\"age\": 5");
    driver.press("enter");
    driver.event(PaneEvent::Paste("\"email\": \"é\u{1b}\"\r\n".to_owned()));
    assert_eq!(text_of(&driver), "{\n  \"age\": 5\n  \"email\": \"é\"\n}");
    assert!(
        driver.screen().contains("a comma or } is expected here"),
        "{}",
        driver.screen()
    );
    driver.press("esc");
    assert!(!driver.form.typing());
    assert_eq!(driver.sent(), "{}");
}

#[test]
fn a_large_draft_is_checked_when_typing_ends() {
    let mut driver = with("{}");
    driver.press("v");
    let elements = vec![r#"{"tag":"a tag of some length to make it large"}"#; 10_000].join(",\n");
    let text = format!("{{\"tags\":[{elements}]}}");
    put(&mut driver, &text);
    assert_eq!(driver.sent().matches("\"tag\"").count(), 10_000);
    driver.press("end enter");
    driver.type_text("}");
    assert!(
        driver.screen().contains("is checked when typing ends"),
        "{}",
        driver.screen()
    );
    driver.press("esc");
    assert!(driver.screen().contains("✗ line 10000 column 1: "));
}

#[test]
fn the_json_at_all_sizes() {
    let record = r#"{"email":"a@b.c and far more than fits","age":12345678901234567890,"born":"1985-02-29",
        "secret":"hunter2","home":{"city":"漢字 \u001b[2J"},"tags":[{"tag":"a"},{"tag":null}]}"#;
    snapshots(
        "json",
        |driver| {
            driver.form.load(&Json::parse(record).expect("is JSON"));
            driver.press("v");
        },
        |width, height| Driver::new(&member_type(), width, height),
    );
    snapshots(
        "json_broken",
        |driver| {
            driver.form.load(&Json::parse(record).expect("is JSON"));
            driver.press("v");
            let text = text_of(driver).replace("\"age\":", "age:");
            put(driver, &text);
        },
        |width, height| Driver::new(&member_type(), width, height),
    );
}

#[test]
fn a_record_as_it_is_stored_now_is_in_the_text() {
    let mut driver = with(r#"{"email":"a@b.c"}"#);
    driver.press("v");
    let stored = Json::parse(r#"{"id":1,"email":"d@e.f"}"#).expect("is JSON");
    driver
        .form
        .draft_mut()
        .expect("is open")
        .stored_anew(&stored);
    assert_eq!(text_of(&driver), "{\n  \"email\": \"d@e.f\"\n}");
    assert!(!driver.form.draft().expect("is open").json.holds_more());
    // What was being written stays.
    put(&mut driver, "{\"email\": ");
    driver
        .form
        .draft_mut()
        .expect("is open")
        .stored_anew(&stored);
    assert_eq!(text_of(&driver), "{\"email\": ");
    assert!(driver.form.draft().expect("is open").json.holds_more());
}

// ---- The user's own editor ----

/// What went out.
fn file(outcome: Option<Outcome>) -> EditedFile {
    match outcome {
        Some(Outcome::EditOutside(file)) => file,
        other => panic!("nothing to edit: {other:?}"),
    }
}

fn back(driver: &mut Driver, result: Result<String, &str>) -> String {
    let now = driver.session.now;
    let outcome = driver
        .form
        .edited_outside(result.map_err(str::to_owned), now);
    told(Some(outcome))
}

#[test]
fn the_whole_draft_is_edited_outside() {
    let mut driver = with(r#"{"email":"a@b.c","secret":"hunter2"}"#);
    let EditedFile { name, text } = file(driver.press("E"));
    let text = text.reveal().to_owned();
    assert_eq!(name, "member.jsonc");
    assert!(text.starts_with("// The record of member"), "{text}");
    assert!(
        text.contains("//   email                        string, at most 20 characters\n"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
    assert!(text.contains("// Passwords are not written here"));
    assert_eq!(
        back(&mut driver, Ok(text.clone())),
        "nothing changed in the editor"
    );
    assert!(back(&mut driver, Ok(text.clone())).starts_with("nothing was being edited"));

    driver.press("E");
    let said = back(&mut driver, Ok(text.replace("a@b.c", "d@e.f")));
    assert_eq!(
        said,
        "taken over from the editor: <form.undo> takes it back"
    );
    assert!(!driver.form.shows_json());
    assert_eq!(driver.sent(), r#"{"email":"d@e.f","secret":"hunter2"}"#);
    driver.press("u");
    assert_eq!(driver.sent(), r#"{"email":"a@b.c","secret":"hunter2"}"#);

    driver.press("E");
    let failed = back(&mut driver, Err("the editor `ed` ended with status 1"));
    assert_eq!(
        failed,
        "nothing changed: the editor `ed` ended with status 1"
    );

    driver.press("E");
    let said = back(&mut driver, Ok(text.replace("a@b.c\"", "a@b.d")));
    assert!(said.starts_with("kept as text, line 2 column "), "{said}");
    assert!(text_of(&driver).contains("a@b.d,"), "{}", text_of(&driver));
    assert_eq!(driver.sent(), r#"{"email":"a@b.c","secret":"hunter2"}"#);
    let kept = text_of(&driver);
    let EditedFile { text, .. } = file(driver.press("E"));
    assert!(text.reveal().contains(&kept), "goes on from there");
    let fixed = text.reveal().replace("a@b.d,", "a@b.d\",");
    assert_eq!(back(&mut driver, Ok(fixed)), "taken over from the editor");
    assert_eq!(driver.sent(), r#"{"email":"a@b.d","secret":"hunter2"}"#);
}

#[test]
fn a_field_is_edited_outside() {
    let mut driver = with(
        r#"{"email":"a@b.c","secret":"hunter2","home":{"city":"x"},"tags":[{"tag":"a","pin":"1"}]}"#,
    );
    for (path, name, went, came, sent) in [
        (
            "email",
            "email.txt",
            "a@b.c\n",
            "one\ntwo\n",
            r#""email":"one\ntwo""#,
        ),
        (
            "active",
            "active.json",
            "null\n",
            "true\n",
            r#""active":true"#,
        ),
        ("age", "age.txt", "\n", "42\n", r#""age":42"#),
        (
            "extra",
            "extra.json",
            "\n",
            "{\"a\":1}\n",
            r#""extra":{"a":1}"#,
        ),
        (
            "secret",
            "secret.txt",
            "hunter2\n",
            "hunter3\n",
            r#""secret":"hunter3""#,
        ),
        (
            "home",
            "home.json",
            "{\n  \"city\": \"x\"\n}\n",
            "{\"city\":\"y\"}",
            r#""home":{"city":"y"}"#,
        ),
        (
            "tags",
            "tags.json",
            "[\n  {\n    \"pin\": \"‹password 1, kept as it is›\",\n    \"tag\": \"a\"\n  }\n]\n",
            "[{\"pin\": \"‹password 1, kept as it is›\", \"tag\": \"b\"}, {},]",
            r#""tags":[{"pin":"1","tag":"b"},{}]"#,
        ),
    ] {
        driver.go_to(path);
        let went = EditedFile {
            name: name.to_owned(),
            text: Secret::new(went.to_owned()),
        };
        assert_eq!(file(driver.press("e")), went, "{path}");
        let said = back(&mut driver, Ok(came.to_owned()));
        assert_eq!(
            said, "taken over from the editor: <form.undo> takes it back",
            "{path}"
        );
        assert!(driver.sent().contains(sent), "{path}: {}", driver.sent());
    }
    driver.go_to("home");
    driver.press("e");
    let said = back(&mut driver, Ok("{\"city\": y}".to_owned()));
    assert!(said.starts_with("kept as text"), "{said}");
    assert!(driver.problem("home").is_some());
    driver.press("u");
    assert!(driver.sent().contains(r#""home":{"city":"y"}"#));
}

proptest! {
    #[test]
    fn a_draft_goes_through_its_text_unchanged(
        (attr_defs, record) in prop::collection::vec(any_type(2), 1..5)
            .prop_map(named)
            .prop_flat_map(|attr_defs| (Just(attr_defs.clone()), any_members(&attr_defs)))
    ) {
        let mut driver = Driver::new(&EntityType::create("t", attr_defs), 80, 20);
        driver.form.load(&record);
        let before = state(&driver);
        let draft = driver.form.draft().expect("is open");
        let written = text::write(draft.fields());
        let read = text::read(&written.text, draft, &written.secrets).expect("is JSON");
        prop_assert_eq!(collect::record(&read.fields).0.to_string(), record.to_string());
        prop_assert!(change::are_same(&read.fields, draft.fields()));
        driver.press("v v");
        prop_assert_eq!(state(&driver), before);
        // Written by hand in its own words.
        driver.press("N v");
        put(&mut driver, &format!("/* by hand */ {record}"));
        prop_assert_eq!(driver.sent(), record.to_string());
    }

    /// Whatever is typed or broken: no panic, and what is no JSON is kept.
    #[test]
    fn any_text_may_be_written(text in "[\\[\\]{}:,\"'a1/#\n\\\\ é漢\u{1b}\u{202e}]{0,60}", keys in prop::collection::vec(
        prop::sample::select(vec!["enter", "esc", "v", "=", "u", "U", "up", "down", "end", "!", "right", "pagedown", "E"]),
        0..12,
    )) {
        let mut driver = Driver::new(&member_type(), 30, 9);
        driver.press("v");
        put(&mut driver, &text);
        for key in keys {
            let scope = if driver.form.typing() { Scope::Edit } else { Scope::Form };
            let bound = ACTIONS.iter().find(|spec| spec.scope == scope && spec.keys.contains(&key));
            if let Some(spec) = bound {
                driver.event(PaneEvent::Act(spec.action));
            }
            driver.screen();
        }
        driver.event(PaneEvent::Act(Action::ApplyRepair));
        driver.submit();
        driver.screen();
    }
}
