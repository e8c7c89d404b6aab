//! `captui view`: what can be typed, and its help.

use std::path::PathBuf;

use clap::Args;

/// `captui view …`
#[derive(Debug, Args)]
#[command(
    after_help = "Opens without a configuration, writes nothing, and calls nobody. Packed files (gzip) are unpacked. \
What a pipe brings is shown as it comes. When the output is not a terminal, prints the JSON indented instead.

Exit codes when it prints: 0 it is JSON, 1 it is not: it is printed all the same, and standard error says \
where it is broken; 2 something cannot be read.

Examples:
  captui view answer.json
  captui call entity.find type_name=user --json | captui view
  captui view calls.har bundle.json
  captui view big.json.gz | head"
)]
pub struct View {
    /// What to look at; - for standard input, which is also meant where nothing is named
    #[arg(value_name = "FILE", default_value = "-")]
    pub files: Vec<PathBuf>,
}
