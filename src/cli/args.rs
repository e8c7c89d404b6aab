//! The command line: what can be typed, and its help.

pub mod access;
pub mod bulk;
pub mod call;
pub mod client;
pub mod config;
pub mod curl;
pub mod env;
pub mod explain;
pub mod generated;
pub mod history;
pub mod load;
pub mod pasted;
pub mod postman;
pub mod record;
pub mod sandbox;
pub mod schema;
pub mod setting;
pub mod shared;
pub mod tls;
pub mod types;
pub mod view;

use std::path::PathBuf;

use clap::Parser;
use clap::Subcommand;

use crate::cli::args::access::AccessCommand;
use crate::cli::args::call::Call;
use crate::cli::args::client::ClientCommand;
use crate::cli::args::config::ConfigCommand;
use crate::cli::args::curl::Curl;
use crate::cli::args::env::EnvCommand;
use crate::cli::args::explain::Explain;
use crate::cli::args::generated::Completions;
use crate::cli::args::generated::Man;
use crate::cli::args::history::HistoryCommand;
use crate::cli::args::postman::PostmanCommand;
use crate::cli::args::record::RecordCommand;
use crate::cli::args::sandbox::SandboxCommand;
use crate::cli::args::schema::SchemaCommand;
use crate::cli::args::setting::SettingCommand;
use crate::cli::args::types::TypeCommand;
use crate::cli::args::view::View;
use crate::worker::filter::COMMAND;

/// A terminal explorer for the Capture API (Janrain Capture, Akamai Identity Cloud).
///
/// Without a command, opens the explorer. Without a configuration, everything works on a sandbox: a Capture service
/// inside this program, kept on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "captui",
    version,
    after_help = "Examples:
  captui                                             open the explorer
  captui type list                                   types, in the sandbox
  captui record create user --attributes '{\"email\":\"a@b.c\"}'
  captui record find user --filter \"email = 'a@b.c'\" --env dev
  captui explain 361                                 what an error code means

Exit codes: 0 ok, 1 differences or problems found (schema), no JSON (view), 2 wrong usage or local input, 3 the \
service answered an error, 4 credentials or permission, 5 not found, 6 not sent, 7 conflict, 70 internal fault, 75 \
outcome unknown (it may have happened: look before you repeat it), 130 interrupted."
)]
pub struct Cli {
    /// The environment to use: `sandbox`, or one from the configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub env: Option<String>,
    /// Print JSON: the service's answer as it came, or what the command found
    #[arg(long, global = true)]
    pub json: bool,
    /// Print the least: names and ids alone, and no remarks
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Send no call that changes anything, whatever the configuration says
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Record the explorer in a new file, secrets and e-mail addresses masked: for a report of what went wrong
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Play a recording of the explorer: Space plays the next step, p plays on, q ends
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
    /// Play it at once, so many times as fast as it was
    #[arg(long, value_name = "N", requires = "replay", value_parser = speed)]
    pub speed: Option<f64>,
    #[command(subcommand)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub command: Option<Command>,
}

/// How fast a recording is played.
fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok();
    let speed = speed.filter(|speed| (0.01..=1000.0).contains(speed));
    speed.ok_or_else(|| "a number from 0.01 to 1000".to_owned())
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A Capture service on this machine: run it for other programs, fill it, keep it, begin it again
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Entity types: list, show, create, delete, and their attributes one by one
    #[command(subcommand)]
    Type(TypeCommand),
    /// Schemas of entity types: check, compare, plan, apply
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Records: create, find, change, delete
    #[command(subcommand)]
    Record(RecordCommand),
    /// The calls made so far: list, search, show, hand over, remove
    #[command(subcommand)]
    History(HistoryCommand),
    /// API clients: list, add, delete, and what they may do
    #[command(subcommand)]
    Client(ClientCommand),
    /// Settings of clients and their defaults: list, get, set, delete
    #[command(subcommand)]
    Setting(SettingCommand),
    /// Tokens for the users of records: issue, exchange
    #[command(subcommand)]
    Access(AccessCommand),
    /// Send any call and print its answer
    Call(Call),
    /// Send what a pasted curl command would send, safely: say what of it was understood, and never leak a secret
    Curl(Curl),
    /// Postman collections: write one of every operation, list and send the calls of one
    #[command(subcommand)]
    Postman(PostmanCommand),
    /// Environments, the places that calls are sent to: list, show, add, test, take over from other tools
    #[command(subcommand)]
    Env(EnvCommand),
    /// The settings: where they are, whether they can be read, what holds
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look at JSON of any size: files, archives of calls (HAR), captui's bundles, or what a pipe brings
    View(View),
    /// Run a jq filter for this program: see `worker::filter`
    #[command(name = COMMAND, hide = true)]
    Jq,
    /// Explain an error code of the service, or an answer: an error body, a web page, what `curl -i` printed
    Explain(Explain),
    /// Print what makes a shell complete the words of captui
    Completions(Completions),
    /// Print a manual page, or write those of all commands
    Man(Man),
    /// Look at everything around captui and say what is wrong: terminal, folders, settings, secrets, files
    #[command(
        after_help = "Nothing is changed and no secret is shown. Nobody is called, unless --env names an environment: then \
one call is made that changes nothing, and the service's clock is compared with this machine's.\n\n\
Exit codes: 0 all is well, 1 something is wrong.\n\n\
Examples:
  captui doctor
  captui doctor --env dev
  captui doctor --json | jq '.checks[] | select(.state == \"wrong\")'"
    )]
    Doctor,
    /// List the verbs of the explorer, with their keys and the commands that do the same
    #[command(
        after_help = "The table [keys] of the configuration gives a verb other keys: \"form.add\" = \"i\".\n\n\
Examples:
  captui keys
  captui keys --json | jq -r '.[] | select(.keys == []) | .verb'"
    )]
    Keys,
    /// List all commands; with --json, with their options, values, examples and exit codes
    #[command(after_help = "Examples:
  captui commands
  captui commands --json | jq '.commands[].name'")]
    Commands,
}

/// `NAME=VALUE`, in two.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn reads_what_the_examples_say() {
        for line in [
            vec![],
            vec!["sandbox", "serve", "--data", ":memory:", "--json"],
            vec!["sandbox", "serve", "--listen", "[::1]:8080"],
            vec!["sandbox", "status", "--data", "d", "--show-secret"],
            vec!["sandbox", "reset", "--bare", "--yes"],
            vec![
                "sandbox", "seed", "user", "--count", "5", "--fill", "required",
            ],
            vec!["sandbox", "snapshot"],
            vec!["sandbox", "snapshot", "x", "--force"],
            vec!["sandbox", "snapshot", "--output", "x.db", "--force"],
            vec!["sandbox", "snapshot", "--list", "--json"],
            vec!["sandbox", "restore", "x"],
            vec![
                "sandbox",
                "copy-schema",
                "--from",
                "dev",
                "user",
                "customer",
            ],
            vec![
                "sandbox",
                "serve",
                "--fault",
                "entity.create=504@10%",
                "--fault",
                "*=latency:300ms",
                "--fault-seed",
                "7",
            ],
            vec!["type", "list", "--env", "dev"],
            vec!["--env", "dev", "--json", "type", "show", "user"],
            vec!["type", "create", "customer", "--attr-defs", "-"],
            vec!["schema", "check", "-", "--json"],
            vec!["schema", "diff", "dev:user", "@user.json", "--markdown"],
            vec!["schema", "export", "user", "--create"],
            vec![
                "schema",
                "plan",
                "user",
                "@u.json",
                "--rename",
                "a=b",
                "--rename",
                "c.d=e",
                "--rebuild",
                "f",
                "--check",
                "--dry-run",
            ],
            vec!["schema", "plan", "dev:user", "-", "--show", "curl"],
            vec!["schema", "apply", "user", "@u.json", "--confirm", "user"],
            vec!["schema", "apply", "--resume"],
            vec!["schema", "apply", "--resume", "user", "--yes"],
            vec!["schema", "apply", "--list", "--json"],
            vec!["schema", "apply", "--forget", "user"],
            vec!["schema", "import", "user.json", "--name", "customer"],
            vec!["record", "create", "user"],
            vec![
                "record",
                "create",
                "user",
                "givenName=Bob",
                "age:=3",
                "--show",
                "wire",
                "--with-secrets",
            ],
            vec![
                "record",
                "update",
                "user",
                "--id",
                "1",
                "a.b=",
                "--path",
                "/x#12",
                "-q",
                "--read-only",
            ],
            vec![
                "record",
                "replace",
                "user",
                "--uuid",
                "u",
                "--attributes",
                "-",
                "--yes",
                "--dry-run",
            ],
            vec!["record", "delete", "user", "--id", "1", "--confirm", "prod"],
            vec!["record", "bulk-delete", "user", "--filter", "a = 1"],
            vec![
                "record",
                "versions",
                "user",
                "--id",
                "1",
                "--at",
                "yesterday",
                "--csv",
            ],
            vec!["record", "get", "user", "--key", "email=a=b"],
            vec![
                "record",
                "find",
                "user",
                "--sort",
                "-created,email",
                "--max",
                "3",
                "--total",
            ],
            vec!["record", "count", "user", "--filter", "a = 'b'"],
            vec!["call", "entity", "id=3", "attribute_name="],
            vec!["explain", "361"],
            vec!["history", "list", "--before", "#41", "--ndjson"],
            vec!["history", "search", "a b", "--not", "env:prod", "--count"],
            vec!["history", "search", "--not", "a b"],
            vec!["history", "search", "--", "-env:prod"],
            vec!["history", "search", "bob", "--limit", "5", "--env", "prod"],
            vec!["history", "show", "41", "--part", "answer"],
            vec!["history", "purge", "--older-than", "30d", "--yes"],
            vec!["history", "purge", "bob", "--not", "env:prod"],
            vec!["history", "purge", "--all"],
            vec!["explain", "-"],
            vec!["explain"],
            vec!["history", "diff", "41", "#42", "--json"],
            vec!["history", "replay", "41", "--env", "dev", "--dry-run"],
            vec![
                "history",
                "replay",
                "41",
                "--yes",
                "--compare",
                "--",
                "uuid=x",
                "a=b",
            ],
            vec!["history", "export"],
            vec!["curl", "curl https://h/entity", "--allow-files"],
            vec![
                "curl", "--show", "wire", "--set", "a=b", "--", "-d", "a=1", "h/entity",
            ],
            vec!["postman", "export", "-o", "f", "--env", "dev"],
            vec!["postman", "import", "f", "--run", "3", "--dry-run"],
            vec!["completions", "pwsh"],
            vec!["man", "record", "create"],
            vec!["commands", "--json"],
            vec!["config", "init"],
            vec![
                "env",
                "add",
                "dev",
                "--domain",
                "h",
                "--client-id",
                "i",
                "--class",
                "dev",
                "--secret-command",
                "pass",
                "show",
                "-x",
            ],
            vec!["env", "import", "--class", "dev", "--dry-run"],
            vec!["history", "export", "41", "--format", "jira", "-o", "f"],
        ] {
            let words = std::iter::once("captui").chain(line.iter().copied());
            assert!(Cli::try_parse_from(words).is_ok(), "{line:?}");
        }
    }

    /// The help is as wide as the terminal: a line that is broken by hand is broken twice where that is narrow.
    #[test]
    fn no_help_breaks_lines_within_a_paragraph() {
        fn check(command: &clap::Command) {
            let texts = [
                command.get_about(),
                command.get_long_about(),
                command.get_after_help(),
                command.get_after_long_help(),
            ];
            for text in texts.into_iter().flatten() {
                let text = text.to_string();
                let lines: Vec<&str> = text.lines().collect();
                for pair in lines.windows(2) {
                    let is_prose = |line: &str| !line.is_empty() && !line.starts_with(' ');
                    let is_broken = is_prose(pair[0]) && is_prose(pair[1]);
                    assert!(!is_broken, "{}: {pair:?}", command.get_name());
                }
                // In a table, a line that is wrapped stands in the wrong column.
                for line in lines.iter().filter(|line| line.starts_with(' ')) {
                    let is_table = line.trim_start().contains("   ");
                    let width = line.chars().count();
                    assert!(!is_table || width <= 80, "{width} cells: {line}");
                }
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn refuses_what_contradicts_itself() {
        for line in [
            vec!["record", "get", "user"],
            vec!["record", "get", "user", "--id", "1", "--uuid", "x"],
            vec!["record", "create", "user", "Bob"],
            vec!["record", "create", "user", "--with-secrets"],
            vec!["record", "create", "user", "--show", "curl", "--dry-run"],
            vec!["record", "find", "user", "--csv", "--ndjson"],
            vec!["record", "bulk-delete", "user"],
            vec!["record", "get", "user", "--key", "email"],
            vec!["record", "get", "user", "--key", "=x"],
            vec!["sandbox", "serve", "--listen", "localhost"],
            vec!["sandbox", "seed", "user"],
            vec!["sandbox", "seed", "user", "--count", "0"],
            vec!["sandbox", "snapshot", "x", "--output", "y"],
            vec!["sandbox", "snapshot", "x", "--list"],
            vec!["sandbox", "snapshot", "--list", "--force"],
            vec!["sandbox", "restore"],
            vec!["sandbox", "copy-schema", "user"],
            vec!["sandbox", "serve", "--fault", "504"],
            vec!["sandbox", "serve", "--fault-seed", "7"],
            vec!["type", "create", "customer"],
            vec!["schema", "check"],
            vec!["schema", "diff", "user"],
            vec!["schema", "diff", "a", "b", "--json", "--markdown"],
            vec!["schema", "export", "user", "--create", "--bare"],
            vec!["schema", "plan", "@user.json", "user"],
            vec!["schema", "plan", "user", "@u", "--rename", "a"],
            vec!["schema", "apply", "user"],
            vec!["schema", "apply"],
            vec!["schema", "apply", "user", "@u.json", "--list"],
            vec!["schema", "apply", "--list", "--resume"],
            vec!["call"],
            vec!["history", "search"],
            vec!["history", "list", "--limit", "0"],
            vec!["history", "show", "x"],
            vec!["history", "purge", "--all", "bob"],
            vec!["history", "diff", "41"],
            vec!["history", "replay", "41", "uuid=x"],
            vec!["history", "replay", "41", "--", "uuid"],
            vec!["history", "replay", "41", "--dry-run", "--compare"],
            vec!["history", "export", "--format", "xml"],
            vec!["curl", "curl h/entity", "--", "-d", "a"],
            vec!["curl", "--dry-run", "--show", "curl", "curl h/entity"],
            vec!["postman", "export", "--environment", "-o", "f"],
            vec!["env", "add", "dev", "--domain", "h", "--client-id", "i"],
            vec!["man", "record", "-o", "d"],
        ] {
            let words = std::iter::once("captui").chain(line.iter().copied());
            assert!(Cli::try_parse_from(words).is_err(), "{line:?}");
        }
    }
}
