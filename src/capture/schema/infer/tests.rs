use super::*;
use std::fmt::Write;

use crate::capture::json::object::Object;
use crate::capture::sample;
use crate::capture::sample::Fill;
use crate::capture::schema::EntityType;
use crate::capture::validate::Mode;
use crate::capture::validate::validate;
use proptest::collection;
use proptest::prelude::BoxedStrategy;
use proptest::prelude::Just;
use proptest::prelude::ProptestConfig;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;

const LOADER: &str = include_str!("../../../../tests/data/dataload-sample.csv");
const VIEW: &str = include_str!("../../../../tests/data/response-entity-view-docs.json");

fn now() -> Timestamp {
    "2026-02-28T13:14:15Z".parse().expect("is a timestamp")
}

fn inferred(text: &str) -> Inferred {
    infer(text, Format::of(text), now()).expect("has records")
}

fn path(text: &str) -> AttrPath {
    text.parse().expect("is a path")
}

/// The proposal in one line for each attribute.
fn told(inferred: &Inferred) -> String {
    let mut out = String::new();
    for item in &inferred.items {
        let candidates: Vec<String> = item
            .candidates
            .iter()
            .map(|one| format!("{} ({})", one.constraint, one.reason))
            .collect();
        let also: Vec<String> = item.alternatives.iter().map(AttrType::describe).collect();
        let _ = writeln!(
            out,
            "{}: {} | {} of {}, {} null | {} | {:?} | also {} | {}",
            item.path,
            item.def.attr_type.describe(),
            item.evidence.values,
            item.evidence.of,
            item.evidence.nulls,
            item.evidence.decision,
            item.evidence.examples,
            also.join(", "),
            candidates.join("; ")
        );
    }
    for note in &inferred.notes {
        let _ = writeln!(out, "! {note}");
    }
    out
}

/// The type that an attribute gets from these values.
fn type_of(values: &[&str]) -> String {
    let records: Vec<String> = values
        .iter()
        .map(|value| format!("{{\"a\":{value}}}"))
        .collect();
    let inferred = inferred(&format!("[{}]", records.join(",")));
    inferred.items[0].def.attr_type.describe()
}

#[test]
fn values_say_their_type() {
    let hash = r#"{"type":"password-bcrypt","value":"$2a$04$x"}"#;
    for (values, expected) in [
        (&["true", "null", "false"][..], "boolean"),
        (&["1", "-7"], "integer"),
        (&["1", "0.5"], "decimal"),
        (&["12345678901234567890"], "decimal"),
        (&[r#""2024-05-01""#, r#""01/29/1881""#], "date"),
        (
            &[r#""2024-05-01""#, r#""2024-05-01 12:00:00 +0000""#],
            "dateTime",
        ),
        (&[r#""2003-01-02T18:15:00.25Z""#], "dateTime"),
        (&[r#""Thu 2 Jan 2003""#], "date"),
        (&[r#""20250106""#], "string(100)"),
        (&[r#""may""#, r#""today""#], "string(100)"),
        (&[r#""2024-05-01""#, r#""soon""#], "string(100)"),
        (&[r#""192.0.2.1""#], "ipAddress"),
        (&[r#""192.0.2.1""#, r#""::1""#], "string(100)"),
        (
            &[r#""efd7fe4e-dd6e-4d4b-a26b-b2c1de2c2a33""#],
            "string(100)",
        ),
        (&["null"], "string"),
        (&[r#""""#], "string(100)"),
        (&["1", r#""1""#], "json"),
        (&["[]"], "json"),
        (&["{}"], "json"),
        (&["[1]"], "json"),
        (&["[[]]"], "json"),
        (&[r#"[{"b":1},"x"]"#], "json"),
        (&[r#"{"b":1}"#, "[]"], "json"),
        (&[r#"{"b":1}"#, "{}", "null"], "object"),
        (&[r#"[{"b":1}]"#, "[]"], "plural"),
        (&[r#"["x","y"]"#], "plural"),
        (&[hash, r#""plain""#], "password-bcrypt"),
        (
            &[r#"{"password":{"type":"password-md5","value":"x"},"history":[]}"#],
            "password-bcrypt",
        ),
    ] {
        assert_eq!(type_of(values), expected, "{values:?}");
    }
}

#[test]
fn lengths_are_the_usual_ones() {
    for (longest, expected) in [
        (100, "string(100)"),
        (101, "string(256)"),
        (257, "string(1000)"),
        (1_001, "string(4096)"),
        (4_097, "string"),
    ] {
        assert_eq!(
            type_of(&[&format!("\"{}\"", "ß".repeat(longest))]),
            expected
        );
    }
}

#[test]
fn the_loaders_sample_and_a_documented_answer() {
    insta::assert_snapshot!("loader", told(&inferred(LOADER)));
    insta::assert_snapshot!("view", told(&inferred(VIEW)));
}

#[test]
fn secrets_are_not_told() {
    let text = r#"[{"password":"hunter2","myPassword":"hunter2","accessToken":"hunter2",
        "p":{"type":"password-md5","value":"hunter2"}}]"#;
    let inferred = inferred(text);
    assert!(!format!("{inferred:?}").contains("hunter2"));
    let types: Vec<String> = inferred
        .items
        .iter()
        .map(|item| item.def.attr_type.describe())
        .collect();
    assert_eq!(
        types,
        [
            "password-bcrypt",
            "password-bcrypt",
            "string(100)",
            "password-bcrypt"
        ]
    );
    assert!(
        inferred
            .items
            .iter()
            .all(|item| item.evidence.longest.is_none())
    );
}

#[test]
fn constraints_are_proposed_and_not_set() {
    let records: Vec<String> = (0..10)
        .map(|n| {
            let letter = char::from(b'a' + n);
            let word = String::from(letter).repeat(3);
            format!(
                r#"{{"mail":"{letter}@example.com","word":"{word}","twice":"x{}","o":{{"in":{n}}},
                    "list":[{{"key":"{letter}1","same":1}},{{"key":"{letter}2","same":1}}]}}"#,
                n / 2
            )
        })
        .collect();
    let mut inferred = inferred(&format!("[{}]", records.join(",")));
    assert_eq!(inferred.items.len(), 8);
    assert!(
        inferred
            .items
            .iter()
            .all(|item| item.def.constraints.is_none())
    );
    let proposed = |name: &str| -> Vec<String> {
        let item = inferred.item(&path(name)).expect("is there");
        item.candidates
            .iter()
            .map(|one| one.constraint.to_string())
            .collect()
    };
    assert_eq!(
        proposed("mail"),
        ["required", "unique", "email-address", "unicode-printable"]
    );
    assert_eq!(
        proposed("word"),
        ["required", "unique", "alphabetic", "unicode-printable"]
    );
    assert_eq!(
        proposed("twice"),
        ["required", "alphanumeric", "unicode-printable"]
    );
    assert_eq!(proposed("o.in"), ["required", "unique"]);
    assert_eq!(
        proposed("list.key"),
        [
            "required",
            "unique",
            "locally-unique",
            "alphanumeric",
            "unicode-printable"
        ]
    );
    assert_eq!(proposed("list.same"), ["required"]);
    assert_eq!(proposed("list"), [""; 0]);

    let all: Vec<(AttrPath, Constraint)> = inferred
        .items
        .iter()
        .flat_map(|item| {
            item.candidates
                .iter()
                .map(|one| (item.path.clone(), one.constraint.clone()))
        })
        .collect();
    for (path, constraint) in all {
        assert_eq!(inferred.accept(&path, constraint), Ok(()));
    }
    let attr_defs = inferred.to_attr_defs();
    assert_eq!(schema::check(&attr_defs), []);
    let schema = EntityType::create("t", attr_defs);
    let key = schema.get(&path("list.key")).expect("is there");
    assert!(key.has(&Constraint::LocallyUnique) && key.has_feature(&Feature::PrimaryKey));
    for record in &records {
        let record = Json::parse(record).expect("is JSON");
        assert_eq!(validate(&record, &schema, Mode::Create, now()), []);
    }
    assert_eq!(
        inferred.decline(&path("list.key"), &Constraint::LocallyUnique),
        Ok(())
    );
    let key = &inferred.item(&path("list.key")).expect("is there").def;
    assert!(!key.has(&Constraint::LocallyUnique) && key.features.is_none());
}

#[test]
fn a_member_of_an_object_that_is_not_always_there_is_not_required() {
    let inferred = inferred(r#"[{"o":{"a":1}},{}]"#);
    let item = inferred.item(&path("o.a")).expect("is there");
    assert_eq!((item.evidence.of, item.evidence.values), (1, 1));
    assert_eq!(item.candidates, []);
}

#[test]
fn a_proposal_is_adjusted() {
    let mut inferred = inferred(r#"[{"n":1,"o":{"x":"a","y":{"z":1}},"w":"word"}]"#);
    assert_eq!(inferred.accept(&path("w"), Constraint::Alphabetic), Ok(()));
    assert_eq!(inferred.accept(&path("w"), Constraint::Required), Ok(()));
    assert_eq!(inferred.set_type(&path("w"), AttrType::Json), Ok(()));
    let item = inferred.item(&path("w")).expect("is there");
    assert_eq!(item.def.constraints, Some(vec![Constraint::Required]));

    let refused = inferred.accept(&path("n"), Constraint::EmailAddress);
    assert!(
        matches!(refused, Err(AdjustError::Misfit { .. })),
        "{refused:?}"
    );
    let refused = inferred.accept(&path("n"), Constraint::LocallyUnique);
    assert!(
        matches!(refused, Err(AdjustError::Misfit { .. })),
        "{refused:?}"
    );
    assert_eq!(
        inferred.item(&path("n")).map(|item| &item.def.features),
        Some(&None)
    );
    let refused = inferred.set_type(&path("n"), AttrType::Object(Vec::new()));
    assert!(
        matches!(refused, Err(AdjustError::NoMembers { .. })),
        "{refused:?}"
    );
    let nowhere = inferred.set_type(&path("nope"), AttrType::Json);
    assert_eq!(nowhere, Err(AdjustError::NoSuchAttribute(path("nope"))));

    assert_eq!(
        inferred.set_type(&path("o"), AttrType::Plural(Vec::new())),
        Ok(())
    );
    assert_eq!(inferred.to_attr_defs()[1].attr_type.attr_defs().len(), 2);
    assert_eq!(inferred.set_type(&path("o.y"), AttrType::Json), Ok(()));
    let left: Vec<String> = inferred
        .items
        .iter()
        .map(|item| item.path.dotted())
        .collect();
    assert_eq!(left, ["n", "o", "o.x", "o.y", "w"]);
    assert_eq!(schema::check(&inferred.to_attr_defs()), []);
}

#[test]
fn names_become_valid_and_reserved_ones_are_left_out() {
    let long = "x".repeat(70);
    let text = format!(
        r#"{{"id":1,"uuid":"u","created":"c","lastUpdated":"l","first name":1,"first-name":2,"first_name":3,
            "9th":4,"":5,"{long}":6,"ü\u001b":7,"o":{{"id":8}},"p":[{{"id":9,"v":1}}]}}"#
    );
    let inferred = inferred(&text);
    let names: Vec<String> = inferred
        .items
        .iter()
        .map(|item| item.path.dotted())
        .collect();
    let short = "x".repeat(58);
    assert_eq!(
        names,
        [
            "first_name_2",
            "first_name_3",
            "first_name",
            "a_9th",
            "a_",
            &short,
            "a___",
            "o",
            "o.id",
            "p",
            "p.v"
        ]
    );
    assert_eq!(schema::check(&inferred.to_attr_defs()), []);
    assert_eq!(
        inferred.notes[0],
        "not a name that the service takes: \"first name\" is called first_name_2 here"
    );
    let last = inferred.notes.last().expect("there are notes");
    assert_eq!(
        last,
        "built in, not proposed: created, id, lastUpdated, p.id, uuid"
    );
    assert!(!inferred.notes.concat().contains('\u{1b}'));
}

#[test]
fn texts_of_every_kind_are_read() {
    let one = [r#"{"a":1}"#.to_owned()];
    let two = [r#"{"a":1}"#.to_owned(), r#"{"a":2}"#.to_owned()];
    for (text, expected) in [
        (r#"{"a":1}"#, &one[..]),
        (r#"[{"a":1},{"a":2}]"#, &two),
        ("{\"a\":1}\n\n{\"a\":2}\r\n", &two),
        (r#"{"stat":"ok","result":{"a":1}}"#, &one),
        (
            r#"{"stat":"ok","result_count":2,"results":[{"a":1},{"a":2}]}"#,
            &two,
        ),
        ("\u{feff}{\"a\":1}", &one),
        ("a\n1\n2\n", &two),
        ("\u{feff}\"a\";x\n1;\n2;\n", &two),
        ("a\tx\n1\t\n", &one),
    ] {
        let sample = reading::read(text, Format::of(text)).expect("has records");
        let read: Vec<String> = sample.records.iter().map(ToString::to_string).collect();
        assert_eq!(read, expected, "{text}");
    }
    for (text, reason) in [
        ("[]", "there are no records in it"),
        ("a,b\n", "there are no records in it"),
        ("", "there are no records in it"),
        ("[1]", "record 1 is a number, not an object"),
        ("{\"a\":1}\n7\n", "record 2 is a number, not an object"),
        (
            r#"{"stat":"error","code":200}"#,
            "this is an error that the service answered, not records",
        ),
        (
            "a,b\n1\n",
            "not CSV: line 2 has 1 cells, the first line has 2",
        ),
    ] {
        let error = reading::read(text, Format::of(text)).expect_err("has none");
        assert_eq!(error.to_string(), reason, "{text}");
    }
    assert!(matches!(
        reading::read("{\"a\":", Format::Json),
        Err(ReadError::NotJson(_))
    ));
    let huge = " ".repeat(reading::MAX_TEXT + 1);
    assert_eq!(reading::read(&huge, Format::Csv), Err(ReadError::TooLarge));
}

#[test]
fn cells_of_csv_say_what_they_are() {
    let text = "n,zip,code5,yes,d,o.a,o.b,empty,j,plain\n\
        1,01234,12345,true,2024-01-02,x,,,\"[{\"\"a\"\":1}]\",{no\n\
        2.5,1,54321,false,2024-01-03,,y,,,\n";
    let sample = reading::read(text, Format::Csv).expect("has records");
    let read: Vec<String> = sample.records.iter().map(ToString::to_string).collect();
    assert_eq!(
        read,
        [
            concat!(
                r#"{"n":1,"zip":"01234","code5":"12345","yes":true,"d":"2024-01-02","#,
                r#""o":{"a":"x"},"j":[{"a":1}],"plain":"{no"}"#
            ),
            r#"{"n":2.5,"zip":"1","code5":"54321","yes":false,"d":"2024-01-03","o":{"b":"y"}}"#,
        ]
    );
    let odd = reading::read("a,a,a.b,,x..y,c\n1,2,3,4,5,6\n", Format::Csv).expect("has records");
    assert_eq!(odd.records[0].to_string(), r#"{"a":1,"c":6}"#);
    assert_eq!(
        odd.notes,
        [
            "column 2 has the name of another column: left out",
            "column 3 is a part of another column, or another is a part of it: left out",
            "column 4 has no name: left out",
            "column 5 has a name that is no path of attributes: left out",
        ]
    );
}

#[test]
fn size_and_depth_are_bounded() {
    let wide: Vec<String> = (0..MAX_ATTRIBUTES + 3)
        .map(|n| format!("\"a{n}\":1"))
        .collect();
    let wide = inferred(&format!("{{{}}}", wide.join(",")));
    assert_eq!(wide.items.len(), MAX_ATTRIBUTES);
    assert_eq!(
        wide.notes,
        ["more than 2000 different attributes: 3 values of others are left out"]
    );
    let table: Vec<String> = (0..=MAX_MEMBERS).map(|n| format!("\"k{n}\":1")).collect();
    assert_eq!(type_of(&[&format!("{{{}}}", table.join(","))]), "json");
    for (open, close) in [("{\"o\":", "}"), ("[{\"o\":", "}]")] {
        let deep = format!("{{\"o\":{}1{}}}", open.repeat(60), close.repeat(60));
        let deep = inferred(&deep);
        assert_eq!(deep.items.len(), MAX_LEVELS);
        let last = deep.items.last().expect("there are items");
        assert_eq!(last.def.attr_type, AttrType::Json);
        assert_eq!(schema::check(&deep.to_attr_defs()), []);
    }
}

/// What holds for every proposal: it can be created, and the records pass it.
fn assert_fits(records: &[Json]) {
    let mut inference = Inference::new(now());
    for record in records {
        inference.add(record);
    }
    let attr_defs = inference.finish().to_attr_defs();
    assert_eq!(schema::check(&attr_defs), []);
    let schema = EntityType::create("t", attr_defs);
    for record in records {
        assert_eq!(
            validate(record, &schema, Mode::Create, now()),
            [],
            "{record}"
        );
    }
}

#[test]
fn sample_records_of_the_published_schemas_fit() {
    for text in [
        include_str!("../../../../tests/data/schema-user-default-2012.json"),
        include_str!("../../../../tests/data/schema-test-user1-every-type.json"),
    ] {
        let json = Json::parse(text).expect("is JSON");
        let (schema, _) = EntityType::from_json(&json).expect("is a schema");
        let records: Vec<Json> = (0..12)
            .map(|seed| sample::record(&schema, seed, Fill::Everything))
            .collect();
        assert_fits(&records);
    }
}

fn any_value() -> impl Strategy<Value = Json> {
    let text = prop_oneof![
        any::<String>(),
        "[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}( [0-9]{1,2}:[0-9]{2})?",
        "[A-Za-z]{1,5} [0-9]{1,2},? [0-9]{4}",
        Just("192.0.2.1".to_owned()),
        Just("password-bcrypt".to_owned()),
    ];
    let leaf: BoxedStrategy<Json> = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        Just(Json::parse("1.50e400").expect("is a number")),
        text.prop_map(Json::from),
    ]
    .boxed();
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            members(inner).prop_map(Json::from),
        ]
    })
}

fn members(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Object> {
    let name = proptest::sample::select(vec!["a", "b", "type", "value", "password"]);
    let members = collection::vec((name.prop_map(str::to_owned), value), 0..4);
    members.prop_map(|members| members.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn records_pass_what_was_inferred_from_them(
        records in collection::vec(members(any_value()).prop_map(Json::from), 1..6),
    ) {
        assert_fits(&records);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), rows in "([a-c.]{0,3},[a-z0-9\"{]{0,3}\n){0,4}") {
        for text in [text, rows] {
            for format in [Format::Json, Format::Csv] {
                if let Ok(proposal) = infer(&text, format, now()) {
                    prop_assert_eq!(schema::check(&proposal.to_attr_defs()), []);
                }
            }
        }
    }
}
