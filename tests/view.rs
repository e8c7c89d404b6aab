//! `captui view`: the real program with files, pipes and broken things, in a terminal and without one.

use std::fs;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustix::process::Signal;

use crate::support::Home;
use crate::support::command::Output;
use crate::support::command::captui;
use crate::support::command::finish;
use crate::support::command::run;
use crate::support::pty::Terminal;

/// A file of this name in the home.
fn file(home: &Home, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = home.path().join(name);
    fs::write(&path, content).expect("can be written");
    path.to_str().expect("is text").to_owned()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).expect("a vector takes it");
    encoder.finish().expect("a vector takes it")
}

/// A named pipe in the home, to be opened once a program reads from it.
fn pipe(home: &Home) -> PathBuf {
    let path = home.path().join("pipe");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, mode).expect("a pipe can be made");
    path
}

fn view(home: &Home, files: &[&str]) -> Terminal {
    Terminal::captui(home, &[&["view"], files].concat(), 24, 80)
}

/// Runs the shell's line in a terminal, `captui` being the real binary.
fn shell(home: &Home, line: &str) -> Terminal {
    let program = env!("CARGO_BIN_EXE_captui");
    let line = line.replace("captui", program);
    Terminal::start(home, "/bin/sh", &["-c", &line], &[], 24, 80)
}

fn leave(mut terminal: Terminal) {
    terminal.send("q");
    ends(&mut terminal, 0);
}

fn ends(terminal: &mut Terminal, status: u32) {
    let ended = terminal.wait_for_end();
    assert_eq!(ended.exit_code(), status, "{}", terminal.contents());
    assert!(terminal.terminal_restored());
    assert!(terminal.gives_lines());
}

/// What is in the home, apart from what the test put there.
fn left_behind(home: &Home, own: &[&str]) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.path()).expect("can be listed");
    let paths = entries.map(|entry| entry.expect("can be listed").path());
    let is_own = |path: &Path| own.iter().any(|name| path.ends_with(name));
    paths.filter(|path| !is_own(path)).collect()
}

#[test]
fn a_file_is_shown_and_nothing_is_left_behind() {
    let home = Home::new();
    let path = file(
        &home,
        "answer.json",
        r#"{"stat":"ok","results":[1,{"deep":true}]}"#,
    );
    let mut terminal = view(&home, &[&path]);
    terminal.wait_for("\"stat\": \"ok\"");
    terminal.wait_for("answer.json");
    terminal.wait_for("41 B  JSON");
    terminal.send("zM");
    terminal.wait_until("everything folded", |screen| !screen.contains("deep"));
    terminal.send("gf");
    terminal.wait_for("captui view only looks");
    leave(terminal);
    assert_eq!(left_behind(&home, &["answer.json"]), Vec::<PathBuf>::new());
}

#[test]
fn a_configuration_that_cannot_be_read_is_not_read() {
    let home = Home::new();
    fs::create_dir_all(home.path().join("config/captui")).expect("can be made");
    file(&home, "config/captui/config.toml", "this is no TOML");
    let path = file(&home, "answer.json", "[1]");
    let mut terminal = view(&home, &[&path]);
    terminal.wait_for("[0] 1");
    leave(terminal);
}

#[test]
fn packed_files_are_unpacked() {
    let home = Home::new();
    let path = file(&home, "answer.json.gz", gzip(b"{\"packed\":true}"));
    let mut terminal = view(&home, &[&path]);
    terminal.wait_for("\"packed\": true");
    leave(terminal);
}

#[test]
fn a_pipe_is_shown_as_it_comes_and_keys_work_meanwhile() {
    let home = Home::new();
    let path = pipe(&home);
    let mut terminal = shell(&home, &format!("captui view < {}", path.display()));
    let mut writer = File::create(&path).expect("is read");
    terminal.wait_for("nothing has come yet");
    let mut write = |text: &str| writer.write_all(text.as_bytes()).expect("is read");
    write("{\"first\":1,");
    terminal.wait_for("\"first\": 1");
    terminal.wait_for("so far");
    write("\"second\":{\"inner\":2},");
    terminal.wait_for("\"inner\": 2");
    // What is folded stays so when more comes.
    terminal.send("<down><down>zc");
    terminal.wait_until("the second folded", |screen| !screen.contains("inner"));
    write("\"third\":3}");
    drop(writer);
    terminal.wait_for("\"third\": 3");
    terminal.wait_until("the end", |screen| !screen.contains("so far"));
    assert!(!terminal.contents().contains("inner"));
    leave(terminal);
}

#[test]
fn a_pipe_that_never_ends_keeps_nobody_from_leaving() {
    let home = Home::new();
    let path = pipe(&home);
    let mut terminal = shell(&home, &format!("captui view - < {}", path.display()));
    let mut writer = File::create(&path).expect("is read");
    writer.write_all(b"[1").expect("is read");
    terminal.wait_for("so far");
    leave(terminal);
    drop(writer);
}

#[test]
fn a_signal_and_a_vanished_writer_restore_the_terminal() {
    let home = Home::new();
    let path = file(&home, "answer.json", "[1]");
    let mut terminal = view(&home, &[&path]);
    terminal.wait_for("[0] 1");
    terminal.signal(Signal::TERM);
    ends(&mut terminal, 128 + 15);

    // What wrote into the pipe is killed: what came stays.
    let line = "sh -c 'printf \"[1,\"; kill -9 $$' | captui view";
    let mut terminal = shell(&home, line);
    terminal.wait_for("a value is missing");
    terminal.wait_for("broken JSON");
    leave(terminal);
}

#[test]
fn a_screen_may_change_its_size() {
    let home = Home::new();
    let path = file(&home, "answer.json", "[\"first\",\"last\"]");
    let mut terminal = view(&home, &[&path]);
    terminal.wait_for("\"last\"");
    for (rows, columns) in [(50, 200), (1, 1), (0, 0), (5, 300), (24, 80)] {
        terminal.resize(rows, columns);
    }
    terminal.resize(5, 19);
    terminal.wait_for("too small; q leaves");
    terminal.resize(8, 30);
    // Again and again: a key that comes together with a new size waits for the next key.
    terminal.send_until("<up>", "\"last\"");
    leave(terminal);
}

#[test]
fn odd_files_are_shown_as_what_they_are() {
    let home = Home::new();
    for (name, content, shown) in [
        ("empty.json", b"".as_slice(), "It is empty."),
        ("page.html", b"<html>hello</html>", "hello"),
        ("broken.json", b"{\"a\":1,\n\"b\" 2}", "line 2"),
        ("lines.ndjson", b"{\"n\":1}\n{\"n\":2}\n", "JSON lines"),
        ("program", b"\x7fELF\x02\x00\x00\xff\xfe", "binary"),
        ("escape.json", b"[\"\\u001b]52;c;eA==\\u0007\"]", "52;c"),
    ] {
        let path = file(&home, name, content);
        let mut terminal = view(&home, &[&path]);
        terminal.wait_for(shown);
        terminal.wait_for(name);
        assert!(!terminal.raw().windows(5).any(|bytes| bytes == b"\x1b]52;"));
        leave(terminal);
    }
}

#[test]
fn several_files_are_a_list_and_what_cannot_be_opened_says_why_there() {
    let home = Home::new();
    let first = file(&home, "first.json", "{\"from\":\"first\"}");
    let second = file(&home, "second.json", "{\"from\":\"second\"}");
    let folder = home.path().to_str().expect("is text");
    let mut terminal = Terminal::captui(&home, &["view", &first, folder, &second], 24, 140);
    terminal.wait_for("\"from\": \"first\"");
    terminal.wait_for("it is a folder");
    terminal.send("<tab><down><down><enter>");
    terminal.wait_for("\"from\": \"second\"");
    leave(terminal);
}

/// An archive with a call of the Capture API that failed, and one of another service.
const ARCHIVE: &str = r#"{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[
{"startedDateTime":"2026-01-02T03:04:05.000Z","time":12,"timings":{"send":1,"wait":10,"receive":1},"cache":{},
"request":{"method":"POST","url":"https://my-app.janraincapture.com/entity","httpVersion":"HTTP/1.1","headers":[],
"queryString":[],"cookies":[],"headersSize":-1,"bodySize":-1,
"postData":{"mimeType":"application/x-www-form-urlencoded","text":"type_name=user&id=7"}},
"response":{"status":200,"statusText":"OK","httpVersion":"HTTP/1.1","headers":[],"cookies":[],"redirectURL":"",
"headersSize":-1,"bodySize":-1,"content":{"size":9,"mimeType":"application/json",
"text":"{\"stat\":\"error\",\"code\":310,\"error\":\"record_not_found\",\"error_description\":\"none\",\"request_id\":\"rid1\"}"}}},
{"startedDateTime":"2026-01-02T03:04:06.000Z","time":12,"timings":{"send":1,"wait":10,"receive":1},"cache":{},
"request":{"method":"GET","url":"https://other.example.com/page?q=1","httpVersion":"HTTP/1.1","headers":[],
"queryString":[],"cookies":[],"headersSize":-1,"bodySize":-1},
"response":{"status":404,"statusText":"","httpVersion":"HTTP/1.1","headers":[],"cookies":[],"redirectURL":"",
"headersSize":-1,"bodySize":-1,"content":{"size":9,"mimeType":"application/json","text":"{\"elsewhere\":true}"}}}]}}"#;

#[test]
fn an_archive_is_a_list_of_calls_beside_the_one_that_is_shown() {
    let home = Home::new();
    let path = file(&home, "calls.har", ARCHIVE);
    let mut terminal = Terminal::captui(&home, &["view", &path], 34, 140);
    terminal.wait_for("✗ 310");
    terminal.wait_for("record_not_found");
    terminal.wait_for("GET other.example");
    terminal.send("<down><enter>");
    terminal.wait_for("\"elsewhere\": true");
    // The file itself is there, too.
    terminal.send("<tab><home><enter>");
    terminal.wait_for("\"log\": {} 3 keys");
    leave(terminal);
    assert_eq!(left_behind(&home, &["calls.har"]), Vec::<PathBuf>::new());
}

#[test]
fn a_file_that_changes_says_so_and_is_opened_again_on_request() {
    let home = Home::new();
    let path = file(&home, "answer.json", "{\"is\":\"old\"}");
    let mut terminal = view(&home, &[&path]);
    terminal.wait_for("\"is\": \"old\"");
    fs::write(&path, "{\"is\":\"newer\"}").expect("can be written");
    terminal.send_until("<down>", "changed on the disk");
    terminal.send("R");
    terminal.wait_for("\"is\": \"newer\"");
    terminal.wait_until("that it is new", |screen| {
        !screen.contains("changed on the disk")
    });
    leave(terminal);
}

#[test]
fn a_long_file_that_is_cut_is_not_looked_at_any_more() {
    let home = Home::new();
    let long = format!("[{}1]", "1,\n".repeat(4 << 20));
    let path = file(&home, "long.json", &long);
    let mut terminal = view(&home, &[&path]);
    terminal.wait_for("[0] 1");
    terminal.wait_until("all of it read", |screen| !screen.contains("indexing"));
    cut(&path);
    terminal.send_until("<down>", "was shortened");
    terminal.send("R");
    terminal.wait_for("[2]");
    leave(terminal);
}

#[test]
fn a_file_that_is_cut_while_it_is_read_kills_nobody() {
    let long = format!("[{}1]", "1,\n".repeat(8 << 20));
    for _ in 0..3 {
        let home = Home::new();
        let path = file(&home, "long.json", &long);
        let mut terminal = view(&home, &[&path]);
        terminal.wait_for("indexing");
        cut(&path);
        terminal.send_until("<down>", "was shortened");
        leave(terminal);
    }
}

/// Cuts the file in place, as a program does that writes it anew.
fn cut(path: &str) {
    let file = File::options().write(true).open(path).expect("is there");
    file.set_len(10).expect("can be cut");
}

fn printed(home: &Home, args: &[&str], stdin: &str) -> Output {
    run(home, &[&["view"], args].concat(), stdin)
}

#[test]
fn without_a_terminal_the_json_is_printed() {
    let home = Home::new();
    let path = file(&home, "answer.json", r#"{"a":1.00,"a":[],"é":"\u001b"}"#);
    let pretty = "{\n  \"a\": 1.00,\n  \"a\": [],\n  \"é\": \"\\u001b\"\n}\n";
    let packed = file(&home, "answer.gz", gzip(b"[1]"));
    for (args, stdin, stdout) in [
        (vec![path.as_str()], "", pretty),
        (vec![], "[1,2]", "[\n  1,\n  2\n]\n"),
        (vec!["-"], "{}\n{}", "{}\n{}\n"),
        (vec![packed.as_str(), "-"], "{}", "[\n  1\n]\n{}\n"),
    ] {
        let output = printed(&home, &args, stdin);
        assert_eq!((output.status, output.stdout.as_str()), (Some(0), stdout));
        assert_eq!(output.stderr, "");
    }
    assert_eq!(
        left_behind(&home, &["answer.json", "answer.gz"]),
        Vec::<PathBuf>::new()
    );
}

#[test]
fn broken_json_is_printed_all_the_same_and_the_status_tells() {
    let home = Home::new();
    let output = printed(&home, &[], "{\"a\":1,\n\"b\":}");
    assert_eq!(output.status, Some(1));
    assert_eq!(output.stdout, "{\n  \"a\": 1,\n  \"b\": \n}\n");
    let told = "captui: standard input is not JSON: line 2, column 5: a value is expected here\n";
    assert_eq!(output.stderr, told);
    let packed = gzip(&vec![b'1'; 100_000]);
    let cut = file(&home, "cut.gz", &packed[..packed.len() - 9]);
    let output = printed(&home, &[&cut], "");
    assert_eq!(output.status, Some(2));
    assert!(output.stdout.starts_with("111"));
}

#[test]
fn what_cannot_be_opened_is_told_before_the_screen_is_touched() {
    let home = Home::new();
    let folder = home.path().to_str().expect("is text");
    let none = home.path().join("none.json");
    let none = none.to_str().expect("is text");
    for (path, why) in [(folder, "it is a folder"), (none, "there is no such file")] {
        let output = printed(&home, &[path], "");
        assert_eq!((output.status, output.stdout.as_str()), (Some(2), ""));
        assert!(output.stderr.contains(why), "{}", output.stderr);
        let mut terminal = view(&home, &[path]);
        terminal.wait_for(why);
        let ended = terminal.wait_for_end();
        assert_eq!(ended.exit_code(), 2);
        assert!(!terminal.raw().contains(&0x1b), "no escape sequence");
    }
    let mut terminal = view(&home, &["-"]);
    terminal.wait_for("standard input is the terminal");
    assert_eq!(terminal.wait_for_end().exit_code(), 2);
    let variables = [("TERM", "dumb")];
    let mut terminal = Terminal::captui_with(&home, &["view", folder], &variables, 24, 80);
    terminal.wait_for("captui view FILE | cat");
    assert_eq!(terminal.wait_for_end().exit_code(), 2);
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let home = Home::new();
    let long = file(&home, "long.json", format!("[{}1]", "1,".repeat(1 << 20)));
    let mut command = captui(&home);
    command.args(["view", &long]);
    command.stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    // The whole of it, for the same command read to its end.
    let mut command = captui(&home);
    command.args(["view", &long]);
    assert_eq!(finish(command, "").stdout.lines().count(), (1 << 20) + 3);
}

#[test]
fn a_pager_gets_the_keyboard_although_a_pipe_is_the_input() {
    let home = Home::new();
    let pager = "echo in the pager: $(grep -c first \"$1\"); read line; echo it got $line";
    let script = file(&home, "pager.sh", pager);
    let line = format!("printf '[\"first\"]' | PAGER='sh {script}' captui view");
    let mut terminal = shell(&home, &line);
    terminal.wait_for("[0] \"first\"");
    terminal.send("O");
    terminal.wait_for("in the pager: 1");
    terminal.send("keys<enter>");
    terminal.wait_for("[0] \"first\"");
    let raw = String::from_utf8_lossy(terminal.raw()).into_owned();
    assert!(raw.contains("it got keys"), "{raw}");
    leave(terminal);
}
