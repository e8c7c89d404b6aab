//! Reading on after a fault: what is wrong becomes a node of its own, and the tree goes on behind it.
//!
//! Somebody reads the text to find out what is wrong with it, so as little as possible is given up: a wrong value, word
//! or number is a broken node up to the next comma or bracket; a missing comma, a comma too many, a missing colon or a
//! key without quotes are read as meant; a bracket that closes something further out closes what is between; a string
//! without an end ends with its line; outside of every document a line that begins like no value is a broken node of
//! its own, which shows the lines between the documents of a log. After [`FAULTS`] faults the text is not taken for JSON
//! any more, and each further line is a node. Each fault has a leaf of its own whose nodes are listed, as the cursor
//! could not find them again.

use crate::json::document::Kind;
use crate::json::index::reader::Expect;
use crate::json::index::reader::Indexer;
use crate::json::index::reader::Open;
use crate::json::index::reader::Stop;
use crate::json::index::reader::found;
use crate::json::index::scan;

/// How many faults a text may have before the rest of it is shown as lines.
pub(super) const FAULTS: usize = 10_000;

/// How far the end of a comment or of a word in single quotes is looked for, in bytes.
const NEAR: usize = 64 * 1024;

impl Indexer {
    /// The value that starts here is none.
    pub(super) fn broken_value(&mut self, bytes: &[u8], begin: usize, fault: Stop) {
        let start = self.at;
        self.cut(begin);
        self.report_stop(fault);
        self.list();
        let end = self.broken_end(bytes, start);
        if begin < start || end > start {
            self.node(begin, start, Kind::Broken);
            self.note(start, end);
        }
        self.end_value(end);
        self.recovered();
    }

    /// A string that was a node already turns out to be broken.
    pub(super) fn broken_rest(&mut self, bytes: &[u8], start: usize, fault: Stop) {
        let end = string_on_line(bytes, fault.offset);
        self.report_stop(fault);
        self.note(start, end);
        self.end_value(end);
        self.recovered();
    }

    /// The string that starts here should be a key, and is broken.
    pub(super) fn broken_key(&mut self, bytes: &[u8], fault: Stop) {
        self.cut(self.at);
        let end = string_on_line(bytes, fault.offset);
        self.report_stop(fault);
        self.list();
        self.member_after(bytes, end);
    }

    /// Something stands here where a key should.
    pub(super) fn wrong_key(&mut self, bytes: &[u8]) {
        let reason = || {
            let found = found(bytes, self.at);
            format!("a key in double quotes is expected here, not {found}")
        };
        match bytes.get(self.at) {
            Some(b'}') => {
                self.report(self.at, "a key is expected after a comma".to_owned(), None);
                self.expect = Expect::CommaOrClose;
            }
            Some(b',') => {
                self.report(self.at, reason(), None);
                self.at += 1;
                self.expect = Expect::Key;
            }
            Some(b']') => self.wrong_close(bytes, reason()),
            _ => {
                let reason = reason();
                self.cut(self.at);
                self.report(self.at, reason, None);
                self.list();
                let end = self.broken_end(bytes, self.at).max(self.at + 1);
                return self.member_after(bytes, end);
            }
        }
        self.recovered();
    }

    /// What begins here and ends at `end` is the key of a member if a colon follows, else a broken node.
    fn member_after(&mut self, bytes: &[u8], end: usize) {
        let begin = self.at;
        self.note(begin, end);
        let colon = self.gap(bytes, end);
        if bytes.get(colon) == Some(&b':') {
            self.at = self.gap(bytes, colon + 1);
            self.value(bytes, begin);
        } else {
            self.node(begin, begin, Kind::Broken);
            self.end_value(end);
        }
        self.recovered();
    }

    /// The key that begins at `begin` has no colon after it.
    pub(super) fn no_colon(&mut self, bytes: &[u8], begin: usize, colon: usize) {
        self.cut(begin);
        if colon < bytes.len() {
            let found = found(bytes, colon);
            let reason = format!("a colon is expected after the key, not {found}");
            self.report(colon, reason, None);
        } else {
            let fault = self.unfinished("a colon and a value are missing");
            self.report_stop(fault);
        }
        self.list();
        self.at = colon;
        if bytes.get(colon).is_some_and(|byte| begins_value(*byte)) {
            self.value(bytes, begin);
        } else {
            let end = self.broken_end(bytes, colon);
            self.node(begin, colon, Kind::Broken);
            self.note(colon, end);
            self.end_value(end);
        }
        self.recovered();
    }

    /// Something stands here where a comma or a closing bracket should.
    pub(super) fn wrong_separator(&mut self, bytes: &[u8]) {
        let bracket = if self.open.in_object { '}' } else { ']' };
        let found = found(bytes, self.at);
        let reason = format!("a comma or {bracket} is expected here, not {found}");
        match bytes.get(self.at) {
            Some(b'}' | b']') => return self.wrong_close(bytes, reason),
            Some(b'"') if self.open.in_object => {
                self.report(self.at, reason, None);
                self.expect = Expect::Key;
            }
            Some(byte) if begins_value(*byte) && !self.open.in_object => {
                self.report(self.at, reason, None);
                self.expect = Expect::Value;
            }
            _ => {
                let start = self.at;
                self.cut(start);
                self.report(start, reason, None);
                self.list();
                let end = self.broken_end(bytes, start).max(start + 1);
                self.node(start, start, Kind::Broken);
                self.note(start, end);
                self.end_value(end);
            }
        }
        self.recovered();
    }

    /// The bracket here does not close the innermost container.
    fn wrong_close(&mut self, bytes: &[u8], reason: String) {
        let start = self.at;
        let bracket = bytes.get(start).copied().unwrap_or_default();
        let is_object = bracket == b'}';
        self.cut(start);
        self.report(start, reason, None);
        self.list();
        if self.closes_any(bracket) {
            while self.open.in_object != is_object {
                self.open.pop();
            }
            self.closed();
            self.at += 1;
            self.open.pop();
            self.closed();
        } else {
            self.node(start, start, Kind::Broken);
            self.note(start, start + 1);
            self.end_value(start + 1);
        }
        self.recovered();
    }

    /// Whether any open container ends with this bracket.
    fn closes_any(&self, bracket: u8) -> bool {
        let objects = self.open.objects;
        match bracket {
            b'}' => objects > 0,
            b']' => self.open.depth > objects,
            _ => false,
        }
    }

    /// After a fault: the next token begins a new leaf, if the text is still taken for JSON.
    fn recovered(&mut self) {
        self.cut(self.at);
        if self.faults >= FAULTS && !matches!(self.expect, Expect::RestOfString(_)) {
            self.give_up();
        }
    }

    /// From here on the text is lines.
    pub(super) fn give_up(&mut self) {
        self.cut(self.at);
        if self.open.depth > 0 {
            self.list();
            self.open = Open::default();
            self.closed();
            self.cut(self.at);
        }
        self.expect = Expect::Line;
    }

    /// How far the text that starts here is broken: to the end of what looks like one value, or to what separates
    /// values.
    fn broken_end(&self, bytes: &[u8], start: usize) -> usize {
        if self.open.depth == 0 {
            return scan::line_end(bytes, start);
        }
        let rest = bytes.get(start..).unwrap_or_default();
        let near = &rest[..rest.len().min(NEAR)];
        let line = &near[..memchr::memchr(b'\n', near).unwrap_or(near.len())];
        let length = match (rest.first(), rest.get(1)) {
            (Some(b'"'), _) => return string_on_line(bytes, start + 1),
            (Some(b'\''), _) => {
                let end = memchr::memchr(b'\'', &line[1..]);
                end.map_or_else(|| separator(rest), |end| end + 2)
            }
            (Some(bracket @ (b'}' | b']')), _) => usize::from(!self.closes_any(*bracket)),
            (Some(b'/'), Some(b'/')) => return scan::line_end(bytes, start),
            (Some(b'/'), Some(b'*')) => {
                let end = memchr::memmem::find(near, b"*/");
                end.map_or_else(|| separator(rest), |end| end + 2)
            }
            (Some(byte), _) if is_word(*byte) => {
                let word = rest.iter().take_while(|byte| is_word(**byte)).count();
                // As in `ObjectId("…")`.
                let call = (rest.get(word) == Some(&b'('))
                    .then(|| memchr::memchr(b')', line.get(word..)?))
                    .flatten();
                word + call.map_or(0, |end| end + 1)
            }
            _ => separator(rest),
        };
        start + length
    }
}

/// How far it is to the next comma, closing bracket or line break.
fn separator(rest: &[u8]) -> usize {
    let is_separator = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b'\n' | b'\r');
    rest.iter().position(is_separator).unwrap_or(rest.len())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'_' | b'$' | b'.' | b'+' | b'-')
}

fn begins_value(byte: u8) -> bool {
    matches!(
        byte,
        b'"' | b'{' | b'[' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'
    )
}

/// Where a broken string ends, from a place inside of it: after its closing quote, or with its line. A quote on a later
/// line is the closing one if what may stand after a string follows it: the text has line breaks that are to be
/// escaped. Otherwise it begins the next string, and the closing one is missing.
fn string_on_line(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let line = scan::line_end(bytes, at);
    let near = &rest[..rest.len().min(NEAR.max(line - at))];
    let Some(length) = scan::string_end(near, 0, near.len()) else {
        return line;
    };
    let end = at + length;
    if end <= line {
        return end;
    }
    match bytes.get(scan::gap_end(bytes, end)) {
        Some(b',' | b':' | b'}' | b']') | None => end,
        Some(_) => line,
    }
}
