//! Taking back what a load made: the records of its `success.csv`, deleted by their uuids, those alone that nobody changed
//! since. What became of each is added to `rolled-back.csv` beside it, so that a roll-back that was interrupted goes on.
//!
//! Nobody changed a record when its `lastUpdated` is not later than the answer that told of it, by the service's clock, which
//! tells whole seconds. It is deleted under the guard of that very `lastUpdated`, so that nobody's change between the look
//! and the deletion is lost. A deletion of which nothing is known is made again: of a record that is gone, the service says
//! so, and the guard holds as before.
//!
//! A load that ended while calls were under way is gone on with first: of their records nobody knows before. Those that stay
//! unknown are not in the list; that is told.

use std::collections::HashSet;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Take;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::filter::completion::quote;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::value::date;
use crate::curl::export::quote as quote_word;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Verdict;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::worker::again::Asking;
use crate::worker::again::Reading;
use crate::worker::again::Waiting;
use crate::worker::again::asked_for;
use crate::worker::job::BulkProgress;
use crate::worker::job::JobError;
use crate::worker::job::Progress;
use crate::worker::load::FOLDER;
use crate::worker::load::journal::Kept;
use crate::worker::load::journal::Place;
use crate::worker::load::outcome;
use crate::worker::load::pace::Pace;
use crate::worker::load::states::State;
use crate::worker::services::Keep;
use crate::worker::services::Services;
use crate::worker::services::blocking;

/// What became of each record.
const ROLLED_BACK: &str = "rolled-back.csv";

/// How many records are looked at in one call.
const AT_ONCE: usize = 50;

/// How often a deletion is tried.
const TRIES: u32 = 8;

/// What is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback {
    /// The folder of the load, its `success.csv`, or the file that was loaded.
    pub what: PathBuf,
    /// The entity type, where no journal beside the list says it.
    pub type_name: Option<String>,
    /// Records that were changed since are deleted as well.
    pub force: bool,
    /// The most calls at the same time.
    pub concurrency: usize,
    /// Calls leave that far apart at least.
    pub apart: Duration,
}

/// What a roll-back is about, before anything is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollbackPlan {
    /// What was asked for.
    pub work: Rollback,
    /// The entity type.
    pub type_name: String,
    /// The list.
    pub list: PathBuf,
    /// How many records are in it.
    pub records: u64,
    /// How many of them were dealt with before.
    pub before: u64,
    /// Rows of the load of which nobody can tell whether their records are there: they are not in the list.
    pub unknown: u64,
    /// How much of the list counts, in bytes, where a journal says so.
    length: Option<u64>,
}

/// What became of a roll-back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolledBack {
    /// How many records the list has.
    pub records: u64,
    /// Deleted, now or before.
    pub deleted: u64,
    /// Gone already.
    pub gone: u64,
    /// Left alone, since somebody changed them.
    pub changed: u64,
    /// Refused by the service, or of unknown outcome.
    pub failed: u64,
    /// Not dealt with yet.
    pub left: u64,
    /// Rows of the load of which nobody can tell whether their records are there.
    pub unknown: u64,
    /// Why it stopped before its end, unless the user wanted it.
    pub stopped: Option<Failure>,
    /// Where it stands what became of each.
    pub file: PathBuf,
}

/// A record of the list.
#[derive(Clone, Debug)]
struct Entry {
    line: String,
    uuid: String,
    /// When the service had made it.
    answered: Option<Timestamp>,
}

impl Entry {
    fn is_in(&self, uuids: &HashSet<Uuid>) -> bool {
        Uuid::parse_str(&self.uuid).is_ok_and(|uuid| uuids.contains(&uuid))
    }
}

/// What becomes of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Deleted,
    Gone,
    Changed,
    Failed(String),
}

impl End {
    fn word(&self) -> &str {
        match self {
            Self::Deleted => "deleted",
            Self::Gone => "gone",
            Self::Changed => "changed",
            Self::Failed(_) => "failed",
        }
    }
}

/// Finds the list, and what it is about. Sends nothing.
pub(in crate::worker) async fn plan(
    work: Rollback,
    services: &Services,
) -> Result<RollbackPlan, JobError> {
    let whereabouts = services.whereabouts();
    let environment = services.environment().name.clone();
    let planned = blocking(move || make_plan(work, &environment, &whereabouts)).await;
    planned.map(|(plan, _)| plan).map_err(JobError::Failed)
}

/// The plan, with the lock on the folder of the load, if it is one.
fn make_plan(
    work: Rollback,
    environment: &str,
    domain: &str,
) -> Result<(RollbackPlan, Option<File>), Failure> {
    let list = list_of(&work.what)?;
    let folder = list.parent().filter(|it| !it.as_os_str().is_empty());
    let place = Place(folder.unwrap_or(Path::new(".")).to_owned());
    let (mut kept, mut lock) = (place.read()?, None);
    if kept.is_some() {
        lock = place.lock()?;
        kept = place.read()?;
    }
    let bare = |domain: &str| domain.trim_end_matches('/').to_ascii_lowercase();
    if let Some(kept) = &kept
        && bare(&kept.head.domain) != bare(domain)
    {
        return Err(Failure::new(
            FailureKind::Usage,
            format!(
                "these records were loaded in the environment `{}`, not in `{environment}`",
                kept.head.environment
            ),
        )
        .hint("nothing was sent; --env names the environment"));
    }
    let (mut length, mut unknown) = (None, 0);
    if let Some(kept) = &kept {
        refuse_begun(kept, &place)?;
        length = Some(kept.success_length());
        let count = |state| kept.states.count(state, kept.head.rows);
        unknown = count(State::Unknown) + count(State::Doubted);
    }
    let own = kept.map(|kept| kept.head.type_name);
    let type_name = match (own, &work.type_name) {
        (Some(own), Some(given)) if own != *given => {
            let message = format!("these records were loaded into `{own}`, not into `{given}`");
            return Err(Failure::new(FailureKind::Usage, message));
        }
        (Some(own), _) => own,
        (None, Some(given)) => given.clone(),
        (None, None) => {
            let message = format!("{} does not say of which entity type it is", list.display());
            return Err(Failure::new(FailureKind::Usage, message)
                .because("there is no journal of a load beside it")
                .hint("--type NAME says it"));
        }
    };
    let (mut records, mut before) = (0, 0);
    let dealt = dealt_with(&list);
    for entry in Entries::open(&list, length)? {
        records += 1;
        before += u64::from(entry?.is_in(&dealt));
    }
    let plan = RollbackPlan {
        work,
        type_name,
        list,
        records,
        before,
        unknown,
        length,
    };
    Ok((plan, lock))
}

/// Refuses while nobody knows what became of calls that were under way when the load ended.
fn refuse_begun(kept: &Kept, place: &Place) -> Result<(), Failure> {
    let begun = kept.states.count(State::Begun, kept.head.rows);
    if begun == 0 {
        return Ok(());
    }
    let folder = place.0.to_string_lossy();
    let again = match folder.strip_suffix(FOLDER) {
        Some(file) => format!("{} {}", kept.head.type_name, quote_word(file)),
        None => format!("{} FILE --out {}", kept.head.type_name, quote_word(&folder)),
    };
    let message = format!(
        "{begun} rows were about to be sent when the load ended: whether their records are there is not known yet"
    );
    Err(Failure::new(FailureKind::Found, message).hint(format!(
        "nothing was deleted; go on with the load first, which looks for them: captui record load {again}"
    )))
}

/// The list that is meant.
fn list_of(what: &Path) -> Result<PathBuf, Failure> {
    let mut beside = what.as_os_str().to_owned();
    beside.push(FOLDER);
    let beside = PathBuf::from(beside).join(outcome::SUCCESS);
    let list = if what.is_dir() {
        what.join(outcome::SUCCESS)
    } else if beside.is_file() {
        beside
    } else {
        what.to_owned()
    };
    if list.is_file() {
        return Ok(list);
    }
    let message = format!("{} is no list of loaded records", what.display());
    Err(Failure::new(FailureKind::Usage, message)
        .hint("name the folder of the load (FILE.captui-load, or what --out named), its success.csv, or the file that was loaded"))
}

/// The records of a list.
struct Entries {
    rows: csv::StringRecordsIntoIter<Take<File>>,
    /// The places of line, uuid and time.
    columns: [Option<usize>; 3],
    /// How many columns there are.
    width: usize,
    name: String,
}

impl Entries {
    /// Opens a list, of which so many bytes count.
    fn open(list: &Path, length: Option<u64>) -> Result<Self, Failure> {
        let name = list.display().to_string();
        let failed = |why: String| {
            Failure::new(FailureKind::Usage, format!("{name} cannot be read")).because(why)
        };
        let file = File::open(list).map_err(|error| failed(error.to_string()))?;
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(file.take(length.unwrap_or(u64::MAX)));
        let headers = reader
            .headers()
            .map_err(|error| failed(error.to_string()))?;
        let columns = ["line", "uuid", "answered"]
            .map(|wanted| headers.iter().position(|name| name == wanted));
        let width = headers.len();
        if columns[1].is_none() {
            return Err(failed("it has no column `uuid`".to_owned()));
        }
        Ok(Self {
            rows: reader.into_records(),
            columns,
            width,
            name,
        })
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        let [line, uuid, answered] = self.columns;
        Some(match row {
            Ok(row) => {
                let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default();
                if Uuid::parse_str(cell(uuid)).is_err() {
                    // A row that was torn as it was written was never noted.
                    if row.len() < self.width && self.rows.reader().is_done() {
                        return None;
                    }
                    let message = format!("{} cannot be read", self.name);
                    let at = row.position().map_or(0, csv::Position::line);
                    let failure = Failure::new(FailureKind::Usage, message);
                    return Some(Err(failure.because(format!("line {at} has no uuid"))));
                }
                Ok(Entry {
                    line: cell(line).to_owned(),
                    uuid: cell(uuid).to_owned(),
                    answered: cell(answered).parse().ok(),
                })
            }
            Err(error) => {
                let message = format!("{} cannot be read", self.name);
                Err(Failure::new(FailureKind::Usage, message).because(error))
            }
        })
    }
}

/// The uuids that need not be looked at again. What failed or was changed is.
pub(super) fn dealt_with(list: &Path) -> HashSet<Uuid> {
    let path = list.with_file_name(ROLLED_BACK);
    // Without one, nothing was dealt with.
    let text = fs::read_to_string(&path).unwrap_or_default();
    let done = text.lines().filter_map(|line| {
        let mut cells = line.split(',').skip(1);
        let (uuid, end) = (cells.next()?, cells.next()?);
        let is_done = matches!(end, "deleted" | "gone");
        is_done.then(|| Uuid::parse_str(uuid).ok())?
    });
    done.collect()
}

/// Deletes the records of a plan. A cancel lets what is under way come to its end.
pub(in crate::worker) async fn roll_back<P: Fn(Progress)>(
    plan: RollbackPlan,
    services: &Services,
    progress: &P,
    cancel: &CancellationToken,
) -> Result<RolledBack, JobError> {
    let (work, environment) = (plan.work.clone(), services.environment().name.clone());
    let whereabouts = services.whereabouts();
    let planned = blocking(move || make_plan(work, &environment, &whereabouts)).await;
    let (now, _lock) = planned.map_err(JobError::Failed)?;
    if now != plan {
        let message = "the list has changed since it was looked at: nothing was deleted";
        return Err(JobError::Failed(Failure::new(FailureKind::Found, message)));
    }
    let asking = Asking::new(services, progress, cancel);
    let pace = Pace::new(plan.work.apart, 1);
    let never = CancellationToken::new();
    let file = plan.list.with_file_name(ROLLED_BACK);
    let dealt = dealt_with(&plan.list);
    let undoing = Undoing {
        plan: &plan,
        services,
        progress,
        cancel,
        never: &never,
        asking: &asking,
        pace: &pace,
    };
    let mut out = append(&file).map_err(|error| not_noted(&error))?;
    let mut sum = RolledBack {
        records: plan.records,
        deleted: plan.before,
        gone: 0,
        changed: 0,
        failed: 0,
        left: plan.records,
        unknown: plan.unknown,
        stopped: None,
        file,
    };
    sum.left -= plan.before;
    let entries = Entries::open(&plan.list, plan.length).map_err(JobError::Failed)?;
    let open = entries.filter(|entry| match entry {
        Ok(entry) => !entry.is_in(&dealt),
        Err(_) => true,
    });
    let mut open = open.peekable();
    while open.peek().is_some() && !cancel.is_cancelled() {
        let some: Result<Vec<Entry>, Failure> = open.by_ref().take(AT_ONCE).collect();
        let (ends, stop) = undoing.deal(some.map_err(JobError::Failed)?).await;
        let mut lines = Vec::new();
        for (entry, end) in &ends {
            let why = match end {
                End::Failed(why) => why.replace(['\n', '\r', ',', '"'], " "),
                _ => String::new(),
            };
            let line = format!("{},{},{},{why}\n", entry.line, entry.uuid, end.word());
            lines.extend(line.into_bytes());
            sum.left -= 1;
            match end {
                End::Deleted => sum.deleted += 1,
                End::Gone => sum.gone += 1,
                End::Changed => sum.changed += 1,
                End::Failed(_) => sum.failed += 1,
            }
        }
        let written = out.write_all(&lines).and_then(|()| out.sync_data());
        written.map_err(|error| not_noted(&error))?;
        progress(Progress::Bulk(BulkProgress {
            done: plan.records - sum.left,
            of: Some(plan.records),
            before: plan.before,
            failed: sum.failed + sum.changed,
            unknown: 0,
        }));
        match stop {
            None => {}
            Some(JobError::Cancelled(_)) => break,
            Some(JobError::Failed(failure)) => {
                sum.stopped = Some(failure);
                break;
            }
            Some(JobError::Exchange(exchange)) => {
                sum.stopped = exchange.failure();
                break;
            }
            Some(error @ JobError::Panicked(_)) => return Err(error),
        }
    }
    Ok(sum)
}

fn append(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    if file.metadata()?.len() == 0 {
        file.write_all(b"line,uuid,result,why\n")?;
    }
    Ok(file)
}

fn not_noted(error: &io::Error) -> JobError {
    let message = "how far the roll-back has come could not be noted";
    JobError::Failed(Failure::new(FailureKind::Internal, message).because(error))
}

struct Undoing<'a, P> {
    plan: &'a RollbackPlan,
    services: &'a Services,
    progress: &'a P,
    cancel: &'a CancellationToken,
    never: &'a CancellationToken,
    asking: &'a Asking<'a, P>,
    pace: &'a Pace,
}

impl<P: Fn(Progress)> Undoing<'_, P> {
    /// Looks at some records and deletes those that may go. What became of each of which that is known, and why it stops.
    async fn deal(&self, entries: Vec<Entry>) -> (Vec<(Entry, End)>, Option<JobError>) {
        let stored = match self.stored(&entries).await {
            Ok(stored) => stored,
            Err(error) => return (Vec::new(), Some(error)),
        };
        let deletions = entries.into_iter().map(|entry| async {
            let end = match stored.get(&entry.uuid) {
                None => End::Gone,
                Some(updated) if !self.plan.work.force && is_changed(&entry, updated) => {
                    End::Changed
                }
                Some(updated) => self.delete(&entry, updated).await?,
            };
            Ok((entry, end))
        });
        let dealt: Vec<Result<(Entry, End), JobError>> = stream::iter(deletions)
            .buffered(self.plan.work.concurrency.max(1))
            .collect()
            .await;
        let (mut ends, mut stop) = (Vec::new(), None);
        for dealt in dealt {
            match dealt {
                Ok(end) => ends.push(end),
                Err(error) => stop = stop.or(Some(error)),
            }
        }
        (ends, stop)
    }

    /// When those of the records that are there were changed last.
    async fn stored(
        &self,
        entries: &[Entry],
    ) -> Result<std::collections::HashMap<String, String>, JobError> {
        let condition = |entry: &Entry| format!("(uuid = {})", quote(&entry.uuid));
        let conditions: Vec<String> = entries.iter().map(condition).collect();
        let request = ApiRequest::new(Endpoint::EntityFind)
            .with("type_name", self.plan.type_name.as_str())
            .with("filter", conditions.join(" or "))
            .with("attributes", r#"["uuid","lastUpdated"]"#)
            .with("max_results", AT_ONCE.to_string())
            .with("sort_on", "[]");
        if !self.pace.turn(self.cancel).await {
            return Err(JobError::Cancelled(None));
        }
        let exchange = self.asking.ask(&request, Reading::Whole).await?;
        let Some(Answer::Ok(answer)) = exchange.answer() else {
            return Err(JobError::Exchange(exchange));
        };
        let records = answer.get("results").and_then(Json::as_array);
        let found = records.unwrap_or_default().iter().filter_map(|record| {
            let text = |name: &str| Some(record.get(name)?.as_str()?.to_owned());
            Some((text("uuid")?, text("lastUpdated")?))
        });
        Ok(found.collect())
    }

    async fn delete(&self, entry: &Entry, updated: &str) -> Result<End, JobError> {
        let mut request = ApiRequest::new(Endpoint::EntityDelete)
            .with("type_name", self.plan.type_name.as_str())
            .with("uuid", entry.uuid.as_str());
        if !self.plan.work.force {
            request = request.with("lastUpdated", updated);
        }
        let mut tried = 0;
        loop {
            if !self.pace.turn(self.cancel).await {
                return Err(JobError::Cancelled(None));
            }
            let exchange = self
                .services
                .send(&request, Keep::TroubleInBulk, self.progress, self.never)
                .await?;
            tried += 1;
            match what_of(&exchange, tried) {
                Some(end) => {
                    self.pace.went_well();
                    return end;
                }
                None if tried >= TRIES => return Err(JobError::Exchange(exchange)),
                None => {
                    let pause = self.pace.busy(asked_for(&exchange));
                    let why = exchange.failure().map(|failure| failure.message);
                    if let Some(pause) = pause {
                        (self.progress)(Progress::Again(Waiting {
                            why: why.unwrap_or_default(),
                            pause,
                            tried,
                        }));
                    }
                }
            }
        }
    }
}

/// What a deletion came to; `None` when it is to be tried again.
fn what_of(exchange: &Exchange, tried: u32) -> Option<Result<End, JobError>> {
    let failure = || exchange.failure().map_or_else(String::new, |it| it.message);
    match (&exchange.outcome, exchange.answer()) {
        (_, Some(Answer::Ok(_))) => Some(Ok(End::Deleted)),
        (_, Some(Answer::Error(error))) => match error.code {
            // After a try of which nothing was known, that one has deleted it.
            ErrorCode::RECORD_NOT_FOUND if tried > 1 => Some(Ok(End::Deleted)),
            ErrorCode::RECORD_NOT_FOUND => Some(Ok(End::Gone)),
            ErrorCode::TIMESTAMP_MISMATCH => Some(Ok(End::Changed)),
            ErrorCode::API_LIMIT_ERROR | ErrorCode::TIMEOUT | ErrorCode::UNEXPECTED_ERROR => None,
            ErrorCode::INVALID_CLIENT_CREDENTIALS
            | ErrorCode::CLIENT_PERMISSION_ERROR
            | ErrorCode::UNKNOWN_ENTITY_TYPE => {
                let failure = exchange.failure();
                let denied = || Failure::new(FailureKind::Denied, error.description.clone());
                Some(Err(JobError::Failed(failure.unwrap_or_else(denied))))
            }
            _ => Some(Ok(End::Failed(failure()))),
        },
        (Outcome::Answered(answered), _) if matches!(answered.status, 429 | 510) => None,
        _ if matches!(exchange.verdict(), Verdict::Unknown | Verdict::NotSent) => None,
        _ => Some(Ok(End::Failed(failure()))),
    }
}

/// Whether somebody changed a record after the load made it.
fn is_changed(entry: &Entry, updated: &str) -> bool {
    let updated = date::parse_date_time(updated, Timestamp::UNIX_EPOCH);
    match (updated, entry.answered) {
        // The service's clock tells whole seconds.
        (Ok(updated), Some(answered)) => updated > answered + Duration::from_secs(1),
        // Nobody can say so.
        _ => true,
    }
}
