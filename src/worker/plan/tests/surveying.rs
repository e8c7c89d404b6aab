use crate::capture::constraint::Constraint;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::plan::Action;
use crate::capture::schema::plan::Step;
use crate::worker::plan::EXAMPLES;
use crate::worker::plan::Survey;
use crate::worker::plan::apply::rehearse;
use crate::worker::plan::stage::Stage;
use crate::worker::plan::survey::survey;
use crate::worker::plan::tests::add;
use crate::worker::plan::tests::at_once;
use crate::worker::plan::tests::constrain;
use crate::worker::plan::tests::copy;
use crate::worker::plan::tests::fill;
use crate::worker::plan::tests::now;
use crate::worker::plan::tests::records;
use crate::worker::plan::tests::remove;
use crate::worker::plan::tests::stage;
use crate::worker::plan::tests::stage_of;
use crate::worker::plan::tests::step;
use crate::worker::plan::tests::work;

fn look(stage: &mut Stage, steps: Vec<Step>) -> Survey {
    let work = work(stage, steps);
    at_once(survey(&work, now(), stage)).expect("is read")
}

/// What each step meets, in a line: lost, copied, broken.
fn counts(survey: &Survey) -> Vec<[u64; 3]> {
    let findings = survey.findings.iter();
    findings
        .map(|finding| [finding.lost, finding.copied, finding.broken])
        .collect()
}

#[test]
fn what_would_be_lost_is_counted_by_values() {
    let mut stage = stage(&[
        r#"{"email":"a@b.c","home":{"city":"Ulm"},"phones":[{"number":"1","kind":"x"}]}"#,
        r#"{"email":"","home":{"zip":"1"},"phones":[{"number":"2"}]}"#,
        "{}",
    ]);
    let survey = look(
        &mut stage,
        vec![
            remove("email"),
            remove("home.city"),
            remove("phones.kind"),
            remove("home"),
            remove("phones"),
        ],
    );
    assert_eq!(survey.records, 3);
    // What a step took away is not lost again by the next.
    assert_eq!(
        counts(&survey),
        [[2, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [2, 0, 0]]
    );
}

#[test]
fn what_was_copied_is_not_lost_unless_it_has_no_place_there() {
    let mut stage = stage(&[
        r#"{"nick":"Ann","home":{"city":"Ulm"}}"#,
        r#"{"nick":"Bob","home":{"city":"Ulm","zip":"1"}}"#,
        "{}",
    ]);
    let town = r#"{"name":"place","type":"object","attr_defs":[{"name":"town","type":"string"}]}"#;
    let survey = look(
        &mut stage,
        vec![
            add(r#"{"name":"alias","type":"string","length":3}"#),
            copy("nick", "alias", &[]),
            remove("nick"),
            add(town),
            copy("home", "place", &[("city", "town")]),
            remove("home"),
        ],
    );
    assert_eq!(
        counts(&survey),
        [
            [0, 0, 0],
            [0, 2, 0],
            [0, 2, 0],
            [0, 0, 0],
            [0, 2, 0],
            [1, 1, 0]
        ]
    );
}

#[test]
fn a_copy_is_judged_by_the_definition_that_gets_it() {
    let mut stage = stage(&[
        r#"{"nick":"Annabel","phones":[{"number":"1"},{"number":"x y"}]}"#,
        r#"{"nick":"Bob","phones":[{"kind":"a"}]}"#,
        r#"{"nick":"bob"}"#,
        "{}",
    ]);
    let lines = r#"{"name":"lines","type":"plural","attr_defs":[
        {"name":"digits","type":"string","constraints":["required","alphanumeric"]},
        {"name":"kind","type":"string"}]}"#;
    let survey = look(
        &mut stage,
        vec![
            add(r#"{"name":"alias","type":"string","length":5,"case-sensitive":false}"#),
            copy("nick", "alias", &[]),
            constrain("alias", &[], &[Constraint::Unique, Constraint::Required]),
            add(lines),
            copy("phones", "lines", &[("number", "digits")]),
            add(r#"{"name":"old","type":"integer"}"#),
            copy("nick", "old", &[]),
        ],
    );
    assert_eq!(
        counts(&survey),
        [
            [0, 0, 0],
            [0, 3, 1],
            // One without a value, and two that differ in case alone.
            [0, 0, 2],
            [0, 0, 0],
            [0, 2, 2],
            [0, 0, 0],
            [0, 3, 3]
        ]
    );
    let named = |at: usize| {
        let examples = survey.findings[at].examples.iter();
        let named = examples.map(|broken| (broken.path.to_string(), broken.code));
        named.collect::<Vec<_>>()
    };
    assert_eq!(named(1), [("nick".to_owned(), ErrorCode::LENGTH_VIOLATION)]);
    assert_eq!(
        named(2),
        [
            ("alias".to_owned(), ErrorCode::UNIQUE_VIOLATION),
            ("alias".to_owned(), ErrorCode::MISSING_REQUIRED_ATTRIBUTE)
        ]
    );
    assert_eq!(
        named(4),
        [
            (
                "phones[1].number".to_owned(),
                ErrorCode::CONSTRAINT_VIOLATION
            ),
            (
                "phones[0].number".to_owned(),
                ErrorCode::MISSING_REQUIRED_ATTRIBUTE
            )
        ]
    );
    assert!(
        survey.findings[6]
            .examples
            .iter()
            .all(|broken| broken.code == ErrorCode::INVALID_JSON_TYPE)
    );
}

#[test]
fn a_password_is_copied_as_it_is_shown_and_never_named() {
    let mut stage = stage(&[r#"{"pass":"correct horse"}"#]);
    let survey = look(
        &mut stage,
        vec![
            add(r#"{"name":"word","type":"password-bcrypt"}"#),
            copy("pass", "word", &[]),
            add(r#"{"name":"text","type":"string"}"#),
            copy("pass", "text", &[]),
        ],
    );
    assert_eq!(
        counts(&survey),
        [[0, 0, 0], [0, 1, 0], [0, 0, 0], [0, 1, 1]]
    );
    let told = format!("{survey:?}");
    assert!(!told.contains("$2"), "{told}");
}

#[test]
fn required_cannot_come_with_an_attribute_while_there_are_records() {
    let required = r#"{"name":"x","type":"object","attr_defs":[{"name":"y","type":"string","constraints":["required"]}]}"#;
    let mut stage = stage(&["{}", "{}"]);
    let survey = look(&mut stage, vec![add(required)]);
    assert_eq!(counts(&survey), [[0, 0, 2]]);
    let first = &survey.findings[0].examples[0];
    assert_eq!(first.path.to_string(), "x.y");
    assert_eq!(first.code, ErrorCode::MISSING_REQUIRED_ATTRIBUTE);
}

/// The sandbox refuses exactly what is predicted, with the code that is predicted first.
#[test]
fn the_prediction_agrees_with_the_answer() {
    let all = [
        Constraint::Required,
        Constraint::Unique,
        Constraint::LocallyUnique,
        Constraint::Alphabetic,
        Constraint::Alphanumeric,
        Constraint::UnicodePrintable,
        Constraint::EmailAddress,
    ];
    let kinds = [
        vec![
            r#"{"email":"a@b.c","nick":"Ann","phones":[{"number":"1","kind":"a"},{"number":"2","kind":"a"}]}"#,
        ],
        vec![
            r#"{"email":"a@b.c","nick":"x y"}"#,
            r#"{"email":"A@b.c","nick":"X Y","home":{"city":"Ulm"}}"#,
        ],
        vec![
            r#"{"email":"a@b.c","phones":[{"number":"1"}]}"#,
            r#"{"email":"a@b.c","phones":[{"number":"1"}]}"#,
        ],
        vec!["{}"],
    ];
    for records in &kinds {
        let mut stage = stage(records);
        for at in ["email", "nick", "home.city", "phones.number", "phones.kind"] {
            for constraint in &all {
                if *constraint == Constraint::LocallyUnique && !at.starts_with("phones") {
                    continue;
                }
                let step = constrain(at, &[], std::slice::from_ref(constraint));
                let survey = look(&mut stage, vec![step]);
                let predicted = survey.findings[0]
                    .examples
                    .first()
                    .map(|broken| broken.code);
                let names = format!(r#"["{}"]"#, constraint.name());
                let request = |names: &str| {
                    ApiRequest::new(Endpoint::TypeSetAttributeConstraints)
                        .with("type_name", "t")
                        .with("attribute_name", at)
                        .with("constraints", names)
                };
                let answered = match stage.answer(&request(&names)).answer() {
                    Some(Answer::Ok(_)) => None,
                    Some(Answer::Error(error)) => Some(error.code),
                    other => panic!("{other:?}"),
                };
                assert_eq!(predicted, answered, "{constraint} on {at} of {records:?}");
                stage.answer(&request("[]"));
            }
        }
    }
}

#[test]
fn ten_thousand_records_are_counted_exactly() {
    let mut stage = stage(&[]);
    let all: Vec<String> = (0..10_000)
        .map(|number| {
            let kind = if number % 10 == 0 { "home" } else { "" };
            format!(
                r#"{{"nick":"n{}","age":{},"phones":[{{"number":"{number}","kind":"{kind}"}}]}}"#,
                number / 2,
                if number % 4 == 0 {
                    "null".to_owned()
                } else {
                    number.to_string()
                },
            )
        })
        .collect();
    for part in all.chunks(1_000) {
        let part: Vec<&str> = part.iter().map(String::as_str).collect();
        fill(&stage, &part);
    }
    let survey = look(
        &mut stage,
        vec![
            constrain("nick", &[], &[Constraint::Unique]),
            constrain("age", &[], &[Constraint::Required]),
            constrain("phones.number", &[], &[Constraint::Unique]),
            remove("age"),
        ],
    );
    assert_eq!(survey.records, 10_000);
    assert_eq!(
        counts(&survey),
        [[0, 0, 5_000], [0, 0, 2_500], [0, 0, 0], [7_500, 0, 0]]
    );
    assert_eq!(survey.findings[0].examples.len(), EXAMPLES);
    let first = &survey.findings[0].examples[0];
    let all = records(&stage);
    let id = |at: usize| all[at].get("id").and_then(Json::as_i64);
    assert_eq!(Some(first.id), id(1));
    assert_eq!(
        first.uuid.as_deref(),
        all[1].get("uuid").and_then(Json::as_str)
    );
    let earlier = format!("record {}", id(0).expect("has one"));
    assert!(first.reason.contains(&earlier), "{}", first.reason);
}

#[test]
fn what_meets_no_record_reads_none() {
    let mut stage = stage(&["{}"]);
    let describe = Action::SetDescription {
        before: None,
        after: Some("x".to_owned()),
    };
    let steps = vec![step("nick", describe)];
    let survey = look(&mut stage, steps);
    assert_eq!((survey.records, counts(&survey)), (1, vec![[0, 0, 0]]));
}

/// Copied to another type, a value is what it was, or counted as lost, or foretold to be refused; and what is foretold
/// happens.
#[test]
fn no_conversion_loses_a_value_that_is_not_counted() {
    let object = |member: &str| format!(r#"{{"type":"object","attr_defs":[{member}]}}"#);
    let plural = |member: &str| format!(r#"{{"type":"plural","attr_defs":[{member}]}}"#);
    let plain = |name: &str| format!(r#"{{"type":"{name}"}}"#);
    let a = r#"{"name":"a","type":"string"}"#;
    let moment = r#"{"name":"a","type":"dateTime"}"#;
    let day = r#"{"name":"a","type":"date"}"#;
    let at_noon = r#""2020-01-01 12:34:56 +0000""#;
    // From, to, the value, how many are lost and refused.
    let cases = [
        (plain("dateTime"), plain("date"), at_noon, 1, 0),
        (
            plain("dateTime"),
            plain("date"),
            r#""2020-01-01 00:00:00 +0000""#,
            0,
            0,
        ),
        (plain("date"), plain("dateTime"), r#""2020-01-01""#, 0, 0),
        (
            plain("string"),
            plain("date"),
            r#""2020-01-01 10:00:00""#,
            1,
            0,
        ),
        (plain("string"), plain("date"), r#""2020-01-01""#, 0, 0),
        (
            plain("string"),
            plain("dateTime"),
            r#""2020-01-01T10:00:00+05:00""#,
            1,
            0,
        ),
        (
            plain("string"),
            plain("password-bcrypt"),
            r#""secret1""#,
            1,
            0,
        ),
        (plain("string"), plain("json"), r#""x""#, 0, 0),
        (plain("string"), plain("ipAddress"), r#""1.2.3.4""#, 0, 0),
        (plain("decimal"), plain("integer"), "1.5", 0, 1),
        (plain("integer"), plain("decimal"), "9007199254740993", 0, 0),
        (plain("json"), plain("string"), r#""x""#, 0, 0),
        (plain("json"), plain("string"), r#"{"a":1}"#, 0, 1),
        (plain("json"), object(a), r#"{"a":"1","zz":2}"#, 0, 1),
        (plain("json"), object(a), r#"{"a":"1","id":2}"#, 0, 1),
        (plain("json"), object(a), r#"{"a":"1"}"#, 0, 0),
        (
            plain("json"),
            object(day),
            r#"{"a":"2020-01-01 10:00:00"}"#,
            1,
            0,
        ),
        (plain("json"), plural(a), r#"[{"a":"1","id":77}]"#, 1, 0),
        (plain("json"), plural(a), r#"[{"a":"1"},{"a":"2"}]"#, 0, 0),
        (plain("json"), plural(a), r#"[{"a":"1","b":"2"}]"#, 0, 1),
        (object(a), plain("json"), r#"{"a":"1"}"#, 0, 0),
        (plural(a), plain("json"), r#"[{"a":"1"},{"a":null}]"#, 0, 0),
        (object(a), plural(a), r#"{"a":"1"}"#, 0, 1),
        (
            object(moment),
            object(day),
            r#"{"a":"2020-01-01 12:34:56 +0000"}"#,
            1,
            0,
        ),
        (
            plural(moment),
            plural(day),
            r#"[{"a":"2020-01-01 12:34:56 +0000"}]"#,
            1,
            0,
        ),
    ];
    for (from, to, value, lost, broken) in cases {
        let named = |name: &str, of: &str| format!(r#"{{"name":"{name}",{}"#, &of[1..]);
        let record = format!(r#"{{"v":{value}}}"#);
        let mut stage = stage_of(&format!("[{},{a}]", named("v", &from)), &[&record]);
        let steps = vec![add(&named("w", &to)), copy("v", "w", &[]), remove("v")];
        let work = work(&stage, steps);
        let survey = at_once(survey(&work, now(), &mut stage)).expect("is read");
        let about = format!("{value} from {from} to {to}");
        assert_eq!(counts(&survey)[1], [0, 1, broken], "{about}");
        assert_eq!(counts(&survey)[2], [lost, 1 - lost, 0], "{about}");
        let applied = at_once(rehearse(&work, &mut stage)).expect("is begun");
        assert_eq!(applied.stopped.is_some(), broken > 0, "{about}");
        let left = &records(&stage)[0];
        assert_eq!(left.get("v").is_some(), broken > 0, "{about}");
    }
}
