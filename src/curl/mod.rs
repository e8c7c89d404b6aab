//! curl commands: what a pasted one means to Capture, and any call written as one.
//!
//! [`import::import`] reads a command as people really paste it (from documents, tickets, terminals, Windows) and
//! accounts for every token of it, so that nothing is dropped in silence; [`export::export`] writes a command that a
//! POSIX shell runs unchanged. Used by the explorer's paste preview and copy menu and by the commands. Deliberately
//! absent: running anything, reading files (their bytes are handed in), and asking the environment for variables.
//!
//! ```text
//!   text ──find──▶ command ──lex──▶ words ──options──▶ what curl would send ──Call::read──▶ Import
//!            └────────┴───────────────┴───────────▶ an account of every token
//! ```

pub mod account;
pub mod elided;
pub mod export;
pub mod fragment;
pub mod import;
pub mod lex;

mod find;
mod options;
mod url;
