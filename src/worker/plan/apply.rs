//! Applying a plan, one step after the other, and going on with one that was interrupted.
//!
//! ```text
//!   stored schema as the plan expects it? ──▶ for every step:  note "begun" ▶ call ▶ note "done"
//!                    │ no                          │ error, cancel          │ no answer
//!                    ▼                             ▼                        ▼
//!              stop, nothing sent           stop, not done           stop, in doubt: what is stored says it later
//! ```
//!
//! A copy writes what the other attribute lacks, so it may be repeated, and it never writes over what somebody else wrote:
//! then it stops. It is looked at once more before the old attribute goes, because records change meanwhile. What is
//! neither carried then nor was agreed to go is not removed.

use std::collections::HashSet;
use std::sync::Arc;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::capture::schema::diff::diff;
use crate::capture::schema::plan;
use crate::capture::schema::plan::Action;
use crate::capture::schema::plan::Step;
use crate::capture::schema::property;
use crate::capture::schema::property::Property;
use crate::exchange::Exchange;
use crate::exchange::Verdict;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::worker::job::JobError;
use crate::worker::plan::Applied;
use crate::worker::plan::Calls;
use crate::worker::plan::JournalId;
use crate::worker::plan::StepProgress;
use crate::worker::plan::Work;
use crate::worker::plan::copying;
use crate::worker::plan::copying::Standing;
use crate::worker::plan::journal::Journal;
use crate::worker::plan::journal::Place;
use crate::worker::plan::pages;
use crate::worker::plan::pages::Pages;
use crate::worker::plan::values;
use crate::worker::plan::values::Carrier;

/// How many records are read at once to be copied: what was read long ago may have changed.
const AT_ONCE: usize = 500;

/// After how many copied records the journal notes the last one.
const NOTED: usize = 100;

/// How often a record, or all of them, is looked at again because somebody changed it meanwhile.
const ATTEMPTS: usize = 3;

/// How many differences a sentence names.
const NAMED: usize = 3;

/// Applies a plan. A type that is already as the plan leaves it needs nothing: then no steps are told. Needs a tokio
/// runtime.
pub async fn apply(
    work: &Work,
    place: &Place,
    calls: &mut impl Calls,
) -> Result<Applied, JobError> {
    let of = work.plan.steps.len();
    let nothing = |exchanges, schema| Applied {
        done: 0,
        of: 0,
        exchanges,
        stopped: None,
        schema,
        journal: None,
    };
    if of == 0 {
        return Ok(nothing(Vec::new(), work.stored.clone()));
    }
    // Before the stored type is looked at: nobody else makes it another one now.
    let journal = Journal::begin(place, work).await;
    let journal = journal.map_err(JobError::Failed)?;
    let (current, exchange) = match view(&work.plan.type_name, calls).await {
        Ok(found) => found,
        Err(error) => {
            journal.remove().await.map_err(JobError::Failed)?;
            return Err(error);
        }
    };
    if !same(current.as_ref(), work.stored.as_deref()) {
        journal.remove().await.map_err(JobError::Failed)?;
        if same(current.as_ref(), expected(work, of).as_ref()) {
            return Ok(nothing(vec![exchange], current.map(Arc::new)));
        }
        let differences = differences(work.stored.as_deref(), current.as_ref());
        return Ok(Applied {
            of,
            stopped: Some(format!(
                "the type is not the one that the plan was made for: {differences}; nothing was sent"
            )),
            ..nothing(vec![exchange], current.map(Arc::new))
        });
    }
    run(journal, current, Journey::New, calls).await
}

/// Goes on with a plan where it stopped, after a look at what is stored now. `agreed` says what may be lost from now on, for
/// every step of the whole plan; `None`: no more than was agreed to before. Needs a tokio runtime.
pub async fn resume(
    id: &JournalId,
    agreed: Option<Vec<u64>>,
    place: &Place,
    calls: &mut impl Calls,
) -> Result<Applied, JobError> {
    let mut journal = Journal::open(place, id).await.map_err(JobError::Failed)?;
    let work = journal.entry.work.clone();
    let (current, exchange) = view(&work.plan.type_name, calls).await?;
    let stands = stands(&journal, current.as_ref(), calls).await?;
    match stands {
        Stands::Done(done) => {
            journal.entry.done = done;
            journal.entry.begun = false;
            if agreed.is_some() {
                journal.entry.work.agreed = agreed;
            }
            journal.write().await.map_err(JobError::Failed)?;
            run(journal, current, Journey::Resumed, calls).await
        }
        Stands::Elsewhere(differences) => Ok(Applied {
            done: journal.entry.done,
            of: work.plan.steps.len(),
            exchanges: vec![exchange],
            stopped: Some(format!(
                "the type is not as the plan left it: {differences}; nothing was sent"
            )),
            schema: current.map(Arc::new),
            journal: journal.id(),
        }),
    }
}

/// Applies a plan that nobody will go on with, to a type that is as the plan expects it.
pub(super) async fn rehearse(work: &Work, calls: &mut impl Calls) -> Result<Applied, JobError> {
    let current = work.stored.as_deref().cloned();
    run(Journal::nowhere(work), current, Journey::New, calls).await
}

/// The entity type as it is stored; `None` when there is none.
async fn view(
    type_name: &str,
    calls: &mut impl Calls,
) -> Result<(Option<EntityType>, Arc<Exchange>), JobError> {
    let request = ApiRequest::new(Endpoint::TypeView).with("type_name", type_name);
    let exchange = calls.call(&request).await?;
    let schema = match exchange.answer() {
        Some(Answer::Ok(answer)) => EntityType::from_json(answer).ok(),
        Some(Answer::Error(error)) if error.code == ErrorCode::UNKNOWN_ENTITY_TYPE => {
            return Ok((None, exchange));
        }
        Some(Answer::Error(_) | Answer::NotCapture(_)) | None => None,
    };
    match schema {
        Some((schema, _)) => Ok((Some(schema), exchange)),
        None => Err(JobError::Exchange(exchange)),
    }
}

/// The entity type as it is after so many steps.
pub(super) fn expected(work: &Work, done: usize) -> Option<EntityType> {
    let steps = work.plan.steps.iter().take(done);
    steps.fold(work.stored.as_deref().cloned(), |schema, step| {
        let none_yet = || EntityType {
            name: work.plan.type_name.clone(),
            attr_defs: Vec::new(),
        };
        Some(plan::after(&schema.unwrap_or_else(none_yet), step))
    })
}

fn same(one: Option<&EntityType>, other: Option<&EntityType>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => diff(one, other).is_empty(),
        _ => false,
    }
}

/// What of `schema` the plan is about: the top-level attributes that its steps name. What others did to the rest
/// meanwhile is no reason not to go on, when values may be waiting in a spare.
fn concerned(work: &Work, schema: &EntityType) -> EntityType {
    let paths = work.plan.steps.iter().flat_map(|step| match &step.action {
        Action::CopyValues { to, .. } => vec![&step.path, to],
        _ => vec![&step.path],
    });
    let named: Option<HashSet<&str>> = paths
        .map(|path| path.0.first().map(|segment| segment.name.as_str()))
        .collect();
    let mut schema = schema.clone();
    // The root is the whole type.
    if let Some(named) = named {
        schema
            .attr_defs
            .retain(|def| named.contains(def.name.as_str()));
    }
    schema
}

/// In what the stored type differs from the expected one, in words.
fn differences(expected: Option<&EntityType>, stored: Option<&EntityType>) -> String {
    match (expected, stored) {
        (None, _) => "there is a type of this name already".to_owned(),
        (_, None) => "there is no such type any more".to_owned(),
        (Some(expected), Some(stored)) => {
            let lines = diff(expected, stored).to_lines(["expected", "stored"]);
            let more = lines.len().saturating_sub(NAMED);
            let mut named = lines[..lines.len() - more].join(", ");
            if more > 0 {
                named = format!("{named}, and {more} more");
            }
            named
        }
    }
}

/// Where a plan stands by what is stored.
enum Stands {
    /// So many steps are done.
    Done(usize),
    /// Somebody else changed the type, so.
    Elsewhere(String),
}

async fn stands(
    journal: &Journal,
    current: Option<&EntityType>,
    calls: &mut impl Calls,
) -> Result<Stands, JobError> {
    let entry = &journal.entry;
    let (work, done) = (&entry.work, entry.done);
    let current = current.map(|current| concerned(work, current));
    let current = current.as_ref();
    let expected = |done| expected(work, done).map(|expected| concerned(work, &expected));
    let before = expected(done);
    let is_before = same(current, before.as_ref());
    let next = work.plan.steps.get(done).filter(|_| entry.begun);
    let Some(step) = next else {
        return Ok(if is_before {
            Stands::Done(done)
        } else {
            Stands::Elsewhere(differences(before.as_ref(), current))
        });
    };
    match &step.action {
        Action::RemoveProperty(property) | Action::AddProperty(property) if is_before => {
            let there = properties(&work.plan.type_name, calls).await?;
            let is_there = match step.action {
                Action::AddProperty(_) => there.iter().any(|one| one.demands_same(property)),
                _ => there.iter().any(|one| one.uuid == property.uuid),
            };
            let is_done = is_there == matches!(step.action, Action::AddProperty(_));
            Ok(Stands::Done(done + usize::from(is_done)))
        }
        _ if is_before => Ok(Stands::Done(done)),
        _ if same(current, expected(done + 1).as_ref()) => Ok(Stands::Done(done + 1)),
        _ => Ok(Stands::Elsewhere(differences(before.as_ref(), current))),
    }
}

/// The rules and combined uniquenesses of a type.
async fn properties(type_name: &str, calls: &mut impl Calls) -> Result<Vec<Property>, JobError> {
    let request = ApiRequest::new(Endpoint::TypeProperties).with("type_name", type_name);
    let exchange = calls.call(&request).await?;
    match exchange.answer() {
        Some(Answer::Ok(answer)) => Ok(property::read_properties(answer).0),
        _ => Err(JobError::Exchange(exchange)),
    }
}

/// Whether a journal was begun for this run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Journey {
    New,
    Resumed,
}

/// Why a step did not come to its end.
struct Stop {
    why: String,
    /// Whether it may have been done all the same.
    in_doubt: bool,
    exchange: Option<Arc<Exchange>>,
    /// What the job gives when nothing at all was begun.
    error: JobError,
}

impl Stop {
    fn of(exchange: Arc<Exchange>) -> Self {
        let why = match exchange.failure() {
            Some(Failure { message, cause, .. }) => match cause {
                Some(cause) => format!("{message} ({cause})"),
                None => message,
            },
            None => "the answer is not the one that was expected".to_owned(),
        };
        Self {
            why,
            // What is no answer of the service says nothing of what it did.
            in_doubt: matches!(exchange.verdict(), Verdict::Unknown | Verdict::NotCapture),
            exchange: Some(Arc::clone(&exchange)),
            error: JobError::Exchange(exchange),
        }
    }

    fn of_error(error: JobError) -> Self {
        let stop = |why: String, in_doubt, error| Self {
            why,
            in_doubt,
            exchange: None,
            error,
        };
        match error {
            JobError::Exchange(exchange) => Self::of(exchange),
            JobError::Cancelled(Some(exchange)) => Self {
                why: "you cancelled it".to_owned(),
                error: JobError::Cancelled(Some(Arc::clone(&exchange))),
                ..Self::of(exchange)
            },
            JobError::Cancelled(None) => stop("you cancelled it".to_owned(), false, error),
            JobError::Failed(ref failure) => stop(failure.message.clone(), false, error),
            JobError::Panicked(ref message) => stop(message.clone(), true, error),
        }
    }

    /// A stop by what is found, without a call that failed.
    fn because(why: String) -> Self {
        let failure = Failure::new(FailureKind::Conflict, why.clone());
        Self {
            why,
            in_doubt: false,
            exchange: None,
            error: JobError::Failed(failure),
        }
    }
}

/// A plan on its way.
struct Run<'a, C> {
    journal: Journal,
    work: Work,
    schema: Option<Arc<EntityType>>,
    exchanges: Vec<Arc<Exchange>>,
    /// Whether a call was begun that changes something.
    began: bool,
    /// Whether such a call went well.
    wrote: bool,
    calls: &'a mut C,
}

/// Does the steps that are not done.
async fn run<C: Calls>(
    journal: Journal,
    schema: Option<EntityType>,
    journey: Journey,
    calls: &mut C,
) -> Result<Applied, JobError> {
    let work = journal.entry.work.clone();
    let of = work.plan.steps.len();
    let mut run = Run {
        journal,
        work,
        schema: schema.map(Arc::new),
        exchanges: Vec::new(),
        began: false,
        wrote: false,
        calls,
    };
    while run.journal.entry.done < of {
        let at = run.journal.entry.done;
        run.tell(at, 0, None);
        let stop = match run.step(at).await {
            Ok(()) => {
                let entry = &mut run.journal.entry;
                (entry.done, entry.begun) = (at + 1, false);
                match run.journal.write().await {
                    Ok(()) => continue,
                    // It is done; the journal says that it was begun, and what is stored will say the rest.
                    Err(failure) => Stop::of_error(JobError::Failed(failure)),
                }
            }
            Err(stop) => {
                run.journal.entry.begun = stop.in_doubt;
                // Should this fail, the step stays begun, which is looked into before anything is sent.
                let _ = run.journal.write().await;
                stop
            }
        };
        return run.stopped(at, stop, journey).await;
    }
    run.journal.remove().await.map_err(JobError::Failed)?;
    Ok(Applied {
        done: of,
        of,
        exchanges: run.exchanges,
        stopped: None,
        schema: run.schema,
        journal: None,
    })
}

impl<C: Calls> Run<'_, C> {
    /// The end before the end.
    async fn stopped(
        mut self,
        at: usize,
        stop: Stop,
        journey: Journey,
    ) -> Result<Applied, JobError> {
        if !self.began {
            if journey == Journey::New {
                self.journal.remove().await.map_err(JobError::Failed)?;
            }
            return Err(stop.error);
        }
        let of = self.work.plan.steps.len();
        let what = self.work.plan.steps[at].what();
        let (done, journal) = (self.journal.entry.done, self.journal.id());
        // The first call was refused: there is nothing to go on with.
        let is_nothing_done = self.journal.entry.is_untouched() && !self.wrote;
        let journal = if is_nothing_done {
            self.journal.remove().await.map_err(JobError::Failed)?;
            None
        } else {
            journal
        };
        let why = if stop.in_doubt {
            format!(
                "{}; whether it was done is looked into when you go on",
                stop.why
            )
        } else {
            stop.why
        };
        self.exchanges.extend(stop.exchange);
        Ok(Applied {
            done,
            of,
            exchanges: self.exchanges,
            stopped: Some(format!("step {} of {of}, {what}: {why}", at + 1)),
            schema: self.schema,
            journal,
        })
    }

    fn tell(&mut self, at: usize, records: u64, of_records: Option<u64>) {
        self.calls.tell(StepProgress {
            at,
            of: self.work.plan.steps.len(),
            records,
            of_records,
        });
    }

    async fn step(&mut self, at: usize) -> Result<(), Stop> {
        let step = self.work.plan.steps[at].clone();
        if let Action::CopyValues { .. } = &step.action {
            let way = Way::new(&self.work, at, at)?;
            let after = self.passed(at).unwrap_or(0);
            return self.pass(at, &way, after).await.map(|_| ());
        }
        if step.action == Action::Remove {
            let lost = self.lost(at, &step).await?;
            self.agreed(at, &step, lost)?;
        }
        let Some(request) = step.request(&self.work.plan.type_name) else {
            return Err(Stop::because("this step is no call".to_owned()));
        };
        self.begin().await?;
        let exchange = self.call(&request).await?;
        self.exchanges.push(Arc::clone(&exchange));
        if let Some(Answer::Ok(answer)) = exchange.answer()
            && let Ok((schema, _)) = EntityType::from_json(answer)
        {
            self.schema = Some(Arc::new(schema));
        }
        Ok(())
    }

    /// Notes that the next step was begun, before anything of it is sent.
    async fn begin(&mut self) -> Result<(), Stop> {
        if !self.journal.entry.begun {
            self.journal.entry.begun = true;
            let noted = self.journal.write().await;
            noted.map_err(|failure| Stop::of_error(JobError::Failed(failure)))?;
        }
        Ok(())
    }

    async fn call(&mut self, request: &ApiRequest) -> Result<Arc<Exchange>, Stop> {
        let exchange = match self.calls.call(request).await {
            Ok(exchange) => exchange,
            Err(error) => {
                let stop = Stop::of_error(error);
                self.began |= stop.exchange.is_some();
                return Err(stop);
            }
        };
        self.began = true;
        if exchange.verdict() == Verdict::Ok {
            self.wrote = true;
            Ok(exchange)
        } else {
            Err(Stop::of(exchange))
        }
    }

    /// Before an attribute goes: how many records would lose a value. What was copied is looked at again, and what came
    /// since is copied, until nothing is. `None` when nobody needs to know.
    async fn lost(&mut self, at: usize, removal: &Step) -> Result<Option<u64>, Stop> {
        let is_copy = |step: &Step| {
            step.path == removal.path && matches!(step.action, Action::CopyValues { .. })
        };
        let Some(copy) = self.work.plan.steps[..at].iter().rposition(is_copy) else {
            return self.count_lost(at, removal).await;
        };
        let way = Way::new(&self.work, at, copy)?;
        for _ in 0..ATTEMPTS {
            let pass = self.pass(at, &way, 0).await?;
            if pass.different > 0 {
                return Err(Stop::because(way.differ(&pass)));
            }
            if pass.written == 0 {
                return Ok(Some(pass.lost));
            }
        }
        Err(Stop::because(format!(
            "the values of {} change faster than they are copied: nothing was removed",
            removal.path
        )))
    }

    /// How many records have a value that goes with an attribute.
    async fn count_lost(&mut self, at: usize, removal: &Step) -> Result<Option<u64>, Stop> {
        let Some(schema) = expected(&self.work, at).filter(|_| self.work.agreed.is_some()) else {
            return Ok(None);
        };
        let total = pages::count(&schema.name, self.calls).await;
        let total = total.map_err(Stop::of_error)?;
        let mut pages = Pages::of(&schema, std::slice::from_ref(&removal.path));
        let (mut seen, mut lost) = (0, 0);
        loop {
            let page = pages.next(self.calls).await.map_err(Stop::of_error)?;
            if page.is_empty() {
                return Ok(Some(lost));
            }
            for (_, record) in page {
                seen += 1;
                let has_one = values::is_value_at(&record, &schema.attr_defs, &removal.path.0);
                lost += u64::from(has_one);
            }
            self.tell(at, seen, total);
        }
    }

    /// Stops when more would be lost than was agreed to. That it was counted here agrees to nothing: whoever goes on looks
    /// again, and is asked with the new counts.
    fn agreed(&self, at: usize, removal: &Step, lost: Option<u64>) -> Result<(), Stop> {
        let (Some(lost), Some(agreed)) = (lost, &self.work.agreed) else {
            return Ok(());
        };
        let agreed = agreed.get(at).copied().unwrap_or(0);
        if lost <= agreed {
            return Ok(());
        }
        Err(Stop::because(format!(
            "{lost} {} would lose a value of {}, and {agreed} when it was checked: nothing was removed; look at them \
             before you go on",
            if lost == 1 { "record" } else { "records" },
            removal.path
        )))
    }

    /// The last record that the copy has dealt with.
    fn passed(&self, copy: usize) -> Option<i64> {
        self.journal.entry.passed.get(&copy).copied()
    }

    /// Goes through the records after an id and copies what is to be copied. Progress is that of the step `at`.
    async fn pass(&mut self, at: usize, way: &Way, after: i64) -> Result<Pass, Stop> {
        let total = pages::count(&way.schema.name, self.calls).await;
        let total = total.map_err(Stop::of_error)?;
        let mut pages = Pages::of(&way.schema, &way.asked())
            .after(after)
            .at_most(AT_ONCE);
        let (mut pass, mut seen) = (Pass::default(), 0);
        loop {
            let page = pages.next(self.calls).await.map_err(Stop::of_error)?;
            if page.is_empty() {
                return Ok(pass);
            }
            for (id, record) in page {
                let passed = self.copy_one(way, id, record, &mut pass).await;
                passed.map_err(|stop| Stop {
                    why: format!("record {id}: {}", stop.why),
                    ..stop
                })?;
                seen += 1;
                self.tell(at, seen, total);
                self.note(way.copy, id, seen).await?;
            }
        }
    }

    /// Notes now and then up to which record a copy has come.
    async fn note(&mut self, copy: usize, id: i64, seen: u64) -> Result<(), Stop> {
        if self.passed(copy).is_some_and(|passed| passed >= id) {
            return Ok(());
        }
        self.journal.entry.passed.insert(copy, id);
        if seen.is_multiple_of(NOTED as u64) {
            let noted = self.journal.write().await;
            noted.map_err(|failure| Stop::of_error(JobError::Failed(failure)))?;
        }
        Ok(())
    }

    /// Copies one record's value, where it is to be copied. A record that changed since it was read is read again, and
    /// one that is gone has nothing to copy.
    async fn copy_one(
        &mut self,
        way: &Way,
        id: i64,
        mut record: Json,
        pass: &mut Pass,
    ) -> Result<(), Stop> {
        let is_passed = self.passed(way.copy).is_some_and(|passed| id <= passed);
        for _ in 0..ATTEMPTS {
            let request = match copying::standing(&way.schema, &way.carrier, id, &record) {
                Standing::Missing(request) if way.to_spare || !is_passed => request,
                Standing::Other(request) | Standing::Alone(request) if way.to_spare => request,
                Standing::Missing(_) | Standing::Other(_) if is_passed => {
                    // Nobody writes a spare: what differs from it is newer, and the other is what people use again.
                    if !way.from_spare {
                        pass.differs(id);
                    }
                    return Ok(());
                }
                Standing::Other(_) => return Err(Stop::because(way.taken())),
                Standing::Same | Standing::Missing(_) | Standing::Alone(_) => {
                    pass.lost += u64::from(way.loses(&record));
                    return Ok(());
                }
            };
            self.begin().await?;
            let Err(stop) = self.call(&request).await else {
                pass.written += 1;
                return Ok(());
            };
            let code = stop
                .exchange
                .as_ref()
                .and_then(|exchange| match exchange.answer() {
                    Some(Answer::Error(error)) => Some(error.code),
                    _ => None,
                });
            // The code for a record that is gone is also that for an element which was never there.
            let is_gone = code == Some(ErrorCode::RECORD_NOT_FOUND);
            if !is_gone && code != Some(ErrorCode::TIMESTAMP_MISMATCH) {
                return Err(stop);
            }
            let asked = way.asked();
            let mut one = Pages::of(&way.schema, &asked).after(id - 1).at_most(1);
            let page = one.next(self.calls).await.map_err(Stop::of_error)?;
            match page.into_iter().next() {
                Some((found, _)) if found == id && is_gone => return Err(stop),
                Some((found, again)) if found == id => record = again,
                _ => return Ok(()),
            }
        }
        Err(Stop::because(
            "somebody changes it again and again".to_owned(),
        ))
    }
}

/// What a look through the records came to.
#[derive(Default)]
struct Pass {
    written: u64,
    /// How many records have a value that the copy does not hold.
    lost: u64,
    /// How many were copied and differ now.
    different: u64,
    /// The first of them.
    named: Vec<i64>,
}

impl Pass {
    fn differs(&mut self, id: i64) {
        self.different += 1;
        if self.named.len() < NAMED {
            self.named.push(id);
        }
    }
}

/// From where to where a step copies.
struct Way {
    /// The step.
    copy: usize,
    /// The entity type by then.
    schema: EntityType,
    carrier: Carrier,
    /// Whether the copies are in an attribute that the plan added and removes again: what people write is what they are
    /// copied from.
    from_spare: bool,
    /// The same of what they are copied to.
    to_spare: bool,
}

impl Way {
    /// What the step `copy` carries, before the step `at`.
    fn new(work: &Work, at: usize, copy: usize) -> Result<Self, Stop> {
        let (schema, carrier) = carrier(work, at, copy).ok_or_else(|| {
            Stop::because("an attribute of the copy is not in the type".to_owned())
        })?;
        let is_spare = |name: &str| {
            let path = AttrPath::root().child(name);
            let steps = &work.plan.steps[copy..];
            let stored = work.stored.as_deref();
            let goes = |step: &Step| step.path == path && step.action == Action::Remove;
            stored.is_none_or(|it| it.get(&path).is_none()) && steps.iter().any(goes)
        };
        Ok(Self {
            from_spare: is_spare(&carrier.from.name),
            to_spare: is_spare(&carrier.to.name),
            copy,
            schema,
            carrier,
        })
    }

    fn asked(&self) -> [AttrPath; 3] {
        let names = [&self.carrier.from.name, &self.carrier.to.name];
        let [from, to] = names.map(|name| AttrPath::root().child(name));
        [from, to, AttrPath::root().child("lastUpdated")]
    }

    /// Whether the record has a value that the copy does not hold.
    fn loses(&self, record: &Json) -> bool {
        let from = &self.carrier.from;
        let value = record.get(&from.name);
        let value = value.filter(|value| values::is_value(value, from));
        value.is_some_and(|value| !self.carrier.carries_all(value))
    }

    /// The other has a value that this plan did not write.
    fn taken(&self) -> String {
        let (from, to) = (&self.carrier.from.name, &self.carrier.to.name);
        format!(
            "{to} has another value than {from}, which somebody else wrote: make both the same, or clear one of them"
        )
    }

    fn differ(&self, pass: &Pass) -> String {
        let (from, to) = (&self.carrier.from.name, &self.carrier.to.name);
        let named: Vec<String> = pass.named.iter().map(|id| format!("record {id}")).collect();
        let more = pass.different - pass.named.len() as u64;
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!(
            "{from} and {to} were written since the values were copied, and differ in {}{more}: make both the same, \
             or clear {from}; nothing was removed",
            named.join(", ")
        )
    }
}

/// The schema before the step `at`, and what the step `copy` carries.
fn carrier(work: &Work, at: usize, copy: usize) -> Option<(EntityType, Carrier)> {
    let schema = expected(work, at)?;
    let step = &work.plan.steps[copy];
    let Action::CopyValues { to, renamed } = &step.action else {
        return None;
    };
    let carrier = Carrier::new(
        schema.get(&step.path)?.clone(),
        schema.get(to)?.clone(),
        renamed,
    );
    Some((schema, carrier))
}
