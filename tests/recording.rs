//! Recordings of the real program: made in a terminal, played back to the same screens, without what is nobody's business.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;

use captui::capture::redact::personal::shape_of;
use rustix::process::Signal;

use crate::support::Home;
use crate::support::pty::Terminal;
use crate::tui::replays::play;
use crate::tui::replays::screen;

const ROWS: u16 = 30;
const COLUMNS: u16 = 110;

/// What no recording may hold.
const PASSWORD: &str = "canary-55c1d0";
const SECRET: &str = "canary-0e77aa";
const EMAIL: &str = "ada.canary@example.com";
const NAME: &str = "Adalberta";

/// The real program, recorded in a file of its home.
fn recorded(home: &Home) -> (Terminal, PathBuf) {
    let file = home.path().join("session.ndjson");
    let args = ["--record", "session.ndjson"];
    let mut terminal = Terminal::captui(home, &args, ROWS, COLUMNS);
    terminal.wait_for("user_test");
    (terminal, file)
}

fn leave(terminal: &mut Terminal) {
    terminal.signal(Signal::TERM);
    terminal.wait_for_end();
    assert!(terminal.terminal_restored());
}

/// The last screen of a recording is the one the terminal showed, but for the mask; nothing of what is masked is in it.
fn assert_same_and_silent(file: &Path, shown: &str) {
    let text = fs::read_to_string(file).expect("was recorded");
    for secret in [PASSWORD, SECRET, EMAIL, "ada.canary", NAME] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let mode = fs::metadata(file).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (replay, why) = play(&text);
    assert_eq!(why, "the recording ends here");
    // What is personal is seen in its shape.
    let trimmed = |text: &str| {
        let shape: String = text.chars().map(shape_of).collect();
        let lines = shape.lines().map(str::trim_end).collect::<Vec<_>>();
        lines.join("\n").trim_end().to_owned()
    };
    // A password that is typed into JSON is seen while one types.
    let shown = shown.replace(PASSWORD, &"•".repeat(PASSWORD.len()));
    assert_eq!(trimmed(&screen(&replay)), trimmed(&shown));
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

/// A record is made and made again; the error leads to the field.
fn create_twice(terminal: &mut Terminal) {
    terminal.send("<enter>");
    terminal.wait_for("givenName");
    edit(terminal, "givenName", NAME);
    edit(terminal, "email", EMAIL);
    edit(terminal, "password", PASSWORD);
    terminal.send("<f5>");
    terminal.wait_for("created as");
    terminal.send("2");
    terminal.wait_for("┏━ 2 Form");
    terminal.send("C");
    terminal.wait_for("a new record with the same values");
    terminal.send("<f5>");
    terminal.wait_for("ERROR 361 unique_violation");
    terminal.send("3");
    terminal.wait_for("(o goes to it)");
    terminal.send("o");
    terminal.wait_for("✗ email");
}

/// A call with its credentials is pasted and opened, then looked at as JSON, where a password is typed.
fn paste_and_write_json(terminal: &mut Terminal) {
    let pair = base64(&format!("the-client:{SECRET}"));
    let call = format!(
        "curl -H 'Authorization: Basic {pair}' 'https://app.example.com/entity.create' \
         --data-urlencode type_name=user --data-urlencode 'attributes={{\"givenName\":\"{NAME}\",\
         \"email\":\"{EMAIL}\",\"password\":\"{PASSWORD}\"}}' -d client_secret={SECRET}"
    );
    terminal.send("<enter>");
    terminal.wait_for("givenName");
    terminal.paste(&call);
    terminal.wait_for("curl");
    terminal.send("<enter>");
    terminal.wait_for("the form holds what was pasted");
    terminal.send("v");
    terminal.wait_for("\"givenName\"");
    terminal.send("<enter>");
    terminal.wait_for(" EDIT ");
    terminal.send("<end>\"password\": \"");
    terminal.send(PASSWORD);
    terminal.wait_for(PASSWORD);
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// Records are looked for, and an exchange of before is opened.
fn find_and_look_back(terminal: &mut Terminal) {
    terminal.send("<enter>");
    terminal.wait_for("givenName");
    terminal.send("gf");
    terminal.wait_for("F5 sends");
    terminal.send("/");
    terminal.wait_for("FILTER");
    terminal.send("givenName = 'Bob' and email != '");
    terminal.send(EMAIL);
    terminal.send("'<enter>");
    terminal.wait_for("Smith");
    terminal.send("4");
    terminal.wait_for("┏━ 4 History");
    // The history hears of a call a little later than the screen.
    terminal.wait_for("entity.find user");
    terminal.send("<home><enter>");
    terminal.wait_for("3 Response · entity.find");
}

#[test]
fn a_recorded_session_is_played_back_to_the_same_screen() {
    type Session = fn(&mut Terminal);
    let sessions: [Session; 3] = [create_twice, paste_and_write_json, find_and_look_back];
    for session in sessions {
        let home = Home::new();
        let (mut terminal, file) = recorded(&home);
        session(&mut terminal);
        // A draft that waits for the disk would change the screen after the last look at it.
        terminal.wait_until("drafts to be kept", |screen| !screen.contains(" draft ━"));
        terminal.settle();
        let shown = terminal.contents();
        leave(&mut terminal);
        assert_same_and_silent(&file, &shown);
    }
}

#[test]
fn a_panic_names_the_recording_that_led_to_it() {
    let home = Home::new();
    let variables = [("CAPTUI_TEST_PANIC_KEY", "1")];
    let args = ["--record", "session.ndjson"];
    let mut terminal = Terminal::captui_with(&home, &args, &variables, ROWS, COLUMNS);
    terminal.wait_for("user_test");
    terminal.send("<down><f12>");
    assert_eq!(terminal.wait_for_end().exit_code(), 101);
    assert!(terminal.terminal_restored());
    let raw = String::from_utf8_lossy(terminal.raw()).into_owned();
    let told = "what led to this is in the recording session.ndjson";
    assert!(raw.contains(told), "{raw}");
    let text = fs::read_to_string(home.path().join("session.ndjson")).expect("was recorded");
    assert!(text.ends_with('\n'), "whole lines");
    let (_, why) = play(&text);
    assert!(
        why.contains("captui panicked here, at src/tui/update.rs"),
        "{why}"
    );
}

#[test]
fn a_kill_loses_no_line_and_a_replay_needs_nothing_but_the_file() {
    let home = Home::new();
    let (mut terminal, file) = recorded(&home);
    terminal.send("<enter>");
    terminal.wait_for("givenName");
    terminal.settle();
    terminal.signal(Signal::KILL);
    terminal.wait_for_end();
    let text = fs::read_to_string(&file).expect("was recorded");
    assert!(text.ends_with('\n'), "whole lines");

    // It is never written over.
    let mut again = Terminal::captui(&home, &["--record", "session.ndjson"], ROWS, COLUMNS);
    assert_eq!(again.wait_for_end().exit_code(), 2);
    assert!(
        again.contents().contains("cannot be begun"),
        "{}",
        again.contents()
    );
    assert_eq!(fs::read_to_string(&file).ok(), Some(text));

    let elsewhere = Home::new();
    let file = file.to_string_lossy().into_owned();
    let play = ["--replay", file.as_str()];
    let mut terminal = Terminal::captui(&elsewhere, &play, ROWS + 1, COLUMNS);
    terminal.wait_for("space next");
    terminal.send_until("<space>", "givenName");
    terminal.send_until("<space>", "the recording ends here");
    terminal.send("<c-c>");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    assert!(terminal.terminal_restored());
    let fast = [&play[..], &["--speed", "100"]].concat();
    let mut terminal = Terminal::captui(&elsewhere, &fast, ROWS, COLUMNS);
    terminal.wait_for("the recording ends here");
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    // Neither store nor history was opened.
    let files = elsewhere.everything();
    assert_eq!(files, [elsewhere.path()]);
}
