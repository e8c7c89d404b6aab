//! The response: what the last call came to, the body in a viewer, and what was sent.
//!
//! The verdict comes from `stat` and `code`. While a call runs, the previous answer stays, dimmed and named so.

pub mod body;
pub mod lint;
pub mod page;
pub mod stored;
pub mod summary;
pub mod timing;
pub mod view;

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::capture::explain::Line;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::exchange::Answered;
use crate::exchange::Exchange;
use crate::exchange::Outcome as Came;
use crate::exchange::Sent;
use crate::exchange::timing::Timing;
use crate::history::record::place::Way;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::COPYING;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::keys::keymap::keyed;
use crate::tui::masking::Mask;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::panes::response::body::Body;
use crate::tui::panes::response::lint::Lint;
use crate::tui::panes::response::page::Page;
use crate::tui::panes::response::summary::Summary;
use crate::tui::viewer;
use crate::tui::viewer::Viewer;
use crate::tui::viewer::work::Task;
use crate::tui::viewer::work::Told;
use crate::worker::job::JobId;

/// The response.
#[derive(Debug, Default)]
pub struct ResponsePane {
    shown: Option<Shown>,
    waiting: Option<Waiting>,
    /// What was seen of the call that is awaited, once it left.
    seen: Option<Timing>,
    tab: Tab,
    /// What is going to be sent, as it was when last looked at: a page, or several with their names.
    wire: Vec<Leaf>,
    /// Which of those pages is on view.
    leaf: usize,
    /// The tab to go back to from `Tab::Wire`.
    before_wire: Tab,
    /// The masking of personal data, while somebody looks on.
    mask: Option<Mask>,
    area: Rect,
}

/// What is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Waiting {
    job: JobId,
    source: Source,
}

/// Where a shown exchange comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The form's draft, sent just now.
    Draft,
    /// A record to open in the form.
    Opened,
    /// The record of the form, as it is stored now.
    Reloaded,
    /// A pasted call, made as it stood.
    Pasted,
    /// The design of an entity type, sent just now.
    Design,
    /// A sheet over the panes: the rules of an entity type, or an access schema.
    Sheet,
    /// A call of the history, made once more.
    Again,
    /// The same, made in another environment.
    Elsewhere,
    /// The history.
    History,
}

/// The exchange on the screen.
#[derive(Debug)]
struct Shown {
    exchange: Arc<Exchange>,
    about: Option<AttrPath>,
    summary: Summary,
    /// What was added to it.
    explained: Option<String>,
    /// The first row of the summary on view, below its headline.
    summary_top: usize,
    body: Body,
    /// Whether somebody reads the body.
    body_asked_for: bool,
    request: Page,
    headers: Page,
    lint: Lint,
    timing: timing::Rows,
    /// Where one is in the timing.
    timing_at: ListCursor,
}

/// A page of what is going to be sent.
#[derive(Debug)]
struct Leaf {
    name: &'static str,
    page: Page,
}

/// What the pane shows of an exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Answer,
    Request,
    Headers,
    Timing,
    /// Not of an exchange, but of the next one.
    Wire,
}

impl Tab {
    const ALL: [Self; 5] = [
        Self::Answer,
        Self::Request,
        Self::Headers,
        Self::Timing,
        Self::Wire,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Answer => "Answer",
            Self::Request => "Request",
            Self::Headers => "Headers",
            Self::Timing => "Timing",
            Self::Wire => "To send",
        }
    }

    fn step(self, by: usize) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        Self::ALL[(at + by) % Self::ALL.len()]
    }
}

/// A verb of this pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// One screen down.
    PageDown,
    /// One screen up.
    PageUp,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// The next tab.
    NextTab,
    /// The previous tab.
    PreviousTab,
    /// To the next oddity in the answer.
    NextOdd,
    /// The next rows of the summary.
    MoreSummary,
    /// The rows of the summary before.
    LessSummary,
    /// Copy the answer's request id.
    CopyRequestId,
    /// Copy the record's uuid.
    CopyUuid,
    /// Copy the call as a curl command.
    CopyCurl,
    /// Copy the call as a ticket.
    CopyTicket,
    /// Choose as what it is copied.
    CopyTicketAs,
    /// Export the call into a file.
    Export,
    /// Since when the field under the cursor is so.
    Blame,
    /// Send the call again.
    Replay,
    /// Send the call again to another environment.
    ReplayElsewhere,
    /// Mark the call, to compare others with it; or unmark it.
    Mark,
    /// Compare the call with the marked one.
    Compare,
}

/// What happened here that concerns the rest of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This text is to be copied: what it is, and the text.
    Copy(String, String),
    /// This call is to be copied as a curl command.
    CopyCurl(Box<ApiRequest>),
    /// What happened in the body's viewer.
    Viewer(viewer::Outcome),
    /// A ticket of the shown call is to be copied, in the format chosen last.
    CopyTicket,
    /// The format of a ticket is to be asked for.
    AskTicket,
    /// The shown call is to be exported.
    Export,
    /// The user wants to know since when the field under the cursor is so.
    Blame,
    /// The shown call is to be sent again.
    Replay,
    /// It is to be sent again to another environment.
    ReplayElsewhere,
    /// The shown call is to be marked or unmarked.
    Mark,
    /// The shown call is to be compared.
    Compare,
}

/// What stands where it is shown what is going to be sent, while somebody looks on.
const HIDDEN: &str = "not shown while personal data is masked: <app.mask> shows it";

/// What is said before there is an answer.
const NO_ANSWER: &str = "there is no answer yet: <app.send> makes the call";

/// The rows of this pane's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Response, Action::Down, "response.down", "Next row of the page", &["down", "j"], MOVING),
    ActionSpec::new(Scope::Response, Action::Up, "response.up", "Previous row of the page", &["up", "k"], MOVING),
    ActionSpec::new(Scope::Response, Action::PageDown, "response.page-down", "One screen of the page down", &["pagedown"], MOVING),
    ActionSpec::new(Scope::Response, Action::PageUp, "response.page-up", "One screen of the page up", &["pageup"], MOVING),
    ActionSpec::new(Scope::Response, Action::First, "response.first", "First row of the page", &["home"], MOVING),
    ActionSpec::new(Scope::Response, Action::Last, "response.last", "Last row of the page", &["end", "G"], MOVING),
    ActionSpec::new(Scope::Response, Action::NextTab, "response.next-tab", "Answer, request, headers, timing, what is to be sent: the next", &["L"], MOVING).hint("tab"),
    ActionSpec::new(Scope::Response, Action::PreviousTab, "response.previous-tab", "Answer, request, headers, timing, what is to be sent: the previous", &["H"], MOVING),
    ActionSpec::new(Scope::Response, Action::NextOdd, "response.next-odd", "Go to the next oddity that the summary tells of", &["!"], MOVING),
    ActionSpec::new(Scope::Response, Action::MoreSummary, "response.more-summary", "Next rows of a summary that is cut", &[")"], MOVING),
    ActionSpec::new(Scope::Response, Action::LessSummary, "response.less-summary", "Rows of the summary before", &["("], MOVING),
    ActionSpec::new(Scope::Response, Action::CopyRequestId, "response.copy-request-id", "Copy the request id", &["y r"], COPYING),
    ActionSpec::new(Scope::Response, Action::CopyUuid, "response.copy-uuid", "Copy the record's uuid", &["y u"], COPYING),
    ActionSpec::new(Scope::Response, Action::CopyCurl, "response.copy-curl", "Copy the call as a curl command", &["y c"], Twin::Command("history export")),
    ActionSpec::new(Scope::Response, Action::CopyTicket, "response.copy-ticket", "Copy the call as a ticket, personal data masked", &["y t"], Twin::Command("history export")).hint("ticket"),
    ActionSpec::new(Scope::Response, Action::CopyTicketAs, "response.copy-ticket-as", "Copy it as a ticket: Markdown, Jira, plain", &["y T"], Twin::Command("history export")),
    // From an error one goes to its field: the ticket is as near from there.
    ActionSpec::new(Scope::Form, Action::CopyTicket, "form.copy-ticket", "Copy the call just answered as a ticket, personal data masked", &["y t"], Twin::Command("history export")),
    ActionSpec::new(Scope::Response, Action::Export, "response.export", "Export the call: ticket, bundle, HAR, curl, JSON, CSV", &["X"], Twin::Command("history export")),
    ActionSpec::new(Scope::Response, Action::Blame, "response.blame", "Since when the field under the cursor is so, and which call is to blame", &["b"], Twin::Command("history record")).hint("blame"),
    ActionSpec::new(Scope::Response, Action::Replay, "response.replay", "Send this call again; a record is made in its form", &["r"], Twin::Command("history replay")),
    ActionSpec::new(Scope::Response, Action::ReplayElsewhere, "response.replay-elsewhere", "Send this call to another environment, both answers side by side", &["R"], Twin::Command("history replay")),
    ActionSpec::new(Scope::Response, Action::Mark, "response.mark", "Mark the call, to compare others with it; or unmark it", &["m"], MOVING),
    ActionSpec::new(Scope::Response, Action::Compare, "response.compare", "Compare the call with the marked one, or with the last one of its kind", &["D"], Twin::Command("history diff")),
];

impl Shown {
    /// An exchange as it is looked at. Of a long body nothing is read here; what is told of its answer in short names
    /// nobody.
    fn of(exchange: Arc<Exchange>, about: Option<AttrPath>, mask: Option<&Mask>) -> Self {
        let is_short = body::is_short(&exchange);
        let seen = match mask {
            None => Arc::clone(&exchange),
            Some(mask) if is_short => Arc::new(mask.call(&exchange)),
            Some(mask) => Arc::new(mask.call(&without_body(&exchange))),
        };
        let told = if is_short { &seen } else { &exchange };
        Self {
            summary: summary::of(told, about.as_ref()),
            explained: None,
            summary_top: 0,
            request: Page::new(&sent_lines(&seen).join("\n")),
            headers: Page::new(&header_lines(&seen).join("\n")),
            lint: Lint::default(),
            timing: timing::Rows::of(&exchange),
            timing_at: ListCursor::default(),
            body: if is_short {
                Body::read_if_short(&seen)
            } else {
                Body::Unread
            },
            body_asked_for: false,
            about,
            exchange,
        }
    }

    /// Adds a sentence to what the answer means, where that begins.
    fn explain(&mut self, text: String) {
        let lines = &mut self.summary.lines;
        let at = lines.iter().position(|line| line.label == "meaning");
        let line = Line::new("why", text.clone());
        lines.insert(at.unwrap_or(lines.len()), line);
        self.explained = Some(text);
    }
}

/// The call with an answer that has no body.
fn without_body(exchange: &Exchange) -> Exchange {
    let answer = exchange.head().map(|(status, headers)| {
        Came::Answered(Answered::read(status, headers.to_vec(), Vec::new()))
    });
    Exchange {
        id: exchange.id,
        environment: exchange.environment.clone(),
        request: exchange.request.clone(),
        sent: exchange.sent.clone(),
        started: exchange.started,
        elapsed: exchange.elapsed,
        timing: exchange.timing.clone(),
        outcome: answer.unwrap_or_else(|| exchange.outcome.clone()),
    }
}

impl ResponsePane {
    /// Waits for the answer of this job.
    pub fn wait_for(&mut self, job: JobId, source: Source) {
        self.waiting = Some(Waiting { job, source });
        self.seen = None;
    }

    /// The request of `job` left: what was seen of the call so far.
    pub fn left(&mut self, job: JobId, timing: Timing) {
        if self.waiting.is_some_and(|waiting| waiting.job == job) {
            self.seen = Some(timing);
        }
    }

    /// Whether an answer is awaited.
    pub fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Whether the answer to a record that was sent is awaited.
    pub fn is_sending(&self) -> bool {
        self.waiting
            .is_some_and(|waiting| waiting.source == Source::Draft)
    }

    /// Ends the waiting for `job` and says where its exchange comes from; `None` when something else is awaited.
    pub fn stop_waiting(&mut self, job: JobId) -> Option<Source> {
        let waiting = self.waiting.filter(|waiting| waiting.job == job)?;
        self.waiting = None;
        Some(waiting.source)
    }

    /// Shows an exchange, whose error is about the attribute `about`, if that is known.
    pub fn show(&mut self, exchange: Arc<Exchange>, about: Option<AttrPath>) {
        self.tab = Tab::Answer;
        self.shown = Some(Shown::of(exchange, about, self.mask.as_ref()));
        self.set_viewport(self.area);
    }

    /// Masks personal data from now on, or shows it again; the cursor stays on its value.
    pub fn set_mask(&mut self, mask: Option<Mask>) {
        self.mask = mask;
        for leaf in &mut self.wire {
            leaf.page = Page::new("");
        }
        if let Some(before) = self.shown.take() {
            // What is still being read of it is for how it was looked at.
            let exchange = Arc::new(Exchange::clone(&before.exchange));
            let mut shown = Shown::of(exchange, before.about, self.mask.as_ref());
            if let (Body::Shown(viewer), Body::Shown(was)) = (&mut shown.body, &before.body) {
                viewer.go_where(was);
            }
            if let Some(text) = before.explained {
                shown.explain(text);
            }
            self.shown = Some(shown);
        }
        self.set_viewport(self.area);
    }

    /// Adds a sentence to what the shown answer means, where that begins.
    pub fn explain(&mut self, text: String) {
        if let Some(shown) = &mut self.shown {
            shown.explain(text);
            self.set_viewport(self.area);
        }
    }

    /// The exchange on the screen if its body is to be read and nobody was asked to yet.
    pub fn ask_for_body(&mut self) -> Option<Arc<Exchange>> {
        let shown = self.shown.as_mut()?;
        let unasked = matches!(shown.body, Body::Unread) && !shown.body_asked_for;
        shown.body_asked_for |= unasked;
        unasked.then(|| Arc::clone(&shown.exchange))
    }

    /// The body of `exchange` was read. Dropped when something else is on the screen by now.
    pub fn body_read(&mut self, exchange: &Arc<Exchange>, body: Body) {
        if let Some(shown) = &mut self.shown
            && Arc::ptr_eq(&shown.exchange, exchange)
        {
            shown.body = body;
            self.set_viewport(self.area);
        }
    }

    /// The exchange on the screen.
    pub fn exchange(&self) -> Option<&Arc<Exchange>> {
        self.shown.as_ref().map(|shown| &shown.exchange)
    }

    /// The exchange on the screen in a few lines.
    pub fn summary(&self) -> Option<&Summary> {
        self.shown.as_ref().map(|shown| &shown.summary)
    }

    /// The way to the value under the cursor of the body; `None` where that is not what came, but filtered or from inside
    /// a value.
    pub fn way(&self) -> Option<Vec<Way>> {
        let viewer = self.viewer().filter(|_| self.tab == Tab::Answer)?;
        viewer.way()
    }

    /// The attribute that the shown error is about.
    pub fn about(&self) -> Option<&AttrPath> {
        self.shown.as_ref()?.about.as_ref()
    }

    /// Whether what the form is going to send is on view.
    pub fn shows_wire(&self) -> bool {
        self.tab == Tab::Wire
    }

    /// Shows what the form is going to send, or what was shown before that.
    pub fn toggle_wire(&mut self) {
        if self.shows_wire() {
            self.tab = self.before_wire;
        } else {
            self.before_wire = self.tab;
            self.tab = Tab::Wire;
        }
        self.set_viewport(self.area);
    }

    /// Takes over what is going to be sent: named pages, whose lines stay at their place on the screen.
    pub fn set_wire(&mut self, pages: Vec<(&'static str, String)>) {
        let before = std::mem::take(&mut self.wire);
        let hidden = self.mask.as_ref().map(|_| keyed(HIDDEN));
        for (name, text) in pages {
            let mut page = Page::new(hidden.as_ref().unwrap_or(&text));
            if let Some(same) = before.iter().find(|leaf| leaf.name == name) {
                page.cursor = same.page.cursor;
            }
            self.wire.push(Leaf { name, page });
        }
        self.leaf = self.leaf.min(self.wire.len().saturating_sub(1));
        self.set_viewport(self.area);
    }

    /// Which page of what is going to be sent is on view, from 0.
    pub fn leaf(&self) -> usize {
        self.leaf
    }

    /// Shows the next page of what is going to be sent.
    pub fn turn_wire(&mut self) {
        if !self.wire.is_empty() {
            self.leaf = (self.leaf + 1) % self.wire.len();
        }
        self.set_viewport(self.area);
    }

    /// The next tab or the one before; the pages of what is going to be sent are visited one by one.
    fn step_tab(&mut self, forward: bool) {
        let last = self.wire.len().saturating_sub(1);
        match (self.tab, forward) {
            (Tab::Wire, true) if self.leaf < last => self.leaf += 1,
            (Tab::Wire, false) if self.leaf > 0 => self.leaf -= 1,
            (tab, true) => self.tab = tab.step(1),
            (tab, false) => self.tab = tab.step(Tab::ALL.len() - 1),
        }
    }

    /// Handles an event.
    pub fn update(&mut self, event: PaneEvent<Action>) -> Option<Outcome> {
        let mut outcome = None;
        match event {
            PaneEvent::Act(
                action @ (Action::CopyRequestId | Action::CopyUuid | Action::CopyCurl),
            ) => outcome = self.to_copy(action),
            PaneEvent::Act(Action::NextOdd) => self.go_to_odd(),
            PaneEvent::Act(Action::MoreSummary) => self.scroll_summary(true),
            PaneEvent::Act(Action::LessSummary) => self.scroll_summary(false),
            PaneEvent::Act(Action::CopyTicket) => outcome = Some(Outcome::CopyTicket),
            PaneEvent::Act(Action::CopyTicketAs) => outcome = Some(Outcome::AskTicket),
            PaneEvent::Act(Action::Export) => outcome = Some(Outcome::Export),
            PaneEvent::Act(Action::Blame) => outcome = Some(Outcome::Blame),
            PaneEvent::Act(Action::Replay) => outcome = Some(Outcome::Replay),
            PaneEvent::Act(Action::ReplayElsewhere) => outcome = Some(Outcome::ReplayElsewhere),
            PaneEvent::Act(Action::Mark) => outcome = Some(Outcome::Mark),
            PaneEvent::Act(Action::Compare) => outcome = Some(Outcome::Compare),
            PaneEvent::Act(Action::NextTab) => self.step_tab(true),
            PaneEvent::Act(Action::PreviousTab) => self.step_tab(false),
            PaneEvent::Act(action) => self.act(action),
            PaneEvent::Scroll(rows) => {
                if self.tab == Tab::Answer
                    && let Some(viewer) = self.viewer_mut()
                {
                    viewer.update(PaneEvent::Scroll(rows));
                } else if let Some((cursor, len)) = self.cursor() {
                    cursor.scroll(rows.into(), len);
                }
            }
            PaneEvent::Click { column, row } => {
                outcome = self.click(column, row).map(Outcome::Viewer);
            }
            PaneEvent::Key(_) | PaneEvent::Paste(_) => {}
        }
        self.set_viewport(self.area);
        outcome
    }

    fn scroll_summary(&mut self, down: bool) {
        let Some(shown) = &mut self.shown else { return };
        let (most, step) = view::summary_scroll(&shown.summary, self.area);
        let top = shown.summary_top.min(most);
        shown.summary_top = if down {
            (top + step).min(most)
        } else {
            top.saturating_sub(step)
        };
    }

    /// Why the summary cannot be scrolled that way.
    fn refuses_to_scroll(&self, action: Action) -> Option<&'static str> {
        let shown = self.shown.as_ref().filter(|_| self.tab == Tab::Answer);
        let Some(shown) = shown else {
            return Some("this is for the answer's summary: <response.previous-tab> goes there");
        };
        let (most, _) = view::summary_scroll(&shown.summary, self.area);
        let top = shown.summary_top.min(most);
        match action {
            _ if most == 0 => Some("all of the summary is on the screen"),
            Action::MoreSummary if top == most => Some("the summary ends here"),
            Action::LessSummary if top == 0 => Some("the summary begins here"),
            _ => None,
        }
    }

    /// The cursor of what is on view, and how many rows that has.
    fn cursor(&mut self) -> Option<(&mut ListCursor, usize)> {
        let page = match self.tab {
            Tab::Timing => {
                let shown = self.shown.as_mut()?;
                let len = shown.timing.count();
                return Some((&mut shown.timing_at, len));
            }
            Tab::Wire => &mut self.wire.get_mut(self.leaf)?.page,
            Tab::Request => &mut self.shown.as_mut()?.request,
            Tab::Headers => &mut self.shown.as_mut()?.headers,
            // The body has a viewer.
            Tab::Answer => return None,
        };
        let len = page.rows().len();
        Some((&mut page.cursor, len))
    }

    /// The text that a verb copies; `None` when the answer does not have it.
    fn to_copy(&self, action: Action) -> Option<Outcome> {
        let exchange = self.exchange()?;
        if action == Action::CopyCurl {
            return Some(Outcome::CopyCurl(Box::new(exchange.request.clone())));
        }
        let (what, text) = match action {
            Action::CopyRequestId => ("the request id", request_id(exchange)?),
            _ => ("the uuid", uuid(exchange)?),
        };
        Some(Outcome::Copy(what.to_owned(), text))
    }

    fn act(&mut self, action: Action) {
        let to = match action {
            Action::Down => Move::By(1),
            Action::Up => Move::By(-1),
            Action::PageDown => Move::Pages(1),
            Action::PageUp => Move::Pages(-1),
            Action::First => Move::First,
            Action::Last => Move::Last,
            Action::NextOdd
            | Action::MoreSummary
            | Action::LessSummary
            | Action::NextTab
            | Action::PreviousTab
            | Action::CopyRequestId
            | Action::CopyUuid
            | Action::CopyCurl
            | Action::CopyTicket
            | Action::CopyTicketAs
            | Action::Export
            | Action::Mark
            | Action::Compare
            | Action::Blame
            | Action::Replay
            | Action::ReplayElsewhere => return,
        };
        if let Some((cursor, len)) = self.cursor() {
            cursor.go(to, len);
        }
    }

    /// A click on a tab opens it; what one in the body does is the viewer's affair.
    fn click(&mut self, column: u16, row: u16) -> Option<viewer::Outcome> {
        if row == 0 {
            if let Some(tab) = view::tab_at(column) {
                self.tab = tab;
            }
            return None;
        }
        if row == 1 && self.has_leaves() {
            if let Some(leaf) = self.leaf_at(column) {
                self.leaf = leaf;
            }
            return None;
        }
        let lines = self.lines_area();
        let row = (self.area.y + row).checked_sub(lines.y)?;
        if self.tab == Tab::Answer {
            let viewer = self.viewer_mut()?;
            return viewer.update(PaneEvent::Click { column, row });
        }
        if let Some((cursor, len)) = self.cursor() {
            cursor.click(row, len);
        }
        None
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        let copies = matches!(
            action,
            Action::CopyRequestId | Action::CopyUuid | Action::CopyCurl
        );
        let hands_over = matches!(
            action,
            Action::CopyTicket
                | Action::CopyTicketAs
                | Action::Export
                | Action::Replay
                | Action::ReplayElsewhere
                | Action::Mark
                | Action::Compare
        );
        let needs_answer = copies || hands_over || self.tab != Tab::Wire;
        if self.shown.is_none() {
            let turns = matches!(action, Action::NextTab | Action::PreviousTab);
            return (needs_answer && !turns).then_some(NO_ANSWER);
        }
        if action == Action::NextOdd {
            return self.refuses_to_go();
        }
        if matches!(action, Action::MoreSummary | Action::LessSummary) {
            return self.refuses_to_scroll(action);
        }
        if !copies || self.to_copy(action).is_some() {
            return None;
        }
        Some(match action {
            Action::CopyUuid => "this answer has no uuid",
            _ => "this answer has no request id: errors have one",
        })
    }

    /// Why a verb of the body cannot be used now.
    pub fn refuses_in_body(&self, action: viewer::action::Action) -> Option<&'static str> {
        let Some(shown) = &self.shown else {
            return Some(NO_ANSWER);
        };
        match &shown.body {
            Body::None => Some("this answer has no body"),
            Body::Unread => Some("the answer is still being read"),
            Body::Shown(_)
                if self.tab != Tab::Answer && action != viewer::action::Action::YankAll =>
            {
                Some("this is for the answer's body: <response.previous-tab> goes there")
            }
            // The same key goes to what is odd where nothing is broken.
            Body::Shown(_) if self.means_odd(action) => self.refuses_to_go(),
            Body::Shown(viewer) => viewer.refuses(action),
        }
    }

    fn means_odd(&self, action: viewer::action::Action) -> bool {
        let broken = |viewer: &Viewer| viewer.fault().is_some();
        action == viewer::action::Action::ToFault && !self.viewer().is_some_and(broken)
    }

    /// Handles an event of the body.
    pub fn update_body(
        &mut self,
        event: PaneEvent<viewer::action::Action>,
    ) -> Option<viewer::Outcome> {
        let outcome = match event {
            PaneEvent::Act(action) if self.means_odd(action) => {
                self.go_to_odd();
                None
            }
            event => self.viewer_mut()?.update(event),
        };
        self.set_viewport(self.area);
        outcome
    }

    /// Hears what became of work for the body's viewer.
    pub fn heard(&mut self, told: Told) -> Option<viewer::Outcome> {
        self.viewer_mut()?.heard(told)
    }

    /// Takes what is to be done for the body's viewer by somebody beside the loop.
    pub fn take_tasks(&mut self) -> Vec<Task> {
        self.viewer_mut()
            .map(Viewer::take_tasks)
            .unwrap_or_default()
    }

    /// The scopes whose keys work here, the innermost first.
    pub fn scopes(&self) -> Vec<Scope> {
        let mut scopes = match self.viewer() {
            Some(viewer) => viewer.scopes(),
            None => vec![Scope::Viewer],
        };
        // Where a line is written or a value is shown, the pane's own verbs wait.
        if scopes == [Scope::Viewer] {
            scopes.push(Scope::Response);
        }
        if self.tab != Tab::Answer {
            scopes = vec![Scope::Response, Scope::Viewer];
        }
        scopes
    }

    /// Whether plain characters belong to a line of the body's viewer.
    pub fn is_typing(&self) -> bool {
        self.tab == Tab::Answer && self.viewer().is_some_and(Viewer::is_typing)
    }

    /// Leaves that line.
    pub fn stop_typing(&mut self) {
        if let Some(viewer) = self.viewer_mut() {
            viewer.stop_typing();
        }
    }

    /// Takes off what lies on the body: a search, a filter. Says whether there was anything.
    pub fn step_back(&mut self) -> bool {
        self.tab == Tab::Answer && self.viewer_mut().is_some_and(Viewer::step_back)
    }

    /// The word for what is written or shown over the body, for the footer.
    pub fn mode_name(&self) -> Option<&'static str> {
        self.viewer()
            .filter(|_| self.tab == Tab::Answer)?
            .mode_name()
    }

    fn viewer(&self) -> Option<&Viewer> {
        match &self.shown.as_ref()?.body {
            Body::Shown(viewer) => Some(viewer),
            Body::None | Body::Unread => None,
        }
    }

    fn viewer_mut(&mut self) -> Option<&mut Viewer> {
        match &mut self.shown.as_mut()?.body {
            Body::Shown(viewer) => Some(viewer),
            Body::None | Body::Unread => None,
        }
    }

    /// Tells the pane where it is.
    pub fn set_viewport(&mut self, area: Rect) {
        self.area = area;
        let (tab, lines) = (self.tab, self.lines_area());
        if let (Tab::Wire, Some(leaf)) = (tab, self.wire.get_mut(self.leaf)) {
            leaf.page.fit(lines);
        }
        let Some(shown) = &mut self.shown else {
            return;
        };
        // Only what is looked at: wrapping a long text takes a while.
        match (tab, &mut shown.body) {
            (Tab::Request, _) => shown.request.fit(lines),
            (Tab::Headers, _) => shown.headers.fit(lines),
            (Tab::Timing, _) => {
                shown.timing_at.height = lines.height.into();
                shown.timing_at.fit(shown.timing.count());
            }
            (Tab::Answer, Body::Shown(viewer)) => viewer.fit(lines, view::below_tabs(area)),
            (Tab::Answer, Body::None | Body::Unread) | (Tab::Wire, _) => {}
        }
    }

    /// Where the lines that the cursor moves through are.
    fn lines_area(&self) -> Rect {
        match (&self.shown, self.tab) {
            (Some(shown), Tab::Answer) => view::parts(&shown.summary, self.area).tree,
            _ if self.has_leaves() => view::below_tabs(view::below_tabs(self.area)),
            _ => view::below_tabs(self.area),
        }
    }

    /// What the frame notes at its corner: where the cursor is in the body.
    pub fn notes(&self) -> Vec<String> {
        match self.viewer() {
            Some(viewer) if self.tab == Tab::Answer => viewer.notes(self.area.width),
            _ => Vec::new(),
        }
    }
}

fn uuid(exchange: &Exchange) -> Option<String> {
    let Answer::Ok(json) = exchange.answer()? else {
        return None;
    };
    let uuid = json.get("uuid").or_else(|| json.get("result")?.get("uuid"));
    Some(uuid?.as_str()?.to_owned())
}

fn request_id(exchange: &Exchange) -> Option<String> {
    match exchange.answer()? {
        Answer::Error(error) => error.request_id.clone(),
        Answer::Ok(json) => Some(json.get("request_id")?.as_str()?.to_owned()),
        Answer::NotCapture(_) => None,
    }
}

/// A request in lines: the line of HTTP, the headers, the arguments decoded, the body as it is sent. Secrets are masked.
pub fn request_lines(sent: &Sent, request: &ApiRequest) -> Vec<String> {
    let mut lines = vec![format!("{} {}", sent.method, sent.url)];
    lines.extend(
        sent.headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    lines.push(String::new());
    for (name, value) in redact::args(request).iter() {
        // Structured arguments are JSON text: indented they can be read, and nothing of them is lost.
        match Json::parse(value) {
            Ok(json @ (Json::Array(_) | Json::Object(_))) => {
                let pretty = json.pretty();
                let mut json_lines = pretty.lines();
                lines.push(format!(
                    "{name} = {}",
                    json_lines.next().unwrap_or_default()
                ));
                lines.extend(json_lines.map(str::to_owned));
            }
            _ => lines.push(format!("{name} = {value}")),
        }
    }
    lines.push(String::new());
    lines.push(format!("as sent: {}", sent.body));
    lines
}

/// What was sent, and what became of it where the answer tells.
fn sent_lines(exchange: &Exchange) -> Vec<String> {
    let mut lines = request_lines(&exchange.sent, &exchange.request);
    lines.extend(stored::lines(exchange));
    lines
}

fn header_lines(exchange: &Exchange) -> Vec<String> {
    let Some((status, headers)) = exchange.head() else {
        return vec!["no answer came, so there are no headers".to_owned()];
    };
    let lines = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"));
    std::iter::once(format!("HTTP status {status}"))
        .chain(lines)
        .collect()
}
