//! Brings what is looked at: opens files, follows streams, reads archives of calls. It waits for others, so all of it
//! runs beside the loop, which hears of it by [`Told`].
//!
//! A stream may take for ever, and what came of it is to be seen meanwhile. One thread reads and another, whenever it
//! is worth it, makes a document of everything that has come: anew each time, which is quick, and seldom enough that
//! most of the time is the reader's. What came is kept where it can be mapped and never has a name. Deliberately absent:
//! what is shown, which is [`crate::tui::panes::files`]'s.

use std::fmt;
use std::fs::File;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::sync_channel;
use std::time::Duration;
use std::time::Instant;

use crate::failure::Failure;
use crate::handover::open::OpenError;
use crate::handover::open::Opened;
use crate::json::bytes::Bytes;
use crate::json::bytes::MAPPED_FROM;
use crate::json::document::Document;
use crate::source;
use crate::source::Content;
use crate::tui::viewer::work::Stub;

/// How many bytes of a stream are read at a time.
const PIECE: usize = 256 * 1024;

/// How many such pieces wait for the other thread at most.
const WAITING: usize = 16;

/// How often what came is shown at most.
const PACE: Duration = Duration::from_millis(50);

/// Of this many parts of the time, making documents takes one at most.
const SHARE: u32 = 10;

/// How much of a stream is kept, in bytes: one that never ends must not take all memory.
const MOST: u64 = 4 << 30;

/// What an argument gives: a text that is there, or one that is still to come.
#[derive(Debug)]
pub enum Given {
    /// All of it.
    Text(Bytes),
    /// Something to be followed.
    Stream(Stream),
}

/// Something that can be read for as long as it lasts.
pub struct Stream(Box<dyn Read + Send>);

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream")
    }
}

/// Something to do beside the loop.
#[derive(Debug)]
pub struct Task {
    /// Who waits for it.
    pub stub: Stub,
    /// What is to be done.
    pub work: Work,
}

/// What is to be done.
#[derive(Debug)]
pub enum Work {
    /// Open a file anew. Tells [`News::Opened`].
    Open(PathBuf),
    /// Read a stream to its end. Tells [`News::Came`] as often as is good, the last time with its end.
    Follow(Stream),
    /// Read the calls in an archive. Tells [`News::Calls`].
    ReadCalls(Bytes),
}

/// What came of it, and who waits for it.
#[derive(Debug)]
pub struct Told {
    /// Who waits for it.
    pub stub: Stub,
    /// What came of it.
    pub news: News,
}

/// What came of it.
#[derive(Debug)]
pub enum News {
    /// A file is open, or cannot be opened.
    Opened(Result<Given, Failure>),
    /// Everything that has come of a stream, and whether that is all.
    Came(Document, Option<End>),
    /// The calls in an archive, or why there are none.
    Calls(Result<Box<Opened>, OpenError>),
}

/// How a stream ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// As it should.
    Whole,
    /// It broke off.
    BrokeOff(String),
    /// It is longer than what is kept.
    TooLong,
}

/// Something that is to be looked at.
#[derive(Debug)]
pub struct Item {
    /// As it was given: a path, or `-`.
    pub argument: PathBuf,
    /// Its name, for people.
    pub name: String,
    /// What it holds, or why it cannot be opened.
    pub given: Result<Given, Failure>,
}

impl Item {
    /// Opens what an argument names. A long file is mapped, so this takes no time; a stream is not read.
    pub fn open(argument: &Path) -> Self {
        let source = source::open(argument);
        let name = match &source {
            Ok(source) => source.name.clone(),
            Err(_) => argument.display().to_string(),
        };
        let given = source.and_then(|source| match source.content {
            Content::Plain(file) => Bytes::of_file(file)
                .map(Given::Text)
                .map_err(|error| source::unreadable(&source.name, &error)),
            Content::Stream(stream) => Ok(Given::Stream(Stream(stream))),
        });
        Self {
            argument: argument.to_owned(),
            name,
            given,
        }
    }
}

/// Does the work to its end, or until nobody wants it any more. `tell` says whether anybody listens.
pub fn carry_out(task: Task, mut tell: impl FnMut(Told) -> bool) {
    let Task { stub, work } = task;
    let mut tell = |news| {
        let stub = stub.clone();
        stub.is_wanted() && tell(Told { stub, news })
    };
    match work {
        Work::Open(path) => {
            tell(News::Opened(Item::open(&path).given));
        }
        Work::Follow(stream) => follow(stream, tell),
        Work::ReadCalls(bytes) => {
            let calls = crate::handover::open::open(&bytes).map(Box::new);
            tell(News::Calls(calls));
        }
    }
}

/// What the reading thread tells: some bytes, or why there are no more.
type Piece = io::Result<Vec<u8>>;

fn follow(stream: Stream, mut tell: impl FnMut(News) -> bool) {
    let (sender, pieces) = sync_channel(WAITING);
    let read = move || {
        let mut stream = stream.0;
        loop {
            let mut piece = vec![0; PIECE];
            let piece = match stream.read(&mut piece) {
                Ok(0) => return,
                Ok(length) => {
                    piece.truncate(length);
                    Ok(piece)
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let is_error = piece.is_err();
            if sender.send(piece).is_err() || is_error {
                return;
            }
        }
    };
    let thread = std::thread::Builder::new().name("stream".to_owned());
    if let Err(error) = thread.spawn(read) {
        let end = End::BrokeOff(error.to_string());
        tell(News::Came(Document::parse(""), Some(end)));
        return;
    }
    gather(&pieces, &mut tell);
}

/// Gathers what comes and tells of it, until it ends or nobody listens.
fn gather(pieces: &Receiver<Piece>, tell: &mut impl FnMut(News) -> bool) {
    let mut kept = Kept::default();
    // When what has come since is to be told.
    let mut due: Option<Instant> = None;
    let mut not_before = Instant::now();
    let end = loop {
        let piece = match due {
            None => pieces.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => pieces.recv_timeout(due.saturating_duration_since(Instant::now())),
        };
        match piece {
            Ok(Ok(piece)) => {
                let room = usize::try_from(MOST - kept.length).unwrap_or(usize::MAX);
                if let Err(error) = kept.add(&piece[..piece.len().min(room)]) {
                    break End::BrokeOff(error.to_string());
                }
                if piece.len() > room {
                    break End::TooLong;
                }
                due.get_or_insert(not_before);
            }
            Ok(Err(error)) => break End::BrokeOff(error.to_string()),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break End::Whole,
        }
        if due.is_some_and(|due| due <= Instant::now()) {
            due = None;
            let begun = Instant::now();
            let Ok(bytes) = kept.bytes() else { continue };
            if !tell(News::Came(Document::parse_so_far(bytes), None)) {
                return;
            }
            not_before = Instant::now() + PACE.max(begun.elapsed() * SHARE);
        }
    };
    let (bytes, end) = match kept.bytes() {
        Ok(bytes) => (bytes, end),
        Err(error) => (Bytes::default(), End::BrokeOff(error.to_string())),
    };
    tell(News::Came(Document::parse(bytes), Some(end)));
}

/// What has come of a stream.
#[derive(Default)]
struct Kept {
    /// All of it, while it is short.
    short: Vec<u8>,
    /// All of it, once it is long.
    long: Option<File>,
    length: u64,
}

impl Kept {
    fn add(&mut self, piece: &[u8]) -> io::Result<()> {
        self.length += piece.len() as u64;
        if let Some(file) = &mut self.long {
            return file.write_all(piece);
        }
        self.short.extend_from_slice(piece);
        if self.length >= MAPPED_FROM {
            let mut file = nameless_file()?;
            file.write_all(&std::mem::take(&mut self.short))?;
            self.long = Some(file);
        }
        Ok(())
    }

    /// All of it by now. What is added later does not change it.
    fn bytes(&self) -> io::Result<Bytes> {
        match &self.long {
            Some(file) => Bytes::of_file(file.try_clone()?),
            None => Ok(self.short.as_slice().into()),
        }
    }
}

/// A file that nobody else can open, in memory where the system has such.
fn nameless_file() -> io::Result<File> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    {
        use rustix::fs::MemfdFlags;
        let file = rustix::fs::memfd_create("captui-stream", MemfdFlags::CLOEXEC)?;
        Ok(File::from(file))
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    {
        tempfile::tempfile()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::sync::mpsc::Sender;
    use std::sync::mpsc::channel;

    use crate::tui::viewer::work::Ticket;

    /// A stream that a test writes into.
    struct Pipe(Receiver<io::Result<&'static [u8]>>);

    impl Read for Pipe {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.recv() {
                Ok(Ok(bytes)) => {
                    buffer[..bytes.len()].copy_from_slice(bytes);
                    Ok(bytes.len())
                }
                Ok(Err(error)) => Err(error),
                Err(_) => Ok(0),
            }
        }
    }

    struct Followed {
        writer: Sender<io::Result<&'static [u8]>>,
        news: Receiver<Told>,
        ticket: Option<Ticket>,
        thread: std::thread::JoinHandle<()>,
    }

    fn followed() -> Followed {
        let (writer, reader) = channel();
        let (teller, news) = channel();
        let (ticket, stub) = Ticket::new();
        let stream = Stream(Box::new(Pipe(reader)));
        let work = Work::Follow(stream);
        let thread = std::thread::spawn(move || {
            carry_out(Task { stub, work }, |told| teller.send(told).is_ok());
        });
        Followed {
            writer,
            news,
            ticket: Some(ticket),
            thread,
        }
    }

    impl Followed {
        /// Waits until everything so far says `text`; gives how it ended, if it did.
        fn wait_for(&self, text: &str) -> Option<End> {
            loop {
                let told = self.news.recv().expect("something is told");
                let News::Came(document, end) = told.news else {
                    panic!("{:?}", told.news);
                };
                let so_far = document.bytes();
                assert!(text.as_bytes().starts_with(so_far), "{so_far:?}");
                if **so_far == *text.as_bytes() {
                    return end;
                }
                assert_eq!(end, None);
            }
        }
    }

    #[test]
    fn what_came_is_told_while_more_is_awaited() {
        let followed = followed();
        let write = |text: &'static str| {
            let sent = followed.writer.send(Ok(text.as_bytes()));
            sent.expect("is read");
        };
        write("[1,");
        assert_eq!(followed.wait_for("[1,"), None);
        write(" 2");
        write("]");
        assert_eq!(followed.wait_for("[1, 2]"), None);
        drop(followed.writer);
        let told = followed.news.recv().expect("the end is told");
        assert!(matches!(told.news, News::Came(_, Some(End::Whole))));
    }

    #[test]
    fn a_stream_that_breaks_off_keeps_what_came() {
        let followed = followed();
        let error = io::Error::other("no more");
        for piece in [Ok(b"{\"a\":".as_slice()), Err(error)] {
            followed.writer.send(piece).expect("is read");
        }
        let mut end = None;
        while end.is_none() {
            end = followed.wait_for("{\"a\":");
        }
        assert_eq!(end, Some(End::BrokeOff("no more".to_owned())));
    }

    #[test]
    fn nobody_follows_what_nobody_waits_for() {
        let mut followed = followed();
        followed.ticket = None;
        followed.writer.send(Ok(b"[")).expect("is read");
        followed.thread.join().expect("ends without the stream");
        assert!(followed.news.recv().is_err());
    }

    #[test]
    fn a_long_stream_is_kept_whole_and_what_was_told_stays() {
        let mut kept = Kept::default();
        let piece = vec![b'1'; PIECE];
        while kept.length < MAPPED_FROM {
            kept.add(&piece).expect("is kept");
        }
        let before = kept.bytes().expect("is there");
        assert!(before.is_mapped());
        kept.add(b"22").expect("is kept");
        let after = kept.bytes().expect("is there");
        assert_eq!(before.len() + 2, after.len());
        assert!(before.iter().all(|byte| *byte == b'1') && after.ends_with(b"122"));
        assert!(before.is_whole() && after.is_whole());
    }
}
