//! `captui schema access`.

use serde_json::Value;

use crate::cli::ok;
use crate::cli::schema::json;
use crate::cli::schema::schema;
use crate::support::Home;

#[test]
fn what_a_client_may_do_is_shown_and_set() {
    let home = Home::new();
    let made = ok(
        &home,
        &[
            "call",
            "clients/add",
            "description=app",
            "features=[\"direct_access\"]",
            "--json",
        ],
    );
    let made: Value = serde_json::from_str(&made).expect("JSON");
    let client = made["client_id"].as_str().expect("has an id");
    let access = |args: &[&str], status| {
        let client = ["access", "user", "--client", client];
        schema(&home, &[&client[..], args].concat(), status)
    };
    assert_eq!(
        access(&[], 0).stdout,
        "read: everything\nwrite: everything\nread_with_token: everything\nwrite_with_token: everything\n"
    );
    let set = access(
        &[
            "--read",
            "email,primaryAddress.city,statuses",
            "--write",
            "",
        ],
        0,
    );
    assert!(
        set.stdout.starts_with(
            "read: email, primaryAddress.city, statuses\nwrite: nothing but the built-in attributes\n"
        ),
        "{}",
        set.stdout
    );
    assert_eq!(access(&[], 0).stdout, set.stdout);
    let told = json(&access(&["--json"], 0));
    assert_eq!(
        told["read"],
        serde_json::json!(["email", "primaryAddress.city", "statuses"])
    );
    assert_eq!(told["read_with_token"], Value::Null);
    for (list, why) in [
        ("uuid", "must not be listed"),
        ("nobody", "not an attribute"),
    ] {
        let refused = access(&["--write", list], 2);
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
    }
    assert_eq!(access(&[], 0).stdout, set.stdout);
}
