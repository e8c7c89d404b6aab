//! The commands as a whole: every operation and every verb of the explorer has one, every one has help with examples, and
//! every example can be typed.

use std::collections::BTreeSet;
use std::fs;

use captui::capture::endpoint::ENDPOINTS;
use captui::cli::args::Cli;
use captui::tui::action;
use captui::tui::action::twin::Twin;
use clap::CommandFactory;
use clap::Parser;
use serde_json::Value;

use crate::cli::ok;
use crate::support::Home;
use crate::support::command::run;

/// Every command that does something, by its words: `schema rules add`.
fn commands() -> Vec<(String, clap::Command)> {
    fn walk(command: &clap::Command, words: &str, into: &mut Vec<(String, clap::Command)>) {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let words = format!("{words} {}", sub.get_name()).trim().to_owned();
            if sub.has_subcommands() {
                walk(sub, &words, into);
            } else {
                into.push((words, sub.clone()));
            }
        }
    }
    let mut all = Vec::new();
    walk(&Cli::command(), "", &mut all);
    all
}

/// The lines of a help text that begin with the program's name, without what a person reads beside them.
fn examples(command: &clap::Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string);
    let help = help.unwrap_or_default();
    let Some((_, examples)) = help.split_once("Examples:\n") else {
        return Vec::new();
    };
    let examples = examples.lines().take_while(|line| !line.trim().is_empty());
    examples.map(|line| line.trim().to_owned()).collect()
}

#[test]
fn every_verb_of_the_explorer_has_a_command_or_says_why_not() {
    let commands = commands();
    let mut twins = BTreeSet::new();
    for spec in action::all() {
        match spec.twin {
            Twin::OnlyOnScreen(why) => assert!(why.starts_with("it "), "{}: {why}", spec.id),
            Twin::Command(words) => {
                let found = commands.iter().find(|(name, _)| name == words);
                let (_, command) = found.unwrap_or_else(|| panic!("{}: {words}", spec.id));
                assert!(command.get_about().is_some(), "{words}");
                twins.insert(words);
            }
        }
    }
    assert!(twins.len() > 25, "{twins:?}");
}

#[test]
fn every_command_says_what_it_does_and_shows_how() {
    for (words, command) in commands() {
        assert!(command.get_about().is_some(), "{words}");
        let examples = examples(&command);
        let named = format!("captui {words}");
        assert!(
            examples.iter().any(|line| line.contains(&named)),
            "{words} has no example of its own: {examples:?}"
        );
        for argument in command.get_arguments() {
            let help = argument.get_help().or(argument.get_long_help());
            assert!(help.is_some(), "{words} {}", argument.get_id());
        }
    }
}

/// Each line of an example is put into the words that a shell makes of it, and read.
#[test]
fn every_example_can_be_typed() {
    let mut read = 0;
    for (words, command) in commands()
        .into_iter()
        .chain([(String::new(), Cli::command())])
    {
        for line in examples(&command) {
            // What stands apart to the right is for people.
            let line = line.trim_start();
            let line = line.split("   ").next().unwrap_or_default();
            for typed in line.split(['|', '>', '<']).filter_map(|part| {
                let part = part.trim();
                part.strip_prefix("captui").map(str::trim_start)
            }) {
                let Some(split) = shell_words(typed) else {
                    continue;
                };
                let parsed = Cli::try_parse_from(std::iter::once("captui".to_owned()).chain(split));
                assert!(
                    parsed.is_ok(),
                    "{words}: {line}: {}",
                    parsed.expect_err("is one")
                );
                read += 1;
            }
        }
    }
    assert!(read > 100, "{read} examples");
}

/// The words of a shell's line; `None` when a quote is left open, as by a filter with `<` or `|` in it.
fn shell_words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (Some('"'), '\\') => word.get_or_insert_default().push(chars.next()?),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// Where each command is run once against the sandbox: what is typed, and the status it ends with.
const RUNS: &[(&str, i32)] = &[
    ("type list", 0),
    ("type show user", 0),
    (
        "type create thing --attr-defs [{\"name\":\"a\",\"type\":\"string\"}]",
        0,
    ),
    ("type add-attribute thing name=b type=integer", 0),
    ("type set-constraints thing b required", 0),
    ("type set-constraints thing b --none", 0),
    ("type set-description thing b what-for", 0),
    ("type set-password-settings user --history-size 2", 0),
    ("type remove-attribute thing b", 0),
    ("type versions user --at now", 0),
    ("record create thing a=1", 0),
    ("record count thing", 0),
    ("record purge thing", 0),
    ("record bulk-delete thing --filter a='1'", 0),
    ("type delete thing", 0),
    ("type show thing", 5),
    ("record get user --id 1", 0),
    ("record find user --max 1", 0),
    ("record update user --id 1 givenName=x", 0),
    ("record replace user --id 1 email=x@example.com", 0),
    ("record versions user --id 1 --at now", 0),
    ("record delete-access user --id 1", 0),
    ("record adopt user --id 1 --path statuses --child 999999", 5),
    ("record delete user --id 1", 0),
    ("record get user --id 1", 5),
    ("record get user --id 2 --verify-password password", 2),
    (
        "schema rules add user --on givenName --rule {\"max-length\":250}",
        0,
    ),
    (
        "schema rules add user --on familyName --rule {\"max-length\":250} --rule-calls",
        0,
    ),
    ("schema rules list user", 0),
    ("schema rules list user --rule-calls --csv", 0),
    (
        "schema rules remove user 8a3abdda-b4fb-49d8-a88d-022585b0f877",
        5,
    ),
    (
        "schema rules remove user 8a3abdda-b4fb-49d8-a88d-022585b0f877 --rule-calls",
        5,
    ),
    ("client list", 0),
    ("client show nobody", 5),
    ("setting set a=1", 0),
    ("setting set a=1 b=2", 0),
    ("setting set c=3 --default", 0),
    ("setting set c=3 d=4 --default", 0),
    ("setting get a", 0),
    ("setting get a b", 0),
    ("setting get c --default", 0),
    ("setting get nothing", 5),
    ("setting list", 0),
    ("setting list --keys", 0),
    ("setting list --all", 0),
    ("setting delete a", 0),
    ("setting delete a", 5),
    ("setting delete c --default", 0),
    ("access token user --id 2", 0),
    (
        "access code user --id 2 --redirect-uri https://example.com/",
        0,
    ),
    ("access exchange --refresh-token nobody", 4),
    (
        "call entity.bulkCreate type_name=user all_attributes=[{}]",
        0,
    ),
];

/// After this every operation has been called, by a command of its own but for bulkCreate, which belongs to loading.
#[test]
fn every_operation_is_reached_and_ends_as_it_should() {
    let home = Home::new();
    for (line, status) in RUNS {
        let args: Vec<&str> = line.split(' ').collect();
        let output = run(&home, &args, "");
        assert_eq!(output.status, Some(*status), "{line}: {}", output.stderr);
    }
    clients_and_their_access(&home);
    let calls = ok(&home, &["history", "list", "--limit", "1000", "--ndjson"]);
    let called: BTreeSet<String> = calls
        .lines()
        .map(|line| {
            let call: Value = serde_json::from_str(line).expect("JSON");
            call["operation"].as_str().expect("has one").to_owned()
        })
        .collect();
    for spec in ENDPOINTS {
        assert!(called.contains(spec.endpoint.name()), "{}", spec.endpoint);
    }
}

/// What needs the id of a client that was made just now.
fn clients_and_their_access(home: &Home) {
    let id = ok(
        home,
        &["client", "add", "app", "--feature", "login_client", "-q"],
    );
    let id = id.trim();
    for args in [
        &["client", "set-description", id, "an app"][..],
        &[
            "client",
            "set-features",
            id,
            "direct_access",
            "login_client",
        ],
        &["client", "set-whitelist", id, "192.0.2.0/24"],
        &["client", "clear-whitelist", id],
        &[
            "schema", "access", "user", "--client", id, "--read", "email",
        ],
        &[
            "schema", "access", "user", "--client", id, "--delete", "read",
        ],
    ] {
        ok(home, args);
    }
    let shown = ok(home, &["client", "show", id]);
    assert!(shown.contains("direct_access, login_client"), "{shown}");
    assert!(
        shown.contains("••••••••") && shown.contains("0.0.0.0/0"),
        "{shown}"
    );
    let access = ok(home, &["schema", "access", "user", "--client", id]);
    assert!(access.starts_with("read: everything\n"), "{access}");
    // A secret is told only to whoever asks.
    let masked = ok(home, &["client", "reset-secret", id]);
    assert!(masked.contains('•'), "{masked}");
    let secret = ok(
        home,
        &[
            "client",
            "reset-secret",
            id,
            "--hours-to-live",
            "1",
            "--show-secret",
        ],
    );
    assert!(!secret.contains('•') && secret.len() > 32, "{secret}");
    ok(home, &["client", "delete", id]);
    let gone = run(home, &["client", "show", id], "");
    assert_eq!(gone.status, Some(5), "{}", gone.stderr);
}

#[test]
fn a_token_is_issued_and_a_code_exchanged() {
    let home = Home::new();
    let who = ["user", "--id", "2", "--show-secret"];
    let token = ok(&home, &[&["access", "token"], &who[..]].concat());
    assert_eq!(token.split_whitespace().count(), 1, "{token}");
    let masked = ok(&home, &["access", "token", "user", "--id", "2"]);
    assert_eq!(masked, "••••••••\n");
    let uri = ["--redirect-uri", "https://example.com/"];
    let code = ok(&home, &[&["access", "code"], &who[..], &uri].concat());
    fs::write(home.path().join("code"), &code).expect("a home can be written");
    let exchange = ["access", "exchange", "--code", "@code", "--show-secret"];
    let tokens = ok(&home, &[&exchange[..], &uri].concat());
    let refresh = tokens
        .lines()
        .find_map(|line| line.strip_prefix("refresh_token="));
    let refresh = refresh.unwrap_or_else(|| panic!("{tokens}"));
    let args = ["access", "exchange", "--refresh-token", "-", "--json"];
    let again = run(&home, &args, refresh);
    assert_eq!(again.status, Some(0), "{}", again.stderr);
    assert!(again.stdout.contains("access_token"), "{}", again.stdout);
}
