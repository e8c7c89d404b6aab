//! Many callers at once: one gets a unique value and the others hear that it is taken; no update is lost; and a schema
//! changes for all at the same moment.

use std::collections::HashSet;
use std::sync::Barrier;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use serde_json::Value;
use serde_json::json;

use crate::sandbox::repetitions;
use crate::support::Home;
use crate::support::command::Sandbox;

const CREATORS: usize = 64;

/// Creates a record with the same e-mail, in two spellings that differ in case, from as many threads as there are
/// `sandboxes`, all at the same moment.
fn race(sandboxes: &[&Sandbox], email: &str) -> Vec<Value> {
    let spellings =
        [email.to_owned(), email.to_uppercase()].map(|email| json!({"email": email}).to_string());
    let start = Barrier::new(sandboxes.len());
    thread::scope(|scope| {
        let creators: Vec<_> = sandboxes
            .iter()
            .zip(spellings.iter().cycle())
            .map(|(sandbox, attributes)| {
                let start = &start;
                scope.spawn(move || {
                    let mut connection = sandbox.connect();
                    let arguments = [("type_name", "user"), ("attributes", attributes.as_str())];
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

/// `CAPTUI_ROUNDS` says how many values they race for.
#[test]
fn of_64_creators_exactly_one_gets_the_value() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home);
    let before = total(&sandbox);
    let rounds = repetitions("CAPTUI_ROUNDS", 5);
    let mut ids = HashSet::new();
    for round in 0..rounds {
        let email = format!("wanted{round}@example.com");
        ids.insert(only_winner(&race(&[&sandbox; CREATORS], &email)));
    }
    assert_eq!(ids.len(), rounds);
    assert_eq!(total(&sandbox), before + rounds);
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

/// Makes an entity type with a counter and a record of it, and returns the record's id.
fn make_counter(sandbox: &Sandbox) -> String {
    let attr_defs = json!([{"name": "count", "type": "integer"}]).to_string();
    sandbox.ok(
        "entityType.create",
        &[("type_name", "counter"), ("attr_defs", &attr_defs)],
    );
    let arguments = [("type_name", "counter"), ("attributes", r#"{"count":0}"#)];
    sandbox.ok("entity.create", &arguments)["id"].to_string()
}

/// Adds one to the counter of a record, this many times, guarded by `lastUpdated`: a change by somebody else is code 330,
/// and then it is read and tried again. Returns how often that happened.
fn count_up(sandbox: &Sandbox, id: &str, times: usize) -> usize {
    let mut connection = sandbox.connect();
    let mut call = |operation: &str, arguments: &[(&str, &str)]| {
        let mut arguments = arguments.to_vec();
        arguments.extend([("type_name", "counter"), ("id", id)]);
        let answer = sandbox.call_over(&mut connection, operation, &arguments);
        answer.expect("the sandbox answers").json()
    };
    let (mut done, mut refused) = (0, 0);
    while done < times {
        let record = call("entity", &[])["result"].take();
        let count = record["count"].as_i64().expect("is a number");
        let guard = record["lastUpdated"].as_str().expect("is text");
        let attributes = json!({"count": count + 1}).to_string();
        let answer = call(
            "entity.update",
            &[("attributes", &attributes), ("lastUpdated", guard)],
        );
        if answer["stat"] == "ok" {
            done += 1;
        } else {
            assert_eq!(answer["code"], 330, "{answer}");
            refused += 1;
        }
    }
    refused
}

/// Counts up from as many threads as there are `sandboxes` at once; the counter ends at the sum of all.
fn count_together(sandboxes: &[&Sandbox], times: usize) {
    let id = make_counter(sandboxes[0]);
    thread::scope(|scope| {
        for sandbox in sandboxes {
            scope.spawn(|| count_up(sandbox, &id, times));
        }
    });
    let arguments = [("type_name", "counter"), ("id", id.as_str())];
    for sandbox in sandboxes {
        let record = &sandbox.ok("entity", &arguments)["result"];
        assert_eq!(record["count"], sandboxes.len() * times);
    }
}

#[test]
fn no_update_under_a_guard_is_lost() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home);
    count_together(&[&sandbox; 16], repetitions("CAPTUI_ROUNDS", 5));
}

/// Adds an attribute `a0`, `a1`, … to the type `growing`.
fn add_attribute(sandbox: &Sandbox, number: usize) {
    let attr_def = json!({"name": format!("a{number}"), "type": "string"}).to_string();
    sandbox.ok(
        "entityType.addAttribute",
        &[("type_name", "growing"), ("attr_def", &attr_def)],
    );
}

#[test]
fn an_attribute_is_there_for_all_once_it_is_added() {
    const ADDED: usize = 10;
    let home = Home::new();
    let sandbox = Sandbox::start(&home);
    let arguments = [("type_name", "growing"), ("attr_defs", "[]")];
    sandbox.ok("entityType.create", &arguments);
    let added = AtomicUsize::new(0);
    let create = |number: usize| {
        let mut connection = sandbox.connect();
        let mut created = 0;
        loop {
            let sure = added.load(Ordering::SeqCst);
            // The newest that is there, or one that may be coming.
            let wanted = (sure + number % 2).saturating_sub(1);
            let attributes = json!({format!("a{wanted}"): "x"}).to_string();
            let arguments = [("type_name", "growing"), ("attributes", &attributes)];
            let answer = sandbox.call_over(&mut connection, "entity.create", &arguments);
            let answer = answer.expect("the sandbox answers").json();
            if answer["stat"] == "ok" {
                created += 1;
            } else {
                assert!(wanted >= sure, "a{wanted} was there: {answer}");
                assert_eq!(answer["code"], 223, "{answer}");
            }
            let answer = sandbox.call_over(
                &mut connection,
                "entity.find",
                &[("type_name", "growing"), ("max_results", "10")],
            );
            let answer = answer.expect("the sandbox answers").json();
            let records = answer["results"].as_array().expect("there are results");
            let shapes: HashSet<usize> = records
                .iter()
                .map(|record| record.as_object().expect("is an object").len())
                .collect();
            assert!(shapes.len() <= 1, "two schemas in one answer: {answer}");
            if sure == ADDED {
                return created;
            }
        }
    };
    let created: usize = thread::scope(|scope| {
        let creators: Vec<_> = (0..8)
            .map(|number| scope.spawn(move || create(number)))
            .collect();
        for number in 0..ADDED {
            add_attribute(&sandbox, number);
            added.fetch_add(1, Ordering::SeqCst);
        }
        let creators = creators.into_iter();
        creators
            .map(|creator| creator.join().expect("a creator does not panic"))
            .sum()
    });
    let arguments = [("type_name", "growing"), ("filter", "")];
    let count = sandbox.ok("entity.count", &arguments);
    assert_eq!(count["total_count"], created);
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

    count_together(&callers, 3);

    let arguments = [("type_name", "growing"), ("attr_defs", "[]")];
    one.ok("entityType.create", &arguments);
    for (number, (here, there)) in [(&one, &other), (&other, &one)]
        .into_iter()
        .cycle()
        .take(6)
        .enumerate()
    {
        add_attribute(here, number);
        let attributes = json!({format!("a{number}"): "x"}).to_string();
        let arguments = [("type_name", "growing"), ("attributes", &attributes)];
        there.ok("entity.create", &arguments);
    }
}

fn total(sandbox: &Sandbox) -> usize {
    let answer = sandbox.ok("entity.count", &[("type_name", "user")]);
    let total = answer["total_count"].as_u64().expect("is a number");
    usize::try_from(total).expect("fits")
}
