//! The frame of a pane: title on the left, notes on the right above and below.
//!
//! The focused pane has a heavy border and a bold title, so it is told apart without colour. When it gets narrow the
//! notes go first, the last of them before the others, and then the title is cut.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::tui::theme::Theme;
use crate::tui::widgets::text;

/// A frame's texts; all may be foreign.
#[derive(Clone, Debug, Default)]
pub struct PaneFrame<'a> {
    /// With the pane's number: `2 Form · user (new)`.
    pub title: &'a str,
    /// Above on the right, the most important first.
    pub notes: Vec<Line<'a>>,
    /// Below on the right, the most important first.
    pub bottom_notes: Vec<Line<'a>>,
    /// Whether the pane has the focus.
    pub focused: bool,
}

impl PaneFrame<'_> {
    /// Draws the frame and returns the area inside it.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: &Theme) -> Rect {
        let area = area.intersection(buffer.area);
        if area.width < 2 || area.height < 2 {
            return Rect::new(area.x, area.y, 0, 0);
        }
        self.draw_border(buffer, area, theme);
        // A corner and one piece of border on either side stay free.
        let (left, right) = (area.x + 2, area.right().saturating_sub(2));
        let title_style = if self.focused {
            theme.title_focused
        } else {
            theme.title
        };
        let room = right.saturating_sub(left);
        let title = text::fit(self.title, room.saturating_sub(2));
        let mut taken = left;
        if !title.is_empty() {
            taken = text::put(
                buffer,
                left,
                area.y,
                room,
                &format!(" {title} "),
                title_style,
            );
        }
        draw_notes(buffer, taken, right, area.y, &self.notes);
        draw_notes(buffer, left, right, area.bottom() - 1, &self.bottom_notes);
        Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
    }

    fn draw_border(&self, buffer: &mut Buffer, area: Rect, theme: &Theme) {
        let (set, style) = if self.focused {
            (theme.glyphs.border_focused, theme.border_focused)
        } else {
            (theme.glyphs.border, theme.border)
        };
        let (left, right) = (area.x, area.right() - 1);
        let (top, bottom) = (area.y, area.bottom() - 1);
        for x in left + 1..right {
            text::put(buffer, x, top, 1, set.horizontal_top, style);
            text::put(buffer, x, bottom, 1, set.horizontal_bottom, style);
        }
        for y in top + 1..bottom {
            text::put(buffer, left, y, 1, set.vertical_left, style);
            text::put(buffer, right, y, 1, set.vertical_right, style);
        }
        for (x, y, corner) in [
            (left, top, set.top_left),
            (right, top, set.top_right),
            (left, bottom, set.bottom_left),
            (right, bottom, set.bottom_right),
        ] {
            text::put(buffer, x, y, 1, corner, style);
        }
    }
}

/// Draws as many of the notes as fit between `left` and `right`, whole, each in spaces and with border between them.
fn draw_notes(buffer: &mut Buffer, left: u16, right: u16, y: u16, notes: &[Line<'_>]) {
    let room = right.saturating_sub(left);
    let mut shown = 0;
    let mut used = 0_u16;
    for note in notes {
        let wide = text::line_width(note, room).saturating_add(3);
        if used.saturating_add(wide) > room {
            break;
        }
        used += wide;
        shown += 1;
    }
    let mut at = right - used;
    for note in &notes[..shown] {
        let wide = text::line_width(note, room);
        // The border before a note stays; the note stands in two spaces.
        let style = note.style;
        let start = text::put(buffer, at + 1, y, 1, " ", style);
        let end = text::put_line(buffer, start, y, wide, note);
        at = text::put(buffer, end, y, 1, " ", style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    use crate::tui::theme::Glyphs;

    fn drawn(frame: &PaneFrame<'_>, width: u16, height: u16, theme: &Theme) -> String {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        frame.draw(&mut buffer, area, theme);
        let rows = buffer.content().chunks(usize::from(width.max(1)));
        rows.map(|row| {
            row.iter()
                .map(ratatui::buffer::Cell::symbol)
                .collect::<String>()
                + "\n"
        })
        .collect()
    }

    #[test]
    fn notes_go_before_the_title_is_cut() {
        let frame = PaneFrame {
            title: "2 Form · user (new)",
            notes: vec![Line::from("draft 12:04"), Line::from("41 ms")],
            bottom_notes: vec![Line::from("✗ 2 problems"), Line::from("[!] next")],
            focused: true,
        };
        let unfocused = PaneFrame {
            focused: false,
            ..frame.clone()
        };
        let mut all = String::new();
        for width in [60, 45, 36, 30, 20, 8, 5, 2] {
            all += &drawn(&frame, width, 3, &Theme::monochrome());
        }
        all += &drawn(&unfocused, 30, 2, &Theme::monochrome());
        let ascii = Theme {
            glyphs: Glyphs::ASCII,
            ..Theme::monochrome()
        };
        all += &drawn(&frame, 30, 3, &ascii);
        insta::assert_snapshot!(all);
    }

    proptest! {
        #[test]
        fn any_size_and_text_is_drawn(
            text in "\\PC{0,20}|[\u{0}-\u{a0}\u{200b}-\u{202e}a-c漢🌞🇧៘ا\u{301}]{0,20}",
            (width, height) in (0_u16..60, 0_u16..6),
            (x, y) in (0_u16..9, 0_u16..3),
        ) {
            let screen = Rect::new(0, 0, width, height);
            let mut buffer = Buffer::empty(screen);
            let notes = vec![Line::from(text.as_str()), Line::from("41 ms")];
            let frame = PaneFrame { title: &text, bottom_notes: notes.clone(), notes, focused: true };
            let inner = frame.draw(&mut buffer, Rect::new(x, y, 60, 6), &Theme::monochrome());
            prop_assert!(inner.is_empty() || screen.intersection(inner) == inner);
        }
    }
}
