//! Filters: the language in which `entity.find`, `entity.count` and `entity.bulkDelete` say which records they mean
//! (reference 6.1), as conditions on the store's table of records. Used by these operations, and by the store for the
//! values of its index; runs no SQL itself.
//!
//! ```text
//! text ─▶ lex ─▶ parse ─▶ Expr ─▶ typing (with the schema) ─▶ Test ─▶ sql ─▶ Condition
//! ```
//!
//! Our choices where the service's behaviour is not known: logic is three-valued as in SQL, so that `a != 1` and
//! `not (a = 1)` do not find records without `a`; a path through a plural holds if it holds for any element, and two
//! conditions may hold for different ones; text is compared by the attribute's `case-sensitive`, and ordered by its
//! bytes; a day beside an instant is its midnight in UTC. The other choices stand with what they are about.

mod lex;
pub mod parse;
mod sql;
#[cfg(test)]
mod tests;
mod typing;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::functions::Context;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value;
use rusqlite::types::ValueRef;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
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
    let expr = parse::parse(text).map_err(|error| typing::refuse(&error))?;
    let meaning = typing::resolve(&expr, text, schema, now)?;
    Ok(sql::write(&meaning, first_param))
}

/// The value of an attribute as filters compare it; `None` for null and for what has no order. `value` is in the
/// spelling in which records are stored.
pub(crate) fn index_value(value: &Json, def: &AttrDef) -> Option<Value> {
    match (value, &def.attr_type) {
        (Json::String(text), AttrType::String { case_sensitive, .. }) => {
            Some(Value::Text(if *case_sensitive {
                text.clone()
            } else {
                fold(text)
            }))
        }
        (Json::String(text), AttrType::Uuid) => Some(Value::Text(text.to_ascii_lowercase())),
        (Json::String(text), AttrType::Date | AttrType::DateTime | AttrType::IpAddress) => {
            Some(Value::Text(text.clone()))
        }
        (Json::Bool(value), AttrType::Boolean) => Some(Value::Integer(i64::from(*value))),
        (Json::Number(number), AttrType::Integer | AttrType::Decimal | AttrType::Id) => {
            Some(typing::number_value(number))
        }
        _ => None,
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

/// Text in the form in which it is compared when case does not matter; the same as for `unique`.
fn fold(text: &str) -> String {
    text.to_lowercase()
}

fn fold_argument(context: &Context) -> Value {
    match context.get_raw(0) {
        ValueRef::Text(text) => Value::Text(fold(&String::from_utf8_lossy(text))),
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
            .map_or(Value::Null, |number| typing::number_value(&number)),
        _ => Value::Null,
    }
}
