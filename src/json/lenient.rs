//! Reads JSON as people write it by hand: with comments, trailing commas and a byte order mark, which are left out of
//! what is sent.
//!
//! What is left out becomes blanks, so that every place in the strict text is the same place in the one that was
//! written. Used where a text is typed or comes from an editor. Deliberately absent: anything that has to be guessed,
//! which is [`crate::json::repair`]'s and never happens unasked.

use std::borrow::Cow;

use crate::json::document::Document;
use crate::json::document::Fault;
use crate::json::locate::BOM;
use crate::json::locate::line_and_column;

/// A text that is JSON but for what was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    /// The strict text: as long as the original, with blanks for what was left out.
    pub text: Cow<'a, str>,
    /// What was left out.
    pub left_out: LeftOut,
}

/// What a lenient reading leaves out, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Comments, in any of the three spellings.
    pub comments: usize,
    /// Commas after the last member or element.
    pub commas: usize,
    /// A byte order mark.
    pub bom: bool,
}

impl LeftOut {
    /// What was left out, in words: `2 comments and a trailing comma`; `None` when nothing was.
    pub fn in_words(&self) -> Option<String> {
        let count = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(one.to_owned()),
            count => Some(format!("{count} {many}")),
        };
        let words: Vec<String> = [
            count(self.comments, "a comment", "comments"),
            count(self.commas, "a trailing comma", "trailing commas"),
            count(usize::from(self.bom), "a byte order mark", ""),
        ]
        .into_iter()
        .flatten()
        .collect();
        let (last, before) = words.split_last()?;
        Some(if before.is_empty() {
            last.clone()
        } else {
            format!("{} and {last}", before.join(", "))
        })
    }
}

/// Reads `text` leniently, in one pass.
///
/// Fails with the place in `text` where it is not JSON even so.
pub fn read(text: &str) -> Result<Reading<'_>, Fault> {
    let reading = blank_out(text);
    match Document::parse(reading.text.as_bytes()).fault() {
        None => Ok(reading),
        Some(fault) => {
            let (line, column) = line_and_column(text.as_bytes(), fault.offset);
            Err(Fault {
                line,
                column,
                ..fault.clone()
            })
        }
    }
}

/// The text with blanks for comments, trailing commas and a byte order mark, whether or not it is JSON then.
pub fn blank_out(text: &str) -> Reading<'_> {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        at: 0,
        blanks: Vec::new(),
        left_out: LeftOut::default(),
    };
    if text.starts_with(BOM) {
        scan.left_out.bom = true;
        scan.blank_to(BOM.len());
    }
    scan.run();
    let left_out = scan.left_out;
    let text = if scan.blanks.is_empty() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(with_blanks(text, &scan.blanks))
    };
    Reading { text, left_out }
}

/// `text` with blanks in place of these ranges, line breaks kept.
fn with_blanks(text: &str, blanks: &[(usize, usize)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end) in blanks {
        out.push_str(&text[at..*start]);
        let blank = |byte| if byte == b'\n' { '\n' } else { ' ' };
        out.extend(text[*start..*end].bytes().map(blank));
        at = *end;
    }
    out.push_str(&text[at..]);
    out
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    blanks: Vec<(usize, usize)>,
    left_out: LeftOut,
}

impl Scan<'_> {
    fn run(&mut self) {
        // Where a comma stands that nothing but blanks and comments followed yet, among the blanks to come.
        let mut comma = None;
        // Whether a value may have ended just before.
        let mut after_value = false;
        while let Some(byte) = self.bytes.get(self.at).copied() {
            if let Some(end) = comment_end(self.bytes, self.at) {
                self.left_out.comments += 1;
                self.blank_to(end);
                continue;
            }
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => {}
                b',' => {
                    comma = after_value.then_some((self.at, self.blanks.len()));
                    after_value = false;
                }
                b']' | b'}' => {
                    if let Some((at, among)) = comma.take() {
                        self.left_out.commas += 1;
                        self.blanks.insert(among, (at, at + 1));
                    }
                    after_value = true;
                }
                _ => {
                    comma = None;
                    after_value = !matches!(byte, b'[' | b'{' | b':');
                }
            }
            self.at = match byte {
                b'"' => string_end(self.bytes, self.at),
                _ => self.at + 1,
            };
        }
    }

    fn blank_to(&mut self, end: usize) {
        self.blanks.push((self.at, end));
        self.at = end;
    }
}

/// Where a comment that starts at `at` ends; `None` when none starts there. One that is never closed ends with the text.
pub(super) fn comment_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let line_end = || memchr::memchr(b'\n', rest).map_or(bytes.len(), |end| at + end);
    match rest {
        [b'#', ..] | [b'/', b'/', ..] => Some(line_end()),
        [b'/', b'*', inside @ ..] => {
            let close = memchr::memmem::find(inside, b"*/");
            Some(close.map_or(bytes.len(), |close| at + close + 4))
        }
        _ => None,
    }
}

/// The end of the string that starts at `start`; of one that is not closed on its line, the line's end.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    fn lenient(text: &str) -> Result<(String, Option<String>), String> {
        match read(text) {
            Ok(reading) => Ok((reading.text.into_owned(), reading.left_out.in_words())),
            Err(fault) => Err(format!("{}:{} {}", fault.line, fault.column, fault.reason)),
        }
    }

    #[test]
    fn comments_trailing_commas_and_a_mark_are_left_out() {
        for (text, strict, said) in [
            (
                "{\"a\":1, // one\n}",
                "{\"a\":1        \n}",
                "a comment and a trailing comma",
            ),
            ("[1,# é\n2]", "[1,    \n2]", "a comment"),
            (
                "[1,/* a\nb */]",
                "[1     \n    ]",
                "a comment and a trailing comma",
            ),
            ("/* 1 */ {} // 2", "        {}     ", "2 comments"),
            ("[[1,],]", "[[1 ] ]", "2 trailing commas"),
            (
                "\u{feff}{\"a\":[1,]}#",
                "   {\"a\":[1 ]} ",
                "a comment, a trailing comma and a byte order mark",
            ),
        ] {
            assert_eq!(
                lenient(text),
                Ok((strict.to_owned(), Some(said.to_owned()))),
                "{text}"
            );
        }
    }

    #[test]
    fn what_only_looks_so_stays() {
        for text in [
            r#"{"a":"// no # comment /* */","b":",]","c":"\\","d":"\",}"}"#,
            "[]",
            " null\n",
        ] {
            let reading = read(text).expect("is JSON");
            assert!(matches!(reading.text, Cow::Borrowed(same) if same == text));
            assert_eq!(reading.left_out.in_words(), None);
        }
    }

    #[test]
    fn what_is_none_even_so_is_placed_in_the_original() {
        for (text, fault) in [
            (
                "{ // é\n \"a\": é }",
                "2:7 a value is expected here, not `é`",
            ),
            (
                "\u{feff}{/* é */ 1}",
                "1:10 a key in double quotes is expected here, not `1`",
            ),
            ("[1,,]", "1:4 a value is expected here, not `,`"),
            ("[,]", "1:2 a value is expected here, not `,`"),
            (
                "{\"a\": [1, 2 // open\n",
                "2:1 the text ends, and the [ opened at line 1 column 7 is never closed",
            ),
            (
                "{\"a",
                "1:4 the text ends inside a string: its closing \" is missing",
            ),
        ] {
            assert_eq!(lenient(text), Err(fault.to_owned()), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_place_stays_where_it_is(text in "[\\[\\]{}:,\"a1/*#\n\\\\é ]{0,60}") {
            let reading = blank_out(&text);
            prop_assert_eq!(reading.text.len(), text.len());
            let breaks = |text: &str| memchr::memchr_iter(b'\n', text.as_bytes()).collect::<Vec<_>>();
            prop_assert_eq!(breaks(&reading.text), breaks(&text));
            let again = blank_out(&reading.text);
            if read(&text).is_ok() {
                prop_assert_eq!(again.left_out, LeftOut::default());
            }
        }
    }
}
