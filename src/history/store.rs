//! The file of the history: opening it, adding to it, asking it, and taking out of it for good.
//!
//! Several processes may share it. A file that is broken, or was written by a newer version, is set aside and a new one
//! begun: the history serves the work and must not stop it.

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
use rusqlite::OpenFlags;
use rusqlite::OptionalExtension;
use rusqlite::TransactionBehavior;
use rusqlite::config::DbConfig;

use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::history::migrations;
use crate::history::query::Page;
use crate::history::query::Query;
use crate::history::query::Summary;
use crate::history::record::PrimaryKeys;
use crate::history::record::RecordKey;
use crate::history::record::timeline::Timeline;
use crate::history::row;
use crate::history::search::Search;
use crate::history::sightings;

/// The file's name in its folder.
pub const FILE: &str = "history.db";

/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(2);

/// How long SQLite's log may be between two calls, in bytes; part of the limit on the file.
const LOG: u64 = 4 << 20;

/// How much the history keeps; the oldest exchanges go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many exchanges.
    pub rows: u32,
    /// How long; `None` for ever.
    pub age: Option<Duration>,
    /// How many bytes the file may have, its log included.
    pub bytes: u64,
    /// How many bytes of a request's or an answer's body.
    pub body: usize,
}

/// The history file, open.
pub struct History {
    path: PathBuf,
    limits: Limits,
    connection: Mutex<Connection>,
}

/// What a purge removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purged {
    /// How many exchanges.
    pub exchanges: u64,
    /// How many files of a history that could not be read any more.
    pub files: u64,
    /// The size of the file with its log before, in bytes.
    pub before: u64,
    /// And after.
    pub after: u64,
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
    /// Opens the file in `folder`, or begins it; for its owner alone. The folder must exist. The text, if there is one,
    /// is to be shown: an unusable file was set aside.
    pub fn open(folder: &Path, limits: Limits) -> Result<(Self, Option<String>), HistoryError> {
        let path = folder.join(FILE);
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
        history.with(|connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            trim(&transaction, limits)?;
            transaction.commit()?;
            if file_size(connection)? > limits.bytes {
                optimize(connection)?;
                give_back(connection)?;
            }
            Ok(())
        })?;
        Ok((history, notice))
    }

    /// Keeps an exchange, masked and with long bodies cut, and lets the oldest ones go. Returns its place.
    pub fn add(&self, exchange: &Exchange) -> Result<ExchangeId, HistoryError> {
        self.keep(row::Row::of(exchange, self.limits.body))
    }

    /// Gives a place to an exchange that is kept later, by [`History::add_at`]: nobody else gets it.
    pub fn reserve(&self) -> Result<ExchangeId, HistoryError> {
        self.with(|connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let id = migrations::next_place(&transaction)?;
            transaction.commit()?;
            Ok(ExchangeId(id))
        })
    }

    /// Keeps an exchange like [`History::add`], at a place that was reserved for it.
    pub fn add_at(&self, place: ExchangeId, exchange: &Exchange) -> Result<(), HistoryError> {
        let mut row = row::Row::of(exchange, self.limits.body);
        row.id = Some(place.0);
        self.keep(row).map(|_| ())
    }

    fn keep(&self, row: row::Row) -> Result<ExchangeId, HistoryError> {
        self.with(|connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let id = row.insert(&transaction)?;
            trim(&transaction, self.limits)?;
            transaction.commit()?;
            Ok(ExchangeId(id))
        })
    }

    /// The exchanges that `query` means, newest first by the order of sending.
    pub fn list(&self, query: &Query, page: Page) -> Result<Vec<Summary>, HistoryError> {
        self.list_while(query, page, &|| true)
    }

    /// The same as far as it comes while `wanted` says that somebody waits: a text that is rare is looked for in all bodies,
    /// and nobody else gets at the file meanwhile.
    pub fn list_while(
        &self,
        query: &Query,
        page: Page,
        wanted: &dyn Fn() -> bool,
    ) -> Result<Vec<Summary>, HistoryError> {
        let search = Search::new(query).within(page);
        self.with(|connection| {
            let mut found = Vec::new();
            if page.limit > 0 {
                search.run(connection, row::SUMMARY, wanted, |row| {
                    found.extend(row::summary(row)?);
                    Ok(found.len() < page.limit)
                })?;
            }
            if page.after.is_some() {
                found.reverse();
            }
            Ok(found)
        })
    }

    /// How many exchanges `query` means.
    pub fn count(&self, query: &Query) -> Result<u64, HistoryError> {
        self.count_while(query, &|| true)
    }

    /// The same as far as it comes while `wanted` says that somebody waits.
    pub fn count_while(
        &self,
        query: &Query,
        wanted: &dyn Fn() -> bool,
    ) -> Result<u64, HistoryError> {
        let search = Search::new(query);
        self.with(|connection| {
            if *query == Query::default() {
                return kept(connection);
            }
            let mut count = 0;
            search.run(connection, "e.id", wanted, |_| {
                count += 1;
                Ok(true)
            })?;
            Ok(count)
        })
    }

    /// A whole exchange, as it was kept; `None` when it is not there any more.
    pub fn get(&self, id: ExchangeId) -> Result<Option<Exchange>, HistoryError> {
        self.with(|connection| row::read(connection, id.0))
    }

    /// A record through time, from all exchanges that are about it or show it.
    pub fn timeline(&self, key: &RecordKey, keys: &PrimaryKeys) -> Result<Timeline, HistoryError> {
        self.with(|connection| {
            let key = sightings::completed(connection, key)?;
            let looks = sightings::looks(connection, &key)?;
            Ok(Timeline::new(&key, &looks, keys))
        })
    }

    /// Removes the exchanges that `query` means, so that nothing of them is left in the file, its index or its log, and
    /// gives the space back. When all are meant, files that were set aside go too.
    pub fn purge(&self, query: &Query) -> Result<Purged, HistoryError> {
        let everything = *query == Query::default();
        let before = self.size();
        let exchanges = self.with(|connection| {
            let exchanges = if everything {
                migrations::empty(connection)?
            } else {
                purge_rows(connection, query)?
            };
            optimize(connection)?;
            give_back(connection)?;
            Ok(exchanges)
        })?;
        Ok(Purged {
            exchanges,
            files: if everything { self.remove_aside()? } else { 0 },
            before,
            after: self.size(),
        })
    }

    /// The size of the file with its log, in bytes.
    pub fn size(&self) -> u64 {
        let size = |suffix: &str| {
            fs::metadata(beside(&self.path, suffix)).map_or(0, |metadata| metadata.len())
        };
        size("") + size("-wal")
    }

    /// Removes the files that [`set_aside`] made, and says how many.
    fn remove_aside(&self) -> Result<u64, HistoryError> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let fault = |path: &Path| {
            let path = path.to_owned();
            move |source| HistoryError::File { path, source }
        };
        let mut removed = 0;
        for file in fs::read_dir(folder).map_err(fault(folder))?.flatten() {
            let name = file.file_name();
            let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(FILE)) else {
                continue;
            };
            if rest.starts_with('.') {
                fs::remove_file(file.path()).map_err(fault(&file.path()))?;
                removed += u64::from(!rest.ends_with("-wal") && !rest.ends_with("-shm"));
            }
        }
        Ok(removed)
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

/// Lets the oldest exchanges go while there are too many, too old ones, or too much. The newest stays.
fn trim(connection: &Connection, limits: Limits) -> Result<(), rusqlite::Error> {
    let oldest_allowed = limits.age.map(|age| {
        let allowed = Timestamp::now().checked_sub(age).unwrap_or(Timestamp::MIN);
        row::nanoseconds(allowed)
    });
    // Merging the parts of the index takes room beside them.
    let room = limits.bytes.saturating_sub(2 * LOG);
    let mut most = room - room / 8;
    if used(connection)? > room {
        // More than was estimated. It leaves the index only when all of that is written anew, which takes a while, so
        // there shall be some room afterwards.
        most = most.min(number(connection, WEIGHT)? * 7 / 8);
        trim_to(connection, limits.rows.into(), oldest_allowed, most)?;
        return optimize(connection);
    }
    trim_to(connection, limits.rows.into(), oldest_allowed, most)
}

fn trim_to(
    connection: &Connection,
    most_rows: u64,
    oldest_allowed: Option<i64>,
    most_weight: u64,
) -> Result<(), rusqlite::Error> {
    let mut ends = connection.prepare_cached(
        "SELECT id, started, (SELECT max(id) FROM exchange) FROM exchange ORDER BY id LIMIT 1",
    )?;
    loop {
        let ends = ends.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let Some::<(i64, i64, i64)>((oldest, started, newest)) = ends.optional()? else {
            return Ok(());
        };
        let too_old = oldest_allowed.is_some_and(|allowed| started < allowed);
        let too_many = kept(connection)? > most_rows;
        let too_much = number(connection, WEIGHT)? > most_weight;
        if oldest == newest || !(too_old || too_many || too_much) {
            return Ok(());
        }
        row::remove(connection, oldest)?;
    }
}

/// Merges the index into one piece, without the words of what is gone.
fn optimize(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.execute("INSERT INTO words (words) VALUES ('optimize')", [])?;
    Ok(())
}

fn purge_rows(connection: &mut Connection, query: &Query) -> Result<u64, rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut ids: Vec<i64> = Vec::new();
    Search::new(query).run(&transaction, "e.id", &|| true, |row| {
        ids.push(row.get(0)?);
        Ok(true)
    })?;
    for id in &ids {
        row::remove(&transaction, *id)?;
    }
    transaction.commit()?;
    Ok(ids.len() as u64)
}

/// Gives free space back to the file system, and empties the log, which may still hold what was removed.
fn give_back(connection: &Connection) -> Result<(), rusqlite::Error> {
    let all_rows = |sql: &str| {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    };
    all_rows("PRAGMA incremental_vacuum")?;
    all_rows("PRAGMA wal_checkpoint(TRUNCATE)")
}

/// What all exchanges are estimated to take, in bytes.
const WEIGHT: &str = "SELECT weight FROM total";

/// How many exchanges there are.
fn kept(connection: &Connection) -> Result<u64, rusqlite::Error> {
    number(connection, "SELECT exchanges FROM total")
}

/// How many bytes of the file are in use, without the log.
fn used(connection: &Connection) -> Result<u64, rusqlite::Error> {
    let free = number(connection, "PRAGMA freelist_count")?;
    let pages = number(connection, "PRAGMA page_count")?;
    Ok(pages.saturating_sub(free) * number(connection, "PRAGMA page_size")?)
}

/// How many bytes the file has, without the log.
fn file_size(connection: &Connection) -> Result<u64, rusqlite::Error> {
    Ok(number(connection, "PRAGMA page_count")? * number(connection, "PRAGMA page_size")?)
}

fn number(connection: &Connection, sql: &str) -> Result<u64, rusqlite::Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let number: i64 = statement.query_row([], |row| row.get(0))?;
    Ok(u64::try_from(number).unwrap_or_default())
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
    connection.set_prepared_statement_cache_capacity(64);
    // NORMAL may lose the last rows at a power failure but never the file; a deleted row is overwritten, not only
    // forgotten; free pages can be given back one by one, which must be said before anything else is.
    connection.execute_batch(&format!(
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         PRAGMA secure_delete = ON; PRAGMA journal_size_limit = {LOG}"
    ))?;
    // The log stays beside the file: emptying it waits for the disk three times, longer than a whole command takes.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    migrations::migrate(&mut connection)?;
    // Finds out now whether the tables are what they should be.
    migrations::check(&connection)?;
    Ok(connection)
}

/// How many bytes the file in `folder` has with its log, if it can be used; `None` when there is none. Changes nothing.
pub fn look(folder: &Path) -> Result<Option<u64>, HistoryError> {
    let path = folder.join(FILE);
    let length = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        Err(source) => return Err(HistoryError::File { path, source }),
    }
    let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY)?;
    migrations::look(&connection)?;
    Ok(Some(length(&path) + length(&beside(&path, "-wal"))))
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
    let aside = beside(path, &format!(".{stamp}"));
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

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}
