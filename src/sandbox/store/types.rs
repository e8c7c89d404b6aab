//! Entity types in the database, with their properties (rules, and uniqueness over several attributes) and earlier
//! schemas. Used by the operations; knows nothing of calls and answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::Row;

use crate::capture::json::Json;
use crate::capture::schema::EntityType;
use crate::capture::schema::property::Property;
use crate::capture::schema::property::PropertyKind;
use crate::capture::schema::rule;
use crate::sandbox::random;
use crate::sandbox::rules::RuleSet;
use crate::sandbox::store::StoreError;

/// An entity type as stored. `id` and `revision` together name exactly this state of it.
#[derive(Clone, Debug)]
pub(crate) struct StoredType {
    pub(crate) id: i64,
    /// A random number, new at every change, so that not even a restored copy of the database has it for another state.
    pub(crate) revision: i64,
    pub(crate) schema: Arc<EntityType>,
    /// In the order in which they were added.
    pub(crate) properties: Arc<[Property]>,
    /// The rules among the properties, ready to be applied.
    pub(crate) rules: Arc<RuleSet>,
    /// How many old passwords are remembered.
    pub(crate) history_size: usize,
}

/// How many types are remembered: those that are deleted are never asked for again.
const MOST_KNOWN: usize = 1_000;

/// Types already read. Never trusted by name: the database is asked which revision holds, in the transaction of the
/// caller, because another process may have changed it.
#[derive(Default)]
pub(crate) struct Schemas(Mutex<HashMap<i64, StoredType>>);

impl Schemas {
    /// The entity type called `name`.
    pub(crate) fn find(
        &self,
        transaction: &Connection,
        name: &str,
    ) -> Result<Option<StoredType>, StoreError> {
        let found = transaction
            .prepare_cached("SELECT id, revision FROM entity_types WHERE name = ?1")?
            .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        self.known(transaction, found)
    }

    /// The entity type with this id.
    pub(crate) fn find_id(
        &self,
        transaction: &Connection,
        id: i64,
    ) -> Result<Option<StoredType>, StoreError> {
        let found = transaction
            .prepare_cached("SELECT id, revision FROM entity_types WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        self.known(transaction, found)
    }

    fn known(
        &self,
        transaction: &Connection,
        found: Option<(i64, i64)>,
    ) -> Result<Option<StoredType>, StoreError> {
        let Some((id, revision)) = found else {
            return Ok(None);
        };
        let mut read = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(&id).filter(|known| known.revision == revision) {
            return Ok(Some(known.clone()));
        }
        let stored = load(transaction, id, revision)?;
        if read.len() >= MOST_KNOWN {
            read.clear();
        }
        read.insert(id, stored.clone());
        Ok(Some(stored))
    }
}

/// The entity type called `name`, read anew: for a transaction that changes it.
pub(crate) fn find(transaction: &Connection, name: &str) -> Result<Option<StoredType>, StoreError> {
    let found: Option<(i64, i64)> = transaction
        .prepare_cached("SELECT id, revision FROM entity_types WHERE name = ?1")?
        .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found
        .map(|(id, revision)| load(transaction, id, revision))
        .transpose()
}

fn load(transaction: &Connection, id: i64, revision: i64) -> Result<StoredType, StoreError> {
    let (schema, history_size): (String, i64) = transaction
        .prepare_cached("SELECT schema, history_size FROM entity_types WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let properties = transaction
        .prepare_cached(
            "SELECT uuid, property, attributes, definition, description FROM properties
             WHERE type_id = ?1 ORDER BY rowid",
        )?
        .query_map([id], read_property)?
        .collect::<Result<Vec<_>, _>>()?;
    let schema = read_schema(&schema)?;
    let mut rules = Vec::new();
    for property in &properties {
        if let Some(definition) = &property.definition {
            let rule = rule::reread(definition, &property.attributes, &schema)
                .map_err(|_| StoreError::Damaged("a rule cannot be read"))?;
            rules.push(rule);
        }
    }
    Ok(StoredType {
        id,
        revision,
        schema: Arc::new(schema),
        rules: Arc::new(RuleSet::new(rules)),
        properties: properties.into(),
        history_size: usize::try_from(history_size).unwrap_or_default(),
    })
}

fn read_schema(text: &str) -> Result<EntityType, StoreError> {
    let json = Json::parse(text).map_err(|_| StoreError::Damaged("a schema is not JSON"))?;
    let (schema, _) =
        EntityType::from_json(&json).map_err(|_| StoreError::Damaged("a schema cannot be read"))?;
    Ok(schema)
}

fn read_property(row: &Row) -> rusqlite::Result<Property> {
    let kind: String = row.get(1)?;
    let attributes: String = row.get(2)?;
    let attributes = Json::parse(&attributes).unwrap_or_default();
    let attributes = attributes.as_array().unwrap_or_default().iter();
    let definition: Option<String> = row.get(3)?;
    Ok(Property {
        uuid: row.get(0)?,
        kind: if kind == PropertyKind::Unique.name() {
            PropertyKind::Unique
        } else {
            PropertyKind::Rule
        },
        attributes: attributes
            .filter_map(|path| path.as_str()?.parse().ok())
            .collect(),
        definition: definition.and_then(|text| Json::parse(&text).ok()),
        description: row.get(4)?,
    })
}

/// Whether `stored` is still what the database holds.
pub(crate) fn is_current(
    transaction: &Connection,
    stored: &StoredType,
) -> Result<bool, StoreError> {
    let current = transaction
        .prepare_cached("SELECT 1 FROM entity_types WHERE id = ?1 AND revision = ?2")?
        .exists([stored.id, stored.revision])?;
    Ok(current)
}

/// The names of all entity types, in ASCII order.
pub(crate) fn names(transaction: &Connection) -> Result<Vec<String>, StoreError> {
    let names = transaction
        .prepare_cached("SELECT name FROM entity_types ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(names)
}

/// Adds `schema`, at an instant in microseconds; `false` when there is a type of its name.
pub(crate) fn add(
    transaction: &Connection,
    schema: &EntityType,
    now: i64,
) -> Result<bool, StoreError> {
    let added = transaction
        .prepare_cached(
            "INSERT INTO entity_types (name, revision, schema, since) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO NOTHING",
        )?
        .execute((
            &schema.name,
            random::number(),
            schema.to_json().to_string(),
            now,
        ))?;
    Ok(added == 1)
}

/// Puts `schema` in place of the type's own, at an instant in microseconds, and returns the type as it is then. Its
/// records are the caller's affair.
pub(crate) fn change(
    transaction: &Connection,
    stored: &StoredType,
    schema: EntityType,
    now: i64,
) -> Result<StoredType, StoreError> {
    let since = keep_version(transaction, stored.id, now)?;
    let revision = random::number();
    transaction
        .prepare_cached(
            "UPDATE entity_types SET revision = ?2, schema = ?3, since = ?4 WHERE id = ?1",
        )?
        .execute((stored.id, revision, schema.to_json().to_string(), since))?;
    Ok(StoredType {
        revision,
        schema: Arc::new(schema),
        ..stored.clone()
    })
}

/// Says that something of the type other than its schema changed.
pub(crate) fn touch(transaction: &Connection, id: i64) -> Result<(), StoreError> {
    transaction
        .prepare_cached("UPDATE entity_types SET revision = ?2 WHERE id = ?1")?
        .execute([id, random::number()])?;
    Ok(())
}

/// Deletes a type with its records, at an instant in microseconds. It must have no properties any more.
pub(crate) fn delete(transaction: &Connection, id: i64, now: i64) -> Result<(), StoreError> {
    keep_version(transaction, id, now)?;
    transaction
        .prepare_cached("DELETE FROM entity_types WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

/// The schema of the type called `name` as it was at an instant in microseconds.
pub(crate) fn at(
    transaction: &Connection,
    name: &str,
    instant: i64,
) -> Result<Option<EntityType>, StoreError> {
    let text: Option<String> = transaction
        .prepare_cached(
            "SELECT schema FROM entity_types WHERE name = ?1 AND since <= ?2
             UNION ALL
             SELECT schema FROM type_versions WHERE name = ?1 AND since <= ?2 AND until > ?2",
        )?
        .query_row((name, instant), |row| row.get(0))
        .optional()?;
    text.as_deref().map(read_schema).transpose()
}

/// Keeps the present schema as an earlier one and returns the instant since which another may hold.
fn keep_version(transaction: &Connection, id: i64, now: i64) -> Result<i64, StoreError> {
    let until = transaction
        .prepare_cached(
            "INSERT INTO type_versions (name, since, until, schema)
             SELECT name, since, max(?2, since + 1), schema FROM entity_types WHERE id = ?1 RETURNING until",
        )?
        .query_row([id, now], |row| row.get(0))?;
    Ok(until)
}

/// Adds a property to a type.
pub(crate) fn add_property(
    transaction: &Connection,
    type_id: i64,
    property: &Property,
) -> Result<(), StoreError> {
    let attributes = property.attributes.iter().map(|path| path.slashed().into());
    transaction
        .prepare_cached(
            "INSERT INTO properties (uuid, type_id, property, attributes, definition, description)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            &property.uuid,
            type_id,
            property.kind.name(),
            Json::Array(attributes.collect()).to_string(),
            property.definition.as_ref().map(Json::to_string),
            &property.description,
        ))?;
    touch(transaction, type_id)
}

/// Removes the property with this uuid, of the type with this id when one is given; `false` when there is none.
pub(crate) fn remove_property(
    transaction: &Connection,
    type_id: Option<i64>,
    uuid: &str,
) -> Result<bool, StoreError> {
    let of: Option<i64> = transaction
        .prepare_cached(
            "DELETE FROM properties WHERE uuid = ?1 AND type_id = coalesce(?2, type_id) RETURNING type_id",
        )?
        .query_row((uuid, type_id), |row| row.get(0))
        .optional()?;
    if let Some(type_id) = of {
        // What it kept unique: nothing else has its uuid for a name.
        transaction.execute(
            "DELETE FROM unique_values WHERE type_id = ?1 AND attribute = ?2",
            (type_id, uuid),
        )?;
        touch(transaction, type_id)?;
    }
    Ok(of.is_some())
}

/// Sets how many old passwords the type remembers.
pub(crate) fn set_history_size(
    transaction: &Connection,
    type_id: i64,
    size: i64,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached("UPDATE entity_types SET history_size = ?2 WHERE id = ?1")?
        .execute([type_id, size])?;
    touch(transaction, type_id)
}
