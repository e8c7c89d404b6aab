//! `captui history`: what was called is listed, found, shown and removed.

use std::fs;

use serde_json::Value;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;

/// Three calls in the sandbox: a creation, a refused one, a search.
fn home_with_calls() -> Home {
    let home = Home::new();
    let record = r#"{"email":"ada@example.com","password":"hunter2-CANARY"}"#;
    ok(&home, &["record", "create", "user", "--attributes", record]);
    let wrong = r#"{"nope":1}"#;
    let args = [
        "record",
        "create",
        "user",
        "--no-check",
        "--attributes",
        wrong,
    ];
    fails(&home, &args, 3);
    ok(
        &home,
        &[
            "record",
            "find",
            "user",
            "--filter",
            "email = 'ada@example.com'",
        ],
    );
    home
}

fn configure(home: &Home, settings: &str) {
    let folder = home.path().join("config/captui");
    fs::create_dir_all(&folder).expect("a home can be written");
    fs::write(folder.join("config.toml"), settings).expect("a home can be written");
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

fn found(home: &Home, terms: &[&str]) -> Vec<String> {
    let args = [&["history", "search", "--ndjson"], terms].concat();
    let operations = lines(&ok(home, &args));
    let name = |call: &Value| call["operation"].as_str().expect("a text").to_owned();
    operations.iter().map(name).collect()
}

#[test]
fn calls_are_listed_and_found() {
    let home = home_with_calls();
    let list = ok(&home, &["history", "list"]);
    assert!(list.starts_with("NUMBER  TIME "), "{list}");
    assert!(
        list.contains("223 unknown_attribute  entity.create"),
        "{list}"
    );
    let newest = lines(&ok(&home, &["history", "list", "--ndjson", "--limit", "1"]));
    assert_eq!(newest.len(), 1);
    assert_eq!(newest[0]["operation"], "entity.find");
    let number = newest[0]["number"].to_string();
    let older = ok(&home, &["history", "list", "--json", "--before", &number]);
    let older: Value = serde_json::from_str(&older).expect("JSON");
    assert_eq!(older[0]["code"], 223);
    let request_id = older[0]["request_id"].as_str().expect("a text");
    assert_eq!(found(&home, &[&request_id[..8]]), ["entity.create"]);
    assert_eq!(
        found(&home, &["ada@example.com", "verdict:ok"]),
        ["entity.find", "entity.create"]
    );
    assert_eq!(
        found(
            &home,
            &["code:223", "--not", "env:prod", "--env", "sandbox"]
        ),
        ["entity.create"]
    );
    assert_eq!(found(&home, &["no such thing"]), Vec::<String>::new());
    assert_eq!(
        ok(&home, &["history", "search", "op:entity.*", "--count"]),
        "3\n"
    );
}

#[test]
fn a_long_answer_is_kept_before_the_program_ends() {
    let home = Home::new();
    let long = format!(
        r#"{{"aboutMe":"{}needle"}}"#,
        "so much to tell ".repeat(4000)
    );
    for _ in 0..5 {
        ok(&home, &["record", "create", "user", "--attributes", &long]);
    }
    for times in 1..=3 {
        ok(&home, &["record", "find", "user", "--json"]);
        let kept = found(&home, &["needle", "op:entity.find"]);
        assert_eq!(kept.len(), times);
    }
}

#[test]
fn a_fault_in_a_question_is_pointed_at() {
    let home = Home::new();
    let output = fails(&home, &["history", "search", "bob", "cod:223"], 2);
    assert!(
        output.stderr.contains("there is no operator `cod:`"),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("bob cod:223\n            ^^^\n"),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("did you mean `code:`?"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_call_is_shown_whole_and_in_parts() {
    let home = home_with_calls();
    let refused = &lines(&ok(&home, &["history", "search", "code:223", "--ndjson"]))[0];
    let number = refused["number"].to_string();
    let shown = ok(&home, &["history", "show", &number]);
    for part in [
        "entity.create in `sandbox`",
        "outcome: 223 unknown_attribute",
        "hint: ",
        "type_name=user",
        "HTTP 200",
        "\"code\": 223",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let answer = ok(&home, &["history", "show", &number, "--part", "answer"]);
    assert_eq!(lines(&answer)[0]["code"], 223);
    let headers = ok(&home, &["history", "show", &number, "--part", "headers"]);
    assert!(
        headers.contains("Authorization: Basic ••••••••"),
        "{headers}"
    );
    let request = ok(
        &home,
        &["history", "show", &number, "--part", "request", "--json"],
    );
    assert_eq!(lines(&request)[0][0][0], "type_name");
    let whole = ok(&home, &["history", "show", &number, "--json"]);
    assert_eq!(lines(&whole)[0]["answer"]["code"], 223);
    fails(&home, &["history", "show", "999"], 5);
}

#[test]
fn what_is_removed_is_gone() {
    let home = home_with_calls();
    fails(&home, &["history", "purge"], 2);
    // Nobody can be asked.
    fails(&home, &["history", "purge", "--all"], 2);
    let all: u64 = lines(&ok(
        &home,
        &["history", "search", "--not", "zzzz", "--count"],
    ))[0]
        .as_u64()
        .expect("a number");
    let removed = ok(&home, &["history", "purge", "code:223", "--yes"]);
    assert!(removed.starts_with("removed 1 call; "), "{removed}");
    assert_eq!(found(&home, &["code:223"]), Vec::<String>::new());
    let none = ok(&home, &["history", "purge", "--older-than", "30d", "--yes"]);
    assert!(none.starts_with("removed 0 calls; "), "{none}");
    let removed = ok(&home, &["history", "purge", "--all", "--yes", "--json"]);
    assert_eq!(lines(&removed)[0]["removed"], all - 1);
    for file in home.everything().into_iter().filter(|file| file.is_file()) {
        let name = file.to_string_lossy().into_owned();
        let bytes = fs::read(&file).expect("own file");
        let is_history = name.contains("history.db");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!is_history || !text.contains("ada@example.com"), "{name}");
        assert!(!text.contains("hunter2-CANARY"), "{name}");
    }
}

#[test]
fn what_is_switched_off_is_not_kept_and_can_still_be_removed() {
    let home = home_with_calls();
    let count = |home: &Home| ok(home, &["history", "search", "--not", "zzzz", "--count"]);
    let before = count(&home);
    configure(&home, "[history]\nexcept = [\"sandbox\"]\n");
    ok(&home, &["type", "list"]);
    assert_eq!(count(&home), before);
    configure(&home, "[history]\nenabled = false\n");
    ok(&home, &["type", "list"]);
    assert_eq!(count(&home), before);
    ok(&home, &["history", "purge", "--all", "--yes"]);
    assert_eq!(count(&home), "0\n");
}

/// A record that was made, changed, seen and changed by another program; and its id.
fn home_with_a_past() -> (Home, String) {
    let home = Home::new();
    let record = r#"{"email":"ada@example.com","password":"hunter2-CANARY"}"#;
    let created = ok(
        &home,
        &["record", "create", "user", "--attributes", record, "--json"],
    );
    let id = lines(&created)[0]["id"].to_string();
    let change = |attributes: &str| {
        let selector = format!("id={id}");
        let attributes = format!("attributes={attributes}");
        ok(
            &home,
            &[
                "call",
                "entity.update",
                "type_name=user",
                &selector,
                &attributes,
            ],
        );
    };
    change(r#"{"displayName":"ada"}"#);
    ok(&home, &["record", "get", "user", "--id", &id]);
    configure(&home, "[history]\nenabled = false\n");
    change(r#"{"displayName":"countess"}"#);
    configure(&home, "");
    ok(&home, &["record", "get", "user", "--id", &id]);
    (home, id)
}

#[test]
fn a_record_is_shown_through_time() {
    let (home, id) = home_with_a_past();
    let states = ok(&home, &["history", "record", "user", &id]);
    let rows: Vec<&str> = states.lines().collect();
    assert_eq!(rows.len(), 5, "{states}");
    assert!(rows[0].starts_with("NUMBER  TIME "), "{states}");
    for (row, part) in [
        (rows[1], "created"),
        (rows[2], "1 field: displayName"),
        (rows[4], "2 fields: displayName, lastUpdated"),
    ] {
        assert!(row.contains(part), "{part} in {row}");
    }
    let json = &lines(&ok(&home, &["history", "record", "user", &id, "--json"]))[0];
    assert_eq!(json["states"][3]["changed"][0], "displayName");
    assert_eq!(json["states"][3]["record"]["displayName"], "countess");
    let uuid = json["states"][3]["record"]["uuid"]
        .as_str()
        .expect("a text");
    let by_uuid = ok(&home, &["history", "record", "user", "--uuid", uuid]);
    assert_eq!(by_uuid, states);
    assert!(!json.to_string().contains("CANARY"), "{json}");
}

#[test]
fn the_fields_of_a_record_are_blamed() {
    let (home, id) = home_with_a_past();
    let blame = ok(&home, &["history", "record", "user", &id, "--blame"]);
    let row = |field: &str| {
        let mut rows = blame.lines();
        rows.find(|row| row.starts_with(field))
            .expect(field)
            .to_owned()
    };
    assert!(
        row("email").contains("written by entity.create, call "),
        "{blame}"
    );
    let name = row("displayName");
    for part in [
        "\"countess\" ",
        "\"ada\" ",
        "changed between ",
        "seen after entity, call ",
    ] {
        assert!(name.contains(part), "{part} in {name}");
    }
    let json = &lines(&ok(
        &home,
        &["history", "record", "user", &id, "--blame", "--json"],
    ))[0];
    let fields = json["fields"].as_array().expect("a list");
    let name = fields.iter().find(|field| field["field"] == "displayName");
    let name = name.expect("is told");
    assert_eq!(name["since"], "between");
    assert_eq!(name["former"], "ada");
    assert_eq!(name["seen"]["operation"], "entity");
}

#[test]
fn a_record_that_ended_or_was_never_seen_says_so() {
    let (home, id) = home_with_a_past();
    let selector = format!("id={id}");
    ok(
        &home,
        &["call", "entity.delete", "type_name=user", &selector],
    );
    let output = crate::support::command::run(&home, &["history", "record", "user", &id], "");
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("deleted at "), "{}", output.stderr);
    assert!(output.stderr.contains("last seen at "), "{}", output.stderr);
    assert!(
        output.stdout.trim_end().ends_with("deleted"),
        "{}",
        output.stdout
    );
    let output = fails(&home, &["history", "record", "user", "4711"], 5);
    assert!(
        output
            .stderr
            .contains("has not seen user 4711 in `sandbox`"),
        "{}",
        output.stderr
    );
    for args in [&["user"][..], &["user", &id, "--uuid", "x"]] {
        let args = [&["history", "record"], args].concat();
        let output = crate::support::command::run(&home, &args, "");
        assert_eq!(output.status, Some(2), "{}", output.stderr);
    }
    fails(
        &home,
        &["history", "record", "user", &id, "--env", "elsewhere"],
        5,
    );
}
