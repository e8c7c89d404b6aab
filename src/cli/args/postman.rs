//! `captui postman`: what can be typed, and its help.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

use crate::cli::args::pasted::Pasted;

/// `captui postman …`
#[derive(Debug, Subcommand)]
pub enum PostmanCommand {
    /// Write every operation as a Postman collection (v2.1), with an environment for its variables
    #[command(
        after_help = "Folders by noun, every argument with its description; what an operation does not need is there, \
switched off. {{domain}}, {{client_id}} and {{client_secret}} come from the environment, whose secret is left for you \
to put in: none is written. With -o X.json the environment is written beside it, as X.postman_environment.json.

Examples:
  captui postman export --env dev -o capture.postman_collection.json
  captui postman export --env dev --environment > dev.postman_environment.json"
    )]
    Export(Export),
    /// List the Capture calls of a Postman collection, or send one of them
    #[command(
        after_help = "Scripts are not run and variables not filled in: --set NAME=VALUE gives a value, and the \
environment its own host and client, by the rules of `captui curl`.

Exit codes: of a list 0, of a call those of `captui call`; 2 for what is no collection.

Examples:
  captui postman import capture.postman_collection.json
  captui postman import capture.postman_collection.json --run entity/entity.count --set type_name=user
  captui postman import team.json --run 3 --env dev --dry-run"
    )]
    Import(Import),
}

/// `captui postman export`
#[derive(Debug, Args)]
pub struct Export {
    /// Write it into this file, which must not exist, and the environment beside it
    #[arg(short, long, value_name = "FILE", conflicts_with = "environment")]
    pub output: Option<PathBuf>,
    /// Print the environment in place of the collection
    #[arg(long)]
    pub environment: bool,
}

/// `captui postman import`
#[derive(Debug, Args)]
pub struct Import {
    /// The collection, or one request of it; - for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Send this call: its number or its name
    #[arg(long, value_name = "NAME|N")]
    pub run: Option<String>,
    /// Print one JSON object for each call, a line each
    #[arg(long, conflicts_with = "run")]
    pub ndjson: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub how: Pasted,
}
