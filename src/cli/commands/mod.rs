//! The commands, a file for each noun.

pub(super) mod access;
pub(super) mod bulk;
pub(super) mod call;
pub(super) mod client;
pub(super) mod completions;
pub(super) mod config;
pub(super) mod curl;
pub(super) mod doctor;
pub(super) mod env;
pub(super) mod explain;
pub(super) mod history;
pub(super) mod keys;
mod load;
pub(super) mod man;
pub(super) mod overview;
pub(super) mod postman;
pub(super) mod record;
pub(super) mod sandbox;
pub(super) mod schema;
pub(super) mod setting;
pub(super) mod types;
pub(super) mod view;
