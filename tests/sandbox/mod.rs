//! The sandbox as a server of its own, asked by programs that share nothing with it but the protocol.

mod durability;
mod endpoints;
mod founding_pages;
mod parallel;

use serde_json::Value;

use crate::support::Home;
use crate::support::command::Sandbox;

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

/// The names of an object's members, in order.
fn keys(object: &Value) -> Vec<&str> {
    let members = object.as_object().expect("is an object");
    members.keys().map(String::as_str).collect()
}
