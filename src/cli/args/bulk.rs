//! `captui record export`, `captui record verify` and `captui env dump`: what can be typed, and its help.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::record_file::write::Form;

/// `captui record export`
#[derive(Debug, Args)]
pub struct Export {
    /// The entity type
    #[arg(value_name = "TYPE")]
    pub type_name: String,
    /// The file, which must not exist; packed if its name ends with .gz. - for standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// What to write: ndjson, json, csv, parquet [default: as the file's name ends, else ndjson]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Form>,
    /// Only records that match, in the API's filter language
    #[arg(long)]
    pub filter: Option<String>,
    /// Only these attributes and the id, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub attributes: Vec<String>,
    /// Go on with an export that was interrupted, if there is one
    #[arg(long)]
    pub resume: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub pace: Pace,
    /// Put an apostrophe before cells of CSV that a spread-sheet would compute: not for loading again
    #[arg(long)]
    pub formula_safe: bool,
}

/// `captui record verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// What is as it should be: TYPE, ENV:TYPE or a file
    #[arg(value_name = "ONE")]
    pub one: String,
    /// What is compared with it: TYPE, ENV:TYPE or a file
    #[arg(value_name = "OTHER", required_unless_present = "against")]
    pub other: Option<String>,
    /// The same as OTHER
    #[arg(long, value_name = "OTHER", conflicts_with = "other")]
    pub against: Option<String>,
    /// The attribute by which records belong together [default: uuid, or id where an export is without it]
    #[arg(long, value_name = "ATTR")]
    pub key: Option<String>,
    /// Only records of a live type that match, in the API's filter language
    #[arg(long)]
    pub filter: Option<String>,
    /// Write all that is found into this file, which must not exist: a JSON object a line
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Show personal values; passwords are masked all the same
    #[arg(long)]
    pub unmasked: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub pace: Pace,
}

/// How hard the service is asked.
#[derive(Debug, Args)]
pub struct Pace {
    /// How many parts are read at the same time
    #[arg(long, value_name = "N", default_value = "4")]
    pub partitions: NonZeroUsize,
    /// At most so many records a page [default: as many as the service gives in good time]
    #[arg(long, value_name = "N")]
    pub page: Option<NonZeroUsize>,
    /// At most so many calls a second
    #[arg(long, value_name = "N", value_parser = rate)]
    pub rate: Option<Duration>,
}

/// How far apart calls are, from how many there are a second.
fn rate(text: &str) -> Result<Duration, String> {
    let rate: Option<f64> = text.parse().ok();
    let rate = rate.filter(|rate| (0.001..=100_000.0).contains(rate));
    rate.map(|rate| Duration::from_secs_f64(rate.recip()))
        .ok_or_else(|| "a number of calls a second, from 0.001".to_owned())
}

/// `captui env dump`
#[derive(Debug, Args)]
pub struct Dump {
    /// The folder to fill; it may exist if it is empty, or holds a dump that was interrupted
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Only this entity type, also where they cannot be listed; several times for several
    #[arg(long = "type", value_name = "TYPE")]
    pub types: Vec<String>,
    /// With all records, packed, a file for each type
    #[arg(long)]
    pub records: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub pace: Pace,
}
