//! Records in the database: adding, changing and deleting them with their ids, unique values, indexed values and
//! earlier states; finding and counting them. Used by the operations; whether a record fits its schema is decided before
//! it comes here.
//!
//! A record's own attributes are one JSONB value. Values of `unique` attributes stand in a table of their own, whose key
//! is the constraint: two callers, threads or processes cannot both insert the same one.

use std::collections::HashSet;
use std::time::Instant;

use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::OptionalExtension;
use rusqlite::Row;
use rusqlite::params_from_iter;
use rusqlite::types::Value;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::path::Segment;
use crate::capture::schema::AttrDef;
use crate::capture::schema::property::PropertyKind;
use crate::capture::value;
use crate::sandbox::filter;
use crate::sandbox::filter::Condition;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::interruption;
use crate::sandbox::store::types::StoredType;

/// A record as stored, its body as a text.
pub(crate) struct StoredText<'a> {
    pub(crate) id: i64,
    pub(crate) uuid: &'a str,
    /// Microseconds since 1970.
    pub(crate) created: i64,
    /// Microseconds since 1970.
    pub(crate) last_updated: i64,
    pub(crate) body: &'a [u8],
}

/// A record as stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredRecord {
    pub(crate) id: i64,
    pub(crate) uuid: String,
    /// Microseconds since 1970.
    pub(crate) created: i64,
    /// Microseconds since 1970.
    pub(crate) last_updated: i64,
    /// Since when the record is as it is, in microseconds since 1970.
    pub(crate) since: i64,
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

impl NewRecord {
    /// The record as it is stored, once it was added as `id`.
    pub(crate) fn stored(&self, id: i64) -> StoredRecord {
        StoredRecord {
            id,
            uuid: self.uuid.clone(),
            created: self.created,
            last_updated: self.last_updated,
            since: self.last_updated,
            body: self.body.clone(),
        }
    }
}

/// What became of changing a record.
pub(crate) enum Written {
    /// It is there, once the transaction commits.
    Record(StoredRecord),
    /// Another record, or another element of this one, has the value of a `unique` attribute. What was begun has to be
    /// undone with the transaction.
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

/// Adds a record, giving it and its plural elements their ids, and returns its own. `None` when another record, or another
/// element of this one, has the value of a `unique` attribute: what was begun has to be undone with the transaction, and
/// the record can be added again.
pub(crate) fn add(
    transaction: &Connection,
    stored_type: &StoredType,
    new: &mut NewRecord,
) -> Result<Option<i64>, StoreError> {
    let id = take_ids(transaction, ids_of(stored_type, new))?;
    Ok(add_as(transaction, stored_type, new, id)?.then_some(id))
}

/// Adds records one after the other as [`add`] does, with ids that are taken together, and returns them. `None` when one
/// of them is refused: then what was begun has to be undone with the transaction. `go_on` is asked before each.
pub(crate) fn add_all<E: From<StoreError>>(
    transaction: &Connection,
    stored_type: &StoredType,
    all: &mut [&mut NewRecord],
    go_on: impl Fn() -> Result<(), E>,
) -> Result<Option<Vec<i64>>, E> {
    let counts: Vec<i64> = all.iter().map(|new| ids_of(stored_type, new)).collect();
    let mut next = take_ids(transaction, counts.iter().sum())?;
    let mut ids = Vec::with_capacity(all.len());
    for (new, count) in all.iter_mut().zip(counts) {
        go_on()?;
        if !add_as(transaction, stored_type, new, next)? {
            return Ok(None);
        }
        ids.push(next);
        next += count;
    }
    Ok(Some(ids))
}

/// How many ids a new record needs: its own, and one for each element of its plurals.
fn ids_of(stored_type: &StoredType, new: &NewRecord) -> i64 {
    1 + Elements::All.count(&new.body, &stored_type.schema.attr_defs)
}

/// Adds a record as `id`, and its elements as what follows. `false` when it is refused; see [`add`].
fn add_as(
    transaction: &Connection,
    stored_type: &StoredType,
    new: &mut NewRecord,
    id: i64,
) -> Result<bool, StoreError> {
    // Elements that have an id got it when the record was added before, which was undone.
    let defs = &stored_type.schema.attr_defs;
    Elements::All.number(&mut new.body, defs, &mut (id + 1));
    transaction
        .prepare_cached(
            "INSERT INTO records (id, type_id, uuid, created, last_updated, since, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, jsonb(?7))",
        )?
        .execute((
            id,
            stored_type.id,
            &new.uuid,
            new.created,
            new.last_updated,
            new.last_updated,
            new.body.to_string(),
        ))?;
    index(transaction, stored_type, id, &new.body)
}

/// Puts `body` in place of the record's own; its elements without an id get one, and those that are gone become orphans.
/// `now` is in microseconds. `touch` says whether `lastUpdated` becomes `now`; it always grows, so that a guard sees
/// every change.
pub(crate) fn change(
    transaction: &Connection,
    stored_type: &StoredType,
    old: &StoredRecord,
    mut body: Json,
    now: i64,
    touch: bool,
) -> Result<Written, StoreError> {
    let defs = &stored_type.schema.attr_defs;
    let count = Elements::New.count(&body, defs);
    if count > 0 {
        let first = take_ids(transaction, count)?;
        Elements::New.number(&mut body, defs, &mut { first });
    }
    let since = now.max(old.since + 1);
    keep_version(transaction, old.id, since)?;
    keep_orphans(transaction, stored_type, old, Some(&body))?;
    let record = StoredRecord {
        last_updated: if touch {
            now.max(old.last_updated + 1)
        } else {
            old.last_updated
        },
        since,
        body,
        ..old.clone()
    };
    transaction
        .prepare_cached(
            "UPDATE records SET last_updated = ?2, since = ?3, body = jsonb(?4) WHERE id = ?1",
        )?
        .execute((
            record.id,
            record.last_updated,
            since,
            record.body.to_string(),
        ))?;
    forget_indexed(transaction, record.id)?;
    Ok(
        if index(transaction, stored_type, record.id, &record.body)? {
            Written::Record(record)
        } else {
            Written::Taken
        },
    )
}

/// Deletes a record; what it was stays for a look back.
pub(crate) fn delete(
    transaction: &Connection,
    stored_type: &StoredType,
    record: &StoredRecord,
    now: i64,
) -> Result<(), StoreError> {
    keep_version(transaction, record.id, now.max(record.since + 1))?;
    keep_orphans(transaction, stored_type, record, None)?;
    transaction
        .prepare_cached("DELETE FROM records WHERE id = ?1")?
        .execute([record.id])?;
    Ok(())
}

/// Deletes every record of a type, and all it ever was.
pub(crate) fn purge(transaction: &Connection, type_id: i64) -> Result<usize, StoreError> {
    for table in ["record_versions", "orphans"] {
        transaction.execute(
            &format!("DELETE FROM {table} WHERE type_id = ?1"),
            [type_id],
        )?;
    }
    Ok(transaction.execute("DELETE FROM records WHERE type_id = ?1", [type_id])?)
}

/// Takes the orphan `id` of the plural at `attribute` out of the orphanage.
pub(crate) fn take_orphan(
    transaction: &Connection,
    type_id: i64,
    attribute: &AttrPath,
    id: i64,
) -> Result<Option<Json>, StoreError> {
    let body: Option<String> = transaction
        .prepare_cached(
            "DELETE FROM orphans WHERE id = ?1 AND type_id = ?2 AND attribute = ?3 RETURNING json(body)",
        )?
        .query_row((id, type_id, attribute.dotted()), |row| row.get(0))
        .optional()?;
    body.map(|body| Json::parse(&body).map_err(|_| StoreError::Damaged("an element is not JSON")))
        .transpose()
}

/// The record as it was at an instant in microseconds; `None` when it was not there.
pub(crate) fn at(
    transaction: &Connection,
    type_id: i64,
    id: i64,
    instant: i64,
) -> Result<Option<StoredRecord>, StoreError> {
    if let Some(record) = by_id(transaction, type_id, id)?
        && record.since <= instant
    {
        return Ok(Some(record));
    }
    let record = transaction
        .prepare_cached(
            "SELECT record_id, uuid, created, last_updated, since, json(body) FROM record_versions
             WHERE record_id = ?1 AND type_id = ?2 AND since <= ?3 AND until > ?3",
        )?
        .query_row([id, type_id, instant], read)
        .optional()?;
    record.transpose()
}

fn keep_version(transaction: &Connection, id: i64, until: i64) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO record_versions (record_id, since, until, type_id, uuid, created, last_updated, body)
             SELECT id, since, ?2, type_id, uuid, created, last_updated, body FROM records WHERE id = ?1",
        )?
        .execute([id, until])?;
    Ok(())
}

/// Keeps the elements of `old` that `new` no longer has. One inside another goes with it.
fn keep_orphans(
    transaction: &Connection,
    stored_type: &StoredType,
    old: &StoredRecord,
    new: Option<&Json>,
) -> Result<(), StoreError> {
    let defs = &stored_type.schema.attr_defs;
    let mut kept = HashSet::new();
    if let Some(new) = new {
        each_element(new, defs, &AttrPath::root(), &mut |id, _, _| {
            kept.insert(id);
            true
        });
    }
    let mut gone = Vec::new();
    each_element(
        &old.body,
        defs,
        &AttrPath::root(),
        &mut |id, path, element| {
            let stays = kept.contains(&id);
            if !stays {
                gone.push((id, path.dotted(), element.to_string()));
            }
            stays
        },
    );
    for (id, attribute, element) in gone {
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO orphans (id, type_id, attribute, body) VALUES (?1, ?2, ?3, jsonb(?4))",
            )?
            .execute((id, stored_type.id, attribute, element))?;
    }
    Ok(())
}

/// Shows `visit` every plural element with its id and its plural's path; the elements inside one only when it says so.
fn each_element<'a>(
    value: &'a Json,
    defs: &[AttrDef],
    path: &AttrPath,
    visit: &mut dyn FnMut(i64, &AttrPath, &'a Json) -> bool,
) {
    for def in defs {
        let here = path.child(def.name.clone());
        let inner = def.attr_type.attr_defs();
        match (&def.attr_type, value.get(&def.name)) {
            (AttrType::Object(_), Some(object)) => each_element(object, inner, &here, visit),
            (AttrType::Plural(_), Some(Json::Array(elements))) => {
                for element in elements {
                    let id = element.get("id").and_then(Json::as_i64);
                    if id.is_some_and(|id| visit(id, &here, element)) {
                        each_element(element, inner, &here, visit);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Writes the rows by which the record is found and kept unique; `false` when a value that must be unique is taken.
fn index(
    transaction: &Connection,
    stored_type: &StoredType,
    id: i64,
    body: &Json,
) -> Result<bool, StoreError> {
    for unique in unique_values(body, stored_type) {
        let inserted = transaction
            .prepare_cached(
                "INSERT INTO unique_values (type_id, attribute, value, record_id, element_id) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((stored_type.id, unique.attribute, unique.value, id, unique.element));
        match inserted {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                return Ok(false);
            }
            other => other?,
        };
    }
    let mut values = Vec::new();
    let defs = &stored_type.schema.attr_defs;
    query_values(body, defs, &mut Vec::new(), 0, &mut values);
    for (attribute, value, element) in values {
        transaction
            .prepare_cached(
                "INSERT INTO query_values (type_id, attribute, value, record_id, element_id) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((stored_type.id, attribute, value, id, element))?;
    }
    Ok(true)
}

/// Every value of an attribute with the feature `query`: its dotted path, the value as a filter compares it, and the
/// element that it is in, 0 outside plurals. `path` is that of `holder`, in names.
fn query_values<'a>(
    holder: &Json,
    defs: &'a [AttrDef],
    path: &mut Vec<&'a str>,
    element: i64,
    found: &mut Vec<(String, Value, i64)>,
) {
    for def in defs {
        let Some(given) = holder.get(&def.name) else {
            continue;
        };
        path.push(&def.name);
        let inner = def.attr_type.attr_defs();
        match (&def.attr_type, given) {
            (AttrType::Object(_), object) => query_values(object, inner, path, element, found),
            (AttrType::Plural(_), Json::Array(elements)) => {
                for one in elements {
                    let id = one.get("id").and_then(Json::as_i64).unwrap_or_default();
                    query_values(one, inner, path, id, found);
                }
            }
            _ if def.has_feature(&Feature::Query) => {
                let value = filter::index_value(given, def);
                found.extend(value.map(|value| (path.join("."), value, element)));
            }
            _ => {}
        }
        path.pop();
    }
}

fn forget_indexed(transaction: &Connection, id: i64) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM unique_values WHERE record_id = ?1",
        "DELETE FROM query_values WHERE record_id = ?1",
    ] {
        transaction.prepare_cached(statement)?.execute([id])?;
    }
    Ok(())
}

/// Writes anew all rows by which the records of a type are found and kept unique, after its schema changed; `false` when
/// two of them have the same value for something that is unique now.
pub(crate) fn reindex(
    transaction: &Connection,
    stored_type: &StoredType,
) -> Result<bool, StoreError> {
    for table in ["unique_values", "query_values"] {
        transaction.execute(
            &format!("DELETE FROM {table} WHERE type_id = ?1"),
            [stored_type.id],
        )?;
    }
    let mut fits = true;
    each::<StoreError>(transaction, stored_type.id, |record| {
        fits = index(transaction, stored_type, record.id, &record.body)?;
        Ok(fits)
    })?;
    Ok(fits)
}

/// How many records are read at once where all are.
const AT_ONCE: i64 = 1_000;

/// Shows `visit` every record of a type, in the order of their ids, until it says `false`.
pub(crate) fn each<E: From<StoreError>>(
    transaction: &Connection,
    type_id: i64,
    mut visit: impl FnMut(StoredRecord) -> Result<bool, E>,
) -> Result<(), E> {
    let mut after = i64::MIN;
    loop {
        // In pages, because `visit` may write to the table that is read.
        let page = page_after(transaction, type_id, after, AT_ONCE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.id;
        for record in page {
            if !visit(record)? {
                return Ok(());
            }
        }
    }
}

fn page_after(
    transaction: &Connection,
    type_id: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<StoredRecord>, StoreError> {
    transaction
        .prepare_cached(&format!(
            "{COLUMNS} WHERE type_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
        ))?
        .query_map([type_id, after, limit], read)?
        .map(|record| record?)
        .collect()
}

/// Takes `count` ids from the application's counter and returns the first.
fn take_ids(transaction: &Connection, count: i64) -> Result<i64, StoreError> {
    // Not one statement with RETURNING: SQLite keeps a journal of its own for that, a fifth of the cost of a create.
    let (row, first): (i64, i64) = transaction
        .prepare_cached("SELECT rowid, next_id FROM application")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let next = first
        .checked_add(count)
        .ok_or(StoreError::Damaged("the ids are used up"))?;
    transaction
        .prepare_cached("UPDATE application SET next_id = ?2 WHERE rowid = ?1")?
        .execute([row, next])?;
    Ok(first)
}

/// Which plural elements, at any depth, get an id.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Elements {
    /// Those without one.
    New,
    /// Every one, in place of the id that it may have.
    All,
}

impl Elements {
    fn holds(self, element: &Object) -> bool {
        self == Self::All || !element.contains_key("id")
    }

    fn count(self, value: &Json, defs: &[AttrDef]) -> i64 {
        let mut count = 0;
        for def in defs {
            let inner = def.attr_type.attr_defs();
            match (&def.attr_type, value.get(&def.name)) {
                (AttrType::Object(_), Some(object)) => count += self.count(object, inner),
                (AttrType::Plural(_), Some(Json::Array(elements))) => {
                    for element in elements {
                        let members = element.as_object();
                        count += i64::from(members.is_some_and(|members| self.holds(members)));
                        count += self.count(element, inner);
                    }
                }
                _ => {}
            }
        }
        count
    }

    /// Gives each the next id, as its first member.
    fn number(self, value: &mut Json, defs: &[AttrDef], next: &mut i64) {
        let Some(members) = value.as_object_mut() else {
            return;
        };
        for def in defs {
            let inner = def.attr_type.attr_defs();
            match (&def.attr_type, members.get_mut(&def.name)) {
                (AttrType::Object(_), Some(object)) => self.number(object, inner, next),
                (AttrType::Plural(_), Some(Json::Array(elements))) => {
                    for element in elements {
                        if let Some(members) = element.as_object_mut()
                            && self.holds(members)
                        {
                            members.shift_insert(0, "id".to_owned(), (*next).into());
                            *next += 1;
                        }
                        self.number(element, inner, next);
                    }
                }
                _ => {}
            }
        }
    }
}

struct UniqueValue {
    /// A dotted path, or the uuid of a property over several attributes.
    attribute: String,
    value: String,
    element: Option<i64>,
}

/// Every value that must be unique across all records of the type; null is nobody's value.
fn unique_values(body: &Json, stored_type: &StoredType) -> Vec<UniqueValue> {
    let defs = &stored_type.schema.attr_defs;
    let mut found = Vec::new();
    single_values(body, defs, &mut Vec::new(), None, &mut found);
    for property in stored_type.properties.iter() {
        if property.kind != PropertyKind::Unique {
            continue;
        }
        let keys: Option<Vec<Json>> = property
            .attributes
            .iter()
            .map(|path| {
                let def = stored_type.schema.get(path)?;
                let value = path
                    .0
                    .iter()
                    .try_fold(body, |at, step| at.get(&step.name))?;
                value::unique_key(value, def).map(Json::from)
            })
            .collect();
        found.extend(keys.map(|keys| UniqueValue {
            attribute: property.uuid.clone(),
            value: Json::Array(keys).to_string(),
            element: None,
        }));
    }
    found
}

fn single_values<'a>(
    holder: &Json,
    defs: &'a [AttrDef],
    path: &mut Vec<&'a str>,
    element: Option<i64>,
    found: &mut Vec<UniqueValue>,
) {
    for def in defs {
        let Some(given) = holder.get(&def.name) else {
            continue;
        };
        path.push(&def.name);
        let inner = def.attr_type.attr_defs();
        match (&def.attr_type, given) {
            (AttrType::Object(_), object) => {
                single_values(object, inner, path, element, found);
            }
            (AttrType::Plural(_), Json::Array(elements)) => {
                for one in elements {
                    let id = one.get("id").and_then(Json::as_i64);
                    single_values(one, inner, path, id, found);
                }
            }
            _ if def.has(&Constraint::Unique) => {
                found.extend(value::unique_key(given, def).map(|value| UniqueValue {
                    attribute: path.join("."),
                    value,
                    element,
                }));
            }
            _ => {}
        }
        path.pop();
    }
}

const NOT_AN_OBJECT: StoreError = StoreError::Damaged("a record is not a JSON object");

/// The place of `body` in [`COLUMNS`].
const BODY: usize = 5;

const COLUMNS: &str = "SELECT id, uuid, created, last_updated, since, json(body) FROM records";

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

/// Which of the found records are wanted.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    /// How many to leave out first.
    pub(crate) offset: i64,
    /// How many at most.
    pub(crate) limit: i64,
    /// How large they may be together.
    pub(crate) bytes: usize,
    /// When reading them ends as if it were interrupted: what is large takes its time outside of the database.
    pub(crate) until: Instant,
}

/// Whether the type has any record.
pub(crate) fn any(transaction: &Connection, type_id: i64) -> Result<bool, StoreError> {
    let any = transaction
        .prepare_cached("SELECT 1 FROM records WHERE type_id = ?1")?
        .exists([type_id])?;
    Ok(any)
}

// Statements with a filter are not kept: there are as many as filters, and a long one is big.

/// How many records of the type meet `filter`, whose parameters start at 2.
pub(crate) fn count(
    transaction: &Connection,
    type_id: i64,
    filter: &Condition,
) -> Result<i64, StoreError> {
    let count = transaction
        .prepare(&format!(
            "SELECT count(*) FROM records WHERE type_id = ?1 AND ({})",
            filter.sql
        ))?
        .query_row(params_from_iter(parameters(type_id, filter)), |row| {
            row.get(0)
        })?;
    Ok(count)
}

/// The records of the type that meet `filter`, whose parameters start at 2: their ids, in order, and since when each is as
/// it is.
pub(crate) fn ids(
    transaction: &Connection,
    type_id: i64,
    filter: &Condition,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let ids = transaction
        .prepare(&format!(
            "SELECT id, since FROM records WHERE type_id = ?1 AND ({}) ORDER BY id",
            filter.sql
        ))?
        .query_map(params_from_iter(parameters(type_id, filter)), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}

/// Whether the record with this id meets `filter`, whose parameters start at 2.
pub(crate) fn meets(
    transaction: &Connection,
    type_id: i64,
    id: i64,
    filter: &Condition,
) -> Result<bool, StoreError> {
    let mut values = parameters(type_id, filter);
    values.push(id.into());
    let meets = transaction
        .prepare(&format!(
            "SELECT 1 FROM records WHERE type_id = ?1 AND records.id = ?{} AND ({})",
            values.len(),
            filter.sql
        ))?
        .exists(params_from_iter(values))?;
    Ok(meets)
}

fn parameters(type_id: i64, filter: &Condition) -> Vec<Value> {
    let mut values = vec![Value::from(type_id)];
    values.extend(filter.params.iter().cloned());
    values
}

/// A page of the records that meet `filter`, whose parameters start at 2, sorted by `sort` (`true`: descending) and then
/// by id. Texts are compared byte by byte; nulls count as greater than every value, as in PostgreSQL.
/// [`StoreError::TooLarge`] when the page would be.
pub(crate) fn page(
    transaction: &Connection,
    type_id: i64,
    filter: &Condition,
    sort: &[(SortKey, bool)],
    page: Page,
) -> Result<Vec<StoredRecord>, StoreError> {
    let mut found = Vec::new();
    each_of_page(transaction, type_id, filter, sort, page, |row| {
        found.push(read(row)??);
        Ok(())
    })?;
    Ok(found)
}

/// The same as [`page`], record by record, their bodies as texts; `take` says whether what it was shown is a record.
pub(crate) fn page_of_texts(
    transaction: &Connection,
    type_id: i64,
    filter: &Condition,
    sort: &[(SortKey, bool)],
    page: Page,
    mut take: impl FnMut(&StoredText<'_>) -> bool,
) -> Result<(), StoreError> {
    each_of_page(transaction, type_id, filter, sort, page, |row| {
        let text = |place: usize| row.get_ref(place)?.as_str().map_err(rusqlite::Error::from);
        let record = StoredText {
            id: row.get(0)?,
            uuid: text(1)?,
            created: row.get(2)?,
            last_updated: row.get(3)?,
            body: text(BODY)?.as_bytes(),
        };
        if take(&record) {
            Ok(())
        } else {
            Err(NOT_AN_OBJECT)
        }
    })
}

fn each_of_page(
    transaction: &Connection,
    type_id: i64,
    filter: &Condition,
    sort: &[(SortKey, bool)],
    page: Page,
    mut take: impl FnMut(&Row) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut values = parameters(type_id, filter);
    let mut order = String::new();
    for (key, descending) in sort {
        // Reserved attributes are never null, and saying where nulls go would keep an index from being used.
        let (column, nullable) = match key {
            SortKey::Id => ("records.id".to_owned(), false),
            SortKey::Uuid => ("uuid".to_owned(), false),
            SortKey::Created => ("created".to_owned(), false),
            SortKey::LastUpdated => ("last_updated".to_owned(), false),
            SortKey::Body(path) => {
                values.push(format!("$.{}", path.dotted()).into());
                (format!("json_extract(body, ?{})", values.len()), true)
            }
        };
        order.push_str(&column);
        order.push_str(match (descending, nullable) {
            (true, true) => " DESC NULLS FIRST, ",
            (true, false) => " DESC, ",
            (false, true) => " ASC NULLS LAST, ",
            (false, false) => " ASC, ",
        });
    }
    values.extend([page.limit.into(), page.offset.into()]);
    let (limit, offset) = (values.len() - 1, values.len());
    let mut statement = transaction.prepare(&format!(
        "{COLUMNS} WHERE type_id = ?1 AND ({}) ORDER BY {order} records.id LIMIT ?{limit} OFFSET ?{offset}",
        filter.sql
    ))?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut left = page.bytes;
    while let Some(row) = rows.next()? {
        let size = row.get_ref(BODY)?.as_bytes().map_or(0, <[u8]>::len);
        left = left.checked_sub(size).ok_or(StoreError::TooLarge)?;
        if Instant::now() >= page.until {
            return Err(interruption().into());
        }
        take(row)?;
    }
    Ok(())
}

fn read(row: &Row) -> rusqlite::Result<Result<StoredRecord, StoreError>> {
    let body: String = row.get(BODY)?;
    let (id, uuid, created) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (last_updated, since) = (row.get(3)?, row.get(4)?);
    let Ok(body @ Json::Object(_)) = Json::parse(&body) else {
        return Ok(Err(NOT_AN_OBJECT));
    };
    Ok(Ok(StoredRecord {
        id,
        uuid,
        created,
        last_updated,
        since,
        body,
    }))
}

/// `record` as the schema's attributes in the schema's order: what is not stored is null, an object of nulls, or `[]`.
pub(crate) fn shape<'a>(value: &Json, defs: impl IntoIterator<Item = &'a AttrDef>) -> Json {
    let defs = defs.into_iter();
    let mut shaped = Object::with_capacity(defs.size_hint().0);
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

/// Takes the attribute at `path`, without elements, out of every record of a type, of the elements that were in one once,
/// and of what they are found by. A record that had a value there keeps what it was for a look back. `lastUpdated` stays.
pub(crate) fn strip(
    transaction: &Connection,
    type_id: i64,
    path: &AttrPath,
    now: i64,
) -> Result<(), StoreError> {
    let attribute = path.dotted();
    for table in ["unique_values", "query_values", "orphans"] {
        // `/` comes right after `.`, so between them is every name that begins with this one and a dot.
        transaction.execute(
            &format!(
                "DELETE FROM {table} WHERE type_id = ?1
                 AND (attribute = ?2 OR attribute > ?2 || '.' AND attribute < ?2 || '/')"
            ),
            (type_id, &attribute),
        )?;
    }
    strip_records(transaction, type_id, &path.0, now)?;
    for length in 1..path.0.len() {
        let (plural, rest) = path.0.split_at(length);
        strip_orphans(transaction, type_id, &AttrPath(plural.to_vec()), rest)?;
    }
    Ok(())
}

fn strip_records(
    transaction: &Connection,
    type_id: i64,
    path: &[Segment],
    now: i64,
) -> Result<(), StoreError> {
    let Some(first) = path.first() else {
        return Ok(());
    };
    let holder = format!("$.{}", first.name);
    let mut after = i64::MIN;
    loop {
        let page: Vec<(i64, i64, String)> = transaction
            .prepare_cached(
                "SELECT id, since, json(body) FROM records
                 WHERE type_id = ?1 AND id > ?2 AND json_type(body, ?3) IS NOT NULL
                 ORDER BY id LIMIT ?4",
            )?
            .query_map((type_id, after, &holder, AT_ONCE), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect::<Result<_, _>>()?;
        for &(id, since, ref body) in &page {
            let mut since = since;
            let mut body = Json::parse(body).map_err(|_| NOT_AN_OBJECT)?;
            match take_out(&mut body, path) {
                Found::Nothing => continue,
                Found::Null => {}
                Found::Value => {
                    since = now.max(since + 1);
                    keep_version(transaction, id, since)?;
                }
            }
            transaction
                .prepare_cached("UPDATE records SET since = ?2, body = jsonb(?3) WHERE id = ?1")?
                .execute((id, since, body.to_string()))?;
        }
        let Some((last, ..)) = page.last() else {
            return Ok(());
        };
        after = *last;
    }
}

fn strip_orphans(
    transaction: &Connection,
    type_id: i64,
    plural: &AttrPath,
    path: &[Segment],
) -> Result<(), StoreError> {
    let mut after = i64::MIN;
    loop {
        let page: Vec<(i64, String)> = transaction
            .prepare_cached(
                "SELECT id, json(body) FROM orphans
                 WHERE type_id = ?1 AND attribute = ?2 AND id > ?3 ORDER BY id LIMIT ?4",
            )?
            .query_map((type_id, plural.dotted(), after, AT_ONCE), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect::<Result<_, _>>()?;
        for (id, body) in &page {
            let mut body = Json::parse(body).map_err(|_| NOT_AN_OBJECT)?;
            if take_out(&mut body, path) != Found::Nothing {
                transaction
                    .prepare_cached("UPDATE orphans SET body = jsonb(?2) WHERE id = ?1")?
                    .execute((id, body.to_string()))?;
            }
        }
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        after = *last;
    }
}

/// What was at a path, in the order of how much it matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Nothing,
    Null,
    Value,
}

/// Takes what is at `path` out of `value`, in every element of the plurals on the way.
fn take_out(value: &mut Json, path: &[Segment]) -> Found {
    let Some((first, rest)) = path.split_first() else {
        return Found::Nothing;
    };
    match value {
        Json::Array(elements) => {
            let found = elements.iter_mut().map(|one| take_out(one, path));
            found.max().unwrap_or(Found::Nothing)
        }
        Json::Object(members) if rest.is_empty() => match members.shift_remove(&first.name) {
            None => Found::Nothing,
            Some(Json::Null) => Found::Null,
            Some(_) => Found::Value,
        },
        Json::Object(members) => members
            .get_mut(&first.name)
            .map_or(Found::Nothing, |member| take_out(member, rest)),
        _ => Found::Nothing,
    }
}

/// Forgets the values by which the attribute at `path` was kept unique.
pub(crate) fn forget_unique(
    transaction: &Connection,
    type_id: i64,
    path: &AttrPath,
) -> Result<(), StoreError> {
    transaction.execute(
        "DELETE FROM unique_values WHERE type_id = ?1 AND attribute = ?2",
        (type_id, path.dotted()),
    )?;
    Ok(())
}
