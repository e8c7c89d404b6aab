//! Many callers at once: one gets a unique value, the others hear that it is taken.

use std::collections::HashSet;
use std::sync::Barrier;
use std::thread;

use serde_json::Value;

use crate::support::Home;
use crate::support::command::Sandbox;

const CREATORS: usize = 64;

/// Creates a record with the same e-mail from as many threads as there are `sandboxes`, all at the same moment.
fn race(sandboxes: &[&Sandbox], email: &str) -> Vec<Value> {
    let attributes = format!(r#"{{"email":"{email}"}}"#);
    let arguments = [("type_name", "user"), ("attributes", attributes.as_str())];
    let start = Barrier::new(sandboxes.len());
    thread::scope(|scope| {
        let creators: Vec<_> = sandboxes
            .iter()
            .map(|sandbox| {
                let start = &start;
                scope.spawn(move || {
                    let mut connection = sandbox.connect();
                    start.wait();
                    let answer = sandbox.call_over(&mut connection, "entity.create", &arguments);
                    answer.expect("the sandbox answers").json()
                })
            })
            .collect();
        creators
            .into_iter()
            .map(|creator| creator.join().expect("a creator does not panic"))
            .collect()
    })
}

/// The winner's id; all others were told that the value is taken.
fn only_winner(answers: &[Value]) -> i64 {
    let (won, lost): (Vec<&Value>, Vec<&Value>) =
        answers.iter().partition(|answer| answer["stat"] == "ok");
    assert_eq!(won.len(), 1, "{won:?}");
    for answer in lost {
        assert_eq!(answer["code"], 361, "{answer}");
        assert_eq!(answer["error"], "unique_violation");
    }
    won[0]["id"].as_i64().expect("is a number")
}

#[test]
fn of_64_creators_exactly_one_gets_the_value() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home);
    let before = total(&sandbox);
    let mut ids = HashSet::new();
    for round in 0..5 {
        let email = format!("wanted{round}@example.com");
        ids.insert(only_winner(&race(&[&sandbox; CREATORS], &email)));
    }
    assert_eq!(ids.len(), 5);
    assert_eq!(total(&sandbox), before + 5);
}

#[test]
fn without_a_unique_value_all_win_and_ids_differ() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home);
    let ids: HashSet<i64> = thread::scope(|scope| {
        let creators: Vec<_> = (0..CREATORS)
            .map(|_| {
                scope.spawn(|| {
                    let arguments = [("type_name", "user_test"), ("attributes", "{}")];
                    let created = sandbox.ok("entity.create", &arguments);
                    created["id"].as_i64().expect("is a number")
                })
            })
            .collect();
        creators
            .into_iter()
            .map(|creator| creator.join().expect("a creator does not panic"))
            .collect()
    });
    assert_eq!(ids.len(), CREATORS);
}

/// As when the explorer and a server are open at once.
#[test]
fn two_processes_share_one_folder() {
    let home = Home::new();
    let (one, other) = thread::scope(|scope| {
        // At once: both find an empty folder.
        let one = scope.spawn(|| Sandbox::start(&home));
        let other = scope.spawn(|| Sandbox::start(&home));
        let joined = "a sandbox starts beside another";
        (one.join().expect(joined), other.join().expect(joined))
    });
    assert_eq!(one.client_secret, other.client_secret);
    let callers: Vec<&Sandbox> = [&one, &other].into_iter().cycle().take(16).collect();
    let mut ids = HashSet::new();
    for round in 0..3 {
        ids.insert(only_winner(&race(
            &callers,
            &format!("shared{round}@example.com"),
        )));
    }
    assert_eq!(ids.len(), 3);
    assert_eq!(total(&one), total(&other));
    let id = ids.iter().next().expect("has three").to_string();
    let arguments = [("type_name", "user"), ("id", id.as_str())];
    assert_eq!(one.ok("entity", &arguments), other.ok("entity", &arguments));
}

fn total(sandbox: &Sandbox) -> i64 {
    let answer = sandbox.ok("entity.count", &[("type_name", "user")]);
    answer["total_count"].as_i64().expect("is a number")
}
