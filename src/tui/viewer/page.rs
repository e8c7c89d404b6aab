//! A text of any length to scroll through: the raw bytes of a document, or one value of it.
//!
//! Remembers nothing but where the screen begins; the rows come from [`crate::tui::viewer::flow`]. Used by the raw view
//! and by the sheet that shows a value.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::viewer::flow::Escapes;
use crate::tui::viewer::flow::Flow;
use crate::tui::viewer::line;
use crate::tui::viewer::marks::Marks;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// Which part of a text is on the screen.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Where the first row on the screen begins, in bytes.
    top: usize,
    /// Whether escapes are read.
    pub escapes: Escapes,
    width: u16,
    height: usize,
}

impl Page {
    /// Where the screen begins, in bytes.
    pub fn top(&self) -> usize {
        self.top
    }

    /// Shows the place after `offset` bytes, if it is not in sight.
    pub fn show(&mut self, bytes: &[u8], offset: usize) {
        if !self.sees(bytes, offset) {
            let flow = self.flow(bytes);
            let third = (self.height / 3) as isize;
            self.top = flow.step(flow.row_of(offset), -third.max(0));
        }
        self.clamp(bytes);
    }

    /// Begins the screen with the row that holds the byte at `offset`.
    pub fn begin(&mut self, bytes: &[u8], offset: usize) {
        self.top = self.flow(bytes).row_of(offset);
        self.clamp(bytes);
    }

    fn sees(&self, bytes: &[u8], offset: usize) -> bool {
        let rows = self.flow(bytes).rows(self.top, self.height + 1);
        let end = match rows.get(self.height) {
            Some(below) => below.start,
            None => bytes.len(),
        };
        (self.top..end.max(self.top + 1)).contains(&offset)
    }

    /// Scrolls.
    pub fn go(&mut self, bytes: &[u8], to: Move) {
        let flow = self.flow(bytes);
        let page = self.height.saturating_sub(1).max(1) as isize;
        self.top = match to {
            Move::By(rows) => flow.step(self.top, rows),
            Move::Pages(pages) => flow.step(self.top, pages * page),
            Move::First => 0,
            Move::Last => bytes.len(),
        };
        self.clamp(bytes);
    }

    /// Fits the page into `area`, whose last column is the scroll bar's.
    pub fn fit(&mut self, bytes: &[u8], area: Rect) {
        let width = area.width.saturating_sub(1);
        self.height = area.height.into();
        if self.width != width {
            self.width = width;
            self.top = self.flow(bytes).row_of(self.top);
        }
        self.clamp(bytes);
    }

    /// Reads escapes, or shows them as they are written.
    pub fn toggle_escapes(&mut self, bytes: &[u8]) {
        self.escapes = match self.escapes {
            Escapes::Written => Escapes::Read,
            Escapes::Read => Escapes::Written,
        };
        self.top = self.flow(bytes).row_of(self.top);
        self.clamp(bytes);
    }

    fn clamp(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            self.top = 0;
        } else if self.flow(bytes).rows(self.top, self.height.max(1)).len() < self.height {
            self.top = self.flow(bytes).last_page(self.height);
        }
    }

    fn flow<'a>(&self, bytes: &'a [u8]) -> Flow<'a> {
        Flow::new(bytes, self.width, self.escapes)
    }

    /// Draws the rows in sight. With the marks comes where the text begins in the document, in bytes.
    pub fn view(
        &self,
        bytes: &[u8],
        marks: Option<(&Marks<'_>, usize)>,
        theme: &Theme,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let width = area.width.saturating_sub(1);
        let flow = self.flow(bytes);
        let rows = flow.rows(self.top, area.height.into());
        for (row, y) in rows.iter().zip(area.y..area.bottom()) {
            let found: Vec<Range<usize>> = match marks {
                Some((marks, base)) if row.is_plain => {
                    let start = base + row.start;
                    marks.places(start..start + row.text.len())
                }
                _ => Vec::new(),
            };
            let spans = line::marked(&row.text, theme.text, &found, theme);
            text::put_line(buf, area.x, y, width, &Line::from(spans));
        }
        if !(self.top == 0 && rows.len() < usize::from(area.height)) {
            let end = rows.last().map_or(0, |row| row.start + row.text.len());
            // Without any room there is no row.
            let shown = end.saturating_sub(self.top);
            draw_bar(buf, area, self.top, shown, bytes.len(), theme);
        }
    }
}

/// Draws a scroll bar for a part of a text given in bytes.
pub fn draw_bar(
    buf: &mut Buffer,
    area: Rect,
    top: usize,
    shown: usize,
    length: usize,
    theme: &Theme,
) {
    // In rows of the length that those on the screen have.
    let each = (shown / usize::from(area.height).max(1)).max(1);
    scroll::draw_bar(
        buf,
        area,
        (top / each).min(length / each),
        length / each,
        theme,
    );
}
