//! Where what a search found stands in the text that is on the screen.
//!
//! Asked for the keys, values and rows in sight alone, and of long ones only for what is shown. Used by whatever draws
//! rows. Deliberately absent: searching.

use std::ops::Range;

use crate::json::document::Document;
use crate::json::document::NodeId;
use crate::json::search::Search;

/// How many places of a row are marked.
const MOST: usize = 100;

/// What was found.
#[derive(Clone, Copy, Debug)]
pub struct Marks<'a> {
    search: &'a Search,
    document: &'a Document,
}

impl<'a> Marks<'a> {
    /// The marks of a search in a document.
    pub fn new(search: &'a Search, document: &'a Document) -> Self {
        Self { search, document }
    }

    /// The places in the first `limit` bytes of a node's key, from its opening quote on.
    pub fn in_key(&self, document: &Document, node: NodeId, limit: usize) -> Vec<Range<usize>> {
        let start = document.offset(node);
        let end = document.range(node).start;
        self.places(start..end.min(start + limit))
    }

    /// The places in the first `limit` bytes of a node's value.
    pub fn in_value(&self, document: &Document, node: NodeId, limit: usize) -> Vec<Range<usize>> {
        let range = document.range(node);
        self.places(range.start..range.end.min(range.start + limit))
    }

    /// The places in a part of the text, from its beginning on.
    pub fn places(&self, part: Range<usize>) -> Vec<Range<usize>> {
        let start = part.start;
        let length = part.len();
        let hits = self.search.hits_in(self.document, part);
        let inside = hits.into_iter().take(MOST);
        inside
            .map(|hit| hit.start - start..(hit.end - start).min(length))
            .collect()
    }
}
