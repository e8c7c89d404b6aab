//! What several commands take, under one name and with one meaning everywhere: which record, which attributes, how a
//! list is printed, what becomes of a call, and what answers a question.

use clap::Args;
use clap::ValueEnum;

use crate::capture::path::AttrPath;
use crate::cli::args::pair;
use crate::cli::items::Item;

/// Which record.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Selector {
    /// The record with this id
    #[arg(long)]
    pub id: Option<u64>,
    /// The record with this uuid
    #[arg(long)]
    pub uuid: Option<String>,
    /// The record with this value of a unique attribute; the value is taken as text unless it is in JSON quotes or the
    /// attribute is `id`
    #[arg(long, value_name = "ATTR=VALUE", value_parser = pair)]
    pub key: Option<(String, String)>,
}

/// Which part of a record, and which state of it.
#[derive(Debug, Default, Args)]
pub struct Part {
    /// Only this part of the record: primaryAddress.city, statuses, statuses#12 for the element with that id
    #[arg(long, value_name = "PATH")]
    pub path: Option<AttrPath>,
    /// Only if the record was created at this time
    #[arg(long, value_name = "TIME")]
    pub created: Option<String>,
    /// Only if the record was last updated at this time
    #[arg(long, value_name = "TIME")]
    pub last_updated: Option<String>,
}

/// What a record is to hold.
#[derive(Debug, Args)]
pub struct Content {
    /// Attributes: NAME=TEXT read by the attribute's type, NAME:=JSON, NAME@FILE
    #[arg(value_name = "ITEM")]
    pub items: Vec<Item>,
    /// The attributes as JSON, @FILE, or - for standard input; items change what stands there
    #[arg(long, value_name = "JSON")]
    pub attributes: Option<String>,
    /// Ask for the attributes line by line, as screen readers want it: what is required, what is stored
    #[arg(long, conflicts_with_all = ["attributes", "no_check"])]
    pub plain: bool,
    /// Print the whole record as it is stored then
    #[arg(long)]
    pub include_record: bool,
    /// Send it even if it looks wrong, without a look at the schema: NAME=TEXT is a string then
    #[arg(long)]
    pub no_check: bool,
}

/// How a list is printed. Without any of these it is a table, with `--json` the service's answer as it came.
#[derive(Clone, Copy, Debug, Default, Args)]
#[group(multiple = false)]
pub struct Listing {
    /// Print a table
    #[arg(long, conflicts_with = "json")]
    pub table: bool,
    /// Print JSON, one object a line
    #[arg(long, conflicts_with = "json")]
    pub ndjson: bool,
    /// Print comma-separated values, nested attributes under dotted names; for spreadsheets: cells that would
    /// be formulas get an apostrophe
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

/// What becomes of the call.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Sending {
    /// Check the call and tell what would be sent; send only what the check must read
    #[arg(long)]
    pub dry_run: bool,
    /// Print the call in place of sending it
    #[arg(long, value_name = "FORM", conflicts_with = "dry_run")]
    pub show: Option<Show>,
    /// With --show: secrets as they are, not masked
    #[arg(long, requires = "show")]
    pub with_secrets: bool,
}

/// What becomes of a call that changes something, and what answers the question before it.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Writing {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
    /// Do it without asking, also in an environment of class prod
    #[arg(long)]
    pub yes: bool,
}

/// A call's way, with the answers to what may be asked before it.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// What becomes of it.
    pub sending: Sending,
    /// What stands for answers.
    pub answers: Answers,
}

/// Of a call that only reads, or was asked about already.
impl From<Sending> for Sent {
    fn from(sending: Sending) -> Self {
        Self {
            sending,
            answers: Answers::default(),
        }
    }
}

impl From<Writing> for Sent {
    fn from(Writing { sending, yes }: Writing) -> Self {
        let answers = Answers { yes, confirm: None };
        Self { sending, answers }
    }
}

/// In which form a call is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Show {
    /// As a curl command
    Curl,
    /// As the HTTP request, byte by byte
    Wire,
    /// As the operation and its arguments, a line each
    Request,
}

impl Sending {
    /// Whether the call goes out.
    pub fn is_sent(self) -> bool {
        !self.dry_run && self.show.is_none()
    }
}

/// What stands for answers to the questions before something that cannot be taken back.
#[derive(Clone, Debug, Default, Args)]
pub struct Answers {
    /// Do it without asking, unless it destroys data for good
    #[arg(long)]
    pub yes: bool,
    /// Do it without asking, also if it destroys data for good: the name that would be asked for
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
}
