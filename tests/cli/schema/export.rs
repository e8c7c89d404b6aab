//! `captui schema export`, and the way back.

use std::fs;

use serde_json::Value;

use crate::cli::ok;
use crate::cli::schema::SAMPLES;
use crate::cli::schema::put;
use crate::cli::schema::sample;
use crate::cli::schema::schema;
use crate::cli::schema::schema_with;
use crate::support::Home;

#[test]
fn a_file_comes_out_as_it_went_in() {
    let home = Home::new();
    for name in SAMPLES {
        let text = sample(name);
        put(&home, name, &text);
        let exported = schema(&home, &["export", &format!("@{name}")], 0).stdout;
        assert!(definitions(&exported) == definitions(&text), "{name}");
        let again = schema_with(&home, &["export", "-"], &exported, 0).stdout;
        assert_eq!(again, exported, "{name}");
    }
}

/// The definitions in a text, without the keys of strings that say what is so anyway.
fn definitions(text: &str) -> Value {
    fn trim(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(trim),
            Value::Object(members) => {
                members.retain(|key, value| {
                    !(key == "length" && value.is_null()
                        || key == "case-sensitive" && *value == true)
                });
                members.values_mut().for_each(trim);
            }
            _ => {}
        }
    }
    let value: Value = serde_json::from_str(text).expect("JSON");
    let value = value.get("schema").unwrap_or(&value);
    let mut definitions = value.get("attr_defs").unwrap_or(value).clone();
    trim(&mut definitions);
    definitions
}

#[test]
fn a_stored_type_is_created_again_from_its_export() {
    let home = Home::new();
    for name in ["user_test", "user2"] {
        let bare = schema(&home, &["export", name, "--bare"], 0).stdout;
        assert!(!bare.contains("lastUpdated"), "{bare}");
        let copy = format!("{name}_copy");
        put(&home, "bare.json", &bare);
        ok(
            &home,
            &["type", "create", &copy, "--attr-defs", "@bare.json"],
        );
        let renamed = schema(&home, &["export", &copy], 0)
            .stdout
            .replace(&copy, name);
        assert_eq!(schema(&home, &["export", name], 0).stdout, renamed);
    }
}

#[test]
fn the_call_that_creates_it_holds_no_secret_and_is_a_source_again() {
    let home = Home::new();
    let call = schema(&home, &["export", "user2", "--create"], 0).stdout;
    let (remark, command) = call.split_once('\n').expect("has lines");
    assert!(
        remark.starts_with("# The sandbox inside captui: "),
        "{call}"
    );
    assert!(command.starts_with("curl "), "{call}");
    // What the service adds by itself is not sent.
    assert!(!call.contains("case-sensitive\":true"), "{call}");
    let status = ok(&home, &["sandbox", "status", "--show-secret", "--json"]);
    let status: Value = serde_json::from_str(&status).expect("JSON");
    let secret = status["client_secret"].as_str().expect("is told");
    assert!(!call.contains(secret), "{call}");
    let back = schema_with(&home, &["export", "-", "--bare"], &call, 0).stdout;
    assert_eq!(
        back,
        schema(&home, &["export", "user2", "--bare"], 0).stdout
    );
    let nameless = schema_with(&home, &["export", "-", "--create"], &back, 2);
    assert!(
        nameless.stderr.contains("a call needs a name"),
        "{}",
        nameless.stderr
    );
}

#[test]
fn a_file_is_not_overwritten() {
    let home = Home::new();
    let to = ["export", "user2", "--output", "user2.json"];
    schema(&home, &to, 0);
    let file = home.path().join("user2.json");
    let written = fs::read_to_string(&file).expect("was written");
    assert_eq!(written, schema(&home, &["export", "user2"], 0).stdout);
    let again = schema(&home, &to, 2);
    assert!(
        again.stderr.contains("user2.json exists already"),
        "{}",
        again.stderr
    );
}
