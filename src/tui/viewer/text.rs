//! One document and where one is in it, whichever way it is looked at.
//!
//! The viewer has one of the text that it was given, and another while a filter or a value stands in its place.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::json::bytes::Bytes;
use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::json::index::reader::Indexer;
use crate::json::index::reader::Piece;
use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::viewer::hex::Hex;
use crate::tui::viewer::marks::Marks;
use crate::tui::viewer::page::Page;
use crate::tui::viewer::pretty::Pretty;
use crate::tui::viewer::table::Table;
use crate::tui::viewer::tree::Tree;
use crate::tui::viewer::words;
use crate::tui::viewer::work::Ticket;

/// One document and where one is in it.
#[derive(Debug)]
pub struct Text {
    /// The document.
    pub document: Document,
    /// The way it is looked at.
    pub look: Look,
    /// Its nodes.
    pub tree: Tree,
    /// An array of it as a table.
    pub table: Option<Table>,
    /// Held while somebody reads on.
    pub reading: Option<Ticket>,
    pretty: Pretty,
    raw: Page,
    hex: Hex,
}

/// A way of looking at a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Its nodes.
    Tree,
    /// An array of it as a table.
    Table,
    /// Indented.
    Pretty,
    /// As it came.
    Raw,
    /// Its bytes.
    Hex,
}

impl Look {
    const ALL: [Self; 5] = [Self::Tree, Self::Table, Self::Pretty, Self::Raw, Self::Hex];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Table => "table",
            Self::Pretty => "text",
            Self::Raw => "raw",
            Self::Hex => "hex",
        }
    }
}

impl Text {
    /// A document of these bytes, and what reads the rest of it.
    pub fn open(bytes: impl Into<Bytes>) -> (Self, Option<Indexer>) {
        let (document, indexer) = Document::open(bytes);
        (Self::of(document), indexer)
    }

    /// A document that is read.
    pub fn of(document: Document) -> Self {
        let mut text = Self {
            tree: Tree::new(&document),
            look: Look::Tree,
            table: None,
            reading: None,
            pretty: Pretty::default(),
            raw: Page::default(),
            hex: Hex::default(),
            document,
        };
        if !text.has_tree() {
            text.look = if text.is_binary() {
                Look::Hex
            } else {
                Look::Raw
            };
        }
        text
    }

    /// Takes a document that begins like this one and goes on.
    pub fn renew(&mut self, document: Document) {
        let had_tree = self.has_tree();
        self.document = document;
        self.tree.grow(&self.document);
        if !had_tree && self.has_tree() && self.look != Look::Hex {
            self.look = Look::Tree;
        }
    }

    /// Whether there are nodes to show.
    pub fn has_tree(&self) -> bool {
        let root = self.document.root();
        root.is_some_and(|root| self.document.kind(root) != Kind::Broken)
    }

    /// Whether the beginning holds bytes that no text has.
    fn is_binary(&self) -> bool {
        let bytes = self.document.bytes();
        bytes[..bytes.len().min(4096)].contains(&0)
    }

    /// Takes what was read next.
    pub fn absorb(&mut self, piece: Piece) {
        let had_tree = self.has_tree();
        self.document.absorb(piece);
        self.tree.grow(&self.document);
        if !had_tree && self.has_tree() && self.look != Look::Hex {
            self.look = Look::Tree;
        }
    }

    /// The node that one is at; none where there are no nodes.
    pub fn node(&self) -> Option<NodeId> {
        match self.look {
            Look::Tree => self.tree.node(&self.document),
            Look::Table => self
                .table
                .as_ref()
                .and_then(|table| table.node(&self.document)),
            Look::Pretty => self.pretty.node(&self.document),
            Look::Raw => self.document.node_at(self.raw.top()),
            Look::Hex => self.document.node_at(self.hex.top()),
        }
    }

    /// The place that one is at, in bytes.
    pub fn place(&self) -> usize {
        match self.look {
            Look::Raw => self.raw.top(),
            Look::Hex => self.hex.top(),
            Look::Tree | Look::Table | Look::Pretty => {
                self.node().map_or(0, |node| self.document.offset(node))
            }
        }
    }

    /// Moves.
    pub fn go(&mut self, to: Move) {
        match self.look {
            Look::Tree => self.tree.go(to),
            Look::Table => {
                if let Some(table) = &mut self.table {
                    table.go(to);
                }
            }
            Look::Pretty => self.pretty.go(&self.document, to),
            Look::Raw => self.raw.go(self.document.bytes(), to),
            Look::Hex => self.hex.go(self.document.bytes(), to),
        }
    }

    /// Scrolls.
    pub fn scroll(&mut self, rows: isize) {
        match self.look {
            Look::Tree => self.tree.scroll(rows),
            _ => self.go(Move::By(rows)),
        }
    }

    /// Shows the place after `offset` bytes.
    pub fn show(&mut self, offset: usize) {
        let node = self.document.node_at(offset);
        match (self.look, node) {
            (Look::Tree, Some(node)) => self.tree.reveal(&self.document, node),
            (Look::Table, Some(node)) => {
                if let Some(table) = &mut self.table {
                    table.show(&self.document, node);
                }
            }
            (Look::Pretty, Some(node)) => self.pretty.begin(&self.document, node),
            (Look::Raw, _) => self.raw.show(self.document.bytes(), offset),
            (Look::Hex, _) => self.hex.show(self.document.bytes(), offset),
            (Look::Tree | Look::Table | Look::Pretty, None) => {}
        }
    }

    /// Looks at it in the next way, or the one before, at the same place; `area` is where the text is.
    pub fn look_otherwise(&mut self, forward: bool, area: Rect) {
        let all = Look::ALL;
        let step = if forward { 1 } else { all.len() - 1 };
        let mut at = all.iter().position(|look| *look == self.look).unwrap_or(0);
        loop {
            at = (at + step) % all.len();
            if self.can_look(all[at]) {
                break;
            }
        }
        self.look_at(all[at], area);
    }

    /// Whether this way of looking shows anything.
    fn can_look(&self, look: Look) -> bool {
        match look {
            Look::Tree | Look::Pretty => self.has_tree(),
            Look::Table => self
                .node()
                .is_some_and(|node| Table::array_at(&self.document, node).is_some()),
            Look::Raw | Look::Hex => true,
        }
    }

    /// Looks at it in this way, at the same place.
    pub fn look_at(&mut self, look: Look, area: Rect) {
        let place = self.place();
        if look == Look::Table {
            let array = self
                .node()
                .and_then(|node| Table::array_at(&self.document, node));
            let Some(array) = array else { return };
            if self
                .table
                .as_ref()
                .is_none_or(|table| table.array() != array)
            {
                self.table = Some(Table::new(&self.document, array));
            }
        }
        self.look = look;
        self.fit(area);
        match look {
            Look::Raw => self.raw.begin(self.document.bytes(), place),
            Look::Hex => self.hex.begin(self.document.bytes(), place),
            Look::Tree | Look::Table | Look::Pretty => self.show(place),
        }
    }

    /// Fits what is on view into `area`.
    pub fn fit(&mut self, area: Rect) {
        let document = &self.document;
        match self.look {
            Look::Tree => self.tree.fit(document, area),
            Look::Table => {
                if let Some(table) = &mut self.table {
                    table.fit(document, area);
                }
            }
            Look::Pretty => self.pretty.fit(document, area),
            Look::Raw => self.raw.fit(document.bytes(), area),
            Look::Hex => self.hex.fit(document.bytes(), area),
        }
    }

    /// Draws it.
    pub fn view(
        &self,
        marks: Option<&Marks<'_>>,
        theme: &Theme,
        area: Rect,
        focused: bool,
        buf: &mut Buffer,
    ) {
        let document = &self.document;
        match self.look {
            Look::Tree => self.tree.view(document, marks, theme, area, focused, buf),
            Look::Table => {
                if let Some(table) = &self.table {
                    table.view(document, theme, area, focused, buf);
                }
            }
            Look::Pretty => self.pretty.view(document, marks, theme, area, buf),
            Look::Raw => {
                let marks = marks.map(|marks| (marks, 0));
                self.raw.view(document.bytes(), marks, theme, area, buf);
            }
            Look::Hex => self.hex.view(document.bytes(), theme, area, buf),
        }
    }

    /// Where one is, in words for a frame `width` columns wide, the most important first.
    pub fn notes(&self, width: u16) -> Vec<String> {
        let document = &self.document;
        let line = |offset| words::count(document.line_and_column(offset).0);
        let mut notes = Vec::new();
        match (self.look, self.node()) {
            (Look::Tree | Look::Table, Some(node)) => {
                let (at, of) = match &self.table {
                    Some(table) if self.look == Look::Table => table.position(),
                    _ => (self.tree.at(), self.tree.row_count()),
                };
                let place = format!("{}/{}", words::count(at + 1), words::count(of));
                let room = usize::from(width).saturating_sub(place.len() + 12);
                notes.push(format!("{}  {place}", words::path(document, node, room)));
                notes.push(format!("line {}", line(document.offset(node))));
            }
            (Look::Pretty, Some(node)) => {
                let room = usize::from(width).saturating_sub(20);
                notes.push(words::path(document, node, room));
                notes.push(format!("line {}", line(document.offset(node))));
            }
            (Look::Tree | Look::Table | Look::Pretty, None) => {}
            (Look::Raw | Look::Hex, _) => {
                let place = self.place();
                let percent = words::percent(place, document.bytes().len());
                notes.push(format!("byte {}  {percent} %", words::count(place)));
                notes.push(format!("line {}", line(place)));
            }
        }
        if self.look != Look::Tree {
            notes.push(self.look.name().to_owned());
        }
        if !document.is_complete() {
            let read = words::percent(document.edge(), document.bytes().len());
            notes.push(format!("indexing {read} %"));
        }
        notes
    }

    /// The key of the node that one is at as it stands in the text, with its quotes, and where.
    pub fn key(&self) -> Option<(Range<usize>, &[u8])> {
        let node = self.node()?;
        let start = self.document.offset(node);
        let value = self.document.range(node).start;
        let key = self.document.bytes().get(start..value)?;
        let end = memchr::memrchr(b'"', key)? + 1;
        Some((start..start + end, &key[..end]))
    }
}
