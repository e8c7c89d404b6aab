//! Users and what they may do with a token of their own: `access/…`, `oauth/token`, `entity.deleteAccess`.

use serde_json::Value;
use serde_json::json;

use crate::sandbox::conformance::Case;
use crate::sandbox::conformance::case;
use crate::sandbox::conformance::play::Client;
use crate::sandbox::conformance::play::Play;
use crate::sandbox::conformance::play::assert_refused;
use crate::sandbox::conformance::play::keys;
use crate::sandbox::conformance::play::pluck;
use crate::support::http;

pub(super) const CASES: &[Case] = &[
    case(
        "access/getAccessToken",
        "9",
        "gives a token for the record, found by each of its names",
        gives_a_token,
    ),
    case(
        "access/getAccessToken",
        "10",
        "gives a token for another client to an issuer only",
        gives_for_others,
    ),
    case(
        "entity",
        "9",
        "shows users their own record, whatever they choose",
        shows_own_record,
    ),
    case(
        "entity.update",
        "9",
        "changes users' own record, whatever they choose",
        changes_own_record,
    ),
    case(
        "entity.replace",
        "9",
        "replaces users' own record, whatever they choose",
        replaces_own_record,
    ),
    case(
        "entity.delete",
        "9",
        "deletes users' own record, and their access with it",
        deletes_own_record,
    ),
    case("entity.find", "2.1", "is not for users", is_not_for_users),
    case(
        "entity",
        "9",
        "lets the token speak before the client",
        token_before_client,
    ),
    case(
        "entity.deleteAccess",
        "2.10",
        "withdraws every token of the record",
        withdraws,
    ),
    case(
        "entityType.setAccessSchema",
        "3.3",
        "restricts users by lists of their own",
        restricts_users,
    ),
    case(
        "access/getAuthorizationCode",
        "9",
        "gives a code for one exchange",
        gives_a_code,
    ),
    case(
        "oauth/token",
        "9",
        "exchanges a refresh token once",
        refreshes,
    ),
    case(
        "oauth/token",
        "1.2",
        "answers errors in OAuth's way",
        answers_as_oauth,
    ),
];

/// A record for each of two users, and a token for the first.
fn users(play: &mut Play) -> (Value, Value, String) {
    play.person();
    let own = play.create(
        "person",
        &json!({"email": "own@example.com", "age": 1, "tags": ["x"]}),
    );
    let other = play.create("person", &json!({"email": "other@example.com", "age": 2}));
    let token = token_for(play, &own);
    (own, other, token)
}

#[track_caller]
fn token_for(play: &mut Play, record: &Value) -> String {
    let uuid = record["uuid"].as_str().expect("is text").to_owned();
    let answer = play.ok(
        "access/getAccessToken",
        &[("type_name", "person"), ("uuid", &uuid)],
    );
    assert_eq!(keys(&answer), ["accessToken", "stat"]);
    answer["accessToken"].as_str().expect("is text").to_owned()
}

/// Calls as the user who holds the token, in the header or as an argument.
fn as_user(
    play: &mut Play,
    token: &str,
    by_header: bool,
    operation: &str,
    arguments: &[(&str, &str)],
) -> Value {
    if by_header {
        let headers = format!("Authorization: OAuth {token}\r\n");
        play.send(operation, &headers, arguments).json()
    } else {
        let arguments = [arguments, &[("access_token", token)]].concat();
        play.send(operation, "", &arguments).json()
    }
}

fn gives_a_token(play: &mut Play) {
    let (own, _, token) = users(play);
    let id = own["id"].to_string();
    let mut tokens = vec![token];
    for selector in [
        vec![("id", id.as_str())],
        vec![("uuid", own["uuid"].as_str().expect("is text"))],
        vec![
            ("key_attribute", "email"),
            ("key_value", r#""own@example.com""#),
        ],
    ] {
        let arguments = [vec![("type_name", "person")], selector].concat();
        let answer = play.ok("access/getAccessToken", &arguments);
        tokens.push(answer["accessToken"].as_str().expect("is text").to_owned());
    }
    for token in &tokens {
        let answer = as_user(play, token, true, "entity", &[]);
        assert_eq!(answer["result"]["id"], own["id"]);
    }
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 4, "each is another");
    play.refused(
        310,
        "access/getAccessToken",
        &[("type_name", "person"), ("id", "999999999")],
    );
    play.refused(
        222,
        "access/getAccessToken",
        &[("type_name", "nosuch"), ("id", &id)],
    );
    play.refused(100, "access/getAccessToken", &[("type_name", "person")]);
}

fn gives_for_others(play: &mut Play) {
    let (own, _, _) = users(play);
    let id = own["id"].to_string();
    let (issuer, direct, login) = (
        play.client(&["access_issuer"]),
        play.client(&["direct_access"]),
        play.client(&["login_client"]),
    );
    for operation in ["access/getAccessToken", "access/getAuthorizationCode"] {
        let arguments = [
            ("type_name", "person"),
            ("id", id.as_str()),
            ("redirect_uri", "https://example.com/"),
            ("for_client_id", login.id.as_str()),
        ];
        play.ok_as(&issuer, operation, &arguments);
        play.refused_as(&direct, 403, operation, &arguments);
        play.ok_as(&direct, operation, &arguments[..3]);
        play.refused_as(&login, 403, operation, &arguments[..3]);
    }
}

fn shows_own_record(play: &mut Play) {
    let (own, other, token) = users(play);
    let id = other["id"].to_string();
    for by_header in [true, false] {
        for arguments in [
            &[][..],
            &[("type_name", "person"), ("id", id.as_str())],
            &[("type_name", "nosuch"), ("uuid", "x"), ("id", "5")],
            &[
                ("key_attribute", "email"),
                ("key_value", r#""other@example.com""#),
            ],
        ] {
            let answer = as_user(play, &token, by_header, "entity", arguments);
            assert_eq!(answer["result"], own, "{arguments:?}: {answer}");
        }
        let part = as_user(
            play,
            &token,
            by_header,
            "entity",
            &[("attribute_name", "email")],
        );
        assert_eq!(part["result"], "own@example.com");
    }
    let answer = as_user(
        play,
        &token,
        true,
        "entity",
        &[("created", "2014-11-15 01:58:01 +0000")],
    );
    assert_eq!(answer["code"], 330);
}

fn changes_own_record(play: &mut Play) {
    let (own, other, token) = users(play);
    let id = other["id"].to_string();
    // As the phone libraries send it.
    let arguments = [
        ("attributes", r#"{"age":5}"#),
        ("include_record", "true"),
        ("attribute_name", ""),
    ];
    let answer = as_user(play, &token, false, "entity.update", &arguments);
    assert_eq!(
        (&answer["result"]["age"], &answer["result"]["id"]),
        (&json!(5), &own["id"])
    );
    let aimed = [
        ("type_name", "person"),
        ("id", id.as_str()),
        ("value", r#"{"age":6}"#),
    ];
    assert_eq!(
        as_user(play, &token, true, "entity.update", &aimed),
        json!({"stat": "ok"})
    );
    assert_eq!(play.view("person", &own)["age"], 6);
    assert_eq!(play.view("person", &other), other);
}

fn replaces_own_record(play: &mut Play) {
    let (own, other, token) = users(play);
    let id = other["id"].to_string();
    let arguments = [
        ("attribute_name", "/tags"),
        ("attributes", r#"["a","b"]"#),
        ("include_record", "true"),
    ];
    let answer = as_user(play, &token, false, "entity.replace", &arguments);
    assert_eq!(pluck(&answer["result"], "tag"), ["a", "b"]);
    let aimed = [
        ("type_name", "person"),
        ("id", id.as_str()),
        ("attributes", r#"{"age":7}"#),
    ];
    as_user(play, &token, true, "entity.replace", &aimed);
    let now = play.view("person", &own);
    assert_eq!((&now["age"], &now["email"]), (&json!(7), &Value::Null));
    assert_eq!(play.view("person", &other), other);
}

fn deletes_own_record(play: &mut Play) {
    let (own, other, token) = users(play);
    let id = other["id"].to_string();
    let aimed = [("type_name", "person"), ("id", id.as_str())];
    assert_eq!(
        as_user(play, &token, true, "entity.delete", &aimed),
        json!({"stat": "ok"})
    );
    assert!(!play.is_there("person", &own) && play.is_there("person", &other));
    let answer = as_user(play, &token, true, "entity", &[]);
    assert_refused(413, "entity", &[], answer);
}

fn is_not_for_users(play: &mut Play) {
    let (_, _, token) = users(play);
    for operation in [
        "entity.find",
        "entity.count",
        "entity.create",
        "entityType",
        "entityType.list",
        "clients/list",
    ] {
        let arguments = [("type_name", "person"), ("attributes", "{}")];
        let answer = as_user(play, &token, true, operation, &arguments);
        assert_refused(403, operation, &arguments, answer);
    }
}

fn token_before_client(play: &mut Play) {
    let (own, other, token) = users(play);
    let id = other["id"].to_string();
    let owner = play.owner();
    let arguments = [
        ("type_name", "person"),
        ("id", id.as_str()),
        ("access_token", token.as_str()),
        ("client_id", owner.id.as_str()),
        ("client_secret", owner.secret.as_str()),
    ];
    assert_eq!(play.send("entity", "", &arguments).json()["result"], own);
    for by_header in [true, false] {
        let answer = as_user(
            play,
            "0123456789abcdef",
            by_header,
            "entity",
            &[("type_name", "person"), ("id", &id)],
        );
        assert_refused(413, "entity", &[], answer);
    }
}

fn withdraws(play: &mut Play) {
    let (own, other, token) = users(play);
    let (second, others) = (token_for(play, &own), token_for(play, &other));
    let id = own["id"].to_string();
    let answer = play.ok(
        "entity.deleteAccess",
        &[("type_name", "person"), ("id", &id)],
    );
    assert_eq!(answer, json!({"stat": "ok"}));
    for token in [&token, &second] {
        let answer = as_user(play, token, true, "entity", &[]);
        assert_refused(413, "entity", &[], answer);
    }
    assert_eq!(as_user(play, &others, true, "entity", &[])["result"], other);
    assert_eq!(play.view("person", &own), own);
    let uuid = own["uuid"].as_str().expect("is text");
    let issuer = play.client(&["access_issuer"]);
    play.ok_as(
        &issuer,
        "entity.deleteAccess",
        &[("type_name", "person"), ("uuid", uuid)],
    );
    let key = [
        ("type_name", "person"),
        ("key_attribute", "email"),
        ("key_value", r#""own@example.com""#),
    ];
    play.ok("entity.deleteAccess", &key);
    play.refused(
        310,
        "entity.deleteAccess",
        &[("type_name", "person"), ("id", "999999999")],
    );
}

fn restricts_users(play: &mut Play) {
    let (own, _, token) = users(play);
    let owner = play.owner();
    for (access_type, attributes) in [
        ("read_with_token", r#"["email","age"]"#),
        ("write_with_token", r#"["age"]"#),
    ] {
        let arguments = [
            ("type_name", "person"),
            ("for_client_id", owner.id.as_str()),
            ("access_type", access_type),
            ("attributes", attributes),
        ];
        play.ok("entityType.setAccessSchema", &arguments);
    }
    let shown = as_user(play, &token, true, "entity", &[])["result"].take();
    let mut members = keys(&shown);
    members.sort_unstable();
    assert_eq!(
        members,
        ["age", "created", "email", "id", "lastUpdated", "uuid"]
    );
    let refused = as_user(
        play,
        &token,
        true,
        "entity.update",
        &[("attributes", r#"{"email":"x@example.com"}"#)],
    );
    assert_eq!(
        assert_refused(223, "entity.update", &[], refused)["attribute_name"],
        "/email"
    );
    assert_eq!(
        as_user(
            play,
            &token,
            true,
            "entity.update",
            &[("attributes", r#"{"age":9}"#)]
        )["stat"],
        "ok"
    );
    // The same client without a token is not restricted.
    assert_eq!(play.view("person", &own)["tags"], own["tags"]);
}

/// A code for the record's user, good for this client.
#[track_caller]
fn code_for(play: &mut Play, record: &Value, client: &Client, more: &[(&str, &str)]) -> String {
    let id = record["id"].to_string();
    let arguments = [
        &[
            ("type_name", "person"),
            ("id", id.as_str()),
            ("for_client_id", client.id.as_str()),
            ("redirect_uri", "https://example.com/done"),
        ],
        more,
    ]
    .concat();
    let answer = play.ok("access/getAuthorizationCode", &arguments);
    assert_eq!(keys(&answer), ["authorizationCode", "stat"]);
    answer["authorizationCode"]
        .as_str()
        .expect("is text")
        .to_owned()
}

fn exchange(play: &mut Play, client: &Client, arguments: &[(&str, &str)]) -> (u16, Value) {
    let headers = http::basic(&client.id, &client.secret);
    let answer = play.send("oauth/token", &headers, arguments);
    (answer.status, answer.json())
}

fn gives_a_code(play: &mut Play) {
    let (own, _, _) = users(play);
    let client = play.client(&["login_client"]);
    let state = [("lifetime", "60"), ("transaction_state", r#"{"cart":[1]}"#)];
    let code = code_for(play, &own, &client, &state);
    let arguments = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "https://example.com/done"),
    ];
    let (status, answer) = exchange(play, &client, &arguments);
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        (&answer["stat"], &answer["expires_in"]),
        (&json!("ok"), &json!(3600))
    );
    assert_eq!(answer["transaction_state"], json!({"cart": [1]}));
    let token = answer["access_token"].as_str().expect("is text");
    assert_eq!(as_user(play, token, true, "entity", &[])["result"], own);
    let (status, again) = exchange(play, &client, &arguments);
    assert_eq!(
        (status, &again["code"]),
        (400, &json!(413)),
        "a code is good once"
    );
    let owner = play.owner();
    let missing = [("type_name", "person"), ("id", "1")];
    let answer = play.refused_as(&owner, 100, "access/getAuthorizationCode", &missing);
    assert_eq!(answer["argument_name"], "redirect_uri");
    let by_key = [
        ("type_name", "person"),
        ("key_attribute", "email"),
        ("key_value", r#""own@example.com""#),
        ("redirect_uri", "x"),
    ];
    play.ok("access/getAuthorizationCode", &by_key);
    let uuid = own["uuid"].as_str().expect("is text");
    play.ok(
        "access/getAuthorizationCode",
        &[
            ("type_name", "person"),
            ("uuid", uuid),
            ("redirect_uri", "x"),
        ],
    );
}

fn refreshes(play: &mut Play) {
    let (own, _, _) = users(play);
    let client = play.client(&["login_client"]);
    let code = code_for(play, &own, &client, &[]);
    let arguments = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "https://example.com/done"),
    ];
    let (_, first) = exchange(play, &client, &arguments);
    let refresh = first["refresh_token"].as_str().expect("is text");
    let arguments = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let stranger = play.client(&["login_client"]);
    let (status, answer) = exchange(play, &stranger, &arguments);
    assert_eq!(
        (status, &answer["code"]),
        (400, &json!(413)),
        "it is another client's"
    );
    let (status, second) = exchange(play, &client, &arguments);
    assert_eq!((status, keys(&second)), (200, keys(&first)));
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    for token in [&first, &second] {
        let token = token["access_token"].as_str().expect("is text");
        assert_eq!(as_user(play, token, true, "entity", &[])["result"], own);
    }
    assert_eq!(
        exchange(play, &client, &arguments).0,
        400,
        "a refresh token is good once"
    );
    // Whoever withdraws access withdraws what would give it again.
    let id = own["id"].to_string();
    play.ok(
        "entity.deleteAccess",
        &[("type_name", "person"), ("id", &id)],
    );
    let refresh = second["refresh_token"].as_str().expect("is text");
    assert_eq!(
        exchange(
            play,
            &client,
            &[("grant_type", "refresh_token"), ("refresh_token", refresh)]
        )
        .0,
        400
    );
}

fn answers_as_oauth(play: &mut Play) {
    let (own, _, _) = users(play);
    let client = play.client(&["login_client"]);
    let expired = code_for(play, &own, &client, &[("lifetime", "0")]);
    let elsewhere = code_for(play, &own, &client, &[]);
    let uri = ("redirect_uri", "https://example.com/done");
    let by_code = ("grant_type", "authorization_code");
    for (arguments, status, code, word, sub_word) in [
        (vec![], 400, 100, "invalid_request", "missing_argument"),
        (
            vec![("grant_type", "wish")],
            400,
            200,
            "unsupported_grant_type",
            "invalid_argument",
        ),
        (
            vec![by_code, uri],
            400,
            100,
            "invalid_request",
            "missing_argument",
        ),
        (
            vec![by_code, uri, ("code", "nosuch")],
            400,
            413,
            "invalid_grant",
            "no_access_grant",
        ),
        (
            vec![by_code, uri, ("code", &expired)],
            400,
            415,
            "invalid_grant",
            "authorization_code_expired",
        ),
        (
            vec![by_code, ("redirect_uri", "x"), ("code", &elsewhere)],
            400,
            420,
            "invalid_grant",
            "redirect_uri_mismatch",
        ),
    ] {
        let (seen, answer) = exchange(play, &client, &arguments);
        assert_eq!(
            (
                seen,
                &answer["code"],
                &answer["error"],
                &answer["sub_error"]
            ),
            (status, &json!(code), &json!(word), &json!(sub_word)),
            "{arguments:?}: {answer}"
        );
        assert_eq!(answer["stat"], "error");
    }
    let wrong = Client {
        secret: "x".to_owned(),
        ..client
    };
    let (status, answer) = exchange(
        play,
        &wrong,
        &[("grant_type", "refresh_token"), ("refresh_token", "x")],
    );
    assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")));
}
