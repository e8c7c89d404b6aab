//! The journal of a load: what was about to be sent and what became of it, one line after the other, each with a check sum,
//! on the disk before it is relied on. A load that was ended by anything goes on from it without sending a row twice.
//!
//! ```text
//! 5f0c3a11 {"format":"captui load 1","environment":…,"type":…,"sha256":…,"rows":1000,…}
//! 8e01ab3c {"batch":1,"rows":"1-100"}                       about to be sent
//! 02d3e6f1 {"batch":1,"failed":"17","success":9120,…}       what became of it; the rest of the batch is there
//! ```
//!
//! The journal and the files of outcomes are in one folder, and only one program works in it at a time. A line counts when
//! it is whole; the lengths of the other files stand in it, and what is behind these was never noted.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use flate2::Crc;
use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::config::paths::create_private;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::files;
use crate::files::Lock;
use crate::worker::load::outcome;
use crate::worker::load::states::Rows;
use crate::worker::load::states::State;
use crate::worker::load::states::States;

/// What the first line says that it is.
const FORMAT: &str = "captui load 1";

const JOURNAL: &str = "journal";

/// The file whose lock is on the folder.
pub(super) const LOCK: &str = "lock";

/// How long to wait for another program that works in the folder.
const PATIENCE: Duration = Duration::from_millis(300);

/// What a load is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The environment's name.
    pub(super) environment: String,
    /// What that name stood for.
    pub(super) domain: String,
    /// The entity type.
    pub(super) type_name: String,
    /// The digest of the file's content, unpacked.
    pub(super) sha256: String,
    /// How its rows are read, as far as it matters.
    pub(super) reading: String,
    /// How many rows there are.
    pub(super) rows: u64,
    /// Those that were refused here.
    pub(super) wrong: Rows,
    /// The highest id of the type before anything was sent.
    pub(super) last_id: i64,
    /// When it was begun.
    pub(super) begun: Timestamp,
}

/// Where the journal of a load is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place(pub(super) PathBuf);

impl Place {
    /// The path of a file in the folder.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The lock on the folder, which is made if need be. `None` where locks do not work.
    pub(super) fn lock(&self) -> Result<Option<File>, Failure> {
        create_private(&self.0).map_err(|error| not_noted(&error))?;
        match files::lock(&self.file(LOCK), PATIENCE) {
            Lock::Held(lock) => Ok(Some(lock)),
            Lock::Unknown => Ok(None),
            Lock::Taken => Err(Failure::new(
                FailureKind::Conflict,
                format!("another captui is at work in {}", self.0.display()),
            )
            .hint("wait until it is done there: nothing was sent")),
        }
    }

    /// What the journal says; `None` when there is none.
    pub(super) fn read(&self) -> Result<Option<Kept>, Failure> {
        let path = self.file(JOURNAL);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let message = format!("the journal {} cannot be read", path.display());
                return Err(Failure::new(FailureKind::Internal, message).because(error));
            }
        };
        Kept::read(&text).map_err(|line| {
            let message = format!("the journal {} cannot be understood", path.display());
            Failure::new(FailureKind::Internal, message)
                .because(format!("line {line} is not as it was written"))
                .hint("it is left alone: another version of captui may have written it")
        })
    }

    /// The folder for verdicts where a load is in this one.
    pub(super) fn beside(&self) -> Self {
        let mut name = self.0.clone().into_os_string();
        name.push(".check");
        Self(name.into())
    }

    /// Puts the folder aside, so that a new load can begin; gives its new name.
    pub(super) fn put_aside(&self) -> Result<PathBuf, Failure> {
        let name = self.0.to_string_lossy();
        let free = (1..).map(|number| PathBuf::from(format!("{name}.{number}")));
        let mut free = free.skip_while(|path| fs::symlink_metadata(path).is_ok());
        let aside = free.next().unwrap_or_default();
        fs::rename(&self.0, &aside).map_err(|error| not_noted(&error))?;
        Ok(aside)
    }
}

/// What a journal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// What the load is about.
    pub(super) head: Head,
    /// What is known of its rows.
    pub(super) states: States,
    /// The batches of which nothing is known.
    pub(super) in_doubt: BTreeMap<u64, Rows>,
    /// The number of the last batch.
    pub(super) last_batch: u64,
    /// Whether anything was about to be sent at all.
    pub(super) is_touched: bool,
    /// Whether it came to its end.
    pub(super) is_done: bool,
    /// How long the journal is as far as it is whole, and the files of outcomes as far as it says.
    lengths: [u64; 3],
}

impl Kept {
    /// Reads a journal; the error is the number of a line that is broken and not the last. `None` when not even the first is
    /// whole, so that nothing was ever sent.
    fn read(text: &[u8]) -> Result<Option<Self>, usize> {
        let mut kept: Option<Self> = None;
        let mut at = 0;
        for (number, line) in (1..).zip(text.split_inclusive(|byte| *byte == b'\n')) {
            let is_last = at + line.len() == text.len();
            let noted = content(line).and_then(|json| match &mut kept {
                None => {
                    kept = Some(Self::begin(&json)?);
                    Some(())
                }
                Some(kept) => kept.note(&json),
            });
            if noted.is_none() {
                if is_last {
                    break;
                }
                return Err(number);
            }
            at += line.len();
            if let Some(kept) = &mut kept {
                kept.lengths[0] = at as u64;
            }
        }
        Ok(kept)
    }

    /// How much of the list of records that are there was noted, in bytes.
    pub(super) fn success_length(&self) -> u64 {
        self.lengths[1]
    }

    fn begin(json: &Json) -> Option<Self> {
        let head = Head::from_json(json)?;
        let mut states = States::default();
        for row in head.wrong.iter() {
            states.set(row, State::Failed);
        }
        let mut kept = Self {
            head,
            states,
            in_doubt: BTreeMap::new(),
            last_batch: 0,
            is_touched: false,
            is_done: false,
            lengths: [0; 3],
        };
        kept.measure(json)?;
        Some(kept)
    }

    fn measure(&mut self, json: &Json) -> Option<()> {
        let length = |name: &str| u64::try_from(json.get(name)?.as_i64()?).ok();
        self.lengths[1] = length("success")?;
        self.lengths[2] = length("failures")?;
        Some(())
    }

    fn note(&mut self, json: &Json) -> Option<()> {
        let rows = |name: &str| match json.get(name) {
            None => Some(Rows::default()),
            Some(rows) => Rows::read(rows.as_str()?),
        };
        if json.get("end").is_some() {
            self.is_done = true;
            return Some(());
        }
        if json.get("again").is_some() {
            self.is_done = false;
            for row in rows("again")?.iter() {
                self.states.set(row, State::Doubted);
            }
            return Some(());
        }
        let batch = u64::try_from(json.get("batch")?.as_i64()?).ok()?;
        if json.get("rows").is_some() {
            let rows = rows("rows")?;
            for row in rows.iter() {
                self.states.set(row, State::Begun);
            }
            self.in_doubt.insert(batch, rows);
            self.last_batch = self.last_batch.max(batch);
            self.is_touched = true;
            return Some(());
        }
        self.measure(json)?;
        for row in self.in_doubt.remove(&batch)?.iter() {
            self.states.set(row, State::Done);
        }
        for (name, state) in OTHERS {
            for row in rows(name)?.iter() {
                self.states.set(row, state);
            }
        }
        Some(())
    }
}

/// What can have become of the rows of a batch that are not there.
const OTHERS: [(&str, State); 4] = [
    ("failed", State::Failed),
    ("back", State::Pending),
    ("doubted", State::Doubted),
    ("unknown", State::Unknown),
];

impl Head {
    fn to_json(&self, lengths: [u64; 2]) -> Json {
        let number = |number: u64| Json::from(i64::try_from(number).unwrap_or(i64::MAX));
        [
            ("format", Json::from(FORMAT)),
            ("environment", self.environment.as_str().into()),
            ("domain", self.domain.as_str().into()),
            ("type", self.type_name.as_str().into()),
            ("sha256", self.sha256.as_str().into()),
            ("reading", self.reading.as_str().into()),
            ("rows", number(self.rows)),
            ("wrong", self.wrong.text().into()),
            ("last_id", self.last_id.into()),
            ("begun", self.begun.to_string().into()),
            ("success", number(lengths[0])),
            ("failures", number(lengths[1])),
        ]
        .into_iter()
        .collect()
    }

    fn from_json(json: &Json) -> Option<Self> {
        let text = |key: &str| json.get(key).and_then(Json::as_str);
        if text("format") != Some(FORMAT) {
            return None;
        }
        let own = |key: &str| text(key).map(str::to_owned);
        Some(Self {
            environment: own("environment")?,
            domain: own("domain")?,
            type_name: own("type")?,
            sha256: own("sha256")?,
            reading: own("reading")?,
            rows: u64::try_from(json.get("rows")?.as_i64()?).ok()?,
            wrong: Rows::read(text("wrong")?)?,
            last_id: json.get("last_id")?.as_i64()?,
            begun: text("begun")?.parse().ok()?,
        })
    }
}

/// A line with its check sum in front.
fn line(json: &Json) -> Vec<u8> {
    let text = json.to_string();
    format!("{:08x} {text}\n", sum(text.as_bytes())).into_bytes()
}

fn content(line: &[u8]) -> Option<Json> {
    let line = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (digits, text) = line.split_once(' ')?;
    let given = u32::from_str_radix(digits, 16).ok()?;
    (given == sum(text.as_bytes())).then(|| Json::parse(text).ok())?
}

fn sum(text: &[u8]) -> u32 {
    let mut sum = Crc::new();
    sum.update(text);
    sum.sum()
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settled {
    /// Its number.
    pub(super) batch: u64,
    /// The rows that are not there, by what became of them, in the order of [`OTHERS`].
    pub(super) others: [Vec<u64>; 4],
    /// Lines for the records that are there.
    pub(super) success: Vec<u8>,
    /// Lines for the rows that were refused.
    pub(super) failures: Vec<u8>,
}

impl Settled {
    /// Nothing but what is noted below.
    pub(super) fn of(batch: u64) -> Self {
        Self {
            batch,
            ..Self::default()
        }
    }

    /// A row that is not there.
    pub(super) fn other(&mut self, row: u64, state: State) {
        let place = OTHERS.iter().position(|(_, other)| *other == state);
        if let Some(place) = place {
            self.others[place].push(row);
        }
    }
}

/// What is noted.
enum Note {
    Begin { batch: u64, rows: Rows },
    Settle(Settled),
    Again(Rows),
    End,
}

type Noted = Result<(), String>;

/// A journal that is written. Several notes that come at the same time share the wait for the disk.
pub(super) struct Journal {
    notes: Option<mpsc::Sender<(Note, oneshot::Sender<Noted>)>>,
    thread: Option<JoinHandle<()>>,
}

impl Journal {
    /// Begins a journal, with what was refused here already in its file.
    pub(super) fn begin(
        place: &Place,
        head: &Head,
        names: [Vec<u8>; 2],
        refused: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<Self, Failure> {
        let begin = || -> io::Result<Scribe> {
            let mut success = fresh(&place.file(outcome::SUCCESS))?;
            success.write_all(&names[0])?;
            let mut failures = fresh(&place.file(outcome::FAILURES))?;
            failures.write_all(&names[1])?;
            refused(&mut failures)?;
            let mut scribe = Scribe {
                lengths: [success.metadata()?.len(), failures.metadata()?.len()],
                files: [success, failures],
                journal: fresh(&place.file(JOURNAL))?,
            };
            for file in &scribe.files {
                file.sync_all()?;
            }
            scribe.write(&line(&head.to_json(scribe.lengths)))?;
            files::sync(&place.0)?;
            Ok(scribe)
        };
        begin().map(Self::run).map_err(|error| not_noted(&error))
    }

    /// Goes on with a journal that was read.
    pub(super) fn resume(place: &Place, kept: &Kept) -> Result<Self, Failure> {
        let open = |name: &str, length: u64| {
            let file = OpenOptions::new().append(true).open(place.file(name))?;
            if file.metadata()?.len() < length {
                let why = format!("{name} is shorter than the journal says");
                return Err(io::Error::other(why));
            }
            file.set_len(length)?;
            Ok(file)
        };
        let resume = || -> io::Result<Scribe> {
            let [journal, success, failures] = kept.lengths;
            Ok(Scribe {
                journal: open(JOURNAL, journal)?,
                files: [
                    open(outcome::SUCCESS, success)?,
                    open(outcome::FAILURES, failures)?,
                ],
                lengths: [success, failures],
            })
        };
        resume().map(Self::run).map_err(|error| not_noted(&error))
    }

    fn run(mut scribe: Scribe) -> Self {
        let (notes, inbox) = mpsc::channel::<(Note, oneshot::Sender<Noted>)>();
        let thread = std::thread::spawn(move || {
            while let Ok(first) = inbox.recv() {
                let all: Vec<_> = std::iter::once(first).chain(inbox.try_iter()).collect();
                let (notes, waiting): (Vec<_>, Vec<_>) = all.into_iter().unzip();
                let outcome = scribe.note(notes).map_err(|error| error.to_string());
                for waiting in waiting {
                    // Whoever was cancelled does not listen any more.
                    let _ = waiting.send(outcome.clone());
                }
            }
        });
        Self {
            notes: Some(notes),
            thread: Some(thread),
        }
    }

    async fn note(&self, note: Note) -> Result<(), Failure> {
        let (waiting, outcome) = oneshot::channel();
        let gone = || not_noted(&"the journal was closed");
        let inbox = self.notes.as_ref().ok_or_else(gone)?;
        inbox.send((note, waiting)).map_err(|_| gone())?;
        outcome
            .await
            .map_err(|_| gone())?
            .map_err(|why| not_noted(&why))
    }

    /// These rows are about to be sent.
    pub(super) async fn begin_batch(&self, batch: u64, rows: Rows) -> Result<(), Failure> {
        self.note(Note::Begin { batch, rows }).await
    }

    /// What became of a batch.
    pub(super) async fn settle(&self, settled: Settled) -> Result<(), Failure> {
        self.note(Note::Settle(settled)).await
    }

    /// Rows of which nothing is known are to be sent again.
    pub(super) async fn again(&self, rows: Rows) -> Result<(), Failure> {
        self.note(Note::Again(rows)).await
    }

    /// The load has come to its end.
    pub(super) async fn end(&self) -> Result<(), Failure> {
        self.note(Note::End).await
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        drop(self.notes.take());
        if let Some(thread) = self.thread.take() {
            // Its panic was told by the panic hook.
            let _ = thread.join();
        }
    }
}

/// Who writes.
struct Scribe {
    journal: File,
    /// Successes and failures.
    files: [File; 2],
    lengths: [u64; 2],
}

impl Scribe {
    fn note(&mut self, notes: Vec<Note>) -> io::Result<()> {
        let mut lines = Vec::new();
        let mut texts = [Vec::new(), Vec::new()];
        for note in notes {
            lines.extend(line(&self.json(note, &mut texts)));
        }
        for (file, text) in self.files.iter_mut().zip(&texts) {
            if !text.is_empty() {
                file.write_all(text)?;
                file.sync_data()?;
            }
        }
        self.write(&lines)
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        self.journal.write_all(lines)?;
        self.journal.sync_data()
    }

    fn json(&mut self, note: Note, texts: &mut [Vec<u8>; 2]) -> Json {
        let number = |number: u64| Json::from(i64::try_from(number).unwrap_or(i64::MAX));
        let mut json = Object::new();
        let mut put = |name: &str, value: Json| json.insert(name.to_owned(), value);
        match note {
            Note::Begin { batch, rows } => {
                put("batch", number(batch));
                put("rows", rows.text().into());
            }
            Note::Settle(settled) => {
                put("batch", number(settled.batch));
                for ((name, _), rows) in OTHERS.iter().zip(settled.others) {
                    if !rows.is_empty() {
                        let rows: Rows = rows.into_iter().collect();
                        put(name, rows.text().into());
                    }
                }
                for (place, text) in [settled.success, settled.failures].into_iter().enumerate() {
                    self.lengths[place] += text.len() as u64;
                    texts[place].extend(text);
                }
                put("success", number(self.lengths[0]));
                put("failures", number(self.lengths[1]));
            }
            Note::Again(rows) => {
                put("again", rows.text().into());
            }
            Note::End => {
                put("end", true.into());
            }
        }
        json.into()
    }
}

fn fresh(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

pub(super) fn not_noted(error: &dyn std::fmt::Display) -> Failure {
    let message = "how far the load has come could not be noted";
    Failure::new(FailureKind::Internal, message).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head {
            environment: "dev".to_owned(),
            domain: "https://dev.example".to_owned(),
            type_name: "user".to_owned(),
            sha256: "00".to_owned(),
            reading: "csv".to_owned(),
            rows: 300,
            wrong: [7, 250].into_iter().collect(),
            last_id: 41,
            begun: Timestamp::UNIX_EPOCH,
        }
    }

    fn rows(rows: std::ops::RangeInclusive<u64>) -> Rows {
        rows.collect()
    }

    async fn written(place: &Place) {
        let names = [b"s\n".to_vec(), b"f\n".to_vec()];
        let refused = |file: &mut File| file.write_all(b"7\n250\n");
        let journal = Journal::begin(place, &head(), names, refused).expect("begins");
        for (batch, range) in [(1, 1..=100), (2, 101..=200), (3, 201..=249)] {
            journal
                .begin_batch(batch, rows(range))
                .await
                .expect("notes");
        }
        let mut settled = Settled::of(2);
        settled.other(150, State::Failed);
        settled.other(151, State::Unknown);
        settled.other(152, State::Doubted);
        settled.success = b"many\n".to_vec();
        settled.failures = b"150\n".to_vec();
        journal.settle(settled).await.expect("notes");
        let mut settled = Settled::of(3);
        settled.others[1] = (201..=249).collect();
        journal.settle(settled).await.expect("notes");
    }

    #[tokio::test]
    async fn what_was_noted_is_known_again() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let place = Place(folder.path().join("load"));
        let _lock = place.lock().expect("is free");
        assert_eq!(place.read(), Ok(None));
        written(&place).await;
        let kept = place.read().expect("is whole").expect("is there");
        assert_eq!(kept.head, head());
        assert_eq!(
            (kept.last_batch, kept.is_touched, kept.is_done),
            (3, true, false)
        );
        assert_eq!(kept.in_doubt, BTreeMap::from([(1, rows(1..=100))]));
        for (row, state) in [
            (1, State::Begun),
            (101, State::Done),
            (150, State::Failed),
            (151, State::Unknown),
            (152, State::Doubted),
            (201, State::Pending),
            (250, State::Failed),
            (251, State::Pending),
        ] {
            assert_eq!(kept.states.get(row), state, "{row}");
        }
        // What was written without being noted is taken back.
        let success = place.file(outcome::SUCCESS);
        let mut file = OpenOptions::new()
            .append(true)
            .open(&success)
            .expect("opens");
        file.write_all(b"torn").expect("writes");
        let journal = Journal::resume(&place, &kept).expect("goes on");
        journal.again(rows(151..=151)).await.expect("notes");
        journal.end().await.expect("notes");
        drop(journal);
        assert_eq!(fs::read(&success).expect("is there"), b"s\nmany\n");
        let kept = place.read().expect("is whole").expect("is there");
        assert!(kept.is_done);
        assert_eq!(kept.states.get(151), State::Doubted);
    }

    #[tokio::test]
    async fn a_torn_last_line_never_was_and_a_broken_one_before_is_told() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let place = Place(folder.path().to_owned());
        written(&place).await;
        let path = place.file(JOURNAL);
        let whole = fs::read(&path).expect("is there");
        let ends: Vec<usize> = memchr::memchr_iter(b'\n', &whole).collect();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).expect("writes");
            let kept = place.read().expect("only its end is torn");
            let lines = ends.iter().filter(|end| **end < length).count();
            assert_eq!(kept.is_some(), lines > 0, "{length}");
            let doubted = kept.map_or(0, |kept| kept.in_doubt.len());
            assert_eq!(doubted, [0, 0, 1, 2, 3, 2, 1][lines], "{length}");
        }
        for at in 0..ends[2] {
            let mut broken = whole.clone();
            broken[at] ^= 1;
            fs::write(&path, &broken).expect("writes");
            assert!(place.read().is_err(), "{at}");
        }
    }
}
