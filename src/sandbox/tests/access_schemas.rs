//! Access schemas: set, shown, deleted, and what they hide.

use super::code;
use super::gate::Gate;
use super::gate::basic;
use super::keys;
use super::text;
use crate::capture::auth::Presented;
use crate::capture::json::Json;

fn names(schema: &Json) -> Vec<&str> {
    let defs = schema.get("attr_defs").and_then(Json::as_array);
    let defs = defs.expect("has definitions").iter();
    defs.map(|def| text(def, "name")).collect()
}

fn member<'a>(schema: &'a Json, name: &str) -> &'a Json {
    let defs = schema.get("attr_defs").and_then(Json::as_array);
    let mut defs = defs.expect("has definitions").iter();
    defs.find(|def| text(def, "name") == name)
        .expect("has the attribute")
}

fn arguments<'a>(id: &'a str, access_type: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("type_name", "user"),
        ("for_client_id", id),
        ("access_type", access_type),
    ]
}

fn set(gate: &Gate, id: &str, access_type: &str, attributes: &str) -> Json {
    let [a, b, c] = arguments(id, access_type);
    let pairs = [a, b, c, ("attributes", attributes)];
    gate.call("entityType.setAccessSchema", &pairs)
}

#[test]
fn an_access_schema_is_the_list_and_what_is_reserved() {
    let gate = Gate::new();
    let (id, _) = gate.client("[]");
    let answer = set(
        &gate,
        &id,
        "write",
        r#"["profiles.identifier","/primaryAddress/city","aboutMe","aboutMe"]"#,
    );
    assert_eq!(keys(&answer), ["schema", "notice", "stat"]);
    let schema = answer.get("schema").expect("has a schema");
    assert_eq!(text(schema, "name"), "user");
    let reserved = ["id", "uuid", "created", "lastUpdated"];
    let listed = ["aboutMe", "primaryAddress", "profiles"];
    assert_eq!(names(schema), [&reserved[..], &listed[..]].concat());
    assert_eq!(names(member(schema, "primaryAddress")), ["city"]);
    assert_eq!(names(member(schema, "profiles")), ["id", "identifier"]);
    let shown = gate.call("entityType.getAccessSchema", &arguments(&id, "write"));
    assert_eq!(keys(&shown), ["schema", "stat"]);
    assert_eq!(shown.get("schema"), Some(schema));
    // Replaced, not added to; an object or plural that is listed comes whole.
    let answer = set(&gate, &id, "write", r#"["profiles"]"#);
    let schema = answer.get("schema").expect("has a schema");
    assert_eq!(names(schema), [&reserved[..], &["profiles"]].concat());
    let whole = gate.call("entityType", &[("type_name", "user")]);
    let whole = whole.get("schema").expect("has a schema");
    assert_eq!(member(schema, "profiles"), member(whole, "profiles"));
    let answer = set(&gate, &id, "write", "[]");
    assert_eq!(names(answer.get("schema").expect("has one")), reserved);
    // The other kinds are as they were: the whole type, and so is this one once it is deleted.
    for access_type in ["read", "read_with_token", "write_with_token"] {
        let shown = gate.call("entityType.getAccessSchema", &arguments(&id, access_type));
        assert_eq!(shown.get("schema"), Some(whole), "{access_type}");
    }
    for _ in 0..2 {
        gate.expect(
            "entityType.deleteAccessSchema",
            &arguments(&id, "write"),
            r#"{"stat":"ok"}"#,
        );
    }
    let shown = gate.call("entityType.getAccessSchema", &arguments(&id, "write"));
    assert_eq!(shown.get("schema"), Some(whole));
}

#[test]
fn what_is_wrong_with_an_access_schema_is_named() {
    let gate = Gate::new();
    let (id, _) = gate.client("[]");
    for (id, access_type, attributes, expected, words) in [
        (
            id.as_str(),
            "write",
            r#"["aboutMe","created"]"#,
            500,
            "reserved attribute /created",
        ),
        (
            &id,
            "write",
            r#"["primaryAddress.planet"]"#,
            223,
            "attribute does not exist: /primaryAddress/planet",
        ),
        (&id, "write", r#"["a..b"]"#, 200, "attributes was not valid"),
        (
            &id,
            "both",
            "[]",
            200,
            "read, write, read_with_token, write_with_token",
        ),
        (
            "nobody",
            "write",
            "[]",
            200,
            "for_client_id is not a valid id",
        ),
    ] {
        let answer = set(&gate, id, access_type, attributes);
        let said = text(&answer, "error_description");
        assert_eq!(code(&answer), Some(expected), "{said}");
        assert!(said.contains(words), "{said}");
    }
    let pairs = [
        ("type_name", "planet"),
        ("for_client_id", id.as_str()),
        ("access_type", "read"),
    ];
    for operation in ["getAccessSchema", "deleteAccessSchema"] {
        let (code, _) = gate.refusal(&format!("entityType.{operation}"), &pairs);
        assert_eq!(code, 222, "{operation}");
    }
}

/// What is hidden does not exist for the client, whichever argument names it; for others all is as before.
#[test]
fn what_is_hidden_is_unknown() {
    let gate = Gate::new();
    let (id, secret) = gate.client(r#"["direct_read_access"]"#);
    let user = ("type_name", "user");
    let ask = |operation, pairs: &[(&str, &str)]| {
        let mut pairs = pairs.to_vec();
        pairs.push(user);
        gate.ask(basic(&id, &secret), operation, &pairs).body
    };
    let found = ask("entity.find", &[("max_results", "1")]);
    let first = |answer: &Json| {
        answer
            .get("results")
            .and_then(Json::as_array)
            .expect("found")[0]
            .clone()
    };
    let record = first(&found);
    let record_id = record.get("id").expect("has an id").to_string();
    let email = record.get("email").expect("has an email").to_string();
    let named = [
        (
            "entity",
            vec![("id", record_id.as_str()), ("attribute_name", "email")],
        ),
        (
            "entity",
            vec![("id", &record_id), ("attributes", r#"["email"]"#)],
        ),
        (
            "entity",
            vec![("key_attribute", "email"), ("key_value", &email)],
        ),
        (
            "entity",
            vec![
                ("id", &record_id),
                ("password_attribute", "password"),
                ("password_value", "x"),
            ],
        ),
        ("entity.find", vec![("attributes", r#"["email"]"#)]),
        ("entity.find", vec![("sort_on", r#"["-email"]"#)]),
    ];
    let codes = |expected: Option<i64>| {
        for (operation, pairs) in &named {
            let answer = ask(operation, pairs);
            let got = code(&answer).filter(|code| *code == 223);
            assert_eq!(got, expected, "{operation} {pairs:?}: {answer}");
        }
    };
    codes(None);
    set(&gate, &id, "read", r#"["givenName"]"#);
    codes(Some(223));
    let seen = ask("entity", &[("id", &record_id)]);
    assert_eq!(
        keys(seen.get("result").expect("has a result")),
        ["id", "uuid", "created", "lastUpdated", "givenName"]
    );
    let shown = keys(&record);
    let all = gate.call("entity", &[user, ("id", &record_id)]);
    assert_eq!(keys(all.get("result").expect("has a result")), shown);
    assert_eq!(keys(&first(&ask("entity.find", &[]))).len(), 5);
    gate.call("entityType.deleteAccessSchema", &arguments(&id, "read"));
    let answer = ask("entity", &[("id", &record_id)]);
    assert_eq!(keys(answer.get("result").expect("has a result")), shown);
}

/// A client that may see and write only `a` of everything, and a record full of what it may not.
fn half_blind() -> (Gate, Presented) {
    let gate = Gate::new();
    let attr_defs = r#"[{"name":"o","type":"object","attr_defs":[{"name":"a","type":"string"},{"name":"h","type":"string"}]},
        {"name":"p","type":"plural","attr_defs":[{"name":"a","type":"string"},{"name":"h","type":"string"},
            {"name":"q","type":"plural","attr_defs":[{"name":"a","type":"string"},{"name":"h","type":"string"}]}]}]"#;
    gate.call(
        "entityType.create",
        &[("type_name", "t"), ("attr_defs", attr_defs)],
    );
    let (id, secret) = gate.client(r#"["direct_access"]"#);
    for access_type in ["read", "write"] {
        let pairs = [
            ("type_name", "t"),
            ("for_client_id", id.as_str()),
            ("access_type", access_type),
            ("attributes", r#"["o.a","p.a","p.q.a"]"#),
        ];
        assert_eq!(code(&gate.call("entityType.setAccessSchema", &pairs)), None);
    }
    (gate, basic(&id, &secret))
}

/// The record's own attributes after a call of the client that must succeed.
#[track_caller]
fn after(gate: &Gate, client: Presented, operation: &str, id: &str, attributes: &str) -> String {
    let chosen = [("type_name", "t"), ("id", id)];
    let pairs = [chosen[0], chosen[1], ("attributes", attributes)];
    let reply = gate.ask(client, operation, &pairs).body;
    assert_eq!(code(&reply), None, "{reply}");
    let answer = gate.call("entity", &chosen);
    let record = answer.get("result").expect("has a result");
    let part = |name| record.get(name).expect("has the attribute").to_string();
    format!("{} {}", part("o"), part("p"))
}

fn full_record(gate: &Gate) -> (String, i64) {
    let record = r#"{"o":{"a":"1","h":"2"},"p":[{"a":"3","h":"4","q":[{"a":"5","h":"6"}]}]}"#;
    let answer = gate.call(
        "entity.create",
        &[("type_name", "t"), ("attributes", record)],
    );
    let id = answer.get("id").and_then(Json::as_i64).expect("has an id");
    (id.to_string(), id)
}

#[test]
fn what_is_hidden_in_an_element_stays_when_the_element_is_replaced() {
    let (gate, client) = half_blind();
    let (id, n) = full_record(&gate);
    let (outer, inner) = (n + 1, n + 2);
    let given =
        format!(r#"{{"p":[{{"id":{outer},"a":"x","q":[{{"id":{inner},"a":"y"}},{{"a":"z"}}]}}]}}"#);
    let new = n + 3;
    assert_eq!(
        after(&gate, client, "entity.update", &id, &given),
        format!(
            r#"{{"a":"1","h":"2"}} [{{"id":{outer},"a":"x","h":"4","q":[{{"id":{inner},"a":"y","h":"6"}},{{"id":{new},"a":"z","h":null}}]}}]"#
        )
    );
}

#[test]
fn a_rule_that_keeps_the_old_value_does_not_put_what_is_hidden_into_the_callers_content() {
    let (gate, client) = half_blind();
    let (id, _) = full_record(&gate);
    for attribute in [r#"["o"]"#, r#"["p"]"#] {
        let pairs = [
            ("type_name", "t"),
            ("attributes", attribute),
            ("definition", r#""ignore-update""#),
        ];
        assert_eq!(code(&gate.call("entityType.addRule", &pairs)), None);
    }
    let kept = after(
        &gate,
        client,
        "entity.replace",
        &id,
        r#"{"o":{"a":"x"},"p":[]}"#,
    );
    assert!(kept.starts_with(r#"{"a":"1","h":"2"} "#), "{kept}");
    assert!(kept.contains(r#""a":"3""#), "{kept}");
}
