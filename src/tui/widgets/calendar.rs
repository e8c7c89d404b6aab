//! A month as a grid of days, drawn with one of them under the cursor. Used by the form's calendar; it knows neither
//! what the day is for nor the clock: whoever draws it says which day is today.
//!
//! ```text
//!  Mo Tu We Th Fr Sa Su
//!         1  2  3  4  5
//!   6  7  8  9 10 11 12
//!  13 14 15 16 17 18 19
//!  20 21 22 23 24 25 26
//!  27 28[29]
//! ```
//!
//! Weeks begin on Monday, as in ISO 8601, whatever the locale.

use jiff::civil::Date;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::theme::Theme;
use crate::tui::widgets::text;

/// Columns that a month takes.
pub const WIDTH: u16 = 7 * DAY + 1;

/// Rows that a month takes: the weekdays and six weeks.
pub const HEIGHT: u16 = 7;

/// Columns of a day: a blank, or the bracket of the cursor, and two digits.
const DAY: u16 = 3;

/// Draws the month of `day` with the cursor on that day, as far as `area` has room. `focused` says whether the cursor
/// is the one that keys move.
pub fn draw(buf: &mut Buffer, area: Rect, day: Date, today: Date, focused: bool, theme: &Theme) {
    let put = |buf: &mut Buffer, column: u16, row: u16, words: &str, style| {
        let room = area.width.saturating_sub(column);
        if row < area.height {
            text::put(buf, area.x + column, area.y + row, room, words, style);
        }
    };
    put(buf, 0, 0, " Mo Tu We Th Fr Sa Su", theme.dim);
    let first = first_cell(day);
    for number in 1..=day.days_in_month() {
        let cell = first + u16::from(number.unsigned_abs()) - 1;
        let (column, row) = (cell % 7 * DAY, cell / 7 + 1);
        if number == day.day() {
            // The brackets tell it where reversed cells cannot be seen.
            put(
                buf,
                column,
                row,
                &format!("[{number:>2}]"),
                theme.selected(focused),
            );
            continue;
        }
        let is_today =
            (today.year(), today.month(), today.day()) == (day.year(), day.month(), number);
        let style = if is_today { theme.accent } else { theme.text };
        put(buf, column + 1, row, &format!("{number:>2}"), style);
    }
}

/// The day of the month of `shown` that is drawn at this place of the grid.
pub fn day_at(shown: Date, column: u16, row: u16) -> Option<Date> {
    if column >= 7 * DAY || !(1..HEIGHT).contains(&row) {
        return None;
    }
    let cell = (row - 1) * 7 + column / DAY;
    let number = cell.checked_sub(first_cell(shown))? + 1;
    Date::new(shown.year(), shown.month(), i8::try_from(number).ok()?).ok()
}

/// How many cells of the first week are before the month.
fn first_cell(day: Date) -> u16 {
    let weekday = day.first_of_month().weekday();
    weekday.to_monday_zero_offset().unsigned_abs().into()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_day_is_found_where_it_is_drawn() {
        let theme = Theme::monochrome();
        for (year, month) in [(1984, 2), (2026, 3), (2026, 11), (1, 1), (9999, 12)] {
            let first = date(year, month, 1);
            for number in 1..=first.days_in_month() {
                let day = date(year, month, number);
                let area = Rect::new(0, 0, WIDTH, HEIGHT);
                let mut buf = Buffer::empty(area);
                draw(&mut buf, area, day, first, true, &theme);
                let drawn = (0..area.height)
                    .flat_map(|row| (0..area.width).map(move |column| (column, row)))
                    .find(|(column, row)| buf[(*column, *row)].symbol() == "[");
                let (column, row) = drawn.expect("the cursor is drawn");
                assert_eq!(day_at(first, column, row), Some(day), "{day}");
            }
        }
    }

    #[test]
    fn beside_the_days_there_is_none() {
        let shown = date(1984, 2, 1);
        // The first was a Wednesday, the 29th as well.
        for (column, row) in [(0, 0), (0, 1), (5, 1), (9, 5), (21, 2), (0, 7)] {
            assert_eq!(day_at(shown, column, row), None, "{column} {row}");
        }
        assert_eq!(day_at(shown, 6, 1), Some(shown));
    }

    #[test]
    fn it_is_drawn_in_any_room() {
        for (width, height) in [(0, 0), (1, 1), (5, 3), (21, 6)] {
            let area = Rect::new(0, 0, width, height);
            let mut buf = Buffer::empty(area);
            let day = date(2026, 3, 31);
            draw(&mut buf, area, day, day, false, &Theme::monochrome());
        }
    }
}
