//! What the sandbox keeps: one SQLite database, on disk or in memory. Used by the operations, which run their reads
//! and writes here as closures over a transaction; SQL stays inside this module, and no text of a caller becomes SQL.
//!
//! A write is answered only after a synced commit. Several processes may use one directory: everything that matters
//! (ids, uniqueness, schemas) is decided inside transactions of the database, not in memory. What is remembered, in
//! `basis` and `types`, counts only once a transaction has found it unchanged.

pub(crate) mod access;
pub(crate) mod basis;
pub(crate) mod clients;
mod identity;
pub(crate) mod migrations;
mod reading;
pub(crate) mod records;
pub mod reset;
pub(crate) mod settings;
pub mod snapshots;
pub mod survey;
pub(crate) mod tokens;
pub(crate) mod types;
pub(crate) mod writer;

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::RwLockReadGuard;
use std::sync::RwLockWriteGuard;
use std::thread::sleep;
use std::time::Duration;
use std::time::Instant;

use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::OpenFlags;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;

use crate::capture::secret::Secret;
use crate::sandbox::filter;
use crate::sandbox::seed;
use crate::sandbox::seed::FirstContent;
use crate::sandbox::seed::Identity;
use crate::sandbox::store::basis::Bases;
use crate::sandbox::store::identity::FileIdentity;
use crate::sandbox::store::types::Schemas;
use crate::sandbox::store::writer::Ticket;
use crate::sandbox::store::writer::Writer;

/// The database's name inside its directory.
const FILE: &str = "sandbox.db";

/// How long a connection waits for another process's lock.
const BUSY: Duration = Duration::from_secs(10);

/// Readers kept open between calls; more are opened when needed and closed again.
const IDLE_READERS: usize = 8;

/// How long a call waits for one of them before it opens another: most reads take less time than opening.
const READER_PATIENCE: Duration = Duration::from_millis(2);

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
    /// What was found is too large to be held in memory at once.
    #[error("what was found is too large")]
    TooLarge,
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

    /// Whether a query was ended because its time was over.
    pub(crate) fn is_interruption(&self) -> bool {
        match self {
            Self::Database(error) => {
                error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
            }
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
            | Self::TooLarge
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
    pub(crate) bases: Bases,
    pub(crate) bcrypt_cost: u32,
    changes: RwLock<()>,
}

/// Leave to change a record, beside others or alone.
pub(crate) type Turn<'a> = (
    Option<RwLockReadGuard<'a, ()>>,
    Option<RwLockWriteGuard<'a, ()>>,
);

enum Readers {
    /// Connections to a file.
    Pool(Pool),
    /// The writer's own connection: a database in memory has no other.
    Shared(Arc<Mutex<Connection>>),
}

struct Pool {
    file: PathBuf,
    identity: Arc<FileIdentity>,
    open: Mutex<Open>,
    /// Told when one is given back.
    returned: Condvar,
}

/// The connections of a pool.
#[derive(Default)]
struct Open {
    /// Those not in use right now.
    idle: Vec<Connection>,
    /// How many there are, those in use included.
    count: usize,
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
            StorePath::Memory => {
                let connection = Connection::open_in_memory()?;
                filter::register(&connection)?;
                (connection, None)
            }
            StorePath::Dir(dir) => {
                let file = create_file(&dir)?;
                (open_file(&file)?, Some(file))
            }
        };
        prepare(&connection, content)?;
        let connection = Arc::new(Mutex::new(connection));
        let identity = file
            .as_deref()
            .map(FileIdentity::of)
            .transpose()?
            .map(Arc::new);
        let writer =
            Writer::start(Arc::clone(&connection), identity.clone()).map_err(StoreError::Thread)?;
        let readers = match file.zip(identity) {
            Some((file, identity)) => Readers::Pool(Pool {
                file,
                identity,
                open: Mutex::default(),
                returned: Condvar::new(),
            }),
            None => Readers::Shared(connection),
        };
        Ok(Self {
            writer,
            readers,
            schemas: Schemas::default(),
            bases: Bases::default(),
            bcrypt_cost: BCRYPT_COST,
            changes: RwLock::new(()),
        })
    }

    /// Whether there is a store in `dir`. Makes nothing.
    pub fn exists(dir: &Path) -> bool {
        existing_file(dir).is_some()
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

    /// Leave to change a record as it was seen, until what is returned is dropped: beside others at first, and alone
    /// once others were faster. Without it, of many that change one record, most would begin again and again.
    pub(crate) fn take_turn(&self, alone: bool) -> Turn<'_> {
        if alone {
            let turn = self.changes.write();
            (None, Some(turn.unwrap_or_else(PoisonError::into_inner)))
        } else {
            let turn = self.changes.read();
            (Some(turn.unwrap_or_else(PoisonError::into_inner)), None)
        }
    }

    /// Runs `work` over an unchanging view of the data. Blocks.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.readers.lend(|connection| look(connection, work))
    }

    /// Runs `work` as [`Store::read`] does; a query that is still running at `deadline` is interrupted.
    pub(crate) fn read_until<T, E: From<StoreError>>(
        &self,
        deadline: Instant,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.readers.lend(|connection| {
            let watched = Watched::start(connection, deadline)?;
            if Instant::now() >= deadline {
                return Err(StoreError::from(interruption()).into());
            }
            look(watched.0, work)
        })
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

    /// Gives `work` to the writer as [`Store::write`] does, without waiting for it. It may run twice, and counts only the
    /// second time then.
    pub(crate) fn submit<T, E>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Ticket<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.submit(work)
    }
}

impl Readers {
    /// Lets `work` have a connection that nobody else uses meanwhile.
    fn lend<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Shared(connection) => {
                work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
            }
            Self::Pool(pool) => {
                let (mut connection, place) = pool.take()?;
                let result = work(&mut connection);
                place.give_back(connection);
                result
            }
        }
    }
}

impl Pool {
    /// A connection that is not in use, after a short wait for one if need be, or else a new one.
    fn take(&self) -> Result<(Connection, Place<'_>), StoreError> {
        self.identity.check()?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.idle.is_empty() && open.count >= IDLE_READERS {
            let waited = self
                .returned
                .wait_timeout_while(open, READER_PATIENCE, |open| open.idle.is_empty());
            (open, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let idle = open.idle.pop();
        open.count += usize::from(idle.is_none());
        drop(open);
        let place = Place(self);
        let connection = match idle {
            Some(connection) => connection,
            None => open_reader(&self.file)?,
        };
        Ok((connection, place))
    }
}

/// A connection in use, as the pool counts it. Dropped after a panic, it is one connection less.
struct Place<'a>(&'a Pool);

impl Place<'_> {
    fn give_back(self, connection: Connection) {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.idle.len() < IDLE_READERS && connection.is_autocommit() {
            open.idle.push(connection);
            // Counted again when this is dropped.
            open.count += 1;
            self.0.returned.notify_one();
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.count -= 1;
    }
}

fn look<T, E: From<StoreError>>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    let look = Look::begin(connection)?;
    work(look.0)
}

/// A transaction that only reads; ended when it is dropped, after a panic too.
struct Look<'a>(&'a Connection);

impl<'a> Look<'a> {
    fn begin(connection: &'a Connection) -> Result<Self, StoreError> {
        run(connection, "BEGIN")?;
        Ok(Self(connection))
    }
}

impl Drop for Look<'_> {
    fn drop(&mut self) {
        // An interrupted one has ended by itself. Nothing else can fail, for there is nothing to undo.
        let _ = run(self.0, "ROLLBACK");
    }
}

/// Runs a statement without rows and parameters that is run again and again.
fn run(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// A connection whose queries end at a deadline, until this is dropped: connections are used again.
struct Watched<'a>(&'a mut Connection);

impl<'a> Watched<'a> {
    fn start(connection: &'a mut Connection, deadline: Instant) -> Result<Self, StoreError> {
        /// Between two looks at the clock, in steps of SQLite's virtual machine: some tens of microseconds.
        const STEPS: i32 = 1_000;
        connection.progress_handler(STEPS, Some(move || Instant::now() >= deadline))?;
        Ok(Self(connection))
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        // Removing it cannot fail on a connection that is ours; a handler left behind would only end queries early.
        let _ = self.0.progress_handler(0, None::<fn() -> bool>);
    }
}

/// What SQLite reports when a query is interrupted.
fn interruption() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_INTERRUPT),
        None,
    )
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

/// The database in `dir`, when there is one with anything in it.
fn existing_file(dir: &Path) -> Option<PathBuf> {
    let file = dir.join(FILE);
    let metadata = std::fs::metadata(&file).ok()?;
    (metadata.is_file() && metadata.len() > 0).then_some(file)
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
    connection.set_prepared_statement_cache_capacity(64);
    filter::register(&connection)?;
    Ok(connection)
}

/// A connection to an existing file that only reads.
fn open_reader(file: &Path) -> Result<Connection, StoreError> {
    let mut connection = open_file(file)?;
    // Emptied by every commit, so a large one would only hold memory.
    connection.pragma_update(None, "cache_size", -4000)?;
    reading::restrict(&mut connection)?;
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
        seed::plant(&transaction, content, Identity::random())?;
    }
    transaction.commit()?;
    Ok(())
}
