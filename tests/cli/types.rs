//! `captui type`.

use std::fs;

use serde_json::Value;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;
use crate::support::command::run;

#[test]
fn types_are_listed_shown_and_created() {
    let home = Home::new();
    assert_eq!(ok(&home, &["type", "list"]), "user\nuser2\nuser_test\n");
    let attr_defs = r#"[{"name":"b","type":"string","constraints":["unique"]},{"name":"a","type":"plural","attr_defs":[{"name":"c","type":"date"}]}]"#;
    let created = ok(
        &home,
        &["type", "create", "customer", "--attr-defs", attr_defs],
    );
    assert_eq!(created, ok(&home, &["type", "show", "customer"]));
    let rows: Vec<Vec<&str>> = created
        .lines()
        .map(|line| line.split_whitespace().take(3).collect())
        .collect();
    assert_eq!(rows[0], ["ATTRIBUTE", "TYPE", "CONSTRAINTS"]);
    for row in [
        vec!["a", "plural"],
        vec!["a.c", "date"],
        vec!["b", "string", "unique"],
    ] {
        assert!(rows.contains(&row), "{row:?} in\n{created}");
    }
    assert_eq!(
        ok(&home, &["type", "list"]),
        "customer\nuser\nuser2\nuser_test\n"
    );
}

#[test]
fn definitions_come_from_a_file_and_from_standard_input() {
    let home = Home::new();
    let attr_defs = r#"[{"name":"x","type":"integer"}]"#;
    fs::write(home.path().join("defs.json"), attr_defs).expect("a home can be written");
    ok(
        &home,
        &["type", "create", "one", "--attr-defs", "@defs.json"],
    );
    let piped = run(
        &home,
        &["type", "create", "two", "--attr-defs", "-"],
        attr_defs,
    );
    assert_eq!(piped.status, Some(0), "{}", piped.stderr);
    let shown = |name: &str| ok(&home, &["type", "show", name]);
    assert_eq!(shown("one"), shown("two"));
}

#[test]
fn json_is_the_answer_as_it_came() {
    let home = Home::new();
    let listed: Value =
        serde_json::from_str(&ok(&home, &["--json", "type", "list"])).expect("JSON");
    assert_eq!(
        listed,
        serde_json::json!({"results":["user","user2","user_test"],"stat":"ok"})
    );
    let shown = ok(&home, &["type", "show", "user_test", "--json"]);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["schema"]["name"], "user_test");
    assert_eq!(shown["schema"]["attr_defs"][0]["type"], "id");
}

#[test]
fn every_problem_is_named_before_anything_is_sent() {
    let home = Home::new();
    let attr_defs = r#"[{"name":"a","type":"string"},{"name":"a","type":"date"},{"name":"1","type":"string"},{"name":"uuid","type":"uuid"}]"#;
    let create = ["type", "create", "broken", "--attr-defs", attr_defs];
    let output = fails(&home, &create, 2);
    assert!(
        output.stderr.contains("nothing was sent"),
        "{}",
        output.stderr
    );
    for path in ["/a: ", "/1: ", "/uuid: "] {
        assert!(output.stderr.contains(path), "{}", output.stderr);
    }
    // Sent all the same, the service refuses it.
    let output = fails(&home, &[&create[..], &["--no-check"]].concat(), 3);
    assert!(
        !output.stderr.contains("nothing was sent"),
        "{}",
        output.stderr
    );
    assert_eq!(ok(&home, &["type", "list"]), "user\nuser2\nuser_test\n");
}
