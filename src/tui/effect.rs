//! What the program wants done outside itself, as data. [`crate::tui::perform`] does it; tests look at it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::secret::Secret;
use crate::drafts::desk;
use crate::exchange::Exchange;
use crate::tui::feed;
use crate::tui::masking::Mask;
use crate::tui::schema_text;
use crate::tui::session::PaneId;
use crate::tui::viewer::Outside;
use crate::tui::viewer::work::Task;
use crate::worker::job::Job;
use crate::worker::job::JobId;

/// One thing to do outside the model.
#[derive(Debug)]
pub enum Effect {
    /// Start a job.
    Run(JobId, Job),
    /// Cancel a job.
    Cancel(JobId),
    /// Read the body of this exchange's answer, masked where somebody looks on, and send it back.
    ReadBody(Arc<Exchange>, Option<Mask>),
    /// Bring a file, or what a stream brings, and tell of it.
    Feed(feed::Task),
    /// Do a piece of work for a viewer, and send back what it tells.
    Work(Task),
    /// Put a text where other programs paste from, and tell how that went.
    Copy(Copied),
    /// Read what other programs copied, and send it back as a paste.
    ReadClipboard,
    /// Find out what a long pasted text is, and send that back.
    ReadPaste(String),
    /// Read these files, and send back their contents.
    ReadFiles(Vec<String>),
    /// Read the schema there, and send it back.
    ReadSchema(schema_text::Source),
    /// Find out what schema the sample data in this text has, and send that back.
    Infer(String),
    /// Find the files and folders whose paths begin so, and send them back.
    FindPaths(String),
    /// Lend the terminal to the user's own editor, and send back what it made of the file.
    Edit(EditedFile),
    /// Lend the terminal to a program of the user's that shows a copy of this text.
    Show(Outside),
    /// Ask the desk that keeps drafts for something.
    Drafts(desk::Command),
    /// Draw the whole screen anew.
    Redraw,
    /// Stop the process as a job of the shell.
    Suspend,
    /// Come back to the terminal after a stop.
    Resume,
    /// Leave.
    Quit,
}

/// A text for other programs. It may hold a secret that the user asked for.
#[derive(Clone, Debug)]
pub struct Copied {
    /// What it is, for people: `the curl command`.
    pub what: String,
    /// The text.
    pub text: Secret,
}

/// A file for the user's own editor. It may hold a password that the user edits.
#[derive(Clone, Debug)]
pub struct EditedFile {
    /// Its name, by whose ending editors know what it is.
    pub name: String,
    /// What it holds.
    pub text: Secret,
}

impl PartialEq for EditedFile {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text.reveal() == other.text.reveal()
    }
}

impl Eq for EditedFile {}

/// The jobs that run, each with who waits for it. Empty means idle.
#[derive(Debug, Default)]
pub struct Jobs {
    next: u64,
    running: BTreeMap<JobId, Running>,
}

/// Who waits for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A pane.
    Pane(PaneId),
    /// The program as a whole.
    App,
    /// The plan of a schema's changes.
    Plan,
    /// The comparison of two schemas.
    Compare,
    /// The record through time.
    Timeline,
    /// A call that is to be sent again.
    Replay,
    /// The comparison of two calls.
    Calls,
}

impl From<PaneId> for Owner {
    fn from(pane: PaneId) -> Self {
        Self::Pane(pane)
    }
}

/// A job that runs.
#[derive(Debug)]
pub struct Running {
    /// Who waits for it.
    pub owner: Owner,
    /// Since when.
    pub since: Timestamp,
    /// What it is, for people: `entity.create`.
    pub title: String,
    /// Whether Esc may cancel it: calls the user asked for, but not the loading of lists behind the screen.
    pub asked_for: bool,
}

impl Jobs {
    /// Takes out a job that ended; `None` when nobody waits for it any more.
    pub fn finish(&mut self, id: JobId) -> Option<Running> {
        self.running.remove(&id)
    }

    /// The oldest running job that the user asked for.
    pub fn asked_for(&self) -> Option<(JobId, &Running)> {
        self.running
            .iter()
            .find(|(_, running)| running.asked_for)
            .map(|(id, running)| (*id, running))
    }

    /// The job with this id, while it runs.
    pub fn get(&self, id: JobId) -> Option<&Running> {
        self.running.get(&id)
    }
}

/// What a pane, or the program itself, may ask for while it updates.
pub struct Fx<'a> {
    /// Who asks.
    pub owner: Owner,
    /// What is to be done.
    pub effects: &'a mut Vec<Effect>,
    /// The running jobs.
    pub jobs: &'a mut Jobs,
    /// The moment of the message being handled.
    pub now: Timestamp,
}

impl Fx<'_> {
    /// Starts `job` for this owner. `asked_for` says whether the user asked for this very call.
    pub fn run(&mut self, title: impl Into<String>, job: Job, asked_for: bool) -> JobId {
        self.jobs.next += 1;
        let id = JobId(self.jobs.next);
        self.jobs.running.insert(
            id,
            Running {
                owner: self.owner,
                since: self.now,
                title: title.into(),
                asked_for,
            },
        );
        self.effects.push(Effect::Run(id, job));
        id
    }
}
