//! What is given to look at: a file, a pipe, standard input; packed with gzip or not.
//!
//! Used by `captui view`, with a screen and without. A plain file is handed out as it is, so that it can be mapped;
//! anything else is a stream that whoever reads it may have to wait for. Nothing is written. Deliberately absent: what
//! the bytes mean.

use std::fs::File;
use std::io;
use std::io::Chain;
use std::io::Cursor;
use std::io::IsTerminal;
use std::io::Read;
use std::io::Seek;
use std::os::unix::fs::FileExt;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::failure::Failure;
use crate::failure::FailureKind;

/// How a file packed with gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Something to look at, opened.
pub struct Source {
    /// Its name, for people: a path as it was given, or `standard input`.
    pub name: String,
    /// What it holds.
    pub content: Content,
}

/// What a source holds.
pub enum Content {
    /// A plain file.
    Plain(File),
    /// Whatever else can be read, unpacked: reading may wait as long as whoever writes it likes.
    Stream(Box<dyn Read + Send>),
}

/// Opens what an argument names: a file, or standard input for `-`. Opening a named pipe waits for its other end.
pub fn open(argument: &Path) -> Result<Source, Failure> {
    if argument == Path::new("-") {
        return standard_input();
    }
    let name = argument.display().to_string();
    let content = File::open(argument).and_then(content_of);
    match content {
        Ok(content) => Ok(Source { name, content }),
        Err(error) => Err(unreadable(&name, &error)),
    }
}

fn standard_input() -> Result<Source, Failure> {
    let name = "standard input".to_owned();
    if io::stdin().is_terminal() {
        let failure = Failure::new(FailureKind::Usage, "nothing is given to look at");
        return Err(failure
            .because("standard input is the terminal")
            .hint("name a file: captui view answer.json")
            .hint(
                "or pipe something in: captui call entity.find type_name=user --json | captui view",
            ));
    }
    let content = rustix::io::dup(rustix::stdio::stdin())
        .map_err(io::Error::from)
        .and_then(|input| content_of(File::from(input)));
    match content {
        Ok(content) => Ok(Source { name, content }),
        Err(error) => Err(unreadable(&name, &error)),
    }
}

/// Why something cannot be looked at.
pub fn unreadable(name: &str, error: &io::Error) -> Failure {
    let cause = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    };
    Failure::new(FailureKind::Usage, format!("{name} cannot be looked at")).because(cause)
}

fn content_of(mut file: File) -> io::Result<Content> {
    let facts = file.metadata()?;
    if facts.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a folder",
        ));
    }
    // Of a file that somebody else has begun to read, the rest is meant.
    if !facts.is_file() || file.stream_position()? > 0 {
        return Ok(Content::Stream(Box::new(Unpacked::Unknown(file))));
    }
    let mut beginning = [0; GZIP.len()];
    let length = file.read_at(&mut beginning, 0)?;
    if beginning[..length] == GZIP {
        return Ok(Content::Stream(Box::new(Unpacked::Unknown(file))));
    }
    Ok(Content::Plain(file))
}

/// A stream that unpacks itself if it is packed; which is found out when it is first read.
enum Unpacked<R> {
    Unknown(R),
    Plain(Begun<R>),
    Gzip(Box<MultiGzDecoder<Begun<R>>>),
    /// It could not even be begun.
    Ended,
}

/// A stream whose first bytes have been read already.
type Begun<R> = Chain<Cursor<Vec<u8>>, R>;

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match std::mem::replace(self, Self::Ended) {
            Self::Unknown(mut reader) => {
                let mut beginning = Vec::new();
                (&mut reader)
                    .take(GZIP.len() as u64)
                    .read_to_end(&mut beginning)?;
                let is_packed = beginning == GZIP;
                let begun = Cursor::new(beginning).chain(reader);
                *self = if is_packed {
                    Self::Gzip(Box::new(MultiGzDecoder::new(begun)))
                } else {
                    Self::Plain(begun)
                };
            }
            known => *self = known,
        }
        match self {
            Self::Plain(reader) => reader.read(buffer),
            Self::Gzip(reader) => reader.read(buffer),
            Self::Unknown(_) | Self::Ended => Ok(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).expect("a vector takes it");
        encoder.finish().expect("a vector takes it")
    }

    fn file(content: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("can be made");
        file.write_all(content).expect("can be written");
        file
    }

    fn text_of(content: Content) -> Vec<u8> {
        let mut text = Vec::new();
        let read = match content {
            Content::Plain(mut file) => file.read_to_end(&mut text),
            Content::Stream(mut stream) => stream.read_to_end(&mut text),
        };
        read.expect("can be read");
        text
    }

    #[test]
    fn plain_files_stay_files_and_packed_ones_are_unpacked() {
        let two = [gzip(b"[1,"), gzip(b"2]")].concat();
        for (content, is_plain, text) in [
            (b"[1]".to_vec(), true, b"[1]".as_slice()),
            (Vec::new(), true, b""),
            (b"\x1f".to_vec(), true, b"\x1f"),
            (gzip(b"[1]"), false, b"[1]"),
            (two, false, b"[1,2]"),
        ] {
            let file = file(&content);
            let source = open(file.path()).expect("opens");
            assert_eq!(matches!(source.content, Content::Plain(_)), is_plain);
            assert_eq!(text_of(source.content), text);
        }
    }

    #[test]
    fn a_stream_is_unpacked_and_may_be_short() {
        for (content, text) in [
            (gzip(b"{}"), b"{}".as_slice()),
            (b"{}".to_vec(), b"{}"),
            (b"\x1f".to_vec(), b"\x1f"),
            (Vec::new(), b""),
        ] {
            let stream = Unpacked::Unknown(Cursor::new(content));
            assert_eq!(text_of(Content::Stream(Box::new(stream))), text);
        }
    }

    #[test]
    fn a_broken_package_is_an_error_after_what_came() {
        let whole = gzip(&vec![b'7'; 100_000]);
        let cut = whole[..whole.len() - 9].to_vec();
        let mut text = Vec::new();
        let result = Unpacked::Unknown(Cursor::new(cut)).read_to_end(&mut text);
        assert!(result.is_err() && text.starts_with(b"777"));
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        let folder = tempfile::tempdir().expect("can be made");
        for (path, why) in [
            (folder.path().to_owned(), "it is a folder"),
            (folder.path().join("none"), "there is no such file"),
        ] {
            let failure = open(&path).err().expect("is refused");
            assert_eq!(failure.kind, FailureKind::Usage);
            assert_eq!(failure.cause.as_deref(), Some(why));
        }
    }
}
