//! What is asked before a call: the same rule for every command that writes, and the same status where nobody can be
//! asked.

use std::fs;

use serde_json::Value;

use crate::cli::ok;
use crate::support::Home;
use crate::support::command::run;
use crate::support::fake::Act;
use crate::support::fake::FakeServer;

/// What any operation may be answered here.
const ANSWER: &str = r#"{"stat":"ok","total_count":1,"results":[],"result":{"id":1,"uuid":"u"},"id":1,"uuid":"u",
    "schema":{"name":"user","attr_defs":[{"name":"id","type":"id"},{"name":"a","type":"string"}]}}"#;

/// A home whose `service` is of this class, and what is asked of it.
fn home_of(class: &str) -> (Home, FakeServer) {
    let server = FakeServer::start(Act::json(200, ANSWER));
    let home = Home::new();
    home.configure(&server.url, "client", "secret", "read_only = false\n");
    let file = home.path().join("config/captui/config.toml");
    let config = fs::read_to_string(&file).expect("is there");
    let config = config.replace("\"sandbox\"", &format!("{class:?}"));
    fs::write(&file, config).expect("writes");
    (home, server)
}

/// Every command that sends one call and changes something, and what it is called in the API.
const WRITES: &[(&str, &str)] = &[
    ("record create user a=1", "entity.create"),
    ("record create user a=1 --no-check", "entity.create"),
    ("record update user --id 1 a=1", "entity.update"),
    ("record replace user --id 1 a=1", "entity.replace"),
    ("record delete user --id 1", "entity.delete"),
    ("record delete-access user --id 1", "entity.deleteAccess"),
    (
        "record bulk-delete user --filter a='1'",
        "entity.bulkDelete",
    ),
    ("record purge user", "entity.purge"),
    (
        "record adopt user --id 1 --path p --child 2",
        "entity.adopt",
    ),
    ("type create t --attr-defs []", "entityType.create"),
    ("type delete t", "entityType.delete"),
    (
        "type add-attribute user name=b type=string",
        "entityType.addAttribute",
    ),
    ("type remove-attribute user a", "entityType.removeAttribute"),
    (
        "type set-constraints user a required",
        "entityType.setAttributeConstraints",
    ),
    (
        "type set-description user a why",
        "entityType.setAttributeDescription",
    ),
    (
        "type set-password-settings user --history-size 2",
        "entityType.setPasswordSettings",
    ),
    (
        "schema rules add user --on a --rule {\"max-length\":1}",
        "entityType.addProperty",
    ),
    ("schema rules remove user u", "entityType.removeProperty"),
    (
        "schema access user --client c --read a",
        "entityType.setAccessSchema",
    ),
    ("client add x", "clients/add"),
    ("client delete c", "clients/delete"),
    ("client reset-secret c", "clients/reset_secret"),
    ("client set-description c x", "clients/set_description"),
    ("client set-features c owner", "clients/set_features"),
    ("client set-whitelist c 10.0.0.0/8", "clients/set_whitelist"),
    ("client clear-whitelist c", "clients/clear_whitelist"),
    ("setting set a=1", "settings/set"),
    ("setting set a=1 --default", "settings/set_default"),
    ("setting delete a", "settings/delete"),
    ("call entity.create type_name=user", "entity.create"),
    ("call entity.delete type_name=user id=1", "entity.delete"),
];

#[test]
fn no_write_goes_to_production_unasked() {
    let (home, server) = home_of("prod");
    for (line, operation) in WRITES {
        let words: Vec<&str> = line.split(' ').collect();
        let words = [&["--env", "service"], &words[..]].concat();
        let output = run(&home, &words, "");
        assert_eq!(output.status, Some(2), "{line}: {}", output.stderr);
        assert!(
            ["--yes", "--confirm"]
                .iter()
                .any(|flag| output.stderr.contains(flag)),
            "{line}: {}",
            output.stderr
        );
        assert_eq!(server.count(operation), 0, "{line}");
        // Shown, it is not sent, and nothing is asked.
        let shown = run(&home, &[&words[..], &["--dry-run"]].concat(), "");
        assert_eq!(shown.status, Some(0), "{line}: {}", shown.stderr);
        assert_eq!(server.count(operation), 0, "{line}");
    }
    let curl = format!("curl {}/entity.update -d type_name=user", server.url);
    let output = run(&home, &["--env", "service", "curl", &curl], "");
    assert_eq!(output.status, Some(2), "{}", output.stderr);
    assert_eq!(server.count("entity.update"), 0);
}

#[test]
fn with_a_yes_what_changes_goes_to_production() {
    let (home, server) = home_of("prod");
    for (line, operation) in WRITES {
        let words: Vec<&str> = line.split(' ').collect();
        let words = [&["--env", "service"], &words[..], &["--yes"]].concat();
        let before = server.count(operation);
        let output = run(&home, &words, "");
        let sent = server.count(operation) - before;
        // What removes for good wants a name all the same.
        let is_asked = output.stderr.contains("--confirm");
        assert_eq!(sent, usize::from(!is_asked), "{line}: {}", output.stderr);
        assert_eq!(
            output.status == Some(2),
            is_asked,
            "{line}: {}",
            output.stderr
        );
    }
}

/// Nobody can be asked, and the flag is missing: wrong usage, whichever command it is.
#[test]
fn where_nobody_can_be_asked_the_status_is_2() {
    let (home, _server) = home_of("dev");
    ok(&home, &["record", "count", "user"]);
    for line in [
        "--env service record delete user --id 1",
        "--env service record purge user",
        "--env service record replace user --id 1 a=1",
        "--env service record delete user --id 1 --confirm other",
        "--env service type delete user",
        "--env service type delete user --yes",
        "--env service client clear-whitelist c",
        "--env service client delete c",
        "--env service setting delete a",
        "env remove service",
        "history purge --all",
        "sandbox reset",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let output = run(&home, &words, "");
        assert_eq!(output.status, Some(2), "{line}: {}", output.stderr);
        assert!(output.stderr.contains("--"), "{line}: {}", output.stderr);
    }
}

/// Commands that send one call and only read.
const READS: &[&str] = &[
    "captui client list",
    "captui record count",
    "captui record find",
    "captui record get",
    "captui record versions",
    "captui setting get",
    "captui setting list",
    "captui type list",
    "captui type show",
    "captui type versions",
];

/// The commands that send one call and cannot be told that the answer is yes.
fn without_a_yes(command: &Value, found: &mut Vec<String>) {
    let members = |name: &str| command[name].as_array().cloned().unwrap_or_default();
    let options = members("options");
    let has = |long: &str| options.iter().any(|option| option["long"] == long);
    if has("--with-secrets") && !has("--yes") {
        found.push(command["name"].as_str().expect("has a name").to_owned());
    }
    for inner in members("commands") {
        without_a_yes(&inner, found);
    }
}

#[test]
fn every_command_that_writes_takes_a_yes() {
    let home = Home::new();
    let all: Value = serde_json::from_str(&ok(&home, &["commands", "--json"])).expect("is JSON");
    let mut reads = Vec::new();
    without_a_yes(&all, &mut reads);
    reads.sort();
    let expected: Vec<&str> = READS.to_vec();
    let reads: Vec<&str> = reads.iter().map(String::as_str).collect();
    assert_eq!(reads, expected);
}
