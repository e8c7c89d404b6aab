//! Settings in the database: texts by key, of a client or of the application as a whole. Used by the operations on
//! settings, which decide what is said where both have a key.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::OptionalExtension;

use crate::sandbox::store::StoreError;

/// Whose settings.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope<'a> {
    /// Those of the client with this id.
    Client(&'a str),
    /// The application's, which hold for every client that has none of its own.
    Default,
}

/// Settings by key.
pub(crate) type Settings = BTreeMap<String, String>;

/// The value of one setting.
pub(crate) fn find(
    transaction: &Connection,
    scope: Scope<'_>,
    key: &str,
) -> Result<Option<String>, StoreError> {
    let found = match scope {
        Scope::Client(id) => transaction
            .prepare_cached("SELECT value FROM settings WHERE client_id = ?1 AND key = ?2")?
            .query_row((id, key), |row| row.get(0)),
        Scope::Default => transaction
            .prepare_cached("SELECT value FROM default_settings WHERE key = ?1")?
            .query_row([key], |row| row.get(0)),
    };
    found.optional().map_err(StoreError::from)
}

/// All settings of a scope.
pub(crate) fn all(transaction: &Connection, scope: Scope<'_>) -> Result<Settings, StoreError> {
    let pair = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?));
    let mut statement = match scope {
        Scope::Client(_) => {
            transaction.prepare_cached("SELECT key, value FROM settings WHERE client_id = ?1")?
        }
        Scope::Default => transaction.prepare_cached("SELECT key, value FROM default_settings")?,
    };
    let rows = match scope {
        Scope::Client(id) => statement.query_map([id], pair)?,
        Scope::Default => statement.query_map([], pair)?,
    };
    rows.collect::<Result<_, _>>().map_err(StoreError::from)
}

/// The settings of every client that has any, by client id.
pub(crate) fn by_client(
    transaction: &Connection,
) -> Result<BTreeMap<String, Settings>, StoreError> {
    let mut statement = transaction.prepare_cached("SELECT client_id, key, value FROM settings")?;
    let mut rows = statement.query([])?;
    let mut clients: BTreeMap<String, Settings> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let settings = clients.entry(row.get(0)?).or_default();
        settings.insert(row.get(1)?, row.get(2)?);
    }
    Ok(clients)
}

/// Stores a setting; says whether there was one before.
pub(crate) fn set(
    transaction: &Connection,
    scope: Scope<'_>,
    key: &str,
    value: &str,
) -> Result<bool, StoreError> {
    let existed = find(transaction, scope, key)?.is_some();
    match scope {
        Scope::Client(id) => transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO settings (client_id, key, value) VALUES (?1, ?2, ?3)",
            )?
            .execute((id, key, value)),
        Scope::Default => transaction
            .prepare_cached("INSERT OR REPLACE INTO default_settings (key, value) VALUES (?1, ?2)")?
            .execute((key, value)),
    }?;
    Ok(existed)
}

/// Deletes a setting; says whether there was one.
pub(crate) fn delete(
    transaction: &Connection,
    scope: Scope<'_>,
    key: &str,
) -> Result<bool, StoreError> {
    let deleted = match scope {
        Scope::Client(id) => transaction
            .prepare_cached("DELETE FROM settings WHERE client_id = ?1 AND key = ?2")?
            .execute((id, key)),
        Scope::Default => transaction
            .prepare_cached("DELETE FROM default_settings WHERE key = ?1")?
            .execute([key]),
    }?;
    Ok(deleted > 0)
}
