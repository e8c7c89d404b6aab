//! The commands, a file for each noun.

pub(super) mod call;
pub(super) mod curl;
pub(super) mod explain;
pub(super) mod history;
pub(super) mod record;
pub(super) mod sandbox;
pub(super) mod schema;
pub(super) mod types;
pub(super) mod view;
