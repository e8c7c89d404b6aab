//! Two calls beside each other: where their requests, outcomes and answers say different things, and how long each took.
//!
//! Pure: from two exchanges to differences by path, for a text as well as for a screen. Elements of plurals are told
//! apart by their primary key where it is known, by their ids within one environment, and by their places only where
//! nothing else tells them apart. Secrets are masked before anything is looked at, so a masked value is never called
//! different. Deliberately absent: fetching the exchanges, and drawing.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::secret::MASK;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Verdict;
use crate::exchange::timing::Phase;
use crate::json::difference;
use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;

/// The longest value that is told whole, in bytes.
const LONGEST: usize = 2_000;

/// How many pairs of values are compared at a time.
const STEP: usize = 10_000;

/// Members whose value every environment gives itself.
const GIVEN: [&str; 4] = ["id", "uuid", "created", "lastUpdated"];

/// How two calls differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The operations and their arguments. Paths begin with the argument: `attributes.email`.
    pub request: Part,
    /// What came of them: the verdict and the HTTP status.
    pub outcome: Part,
    /// The bodies that came back.
    pub answer: Part,
    /// How long they took. Never counts as a difference.
    pub timings: Timings,
}

/// One part of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Where the two differ, in the order of the first, what only the second has after its neighbours.
    pub differences: Vec<Difference>,
    /// How many values are masked: what they were is not known, so they are not compared.
    pub masked: usize,
    /// On which side only the beginning is there; what lies behind it is not compared.
    pub cut: [bool; 2],
    /// Whether there are more differences than are told.
    pub more: bool,
}

/// A place where the two differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where, as attribute paths are written: `result.tags[id=3].tag`.
    pub path: String,
    /// What stands there in the first and in the second, JSON as it was written; `None` where there is nothing. Long
    /// ones are cut. Not cleaned for the screen.
    pub values: [Option<String>; 2],
    /// Whether it says nothing of the calls: the service's number for a call, and between two environments what each
    /// gives itself, such as ids and times.
    pub given: bool,
}

/// How long two calls took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timings {
    /// From the first attempt to connect to the last byte.
    pub whole: [Duration; 2],
    /// Each phase that was seen in one of them, in order.
    pub phases: Vec<(Phase, [Option<Duration>; 2])>,
    /// The lengths of the bodies that came, before content decoding, in bytes.
    pub received: [Option<u64>; 2],
    /// Whether they went over a connection of an earlier call.
    pub reused: [Option<bool>; 2],
}

/// Compares two calls. `keys` are the attributes that are primary keys, by the dotted paths of their plurals. Takes as
/// long as reading both bodies.
pub fn compare(one: &Exchange, other: &Exchange, keys: &BTreeMap<String, String>) -> Comparison {
    let both = [one, other];
    let secret_names: Vec<String> = both
        .iter()
        .flat_map(|exchange| exchange.request.secret_names.iter().cloned())
        .collect();
    let hidden = both.map(|exchange| exchange.request.clone().hiding(secret_names.clone()));
    let is_same_place = one.environment == other.environment;
    Comparison {
        request: requests(&hidden, keys, is_same_place),
        outcome: outcomes(both),
        answer: answers(both, &hidden, keys, is_same_place),
        timings: timings(both),
    }
}

impl Comparison {
    /// Whether both asked the same and were answered the same, as far as is known.
    pub fn is_same(&self) -> bool {
        self.parts().all(|(_, part)| part.is_same())
    }

    /// The parts that count, with their names.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &Part)> {
        [
            ("request", &self.request),
            ("outcome", &self.outcome),
            ("answer", &self.answer),
        ]
        .into_iter()
    }
}

impl Part {
    /// Whether nothing differs that counts, and nothing is left out.
    pub fn is_same(&self) -> bool {
        self.counted() == 0 && self.cut == [false; 2] && !self.more
    }

    /// How many differences count.
    pub fn counted(&self) -> usize {
        let counts = |difference: &&Difference| !difference.given;
        self.differences.iter().filter(counts).count()
    }

    fn push(&mut self, path: impl Into<String>, values: [Option<String>; 2]) {
        if values[0] != values[1] {
            self.differences.push(Difference {
                path: path.into(),
                values,
                given: false,
            });
        }
    }
}

fn requests(both: &[ApiRequest; 2], keys: &BTreeMap<String, String>, is_same_place: bool) -> Part {
    let mut part = Part::default();
    let operations = both
        .each_ref()
        .map(|request| Some(request.endpoint.name().to_owned()));
    part.push("operation", operations);
    let given = both.each_ref().map(named_arguments);
    for (name, value) in &given[0] {
        let found = given[1].iter().find(|(other, _)| other == name);
        let values = [Some(value), found.map(|(_, value)| value)];
        argument(&mut part, name, values, both, keys, is_same_place);
    }
    for (name, value) in &given[1] {
        if !given[0].iter().any(|(other, _)| other == name) {
            argument(
                &mut part,
                name,
                [None, Some(value)],
                both,
                keys,
                is_same_place,
            );
        }
    }
    part
}

/// The arguments, masked; of a repeated name the second and all after it with their number.
fn named_arguments(request: &ApiRequest) -> Vec<(String, String)> {
    let mut named: Vec<(String, String)> = Vec::new();
    let masked = redact::args(request);
    for (place, (name, value)) in masked.iter().enumerate() {
        let before = masked.iter().take(place);
        let name = match before.filter(|(other, _)| *other == name).count() {
            0 => name.to_owned(),
            count => format!("{name} ({})", count + 1),
        };
        named.push((name, value.to_owned()));
    }
    named
}

fn argument(
    part: &mut Part,
    name: &str,
    values: [Option<&String>; 2],
    both: &[ApiRequest; 2],
    keys: &BTreeMap<String, String>,
    is_same_place: bool,
) {
    let texts = values.map(|value| value.map_or("", String::as_str));
    let is_document =
        |text: &str| text.trim_start().starts_with(['{', '[']) && Json::parse(text).is_ok();
    if texts.iter().all(|text| is_document(text)) {
        let documents = texts.map(|text| Document::parse(text.as_bytes().to_vec()));
        let base = base_of(&both[0]);
        let chooser = |path: &str| match name {
            "attributes" | "value" => key_of(&joined(&base, path), keys, is_same_place),
            "all_attributes" if path.is_empty() => None,
            "all_attributes" => key_of(path, keys, is_same_place),
            "schema" | "attr_defs" => definition_key(if path.is_empty() { name } else { path }),
            _ => None,
        };
        documents_of(part, &documents, &chooser, name);
        return;
    }
    part.masked += masked_in(texts);
    if !texts.contains(&MASK) || values.contains(&None) {
        part.push(name, values.map(|value| value.map(|text| shortened(text))));
    }
}

fn outcomes(both: [&Exchange; 2]) -> Part {
    let mut part = Part::default();
    part.push("outcome", both.map(|exchange| Some(outcome(exchange))));
    let status = |exchange: &Exchange| exchange.head().map(|(status, _)| status.to_string());
    part.push("HTTP status", both.map(status));
    part
}

/// What came of a call, in words: `ok`, `error 361 unique_violation`.
pub fn outcome(exchange: &Exchange) -> String {
    if let Some(Answer::Error(error)) = exchange.answer() {
        let word = error.code.name().unwrap_or(&error.error);
        return format!("error {} {word}", error.code).trim_end().to_owned();
    }
    let words = match exchange.verdict() {
        Verdict::Ok => "ok",
        Verdict::Error => "error",
        Verdict::NotCapture => "not an answer of the Capture API",
        Verdict::NotSent => "no answer",
        Verdict::Unknown => "not known",
    };
    match &exchange.outcome {
        Outcome::Failed(error) => format!("{words}: {}", error.message),
        Outcome::Answered(_) => words.to_owned(),
    }
}

fn answers(
    both: [&Exchange; 2],
    hidden: &[ApiRequest; 2],
    keys: &BTreeMap<String, String>,
    is_same_place: bool,
) -> Part {
    // That nothing came is told as the outcome.
    if both.iter().any(|exchange| exchange.head().is_none()) {
        return Part::default();
    }
    let cut = both.map(is_cut);
    let body = |side: usize| {
        let body = redact::body(&hidden[side], both[side].body());
        if cut[side] {
            Document::parse_so_far(body)
        } else {
            Document::parse(body)
        }
    };
    let documents = [body(0), body(1)];
    let mut part = Part {
        cut,
        ..Part::default()
    };
    if documents.iter().any(|document| document.fault().is_some()) {
        let texts = documents.each_ref().map(|document| {
            let bytes: &[u8] = document.bytes();
            String::from_utf8_lossy(bytes)
        });
        part.push("body", texts.map(|text| Some(shortened(&text))));
        return part;
    }
    let endpoint = both[0].request.endpoint;
    let base = base_of(&both[0].request);
    let chooser = |path: &str| answer_key(endpoint, &base, path, keys, is_same_place);
    documents_of(&mut part, &documents, &chooser, "");
    for difference in &mut part.differences {
        difference.given = is_given(endpoint, &difference.path, is_same_place);
    }
    part
}

/// Whether only the beginning of the body is there.
fn is_cut(exchange: &Exchange) -> bool {
    match &exchange.outcome {
        Outcome::Answered(answered) => answered.judged.is_some(),
        Outcome::Failed(_) => true,
    }
}

/// Adds where two documents differ, with paths that begin with `name`.
fn documents_of(
    part: &mut Part,
    documents: &[Document; 2],
    chooser: difference::Chooser,
    name: &str,
) {
    let [one, other] = documents;
    part.masked += masked_in(documents.each_ref().map(|document| {
        let bytes: &[u8] = document.bytes();
        bytes
    }));
    let mut engine = difference::Comparison::new(one, other);
    while !engine.step(one, other, chooser, STEP) {}
    part.more |= engine.more;
    for change in engine.changes {
        let nodes = [change.before, change.after];
        if is_beyond(documents, nodes, part.cut) || is_masked(documents, nodes) {
            continue;
        }
        let value = |side: usize| nodes[side].map(|node| text_of(&documents[side], node));
        part.differences.push(Difference {
            path: joined(name, &change.path),
            values: [value(0), value(1)],
            given: false,
        });
    }
}

/// Whether a difference is only that one side ends before.
fn is_beyond(documents: &[Document; 2], nodes: [Option<NodeId>; 2], cut: [bool; 2]) -> bool {
    (0..2).any(|side| {
        let document = &documents[side];
        cut[side]
            && nodes[side].is_none_or(|node| {
                document.kind(node) == Kind::Broken || document.range(node).end >= document.edge()
            })
    })
}

/// Whether one of two values that are there is masked.
fn is_masked(documents: &[Document; 2], nodes: [Option<NodeId>; 2]) -> bool {
    nodes.iter().all(Option::is_some)
        && documents.iter().zip(nodes).any(|(document, node)| {
            let text = node.and_then(|node| document.string(node));
            text.is_some_and(|text| text == MASK)
        })
}

fn masked_in<T: AsRef<[u8]>>(texts: [T; 2]) -> usize {
    let count = |text: T| memchr::memmem::find_iter(text.as_ref(), MASK).count();
    texts.map(count).into_iter().max().unwrap_or(0)
}

fn text_of(document: &Document, node: NodeId) -> String {
    if document.raw(node).len() <= LONGEST {
        document.text(node).into_owned()
    } else {
        format!("{}…", document.text_head(node, LONGEST))
    }
}

fn shortened(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let ends = text.char_indices().map(|(at, _)| at);
    let end = ends.take_while(|at| *at <= LONGEST).last().unwrap_or(0);
    format!("{}…", &text[..end])
}

/// The dotted path of the part of the record that a call is about; empty for the record.
fn base_of(request: &ApiRequest) -> String {
    let path = request.args.get("attribute_name").unwrap_or_default();
    let path: Option<AttrPath> = path.parse().ok();
    path.map(|path| path.dotted()).unwrap_or_default()
}

/// A path below another, both perhaps empty.
fn joined(base: &str, path: &str) -> String {
    match (base.is_empty(), path.is_empty() || path.starts_with('[')) {
        (true, _) => path.to_owned(),
        (false, true) => format!("{base}{path}"),
        (false, false) => format!("{base}.{path}"),
    }
}

/// What tells the elements of a plural apart. An id means something only where it was given.
fn key_of(path: &str, keys: &BTreeMap<String, String>, is_same_place: bool) -> Option<String> {
    let key = keys.get(path).cloned();
    key.or_else(|| is_same_place.then(|| "id".to_owned()))
}

/// Attribute definitions are told apart by their names.
fn definition_key(path: &str) -> Option<String> {
    let is_list = matches!(path.rsplit('.').next(), Some("attr_defs" | "schema"));
    is_list.then(|| "name".to_owned())
}

/// What tells the elements of an array in an answer apart.
fn answer_key(
    endpoint: Endpoint,
    base: &str,
    path: &str,
    keys: &BTreeMap<String, String>,
    is_same_place: bool,
) -> Option<String> {
    if let Some(key) = definition_key(path) {
        return Some(key);
    }
    match (endpoint, path) {
        (Endpoint::ClientsList, "results") => Some("client_id".to_owned()),
        (Endpoint::EntityFind, "results") => is_same_place.then(|| "uuid".to_owned()),
        (_, "results") => None,
        (_, "result") => key_of(base, keys, is_same_place),
        _ => {
            let (first, rest) = path.split_once('.').unwrap_or(("", path));
            match first {
                "result" => key_of(&joined(base, rest), keys, is_same_place),
                "results" => key_of(rest, keys, is_same_place),
                _ => key_of(path, keys, is_same_place),
            }
        }
    }
}

/// Whether what stands at a path of an answer says nothing of the calls.
fn is_given(endpoint: Endpoint, path: &str, is_same_place: bool) -> bool {
    let is_member = |names: &[&str]| {
        let last = path.rsplit('.').next();
        last.is_some_and(|last| names.contains(&last))
    };
    let is_number = || {
        let list = path.split('[').next().unwrap_or_default();
        endpoint == Endpoint::EntityBulkCreate && matches!(list, "results" | "uuid_results")
    };
    path == "request_id" || (!is_same_place && (is_member(&GIVEN) || is_number()))
}

fn timings(both: [&Exchange; 2]) -> Timings {
    let phases = Phase::ALL.into_iter().filter_map(|phase| {
        let lengths = both.map(|exchange| Some(exchange.timing.span(phase)?.length()));
        (lengths != [None, None]).then_some((phase, lengths))
    });
    Timings {
        whole: both.map(|exchange| exchange.elapsed),
        phases: phases.collect(),
        received: both.map(|exchange| exchange.timing.received),
        reused: both.map(|exchange| exchange.timing.reused),
    }
}

#[cfg(test)]
mod tests;
