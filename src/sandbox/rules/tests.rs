use jiff::Timestamp;
use proptest::collection;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_oneof;
use proptest::proptest;
use proptest::sample;

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema;
use crate::capture::schema::EntityType;
use crate::capture::schema::rule::Rule;
use crate::capture::schema::rule::read;
use crate::capture::schema::rule::reread;
use crate::capture::validate;
use crate::capture::validate::Mode;
use crate::sandbox::rules::RuleSet;

fn now() -> Timestamp {
    "2026-02-28T13:14:15Z".parse().expect("is a timestamp")
}

fn json(text: &str) -> Json {
    Json::parse(text).expect("is JSON")
}

fn path(text: &str) -> AttrPath {
    text.parse().expect("is a path")
}

fn schema() -> EntityType {
    let (attr_defs, problems) = schema::read_attr_defs(&json(
        r#"[
        {"name":"name","type":"string","length":5},
        {"name":"other","type":"string"},
        {"name":"born","type":"date"},
        {"name":"at","type":"dateTime"},
        {"name":"count","type":"integer"},
        {"name":"rank","type":"decimal"},
        {"name":"yes","type":"boolean"},
        {"name":"any","type":"json"},
        {"name":"password","type":"password-bcrypt"},
        {"name":"home","type":"object","attr_defs":[
            {"name":"id","type":"string"},
            {"name":"city","type":"string"},
            {"name":"zip","type":"string"},
            {"name":"phones","type":"plural","attr_defs":[{"name":"phone","type":"string"}]}]},
        {"name":"tags","type":"plural","attr_defs":[{"name":"tag","type":"string"}]},
        {"name":"mails","type":"plural","attr_defs":[
            {"name":"mail","type":"string"},
            {"name":"rank","type":"integer"},
            {"name":"uses","type":"plural","attr_defs":[{"name":"use","type":"string"},{"name":"n","type":"integer"}]}]}]"#,
    ));
    assert_eq!(problems, []);
    EntityType::create("t", attr_defs)
}

fn rule(definition: &str, attributes: &[&str]) -> Rule {
    let paths: Vec<AttrPath> = attributes.iter().map(|text| path(text)).collect();
    match read(&json(definition), &paths, &schema()) {
        Ok(rule) => rule,
        Err(error) => panic!("{definition} is refused: {error}"),
    }
}

/// Rules, one a line: an attribute, a blank, a definition.
fn set(lines: &[&str]) -> RuleSet {
    let read = |line: &&str| {
        let (attribute, definition) = line.split_once(' ').expect("has a definition");
        (vec![path(attribute)], rule(definition, &[attribute]))
    };
    RuleSet::new(lines.iter().map(read).collect())
}

fn refusal(definition: &str, attributes: &[&str]) -> String {
    let paths: Vec<AttrPath> = attributes.iter().map(|text| path(text)).collect();
    match read(&json(definition), &paths, &schema()) {
        Ok(rule) => panic!("{definition} is read: {rule:?}"),
        Err(error) => format!("{} {}", error.code, error.description),
    }
}

/// What a call does: changes, normalisation, checks. The normal form, or the description of the error.
fn store(rules: &RuleSet, given: &str, mode: Mode, old: Option<&str>) -> String {
    let mut given = json(given);
    let whole = mode != Mode::Update;
    let root = AttrPath::root();
    let old = old.map(json);
    rules.transform(&mut given, &root, &schema(), whole, old.as_ref(), now());
    let normal = match validate::normalise(&given, &schema(), mode, now()) {
        Ok(normal) => normal,
        Err(violations) => return violations[0].to_api_error().description,
    };
    match rules.check(&normal, &root, &schema(), now(), whole) {
        Ok(()) => given.to_string(),
        Err(error) => {
            assert_eq!(error.code.0, 360);
            error.description
        }
    }
}

/// Attribute, definition, values that hold, values that break it, the sentence.
type CheckCase<'a> = (&'a str, &'a str, &'a [&'a str], &'a [&'a str], &'a str);

#[test]
fn every_check_holds_or_is_broken() {
    let cases: &[CheckCase] = &[
        (
            "other",
            r#"{"match":"a+b"}"#,
            &[r#""xaabx""#, "null"],
            &[r#""""#, r#""AB""#],
            "must contain a match of a+b",
        ),
        (
            "other",
            r#"{"match-all":"[a-zA-Z]*"}"#,
            &[r#""""#, r#""abC""#, "null"],
            &[r#""ab1""#, r#""a\n""#],
            "must match [a-zA-Z]* as a whole",
        ),
        (
            "other",
            r#"{"match-all":"a|ab"}"#,
            &[r#""a""#, r#""ab""#],
            &[r#""abc""#, r#""b""#],
            "must match a|ab as a whole",
        ),
        (
            "other",
            r#"{"match-all":"(?i)zoë"}"#,
            &[r#""ZOË""#],
            &[r#""zoe""#],
            "must match (?i)zoë as a whole",
        ),
        (
            "other",
            r#"{"min-length":2}"#,
            &[r#""éé""#, "null"],
            &[r#""é""#, r#""""#],
            "must have at least 2 characters",
        ),
        (
            "other",
            r#"{"max-length":1}"#,
            &[r#""""#, r#""👋""#, "null"],
            &[r#""éé""#],
            "must have at most 1 character",
        ),
        (
            "count",
            r#"{"less-than":10}"#,
            &["9", "-9223372036854775808", "null"],
            &["10", "9223372036854775807"],
            "must be less than 10",
        ),
        (
            "count",
            r#"{"greater-than":-0.5}"#,
            &["0", "1"],
            &["-1"],
            "must be greater than -0.5",
        ),
        (
            "rank",
            r#"{"less-than":1e2}"#,
            &["99.9", "1.5e1"],
            &["100", "1e400"],
            "must be less than 1e2",
        ),
        (
            "count",
            r#"{"greater-than":9007199254740992}"#,
            &["9007199254740993"],
            &["9007199254740992"],
            "must be greater than 9007199254740992",
        ),
        (
            "other",
            r#""required""#,
            &[r#""""#, r#""x""#],
            &["null"],
            "must have a value",
        ),
        (
            "yes",
            r#""required""#,
            &["false"],
            &["null"],
            "must have a value",
        ),
        (
            "born",
            r#"{"min-age":18}"#,
            &[r#""2008-02-28""#, r#""1950-12-31""#, "null"],
            &[
                r#""2008-03-01""#,
                r#""2008-02-29""#,
                r#""today""#,
                r#""2030-01-01""#,
            ],
            "must lie at least 18 years back",
        ),
        (
            "at",
            r#"{"min-age":1}"#,
            &[r#""2025-02-28 23:59""#],
            &[r#""2025-03-01""#],
            "must lie at least 1 year back",
        ),
        (
            "other",
            r#"{"and":[{"min-length":2},{"max-length":3}]}"#,
            &[r#""ab""#, r#""abc""#, "null"],
            &[r#""abcd""#],
            "must have at most 3 characters",
        ),
        (
            "other",
            r#"{"or":[{"match-all":"a"},{"and":[{"min-length":3},{"match":"z"}]}]}"#,
            &[r#""a""#, r#""xyz""#, "null"],
            &[r#""b""#, r#""xyx""#],
            "must match a as a whole or have at least 3 characters and contain a match of z",
        ),
        (
            "other",
            r#"{"not":{"match":"@"}}"#,
            &[r#""a""#, "null"],
            &[r#""a@b""#],
            "must not contain a match of @",
        ),
        (
            "other",
            r#"{"not":"required"}"#,
            &["null"],
            &[r#""""#],
            "must not have a value",
        ),
        (
            "other",
            r#"{"not":{"not":{"min-length":2}}}"#,
            &[r#""ab""#, "null"],
            &[r#""a""#],
            "must not not have at least 2 characters",
        ),
        (
            "other",
            r#"{"or":["required",{"match":"a"}]}"#,
            &[r#""b""#, "null"],
            &[],
            "",
        ),
        (
            "other",
            r#"{"and":["required",{"match":"a"}]}"#,
            &[r#""a""#],
            &["null"],
            "must have a value",
        ),
    ];
    for (attribute, definition, holding, breaking, sentence) in cases {
        let rules = set(&[&format!("{attribute} {definition}")]);
        let with = |value: &str| format!(r#"{{"{attribute}":{value}}}"#);
        for mode in [Mode::Create, Mode::Update, Mode::Replace] {
            for value in *holding {
                assert_eq!(
                    store(&rules, &with(value), mode, None),
                    with(value),
                    "{definition}"
                );
            }
            for value in *breaking {
                let answer = store(&rules, &with(value), mode, None);
                assert_eq!(
                    answer,
                    format!("/{attribute}: {sentence}"),
                    "{definition} {value}"
                );
            }
        }
    }
}

#[test]
fn what_is_not_mentioned_is_only_checked_in_a_whole_record() {
    let rules = set(&[
        r#"other "required""#,
        r#"home.city "required""#,
        r#"mails.mail "required""#,
    ]);
    for (given, mode, expected) in [
        ("{}", Mode::Create, "/other: must have a value"),
        ("{}", Mode::Replace, "/other: must have a value"),
        ("{}", Mode::Update, "{}"),
        (
            r#"{"other":"x"}"#,
            Mode::Create,
            "/home/city: must have a value",
        ),
        (
            r#"{"home":{"zip":"1"}}"#,
            Mode::Update,
            r#"{"home":{"zip":"1"}}"#,
        ),
        (
            r#"{"home":null}"#,
            Mode::Update,
            "/home/city: must have a value",
        ),
        (
            r#"{"home":{"city":null}}"#,
            Mode::Update,
            "/home/city: must have a value",
        ),
        // Elements are whole in every mode.
        (
            r#"{"mails":[{"mail":"a"},{"rank":1}]}"#,
            Mode::Update,
            "/mails[1]/mail: must have a value",
        ),
        (
            r#"{"mails":[{"mail":"a"},{"id":7,"rank":1}]}"#,
            Mode::Update,
            "/mails#7/mail: must have a value",
        ),
        (r#"{"mails":[]}"#, Mode::Update, r#"{"mails":[]}"#),
    ] {
        assert_eq!(store(&rules, given, mode, None), expected, "{given}");
    }
}

#[test]
fn every_change_is_made() {
    let old = r#"{"name":"old","count":null,"any":{"a":1},"home":{"id":"h","city":"Wien","zip":null,"phones":[{"id":5,"phone":"1"}]},
        "tags":[{"id":3,"tag":"x"}],"mails":[{"id":9,"mail":"m","rank":1,"uses":[{"id":10,"use":"u","n":1}]}]}"#;
    let cases: &[(&[&str], &str, Mode, &str)] = &[
        (
            &[r#"other {"default":"d"}"#],
            "{}",
            Mode::Create,
            r#"{"other":"d"}"#,
        ),
        (
            &[r#"other {"default":"d"}"#],
            r#"{"other":null}"#,
            Mode::Replace,
            r#"{"other":"d"}"#,
        ),
        (
            &[r#"other {"default":"d"}"#],
            r#"{"other":""}"#,
            Mode::Create,
            r#"{"other":""}"#,
        ),
        (&[r#"other {"default":"d"}"#], "{}", Mode::Update, "{}"),
        (
            &[r#"other {"default":"d"}"#],
            r#"{"other":null}"#,
            Mode::Update,
            r#"{"other":null}"#,
        ),
        (
            &[r#"count {"default":7}"#],
            "{}",
            Mode::Create,
            r#"{"count":7}"#,
        ),
        (
            &[r#"born {"default":"today"}"#],
            "{}",
            Mode::Create,
            r#"{"born":"today"}"#,
        ),
        (
            &[r#"home.city {"default":"Wien"}"#],
            "{}",
            Mode::Create,
            r#"{"home":{"city":"Wien"}}"#,
        ),
        (
            &[r#"home.city {"default":"Wien"}"#],
            r#"{"home":null}"#,
            Mode::Create,
            r#"{"home":{"city":"Wien"}}"#,
        ),
        (
            &[r#"home.city {"default":"Wien"}"#],
            r#"{"home":{"zip":"1"}}"#,
            Mode::Create,
            r#"{"home":{"zip":"1","city":"Wien"}}"#,
        ),
        (&[r#"mails.rank {"default":1}"#], "{}", Mode::Create, "{}"),
        (
            &[r#"mails.rank {"default":1}"#],
            r#"{"mails":[{},{"rank":2}]}"#,
            Mode::Update,
            r#"{"mails":[{"rank":1},{"rank":2}]}"#,
        ),
        (
            &[r#"mails.uses.n {"default":1}"#],
            r#"{"mails":[{"uses":[{"use":"a"}]},{}]}"#,
            Mode::Create,
            r#"{"mails":[{"uses":[{"use":"a","n":1}]},{}]}"#,
        ),
        (
            &[r#"other "to-lower""#],
            r#"{"other":"ÀB"}"#,
            Mode::Create,
            r#"{"other":"àb"}"#,
        ),
        (
            &[r#"other "to-upper""#],
            r#"{"other":"aß"}"#,
            Mode::Update,
            r#"{"other":"ASS"}"#,
        ),
        (
            &[r#"name {"truncate":5}"#],
            r#"{"name":"ééééééé"}"#,
            Mode::Create,
            r#"{"name":"ééééé"}"#,
        ),
        (
            &[r#"other {"truncate":0}"#],
            r#"{"other":"abc"}"#,
            Mode::Create,
            r#"{"other":""}"#,
        ),
        (
            &[r#"other {"truncate":3}"#],
            r#"{"other":"ab"}"#,
            Mode::Create,
            r#"{"other":"ab"}"#,
        ),
        (
            &[r#"tags.tag {"truncate":1}"#],
            r#"{"tags":["ab",{"tag":"cd"}]}"#,
            Mode::Create,
            r#"{"tags":["a",{"tag":"c"}]}"#,
        ),
        (
            &[r#"home.phones.phone "to-upper""#],
            r#"{"home":{"phones":["a"]}}"#,
            Mode::Update,
            r#"{"home":{"phones":["A"]}}"#,
        ),
        // Only what is set is kept; an update says nothing of it, a replacement says it again, without ids.
        (
            &[r#"name "ignore-update""#],
            r#"{"name":"new"}"#,
            Mode::Create,
            r#"{"name":"new"}"#,
        ),
        (
            &[r#"name "ignore-update""#],
            r#"{"name":"new","other":"x"}"#,
            Mode::Update,
            r#"{"other":"x"}"#,
        ),
        (
            &[r#"name "ignore-update""#],
            r#"{"name":null}"#,
            Mode::Update,
            "{}",
        ),
        (
            &[r#"name "ignore-update""#],
            r#"{"other":"x"}"#,
            Mode::Update,
            r#"{"other":"x"}"#,
        ),
        (
            &[r#"name "ignore-update""#],
            "{}",
            Mode::Replace,
            r#"{"name":"old"}"#,
        ),
        (
            &[r#"name "ignore-update""#],
            r#"{"name":"new"}"#,
            Mode::Replace,
            r#"{"name":"old"}"#,
        ),
        (
            &[r#"count "ignore-update""#],
            r#"{"count":1}"#,
            Mode::Update,
            r#"{"count":1}"#,
        ),
        (
            &[r#"any "ignore-update""#],
            r#"{"any":2}"#,
            Mode::Replace,
            r#"{"any":{"a":1}}"#,
        ),
        (
            &[r#"home.city "ignore-update""#],
            r#"{"home":{"city":"Graz","zip":"1"}}"#,
            Mode::Update,
            r#"{"home":{"zip":"1"}}"#,
        ),
        (
            &[r#"home.zip "ignore-update""#],
            r#"{"home":{"city":"Graz","zip":"1"}}"#,
            Mode::Update,
            r#"{"home":{"city":"Graz","zip":"1"}}"#,
        ),
        (
            &[r#"home.city "ignore-update""#],
            r#"{"home":null}"#,
            Mode::Update,
            r#"{"home":{"id":null,"phones":null,"zip":null}}"#,
        ),
        (
            &[r#"home.zip "ignore-update""#],
            r#"{"home":null}"#,
            Mode::Update,
            r#"{"home":null}"#,
        ),
        (
            &[r#"home.city "ignore-update""#],
            "{}",
            Mode::Replace,
            r#"{"home":{"city":"Wien"}}"#,
        ),
        (
            &[r#"home "ignore-update""#],
            r#"{"home":{"city":"Graz"}}"#,
            Mode::Update,
            "{}",
        ),
        (
            &[r#"home "ignore-update""#],
            "{}",
            Mode::Replace,
            r#"{"home":{"id":"h","city":"Wien","zip":null,"phones":[{"phone":"1"}]}}"#,
        ),
        (
            &[r#"tags "ignore-update""#],
            r#"{"tags":["new"]}"#,
            Mode::Update,
            "{}",
        ),
        (
            &[r#"tags "ignore-update""#],
            r#"{"tags":["new"]}"#,
            Mode::Replace,
            r#"{"tags":[{"tag":"x"}]}"#,
        ),
        (
            &[r#"tags.tag "ignore-update""#],
            r#"{"tags":["new",{"id":3,"tag":"y"},{"id":4,"tag":"z"}]}"#,
            Mode::Update,
            r#"{"tags":["new",{"id":3,"tag":"x"},{"id":4,"tag":"z"}]}"#,
        ),
        (
            &[r#"mails.uses "ignore-update""#],
            r#"{"mails":[{"id":9}]}"#,
            Mode::Update,
            r#"{"mails":[{"id":9,"uses":[{"id":10,"use":"u","n":1}]}]}"#,
        ),
        (
            &[r#"mails.uses.n "ignore-update""#],
            r#"{"mails":[{"id":9,"uses":[{"id":10,"n":2}]}]}"#,
            Mode::Update,
            r#"{"mails":[{"id":9,"uses":[{"id":10,"n":1}]}]}"#,
        ),
        // Several: in their order, and changes before checks.
        (
            &[r#"other {"max-length":2}"#, r#"other {"truncate":2}"#],
            r#"{"other":"abc"}"#,
            Mode::Create,
            r#"{"other":"ab"}"#,
        ),
        (
            &[r#"other "required""#, r#"other {"default":"d"}"#],
            "{}",
            Mode::Create,
            r#"{"other":"d"}"#,
        ),
        (
            &[r#"other {"and":[{"default":"Dd"},"to-lower",{"truncate":1}]}"#],
            "{}",
            Mode::Create,
            r#"{"other":"d"}"#,
        ),
        (
            &[r#"name {"and":["ignore-update",{"default":"d"}]}"#],
            "{}",
            Mode::Replace,
            r#"{"name":"old"}"#,
        ),
        (
            &[r#"name {"and":[{"default":"d"},"ignore-update"]}"#],
            "{}",
            Mode::Replace,
            r#"{"name":"old"}"#,
        ),
        // The first alternative that the value passes.
        (
            &[r#"other {"or":[{"and":[{"match-all":"[A-Z]+"},"to-lower"]},"to-upper"]}"#],
            r#"{"other":"aB"}"#,
            Mode::Create,
            r#"{"other":"AB"}"#,
        ),
        (
            &[r#"other {"or":[{"and":["to-lower",{"match-all":"[a-z]+"}]},{"truncate":1}]}"#],
            r#"{"other":"AB"}"#,
            Mode::Create,
            r#"{"other":"ab"}"#,
        ),
        (
            &[r#"other {"or":[{"and":["to-lower",{"match-all":"[a-z]+"}]},{"truncate":1}]}"#],
            r#"{"other":"1B"}"#,
            Mode::Create,
            r#"{"other":"1"}"#,
        ),
        (
            &[r#"born {"or":[{"min-age":18},{"default":"1950-01-01"}]}"#],
            r#"{"born":"01/02/2020"}"#,
            Mode::Create,
            r#"{"born":"01/02/2020"}"#,
        ),
        // What does not fit is for the schema to refuse.
        (
            &[r#"other "to-lower""#],
            r#"{"other":7}"#,
            Mode::Create,
            "/other: must be a string, not a number",
        ),
        (
            &[r#"tags.tag "to-lower""#],
            r#"{"tags":"A"}"#,
            Mode::Create,
            "/tags: must be an array of objects, not a string",
        ),
        (
            &[r#"home.city {"default":"x"}"#],
            r#"{"home":7}"#,
            Mode::Create,
            "/home: must be an object, not a number",
        ),
        (
            &[r#"other {"default":"x"}"#],
            "[]",
            Mode::Create,
            "a record must be a JSON object, not an array",
        ),
        (
            &[r#"other {"default":"x"}"#],
            "null",
            Mode::Create,
            "a record must be a JSON object, not null",
        ),
    ];
    for (lines, given, mode, expected) in cases {
        let old = (*mode != Mode::Create).then_some(old);
        assert_eq!(
            store(&set(lines), given, *mode, old),
            *expected,
            "{lines:?} {given}"
        );
    }
}

#[test]
fn a_broken_or_leaves_the_value_alone() {
    let rules = set(&[
        r#"other {"or":[{"and":["to-upper",{"match":"X"}]},{"and":["to-lower",{"match":"y"}]}]}"#,
    ]);
    let answer = store(&rules, r#"{"other":"aB"}"#, Mode::Create, None);
    assert_eq!(
        answer,
        "/other: must contain a match of X or contain a match of y"
    );
}

#[test]
fn parts_of_a_record_are_changed_and_checked() {
    let one = |line: &str, at: &str, given: &str, whole: bool, old: Option<&str>| {
        let rules = set(&[line]);
        let mut given = json(given);
        let old = old.map(json);
        rules.transform(&mut given, &path(at), &schema(), whole, old.as_ref(), now());
        match rules.check(&given, &path(at), &schema(), now(), whole) {
            Ok(()) => given.to_string(),
            Err(error) => error.description,
        }
    };
    let element = r#"{"id":9,"mail":"m","rank":null}"#;
    let tags = r#"[{"id":3,"tag":"x"}]"#;
    for (line, at, given, whole, old, expected) in [
        (
            r#"other "to-lower""#,
            "/other",
            r#""AB""#,
            false,
            None,
            r#""ab""#,
        ),
        (
            r#"other {"max-length":1}"#,
            "/other",
            r#""AB""#,
            false,
            None,
            "/other: must have at most 1 character",
        ),
        (
            r#"other {"max-length":1}"#,
            "/name",
            r#""AB""#,
            false,
            None,
            r#""AB""#,
        ),
        (
            r#"other "ignore-update""#,
            "/other",
            r#""new""#,
            false,
            Some(r#""old""#),
            r#""old""#,
        ),
        (
            r#"other "ignore-update""#,
            "/other",
            r#""new""#,
            true,
            Some("null"),
            r#""new""#,
        ),
        (
            r#"home.city "to-upper""#,
            "/home",
            r#"{"city":"x"}"#,
            false,
            None,
            r#"{"city":"X"}"#,
        ),
        (
            r#"home.city "required""#,
            "/home",
            r#"{"zip":"x"}"#,
            false,
            None,
            r#"{"zip":"x"}"#,
        ),
        (
            r#"home.city "required""#,
            "/home",
            r#"{"zip":"x"}"#,
            true,
            None,
            "/home/city: must have a value",
        ),
        (
            r#"home.city "ignore-update""#,
            "/home",
            r#"{"city":"x"}"#,
            false,
            Some(r#"{"city":"old"}"#),
            "{}",
        ),
        (
            r#"home.city "ignore-update""#,
            "/home/city",
            r#""x""#,
            false,
            Some(r#""old""#),
            r#""old""#,
        ),
        (
            r#"home "ignore-update""#,
            "/home",
            r#"{"city":"x"}"#,
            false,
            Some(r#"{"city":"old"}"#),
            "{}",
        ),
        (
            r#"home "ignore-update""#,
            "/home/city",
            r#""x""#,
            false,
            Some(r#""old""#),
            r#""old""#,
        ),
        (
            r#"home "ignore-update""#,
            "/home/city",
            r#""x""#,
            false,
            Some("null"),
            r#""x""#,
        ),
        (
            r#"mails.mail "to-upper""#,
            "/mails",
            r#"[{"mail":"x"}]"#,
            false,
            None,
            r#"[{"mail":"X"}]"#,
        ),
        (
            r#"mails.mail "to-upper""#,
            "/mails#9",
            r#"{"mail":"x"}"#,
            false,
            Some(element),
            r#"{"mail":"X"}"#,
        ),
        (
            r#"mails.mail "to-upper""#,
            "/mails#9/mail",
            r#""x""#,
            false,
            Some(r#""m""#),
            r#""X""#,
        ),
        (
            r#"mails.uses.use "to-upper""#,
            "/mails#9/uses#10",
            r#"{"use":"x"}"#,
            false,
            None,
            r#"{"use":"X"}"#,
        ),
        (
            r#"mails.rank {"greater-than":1}"#,
            "/mails#9",
            r#"{"rank":1}"#,
            false,
            None,
            "/mails#9/rank: must be greater than 1",
        ),
        (
            r#"mails.rank {"greater-than":1}"#,
            "/mails#9/rank",
            "1",
            false,
            None,
            "/mails#9/rank: must be greater than 1",
        ),
        (
            r#"mails.rank {"default":5}"#,
            "/mails#9",
            "{}",
            false,
            Some(element),
            "{}",
        ),
        (
            r#"mails.rank {"default":5}"#,
            "/mails#9",
            "{}",
            true,
            Some(element),
            r#"{"rank":5}"#,
        ),
        (
            r#"mails.mail "ignore-update""#,
            "/mails#9",
            r#"{"mail":"x","rank":1}"#,
            false,
            Some(element),
            r#"{"rank":1}"#,
        ),
        (
            r#"mails "ignore-update""#,
            "/mails#9",
            r#"{"mail":"x"}"#,
            false,
            Some(element),
            "{}",
        ),
        (
            r#"mails "ignore-update""#,
            "/mails#9",
            r#"{"mail":"x"}"#,
            true,
            Some(element),
            r#"{"mail":"m","rank":null}"#,
        ),
        (
            r#"tags.tag "to-upper""#,
            "/tags#3",
            r#""y""#,
            false,
            Some(r#"{"id":3,"tag":"x"}"#),
            r#""Y""#,
        ),
        (
            r#"tags.tag "ignore-update""#,
            "/tags#3",
            r#""y""#,
            true,
            Some(r#"{"id":3,"tag":"x"}"#),
            r#""x""#,
        ),
        (
            r#"tags.tag "ignore-update""#,
            "/tags#3",
            r#""y""#,
            false,
            Some(r#"{"id":3,"tag":"x"}"#),
            "{}",
        ),
        (
            r#"tags "ignore-update""#,
            "/tags",
            r#"["y"]"#,
            false,
            Some(tags),
            "[]",
        ),
        (
            r#"tags "ignore-update""#,
            "/tags",
            r#"["y"]"#,
            true,
            Some(tags),
            r#"[{"tag":"x"}]"#,
        ),
        (
            r#"tags "ignore-update""#,
            "/tags",
            r#"["y"]"#,
            false,
            Some("[]"),
            r#"["y"]"#,
        ),
    ] {
        assert_eq!(
            one(line, at, given, whole, old),
            expected,
            "{line} {at} {given} {whole}"
        );
    }
}

#[test]
fn what_a_caller_does_not_see_is_left_alone() {
    let rules = set(&[
        r#"other {"and":["required",{"default":"d"}]}"#,
        r#"home.city "required""#,
    ]);
    let mut seen = schema();
    seen.attr_defs
        .retain(|def| def.name != "other" && def.name != "home");
    let mut given = json("{}");
    let root = AttrPath::root();
    rules.transform(&mut given, &root, &seen, true, None, now());
    assert_eq!(given, json("{}"));
    assert_eq!(rules.check(&given, &root, &seen, now(), true), Ok(()));
    assert_eq!(
        rules.check(&Json::Null, &path("home"), &seen, now(), true),
        Ok(())
    );
}

#[test]
fn wrong_definitions_are_refused_with_what_is_possible() {
    let reason = "200 definition was not valid for the following reason: ";
    for definition in [
        "null",
        "7",
        "[]",
        "{}",
        r#""match""#,
        r#""Required""#,
        r#"{"no-such-rule":1}"#,
        r#"{"min-length":1,"max-length":2}"#,
    ] {
        let answer = refusal(definition, &["other"]);
        let why = answer.strip_prefix("200 invalid_argument");
        assert_eq!(why, None);
        assert!(
            answer.starts_with(&format!("{reason}a rule is `required`, ")),
            "{answer}"
        );
        assert!(answer.ends_with("or `not` with a rule"), "{answer}");
    }
    for (definition, attribute, why) in [
        (
            r#"{"match":7}"#,
            "other",
            "`match` needs a regular expression in a string, not 7",
        ),
        (
            r#"{"match-all":null}"#,
            "other",
            "`match-all` needs a regular expression in a string, not null",
        ),
        (
            r#"{"match":"(a"}"#,
            "other",
            "`match` needs a regular expression that can be used here: unclosed group",
        ),
        (
            r#"{"match-all":"a)|(b"}"#,
            "other",
            "`match-all` needs a regular expression that can be used here: unopened group",
        ),
        (
            r#"{"match":"a(?=b)"}"#,
            "other",
            "`match` needs a regular expression that can be used here: look-around, including look-ahead and look-behind, is not supported",
        ),
        (
            r#"{"match":"(a)\\1"}"#,
            "other",
            "`match` needs a regular expression that can be used here: backreferences are not supported",
        ),
        (
            r#"{"match":"(\\w{1000}){1000}"}"#,
            "other",
            "`match` needs a regular expression that can be used here: it is too large",
        ),
        (
            r#"{"min-length":-1}"#,
            "other",
            "`min-length` needs a whole number from 0 to 4294967295, not -1",
        ),
        (
            r#"{"max-length":"5"}"#,
            "other",
            "`max-length` needs a whole number from 0 to 4294967295, not a string",
        ),
        (
            r#"{"truncate":1.5}"#,
            "other",
            "`truncate` needs a whole number from 0 to 4294967295, not 1.5",
        ),
        (
            r#"{"min-age":true}"#,
            "born",
            "`min-age` needs a whole number from 0 to 4294967295, not a boolean",
        ),
        (
            r#"{"less-than":"5"}"#,
            "count",
            "`less-than` needs a number, not a string",
        ),
        (
            r#"{"greater-than":null}"#,
            "count",
            "`greater-than` needs a number, not null",
        ),
        (
            r#"{"default":{}}"#,
            "other",
            "`default` needs a string, a number, true or false, not an object",
        ),
        (
            r#"{"default":null}"#,
            "other",
            "`default` needs a string, a number, true or false, not null",
        ),
        (
            r#"{"required":true}"#,
            "other",
            "`required` has no argument: write it as a string",
        ),
        (
            r#"{"to-lower":null}"#,
            "other",
            "`to-lower` has no argument: write it as a string",
        ),
        (
            r#"{"and":[]}"#,
            "other",
            "`and` needs an array of at least one rule: it is empty",
        ),
        (
            r#"{"or":"required"}"#,
            "other",
            "`or` needs an array of at least one rule, not a string",
        ),
        (
            r#"{"not":"to-lower"}"#,
            "other",
            "`not` cannot be said of a rule that changes the value",
        ),
        (
            r#"{"not":{"and":["required",{"truncate":1}]}}"#,
            "other",
            "`not` cannot be said of a rule that changes the value",
        ),
        // Rules that do not fit.
        (
            r#"{"match":"a"}"#,
            "born",
            "`match` is for an attribute that is a string, and /born is of type date",
        ),
        (
            r#"{"match-all":"a"}"#,
            "any",
            "`match-all` is for an attribute that is a string, and /any is of type json",
        ),
        (
            r#"{"min-length":1}"#,
            "password",
            "`min-length` is for an attribute that is a string, and /password is of type password-bcrypt",
        ),
        (
            r#"{"max-length":1}"#,
            "count",
            "`max-length` is for an attribute that is a string, and /count is of type integer",
        ),
        (
            r#"{"truncate":1}"#,
            "tags",
            "`truncate` is for an attribute that is a string, and /tags is of type plural",
        ),
        (
            r#""to-lower""#,
            "home",
            "`to-lower` is for an attribute that is a string, and /home is of type object",
        ),
        (
            r#"{"and":["required","to-upper"]}"#,
            "yes",
            "`to-upper` is for an attribute that is a string, and /yes is of type boolean",
        ),
        (
            r#"{"less-than":1}"#,
            "other",
            "`less-than` is for an attribute that is an integer or decimal, and /other is of type string",
        ),
        (
            r#"{"greater-than":1}"#,
            "born",
            "`greater-than` is for an attribute that is an integer or decimal, and /born is of type date",
        ),
        (
            r#"{"not":{"min-age":1}}"#,
            "mails.mail",
            "`min-age` is for an attribute that is a date or dateTime, and /mails/mail is of type string",
        ),
        (
            r#"{"default":"x"}"#,
            "count",
            "`default` must be a value of /count: must be a number, not a string",
        ),
        (
            r#"{"default":"too long"}"#,
            "name",
            "`default` must be a value of /name: too long: 8 characters, at most 5",
        ),
        (
            r#"{"default":"x"}"#,
            "password",
            "`default` is not for passwords, and /password is one",
        ),
        (
            r#"{"default":"x"}"#,
            "home",
            "`default` must be a value of /home: must be an object, not a string",
        ),
    ] {
        assert_eq!(
            refusal(definition, &[attribute]),
            format!("{reason}{why}"),
            "{definition}"
        );
    }
    let long = format!(r#"{{"match":"{}"}}"#, "a".repeat(1_001));
    assert_eq!(
        refusal(&long, &["other"]),
        format!("{reason}a regular expression has at most 1000 characters")
    );
    let deep = format!(r#"{}"required"{}"#, r#"{"and":["#.repeat(9), "]}".repeat(9));
    assert_eq!(
        refusal(&deep, &["other"]),
        format!("{reason}rules stand at most 8 deep in each other")
    );
    let many = format!(r#"{{"or":[{}"required"]}}"#, r#""required","#.repeat(63));
    assert_eq!(
        refusal(&many, &["other"]),
        format!("{reason}it must not have more than 64 rules")
    );
    rule(
        &format!(r#"{{"or":[{}"required"]}}"#, r#""required","#.repeat(62)),
        &["other"],
    );
    rule(
        &format!(r#"{}"required"{}"#, r#"{"and":["#.repeat(8), "]}".repeat(8)),
        &["other"],
    );
}

#[test]
fn attributes_must_be_known_and_the_callers_own() {
    for (attributes, expected) in [
        (
            &["other", "nope"] as &[&str],
            "223 attribute does not exist: /nope",
        ),
        (&["home.nope"], "223 attribute does not exist: /home/nope"),
        (&["/"], "223 attribute does not exist: /"),
        (
            &["uuid"],
            "234 /uuid: the service alone sets it, so that no rule is needed",
        ),
        (
            &["mails.id"],
            "234 /mails/id: the service alone sets it, so that no rule is needed",
        ),
        (
            &[],
            "200 attributes was not valid for the following reason: it must name at least one attribute",
        ),
    ] {
        assert_eq!(refusal(r#""required""#, attributes), expected);
    }
    // An object may have a member of that name.
    rule(
        r#"{"max-length":3}"#,
        &["home.id", "/mails#5/mail", "tags.tag"],
    );
}

#[test]
fn a_kept_rule_loses_attributes_that_are_gone_or_became_another() {
    let kept = |definition: &str, attributes: &[&str]| {
        let paths: Vec<AttrPath> = attributes.iter().map(|text| path(text)).collect();
        let (fitting, _) = reread(&json(definition), &paths, &schema()).expect("was read before");
        fitting.iter().map(AttrPath::slashed).collect::<Vec<_>>()
    };
    let attributes = &["gone", "other", "born", "home.gone", "uuid"];
    assert_eq!(kept(r#"{"max-length":3}"#, attributes), ["/other"]);
    assert_eq!(
        kept(r#"{"default":"today"}"#, attributes),
        ["/other", "/born"]
    );
    assert!(reread(&json("7"), &[], &schema()).is_err());
    assert!(RuleSet::default().is_empty() && !all_rules().is_empty());
}

/// The documented example.
#[test]
fn the_vendors_example_works() {
    let rules = set(&[r#"/other {"and": [{"match-all":"[a-zA-Z]*"}, {"max-length":25}]}"#]);
    assert_eq!(
        store(&rules, r#"{"other":"Fred"}"#, Mode::Create, None),
        r#"{"other":"Fred"}"#
    );
    let long = format!(r#"{{"other":"{}"}}"#, "a".repeat(26));
    assert_eq!(
        store(&rules, &long, Mode::Create, None),
        "/other: must have at most 25 characters"
    );
}

/// A pattern that makes other engines try every division of the text.
#[test]
fn patterns_take_time_in_proportion_to_the_text() {
    let rules = set(&[r#"other {"match-all":"(a+)+"}"#]);
    let text = format!(r#"{{"other":"{}!"}}"#, "a".repeat(200_000));
    assert_eq!(
        store(&rules, &text, Mode::Create, None),
        "/other: must match (a+)+ as a whole"
    );
}

/// Every rule there is, on attributes of every shape.
fn all_rules() -> RuleSet {
    set(&[
        r#"other {"or":[{"and":["to-lower",{"match":"a"}]},{"truncate":2}]}"#,
        r#"name {"and":[{"default":"d"},"ignore-update","to-upper",{"max-length":3}]}"#,
        r#"born {"or":[{"min-age":18},{"not":"required"}]}"#,
        r#"count {"and":[{"default":1},{"less-than":9},{"greater-than":-9}]}"#,
        r#"any "ignore-update""#,
        r#"home "ignore-update""#,
        r#"home.city {"default":"Wien"}"#,
        r#"home.phones.phone {"and":["ignore-update","to-upper",{"match-all":"[A-Z]*"}]}"#,
        r#"tags "ignore-update""#,
        r#"tags.tag {"and":["ignore-update",{"min-length":1}]}"#,
        r#"mails.uses {"and":["required","ignore-update"]}"#,
        r#"mails.uses.n {"default":3}"#,
        r#"password "ignore-update""#,
    ])
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        sample::select(vec![1_i64, 2, 3]).prop_map(Json::from),
        "[aA1é]{0,4}|2000-01-01|today".prop_map(Json::from),
    ];
    let keys = [
        "id", "name", "other", "born", "count", "any", "home", "city", "phones", "phone", "tags",
        "tag", "mails", "mail", "rank", "uses", "use", "n", "password",
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            collection::vec((sample::select(keys.to_vec()), inner), 0..8)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_changed_and_checked_without_panic(
        given in any_json(),
        old in any_json(),
        whole in any::<bool>(),
        at in sample::select(vec!["/", "/other", "/home", "/home/phones", "/home/phones#1", "/tags", "/tags#2", "/mails#1/uses", "/mails#1/uses#2/n", "/nope", "/#3"]),
    ) {
        let (rules, schema, at) = (all_rules(), schema(), path(at));
        for old in [None, Some(&old)] {
            let mut changed = given.clone();
            rules.transform(&mut changed, &at, &schema, whole, old, now());
            let _ = rules.check(&changed, &at, &schema, now(), whole);
            // Once more changes nothing.
            let mut again = changed.clone();
            rules.transform(&mut again, &at, &schema, whole, old, now());
            prop_assert!(again == changed, "{changed} became {again}");
        }
    }

    #[test]
    fn any_json_is_read_as_a_definition_without_panic(definition in any_json()) {
        let _ = read(&definition, &[path("other")], &schema());
    }
}
