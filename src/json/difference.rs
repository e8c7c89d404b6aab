//! Where two documents say different things, path by path.
//!
//! For putting two answers beside each other. What counts is what is said: the order of members, spaces and the way a
//! string is escaped make no difference; the way a number is written does. Elements of an array are matched by their
//! places, or by a member that the caller names, such as a plural's primary key or `id`. Works in steps, uses no
//! recursion, and copies nothing. Deliberately absent: what was sent beside what is stored, which is a question of the
//! service (`capture::compare`).

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::HashSet;
use std::fmt::Write;

use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;

/// How many differences are told.
pub const MAX_CHANGES: usize = 10_000;

/// How deep values are taken apart; what differs deeper differs as a whole.
const MAX_DEPTH: usize = 200;

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where, as attribute paths are written. Elements that are matched by a member stand with it: `tags[id=3].tag`.
    pub path: String,
    /// What was there; none if it is new.
    pub before: Option<NodeId>,
    /// What is there; none if it is gone.
    pub after: Option<NodeId>,
}

/// Names the member that tells the elements of an array apart, by the array's path without places: `tags`. None to go by
/// places.
pub type Chooser<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Two documents that are being compared.
#[derive(Clone, Debug)]
pub struct Comparison {
    waiting: Vec<Pair>,
    /// What was found so far, in the order of the document before, what is new after its neighbours.
    pub changes: Vec<Change>,
    /// Whether there are more than are told.
    pub more: bool,
}

#[derive(Clone, Debug)]
struct Pair {
    path: String,
    /// The path without places, for the chooser.
    plain: String,
    before: Option<NodeId>,
    after: Option<NodeId>,
    depth: usize,
}

impl Comparison {
    /// Compares two documents from their roots on.
    pub fn new(before: &Document, after: &Document) -> Self {
        let roots = (before.roots().count(), after.roots().count());
        if roots == (1, 1) {
            return Self::of(before.root(), after.root());
        }
        let mut comparison = Self::of(None, None);
        let (mut one, mut other) = (before.roots(), after.roots());
        let pairs = (0..roots.0.max(roots.1)).map(|place| Pair {
            path: format!("[{place}]"),
            plain: String::new(),
            before: one.next(),
            after: other.next(),
            depth: 1,
        });
        comparison.waiting = pairs.collect();
        comparison.waiting.reverse();
        comparison
    }

    /// Compares a value of one document with one of another, whose paths are told from there on.
    pub fn of(before: Option<NodeId>, after: Option<NodeId>) -> Self {
        let pair = Pair {
            path: String::new(),
            plain: String::new(),
            before,
            after,
            depth: 0,
        };
        let anything = before.is_some() || after.is_some();
        Self {
            waiting: anything.then_some(pair).into_iter().collect(),
            changes: Vec::new(),
            more: false,
        }
    }

    /// Compares about `budget` more pairs of values. Says whether that was all.
    pub fn step(
        &mut self,
        before: &Document,
        after: &Document,
        chooser: Chooser,
        budget: usize,
    ) -> bool {
        for _ in 0..budget.max(1) {
            let Some(pair) = self.waiting.pop() else {
                return true;
            };
            self.pair(before, after, chooser, pair);
            if self.changes.len() >= MAX_CHANGES {
                self.more = !self.waiting.is_empty();
                self.waiting.clear();
            }
        }
        self.waiting.is_empty()
    }

    fn pair(&mut self, before: &Document, after: &Document, chooser: Chooser, pair: Pair) {
        let (Some(one), Some(other)) = (pair.before, pair.after) else {
            return self.change(pair);
        };
        if before.raw(one) == after.raw(other) {
            return;
        }
        let from = self.waiting.len();
        match (before.kind(one), after.kind(other)) {
            (Kind::Object, Kind::Object) if pair.depth < MAX_DEPTH => {
                self.members(before, after, &pair, one, other);
            }
            (Kind::Array, Kind::Array) if pair.depth < MAX_DEPTH => match chooser(&pair.plain) {
                Some(name) => self.matched(before, after, &pair, (one, other), &name),
                None => self.elements(before, after, &pair, one, other),
            },
            (Kind::String, Kind::String) if before.string(one) == after.string(other) => {}
            _ => self.change(pair),
        }
        self.waiting[from..].reverse();
    }

    fn change(&mut self, pair: Pair) {
        self.changes.push(Change {
            path: pair.path,
            before: pair.before,
            after: pair.after,
        });
    }

    fn members(
        &mut self,
        before: &Document,
        after: &Document,
        pair: &Pair,
        one: NodeId,
        other: NodeId,
    ) {
        let (names, members) = by_key(before, one);
        let (new_names, mut new_members) = by_key(after, other);
        for name in names {
            let found = new_members.remove(&name);
            self.waiting
                .push(pair.member(&name, members.get(&name).copied(), found));
        }
        for name in new_names {
            if let Some(new) = new_members.remove(&name) {
                self.waiting.push(pair.member(&name, None, Some(new)));
            }
        }
    }

    fn elements(
        &mut self,
        before: &Document,
        after: &Document,
        pair: &Pair,
        one: NodeId,
        other: NodeId,
    ) {
        let (mut ones, mut others) = (before.children(one), after.children(other));
        for place in 0.. {
            let (one, other) = (ones.next(), others.next());
            if one.is_none() && other.is_none() {
                break;
            }
            self.waiting
                .push(pair.element(&place.to_string(), one, other));
        }
    }

    /// Elements by a member of theirs; those that have none, or the same as another, by their order among themselves.
    fn matched(
        &mut self,
        before: &Document,
        after: &Document,
        pair: &Pair,
        (one, other): (NodeId, NodeId),
        name: &str,
    ) {
        let ones = identified(before, one, name);
        let others = identified(after, other, name);
        let mut places: HashMap<&Identity, NodeId> = others
            .iter()
            .map(|(identity, node)| (identity, *node))
            .collect();
        for (identity, node) in &ones {
            let found = places.remove(identity);
            let label = identity.label(name);
            self.waiting.push(pair.element(&label, Some(*node), found));
        }
        for (identity, _) in &others {
            if let Some(new) = places.remove(identity) {
                let label = identity.label(name);
                self.waiting.push(pair.element(&label, None, Some(new)));
            }
        }
    }
}

impl Pair {
    fn member(&self, key: &str, before: Option<NodeId>, after: Option<NodeId>) -> Self {
        Self {
            path: with_key(&self.path, key),
            plain: with_key(&self.plain, key),
            before,
            after,
            depth: self.depth + 1,
        }
    }

    fn element(&self, label: &str, before: Option<NodeId>, after: Option<NodeId>) -> Self {
        Self {
            path: format!("{}[{label}]", self.path),
            plain: self.plain.clone(),
            before,
            after,
            depth: self.depth + 1,
        }
    }
}

fn with_key(path: &str, key: &str) -> String {
    let is_name = !key.starts_with(|c: char| c.is_ascii_digit())
        && !key.is_empty()
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let mut longer = path.to_owned();
    // Writing to a String cannot fail, and a string can always be written as JSON.
    let _ = match (is_name, path.is_empty()) {
        (true, true) => write!(longer, "{key}"),
        (true, false) => write!(longer, ".{key}"),
        (false, _) => write!(
            longer,
            "[{}]",
            serde_json::to_string(key).unwrap_or_default()
        ),
    };
    longer
}

/// The keys in their order and what they lead to; of a repeated key the last, as everybody reads it.
fn by_key(
    document: &Document,
    object: NodeId,
) -> (Vec<Cow<'_, str>>, HashMap<Cow<'_, str>, NodeId>) {
    let mut names = Vec::new();
    let mut members = HashMap::new();
    for child in document.children(object) {
        let Some(key) = document.key(child) else {
            continue;
        };
        if members.insert(key.clone(), child).is_none() {
            names.push(key);
        }
    }
    (names, members)
}

/// What an element is known by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Identity {
    /// Its member's text.
    Named(String),
    /// The how manyth of those without.
    Nameless(usize),
}

impl Identity {
    fn label(&self, name: &str) -> String {
        match self {
            Self::Named(text) => format!("{name}={text}"),
            Self::Nameless(place) => place.to_string(),
        }
    }
}

fn identified(document: &Document, array: NodeId, name: &str) -> Vec<(Identity, NodeId)> {
    let mut known = HashSet::new();
    let mut nameless = 0;
    let elements = document.children(array).map(|element| {
        let is_object = document.kind(element) == Kind::Object;
        let member = document.member(element, name).filter(|_| is_object);
        let text = member
            .filter(|member| matches!(document.kind(*member), Kind::String | Kind::Number))
            .map(|member| {
                document
                    .string(member)
                    .unwrap_or_else(|| document.text(member))
            })
            .filter(|text| known.insert(text.clone().into_owned()));
        let identity = if let Some(text) = text {
            Identity::Named(text.into_owned())
        } else {
            nameless += 1;
            Identity::Nameless(nameless - 1)
        };
        (identity, element)
    });
    elements.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(before: &str, after: &str, chooser: Chooser, budget: usize) -> Vec<String> {
        let before = Document::parse(before.as_bytes().to_vec());
        let after = Document::parse(after.as_bytes().to_vec());
        let mut comparison = Comparison::new(&before, &after);
        while !comparison.step(&before, &after, chooser, budget) {}
        let text = |document: &Document, node: Option<NodeId>| {
            node.map_or("-".to_owned(), |node| document.text(node).into_owned())
        };
        let changes = comparison.changes.iter().map(|change| {
            let (one, other) = (text(&before, change.before), text(&after, change.after));
            format!("{} {one} {other}", change.path)
        });
        changes.collect()
    }

    #[test]
    fn differences_have_paths() {
        let by_place: Chooser = &|_| None;
        for (before, after, expected) in [
            ("1", "1", vec![]),
            ("1", "1.0", vec![" 1 1.0"]),
            ("{\"a\":1,\"b\":2}", "{ \"b\":2, \"a\": 1}", vec![]),
            ("[\"\\u00e9\"]", "[\"é\"]", vec![]),
            (
                "{\"a\":1,\"b\":[1,2],\"c d\":{\"e\":null}}",
                "{\"b\":[1,3,4],\"c d\":{\"e\":false},\"f\":{}}",
                vec![
                    "a 1 -",
                    "b[1] 2 3",
                    "b[2] - 4",
                    "[\"c d\"].e null false",
                    "f - {}",
                ],
            ),
            ("{\"a\":[]}", "{\"a\":{}}", vec!["a [] {}"]),
            ("{\"a\":1,\"a\":2}", "{\"a\":2}", vec![]),
            ("[[1]]", "[[],[2]]", vec!["[0][0] 1 -", "[1] - [2]"]),
            ("", "1", vec!["[0] - 1"]),
            ("", "", vec![]),
        ] {
            for budget in [1, 100] {
                assert_eq!(
                    told(before, after, by_place, budget),
                    expected,
                    "{before} {after}"
                );
            }
        }
    }

    #[test]
    fn elements_are_matched_by_a_member() {
        let chooser: Chooser = &|path| match path {
            "tags" => Some("id".to_owned()),
            "tags.inner" => Some("name".to_owned()),
            _ => None,
        };
        assert_eq!(
            told(
                r#"{"tags":[{"id":1,"t":"a"},{"id":2,"t":"b","inner":[{"name":"x","v":1}]},{"t":"n"},{"id":2,"t":"twice"}]}"#,
                r#"{"tags":[{"id":2,"t":"c","inner":[{"name":"y"},{"name":"x","v":2}]},{"t":"m"},{"id":3,"t":"d"},7]}"#,
                chooser,
                10
            ),
            [
                "tags[id=1] {\"id\":1,\"t\":\"a\"} -",
                "tags[id=2].t \"b\" \"c\"",
                "tags[id=2].inner[name=x].v 1 2",
                "tags[id=2].inner[name=y] - {\"name\":\"y\"}",
                "tags[0].t \"n\" \"m\"",
                "tags[1] {\"id\":2,\"t\":\"twice\"} 7",
                "tags[id=3] - {\"id\":3,\"t\":\"d\"}",
            ]
        );
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let deep = |inner: &str| format!("{}{inner}{}", "[".repeat(50_000), "]".repeat(50_000));
        let found = told(&deep("1"), &deep("2"), &|_| None, 1000);
        assert_eq!(found.len(), 1);
        let many = |value: u32| format!("[{}]", vec![value.to_string(); 20_000].join(","));
        assert_eq!(told(&many(1), &many(2), &|_| None, 1000).len(), MAX_CHANGES);
    }

    proptest! {
        #[test]
        fn a_document_is_like_itself_and_different_the_same_way_round(
            one in "[\\[\\]{}:,\"a1 ]{0,30}",
            other in "[\\[\\]{}:,\"a1 ]{0,30}",
        ) {
            prop_assert!(told(&one, &one, &|_| None, 7).is_empty());
            let there = told(&one, &other, &|_| None, 7).len();
            prop_assert_eq!(there, told(&other, &one, &|_| None, 7).len());
        }
    }
}
