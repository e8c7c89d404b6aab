//! What a viewer leaves to others, since it takes longer than a frame: reading on, looking for a key, saving.
//!
//! A piece of work comes with a stub, of which the viewer keeps the ticket: the work ends soon after the ticket is
//! dropped, and what it tells is for whoever holds the ticket. [`carry_out`] does the work, in steps, wherever it is
//! called: the explorer calls it on a thread beside the loop, tests at once. Deliberately absent: threads and channels.

use std::fmt;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Weak;
use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;
use memchr::memmem;
use tokio_util::sync::CancellationToken;

use crate::json::bytes::Bytes;
use crate::json::document::Document;
use crate::json::document::NodeId;
use crate::json::index::reader::Indexer;
use crate::json::index::reader::Piece;
use crate::json::inspect::Reading;
use crate::json::inspect::readings;
use crate::json::profile::Profile;
use crate::json::search::Found;
use crate::json::search::Searcher;
use crate::json::table::Sorting;
use crate::worker::filter;
use crate::worker::filter::Filtered;
use crate::worker::filter::Limits;
use crate::worker::job::JobError;

/// How many bytes the first step of reading or searching takes: no longer than a frame.
const FIRST_STEP: usize = 1 << 20;

/// How long a step shall take: what is not wanted any more goes on for so long, and so often the screen is drawn. Drawn
/// more often, it keeps a processor from the work.
const STEP_TAKES: Duration = Duration::from_millis(25);

/// How many values are looked at before anybody is asked so.
const VALUES: usize = 100_000;

/// How often it is asked whether a filter that runs is still wanted.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// How many bytes are looked through or written before anybody is asked whether it is still wanted.
const STRETCH: usize = 8 << 20;

/// Held by whoever waits for a piece of work. Dropped, the work is not wanted any more.
#[derive(Debug)]
pub struct Ticket(Arc<()>);

/// Held by whoever does the work.
#[derive(Clone, Debug)]
pub struct Stub(Weak<()>);

impl Ticket {
    /// A ticket and its stub.
    pub fn new() -> (Self, Stub) {
        let ticket = Arc::new(());
        let stub = Stub(Arc::downgrade(&ticket));
        (Self(ticket), stub)
    }

    /// Whether `stub` belongs to this ticket.
    pub fn fits(&self, stub: &Stub) -> bool {
        std::ptr::eq(Arc::as_ptr(&self.0), stub.0.as_ptr())
    }
}

impl Stub {
    /// Whether somebody still waits.
    pub fn is_wanted(&self) -> bool {
        self.0.strong_count() > 0
    }
}

/// A piece of work for somebody beside the loop.
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
    /// Read on. Tells [`News::Read`] after each step.
    Read(Box<Indexer>),
    /// Search. Tells [`News::Found`] after each step, and [`News::SearchWaits`] when more has to be read first.
    Search(Searcher),
    /// Run a filter. Tells [`News::Filtered`].
    Filter(Filter),
    /// Find out what a value may mean besides. Tells [`News::Readings`].
    Readings(Part),
    /// Put the rows of a table in order. Tells [`News::Sorted`].
    Sort(Document, Sorting),
    /// Look at every element of an array. Tells [`News::Profiled`].
    Profile(Document, NodeId),
    /// Look for a member of the same name. Tells [`News::Key`].
    FindKey(FindKey),
    /// Save bytes as a file. Tells [`News::Saved`].
    Save(Save),
}

/// A filter to be run.
#[derive(Clone)]
pub struct Filter {
    /// The filter.
    pub program: String,
    /// What it is run over.
    pub input: Bytes,
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The filter may name somebody.
        write!(f, "Filter({:?})", self.input)
    }
}

/// A part of a text.
#[derive(Clone, Debug)]
pub struct Part {
    /// All of the text.
    pub bytes: Bytes,
    /// The part, in bytes.
    pub range: Range<usize>,
}

/// A member's name to be looked for.
#[derive(Clone, Debug)]
pub struct FindKey {
    /// All of the text.
    pub bytes: Bytes,
    /// The name as it stands in the text, with its quotes.
    pub key: Vec<u8>,
    /// Where it stands now, in bytes.
    pub from: usize,
    /// Whether the next is wanted, else the one before.
    pub forward: bool,
}

/// What is to be saved.
#[derive(Clone)]
pub struct Save {
    /// The file; nothing is overwritten.
    pub file: PathBuf,
    /// What goes into it.
    pub bytes: Bytes,
}

impl fmt::Debug for Save {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Save({}, {:?})", self.file.display(), self.bytes)
    }
}

/// What a piece of work tells, and to whom.
#[derive(Debug)]
pub struct Told {
    /// Who waits for it.
    pub stub: Stub,
    /// What it tells.
    pub news: News,
}

/// What a piece of work tells.
#[derive(Debug)]
pub enum News {
    /// More is read; none when everything is.
    Read(Option<Piece>),
    /// More is searched.
    Found(Found),
    /// The searcher, which needs more to be read.
    SearchWaits(Box<Searcher>),
    /// What a filter gave, or why nothing.
    Filtered(Result<Filtered, String>),
    /// What a value may mean besides.
    Readings(Vec<Reading>),
    /// The rows of a table in order.
    Sorted(Vec<NodeId>),
    /// What the columns of an array hold.
    Profiled(Box<Profile>),
    /// Where the member of the same name begins, in bytes; none when there is no other.
    Key(Option<usize>),
    /// A file is written, or why not.
    Saved(PathBuf, Result<(), String>),
}

/// How long to wait before this work is begun: somebody who writes a filter is not done after each letter.
pub fn pause(work: &Work) -> Duration {
    match work {
        Work::Filter(_) => Duration::from_millis(150),
        _ => Duration::ZERO,
    }
}

/// Does the work to its end, or until nobody wants it any more. `program` is this program's own file, which filters are
/// run by. `tell` says whether anybody listens.
pub fn carry_out(task: Task, program: &Path, mut tell: impl FnMut(Told) -> bool) {
    let Task { stub, work } = task;
    let mut tell = |news| {
        let stub = stub.clone();
        tell(Told { stub, news })
    };
    // A mapped file that was shortened must not be looked at.
    let readable = |bytes: &Bytes| stub.is_wanted() && bytes.is_whole();
    match work {
        Work::Read(mut indexer) => {
            let mut pace = Pace::new();
            while readable(indexer.bytes()) {
                let piece = pace.step(|budget| indexer.step(budget));
                let is_last = piece.is_none();
                if !tell(News::Read(piece)) || is_last {
                    return;
                }
            }
        }
        Work::Search(mut searcher) => {
            let mut pace = Pace::new();
            while readable(searcher.bytes()) {
                match pace.step(|budget| searcher.step(budget)) {
                    Some(found) => {
                        if !tell(News::Found(found)) {
                            return;
                        }
                    }
                    None if searcher.is_done() || !readable(searcher.bytes()) => return,
                    None => {
                        tell(News::SearchWaits(Box::new(searcher)));
                        return;
                    }
                }
            }
        }
        Work::Filter(filter) => {
            if let Some(result) = filter.run(program, &stub) {
                tell(News::Filtered(result));
            }
        }
        Work::Readings(part) if readable(&part.bytes) => {
            let text = part.bytes.get(part.range).unwrap_or_default();
            tell(News::Readings(readings(text, Timestamp::now())));
        }
        Work::Readings(_) => {}
        Work::Sort(document, mut sorting) => {
            while readable(document.bytes()) {
                if let Some(sorted) = sorting.step(&document, VALUES) {
                    tell(News::Sorted(sorted));
                    return;
                }
            }
        }
        Work::Profile(document, array) => {
            let mut profile = Profile::new(&document, array);
            while readable(document.bytes()) {
                if profile.step(&document, VALUES) {
                    tell(News::Profiled(Box::new(profile)));
                    return;
                }
            }
        }
        Work::FindKey(find) => {
            if let Some(found) = find.run(|| readable(&find.bytes)) {
                tell(News::Key(found));
            }
        }
        Work::Save(save) => {
            let result = write(&save.file, &save.bytes, || readable(&save.bytes));
            let result = result.map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => "it exists already".to_owned(),
                _ => error.to_string(),
            });
            tell(News::Saved(save.file, result));
        }
    }
}

/// How much is done in a step, so that each takes about as long as it shall.
struct Pace {
    budget: usize,
}

impl Pace {
    fn new() -> Self {
        Self { budget: FIRST_STEP }
    }

    /// Does a step of so many bytes.
    fn step<T>(&mut self, work: impl FnOnce(usize) -> T) -> T {
        let began = Instant::now();
        let done = work(self.budget);
        let took = began.elapsed();
        if took * 2 < STEP_TAKES {
            self.budget = self.budget.saturating_mul(2);
        } else if took > STEP_TAKES * 2 {
            self.budget = (self.budget / 2).max(FIRST_STEP / 16);
        }
        done
    }
}

impl Filter {
    /// What the filter gives; none when nobody wants to know any more.
    fn run(self, program: &Path, stub: &Stub) -> Option<Result<Filtered, String>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return Some(Err(error.to_string())),
        };
        let limits = Limits::for_input(self.input.len());
        let cancel = CancellationToken::new();
        let left = async {
            while stub.is_wanted() {
                tokio::time::sleep(ASK_AGAIN).await;
            }
        };
        let filtered = runtime.block_on(async {
            let program = program.to_owned();
            tokio::select! {
                filtered = filter::filter(program, &self.program, self.input, limits, |_| {}, &cancel) => Some(filtered),
                () = left => None,
            }
        })?;
        Some(filtered.map_err(|error| match error {
            JobError::Failed(failure) => failure.message,
            _ => "the filter was not run".to_owned(),
        }))
    }
}

impl FindKey {
    /// Where the next such member begins, from here to the end and then from the beginning; the outer none when nobody
    /// wants to know any more.
    #[expect(
        clippy::option_option,
        reason = "stopped, and not there, are two things"
    )]
    fn run(&self, wanted: impl Fn() -> bool) -> Option<Option<usize>> {
        let length = self.bytes.len();
        let after = (self.from + 1).min(length);
        let [first, second] = if self.forward {
            [(after, length), (0, self.from.min(length))]
        } else {
            [(0, self.from.min(length)), (after, length)]
        };
        for (start, end) in [first, second] {
            if let Some(found) = self.within(start, end, &wanted)? {
                return Some(Some(found));
            }
        }
        Some(None)
    }

    /// The first such member that begins from `start` to before `end`, or the last.
    #[expect(
        clippy::option_option,
        reason = "stopped, and not there, are two things"
    )]
    fn within(
        &self,
        start: usize,
        end: usize,
        wanted: &impl Fn() -> bool,
    ) -> Option<Option<usize>> {
        let stretches = (end - start).div_ceil(STRETCH);
        for nth in 0..stretches {
            if !wanted() {
                return None;
            }
            let nth = if self.forward {
                nth
            } else {
                stretches - 1 - nth
            };
            let from = start + nth * STRETCH;
            let to = (from + STRETCH).min(end);
            // A name may begin in one stretch and end in the next.
            let reach = (to + self.key.len() - 1).min(self.bytes.len());
            let text = &self.bytes[from..reach];
            let found = if self.forward {
                memmem::find_iter(text, &self.key)
                    .map(|at| from + at)
                    .find(|at| self.is_key(*at))
            } else {
                memmem::rfind_iter(text, &self.key)
                    .map(|at| from + at)
                    .find(|at| self.is_key(*at))
            };
            if found.is_some() {
                return Some(found);
            }
        }
        Some(None)
    }

    /// Whether what stands at `at` and reads like the name is one: no part of a longer one, and a colon behind it.
    fn is_key(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map(|before| self.bytes[before]);
        let after = &self.bytes[at + self.key.len()..];
        let next = after.iter().find(|byte| !byte.is_ascii_whitespace());
        before != Some(b'\\') && next == Some(&b':')
    }
}

/// Writes a new file that only the user can read; what is half written when nobody wants it any more is removed.
fn write(file: &Path, bytes: &[u8], wanted: impl Fn() -> bool) -> io::Result<()> {
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    let write = || {
        for stretch in bytes.chunks(STRETCH) {
            if !wanted() {
                return Err(io::Error::other("it was left"));
            }
            out.write_all(stretch)?;
        }
        out.sync_all()
    };
    let mut write = write;
    let written = write();
    if written.is_err() {
        // Half a file is worse than none; if even that fails, the error that comes first tells why.
        let _ = std::fs::remove_file(file);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::json::bytes::MAPPED_FROM;
    use crate::json::profile::ColumnPath;
    use crate::json::search::Options;
    use crate::json::search::Query;
    use crate::json::table::Direction;

    fn told(work: Work) -> Vec<News> {
        let (_ticket, stub) = Ticket::new();
        let mut told = Vec::new();
        carry_out(Task { stub, work }, Path::new("captui"), |one| {
            told.push(one.news);
            true
        });
        told
    }

    #[test]
    fn a_ticket_fits_its_stub_and_no_other() {
        let (ticket, stub) = Ticket::new();
        let (other, other_stub) = Ticket::new();
        assert!(ticket.fits(&stub) && other.fits(&other_stub));
        assert!(!ticket.fits(&other_stub));
        drop(ticket);
        assert!(!stub.is_wanted() && other_stub.is_wanted());
    }

    #[test]
    fn the_same_key_is_found_both_ways_and_round_the_end() {
        let text = r#"{"a":{"b":1},"x\"b":2,"c":"b","d":[{"b" : 3}],"b\"":4}"#;
        let places: Vec<usize> = memmem::find_iter(text.as_bytes(), b"\"b\"").collect();
        let (first, last) = (places[0], text.find("\"b\" :").expect("is there"));
        for (from, forward, expected) in [
            (first, true, last),
            (first, false, last),
            (last, true, first),
            (last, false, first),
            (0, true, first),
        ] {
            let find = FindKey {
                bytes: text.into(),
                key: b"\"b\"".to_vec(),
                from,
                forward,
            };
            let news = told(Work::FindKey(find));
            assert!(
                matches!(news.as_slice(), [News::Key(Some(at))] if *at == expected),
                "{from} {forward}: {news:?}"
            );
        }
        let alone = FindKey {
            bytes: r#"{"b":1}"#.into(),
            key: b"\"b\"".to_vec(),
            from: 1,
            forward: true,
        };
        assert!(matches!(
            told(Work::FindKey(alone)).as_slice(),
            [News::Key(None)]
        ));
    }

    #[test]
    fn of_a_file_that_was_shortened_nothing_is_looked_at() {
        let file = tempfile::NamedTempFile::new().expect("can be made");
        let element = b"{\"needle\":\"needle\"},";
        let count = usize::try_from(MAPPED_FROM).expect("fits") / element.len() + 1;
        let text = [b"[", element.repeat(count).as_slice(), b"1]"].concat();
        std::fs::write(file.path(), text).expect("can be written");
        let bytes = Bytes::open(file.path()).expect("can be mapped");
        assert!(bytes.is_mapped());
        let (mut document, indexer) = Document::open(bytes.clone());
        let mut indexer = indexer.expect("there is more to read");
        while let Some(piece) = indexer.step(usize::MAX) {
            document.absorb(piece);
        }
        let array = document.root().expect("is read");
        let options = Options::default();
        let query = Query::new("needle", options).expect("can be looked for");
        let searcher = Searcher::new(query, document.clone());
        let half_read = Document::open(bytes.clone()).1.expect("there is more");
        let find = FindKey {
            bytes: bytes.clone(),
            key: b"\"needle\"".to_vec(),
            from: 2,
            forward: true,
        };
        let column = ColumnPath(vec!["needle".to_owned()]);
        let sorting = Sorting::new(&document, array, column, Direction::Up);
        file.as_file().set_len(4096).expect("can shrink");
        let range = bytes.len() - 20..bytes.len();
        for work in [
            Work::Search(searcher),
            Work::Read(Box::new(half_read)),
            Work::FindKey(find),
            Work::Readings(Part { bytes, range }),
            Work::Sort(document.clone(), sorting),
            Work::Profile(document, array),
        ] {
            let name = format!("{work:.20?}");
            // A look past the end of the file would kill the program.
            assert!(told(work).is_empty(), "{name}");
        }
    }

    #[test]
    fn a_file_is_new_whole_and_nobody_elses() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("makes a folder");
        let file = folder.path().join("answer.json");
        let save = Save {
            file: file.clone(),
            bytes: "[1]".into(),
        };
        assert!(matches!(
            told(Work::Save(save.clone())).as_slice(),
            [News::Saved(_, Ok(()))]
        ));
        assert_eq!(std::fs::read(&file).expect("is there"), b"[1]");
        let mode = file.metadata().expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = told(Work::Save(save));
        assert!(
            matches!(again.as_slice(), [News::Saved(_, Err(why))] if why == "it exists already")
        );
        assert_eq!(std::fs::read(&file).expect("is there"), b"[1]");
    }

    #[test]
    fn work_that_nobody_wants_ends() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let file = folder.path().join("answer.json");
        let (ticket, stub) = Ticket::new();
        drop(ticket);
        let save = Save {
            file: file.clone(),
            bytes: "[1]".into(),
        };
        let work = Work::Save(save);
        carry_out(Task { stub, work }, Path::new("captui"), |_| true);
        assert!(!file.exists(), "nothing half written stays");
    }
}
