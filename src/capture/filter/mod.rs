//! The filter language: the words in which `entity.find`, `entity.count` and `entity.bulkDelete` say which records they
//! mean (reference 6.1). Used by the sandbox, which makes conditions of what it reads here, and by editors, which check
//! and complete what is being typed. Evaluates nothing and knows no storage.
//!
//! ```text
//! text ─▶ lex ─▶ parse ─▶ Expr ─▶ typing (with the schema) ─▶ Test
//!   └──▶ completion (with the schema) ─▶ what may stand at the cursor
//! ```

pub mod comparable;
pub mod completion;
mod lex;
pub mod parse;
pub mod secrets;
pub mod typing;

#[cfg(test)]
mod completion_tests;
#[cfg(test)]
mod language_tests;

use jiff::Timestamp;

use crate::capture::filter::parse::FilterError;
use crate::capture::schema::EntityType;

/// Whether `text` is a filter for records of the type `schema`; no text is the filter of all records. Relative dates
/// are read as seen from `now`.
pub fn check(text: &str, schema: &EntityType, now: Timestamp) -> Result<(), FilterError> {
    if text.trim().is_empty() {
        return Ok(());
    }
    let expr = parse::parse(text)?;
    typing::resolve(&expr, text, schema, now).map(|_| ())
}
