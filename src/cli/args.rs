//! The command line: what can be typed, and its help.

use std::net::SocketAddr;

use clap::ArgGroup;
use clap::Args;
use clap::Parser;
use clap::Subcommand;

use crate::capture::error::ErrorCode;

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

Exit codes: 0 ok, 1 internal fault, 2 wrong usage or local input, 3 the service answered an error,
4 credentials or permission, 5 not found, 6 not sent, 7 conflict, 75 outcome unknown (it may have
happened: look before you repeat it), 130 interrupted."
)]
pub struct Cli {
    /// The environment to use: `sandbox`, or one from the configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub env: Option<String>,
    /// Print the service's answer as it came
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a Capture service on this machine, for other programs
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Entity types: list, show, create
    #[command(subcommand)]
    Type(TypeCommand),
    /// Records: create, get, find, count
    #[command(subcommand)]
    Record(RecordCommand),
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
    /// Explain an error code of the service
    #[command(after_help = "Example:
  captui explain 361")]
    Explain {
        /// The number, or the service's word for it: 361, unique_violation
        code: String,
    },
}

/// `captui sandbox …`
#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Serve the sandbox until Ctrl-C; prints one line with its address and a client when it is ready
    #[command(after_help = "Examples:
  captui sandbox serve --listen 127.0.0.1:8080
  captui sandbox serve --data :memory: --json")]
    Serve(Serve),
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
            vec!["type", "list", "--env", "dev"],
            vec!["--env", "dev", "--json", "type", "show", "user"],
            vec!["type", "create", "customer", "--attr-defs", "-"],
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
            vec!["type", "create", "customer"],
            vec!["call"],
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
