//! The commands: what they print, what they keep, and the status they end with.

mod call;
mod commands;
mod config;
mod consent;
mod curl;
mod doctor;
mod env;
mod exit_codes;
mod explain;
mod export;
mod generated;
mod handover;
mod history;
mod items;
mod load;
mod plain;
mod postman;
mod record;
mod replay;
mod sandbox;
mod schema;
mod secrets;
mod types;

use crate::support::Home;
use crate::support::command::Output;
use crate::support::command::run;

/// Runs a command that must go well, and gives what it prints.
pub(crate) fn ok(home: &Home, args: &[&str]) -> String {
    let output = run(home, args, "");
    assert_eq!(output.status, Some(0), "{args:?}: {}", output.stderr);
    output.stdout
}

/// Runs a command that must end with `status`, say why, and print nothing.
pub(crate) fn fails(home: &Home, args: &[&str], status: i32) -> Output {
    let output = run(home, args, "");
    assert_eq!(output.status, Some(status), "{args:?}: {}", output.stderr);
    assert_eq!(output.stdout, "", "{args:?}");
    assert!(output.stderr.starts_with("captui: "), "{}", output.stderr);
    output
}
