//! `captui record export` and `captui record verify`, with the real binary and a sandbox of its own.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::support::Home;
use crate::support::command::Output;
use crate::support::command::Sandbox;
use crate::support::command::captui;
use crate::support::command::run;

const ATTR_DEFS: &str = r#"[{"name":"email","type":"string"},{"name":"size","type":"decimal"},
    {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"}]},
    {"name":"tags","type":"plural","attr_defs":[{"name":"tag","type":"string"}]}]"#;

/// A sandbox with so many records of the type `t`, and where its data is.
fn filled(home: &Home, records: usize) -> (Sandbox, PathBuf) {
    let data = home.path().join("service");
    let sandbox = start(home, &data, &[]);
    sandbox.ok(
        "entityType.create",
        &[("type_name", "t"), ("attr_defs", ATTR_DEFS)],
    );
    let texts: Vec<String> = (0..records)
        .map(|number| {
            format!(
                r#"{{"email":"a{number}@b.c","size":{number}.50,"tags":[{{"tag":"é, \"x\""}},{{"tag":"y"}}]}}"#
            )
        })
        .collect();
    for some in texts.chunks(500) {
        let all = format!("[{}]", some.join(","));
        let call = [
            ("type_name", "t"),
            ("timeout", "60"),
            ("all_attributes", &all),
        ];
        sandbox.ok("entity.bulkCreate", &call);
    }
    (sandbox, data)
}

fn start(home: &Home, data: &Path, args: &[&str]) -> Sandbox {
    let data = data.to_str().expect("is text");
    let own = ["--bare", "--data", data];
    let sandbox = Sandbox::start_with(home, &[&own[..], args].concat());
    home.configure(&sandbox.url, &sandbox.client_id, &sandbox.client_secret, "");
    sandbox
}

fn record(home: &Home, args: &[&str], status: i32) -> Output {
    let output = run(home, &[&["--env", "service", "record"], args].concat(), "");
    assert_eq!(
        output.status,
        Some(status),
        "{args:?}: {}{}",
        output.stdout,
        output.stderr
    );
    output
}

fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("is there");
    let json = |line: &str| serde_json::from_str(line).expect("is JSON");
    text.lines().map(json).collect()
}

/// One call in ten goes wrong, in every way that one does.
#[test]
fn an_export_from_a_bad_service_is_whole() {
    let home = Home::new();
    let (sandbox, data) = filled(&home, 1_200);
    assert_eq!(sandbox.terminate(), Some(0));
    let faults = [
        "504@2%",
        "510@2%",
        "http-510@2%",
        "http-502@2%",
        "reset@2%",
        "truncated@2%",
    ];
    let faults: Vec<String> = faults.iter().map(|fault| format!("*={fault}")).collect();
    let mut args = vec!["--fault-seed", "5"];
    for fault in &faults {
        args.extend(["--fault", fault]);
    }
    let _sandbox = start(&home, &data, &args);
    for (file, more) in [
        ("a.ndjson", &["--page", "20"][..]),
        ("b.csv", &["--page", "30", "--partitions", "1"]),
    ] {
        record(&home, &[&["export", "t", "-o", file], more].concat(), 0);
        let compared = record(&home, &["verify", file, "t", "--page", "50", "--json"], 0);
        let compared: Value = serde_json::from_str(&compared.stdout).expect("is JSON");
        assert_eq!(compared["equal"], 1_200, "{file}");
    }
}

/// `CAPTUI_KILL_ROUNDS` says how often the program is ended.
#[test]
fn an_export_that_is_killed_again_and_again_ends_whole() {
    let home = Home::new();
    let (_sandbox, _) = filled(&home, 1_000);
    let file = home.path().join("a.ndjson");
    let rounds = std::env::var("CAPTUI_KILL_ROUNDS").ok();
    let rounds: u64 = rounds.and_then(|rounds| rounds.parse().ok()).unwrap_or(4);
    let slowly = [
        "--page",
        "20",
        "--partitions",
        "3",
        "--rate",
        "40",
        "--resume",
    ];
    for round in 0..rounds {
        let mut command = captui(&home);
        command
            .args([
                "--env", "service", "record", "export", "t", "-o", "a.ndjson",
            ])
            .args(slowly)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("starts");
        thread::sleep(Duration::from_millis(250 + round * 331 % 900));
        // It may have come to its end.
        let _ = child.kill();
        child.wait().expect("is our child");
        if file.exists() {
            fs::remove_file(&file).expect("is there");
        }
    }
    record(
        &home,
        &["export", "t", "-o", "a.ndjson", "--resume", "--page", "100"],
        0,
    );
    let records = lines(&file);
    let ids: HashSet<i64> = records
        .iter()
        .filter_map(|record| record["id"].as_i64())
        .collect();
    assert_eq!((records.len(), ids.len()), (1_000, 1_000));
    let compared = record(&home, &["verify", "a.ndjson", "t"], 0);
    assert!(
        compared.stdout.contains("1,000 the same"),
        "{}",
        compared.stdout
    );
    let left: Vec<String> = fs::read_dir(home.path())
        .expect("lists")
        .map(|entry| {
            entry
                .expect("is there")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.contains(".part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_is_exported_is_said_and_goes_where_it_shall() {
    let home = Home::new();
    let (_sandbox, _) = filled(&home, 30);
    let said = record(
        &home,
        &[
            "export",
            "t",
            "-o",
            "a.ndjson.gz",
            "--filter",
            "size < 10",
            "--json",
        ],
        0,
    );
    assert!(said.stderr.contains("10 records in "), "{}", said.stderr);
    let said: Value = serde_json::from_str(&said.stdout).expect("is JSON");
    assert_eq!(
        (&said["records"], &said["complete"]),
        (&json!(10), &json!(true))
    );
    let manifest = fs::read_to_string(home.path().join("a.ndjson.gz.manifest.json"));
    let manifest: Value = serde_json::from_str(&manifest.expect("is there")).expect("is JSON");
    assert_eq!(manifest["filter"], "size < 10");

    let piped = record(
        &home,
        &["export", "t", "-o", "-", "--attributes", "email,home.city"],
        0,
    );
    assert_eq!(piped.stdout.lines().count(), 30);
    let first: Value =
        serde_json::from_str(piped.stdout.lines().next().expect("is one")).expect("is JSON");
    assert_eq!(first["email"], "a0@b.c");
    assert_eq!(first.as_object().map(serde_json::Map::len), Some(3));
    let table = record(
        &home,
        &[
            "export",
            "t",
            "-o",
            "-",
            "--format",
            "csv",
            "--formula-safe",
        ],
        0,
    );
    let head = table.stdout.lines().next();
    assert_eq!(
        head,
        Some("id,uuid,created,lastUpdated,email,home.city,size,tags")
    );

    record(&home, &["export", "t", "-o", "a.parquet"], 0);
    let parquet = fs::read(home.path().join("a.parquet")).expect("is there");
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    for (args, status, words) in [
        (&["-o", "a.parquet"][..], 2, "exists already"),
        (&["-o", "b.txt"], 2, "does not say what to write"),
        (&["-o", "b.csv", "--format", "json"], 2, "sounds like csv"),
        (&["-o", "b.gz", "--format", "parquet"], 2, "packed inside"),
        (&["-o", "b.json", "--formula-safe"], 2, "for CSV"),
        (&["-o", "-", "--resume"], 2, "keeps nothing"),
        (
            &["-o", "b.json", "--filter", "nothing = 1"],
            3,
            "Unknown attribute",
        ),
        (&["-o", "b.json", "--rate", "0"], 2, "calls a second"),
    ] {
        let output = record(&home, &[&["export", "t"], args].concat(), status);
        assert!(output.stderr.contains(words), "{args:?}: {}", output.stderr);
    }
    let none = record(&home, &["export", "none", "-o", "b.json"], 5);
    assert!(none.stderr.contains("222"), "{}", none.stderr);
}

#[test]
fn what_a_client_cannot_read_is_told() {
    let home = Home::new();
    let (sandbox, _) = filled(&home, 3);
    let added = sandbox.ok(
        "clients/add",
        &[
            ("description", "reader"),
            ("features", r#"["direct_read_access"]"#),
        ],
    );
    let member = |name: &str| added[name].as_str().expect("is text").to_owned();
    let (id, secret) = (member("client_id"), member("client_secret"));
    sandbox.ok(
        "entityType.setAccessSchema",
        &[
            ("type_name", "t"),
            ("for_client_id", &id),
            ("access_type", "read"),
            ("attributes", r#"["email","size"]"#),
        ],
    );
    home.configure(&sandbox.url, &id, &secret, "");
    let said = record(&home, &["export", "t", "-o", "a.ndjson"], 0);
    assert!(
        said.stderr.contains("this client cannot read home, tags"),
        "{}",
        said.stderr
    );
    let first = &lines(&home.path().join("a.ndjson"))[0];
    assert!(first.get("tags").is_none());
}

#[test]
fn an_environment_is_dumped_without_secrets() {
    let home = Home::new();
    let (sandbox, _) = filled(&home, 5);
    let dump = ["--env", "service", "env", "dump", "today", "--records"];
    let output = run(&home, &dump, "");
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("5 records in "), "{}", output.stderr);
    let folder = home.path().join("today");
    for name in [
        "manifest.json",
        "clients.json",
        "types/t/schema.json",
        "types/t/access.json",
        "records/t.ndjson.gz",
    ] {
        let bytes = fs::read(folder.join(name)).expect(name);
        let secret = sandbox.client_secret.as_bytes();
        assert!(
            !bytes.windows(secret.len()).any(|part| part == secret),
            "{name}"
        );
    }
    let compared = record(&home, &["verify", "today/records/t.ndjson.gz", "t"], 0);
    assert!(
        compared.stdout.contains("5 the same"),
        "{}",
        compared.stdout
    );
    assert_eq!(run(&home, &dump, "").status, Some(2), "it is whole already");
}

#[test]
fn a_comparison_says_what_is_not_the_same() {
    let home = Home::new();
    let (sandbox, _) = filled(&home, 20);
    record(&home, &["export", "t", "-o", "a.ndjson"], 0);
    let records = lines(&home.path().join("a.ndjson"));
    let id = |place: usize| records[place]["id"].to_string();
    sandbox.ok("entity.delete", &[("type_name", "t"), ("id", &id(3))]);
    let update = [
        ("type_name", "t"),
        ("id", &id(7)),
        ("attributes", r#"{"email":"new@b.c","size":1}"#),
    ];
    sandbox.ok("entity.update", &update);
    sandbox.ok(
        "entity.create",
        &[
            ("type_name", "t"),
            ("attributes", r#"{"email":"more@b.c"}"#),
        ],
    );
    let report = ["--report", "found.ndjson"];
    let compared = record(
        &home,
        &[&["verify", "a.ndjson", "t"], &report[..]].concat(),
        1,
    );
    for words in [
        "20 records in a.ndjson, 20 in t: 18 the same",
        "1 only in a.ndjson",
        "1 only in t",
        "1 different",
        "size 7.50 1",
        "email ‹email› ‹email›",
    ] {
        assert!(
            compared.stdout.contains(words),
            "{words}: {}",
            compared.stdout
        );
    }
    assert!(!compared.stdout.contains("@b.c"), "{}", compared.stdout);
    let found = lines(&home.path().join("found.ndjson"));
    assert_eq!(found.len(), 3);
    let unmasked = record(
        &home,
        &["verify", "t", "--against", "a.ndjson", "--unmasked"],
        1,
    );
    assert!(unmasked.stdout.contains("new@b.c"), "{}", unmasked.stdout);
    record(&home, &["verify", "t", "service:t"], 0);
    let elsewhere = record(&home, &["verify", "t", "--against", "nowhere:t"], 2);
    assert!(elsewhere.stderr.contains("nowhere"), "{}", elsewhere.stderr);
}
