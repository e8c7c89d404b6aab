//! Which line of a folded view is which node.
//!
//! Every node is one row; a folded container hides what is in it. Folds are kept as *rules*: within a container, nodes
//! up to some depth are shown. One rule for the whole text folds or unfolds everything at once, each container folded
//! or unfolded by hand adds one, and from them follow *stretches* of text with one depth each, whose rows the
//! document's index counts. So a row is found from its node and the other way round at the price of a few KiB of text,
//! and no fold costs more than the number of rules. Nothing is known about drawing. The document is an argument, so
//! that a view of the same document can have its own folds.

use std::collections::BTreeMap;

use crate::json::document::Document;
use crate::json::document::NodeId;

/// Deeper than any node.
const ALL: u32 = u32::MAX;

/// How many folded containers are opened one by one to show a node; beyond that the outermost is opened to its depth.
const ONE_BY_ONE: usize = 64;

/// How much is shown of what is in a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rule {
    /// Nodes at most so deep are shown.
    depth: u32,
    /// What `depth` was before the container was folded.
    open: u32,
}

/// A rule and the container it is for.
#[derive(Clone, Copy, Debug)]
struct Placed {
    rule: Rule,
    node: NodeId,
    /// Where the container ends; none if that is not read yet.
    end: Option<usize>,
}

/// A stretch of text in which nodes up to one depth are shown, from here to the next.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: usize,
    rule: Rule,
    /// Rows before it.
    row: u64,
    /// Nodes of the whole text before it that are at most as deep as those shown in it.
    skipped: u64,
}

/// The folds of one view of a document, and the rows they leave.
#[derive(Clone, Debug)]
pub struct Rows {
    whole: Rule,
    /// By where the container starts.
    rules: BTreeMap<usize, Placed>,
    stretches: Vec<Stretch>,
    len: usize,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            whole: Rule {
                depth: ALL,
                open: ALL,
            },
            rules: BTreeMap::new(),
            stretches: Vec::new(),
            len: 0,
        }
    }
}

impl Rows {
    /// Everything unfolded.
    pub fn new(document: &Document) -> Self {
        let mut rows = Self::default();
        rows.lay_out(document);
        rows
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row: the document has no node.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes note of what the document has absorbed: to be called after each piece. Rows that were there stay.
    pub fn grow(&mut self, document: &Document) {
        for placed in self
            .rules
            .values_mut()
            .filter(|placed| placed.end.is_none())
        {
            placed.end = end(document, placed.node);
        }
        self.lay_out(document);
    }

    /// The rows from `top` on, for as many as are taken.
    pub fn window(&self, document: &Document, top: usize) -> impl Iterator<Item = NodeId> {
        (top..self.len).map_while(|row| self.node_at(document, row))
    }

    /// The node a row shows.
    pub fn node_at(&self, document: &Document, row: usize) -> Option<NodeId> {
        if row >= self.len {
            return None;
        }
        let row = row as u64;
        let after = (self.stretches).partition_point(|stretch| stretch.row <= row);
        let stretch = self.stretches.get(after.checked_sub(1)?)?;
        document.select(stretch.skipped + row - stretch.row, stretch.rule.depth)
    }

    /// The row of a node; of a hidden one, that of the folded container it is in.
    pub fn row_of(&self, document: &Document, node: NodeId) -> usize {
        let Some(stretch) = self.stretch_of(node.begin) else {
            return 0;
        };
        let before = document.rank(node.begin, stretch.rule.depth) - stretch.skipped;
        let is_hidden = node.depth > stretch.rule.depth;
        (stretch.row + before).saturating_sub(u64::from(is_hidden)) as usize
    }

    /// Whether a node is shown.
    pub fn is_shown(&self, node: NodeId) -> bool {
        self.stretch_of(node.begin)
            .is_some_and(|stretch| node.depth <= stretch.rule.depth)
    }

    /// Whether a node is folded, or hidden by a fold. Only a container that holds something can be.
    pub fn is_folded(&self, document: &Document, node: NodeId) -> bool {
        self.hides(node) && Self::can_fold(document, node)
    }

    /// Whether a node's children, if it has any, are hidden.
    fn hides(&self, node: NodeId) -> bool {
        let inside = self.stretch_of(node.start + 1);
        node.kind.is_container() && inside.is_some_and(|stretch| stretch.rule.depth <= node.depth)
    }

    fn stretch_of(&self, offset: usize) -> Option<&Stretch> {
        let after = (self.stretches).partition_point(|stretch| stretch.from <= offset);
        self.stretches.get(after.checked_sub(1)?)
    }

    /// Whether a node can be folded and unfolded.
    pub fn can_fold(document: &Document, node: NodeId) -> bool {
        document.has_children(node)
    }

    /// Hides what is in a container.
    pub fn fold(&mut self, document: &Document, node: NodeId) {
        if !Self::can_fold(document, node) || self.own(node).depth <= node.depth {
            return;
        }
        let rule = Rule {
            depth: node.depth,
            open: self.own(node).depth,
        };
        self.put(document, node, rule);
        self.lay_out(document);
    }

    /// Shows what is in a container, as far as inner folds allow.
    pub fn unfold(&mut self, document: &Document, node: NodeId) {
        if self.is_folded(document, node) {
            self.open(document, node);
            self.lay_out(document);
        }
    }

    /// Folds an unfolded container and the other way round.
    pub fn toggle(&mut self, document: &Document, node: NodeId) {
        if self.is_folded(document, node) {
            self.unfold(document, node);
        } else {
            self.fold(document, node);
        }
    }

    /// Folds every container but the root: what is left is the outermost level. Of several documents every one.
    pub fn fold_all(&mut self, document: &Document) {
        let is_one = document.roots().nth(1).is_none();
        self.fold_to_level(document, usize::from(is_one));
    }

    /// Unfolds everything.
    pub fn unfold_all(&mut self, document: &Document) {
        self.fold_to_level(document, usize::MAX);
    }

    /// Leaves nodes open that are in fewer than `level` containers and folds the others: 0 leaves only the roots' rows.
    /// Up to 15 this takes no time; beyond that, if the text is nested so deep and very uneven, that of reading it.
    pub fn fold_to_level(&mut self, document: &Document, level: usize) {
        let depth = u32::try_from(level).unwrap_or(ALL);
        self.rules.clear();
        self.whole = Rule { depth, open: depth };
        self.lay_out(document);
    }

    /// Folds a node and all others of its parent; unfolds them all if it is folded.
    pub fn toggle_siblings(&mut self, document: &Document, node: NodeId) {
        let fold = !self.hides(node);
        let parent = document.parent(node);
        let inside = match parent {
            Some(parent) => parent.start + 1..end(document, parent).unwrap_or(usize::MAX),
            None => 0..usize::MAX,
        };
        let siblings = self.rules.range(inside);
        let siblings: Vec<usize> = siblings
            .filter(|(_, placed)| placed.node.depth == node.depth)
            .map(|(start, _)| *start)
            .collect();
        for sibling in siblings {
            self.rules.remove(&sibling);
        }
        let old = parent.map_or(self.whole, |parent| self.own(parent));
        let rule = if fold {
            Rule {
                depth: node.depth,
                open: old.depth.max(old.open),
            }
        } else {
            let depth = old.open.max(node.depth + 1);
            Rule { depth, open: depth }
        };
        match parent {
            Some(parent) => self.put(document, parent, rule),
            None => self.whole = rule,
        }
        self.lay_out(document);
    }

    /// Unfolds whatever hides a node, and returns its row. If that is more than some dozens of containers one in the
    /// other, everything in the outermost is shown down to the node's depth.
    pub fn reveal(&mut self, document: &Document, node: NodeId) -> usize {
        if self.is_shown(node) {
            return self.row_of(document, node);
        }
        let steps = document.lineage(node, usize::MAX);
        let mut depth = self.whole.depth;
        let mut hiding = Vec::new();
        for step in steps.iter().skip(1).rev() {
            let own = self.rules.get(&step.node.start);
            depth = own.map_or(depth, |placed| placed.rule.depth);
            if depth <= step.node.depth {
                hiding.push(step.node);
                depth = depth.max(self.opened(step.node).depth);
            }
        }
        match hiding.first() {
            Some(outermost) if hiding.len() > ONE_BY_ONE => {
                for hiding in &hiding {
                    self.rules.remove(&hiding.start);
                }
                let rule = Rule {
                    depth: node.depth,
                    open: node.depth,
                };
                self.put(document, *outermost, rule);
            }
            _ => {
                for hiding in hiding {
                    self.open(document, hiding);
                }
            }
        }
        self.lay_out(document);
        self.row_of(document, node)
    }

    /// The rule that holds inside a node.
    fn own(&self, node: NodeId) -> Rule {
        match self.rules.get(&node.start) {
            Some(placed) => placed.rule,
            None => self.around(node),
        }
    }

    /// The rule of the innermost container around a node that has one.
    fn around(&self, node: NodeId) -> Rule {
        let before = self.rules.range(..node.start).rev();
        let holds = |placed: &&Placed| placed.end.is_none_or(|end| end > node.start);
        let mut around = before.map(|(_, placed)| placed).filter(holds);
        // What is not read to its end may have ended before a later document.
        around
            .find(|placed| placed.node.depth < node.depth)
            .map_or(self.whole, |placed| placed.rule)
    }

    /// The rule of a folded node when it is unfolded.
    fn opened(&self, node: NodeId) -> Rule {
        let depth = self.own(node).open.max(node.depth + 1);
        Rule { depth, open: depth }
    }

    fn open(&mut self, document: &Document, node: NodeId) {
        let rule = self.opened(node);
        self.put(document, node, rule);
    }

    fn put(&mut self, document: &Document, node: NodeId, rule: Rule) {
        self.rules.remove(&node.start);
        if self.around(node) != rule {
            let end = end(document, node);
            self.rules.insert(node.start, Placed { rule, node, end });
        }
    }

    /// Makes the stretches that follow from the rules.
    fn lay_out(&mut self, document: &Document) {
        self.stretches.clear();
        self.len = 0;
        let mut open: Vec<(usize, Rule)> = vec![(usize::MAX, self.whole)];
        let mut stretches = vec![(0, self.whole)];
        for placed in self.rules.values() {
            while open.len() > 1
                && open
                    .last()
                    .is_some_and(|(end, _)| *end <= placed.node.start)
            {
                end_stretch(&mut open, &mut stretches);
            }
            let is_shown = (open.last()).is_some_and(|(_, rule)| placed.node.depth <= rule.depth);
            if is_shown {
                stretches.push((placed.node.start + 1, placed.rule));
                open.push((placed.end.unwrap_or(usize::MAX), placed.rule));
            }
        }
        while open.len() > 1 {
            end_stretch(&mut open, &mut stretches);
        }
        let mut row = 0;
        let mut stretches = stretches.into_iter().peekable();
        while let Some((from, rule)) = stretches.next() {
            let skipped = document.rank(from, rule.depth);
            let after = match stretches.peek() {
                Some((to, _)) => document.rank(*to, rule.depth),
                None => document.count_to_edge(rule.depth),
            };
            self.stretches.push(Stretch {
                from,
                rule,
                row,
                skipped,
            });
            row += after.saturating_sub(skipped);
        }
        self.len = row as usize;
    }
}

/// The innermost of the open rules ends: from there on the one around it holds.
fn end_stretch(open: &mut Vec<(usize, Rule)>, stretches: &mut Vec<(usize, Rule)>) {
    if let (Some((end, _)), Some((_, rule))) = (open.pop(), open.last()) {
        stretches.push((end, *rule));
    }
}

/// Where a container ends, if that is read.
fn end(document: &Document, node: NodeId) -> Option<usize> {
    let end = document.range(node).end;
    (document.is_complete() || end < document.edge()).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    use crate::json::index::reader::Indexer;
    use crate::json::index::samples;

    const TEXT: &str = r#"{"a":{"b":[1,{"c":2}],"d":{}},"e":[3],"f":4}"#;

    fn sample() -> (Document, Rows) {
        let document = Document::parse(TEXT.as_bytes().to_vec());
        let rows = Rows::new(&document);
        (document, rows)
    }

    fn shown(document: &Document, rows: &Rows) -> Vec<String> {
        (0..rows.len())
            .filter_map(|row| rows.node_at(document, row))
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
        assert_eq!(
            rows.row_of(&document, c),
            1,
            "a hidden node is where its fold is"
        );
        rows.unfold(&document, a);
        assert!(rows.is_folded(&document, b), "inner folds are remembered");
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
            let hidden = |node| std::iter::successors(document.parent(node), |at| document.parent(*at)).any(|at| rows.is_folded(&document, at));
            for index in 0..document.len() {
                let node = document.node(index).expect("is there");
                prop_assert_eq!(rows.is_shown(node), !hidden(node));
                let row = rows.row_of(&document, node);
                prop_assert!(rows.node_at(&document, row).is_some_and(|at| at <= node));
            }
        }

        #[test]
        fn rows_are_those_of_a_naive_view(sample in samples::sample(), leaf in 1_usize..60, steps in prop::collection::vec((0_u8..8, any::<prop::sample::Index>()), 0..12)) {
            let text = sample.text.as_bytes();
            let (mut document, mut indexer) = Document::begin(Indexer::with_leaves(text.into(), leaf), 40);
            let mut rows = Rows::new(&document);
            let mut steps = steps.into_iter();
            loop {
                for (verb, at) in steps.by_ref().take(3) {
                    if let Some(node) = document.node(at.index(document.len().max(1))) {
                        take(&document, &mut rows, verb, node);
                        check(&document, &rows);
                    }
                }
                let Some(piece) = indexer.as_mut().and_then(|indexer| indexer.step(50)) else { break };
                document.absorb(piece);
                rows.grow(&document);
                check(&document, &rows);
            }
            for (verb, at) in steps {
                let node = document.node(at.index(document.len())).expect("is there");
                take(&document, &mut rows, verb, node);
                check(&document, &rows);
            }
        }
    }

    fn take(document: &Document, rows: &mut Rows, verb: u8, node: NodeId) {
        match verb {
            0 => rows.fold(document, node),
            1 => rows.unfold(document, node),
            2 => rows.toggle(document, node),
            3 => rows.fold_all(document),
            4 => rows.fold_to_level(document, document.depth(node)),
            5 => rows.toggle_siblings(document, node),
            6 => rows.unfold_all(document),
            _ => {
                let row = rows.reveal(document, node);
                assert_eq!(rows.node_at(document, row), Some(node));
            }
        }
    }

    /// The rows are the nodes that no folded one holds, in order.
    fn check(document: &Document, rows: &Rows) {
        let mut shown = Vec::new();
        let mut hidden_until = None;
        for node in document.nodes() {
            if hidden_until.is_some_and(|depth| document.depth(node) > depth) {
                assert!(!rows.is_shown(node));
                continue;
            }
            assert!(rows.is_shown(node));
            let is_folded = rows.is_folded(document, node);
            hidden_until = is_folded.then(|| document.depth(node));
            shown.push(node);
        }
        assert_eq!(rows.len(), shown.len());
        assert_eq!(rows.window(document, 0).collect::<Vec<_>>(), shown);
        for (row, node) in shown.iter().enumerate() {
            assert_eq!(rows.row_of(document, *node), row);
        }
    }
}
