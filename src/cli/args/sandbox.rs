//! What `captui sandbox …` takes, but for `serve`.

use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

use crate::capture::sample::Fill;

/// Which sandbox.
#[derive(Debug, Args)]
pub struct Data {
    /// The folder that keeps the sandbox [default: captui's own]
    #[arg(long, value_name = "DIR")]
    pub data: Option<String>,
}

/// `captui sandbox status`
#[derive(Debug, Args)]
pub struct Status {
    /// Also tell the owner client's secret
    #[arg(long)]
    pub show_secret: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub data: Data,
}

/// `captui sandbox reset`
#[derive(Debug, Args)]
pub struct Reset {
    /// Begin again with the default entity type `user` alone and no records, as the service does
    #[arg(long)]
    pub bare: bool,
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub data: Data,
}

/// `captui sandbox snapshot`
#[derive(Debug, Args)]
pub struct TakeSnapshot {
    /// The snapshot's name: letters, digits, `.`, `_` and `-` [default: the present instant]
    #[arg(conflicts_with_all = ["output", "list"])]
    pub name: Option<String>,
    /// Write it to this file instead of the sandbox's own snapshots
    #[arg(long, value_name = "FILE", conflicts_with = "list")]
    pub output: Option<PathBuf>,
    /// List the sandbox's snapshots
    #[arg(long)]
    pub list: bool,
    /// Overwrite what is there
    #[arg(long, conflicts_with = "list")]
    pub force: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub data: Data,
}

/// `captui sandbox restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// A snapshot's name, or a file
    #[arg(value_name = "NAME|FILE")]
    pub snapshot: String,
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub data: Data,
}

/// `captui sandbox seed`
#[derive(Debug, Args)]
pub struct Seed {
    /// The entity type
    pub type_name: String,
    /// How many records
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: u64,
    /// The number that the first record is made from, the next from the next: the same numbers give the same values
    /// [default: the number of records there are, plus 1]
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// How much of each record is filled
    #[arg(long, value_enum, default_value_t = Filling::Typical)]
    pub fill: Filling,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub data: Data,
}

/// How much of a record is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Filling {
    /// What the entity type insists on
    Required,
    /// What a real record has
    Typical,
    /// Every attribute
    Everything,
}

impl From<Filling> for Fill {
    fn from(filling: Filling) -> Self {
        match filling {
            Filling::Required => Self::RequiredOnly,
            Filling::Typical => Self::Typical,
            Filling::Everything => Self::Everything,
        }
    }
}

/// `captui sandbox copy-schema`
#[derive(Debug, Args)]
pub struct CopySchema {
    /// The environment to copy from, one of the configuration; nothing is changed there
    #[arg(long, value_name = "ENV")]
    pub from: String,
    /// Only these entity types
    #[arg(value_name = "TYPE")]
    pub types: Vec<String>,
    /// Put a type in place of one that differs, whose records go
    #[arg(long)]
    pub replace: bool,
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub data: Data,
}
