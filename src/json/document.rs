//! A JSON text of any size as a tree of nodes: what stands where, without building values.
//!
//! The bytes are kept and every question is answered from them, so numbers, escapes, the order of keys and repeated
//! keys are shown exactly as they came. Beside them stands an index of a few per cent of their size
//! ([`crate::json::index`]) that may still be growing: the document then answers for what is read. No answer looks at
//! more than a few KiB of text, apart from those that give text out, and none uses recursion. What a text that is not
//! JSON looks like as a tree is told in `index/recover.rs`.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;

use crate::json::bytes::Bytes;
use crate::json::index::Index;
use crate::json::index::cursor;
use crate::json::index::cursor::Cursor;
use crate::json::index::cursor::Event;
use crate::json::index::reader::Indexer;
use crate::json::index::reader::Piece;
use crate::json::index::reader::Stop;
use crate::json::literal::decode_bytes;
use crate::json::literal::head;
use crate::json::literal::unquote;

/// How much of a text is read before it is shown, in bytes: the largest screen shows less.
const FIRST: usize = 64 * 1024;

/// One node of a document. Nodes are ordered as they stand in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// Where it begins, a member with its key.
    pub(crate) begin: usize,
    /// Where its value starts.
    pub(crate) start: usize,
    /// How many containers it is in.
    pub(crate) depth: u32,
    pub(crate) kind: Kind,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// What stands where the text is not JSON: half a string, an unknown word, a key without a value.
    Broken,
}

impl Kind {
    /// What a value is that is right and begins with `byte`.
    pub(crate) fn of(byte: u8) -> Self {
        match byte {
            b'{' => Self::Object,
            b'[' => Self::Array,
            b'"' => Self::String,
            b't' => Self::True,
            b'f' => Self::False,
            b'n' => Self::Null,
            b'-' | b'0'..=b'9' => Self::Number,
            _ => Self::Broken,
        }
    }

    /// Whether such a node holds others.
    pub fn is_container(self) -> bool {
        matches!(self, Self::Object | Self::Array)
    }
}

/// Where and why a text is not JSON.
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

/// A JSON text and its index. See the module. A clone costs little, whatever the size.
#[derive(Clone, Debug)]
pub struct Document {
    index: Box<Index>,
    faults: Arc<Vec<Fault>>,
    sequel: Option<Fault>,
    documents: usize,
    is_complete: bool,
}

/// A node on the way from a node to the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The node.
    pub node: NodeId,
    /// Which child of its parent it is, from 0; of a root, which document.
    pub place: usize,
}

impl Document {
    /// Opens `bytes`, which need not be JSON, and reads the beginning: enough for the first screen, in less time than
    /// a frame takes to draw. The rest is for the [`Indexer`], none if there is no rest: whoever owns a thread lets it
    /// step and hands its pieces, in order, to [`Document::absorb`]. Meanwhile the document answers for what is read:
    /// it ends where the reading has come to.
    pub fn open(bytes: impl Into<Bytes>) -> (Self, Option<Indexer>) {
        Self::begin(Indexer::new(bytes.into()), FIRST)
    }

    /// Reads all of `bytes`, which need not be JSON, at once.
    pub fn parse(bytes: impl Into<Bytes>) -> Self {
        let (document, _) = Self::begin(Indexer::new(bytes.into()), usize::MAX);
        document
    }

    /// Reads all that has come of a text that goes on: what is there ends where it has come to, and that is no fault.
    pub fn parse_so_far(bytes: impl Into<Bytes>) -> Self {
        let mut document = Self::parse(bytes);
        let end = document.bytes().len();
        Arc::make_mut(&mut document.faults).retain(|fault| fault.offset < end);
        document.is_complete = false;
        document
    }

    pub(crate) fn begin(mut indexer: Indexer, first: usize) -> (Self, Option<Indexer>) {
        let mut document = Self {
            index: Box::new(Index::new(indexer.bytes().clone())),
            faults: Arc::default(),
            sequel: None,
            documents: 0,
            is_complete: false,
        };
        if let Some(piece) = indexer.step(first) {
            document.absorb(piece);
        }
        let rest = (!document.is_complete).then_some(indexer);
        (document, rest)
    }

    /// Takes what the indexer has read next. A piece that does not follow on what is there is left out.
    pub fn absorb(&mut self, piece: Piece) {
        if piece.after != self.index.tree.len() || self.is_complete {
            return;
        }
        for leaf in piece.leaves {
            self.index.tree.push(leaf);
        }
        for span in piece.spans {
            self.index.spans.push(span);
        }
        for listed in piece.listed {
            self.index.listed.push(listed);
        }
        self.index.edge = piece.edge;
        self.documents = piece.documents;
        self.is_complete = piece.is_last;
        if let Some(stop) = piece.sequel {
            self.sequel = Some(self.fault_of(stop));
        }
        if !piece.faults.is_empty() {
            let faults: Vec<Fault> = piece
                .faults
                .into_iter()
                .map(|stop| self.fault_of(stop))
                .collect();
            Arc::make_mut(&mut self.faults).extend(faults);
        }
    }

    fn fault_of(&self, stop: Stop) -> Fault {
        let mut reason = stop.reason;
        if let Some(open) = stop
            .unclosed
            .and_then(|depth| self.above(stop.offset, depth))
        {
            let bracket = char::from(self.index.bytes[open.start]);
            let (line, column) = self.line_and_column(open.start);
            // Writing to a String cannot fail.
            let _ = write!(
                reason,
                "the {bracket} opened at line {line} column {column} is never closed"
            );
        }
        let (line, column) = self.line_and_column(stop.offset);
        Fault {
            offset: stop.offset,
            line,
            column,
            reason,
        }
    }

    /// All of the text, as it came.
    pub fn bytes(&self) -> &Bytes {
        &self.index.bytes
    }

    /// Whether all of the text is read.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// How far the text is read, in bytes.
    pub fn edge(&self) -> usize {
        self.index.edge
    }

    /// Bytes of memory that the index takes, beside the text.
    pub fn memory(&self) -> usize {
        self.index.memory()
    }

    /// Where and why the text is not one JSON document; none if it is, as far as it is read. The first of
    /// [`Document::faults`], or that a second document follows.
    pub fn fault(&self) -> Option<&Fault> {
        let first = self.faults.first();
        match &self.sequel {
            Some(sequel) if first.is_none_or(|first| sequel.offset <= first.offset) => Some(sequel),
            _ => first,
        }
    }

    /// Everything that is wrong in the text, in its order. Several documents one after the other are not wrong here.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// How many documents the text holds, as in NDJSON; broken lines between them count, too.
    pub fn document_count(&self) -> usize {
        self.documents
    }

    /// Whether the text starts with a byte order mark, which JSON does not have; it is read past.
    pub fn has_bom(&self) -> bool {
        self.index.text_start() > 0
    }

    /// The outermost node; none if not even that began. Of several documents the first.
    pub fn root(&self) -> Option<NodeId> {
        self.nodes().next()
    }

    /// The outermost nodes: one of a JSON text, several of NDJSON or of documents one after the other.
    pub fn roots(&self) -> impl Iterator<Item = NodeId> {
        let cursor = Cursor::new(&self.index, 0);
        Children {
            document: self,
            depth: 0,
            cursor,
        }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.count_to_edge(u32::MAX) as usize
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.root().is_none()
    }

    /// The node of this number, if there is one.
    pub fn node(&self, number: usize) -> Option<NodeId> {
        self.select(number as u64, u32::MAX)
    }

    /// Where the node stands in the order of the text, from 0 for the first root.
    pub fn number(&self, node: NodeId) -> usize {
        self.rank(node.begin, u32::MAX) as usize
    }

    /// All nodes, in the order of the text.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        (0..self.index.tree.len()).flat_map(|leaf| cursor::nodes(&self.index, leaf))
    }

    /// The nodes that begin in a part of the text.
    pub(crate) fn nodes_between(&self, from: usize, to: usize) -> impl Iterator<Item = NodeId> {
        let first = self.index.tree.leaf_of(from).map_or(0, |(leaf, _)| leaf);
        (first..self.index.tree.len())
            .flat_map(|leaf| cursor::nodes(&self.index, leaf))
            .skip_while(move |node| node.begin < from)
            .take_while(move |node| node.begin < to)
    }

    /// Where the text that is read together with the byte at `offset` starts.
    pub(crate) fn leaf_start(&self, offset: usize) -> usize {
        let leaf = self.index.tree.leaf_of(offset);
        leaf.map_or(0, |(_, leaf)| leaf.start)
    }

    /// What the node is.
    pub fn kind(&self, node: NodeId) -> Kind {
        node.kind
    }

    /// How many containers the node is in.
    pub fn depth(&self, node: NodeId) -> usize {
        node.depth as usize
    }

    /// The object or array the node is in; none for a root.
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        self.above(node.begin, node.depth)
    }

    /// The outermost node that the node is in: itself, of a root. However deep it is, the way there is gone once.
    pub fn root_of(&self, node: NodeId) -> NodeId {
        let lineage = self.lineage(node, usize::MAX);
        lineage.last().map_or(node, |step| step.node)
    }

    /// Which child of its parent the node is, from 0; of a root, which document.
    pub fn place(&self, node: NodeId) -> usize {
        self.lineage(node, 1).first().map_or(0, |step| step.place)
    }

    /// The node, its parent, and so on to the root, but no more than `limit` of them.
    pub fn lineage(&self, node: NodeId, limit: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        let Some((mut leaf, _)) = self.index.tree.leaf_of(node.begin) else {
            return steps;
        };
        let (mut at, mut place) = (node, 0);
        let mut before: Vec<NodeId> = cursor::nodes(&self.index, leaf)
            .take_while(|other| *other < node)
            .collect();
        while steps.len() < limit {
            for other in before.drain(..).rev() {
                if other.depth == at.depth {
                    place += 1;
                } else if other.depth < at.depth {
                    steps.push(Step { node: at, place });
                    if steps.len() == limit {
                        return steps;
                    }
                    (at, place) = (other, 0);
                }
            }
            let found = self.index.tree.find_back(leaf, |view| {
                let is_below = view.min() >= at.depth;
                if is_below {
                    place += view.at(at.depth) as usize;
                }
                is_below
            });
            let Some(found) = found else {
                steps.push(Step { node: at, place });
                break;
            };
            leaf = found;
            before.extend(cursor::nodes(&self.index, leaf));
        }
        steps
    }

    /// The last node that begins before `offset` and is less than `depth` deep: of a place that is so deep, what it is
    /// in.
    fn above(&self, offset: usize, depth: u32) -> Option<NodeId> {
        let last_above = |leaf: usize| {
            cursor::nodes(&self.index, leaf)
                .take_while(|node| node.begin < offset)
                .filter(|node| node.depth < depth)
                .last()
        };
        let (leaf, _) = self.index.tree.leaf_of(offset)?;
        last_above(leaf).or_else(|| {
            let leaf = (self.index.tree).find_back(leaf, |view| view.min() >= depth)?;
            last_above(leaf)
        })
    }

    /// The innermost node whose text, key included, holds the byte at `offset`; between nodes, the one they are in.
    pub fn node_at(&self, offset: usize) -> Option<NodeId> {
        let (leaf, start) = self.index.tree.leaf_of(offset)?;
        let mut depth = start.depth;
        let mut last = None;
        for event in Cursor::new(&self.index, leaf)? {
            match event {
                Event::Node(node) if node.begin <= offset => {
                    depth = node.depth + u32::from(node.kind.is_container());
                    last = Some(node);
                }
                Event::Close { at, depth: open } if at <= offset => depth = open,
                _ => break,
            }
        }
        // The text of the last node of another leaf may reach into this one.
        let last = last.or_else(|| {
            let leaf = (self.index.tree).find_back(leaf, |view| view.nodes() == 0)?;
            cursor::nodes(&self.index, leaf).last()
        });
        let holds = |node: &NodeId| {
            (node.begin..node.start).contains(&offset) || self.range(*node).contains(&offset)
        };
        let is_scalar = |node: &NodeId| !node.kind.is_container();
        last.filter(|node| (is_scalar(node) || offset <= node.start) && holds(node))
            .or_else(|| self.above(offset + 1, depth))
    }

    /// How many members or elements the node has.
    pub fn child_count(&self, node: NodeId) -> usize {
        match self.seek_child(node, None) {
            Ok(_) => 0,
            Err(count) => count as usize,
        }
    }

    /// The child of this place, from 0.
    pub fn child(&self, node: NodeId, place: usize) -> Option<NodeId> {
        self.seek_child(node, Some(place as u64)).ok()
    }

    /// The child with so many before it, or how many there are.
    fn seek_child(&self, node: NodeId, place: Option<u64>) -> Result<NodeId, u64> {
        let depth = node.depth + 1;
        let mut count = 0;
        let Some(mut cursor) = self.inside(node) else {
            return Err(count);
        };
        loop {
            for event in cursor.by_ref() {
                match event {
                    Event::Node(child) if child.depth == depth => {
                        if place == Some(count) {
                            return Ok(child);
                        }
                        count += 1;
                    }
                    Event::Node(other) if other.depth < depth => return Err(count),
                    Event::Close { depth: open, .. } if open < depth => return Err(count),
                    _ => {}
                }
            }
            let next = self
                .index
                .tree
                .find(cursor.leaf() + 1, usize::MAX, |view, _| {
                    let here = view.at(depth);
                    let is_inside = view.min() >= depth && view.low() >= depth;
                    let is_before = is_inside && place.is_none_or(|place| count + here <= place);
                    if is_before {
                        count += here;
                    }
                    is_before
                });
            match next.and_then(|leaf| Cursor::new(&self.index, leaf)) {
                Some(next) => cursor = next,
                None => return Err(count),
            }
        }
    }

    /// A cursor after the opening bracket of a container.
    fn inside(&self, node: NodeId) -> Option<Cursor<'_>> {
        if !node.kind.is_container() {
            return None;
        }
        let mut cursor = Cursor::before(&self.index, node)?;
        (cursor.next()? == Event::Node(node)).then_some(cursor)
    }

    /// Whether a container holds anything.
    pub fn has_children(&self, node: NodeId) -> bool {
        self.children(node).next().is_some()
    }

    /// The members or elements, in the order of the text.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        Children {
            document: self,
            depth: node.depth + 1,
            cursor: self.inside(node),
        }
    }

    /// The first node after everything in `node`: its next sibling, or that of what it is in.
    pub fn after(&self, node: NodeId) -> Option<NodeId> {
        let is_after = |other: &NodeId| *other > node && other.depth <= node.depth;
        let cursor = Cursor::before(&self.index, node)?;
        let leaf = cursor.leaf();
        let found = cursor.filter_map(Event::node).find(is_after);
        found.or_else(|| {
            let leaf =
                (self.index.tree).find(leaf + 1, usize::MAX, |view, _| view.min() > node.depth)?;
            cursor::nodes(&self.index, leaf).find(is_after)
        })
    }

    /// The node after `node` in the order of the text: its first child, or what comes after it.
    pub fn next(&self, node: NodeId) -> Option<NodeId> {
        let cursor = Cursor::before(&self.index, node)?;
        let leaf = cursor.leaf();
        let found = cursor.filter_map(Event::node).find(|other| *other > node);
        found.or_else(|| {
            let leaf = (self.index.tree).find(leaf + 1, usize::MAX, |view, _| view.nodes() == 0)?;
            cursor::nodes(&self.index, leaf).next()
        })
    }

    /// How many nodes are at most so deep, as far as the text is read.
    pub(crate) fn count_to_edge(&self, depth: u32) -> u64 {
        let leaves = self.index.tree.len();
        self.index
            .tree
            .count(0, leaves, depth, |leaf| self.count_in(leaf, depth))
    }

    /// How many nodes begin before `offset` that are at most so deep.
    pub(crate) fn rank(&self, offset: usize, depth: u32) -> u64 {
        let Some((leaf, _)) = self.index.tree.leaf_of(offset) else {
            return 0;
        };
        let before = self
            .index
            .tree
            .count(0, leaf, depth, |leaf| self.count_in(leaf, depth));
        let here = cursor::nodes(&self.index, leaf).take_while(|node| node.begin < offset);
        before + here.filter(|node| node.depth <= depth).count() as u64
    }

    /// The node with so many before it, of those that are at most so deep.
    pub(crate) fn select(&self, skipped: u64, depth: u32) -> Option<NodeId> {
        let read = |leaf| self.count_in(leaf, depth);
        let (leaf, left) = self.index.tree.select(skipped, depth, read)?;
        cursor::nodes(&self.index, leaf)
            .filter(|node| node.depth <= depth)
            .nth(left as usize)
    }

    fn count_in(&self, leaf: usize, depth: u32) -> u64 {
        let nodes = cursor::nodes(&self.index, leaf);
        nodes.filter(|node| node.depth <= depth).count() as u64
    }

    /// Where the node stands in the text, in bytes: a member without its key. What is never closed, or not read to its
    /// end, goes to the end of what is read.
    pub fn range(&self, node: NodeId) -> Range<usize> {
        let end = match node.kind {
            Kind::Object | Kind::Array => self.container_end(node),
            Kind::String => self.index.string_end(node.start),
            Kind::Broken => (self.index.noted_end(node.start))
                .unwrap_or_else(|| self.index.line_end(node.start)),
            _ => self.index.word_end(node.start),
        };
        node.start..end.clamp(node.start, self.index.edge.max(node.start))
    }

    fn container_end(&self, node: NodeId) -> usize {
        let end = |cursor: &mut Cursor<'_>| {
            cursor.find_map(|event| match event {
                Event::Close { at, depth } if depth <= node.depth => Some(at),
                _ => None,
            })
        };
        let Some(mut cursor) = self.inside(node) else {
            return self.index.edge;
        };
        if let Some(found) = end(&mut cursor) {
            return found;
        }
        let leaf = self
            .index
            .tree
            .find(cursor.leaf() + 1, usize::MAX, |view, _| {
                view.low() > node.depth
            });
        leaf.and_then(|leaf| end(&mut Cursor::new(&self.index, leaf)?))
            .unwrap_or(self.index.edge)
    }

    /// The bytes of the node as they came.
    pub fn raw(&self, node: NodeId) -> &[u8] {
        self.index.bytes.get(self.range(node)).unwrap_or_default()
    }

    /// The first bytes of [`Document::raw`], at most `limit` of them, without looking far for the end.
    fn raw_head(&self, node: NodeId, limit: usize) -> &[u8] {
        // Some more, to see whether a character would be cut in two.
        let near = self
            .index
            .edge
            .min(node.start.saturating_add(limit).saturating_add(4));
        let range = match node.kind {
            Kind::Object | Kind::Array => node.start..near,
            Kind::String => {
                let end = self.index.string_end_near(node.start, near);
                node.start..end.unwrap_or(near)
            }
            _ => self.range(node),
        };
        head(self.index.bytes.get(range).unwrap_or_default(), limit)
    }

    /// Where the node begins, in bytes: a member with its key.
    pub fn offset(&self, node: NodeId) -> usize {
        node.begin
    }

    /// Line and column of the place after `offset` bytes, both from 1, as
    /// [`crate::json::locate::line_and_column`] counts them. Looks at little text only where a node begins.
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        self.index.line_and_column(offset)
    }

    /// The node's text as it came, bytes that are not UTF-8 as `\xNN`. Not cleaned for the screen.
    pub fn text(&self, node: NodeId) -> Cow<'_, str> {
        decode_bytes(self.raw(node))
    }

    /// The first bytes of [`Document::text`], at most `limit`: enough to show of a long text, at the price of what is
    /// shown. Of a container, what follows it may be there, too.
    pub fn text_head(&self, node: NodeId, limit: usize) -> Cow<'_, str> {
        decode_bytes(self.raw_head(node, limit))
    }

    /// What a string says, its escapes read; a lone surrogate stays as it is written, a byte that is not UTF-8 becomes
    /// `\xNN`. None for anything but a string.
    pub fn string(&self, node: NodeId) -> Option<Cow<'_, str>> {
        (node.kind == Kind::String).then(|| unquote(self.raw(node)))
    }

    /// A member's key, its escapes read as in [`Document::string`]; none for elements and roots.
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
        self.index.bytes.get(self.key_range(node)?)
    }

    /// Where a member's key stands in the text, in bytes.
    pub fn key_range(&self, node: NodeId) -> Option<Range<usize>> {
        let end = || self.index.key_end(node.begin).min(node.start);
        (node.begin < node.start).then(|| node.begin..end())
    }

    /// The member of this key; the last if the key is repeated, as readers of JSON take it.
    pub fn member(&self, object: NodeId, key: &str) -> Option<NodeId> {
        self.children(object)
            .filter(|child| self.has_key(*child, key))
            .last()
    }

    /// Whether the node is a member of this key.
    fn has_key(&self, node: NodeId, key: &str) -> bool {
        let Some(raw) = self.raw_key(node) else {
            return false;
        };
        match raw
            .strip_prefix(b"\"")
            .and_then(|raw| raw.strip_suffix(b"\""))
        {
            Some(plain) if memchr::memchr(b'\\', plain).is_none() && plain.is_ascii() => {
                plain == key.as_bytes()
            }
            _ => unquote(raw) == key,
        }
    }

    /// The node's path as attribute paths are written: `statuses[0].status`; empty for the root. A key that is not a
    /// plain name is written `["a b"]`. The length of a path grows with the depth: see [`Document::path_tail`].
    pub fn attr_path(&self, node: NodeId) -> String {
        self.path_of(&self.lineage(node, usize::MAX), 0)
    }

    /// Like [`Document::attr_path`], from `top` on, which must be the node or hold it: the path inside a record that is
    /// itself inside an answer.
    pub fn path_below(&self, top: NodeId, node: NodeId) -> String {
        let levels = node.depth.saturating_sub(top.depth) as usize;
        self.path_of(&self.lineage(node, levels), top.depth + 1)
    }

    /// The last `steps` steps of [`Document::attr_path`], after a `…` if there are more: what a line has room for, at
    /// its price.
    pub fn path_tail(&self, node: NodeId, steps: usize) -> String {
        let path = self.path_of(&self.lineage(node, steps), 0);
        if self.depth(node) > steps {
            format!("…{path}")
        } else {
            path
        }
    }

    /// The steps that are at least `top` deep, as a path. A root has none, but of several documents its number.
    fn path_of(&self, steps: &[Step], top: u32) -> String {
        let mut path = String::new();
        for Step { node, place } in steps.iter().rev() {
            if node.depth == 0 || node.depth < top {
                continue;
            }
            // Writing to a String cannot fail.
            let _ = match self.key(*node) {
                Some(key) if is_name(&key) => {
                    let dot = if path.is_empty() { "" } else { "." };
                    write!(path, "{dot}{key}")
                }
                Some(_) => write!(path, "[{}]", self.key_text(*node).unwrap_or_default()),
                None => write!(path, "[{place}]"),
            };
        }
        path
    }

    /// The node's path as JSONPath: `$.statuses[0].status`; `$` for the root.
    pub fn json_path(&self, node: NodeId) -> String {
        let path = self.attr_path(node);
        let dot = if path.is_empty() || path.starts_with('[') {
            ""
        } else {
            "."
        };
        format!("${dot}{path}")
    }

    /// The node's path as a jq filter: `.statuses[0].status`; `.` for the root.
    pub fn jq_path(&self, node: NodeId) -> String {
        format!(".{}", self.attr_path(node))
    }

    /// The node at a path as [`Document::attr_path`], [`Document::jq_path`] or [`Document::json_path`] write it.
    pub fn find(&self, path: &str) -> Option<NodeId> {
        self.find_below(self.root()?, path)
    }

    /// Like [`Document::find`], from `top` on.
    pub fn find_below(&self, top: NodeId, path: &str) -> Option<NodeId> {
        let mut at = top;
        let rest = path.strip_prefix('$').unwrap_or(path);
        let mut rest = rest.strip_prefix('.').unwrap_or(rest);
        while !rest.is_empty() {
            (at, rest) = if let Some(quoted) = rest.strip_prefix('[').filter(|r| r.starts_with('"'))
            {
                let end = quoted_end(quoted)?;
                let key = unquote(&quoted.as_bytes()[..end]);
                (self.member(at, &key)?, quoted[end..].strip_prefix(']')?)
            } else if let Some(place) = rest.strip_prefix('[') {
                let (place, after) = place.split_once(']')?;
                (self.child(at, place.parse().ok()?)?, after)
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

/// The nodes of one depth, from a place on, to the end of what they are in.
struct Children<'a> {
    document: &'a Document,
    depth: u32,
    cursor: Option<Cursor<'a>>,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        loop {
            let cursor = self.cursor.as_mut()?;
            for event in cursor.by_ref() {
                match event {
                    Event::Node(node) if node.depth == self.depth => return Some(node),
                    Event::Close { depth, .. } if depth < self.depth => {
                        self.cursor = None;
                        return None;
                    }
                    _ => {}
                }
            }
            let index = &*self.document.index;
            let next = index.tree.find(cursor.leaf() + 1, usize::MAX, |view, _| {
                view.min() > self.depth && view.low() >= self.depth
            });
            self.cursor = next.and_then(|leaf| Cursor::new(index, leaf));
        }
    }
}

/// Where a quoted key in a path ends.
fn quoted_end(path: &str) -> Option<usize> {
    let mut is_escaped = false;
    let mut bytes = path.bytes().enumerate().skip(1);
    bytes.find_map(|(at, byte)| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends.then_some(at + 1)
    })
}

/// Whether a key can stand in a path without quotes.
fn is_name(key: &str) -> bool {
    let mut chars = key.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    use crate::json::index::samples;

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
            ("[1 2]", (1, 4), 3),
            ("[1]\n x", (2, 2), 3),
            ("{\"a\":1} {}", (1, 9), 3),
            ("{\"a\" 1}", (1, 6), 2),
            ("{\"a\":", (1, 6), 2),
            ("{a:1}", (1, 2), 2),
            ("{'a':1}", (1, 2), 2),
            ("[NaN]", (1, 2), 2),
            ("[nul]", (1, 2), 2),
            ("[01]", (1, 2), 2),
            ("[1.]", (1, 4), 2),
            ("[-]", (1, 3), 2),
            ("[1e+]", (1, 5), 2),
            ("[+1]", (1, 2), 2),
            ("[\"é\\x\"]", (1, 4), 2),
            ("[\"\\u12\"]", (1, 7), 2),
            ("[\"a\nb\"]", (1, 4), 2),
            ("[1}", (1, 3), 3),
            ("[1] // x", (1, 5), 3),
            ("\u{feff}[1}", (1, 3), 3),
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
                assert!(cut.after(node).is_none_or(|after| after > node));
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
            let root = document.root().expect("has a root");
            assert_eq!(document.after(root), None);
            assert_eq!(document.root_of(last), root);
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

    proptest! {
        #[test]
        fn every_answer_is_that_of_a_naive_reader(sample in samples::sample(), sizes in samples::sizes()) {
            let document = samples::read(sample.text.as_bytes(), sizes, |_| {});
            prop_assert_eq!(document.faults(), []);
            prop_assert_eq!(document.fault().is_none(), document.document_count() == 1);
            prop_assert_eq!(samples::all_of(&document), sample.nodes.clone());
            let nodes: Vec<NodeId> = document.nodes().collect();
            prop_assert_eq!(nodes.len(), sample.nodes.len());
            let roots: Vec<NodeId> = nodes.iter().copied().filter(|node| node.depth == 0).collect();
            prop_assert_eq!(document.roots().collect::<Vec<_>>(), roots);
            for (number, (node, known)) in nodes.iter().zip(&sample.nodes).enumerate() {
                prop_assert_eq!(document.number(*node), number);
                prop_assert_eq!(document.next(*node), nodes.get(number + 1).copied());
                let after = nodes[number + 1..].iter().find(|other| other.depth <= node.depth);
                prop_assert_eq!(document.after(*node), after.copied());
                prop_assert_eq!(document.child_count(*node), known.children.len());
                prop_assert_eq!(document.has_children(*node), !known.children.is_empty());
                for (place, child) in known.children.iter().enumerate() {
                    prop_assert_eq!(document.child(*node, place), Some(nodes[*child]));
                }
                prop_assert_eq!(document.child(*node, known.children.len()), None);
                let lineage: Vec<usize> = std::iter::successors(Some(number), |at| sample.nodes[*at].parent).collect();
                let steps = document.lineage(*node, usize::MAX);
                prop_assert_eq!(steps.iter().map(|step| document.number(step.node)).collect::<Vec<_>>(), lineage.clone());
                prop_assert!(steps.iter().zip(lineage).all(|(step, at)| step.place == sample.nodes[at].place));
            }
            for offset in 0..=sample.text.len() {
                let place = crate::json::locate::line_and_column(sample.text.as_bytes(), offset);
                prop_assert_eq!(document.line_and_column(offset), place);
                let innermost = sample.nodes.iter().rposition(|known| (known.begin..known.end).contains(&offset));
                prop_assert_eq!(document.node_at(offset), innermost.map(|at| nodes[at]), "at {}", offset);
            }
        }

        #[test]
        fn what_is_read_stays_while_the_rest_is_read(sample in samples::sample(), sizes in samples::sizes()) {
            let mut before: Vec<NodeId> = Vec::new();
            samples::read(sample.text.as_bytes(), sizes, |document| {
                let nodes: Vec<NodeId> = document.nodes().collect();
                assert!(nodes.starts_with(&before));
                assert_eq!(document.len(), nodes.len());
                for node in &nodes {
                    assert!(document.range(*node).end <= document.edge());
                    document.child_count(*node);
                    document.lineage(*node, 3);
                }
                before = nodes;
            });
        }

        #[test]
        fn paths_of_any_document_lead_back(sample in samples::sample(), sizes in samples::sizes()) {
            let document = samples::read(sample.text.as_bytes(), sizes, |_| {});
            let root = document.root().expect("has a root");
            let end = document.after(root);
            for node in document.nodes().take_while(|node| Some(*node) != end) {
                // Of repeated keys the last is meant.
                let is_meant = document.lineage(node, usize::MAX).iter().all(|step| {
                    let (parent, key) = (document.parent(step.node), document.key(step.node));
                    let member = parent.zip(key).and_then(|(parent, key)| document.member(parent, &key));
                    member.is_none_or(|member| member == step.node)
                });
                for path in [document.attr_path(node), document.jq_path(node), document.json_path(node)] {
                    let found = document.find(&path);
                    prop_assert_eq!(found == Some(node), is_meant, "{}", path);
                }
            }
        }

        #[test]
        fn broken_texts_are_read_alike_in_any_steps(sample in samples::sample(), cut in any::<prop::sample::Index>(), junk in "[\\[\\]{},:\"'x/*\n\\\\ 1t-]{0,4}", sizes in samples::sizes()) {
            let at = cut.index(sample.text.len() + 1);
            let at = (0..=at).rev().find(|at| sample.text.is_char_boundary(*at)).unwrap_or_default();
            let text = format!("{}{junk}{}", &sample.text[..at], &sample.text[at..]);
            let whole = parse(&text);
            let document = samples::read(text.as_bytes(), sizes, |_| {});
            prop_assert_eq!(document.faults(), whole.faults());
            prop_assert_eq!(samples::all_of(&document), samples::all_of(&whole), "{}", text);
            let is_json = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
            prop_assert_eq!(document.fault().is_none(), is_json, "{}", text);
            // Nothing is left out but what separates, and what stands before the fault is as it was.
            let fault = document.fault().map_or(text.len(), |fault| fault.offset).min(at);
            for known in sample.nodes.iter().filter(|known| known.end < fault) {
                prop_assert!(document.nodes().any(|node| node.start == known.start && node.kind == known.kind));
            }
        }
    }
}
