//! Plans of schema changes: looking at what they would meet in the records, trying them in a sandbox, applying them step
//! by step, and going on with one that was interrupted.
//!
//! ```text
//!  SurveyPlan ──▶ reads every record that the client can read ──▶ Survey: what would be lost, what would be refused
//!  DryRun     ──▶ a sandbox in memory with the same type        ──▶ Rehearsal: what each call would answer
//!  ApplyPlan  ──▶ one step after the other, each noted in a journal before and after ──▶ Applied
//!  ListPlans  ──▶ the journals of this environment that have no end
//! ```
//!
//! Only what the user asks for is sent. A step whose answer did not come is never sent again before the stored schema
//! says whether it was done.

pub mod apply;
mod copying;
pub mod export;
pub mod journal;
mod pages;
pub mod rehearse;
mod stage;
pub mod survey;
#[cfg(test)]
mod tests;
mod values;

use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::error::ErrorCode;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::property::Property;
use crate::exchange::Exchange;
use crate::worker::job::JobError;

/// How many broken records are named for each step.
pub const EXAMPLES: usize = 20;

/// How the jobs on plans reach the service, and whoever waits for them.
pub trait Calls {
    /// Makes a call, once. An error says that nothing was sent, or that the user cancelled.
    fn call(
        &mut self,
        request: &ApiRequest,
    ) -> impl Future<Output = Result<Arc<Exchange>, JobError>>;

    /// Tells how far the job has come.
    fn tell(&mut self, progress: StepProgress);
}

/// A plan with what it takes to check, apply and resume it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The plan.
    pub plan: Arc<SchemaPlan>,
    /// The entity type that it begins from; `None` when it creates it.
    pub stored: Option<Arc<EntityType>>,
    /// The entity type that it leads to.
    pub wanted: Arc<EntityType>,
    /// The rules and combined uniquenesses that were known when it was made.
    pub properties: Vec<Property>,
    /// How many records each step may take a value from, as it was told before it was agreed to: a removal stops that
    /// would take more. `None` when nobody looked, and all may go.
    pub agreed: Option<Vec<u64>>,
}

/// What a plan would meet in the records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// How many records there are, as far as this client can read them.
    pub records: u64,
    /// What was found, for each step of the plan in its order.
    pub findings: Vec<Finding>,
}

impl Survey {
    /// How many records lose a value by each step: for [`Work::agreed`].
    pub fn lost(&self) -> Vec<u64> {
        self.findings.iter().map(|finding| finding.lost).collect()
    }
}

/// What one step would meet in the records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// How many records have a value that would be gone after it, by then not copied.
    pub lost: u64,
    /// How many records have a value that it would copy.
    pub copied: u64,
    /// How many records break the constraints that it sets, or have a value that the copy cannot hold.
    pub broken: u64,
    /// The first of those, at most [`EXAMPLES`].
    pub examples: Vec<Broken>,
}

/// A record that stands in a step's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Its id.
    pub id: i64,
    /// Its uuid, when it was read.
    pub uuid: Option<String>,
    /// The value that is in the way, with its element.
    pub path: AttrPath,
    /// What the service would answer.
    pub code: ErrorCode,
    /// Why, for people; never with a password's value.
    pub reason: String,
}

/// What a plan does to a copy in a sandbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rehearsal {
    /// For each step that was tried: nothing when it was accepted, else why not. The steps after a refused one are not
    /// tried.
    pub steps: Vec<Result<(), String>>,
    /// How many records were in the copy.
    pub records: u64,
    /// Whether the copy's schema at the end is what the plan says: the wanted one, but for what it refuses or leaves; and
    /// whether every value that it copies is where it belongs.
    pub arrives: bool,
}

/// What became of a plan.
#[derive(Clone, Debug)]
pub struct Applied {
    /// How many steps of the whole plan are done now.
    pub done: usize,
    /// How many it has.
    pub of: usize,
    /// The calls that were made, the last one last; of a copy only the first that did not go well.
    pub exchanges: Vec<Arc<Exchange>>,
    /// Why it stopped before its end, when it did.
    pub stopped: Option<String>,
    /// The schema as the last answer told it.
    pub schema: Option<Arc<EntityType>>,
    /// The journal to go on with; `None` when the plan has come to its end.
    pub journal: Option<JournalId>,
}

/// Names the journal of a plan: its file in the state folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JournalId(pub String);

/// A plan that was begun and has not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Its journal.
    pub id: JournalId,
    /// When it was begun.
    pub since: Timestamp,
    /// What was to be done.
    pub work: Work,
    /// How many steps are known to be done.
    pub done: usize,
    /// Whether the next one was begun and its answer is not known.
    pub in_doubt: bool,
}

/// How far a plan has come while it is worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepProgress {
    /// The step being done, from 0.
    pub at: usize,
    /// How many there are.
    pub of: usize,
    /// Records read or written in this step so far.
    pub records: u64,
    /// How many there are to read or write, when that is known.
    pub of_records: Option<u64>,
}
