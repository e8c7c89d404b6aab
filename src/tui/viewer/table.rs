//! An array of objects as a table: one row an element, one column an attribute.
//!
//! Columns come from the first elements, cells are read when they are drawn, and an order is made by somebody beside the
//! loop. Used by the viewer; what a cell says is `json::table`'s affair.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::json::profile::ColumnPath;
use crate::json::profile::Profile;
use crate::json::table;
use crate::json::table::Cell;
use crate::json::table::Direction;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// How many values are looked at to find the columns: no longer than a frame.
const LOOKED_AT: usize = 4000;

/// How many columns are shown before anybody chooses.
const FIRST_SHOWN: usize = 12;

/// The most cells of a column.
const WIDEST: u16 = 32;

/// How many levels up an array is looked for.
const LEVELS: usize = 100;

/// How many members of an answer are looked at for the array it brings.
const MEMBERS: usize = 64;

/// An array of objects as a table.
#[derive(Debug)]
pub struct Table {
    array: NodeId,
    count: usize,
    columns: Vec<Choice>,
    rows: ListCursor,
    /// Which of the shown columns the cursor is in.
    at: usize,
    /// The first shown column on the screen.
    left: usize,
    width: u16,
    order: Option<Order>,
}

/// A column and whether it is shown.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The column.
    pub path: ColumnPath,
    /// Whether it is shown.
    pub shown: bool,
}

/// The order of the rows, when it is not that of the text.
#[derive(Debug)]
struct Order {
    column: ColumnPath,
    direction: Direction,
    /// The elements; none until they are sorted.
    elements: Option<Vec<NodeId>>,
}

impl Table {
    /// The array that is meant at a node: it or what it is in, else the one that an answer brings.
    pub fn array_at(document: &Document, node: NodeId) -> Option<NodeId> {
        let is_table = |node: &NodeId| {
            let first = document.child(*node, 0);
            document.kind(*node) == Kind::Array
                && first.is_some_and(|first| document.kind(first) == Kind::Object)
        };
        let above = std::iter::successors(Some(node), |node| document.parent(*node));
        if let Some(array) = above.take(LEVELS).find(is_table) {
            return Some(array);
        }
        let root = document.root()?;
        document.children(root).take(MEMBERS).find(is_table)
    }

    /// The table of an array.
    pub fn new(document: &Document, array: NodeId) -> Self {
        let mut profile = Profile::new(document, array);
        profile.step(document, LOOKED_AT);
        let paths = profile.columns.into_iter().map(|column| column.path);
        let columns = paths.enumerate().map(|(at, path)| Choice {
            path,
            shown: at < FIRST_SHOWN,
        });
        Self {
            array,
            count: document.child_count(array),
            columns: columns.collect(),
            rows: ListCursor::default(),
            at: 0,
            left: 0,
            width: 0,
            order: None,
        }
    }

    /// The array.
    pub fn array(&self) -> NodeId {
        self.array
    }

    /// The row one is in, and how many there are.
    pub fn position(&self) -> (usize, usize) {
        (self.rows.at, self.count)
    }

    /// The columns, shown or not.
    pub fn columns(&self) -> &[Choice] {
        &self.columns
    }

    /// Shows a column, or does not. One is always shown.
    pub fn toggle_column(&mut self, at: usize) {
        if let Some(choice) = self.columns.get_mut(at) {
            choice.shown = !choice.shown;
        }
        if self.shown().next().is_none()
            && let Some(choice) = self.columns.get_mut(at)
        {
            choice.shown = true;
        }
        self.step_column(0);
    }

    fn shown(&self) -> impl Iterator<Item = &ColumnPath> {
        let shown = self.columns.iter().filter(|choice| choice.shown);
        shown.map(|choice| &choice.path)
    }

    /// The column one is in.
    pub fn column(&self) -> Option<&ColumnPath> {
        self.shown().nth(self.at)
    }

    /// Goes so many columns to the right, or to the left.
    pub fn step_column(&mut self, by: isize) {
        let count = self.shown().count();
        self.at = self
            .at
            .saturating_add_signed(by)
            .min(count.saturating_sub(1));
        self.left = self.left.min(self.at);
    }

    fn element(&self, document: &Document, row: usize) -> Option<NodeId> {
        let sorted = self
            .order
            .as_ref()
            .and_then(|order| order.elements.as_ref());
        match sorted {
            Some(elements) => elements.get(row).copied(),
            None => document.child(self.array, row),
        }
    }

    /// The value under the cursor; the element where it has none.
    pub fn node(&self, document: &Document) -> Option<NodeId> {
        let element = self.element(document, self.rows.at)?;
        let value = self
            .column()
            .and_then(|column| column.value(document, element));
        Some(value.unwrap_or(element))
    }

    /// Moves through the rows.
    pub fn go(&mut self, to: Move) {
        self.rows.go(to, self.count);
    }

    /// Goes to the row that holds a node.
    pub fn show(&mut self, document: &Document, node: NodeId) {
        let mut at = node;
        while let Some(parent) = document.parent(at) {
            if parent == self.array {
                let row = match &self.order {
                    Some(Order {
                        elements: Some(elements),
                        ..
                    }) => elements.iter().position(|element| *element == at),
                    _ => Some(document.place(at)),
                };
                self.rows.put(row.unwrap_or(0), self.count);
                return;
            }
            at = parent;
        }
    }

    /// The next order by the column one is in: up, down, as it came. Gives what is to be sorted, if anything is.
    pub fn sort(&mut self) -> Option<(ColumnPath, Direction)> {
        let column = self.column()?.clone();
        let direction = match &self.order {
            Some(order) if order.column == column => match order.direction {
                Direction::Up => Direction::Down,
                Direction::Down => {
                    self.order = None;
                    return None;
                }
            },
            _ => Direction::Up,
        };
        self.order = Some(Order {
            column: column.clone(),
            direction,
            elements: None,
        });
        Some((column, direction))
    }

    /// Takes the elements in their order.
    pub fn sorted(&mut self, elements: Vec<NodeId>) {
        if let Some(order) = &mut self.order {
            order.elements = Some(elements);
            self.rows.go(Move::First, self.count);
        }
    }

    /// Fits the table into `area`, whose first row is the columns' and whose last column is the scroll bar's.
    pub fn fit(&mut self, document: &Document, area: Rect) {
        self.count = document.child_count(self.array);
        self.width = area.width.saturating_sub(1);
        self.rows.height = usize::from(area.height).saturating_sub(1);
        self.rows.fit(self.count);
        // Scrolls to the right until the column one is in has room, or is the first.
        let widths = self.widths(document);
        while self.left < self.at {
            let taken: u16 = widths[self.left..=self.at]
                .iter()
                .map(|width| width + 2)
                .sum();
            if taken <= self.width + 2 {
                break;
            }
            self.left += 1;
        }
    }

    /// How wide the shown columns are: as what is in sight of them.
    fn widths(&self, document: &Document) -> Vec<u16> {
        let rows = self.rows.offset..self.count.min(self.rows.offset + self.rows.height);
        let elements: Vec<NodeId> = rows.filter_map(|row| self.element(document, row)).collect();
        let width = |column: &ColumnPath| {
            let name = text::width_up_to(&column.dotted(), WIDEST - 2) + 2;
            let cells = elements.iter().map(|element| {
                let (cell, _) = shown_cell(document, *element, column, &Theme::monochrome());
                text::width_up_to(&cell, WIDEST)
            });
            cells.max().unwrap_or(0).max(name)
        };
        self.shown().map(width).collect()
    }

    /// Goes to the row at this place of the area; says whether one was there already.
    pub fn click(&mut self, row: u16) -> bool {
        let before = self.rows.at;
        row > 0 && self.rows.click(row - 1, self.count) && self.rows.at == before
    }

    /// Draws the rows and columns in sight.
    pub fn view(
        &self,
        document: &Document,
        theme: &Theme,
        area: Rect,
        focused: bool,
        buf: &mut Buffer,
    ) {
        let widths = self.widths(document);
        let right = area.right().saturating_sub(1);
        let columns: Vec<(&ColumnPath, u16)> = self.shown().zip(widths).collect();
        let mut x = area.x;
        for (at, (column, width)) in columns.iter().enumerate().skip(self.left) {
            if x >= right {
                break;
            }
            let room = (*width).min(right - x);
            let style = if at == self.at && focused {
                theme.accent
            } else {
                theme.title_focused
            };
            let name = format!("{}{}", column.dotted(), self.arrow(column));
            text::put(buf, x, area.y, room, &name, style);
            let rows = self.rows.offset..self.count;
            for (row, y) in rows.zip(area.y + 1..area.bottom()) {
                let Some(element) = self.element(document, row) else {
                    break;
                };
                let (cell, style) = shown_cell(document, element, column, theme);
                text::put(buf, x, y, room, &cell, style);
                if row == self.rows.at {
                    let bar = Rect::new(x, y, room, 1).intersection(buf.area);
                    buf.set_style(bar, theme.selected(focused && at == self.at));
                }
            }
            x = x.saturating_add(width + 2);
        }
        let below = Rect {
            y: area.y + 1,
            height: area.height.saturating_sub(1),
            ..area
        };
        scroll::draw_bar(buf, below, self.rows.offset, self.count, theme);
    }

    /// The sign of the order, beside the column's name.
    fn arrow(&self, column: &ColumnPath) -> &'static str {
        match &self.order {
            Some(order) if order.column == *column => match (&order.elements, order.direction) {
                (None, _) => " …",
                (Some(_), Direction::Up) => " ↑",
                (Some(_), Direction::Down) => " ↓",
            },
            _ => "",
        }
    }
}

fn shown_cell(
    document: &Document,
    element: NodeId,
    column: &ColumnPath,
    theme: &Theme,
) -> (String, Style) {
    match table::cell(document, element, column, usize::from(WIDEST) * 4) {
        Cell::Missing => (String::new(), theme.dim),
        Cell::Null => ("null".to_owned(), theme.dim),
        Cell::Text(text) => (text, theme.value),
        Cell::Plain(text) => (text, theme.json_number),
        Cell::List(0) => ("[]".to_owned(), theme.dim),
        Cell::List(count) => (format!("[] {count}"), theme.dim),
        Cell::Object(0) => ("{}".to_owned(), theme.dim),
        Cell::Object(count) => (format!("{{}} {count}"), theme.dim),
    }
}
