//! What lies over the text: one value whole, the choice of a table's columns, what a column holds.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::viewer::columns::ColumnChoice;
use crate::tui::viewer::columns::ColumnSheet;
use crate::tui::viewer::marks::Marks;
use crate::tui::viewer::peek::Peek;
use crate::tui::viewer::text::Text;

/// What lies over the text.
#[derive(Debug)]
pub enum Sheet {
    /// One value whole.
    Value(Peek),
    /// The choice of a table's columns.
    Columns(ColumnChoice),
    /// What a column holds.
    Column(ColumnSheet),
}

impl Sheet {
    /// What it is called.
    pub fn title(&self) -> String {
        match self {
            Self::Value(peek) => peek.title(),
            Self::Columns(_) => "Columns".to_owned(),
            Self::Column(sheet) => sheet.column.dotted(),
        }
    }

    /// The word for it in the footer.
    pub fn mode_name(&self) -> &'static str {
        match self {
            Self::Value(_) => "VALUE",
            Self::Columns(_) => "COLUMNS",
            Self::Column(_) => "COLUMN",
        }
    }

    /// What its frame notes.
    pub fn notes(&self, text: &Text) -> Vec<String> {
        match self {
            Self::Value(peek) => peek.notes(text.document.bytes()),
            Self::Columns(_) => vec!["Space shows or hides".to_owned()],
            Self::Column(_) => Vec::new(),
        }
    }

    /// Scrolls, or moves through the choice.
    pub fn go(&mut self, text: &Text, to: Move) {
        match self {
            Self::Value(peek) => peek.go(text.document.bytes(), to),
            Self::Columns(choice) => {
                if let Some(table) = &text.table {
                    choice.go(table, to);
                }
            }
            Self::Column(sheet) => sheet.go(to),
        }
    }

    /// Fits it into `area`.
    pub fn fit(&mut self, text: &Text, area: Rect) {
        match self {
            Self::Value(peek) => peek.fit(text.document.bytes(), area),
            Self::Columns(choice) => {
                if let Some(table) = &text.table {
                    choice.fit(table, area);
                }
            }
            Self::Column(sheet) => sheet.fit(area),
        }
    }

    /// Draws it.
    pub fn view(
        &self,
        text: &Text,
        marks: Option<&Marks<'_>>,
        theme: &Theme,
        area: Rect,
        buf: &mut Buffer,
    ) {
        match self {
            Self::Value(peek) => peek.view(text.document.bytes(), marks, theme, area, buf),
            Self::Columns(choice) => {
                if let Some(table) = &text.table {
                    choice.view(table, theme, area, buf);
                }
            }
            Self::Column(sheet) => sheet.view(theme, area, buf),
        }
    }
}
