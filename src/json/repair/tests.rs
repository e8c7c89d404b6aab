//! What is repaired and how, what is left alone, and that it is done in time.

use super::*;

use std::time::Duration;
use std::time::Instant;

use proptest::prelude::*;

/// The repaired text.
fn repaired(text: &str) -> Option<String> {
    repair(text).map(|repair| repair.text)
}

#[test]
fn what_people_paste_becomes_json() {
    for (text, json) in [
        // Not closed.
        (r#"{"email":"a@b.c""#, r#"{"email":"a@b.c"}"#),
        (r#"{"a":[1,{"b":2"#, r#"{"a":[1,{"b":2}]}"#),
        ("{\n  \"a\": [1, 2\n}\n", "{\n  \"a\": [1, 2\n]}\n"),
        (r#"{"a":"x"#, r#"{"a":"x"}"#),
        (r#"{"a":"x}"#, r#"{"a":"x"}"#),
        (r#"[{"a":"x}]"#, r#"[{"a":"x"}]"#),
        ("{\"a\":\"x,\n\"b\":1}", "{\"a\":\"x\",\n\"b\":1}"),
        ("{\"a\":\"x\n}", "{\"a\":\"x\"\n}"),
        (r#"{"a":"x, "b":1}"#, r#"{"a":"x", "b":1}"#),
        (r#"[{"a":1, {"b":2}]"#, r#"[{"a":1}, {"b":2}]"#),
        (r#"{"a":[1, 2, "b":"c"}"#, r#"{"a":[1, 2], "b":"c"}"#),
        (r#"{"a":1}}"#, r#"{"a":1}"#),
        (r#"{"a":]1}"#, ""),
        (r#"{"a":"#, r#"{"a": null}"#),
        (r#"{"a""#, r#"{"a": null}"#),
        (r#"{"a":1,"#, r#"{"a":1}"#),
        ("[", "[]"),
        ("[1,", "[1]"),
        // Quotes.
        ("{“email”: “a@b.c”}", r#"{"email": "a@b.c"}"#),
        (
            "{„email“: ‘a@b.c’, «k»: ”v”}",
            r#"{"email": "a@b.c", "k": "v"}"#,
        ),
        ("{“a”: “say \"hi\" to”}", r#"{"a": "say \"hi\" to"}"#),
        (
            "{'a': 'it\\'s', 'b': 'it's'}",
            r#"{"a": "it's", "b": "it's"}"#,
        ),
        ("{`a`: '\"'}", r#"{"a": "\""}"#),
        (r#"{"a”: "b"}"#, r#"{"a": "b"}"#),
        (r#"{"a": "say "hi" to"}"#, r#"{"a": "say \"hi\" to"}"#),
        // Without quotes.
        (
            "{email: a@b.c, name: Ada Lovelace}",
            r#"{"email": "a@b.c", "name": "Ada Lovelace"}"#,
        ),
        ("{a_b$: 1, 5: 2}", r#"{"a_b$": 1, "5": 2}"#),
        (r#"{"a": Bob"}"#, r#"{"a": "Bob"}"#),
        (
            r#"{"zip": 01234, "n": 1_000}"#,
            r#"{"zip": "01234", "n": "1_000"}"#,
        ),
        ("\"a\": 1, \"b\": 2", "{\"a\": 1, \"b\": 2}"),
        // Python, JavaScript.
        (
            "{'a': True, 'b': False, 'c': None}",
            r#"{"a": true, "b": false, "c": null}"#,
        ),
        (
            "[undefined, NaN, -Infinity, TRUE]",
            "[null, null, null, true]",
        ),
        (
            "[+1, .5, -.5, 5., 12345678901234567890n]",
            "[1, 0.5, -0.5, 5.0, 12345678901234567890]",
        ),
        ("{a = 1; b => 2;}", r#"{"a" : 1, "b" : 2}"#),
        ("const record = {a: 1};", r#" {"a": 1}"#),
        (r#"attributes={"a":1}"#, r#"{"a":1}"#),
        (r#""\x41\'\d""#, r#""\u0041'\\d""#),
        // Commas.
        (r#"{"a":1 "b":2}"#, r#"{"a":1, "b":2}"#),
        (
            "[1 2 \"x\" [3] {\"a\":\"b\" 'c':1}]",
            "[1, 2, \"x\", [3], {\"a\":\"b\", \"c\":1}]",
        ),
        ("{,\"a\":1,,\"b\":2,}", r#"{"a":1,"b":2}"#),
        ("[1,,2,]", "[1,2]"),
        (r#"{"a" 1}"#, r#"{"a": 1}"#),
        (r#"{"a":,"b":1}"#, r#"{"a": null,"b":1}"#),
        ("{\"a\":1},", r#"{"a":1}"#),
        // Blanks, comments, fences.
        ("\u{feff}{\u{a0}\"a\":\u{2003}1}", r#"{ "a": 1}"#),
        (
            "{\"a\":1, // one\n# two\n\"b\":/* three */2}",
            "{\"a\":1, \n\n\"b\":2}",
        ),
        ("```json\n{\"a\":1}\n```\n", "\n{\"a\":1}\n\n"),
        ("```\n{a:1\n```", "\n{\"a\":1\n}"),
        // Line breaks and tabs in strings.
        ("{\"a\":\"one\ntwo\tthree\"}", r#"{"a":"one\ntwo\tthree"}"#),
        (
            "{\"a\":\"one\r\ntwo\n\nthree\", \"b\":1}",
            r#"{"a":"one\r\ntwo\n\nthree", "b":1}"#,
        ),
        ("[\"\u{1}\"]", r#"["\u0001"]"#),
        // Written twice.
        (r#"{\"a\": \"b\\nc\"}"#, r#"{"a": "b\nc"}"#),
        (
            "{&quot;a&quot;: &quot;b &amp; c's&quot;}",
            r#"{"a": "b & c's"}"#,
        ),
        ("{&quot;a&quot;: 1,}", r#"{"a": 1}"#),
        (r#"["\ud800", 'x']"#, r#"["\\ud800", "x"]"#),
    ] {
        let expected = (!json.is_empty()).then(|| json.to_owned());
        assert_eq!(repaired(text), expected, "{text}");
    }
}

#[test]
fn what_would_be_a_guess_is_left_alone() {
    for text in [
        "",
        "{\"a\":1} {\"b\":2}",
        "{\"a\", \"b\"}",
        "hello: [",
        ":",
        "}{",
        "{]",
    ] {
        let found = repair(text);
        assert!(
            found.as_ref().is_none_or(|repair| is_strict(&repair.text)),
            "{text}: {found:?}"
        );
    }
    assert_eq!(repair("{\"a\":1} {\"b\":2}"), None);
    assert_eq!(repair(&"[".repeat(200_000)), None);
    assert_eq!(repair(&("[".repeat(129) + &"]".repeat(129))), None);
}

#[test]
fn an_object_in_a_string_is_taken_out_only_where_an_object_is_wanted() {
    let text = r#""{\"a\": 1.0, \"b\": \"\\u00e9\"}""#;
    assert_eq!(repair(text), None);
    let found = repair_object(text).expect("holds an object");
    assert_eq!(found.text, r#"{"a": 1.0, "b": "\u00e9"}"#);
    assert_eq!(found.changes.len(), 1);
    let twice = r#""\"{'a': 1}\"""#;
    let found = repair_object(twice).expect("holds an object");
    assert_eq!(found.text, r#"{"a": 1}"#);
    assert!(
        found.changes[0]
            .why
            .contains("; strings stand in double quotes")
    );
    assert_eq!(repair_object("{}"), None);
    assert_eq!(repair_object("[1]"), None);
    assert_eq!(repair_object("\"text\""), None);
}

#[test]
fn every_change_says_what_and_why() {
    let text = "{\n  'a': True\n  \"b\": [1,\n}";
    let found = repair(text).expect("can be repaired");
    let said: Vec<_> = found
        .changes
        .iter()
        .map(|change| {
            (
                change.before.as_str(),
                change.after.as_str(),
                change.why.as_str(),
            )
        })
        .collect();
    let single = "strings stand in double quotes, not in single ones";
    assert_eq!(
        said,
        [
            ("'", "\"", single),
            ("'", "\"", single),
            (
                "True",
                "true",
                "JSON writes true in small letters, not True"
            ),
            ("", ",", "a comma was missing here"),
            (",", "", "nothing follows the last comma: it is taken away"),
            (
                "",
                "]",
                "the [ opened at line 3 column 8 is never closed: ] is put before the }"
            ),
        ]
    );
    let hunks = found.hunks(text);
    assert_eq!(hunks.len(), 1);
    assert_eq!((hunks[0].line, hunks[0].before.len()), (2, 3));
    assert_eq!(hunks[0].after, ["  \"a\": true,", "  \"b\": [1", "]}"]);
    assert_eq!(hunks[0].why.len(), 5);
}

#[test]
fn hunks_are_whole_lines_apart() {
    let text = "[1,,\n2,\n3,\n4 5]";
    let found = repair(text).expect("can be repaired");
    let hunks = found.hunks(text);
    let lines: Vec<_> = hunks
        .iter()
        .map(|hunk| (hunk.line, hunk.before.clone(), hunk.after.clone()))
        .collect();
    let own = |line: &str| vec![line.to_owned()];
    assert_eq!(
        lines,
        [(1, own("[1,,"), own("[1,")), (4, own("4 5]"), own("4, 5]"))]
    );
}

#[test]
fn a_mebibyte_is_repaired_at_once() {
    let line = "  {'name': 'Ada \"L\"', born: 1815-12-10, ok: True, tags: [“a”, “b” ‘c’,],},\n";
    let count = (1 << 20) / line.len();
    let nearly = format!("[\n{}", line.repeat(count));
    let hostile = [
        nearly,
        "[\"a".repeat(300_000),
        "{\"a\":1,{".repeat(120_000),
        "\"\n".repeat(500_000),
        "1 ".repeat(500_000),
        "\"a \"b\" ".repeat(150_000),
        format!("[\"{}\"", "line\n".repeat(200_000)),
        "[\"x]\n".repeat(200_000),
        "/*".repeat(500_000),
        "{\\\"".repeat(300_000),
    ];
    for text in hostile {
        let start = Instant::now();
        let _ = repair(&text);
        // Far from what it takes: a guard against time that grows with the square.
        let head: String = text.chars().take(20).collect();
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "{head} took {:?}",
            start.elapsed()
        );
    }
}

/// JSON texts of any shape, in any layout.
fn any_json() -> impl Strategy<Value = String> {
    let blank = prop::sample::select(vec!["", "", " ", "\n  ", "\t", "\r\n"]);
    let string = "([a-z0-9 .:,{}\\[\\]'“”’/*#=;éß]|\\\\n|\\\\u00e9|\\\\\"|\\\\\\\\){0,8}"
        .prop_map(|text| format!("\"{text}\""));
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "null",
            "true",
            "false",
            "0",
            "-1.50",
            "1e400",
            "12345678901234567890.10"
        ])
        .prop_map(str::to_owned),
        string.clone(),
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        let item = (blank.clone(), inner, blank.clone())
            .prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        let member = (blank.clone(), string.clone(), item.clone())
            // A key that begins or ends with a quote of a word processor is taken for a slip, if the text is broken.
            .prop_map(|(a, key, value)| format!("{a}{}:{value}", key.replace(['“', '”'], "-")));
        prop_oneof![
            prop::collection::vec(item, 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(member, 0..5)
                .prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

fn checks(text: &str, found: &Repair) -> Result<(), TestCaseError> {
    prop_assert!(is_strict(&found.text), "{} from {}", found.text, text);
    prop_assert_eq!(apply(text, &found.changes), found.text.as_str());
    prop_assert!(!found.changes.is_empty());
    for pair in found.changes.windows(2) {
        prop_assert!(pair[0].range.end <= pair[1].range.start);
    }
    for change in &found.changes {
        prop_assert_eq!(&text[change.range.clone()], change.before.as_str());
        prop_assert!(!change.why.is_empty() && !change.why.ends_with('.'));
    }
    prop_assert_eq!(repair(&found.text), None);
    let hunks = found.hunks(text);
    prop_assert!(hunks.windows(2).all(|pair| pair[0].line < pair[1].line));
    Ok(())
}

proptest! {
    #[test]
    fn what_is_json_is_never_changed(text in any_json()) {
        prop_assert!(is_strict(&text), "{text}");
        prop_assert_eq!(repair(&text), None);
        let mut pass = Pass::new(&text);
        prop_assert_eq!(pass.run(), Some(()));
        prop_assert_eq!(pass.changes, Vec::new());
    }

    #[test]
    fn what_is_repaired_is_json(text in any_json(), cut in any::<prop::sample::Index>(), count in 0_usize..4) {
        let mut chars: Vec<char> = text.chars().collect();
        let at = cut.index(chars.len());
        chars.drain(at..(at + count).min(chars.len()));
        let broken: String = chars.into_iter().collect();
        if let Some(found) = repair(&broken) {
            checks(&broken, &found)?;
        }
    }

    #[test]
    fn what_breaks_off_is_closed(text in any_json(), cut in any::<prop::sample::Index>()) {
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let broken = &text[..ends[cut.index(ends.len())]];
        if let Some(found) = repair(broken) {
            checks(broken, &found)?;
        }
    }

    #[test]
    fn no_text_is_too_odd(text in "[\\[\\]{}:,;=\"'“”`a1.\\-/*#\\\\\n\u{a0}nu]{0,40}") {
        if let Some(found) = repair(&text) {
            checks(&text, &found)?;
        }
        let _ = repair_object(&text);
    }
}
