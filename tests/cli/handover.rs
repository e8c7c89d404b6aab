//! `captui history export`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;

/// A failed create, and what must not leave of it.
fn failed_create(home: &Home) {
    let ada = r#"{"email":"ada@example.com","givenName":"Ada","password":"hunter2hunter2"}"#;
    let create = ["record", "create", "user", "--attributes", ada];
    ok(home, &create);
    fails(home, &create, 7);
}

#[test]
fn the_last_call_becomes_a_ticket_without_personal_data() {
    let home = Home::new();
    fails(&home, &["history", "export"], 5);
    failed_create(&home);
    for format in [
        "ticket", "jira", "plain", "bundle", "har", "curl", "json", "ndjson",
    ] {
        let text = ok(&home, &["history", "export", "--format", format]);
        for planted in ["ada@example.com", "ada%40example.com", "hunter2"] {
            assert!(!text.contains(planted), "{format}: {planted} in\n{text}");
        }
        if !matches!(format, "curl") {
            assert!(text.contains("361"), "{format}:\n{text}");
        }
    }
    let text = ok(&home, &["history", "export"]);
    assert!(
        text.contains("## entity.create user: error 361 unique_violation"),
        "{text}"
    );
    assert!(text.contains("(sandbox)"), "{text}");
    let open = ok(&home, &["history", "export", "--unmasked"]);
    assert!(
        open.contains("ada@example.com") && !open.contains("hunter2"),
        "{open}"
    );
}

#[test]
fn calls_are_chosen_by_number_and_by_text_and_go_into_a_file_of_their_owner() {
    let home = Home::new();
    failed_create(&home);
    let file = home.path().join("case.captui.json.gz");
    let name = file.to_str().expect("is text");
    let export = [
        "history",
        "export",
        "unique_violation",
        "--format",
        "bundle",
        "-o",
        name,
    ];
    assert_eq!(ok(&home, &export), "");
    let mode = fs::metadata(&file)
        .expect("is written")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let opened = captui::handover::open::open(&fs::read(&file).expect("is there")).expect("opens");
    assert_eq!((opened.calls.len(), opened.masked), (1, Some(true)));
    assert_eq!(
        opened.schemas.first().map(|schema| schema.name.as_str()),
        Some("user")
    );
    let again = fails(&home, &export, 2);
    assert!(again.stderr.contains("exists already"), "{}", again.stderr);
    let two = ok(
        &home,
        &["history", "export", "2", "1", "--format", "ndjson"],
    );
    let ids: Vec<&str> = two
        .lines()
        .filter_map(|line| line.split_once(','))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(ids, [r#"{"id":2"#, r#"{"id":1"#]);
    fails(&home, &["history", "export", "99"], 5);
    let none = fails(&home, &["history", "export", "nothing", "like", "it"], 5);
    assert!(none.stderr.contains("`nothing like it`"), "{}", none.stderr);
}

#[test]
fn found_records_become_a_table_without_formulas() {
    let home = Home::new();
    let record = r#"{"displayName":"=HYPERLINK(1)","givenName":"x"}"#;
    ok(
        &home,
        &[
            "record",
            "create",
            "user",
            "--no-check",
            "--attributes",
            record,
        ],
    );
    ok(
        &home,
        &["record", "find", "user", "--filter", "givenName = 'x'"],
    );
    let table = ok(
        &home,
        &["history", "export", "--format", "csv", "--unmasked"],
    );
    assert!(table.contains("'=HYPERLINK(1)"), "{table}");
    let masked = ok(&home, &["history", "export", "--format", "csv"]);
    assert!(!masked.contains("HYPERLINK"), "{masked}");
}
