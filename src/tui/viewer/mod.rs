//! A viewer of one text, JSON or not, of any size: the body of an answer, or a file.
//!
//! ```text
//!   ┌─ area ─────────────────────────────┐    text     a document: as tree, table, indented, raw, bytes
//!   │ ▾ {} 2 keys                        │    sheet    a value whole, columns: over the pane
//!   │   ▸ "results": [] 20 items         │    search   what is looked for, and where it was found
//!   │     "stat": "ok"                   │    filter   jq
//!   │ ✗ line 3 column 5: …  (if broken)  │    yank     what is copied
//!   │ /ok▏ 1 of 1  ^R text  ^O everywhere│    work     what takes longer than a frame
//!   └────────────────────────────────────┘
//! ```
//!
//! A component like a text field, not a pane: whoever shows one gives it a place, its verbs and keys, takes its outcomes
//! and hands the [`work::Task`]s that it asks for to somebody beside the loop, whose news come back by
//! [`Viewer::heard`]. Nothing here takes longer than what is on the screen, whatever the size of the text. Deliberately
//! absent: Capture's answers, which are the response pane's, and files, clipboards and terminals.

pub mod action;
pub mod columns;
pub mod filter;
pub mod flow;
mod heard;
pub mod hex;
pub mod line;
pub mod marks;
pub mod page;
pub mod peek;
pub mod pretty;
mod renew;
pub mod search;
pub mod sheet;
pub mod table;
pub mod text;
pub mod tree;
mod view;
pub mod words;
pub mod work;
mod writing;
pub mod yank;

use ratatui::layout::Rect;

use crate::history::record::place::Way;
use crate::json::bytes::Bytes;
use crate::json::document::Document;
use crate::json::document::Fault;
use crate::json::document::NodeId;
use crate::json::literal::decode_bytes;
use crate::json::table::Sorting;
use crate::tui::action::spec::Scope;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::list_cursor::Move;
use crate::tui::viewer::action::Action;
use crate::tui::viewer::columns::ColumnChoice;
use crate::tui::viewer::columns::ColumnSheet;
use crate::tui::viewer::filter::Filter;
use crate::tui::viewer::peek::Peek;
use crate::tui::viewer::search::Hits;
use crate::tui::viewer::sheet::Sheet;
use crate::tui::viewer::text::Look;
use crate::tui::viewer::text::Text;
use crate::tui::viewer::work::FindKey;
use crate::tui::viewer::work::Part;
use crate::tui::viewer::work::Task;
use crate::tui::viewer::work::Ticket;
use crate::tui::viewer::work::Work;
use crate::tui::viewer::writing::Line;
use crate::tui::viewer::yank::LONGEST;

/// How deep a node is at most that a way is told to: records are not as deep.
const LONGEST_WAY: usize = 200;

/// A viewer of one text.
#[derive(Debug)]
pub struct Viewer {
    /// The text that one looks into.
    stand: Stand,
    /// Those that it was opened from, one inside the other, each with the path of the value.
    outer: Vec<(Stand, String)>,
    sheet: Option<Sheet>,
    line: Option<Line>,
    hits: Option<Hits>,
    /// The filters that were used, the newest last.
    filters: Vec<String>,
    /// What is to be done by others and was not taken yet.
    tasks: Vec<Task>,
    waiting: Waiting,
    /// Where the text is.
    area: Rect,
    /// Where sheets are.
    over: Rect,
}

/// A text, and what a filter made of it.
#[derive(Debug)]
struct Stand {
    whole: Text,
    filtered: Option<(Filter, Text)>,
}

impl Stand {
    fn text(&self) -> &Text {
        match &self.filtered {
            Some((_, text)) => text,
            None => &self.whole,
        }
    }

    fn text_mut(&mut self) -> &mut Text {
        match &mut self.filtered {
            Some((_, text)) => text,
            None => &mut self.whole,
        }
    }
}

/// What is waited for, beside what each text waits for.
#[derive(Debug, Default)]
struct Waiting {
    search: Option<Ticket>,
    filter: Option<Ticket>,
    readings: Option<Ticket>,
    sort: Option<Ticket>,
    profile: Option<Ticket>,
    key: Option<Ticket>,
    save: Option<Ticket>,
}

/// What happened in a viewer that concerns the rest of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This text is to be copied: what it is, and the text.
    Copy(String, String),
    /// Something to know.
    Told(String),
    /// Something cannot be done.
    Refused(String),
    /// This text is to be read in a program of the user's.
    Outside(Outside),
}

/// A text to be read in a program of the user's, which gets a copy of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// In which.
    pub program: Program,
    /// The text.
    pub bytes: Bytes,
}

/// A program of the user's that shows texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `$PAGER`.
    Pager,
    /// `$VISUAL` or `$EDITOR`.
    Editor,
}

impl Viewer {
    /// A viewer of this text, of which the beginning is read.
    pub fn open(bytes: impl Into<Bytes>) -> Self {
        let (whole, indexer) = Text::open(bytes);
        let mut viewer = Self::of(whole);
        if let Some(indexer) = indexer {
            viewer.stand.whole.reading = Some(viewer.ask(Work::Read(Box::new(indexer))));
        }
        viewer
    }

    /// A viewer of a text that is read as far as it has come.
    pub fn so_far(document: Document) -> Self {
        Self::of(Text::of(document))
    }

    fn of(whole: Text) -> Self {
        Self {
            stand: Stand {
                whole,
                filtered: None,
            },
            outer: Vec::new(),
            sheet: None,
            line: None,
            hits: None,
            filters: Vec::new(),
            tasks: Vec::new(),
            waiting: Waiting::default(),
            area: Rect::default(),
            over: Rect::default(),
        }
    }

    /// The document that is viewed: that which a filter gave while one is on.
    pub fn document(&self) -> &Document {
        &self.text().document
    }

    /// The first place where the text is no JSON. Several documents one after the other, as in NDJSON, are none.
    pub fn fault(&self) -> Option<&Fault> {
        self.document().faults().first()
    }

    /// Goes to the value at this path, as far as it is read.
    pub fn go_to(&mut self, path: &str) {
        let text = self.text_mut();
        if let Some(node) = text.document.find(path) {
            let offset = text.document.offset(node);
            text.show(offset);
        }
    }

    /// The node the cursor is on; none where there are no nodes to go to.
    pub fn node(&self) -> Option<NodeId> {
        self.text().node()
    }

    /// Goes where another viewer is, of a text that has the same places.
    pub fn go_where(&mut self, other: &Self) {
        if let (Some(node), true) = (other.node(), other.outer.is_empty()) {
            self.go_to(&other.document().attr_path(node));
        }
    }

    /// The way from the whole to the node that the cursor is on; `None` where the text is not the whole, but filtered or
    /// from inside a value.
    pub fn way(&self) -> Option<Vec<Way>> {
        if self.stand.filtered.is_some() || !self.outer.is_empty() {
            return None;
        }
        let document = self.document();
        let mut steps = document.lineage(self.node()?, LONGEST_WAY);
        if steps.len() == LONGEST_WAY {
            return None;
        }
        // The outermost is the whole.
        steps.pop();
        let way = steps
            .iter()
            .rev()
            .map(|step| match document.key(step.node) {
                Some(name) => Way::Member(name.into_owned()),
                None => Way::Element(step.place),
            });
        Some(way.collect())
    }

    fn text(&self) -> &Text {
        self.stand.text()
    }

    fn text_mut(&mut self) -> &mut Text {
        self.stand.text_mut()
    }

    /// Takes what is to be done by somebody beside the loop; see [`work::carry_out`].
    pub fn take_tasks(&mut self) -> Vec<Task> {
        std::mem::take(&mut self.tasks)
    }

    fn ask(&mut self, work: Work) -> Ticket {
        let (ticket, stub) = Ticket::new();
        self.tasks.push(Task { stub, work });
        ticket
    }

    /// The scopes whose keys work here, the innermost first.
    pub fn scopes(&self) -> Vec<Scope> {
        match (&self.line, &self.sheet) {
            (Some(_), _) => vec![Scope::ViewerLine],
            (None, Some(_)) => vec![Scope::Peek],
            (None, None) => vec![Scope::Viewer],
        }
    }

    /// Whether plain characters belong to a line that is being written.
    pub fn is_typing(&self) -> bool {
        self.line.is_some()
    }

    /// The word for what is written or lies over the text, for the footer.
    pub fn mode_name(&self) -> Option<&'static str> {
        match (&self.line, &self.sheet) {
            (Some(line), _) => Some(line.mode_name()),
            (None, sheet) => Some(sheet.as_ref()?.mode_name()),
        }
    }

    /// Takes off what lies on the text, one thing at a time: a search, a filter, the value that it was opened from. Says
    /// whether there was anything.
    pub fn step_back(&mut self) -> bool {
        if self.hits.is_some() {
            self.drop_search();
        } else if self.stand.filtered.take().is_some() {
            self.leave_text();
        } else if let Some((stand, _)) = self.outer.pop() {
            self.leave_text();
            self.stand = stand;
        } else {
            return false;
        }
        self.refit();
        true
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        let text = self.text();
        let in_table = text.look == Look::Table;
        match action {
            Action::LineComplete => (!matches!(self.line, Some(Line::Filter { .. })))
                .then_some("only filters are completed"),
            Action::LineRegex | Action::LineScope | Action::LineCase => {
                (!matches!(self.line, Some(Line::Search(_)))).then_some("this is for a search")
            }
            Action::PeekEscapes | Action::PeekReading | Action::PeekInside => {
                self.refuses_in_value(action)
            }
            Action::Fold | Action::Unfold if in_table => None,
            Action::Toggle if text.look == Look::Pretty || in_table => None,
            Action::Toggle
            | Action::Fold
            | Action::Unfold
            | Action::FoldAll
            | Action::UnfoldAll
            | Action::ToggleSiblings
            | Action::FoldTo(_)
            | Action::NextSibling
            | Action::PreviousSibling
            | Action::Parent
            | Action::Wrap
                if text.look != Look::Tree =>
            {
                Some(if text.has_tree() {
                    "this is for the tree: <viewer.next-look> goes there"
                } else {
                    "the body is not JSON: nothing in it can be folded"
                })
            }
            Action::ToFault if self.fault().is_none() => Some("nothing is wrong with this JSON"),
            Action::NextSameKey | Action::PreviousSameKey if text.key().is_none() => {
                Some("this has no key: it is an element or the whole")
            }
            Action::Peek | Action::Yank(_) if text.node().is_none() => {
                Some("there is no value here")
            }
            Action::Filter if !self.stand.whole.has_tree() => {
                Some("jq filters JSON, and this is none")
            }
            Action::NextHit | Action::PreviousHit if self.hits.is_none() => {
                Some("nothing is looked for: <viewer.search> begins a search")
            }
            Action::Sort | Action::Columns | Action::Column if !in_table => Some(
                "this is for the table: <viewer.next-look> goes there from an array of objects",
            ),
            Action::Sort | Action::Column if !text.document.is_complete() => {
                Some("the text is still being read")
            }
            _ => None,
        }
    }

    fn refuses_in_value(&self, action: Action) -> Option<&'static str> {
        let Some(Sheet::Value(peek)) = &self.sheet else {
            return Some("this is for a value");
        };
        match action {
            Action::PeekEscapes if !peek.has_escapes() => Some("only strings have escapes"),
            Action::PeekReading if !peek.has_readings() => {
                Some("captui knows nothing else that this may mean")
            }
            Action::PeekInside if peek.inside().is_none() => {
                Some("there is no document inside this value")
            }
            _ => None,
        }
    }

    /// Handles an event.
    pub fn update(&mut self, event: PaneEvent<Action>) -> Option<Outcome> {
        let outcome = match event {
            PaneEvent::Act(action) => self.act(action),
            PaneEvent::Key(key) => {
                self.typed(|input| input.key(key));
                None
            }
            PaneEvent::Paste(text) => {
                self.typed(|input| input.paste(&text));
                None
            }
            PaneEvent::Scroll(rows) => {
                self.scroll(rows.into());
                None
            }
            PaneEvent::Click { column, row } => {
                self.click(column, row);
                None
            }
        };
        self.refit();
        outcome
    }

    fn act(&mut self, action: Action) -> Option<Outcome> {
        match action {
            Action::Down => self.text_mut().go(Move::By(1)),
            Action::Up => self.text_mut().go(Move::By(-1)),
            Action::PageDown => self.text_mut().go(Move::Pages(1)),
            Action::PageUp => self.text_mut().go(Move::Pages(-1)),
            Action::First => self.text_mut().go(Move::First),
            Action::Last => self.text_mut().go(Move::Last),
            Action::NextSameKey => self.find_key(true),
            Action::PreviousSameKey => self.find_key(false),
            Action::ToFault => {
                let fault = self.fault().map(|fault| fault.offset);
                if let Some(offset) = fault {
                    self.text_mut().show(offset);
                }
            }
            Action::NextSibling
            | Action::PreviousSibling
            | Action::Parent
            | Action::Toggle
            | Action::Fold
            | Action::Unfold
            | Action::FoldAll
            | Action::UnfoldAll
            | Action::ToggleSiblings
            | Action::FoldTo(_)
            | Action::Wrap => self.act_in_tree(action),
            Action::Peek => self.open_value(),
            Action::NextLook | Action::PreviousLook => {
                let area = self.parts().text;
                let forward = action == Action::NextLook;
                self.text_mut().look_otherwise(forward, area);
            }
            Action::Yank(yank) => {
                let copied = yank::text(self.document(), self.node()?, yank);
                return Some(match copied {
                    Ok((what, text)) => Outcome::Copy(what, text),
                    Err(why) => Outcome::Refused(why),
                });
            }
            Action::YankAll => return Some(self.yank_all()),
            Action::Pager => return Some(self.outside(Program::Pager)),
            Action::Editor => return Some(self.outside(Program::Editor)),
            Action::Search => self.begin_search(),
            Action::NextHit => return self.go_to_hit(true),
            Action::PreviousHit => return self.go_to_hit(false),
            Action::Filter => self.begin_filter(),
            Action::Save => self.begin_saving(),
            Action::Sort => self.sort(),
            Action::Columns => self.sheet = Some(Sheet::Columns(ColumnChoice::default())),
            Action::Column => self.open_column(),
            Action::ClosePeek
            | Action::PeekDown
            | Action::PeekUp
            | Action::PeekMore
            | Action::PeekPageDown
            | Action::PeekPageUp
            | Action::PeekFirst
            | Action::PeekLast
            | Action::PeekEscapes
            | Action::PeekReading
            | Action::PeekInside => self.act_on_sheet(action),
            Action::LineEnter
            | Action::LineLeave
            | Action::LineComplete
            | Action::LineOlder
            | Action::LineNewer
            | Action::LineRegex
            | Action::LineScope
            | Action::LineCase => return self.act_in_line(action),
        }
        None
    }

    fn act_in_tree(&mut self, action: Action) {
        let area = self.parts().text;
        let text = self.stand.text_mut();
        let (document, tree) = (&text.document, &mut text.tree);
        match action {
            Action::Fold | Action::Unfold if text.look == Look::Table => {
                let by = if action == Action::Fold { -1 } else { 1 };
                if let Some(table) = &mut text.table {
                    table.step_column(by);
                }
            }
            Action::Toggle if text.look != Look::Tree => text.look_at(Look::Tree, area),
            Action::NextSibling => tree.to_sibling(document, true),
            Action::PreviousSibling => tree.to_sibling(document, false),
            Action::Parent => tree.to_parent(document),
            Action::Toggle if !tree.can_fold(document) => self.open_value(),
            Action::Toggle => tree.toggle(document),
            Action::Fold => tree.fold(document),
            Action::Unfold => tree.unfold(document),
            Action::FoldAll => tree.fold_all(document),
            Action::UnfoldAll => tree.unfold_all(document),
            Action::ToggleSiblings => tree.toggle_siblings(document),
            Action::FoldTo(level) => tree.fold_to(document, level),
            Action::Wrap => tree.wraps = !tree.wraps,
            _ => {}
        }
    }

    fn act_on_sheet(&mut self, action: Action) {
        let text = self.stand.text_mut();
        let Some(sheet) = &mut self.sheet else {
            return;
        };
        match (action, sheet) {
            (Action::ClosePeek, _) => self.sheet = None,
            (Action::PeekDown, sheet) => sheet.go(text, Move::By(1)),
            (Action::PeekUp, sheet) => sheet.go(text, Move::By(-1)),
            (Action::PeekMore, Sheet::Columns(choice)) => {
                if let Some(table) = &mut text.table {
                    table.toggle_column(choice.at());
                }
            }
            (Action::PeekMore | Action::PeekPageDown, sheet) => sheet.go(text, Move::Pages(1)),
            (Action::PeekPageUp, sheet) => sheet.go(text, Move::Pages(-1)),
            (Action::PeekFirst, sheet) => sheet.go(text, Move::First),
            (Action::PeekLast, sheet) => sheet.go(text, Move::Last),
            (Action::PeekEscapes, Sheet::Value(peek)) => {
                peek.toggle_escapes(text.document.bytes());
            }
            (Action::PeekReading, Sheet::Value(peek)) => peek.turn(),
            (Action::PeekInside, Sheet::Value(peek)) => {
                if let Some((bytes, path)) = peek.inside() {
                    self.open_inside(bytes, path);
                }
            }
            _ => {}
        }
    }

    fn scroll(&mut self, rows: isize) {
        let text = self.stand.text_mut();
        match &mut self.sheet {
            Some(sheet) => sheet.go(text, Move::By(rows)),
            None => text.scroll(rows),
        }
    }

    /// A click at a place of the text's area: goes to the row; on its mark, or on the row that one is on, it folds or
    /// shows the value.
    fn click(&mut self, column: u16, row: u16) {
        if self.sheet.take().is_some() || row >= self.parts().text.height {
            return;
        }
        let text = self.stand.text_mut();
        let again = match (text.look, &mut text.table) {
            (Look::Tree, _) => text.tree.click(&text.document, column, row) == Some(true),
            (Look::Table, Some(table)) => table.click(row),
            _ => false,
        };
        if again {
            self.act(Action::Toggle);
        }
    }

    /// Shows the value under the cursor on a sheet, and asks what else it may mean.
    fn open_value(&mut self) {
        let Some(node) = self.node() else { return };
        let room = usize::from(self.over.width).saturating_sub(30).max(10);
        let document = self.document();
        let path = words::path(document, node, room);
        let part = Part {
            bytes: document.bytes().clone(),
            range: document.range(node),
        };
        let peek = Peek::new(document, node, path);
        self.sheet = Some(Sheet::Value(peek));
        self.waiting.readings = Some(self.ask(Work::Readings(part)));
    }

    /// Opens a document that is inside a value.
    fn open_inside(&mut self, bytes: Bytes, path: String) {
        let (whole, indexer) = Text::open(bytes);
        let inner = Stand {
            whole,
            filtered: None,
        };
        let outer = std::mem::replace(&mut self.stand, inner);
        self.outer.push((outer, path));
        self.sheet = None;
        self.leave_text();
        if let Some(indexer) = indexer {
            self.stand.whole.reading = Some(self.ask(Work::Read(Box::new(indexer))));
        }
    }

    /// Asks what the column holds that one is in.
    fn open_column(&mut self) {
        let text = self.text();
        let Some(table) = &text.table else { return };
        let Some(column) = table.column().cloned() else {
            return;
        };
        let work = Work::Profile(text.document.clone(), table.array());
        self.sheet = Some(Sheet::Column(ColumnSheet::new(column)));
        self.waiting.profile = Some(self.ask(work));
    }

    fn sort(&mut self) {
        self.waiting.sort = None;
        let text = self.stand.text_mut();
        let Some(table) = &mut text.table else { return };
        if let Some((column, direction)) = table.sort() {
            let document = text.document.clone();
            let sorting = Sorting::new(&document, table.array(), column, direction);
            self.waiting.sort = Some(self.ask(Work::Sort(document, sorting)));
        }
    }

    fn find_key(&mut self, forward: bool) {
        let text = self.text();
        if let Some((place, key)) = text.key() {
            let work = FindKey {
                bytes: text.document.bytes().clone(),
                key: key.to_vec(),
                from: place.start,
                forward,
            };
            self.waiting.key = Some(self.ask(Work::FindKey(work)));
        }
    }

    fn yank_all(&self) -> Outcome {
        let bytes = self.document().bytes();
        if bytes.len() > LONGEST {
            return Outcome::Refused(yank::too_long("this", bytes.len()));
        }
        let text = decode_bytes(bytes).into_owned();
        Outcome::Copy("all of it".to_owned(), text)
    }

    fn outside(&self, program: Program) -> Outcome {
        let bytes = self.document().bytes().clone();
        Outcome::Outside(Outside { program, bytes })
    }

    /// Tells the viewer where it is: the text in `area`, sheets over `over`.
    pub fn fit(&mut self, area: Rect, over: Rect) {
        self.area = area;
        self.over = over;
        self.refit();
    }

    fn refit(&mut self) {
        let place = self.parts().text;
        let text = self.stand.text_mut();
        text.fit(place);
        if let Some(sheet) = &mut self.sheet {
            sheet.fit(text, view::inside_sheet(self.over));
        }
    }

    /// What the frame notes, the most important first, in a frame `width` columns wide.
    pub fn notes(&self, width: u16) -> Vec<String> {
        let mut notes = self.text().notes(width);
        if let Some(hits) = &self.hits {
            notes.push(hits.in_words(self.document()));
        }
        if let Some((filter, _)) = &self.stand.filtered {
            notes.push(format!("jq {}: {}", filter.program, filter.words));
        }
        if let Some((_, path)) = self.outer.last() {
            notes.push(format!("inside {path}"));
        }
        notes
    }
}
