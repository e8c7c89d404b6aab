//! Draws a text that has very long lines while it is edited: only what is around the cursor is looked at. The text area
//! measures every line that it shows from end to end, which takes as long as a blink for a line of a mebibyte.
//!
//! What is shown follows from the cursor alone, which stands at three quarters of a line that does not fit.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::style::Style;
use ratatui::text::Span;
use tui_textarea::TextArea;

use crate::tui::widgets::text;

/// From this length on, in bytes, a line is long.
const LONG: usize = 8_192;

/// Whether the text area had better not draw this text itself.
pub fn is_long(area: &TextArea<'_>) -> bool {
    area.lines().iter().any(|line| line.len() > LONG)
}

/// Draws what is around the cursor.
pub fn draw(area: &TextArea<'_>, place: Rect, style: Style, buf: &mut Buffer) {
    let cursor = area.cursor();
    let (height, width) = (usize::from(place.height), usize::from(place.width));
    let last = area.lines().len().saturating_sub(height);
    let top = cursor.0.saturating_sub(height / 2).min(last);
    let left = cursor.1.saturating_sub(width * 3 / 4);
    let selection = area.selection_range();
    let rows = area.lines().iter().enumerate().skip(top);
    for ((row, line), y) in rows.zip(place.y..place.bottom()) {
        let marked = |column: usize| {
            let at = (row, column);
            at == (cursor.0, cursor.1) || selection.is_some_and(|(from, to)| from <= at && at < to)
        };
        // One more stands for the place after the last.
        let letters = line.chars().chain([' ']).enumerate().skip(left).take(width);
        let mut spans: Vec<Span<'_>> = Vec::new();
        let mut before = None;
        for (column, letter) in letters {
            let letter = area.mask_char().filter(|_| letter != ' ').unwrap_or(letter);
            let mark = marked(column);
            match spans.last_mut() {
                Some(span) if before == Some(mark) => span.content.to_mut().push(letter),
                _ if mark => spans.push(Span::styled(
                    letter.to_string(),
                    style.add_modifier(Modifier::REVERSED),
                )),
                _ => spans.push(Span::styled(letter.to_string(), style)),
            }
            before = Some(mark);
        }
        text::put_spans(buf, place.x, y, place.width, &spans);
    }
}
