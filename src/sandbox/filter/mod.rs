//! Filters: the language in which `entity.find`, `entity.count` and `entity.bulkDelete` say which records they mean
//! (reference 6.1), as conditions on the store's table of records. Used by these operations, and by the store for the
//! values of its index; runs no SQL itself. The language itself is [`crate::capture::filter`].
//!
//! ```text
//! text ─▶ capture::filter ─▶ Test ─▶ sql ─▶ Condition
//! ```
//!
//! Our choices where the service's behaviour is not known: logic is three-valued as in SQL, so that `a != 1` and
//! `not (a = 1)` do not find records without `a`; a path through a plural holds if it holds for any element, and two
//! conditions may hold for different ones; text is compared by the attribute's `case-sensitive`, and ordered by its
//! bytes; a day beside an instant is its midnight in UTC. The other choices stand with what they are about.

mod sql;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::functions::Context;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value;
use rusqlite::types::ValueRef;

use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::filter::comparable;
use crate::capture::filter::comparable::Comparable;
use crate::capture::filter::parse;
use crate::capture::filter::parse::FilterError;
use crate::capture::filter::parse::FilterErrorKind;
use crate::capture::filter::typing;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::value::date;

/// The SQL function that folds case.
const FOLD: &str = "filter_fold";

/// The SQL function that makes days and instants comparable.
const INSTANT: &str = "filter_instant";

/// The SQL function that reads the text of a number as [`index_value`] does.
const NUMBER: &str = "filter_number";

/// All functions of ours that conditions call.
pub(crate) const FUNCTIONS: [&str; 3] = [FOLD, INSTANT, NUMBER];

/// A condition on a row of `records`, for a statement in which `?1` is the id of the entity type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    /// An expression; in parentheses where it needs them beside others.
    pub(crate) sql: String,
    /// What its placeholders stand for, in their order from the first one on.
    pub(crate) params: Vec<Value>,
}

/// Reads the filter `text` for records of the type `schema`, which holds what the caller may see and no more. The
/// condition's own placeholders are `?first_param` and those after it. No text is the filter of all records.
pub(crate) fn compile(
    text: &str,
    schema: &EntityType,
    first_param: usize,
    now: Timestamp,
) -> Result<Condition, ApiError> {
    if text.trim().is_empty() {
        return Ok(Condition {
            sql: "1".to_owned(),
            params: Vec::new(),
        });
    }
    let expr = parse::parse(text).map_err(|error| refuse(&error))?;
    let meaning = typing::resolve(&expr, text, schema, now).map_err(|error| refuse(&error))?;
    Ok(sql::write(&meaning, first_param))
}

/// The code of a filter that is not one: 200, or 485 for `contains`.
fn refuse(error: &FilterError) -> ApiError {
    match error.kind {
        FilterErrorKind::Invalid | FilterErrorKind::UnknownAttribute => {
            ApiError::invalid_argument("filter", &error.to_string())
        }
        FilterErrorKind::Contains => ApiError::new(ErrorCode::FILTER_CONTAINS, error.to_string())
            .with("argument_name", "filter"),
    }
}

/// The value of an attribute as the index holds it; `None` for null and for what has no order. `value` is in the
/// spelling in which records are stored.
pub(crate) fn index_value(value: &Json, def: &AttrDef) -> Option<Value> {
    Comparable::of(value, def).map(sql_value)
}

fn sql_value(value: Comparable) -> Value {
    match value {
        Comparable::Null => Value::Null,
        Comparable::Whole(number) => Value::Integer(number),
        Comparable::Float(number) => Value::Real(number),
        Comparable::Text(text) => Value::Text(text),
    }
}

/// Gives a connection the functions that conditions call. They change nothing and cannot be called from within the
/// database's own layout.
pub(crate) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function(FOLD, 1, flags, |context| Ok(fold_argument(context)))?;
    connection
        .create_scalar_function(INSTANT, 1, flags, |context| Ok(instant_argument(context)))?;
    connection.create_scalar_function(NUMBER, 1, flags, |context| Ok(number_argument(context)))
}

fn fold_argument(context: &Context) -> Value {
    match context.get_raw(0) {
        ValueRef::Text(text) => Value::Text(comparable::fold(&String::from_utf8_lossy(text))),
        other => Value::try_from(other).unwrap_or(Value::Null),
    }
}

/// Microseconds since 1970 of a stored day or instant. Those of a column come as they are.
fn instant_argument(context: &Context) -> Value {
    match context.get_raw(0) {
        ValueRef::Integer(microseconds) => Value::Integer(microseconds),
        ValueRef::Text(text) => std::str::from_utf8(text)
            .ok()
            .and_then(|text| date::parse_utc(text, Timestamp::UNIX_EPOCH).ok())
            .map_or(Value::Null, |at| Value::Integer(typing::microseconds(at))),
        _ => Value::Null,
    }
}

fn number_argument(context: &Context) -> Value {
    match context.get_raw(0) {
        ValueRef::Text(text) => std::str::from_utf8(text)
            .ok()
            .and_then(Number::parse)
            .map_or(Value::Null, |number| sql_value(Comparable::number(&number))),
        _ => Value::Null,
    }
}
