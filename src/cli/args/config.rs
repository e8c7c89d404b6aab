//! `captui config`: what can be typed, and its help.

use clap::Subcommand;

/// `captui config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print where the configuration is; with --json, where everything is
    #[command(after_help = "Examples:
  captui config path
  captui config path --json")]
    Path,
    /// Say whether the configuration can be read and whether every secret is where it says
    #[command(after_help = "Secret commands are not run. Nothing is called.

Exit codes: 0 all is well, 1 a secret is not where it should be, 2 the configuration is at fault.

Examples:
  captui config check
  captui config check --json")]
    Check,
    /// Print the settings that hold, with the defaults put in
    #[command(after_help = "Examples:
  captui config show")]
    Show,
    /// Begin a configuration: every setting with its default and an explanation, to be changed with an editor
    #[command(after_help = "Examples:
  captui config init")]
    Init,
}
