use jiff::Zoned;

use super::*;
use crate::history::query::complete::Known;
use crate::history::query::complete::complete;
use crate::history::query::parse::parse;

/// A Sunday in winter, two hours before midnight UTC.
fn now() -> Zoned {
    "2026-11-22T23:00:00+01:00[Europe/Berlin]"
        .parse()
        .expect("a time")
}

fn terms(text: &str) -> Vec<Term> {
    parse(text, &now()).expect(text).terms
}

fn words(words: &[&str]) -> Condition {
    Condition::Words {
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        body: false,
    }
}

fn began(from: Option<&str>, until: Option<&str>) -> Condition {
    let time = |text: &str| text.parse().expect("a time");
    Condition::Began {
        from: from.map(time),
        until: until.map(time),
    }
}

#[test]
fn reads_each_kind_of_term() {
    let texts = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    for (text, condition) in [
        ("Bob", words(&["bob"])),
        ("bob@example.com,x", words(&["bob@example.com", "x"])),
        ("bob*", words(&["bob"])),
        ("\"bob\"", words(&["bob"])),
        (
            "\"Main  Street\"",
            Condition::Phrase("main  street".to_owned()),
        ),
        (
            r#""a \"b\" \\""#,
            Condition::Phrase("a \"b\" \\".to_owned()),
        ),
        ("*SON*", Condition::Inside("son".to_owned())),
        ("%", Condition::Inside("%".to_owned())),
        // A colon alone makes no operator.
        ("https://h/x", words(&["https", "h", "x"])),
        ("http://h", words(&["http", "h"])),
        ("12:30", words(&["12", "30"])),
        ("-", Condition::Inside("-".to_owned())),
        ("code:223", Condition::Code(vec![223..=223])),
        (
            "C:223,300..399",
            Condition::Code(vec![223..=223, 300..=399]),
        ),
        ("code:unique_violation", Condition::Code(vec![361..=361])),
        ("http:502", Condition::Status(vec![502..=502])),
        (
            "s:error,ok",
            Condition::Verdict(vec![Verdict::Error, Verdict::Ok]),
        ),
        ("type:user,", Condition::Type(texts(&["user"]))),
        ("env:\"a b,c\"", Condition::Environment(texts(&["a b,c"]))),
        (
            "op:/entity.create",
            Condition::Operation(vec![Endpoint::EntityCreate]),
        ),
        ("request:GEUP", Condition::RequestId("geup".to_owned())),
        ("uuid:8A3A", Condition::Uuid("8a3a".to_owned())),
        ("id:42", Condition::RecordId(42)),
        ("id:8a3a-b", Condition::Uuid("8a3a-b".to_owned())),
        (
            "slower:1500ms",
            Condition::Slower(Duration::from_millis(1500)),
        ),
        (
            "after:2026-11-01",
            began(Some("2026-10-31T23:00:00Z"), None),
        ),
        (
            "before:2026-11-01",
            began(None, Some("2026-10-31T23:00:00Z")),
        ),
        (
            "on:2026-11-01",
            began(Some("2026-10-31T23:00:00Z"), Some("2026-11-01T23:00:00Z")),
        ),
        (
            "on:2026-10",
            began(Some("2026-09-30T22:00:00Z"), Some("2026-10-31T23:00:00Z")),
        ),
        (
            "on:2026",
            began(Some("2025-12-31T23:00:00Z"), Some("2026-12-31T23:00:00Z")),
        ),
        (
            "on:today",
            began(Some("2026-11-21T23:00:00Z"), Some("2026-11-22T23:00:00Z")),
        ),
        (
            "on:yesterday",
            began(Some("2026-11-20T23:00:00Z"), Some("2026-11-21T23:00:00Z")),
        ),
        (
            "on:12:30",
            began(Some("2026-11-22T11:30:00Z"), Some("2026-11-22T11:31:00Z")),
        ),
        (
            "on:2026-11-01T12:30:05",
            began(Some("2026-11-01T11:30:05Z"), Some("2026-11-01T11:30:06Z")),
        ),
        (
            "after:\"2026-11-01 12:30\"",
            began(Some("2026-11-01T11:30:00Z"), None),
        ),
        (
            "after:2026-11-01T12:30:00Z",
            began(Some("2026-11-01T12:30:00Z"), None),
        ),
        ("after:2h", began(Some("2026-11-22T20:00:00Z"), None)),
    ] {
        assert_eq!(
            terms(text),
            [Term {
                negated: false,
                condition: condition.clone()
            }],
            "{text}"
        );
        if text != "-" {
            let negated = Term {
                negated: true,
                condition,
            };
            assert_eq!(terms(&format!(" -{text} ")), [negated], "{text}");
        }
    }
    assert_eq!(terms("  "), []);
    assert_eq!(terms("\"\" *"), []);
    assert_eq!(terms("a -b code:1 \"c d\"").len(), 4);
}

#[test]
fn says_what_is_wrong_and_where() {
    for (text, at, message, hint) in [
        (
            "a cod:223",
            2..5,
            "no operator `cod:`",
            "did you mean `code:`?",
        ),
        ("urn:x", 0..3, "no operator `urn:`", "quote it: \"urn:x\""),
        ("code:", 0..5, "`code:` needs a value", "code:223"),
        ("code:12,x2", 8..10, "neither a code", "223"),
        (
            "code:unique_violaton",
            5..20,
            "neither a code",
            "did you mean `unique_violation`?",
        ),
        (
            "verdict:bad",
            8..11,
            "no verdict",
            "ok, error, not_capture, not_sent, unknown",
        ),
        (
            "op:entity.craete",
            3..16,
            "no operation",
            "did you mean `entity.create`?",
        ),
        ("op:x*", 3..5, "no operation", ""),
        ("-after:2026-13-01", 7..17, "no date or time", "yesterday"),
        ("on:25:00", 3..8, "no date or time", ""),
        ("http:abc", 5..8, "not an HTTP status", "502"),
        ("slower:fast", 7..11, "length of time", "2s"),
        ("body:\"x", 5..7, "a quote is not closed", "put a \""),
        ("a \"b c", 2..6, "a quote is not closed", "put a \""),
        ("type:,", 5..6, "a list of nothing", ""),
        ("after:99999999999999999999d", 6..27, "no date or time", ""),
        ("after:9999999999999d", 6..20, "no date or time", ""),
    ] {
        let error = parse(text, &now()).expect_err(text);
        assert_eq!(error.at, at, "{text}");
        assert!(error.message.contains(message), "{text}: {}", error.message);
        assert!(
            error.hint.as_deref().unwrap_or_default().contains(hint),
            "{text}: {error:?}"
        );
    }
}

#[test]
fn every_operator_reads_its_own_example() {
    for operator in OPERATORS {
        for name in std::iter::once(&operator.name).chain(operator.aliases) {
            assert_eq!(
                terms(&format!("{name}:{}", operator.example)).len(),
                1,
                "{name}"
            );
        }
    }
}

#[test]
fn suggests_operators_and_their_values() {
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let (environments, types) = (names(&["dev", "prod"]), names(&["user", "user2"]));
    let known = Known {
        environments: &environments,
        types: &types,
    };
    let suggested = |text: &str| {
        let completion = complete(text, text.len(), known);
        let texts = completion.suggestions.into_iter().map(|one| one.text);
        (completion.replaces, texts.collect::<Vec<_>>())
    };
    assert_eq!(suggested("").1.len(), OPERATORS.len());
    assert_eq!(suggested("a ").1.len(), OPERATORS.len());
    for (text, replaces, texts) in [
        ("a be", 2..4, &["before:"][..]),
        ("-co", 1..3, &["code:"]),
        ("env:", 4..4, &["dev", "prod"]),
        ("e:p", 2..3, &["prod"]),
        ("-type:user,u", 11..12, &["user", "user2"]),
        ("verdict:not", 8..11, &["not_capture", "not_sent"]),
        ("code:36", 5..7, &["360", "361", "362", "363"]),
        ("code:unique", 5..11, &["361"]),
        ("op:entity.c", 3..11, &["entity.count", "entity.create"]),
        ("nothing:", 8..8, &[]),
        ("uuid:8", 5..6, &[]),
        ("xyz", 0..3, &[]),
    ] {
        assert_eq!(suggested(text), (replaces, names(texts)), "{text}");
    }
    assert_eq!(
        complete("é", 1, known).suggestions,
        [],
        "no place between characters"
    );
    assert_eq!(
        complete("code:36 x", 7, known).replaces,
        5..7,
        "not only at the end"
    );
}

#[test]
fn what_a_value_is_stands_where_none_is_suggested() {
    let environments = ["prod".to_owned(), "dev".to_owned()];
    let known = Known {
        environments: &environments,
        types: &[],
    };
    for (text, begun, hint) in [
        (
            "id:",
            false,
            Some("a record's id; also a uuid or a request_id, such as id:42"),
        ),
        (
            "request:geup",
            false,
            Some("request_id of an error, or its beginning, such as"),
        ),
        ("env:pro", true, None),
        ("env:prod", false, None),
        (
            "env:test",
            false,
            Some("no environment of that name is known here; known: prod, dev"),
        ),
        ("type:user", false, Some("entity type, such as type:user")),
        ("code:36", true, None),
        ("code:361", false, None),
        ("code:361,36", true, None),
        ("code:unique_violation", false, None),
        ("code:unique", true, None),
        ("code:300..399", false, Some("error code, a list")),
        ("after:2026-1", true, Some("sent then or later")),
        ("after:today", false, None),
        ("wrong:x", false, None),
        ("bob", false, None),
    ] {
        let completion = complete(text, text.len(), known);
        assert_eq!(completion.begun, begun, "{text}");
        let told = completion.hint.as_deref();
        let is_right = match (told, hint) {
            (Some(told), Some(hint)) => told.starts_with(hint),
            (told, hint) => told.is_none() && hint.is_none(),
        };
        assert!(is_right, "{text}: {told:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,40}", at in 0_usize..50) {
        if let Err(error) = parse(&text, &now()) {
            proptest::prop_assert!(text.get(error.at).is_some());
        }
        let completion = complete(&text, at, Known::default());
        proptest::prop_assert!(text.get(completion.replaces).is_some());
    }

    #[test]
    fn no_signs_make_it_panic(text in "[a-c:\"*,\\\\ -]{0,12}", name in "(code|after|op|body|id):") {
        for text in [text.clone(), format!("{name}{text}")] {
            if let Err(error) = parse(&text, &now()) {
                proptest::prop_assert!(text.get(error.at).is_some());
            }
            complete(&text, text.len(), Known::default());
        }
    }
}
