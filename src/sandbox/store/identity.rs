//! Whether the database file is still the one that was opened. Somebody may delete it or put another in its place while
//! the store runs: SQLite would go on with the old file, whose changes nobody would ever see again. Used before a
//! connection is lent and around every commit.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::sandbox::store::StoreError;

/// The file as it was when it was opened.
pub(super) struct FileIdentity {
    file: PathBuf,
    opened: Mark,
}

/// What no other file on the machine has at the same time: device and inode.
#[cfg(unix)]
type Mark = (u64, u64);

/// An open file can be neither replaced nor deleted here.
#[cfg(not(unix))]
type Mark = ();

impl FileIdentity {
    /// The file at this path, which is open already.
    pub(super) fn of(file: &Path) -> Result<Self, StoreError> {
        let opened = mark(file).map_err(|source| StoreError::Create {
            path: file.to_owned(),
            source,
        })?;
        Ok(Self {
            file: file.to_owned(),
            opened,
        })
    }

    /// Refuses to go on unless the file is still there. Costs a microsecond, so it is asked each time.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        match mark(&self.file) {
            Ok(now) if now == self.opened => Ok(()),
            _ => Err(StoreError::Unavailable(
                "its file was deleted or replaced while the sandbox ran: start the sandbox again",
            )),
        }
    }
}

#[cfg(unix)]
fn mark(file: &Path) -> io::Result<Mark> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(file)?;
    Ok((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn mark(file: &Path) -> io::Result<Mark> {
    fs::metadata(file).map(drop)
}

#[cfg(all(test, unix))]
mod tests {
    use crate::sandbox::store::FILE;
    use crate::sandbox::store::Store;
    use crate::sandbox::store::StoreError;
    use crate::sandbox::store::StorePath;

    /// Adds a row and looks for it.
    fn write(store: &Store) -> Result<usize, StoreError> {
        store.write(|transaction| {
            let sql = "INSERT OR REPLACE INTO default_settings VALUES ('k', 'v')";
            Ok(transaction.execute(sql, [])?)
        })
    }

    #[test]
    fn a_store_whose_file_went_away_neither_reads_nor_writes() {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        let path = StorePath::Dir(folder.path().to_owned());
        let file = folder.path().join(FILE);
        let aside = folder.path().join("aside.db");
        let store = Store::open(path.clone()).expect("opens");
        let (id, _) = store.owner().expect("reads");
        assert_eq!(write(&store).expect("writes"), 1);

        let refused = |what: &str| {
            for error in [store.owner().map(drop), write(&store).map(drop)] {
                let error = error.expect_err(what).to_string();
                assert!(error.contains("deleted or replaced"), "{what}: {error}");
            }
        };
        std::fs::rename(&file, &aside).expect("can be moved");
        refused("deleted");
        assert!(!file.exists(), "nothing was made in its place");

        std::fs::write(&file, b"somebody's own file").expect("can be written");
        refused("replaced");
        let content = std::fs::read(&file).expect("can be read");
        assert_eq!(content, b"somebody's own file", "nothing was written to it");

        std::fs::rename(&aside, &file).expect("can be moved");
        assert_eq!(store.owner().expect("goes on").0, id);
        assert_eq!(write(&store).expect("goes on"), 1);
    }
}
