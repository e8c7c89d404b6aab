//! Records in the database: adding them with their ids and unique values, finding and counting them. Used by the
//! operations; whether a record fits its schema is decided before it comes here.
//!
//! A record's own attributes are one JSON text. Values of `unique` attributes stand in a table of their own, whose key
//! is the constraint: two callers, threads or processes cannot both insert the same one.

use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::OptionalExtension;
use rusqlite::Row;
use rusqlite::params_from_iter;
use rusqlite::types::Value;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::json::Json;
use crate::capture::json::Object;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::value;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::types::StoredType;

/// A record as stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredRecord {
    pub(crate) id: i64,
    pub(crate) uuid: String,
    /// Microseconds since 1970.
    pub(crate) created: i64,
    /// Microseconds since 1970.
    pub(crate) last_updated: i64,
    /// All but the four reserved attributes.
    pub(crate) body: Json,
}

/// A record to add: checked, in canonical spelling, without ids.
pub(crate) struct NewRecord {
    pub(crate) uuid: String,
    /// Microseconds since 1970.
    pub(crate) created: i64,
    /// Microseconds since 1970.
    pub(crate) last_updated: i64,
    pub(crate) body: Json,
}

/// What became of adding a record.
pub(crate) enum Added {
    /// It is there, once the transaction commits.
    Record(StoredRecord),
    /// Another record, or another element of this one, has the value of a `unique` attribute.
    Taken,
}

/// By what records are sorted.
pub(crate) enum SortKey {
    Id,
    Uuid,
    Created,
    LastUpdated,
    /// An attribute of the body, no plural on the way to it.
    Body(AttrPath),
}

/// Adds a record, giving it and its plural elements their ids.
pub(crate) fn add(
    transaction: &Connection,
    stored_type: &StoredType,
    new: NewRecord,
) -> Result<Added, StoreError> {
    let defs: Vec<&AttrDef> = stored_type.schema.own_attr_defs().collect();
    let mut body = new.body;
    let id = take_ids(transaction, 1 + count_elements(&body, &defs))?;
    number_elements(&mut body, &defs, &mut (id + 1));
    transaction
        .prepare_cached(
            "INSERT INTO records (id, type_id, uuid, created, last_updated, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((id, stored_type.id, &new.uuid, new.created, new.last_updated, body.to_string()))?;
    let mut values = Vec::new();
    unique_values(&body, &defs, &AttrPath::root(), None, &mut values);
    for unique in values {
        let inserted = transaction
            .prepare_cached(
                "INSERT INTO unique_values (type_id, attribute, value, record_id, element_id) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((stored_type.id, unique.path.dotted(), unique.value, id, unique.element));
        match inserted {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                return Ok(Added::Taken);
            }
            other => other?,
        };
    }
    Ok(Added::Record(StoredRecord {
        id,
        uuid: new.uuid,
        created: new.created,
        last_updated: new.last_updated,
        body,
    }))
}

/// Takes `count` ids from the application's counter and returns the first.
fn take_ids(transaction: &Connection, count: i64) -> Result<i64, StoreError> {
    let next: i64 = transaction
        .prepare_cached("UPDATE application SET next_id = next_id + ?1 RETURNING next_id")?
        .query_row([count], |row| row.get(0))?;
    Ok(next - count)
}

fn count_elements(value: &Json, defs: &[&AttrDef]) -> i64 {
    let mut count = 0;
    for def in defs {
        let inner: Vec<&AttrDef> = def.attr_type.attr_defs().iter().collect();
        match (&def.attr_type, value.get(&def.name)) {
            (AttrType::Object(_), Some(object)) => count += count_elements(object, &inner),
            (AttrType::Plural(_), Some(Json::Array(elements))) => {
                for element in elements {
                    count += 1 + count_elements(element, &inner);
                }
            }
            _ => {}
        }
    }
    count
}

/// Gives every plural element, at any depth, the next id, as its first member.
fn number_elements(value: &mut Json, defs: &[&AttrDef], next: &mut i64) {
    let Some(members) = value.as_object_mut() else {
        return;
    };
    for def in defs {
        let inner: Vec<&AttrDef> = def.attr_type.attr_defs().iter().collect();
        match (&def.attr_type, members.get_mut(&def.name)) {
            (AttrType::Object(_), Some(object)) => number_elements(object, &inner, next),
            (AttrType::Plural(_), Some(Json::Array(elements))) => {
                for element in elements {
                    if let Some(members) = element.as_object_mut() {
                        members.shift_insert(0, "id".to_owned(), (*next).into());
                    }
                    *next += 1;
                    number_elements(element, &inner, next);
                }
            }
            _ => {}
        }
    }
}

struct UniqueValue {
    path: AttrPath,
    value: String,
    element: Option<i64>,
}

/// Every value that must be unique across all records of the type; null is nobody's value.
fn unique_values(
    holder: &Json,
    defs: &[&AttrDef],
    path: &AttrPath,
    element: Option<i64>,
    found: &mut Vec<UniqueValue>,
) {
    for def in defs {
        let Some(given) = holder.get(&def.name) else {
            continue;
        };
        let here = path.child(def.name.clone());
        let inner: Vec<&AttrDef> = def.attr_type.attr_defs().iter().collect();
        match (&def.attr_type, given) {
            (AttrType::Object(_), object) => {
                unique_values(object, &inner, &here, element, found);
            }
            (AttrType::Plural(_), Json::Array(elements)) => {
                for one in elements {
                    let id = one.get("id").and_then(Json::as_i64);
                    unique_values(one, &inner, &here, id, found);
                }
            }
            _ if def.has(&Constraint::Unique) => {
                found.extend(value::unique_key(given, def).map(|value| UniqueValue {
                    path: here,
                    value,
                    element,
                }));
            }
            _ => {}
        }
    }
}

const COLUMNS: &str = "SELECT id, uuid, created, last_updated, body FROM records";

/// The record with this id.
pub(crate) fn by_id(
    transaction: &Connection,
    type_id: i64,
    id: i64,
) -> Result<Option<StoredRecord>, StoreError> {
    let record = transaction
        .prepare_cached(&format!("{COLUMNS} WHERE type_id = ?1 AND id = ?2"))?
        .query_row([type_id, id], read)
        .optional()?;
    record.transpose()
}

/// The record with this uuid, in lower case.
pub(crate) fn by_uuid(
    transaction: &Connection,
    type_id: i64,
    uuid: &str,
) -> Result<Option<StoredRecord>, StoreError> {
    let record = transaction
        .prepare_cached(&format!("{COLUMNS} WHERE type_id = ?1 AND uuid = ?2"))?
        .query_row((type_id, uuid), read)
        .optional()?;
    record.transpose()
}

/// The record that has `value` (as [`value::unique_key`] gives it) for the `unique` attribute at `path`.
pub(crate) fn by_unique_value(
    transaction: &Connection,
    type_id: i64,
    path: &AttrPath,
    value: &str,
) -> Result<Option<StoredRecord>, StoreError> {
    let id = transaction
        .prepare_cached(
            "SELECT record_id FROM unique_values WHERE type_id = ?1 AND attribute = ?2 AND value = ?3",
        )?
        .query_row((type_id, path.dotted(), value), |row| row.get(0))
        .optional()?;
    id.map_or(Ok(None), |id| by_id(transaction, type_id, id))
}

/// How many records the type has.
pub(crate) fn count(transaction: &Connection, type_id: i64) -> Result<i64, StoreError> {
    let count = transaction
        .prepare_cached("SELECT count(*) FROM records WHERE type_id = ?1")?
        .query_row([type_id], |row| row.get(0))?;
    Ok(count)
}

/// A page of records, sorted by `sort` (`true`: descending) and then by id. Texts are compared byte by byte; nulls
/// count as greater than every value, as in PostgreSQL.
pub(crate) fn page(
    transaction: &Connection,
    type_id: i64,
    sort: &[(SortKey, bool)],
    offset: i64,
    limit: i64,
) -> Result<Vec<StoredRecord>, StoreError> {
    let mut values = vec![Value::from(type_id), limit.into(), offset.into()];
    let mut order = String::new();
    for (key, descending) in sort {
        match key {
            SortKey::Id => order.push_str("id"),
            SortKey::Uuid => order.push_str("uuid"),
            SortKey::Created => order.push_str("created"),
            SortKey::LastUpdated => order.push_str("last_updated"),
            SortKey::Body(path) => {
                values.push(format!("$.{}", path.dotted()).into());
                order.push_str("json_extract(body, ?");
                order.push_str(&values.len().to_string());
                order.push(')');
            }
        }
        order.push_str(if *descending {
            " DESC NULLS FIRST, "
        } else {
            " ASC NULLS LAST, "
        });
    }
    transaction
        .prepare_cached(&format!(
            "{COLUMNS} WHERE type_id = ?1 ORDER BY {order} id LIMIT ?2 OFFSET ?3"
        ))?
        .query_map(params_from_iter(values), read)?
        .map(|record| record?)
        .collect()
}

fn read(row: &Row) -> rusqlite::Result<Result<StoredRecord, StoreError>> {
    let body: String = row.get(4)?;
    let (id, uuid, created, last_updated) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let Ok(body @ Json::Object(_)) = Json::parse(&body) else {
        return Ok(Err(StoreError::Damaged("a record is not a JSON object")));
    };
    Ok(Ok(StoredRecord {
        id,
        uuid,
        created,
        last_updated,
        body,
    }))
}

/// `record` as the schema's attributes in the schema's order: what is not stored is null, an object of nulls, or `[]`.
pub(crate) fn shape(value: &Json, defs: &[AttrDef]) -> Json {
    let mut shaped = Object::with_capacity(defs.len());
    for def in defs {
        let given = value.get(&def.name);
        let member = match (&def.attr_type, given) {
            (AttrType::Object(inner), _) => shape(given.unwrap_or(&Json::Null), inner),
            (AttrType::Plural(inner), Some(Json::Array(elements))) => {
                Json::Array(elements.iter().map(|one| shape(one, inner)).collect())
            }
            (AttrType::Plural(_), _) => Json::Array(Vec::new()),
            (_, given) => given.cloned().unwrap_or_default(),
        };
        shaped.insert(def.name.clone(), member);
    }
    shaped.into()
}
