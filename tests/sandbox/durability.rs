//! What was acknowledged is there, whatever happens to the process.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::support::Home;
use crate::support::command::Sandbox;
use crate::support::pty::DEADLINE;

const ROUNDS: usize = 3;
const CREATORS: usize = 8;
/// How many creations are acknowledged before the process is ended, at least.
const ENOUGH: usize = 60;

/// An acknowledged creation: `id` and `uuid`.
type Acknowledged = (i64, String);

#[test]
fn every_acknowledged_record_survives_kill_9() {
    let home = Home::new();
    let folder = home.path().join("records");
    let data = folder.to_str().expect("is text");
    let start = || Sandbox::start_with(&home, &["--data", data]);
    let mut acknowledged: Vec<Acknowledged> = Vec::new();
    for round in 0..ROUNDS {
        let mut sandbox = start();
        let count = AtomicUsize::new(0);
        let (url, basic) = (sandbox.url.clone(), sandbox.basic());
        let new = thread::scope(|scope| {
            let creators: Vec<_> = (0..CREATORS)
                .map(|creator| {
                    let (url, basic, count) = (&url, &basic, &count);
                    let name = format!("r{round}c{creator}");
                    scope.spawn(move || create_until_it_ends(url, basic, &name, count))
                })
                .collect();
            let deadline = Instant::now() + DEADLINE;
            while count.load(Ordering::SeqCst) < ENOUGH {
                assert!(Instant::now() < deadline, "{count:?} creations in time");
                thread::sleep(Duration::from_millis(1));
            }
            sandbox.kill();
            creators
                .into_iter()
                .flat_map(|creator| creator.join().expect("a creator does not panic"))
                .collect::<Vec<_>>()
        });
        assert!(new.len() >= ENOUGH);
        acknowledged.extend(new);
    }
    let sandbox = start();
    let mut connection = sandbox.connect();
    for (id, uuid) in &acknowledged {
        let id = id.to_string();
        let arguments = [("type_name", "user"), ("id", id.as_str())];
        let answer = sandbox.call_over(&mut connection, "entity", &arguments);
        let answer = answer.expect("the sandbox answers").json();
        assert_eq!(answer["result"]["uuid"], uuid.as_str(), "{id}: {answer}");
    }
    let mut ids: Vec<i64> = acknowledged.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), acknowledged.len(), "an id was given twice");
    assert_eq!(sandbox.terminate(), Some(0));
}

/// Creates records one after another until there is no server any more.
fn create_until_it_ends(
    url: &str,
    basic: &str,
    name: &str,
    count: &AtomicUsize,
) -> Vec<Acknowledged> {
    let mut acknowledged = Vec::new();
    let Ok(mut connection) = crate::support::http::Connection::open(url) else {
        return acknowledged;
    };
    for number in 0.. {
        let attributes = format!(
            r#"{{"email":"{name}n{number}@example.com","statuses":[{{"status":"x"}},{{"status":"y"}}]}}"#
        );
        let form =
            crate::support::http::form(&[("type_name", "user"), ("attributes", &attributes)]);
        let Ok(answer) = connection.post("entity.create", basic, &form) else {
            break;
        };
        let answer = answer.json();
        assert_eq!(answer["stat"], "ok", "{answer}");
        let uuid = answer["uuid"].as_str().expect("is text");
        acknowledged.push((answer["id"].as_i64().expect("is a number"), uuid.to_owned()));
        count.fetch_add(1, Ordering::SeqCst);
    }
    acknowledged
}
