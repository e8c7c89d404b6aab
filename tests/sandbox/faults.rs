//! Faults on request, and more clients than there is room for, as other programs meet them.

use std::io::Read;
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::support::Home;
use crate::support::command::Sandbox;
use crate::support::command::captui;
use crate::support::command::run;
use crate::support::command::signal;
use crate::support::http;

const CREATE: &[(&str, &str)] = &[("type_name", "user_test"), ("attributes", "{}")];

fn start(home: &Home, args: &[&str]) -> Sandbox {
    Sandbox::start_with(home, &[&["--data", ":memory:"], args].concat())
}

fn records(sandbox: &Sandbox) -> i64 {
    let headers = format!("{}X-Captui-Fault: none\r\n", sandbox.basic());
    let answer = sandbox
        .connect()
        .post("entity.count", &headers, "type_name=user_test");
    let json = answer.expect("is answered").json();
    json["total_count"].as_i64().expect("counts")
}

/// What a timeout of the service means: it says no, and the record is there.
#[test]
fn a_timeout_may_have_created_the_record_and_a_limit_has_not() {
    let home = Home::new();
    let sandbox = start(&home, &["--fault", "entity.create=504"]);
    let before = records(&sandbox);
    let answer = sandbox.call("entity.create", CREATE);
    assert_eq!((answer.status, answer.code()), (200, Some(504)));
    assert_eq!(answer.json()["stat"], "error");
    assert_eq!(records(&sandbox), before + 1);
    let headers = |fault: &str| format!("{}X-Captui-Fault: {fault}\r\n", sandbox.basic());
    let create = http::form(CREATE);
    for (fault, created) in [
        ("510", 0),
        ("http-502", 0),
        ("reset:before", 0),
        ("reset", 1),
    ] {
        let before = records(&sandbox);
        let mut connection = sandbox.connect();
        let answer = connection.post("entity.create", &headers(fault), &create);
        assert_eq!(answer.is_err(), fault.starts_with("reset"), "{fault}");
        assert_eq!(records(&sandbox), before + created, "{fault}");
    }
}

/// Two starts under one number fail the same calls.
#[test]
fn a_seed_brings_back_the_same_failures() {
    let home = Home::new();
    let failures = |args: &[&str]| -> Vec<bool> {
        let sandbox = start(&home, args);
        let mut connection = sandbox.connect();
        (0..40)
            .map(|_| {
                let answer = sandbox.call_over(&mut connection, "entity.create", CREATE);
                answer.expect("is answered").code().is_some()
            })
            .collect()
    };
    let args = ["--fault", "entity.create=510@25%", "--fault-seed", "11"];
    let first = failures(&args);
    assert!(first.contains(&true) && first.contains(&false), "{first:?}");
    assert_eq!(failures(&args), first);
}

#[test]
fn a_rule_that_is_none_is_wrong_usage_and_says_what_there_is() {
    let home = Home::new();
    for (rule, told) in [
        ("504", "OPERATION=FAULT"),
        ("entity.explode=504", "entity.create, "),
        ("*=boom", "latency:TIME"),
        ("*=latency:61s", "from 1ms to 60s"),
        ("*=504@0%", "from 1 to 100"),
    ] {
        let output = run(&home, &["sandbox", "serve", "--fault", rule], "");
        assert_eq!(output.status, Some(2), "{rule}: {}", output.stderr);
        assert!(output.stderr.contains(told), "{rule}: {}", output.stderr);
        assert_eq!(output.stdout, "");
    }
}

/// The commands of this program, on a service that goes wrong.
#[test]
fn a_command_tells_what_became_of_its_call() {
    let home = Home::new();
    let args = [
        "--fault",
        "entity.create=reset",
        "--fault",
        "entity.count=wrong-type",
    ];
    let sandbox = start(&home, &args);
    let (id, secret) = (&sandbox.client_id, &sandbox.client_secret);
    home.configure(&sandbox.url, id, secret, "");
    let create = [
        "--env",
        "service",
        "record",
        "create",
        "user_test",
        "--attributes",
        "{}",
    ];
    let output = run(&home, &create, "");
    assert_eq!(output.status, Some(75), "unknown: {}", output.stderr);
    assert_eq!(records(&sandbox), 5, "it did happen, and once");
}

/// 300 who say nothing, and one who wants something.
#[test]
fn a_crowd_of_silent_clients_keeps_nobody_out() {
    let home = Home::new();
    let sandbox = start(&home, &[]);
    let address = sandbox.url.trim_start_matches("http://");
    let silent: Vec<TcpStream> = (0..300)
        .map(|_| TcpStream::connect(address).expect("connects"))
        .collect();
    assert_eq!(records(&sandbox), 4);
    let mut last = silent.last().expect("has 300");
    last.set_nonblocking(true).expect("can be");
    let open = last.read(&mut [0]).expect_err("says nothing").kind();
    assert_eq!(open, std::io::ErrorKind::WouldBlock, "still connected");
}

/// As many files as a shell may allow: the sandbox runs out of them, not of patience.
#[test]
fn few_open_files_are_shared_out() {
    let home = Home::new();
    let line = r#"ulimit -n 64; exec "$0" sandbox serve --json --data :memory:"#;
    let mut shell = Command::new("/bin/sh");
    shell.env_clear().envs(home.environment());
    shell.args(["-c", line]).arg(captui(&home).get_program());
    let sandbox = Sandbox::start_command(shell);
    let address = sandbox.url.trim_start_matches("http://");
    let silent: Vec<TcpStream> = (0..200)
        .map(|_| TcpStream::connect(address).expect("connects"))
        .collect();
    assert_eq!(records(&sandbox), 4);
    drop(silent);
}

/// Asked to end, it finishes what is under way.
#[test]
fn a_call_under_way_is_answered_before_the_end() {
    let home = Home::new();
    let sandbox = start(&home, &["--fault", "entity.create=latency:2s"]);
    let before = records(&sandbox);
    thread::scope(|scope| {
        let call = scope.spawn(|| sandbox.call("entity.create", CREATE));
        while records(&sandbox) == before {
            thread::sleep(Duration::from_millis(10));
        }
        signal(sandbox.process_id(), Signal::TERM);
        let answer = call.join().expect("is answered");
        assert_eq!(answer.json()["stat"], "ok");
    });
    assert_eq!(sandbox.wait(), Some(0));
}
