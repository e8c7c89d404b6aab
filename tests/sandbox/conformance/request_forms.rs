//! The forms in which real clients send a call (reference 1.1), and what every answer has in common.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::conformance::Case;
use crate::sandbox::conformance::case;
use crate::sandbox::conformance::play::Play;
use crate::support::http;
use crate::support::http::Answer;

pub(super) const CASES: &[Case] = &[
    case(
        "entity.count",
        "1.1",
        "is understood in every form that clients send",
        every_form,
    ),
    case(
        "entity.count",
        "9",
        "takes a signature with or without the last empty line",
        signs_without_arguments,
    ),
    case(
        "entity.count",
        "9",
        "takes Basic without padding",
        basic_without_padding,
    ),
    case(
        "entity.count",
        "9",
        "refuses a signature that is old, or of other arguments",
        refuses_signatures,
    ),
    case(
        "entity.count",
        "1.1",
        "answers JSON that nobody keeps",
        answers_json,
    ),
    case(
        "entity.update",
        "1.1",
        "takes what a phone sends: & first, # and / raw",
        phone_forms,
    ),
    case(
        "entity.create",
        "1.1",
        "takes escapes, raw UTF-8 and spaces in its JSON",
        takes_any_json_text,
    ),
    case(
        "entity.delete",
        "1.1",
        "goes by GET and in the query too",
        delete_by_get,
    ),
    case(
        "entity.update",
        "1.1",
        "takes what a connector sends: every argument, most of them empty",
        arguments_without_value,
    ),
];

/// Sends a request of its own making; `Connection: close`, so that nothing else is on the line.
fn raw(
    play: &mut Play,
    operation: &str,
    arguments: &[&str],
    target: &str,
    headers: &str,
    body: &str,
) -> Answer {
    let (method, path) = target.split_once(' ').expect("a method and a path");
    let length = if body.is_empty() && method == "GET" {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{length}{headers}\r\n{body}",
        play.host()
    );
    play.send_raw(operation, arguments, &request)
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

fn now() -> String {
    jiff::Timestamp::now().strftime("%F %T").to_string()
}

fn every_form(play: &mut Play) {
    let expected = play.count("user");
    let owner = play.owner();
    let credentials = format!("client_id={}&client_secret={}", owner.id, owner.secret);
    let basic = http::basic(&owner.id, &owner.secret);
    let pairs = [("type_name", "user")];
    let signed = http::signed(&owner.id, &owner.secret, "/entity.count", &now(), &pairs);
    let arguments = "type_name=user";
    let both = format!("{arguments}&{credentials}");
    for (form, target, headers, body) in [
        (
            "signed",
            "POST /entity.count",
            format!("{signed}{FORM}"),
            arguments,
        ),
        (
            "signed, a doubled slash",
            "POST //entity.count",
            format!("{signed}{FORM}"),
            arguments,
        ),
        (
            "signed, in the query",
            &format!("GET /entity.count?{arguments}"),
            signed.clone(),
            "",
        ),
        (
            "Basic",
            "POST /entity.count",
            format!("{basic}{FORM}"),
            arguments,
        ),
        (
            "secrets in the body",
            "POST /entity.count",
            FORM.to_owned(),
            both.as_str(),
        ),
        (
            "secrets in the query",
            &format!("POST /entity.count?{credentials}"),
            FORM.to_owned(),
            arguments,
        ),
        (
            "everything in the query",
            &format!("POST /entity.count?{both}"),
            String::new(),
            "",
        ),
        (
            "JSON that is empty",
            &format!("POST /entity.count?{both}"),
            "Content-Type: application/json\r\n".to_owned(),
            "\"\"",
        ),
        (
            "GET",
            &format!("GET /entity.count?{both}"),
            String::new(),
            "",
        ),
        (
            "GET with a form",
            "GET /entity.count",
            FORM.to_owned(),
            &both,
        ),
        (
            "no content type, & first",
            "POST /entity.count",
            basic.clone(),
            "&type_name=user",
        ),
        (
            "the body has the last word",
            "POST /entity.count?type_name=nosuch",
            format!("{basic}{FORM}"),
            arguments,
        ),
        (
            "more than is known",
            "POST /entity.count",
            format!("{basic}{FORM}"),
            "timeout=120&token=x&apiKey=y&type_name=user&&=z",
        ),
        (
            "a charset",
            "POST /entity.count",
            format!("{basic}Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"),
            arguments,
        ),
    ] {
        let answer = raw(play, "entity.count", &["type_name"], target, &headers, body);
        assert_eq!(answer.status, 200, "{form}: {answer:?}");
        assert_eq!(
            answer.json(),
            json!({"total_count": expected, "stat": "ok"}),
            "{form}"
        );
    }
}

fn signs_without_arguments(play: &mut Play) {
    let (owner, date) = (play.owner(), now());
    let plain = http::signed(&owner.id, &owner.secret, "/entityType.list", &date, &[]);
    // As the documentation's sample code does it: the text ends in an empty line.
    let padded = http::signed(
        &owner.id,
        &owner.secret,
        "/entityType.list",
        &format!("{date}\n"),
        &[],
    );
    let padded = padded.replacen(&format!("{date}\n"), &date, 1);
    for headers in [plain, padded] {
        let answer = play.send("entityType.list", &headers, &[]);
        assert_eq!(answer.json()["stat"], "ok", "{headers}");
    }
    // client_id, client_secret and access_token are no part of what is signed.
    let headers = http::signed(
        &owner.id,
        &owner.secret,
        "/entity.count",
        &date,
        &[("type_name", "user")],
    );
    let answer = play.send(
        "entity.count",
        &headers,
        &[("type_name", "user"), ("client_id", &owner.id)],
    );
    assert_eq!(answer.json()["stat"], "ok");
}

fn basic_without_padding(play: &mut Play) {
    let owner = play.owner();
    let pair = STANDARD.encode(format!("{}:{}", owner.id, owner.secret));
    for word in ["Basic", "basic"] {
        let headers = format!("Authorization: {word} {}\r\n", pair.trim_end_matches('='));
        let answer = play.send("entity.count", &headers, &[("type_name", "user")]);
        assert_eq!(answer.json()["stat"], "ok", "{word}");
    }
}

fn refuses_signatures(play: &mut Play) {
    let owner = play.owner();
    let pairs = [("type_name", "user")];
    let sign =
        |secret: &str, path: &str, date: &str| http::signed(&owner.id, secret, path, date, &pairs);
    let minutes = |ago: i64| {
        let at = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(ago);
        at.strftime("%F %T").to_string()
    };
    for (what, headers) in [
        ("another secret", sign("x", "/entity.count", &now())),
        (
            "another operation",
            sign(&owner.secret, "/entity.find", &now()),
        ),
        (
            "an hour ago",
            sign(&owner.secret, "/entity.count", &minutes(60)),
        ),
        (
            "in an hour",
            sign(&owner.secret, "/entity.count", &minutes(-60)),
        ),
        (
            "an HTTP date",
            sign(
                &owner.secret,
                "/entity.count",
                "Tue, 15 Nov 1994 08:12:31 GMT",
            ),
        ),
    ] {
        let answer = play.send("entity.count", &headers, &pairs).json();
        assert_eq!(answer["code"], 402, "{what}: {answer}");
    }
    let headers = sign(&owner.secret, "/entity.count", &minutes(10));
    assert_eq!(
        play.send("entity.count", &headers, &pairs).json()["stat"],
        "ok"
    );
    let answer = play
        .send(
            "entity.count",
            &headers,
            &[("type_name", "user"), ("filter", "id > 0")],
        )
        .json();
    assert_eq!(answer["code"], 402);
}

fn answers_json(play: &mut Play) {
    let owner = play.owner();
    let headers = http::basic(&owner.id, &owner.secret);
    for type_name in ["user", "nosuch"] {
        let answer = play.send("entity.count", &headers, &[("type_name", type_name)]);
        assert_eq!(
            answer.status, 200,
            "an error of the application is HTTP 200"
        );
        assert!(
            answer.head.contains("\r\nContent-Type: application/json"),
            "{}",
            answer.head
        );
        assert!(
            answer.head.contains("\r\nCache-Control: no-store"),
            "{}",
            answer.head
        );
    }
}

fn phone_forms(play: &mut Play) {
    play.person();
    let record = play.create("person", &json!({"accounts": [{"identifier": "i1"}]}));
    let owner = play.owner();
    let body = format!(
        "&attributes={{\"identifier\":\"a+b%26%C3%A9\"}}&type_name=person&id={}&include_record=true&attribute_name=/accounts#{}",
        record["id"], record["accounts"][0]["id"]
    );
    let names = [
        "attributes",
        "type_name",
        "id",
        "include_record",
        "attribute_name",
    ];
    let basic = http::basic(&owner.id, &owner.secret);
    let answer = raw(
        play,
        "entity.update",
        &names,
        "POST /entity.update",
        &basic,
        &body,
    )
    .json();
    assert_eq!(answer["result"]["identifier"], "a b&é", "{answer}");
    assert_eq!(answer["result"]["id"], record["accounts"][0]["id"]);
    // In a query the # must be escaped.
    let query = format!(
        "GET /entity.update?type_name=person&id={}&attribute_name=%2Faccounts%23{}&value=%7B%22domain%22%3A%22d%22%7D",
        record["id"], record["accounts"][0]["id"]
    );
    let answer = raw(
        play,
        "entity.update",
        &["type_name", "id", "attribute_name", "value"],
        &query,
        &basic,
        "",
    )
    .json();
    assert_eq!(answer["stat"], "ok", "{answer}");
    assert_eq!(play.view("person", &record)["accounts"][0]["domain"], "d");
}

fn takes_any_json_text(play: &mut Play) {
    play.person();
    for text in [
        r#"{"givenName":"Zo\u00eb \ud83d\udc4b"}"#,
        "{\"givenName\":\"Zoë 👋\"}",
        " { \"givenName\" :\t\"Zoë 👋\" }\r\n",
        r#"{"givenName":"x","givenName":"Zoë 👋"}"#,
    ] {
        let arguments = [
            ("type_name", "person"),
            ("attributes", text),
            ("include_record", "true"),
        ];
        assert_eq!(
            play.ok("entity.create", &arguments)["result"]["givenName"],
            "Zoë 👋",
            "{text}"
        );
    }
}

fn arguments_without_value(play: &mut Play) {
    play.person();
    let record = play.create("person", &json!({}));
    let id = record["id"].to_string();
    let everything = [
        ("type_name", "person"),
        ("id", id.as_str()),
        ("uuid", ""),
        ("key_attribute", ""),
        ("key_value", ""),
        ("attribute_name", ""),
        ("attributes", r#"{"givenName":"Zoë"}"#),
        ("value", ""),
        ("created", ""),
        ("lastUpdated", ""),
        ("include_record", ""),
    ];
    assert_eq!(play.ok("entity.update", &everything), json!({"stat": "ok"}));
    let arguments = [
        ("type_name", "person"),
        ("filter", "givenName = 'Zoë'"),
        ("timeout", ""),
    ];
    assert_eq!(play.ok("entity.count", &arguments)["total_count"], 1);
    // Empty is a value where one is required.
    let mut nothing = everything;
    nothing[6].1 = "";
    play.refused(201, "entity.update", &nothing);
}

fn delete_by_get(play: &mut Play) {
    play.person();
    let owner = play.owner();
    let credentials = format!("client_id={}&client_secret={}", owner.id, owner.secret);
    for form in ["GET", "POST"] {
        let record = play.create("person", &json!({}));
        let target = format!(
            "{form} /entity.delete?type_name=person&id={}&{credentials}",
            record["id"]
        );
        let answer = raw(play, "entity.delete", &["type_name", "id"], &target, "", "");
        assert_eq!(answer.json(), json!({"stat": "ok"}), "{form}");
        assert!(!play.is_there("person", &record));
    }
    let absent: Value = raw(
        play,
        "entity.delete",
        &["type_name"],
        &format!("GET /entity.delete?type_name=person&{credentials}"),
        "",
        "",
    )
    .json();
    assert_eq!(absent["code"], 100);
}
