//! `captui record`: what can be typed, and its help.

use clap::ArgGroup;
use clap::Args;
use clap::Subcommand;

use crate::cli::args::load::Load;
use crate::cli::args::load::Rollback;
use crate::cli::args::pair;

/// `captui record …`
#[derive(Debug, Subcommand)]
pub enum RecordCommand {
    /// Create a record
    #[command(
        after_help = "The attributes are checked against the entity type's schema first: every violation is listed and
nothing is sent.

Examples:
  captui record create user --attributes '{\"givenName\":\"Ada\",\"email\":\"ada@example.com\"}'
  jq -n '{givenName:\"Ada\"}' | captui record create user --attributes - --include-record"
    )]
    Create {
        /// The entity type
        type_name: String,
        /// The attributes: JSON, @FILE, or - for standard input
        #[arg(long, value_name = "JSON", default_value = "{}")]
        attributes: String,
        /// Print the whole new record
        #[arg(long)]
        include_record: bool,
        /// Send it even if it looks wrong
        #[arg(long)]
        no_check: bool,
    },
    /// Create the records of files, many in a call: every row is judged first, nothing is sent twice
    #[command(
        after_help = "CSV: the first line names attributes, dotted inside of objects (primaryAddress.city); plurals, objects,
json and imported passwords stand as JSON in a cell. An empty cell is not given, \\N is null, \\E is the empty text.

Nothing is sent while a row is wrong, unless --skip-invalid is given. What becomes of each row stands in the folder
FILE.captui-load: success.csv (the list for `record rollback`), failures.csv (reasons), rejected.* (the refused rows as they
were: corrected, that file loads just those), unknown.* (rows of which nobody can tell), and a journal. The same command
goes on with a load that was interrupted: rows whose outcome is not known are looked up by their unique values, never sent
blindly.

Exit codes: 0 all records created, 1 some rows refused or nothing sent because of them, 75 rows of unknown outcome,
130 interrupted; others as everywhere.

Examples:
  captui record load user people.csv --check
  captui record load user people.csv --skip-invalid --concurrency 8 --rate 4
  zcat people.ndjson.gz | captui record load user - --yes --env prod
  captui record load user export.ndjson --strip-given --env new"
    )]
    Load(Box<Load>),
    /// Delete the records that a load made, those alone that nobody changed since
    #[command(
        after_help = "What became of each record is added to rolled-back.csv beside the list; the same command goes on with a
roll-back that was interrupted.

Examples:
  captui record rollback people.csv --dry-run
  captui record rollback people.csv.captui-load --confirm user"
    )]
    Rollback(Rollback),
    /// Print one record
    #[command(after_help = "Examples:
  captui record get user --id 1
  captui record get user --key email=ada@example.com")]
    Get(Get),
    /// Find records
    #[command(after_help = "Examples:
  captui record find user --filter \"email = 'ada@example.com'\"
  captui record find user --attributes id,email --sort -created --max 20 --total")]
    Find(Find),
    /// Count records
    Count {
        /// The entity type
        type_name: String,
        /// Only records that match, in the API's filter language
        #[arg(long)]
        filter: Option<String>,
    },
}

/// `captui record get`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("selector").required(true).args(["id", "uuid", "key"])))]
pub struct Get {
    /// The entity type
    pub type_name: String,
    /// By its id
    #[arg(long)]
    pub id: Option<u64>,
    /// By its uuid
    #[arg(long)]
    pub uuid: Option<String>,
    /// By a unique attribute; the value is taken as text unless it is in JSON quotes or the attribute is `id`
    #[arg(long, value_name = "ATTR=VALUE", value_parser = pair)]
    pub key: Option<(String, String)>,
}

/// `captui record find`
#[derive(Debug, Args)]
pub struct Find {
    /// The entity type
    pub type_name: String,
    /// Only these attributes, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub attributes: Vec<String>,
    /// Sort by these attributes, separated by commas; -NAME for descending
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub sort: Vec<String>,
    /// At most so many records
    #[arg(long, value_name = "N")]
    pub max: Option<u32>,
    /// Skip so many records
    #[arg(long, value_name = "N")]
    pub first: Option<u32>,
    /// Also count all that match
    #[arg(long)]
    pub total: bool,
    /// Only records that match, in the API's filter language
    #[arg(long)]
    pub filter: Option<String>,
}
