//! Files of records: CSV, NDJSON and JSON, packed or not, read and written one record at a time, so that memory does not
//! depend on how many there are. Used by loading, exporting and comparing; knows no network and no clock.
//!
//! ```text
//!  file ─▶ read::Reader ─▶ Row (number, line, text) ─▶ read::Shape ─▶ Json, or what is wrong with it
//!          one thread, only splits                     any thread
//! ```

pub mod read;
pub mod write;

/// A cell that means null. An empty cell means that the attribute is not given. Our choice, as databases write it.
pub const NULL_CELL: &str = "\\N";

/// A cell that means the empty text. Our choice: an empty cell cannot mean it.
pub const EMPTY_CELL: &str = "\\E";

/// The text of a cell for `text`: itself, but for the empty one and those that mean something else, which get one more
/// backslash before them.
pub fn cell_of(text: &str) -> std::borrow::Cow<'_, str> {
    match text {
        "" => EMPTY_CELL.into(),
        text if is_marked(text) => format!("\\{text}").into(),
        text => text.into(),
    }
}

/// The text that a cell which is not empty stands for, or `None` for null.
pub fn text_of(cell: &str) -> Option<&str> {
    match cell {
        NULL_CELL => None,
        EMPTY_CELL => Some(""),
        cell if is_marked(cell) => Some(&cell[1..]),
        cell => Some(cell),
    }
}

/// Whether a cell is backslashes and one of the two letters.
fn is_marked(cell: &str) -> bool {
    cell.starts_with('\\') && matches!(cell.trim_start_matches('\\'), "N" | "E")
}

#[cfg(test)]
mod tests {
    use proptest::proptest;

    use super::*;

    #[test]
    fn cells_that_mean_something() {
        for (cell, text) in [
            ("\\N", None),
            ("\\E", Some("")),
            ("\\\\N", Some("\\N")),
            ("\\\\\\E", Some("\\\\E")),
            ("\\n", Some("\\n")),
            ("N", Some("N")),
            ("\\Nx", Some("\\Nx")),
            ("\\", Some("\\")),
        ] {
            assert_eq!(text_of(cell), text, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in r"\\{0,3}[NEn]?.{0,2}") {
            assert_eq!(text_of(&cell_of(&text)), Some(text.as_str()));
        }
    }
}
