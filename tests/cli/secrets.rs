//! Secrets go where they must and nowhere else, and what is kept is for its owner alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::Home;
use crate::support::command::Output;
use crate::support::command::Sandbox;
use crate::support::command::run;

/// Whether a file holds `text`.
fn holds(file: &Path, text: &str) -> bool {
    let bytes = Home::contents(file);
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// The files of the home that hold `text`.
fn files_with(home: &Home, text: &str) -> Vec<String> {
    let files = home.everything().into_iter();
    let files = files.filter(|path| path.is_file() && holds(path, text));
    let mut names: Vec<String> = files
        .map(|path| {
            let name = path.file_name().expect("has a name").to_string_lossy();
            Home::whole(&name).to_owned()
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

fn assert_silent(output: &Output, secrets: &[&str]) {
    for secret in secrets {
        assert!(!output.stdout.contains(secret), "{}", output.stdout);
        assert!(!output.stderr.contains(secret), "{}", output.stderr);
    }
}

#[test]
fn a_clients_secret_stays_in_its_file() {
    let servers_home = Home::new();
    let sandbox = Sandbox::start_with(&servers_home, &["--data", ":memory:"]);
    let secret = sandbox.client_secret.as_str();
    let encoded = STANDARD.encode(format!("{}:{secret}", sandbox.client_id));
    for method in ["basic", "signed", "params"] {
        let home = Home::new();
        let settings = format!("auth = \"{method}\"\n");
        home.configure(&sandbox.url, &sandbox.client_id, secret, &settings);
        for (args, status) in [
            (&["type", "list"][..], 0),
            (
                &[
                    "record",
                    "create",
                    "user",
                    "givenName=Ada",
                    "--include-record",
                ],
                0,
            ),
            (&["record", "get", "user", "--id", "999999"], 5),
            (
                &[
                    "--json",
                    "call",
                    "entity.create",
                    "type_name=nosuch",
                    "attributes={}",
                ],
                5,
            ),
        ] {
            let output = run(&home, &[&["--env", "service"], args].concat(), "");
            assert_eq!(output.status, Some(status), "{method}: {}", output.stderr);
            assert_silent(&output, &[secret, &encoded]);
        }
        assert_eq!(files_with(&home, secret), ["service.secret"], "{method}");
        assert_eq!(files_with(&home, &encoded), [""; 0], "{method}");
        // What was looked for is where it is looked for.
        assert_eq!(
            files_with(&home, "entity.create"),
            ["history.db"],
            "{method}"
        );
    }
}

#[test]
fn a_password_is_kept_nowhere() {
    let home = Home::new();
    let password = "canary-3f9a1c";
    let attributes = format!(r#"{{"email":"canary@example.com","password":"{password}"}}"#);
    let create = ["record", "create", "user", "--attributes", &attributes];
    // Created with its record, refused the second time, refused before it is sent.
    for (more, status) in [(&["--include-record"][..], 0), (&[], 7)] {
        let output = run(&home, &[&create[..], more].concat(), "");
        assert_eq!(output.status, Some(status), "{}", output.stderr);
        assert_silent(&output, &[password]);
    }
    let broken = format!(r#"{{"password":["{password}"],"birthday":"{password}x"}}"#);
    let output = run(
        &home,
        &["record", "create", "user", "--attributes", &broken],
        "",
    );
    assert_eq!(output.status, Some(2), "{}", output.stderr);
    assert_eq!(files_with(&home, password), [""; 0]);
    assert!(files_with(&home, "canary@example.com").contains(&"history.db".to_owned()));
}

#[test]
fn a_password_of_any_name_is_kept_nowhere_though_no_schema_is_asked_for() {
    let home = Home::new();
    let secret = "canary-77d1e0";
    let defs = r#"attr_defs=[{"name":"pin","type":"password-bcrypt"}]"#;
    let create = ["call", "entityType.create", "type_name=vault", defs];
    assert_eq!(run(&home, &create, "").status, Some(0));
    let whole = format!(r#"{{"pin":"{secret}"}}"#);
    let broken = format!(r#"{{"pin":"{secret}",}}"#);
    let usual = format!(r#"{{"password":"{secret}",}}"#);
    let argument = |name: &str, value: &str| format!("{name}={value}");
    for value in [&whole, &broken, &usual] {
        for (operation, name, value) in [
            ("entity.create", "attributes", value.clone()),
            ("entity.bulkCreate", "all_attributes", format!("[{value}]")),
        ] {
            let value = argument(name, &value);
            let output = run(&home, &["call", operation, "type_name=vault", &value], "");
            assert_silent(&output, &[secret]);
        }
        let create = ["record", "create", "vault", "--no-check", "--attributes"];
        assert_silent(
            &run(&home, &[&create[..], &[value]].concat(), ""),
            &[secret],
        );
    }
    let filter = argument("filter", &format!("password = '{secret}'"));
    run(
        &home,
        &["call", "entity.find", "type_name=user", &filter],
        "",
    );
    assert_eq!(files_with(&home, secret), [""; 0]);
    assert!(files_with(&home, "entity.bulkCreate").contains(&"history.db".to_owned()));
}

#[test]
fn what_is_kept_is_for_its_owner_alone() {
    let home = Home::new();
    assert_eq!(
        run(&home, &["record", "create", "user", "givenName=Ada"], "").status,
        Some(0)
    );
    let mut names = Vec::new();
    for path in home.everything() {
        if path == home.path() {
            continue;
        }
        let metadata = fs::metadata(&path).expect("is ours");
        let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
        let mode = metadata.permissions().mode() & 0o777;
        assert_eq!(mode, expected, "{} is {mode:o}", path.display());
        names.push(
            path.file_name()
                .expect("has a name")
                .to_string_lossy()
                .into_owned(),
        );
    }
    assert!(names.contains(&"history.db".to_owned()), "{names:?}");
}

#[test]
fn a_secret_that_others_may_read_is_not_used() {
    let servers_home = Home::new();
    let sandbox = Sandbox::start_with(&servers_home, &["--data", ":memory:"]);
    let home = Home::new();
    home.configure(&sandbox.url, &sandbox.client_id, &sandbox.client_secret, "");
    let file = home.path().join("config/captui/service.secret");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("is ours");
    let output = run(&home, &["--env", "service", "type", "list"], "");
    assert_eq!(output.status, Some(2), "{}", output.stderr);
    assert!(output.stderr.contains("chmod 600"), "{}", output.stderr);
    assert_silent(&output, &[&sandbox.client_secret]);
}
