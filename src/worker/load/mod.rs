//! Loading a file of records: every row is judged first, then what is right is created in bulk, noted before and after every
//! call, so that nothing that can happen on the way loses a record or makes one twice. What a load made can be taken back.
//!
//! ```text
//!  Job::PrepareLoad ─▶ schema, rules ─▶ check: verdicts on all rows ─▶ Prepared: how many, how many wrong
//!  Job::Load(Prepared) ─▶ feed ─▶ send ─▶ journal, outcome ─▶ Loaded
//!  Job::Rollback ─▶ rollback: the records of `success.csv`, deleted one by one
//! ```
//!
//! All that a load keeps is in one folder beside the file: see `outcome` and `journal`. Deliberately absent: updating
//! records that are there.

mod check;
mod content;
mod feed;
mod journal;
mod lookup;
mod outcome;
mod pace;
pub mod rollback;
mod send;
mod sorted;
mod states;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use futures_util::future;
use jiff::Timestamp;
use tempfile::NamedTempFile;
use tokio::sync::Semaphore;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::capture::schema::property::Property;
use crate::capture::schema::property::PropertyKind;
use crate::capture::schema::rule;
use crate::config::paths::create_private;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::files;
use crate::record_file::read;
use crate::record_file::read::Format;
use crate::record_file::read::Options;
use crate::record_file::read::Reader;
use crate::sandbox::rules::RuleSet;
use crate::worker::again::Asking;
use crate::worker::again::Reading;
use crate::worker::job::BulkProgress;
use crate::worker::job::JobError;
use crate::worker::job::Progress;
use crate::worker::load::check::Checked;
use crate::worker::load::check::Judge;
pub use crate::worker::load::check::Shown;
use crate::worker::load::content::Content;
use crate::worker::load::content::Noting;
use crate::worker::load::content::Same;
use crate::worker::load::feed::Known;
use crate::worker::load::journal::Head;
use crate::worker::load::journal::Journal;
use crate::worker::load::journal::Kept;
use crate::worker::load::journal::Place;
use crate::worker::load::pace::Pace;
use crate::worker::load::send::Counts;
use crate::worker::load::send::Sending;
use crate::worker::load::send::WAITING;
use crate::worker::load::states::State;
use crate::worker::load::states::States;
use crate::worker::services::Services;
use crate::worker::services::blocking;

/// What is added to a file's name for the folder of its load.
pub const FOLDER: &str = ".captui-load";

/// What a pipe brought, in the folder.
const SPOOL: &str = "input";

/// The digests of what was written back, in the folder.
const WRITTEN: &str = "written.sha256";

/// How records are created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Many in a call: `entity.bulkCreate`.
    Bulk,
    /// One in a call: `entity.create`.
    Single,
}

/// What is to be loaded, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// The entity type.
    pub type_name: String,
    /// The file; `-` for standard input. What is no file but a pipe is kept in the folder.
    pub file: PathBuf,
    /// The folder for the journal and the outcomes; `None` for the file's name with [`FOLDER`], or for what is piped in a
    /// folder of the working directory that is named by its digest.
    pub folder: Option<PathBuf>,
    /// How the file is read.
    pub reading: Options,
    /// How records are created.
    pub method: Method,
    /// The most records in a call.
    pub batch: usize,
    /// The most calls at the same time.
    pub concurrency: usize,
    /// Calls leave that far apart at least.
    pub apart: Duration,
    /// How long a batch may take to appear after the service gave up on it.
    pub settle: Duration,
    /// How long it goes on, beyond that, when nothing comes of any call.
    pub patience: Duration,
    /// The rows are judged and nothing is going to be sent: a load that was begun stays as it is.
    pub judge_only: bool,
    /// A load of this file that was begun, or came to its end, is put aside, and all is sent anew.
    pub restart: bool,
    /// Rows of which nobody could tell whether their records are there are sent again.
    pub resend_unknown: bool,
}

/// A file that was judged, or whose load goes on: ready to be sent. The same one is only equal to itself.
#[derive(Clone)]
pub struct Prepared(Arc<Inside>);

struct Inside {
    work: Load,
    folder: Folder,
    /// The file that is read: the one given, or what a pipe brought.
    input: PathBuf,
    format: Format,
    /// What it held when its rows were judged.
    content: Content,
    judge: Judge,
    secret_names: Vec<String>,
    summary: Summary,
    /// The verdicts; taken by whoever sends.
    checked: Mutex<Option<Checked>>,
    kept: Option<Kept>,
}

/// The folder of a load, in which nobody else works meanwhile. Where nothing came of it, it is taken away again.
struct Folder {
    place: Place,
    _lock: Option<File>,
}

/// What is known before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many rows there are.
    pub rows: u64,
    /// How many of them were refused here.
    pub wrong: u64,
    /// How many are to be sent.
    pub to_send: u64,
    /// The first things that are wrong.
    pub shown: Vec<Shown>,
    /// What an earlier run came to, when this one goes on with it.
    pub resumed: Option<Resumed>,
    /// Whether rows that were sent can be looked for, by a unique attribute.
    pub can_look: bool,
    /// The folder of the load.
    pub folder: PathBuf,
}

/// How far an interrupted load came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resumed {
    /// When it was begun.
    pub begun: Timestamp,
    /// Records that are there.
    pub done: u64,
    /// Rows that were refused, here or by the service.
    pub failed: u64,
    /// Rows that were about to be sent when it ended, which are looked for first.
    pub in_doubt: u64,
}

/// What became of a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// How many rows there are.
    pub rows: u64,
    /// Records that are there.
    pub done: u64,
    /// Rows that were refused, here or by the service.
    pub failed: u64,
    /// Rows of which nobody can tell.
    pub unknown: u64,
    /// Rows that are still to be sent.
    pub left: u64,
    /// Why it stopped before its end, unless the user wanted it.
    pub stopped: Option<Failure>,
    /// The folder of the load.
    pub folder: PathBuf,
    /// What is in it, by what it is: `success`, `failures`, `rejected`, `unknown`.
    pub files: BTreeMap<&'static str, PathBuf>,
}

impl Prepared {
    /// What is known before anything is sent.
    pub fn summary(&self) -> &Summary {
        &self.0.summary
    }

    /// The call that would create the first record; `None` when nothing is to be sent.
    pub fn first_call(&self) -> Result<Option<ApiRequest>, Failure> {
        self.0.first_call()
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.0.summary).finish()
    }
}

impl PartialEq for Prepared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Prepared {}

/// Judges a file, or finds out how far its load has come. Sends nothing but the questions for the entity type and its rules.
pub(super) async fn prepare<P: Fn(Progress)>(
    work: Load,
    services: &Services,
    progress: &P,
    cancel: &CancellationToken,
) -> Result<Prepared, JobError> {
    let asking = Asking::new(services, progress, cancel);
    let schema = Arc::new(entity_type(&work.type_name, &asking).await?);
    let rules = rules(&schema, &asking).await?;
    let keys = lookup::readable_keys(&schema, &asking).await?;
    let whereabouts = (services.environment().name.clone(), services.whereabouts());
    let (told, mut counts) = mpsc::unbounded_channel();
    let stop = cancel.clone();
    let preparing = tokio::task::spawn_blocking(move || {
        let tell = move |rows| {
            // Nobody listens any more when the job was dropped.
            let _ = told.send(rows);
            !stop.is_cancelled()
        };
        let judging = Judging {
            schema,
            rules,
            keys,
        };
        open(work, judging, &whereabouts, &tell)
    });
    while let Some(done) = counts.recv().await {
        progress(Progress::Bulk(BulkProgress {
            done,
            ..BulkProgress::default()
        }));
    }
    let prepared = preparing
        .await
        .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    prepared
        .map_err(JobError::Failed)?
        .ok_or(JobError::Cancelled(None))
}

/// The entity type of the records.
async fn entity_type<P: Fn(Progress)>(
    name: &str,
    asking: &Asking<'_, P>,
) -> Result<EntityType, JobError> {
    let request = ApiRequest::new(Endpoint::TypeView).with("type_name", name);
    let exchange = asking.ask(&request, Reading::Whole).await?;
    match exchange.answer() {
        Some(Answer::Ok(answer)) => match EntityType::from_json(answer) {
            Ok((schema, _)) => Ok(schema),
            Err(_) => Err(JobError::Exchange(exchange)),
        },
        _ => Err(JobError::Exchange(exchange)),
    }
}

/// What rows are judged by, as the service tells it.
struct Judging {
    schema: Arc<EntityType>,
    rules: (RuleSet, bool),
    /// The attributes by which records can be looked for.
    keys: Vec<AttrPath>,
}

/// The rules of the type, as far as this client may read them, and whether these are all.
async fn rules<P: Fn(Progress)>(
    schema: &EntityType,
    asking: &Asking<'_, P>,
) -> Result<(RuleSet, bool), JobError> {
    for endpoint in [Endpoint::TypeProperties, Endpoint::TypeRules] {
        let request = ApiRequest::new(endpoint).with("type_name", schema.name.as_str());
        let exchange = asking.ask(&request, Reading::Whole).await?;
        let Some(Answer::Ok(answer)) = exchange.answer() else {
            continue;
        };
        let results = answer.get("results").and_then(Json::as_array);
        let properties = results.unwrap_or_default().iter();
        let rules: Vec<_> = properties
            .filter_map(|property| Property::from_json(property).ok())
            .filter(|property| property.kind == PropertyKind::Rule)
            .map(|property| rule::reread(&property.definition?, &property.attributes, schema).ok())
            .collect();
        let knows_all = rules.iter().all(Option::is_some);
        return Ok((
            RuleSet::new(rules.into_iter().flatten().collect()),
            knows_all,
        ));
    }
    asking.tell("the rules of the entity type cannot be read: rows are not checked against them");
    Ok((RuleSet::default(), false))
}

/// Opens the file and its folder, and judges the rows or takes up what was begun. `None` when it was stopped. Blocks.
fn open(
    mut work: Load,
    judging: Judging,
    (environment, domain): &(String, String),
    tell: &dyn Fn(u64) -> bool,
) -> Result<Option<Prepared>, Failure> {
    let given = Given::take(&work)?;
    let mut place = Place(given.folder(&work));
    if work.judge_only && place.read()?.is_some_and(|kept| kept.is_touched) {
        place = place.beside();
    }
    let mut folder = Folder::open(place)?;
    let mut kept = folder.place.read()?.filter(|kept| kept.is_touched);
    if work.restart && kept.take().is_some() {
        folder.place.put_aside()?;
        folder = Folder::open(folder.place.clone())?;
    }
    let format = work.reading.format.or_else(|| Format::of_name(&work.file));
    work.reading.format = format;
    let (stream, content) = Noting::new(read::stream(given.path())?);
    let reader = Reader::over(name_of(&work.file), Box::new(stream), &work.reading)?;
    work.reading.format = Some(reader.format());
    let format = reader.format();
    let Judging {
        schema,
        rules,
        keys,
    } = judging;
    let shape = reader.shape(&schema, &work.reading)?;
    let secret_names = schema.password_names();
    let judge = Judge::new(schema, shape, rules, &keys, Timestamp::now());
    let (checked, rows) = if kept.is_some() {
        match count(reader, tell)? {
            Some(rows) => (None, rows),
            None => return Ok(None),
        }
    } else {
        match check::check(reader, &judge, tell)? {
            Some(checked) => {
                let rows = checked.rows;
                (Some(checked), rows)
            }
            None => return Ok(None),
        }
    };
    let content = content.content();
    if let Some(kept) = &mut kept {
        let whereabouts = (environment.as_str(), domain.as_str());
        fits(kept, &work, whereabouts, &content, &folder.place)?;
    }
    let place = &folder.place;
    let input = given.keep(place)?;
    let summary = summary(&work, place, &judge, rows, checked.as_ref(), kept.as_mut());
    Ok(Some(Prepared(Arc::new(Inside {
        work,
        folder,
        input,
        format,
        content,
        judge,
        secret_names,
        summary,
        checked: Mutex::new(checked),
        kept,
    }))))
}

/// What is loaded: it is read more than once.
enum Given {
    /// A file, where it is.
    File(PathBuf),
    /// What a pipe brought, under a name that nobody looks for until it is known that it may be kept.
    Piped(NamedTempFile, Content),
}

impl Given {
    fn take(work: &Load) -> Result<Self, Failure> {
        let is_pipe = work.file == Path::new("-")
            || fs::metadata(&work.file).is_ok_and(|it| !it.is_file() && !it.is_dir());
        if !is_pipe {
            return Ok(Self::File(work.file.clone()));
        }
        let (mut stream, content) = Noting::new(read::stream(&work.file)?);
        let beside = work.folder.as_deref().unwrap_or(Path::new("."));
        let mut keep = || {
            create_private(beside)?;
            let mut named = tempfile::Builder::new();
            let mut file = named.prefix("piped-").suffix(".part").tempfile_in(beside)?;
            io::copy(&mut stream, &mut file)?;
            file.as_file().sync_all()?;
            Ok(file)
        };
        match keep() {
            Ok(file) => Ok(Self::Piped(file, content.content())),
            Err(error) => Err(not_kept(&error)),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Piped(file, _) => file.path(),
        }
    }

    /// Where the load of it is kept: what comes through pipes is told apart by what it is.
    fn folder(&self, work: &Load) -> PathBuf {
        match (&work.folder, self) {
            (Some(folder), _) => folder.clone(),
            (None, Self::File(path)) => {
                let mut name = path.clone().into_os_string();
                name.push(FOLDER);
                name.into()
            }
            (None, Self::Piped(_, content)) => {
                let digits: String = content.sha256().chars().take(8).collect();
                format!("piped-{digits}{FOLDER}").into()
            }
        }
    }

    /// Keeps it for as long as the load; gives its path from now on.
    fn keep(self, place: &Place) -> Result<PathBuf, Failure> {
        match self {
            Self::File(path) => Ok(path),
            Self::Piped(file, _) => {
                let path = place.file(SPOOL);
                let kept = file.persist(&path);
                kept.map_err(|error| not_kept(&error.error))?;
                Ok(path)
            }
        }
    }
}

fn not_kept(error: &io::Error) -> Failure {
    let message = "what is piped in could not be kept to be read";
    Failure::new(FailureKind::Internal, message).because(error)
}

/// What a file is called to people.
fn name_of(file: &Path) -> String {
    if file == Path::new("-") {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    }
}

fn private(path: &Path) -> io::Result<File> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

impl Folder {
    fn open(place: Place) -> Result<Self, Failure> {
        let lock = place.lock()?;
        Ok(Self { place, _lock: lock })
    }
}

/// Takes away a folder in which nothing is but what was made to look at the rows.
impl Drop for Folder {
    fn drop(&mut self) {
        let entries = fs::read_dir(&self.place.0).into_iter().flatten().flatten();
        let is_spare = |name: &OsStr| [journal::LOCK, SPOOL].iter().any(|spare| name == *spare);
        let names: Vec<OsString> = entries.map(|entry| entry.file_name()).collect();
        if names.iter().all(|name| is_spare(name)) {
            for name in names {
                // What cannot be taken away is only in the way.
                let _ = fs::remove_file(self.place.0.join(name));
            }
            let _ = fs::remove_dir(&self.place.0);
        }
    }
}

/// How many rows a file has; its digest is made on the way.
fn count(mut reader: Reader, tell: &dyn Fn(u64) -> bool) -> Result<Option<u64>, Failure> {
    let mut rows = 0;
    while reader.next_row()?.is_some() {
        rows += 1;
        if rows % 4096 == 0 && !tell(rows) {
            return Ok(None);
        }
    }
    Ok(Some(rows))
}

/// Whether a load that was begun is the one that is asked for.
fn fits(
    kept: &Kept,
    work: &Load,
    (environment, domain): (&str, &str),
    content: &Content,
    place: &Place,
) -> Result<(), Failure> {
    let head = &kept.head;
    let rows = head.rows;
    let refuse = |message: String| {
        Failure::new(FailureKind::Found, message)
            .hint("nothing was sent; --restart puts that load aside and sends every row, also those whose records are there")
    };
    let plain = |domain: &str| domain.trim_end_matches('/').to_ascii_lowercase();
    if (plain(&head.domain), &head.type_name) != (plain(domain), &work.type_name) {
        let (own, other) = (&head.environment, &head.type_name);
        return Err(refuse(format!(
            "a load of this file into `{other}` in the environment `{own}` was begun, not into `{}` in `{environment}`",
            work.type_name
        )));
    }
    if head.sha256 != content.sha256() || head.reading != reading(work) {
        return Err(refuse(
            "a load of this file was begun, and the file, or how it is read, has changed since"
                .to_owned(),
        ));
    }
    refuse_taken_back(kept, place)?;
    let unknown = kept.states.count(State::Unknown, rows);
    if kept.is_done && !(work.resend_unknown && unknown > 0) {
        let done = kept.states.count(State::Done, rows);
        let failure = refuse(format!(
            "this file was loaded already, begun at {}: {done} of {rows} records are there",
            head.begun
        ));
        return Err(if unknown > 0 {
            failure.hint(format!(
                "of {unknown} rows nobody could tell: --resend-unknown sends them again"
            ))
        } else {
            failure
        });
    }
    Ok(())
}

/// A load of which records were taken back does not go on: the rest alone would be there.
fn refuse_taken_back(kept: &Kept, place: &Place) -> Result<(), Failure> {
    let back = rollback::dealt_with(&place.file(outcome::SUCCESS)).len() as u64;
    if back == 0 {
        return Ok(());
    }
    let done = kept.states.count(State::Done, kept.head.rows);
    let message = format!(
        "this file was loaded, and {back} of the {done} records that were made are taken back"
    );
    let failure = Failure::new(FailureKind::Found, message);
    Err(if back < done {
        failure.hint(format!(
            "nothing was sent; take back the others first: captui record rollback {}",
            place.0.display()
        ))
    } else {
        failure.hint("nothing was sent; --restart loads the file again")
    })
}

/// What decides what the rows of a file are.
fn reading(work: &Load) -> String {
    let Options {
        format,
        delimiter,
        skip_unknown,
        leave_out_given,
        formula_safe,
    } = &work.reading;
    let format = format.map_or("", Format::name);
    let delimiter = delimiter.map_or_else(String::new, |byte| char::from(byte).to_string());
    format!(
        "{format}{delimiter}{}{}{}",
        u8::from(*skip_unknown),
        u8::from(*leave_out_given),
        if *formula_safe { "safe" } else { "" }
    )
}

fn summary(
    work: &Load,
    place: &Place,
    judge: &Judge,
    rows: u64,
    checked: Option<&Checked>,
    kept: Option<&mut Kept>,
) -> Summary {
    let wrong = checked.map_or(0, |checked| checked.wrong);
    let mut summary = Summary {
        rows,
        wrong,
        to_send: rows - wrong,
        shown: checked.map_or_else(Vec::new, |checked| checked.shown.clone()),
        resumed: None,
        can_look: judge.has_keys(),
        folder: place.0.clone(),
    };
    if let Some(kept) = kept {
        let count = |state| kept.states.count(state, rows);
        let (done, failed) = (count(State::Done), count(State::Failed));
        let unknown = if work.resend_unknown {
            0
        } else {
            count(State::Unknown)
        };
        summary.to_send = rows - done - failed - unknown;
        summary.resumed = Some(Resumed {
            begun: kept.head.begun,
            done,
            failed,
            in_doubt: count(State::Begun),
        });
    }
    summary
}

impl Inside {
    fn reader(&self) -> Result<Reader, Failure> {
        let name = name_of(&self.work.file);
        let stream = Same::new(
            name.clone(),
            read::stream(&self.input)?,
            self.content.clone(),
        );
        Reader::over(name, Box::new(stream), &self.work.reading)
    }

    fn first_call(&self) -> Result<Option<ApiRequest>, Failure> {
        let checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = self.kept.as_ref().map(|kept| &kept.states);
        let states = kept.or_else(|| checked.as_ref().map(|checked| &checked.states));
        let states = states.cloned().unwrap_or_default();
        drop(checked);
        let known = Known {
            states,
            in_doubt: BTreeMap::new(),
        };
        let pace = Pace::new(Duration::ZERO, 1);
        let (give, mut batches) = mpsc::channel(1);
        let reader = self.reader()?;
        std::thread::scope(|scope| {
            let feeding =
                scope.spawn(move || feed::feed(reader, &self.judge, &known, &pace, &give));
            let first = batches.blocking_recv();
            drop(batches);
            feeding
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            let type_name = &self.work.type_name;
            Ok(first.map(|batch| {
                send::request(self.work.method, type_name, &batch, &self.secret_names)
            }))
        })
    }

    /// Writes the rows in these states back as they were read, each state into its file; gives those that have any, and
    /// those that somebody had changed since they were written, which are put aside.
    fn write_back(&self, states: &States) -> Result<BTreeMap<&'static str, PathBuf>, Failure> {
        let extension = match self.format {
            Format::Csv => "csv",
            Format::Ndjson | Format::Json => "ndjson",
        };
        let place = &self.folder.place;
        let written = |error: io::Error| journal::not_noted(&error);
        let mut last = LastWritten::read(place);
        let mut files = BTreeMap::new();
        for (kind, changed, state) in [
            (outcome::REJECTED, "changed", State::Failed),
            (outcome::UNKNOWN, "changed unknown", State::Unknown),
        ] {
            let name = format!("{kind}.{extension}");
            let (path, part) = (place.file(&name), place.file(&format!("{name}.part")));
            let has_any = states.count(state, self.summary.rows) > 0;
            if has_any {
                self.write_rows(states, state, &part)?;
            }
            let new = digest_of(&part).map_err(written)?.filter(|_| has_any);
            let old = digest_of(&path).map_err(written)?;
            if old.is_some() && old != new && old != last.of(&name) {
                let aside = free_name(place, kind, extension);
                fs::rename(&path, &aside).map_err(written)?;
                files.insert(changed, aside);
            }
            if has_any {
                fs::rename(&part, &path).map_err(written)?;
                files.insert(kind, path);
            } else {
                // One of an earlier run may be there.
                let _ = fs::remove_file(&path);
            }
            last.set(name, new);
        }
        last.write(place).map_err(written)?;
        Ok(files)
    }

    fn write_rows(&self, states: &States, state: State, path: &Path) -> Result<(), Failure> {
        let mut reader = self.reader()?;
        let written = |error: io::Error| journal::not_noted(&error);
        let mut out = BufWriter::new(private(path).map_err(written)?);
        if let Some(header) = reader.header() {
            header.write_to(self.format, &mut out).map_err(written)?;
        }
        while let Some(row) = reader.next_row()? {
            if states.get(row.number) == state {
                row.write_to(self.format, &mut out).map_err(written)?;
            }
        }
        out.flush().map_err(written)
    }
}

/// The digests of the rows that were written back, as `sha256sum` writes them: what somebody has changed since then, to
/// load it corrected, must not be written over.
struct LastWritten(BTreeMap<String, String>);

impl LastWritten {
    fn read(place: &Place) -> Self {
        // Without one, nothing was written.
        let text = fs::read_to_string(place.file(WRITTEN)).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.split_once("  "));
        Self(
            lines
                .map(|(digest, name)| (name.to_owned(), digest.to_owned()))
                .collect(),
        )
    }

    fn of(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    fn set(&mut self, name: String, digest: Option<String>) {
        match digest {
            Some(digest) => self.0.insert(name, digest),
            None => self.0.remove(&name),
        };
    }

    fn write(&self, place: &Place) -> io::Result<()> {
        if self.0.is_empty() {
            return match fs::remove_file(place.file(WRITTEN)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        let lines = self.0.iter();
        let lines = lines.flat_map(|(name, digest)| [digest.as_str(), "  ", name.as_str(), "\n"]);
        let text: String = lines.collect();
        files::replace(&place.0, WRITTEN, text.as_bytes()).map(drop)
    }
}

/// The digest of a file; `None` when it is not there.
fn digest_of(path: &Path) -> io::Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let (mut stream, content) = Noting::new(file);
    io::copy(&mut stream, &mut io::sink())?;
    Ok(Some(content.content().sha256()))
}

/// `rejected-1.csv`, or the next that is not there.
fn free_name(place: &Place, kind: &str, extension: &str) -> PathBuf {
    let names = (1..).map(|number| place.file(&format!("{kind}-{number}.{extension}")));
    let mut free = names.skip_while(|path| fs::symlink_metadata(path).is_ok());
    free.next().unwrap_or_default()
}

/// Writes what is wrong with the rows into the folder, where nothing is going to be sent. Gives the files.
pub(super) async fn write_verdicts(
    prepared: Prepared,
) -> Result<BTreeMap<&'static str, PathBuf>, JobError> {
    let write = move || {
        let inside = &*prepared.0;
        let checked = inside
            .checked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut checked) = checked else {
            return Ok(BTreeMap::new());
        };
        let path = inside.folder.place.file(outcome::FAILURES);
        if checked.wrong == 0 {
            // What an earlier look has found does not hold any more.
            let _ = fs::remove_file(path);
            return inside.write_back(&checked.states);
        }
        let mut write = || {
            create_private(&inside.folder.place.0)?;
            let mut file = BufWriter::new(private(&path)?);
            file.write_all(&outcome::failures_head(inside.judge.name.as_ref()))?;
            write_lines(&mut checked, &mut file)?;
            file.flush()
        };
        write().map_err(|error: io::Error| journal::not_noted(&error))?;
        let mut files = inside.write_back(&checked.states)?;
        files.insert("failures", path);
        Ok(files)
    };
    blocking(write).await.map_err(JobError::Failed)
}

fn write_lines(checked: &mut Checked, out: &mut impl Write) -> io::Result<()> {
    while let Some((_, text)) = checked.lines.next()? {
        out.write_all(&text)?;
    }
    Ok(())
}

/// Sends what is right and not there yet. A cancel lets what is under way come to its end, and begins nothing more.
pub(super) async fn load<P: Fn(Progress)>(
    prepared: Prepared,
    services: &Services,
    progress: &P,
    cancel: &CancellationToken,
) -> Result<Loaded, JobError> {
    let inside = Arc::clone(&prepared.0);
    let asking = Asking::new(services, progress, cancel);
    let (journal, mut known, last_id, last_batch) = if let Some(kept) = &inside.kept {
        let journal = Journal::resume(&inside.folder.place, kept).map_err(JobError::Failed)?;
        let known = Known {
            states: kept.states.clone(),
            in_doubt: kept.in_doubt.clone(),
        };
        (journal, known, kept.head.last_id, kept.last_batch)
    } else {
        let last_id = lookup::last_id(&inside.work.type_name, &asking).await?;
        let environment = services.environment().name.clone();
        let domain = services.whereabouts();
        let own = Arc::clone(&inside);
        let begun = blocking(move || begin(&own, environment, domain, last_id)).await;
        let (journal, states) = begun.map_err(JobError::Failed)?;
        let known = Known {
            states,
            in_doubt: BTreeMap::new(),
        };
        (journal, known, last_id, 0)
    };
    let rows = inside.summary.rows;
    if inside.work.resend_unknown {
        let unknown = known.states.rows(State::Unknown, rows);
        if !unknown.is_empty() {
            for row in unknown.iter() {
                known.states.set(row, State::Doubted);
            }
            journal.again(unknown).await.map_err(JobError::Failed)?;
        }
    }
    let run = Run {
        inside: &inside,
        journal: &journal,
        asking: &asking,
        last_id,
        last_batch,
    };
    let stopped = run.send(Arc::new(known), services, progress, cancel).await;
    finish(&inside, journal, stopped).await
}

/// Begins the journal of a new load, with what was refused here.
fn begin(
    inside: &Inside,
    environment: String,
    domain: String,
    last_id: i64,
) -> Result<(Journal, States), Failure> {
    let checked = inside
        .checked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let mut checked = checked.ok_or_else(|| {
        Failure::new(
            FailureKind::Internal,
            "this load was sent already: nothing more was sent",
        )
    })?;
    let head = Head {
        environment,
        domain,
        type_name: inside.work.type_name.clone(),
        sha256: inside.content.sha256(),
        reading: reading(&inside.work),
        rows: checked.rows,
        wrong: checked.states.rows(State::Failed, checked.rows),
        last_id,
        begun: Timestamp::now(),
    };
    create_private(&inside.folder.place.0).map_err(|error| journal::not_noted(&error))?;
    let name = inside.judge.name.as_ref();
    let heads = [outcome::success_head(name), outcome::failures_head(name)];
    let journal = Journal::begin(&inside.folder.place, &head, heads, |file| {
        let mut out = BufWriter::new(file);
        write_lines(&mut checked, &mut out)?;
        out.flush()
    })?;
    Ok((journal, checked.states))
}

/// One run of a load.
struct Run<'a, P> {
    inside: &'a Arc<Inside>,
    journal: &'a Journal,
    asking: &'a Asking<'a, P>,
    last_id: i64,
    last_batch: u64,
}

impl<P: Fn(Progress)> Run<'_, P> {
    /// Feeds the workers and lets them send; gives why they stopped before the end.
    async fn send(
        &self,
        known: Arc<Known>,
        services: &Services,
        progress: &P,
        cancel: &CancellationToken,
    ) -> Option<Failure> {
        let work = &self.inside.work;
        let (most, concurrency) = match work.method {
            Method::Bulk => (work.batch, work.concurrency.max(1)),
            Method::Single => (1, work.concurrency.max(1)),
        };
        let pace = Arc::new(Pace::new(work.apart, most));
        let never = CancellationToken::new();
        let rows = self.inside.summary.rows;
        let before = rows - self.inside.summary.to_send;
        let sending = Sending {
            services,
            progress,
            cancel,
            never: &never,
            asking: self.asking,
            judge: &self.inside.judge,
            journal: self.journal,
            pace: &pace,
            method: work.method,
            settle: work.settle,
            patience: work.patience,
            last_id: self.last_id,
            secret_names: self.inside.secret_names.clone(),
            places: Semaphore::new(concurrency),
            next_batch: AtomicU64::new(self.last_batch + 1),
            counts: Counts {
                of: rows,
                before,
                ..Counts::default()
            },
            failed: Mutex::new(None),
        };
        let (give, batches) = mpsc::channel(concurrency);
        let batches = tokio::sync::Mutex::new(batches);
        let feeding = {
            let (inside, pace) = (Arc::clone(self.inside), Arc::clone(&pace));
            tokio::task::spawn_blocking(move || {
                let reader = inside.reader()?;
                feed::feed(reader, &inside.judge, &known, &pace, &give)
            })
        };
        let workers = (0..concurrency + WAITING).map(|_| sending.work(&batches));
        future::join_all(workers).await;
        drop(batches);
        let fed = feeding
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let failed = sending
            .failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        failed.or(fed.err())
    }
}

/// Ends the journal when all is dealt with, and writes the rows back that are not there.
async fn finish(
    inside: &Arc<Inside>,
    journal: Journal,
    mut stopped: Option<Failure>,
) -> Result<Loaded, JobError> {
    let rows = inside.summary.rows;
    let counted = |inside: &Inside| -> Result<States, Failure> {
        let gone = || Failure::new(FailureKind::Internal, "the journal of the load is gone");
        Ok(inside.folder.place.read()?.ok_or_else(gone)?.states)
    };
    let own = Arc::clone(inside);
    let states = blocking(move || counted(&own))
        .await
        .map_err(JobError::Failed)?;
    let count = |state| states.count(state, rows);
    let left = count(State::Pending) + count(State::Doubted) + count(State::Begun);
    let (done, failed, unknown) = (
        count(State::Done),
        count(State::Failed),
        count(State::Unknown),
    );
    let mut files = BTreeMap::from([("success", inside.folder.place.file(outcome::SUCCESS))]);
    if failed > 0 {
        files.insert("failures", inside.folder.place.file(outcome::FAILURES));
    }
    if left == 0 {
        let own = Arc::clone(inside);
        match blocking(move || own.write_back(&states)).await {
            Ok(written) => {
                files.extend(written);
                journal.end().await.map_err(JobError::Failed)?;
            }
            // The load is not at its end: going on with it writes them.
            Err(failure) => {
                let message = format!("refused rows are not written back: {}", failure.message);
                stopped.get_or_insert(Failure { message, ..failure });
            }
        }
    }
    // Closed before its files are told of.
    blocking(move || drop(journal)).await;
    Ok(Loaded {
        rows,
        done,
        failed,
        unknown,
        left,
        stopped,
        folder: inside.folder.place.0.clone(),
        files,
    })
}
