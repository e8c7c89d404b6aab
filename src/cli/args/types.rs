//! `captui type`: what can be typed, and its help.

use clap::Args;
use clap::Subcommand;

use crate::capture::path::AttrPath;
use crate::cli::args::shared::Answers;
use crate::cli::args::shared::Listing;
use crate::cli::args::shared::Sending;
use crate::cli::args::shared::Writing;
use crate::cli::items::Item;

/// `captui type …`
#[derive(Debug, Subcommand)]
pub enum TypeCommand {
    /// List the entity types
    #[command(after_help = "Examples:
  captui type list
  captui type list --env dev --ndjson")]
    List(List),
    /// Show an entity type's attributes
    #[command(after_help = "Examples:
  captui type show user
  captui type show user --csv
  captui type show user --json > user.json")]
    Show(Show),
    /// Create an entity type
    #[command(
        after_help = "The definitions are checked here first: every problem is listed and nothing is sent.

Examples:
  captui type create customer --attr-defs '[{\"name\":\"email\",\"type\":\"string\",\"constraints\":[\"unique\"]}]'
  captui type create customer --attr-defs @customer.json"
    )]
    Create(Create),
    /// Delete an entity type with all its records for good
    #[command(
        after_help = "Rules of the type are removed first: captui schema rules.

Examples:
  captui type delete customer --dry-run
  captui type delete customer --confirm customer"
    )]
    Delete(Delete),
    /// Add an attribute
    #[command(
        after_help = "An ITEM is name=nickName or length:=20, as in the definition. To change a schema as a whole: captui schema apply.

Examples:
  captui type add-attribute user name=nickName type=string length:=20
  captui type add-attribute user name=shoe type=integer constraints:='[\"required\"]'
  captui type add-attribute user --attr-def @address.json"
    )]
    AddAttribute(AddAttribute),
    /// Remove an attribute, with its values in all records, for good
    #[command(after_help = "Examples:
  captui type remove-attribute user nickName --confirm nickName
  captui type remove-attribute user primaryAddress.zip --dry-run")]
    RemoveAttribute(RemoveAttribute),
    /// Set all constraints of an attribute
    #[command(
        after_help = "CONSTRAINTS are required, unique, locally-unique, alphabetic, alphanumeric, unicode-letters, \
unicode-printable, email-address; they replace those that the attribute has.

Examples:
  captui type set-constraints user email unique email-address
  captui type set-constraints user nickName --none"
    )]
    SetConstraints(SetConstraints),
    /// Describe an attribute
    #[command(after_help = "Examples:
  captui type set-description user nickName 'What friends say'")]
    SetDescription(SetDescription),
    /// Set how many old passwords are remembered
    #[command(after_help = "Examples:
  captui type set-password-settings user --history-size 7
  captui type set-password-settings user --history-size 0")]
    SetPasswordSettings(SetPasswordSettings),
    /// Show an entity type as it was at an earlier time
    #[command(after_help = "Examples:
  captui type versions user --at yesterday
  captui type versions user --at 2014-11-15")]
    Versions(Versions),
}

/// `captui type list`
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub listing: Listing,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui type show`
#[derive(Debug, Args)]
pub struct Show {
    /// The entity type
    pub name: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub listing: Listing,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui type create`
#[derive(Debug, Args)]
pub struct Create {
    /// The new entity type's name
    pub name: String,
    /// The attribute definitions: JSON, @FILE, or - for standard input
    #[arg(long, value_name = "JSON")]
    pub attr_defs: String,
    /// Send it even if it looks wrong
    #[arg(long)]
    pub no_check: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}

/// `captui type delete`
#[derive(Debug, Args)]
pub struct Delete {
    /// The entity type
    pub name: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui type add-attribute`
#[derive(Debug, Args)]
pub struct AddAttribute {
    /// The entity type
    pub name: String,
    /// The definition: NAME=TEXT, NAME:=JSON
    #[arg(value_name = "ITEM", required_unless_present = "attr_def")]
    pub items: Vec<Item>,
    /// The definition as JSON, @FILE, or - for standard input; items change what stands there
    #[arg(long, value_name = "JSON")]
    pub attr_def: Option<String>,
    /// Send it even if it looks wrong
    #[arg(long)]
    pub no_check: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}

/// `captui type remove-attribute`
#[derive(Debug, Args)]
pub struct RemoveAttribute {
    /// The entity type
    pub name: String,
    /// The attribute
    pub attribute: AttrPath,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui type set-constraints`
#[derive(Debug, Args)]
pub struct SetConstraints {
    /// The entity type
    pub name: String,
    /// The attribute
    pub attribute: AttrPath,
    /// All constraints that it is to have
    #[arg(value_name = "CONSTRAINT", required_unless_present = "none")]
    pub constraints: Vec<String>,
    /// It is to have none
    #[arg(long, conflicts_with = "constraints")]
    pub none: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}

/// `captui type set-description`
#[derive(Debug, Args)]
pub struct SetDescription {
    /// The entity type
    pub name: String,
    /// The attribute
    pub attribute: AttrPath,
    /// What it is for
    pub description: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}

/// `captui type set-password-settings`
#[derive(Debug, Args)]
pub struct SetPasswordSettings {
    /// The entity type
    pub name: String,
    /// How many old passwords are remembered, at most 10; 0 for none
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=10))]
    pub history_size: u8,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}

/// `captui type versions`
#[derive(Debug, Args)]
pub struct Versions {
    /// The entity type
    pub name: String,
    /// When: a date, a date and time, or a word such as yesterday
    #[arg(long, value_name = "TIME")]
    pub at: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}
