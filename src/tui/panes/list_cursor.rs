//! A place in a list of rows, and the part of the list that is on the screen.

use crate::tui::widgets::list;
use crate::tui::widgets::scroll;

/// A place in a list of rows, and the part of the list that is on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListCursor {
    /// The row the cursor is on, from 0.
    pub at: usize,
    /// The first row on the screen.
    pub offset: usize,
    /// How many rows the screen shows; 0 before the first layout.
    pub height: usize,
}

/// How a cursor moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// By so many rows, up when negative.
    By(isize),
    /// By so many screens, up when negative.
    Pages(isize),
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

impl Move {
    /// By how many rows it goes, up when negative, where a page has so many.
    pub fn rows(self, page: isize) -> isize {
        match self {
            Self::By(rows) => rows,
            Self::Pages(pages) => pages.saturating_mul(page),
            Self::First => isize::MIN,
            Self::Last => isize::MAX,
        }
    }
}

impl ListCursor {
    /// Moves in a list of `len` rows, and scrolls so that the cursor stays on the screen.
    pub fn go(&mut self, to: Move, len: usize) {
        let page = self.height.saturating_sub(1).max(1) as isize;
        self.at = match to {
            Move::Last => len,
            to => self.at.saturating_add_signed(to.rows(page)),
        };
        self.fit(len);
    }

    /// Puts the cursor on row `at`.
    pub fn put(&mut self, at: usize, len: usize) {
        self.at = at;
        self.fit(len);
    }

    /// Puts the cursor on the row shown at `row` of the screen; false when the list ends before it.
    pub fn click(&mut self, row: u16, len: usize) -> bool {
        let at = self.offset + usize::from(row);
        if at < len {
            self.put(at, len);
        }
        at < len
    }

    /// Keeps cursor and screen inside a list of `len` rows.
    pub fn fit(&mut self, len: usize) {
        self.at = self.at.min(len.saturating_sub(1));
        self.offset = scroll::keep_visible(self.offset, self.at, len, self.height.max(1), 0);
    }

    /// What of a list of `len` rows is drawn.
    pub fn view(&self, len: usize, focused: bool) -> list::View {
        list::View {
            rows: len,
            offset: self.offset,
            selected: Some(self.at),
            focused,
        }
    }

    /// Scrolls the screen by `rows` without leaving the list; the cursor stays on the screen.
    pub fn scroll(&mut self, rows: isize, len: usize) {
        let height = self.height.max(1);
        self.offset = self
            .offset
            .saturating_add_signed(rows)
            .min(len.saturating_sub(height));
        self.at = self
            .at
            .clamp(self.offset, (self.offset + height).saturating_sub(1))
            .min(len.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_always_in_the_list_and_on_the_screen() {
        let mut cursor = ListCursor {
            height: 4,
            ..ListCursor::default()
        };
        let moves = [
            (Move::By(-1), 0),
            (Move::By(3), 3),
            (Move::By(1), 4),
            (Move::Pages(1), 7),
            (Move::Last, 9),
            (Move::Pages(1), 9),
            (Move::Pages(-1), 6),
            (Move::First, 0),
        ];
        for (to, expected) in moves {
            cursor.go(to, 10);
            assert_eq!(cursor.at, expected, "{to:?}");
            assert!((cursor.offset..cursor.offset + 4).contains(&cursor.at));
        }
        cursor.go(Move::Last, 10);
        cursor.fit(2);
        assert_eq!((cursor.at, cursor.offset), (1, 0));
        cursor.fit(0);
        assert_eq!((cursor.at, cursor.offset), (0, 0));
    }

    #[test]
    fn a_click_means_the_row_that_is_shown_there() {
        let mut cursor = ListCursor {
            height: 4,
            offset: 3,
            at: 3,
        };
        assert!(cursor.click(2, 10));
        assert_eq!((cursor.at, cursor.offset), (5, 3));
        assert!(!cursor.click(3, 6), "below the end of the list");
        assert_eq!(cursor.at, 5);
    }

    #[test]
    fn scrolling_takes_the_cursor_along() {
        let mut cursor = ListCursor {
            height: 4,
            ..ListCursor::default()
        };
        cursor.scroll(3, 10);
        assert_eq!((cursor.at, cursor.offset), (3, 3));
        cursor.scroll(100, 10);
        assert_eq!((cursor.at, cursor.offset), (6, 6));
        cursor.scroll(-100, 10);
        assert_eq!((cursor.at, cursor.offset), (3, 0));
        cursor.scroll(1, 0);
        assert_eq!((cursor.at, cursor.offset), (0, 0));
    }
}
