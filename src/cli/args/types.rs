//! `captui type`: what can be typed, and its help.

use clap::Subcommand;

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
