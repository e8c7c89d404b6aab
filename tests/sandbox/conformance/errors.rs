//! Errors that no operation raises by itself: who calls, and faults that are asked for.

use serde_json::json;

use captui::capture::error::CATALOGUE;

use crate::sandbox::conformance::Case;
use crate::sandbox::conformance::case;
use crate::sandbox::conformance::play::Client;
use crate::sandbox::conformance::play::Play;
use crate::sandbox::conformance::play::assert_refused;
use crate::sandbox::conformance::play::error_fault;
use crate::support::http;

pub(super) const CASES: &[Case] = &[
    case("entity", "9", "wants to know who calls", wants_a_caller),
    case(
        "entity",
        "9",
        "refuses ways to prove it that it does not know",
        refuses_schemes,
    ),
    case(
        "entity",
        "8",
        "refuses a caller who is not who they say",
        refuses_strangers,
    ),
    case(
        "entity",
        "8",
        "refuses a client without the feature",
        refuses_without_feature,
    ),
    case(
        "entity",
        "1.2",
        "answers every error whole",
        answers_whole_errors,
    ),
    case(
        "entity.explode",
        "14",
        "is told from an operation",
        unknown_operation,
    ),
    case(
        "entity.find",
        "8",
        "fails as asked, with every code there is",
        fails_as_asked,
    ),
];

fn wants_a_caller(play: &mut Play) {
    for arguments in [&[("type_name", "user")][..], &[]] {
        let answer = play.send("entity", "", arguments).json();
        let answer = assert_refused(100, "entity", arguments, answer);
        assert_eq!(answer["argument_name"], "client_id");
    }
}

fn refuses_schemes(play: &mut Play) {
    for scheme in ["Bearer x", "Digest username=\"x\"", "Negotiate", "x"] {
        let headers = format!("Authorization: {scheme}\r\n");
        let answer = play
            .send("entity", &headers, &[("type_name", "user")])
            .json();
        assert_eq!(answer["code"], 205, "{scheme}: {answer}");
    }
}

fn refuses_strangers(play: &mut Play) {
    let owner = play.owner();
    let stranger = |id: &str, secret: &str| Client {
        id: id.to_owned(),
        secret: secret.to_owned(),
    };
    let mut texts = Vec::new();
    for client in [
        stranger(&owner.id, "x"),
        stranger("x", &owner.secret),
        stranger("x", "x"),
        stranger(&owner.id, ""),
    ] {
        let answer = play.refused_as(&client, 402, "entityType.list", &[]);
        texts.push(answer["error_description"].clone());
        assert!(!answer.to_string().contains(&owner.secret));
    }
    texts.dedup();
    assert_eq!(
        texts.len(),
        1,
        "an unknown client looks like a wrong secret: {texts:?}"
    );
}

fn refuses_without_feature(play: &mut Play) {
    let client = play.client(&["login_client"]);
    play.refused_as(
        &client,
        403,
        "entity",
        &[("type_name", "user"), ("id", "1")],
    );
    play.refused_as(&client, 403, "clients/list", &[]);
}

fn answers_whole_errors(play: &mut Play) {
    let answer = play.refused(
        200,
        "entity.create",
        &[("type_name", "user"), ("attributes", r#"{"a":"#)],
    );
    let mut members = answer.clone();
    let request_id = members["request_id"].take();
    assert_eq!(
        members,
        json!({
            "argument_name": "attributes",
            "request_id": null,
            "code": 200,
            "error_description": "attributes was not valid for the following reason: the JSON is not syntactically valid",
            "error": "invalid_argument",
            "stat": "error",
        })
    );
    let again = play.refused(
        200,
        "entity.create",
        &[("type_name", "user"), ("attributes", r#"{"a":"#)],
    );
    assert_ne!(again["request_id"], request_id);
}

fn unknown_operation(play: &mut Play) {
    let owner = play.owner();
    let answer = play.send(
        "entity.explode",
        &http::basic(&owner.id, &owner.secret),
        &[],
    );
    // How the service answers an unknown path is not known: our choice.
    assert_eq!((answer.status, answer.code()), (404, Some(404)));
}

/// Also with the codes that the sandbox has no reason of its own to answer. A fault tells of nothing in the call, so it
/// is asked for those that carry no more than the usual members.
fn fails_as_asked(play: &mut Play) {
    let owner = play.owner();
    let basic = http::basic(&owner.id, &owner.secret);
    for info in CATALOGUE.iter().filter(|info| info.extra_fields.is_empty()) {
        let headers = format!("{basic}X-Captui-Fault: code={}\r\n", info.code);
        let answer = play
            .send("entity.find", &headers, &[("type_name", "user")])
            .json();
        assert_eq!(
            (&answer["stat"], &answer["code"]),
            (&json!("error"), &json!(info.code.0)),
            "{answer}"
        );
        assert_eq!(error_fault(&answer), None, "{answer}");
    }
    let answer = play.send("entity.find", &basic, &[("type_name", "user")]);
    assert_eq!(
        answer.json()["stat"],
        "ok",
        "the next call is none the worse"
    );
}
