//! Clients and their settings: who may call, from where, with which secret, and what is kept for them.

use std::net::IpAddr;

use jiff::ToSpan;

use super::call;
use super::code;
use super::gate::Gate;
use super::gate::basic;
use super::keys;
use super::sandbox;
use super::text;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::Args;
use crate::sandbox::caller::Caller;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::operate;
use crate::sandbox::store::clients;

fn listed(answer: &Json) -> Vec<&Json> {
    let results = answer.get("results").and_then(Json::as_array);
    results.expect("is a list").iter().collect()
}

/// The documented shapes, over HTTP.
#[test]
fn clients_are_added_listed_and_deleted() {
    let sandbox = sandbox();
    let added = call(
        &sandbox,
        "clients/add",
        &[
            ("description", "loader"),
            (
                "features",
                r#"["direct_access","access_issuer","direct_access"]"#,
            ),
        ],
    );
    assert_eq!(
        keys(&added),
        [
            "client_id",
            "client_secret",
            "description",
            "features",
            "whitelist",
            "stat"
        ]
    );
    let id = text(&added, "client_id");
    assert_eq!((id.len(), text(&added, "client_secret").len()), (32, 32));
    assert_eq!(
        added.get("features").expect("has features").to_string(),
        r#"["direct_access","access_issuer"]"#
    );
    assert_eq!(
        added.get("whitelist").expect("has a list").to_string(),
        r#"["0.0.0.0/0"]"#
    );
    let plain = call(&sandbox, "clients/add", &[("description", "plain")]);
    assert_eq!(plain.get("features"), Some(&Json::Array(Vec::new())));
    let all = call(&sandbox, "clients/list", &[]);
    let all = listed(&all);
    assert_eq!(all.len(), 3);
    assert_eq!(text(all[0], "client_id"), sandbox.client_id);
    assert_eq!(text(all[1], "client_secret"), text(&added, "client_secret"));
    assert_eq!(text(all[2], "description"), "plain");
    for (wanted, count) in [
        (r#"["direct_access"]"#, 1),
        (r#"["owner","access_issuer"]"#, 2),
        (r#"["login_client"]"#, 0),
        (r#"["image_create"]"#, 0),
        ("[]", 3),
    ] {
        let some = call(&sandbox, "clients/list", &[("has_features", wanted)]);
        assert_eq!(listed(&some).len(), count, "{wanted}");
    }
    let delete = |id: &str| {
        call(
            &sandbox,
            "clients/delete",
            &[("client_id_for_deletion", id)],
        )
    };
    assert_eq!(keys(&delete(id)), ["stat"]);
    assert_eq!(code(&delete(id)), Some(200));
    assert_eq!(
        text(&delete(&sandbox.client_id), "error_description"),
        "client_id_for_deletion was not valid for the following reason: a client cannot delete itself"
    );
    assert_eq!(listed(&call(&sandbox, "clients/list", &[])).len(), 2);
}

#[test]
fn what_is_wrong_with_a_client_is_named() {
    let gate = Gate::new();
    let (id, _) = gate.client("[]");
    let id = id.as_str();
    for (operation, pairs, expected, words) in [
        ("clients/add", vec![], 100, "description"),
        (
            "clients/add",
            vec![("description", ""), ("features", r#"["king"]"#)],
            200,
            "there is no feature king",
        ),
        (
            "clients/add",
            vec![("description", ""), ("features", "[1]")],
            200,
            "array of strings",
        ),
        (
            "clients/set_features",
            vec![("features", r#"["owner","king"]"#)],
            200,
            "king",
        ),
        (
            "clients/set_features",
            vec![("features", r#"["direct_access"]"#)],
            200,
            "cannot take the feature owner from itself",
        ),
        (
            "clients/set_description",
            vec![("for_client_id", "nobody"), ("description", "x")],
            200,
            "for_client_id was not valid for the following reason: for_client_id is not a valid id",
        ),
        (
            "clients/delete",
            vec![("client_id_for_deletion", "nobody")],
            200,
            "client_id_for_deletion is not a valid id",
        ),
        (
            "clients/reset_secret",
            vec![("for_client_id", id), ("hours_to_live", "169")],
            200,
            "between 0 and 168",
        ),
        (
            "clients/reset_secret",
            vec![("for_client_id", id), ("hours_to_live", "-1")],
            200,
            "between 0 and 168",
        ),
        (
            "clients/set_whitelist",
            vec![("for_client_id", id), ("whitelist", "[]")],
            200,
            "at least one",
        ),
        (
            "clients/set_whitelist",
            vec![
                ("for_client_id", id),
                ("whitelist", r#"["192.0.2.0/24","localhost"]"#),
            ],
            200,
            "localhost is not an IP address",
        ),
    ] {
        let (code, said) = gate.refusal(operation, &pairs);
        assert_eq!(code, expected, "{operation} {pairs:?}: {said}");
        assert!(said.contains(words), "{operation} {pairs:?}: {said}");
    }
}

#[test]
fn a_client_is_changed_where_it_is_meant() {
    let gate = Gate::new();
    let (id, secret) = gate.client("[]");
    let ok = r#"{"stat":"ok"}"#;
    let meant = ("for_client_id", id.as_str());
    gate.expect(
        "clients/set_description",
        &[meant, ("description", "renamed")],
        ok,
    );
    gate.expect("clients/set_description", &[("description", "me")], ok);
    gate.expect(
        "clients/set_features",
        &[meant, ("features", r#"["metadata","owner"]"#)],
        ok,
    );
    gate.expect(
        "clients/set_whitelist",
        &[meant, ("whitelist", r#"["10.0.0.0/8","::1"]"#)],
        ok,
    );
    let list = gate.call("clients/list", &[]);
    let list = listed(&list);
    assert_eq!(text(list[0], "description"), "me");
    let shown = format!(
        r#"{{"client_id":"{id}","client_secret":"{secret}","description":"renamed","features":["metadata","owner"],"whitelist":["10.0.0.0/8","::1"]}}"#
    );
    assert_eq!(list[1].to_string(), shown);
    gate.expect("clients/clear_whitelist", &[meant], ok);
    let list = gate.call("clients/list", &[]);
    let whitelist = listed(&list)[1].get("whitelist").map(Json::to_string);
    assert_eq!(whitelist.as_deref(), Some(r#"["0.0.0.0/0"]"#));
}

/// Another owner may take the right away; what was let in before that changes nothing any more.
#[test]
fn an_owner_always_remains() {
    let gate = Gate::new();
    let (id, secret) = gate.client(r#"["owner"]"#);
    let other = || basic(&id, &secret);
    let first = gate.owner_id().to_owned();
    let let_in = gate
        .store
        .read(|transaction| clients::find(transaction, &first))
        .expect("reads")
        .expect("is there");
    let reply = gate.ask(
        other(),
        "clients/set_features",
        &[("for_client_id", &first), ("features", "[]")],
    );
    assert_eq!(code(&reply.body), None);
    assert_eq!(gate.refusal("clients/list", &[]).0, 403);
    let late = Context {
        store: &gate.store,
        args: &Args::from_pairs([("client_id_for_deletion", &id)]),
        caller: &Caller::Client(let_in),
        now: gate.now,
    };
    let Err(Fault::Api(error)) = operate(late, Endpoint::ClientsDelete) else {
        panic!("it changed something");
    };
    assert_eq!(error.code, ErrorCode::CLIENT_PERMISSION_ERROR);
    let reply = gate.ask(other(), "clients/set_features", &[("features", "[]")]);
    assert_eq!(code(&reply.body), Some(200));
    let reply = gate.ask(
        other(),
        "clients/delete",
        &[("client_id_for_deletion", &first)],
    );
    assert_eq!(code(&reply.body), None);
    assert_eq!(gate.store.owner().expect("one is left").0, id);
}

#[test]
fn an_old_secret_lives_as_long_as_it_is_given() {
    let mut gate = Gate::new();
    let (id, first) = gate.client(r#"["direct_read_access"]"#);
    let reset = |gate: &Gate, hours: Option<&str>| {
        let mut pairs = vec![("for_client_id", id.as_str())];
        pairs.extend(hours.map(|hours| ("hours_to_live", hours)));
        let answer = gate.call("clients/reset_secret", &pairs);
        assert_eq!(keys(&answer), ["new_secret", "stat"]);
        text(&answer, "new_secret").to_owned()
    };
    let second = reset(&gate, Some("24"));
    assert_eq!(second.len(), 32);
    assert_eq!(
        (gate.knock(&id, &first), gate.knock(&id, &second)),
        (None, None)
    );
    gate.wait(23.hours().minutes(59));
    assert_eq!(gate.knock(&id, &first), None);
    gate.wait(1.minute());
    assert_eq!(gate.knock(&id, &first), Some(402));
    assert_eq!(gate.knock(&id, &second), None);
    // Two secrets at most: the newest, and the one before it.
    let third = reset(&gate, Some("168"));
    let fourth = reset(&gate, Some("168"));
    assert_eq!(gate.knock(&id, &second), Some(402));
    assert_eq!(
        (gate.knock(&id, &third), gate.knock(&id, &fourth)),
        (None, None)
    );
    let fifth = reset(&gate, None);
    for old in [&first, &second, &third, &fourth] {
        assert_eq!(gate.knock(&id, old), Some(402));
    }
    assert_eq!(gate.knock(&id, &fifth), None);
    // What an unknown client's secret is compared with opens nothing.
    assert_eq!(gate.knock(&id, &"0".repeat(32)), Some(402));
    assert_eq!(gate.knock("nobody", &"0".repeat(32)), Some(402));
    assert_eq!(gate.knock(&id, ""), Some(402));
}

#[test]
fn only_addresses_on_the_list_are_let_in() {
    let mut gate = Gate::new();
    let (id, secret) = gate.client(r#"["direct_read_access"]"#);
    let mut codes = |list: Option<&str>, addresses: &[&str]| -> Vec<Option<i64>> {
        gate.from = IpAddr::from([127, 0, 0, 1]);
        let meant = ("for_client_id", id.as_str());
        match list {
            Some(list) => gate.call("clients/set_whitelist", &[meant, ("whitelist", list)]),
            None => gate.call("clients/clear_whitelist", &[meant]),
        };
        addresses
            .iter()
            .map(|address| {
                gate.from = address.parse().expect("is an address");
                gate.knock(&id, &secret)
            })
            .collect()
    };
    let everywhere = ["127.0.0.1", "203.0.113.9", "::1", "2001:db8::1"];
    assert_eq!(codes(None, &everywhere), [None; 4]);
    assert_eq!(
        codes(
            Some(r#"["192.0.2.0/24","::1"]"#),
            &["192.0.2.9", "::ffff:192.0.2.9", "::1", "127.0.0.1", "::2"]
        ),
        [None, None, None, Some(403), Some(403)]
    );
    let reply = gate.ask(
        basic(&id, &secret),
        "entity.count",
        &[("type_name", "user")],
    );
    assert_eq!(
        text(&reply.body, "error_description"),
        "this client may not call from ::2: its allow list does not hold that address"
    );
    // Who proves nothing learns nothing of lists.
    assert_eq!(gate.knock(&id, "wrong"), Some(402));
}

/// The documented answers; the settings of the vendor's loader's own tests.
#[test]
fn settings_are_kept_for_clients_over_defaults() {
    let gate = Gate::new();
    let (id, _) = gate.client("[]");
    let meant = ("for_client_id", id.as_str());
    let key = |name| ("key", name);
    for (operation, pairs, result) in [
        (
            "set_default",
            vec![key("test_both"), ("value", "default")],
            "false",
        ),
        (
            "set_default",
            vec![key("test_default"), ("value", "default")],
            "false",
        ),
        (
            "set_default",
            vec![key("test_default"), ("value", "default")],
            "true",
        ),
        (
            "set",
            vec![meant, key("test_both"), ("value", "client")],
            "false",
        ),
        (
            "set",
            vec![meant, key("test_both"), ("value", "client0")],
            "true",
        ),
        ("set", vec![key("own"), ("value", "")], "false"),
        ("set", vec![key("own"), ("value", r#"["a"]"#)], "true"),
        (
            "set_multi",
            vec![
                meant,
                ("items", r#"{"test_both":"client0","test_client":"10"}"#),
            ],
            r#"{"test_both":true,"test_client":false}"#,
        ),
        (
            "set_default_multi",
            vec![("items", r#"{"test_default":"default","x":"y"}"#)],
            r#"{"test_default":true,"x":false}"#,
        ),
        ("delete_default", vec![key("x")], "true"),
        ("delete_default", vec![key("x")], "false"),
        ("get", vec![meant, key("test_both")], r#""client0""#),
        ("get", vec![meant, key("test_default")], r#""default""#),
        ("get", vec![meant, key("nothing")], "null"),
        ("get", vec![key("test_both")], r#""default""#),
        ("get", vec![key("own")], r#""[\"a\"]""#),
        ("get_default", vec![key("test_both")], r#""default""#),
        ("get_default", vec![key("test_client")], "null"),
        (
            "get_multi",
            vec![
                meant,
                ("keys", r#"["test_client","test_default","nothing"]"#),
            ],
            r#"{"test_client":"10","test_default":"default","nothing":null}"#,
        ),
        (
            "items",
            vec![meant],
            r#"{"test_both":"client0","test_client":"10","test_default":"default"}"#,
        ),
        (
            "keys",
            vec![meant],
            r#"["test_both","test_client","test_default"]"#,
        ),
        ("keys", vec![], r#"["own","test_both","test_default"]"#),
    ] {
        let expected = format!(r#"{{"result":{result},"stat":"ok"}}"#);
        gate.expect(&format!("settings/{operation}"), &pairs, &expected);
    }
    let defaults = r#"{"test_both":"default","test_default":"default"}"#;
    let own = r#"{"test_both":"client0","test_client":"10"}"#;
    let owner = gate.owner_id();
    gate.expect(
        "settings/get_all",
        &[],
        &format!(
            r#"{{"client_settings":{{"{owner}":{{"own":"[\"a\"]"}},"{id}":{own}}},"default_settings":{defaults},"stat":"ok"}}"#
        ),
    );
    gate.expect(
        "settings/get_all",
        &[meant],
        &format!(
            r#"{{"client_settings":{{"{id}":{own}}},"default_settings":{defaults},"stat":"ok"}}"#
        ),
    );
    gate.expect(
        "settings/delete",
        &[meant, key("test_both")],
        r#"{"result":true,"stat":"ok"}"#,
    );
    gate.expect(
        "settings/get",
        &[meant, key("test_both")],
        r#"{"result":"default","stat":"ok"}"#,
    );
    gate.expect(
        "settings/delete",
        &[meant, key("test_both")],
        r#"{"result":false,"stat":"ok"}"#,
    );
}

#[test]
fn wrong_settings_are_refused_whole() {
    let gate = Gate::new();
    for (operation, pairs, words) in [
        (
            "set_multi",
            [("items", r#"{"a":"1","b":2}"#)].as_slice(),
            "the value of b is not a string",
        ),
        ("set_multi", &[("items", "[]")], "not object"),
        ("get_multi", &[("keys", r#"["a",1]"#)], "array of strings"),
        (
            "get",
            &[("key", "a"), ("for_client_id", "nobody")],
            "for_client_id is not a valid id",
        ),
        (
            "set",
            &[("key", "a"), ("value", "1"), ("for_client_id", "nobody")],
            "for_client_id is not a valid id",
        ),
        (
            "get_all",
            &[("for_client_id", "nobody")],
            "for_client_id is not a valid id",
        ),
    ] {
        let (code, said) = gate.refusal(&format!("settings/{operation}"), pairs);
        assert_eq!(code, 200, "{operation}: {said}");
        assert!(said.contains(words), "{operation}: {said}");
    }
    assert_eq!(gate.refusal("settings/set", &[("key", "a")]).0, 100);
    gate.expect("settings/items", &[], r#"{"result":{},"stat":"ok"}"#);
}

#[test]
fn what_belongs_to_a_client_goes_with_it() {
    let gate = Gate::new();
    let (id, _) = gate.client("[]");
    let meant = ("for_client_id", id.as_str());
    gate.call("settings/set", &[meant, ("key", "a"), ("value", "1")]);
    gate.call("clients/reset_secret", &[meant, ("hours_to_live", "1")]);
    gate.call(
        "entityType.setAccessSchema",
        &[
            meant,
            ("type_name", "user"),
            ("access_type", "read"),
            ("attributes", "[]"),
        ],
    );
    gate.expect(
        "clients/delete",
        &[("client_id_for_deletion", &id)],
        r#"{"stat":"ok"}"#,
    );
    gate.expect(
        "settings/get_all",
        &[],
        r#"{"client_settings":{},"default_settings":{},"stat":"ok"}"#,
    );
}
