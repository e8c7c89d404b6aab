//! `captui record`.

use std::io::PipeWriter;
use std::io::pipe;
use std::process::Stdio;

use serde_json::Value;
use serde_json::json;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;
use crate::support::command::captui;
use crate::support::command::run;

/// What the terminal test chooses in the form.
const ADA: &str = r#"{"givenName":"Ada","familyName":"Lovelace","email":"ada@example.com","statuses":[{"status":"Computing"}]}"#;

#[test]
fn a_record_is_created_found_and_refused_a_second_time() {
    let home = Home::new();
    let create = ["record", "create", "user", "--attributes", ADA];
    let created = ok(&home, &create);
    let words: Vec<&str> = created.split_whitespace().collect();
    let &["id", id, "uuid", uuid] = words.as_slice() else {
        panic!("{created}");
    };
    let got = ok(&home, &["record", "get", "user", "--id", id]);
    for selector in [["--uuid", uuid], ["--key", "email=ada@example.com"]] {
        let selected = ok(&home, &[&["record", "get", "user"], &selector[..]].concat());
        assert_eq!(selected, got);
    }
    let seeded = [
        "record",
        "get",
        "user",
        "--key",
        "email=johndoe@example.com",
    ];
    assert!(ok(&home, &seeded).contains("johndoe@example.com"));
    let record: Value = serde_json::from_str(&got).expect("JSON");
    assert_eq!(
        (&record["uuid"], &record["email"]),
        (&json!(uuid), &json!("ada@example.com"))
    );
    assert_eq!(record["givenName"], "Ada");
    assert_eq!(record["statuses"][0]["status"], "Computing");

    let before = ok(&home, &["record", "count", "user"]);
    let twice = fails(&home, &create, 7);
    assert!(
        twice.stderr.contains("361 unique_violation"),
        "{}",
        twice.stderr
    );
    assert_eq!(ok(&home, &["record", "count", "user"]), before);
}

#[test]
fn a_date_that_never_was_is_not_sent() {
    let home = Home::new();
    let create = [
        "record",
        "create",
        "user",
        "--attributes",
        r#"{"birthday":"1985-02-29","email":"nobody","nosuch":1}"#,
    ];
    let output = fails(&home, &create, 2);
    for words in [
        "nothing was sent: 3 violations",
        "birthday: 1985 is not a leap year: February has 28 days (342",
        "email: ",
        "nosuch: ",
        "--no-check",
    ] {
        assert!(output.stderr.contains(words), "{words}: {}", output.stderr);
    }
    let output = fails(&home, &[&create[..], &["--no-check"]].concat(), 3);
    assert!(output.stderr.contains("error "), "{}", output.stderr);
}

#[test]
fn the_answer_as_it_came_also_when_it_is_an_error() {
    let home = Home::new();
    let create = ["--json", "record", "create", "user", "--attributes", ADA];
    let created: Value = serde_json::from_str(&ok(&home, &create)).expect("JSON");
    let keys: Vec<&String> = created.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["id", "uuid", "stat"]);
    let twice = run(&home, &create, "");
    assert_eq!(twice.status, Some(7), "{}", twice.stderr);
    let answer: Value = serde_json::from_str(&twice.stdout).expect("JSON");
    assert_eq!(
        (&answer["code"], &answer["stat"]),
        (&json!(361), &json!("error"))
    );
}

#[test]
fn attributes_come_from_standard_input_and_the_record_is_printed() {
    let home = Home::new();
    let create = [
        "record",
        "create",
        "user",
        "--attributes",
        "-",
        "--include-record",
    ];
    let output = run(&home, &create, ADA);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let record: Value = serde_json::from_str(&output.stdout).expect("JSON");
    let id = record["id"].to_string();
    assert_eq!(
        ok(&home, &["record", "get", "user", "--id", &id]),
        output.stdout
    );
}

#[test]
fn records_are_found_as_a_table_and_counted() {
    let home = Home::new();
    let find = [
        "record",
        "find",
        "user",
        "--attributes",
        "id,email",
        "--sort",
        "-email",
        "--max",
        "2",
        "--total",
    ];
    let output = run(&home, &find, "");
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{}", output.stdout);
    assert_eq!(
        lines[0].split_whitespace().collect::<Vec<_>>(),
        ["id", "email"]
    );
    let total = ok(&home, &["record", "count", "user"]);
    let noted = format!("captui: {} in all\n", total.trim());
    assert_eq!(output.stderr, noted);
    let page = ok(&home, &[&find[..9], &["--first", "1"]].concat());
    assert_eq!(page.lines().nth(1), Some(lines[2]));
}

/// As when `head` has seen enough: no fault, and no noise.
#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let home = Home::new();
    for args in [
        &["record", "find", "user", "--json"][..],
        &["record", "find", "user"],
        &["type", "show", "user"],
        &["explain", "361"],
        &["--help"],
    ] {
        let mut command = captui(&home);
        let child = command.args(args).stdin(Stdio::null()).stdout(nobody());
        let output = child.stderr(Stdio::piped()).output().expect("it runs");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        assert_eq!(output.status.code(), Some(0), "{args:?}");
    }
    // A failure keeps its status when nobody hears of it.
    let mut command = captui(&home);
    command.args(["record", "get", "user", "--id", "999999"]);
    let status = command.stdout(nobody()).stderr(nobody()).status();
    assert_eq!(status.expect("it runs").code(), Some(5));
}

/// A pipe whose other end is closed.
fn nobody() -> PipeWriter {
    let (_, writer) = pipe().expect("there are pipes");
    writer
}
