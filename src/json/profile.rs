//! An array of objects, column by column: which there are, how full, how many values, which often, which longest.
//!
//! For the results of a search, to choose columns from and to judge what a constraint would meet. Works in steps of a
//! budget, so that it can go on in the background, and what it has found so far can be shown at any time. Pure, and
//! bounded in memory whatever the array holds. Deliberately absent: cells and order, which are [`table`]'s.
//!
//! [`table`]: crate::json::table

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hash::RandomState;

use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;

/// How many columns there can be; the members beyond are passed over.
pub const MAX_COLUMNS: usize = 500;

/// How deep objects are spread into columns; what is deeper is a value.
pub const MAX_DEPTH: usize = 8;

/// How many members of one record are looked at.
const MAX_MEMBERS: usize = 5000;

/// How many different values of a column are told apart.
pub const MAX_DISTINCT: usize = 10_000;

/// How many different values of all columns are told apart.
const MAX_DISTINCT_TOGETHER: usize = 1_000_000;

/// A column's path: the keys from the element on; of elements that are no objects, none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ColumnPath(pub Vec<String>);

impl ColumnPath {
    /// As attribute paths are written: `primaryAddress.city`; a key that is no plain name in quotes.
    pub fn dotted(&self) -> String {
        let mut dotted = String::new();
        for key in &self.0 {
            let is_name = !key.is_empty()
                && key
                    .chars()
                    .all(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == '@');
            if is_name {
                if !dotted.is_empty() {
                    dotted.push('.');
                }
                dotted.push_str(key);
            } else {
                dotted.push('[');
                // A string of this kind can always be written.
                dotted.push_str(&serde_json::to_string(key).unwrap_or_default());
                dotted.push(']');
            }
        }
        dotted
    }

    /// The value of this column in an element; of a repeated key the last, as everybody reads it.
    pub fn value(&self, document: &Document, element: NodeId) -> Option<NodeId> {
        let mut at = element;
        for key in &self.0 {
            if document.kind(at) != Kind::Object {
                return None;
            }
            at = document.member(at, key)?;
        }
        Some(at)
    }
}

/// A column, as far as it is known.
#[derive(Clone, Debug)]
pub struct Column {
    /// Where it is.
    pub path: ColumnPath,
    /// In how many elements there is a value, null included.
    pub present: u64,
    /// How many of them are null.
    pub null: u64,
    /// How many of them say nothing: `""`, `[]`, `{}`.
    pub empty: u64,
    /// How many are of which kind.
    pub kinds: Kinds,
    /// The longest value in characters as it is shown, a string without its quotes, and the first element it stands in.
    pub longest: Option<(usize, NodeId)>,
    values: HashMap<u64, Value>,
    /// The column that it is in.
    outer: usize,
    /// Whether there were more different values than are told apart.
    overflowed: bool,
    /// The element that was counted last; a repeated key counts once.
    seen: u64,
}

/// How many values are of which kind; nulls are counted elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// `"…"`
    pub strings: u64,
    /// `1.5`
    pub numbers: u64,
    /// `true`, `false`
    pub booleans: u64,
    /// `[…]`
    pub arrays: u64,
    /// `{…}` that are too deep to be spread, or empty.
    pub objects: u64,
}

#[derive(Clone, Copy, Debug)]
struct Value {
    count: u64,
    first: NodeId,
}

/// How many different values there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distinct {
    /// So many.
    Exactly(usize),
    /// At least so many.
    AtLeast(usize),
}

impl Column {
    fn new(path: ColumnPath, outer: usize) -> Self {
        Self {
            path,
            outer,
            present: 0,
            null: 0,
            empty: 0,
            kinds: Kinds::default(),
            longest: None,
            values: HashMap::new(),
            overflowed: false,
            seen: 0,
        }
    }

    /// How many values say something.
    pub fn filled(&self) -> u64 {
        self.present - self.null - self.empty
    }

    /// How many different values there are, nulls left out. Values are told apart as they are written.
    pub fn distinct(&self) -> Distinct {
        if self.overflowed {
            Distinct::AtLeast(self.values.len())
        } else {
            Distinct::Exactly(self.values.len())
        }
    }

    /// The values that stand there most often, with how often and where first; when there are more different ones than
    /// are told apart, of those that came first.
    pub fn most_frequent(&self, count: usize) -> Vec<(NodeId, u64)> {
        let mut values: Vec<Value> = self.values.values().copied().collect();
        let order = |a: &Value, b: &Value| (b.count, a.first).cmp(&(a.count, b.first));
        if count < values.len() {
            values.select_nth_unstable_by(count, order);
            values.truncate(count);
        }
        values.sort_unstable_by(order);
        values
            .iter()
            .map(|value| (value.first, value.count))
            .collect()
    }
}

/// The profile of an array, as far as it has been looked at.
#[derive(Clone, Debug)]
pub struct Profile {
    array: NodeId,
    next: Option<NodeId>,
    /// How many elements have been looked at.
    pub elements: u64,
    /// The columns, in the order in which they came up.
    pub columns: Vec<Column>,
    /// Whether there were more columns or members than are looked at.
    pub partial: bool,
    /// The columns by the column they are in and their key.
    names: HashMap<(usize, String), usize>,
    /// The column of elements that are no objects.
    itself: Option<usize>,
    told_apart: usize,
    hasher: RandomState,
}

/// In the place of a column that holds all others.
const TOP: usize = usize::MAX;

impl Profile {
    /// The profile of an array that nobody has looked at yet.
    pub fn new(document: &Document, array: NodeId) -> Self {
        Self {
            array,
            next: document.children(array).next(),
            elements: 0,
            columns: Vec::new(),
            partial: false,
            names: HashMap::new(),
            itself: None,
            told_apart: 0,
            hasher: RandomState::new(),
        }
    }

    /// Whether every element has been looked at.
    pub fn is_complete(&self) -> bool {
        self.next.is_none()
    }

    /// Looks at about `budget` more values. Says whether that was all. The document must be the one that it was made
    /// for, and read to its end.
    pub fn step(&mut self, document: &Document, budget: usize) -> bool {
        let mut left = budget.max(1);
        while let Some(element) = self.next.filter(|_| left > 0) {
            let looked_at = self.element(document, element);
            left = left.saturating_sub(looked_at);
            let after = document.after(element);
            self.next = after.filter(|node| document.parent(*node) == Some(self.array));
        }
        self.is_complete()
    }

    /// Counts an element in, and says how many values it took.
    fn element(&mut self, document: &Document, element: NodeId) -> usize {
        self.elements += 1;
        let mut looked_at = 0;
        // What is still to be counted: the node, its column's place in the tree of names, and how deep it is.
        let mut waiting = vec![(element, TOP, 0)];
        let mut children = Vec::new();
        while let Some((node, column, depth)) = waiting.pop() {
            looked_at += 1;
            let spread = document.kind(node) == Kind::Object
                && depth < MAX_DEPTH
                && document.has_children(node);
            if !spread {
                if let Some(column) = self.column_of(column) {
                    self.count(document, node, column);
                }
                continue;
            }
            children.clear();
            for child in document.children(node) {
                if looked_at + waiting.len() + children.len() >= MAX_MEMBERS {
                    self.partial = true;
                    break;
                }
                if let Some(inner) = self.named(document, column, child) {
                    children.push((child, inner, depth + 1));
                }
            }
            waiting.extend(children.drain(..).rev());
        }
        looked_at
    }

    /// The place in the tree of names for a member of `outer`; none when there are too many.
    fn named(&mut self, document: &Document, outer: usize, member: NodeId) -> Option<usize> {
        let key = document.key(member)?.into_owned();
        if let Some(known) = self.names.get(&(outer, key.clone())) {
            return Some(*known);
        }
        let mut path = match self.columns.get(outer) {
            Some(column) => column.path.clone(),
            None => ColumnPath::default(),
        };
        path.0.push(key.clone());
        let place = self.add(path, outer)?;
        self.names.insert((outer, key), place);
        Some(place)
    }

    fn add(&mut self, path: ColumnPath, outer: usize) -> Option<usize> {
        if self.columns.len() == MAX_COLUMNS {
            self.partial = true;
            return None;
        }
        self.columns.push(Column::new(path, outer));
        Some(self.columns.len() - 1)
    }

    /// The column of a place; that of elements which are no objects is made by the first of them.
    fn column_of(&mut self, place: usize) -> Option<usize> {
        if place != TOP {
            return Some(place);
        }
        if self.itself.is_none() {
            self.itself = self.add(ColumnPath::default(), TOP);
        }
        self.itself
    }

    fn count(&mut self, document: &Document, node: NodeId, column: usize) {
        let elements = self.elements;
        let column = &mut self.columns[column];
        if column.seen == elements {
            return;
        }
        column.seen = elements;
        column.present += 1;
        let raw = document.raw(node);
        let kind = document.kind(node);
        let kinds = &mut column.kinds;
        match kind {
            Kind::Null => {
                column.null += 1;
                return;
            }
            Kind::String => kinds.strings += 1,
            Kind::Number => kinds.numbers += 1,
            Kind::True | Kind::False => kinds.booleans += 1,
            Kind::Array => kinds.arrays += 1,
            Kind::Object | Kind::Broken => kinds.objects += 1,
        }
        let is_container = matches!(kind, Kind::Array | Kind::Object);
        if kind == Kind::String && raw == b"\"\"" || is_container && !document.has_children(node) {
            column.empty += 1;
        }
        let longest = column.longest.map_or(0, |(length, _)| length);
        // No text has more characters than bytes.
        if !is_container && raw.len() > longest {
            let length = match document.string(node) {
                Some(text) => text.chars().count(),
                None => raw.len(),
            };
            if length > longest || column.longest.is_none() {
                column.longest = Some((length, node));
            }
        }
        let hash = self.hasher.hash_one(raw);
        if let Some(value) = column.values.get_mut(&hash) {
            value.count += 1;
        } else if column.values.len() < MAX_DISTINCT && self.told_apart < MAX_DISTINCT_TOGETHER {
            column.values.insert(
                hash,
                Value {
                    count: 1,
                    first: node,
                },
            );
            self.told_apart += 1;
        } else {
            column.overflowed = true;
        }
    }

    /// The columns that can be shown, those of one object beside each other: those that hold values of their own, and
    /// not only other columns.
    pub fn leaves(&self) -> Vec<&Column> {
        let mut inner: HashMap<usize, Vec<usize>> = HashMap::new();
        for (place, column) in self.columns.iter().enumerate().rev() {
            inner.entry(column.outer).or_default().push(place);
        }
        let mut waiting = inner.remove(&TOP).unwrap_or_default();
        let mut leaves = Vec::new();
        while let Some(place) = waiting.pop() {
            leaves.push(&self.columns[place]);
            waiting.extend(inner.remove(&place).unwrap_or_default());
        }
        leaves.retain(|column| column.present > 0);
        leaves
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(text: &str, budget: usize) -> (Document, Profile) {
        let document = Document::parse(text.as_bytes().to_vec());
        let root = document.root().expect("is a document");
        let mut profile = Profile::new(&document, root);
        let mut steps = 0;
        while !profile.step(&document, budget) {
            steps += 1;
            assert!(steps < 1_000_000, "never ends");
        }
        (document, profile)
    }

    fn told(text: &str) -> Vec<String> {
        let (document, profile) = profile(text, 1);
        profile
            .leaves()
            .into_iter()
            .map(|column| {
                let longest = column.longest.map_or(String::new(), |(length, at)| {
                    format!(" longest {length} at {}", document.attr_path(at))
                });
                let often: Vec<String> = column
                    .most_frequent(2)
                    .iter()
                    .map(|(at, count)| format!("{}x{}", count, document.text(*at)))
                    .collect();
                let Column {
                    present,
                    null,
                    empty,
                    ..
                } = column;
                let distinct = match column.distinct() {
                    Distinct::Exactly(count) => format!("{count}"),
                    Distinct::AtLeast(count) => format!("≥{count}"),
                };
                let path = column.path.dotted();
                format!(
                    "{path} {present}-{null}-{empty} {distinct}{longest} [{}]",
                    often.join(" ")
                )
            })
            .collect()
    }

    #[test]
    fn columns_are_counted() {
        assert_eq!(
            told(
                r#"[{"id":1,"mail":"a@b.c","at":{"city":"Oslo","zip":null},"tags":[1,2]},
                    {"id":2,"mail":"","at":{},"tags":[]},
                    {"id":2,"mail":"é\u00e9\n","at":null,"odd key":{"x.y":true}},
                    7]"#
            ),
            [
                "id 3-0-0 2 longest 1 at [0].id [2x2 1x1]",
                "mail 3-0-1 3 longest 5 at [0].mail [1x\"a@b.c\" 1x\"\"]",
                "at 2-1-1 1 [1x{}]",
                "at.city 1-0-0 1 longest 4 at [0].at.city [1x\"Oslo\"]",
                "at.zip 1-1-0 0 []",
                "tags 2-0-1 2 [1x[1,2] 1x[]]",
                "[\"odd key\"][\"x.y\"] 1-0-0 1 longest 4 at [2][\"odd key\"][\"x.y\"] [1xtrue]",
                " 1-0-0 1 longest 1 at [3] [1x7]",
            ]
        );
    }

    #[test]
    fn kinds_and_fill_are_told() {
        let (_, profile) = profile(
            r#"[{"a":1},{"a":"x"},{"a":true},{"a":[]},{"a":{}},{"a":null},{}]"#,
            3,
        );
        let column = &profile.columns[0];
        let kinds = Kinds {
            strings: 1,
            numbers: 1,
            booleans: 1,
            arrays: 1,
            objects: 1,
        };
        assert_eq!(column.kinds, kinds);
        assert_eq!(
            (profile.elements, column.present, column.filled()),
            (7, 6, 3)
        );
    }

    #[test]
    fn an_empty_key_is_a_key() {
        assert_eq!(
            told(r#"[1,{"":2}]"#),
            [
                " 1-0-0 1 longest 1 at [0] [1x1]",
                "[\"\"] 1-0-0 1 longest 1 at [1][\"\"] [1x2]"
            ]
        );
    }

    #[test]
    fn a_repeated_key_counts_once() {
        assert_eq!(
            told(r#"[{"a":1,"a":2}]"#),
            ["a 1-0-0 1 longest 1 at [0].a [1x1]"]
        );
    }

    #[test]
    fn memory_is_bounded() {
        let elements: Vec<String> = (0..12_000).map(|n| format!("{{\"n\":{n}}}")).collect();
        let (_, found) = profile(&format!("[{}]", elements.join(",")), 1000);
        assert_eq!(found.columns[0].distinct(), Distinct::AtLeast(MAX_DISTINCT));
        let members: Vec<String> = (0..600).map(|n| format!("\"k{n}\":{n}")).collect();
        let (_, found) = profile(&format!("[{{{}}}]", members.join(",")), 1000);
        assert_eq!((found.columns.len(), found.partial), (MAX_COLUMNS, true));
        let deep = format!("[{}1{}]", "{\"a\":".repeat(5000), "}".repeat(5000));
        let (_, found) = profile(&deep, 1000);
        assert_eq!(
            found
                .leaves()
                .iter()
                .map(|column| column.path.0.len())
                .collect::<Vec<_>>(),
            [MAX_DEPTH]
        );
    }

    #[test]
    fn nothing_has_no_columns() {
        for text in ["[]", "{}", "1"] {
            let (_, found) = profile(text, 5);
            assert!(found.columns.is_empty() && found.is_complete(), "{text}");
        }
    }
}
