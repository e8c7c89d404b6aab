//! What is made from the definition of the commands: completions, manual pages, the list of commands. Shells and `man`
//! are asked where they are installed.

use std::fs;
use std::io;
use std::process::Command;
use std::process::Stdio;

use captui::failure::FailureKind;
use serde_json::Value;

use crate::cli::fails;
use crate::cli::ok;
use crate::support::Home;
use crate::support::command::Output;
use crate::support::command::captui;
use crate::support::command::finish;
use crate::support::command::run;

/// Runs a program if it is installed.
fn if_there(program: &str, args: &[&str], stdin: &str) -> Option<Output> {
    let is_there = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match is_there {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        _ => {
            let mut command = Command::new(program);
            command.args(args);
            Some(finish(command, stdin))
        }
    }
}

#[test]
fn every_shell_takes_its_completions() {
    let home = Home::new();
    for (shell, check) in [
        ("bash", &["-n"][..]),
        ("zsh", &["-n"]),
        ("fish", &["--no-execute"]),
        ("powershell", &[]),
        ("elvish", &[]),
    ] {
        let script = ok(&home, &["completions", shell]);
        assert!(
            script.contains("CAPTUI_COMPLETE") && script.contains("captui"),
            "{script}"
        );
        if check.is_empty() {
            continue;
        }
        if let Some(output) = if_there(shell, check, &script) {
            assert_eq!(
                (output.status, output.stderr.as_str()),
                (Some(0), ""),
                "{shell}"
            );
        }
    }
    let output = run(&home, &["completions", "tcsh"], "");
    assert_eq!(output.status, Some(2), "{}", output.stderr);
    assert_eq!(
        home.everything(),
        [home.path().to_owned()],
        "nothing is written"
    );
}

/// What fits the last of these words.
fn completed(home: &Home, words: &[&str]) -> Vec<String> {
    let mut command = captui(home);
    command
        .env("CAPTUI_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .env("_CLAP_IFS", "\n")
        .args(["--", "captui"])
        .args(words);
    let output = finish(command, "");
    assert_eq!(output.status, Some(0), "{words:?}: {}", output.stderr);
    output.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn words_are_completed_from_what_this_machine_knows() {
    let home = Home::new();
    home.configure("http://127.0.0.1:1", "client", "secret", "");
    assert_eq!(completed(&home, &["rec"]), ["record"]);
    assert_eq!(completed(&home, &["--env", "se"]), ["service"]);
    assert_eq!(
        completed(&home, &["env", "show", ""])[..2],
        ["sandbox", "service"]
    );
    assert!(completed(&home, &["record", "count", "us"]).is_empty());
    ok(&home, &["record", "count", "user"]);
    fails(&home, &["record", "count", "usrr"], 5);
    assert_eq!(completed(&home, &["record", "count", "us"]), ["user"]);
    // A broken configuration and a broken history complete nothing, and say nothing.
    fs::write(home.path().join("config/captui/config.toml"), "x = ").expect("writes");
    let folder = home.path().join("state/captui");
    fs::remove_dir_all(&folder).expect("is ours");
    fs::create_dir(&folder).expect("is ours");
    fs::write(folder.join("history.db"), "no database").expect("writes");
    assert_eq!(completed(&home, &["--env", "s"]), ["sandbox"]);
    assert!(completed(&home, &["record", "count", "us"]).is_empty());
}

#[test]
fn bash_completes_a_line() {
    let home = Home::new();
    let script = ok(&home, &["completions", "bash"]);
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_captui"));
    let folder = binary.parent().expect("is in a folder").display();
    let line = format!(
        "PATH='{folder}':$PATH\n{script}\nCOMP_WORDS=(captui sandbox se)\nCOMP_CWORD=2\n\
         _clap_complete_captui captui se sandbox\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
    );
    if let Some(output) = if_there("bash", &["-s"], &line) {
        assert_eq!(output.stdout, "serve\nseed\n", "{}", output.stderr);
    }
}

/// The list as a tree, and every node of it.
fn nodes() -> (Value, Vec<Value>) {
    let tree: Value =
        serde_json::from_str(&ok(&Home::new(), &["commands", "--json"])).expect("JSON");
    let mut nodes = Vec::new();
    let mut waiting = vec![tree.clone()];
    while let Some(node) = waiting.pop() {
        waiting.extend(node["commands"].as_array().cloned().unwrap_or_default());
        nodes.push(node);
    }
    (tree, nodes)
}

#[test]
fn the_list_says_what_the_help_says() {
    let home = Home::new();
    let (tree, nodes) = nodes();
    assert_eq!(tree["version"], env!("CARGO_PKG_VERSION"));
    let codes = tree["exit_codes"].as_array().expect("is a list");
    assert_eq!(codes.len(), FailureKind::ALL.len() + 1);
    let help = ok(&home, &["--help"]);
    let help: Vec<&str> = help.split_whitespace().collect();
    let help = help.join(" ");
    for code in codes {
        let number = code["code"].to_string();
        assert!(help.contains(&format!("{number} ")), "{number} in {help}");
    }
    assert!(nodes.len() > 40, "{}", nodes.len());
    for node in &nodes {
        let name = node["name"].as_str().expect("has a name");
        let words: Vec<&str> = name.split(' ').skip(1).chain(["--help"]).collect();
        let help = ok(&home, &words);
        let about = node["about"].as_str().expect("is a text");
        let first = about
            .split_whitespace()
            .take(4)
            .collect::<Vec<_>>()
            .join(" ");
        assert!(!about.is_empty() && help.contains(&first), "{name}: {help}");
        for option in node["options"].as_array().expect("is a list") {
            let long = option["long"].as_str().expect("has a name");
            assert!(help.contains(long), "{name} {long}");
            assert_ne!(option["help"], "", "{name} {long}");
        }
        let examples = node["examples"].as_array().cloned().unwrap_or_default();
        for example in examples {
            assert!(
                example.as_str().is_some_and(|it| it.contains("captui")),
                "{name}: {example}"
            );
        }
    }
    let lines = ok(&home, &["commands"]);
    for name in [
        "captui curl",
        "captui sandbox copy-schema",
        "captui commands",
    ] {
        assert!(
            lines.lines().any(|line| line.starts_with(name)),
            "{name} in {lines}"
        );
    }
    assert!(!lines.contains("jq-"), "{lines}");
}

#[test]
fn manual_pages_can_be_read() {
    let home = Home::new();
    let note = run(&home, &["man", "-o", "pages"], "").stderr;
    let (_, nodes) = nodes();
    assert!(
        note.contains(&format!("{} pages are in", nodes.len())),
        "{note}"
    );
    for node in nodes {
        let name = node["name"].as_str().expect("has a name");
        let file = home
            .path()
            .join("pages")
            .join(format!("{}.1", name.replace(' ', "-")));
        let page = fs::read_to_string(&file).expect(name);
        assert!(page.contains(".TH "), "{name}: {page}");
        let before = page.split(".TH ").next().unwrap_or_default();
        assert!(
            before.lines().all(|line| line.starts_with('.')),
            "nothing is printed before the title: {before}"
        );
        let words: Vec<&str> = name.split(' ').skip(1).collect();
        assert_eq!(ok(&home, &[&["man"][..], &words].concat()), page);
    }
    let page = ok(&home, &["man", "record", "create"]);
    if let Some(output) = if_there(
        "groff",
        &["-man", "-Kutf8", "-Tutf8", "-P-cbou", "-ww"],
        &page,
    ) {
        assert_eq!((output.status, output.stderr.as_str()), (Some(0), ""));
        for part in ["SYNOPSIS", "EXAMPLES", "--no-check"] {
            assert!(output.stdout.contains(part), "{part} in {}", output.stdout);
        }
    }
    let output = fails(&home, &["man", "recrod"], 2);
    assert!(
        output.stderr.contains("did you mean `record`?"),
        "{}",
        output.stderr
    );
}
