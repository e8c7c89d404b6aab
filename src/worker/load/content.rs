//! What a file held when its rows were judged, and reading the very same again. Used by a load, which reads its file once
//! to judge it and again to send it: of a file that was changed in between, not a byte that was not judged is handed out.
//!
//! A digest is kept of all that stands before the end of each block, so that a file of any length takes 32 bytes for each
//! megabyte; the last of them is the digest of the whole. Deliberately absent: noticing a change before it matters.

use std::fmt::Write as _;
use std::io;
use std::io::Read;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use sha2::Digest;
use sha2::Sha256;

use crate::failure::Failure;
use crate::failure::FailureKind;

/// How much is read and compared at a time, in bytes.
const BLOCK: usize = 1 << 20;

/// What a stream held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content(Vec<[u8; 32]>);

impl Content {
    /// The digest of all of it (SHA-256), in hexadecimal digits.
    pub(super) fn sha256(&self) -> String {
        let whole = self.0.last().copied();
        let whole = whole.unwrap_or_else(|| Sha256::new().finalize().into());
        let mut text = String::with_capacity(2 * whole.len());
        for byte in whole {
            // A text takes whatever is written.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// A stream that is read for the first time.
pub(super) struct Noting<R> {
    stream: R,
    noted: Arc<Mutex<Noted>>,
}

#[derive(Default)]
struct Noted {
    all: Sha256,
    /// How much of the current block was read.
    read: usize,
    blocks: Vec<[u8; 32]>,
}

/// Where it is found what a stream held, when it was read to its end.
pub(super) struct ContentOf(Arc<Mutex<Noted>>);

impl<R> Noting<R> {
    pub(super) fn new(stream: R) -> (Self, ContentOf) {
        let noted = Arc::new(Mutex::new(Noted::default()));
        let of = ContentOf(Arc::clone(&noted));
        (Self { stream, noted }, of)
    }
}

impl ContentOf {
    /// What was read so far.
    pub(super) fn content(&self) -> Content {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut blocks = noted.blocks.clone();
        if noted.read > 0 {
            blocks.push(noted.all.clone().finalize().into());
        }
        Content(blocks)
    }
}

impl Noted {
    fn take(&mut self, mut text: &[u8]) {
        while !text.is_empty() {
            let (now, later) = text.split_at(text.len().min(BLOCK - self.read));
            self.all.update(now);
            self.read += now.len();
            if self.read == BLOCK {
                self.blocks.push(self.all.clone().finalize().into());
                self.read = 0;
            }
            text = later;
        }
    }
}

impl<R: Read> Read for Noting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.take(&buffer[..count]);
        Ok(count)
    }
}

/// A stream that is read again: an error where it does not hold what it held, before anything of that block is given.
pub(super) struct Same<R> {
    /// The file's name, for people.
    name: String,
    stream: R,
    content: Content,
    all: Sha256,
    block: Vec<u8>,
    /// How much of the block was given.
    given: usize,
    /// The number of the next block.
    next: usize,
}

impl<R: Read> Same<R> {
    pub(super) fn new(name: String, stream: R, content: Content) -> Self {
        Self {
            name,
            stream,
            content,
            all: Sha256::new(),
            block: Vec::new(),
            given: 0,
            next: 0,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.block.clear();
        self.given = 0;
        let read = self.stream.by_ref().take(BLOCK as u64);
        { read }.read_to_end(&mut self.block)?;
        let expected = self.content.0.get(self.next);
        if self.block.is_empty() && expected.is_none() {
            return Ok(());
        }
        self.next += 1;
        self.all.update(&self.block);
        let found: [u8; 32] = self.all.clone().finalize().into();
        if expected == Some(&found) {
            return Ok(());
        }
        self.block.clear();
        Err(io::Error::other(has_changed(&self.name)))
    }
}

impl<R: Read> Read for Same<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.block.len() {
            self.fill()?;
        }
        let count = buffer.len().min(self.block.len() - self.given);
        buffer[..count].copy_from_slice(&self.block[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// That a file does not hold any more what was judged.
pub(super) fn has_changed(name: &str) -> Failure {
    let message = format!("{name} has changed since it was checked: nothing more is sent");
    Failure::new(FailureKind::Found, message)
        .hint("put it back as it was; what is to be corrected is loaded from a file of its own")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(text: &[u8]) -> Content {
        let (mut noting, of) = Noting::new(text);
        let mut read = Vec::new();
        noting.read_to_end(&mut read).expect("reads");
        assert_eq!(read, text);
        of.content()
    }

    /// How much of `text` is given when `content` is expected, and whether all was well.
    fn given(text: &[u8], content: &Content) -> (usize, bool) {
        let mut same = Same::new("f".to_owned(), text, content.clone());
        let mut read = Vec::new();
        let is_same = same.read_to_end(&mut read).is_ok();
        assert_eq!(read, text[..read.len()]);
        (read.len(), is_same)
    }

    #[test]
    fn the_same_is_given_and_nothing_of_a_block_that_has_changed() {
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 5] {
            let text: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let content = content(&text);
            assert_eq!(given(&text, &content), (length, true));
            let longer = [&text[..], b"x"].concat();
            assert_eq!(
                given(&longer, &content),
                (length / BLOCK * BLOCK, false),
                "{length}"
            );
            let Some(last) = length.checked_sub(1) else {
                continue;
            };
            assert_eq!(
                given(&text[..last], &content),
                (last / BLOCK * BLOCK, false)
            );
            for at in [0, last / 2, last] {
                let mut other = text.clone();
                other[at] ^= 1;
                assert_eq!(
                    given(&other, &content),
                    (at / BLOCK * BLOCK, false),
                    "{length} {at}"
                );
            }
        }
    }

    #[test]
    fn the_digest_is_that_of_the_whole() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(content(b"").sha256(), empty);
        let text = vec![b'a'; BLOCK + 3];
        let whole: [u8; 32] = Sha256::digest(&text).into();
        assert_eq!(
            content(&text),
            Content(vec![Sha256::digest(&text[..BLOCK]).into(), whole])
        );
    }
}
