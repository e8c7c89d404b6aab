//! Which line of a folded view is which node.
//!
//! Every node is one row; a folded container hides what is in it. The rows shown are kept as a list in the order of the
//! text, so a row's node is looked up at once, a node's row by halving, and folding one node moves only the rows after
//! it. Nothing is known about drawing. The document is an argument, so that a view of the same document can have its
//! own folds.

use crate::json::document::Document;
use crate::json::document::NodeId;

/// The folds of one view of a document, and the rows they leave.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    folded: Vec<bool>,
    shown: Vec<NodeId>,
}

impl Rows {
    /// Everything unfolded.
    pub fn new(document: &Document) -> Self {
        let mut rows = Self {
            folded: vec![false; document.len()],
            shown: Vec::new(),
        };
        rows.rebuild(document);
        rows
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether there is no row: the document has no node.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The node a row shows.
    pub fn node_at(&self, row: usize) -> Option<NodeId> {
        self.shown.get(row).copied()
    }

    /// The row of a node; of a hidden one, that of the folded container it is in.
    pub fn row_of(&self, node: NodeId) -> usize {
        match self.shown.binary_search(&node) {
            Ok(row) => row,
            // The row before is the last one shown that stands earlier in the text: the fold itself.
            Err(after) => after.saturating_sub(1),
        }
    }

    /// Whether a node is shown.
    pub fn is_shown(&self, node: NodeId) -> bool {
        self.shown.binary_search(&node).is_ok()
    }

    /// Whether a node is folded. Only a container that holds something can be.
    pub fn is_folded(&self, node: NodeId) -> bool {
        self.folded.get(node.index()).copied().unwrap_or_default()
    }

    /// Whether a node can be folded and unfolded.
    pub fn can_fold(document: &Document, node: NodeId) -> bool {
        document.child_count(node) > 0
    }

    /// Hides what is in a container.
    pub fn fold(&mut self, document: &Document, node: NodeId) {
        if !Self::can_fold(document, node) || self.is_folded(node) {
            return;
        }
        self.folded[node.index()] = true;
        if let Ok(row) = self.shown.binary_search(&node) {
            let end = document.end(node);
            let after = self.shown.partition_point(|shown| shown.index() < end);
            self.shown.drain(row + 1..after);
        }
    }

    /// Shows what is in a container, as far as inner folds allow.
    pub fn unfold(&mut self, document: &Document, node: NodeId) {
        if !self.is_folded(node) {
            return;
        }
        self.folded[node.index()] = false;
        if let Ok(row) = self.shown.binary_search(&node) {
            let at = row + 1;
            let inside = self.visible(document, node.index() + 1, document.end(node));
            self.shown.splice(at..at, inside);
        }
    }

    /// Folds an unfolded container and the other way round.
    pub fn toggle(&mut self, document: &Document, node: NodeId) {
        if self.is_folded(node) {
            self.unfold(document, node);
        } else {
            self.fold(document, node);
        }
    }

    /// Folds every container but the root: what is left is the outermost level.
    pub fn fold_all(&mut self, document: &Document) {
        self.fold_to_level(document, 1);
    }

    /// Unfolds everything.
    pub fn unfold_all(&mut self, document: &Document) {
        self.folded.fill(false);
        self.rebuild(document);
    }

    /// Leaves nodes open that are in fewer than `level` containers and folds the others: 0 leaves only the root's row.
    pub fn fold_to_level(&mut self, document: &Document, level: usize) {
        for index in 0..document.len() {
            if let Some(node) = document.node(index) {
                self.folded[index] =
                    document.depth(node) >= level && Self::can_fold(document, node);
            }
        }
        self.rebuild(document);
    }

    /// Folds a node and all others of its parent; unfolds them all if it is folded.
    pub fn toggle_siblings(&mut self, document: &Document, node: NodeId) {
        let Some(parent) = document.parent(node) else {
            return self.toggle(document, node);
        };
        let fold = !self.is_folded(node);
        for sibling in document.children(parent) {
            self.folded[sibling.index()] = fold && Self::can_fold(document, sibling);
        }
        self.rebuild(document);
    }

    /// Unfolds whatever hides a node, and returns its row.
    pub fn reveal(&mut self, document: &Document, node: NodeId) -> usize {
        let mut hidden = false;
        let mut at = node;
        while let Some(parent) = document.parent(at) {
            hidden |= std::mem::take(&mut self.folded[parent.index()]);
            at = parent;
        }
        if hidden {
            self.rebuild(document);
        }
        self.row_of(node)
    }

    fn rebuild(&mut self, document: &Document) {
        self.shown = self.visible(document, 0, document.len());
    }

    /// The nodes from number `start` to before `end` that no fold among them hides.
    fn visible(&self, document: &Document, start: usize, end: usize) -> Vec<NodeId> {
        let mut shown = Vec::new();
        let mut at = start;
        while at < end {
            let Some(node) = document.node(at) else { break };
            shown.push(node);
            at = if self.folded[at] {
                document.end(node)
            } else {
                at + 1
            };
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    const TEXT: &str = r#"{"a":{"b":[1,{"c":2}],"d":{}},"e":[3],"f":4}"#;

    fn sample() -> (Document, Rows) {
        let document = Document::parse(TEXT.as_bytes().to_vec());
        let rows = Rows::new(&document);
        (document, rows)
    }

    fn shown(document: &Document, rows: &Rows) -> Vec<String> {
        (0..rows.len())
            .filter_map(|row| rows.node_at(row))
            .map(|node| document.jq_path(node))
            .collect()
    }

    #[test]
    fn folding_hides_and_unfolding_shows_again() {
        let (document, mut rows) = sample();
        let all = [
            ".",
            ".a",
            ".a.b",
            ".a.b[0]",
            ".a.b[1]",
            ".a.b[1].c",
            ".a.d",
            ".e",
            ".e[0]",
            ".f",
        ];
        assert_eq!(shown(&document, &rows), all);
        let b = document.find("a.b").expect("is there");
        let a = document.find("a").expect("is there");
        rows.fold(&document, b);
        assert_eq!(
            shown(&document, &rows),
            [".", ".a", ".a.b", ".a.d", ".e", ".e[0]", ".f"]
        );
        rows.toggle(&document, a);
        assert_eq!(shown(&document, &rows), [".", ".a", ".e", ".e[0]", ".f"]);
        let c = document.find("a.b[1].c").expect("is there");
        assert_eq!(rows.row_of(c), 1, "a hidden node is where its fold is");
        rows.unfold(&document, a);
        assert!(rows.is_folded(b), "inner folds are remembered");
        assert_eq!(rows.reveal(&document, c), 5);
        assert_eq!(shown(&document, &rows), all);
        let (empty, number) = (
            document.find("a.d").expect("is there"),
            document.find("f").expect("is there"),
        );
        rows.fold(&document, empty);
        rows.fold(&document, number);
        assert_eq!(shown(&document, &rows), all);
    }

    #[test]
    fn folds_by_level_and_by_siblings() {
        let (document, mut rows) = sample();
        rows.fold_all(&document);
        assert_eq!(shown(&document, &rows), [".", ".a", ".e", ".f"]);
        rows.fold_to_level(&document, 0);
        assert_eq!(shown(&document, &rows), ["."]);
        rows.fold_to_level(&document, 2);
        assert_eq!(
            shown(&document, &rows),
            [".", ".a", ".a.b", ".a.d", ".e", ".e[0]", ".f"]
        );
        let e = document.find("e").expect("is there");
        rows.toggle_siblings(&document, e);
        assert_eq!(shown(&document, &rows), [".", ".a", ".e", ".f"]);
        rows.toggle_siblings(&document, e);
        rows.unfold_all(&document);
        assert_eq!(rows.len(), document.len());
    }

    #[test]
    fn nothing_and_depth_are_no_danger() {
        let nothing = Document::parse(Vec::new());
        assert!(Rows::new(&nothing).is_empty());
        let deep = Document::parse("[".repeat(200_000).into_bytes());
        let mut rows = Rows::new(&deep);
        rows.fold_all(&deep);
        assert_eq!(rows.len(), 2);
        let last = deep.node(199_999).expect("is there");
        assert_eq!(rows.reveal(&deep, last), 199_999);
    }

    proptest! {
        #[test]
        fn any_order_of_folding_shows_what_no_fold_hides(steps in prop::collection::vec((0_usize..10, any::<bool>()), 0..30)) {
            let (document, mut rows) = sample();
            for (index, fold) in steps {
                let node = document.node(index).expect("is there");
                if fold { rows.fold(&document, node) } else { rows.unfold(&document, node) }
            }
            let hidden = |node| std::iter::successors(document.parent(node), |at| document.parent(*at)).any(|at| rows.is_folded(at));
            for index in 0..document.len() {
                let node = document.node(index).expect("is there");
                prop_assert_eq!(rows.is_shown(node), !hidden(node));
                let row = rows.row_of(node);
                prop_assert!(rows.node_at(row).is_some_and(|at| at <= node));
            }
        }
    }
}
