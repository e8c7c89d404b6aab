//! The database's layout and its versions. Used when a store is opened; a layout newer than this program knows is
//! refused, never guessed at. The layout is ours: nothing outside `store` names a table.

use rusqlite::Connection;

use crate::sandbox::store::StoreError;

/// One step per version, the first making version 1. A published step is never edited: a change is a new step.
const MIGRATIONS: [&str; 1] = ["
    -- One row. `next_id` is the one counter of ids for records and plural elements (reference 5).
    CREATE TABLE application (
        id      TEXT NOT NULL,
        next_id INTEGER NOT NULL
    ) STRICT;

    -- AUTOINCREMENT: a type created again under an old name gets a new id, so (id, revision) names one schema for ever.
    CREATE TABLE entity_types (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        name     TEXT NOT NULL UNIQUE,
        revision INTEGER NOT NULL,
        schema   TEXT NOT NULL
    ) STRICT;

    -- Instants are microseconds since 1970. `body` holds everything but the four reserved attributes.
    CREATE TABLE records (
        id           INTEGER PRIMARY KEY,
        type_id      INTEGER NOT NULL REFERENCES entity_types (id) ON DELETE CASCADE,
        uuid         TEXT NOT NULL UNIQUE,
        created      INTEGER NOT NULL,
        last_updated INTEGER NOT NULL,
        body         TEXT NOT NULL
    ) STRICT;
    CREATE INDEX records_of_type ON records (type_id, id);

    -- One row per value of a `unique` attribute, plural elements included: the key is the constraint, and the look-up.
    CREATE TABLE unique_values (
        type_id    INTEGER NOT NULL REFERENCES entity_types (id) ON DELETE CASCADE,
        attribute  TEXT NOT NULL,
        value      TEXT NOT NULL,
        record_id  INTEGER NOT NULL REFERENCES records (id) ON DELETE CASCADE,
        element_id INTEGER,
        PRIMARY KEY (type_id, attribute, value)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX unique_values_of_record ON unique_values (record_id);

    -- `features` and `whitelist` are JSON arrays.
    CREATE TABLE clients (
        id          TEXT PRIMARY KEY,
        secret      TEXT NOT NULL,
        description TEXT NOT NULL,
        features    TEXT NOT NULL,
        whitelist   TEXT NOT NULL
    ) STRICT;
"];

/// The version of a database that this program writes.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// The version that the database is of; 0 for an empty one.
pub(crate) fn version(connection: &Connection) -> Result<i64, StoreError> {
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION {
        return Err(StoreError::Newer {
            found,
            known: VERSION,
        });
    }
    Ok(found)
}

/// Brings the database to [`VERSION`], inside the caller's transaction.
pub(crate) fn migrate(transaction: &Connection) -> Result<(), StoreError> {
    let from = usize::try_from(version(transaction)?).unwrap_or_default();
    for step in &MIGRATIONS[from..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(())
}
