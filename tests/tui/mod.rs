//! The explorer without a terminal and without a runtime: keys in, screen out, the real sandbox behind it.

mod blame;
mod drafts;
mod driver;
mod every_type;
mod explained;
mod find;
mod form;
mod handover;
mod history;
mod history_replay;
mod journeys;
mod json;
mod pasting;
mod pictures;
mod records;
pub(crate) mod replays;
mod schema;
mod sending;
mod timeline;
mod verbs;
mod viewer;
