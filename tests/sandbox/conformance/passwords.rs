//! Passwords: how they are stored, shown, verified and remembered.

use serde_json::Value;
use serde_json::json;

use crate::sandbox::conformance::Case;
use crate::sandbox::conformance::case;
use crate::sandbox::conformance::play::Play;

pub(super) const CASES: &[Case] = &[
    case("entity.create", "4.2", "hashes a plain password", hashes),
    case(
        "entity.create",
        "4.2",
        "keeps a hash made elsewhere",
        keeps_hashes,
    ),
    case(
        "entity.create",
        "4.2",
        "refuses what is no password",
        refuses_passwords,
    ),
    case(
        "entity",
        "2.3",
        "verifies a plain password, and answers 350 for another",
        verifies,
    ),
    case(
        "entity",
        "4.2",
        "verifies hashes made elsewhere",
        verifies_hashes,
    ),
    case(
        "entityType.setPasswordSettings",
        "3",
        "remembers as many passwords as told",
        remembers,
    ),
    case(
        "entityType.setPasswordSettings",
        "3",
        "refuses what is no number from 0 to 10",
        settings_refuse,
    ),
];

const PLAIN: &str = "correct horse battery staple";

fn hashes(play: &mut Play) {
    play.person();
    let record = play.create("person", &json!({"password": PLAIN}));
    let stored = &record["password"];
    assert_eq!(stored["type"], "password-bcrypt");
    let value = stored["value"].as_str().expect("is text");
    assert!(value.starts_with("$2") && !value.contains(PLAIN), "{value}");
    let id = record["id"].to_string();
    let change = [
        ("type_name", "person"),
        ("id", id.as_str()),
        ("attributes", r#"{"password":"another one"}"#),
    ];
    play.ok("entity.update", &change);
    assert_ne!(play.view("person", &record)["password"], *stored);
    play.ok(
        "entity.update",
        &[
            ("type_name", "person"),
            ("id", &id),
            ("attributes", r#"{"password":null}"#),
        ],
    );
    assert_eq!(play.view("person", &record)["password"], Value::Null);
}

fn keeps_hashes(play: &mut Play) {
    play.person();
    for hash in [
        json!({"type": "password-md5", "value": "2f23"}),
        json!({"type": "password-md5-salted-right-base64", "value": "EA78", "salt": "S41t"}),
        json!({"type": "password-bcrypt", "value": "$2a$04$abcdefghijklmnopqrstuu"}),
    ] {
        assert_eq!(
            play.create("person", &json!({"password": hash}))["password"],
            hash
        );
    }
}

fn refuses_passwords(play: &mut Play) {
    play.person();
    for (password, code) in [
        (json!(5), 341),
        (json!([]), 341),
        (json!({"value": "x"}), 340),
        (json!({"type": "password-sparkle", "value": "x"}), 340),
        (json!({"type": "password-md5", "value": 5}), 341),
    ] {
        let attributes = json!({"password": password}).to_string();
        let answer = play.refused(
            code,
            "entity.create",
            &[("type_name", "person"), ("attributes", &attributes)],
        );
        assert!(!answer.to_string().contains("sparkle"), "{answer}");
    }
}

#[track_caller]
fn verify(play: &mut Play, record: &Value, plain: &str, matches: bool) {
    let id = record["id"].to_string();
    let arguments = [
        ("type_name", "person"),
        ("id", id.as_str()),
        ("password_attribute", "password"),
        ("password_value", plain),
    ];
    if matches {
        assert_eq!(
            play.ok("entity", &arguments)["result"],
            play.view("person", record)
        );
    } else {
        let answer = play.refused(350, "entity", &arguments);
        assert_eq!(answer.get("result"), None);
    }
}

fn verifies(play: &mut Play) {
    play.person();
    let record = play.create("person", &json!({"password": PLAIN}));
    verify(play, &record, PLAIN, true);
    for other in [
        "correct horse battery stapler",
        "Correct horse battery staple",
        "",
    ] {
        verify(play, &record, other, false);
    }
    let without = play.create("person", &json!({}));
    verify(play, &without, PLAIN, false);
    let id = record["id"].to_string();
    for (attribute, code) in [("nosuch", 223), ("givenName", 200)] {
        let arguments = [
            ("type_name", "person"),
            ("id", id.as_str()),
            ("password_attribute", attribute),
            ("password_value", "x"),
        ];
        play.refused(code, "entity", &arguments);
    }
}

/// Hashes of `secret`, made with openssl, htpasswd and coreutils.
fn verifies_hashes(play: &mut Play) {
    play.person();
    for (kind, value) in [
        ("password-md5", "5ebe2294ecd0e0f08eab7690d2a6ee69"),
        ("password-sha", "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"),
        (
            "password-sha-256",
            "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
        ),
        (
            "password-crypt-sha512",
            "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
        ),
        (
            "password-crypt-sha256",
            "$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA",
        ),
        ("password-crypt-md5", "$1$saltsalt$9xy1btjgzLYfb7hivXtC//"),
    ] {
        let record = play.create(
            "person",
            &json!({"password": {"type": kind, "value": value}}),
        );
        verify(play, &record, "secret", true);
        verify(play, &record, "secre7", false);
    }
}

fn remembers(play: &mut Play) {
    play.person();
    let settings = |settings| [("type_name", "person"), ("settings", settings)];
    let answer = play.ok(
        "entityType.setPasswordSettings",
        &settings(r#"{"historySize":2}"#),
    );
    assert_eq!(
        answer,
        json!({"settings": {"historySize": 2}, "stat": "ok"})
    );
    let record = play.create("person", &json!({"password": "first one"}));
    let id = record["id"].to_string();
    let mut set = |plain: &str| {
        let attributes = json!({"password": plain}).to_string();
        play.call(
            "entity.update",
            &[
                ("type_name", "person"),
                ("id", &id),
                ("attributes", &attributes),
            ],
        )
    };
    assert_eq!(set("second one")["stat"], "ok");
    assert_eq!(set("third one")["stat"], "ok");
    assert_eq!(set("second one")["stat"], "error", "it is remembered");
    assert_eq!(set("third one")["stat"], "error", "it is the current one");
    verify(play, &record, "third one", true);
    verify(play, &record, "second one", false);
    let shown = play.view("person", &record)["password"].take();
    assert_eq!(
        shown["password"]["type"], "password-bcrypt",
        "a script reads password.password.type: {shown}"
    );
    for off in [r#"{"historySize":0}"#, r#"{"historySize":null}"#] {
        play.ok("entityType.setPasswordSettings", &settings(off));
        let attributes = [
            ("type_name", "person"),
            ("id", id.as_str()),
            ("attributes", r#"{"password":"second one"}"#),
        ];
        play.ok("entity.update", &attributes);
    }
}

fn settings_refuse(play: &mut Play) {
    play.person();
    for settings in [
        r#"{"historySize":11}"#,
        r#"{"historySize":-1}"#,
        r#"{"historySize":"x"}"#,
        "[]",
        "{",
    ] {
        let arguments = [("type_name", "person"), ("settings", settings)];
        let answer = play.refused(200, "entityType.setPasswordSettings", &arguments);
        assert_eq!(answer["argument_name"], "settings");
    }
    let arguments = [
        ("type_name", "person"),
        ("settings", r#"{"historySize":1}"#),
        ("application_id", "another"),
    ];
    play.refused(221, "entityType.setPasswordSettings", &arguments);
    play.refused(
        222,
        "entityType.setPasswordSettings",
        &[
            ("type_name", "nosuch"),
            ("settings", r#"{"historySize":1}"#),
        ],
    );
    play.refused(
        100,
        "entityType.setPasswordSettings",
        &[("type_name", "person")],
    );
}
