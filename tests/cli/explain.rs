//! `captui explain`: needs neither a service nor a home.

use captui::capture::error::CATALOGUE;
use serde_json::Value;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;
use crate::support::command::run;

#[test]
fn every_code_is_explained() {
    let home = Home::new();
    let by_number = ok(&home, &["explain", "361"]);
    assert!(
        by_number.starts_with("361 unique_violation\n"),
        "{by_number}"
    );
    assert_eq!(by_number, ok(&home, &["explain", "unique_violation"]));
    for info in CATALOGUE {
        let explained = ok(&home, &["explain", "--json", &info.code.to_string()]);
        let explained: Value = serde_json::from_str(&explained).expect("JSON");
        assert_eq!(explained["code"], info.code.0);
        assert_eq!(explained["meaning"], info.meaning);
    }
    assert_eq!(home.everything(), [home.path().to_owned()]);
}

#[test]
fn what_is_no_code_is_named() {
    let home = Home::new();
    fails(&home, &["explain", "9999"], 5);
    let output = fails(&home, &["explain", "unique_violatoin"], 2);
    assert!(
        output.stderr.contains("did you mean `unique_violation`?"),
        "{}",
        output.stderr
    );
}

/// What `captui explain` prints for an answer on standard input.
fn explained(answer: &str, json: bool) -> String {
    let home = Home::new();
    let args: &[&str] = if json {
        &["explain", "--json"]
    } else {
        &["explain"]
    };
    let output = run(&home, args, answer);
    assert_eq!(output.status, Some(0), "{answer}\n{}", output.stderr);
    output.stdout
}

const DUPLICATE: &str = r#"{"request_id":"geup8cd3gvcvjjnc","code":361,"error_description":"Attempted to update a duplicate value","error":"unique_violation","stat":"error"}"#;

#[test]
fn an_answer_is_explained_in_whatever_form_it_comes() {
    let curl = format!(
        "HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: \
         application/json\r\n\r\n{DUPLICATE}"
    );
    let log = format!("2026-11-22 12:04:31 WARN create failed: {DUPLICATE} after 41 ms");
    for answer in [DUPLICATE, &curl, &log] {
        let text = explained(answer, false);
        for part in [
            "ERROR 361 unique_violation",
            "server    Attempted to update a duplicate value",
            "request   geup8cd3gvcvjjnc",
            "meaning   ",
            "do        ",
            "usually   ",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("note"), "{text}");
        let json: Value = serde_json::from_str(&explained(answer, true)).expect("JSON");
        assert_eq!(json["outcome"], "error");
        assert_eq!(
            (&json["code"], &json["error"]),
            (&361.into(), &"unique_violation".into())
        );
        assert_eq!(json["request_id"], "geup8cd3gvcvjjnc");
    }
    assert_eq!(
        explained("361\n", false),
        explained("unique_violation", false)
    );
}

#[test]
fn what_is_said_of_each_kind_of_answer() {
    for (answer, parts) in [
        (
            r#"{"error":"invalid_request","sub_error":"missing_argument","code":100,"argument_name":"client_id","error_description":"missing required argument: client_id"}"#,
            &[
                "ERROR 100 missing_argument",
                "oauth     invalid_request",
                "argument  client_id",
            ][..],
        ),
        (
            r#"{"stat":"error","code":223,"error":"unknown_attribute","error_description":"attribute does not exist: /brithday","attribute_name":"/brithday"}"#,
            &["field     brithday"],
        ),
        (
            r#"{"stat":"error","code":510,"error":"api_limit_error","error_description":"too many"}"#,
            &["ERROR 510 api_limit_error"],
        ),
        (
            "HTTP/1.1 510 Not Extended\r\nContent-Type: text/html\r\n\r\n<h1>slow down</h1>",
            &[
                "not an answer of the Capture API   (HTTP 510)",
                "page      slow down",
                "too many calls at once",
            ],
        ),
        (
            "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
            &[
                "titled “502 Bad Gateway”",
                "so        if the call was a write, it may have been carried out",
            ],
        ),
        (
            "HTTP/2 307\nlocation: https://id:pw@login.example/?s=s3cret\n\n",
            &[
                "a redirect to https://login.example/, which is not followed",
                "has moved",
            ],
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{\"stat\":\"ok\"}",
            &["ok: `stat` says so", "its content type is text/html"],
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"stat\":\"o",
            &[
                "the JSON breaks off at line 1 column",
                "it may have been carried out",
            ],
        ),
        ("", &["the body is empty"]),
        ("nothing of the kind", &["the body is not JSON but text"]),
        (
            r#"{"stat":"error","code":377,"error":"odd"}"#,
            &["ERROR 377 odd", "this code is not published"],
        ),
        (
            r#"{"stat":"error","code":500,"error":"unexpected_error"}"#,
            &["so        if the call was a write"],
        ),
    ] {
        let text = explained(answer, false);
        for part in parts {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(
            !text.contains("s3cret") && !text.contains("HTTP 0"),
            "{text}"
        );
        serde_json::from_str::<Value>(&explained(answer, true)).expect("JSON");
    }
}

#[test]
fn a_file_and_an_argument_are_read_too() {
    let home = Home::new();
    let path = home.path().join("answer.json");
    std::fs::write(&path, DUPLICATE).expect("writable");
    let from_file = ok(&home, &["explain", &format!("@{}", path.display())]);
    assert_eq!(from_file, ok(&home, &["explain", DUPLICATE]));
    assert_eq!(from_file, explained(DUPLICATE, false));
    fails(&home, &["explain", "@/no/such/file"], 2);
}

#[test]
fn nothing_of_an_answer_steers_the_terminal() {
    let text = explained(
        "<title>\u{1b}]0;owned\u{7}</title><p>\u{202e}evil\u{1b}[2J",
        false,
    );
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
}
