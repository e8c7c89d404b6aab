//! Choosing one record: by `uuid`, `id`, or `key_attribute` with `key_value`, and the guards `created` and
//! `lastUpdated` (reference 2.2). Used by every operation on one record.

use jiff::Timestamp;
use rusqlite::Connection;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::Args;
use crate::capture::schema::EntityType;
use crate::capture::value;
use crate::capture::value::date;
use crate::sandbox::caller::Caller;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::json;
use crate::sandbox::operations::path;
use crate::sandbox::operations::record_not_found;
use crate::sandbox::operations::unknown_attribute;
use crate::sandbox::store::records;
use crate::sandbox::store::records::StoredRecord;
use crate::sandbox::store::types::StoredType;

/// Who chooses a record, and how.
#[derive(Clone, Copy)]
pub(crate) struct Selection<'a> {
    pub(crate) args: &'a Args,
    pub(crate) caller: &'a Caller,
    pub(crate) now: Timestamp,
}

/// The record that the arguments choose, or the calling user's own, its guards checked. `schema` is the type's as the
/// caller may see it.
pub(crate) fn select(
    transaction: &Connection,
    selection: Selection<'_>,
    stored_type: &StoredType,
    schema: &EntityType,
) -> Result<StoredRecord, Fault> {
    let Selection { args, now, .. } = selection;
    let found = if let Caller::User(grant) = selection.caller {
        records::by_id(transaction, stored_type.id, grant.record_id)?
    } else if let Some(uuid) = args.get("uuid") {
        by_uuid(transaction, stored_type, "uuid", uuid)?
    } else if let Some(id) = args.get("id") {
        let id = id
            .trim()
            .parse()
            .map_err(|_| ApiError::invalid_argument("id", "it must be a whole number"))?;
        records::by_id(transaction, stored_type.id, id)?
    } else if let Some(attribute) = args.get("key_attribute") {
        by_key(transaction, stored_type, schema, attribute, args, now)?
    } else {
        return Err(ApiError::missing_argument("uuid").into());
    };
    let record = found.ok_or_else(record_not_found)?;
    check_guards(&record, args, now)?;
    Ok(record)
}

fn by_uuid(
    transaction: &Connection,
    stored_type: &StoredType,
    argument: &str,
    text: &str,
) -> Result<Option<StoredRecord>, Fault> {
    let uuid = uuid::Uuid::try_parse(text)
        .map_err(|_| ApiError::invalid_argument(argument, "invalid uuid"))?;
    let uuid = uuid.hyphenated().to_string();
    Ok(records::by_uuid(transaction, stored_type.id, &uuid)?)
}

fn by_key(
    transaction: &Connection,
    stored_type: &StoredType,
    schema: &EntityType,
    attribute: &str,
    args: &Args,
    now: Timestamp,
) -> Result<Option<StoredRecord>, Fault> {
    let key = json(args, "key_value")?.ok_or_else(|| ApiError::missing_argument("key_value"))?;
    let path = path("key_attribute", attribute)?.definition();
    let def = schema.get(&path).ok_or_else(|| unknown_attribute(&path))?;
    let top_level = path.0.len() == 1;
    match def.attr_type {
        AttrType::Uuid if top_level => {
            let text = key
                .as_str()
                .ok_or_else(|| ApiError::invalid_argument("key_value", "invalid uuid"))?;
            by_uuid(transaction, stored_type, "key_value", text)
        }
        AttrType::Id if top_level => {
            let id = key.as_i64().ok_or_else(|| {
                ApiError::invalid_argument("key_value", "it must be a whole number")
            })?;
            Ok(records::by_id(transaction, stored_type.id, id)?)
        }
        _ if !def.has(&Constraint::Unique) => Err(ApiError::invalid_argument(
            "key_attribute",
            "the attribute does not have the unique constraint",
        )
        .into()),
        _ => {
            let key = value::read(&key, def, now)
                .map_err(|(_, reason)| ApiError::invalid_argument("key_value", &reason))?;
            match value::unique_key(&key, def) {
                Some(key) => Ok(records::by_unique_value(
                    transaction,
                    stored_type.id,
                    &path,
                    &key,
                )?),
                None => Ok(None),
            }
        }
    }
}

/// Code 330 unless the guards given equal the record's own stamps, compared as instants. `last_updated` is read as
/// well: published clients send both spellings.
fn check_guards(record: &StoredRecord, args: &Args, now: Timestamp) -> Result<(), ApiError> {
    for (argument, attribute, stored) in [
        ("created", "created", record.created),
        ("lastUpdated", "lastUpdated", record.last_updated),
        ("last_updated", "lastUpdated", record.last_updated),
    ] {
        let Some(supplied) = args.get(argument) else {
            continue;
        };
        let instant = date::parse_date_time(supplied, now)
            .map_err(|reason| ApiError::invalid_argument(argument, &reason))?;
        let actual = Timestamp::from_microsecond(stored).unwrap_or_default();
        if instant != actual {
            let description = format!("{attribute} does not match the record");
            return Err(ApiError::new(ErrorCode::TIMESTAMP_MISMATCH, description)
                .with("attribute_name", attribute)
                .with("actual_value", Json::from(date::format_stamp(actual)))
                .with("supplied_value", supplied));
        }
    }
    Ok(())
}
