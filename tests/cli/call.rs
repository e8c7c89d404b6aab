//! `captui call`.

use std::fs;

use serde_json::Value;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;
use crate::support::command::run;
use crate::support::fake::Act;
use crate::support::fake::FakeServer;

#[test]
fn any_operation_can_be_called() {
    let home = Home::new();
    let attributes = r#"{"name":"by hand"}"#;
    fs::write(home.path().join("attributes.json"), attributes).expect("a home can be written");
    let created = ok(
        &home,
        &[
            "call",
            "entity.create",
            "type_name=user_test",
            "attributes=@attributes.json",
        ],
    );
    let created: Value = serde_json::from_str(&created).expect("JSON");
    let id = format!("id={}", created["id"]);
    let viewed = ok(&home, &["call", "/entity", "type_name=user_test", &id]);
    let viewed: Value = serde_json::from_str(&viewed).expect("JSON");
    assert_eq!(viewed["result"]["name"], "by hand");
    assert_eq!(viewed["result"]["uuid"], created["uuid"]);
}

#[test]
fn what_is_mistyped_is_named() {
    let home = Home::new();
    let output = fails(&home, &["call", "entity.craete"], 2);
    assert!(
        output.stderr.contains("did you mean `entity.create`?"),
        "{}",
        output.stderr
    );
    let output = run(
        &home,
        &["call", "entityType", "type_name=user", "typ_name=x"],
        "",
    );
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(
        output.stderr.contains("did you mean `type_name`?"),
        "{}",
        output.stderr
    );
    let output = fails(&home, &["call", "entityType.list", "--env", "sandbx"], 2);
    assert!(
        output.stderr.contains("did you mean `sandbox`?"),
        "{}",
        output.stderr
    );
}

#[test]
fn the_answer_is_printed_to_the_byte() {
    let body = "{ \"stat\":\"ok\",\n  \"results\" : [1.0, 1e3,\"\\u00e9\"],\"x\":12345678901234567890123 }";
    let server = FakeServer::start(Act::json(200, body));
    let home = Home::new();
    home.configure(&server.url, "client", "secret", "");
    let output = ok(
        &home,
        &["--env", "service", "--json", "call", "entityType.list"],
    );
    assert_eq!(output, format!("{body}\n"));
}
