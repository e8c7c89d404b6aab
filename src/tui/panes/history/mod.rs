//! The history: the calls of all environments, newest first; searching them, and choosing one to look at, to compare, to
//! hand over, to take out for good.
//!
//! ```text
//! ┌─ 4 History ─────────────── 12 of 4 031 ─┐
//! │ / code:361 type:user▏                   │  search: what is asked, and what could come next
//! │ 12:05 ✗ 361 entity.create user          │  window: the rows at hand, more of them as the cursor comes near an end
//! │ …                                       │  view
//! └─────────────────────────────────────────┘
//! ```
//!
//! The root runs the jobs that the pane asks for. Opening a call shows it as a response.

mod search;
mod view;
mod window;

use jiff::Timestamp;

use crate::capture::endpoint::Endpoint;
use crate::exchange::ExchangeId;
use crate::history::query::Query;
use crate::history::query::Summary;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::action::twin::WRITING;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::history::search::Search;
use crate::tui::panes::history::window::Wanted;
use crate::tui::panes::history::window::Window;
use crate::tui::panes::list_cursor::Move;
use crate::worker::job::Job;
use crate::worker::job::JobId;

/// The list of calls.
#[derive(Debug, Default)]
pub struct HistoryPane {
    window: Window,
    search: Search,
    failure: Option<String>,
    /// The calls that are to be taken out, while it is counted how many they are.
    purging: Option<(JobId, Purge)>,
}

/// The calls that are to be taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purge {
    /// Which they are.
    pub query: Query,
    /// As that was written; empty when all are meant.
    pub searched: String,
}

/// A verb of this pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The next call.
    Down,
    /// The previous call.
    Up,
    /// One screen down.
    PageDown,
    /// One screen up.
    PageUp,
    /// The newest call.
    First,
    /// The oldest call.
    Last,
    /// Show the call under the cursor.
    Open,
    /// Copy it as a ticket.
    CopyTicket,
    /// Export it into a file.
    Export,
    /// Send it again.
    Replay,
    /// Send it again to another environment.
    ReplayElsewhere,
    /// Mark it, to compare others with it; or unmark it.
    Mark,
    /// Compare it with the marked one.
    Compare,
    /// Write what is looked for.
    Search,
    /// Take the calls that are looked for out of the history, or all.
    Purge,
    /// Take the line.
    LineEnter,
    /// Leave the line as it was.
    LineLeave,
    /// Complete what is written.
    LineComplete,
}

/// The rows of this pane's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::History, Action::Open, "history.open", "Show this call", &["enter"], Twin::Command("history show")).hint("show"),
    ActionSpec::new(Scope::History, Action::Search, "history.search", "Find calls: by text, code:, type:, env:, op:, id:, after: …", &["/"], Twin::Command("history search")).hint("find"),
    ActionSpec::new(Scope::History, Action::Mark, "history.mark", "Mark this call, to compare others with it; or unmark it", &["m"], MOVING).hint("mark"),
    ActionSpec::new(Scope::History, Action::Compare, "history.compare", "Compare this call with the marked one, or with the last one of its kind", &["D"], Twin::Command("history diff")).hint("compare"),
    ActionSpec::new(Scope::History, Action::Down, "history.down", "Next call", &["down", "j"], MOVING),
    ActionSpec::new(Scope::History, Action::Up, "history.up", "Previous call", &["up", "k"], MOVING),
    ActionSpec::new(Scope::History, Action::PageDown, "history.page-down", "One screen down", &["pagedown"], MOVING),
    ActionSpec::new(Scope::History, Action::PageUp, "history.page-up", "One screen up", &["pageup"], MOVING),
    ActionSpec::new(Scope::History, Action::First, "history.first", "Newest call", &["home"], MOVING),
    ActionSpec::new(Scope::History, Action::Last, "history.last", "Oldest call", &["end", "G"], MOVING),
    ActionSpec::new(Scope::History, Action::CopyTicket, "history.copy-ticket", "Copy this call as a ticket, personal data masked", &["t", "y t"], Twin::Command("history export")).hint("ticket"),
    ActionSpec::new(Scope::History, Action::Export, "history.export", "Export this call: ticket, bundle, HAR, curl, JSON, CSV", &["X"], Twin::Command("history export")),
    ActionSpec::new(Scope::History, Action::Replay, "history.replay", "Send this call again; a record is made in its form", &["r"], Twin::Command("history replay")).hint("again"),
    ActionSpec::new(Scope::History, Action::ReplayElsewhere, "history.replay-elsewhere", "Send this call to another environment, both answers side by side", &["R"], Twin::Command("history replay")).hint("elsewhere"),
    ActionSpec::new(Scope::History, Action::Purge, "history.purge", "Remove the calls found from the history, or all; asks first", &["d"], Twin::Command("history purge")),
    ActionSpec::new(Scope::HistoryLine, Action::LineEnter, "history-line.enter", "Go to what was found", &["enter"], Twin::Command("history search")).hint("go"),
    ActionSpec::new(Scope::HistoryLine, Action::LineLeave, "history-line.leave", "Leave the search as it was", &["esc"], WRITING).hint("leave"),
    ActionSpec::new(Scope::HistoryLine, Action::LineComplete, "history-line.complete", "Complete an operator or its value; again: the next one", &["tab"], WRITING).hint("complete"),
    ActionSpec::new(Scope::HistoryLine, Action::Down, "history-line.down", "Next call", &["down"], MOVING),
    ActionSpec::new(Scope::HistoryLine, Action::Up, "history-line.up", "Previous call", &["up"], MOVING),
    ActionSpec::new(Scope::HistoryLine, Action::PageDown, "history-line.page-down", "One screen down", &["pagedown"], MOVING),
    ActionSpec::new(Scope::HistoryLine, Action::PageUp, "history-line.page-up", "One screen up", &["pageup"], MOVING),
];

/// What happened here that concerns the rest of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The user wants to see this call.
    Opened(ExchangeId),
    /// A ticket of this call is to be copied; what it is, for people.
    CopyTicket(ExchangeId, String),
    /// This call is to be exported.
    Export(ExchangeId, Endpoint),
    /// This call is to be sent again.
    Replay(ExchangeId),
    /// This call is to be sent again to another environment.
    ReplayElsewhere(ExchangeId),
    /// This call is to be marked or unmarked; what it is, for people.
    Mark(ExchangeId, String),
    /// This call is to be compared.
    Compare(ExchangeId),
    /// A search is to be written: [`HistoryPane::begin_search`].
    Search,
    /// It is to be asked whether the calls that are meant by this go for good.
    Purge(Purge),
    /// Something cannot be done; said in a sentence.
    Refused(String),
}

/// What the pane wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// A part of the list.
    List(Part),
    /// How many calls there are.
    Count,
}

/// A part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part(Wanted);

impl HistoryPane {
    /// There may be new calls.
    pub fn look_for_new(&mut self) {
        self.window.look_for_new();
    }

    /// Calls were taken out.
    pub fn begin_anew(&mut self) {
        self.window.begin();
    }

    /// Takes what is to be asked now, with the job that answers it.
    pub fn take_question(&mut self) -> Option<(Question, Job)> {
        let query = || self.search.query().clone();
        if let Some((wanted, page)) = self.window.question() {
            let query = query();
            return Some((Question::List(Part(wanted)), Job::History { query, page }));
        }
        let counts = self.window.take_count();
        counts.then(|| (Question::Count, Job::CountHistory(query())))
    }

    /// It was asked with this job.
    pub fn wait_for(&mut self, question: Question, job: JobId) {
        match question {
            Question::List(Part(wanted)) => self.window.asked(wanted, job),
            Question::Count => self.window.counts(job),
        }
    }

    /// Takes the jobs whose answers nobody wants any more.
    pub fn take_outdated(&mut self) -> Vec<JobId> {
        self.window.take_outdated()
    }

    /// A part of the list came, or why it did not. `follows` says whether a cursor on the newest call stays on the newest.
    pub fn loaded(&mut self, id: JobId, result: Result<Vec<Summary>, String>, follows: bool) {
        match result {
            Ok(rows) => {
                if self.window.came(id, rows, follows) {
                    self.failure = None;
                }
            }
            Err(reason) => {
                if self.window.failed(id) {
                    self.failure = Some(reason);
                }
            }
        }
    }

    /// Whether a part of the list is awaited from this job.
    pub fn waits_for(&self, id: JobId) -> bool {
        self.window.waits_for(id)
    }

    /// How many calls there are came.
    pub fn counted(&mut self, id: JobId, total: u64) {
        self.window.counted(id, total);
    }

    /// It is counted with this job how many calls are to be taken out.
    pub fn counts_to_purge(&mut self, job: JobId, purge: Purge) {
        self.purging = Some((job, purge));
    }

    /// The calls that were counted with this job, to be taken out.
    pub fn counted_to_purge(&mut self, job: JobId) -> Option<Purge> {
        let counted = self.purging.take_if(|(counting, _)| *counting == job);
        counted.map(|(_, purge)| purge)
    }

    /// Begins to write a search in which these can be named.
    pub fn begin_search(&mut self, environments: Vec<String>, types: Vec<String>) {
        self.search.begin(environments, types);
    }

    /// Leaves the line, with what is written in it.
    pub fn stop_typing(&mut self, now: Timestamp) {
        if self.search.line().is_none() {
            return;
        }
        let changed = match self.search.enter(now) {
            Ok(changed) => changed,
            Err(_) => self.search.leave(now),
        };
        self.asked_anew(changed);
    }

    /// Whether plain characters belong to the search.
    pub fn is_typing(&self) -> bool {
        self.search.line().is_some()
    }

    /// Whether something is written that is to be asked soon.
    pub fn is_behind(&self) -> bool {
        self.search.is_behind()
    }

    /// Asks what was written, if nobody typed for a moment.
    pub fn catch_up(&mut self, now: Timestamp) {
        let changed = self.search.catch_up(now);
        self.asked_anew(changed);
    }

    /// Asks for everything again. Says whether something else was asked before.
    pub fn clear_search(&mut self, now: Timestamp) -> bool {
        let had = !self.search.text().is_empty();
        let changed = self.search.clear(now);
        self.asked_anew(changed);
        had
    }

    fn asked_anew(&mut self, changed: bool) {
        if changed {
            self.window.begin();
        }
    }

    /// The innermost scope whose keys work here.
    pub fn scope(&self) -> Scope {
        if self.is_typing() {
            Scope::HistoryLine
        } else {
            Scope::History
        }
    }

    /// Handles an event.
    pub fn update(&mut self, event: PaneEvent<Action>, now: Timestamp) -> Option<Outcome> {
        match event {
            PaneEvent::Act(action) => return self.act(action, now),
            PaneEvent::Key(key) => self.search.typed(|input| input.key(key), now),
            PaneEvent::Paste(text) => self.search.typed(|input| input.paste(&text), now),
            PaneEvent::Scroll(rows) => self.window.scroll(rows.into()),
            PaneEvent::Click { row, .. } => {
                let row = row.checked_sub(self.head_rows())?;
                if self.window.click(row) {
                    return self.of_current(Action::Open);
                }
            }
        }
        None
    }

    fn act(&mut self, action: Action, now: Timestamp) -> Option<Outcome> {
        match action {
            Action::Down => self.go(Move::By(1), now),
            Action::Up => self.go(Move::By(-1), now),
            Action::PageDown => self.go(Move::Pages(1), now),
            Action::PageUp => self.go(Move::Pages(-1), now),
            Action::First => self.go(Move::First, now),
            Action::Last => self.go(Move::Last, now),
            Action::Search => return Some(Outcome::Search),
            Action::Purge => {
                return Some(Outcome::Purge(Purge {
                    query: self.search.query().clone(),
                    searched: self.search.text().to_owned(),
                }));
            }
            Action::LineEnter => match self.search.enter(now) {
                Ok(changed) => self.asked_anew(changed),
                Err(reason) => return Some(Outcome::Refused(reason)),
            },
            Action::LineLeave => {
                let changed = self.search.leave(now);
                self.asked_anew(changed);
            }
            Action::LineComplete => self.search.complete(now),
            Action::Open
            | Action::CopyTicket
            | Action::Export
            | Action::Replay
            | Action::ReplayElsewhere
            | Action::Mark
            | Action::Compare => {
                return self.of_current(action);
            }
        }
        None
    }

    /// Moves the cursor in what is found; what is written but not asked yet is asked first, for that is meant.
    fn go(&mut self, to: Move, now: Timestamp) {
        let changed = self.search.ask_if_behind(now);
        self.asked_anew(changed);
        self.window.go(to);
    }

    /// What a verb does with the call under the cursor.
    fn of_current(&self, action: Action) -> Option<Outcome> {
        let row = self.window.current()?;
        match action {
            Action::Open => Some(Outcome::Opened(row.id)),
            Action::CopyTicket => Some(Outcome::CopyTicket(row.id, view::what(row))),
            Action::Export => Some(Outcome::Export(row.id, row.endpoint)),
            Action::Replay => Some(Outcome::Replay(row.id)),
            Action::ReplayElsewhere => Some(Outcome::ReplayElsewhere(row.id)),
            Action::Mark => Some(Outcome::Mark(row.id, view::what(row))),
            Action::Compare => Some(Outcome::Compare(row.id)),
            _ => None,
        }
    }

    /// The call under the cursor.
    pub fn under_cursor(&self) -> Option<&Summary> {
        self.window.current()
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        let of_a_call = matches!(
            action,
            Action::Open
                | Action::CopyTicket
                | Action::Export
                | Action::Replay
                | Action::ReplayElsewhere
                | Action::Mark
                | Action::Compare
                | Action::Purge
        );
        if !of_a_call || self.window.current().is_some() {
            None
        } else if self.window.is_stale() {
            Some("still looking: these are no answer to the search")
        } else if self.search.text().is_empty() {
            Some("no call has been made yet")
        } else {
            Some("no call is found: <app.back> takes the search off")
        }
    }

    /// Tells the pane how many rows it has.
    pub fn set_viewport(&mut self, rows: u16) {
        let list = rows.saturating_sub(self.head_rows());
        self.window.fit(list.into());
    }
}

#[cfg(test)]
mod tests;
