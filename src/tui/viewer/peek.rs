//! One value whole, on a sheet over the viewer.
//!
//! A string is shown as what it says or as it is written; an object or array indented. Nothing of a long value is
//! copied but the rows in sight. Used by the viewer, which hands in the document's bytes.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::json::bytes::Bytes;
use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::json::inspect::Reading;
use crate::json::print;
use crate::json::print::Form;
use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::viewer::flow::Escapes;
use crate::tui::viewer::marks::Marks;
use crate::tui::viewer::page::Page;
use crate::tui::viewer::words;

/// Up to how many bytes an object or array is indented; longer ones are shown as they came.
const INDENTED: usize = 1 << 20;

/// One value whole.
#[derive(Debug)]
pub struct Peek {
    kind: Kind,
    what: What,
    page: Page,
    /// The path, for the title.
    path: String,
    /// What the value may mean besides.
    readings: Vec<Shown>,
    /// Which of them is on view; the value itself when none.
    reading: Option<usize>,
}

/// A reading, laid out like any text.
#[derive(Debug)]
struct Shown {
    title: String,
    text: Bytes,
    inside: Option<Bytes>,
}

/// What the sheet shows.
#[derive(Debug)]
enum What {
    /// These bytes of the document.
    Part(Range<usize>),
    /// Something made of the value.
    Made(Bytes),
}

impl Peek {
    /// The sheet for a node.
    pub fn new(document: &Document, node: NodeId, path: String) -> Self {
        let kind = document.kind(node);
        let range = document.range(node);
        let what = match kind {
            Kind::Object | Kind::Array if range.len() <= INDENTED => {
                let raw = &document.bytes()[range];
                What::Made(print::print(raw, Form::Indented).into())
            }
            Kind::String if range.len() >= 2 => What::Part(range.start + 1..range.end - 1),
            _ => What::Part(range),
        };
        let mut page = Page::default();
        if kind == Kind::String {
            page.escapes = Escapes::Read;
        }
        Self {
            kind,
            what,
            page,
            path,
            readings: Vec::new(),
            reading: None,
        }
    }

    /// Takes what the value may mean besides.
    pub fn known(&mut self, readings: Vec<Reading>) {
        let shown = readings.into_iter().map(|reading| Shown {
            title: reading.title,
            text: reading.lines.join("\n").into(),
            inside: reading.inside.map(Bytes::from),
        });
        self.readings = shown.collect();
    }

    /// Whether the value may mean anything besides.
    pub fn has_readings(&self) -> bool {
        !self.readings.is_empty()
    }

    /// Shows the next reading, or the value itself after the last.
    pub fn turn(&mut self) {
        let next = self.reading.map_or(0, |at| at + 1);
        self.reading = (next < self.readings.len()).then_some(next);
        let escapes = match (self.kind, self.reading) {
            (Kind::String, None) => Escapes::Read,
            _ => Escapes::Written,
        };
        self.page = Page::default();
        self.page.escapes = escapes;
    }

    /// The document inside the value, with its path, as the reading on view has it, or the first that has one.
    pub fn inside(&self) -> Option<(Bytes, String)> {
        let on_view = self.reading.and_then(|at| self.readings.get(at));
        let mut all = on_view.into_iter().chain(&self.readings);
        let inside = all.find_map(|shown| shown.inside.clone())?;
        Some((inside, self.path.clone()))
    }

    fn bytes<'a>(&'a self, document: &'a [u8]) -> &'a [u8] {
        if let Some(shown) = self.reading.and_then(|at| self.readings.get(at)) {
            return &shown.text;
        }
        match &self.what {
            What::Part(range) => document.get(range.clone()).unwrap_or_default(),
            What::Made(bytes) => bytes,
        }
    }

    /// Whether the value has escapes to read.
    pub fn has_escapes(&self) -> bool {
        self.kind == Kind::String && self.reading.is_none()
    }

    /// Reads escapes, or shows them as they are written.
    pub fn toggle_escapes(&mut self, document: &[u8]) {
        let mut page = std::mem::take(&mut self.page);
        page.toggle_escapes(self.bytes(document));
        self.page = page;
    }

    /// Scrolls.
    pub fn go(&mut self, document: &[u8], to: Move) {
        let mut page = std::mem::take(&mut self.page);
        page.go(self.bytes(document), to);
        self.page = page;
    }

    /// Fits the text into `area`.
    pub fn fit(&mut self, document: &[u8], area: Rect) {
        let mut page = std::mem::take(&mut self.page);
        page.fit(self.bytes(document), area);
        self.page = page;
    }

    /// What the sheet is called: the path, and what the value is read as.
    pub fn title(&self) -> String {
        match self.reading.and_then(|at| self.readings.get(at)) {
            Some(shown) => format!("{} · {}", self.path, shown.title),
            None => self.path.clone(),
        }
    }

    /// What it notes: how long the value is, how it is shown, what else it may mean.
    pub fn notes(&self, document: &[u8]) -> Vec<String> {
        let mut notes = vec![words::bytes(self.bytes(document).len())];
        if !self.readings.is_empty() {
            let at = self.reading.map_or(0, |at| at + 1);
            let count = self.readings.len();
            notes.push(match self.readings.get(at) {
                Some(next) => format!("r: {}", next.title),
                None => format!("r: the value, {at} of {count}"),
            });
        }
        if self.has_escapes() {
            notes.push(match self.page.escapes {
                Escapes::Read => "escapes read".to_owned(),
                Escapes::Written => "as written".to_owned(),
            });
        }
        notes
    }

    /// Draws the text.
    pub fn view(
        &self,
        document: &[u8],
        marks: Option<&Marks<'_>>,
        theme: &Theme,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let marks = match &self.what {
            What::Part(range) if self.reading.is_none() => marks.map(|marks| (marks, range.start)),
            What::Part(_) | What::Made(_) => None,
        };
        self.page
            .view(self.bytes(document), marks, theme, area, buf);
    }
}
