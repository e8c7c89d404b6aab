//! What `captui schema …` takes, and the one notation for where a schema comes from.

use std::path::PathBuf;
use std::str::FromStr;

use clap::ArgGroup;
use clap::Args;
use clap::Subcommand;
use clap::ValueEnum;

use crate::capture::path::AttrPath;
use crate::cli::args::shared::Listing;
use crate::cli::args::shared::Sending;
use crate::cli::args::shared::Writing;

/// Help that says what a source can be, and then the examples.
macro_rules! sources {
    ($examples:literal) => {
        concat!(
            "SOURCE, WANTED, A and B are each one of
  TYPE           an entity type of the chosen environment
  ENV:TYPE       an entity type of another environment of the configuration
  @FILE, or -    a file, or standard input: an entity type, bare attr_defs,
                 an answer of entityType, or a curl command of entityType.create
  template:NAME  a schema that captui brings along

Examples:
",
            $examples
        )
    };
}

/// `captui schema …`
#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// Name every problem of a schema
    #[command(after_help = sources!("  captui schema check @customer.json
  captui schema check dev:user --json"))]
    Check {
        /// The schema
        source: Source,
    },
    /// Tell how schema B differs from schema A, by path
    #[command(after_help = sources!("  captui schema diff dev:user prod:user
  captui schema diff user @user.json --markdown
  captui schema diff user @user.json --env dev || echo somebody has changed it"))]
    Diff(Diff),
    /// Tell the calls that make WANTED out of a stored type, what each risks, and what cannot be done
    #[command(after_help = sources!("  captui schema plan user @user.json
  captui schema plan user @user.json --check         with a look at every record
  captui schema plan user @user.json --rename mobile=phone --rebuild email
  captui schema plan user dev:user --additions-only --show curl"))]
    Plan(Plan),
    /// Make WANTED out of a stored type, call by call, or create it
    #[command(after_help = sources!("  captui schema apply user @user.json
  captui schema apply user @user.json --confirm user   also what destroys values
  captui schema apply --list
  captui schema apply --resume                         go on with what broke off"))]
    Apply(Apply),
    /// Apply a file to the entity type that it names
    #[command(after_help = "Examples:
  captui schema import user.json
  captui schema import definitions.json --name customer")]
    Import(Import),
    /// Rules and combined uniquenesses of a stored type: list, add, remove
    #[command(subcommand)]
    Rules(RulesCommand),
    /// What a client may read and write of a stored type: show it, set it
    #[command(
        after_help = "A list replaces the one there is, and what is not in it does not exist for the client (error \
223). An attribute that holds others stands for all of them. '' is a list of nothing.

Examples:
  captui schema access user --client 4hg6ks…
  captui schema access user --client 4hg6ks… --read email,primaryAddress.city --write email
  captui schema access user --client 4hg6ks… --delete read,write"
    )]
    Access(Access),
    /// Propose attribute definitions for sample records: JSON, lines of JSON, or CSV
    #[command(
        after_help = "Constraints are only proposed: data shows what was, not what must be.

Examples:
  captui schema infer people.csv --evidence
  captui schema infer people.csv --accept required,email:unique --set-type zip=string
  captui schema infer people.json --name customer | captui schema import -"
    )]
    Infer(Infer),
    /// Draw a schema
    #[command(after_help = sources!("  captui schema diagram user
  captui schema diagram user --depth 1 --ascii
  captui schema diagram dev:user --output user.svg
  captui schema diagram @user.json --format mermaid"))]
    Diagram(Diagram),
    /// Print a schema as JSON that can be imported again
    #[command(after_help = sources!("  captui schema export user --output user.json
  captui schema export dev:user --create      as a curl command
  captui schema export user --bare            attr_defs as a caller writes them"))]
    Export(Export),
}

/// `captui schema diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// The one schema
    #[arg(value_name = "A")]
    pub a: Source,
    /// The other schema
    #[arg(value_name = "B")]
    pub b: Source,
    /// Leave out rules and combined uniquenesses, which are compared where both can be read
    #[arg(long)]
    pub no_rules: bool,
    /// Print Markdown
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
}

/// How to come from the stored type to the wanted one.
#[derive(Debug, Args)]
pub struct HowFar {
    /// An attribute that is called differently in WANTED: its values are copied; may be repeated
    #[arg(long, value_name = "OLD=NEW", value_parser = renamed)]
    pub rename: Vec<(AttrPath, AttrPath)>,
    /// An attribute at the top that may be added anew, its values copied, and the old one removed; may be repeated
    #[arg(long, value_name = "ATTRIBUTE")]
    pub rebuild: Vec<AttrPath>,
    /// Remove nothing, and change nothing that is there
    #[arg(long, conflicts_with = "rebuild")]
    pub additions_only: bool,
}

/// `captui schema plan`
#[derive(Debug, Args)]
pub struct Plan {
    /// The stored type: TYPE, or ENV:TYPE
    #[arg(value_name = "TYPE")]
    pub target: Target,
    /// What it shall be
    pub wanted: Source,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub how_far: HowFar,
    /// Read every record, and count what would be lost, copied or refused
    #[arg(long)]
    pub check: bool,
    /// Apply it to a copy in a sandbox of its own, and tell what would be answered
    #[arg(long)]
    pub dry_run: bool,
    /// Print the calls themselves, without the secret
    #[arg(long, value_name = "FORM", conflicts_with_all = ["json", "markdown"])]
    pub show: Option<Show>,
    /// Print Markdown
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
}

/// In which form calls are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Show {
    /// As curl commands
    Curl,
}

/// What applying takes beside the schemas.
#[derive(Debug, Args)]
pub struct Applying {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub how_far: HowFar,
    /// Do what can be done when some of it cannot
    #[arg(long)]
    pub partial: bool,
    /// Do not look at the records first
    #[arg(long)]
    pub no_check: bool,
    /// Write the values that go away into this file first, which must not exist
    #[arg(long, value_name = "FILE")]
    pub export_lost: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub consent: Consent,
}

/// What stands for an answer to the questions before a plan.
#[derive(Debug, Args)]
pub struct Consent {
    /// Do it without asking, unless it destroys values
    #[arg(long)]
    pub yes: bool,
    /// The entity type's name: do it without asking, also if it destroys values
    #[arg(long, value_name = "WORD")]
    pub confirm: Option<String>,
}

/// `captui schema apply`
#[derive(Debug, Args)]
pub struct Apply {
    /// The stored type: TYPE, or ENV:TYPE
    #[arg(value_name = "TYPE", required_unless_present = "of_unfinished")]
    pub target: Option<Target>,
    /// What it shall be
    #[arg(required_unless_present = "of_unfinished")]
    pub wanted: Option<Source>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub applying: Applying,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub unfinished: OfUnfinished,
}

/// What says how a plan is made: one that was begun stays as it is.
const MAKING: [&str; 4] = ["rename", "rebuild", "additions_only", "partial"];

/// What is for applying alone.
const APPLYING: [&str; 2] = ["no_check", "export_lost"];

/// What answers questions.
const ANSWERS: [&str; 2] = ["yes", "confirm"];

/// What is done about plans that were begun and have not come to their end. What would mean nothing beside it is refused.
#[derive(Debug, Args)]
#[group(id = "of_unfinished", multiple = false, conflicts_with_all = ["target", "wanted"])]
pub struct OfUnfinished {
    /// Go on with a plan that was interrupted: the one of this id or entity type, or the only one
    #[arg(long, value_name = "ID|TYPE", num_args = 0..=1, conflicts_with_all = MAKING)]
    pub resume: Option<Option<String>>,
    /// List the plans that were interrupted
    #[arg(long, conflicts_with_all = MAKING.into_iter().chain(APPLYING).chain(ANSWERS))]
    pub list: bool,
    /// Forget a plan that was interrupted; what it did stays done
    #[arg(long, value_name = "ID|TYPE", conflicts_with_all = MAKING.into_iter().chain(APPLYING))]
    pub forget: Option<String>,
}

/// `captui schema import`
#[derive(Debug, Args)]
pub struct Import {
    /// The file, or - for standard input: an entity type, bare attr_defs, or a curl command of entityType.create
    pub file: String,
    /// The entity type's name [default: the one in the file]
    #[arg(long)]
    pub name: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub applying: Applying,
}

/// `captui schema export`
#[derive(Debug, Args)]
pub struct Export {
    /// The schema
    pub source: Source,
    /// As the curl command that creates it, without the secret
    #[arg(long, conflicts_with = "bare")]
    pub create: bool,
    /// The attribute definitions alone, without what the service adds by itself
    #[arg(long)]
    pub bare: bool,
    /// Write it into this file, which must not exist
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `captui schema rules …`
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List them
    #[command(after_help = "Examples:
  captui schema rules list user
  captui schema rules list dev:user --csv")]
    List(ListRules),
    /// Add one
    #[command(after_help = "Examples:
  captui schema rules add user --on givenName --rule '{\"max-length\":25}'
  captui schema rules add user --on birthday --rule ignore-update
  captui schema rules add user --on givenName,familyName --unique")]
    Add(AddRule),
    /// Remove one
    #[command(after_help = "Examples:
  captui schema rules remove user 8a3abdda-b4fb-49d8-a88d-022585b0f877")]
    Remove(RemoveRule),
}

/// `captui schema rules list`
#[derive(Debug, Args)]
pub struct ListRules {
    /// The stored type: TYPE, or ENV:TYPE
    #[arg(value_name = "TYPE")]
    pub target: Target,
    /// Ask for rules alone, by entityType.rules
    #[arg(long)]
    pub rule_calls: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub listing: Listing,
}

/// `captui schema rules remove`
#[derive(Debug, Args)]
pub struct RemoveRule {
    /// The stored type: TYPE, or ENV:TYPE
    #[arg(value_name = "TYPE")]
    pub target: Target,
    /// Its name, as the list tells it
    pub uuid: String,
    /// By entityType.removeRule, for a service that does not know entityType.removeProperty
    #[arg(long)]
    pub rule_calls: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}

/// `captui schema rules add`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("demand").required(true).args(["rule", "unique"])))]
pub struct AddRule {
    /// The stored type: TYPE, or ENV:TYPE
    #[arg(value_name = "TYPE")]
    pub target: Target,
    /// The attributes, separated by commas
    #[arg(
        long,
        value_name = "ATTRIBUTES",
        value_delimiter = ',',
        required = true
    )]
    pub on: Vec<AttrPath>,
    /// The rule: a name, or JSON
    #[arg(long)]
    pub rule: Option<String>,
    /// No two records have the same values of all these attributes together
    #[arg(long)]
    pub unique: bool,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// By entityType.addRule, for a service that does not know entityType.addProperty
    #[arg(long, conflicts_with = "unique")]
    pub rule_calls: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}

/// `captui schema access`
#[derive(Debug, Args)]
pub struct Access {
    /// The stored type: TYPE, or ENV:TYPE
    #[arg(value_name = "TYPE")]
    pub target: Target,
    /// The client's id
    #[arg(long, value_name = "ID")]
    pub client: String,
    /// Set what it may read with its own credentials
    #[arg(long, value_name = "ATTRIBUTES", value_delimiter = ',')]
    pub read: Option<Vec<AttrPath>>,
    /// Set what it may write with its own credentials
    #[arg(long, value_name = "ATTRIBUTES", value_delimiter = ',')]
    pub write: Option<Vec<AttrPath>>,
    /// Set what it may read with a person's access token
    #[arg(long, value_name = "ATTRIBUTES", value_delimiter = ',')]
    pub read_with_token: Option<Vec<AttrPath>>,
    /// Set what it may write with a person's access token
    #[arg(long, value_name = "ATTRIBUTES", value_delimiter = ',')]
    pub write_with_token: Option<Vec<AttrPath>>,
    /// Delete these lists, so that it may use every attribute again; separated by commas
    #[arg(long, value_name = "LISTS", value_delimiter = ',')]
    pub delete: Vec<AccessType>,
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// A way to reach a type (reference 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum AccessType {
    /// Reading with the client's own credentials
    Read,
    /// Writing with them
    Write,
    /// Reading with a person's access token
    ReadWithToken,
    /// Writing with one
    WriteWithToken,
}

impl AccessType {
    /// The protocol's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::ReadWithToken => "read_with_token",
            Self::WriteWithToken => "write_with_token",
        }
    }
}

impl Access {
    /// The lists to be set, under the protocol's names of the ways to reach a type (reference 3.3).
    pub fn lists(&self) -> [(&'static str, Option<&[AttrPath]>); 4] {
        [
            ("read", self.read.as_deref()),
            ("write", self.write.as_deref()),
            ("read_with_token", self.read_with_token.as_deref()),
            ("write_with_token", self.write_with_token.as_deref()),
        ]
    }
}

/// `captui schema infer`
#[derive(Debug, Args)]
pub struct Infer {
    /// The file with records, or - for standard input
    pub file: String,
    /// The new entity type's name: prints an entity type in place of bare attr_defs
    #[arg(long)]
    pub name: Option<String>,
    /// What the file is written in [default: by its look]
    #[arg(long = "as", value_name = "FORM")]
    pub form: Option<SampleForm>,
    /// Set a constraint wherever it is proposed, or on one attribute; separated by commas
    #[arg(long, value_name = "[ATTRIBUTE:]CONSTRAINT", value_delimiter = ',', value_parser = accepted)]
    pub accept: Vec<(Option<AttrPath>, String)>,
    /// Give an attribute another type; may be repeated
    #[arg(long, value_name = "ATTRIBUTE=TYPE", value_parser = typed)]
    pub set_type: Vec<(AttrPath, String)>,
    /// Tell on standard error what each proposal was learnt from
    #[arg(long)]
    pub evidence: bool,
    /// Write the definitions into this file, which must not exist
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub output: Option<PathBuf>,
}

/// What sample records are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SampleForm {
    /// A record, an array of records, a record a line, or an answer of the service
    #[value(alias = "ndjson")]
    Json,
    /// A header of dotted attribute names, then a record a line
    Csv,
}

/// `captui schema diagram`
#[derive(Debug, Args)]
pub struct Diagram {
    /// The schema
    pub source: Source,
    /// What to draw with [default: by the end of the output's name, else text]
    #[arg(long)]
    pub format: Option<DiagramFormat>,
    /// The most cells of a line of text [default: those of the terminal, else 80]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(20..))]
    pub width: Option<u16>,
    /// Draw text with ASCII alone
    #[arg(long)]
    pub ascii: bool,
    /// In text, show so many levels; 1 shows the record's own attributes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub depth: Option<u16>,
    /// Write it into this file, which must not exist
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What a diagram is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiagramFormat {
    /// Lines of text, for a terminal
    Text,
    /// A table for each holder
    Markdown,
    /// An erDiagram of mermaid
    Mermaid,
    /// A picture
    Svg,
}

/// Where a schema comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An entity type of an environment; of the chosen one when none is named.
    Stored {
        /// The environment.
        environment: Option<String>,
        /// The entity type.
        type_name: String,
    },
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// A schema that the program brings along.
    Template(String),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "-" {
            return Ok(Self::Stdin);
        }
        if let Some(file) = text.strip_prefix('@') {
            return match file {
                "" => Err("a file's name belongs behind the @".to_owned()),
                file => Ok(Self::File(PathBuf::from(file))),
            };
        }
        let (environment, name) = match text.split_once(':') {
            Some(("template", name)) if !name.is_empty() => {
                return Ok(Self::Template(name.to_owned()));
            }
            Some((environment, name)) => (Some(environment), name),
            None => (None, text),
        };
        if name.is_empty() || environment == Some("") {
            return Err("write TYPE, ENV:TYPE, @FILE, - or template:NAME".to_owned());
        }
        if name.contains(['/', '\\', '.']) {
            return Err(format!("a file is written with an @: @{text}"));
        }
        Ok(Self::Stored {
            environment: environment.map(str::to_owned),
            type_name: name.to_owned(),
        })
    }
}

/// A stored entity type that is to be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The environment, when one is named.
    pub environment: Option<String>,
    /// The entity type.
    pub type_name: String,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse()? {
            Source::Stored {
                environment,
                type_name,
            } => Ok(Self {
                environment,
                type_name,
            }),
            Source::File(_) | Source::Stdin | Source::Template(_) => {
                Err("only a stored type can be changed: TYPE or ENV:TYPE".to_owned())
            }
        }
    }
}

/// A constraint, perhaps behind an attribute.
fn accepted(text: &str) -> Result<(Option<AttrPath>, String), String> {
    let Some((path, constraint)) = text.rsplit_once(':') else {
        return Ok((None, text.to_owned()));
    };
    let path = path
        .parse::<AttrPath>()
        .map_err(|error| error.to_string())?;
    Ok((Some(path.definition()), constraint.to_owned()))
}

/// An attribute and a type.
fn typed(text: &str) -> Result<(AttrPath, String), String> {
    let (path, type_name) = text.split_once('=').ok_or("write it as ATTRIBUTE=TYPE")?;
    let path = path
        .parse::<AttrPath>()
        .map_err(|error| error.to_string())?;
    Ok((path.definition(), type_name.to_owned()))
}

/// An old and a new path; a new one without a way is a name beside the old one.
fn renamed(text: &str) -> Result<(AttrPath, AttrPath), String> {
    let read = |text: &str| match text.parse::<AttrPath>() {
        Ok(path) if !path.is_root() => Ok(path.definition()),
        Ok(_) => Err("write it as OLD=NEW".to_owned()),
        Err(error) => Err(error.to_string()),
    };
    let (old, new) = text.split_once('=').ok_or("write it as OLD=NEW")?;
    let (old, new) = (read(old)?, read(new)?);
    let is_name = new.0.len() == 1;
    match (old.parent(), new.name()) {
        (Some(holder), Some(name)) if is_name => Ok((old.clone(), holder.child(name))),
        _ => Ok((old, new)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_has_one_spelling() {
        let stored = |environment: Option<&str>, name: &str| Source::Stored {
            environment: environment.map(str::to_owned),
            type_name: name.to_owned(),
        };
        for (text, source) in [
            ("user", Ok(stored(None, "user"))),
            ("dev:user", Ok(stored(Some("dev"), "user"))),
            ("@a/b:c.json", Ok(Source::File(PathBuf::from("a/b:c.json")))),
            ("-", Ok(Source::Stdin)),
            ("template:user2", Ok(Source::Template("user2".to_owned()))),
            ("", Err("write TYPE")),
            (":user", Err("write TYPE")),
            ("dev:", Err("write TYPE")),
            ("template:", Err("write TYPE")),
            ("@", Err("behind the @")),
            ("user.json", Err("@user.json")),
            ("./user", Err("@./user")),
        ] {
            match (text.parse::<Source>(), source) {
                (Ok(read), Ok(source)) => assert_eq!(read, source, "{text}"),
                (Err(why), Err(part)) => assert!(why.contains(part), "{text}: {why}"),
                (read, source) => panic!("{text}: {read:?}, not {source:?}"),
            }
        }
    }

    #[test]
    fn a_new_name_stands_beside_the_old_one() {
        for (text, old, new) in [
            ("a=b", "a", "b"),
            ("a.b=c", "a.b", "a.c"),
            ("/a/b=a.c", "a.b", "a.c"),
        ] {
            let [old, new] = [old, new].map(|path| path.parse::<AttrPath>().expect("a path"));
            assert_eq!(renamed(text), Ok((old, new)), "{text}");
        }
        for text in ["a", "=b", "a=", "a..b=c"] {
            assert!(renamed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_what_is_stored_is_changed() {
        assert!("dev:user".parse::<Target>().is_ok());
        assert!("@user.json".parse::<Target>().is_err());
    }
}
