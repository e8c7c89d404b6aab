//! `captui schema diff`.

use crate::cli::ok;
use crate::cli::schema::SAMPLES;
use crate::cli::schema::json;
use crate::cli::schema::put;
use crate::cli::schema::sample;
use crate::cli::schema::schema;
use crate::cli::schema::schema_with;
use crate::support::Home;

const A: &str = r#"{"name":"shop","attr_defs":[{"name":"b","type":"string","length":64},
    {"name":"gone","type":"plural","attr_defs":[{"name":"x","type":"date"}]},
    {"name":"a","type":"object","attr_defs":[{"name":"in","type":"integer","constraints":["unique","required"]}]}]}"#;
const B: &str = r#"[{"name":"new","type":"string"},
    {"name":"a","type":"object","attr_defs":[{"name":"in","type":"integer","constraints":["required","unique"]}]},
    {"name":"b","type":"string","length":128,"constraints":["email-address"]}]"#;

#[test]
fn nothing_differs_from_itself_whatever_its_form() {
    let home = Home::new();
    for name in SAMPLES {
        put(&home, name, &sample(name));
        let source = format!("@{name}");
        let output = schema(&home, &["diff", &source, &source], 0);
        assert!(output.stdout.contains("no difference"), "{}", output.stdout);
    }
    let output = schema(&home, &["diff", "user", "sandbox:user"], 0);
    assert!(output.stdout.contains("no difference"), "{}", output.stdout);
    // The sandbox begins with these templates.
    for name in ["user", "user_test", "user2"] {
        schema(&home, &["diff", &format!("template:{name}"), name], 0);
    }
    // As a caller writes it, and as the service shows it.
    let bare = schema(&home, &["export", "user2", "--bare"], 0).stdout;
    schema_with(&home, &["diff", "user2", "-"], &bare, 0);
}

#[test]
fn differences_are_told_by_path_as_text_markdown_and_json() {
    let home = Home::new();
    put(&home, "a.json", A);
    put(&home, "b.json", B);
    let diff = ["diff", "@a.json", "@b.json"];
    let text = schema(&home, &diff, 1).stdout;
    assert_eq!(
        text,
        "/b: length 64 → 128\n/b: constraints none → email-address\n/gone: plural of 1, only in a.json\n\
         /new: string, only in b.json\n3 attributes different, 2 attributes the same\n"
    );
    let markdown = schema(&home, &[&diff[..], &["--markdown"]].concat(), 1).stdout;
    assert!(
        markdown.contains("| `/b` | length | 64 | 128 |"),
        "{markdown}"
    );
    let told = json(&schema(&home, &[&diff[..], &["--json"]].concat(), 1));
    assert_eq!(told["equal"], 2);
    let paths: Vec<&str> = told["differences"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|it| it["path"].as_str())
        .collect();
    assert_eq!(paths, ["/b", "/gone", "/new"]);
}

#[test]
fn rules_count_where_both_can_be_read() {
    let home = Home::new();
    let bare = schema(&home, &["export", "user", "--bare"], 0).stdout;
    put(&home, "user.json", &bare);
    ok(
        &home,
        &["type", "create", "twin", "--attr-defs", "@user.json"],
    );
    schema(&home, &["diff", "user", "twin"], 0);
    ok(
        &home,
        &[
            "call",
            "entityType.addRule",
            "type_name=twin",
            "attributes=[\"givenName\"]",
            "definition={\"max-length\":25}",
            "description=short",
        ],
    );
    let output = schema(&home, &["diff", "user", "twin"], 1);
    assert!(
        output
            .stdout
            .contains("rule {\"max-length\":25} on /givenName, only in twin\n"),
        "{}",
        output.stdout
    );
    schema(&home, &["diff", "user", "twin", "--no-rules"], 0);
    schema(&home, &["diff", "@user.json", "twin"], 0);
}

#[test]
fn standard_input_is_read_once() {
    let home = Home::new();
    let output = schema_with(&home, &["diff", "-", "-"], A, 2);
    assert!(output.stderr.contains("only once"), "{}", output.stderr);
}
