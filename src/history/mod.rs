//! The history: every exchange, kept in one SQLite file without secrets.
//!
//! Written by the worker after each call, read by its history jobs. Several processes may share the file. What must
//! not be kept is masked before it is written, never when it is read. A file that is broken, or was written by a newer
//! version, is set aside and a new one begun: the history serves the work and must not stop it.

pub mod query;
mod row;

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::OptionalExtension;
use rusqlite::TransactionBehavior;

use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::history::query::Query;
use crate::history::query::Summary;

/// The version of the tables below.
const VERSION: i64 = 1;

const TABLES: &str = "
    CREATE TABLE exchange (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        started TEXT NOT NULL,
        elapsed_us INTEGER NOT NULL,
        environment TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        type_name TEXT,
        subject TEXT NOT NULL,
        verdict TEXT NOT NULL,
        code INTEGER,
        args TEXT NOT NULL,
        sent TEXT NOT NULL,
        outcome TEXT NOT NULL,
        body BLOB,
        body_length INTEGER
    ) STRICT";

/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(2);

/// How much the history keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many exchanges; the oldest go first.
    pub rows: u32,
    /// How many bytes of a request's or an answer's body.
    pub body: usize,
}

/// The history file, open.
pub struct History {
    path: PathBuf,
    limits: Limits,
    connection: Mutex<Connection>,
}

/// Why the history cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The file cannot be made or moved.
    #[error("{path}: {source}")]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// SQLite refuses.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
}

impl History {
    /// Opens `history.db` in `folder`, or begins it; for its owner alone. The folder must exist. The text, if there is
    /// one, is to be shown: an unusable file was set aside.
    pub fn open(folder: &Path, limits: Limits) -> Result<(Self, Option<String>), HistoryError> {
        let path = folder.join("history.db");
        let (connection, notice) = match connect(&path) {
            Ok(connection) => (connection, None),
            Err(error) => {
                let reason = unusable(&error).ok_or(error)?;
                let aside = set_aside(&path)?;
                let notice = format!(
                    "the history {reason}: it was set aside as {} and a new one begun",
                    aside.display()
                );
                (connect(&path)?, Some(notice))
            }
        };
        let history = Self {
            path,
            limits,
            connection: Mutex::new(connection),
        };
        Ok((history, notice))
    }

    /// Keeps an exchange, masked and with long bodies cut, and lets the oldest ones go. Returns its place.
    pub fn add(&self, exchange: &Exchange) -> Result<ExchangeId, HistoryError> {
        let row = row::Row::of(exchange, self.limits.body);
        self.with(|connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let id = row.insert(&transaction)?;
            transaction.execute(
                "DELETE FROM exchange WHERE id <= ?1",
                [id - i64::from(self.limits.rows)],
            )?;
            transaction.commit()?;
            Ok(ExchangeId(id))
        })
    }

    /// The exchanges that `query` asks for, newest first by the order of sending.
    pub fn list(&self, query: &Query) -> Result<Vec<Summary>, HistoryError> {
        let pattern = query.text.as_deref().map(like_pattern);
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        self.with(|connection| {
            let mut statement = connection.prepare_cached(row::LIST)?;
            let mut rows = statement.query(rusqlite::params![pattern, limit])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.extend(row::summary(row)?);
            }
            Ok(found)
        })
    }

    /// A whole exchange, as it was kept; `None` when it is not there any more.
    pub fn get(&self, id: ExchangeId) -> Result<Option<Exchange>, HistoryError> {
        let row = self.with(|connection| {
            let mut statement = connection.prepare_cached(row::GET)?;
            statement.query_row([id.0], row::Row::read).optional()
        })?;
        Ok(row.and_then(|row| row.exchange(id)))
    }

    /// Works on the file; when it turns out to be broken only now, on a new one.
    fn with<T>(
        &self,
        work: impl Fn(&mut Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, HistoryError> {
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match work(&mut connection) {
            Err(error) if is_corrupt(&error) => {
                set_aside(&self.path)?;
                *connection = connect(&self.path)?;
                Ok(work(&mut connection)?)
            }
            done => Ok(done?),
        }
    }
}

/// Opens the file with the current tables.
fn connect(path: &Path) -> Result<Connection, HistoryError> {
    let file = create_file(path).map_err(|source| HistoryError::File {
        path: path.to_owned(),
        source,
    })?;
    // One process at a time opens: SQLite does not wait for another one that turns a new file into WAL mode. Where files
    // cannot be locked this is a risk only for the very first start.
    let _ = file.lock();
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    // NORMAL may lose the last rows at a power failure but never the file; a deleted row is overwritten, not only
    // forgotten.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;",
    )?;
    migrate(&mut connection)?;
    // Finds out now whether the tables are what they should be.
    connection.prepare(row::GET)?;
    connection.query_row("SELECT max(id) FROM exchange", [], |_| Ok(()))?;
    Ok(connection)
}

/// SQLite would make the file readable for others.
fn create_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

fn migrate(connection: &mut Connection) -> Result<(), rusqlite::Error> {
    // At once for writing, so that of two processes that begin the file the second sees the first one's tables.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match version {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
            transaction.commit()
        }
        VERSION => Ok(()),
        newer => Err(rusqlite::Error::IntegralValueOutOfRange(0, newer)),
    }
}

/// Why a file is to be set aside; `None` when the fault is not the file's.
fn unusable(error: &HistoryError) -> Option<&'static str> {
    match error {
        HistoryError::Database(rusqlite::Error::IntegralValueOutOfRange(..)) => {
            Some("was written by a newer version")
        }
        // SQLite's general error: on opening, it means that tables or columns are missing.
        HistoryError::Database(error)
            if is_corrupt(error)
                || error.sqlite_error_code() == Some(ErrorCode::Unknown)
                || matches!(error, rusqlite::Error::SqlInputError { .. }) =>
        {
            Some("is damaged")
        }
        HistoryError::Database(_) | HistoryError::File { .. } => None,
    }
}

fn is_corrupt(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// Renames the file, and what SQLite keeps beside it, to a name with the date.
fn set_aside(path: &Path) -> Result<PathBuf, HistoryError> {
    let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%S%.fZ");
    let aside = PathBuf::from(format!("{}.{stamp}", path.display()));
    let beside = |path: &Path, suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
    fs::rename(path, &aside).map_err(|source| HistoryError::File {
        path: path.to_owned(),
        source,
    })?;
    for suffix in ["-wal", "-shm"] {
        // They need not exist; without the main file they mean nothing.
        let _ = fs::rename(beside(path, suffix), beside(&aside, suffix));
    }
    Ok(aside)
}

/// A pattern for LIKE that finds `text` anywhere, taken literally.
fn like_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for char in text.chars() {
        if matches!(char, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(char);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests;
