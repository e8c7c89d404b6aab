//! What was acknowledged is there, whatever happens to the process, and nothing is there by halves.

use std::collections::HashMap;
use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use rusqlite::Connection as Database;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::repetitions;
use crate::support::Home;
use crate::support::command::Sandbox;
use crate::support::http;
use crate::support::http::Connection;
use crate::support::pty::DEADLINE;

const WRITERS: usize = 16;
/// How many calls are acknowledged before the process is ended, at least.
const ENOUGH: usize = 120;

/// `CAPTUI_KILLS` says how often the process is ended.
#[test]
fn kill_9_loses_nothing_and_leaves_nothing_half_done() {
    let home = Home::new();
    let folder = home.path().join("records");
    let data = folder.to_str().expect("is text");
    let start = || Sandbox::start_with(&home, &["--bare", "--data", data]);
    let mut known = Known::default();
    for round in 0..repetitions("CAPTUI_KILLS", 5) {
        let mut sandbox = start();
        // What the one before left is complete, whatever becomes of this one.
        known.verify(&sandbox);
        known.extend(write_and_kill(&mut sandbox, round));
    }
    let sandbox = start();
    known.verify(&sandbox);
    known.verify_keys(&sandbox);
    assert_eq!(sandbox.terminate(), Some(0));
    verify_file(&folder.join("sandbox.db"));
}

/// Lets all writers write, ends the server in the midst of it, and returns what they know.
fn write_and_kill(sandbox: &mut Sandbox, round: usize) -> Known {
    let acknowledged = AtomicUsize::new(0);
    let (url, basic) = (sandbox.url.clone(), sandbox.basic());
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let caller = Caller {
                    connection: Connection::open(&url).expect("the sandbox listens"),
                    basic: &basic,
                    acknowledged: &acknowledged,
                };
                let name = format!("r{round}w{writer}");
                scope.spawn(move || write_until_it_ends(caller, &name))
            })
            .collect();
        let deadline = Instant::now() + DEADLINE;
        while acknowledged.load(Ordering::SeqCst) < ENOUGH {
            assert!(Instant::now() < deadline, "{acknowledged:?} calls in time");
            thread::sleep(Duration::from_millis(1));
        }
        sandbox.kill();
        let mut known = Known::default();
        for writer in writers {
            known.extend(writer.join().expect("a writer does not panic"));
        }
        known
    })
}

/// Creates, changes, bulk-creates and deletes records in turn, until there is no server any more.
fn write_until_it_ends(mut caller: Caller, name: &str) -> Known {
    let mut known = Known::default();
    for number in 0.. {
        let tag = format!("{name}n{number}");
        if write_in_turn(&mut caller, &tag, &mut known).is_none() {
            break;
        }
    }
    known
}

/// `None` when a call was not answered.
fn write_in_turn(caller: &mut Caller, tag: &str, known: &mut Known) -> Option<()> {
    known.unanswered.push(vec![email(tag)]);
    let created = caller.call("entity.create", &[("attributes", &record(tag).to_string())])?;
    known.unanswered.pop();
    let one = known.learn(&created["id"], tag);

    let changed = format!("{tag}changed");
    known.possible(one).push(Some(changed.clone()));
    let id = one.to_string();
    let value = json!({"givenName": changed, "familyName": changed}).to_string();
    caller.call("entity.update", &[("id", &id), ("attributes", &value)])?;
    *known.possible(one) = vec![Some(changed)];

    let tags = ["a", "b", "c"].map(|end| format!("{tag}{end}"));
    known
        .unanswered
        .push(tags.iter().map(|tag| email(tag)).collect());
    let all = Value::from(tags.iter().map(|tag| record(tag)).collect::<Vec<_>>());
    let arguments = [
        ("commit_each", "false"),
        ("all_attributes", &all.to_string()),
    ];
    let created = caller.call("entity.bulkCreate", &arguments)?;
    known.unanswered.pop();
    let ids: Vec<i64> = tags
        .iter()
        .enumerate()
        .map(|(place, tag)| known.learn(&created["results"][place], tag))
        .collect();

    known.possible(ids[0]).push(None);
    caller.call("entity.delete", &[("id", &ids[0].to_string())])?;
    *known.possible(ids[0]) = vec![None];
    Some(())
}

/// A record whose attributes agree: its two names are the tag, its address begins with it.
fn record(tag: &str) -> Value {
    json!({
        "email": email(tag),
        "givenName": tag,
        "familyName": tag,
        "statuses": [{"status": tag}, {"status": tag}],
    })
}

fn email(tag: &str) -> String {
    format!("{tag}@example.com")
}

struct Caller<'a> {
    connection: Connection,
    basic: &'a str,
    acknowledged: &'a AtomicUsize,
}

impl Caller<'_> {
    /// The answer, which must be a success; `None` when the server is gone.
    fn call(&mut self, operation: &str, arguments: &[(&str, &str)]) -> Option<Value> {
        let mut arguments = arguments.to_vec();
        arguments.push(("type_name", "user"));
        let form = http::form(&arguments);
        let answer = self.connection.post(operation, self.basic, &form).ok()?;
        let answer = answer.json();
        assert_eq!(answer["stat"], "ok", "{operation}: {answer}");
        self.acknowledged.fetch_add(1, Ordering::SeqCst);
        Some(answer)
    }
}

/// What the writers know of the records.
#[derive(Default)]
struct Known {
    records: HashMap<i64, Record>,
    /// The addresses in creations that were not answered. Those of one call are there together or not at all.
    unanswered: Vec<Vec<String>>,
}

struct Record {
    email: String,
    /// The tags that it may have now, `None` when it may be gone; more than one when a change was not answered.
    possible: Vec<Option<String>>,
}

impl Known {
    /// A creation was acknowledged.
    fn learn(&mut self, id: &Value, tag: &str) -> i64 {
        let id = id.as_i64().expect("an id is a number");
        self.insert(id, email(tag), tag);
        id
    }

    fn insert(&mut self, id: i64, email: String, tag: &str) {
        let possible = vec![Some(tag.to_owned())];
        let before = self.records.insert(id, Record { email, possible });
        assert!(before.is_none(), "id {id} was given twice");
    }

    fn possible(&mut self, id: i64) -> &mut Vec<Option<String>> {
        &mut self.records.get_mut(&id).expect("is known").possible
    }

    fn extend(&mut self, other: Self) {
        for (id, record) in other.records {
            let before = self.records.insert(id, record);
            assert!(before.is_none(), "id {id} was given twice");
        }
        self.unanswered.extend(other.unanswered);
    }

    /// Compares with what is there; from then on that is known.
    fn verify(&mut self, sandbox: &Sandbox) {
        let found = all(sandbox);
        for (id, record) in &mut self.records {
            let tag = found.get(id).map(|(_, tag)| tag.clone());
            assert!(
                record.possible.contains(&tag),
                "record {id} is {tag:?} and may be {:?}",
                record.possible
            );
            record.possible = vec![tag];
        }
        let ids: HashMap<&str, i64> = found
            .iter()
            .map(|(id, (email, _))| (email.as_str(), *id))
            .collect();
        for group in std::mem::take(&mut self.unanswered) {
            let there: Vec<i64> = group
                .iter()
                .filter_map(|email| ids.get(email.as_str()).copied())
                .collect();
            assert!(
                there.is_empty() || there.len() == group.len(),
                "of {group:?} only {there:?} are there"
            );
            for id in there {
                let (email, tag) = &found[&id];
                self.insert(id, email.clone(), tag);
            }
        }
        let expected: HashSet<&i64> = self
            .records
            .iter()
            .filter(|(_, record)| record.possible != [None])
            .map(|(id, _)| id)
            .collect();
        assert_eq!(expected, found.keys().collect(), "nothing else is there");
    }

    /// Every record is found by its address, and the address of one that is gone is free.
    fn verify_keys(&self, sandbox: &Sandbox) {
        let mut connection = sandbox.connect();
        for (id, record) in &self.records {
            let key = json!(record.email).to_string();
            let arguments = [
                ("type_name", "user"),
                ("key_attribute", "email"),
                ("key_value", key.as_str()),
            ];
            let answer = sandbox.call_over(&mut connection, "entity", &arguments);
            let answer = answer.expect("the sandbox answers").json();
            if record.possible == [None] {
                assert_eq!(answer["code"], 310, "{}: {answer}", record.email);
                let attributes = json!({"email": record.email}).to_string();
                let arguments = [("type_name", "user"), ("attributes", &attributes)];
                let answer = sandbox.call_over(&mut connection, "entity.create", &arguments);
                let answer = answer.expect("the sandbox answers").json();
                assert_eq!(answer["stat"], "ok", "{}: {answer}", record.email);
            } else {
                assert_eq!(answer["result"]["id"], *id, "{answer}");
            }
        }
    }
}

/// The address and the tag of every record, each of which agrees with itself.
fn all(sandbox: &Sandbox) -> HashMap<i64, (String, String)> {
    const PAGE: usize = 1_000;
    let mut connection = sandbox.connect();
    let mut found = HashMap::new();
    let mut after = 0;
    loop {
        let (filter, page) = (format!("id > {after}"), PAGE.to_string());
        let arguments = [
            ("type_name", "user"),
            ("filter", &filter),
            ("sort_on", r#"["id"]"#),
            ("max_results", &page),
        ];
        let answer = sandbox.call_over(&mut connection, "entity.find", &arguments);
        let answer = answer.expect("the sandbox answers").json();
        let results = answer["results"].as_array().expect("there are results");
        for record in results {
            let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
            let tag = text("givenName");
            assert_eq!(tag, text("familyName"), "half of a change: {record}");
            let statuses = record["statuses"].as_array().expect("is a plural");
            assert_eq!(statuses.len(), 2, "half of a record: {record}");
            after = record["id"].as_i64().expect("an id is a number");
            found.insert(after, (text("email"), tag));
        }
        if results.len() < PAGE {
            return found;
        }
    }
}

/// SQLite itself finds nothing wrong.
fn verify_file(file: &Path) {
    let database = Database::open(file).expect("opens");
    let integrity: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("can be asked");
    assert_eq!(integrity, "ok");
    let dangling = database
        .prepare("PRAGMA foreign_key_check")
        .and_then(|mut statement| statement.exists([]));
    assert!(!dangling.expect("can be asked"));
}
