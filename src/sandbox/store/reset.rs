//! Putting a store back to its first content, also while servers run on it. Used by `captui sandbox reset`.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;

use crate::sandbox::seed;
use crate::sandbox::seed::FirstContent;
use crate::sandbox::seed::Identity;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::clients;
use crate::sandbox::store::existing_file;
use crate::sandbox::store::open_file;
use crate::sandbox::store::prepare;
use crate::sandbox::store::snapshots;
use crate::sandbox::store::snapshots::Occasion;
use crate::sandbox::store::snapshots::Snapshot;
use crate::sandbox::store::snapshots::SnapshotError;

/// Puts everything in `dir` back to `content`, after a snapshot of what there is, which is returned.
///
/// One transaction: a call to a server sees all of the old state or all of the new. No change is lost between the
/// snapshot and the reset, because the database's write lock is held over both. The application's id and the first owner
/// client's id and secret stay, so that programs that use the sandbox go on; ids of records begin at 1 again. Our choice.
pub fn reset(dir: &Path, content: FirstContent, now: Timestamp) -> Result<Snapshot, SnapshotError> {
    let file = existing_file(dir).ok_or(SnapshotError::NoSandbox)?;
    let connection = open_file(&file)?;
    prepare(&connection, content)?;
    // Every row goes, so there is nothing to follow from one to the other: SQLite then empties tables whole.
    connection
        .pragma_update(None, "foreign_keys", false)
        .map_err(StoreError::from)?;
    let transaction = Transaction::new_unchecked(&connection, TransactionBehavior::Immediate)
        .map_err(StoreError::from)?;
    let snapshot = snapshots::keep(dir, Occasion::Reset, now)?;
    let identity = identity(&transaction)?;
    empty(&transaction)?;
    seed::plant(&transaction, content, identity)?;
    transaction.commit().map_err(StoreError::from)?;
    Ok(snapshot)
}

/// What programs know of the sandbox; a new one where no client is an owner any more.
fn identity(transaction: &Connection) -> Result<Identity, StoreError> {
    let new = Identity::random();
    let application = clients::application(transaction)?.unwrap_or(new.application);
    match clients::owner(transaction) {
        Ok(owner) => Ok(Identity {
            application,
            client_id: owner.id,
            client_secret: owner.secret,
        }),
        Err(StoreError::Damaged(_)) => Ok(Identity { application, ..new }),
        Err(error) => Err(error),
    }
}

/// Deletes every row, but for SQLite's own: ids of entity types are never given again, so that no server takes a new type
/// for one it has read.
fn empty(transaction: &Connection) -> Result<(), StoreError> {
    let tables: Vec<String> = transaction
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for table in tables {
        // The names are the layout's own.
        transaction.execute(&format!("DELETE FROM \"{table}\""), [])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::allow_list::EVERYWHERE;
    use crate::sandbox::store::Store;
    use crate::sandbox::store::StorePath;

    /// Every table that is not empty after a reset must be one that the first content fills.
    #[test]
    fn nothing_but_the_first_content_is_left() {
        let dir = tempfile::tempdir().expect("a temporary directory can be made");
        let path = StorePath::Dir(dir.path().to_owned());
        let store = Store::open(path.clone()).expect("opens");
        let owner = store.owner().expect("there is one");
        let fill = "INSERT INTO settings SELECT id, 'k', 'v' FROM clients;
             INSERT INTO default_settings VALUES ('k', 'v');
             INSERT INTO tokens SELECT x'00', 'k', clients.id, records.id, 0, NULL, NULL FROM clients, records LIMIT 1;
             INSERT INTO orphans SELECT 1, id, 'a', x'' FROM entity_types LIMIT 1;
             INSERT INTO properties SELECT 'u', id, 'rule', '[]', NULL, NULL FROM entity_types LIMIT 1;
             INSERT INTO old_secrets SELECT id, 's', 0 FROM clients;
             INSERT INTO type_versions VALUES ('t', 0, 1, '{}');
             INSERT INTO clients VALUES ('other', 's', '', '[]', '[]');
             UPDATE clients SET whitelist = '[]';";
        store
            .write(|transaction| Ok::<_, StoreError>(transaction.execute_batch(fill)?))
            .expect("can be written");
        reset(dir.path(), FirstContent::Bare, Timestamp::UNIX_EPOCH).expect("can be reset");
        let rows = |table: &str| -> i64 {
            let query = format!("SELECT count(*) FROM {table}");
            let count = store.read(|transaction| {
                Ok::<_, StoreError>(transaction.query_row(&query, [], |row| row.get(0))?)
            });
            count.expect("can be read")
        };
        for (table, count) in [
            ("application", 1),
            ("clients", 1),
            ("entity_types", 1),
            ("records", 0),
            ("record_versions", 0),
            ("unique_values", 0),
            ("query_values", 0),
            ("orphans", 0),
            ("type_versions", 0),
            ("properties", 0),
            ("old_secrets", 0),
            ("access_schemas", 0),
            ("settings", 0),
            ("default_settings", 0),
            ("tokens", 0),
        ] {
            assert_eq!(rows(table), count, "{table}");
        }
        let now = store.owner().expect("there is one");
        assert_eq!((owner.0, owner.1.reveal()), (now.0, now.1.reveal()));
        let allowed = store.read(clients::owner).expect("there is one").whitelist;
        assert_eq!(allowed, [EVERYWHERE]);
    }
}
