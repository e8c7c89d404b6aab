//! `captui history`: what can be typed, and its help.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::ArgGroup;
use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

use crate::cli::args::pair;
use crate::cli::args::shared::Listing;
use crate::exchange::ExchangeId;
use crate::handover::format::Format;

/// `captui history …`
#[derive(Debug, Subcommand)]
pub enum HistoryCommand {
    /// List calls, the newest first
    #[command(after_help = "Examples:
  captui history list
  captui history list --env prod --limit 100 --ndjson
  captui history list --before 4711")]
    List(List),
    /// Search calls by what they are and by what was said in them
    #[command(
        after_help = "All terms must hold, but none behind --not. Times are local unless they end with Z or an offset.

  bob                  a word that begins so, also behind @ . - _ + ' in a word
  \"Main Street 5\"      this text literally, whatever its case
  *son*                this text anywhere, also in a word: looks at every call
  code:223             error code; 223,361 and 300..399 and unique_violation too
  env:prod type:user   environment, entity type
  op:entity.create     operation; op:entity.* for several
  verdict:error        ok, error, not_capture, not_sent, unknown
  uuid:8a3abdda        uuid or its beginning; id:42 for a record's id
  request:geup8cd3     request_id or its beginning
  body:bob@x.com       text in request or answer alone
  after:2026-11-01     also 2026-11, 12:30, today, yesterday, 2d, 3h
  before: and on:      likewise
  http:502 slower:2s   HTTP status; least time

One argument is a whole question, in which -TERM must not hold; of several each is one term, so that the shell's \
quotes suffice.

Examples:
  captui history search geup8cd3
  captui history search bob@example.com verdict:error after:yesterday
  captui history search 'env:prod code:223 -op:entity.find' --json"
    )]
    Search(Search),
    /// Show one call: what it was, what was sent and what came back
    #[command(after_help = "Examples:
  captui history show 41
  captui history show 41 --part answer > answer.json")]
    Show(Show),
    /// Show a record through time: its states, or which call is to blame for each of its fields
    #[command(
        after_help = "What calls through captui have shown and written of the record, the oldest first; nothing is \
asked of the service. Elements of plurals are told apart by primary key or id. Without --env it is the record of the \
usual environment.

Examples:
  captui history record user 11649
  captui history record user --uuid 8a3abdda-b4fb-49d8-a88d-022585b0f877 --blame
  captui history record user 11649 --env prod --json"
    )]
    Record(PastOf),
    /// Compare two calls: what was sent, what came back, and how long it took
    #[command(
        after_help = "Elements of plurals are told apart by their primary key where the history has seen the schema, \
by their ids within one environment, else by their places. Between two environments, ids and times that each gives \
itself do not count. Masked values are not compared.

Exit codes: 0 they asked the same and were answered the same, 1 they differ.

Examples:
  captui history diff 41 42
  captui history diff 41 42 --json"
    )]
    Diff(Diff),
    /// Send a call of the history again, where it was sent or elsewhere
    #[command(
        after_help = "Reads go out at once. A write asks first; where something is removed for good, for the \
environment's name. Without a terminal --yes or --confirm NAME answers, and what makes something new needs \
--create-again beside it. What is masked or cut in the history must be given again behind --; a value @FILE is read \
from a file.

Exit codes: as those of `captui call`; with --compare 0 the same answer, 1 another one.

Examples:
  captui history replay 41
  captui history replay 41 --env staging --compare
  captui history replay 41 --dry-run
  captui history replay 41 --yes -- 'attributes={\"password\":\"new\"}'"
    )]
    Replay(Replay),
    /// Remove calls for good, from the file, its index and its log
    #[command(
        after_help = "What is meant is counted and asked for before. --all also removes histories that could not be \
read and were set aside.

Examples:
  captui history purge --all
  captui history purge --older-than 30d
  captui history purge bob@example.com
  captui history purge --env prod --yes"
    )]
    Purge(Purge),
    /// Hand calls over: as a ticket, an archive, a script, a table, or a bundle that captui opens again
    #[command(after_help = "The formats:
  ticket   Markdown; jira and plain are the same as wiki markup and plain text
  bundle   one file that captui opens again, with the schemas concerned
  har      an HTTP archive, for browsers and proxies
  curl     a script; the client's id and secret are variables
  json     the exchanges as an array; ndjson: one a line
  csv      the records of the answers; no cell is a formula

Secrets are always masked. Personal data is too, by the schema, by the names of attributes and wherever a value stands \
again, unless --unmasked says otherwise; ids and uuids stay. ‹email 1› stands for the same value throughout.

Examples:
  captui history export                           the last call, as a ticket
  captui history export 41 42 --format bundle -o case.captui.json.gz
  captui history export geup8cd3gvcvjjnc --format jira
  captui history export ada@example.com --format har -o ada.har")]
    Export(ExportCalls),
}

/// `captui history list`
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub output: Listed,
}

/// `captui history search`
#[derive(Debug, Args)]
pub struct Search {
    /// What to look for
    #[arg(value_name = "TERM", required_unless_present = "without")]
    pub terms: Vec<String>,
    /// What must not hold; may be repeated
    #[arg(long = "not", id = "without", value_name = "TERM")]
    pub without: Vec<String>,
    /// Print only how many there are
    #[arg(long, conflicts_with_all = ["limit", "before", "ndjson", "csv", "table"])]
    pub count: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub output: Listed,
}

/// How much of a list, and how.
#[derive(Debug, Args)]
pub struct Listed {
    /// At most so many
    #[arg(long, value_name = "N", default_value = "50")]
    pub limit: NonZeroUsize,
    /// Only calls before this one
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    pub before: Option<ExchangeId>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub listing: Listing,
}

/// `captui history show`
#[derive(Debug, Args)]
pub struct Show {
    /// The call's number, as the list shows it
    #[arg(value_name = "NUMBER", value_parser = number)]
    pub exchange: ExchangeId,
    /// Print this part alone
    #[arg(long, value_name = "PART")]
    pub part: Option<Part>,
}

/// A part of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The arguments that were sent
    Request,
    /// The answer's body
    Answer,
    /// The headers of request and answer
    Headers,
}

/// `captui history record`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("selector").required(true).args(["id", "uuid"])))]
pub struct PastOf {
    /// The entity type
    #[arg(value_name = "TYPE")]
    pub type_name: String,
    /// The record's id
    #[arg(value_name = "ID")]
    pub id: Option<i64>,
    /// The record's uuid
    #[arg(long)]
    pub uuid: Option<String>,
    /// Show since when each field is so, and which call is to blame
    #[arg(long)]
    pub blame: bool,
}

/// `captui history diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// A call's number, as the list shows it
    #[arg(value_name = "A", value_parser = number)]
    pub one: ExchangeId,
    /// Another one's
    #[arg(value_name = "B", value_parser = number)]
    pub other: ExchangeId,
}

/// `captui history replay`
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct Replay {
    /// The call's number, as the list shows it
    #[arg(value_name = "NUMBER", value_parser = number)]
    pub exchange: ExchangeId,
    /// Do not ask, unless it is asked for the environment's name
    #[arg(long)]
    pub yes: bool,
    /// The environment's name: do it without asking for it
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
    /// Also without asking, make what the call makes once more
    #[arg(long)]
    pub create_again: bool,
    /// Tell what would be sent, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print how request and answer differ from those of the history, in place of the answer
    #[arg(long, conflicts_with = "dry_run")]
    pub compare: bool,
    /// Arguments in place of those that were kept
    #[arg(last = true, value_name = "NAME=VALUE", value_parser = pair)]
    pub given: Vec<(String, String)>,
}

/// `captui history purge`
#[derive(Debug, Args)]
pub struct Purge {
    /// Which calls, as in `captui history search`
    #[arg(value_name = "TERM")]
    pub terms: Vec<String>,
    /// What must not hold; may be repeated
    #[arg(long = "not", value_name = "TERM")]
    pub without: Vec<String>,
    /// All calls
    #[arg(long, conflicts_with_all = ["terms", "without", "older_than"])]
    pub all: bool,
    /// Calls older than this: 12h, 30d, 4w, or before a date: 2026-11-01
    #[arg(long, value_name = "TIME")]
    pub older_than: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// `captui history export`
#[derive(Debug, Args)]
pub struct ExportCalls {
    /// The calls' numbers, or a text to look for [default: the last call]
    #[arg(value_name = "ID|QUERY")]
    pub which: Vec<String>,
    /// What to make of them: ticket, jira, plain, bundle, har, curl, json, ndjson, csv
    #[arg(long, value_name = "FORMAT", default_value_t = Format::Markdown)]
    pub format: Format,
    /// Leave personal data as it is; secrets are masked all the same
    #[arg(long)]
    pub unmasked: bool,
    /// At most so many calls that a text is found in, the newest
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
    /// Write it into this file, which must not exist; packed if its name ends with .gz
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

fn number(text: &str) -> Result<ExchangeId, String> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    digits
        .parse()
        .map(ExchangeId)
        .map_err(|_| "a call's number is expected, as the list shows it".to_owned())
}
