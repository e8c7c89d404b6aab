//! The folder of drafts: one file for each, for their owner alone, written whole or not at all.
//!
//! Every change of a file happens under the folder's lock, and by a rename, so that a program that is killed leaves the
//! old text or the new one. What such a program leaves beside it is removed at the next start.

use std::collections::HashMap;
use std::fs;
use std::fs::DirBuilder;
use std::fs::File;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use sha2::Digest;
use sha2::Sha256;

use crate::drafts::format;
use crate::drafts::format::Unreadable;
use crate::drafts::kept::Kept;
use crate::drafts::kept::Key;
use crate::drafts::kept::Of;
use crate::drafts::kept::Summary;
use crate::files;
use crate::files::TEMPORARY;

/// The longest file that is written or read: ten million characters of text have room in it, quoted and named.
pub const MAX_BYTES: u64 = 16 << 20;

/// How many drafts of one key there may be, each by another program.
const MOST_COPIES: usize = 1_000;

/// How much of a type's name is in the name of a file.
const NAME_CHARS: usize = 40;

/// How long to wait for another program that changes a file. One that was stopped in the middle of it holds the lock for
/// ever; what is written without it is still written whole.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);

const DRAFT: &str = ".json";
const DAMAGED: &str = ".damaged";

/// The folder of drafts, with what this program knows of its own files.
pub struct Folder {
    path: PathBuf,
    /// The files that this program wrote or read, as it left or found them.
    known: HashMap<Key, Known>,
}

/// A file as it was when this program last wrote or read it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    file: String,
    stamp: Stamp,
}

/// What tells one state of a file from another: a rename always brings another inode or another time.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            inode: metadata.ino(),
            length: metadata.len(),
            seconds: metadata.mtime(),
            nanoseconds: metadata.mtime_nsec(),
        }
    }
}

/// Why a draft is not kept, or cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The disk or its permissions are against it.
    #[error("{}", plain(.0))]
    Io(#[from] io::Error),
    /// The draft is longer than [`MAX_BYTES`].
    #[error("the draft has {} MiB, and drafts of more than {} MiB are not kept", .0 >> 20, MAX_BYTES >> 20)]
    TooLong(u64),
    /// The values are nested more deeply than can be read again.
    #[error("its values are nested too deeply to be kept")]
    TooDeep,
    /// There is no room for a further copy of the same draft.
    #[error("there are {MOST_COPIES} drafts of this record already: discard some")]
    TooMany,
    /// The file is not there any more, or is no draft.
    #[error("the draft is not there any more")]
    Gone,
}

/// A disk's fault in the words of people.
fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::QuotaExceeded => "the disk quota is used up".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the disk is read-only".to_owned(),
        io::ErrorKind::PermissionDenied => "the folder of drafts cannot be written".to_owned(),
        _ => error.to_string(),
    }
}

/// What is in the folder.
#[derive(Debug, Default)]
pub struct Listing {
    /// The drafts, the one changed last first.
    pub drafts: Vec<Summary>,
    /// What there is to tell once: files that were set aside.
    pub notices: Vec<String>,
}

impl Folder {
    /// Opens the folder, or makes it, for its owner alone; removes what a killed program left half written.
    pub fn open(path: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        let folder = Self {
            path: path.to_owned(),
            known: HashMap::new(),
        };
        // Without the lock a file half written may be another program's that is at it now.
        if let Some(_lock) = folder.lock() {
            for name in folder.names(TEMPORARY)? {
                // Another program may have been quicker.
                let _ = fs::remove_file(folder.path.join(name));
            }
        }
        Ok(folder)
    }

    /// All drafts, of every environment. What is damaged is set aside under another name.
    pub fn list(&self) -> io::Result<Listing> {
        let mut listing = Listing::default();
        for name in self.names(DRAFT)? {
            match self.read_file(&name) {
                Ok((kept, _)) => listing.drafts.push(kept.summary(&name)),
                Err(ReadError::Unreadable(Unreadable::Newer)) => listing.notices.push(format!(
                    "the draft {name} was written by a newer captui and is left alone"
                )),
                Err(ReadError::Unreadable(Unreadable::Damaged)) => {
                    listing.notices.push(match self.set_aside(&name) {
                        Ok(aside) => format!("a damaged draft was set aside as {aside}"),
                        Err(error) => format!("the draft {name} is damaged: {}", plain(&error)),
                    });
                }
                Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
                Err(ReadError::Io(error)) => listing.notices.push(format!(
                    "the draft {name} cannot be read: {}",
                    plain(&error)
                )),
            }
        }
        let order = |summary: &Summary| (summary.changed, summary.file.clone());
        listing
            .drafts
            .sort_by_key(|summary| std::cmp::Reverse(order(summary)));
        Ok(listing)
    }

    /// Reads a draft. From now on its file is this program's to overwrite, until another program changes it.
    pub fn load(&mut self, file: &str) -> Result<Kept, FolderError> {
        let (kept, stamp) = self.read_draft(file)?;
        let file = file.to_owned();
        self.known.insert(kept.key.clone(), Known { file, stamp });
        Ok(kept)
    }

    /// Writes a draft and returns its file: the one it had, unless another program has changed that since.
    pub fn save(&mut self, kept: &Kept) -> Result<String, FolderError> {
        let text = format::write(kept).ok_or(FolderError::TooDeep)?;
        if text.len() as u64 > MAX_BYTES {
            return Err(FolderError::TooLong(text.len() as u64));
        }
        let _lock = self.lock();
        let file = self.file_for(&kept.key)?;
        let stamp = self.write_file(&file, text.as_bytes())?;
        let known = Known {
            file: file.clone(),
            stamp,
        };
        self.known.insert(kept.key.clone(), known);
        Ok(file)
    }

    /// Writes a draft that was discarded into its file again, or into another where that name is taken; returns the
    /// file.
    pub fn bring_back(&mut self, file: &str, kept: &Kept) -> Result<String, FolderError> {
        let text = format::write(kept).ok_or(FolderError::TooDeep)?;
        let _lock = self.lock();
        let file = match self.stamp(file)? {
            None => file.to_owned(),
            Some(_) => self.free_file(&kept.key)?,
        };
        self.write_file(&file, text.as_bytes())?;
        Ok(file)
    }

    /// Removes the draft that this program keeps under `key`, if it does and no other program has changed it; returns its
    /// file.
    pub fn remove(&mut self, key: &Key) -> Result<Option<String>, FolderError> {
        let Some(known) = self.known.remove(key) else {
            return Ok(None);
        };
        let _lock = self.lock();
        if self.stamp(&known.file)? == Some(known.stamp) {
            fs::remove_file(self.path.join(&known.file))?;
            self.sync()?;
        }
        Ok(Some(known.file))
    }

    /// Whether `file` is where the next save of `key` would go.
    pub fn is_own(&self, key: &Key, file: &str) -> bool {
        self.known.get(key).is_some_and(|known| known.file == file)
    }

    /// Removes a draft whoever wrote it, and returns it.
    pub fn discard(&mut self, file: &str) -> Result<Kept, FolderError> {
        let _lock = self.lock();
        let (kept, _) = self.read_draft(file)?;
        fs::remove_file(self.path.join(file))?;
        self.sync()?;
        self.known.retain(|_, known| known.file != file);
        Ok(kept)
    }

    fn read_draft(&self, file: &str) -> Result<(Kept, Stamp), FolderError> {
        self.read_file(file).map_err(|error| match error {
            ReadError::Io(error) if error.kind() != io::ErrorKind::NotFound => error.into(),
            ReadError::Io(_) | ReadError::Unreadable(_) => FolderError::Gone,
        })
    }

    /// Where a draft goes: into its own file if that is as this program left it or is gone, else into a new one.
    fn file_for(&self, key: &Key) -> Result<String, FolderError> {
        if let Some(known) = self.known.get(key)
            && self
                .stamp(&known.file)?
                .is_none_or(|stamp| stamp == known.stamp)
        {
            return Ok(known.file.clone());
        }
        self.free_file(key)
    }

    fn free_file(&self, key: &Key) -> Result<String, FolderError> {
        for copy in 1..=MOST_COPIES {
            let file = file_name(key, copy);
            if self.stamp(&file)?.is_none() {
                return Ok(file);
            }
        }
        Err(FolderError::TooMany)
    }

    fn stamp(&self, file: &str) -> io::Result<Option<Stamp>> {
        match fs::symlink_metadata(self.path.join(file)) {
            Ok(metadata) => Ok(Some(Stamp::of(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts a file in place, whole: a reader sees the old text or the new one, whenever the power fails.
    fn write_file(&self, file: &str, text: &[u8]) -> io::Result<Stamp> {
        let out = files::replace(&self.path, file, text)?;
        // Of the file itself, which has its new name now.
        out.metadata().map(|metadata| Stamp::of(&metadata))
    }

    /// Makes the names in the folder last.
    fn sync(&self) -> io::Result<()> {
        files::sync(&self.path)
    }

    /// Renames a file out of the way; what was set aside before stays.
    fn set_aside(&self, file: &str) -> io::Result<String> {
        let _lock = self.lock();
        for copy in 1.. {
            let aside = match copy {
                1 => format!("{file}{DAMAGED}"),
                copy => format!("{file}{DAMAGED}{copy}"),
            };
            if self.stamp(&aside)?.is_none() {
                fs::rename(self.path.join(file), self.path.join(&aside))?;
                return Ok(aside);
            }
        }
        Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "every name for it is taken",
        ))
    }

    fn read_file(&self, file: &str) -> Result<(Kept, Stamp), ReadError> {
        let path = self.path.join(file);
        let metadata = fs::symlink_metadata(&path)?;
        // Anything else was not made by captui, and might not end.
        if !metadata.is_file() || metadata.len() > MAX_BYTES {
            return Err(ReadError::Unreadable(Unreadable::Damaged));
        }
        let damaged = |_| ReadError::Unreadable(Unreadable::Damaged);
        let text = String::from_utf8(fs::read(&path)?).map_err(damaged)?;
        let kept = format::read(&text).map_err(ReadError::Unreadable)?;
        // A file that changed while it was read is known as it was before, and so will not be overwritten.
        Ok((kept, Stamp::of(&metadata)))
    }

    /// The names in the folder that end so, in order.
    fn names(&self, ending: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            // A name that is no text was not made by captui.
            if let Ok(name) = entry?.file_name().into_string()
                && name.ends_with(ending)
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// The folder for this program alone, until it is dropped; `None` when another one does not let go, or locks do not
    /// work here.
    fn lock(&self) -> Option<File> {
        files::lock(&self.path.join("lock"), LOCK_PATIENCE).held()
    }
}

#[derive(Debug)]
enum ReadError {
    Io(io::Error),
    Unreadable(Unreadable),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The name of the file of the first, second, … draft of a key: what people recognise of it, and a digest that tells
/// apart all keys, also those that differ in nothing but the case of a letter.
fn file_name(key: &Key, copy: usize) -> String {
    let name: String = key
        .type_name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(NAME_CHARS)
        .collect();
    let record = match key.of {
        Of::Record(id) => id.to_string(),
        Of::NewRecord => "new".to_owned(),
        Of::NewType => "new-type".to_owned(),
        Of::Schema => "schema".to_owned(),
    };
    let mut digest = Sha256::new();
    for part in [&key.environment, &key.type_name, &record] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let digest = digest.finalize();
    let head = digest.iter().take(8);
    let digest = head.fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let copy = match copy {
        1 => String::new(),
        copy => format!("-{copy}"),
    };
    let file = format!("{name}-{record}-{digest:016x}{copy}{DRAFT}").to_ascii_lowercase();
    file.trim_start_matches('-').to_owned()
}
