//! The status a command ends with: what happened, whatever HTTP says. The services here are made of bytes.

use std::process::Stdio;

use rustix::process::Signal;

use crate::cli::fails;
use crate::support::Home;
use crate::support::command::captui;
use crate::support::command::run;
use crate::support::command::signal;
use crate::support::fake::Act;
use crate::support::fake::FakeServer;

/// A call that writes, without a look at the schema first.
const WRITE: &[&str] = &[
    "--env",
    "service",
    "record",
    "create",
    "user",
    "a=1",
    "--no-check",
];
const READ: &[&str] = &["--env", "service", "type", "list"];

/// A home whose `service` is at `url`.
fn home_for(url: &str) -> Home {
    let home = Home::new();
    home.configure(url, "client", "secret", "");
    home
}

#[test]
fn an_error_in_http_200_is_an_error() {
    for (code, status) in [
        (200, 3),
        (223, 3),
        (500, 75),
        (504, 75),
        (402, 4),
        (403, 4),
        (222, 5),
        (310, 5),
        (330, 7),
        (361, 7),
    ] {
        let body = format!(
            r#"{{"request_id":"geup8cd3gvcvjjnc","code":{code},"error_description":"so","error":"word","stat":"error"}}"#
        );
        let server = FakeServer::start(Act::json(200, &body));
        let home = home_for(&server.url);
        let output = fails(&home, WRITE, status);
        let told = format!("captui: error {code} word: so (request geup8cd3gvcvjjnc)\n");
        assert!(output.stderr.starts_with(&told), "{}", output.stderr);
        assert_eq!(server.count("entity.create"), 1);
        // The answer as it came is printed, and the status is the same.
        let raw = run(&home, &[&["--json"], WRITE].concat(), "");
        assert_eq!(
            (raw.status, raw.stdout),
            (Some(status), format!("{body}\n"))
        );
    }
}

#[test]
fn what_is_not_capture_is_a_fault_of_the_service() {
    for act in [
        Act::answer(
            502,
            "text/html",
            "",
            "<html><title>Bad \u{1b}[31mgateway</title></html>",
        ),
        Act::answer(200, "text/html", "", "<html><title>Sign in</title></html>"),
        Act::json(200, "{\"stat\":\"ok\""),
        Act::json(200, "[]"),
        Act::json(200, ""),
        Act::answer(504, "application/json", "", "upstream"),
    ] {
        let server = FakeServer::start(act.clone());
        let output = fails(&home_for(&server.url), READ, 3);
        assert!(
            !output.stderr.contains('\u{1b}'),
            "{act:?}: {}",
            output.stderr
        );
        assert!(
            output.stderr.contains("not an answer of the Capture API"),
            "{act:?}: {}",
            output.stderr
        );
    }
}

#[test]
fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = FakeServer::start(Act::json(200, r#"{"results":[],"stat":"ok"}"#));
        let location = format!("Location: {}/entityType.list\r\n", elsewhere.url);
        let server = FakeServer::start(Act::answer(status, "text/plain", &location, ""));
        let home = home_for(&server.url);
        for args in [READ, WRITE] {
            let output = fails(&home, args, 3);
            assert!(output.stderr.contains(&elsewhere.url), "{}", output.stderr);
        }
        assert_eq!(server.requests().len(), 2);
        assert_eq!(elsewhere.requests(), [""; 0], "{status}");
    }
}

/// Nobody listens on port 1, which only the system may give away.
#[test]
fn nothing_is_sent_to_nobody() {
    let home = home_for("http://127.0.0.1:1");
    for args in [READ, WRITE] {
        let output = fails(&home, args, 6);
        assert!(
            output.stderr.contains("nothing was sent"),
            "{}",
            output.stderr
        );
    }
}

#[test]
fn a_write_that_was_not_answered_may_have_happened() {
    let cut =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"id\":1";
    for act in [Act::Close, Act::Send(cut.to_owned())] {
        let server = FakeServer::start(act);
        let home = home_for(&server.url);
        let output = fails(&home, WRITE, 75);
        assert!(
            output.stderr.contains("before you send it again"),
            "{}",
            output.stderr
        );
        assert_eq!(
            server.count("entity.create"),
            1,
            "nothing repeats a call by itself"
        );
        // A read changed nothing, so it only failed.
        fails(&home, READ, 6);
    }
}

#[test]
fn an_interrupted_call_says_what_may_have_happened() {
    for (args, operation, status) in [(READ, "entityType.list", 130), (WRITE, "entity.create", 75)]
    {
        for name in [Signal::INT, Signal::TERM] {
            let server = FakeServer::start(Act::Silence);
            let home = home_for(&server.url);
            let mut command = captui(&home);
            command.args(args).stdin(Stdio::null());
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let child = command.spawn().expect("starts");
            server.wait_for(operation);
            signal(child.id(), name);
            let output = child.wait_with_output().expect("ends");
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(
                output.status.code(),
                Some(status),
                "{operation} {name:?}: {told}"
            );
        }
    }
}

#[test]
fn a_read_only_environment_refuses_to_write() {
    let server = FakeServer::start(Act::json(200, r#"{"results":["user"],"stat":"ok"}"#));
    let home = Home::new();
    home.configure(&server.url, "client", "secret", "read_only = true\n");
    fails(&home, WRITE, 2);
    assert_eq!(server.requests(), [""; 0]);
    assert_eq!(run(&home, READ, "").stdout, "user\n");
}

#[test]
fn wrong_usage_is_2_and_help_is_0() {
    let home = Home::new();
    for args in [
        &["nonsense"][..],
        &["record", "get", "user"],
        &["record", "create", "user", "--attributes", "{"],
        &["record", "create", "user", "--attributes", "@nosuchfile"],
        &[
            "sandbox",
            "serve",
            "--listen",
            "0.0.0.0:0",
            "--data",
            ":memory:",
        ],
    ] {
        let output = run(&home, args, "");
        assert_eq!(
            (output.status, output.stdout.as_str()),
            (Some(2), ""),
            "{args:?}"
        );
        assert!(!output.stderr.is_empty());
    }
    for args in [
        &["--help"][..],
        &["record", "create", "--help"],
        &["--version"],
    ] {
        let output = run(&home, args, "");
        assert_eq!(
            (output.status, output.stderr.as_str()),
            (Some(0), ""),
            "{args:?}"
        );
    }
    assert_eq!(home.everything(), [home.path().to_owned()]);
}
