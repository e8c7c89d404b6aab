//! Places in a text, for people: line and column, and the line itself with a mark below.
//!
//! Used by everything that says where a text stops being JSON. Deliberately absent: deciding what is wrong, which is
//! [`crate::json::document`]'s.

use unicode_segmentation::UnicodeSegmentation;

use crate::json::sanitize;

/// The byte order mark, which JSON does not have.
pub const BOM: &str = "\u{feff}";

/// How far to each side of the place its line is looked at, in bytes: no line is too long for [`excerpt`].
const LOOK: usize = 2000;

/// Line and column of the place after `offset` bytes, both from 1; columns in characters, a byte that is not UTF-8
/// counting as one, and a byte order mark at the beginning as none.
pub fn line_and_column(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = &bytes[..offset.min(bytes.len())];
    let line = 1 + memchr::memchr_iter(b'\n', before).count();
    let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let start = if start == 0 && bytes.starts_with(BOM.as_bytes()) {
        before.len().min(BOM.len())
    } else {
        start
    };
    let characters: usize = before[start..]
        .utf8_chunks()
        .map(|chunk| chunk.valid().chars().count() + chunk.invalid().len())
        .sum();
    (line, characters + 1)
}

/// A line of a text, and where in it something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, clean for the screen, cut around the place if it is too long.
    pub line: String,
    /// How many cells are before the place.
    pub caret: usize,
}

impl Excerpt {
    /// The mark to put below the line.
    pub fn caret_line(&self) -> String {
        format!("{}^", " ".repeat(self.caret))
    }
}

/// The line that holds the place after `offset` bytes, on at most `cells` cells.
pub fn excerpt(text: &str, offset: usize, cells: usize) -> Excerpt {
    let offset = floor(text, offset);
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let start = start.max(floor(text, offset.saturating_sub(LOOK)));
    let end = text[offset..]
        .find('\n')
        .map_or(text.len(), |at| offset + at);
    let end = end.min(floor(text, offset.saturating_add(LOOK)));
    let before = sanitize::clean(text[start..offset].trim_start_matches(BOM)).into_owned();
    let after = sanitize::clean(text[offset..end].trim_end_matches('\r')).into_owned();
    // What is before the place keeps two thirds of the room at most.
    let room = (cells * 2 / 3).min(cells.saturating_sub(1));
    let kept = last_cells(&before, room);
    let caret = sanitize::width(&kept);
    let after = sanitize::truncate(&after, cells.saturating_sub(caret));
    Excerpt {
        line: kept + &after,
        caret,
    }
}

/// The end of `text` on at most `cells` cells, with `…` before it if something was cut.
fn last_cells(text: &str, cells: usize) -> String {
    if sanitize::width(text) <= cells {
        return text.to_owned();
    }
    let mut used = 1;
    let mut from = text.len();
    for (at, cluster) in text.grapheme_indices(true).rev() {
        used += sanitize::width(cluster);
        if used > cells {
            break;
        }
        from = at;
    }
    if cells == 0 {
        return String::new();
    }
    format!("…{}", &text[from..])
}

/// The last character boundary up to `offset`.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    #[test]
    fn columns_count_characters() {
        for (text, offset, place) in [
            ("", 0, (1, 1)),
            ("abc", 2, (1, 3)),
            ("é\né!", 5, (2, 2)),
            ("\u{feff}{", 3, (1, 1)),
            ("\u{feff}{", 4, (1, 2)),
            ("a\nb", 9, (2, 2)),
        ] {
            assert_eq!(line_and_column(text.as_bytes(), offset), place, "{text:?}");
        }
        assert_eq!(line_and_column(b"\xff\xff!", 2), (1, 3));
    }

    #[test]
    fn a_place_is_shown_in_its_line() {
        let shown = |text, offset, cells| {
            let excerpt = excerpt(text, offset, cells);
            (excerpt.line.clone(), excerpt.caret_line())
        };
        let line = r#"  "givenName": Bob,"#;
        let text = format!("{{\n{line}\n}}");
        assert_eq!(
            shown(&text, 17, 40),
            (line.to_owned(), format!("{}^", " ".repeat(15)))
        );
        assert_eq!(
            shown(&text, 17, 12),
            ("…Name\": Bob,".to_owned(), "        ^".to_owned())
        );
        assert_eq!(
            shown("漢字\tx", 7, 40),
            ("漢字→x".to_owned(), "     ^".to_owned())
        );
        assert_eq!(shown("", 0, 10), (String::new(), "^".to_owned()));
    }

    proptest! {
        #[test]
        fn an_excerpt_fits_and_shows_its_place(text in ".{0,80}", offset in 0_usize..200, cells in 2_usize..60) {
            let excerpt = excerpt(&text, offset, cells);
            prop_assert!(sanitize::width(&excerpt.line) <= cells, "{:?}", excerpt);
            prop_assert!(excerpt.caret < cells);
        }

        #[test]
        fn a_place_is_in_the_text(bytes in prop::collection::vec(any::<u8>(), 0..60), offset in 0_usize..80) {
            let (line, column) = line_and_column(&bytes, offset);
            prop_assert!(line >= 1 && column >= 1 && line <= bytes.len() + 1);
        }
    }
}
