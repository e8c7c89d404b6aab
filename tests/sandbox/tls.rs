//! `captui sandbox serve --tls`: the binary over HTTPS, its authority from start to start, and what it does not do.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;
use crate::support::command::Sandbox;
use crate::support::command::captui;
use crate::support::command::finish;
use crate::support::command::run;
use crate::support::http::Connection;

const APP: &str = "my-app.janraincapture.com";

fn start(home: &Home, args: &[&str]) -> Sandbox {
    Sandbox::start_with(home, &[&["--tls", "--host-name", APP], args].concat())
}

fn ca_file(sandbox: &Sandbox) -> PathBuf {
    let file = sandbox.ca_file.clone();
    file.expect("it says where its authority's certificate is")
}

/// Whether a client that trusts `ca_file` can count users at the server under this name.
fn counts(sandbox: &Sandbox, name: &str, ca_file: &Path) -> io::Result<()> {
    let mut connection = Connection::open_tls(&sandbox.url, name, ca_file)?;
    for _ in 0..2 {
        let arguments = [("type_name", "user")];
        let answer = sandbox.call_over(&mut connection, "entity.count", &arguments)?;
        assert_eq!(answer.json()["stat"], "ok", "{answer:?}");
    }
    Ok(())
}

fn mode(path: &Path) -> u32 {
    let metadata = fs::metadata(path).expect("is there");
    metadata.permissions().mode() & 0o777
}

#[test]
fn one_authority_serves_from_start_to_start() {
    let home = Home::new();
    let sandbox = start(&home, &[]);
    assert!(sandbox.url.starts_with("https://127.0.0.1:"));
    let ca = ca_file(&sandbox);
    let kept = home.path().join("data/captui/sandbox/tls");
    assert_eq!(ca, kept.join("ca.pem"));
    assert_eq!(mode(&kept), 0o700);
    assert_eq!(mode(&kept.join("ca.key")), 0o600);
    for name in [APP, "localhost", "127.0.0.1"] {
        counts(&sandbox, name, &ca).expect(name);
    }
    counts(&sandbox, "other.janraincapture.com", &ca).expect_err("is not its name");
    let status = ok(&home, &["sandbox", "status"]);
    assert!(status.contains(&sandbox.url), "{status}");
    assert_eq!(sandbox.terminate(), Some(0));

    let before = fs::read_to_string(&ca).expect("is there");
    // Another server on the same data, without the name.
    let sandbox = Sandbox::start_with(&home, &["--tls"]);
    assert_eq!(fs::read_to_string(&ca).expect("is there"), before);
    counts(&sandbox, "localhost", &ca).expect("is known");
    counts(&sandbox, APP, &ca).expect_err("is not its name any more");
}

#[test]
fn this_programs_own_client_needs_the_authority_and_says_so() {
    let home = Home::new();
    let sandbox = start(&home, &[]);
    home.configure(&sandbox.url, &sandbox.client_id, &sandbox.client_secret, "");
    let command = ["type", "list", "--env", "service"];
    let failed = fails(&home, &command, 6).stderr;
    assert!(failed.contains("UnknownIssuer") && failed.contains("SSL_CERT_FILE"));
    let mut knowing = captui(&home);
    knowing
        .args(command)
        .env("SSL_CERT_FILE", ca_file(&sandbox));
    let output = finish(knowing, "");
    assert_eq!(output.status, Some(0), "{output:?}");
    // Where its time went is kept, TLS apart from connecting; an address needs no resolving.
    let export = ["history", "export", "--env", "service", "--format", "json"];
    let kept: Value = serde_json::from_str(&ok(&home, &export)).expect("JSON");
    let spans = kept[0]["timing"]["spans"].as_array().expect("is told");
    let phases: Vec<&str> = spans.iter().filter_map(|span| span[0].as_str()).collect();
    assert_eq!(phases, ["connect", "tls", "wait", "read"]);
    // The sandbox speaks HTTPS and nothing else.
    let plain = sandbox.url.replace("https://", "http://");
    home.configure(&plain, &sandbox.client_id, &sandbox.client_secret, "");
    let failed = fails(&home, &command, 3).stderr;
    assert!(failed.contains("HTTPS only"), "{failed}");
}

#[test]
fn what_is_kept_nowhere_needs_a_file_for_its_certificate() {
    let home = Home::new();
    let memory = ["--data", ":memory:"];
    let serve = ["sandbox", "serve", "--tls", "--data", ":memory:"];
    let failed = fails(&home, &serve, 2).stderr;
    assert!(failed.contains("--ca-file"), "{failed}");
    let file = home.path().join("ca.pem");
    let mut seen = Vec::new();
    for _ in 0..2 {
        let sandbox = start(&home, &[&memory[..], &["--ca-file", "ca.pem"]].concat());
        assert_eq!(ca_file(&sandbox), file);
        counts(&sandbox, APP, &file).expect("is known");
        seen.push(fs::read(&file).expect("is there"));
    }
    assert_ne!(seen[0], seen[1]);
    fs::write(&file, "mine").expect("can be written");
    let failed = fails(&home, &[&serve[..], &["--ca-file", "ca.pem"]].concat(), 2);
    assert!(failed.stderr.contains("not overwriting"), "{failed:?}");
    assert_eq!(fs::read(&file).expect("is there"), b"mine");
    assert_eq!(home.everything(), [home.path().to_owned(), file]);
}

#[test]
fn a_certificate_of_ones_own_is_used_as_it_is() {
    let home = Home::new();
    let pair = rcgen::generate_simple_self_signed([APP.to_owned()]).expect("is made");
    let certificate = home.path().join("cert.pem");
    fs::write(&certificate, pair.cert.pem()).expect("can be written");
    let key = home.path().join("key.pem");
    fs::write(&key, pair.signing_key.serialize_pem()).expect("can be written");
    let files = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];
    let memory = ["--data", ":memory:", "--host-name", APP];
    let sandbox = Sandbox::start_with(&home, &[files, memory].concat());
    assert_eq!(sandbox.ca_file, None);
    counts(&sandbox, APP, &certificate).expect("is known");
    counts(&sandbox, "localhost", &certificate).expect_err("is not in it");

    for (args, why) in [
        (&["--tls-cert", "cert.pem"][..], "--tls-key"),
        (
            &["--tls-cert", "cert.pem", "--tls-key", "cert.pem"],
            "private key",
        ),
        (
            &["--tls-cert", "none.pem", "--tls-key", "key.pem"],
            "cannot read",
        ),
        (&["--ca-file", "ca.pem"], "--tls"),
        (&["--host-name", "https://a.example"], "host alone"),
        (&["--host-name", "*.janraincapture.com"], "each host"),
    ] {
        let args = [&["sandbox", "serve", "--data", ":memory:"], args].concat();
        let failed = run(&home, &args, "");
        assert_eq!(failed.status, Some(2), "{args:?}");
        assert!(failed.stderr.contains(why), "{args:?}: {failed:?}");
    }
}

#[test]
fn a_spoilt_authority_is_named_with_the_way_out() {
    let home = Home::new();
    assert_eq!(start(&home, &[]).terminate(), Some(0));
    let kept = home.path().join("data/captui/sandbox/tls");
    fs::write(kept.join("ca.key"), "spoilt").expect("can be written");
    let failed = fails(&home, &["sandbox", "serve", "--tls"], 2).stderr;
    let remove = format!("remove {}", kept.display());
    assert!(failed.contains(&remove), "{failed}");
    fs::remove_dir_all(&kept).expect("is there");
    let sandbox = start(&home, &[]);
    counts(&sandbox, APP, &ca_file(&sandbox)).expect("is made anew");
}
