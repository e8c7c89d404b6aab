//! The plan of an entity type's changes: its calls in order, what each would meet in the records, and how far it has come.
//!
//! ```text
//!  Basis + Wishes ──plan──▶ Work ──c──▶ Survey      what would be lost, what would be refused
//!                            │ └──t──▶ Rehearsal    what a sandbox says to it
//!                            └──F5──▶ Applied ──(stopped)──F5──▶ resumed
//! ```
//!
//! A sheet over the lower part of the schema view. It knows what is shown and what may be done; the root asks, makes the
//! calls and takes in what came of them. Nothing is sent by looking at it.

pub mod rows;
pub mod view;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::capture::schema::plan;
use crate::capture::schema::plan::Action as Does;
use crate::capture::schema::plan::Risk;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::plan::Wishes;
use crate::capture::schema::property::Property;
use crate::exchange::Exchange;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::CLOSING;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::overlays::schema_plan::rows::Stop;
use crate::tui::panes::list_cursor::Move;
use crate::tui::panes::schema::design::Chosen;
use crate::tui::panes::schema::planning::Basis;
use crate::worker::job::JobId;
use crate::worker::plan::Applied;
use crate::worker::plan::Broken;
use crate::worker::plan::JournalId;
use crate::worker::plan::Rehearsal;
use crate::worker::plan::StepProgress;
use crate::worker::plan::Survey;
use crate::worker::plan::Unfinished;
use crate::worker::plan::Work;

/// A verb of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Apply it, or go on with it.
    Apply,
    /// Look at the records that it would meet.
    Check,
    /// Try it on a copy in a sandbox.
    Try,
    /// Write the values that it destroys into a file.
    Export,
    /// Rebuild the attribute for what is refused, or do not.
    Rebuild,
    /// Only add what is new, or do everything.
    AdditionsOnly,
    /// Open the record under the cursor.
    Open,
    /// Look at the service's last answer.
    Answer,
    /// Forget that the plan was begun.
    Forget,
    /// Copy its calls as curl commands.
    CopyCurl,
    /// Copy it as Markdown.
    CopyMarkdown,
    /// Move in the list.
    Go(Move),
    /// Show the keys.
    Help,
    /// Cancel what runs, or close.
    Close,
}

/// The rows of the plan's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Plan, Action::Apply, "plan.apply", "Apply the plan, or go on with one that stopped", &["f5", "ctrl-s"], Twin::Command("schema apply")).hint("apply"),
    ActionSpec::new(Scope::Plan, Action::Open, "plan.open-record", "Open the record that stands in the way", &["enter", "o"], Twin::Command("record get")).hint("record"),
    ActionSpec::new(Scope::Plan, Action::Check, "plan.check", "Check it against the rules and every record that this client can read", &["c"], Twin::Command("schema plan")).hint("check"),
    ActionSpec::new(Scope::Plan, Action::Try, "plan.try", "Try it on a copy in a sandbox", &["t"], Twin::Command("schema plan")).hint("try"),
    ActionSpec::new(Scope::Plan, Action::Rebuild, "plan.rebuild", "Rebuild the attribute for what is refused, or do not", &["b"], Twin::Command("schema plan")).hint("rebuild"),
    ActionSpec::new(Scope::Plan, Action::AdditionsOnly, "plan.additions-only", "Only add what is new, or do everything", &["m"], Twin::Command("schema plan")).hint("additions"),
    ActionSpec::new(Scope::Plan, Action::Export, "plan.export", "Write the values that would be lost into a file", &["e"], Twin::Command("schema apply")).hint("export"),
    ActionSpec::new(Scope::Plan, Action::Answer, "plan.answer", "Close the plan and look at the last answer", &["3"], CLOSING).hint("answer"),
    ActionSpec::new(Scope::Plan, Action::Forget, "plan.forget", "Forget that it was begun; what is done stays done", &["d"], Twin::Command("schema apply")).hint("forget"),
    ActionSpec::new(Scope::Plan, Action::CopyCurl, "plan.copy-curl", "Copy the calls as curl commands", &["y c"], Twin::Command("schema plan")).hint("curl"),
    ActionSpec::new(Scope::Plan, Action::CopyMarkdown, "plan.copy-markdown", "Copy the plan as Markdown", &["y m"], Twin::Command("schema plan")).hint("Markdown"),
    ActionSpec::new(Scope::Plan, Action::Go(Move::Pages(1)), "plan.further", "Several rows further", &["space"], MOVING),
    ActionSpec::new(Scope::Plan, Action::Help, "plan.help", "Show these keys", &["?", "f1"], CLOSING),
    ActionSpec::new(Scope::Plan, Action::Close, "plan.close", "Cancel what runs, or close the plan", &["esc", "q", "ctrl-c"], CLOSING),
];

/// The names of its verbs that move in the list.
#[rustfmt::skip]
pub const MOVES: [&str; 6] = ["plan.down", "plan.up", "plan.page-down", "plan.page-up", "plan.first", "plan.last"];

/// How many lines a page key goes.
const PAGE: isize = 8;

/// A plan, shown.
#[derive(Debug)]
pub struct PlanSheet {
    /// What it is made of; `None` for one that was begun earlier, which stays as it is.
    basis: Option<Basis>,
    wishes: Wishes,
    work: Work,
    checked: Option<Checked>,
    rehearsal: Option<Arc<Rehearsal>>,
    stage: Stage,
    /// Where the values that it destroys were written.
    exported: Option<Exported>,
    /// What was said to speak against applying it: F5 then applies it, unless something else does by then.
    insisted: Option<String>,
    /// Which of the steps the look at the records that is under way is about, in the order of its findings.
    looked_at: Vec<usize>,
    /// Which of the stops the cursor is on.
    cursor: usize,
    offset: usize,
    area: Rect,
}

/// What the records said.
#[derive(Debug)]
struct Checked {
    survey: Arc<Survey>,
    /// The steps that the findings are about, in their order.
    steps: Vec<usize>,
    at: Timestamp,
    /// Whether the sheet was away since: then applying it looks again.
    is_old: bool,
}

/// Values that were written into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The file.
    pub file: PathBuf,
    /// How many records had some.
    pub records: u64,
    /// When that was: what came later is not in it.
    pub at: Timestamp,
}

/// How far it has come.
#[derive(Debug)]
enum Stage {
    /// Nothing of it is done.
    Planned,
    /// Something is being done with it.
    Busy(Busy),
    /// It was applied just now, whole or in part.
    Applied(Arc<Applied>),
    /// It was begun earlier and has not come to its end.
    Unfinished(Box<Unfinished>),
}

/// What is being done with a plan.
#[derive(Debug)]
struct Busy {
    doing: Doing,
    job: JobId,
    progress: Option<StepProgress>,
    /// What to go back to when it is cancelled.
    before: Box<Stage>,
}

/// What can be done with a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// The rules of the type are read.
    ReadingRules(Next),
    /// The type is read as it is stored now, of which a plan that was begun is a part already.
    ReadingType(Next),
    /// The records are read.
    Checking(Next),
    /// It is tried in a sandbox.
    Trying,
    /// The values that it destroys are written into a file.
    Exporting(Next),
    /// It is applied.
    Applying,
}

/// What comes after a look at the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing.
    Show,
    /// It is applied.
    Apply,
}

/// Why a plan cannot be applied as it is, or not yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// There is nothing to do.
    Nothing,
    /// It was made for a type that is another one by now, or nothing came of it: another plan is to be made.
    Anew,
    /// Something speaks against it; whoever insists can apply it.
    Told(String),
}

impl PlanSheet {
    /// The plan of a design's changes, with what was found out about the same plan before.
    pub fn new(basis: Basis, before: Option<Self>) -> Self {
        let wishes = Wishes {
            renamed: basis.renamed.clone(),
            ..before
                .as_ref()
                .map(|it| it.wishes.clone())
                .unwrap_or_default()
        };
        let properties = match &before {
            Some(before) if before.work.wanted.name == basis.wanted.name => {
                before.work.properties.clone()
            }
            _ => Vec::new(),
        };
        let mut sheet = Self::of_work(work(&basis, &wishes, properties), Stage::Planned);
        sheet.basis = Some(basis);
        sheet.wishes = wishes;
        if let Some(before) = before.filter(|it| it.work == sheet.work && it.is_planned()) {
            sheet.checked = before.checked.map(|checked| Checked {
                is_old: true,
                ..checked
            });
            sheet.rehearsal = before.rehearsal;
            sheet.cursor = before.cursor;
        }
        sheet
    }

    /// A plan that was begun earlier.
    pub fn unfinished(unfinished: Unfinished) -> Self {
        let work = unfinished.work.clone();
        let at = unfinished.done;
        let mut sheet = Self::of_work(work, Stage::Unfinished(Box::new(unfinished)));
        sheet.cursor = at;
        sheet
    }

    fn of_work(work: Work, stage: Stage) -> Self {
        Self {
            basis: None,
            wishes: Wishes::default(),
            work,
            checked: None,
            rehearsal: None,
            stage,
            exported: None,
            insisted: None,
            looked_at: Vec::new(),
            cursor: 0,
            offset: 0,
            area: Rect::default(),
        }
    }

    /// What was chosen for it, and the rules that it follows; `None` for one that was begun earlier.
    pub fn chosen(&self) -> Option<Chosen> {
        self.basis.as_ref()?;
        Some(Chosen {
            wishes: self.wishes.clone(),
            properties: self.work.properties.clone(),
        })
    }

    /// The plan itself.
    pub fn plan(&self) -> &SchemaPlan {
        &self.work.plan
    }

    /// The plan with all that jobs need to know.
    pub fn work(&self) -> Work {
        Work {
            agreed: self.agreed(),
            ..self.work.clone()
        }
    }

    /// How many records each step of the whole plan may take a value from: those that were shown, and none by a step that
    /// was not looked at. `None` when nobody looked.
    pub fn agreed(&self) -> Option<Vec<u64>> {
        let checked = self.checked.as_ref()?;
        let mut agreed = vec![0; self.plan().steps.len()];
        for (at, lost) in checked.steps.iter().zip(checked.survey.lost()) {
            if let Some(agreed) = agreed.get_mut(*at) {
                *agreed = lost;
            }
        }
        Some(agreed)
    }

    /// The calls that it makes; without those of copying, which are as many as there are records.
    pub fn requests(&self) -> Vec<ApiRequest> {
        let plan = self.plan();
        let calls = plan.steps.iter();
        calls
            .filter_map(|step| step.request(&plan.type_name))
            .collect()
    }

    /// The journal to go on with, when it stopped before its end.
    pub fn journal(&self) -> Option<JournalId> {
        match &self.stage {
            Stage::Unfinished(unfinished) => Some(unfinished.id.clone()),
            Stage::Applied(applied) => applied.journal.clone(),
            Stage::Planned | Stage::Busy(_) => None,
        }
    }

    /// Whether nothing of it is done.
    pub fn is_planned(&self) -> bool {
        matches!(self.stage, Stage::Planned)
    }

    /// The job that is under way for it.
    pub fn job(&self) -> Option<JobId> {
        match &self.stage {
            Stage::Busy(busy) => Some(busy.job),
            Stage::Planned | Stage::Applied(_) | Stage::Unfinished(_) => None,
        }
    }

    /// Whether it is being applied.
    pub fn is_applying(&self) -> bool {
        matches!(&self.stage, Stage::Busy(busy) if busy.doing == Doing::Applying)
    }

    /// The word for what F5 does.
    pub fn apply_word(&self) -> &'static str {
        if self.journal().is_some() {
            "resume"
        } else if self.obstacle() == Some(Obstacle::Anew) {
            "plan anew"
        } else {
            "apply"
        }
    }

    /// How many steps are done.
    fn done(&self) -> usize {
        let of = |stage: &Stage| match stage {
            Stage::Applied(applied) => applied.done,
            Stage::Unfinished(unfinished) => unfinished.done,
            Stage::Planned | Stage::Busy(_) => 0,
        };
        match &self.stage {
            Stage::Busy(busy) => match (busy.doing, &busy.progress) {
                (Doing::Applying, Some(progress)) => progress.at,
                _ => of(&busy.before),
            },
            stage => of(stage),
        }
    }

    /// The steps that are still to be done.
    pub fn steps_left(&self) -> impl Iterator<Item = (usize, &plan::Step)> {
        self.plan().steps.iter().enumerate().skip(self.done())
    }

    /// The attributes whose values it destroys: not the spare ones of a rebuild, which hold copies.
    pub fn doomed(&self) -> Vec<AttrPath> {
        let removals = self.removals().filter(|(_, step)| !self.is_spare(step));
        removals.map(|(_, step)| step.path.clone()).collect()
    }

    /// The steps left that take an attribute away, as far as it is known to be there.
    pub fn removals(&self) -> impl Iterator<Item = (usize, &plan::Step)> {
        let is_there = |at: &usize| match &self.checked {
            Some(checked) => checked.steps.contains(at),
            None => true,
        };
        self.steps_left()
            .filter(move |(at, step)| step.action == Does::Remove && is_there(at))
    }

    /// Whether a step is about an attribute that the plan itself adds for a while.
    pub fn is_spare(&self, step: &plan::Step) -> bool {
        let stored = self.work.stored.as_deref();
        stored.is_some_and(|it| it.get(&step.path).is_none())
    }

    /// Where the values of an attribute are copied before this step takes it away.
    pub fn copied_to(&self, removal: usize) -> Option<&AttrPath> {
        let steps = self.plan().steps.get(..=removal)?;
        let path = &steps.last()?.path;
        steps.iter().rev().find_map(|step| match &step.action {
            Does::CopyValues { to, .. } if step.path == *path => Some(to),
            _ => None,
        })
    }

    /// How many values a step destroys, as far as it was looked at, and of how many records.
    pub fn lost(&self, step: usize) -> Option<(u64, u64)> {
        let records = self.checked.as_ref()?.survey.records;
        Some((self.finding(step)?.lost, records))
    }

    /// What the records are to be asked: the plan, or what is left of one that was begun for the type as it is stored
    /// now.
    pub fn to_look_at(&mut self, stored: Option<Arc<EntityType>>) -> Work {
        let Some(stored) = stored else {
            self.looked_at = (0..self.plan().steps.len()).collect();
            return self.work();
        };
        self.looked_at = self.left_of(&stored);
        let steps = self.looked_at.iter();
        let steps = steps.map(|at| self.plan().steps[*at].clone());
        let plan = SchemaPlan {
            type_name: self.plan().type_name.clone(),
            steps: steps.collect(),
            ..SchemaPlan::default()
        };
        Work {
            plan: Arc::new(plan),
            stored: Some(stored),
            ..self.work()
        }
    }

    /// The steps left for the type as it is stored now, and the copies that are made again before what was copied goes.
    fn left_of(&self, stored: &EntityType) -> Vec<usize> {
        let steps = &self.plan().steps;
        let is_done = |step: &plan::Step| plan::is_done(stored, step) == Some(true);
        // Whose answer did not come may be done all the same.
        let first = self.done() + usize::from(steps.get(self.done()).is_some_and(is_done));
        let (done, left) = steps.split_at(first.min(steps.len()));
        let goes = |path: &AttrPath| {
            let mut left = left.iter();
            left.any(|step| step.action == Does::Remove && step.path == *path)
        };
        let is_again = |step: &plan::Step| match &step.action {
            Does::CopyValues { to, .. } => {
                goes(&step.path) && stored.get(&step.path).is_some() && stored.get(to).is_some()
            }
            _ => false,
        };
        let again = (0..done.len()).filter(|at| is_again(&done[*at]));
        again.chain(done.len()..steps.len()).collect()
    }

    /// Where the values that it destroys were written.
    pub fn exported(&self) -> Option<&Exported> {
        self.exported.as_ref()
    }

    /// Whether the records are to be looked at before it is applied: whatever destroys values says how many there are now.
    pub fn needs_a_look(&self) -> bool {
        let risks = || self.steps_left().map(|(_, step)| step.risk);
        let is_known = self.checked.as_ref().is_some_and(|it| !it.is_old);
        let is_begun = self.journal().is_some();
        risks().any(|risk| risk == Risk::Destructive)
            || (!is_begun && !is_known && risks().any(|risk| risk != Risk::Safe))
    }

    /// Why it cannot be applied now, or not without insisting.
    pub fn obstacle(&self) -> Option<Obstacle> {
        if self.plan().steps.is_empty() {
            return Some(Obstacle::Nothing);
        }
        if let Stage::Applied(applied) = &self.stage
            && applied.journal.is_none()
        {
            return Some(match applied.stopped {
                Some(_) => Obstacle::Anew,
                None => Obstacle::Nothing,
            });
        }
        let objection = self.objection()?;
        (self.insisted.as_ref() != Some(&objection)).then_some(Obstacle::Told(objection))
    }

    /// What speaks against it, in a sentence.
    fn objection(&self) -> Option<String> {
        let findings = self.checked.iter().flat_map(|it| {
            let steps = it.steps.iter().copied();
            steps.zip(&it.survey.findings)
        });
        let broken = findings.map(|(at, finding)| (at, finding.broken));
        if let Some((at, count)) = broken.into_iter().find(|(_, broken)| *broken > 0) {
            let records = rows::records(count);
            return Some(format!(
                "not sent: step {} would be refused, {records} in its way. <plan.apply> again tries it anyway, up to there",
                at + 1
            ));
        }
        let steps = self.rehearsal.iter().flat_map(|it| &it.steps);
        let refused = steps.enumerate().find(|(_, step)| step.is_err());
        if let Some((at, _)) = refused {
            return Some(format!(
                "not sent: the sandbox refused step {}. <plan.apply> again applies it anyway",
                at + 1
            ));
        }
        match self.basis.as_ref().map_or(0, |basis| basis.problems) {
            0 => None,
            1 => Some(
                "not sent: the design has 1 problem. <plan.apply> again applies it anyway"
                    .to_owned(),
            ),
            count => Some(format!(
                "not sent: the design has {count} problems. <plan.apply> again applies it anyway"
            )),
        }
    }

    /// From now on it is applied whatever was said against it.
    pub fn insist(&mut self) {
        self.insisted = self.objection();
    }

    /// Something is done with it from now on.
    pub fn begin(&mut self, doing: Doing, job: JobId) {
        let before = std::mem::replace(&mut self.stage, Stage::Planned);
        let before = match before {
            // One thing follows another.
            Stage::Busy(busy) => busy.before,
            other => Box::new(other),
        };
        self.stage = Stage::Busy(Busy {
            doing,
            job,
            progress: None,
            before,
        });
    }

    /// It gets on.
    pub fn gets_on(&mut self, job: JobId, now: StepProgress) {
        if let Stage::Busy(busy) = &mut self.stage
            && busy.job == job
        {
            if busy.doing == Doing::Applying
                && busy.progress.as_ref().map(|it| it.at) != Some(now.at)
            {
                self.cursor = now.at;
            }
            busy.progress = Some(now);
        }
    }

    /// What was done ended; says what it was. The plan is then as it was before, until told what came of it.
    pub fn end(&mut self, job: JobId) -> Option<Doing> {
        match std::mem::replace(&mut self.stage, Stage::Planned) {
            Stage::Busy(busy) if busy.job == job => {
                self.stage = *busy.before;
                Some(busy.doing)
            }
            other => {
                self.stage = other;
                None
            }
        }
    }

    /// The rules and combined uniquenesses of the type were read: the plan is made anew when they change it.
    pub fn rules_read(&mut self, properties: Vec<Property>) {
        if self.work.properties != properties && self.basis.is_some() {
            self.work.properties = properties;
            self.replan();
        }
    }

    /// The records were looked at.
    pub fn surveyed(&mut self, survey: Arc<Survey>, at: Timestamp) {
        self.checked = Some(Checked {
            survey,
            steps: std::mem::take(&mut self.looked_at),
            at,
            is_old: false,
        });
        let stops = self.stops();
        let broken = stops
            .iter()
            .position(|stop| matches!(stop, Stop::Broken(..)));
        if let Some(at) = broken {
            self.cursor = at;
        }
    }

    /// A sandbox said what it thinks of it.
    pub fn rehearsed(&mut self, rehearsal: Arc<Rehearsal>) {
        self.rehearsal = Some(rehearsal);
        self.insisted = None;
    }

    /// The values that it destroys are in a file.
    pub fn was_exported(&mut self, exported: Exported) {
        self.exported = Some(exported);
    }

    /// It was applied, whole or in part.
    pub fn was_applied(&mut self, applied: Arc<Applied>) {
        let last = self.plan().steps.len().saturating_sub(1);
        self.cursor = applied.done.min(last);
        self.checked = None;
        self.rehearsal = None;
        self.stage = Stage::Applied(applied);
    }

    /// The call whose answer stopped it, or the last that was made.
    pub fn last_exchange(&self) -> Option<&Arc<Exchange>> {
        match &self.stage {
            Stage::Applied(applied) => applied.exchanges.last(),
            Stage::Planned | Stage::Busy(_) | Stage::Unfinished(_) => None,
        }
    }

    /// Only adds what is new from now on, or does everything again.
    pub fn toggle_additions(&mut self) {
        self.wishes.additions_only = !self.wishes.additions_only;
        self.replan();
    }

    /// Rebuilds an attribute for what is refused from now on, or does not any more: that of the line under the cursor, or
    /// the only one. Says which, and whether it is rebuilt; `None` when it is not clear which.
    pub fn toggle_rebuild(&mut self) -> Option<(AttrPath, bool)> {
        let path = self.to_rebuild()?;
        let rebuilt = !self.wishes.rebuild.contains(&path);
        if rebuilt {
            self.wishes.rebuild.push(path.clone());
        } else {
            self.wishes.rebuild.retain(|other| *other != path);
        }
        self.replan();
        let is_of = |stop: &Stop| match stop {
            Stop::Refused(at) => self.plan().refused[*at].rebuild.as_ref() == Some(&path),
            Stop::Step(at) => self.plan().steps[*at].path.starts_with(&path),
            Stop::Broken(..) | Stop::Note(_) => false,
        };
        if let Some(at) = self.stops().iter().position(is_of) {
            self.cursor = at;
        }
        Some((path, rebuilt))
    }

    fn to_rebuild(&self) -> Option<AttrPath> {
        let plan = self.plan();
        let here = match self.stops().get(self.cursor)? {
            Stop::Refused(at) => plan.refused[*at].rebuild.clone(),
            Stop::Step(at) => {
                let path = &plan.steps[*at].path;
                let mut rebuilt = self.wishes.rebuild.iter();
                rebuilt.rfind(|it| path.starts_with(it)).cloned()
            }
            Stop::Broken(..) | Stop::Note(_) => None,
        };
        if here.is_some() {
            return here;
        }
        let mut all: Vec<AttrPath> = plan
            .refused
            .iter()
            .filter_map(|refused| refused.rebuild.clone())
            .chain(self.wishes.rebuild.iter().cloned())
            .collect();
        all.sort();
        all.dedup();
        match all.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    /// Whether anything can be rebuilt, or is.
    fn has_rebuilds(&self) -> bool {
        let refused = self.plan().refused.iter();
        !self.wishes.rebuild.is_empty() || refused.into_iter().any(|it| it.rebuild.is_some())
    }

    fn replan(&mut self) {
        let Some(basis) = &self.basis else {
            return;
        };
        let properties = std::mem::take(&mut self.work.properties);
        let work = work(basis, &self.wishes, properties);
        if work.plan != self.work.plan {
            self.checked = None;
            self.rehearsal = None;
            self.exported = None;
            self.insisted = None;
        }
        self.work = work;
        self.cursor = self.cursor.min(self.stops().len().saturating_sub(1));
    }

    /// The record that stands in the way, under the cursor.
    pub fn record(&self) -> Option<&Broken> {
        match self.stops().get(self.cursor)? {
            Stop::Broken(step, at) => self.finding(*step)?.examples.get(*at),
            Stop::Step(_) | Stop::Refused(_) | Stop::Note(_) => None,
        }
    }

    /// A verb that moves the cursor; false for any other.
    pub fn go(&mut self, action: Action) -> bool {
        let Action::Go(to) = action else {
            return false;
        };
        let by = to.rows(PAGE);
        let last = self.stops().len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
        self.fit(self.area);
        true
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        let plan = self.plan();
        let busy = self.job().is_some();
        let begun = self.journal().is_some();
        let changes = matches!(
            action,
            Action::Apply
                | Action::Check
                | Action::Try
                | Action::Export
                | Action::Rebuild
                | Action::AdditionsOnly
                | Action::Open
                | Action::Answer
                | Action::Forget
        );
        match action {
            _ if busy && changes => Some("wait for what runs, or cancel it with <plan.close>"),
            Action::Rebuild | Action::AdditionsOnly | Action::Check | Action::Try
                if !self.is_planned() =>
            {
                Some("this plan was begun already")
            }
            Action::Rebuild if !self.has_rebuilds() => Some("nothing has to be rebuilt for this"),
            Action::AdditionsOnly
                if !self.wishes.additions_only
                    && plan.steps.is_empty()
                    && plan.refused.is_empty() =>
            {
                Some("nothing differs from what is stored")
            }
            Action::Check | Action::Try | Action::CopyCurl | Action::CopyMarkdown
                if plan.steps.is_empty() && plan.refused.is_empty() =>
            {
                Some("nothing to do: everything is stored as it is designed")
            }
            Action::Check | Action::Try if plan.steps.is_empty() => {
                Some("there is no call to check")
            }
            Action::Export if self.doomed().is_empty() => Some("this plan destroys no values"),
            Action::Open if self.record().is_none() => {
                Some("go to a record that stands in the way first: <plan.check> looks for them")
            }
            Action::Answer if self.last_exchange().is_none() => Some("no call was made yet"),
            Action::Forget if !begun => Some("there is nothing to forget: it was not begun"),
            _ => None,
        }
    }

    /// Whether a verb belongs in the footer now.
    pub fn offers(&self, action: Action) -> bool {
        let is_apply = action == Action::Apply;
        !(is_apply && self.obstacle() == Some(Obstacle::Nothing))
    }
}

fn work(basis: &Basis, wishes: &Wishes, properties: Vec<Property>) -> Work {
    let plan = plan::plan(Some(&basis.stored), &basis.wanted, &properties, wishes);
    Work {
        plan: Arc::new(plan),
        stored: Some(Arc::clone(&basis.stored)),
        wanted: Arc::clone(&basis.wanted),
        properties,
        agreed: None,
    }
}
