//! `captui call`: what can be typed, and its help.

use clap::Args;

use crate::cli::args::pair;
use crate::cli::args::shared::Answers;
use crate::cli::args::shared::Sending;

/// `captui call`
#[derive(Debug, Args)]
#[command(
    after_help = "A value @FILE is read from a file, @@TEXT is the text @TEXT.

Examples:
  captui call entityType.list
  captui call entity type_name=user key_attribute=email 'key_value=\"a@b.c\"'
  captui call entity.count type_name=user --show wire
  captui call entity.bulkCreate type_name=user all_attributes=@users.json"
)]
pub struct Call {
    /// The operation, as in the API's paths: entity.create, clients/list
    pub operation: String,
    /// Arguments
    #[arg(value_name = "NAME=VALUE", value_parser = pair)]
    pub arguments: Vec<(String, String)>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub answers: Answers,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its documentation would become help text")]
    pub sending: Sending,
}
