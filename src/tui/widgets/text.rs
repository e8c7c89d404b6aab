//! Text on the screen: cleaned, clipped to its area, cut by cells.
//!
//! The one door for foreign text: [`put`] and [`put_spans`] never write outside the given width or the buffer, never
//! let a control character through and never panic. Wrapping is `json::sanitize::wrap`, since ratatui's own panics on
//! some texts.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::json::sanitize;
use crate::tui::theme::Glyphs;

/// Draws `text` at `x`, `y` on at most `cells` cells, cut with `…` if it is longer. Returns the column after it.
/// Draws nothing where the buffer is not.
pub fn put(buffer: &mut Buffer, x: u16, y: u16, cells: u16, text: &str, style: Style) -> u16 {
    let cells = clip(buffer, x, y, cells);
    if cells == 0 {
        return x;
    }
    if text.len() <= usize::from(cells) && is_ascii_text(text) {
        return put_ascii(buffer, x, y, text, style);
    }
    let shown = fit(text, cells);
    buffer
        .set_stringn(x, y, &shown, usize::from(cells), style)
        .0
}

/// Draws pieces of differing style one after the other on at most `cells` cells, cut with `…` in the style of the piece
/// that did not fit. Returns the column after the last.
pub fn put_spans(buffer: &mut Buffer, x: u16, y: u16, cells: u16, spans: &[Span<'_>]) -> u16 {
    let end = x.saturating_add(clip(buffer, x, y, cells));
    let mut at = x;
    for (index, span) in spans.iter().enumerate() {
        let room = end.saturating_sub(at);
        let rest = &spans[index + 1..];
        // A piece that exactly fills the line must still tell that others follow.
        let followed = rest.iter().any(|span| !span.content.is_empty());
        let style = span.style;
        if followed && width_up_to(&span.content, room) == room {
            let cut = format!(
                "{}…",
                sanitize::split_at(
                    &clean_head(&span.content, room),
                    usize::from(room.saturating_sub(1))
                )
                .0
            );
            return put(buffer, at, y, room, &cut, style);
        }
        if width_up_to(&span.content, room.saturating_add(1)) > room {
            return put(buffer, at, y, room, &span.content, style);
        }
        at = put(buffer, at, y, room, &span.content, style);
    }
    at
}

/// Draws a styled line: see [`put_spans`]. The line's own style lies under that of its pieces.
pub fn put_line(buffer: &mut Buffer, x: u16, y: u16, cells: u16, line: &Line<'_>) -> u16 {
    let spans: Vec<Span<'_>> = line
        .spans
        .iter()
        .map(|span| Span::styled(span.content.as_ref(), line.style.patch(span.style)))
        .collect();
    put_spans(buffer, x, y, cells, &spans)
}

/// Draws `text` so that it ends before column `right`, on at most `cells` cells. Returns the column it starts at.
pub fn put_right(
    buffer: &mut Buffer,
    right: u16,
    y: u16,
    cells: u16,
    text: &str,
    style: Style,
) -> u16 {
    let shown = fit(text, cells);
    let wide = (sanitize::width(&shown) as u16).min(right);
    let x = right - wide;
    put(buffer, x, y, wide, &shown, style);
    x
}

/// `text` cleaned and cut to `cells` cells. Costs no more than what is shown, however long the text.
pub fn fit(text: &str, cells: u16) -> String {
    let head = clean_head(text, cells);
    sanitize::truncate(&head, usize::from(cells))
}

/// How many cells `text` takes once cleaned, counting no further than `limit`.
pub fn width_up_to(text: &str, limit: u16) -> u16 {
    if is_ascii_text(text) {
        return text.len().min(usize::from(limit)) as u16;
    }
    sanitize::width(&clean_head(text, limit)).min(usize::from(limit)) as u16
}

/// How many cells a line takes once cleaned, counted to just beyond `limit`.
pub fn line_width(line: &Line<'_>, limit: u16) -> u16 {
    let limit = limit.saturating_add(1);
    line.spans.iter().fold(0, |sum: u16, span| {
        sum.saturating_add(width_up_to(&span.content, limit))
    })
}

/// The cleaned head of `text`, certainly longer than `cells` cells if the text is.
fn clean_head(text: &str, cells: u16) -> Cow<'_, str> {
    // A cell of cleaned text comes from at most one cluster; clusters may be long, so this bound is generous and the
    // few texts of longer clusters only end a little early.
    sanitize::clean(sanitize::head(text, (usize::from(cells) + 2) * 64))
}

/// Makes everything in `buffer` ASCII, cell by cell: known marks become their counterparts, anything else `?`. For
/// terminals without UTF-8, once per frame, after everything is drawn.
pub fn to_ascii(buffer: &mut Buffer) {
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let cell = &mut buffer[(x, y)];
            if !cell.symbol().is_ascii() {
                let ascii = ascii_for(cell.symbol());
                cell.set_char(ascii);
            }
        }
    }
}

fn ascii_for(symbol: &str) -> char {
    let marks = [
        (Glyphs::UNICODE.ok, '+'),
        (Glyphs::UNICODE.error, 'x'),
        (Glyphs::UNICODE.warning, '!'),
        (Glyphs::UNICODE.running, '~'),
        (Glyphs::UNICODE.dot, '*'),
        (Glyphs::UNICODE.block, '#'),
        ("○", 'o'),
        (Glyphs::UNICODE.folded, '>'),
        (Glyphs::UNICODE.unfolded, 'v'),
        (Glyphs::UNICODE.ellipsis, '~'),
        (Glyphs::UNICODE.separator, '-'),
        ("‹", '<'),
        ("›", '>'),
        ("⟨", '<'),
        ("⟩", '>'),
        ("–", '-'),
        ("—", '-'),
        ("→", '>'),
        ("≤", '<'),
        ("←", '<'),
        ("↑", '^'),
        ("↓", 'v'),
        ("⏎", '$'),
        ("•", '*'),
        ("×", 'x'),
        ("“", '"'),
        ("”", '"'),
        ("‘", '\''),
        ("’", '\''),
        ("\u{a0}", ' '),
        ("\u{202f}", ' '),
        ("─", '-'),
        ("│", '|'),
        ("└", '`'),
        ("├", '|'),
        ("◆", '*'),
    ];
    if symbol.starts_with(|first| matches!(first, '\u{2400}'..='\u{2421}')) {
        // The picture of a control character.
        return '^';
    }
    let found = marks.iter().find(|(unicode, _)| *unicode == symbol);
    found.map_or('?', |(_, ascii)| *ascii)
}

/// Draws a rectangle of blanks in `style`, as far as the buffer reaches.
pub fn fill(buffer: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let cell = &mut buffer[(x, y)];
            cell.reset();
            cell.set_style(style);
        }
    }
}

/// How many of `cells` cells from `x`, `y` on lie inside the buffer.
fn clip(buffer: &Buffer, x: u16, y: u16, cells: u16) -> u16 {
    let area = buffer.area;
    if x < area.left() || y < area.top() || y >= area.bottom() {
        return 0;
    }
    cells.min(area.right().saturating_sub(x))
}

fn is_ascii_text(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// The fast way for what most of the screen is. The caller has clipped, and made sure that the bytes are printable.
fn put_ascii(buffer: &mut Buffer, x: u16, y: u16, text: &str, style: Style) -> u16 {
    let mut at = x;
    for byte in text.bytes() {
        buffer[(at, y)].set_char(char::from(byte)).set_style(style);
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;
    use ratatui::style::Modifier;

    fn row(buffer: &Buffer, y: u16) -> String {
        let area = buffer.area;
        (area.left()..area.right())
            .map(|x| buffer[(x, y)].symbol())
            .collect()
    }

    #[test]
    fn foreign_text_is_cleaned_and_cut() {
        for (text, cells, shown) in [
            ("hello", 10, "hello     "),
            ("hello", 3, "he…       "),
            ("\u{1b}[2J", 10, "␛[2J      "),
            ("a\u{202e}b", 10, "a⟨U+202E⟩b"),
            ("漢字", 3, "漢 …       "),
            ("x", 0, "          "),
        ] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 1));
            put(&mut buffer, 0, 0, cells, text, Style::new());
            assert_eq!(row(&buffer, 0), shown, "{text:?} in {cells}");
        }
    }

    #[test]
    fn pieces_share_the_room() {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        for (cells, shown, end) in [
            (10, "abcdef    ", 6),
            (6, "abcdef    ", 6),
            (5, "abcd…     ", 5),
            (3, "ab…       ", 3),
            (1, "…         ", 1),
            (0, "          ", 0),
        ] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 1));
            let spans = [Span::raw("abc"), Span::styled("def", bold), Span::raw("")];
            assert_eq!(put_spans(&mut buffer, 0, 0, cells, &spans), end);
            assert_eq!(row(&buffer, 0), shown, "in {cells}");
        }
    }

    #[test]
    fn right_aligned_text_ends_where_told() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 1));
        assert_eq!(put_right(&mut buffer, 9, 0, 5, "漢字x", Style::new()), 4);
        assert_eq!(row(&buffer, 0), "    漢 字 x ");
        assert_eq!(put_right(&mut buffer, 2, 0, 5, "long one", Style::new()), 0);
    }

    #[test]
    fn an_ascii_screen_has_nothing_else() {
        for (text, shown) in [
            ("✓ 漢 é…", "+ ?  ?~   "),
            ("••••", "****      "),
            ("└ “a” 8×9", "` \"a\" 8x9 "),
            ("a\nb\tc\u{1b}", "a$b>c^    "),
        ] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 1));
            put(&mut buffer, 0, 0, 10, text, Style::new());
            to_ascii(&mut buffer);
            assert_eq!(row(&buffer, 0), shown, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn never_writes_outside_and_never_panics(
            text in "\\PC*|[\u{0}-\u{a0}\u{200b}-\u{202e}a-c漢🌞🇧៘ا\u{301}]*",
            (x, y, cells) in (0_u16..70, 0_u16..5, 0_u16..70),
            (wide, high) in (0_u16..60, 0_u16..4),
        ) {
            let mut buffer = Buffer::empty(Rect::new(0, 0, wide, high));
            let end = put(&mut buffer, x, y, cells, &text, Style::new());
            prop_assert!(end <= x.saturating_add(cells));
            put_right(&mut buffer, x, y, cells, &text, Style::new());
            put_spans(&mut buffer, x, y, cells, &[Span::raw(text.as_str()), Span::raw(text.as_str())]);
            to_ascii(&mut buffer);
            let printable = |cell: &ratatui::buffer::Cell| !cell.symbol().contains(char::is_control);
            prop_assert!(buffer.content().iter().all(printable));
        }
    }
}
