//! Completion of words: a shell asks the program itself, by a variable of the environment, and gets what fits. Where the
//! names come from is in `names`; the line that makes a shell ask is printed by `captui completions`.

use clap::Arg;
use clap::Command;
use clap::CommandFactory;
use clap_complete::engine::ArgValueCandidates;
use clap_complete::env::CompleteEnv;

use crate::cli::args::Cli;
use crate::cli::names;

/// The variable by which a shell asks.
pub(super) const VARIABLE: &str = "CAPTUI_COMPLETE";

/// Ends the program with an answer if a shell asks for one. To be called first of all, while there is one thread.
pub fn answer_if_asked() {
    CompleteEnv::with_factory(command).var(VARIABLE).complete();
}

/// The commands, with arguments that know their values.
fn command() -> Command {
    with_names(Cli::command())
}

/// Recursion is as deep as the commands are.
fn with_names(command: Command) -> Command {
    command.mut_args(with_name).mut_subcommands(with_names)
}

/// An argument is known by its name here or by what its help calls its value.
fn with_name(arg: Arg) -> Arg {
    let is_called = |name: &str| {
        let values = arg.get_value_names().unwrap_or_default();
        values.iter().any(|value| value.as_str() == name)
    };
    let is_type = arg.get_id() == "type_name" || is_called("TYPE") || is_called("TYPE_NAME");
    if arg.get_id() == "env" || arg.get_id() == "from" {
        arg.add(ArgValueCandidates::new(names::environments))
    } else if is_type {
        arg.add(ArgValueCandidates::new(names::entity_types))
    } else {
        arg
    }
}
