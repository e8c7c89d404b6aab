//! What a data directory holds, counted without opening a store: nothing is made, moved to a newer layout, or changed.
//! Used by `captui sandbox status`, and by others
//! that only count.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;

use crate::capture::secret::Secret;
use crate::sandbox::store::FILE;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::clients;
use crate::sandbox::store::existing_file;
use crate::sandbox::store::migrations;
use crate::sandbox::store::open_file;

/// What a data directory holds.
#[derive(Debug)]
pub struct Survey {
    /// The size of the database with its log.
    pub bytes: u64,
    /// When its files were last written to. A server may write its log back some time after the change itself.
    pub last_changed: Option<Timestamp>,
    /// The version of the database's layout.
    pub layout: i64,
    /// The application's id.
    pub application: String,
    /// The first owner client's id and secret; none when no client is an owner.
    pub owner: Option<(String, Secret)>,
    /// How many clients there are.
    pub clients: i64,
    /// The entity types in ASCII order, each with how many records it has.
    pub types: Vec<(String, i64)>,
}

/// Looks at the data in `dir`; `None` when there is none. Several versions of the layout are understood: all up to this
/// program's own.
pub fn survey(dir: &Path) -> Result<Option<Survey>, StoreError> {
    let Some(file) = existing_file(dir) else {
        return Ok(None);
    };
    // Before it is opened: that alone can write an empty log.
    let (bytes, last_changed) = measure(dir);
    let connection = open_file(&file)?;
    connection.pragma_update(None, "query_only", true)?;
    let transaction = Transaction::new_unchecked(&connection, TransactionBehavior::Deferred)?;
    let layout = migrations::version(&transaction)?;
    let Some(application) = (layout > 0)
        .then(|| clients::application(&transaction))
        .transpose()?
        .flatten()
    else {
        return Ok(None);
    };
    let owner = match clients::owner(&transaction) {
        Ok(owner) => Some((owner.id, owner.secret)),
        Err(StoreError::Damaged(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(Some(Survey {
        bytes,
        last_changed,
        layout,
        application,
        owner,
        clients: count(&transaction)?,
        types: types(&transaction)?,
    }))
}

/// The size of the database's files together, and the last instant at which one was written to. A log without content is
/// left by whoever only looked.
fn measure(dir: &Path) -> (u64, Option<Timestamp>) {
    let mut bytes = 0;
    let mut last_changed = None;
    for name in [FILE.to_owned(), format!("{FILE}-wal")] {
        let Ok(metadata) = fs::metadata(dir.join(name)) else {
            continue;
        };
        bytes += metadata.len();
        let modified = metadata.modified().ok().filter(|_| metadata.len() > 0);
        last_changed = last_changed.max(modified);
    }
    let last_changed = last_changed.and_then(|time| Timestamp::try_from(time).ok());
    (bytes, last_changed)
}

/// How many records a type has.
pub(crate) fn records(transaction: &Connection, type_id: i64) -> Result<i64, StoreError> {
    let count = transaction
        .prepare_cached("SELECT count(*) FROM records WHERE type_id = ?1")?
        .query_row([type_id], |row| row.get(0))?;
    Ok(count)
}

fn count(transaction: &Connection) -> Result<i64, StoreError> {
    let clients = transaction.query_row("SELECT count(*) FROM clients", [], |row| row.get(0))?;
    Ok(clients)
}

fn types(transaction: &Connection) -> Result<Vec<(String, i64)>, StoreError> {
    let types = transaction
        .prepare(
            "SELECT name, (SELECT count(*) FROM records WHERE type_id = entity_types.id)
             FROM entity_types ORDER BY name",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(types)
}
