//! Sending: a few workers take batches, note each before it leaves, and find out what became of it.
//!
//! ```text
//!  feed ─▶ batch ─▶ noted ─▶ sent ─▶ answered ──────────────▶ there, or refused: noted
//!             ▲                ├──▶ busy, too large ─────────▶ noted as not sent ──▶ again, later or in halves
//!             │                └──▶ nobody knows ─▶ looked up ─▶ there ─▶ noted
//!             └──────── again ◀── not there, after a while ◀──┘
//! ```
//!
//! A batch whose outcome is not known is never sent again before its rows were looked for by their unique values. What is
//! found counts as made by this load when its id is higher than any before the load, and all that the row says is in it.
//! A service that gave up on a call may finish it later, so what is not found is looked for again for a while; and a row
//! that was sent twice all the same is refused by its unique value the second time, and then looked for once more.
//! What fails again and again, alone in its call, counts as unknown in the end; and a service of which nothing comes for
//! long is left alone.
//! `commit_each` is not sent: it is not documented, and without it each record stands alone, as is documented.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::explain;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Stage;
use crate::exchange::Verdict;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::record_file::read::Fault;
use crate::worker::again::Asking;
use crate::worker::again::Waiting;
use crate::worker::again::asked_for;
use crate::worker::job::BulkProgress;
use crate::worker::job::JobError;
use crate::worker::job::Progress;
use crate::worker::load::Method;
use crate::worker::load::check::Judge;
use crate::worker::load::feed::Batch;
use crate::worker::load::feed::Part;
use crate::worker::load::journal::Journal;
use crate::worker::load::journal::Settled;
use crate::worker::load::lookup;
use crate::worker::load::lookup::Found;
use crate::worker::load::outcome::About;
use crate::worker::load::pace::Pace;
use crate::worker::load::pace::sleep_until;
use crate::worker::load::states::State;
use crate::worker::services::Keep;
use crate::worker::services::Services;

/// How often in a row nothing may reach the service before the load stops, and how often a row is sent alone of which
/// nothing is known afterwards.
const TRIES: u32 = 8;

/// How many batches may wait to be looked up again, beside those that are under way.
pub(super) const WAITING: usize = 16;

/// What is said of a service that does not say why it takes no call.
const BUSY: &str = "the service takes no more calls for now";

/// The first pause before what was not found is looked for again.
const FIRST_LOOK: Duration = Duration::from_millis(500);

/// All that the workers share.
pub(super) struct Sending<'a, P> {
    pub(super) services: &'a Services,
    pub(super) progress: &'a P,
    /// The user's wish to stop: no new batch is begun.
    pub(super) cancel: &'a CancellationToken,
    /// Never cancelled: what was begun is waited for.
    pub(super) never: &'a CancellationToken,
    pub(super) asking: &'a Asking<'a, P>,
    pub(super) judge: &'a Judge,
    pub(super) journal: &'a Journal,
    pub(super) pace: &'a Pace,
    pub(super) method: Method,
    /// How long a batch may take to appear that the service gave up on.
    pub(super) settle: Duration,
    /// How long it goes on when nothing comes of any call.
    pub(super) patience: Duration,
    /// The highest id before the load.
    pub(super) last_id: i64,
    pub(super) secret_names: Vec<String>,
    /// How many calls are under way at most.
    pub(super) places: Semaphore,
    pub(super) next_batch: AtomicU64,
    pub(super) counts: Counts,
    /// Why it stops before its end.
    pub(super) failed: Mutex<Option<Failure>>,
}

/// What became of the rows so far.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// All rows that are to be dealt with.
    pub(super) of: u64,
    /// Those dealt with before the load was interrupted.
    pub(super) before: u64,
    pub(super) done: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) unknown: AtomicU64,
}

impl Counts {
    fn progress(&self) -> BulkProgress {
        let [done, failed, unknown] =
            [&self.done, &self.failed, &self.unknown].map(|it| it.load(Ordering::Relaxed));
        BulkProgress {
            done: self.before + done + failed + unknown,
            of: Some(self.of),
            before: self.before,
            failed,
            unknown,
        }
    }
}

/// What became of one row.
enum Fate {
    Done {
        id: String,
        uuid: String,
        /// When it was there; `None` where it may have been changed since.
        answered: Option<Timestamp>,
    },
    Failed(Fault),
    /// It is certainly not there, and is to be sent again.
    Back,
    /// It was not found, and is to be sent again.
    Doubted,
    Unknown,
}

/// What a call says of its batch.
enum Said {
    /// Something of each row.
    Each(Vec<Result<(String, String), ApiError>>),
    /// It takes no more calls for now.
    Busy,
    /// Less in one call may go.
    TooLarge(String),
    /// Nobody knows.
    Nothing { gave_up: bool },
    /// It refused all of it.
    Refused(ApiError),
    /// It refuses everything of the kind.
    Never(Failure),
    /// Nothing reached it.
    Away(Failure),
}

impl<P: Fn(Progress)> Sending<'_, P> {
    /// Deals with batches until there are no more, or until it is stopped.
    pub(super) async fn work(&self, batches: &tokio::sync::Mutex<Receiver<Batch>>) {
        loop {
            let next = async { batches.lock().await.recv().await };
            let Some(Some(batch)) = self.cancel.run_until_cancelled(next).await else {
                return;
            };
            let mut open = vec![batch];
            while let Some(batch) = open.pop() {
                if self.stops() {
                    return;
                }
                match self.deal(batch).await {
                    Ok(more) => open.extend(more),
                    Err(Stop::Failed(failure)) => return self.fail(failure),
                    Err(Stop::Cancelled) => return,
                }
            }
        }
    }

    fn stops(&self) -> bool {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        self.cancel.is_cancelled() || failed.is_some()
    }

    fn fail(&self, failure: Failure) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get_or_insert(failure);
    }

    /// Sends a batch, or looks up one that was sent before; gives what is to be sent again.
    async fn deal(&self, batch: Batch) -> Result<Vec<Batch>, Stop> {
        if let Some(number) = batch.in_doubt {
            let rows: Vec<Part> = batch.rows.clone();
            let fates = self.look_up(&batch, rows, true).await?;
            return self.note(number, &batch, fates).await;
        }
        let most = self.pace.size();
        if batch.rows.len() > most {
            return Ok(batch.split(most));
        }
        let (number, exchange) = self.send(&batch).await?;
        let fates = match self.understand(&exchange, batch.rows.len()) {
            Said::Each(outcomes) => {
                return self.settle_each(number, &batch, outcomes, &exchange).await;
            }
            // A refusal; should it have been done all the same, the unique values tell so the second time.
            Said::Busy => {
                let again = self
                    .note(number, &batch, all(&batch, |_| Fate::Doubted))
                    .await?;
                self.rest(&exchange)?;
                return Ok(again);
            }
            Said::TooLarge(why) if batch.rows.len() == 1 => all(&batch, |_| {
                Fate::Failed(Fault {
                    place: String::new(),
                    code: None,
                    reason: format!("the service takes no record as large as this: {why}"),
                })
            }),
            Said::TooLarge(_) => {
                self.pace.too_much(batch.rows.len());
                all(&batch, |_| Fate::Doubted)
            }
            Said::Nothing { gave_up } => {
                if gave_up {
                    self.pace.too_much(batch.rows.len());
                }
                let mut fates = self.look_up(&batch, batch.rows.clone(), true).await?;
                if batch.rows.len() == 1 {
                    bound(&mut fates);
                }
                let again = self.note(number, &batch, fates).await?;
                self.keep_patience(&exchange)?;
                return Ok(halves(again, batch.rows.len()));
            }
            Said::Refused(error) if batch.rows.len() == 1 => {
                let outcomes = vec![Err(error)];
                return self.settle_each(number, &batch, outcomes, &exchange).await;
            }
            // One record may be the cause: found by halves, after a look whether nothing was done. An error that is about all
            // of them refuses all of them: what cannot be looked for is not there either.
            Said::Refused(_) => {
                let mut fates = self.look_up(&batch, batch.rows.clone(), false).await?;
                for (_, fate) in &mut fates {
                    if matches!(fate, Fate::Unknown) {
                        *fate = Fate::Back;
                    }
                }
                let again = self.note(number, &batch, fates).await?;
                return Ok(halves(again, batch.rows.len()));
            }
            Said::Never(failure) => {
                self.note(number, &batch, all(&batch, |_| Fate::Back))
                    .await?;
                return Err(Stop::Failed(failure));
            }
            Said::Away(failure) => {
                self.note(number, &batch, all(&batch, |_| Fate::Back))
                    .await?;
                let (pause, tried) = self.pace.away();
                if tried >= TRIES {
                    return Err(Stop::Failed(failure));
                }
                self.tell_pause(&failure.message, pause, tried);
                return Ok(vec![batch]);
            }
        };
        self.note(number, &batch, fates).await
    }

    /// Settles a batch of which the service said something of each row.
    async fn settle_each(
        &self,
        number: u64,
        batch: &Batch,
        outcomes: Vec<Result<(String, String), ApiError>>,
        exchange: &Exchange,
    ) -> Result<Vec<Batch>, Stop> {
        let has = |codes: &[ErrorCode]| {
            let mut errors = outcomes.iter().filter_map(|it| it.as_ref().err());
            errors.any(|error| codes.contains(&error.code))
        };
        let is_busy = has(&[ErrorCode::API_LIMIT_ERROR]);
        let is_unclear = has(&[ErrorCode::TIMEOUT, ErrorCode::UNEXPECTED_ERROR]);
        if outcomes.iter().any(Result::is_ok) || !is_busy && !is_unclear {
            self.pace.went_well();
        }
        let fates = self.each(batch, outcomes, answered_at(exchange)).await?;
        let again = self.note(number, batch, fates).await?;
        if is_busy {
            self.rest(exchange)?;
        } else if is_unclear {
            self.keep_patience(exchange)?;
        }
        Ok(again)
    }

    /// Lets all calls pause after one that the service did not take, and tells so.
    fn rest(&self, exchange: &Exchange) -> Result<(), Stop> {
        let pause = self.pace.busy(asked_for(exchange));
        let why = exchange.failure().map(|failure| failure.message);
        self.tell_pause(&why.unwrap_or_else(|| BUSY.to_owned()), pause, 1);
        self.keep_patience(exchange)
    }

    fn tell_pause(&self, why: &str, pause: Option<Duration>, tried: u32) {
        if let Some(pause) = pause {
            (self.progress)(Progress::Again(Waiting {
                why: why.to_owned(),
                pause,
                tried,
            }));
        }
    }

    /// An error when nothing has come of any call for too long.
    fn keep_patience(&self, exchange: &Exchange) -> Result<(), Stop> {
        let patience = self.patience + self.settle;
        if self.pace.failed() < patience {
            return Ok(());
        }
        let busy = || Failure::new(FailureKind::Service, BUSY);
        let failure = exchange.failure().unwrap_or_else(busy);
        Err(Stop::Failed(Failure {
            message: format!(
                "nothing has come of any call for {} s, the last time: {}",
                patience.as_secs(),
                failure.message
            ),
            ..failure
        }))
    }

    /// Notes a batch and sends it, when its turn has come.
    async fn send(&self, batch: &Batch) -> Result<(u64, std::sync::Arc<Exchange>), Stop> {
        // Closed by nobody.
        let _place = self.places.acquire().await.map_err(|_| Stop::Cancelled)?;
        if !self.pace.turn(self.cancel).await || self.stops() {
            return Err(Stop::Cancelled);
        }
        let number = self.next_batch.fetch_add(1, Ordering::Relaxed);
        self.journal.begin_batch(number, batch.numbers()).await?;
        let request = self.request(batch);
        let sent = self
            .services
            .send(&request, Keep::TroubleInBulk, self.progress, self.never)
            .await;
        match sent {
            Ok(exchange) => Ok((number, exchange)),
            Err(error) => {
                // Nothing was sent.
                self.note(number, batch, all(batch, |_| Fate::Back)).await?;
                Err(error.into())
            }
        }
    }

    /// The call that creates a batch.
    pub(super) fn request(&self, batch: &Batch) -> ApiRequest {
        request(
            self.method,
            &self.judge.schema().name,
            batch,
            &self.secret_names,
        )
    }

    fn understand(&self, exchange: &Exchange, rows: usize) -> Said {
        let failure = || {
            let unexpected = || Failure::new(FailureKind::Service, "an answer of nobody");
            exchange.failure().unwrap_or_else(unexpected)
        };
        let answered = match &exchange.outcome {
            Outcome::Answered(answered) => answered,
            Outcome::Failed(error) if error.may_have_happened => {
                let gave_up = error.message.starts_with("no whole answer within");
                return Said::Nothing { gave_up };
            }
            Outcome::Failed(error) if error.stage == Stage::Prepare => {
                return Said::Never(failure());
            }
            Outcome::Failed(_) => return Said::Away(failure()),
        };
        match &answered.answer {
            Answer::Ok(answer) => match outcomes(self.method, answer, rows) {
                Some(outcomes) => Said::Each(outcomes),
                None => Said::Nothing { gave_up: false },
            },
            Answer::Error(error) => match error.code {
                ErrorCode::API_LIMIT_ERROR => Said::Busy,
                ErrorCode::TIMEOUT => Said::Nothing { gave_up: true },
                ErrorCode::UNEXPECTED_ERROR => Said::Nothing { gave_up: false },
                _ if error.description.to_lowercase().contains("too large") => {
                    Said::TooLarge(error.description.clone())
                }
                code if is_about_all(code) => Said::Never(failure()),
                _ => Said::Refused(error.clone()),
            },
            Answer::NotCapture(other) => match answered.status {
                429 | 510 => Said::Busy,
                413 => Said::TooLarge(other.reason.clone()),
                502 | 504 if exchange.verdict() == Verdict::Unknown => {
                    Said::Nothing { gave_up: true }
                }
                // The vendor's tools take a gateway's 403 for a request that was too large (reference 8).
                403 if rows > 1 => Said::TooLarge(other.reason.clone()),
                status if explain::leaves_open(status) => Said::Nothing { gave_up: false },
                _ => Said::Never(failure()),
            },
        }
    }

    /// What became of each row, when the service said it of each.
    async fn each(
        &self,
        batch: &Batch,
        outcomes: Vec<Result<(String, String), ApiError>>,
        answered: Timestamp,
    ) -> Result<Vec<(Part, Fate)>, Stop> {
        let mut fates = Vec::with_capacity(batch.rows.len());
        let mut late = Vec::new();
        let mut unclear = Vec::new();
        for (part, outcome) in batch.rows.iter().cloned().zip(outcomes) {
            match outcome {
                Ok((id, uuid)) => {
                    let answered = Some(answered);
                    fates.push((part, Fate::Done { id, uuid, answered }));
                }
                Err(error) => match error.code {
                    ErrorCode::API_LIMIT_ERROR => fates.push((part, Fate::Back)),
                    ErrorCode::TIMEOUT | ErrorCode::UNEXPECTED_ERROR => unclear.push(part),
                    ErrorCode::UNIQUE_VIOLATION if part.doubted => late.push((part, error)),
                    _ => fates.push((part, Fate::Failed(fault(&error)))),
                },
            }
        }
        if !unclear.is_empty() {
            let mut found = self.look_up(batch, unclear, true).await?;
            bound(&mut found);
            fates.extend(found);
        }
        if !late.is_empty() {
            let (parts, errors): (Vec<Part>, Vec<ApiError>) = late.into_iter().unzip();
            let found = self.look_up(batch, parts, false).await?;
            for ((part, fate), error) in found.into_iter().zip(errors) {
                let fate = match fate {
                    found @ Fate::Done { .. } => found,
                    // Nobody could look for it as it is stored: the other record may be its own.
                    Fate::Unknown => Fate::Unknown,
                    Fate::Doubted if !self.judge.knows_rules() => Fate::Unknown,
                    _ => Fate::Failed(fault(&error)),
                };
                fates.push((part, fate));
            }
        }
        Ok(fates)
    }

    /// Looks for the records of rows, in their order; with `waits`, for a while.
    async fn look_up(
        &self,
        batch: &Batch,
        rows: Vec<Part>,
        waits: bool,
    ) -> Result<Vec<(Part, Fate)>, Stop> {
        let records: Vec<Json> = rows
            .iter()
            .map(|part| Json::parse(batch.record(part)).unwrap_or_default())
            .collect();
        let mut found: Vec<Option<Found>> = Vec::new();
        found.resize_with(rows.len(), || None);
        let deadline = Instant::now() + self.settle;
        let mut pause = FIRST_LOOK;
        let mut tried = 0;
        loop {
            let open: Vec<usize> = (0..rows.len()).filter(|at| found[*at].is_none()).collect();
            let place = self.places.acquire().await.map_err(|_| Stop::Cancelled)?;
            for (at, what) in lookup::look(self, &records, open).await? {
                if matches!(what, Found::Ours { .. }) {
                    self.pace.came_late();
                }
                found[at] = Some(what);
            }
            drop(place);
            let left = deadline.saturating_duration_since(Instant::now());
            if !waits || left.is_zero() || found.iter().all(Option::is_some) {
                break;
            }
            tried += 1;
            let missing = found.iter().filter(|found| found.is_none()).count();
            let why = format!("of a call of unknown outcome {missing} records are not there yet");
            self.tell_pause(&why, Some(pause.min(left)), tried);
            if !sleep_until(Instant::now() + pause.min(left), self.cancel).await {
                return Err(Stop::Cancelled);
            }
            pause *= 2;
        }
        let fate = |found: Option<Found>| match found {
            Some(Found::Ours { id, uuid, made }) => Fate::Done {
                id,
                uuid,
                answered: made,
            },
            Some(Found::Taken(fault)) => Fate::Failed(fault),
            Some(Found::NoKey) => Fate::Unknown,
            None => Fate::Doubted,
        };
        Ok(rows.into_iter().zip(found.into_iter().map(fate)).collect())
    }

    /// Notes what became of a batch, counts it, and gives what is to be sent again.
    async fn note(
        &self,
        number: u64,
        batch: &Batch,
        fates: Vec<(Part, Fate)>,
    ) -> Result<Vec<Batch>, Stop> {
        let mut settled = Settled::of(number);
        let mut again = Vec::new();
        let mut counted = [0_u64; 3];
        for (mut part, fate) in fates {
            let line = About {
                batch: Some(number),
                row: part.row,
                line: part.line,
                name: &part.name,
            };
            match fate {
                Fate::Done { id, uuid, answered } => {
                    let answered = answered.map_or_else(String::new, |it| it.to_string());
                    settled.success.extend(line.done(&id, &uuid, &answered));
                    counted[0] += 1;
                }
                Fate::Failed(fault) => {
                    settled.failures.extend(line.failed(&fault));
                    settled.other(part.row, State::Failed);
                    counted[1] += 1;
                }
                Fate::Unknown => {
                    settled.other(part.row, State::Unknown);
                    counted[2] += 1;
                }
                Fate::Back => {
                    let state = if part.doubted {
                        State::Doubted
                    } else {
                        State::Pending
                    };
                    settled.other(part.row, state);
                    again.push(part);
                }
                Fate::Doubted => {
                    settled.other(part.row, State::Doubted);
                    part.doubted = true;
                    again.push(part);
                }
            }
        }
        self.journal.settle(settled).await?;
        let counts = &self.counts;
        for (counter, count) in [&counts.done, &counts.failed, &counts.unknown]
            .into_iter()
            .zip(counted)
        {
            counter.fetch_add(count, Ordering::Relaxed);
        }
        (self.progress)(Progress::Bulk(counts.progress()));
        Ok(if again.is_empty() {
            Vec::new()
        } else {
            vec![batch.of(again)]
        })
    }
}

/// Why a worker stops.
pub(super) enum Stop {
    Failed(Failure),
    /// The user wants it; what is in doubt stays so.
    Cancelled,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<JobError> for Stop {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Failed(failure) => Self::Failed(failure),
            JobError::Cancelled(_) => Self::Cancelled,
            JobError::Exchange(exchange) => {
                let unexpected = || {
                    let message = "the service answered ok, but not with what the call asks for";
                    Failure::new(FailureKind::Service, message)
                };
                Self::Failed(exchange.failure().unwrap_or_else(unexpected))
            }
            JobError::Panicked(message) => {
                Self::Failed(Failure::new(FailureKind::Internal, message))
            }
        }
    }
}

/// The call that creates a batch.
pub(super) fn request(
    method: Method,
    type_name: &str,
    batch: &Batch,
    secret_names: &[String],
) -> ApiRequest {
    let request = match (method, batch.rows.first()) {
        (Method::Single, Some(part)) => ApiRequest::new(Endpoint::EntityCreate)
            .with("type_name", type_name)
            .with("attributes", batch.record(part)),
        _ => ApiRequest::new(Endpoint::EntityBulkCreate)
            .with("type_name", type_name)
            .with("all_attributes", batch.array()),
    };
    request.hiding(secret_names.iter().cloned())
}

fn all(batch: &Batch, fate: impl Fn(&Part) -> Fate) -> Vec<(Part, Fate)> {
    let rows = batch.rows.iter();
    rows.map(|part| (part.clone(), fate(part))).collect()
}

/// Counts the tries of rows that were sent alone, and gives those up that were sent often enough.
fn bound(fates: &mut [(Part, Fate)]) {
    for (part, fate) in fates {
        if matches!(fate, Fate::Doubted) {
            part.alone += 1;
            if part.alone >= TRIES {
                *fate = Fate::Unknown;
            }
        }
    }
}

/// What is left of a batch of so many rows, in batches of half as many.
fn halves(left: Vec<Batch>, rows: usize) -> Vec<Batch> {
    let half = rows.div_ceil(2);
    left.into_iter().flat_map(|it| it.split(half)).collect()
}

/// What an answer says of each row; `None` when it does not say it of each.
fn outcomes(
    method: Method,
    answer: &Json,
    rows: usize,
) -> Option<Vec<Result<(String, String), ApiError>>> {
    let named =
        |id: &Json, uuid: &Json| Some((id.as_i64()?.to_string(), uuid.as_str()?.to_owned()));
    if method == Method::Single {
        return Some(vec![Ok(named(answer.get("id")?, answer.get("uuid")?)?)]);
    }
    let ids = answer.get("results")?.as_array()?;
    let uuids = answer.get("uuid_results")?.as_array()?;
    if (ids.len(), uuids.len()) != (rows, rows) {
        return None;
    }
    let outcome = |(id, uuid): (&Json, &Json)| match ApiError::from_json(id)
        .or_else(|| ApiError::from_json(uuid))
    {
        Some(error) => Some(Err(error)),
        None => named(id, uuid).map(Ok),
    };
    ids.iter().zip(uuids).map(outcome).collect()
}

/// Errors that every further call would get as well.
fn is_about_all(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::INVALID_AUTH_METHOD
            | ErrorCode::UNKNOWN_APPLICATION
            | ErrorCode::UNKNOWN_ENTITY_TYPE
            | ErrorCode::APPLICATION_NOT_FOUND
            | ErrorCode::INVALID_CLIENT_CREDENTIALS
            | ErrorCode::CLIENT_PERMISSION_ERROR
            | ErrorCode::NO_ACCESS_GRANT
            | ErrorCode::ACCESS_TOKEN_EXPIRED
            | ErrorCode::MALFORMED_CREDENTIALS
            | ErrorCode::API_FEATURE_DISABLED
    )
}

fn fault(error: &ApiError) -> Fault {
    let place = error.attribute_path();
    Fault {
        place: place.map_or_else(String::new, |path| path.to_string()),
        code: Some(error.code),
        reason: if error.description.is_empty() {
            error.error.clone()
        } else {
            error.description.clone()
        },
    }
}

/// When the service answered, by its own clock as far as it tells.
pub(super) fn answered_at(exchange: &Exchange) -> Timestamp {
    let date = exchange.head().and_then(|(_, headers)| {
        let date = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("date"))?;
        rfc2822::parse(&date.1).ok()
    });
    date.map_or_else(Timestamp::now, |date| date.timestamp())
}
