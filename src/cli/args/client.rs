//! `captui client`: what can be typed, and its help.

use clap::Args;
use clap::Subcommand;
use ipnet::IpNet;

use crate::cli::args::shared::Answers;
use crate::cli::args::shared::Listing;
use crate::cli::args::shared::Sending;
use crate::cli::args::shared::Writing;

/// `captui client …`
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// List the API clients, with their features and allow lists
    #[command(after_help = "Examples:
  captui client list
  captui client list --feature login_client --feature direct_access
  captui client list --csv")]
    List(List),
    /// Show one API client
    #[command(after_help = "Examples:
  captui client show 4hg6ks2wbk5xsnqgqv23yfewkcq74bh2
  captui client show 4hg6ks2wbk5xsnqgqv23yfewkcq74bh2 --show-secret")]
    Show(One),
    /// Add an API client, and tell its id
    #[command(
        after_help = "The answer holds the new client's secret, which is shown only if it is asked for.

Examples:
  captui client add 'nightly export' --feature direct_read_access --show-secret
  captui client add 'login page' --feature login_client --json > client.json"
    )]
    Add(Add),
    /// Delete an API client
    #[command(after_help = "Examples:
  captui client delete 4hg6ks2wbk5xsnqgqv23yfewkcq74bh2 --confirm prod")]
    Delete(Change),
    /// Give an API client a new secret
    #[command(after_help = "Examples:
  captui client reset-secret 4hg6ks2wbk5xsnqgqv23yfewkcq74bh2 --hours-to-live 24 --show-secret")]
    ResetSecret(ResetSecret),
    /// Say what an API client is for
    #[command(after_help = "Examples:
  captui client set-description 4hg6ks2wbk5xsnqgqv23yfewkcq74bh2 'nightly export'")]
    SetDescription(SetDescription),
    /// Set all that an API client may do
    #[command(
        after_help = "FEATURES are owner, access_issuer, direct_access, direct_read_access, login_client; they \
replace those that the client has.

Examples:
  captui client set-features 4hg6ks2wbk5xsnqgqv23yfewkcq74bh2 direct_access access_issuer
  captui client set-features 4hg6ks2wbk5xsnqgqv23yfewkcq74bh2 --none --yes"
    )]
    SetFeatures(SetFeatures),
    /// Set the addresses that an API client may call from
    #[command(after_help = "Examples:
  captui client set-whitelist 4hg6ks2wbk5xsnqgqv23yfewkcq74bh2 192.0.2.0/24 198.51.100.7/32")]
    SetWhitelist(SetWhitelist),
    /// Let an API client call from any address
    #[command(after_help = "Examples:
  captui client clear-whitelist 4hg6ks2wbk5xsnqgqv23yfewkcq74bh2 --yes")]
    ClearWhitelist(Change),
}

/// `captui client list`
#[derive(Debug, Args)]
pub struct List {
    /// Only clients that have this feature; may be repeated for any of several
    #[arg(long)]
    pub feature: Vec<String>,
    /// Show the clients' secrets too
    #[arg(long)]
    pub show_secret: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub listing: Listing,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui client show`
#[derive(Debug, Args)]
pub struct One {
    /// The client's id
    pub id: String,
    /// Show its secret too
    #[arg(long)]
    pub show_secret: bool,
}

/// `captui client add`
#[derive(Debug, Args)]
pub struct Add {
    /// What the client is for
    pub description: String,
    /// What it may do; may be repeated
    #[arg(long)]
    pub feature: Vec<String>,
    /// Show its secret
    #[arg(long)]
    pub show_secret: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}

/// `captui client delete` and `clear-whitelist`
#[derive(Debug, Args)]
pub struct Change {
    /// The client's id
    pub id: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui client reset-secret`
#[derive(Debug, Args)]
pub struct ResetSecret {
    /// The client's id
    pub id: String,
    /// For how many hours the old secret stays valid too, at most 168
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u8).range(0..=168))]
    pub hours_to_live: Option<u8>,
    /// Show the new secret
    #[arg(long)]
    pub show_secret: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui client set-description`
#[derive(Debug, Args)]
pub struct SetDescription {
    /// The client's id
    pub id: String,
    /// What it is for
    pub description: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}

/// `captui client set-features`
#[derive(Debug, Args)]
pub struct SetFeatures {
    /// The client's id
    pub id: String,
    /// All that it may do
    #[arg(value_name = "FEATURE", required_unless_present = "none")]
    pub features: Vec<String>,
    /// It may do nothing
    #[arg(long, conflicts_with = "features")]
    pub none: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

/// `captui client set-whitelist`
#[derive(Debug, Args)]
pub struct SetWhitelist {
    /// The client's id
    pub id: String,
    /// The addresses, in CIDR notation: 192.0.2.0/24
    #[arg(value_name = "BLOCK", required = true, value_parser = block)]
    pub blocks: Vec<IpNet>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}

fn block(text: &str) -> Result<IpNet, String> {
    let block = text.parse();
    block.map_err(|_| "a block is written as 192.0.2.0/24, one address as 192.0.2.7/32".to_owned())
}
