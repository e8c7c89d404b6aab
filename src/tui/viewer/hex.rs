//! The bytes of a text as they are: place, hexadecimal, characters. Looks at what is on the screen and nothing else.

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// The bytes of a text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hex {
    /// The first row on the screen, and how many there are.
    rows: ListCursor,
    /// Bytes a row.
    each: usize,
}

impl Hex {
    /// Where the screen begins, in bytes.
    pub fn top(&self) -> usize {
        self.rows.offset * self.each.max(1)
    }

    /// Begins the screen with the row that holds the byte at `offset`.
    pub fn begin(&mut self, bytes: &[u8], offset: usize) {
        self.rows.offset = offset / self.each.max(1);
        self.clamp(bytes);
    }

    /// Shows the byte at `offset`, if it is not in sight.
    pub fn show(&mut self, bytes: &[u8], offset: usize) {
        let row = offset / self.each.max(1);
        if !(self.rows.offset..self.rows.offset + self.rows.height.max(1)).contains(&row) {
            self.rows.offset = row.saturating_sub(self.rows.height / 3);
        }
        self.clamp(bytes);
    }

    /// Scrolls.
    pub fn go(&mut self, bytes: &[u8], to: Move) {
        let page = self.rows.height.saturating_sub(1).max(1) as isize;
        let offset = self.rows.offset;
        self.rows.offset = match to {
            Move::By(rows) => offset.saturating_add_signed(rows),
            Move::Pages(pages) => offset.saturating_add_signed(pages * page),
            Move::First => 0,
            Move::Last => usize::MAX,
        };
        self.clamp(bytes);
    }

    /// Fits the rows into `area`: the more columns, the more bytes a row.
    pub fn fit(&mut self, bytes: &[u8], area: Rect) {
        let top = self.top();
        self.each = match area.width {
            77.. => 16,
            45..77 => 8,
            _ => 4,
        };
        self.rows.height = area.height.into();
        self.rows.offset = top / self.each;
        self.clamp(bytes);
    }

    fn clamp(&mut self, bytes: &[u8]) {
        let rows = bytes.len().div_ceil(self.each.max(1));
        let most = scroll::max_offset(rows, self.rows.height.max(1));
        self.rows.offset = self.rows.offset.min(most);
    }

    /// Draws the rows in sight.
    pub fn view(&self, bytes: &[u8], theme: &Theme, area: Rect, buf: &mut Buffer) {
        let each = self.each.max(1);
        let rows = bytes.chunks(each).skip(self.rows.offset);
        for ((row, chunk), y) in (self.rows.offset..).zip(rows).zip(area.y..area.bottom()) {
            let line = line(row * each, chunk, each, theme);
            text::put_line(buf, area.x, y, area.width.saturating_sub(1), &line);
        }
        let count = bytes.len().div_ceil(each);
        scroll::draw_bar(buf, area, self.rows.offset, count, theme);
    }
}

fn line(offset: usize, chunk: &[u8], each: usize, theme: &Theme) -> Line<'static> {
    let mut digits = String::with_capacity(each * 3 + 2);
    for at in 0..each {
        if at > 0 && at % 8 == 0 {
            digits.push(' ');
        }
        // Writing to a String cannot fail.
        let _ = match chunk.get(at) {
            Some(byte) => write!(digits, "{byte:02x} "),
            None => write!(digits, "   "),
        };
    }
    let shown = |byte: &u8| match byte {
        0x20..0x7f => char::from(*byte),
        _ => '.',
    };
    let letters: String = chunk.iter().map(shown).collect();
    Line::from(vec![
        Span::styled(format!("{offset:08x}  "), theme.dim),
        Span::styled(digits, theme.text),
        Span::styled(format!(" {letters}"), theme.json_string),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(hex: &Hex, bytes: &[u8], area: Rect) -> Vec<String> {
        let mut buffer = Buffer::empty(area);
        hex.view(bytes, &Theme::monochrome(), area, &mut buffer);
        let rows = buffer.content().chunks(area.width.into());
        rows.map(|row| {
            let text: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            text.trim_end().to_owned()
        })
        .collect()
    }

    #[test]
    fn bytes_are_shown_where_they_are() {
        let bytes = b"{\"a\":\x1b\xff1,\n}";
        let area = Rect::new(0, 0, 46, 2);
        let mut hex = Hex::default();
        hex.fit(bytes, area);
        assert_eq!(
            drawn(&hex, bytes, area),
            [
                r#"00000000  7b 22 61 22 3a 1b ff 31  {"a":..1"#,
                "00000008  2c 0a 7d                 ,.}",
            ]
        );
        let narrow = Rect::new(0, 0, 30, 2);
        hex.go(bytes, Move::Last);
        hex.fit(bytes, narrow);
        assert_eq!(hex.top(), 0);
        hex.go(bytes, Move::Last);
        assert_eq!(hex.top(), 4);
        hex.fit(bytes, Rect::new(0, 0, 90, 1));
        assert_eq!(drawn(&hex, bytes, Rect::new(0, 0, 90, 1)).len(), 1);
        hex.show(bytes, 999);
        hex.fit(b"", area);
        assert_eq!(hex.top(), 0);
    }
}
