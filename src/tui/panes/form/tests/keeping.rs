//! What the form gives away to be kept, and that it comes back as it was.

use super::*;
use crate::drafts::desk::Command;
use crate::drafts::kept::Kept;
use crate::drafts::kept::Of;
use crate::drafts::kept::Value;
use crate::tui::panes::form::field::Node;

/// What the form gives away now.
fn changes(driver: &mut Driver) -> Vec<Command> {
    driver.form.take_changes(&driver.session)
}

/// The one draft that is given away now.
fn kept(driver: &mut Driver) -> Kept {
    match changes(driver).as_slice() {
        [Command::Save { kept, .. }] => (**kept).clone(),
        other => panic!("one save was expected, not {other:?}"),
    }
}

/// Another start with this draft.
fn restored(kept: &Kept, schema: &EntityType) -> Driver {
    let mut driver = Driver::new(schema, 80, 20);
    let schema = Arc::new(schema.clone());
    let now = driver.session.now;
    driver.form.restore(&schema, "file".to_owned(), kept, now);
    driver
}

/// Everything that the fields hold, a line a field; not what is folded.
fn values(driver: &Driver) -> String {
    let mut out = String::new();
    let draft = driver.form.draft().expect("is open");
    field::walk(draft.fields(), &mut |place, node| {
        let path = field::path_of(draft.fields(), place);
        let line = match node {
            Node::Element(element) => format!("{path} #{:?}\n", element.id),
            Node::Field(field) if field.is_secret() => String::new(),
            Node::Field(field) => match field.text() {
                Some(text) => format!("{path} {:?} {text:?}\n", field.presence),
                None => format!("{path} {:?} {:?}\n", field.presence, collect::value(field)),
            },
        };
        out.push_str(&line);
    });
    out
}

#[test]
fn an_untouched_form_keeps_nothing_and_costs_nothing() {
    let mut driver = Driver::new(&member(), 80, 20);
    assert_eq!(changes(&mut driver), []);
    driver.go_to("birthday");
    driver.press("enter esc up");
    assert_eq!(changes(&mut driver), []);
    driver.fill("email", "a@b.example");
    assert_eq!(changes(&mut driver).len(), 1);
    assert_eq!(changes(&mut driver), [], "only once");
    driver.press("up down");
    assert_eq!(changes(&mut driver), [], "moving is no change");
}

#[test]
fn every_letter_counts_while_typing_and_what_does_not_parse_stays() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.go_to("age");
    driver.press("enter");
    driver.type_text("4");
    assert_eq!(kept(&mut driver).set, 1);
    driver.type_text("e");
    let draft = kept(&mut driver);
    let mut later = restored(&draft, &member());
    assert_eq!(later.here(), "age");
    later.press("enter");
    later.type_text("2");
    later.press("esc");
    assert_eq!(later.sent(), r#"{"age":4e2}"#);
    driver.press("esc");
    driver.fill("extra", "{\"a\": [1,");
    let draft = kept(&mut driver);
    assert_eq!(values(&restored(&draft, &member())), values(&driver));
}

#[test]
fn a_draft_that_holds_nothing_any_more_is_removed() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.fill("email", "a@b.example");
    kept(&mut driver);
    driver.press("N");
    assert!(matches!(
        changes(&mut driver).as_slice(),
        [Command::Remove(_)]
    ));
    driver.press("u");
    assert_eq!(kept(&mut driver).set, 1);
}

#[test]
fn what_the_service_took_is_removed_and_what_it_may_have_taken_says_so() {
    for (verdict, in_doubt) in [
        (Some(Verdict::Ok), None),
        (Some(Verdict::Error), Some(false)),
        (Some(Verdict::Unknown), Some(true)),
        (Some(Verdict::NotSent), Some(false)),
        (None, Some(false)),
    ] {
        let mut driver = Driver::new(&member(), 80, 20);
        driver.fill("email", "a@b.example");
        kept(&mut driver);
        assert!(matches!(driver.submit(), Outcome::Submitted(_)));
        assert!(kept(&mut driver).in_doubt, "while it is on its way");
        driver.form.sent(verdict);
        match (changes(&mut driver).as_slice(), in_doubt) {
            ([Command::Remove(_)], None) => {}
            ([Command::Save { kept, .. }], Some(in_doubt)) => {
                assert_eq!(kept.in_doubt, in_doubt, "{verdict:?}");
                let later = restored(kept, &member());
                let status = later.form.draft().expect("is open").status;
                assert_eq!(status == Status::Unknown, in_doubt);
            }
            (other, _) => panic!("{verdict:?}: {other:?}"),
        }
    }
}

#[test]
fn a_password_is_not_kept_and_is_asked_for_again() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.fill("email", "a@b.example");
    driver.fill("password", "hunter22");
    let draft = kept(&mut driver);
    assert!(!format!("{draft:?}").contains("hunter22"));
    let lost = driver.form.lost_by_leaving(true).expect("is lost");
    assert!(lost.contains("password"), "{lost}");
    let mut later = restored(&draft, &member());
    let Outcome::Refused(reason) = later.submit() else {
        panic!("goes out without its password");
    };
    assert!(reason.contains("password was not kept"), "{reason}");
    assert_eq!(later.here(), "password");
    assert!(matches!(later.submit(), Outcome::Submitted(_)), "insisted");
    let mut later = restored(&draft, &member());
    later.fill("password", "hunter22");
    assert!(matches!(later.submit(), Outcome::Submitted(_)));
}

#[test]
fn a_password_being_typed_is_not_kept_either() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.go_to("password");
    driver.press("enter");
    driver.type_text("hunter22");
    let draft = kept(&mut driver);
    assert!(!format!("{draft:?}").contains("hunter"));
    assert!(driver.form.lost_by_leaving(true).is_some());
    let mut later = restored(&draft, &member());
    assert!(matches!(later.submit(), Outcome::Refused(_)));
}

#[test]
fn a_mask_in_a_text_is_never_sent() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.fill("email", "a@b.example");
    driver.fill("extra", r#"{"n":1}"#);
    let mut draft = kept(&mut driver);
    // As the desk writes it when a name in the text tells of a secret.
    let fields = Arc::make_mut(&mut draft.fields);
    for field in fields.iter_mut().filter(|field| field.name == "extra") {
        field.value = Value::Json(format!(
            "{{\"token\":\"{}\"}}",
            crate::capture::secret::MASK
        ));
    }
    let mut later = restored(&draft, &member());
    for _ in 0..3 {
        assert!(matches!(later.submit(), Outcome::Refused(_)));
    }
    later.go_to("extra");
    later.press("x");
    assert!(matches!(later.submit(), Outcome::Submitted(_)));
}

#[test]
fn json_that_cannot_be_read_comes_back_as_text() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.fill("email", "a@b.example");
    kept(&mut driver);
    driver.press("v enter");
    driver.type_text("{\"half");
    let draft = kept(&mut driver);
    let text = draft.json.clone().expect("is kept as text");
    assert!(text.contains("{\"half"), "{text}");
    let mut later = restored(&draft, &member());
    assert!(later.form.shows_json());
    assert!(later.screen().contains("{\"half"), "{}", later.screen());
    assert!(matches!(later.submit(), Outcome::Refused(_)));
    assert_eq!(changes(&mut later), [], "nothing new");
}

#[test]
fn a_stored_record_is_kept_with_what_it_was() {
    let record = r#"{"id":7,"email":"a@b.example","password":{"type":"password-bcrypt","value":"$2a$04$x"},
        "tags":[{"id":5,"tag":"one"},{"id":6,"tag":"two"}],"age":1.50}"#;
    let record = Json::parse(record).expect("is JSON");
    let mut driver = Driver::new(&member(), 80, 20);
    let schema = Arc::new(member());
    assert!(
        driver
            .form
            .open_record(&schema, &record, driver.session.now)
    );
    assert_eq!(changes(&mut driver), [], "as it was found");
    driver.go_to("tags[0]");
    driver.press("d");
    let draft = kept(&mut driver);
    assert_eq!(draft.key.of, Of::Record(7));
    assert_eq!(draft.original.as_deref(), Some(&record));
    let later = restored(&draft, &member());
    assert_eq!(values(&later), values(&driver));
    assert!(values(&later).contains("tags[0] #Some(6)"));
    // Taken back, nothing is left to keep.
    driver.press("u");
    assert!(matches!(
        changes(&mut driver).as_slice(),
        [Command::Remove(_)]
    ));
}

#[test]
fn a_draft_goes_on_under_another_schema() {
    let mut driver = Driver::new(&member(), 80, 20);
    driver.fill("email", "a@b.example");
    driver.fill("age", "42");
    driver.fill("address.city", "Portland");
    driver.go_to("tags");
    driver.press("a");
    driver.type_text("one");
    driver.press("esc");
    let draft = kept(&mut driver);
    let changed = schema(
        "member",
        r#"[{"name":"age","type":"string"},{"name":"address","type":"json"},
            {"name":"tags","type":"plural","attr_defs":[{"name":"label","type":"string"}]}]"#,
    );
    let later = restored(&draft, &changed);
    assert_eq!(
        later.sent(),
        r#"{"address":{"city":"Portland"},"age":"42","tags":[{"tag":"one"}],"email":"a@b.example"}"#
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Keys at random, on fields at random: what is kept and restored is what was there, but for passwords.
    #[test]
    fn whatever_is_done_to_a_form_comes_back(
        steps in proptest::collection::vec((0_usize..60, 0_usize..12, "[ -~é]{0,6}"), 1..40)
    ) {
        let mut driver = Driver::new(&member(), 80, 20);
        let mut last = None;
        for (down, key, text) in steps {
            if !driver.form.typing() {
                driver.press("home");
                for _ in 0..down {
                    driver.press("down");
                }
            }
            if driver.form.typing() {
                driver.type_text(&text);
            } else {
                let keys = ["x", "-", "0", "a", "a", "d", "u", "U", "enter", "enter", "right", "i"];
                driver.press(keys[key]);
                if driver.form.is_choosing_date() {
                    driver.press("esc");
                }
            }
            if driver.form.typing() && key % 2 == 0 {
                driver.press("esc");
            }
            for command in changes(&mut driver) {
                last = match command {
                    Command::Save { kept, .. } => Some(*kept),
                    _ => None,
                };
            }
        }
        let later = match &last {
            Some(kept) => restored(kept, &member()),
            None => Driver::new(&member(), 80, 20),
        };
        // The text under edit is the field's by now.
        driver.form.stop_typing(driver.session.now);
        prop_assert_eq!(values(&later), values(&driver));
        let asks = |driver: &Driver| driver.form.draft().map(|draft| draft.include_record);
        if last.is_some() {
            prop_assert_eq!(asks(&later), asks(&driver));
        }
    }
}
