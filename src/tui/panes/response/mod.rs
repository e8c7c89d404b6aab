//! The response: what the last call came to, the body as a tree to fold, and what was sent.
//!
//! The verdict comes from `stat` and `code`. While a call runs, the previous answer stays, dimmed and named so.

pub mod body;
pub mod page;
pub mod stored;
pub mod summary;
pub mod view;

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::exchange::Exchange;
use crate::exchange::Outcome as Came;
use crate::exchange::Sent;
use crate::json::document::Document;
use crate::json::document::NodeId;
use crate::json::rows::Rows;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::panes::response::body::Body;
use crate::tui::panes::response::page::Page;
use crate::tui::panes::response::summary::Summary;
use crate::worker::job::JobId;

/// The response.
#[derive(Debug, Default)]
pub struct ResponsePane {
    shown: Option<Shown>,
    waiting: Option<Waiting>,
    tab: Tab,
    /// What is going to be sent, as it was when last looked at: a page, or several with their names.
    wire: Vec<Leaf>,
    /// Which of those pages is on view.
    leaf: usize,
    /// The tab to go back to from `Tab::Wire`.
    before_wire: Tab,
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
    /// The history.
    History,
}

/// The exchange on the screen.
#[derive(Debug)]
struct Shown {
    exchange: Arc<Exchange>,
    about: Option<AttrPath>,
    summary: Summary,
    body: Body,
    /// Whether somebody reads the body.
    body_asked_for: bool,
    /// Where one is in the body's tree.
    tree: ListCursor,
    request: Page,
    headers: Page,
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
    /// Not of an exchange, but of the next one.
    Wire,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Answer, Self::Request, Self::Headers, Self::Wire];

    fn name(self) -> &'static str {
        match self {
            Self::Answer => "Answer",
            Self::Request => "Request",
            Self::Headers => "Headers",
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
    /// Fold or unfold.
    Toggle,
    /// Fold, or go to what holds this.
    Fold,
    /// Unfold, or go inside.
    Unfold,
    /// Fold everything.
    FoldAll,
    /// Unfold everything.
    UnfoldAll,
    /// The next tab.
    NextTab,
    /// The previous tab.
    PreviousTab,
    /// Copy the answer's body.
    CopyBody,
    /// Copy the answer's request id.
    CopyRequestId,
    /// Copy the record's uuid.
    CopyUuid,
    /// Copy the call as a curl command.
    CopyCurl,
}

/// What happened here that concerns the rest of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This text is to be copied: what it is, and the text.
    Copy(String, String),
    /// This call is to be copied as a curl command.
    CopyCurl(Box<ApiRequest>),
}

/// The rows of this pane's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Response, Action::Toggle, "response.toggle", "Fold or unfold", &["enter", "space", "z a"]).hint("fold"),
    ActionSpec::new(Scope::Response, Action::Down, "response.down", "Next row", &["down", "j"]),
    ActionSpec::new(Scope::Response, Action::Up, "response.up", "Previous row", &["up", "k"]),
    ActionSpec::new(Scope::Response, Action::Fold, "response.fold", "Fold, or go to what holds this", &["left", "h", "z c"]),
    ActionSpec::new(Scope::Response, Action::Unfold, "response.unfold", "Unfold, or go inside", &["right", "l", "z o"]),
    ActionSpec::new(Scope::Response, Action::FoldAll, "response.fold-all", "Fold everything", &["z M"]),
    ActionSpec::new(Scope::Response, Action::UnfoldAll, "response.unfold-all", "Unfold everything", &["z R"]),
    ActionSpec::new(Scope::Response, Action::PageDown, "response.page-down", "One screen down", &["pagedown"]),
    ActionSpec::new(Scope::Response, Action::PageUp, "response.page-up", "One screen up", &["pageup"]),
    ActionSpec::new(Scope::Response, Action::First, "response.first", "First row", &["home"]),
    ActionSpec::new(Scope::Response, Action::Last, "response.last", "Last row", &["end", "G"]),
    ActionSpec::new(Scope::Response, Action::NextTab, "response.next-tab", "Answer, request, headers, what is to be sent: the next", &["L"]).hint("tab"),
    ActionSpec::new(Scope::Response, Action::PreviousTab, "response.previous-tab", "Answer, request, headers, what is to be sent: the previous", &["H"]),
    ActionSpec::new(Scope::Response, Action::CopyBody, "response.copy-body", "Copy the answer's body", &["y j"]),
    ActionSpec::new(Scope::Response, Action::CopyRequestId, "response.copy-request-id", "Copy the request id", &["y r"]),
    ActionSpec::new(Scope::Response, Action::CopyUuid, "response.copy-uuid", "Copy the record's uuid", &["y u"]),
    ActionSpec::new(Scope::Response, Action::CopyCurl, "response.copy-curl", "Copy the call as a curl command", &["y c"]),
];

impl ResponsePane {
    /// Waits for the answer of this job.
    pub fn wait_for(&mut self, job: JobId, source: Source) {
        self.waiting = Some(Waiting { job, source });
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
        self.shown = Some(Shown {
            summary: summary::of(&exchange, about.as_ref()),
            request: Page::new(&sent_lines(&exchange).join("\n")),
            headers: Page::new(&header_lines(&exchange).join("\n")),
            body: Body::read_if_short(&exchange),
            body_asked_for: false,
            tree: ListCursor::default(),
            about,
            exchange,
        });
        self.set_viewport(self.area);
    }

    /// Adds a sentence to what the shown answer means, where that begins.
    pub fn explain(&mut self, text: String) {
        if let Some(shown) = &mut self.shown {
            let lines = &mut shown.summary.lines;
            let at = lines.iter().position(|line| line.label == "meaning");
            let line = summary::Line { label: "why", text };
            lines.insert(at.unwrap_or(lines.len()), line);
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
        for (name, text) in pages {
            let mut page = Page::new(&text);
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
                action @ (Action::CopyBody
                | Action::CopyRequestId
                | Action::CopyUuid
                | Action::CopyCurl),
            ) => outcome = self.to_copy(action),
            PaneEvent::Act(Action::NextTab) => self.step_tab(true),
            PaneEvent::Act(Action::PreviousTab) => self.step_tab(false),
            PaneEvent::Act(action) => self.act(action),
            PaneEvent::Scroll(rows) => {
                if let Some((cursor, len)) = self.cursor() {
                    cursor.scroll(rows.into(), len);
                }
            }
            PaneEvent::Click { column, row } => self.click(column, row),
            PaneEvent::Key(_) | PaneEvent::Paste(_) => {}
        }
        self.set_viewport(self.area);
        outcome
    }

    /// The cursor of what is on view, and how many rows that has.
    fn cursor(&mut self) -> Option<(&mut ListCursor, usize)> {
        if self.tab == Tab::Wire {
            let page = &mut self.wire.get_mut(self.leaf)?.page;
            let len = page.rows().len();
            return Some((&mut page.cursor, len));
        }
        let (tab, shown) = (self.tab, self.shown.as_mut()?);
        let len = shown.row_count(tab);
        Some((shown.cursor(tab), len))
    }

    /// The text that a verb copies; `None` when the answer does not have it.
    fn to_copy(&self, action: Action) -> Option<Outcome> {
        let exchange = self.exchange()?;
        if action == Action::CopyCurl {
            return Some(Outcome::CopyCurl(Box::new(exchange.request.clone())));
        }
        let json = match exchange.answer()? {
            Answer::Ok(json) => Some(json),
            Answer::Error(_) | Answer::NotCapture(_) => None,
        };
        let (what, text) = match action {
            Action::CopyBody => ("the answer's body", body_to_copy(exchange)?),
            Action::CopyRequestId => ("the request id", request_id(exchange)?),
            _ => {
                let json = json?;
                let uuid = json.get("uuid").or_else(|| json.get("result")?.get("uuid"));
                ("the uuid", uuid?.as_str()?.to_owned())
            }
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
            Action::Toggle
            | Action::Fold
            | Action::Unfold
            | Action::FoldAll
            | Action::UnfoldAll => {
                if let Some(shown) = &mut self.shown {
                    shown.fold(action);
                }
                return;
            }
            Action::NextTab
            | Action::PreviousTab
            | Action::CopyBody
            | Action::CopyRequestId
            | Action::CopyUuid
            | Action::CopyCurl => return,
        };
        if let Some((cursor, len)) = self.cursor() {
            cursor.go(to, len);
        }
    }

    /// A click on a tab opens it; on a row of the tree it moves the cursor there, and folds what can be folded.
    fn click(&mut self, column: u16, row: u16) {
        if row == 0 {
            if let Some(tab) = view::tab_at(column) {
                self.tab = tab;
            }
            return;
        }
        if row == 1 && self.has_leaves() {
            if let Some(leaf) = self.leaf_at(column) {
                self.leaf = leaf;
            }
            return;
        }
        let (tab, lines) = (self.tab, self.lines_area());
        let Some(row) = (self.area.y + row).checked_sub(lines.y) else {
            return;
        };
        let hit = self
            .cursor()
            .is_some_and(|(cursor, len)| cursor.click(row, len));
        if hit
            && tab == Tab::Answer
            && let Some(shown) = &mut self.shown
        {
            shown.fold(Action::Toggle);
        }
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        let folds = matches!(
            action,
            Action::Toggle | Action::Fold | Action::Unfold | Action::FoldAll | Action::UnfoldAll
        );
        let copies = matches!(
            action,
            Action::CopyBody | Action::CopyRequestId | Action::CopyUuid | Action::CopyCurl
        );
        let needs_answer = folds || copies || self.tab != Tab::Wire;
        let Some(shown) = &self.shown else {
            let turns = matches!(action, Action::NextTab | Action::PreviousTab);
            return (needs_answer && !turns).then_some("there is no answer yet: F5 makes the call");
        };
        match shown.body {
            _ if copies && self.to_copy(action).is_none() => Some(match action {
                Action::CopyUuid => "this answer has no uuid",
                Action::CopyRequestId => "this answer has no request id: errors have one",
                _ => "this answer has no body to copy",
            }),
            _ if !folds => None,
            _ if self.tab != Tab::Answer => Some("this folds in the answer's tree: H goes there"),
            Body::Tree { .. } => None,
            Body::Unread => Some("the answer is still being read"),
            Body::None | Body::Text(_) => Some("the body is not JSON: nothing in it can be folded"),
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
            (Tab::Answer, Body::Text(page)) => page.fit(lines),
            (Tab::Answer, Body::Tree { rows, .. }) => {
                shown.tree.height = lines.height.into();
                shown.tree.fit(rows.len());
            }
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
    pub fn note(&self) -> String {
        let Some(shown) = &self.shown else {
            return String::new();
        };
        match (&shown.body, self.tab) {
            (Body::Tree { document, rows }, Tab::Answer) if !rows.is_empty() => {
                let path = rows
                    .node_at(shown.tree.at)
                    .map(|node| document.attr_path(node))
                    .unwrap_or_default();
                format!("{path}  {}/{}", shown.tree.at + 1, rows.len())
                    .trim_start()
                    .to_owned()
            }
            _ => String::new(),
        }
    }
}

impl Shown {
    fn row_count(&self, tab: Tab) -> usize {
        match (tab, &self.body) {
            (Tab::Answer, Body::Tree { rows, .. }) => rows.len(),
            (Tab::Answer, Body::Text(page)) => page.rows().len(),
            // What is to be sent is not of this exchange.
            (Tab::Answer, Body::None | Body::Unread) | (Tab::Wire, _) => 0,
            (Tab::Request, _) => self.request.rows().len(),
            (Tab::Headers, _) => self.headers.rows().len(),
        }
    }

    fn cursor(&mut self, tab: Tab) -> &mut ListCursor {
        match (tab, &mut self.body) {
            (Tab::Request, _) => &mut self.request.cursor,
            (Tab::Headers, _) => &mut self.headers.cursor,
            (Tab::Answer, Body::Text(page)) => &mut page.cursor,
            (Tab::Answer | Tab::Wire, _) => &mut self.tree,
        }
    }

    fn fold(&mut self, action: Action) {
        let Body::Tree { document, rows } = &mut self.body else {
            return;
        };
        let Some(node) = rows.node_at(self.tree.at) else {
            return;
        };
        let target = match action {
            Action::FoldAll => {
                rows.fold_all(document);
                node
            }
            Action::UnfoldAll => {
                rows.unfold_all(document);
                node
            }
            Action::Fold => fold_or_leave(document, rows, node),
            Action::Unfold => unfold_or_enter(document, rows, node),
            _ => {
                if Rows::can_fold(document, node) {
                    rows.toggle(document, node);
                }
                node
            }
        };
        let at = rows.row_of(target);
        self.tree.put(at, rows.len());
    }
}

fn fold_or_leave(document: &Document, rows: &mut Rows, node: NodeId) -> NodeId {
    if Rows::can_fold(document, node) && !rows.is_folded(node) {
        rows.fold(document, node);
        return node;
    }
    document.parent(node).unwrap_or(node)
}

fn unfold_or_enter(document: &Document, rows: &mut Rows, node: NodeId) -> NodeId {
    if rows.is_folded(node) {
        rows.unfold(document, node);
        return node;
    }
    document.children(node).next().unwrap_or(node)
}

/// What of an exchange's body is copied: the text, passwords masked.
fn body_to_copy(exchange: &Exchange) -> Option<String> {
    let Came::Answered(answered) = &exchange.outcome else {
        return None;
    };
    let masked = redact::body(&exchange.request, &answered.body);
    (!masked.is_empty()).then(|| String::from_utf8_lossy(&masked).into_owned())
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
    match &exchange.outcome {
        Came::Answered(answered) => std::iter::once(format!("HTTP status {}", answered.status))
            .chain(
                answered
                    .headers
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}")),
            )
            .collect(),
        Came::Failed(_) => vec!["no answer came, so there are no headers".to_owned()],
    }
}
