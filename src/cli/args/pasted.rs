//! What the commands share that send a call which was written for another program.

use clap::Args;

use crate::cli::args::pair;
use crate::cli::args::shared::Answers;
use crate::cli::args::shared::Sending;

/// Where such a call goes, and what is done before.
#[derive(Debug, Args)]
pub struct Pasted {
    /// Send it to the host and with the credentials that it names itself, whatever the environment
    #[arg(long)]
    pub host_of_command: bool,
    /// An argument in place of the one of this name, or beside the others; a value @FILE is read from a file; may be
    /// repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
}
