//! The lines of a recording, and how messages become lines and lines messages.
//!
//! Only these types are for serde; those of the program are not. A job's result is written as the exchange that brought it,
//! masked as the history masks it, and read from that exchange again as the worker read it. What has no such form is a
//! [`What::Gap`]: the replay stops there and says so.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crossterm::event::Event as TerminalEvent;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::capture::auth::Credentials;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::redact::broken;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::capture::response::Answer;
use crate::capture::response::NotCapture;
use crate::capture::schema::EntityType;
use crate::capture::secret::MASK;
use crate::capture::secret::Secret;
use crate::config::columns::Columns;
use crate::drafts::desk;
use crate::drafts::kept;
use crate::drafts::kept::Kept;
use crate::exchange;
use crate::exchange::ExchangeId;
use crate::exchange::Stage;
use crate::exchange::TransportError;
use crate::exchange::Verdict;
use crate::exchange::timing::Timing;
use crate::failure;
use crate::failure::FailureKind;
use crate::history::query;
use crate::worker::job;
use crate::worker::job::JobError;
use crate::worker::job::JobId;
use crate::worker::job::Progress;
use crate::worker::plan;
use crate::worker::plan::StepProgress;

/// The version of the format.
pub const VERSION: u32 = 1;

/// A longer answer is not written, in bytes: a gap stands in its place.
const MOST_OF_BODY: usize = 16 << 20;

/// The first line: what the explorer was told at its start.
#[derive(Debug, Deserialize, Serialize)]
pub struct Header {
    /// The version of the format.
    pub recording: u32,
    /// The version of the program.
    pub captui: String,
    /// The moment that all times are counted from.
    pub started: String,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The environment.
    pub environment: Environment,
    /// The other environments.
    pub others: Vec<Environment>,
    /// How long a call may take, in milliseconds.
    pub patience: u64,
    /// Whether drafts are kept.
    pub drafts: bool,
    /// Verbs with keys of the user's, each with its keys as they were written; recordings of before have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<(String, Vec<String>)>,
}

/// The environment, without what leads to its secret.
#[derive(Debug, Deserialize, Serialize)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Its class.
    pub class: String,
    /// Where it is; `None` for the sandbox in the program.
    pub domain: Option<String>,
    /// Whether writes are refused.
    pub read_only: bool,
    /// What its client may do, when the configuration says it.
    pub features: Option<Vec<String>>,
}

/// Every further line.
#[derive(Debug, Deserialize, Serialize)]
pub struct Line {
    /// Microseconds since the start.
    pub at: u64,
    /// What happened then.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A key, a mouse event, a paste, a size.
    Terminal(TerminalEvent),
    /// A job told something.
    Told(u64, Told),
    /// A job ended well.
    Done(u64, Box<Output>),
    /// A job ended otherwise.
    Failed(u64, Box<Why>),
    /// The body that was asked for so many-th, from 0, was read.
    Body(usize),
    /// What other programs copied came.
    Clipboard(Result<String, String>),
    /// What the long pasted text was taken for came; the text itself is in the paste.
    Taken(String),
    /// Files came that a pasted command names.
    Files(Vec<(String, Result<String, String>)>),
    /// A schema was read, as a text that it is read from again.
    Schema(Result<String, String>),
    /// What sample data says of a schema came.
    Inferred(()),
    /// Paths came that begin with what was typed.
    Paths(String, Vec<String>),
    /// What became of a text that was copied.
    Copied(Result<String, String>),
    /// The user's editor ended.
    Edited(Result<String, String>),
    /// Work for a viewer told something; what, comes of doing the work again.
    Viewed(()),
    /// The program ended that a text was shown in.
    Shown(Result<(), String>),
    /// The desk that keeps drafts told something.
    Drafts(Desk),
    /// Time went by.
    Tick(()),
    /// The shell continued the stopped process.
    Continued(()),
    /// Something that a recording cannot hold.
    Gap(String),
    /// The program panicked here.
    Panicked(String),
}

/// What a job tells while it runs.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// It has left the queue.
    Started,
    /// Its request is leaving; where the time went until then.
    Sent(Value),
    /// A plan gets on: the step, of how many, and records, of how many.
    Step(usize, usize, u64, Option<u64>),
    /// A filter has given so many results.
    Results(u64),
    /// Something worth telling.
    Notice(String),
}

/// What a job gave.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// How many exchanges a question means.
    Count(u64),
    /// The names of the entity types, in the exchange.
    Types(Exchange),
    /// An entity type, in the exchange.
    Type(Exchange),
    /// An exchange.
    Exchange(Exchange),
    /// Several.
    Exchanges(Vec<Exchange>),
    /// A list of the history.
    History(Vec<Row>),
    /// A curl command was written; it is not in the recording.
    Curl(()),
    /// Exchanges were written to be handed over; what was written is not in the recording.
    HandedOver(()),
    /// Who sends.
    Sender(Sender),
    /// What goes wrong on purpose.
    Faults(Vec<String>),
    /// The chosen columns.
    Columns(Columns),
    /// No plan is unfinished.
    NoPlans(()),
    /// A file was written.
    Written(String, Option<u64>),
    /// What a plan would meet in the records: how many there are, and what was found for each step.
    Survey(u64, Vec<Finding>),
    /// What a plan did to a copy: what became of each step, how many records, whether it arrives.
    Rehearsal(Vec<Result<(), String>>, u64, bool),
    /// What became of a plan.
    Applied(Box<Applied>),
}

/// What one step of a plan would meet.
#[derive(Debug, Deserialize, Serialize)]
pub struct Finding {
    lost: u64,
    copied: u64,
    broken: u64,
    examples: Vec<Broken>,
}

/// A record that stands in a step's way.
#[derive(Debug, Deserialize, Serialize)]
struct Broken {
    id: i64,
    uuid: Option<String>,
    path: String,
    code: i64,
    reason: String,
}

/// What became of a plan.
#[derive(Debug, Deserialize, Serialize)]
pub struct Applied {
    done: usize,
    of: usize,
    exchanges: Vec<Exchange>,
    stopped: Option<String>,
    schema: Option<Value>,
    journal: Option<String>,
}

/// Why a job gave nothing.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The service answered something else.
    Exchange(Exchange),
    /// The user cancelled.
    Cancelled(Option<Exchange>),
    /// Something on this side did not work.
    Failure {
        /// The exit code of its kind.
        kind: u8,
        /// What happened.
        message: String,
        /// Why.
        cause: Option<String>,
        /// What to try.
        hints: Vec<String>,
    },
    /// The job panicked.
    Panicked(String),
}

/// An exchange, masked.
#[derive(Debug, Deserialize, Serialize)]
pub struct Exchange {
    id: Option<i64>,
    environment: String,
    operation: String,
    args: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hidden: Vec<String>,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    form: String,
    started: String,
    elapsed_us: u64,
    #[serde(default)]
    timing: Value,
    outcome: Outcome,
}

/// What came of a call.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Answered {
        status: u16,
        headers: Vec<(String, String)>,
        body: Bytes,
        /// Why it is no answer of the service, when it is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        foreign: Option<String>,
    },
    Failed {
        stage: String,
        message: String,
        may_have_happened: bool,
        /// What came of an answer that broke off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        arrived: Option<Arrived>,
    },
}

/// The part of an answer that came.
#[derive(Debug, Deserialize, Serialize)]
struct Arrived {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
}

/// Bytes as a text where they are one.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
enum Bytes {
    Text(String),
    Other { base64: String },
}

/// A row of the history, or only its number when it stood in the recording before.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Row {
    /// A row that was written before.
    Known(i64),
    /// A row.
    New(Box<NewRow>),
}

/// A row of the history.
#[derive(Debug, Deserialize, Serialize)]
pub struct NewRow {
    id: i64,
    started: String,
    environment: String,
    operation: String,
    type_name: Option<String>,
    subject: String,
    verdict: String,
    code: Option<i64>,
    request_id: Option<String>,
    elapsed_us: u64,
}

/// Who sends, without the secret.
#[derive(Debug, Deserialize, Serialize)]
pub struct Sender {
    domain: String,
    headers: Vec<(String, String)>,
    method: Option<String>,
    client: Option<String>,
}

/// What the desk tells.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Desk {
    /// All drafts there are.
    Listed(Vec<Draft>),
    /// A draft is on the disk: whose, in which file, since when.
    Saved(DraftKey, String, String),
    /// It is not, for this reason.
    NotSaved(DraftKey, String),
    /// A draft, as in its file.
    Loaded(String, Result<String, String>),
    /// Something to tell.
    Notice(String),
}

/// Names a draft.
#[derive(Debug, Deserialize, Serialize)]
pub struct DraftKey {
    environment: String,
    type_name: String,
    of: Of,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Of {
    NewRecord,
    Record(i64),
    NewType,
    Schema,
}

/// A draft in short.
#[derive(Debug, Deserialize, Serialize)]
pub struct Draft {
    file: String,
    key: DraftKey,
    type_name: String,
    changed: String,
    set: usize,
    in_doubt: bool,
    is_unread: bool,
}

/// Why something is not in the recording.
pub struct NotHeld(pub &'static str);

const VERDICTS: [(Verdict, &str); 5] = [
    (Verdict::Ok, "ok"),
    (Verdict::Error, "error"),
    (Verdict::NotCapture, "not_capture"),
    (Verdict::NotSent, "not_sent"),
    (Verdict::Unknown, "unknown"),
];

const STAGES: [(Stage, &str); 5] = [
    (Stage::Connect, "connect"),
    (Stage::Wait, "wait"),
    (Stage::Read, "read"),
    (Stage::Cancelled, "cancelled"),
    (Stage::Prepare, "prepare"),
];

const KINDS: [FailureKind; 10] = [
    FailureKind::Found,
    FailureKind::Usage,
    FailureKind::Service,
    FailureKind::Denied,
    FailureKind::NotFound,
    FailureKind::NotSent,
    FailureKind::Conflict,
    FailureKind::Internal,
    FailureKind::UnknownOutcome,
    FailureKind::Interrupted,
];

fn word_of<T: PartialEq>(words: &[(T, &'static str)], value: &T) -> String {
    let found = words.iter().find(|(known, _)| known == value);
    found.map_or("", |(_, word)| word).to_owned()
}

fn with_word<T: Copy>(words: &[(T, &'static str)], word: &str) -> Option<T> {
    let found = words.iter().find(|(_, known)| *known == word);
    found.map(|(value, _)| *value)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl Told {
    /// What a job tells.
    pub fn of(progress: Progress) -> Self {
        match progress {
            Progress::Started => Self::Started,
            Progress::Sent(timing) => Self::Sent(timing_value(&timing)),
            Progress::Step(step) => Self::Step(step.at, step.of, step.records, step.of_records),
            Progress::Results(results) => Self::Results(results),
            Progress::Bulk(bulk) => Self::Results(bulk.done),
            Progress::Again(waiting) => Self::Notice(waiting.to_string()),
            Progress::Notice(text) => Self::Notice(text),
        }
    }

    /// The same for the explorer.
    pub fn into_progress(self) -> Progress {
        match self {
            Self::Started => Progress::Started,
            Self::Sent(timing) => Progress::Sent(Timing::from_json(&timing.into())),
            Self::Step(at, of, records, of_records) => Progress::Step(StepProgress {
                at,
                of,
                records,
                of_records,
            }),
            Self::Results(results) => Progress::Results(results),
            Self::Notice(text) => Progress::Notice(text),
        }
    }
}

impl Output {
    /// What a job gave. `is_known` says whether a row of the history was written before.
    pub fn of(
        output: &job::Output,
        is_known: impl FnMut(ExchangeId) -> bool,
    ) -> Result<Self, NotHeld> {
        Ok(match output {
            job::Output::Types { exchange, .. } => Self::Types(Exchange::of(exchange)?),
            job::Output::Type { exchange, .. } => Self::Type(Exchange::of(exchange)?),
            job::Output::Exchange(exchange) => Self::Exchange(Exchange::of(exchange)?),
            job::Output::Exchanges(made) => {
                let made = made.iter().map(|exchange| Exchange::of(exchange));
                Self::Exchanges(made.collect::<Result<_, _>>()?)
            }
            job::Output::History(rows) => Self::History(rows_of(rows, is_known)),
            job::Output::Curl(_) => Self::Curl(()),
            job::Output::HandedOver(_) => Self::HandedOver(()),
            job::Output::Sender(sender) => Self::Sender(Sender::of(sender)),
            job::Output::Faults(rules) => {
                Self::Faults(rules.iter().map(ToString::to_string).collect())
            }
            job::Output::Columns(columns) => Self::Columns(columns.clone()),
            job::Output::Plans(plans) if plans.is_empty() => Self::NoPlans(()),
            job::Output::Written { file, records } => {
                Self::Written(file.to_string_lossy().into_owned(), *records)
            }
            job::Output::Count(count) => Self::Count(*count),
            job::Output::Purged(_) => return Err(NotHeld("what was purged of the history")),
            job::Output::Compared(_) => return Err(NotHeld("a comparison of calls")),
            job::Output::Timeline(_) => return Err(NotHeld("a record through time")),
            job::Output::Filtered(_) => return Err(NotHeld("the results of a filter")),
            job::Output::Dumped(_) => return Err(NotHeld("a dump")),
            job::Output::Exported(_) => return Err(NotHeld("an export")),
            job::Output::Verified(_) => return Err(NotHeld("a comparison of records")),
            job::Output::Plans(_) => return Err(NotHeld("plans that were not finished")),
            job::Output::Prepared(_) | job::Output::Verdicts(_) | job::Output::Loaded(_) => {
                return Err(NotHeld("a load of records"));
            }
            job::Output::RollbackPlan(_) | job::Output::RolledBack(_) => {
                return Err(NotHeld("a roll-back of a load"));
            }
            job::Output::Survey(survey) => {
                let findings = survey.findings.iter().map(Finding::of);
                Self::Survey(survey.records, findings.collect())
            }
            job::Output::Rehearsal(tried) => {
                Self::Rehearsal(tried.steps.clone(), tried.records, tried.arrives)
            }
            job::Output::Applied(applied) => Self::Applied(Box::new(Applied::of(applied)?)),
        })
    }

    /// The same for the explorer; `None` when it cannot be read. `known` gives the rows of the history that were read
    /// before, and takes new ones.
    pub fn into_output(self, known: &mut impl Known) -> Option<job::Output> {
        Some(match self {
            Self::Types(exchange) => {
                let exchange = exchange.into_exchange()?;
                let names = answer(&exchange)?.get("results")?.as_array()?;
                let names = names.iter().map(|name| Some(name.as_str()?.to_owned()));
                job::Output::Types {
                    names: names.collect::<Option<_>>()?,
                    exchange: Arc::new(exchange),
                }
            }
            Self::Type(exchange) => {
                let exchange = exchange.into_exchange()?;
                let (schema, problems) = EntityType::from_json(answer(&exchange)?).ok()?;
                job::Output::Type {
                    schema: Arc::new(schema),
                    problems,
                    exchange: Arc::new(exchange),
                }
            }
            Self::Exchange(exchange) => job::Output::Exchange(Arc::new(exchange.into_exchange()?)),
            Self::Exchanges(made) => {
                let made = made
                    .into_iter()
                    .map(|exchange| exchange.into_exchange().map(Arc::new));
                job::Output::Exchanges(made.collect::<Option<_>>()?)
            }
            Self::History(rows) => {
                let rows = rows.into_iter().map(|row| match row {
                    Row::Known(id) => known.row(ExchangeId(id)),
                    Row::New(row) => row.into_summary().inspect(|row| known.learn(row)),
                });
                job::Output::History(rows.collect::<Option<_>>()?)
            }
            Self::Curl(()) => job::Output::Curl(Secret::new(MASK)),
            Self::HandedOver(()) => job::Output::HandedOver(Secret::new(MASK)),
            Self::Sender(sender) => job::Output::Sender(Arc::new(sender.into_sender()?)),
            Self::Faults(rules) => {
                let rules = rules.iter().map(|rule| rule.parse().ok());
                job::Output::Faults(rules.collect::<Option<_>>()?)
            }
            Self::Columns(columns) => job::Output::Columns(columns),
            Self::Survey(records, findings) => {
                let findings = findings.into_iter().map(Finding::into_finding);
                job::Output::Survey(Arc::new(plan::Survey {
                    records,
                    findings: findings.collect::<Option<_>>()?,
                }))
            }
            Self::Rehearsal(steps, records, arrives) => {
                job::Output::Rehearsal(Arc::new(plan::Rehearsal {
                    steps,
                    records,
                    arrives,
                }))
            }
            Self::Applied(applied) => job::Output::Applied(Arc::new(applied.into_applied()?)),
            Self::Count(count) => job::Output::Count(count),
            Self::NoPlans(()) => job::Output::Plans(Vec::new()),
            Self::Written(file, records) => job::Output::Written {
                file: PathBuf::from(file),
                records,
            },
        })
    }
}

impl Finding {
    fn of(finding: &plan::Finding) -> Self {
        let example = |broken: &plan::Broken| Broken {
            id: broken.id,
            uuid: broken.uuid.clone(),
            path: broken.path.to_string(),
            code: broken.code.0,
            reason: broken.reason.clone(),
        };
        Self {
            lost: finding.lost,
            copied: finding.copied,
            broken: finding.broken,
            examples: finding.examples.iter().map(example).collect(),
        }
    }

    fn into_finding(self) -> Option<plan::Finding> {
        let example = |broken: Broken| {
            Some(plan::Broken {
                id: broken.id,
                uuid: broken.uuid,
                path: broken.path.parse().ok()?,
                code: ErrorCode(broken.code),
                reason: broken.reason,
            })
        };
        Some(plan::Finding {
            lost: self.lost,
            copied: self.copied,
            broken: self.broken,
            examples: (self.examples.into_iter().map(example)).collect::<Option<_>>()?,
        })
    }
}

impl Applied {
    fn of(applied: &plan::Applied) -> Result<Self, NotHeld> {
        let made = applied.exchanges.iter();
        let schema = applied.schema.as_ref().map(|schema| {
            // What is written by one reader of JSON is read by the other.
            serde_json::from_str(&schema.to_json().to_string()).unwrap_or_default()
        });
        Ok(Self {
            done: applied.done,
            of: applied.of,
            exchanges: (made.map(|exchange| Exchange::of(exchange))).collect::<Result<_, _>>()?,
            stopped: applied.stopped.clone(),
            schema,
            journal: applied.journal.as_ref().map(|journal| journal.0.clone()),
        })
    }

    fn into_applied(self) -> Option<plan::Applied> {
        let made = self.exchanges.into_iter();
        let schema = match self.schema {
            Some(schema) => Some(Arc::new(EntityType::from_json(&schema.into()).ok()?.0)),
            None => None,
        };
        Some(plan::Applied {
            done: self.done,
            of: self.of,
            exchanges: made
                .map(|exchange| exchange.into_exchange().map(Arc::new))
                .collect::<Option<_>>()?,
            stopped: self.stopped,
            schema,
            journal: self.journal.map(plan::JournalId),
        })
    }
}

/// Rows of the history that were read before.
pub trait Known {
    /// The row with this number.
    fn row(&self, id: ExchangeId) -> Option<query::Summary>;

    /// Takes a row that may be named again.
    fn learn(&mut self, row: &query::Summary);
}

fn answer(exchange: &exchange::Exchange) -> Option<&Json> {
    match exchange.answer()? {
        Answer::Ok(json) => Some(json),
        Answer::Error(_) | Answer::NotCapture(_) => None,
    }
}

impl Why {
    /// Why a job gave nothing.
    pub fn of(error: &JobError) -> Result<Self, NotHeld> {
        Ok(match error {
            JobError::Exchange(exchange) => Self::Exchange(Exchange::of(exchange)?),
            JobError::Cancelled(None) => Self::Cancelled(None),
            JobError::Cancelled(Some(exchange)) => Self::Cancelled(Some(Exchange::of(exchange)?)),
            JobError::Failed(failure) => Self::Failure {
                kind: failure.kind.exit_code(),
                message: failure.message.clone(),
                cause: failure.cause.clone(),
                hints: failure.hints.clone(),
            },
            JobError::Panicked(message) => Self::Panicked(message.clone()),
        })
    }

    /// The same for the explorer; `None` when it cannot be read.
    pub fn into_error(self) -> Option<JobError> {
        Some(match self {
            Self::Exchange(exchange) => JobError::Exchange(Arc::new(exchange.into_exchange()?)),
            Self::Cancelled(None) => JobError::Cancelled(None),
            Self::Cancelled(Some(exchange)) => {
                JobError::Cancelled(Some(Arc::new(exchange.into_exchange()?)))
            }
            Self::Failure {
                kind,
                message,
                cause,
                hints,
            } => JobError::Failed(failure::Failure {
                kind: *KINDS.iter().find(|known| known.exit_code() == kind)?,
                message,
                cause,
                hints,
            }),
            Self::Panicked(message) => JobError::Panicked(message),
        })
    }
}

impl Exchange {
    /// An exchange as it is written: masked, as the history masks it.
    fn of(exchange: &exchange::Exchange) -> Result<Self, NotHeld> {
        let request = &exchange.request;
        Ok(Self {
            id: exchange.id.map(|id| id.0),
            environment: exchange.environment.clone(),
            operation: request.endpoint.name().to_owned(),
            args: redact::args(request).0,
            hidden: request.secret_names.clone(),
            method: exchange.sent.method.clone(),
            url: exchange.sent.url.clone(),
            headers: exchange.sent.headers.clone(),
            form: redact::form(&exchange.sent.body, &request.secret_names),
            started: exchange.started.to_string(),
            elapsed_us: micros(exchange.elapsed),
            timing: timing_value(&exchange.timing),
            outcome: Outcome::of(exchange)?,
        })
    }

    fn into_exchange(self) -> Option<exchange::Exchange> {
        Some(exchange::Exchange {
            id: self.id.map(ExchangeId),
            environment: self.environment,
            request: ApiRequest {
                args: Args::from_pairs(self.args),
                secret_names: self.hidden,
                ..ApiRequest::new(Endpoint::from_path(&self.operation)?)
            },
            sent: exchange::Sent {
                method: self.method,
                url: self.url,
                headers: self.headers,
                body: self.form,
            },
            started: self.started.parse().ok()?,
            elapsed: Duration::from_micros(self.elapsed_us),
            timing: Timing::from_json(&self.timing.into()),
            outcome: self.outcome.into_outcome()?,
        })
    }
}

impl Outcome {
    fn of(exchange: &exchange::Exchange) -> Result<Self, NotHeld> {
        Ok(match &exchange.outcome {
            exchange::Outcome::Answered(answered) => Self::Answered {
                status: answered.status,
                headers: headers(&answered.headers),
                body: body(exchange, &answered.body)?,
                foreign: match &answered.answer {
                    Answer::NotCapture(other) => Some(other.reason.clone()),
                    Answer::Ok(_) | Answer::Error(_) => None,
                },
            },
            exchange::Outcome::Failed(error) => Self::Failed {
                stage: word_of(&STAGES, &error.stage),
                message: error.message.clone(),
                may_have_happened: error.may_have_happened,
                arrived: match &error.arrived {
                    Some(arrived) => Some(Arrived {
                        status: arrived.status,
                        headers: headers(&arrived.headers),
                        body: body(exchange, &arrived.body)?,
                    }),
                    None => None,
                },
            },
        })
    }

    fn into_outcome(self) -> Option<exchange::Outcome> {
        Some(match self {
            Self::Answered {
                status,
                headers,
                body,
                foreign,
            } => {
                let mut answered = exchange::Answered::read(status, headers, body.into_bytes()?);
                if let Some(reason) = foreign {
                    answered.answer = Answer::NotCapture(NotCapture { reason });
                }
                exchange::Outcome::Answered(answered)
            }
            Self::Failed {
                stage,
                message,
                may_have_happened,
                arrived,
            } => exchange::Outcome::Failed(TransportError {
                stage: with_word(&STAGES, &stage)?,
                message,
                may_have_happened,
                arrived: match arrived {
                    Some(arrived) => Some(Box::new(exchange::Arrived {
                        status: arrived.status,
                        headers: arrived.headers,
                        body: arrived.body.into_bytes()?,
                    })),
                    None => None,
                },
            }),
        })
    }
}

/// Headers, without what a server wants to be remembered by.
fn headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    let is_kept = |(name, _): &&(String, String)| !name.eq_ignore_ascii_case("set-cookie");
    headers.iter().filter(is_kept).cloned().collect()
}

/// The body of an answer, masked as in the history; what is no JSON, or broke off, is searched for names of secrets.
fn body(exchange: &exchange::Exchange, body: &[u8]) -> Result<Bytes, NotHeld> {
    if body.len() > MOST_OF_BODY {
        return Err(NotHeld("an answer of more than 16 MiB"));
    }
    let body = redact::body(&exchange.request, body);
    let names = &exchange.request.secret_names;
    Ok(match Bytes::of(body) {
        Bytes::Text(text) if Json::parse(&text).is_err() => {
            Bytes::Text(broken::masked(&text, names))
        }
        body => body,
    })
}

fn timing_value(timing: &Timing) -> Value {
    // What is written by one reader of JSON is read by the other.
    serde_json::from_str(&timing.to_json().to_string()).unwrap_or_default()
}

impl Bytes {
    fn of(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Other {
                base64: STANDARD.encode(error.as_bytes()),
            },
        }
    }

    fn into_bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.into_bytes()),
            Self::Other { base64 } => STANDARD.decode(base64).ok(),
        }
    }
}

fn rows_of(rows: &[query::Summary], mut is_known: impl FnMut(ExchangeId) -> bool) -> Vec<Row> {
    let row = |row: &query::Summary| {
        if is_known(row.id) {
            return Row::Known(row.id.0);
        }
        Row::New(Box::new(NewRow {
            id: row.id.0,
            started: row.started.to_string(),
            environment: row.environment.clone(),
            operation: row.endpoint.name().to_owned(),
            type_name: row.type_name.clone(),
            subject: row.subject.clone(),
            verdict: word_of(&VERDICTS, &row.verdict),
            code: row.code.map(|code| code.0),
            request_id: row.request_id.clone(),
            elapsed_us: micros(row.elapsed),
        }))
    };
    rows.iter().map(row).collect()
}

impl NewRow {
    fn into_summary(self) -> Option<query::Summary> {
        Some(query::Summary {
            id: ExchangeId(self.id),
            started: self.started.parse().ok()?,
            environment: self.environment,
            endpoint: Endpoint::from_path(&self.operation)?,
            type_name: self.type_name,
            subject: self.subject,
            verdict: with_word(&VERDICTS, &self.verdict)?,
            code: self.code.map(ErrorCode),
            request_id: self.request_id,
            elapsed: Duration::from_micros(self.elapsed_us),
        })
    }
}

impl Sender {
    fn of(sender: &exchange::Sender) -> Self {
        let method = sender
            .credentials
            .as_ref()
            .map(|credentials| match credentials {
                Credentials::Basic { .. } => "basic",
                Credentials::Signed { .. } => "signed",
                Credentials::Params { .. } => "params",
                Credentials::Token(_) => "token",
            });
        let client = sender.credentials.as_ref().and_then(Credentials::id);
        Self {
            domain: sender.domain.clone(),
            headers: sender.headers.clone(),
            method: method.map(str::to_owned),
            client: client.map(str::to_owned),
        }
    }

    fn into_sender(self) -> Option<exchange::Sender> {
        let (id, secret) = (self.client.unwrap_or_default(), Secret::new(MASK));
        let credentials = match self.method.as_deref() {
            None => None,
            Some("basic") => Some(Credentials::Basic { id, secret }),
            Some("signed") => Some(Credentials::Signed { id, secret }),
            Some("params") => Some(Credentials::Params { id, secret }),
            Some("token") => Some(Credentials::Token(secret)),
            Some(_) => return None,
        };
        Some(exchange::Sender {
            domain: self.domain,
            headers: self.headers,
            credentials,
        })
    }
}

impl Desk {
    /// What the desk tells. A draft has no secrets on the disk already.
    pub fn of(event: &desk::Event) -> Result<Self, NotHeld> {
        Ok(match event {
            desk::Event::Listed(drafts) => Self::Listed(drafts.iter().map(Draft::of).collect()),
            desk::Event::Saved { key, file, at } => {
                Self::Saved(DraftKey::of(key), file.clone(), at.to_string())
            }
            desk::Event::NotSaved(key, reason) => Self::NotSaved(DraftKey::of(key), reason.clone()),
            desk::Event::Loaded(file, Ok(kept)) => {
                let text = kept.to_text().ok_or(NotHeld("a draft nested too deeply"))?;
                Self::Loaded(file.clone(), Ok(text))
            }
            desk::Event::Loaded(file, Err(reason)) => {
                Self::Loaded(file.clone(), Err(reason.clone()))
            }
            desk::Event::Notice(text) => Self::Notice(text.clone()),
        })
    }

    /// The same for the explorer; `None` when it cannot be read.
    pub fn into_event(self) -> Option<desk::Event> {
        Some(match self {
            Self::Listed(drafts) => {
                let drafts = drafts.into_iter().map(Draft::into_summary);
                desk::Event::Listed(drafts.collect::<Option<_>>()?)
            }
            Self::Saved(key, file, at) => desk::Event::Saved {
                key: key.into_key(),
                file,
                at: at.parse::<Timestamp>().ok()?,
            },
            Self::NotSaved(key, reason) => desk::Event::NotSaved(key.into_key(), reason),
            Self::Loaded(file, Ok(text)) => {
                desk::Event::Loaded(file, Ok(Box::new(Kept::from_text(&text)?)))
            }
            Self::Loaded(file, Err(reason)) => desk::Event::Loaded(file, Err(reason)),
            Self::Notice(text) => desk::Event::Notice(text),
        })
    }
}

impl DraftKey {
    fn of(key: &kept::Key) -> Self {
        Self {
            environment: key.environment.clone(),
            type_name: key.type_name.clone(),
            of: match key.of {
                kept::Of::NewRecord => Of::NewRecord,
                kept::Of::Record(id) => Of::Record(id),
                kept::Of::NewType => Of::NewType,
                kept::Of::Schema => Of::Schema,
            },
        }
    }

    fn into_key(self) -> kept::Key {
        kept::Key {
            environment: self.environment,
            type_name: self.type_name,
            of: match self.of {
                Of::NewRecord => kept::Of::NewRecord,
                Of::Record(id) => kept::Of::Record(id),
                Of::NewType => kept::Of::NewType,
                Of::Schema => kept::Of::Schema,
            },
        }
    }
}

impl Draft {
    fn of(draft: &kept::Summary) -> Self {
        Self {
            file: draft.file.clone(),
            key: DraftKey::of(&draft.key),
            type_name: draft.type_name.clone(),
            changed: draft.changed.to_string(),
            set: draft.set,
            in_doubt: draft.in_doubt,
            is_unread: draft.is_unread,
        }
    }

    fn into_summary(self) -> Option<kept::Summary> {
        Some(kept::Summary {
            file: self.file,
            key: self.key.into_key(),
            type_name: self.type_name,
            changed: self.changed.parse().ok()?,
            set: self.set,
            in_doubt: self.in_doubt,
            is_unread: self.is_unread,
        })
    }
}

/// What a worker's event is in a recording.
pub fn of_worker(event: &job::Event, is_known: impl FnMut(ExchangeId) -> bool) -> What {
    let held = match event {
        job::Event::Progress(JobId(id), progress) => {
            Ok(What::Told(*id, Told::of(progress.clone())))
        }
        job::Event::Finished(JobId(id), Ok(output)) => {
            Output::of(output, is_known).map(|output| What::Done(*id, Box::new(output)))
        }
        job::Event::Finished(JobId(id), Err(error)) => {
            Why::of(error).map(|why| What::Failed(*id, Box::new(why)))
        }
    };
    held.unwrap_or_else(|NotHeld(what)| What::Gap(what.to_owned()))
}
