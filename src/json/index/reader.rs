//! The strict reader: makes the index of a text, in steps, and says where the text stops being JSON.
//!
//! It follows RFC 8259 to the letter and keeps one bit for each open container and nothing else that grows with the
//! text, so that no nesting is a danger. What comes after a fault is read on as well as can be: see
//! `index/recover.rs`. Deliberately absent: keeping what it has read; that goes out in pieces.

use std::sync::Arc;

use crate::json::bytes::Bytes;
use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::json::index::LEAF;
use crate::json::index::LONG;
use crate::json::index::Mode;
use crate::json::index::Span;
use crate::json::index::ahead::Ahead;
use crate::json::index::ahead::Sharing;
use crate::json::index::cursor::Event;
use crate::json::index::scan;
use crate::json::index::tree::Leaf;
use crate::json::index::tree::Sum;
use crate::json::literal;

/// What an [`Indexer`] has read in a step.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// How many leaves came before.
    pub(crate) after: usize,
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) spans: Vec<Span>,
    pub(crate) listed: Vec<(usize, Arc<[Event]>)>,
    pub(crate) faults: Vec<Stop>,
    /// Where a second document begins.
    pub(crate) sequel: Option<Stop>,
    /// How many documents have begun.
    pub(crate) documents: usize,
    /// How far the text is read.
    pub(crate) edge: usize,
    pub(crate) is_last: bool,
}

/// Why and where the text is not JSON.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    pub(crate) offset: usize,
    pub(crate) reason: String,
    /// Whether the innermost container that is open there, so many of them, is never closed.
    pub(crate) unclosed: Option<u32>,
}

pub(super) fn stop<T>(offset: usize, reason: impl Into<String>) -> Result<T, Stop> {
    Err(Stop {
        offset,
        reason: reason.into(),
        unclosed: None,
    })
}

/// What the grammar allows next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// A document's value, or an element after a comma.
    Value,
    ValueOrClose,
    Key,
    KeyOrClose,
    CommaOrClose,
    /// A document has ended.
    Document,
    /// The rest of a string that started there.
    RestOfString(usize),
    /// Lines of something that is no JSON.
    Line,
    Nothing,
}

/// Reads a document in steps. See [`crate::json::document::Document::open`].
#[derive(Debug)]
pub struct Indexer {
    pub(super) bytes: Bytes,
    pub(super) at: usize,
    pub(super) expect: Expect,
    pub(super) open: Open,
    leaf: Building,
    leaves: usize,
    piece: Piece,
    pub(super) faults: usize,
    /// Whether it is already said that the text ends too early.
    pub(super) has_fault_at_end: bool,
    pub(super) leaf_size: usize,
    /// Where it reads ahead of another: see `index/ahead.rs`.
    pub(super) ahead: Option<Ahead>,
    pub(super) sharing: Sharing,
}

/// The open containers: for each whether it is an object.
#[derive(Debug, Default)]
pub(super) struct Open {
    bits: Vec<u64>,
    pub(super) depth: u32,
    /// How many of them are objects.
    pub(super) objects: u32,
    pub(super) in_object: bool,
}

impl Open {
    /// So many that nothing is known of: they are taken for arrays until it is.
    pub(super) fn unknown(depth: u32) -> Self {
        Self {
            bits: vec![0; depth as usize / 64 + 1],
            depth,
            ..Self::default()
        }
    }

    /// Whether the container is an object that is the innermost where so many are open.
    pub(super) fn kind_at(&self, depth: u32) -> Option<bool> {
        let at = depth.checked_sub(1)?;
        let word = self.bits.get(at as usize / 64)?;
        (depth <= self.depth).then_some(word >> (at % 64) & 1 == 1)
    }

    #[inline]
    pub(super) fn push(&mut self, is_object: bool) {
        if self.depth as usize / 64 == self.bits.len() {
            self.bits.push(0);
        }
        self.depth += 1;
        self.set_innermost(is_object);
    }

    /// Says of the innermost container, which was not known or taken for an array, what it is.
    #[inline]
    pub(super) fn set_innermost(&mut self, is_object: bool) {
        let inner = self.depth.saturating_sub(1);
        let (word, bit) = (inner as usize / 64, inner % 64);
        self.bits[word] = self.bits[word] & !(1 << bit) | u64::from(is_object) << bit;
        self.objects += u32::from(is_object);
        self.in_object = is_object;
    }

    #[inline]
    pub(super) fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.objects -= u32::from(self.in_object);
        self.in_object = self.depth.checked_sub(1).is_some_and(|inner| {
            let (word, bit) = (inner as usize / 64, inner % 64);
            self.bits[word] >> bit & 1 == 1
        });
    }
}

/// The leaf that is being read.
#[derive(Debug)]
struct Building {
    start: usize,
    line: u64,
    column: u64,
    depth: u32,
    is_inside: bool,
    /// Nodes by depth, `depth` standing in the middle.
    counts: Vec<u16>,
    /// The places in `counts` that were used.
    first: usize,
    last: usize,
    low: u32,
    /// In a leaf where something is wrong, its nodes.
    listed: Option<Vec<Event>>,
}

impl Indexer {
    /// A reader at the beginning of `bytes`.
    pub(crate) fn new(bytes: Bytes) -> Self {
        Self::with_leaves(bytes, LEAF)
    }

    /// A reader that makes leaves of another size, so that short texts can have many.
    pub(crate) fn with_leaves(bytes: Bytes, leaf_size: usize) -> Self {
        let start = if bytes.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        Self {
            bytes,
            at: start,
            expect: Expect::Value,
            open: Open::default(),
            leaf: Building {
                start,
                line: 0,
                column: 0,
                depth: 0,
                is_inside: false,
                counts: vec![0; 2 * leaf_size.max(16) + 8],
                first: usize::MAX,
                last: 0,
                low: u32::MAX,
                listed: None,
            },
            leaves: 0,
            piece: Piece::default(),
            faults: 0,
            has_fault_at_end: false,
            leaf_size: leaf_size.max(1),
            ahead: None,
            sharing: Sharing::new(),
        }
    }

    /// Reads on until about `budget` bytes more are read, at least one token; none if everything is read. Only a single
    /// gap, key or number that is longer makes a step longer. If the bytes are a mapped file, ask first whether they
    /// are still whole.
    pub fn step(&mut self, budget: usize) -> Option<Piece> {
        if self.expect == Expect::Nothing {
            return None;
        }
        let after = self.leaves;
        let until = self.at.saturating_add(budget.max(1)).min(self.bytes.len());
        let bytes = self.bytes.clone();
        self.run_together(&bytes, until);
        self.cut(self.at);
        let mut piece = std::mem::take(&mut self.piece);
        self.piece.documents = piece.documents;
        piece.after = after;
        piece.edge = self.at;
        piece.is_last = self.expect == Expect::Nothing;
        Some(piece)
    }

    /// The text that is read.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(super) fn run(&mut self, bytes: &[u8], until: usize) {
        if self.at == 0 && (bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")) {
            let reason = "the text is UTF-16, and JSON is sent as UTF-8";
            self.report(0, reason.to_owned(), None);
            self.give_up();
        }
        while !self.is_lost() {
            if let Expect::RestOfString(start) = self.expect {
                self.rest_of_string(bytes, start, until);
                if self.at >= until && self.at < bytes.len() {
                    return;
                }
                continue;
            }
            self.plain(bytes, until);
            if self.is_lost() {
                return;
            }
            self.at = self.gap(bytes, self.at);
            let Some(byte) = bytes.get(self.at) else {
                self.finish();
                return;
            };
            if self.at - self.leaf.start >= self.leaf_size {
                self.cut(self.at);
            }
            if self.at >= until {
                return;
            }
            match (self.expect, byte) {
                (Expect::CommaOrClose, b',') => {
                    self.at += 1;
                    self.expect = self.after_comma();
                }
                (Expect::Key | Expect::KeyOrClose, b'"') => self.member(bytes),
                (Expect::CommaOrClose | Expect::KeyOrClose, b'}') if self.open.in_object => {
                    self.close(bytes);
                }
                (Expect::CommaOrClose, b']') if !self.open.in_object => self.close(bytes),
                (Expect::ValueOrClose, b']') => self.close(bytes),
                (Expect::Value | Expect::ValueOrClose, _) => self.value(bytes, self.at),
                (Expect::Key | Expect::KeyOrClose, _) => self.wrong_key(bytes),
                (Expect::CommaOrClose, _) => self.wrong_separator(bytes),
                (Expect::Document, _) => self.next_document(bytes),
                (Expect::Line, _) => self.line(bytes),
                (Expect::Nothing | Expect::RestOfString(_), _) => return,
            }
        }
    }

    /// Reads on in the leaf as long as everything is as in nearly all texts, and stops before anything else: what
    /// [`Indexer::run`] does with a token, only quicker.
    fn plain(&mut self, bytes: &[u8], until: usize) {
        if self.leaf.listed.is_some() {
            return;
        }
        let limit = until.min(self.leaf.start + self.leaf_size);
        let (mut at, mut expect) = (self.at, self.expect);
        // Nodes of this depth that are not counted yet.
        let mut here = 0;
        while (1..u32::MAX - 1).contains(&self.open.depth) {
            let Some(token) = short_gap_end(bytes, at) else {
                break;
            };
            at = token;
            let Some(byte) = bytes.get(at).filter(|_| at < limit) else {
                break;
            };
            let next = self.after_comma();
            let start = match (expect, byte) {
                (Expect::CommaOrClose, b',') => {
                    at += 1;
                    expect = next;
                    continue;
                }
                (Expect::CommaOrClose | Expect::KeyOrClose, b'}') if self.open.in_object => None,
                (Expect::CommaOrClose, b']') if !self.open.in_object => None,
                (Expect::ValueOrClose, b']') => None,
                (Expect::Value | Expect::ValueOrClose, _) => Some(at),
                (Expect::Key | Expect::KeyOrClose, b'"') => match plain_member_start(bytes, at) {
                    Some(start) => Some(start),
                    None => break,
                },
                _ => break,
            };
            let opened = start.and_then(|start| bytes.get(start));
            match (start, opened) {
                (Some(start), Some(bracket @ (b'{' | b'['))) => {
                    let is_object = *bracket == b'{';
                    self.count(here + 1);
                    here = 0;
                    self.open.push(is_object);
                    at = start + 1;
                    expect = if is_object {
                        Expect::KeyOrClose
                    } else {
                        Expect::ValueOrClose
                    };
                }
                (Some(start), _) => {
                    let Some(end) = plain_scalar_end(bytes, start) else {
                        break;
                    };
                    here += 1;
                    at = end;
                    expect = Expect::CommaOrClose;
                    if bytes.get(at) == Some(&b',') {
                        at += 1;
                        expect = next;
                    }
                }
                (None, _) => {
                    self.count(here);
                    here = 0;
                    at += 1;
                    self.open.pop();
                    self.leaf.low = self.leaf.low.min(self.open.depth);
                    expect = self.after_value();
                    if self.ahead.is_some() {
                        self.learn(bytes, at);
                        if self.is_lost() {
                            break;
                        }
                    }
                }
            }
        }
        self.count(here);
        (self.at, self.expect) = (at, expect);
    }

    #[inline]
    fn after_comma(&self) -> Expect {
        if self.open.in_object {
            Expect::Key
        } else {
            Expect::Value
        }
    }

    /// Adds a fault to the list.
    pub(super) fn report(&mut self, offset: usize, reason: String, unclosed: Option<u32>) {
        self.faults += 1;
        self.has_fault_at_end |= offset == self.bytes.len();
        self.piece.faults.push(Stop {
            offset,
            reason,
            unclosed,
        });
    }

    /// Adds a fault to the list.
    pub(super) fn report_stop(&mut self, fault: Stop) {
        self.report(fault.offset, fault.reason, fault.unclosed);
    }

    /// The end of the gap that starts at `at`. Of a long one it is noted.
    #[inline]
    pub(super) fn gap(&mut self, bytes: &[u8], at: usize) -> usize {
        let end = scan::gap_end(bytes, at);
        if end - at >= LONG {
            self.note(at, end);
        }
        end
    }

    /// Notes where something ends that is long, or that the cursor could not find the end of.
    pub(super) fn note(&mut self, start: usize, end: usize) {
        self.piece.spans.push(Span { start, end });
    }

    /// A member: its key, and its value as far as that begins.
    fn member(&mut self, bytes: &[u8]) {
        let begin = self.at;
        let plain = plain_string_end(bytes, begin, bytes.len());
        let end = match plain.map_or_else(|| string_end(bytes, begin), Ok) {
            Ok(end) => end,
            Err(fault) => return self.broken_key(bytes, fault),
        };
        // As in `Cursor`: a noted key starts where the member does.
        if end - begin >= LONG {
            self.note(begin, end);
        }
        let colon = self.gap(bytes, end);
        if bytes.get(colon) != Some(&b':') {
            return self.no_colon(bytes, begin, colon);
        }
        let start = self.gap(bytes, colon + 1);
        self.at = start;
        self.value(bytes, begin);
    }

    /// The value that starts here; the member that it is the value of begins at `begin`.
    #[inline]
    pub(super) fn value(&mut self, bytes: &[u8], begin: usize) {
        let start = self.at;
        if self.open.depth == 0 {
            self.piece.documents += 1;
        }
        let scalar = match bytes.get(start) {
            Some(b'{') => return self.open_container(begin, Kind::Object),
            Some(b'[') => return self.open_container(begin, Kind::Array),
            Some(b'"') => return self.string(bytes, begin),
            Some(b'-' | b'0'..=b'9') => number_end(bytes, start).map(|end| (end, Kind::Number)),
            Some(b't') => word_end(bytes, start, "true").map(|end| (end, Kind::True)),
            Some(b'f') => word_end(bytes, start, "false").map(|end| (end, Kind::False)),
            Some(b'n') => word_end(bytes, start, "null").map(|end| (end, Kind::Null)),
            Some(_) => {
                let found = found(bytes, start);
                stop(start, format!("a value is expected here, not {found}"))
            }
            None => {
                self.at = bytes.len();
                Err(self.unfinished("a value is missing"))
            }
        };
        match scalar {
            Ok((end, kind)) => {
                if end - start >= LONG {
                    self.note(start, end);
                }
                self.node(begin, start, kind);
                self.end_value(end);
            }
            Err(fault) => self.broken_value(bytes, begin, fault),
        }
    }

    /// A value ends at `end`.
    #[inline]
    pub(super) fn end_value(&mut self, end: usize) {
        self.at = end;
        self.expect = self.after_value();
    }

    #[inline]
    pub(super) fn after_value(&self) -> Expect {
        if self.open.depth == 0 {
            Expect::Document
        } else {
            Expect::CommaOrClose
        }
    }

    #[inline]
    fn open_container(&mut self, begin: usize, kind: Kind) {
        let start = self.at;
        if self.open.depth == u32::MAX - 1 {
            // More brackets than are in any text but one made for this.
            self.report(start, "nothing is nested that deep".to_owned(), None);
            return self.give_up();
        }
        self.node(begin, start, kind);
        self.open.push(kind == Kind::Object);
        self.at = start + 1;
        self.expect = if kind == Kind::Object {
            Expect::KeyOrClose
        } else {
            Expect::ValueOrClose
        };
    }

    #[inline]
    fn close(&mut self, bytes: &[u8]) {
        self.at += 1;
        self.open.pop();
        self.closed();
        self.learn(bytes, self.at);
    }

    /// Some container has ended here.
    #[inline]
    pub(super) fn closed(&mut self) {
        let depth = self.open.depth;
        self.leaf.low = self.leaf.low.min(depth);
        if let Some(listed) = &mut self.leaf.listed {
            listed.push(Event::Close { at: self.at, depth });
        }
        self.expect = self.after_value();
    }

    #[inline]
    fn string(&mut self, bytes: &[u8], begin: usize) {
        let start = self.at;
        let near = bytes.len().min(start + LONG);
        if let Some(end) = plain_string_end(bytes, start, near) {
            self.node(begin, start, Kind::String);
            return self.end_value(end);
        }
        match string_end_before(bytes, start + 1, near) {
            Ok(Ok(end)) => {
                self.node(begin, start, Kind::String);
                self.end_value(end);
            }
            Ok(Err(at)) if at >= bytes.len() => {
                self.broken_value(bytes, begin, unended_string(bytes));
            }
            Ok(Err(at)) => {
                // Whatever follows, it is a node already: a string that goes on for minutes is shown.
                self.at = at;
                self.expect = Expect::RestOfString(start);
                self.node(begin, start, Kind::String);
            }
            Err(fault) => self.broken_value(bytes, begin, fault),
        }
    }

    fn rest_of_string(&mut self, bytes: &[u8], start: usize, until: usize) {
        let limit = bytes.len().min(until.max(self.at + LONG));
        match string_end_before(bytes, self.at, limit) {
            Ok(Ok(end)) => {
                self.note(start, end);
                self.end_value(end);
            }
            Ok(Err(at)) if at < bytes.len() => self.at = at,
            Ok(Err(_)) => self.broken_rest(bytes, start, unended_string(bytes)),
            Err(fault) => self.broken_rest(bytes, start, fault),
        }
    }

    /// Counts a node that starts here.
    #[inline]
    pub(super) fn node(&mut self, begin: usize, start: usize, kind: Kind) {
        let depth = self.open.depth;
        self.count(1);
        if let Some(listed) = &mut self.leaf.listed {
            listed.push(Event::Node(NodeId {
                begin,
                start,
                depth,
                kind,
            }));
        }
    }

    /// Counts so many nodes that are as deep as here.
    #[inline]
    fn count(&mut self, nodes: u16) {
        // No more containers open or close in a leaf than it has bytes.
        let place = (self.leaf.counts.len() / 2 + self.open.depth as usize)
            .wrapping_sub(self.leaf.depth as usize);
        if let Some(count) = self.leaf.counts.get_mut(place).filter(|_| nodes > 0) {
            *count += nodes;
            self.leaf.first = self.leaf.first.min(place);
            self.leaf.last = self.leaf.last.max(place);
        }
    }

    /// Ends the leaf before `to`, if anything is in it.
    pub(super) fn cut(&mut self, to: usize) {
        let leaf = &mut self.leaf;
        let is_empty = leaf.first == usize::MAX && leaf.low == u32::MAX;
        if to == leaf.start && is_empty {
            return;
        }
        let middle = leaf.counts.len() / 2;
        let used = match leaf.first {
            usize::MAX => 0..0,
            first => first..leaf.last + 1,
        };
        let min = (leaf.depth as usize + used.start).wrapping_sub(middle) as u32;
        let sum = Sum::of(&leaf.counts[used.clone()], min, leaf.low);
        leaf.counts[used].fill(0);
        let mode = match (&leaf.listed, self.expect) {
            (Some(_), _) => Mode::Listed,
            (None, Expect::Line) => Mode::Lines,
            (None, _) if leaf.is_inside => Mode::Inside,
            (None, _) => Mode::Tokens,
        };
        if let Some(listed) = leaf.listed.take() {
            self.piece.listed.push((self.leaves, listed.into()));
        }
        self.piece.leaves.push(Leaf {
            start: leaf.start,
            line: leaf.line,
            column: leaf.column,
            depth: leaf.depth,
            mode,
            sum,
        });
        self.leaves += 1;
        let (lines, characters) = scan::lines_and_characters(&self.bytes[leaf.start..to]);
        leaf.column = characters + if lines == 0 { leaf.column } else { 0 };
        leaf.line += lines;
        self.begin_leaf(to);
    }

    /// Begins a leaf that nothing is in yet.
    pub(super) fn begin_leaf(&mut self, start: usize) {
        let leaf = &mut self.leaf;
        leaf.start = start;
        leaf.depth = self.open.depth;
        leaf.is_inside = matches!(self.expect, Expect::RestOfString(_));
        leaf.first = usize::MAX;
        leaf.last = 0;
        leaf.low = u32::MAX;
    }

    /// Appends what another has read without a fault that began here, took so many containers to be open here, and
    /// counted lines from here.
    pub(super) fn append(&mut self, other: Self, depth: u32) {
        let rise = self.open.depth.wrapping_sub(depth);
        let here = (self.leaf.line, self.leaf.column);
        let on = |line: u64, column: u64| {
            let column = if line == 0 { here.1 + column } else { column };
            (here.0 + line, column)
        };
        for leaf in other.piece.leaves {
            let (line, column) = on(leaf.line, leaf.column);
            self.piece.leaves.push(Leaf {
                line,
                column,
                depth: leaf.depth.wrapping_add(rise),
                sum: leaf.sum.deeper(rise),
                ..leaf
            });
        }
        self.leaves += other.leaves;
        self.piece.spans.extend(other.piece.spans);
        (self.leaf.line, self.leaf.column) = on(other.leaf.line, other.leaf.column);
        self.at = other.at;
    }

    /// From here on the nodes are listed, until the next cut.
    pub(super) fn list(&mut self) {
        self.leaf.listed.get_or_insert_default();
    }

    /// A document has ended, and something follows.
    fn next_document(&mut self, bytes: &[u8]) {
        if bytes.get(self.at) == Some(&b',') {
            let reason = "the document has ended, and a comma follows";
            self.report(self.at, reason.to_owned(), None);
            self.at += 1;
        } else if self.piece.documents == 1 {
            self.piece.sequel =
                stop::<()>(self.at, "the document has ended, and more follows").err();
        }
        self.expect = Expect::Value;
    }

    fn finish(&mut self) {
        if self.piece.documents == 0 && self.expect == Expect::Value {
            self.report(self.at, "the text is empty".to_owned(), None);
        } else if self.open.depth > 0 && !self.has_fault_at_end {
            let fault = match self.expect {
                Expect::Value | Expect::ValueOrClose => self.unfinished("a value is missing"),
                Expect::Key | Expect::KeyOrClose => self.unfinished("a key or } is missing"),
                _ => Stop {
                    offset: self.at,
                    reason: "the text ends, and ".to_owned(),
                    unclosed: Some(self.open.depth),
                },
            };
            self.report_stop(fault);
        }
        if self.expect == Expect::Line {
            self.cut(self.at);
        }
        self.expect = Expect::Nothing;
    }

    /// For a text that ends too early: what was missing. Where the innermost open bracket stands is found later, by
    /// those who have the index.
    pub(super) fn unfinished(&self, missing: &str) -> Stop {
        let depth = self.open.depth;
        let and = if depth == 0 { "" } else { ", and " };
        Stop {
            offset: self.bytes.len(),
            reason: format!("the text ends too early: {missing}{and}"),
            unclosed: (depth > 0).then_some(depth),
        }
    }

    fn line(&mut self, bytes: &[u8]) {
        let start = self.at;
        let end = scan::line_end(bytes, start);
        if end - start >= LONG {
            self.note(start, end);
        }
        self.node(start, start, Kind::Broken);
        self.at = end;
    }
}

/// What stands here, for an error text.
pub(super) fn found(bytes: &[u8], at: usize) -> String {
    let rest = &bytes[at..bytes.len().min(at + 4)];
    match literal::decode_bytes(literal::head(rest, 4)).chars().next() {
        Some('\\') => "a backslash or broken text".to_owned(),
        Some(c) if c.is_control() => format!("the control character {:#04x}", u32::from(c)),
        Some(c) => format!("`{c}`"),
        None => "the end".to_owned(),
    }
}

fn word_end(bytes: &[u8], start: usize, word: &str) -> Result<usize, Stop> {
    let end = start + word.len();
    let is_word = bytes.get(start..end) == Some(word.as_bytes());
    if is_word && !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric) {
        return Ok(end);
    }
    stop(start, format!("only {word} starts like this"))
}

/// Where the number that starts at `start` ends.
#[inline]
pub(super) fn number_end(bytes: &[u8], start: usize) -> Result<usize, Stop> {
    let first = start + usize::from(bytes.get(start) == Some(&b'-'));
    let mut at = digits_end(bytes, first, "a digit is expected in a number")?;
    if bytes.get(first) == Some(&b'0') && at > first + 1 {
        return stop(start, "a number does not start with 0");
    }
    if bytes.get(at) == Some(&b'.') {
        at = digits_end(bytes, at + 1, "a digit is expected after the decimal point")?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at = digits_end(bytes, at + 1 + sign, "a digit is expected in the exponent")?;
    }
    Ok(at)
}

#[inline]
fn digits_end(bytes: &[u8], start: usize, missing: &str) -> Result<usize, Stop> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    if at == start {
        return stop(start, missing);
    }
    Ok(at)
}

/// The end of the gap at `at`, unless it is long.
#[inline]
fn short_gap_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at) {
        Some(byte) if *byte > b' ' => Some(at),
        _ => {
            let end = scan::gap_end(bytes, at);
            (end - at < LONG).then_some(end)
        }
    }
}

/// Where the value of the member that begins at `begin` starts, if its key is short.
#[inline]
fn plain_member_start(bytes: &[u8], begin: usize) -> Option<usize> {
    let near = bytes.len().min(begin + LONG);
    let end = plain_string_end(bytes, begin, near)?;
    let colon = short_gap_end(bytes, end)?;
    if bytes.get(colon) != Some(&b':') {
        return None;
    }
    short_gap_end(bytes, colon + 1)
}

/// Where the scalar that starts at `start` ends, if it is short and right.
#[inline]
fn plain_scalar_end(bytes: &[u8], start: usize) -> Option<usize> {
    match bytes.get(start)? {
        b'"' => {
            let near = bytes.len().min(start + LONG);
            plain_string_end(bytes, start, near)
                .or_else(|| string_end_before(bytes, start + 1, near).ok()?.ok())
        }
        b'-' | b'0'..=b'9' => plain_number_end(bytes, start),
        b't' => plain_word_end(bytes, start, b"true"),
        b'f' => plain_word_end(bytes, start, b"false"),
        b'n' => plain_word_end(bytes, start, b"null"),
        _ => None,
    }
}

/// Where an integer of some digits ends, if it is one; other numbers are looked at closely.
#[inline]
fn plain_number_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + usize::from(bytes[start] == b'-');
    if !matches!(bytes.get(at)?, b'1'..=b'9') {
        let end = number_end(bytes, start).ok()?;
        return (end - start < LONG).then_some(end);
    }
    while bytes.get(at)?.is_ascii_digit() {
        at += 1;
    }
    if matches!(bytes[at], b'.' | b'e' | b'E') {
        at = number_end(bytes, start).ok()?;
    }
    (at - start < LONG).then_some(at)
}

#[inline]
fn plain_word_end(bytes: &[u8], start: usize, word: &[u8]) -> Option<usize> {
    let end = start + word.len();
    let is_word = bytes.get(start..end)? == word;
    (is_word && !bytes.get(end)?.is_ascii_alphanumeric()).then_some(end)
}

/// The place after the closing quote of the string that starts at `start`, if it has no escape and ends before `limit`.
#[inline]
fn plain_string_end(bytes: &[u8], start: usize, limit: usize) -> Option<usize> {
    let at = scan::string_stop(&bytes[..limit], start + 1);
    (bytes.get(at) == Some(&b'"') && at < limit).then_some(at + 1)
}

/// The place after the closing quote of the string that starts at `start`.
pub(super) fn string_end(bytes: &[u8], start: usize) -> Result<usize, Stop> {
    match string_end_before(bytes, start + 1, bytes.len())? {
        Ok(end) => Ok(end),
        Err(_) => Err(unended_string(bytes)),
    }
}

fn unended_string(bytes: &[u8]) -> Stop {
    Stop {
        offset: bytes.len(),
        reason: "the text ends inside a string: its closing \" is missing".to_owned(),
        unclosed: None,
    }
}

/// The place after the closing quote of a string, from `at` inside of it; if it does not come before `limit`, the place
/// to go on from. Escapes are looked at whole.
fn string_end_before(bytes: &[u8], at: usize, limit: usize) -> Result<Result<usize, usize>, Stop> {
    let window = &bytes[..limit];
    let mut at = at;
    loop {
        at = scan::string_stop(window, at);
        match window.get(at) {
            None => return Ok(Err(at)),
            Some(b'"') => return Ok(Ok(at + 1)),
            Some(b'\\') => at = escape_end(bytes, at)?,
            Some(control) => return stop(at, control_in_string(*control)),
        }
    }
}

fn control_in_string(byte: u8) -> &'static str {
    match byte {
        b'\n' | b'\r' => {
            "the line ends inside a string: its closing \" is missing, or the line break is to be written as \\n"
        }
        b'\t' => "a tab inside a string is written as \\t",
        _ => "a control character in a string must be written as an escape",
    }
}

fn escape_end(bytes: &[u8], at: usize) -> Result<usize, Stop> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            let digits = bytes[at + 2..].iter().take(4);
            let count = digits.take_while(|byte| byte.is_ascii_hexdigit()).count();
            let end = at + 2 + count;
            if count == 4 {
                Ok(end)
            } else if end < bytes.len() {
                stop(end, "four hexadecimal digits are expected after \\u")
            } else {
                Err(unended_string(bytes))
            }
        }
        Some(_) => stop(at, "there is no such escape in JSON"),
        None => Err(unended_string(bytes)),
    }
}
