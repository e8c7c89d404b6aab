//! `captui record`: what can be typed, and its help.

use clap::Args;
use clap::Subcommand;

use crate::capture::path::AttrPath;
use crate::cli::args::bulk::Export;
use crate::cli::args::bulk::Verify;
use crate::cli::args::load::Load;
use crate::cli::args::load::Rollback;
use crate::cli::args::shared::Answers;
use crate::cli::args::shared::Content;
use crate::cli::args::shared::Listing;
use crate::cli::args::shared::Part;
use crate::cli::args::shared::Selector;
use crate::cli::args::shared::Sending;
use crate::cli::args::shared::Writing;

/// `captui record …`
#[derive(Debug, Subcommand)]
pub enum RecordCommand {
    /// Create a record
    #[command(after_help = "An ITEM is
  givenName=Bob                  text, read by the type: age=3 is the number 3
  middleName=                    the empty string
  age:=3  statuses:='[…]'        JSON as it stands
  birthday:=null                 no value
  photo@file.json                the text of a file, read by the type
  primaryAddress.city=Berlin     a member of an object
  statuses[0].status=Away        an element of a plural by its place, from 0

Without items and --attributes, the attributes are read from standard input if that is no terminal. They are checked \
against the entity type's schema first: every violation is listed and nothing is sent.

Examples:
  captui record create user givenName=Ada email=ada@example.com
  captui record create user givenName=Ada statuses:='[{\"status\":\"Away\"}]' primaryAddress.city=London
  captui record create user --attributes @ada.json givenName=Ada --include-record
  jq -n '{givenName:\"Ada\"}' | captui record create user
  captui record create user --plain         asks for every attribute, one by one
  captui record create user givenName=Ada --show curl")]
    Create(Create),
    /// Create the records of files, many in a call: every row is judged first, nothing is sent twice
    #[command(
        after_help = "CSV: the first line names attributes, dotted inside of objects (primaryAddress.city); plurals, \
objects, json and imported passwords stand as JSON in a cell. An empty cell is not given, \\N is null, \\E is the \
empty text.

Nothing is sent while a row is wrong, unless --skip-invalid is given. What becomes of each row stands in the folder \
FILE.captui-load: success.csv (the list for `record rollback`), failures.csv (reasons), rejected.* (the refused rows \
as they were: corrected, that file loads just those), unknown.* (rows of which nobody can tell), and a journal. The \
same command goes on with a load that was interrupted: rows whose outcome is not known are looked up by their unique \
values, never sent blindly.

Exit codes: 0 all records created, 1 some rows refused or nothing sent because of them, 75 rows of unknown outcome, \
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
        after_help = "What became of each record is added to rolled-back.csv beside the list; the same command goes \
on with a roll-back that was interrupted.

Examples:
  captui record rollback people.csv --dry-run
  captui record rollback people.csv.captui-load --confirm user"
    )]
    Rollback(Rollback),
    /// Print one record, or a part of it
    #[command(after_help = "Examples:
  captui record get user --id 1
  captui record get user --key email=ada@example.com
  captui record get user --id 1 --path primaryAddress.city
  captui record get user --id 1 --attributes givenName,statuses.status --table")]
    Get(Get),
    /// Find records
    #[command(
        after_help = "--csv is for spreadsheets: a cell that would be a formula, such as +49 …, gets an apostrophe. \
What is to be loaded again: captui record export.

Examples:
  captui record find user --filter \"email = 'ada@example.com'\"
  captui record find user --attributes id,email --sort -created --max 20 --total
  captui record find user --ndjson --max 1000
  captui record find user --filter \"birthday is null\" --quiet      the ids alone"
    )]
    Find(Find),
    /// Write the records of a type into a file
    #[command(
        after_help = "Records come as they are, in the order of their ids; pages are cut by the id, so that it always \
comes along. Records that change meanwhile come as they are when their page is read; new ones come at the end. \
FILE.manifest.json says what was exported, with counts and check sum, and has the schema.

Interrupted, the same command with --resume goes on, also after a crash; before the end there is only FILE.part. Of \
Parquet, whose row groups must be large, what was read in the last 30 seconds before a crash is read again. \
A page is asked for again after a temporary failure, and a smaller one where it was too much.

In CSV, plurals stand as JSON; an empty cell is null, \\E the empty text. Passwords come as the service shows them, \
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
        after_help = "ONE and OTHER are each TYPE, ENV:TYPE, or a file (.ndjson, .json, .csv, also .gz); @FILE is \
always a file. With one of them alone, --against says the other. What an export's manifest says of filter and \
attributes is asked of the live type as well, and a file that is not the one its manifest was written for is told.

Records belong together by uuid, or by id where the manifest says that an export is without uuids. The order of \
members and of elements, and how numbers and dates are spelled, do not matter; null, absent, an empty plural and an \
object of nothing else are the same. With --key ATTR, unless that is uuid or id, the records are taken for copies: \
id, uuid, created, lastUpdated and the ids of elements do not count.

Values that are personal by the schema are masked unless --unmasked says otherwise; passwords always are. \
Of a file that was exported with --formula-safe, the apostrophes that its manifest tells of do not count.

Exit codes: 0 the same records, 1 not the same.

Examples:
  captui record verify users.ndjson.gz user
  captui record verify user --against new:user --key email --report differences.ndjson
  captui record verify monday.ndjson tuesday.ndjson --json"
    )]
    Verify(Verify),
    /// Count records
    #[command(after_help = "Examples:
  captui record count user
  captui record count user --filter \"emailVerified is not null\"")]
    Count(Count),
    /// Change attributes of a record, and add elements to its plurals
    #[command(
        after_help = "What is not given stays as it is; elements of plurals are added, those with an id are replaced. \
With --path the attributes are those of that part, or --attributes gives its value.

Examples:
  captui record update user --id 1 givenName=Ada birthday:=null
  captui record update user --key email=ada@example.com primaryAddress.city=London
  captui record update user --id 1 statuses:='[{\"status\":\"Away\"}]'
  captui record update user --id 1 --path statuses#12 status=Back
  captui record update user --id 1 --path primaryAddress.city --attributes '\"London\"'"
    )]
    Update(Update),
    /// Put another record, or another part, in place of the stored one
    #[command(
        after_help = "What is not given becomes null, and plurals lose their elements.

Examples:
  captui record replace user --id 1 --attributes @ada.json
  captui record replace user --id 1 --path statuses --attributes '[]' --yes"
    )]
    Replace(Replace),
    /// Delete a record for good, or one element of a plural
    #[command(after_help = "Examples:
  captui record delete user --id 1
  captui record delete user --uuid 8a3abdda-b4fb-49d8-a88d-022585b0f877 --confirm prod
  captui record delete user --id 1 --path statuses#12")]
    Delete(Delete),
    /// Withdraw every grant and token of a record's user
    #[command(after_help = "Examples:
  captui record delete-access user --id 1
  captui record delete-access user --key email=ada@example.com --yes")]
    DeleteAccess(DeleteAccess),
    /// Delete all records that a filter selects, in one call
    #[command(
        after_help = "The records are counted first, and the number is told before anything is asked.

Examples:
  captui record bulk-delete user --filter \"email = 'ada@example.com'\" --dry-run
  captui record bulk-delete user --filter \"created < '2014-01-01'\" --confirm sandbox"
    )]
    BulkDelete(BulkDelete),
    /// Delete every record of an entity type, in one call
    #[command(after_help = "Examples:
  captui record purge user_test --dry-run
  captui record purge user_test --confirm user_test")]
    Purge(Purge),
    /// Attach an element that belongs to no record to a plural of a record
    #[command(after_help = "Examples:
  captui record adopt user --id 1 --path statuses --child 12")]
    Adopt(Adopt),
    /// Show a record as it was at an earlier time
    #[command(after_help = "Examples:
  captui record versions user --id 1 --at yesterday
  captui record versions user --id 1 --at '2014-11-15 01:58:01'")]
    Versions(Versions),
}

/// `captui record create`
#[derive(Debug, Args)]
pub struct Create {
    /// The entity type
    pub type_name: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub content: Content,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}

/// `captui record get`
#[derive(Debug, Args)]
pub struct Get {
    /// The entity type
    pub type_name: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub selector: Selector,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub part: Part,
    /// Only these attributes, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub attributes: Vec<AttrPath>,
    /// Check a password against this attribute; it is read from standard input
    #[arg(long, value_name = "ATTRIBUTE")]
    pub verify_password: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub listing: Listing,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
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
    /// How long the service may take, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u32>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub listing: Listing,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui record count`
#[derive(Debug, Args)]
pub struct Count {
    /// The entity type
    pub type_name: String,
    /// Only records that match, in the API's filter language
    #[arg(long)]
    pub filter: Option<String>,
    /// How long the service may take, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u32>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui record update`
#[derive(Debug, Args)]
pub struct Update {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub change: Change,
    /// Do it without asking, also in an environment of class prod
    #[arg(long)]
    pub yes: bool,
}

/// What `captui record update` and `captui record replace` share
#[derive(Debug, Args)]
pub struct Change {
    /// The entity type
    pub type_name: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub selector: Selector,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub part: Part,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub content: Content,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui record replace`
#[derive(Debug, Args)]
pub struct Replace {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub change: Change,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
}

/// `captui record delete`
#[derive(Debug, Args)]
pub struct Delete {
    /// The entity type
    pub type_name: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub selector: Selector,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub part: Part,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui record delete-access`
#[derive(Debug, Args)]
pub struct DeleteAccess {
    /// The entity type
    pub type_name: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub selector: Selector,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui record bulk-delete`
#[derive(Debug, Args)]
pub struct BulkDelete {
    /// The entity type
    pub type_name: String,
    /// Which records, in the API's filter language
    #[arg(long)]
    pub filter: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui record purge`
#[derive(Debug, Args)]
pub struct Purge {
    /// The entity type
    pub type_name: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui record adopt`
#[derive(Debug, Args)]
pub struct Adopt {
    /// The entity type
    pub type_name: String,
    /// The record that adopts
    #[arg(long)]
    pub id: u64,
    /// The plural that receives the element
    #[arg(long)]
    pub path: AttrPath,
    /// The id of the element
    #[arg(long, value_name = "ID")]
    pub child: u64,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}

/// `captui record versions`
#[derive(Debug, Args)]
pub struct Versions {
    /// The entity type
    pub type_name: String,
    /// The record's id
    #[arg(long)]
    pub id: u64,
    /// When: a date, a date and time, or a word such as yesterday
    #[arg(long, value_name = "TIME")]
    pub at: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub listing: Listing,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}
