//! `captui record load` and `captui record rollback`, with the real binary.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Child;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::cli::ok;
use crate::sandbox::repetitions;
use crate::support::Home;
use crate::support::command::Output;
use crate::support::command::Sandbox;
use crate::support::command::captui;
use crate::support::command::run;
use crate::support::command::signal;

/// A type with a unique address, and one without anything unique.
const KEYED: &str = r#"[{"name":"email","type":"string","constraints":["unique","required","email-address"]},
    {"name":"age","type":"integer"},{"name":"born","type":"date"},{"name":"active","type":"boolean"},
    {"name":"code","type":"string","length":5},{"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"}]},
    {"name":"password","type":"password-bcrypt"},
    {"name":"tags","type":"plural","attr_defs":[{"name":"tag","type":"string"}]}]"#;
const PLAIN: &str = r#"[{"name":"a","type":"string"}]"#;

/// A home whose environment `service` is a sandbox of its own, started with these arguments.
struct Place {
    home: Home,
    _other: Home,
    sandbox: Sandbox,
}

impl Place {
    fn new(args: &[&str]) -> Self {
        let (home, other) = (Home::new(), Home::new());
        let sandbox = Sandbox::start_with(&other, &[&["--bare"], args].concat());
        home.configure(&sandbox.url, &sandbox.client_id, &sandbox.client_secret, "");
        let place = Self {
            home,
            _other: other,
            sandbox,
        };
        for (name, attr_defs) in [("keyed", KEYED), ("plain", PLAIN)] {
            let pairs = [("type_name", name), ("attr_defs", attr_defs)];
            place.sandbox.ok("entityType.create", &pairs);
        }
        place
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        fs::write(&path, text).expect("a home can be written");
        path.to_str().expect("is text").to_owned()
    }

    fn run(&self, args: &[&str]) -> Output {
        run(&self.home, &[args, &["--env", "service"]].concat(), "")
    }

    /// Loads, and gives what `--json` tells.
    fn load(&self, args: &[&str], status: i32) -> Value {
        let output = self.run(&[&["record", "load", "--json"], args].concat());
        assert_eq!(
            output.status,
            Some(status),
            "{args:?}: {}{}",
            output.stdout,
            output.stderr
        );
        serde_json::from_str(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", output.stdout))
    }

    /// The e-mail addresses of all records of the keyed type.
    /// A load that has created its first records.
    fn loading(&self, args: &[&str]) -> Child {
        let mut command = captui(&self.home);
        command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = command.spawn().expect("the command starts");
        while self.emails().is_empty() {
            std::thread::sleep(Duration::from_millis(5));
        }
        child
    }

    fn emails(&self) -> Vec<String> {
        let pairs = [
            ("type_name", "keyed"),
            ("attributes", r#"["email"]"#),
            ("max_results", "10000"),
        ];
        let answer = self.sandbox.ok("entity.find", &pairs);
        let records = answer["results"].as_array().expect("is an array");
        records
            .iter()
            .map(|record| record["email"].as_str().expect("is text").to_owned())
            .collect()
    }
}

fn people(count: usize) -> String {
    let mut text = "email,age,home.city\n".to_owned();
    for number in 0..count {
        writeln!(text, "p{number}@example.com,{},Ulm {number}", number % 90)
            .expect("a text takes it");
    }
    text
}

/// Every one of them once.
fn assert_all_once(mut emails: Vec<String>, count: usize) {
    let found = emails.len();
    emails.sort_unstable();
    emails.dedup();
    assert_eq!((found, emails.len()), (count, count));
}

fn lines(path: &Path) -> Vec<String> {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{error}: {}", path.display()));
    text.lines().map(str::to_owned).collect()
}

#[test]
fn ten_kinds_of_wrong_rows_are_named_and_the_corrected_ones_loaded() {
    let place = Place::new(&[]);
    let wrong = [
        ("no-address,,,,,,", "email", "360"),
        ("w2@example.com,seven,,,,,", "age", "341"),
        ("w3@example.com,,1985-02-29,,,,", "born", "342"),
        ("w4@example.com,,,perhaps,,,", "active", "341"),
        ("w5@example.com,,,,too long,,", "code", "363"),
        ("w6@example.com,,,,,{oops,", "password", "340"),
        ("w7@example.com,,,,,,{}", "tags", "341"),
        (",1,,,,,", "email", "362"),
        ("ok1@example.com,1,,,,,", "email", "361"),
        ("w10@example.com,1,,", "", ""),
    ];
    let mut text = "email,age,born,active,code,password,tags\n".to_owned();
    for number in 0..20 {
        writeln!(text, "ok{number}@example.com,{number},01/29/1981,T,abc,,")
            .expect("a text takes it");
    }
    for (row, _, _) in wrong {
        text.push_str(row);
        text.push('\n');
    }
    let file = place.write("people.csv", &text);

    let checked = place.load(&["keyed", &file, "--check"], 1);
    assert_eq!(
        (&checked["rows"], &checked["wrong"]),
        (&30.into(), &10.into())
    );
    let refused = place.run(&["record", "load", "keyed", &file]);
    assert_eq!(refused.status, Some(1), "{}", refused.stderr);
    assert!(
        refused
            .stderr
            .contains("nothing was sent: 10 of 30 rows are wrong"),
        "{}",
        refused.stderr
    );
    assert_eq!(place.emails(), [""; 0]);

    let folder = place.home.path().join("people.csv.captui-load");
    let failures = lines(&folder.join("failures.csv"));
    assert_eq!(failures[0], "batch,line,email,error,row,column,code");
    let mut named: HashSet<(String, String, String)> = HashSet::new();
    for line in &failures[1..] {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(line.as_bytes());
        let cells = reader.records().next().expect("a line").expect("is CSV");
        assert_eq!((cells.len(), &cells[0]), (7, ""), "{line}");
        named.insert((
            cells[1].to_owned(),
            cells[5].to_owned(),
            cells[6].to_owned(),
        ));
    }
    for (place, (row, column, code)) in wrong.iter().enumerate() {
        let line = (22 + place).to_string();
        let expected = (line, (*column).to_owned(), (*code).to_owned());
        assert!(
            named.contains(&expected),
            "{row}: {expected:?} in {named:?}"
        );
    }

    let loaded = place.load(&["keyed", &file, "--skip-invalid"], 1);
    // Another look leaves what is kept of the load alone.
    let kept = fs::read(folder.join("failures.csv")).expect("is there");
    place.load(&["keyed", &file, "--check"], 1);
    assert_eq!(
        fs::read(folder.join("failures.csv")).expect("is there"),
        kept
    );
    assert_eq!(
        (&loaded["created"], &loaded["refused"]),
        (&20.into(), &10.into())
    );
    assert_all_once(place.emails(), 20);
    let rejected = folder.join("rejected.csv");
    let mut corrected = lines(&rejected);
    assert_eq!(corrected.len(), 11);
    let header = corrected.remove(0);
    let rows: Vec<&str> = wrong.iter().map(|(row, _, _)| *row).collect();
    assert_eq!(corrected, rows, "as they were");
    let mut text = header;
    for number in 0..corrected.len() {
        write!(text, "\nright{number}@example.com,1,,,,,").expect("a text takes it");
    }
    let file = place.write("corrected.csv", &text);
    let loaded = place.load(&["keyed", &file], 0);
    assert_eq!(loaded["created"], 10);
    assert_all_once(place.emails(), 30);
}

#[test]
fn a_file_is_loaded_once_and_taken_back() {
    let place = Place::new(&[]);
    let file = place.write("people.csv", &people(250));
    let loaded = place.load(&["keyed", &file, "--batch", "30"], 0);
    assert_eq!(
        (&loaded["created"], &loaded["left"]),
        (&250.into(), &0.into())
    );
    assert_all_once(place.emails(), 250);

    let folder = place.home.path().join("people.csv.captui-load");
    let success = lines(&folder.join("success.csv"));
    assert_eq!(success.len(), 251);
    assert_eq!(success[0], "batch,line,uuid,email,row,id,answered");
    assert!(!folder.join("rejected.csv").exists());

    let again = place.run(&["record", "load", "keyed", &file]);
    assert_eq!(again.status, Some(1));
    assert!(
        again.stderr.contains("was loaded already"),
        "{}",
        again.stderr
    );
    let anew = place.load(&["keyed", &file, "--restart"], 1);
    assert_eq!(
        (&anew["created"], &anew["refused"]),
        (&0.into(), &250.into())
    );
    let failures = lines(&folder.join("failures.csv"));
    assert!(
        failures[1].contains("Attempted to update a duplicate value"),
        "{}",
        failures[1]
    );
    let aside = format!("{}.1", folder.display());

    let uuid = success[1].split(',').nth(2).expect("has one");
    place.sandbox.ok(
        "entity.delete",
        &[
            ("type_name", "keyed"),
            ("uuid", success[2].split(',').nth(2).expect("has one")),
        ],
    );
    // A change is told from the load by whole seconds.
    std::thread::sleep(Duration::from_millis(2100));
    place.sandbox.ok(
        "entity.update",
        &[
            ("type_name", "keyed"),
            ("uuid", uuid),
            ("attributes", r#"{"age":5}"#),
        ],
    );
    let refused = place.run(&["record", "rollback", &aside]);
    assert_eq!(refused.status, Some(2), "{}", refused.stderr);
    let other = place.run(&["record", "rollback", &aside, "--confirm", "user"]);
    assert_eq!(other.status, Some(2), "{}", other.stderr);
    assert_eq!(place.emails().len(), 249);
    let told = place.run(&["record", "rollback", &aside, "--dry-run"]);
    assert!(
        told.stdout.contains("would delete 250 records of `keyed`"),
        "{}",
        told.stdout
    );
    let back = place.run(&["record", "rollback", &aside, "--confirm", "keyed", "--json"]);
    assert_eq!(back.status, Some(1), "{}", back.stderr);
    let back: Value = serde_json::from_str(&back.stdout).expect("JSON");
    let counts = ["deleted", "gone", "changed", "failed", "left"].map(|name| back[name].as_u64());
    assert_eq!(counts, [248, 1, 1, 0, 0].map(Some));
    assert_eq!(place.emails().len(), 1);
    let back = place.run(&[
        "record",
        "rollback",
        &aside,
        "--confirm",
        "keyed",
        "--force",
    ]);
    assert_eq!(back.status, Some(0), "{}", back.stderr);
    assert_eq!(place.emails(), [""; 0]);
}

#[test]
fn every_kind_of_file_is_loaded() {
    let place = Place::new(&[]);
    let record = |number: usize| format!(r#"{{"email":"j{number}@example.com","tags":["x"]}}"#);
    let array = format!("[{},\n{}]", record(0), record(1));
    let answer = format!(r#"{{"results":[{}],"stat":"ok"}}"#, record(2));
    let exported = r#"{"id":7,"uuid":"u","email":"j3@example.com","lastUpdated":"2020-01-01","tags":[{"id":8,"tag":"y"}]}"#;
    for (name, text, more, count) in [
        ("a.json", array.as_str(), &[][..], 2),
        ("b.json", &answer, &[], 1),
        ("c.ndjson", exported, &["--strip-given"], 1),
    ] {
        let file = place.write(name, text);
        let loaded = place.load(&[&["keyed", file.as_str()], more].concat(), 0);
        assert_eq!(loaded["created"], count, "{name}");
    }
    let args = ["record", "load", "keyed", "-", "--env", "service", "--json"];
    let piped = run(
        &place.home,
        &args,
        &format!("{}\n{}\n", record(4), record(5)),
    );
    assert_eq!(piped.status, Some(0), "{}", piped.stderr);
    let single = place.write("s.csv", "email\ns1@example.com\ns1b@example.com\n");
    assert_eq!(place.load(&["keyed", &single, "--single"], 0)["created"], 2);
    assert_all_once(place.emails(), 8);
}

#[test]
fn the_loaders_sample_is_loaded_as_it_is() {
    let place = Place::new(&[]);
    let sample = include_str!("../data/dataload-sample.csv");
    // Each type is made from its file as it is, under a name of one's own.
    let made = |name: &str, schema: &str| {
        let schema = place.write(&format!("{name}.json"), schema);
        let output = place.run(&["schema", "import", &schema, "--name", name, "--yes"]);
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        place.write(&format!("{name}.csv"), sample)
    };
    // The type `user` of a sandbox takes the sample with nothing said.
    let own = place.home.path().join("own.csv");
    fs::write(&own, sample).expect("a home can be written");
    let own = own.to_str().expect("is text");
    ok(
        &place.home,
        &["record", "load", "user", own, "--env", "sandbox"],
    );
    let file = made(
        "default",
        include_str!("../data/schema-user-default-2012.json"),
    );
    let named = place.run(&["record", "load", "default", &file]);
    assert_eq!(named.status, Some(2), "{}", named.stderr);
    let told = &named.stderr;
    assert!(told.contains("--skip-unknown"), "{told}");
    let columns = sample.lines().next().expect("has a header").split(',');
    let schema = include_str!("../data/schema-user-default-2012.json");
    let strange = columns.filter(|it| !it.contains('.') && !schema.contains(&format!("\"{it}\"")));
    let strange: Vec<&str> = strange.filter(|it| *it != "created").collect();
    assert!(strange.contains(&"mobileNumber"), "{strange:?}");
    for column in strange {
        assert!(told.contains(&format!("`{column}`")), "{column}: {told}");
    }
    assert_eq!(
        place.load(&["default", &file, "--skip-unknown"], 0)["created"],
        1
    );
    // The other one demands values that the sample has not.
    let file = made(
        "every",
        include_str!("../data/schema-test-user1-every-type.json"),
    );
    let checked = place.load(&["every", &file, "--skip-unknown", "--check"], 1);
    let faults = checked["first_faults"].as_array().expect("is an array");
    assert!(
        !faults.is_empty() && faults.iter().all(|fault| fault["code"] == 362),
        "{checked}"
    );
    // With all of its columns, nothing needs to be said.
    let file = place.write("people.csv", sample);
    let attr_defs = ok(&place.home, &["schema", "infer", &file, "--json"]);
    let mut inferred: Value = serde_json::from_str(&attr_defs).expect("JSON");
    // Of a column without a value nothing can be inferred.
    let attr_defs = inferred["attr_defs"].as_array_mut().expect("is an array");
    let address = attr_defs
        .iter_mut()
        .find(|def| def["name"] == "primaryAddress");
    let inside = address.and_then(|address| address["attr_defs"].as_array_mut());
    inside
        .expect("is an object")
        .push(serde_json::json!({"name": "address2", "type": "string"}));
    let attr_defs = inferred["attr_defs"].to_string();
    place.sandbox.ok(
        "entityType.create",
        &[("type_name", "whole"), ("attr_defs", &attr_defs)],
    );
    let loaded = place.load(&["whole", &file], 0);
    assert_eq!(loaded["created"], 1);
}

/// One call in ten goes wrong, in every way there is.
const FAULTS: &[&str] = &[
    "--fault",
    "entity.bulkCreate=504@2%",
    "--fault",
    "entity.bulkCreate=504:before@1%",
    "--fault",
    "entity.bulkCreate=510@1%",
    "--fault",
    "entity.bulkCreate=http-510@1%",
    "--fault",
    "entity.bulkCreate=http-502@1%",
    "--fault",
    "entity.bulkCreate=http-502:after@1%",
    "--fault",
    "entity.bulkCreate=reset@1%",
    "--fault",
    "entity.bulkCreate=reset:before@1%",
    "--fault",
    "entity.bulkCreate=truncated@2%",
    "--fault",
    "entity.find=504@3%",
    "--fault",
    "entity.find=510@3%",
    "--fault",
    "entity.find=http-502@2%",
    "--fault",
    "entity.find=reset@2%",
    "--fault-seed",
    "7",
];

#[test]
fn with_one_call_in_ten_going_wrong_all_is_there_once() {
    let place = Place::new(FAULTS);
    let file = place.write("people.csv", &people(600));
    let loaded = place.load(&["keyed", &file, "--batch", "10", "--settle", "0"], 0);
    assert_eq!(
        (&loaded["created"], &loaded["unknown"]),
        (&600.into(), &0.into())
    );
    let folder = place.home.path().join("people.csv.captui-load");
    let uuids: HashSet<String> = lines(&folder.join("success.csv"))[1..]
        .iter()
        .map(|line| line.split(',').nth(2).expect("has one").to_owned())
        .collect();
    assert_eq!(uuids.len(), 600);
    let count = place.sandbox.ok("entity.count", &[("type_name", "keyed")]);
    assert_eq!(count["total_count"], 600);
}

#[test]
fn what_cannot_be_looked_for_is_told_and_not_sent_again() {
    let place = Place::new(&["--fault", "entity.bulkCreate=reset"]);
    let file = place.write("plain.csv", "a\nx\ny\nz\n");
    let loaded = place.load(&["plain", &file], 75);
    assert_eq!(
        (&loaded["created"], &loaded["unknown"]),
        (&0.into(), &3.into())
    );
    let folder = place.home.path().join("plain.csv.captui-load");
    assert_eq!(lines(&folder.join("unknown.csv")), ["a", "x", "y", "z"]);
    let count = place.sandbox.ok("entity.count", &[("type_name", "plain")]);
    assert_eq!(count["total_count"], 3, "the work was done, once");
}

#[test]
fn a_dry_run_shows_the_call_and_prod_wants_a_yes() {
    let place = Place::new(&[]);
    let file = place.write("people.csv", &people(3));
    let shown = place.run(&["record", "load", "keyed", &file, "--dry-run"]);
    assert_eq!(shown.status, Some(0), "{}", shown.stderr);
    assert!(
        shown.stdout.contains("/entity.bulkCreate"),
        "{}",
        shown.stdout
    );
    assert!(shown.stdout.contains("p0@example.com"), "{}", shown.stdout);
    let Sandbox {
        url,
        client_id,
        client_secret,
        ..
    } = &place.sandbox;
    let writable = "read_only = false\n";
    place
        .home
        .configure(url, client_id, client_secret, writable);
    let config = place.home.path().join("config/captui/config.toml");
    let text = fs::read_to_string(&config)
        .expect("is there")
        .replace("\"sandbox\"", "\"prod\"");
    fs::write(&config, text).expect("is ours");
    let asked = place.run(&["record", "load", "keyed", &file]);
    assert_eq!(asked.status, Some(2), "{}", asked.stderr);
    assert!(
        asked
            .stderr
            .contains("create 3 records of `keyed` in `service` (prod)"),
        "{}",
        asked.stderr
    );
    assert_eq!(place.emails(), [""; 0]);
    assert_eq!(place.load(&["keyed", &file, "--yes"], 0)["created"], 3);
}

/// Every answer to a creation is lost, though its work is done.
const LOST: &[&str] = &["--fault", "entity.bulkCreate=reset"];

#[test]
fn a_file_that_is_edited_while_it_loads_is_left_alone_until_it_is_as_it_was() {
    let place = Place::new(&["--fault", "entity.bulkCreate=latency:30ms"]);
    // Long rows, so that the end of the file was not read when the first are there.
    let mut text = "email,home.city\n".to_owned();
    for number in 0..1500 {
        writeln!(text, "p{number}@example.com,{}", "x".repeat(7_000)).expect("a text takes it");
    }
    text.push_str("wrong,\n");
    let file = place.write("people.csv", &text);
    let args = [
        "record",
        "load",
        "keyed",
        &file,
        "--skip-invalid",
        "--batch",
        "20",
        "--env",
        "service",
    ];
    let child = place.loading(&args);
    // In place, and as long as it was.
    fs::write(&file, text.replace("p1499@", "q1499@")).expect("is ours");
    let output = child.wait_with_output().expect("ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("has changed since it was checked: nothing more is sent"),
        "{said}"
    );
    let there = place.emails();
    assert!(there.len() < 1500 && !there.contains(&"q1499@example.com".to_owned()));
    let refused = place.run(&args[..5]);
    assert!(
        refused.stderr.contains("has changed since"),
        "{}",
        refused.stderr
    );
    fs::write(&file, &text).expect("is ours");
    let loaded = place.load(&["keyed", &file, "--skip-invalid"], 1);
    assert_eq!(
        (&loaded["created"], &loaded["refused"]),
        (&1500.into(), &1.into())
    );
    assert_all_once(place.emails(), 1500);
    let folder = place.home.path().join("people.csv.captui-load");
    assert_eq!(
        lines(&folder.join("rejected.csv")),
        ["email,home.city", "wrong,"]
    );
}

#[test]
fn records_are_looked_for_as_rules_leave_them() {
    let place = Place::new(LOST);
    let attr_defs =
        r#"[{"name":"nick","type":"string","case-sensitive":true,"constraints":["unique"]}]"#;
    let pairs = [("type_name", "ruled"), ("attr_defs", attr_defs)];
    place.sandbox.ok("entityType.create", &pairs);
    let rule = [
        ("type_name", "ruled"),
        ("attributes", r#"["nick"]"#),
        ("definition", r#""to-lower""#),
    ];
    place.sandbox.ok("entityType.addRule", &rule);
    let file = place.write("nicks.csv", "nick\nAnna\nBERT\nanna\n");
    let loaded = place.load(&["ruled", &file, "--skip-invalid"], 1);
    assert_eq!(
        (&loaded["created"], &loaded["refused"], &loaded["unknown"]),
        (&2.into(), &1.into(), &0.into()),
        "the third is the first again"
    );
    let failures = lines(&place.home.path().join("nicks.csv.captui-load/failures.csv"));
    assert!(
        failures[1].contains("the same value as in row 1"),
        "{failures:?}"
    );
}

#[test]
fn what_is_in_doubt_is_looked_for_before_it_is_taken_back_and_a_changed_record_is_still_ours() {
    let place = Place::new(&[LOST, &["--fault", "entity.find=latency:1s"]].concat());
    let file = place.write("people.csv", &people(3));
    let args = ["record", "load", "keyed", &file, "--env", "service"];
    let mut command = captui(&place.home);
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("the command starts");
    let count =
        || place.sandbox.ok("entity.count", &[("type_name", "keyed")])["total_count"].as_u64();
    while count() != Some(3) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("it looks for its records");
    child.wait().expect("is ours");
    let back = ["record", "rollback", &file, "--confirm", "keyed"];
    let refused = place.run(&back);
    assert_eq!(refused.status, Some(1), "{}", refused.stderr);
    for said in [
        "3 rows were about to be sent when the load ended",
        "go on with the load first, which looks for them: captui record load keyed ",
    ] {
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
    }
    // What somebody adds meanwhile does not make it somebody else's; a change is told by whole seconds.
    std::thread::sleep(Duration::from_millis(2100));
    place.sandbox.ok(
        "entity.update",
        &[
            ("type_name", "keyed"),
            ("key_attribute", "email"),
            ("key_value", r#""p1@example.com""#),
            ("attributes", r#"{"born":"1981-01-29"}"#),
        ],
    );
    let loaded = place.load(&["keyed", &file], 0);
    assert_eq!(
        (&loaded["created"], &loaded["refused"]),
        (&3.into(), &0.into())
    );
    // The end of a line that was never noted, as a loss of power leaves it.
    let success = place.home.path().join("people.csv.captui-load/success.csv");
    let whole = fs::read(&success).expect("is there");
    fs::write(&success, [&whole[..], b"1,9,0000"].concat()).expect("is ours");
    let taken = place.run(&[&back[..], &["--json"]].concat());
    assert_eq!(taken.status, Some(1), "{}", taken.stderr);
    let taken: Value = serde_json::from_str(&taken.stdout).expect("JSON");
    let counts = ["deleted", "changed", "failed", "left"].map(|name| taken[name].as_u64());
    assert_eq!(counts, [2, 1, 0, 0].map(Some));
    // The rest alone must not be there.
    let again = place.run(&args[..4]);
    assert_eq!(again.status, Some(1), "{}", again.stderr);
    assert!(
        again
            .stderr
            .contains("2 of the 3 records that were made are taken back"),
        "{}",
        again.stderr
    );
    let taken = place.run(&[&back[..], &["--force"]].concat());
    assert_eq!(taken.status, Some(0), "{}", taken.stderr);
    assert_eq!(count(), Some(0));
    let again = place.run(&args[..4]);
    assert!(
        again.stderr.contains("--restart loads the file again"),
        "{}",
        again.stderr
    );
    let loaded = place.load(&["keyed", &file, "--restart"], 0);
    assert_eq!(loaded["created"], 3);
}

#[test]
fn a_roll_back_that_stops_has_noted_what_it_deleted() {
    let place = Place::new(&["--fault", "entity.delete=code=403@20%", "--fault-seed", "7"]);
    let file = place.write("people.csv", &people(30));
    place.load(&["keyed", &file], 0);
    let folder = place.home.path().join("people.csv.captui-load");
    let mut left = 30;
    while left == 30 {
        let stopped = place.run(&["record", "rollback", &file, "--confirm", "keyed"]);
        assert_eq!(stopped.status, Some(4), "{}", stopped.stderr);
        left = place.emails().len();
    }
    assert!(left > 0, "it stopped before its end");
    let noted = lines(&folder.join("rolled-back.csv"));
    let deleted = noted
        .iter()
        .filter(|line| line.contains(",deleted,"))
        .count();
    assert_eq!(deleted, 30 - left);
}

#[test]
fn what_was_corrected_in_its_place_is_never_written_over() {
    let place = Place::new(&[]);
    let file = place.write(
        "people.csv",
        "email,age\na@example.com,x\nb@example.com,1\n,,\n",
    );
    let checked = place.load(&["keyed", &file, "--check"], 1);
    assert_eq!(
        (&checked["rows"], &checked["wrong"]),
        (&2.into(), &1.into())
    );
    let folder = place.home.path().join("people.csv.captui-load");
    let rejected = folder.join("rejected.csv");
    let checked = place.load(&["keyed", &file, "--check"], 1);
    assert_eq!(checked["files"].get("changed"), None);
    fs::write(&rejected, "email,age\na@example.com,1\n").expect("is ours");
    let loaded = place.load(&["keyed", &file, "--skip-invalid"], 1);
    let aside = folder.join("rejected-1.csv");
    assert_eq!(loaded["files"]["changed"], aside.to_str().expect("is text"));
    assert_eq!(lines(&aside)[1], "a@example.com,1");
    assert_eq!(lines(&rejected)[1], "a@example.com,x");
    let corrected = aside.to_str().expect("is text");
    assert_eq!(place.load(&["keyed", corrected], 0)["created"], 1);
    assert_all_once(place.emails(), 2);
    // The faults of a cell do not hide those of the others.
    let file = place.write("both.csv", "email,age,born\nno-address,x,1985-02-29\n");
    let checked = place.load(&["keyed", &file, "--check"], 1);
    let faults = checked["first_faults"].as_array().expect("is an array");
    let columns: HashSet<&str> = faults
        .iter()
        .filter_map(|it| it["column"].as_str())
        .collect();
    assert_eq!(columns, HashSet::from(["age", "born", "email"]));
}

#[test]
fn each_pipe_is_a_load_of_its_own_and_read_once() {
    let place = Place::new(&[]);
    let args = ["record", "load", "keyed", "-", "--env", "service"];
    let piped = |text: &str, more: &[&str]| run(&place.home, &[&args, more].concat(), text);
    let folders = || -> HashSet<String> {
        let entries = fs::read_dir(place.home.path()).expect("is there").flatten();
        let names = entries.map(|it| it.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with("piped-")).collect()
    };
    for (text, status) in [
        ("email\na@example.com\n", 0),
        ("email\nb@example.com\n", 0),
        ("email\nb@example.com\n", 1),
    ] {
        let output = piped(text, &[]);
        assert_eq!(output.status, Some(status), "{text}: {}", output.stderr);
    }
    assert_eq!(
        folders().len(),
        2,
        "the same again is no load of its own: {:?}",
        folders()
    );
    // What was piped in before stays, though another one is refused in its folder.
    let out = place.home.path().join("out");
    let named = ["--out", out.to_str().expect("is text")];
    assert_eq!(piped("email\nc@example.com\n", &named).status, Some(0));
    let refused = piped("email\nd@example.com\n", &named);
    assert_eq!(refused.status, Some(1), "{}", refused.stderr);
    assert_eq!(lines(&out.join("input")), ["email", "c@example.com"]);
    let left: Vec<_> = fs::read_dir(&out).expect("is there").flatten().collect();
    assert!(
        left.iter()
            .all(|it| !it.file_name().to_string_lossy().ends_with(".part"))
    );

    let fifo = place.home.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.expect("mkfifo is there").success());
    let writing = {
        let fifo = fifo.clone();
        std::thread::spawn(move || fs::write(fifo, "email\ne@example.com\n"))
    };
    let loaded = place.load(&["keyed", fifo.to_str().expect("is text")], 0);
    assert_eq!(loaded["created"], 1);
    writing.join().expect("does not panic").expect("is read");
    assert_all_once(place.emails(), 4);

    let file = place.write("q.csv", "email\nf@example.com\n");
    let other = format!("{}/./q.csv", place.home.path().display());
    let twice = place.run(&["record", "load", "keyed", &file, &other]);
    assert_eq!(twice.status, Some(2), "{}", twice.stderr);
    assert!(
        twice.stderr.contains("are the same file"),
        "{}",
        twice.stderr
    );
}

#[test]
fn a_service_that_never_answers_is_not_asked_for_ever() {
    let place = Place::new(&["--fault", "entity.bulkCreate=504:before"]);
    let file = place.write("people.csv", &people(2));
    let loaded = place.load(&["keyed", &file, "--settle", "0"], 75);
    assert_eq!(
        (&loaded["created"], &loaded["unknown"]),
        (&0.into(), &2.into())
    );
    let place = Place::new(&["--fault", "entity.bulkCreate=510"]);
    let file = place.write("people.csv", &people(2));
    let args = [
        "record",
        "load",
        "keyed",
        &file,
        "--settle",
        "0",
        "--patience",
        "1",
    ];
    let stopped = place.run(&args);
    assert_eq!(stopped.status, Some(3), "{}", stopped.stderr);
    assert!(
        stopped
            .stderr
            .contains("nothing has come of any call for 1 s"),
        "{}",
        stopped.stderr
    );
    assert_eq!(place.emails(), [""; 0]);
}

#[test]
fn a_refusal_of_all_is_a_refusal_of_each() {
    let place = Place::new(&["--fault", "entity.bulkCreate=code=200"]);
    let file = place.write("plain.csv", "a\nx\ny\nz\n");
    let loaded = place.load(&["plain", &file], 1);
    assert_eq!(
        (&loaded["refused"], &loaded["unknown"]),
        (&3.into(), &0.into())
    );
}

#[test]
fn what_this_client_may_not_read_is_no_key() {
    let place = Place::new(LOST);
    place.sandbox.ok(
        "entityType.setAccessSchema",
        &[
            ("type_name", "keyed"),
            ("for_client_id", &place.sandbox.client_id),
            ("access_type", "read"),
            ("attributes", r#"["age"]"#),
        ],
    );
    let file = place.write("people.csv", &people(2));
    let output = place.run(&["record", "load", "keyed", &file]);
    assert_eq!(output.status, Some(75), "{}", output.stderr);
    assert!(
        output
            .stderr
            .contains("no unique attribute that this client can look for"),
        "{}",
        output.stderr
    );
    let count = place.sandbox.ok("entity.count", &[("type_name", "keyed")]);
    assert_eq!(count["total_count"], 2, "sent once");
}

/// `CAPTUI_KILL_ROUNDS` says how often the loader is ended.
#[test]
fn kill_9_loses_nothing_and_doubles_nothing() {
    let rounds = repetitions("CAPTUI_KILL_ROUNDS", 4);
    let place = Place::new(&["--fault", "entity.bulkCreate=latency:20ms"]);
    let count = 250 * (rounds + 2);
    let file = place.write("people.csv", &people(count));
    let args = [
        "record", "load", "keyed", &file, "--batch", "5", "--settle", "0", "--json", "--env",
        "service",
    ];
    let mut is_done = false;
    for round in 0..rounds {
        let mut command = captui(&place.home);
        command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("the command starts");
        let enough = place.emails().len() + 50 + 7 * round;
        while place.emails().len() < enough && child.try_wait().expect("is ours").is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        // What it had in flight is done by the service all the same. It may have come to its end just before.
        let _ = child.kill();
        let status = child.wait().expect("is ours");
        is_done = status.success();
        if is_done {
            break;
        }
        assert_eq!(status.code(), None, "it was killed");
    }
    if !is_done {
        let output = run(&place.home, &args, "");
        assert_eq!(output.status, Some(0), "{}{}", output.stdout, output.stderr);
    }
    assert_all_once(place.emails(), count);
    let folder = place.home.path().join("people.csv.captui-load");
    let uuids: HashSet<String> = lines(&folder.join("success.csv"))[1..]
        .iter()
        .map(|line| line.split(',').nth(2).expect("has one").to_owned())
        .collect();
    assert_eq!(uuids.len(), count);
}

#[test]
fn ctrl_c_lets_calls_come_to_their_end_and_says_how_to_go_on() {
    let place = Place::new(&["--fault", "entity.bulkCreate=latency:50ms"]);
    let file = place.write("people.csv", &people(400));
    let args = [
        "record", "load", "keyed", &file, "--batch", "5", "--env", "service",
    ];
    let child = place.loading(&args);
    signal(child.id(), Signal::INT);
    let output = child.wait_with_output().expect("ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("the same command goes on"), "{said}");
    let journal = lines(&place.home.path().join("people.csv.captui-load/journal"));
    let begun = journal
        .iter()
        .filter(|line| line.contains("\"rows\":\""))
        .count();
    let settled = journal
        .iter()
        .filter(|line| line.contains("\"success\":") && line.contains("\"batch\":"))
        .count();
    assert_eq!(begun, settled, "nothing is in doubt");
    let rest = run(&place.home, &args, "");
    assert_eq!(rest.status, Some(0), "{}", rest.stderr);
    assert_all_once(place.emails(), 400);
}
