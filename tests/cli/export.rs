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
use crate::support::fake::Act;
use crate::support::fake::FakeServer;

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
            let manifest = home.path().join("a.ndjson.manifest.json");
            fs::remove_file(manifest).expect("is there");
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

/// A client that may only read: its id and secret.
fn reader(sandbox: &Sandbox) -> (String, String) {
    let added = sandbox.ok(
        "clients/add",
        &[
            ("description", "reader"),
            ("features", r#"["direct_read_access"]"#),
        ],
    );
    let member = |name: &str| added[name].as_str().expect("is text").to_owned();
    (member("client_id"), member("client_secret"))
}

#[test]
fn what_a_client_cannot_read_is_told() {
    let home = Home::new();
    let (sandbox, _) = filled(&home, 3);
    let (id, secret) = reader(&sandbox);
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

/// A service that gives at most so many records a page, and does not tell.
fn capped(most: usize, records: i64) -> FakeServer {
    let number_after = |text: &str, sign: &str| {
        let rest = text.split(sign).nth(1)?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<i64>().ok()
    };
    FakeServer::choosing(move |request| {
        let body = form_decoded(request);
        if request.starts_with("post /entity.count ") {
            let answer = format!(r#"{{"stat":"ok","total_count":{records}}}"#);
            return Act::json(200, &answer);
        }
        if !request.starts_with("post /entity.find ") {
            let defs = r#"[{"name":"id","type":"id"},{"name":"a","type":"string"}]"#;
            let schema = format!(r#"{{"stat":"ok","schema":{{"name":"t","attr_defs":{defs}}}}}"#);
            return Act::json(200, &schema);
        }
        let after = number_after(&body, "id > ").unwrap_or(0);
        let until = number_after(&body, "id <= ")
            .unwrap_or(records)
            .min(records);
        let asked = number_after(&body, "max_results=").unwrap_or(100);
        let asked = usize::try_from(asked).expect("is small");
        let ids: Vec<i64> = if body.contains(r#"["-id"]"#) {
            vec![records]
        } else {
            (after + 1..=until).take(asked.min(most)).collect()
        };
        let records: Vec<String> = ids
            .iter()
            .map(|id| format!(r#"{{"id":{id},"a":"x"}}"#))
            .collect();
        Act::json(
            200,
            &format!(r#"{{"stat":"ok","results":[{}]}}"#, records.join(",")),
        )
    })
}

/// A form's text as it reads.
fn form_decoded(body: &str) -> String {
    let body = body.replace('+', " ");
    let mut text = String::new();
    let mut rest = body.as_str();
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let code = after
            .get(..2)
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        text.push(char::from(code.unwrap_or(b'%')));
        rest = after.get(2..).unwrap_or_default();
    }
    text + rest
}

/// A page that is shorter than it was asked for is no end.
#[test]
fn a_limit_of_pages_that_nobody_told_of_loses_nothing() {
    for most in [73, 100, 1] {
        let records = if most == 1 { 40 } else { 700 };
        let server = capped(most, records);
        let home = Home::new();
        home.configure(&server.url, "client", "secret", "");
        for (file, partitions) in [("one.ndjson", "1"), ("four.ndjson", "4")] {
            let args = ["export", "t", "-o", file, "--partitions", partitions];
            record(&home, &args, 0);
            let ids: Vec<i64> = lines(&home.path().join(file))
                .iter()
                .filter_map(|record| record["id"].as_i64())
                .collect();
            assert_eq!(
                ids,
                (1..=records).collect::<Vec<_>>(),
                "{most} {partitions}"
            );
        }
    }
}

fn names(home: &Home) -> Vec<String> {
    let entries = fs::read_dir(home.path()).expect("lists");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("is there").file_name();
    let mut names: Vec<String> = entries
        .map(|entry| name(entry).to_string_lossy().into_owned())
        .filter(|name| name.contains("x."))
        .collect();
    names.sort();
    names
}

#[test]
fn what_would_fail_again_leaves_nothing_to_go_on_with() {
    let home = Home::new();
    let (_sandbox, _) = filled(&home, 10);
    for (args, status) in [
        (&["-o", "x.ndjson", "--attributes", "nosuch"][..], 3),
        (&["-o", "x.csv", "--attributes", "nosuch"], 3),
        (&["-o", "x.ndjson", "--filter", "nosuch = 1"], 3),
        (&["-o", "x.parquet.gz"], 2),
        (&["-o", "x.gz", "--format", "parquet"], 2),
    ] {
        let said = record(&home, &[&["export", "t"], args].concat(), status);
        assert!(
            !said.stderr.contains("--resume"),
            "{args:?}: {}",
            said.stderr
        );
        assert_eq!(names(&home), [""; 0], "{args:?}");
    }
}

#[test]
fn nothing_that_is_there_is_overwritten_or_taken_for_ours() {
    let home = Home::new();
    let (_sandbox, _) = filled(&home, 10);
    let put = |name: &str, text: &str| {
        fs::write(home.path().join(name), text).expect("writes");
    };
    let text = |name: &str| fs::read_to_string(home.path().join(name)).expect("is there");

    put("x.ndjson.manifest.json", "mine");
    let said = record(&home, &["export", "t", "-o", "x.ndjson"], 2);
    assert!(said.stderr.contains("exists already"), "{}", said.stderr);
    assert_eq!(text("x.ndjson.manifest.json"), "mine");
    assert_eq!(names(&home), ["x.ndjson.manifest.json"]);
    fs::remove_file(home.path().join("x.ndjson.manifest.json")).expect("is there");

    let link = home.path().join("x.csv");
    std::os::unix::fs::symlink(home.path().join("nowhere"), &link).expect("links");
    let said = record(&home, &["export", "t", "-o", "x.csv"], 2);
    assert!(said.stderr.contains("exists already"), "{}", said.stderr);
    assert_eq!(names(&home), ["x.csv"], "it is noticed at the beginning");
    fs::remove_file(link).expect("is there");

    // What was begun for something else, and its journal alone.
    put(
        "x.json.part.journal",
        "{\"format\":\"captui export 1\",\"type\":\"u\"}\n",
    );
    record(&home, &["export", "t", "-o", "x.json"], 0);
    put(
        "x.json.part.journal",
        "{\"format\":\"captui export 1\",\"type\":\"u\"}\n",
    );
    let other = [
        "export", "t", "-o", "x.json", "--resume", "--filter", "size < 3",
    ];
    let said = record(&home, &other, 2);
    assert!(said.stderr.contains("filter differs"), "{}", said.stderr);

    // The same is whole already, whether or not its journal is left.
    for _ in 0..2 {
        let again = ["export", "t", "-o", "x.json", "--resume", "--json"];
        let said = record(&home, &again, 0);
        assert!(said.stderr.contains("was whole already"), "{}", said.stderr);
        let said: Value = serde_json::from_str(&said.stdout).expect("is JSON");
        assert_eq!(said["records"], 10);
        assert_eq!(said["counted_before"], 10);
    }
    assert_eq!(names(&home), ["x.json", "x.json.manifest.json"]);

    // Killed between the two names.
    let whole = text("x.json.manifest.json");
    let manifest = home.path().join("x.json.manifest.json");
    fs::rename(manifest, home.path().join("x.json.part.manifest")).expect("is there");
    record(&home, &["export", "t", "-o", "x.json", "--resume"], 0);
    assert_eq!(text("x.json.manifest.json"), whole);
    assert_eq!(names(&home), ["x.json", "x.json.manifest.json"]);
}

#[test]
fn an_export_of_some_attributes_can_be_verified() {
    let home = Home::new();
    let (sandbox, _) = filled(&home, 10);
    for value in ["=1+1", "+49 1", "'=x", "'x", "-"] {
        let attributes = json!({ "email": value }).to_string();
        sandbox.ok(
            "entity.create",
            &[("type_name", "t"), ("attributes", &attributes)],
        );
    }
    for (file, more) in [
        ("a.csv", &["--attributes", "email,size"][..]),
        ("b.ndjson", &["--attributes", "email"]),
        ("c.csv", &["--formula-safe"]),
        ("d.csv", &["--attributes", "email", "--formula-safe"]),
        ("e.ndjson", &["--attributes", "uuid,email"]),
    ] {
        record(&home, &[&["export", "t", "-o", file], more].concat(), 0);
        let compared = record(&home, &["verify", file, "t"], 0);
        assert!(
            compared.stdout.contains("15 the same"),
            "{}",
            compared.stdout
        );
    }
    let quiet = record(&home, &["verify", "a.csv", "c.csv", "-q"], 1);
    assert_eq!(quiet.stdout.lines().count(), 1, "{}", quiet.stdout);
    let told = record(&home, &["verify", "a.csv", "t", "--key", "uuid"], 1);
    assert!(told.stderr.contains("--key ATTR"), "{}", told.stderr);
    let json = record(&home, &["verify", "a.csv", "t", "--json"], 0);
    assert_eq!(json.stdout.lines().count(), 1, "{}", json.stdout);
    let report = ["verify", "a.csv", "t", "--report", "b.ndjson"];
    let refused = record(&home, &report, 2);
    assert!(
        refused.stderr.contains("exists already") && !refused.stderr.contains("entity already"),
        "{}",
        refused.stderr
    );
}

#[test]
fn what_a_dump_left_out_is_not_forgotten() {
    let home = Home::new();
    let (sandbox, _) = filled(&home, 3);
    let (id, secret) = reader(&sandbox);
    home.configure(&sandbox.url, &id, &secret, "");
    let dump = ["--env", "service", "env", "dump", "d", "--records"];
    let refused = run(&home, &dump, "");
    assert_eq!(refused.status, Some(4), "{}", refused.stderr);
    assert!(refused.stderr.contains("--type NAME"), "{}", refused.stderr);
    let named = [
        "--env",
        "service",
        "env",
        "dump",
        "e",
        "--records",
        "--type",
        "t",
    ];
    let dumped = run(&home, &named, "");
    assert_eq!(dumped.status, Some(0), "{}", dumped.stderr);
    assert!(
        dumped.stderr.contains("left out: clients"),
        "{}",
        dumped.stderr
    );
    let manifest = fs::read_to_string(home.path().join("e/manifest.json")).expect("is there");
    let manifest: Value = serde_json::from_str(&manifest).expect("is JSON");
    assert_eq!(manifest["types"], json!(["t"]));
    assert_eq!(manifest["records"], 3);
    let left = manifest["left_out"].as_array().expect("is a list");
    let left: Vec<&Value> = left.iter().map(|left| &left["what"]).collect();
    assert!(left.contains(&&json!("clients")), "{left:?}");
    let access = json!("what clients may read and write of t");
    assert!(left.contains(&&access), "{left:?}");
    assert!(left.contains(&&json!("settings")), "{left:?}");
}
