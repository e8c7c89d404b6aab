//! Where what a search found stands in the text that is on the screen.
//!
//! Asked for the keys, values and rows in sight alone, and of long ones only for what is shown. Used by whatever draws
//! rows. Deliberately absent: searching.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use crate::json::document::Document;
use crate::json::document::NodeId;
use crate::json::search::Search;

/// How many places of a row are marked.
const MOST: usize = 100;

/// What was found, for one screen.
#[derive(Debug)]
pub struct Marks<'a> {
    search: &'a Search,
    document: &'a Document,
    /// The hits of the pieces that were looked at: many rows of a screen stand in one.
    pieces: RefCell<HashMap<usize, Vec<Range<usize>>>>,
}

impl<'a> Marks<'a> {
    /// The marks of a search in a document.
    pub fn new(search: &'a Search, document: &'a Document) -> Self {
        Self {
            search,
            document,
            pieces: RefCell::default(),
        }
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
        let mut pieces = self.pieces.borrow_mut();
        let mut places = Vec::new();
        for piece in Search::pieces_of(&part) {
            let hits = pieces
                .entry(piece)
                .or_insert_with(|| self.search.hits_in_piece(self.document, piece));
            let first = hits.partition_point(|hit| hit.start < start);
            let inside = hits[first..].iter().take_while(|hit| hit.start < part.end);
            let left = MOST - places.len();
            places.extend(
                inside
                    .take(left)
                    .map(|hit| hit.start - start..(hit.end - start).min(length)),
            );
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::json::search::Options;
    use crate::json::search::Query;

    #[test]
    fn each_row_has_its_own_hits_across_pieces() {
        let text = format!("[{}\"needle\"]", "\"hay needle\",".repeat(20_000));
        let document = Document::parse(text.as_str());
        let query = Query::new("needle", Options::default()).expect("can be looked for");
        let search = Search::new(query);
        let marks = Marks::new(&search, &document);
        let root = document.root().expect("is read");
        for node in document.children(root) {
            let value = document.text(node);
            let at = value.find("needle").expect("is there");
            let found = marks.in_value(&document, node, 100);
            let place = at..at + 6;
            assert!(
                found.iter().eq([&place]),
                "at {}: {found:?}",
                document.offset(node)
            );
        }
        assert_eq!(marks.in_value(&document, root, text.len()).len(), MOST);
        assert!(marks.places(3..3).is_empty());
    }
}
