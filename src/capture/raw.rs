//! The parts of JSON texts that are known to be well-formed, found without reading values: a page of records is cut into
//! its records, and a record into its members, at the speed of looking at each byte once.
//!
//! Used by what moves records in bulk. A text that is not well-formed gives `None` somewhere, never a panic and never an
//! endless loop; whoever needs to know why reads it with [`crate::capture::json`].

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr2;

/// A place in a text.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Before the first byte.
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// How many bytes lie before it.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The next byte that is not white space, without passing it.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Passes this byte, if it is the next that is not white space.
    pub fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Passes a value and gives its text, without the white space around it.
    pub fn value(&mut self) -> Option<&'a [u8]> {
        let first = self.peek()?;
        let from = self.at;
        match first {
            b'"' => self.string()?,
            b'{' | b'[' => self.container()?,
            _ => {
                let rest = &self.text[self.at..];
                let ends = |byte: &u8| {
                    matches!(
                        byte,
                        b',' | b']' | b'}' | b' ' | b'\n' | b'\t' | b'\r' | b':'
                    )
                };
                let length = rest.iter().position(ends).unwrap_or(rest.len());
                if length == 0 {
                    return None;
                }
                self.at += length;
            }
        }
        Some(&self.text[from..self.at])
    }

    /// The next member of the object that the cursor is in, behind its `{` or behind another member: the literal of its
    /// name, with the cursor before its value. `None` in the option when the object ends here, which is passed.
    pub fn member(&mut self) -> Option<Option<&'a [u8]>> {
        match self.peek()? {
            b'}' => {
                self.at += 1;
                return Some(None);
            }
            b',' => self.at += 1,
            _ => {}
        }
        if self.peek()? != b'"' {
            return None;
        }
        let from = self.at;
        self.string()?;
        let name = &self.text[from..self.at];
        self.take(b':')?;
        Some(Some(name))
    }

    /// Whether the array that the cursor is in, behind its `[` or behind an element, has another one, before which the
    /// cursor is then; its end is passed.
    pub fn element(&mut self) -> Option<bool> {
        match self.peek()? {
            b']' => {
                self.at += 1;
                return Some(false);
            }
            b',' => self.at += 1,
            _ => {}
        }
        Some(true)
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..)?;
            let found = memchr2(b'"', b'\\', rest)?;
            if rest[found] == b'"' {
                self.at += found + 1;
                return Some(());
            }
            self.at += found + 2;
        }
    }

    fn container(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match *self.text.get(self.at)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.checked_sub(1)?,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
}

/// What a string literal says, quotes included in `literal`. `None` when it is none.
pub fn unquoted(literal: &[u8]) -> Option<Cow<'_, str>> {
    let inner = literal.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if !inner.contains(&b'\\') {
        return std::str::from_utf8(inner).ok().map(Cow::Borrowed);
    }
    serde_json::from_slice::<String>(literal)
        .ok()
        .map(Cow::Owned)
}

/// Adds a text without the white space between its parts, on one line whatever it was on before.
pub fn push_compact(text: &[u8], out: &mut Vec<u8>) {
    if !text.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        out.extend_from_slice(text);
        return;
    }
    let mut cursor = Cursor::new(text);
    while let Some(byte) = cursor.peek() {
        let from = cursor.at;
        if byte != b'"' || cursor.string().is_none() {
            cursor.at = from + 1;
        }
        out.extend_from_slice(&text[from..cursor.at]);
    }
}

/// What some services put before a text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A record of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: i64,
    /// Where its text stands in the page.
    pub range: Range<usize>,
}

/// The records in the `results` of an answer, which is well-formed. `None` when it has none, or one of them has no id.
pub fn results(body: &[u8]) -> Option<Vec<Found>> {
    let mut cursor = Cursor::new(body);
    if body.starts_with(BYTE_ORDER_MARK) {
        cursor.at = BYTE_ORDER_MARK.len();
    }
    cursor.take(b'{')?;
    let mut found = None;
    while let Some(name) = cursor.member()? {
        if name == b"\"results\"" {
            found = Some(records(&mut cursor)?);
        } else {
            cursor.value()?;
        }
    }
    found
}

fn records(cursor: &mut Cursor<'_>) -> Option<Vec<Found>> {
    cursor.take(b'[')?;
    let mut found = Vec::new();
    while cursor.element()? {
        cursor.peek()?;
        let from = cursor.at;
        let id = object_id(cursor)?;
        let range = from..cursor.at;
        found.push(Found { id, range });
    }
    Some(found)
}

/// Passes an object and gives its `id`.
fn object_id(cursor: &mut Cursor<'_>) -> Option<i64> {
    cursor.take(b'{')?;
    let mut id = None;
    while let Some(name) = cursor.member()? {
        let value = cursor.value()?;
        if name == b"\"id\"" {
            id = std::str::from_utf8(value).ok()?.parse().ok();
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::prelude::prop;
    use proptest::proptest;

    use super::*;
    use crate::capture::json::Json;

    #[test]
    fn a_page_is_cut_into_its_records() {
        let page =
            br#" { "result_count":3, "results" : [ {"id":1,"a":"]}\"{"} , {"a":{"id":9},"id": 22 },
            {"p":[{"id":5},[]],"id":3}],"stat":"ok"}"#;
        let found = results(page).expect("is a page");
        let ids: Vec<i64> = found.iter().map(|one| one.id).collect();
        assert_eq!(ids, [1, 22, 3]);
        let first = &page[found[0].range.clone()];
        assert_eq!(first, br#"{"id":1,"a":"]}\"{"}"#);
        assert_eq!(results(br#"{"stat":"ok","results":[]}"#), Some(Vec::new()));
        for no_page in [
            &br#"{"stat":"ok"}"#[..],
            br#"{"results":{}}"#,
            br#"{"results":[{"a":1}]}"#,
            br#"{"results":[{"id":"1"}]}"#,
            br#"{"results":[{"id":1}"#,
            br#"{"results":[1]}"#,
            b"[",
            b"",
        ] {
            assert_eq!(results(no_page), None);
        }
    }

    #[test]
    fn a_text_on_several_lines_becomes_one() {
        let mut out = Vec::new();
        push_compact(b"{\r\n \"a b\" : [ 1,\n \"x \\\" y\" ] }", &mut out);
        assert_eq!(out, b"{\"a b\":[1,\"x \\\" y\"]}");
        out.clear();
        push_compact(b"{ \"a\": 1.50 }", &mut out);
        assert_eq!(
            out, b"{ \"a\": 1.50 }",
            "what is on one line stays as it came"
        );
    }

    #[test]
    fn literals_say_their_text() {
        assert_eq!(unquoted(br#""a b""#).as_deref(), Some("a b"));
        assert_eq!(unquoted(br#""\u00e9\n\"""#).as_deref(), Some("é\n\""));
        for literal in [&b"a"[..], b"\"", b"\"\\u12\"", b"\"\xff\""] {
            assert_eq!(unquoted(literal), None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_borne(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = results(&bytes);
            let _ = unquoted(&bytes);
            push_compact(&bytes, &mut Vec::new());
        }

        #[test]
        fn a_value_ends_where_it_ends(text in "[\\[{\"a:,}\\] \\\\1]{0,40}") {
            if Json::parse(&text).is_ok() {
                let mut cursor = Cursor::new(text.as_bytes());
                let value = cursor.value().expect("is one");
                assert_eq!(std::str::from_utf8(value).expect("is text"), text.trim());
            }
        }
    }
}
