//! The command line: what can be typed, and its help.

pub mod history;
pub mod sandbox;
pub mod schema;
pub mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::ArgGroup;
use clap::Args;
use clap::Parser;
use clap::Subcommand;

use crate::capture::error::ErrorCode;
use crate::cli::args::history::HistoryCommand;
use crate::cli::args::sandbox::CopySchema;
use crate::cli::args::sandbox::Reset;
use crate::cli::args::sandbox::Restore;
use crate::cli::args::sandbox::Seed;
use crate::cli::args::sandbox::Status;
use crate::cli::args::sandbox::TakeSnapshot;
use crate::cli::args::schema::SchemaCommand;
use crate::cli::args::tls::Tls;
use crate::sandbox::faults::Rule;
use crate::sandbox::host_name::HostName;
use crate::worker::filter::COMMAND;

/// A terminal explorer for the Capture API (Janrain Capture, Akamai Identity Cloud).
///
/// Without a command, opens the explorer. Without a configuration, everything works on a sandbox: a Capture service
/// inside this program, kept on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "captui",
    version,
    after_help = "Examples:
  captui                                             open the explorer
  captui type list                                   entity types, in the sandbox
  captui record create user --attributes '{\"email\":\"a@b.c\"}'
  captui record find user --filter \"email = 'a@b.c'\" --env dev
  captui explain 361                                 what an error code means

Exit codes: 0 ok, 1 differences or problems found (schema), no JSON (view), 2 wrong usage or local input, 3 the service
answered an error, 4 credentials or permission, 5 not found, 6 not sent, 7 conflict, 70 internal fault,
75 outcome unknown (it may have happened: look before you repeat it), 130 interrupted."
)]
pub struct Cli {
    /// The environment to use: `sandbox`, or one from the configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub env: Option<String>,
    /// Print JSON: the service's answer as it came, or what the command found
    #[arg(long, global = true)]
    pub json: bool,
    /// Record the explorer in a new file, secrets and e-mail addresses masked: for a report of what went wrong
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Play a recording of the explorer: Space plays the next step, p plays on, q ends
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
    /// Play it at once, so many times as fast as it was
    #[arg(long, value_name = "N", requires = "replay", value_parser = speed)]
    pub speed: Option<f64>,
    #[command(subcommand)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub command: Option<Command>,
}

/// How fast a recording is played.
fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok();
    let speed = speed.filter(|speed| (0.01..=1000.0).contains(speed));
    speed.ok_or_else(|| "a number from 0.01 to 1000".to_owned())
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A Capture service on this machine: run it for other programs, fill it, keep it, begin it again
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Entity types: list, show, create
    #[command(subcommand)]
    Type(TypeCommand),
    /// Schemas of entity types: check, compare, plan, apply
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Records: create, get, find, count
    #[command(subcommand)]
    Record(RecordCommand),
    /// The calls made so far: list, search, show, hand over, remove
    #[command(subcommand)]
    History(HistoryCommand),
    /// Send any call and print its answer
    #[command(
        after_help = "A value @FILE is read from a file, @@TEXT is the text @TEXT.

Examples:
  captui call entityType.list
  captui call entity type_name=user key_attribute=email 'key_value=\"a@b.c\"'
  captui call entity.bulkCreate type_name=user all_attributes=@users.json"
    )]
    Call {
        /// The operation, as in the API's paths: entity.create, clients/list
        operation: String,
        /// Arguments
        #[arg(value_name = "NAME=VALUE", value_parser = pair)]
        arguments: Vec<(String, String)>,
    },
    /// Look at JSON of any size: files, archives of calls (HAR), captui's bundles, or what a pipe brings
    #[command(
        after_help = "Opens without a configuration, writes nothing, and calls nobody. Packed files (gzip) are unpacked.
What a pipe brings is shown as it comes. When the output is not a terminal, prints the JSON indented instead.

Exit codes when it prints: 0 it is JSON, 1 it is not: it is printed all the same, and standard error says \
where it is broken; 2 something cannot be read.

Examples:
  captui view answer.json
  captui call entity.find type_name=user --json | captui view
  captui view calls.har bundle.json
  captui view big.json.gz | head"
    )]
    View(View),
    /// Run a jq filter for this program: see `worker::filter`
    #[command(name = COMMAND, hide = true)]
    Jq,
    /// Explain an error code of the service, or an answer: an error body, a web page, what `curl -i` printed
    #[command(after_help = "Examples:
  captui explain 361
  captui explain @error.json
  curl -i … | captui explain")]
    Explain {
        /// The number, or the service's word for it (361, unique_violation); an answer, @FILE with one, or - for
        /// standard input, which is also read when nothing is given
        #[arg(value_name = "CODE|ANSWER")]
        what: Option<String>,
    },
}

/// `captui view …`
#[derive(Debug, Args)]
pub struct View {
    /// What to look at; - for standard input, which is also meant where nothing is named
    #[arg(value_name = "FILE", default_value = "-")]
    pub files: Vec<PathBuf>,
}

/// `captui sandbox …`
#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Serve the sandbox until Ctrl-C; prints one line with its address and a client when it is ready
    #[command(
        after_help = "Faults, to see how a client takes a bad service. FAULT is one of
  504, 510, code=N  the service's error with this code, in HTTP 200
  http-502          a gateway's page with this HTTP status: 403, 500, 501, 502, 503, 504 or 510
  latency:TIME      the answer comes that much later: 300ms, 5s
  slow:TIME         the answer's body takes so long to come
  truncated         the answer breaks off
  reset             the connection is reset in place of an answer
  wrong-type        the answer calls itself HTML
latency, slow, truncated, reset, wrong-type, 504 and http-504 do the work and then spoil the answer; \
the others refuse it. FAULT:before leaves the work undone (latency:TIME:before waits before it), \
FAULT:after does it.
OPERATION is a name, a beginning such as entity.*, or * for all; of several rules the first that hits \
decides. A client asks for a fault in one call with the header X-Captui-Fault: FAULT, or for none with \
X-Captui-Fault: none.

HTTPS, for clients that speak nothing else, under the host that they ask for. --tls keeps a small authority \
in DIR/tls, which signs a certificate for localhost, the address and every --host-name; no system and no browser \
is told to trust it. Give its certificate, the ca_file of the first line, to the client:
  curl --cacert FILE
  REQUESTS_CA_BUNDLE=FILE     Python's requests
  SSL_CERT_FILE=FILE          Python's urllib, Ruby, Go, captui
  NODE_EXTRA_CA_CERTS=FILE    Node.js
A line such as `127.0.0.1 my-app.janraincapture.com` in /etc/hosts leads the client here, curl without it by \
--connect-to my-app.janraincapture.com:443:127.0.0.1:PORT. A client that names no port wants --listen 127.0.0.1:443, \
which may need the right to take that port.

Examples:
  captui sandbox serve --listen 127.0.0.1:8080
  captui sandbox serve --listen 127.0.0.1:8443 --tls --host-name my-app.janraincapture.com
  captui sandbox serve --data :memory: --json
  captui sandbox serve --fault 'entity.create=504@10%' --fault '*=latency:300ms'
  captui sandbox serve --fault 'entity.*=reset:before@1%' --fault-seed 7"
    )]
    Serve(Serve),
    /// Tell what the sandbox holds and which servers run on it
    #[command(after_help = "Examples:
  captui sandbox status
  captui sandbox status --show-secret --json")]
    Status(Status),
    /// Put everything back to the first content, after a snapshot of what there is
    #[command(
        after_help = "The owner client keeps its id and its secret, so that programs that use it go on. Everything else
goes: entity types, records, clients, settings, tokens. Servers may be running on the sandbox.

Examples:
  captui sandbox reset
  captui sandbox reset --bare --yes"
    )]
    Reset(Reset),
    /// Add believable records to an entity type
    #[command(
        after_help = "Records fit their schema; those that clash with a unique value there is are left out and the next
are tried. Every password is `correct horse battery staple`.

Examples:
  captui sandbox seed user --count 1000
  captui sandbox seed user_test --count 20 --fill everything --seed 7"
    )]
    Seed(Seed),
    /// Keep a copy of everything, also while servers run on it
    #[command(after_help = "Examples:
  captui sandbox snapshot before-the-test
  captui sandbox snapshot --output ~/sandbox-today.db
  captui sandbox snapshot --list")]
    Snapshot(TakeSnapshot),
    /// Put a snapshot in place of what there is, after a snapshot of that
    #[command(
        after_help = "The clients come with the rest: the owner client is the snapshot's. Servers may be running on the
sandbox; each of their calls sees the old state or the new.

Examples:
  captui sandbox restore before-the-test
  captui sandbox restore ~/sandbox-today.db --yes"
    )]
    Restore(Restore),
    /// Copy entity types of another environment, without their records
    #[command(
        after_help = "Rules and combined uniqueness come along if the client there may read them.

Examples:
  captui sandbox copy-schema --from dev
  captui sandbox copy-schema --from dev user customer --replace"
    )]
    CopySchema(CopySchema),
}

/// `captui sandbox serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// The folder that keeps the records, or :memory: to keep nothing [default: captui's own]
    #[arg(long, value_name = "DIR")]
    pub data: Option<String>,
    /// Begin a new sandbox with the default entity type `user` alone and no records, as the service does
    #[arg(long)]
    pub bare: bool,
    /// Listen on an address that other machines can reach
    #[arg(long)]
    pub allow_remote: bool,
    /// A further host to answer to, such as my-app.janraincapture.com; may be repeated
    #[arg(long, value_name = "HOST")]
    pub host_name: Vec<HostName>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub tls: Tls,
    /// Let calls go wrong: OPERATION=FAULT, or OPERATION=FAULT@10% for a share of them; may be repeated
    #[arg(long, value_name = "RULE")]
    pub fault: Vec<Rule>,
    /// The number that decides which calls a share hits: the same calls under the same number [default: a random one,
    /// told at the start]
    #[arg(long, value_name = "N", requires = "fault")]
    pub fault_seed: Option<u32>,
}

/// `captui type …`
#[derive(Debug, Subcommand)]
pub enum TypeCommand {
    /// List the entity types
    List,
    /// Show an entity type's attributes
    Show {
        /// The entity type
        name: String,
    },
    /// Create an entity type
    #[command(
        after_help = "The definitions are checked here first: every problem is listed and nothing is sent.

Examples:
  captui type create customer --attr-defs '[{\"name\":\"email\",\"type\":\"string\",\"constraints\":[\"unique\"]}]'
  captui type create customer --attr-defs @customer.json"
    )]
    Create {
        /// The new entity type's name
        name: String,
        /// The attribute definitions: JSON, @FILE, or - for standard input
        #[arg(long, value_name = "JSON")]
        attr_defs: String,
        /// Send it even if it looks wrong
        #[arg(long)]
        no_check: bool,
    },
}

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

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

/// The code that a number or the service's word stands for.
pub(super) fn read_code(text: &str) -> Option<ErrorCode> {
    if let Ok(number) = text.parse() {
        return Some(ErrorCode(number));
    }
    let word = text.trim().to_ascii_lowercase();
    let row = crate::capture::error::CATALOGUE
        .iter()
        .find(|row| row.name == Some(word.as_str()))?;
    Some(row.code)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn reads_what_the_examples_say() {
        for line in [
            vec![],
            vec!["sandbox", "serve", "--data", ":memory:", "--json"],
            vec!["sandbox", "serve", "--listen", "[::1]:8080"],
            vec!["sandbox", "status", "--data", "d", "--show-secret"],
            vec!["sandbox", "reset", "--bare", "--yes"],
            vec![
                "sandbox", "seed", "user", "--count", "5", "--fill", "required",
            ],
            vec!["sandbox", "snapshot"],
            vec!["sandbox", "snapshot", "x", "--force"],
            vec!["sandbox", "snapshot", "--output", "x.db", "--force"],
            vec!["sandbox", "snapshot", "--list", "--json"],
            vec!["sandbox", "restore", "x"],
            vec![
                "sandbox",
                "copy-schema",
                "--from",
                "dev",
                "user",
                "customer",
            ],
            vec![
                "sandbox",
                "serve",
                "--fault",
                "entity.create=504@10%",
                "--fault",
                "*=latency:300ms",
                "--fault-seed",
                "7",
            ],
            vec!["type", "list", "--env", "dev"],
            vec!["--env", "dev", "--json", "type", "show", "user"],
            vec!["type", "create", "customer", "--attr-defs", "-"],
            vec!["schema", "check", "-", "--json"],
            vec!["schema", "diff", "dev:user", "@user.json", "--markdown"],
            vec!["schema", "export", "user", "--create"],
            vec![
                "schema",
                "plan",
                "user",
                "@u.json",
                "--rename",
                "a=b",
                "--rename",
                "c.d=e",
                "--rebuild",
                "f",
                "--check",
                "--dry-run",
            ],
            vec!["schema", "plan", "dev:user", "-", "--show", "curl"],
            vec!["schema", "apply", "user", "@u.json", "--confirm", "user"],
            vec!["schema", "apply", "--resume"],
            vec!["schema", "apply", "--resume", "user", "--yes"],
            vec!["schema", "apply", "--list", "--json"],
            vec!["schema", "apply", "--forget", "user"],
            vec!["schema", "import", "user.json", "--name", "customer"],
            vec!["record", "create", "user"],
            vec!["record", "get", "user", "--key", "email=a=b"],
            vec![
                "record",
                "find",
                "user",
                "--sort",
                "-created,email",
                "--max",
                "3",
                "--total",
            ],
            vec!["record", "count", "user", "--filter", "a = 'b'"],
            vec!["call", "entity", "id=3", "attribute_name="],
            vec!["explain", "361"],
            vec!["history", "list", "--before", "#41", "--ndjson"],
            vec!["history", "search", "a b", "--not", "env:prod", "--count"],
            vec!["history", "search", "--not", "a b"],
            vec!["history", "search", "--", "-env:prod"],
            vec!["history", "search", "bob", "--limit", "5", "--env", "prod"],
            vec!["history", "show", "41", "--part", "answer"],
            vec!["history", "purge", "--older-than", "30d", "--yes"],
            vec!["history", "purge", "bob", "--not", "env:prod"],
            vec!["history", "purge", "--all"],
            vec!["explain", "-"],
            vec!["explain"],
            vec!["history", "diff", "41", "#42", "--json"],
            vec!["history", "replay", "41", "--env", "dev", "--dry-run"],
            vec![
                "history",
                "replay",
                "41",
                "--yes",
                "--compare",
                "--",
                "uuid=x",
                "a=b",
            ],
            vec!["history", "export"],
            vec!["history", "export", "41", "--format", "jira", "-o", "f"],
        ] {
            let words = std::iter::once("captui").chain(line.iter().copied());
            assert!(Cli::try_parse_from(words).is_ok(), "{line:?}");
        }
    }

    #[test]
    fn refuses_what_contradicts_itself() {
        for line in [
            vec!["record", "get", "user"],
            vec!["record", "get", "user", "--id", "1", "--uuid", "x"],
            vec!["record", "get", "user", "--key", "email"],
            vec!["record", "get", "user", "--key", "=x"],
            vec!["sandbox", "serve", "--listen", "localhost"],
            vec!["sandbox", "seed", "user"],
            vec!["sandbox", "seed", "user", "--count", "0"],
            vec!["sandbox", "snapshot", "x", "--output", "y"],
            vec!["sandbox", "snapshot", "x", "--list"],
            vec!["sandbox", "snapshot", "--list", "--force"],
            vec!["sandbox", "restore"],
            vec!["sandbox", "copy-schema", "user"],
            vec!["sandbox", "serve", "--fault", "504"],
            vec!["sandbox", "serve", "--fault-seed", "7"],
            vec!["type", "create", "customer"],
            vec!["schema", "check"],
            vec!["schema", "diff", "user"],
            vec!["schema", "diff", "a", "b", "--json", "--markdown"],
            vec!["schema", "export", "user", "--create", "--bare"],
            vec!["schema", "plan", "@user.json", "user"],
            vec!["schema", "plan", "user", "@u", "--rename", "a"],
            vec!["schema", "apply", "user"],
            vec!["schema", "apply"],
            vec!["schema", "apply", "user", "@u.json", "--list"],
            vec!["schema", "apply", "--list", "--resume"],
            vec!["call"],
            vec!["history", "search"],
            vec!["history", "list", "--limit", "0"],
            vec!["history", "show", "x"],
            vec!["history", "purge", "--all", "bob"],
            vec!["history", "diff", "41"],
            vec!["history", "replay", "41", "uuid=x"],
            vec!["history", "replay", "41", "--", "uuid"],
            vec!["history", "replay", "41", "--dry-run", "--compare"],
            vec!["history", "export", "--format", "xml"],
        ] {
            let words = std::iter::once("captui").chain(line.iter().copied());
            assert!(Cli::try_parse_from(words).is_err(), "{line:?}");
        }
    }

    #[test]
    fn codes_are_read_by_number_and_by_word() {
        for (text, code) in [
            ("361", 361),
            ("unique_violation", 361),
            ("UNIQUE_VIOLATION", 361),
            ("9999", 9999),
        ] {
            assert_eq!(read_code(text), Some(ErrorCode(code)), "{text}");
        }
        assert_eq!(read_code("unique"), None);
    }
}
