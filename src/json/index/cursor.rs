//! Reading a leaf: its nodes and closing brackets one after the other.
//!
//! The strict reader has been here before, so the cursor judges nothing: in a leaf of tokens a string before a colon is
//! a key, and every bracket fits. It needs no more than the leaf's start and depth, and never looks beyond its end.

use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::json::index::Index;
use crate::json::index::Mode;

/// What a cursor comes upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A node begins.
    Node(NodeId),
    /// A container ends, or several do.
    Close {
        /// The place after its bracket.
        at: usize,
        /// How many containers are open then.
        depth: u32,
    },
}

impl Event {
    /// The node, if one begins.
    pub(crate) fn node(self) -> Option<NodeId> {
        match self {
            Self::Node(node) => Some(node),
            Self::Close { .. } => None,
        }
    }
}

/// A place in a leaf.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    index: &'a Index,
    leaf: usize,
    mode: Mode,
    at: usize,
    end: usize,
    depth: u32,
    /// In a listed leaf, what comes next.
    listed: &'a [Event],
}

impl<'a> Cursor<'a> {
    /// At the start of a leaf; none if there is no such leaf.
    pub(crate) fn new(index: &'a Index, leaf: usize) -> Option<Self> {
        let start = index.tree.leaf(leaf)?;
        let end = index.leaf_end(leaf);
        let at = match start.mode {
            Mode::Inside => index.noted_around(start.start).unwrap_or(end),
            Mode::Tokens | Mode::Listed | Mode::Lines => start.start,
        };
        Some(Self {
            index,
            leaf,
            mode: start.mode,
            at,
            end,
            depth: start.depth,
            listed: if start.mode == Mode::Listed {
                index.listed(leaf)
            } else {
                &[]
            },
        })
    }

    /// Before a node.
    pub(crate) fn before(index: &'a Index, node: NodeId) -> Option<Self> {
        let (leaf, _) = index.tree.leaf_of(node.begin)?;
        let mut cursor = Self::new(index, leaf)?;
        if cursor.mode == Mode::Listed {
            let is_before = |event: &Event| match event {
                Event::Node(other) => *other < node,
                Event::Close { at, .. } => *at <= node.begin,
            };
            let skipped = cursor.listed.iter().take_while(|event| is_before(event));
            cursor.listed = &cursor.listed[skipped.count()..];
        } else {
            cursor.at = node.begin;
            cursor.depth = node.depth;
        }
        Some(cursor)
    }

    /// The leaf's number.
    pub(crate) fn leaf(&self) -> usize {
        self.leaf
    }

    fn token(&mut self) -> Option<Event> {
        let bytes = &*self.index.bytes;
        loop {
            self.at = self.index.gap_end(self.at, self.end);
            if self.at >= self.end || bytes.get(self.at)? != &b',' {
                break;
            }
            self.at += 1;
        }
        if self.at >= self.end {
            return None;
        }
        let begin = self.at;
        match bytes.get(begin)? {
            b'}' | b']' => {
                self.at += 1;
                self.depth = self.depth.saturating_sub(1);
                return Some(Event::Close {
                    at: self.at,
                    depth: self.depth,
                });
            }
            b'"' => {
                let end = self.index.string_end(begin);
                let colon = self.index.gap_end(end, self.end);
                if colon < self.end && bytes.get(colon) == Some(&b':') {
                    let start = self.index.gap_end(colon + 1, self.end);
                    return self.value(begin, start);
                }
                self.at = end;
                return Some(self.node(begin, begin, Kind::String));
            }
            _ => {}
        }
        self.value(begin, begin)
    }

    fn value(&mut self, begin: usize, start: usize) -> Option<Event> {
        let kind = Kind::of(*self.index.bytes.get(start)?);
        let node = self.node(begin, start, kind);
        self.at = match kind {
            Kind::Object | Kind::Array => {
                self.depth += 1;
                start + 1
            }
            Kind::String => self.index.string_end(start),
            _ => self.index.word_end(start),
        };
        Some(node)
    }

    fn node(&self, begin: usize, start: usize, kind: Kind) -> Event {
        Event::Node(NodeId {
            begin,
            start,
            depth: self.depth,
            kind,
        })
    }

    fn line(&mut self) -> Option<Event> {
        let start = self.index.gap_end(self.at, self.end);
        if start >= self.end {
            return None;
        }
        self.at = self.index.line_end(start);
        Some(self.node(start, start, Kind::Broken))
    }
}

impl Iterator for Cursor<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        match self.mode {
            Mode::Tokens | Mode::Inside => self.token(),
            Mode::Lines => self.line(),
            Mode::Listed => {
                let (first, rest) = self.listed.split_first()?;
                self.listed = rest;
                Some(*first)
            }
        }
    }
}

/// The nodes of a leaf.
pub(crate) fn nodes(index: &Index, leaf: usize) -> impl Iterator<Item = NodeId> {
    Cursor::new(index, leaf)
        .into_iter()
        .flatten()
        .filter_map(Event::node)
}
