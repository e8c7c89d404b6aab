//! `captui record`: what can be typed, and its help.

use clap::ArgGroup;
use clap::Args;
use clap::Subcommand;

use crate::cli::args::bulk::Export;
use crate::cli::args::bulk::Verify;
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
    /// Write the records of a type into a file
    #[command(
        after_help = "Records come as they are, in the order of their ids; pages are cut by the id, so that it always comes along.
Records that change meanwhile come as they are when their page is read; new ones come at the end.
FILE.manifest.json says what was exported, with counts and check sum, and has the schema.

Interrupted, the same command with --resume goes on, also after a crash; before the end there is only FILE.part.
A page is asked for again after a temporary failure, and a smaller one where it was too much.

In CSV, plurals stand as JSON; an empty cell is null, \\E the empty text. Passwords come as the service shows them,
which is hashed: keep the file safe. --json prints what came of it.

Exit codes: 0 all records, 1 fewer or more than the service counts, 130 interrupted.

Examples:
  captui record export user -o users.ndjson.gz
  captui record export user -o users.csv --filter \"created >= '2024-01-01'\" --attributes email,givenName
  captui record export user -o users.parquet --env prod --rate 4 --partitions 2
  captui record export user -o - --format csv | head"
    )]
    Export(Export),
    /// Compare records with records: an export with the live type, two types, two files
    #[command(
        after_help = "ONE and OTHER are each TYPE, ENV:TYPE, or a file (.ndjson, .json, .csv, also .gz); @FILE is always a file.
With one of them alone, --against says the other. What an export's manifest says of filter and attributes is asked of
the live type as well, and a file that is not the one its manifest was written for is told.

Records belong together by uuid. The order of members and of elements, and how numbers and dates are spelled, do not
matter; null, absent, an empty plural and an object of nothing else are the same. With --key ATTR the records are taken
for copies: id, uuid, created, lastUpdated and the ids of elements do not count.

Values that are personal by the schema are masked unless --unmasked says otherwise; passwords always are.

Exit codes: 0 the same records, 1 not the same.

Examples:
  captui record verify users.ndjson.gz user
  captui record verify user --against new:user --key email --report differences.ndjson
  captui record verify monday.ndjson tuesday.ndjson --json"
    )]
    Verify(Verify),
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
