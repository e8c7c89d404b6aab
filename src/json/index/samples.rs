//! Texts for tests, with what is known of their nodes without reading them.

use std::borrow::Cow;

use proptest::prelude::*;

use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::json::index::reader::Indexer;

/// A value to be written.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Scalar(Kind, String),
    Array(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// What is known of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) kind: Kind,
    pub(crate) key: Option<String>,
    pub(crate) begin: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) parent: Option<usize>,
    pub(crate) place: usize,
    pub(crate) depth: usize,
    pub(crate) children: Vec<usize>,
}

/// A text and its nodes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    pub(crate) text: String,
    pub(crate) nodes: Vec<Known>,
}

impl Sample {
    /// Writes documents one after the other, with gaps taken in turn.
    pub(crate) fn write(documents: &[Value], gaps: &[String]) -> Self {
        let mut sample = Self::default();
        let mut gaps = gaps.iter().cycle();
        for (place, document) in documents.iter().enumerate() {
            if place > 0 {
                sample.text.push('\n');
            }
            sample.value(document, None, None, place, &mut gaps);
        }
        sample
    }

    fn value<'a>(
        &mut self,
        value: &Value,
        key: Option<&String>,
        parent: Option<usize>,
        place: usize,
        gaps: &mut impl Iterator<Item = &'a String>,
    ) {
        let gap = |sample: &mut Self, gaps: &mut dyn Iterator<Item = &'a String>| {
            sample.text.push_str(gaps.next().map_or("", String::as_str));
        };
        gap(self, gaps);
        let begin = self.text.len();
        if let Some(key) = key {
            self.text.push_str(key);
            gap(self, gaps);
            self.text.push(':');
            gap(self, gaps);
        }
        let number = self.nodes.len();
        let start = self.text.len();
        let (kind, brackets) = match value {
            Value::Scalar(kind, _) => (*kind, None),
            Value::Array(_) => (Kind::Array, Some(('[', ']'))),
            Value::Object(_) => (Kind::Object, Some(('{', '}'))),
        };
        self.nodes.push(Known {
            kind,
            key: key.cloned(),
            begin,
            start,
            end: 0,
            parent,
            place,
            depth: parent.map_or(0, |parent| self.nodes[parent].depth + 1),
            children: Vec::new(),
        });
        if let Some(parent) = parent {
            self.nodes[parent].children.push(number);
        }
        self.text.extend(brackets.map(|(open, _)| open));
        let mut child = |sample: &mut Self, place: usize, key: Option<&String>, value: &Value| {
            if place > 0 {
                gap(sample, gaps);
                sample.text.push(',');
            }
            sample.value(value, key, Some(number), place, gaps);
        };
        match value {
            Value::Scalar(_, text) => self.text.push_str(text),
            Value::Array(elements) => {
                for (place, element) in elements.iter().enumerate() {
                    child(self, place, None, element);
                }
            }
            Value::Object(members) => {
                for (place, (key, value)) in members.iter().enumerate() {
                    child(self, place, Some(key), value);
                }
            }
        }
        if let Some((_, close)) = brackets {
            gap(self, gaps);
            self.text.push(close);
        }
        self.nodes[number].end = self.text.len();
    }
}

fn scalar() -> impl Strategy<Value = (Kind, String)> {
    let string = "[a-c \\[\\]{},:é]{0,12}|(\\\\[\"\\\\/bn]|\\\\u00e9|x){0,4}";
    prop_oneof![
        string.prop_map(|text| (Kind::String, format!("\"{text}\""))),
        "-?(0|[1-9][0-9]{0,9})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?"
            .prop_map(|text| (Kind::Number, text)),
        Just((Kind::True, "true".to_owned())),
        Just((Kind::False, "false".to_owned())),
        Just((Kind::Null, "null".to_owned())),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = scalar().prop_map(|(kind, text)| Value::Scalar(kind, text));
    leaf.prop_recursive(20, 120, 6, |inner| {
        let key = "[a-d]{1,3}|[ :,\\[\\]{}é]{0,4}".prop_map(|key| format!("\"{key}\""));
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((key, inner), 0..6).prop_map(Value::Object),
        ]
    })
}

/// One document or some, with gaps of any kind.
pub(crate) fn sample() -> impl Strategy<Value = Sample> {
    let gaps = prop::collection::vec("[ \n\t\r]{0,3}", 1..5);
    (prop::collection::vec(value(), 1..3), gaps)
        .prop_map(|(documents, gaps)| Sample::write(&documents, &gaps))
}

/// How a text is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    leaf: usize,
    /// Of a step.
    budget: usize,
    readers: usize,
}

/// Leaves and steps of any size, so that short texts have many.
pub(crate) fn sizes() -> impl Strategy<Value = Sizes> {
    let budget = prop_oneof![Just(1), 1_usize..200, Just(usize::MAX)];
    (1_usize..60, budget, 1_usize..4).prop_map(|(leaf, budget, readers)| Sizes {
        leaf,
        budget,
        readers,
    })
}

/// Reads a text in steps and looks at the document after each.
pub(crate) fn read(text: &[u8], sizes: Sizes, mut look: impl FnMut(&Document)) -> Document {
    let budget = sizes.budget;
    let mut indexer = Indexer::with_leaves(text.into(), sizes.leaf);
    indexer.share_among(sizes.readers, 16);
    let (mut document, mut indexer) = Document::begin(indexer, budget);
    look(&document);
    while let Some(piece) = indexer.as_mut().and_then(|indexer| indexer.step(budget)) {
        document.absorb(piece);
        look(&document);
    }
    assert!(document.is_complete());
    document
}

/// Everything that a document says of its nodes, by asking for each on its own.
pub(crate) fn all_of(document: &Document) -> Vec<Known> {
    let number = |node: NodeId| document.number(node);
    (0..document.len())
        .map(|at| {
            let node = document.node(at).expect("is there");
            assert_eq!(document.number(node), at);
            Known {
                kind: document.kind(node),
                key: document.key_text(node).map(Cow::into_owned),
                begin: document.offset(node),
                start: document.range(node).start,
                end: document.range(node).end,
                parent: document.parent(node).map(number),
                place: document.place(node),
                depth: document.depth(node),
                children: document.children(node).map(number).collect(),
            }
        })
        .collect()
}
