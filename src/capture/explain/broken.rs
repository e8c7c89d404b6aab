//! Where a text stops being JSON, and what was opened there and never closed: the most common error of this API.
//!
//! Told without repeating the text, which may hold a password.

use std::fmt;

use crate::capture::json::Json;

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What is wrong, with its place: `{ opened at line 1 column 1 is never closed`.
    pub what: String,
    /// Line of the fault, from 1: of what was opened, when that was never closed.
    pub line: usize,
    /// Column of the fault in characters, from 1.
    pub column: usize,
    /// How long the text is, in bytes.
    pub length: usize,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes sent)", self.what, self.length)
    }
}

/// Something that was opened: what, and where.
#[derive(Clone, Copy)]
struct Opened {
    with: char,
    line: usize,
    column: usize,
}

/// What is open at a place of a text: the brackets from the outside in, and the string that the place is inside of.
#[derive(Default)]
struct Open {
    brackets: Vec<Opened>,
    string: Option<Opened>,
    /// The character at the place.
    at: Option<char>,
}

/// Why `text` is no JSON; `None` when it is.
pub fn find(text: &str) -> Option<Broken> {
    let error = Json::parse(text).err()?;
    let place = (!error.ends_early).then_some((error.line, error.column));
    let open = scan(text, place);
    let unclosed = open.string.or(open.brackets.last().copied());
    let (what, line, column) = match unclosed {
        _ if text.trim().is_empty() => ("there is no text at all".to_owned(), 1, 1),
        Some(opened) if error.ends_early => {
            let what = match opened.with {
                '"' => "the string that begins".to_owned(),
                bracket => format!("{bracket} opened"),
            };
            let (line, column) = (opened.line, opened.column);
            let around = match open.brackets.len() {
                0 | 1 => String::new(),
                many if open.string.is_some() => format!(", nor are the {many} brackets around it"),
                2 => ", nor is the bracket around it".to_owned(),
                many => format!(", nor are the {} brackets around it", many - 1),
            };
            (
                format!("{what} at line {line} column {column} is never closed{around}"),
                line,
                column,
            )
        }
        unclosed => {
            let (line, column) = (error.line, error.column);
            let why = match (open.at, unclosed) {
                (Some(closer @ (']' | '}')), Some(opened)) if !closes(opened.with, closer) => {
                    format!(
                        "{closer} where {} opened at line {} column {} is still to be closed",
                        opened.with, opened.line, opened.column
                    )
                }
                (Some(quote @ ('“' | '”' | '„' | '‘' | '’' | '\'')), _) => {
                    format!("{quote} is no quote of JSON, which has only \"")
                }
                _ => error.reason,
            };
            (format!("line {line} column {column}: {why}"), line, column)
        }
    };
    Some(Broken {
        what,
        line,
        column,
        length: text.len(),
    })
}

fn closes(opener: char, closer: char) -> bool {
    matches!((opener, closer), ('{', '}') | ('[', ']'))
}

/// What is open at a line and column, or at the end of the text.
fn scan(text: &str, place: Option<(usize, usize)>) -> Open {
    let mut open = Open::default();
    let (mut line, mut column, mut escaped) = (1, 1, false);
    for c in text.chars() {
        if place == Some((line, column)) {
            open.at = Some(c);
            return open;
        }
        let here = Opened {
            with: c,
            line,
            column,
        };
        match (open.string.is_some(), c) {
            (true, _) if escaped => escaped = false,
            (true, '\\') => escaped = true,
            (true, '"') => open.string = None,
            (false, '"') => open.string = Some(here),
            (false, '{' | '[') => open.brackets.push(here),
            (false, '}' | ']') => {
                open.brackets.pop();
            }
            _ => {}
        }
        if c == '\n' {
            (line, column) = (line + 1, 1);
        } else {
            column += 1;
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use proptest::prop_assert;
    use proptest::prop_assert_eq;
    use proptest::proptest;

    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, told) in [
            (
                r#"{"givenName": "Bob""#,
                "{ opened at line 1 column 1 is never closed (19 bytes sent)",
            ),
            (
                "{\"a\":\n  [1, {\"b\": 2",
                "{ opened at line 2 column 7 is never closed, nor are the 2 brackets around it (19 bytes sent)",
            ),
            (
                r#"{"é": "x, y}"#,
                "the string that begins at line 1 column 7 is never closed (13 bytes sent)",
            ),
            (
                r#"{"a": [{"b": "x]}"#,
                "the string that begins at line 1 column 14 is never closed, nor are the 3 brackets around it (17 bytes \
                 sent)",
            ),
            (
                r#"{"a": [1, 2}"#,
                "line 1 column 12: } where [ opened at line 1 column 7 is still to be closed (12 bytes sent)",
            ),
            (
                "{“a”: 1}",
                "line 1 column 2: “ is no quote of JSON, which has only \" (12 bytes sent)",
            ),
            (
                "{'a': 1}",
                "line 1 column 2: ' is no quote of JSON, which has only \" (8 bytes sent)",
            ),
            ("", "there is no text at all (0 bytes sent)"),
        ] {
            let broken = find(text).expect("is broken");
            assert_eq!(broken.to_string(), told, "{text}");
        }
        assert_eq!(find(r#"{"a": [1, 2, "]{"]}"#), None);
    }

    #[test]
    fn deep_nesting_is_scanned_without_recursion() {
        let deep = "[".repeat(200_000);
        assert!(find(&deep).is_some());
    }

    proptest! {
        #[test]
        fn every_text_is_judged_and_nothing_of_it_is_told(text in "[\\[\\]{}:,\"a1\n\\\\ é“]{0,40}") {
            let found = find(&text);
            prop_assert_eq!(found.is_none(), Json::parse(&text).is_ok());
            if let Some(broken) = found {
                prop_assert!(broken.line >= 1 && broken.column >= 1);
                let lines: Vec<&str> = text.split('\n').collect();
                prop_assert!(broken.line <= lines.len());
                prop_assert!(broken.column <= lines[broken.line - 1].chars().count() + 1);
            }
        }
    }
}
