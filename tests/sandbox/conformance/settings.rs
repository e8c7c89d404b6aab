//! Settings of clients, and their defaults: `settings/…`.

use serde_json::Value;
use serde_json::json;

use crate::sandbox::conformance::Case;
use crate::sandbox::conformance::case;
use crate::sandbox::conformance::play::Play;
use crate::sandbox::conformance::play::keys;

pub(super) const CASES: &[Case] = &[
    case(
        "settings/set",
        "10",
        "stores a setting and tells whether there was one",
        sets,
    ),
    case(
        "settings/set_multi",
        "10",
        "stores several and tells of each whether there was one",
        sets_many,
    ),
    case(
        "settings/set_default",
        "10",
        "stores a default",
        sets_a_default,
    ),
    case(
        "settings/set_default_multi",
        "10",
        "stores several defaults",
        sets_many_defaults,
    ),
    case(
        "settings/get",
        "10",
        "gives a client's own before the default",
        gets,
    ),
    case("settings/get_multi", "10", "gives several", gets_many),
    case(
        "settings/get_default",
        "10",
        "gives the default whatever the client has",
        gets_a_default,
    ),
    case(
        "settings/get_all",
        "10",
        "gives the clients' settings and the defaults",
        gets_all,
    ),
    case(
        "settings/items",
        "10",
        "gives names with values",
        gives_items,
    ),
    case("settings/keys", "10", "gives names", gives_keys),
    case(
        "settings/delete",
        "10",
        "deletes a setting and tells whether there was one",
        deletes,
    ),
    case(
        "settings/delete_default",
        "10",
        "deletes a default and tells whether there was one",
        deletes_a_default,
    ),
    case(
        "settings/items",
        "10",
        "shows a client its own settings, and an owner everybody's",
        gives_clients_their_own,
    ),
    case(
        "settings/set",
        "8",
        "refuses a call without its arguments",
        refuses,
    ),
];

/// Calls and gives the result.
#[track_caller]
fn result(play: &mut Play, operation: &str, arguments: &[(&str, &str)]) -> Value {
    let mut answer = play.ok(operation, arguments);
    assert_eq!(keys(&answer), ["result", "stat"], "{operation}");
    answer["result"].take()
}

fn sets(play: &mut Play) {
    let client = play.client(&[]);
    let own = [("key", "level"), ("value", "10")];
    assert_eq!(result(play, "settings/set", &own), false);
    assert_eq!(
        result(play, "settings/set", &[("key", "level"), ("value", "11")]),
        true
    );
    assert_eq!(result(play, "settings/get", &[("key", "level")]), "11");
    let other = [
        ("for_client_id", client.id.as_str()),
        ("key", "level"),
        ("value", "é = 1"),
    ];
    assert_eq!(result(play, "settings/set", &other), false);
    assert_eq!(result(play, "settings/get", &other[..2]), "é = 1");
    assert_eq!(result(play, "settings/get", &[("key", "level")]), "11");
}

fn sets_many(play: &mut Play) {
    let client = play.client(&[]);
    let of = ("for_client_id", client.id.as_str());
    play.ok("settings/set", &[of, ("key", "a"), ("value", "1")]);
    let existed = result(
        play,
        "settings/set_multi",
        &[of, ("items", r#"{"a":"2","b":"3"}"#)],
    );
    assert_eq!(existed, json!({"a": true, "b": false}));
    assert_eq!(
        result(play, "settings/items", &[of]),
        json!({"a": "2", "b": "3"})
    );
    play.refused(200, "settings/set_multi", &[of, ("items", "[]")]);
}

fn sets_a_default(play: &mut Play) {
    let set = |value| [("key", "level"), ("value", value)];
    assert_eq!(result(play, "settings/set_default", &set("1")), false);
    assert_eq!(result(play, "settings/set_default", &set("2")), true);
    assert_eq!(
        result(play, "settings/get_default", &[("key", "level")]),
        "2"
    );
}

fn sets_many_defaults(play: &mut Play) {
    play.ok("settings/set_default", &[("key", "a"), ("value", "1")]);
    let existed = result(
        play,
        "settings/set_default_multi",
        &[("items", r#"{"a":"2","b":"3"}"#)],
    );
    assert_eq!(existed, json!({"a": true, "b": false}));
    assert_eq!(result(play, "settings/get_default", &[("key", "b")]), "3");
}

fn gets(play: &mut Play) {
    let client = play.client(&[]);
    let of = [("for_client_id", client.id.as_str()), ("key", "level")];
    assert_eq!(result(play, "settings/get", &of), Value::Null);
    play.ok(
        "settings/set_default",
        &[("key", "level"), ("value", "default")],
    );
    assert_eq!(result(play, "settings/get", &of), "default");
    play.ok("settings/set", &[of[0], of[1], ("value", "own")]);
    assert_eq!(result(play, "settings/get", &of), "own");
}

fn gets_many(play: &mut Play) {
    let client = play.client(&[]);
    let of = ("for_client_id", client.id.as_str());
    play.ok(
        "settings/set_default",
        &[("key", "a"), ("value", "default")],
    );
    play.ok("settings/set", &[of, ("key", "b"), ("value", "own")]);
    let answer = result(
        play,
        "settings/get_multi",
        &[of, ("keys", r#"["a","b","c"]"#)],
    );
    assert_eq!(
        (&answer["a"], &answer["b"], &answer["c"]),
        (&json!("default"), &json!("own"), &Value::Null)
    );
    play.refused(200, "settings/get_multi", &[of, ("keys", "a")]);
}

fn gets_a_default(play: &mut Play) {
    assert_eq!(
        result(play, "settings/get_default", &[("key", "level")]),
        Value::Null
    );
    play.ok(
        "settings/set_default",
        &[("key", "level"), ("value", "default")],
    );
    play.ok("settings/set", &[("key", "level"), ("value", "own")]);
    assert_eq!(
        result(play, "settings/get_default", &[("key", "level")]),
        "default"
    );
}

fn gets_all(play: &mut Play) {
    let client = play.client(&[]);
    play.ok("settings/set_default", &[("key", "a"), ("value", "1")]);
    play.ok(
        "settings/set",
        &[("for_client_id", &client.id), ("key", "b"), ("value", "2")],
    );
    for arguments in [&[][..], &[("for_client_id", client.id.as_str())]] {
        let answer = play.ok("settings/get_all", arguments);
        let text = answer.to_string();
        let (clients, defaults) = (
            find(&answer, "client_settings"),
            find(&answer, "default_settings"),
        );
        assert_eq!(defaults["a"], "1", "{text}");
        assert!(clients.to_string().contains(r#""b":"2""#), "{text}");
    }
}

/// The member, in the answer or in its `result`: where the docs put it is not known.
fn find<'a>(answer: &'a Value, member: &str) -> &'a Value {
    answer
        .get(member)
        .unwrap_or_else(|| &answer["result"][member])
}

fn gives_items(play: &mut Play) {
    let client = play.client(&[]);
    let of = [("for_client_id", client.id.as_str())];
    assert_eq!(result(play, "settings/items", &of), json!({}));
    play.ok("settings/set", &[of[0], ("key", "a"), ("value", "1")]);
    assert_eq!(result(play, "settings/items", &of), json!({"a": "1"}));
    assert_eq!(result(play, "settings/items", &[]), json!({}));
}

fn gives_keys(play: &mut Play) {
    let client = play.client(&[]);
    let of = [("for_client_id", client.id.as_str())];
    play.ok(
        "settings/set_multi",
        &[of[0], ("items", r#"{"a":"1","b":"2"}"#)],
    );
    assert_eq!(result(play, "settings/keys", &of), json!(["a", "b"]));
    assert_eq!(result(play, "settings/keys", &[]), json!([]));
}

fn deletes(play: &mut Play) {
    let client = play.client(&[]);
    let of = [("for_client_id", client.id.as_str()), ("key", "a")];
    assert_eq!(result(play, "settings/delete", &of), false);
    play.ok("settings/set", &[of[0], of[1], ("value", "1")]);
    assert_eq!(result(play, "settings/delete", &of), true);
    assert_eq!(result(play, "settings/get", &of), Value::Null);
}

fn deletes_a_default(play: &mut Play) {
    let of = [("key", "a")];
    assert_eq!(result(play, "settings/delete_default", &of), false);
    play.ok("settings/set_default", &[of[0], ("value", "1")]);
    assert_eq!(result(play, "settings/delete_default", &of), true);
    assert_eq!(result(play, "settings/get_default", &of), Value::Null);
}

fn gives_clients_their_own(play: &mut Play) {
    let client = play.client(&["login_client"]);
    let other = play.client(&["direct_access"]);
    play.ok("settings/set_default", &[("key", "a"), ("value", "1")]);
    let items = [("items", r#"{"level":"10","public":"true"}"#)];
    let answer = play.ok_as(&client, "settings/set_multi", &items);
    assert_eq!(answer["result"], json!({"level": false, "public": false}));
    let myself = [("for_client_id", client.id.as_str())];
    for arguments in [&[][..], &myself] {
        let answer = play.ok_as(&client, "settings/items", arguments);
        let expected = json!({"a": "1", "level": "10", "public": "true"});
        assert_eq!(answer["result"], expected);
    }
    assert_eq!(
        play.ok_as(&other, "settings/items", &[])["result"],
        json!({"a": "1"})
    );
    let key = ("key", "level");
    let of_client = [("for_client_id", client.id.as_str()), key, ("value", "11")];
    for operation in ["settings/get", "settings/set", "settings/delete"] {
        play.refused_as(&other, 403, operation, &of_client);
    }
    play.refused_as(
        &other,
        403,
        "settings/items",
        &[("for_client_id", "nobody")],
    );
    play.refused_as(&other, 403, "settings/set_default", &of_client[1..]);
    assert_eq!(result(play, "settings/get", &of_client[..2]), "10");
    assert_eq!(
        play.ok_as(&client, "settings/delete", &[key])["result"],
        true
    );
}

fn refuses(play: &mut Play) {
    for (operation, missing) in [
        ("settings/set", "key"),
        ("settings/get", "key"),
        ("settings/delete", "key"),
        ("settings/set_default", "key"),
        ("settings/get_multi", "keys"),
        ("settings/set_multi", "items"),
    ] {
        let answer = play.refused(100, operation, &[("value", "x")]);
        assert_eq!(answer["argument_name"], missing, "{operation}");
    }
    let answer = play.refused(100, "settings/set", &[("key", "a")]);
    assert_eq!(answer["argument_name"], "value");
    let unknown = play.call(
        "settings/set",
        &[("for_client_id", "nobody"), ("key", "a"), ("value", "x")],
    );
    assert_eq!(unknown["stat"], "error");
}
