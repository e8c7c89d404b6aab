//! What the commands share that send a call which was written for another program.

use clap::Args;
use clap::ValueEnum;

use crate::cli::args::pair;

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
    /// Tell what would be sent and what would be asked, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print what would be sent, secrets masked, and send nothing
    #[arg(long, value_name = "FORM", conflicts_with = "dry_run")]
    pub show: Option<Form>,
    /// Do not ask, unless it is asked for the environment's name
    #[arg(long)]
    pub yes: bool,
    /// The environment's name: do it without asking for it
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
}

/// In which form a call is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// As captui's own curl command
    Curl,
    /// As the bytes of HTTP
    Wire,
    /// As the operation and its arguments, a line each
    Request,
}
