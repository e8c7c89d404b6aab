//! Jobs: what a front-end can ask for, what it hears meanwhile, and what it gets.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::capture::schema::SchemaProblem;
use crate::capture::schema::diagram::markdown::markdown;
use crate::capture::schema::diagram::mermaid::mermaid;
use crate::capture::schema::diagram::svg::svg;
use crate::capture::secret::Secret;
use crate::config::columns::Columns;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::exchange::Sender;
use crate::exchange::timing::Timing;
use crate::failure::Failure;
use crate::history::query::Page;
use crate::history::query::Query;
use crate::history::query::Summary;
use crate::history::record::PrimaryKeys;
use crate::history::record::RecordKey;
use crate::history::record::timeline::Timeline;
use crate::history::store::Purged;
use crate::json::bytes::Bytes;
use crate::sandbox::faults::Rule;
use crate::worker::again::Waiting;
use crate::worker::compare::Compare;
use crate::worker::compare::Compared;
use crate::worker::dump::Dump;
use crate::worker::dump::Dumped;
use crate::worker::export::Export;
use crate::worker::export::Exported;
use crate::worker::filter::Filtered;
use crate::worker::handover::HandOver;
use crate::worker::load::Load;
use crate::worker::load::Loaded;
use crate::worker::load::Prepared;
use crate::worker::load::rollback::Rollback;
use crate::worker::load::rollback::RollbackPlan;
use crate::worker::load::rollback::RolledBack;
use crate::worker::plan::Applied;
use crate::worker::plan::JournalId;
use crate::worker::plan::Rehearsal;
use crate::worker::plan::StepProgress;
use crate::worker::plan::Survey;
use crate::worker::plan::Unfinished;
use crate::worker::plan::Work;
use crate::worker::verify::Verified;
use crate::worker::verify::Verify;

/// A job's number, chosen by whoever asks; unique among the jobs of one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// A piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// The names of all entity types. Gives [`Output::Types`].
    ListTypes,
    /// One entity type's schema, by its name. Gives [`Output::Type`].
    LoadType(String),
    /// Any call, sent exactly once. Gives [`Output::Exchange`], whatever came of it, unless it was cancelled.
    Send(ApiRequest),
    /// Any call to another environment of the configuration, or to this one, sent exactly once. Gives
    /// [`Output::Exchange`] as [`Job::Send`] does.
    SendTo {
        /// The environment's name.
        environment: String,
        /// The call.
        request: ApiRequest,
    },
    /// Calls that only make sense together, each sent exactly once, in order, and only when all before it went well.
    /// Gives [`Output::Exchanges`] as soon as one of them was begun.
    SendAll(Vec<ApiRequest>),
    /// A list of past exchanges. Gives [`Output::History`].
    History {
        /// Which ones.
        query: Query,
        /// Which part of them.
        page: Page,
    },
    /// How many past exchanges a question means. Gives [`Output::Count`].
    CountHistory(Query),
    /// Removes past exchanges for good. Gives [`Output::Purged`].
    PurgeHistory(Query),
    /// A record through time, as far as the history has seen it. Gives [`Output::Timeline`].
    RecordTimeline {
        /// Which record.
        key: RecordKey,
        /// What tells the elements of its plurals apart; none where the schema that the history has shall say it.
        keys: PrimaryKeys,
    },
    /// A past exchange, whole. Gives [`Output::Exchange`].
    OpenExchange(ExchangeId),
    /// Compares two calls. Gives [`Output::Compared`]; nothing is sent.
    Compare(Box<Compare>),
    /// These calls as curl commands, one below the other. Gives [`Output::Curl`]; nothing is sent.
    ExportCurl {
        /// The calls, in order.
        requests: Vec<ApiRequest>,
        /// Whether the client's secret and those among the arguments stand in them.
        secrets: bool,
    },
    /// This call as the HTTP request that would be sent. Gives [`Output::Curl`]; nothing is sent.
    ExportWire {
        /// The call.
        request: ApiRequest,
        /// Whether the client's secret and those among the arguments stand in it.
        secrets: bool,
    },
    /// Who sends and where to, to show what is going to be sent. Gives [`Output::Sender`].
    DescribeSender,
    /// What goes wrong on purpose in the embedded sandbox from the next call on; fails for any other service. Gives
    /// [`Output::Faults`].
    SetFaults(Vec<Rule>),
    /// The columns chosen in this environment. Gives [`Output::Columns`].
    ReadColumns,
    /// Keeps the chosen columns of an entity type, by their dotted paths. Gives [`Output::Columns`].
    KeepColumns {
        /// The entity type.
        type_name: String,
        /// None at all when nobody chose any.
        columns: Vec<String>,
    },
    /// Looks at every record that this client can read, to say what a plan would meet. Gives [`Output::Survey`].
    SurveyPlan(Box<Work>),
    /// Applies a plan to a copy of its entity type, in a sandbox of its own in memory. Gives [`Output::Rehearsal`].
    DryRun(Box<Work>),
    /// Applies a plan, step by step. Gives [`Output::Applied`] as soon as a step was begun.
    ApplyPlan(Box<Work>),
    /// Goes on with a plan that was interrupted, after a look at what is stored now. Gives [`Output::Applied`].
    ResumePlan {
        /// Its journal.
        id: JournalId,
        /// What may be lost from now on, as [`Work::agreed`], for every step of the whole plan. `None` when nobody looked
        /// again: then no more may go than was agreed to before.
        agreed: Option<Vec<u64>>,
    },
    /// The plans of this environment that were begun and have not come to their end. Gives [`Output::Plans`].
    ListPlans,
    /// Forgets an unfinished plan; what it did stays done. Gives [`Output::Plans`].
    ForgetPlan(JournalId),
    /// Writes the values that a plan would destroy into a file, one JSON object for each record. Gives
    /// [`Output::Written`].
    ExportValues {
        /// The entity type.
        type_name: String,
        /// The attributes.
        paths: Vec<AttrPath>,
        /// The file; it must not exist.
        file: PathBuf,
    },
    /// An entity type of another environment, or of this one. Gives [`Output::Type`].
    LoadTypeFrom {
        /// The environment's name.
        environment: String,
        /// The entity type.
        type_name: String,
    },
    /// Writes an entity type into a file, in some form, whole or not at all. Gives [`Output::Written`].
    WriteSchema {
        /// The file; it must not exist.
        file: PathBuf,
        /// The entity type.
        schema: Box<EntityType>,
        /// The form.
        form: SchemaForm,
    },
    /// Hands calls over, masked. Gives [`Output::Written`], or without a file [`Output::HandedOver`]; nothing is sent.
    HandOver(Box<HandOver>),
    /// Runs a jq filter over a text. Gives [`Output::Filtered`], whatever came of it; nothing is sent.
    Filter {
        /// The text; several documents one after the other are filtered one by one.
        input: Text,
        /// The filter.
        program: String,
    },
    /// Exports the records of a type. Gives [`Output::Exported`].
    Export(Box<Export>),
    /// Writes all that an environment tells into a folder. Gives [`Output::Dumped`].
    Dump(Box<Dump>),
    /// Compares records with records. Gives [`Output::Verified`].
    Verify(Box<Verify>),
    /// Judges a file of records, or finds out how far its load has come. Gives [`Output::Prepared`].
    PrepareLoad(Box<Load>),
    /// Writes what is wrong with the rows of a file. Gives [`Output::Verdicts`]; nothing is sent.
    WriteVerdicts(Prepared),
    /// Creates the records of a file that was judged. Gives [`Output::Loaded`] as soon as it was begun.
    Load(Prepared),
    /// What a roll-back of a load would delete. Gives [`Output::RollbackPlan`]; nothing is sent.
    PlanRollback(Box<Rollback>),
    /// Deletes what a load made. Gives [`Output::RolledBack`] as soon as it was begun.
    RollBack(Box<RollbackPlan>),
    /// Writes a text into a file, whole or not at all. Gives [`Output::Written`].
    WriteFile {
        /// The file; it must not exist.
        file: PathBuf,
        /// What it shall hold.
        text: String,
    },
}

/// A text that jobs work on; shown by its length alone, since it may be somebody's data.
#[derive(Clone)]
pub struct Text(pub Bytes);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}

impl Eq for Text {}

/// In what form an entity type is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaForm {
    /// JSON, as the service tells it.
    Json,
    /// Tables.
    Markdown,
    /// A diagram for documents.
    Mermaid,
    /// A picture.
    Svg,
}

impl SchemaForm {
    /// The entity type in this form, with a final newline. Of a large one it takes a while.
    pub fn text(self, schema: &EntityType) -> String {
        let mut text = match self {
            Self::Json => schema.to_json().pretty(),
            Self::Markdown => markdown(schema),
            Self::Mermaid => mermaid(schema),
            Self::Svg => svg(schema),
        };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }
}

/// What a job gives.
#[derive(Clone, Debug)]
pub enum Output {
    /// The answer to [`Job::ListTypes`].
    Types {
        /// In the service's order.
        names: Vec<String>,
        /// The call that brought them.
        exchange: Arc<Exchange>,
    },
    /// The answer to [`Job::LoadType`].
    Type {
        /// The entity type, as far as it could be read.
        schema: Arc<EntityType>,
        /// What could not be read.
        problems: Vec<SchemaProblem>,
        /// The call that brought it.
        exchange: Arc<Exchange>,
    },
    /// The answer to [`Job::Send`], [`Job::SendTo`] and [`Job::OpenExchange`].
    Exchange(Arc<Exchange>),
    /// The answer to [`Job::SendAll`]: the calls that were begun. All but the last went well; there are fewer than were
    /// asked for when the last did not, or when the user cancelled.
    Exchanges(Vec<Arc<Exchange>>),
    /// The answer to [`Job::History`], newest first.
    History(Vec<Summary>),
    /// The answer to [`Job::CountHistory`].
    Count(u64),
    /// The answer to [`Job::PurgeHistory`].
    Purged(Purged),
    /// The answer to [`Job::RecordTimeline`].
    Timeline(Arc<Timeline>),
    /// The answer to [`Job::Compare`].
    Compared(Arc<Compared>),
    /// The answer to [`Job::ExportCurl`] and [`Job::ExportWire`].
    Curl(Secret),
    /// The answer to [`Job::DescribeSender`], without the secret.
    Sender(Arc<Sender>),
    /// The answer to [`Job::SetFaults`]: what goes wrong now.
    Faults(Vec<Rule>),
    /// The answer to [`Job::ReadColumns`] and [`Job::KeepColumns`]: all that are kept now.
    Columns(Columns),
    /// The answer to [`Job::SurveyPlan`].
    Survey(Arc<Survey>),
    /// The answer to [`Job::DryRun`].
    Rehearsal(Arc<Rehearsal>),
    /// The answer to [`Job::ApplyPlan`] and [`Job::ResumePlan`].
    Applied(Arc<Applied>),
    /// The answer to [`Job::ListPlans`] and [`Job::ForgetPlan`], the one begun last first.
    Plans(Vec<Unfinished>),
    /// The answer to [`Job::HandOver`] without a file: the text, which holds personal data if that was asked for.
    HandedOver(Secret),
    /// The answer to [`Job::Filter`].
    Filtered(Arc<Filtered>),
    /// The answer to [`Job::Export`].
    Exported(Box<Exported>),
    /// The answer to [`Job::Dump`].
    Dumped(Box<Dumped>),
    /// The answer to [`Job::Verify`].
    Verified(Box<Verified>),
    /// The answer to [`Job::PrepareLoad`].
    Prepared(Prepared),
    /// The answer to [`Job::WriteVerdicts`]: the files, by what they are.
    Verdicts(BTreeMap<&'static str, PathBuf>),
    /// The answer to [`Job::Load`].
    Loaded(Arc<Loaded>),
    /// The answer to [`Job::PlanRollback`].
    RollbackPlan(Box<RollbackPlan>),
    /// The answer to [`Job::RollBack`].
    RolledBack(Arc<RolledBack>),
    /// The answer to [`Job::ExportValues`] and [`Job::WriteFile`].
    Written {
        /// The file.
        file: PathBuf,
        /// How many records are in it; `None` for a text.
        records: Option<u64>,
    },
}

/// Why a job gave nothing.
#[derive(Clone, Debug)]
pub enum JobError {
    /// The service answered something other than what the job needed, or did not answer.
    Exchange(Arc<Exchange>),
    /// The user cancelled; with the exchange when a call had begun. Its [`crate::exchange::Verdict`] says whether the
    /// call may have happened.
    Cancelled(Option<Arc<Exchange>>),
    /// Something on this side did not work; nothing was sent.
    Failed(Failure),
    /// The job hit a fault of the program, with the panic's message.
    Panicked(String),
}

/// What a job reports while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The job has left the queue.
    Started,
    /// A call is connected and its request is leaving; from here on a write may happen. With what was seen of the
    /// call so far.
    Sent(Timing),
    /// A plan of schema changes gets on.
    Step(StepProgress),
    /// A job that moves records in bulk gets on.
    Bulk(BulkProgress),
    /// A read failed for now, and is going to be asked again.
    Again(Waiting),
    /// A filter has given so many results.
    Results(u64),
    /// Something worth telling once that does not fail the job, such as a history that cannot be written.
    Notice(String),
}

/// How far a job in bulk has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkProgress {
    /// Records dealt with since the job began, also before it was interrupted.
    pub done: u64,
    /// How many there are, when that is known.
    pub of: Option<u64>,
    /// How many of `done` were dealt with before it was interrupted: they say nothing of the speed.
    pub before: u64,
    /// How many of `done` did not go well.
    pub failed: u64,
    /// How many of `done` have an unknown outcome.
    pub unknown: u64,
}

/// What a front-end tells the worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Run a job. Followed by exactly one [`Event::Finished`] with its id, also after cancel, panic and stop.
    Run(JobId, Job),
    /// Cancel a job; nothing happens when it has finished.
    Cancel(JobId),
    /// Cancel every job, report their ends, and end the worker.
    Stop,
}

/// What the worker tells the front-end.
#[derive(Clone, Debug)]
pub enum Event {
    /// A job goes on.
    Progress(JobId, Progress),
    /// A job has ended; the last event with this id.
    Finished(JobId, Result<Output, JobError>),
}
