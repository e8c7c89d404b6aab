//! `captui doctor`: what it finds, what it says to do, and what it leaves alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::cli::ok;
use crate::support::Home;
use crate::support::command::captui;
use crate::support::command::finish;
use crate::support::command::run;
use crate::support::fake::Act;
use crate::support::fake::FakeServer;

const SECRET: &str = "hunter2-of-the-test";

/// What was found, as JSON, with the exit status.
fn found(home: &Home, args: &[&str]) -> (Option<i32>, Value) {
    let args = [&["doctor", "--json"], args].concat();
    let output = run(home, &args, "");
    assert!(!output.stdout.contains(SECRET), "{}", output.stdout);
    assert!(!output.stderr.contains(SECRET), "{}", output.stderr);
    let json = serde_json::from_str(&output.stdout).expect("is JSON");
    (output.status, json)
}

/// The check of this name.
fn check<'a>(found: &'a Value, area: &str, name: &str) -> &'a Value {
    let mut checks = found["checks"].as_array().expect("there are some").iter();
    let check = checks.find(|it| it["area"] == area && it["name"] == name);
    check.unwrap_or_else(|| panic!("{area} {name}: {found}"))
}

fn wrong(found: &Value) -> Vec<String> {
    let checks = found["checks"].as_array().expect("there are some").iter();
    let wrong = checks.filter(|it| it["state"] == "wrong");
    wrong
        .map(|it| format!("{} {}: {}", it["area"], it["name"], it["remedy"]))
        .collect()
}

#[test]
fn in_a_fresh_home_all_is_well_and_nothing_is_made() {
    let home = Home::new();
    let before = home.everything();
    let told = ok(&home, &["doctor"]);
    assert!(told.ends_with("\nall is well\n"), "{told}");
    for words in [
        "xterm-256color",
        "256 (TERM is xterm-256color), theme terminal",
        "UTF-8 (LANG is C.UTF-8)",
        "not begun yet",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let (status, json) = found(&home, &[]);
    assert_eq!((status, &json["well"]), (Some(0), &Value::Bool(true)));
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(home.everything(), before);
}

#[test]
fn what_is_there_opens_and_is_not_changed() {
    let home = Home::new();
    ok(&home, &["type", "list"]);
    let (status, json) = found(&home, &[]);
    assert_eq!(status, Some(0), "{:?}", wrong(&json));
    for (area, name) in [("history", "file"), ("sandbox", "database")] {
        let value = check(&json, area, name)["value"].as_str();
        assert!(value.is_some_and(|value| value.starts_with("opens, ")));
    }
}

#[test]
fn a_fault_is_told_with_its_remedy() {
    let home = Home::new();
    ok(&home, &["type", "list"]);
    let state = home.path().join("state/captui");
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&state, mode).expect("is ours");
    // Its log would be enough to read it by.
    fs::remove_file(state.join("history.db-wal")).expect("is there");
    fs::write(state.join("history.db"), "not a database").expect("writes");
    let (status, json) = found(&home, &[]);
    assert_eq!(status, Some(1));
    let remedy = |area, name| check(&json, area, name)["remedy"].as_str();
    let chmod = remedy("folders", "state");
    assert!(chmod.is_some_and(|it| it.contains("chmod 700")));
    assert_eq!(check(&json, "history", "file")["state"], "wrong");
    let kept = fs::read(state.join("history.db")).expect("is there");
    assert_eq!(kept, b"not a database");

    let told = run(&home, &["doctor"], "");
    assert_eq!(told.status, Some(1));
    assert!(told.stdout.contains("2 faults found"), "{}", told.stdout);
}

#[test]
fn a_broken_configuration_is_one_of_the_faults() {
    let home = Home::new();
    let folder = home.path().join("config/captui");
    fs::create_dir_all(&folder).expect("makes a folder");
    fs::write(folder.join("config.toml"), "[look]\ntheme = 'drak'\n").expect("writes");
    let (status, json) = found(&home, &["--env", "dev"]);
    assert_eq!(status, Some(1));
    let remedy = check(&json, "configuration", "file")["remedy"].as_str();
    let remedy = remedy.expect("says what to do");
    assert!(remedy.contains("config.toml:2:9: look: theme"), "{remedy}");
    assert!(remedy.contains("did you mean `dark`?"), "{remedy}");
    assert_eq!(check(&json, "call", "dev")["value"], "not made");
}

#[test]
fn keys_and_secrets_are_looked_at() {
    let home = Home::new();
    home.configure("http://127.0.0.1:9", "id", SECRET, "");
    let file = home.path().join("config/captui/config.toml");
    let text = fs::read_to_string(&file).expect("was written");
    let text = format!(
        "[keys]\n\"form.ad\" = \"i\"\n\n[environments.other]\ndomain = \"http://127.0.0.1:9\"\n\
         class = \"dev\"\nclient_id = \"i\"\nsecret_env = \"NOT_SET\"\n\n{text}"
    );
    fs::write(&file, text).expect("writes");
    let (status, json) = found(&home, &[]);
    assert_eq!(status, Some(1));
    let keys = check(&json, "configuration", "keys")["remedy"].as_str();
    assert!(keys.is_some_and(|it| it.contains("form.add")), "{keys:?}");
    let secret = check(&json, "secrets", "other")["remedy"].as_str();
    assert!(secret.is_some_and(|it| it.contains("NOT_SET")));
}

#[test]
fn the_terminal_is_told_by_its_variables() {
    let home = Home::new();
    for (variables, name, words) in [
        (
            &[("NO_COLOR", "1")][..],
            "colours",
            "none (NO_COLOR is set)",
        ),
        (
            &[("COLORTERM", "truecolor")],
            "colours",
            "truecolour (COLORTERM is truecolor)",
        ),
        (&[("LC_ALL", "C")], "characters", "ASCII (LC_ALL is C)"),
        (&[("TMUX", "/tmp/x,1,0")], "multiplexer", "tmux"),
        (&[("REDUCE_MOTION", "1")], "motion", "no (REDUCE_MOTION"),
        (
            &[("EDITOR", "no-such-editor -x")],
            "editor",
            "no-such-editor",
        ),
    ] {
        let mut command = captui(&home);
        command.args(["doctor", "--json"]).envs(variables.to_vec());
        let output = finish(command, "");
        assert_eq!(output.status, Some(0), "{}", output.stdout);
        let json = serde_json::from_str(&output.stdout).expect("is JSON");
        let value = check(&json, "terminal", name)["value"].as_str();
        assert!(value.is_some_and(|it| it.starts_with(words)), "{value:?}");
    }
    let mut command = captui(&home);
    command.args(["doctor"]).env("TERM", "dumb");
    assert_eq!(finish(command, "").status, Some(1));
}

/// A service whose answers carry this `Date`.
fn service(date: &str) -> FakeServer {
    let head = format!("Date: {date}\r\n");
    let body = r#"{"stat":"ok","results":[],"result_count":0}"#;
    FakeServer::start(Act::answer(200, "application/json", &head, body))
}

#[test]
fn nobody_is_called_unless_an_environment_is_named() {
    let home = Home::new();
    let server = service("Sun, 01 Mar 2020 12:00:00 GMT");
    home.configure(&server.url, "id", SECRET, "");
    let (status, json) = found(&home, &[]);
    assert_eq!(status, Some(0), "{:?}", wrong(&json));
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn one_call_tells_whether_the_client_may_call_and_whether_the_clocks_agree() {
    let home = Home::new();
    let server = service("Sun, 01 Mar 2020 12:00:00 GMT");
    home.configure(&server.url, "id", SECRET, "");
    let (status, json) = found(&home, &["--env", "service"]);
    assert_eq!(status, Some(1));
    assert_eq!(check(&json, "call", "service")["state"], "ok");
    let clock = check(&json, "call", "clock");
    assert_eq!(clock["state"], "wrong");
    let words = clock["value"].as_str();
    assert!(words.is_some_and(|it| it.contains("ahead of the service's")));
    assert_eq!(server.count("entityType.list"), 1);
    assert_eq!(server.requests().len(), 1);

    let refused = FakeServer::start(Act::json(
        200,
        r#"{"stat":"error","code":402,"error":"invalid_client","error_description":"no"}"#,
    ));
    let home = Home::new();
    home.configure(&refused.url, "id", SECRET, "");
    let (status, json) = found(&home, &["--env", "service"]);
    assert_eq!(status, Some(1));
    let remedy = check(&json, "call", "service")["remedy"].as_str();
    assert!(remedy.is_some_and(|it| it.contains("secret")), "{remedy:?}");
}

#[test]
fn the_sandbox_can_be_called_too() {
    let home = Home::new();
    let (status, json) = found(&home, &["--env", "sandbox"]);
    assert_eq!(status, Some(0), "{:?}", wrong(&json));
    assert_eq!(check(&json, "call", "clock")["state"], "ok");
}
