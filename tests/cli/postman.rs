//! `captui postman`: the operations as a collection, and the calls of one.

use std::fs;

use captui::capture::endpoint::ENDPOINTS;
use serde_json::Value;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;
use crate::support::command::Sandbox;
use crate::support::command::run;

#[test]
fn what_is_exported_is_imported_and_can_be_sent() {
    let servers_home = Home::new();
    let sandbox = Sandbox::start_with(&servers_home, &["--data", ":memory:"]);
    let home = Home::new();
    home.configure(&sandbox.url, &sandbox.client_id, &sandbox.client_secret, "");
    let file = "capture.postman_collection.json";
    ok(
        &home,
        &["--env", "service", "postman", "export", "-o", file],
    );
    let collection = fs::read_to_string(home.path().join(file)).expect("is there");
    let beside = home.path().join("capture.postman_environment.json");
    let environment = fs::read_to_string(beside).expect("is there");
    for text in [&collection, &environment] {
        assert!(!text.contains(&sandbox.client_secret));
    }
    let variables: Value = serde_json::from_str(&environment).expect("JSON");
    assert_eq!(variables["values"][0]["value"], sandbox.url.as_str());
    assert_eq!(variables["values"][1]["value"], sandbox.client_id.as_str());
    assert_eq!(variables["values"][2]["value"], "");
    // Nothing is written over.
    fails(&home, &["postman", "export", "-o", file], 2);
    let list = ok(&home, &["postman", "import", file]);
    assert_eq!(list.lines().count(), ENDPOINTS.len() + 1);
    assert!(list.contains("entity/entity.count"), "{list}");
    let lines = ok(&home, &["postman", "import", file, "--ndjson"]);
    assert_eq!(lines.lines().count(), ENDPOINTS.len());
    let all: Value =
        serde_json::from_str(&ok(&home, &["--json", "postman", "import", file])).expect("JSON");
    let count = all
        .as_array()
        .expect("is a list")
        .iter()
        .find(|call| call["operation"] == "entity.count")
        .expect("is there");
    assert_eq!(count["state"], "give type_name");
    let number = count["number"].to_string();
    for which in ["entity/entity.count", "entity.count", &number] {
        let run = |more: &[&str]| {
            let args = [
                &[
                    "--env", "service", "postman", "import", file, "--run", which,
                ],
                more,
            ];
            run(&home, &args.concat(), "")
        };
        let missing = run(&[]);
        assert_eq!(missing.status, Some(2), "{}", missing.stderr);
        assert!(
            missing.stderr.contains("--set NAME=VALUE"),
            "{}",
            missing.stderr
        );
        let sent = run(&["--set", "type_name=user"]);
        assert_eq!(sent.status, Some(0), "{}", sent.stderr);
        assert!(sent.stdout.contains("total_count"), "{}", sent.stdout);
    }
}

#[test]
fn a_collection_is_printed_for_a_pipe() {
    let home = Home::new();
    let printed = ok(&home, &["postman", "export"]);
    let collection: Value = serde_json::from_str(&printed).expect("JSON");
    assert!(
        collection["info"]["schema"]
            .as_str()
            .is_some_and(|it| it.contains("v2.1.0"))
    );
    assert_eq!(collection["auth"]["basic"][1]["value"], "{{client_secret}}");
    let first = &collection["item"][0]["item"][0]["request"];
    assert_eq!(first["url"]["raw"], "{{domain}}/entity");
    assert!(first["body"]["urlencoded"][0]["description"].is_string());
    let listed = run(&home, &["postman", "import", "-"], &printed);
    assert_eq!(listed.stdout.lines().count(), ENDPOINTS.len() + 1);
    let environment = run(&home, &["postman", "export", "--environment"], "");
    let environment: Value = serde_json::from_str(&environment.stdout).expect("JSON");
    assert_eq!(environment["name"], "sandbox");
}

#[test]
fn what_is_no_collection_or_names_no_call_is_refused() {
    let home = Home::new();
    let collection = r#"{"info":{"name":"x"},"item":[
        {"name":"a","item":[{"name":"count","request":{"method":"POST","url":"https://h.x/entity.count",
          "body":{"mode":"urlencoded","urlencoded":[{"key":"type_name","value":"user"}]}}}]},
        {"name":"b","item":[{"name":"count","request":"https://h.x/entity.count"},
          {"name":"other","request":"https://h.x/weather"}]}]}"#;
    fs::write(home.path().join("c.json"), collection).expect("writes");
    let list = ok(&home, &["postman", "import", "c.json"]);
    assert!(list.contains("no operation of Capture: /weather"), "{list}");
    assert!(
        list.contains("a/count  entity.count  https://h.x  ready"),
        "{list}"
    );
    for (which, words) in [
        ("count", "more than one name"),
        ("a/cuont", "did you mean `a/count`?"),
        ("9", "no call is called `9`"),
        ("other", "no operation is called"),
    ] {
        let output = fails(&home, &["postman", "import", "c.json", "--run", which], 2);
        assert!(output.stderr.contains(words), "{which}: {}", output.stderr);
    }
    let sent = run(
        &home,
        &["postman", "import", "c.json", "--run", "a/count"],
        "",
    );
    assert_eq!(sent.status, Some(0), "{}", sent.stderr);
    for (text, words) in [
        ("{}", "no Postman collection"),
        ("hello", "no Postman collection"),
        ("{\"item\":", "line 1"),
        ("curl https://h.x/entity", "no Postman collection"),
    ] {
        let output = run(&home, &["postman", "import", "-"], text);
        assert_eq!(output.status, Some(2), "{text}");
        assert!(output.stderr.contains(words), "{text}: {}", output.stderr);
    }
}
