//! What is known of a text beside its bytes: a summary of each small piece of it, and summaries of those.
//!
//! A *leaf* covers some KiB of text from one token to another and says how deep the text is nested there, how many
//! nodes begin in it and how deep they are. Sixteen leaves are summed up in one, and sixteen of those again, so that
//! counting and searching by depth touch a handful of sums and then read one leaf's bytes: nothing is kept of a single
//! node, and the index of any text takes a few per cent of its bytes. [`reader`] makes it, piece by piece; `cursor`
//! reads one leaf; [`crate::json::document`] asks. Deliberately absent: what the bytes say, and folds.

mod ahead;
pub(crate) mod chunked;
pub(crate) mod cursor;
pub mod reader;
mod recover;
#[cfg(test)]
pub(crate) mod samples;
mod scan;
pub(crate) mod tree;

use std::sync::Arc;

use crate::json::bytes::Bytes;
use crate::json::index::chunked::Chunked;
use crate::json::index::cursor::Event;
use crate::json::index::tree::Tree;

/// How much text a leaf covers at least, in bytes: what is read to answer a question about one node. A leaf ends with
/// the token that crosses this.
pub(crate) const LEAF: usize = 2048;

/// A string, gap or number of this many bytes or more has its end noted: nothing is ever read twice to find it.
pub(crate) const LONG: usize = 2048;

/// How a leaf's bytes are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// JSON from a token on.
    Tokens,
    /// JSON from the middle of a string on.
    Inside,
    /// Something is wrong here: the nodes are listed in [`Index::listed`].
    Listed,
    /// Lines of text, each a node.
    Lines,
}

/// Where something starts and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The index of a text as far as it is read.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    pub(crate) bytes: Bytes,
    pub(crate) tree: Tree,
    /// The strings, gaps and numbers that are long, and everything broken, in the order of the text.
    pub(crate) spans: Chunked<Span>,
    /// The nodes of the leaves where something is wrong, by the leaf's number.
    pub(crate) listed: Chunked<(usize, Arc<[Event]>)>,
    /// How far the text is read.
    pub(crate) edge: usize,
}

impl Index {
    /// Nothing is known yet.
    pub(crate) fn new(bytes: Bytes) -> Self {
        Self {
            bytes,
            tree: Tree::default(),
            spans: Chunked::default(),
            listed: Chunked::default(),
            edge: 0,
        }
    }

    /// Where the token that starts here ends, if that is noted.
    pub(crate) fn noted_end(&self, start: usize) -> Option<usize> {
        let at = self.spans.partition_point(|span| span.start < start);
        let span = self.spans.get(at)?;
        (span.start == start).then_some(span.end)
    }

    /// The end of the noted string or line that `offset` is inside of.
    pub(crate) fn noted_around(&self, offset: usize) -> Option<usize> {
        let at = self.spans.partition_point(|span| span.start < offset);
        let span = self.spans.get(at.checked_sub(1)?)?;
        (span.end > offset).then_some(span.end)
    }

    /// The listed nodes of a leaf.
    pub(crate) fn listed(&self, leaf: usize) -> &[Event] {
        let at = self.listed.partition_point(|(number, _)| *number < leaf);
        match self.listed.get(at) {
            Some((number, events)) if *number == leaf => events,
            _ => &[],
        }
    }

    /// Where a leaf ends: where the next one starts, or the edge.
    pub(crate) fn leaf_end(&self, leaf: usize) -> usize {
        let next = self.tree.leaf(leaf + 1);
        next.map_or(self.edge, |next| next.start)
    }

    /// Where the string that starts at `start` ends; the edge if it is not read to its end.
    pub(crate) fn string_end(&self, start: usize) -> usize {
        scan::string_end(&self.bytes, start + 1, self.edge.min(start + LONG))
            .or_else(|| self.noted_end(start))
            .unwrap_or(self.edge)
    }

    /// Where the string that starts at `start` ends, if that is before `limit`.
    pub(crate) fn string_end_near(&self, start: usize, limit: usize) -> Option<usize> {
        // What is broken may have no quote of its own.
        let noted = || self.noted_end(start).filter(|end| *end <= limit);
        scan::string_end(&self.bytes, start + 1, limit).or_else(noted)
    }

    /// Where the key that begins at `begin` ends.
    pub(crate) fn key_end(&self, begin: usize) -> usize {
        self.noted_end(begin)
            .unwrap_or_else(|| self.string_end(begin))
    }

    /// Where the gap that starts at `at` ends, not after `limit`.
    pub(crate) fn gap_end(&self, at: usize, limit: usize) -> usize {
        let near = limit.min(at + LONG);
        match scan::gap_end(&self.bytes[..near.min(self.bytes.len())], at) {
            end if end < near || near == limit => end,
            _ => self.noted_end(at).unwrap_or(limit).min(limit),
        }
    }

    /// Where the number or word that starts at `start` ends.
    pub(crate) fn word_end(&self, start: usize) -> usize {
        match self.bytes.get(start) {
            Some(b't' | b'n') => start + 4,
            Some(b'f') => start + 5,
            _ => {
                let near = self.bytes.len().min(start + LONG);
                match reader::number_end(&self.bytes[..near], start) {
                    Ok(end) if end < near => end,
                    _ => self.noted_end(start).unwrap_or(near),
                }
            }
        }
    }

    /// Where the line that starts at `start` ends.
    pub(crate) fn line_end(&self, start: usize) -> usize {
        let near = self.edge.min(start + LONG);
        match scan::line_end(&self.bytes[..near], start) {
            end if end < near => end,
            end => self.noted_end(start).unwrap_or(end),
        }
    }

    /// Line and column of the place after `offset` bytes, both from 1.
    pub(crate) fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.bytes.len());
        let (start, line, column) = match self.tree.leaf_of(offset) {
            Some((_, leaf)) => (leaf.start, leaf.line, leaf.column),
            None => (self.text_start().min(offset), 0, 0),
        };
        let (lines, characters) = scan::lines_and_characters(&self.bytes[start..offset]);
        let column = if lines == 0 { column } else { 0 };
        (
            (line + lines) as usize + 1,
            (column + characters) as usize + 1,
        )
    }

    /// Where the text starts: after a byte order mark.
    pub(crate) fn text_start(&self) -> usize {
        if self.bytes.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        }
    }

    /// Bytes of memory that the index takes.
    pub(crate) fn memory(&self) -> usize {
        let listed: usize = (0..self.listed.len())
            .filter_map(|at| self.listed.get(at))
            .map(|(_, events)| size_of_val(&**events))
            .sum();
        self.tree.memory() + self.spans.memory() + self.listed.memory() + listed
    }
}
