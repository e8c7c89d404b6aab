//! API clients: `clients/…`.

use serde_json::Value;
use serde_json::json;

use crate::sandbox::conformance::Case;
use crate::sandbox::conformance::case;
use crate::sandbox::conformance::play::Client;
use crate::sandbox::conformance::play::Play;
use crate::sandbox::conformance::play::client_of;
use crate::sandbox::conformance::play::keys;
use crate::sandbox::conformance::play::pluck;

pub(super) const CASES: &[Case] = &[
    case(
        "clients/list",
        "10",
        "lists every client with its secret",
        lists,
    ),
    case(
        "clients/list",
        "10",
        "lists those with any of the features asked for",
        lists_by_features,
    ),
    case("clients/add", "10", "adds a client that can call", adds),
    case(
        "clients/add",
        "10",
        "gives no features when none are asked for",
        adds_without_features,
    ),
    case(
        "clients/add",
        "10",
        "refuses what is no client",
        add_refuses,
    ),
    case("clients/delete", "10", "takes a client away", deletes),
    case("clients/reset_secret", "10", "gives a new secret", resets),
    case(
        "clients/reset_secret",
        "10",
        "lets the old secret live for hours if asked",
        resets_gently,
    ),
    case(
        "clients/set_description",
        "10",
        "replaces the description",
        describes,
    ),
    case(
        "clients/set_features",
        "10",
        "replaces the features",
        sets_features,
    ),
    case(
        "clients/set_features",
        "10",
        "leaves the owner an owner",
        keeps_owner,
    ),
    case(
        "clients/set_whitelist",
        "10",
        "lets a client call from its addresses only",
        restricts,
    ),
    case(
        "clients/clear_whitelist",
        "10",
        "lets a client call from everywhere",
        opens,
    ),
];

#[track_caller]
fn listed(play: &mut Play, client: &Client) -> Option<Value> {
    let answer = play.ok("clients/list", &[]);
    let clients = answer["results"].as_array().expect("is an array").iter();
    clients
        .clone()
        .find(|one| one["client_id"] == client.id.as_str())
        .cloned()
}

fn lists(play: &mut Play) {
    let client = play.client(&["direct_access"]);
    let answer = play.ok("clients/list", &[]);
    assert_eq!(keys(&answer), ["results", "stat"]);
    let (one, owner) = (listed(play, &client).expect("is listed"), play.owner());
    let mut members = keys(&one);
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "client_id",
            "client_secret",
            "description",
            "features",
            "whitelist"
        ]
    );
    assert_eq!(one["client_secret"], client.secret.as_str());
    assert_eq!(
        (&one["features"], &one["whitelist"]),
        (&json!(["direct_access"]), &json!(["0.0.0.0/0"]))
    );
    let owner = listed(play, &owner).expect("is listed");
    assert_eq!(owner["features"], json!(["owner"]));
}

fn lists_by_features(play: &mut Play) {
    let reader = play.client(&["direct_read_access"]);
    let issuer = play.client(&["access_issuer", "login_client"]);
    let mut having = |features| {
        let answer = play.ok("clients/list", &[("has_features", features)]);
        pluck(&answer["results"], "client_id")
    };
    assert_eq!(having(r#"["direct_read_access"]"#), [reader.id.as_str()]);
    assert_eq!(having(r#"["login_client"]"#), [issuer.id.as_str()]);
    let any = having(r#"["direct_read_access","access_issuer"]"#);
    assert!(any.len() == 2 && any.contains(&json!(reader.id)) && any.contains(&json!(issuer.id)));
    assert_eq!(having(r#"["direct_access"]"#), [""; 0]);
    play.refused(200, "clients/list", &[("has_features", "owner")]);
}

fn adds(play: &mut Play) {
    let arguments = [
        ("description", "Reads é."),
        ("features", r#"["direct_read_access"]"#),
    ];
    let answer = play.ok("clients/add", &arguments);
    let mut members = keys(&answer);
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "client_id",
            "client_secret",
            "description",
            "features",
            "stat",
            "whitelist"
        ]
    );
    assert_eq!(
        (&answer["description"], &answer["features"]),
        (&json!("Reads é."), &json!(["direct_read_access"]))
    );
    let client = client_of(&answer);
    assert_eq!((client.id.len(), client.secret.len()), (32, 32));
    assert_eq!(client.id, client.id.to_lowercase());
    play.ok_as(&client, "entity.count", &[("type_name", "user")]);
    play.refused_as(
        &client,
        403,
        "entity.create",
        &[("type_name", "user"), ("attributes", "{}")],
    );
}

fn adds_without_features(play: &mut Play) {
    let answer = play.ok("clients/add", &[("description", "Nothing.")]);
    assert_eq!(
        (&answer["features"], &answer["whitelist"]),
        (&json!([]), &json!(["0.0.0.0/0"]))
    );
    let client = client_of(&answer);
    play.ok_as(&client, "entityType", &[("type_name", "user")]);
    play.refused_as(&client, 403, "entity.count", &[("type_name", "user")]);
}

fn add_refuses(play: &mut Play) {
    let answer = play.refused(100, "clients/add", &[("features", "[]")]);
    assert_eq!(answer["argument_name"], "description");
    for features in ["owner", r#"["sparkle"]"#, "{}"] {
        let answer = play.refused(
            200,
            "clients/add",
            &[("description", "x"), ("features", features)],
        );
        assert_eq!(answer["argument_name"], "features");
    }
}

fn deletes(play: &mut Play) {
    let client = play.client(&["owner"]);
    let answer = play.ok("clients/delete", &[("client_id_for_deletion", &client.id)]);
    assert_eq!(answer, json!({"stat": "ok"}));
    assert_eq!(listed(play, &client), None);
    play.refused_as(&client, 402, "entityType.list", &[]);
    let again = play.call("clients/delete", &[("client_id_for_deletion", &client.id)]);
    assert_eq!(again["stat"], "error");
    let answer = play.refused(100, "clients/delete", &[]);
    assert_eq!(answer["argument_name"], "client_id_for_deletion");
}

/// Resets the client's secret, and gives it with the new one.
#[track_caller]
fn reset(play: &mut Play, client: &Client, more: &[(&str, &str)]) -> Client {
    let arguments = [&[("for_client_id", client.id.as_str())], more].concat();
    let answer = play.ok("clients/reset_secret", &arguments);
    assert_eq!(keys(&answer), ["new_secret", "stat"]);
    let secret = answer["new_secret"].as_str().expect("is text").to_owned();
    assert_eq!(secret.len(), 32);
    Client {
        secret,
        ..client.clone()
    }
}

fn resets(play: &mut Play) {
    let client = play.client(&["owner"]);
    let renewed = reset(play, &client, &[]);
    assert_ne!(renewed.secret, client.secret);
    play.ok_as(&renewed, "entityType.list", &[]);
    play.refused_as(&client, 402, "entityType.list", &[]);
    // Without for_client_id, the caller's own.
    let answer = play.ok_as(&renewed, "clients/reset_secret", &[("hours_to_live", "0")]);
    let secret = answer["new_secret"].as_str().expect("is text").to_owned();
    play.refused_as(&renewed, 402, "entityType.list", &[]);
    play.ok_as(
        &Client {
            secret,
            ..client.clone()
        },
        "entityType.list",
        &[],
    );
}

fn resets_gently(play: &mut Play) {
    let client = play.client(&["owner"]);
    let renewed = reset(play, &client, &[("hours_to_live", "168")]);
    play.ok_as(&renewed, "entityType.list", &[]);
    play.ok_as(&client, "entityType.list", &[]);
    for hours in ["169", "-1", "x"] {
        let arguments = [
            ("for_client_id", client.id.as_str()),
            ("hours_to_live", hours),
        ];
        let answer = play.refused(200, "clients/reset_secret", &arguments);
        assert_eq!(answer["argument_name"], "hours_to_live");
    }
    let unknown = play.call("clients/reset_secret", &[("for_client_id", "nobody")]);
    assert_eq!(unknown["stat"], "error");
}

fn describes(play: &mut Play) {
    let client = play.client(&[]);
    let arguments = [
        ("for_client_id", client.id.as_str()),
        ("description", "Another \"one\"."),
    ];
    assert_eq!(
        play.ok("clients/set_description", &arguments),
        json!({"stat": "ok"})
    );
    assert_eq!(
        listed(play, &client).expect("is listed")["description"],
        "Another \"one\"."
    );
    play.ok("clients/set_description", &[("description", "Me.")]);
    let owner = play.owner();
    assert_eq!(
        listed(play, &owner).expect("is listed")["description"],
        "Me."
    );
    play.refused(
        100,
        "clients/set_description",
        &[("for_client_id", &client.id)],
    );
}

fn sets_features(play: &mut Play) {
    let client = play.client(&["direct_access"]);
    let set = |features| {
        [
            ("for_client_id", client.id.as_str()),
            ("features", features),
        ]
    };
    assert_eq!(
        play.ok(
            "clients/set_features",
            &set(r#"["direct_read_access","login_client"]"#)
        ),
        json!({"stat": "ok"})
    );
    assert_eq!(
        listed(play, &client).expect("is listed")["features"],
        json!(["direct_read_access", "login_client"])
    );
    play.ok_as(&client, "entity.count", &[("type_name", "user")]);
    play.refused_as(
        &client,
        403,
        "entity.create",
        &[("type_name", "user"), ("attributes", "{}")],
    );
    play.ok("clients/set_features", &set("[]"));
    play.refused_as(&client, 403, "entity.count", &[("type_name", "user")]);
    play.refused(200, "clients/set_features", &set(r#"["sparkle"]"#));
    play.refused(
        100,
        "clients/set_features",
        &[("for_client_id", &client.id)],
    );
}

fn keeps_owner(play: &mut Play) {
    let owner = play.owner();
    for arguments in [
        vec![("features", r#"["direct_access"]"#)],
        vec![("for_client_id", owner.id.as_str()), ("features", "[]")],
    ] {
        assert_eq!(
            play.call("clients/set_features", &arguments)["stat"],
            "error"
        );
    }
    play.ok(
        "clients/set_features",
        &[("features", r#"["owner","direct_access"]"#)],
    );
    assert_eq!(
        listed(play, &owner).expect("is listed")["features"],
        json!(["owner", "direct_access"])
    );
}

fn restricts(play: &mut Play) {
    let client = play.client(&["owner"]);
    let set = |whitelist| {
        [
            ("for_client_id", client.id.as_str()),
            ("whitelist", whitelist),
        ]
    };
    assert_eq!(
        play.ok(
            "clients/set_whitelist",
            &set(r#"["192.0.2.0/24","198.51.100.7/32"]"#)
        ),
        json!({"stat": "ok"})
    );
    let shown = listed(play, &client).expect("is listed")["whitelist"].take();
    assert_eq!(shown, json!(["192.0.2.0/24", "198.51.100.7/32"]));
    play.refused_as(&client, 403, "entityType.list", &[]);
    play.ok("clients/set_whitelist", &set(r#"["127.0.0.0/8"]"#));
    play.ok_as(&client, "entityType.list", &[]);
    for broken in [r#"["192.0.2.0/33"]"#, r#"["everywhere"]"#, "x", "{}"] {
        let answer = play.refused(200, "clients/set_whitelist", &set(broken));
        assert_eq!(answer["argument_name"], "whitelist");
    }
    play.refused(
        100,
        "clients/set_whitelist",
        &[("for_client_id", &client.id)],
    );
}

fn opens(play: &mut Play) {
    let client = play.client(&["owner"]);
    let arguments = [
        ("for_client_id", client.id.as_str()),
        ("whitelist", r#"["192.0.2.0/24"]"#),
    ];
    play.ok("clients/set_whitelist", &arguments);
    play.refused_as(&client, 403, "entityType.list", &[]);
    assert_eq!(
        play.ok("clients/clear_whitelist", &arguments[..1]),
        json!({"stat": "ok"})
    );
    play.ok_as(&client, "entityType.list", &[]);
    assert_eq!(
        listed(play, &client).expect("is listed")["whitelist"],
        json!(["0.0.0.0/0"])
    );
}
