//! Drafts that survive the program: what was being written, kept in one small file for each draft.
//!
//! The explorer hands over what a form shows after every change; [`desk`] writes it within a second, on a thread of its
//! own, and reads it back at the next start. Passwords never come here (`secrets`), nothing is sent from here, and a
//! file that cannot be understood is set aside and never deleted.
//!
//! ```text
//!   Command::Save ──▶ desk: the newest of each draft, after a pause ──▶ secrets ──▶ format ──▶ folder: one file, whole
//!   Command::Load ──▶ desk ──▶ folder ──▶ format ──▶ Event::Loaded
//! ```
//!
//! Several captui may share the folder. A draft's file is overwritten only while it is the one that this program wrote
//! or read itself; when another program has changed it since, both are kept, each in its own file.

pub mod desk;
pub mod folder;
mod format;
pub mod kept;
mod secrets;

#[cfg(test)]
mod tests;
