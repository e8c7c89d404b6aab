//! The calls made so far, newest first. Opening one shows it as a response.

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::capture::endpoint::Effect;
use crate::capture::endpoint::Endpoint;
use crate::exchange::ExchangeId;
use crate::exchange::Verdict;
use crate::history::query::Summary;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::session::Session;
use crate::tui::theme::Theme;
use crate::tui::verdict;
use crate::tui::widgets::list;
use crate::tui::widgets::paragraphs;
use crate::worker::job::JobId;

/// The list of calls.
#[derive(Debug, Default)]
pub struct HistoryPane {
    rows: Vec<Summary>,
    cursor: ListCursor,
    loading: Option<JobId>,
    failure: Option<String>,
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
}

/// The rows of this pane's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::History, Action::Open, "history.open", "Show this call", &["enter"]).hint("show"),
    ActionSpec::new(Scope::History, Action::Mark, "history.mark", "Mark this call, to compare others with it; or unmark it", &["m"]).hint("mark"),
    ActionSpec::new(Scope::History, Action::Compare, "history.compare", "Compare this call with the marked one, or with the last one of its kind", &["D"]).hint("compare"),
    ActionSpec::new(Scope::History, Action::Down, "history.down", "Next call", &["down", "j"]),
    ActionSpec::new(Scope::History, Action::Up, "history.up", "Previous call", &["up", "k"]),
    ActionSpec::new(Scope::History, Action::PageDown, "history.page-down", "One screen down", &["pagedown"]),
    ActionSpec::new(Scope::History, Action::PageUp, "history.page-up", "One screen up", &["pageup"]),
    ActionSpec::new(Scope::History, Action::First, "history.first", "Newest call", &["home"]),
    ActionSpec::new(Scope::History, Action::Last, "history.last", "Oldest call", &["end", "G"]),
    ActionSpec::new(Scope::History, Action::CopyTicket, "history.copy-ticket", "Copy this call as a ticket, personal data masked", &["t", "y t"]).hint("ticket"),
    ActionSpec::new(Scope::History, Action::Export, "history.export", "Export this call: ticket, bundle, HAR, curl, JSON, CSV", &["X"]),
    ActionSpec::new(Scope::History, Action::Replay, "history.replay", "Send this call again; a record is made in its form", &["r"]).hint("again"),
    ActionSpec::new(Scope::History, Action::ReplayElsewhere, "history.replay-elsewhere", "Send this call to another environment, both answers side by side", &["R"]).hint("elsewhere"),
];

/// What happened here that concerns the rest of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The user wants to see this call.
    Opened(ExchangeId),
    /// A ticket of this call is to be copied.
    CopyTicket(ExchangeId),
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
}

impl HistoryPane {
    /// Waits for the list that this job brings.
    pub fn wait_for(&mut self, job: JobId) {
        self.loading = Some(job);
    }

    /// The list came, or why it did not.
    pub fn loaded(&mut self, id: JobId, result: Result<Vec<Summary>, String>) {
        if self.loading != Some(id) {
            return;
        }
        self.loading = None;
        match result {
            Ok(rows) => {
                // The cursor stays on the same call, but on the newest when it was there.
                let under_cursor = self.rows.get(self.cursor.at).map(|summary| summary.id);
                let place = under_cursor.and_then(|id| rows.iter().position(|row| row.id == id));
                let at = if self.cursor.at == 0 {
                    0
                } else {
                    place.unwrap_or(0)
                };
                self.rows = rows;
                self.cursor.put(at, self.rows.len());
                self.failure = None;
            }
            Err(reason) => self.failure = Some(reason),
        }
    }

    /// Handles an event.
    pub fn update(&mut self, event: PaneEvent<Action>) -> Option<Outcome> {
        let len = self.rows.len();
        match event {
            PaneEvent::Act(Action::Down) => self.cursor.go(Move::By(1), len),
            PaneEvent::Act(Action::Up) => self.cursor.go(Move::By(-1), len),
            PaneEvent::Act(Action::PageDown) => self.cursor.go(Move::Pages(1), len),
            PaneEvent::Act(Action::PageUp) => self.cursor.go(Move::Pages(-1), len),
            PaneEvent::Act(Action::First) => self.cursor.go(Move::First, len),
            PaneEvent::Act(Action::Last) => self.cursor.go(Move::Last, len),
            PaneEvent::Act(Action::Open) => return self.opened(),
            PaneEvent::Act(Action::CopyTicket) => {
                return self
                    .rows
                    .get(self.cursor.at)
                    .map(|row| Outcome::CopyTicket(row.id));
            }
            PaneEvent::Act(Action::Export) => {
                let row = self.rows.get(self.cursor.at);
                return row.map(|row| Outcome::Export(row.id, row.endpoint));
            }
            PaneEvent::Act(Action::Replay) => {
                let row = self.rows.get(self.cursor.at);
                return row.map(|row| Outcome::Replay(row.id));
            }
            PaneEvent::Act(Action::ReplayElsewhere) => {
                let row = self.rows.get(self.cursor.at);
                return row.map(|row| Outcome::ReplayElsewhere(row.id));
            }
            PaneEvent::Act(Action::Mark) => {
                let row = self.rows.get(self.cursor.at)?;
                return Some(Outcome::Mark(row.id, what(row)));
            }
            PaneEvent::Act(Action::Compare) => {
                return self
                    .rows
                    .get(self.cursor.at)
                    .map(|row| Outcome::Compare(row.id));
            }
            PaneEvent::Scroll(rows) => self.cursor.scroll(rows.into(), len),
            PaneEvent::Click { row, .. } if self.cursor.click(row, len) => return self.opened(),
            PaneEvent::Click { .. } | PaneEvent::Key(_) | PaneEvent::Paste(_) => {}
        }
        None
    }

    /// The call under the cursor.
    pub fn under_cursor(&self) -> Option<&Summary> {
        self.rows.get(self.cursor.at)
    }

    fn opened(&self) -> Option<Outcome> {
        self.rows
            .get(self.cursor.at)
            .map(|summary| Outcome::Opened(summary.id))
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::Open
            | Action::CopyTicket
            | Action::Export
            | Action::Mark
            | Action::Compare
            | Action::Replay
            | Action::ReplayElsewhere
                if self.rows.is_empty() =>
            {
                Some("no call has been made yet")
            }
            _ => None,
        }
    }

    /// Tells the pane how many rows it shows.
    pub fn set_viewport(&mut self, rows: u16) {
        self.cursor.height = rows.into();
        self.cursor.fit(self.rows.len());
    }

    /// What the frame notes at its corner.
    pub fn note(&self) -> String {
        match self.rows.len() {
            0 => String::new(),
            len => format!("{} of {len}", self.cursor.at + 1),
        }
    }

    /// Draws the list.
    pub fn view(
        &self,
        session: &Session,
        theme: &Theme,
        area: Rect,
        focused: bool,
        buf: &mut Buffer,
    ) {
        if self.rows.is_empty() {
            let line = match &self.failure {
                Some(reason) => (format!("{} {reason}", theme.glyphs.error), theme.error),
                None => ("Calls appear here once made.".to_owned(), theme.dim),
            };
            paragraphs::put(buf, area, &[line]);
            return;
        }
        let view = self.cursor.view(self.rows.len(), focused);
        list::draw(buf, area, view, theme, |at| {
            self.rows
                .get(at)
                .map_or_else(Line::default, |summary| line(summary, session, theme))
        });
    }
}

/// A call in a line; where it went only when that was another environment than the one of now.
fn line(summary: &Summary, session: &Session, theme: &Theme) -> Line<'static> {
    let (mark, style) = verdict::mark(summary.verdict, theme);
    let outcome = match (summary.verdict, summary.code) {
        (_, Some(code)) => format!("{mark} {code}"),
        (Verdict::Ok, None) => format!("{mark} ok"),
        (Verdict::NotCapture, None) => format!("{mark} not Capture"),
        // A read that broke off was sent, but it changed nothing either.
        (Verdict::NotSent, None) if summary.endpoint.spec().effect == Effect::Read => {
            format!("{mark} no answer")
        }
        (Verdict::NotSent, None) => format!("{mark} not sent"),
        (Verdict::Unknown, None) => format!("{mark} unknown"),
        (Verdict::Error, None) => format!("{mark} error"),
    };
    let elsewhere = if summary.environment == session.environment {
        String::new()
    } else {
        format!(" {}:", summary.environment)
    };
    let type_name = summary.type_name.as_deref().unwrap_or_default();
    Line::from(vec![
        Span::styled(clock(summary), theme.dim),
        Span::styled(format!(" {outcome:<6}"), style),
        Span::styled(elsewhere, theme.dim),
        Span::styled(format!(" {} {type_name}", summary.endpoint), theme.text),
        Span::styled(format!(" {}", subject(summary, session)), theme.dim),
    ])
}

/// What a call is about; while somebody looks on only what names nobody: an id, a uuid.
fn subject<'s>(summary: &'s Summary, session: &Session) -> &'s str {
    let is_id = |c: char| c.is_ascii_hexdigit() || c == '-';
    if session.mask.is_some() && !summary.subject.chars().all(is_id) {
        return "‹…›";
    }
    &summary.subject
}

/// The operation and its entity type.
fn what(summary: &Summary) -> String {
    let type_name = summary.type_name.as_deref().unwrap_or_default();
    format!("{} {type_name}", summary.endpoint)
        .trim_end()
        .to_owned()
}

fn clock(summary: &Summary) -> String {
    let local = summary.started.to_zoned(TimeZone::system());
    format!("{:02}:{:02}", local.hour(), local.minute())
}
