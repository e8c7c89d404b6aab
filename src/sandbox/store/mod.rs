//! What the sandbox keeps: one SQLite database, on disk or in memory. Used by the operations, which run their reads
//! and writes here as closures over a transaction; SQL stays inside this module, and no text of a caller becomes SQL.
//!
//! A write is answered only after a synced commit. Several processes may use one directory: everything that matters
//! (ids, uniqueness, schemas) is decided inside transactions of the database, not in memory.

pub(crate) mod clients;
pub(crate) mod migrations;
pub(crate) mod records;
pub(crate) mod types;
pub(crate) mod writer;

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread::sleep;
use std::time::Duration;
use std::time::Instant;

use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::OpenFlags;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;

use crate::capture::secret::Secret;
use crate::sandbox::seed;
use crate::sandbox::seed::FirstContent;
use crate::sandbox::store::types::Schemas;
use crate::sandbox::store::writer::Writer;

/// The database's name inside its directory.
const FILE: &str = "sandbox.db";

/// How long a connection waits for another process's lock.
const BUSY: Duration = Duration::from_secs(10);

/// Readers kept open between calls; more are opened when needed and closed again.
const IDLE_READERS: usize = 8;

/// The usual cost of hashing a password: about 50 ms on today's machines.
const BCRYPT_COST: u32 = 10;

/// Where a store keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorePath {
    /// In this directory, which is created when missing, for its owner only.
    Dir(PathBuf),
    /// Nowhere: gone with the store.
    Memory,
}

/// Why the store could not do its work. No variant tells SQL, values or secrets.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory or the file could not be made.
    #[error("cannot create {}", path.display())]
    Create {
        /// What was to be created.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The database was written by a newer program.
    #[error(
        "the sandbox's database has version {found}, and this program knows versions up to {known}: use a newer captui, or another data directory"
    )]
    Newer {
        /// The version found.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// What the database holds makes no sense.
    #[error("the sandbox's database is damaged: {0}")]
    Damaged(&'static str),
    /// The seed does not fit this program; only a broken build shows it.
    #[error("the sandbox's first content was refused: {0}")]
    Seed(String),
    /// SQLite reported an error.
    #[error("the sandbox's database failed")]
    Database(#[from] rusqlite::Error),
    /// The commit failed; the reason in words.
    #[error("the sandbox's database failed: {0}")]
    Unavailable(&'static str),
    /// A thread could not be started.
    #[error("cannot start the sandbox's writer")]
    Thread(#[source] io::Error),
    /// The work panicked and was undone.
    #[error("the sandbox failed unexpectedly")]
    Panicked,
    /// The store is closing.
    #[error("the sandbox is stopping")]
    Stopped,
}

impl StoreError {
    /// Whether the database itself is broken, so that nothing but another one helps.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged(_) => true,
            Self::Database(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
            ),
            _ => false,
        }
    }

    /// What happened, for an error answer: words of ours only.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Database(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => "the disk is full",
                Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                    "the database cannot be written to"
                }
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                    "another program holds the database"
                }
                Some(ErrorCode::SystemIoFailure) => "the disk refused to read or write",
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                    "the database is damaged"
                }
                _ => "the database failed",
            },
            Self::Unavailable(reason) | Self::Damaged(reason) => reason,
            Self::Stopped => "the sandbox is stopping",
            Self::Create { .. }
            | Self::Newer { .. }
            | Self::Seed(_)
            | Self::Thread(_)
            | Self::Panicked => "the sandbox failed",
        }
    }
}

/// The sandbox's data: one application with its clients, entity types and records.
pub struct Store {
    writer: Writer,
    readers: Readers,
    pub(crate) schemas: Schemas,
    pub(crate) bcrypt_cost: u32,
}

enum Readers {
    /// Connections to a file, not in use right now.
    Pool {
        file: PathBuf,
        idle: Mutex<Vec<Connection>>,
    },
    /// The writer's own connection: a database in memory has no other.
    Shared(Arc<Mutex<Connection>>),
}

impl Store {
    /// Opens the store. A new one gets an application, an owner client, three entity types and 25 records; an
    /// existing one is left as it is.
    pub fn open(path: StorePath) -> Result<Self, StoreError> {
        Self::open_with(path, FirstContent::Examples)
    }

    /// Opens the store as [`Store::open`] does, but a new one gets this content.
    pub fn open_with(path: StorePath, content: FirstContent) -> Result<Self, StoreError> {
        let (connection, file) = match path {
            StorePath::Memory => (Connection::open_in_memory()?, None),
            StorePath::Dir(dir) => {
                let file = create_file(&dir)?;
                (open_file(&file)?, Some(file))
            }
        };
        prepare(&connection, content)?;
        let connection = Arc::new(Mutex::new(connection));
        let writer = Writer::start(Arc::clone(&connection)).map_err(StoreError::Thread)?;
        let readers = match file {
            Some(file) => Readers::Pool {
                file,
                idle: Mutex::default(),
            },
            None => Readers::Shared(connection),
        };
        Ok(Self {
            writer,
            readers,
            schemas: Schemas::default(),
            bcrypt_cost: BCRYPT_COST,
        })
    }

    /// The same store with another cost for hashing passwords (4 to 31, each step doubling the time). Tests use 4.
    #[must_use]
    pub fn with_bcrypt_cost(mut self, cost: u32) -> Self {
        self.bcrypt_cost = cost.clamp(4, 31);
        self
    }

    /// The id and the secret of the first owner client.
    pub fn owner(&self) -> Result<(String, Secret), StoreError> {
        let owner = self.read(clients::owner)?;
        Ok((owner.id, owner.secret))
    }

    /// Runs `work` over an unchanging view of the data. Blocks.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let look = |connection: &Connection| {
            // Dropped without commit: there is nothing to keep, and a panic leaves no open transaction.
            let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)
                .map_err(StoreError::from)?;
            work(&transaction)
        };
        match &self.readers {
            Readers::Shared(connection) => {
                look(&connection.lock().unwrap_or_else(PoisonError::into_inner))
            }
            Readers::Pool { file, idle } => {
                let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let connection = match kept {
                    Some(connection) => connection,
                    None => open_file(file)?,
                };
                let result = look(&connection);
                let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
                if idle.len() < IDLE_READERS {
                    idle.push(connection);
                }
                result
            }
        }
    }

    /// Runs `work` in a transaction; returns once it is committed and synced. What `work` refuses leaves no trace.
    /// Blocks.
    pub(crate) fn write<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.run(work)
    }
}

/// Makes the directory and the file, for their owner only, and returns the file's path. SQLite gives its `-wal` and
/// `-shm` files the mode of the database.
fn create_file(dir: &Path) -> Result<PathBuf, StoreError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| StoreError::Create { path, source }
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    let file = dir.join(FILE);
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        use std::os::unix::fs::OpenOptionsExt;
        builder.mode(0o700);
        options.mode(0o600);
    }
    builder.create(dir).map_err(failed(dir))?;
    options.open(&file).map_err(failed(&file))?;
    Ok(file)
}

/// A connection to an existing file, set up for durable writes beside readers.
fn open_file(file: &Path) -> Result<Connection, StoreError> {
    // No SQLITE_OPEN_URI: a directory's name is never read as options.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY)?;
    let give_up = Instant::now() + BUSY;
    loop {
        // Two processes that turn a new file into WAL mode at once: SQLite fails at once instead of waiting.
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < give_up =>
            {
                sleep(Duration::from_millis(5));
            }
            other => break other?,
        }
    }
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA cache_size = -16000;",
    )?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Brings the layout up to date and puts the first content into a new database, all in one transaction.
fn prepare(connection: &Connection, content: FirstContent) -> Result<(), StoreError> {
    connection.pragma_update(None, "foreign_keys", true)?;
    if migrations::version(connection)? == migrations::VERSION {
        return Ok(());
    }
    // Another process may be doing the same: the lock is taken first, and the version read again under it.
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    migrations::migrate(&transaction)?;
    if clients::application(&transaction)?.is_none() {
        seed::plant(&transaction, content)?;
    }
    transaction.commit()?;
    Ok(())
}
