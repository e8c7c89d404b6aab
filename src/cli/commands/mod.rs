//! The commands, a file for each noun.

pub(super) mod access;
pub(super) mod call;
pub(super) mod client;
pub(super) mod explain;
pub(super) mod history;
pub(super) mod record;
pub(super) mod sandbox;
pub(super) mod schema;
pub(super) mod setting;
pub(super) mod types;
pub(super) mod view;
