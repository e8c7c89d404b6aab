//! Entity types in the database. Used by the operations; knows nothing of calls and answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use rusqlite::Connection;
use rusqlite::OptionalExtension;

use crate::capture::json::Json;
use crate::capture::schema::EntityType;
use crate::sandbox::store::StoreError;

/// An entity type as stored. `id` and `revision` together name exactly this schema.
#[derive(Clone, Debug)]
pub(crate) struct StoredType {
    pub(crate) id: i64,
    pub(crate) revision: i64,
    pub(crate) schema: Arc<EntityType>,
}

/// Schemas already read. Never trusted by name: the database is asked which revision holds, in the transaction of the
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
        let Some((id, revision)) = found else {
            return Ok(None);
        };
        let mut read = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(&id).filter(|known| known.revision == revision) {
            return Ok(Some(known.clone()));
        }
        let text: String = transaction
            .prepare_cached("SELECT schema FROM entity_types WHERE id = ?1")?
            .query_row([id], |row| row.get(0))?;
        let json = Json::parse(&text).map_err(|_| StoreError::Damaged("a schema is not JSON"))?;
        let (schema, _) = EntityType::from_json(&json)
            .map_err(|_| StoreError::Damaged("a schema cannot be read"))?;
        let stored = StoredType {
            id,
            revision,
            schema: Arc::new(schema),
        };
        read.insert(id, stored.clone());
        Ok(Some(stored))
    }
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

/// Adds `schema`; `false` when there is a type of its name.
pub(crate) fn add(transaction: &Connection, schema: &EntityType) -> Result<bool, StoreError> {
    let added = transaction
        .prepare_cached(
            "INSERT INTO entity_types (name, revision, schema) VALUES (?1, 1, ?2) ON CONFLICT (name) DO NOTHING",
        )?
        .execute([&schema.name, &schema.to_json().to_string()])?;
    Ok(added == 1)
}
