//! Planted values: a secret, a password and an e-mail address go through the real program, in its terminal and by its
//! commands, and then every file below the home is searched for them, in every form in which they could be written.
//!
//! Secrets and passwords are in no file but the one that the user keeps them in. An e-mail address is the record's data: it
//! is in the history, in drafts and in the sandbox, and nowhere else.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustix::process::Signal;

use crate::support::Home;
use crate::support::command::Sandbox;
use crate::support::command::run;
use crate::support::fake::Act;
use crate::support::fake::FakeServer;
use crate::support::pty::Terminal;

/// A password, with characters that every way of writing writes otherwise.
const PASSWORD: &str = r#"Pw-7c4e"q&z 9ü"#;
/// A password that is only letters and digits, to be typed.
const TYPED: &str = "Pw5e1cb0typed";
const EMAIL: &str = "planted.7f3a@example.com";
/// The secret of somebody's pasted call.
const PASTED: &str = "Sec0aa61pasted";

/// The forms in which a value could stand in a file.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let percent: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let escaped = |text: &str| {
        let quoted = serde_json::to_string(text).expect("is text");
        quoted[1..quoted.len() - 1].to_owned()
    };
    let ascii: String = value
        .chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                format!("\\u{:04x}", u32::from(c))
            }
        })
        .collect();
    let mut forms = vec![
        value.to_owned(),
        percent.replace('+', "%20"),
        percent,
        escaped(&escaped(value)),
        escaped(value),
        escaped(&ascii),
    ];
    // Base64, wherever the value begins in what is coded.
    for before in 0..3 {
        let mut bytes = vec![b' '; before];
        bytes.extend(value.as_bytes());
        let coded = STANDARD_NO_PAD.encode(&bytes);
        forms.push(coded[(before * 8).div_ceil(6)..bytes.len() * 8 / 6].to_owned());
    }
    forms.sort();
    forms.dedup();
    forms.into_iter().map(String::into_bytes).collect()
}

/// The files of the home that hold a value in any form, by their paths in it.
fn files_with(home: &Home, value: &str) -> Vec<String> {
    let forms = forms(value);
    let holds = |path: &Path| {
        let bytes = Home::contents(path);
        forms
            .iter()
            .any(|form| memchr::memmem::find(&bytes, form).is_some())
    };
    let files = home.everything().into_iter();
    let files = files.filter(|path| path.is_file() && holds(path));
    let inside = files.map(|path| {
        let path = path.strip_prefix(home.path()).expect("is in it");
        Home::whole(&path.to_string_lossy()).to_owned()
    });
    let mut inside: Vec<String> = inside.collect();
    inside.sort();
    inside.dedup();
    inside
}

fn edit(terminal: &mut Terminal, field: &str, text: &str) {
    terminal.send(&format!("/{field}<enter>"));
    terminal.wait_for(&format!("/ {field}  Esc shows all"));
    terminal.send("<enter>");
    terminal.wait_for(&format!("EDIT {field}"));
    terminal.send(text);
    terminal.send("<esc>");
    terminal.wait_for(" NAV ");
    terminal.send("<esc>");
    terminal.wait_until("all fields", |screen| !screen.contains("Esc shows all"));
}

/// Presses keys, and lets the screen come to rest after each of them.
fn steps(terminal: &mut Terminal, keys: &[&str]) {
    for keys in keys {
        terminal.send(keys);
        terminal.settle();
    }
}

/// What a user of the explorer may do with a secret: type it, paste it, send it, look at it, write it into JSON, ask for it
/// in a filter, and crash with all that on the screen.
fn explore(home: &Home, args: &[&str], secret: &str) {
    let pair = STANDARD.encode(format!("the-client:{PASTED}"));
    let variables = [
        ("CAPTUI_TEST_PANIC_KEY", "1"),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "full"),
    ];
    let terminal = &mut Terminal::captui_with(home, args, &variables, 40, 130);
    terminal.wait_for(" 3 types ");
    terminal.send("1<enter>");
    terminal.wait_for("givenName");
    edit(terminal, "email", EMAIL);
    edit(terminal, "password", TYPED);
    terminal.send("<f5>");
    terminal.wait_for("created as");
    // What goes over the wire, and the command for it.
    steps(
        terminal,
        &[
            "w",
            "w",
            "v",
            "<enter>",
            "<end>\"password\": \"",
            TYPED,
            "<esc>",
            "v",
            "N",
        ],
    );
    // A call with everything in it; then the same in a filter.
    steps(terminal, &["1"]);
    terminal.paste(&format!(
        "curl -H 'Authorization: Basic {pair}' https://app.example.com/entity.create -d client_secret={PASTED} \
         --data-urlencode type_name=user --data-urlencode 'attributes={{\"email\":\"{EMAIL}\",\"password\":\"{TYPED}\"}}'"
    ));
    terminal.wait_for("Pasted a call");
    let filter = format!("password = '{TYPED}'<enter>");
    steps(terminal, &["o", "<esc>", "gf", "/", &filter]);
    let raw = String::from_utf8_lossy(terminal.raw()).into_owned();
    assert!(!raw.contains(secret), "the client's secret is on no screen");
    steps(terminal, &["<esc>", "4", "<f12>"]);
    terminal.wait_for_end();
}

#[test]
fn planted_values_are_in_no_file() {
    let servers_home = Home::new();
    let sandbox = Sandbox::start_with(&servers_home, &["--data", ":memory:"]);
    let home = Home::new();
    let secret = sandbox.client_secret.clone();
    home.configure(&sandbox.url, &sandbox.client_id, &secret, "");
    explore(
        &home,
        &["--env", "service", "--record", "one.ndjson"],
        &secret,
    );
    let attributes = serde_json::json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    for args in [
        &[
            "record",
            "create",
            "user",
            "--attributes",
            &attributes,
            "--include-record",
        ][..],
        &["record", "create", "user", "--attributes", &attributes],
        &[
            "record",
            "find",
            "user",
            "--filter",
            &format!("password = '{TYPED}' and email = '{EMAIL}'"),
        ],
        &[
            "call",
            "entity.find",
            "type_name=user",
            &format!("filter=email='{EMAIL}'"),
        ],
        &[
            "call",
            "entity.create",
            "type_name=nosuch",
            &format!("attributes={attributes}"),
        ],
    ] {
        let output = run(&home, &[&["--env", "service"], args].concat(), "");
        for value in [&secret, PASSWORD, TYPED] {
            assert!(
                !output.stdout.contains(value),
                "{args:?}: {}",
                output.stdout
            );
            assert!(
                !output.stderr.contains(value),
                "{args:?}: {}",
                output.stderr
            );
        }
    }
    assert_eq!(files_with(&home, &secret), ["config/captui/service.secret"]);
    for value in [PASSWORD, TYPED, PASTED] {
        assert_eq!(files_with(&home, value), [""; 0], "{value}");
    }
    let data = files_with(&home, EMAIL);
    assert!(
        data.contains(&"state/captui/history.db".to_owned()),
        "{data:?}"
    );
    for path in data {
        let is_data =
            path.starts_with("state/captui/history.db") || path.starts_with("state/captui/drafts/");
        assert!(is_data, "{path}");
    }
    // What was looked for is where it was looked for.
    let text = fs::read_to_string(home.path().join("one.ndjson")).expect("was recorded");
    assert!(
        text.contains("entity.create") && text.contains("panicked"),
        "{text}"
    );
}

#[test]
fn a_service_that_repeats_what_it_was_told_puts_nothing_into_files() {
    let schema = r#"{"schema":{"name":"user_test","attr_defs":[{"name":"email","type":"string"},{"name":"givenName","type":"string"},{"name":"password","type":"password-bcrypt"}]},"stat":"ok"}"#;
    let server = FakeServer::choosing(move |request| {
        let is = |operation: &str| request.starts_with(&format!("post /{operation} "));
        if is("entitytype.list") {
            return Act::json(200, r#"{"results":["user_test"],"stat":"ok"}"#);
        }
        if is("entitytype") {
            return Act::json(200, schema);
        }
        // As a proxy does that shows the request, a debugging service, and one that finds fault with a value.
        let (head, body) = request.split_once("\r\n\r\n").unwrap_or_default();
        let form: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        let echo = serde_json::json!({
            "stat": "error", "code": 200, "error": "invalid_argument", "request_id": "abcdefgh12345678",
            "error_description": format!("cannot take {form:?}, sent as {body}"), "echo": head,
        });
        Act::json(200, &echo.to_string())
    });
    let home = Home::new();
    let secret = "S3cr-e1f9a7-planted";
    home.configure(&server.url, "the-client", secret, "auth = \"params\"\n");
    let attributes = format!(r#"{{"email":"{EMAIL}","password":"{TYPED}"}}"#);
    for args in [
        &[
            "record",
            "create",
            "user_test",
            "--no-check",
            "--attributes",
            &attributes,
        ][..],
        &[
            "call",
            "entity.create",
            "type_name=user_test",
            &format!("attributes={attributes}"),
        ],
    ] {
        run(&home, &[&["--env", "service"], args].concat(), "");
    }
    let mut terminal = Terminal::captui(
        &home,
        &["--env", "service", "--record", "echo.ndjson"],
        40,
        130,
    );
    terminal.wait_for(" 1 type ");
    terminal.send("<enter>");
    terminal.wait_for("givenName");
    edit(&mut terminal, "password", TYPED);
    terminal.send("<f5>");
    terminal.wait_for("ERROR 200");
    terminal.settle();
    terminal.signal(Signal::TERM);
    terminal.wait_for_end();
    assert_eq!(files_with(&home, secret), ["config/captui/service.secret"]);
    assert_eq!(files_with(&home, TYPED), [""; 0]);
}
