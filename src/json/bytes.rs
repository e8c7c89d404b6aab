//! The bytes of a text: owned, or a file mapped into memory.
//!
//! Used by the document engine and by whoever opens files of any size: a clone is a counted reference, whatever the
//! length. Deliberately absent: knowing what the bytes mean, and writing.
//!
//! A mapped file is the file itself: if another program shortens it, what was cut off reads as zeros. So files are mapped
//! only where it pays (see [`MAPPED_FROM`]) and only plain ones; everything else is read into memory. For those that are
//! mapped, [`Bytes::is_whole`] asks for the file's length, which costs a microsecond: ask before each screen and before
//! each step of background work, and show no more of a file that is no longer whole. Programs that replace a file by
//! renaming, as editors and this one do, are no danger: the mapping keeps the old file.

mod mapped;

use std::fmt;
use std::fs::File;
use std::io;
use std::io::Read;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use crate::json::bytes::mapped::Mapped;

/// From which length on a plain file is mapped, in bytes. Shorter ones are read: that takes no longer than a few
/// frames at most, and nothing that happens to the file later can do harm.
pub const MAPPED_FROM: u64 = 8 * 1024 * 1024;

/// The bytes of a text. See the module.
#[derive(Clone)]
pub struct Bytes(Held);

#[derive(Clone)]
enum Held {
    Owned(Arc<[u8]>),
    /// A vector as it came, for bodies that are too long to be copied for nothing.
    Vector(Arc<Vec<u8>>),
    Mapped(Arc<Mapped>),
}

impl Bytes {
    /// The bytes of a file, or of whatever else can be read to its end: a long plain file is mapped, anything else is
    /// read. Reading may take as long as whoever writes into a pipe likes.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::of_file(File::open(path)?)
    }

    /// Like [`Bytes::open`], of an open file.
    pub fn of_file(mut file: File) -> io::Result<Self> {
        let facts = file.metadata()?;
        if facts.is_file() && facts.len() >= MAPPED_FROM {
            // Not every file system maps files; every one reads them.
            if let Ok(mapped) = Mapped::new(file.try_clone()?) {
                return Ok(Self(Held::Mapped(Arc::new(mapped))));
            }
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes.into())
    }

    /// Whether the bytes are a mapped file.
    pub fn is_mapped(&self) -> bool {
        matches!(self.0, Held::Mapped(_))
    }

    /// Whether all bytes are what they were: not if they are a mapped file that has been shortened meanwhile. A file
    /// whose length cannot be asked for counts as shortened.
    pub fn is_whole(&self) -> bool {
        match &self.0 {
            Held::Owned(_) | Held::Vector(_) => true,
            Held::Mapped(mapped) => mapped.is_whole(),
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Held::Owned(bytes) => bytes,
            Held::Vector(bytes) => bytes,
            Held::Mapped(mapped) => mapped,
        }
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({} bytes)", self.len())
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Bytes {}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Held::Vector(Arc::new(bytes)))
    }
}

impl From<Arc<[u8]>> for Bytes {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self(Held::Owned(bytes))
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(Held::Owned(bytes.into()))
    }
}

impl<const N: usize> From<&[u8; N]> for Bytes {
    fn from(bytes: &[u8; N]) -> Self {
        bytes.as_slice().into()
    }
}

impl From<String> for Bytes {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::io::Write;

    #[test]
    fn bytes_are_kept_as_they_came() {
        let text = "{\"a\":1}";
        let all = [
            Bytes::from(text),
            text.to_owned().into(),
            text.as_bytes().to_vec().into(),
            text.as_bytes().into(),
            Arc::<[u8]>::from(text.as_bytes()).into(),
            b"{\"a\":1}".into(),
        ];
        for bytes in all {
            assert_eq!(&*bytes, text.as_bytes());
            assert_eq!(bytes.as_ref(), &*bytes.clone());
            assert!(bytes.is_whole() && !bytes.is_mapped());
        }
        assert!(Bytes::default().is_empty());
        assert_eq!(format!("{:?}", Bytes::from("secret")), "Bytes(6 bytes)");
    }

    #[test]
    fn long_files_are_mapped_and_short_ones_read() {
        let mut file = tempfile::NamedTempFile::new().expect("can be made");
        file.write_all(b"[1]").expect("can be written");
        let short = Bytes::open(file.path()).expect("can be read");
        assert!(!short.is_mapped());
        assert_eq!(&*short, b"[1]");
        file.as_file().set_len(MAPPED_FROM).expect("can grow");
        let long = Bytes::open(file.path()).expect("can be mapped");
        assert!(long.is_mapped() && long.is_whole());
        assert_eq!(long.len() as u64, MAPPED_FROM);
        assert!(long.starts_with(b"[1]\0"));
        assert_eq!(&*short, b"[1]", "what was read stays");
    }

    #[test]
    fn a_shortened_file_is_noticed_and_a_replaced_one_is_kept() {
        let file = tempfile::NamedTempFile::new().expect("can be made");
        file.as_file().set_len(MAPPED_FROM).expect("can grow");
        let mapped = Bytes::open(file.path()).expect("can be mapped");
        let (_, path) = file.keep().expect("can be kept");
        std::fs::remove_file(&path).expect("can be removed");
        assert!(mapped.is_whole(), "the mapping keeps the file");
        let file = tempfile::NamedTempFile::new().expect("can be made");
        file.as_file().set_len(MAPPED_FROM).expect("can grow");
        let mapped = Bytes::open(file.path()).expect("can be mapped");
        file.as_file().set_len(MAPPED_FROM - 1).expect("can shrink");
        assert!(!mapped.is_whole());
    }

    #[test]
    fn what_is_no_plain_file_is_read_to_its_end() {
        assert!(Bytes::open(Path::new("/dev/null")).is_ok_and(|bytes| bytes.is_empty()));
        assert!(Bytes::open(Path::new("/")).is_err());
    }
}
