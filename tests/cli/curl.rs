//! `captui curl`: pasted commands, sent by our own client.

use std::fs;

use serde_json::Value;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;
use crate::support::command::Sandbox;
use crate::support::command::run;
use crate::support::fake::Act;
use crate::support::fake::FakeServer;

const SAMPLE: &str = "curl -X POST \\\n    -H \"Authorization: Basic aW1fYV...NfbXk=\"\\\n    \
                      --data-urlencode type_name=user_test \\\n    \
                      --data-urlencode 'attributes={\"name\":\"by curl\"}' \\\n    \
                      https://my-app.janraincapture.com/entity.create";

#[test]
fn a_sample_of_the_documentation_runs_in_the_sandbox() {
    let home = Home::new();
    let count = || {
        let count = ok(&home, &["record", "count", "user_test"]);
        count.trim().parse::<u64>().expect("is a number")
    };
    let before = count();
    for (args, stdin) in [
        (&["curl", SAMPLE][..], ""),
        (&["curl"], SAMPLE),
        (&["curl", "-"], SAMPLE),
        (
            &[
                "curl",
                "--",
                "-d",
                "type_name=user_test",
                "-d",
                "attributes={}",
                "https://my-app.janraincapture.com/entity.create",
            ],
            "",
        ),
        (
            &[
                "curl",
                "--",
                "curl",
                "-d",
                "type_name=user_test&attributes={}",
                "h.example/entity.create",
            ],
            "",
        ),
    ] {
        let output = run(&home, args, stdin);
        assert_eq!(output.status, Some(0), "{args:?}: {}", output.stderr);
        let created: Value = serde_json::from_str(&output.stdout).expect("JSON");
        assert_eq!(created["stat"], "ok");
        assert!(
            output.stderr.starts_with(
                "captui: entity.create of user_test → `sandbox` (sandbox, inside captui)\n"
            ),
            "{}",
            output.stderr
        );
        assert!(
            output
                .stderr
                .contains("is not used: the call goes to `sandbox`")
        );
    }
    let told = run(&home, &["curl", SAMPLE], "").stderr;
    for part in [
        "  ignored      -X POST",
        "  translated   -H Authorization: Basic aW1fYV...NfbXk=",
        "  imported     --data-urlencode type_name=user_test",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert_eq!(count(), before + 6);
}

#[test]
fn what_would_be_sent_is_shown_in_three_forms_and_nothing_is_sent() {
    let home = Home::new();
    let count = || ok(&home, &["record", "count", "user_test"]);
    let before = count();
    let request = ok(&home, &["curl", "--show", "request", SAMPLE]);
    assert_eq!(
        request, "entity.create\ntype_name=user_test\nattributes={\"name\":\"••••••••\"}\n",
        "without the schema nobody knows what a password is"
    );
    let curl = ok(&home, &["curl", "--show", "curl", SAMPLE]);
    assert!(
        curl.contains("$CLIENT_SECRET") && curl.contains("/entity.create"),
        "{curl}"
    );
    let wire = ok(&home, &["curl", "--show", "wire", SAMPLE]).replace("\r\n", "\n");
    assert!(
        wire.starts_with("POST /entity.create HTTP/1.1\nHost: 127.0.0.1:"),
        "{wire}"
    );
    assert!(
        wire.contains("\n\ntype_name=user_test&attributes=%7B%22name%22%3A%22"),
        "{wire}"
    );
    assert!(wire.contains("Authorization: Basic ••••"), "{wire}");
    let dry = ok(&home, &["curl", "--dry-run", SAMPLE]);
    assert!(
        dry.ends_with("\nasks for nothing; nothing was sent\n"),
        "{dry}"
    );
    let dry = ok(&home, &["--json", "curl", "--dry-run", SAMPLE]);
    let dry: Value = serde_json::from_str(&dry).expect("JSON");
    assert_eq!(dry["operation"], "entity.create");
    assert_eq!(
        dry["arguments"][0],
        serde_json::json!(["type_name", "user_test"])
    );
    assert_eq!(dry["parts"].as_array().map(Vec::len), Some(7), "{dry}");
    assert_eq!(count(), before);
}

#[test]
fn the_answer_is_explained_and_decides_the_status() {
    for (code, status) in [(200, 3), (402, 4), (310, 5), (361, 7), (504, 75)] {
        let body = format!(
            r#"{{"request_id":"geup8cd3gvcvjjnc","code":{code},"error_description":"so","error":"word","stat":"error"}}"#
        );
        let server = FakeServer::start(Act::json(200, &body));
        let home = Home::new();
        home.configure(&server.url, "client", "secret", "");
        let output = fails(&home, &["--env", "service", "curl", SAMPLE], status);
        let told = format!("captui: error {code} word: so (request geup8cd3gvcvjjnc)\n");
        assert!(output.stderr.contains(&told), "{}", output.stderr);
    }
}

#[test]
fn the_commands_client_calls_its_own_host_and_no_other() {
    let servers_home = Home::new();
    let sandbox = Sandbox::start_with(&servers_home, &["--data", ":memory:"]);
    let home = Home::new();
    home.configure(&sandbox.url, "wrong", "wrong", "");
    let command = format!(
        "curl -u {}:{} {}/entity.count -d type_name=user",
        sandbox.client_id, sandbox.client_secret, sandbox.url
    );
    let output = run(&home, &["--env", "service", "curl", &command], "");
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(
        output.stderr.contains("the client in it calls: "),
        "{}",
        output.stderr
    );
    // Elsewhere, only if that is said.
    let other = FakeServer::start(Act::json(200, r#"{"stat":"ok","total_count":0}"#));
    let home = Home::new();
    home.configure(&other.url, "of_service", "the_services_secret", "");
    let output = run(&home, &["--env", "service", "curl", &command], "");
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let output = run(&home, &["curl", "--host-of-command", &command], "");
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stdout.contains("total_count"), "{}", output.stdout);
    for output in [&output.stdout, &output.stderr] {
        assert!(!output.contains(&sandbox.client_secret), "{output}");
    }
    for path in home.everything().iter().filter(|path| path.is_file()) {
        let bytes = String::from_utf8_lossy(&Home::contents(path)).into_owned();
        assert!(
            !bytes.contains(&sandbox.client_secret),
            "{}",
            path.display()
        );
    }
    let elided = format!("curl -u id:YOUR_SECRET {}/entity.count", other.url);
    let output = fails(&home, &["curl", "--host-of-command", &elided], 2);
    assert!(output.stderr.contains("placeholder"), "{}", output.stderr);
}

#[test]
fn files_are_read_when_that_is_allowed() {
    let home = Home::new();
    fs::write(home.path().join("a.json"), "{\"name\":\"from a file\"}").expect("can be written");
    let command =
        "curl -d type_name=user_test --data-urlencode attributes@a.json h.x/entity.create";
    let output = fails(&home, &["curl", command], 2);
    assert!(output.stderr.contains("--allow-files"), "{}", output.stderr);
    ok(&home, &["curl", "--allow-files", command]);
    let found = ok(&home, &["--json", "record", "find", "user_test"]);
    assert!(found.contains("from a file"), "{found}");
    let missing = command.replace("a.json", "b.json");
    let output = fails(&home, &["curl", "--allow-files", &missing], 2);
    assert!(
        output.stderr.contains("the file b.json cannot be read"),
        "{}",
        output.stderr
    );
    // The pipe is the command's when the command came as a word.
    let shown = run(
        &home,
        &["curl", "--show", "request", "curl -d @- h.x/entity.count"],
        "type_name=user",
    );
    assert_eq!(
        shown.stdout, "entity.count\ntype_name=user\n",
        "{}",
        shown.stderr
    );
}

#[test]
fn a_write_in_production_and_a_removal_are_asked_for() {
    let server = FakeServer::start(Act::json(200, r#"{"stat":"ok"}"#));
    let configured = |class: &str| {
        let home = Home::new();
        home.configure(&server.url, "client", "secret", "read_only = false\n");
        let file = home.path().join("config/captui/config.toml");
        let config = fs::read_to_string(&file).expect("is there");
        let config = config.replace("class = \"sandbox\"", &format!("class = \"{class}\""));
        fs::write(file, config).expect("can be written");
        home
    };
    let create = "curl -d type_name=user h.x/entity.create";
    let delete = "curl -d type_name=user -d id=1 h.x/entity.delete";
    for (class, command, more, status) in [
        ("dev", create, &[][..], 0),
        ("dev", delete, &[], 2),
        ("dev", delete, &["--yes"], 2),
        ("dev", delete, &["--confirm", "dev"], 2),
        ("dev", delete, &["--confirm", "service"], 0),
        ("prod", create, &[], 2),
        ("prod", create, &["--yes"], 0),
        ("prod", delete, &["--yes"], 2),
        ("prod", delete, &["--confirm", "service"], 0),
        ("sandbox", delete, &[], 0),
    ] {
        let home = configured(class);
        let before = server.count("entity.create") + server.count("entity.delete");
        let args = [&["--env", "service", "curl"], more, &[command]].concat();
        let output = run(&home, &args, "");
        assert_eq!(
            output.status,
            Some(status),
            "{class} {more:?}: {}",
            output.stderr
        );
        let after = server.count("entity.create") + server.count("entity.delete");
        assert_eq!(after - before, usize::from(status == 0), "{class} {more:?}");
    }
    let home = Home::new();
    home.configure(&server.url, "client", "secret", "read_only = true\n");
    let output = fails(&home, &["--env", "service", "curl", create], 2);
    assert!(output.stderr.contains("read-only"), "{}", output.stderr);
}

#[test]
fn what_is_no_command_or_not_whole_is_refused() {
    let home = Home::new();
    for (command, words) in [
        ("hello", "there is no curl command in it"),
        (
            "curl https://h.x/entity.craete",
            "did you mean `/entity.create`?",
        ),
        (
            "curl https://h.x/entity -d uuid={{uuid}}",
            "--set NAME=VALUE",
        ),
        (
            "curl https://h.x/entity.create --json '{}'",
            "give each parameter its name",
        ),
    ] {
        let output = fails(&home, &["curl", command], 2);
        assert!(
            output.stderr.contains(words),
            "{command}: {}",
            output.stderr
        );
    }
    let output = run(
        &home,
        &[
            "curl",
            "--set",
            "uuid=no",
            "--set",
            "type_name=user",
            "curl h.x/entity -d uuid={{uuid}}",
        ],
        "",
    );
    assert!(output.stderr.contains("error"), "{}", output.stderr);
    assert_ne!(output.status, Some(2), "it was sent: {}", output.stderr);
}
