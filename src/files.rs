//! Files for their owner alone that are there whole or not at all, and locks between programs. Used by whoever keeps
//! something on disk; what is in the files is not known here. What a killed program leaves behind ends in
//! [`TEMPORARY`] or `.part`.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use tempfile::NamedTempFile;

/// The end of the name of a file that is not in its place yet.
pub const TEMPORARY: &str = ".tmp";

/// Puts a file in place, whole: a reader sees the old text or the new one, whenever the power fails. Returns the file
/// as it is open under its new name.
pub fn replace(folder: &Path, name: &str, text: &[u8]) -> io::Result<File> {
    let temporary = folder.join(format!("{name}.{}{TEMPORARY}", std::process::id()));
    let write = || {
        let mut out = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        out.write_all(text)?;
        out.sync_all()?;
        fs::rename(&temporary, folder.join(name))?;
        Ok(out)
    };
    match write() {
        Ok(out) => {
            sync(folder)?;
            Ok(out)
        }
        Err(error) => {
            // It may not have been made at all.
            let _ = fs::remove_file(&temporary);
            Err(error)
        }
    }
}

/// Makes the names in a folder last.
pub fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A file that is not there before it is finished. Dropping it leaves nothing behind.
pub struct NewFile {
    path: PathBuf,
    out: BufWriter<NamedTempFile>,
}

impl NewFile {
    /// Begins the file beside its place. Fails with [`io::ErrorKind::AlreadyExists`] when something is there.
    pub fn begin(path: &Path) -> io::Result<Self> {
        if fs::symlink_metadata(path).is_ok() {
            return Err(exists_already());
        }
        let no_name = || io::Error::new(io::ErrorKind::InvalidInput, "it names no file");
        let name = path.file_name().ok_or_else(no_name)?;
        let mut prefix = name.to_owned();
        prefix.push(".");
        // Made for its owner alone.
        let part = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(".part")
            .tempfile_in(folder_of(path))?;
        Ok(Self {
            path: path.to_owned(),
            out: BufWriter::new(part),
        })
    }

    /// Puts it in its place. What came there meanwhile stays, and is the same error as before.
    pub fn finish(self) -> io::Result<()> {
        let part = self
            .out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        part.as_file().sync_all()?;
        part.persist_noclobber(&self.path)
            .map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => exists_already(),
                _ => error.error,
            })?;
        sync(folder_of(&self.path))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// That something is in a file's place, in words for whoever is told.
fn exists_already() -> io::Error {
    let why = "it exists already, and nothing is overwritten";
    io::Error::new(io::ErrorKind::AlreadyExists, why)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// What became of asking for a lock.
#[derive(Debug)]
pub enum Lock {
    /// It is held until the file is dropped.
    Held(File),
    /// Another program, or another part of this one, does not let go.
    Taken,
    /// Locks do not work here.
    Unknown,
}

impl Lock {
    /// The lock, when it could be had.
    pub fn held(self) -> Option<File> {
        match self {
            Self::Held(file) => Some(file),
            Self::Taken | Self::Unknown => None,
        }
    }
}

/// Asks for the lock that the file at `path` stands for, and makes the file. Blocks for as long as `patience`.
pub fn lock(path: &Path, patience: Duration) -> Lock {
    let open = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path);
    let Ok(file) = open else {
        return Lock::Unknown;
    };
    let deadline = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Lock::Held(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => return Lock::Taken,
            Err(TryLockError::Error(_)) => return Lock::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("lists");
        let name = |entry: io::Result<fs::DirEntry>| entry.expect("is there").file_name();
        let names = entries.map(|entry| name(entry).into_string().expect("is text"));
        names.collect()
    }

    #[test]
    fn a_new_file_is_there_when_it_is_finished_and_takes_nobodys_place() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let path = folder.path().join("a.json");
        let mut begun = NewFile::begin(&path).expect("begins");
        begun.write_all(b"half").expect("writes");
        assert!(!path.exists());
        drop(begun);
        assert!(names(folder.path()).is_empty(), "nothing is left behind");

        let mut late = NewFile::begin(&path).expect("begins");
        late.write_all(b"late").expect("writes");
        let mut first = NewFile::begin(&path).expect("begins");
        first.write_all(b"first").expect("writes");
        first.finish().expect("is put in place");
        let exists = Some(io::ErrorKind::AlreadyExists);
        assert_eq!(late.finish().err().map(|error| error.kind()), exists);
        let again = NewFile::begin(&path).err();
        assert_eq!(again.map(|error| error.kind()), exists);
        assert_eq!(fs::read(&path).expect("is there"), b"first");
        let mode = fs::metadata(&path).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    #[test]
    fn a_file_is_replaced_whole_and_for_its_owner() {
        let folder = tempfile::tempdir().expect("makes a folder");
        for text in ["a longer text", "short"] {
            replace(folder.path(), "a", text.as_bytes()).expect("writes");
            let path = folder.path().join("a");
            assert_eq!(fs::read_to_string(&path).expect("is there"), text);
            let mode = fs::metadata(&path).expect("is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[test]
    fn a_lock_is_held_by_one() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let path = folder.path().join("lock");
        let held = lock(&path, Duration::ZERO).held().expect("is free");
        assert!(matches!(lock(&path, Duration::ZERO), Lock::Taken));
        drop(held);
        assert!(lock(&path, Duration::ZERO).held().is_some());
    }
}
