//! A list of lines of which one may be selected. Only the lines in sight are asked for.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::tui::theme::Theme;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// What of a list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// How many rows the list has.
    pub rows: usize,
    /// The first row shown.
    pub offset: usize,
    /// The selected row.
    pub selected: Option<usize>,
    /// Whether the list has the focus: its selection then stands out more.
    pub focused: bool,
}

/// Draws the rows in sight, made by `line`, and a scroll bar if there are more.
pub fn draw<'a>(
    buffer: &mut Buffer,
    area: Rect,
    view: View,
    theme: &Theme,
    line: impl Fn(usize) -> Line<'a>,
) {
    let area = area.intersection(buffer.area);
    let has_bar = view.rows > usize::from(area.height) && area.width > 1;
    let width = area.width - u16::from(has_bar);
    for (row, y) in (view.offset..view.rows).zip(area.top()..area.bottom()) {
        text::put_line(buffer, area.x, y, width, &line(row));
        if view.selected == Some(row) {
            let bar = Rect::new(area.x, y, width, 1);
            buffer.set_style(bar, theme.selected(view.focused));
        }
    }
    if has_bar {
        scroll::draw_bar(buffer, area, view.offset, view.rows, theme);
    }
}

/// The row drawn at a place on the screen.
pub fn row_at(area: Rect, offset: usize, rows: usize, place: Position) -> Option<usize> {
    let row = offset + usize::from(place.y.checked_sub(area.y)?);
    (area.contains(place) && row < rows).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_in_sight_are_made() {
        let area = Rect::new(0, 0, 6, 2);
        let mut buffer = Buffer::empty(area);
        let view = View {
            rows: 1_000_000,
            offset: 500_000,
            selected: Some(500_001),
            focused: true,
        };
        let asked = std::cell::Cell::new(0);
        draw(&mut buffer, area, view, &Theme::monochrome(), |row| {
            asked.set(asked.get() + 1);
            Line::from(row.to_string())
        });
        assert_eq!(asked.get(), 2);
        insta::assert_debug_snapshot!(buffer);
    }

    #[test]
    fn places_lead_to_rows() {
        let area = Rect::new(2, 3, 10, 4);
        assert_eq!(row_at(area, 7, 100, Position::new(2, 3)), Some(7));
        assert_eq!(row_at(area, 7, 100, Position::new(11, 6)), Some(10));
        assert_eq!(row_at(area, 7, 9, Position::new(2, 5)), None);
        assert_eq!(row_at(area, 7, 100, Position::new(12, 3)), None);
        assert_eq!(row_at(area, 7, 100, Position::new(2, 2)), None);
    }
}
