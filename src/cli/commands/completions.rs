//! `captui completions`: the lines that make a shell ask captui for what fits.

use clap_complete::env::Shells;

use crate::cli::args::generated::Completions;
use crate::cli::complete::VARIABLE;
use crate::cli::output;
use crate::cli::session::Stop;

/// The program as the shell finds it.
const PROGRAM: &str = "captui";

/// Prints them.
pub(in crate::cli) fn print(asked: &Completions) -> Result<(), Stop> {
    let name = asked.shell.name();
    let shells = Shells::builtins();
    let shell = shells
        .completer(name)
        .unwrap_or_else(|| unreachable!("{name} is one of the shells there are"));
    let mut script = Vec::new();
    shell.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)?;
    Ok(output::print_document(&String::from_utf8_lossy(&script))?)
}
