//! `captui schema infer`.

use serde_json::Value;

use crate::cli::ok;
use crate::cli::schema::json;
use crate::cli::schema::put;
use crate::cli::schema::schema;
use crate::cli::schema::schema_with;
use crate::support::Home;

/// Twelve people: all have an address of their own, some a city.
fn people() -> String {
    let mut csv = "email,age,home.city,joined\n".to_owned();
    for number in 0..12 {
        let city = if number % 3 == 0 { "Łódź" } else { "" };
        csv.push_str(
            &[
                "p",
                &number.to_string(),
                "@b.c,",
                &(20 + number).to_string(),
                ",",
            ]
            .concat(),
        );
        csv.push_str(&[city, ",2024-01-0", &(1 + number % 9).to_string(), "\n"].concat());
    }
    csv
}

/// The definition called `name`.
fn definition<'a>(attr_defs: &'a Value, name: &str) -> &'a Value {
    let mut defs = attr_defs.as_array().expect("a list").iter();
    let found = defs.find(|def| def["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {attr_defs}"))
}

#[test]
fn definitions_are_proposed_without_constraints_and_with_reasons() {
    let home = Home::new();
    put(&home, "people.csv", &people());
    let output = schema(&home, &["infer", "people.csv"], 0);
    let defs = json(&output);
    for (name, attr_type) in [("email", "string"), ("age", "integer"), ("home", "object")] {
        assert_eq!(definition(&defs, name)["type"], attr_type, "{defs}");
        assert_eq!(definition(&defs, name).get("constraints"), None, "{defs}");
    }
    assert!(
        output.stderr.contains("from 12 records"),
        "{}",
        output.stderr
    );
    let output = schema(&home, &["infer", "people.csv", "--evidence"], 0);
    assert_eq!(json(&output), defs);
    for told in ["ATTRIBUTE", "home.city", "4 of 12"] {
        assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
    }
    let told = json(&schema(&home, &["infer", "people.csv", "--json"], 0));
    assert_eq!(told["records"], 12);
    assert_eq!(told["attr_defs"], defs);
    // What is printed is a schema again.
    schema_with(&home, &["check", "-"], &defs.to_string(), 0);
    assert_eq!(home.everything().len(), 2, "nothing is begun");
}

#[test]
fn what_is_accepted_is_set() {
    let home = Home::new();
    let infer = |options: &[&str], status| {
        schema_with(
            &home,
            &[&["infer", "-"], options].concat(),
            &people(),
            status,
        )
    };
    let defs = json(&infer(
        &[
            "--accept",
            "required,email:unique",
            "--set-type",
            "age=decimal",
        ],
        0,
    ));
    let constraints = &definition(&defs, "email")["constraints"];
    for name in ["required", "unique"] {
        let mut set = constraints.as_array().expect("a list").iter();
        assert!(set.any(|it| it == name), "{name}: {defs}");
    }
    assert_eq!(definition(&defs, "age")["type"], "decimal");
    for options in [
        &["--accept", "splendid"][..],
        &["--accept", "nobody:required"],
        &["--set-type", "nobody=date"],
        &["--set-type", "age=strin"],
        &["--set-type", "age=id"],
        &["--name", "1"],
        &["--as", "json"],
    ] {
        assert_eq!(infer(options, 2).stdout, "", "{options:?}");
    }
}

#[test]
fn a_broken_record_is_named_with_its_line() {
    let home = Home::new();
    for (lines, told) in [
        (
            "{\"a\":1}\n\n{\"a\":}\n{\"a\":2}\n",
            "line 3: record 2 is not JSON: ",
        ),
        ("{\"a\":1}\n{\"a\":2", "line 2: record 2 is not JSON: "),
        ("{\"a\":}\n{\"a\":1}\n", "at line 1 column 6"),
        ("{\n  \"a\": 1,\n  \"b\": }\n", "at line 3 column 8"),
    ] {
        let output = schema_with(&home, &["infer", "-"], lines, 2);
        assert!(output.stderr.contains(told), "{told}: {}", output.stderr);
    }
}

#[test]
fn what_is_inferred_can_be_created() {
    let home = Home::new();
    let lines = "{\"email\":\"a@b.c\"}\n{\"email\":\"d@e.f\",\"tags\":[{\"tag\":\"x\"}]}\n";
    let inferred = schema_with(&home, &["infer", "-", "--name", "people"], lines, 0).stdout;
    schema_with(&home, &["check", "-"], &inferred, 0);
    put(&home, "people.json", &inferred);
    let bare = schema(&home, &["export", "@people.json", "--bare"], 0).stdout;
    put(&home, "bare.json", &bare);
    ok(
        &home,
        &["type", "create", "people", "--attr-defs", "@bare.json"],
    );
    schema(&home, &["diff", "people", "@people.json"], 0);
}
