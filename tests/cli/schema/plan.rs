//! `captui schema plan`: what would be done, and what cannot be.

use serde_json::Value;

use crate::cli::ok;
use crate::cli::schema::json;
use crate::cli::schema::put;
use crate::cli::schema::schema;
use crate::cli::schema::schema_with;
use crate::support::Home;

const STORED: &str = r#"[{"name":"email","type":"string","length":256},{"name":"fax","type":"string"},
    {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"}]}]"#;
const WANTED: &str = r#"[{"name":"email","type":"string","length":256,"constraints":["unique"]},
    {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string","description":"where"},
        {"name":"floor","type":"integer"}]},
    {"name":"web","type":"string"}]"#;

fn shop() -> Home {
    let home = Home::new();
    put(&home, "stored.json", STORED);
    put(&home, "wanted.json", WANTED);
    ok(
        &home,
        &["type", "create", "shop", "--attr-defs", "@stored.json"],
    );
    // Of a type without records nothing can be lost, and nothing needs to be copied.
    let record = r#"{"email":"a@b.c","fax":"1"}"#;
    ok(&home, &["record", "create", "shop", "--attributes", record]);
    home
}

/// The risks and actions of a plan, in order.
fn steps(plan: &Value) -> Vec<(String, String)> {
    let text = |step: &Value, key: &str| step[key].as_str().expect("is text").to_owned();
    let steps = plan["steps"].as_array().expect("a list").iter();
    steps
        .map(|step| (text(step, "risk"), text(step, "path")))
        .collect()
}

#[test]
fn a_plan_is_told_and_nothing_is_changed() {
    let home = shop();
    let before = schema(&home, &["export", "shop"], 0).stdout;
    let plan = ["plan", "shop", "@wanted.json"];
    let text = schema(&home, &plan, 1).stdout;
    assert!(
        text.starts_with("`shop`: 4 steps, 1 checked, 1 destructive\n"),
        "{text}"
    );
    for line in [
        "safe         add web: string\n",
        "destructive  remove fax with its values\n",
        "checked      set the constraints of email to unique (now none)\n",
        "not done: home.floor: ",
        "--rebuild home does it\n",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let told = json(&schema(&home, &[&plan[..], &["--json"]].concat(), 1));
    assert_eq!(steps(&told).len(), 4, "{told}");
    assert_eq!(told["refused"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(told["findings"], Value::Null);
    let markdown = schema(&home, &[&plan[..], &["--markdown"]].concat(), 1).stdout;
    assert!(markdown.contains("| destructive |"), "{markdown}");
    assert_eq!(schema(&home, &["export", "shop"], 0).stdout, before);
    let checked = schema(&home, &[&plan[..], &["--check"]].concat(), 1).stdout;
    assert!(
        checked.starts_with("`shop`: 4 steps, 1 checked, 1 destructive; 1 record was read\n"),
        "{checked}"
    );
}

#[test]
fn the_calls_themselves_hold_no_secret() {
    let home = shop();
    let status = ok(&home, &["sandbox", "status", "--show-secret", "--json"]);
    let status: Value = serde_json::from_str(&status).expect("JSON");
    let secret = status["client_secret"].as_str().expect("is told");
    let rebuild = ["plan", "shop", "@wanted.json", "--rebuild", "home"];
    let calls = schema(&home, &[&rebuild[..], &["--show", "curl"]].concat(), 1).stdout;
    assert!(
        calls.starts_with("# The sandbox inside captui: "),
        "{calls}"
    );
    assert!(calls.contains("/entityType.addAttribute"), "{calls}");
    assert!(calls.contains("/entityType.removeAttribute"), "{calls}");
    assert!(calls.contains("copy the values of home to "), "{calls}");
    assert!(!calls.contains(secret), "{calls}");
}

#[test]
fn a_plan_without_difference_is_0() {
    let home = shop();
    for wanted in ["@stored.json", "shop", "sandbox:shop"] {
        let output = schema(&home, &["plan", "shop", wanted], 0);
        assert_eq!(output.stdout, "nothing to do: `shop` is as it is wanted\n");
    }
    // What is more in the stored type is left alone.
    let fewer = r#"[{"name":"email","type":"string","length":256}]"#;
    schema_with(&home, &["plan", "shop", "-", "--additions-only"], fewer, 0);
    schema_with(&home, &["plan", "shop", "-"], fewer, 1);
}

#[test]
fn a_renamed_attribute_keeps_its_values_and_a_mistyped_one_is_refused() {
    let home = shop();
    let wanted = STORED.replace("\"fax\"", "\"telefax\"");
    let plan = |options: &[&str], status| {
        let args = [&["plan", "shop", "-", "--json"], options].concat();
        schema_with(&home, &args, &wanted, status)
    };
    let lossy = json(&plan(&[], 1));
    assert_eq!(steps(&lossy).len(), 2, "{lossy}");
    let renamed = json(&plan(&["--rename", "fax=telefax"], 1));
    let actions: Vec<&Value> = renamed["steps"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|step| &step["action"])
        .collect();
    assert_eq!(actions.len(), 3, "{renamed}");
    for option in [
        &["--rename", "fox=telefax"][..],
        &["--rename", "fax=telefux"],
        &["--rebuild", "fox"],
        &["--rebuild", "home.city"],
        // What contradicts itself or is the service's own is not dropped silently.
        &["--rename", "fax=telefax", "--rename", "fax=email"],
        &["--rename", "fax=telefax", "--rename", "email=telefax"],
        &["--rename", "id=telefax"],
        &["--rename", "fax=created"],
        &["--rebuild", "id"],
        &["--additions-only", "--rebuild", "email"],
    ] {
        assert_eq!(plan(option, 2).stdout, "", "{option:?}");
    }
}

#[test]
fn a_wanted_schema_with_problems_is_not_planned() {
    let home = shop();
    let output = schema_with(
        &home,
        &["plan", "shop", "-"],
        r#"[{"name":"1","type":"dog"}]"#,
        1,
    );
    assert_eq!(output.stdout, "");
    assert!(
        output.stderr.contains("there is no type `dog`"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_type_that_is_not_there_is_created() {
    let home = shop();
    let plan = json(&schema(
        &home,
        &["plan", "store", "@wanted.json", "--json"],
        1,
    ));
    assert_eq!(
        steps(&plan),
        [("safe".to_owned(), "/".to_owned())],
        "{plan}"
    );
}
