//! `captui schema check`.

use crate::cli::schema::SAMPLES;
use crate::cli::schema::json;
use crate::cli::schema::put;
use crate::cli::schema::sample;
use crate::cli::schema::schema;
use crate::cli::schema::schema_with;
use crate::support::Home;

#[test]
fn every_problem_is_named_with_its_path() {
    let home = Home::new();
    let broken = r#"[{"name":"a","type":"string"},{"name":"a","type":"dog"},{"type":"x"},
        {"name":"p","type":"plural","attr_defs":[{"name":"id","type":"id"},{"name":"1","type":"date"}]},
        {"name":"created","type":"dateTime"},{"name":"s","type":"string","length":"9"}]"#;
    let output = schema_with(&home, &["check", "-"], broken, 1);
    assert!(
        output
            .stdout
            .starts_with("standard input: 8 problems, 5 attributes\n"),
        "{}",
        output.stdout
    );
    for path in [
        "  definition 3 ",
        "/a: ",
        "/p/id: ",
        "/p/1: ",
        "/created: ",
        "/s: ",
    ] {
        assert!(output.stdout.contains(path), "{path}: {}", output.stdout);
    }
    assert_eq!(output.stderr, "");
    let told = json(&schema_with(&home, &["check", "-", "--json"], broken, 1));
    assert_eq!(told["problems"].as_array().map(Vec::len), Some(8), "{told}");
    assert!(told["problems"][0]["reason"].is_string(), "{told}");
    assert_eq!(
        home.everything(),
        [home.path().to_owned()],
        "nothing is begun"
    );
}

#[test]
fn what_the_service_shows_is_fine() {
    let home = Home::new();
    for name in SAMPLES {
        put(&home, name, &sample(name));
        let output = schema(&home, &["check", &format!("@{name}")], 0);
        assert!(output.stdout.contains("no problem"), "{}", output.stdout);
    }
    for source in [
        "user",
        "user_test",
        "user2",
        "sandbox:user2",
        "template:hosted-login",
    ] {
        schema(&home, &["check", source], 0);
    }
    let told = json(&schema(&home, &["check", "user_test", "--json"], 0));
    assert_eq!(told["problems"], serde_json::json!([]));
}

/// Without the built-in attributes and the ids of elements, wherever attributes are counted.
#[test]
fn attributes_are_counted_in_one_way() {
    let home = Home::new();
    put(
        &home,
        "bare.json",
        &schema(&home, &["export", "user", "--bare"], 0).stdout,
    );
    let told = json(&schema(&home, &["check", "user", "--json"], 0));
    let counted = format!("{} attributes", told["attributes"]);
    for args in [
        &["check", "@bare.json"][..],
        &["diff", "user", "@bare.json"],
        &["diagram", "user"],
        &["diagram", "@bare.json", "--format", "markdown"],
    ] {
        let output = schema(&home, args, 0);
        assert!(
            output.stdout.contains(&counted),
            "{counted}: {}",
            output.stdout
        );
    }
}

/// Text steers no terminal, not even one at the end of a pipe, and JSON still says everything.
#[test]
fn control_characters_are_shown_and_kept_in_json() {
    let home = Home::new();
    let hostile = "[{\"name\":\"a\\u001b[2J\\u202eb\",\"type\":\"string\",\"description\":\"\\u001b]0;x\\u0007\\u202e\\u009b\"}]";
    let is_plain = |text: &str| {
        let harmless = |c: char| c == '\n' || !c.is_control() && c != '\u{202e}';
        assert!(text.chars().all(harmless), "{text:?}");
    };
    let output = schema_with(&home, &["check", "-"], hostile, 1);
    is_plain(&output.stdout);
    assert!(
        output.stdout.contains("a␛[2J⟨U+202E⟩b"),
        "{}",
        output.stdout
    );
    let told = json(&schema_with(&home, &["check", "-", "--json"], hostile, 1));
    assert_eq!(
        told["problems"][0]["path"], "/a\u{1b}[2J\u{202e}b",
        "{told}"
    );
    for args in [
        &["check", "-", "--json"][..],
        &["diff", "-", "user2"],
        &["diff", "-", "user2", "--markdown"],
    ] {
        is_plain(&schema_with(&home, args, hostile, 1).stdout);
    }
    let exported = schema_with(&home, &["export", "-", "--bare"], hostile, 0).stdout;
    is_plain(&exported);
    let before: serde_json::Value = serde_json::from_str(hostile).expect("JSON");
    let after: serde_json::Value = serde_json::from_str(&exported).expect("JSON");
    assert_eq!(after[0]["description"], before[0]["description"]);
}

#[test]
fn a_call_is_a_schema_too() {
    let home = Home::new();
    let call = "curl -X POST https://my-app.janraincapture.com/entityType.create \\\n  -d type_name=shop \\\n  \
                --data-urlencode attr_defs='[{\"name\":\"title\",\"type\":\"string\",\"length\":0}]'";
    let output = schema_with(&home, &["check", "-"], call, 1);
    assert!(
        output.stdout.contains("/title: `length`"),
        "{}",
        output.stdout
    );
    let other = "curl https://my-app.janraincapture.com/entity.create -d type_name=shop";
    let output = schema_with(&home, &["check", "-"], other, 2);
    assert!(
        output.stderr.contains("a call of entity.create"),
        "{}",
        output.stderr
    );
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    let home = Home::new();
    for (source, stdin, status, told) in [
        ("-", "[{\"name\":", 2, "not JSON: the text ends"),
        ("-", "hello", 2, "no schema in it"),
        ("-", "{\"a\":1}", 2, "no schema in it"),
        ("@missing.json", "", 2, "missing.json cannot be read"),
        ("nobody", "", 5, "nobody"),
        ("nowhere:user", "", 2, "no environment called `nowhere`"),
        ("template:nothing", "", 2, "no template called `nothing`"),
        ("template:usr2", "", 2, "template:user2"),
        ("user.json", "", 2, "@user.json"),
    ] {
        let output = schema_with(&home, &["check", source], stdin, status);
        assert_eq!(output.stdout, "", "{source}");
        assert!(output.stderr.contains(told), "{source}: {}", output.stderr);
    }
}
