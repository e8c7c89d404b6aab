//! Two calls side by side: what their requests, answers and times say differently.
//!
//! ```text
//! A: the earlier call, or the original      B: the later one, or the same call elsewhere
//! ```
//!
//! A sheet over the panes. The worker compares; the root opens the sheet for any two calls and does what the sheet cannot:
//! showing one of them, copying.

mod lines;
mod view;

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::exchange::Exchange;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::CLOSING;
use crate::tui::action::twin::LOOKING;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::overlays::call_compare::lines::Line;
use crate::tui::panes::list_cursor::Move;
use crate::tui::widgets::scroll;
use crate::worker::compare::Compared;
use crate::worker::compare::Pair;
use crate::worker::job::JobId;

/// A verb of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Show the chosen call as a response.
    Open,
    /// Choose the other call.
    OtherSide,
    /// Go to the next part.
    NextPart,
    /// Go to the part before.
    PreviousPart,
    /// Copy the differences as text.
    Copy,
    /// Mask personal data on the screen, or show it again.
    Mask,
    /// Move in the lines.
    Go(Move),
    /// Show the keys.
    Help,
    /// Close it.
    Close,
}

/// The rows of its verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::CallCompare, Action::Open, "calls.open", "Show the call that is marked, A or B", &["enter"], Twin::Command("history show")).hint("show"),
    ActionSpec::new(Scope::CallCompare, Action::OtherSide, "calls.other-side", "Mark the other call", &["tab", "left", "right", "h", "l"], MOVING).hint("A/B"),
    ActionSpec::new(Scope::CallCompare, Action::NextPart, "calls.next-part", "Next part: request, answer, headers, timing", &["n"], MOVING).hint("part"),
    ActionSpec::new(Scope::CallCompare, Action::PreviousPart, "calls.previous-part", "Part before", &["N"], MOVING),
    ActionSpec::new(Scope::CallCompare, Action::Copy, "calls.copy", "Copy the differences as text", &["y y"], Twin::Command("history diff")).hint("copy"),
    ActionSpec::new(Scope::CallCompare, Action::Mask, "calls.mask", "Mask personal data on the screen, or show it again", &["M"], LOOKING).hint("mask"),
    ActionSpec::new(Scope::CallCompare, Action::Go(Move::Pages(1)), "calls.further", "Several rows further", &["space"], MOVING),
    ActionSpec::new(Scope::CallCompare, Action::Help, "calls.help", "Show these keys", &["?", "f1"], CLOSING),
    ActionSpec::new(Scope::CallCompare, Action::Close, "calls.close", "Close the comparison", &["esc", "q", "ctrl-c"], CLOSING).hint("close"),
];

/// The names of its verbs that move in the lines.
#[rustfmt::skip]
pub const MOVES: [&str; 6] = ["calls.down", "calls.up", "calls.page-down", "calls.page-up", "calls.first", "calls.last"];

/// The comparison of two calls, shown or awaited.
#[derive(Debug)]
pub struct CallCompare {
    /// Which calls.
    pub pair: Pair,
    state: State,
    /// The call that Enter shows: 0 for A, 1 for B.
    side: usize,
    /// What is shown, for a screen of `screen`.
    lines: Vec<Line>,
    screen: Rect,
    offset: usize,
}

#[derive(Debug)]
enum State {
    Waiting(JobId),
    Done(Arc<Compared>),
}

impl CallCompare {
    /// A comparison of these calls that this job makes.
    pub fn awaiting(pair: Pair, job: JobId) -> Self {
        Self {
            pair,
            state: State::Waiting(job),
            side: 1,
            lines: Vec::new(),
            screen: Rect::default(),
            offset: 0,
        }
    }

    /// It is made anew by this job: nothing of what it was is shown any more.
    pub fn await_anew(&mut self, job: JobId) {
        self.state = State::Waiting(job);
        self.lines.clear();
    }

    /// The job that it waits for.
    pub fn job(&self) -> Option<JobId> {
        match self.state {
            State::Waiting(job) => Some(job),
            State::Done(_) => None,
        }
    }

    /// Shows what came.
    pub fn show(&mut self, compared: Arc<Compared>) {
        self.state = State::Done(compared);
        self.lines = lines::lines(self.compared(), view::columns(self.screen));
        let height = view::room(self.screen, self.compared()).into();
        self.offset = self
            .offset
            .min(scroll::max_offset(self.lines.len(), height));
    }

    fn compared(&self) -> Option<&Compared> {
        match &self.state {
            State::Done(compared) => Some(compared),
            State::Waiting(_) => None,
        }
    }

    /// The call that is chosen.
    pub fn chosen(&self) -> Option<Arc<Exchange>> {
        let compared = self.compared()?;
        compared.calls.get(self.side).map(Arc::clone)
    }

    /// The differences as text.
    pub fn to_text(&self) -> Option<String> {
        self.compared().map(Compared::to_text)
    }

    /// Does a verb that concerns nothing else.
    pub fn act(&mut self, action: Action) {
        let height = view::room(self.screen, self.compared()).into();
        let last = scroll::max_offset(self.lines.len(), height);
        self.offset = match action {
            Action::Go(to) => {
                let page = height.saturating_sub(1).max(1) as isize;
                self.offset.saturating_add_signed(to.rows(page)).min(last)
            }
            Action::NextPart => {
                let next = self.headings().find(|at| *at > self.offset);
                next.unwrap_or(last).min(last)
            }
            Action::PreviousPart => {
                let before = self.headings().take_while(|at| *at < self.offset);
                before.last().unwrap_or(0)
            }
            Action::OtherSide => {
                self.side = 1 - self.side;
                self.offset
            }
            Action::Open | Action::Copy | Action::Mask | Action::Help | Action::Close => {
                self.offset
            }
        };
    }

    fn headings(&self) -> impl Iterator<Item = usize> {
        let lines = self.lines.iter().enumerate();
        lines.filter_map(|(at, line)| matches!(line, Line::Heading(..)).then_some(at))
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        let waits = self.compared().is_none();
        let always = matches!(action, Action::Mask | Action::Help | Action::Close);
        (waits && !always)
            .then_some("the calls are still being compared: <calls.close> leaves that")
    }

    /// Makes the lines for a screen of this size, the same one on top.
    pub fn fit(&mut self, screen: Rect) {
        if screen == self.screen {
            return;
        }
        let before = self.lines.len();
        self.screen = screen;
        self.lines = lines::lines(self.compared(), view::columns(screen));
        self.offset = (self.offset * self.lines.len())
            .checked_div(before)
            .unwrap_or(0);
        let height = view::room(screen, self.compared()).into();
        self.offset = self
            .offset
            .min(scroll::max_offset(self.lines.len(), height));
    }
}

#[cfg(test)]
mod tests;
