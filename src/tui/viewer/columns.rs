//! The sheets of a table: which columns it shows, and what a column holds.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::json::document::Document;
use crate::json::profile::ColumnPath;
use crate::json::profile::Distinct;
use crate::json::profile::Profile;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::viewer::table::Table;
use crate::tui::viewer::words;
use crate::tui::widgets::list;

/// How many of the values that stand in a column most often are told.
const MOST_FREQUENT: usize = 20;

/// How much of a value is told, in bytes.
const MOST_OF_VALUE: usize = 200;

/// The choice of a table's columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct ColumnChoice {
    cursor: ListCursor,
}

impl ColumnChoice {
    /// Moves through the columns.
    pub fn go(&mut self, table: &Table, to: Move) {
        self.cursor.go(to, table.columns().len());
    }

    /// The column one is at.
    pub fn at(&self) -> usize {
        self.cursor.at
    }

    /// Fits the list into `area`.
    pub fn fit(&mut self, table: &Table, area: Rect) {
        self.cursor.height = area.height.into();
        self.cursor.fit(table.columns().len());
    }

    /// Draws the list.
    pub fn view(&self, table: &Table, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let columns = table.columns();
        let view = self.cursor.view(columns.len(), true);
        list::draw(buf, area, view, theme, |at| {
            let choice = &columns[at];
            let mark = if choice.shown { "[x] " } else { "[ ] " };
            let name = choice.path.dotted();
            let name = if name.is_empty() {
                "(the element itself)".to_owned()
            } else {
                name
            };
            Line::from(vec![
                Span::styled(mark, theme.accent),
                Span::styled(name, theme.text),
            ])
        });
    }
}

/// What a column of a table holds.
#[derive(Debug)]
pub struct ColumnSheet {
    /// The column.
    pub column: ColumnPath,
    /// What is known of it; nothing until all elements are looked at.
    lines: Vec<(String, String)>,
    cursor: ListCursor,
}

impl ColumnSheet {
    /// The sheet of a column that nobody has looked at yet.
    pub fn new(column: ColumnPath) -> Self {
        Self {
            column,
            lines: Vec::new(),
            cursor: ListCursor::default(),
        }
    }

    /// Takes the profile of the table's array.
    pub fn known(&mut self, document: &Document, profile: &Profile) {
        let found = profile.columns.iter().find(|one| one.path == self.column);
        let Some(column) = found else {
            self.lines = vec![(String::new(), "no element has a value here".to_owned())];
            return;
        };
        let number = |count: u64| words::count(usize::try_from(count).unwrap_or(usize::MAX));
        let share = |count: u64| {
            let percent = (count * 100).checked_div(profile.elements).unwrap_or(0);
            format!(
                "{} of {} ({percent} %)",
                number(count),
                number(profile.elements)
            )
        };
        let mut lines = vec![
            ("filled".to_owned(), share(column.filled())),
            ("null".to_owned(), number(column.null)),
            ("empty".to_owned(), number(column.empty)),
            (
                "missing".to_owned(),
                number(profile.elements.saturating_sub(column.present)),
            ),
            (
                "different".to_owned(),
                match column.distinct() {
                    Distinct::Exactly(count) => words::count(count),
                    Distinct::AtLeast(count) => format!("{} at least", words::count(count)),
                },
            ),
        ];
        let kinds = [
            (column.kinds.strings, "texts"),
            (column.kinds.numbers, "numbers"),
            (column.kinds.booleans, "true or false"),
            (column.kinds.arrays, "arrays"),
            (column.kinds.objects, "objects"),
        ];
        let kinds: Vec<String> = kinds
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{} {name}", number(*count)))
            .collect();
        lines.push(("kinds".to_owned(), kinds.join(", ")));
        if let Some((length, element)) = column.longest {
            let value = self.column.value(document, element).unwrap_or(element);
            let shown = document.text_head(value, MOST_OF_VALUE).into_owned();
            let length = words::count(length);
            lines.push((
                "longest".to_owned(),
                format!("{length} characters: {shown}"),
            ));
        }
        lines.push((String::new(), String::new()));
        for (node, count) in column.most_frequent(MOST_FREQUENT) {
            let shown = document.text_head(node, MOST_OF_VALUE).into_owned();
            lines.push((format!("{}×", number(count)), shown));
        }
        self.lines = lines;
    }

    /// Scrolls.
    pub fn go(&mut self, to: Move) {
        self.cursor.go(to, self.lines.len());
    }

    /// Fits the lines into `area`.
    pub fn fit(&mut self, area: Rect) {
        self.cursor.height = area.height.into();
        self.cursor.fit(self.lines.len());
    }

    /// Draws the lines.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if self.lines.is_empty() {
            let line = format!("{} looking at every element", theme.glyphs.running);
            crate::tui::widgets::text::put(buf, area.x, area.y, area.width, &line, theme.dim);
            return;
        }
        let view = self.cursor.view(self.lines.len(), true);
        list::draw(buf, area, view, theme, |at| {
            let (label, text) = &self.lines[at];
            Line::from(vec![
                Span::styled(format!("{label:<12}"), theme.dim),
                Span::styled(text.as_str(), theme.text),
            ])
        });
    }
}
