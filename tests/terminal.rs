//! The real program in a terminal: what a new user does, every way out, and what must never reach the screen.

use std::fs;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::Home;
use crate::support::command::run;
use crate::support::fake::Act;
use crate::support::fake::FakeServer;
use crate::support::pty::DEADLINE;
use crate::support::pty::Terminal;

/// The explorer on a screen of the usual size, with its entity types.
fn explorer(home: &Home) -> Terminal {
    let mut terminal = Terminal::captui(home, &[], 24, 80);
    terminal.wait_for("user_test");
    terminal
}

/// The explorer with the form of `user`, the first of its entity types.
fn user_form(home: &Home) -> Terminal {
    let mut terminal = explorer(home);
    terminal.send("<enter>");
    terminal.wait_for("2 Form · user (new)");
    terminal.wait_for("givenName");
    terminal
}

/// Types a value into the field, the only or first one whose name begins so.
fn fill(terminal: &mut Terminal, field: &str, value: &str) {
    edit(terminal, field);
    terminal.send(value);
    terminal.wait_for(value);
    stop_editing(terminal);
    show_all(terminal);
    terminal.wait_for(value);
}

/// Goes to a field by the filter and begins to edit it.
fn edit(terminal: &mut Terminal, field: &str) {
    filter(terminal, field);
    terminal.send("<enter>");
    terminal.wait_for(&format!("EDIT {field}"));
}

fn filter(terminal: &mut Terminal, field: &str) {
    terminal.send(&format!("/{field}<enter>"));
    terminal.wait_for(&format!("/ {field}  Esc shows all"));
}

fn show_all(terminal: &mut Terminal) {
    terminal.send("<esc>");
    terminal.wait_until("all fields", |screen| !screen.contains("Esc shows all"));
}

fn stop_editing(terminal: &mut Terminal) {
    terminal.send("<esc>");
    terminal.wait_for(" NAV ");
}

/// Leaves; what the form holds is kept, so that nothing is asked.
fn leave(terminal: &mut Terminal) {
    terminal.send("q");
    ended(terminal, 0);
}

/// The texts of all drafts.
fn drafts(home: &Home) -> String {
    let folder = home.path().join("state/captui/drafts");
    let Ok(entries) = fs::read_dir(folder) else {
        return String::new();
    };
    let paths = entries.map(|entry| entry.expect("can be listed").path());
    let drafts = paths.filter(|path| path.extension().is_some_and(|end| end == "json"));
    // One may be on its way to its place, or from it.
    drafts
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect()
}

/// Waits until a draft holds this text.
fn wait_for_draft(home: &Home, text: &str) {
    let deadline = Instant::now() + DEADLINE;
    while !drafts(home).contains(text) {
        assert!(
            Instant::now() < deadline,
            "no draft with {text}: {}",
            drafts(home)
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The program ends with this status, and the terminal is as before.
fn ended(terminal: &mut Terminal, status: u32) {
    let ended = terminal.wait_for_end();
    assert_eq!(ended.exit_code(), status, "{}", terminal.contents());
    assert!(terminal.terminal_restored());
    assert!(terminal.gives_lines());
}

fn raw_has(terminal: &Terminal, bytes: &[u8]) -> bool {
    terminal
        .raw()
        .windows(bytes.len())
        .any(|window| window == bytes)
}

#[test]
fn a_new_user_creates_a_record_and_is_led_to_what_is_wrong() {
    let home = Home::new();
    let mut terminal = user_form(&home);
    fill(&mut terminal, "givenName", "Ada");
    fill(&mut terminal, "familyName", "Lovelace");
    fill(&mut terminal, "email", "ada@example.com");
    filter(&mut terminal, "statuses");
    terminal.send("a");
    terminal.wait_for("EDIT status");
    terminal.send("Computing");
    terminal.wait_for("Computing");
    stop_editing(&mut terminal);
    show_all(&mut terminal);

    terminal.send("<f5>");
    terminal.wait_for("✓ ok  id ");
    terminal.send("3");
    terminal.wait_for("\"stat\": \"ok\"");
    let answer = terminal.contents();
    let id: u64 = value_after(&answer, "\"id\": ").parse().expect("an id");
    let uuid = value_after(&answer, "\"uuid\": ").replace('"', "");
    let record = stored(&home, id);
    assert_eq!(record["uuid"], uuid.as_str());
    assert_eq!(record["email"], "ada@example.com");
    assert_eq!(record["statuses"][0]["status"], "Computing");
    assert_eq!(as_given(record), as_given(created_by_command()));

    // The same again: the e-mail is taken, and `o` leads to it from wherever the cursor was.
    terminal.send("2C<end><f5>");
    terminal.wait_for("ERROR 361 unique_violation");
    terminal.send("3");
    terminal.wait_for("(o goes to it)");
    terminal.wait_for("\"stat\": \"error\"");
    terminal.send("o");
    terminal.wait_for("✗ email");
    terminal.send("<enter>");
    terminal.wait_for("EDIT email");
    terminal.send("<backspace><backspace><backspace>org");
    terminal.wait_for("ada@example.org");
    stop_editing(&mut terminal);
    terminal.wait_until("the problem to go", |screen| !screen.contains("✗ email"));

    // A day that never was is named before anything is sent, and is not sent.
    let calls_before = calls(&home);
    edit(&mut terminal, "birthday");
    terminal.send("1985-02-29<enter>");
    terminal.wait_for("1985 is not a leap year: February has 28 days");
    terminal.send("<f5>");
    terminal.wait_for("not sent: 1 problem");
    assert_eq!(calls(&home), calls_before);
    show_all(&mut terminal);
    edit(&mut terminal, "birthday");
    terminal.send("<backspace>8");
    terminal.wait_for("1985-02-28");
    stop_editing(&mut terminal);
    terminal.send("<f5>");
    terminal.wait_for("✓ ok  id ");
    terminal.send("3");
    terminal.wait_for("\"stat\": \"ok\"");
    let second: u64 = value_after(&terminal.contents(), "\"id\": ")
        .parse()
        .expect("an id");
    assert_eq!(stored(&home, second)["birthday"], "1985-02-28");
    terminal.send("q");
    ended(&mut terminal, 0);
}

/// What follows `key` on its line of the screen, up to the next space.
fn value_after(screen: &str, key: &str) -> String {
    let (_, rest) = screen.split_once(key).expect("the key is on the screen");
    rest.split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The record as the command line prints it.
fn stored(home: &Home, id: u64) -> Value {
    let output = run(
        home,
        &["record", "get", "user", "--id", &id.to_string()],
        "",
    );
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    serde_json::from_str(&output.stdout).expect("prints JSON")
}

/// The record that the same choices give when they are made with a command, in a sandbox of its own.
fn created_by_command() -> Value {
    let home = Home::new();
    let attributes = r#"{"givenName":"Ada","familyName":"Lovelace","email":"ada@example.com","statuses":[{"status":"Computing"}]}"#;
    let create = ["record", "create", "user", "--attributes", attributes];
    let output = run(&home, &[&create[..], &["--include-record"]].concat(), "");
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    serde_json::from_str(&output.stdout).expect("prints JSON")
}

/// The record without what the service gives anew each time.
fn as_given(mut record: Value) -> Value {
    for name in ["id", "uuid", "created", "lastUpdated"] {
        assert!(!record[name].take().is_null(), "no {name} in {record}");
    }
    for element in record["statuses"].as_array_mut().expect("is a plural") {
        assert!(!element["id"].take().is_null());
    }
    record
}

/// How many creations the history has.
fn calls(home: &Home) -> i64 {
    let file = home.path().join("state/captui/history.db");
    let history = rusqlite::Connection::open(file).expect("there is a history");
    let count = "SELECT count(*) FROM exchange WHERE endpoint = 'entity.create'";
    let mut count = history.prepare(count).expect("has exchanges");
    count.query_row([], |row| row.get(0)).expect("counts")
}

/// An editor that is a shell script, which gets the file as `$1`.
fn editor(home: &Home, script: &str) -> String {
    let path = home.path().join("editor.sh");
    fs::write(&path, script).expect("can be written");
    format!("sh {}", path.display())
}

#[test]
fn an_editor_gets_the_terminal_and_the_draft_and_gives_both_back() {
    let home = Home::new();
    // It shows that the terminal is its own: a line is read from it, as typed.
    let script = r#"
        ls -l "$1" | cut -c1-10; dirname "$1" | xargs ls -ld | cut -c1-10
        printf 'say: '; read -r word
        sed -i "s/ada@example.com/$word@example.org/" "$1"
        dirname "$1" > "$HOME/folder"
    "#;
    let command = editor(&home, script);
    let variables = [("VISUAL", ""), ("EDITOR", command.as_str())];
    let mut terminal = Terminal::captui_with(&home, &[], &variables, 24, 80);
    terminal.wait_for("user_test");
    terminal.send("<enter>");
    terminal.wait_for("givenName");
    fill(&mut terminal, "email", "ada@example.com");
    terminal.send("E");
    terminal.wait_for("say: ");
    assert!(
        terminal.contents().contains("-rw-------"),
        "{}",
        terminal.contents()
    );
    assert!(
        terminal.contents().contains("drwx------"),
        "{}",
        terminal.contents()
    );
    assert!(
        !terminal.contents().contains("2 Form"),
        "{}",
        terminal.contents()
    );
    terminal.send("grace<enter>");
    terminal.wait_for("taken over from the editor: u takes it back");
    terminal.wait_for("grace@example.org");
    let folder = fs::read_to_string(home.path().join("folder")).expect("was run");
    assert!(!Path::new(folder.trim()).exists(), "{folder} is gone");
    terminal.send("u");
    terminal.wait_for("ada@example.com");
    leave(&mut terminal);
}

#[test]
fn an_editor_that_fails_changes_nothing() {
    for (script, reason) in [
        ("echo '{' > \"$1\"; exit 7", "ended with status 7"),
        ("kill -9 $$", "ended with status 137"),
    ] {
        let home = Home::new();
        let command = editor(&home, script);
        let mut terminal =
            Terminal::captui_with(&home, &[], &[("VISUAL", command.as_str())], 24, 100);
        terminal.wait_for("user_test");
        terminal.send("<enter>");
        terminal.wait_for("givenName");
        terminal.send("E");
        terminal.wait_for(reason);
        terminal.send("q");
        ended(&mut terminal, 0);
    }
    let home = Home::new();
    let missing = [("EDITOR", "no-such-editor-here --wait")];
    let mut terminal = Terminal::captui_with(&home, &[], &missing, 24, 120);
    terminal.wait_for("user_test");
    terminal.send("<enter>");
    terminal.wait_for("givenName");
    terminal.send("E");
    terminal.wait_for("there is no editor");
    terminal.send("q");
    ended(&mut terminal, 0);
}

#[test]
fn every_usual_size_is_filled_at_once() {
    for (rows, columns) in [(24, 80), (40, 120), (50, 200)] {
        let home = Home::new();
        let mut terminal = Terminal::captui(&home, &[], rows, columns);
        terminal.wait_for("user_test");
        let screen = terminal.contents();
        let panes: &[&str] = if columns < 100 {
            &["1 Types", "2 Form", "3 Response"]
        } else {
            &["1 Types", "2 Form", "3 Response", "4 History"]
        };
        for pane in panes {
            assert!(
                screen.contains(pane),
                "{pane} at {columns}x{rows}:\n{screen}"
            );
        }
        let lines: Vec<&str> = screen.lines().collect();
        assert_eq!(lines.len(), usize::from(rows), "{screen}");
        for (line, start) in [(0, " ● SANDBOX"), (lines.len() - 1, " NAV ")] {
            assert!(lines[line].starts_with(start), "{screen}");
            assert!(lines[line].trim_end().ends_with("? help"), "{screen}");
        }
        terminal.send("q");
        ended(&mut terminal, 0);
    }
}

#[test]
fn a_storm_of_sizes_loses_nothing() {
    let home = Home::new();
    let mut terminal = user_form(&home);
    edit(&mut terminal, "aboutMe");
    let sizes = [
        (1, 1),
        (14, 59),
        (15, 60),
        (1, 200),
        (50, 1),
        (2, 2),
        (50, 200),
        (24, 79),
        (15, 100),
        (34, 159),
        (14, 60),
        (15, 59),
    ];
    for round in 0..5 {
        for (rows, columns) in sizes {
            terminal.resize(rows, columns);
        }
        terminal.send(&round.to_string());
    }
    terminal.resize(14, 59);
    terminal.wait_for("captui needs 60×15, this is 59×14");
    terminal.resize(24, 80);
    // Again and again: a key that comes together with a new size waits for the next key. To the text's beginning,
    // because the field may have been too narrow for it.
    terminal.send_until("<home>", "01234");
    terminal.wait_for("EDIT aboutMe");
    stop_editing(&mut terminal);
    leave(&mut terminal);
}

#[test]
fn what_drafts_do_not_keep_is_asked_about() {
    let home = Home::new();
    let mut terminal = user_form(&home);
    edit(&mut terminal, "password");
    terminal.send("hunter22<enter>");
    terminal.wait_for(" NAV ");
    // A held or repeated key answers nothing.
    terminal.send("qqq");
    terminal.wait_for("Leave captui?");
    terminal.send("<enter>");
    terminal.wait_until("the form", |screen| !screen.contains("Leave captui?"));
    terminal.send("q");
    terminal.wait_for("Leave captui?");
    terminal.send("<right><enter>");
    ended(&mut terminal, 0);
    for path in home.everything().iter().filter(|path| path.is_file()) {
        let bytes = fs::read(path).expect("is ours");
        assert!(
            !bytes.windows(8).any(|at| at == b"hunter22"),
            "{}",
            path.display()
        );
    }
}

#[test]
fn every_way_out_keeps_what_was_typed_last() {
    type Way = fn(&mut Terminal);
    let ways: [(&str, Way); 5] = [
        ("quit", |terminal| terminal.send("<c-c><c-c>")),
        ("TERM", |terminal| terminal.signal(Signal::TERM)),
        ("HUP", |terminal| terminal.signal(Signal::HUP)),
        ("INT", |terminal| terminal.signal(Signal::INT)),
        ("a panic", |terminal| terminal.send("<f12>")),
    ];
    for (way, leave) in ways {
        let home = Home::new();
        let variables = [("CAPTUI_TEST_PANIC_KEY", "1")];
        let mut terminal = Terminal::captui_with(&home, &[], &variables, 24, 80);
        terminal.wait_for("user_test");
        terminal.send("<enter>");
        terminal.wait_for("givenName");
        edit(&mut terminal, "aboutMe");
        terminal.send("the last words");
        terminal.wait_for("the last words");
        // At once, before the pause that a save waits for.
        leave(&mut terminal);
        terminal.wait_for_end();
        assert!(drafts(&home).contains("the last words"), "{way}");
    }
}

#[test]
fn a_kill_while_typing_loses_nothing_that_was_saved() {
    let home = Home::new();
    let mut terminal = user_form(&home);
    edit(&mut terminal, "aboutMe");
    terminal.send("half a sent");
    terminal.wait_for("half a sent");
    wait_for_draft(&home, "half a sent");
    terminal.signal(Signal::KILL);
    terminal.wait_for_end();
    let mut terminal = explorer(&home);
    terminal.wait_for("1 draft from before: gd shows it");
    terminal.send("<enter>");
    terminal.wait_for("restored; N begins anew");
    terminal.wait_for("half a sent");
    terminal.send("<enter>ence");
    terminal.wait_for("half a sentence");
    wait_for_draft(&home, "half a sentence");
    stop_editing(&mut terminal);
    leave(&mut terminal);
}

#[test]
fn a_kill_loses_no_design_that_was_saved() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    for name in ["shoes", "hats"] {
        terminal.send("1n");
        terminal.wait_for("New entity type: begin with");
        terminal.send("e");
        terminal.wait_for("EDIT");
        terminal.send(&format!("{name}<enter>"));
        terminal.wait_for(&format!("Schema · {name} (new)"));
        wait_for_draft(&home, &format!("\"name\":\"{name}\""));
    }
    terminal.signal(Signal::KILL);
    terminal.wait_for_end();
    let mut terminal = explorer(&home);
    terminal.wait_for("2 drafts from before");
    for name in ["shoes", "hats"] {
        terminal.send("1n");
        terminal.wait_for("with shoes");
        terminal.wait_for("with hats");
        terminal.send(if name == "hats" { "g" } else { "2" });
        terminal.wait_for(&format!("Schema · {name} (new)"));
    }
    leave(&mut terminal);
}

/// Kills in the middle of saving, as near as can be seen from outside: when the file that is to replace the draft has
/// appeared beside it.
#[test]
fn kills_while_saving_tear_no_file() {
    let rounds = std::env::var("CAPTUI_KILL_ROUNDS").ok();
    let rounds: usize = rounds.map_or(20, |rounds| rounds.parse().expect("is a number"));
    let home = Home::new();
    let folder = home.path().join("state/captui/drafts");
    let half_written = || {
        let entries = fs::read_dir(&folder).expect("is there");
        let mut names = entries.map(|entry| entry.expect("can be listed").file_name());
        names.any(|name| name.to_string_lossy().ends_with(".tmp"))
    };
    let (mut seen, mut before) = (0, String::new());
    for round in 0..rounds {
        let mut terminal = explorer(&home);
        if before.is_empty() {
            terminal.send("<enter>");
            terminal.wait_for("givenName");
        } else {
            terminal.wait_for("1 draft from before");
            assert!(!half_written(), "what was left half written is removed");
            terminal.send("<enter>");
            terminal.wait_for("restored");
        }
        edit(&mut terminal, "aboutMe");
        let mark = format!("<{round}>");
        terminal.paste(&format!("{}{mark}", "long ".repeat(2_000)));
        let deadline = Instant::now() + DEADLINE;
        while !drafts(&home).contains(&mark) {
            if half_written() {
                seen += 1;
                break;
            }
            assert!(Instant::now() < deadline, "is not saved");
        }
        terminal.signal(Signal::KILL);
        terminal.wait_for_end();
        let now = drafts(&home);
        if now != before {
            assert!(
                now.contains(&mark),
                "round {round}: neither old nor new: {now}"
            );
            serde_json::from_str::<Value>(&now).expect("is whole");
        }
        before = now;
    }
    println!("killed in the middle of {seen} of {rounds} saves");
}

#[test]
fn signals_restore_the_terminal() {
    for (signal, status) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let home = Home::new();
        let mut terminal = user_form(&home);
        edit(&mut terminal, "aboutMe");
        assert!(!terminal.terminal_restored() && !terminal.gives_lines());
        terminal.signal(signal);
        ended(&mut terminal, status);
    }
}

#[test]
fn ctrl_c_twice_leaves() {
    let home = Home::new();
    let mut terminal = explorer(&home);
    terminal.send("<c-c>");
    terminal.wait_for("Ctrl-C again leaves");
    terminal.send("<c-c><c-c>");
    ended(&mut terminal, 0);
}

#[test]
fn a_panic_restores_the_terminal_and_is_told() {
    let home = Home::new();
    let variables = [("CAPTUI_TEST_PANIC_KEY", "1")];
    let mut terminal = Terminal::captui_with(&home, &[], &variables, 24, 80);
    terminal.wait_for("user_test");
    terminal.send("<f12>");
    ended(&mut terminal, 101);
    let raw = String::from_utf8_lossy(terminal.raw());
    let (_, after) = raw.rsplit_once("\x1b[?1049l").expect("left the screen");
    assert!(after.contains("asked to panic"), "{after}");
    // Without the variable the key does nothing.
    let mut terminal = explorer(&home);
    terminal.send("<f12>?");
    terminal.wait_for("Help");
    terminal.send("<f1>q");
    ended(&mut terminal, 0);
}

#[test]
fn a_stopped_program_gives_the_terminal_back_and_takes_it_again() {
    let home = Home::new();
    let mut terminal = user_form(&home);
    terminal.send("<c-z>");
    wait_for_state(&terminal, 'T');
    terminal.wait_until_terminal("the terminal back", Terminal::terminal_restored);
    assert!(terminal.gives_lines());
    terminal.signal(Signal::CONT);
    terminal.wait_until_terminal("the modes again", |it| {
        !it.terminal_restored() && !it.gives_lines()
    });
    terminal.wait_for("2 Form · user (new)");
    terminal.wait_for("givenName");
    terminal.send("/gender<enter>");
    terminal.wait_for("/ gender  Esc shows all");
    terminal.send("q");
    ended(&mut terminal, 0);
}

/// Waits until the process is in a state, by its letter in `/proc`.
fn wait_for_state(terminal: &Terminal, state: char) {
    let file = format!("/proc/{}/stat", terminal.process_id());
    let deadline = Instant::now() + DEADLINE;
    loop {
        let stat = fs::read_to_string(&file).expect("the process is there");
        let (_, after_name) = stat.rsplit_once(") ").expect("has a name");
        if after_name.starts_with(state) {
            return;
        }
        assert!(Instant::now() < deadline, "never {state}: {stat}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let home = Home::new();
    let output = run(&home, &[], "");
    assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""));
    for words in ["the explorer needs a terminal", "captui type list"] {
        assert!(output.stderr.contains(words), "{}", output.stderr);
    }
    for term in ["dumb", ""] {
        let variables = [("TERM", term)];
        let mut terminal = Terminal::captui_with(&home, &[], &variables, 24, 80);
        assert_eq!(terminal.wait_for_end().exit_code(), 2);
        assert!(terminal.contents().contains("captui type list"));
        assert!(!raw_has(&terminal, b"\x1b"), "{term:?}");
    }
    // The terminal is there, but the output goes elsewhere.
    let script = format!("'{}' > out; echo status $?", env!("CARGO_BIN_EXE_captui"));
    let mut terminal = Terminal::start(&home, "/bin/sh", &["-c", &script], &[], 24, 80);
    terminal.wait_for("status 2");
    let out = fs::read(home.path().join("out")).expect("the shell made it");
    assert_eq!(out, b"");
}

/// Writes to the clipboard, changes the title, clears the screen, turns text round, looks like the end of a paste.
const HOSTILE: &str =
    "<\u{1b}]52;c;aGFjaw==\u{7}\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}txet\u{2066}\u{200f}>";

/// What of it must never be written to a terminal.
fn assert_harmless(terminal: &Terminal) {
    for bytes in [
        b"\x1b]".as_slice(),
        b"\x1b[2J\xc2\x9b",
        "\u{9b}".as_bytes(),
        "\u{7}".as_bytes(),
        "\u{202e}".as_bytes(),
        "\u{2066}".as_bytes(),
        "\u{200f}".as_bytes(),
    ] {
        assert!(
            !raw_has(terminal, bytes),
            "{bytes:?} in {:?}",
            String::from_utf8_lossy(terminal.raw())
        );
    }
}

#[test]
fn hostile_values_never_reach_the_terminal() {
    let home = Home::new();
    let attributes = serde_json::json!({ "displayName": HOSTILE, "aboutMe": "mark" }).to_string();
    let create = ["record", "create", "user", "--attributes", &attributes];
    let created = run(&home, &[&create[..], &["--include-record"]].concat(), "");
    assert_eq!(created.status, Some(0), "{}", created.stderr);
    let id = serde_json::from_str::<Value>(&created.stdout).expect("a record")["id"].to_string();
    let found = run(&home, &["record", "find", "user", "--sort", "-id"], "");
    assert_eq!(found.status, Some(0), "{}", found.stderr);

    // In the history the find comes after what the explorer itself has asked; its first record is the hostile one.
    let mut terminal = explorer(&home);
    terminal.send("4");
    terminal.wait_for("entityType.list");
    terminal.wait_for("entity.find");
    terminal.send("<home><down><enter>");
    terminal.wait_for("3 Response · entity.find user");
    // The tree is folded below a depth: everything open, then down to the attribute.
    terminal.send("zR");
    seek(&mut terminal, "]52;c;aGFjaw==");
    assert_harmless(&terminal);
    terminal.send("q");
    ended(&mut terminal, 0);
    assert_harmless(&terminal);

    // The same on the command line of a terminal: a record, a table, the answer as it came, an error.
    for args in [
        &["record", "get", "user", "--id", &id][..],
        &[
            "record",
            "find",
            "user",
            "--sort",
            "-id",
            "--attributes",
            "displayName",
        ],
        &["--json", "record", "get", "user", "--id", &id],
        &["call", "entityType", &format!("type_name={HOSTILE}")],
    ] {
        let mut terminal = Terminal::captui(&home, args, 24, 200);
        terminal.wait_for_end();
        assert!(raw_has(&terminal, b"]52;c;aGFjaw=="), "{args:?}");
        assert_harmless(&terminal);
    }
}

/// Goes down the response until a text is on the screen.
fn seek(terminal: &mut Terminal, text: &str) {
    for _ in 0..60 {
        if terminal.contents().contains(text) {
            return;
        }
        let before = terminal.contents();
        terminal.send("<down>");
        terminal.wait_until("the next row", |screen| screen != before);
    }
    panic!("no {text} in:\n{}", terminal.contents());
}

#[test]
fn a_paste_is_text_and_nothing_else() {
    let home = Home::new();
    let mut terminal = user_form(&home);
    edit(&mut terminal, "displayName");
    terminal.paste(&format!("{HOSTILE}\nq<f5>end"));
    terminal.wait_for("end");
    assert_harmless(&terminal);
    stop_editing(&mut terminal);
    terminal.wait_for("end");
    assert_harmless(&terminal);
    leave(&mut terminal);
    assert_harmless(&terminal);
}

#[test]
fn a_call_without_an_answer_can_be_cancelled_and_its_outcome_is_unknown() {
    let server = FakeServer::choosing(|request| {
        let body = if request.starts_with("post /entitytype.list ") {
            r#"{"results":["thing"],"stat":"ok"}"#
        } else if request.starts_with("post /entitytype ") {
            r#"{"schema":{"name":"thing","attr_defs":[{"name":"title","type":"string","length":9,"case-sensitive":true}]},"stat":"ok"}"#
        } else {
            return Act::Silence;
        };
        Act::json(200, body)
    });
    let home = Home::new();
    home.configure(&server.url, "client", "secret", "");
    let mut terminal = Terminal::captui(&home, &["--env", "service"], 24, 80);
    terminal.wait_for("thing");
    terminal.send("<enter>");
    terminal.wait_for("title");
    fill(&mut terminal, "title", "word");
    terminal.send("<f5>");
    terminal.wait_for("waiting for the answer");
    server.wait_for("entity.create");
    terminal.send("<esc>");
    terminal.wait_for("it may have happened");
    leave(&mut terminal);
    assert_eq!(
        server.count("entity.create"),
        1,
        "nothing repeats a call by itself"
    );
}
