//! A text to scroll through, its long lines wrapped: the request, the headers, a body that is not JSON.

use ratatui::layout::Rect;

use crate::json::sanitize;
use crate::tui::panes::list_cursor::ListCursor;

/// A text to scroll through.
#[derive(Debug)]
pub struct Page {
    text: String,
    /// The text in rows of `width` cells; none before it is first looked at.
    rows: Vec<String>,
    width: u16,
    /// Where one is in it.
    pub cursor: ListCursor,
}

impl Page {
    /// A page of this text, which may hold anything.
    pub fn new(text: &str) -> Self {
        Self {
            text: sanitize::clean_lines(text).into_owned(),
            rows: Vec::new(),
            width: 0,
            cursor: ListCursor::default(),
        }
    }

    /// Fits the page into `area`, of which the last column is the scroll bar's.
    pub fn fit(&mut self, area: Rect) {
        let width = area.width.saturating_sub(1);
        if width != self.width {
            self.width = width;
            self.rows = sanitize::wrap(&self.text, width.into());
        }
        self.cursor.height = area.height.into();
        self.cursor.fit(self.rows.len());
    }

    /// Its rows.
    pub fn rows(&self) -> &[String] {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_wrapped_and_nothing_is_lost() {
        let mut page = Page::new("short\r\nas sent: 0123456789\u{1b}[2J");
        page.fit(Rect::new(0, 0, 9, 4));
        assert_eq!(page.rows(), ["short", "as sent:", "01234567", "89␛[2J"]);
        page.cursor.put(3, 4);
        page.fit(Rect::new(0, 0, 41, 4));
        assert_eq!(page.rows(), ["short", "as sent: 0123456789␛[2J"]);
        assert_eq!(page.cursor.at, 1, "the cursor stays on the page");
    }
}
