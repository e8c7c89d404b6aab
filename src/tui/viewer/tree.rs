//! The tree of a document: folds, the cursor, the ways to move.
//!
//! One row a node; a long value is cut, or wrapped while that is asked for. Every verb costs what is on the screen, not
//! what is in the document: the rows answer by themselves which node is where. Used by the viewer alone.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::json::document::Document;
use crate::json::document::NodeId;
use crate::json::rows::Rows;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::viewer::line::Lines;
use crate::tui::viewer::marks::Marks;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// The tree of a document.
#[derive(Debug)]
pub struct Tree {
    rows: Rows,
    cursor: ListCursor,
    /// Whether long values are wrapped.
    pub wraps: bool,
    /// Whether the cursor is to stay at the end while more is read.
    follows: bool,
    width: u16,
}

/// A row on the screen.
struct Seen {
    row: usize,
    node: NodeId,
    lines: Vec<Line<'static>>,
}

impl Tree {
    /// The tree of `document`, all unfolded.
    pub fn new(document: &Document) -> Self {
        Self {
            rows: Rows::new(document),
            cursor: ListCursor::default(),
            wraps: false,
            follows: false,
            width: 0,
        }
    }

    /// Takes note of what was read meanwhile.
    pub fn grow(&mut self, document: &Document) {
        self.rows.grow(document);
        if self.follows {
            self.cursor.go(Move::Last, self.rows.len());
        }
    }

    /// How many rows there are.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// The row the cursor is on.
    pub fn at(&self) -> usize {
        self.cursor.at
    }

    /// The node the cursor is on; none in an empty document.
    pub fn node(&self, document: &Document) -> Option<NodeId> {
        self.rows.node_at(document, self.cursor.at)
    }

    /// Moves through the rows.
    pub fn go(&mut self, to: Move) {
        self.follows = to == Move::Last;
        self.cursor.go(to, self.rows.len());
    }

    /// Scrolls without moving the cursor further than needed.
    pub fn scroll(&mut self, by: isize) {
        self.follows = false;
        self.cursor.scroll(by, self.rows.len());
    }

    /// Goes to a node, unfolding what hides it.
    pub fn reveal(&mut self, document: &Document, node: NodeId) {
        self.follows = false;
        let row = self.rows.reveal(document, node);
        self.cursor.put(row, self.rows.len());
    }

    /// Goes to the sibling that stands `by` places further, or as far as there are any.
    pub fn to_sibling(&mut self, document: &Document, forward: bool) {
        let Some(node) = self.node(document) else {
            return;
        };
        let sibling = match document.parent(node) {
            Some(parent) if forward => document.child(parent, document.place(node) + 1),
            Some(parent) => {
                let before = document.place(node).checked_sub(1);
                before.and_then(|place| document.child(parent, place))
            }
            // Documents that stand one after the other are siblings too.
            None if forward => document.after(node),
            None => document
                .offset(node)
                .checked_sub(1)
                .and_then(|before| document.node_at(before))
                .map(|inside| document.root_of(inside)),
        };
        if let Some(sibling) = sibling {
            self.put(document, sibling);
        }
    }

    /// Goes to what holds the node.
    pub fn to_parent(&mut self, document: &Document) {
        let node = self.node(document);
        if let Some(parent) = node.and_then(|node| document.parent(node)) {
            self.put(document, parent);
        }
    }

    /// Folds the node, or goes to what holds it.
    pub fn fold(&mut self, document: &Document) {
        let Some(node) = self.node(document) else {
            return;
        };
        if Rows::can_fold(document, node) && !self.rows.is_folded(document, node) {
            self.rows.fold(document, node);
            self.put(document, node);
        } else {
            self.to_parent(document);
        }
    }

    /// Unfolds the node, or goes to the first in it.
    pub fn unfold(&mut self, document: &Document) {
        let Some(node) = self.node(document) else {
            return;
        };
        if self.rows.is_folded(document, node) {
            self.rows.unfold(document, node);
            self.put(document, node);
        } else if let Some(child) = document.child(node, 0) {
            self.put(document, child);
        }
    }

    /// Whether the node under the cursor can be folded and unfolded.
    pub fn can_fold(&self, document: &Document) -> bool {
        self.node(document)
            .is_some_and(|node| Rows::can_fold(document, node))
    }

    /// Folds or unfolds the node.
    pub fn toggle(&mut self, document: &Document) {
        self.refold(document, |rows, node| rows.toggle(document, node));
    }

    /// Folds the node and its siblings, or unfolds them all.
    pub fn toggle_siblings(&mut self, document: &Document) {
        self.refold(document, |rows, node| rows.toggle_siblings(document, node));
    }

    /// Folds everything but the outermost level.
    pub fn fold_all(&mut self, document: &Document) {
        self.refold(document, |rows, _| rows.fold_all(document));
    }

    /// Unfolds everything.
    pub fn unfold_all(&mut self, document: &Document) {
        self.refold(document, |rows, _| rows.unfold_all(document));
    }

    /// Leaves so many levels open.
    pub fn fold_to(&mut self, document: &Document, level: u8) {
        self.refold(document, |rows, _| {
            rows.fold_to_level(document, level.into());
        });
    }

    /// Changes the folds; the cursor stays on its node, or on what hides it now.
    fn refold(&mut self, document: &Document, change: impl FnOnce(&mut Rows, NodeId)) {
        if let Some(node) = self.node(document) {
            change(&mut self.rows, node);
            self.put(document, node);
        }
    }

    fn put(&mut self, document: &Document, node: NodeId) {
        self.follows = false;
        let row = self.rows.row_of(document, node);
        self.cursor.put(row, self.rows.len());
    }

    /// Fits the tree into `area`, whose last column is the scroll bar's.
    pub fn fit(&mut self, document: &Document, area: Rect) {
        self.width = area.width.saturating_sub(1);
        self.cursor.height = area.height.into();
        self.cursor.fit(self.rows.len());
        if self.wraps {
            self.fit_wrapped(document);
        }
    }

    /// Scrolls on until the row under the cursor is in sight with all its lines, or is the first.
    fn fit_wrapped(&mut self, document: &Document) {
        let theme = Theme::monochrome();
        let lines = self.lines(document, None, &theme);
        let height = self.cursor.height.max(1);
        let window = self.rows.window(document, self.cursor.offset);
        let heights = window
            .take(self.cursor.at + 1 - self.cursor.offset)
            .map(|node| lines.wrapped(node, height).len());
        let heights: Vec<usize> = heights.collect();
        let mut sum: usize = heights.iter().sum();
        let mut skipped = 0;
        while sum > height && skipped + 1 < heights.len() {
            sum -= heights[skipped];
            skipped += 1;
        }
        self.cursor.offset += skipped;
    }

    fn lines<'a>(
        &'a self,
        document: &'a Document,
        marks: Option<&'a Marks<'a>>,
        theme: &'a Theme,
    ) -> Lines<'a> {
        Lines {
            document,
            rows: &self.rows,
            width: self.width,
            marks,
            theme,
        }
    }

    /// The rows in sight, the last perhaps not with all its lines.
    fn seen(
        &self,
        document: &Document,
        marks: Option<&Marks<'_>>,
        theme: &Theme,
        height: usize,
    ) -> Vec<Seen> {
        let lines = self.lines(document, marks, theme);
        let mut seen = Vec::new();
        let mut left = height;
        let window = self.rows.window(document, self.cursor.offset);
        for (row, node) in (self.cursor.offset..).zip(window) {
            if left == 0 {
                break;
            }
            let lines = if self.wraps {
                lines.wrapped(node, left)
            } else {
                vec![lines.one(node)]
            };
            left -= lines.len().min(left);
            seen.push(Seen { row, node, lines });
        }
        seen
    }

    /// Puts the cursor on the row at this place of the area that the tree is drawn in. Says whether the mark was hit
    /// that folds and unfolds, or a row that the cursor was on already; none where no row is.
    pub fn click(&mut self, document: &Document, column: u16, row: u16) -> Option<bool> {
        let theme = Theme::monochrome();
        let mut y = 0;
        let mut hit = None;
        for seen in self.seen(document, None, &theme, self.cursor.height) {
            y += seen.lines.len();
            if usize::from(row) < y {
                hit = Some((seen.row, seen.node));
                break;
            }
        }
        let (at, node) = hit?;
        let mark = self.lines(document, None, &theme).mark_end(node);
        let again = self.cursor.at == at;
        self.follows = false;
        self.cursor.put(at, self.rows.len());
        Some(again || usize::from(column) < mark)
    }

    /// Draws the rows in sight.
    pub fn view(
        &self,
        document: &Document,
        marks: Option<&Marks<'_>>,
        theme: &Theme,
        area: Rect,
        focused: bool,
        buf: &mut Buffer,
    ) {
        let width = area.width.saturating_sub(1);
        let mut y = area.y;
        for seen in self.seen(document, marks, theme, area.height.into()) {
            for line in seen.lines {
                if y >= area.bottom() {
                    break;
                }
                text::put_line(buf, area.x, y, width, &line);
                if seen.row == self.cursor.at {
                    buf.set_style(
                        Rect::new(area.x, y, width, 1).intersection(buf.area),
                        theme.selected(focused),
                    );
                }
                y += 1;
            }
        }
        scroll::draw_bar(buf, area, self.cursor.offset, self.rows.len(), theme);
    }
}
