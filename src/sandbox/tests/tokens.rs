//! Access tokens of end users: issuing, exchanging, what they open, and how they end.

use jiff::ToSpan;

use super::code;
use super::gate::Gate;
use super::gate::basic;
use super::keys;
use super::post;
use super::sandbox;
use super::text;
use crate::capture::auth::Presented;
use crate::capture::endpoint::ENDPOINTS;
use crate::capture::json::Json;
use crate::capture::secret::Secret;

const USER: (&str, &str) = ("type_name", "user");
const ADDRESS: (&str, &str) = ("redirect_uri", "https://example.com/back");

/// The uuids of two users.
fn users(gate: &Gate) -> [String; 2] {
    let found = gate.call("entity.find", &[USER, ("max_results", "2")]);
    let results = found.get("results").and_then(Json::as_array);
    let results = results.expect("has results");
    [0, 1].map(|place| text(&results[place], "uuid").to_owned())
}

fn issue(gate: &Gate, uuid: &str) -> String {
    let answer = gate.call("access/getAccessToken", &[USER, ("uuid", uuid)]);
    assert_eq!(keys(&answer), ["accessToken", "stat"]);
    text(&answer, "accessToken").to_owned()
}

fn with_token(gate: &Gate, token: &str, operation: &str, pairs: &[(&str, &str)]) -> Json {
    let presented = Presented::Token(Secret::new(token));
    let reply = gate.ask(presented, operation, pairs);
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

/// The uuid of the record that the token opens, or the code of the refusal.
fn opens(gate: &Gate, token: &str) -> Result<String, i64> {
    let answer = with_token(gate, token, "entity", &[]);
    match answer.get("result") {
        Some(record) => Ok(text(record, "uuid").to_owned()),
        None => Err(code(&answer).expect("has a code")),
    }
}

#[test]
fn a_token_opens_its_own_record_for_an_hour() {
    let mut gate = Gate::new();
    let [user, other] = users(&gate);
    let token = issue(&gate, &user);
    assert_eq!(token.len(), 16);
    assert_eq!(opens(&gate, &token), Ok(user.clone()));
    // Whatever else is chosen is ignored.
    for pairs in [
        vec![USER, ("uuid", other.as_str())],
        vec![("type_name", "nothing"), ("id", "x"), ("uuid", "y")],
    ] {
        let answer = with_token(&gate, &token, "entity", &pairs);
        let record = answer.get("result").expect("is shown");
        assert_eq!(text(record, "uuid"), user);
    }
    for wrong in ["", "0", &token[1..], &token.to_uppercase()] {
        assert_eq!(opens(&gate, wrong), Err(413), "{wrong}");
    }
    gate.wait(59.minutes().seconds(59));
    assert_eq!(opens(&gate, &token), Ok(user.clone()));
    gate.wait(1.second());
    assert_eq!(opens(&gate, &token), Err(414));
    // After a day nobody remembers it; issuing another one tidies up.
    gate.wait(25.hours());
    assert_eq!(opens(&gate, &token), Err(414));
    issue(&gate, &user);
    assert_eq!(opens(&gate, &token), Err(413));
}

/// Every row of the table, for a user.
#[test]
fn a_user_may_do_only_what_is_for_users() {
    let gate = Gate::new();
    let [user, _] = users(&gate);
    let token = issue(&gate, &user);
    for spec in ENDPOINTS.iter().filter(|spec| !spec.user_token) {
        let presented = Presented::Token(Secret::new(token.as_str()));
        let reply = gate.ask(presented, spec.path.trim_start_matches('/'), &[USER]);
        assert_eq!(code(&reply.body), Some(403), "{}", spec.path);
    }
    let answer = with_token(
        &gate,
        &token,
        "entity.update",
        &[("attributes", r#"{"givenName":"Changed"}"#)],
    );
    assert_eq!(code(&answer), None, "{answer}");
    let answer = with_token(&gate, &token, "entity.delete", &[]);
    assert_eq!(code(&answer), None, "{answer}");
    assert_eq!(opens(&gate, &token), Err(413), "it went with the record");
}

/// The access schemas for tokens of the client that the token was issued for, and no others.
#[test]
fn a_user_sees_and_writes_what_the_client_lets_users() {
    let gate = Gate::new();
    let [user, _] = users(&gate);
    let (id, _) = gate.client(r#"["login_client"]"#);
    for (access_type, attributes) in [
        ("read", "[]"),
        ("write", "[]"),
        ("read_with_token", r#"["givenName","email"]"#),
        ("write_with_token", r#"["givenName"]"#),
    ] {
        let pairs = [
            USER,
            ("for_client_id", id.as_str()),
            ("access_type", access_type),
            ("attributes", attributes),
        ];
        assert_eq!(code(&gate.call("entityType.setAccessSchema", &pairs)), None);
    }
    let pairs = [USER, ("uuid", user.as_str()), ("for_client_id", &id)];
    let theirs = gate.call("access/getAccessToken", &pairs);
    let theirs = text(&theirs, "accessToken");
    let shown = with_token(&gate, theirs, "entity", &[]);
    let seen = keys(shown.get("result").expect("is shown"));
    assert_eq!(seen.len(), 6, "{seen:?}");
    for (token, attributes, expected) in [
        (theirs, r#"{"givenName":"A"}"#, None),
        (theirs, r#"{"email":"a@example.com"}"#, Some(223)),
        (&issue(&gate, &user), r#"{"email":"a@example.com"}"#, None),
    ] {
        let answer = with_token(&gate, token, "entity.update", &[("attributes", attributes)]);
        assert_eq!(code(&answer), expected, "{attributes}: {answer}");
    }
}

#[test]
fn only_issuers_issue_and_only_some_for_others() {
    let gate = Gate::new();
    let [user, _] = users(&gate);
    let (other, _) = gate.client("[]");
    for (features, own, for_others) in [
        (r#"["access_issuer"]"#, None, None),
        (r#"["owner"]"#, None, None),
        (r#"["direct_access"]"#, None, Some(403)),
        (r#"["direct_read_access"]"#, Some(403), Some(403)),
        (r#"["login_client"]"#, Some(403), Some(403)),
    ] {
        let (id, secret) = gate.client(features);
        let ask = |more: &[(&str, &str)]| {
            let mut pairs = vec![USER, ("uuid", user.as_str()), ADDRESS];
            pairs.extend(more);
            ["access/getAccessToken", "access/getAuthorizationCode"]
                .map(|operation| code(&gate.ask(basic(&id, &secret), operation, &pairs).body))
        };
        assert_eq!(ask(&[]), [own; 2], "{features}");
        assert_eq!(ask(&[("for_client_id", &id)]), [own; 2], "{features}");
        let others = ask(&[("for_client_id", &other)]);
        assert_eq!(others, [for_others; 2], "{features}");
    }
    let uuid = ("uuid", user.as_str());
    let nobody = ("for_client_id", "nobody");
    assert_eq!(
        gate.refusal("access/getAccessToken", &[USER, uuid, nobody])
            .0,
        200
    );
    assert_eq!(gate.refusal("access/getAccessToken", &[USER]).0, 100);
    assert_eq!(
        gate.refusal("access/getAccessToken", &[USER, ("id", "0")])
            .0,
        310
    );
    assert_eq!(
        gate.refusal("access/getAuthorizationCode", &[USER, uuid]).0,
        100
    );
}

#[test]
fn what_was_issued_is_withdrawn_together() {
    let gate = Gate::new();
    let [user, other] = users(&gate);
    let (first, second, others) = (
        issue(&gate, &user),
        issue(&gate, &user),
        issue(&gate, &other),
    );
    gate.expect(
        "entity.deleteAccess",
        &[USER, ("uuid", &user)],
        r#"{"stat":"ok"}"#,
    );
    for (token, opened) in [(&first, false), (&second, false), (&others, true)] {
        assert_eq!(opens(&gate, token).is_ok(), opened);
    }
    let pairs = [USER, ("uuid", "00000000-0000-4000-8000-000000000000")];
    assert_eq!(gate.refusal("entity.deleteAccess", &pairs).0, 310);
    // What was issued for a client goes with the client.
    let (id, _) = gate.client("[]");
    let pairs = [USER, ("uuid", other.as_str()), ("for_client_id", &id)];
    let answer = gate.call("access/getAccessToken", &pairs);
    let theirs = text(&answer, "accessToken");
    assert_eq!(opens(&gate, theirs), Ok(other));
    gate.call("clients/delete", &[("client_id_for_deletion", &id)]);
    assert_eq!(opens(&gate, theirs), Err(413));
    assert!(opens(&gate, &others).is_ok());
}

struct Exchange<'a> {
    gate: &'a Gate,
    id: &'a str,
    secret: &'a str,
}

impl Exchange<'_> {
    fn ask(&self, pairs: &[(&str, &str)]) -> (u16, Json) {
        let presented = basic(self.id, self.secret);
        let reply = self.gate.ask(presented, "oauth/token", pairs);
        (reply.status, reply.body)
    }

    fn code(&self, code: &str, address: &str) -> (u16, Json) {
        self.ask(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", address),
        ])
    }

    fn refresh(&self, token: &str) -> (u16, Json) {
        self.ask(&[("grant_type", "refresh_token"), ("refresh_token", token)])
    }
}

/// HTTP status, OAuth's word, Capture's word, code.
fn refused((status, body): &(u16, Json)) -> (u16, &str, &str, i64) {
    let code = code(body).unwrap_or_else(|| panic!("{body}"));
    (*status, text(body, "error"), text(body, "sub_error"), code)
}

#[test]
fn a_code_becomes_tokens_once() {
    let mut gate = Gate::new();
    let [user, _] = users(&gate);
    let (id, secret) = gate.client(r#"["login_client"]"#);
    let authorise = |gate: &Gate, more: &[(&str, &str)]| {
        let mut pairs = vec![USER, ("uuid", &user), ADDRESS, ("for_client_id", &id)];
        pairs.extend(more);
        let answer = gate.call("access/getAuthorizationCode", &pairs);
        assert_eq!(keys(&answer), ["authorizationCode", "stat"], "{answer}");
        text(&answer, "authorizationCode").to_owned()
    };
    let plain = authorise(&gate, &[]);
    let stateful = authorise(&gate, &[("transaction_state", r#"{"a":[1]}"#)]);
    let late = authorise(&gate, &[]);
    let patient = authorise(&gate, &[("lifetime", "60")]);
    let exchange = Exchange {
        gate: &gate,
        id: &id,
        secret: &secret,
    };
    let no_grant = (400, "invalid_grant", "no_access_grant", 413);
    // By another client, with another address, made up: refused, and the code stays good.
    let stranger = Exchange {
        id: gate.owner_id(),
        secret: gate.owner_secret(),
        ..exchange
    };
    assert_eq!(refused(&stranger.code(&plain, ADDRESS.1)), no_grant);
    let elsewhere = exchange.code(&plain, "https://evil.example");
    assert_eq!(
        refused(&elsewhere),
        (400, "invalid_grant", "redirect_uri_mismatch", 420)
    );
    assert_eq!(text(&elsewhere.1, "expected_value"), ADDRESS.1);
    assert_eq!(text(&elsewhere.1, "supplied_value"), "https://evil.example");
    assert_eq!(refused(&exchange.code("x", ADDRESS.1)), no_grant);
    assert_eq!(refused(&exchange.refresh(&plain)), no_grant);
    assert_eq!(opens(&gate, &plain), Err(413), "a code is no access token");
    let (status, tokens) = exchange.code(&plain, ADDRESS.1);
    assert_eq!(status, 200);
    assert_eq!(
        keys(&tokens),
        ["access_token", "refresh_token", "expires_in", "stat"]
    );
    assert_eq!(tokens.get("expires_in").and_then(Json::as_i64), Some(3600));
    assert_eq!(
        opens(&gate, text(&tokens, "access_token")),
        Ok(user.clone())
    );
    assert_eq!(refused(&exchange.code(&plain, ADDRESS.1)), no_grant);
    let (_, answer) = exchange.code(&stateful, ADDRESS.1);
    let state = answer.get("transaction_state").map(Json::to_string);
    assert_eq!(state.as_deref(), Some(r#"{"a":[1]}"#));
    // A refresh token: good for one exchange as well, however late.
    let first = text(&tokens, "refresh_token");
    assert_eq!(opens(&gate, first), Err(413));
    gate.wait(30.seconds());
    let exchange = Exchange {
        gate: &gate,
        id: &id,
        secret: &secret,
    };
    assert_eq!(
        refused(&exchange.code(&late, ADDRESS.1)),
        (400, "invalid_grant", "authorization_code_expired", 415)
    );
    assert_eq!(exchange.code(&patient, ADDRESS.1).0, 200);
    let (status, next) = exchange.refresh(first);
    assert_eq!(status, 200);
    assert_eq!(opens(&gate, text(&next, "access_token")), Ok(user.clone()));
    assert_eq!(refused(&exchange.refresh(first)), no_grant);
    let second = text(&next, "refresh_token");
    assert_eq!(exchange.refresh(second).0, 200);
    gate.call("entity.deleteAccess", &[USER, ("uuid", &user)]);
    assert_eq!(opens(&gate, text(&next, "access_token")), Err(413));
}

#[test]
fn what_is_wrong_with_an_exchange_is_said_in_the_words_of_oauth() {
    let sandbox = sandbox();
    let (id, secret) = (&sandbox.client_id, sandbox.client_secret.reveal());
    let form = |secret: &str, rest: &str| format!("client_id={id}&client_secret={secret}&{rest}");
    for (body, status, word, sub_word, argument) in [
        (
            form("wrong", "grant_type=refresh_token&refresh_token=x"),
            401,
            "invalid_client",
            "invalid_client_credentials",
            None,
        ),
        (
            "grant_type=refresh_token&refresh_token=x".to_owned(),
            400,
            "invalid_request",
            "missing_argument",
            Some("client_id"),
        ),
        (
            form(secret, ""),
            400,
            "invalid_request",
            "missing_argument",
            Some("grant_type"),
        ),
        (
            form(secret, "grant_type=password"),
            400,
            "unsupported_grant_type",
            "invalid_argument",
            Some("grant_type"),
        ),
        (
            form(secret, "grant_type=authorization_code&code=x"),
            400,
            "invalid_request",
            "missing_argument",
            Some("redirect_uri"),
        ),
        (
            form(secret, "grant_type=refresh_token&refresh_token=x"),
            400,
            "invalid_grant",
            "no_access_grant",
            None,
        ),
    ] {
        let answer = post(&sandbox, "oauth/token", "", &body);
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        assert_eq!(text(&answer.body, "error"), word);
        assert_eq!(text(&answer.body, "sub_error"), sub_word);
        assert_eq!(text(&answer.body, "stat"), "error");
        let named = answer.body.get("argument_name").and_then(Json::as_str);
        assert_eq!(named, argument);
        assert!(!answer.body.to_string().contains(secret));
    }
}

/// The vendor's Drupal module sends the client's id and secret beside the token: the token counts.
#[test]
fn over_http_a_token_comes_before_a_client() {
    let sandbox = sandbox();
    let (id, secret) = (&sandbox.client_id, sandbox.client_secret.reveal());
    let client = format!("client_id={id}&client_secret={secret}");
    let body = format!("{client}&type_name=user_test&attributes=%7B%7D");
    let created = post(&sandbox, "entity.create", "", &body).body;
    let uuid = text(&created, "uuid");
    let body = format!("{client}&type_name=user_test&uuid={uuid}");
    let issued = post(&sandbox, "access/getAccessToken", "", &body).body;
    let token = text(&issued, "accessToken");
    for (headers, body) in [
        (format!("Authorization: OAuth {token}\r\n"), client.clone()),
        (String::new(), format!("access_token={token}")),
        (String::new(), format!("{client}&access_token={token}")),
    ] {
        let answer = post(&sandbox, "entity", &headers, &body);
        let record = answer.body.get("result").expect("is shown");
        assert_eq!(text(record, "uuid"), uuid);
    }
    let wrong = post(&sandbox, "entity", "", &format!("{body}&access_token=x"));
    assert_eq!((wrong.status, code(&wrong.body)), (200, Some(413)));
}
