//! Files that are looked at: a list of them and of the calls in archives among them, and what stands beside the list.
//!
//! `captui view` has this and the response pane and nothing else: a call of the Capture API is shown there, anything
//! else in a viewer of its own. Files are opened, read and followed beside the loop ([`crate::tui::feed`]). Deliberately
//! absent: the environment, the history and every call.

mod view;

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use ratatui::layout::Rect;

use crate::exchange::Exchange;
use crate::exchange::Outcome as Came;
use crate::failure::Failure;
use crate::handover::open::Opened;
use crate::handover::open::OpenedCall;
use crate::handover::open::looks_handed_over;
use crate::json::bytes::Bytes;
use crate::json::document::Document;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::feed;
use crate::tui::feed::End;
use crate::tui::feed::Given;
use crate::tui::feed::Item;
use crate::tui::feed::News;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::viewer::Viewer;
use crate::tui::viewer::work;
use crate::tui::viewer::work::Stub;
use crate::tui::viewer::work::Ticket;

/// The files that are looked at.
#[derive(Debug, Default)]
pub struct FilesPane {
    files: Vec<File>,
    cursor: ListCursor,
    shown: Entry,
    /// Whether a key has been pressed: then nothing moves the user elsewhere any more.
    touched: bool,
    tasks: Vec<feed::Task>,
    area: Rect,
}

/// A row of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    file: usize,
    /// Which of the calls in it; none for the file itself.
    call: Option<usize>,
}

#[derive(Debug)]
struct File {
    /// As it was given: a path, or `-`.
    argument: PathBuf,
    name: String,
    state: State,
    /// The calls in it.
    archive: Option<Opened>,
    /// The answer's body of a call that is none of the Capture API, and which call that is.
    foreign: Option<(usize, Box<Viewer>)>,
    /// What somebody beside the loop does for this file.
    awaited: Option<Ticket>,
    /// What the disk said when it was opened.
    stamp: Option<Stamp>,
    changed: bool,
    /// Something to know about it.
    note: Option<String>,
}

#[derive(Debug)]
enum State {
    /// It is not open yet.
    Opening,
    /// A stream of which nothing has come.
    Awaited,
    /// It is being read for calls.
    Reading(Bytes),
    /// It is shown; with more to come while `coming`.
    Shown { viewer: Box<Viewer>, coming: bool },
    /// It cannot be shown.
    Failed(String),
}

/// How a file on the disk is told from what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    changed: Option<SystemTime>,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let facts = std::fs::metadata(path).ok()?;
        facts.is_file().then(|| Self {
            length: facts.len(),
            changed: facts.modified().ok(),
        })
    }
}

/// A verb of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The next row.
    Down,
    /// The previous row.
    Up,
    /// One screen down.
    PageDown,
    /// One screen up.
    PageUp,
    /// The first row.
    First,
    /// The last row.
    Last,
    /// Show what is under the cursor.
    Open,
}

/// The rows of this pane's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Files, Action::Open, "files.open", "Show this file or call", &["enter", "right", "l"], Twin::Command("view")).hint("show"),
    ActionSpec::new(Scope::Files, Action::Down, "files.down", "Next file or call", &["down", "j"], MOVING),
    ActionSpec::new(Scope::Files, Action::Up, "files.up", "Previous file or call", &["up", "k"], MOVING),
    ActionSpec::new(Scope::Files, Action::PageDown, "files.page-down", "One screen down", &["pagedown"], MOVING),
    ActionSpec::new(Scope::Files, Action::PageUp, "files.page-up", "One screen up", &["pageup"], MOVING),
    ActionSpec::new(Scope::Files, Action::First, "files.first", "First file", &["home"], MOVING),
    ActionSpec::new(Scope::Files, Action::Last, "files.last", "Last file or call", &["end", "G"], MOVING),
];

/// What happened here that concerns the rest of the program.
#[derive(Debug)]
pub enum Outcome {
    /// The user wants to see what is shown now; a call of the Capture API is for the response pane.
    Show(Option<Arc<Exchange>>),
    /// An archive was read, and its first call is shown; its schemas explain its calls.
    Listed(Option<Arc<Exchange>>),
}

impl FilesPane {
    /// The list of these files, the first of them shown. Those that could not be opened say why.
    pub fn new(items: Vec<Item>) -> Self {
        let mut pane = Self::default();
        for (at, item) in items.into_iter().enumerate() {
            let Item {
                argument,
                name,
                given,
            } = item;
            pane.files.push(File {
                argument,
                name,
                state: State::Opening,
                archive: None,
                foreign: None,
                awaited: None,
                stamp: None,
                changed: false,
                note: None,
            });
            pane.opened(at, given);
        }
        pane
    }

    /// Whether anything is looked at.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether there is more than one row, so that a list is worth its room.
    pub fn has_list(&self) -> bool {
        self.rows() > 1
    }

    fn rows(&self) -> usize {
        self.files.iter().map(File::rows).sum()
    }

    fn entry(&self, row: usize) -> Option<Entry> {
        let mut before = 0;
        for (file, of) in self.files.iter().enumerate() {
            if row < before + of.rows() {
                let call = (row - before).checked_sub(1);
                return Some(Entry { file, call });
            }
            before += of.rows();
        }
        None
    }

    fn row_of(&self, entry: Entry) -> usize {
        let before: usize = self.files.iter().take(entry.file).map(File::rows).sum();
        before + entry.call.map_or(0, |call| call + 1)
    }

    /// The file was opened, or could not be.
    fn opened(&mut self, at: usize, given: Result<Given, Failure>) {
        let Some(file) = self.files.get_mut(at) else {
            return;
        };
        file.awaited = None;
        file.archive = None;
        file.foreign = None;
        file.note = None;
        file.changed = false;
        file.stamp = file.path().and_then(Stamp::of);
        match given {
            Ok(Given::Text(bytes)) => self.show_text(at, bytes),
            Ok(Given::Stream(stream)) => {
                file.state = State::Awaited;
                self.ask(at, feed::Work::Follow(stream));
            }
            Err(failure) => {
                let cause = failure.cause.unwrap_or(failure.message);
                file.state = State::Failed(cause);
            }
        }
        self.refit();
    }

    fn show_text(&mut self, at: usize, bytes: Bytes) {
        let Some(file) = self.files.get_mut(at) else {
            return;
        };
        if looks_handed_over(&bytes) {
            file.state = State::Reading(bytes.clone());
            self.ask(at, feed::Work::ReadCalls(bytes));
        } else {
            file.show(Viewer::open(bytes), false);
        }
    }

    fn ask(&mut self, at: usize, work: feed::Work) {
        let (ticket, stub) = Ticket::new();
        self.tasks.push(feed::Task { stub, work });
        if let Some(file) = self.files.get_mut(at) {
            file.awaited = Some(ticket);
        }
    }

    /// Takes what is to be done for the files by somebody beside the loop.
    pub fn take_feed_tasks(&mut self) -> Vec<feed::Task> {
        std::mem::take(&mut self.tasks)
    }

    /// Takes what is to be done for their viewers by somebody beside the loop.
    pub fn take_tasks(&mut self) -> Vec<work::Task> {
        let viewers = self.files.iter_mut().flat_map(File::viewers_mut);
        viewers.flat_map(Viewer::take_tasks).collect()
    }

    /// The viewer, of whichever file, for which somebody works who has this stub.
    pub fn viewer_waiting(&mut self, stub: &Stub) -> Option<&mut Viewer> {
        let mut viewers = self.files.iter_mut().flat_map(File::viewers_mut);
        viewers.find(|viewer| viewer.waits_for(stub))
    }

    /// Hears what was brought.
    pub fn heard(&mut self, told: feed::Told) -> Option<Outcome> {
        let at = self.files.iter().position(|file| {
            let awaited = file.awaited.as_ref();
            awaited.is_some_and(|ticket| ticket.fits(&told.stub))
        })?;
        let outcome = match told.news {
            News::Opened(given) => {
                self.opened(at, given);
                None
            }
            News::Came(document, end) => {
                self.came(at, document, end);
                None
            }
            News::Calls(calls) => self.calls_read(at, calls.map(|opened| *opened)),
        };
        self.refit();
        outcome
    }

    fn came(&mut self, at: usize, document: Document, end: Option<End>) {
        let Some(file) = self.files.get_mut(at) else {
            return;
        };
        let bytes = document.bytes().clone();
        match &mut file.state {
            State::Shown { viewer, coming } => {
                *coming = end.is_none();
                viewer.renew(document);
            }
            _ if end.is_some() && looks_handed_over(&bytes) => {}
            // An archive is nothing to look at before all of it is there.
            _ if looks_handed_over(&bytes) => return,
            _ => file.show(Viewer::so_far(document), end.is_none()),
        }
        let Some(end) = end else { return };
        file.awaited = None;
        file.note = match end {
            End::Whole => None,
            End::BrokeOff(why) => Some(format!("broke off: {why}")),
            End::TooLong => Some("only the beginning: more than 4 GiB came".to_owned()),
        };
        if matches!(file.state, State::Awaited) {
            self.show_text(at, bytes);
        }
    }

    fn calls_read(
        &mut self,
        at: usize,
        calls: Result<Opened, crate::handover::open::OpenError>,
    ) -> Option<Outcome> {
        let file = self.files.get_mut(at)?;
        file.awaited = None;
        // Its text is there to be looked at, too.
        if let State::Reading(bytes) = &file.state {
            let viewer = Viewer::open(bytes.clone());
            file.show(viewer, false);
        }
        match calls {
            Ok(opened) => {
                let has_calls = !opened.calls.is_empty();
                file.archive = Some(opened);
                if self.touched
                    || self.shown
                        != (Entry {
                            file: at,
                            call: None,
                        })
                    || !has_calls
                {
                    return None;
                }
                let first = Entry {
                    file: at,
                    call: Some(0),
                };
                let exchange = self.show(first);
                Some(Outcome::Listed(exchange))
            }
            Err(error) => {
                file.note = Some(error.to_string());
                None
            }
        }
    }

    /// Shows a row; a call of the Capture API is for the response pane.
    fn show(&mut self, entry: Entry) -> Option<Arc<Exchange>> {
        self.shown = entry;
        self.cursor.put(self.row_of(entry), self.rows());
        let file = self.files.get_mut(entry.file)?;
        file.foreign = None;
        let call = entry.call?;
        let opened = file.archive.as_ref()?.calls.get(call)?;
        let exchange = opened.exchange().map(Arc::new);
        if exchange.is_none() {
            file.foreign = Some((call, Box::new(Viewer::open(body_of(opened)))));
        }
        self.refit();
        exchange
    }

    /// The viewer that stands beside the list, if one does.
    pub fn viewer(&self) -> Option<&Viewer> {
        let file = self.files.get(self.shown.file)?;
        match (self.shown.call, &file.state) {
            (Some(call), _) => match &file.foreign {
                Some((shown, viewer)) if *shown == call => Some(viewer),
                _ => None,
            },
            (None, State::Shown { viewer, .. }) => Some(viewer),
            (None, _) => None,
        }
    }

    /// Like [`FilesPane::viewer`].
    pub fn viewer_mut(&mut self) -> Option<&mut Viewer> {
        let file = self.files.get_mut(self.shown.file)?;
        match (self.shown.call, &mut file.state) {
            (Some(call), _) => match &mut file.foreign {
                Some((shown, viewer)) if *shown == call => Some(viewer),
                _ => None,
            },
            (None, State::Shown { viewer, .. }) => Some(viewer),
            (None, _) => None,
        }
    }

    /// Leaves a line that is being written in the viewer.
    pub fn stop_typing(&mut self) {
        if let Some(viewer) = self.viewer_mut() {
            viewer.stop_typing();
        }
    }

    /// Whether a call of the Capture API is shown, which is the response pane's affair.
    pub fn shows_exchange(&self) -> bool {
        let file = self.files.get(self.shown.file);
        let call = self.shown.call.and_then(|call| {
            let archive = file?.archive.as_ref()?;
            archive.calls.get(call)
        });
        call.is_some_and(|call| call.request.is_some())
    }

    /// The entity types that came with the calls.
    pub fn schemas(&self) -> impl Iterator<Item = &crate::capture::schema::EntityType> {
        let archives = self.files.iter().filter_map(|file| file.archive.as_ref());
        archives.flat_map(|archive| &archive.schemas)
    }

    /// Opens the shown file anew. Says why not, if it cannot be.
    pub fn open_again(&mut self) -> Option<&'static str> {
        let at = self.shown.file;
        let file = self.files.get_mut(at)?;
        let Some(path) = file.path() else {
            return Some("standard input cannot be read twice");
        };
        let path = path.to_owned();
        self.shown.call = None;
        self.cursor.put(self.row_of(self.shown), self.rows());
        self.ask(at, feed::Work::Open(path));
        None
    }

    /// Notices what happened to the shown file on the disk meanwhile: of one that was cut nothing more is shown.
    pub fn notice_changes(&mut self) {
        let Some(file) = self.files.get_mut(self.shown.file) else {
            return;
        };
        if let (Some(stamp), Some(path)) = (file.stamp, file.path()) {
            file.changed = Stamp::of(path) != Some(stamp);
        }
        if let State::Shown { viewer, .. } = &file.state
            && !viewer.whole().bytes().is_whole()
        {
            let why = "the file was shortened while it was open: <app.refresh> opens it again";
            file.state = State::Failed(why.to_owned());
        }
    }

    /// Handles an event.
    pub fn update(&mut self, event: PaneEvent<Action>) -> Option<Outcome> {
        let len = self.rows();
        match event {
            PaneEvent::Act(Action::Down) => self.cursor.go(Move::By(1), len),
            PaneEvent::Act(Action::Up) => self.cursor.go(Move::By(-1), len),
            PaneEvent::Act(Action::PageDown) => self.cursor.go(Move::Pages(1), len),
            PaneEvent::Act(Action::PageUp) => self.cursor.go(Move::Pages(-1), len),
            PaneEvent::Act(Action::First) => self.cursor.go(Move::First, len),
            PaneEvent::Act(Action::Last) => self.cursor.go(Move::Last, len),
            PaneEvent::Act(Action::Open) => return self.open_under_cursor(),
            PaneEvent::Scroll(rows) => self.cursor.scroll(rows.into(), len),
            PaneEvent::Click { row, .. } if self.cursor.click(row, len) => {
                return self.open_under_cursor();
            }
            PaneEvent::Click { .. } | PaneEvent::Key(_) | PaneEvent::Paste(_) => {}
        }
        None
    }

    fn open_under_cursor(&mut self) -> Option<Outcome> {
        let entry = self.entry(self.cursor.at)?;
        Some(Outcome::Show(self.show(entry)))
    }

    /// A key was pressed: what comes later does not change what is shown.
    pub fn touch(&mut self) {
        self.touched = true;
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::Open if self.is_empty() => Some("there is nothing to show"),
            _ => None,
        }
    }

    /// Tells the pane how many rows its list shows.
    pub fn set_viewport(&mut self, rows: u16) {
        self.cursor.height = rows.into();
        self.cursor.fit(self.rows());
    }

    /// Tells the viewer beside the list where it is.
    pub fn fit(&mut self, area: Rect) {
        self.area = area;
        self.refit();
    }

    fn refit(&mut self) {
        let area = self.area;
        if let Some(viewer) = self.viewer_mut() {
            viewer.fit(area, area);
        }
    }
}

impl File {
    fn rows(&self) -> usize {
        let calls = self.archive.as_ref().map_or(0, |opened| opened.calls.len());
        1 + calls
    }

    /// Where it is on the disk; standard input is nowhere.
    fn path(&self) -> Option<&Path> {
        (self.argument != Path::new("-")).then_some(self.argument.as_path())
    }

    fn show(&mut self, viewer: Viewer, coming: bool) {
        self.state = State::Shown {
            viewer: Box::new(viewer),
            coming,
        };
    }

    fn viewers_mut(&mut self) -> impl Iterator<Item = &mut Viewer> {
        let own = match &mut self.state {
            State::Shown { viewer, .. } => Some(&mut **viewer),
            _ => None,
        };
        let foreign = self.foreign.as_mut().map(|(_, viewer)| &mut **viewer);
        own.into_iter().chain(foreign)
    }
}

/// What came back of a call, as far as anything did.
fn body_of(call: &OpenedCall) -> Bytes {
    match &call.outcome {
        Came::Answered(answered) => answered.body.clone().into(),
        Came::Failed(error) => {
            let arrived = error.arrived.as_ref();
            arrived
                .map(|arrived| arrived.body.clone().into())
                .unwrap_or_default()
        }
    }
}
