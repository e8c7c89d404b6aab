//! `captui sandbox`, but for `serve`: what is done to the data, mostly while servers run on it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use rusqlite::Connection;
use serde_json::Value;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;
use crate::support::command::Sandbox;
use crate::support::command::run;
use crate::support::fake::Act;
use crate::support::fake::FakeServer;
use crate::support::http;
use crate::support::pty::DEADLINE;
use crate::support::pty::Terminal;

/// Runs `captui sandbox …  --json`, which must go well, and gives what it prints.
fn sandbox(home: &Home, args: &[&str]) -> Value {
    let text = ok(home, &[&["sandbox"], args, &["--json"]].concat());
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// Runs `captui sandbox …`, which must end with `status`, and gives what it says.
fn sandbox_fails(home: &Home, args: &[&str], status: i32) -> String {
    fails(home, &[&["sandbox"], args].concat(), status).stderr
}

/// Where the sandbox of a home is.
fn data(home: &Home) -> PathBuf {
    home.path().join("data/captui/sandbox")
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("can be read");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("can be listed").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn create(sandbox: &Sandbox, name: &str) -> Value {
    let attributes = format!(r#"{{"name":"{name}"}}"#);
    let arguments = [("type_name", "user_test"), ("attributes", &attributes)];
    sandbox.ok("entity.create", &arguments)
}

/// The values of `name` in all records of `user_test`.
fn created(sandbox: &Sandbox) -> BTreeSet<String> {
    let arguments = [("type_name", "user_test"), ("max_results", "10000")];
    let found = sandbox.ok("entity.find", &arguments);
    let results = found["results"].as_array().expect("is a list").iter();
    results
        .filter_map(|record| record["name"].as_str().map(str::to_owned))
        .collect()
}

fn records(status: &Value, type_name: &str) -> Option<i64> {
    let types = status["types"].as_array().expect("is a list").iter();
    let mut found = types.filter(|it| it["name"] == type_name);
    found.next().and_then(|it| it["records"].as_i64())
}

#[test]
fn where_there_is_nothing_nothing_is_made() {
    let home = Home::new();
    for args in [
        &["status"][..],
        &["reset", "--yes"],
        &["snapshot"],
        &["snapshot", "x"],
        &["snapshot", "--output", "x.db"],
        &["snapshot", "--list"],
        &["restore", "x", "--yes"],
    ] {
        let said = sandbox_fails(&home, args, 5);
        assert!(said.contains("there is no"), "{args:?}: {said}");
    }
    assert_eq!(home.everything(), [home.path().to_owned()]);
    // A folder, and a file without content.
    fs::create_dir(home.path().join("d")).expect("a home can be written");
    sandbox_fails(&home, &["status", "--data", "d"], 5);
    fs::write(home.path().join("d/sandbox.db"), "").expect("a home can be written");
    sandbox_fails(&home, &["status", "--data", "d"], 5);
    assert_eq!(names_in(&home.path().join("d")), ["sandbox.db"]);
}

#[test]
fn memory_is_no_place() {
    let home = Home::new();
    for args in [
        &["status"][..],
        &["reset", "--yes"],
        &["snapshot"],
        &["restore", "x", "--yes"],
        &["seed", "user", "--count", "1"],
        &["copy-schema", "--from", "sandbox"],
    ] {
        sandbox_fails(&home, &[args, &["--data", ":memory:"]].concat(), 2);
    }
}

#[test]
fn status_tells_what_is_there_and_no_secret() {
    let home = Home::new();
    ok(&home, &["type", "list"]);
    let status = sandbox(&home, &["status"]);
    assert_eq!(status["data"], data(&home).to_str().expect("is text"));
    assert_eq!(status["clients"], 1);
    assert_eq!(status["servers"], Value::Array(Vec::new()));
    assert_eq!(status["application_id"].as_str().map(str::len), Some(26));
    assert_eq!(records(&status, "user"), Some(17));
    assert!(status["layout"].as_i64() >= Some(2), "{status}");
    assert!(status["bytes"].as_i64() > Some(4096), "{status}");
    assert!(status["last_changed"].is_string(), "{status}");
    assert!(status.get("client_secret").is_none(), "{status}");
    let secret = sandbox(&home, &["status", "--show-secret"])["client_secret"].clone();
    let secret = secret.as_str().expect("is told when asked for");
    let text = ok(&home, &["sandbox", "status"]);
    assert!(!text.contains(secret), "{text}");
    let id = status["client_id"].as_str().expect("is text");
    assert!(text.contains(id) && text.contains("ENTITY TYPE"), "{text}");
    let text = ok(&home, &["sandbox", "status", "--show-secret"]);
    assert!(text.contains(secret), "{text}");
    // Looking leaves everything as it was.
    assert_eq!(names_in(&data(&home)), ["sandbox.db"]);
}

#[test]
fn status_knows_the_servers_and_forgets_the_dead() {
    let home = Home::new();
    let mut one = Sandbox::start(&home);
    let other = Sandbox::start(&home);
    let urls = |status: Value| -> BTreeSet<String> {
        let servers = status["servers"].as_array().expect("is a list").iter();
        servers
            .map(|it| it["url"].as_str().expect("is text").to_owned())
            .collect()
    };
    let expected: BTreeSet<String> = [&one.url, &other.url].map(String::clone).into();
    assert_eq!(urls(sandbox(&home, &["status"])), expected);
    let is_sign = |name: &String| name.starts_with("serving-");
    let signs = || names_in(&data(&home)).into_iter().filter(is_sign).count();
    for name in names_in(&data(&home)).iter().filter(|name| is_sign(name)) {
        let metadata = fs::metadata(data(&home).join(name)).expect("is ours");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
    one.kill();
    assert_eq!(signs(), 2);
    let left = urls(sandbox(&home, &["status"]));
    assert_eq!(left, BTreeSet::from([other.url.clone()]));
    assert_eq!(signs(), 1);
    let text = ok(&home, &["sandbox", "status"]);
    assert!(text.contains(&other.url), "{text}");
    // One that ends in order takes its sign away.
    assert_eq!(other.terminate(), Some(0));
    assert_eq!(signs(), 0);
    let memory = Sandbox::start_with(&home, &["--data", ":memory:"]);
    memory.ok("entityType.list", &[]);
    assert_eq!(signs(), 0);
    assert_eq!(memory.terminate(), Some(0));
}

#[test]
fn nothing_goes_without_a_yes() {
    let home = Home::new();
    ok(
        &home,
        &["record", "create", "user_test", "--attributes", "{}"],
    );
    let before = sandbox(&home, &["status"])["types"].clone();
    ok(&home, &["sandbox", "snapshot", "s"]);
    for args in [&["reset"][..], &["restore", "s"]] {
        let said = sandbox_fails(&home, args, 2);
        assert!(said.contains("--yes"), "{said}");
        for (answer, status) in [("n<enter>", 130), ("<enter>", 130)] {
            let args = [&["sandbox"], args].concat();
            let mut terminal = Terminal::captui(&home, &args, 24, 100);
            terminal.wait_for("[y/N]");
            terminal.send(answer);
            assert_eq!(terminal.wait_for_end().exit_code(), status);
        }
    }
    assert_eq!(sandbox(&home, &["status"])["types"], before);
    let mut terminal = Terminal::captui(&home, &["sandbox", "reset"], 24, 100);
    terminal.wait_for("[y/N]");
    terminal.send("y<enter>");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    assert_ne!(sandbox(&home, &["status"])["types"], before);
}

#[test]
fn a_reset_is_one_step_for_those_who_call_meanwhile() {
    let home = Home::new();
    let servers = [Sandbox::start(&home), Sandbox::start(&home)];
    let first = sandbox(&home, &["status", "--show-secret"]);
    let new = [
        ("type_name", "extra"),
        ("attr_defs", r#"[{"name":"a","type":"string"}]"#),
    ];
    servers[0].ok("entityType.create", &new);
    for number in 0..40 {
        create(&servers[0], &format!("n{number}"));
    }
    let full = created(&servers[1]).len();
    let done = AtomicBool::new(false);
    let (calls, before) = (AtomicUsize::new(0), DEADLINE);
    let counts: BTreeSet<i64> = thread::scope(|scope| {
        let callers = servers.each_ref().map(|server| {
            let (done, calls) = (&done, &calls);
            scope.spawn(move || {
                let mut connection = server.connect();
                let mut counts = BTreeSet::new();
                while !done.load(Ordering::SeqCst) {
                    let answer = server.call_over(
                        &mut connection,
                        "entity.count",
                        &[("type_name", "user_test")],
                    );
                    let answer = answer.expect("the server answers").json();
                    counts.insert(answer["total_count"].as_i64().unwrap_or(-1));
                    calls.fetch_add(1, Ordering::SeqCst);
                }
                counts
            })
        });
        let deadline = Instant::now() + before;
        let wait_for = |number: usize| {
            let until = calls.load(Ordering::SeqCst) + number;
            while calls.load(Ordering::SeqCst) < until {
                assert!(Instant::now() < deadline, "no calls in time");
                thread::sleep(Duration::from_millis(1));
            }
        };
        wait_for(20);
        sandbox(&home, &["reset", "--yes"]);
        wait_for(20);
        done.store(true, Ordering::SeqCst);
        let counts = callers.map(|caller| caller.join().expect("a caller does not panic"));
        counts.into_iter().flatten().collect()
    });
    let now = created(&servers[0]).len();
    assert!(now < full);
    let (full, now) = (i64::try_from(full), i64::try_from(now));
    assert_eq!(
        counts,
        [full, now].map(|count| count.expect("is small")).into()
    );
    // The owner goes on, the rest is as at first; ids begin again.
    let status = sandbox(&home, &["status", "--show-secret"]);
    for same in [
        "client_id",
        "client_secret",
        "application_id",
        "types",
        "clients",
    ] {
        assert_eq!(status[same], first[same], "{same}");
    }
    let created_now = create(&servers[1], "after");
    assert!(created_now["id"].as_i64() < Some(1_000), "{created_now}");
    let gone = servers[1].call("entityType", &[("type_name", "extra")]);
    assert_eq!(gone.code(), Some(222));
}

#[test]
fn a_bare_reset_leaves_the_default_type_alone() {
    let home = Home::new();
    ok(&home, &["type", "list"]);
    let reset = sandbox(&home, &["reset", "--bare", "--yes"]);
    assert_eq!(ok(&home, &["type", "list"]), "user\n");
    assert_eq!(records(&sandbox(&home, &["status"]), "user"), Some(0));
    // And back again, from what was kept.
    let name = reset["before"]["name"].as_str().expect("is kept");
    let restored = sandbox(&home, &["restore", name, "--yes"]);
    assert_eq!(restored["same_owner"], true);
    assert_eq!(records(&sandbox(&home, &["status"]), "user"), Some(17));
}

#[test]
fn of_what_went_the_newest_five_are_kept() {
    let home = Home::new();
    ok(&home, &["type", "list"]);
    ok(&home, &["sandbox", "snapshot", "before-reset-mine"]);
    let mut kept = Vec::new();
    for _ in 0..7 {
        let reset = sandbox(&home, &["reset", "--bare", "--yes"]);
        kept.push(
            reset["before"]["name"]
                .as_str()
                .expect("is kept")
                .to_owned(),
        );
    }
    let list = sandbox(&home, &["snapshot", "--list"]);
    let listed: BTreeSet<&str> = list["snapshots"]
        .as_array()
        .expect("is a list")
        .iter()
        .map(|it| it["name"].as_str().expect("is text"))
        .collect();
    let newest = kept[2..].iter().map(String::as_str);
    assert_eq!(listed, newest.chain(["before-reset-mine"]).collect());
}

#[test]
fn snapshots_have_names_and_are_not_lost_by_mistake() {
    let home = Home::new();
    let server = Sandbox::start(&home);
    let taken = sandbox(&home, &["snapshot", "one"]);
    let folder = data(&home).join("snapshots");
    assert_eq!(
        taken["path"],
        folder.join("one.db").to_str().expect("is text")
    );
    create(&server, "later");
    let said = sandbox_fails(&home, &["snapshot", "one"], 7);
    assert!(said.contains("--force"), "{said}");
    let first = fs::read(folder.join("one.db")).expect("can be read");
    sandbox(&home, &["snapshot", "one", "--force"]);
    assert_ne!(fs::read(folder.join("one.db")).expect("can be read"), first);
    for name in [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "-x",
        ".x",
        "é",
        "a b",
        &"x".repeat(101),
    ] {
        let args = ["sandbox", "snapshot", "--", name];
        assert_eq!(run(&home, &args, "").status, Some(2), "{name:?}");
    }
    // Without a name, the instant is one.
    sandbox(&home, &["snapshot"]);
    assert_eq!(names_in(&folder).len(), 2);
    for name in names_in(&folder) {
        let metadata = fs::metadata(folder.join(&name)).expect("is ours");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
    let list = ok(&home, &["sandbox", "snapshot", "--list"]);
    assert!(
        list.starts_with("SNAPSHOT") && list.contains("\none "),
        "{list}"
    );
    // Elsewhere, but not over the live database.
    sandbox(&home, &["snapshot", "--output", "out.db"]);
    sandbox_fails(&home, &["snapshot", "--output", "out.db"], 7);
    sandbox_fails(&home, &["snapshot", "--output", "no/such/folder.db"], 2);
    for name in ["sandbox.db", "sandbox.db-wal", "snapshots/../sandbox.db"] {
        let live = data(&home).join(name);
        let live = live.to_str().expect("is text");
        let said = sandbox_fails(&home, &["snapshot", "--force", "--output", live], 2);
        assert!(said.contains("live database"), "{said}");
    }
    create(&server, "still-there");
    assert!(created(&server).contains("still-there"));
    assert!(!home.everything().iter().any(|it| it.ends_with(".part")));
}

#[test]
fn a_restore_loses_nothing_that_was_acknowledged() {
    let home = Home::new();
    let servers = [Sandbox::start(&home), Sandbox::start(&home)];
    create(&servers[0], "kept");
    sandbox(&home, &["snapshot", "early"]);
    let done = AtomicBool::new(false);
    let count = AtomicUsize::new(0);
    let mut acknowledged = BTreeSet::new();
    let restored = thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (server, done, count) = (&servers[writer % 2], &done, &count);
                scope.spawn(move || {
                    let mut connection = server.connect();
                    let mut names = Vec::new();
                    while !done.load(Ordering::SeqCst) {
                        let name = format!("w{writer}n{}", names.len());
                        let attributes = format!(r#"{{"name":"{name}"}}"#);
                        let form =
                            http::form(&[("type_name", "user_test"), ("attributes", &attributes)]);
                        let answer = connection.post("entity.create", &server.basic(), &form);
                        let answer = answer.expect("the server answers").json();
                        assert_eq!(answer["stat"], "ok", "{answer}");
                        names.push(name);
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                    names
                })
            })
            .collect();
        let deadline = Instant::now() + DEADLINE;
        let wait_for = |number: usize| {
            let until = count.load(Ordering::SeqCst) + number;
            while count.load(Ordering::SeqCst) < until {
                assert!(Instant::now() < deadline, "no creations in time");
                thread::sleep(Duration::from_millis(1));
            }
        };
        wait_for(30);
        let restored = sandbox(&home, &["restore", "early", "--yes"]);
        wait_for(30);
        done.store(true, Ordering::SeqCst);
        for writer in writers {
            acknowledged.extend(writer.join().expect("a writer does not panic"));
        }
        restored
    });
    let after = created(&servers[1]);
    assert!(after.contains("kept") && after.len() < acknowledged.len());
    let before = restored["before"]["path"].as_str().expect("is kept");
    // What is not there any more is in the snapshot: a sandbox of its own shows it.
    sandbox(&home, &["restore", before, "--data", "other"]);
    let other = Sandbox::start_with(&home, &["--data", "other"]);
    assert_eq!(other.client_secret, servers[0].client_secret);
    let before = created(&other);
    let found: BTreeSet<String> = after.union(&before).cloned().collect();
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn another_sandboxs_state_brings_its_owner() {
    let (home, others) = (Home::new(), Home::new());
    let server = Sandbox::start(&home);
    ok(
        &others,
        &[
            "type",
            "create",
            "theirs",
            "--attr-defs",
            r#"[{"name":"a","type":"string"}]"#,
        ],
    );
    let file = others.path().join("theirs.db");
    let file = file.to_str().expect("is text");
    sandbox(&others, &["snapshot", "--output", file]);
    let args = ["sandbox", "restore", file, "--yes"];
    let output = run(&home, &args, "");
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("owner"), "{}", output.stderr);
    let theirs = sandbox(&others, &["status", "--show-secret"]);
    let now = sandbox(&home, &["status", "--show-secret"]);
    for same in ["client_id", "client_secret", "application_id", "types"] {
        assert_eq!(now[same], theirs[same], "{same}");
    }
    let id = theirs["client_id"].as_str().expect("is text");
    let secret = theirs["client_secret"].as_str().expect("is text");
    assert!(output.stdout.contains(id), "{}", output.stdout);
    assert!(!(output.stdout + &output.stderr).contains(secret));
    // The server that runs asks for the new owner's secret from now on.
    assert_eq!(server.call("entityType.list", &[]).code(), Some(402));
    let answer = server
        .connect()
        .post("entityType.list", &http::basic(id, secret), "");
    let answer = answer.expect("the server answers").json();
    assert!(
        answer["results"]
            .as_array()
            .expect("is a list")
            .contains(&"theirs".into())
    );
}

#[test]
fn only_a_whole_sandbox_of_a_known_version_is_restored() {
    let home = Home::new();
    let server = Sandbox::start(&home);
    create(&server, "mine");
    sandbox(&home, &["snapshot", "--output", "good.db"]);
    let good = fs::read(home.path().join("good.db")).expect("can be read");
    let spoil = |name: &str, sql: &str| {
        let file = home.path().join(name);
        fs::write(&file, &good).expect("a home can be written");
        let connection = Connection::open(&file).expect("is a database");
        connection.execute_batch(sql).expect("is understood");
    };
    spoil("newer.db", "PRAGMA user_version = 9999");
    spoil(
        "trigger.db",
        "CREATE TRIGGER t AFTER INSERT ON records BEGIN DELETE FROM records; END",
    );
    spoil("more.db", "CREATE TABLE more (x)");
    spoil("less.db", "DROP TABLE tokens");
    spoil("nobody.db", "DELETE FROM clients");
    spoil(
        "dangling.db",
        "PRAGMA foreign_keys = OFF; DELETE FROM records",
    );
    fs::write(home.path().join("text.db"), "no database at all").expect("a home can be written");
    fs::write(home.path().join("cut.db"), &good[..good.len() / 2]).expect("a home can be written");
    fs::write(home.path().join("empty.db"), "").expect("a home can be written");
    let live = data(&home).join("sandbox.db");
    let status = sandbox(&home, &["status"])["types"].clone();
    for (file, why) in [
        ("newer.db", "version 9999"),
        ("trigger.db", "not a sandbox"),
        ("more.db", "not a sandbox"),
        ("less.db", "not a sandbox"),
        ("nobody.db", "no client is an owner"),
        ("dangling.db", "damaged"),
        ("text.db", "damaged"),
        ("cut.db", "damaged"),
        ("empty.db", "not a sandbox"),
        (live.to_str().expect("is text"), "live database"),
    ] {
        let said = sandbox_fails(&home, &["restore", file, "--yes"], 2);
        assert!(said.contains(why), "{file}: {said}");
    }
    assert_eq!(sandbox(&home, &["status"])["types"], status);
    assert_eq!(names_in(&data(&home).join("snapshots")), [""; 0]);
    let said = sandbox_fails(&home, &["restore", "god.db", "--yes"], 5);
    assert!(said.contains("no snapshot and no file"), "{said}");
    // Whatever was refused, the good one is taken.
    sandbox(&home, &["restore", "good.db", "--yes"]);
    assert!(created(&server).contains("mine"));
}

#[test]
fn seeding_adds_records_that_fit() {
    let home = Home::new();
    let server = Sandbox::start(&home);
    let seeded = sandbox(
        &home,
        &["seed", "user", "--count", "30", "--fill", "everything"],
    );
    assert_eq!(
        (&seeded["added"], &seeded["seed"]),
        (&30.into(), &18.into())
    );
    let count = [("type_name", "user")];
    assert_eq!(server.ok("entity.count", &count)["total_count"], 47);
    // They can sign in, and what they are is as unique as it must be.
    let found = server.ok(
        "entity.find",
        &[
            ("type_name", "user"),
            ("sort_on", r#"["-id"]"#),
            ("max_results", "1"),
        ],
    );
    let id = found["results"][0]["id"].to_string();
    let password = [
        ("type_name", "user"),
        ("id", id.as_str()),
        ("password_attribute", "password"),
        ("password_value", "correct horse battery staple"),
    ];
    server.ok("entity", &password);
    let again = [
        &["seed", "user", "--count", "5", "--seed", "18"][..],
        &["--fill", "everything"],
    ];
    let again = sandbox(&home, &again.concat());
    assert_eq!(
        (&again["added"], &again["clashes"]),
        (&5.into(), &30.into())
    );
    let text = ok(&home, &["sandbox", "seed", "user_test", "--count", "1"]);
    assert!(text.starts_with("added 1 record to user_test"), "{text}");
    let said = sandbox_fails(&home, &["seed", "nosuch", "--count", "1"], 5);
    assert!(said.contains("nosuch"), "{said}");
    let defs = r#"[{"name":"yes","type":"boolean","constraints":["unique","required"]}]"#;
    ok(&home, &["type", "create", "narrow", "--attr-defs", defs]);
    let few = run(
        &home,
        &["sandbox", "seed", "narrow", "--count", "9", "--json"],
        "",
    );
    assert_eq!(few.status, Some(7), "{}", few.stderr);
    assert!(few.stdout.contains(r#""added":2"#), "{}", few.stdout);
}

/// A service with three entity types, one of which no sandbox takes, that knows rules of the first only.
fn service() -> FakeServer {
    FakeServer::choosing(|request| {
        let error = |code| {
            format!(r#"{{"code":{code},"error":"e","error_description":"so","stat":"error"}}"#)
        };
        let schema = |name: &str, defs: &str| {
            format!(
                r#"{{"schema":{{"name":"{name}","attr_defs":[{{"name":"id","type":"id"}},{defs}]}},"stat":"ok"}}"#
            )
        };
        let operation = request.split(' ').nth(1).unwrap_or_default();
        let about = |name: &str| request.contains(&format!("type_name={name}"));
        let answer = match operation {
            "/entitytype.list" => r#"{"results":["shop","plain","odd"],"stat":"ok"}"#.to_owned(),
            "/entitytype" if about("shop") => {
                schema("shop", r#"{"name":"city","type":"string","length":50}"#)
            }
            "/entitytype" if about("plain") => schema("plain", r#"{"name":"x","type":"integer"}"#),
            "/entitytype" if about("odd") => schema("odd", r#"{"name":"y","type":"hologram"}"#),
            "/entitytype" => error(222),
            "/entitytype.properties" if about("shop") => {
                r#"{"results":[{"property":"unique","attributes":["/city"],"uuid":"u"}],"stat":"ok"}"#.to_owned()
            }
            _ => error(403),
        };
        Act::json(200, &answer)
    })
}

#[test]
fn schemas_are_copied_and_each_says_what_became_of_it() {
    let service = service();
    let home = Home::new();
    home.configure(&service.url, "client", "secret", "read_only = true\n");
    let copy = |args: &[&str], status: i32| -> (Vec<(String, String)>, String) {
        let args = [
            &["sandbox", "copy-schema", "--from", "service", "--json"],
            args,
        ]
        .concat();
        let output = run(&home, &args, "");
        assert_eq!(output.status, Some(status), "{args:?}: {}", output.stderr);
        let said: Value = serde_json::from_str(&output.stdout).unwrap_or_default();
        let types = said["types"].as_array().cloned().unwrap_or_default();
        let word = |it: &Value, key: &str| it[key].as_str().expect("is text").to_owned();
        let results = types
            .iter()
            .map(|it| (word(it, "name"), word(it, "result")));
        (results.collect(), output.stdout + &output.stderr)
    };
    let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        let owned = list
            .iter()
            .map(|(name, word)| ((*name).to_owned(), (*word).to_owned()));
        owned.collect()
    };
    let (results, said) = copy(&[], 2);
    assert_eq!(
        results,
        pairs(&[
            ("shop", "created"),
            ("plain", "created"),
            ("odd", "refused")
        ])
    );
    assert!(
        said.contains("hologram") && said.contains("without its rules"),
        "{said}"
    );
    assert!(said.contains("1 of 3 entity types not copied"), "{said}");
    let shown = ok(&home, &["type", "show", "shop", "--env", "sandbox"]);
    assert!(shown.contains("string(50)"), "{shown}");
    assert_eq!(
        copy(&["shop", "plain", "shop"], 0).0,
        pairs(&[("shop", "unchanged"), ("plain", "unchanged")])
    );
    assert_eq!(
        copy(&["nosuch", "plain"], 5).0,
        pairs(&[("nosuch", "failed"), ("plain", "unchanged")])
    );
    // Another of the same name stays, unless it is said that it may go.
    for (args, kept) in [(&["--bare"][..], true), (&[], false)] {
        ok(&home, &[&["sandbox", "reset", "--yes"], args].concat());
        let defs = r#"[{"name":"city","type":"string"},{"name":"z","type":"json"}]"#;
        ok(
            &home,
            &[
                "type",
                "create",
                "shop",
                "--attr-defs",
                defs,
                "--env",
                "sandbox",
            ],
        );
        let create = ["record", "create", "shop", "--attributes", "{}"];
        ok(&home, &[&create[..], &["--env", "sandbox"]].concat());
        if kept {
            let (results, said) = copy(&["shop"], 7);
            assert_eq!(results, pairs(&[("shop", "different")]));
            for difference in [
                "/z: json, only in the sandbox",
                "/city: length no limit → 50",
                "unique on /city: only in the source",
            ] {
                assert!(said.contains(difference), "{difference} in {said}");
            }
            assert!(
                copy(&["shop", "--replace"], 2)
                    .1
                    .contains("shop with 1 record")
            );
            assert_eq!(records(&sandbox(&home, &["status"]), "shop"), Some(1));
        } else {
            assert_eq!(
                copy(&["shop", "--replace", "--yes"], 0).0,
                pairs(&[("shop", "replaced")])
            );
            assert_eq!(records(&sandbox(&home, &["status"]), "shop"), Some(0));
        }
    }
    // Nothing but looks was sent there.
    for request in service.requests() {
        let operation = request.split(' ').nth(1).unwrap_or_default();
        let looks = [
            "/entitytype",
            "/entitytype.list",
            "/entitytype.properties",
            "/entitytype.rules",
        ];
        assert!(looks.contains(&operation), "{request}");
    }
}

#[test]
fn nobody_there_to_copy_from_changes_nothing() {
    let home = Home::new();
    home.configure("http://127.0.0.1:1", "client", "secret", "");
    let copy = ["copy-schema", "--from", "service"];
    sandbox_fails(&home, &copy, 6);
    sandbox_fails(&home, &[&copy[..], &["user"]].concat(), 6);
    sandbox_fails(&home, &["copy-schema", "--from", "servce"], 2);
    assert!(!data(&home).exists());
}
