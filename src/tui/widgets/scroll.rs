//! Which part of a long list is shown: offsets that keep the selection in sight, and the bar that tells where one is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::theme::Theme;
use crate::tui::widgets::text;

/// The largest useful offset: the last row stands on the last line.
pub fn max_offset(rows: usize, height: usize) -> usize {
    rows.saturating_sub(height)
}

/// The offset nearest to `offset` that shows row `selected` with `margin` rows around it, as far as there are so many,
/// and leaves no empty lines at the end that could be filled.
pub fn keep_visible(
    offset: usize,
    selected: usize,
    rows: usize,
    height: usize,
    margin: usize,
) -> usize {
    if height == 0 {
        return offset;
    }
    let margin = margin.min((height - 1) / 2);
    let lowest = (selected + margin + 1).saturating_sub(height);
    let highest = selected.saturating_sub(margin);
    offset
        .clamp(lowest.min(highest), highest)
        .min(max_offset(rows, height))
}

/// Moves a selection by `by` rows, staying inside the list.
pub fn step(selected: usize, by: isize, rows: usize) -> usize {
    selected
        .saturating_add_signed(by)
        .min(rows.saturating_sub(1))
}

/// Draws a scroll bar down the right edge of `area`; nothing if everything is shown anyway.
pub fn draw_bar(buffer: &mut Buffer, area: Rect, offset: usize, rows: usize, theme: &Theme) {
    let height = usize::from(area.height);
    if area.width == 0 || height == 0 || rows <= height {
        return;
    }
    let thumb = (height * height / rows).max(1);
    let room = height - thumb;
    let top = (offset * room).div_ceil(max_offset(rows, height)).min(room);
    for line in 0..area.height {
        let here = usize::from(line);
        let (glyph, style) = if (top..top + thumb).contains(&here) {
            (theme.glyphs.scroll_thumb, theme.border_focused)
        } else {
            (theme.glyphs.scroll_track, theme.border)
        };
        text::put(buffer, area.right() - 1, area.y + line, 1, glyph, style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    #[test]
    fn the_offset_moves_no_more_than_needed() {
        for (offset, selected, expected) in [
            (0, 0, 0),
            (0, 7, 0),
            (0, 8, 1),
            (0, 99, 90),
            (50, 55, 50),
            (50, 51, 49),
            (95, 99, 90),
        ] {
            assert_eq!(
                keep_visible(offset, selected, 100, 10, 2),
                expected,
                "{offset} {selected}"
            );
        }
        assert_eq!(keep_visible(5, 2, 3, 10, 2), 0);
        assert_eq!(keep_visible(3, 0, 0, 0, 2), 3);
        assert_eq!(step(0, -1, 5), 0);
        assert_eq!(step(3, 10, 5), 4);
        assert_eq!(step(3, 10, 0), 0);
    }

    proptest! {
        #[test]
        fn the_selection_is_always_in_sight(
            (offset, selected, rows, height, margin) in (0_usize..300, 0_usize..200, 1_usize..200, 1_usize..60, 0_usize..9)
        ) {
            let selected = selected.min(rows - 1);
            let offset = keep_visible(offset, selected, rows, height, margin);
            prop_assert!((offset..offset + height).contains(&selected));
            prop_assert!(offset <= max_offset(rows, height));
            prop_assert_eq!(keep_visible(offset, selected, rows, height, margin), offset);
        }
    }
}
