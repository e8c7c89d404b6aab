//! Access schemas in the database: for a client and an entity type, the attributes that may be read or written. Used by
//! the operations; what follows from a list is decided there.

use rusqlite::Connection;
use rusqlite::OptionalExtension;

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::access::AccessType;
use crate::sandbox::store::StoreError;

/// The attributes that the client may use, without elements; `None` when it has no such access schema.
pub(crate) fn find(
    transaction: &Connection,
    client_id: &str,
    type_id: i64,
    access_type: AccessType,
) -> Result<Option<Vec<AttrPath>>, StoreError> {
    let listed: Option<String> = transaction
        .prepare_cached(
            "SELECT attributes FROM access_schemas
             WHERE client_id = ?1 AND type_id = ?2 AND access_type = ?3",
        )?
        .query_row((client_id, type_id, access_type.name()), |row| row.get(0))
        .optional()?;
    let Some(listed) = listed else {
        return Ok(None);
    };
    let damaged = || StoreError::Damaged("an access schema cannot be read");
    let listed = Json::parse(&listed).map_err(|_| damaged())?;
    let paths = listed.as_array().ok_or_else(damaged)?.iter();
    paths
        .map(|path| {
            path.as_str()
                .and_then(|path| path.parse().ok())
                .ok_or_else(damaged)
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

/// Sets the attributes that the client may use.
pub(crate) fn set(
    transaction: &Connection,
    client_id: &str,
    type_id: i64,
    access_type: AccessType,
    attributes: &[AttrPath],
) -> Result<(), StoreError> {
    let attributes = attributes.iter().map(|path| path.dotted().into());
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO access_schemas (client_id, type_id, access_type, attributes)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((
            client_id,
            type_id,
            access_type.name(),
            Json::Array(attributes.collect()).to_string(),
        ))?;
    Ok(())
}

/// Forgets an access schema, so that the client may use every attribute again.
pub(crate) fn delete(
    transaction: &Connection,
    client_id: &str,
    type_id: i64,
    access_type: AccessType,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "DELETE FROM access_schemas WHERE client_id = ?1 AND type_id = ?2 AND access_type = ?3",
        )?
        .execute((client_id, type_id, access_type.name()))?;
    Ok(())
}

/// Takes the attribute at `path`, with all inside it, out of every access schema for the type: one that is added under
/// its name later is another.
pub(crate) fn forget_attribute(
    transaction: &Connection,
    type_id: i64,
    path: &AttrPath,
) -> Result<(), StoreError> {
    transaction.execute(
        "UPDATE access_schemas SET attributes = (
             SELECT json_group_array(value) FROM json_each(access_schemas.attributes)
             WHERE value <> ?2 AND substr(value, 1, length(?2) + 1) <> ?2 || '.'
         ) WHERE type_id = ?1",
        (type_id, path.dotted()),
    )?;
    Ok(())
}
