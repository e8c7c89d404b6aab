//! The history: every exchange, kept in one SQLite file without secrets.
//!
//! Written by the worker after each call, read by its history jobs. What must not be kept is masked before it is
//! written, never when it is read.
//!
//! ```text
//!   Exchange ─▶ content ─▶ row ─▶ store: exchange · content · words · seen ─▶ history.db
//!              (masked,   (how it    │
//!               packed)    is found) ├─◀ query ─▶ search ─▶ Summary, …
//!                                    └─◀ record: the states of a record, and who changed what
//! ```

mod content;
mod migrations;
pub mod names;
pub mod query;
pub mod record;
mod row;
mod search;
mod sightings;
pub mod store;
mod words;

#[cfg(test)]
mod tests;
