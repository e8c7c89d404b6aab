//! A JSON text with an index of its nodes: what stands where, without building values.
//!
//! The bytes are kept and every question is answered from them, so numbers, escapes, the order of keys and repeated
//! keys are shown exactly as they came. The reader is strict (RFC 8259), uses no recursion whatever the nesting, and of
//! a broken or cut-off text still gives every node before the fault. Nodes lie in one flat list in the order of the
//! text, so a node's descendants are the numbers between it and its end.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use crate::json::locate::line_and_column;

/// One node of a document: its number in the order of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// The node's number, from 0 for the root.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// `-1.5e3`
    Number,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
    /// What stood where the text stopped being JSON: half a string, a key without a value.
    Broken,
}

/// Where and why a text stops being JSON. What comes after is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Bytes before the place.
    pub offset: usize,
    /// From 1.
    pub line: usize,
    /// In characters, from 1; a byte that is not UTF-8 counts as one.
    pub column: usize,
    /// For people.
    pub reason: String,
}

/// The index entry of a node; offsets in bytes.
#[derive(Clone, Debug)]
struct Entry {
    start: u32,
    end: u32,
    /// Where the key's opening quote stands; a member's key can never stand at 0, which means none.
    key: u32,
    parent: u32,
    /// The number after the last descendant's.
    after: u32,
    /// Which child of its parent this is.
    place: u32,
    children: u32,
    depth: u32,
    kind: Kind,
}

/// The parent of the root.
const NONE: u32 = u32::MAX;

/// A JSON text and its index. See the module.
#[derive(Clone, Debug)]
pub struct Document {
    bytes: Arc<[u8]>,
    entries: Vec<Entry>,
    fault: Option<Fault>,
    bom: bool,
}

impl Document {
    /// Reads `bytes`, which need not be JSON. Texts beyond 4 GiB are read up to there.
    pub fn parse(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let bom = bytes.starts_with(b"\xef\xbb\xbf");
        let readable = bytes.len().min(NONE as usize - 1);
        let mut reader = Reader {
            bytes: &bytes[..readable],
            at: if bom { 3 } else { 0 },
            entries: Vec::new(),
            parent: NONE,
        };
        let result = reader.document();
        reader.close_all();
        let entries = reader.entries;
        let fault = result.err().map(|Stop { offset, reason }| {
            let (line, column) = line_and_column(&bytes, offset);
            Fault {
                offset,
                line,
                column,
                reason,
            }
        });
        Self {
            bytes,
            entries,
            fault,
            bom,
        }
    }

    /// All of the text, as it came.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where and why the text is not JSON; none if it is.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Whether the text starts with a byte order mark, which JSON does not have; it is read past.
    pub fn has_bom(&self) -> bool {
        self.bom
    }

    /// The outermost node; none if not even that began.
    pub fn root(&self) -> Option<NodeId> {
        (!self.entries.is_empty()).then_some(NodeId(0))
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The node of this number, if there is one.
    pub fn node(&self, index: usize) -> Option<NodeId> {
        (index < self.entries.len()).then_some(NodeId(index as u32))
    }

    fn entry(&self, node: NodeId) -> &Entry {
        &self.entries[node.index()]
    }

    /// What the node is.
    pub fn kind(&self, node: NodeId) -> Kind {
        self.entry(node).kind
    }

    /// The object or array the node is in; none for the root.
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        let parent = self.entry(node).parent;
        (parent != NONE).then_some(NodeId(parent))
    }

    /// How many containers the node is in.
    pub fn depth(&self, node: NodeId) -> usize {
        self.entry(node).depth as usize
    }

    /// Which child of its parent the node is, from 0.
    pub fn place(&self, node: NodeId) -> usize {
        self.entry(node).place as usize
    }

    /// How many members or elements the node has.
    pub fn child_count(&self, node: NodeId) -> usize {
        self.entry(node).children as usize
    }

    /// The members or elements, in the order of the text.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let after = self.entry(node).after;
        let mut next = node.0 + 1;
        std::iter::from_fn(move || {
            let child = NodeId(next);
            (next < after).then(|| {
                next = self.entry(child).after;
                child
            })
        })
    }

    /// The number after that of the node's last descendant.
    pub fn end(&self, node: NodeId) -> usize {
        self.entry(node).after as usize
    }

    /// The bytes of the node as they came; of a container that is never closed, up to the fault.
    pub fn raw(&self, node: NodeId) -> &[u8] {
        let entry = self.entry(node);
        &self.bytes[entry.start as usize..entry.end as usize]
    }

    /// Where the node begins, in bytes: a member with its key.
    pub fn offset(&self, node: NodeId) -> usize {
        let entry = self.entry(node);
        let start = if entry.key == 0 {
            entry.start
        } else {
            entry.key
        };
        start as usize
    }

    /// The node's text as it came, bytes that are not UTF-8 as `\xNN`. Not cleaned for the screen.
    pub fn text(&self, node: NodeId) -> Cow<'_, str> {
        decode_bytes(self.raw(node))
    }

    /// The first bytes of [`Document::text`], at most `limit`: enough to show of a long text, at the price of what is
    /// shown.
    pub fn text_head(&self, node: NodeId, limit: usize) -> Cow<'_, str> {
        decode_bytes(head(self.raw(node), limit))
    }

    /// What a string says, its escapes read; a lone surrogate stays as it is written, a byte that is not UTF-8 becomes
    /// `\xNN`. None for anything but a string.
    pub fn string(&self, node: NodeId) -> Option<Cow<'_, str>> {
        (self.kind(node) == Kind::String).then(|| unquote(self.raw(node)))
    }

    /// A member's key, its escapes read as in [`Document::string`]; none for elements and the root.
    pub fn key(&self, node: NodeId) -> Option<Cow<'_, str>> {
        self.raw_key(node).map(unquote)
    }

    /// A member's key as it came, quotes included.
    pub fn key_text(&self, node: NodeId) -> Option<Cow<'_, str>> {
        self.raw_key(node).map(decode_bytes)
    }

    /// The first bytes of [`Document::key_text`], at most `limit`.
    pub fn key_text_head(&self, node: NodeId, limit: usize) -> Option<Cow<'_, str>> {
        self.raw_key(node).map(|key| decode_bytes(head(key, limit)))
    }

    fn raw_key(&self, node: NodeId) -> Option<&[u8]> {
        let start = self.entry(node).key as usize;
        if start == 0 {
            return None;
        }
        let end = string_end(&self.bytes, start).ok()?;
        Some(&self.bytes[start..end])
    }

    /// The member of this key; the last if the key is repeated, as readers of JSON take it.
    pub fn member(&self, object: NodeId, key: &str) -> Option<NodeId> {
        self.children(object)
            .filter(|child| self.key(*child).is_some_and(|found| found == key))
            .last()
    }

    /// The node's path as attribute paths are written: `statuses[0].status`; empty for the root. A key that is not a
    /// plain name is written `["a b"]`.
    pub fn attr_path(&self, node: NodeId) -> String {
        self.path_below(NodeId(0), node)
    }

    /// Like [`Document::attr_path`], from `top` on, which must be the node or hold it: the path inside a record that is
    /// itself inside an answer.
    pub fn path_below(&self, top: NodeId, node: NodeId) -> String {
        let mut steps = Vec::new();
        let mut at = node;
        while at > top {
            steps.push(at);
            let Some(parent) = self.parent(at) else { break };
            at = parent;
        }
        let mut path = String::new();
        for step in steps.into_iter().rev() {
            // Writing to a String cannot fail.
            let _ = match self.key(step) {
                Some(key) if is_name(&key) => {
                    let dot = if path.is_empty() { "" } else { "." };
                    write!(path, "{dot}{key}")
                }
                Some(_) => write!(path, "[{}]", self.key_text(step).unwrap_or_default()),
                None => write!(path, "[{}]", self.place(step)),
            };
        }
        path
    }

    /// The node's path as a jq filter: `.statuses[0].status`; `.` for the root.
    pub fn jq_path(&self, node: NodeId) -> String {
        format!(".{}", self.attr_path(node))
    }

    /// The node at a path as [`Document::attr_path`] or [`Document::jq_path`] write it.
    pub fn find(&self, path: &str) -> Option<NodeId> {
        self.find_below(self.root()?, path)
    }

    /// Like [`Document::find`], from `top` on.
    pub fn find_below(&self, top: NodeId, path: &str) -> Option<NodeId> {
        let mut at = top;
        let mut rest = path.strip_prefix('.').unwrap_or(path);
        while !rest.is_empty() {
            (at, rest) = if let Some(quoted) = rest.strip_prefix('[').filter(|r| r.starts_with('"'))
            {
                let end = string_end(quoted.as_bytes(), 0).ok()?;
                let key = unquote(&quoted.as_bytes()[..end]);
                (self.member(at, &key)?, quoted[end..].strip_prefix(']')?)
            } else if let Some(place) = rest.strip_prefix('[') {
                let (place, after) = place.split_once(']')?;
                (self.children(at).nth(place.parse().ok()?)?, after)
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                (self.member(at, &rest[..end])?, &rest[end..])
            };
            if let Some(after) = rest.strip_prefix('.') {
                if after.is_empty() {
                    return None;
                }
                rest = after;
            }
        }
        Some(at)
    }
}

/// Whether a key can stand in a path without quotes.
fn is_name(key: &str) -> bool {
    let mut chars = key.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The first `limit` bytes, less a character that would be cut in two.
fn head(bytes: &[u8], limit: usize) -> &[u8] {
    if bytes.len() <= limit {
        return bytes;
    }
    let is_continuation = |at: usize| bytes[at] & 0xc0 == 0x80;
    let mut end = limit;
    while end > 0 && limit - end < 3 && is_continuation(end) {
        end -= 1;
    }
    &bytes[..if is_continuation(end) { limit } else { end }]
}

/// Bytes as text; those that are not UTF-8 as `\xNN`.
pub fn decode_bytes(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    Cow::Owned(out)
}

/// What a string literal says. Anything that is no valid escape stays as written.
fn unquote(literal: &[u8]) -> Cow<'_, str> {
    let inner = literal.strip_prefix(b"\"").unwrap_or(literal);
    let inner = decode_bytes(inner.strip_suffix(b"\"").unwrap_or(inner));
    if !literal.contains(&b'\\') {
        return inner;
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner.as_ref();
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let (said, length) = read_escape(&rest[at..]);
        match said {
            Some(c) => out.push(c),
            None => out.push_str(&rest[at..at + length]),
        }
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character an escape at the start of `text` stands for and the escape's length; none and the length of what to
/// keep as written for a lone surrogate, or for the `\xNN` of a byte that is not UTF-8.
fn read_escape(text: &str) -> (Option<char>, usize) {
    let simple = match text.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return read_unicode_escape(text),
        Some(c @ (b'"' | b'\\' | b'/')) => char::from(*c),
        _ => return (None, 1),
    };
    (Some(simple), 2)
}

fn read_unicode_escape(text: &str) -> (Option<char>, usize) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(0) else {
        return (None, 1);
    };
    if let (0xd800..0xdc00, Some(second @ 0xdc00..0xe000)) = (first, unit(6)) {
        let c = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(c), 12);
    }
    (char::from_u32(first), 6)
}

/// Why reading stopped.
struct Stop {
    offset: usize,
    reason: String,
}

fn stop<T>(offset: usize, reason: impl Into<String>) -> Result<T, Stop> {
    Err(Stop {
        offset,
        reason: reason.into(),
    })
}

/// What the grammar allows next.
enum Expect {
    Value,
    ValueOrClose,
    Key,
    KeyOrClose,
    CommaOrClose,
}

/// The reader's place. The open containers are found by parents, so there is no other stack.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    entries: Vec<Entry>,
    parent: u32,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), Stop> {
        if self.bytes.starts_with(b"\xff\xfe") || self.bytes.starts_with(b"\xfe\xff") {
            return stop(0, "the text is UTF-16, and JSON is sent as UTF-8");
        }
        self.skip_space();
        if self.at == self.bytes.len() {
            return stop(self.at, "the text is empty");
        }
        let mut expect = Expect::Value;
        let mut key = 0;
        loop {
            self.skip_space();
            expect = match expect {
                Expect::ValueOrClose if self.peek() == Some(b']') => self.close(),
                Expect::Value | Expect::ValueOrClose => self.value(std::mem::take(&mut key))?,
                Expect::KeyOrClose if self.peek() == Some(b'}') => self.close(),
                Expect::Key | Expect::KeyOrClose => {
                    key = self.key()?;
                    Expect::Value
                }
                Expect::CommaOrClose if self.parent == NONE => break,
                Expect::CommaOrClose => self.comma_or_close()?,
            };
        }
        if self.at < self.bytes.len() {
            return stop(self.at, "the document has ended, and more follows");
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn value(&mut self, key: u32) -> Result<Expect, Stop> {
        let start = self.at;
        let kind = match self.peek() {
            Some(open @ (b'{' | b'[')) => {
                self.at += 1;
                let (kind, expect) = if open == b'{' {
                    (Kind::Object, Expect::KeyOrClose)
                } else {
                    (Kind::Array, Expect::ValueOrClose)
                };
                let node = self.push(kind, start, key);
                self.parent = node;
                return Ok(expect);
            }
            Some(b'"') => {
                let end = string_end(self.bytes, start);
                self.at = end.as_ref().map_or_else(|stop| stop.offset, |end| *end);
                end.map(|_| Kind::String)
            }
            Some(b'-' | b'0'..=b'9') => {
                let number = self.number();
                number.map(|()| Kind::Number)
            }
            Some(b't') => self.literal("true").map(|()| Kind::True),
            Some(b'f') => self.literal("false").map(|()| Kind::False),
            Some(b'n') => self.literal("null").map(|()| Kind::Null),
            Some(_) => stop(
                start,
                format!("a value is expected here, not {}", self.found()),
            ),
            None => stop(start, self.unfinished("a value is missing")),
        };
        // A fault inside a value, or a key left without one, is shown as far as it goes.
        if kind.is_ok() || self.at > start || key > 0 {
            self.push(*kind.as_ref().unwrap_or(&Kind::Broken), start, key);
        }
        kind.map(|_| Expect::CommaOrClose)
    }

    fn key(&mut self) -> Result<u32, Stop> {
        let start = self.at;
        let end = match self.peek() {
            Some(b'"') => string_end(self.bytes, start),
            Some(b'}') => stop(start, "a key is expected after a comma"),
            Some(_) => stop(
                start,
                format!(
                    "a key in double quotes is expected here, not {}",
                    self.found()
                ),
            ),
            None => stop(start, self.unfinished("a key or } is missing")),
        };
        self.at = end.as_ref().map_or_else(|stop| stop.offset, |end| *end);
        if end.is_err() && self.at > start {
            self.push(Kind::Broken, start, 0);
        }
        end?;
        self.skip_space();
        let missing = match self.peek() {
            Some(b':') => {
                self.at += 1;
                return Ok(start as u32);
            }
            Some(_) => format!("a colon is expected after the key, not {}", self.found()),
            None => self.unfinished("a colon and a value are missing"),
        };
        self.push(Kind::Broken, self.at, start as u32);
        stop(self.at, missing)
    }

    fn comma_or_close(&mut self) -> Result<Expect, Stop> {
        let in_object = self.entries[self.parent as usize].kind == Kind::Object;
        match (self.peek(), in_object) {
            (Some(b','), _) => {
                self.at += 1;
                Ok(if in_object {
                    Expect::Key
                } else {
                    Expect::Value
                })
            }
            (Some(b'}'), true) | (Some(b']'), false) => Ok(self.close()),
            (Some(_), true) => stop(
                self.at,
                format!("a comma or }} is expected here, not {}", self.found()),
            ),
            (Some(_), false) => stop(
                self.at,
                format!("a comma or ] is expected here, not {}", self.found()),
            ),
            (None, _) => stop(self.at, self.unclosed("the text ends, and ")),
        }
    }

    /// What stands here, for an error text.
    fn found(&self) -> String {
        let rest = &self.bytes[self.at..self.bytes.len().min(self.at + 4)];
        match decode_bytes(head(rest, 4)).chars().next() {
            Some('\\') => "a backslash or broken text".to_owned(),
            Some(c) if c.is_control() => format!("the control character {:#04x}", u32::from(c)),
            Some(c) => format!("`{c}`"),
            None => "the end".to_owned(),
        }
    }

    /// For a text that ends too early: what was missing, and where the innermost open bracket stands.
    fn unfinished(&self, missing: &str) -> String {
        if self.parent == NONE {
            return format!("the text ends too early: {missing}");
        }
        self.unclosed(&format!("the text ends too early: {missing}, and "))
    }

    /// Where the innermost open bracket stands, after some words.
    fn unclosed(&self, words: &str) -> String {
        let open = self.entries[self.parent as usize].start as usize;
        let bracket = char::from(self.bytes[open]);
        let (line, column) = line_and_column(self.bytes, open);
        format!("{words}the {bracket} opened at line {line} column {column} is never closed")
    }

    fn literal(&mut self, word: &str) -> Result<(), Stop> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            self.at += 1;
        }
        if &self.bytes[start..self.at] == word.as_bytes() {
            return Ok(());
        }
        stop(start, format!("only {word} starts like this"))
    }

    fn number(&mut self) -> Result<(), Stop> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let first = self.at;
        self.digits("a digit is expected in a number")?;
        if self.bytes[first] == b'0' && self.at > first + 1 {
            return stop(start, "a number does not start with 0");
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("a digit is expected after the decimal point")?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits("a digit is expected in the exponent")?;
        }
        Ok(())
    }

    fn digits(&mut self, missing: &str) -> Result<(), Stop> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start {
            return stop(start, missing);
        }
        Ok(())
    }

    /// Adds a node that ends here, under the open container.
    fn push(&mut self, kind: Kind, start: usize, key: u32) -> u32 {
        let node = self.entries.len() as u32;
        let (mut place, mut depth) = (0, 0);
        if let Some(parent) = self.entries.get_mut(self.parent as usize) {
            place = parent.children;
            depth = parent.depth + 1;
            parent.children += 1;
        }
        self.entries.push(Entry {
            start: start as u32,
            end: self.at as u32,
            key,
            parent: self.parent,
            after: node + 1,
            place,
            children: 0,
            depth,
            kind,
        });
        node
    }

    /// Takes the closing bracket.
    fn close(&mut self) -> Expect {
        self.at += 1;
        self.end_container();
        Expect::CommaOrClose
    }

    fn end_container(&mut self) {
        let after = self.entries.len() as u32;
        let entry = &mut self.entries[self.parent as usize];
        entry.end = self.at as u32;
        entry.after = after;
        self.parent = entry.parent;
    }

    /// Ends what a fault left open.
    fn close_all(&mut self) {
        while self.parent != NONE {
            self.end_container();
        }
    }
}

/// Where the string starting at `start` ends, its closing quote included.
fn string_end(bytes: &[u8], start: usize) -> Result<usize, Stop> {
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => match bytes.get(at + 1) {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => at += 2,
                Some(b'u') => {
                    let digits = bytes[at + 2..].iter().take(4);
                    let count = digits.take_while(|byte| byte.is_ascii_hexdigit()).count();
                    at += 2 + count;
                    if count < 4 {
                        return if at < bytes.len() {
                            stop(at, "four hexadecimal digits are expected after \\u")
                        } else {
                            stop(
                                at,
                                "the text ends inside a string: its closing \" is missing",
                            )
                        };
                    }
                }
                Some(_) => return stop(at, "there is no such escape in JSON"),
                None => {
                    return stop(
                        bytes.len(),
                        "the text ends inside a string: its closing \" is missing",
                    );
                }
            },
            Some(b'\n' | b'\r') => {
                return stop(
                    at,
                    "the line ends inside a string: its closing \" is missing, or the line break is to be written as \\n",
                );
            }
            Some(b'\t') => return stop(at, "a tab inside a string is written as \\t"),
            Some(0..0x20) => {
                return stop(
                    at,
                    "a control character in a string must be written as an escape",
                );
            }
            Some(_) => at += 1,
            None => {
                return stop(
                    bytes.len(),
                    "the text ends inside a string: its closing \" is missing",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: impl AsRef<[u8]>) -> Document {
        Document::parse(text.as_ref().to_vec())
    }

    /// Every node on a line: its depth, key, kind and text.
    fn outline(document: &Document) -> Vec<String> {
        (0..document.len())
            .filter_map(|index| document.node(index))
            .map(|node| {
                let key = document.key_text(node).unwrap_or_default();
                let (kind, text) = (document.kind(node), document.text(node));
                format!("{} {key} {kind:?} {text}", document.depth(node))
            })
            .collect()
    }

    #[test]
    fn everything_is_kept_as_it_came() {
        let text =
            r#"{"b":[1.00,1e400,-0,123456789012345678901234567890],"a":"\u00e9\/","b":null}"#;
        let document = parse(text);
        assert_eq!(document.fault(), None);
        assert_eq!(
            outline(&document),
            [
                format!("0  Object {text}").as_str(),
                r#"1 "b" Array [1.00,1e400,-0,123456789012345678901234567890]"#,
                "2  Number 1.00",
                "2  Number 1e400",
                "2  Number -0",
                "2  Number 123456789012345678901234567890",
                r#"1 "a" String "\u00e9\/""#,
                r#"1 "b" Null null"#,
            ]
        );
        let root = document.root().expect("has a root");
        let names: Vec<_> = document
            .children(root)
            .filter_map(|node| document.key(node))
            .collect();
        assert_eq!(names, ["b", "a", "b"]);
        let last = document.member(root, "b").expect("is there");
        assert_eq!(
            document.kind(last),
            Kind::Null,
            "the last of repeated keys is the one meant"
        );
        let a = document.member(root, "a").expect("is there");
        assert_eq!(document.string(a).expect("is a string"), "é/");
        assert_eq!(document.place(a), 1);
        assert_eq!(document.parent(a), Some(root));
        assert_eq!(document.child_count(root), 3);
    }

    #[test]
    fn strings_say_what_they_say() {
        for (literal, said) in [
            (r#""\n\t\r\b\f\"\\\/""#, "\n\t\r\u{8}\u{c}\"\\/"),
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\ud800""#, r"\ud800"),
            (r#""\udc00\ud800x""#, r"\udc00\ud800x"),
            (r#""\ud800\u0041""#, r"\ud800A"),
            (r#""\u0000""#, "\0"),
        ] {
            let document = parse(literal);
            assert_eq!(document.fault(), None, "{literal}");
            let root = document.root().expect("has a root");
            assert_eq!(
                document.string(root).expect("is a string"),
                said,
                "{literal}"
            );
            assert_eq!(document.text(root), literal);
        }
        let broken = parse(b"\"a\xff\xc3\"");
        let root = broken.root().expect("has a root");
        assert_eq!(broken.string(root).expect("is a string"), "a\\xff\\xc3");
        assert_eq!(broken.text(root), "\"a\\xff\\xc3\"");
    }

    #[test]
    fn faults_have_a_place_and_leave_what_came_before() {
        for (text, place, nodes) in [
            ("", (1, 1), 0),
            ("  \n ", (2, 2), 0),
            ("{\"a\":1,}", (1, 8), 2),
            ("[1,]", (1, 4), 2),
            ("[1 2]", (1, 4), 2),
            ("[1]\n x", (2, 2), 2),
            ("{\"a\":1} {}", (1, 9), 2),
            ("{\"a\" 1}", (1, 6), 2),
            ("{\"a\":", (1, 6), 2),
            ("{a:1}", (1, 2), 1),
            ("{'a':1}", (1, 2), 1),
            ("[NaN]", (1, 2), 1),
            ("[nul]", (1, 2), 2),
            ("[01]", (1, 2), 2),
            ("[1.]", (1, 4), 2),
            ("[-]", (1, 3), 2),
            ("[1e+]", (1, 5), 2),
            ("[+1]", (1, 2), 1),
            ("[\"é\\x\"]", (1, 4), 2),
            ("[\"\\u12\"]", (1, 7), 2),
            ("[\"a\nb\"]", (1, 4), 2),
            ("[1}", (1, 3), 2),
            ("[1] // x", (1, 5), 2),
            ("\u{feff}[1}", (1, 3), 2),
        ] {
            let document = parse(text);
            let fault = document
                .fault()
                .unwrap_or_else(|| panic!("{text} is broken"));
            assert_eq!(
                (fault.line, fault.column),
                place,
                "{text}: {}",
                fault.reason
            );
            assert_eq!(document.len(), nodes, "{text}: {:?}", outline(&document));
        }
        let reason = parse("{\"a\":\n[1")
            .fault()
            .expect("is broken")
            .reason
            .clone();
        assert!(
            reason.ends_with("[ opened at line 2 column 1 is never closed"),
            "{reason}"
        );
    }

    #[test]
    fn a_byte_order_mark_is_noted_and_read_past() {
        let document = parse("\u{feff}{\"a\":1}");
        assert_eq!(document.fault(), None);
        assert!(document.has_bom());
        assert!(document.find("a").is_some());
        assert!(
            parse(b"\xff\xfe{\0}\0")
                .fault()
                .expect("is broken")
                .reason
                .contains("UTF-16")
        );
    }

    #[test]
    fn a_text_cut_anywhere_gives_what_is_left() {
        let text = "{\"stat\": \"ok\", \"é\\u00e9\": [1.5e+3, {\"b\": [true, false, null]}, \"\\ud83d\"], \"n\": -10}";
        let whole = parse(text);
        assert_eq!(whole.fault(), None);
        for length in 0..text.len() {
            let cut = parse(&text.as_bytes()[..length]);
            let fault = cut.fault().unwrap_or_else(|| panic!("cut at {length}"));
            assert!(fault.offset <= length);
            assert!(cut.len() <= whole.len() + 1);
            for index in 0..cut.len() {
                let node = cut.node(index).expect("is there");
                let (_, _) = (cut.text(node), cut.jq_path(node));
                assert!(cut.end(node) <= cut.len());
            }
        }
    }

    #[test]
    fn depth_is_no_danger() {
        const DEPTH: usize = 1_000_000;
        for text in ["[".repeat(DEPTH), "[".repeat(DEPTH) + &"]".repeat(DEPTH)] {
            let document = parse(text);
            assert_eq!(document.len(), DEPTH);
            let last = document.node(DEPTH - 1).expect("is there");
            assert_eq!(document.depth(last), DEPTH - 1);
            assert_eq!(document.attr_path(last).len(), 3 * (DEPTH - 1));
            assert_eq!(document.end(document.root().expect("has a root")), DEPTH);
        }
        let objects = parse("{\"a\":".repeat(DEPTH));
        assert_eq!(objects.len(), DEPTH + 1);
        assert!(objects.fault().is_some());
    }

    #[test]
    fn paths_lead_back_to_their_node() {
        let document = parse(r#"{"statuses":[{"status":"a"},[1]],"a b":{"x.y":[0]},"":1,"é\"":2}"#);
        for (attr, jq) in [
            ("", "."),
            ("statuses", ".statuses"),
            ("statuses[0].status", ".statuses[0].status"),
            ("statuses[1][0]", ".statuses[1][0]"),
            (r#"["a b"]["x.y"][0]"#, r#".["a b"]["x.y"][0]"#),
            (r#"[""]"#, r#".[""]"#),
            (r#"["é\""]"#, r#".["é\""]"#),
        ] {
            let node = document.find(attr).unwrap_or_else(|| panic!("{attr}"));
            assert_eq!(document.attr_path(node), attr);
            assert_eq!(document.jq_path(node), jq);
            assert_eq!(document.find(jq), Some(node));
        }
        let top = document.find("statuses[0]").expect("is there");
        let status = document.find_below(top, "status").expect("is there");
        assert_eq!(document.path_below(top, status), "status");
        for path in [
            "x",
            "statuses[2]",
            "statuses[",
            "statuses[x]",
            "statuses.",
            "a b.x",
            "[\"a",
            "statuses[0]status[0]",
        ] {
            assert_eq!(document.find(path), None, "{path}");
        }
        assert_eq!(parse("").find(""), None);
    }

    #[test]
    fn a_head_never_cuts_a_character() {
        let document = parse("\"aé漢😀\"");
        let root = document.root().expect("has a root");
        let whole = document.text(root).into_owned();
        for limit in 0..=whole.len() + 1 {
            let head = document.text_head(root, limit);
            assert!(
                whole.starts_with(head.as_ref()) && head.len() <= limit,
                "{head}"
            );
        }
        assert_eq!(
            parse(b"\"\x80\x80\x80\x80\x80\"").text_head(root, 4),
            "\"\\x80\\x80\\x80"
        );
    }

    #[test]
    fn any_bytes_are_read_without_harm() {
        use proptest::prelude::*;
        let pieces = prop::sample::select(vec![
            &b"{"[..],
            b"}",
            b"[",
            b"]",
            b",",
            b":",
            b"\"",
            b"\"a\"",
            b"\\",
            b"\\u",
            b"12",
            b"-",
            b".",
            b"e",
            b"true",
            b"nul",
            b" ",
            b"\n",
            b"\xff",
            b"\xc3",
            "é".as_bytes(),
            b"\0",
        ]);
        proptest!(|(pieces in prop::collection::vec(pieces, 0..30))| {
            let bytes = pieces.concat();
            let document = parse(&bytes);
            let ours = document.fault().is_none();
            if let Ok(text) = std::str::from_utf8(&bytes) {
                let theirs = serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
                prop_assert_eq!(ours, theirs, "{}", text);
            }
            for index in 0..document.len() {
                let node = document.node(index).expect("is there");
                let _ = document.text(node);
                let _ = document.find(&document.attr_path(node));
            }
        });
    }
}
