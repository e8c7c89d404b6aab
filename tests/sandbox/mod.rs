//! The sandbox as a server of its own, asked by programs that share nothing with it but the protocol.

mod agreement;
mod conformance;
mod durability;
mod faults;
mod founding_pages;
mod live;
mod parallel;
mod permissions;
mod tls;

use serde_json::Value;

use crate::support::Home;
use crate::support::command::Sandbox;
use crate::support::command::run;

#[test]
fn it_ends_when_asked_and_is_the_same_when_it_comes_back() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home);
    let (id, secret) = (sandbox.client_id.clone(), sandbox.client_secret.clone());
    let types = sandbox.ok("entityType.list", &[]);
    assert_eq!(sandbox.terminate(), Some(0));
    let sandbox = Sandbox::start(&home);
    assert_eq!((&sandbox.client_id, &sandbox.client_secret), (&id, &secret));
    assert_eq!(sandbox.ok("entityType.list", &[]), types);
    assert_eq!(sandbox.terminate(), Some(0));
}

#[test]
fn in_memory_it_leaves_nothing_behind() {
    let home = Home::new();
    let sandbox = Sandbox::start_with(&home, &["--data", ":memory:"]);
    sandbox.ok(
        "entity.create",
        &[
            ("type_name", "user_test"),
            ("attributes", r#"{"name":"n"}"#),
        ],
    );
    assert_eq!(sandbox.terminate(), Some(0));
    assert_eq!(home.everything(), [home.path().to_owned()]);
}

/// Loaders are told the application's id once and send it with every call.
#[test]
fn its_application_is_known_by_the_id_that_status_tells() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home);
    let status = run(&home, &["sandbox", "status", "--json"], "");
    let status: Value = serde_json::from_str(&status.stdout).expect("is JSON");
    let id = status["application_id"].as_str().expect("is told");
    assert_eq!(id.len(), 26);
    let own = ("application_id", id);
    sandbox.ok("entity.find", &[("type_name", "user"), own]);
    sandbox.ok("clients/list", &[own]);
    let settings = [
        ("type_name", "user"),
        ("settings", r#"{"historySize":1}"#),
        own,
    ];
    sandbox.ok("entityType.setPasswordSettings", &settings);
    let other = [
        ("type_name", "user"),
        ("application_id", "zzzzzzzzzzzzzzzzzzzzzzzzzz"),
    ];
    assert_eq!(sandbox.call("entity.find", &other).code(), Some(221));
}

/// How often something is repeated: as often as the environment variable says, or this often.
pub(crate) fn repetitions(variable: &str, usual: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => text.parse().expect("is a number"),
        Err(_) => usual,
    }
}

/// The names of an object's members, in order.
fn keys(object: &Value) -> Vec<&str> {
    let members = object.as_object().expect("is an object");
    members.keys().map(String::as_str).collect()
}
