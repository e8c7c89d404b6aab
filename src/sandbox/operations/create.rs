//! `entity.create` (reference 2.6), also used for the first content of a new database.
//!
//! ```text
//! attributes ─▶ checked and normalised, passwords hashed ─▶ ids, unique values, insert ─▶ commit
//!               in the caller's thread, in parallel         in the writer's transaction, if the schema still holds
//! ```

use jiff::Timestamp;
use rusqlite::Connection;
use uuid::Uuid;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::Args;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::validate;
use crate::capture::validate::Mode;
use crate::capture::value::date;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::find_type;
use crate::sandbox::operations::flag;
use crate::sandbox::operations::json;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::part;
use crate::sandbox::operations::with;
use crate::sandbox::store::Store;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::records;
use crate::sandbox::store::records::Added;
use crate::sandbox::store::records::NewRecord;
use crate::sandbox::store::records::StoredRecord;
use crate::sandbox::store::types;
use crate::sandbox::store::types::StoredType;

/// How often a creation starts again because the entity type changed under it.
const ATTEMPTS: usize = 8;

/// `entity.create`.
pub(crate) fn create(store: &Store, args: &Args, now: Timestamp) -> Result<Json, Fault> {
    let attributes =
        json(args, "attributes")?.ok_or_else(|| ApiError::missing_argument("attributes"))?;
    for _ in 0..ATTEMPTS {
        let stored_type = store.read(|transaction| find_type(transaction, &store.schemas, args))?;
        let new = prepare(&attributes, &stored_type.schema, now, store.bcrypt_cost)?;
        let schema = stored_type.schema.clone();
        let added = store.write(move |transaction| {
            if types::is_current(transaction, &stored_type)? {
                add(transaction, &stored_type, new).map(Some)
            } else {
                Ok(None)
            }
        })?;
        let Some(record) = added else {
            continue;
        };
        let answer = ok([
            ("id", record.id.into()),
            ("uuid", record.uuid.as_str().into()),
        ]);
        return Ok(if flag(args, "include_record") {
            with(answer, "result", part::whole(&record, &schema))
        } else {
            answer
        });
    }
    Err(StoreError::Unavailable("the entity type keeps changing").into())
}

/// `attributes` as a record to add: checked, in canonical spelling, passwords hashed. The first violation is answered.
///
/// A `created` among the attributes is honoured (our choice: loaders send it and rely on it); `lastUpdated` is `now`.
pub(crate) fn prepare(
    attributes: &Json,
    schema: &EntityType,
    now: Timestamp,
    bcrypt_cost: u32,
) -> Result<NewRecord, ApiError> {
    let mut body =
        validate::normalise(attributes, schema, Mode::Create, now).map_err(|violations| {
            let first = violations.into_iter().next();
            first.map_or_else(
                || ApiError::new(ErrorCode::INVALID_ARGUMENT, "attributes were refused"),
                |violation| violation.to_api_error(),
            )
        })?;
    let created = body
        .as_object_mut()
        .and_then(|members| members.shift_remove("created"))
        .and_then(|created| date::parse_date_time(created.as_str()?, now).ok())
        .unwrap_or(now);
    hash_passwords(&mut body, &schema.attr_defs, bcrypt_cost)?;
    Ok(NewRecord {
        uuid: Uuid::new_v4().hyphenated().to_string(),
        created: created.as_microsecond(),
        last_updated: now.as_microsecond(),
        body,
    })
}

/// Puts hashes in place of passwords given as plain text. What the value's `type` says holds, whatever the schema's
/// type: bcrypt for every password that the sandbox hashes itself (our choice).
fn hash_passwords(value: &mut Json, defs: &[AttrDef], cost: u32) -> Result<(), ApiError> {
    let Some(members) = value.as_object_mut() else {
        return Ok(());
    };
    for def in defs {
        let Some(member) = members.get_mut(&def.name) else {
            continue;
        };
        match (&def.attr_type, &mut *member) {
            (AttrType::Password(_), Json::String(plain)) => {
                let hash = bcrypt::hash(plain.as_str(), cost).map_err(|_| {
                    ApiError::new(
                        ErrorCode::INVALID_DATA_FORMAT,
                        format!("/{}: this password cannot be hashed", def.name),
                    )
                })?;
                *member = [
                    ("type", Json::from("password-bcrypt")),
                    ("value", hash.into()),
                ]
                .into_iter()
                .collect();
            }
            (AttrType::Object(inner), object) => hash_passwords(object, inner, cost)?,
            (AttrType::Plural(inner), Json::Array(elements)) => {
                for element in elements {
                    hash_passwords(element, inner, cost)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Adds a prepared record inside the caller's transaction.
pub(crate) fn add(
    transaction: &Connection,
    stored_type: &StoredType,
    new: NewRecord,
) -> Result<StoredRecord, Fault> {
    match records::add(transaction, stored_type, new)? {
        Added::Record(record) => Ok(record),
        // The documented words, which do not say which attribute it is.
        Added::Taken => Err(ApiError::new(
            ErrorCode::UNIQUE_VIOLATION,
            "Attempted to update a duplicate value",
        )
        .into()),
    }
}
