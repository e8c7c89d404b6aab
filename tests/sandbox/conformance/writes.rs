//! Changing records and taking them away: `entity.update`, `entity.replace`, `entity.delete`, `entity.adopt`.

use serde_json::Value;
use serde_json::json;

use crate::sandbox::conformance::Case;
use crate::sandbox::conformance::case;
use crate::sandbox::conformance::play::Play;
use crate::sandbox::conformance::play::keys;
use crate::sandbox::conformance::play::pluck;

pub(super) const CASES: &[Case] = &[
    case(
        "entity.update",
        "7",
        "leaves what is not mentioned",
        update_leaves_the_rest,
    ),
    case(
        "entity.update",
        "7",
        "merges an object member by member",
        update_merges_objects,
    ),
    case(
        "entity.update",
        "7",
        "appends plural elements without ids",
        update_appends,
    ),
    case(
        "entity.update",
        "7",
        "puts an element with an id in place of the old one",
        update_replaces_elements,
    ),
    case(
        "entity.update",
        "7",
        "changes only what attribute_name points to",
        update_at_a_path,
    ),
    case(
        "entity.update",
        "2.8",
        "takes value for attributes, and not both",
        update_takes_value,
    ),
    case(
        "entity.update",
        "2.8",
        "takes a bare word for a text",
        update_takes_a_bare_word,
    ),
    case(
        "entity.update",
        "7",
        "answers the part it changed when asked",
        update_answers_the_part,
    ),
    case("entity.update", "5", "stamps the record", update_stamps),
    case(
        "entity.update",
        "7",
        "holds its guards",
        update_holds_guards,
    ),
    case(
        "entity.update",
        "2.2",
        "finds its record by each of its names",
        update_by_each_name,
    ),
    case(
        "entity.update",
        "7",
        "does not find an element that is not there",
        update_unknown_elements,
    ),
    case(
        "entity.update",
        "7",
        "refuses what creation refuses, and changes nothing",
        update_refuses,
    ),
    case(
        "entity.update",
        "4.3",
        "holds unique against others, not against itself",
        update_holds_unique,
    ),
    case(
        "entity.replace",
        "7",
        "empties what is not mentioned, and keeps who it is",
        replace_empties,
    ),
    case(
        "entity.replace",
        "7",
        "puts new elements in place of all old ones",
        replace_elements,
    ),
    case(
        "entity.replace",
        "7",
        "empties a plural",
        replace_empties_a_plural,
    ),
    case(
        "entity.replace",
        "7",
        "takes a part alone",
        replace_at_a_path,
    ),
    case(
        "entity.replace",
        "5",
        "takes plain strings for a plural of one text",
        replace_takes_shorthand,
    ),
    case(
        "entity.replace",
        "7",
        "refuses ids, and wants what is required",
        replace_refuses,
    ),
    case(
        "entity.replace",
        "7",
        "holds its guards",
        replace_holds_guards,
    ),
    case(
        "entity.replace",
        "2.2",
        "finds its record by each of its names",
        replace_by_each_name,
    ),
    case(
        "entity.delete",
        "2.9",
        "takes the record away",
        delete_a_record,
    ),
    case(
        "entity.delete",
        "2.9",
        "takes one element away",
        delete_an_element,
    ),
    case(
        "entity.delete",
        "2.2",
        "holds its guards and finds its record by each of its names",
        delete_by_each_name,
    ),
    case(
        "entity.adopt",
        "2.11",
        "attaches an element",
        adopt_an_element,
    ),
];

/// A person with something in every corner.
fn full(play: &mut Play) -> Value {
    play.person();
    play.create(
        "person",
        &json!({"email": "a@example.com", "givenName": "Ann", "age": 40, "tags": ["x", "y"],
            "address": {"city": "Leeds", "zip": "LS1", "geo": {"lat": 53.8, "lon": -1.5}},
            "accounts": [
                {"identifier": "i1", "domain": "d1", "handle": "h1", "emails": [{"value": "e1"}], "profile": {"name": "P"}},
                {"identifier": "i2", "domain": "d2", "handle": "h2"}]}),
    )
}

/// Calls `operation` on the record with these further arguments, and gives the record as it is then.
#[track_caller]
fn change(play: &mut Play, operation: &str, record: &Value, more: &[(&str, &str)]) -> Value {
    let id = record["id"].to_string();
    let arguments = [&[("type_name", "person"), ("id", id.as_str())], more].concat();
    let answer = play.ok(operation, &arguments);
    assert_eq!(keys(&answer), ["stat"]);
    play.view("person", record)
}

/// Calls `operation` on the record, which must be refused and leave it as it is.
#[track_caller]
fn no_change(
    play: &mut Play,
    code: i64,
    operation: &str,
    record: &Value,
    more: &[(&str, &str)],
) -> Value {
    let id = record["id"].to_string();
    let arguments = [&[("type_name", "person"), ("id", id.as_str())], more].concat();
    let answer = play.refused(code, operation, &arguments);
    assert_eq!(play.view("person", record), *record, "after {arguments:?}");
    answer
}

/// The record without the time of its last change.
fn unstamped(record: &Value) -> Value {
    let mut record = record.clone();
    record["lastUpdated"].take();
    record
}

fn update_leaves_the_rest(play: &mut Play) {
    let before = full(play);
    let after = change(
        play,
        "entity.update",
        &before,
        &[(
            "attributes",
            r#"{"givenName":"Bea","age":null,"active":false}"#,
        )],
    );
    let mut expected = unstamped(&before);
    expected["givenName"] = "Bea".into();
    expected["age"] = Value::Null;
    expected["active"] = false.into();
    assert_eq!(unstamped(&after), expected);
}

fn update_merges_objects(play: &mut Play) {
    let before = full(play);
    let patch = r#"{"address":{"zip":"LS2","geo":{"lat":54}}}"#;
    let after = change(play, "entity.update", &before, &[("attributes", patch)]);
    assert_eq!(
        after["address"],
        json!({"city": "Leeds", "zip": "LS2", "geo": {"lat": 54, "lon": -1.5}})
    );
}

fn update_appends(play: &mut Play) {
    let before = full(play);
    let patch = r#"{"tags":[{"tag":"z"}],"accounts":[{"identifier":"i3"}]}"#;
    let after = change(play, "entity.update", &before, &[("attributes", patch)]);
    assert_eq!(pluck(&after["tags"], "tag"), ["x", "y", "z"]);
    assert_eq!(pluck(&after["accounts"], "identifier"), ["i1", "i2", "i3"]);
    assert_eq!(after["accounts"][0], before["accounts"][0]);
    let newest = after["accounts"][2]["id"].as_i64().expect("is a number");
    assert!(newest > before["accounts"][1]["id"].as_i64().expect("is a number"));
    let nothing = change(
        play,
        "entity.update",
        &before,
        &[("attributes", r#"{"tags":[]}"#)],
    );
    assert_eq!(nothing["tags"], after["tags"]);
}

fn update_replaces_elements(play: &mut Play) {
    let before = full(play);
    let id = &before["accounts"][0]["id"];
    let patch = json!({"accounts": [{"id": id, "identifier": "new"}]}).to_string();
    let after = change(play, "entity.update", &before, &[("attributes", &patch)]);
    let element = &after["accounts"][0];
    assert_eq!(
        (&element["id"], &element["identifier"]),
        (id, &json!("new"))
    );
    assert_eq!(
        (&element["domain"], &element["emails"]),
        (&Value::Null, &json!([]))
    );
    assert_eq!(after["accounts"][1], before["accounts"][1]);
    // The old identifier is free again.
    play.create("person", &json!({"accounts": [{"identifier": "i1"}]}));
}

fn update_at_a_path(play: &mut Play) {
    let before = full(play);
    let first = before["accounts"][0]["id"].to_string();
    let element = format!("/accounts#{first}");
    let after = change(
        play,
        "entity.update",
        &before,
        &[
            ("attribute_name", &element),
            ("attributes", r#"{"domain":"new"}"#),
        ],
    );
    let mut expected = before["accounts"].clone();
    expected[0]["domain"] = "new".into();
    assert_eq!(
        after["accounts"], expected,
        "an element known by its path is merged into"
    );
    let profile = format!("accounts#{first}/profile");
    let after = change(
        play,
        "entity.update",
        &before,
        &[
            ("attribute_name", &profile),
            ("attributes", r#"{"name":"Q"}"#),
        ],
    );
    assert_eq!(after["accounts"][0]["profile"], json!({"name": "Q"}));
    let emails = format!("{element}/emails");
    let after = change(
        play,
        "entity.update",
        &before,
        &[
            ("attribute_name", &emails),
            ("attributes", r#"[{"value":"e2"}]"#),
        ],
    );
    assert_eq!(
        pluck(&after["accounts"][0]["emails"], "value"),
        ["e1", "e2"]
    );
    let after = change(
        play,
        "entity.update",
        &before,
        &[("attribute_name", "/tags"), ("attributes", r#"["z"]"#)],
    );
    assert_eq!(pluck(&after["tags"], "tag"), ["x", "y", "z"]);
    let after = change(
        play,
        "entity.update",
        &before,
        &[
            ("attribute_name", "/address"),
            ("attributes", r#"{"zip":"Z"}"#),
        ],
    );
    assert_eq!(
        (&after["address"]["zip"], &after["address"]["city"]),
        (&json!("Z"), &json!("Leeds"))
    );
    let after = change(
        play,
        "entity.update",
        &before,
        &[("attribute_name", "/age"), ("attributes", "41")],
    );
    assert_eq!(after["age"], 41);
    let after = change(
        play,
        "entity.update",
        &before,
        &[("attribute_name", ""), ("attributes", r#"{"age":42}"#)],
    );
    assert_eq!(
        (&after["age"], &after["givenName"]),
        (&json!(42), &json!("Ann"))
    );
}

fn update_takes_value(play: &mut Play) {
    let before = full(play);
    let after = change(
        play,
        "entity.update",
        &before,
        &[("value", r#"{"age":41}"#)],
    );
    assert_eq!(after["age"], 41);
    let both = [("value", r#"{"age":1}"#), ("attributes", r#"{"age":2}"#)];
    no_change(play, 201, "entity.update", &after, &both);
    no_change(play, 100, "entity.update", &after, &[]);
    no_change(play, 100, "entity.replace", &after, &[]);
}

fn update_takes_a_bare_word(play: &mut Play) {
    let before = full(play);
    for (argument, given, stored) in [
        ("value", "Fred", "Fred"),
        ("value", r#""Quoted""#, "Quoted"),
        ("attributes", "Zoë M.", "Zoë M."),
    ] {
        let more = [("attribute_name", "givenName"), (argument, given)];
        assert_eq!(
            change(play, "entity.update", &before, &more)["givenName"],
            stored
        );
    }
    let more = [("attribute_name", "givenName"), ("value", "Fred")];
    assert_eq!(
        change(play, "entity.replace", &before, &more)["givenName"],
        "Fred"
    );
    let now = play.view("person", &before);
    no_change(
        play,
        200,
        "entity.update",
        &now,
        &[("attribute_name", "age"), ("value", "old")],
    );
}

fn update_answers_the_part(play: &mut Play) {
    play.person();
    for operation in ["entity.update", "entity.replace"] {
        let record = play.create(
            "person",
            &json!({"tags": ["x"], "accounts": [{"identifier": operation}]}),
        );
        let id = record["id"].to_string();
        let element = format!("/accounts#{}", record["accounts"][0]["id"]);
        let free = format!(r#"{{"identifier":"{operation} once more"}}"#);
        for (path, attributes) in [
            ("/tags", r#"[{"tag":"z"}]"#),
            ("/address", r#"{"city":"York"}"#),
            (&element, &free),
            ("", r#"{"age":5}"#),
        ] {
            let arguments = [
                ("type_name", "person"),
                ("id", &id),
                ("attribute_name", path),
                ("attributes", attributes),
                ("include_record", "true"),
            ];
            let answer = play.ok(operation, &arguments);
            assert_eq!(keys(&answer), ["result", "stat"]);
            let shown = play.ok("entity", &arguments[..3])["result"].take();
            assert_eq!(answer["result"], shown, "{operation} {path}");
        }
    }
}

fn update_stamps(play: &mut Play) {
    let before = full(play);
    let after = change(
        play,
        "entity.update",
        &before,
        &[("attributes", r#"{"tags":["z"]}"#)],
    );
    let stamp = |record: &Value, name: &str| record[name].as_str().expect("is text").to_owned();
    assert!(stamp(&after, "lastUpdated") > stamp(&before, "lastUpdated"));
    assert_eq!(after["created"], before["created"]);
    // A client of the vendor's own does not touch the stamp.
    let client = play.client(&["direct_access", "metadata"]);
    let id = before["id"].to_string();
    let arguments = [
        ("type_name", "person"),
        ("id", id.as_str()),
        ("attributes", r#"{"age":1}"#),
    ];
    play.ok_as(&client, "entity.update", &arguments);
    let unseen = play.view("person", &before);
    assert_eq!(
        (&unseen["age"], &unseen["lastUpdated"]),
        (&json!(1), &after["lastUpdated"])
    );
}

/// A call with the guards of an earlier state fails, and one with those of now goes through.
fn guarded(play: &mut Play, operation: &str) {
    let record = full(play);
    let more = |guard, value| [("attributes", r#"{"age":1}"#), (guard, value)];
    let stale = "2014-11-15 01:58:01.862312 +0000";
    for guard in ["created", "lastUpdated", "last_updated"] {
        no_change(play, 330, operation, &record, &more(guard, stale));
    }
    let now = record["lastUpdated"].as_str().expect("is text");
    let after = change(play, operation, &record, &more("lastUpdated", now));
    let answer = no_change(play, 330, operation, &after, &more("lastUpdated", now));
    assert_eq!(
        (&answer["actual_value"], &answer["supplied_value"]),
        (&after["lastUpdated"], &record["lastUpdated"])
    );
    let created = record["created"].as_str().expect("is text");
    change(play, operation, &record, &more("created", created));
}

fn update_holds_guards(play: &mut Play) {
    guarded(play, "entity.update");
}

fn replace_holds_guards(play: &mut Play) {
    guarded(play, "entity.replace");
}

/// Every way to choose a record leads to the same one.
fn by_each_name(play: &mut Play, operation: &str, more: &[(&str, &str)]) {
    play.person();
    for way in ["id", "uuid", "key"] {
        let record = play.create("person", &json!({"email": "a@example.com"}));
        let id = record["id"].to_string();
        let selector = match way {
            "id" => vec![("id", id.as_str())],
            "uuid" => vec![("uuid", record["uuid"].as_str().expect("is text"))],
            _ => vec![
                ("key_attribute", "email"),
                ("key_value", r#""a@example.com""#),
            ],
        };
        let arguments = [vec![("type_name", "person")], selector, more.to_vec()].concat();
        assert_eq!(keys(&play.ok(operation, &arguments)), ["stat"], "{way}");
        if operation != "entity.delete" {
            assert_eq!(play.view("person", &record)["age"], 7, "{way}");
            play.ok("entity.delete", &[("type_name", "person"), ("id", &id)]);
        }
        assert_eq!(play.count("person"), 0, "{way}");
    }
    let two = [&[("type_name", "person"), ("id", "1"), ("uuid", "x")], more].concat();
    play.refused(201, operation, &two);
    play.refused(100, operation, &[&[("type_name", "person")], more].concat());
    play.refused(
        310,
        operation,
        &[&[("type_name", "person"), ("id", "999999999")], more].concat(),
    );
}

fn update_by_each_name(play: &mut Play) {
    by_each_name(play, "entity.update", &[("attributes", r#"{"age":7}"#)]);
}

fn replace_by_each_name(play: &mut Play) {
    by_each_name(
        play,
        "entity.replace",
        &[("value", r#"{"age":7,"email":"a@example.com"}"#)],
    );
}

fn update_unknown_elements(play: &mut Play) {
    let record = full(play);
    for operation in ["entity.update", "entity.replace"] {
        let more = [
            ("attribute_name", "/accounts#999999999"),
            ("attributes", r#"{"identifier":"x"}"#),
        ];
        no_change(play, 310, operation, &record, &more);
        let more = [("attribute_name", "/nosuch"), ("attributes", "1")];
        no_change(play, 223, operation, &record, &more);
    }
    let patch = json!({"accounts": [{"id": 999_999_999, "identifier": "x"}]}).to_string();
    no_change(
        play,
        310,
        "entity.update",
        &record,
        &[("attributes", &patch)],
    );
    // An element of another record is not there either.
    let other = play.create("person", &json!({"tags": ["o"]}));
    let elsewhere = format!("/tags#{}", other["tags"][0]["id"]);
    no_change(
        play,
        310,
        "entity.update",
        &record,
        &[
            ("attribute_name", &elsewhere),
            ("attributes", r#"{"tag":"x"}"#),
        ],
    );
}

fn update_refuses(play: &mut Play) {
    let record = full(play);
    for (patch, code) in [
        (r#"{"nosuch":1}"#, 223),
        (r#"{"age":"x"}"#, 341),
        (r#"{"birthday":"soon"}"#, 342),
        (r#"{"ip":"x"}"#, 340),
        (r#"{"email":"x"}"#, 360),
        (r#"{"address":{"zip":"12345678901"}}"#, 363),
        (r#"{"accounts":[{"domain":"d"}]}"#, 362),
        (r#"{"id":5}"#, 234),
        (r#"{"uuid":"02b0c68d-7d7a-49d8-a88d-022585b0f877"}"#, 234),
        (r#"{"created":"2014-11-15 01:58:01 +0000"}"#, 234),
        (r#"{"lastUpdated":"2014-11-15 01:58:01 +0000"}"#, 234),
        (r#"{"age":5,"#, 200),
    ] {
        no_change(
            play,
            code,
            "entity.update",
            &record,
            &[("attributes", patch)],
        );
    }
    let first = identifier_path(&record);
    let null = [("attribute_name", first.as_str()), ("attributes", "null")];
    no_change(play, 362, "entity.update", &record, &null);
}

/// The path of the first account's identifier, which is required.
fn identifier_path(record: &Value) -> String {
    format!("/accounts#{}/identifier", record["accounts"][0]["id"])
}

fn update_holds_unique(play: &mut Play) {
    let record = full(play);
    play.create(
        "person",
        &json!({"email": "b@example.com", "accounts": [{"identifier": "taken"}]}),
    );
    for patch in [
        r#"{"email":"B@example.com"}"#,
        r#"{"accounts":[{"identifier":"taken"}]}"#,
        r#"{"accounts":[{"identifier":"i1"}]}"#,
        r#"{"accounts":[{"identifier":"i8","handle":"h1"}]}"#,
    ] {
        no_change(
            play,
            361,
            "entity.update",
            &record,
            &[("attributes", patch)],
        );
    }
    let own = [("attributes", r#"{"email":"A@example.com"}"#)];
    assert_eq!(
        change(play, "entity.update", &record, &own)["email"],
        "A@example.com"
    );
}

fn replace_empties(play: &mut Play) {
    let before = full(play);
    let more = [(
        "attributes",
        r#"{"familyName":"Lee","address":{"city":"York"}}"#,
    )];
    let after = change(play, "entity.replace", &before, &more);
    for kept in ["id", "uuid", "created"] {
        assert_eq!(after[kept], before[kept]);
    }
    assert_ne!(after["lastUpdated"], before["lastUpdated"]);
    assert_eq!(
        (&after["email"], &after["givenName"], &after["age"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(
        (&after["tags"], &after["accounts"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(
        after["address"],
        json!({"city": "York", "zip": null, "geo": {"lat": null, "lon": null}})
    );
    assert_eq!(after["familyName"], "Lee");
    // What it no longer has is free.
    play.create(
        "person",
        &json!({"email": "a@example.com", "accounts": [{"identifier": "i1"}]}),
    );
}

fn replace_elements(play: &mut Play) {
    let before = full(play);
    let more = [
        ("attribute_name", "accounts"),
        ("attributes", r#"[{"identifier":"i1"},{"identifier":"i3"}]"#),
    ];
    let after = change(play, "entity.replace", &before, &more);
    assert_eq!(pluck(&after["accounts"], "identifier"), ["i1", "i3"]);
    let old = pluck(&before["accounts"], "id");
    assert!(
        pluck(&after["accounts"], "id")
            .iter()
            .all(|id| !old.contains(id)),
        "{after}"
    );
    assert_eq!(after["tags"], before["tags"]);
    assert_eq!(after["givenName"], "Ann");
}

fn replace_empties_a_plural(play: &mut Play) {
    play.person();
    // The documented example gives no value at all.
    for empty in ["[]", "null", ""] {
        let before = play.create("person", &json!({"tags": ["x", "y"]}));
        let more = [("attribute_name", "tags"), ("value", empty)];
        let after = change(play, "entity.replace", &before, &more);
        assert_eq!(after["tags"], json!([]), "{empty}");
    }
}

fn replace_at_a_path(play: &mut Play) {
    let before = full(play);
    let more = [
        ("attribute_name", "/address"),
        ("attributes", r#"{"city":"York"}"#),
    ];
    let after = change(play, "entity.replace", &before, &more);
    assert_eq!(
        after["address"],
        json!({"city": "York", "zip": null, "geo": {"lat": null, "lon": null}})
    );
    assert_eq!(after["givenName"], "Ann");
    let element = format!("/accounts#{}", before["accounts"][0]["id"]);
    let more = [
        ("attribute_name", element.as_str()),
        ("value", r#"{"identifier":"i9"}"#),
    ];
    let after = change(play, "entity.replace", &before, &more);
    let first = &after["accounts"][0];
    assert_eq!(first["id"], before["accounts"][0]["id"]);
    assert_eq!(
        (&first["identifier"], &first["domain"], &first["emails"]),
        (&json!("i9"), &Value::Null, &json!([]))
    );
    assert_eq!(after["accounts"][1], before["accounts"][1]);
    let more = [("attribute_name", "age"), ("value", "null")];
    assert_eq!(
        change(play, "entity.replace", &before, &more)["age"],
        Value::Null
    );
}

fn replace_takes_shorthand(play: &mut Play) {
    let before = full(play);
    let more = [("attribute_name", "/tags"), ("attributes", r#"["a","b"]"#)];
    assert_eq!(
        pluck(
            &change(play, "entity.replace", &before, &more)["tags"],
            "tag"
        ),
        ["a", "b"]
    );
}

fn replace_refuses(play: &mut Play) {
    let record = full(play);
    let known = json!({"tags": [{"id": record["tags"][0]["id"], "tag": "x"}]}).to_string();
    for (attributes, code) in [
        (known.as_str(), 320),
        (r#"{"accounts":[{"domain":"d"}]}"#, 362),
        (r#"{"id":5}"#, 234),
        (r#"{"nosuch":5}"#, 223),
    ] {
        no_change(
            play,
            code,
            "entity.replace",
            &record,
            &[("attributes", attributes)],
        );
    }
    let element = format!("/accounts#{}", record["accounts"][0]["id"]);
    let more = [("attribute_name", element.as_str()), ("attributes", "{}")];
    no_change(play, 362, "entity.replace", &record, &more);
}

fn delete_a_record(play: &mut Play) {
    let record = full(play);
    let other = play.create("person", &json!({}));
    let id = record["id"].to_string();
    let answer = play.ok("entity.delete", &[("type_name", "person"), ("id", &id)]);
    assert_eq!(answer, json!({"stat": "ok"}));
    assert!(!play.is_there("person", &record) && play.is_there("person", &other));
    play.refused(
        310,
        "entity.delete",
        &[("type_name", "person"), ("id", &id)],
    );
    // Its unique values are free, its ids are not given again.
    let again = play.create(
        "person",
        &json!({"email": "a@example.com", "accounts": [{"identifier": "i1"}]}),
    );
    assert!(again["id"].as_i64() > other["id"].as_i64());
}

fn delete_an_element(play: &mut Play) {
    let before = full(play);
    let first = before["accounts"][0].clone();
    let path = format!("/accounts#{}", first["id"]);
    let after = change(play, "entity.delete", &before, &[("attribute_name", &path)]);
    assert_eq!(after["accounts"], json!([before["accounts"][1]]));
    assert_ne!(after["lastUpdated"], before["lastUpdated"]);
    no_change(
        play,
        310,
        "entity.delete",
        &after,
        &[("attribute_name", &path)],
    );
    // As the Android library writes it, without the plural's name.
    let bare = format!("/#{}", before["tags"][0]["id"]);
    assert_eq!(
        pluck(
            &change(play, "entity.delete", &before, &[("attribute_name", &bare)])["tags"],
            "tag"
        ),
        ["y"]
    );
    play.create("person", &json!({"accounts": [{"identifier": "i1"}]}));
}

fn delete_by_each_name(play: &mut Play) {
    by_each_name(play, "entity.delete", &[]);
    let record = play.create("person", &json!({}));
    let stale = "2014-11-15 01:58:01.862312 +0000";
    for guard in ["created", "lastUpdated"] {
        no_change(play, 330, "entity.delete", &record, &[(guard, stale)]);
    }
    let (id, now) = (
        record["id"].to_string(),
        record["lastUpdated"].as_str().expect("is text"),
    );
    let arguments = [
        ("type_name", "person"),
        ("id", id.as_str()),
        ("created", now),
        ("lastUpdated", now),
    ];
    play.ok("entity.delete", &arguments);
    assert!(!play.is_there("person", &record));
}

/// Our choice: an element is without a record when it was deleted, or its record was.
fn adopt_an_element(play: &mut Play) {
    let record = full(play);
    let other = play.create("person", &json!({"tags": ["lost"]}));
    let (id, child) = (record["id"].to_string(), other["tags"][0]["id"].to_string());
    let adopt = [
        ("type_name", "person"),
        ("id", id.as_str()),
        ("attribute_name", "/tags"),
        ("child_id", child.as_str()),
    ];
    // It has a record yet.
    play.refused(310, "entity.adopt", &adopt);
    let other_id = other["id"].to_string();
    play.ok(
        "entity.delete",
        &[("type_name", "person"), ("id", &other_id)],
    );
    assert_eq!(play.ok("entity.adopt", &adopt), json!({"stat": "ok"}));
    let tags = play.view("person", &record)["tags"].take();
    assert_eq!(pluck(&tags, "tag"), ["x", "y", "lost"]);
    assert_eq!(tags[2]["id"], other["tags"][0]["id"]);
    play.refused(310, "entity.adopt", &adopt);
    let misled = [adopt[0], adopt[1], ("attribute_name", "/address"), adopt[3]];
    play.refused(200, "entity.adopt", &misled);
}
