//! `captui record load` and `rollback`: what can be typed, and its help.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::record_file::read::Format;

/// `captui record load`
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
pub struct Load {
    /// The entity type
    pub type_name: String,
    /// Files of records: CSV as the vendor's loader takes it, NDJSON or JSON, also packed with gzip; - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What the files are [default: what their names say, else their beginning]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// What stands between the cells of CSV: one character, or `tab` [default: a comma]
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// Only judge the rows
    #[arg(long, conflicts_with_all = ["dry_run", "resume", "restart", "resend_unknown"])]
    pub check: bool,
    /// Judge the rows and print the first record's call: nothing is sent
    #[arg(long, conflicts_with_all = ["resume", "restart", "resend_unknown"])]
    pub dry_run: bool,
    /// Send the rows that are right though others are wrong
    #[arg(long)]
    pub skip_invalid: bool,
    /// Pass over columns of CSV that are no attributes
    #[arg(long)]
    pub skip_unknown: bool,
    /// Leave out id, uuid, lastUpdated and the ids of elements, as they stand in an export
    #[arg(long)]
    pub strip_given: bool,
    /// Create records one by one (entity.create) instead of in bulk (entity.bulkCreate)
    #[arg(long, conflicts_with = "batch")]
    pub single: bool,
    /// The most records in a call; fewer when the service gives up on one
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=2000))]
    pub batch: u16,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub pace: Pace,
    /// How long to look for the records of a call that the service gave up on before they are sent again, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "15", value_parser = seconds)]
    pub settle: Duration,
    /// How long to go on when nothing comes of any call, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "900", value_parser = seconds)]
    pub patience: Duration,
    /// The folder for the journal and the outcomes [default: FILE.captui-load; for what is piped in, a folder here that is named by what it is]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Go on with a load that was begun; an error when there is none. Without it, one that was begun is gone on with as well
    #[arg(long, conflicts_with = "restart")]
    pub resume: bool,
    /// Put a load of this file that was begun or is done aside, and send all rows anew
    #[arg(long)]
    pub restart: bool,
    /// Also send rows again of which nobody can tell whether their records are there
    #[arg(long, conflicts_with = "restart")]
    pub resend_unknown: bool,
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
}

/// How fast calls are made.
#[derive(Debug, Args)]
pub struct Pace {
    /// The most calls at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub concurrency: u16,
    /// The most calls a second
    #[arg(long, value_name = "N", value_parser = rate)]
    pub rate: Option<Duration>,
}

/// `captui record rollback`
#[derive(Debug, Args)]
pub struct Rollback {
    /// The folder of the load, its success.csv, or the file that was loaded
    pub what: PathBuf,
    /// The entity type, for a list of records without a journal beside it
    #[arg(long = "type", value_name = "TYPE")]
    pub type_name: Option<String>,
    /// Also delete records that were changed since
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub pace: Pace,
    /// Only tell what would be deleted
    #[arg(long)]
    pub dry_run: bool,
    /// The entity type's name: do it without asking
    #[arg(long, value_name = "TYPE")]
    pub confirm: Option<String>,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        _ if text == "tab" => Ok(b'\t'),
        [byte] if byte.is_ascii_graphic() && !matches!(byte, b'"') => Ok(*byte),
        [b'\t'] => Ok(b'\t'),
        _ => Err("one character of ASCII, or `tab`".to_owned()),
    }
}

/// Calls a second, as the time between two.
fn rate(text: &str) -> Result<Duration, String> {
    let rate: Option<f64> = text.parse().ok();
    let rate = rate.filter(|rate| (0.01..=10_000.0).contains(rate));
    rate.map(|rate| Duration::from_secs_f64(1.0 / rate))
        .ok_or_else(|| "a number from 0.01 to 10000".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: Option<f64> = text.parse().ok();
    let seconds = seconds.filter(|seconds| (0.0..=86_400.0).contains(seconds));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "a number from 0 to 86400".to_owned())
}
