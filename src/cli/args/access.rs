//! `captui access`: what can be typed, and its help.

use clap::ArgGroup;
use clap::Args;
use clap::Subcommand;

use crate::cli::args::shared::Selector;
use crate::cli::args::shared::Writing;

/// `captui access …`
#[derive(Debug, Subcommand)]
pub enum AccessCommand {
    /// Issue an access token, good for an hour, to a record's user
    #[command(after_help = "Examples:
  captui access token user --key email=ada@example.com --show-secret
  captui access token user --id 1 --client 4hg6ks2wbk5xsnqgqv23yfewkcq74bh2 --json")]
    Token(Token),
    /// Issue a code that is exchanged for an access token and a refresh token
    #[command(after_help = "Examples:
  captui access code user --id 1 --redirect-uri https://example.com/ --show-secret
  captui access code user --id 1 --redirect-uri https://example.com/ --lifetime 600 --json")]
    Code(Code),
    /// Exchange a code or a refresh token for an access token and the next refresh token
    #[command(after_help = "Examples:
  captui access exchange --code @code.txt --redirect-uri https://example.com/ --show-secret
  captui access exchange --refresh-token - --json < refresh-token.txt")]
    Exchange(Exchange),
}

/// `captui access token`
#[derive(Debug, Args)]
pub struct Token {
    /// The entity type
    pub type_name: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub selector: Selector,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub issuing: Issuing,
}

/// What issuing takes.
#[derive(Debug, Args)]
pub struct Issuing {
    /// The client that is to use it [default: the one that calls]
    #[arg(long, value_name = "ID")]
    pub client: Option<String>,
    /// Show it
    #[arg(long)]
    pub show_secret: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}

/// `captui access code`
#[derive(Debug, Args)]
pub struct Code {
    /// The entity type
    pub type_name: String,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub selector: Selector,
    /// An address that the exchange must repeat
    #[arg(long, value_name = "URL")]
    pub redirect_uri: String,
    /// For how many seconds the code is good
    #[arg(long, value_name = "SECONDS")]
    pub lifetime: Option<u32>,
    /// Anything, as JSON or @FILE; handed back when the code is exchanged
    #[arg(long, value_name = "JSON")]
    pub transaction_state: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub issuing: Issuing,
}

/// `captui access exchange`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("grant").required(true).args(["code", "refresh_token"])))]
pub struct Exchange {
    /// The code, @FILE with it, or - for standard input
    #[arg(long, requires = "redirect_uri")]
    pub code: Option<String>,
    /// The address that the code was issued with
    #[arg(long, value_name = "URL", conflicts_with = "refresh_token")]
    pub redirect_uri: Option<String>,
    /// The refresh token, @FILE with it, or - for standard input
    #[arg(long, value_name = "TOKEN")]
    pub refresh_token: Option<String>,
    /// Show the tokens
    #[arg(long)]
    pub show_secret: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Writing,
}
