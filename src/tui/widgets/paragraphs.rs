//! A few paragraphs of prose: empty states, failures, help.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::json::sanitize;
use crate::tui::widgets::text;

/// What is longer, in bytes, is no prose: its head is shown.
const LONGEST: usize = 8 << 10;

/// Draws each text wrapped to the area, one below the other. Returns how many rows were used.
pub fn put(buffer: &mut Buffer, area: Rect, texts: &[(String, Style)]) -> u16 {
    let rows = texts.iter().flat_map(|(text, style)| {
        let brief = sanitize::brief(text, LONGEST);
        let clean = sanitize::clean_lines(&brief);
        sanitize::wrap(&clean, area.width.into())
            .into_iter()
            .map(move |line| (line, *style))
    });
    let mut used = 0;
    for ((line, style), y) in rows.zip(area.y..area.bottom()) {
        text::put(buffer, area.x, y, area.width, &line, style);
        used += 1;
    }
    used
}
