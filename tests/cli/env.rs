//! `captui env` and `captui config`: the environments of the configuration.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::Value;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;
use crate::support::command::Sandbox;
use crate::support::command::run;
use crate::support::fake::Act;
use crate::support::fake::FakeServer;
use crate::support::pty::Terminal;

const SECRET: &str = "hunter2-of-the-test";

fn config(home: &Home) -> PathBuf {
    home.path().join("config/captui/config.toml")
}

fn mode(file: &std::path::Path) -> u32 {
    fs::metadata(file).expect("is there").permissions().mode() & 0o777
}

fn add<'a>(name: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let common = [
        "env",
        "add",
        name,
        "--domain",
        "my-app.us-dev.janraincapture.com",
        "--client-id",
        "cid",
        "--class",
        "dev",
    ];
    [&common[..], more].concat()
}

#[test]
fn without_a_configuration_there_is_the_sandbox() {
    let home = Home::new();
    let list = ok(&home, &["env", "list"]);
    assert!(list.contains("\nsandbox  sandbox  inside captui"), "{list}");
    assert!(ok(&home, &["env", "show"]).contains("default    yes"));
    assert!(
        ok(&home, &["config", "check"]).contains("is not there, and need not be: 1 environment")
    );
    assert_eq!(
        ok(&home, &["config", "path"]),
        format!("{}\n", config(&home).display())
    );
    assert!(ok(&home, &["env", "test"]).starts_with("`sandbox` (sandbox, inside captui) answers"));
    let output = fails(&home, &["env", "remove", "sandbox", "--yes"], 2);
    assert!(output.stderr.contains("always there"), "{}", output.stderr);
}

#[test]
fn an_environment_is_added_with_its_secret_in_a_file_of_its_own() {
    let home = Home::new();
    fs::create_dir_all(home.path().join("config/captui")).expect("makes a folder");
    fs::write(config(&home), "# Mine.\n[history]\nmax_days = 7 # a week\n").expect("writes");
    let output = run(&home, &add("dev", &["--default"]), &format!("{SECRET}\n"));
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(!output.stderr.contains(SECRET), "{}", output.stderr);
    let text = fs::read_to_string(config(&home)).expect("is there");
    assert_eq!(
        text,
        "default_environment = \"dev\"\n\n# Mine.\n[history]\nmax_days = 7 # a week\n\n[environments.dev]\n\
         domain = \"https://my-app.us-dev.janraincapture.com\"\nclass = \"dev\"\nclient_id = \"cid\"\n\
         secret_file = \"dev.secret\"\n"
    );
    let secret = home.path().join("config/captui/dev.secret");
    assert_eq!(
        fs::read_to_string(&secret).expect("is there"),
        format!("{SECRET}\n")
    );
    assert_eq!((mode(&secret), mode(&config(&home))), (0o600, 0o600));
    for args in [
        &["env", "list"][..],
        &["env", "show"],
        &["env", "show", "--json"],
        &["config", "show"],
        &["--json", "config", "show"],
    ] {
        let shown = ok(&home, args);
        assert!(shown.contains("dev") && !shown.contains(SECRET), "{shown}");
    }
    let show: Value = serde_json::from_str(&ok(&home, &["env", "show", "--json"])).expect("JSON");
    assert_eq!(show["name"], "dev");
    assert_eq!(show["default"], true);
    // A second one of the name is not put in its place by the way.
    let output = run(&home, &add("dev", &[]), "other\n");
    assert_eq!(output.status, Some(2), "{}", output.stderr);
    assert!(output.stderr.contains("--replace"), "{}", output.stderr);
    let output = run(
        &home,
        &add("dev", &["--replace", "--auth", "signed"]),
        "other\n",
    );
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(fs::read_to_string(&secret).expect("is there"), "other\n");
    assert!(ok(&home, &["env", "show", "dev"]).contains("auth       signed"));
    // And goes with its secret.
    let output = fails(&home, &["env", "remove", "dev"], 2);
    assert!(output.stderr.contains("--yes"), "{}", output.stderr);
    ok(&home, &["env", "remove", "dev", "--yes"]);
    assert!(!secret.exists());
    let text = fs::read_to_string(config(&home)).expect("is there");
    assert_eq!(text.trim(), "# Mine.\n[history]\nmax_days = 7 # a week");
}

#[test]
fn a_secret_is_typed_without_being_shown() {
    let home = Home::new();
    let mut terminal = Terminal::captui(&home, &add("dev", &[]), 10, 100);
    terminal.wait_for("the secret of client cid (not shown):");
    terminal.send("wrong<c-u>hunter3<backspace>2<enter>");
    terminal.wait_for("`dev` (dev, https://my-app.us-dev.janraincapture.com) is in");
    assert!(
        !terminal.contents().contains("hunter"),
        "{}",
        terminal.contents()
    );
    let secret = home.path().join("config/captui/dev.secret");
    assert_eq!(fs::read_to_string(secret).expect("is there"), "hunter2\n");
    let mut terminal = Terminal::captui(&home, &add("other", &[]), 10, 100);
    terminal.wait_for("(not shown):");
    terminal.send("half<c-c>");
    terminal.wait_for("nothing was done");
    assert!(!home.path().join("config/captui/other.secret").exists());
}

#[test]
fn a_secret_may_be_elsewhere() {
    let home = Home::new();
    ok(&home, &add("a", &["--secret-env", "CAPTURE_SECRET"]));
    ok(
        &home,
        &add(
            "b",
            &[
                "--set-read-only",
                "true",
                "--secret-command",
                "printf",
                "%s",
                SECRET,
            ],
        ),
    );
    let file = home.path().join("mine.secret");
    fs::write(&file, SECRET).expect("writes");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("is ours");
    let output = fails(&home, &add("c", &["--secret-file", "mine.secret"]), 2);
    assert!(output.stderr.contains("chmod 600"), "{}", output.stderr);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("is ours");
    ok(&home, &add("c", &["--secret-file", "mine.secret"]));
    let text = fs::read_to_string(config(&home)).expect("is there");
    for line in [
        "secret_env = \"CAPTURE_SECRET\"",
        "secret_command = [\"printf\", \"%s\", \"hunter2-of-the-test\"]",
        "read_only = true",
        &format!("secret_file = \"{}\"", file.display()),
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(ok(&home, &["env", "list"]).contains("command printf"));
    let output = run(&home, &["config", "check"], "");
    assert_eq!(output.status, Some(1), "{}", output.stdout);
    assert!(
        output
            .stdout
            .contains("`a`: the environment variable CAPTURE_SECRET"),
        "{}",
        output.stdout
    );
    ok(&home, &["env", "use", "b"]);
    assert!(ok(&home, &["env", "show"]).starts_with("name       b\n"));
    fails(&home, &["env", "use", "nowhere"], 2);
}

#[test]
fn what_cannot_be_an_environment_is_refused_before_a_secret_is_asked_for() {
    let home = Home::new();
    for (args, words) in [
        (add("sandbox", &[]), "the sandbox inside captui"),
        (add("a b", &[]), "cannot be a name"),
        (add("a", &["--domain", "http://h"]), ""),
        (add("a", &["--features", "everything"]), ""),
        (add("a", &["--secret-env", "A", "--secret-file", "b"]), ""),
    ] {
        let output = run(&home, &args, "");
        assert_eq!(output.status, Some(2), "{args:?}: {}", output.stderr);
        assert!(output.stderr.contains(words), "{args:?}: {}", output.stderr);
    }
    let output = run(&home, &add("a", &[]), "");
    assert!(output.stderr.contains("it is empty"), "{}", output.stderr);
    assert!(!config(&home).exists());
}

#[test]
fn the_test_call_is_explained() {
    let servers_home = Home::new();
    let sandbox = Sandbox::start_with(&servers_home, &["--data", ":memory:"]);
    let home = Home::new();
    home.configure(&sandbox.url, &sandbox.client_id, &sandbox.client_secret, "");
    let told = ok(&home, &["env", "test", "service"]);
    assert!(
        told.starts_with("`service` (sandbox, http://127.0.0.1:") && told.contains("entity types"),
        "{told}"
    );
    let answer: Value =
        serde_json::from_str(&ok(&home, &["--json", "--env", "service", "env", "test"]))
            .expect("JSON");
    assert_eq!(answer["stat"], "ok");
    for (body, status, words) in [
        (
            r#"{"stat":"error","code":403,"error":"client_permission_error","error_description":"no"}"#,
            4,
            "only owners list entity types",
        ),
        (
            r#"{"stat":"error","code":402,"error":"invalid_client_credentials","error_description":"no"}"#,
            4,
            "check the client's id",
        ),
    ] {
        let server = FakeServer::start(Act::json(200, body));
        let home = Home::new();
        home.configure(&server.url, "client", "secret", "");
        let output = fails(&home, &["env", "test", "service"], status);
        assert!(output.stderr.contains(words), "{}", output.stderr);
    }
    let home = Home::new();
    home.configure("http://127.0.0.1:1", "client", "secret", "");
    let output = fails(&home, &["env", "test", "service"], 6);
    assert!(
        output.stderr.contains("check the domain"),
        "{}",
        output.stderr
    );
}

const TEAM: &str = "\
defaults:
  default_client: demo
clusters:
  dev:
    apid_uri: https://demo.us-dev.janraincapture.com
    client_id: of-the-cluster
    client_secret: secret-of-cluster
clients:
  demo:
    cluster: dev
    client_id: 0123
    client_secret: 0456
  live:
    apid_uri: https://live.janraincapture.com/
    client_id: live-id
    client_secret: secret-of-live
    timeout: 30
  old:
    apid_uri: http://old.example.com
    client_id: old-id
    client_secret: secret-of-old
  empty: {}
";

#[test]
fn clients_of_the_python_tools_are_taken_over() {
    let home = Home::new();
    let file = home.path().join(".janrain-capture");
    fs::write(&file, TEAM).expect("writes");
    let dry = run(&home, &["env", "import", "--dry-run"], "");
    assert_eq!(dry.status, Some(1), "{}", dry.stderr);
    assert!(!config(&home).exists() && dry.stderr.contains("nothing was written"));
    let output = run(&home, &["env", "import"], "");
    assert_eq!(output.status, Some(1), "{}", output.stderr);
    assert_eq!(output.stdout, dry.stdout);
    for line in [
        "clients.demo   demo   dev, https://demo.us-dev.janraincapture.com  added",
        "clients.live   live   prod, https://live.janraincapture.com        added      says nothing to captui: timeout",
        "clients.empty  empty                                               not taken  it has no apid_uri, client_id, client_secret",
        "clusters.dev   dev    dev, https://demo.us-dev.janraincapture.com  added",
    ] {
        assert!(
            output.stdout.contains(line),
            "{line}\nin\n{}",
            output.stdout
        );
    }
    assert!(output.stdout.contains("unencrypted"), "{}", output.stdout);
    for words in ["others may read the secrets", "captui env use demo"] {
        assert!(output.stderr.contains(words), "{}", output.stderr);
    }
    let secret = |name: &str| home.path().join(format!("config/captui/{name}.secret"));
    for (name, text) in [
        ("demo", "0456\n"),
        ("live", "secret-of-live\n"),
        ("dev", "secret-of-cluster\n"),
    ] {
        assert_eq!(fs::read_to_string(secret(name)).expect("is there"), text);
        assert_eq!(mode(&secret(name)), 0o600);
    }
    assert!(!secret("old").exists());
    let written = fs::read_to_string(config(&home)).expect("is there");
    assert!(!written.contains("secret-of"), "{written}");
    assert!(written.contains("client_id = \"0123\""), "{written}");
    let live: Value =
        serde_json::from_str(&ok(&home, &["env", "show", "live", "--json"])).expect("JSON");
    assert_eq!(
        (&live["auth"], &live["read_only"], &live["class"]),
        (&"signed".into(), &true.into(), &"prod".into())
    );
    // Nothing is written over without a yes.
    fs::write(&file, TEAM.replace("0456", "0789")).expect("writes");
    let output = run(&home, &["env", "import"], "");
    assert!(
        output
            .stdout
            .contains("not replaced  it is there; --replace"),
        "{}",
        output.stdout
    );
    assert_eq!(
        fs::read_to_string(secret("demo")).expect("is there"),
        "0456\n"
    );
    run(&home, &["env", "import", "--replace"], "");
    assert_eq!(
        fs::read_to_string(secret("demo")).expect("is there"),
        "0789\n"
    );
    let json = run(&home, &["--json", "env", "import", "--dry-run"], "");
    let json: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(json[0]["result"], "replaced");
    fs::write(&file, "clients:\n  a: {b: 'secret").expect("writes");
    let output = fails(&home, &["env", "import"], 2);
    assert!(
        output.stderr.contains("this is not YAML") && !output.stderr.contains("'secret"),
        "{}",
        output.stderr
    );
}

#[test]
fn an_imported_client_can_call() {
    let servers_home = Home::new();
    let sandbox = Sandbox::start_with(&servers_home, &["--data", ":memory:"]);
    let home = Home::new();
    let team = format!(
        "clients:\n  here:\n    apid_uri: {}\n    client_id: {}\n    client_secret: {}\n",
        sandbox.url, sandbox.client_id, sandbox.client_secret
    );
    fs::write(home.path().join("team.yaml"), team).expect("writes");
    ok(&home, &["env", "import", "team.yaml"]);
    ok(&home, &["env", "test", "here"]);
}

#[test]
fn a_first_configuration_says_what_holds_without_it() {
    let home = Home::new();
    let before = ok(&home, &["config", "show"]);
    ok(&home, &["config", "init"]);
    assert_eq!(mode(&config(&home)), 0o600);
    assert_eq!(ok(&home, &["config", "show"]), before);
    // What is shown can be read.
    fs::write(config(&home), &before).expect("writes");
    assert_eq!(ok(&home, &["config", "show"]), before);
    let output = fails(&home, &["config", "init"], 2);
    assert!(
        output.stderr.contains("it is there already"),
        "{}",
        output.stderr
    );
    fs::write(config(&home), "tiemouts = 1").expect("writes");
    for args in [&["config", "check"][..], &["env", "use", "sandbox"]] {
        let output = fails(&home, args, 2);
        assert!(
            output.stderr.contains("did you mean `timeouts`?"),
            "{}",
            output.stderr
        );
    }
    let paths: Value =
        serde_json::from_str(&ok(&home, &["--json", "config", "path"])).expect("JSON");
    assert_eq!(paths["exists"], true);
}
