//! Copies of a whole store, taken and put back while servers run on it. Used by `captui sandbox snapshot`, `restore`
//! and `reset`; a snapshot is one SQLite file, in `snapshots` inside the data directory or wherever it is wanted.
//!
//! ```text
//! take:    live ── one read transaction ──▶ FILE.….part ── synced, renamed ──▶ FILE
//! restore: FILE ──▶ a copy ── checked, brought to the present layout ──▶ live, in one write transaction
//! ```
//!
//! The file of the live database is never replaced: the servers' connections go on.

use std::fmt;
use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::str::FromStr;
use std::thread::sleep;
use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::OpenFlags;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;
use rusqlite::backup::Backup;
use rusqlite::backup::StepResult;
use tempfile::NamedTempFile;

use crate::capture::secret::Secret;
use crate::sandbox::store::BUSY;
use crate::sandbox::store::FILE;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::clients;
use crate::sandbox::store::create_file;
use crate::sandbox::store::existing_file;
use crate::sandbox::store::migrations;
use crate::sandbox::store::open_file;

/// The folder of snapshots inside a data directory.
const FOLDER: &str = "snapshots";

/// The end of a snapshot's file name.
const EXTENSION: &str = ".db";

/// The longest name of a snapshot.
const LONGEST: usize = 100;

/// How many snapshots of each occasion are kept.
const KEPT: usize = 5;

/// A snapshot's name: ASCII letters, digits, `.`, `_` and `-`, the first a letter or a digit, at most 100.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotName(String);

impl SnapshotName {
    /// The name of a snapshot taken at `now` that got none.
    pub fn at(now: Timestamp) -> Self {
        Self(stamp(now))
    }
}

impl FromStr for SnapshotName {
    type Err = SnapshotError;

    fn from_str(text: &str) -> Result<Self, SnapshotError> {
        let name = text.strip_suffix(EXTENSION).unwrap_or(text);
        let fits = (1..=LONGEST).contains(&name.len())
            && name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        if fits {
            Ok(Self(name.to_owned()))
        } else {
            Err(SnapshotError::Name(text.to_owned()))
        }
    }
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A snapshot that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name; none for a file elsewhere.
    pub name: Option<String>,
    /// Its file.
    pub path: PathBuf,
    /// The file's size.
    pub bytes: u64,
    /// When the file was written.
    pub taken: Option<Timestamp>,
}

/// What a restore brought.
#[derive(Debug)]
pub struct Restored {
    /// The id of the first owner client, as it is now.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// Whether programs that used the former owner client go on.
    pub same_owner: bool,
    /// What was there before; none when there was nothing.
    pub before: Option<Snapshot>,
}

/// Why a snapshot could not be taken or put back.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The store itself does not work.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is nothing to take a snapshot of.
    #[error("there is no sandbox")]
    NoSandbox,
    /// No snapshot can be called that.
    #[error(
        "`{0}` cannot be a snapshot's name: at most 100 letters, digits, `.`, `_` and `-`, beginning with a letter or a digit"
    )]
    Name(String),
    /// There is such a file, and nobody said that it may go.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// The file is part of the live database.
    #[error("this is the live database itself")]
    Live,
    /// The file cannot be read or written.
    #[error("cannot {doing} {}", path.display())]
    File {
        /// `read` or `write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is not what can be restored.
    #[error("{} cannot be restored: {reason}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

/// Before what a snapshot is taken unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    Reset,
    Restore,
}

impl Occasion {
    fn prefix(self) -> &'static str {
        match self {
            Self::Reset => "before-reset-",
            Self::Restore => "before-restore-",
        }
    }
}

/// Keeps what is in `dir` as a snapshot called `name`, in place of one of that name only if `force` says so.
pub fn take(dir: &Path, name: &SnapshotName, force: bool) -> Result<Snapshot, SnapshotError> {
    let live = existing_file(dir).ok_or(SnapshotError::NoSandbox)?;
    let path = make_folder(dir)?.join(format!("{name}{EXTENSION}"));
    write(&live, &path, force)?;
    Ok(describe(path))
}

/// Keeps what is in `dir` in this file, in place of one that is there only if `force` says so.
pub fn take_to(dir: &Path, path: &Path, force: bool) -> Result<Snapshot, SnapshotError> {
    let live = existing_file(dir).ok_or(SnapshotError::NoSandbox)?;
    if is_part_of_live(dir, path) {
        return Err(SnapshotError::Live);
    }
    write(&live, path, force)?;
    Ok(Snapshot {
        name: None,
        ..describe(path.to_owned())
    })
}

/// The snapshots inside `dir`, the newest first.
pub fn list(dir: &Path) -> Result<Vec<Snapshot>, SnapshotError> {
    let folder = dir.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(cannot("read", &folder))?,
    };
    let mut snapshots = Vec::new();
    for entry in entries {
        let snapshot = describe(entry.map_err(cannot("read", &folder))?.path());
        if snapshot.name.is_some() && snapshot.path.is_file() {
            snapshots.push(snapshot);
        }
    }
    snapshots.sort_by(|one, other| (other.taken, &other.name).cmp(&(one.taken, &one.name)));
    Ok(snapshots)
}

/// The file that `word` means: the snapshot of this name inside `dir`, else the file at this path.
pub fn find(dir: &Path, word: &str) -> Option<PathBuf> {
    let named = word
        .parse()
        .map(|SnapshotName(name)| dir.join(FOLDER).join(format!("{name}{EXTENSION}")));
    let candidates = named.ok().into_iter().chain([PathBuf::from(word)]);
    candidates.into_iter().find(|path| path.is_file())
}

/// Keeps what is in `dir` before it goes, and only the newest few such snapshots.
pub(crate) fn keep(
    dir: &Path,
    occasion: Occasion,
    now: Timestamp,
) -> Result<Snapshot, SnapshotError> {
    let name = SnapshotName(format!("{}{}", occasion.prefix(), stamp(now)));
    let snapshot = take(dir, &name, false)?;
    let is_such = |snapshot: &Snapshot| {
        let name = snapshot.name.as_deref().unwrap_or_default();
        let rest = name.strip_prefix(occasion.prefix());
        rest.is_some_and(|rest| rest.len() == stamp(now).len() && rest.ends_with('Z'))
    };
    let mut such: Vec<Snapshot> = list(dir)?.into_iter().filter(is_such).collect();
    // By the instant in the name: the file's own may have been changed by a copy.
    such.sort_by(|one, other| other.name.cmp(&one.name));
    for old in such.iter().skip(KEPT) {
        // One too many does no harm.
        let _ = fs::remove_file(&old.path);
    }
    Ok(snapshot)
}

/// Puts what the file at `path` holds in place of everything in `dir`, after a snapshot of that.
///
/// The file itself is left as it is: a copy of it is checked, and brought to the present layout. The live database's
/// write lock is held from before the snapshot until the new content is committed, so no change is lost between them.
pub fn restore(dir: &Path, path: &Path, now: Timestamp) -> Result<Restored, SnapshotError> {
    if is_part_of_live(dir, path) {
        return Err(SnapshotError::Live);
    }
    let folder = make_folder(dir)?;
    let part = NamedTempFile::with_suffix_in(".part", &folder).map_err(cannot("write", &folder))?;
    let staged = stage(path, part.path())?;
    let mut live = open_file(&create_file(dir)?)?;
    let is_new = migrations::version(&live)? == 0;
    let former = (!is_new).then(|| clients::owner(&live).ok()).flatten();
    fit_pages(&staged, &live)?;
    let before = replace(&mut live, &staged, || {
        if is_new {
            Ok(None)
        } else {
            keep(dir, Occasion::Restore, now).map(Some)
        }
    })?;
    let owner = clients::owner(&live)?;
    Ok(Restored {
        same_owner: former.is_some_and(|former| {
            former.id == owner.id && former.secret.matches(owner.secret.reveal())
        }),
        client_id: owner.id,
        client_secret: owner.secret,
        before,
    })
}

/// Writes all pages of `staged` over those of `live`, in one transaction of `live`; `before` runs once nobody else can
/// write there any more.
fn replace(
    live: &mut Connection,
    staged: &Connection,
    before: impl FnOnce() -> Result<Option<Snapshot>, SnapshotError>,
) -> Result<Option<Snapshot>, SnapshotError> {
    let backup = Backup::new(staged, live).map_err(StoreError::from)?;
    // The first page takes the lock. Dropped before the last one, a backup undoes what it has done.
    step(&backup, 1)?;
    let kept = before()?;
    step(&backup, -1)?;
    Ok(kept)
}

/// Copies so many pages, or all for -1, once the locks can be had.
fn step(backup: &Backup<'_, '_>, pages: i32) -> Result<(), StoreError> {
    let give_up = Instant::now() + BUSY;
    loop {
        match backup.step(pages)? {
            StepResult::Busy | StepResult::Locked if Instant::now() < give_up => {
                sleep(Duration::from_millis(5));
            }
            StepResult::Done | StepResult::More => return Ok(()),
            _ => {
                return Err(StoreError::Unavailable(
                    "another program holds the database",
                ));
            }
        }
    }
}

/// A checked copy, at `place`, of the database at `path`, in the present layout.
fn stage(path: &Path, place: &Path) -> Result<Connection, SnapshotError> {
    let refused = |reason: &str| SnapshotError::Refused {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let metadata = fs::metadata(path).map_err(cannot("read", path))?;
    if !metadata.is_file() {
        return Err(refused("it is not a file"));
    }
    let broken = |error: rusqlite::Error| refused(StoreError::from(error).reason());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let from = Connection::open_with_flags(path, flags).map_err(broken)?;
    from.busy_timeout(BUSY).map_err(broken)?;
    let mut staged = open_copy(place)?;
    let backup = Backup::new(&from, &mut staged).map_err(broken)?;
    step(&backup, -1).map_err(|error| refused(error.reason()))?;
    drop(backup);
    staged
        .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA journal_mode = DELETE;")
        .map_err(broken)?;
    check(&staged).map_err(|problem| match problem {
        Problem::Reason(reason) => refused(&reason),
        Problem::Store(error) => refused(error.reason()),
    })?;
    let transaction = Transaction::new_unchecked(&staged, TransactionBehavior::Immediate)
        .map_err(StoreError::from)?;
    migrations::migrate(&transaction)?;
    transaction.commit().map_err(StoreError::from)?;
    Ok(staged)
}

/// What is wrong with a database that should be a sandbox's.
enum Problem {
    Reason(String),
    Store(StoreError),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Newer { found, known } => Self::Reason(format!(
                "its layout is version {found}, and this program knows versions up to {known}"
            )),
            StoreError::Damaged(reason) => Self::Reason(reason.to_owned()),
            other => Self::Store(other),
        }
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Whether this is a sandbox's database, whole, of a layout that this program knows.
fn check(database: &Connection) -> Result<(), Problem> {
    let reason = |reason: &str| Err(Problem::Reason(reason.to_owned()));
    let version = migrations::version(database)?;
    let model = Connection::open_in_memory()?;
    migrations::lay_out(&model, version)?;
    // Nothing besides: a trigger or a view of somebody else's would be run by the server.
    if version < 1 || layout(database)? != layout(&model)? {
        return reason("it is not a sandbox of captui");
    }
    let whole: String = database.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let dangling = database.prepare("PRAGMA foreign_key_check")?.exists([])?;
    if whole != "ok" || dangling {
        return reason("it is damaged");
    }
    if clients::application(database)?.is_none() {
        return reason("it holds no application");
    }
    clients::owner(database)?;
    Ok(())
}

/// Everything that the database is made of, in words.
fn layout(database: &Connection) -> Result<Vec<(String, Option<String>)>, rusqlite::Error> {
    database
        .prepare(
            "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'
             ORDER BY 1",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Gives the copy pages of the live database's size, which cannot change.
fn fit_pages(staged: &Connection, live: &Connection) -> Result<(), StoreError> {
    let size = |database: &Connection| -> rusqlite::Result<i64> {
        database.pragma_query_value(None, "page_size", |row| row.get(0))
    };
    let wanted = size(live)?;
    if size(staged)? != wanted {
        staged.pragma_update(None, "page_size", wanted)?;
        staged.execute_batch("VACUUM")?;
    }
    Ok(())
}

/// Writes a copy of the database `live` to `path`: whole or not at all, synced, for its owner alone.
fn write(live: &Path, path: &Path, force: bool) -> Result<(), SnapshotError> {
    if !force && path.symlink_metadata().is_ok() {
        return Err(SnapshotError::Exists(path.to_owned()));
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let failed = cannot("write", path);
    // Temporary files are for their owner alone, and go when they are not kept.
    let part = NamedTempFile::with_suffix_in(".part", folder).map_err(failed)?;
    let from = open_file(live)?;
    migrations::version(&from)?;
    let mut copy = open_copy(part.path())?;
    let backup = Backup::new(&from, &mut copy).map_err(StoreError::from)?;
    // In one step, so that what is written meanwhile does not begin it anew.
    step(&backup, -1)?;
    drop(backup);
    // One file, without a log beside it.
    copy.pragma_update(None, "journal_mode", "DELETE")
        .map_err(StoreError::from)?;
    drop(copy);
    part.as_file().sync_all().map_err(cannot("write", path))?;
    let kept = if force {
        part.persist(path)
    } else {
        part.persist_noclobber(path)
    };
    kept.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => SnapshotError::Exists(path.to_owned()),
        _ => cannot("write", path)(error.error),
    })?;
    // Where a folder cannot be synced, its entry is as safe as the system makes it.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// A connection to an empty file that is to become a copy.
fn open_copy(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Whether a file is the database that servers use, or belongs to it: writing there would destroy it.
fn is_part_of_live(dir: &Path, path: &Path) -> bool {
    let whole = |path: &Path| fs::canonicalize(path).ok();
    if whole(path).is_some_and(|path| Some(path) == whole(&dir.join(FILE))) {
        return true;
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(FILE)) && whole(folder) == whole(dir)
}

fn make_folder(dir: &Path) -> Result<PathBuf, SnapshotError> {
    let folder = dir.join(FOLDER);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder).map_err(cannot("write", &folder))?;
    Ok(folder)
}

/// The snapshot in this file; its name is `None` when it cannot be one.
fn describe(path: PathBuf) -> Snapshot {
    let metadata = fs::metadata(&path).ok();
    let taken = metadata.as_ref().and_then(|it| it.modified().ok());
    let file_name = path.file_name().and_then(|name| name.to_str());
    Snapshot {
        name: file_name
            .and_then(|name| name.strip_suffix(EXTENSION))
            .and_then(|name| name.parse().ok())
            .map(|SnapshotName(name)| name),
        bytes: metadata.map_or(0, |it| it.len()),
        taken: taken.and_then(|time| Timestamp::try_from(time).ok()),
        path,
    }
}

/// An instant as part of a name; names in ASCII order are in the order of time.
fn stamp(now: Timestamp) -> String {
    now.strftime("%Y%m%dT%H%M%S.%6fZ").to_string()
}

fn cannot(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> SnapshotError {
    let path = path.to_owned();
    move |source| SnapshotError::File {
        doing,
        path: path.clone(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::store::Store;
    use crate::sandbox::store::StorePath;
    use crate::sandbox::store::survey;

    #[test]
    fn names_can_be_file_names_and_nothing_else() {
        for (text, name) in [
            ("a", Some("a")),
            ("Before_the-test.2", Some("Before_the-test.2")),
            ("a.db", Some("a")),
            ("0", Some("0")),
            ("", None),
            (".db", None),
            ("..", None),
            ("-a", None),
            ("a/b", None),
            ("a\\b", None),
            ("a b", None),
            ("\u{e9}", None),
            ("a\n", None),
        ] {
            let read = text.parse::<SnapshotName>().ok();
            assert_eq!(
                read,
                name.map(|name| SnapshotName(name.to_owned())),
                "{text:?}"
            );
        }
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(SnapshotName::at(now).to_string(), "19700101T000000.000000Z");
        assert_eq!(
            stamp(now).parse::<SnapshotName>().ok(),
            Some(SnapshotName::at(now))
        );
    }

    /// A snapshot that an earlier program took, with pages of another size besides.
    #[test]
    fn an_older_layout_is_brought_to_the_present_one() {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        let old = folder.path().join("old.db");
        let connection = Connection::open(&old).expect("can be made");
        connection
            .pragma_update(None, "page_size", 1024)
            .expect("is understood");
        migrations::lay_out(&connection, 1).expect("is the first layout");
        let schema =
            r#"{"name":"t","attr_defs":[{"name":"a","type":"string","constraints":["unique"]}]}"#;
        connection
            .execute_batch(&format!(
                r#"PRAGMA user_version = 1;
                 INSERT INTO application VALUES ('app', 9);
                 INSERT INTO clients VALUES ('me', 's', '', '["owner"]', '[]');
                 INSERT INTO entity_types VALUES (1, 't', 1, '{schema}');
                 INSERT INTO records VALUES (8, 1, 'u', 0, 0, '{{"a":"x"}}');
                 INSERT INTO unique_values VALUES (1, 'a', 'x', 8, NULL);"#
            ))
            .expect("fits the layout");
        drop(connection);
        let before = fs::read(&old).expect("can be read");
        let dir = folder.path().join("new");
        let restored = restore(&dir, &old, Timestamp::UNIX_EPOCH).expect("can be restored");
        assert_eq!((restored.client_id.as_str(), restored.before), ("me", None));
        assert_eq!(
            fs::read(&old).expect("can be read"),
            before,
            "the file stays"
        );
        let found = survey::survey(&dir)
            .expect("can be read")
            .expect("is there");
        assert_eq!(found.layout, migrations::VERSION);
        assert_eq!(found.types, [("t".to_owned(), 1)]);
        assert_eq!(found.application, "app");
        Store::open(StorePath::Dir(dir)).expect("opens");
    }

    #[test]
    fn a_store_that_is_in_use_cannot_be_written_over() {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        let dir = folder.path();
        Store::open(StorePath::Dir(dir.to_owned())).expect("opens");
        for path in [
            "sandbox.db",
            "sandbox.db-wal",
            "sandbox.db-new",
            "snapshots/../sandbox.db",
        ] {
            fs::create_dir_all(dir.join(FOLDER)).expect("can be made");
            assert!(is_part_of_live(dir, &dir.join(path)), "{path}");
        }
        let link = dir.join("link.db");
        #[cfg(unix)]
        std::os::unix::fs::symlink(dir.join(FILE), &link).expect("can be made");
        assert!(is_part_of_live(dir, &link));
        for path in ["other.db", "snapshots/sandbox.db"] {
            assert!(!is_part_of_live(dir, &dir.join(path)), "{path}");
        }
    }
}
