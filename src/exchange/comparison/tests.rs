use jiff::Timestamp;

use super::*;
use crate::exchange::Answered;
use crate::exchange::Sent;
use crate::exchange::Stage;
use crate::exchange::TransportError;
use crate::exchange::timing::Span;
use crate::exchange::timing::Timing;

fn call(endpoint: Endpoint, args: &[(&str, &str)], answer: &str) -> Exchange {
    let mut request = ApiRequest::new(endpoint);
    for (name, value) in args {
        request = request.with(name, *value);
    }
    Exchange {
        id: None,
        environment: "dev".to_owned(),
        request,
        sent: Sent {
            method: "POST".to_owned(),
            url: String::new(),
            headers: Vec::new(),
            body: String::new(),
        },
        started: Timestamp::UNIX_EPOCH,
        elapsed: Duration::from_millis(7),
        timing: Timing::default(),
        outcome: Outcome::Answered(Answered::read(200, Vec::new(), answer.into())),
    }
}

fn view(record: &str) -> Exchange {
    let answer = format!(r#"{{"stat":"ok","result":{record}}}"#);
    call(Endpoint::EntityView, &[("type_name", "user")], &answer)
}

fn in_prod(exchange: Exchange) -> Exchange {
    Exchange {
        environment: "prod".to_owned(),
        ..exchange
    }
}

/// Every difference as a line, those that do not count in brackets.
fn told(comparison: &Comparison) -> Vec<String> {
    let differences = comparison
        .parts()
        .flat_map(|(_, part)| part.differences.iter());
    let line = |difference: &Difference| {
        let [one, other] = difference
            .values
            .each_ref()
            .map(|value| value.as_deref().unwrap_or("-"));
        let line = format!("{} {one} {other}", difference.path);
        if difference.given {
            format!("({line})")
        } else {
            line
        }
    };
    differences.map(line).collect()
}

fn keys() -> BTreeMap<String, String> {
    [("tags".to_owned(), "name".to_owned())].into()
}

#[test]
fn elements_are_known_by_key_or_id_and_last_by_place() {
    let tags = |text: &str| view(&format!(r#"{{"tags":{text}}}"#));
    let other = |text: &str| view(&format!(r#"{{"other":{text}}}"#));
    let one = r#"[{"id":1,"name":"a","v":1},{"id":2,"name":"b","v":1}]"#;
    let two = r#"[{"id":2,"name":"a","v":2},{"id":1,"name":"b","v":1}]"#;
    for (before, after, expected) in [
        (
            tags(one),
            tags(two),
            vec![
                "result.tags[name=a].id 1 2",
                "result.tags[name=a].v 1 2",
                "result.tags[name=b].id 2 1",
            ],
        ),
        (
            other(one),
            other(two),
            vec![
                r#"result.other[id=1].name "a" "b""#,
                r#"result.other[id=2].name "b" "a""#,
                "result.other[id=2].v 1 2",
            ],
        ),
        (
            tags(one),
            in_prod(tags(two)),
            vec![
                "(result.tags[name=a].id 1 2)",
                "result.tags[name=a].v 1 2",
                "(result.tags[name=b].id 2 1)",
            ],
        ),
        (
            other(one),
            in_prod(other(two)),
            vec![
                "(result.other[0].id 1 2)",
                "result.other[0].v 1 2",
                "(result.other[1].id 2 1)",
            ],
        ),
    ] {
        assert_eq!(told(&compare(&before, &after, &keys())), expected);
        assert!(compare(&before, &before, &keys()).is_same());
    }
}

#[test]
fn paths_of_parts_definitions_and_lists_find_their_keys() {
    let part = |list: &str| {
        let answer = format!(r#"{{"stat":"ok","result":{list}}}"#);
        let args = [("type_name", "user"), ("attribute_name", "/tags")];
        call(Endpoint::EntityView, &args, &answer)
    };
    let found = |list: &str| {
        let answer = format!(r#"{{"stat":"ok","results":{list}}}"#);
        call(Endpoint::EntityFind, &[("type_name", "user")], &answer)
    };
    let schema = |list: &str| {
        let answer = format!(r#"{{"stat":"ok","schema":{{"attr_defs":{list}}}}}"#);
        call(Endpoint::TypeView, &[("type_name", "user")], &answer)
    };
    let (one, two) = (
        r#"[{"name":"a","v":1},{"name":"b","v":1}]"#,
        r#"[{"name":"b","v":1},{"name":"a","v":2}]"#,
    );
    for (before, after, expected) in [
        (part(one), part(two), "result[name=a].v 1 2"),
        (schema(one), schema(two), "schema.attr_defs[name=a].v 1 2"),
        (
            found(r#"[{"uuid":"u","v":1},{"uuid":"w","v":1}]"#),
            found(r#"[{"uuid":"w","v":1},{"uuid":"u","v":2}]"#),
            "results[uuid=u].v 1 2",
        ),
        (
            found(r#"[{"tags":[{"name":"a","v":1},{"name":"b"}]}]"#),
            in_prod(found(r#"[{"tags":[{"name":"b"},{"name":"a","v":2}]}]"#)),
            "results[0].tags[name=a].v 1 2",
        ),
    ] {
        assert_eq!(told(&compare(&before, &after, &keys())), [expected]);
    }
}

#[test]
fn requests_are_compared_inside_of_their_json() {
    let update = |attributes: &str, more: &[(&str, &str)]| {
        let args = [&[("type_name", "user"), ("attributes", attributes)], more].concat();
        call(Endpoint::EntityUpdate, &args, r#"{"stat":"ok"}"#)
    };
    let one = update(
        r#"{"tags":[{"name":"a","v":1},{"name":"b"}],"n":1}"#,
        &[("uuid", "u"), ("x", "1"), ("x", "2")],
    );
    let mut two = update(
        r#"{ "n":2, "tags":[{"name":"b"},{"name":"a","v":null}]}"#,
        &[("id", "3"), ("x", "1"), ("x", "3")],
    );
    two.request.endpoint = Endpoint::EntityReplace;
    assert_eq!(
        told(&compare(&one, &two, &keys())),
        [
            "operation entity.update entity.replace",
            "attributes.tags[name=a].v 1 null",
            "attributes.n 1 2",
            "uuid u -",
            "x (2) 2 3",
            "id - 3",
        ]
    );
    let broken = update("{", &[]);
    assert_eq!(
        told(&compare(&update("{}", &[]), &broken, &keys())),
        ["attributes {} {"]
    );
}

#[test]
fn masked_values_are_neither_told_nor_called_different() {
    let create = |attributes: &str| {
        let args = [("type_name", "user"), ("attributes", attributes)];
        call(
            Endpoint::EntityCreate,
            &args,
            r#"{"stat":"ok","access_token":"s3cret"}"#,
        )
    };
    let kept = create(r#"{"password":"••••••••","pin":"••••••••","n":1}"#);
    let mut live = create(r#"{"password":"s3cret","pin":"s3cret","n":1}"#);
    live.request = live.request.hiding(["pin".to_owned()]);
    let comparison = compare(&kept, &live, &keys());
    assert_eq!(told(&comparison), Vec::<String>::new());
    assert_eq!(
        (comparison.request.masked, comparison.answer.masked),
        (2, 1)
    );
    assert!(comparison.is_same());
    let without = compare(&kept, &create(r#"{"n":1}"#), &keys());
    assert_eq!(
        told(&without),
        [
            r#"attributes.password "••••••••" -"#,
            r#"attributes.pin "••••••••" -"#
        ]
    );
    let token = |value: &str| {
        let args = [("access_token", value), ("type_name", "user")];
        call(Endpoint::EntityView, &args, "{}")
    };
    let tokens = compare(&token("s3cret"), &token("other"), &keys());
    assert!(tokens.is_same(), "{tokens:?}");
    assert_eq!(tokens.request.masked, 1);
}

#[test]
fn what_each_environment_gives_does_not_count() {
    let create = |id: u32, code: &str| {
        let answer = format!(r#"{{"stat":"ok","id":{id},"x":"{code}","request_id":"r{id}"}}"#);
        call(Endpoint::EntityCreate, &[("type_name", "user")], &answer)
    };
    let here = compare(&create(1, "a"), &create(2, "a"), &keys());
    assert_eq!(told(&here), ["id 1 2", r#"(request_id "r1" "r2")"#]);
    assert!(!here.is_same());
    let there = compare(&create(1, "a"), &in_prod(create(2, "a")), &keys());
    assert_eq!(told(&there), ["(id 1 2)", r#"(request_id "r1" "r2")"#]);
    assert!(there.is_same());
    assert!(!compare(&create(1, "a"), &in_prod(create(1, "b")), &keys()).is_same());
    let bulk = |uuid: &str| {
        let answer = format!(r#"{{"stat":"ok","results":[1],"uuid_results":["{uuid}"]}}"#);
        call(Endpoint::EntityBulkCreate, &[], &answer)
    };
    assert!(compare(&bulk("u"), &in_prod(bulk("w")), &keys()).is_same());
}

#[test]
fn outcomes_and_odd_bodies_are_told() {
    let refused = view("{}");
    let error = |id: &str| {
        let body = format!(
            r#"{{"stat":"error","code":310,"error":"record_not_found","request_id":"{id}"}}"#
        );
        call(Endpoint::EntityView, &[("type_name", "user")], &body)
    };
    assert!(compare(&error("a"), &error("b"), &keys()).is_same());
    assert_eq!(
        told(&compare(&refused, &error("a"), &keys()))[0],
        "outcome ok error 310 record_not_found"
    );
    let page = call(
        Endpoint::EntityView,
        &[("type_name", "user")],
        "<html>é</html>",
    );
    assert_eq!(
        told(&compare(&refused, &page, &keys()))
            .last()
            .map(String::as_str),
        Some(r#"body {"stat":"ok","result":{}} <html>é</html>"#)
    );
    assert!(compare(&page, &page, &keys()).is_same());
    let mut gone = refused.clone();
    gone.outcome = Outcome::Failed(TransportError {
        stage: Stage::Connect,
        message: "refused".to_owned(),
        may_have_happened: false,
        arrived: None,
    });
    assert_eq!(
        told(&compare(&refused, &gone, &keys())),
        ["outcome ok no answer: refused", "HTTP status 200 -"]
    );
}

#[test]
fn of_an_answer_that_was_cut_only_what_is_there_counts() {
    let whole = view(r#"{"a":1,"b":"text","c":3}"#);
    let text = String::from_utf8_lossy(whole.body()).into_owned();
    for end in ["\"te", "\"text\"", "\"c\""] {
        let end = text.find(end).expect("is there") + end.len();
        let mut cut = whole.clone();
        cut.outcome = Outcome::Answered(Answered {
            judged: Some(Verdict::Ok),
            ..Answered::read(200, Vec::new(), text[..end].into())
        });
        let comparison = compare(&cut, &whole, &keys());
        assert_eq!(told(&comparison), Vec::<String>::new(), "{}", &text[..end]);
        assert_eq!(comparison.answer.cut, [true, false]);
        assert!(!comparison.is_same(), "the rest is not known");
        let changed = view(r#"{"a":2,"b":"text","c":3}"#);
        assert_eq!(told(&compare(&cut, &changed, &keys())), ["result.a 1 2"]);
    }
}

#[test]
fn long_values_are_cut_between_characters() {
    let long = view(&format!(r#""{}""#, "é".repeat(3_000)));
    for difference in compare(&view("1"), &long, &keys()).answer.differences {
        let [_, value] = difference.values;
        let value = value.expect("is there");
        assert!(
            value.ends_with('…') && value.len() < LONGEST + 10,
            "{value}"
        );
    }
    assert_eq!(
        shortened(&"é".repeat(3_000)).chars().count(),
        LONGEST / 2 + 1
    );
    assert_eq!(shortened("é"), "é");
}

#[test]
fn phases_stand_beside_each_other() {
    let mut one = view("{}");
    one.timing.spans = vec![Span {
        phase: Phase::Wait,
        from: Duration::from_millis(1),
        until: Duration::from_millis(4),
    }];
    let timings = compare(&one, &view("{}"), &keys()).timings;
    assert_eq!(timings.whole, [Duration::from_millis(7); 2]);
    let waited = Some(Duration::from_millis(3));
    assert_eq!(timings.phases, [(Phase::Wait, [waited, None])]);
}
