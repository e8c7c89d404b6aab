//! The names of entity types that the history has seen, for a shell that completes a word. Opens the file for reading
//! alone, and gives up at once where that does not work: it may be a file of another version, or none.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::OpenFlags;

use crate::history::store::FILE;

/// How many of the last calls are looked at.
const LAST: u32 = 5_000;

/// How long another program's write is waited for.
const PATIENCE: Duration = Duration::from_millis(100);

/// The names in the last calls that went well, sorted.
pub fn entity_types(folder: &Path) -> Vec<String> {
    read(&folder.join(FILE)).unwrap_or_default()
}

fn read(file: &Path) -> rusqlite::Result<Vec<String>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(PATIENCE)?;
    let mut query = connection.prepare(
        "SELECT DISTINCT type_name FROM (SELECT type_name, verdict FROM exchange ORDER BY id DESC LIMIT ?1)
         WHERE type_name IS NOT NULL AND verdict = 'ok' ORDER BY type_name",
    )?;
    query.query_map([LAST], |row| row.get(0))?.collect()
}
