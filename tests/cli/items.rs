//! Attributes as words of the command line, and what becomes of a call that is not sent.

use std::fs;

use serde_json::Value;
use serde_json::json;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;
use crate::support::command::run;
use crate::support::fake::Act;
use crate::support::fake::FakeServer;
use crate::support::pty::Terminal;

fn record(home: &Home, args: &[&str]) -> Value {
    serde_json::from_str(&ok(home, &[&["record"], args].concat())).expect("JSON")
}

#[test]
fn items_make_a_record_change_it_and_name_parts_of_it() {
    let home = Home::new();
    fs::write(home.path().join("display.json"), "{\"x\": [1]}\n").expect("writable");
    let made = record(
        &home,
        &[
            "create",
            "user",
            "givenName=Bob",
            "middleName=",
            "email=bob@example.com",
            "birthday=1985-02-28",
            "loyaltyPoints=12",
            "primaryAddress.city=Berlin",
            "statuses[0].status=Away",
            "display@display.json",
            "--include-record",
        ],
    );
    for (pointer, value) in [
        ("/givenName", json!("Bob")),
        ("/middleName", json!("")),
        ("/birthday", json!("1985-02-28")),
        ("/loyaltyPoints", json!(12)),
        ("/primaryAddress/city", json!("Berlin")),
        ("/statuses/0/status", json!("Away")),
        ("/display/x", json!([1])),
        ("/familyName", Value::Null),
    ] {
        assert_eq!(made.pointer(pointer), Some(&value), "{pointer}");
    }
    let who = ["user", "--key", "email=bob@example.com"];
    let element = format!("statuses#{}", made["statuses"][0]["id"]);
    let update = |words: &[&str]| {
        let args = [&["update"], &who[..], words, &["--include-record"]].concat();
        record(&home, &args)
    };
    let changed = update(&[
        "givenName=Rob",
        "birthday:=null",
        "primaryAddress.zip=10115",
    ]);
    assert_eq!(changed["givenName"], "Rob");
    assert_eq!(changed["birthday"], Value::Null);
    assert_eq!(changed["primaryAddress"]["city"], "Berlin");
    assert_eq!(changed["primaryAddress"]["zip"], "10115");
    let part = update(&["--path", &element, "status=Back"]);
    assert_eq!(part["status"], "Back");
    let part = update(&["--path", "givenName", "--attributes", "\"Bert\""]);
    assert_eq!(part, "Bert");
    // Items lie over what a file or standard input brings.
    let args = [
        &["record", "update"],
        &who[..],
        &["--attributes", "-", "givenName=Ada"],
    ]
    .concat();
    let piped = run(&home, &args, r#"{"givenName":"x","familyName":"Lovelace"}"#);
    assert_eq!(
        (piped.status, piped.stderr.as_str()),
        (Some(0), "captui: updated\n")
    );
    let now = record(&home, &[&["get"], &who[..]].concat());
    assert_eq!(
        (&now["givenName"], &now["familyName"]),
        (&json!("Ada"), &json!("Lovelace"))
    );
    // What is not given is gone after a replace.
    let args = [
        &["replace"],
        &who[..],
        &["email=bob@example.com", "--include-record"],
    ]
    .concat();
    let replaced = record(&home, &args);
    assert_eq!(
        (&replaced["givenName"], &replaced["statuses"]),
        (&Value::Null, &json!([]))
    );
}

#[test]
fn attributes_are_piped_where_none_are_given() {
    let home = Home::new();
    let made = run(
        &home,
        &["record", "create", "user", "-q"],
        r#"{"givenName":"Ada"}"#,
    );
    assert_eq!((made.status, made.stderr.as_str()), (Some(0), ""));
    let id = made.stdout.trim();
    assert!(id.parse::<u32>().is_ok(), "{id}");
    let change = run(
        &home,
        &["record", "update", "user", "--id", id],
        r#"{"givenName":"Eve"}"#,
    );
    assert_eq!(change.status, Some(0), "{}", change.stderr);
    assert_eq!(
        record(&home, &["get", "user", "--id", id])["givenName"],
        "Eve"
    );
}

/// What was to be read and is empty is no record: something before the pipe may have failed.
#[test]
fn nothing_is_made_of_an_empty_pipe() {
    let home = Home::new();
    let count = || ok(&home, &["record", "count", "user"]);
    ok(&home, &["record", "create", "user", "givenName=Ada"]);
    let before = count();
    for words in [
        &["create", "user"][..],
        &["create", "user", "--no-check"],
        &["create", "user", "--attributes", "-"],
        &["create", "user", "--attributes", ""],
        &["create", "user", "--attributes", "-", "givenName=x"],
        &["update", "user", "--id", "1"],
        &["update", "user", "--id", "1", "--attributes", "-"],
        &["replace", "user", "--id", "1", "--yes"],
    ] {
        for stdin in ["", " \n"] {
            let output = run(&home, &[&["record"], words].concat(), stdin);
            assert_eq!(output.status, Some(2), "{words:?}: {}", output.stderr);
        }
    }
    assert_eq!(count(), before);
    let told = fails(&home, &["record", "create", "user"], 2).stderr;
    assert!(told.contains("no attributes are given"), "{told}");
    assert!(told.contains("--attributes '{}'"), "{told}");
    ok(&home, &["record", "create", "user", "--attributes", "{}"]);
    ok(&home, &["record", "create", "user", "givenName=Eve"]);
    assert_ne!(count(), before);
}

#[test]
fn at_a_terminal_nothing_is_made_of_nothing() {
    let home = Home::new();
    let create = ["record", "create", "user"];
    let mut terminal = Terminal::captui(&home, &create, 24, 100);
    terminal.wait_for("no attributes are given");
    assert_eq!(terminal.wait_for_end().exit_code(), 2);
}

#[test]
fn what_is_wrong_is_told_before_anything_is_sent() {
    let home = Home::new();
    for (words, told) in [
        (&["givnName=x"][..], "did you mean `givenName`?"),
        (&["loyaltyPoints=many"], "`many` is not a number"),
        (
            &["birthday=1985-02-29"],
            "birthday: 1985 is not a leap year",
        ),
        (&["statuses.status=x"], "statuses[0].status"),
        (
            &["--attributes", r#"{"givnName":"x"}"#],
            "did you mean `givenName`?",
        ),
        (
            &["--attributes", "[]", "givenName=x"],
            "must be a JSON object",
        ),
        (
            &["email=a@b.c", "email=c@d.e"],
            "email: it is given twice, by the items 1 and 2",
        ),
    ] {
        let output = fails(&home, &[&["record", "create", "user"], words].concat(), 2);
        assert!(output.stderr.contains(told), "{words:?}: {}", output.stderr);
    }
    // Words that are no items are wrong usage.
    for word in ["givenName", "a:={", "=x"] {
        let output = run(&home, &["record", "create", "user", word], "");
        assert_eq!(
            (output.status, output.stdout.as_str()),
            (Some(2), ""),
            "{word}"
        );
    }
    assert_eq!(
        record(&home, &["count", "user", "--filter", "givenName = 'x'"]),
        0
    );
}

#[test]
fn a_call_is_shown_in_place_of_being_sent() {
    let server = FakeServer::start(Act::json(200, r#"{"id":1,"uuid":"u","stat":"ok"}"#));
    let home = Home::new();
    home.configure(&server.url, "client", "s3cr3t-of-mine", "");
    let create = [
        "--env",
        "service",
        "record",
        "create",
        "user",
        "--no-check",
        "givenName=é b",
        "password=hidden",
    ];
    let with = |more: &[&str]| ok(&home, &[&create[..], more].concat());
    let curl = with(&["--show", "curl"]);
    assert!(curl.starts_with("# Masked values"), "{curl}");
    assert!(
        curl.contains(&format!("curl {}/entity.create", server.url)),
        "{curl}"
    );
    let wire = with(&["--show", "wire"]);
    let plain = with(&["--dry-run"]);
    let json: Value = serde_json::from_str(&with(&["--dry-run", "--json"])).expect("JSON");
    assert_eq!(
        (&json["operation"], &json["environment"], &json["sent"]),
        (&json!("entity.create"), &json!("service"), &json!(false))
    );
    for shown in [&curl, &wire, &plain, &json.to_string()] {
        assert!(
            !shown.contains("hidden") && !shown.contains("s3cr3t"),
            "{shown}"
        );
    }
    assert!(with(&["--show", "curl", "--with-secrets"]).contains("client:s3cr3t-of-mine"));
    let bytes = with(&["--show", "wire", "--with-secrets"]);
    assert_eq!(server.requests(), [""; 0]);
    // It is what is sent.
    with(&[]);
    assert_eq!(server.requests().len(), 1);
    let (head, body) = bytes.split_once("\r\n\r\n").expect("head and body");
    assert!(
        server.requests()[0].ends_with(body),
        "{:?}",
        server.requests()
    );
    for line in head.lines() {
        let sent = server.requests()[0].to_lowercase();
        assert!(sent.contains(&line.to_lowercase()), "{line} in {sent}");
    }
}

#[test]
fn nothing_is_changed_where_only_reading_is_allowed() {
    let home = Home::new();
    let who = ["user", "--id", "1"];
    for args in [
        &["record", "create", "user", "givenName=x"][..],
        &[&["record", "update"], &who[..], &["givenName=x"]].concat(),
        &[&["record", "replace"], &who[..], &["givenName=x"]].concat(),
        &[&["record", "delete"], &who[..]].concat(),
        &[&["record", "delete-access"], &who[..]].concat(),
        &["record", "purge", "user"],
        &["call", "entity.delete", "type_name=user", "id=1"],
        &["sandbox", "reset", "--yes"],
    ] {
        let output = fails(&home, &[&["--read-only"], args].concat(), 2);
        assert!(
            output.stderr.contains("read-only"),
            "{args:?}: {}",
            output.stderr
        );
    }
    assert_eq!(
        record(&home, &["get", "user", "--id", "1", "--read-only"])["id"],
        1
    );
}

#[test]
fn lists_are_told_in_the_form_that_is_asked_for() {
    let home = Home::new();
    let find = [
        "record",
        "find",
        "user",
        "--attributes",
        "id,email",
        "--max",
        "2",
    ];
    let with = |more: &[&str]| ok(&home, &[&find[..], more].concat());
    let table = with(&[]);
    assert_eq!(table, with(&["--table"]));
    assert!(
        table.starts_with("id  email\n1   johndoe@example.com\n"),
        "{table}"
    );
    assert!(with(&["--csv"]).starts_with("id,email\n1,johndoe@example.com\n"));
    let lines = with(&["--ndjson"]);
    assert_eq!(
        lines.lines().next(),
        Some(r#"{"id":1,"email":"johndoe@example.com"}"#)
    );
    assert_eq!(with(&["--quiet"]), "1\n2\n");
    assert!(
        with(&["--json"]).starts_with(r#"{"result_count":"#)
            || with(&["--json"]).contains("\"stat\":\"ok\"")
    );
    let both = run(&home, &[&find[..], &["--csv", "--json"]].concat(), "");
    assert_eq!(both.status, Some(2));
    let get = ok(
        &home,
        &[
            "record",
            "get",
            "user",
            "--id",
            "1",
            "--attributes",
            "id,email",
            "--table",
        ],
    );
    assert!(
        get.lines()
            .any(|line| line == "email      johndoe@example.com"),
        "{get}"
    );
    let csv = ok(&home, &["record", "find", "user", "--max", "1", "--csv"]);
    assert!(
        csv.lines()
            .next()
            .is_some_and(|names| names.contains("primaryAddress.city")),
        "{csv}"
    );
}

#[test]
fn what_goes_for_good_is_asked_about_outside_of_sandboxes() {
    let server = FakeServer::start(Act::json(200, r#"{"total_count":3,"stat":"ok"}"#));
    let home = Home::new();
    home.configure(&server.url, "client", "secret", "read_only = false\n");
    let file = home.path().join("config/captui/config.toml");
    let config = fs::read_to_string(&file).expect("is configured");
    let config = config.replace("class = \"sandbox\"", "class = \"prod\"");
    fs::write(&file, config).expect("a home can be written");
    let service = |args: &[&'static str]| [&["--env", "service"], args].concat();
    let delete = service(&["record", "delete", "user", "--id", "1"]);
    let output = fails(&home, &delete, 2);
    assert!(
        output.stderr.contains("--confirm service"),
        "{}",
        output.stderr
    );
    // A yes is not enough, and no other name is.
    fails(&home, &[&delete[..], &["--yes"]].concat(), 2);
    fails(&home, &[&delete[..], &["--confirm", "user"]].concat(), 2);
    assert_eq!(server.count("entity.delete"), 0);
    ok(&home, &[&delete[..], &["--confirm", "service"]].concat());
    assert_eq!(server.count("entity.delete"), 1);
    let purge = service(&["record", "purge", "user"]);
    let output = fails(&home, &purge, 2);
    assert!(output.stderr.contains("all 3 records"), "{}", output.stderr);
    ok(&home, &[&purge[..], &["--confirm", "user"]].concat());
    let access = service(&["record", "delete-access", "user", "--id", "1"]);
    fails(&home, &access, 2);
    ok(&home, &[&access[..], &["--yes"]].concat());
    // Nobody is asked about what is not sent.
    ok(&home, &[&delete[..], &["--dry-run"]].concat());
    assert_eq!(
        (server.count("entity.delete"), server.count("entity.purge")),
        (1, 1)
    );
}
