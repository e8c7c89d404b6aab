//! `captui setting`: what can be typed, and its help.

use clap::Args;
use clap::Subcommand;

use crate::cli::args::pair;
use crate::cli::args::shared::Answers;
use crate::cli::args::shared::Listing;
use crate::cli::args::shared::Sending;
use crate::cli::args::shared::Writing;

/// `captui setting …`
#[derive(Debug, Subcommand)]
pub enum SettingCommand {
    /// List the settings that hold for a client: its own, and defaults
    #[command(after_help = "Examples:
  captui setting list
  captui setting list --client 4hg6ks2wbk5xsnqgqv23yfewkcq74bh2 --keys
  captui setting list --all --csv")]
    List(List),
    /// Show settings, those of a client or the defaults
    #[command(after_help = "Examples:
  captui setting get password_reset_url
  captui setting get password_reset_url email_sender --client 4hg6ks2wbk5xsnqgqv23yfewkcq74bh2
  captui setting get password_reset_url --default")]
    Get(Get),
    /// Store settings of a client, or defaults
    #[command(
        after_help = "A value @FILE is read from a file, @@TEXT is the text @TEXT.

Examples:
  captui setting set password_reset_url=https://example.com/reset
  captui setting set a=1 b=2 --client 4hg6ks2wbk5xsnqgqv23yfewkcq74bh2
  captui setting set email_sender=noreply@example.com --default"
    )]
    Set(Set),
    /// Delete a setting of a client, or a default
    #[command(after_help = "Examples:
  captui setting delete password_reset_url --yes
  captui setting delete email_sender --default --yes")]
    Delete(Delete),
}

/// Whose settings.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Whose {
    /// Those of this client [default: the one that calls]
    #[arg(long, value_name = "ID")]
    pub client: Option<String>,
    /// The defaults, which hold where a client has no setting of its own
    #[arg(long)]
    pub default: bool,
}

/// `captui setting list`
#[derive(Debug, Args)]
pub struct List {
    /// Those that hold for this client [default: the one that calls]
    #[arg(long, value_name = "ID")]
    pub client: Option<String>,
    /// The names alone
    #[arg(long)]
    pub keys: bool,
    /// Every client's own settings and all defaults
    #[arg(long, conflicts_with = "keys")]
    pub all: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub listing: Listing,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui setting get`
#[derive(Debug, Args)]
pub struct Get {
    /// The settings' names
    #[arg(value_name = "KEY", required = true)]
    pub keys: Vec<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub whose: Whose,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui setting set`
#[derive(Debug, Args)]
pub struct Set {
    /// The settings
    #[arg(value_name = "KEY=VALUE", required = true, value_parser = pair)]
    pub items: Vec<(String, String)>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub whose: Whose,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}

/// `captui setting delete`
#[derive(Debug, Args)]
pub struct Delete {
    /// The setting's name
    pub key: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub whose: Whose,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}
