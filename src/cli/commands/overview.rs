//! `captui commands`: every command with its options, values, examples and exit codes, for people in a list and for
//! programs as JSON. Made from the definition of the commands, so that it says what `--help` says.

use clap::Arg;
use clap::ArgAction;
use clap::Command;
use clap::CommandFactory;

use crate::capture::json::Json;
use crate::cli::args::Cli;
use crate::cli::help::Notes;
use crate::cli::output;
use crate::cli::session::Stop;
use crate::failure::FailureKind;

/// Prints them.
pub(in crate::cli) fn print(json: bool) -> Result<(), Stop> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    if json {
        return Ok(output::print_json(&program(&root))?);
    }
    let mut lines = Vec::new();
    list(&root, "captui", &mut lines);
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines = lines
        .into_iter()
        .map(|(name, about)| format!("{name:width$}  {about}\n"));
    Ok(output::print(&lines.collect::<String>())?)
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|it| !it.is_hide_set())
}

/// The commands that do something, and what. Recursion is as deep as the commands are.
fn list(command: &Command, path: &str, lines: &mut Vec<(String, String)>) {
    if !command.is_subcommand_required_set() {
        lines.push((path.to_owned(), about(command)));
    }
    for inner in visible(command) {
        list(inner, &format!("{path} {}", inner.get_name()), lines);
    }
}

fn about(command: &Command) -> String {
    command.get_about().map_or_else(String::new, |about| {
        about.to_string().trim_end_matches('.').to_owned()
    })
}

fn program(root: &Command) -> Json {
    let code = |(kind, meaning): (FailureKind, &str)| exit_code(kind.exit_code(), meaning);
    let mut codes = vec![exit_code(0, "ok")];
    codes.extend(FailureKind::ALL.map(code));
    let mut members = members(root, "captui");
    members.insert(1, ("version", Json::from(env!("CARGO_PKG_VERSION"))));
    members.push(("exit_codes", Json::Array(codes)));
    members.into_iter().collect()
}

fn exit_code(code: u8, meaning: &str) -> Json {
    [
        ("code", Json::from(i64::from(code))),
        ("meaning", Json::from(meaning)),
    ]
    .into_iter()
    .collect()
}

/// What there is to say about a command. Recursion is as deep as the commands are.
fn members(command: &Command, path: &str) -> Vec<(&'static str, Json)> {
    let texts = |lines: &[String]| {
        Json::Array(lines.iter().map(|line| Json::from(line.as_str())).collect())
    };
    let notes = Notes::of(command);
    let args = || {
        command
            .get_arguments()
            .filter(|arg| !arg.is_hide_set() && arg.get_id() != "help")
    };
    let arguments = args().filter(|arg| arg.is_positional()).map(argument);
    let options = args().filter(|arg| !arg.is_positional()).map(argument);
    let mut members = vec![
        ("name", Json::from(path)),
        ("about", Json::from(about(command).as_str())),
        ("arguments", Json::Array(arguments.collect())),
        ("options", Json::Array(options.collect())),
    ];
    if !notes.prose.is_empty() {
        members.push(("notes", Json::from(notes.prose.join("\n").as_str())));
    }
    if !notes.examples.is_empty() {
        members.push(("examples", texts(&notes.examples)));
    }
    if let Some(codes) = &notes.exit_codes
        && path != "captui"
    {
        members.push(("exit_codes", Json::from(codes.as_str())));
    }
    let inner: Vec<Json> = visible(command)
        .map(|inner| {
            let path = format!("{path} {}", inner.get_name());
            self::members(inner, &path).into_iter().collect()
        })
        .collect();
    if !inner.is_empty() {
        members.push(("commands", Json::Array(inner)));
    }
    members
}

fn argument(arg: &Arg) -> Json {
    let mut members = Vec::new();
    if let Some(long) = arg.get_long() {
        members.push(("long", Json::from(format!("--{long}").as_str())));
    }
    if let Some(short) = arg.get_short() {
        members.push(("short", Json::from(format!("-{short}").as_str())));
    }
    let takes_value = arg.get_num_args().is_some_and(|many| many.takes_values());
    if takes_value {
        let names = arg.get_value_names().unwrap_or_default();
        let names: Vec<&str> = names.iter().map(clap::builder::Str::as_str).collect();
        members.push(("value", Json::from(names.join(" ").as_str())));
    }
    let help = arg.get_long_help().or_else(|| arg.get_help());
    let help = help.map_or_else(String::new, ToString::to_string);
    members.extend([
        ("help", Json::from(help.as_str())),
        ("required", Json::from(arg.is_required_set())),
        ("repeatable", Json::from(is_repeatable(arg))),
        ("global", Json::from(arg.is_global_set())),
    ]);
    let defaults = arg.get_default_values().iter();
    let defaults: Vec<Json> = defaults
        .map(|value| Json::from(value.to_string_lossy().as_ref()))
        .collect();
    if takes_value && !defaults.is_empty() {
        members.push(("default", Json::Array(defaults)));
    }
    let values: Vec<Json> = if takes_value {
        let values = arg.get_possible_values();
        let values = values.iter().filter(|value| !value.is_hide_set());
        values.map(|value| Json::from(value.get_name())).collect()
    } else {
        Vec::new()
    };
    if !values.is_empty() {
        members.push(("values", Json::Array(values)));
    }
    members.into_iter().collect()
}

fn is_repeatable(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append | ArgAction::Count)
        || arg.get_num_args().is_some_and(|many| many.max_values() > 1)
}
