//! What could be typed next in a filter: keys of the document at that place, names of filters, variables.
//!
//! The text before the cursor is read from left to right, and for every place a shape is kept: which part of the
//! document `.` is there. `.results[] | select(.em` asks for the keys of the elements of `results`. Whatever the reading
//! does not follow is `Shape::Unknown` and gives no keys. The document answers through [`KeySource`], and is looked at
//! in samples. Deliberately absent: running anything.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::json::query::program;

/// How many candidates there are at most.
const MOST: usize = 200;

/// How many elements of an array are looked at.
const SAMPLE: usize = 50;

/// How many nodes of a document are looked at for one question.
const VISITS: usize = 5000;

/// A step from a value into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `.name`
    Key(String),
    /// `[3]`; from the end if negative.
    Index(i64),
    /// `[]`
    Each,
}

/// What is found at a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The keys of the objects there with the kind of the first value, in the order of the document.
    pub keys: Vec<(String, &'static str)>,
    /// Whether there is an array.
    pub list: bool,
}

/// Who knows the keys of a document.
pub trait KeySource {
    /// What is at `path`, from a bounded look.
    fn find(&self, path: &[Step]) -> Found;
}

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A key of the document.
    Key,
    /// All elements of an array.
    Elements,
    /// A filter.
    Filter,
    /// A variable of the filter.
    Variable,
}

/// What could stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The bytes of the program that it replaces.
    pub replaces: Range<usize>,
    /// What to put there.
    pub text: String,
    /// What it is.
    pub what: What,
    /// More for people: the kind of value, the arguments.
    pub detail: String,
}

/// What could be typed at `cursor`, given in bytes; the best first.
pub fn complete(program: &str, cursor: usize, keys: &dyn KeySource) -> Vec<Candidate> {
    let cursor = cursor.min(program.len());
    let Some(before) = program.get(..cursor) else {
        return Vec::new();
    };
    if before.len() > program::MAX_LENGTH {
        return Vec::new();
    }
    let (reader, open) = Reader::read(before);
    match open {
        Open::Nothing => Vec::new(),
        Open::Key { from, prefix } => reader.keys(keys, from..cursor, &prefix, Style::AfterDot),
        Open::Quoted { from, prefix } => reader.keys(keys, from..cursor, &prefix, Style::Quoted),
        Open::Member { from } => reader.keys(keys, from..cursor, &before[from..], Style::Member),
        Open::Term { from } if from == cursor => {
            reader.keys(keys, from..cursor, "", Style::WithDot)
        }
        Open::Term { from } => filters(from..cursor, &before[from..]),
        Open::Variable { from } => reader.variables(from..cursor, &before[from..]),
    }
}

/// Names of filters that the definitions of others are made of.
const INNER: [&str; 20] = [
    "!empty",
    "error_empty",
    "min_by_or_empty",
    "max_by_or_empty",
    "split_",
    "scan_",
    "matches",
    "split_matches",
    "capture_of_match",
    "key_values",
    "path_value",
    "totype",
    "escape_html",
    "unescape_html",
    "escape_sh",
    "encode_uri",
    "decode_uri",
    "encode_base64",
    "decode_base64",
    "keys_unsorted_",
];

fn filters(replaces: Range<usize>, prefix: &str) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = program::names()
        .filter(|known| known.name.starts_with(prefix) && !INNER.contains(&known.name))
        .map(|known| {
            let (text, detail) = if known.arguments.is_empty() {
                (known.name.to_owned(), String::new())
            } else {
                let arguments = known.arguments.join("; ");
                (
                    format!("{}(", known.name),
                    format!("{}({arguments})", known.name),
                )
            };
            Candidate {
                replaces: replaces.clone(),
                text,
                what: What::Filter,
                detail,
            }
        })
        .filter(|candidate| candidate.text != prefix)
        .collect();
    found.sort_by(|a, b| (&a.text, a.detail.len()).cmp(&(&b.text, b.detail.len())));
    found.dedup_by(|a, b| a.text == b.text);
    found.truncate(MOST);
    found
}

/// How a key is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `.` is there already.
    AfterDot,
    /// With its dot.
    WithDot,
    /// In quotes that are open already.
    Quoted,
    /// As a member of `{…}`.
    Member,
}

impl Style {
    fn write(self, key: &str) -> String {
        let plain = is_name(key);
        match self {
            Self::Quoted => {
                let quoted = quote(key);
                quoted[1..].to_owned()
            }
            Self::WithDot if plain => format!(".{key}"),
            Self::WithDot => format!(".{}", quote(key)),
            Self::AfterDot | Self::Member if plain => key.to_owned(),
            Self::AfterDot | Self::Member => quote(key),
        }
    }
}

fn is_name(key: &str) -> bool {
    !key.starts_with(|c: char| c.is_ascii_digit())
        && !key.is_empty()
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A string as the language writes it.
fn quote(text: &str) -> String {
    // A string of this kind can always be written.
    serde_json::to_string(text).unwrap_or_default()
}

/// Which part of the document a value is.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Unknown,
    At(Vec<Step>),
    /// An array of such values.
    List(Box<Shape>),
    /// An object that the filter makes.
    Record(Vec<(String, Shape)>),
}

impl Shape {
    fn step(&self, step: Step) -> Self {
        match (self, step) {
            (Self::At(path), step) => {
                let mut path = path.clone();
                path.push(step);
                Self::At(path)
            }
            (Self::List(inner), Step::Each | Step::Index(_)) => (**inner).clone(),
            (Self::Record(members), Step::Key(key)) => members
                .iter()
                .rev()
                .find(|(name, _)| *name == key)
                .map_or(Self::Unknown, |(_, shape)| shape.clone()),
            _ => Self::Unknown,
        }
    }

    /// What a filter of this name without arguments gives for this input.
    fn after(&self, name: &str) -> Self {
        match name {
            "first" | "last" | "add" | "min" | "max" => self.step(Step::Each),
            "sort" | "reverse" | "unique" | "values" | "objects" | "arrays" | "iterables"
            | "scalars" | "toarray" => self.clone(),
            "to_entries" => Self::List(Box::new(self.entry())),
            _ => Self::Unknown,
        }
    }

    /// What a filter of this name with arguments gives for this input; `argument` is what the last of them gives.
    fn after_call(&self, name: &str, argument: Self) -> Self {
        match name {
            "map" => Self::List(Box::new(argument)),
            "first" | "last" | "limit" | "skip" | "nth" | "getpath" => argument,
            "select" | "sort_by" | "unique_by" | "del" | "with_entries" | "map_values" | "walk" => {
                self.clone()
            }
            "group_by" => Self::List(Box::new(self.clone())),
            "min_by" | "max_by" => self.step(Step::Each),
            _ => Self::Unknown,
        }
    }

    /// The input of the arguments of a filter of this name.
    fn inside(&self, name: &str) -> Self {
        match name {
            "map" | "map_values" | "sort_by" | "group_by" | "unique_by" | "min_by" | "max_by"
            | "any" | "all" | "INDEX" => self.step(Step::Each),
            "with_entries" => self.entry(),
            "walk" | "recurse" | "while" | "until" | "repeat" => Self::Unknown,
            _ => self.clone(),
        }
    }

    fn entry(&self) -> Self {
        let value = self.step(Step::Each);
        Self::Record(vec![
            ("key".to_owned(), Self::Unknown),
            ("value".to_owned(), value),
        ])
    }
}

/// What the cursor stands in.
enum Open {
    /// Something that cannot be completed, or is complete.
    Nothing,
    /// `.na`; `from` is after the dot.
    Key { from: usize, prefix: String },
    /// `."na` or `.["na`; `from` is after the quote.
    Quoted { from: usize, prefix: String },
    /// `{na`
    Member { from: usize },
    /// A word where a filter can begin, or nothing yet.
    Term { from: usize },
    /// `$na`
    Variable { from: usize },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    Top,
    Group,
    Call,
    Fold,
    Array,
    Index,
    Object,
    If,
    Definition,
    Interpolation,
}

/// What is open around the cursor.
struct Frame {
    bracket: Bracket,
    /// The filter whose arguments these are.
    name: String,
    /// What `.` is at the beginning of each part.
    start: Shape,
    /// What `.` is now.
    input: Shape,
    /// What the term before the cursor gives, if there is one.
    value: Option<Shape>,
    /// What is indexed.
    base: Shape,
    /// The one literal in an index.
    literal: Option<Step>,
    /// How many tokens are in an index.
    tokens: usize,
    /// The key of the member that is being written, and the members before.
    member: Option<String>,
    members: Vec<(String, Shape)>,
    /// Whether `as` was read and the variable is still to come, or the bar after it.
    binding: Option<Shape>,
}

impl Frame {
    fn new(bracket: Bracket, input: Shape) -> Self {
        Self {
            bracket,
            name: String::new(),
            start: input.clone(),
            input,
            value: None,
            base: Shape::Unknown,
            literal: None,
            tokens: 0,
            member: None,
            members: Vec::new(),
            binding: None,
        }
    }

    /// Begins another part with the same input.
    fn next_part(&mut self) {
        self.input = self.start.clone();
        self.value = None;
    }

    /// Whether a key of a member stands next.
    fn wants_member(&self) -> bool {
        self.bracket == Bracket::Object && self.member.is_none() && self.value.is_none()
    }

    fn end_member(&mut self) {
        if let Some(key) = self.member.take() {
            let shape = match self.value.take() {
                Some(shape) => shape,
                // `{id}` is short for `{id: .id}`.
                None => self.start.step(Step::Key(key.clone())),
            };
            self.members.push((key, shape));
        }
        self.next_part();
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    frames: Vec<Frame>,
    variables: BTreeMap<String, Shape>,
}

impl<'a> Reader<'a> {
    fn read(text: &'a str) -> (Self, Open) {
        let mut reader = Self {
            text,
            at: 0,
            frames: vec![Frame::new(Bracket::Top, Shape::At(Vec::new()))],
            variables: BTreeMap::new(),
        };
        let open = reader.run();
        (reader, open)
    }

    fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::new(Bracket::Top, Shape::Unknown));
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn run(&mut self) -> Open {
        loop {
            self.at = self.text.len() - self.rest().trim_start().len();
            let Some(c) = self.rest().chars().next() else {
                return self.open_at_end();
            };
            if !matches!(c, ']' | '#') {
                self.frame().tokens += 1;
            }
            let open = match c {
                '#' => self.comment(),
                '"' => self.string(false),
                '.' => self.dot(),
                '$' => self.variable(),
                '@' => self.word(),
                c if c.is_ascii_alphabetic() || c == '_' => self.word(),
                c if c.is_ascii_digit() => {
                    self.number();
                    None
                }
                '(' | '[' | '{' => {
                    self.open(c);
                    None
                }
                ')' | ']' | '}' => {
                    self.at += 1;
                    self.close();
                    None
                }
                _ => {
                    self.symbol(c);
                    None
                }
            };
            if let Some(open) = open {
                return open;
            }
        }
    }

    /// The cursor stands after a space or a symbol.
    fn open_at_end(&mut self) -> Open {
        let from = self.at;
        let frame = self.frame();
        if frame.value.is_some() || frame.binding.is_some() {
            Open::Nothing
        } else if frame.wants_member() {
            Open::Member { from }
        } else {
            Open::Term { from }
        }
    }

    fn comment(&mut self) -> Option<Open> {
        match self.rest().find('\n') {
            Some(length) => {
                self.at += length;
                None
            }
            None => Some(Open::Nothing),
        }
    }

    /// A string; after a dot it is a key.
    fn string(&mut self, after_dot: bool) -> Option<Open> {
        let from = self.at + 1;
        let mut said = String::new();
        let mut chars = self.text[from..].char_indices();
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    self.at = from + offset + 1;
                    self.said(said, after_dot);
                    return None;
                }
                '\\' => match chars.next() {
                    Some((offset, '(')) => {
                        self.at = from + offset + 1;
                        let input = self.frame().input.clone();
                        self.frames.push(Frame::new(Bracket::Interpolation, input));
                        return None;
                    }
                    Some((_, escaped)) => said.push(escaped),
                    None => return Some(Open::Nothing),
                },
                c => said.push(c),
            }
        }
        let frame = self.frame();
        let is_key = after_dot
            || frame.bracket == Bracket::Index && frame.tokens == 1
            || frame.wants_member();
        if !is_key {
            return Some(Open::Nothing);
        }
        if frame.bracket == Bracket::Index && !after_dot {
            frame.value = Some(frame.base.clone());
        }
        Some(Open::Quoted { from, prefix: said })
    }

    fn said(&mut self, said: String, after_dot: bool) {
        let frame = self.frame();
        if after_dot {
            let base = frame.value.take().unwrap_or(Shape::Unknown);
            frame.value = Some(base.step(Step::Key(said)));
        } else if frame.wants_member() {
            frame.member = Some(said);
        } else {
            frame.literal = Some(Step::Key(said));
            frame.value = Some(Shape::Unknown);
        }
    }

    fn dot(&mut self) -> Option<Open> {
        self.at += 1;
        if self.rest().starts_with('.') {
            self.at += 1;
            self.frame().value = Some(Shape::Unknown);
            return None;
        }
        let from = self.at;
        let name = self.name();
        let ends = self.at == self.text.len();
        let frame = self.frame();
        let base = match frame.value.take() {
            Some(value) => value,
            None => frame.input.clone(),
        };
        if ends {
            frame.value = Some(base);
            let prefix = name.to_owned();
            return Some(Open::Key { from, prefix });
        }
        if !name.is_empty() {
            frame.value = Some(base.step(Step::Key(name.to_owned())));
            return None;
        }
        frame.value = Some(base);
        if self.rest().starts_with('"') {
            return self.string(true);
        }
        None
    }

    /// Reads a name, which may be empty.
    fn name(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn variable(&mut self) -> Option<Open> {
        let from = self.at;
        self.at += 1;
        let name = self.name();
        if self.at == self.text.len() && self.frame().binding.is_none() {
            return Some(Open::Variable { from });
        }
        let known = self.variables.get(name).cloned();
        let frame = self.frame();
        if let Some(bound) = &frame.binding {
            let bound = bound.clone();
            self.variables.insert(name.to_owned(), bound);
        } else if frame.wants_member() {
            frame.member = Some(name.to_owned());
            frame.value = Some(known.unwrap_or(Shape::Unknown));
        } else {
            frame.value = Some(known.unwrap_or(Shape::Unknown));
        }
        None
    }

    fn number(&mut self) {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '.')
            .unwrap_or(rest.len());
        self.at += end;
        let frame = self.frame();
        frame.literal = rest[..end].parse().ok().map(Step::Index);
        frame.value = Some(Shape::Unknown);
    }

    fn word(&mut self) -> Option<Open> {
        let from = self.at;
        if self.rest().starts_with('@') {
            self.at += 1;
        }
        self.name();
        let word = &self.text[from..self.at];
        if self.at == self.text.len() {
            let frame = self.frame();
            if frame.wants_member() {
                return Some(Open::Member { from });
            }
            if frame.value.is_some() {
                return Some(Open::Nothing);
            }
            return Some(Open::Term { from });
        }
        let called = self.rest().trim_start().starts_with('(');
        let frame = self.frame();
        if frame.wants_member() {
            frame.member = Some(word.to_owned());
            return None;
        }
        match word {
            "and" | "or" | "try" | "catch" | "reduce" | "foreach" | "label" | "break" => {
                frame.value = None;
            }
            "if" => {
                let input = frame.input.clone();
                self.frames.push(Frame::new(Bracket::If, input));
            }
            "then" | "elif" | "else" => frame.next_part(),
            "end" => self.close(),
            "def" => self
                .frames
                .push(Frame::new(Bracket::Definition, Shape::Unknown)),
            "as" => frame.binding = Some(frame.value.take().unwrap_or(Shape::Unknown)),
            word if called => word.clone_into(&mut frame.name),
            word => frame.value = Some(frame.input.after(word)),
        }
        None
    }

    fn open(&mut self, c: char) {
        self.at += 1;
        let frame = self.frame();
        let name = std::mem::take(&mut frame.name);
        let mut inner = match c {
            '(' if !name.is_empty() => Frame::new(Bracket::Call, frame.input.clone().inside(&name)),
            '(' if frame.binding.is_some() => {
                frame.binding = None;
                Frame::new(Bracket::Fold, frame.input.clone())
            }
            '(' => Frame::new(Bracket::Group, frame.input.clone()),
            // A pattern of variables is no value.
            '[' | '{' if frame.binding.is_some() => Frame::new(Bracket::Group, Shape::Unknown),
            '[' if frame.value.is_some() => {
                let mut index = Frame::new(Bracket::Index, frame.input.clone());
                index.base = frame.value.take().unwrap_or(Shape::Unknown);
                index
            }
            '[' => Frame::new(Bracket::Array, frame.input.clone()),
            _ => Frame::new(Bracket::Object, frame.input.clone()),
        };
        inner.name = name;
        self.frames.push(inner);
    }

    fn close(&mut self) {
        let Some(mut closed) = self.frames.pop() else {
            return;
        };
        let frame = self.frame();
        let given = closed.value.take();
        let shape = match closed.bracket {
            Bracket::Call => {
                let given = given.unwrap_or(Shape::Unknown);
                frame.input.after_call(&closed.name, given)
            }
            Bracket::Array => Shape::List(Box::new(given.unwrap_or(Shape::Unknown))),
            Bracket::Index => match (closed.tokens, closed.literal) {
                (0, _) => closed.base.step(Step::Each),
                (1, Some(step)) => closed.base.step(step),
                // A part of an array is an array of the same.
                (_, Some(Step::Index(_))) => closed.base,
                _ => Shape::Unknown,
            },
            Bracket::Object => {
                closed.value = given;
                closed.end_member();
                Shape::Record(closed.members)
            }
            Bracket::Fold => Shape::Unknown,
            Bracket::Interpolation => {
                // The string goes on.
                self.after_interpolation();
                return;
            }
            Bracket::Top | Bracket::Group | Bracket::If | Bracket::Definition => {
                given.unwrap_or(Shape::Unknown)
            }
        };
        if frame.binding.is_none() {
            frame.value = Some(shape);
        }
    }

    /// Skips to the end of a string, or to the next part of it that is a filter.
    fn after_interpolation(&mut self) {
        // What is skipped begins with a quote for the reader of strings.
        self.at -= 1;
        if self.string(false).is_some() {
            self.at = self.text.len();
            self.frame().value = Some(Shape::Unknown);
        }
    }

    fn symbol(&mut self, c: char) {
        self.at += c.len_utf8();
        let is_update = self.rest().starts_with('=');
        let frame = self.frame();
        match c {
            '?' => {}
            '|' if !is_update => {
                // After `as $x |` the input stays.
                if frame.binding.take().is_none() {
                    frame.input = frame.value.take().unwrap_or(Shape::Unknown);
                }
                frame.value = None;
            }
            ',' if frame.bracket == Bracket::Object => frame.end_member(),
            ';' if frame.bracket == Bracket::Definition => {
                self.frames.pop();
            }
            ';' if frame.bracket == Bracket::Fold => {
                frame.start = Shape::Unknown;
                frame.next_part();
            }
            ';' => frame.next_part(),
            _ => frame.value = None,
        }
    }

    /// The keys of what the cursor stands behind.
    fn keys(
        &self,
        source: &dyn KeySource,
        replaces: Range<usize>,
        prefix: &str,
        style: Style,
    ) -> Vec<Candidate> {
        let Some(frame) = self.frames.last() else {
            return Vec::new();
        };
        let shape = match (&frame.value, style) {
            (Some(value), Style::AfterDot | Style::Quoted) => value,
            _ => &frame.input,
        };
        let found = match shape {
            Shape::At(path) => source.find(path),
            Shape::Record(members) => Found {
                keys: members.iter().map(|(key, _)| (key.clone(), "")).collect(),
                list: false,
            },
            Shape::List(_) => Found {
                list: true,
                ..Found::default()
            },
            Shape::Unknown => Found::default(),
        };
        let mut candidates = Vec::new();
        let dotted = matches!(style, Style::AfterDot | Style::WithDot);
        if found.list && prefix.is_empty() && dotted {
            let dot = if style == Style::WithDot { "." } else { "" };
            candidates.push(Candidate {
                replaces: replaces.clone(),
                text: format!("{dot}[]"),
                what: What::Elements,
                detail: "every element".to_owned(),
            });
        }
        let lower = prefix.to_lowercase();
        let fits = |key: &str| key.to_lowercase().starts_with(&lower) && style.write(key) != prefix;
        let fitting = found.keys.iter().filter(|(key, _)| fits(key)).take(MOST);
        candidates.extend(fitting.map(|(key, kind)| Candidate {
            replaces: replaces.clone(),
            text: style.write(key),
            what: What::Key,
            detail: (*kind).to_owned(),
        }));
        candidates
    }

    fn variables(&self, replaces: Range<usize>, prefix: &str) -> Vec<Candidate> {
        let typed = prefix.trim_start_matches('$');
        let fitting = self.variables.keys();
        fitting
            .filter(|name| name.starts_with(typed) && *name != typed)
            .map(|name| Candidate {
                replaces: replaces.clone(),
                text: format!("${name}"),
                what: What::Variable,
                detail: String::new(),
            })
            .collect()
    }
}

/// The keys of a document, from the first elements of its arrays and the first members of its objects.
pub struct DocumentKeys<'a>(pub &'a Document);

impl KeySource for DocumentKeys<'_> {
    fn find(&self, path: &[Step]) -> Found {
        let document = self.0;
        let mut visits = VISITS;
        let mut nodes: Vec<NodeId> = document.root().into_iter().collect();
        for step in path {
            nodes = nodes
                .iter()
                .flat_map(|node| into(document, *node, step, &mut visits))
                .take(SAMPLE)
                .collect();
        }
        let mut found = Found::default();
        for node in nodes {
            match document.kind(node) {
                Kind::Array => found.list = true,
                Kind::Object => {
                    for child in document.children(node) {
                        if visits == 0 {
                            break;
                        }
                        visits -= 1;
                        let Some(key) = document.key(child) else {
                            continue;
                        };
                        if !found.keys.iter().any(|(known, _)| *known == key) {
                            let kind = kind_name(document.kind(child));
                            found.keys.push((key.into_owned(), kind));
                        }
                        if found.keys.len() == MOST {
                            return found;
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }
}

fn into(document: &Document, node: NodeId, step: &Step, visits: &mut usize) -> Vec<NodeId> {
    let mut children = document.children(node).take(*visits);
    let nodes: Vec<NodeId> = match (document.kind(node), step) {
        (Kind::Object, Step::Key(key)) => children
            .inspect(|_| *visits -= 1)
            .find(|child| document.key(*child).is_some_and(|found| found == *key))
            .into_iter()
            .collect(),
        (Kind::Object | Kind::Array, Step::Each) => children.take(SAMPLE).collect(),
        (Kind::Array, Step::Index(index)) => {
            // The last element is like the others, and may be far away.
            let index = usize::try_from(*index).unwrap_or(0);
            children.nth(index).into_iter().collect()
        }
        _ => Vec::new(),
    };
    *visits = visits.saturating_sub(nodes.len());
    nodes
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "object",
        Kind::Array => "array",
        Kind::String => "string",
        Kind::Number => "number",
        Kind::True | Kind::False => "boolean",
        Kind::Null => "null",
        Kind::Broken => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANSWER: &str = r#"{"stat":"ok","results":[
        {"id":1,"email":"a","emailVerified":null,"primaryAddress":{"city":"x","zip":"y"},"tags":[{"tag":"t"}]},
        {"id":2,"odd key":1,"9":2}],"a\"b":{"c":1}}"#;

    /// What could be typed where `¦` stands, as the whole program would then be up to there.
    fn completed(marked: &str) -> Vec<String> {
        let cursor = marked.find('¦').expect("has a cursor");
        let program = marked.replace('¦', "");
        let document = Document::parse(ANSWER.as_bytes());
        complete(&program, cursor, &DocumentKeys(&document))
            .into_iter()
            .map(|candidate| format!("{}{}", &program[..candidate.replaces.start], candidate.text))
            .collect()
    }

    #[test]
    fn keys_of_the_place_are_offered() {
        for (marked, expected) in [
            ("¦", vec![".stat", ".results", ".\"a\\\"b\""]),
            (".¦", vec![".stat", ".results", ".\"a\\\"b\""]),
            (".re¦", vec![".results"]),
            (".RE¦", vec![".results"]),
            (".results¦", vec![]),
            (".results.¦", vec![".results.[]"]),
            (".results | ¦", vec![".results | .[]"]),
            (".results[].pri¦ | x", vec![".results[].primaryAddress"]),
            (
                ".results[] | .em¦",
                vec![".results[] | .email", ".results[] | .emailVerified"],
            ),
            (".results[0].o¦", vec![]),
            (".results[1].o¦", vec![".results[1].\"odd key\""]),
            (".results[1].\"o¦", vec![".results[1].\"odd key\""]),
            (".results[1][\"o¦", vec![".results[1][\"odd key\""]),
            (".results[1].9¦", vec![".results[1].\"9\""]),
            (".results[] | select(.i¦", vec![".results[] | select(.id"]),
            (".results | map(.ta¦", vec![".results | map(.tags"]),
            (
                ".results | map(select(.i¦",
                vec![".results | map(select(.id"],
            ),
            (
                ".results | map(.tags) | .[][].¦",
                vec![".results | map(.tags) | .[][].tag"],
            ),
            (
                ".results | sort_by(.id) | first | .i¦",
                vec![".results | sort_by(.id) | first | .id"],
            ),
            (
                ".results | group_by(.id)[0][0].i¦",
                vec![".results | group_by(.id)[0][0].id"],
            ),
            ("[.results[] | {i¦", vec!["[.results[] | {id"]),
            (
                ".results[] | {id, em¦",
                vec![".results[] | {id, email", ".results[] | {id, emailVerified"],
            ),
            (
                ".results[] | {id, x: .em¦",
                vec![
                    ".results[] | {id, x: .email",
                    ".results[] | {id, x: .emailVerified",
                ],
            ),
            (
                "[.results[] | {id, x: .email}] | map(.¦",
                vec![
                    "[.results[] | {id, x: .email}] | map(.id",
                    "[.results[] | {id, x: .email}] | map(.x",
                ],
            ),
            (
                ".results[] | if .id then .pri¦",
                vec![".results[] | if .id then .primaryAddress"],
            ),
            (
                ".results[] | .id == 1 and .ta¦",
                vec![".results[] | .id == 1 and .tags"],
            ),
            (
                ".results[] as $r | $r.ta¦",
                vec![".results[] as $r | $r.tags"],
            ),
            (".results[] as $r | .st¦", vec![".results[] as $r | .stat"]),
            (
                ".results[] as $row | $r¦",
                vec![".results[] as $row | $row"],
            ),
            ("\"\\(.st¦", vec!["\"\\(.stat"]),
            (
                "\"\\(.stat) and \\(.re¦",
                vec!["\"\\(.stat) and \\(.results"],
            ),
            ("\"a.st¦", vec![]),
            ("# .st¦", vec![]),
            (".results[1:3][0].i¦", vec![".results[1:3][0].id"]),
            (".results? | .[].i¦", vec![".results? | .[].id"]),
            (
                ".results[].primaryAddress | to_entries[] | .¦",
                vec![
                    ".results[].primaryAddress | to_entries[] | .key",
                    ".results[].primaryAddress | to_entries[] | .value",
                ],
            ),
            ("reduce .results[] as $x (.; .¦", vec![]),
            ("def f: .a; .st¦", vec!["def f: .a; .stat"]),
            (".stat ¦", vec![]),
            (".stat | length | .¦", vec![]),
        ] {
            assert_eq!(completed(marked), expected, "{marked}");
        }
    }

    #[test]
    fn filters_are_offered_by_name() {
        for (marked, expected) in [
            ("selec¦", vec!["select("]),
            (". | to_e¦", vec![". | to_entries"]),
            ("map(has¦", vec!["map(has("]),
            ("@b¦", vec!["@base64", "@base64d"]),
            ("hal¦", vec![]),
            ("min_by¦", vec!["min_by("]),
        ] {
            assert_eq!(completed(marked), expected, "{marked}");
        }
        let document = Document::parse(b"1".as_slice());
        let found = complete("firs", 4, &DocumentKeys(&document));
        let details: Vec<_> = found.iter().map(|one| one.detail.as_str()).collect();
        assert_eq!(details, ["", "first(f)"]);
    }

    #[test]
    fn what_is_inside_is_hidden() {
        for name in program::names().map(|known| known.name) {
            let inner = name.ends_with('_') || name.contains("_empty") || name.starts_with('!');
            assert!(!inner || INNER.contains(&name), "{name}");
        }
    }

    #[test]
    fn a_large_document_is_not_walked() {
        let keys: Vec<String> = (0..20_000).map(|n| format!("\"k{n}\":{n}")).collect();
        let text = format!("{{{}}}", keys.join(","));
        let document = Document::parse(text.into_bytes());
        let found = DocumentKeys(&document).find(&[]);
        assert_eq!(found.keys.len(), MOST);
        assert_eq!(
            DocumentKeys(&document).find(&[Step::Key("k19999".to_owned())]),
            Found::default()
        );
    }

    proptest! {
        #[test]
        fn any_text_and_cursor_get_an_answer(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    ".", "[", "]", "(", ")", "{", "}", "|", ",", ":", ";", "?", "\"", "\\", "$x", "@csv", "1", "-",
                    " as ", "def f: ", "if ", " then ", " else ", " end ", "reduce ", "a", "..", "\\(", "é", "\n", "#", "=",
                ]),
                0..24,
            ),
            cursor in 0..40_usize,
        ) {
            let program = parts.concat();
            let document = Document::parse(ANSWER.as_bytes());
            for candidate in complete(&program, cursor, &DocumentKeys(&document)) {
                prop_assert!(program.get(candidate.replaces).is_some());
            }
        }
    }
}
