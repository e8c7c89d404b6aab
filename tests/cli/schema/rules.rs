//! `captui schema rules`.

use serde_json::Value;

use crate::cli::schema::json;
use crate::cli::schema::schema;
use crate::support::Home;

#[test]
fn rules_are_added_listed_and_removed() {
    let home = Home::new();
    let rules = |args: &[&str], status| schema(&home, &[&["rules"], args].concat(), status);
    assert_eq!(
        rules(&["list", "user"], 0).stdout,
        "no rules and no combined uniquenesses\n"
    );
    for (add, told) in [
        (
            &["--on", "givenName", "--rule", "{\"max-length\":250}"][..],
            "rule {\"max-length\":250} on /givenName",
        ),
        (
            &["--on", "gender", "--rule", "to-lower"],
            "rule \"to-lower\" on /gender",
        ),
        (
            &["--on", "email,displayName", "--unique"],
            "unique on /email, /displayName",
        ),
    ] {
        let added = rules(&[&["add", "user"], add].concat(), 0).stdout;
        assert!(added.contains(told), "{added}");
        let listed = rules(&["list", "user"], 0).stdout;
        assert!(listed.contains(told), "{told} in {listed}");
    }
    let listed = json(&rules(&["list", "user", "--json"], 0));
    let listed: Vec<&Value> = listed["results"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    assert_eq!(listed.len(), 3);
    for property in listed {
        let uuid = property["uuid"].as_str().expect("has a name");
        rules(&["remove", "user", uuid], 0);
    }
    assert!(
        rules(&["list", "sandbox:user"], 0)
            .stdout
            .starts_with("no rules")
    );
    assert_eq!(
        rules(&["add", "user", "--on", "nobody", "--rule", "required"], 3).stdout,
        ""
    );
    assert_eq!(rules(&["add", "user", "--on", "email"], 2).stdout, "");
    assert_eq!(rules(&["list", "nobody"], 5).stdout, "");
}
