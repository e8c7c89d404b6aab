//! What sample data says of a schema: each attribute with its evidence, its constraints to be accepted, its types to choose
//! between. Enter opens the design that it comes to.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::capture::attr_type::AttrType;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::infer::Evidence;
use crate::capture::schema::infer::Inferred;
use crate::capture::schema::infer::Item;
use crate::json::sanitize;
use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;

/// How wide it is at most.
const WIDTH: u16 = 120;

/// Rows for what is told of the attribute under the cursor, and the keys.
const FOOT: u16 = 7;

/// Columns of a type.
const TYPE: u16 = 14;

/// A proposal, being looked at.
#[derive(Debug)]
pub struct SampleSheet {
    inferred: Inferred,
    /// The proposal as it was inferred, whose types can be chosen again.
    first: Inferred,
    past: Vec<Inferred>,
    rows: Vec<Row>,
    cursor: ListCursor,
    complaint: Option<String>,
}

/// A row: an attribute, or a constraint that could be set on it; by its place among the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    Item(usize),
    Candidate(usize, usize),
}

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing beyond the sheet.
    Open,
    /// Go back.
    Back,
    /// Open the design of these definitions.
    Design(Vec<AttrDef>),
}

impl SampleSheet {
    /// The sheet for a proposal.
    pub fn new(inferred: Inferred) -> Self {
        let mut sheet = Self {
            first: inferred.clone(),
            inferred,
            past: Vec::new(),
            rows: Vec::new(),
            cursor: ListCursor::default(),
            complaint: None,
        };
        sheet.rebuild();
        sheet
    }

    fn rebuild(&mut self) {
        let under_cursor = self.rows.get(self.cursor.at).copied();
        let rows = self
            .inferred
            .items
            .iter()
            .enumerate()
            .flat_map(|(at, item)| {
                let candidates = (0..item.candidates.len()).map(move |of| Row::Candidate(at, of));
                std::iter::once(Row::Item(at)).chain(candidates)
            });
        self.rows = rows.collect();
        let at = self.rows.iter().position(|row| Some(*row) == under_cursor);
        self.cursor.put(at.unwrap_or(0), self.rows.len());
    }

    fn item(&self) -> Option<&Item> {
        let at = match self.rows.get(self.cursor.at)? {
            Row::Item(at) | Row::Candidate(at, _) => *at,
        };
        self.inferred.items.get(at)
    }

    /// Handles a key.
    pub fn key(&mut self, key: KeyEvent) -> Reply {
        let len = self.rows.len();
        self.complaint = None;
        match key.code {
            KeyCode::Esc | KeyCode::Char('q') => return Reply::Back,
            KeyCode::Enter => return Reply::Design(self.inferred.to_attr_defs()),
            KeyCode::Down | KeyCode::Char('j') => self.cursor.go(Move::By(1), len),
            KeyCode::Up | KeyCode::Char('k') => self.cursor.go(Move::By(-1), len),
            KeyCode::PageDown => self.cursor.go(Move::By(10), len),
            KeyCode::PageUp => self.cursor.go(Move::By(-10), len),
            KeyCode::Home => self.cursor.go(Move::First, len),
            KeyCode::End | KeyCode::Char('G') => self.cursor.go(Move::Last, len),
            KeyCode::Char(' ') => self.toggle(),
            KeyCode::Char('t') => self.next_type(),
            KeyCode::Char('u') => match self.past.pop() {
                Some(before) => {
                    self.inferred = before;
                    self.rebuild();
                }
                None => self.complaint = Some("there is nothing to take back".to_owned()),
            },
            _ => {}
        }
        Reply::Open
    }

    /// Accepts the constraint under the cursor, or takes it back.
    fn toggle(&mut self) {
        let Some(Row::Candidate(at, of)) = self.rows.get(self.cursor.at).copied() else {
            let has_some = self.item().is_some_and(|item| !item.candidates.is_empty());
            self.complaint = Some(if has_some {
                "Space is for the constraints below: ↓".to_owned()
            } else {
                "nothing that was seen proposes a constraint here".to_owned()
            });
            return;
        };
        let Some(item) = self.inferred.items.get(at) else {
            return;
        };
        let Some(candidate) = item.candidates.get(of) else {
            return;
        };
        let (path, constraint) = (item.path.clone(), candidate.constraint.clone());
        let is_set = item.def.has(&constraint);
        let before = self.inferred.clone();
        let done = if is_set {
            self.inferred.decline(&path, &constraint)
        } else {
            self.inferred.accept(&path, constraint)
        };
        self.did(before, done.err().map(|error| error.to_string()));
    }

    /// Gives the attribute under the cursor the next type that all of its values have.
    fn next_type(&mut self) {
        let Some(item) = self.item() else {
            return;
        };
        let path = item.path.clone();
        let types = self.types_of(&path);
        let name = item.def.attr_type.name().to_owned();
        let at = types.iter().position(|other| other.name() == name);
        let next = types.get((at.unwrap_or(0) + 1) % types.len().max(1));
        let Some(next) = next.filter(|next| next.name() != name).cloned() else {
            self.complaint = Some("what was seen fits no other type".to_owned());
            return;
        };
        let before = self.inferred.clone();
        let done = self.inferred.set_type(&path, next);
        self.did(before, done.err().map(|error| error.to_string()));
    }

    /// The type that was inferred, and the others that fit.
    fn types_of(&self, path: &AttrPath) -> Vec<AttrType> {
        let Some(first) = self.first.item(path) else {
            return Vec::new();
        };
        let own = std::iter::once(first.def.attr_type.clone());
        own.chain(first.alternatives.iter().cloned()).collect()
    }

    fn did(&mut self, before: Inferred, complaint: Option<String>) {
        if before != self.inferred {
            self.past.push(before);
        }
        self.complaint = complaint;
        self.rebuild();
    }

    /// Draws the sheet in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let width = WIDTH.min(area.width.saturating_sub(2));
        let height = (self.rows.len() as u16)
            .saturating_add(FOOT + 2)
            .min(area.height.saturating_sub(2));
        let records = match self.inferred.records {
            1 => "1 record".to_owned(),
            count => format!("{count} records"),
        };
        let title = format!("A schema for {records}");
        let inside = popup(buf, centred(area, width, height), &title, theme);
        let rows = Rect {
            height: inside.height.saturating_sub(FOOT),
            ..inside
        };
        let mut cursor = self.cursor;
        cursor.height = rows.height.into();
        cursor.fit(self.rows.len());
        let view = cursor.view(self.rows.len(), true);
        list::draw(buf, rows, view, theme, |at| match self.rows.get(at) {
            Some(Row::Item(at)) => self.item_line(*at, rows.width, theme),
            Some(Row::Candidate(at, of)) => self.candidate_line(*at, *of, theme),
            None => Line::default(),
        });
        let foot = Rect {
            y: rows.bottom(),
            height: inside.bottom().saturating_sub(rows.bottom()),
            ..inside
        };
        self.view_foot(theme, foot, buf);
    }

    fn view_foot(&self, theme: &Theme, foot: Rect, buf: &mut Buffer) {
        let rule = theme.glyphs.rule.repeat(foot.width.into());
        text::put(buf, foot.x, foot.y, foot.width, &rule, theme.border);
        let told = Rect {
            y: foot.y + 1,
            height: foot.height.saturating_sub(3),
            ..foot
        };
        let mut lines = Vec::new();
        if let Some(complaint) = &self.complaint {
            lines.push((complaint.clone(), theme.warning));
        }
        if let Some(item) = self.item() {
            lines.push((item.evidence.decision.clone(), theme.text));
            let others: Vec<String> = item.alternatives.iter().map(AttrType::describe).collect();
            if !others.is_empty() {
                lines.push((format!("fits as well: {}", others.join(", ")), theme.dim));
            }
            if !item.evidence.examples.is_empty() {
                let examples = item.evidence.examples.join("  ");
                lines.push((format!("e.g. {}", sanitize::clean(&examples)), theme.dim));
            }
        }
        lines.extend(
            self.inferred
                .notes
                .iter()
                .map(|note| (note.clone(), theme.dim)),
        );
        paragraphs::put(buf, told, &lines);
        let keys = "Space accepts   t another type   u takes back   Enter designs it   Esc back";
        let y = foot.bottom().saturating_sub(1);
        text::put(buf, foot.x, y, foot.width, keys, theme.dim);
    }

    fn item_line(&self, at: usize, width: u16, theme: &Theme) -> Line<'static> {
        let Some(item) = self.inferred.items.get(at) else {
            return Line::default();
        };
        let names = (width / 3).clamp(16, 40);
        let indent = "  ".repeat(item.path.0.len().saturating_sub(1));
        let name = cell(&format!("{indent}{}", item.def.name), names);
        let attr_type = cell(&item.def.attr_type.describe(), TYPE);
        Line::from(vec![
            Span::styled(name, theme.text),
            Span::styled(attr_type, theme.json_literal),
            Span::styled(evidence(&item.evidence), theme.dim),
        ])
    }

    fn candidate_line(&self, at: usize, of: usize, theme: &Theme) -> Line<'static> {
        let item = self.inferred.items.get(at);
        let Some((item, candidate)) = item.and_then(|item| Some((item, item.candidates.get(of)?)))
        else {
            return Line::default();
        };
        let is_set = item.def.has(&candidate.constraint);
        let (mark, style) = if is_set {
            ("[x]", theme.ok)
        } else {
            ("[ ]", theme.text)
        };
        let indent = "  ".repeat(item.path.0.len());
        Line::from(vec![
            Span::styled(
                format!("{indent}{mark} {}", candidate.constraint.name()),
                style,
            ),
            Span::styled(format!("   {}", candidate.reason), theme.dim),
        ])
    }
}

/// A text in a column, and a cell of room.
fn cell(content: &str, cells: u16) -> String {
    let shown = text::fit(content, cells);
    let room = cells + 1 - text::width_up_to(&shown, cells);
    format!("{shown}{}", " ".repeat(room.into()))
}

/// What was seen, in short: `42 of 50, longest 31, e.g. Oslo`.
fn evidence(evidence: &Evidence) -> String {
    let mut words = format!("{} of {}", evidence.values, evidence.of);
    if evidence.nulls > 0 {
        words = format!("{words}, {} null", evidence.nulls);
    }
    if let Some(longest) = evidence.longest {
        words = format!("{words}, longest {longest}");
    }
    if let Some(example) = evidence.examples.first() {
        words = format!("{words}, e.g. {}", sanitize::clean(example));
    }
    words
}
