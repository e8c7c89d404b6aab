//! Makes JSON of what is nearly JSON: brackets and strings that are not closed, quotes of a word processor, Python's and
//! JavaScript's spellings, JSON written twice.
//!
//! ```text
//!  text ──one pass, one stack──▶ changes at places of the text ──▶ the repaired text, checked by Document
//! ```
//!
//! Every change says in a sentence what it does and why, so that a person can be shown all of them before anything is
//! taken over. What is JSON is never changed, and everything that is not changed keeps its characters: numbers their
//! digits, strings their escapes. The pass uses no recursion; looking ahead is paid from a purse that is as deep as the
//! text is long, so that hostile texts take linear time, too. Deliberately absent: values, and repairs that would have
//! to invent or drop data; then there is no repair.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::lenient::comment_end;
use crate::json::locate::BOM;
use crate::json::locate::line_and_column;

/// Nesting deeper than this is not repaired, as it would not be read.
const MAX_DEPTH: usize = 128;

/// How many layers of JSON in JSON, or of entities, are taken off.
const MAX_LAYERS: usize = 4;

/// How much of a text a change quotes at most.
const QUOTED: usize = 24;

/// Why a comment goes.
const NO_COMMENTS: &str = "JSON has no comments";

/// A repaired text and what was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The text, which is JSON.
    pub text: String,
    /// What was changed, in the order of the text; never empty.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where, in bytes of the original.
    pub range: Range<usize>,
    /// What stood there.
    pub before: String,
    /// What stands there now.
    pub after: String,
    /// What was done and why, in a sentence without a full stop.
    pub why: String,
}

/// Lines that were changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// The number of its first line in the original, from 1.
    pub line: usize,
    /// The lines as they were.
    pub before: Vec<String>,
    /// The lines as they are.
    pub after: Vec<String>,
    /// Why, a sentence for each different reason.
    pub why: Vec<String>,
}

impl Repair {
    /// The same for a reader that leaves comments out by itself: they stay where they are. `None` when nothing else was
    /// to be changed in `original`, which is what was repaired.
    pub fn with_comments(mut self, original: &str) -> Option<Self> {
        self.changes.retain(|change| change.why != NO_COMMENTS);
        self.text = apply(original, &self.changes);
        (!self.changes.is_empty()).then_some(self)
    }

    /// The changed lines of `original`, which is what was repaired. Changes on the same or on adjacent lines are one.
    pub fn hunks(&self, original: &str) -> Vec<Hunk> {
        let mut hunks: Vec<Hunk> = Vec::new();
        let mut changes = self.changes.iter().peekable();
        let (mut line, mut counted) = (1, 0);
        while let Some(first) = changes.next() {
            let start = line_start(original, first.range.start);
            line += original[counted..start].matches('\n').count();
            counted = start;
            let mut why = Vec::new();
            let mut after = String::new();
            let mut at = start;
            let mut change = first;
            let end = loop {
                after.push_str(&original[at..change.range.start]);
                after.push_str(&change.after);
                at = change.range.end;
                if !why.contains(&change.why) {
                    why.push(change.why.clone());
                }
                let end = line_end(original, at);
                let reach = line_end(original, (end + 1).min(original.len()));
                match changes.next_if(|next| next.range.start <= reach) {
                    Some(next) => change = next,
                    None => break end,
                }
            };
            after.push_str(&original[at..end]);
            let lines = |text: &str| text.lines().map(str::to_owned).collect();
            hunks.push(Hunk {
                line,
                before: lines(&original[start..end]),
                after: lines(&after),
                why,
            });
        }
        hunks
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |at| at + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end)
}

/// Repairs `text`; `None` when it is JSON already, or when nothing can be done that is not a guess at what was meant.
pub fn repair(text: &str) -> Option<Repair> {
    repair_layers(text, MAX_LAYERS)
}

/// Like [`repair`] where only an object will do: a JSON string that holds an object is taken for that object, although
/// it is JSON.
pub fn repair_object(text: &str) -> Option<Repair> {
    let is_object = |text: &str| {
        let document = Document::parse(text.as_bytes());
        document.root().map(|root| document.kind(root)) == Some(Kind::Object)
    };
    let plain = repair(text);
    let mut whole = plain.clone();
    for _ in 0..MAX_LAYERS {
        let now = whole.as_ref().map_or(text, |repair| repair.text.as_str());
        if is_object(now) {
            return whole;
        }
        let Some(inner) = string_content(now) else {
            break;
        };
        let repaired = repair(&inner);
        let why = "the object was written as a JSON string: its quotes and escapes are taken off";
        let mut reasons = vec![why.to_owned()];
        for repair in [&whole, &repaired].into_iter().flatten() {
            reasons.extend(distinct_reasons(&repair.changes));
        }
        let after = repaired.map_or(inner, |repair| repair.text);
        whole = Some(replaced(text, after, &reasons));
    }
    plain
}

/// What a text says that is a JSON string and nothing else.
fn string_content(text: &str) -> Option<String> {
    let document = Document::parse(text.as_bytes());
    let content = document.string(document.root()?)?.into_owned();
    document.fault().is_none().then_some(content)
}

fn repair_layers(text: &str, layers: usize) -> Option<Repair> {
    if is_strict(text) {
        return None;
    }
    let start = text.trim_start_matches(BOM).trim_start();
    let layer = if has_only_entities(text) {
        let why = "the quotes were written as in HTML, such as &quot;: they are quotes now";
        Some((decode_entities(text), why))
    } else if start
        .strip_prefix(['{', '[', '"'])
        .is_some_and(|rest| rest.trim_start().starts_with("\\\""))
    {
        let why = "the quotes had backslashes, as in JSON inside a JSON string: they are taken off";
        unescape(start).map(|inner| (inner, why))
    } else {
        None
    };
    match layer {
        Some((inner, why)) => {
            let inner_repair = match layers.checked_sub(1) {
                _ if is_strict(&inner) => None,
                Some(left) => Some(repair_layers(&inner, left)?),
                None => return None,
            };
            let mut whys = vec![why.to_owned()];
            whys.extend(
                inner_repair
                    .iter()
                    .flat_map(|repair| distinct_reasons(&repair.changes)),
            );
            Some(replaced(
                text,
                inner_repair.map_or(inner, |repair| repair.text),
                &whys,
            ))
        }
        None => repair_once(text),
    }
}

/// The repair that puts another text in place of the whole.
fn replaced(text: &str, after: String, why: &[String]) -> Repair {
    Repair {
        changes: vec![Change {
            range: 0..text.len(),
            before: text.to_owned(),
            after: after.clone(),
            why: why.join("; "),
        }],
        text: after,
    }
}

fn distinct_reasons(changes: &[Change]) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for change in changes {
        if !reasons.contains(&change.why) {
            reasons.push(change.why.clone());
        }
        if reasons.len() > MAX_LAYERS {
            break;
        }
    }
    reasons
}

fn repair_once(text: &str) -> Option<Repair> {
    let mut pass = Pass::new(text);
    pass.run()?;
    let changes = pass.changes;
    let repaired = apply(text, &changes);
    (!changes.is_empty() && is_strict(&repaired)).then_some(Repair {
        text: repaired,
        changes,
    })
}

fn apply(text: &str, changes: &[Change]) -> String {
    let mut out = String::with_capacity(text.len() + changes.len());
    let mut at = 0;
    for change in changes {
        out.push_str(&text[at..change.range.start]);
        out.push_str(&change.after);
        at = change.range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Whether every reader of JSON takes `text`: no mark before it, no half characters in it, not nested too deep.
fn is_strict(text: &str) -> bool {
    let document = Document::parse(text.as_bytes());
    let whole_text =
        |literal: Cow<'_, str>| !literal.contains("\\u") || !has_half_character(&literal);
    document.fault().is_none()
        && !document.has_bom()
        && document.nodes().all(|node| {
            let is_container = matches!(document.kind(node), Kind::Object | Kind::Array);
            let fits = document.depth(node) + usize::from(is_container) <= MAX_DEPTH;
            fits && document.key_text(node).is_none_or(whole_text)
                && (document.kind(node) != Kind::String || whole_text(document.text(node)))
        })
}

/// Whether one of a pair of `\u` escapes stands alone in a string.
fn has_half_character(literal: &str) -> bool {
    let bytes = literal.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        at += match bytes[at] {
            b'\\' => match escape_at(literal, at) {
                Escape::Good(length) => length,
                Escape::Bad => return true,
            },
            _ => 1,
        };
    }
    false
}

/// Whether the only quotes of a text are HTML's.
fn has_only_entities(text: &str) -> bool {
    memchr::memchr(b'"', text.as_bytes()).is_none()
        && ["&quot;", "&#34;", "&#x22;"]
            .iter()
            .any(|entity| text.contains(entity))
}

/// The entities that editors and web pages put in place of characters.
const ENTITIES: &[(&str, &str)] = &[
    ("&quot;", "\""),
    ("&#34;", "\""),
    ("&#x22;", "\""),
    ("&#39;", "'"),
    ("&apos;", "'"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&nbsp;", " "),
    ("&amp;", "&"),
];

fn decode_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let found = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity));
        let (character, length) = found.map_or(("&", 1), |(entity, c)| (*c, entity.len()));
        out.push_str(character);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// What a text says that is the inside of a JSON string, with or without the string's quotes.
fn unescape(text: &str) -> Option<String> {
    let inside = text.trim_end();
    let inside = inside.strip_prefix('"').unwrap_or(inside);
    let inside = inside.strip_suffix('"').unwrap_or(inside);
    let escaped = inside
        .replace('\n', "\\n")
        .replace('\r', "\\r")
        .replace('\t', "\\t");
    string_content(&format!("\"{escaped}\""))
}

/// What an escape is.
enum Escape {
    /// One that JSON has, of this length; both halves of a pair.
    Good(usize),
    /// None.
    Bad,
}

/// The escape at `at`, where a backslash stands.
fn escape_at(text: &str, at: usize) -> Escape {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(digits, 16).ok().filter(|_| all_digits)
    };
    match text.as_bytes().get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Escape::Good(2),
        Some(b'u') => match (unit(at), unit(at + 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => Escape::Good(12),
            (None | Some(0xd800..0xe000), _) => Escape::Bad,
            (Some(_), _) => Escape::Good(6),
        },
        _ => Escape::Bad,
    }
}

/// What an open bracket is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Object,
    Array,
}

impl Open {
    fn closing(self) -> char {
        match self {
            Self::Object => '}',
            Self::Array => ']',
        }
    }

    fn opening(self) -> char {
        match self {
            Self::Object => '{',
            Self::Array => '[',
        }
    }
}

/// An open bracket.
#[derive(Clone, Copy)]
struct Frame {
    open: Open,
    /// Where it was opened.
    at: usize,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// The value of the document, of a member, or of an array's next element.
    Value,
    /// A key, or the end of the object.
    Key,
    /// What parts a key from its value.
    Colon,
    /// What parts members and elements, or the end of what is open.
    Comma,
    /// Nothing.
    End,
}

/// One way through the text.
struct Pass<'a> {
    text: &'a str,
    at: usize,
    stack: Vec<Frame>,
    changes: Vec<Change>,
    /// The comma just before, if only blanks followed it.
    comma: Option<usize>,
    /// The comma before the value just read: where an array ended whose bracket was forgotten.
    comma_before: Option<usize>,
    /// Where the value just read starts and ends.
    last: Range<usize>,
    /// Whether the value just read was a string.
    last_is_string: bool,
    /// Where the key just read ends.
    key_end: usize,
    /// How many bytes may still be looked at ahead.
    purse: usize,
    /// How many bytes may still be counted through to name a place.
    places: usize,
}

impl<'a> Pass<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            stack: Vec::new(),
            changes: Vec::new(),
            comma: None,
            comma_before: None,
            last: 0..0,
            last_is_string: false,
            key_end: 0,
            purse: 8 * text.len() + 1000,
            places: 50 * text.len() + 1_000_000,
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Adds a change that is not before any other.
    fn change(&mut self, range: Range<usize>, after: impl Into<String>, why: impl Into<String>) {
        let change = self.made(range, after, why);
        self.changes.push(change);
    }

    /// Adds a change at a place already gone by, behind what was put in at its start. Only blanks or one value follow
    /// it, so there is little to move.
    fn change_back(&mut self, range: Range<usize>, after: &str, why: impl Into<String>) {
        let at = range.start;
        let is_before = |change: &Change| {
            change.range.start < at || (change.range.start == at && change.range.is_empty())
        };
        let among = self.changes.partition_point(is_before);
        self.changes.insert(among, self.made(range, after, why));
    }

    fn made(
        &self,
        range: Range<usize>,
        after: impl Into<String>,
        why: impl Into<String>,
    ) -> Change {
        Change {
            before: self.text[range.clone()].to_owned(),
            range,
            after: after.into(),
            why: why.into(),
        }
    }

    /// Takes out what is ahead, of this length.
    fn drop_ahead(&mut self, length: usize, why: impl Into<String>) {
        self.change(self.at..self.at + length, "", why);
        self.at += length;
    }

    /// Where something is, as a sentence goes on: ` at line 1 column 5`. Nothing when too many places were asked for.
    fn place(&mut self, at: usize) -> String {
        match self.places.checked_sub(at) {
            Some(left) => self.places = left,
            None => return String::new(),
        }
        let (line, column) = line_and_column(self.text.as_bytes(), at);
        format!(" at line {line} column {column}")
    }

    /// Goes through the whole text; `None` when it cannot be made JSON.
    fn run(&mut self) -> Option<()> {
        self.before_document();
        let mut expect = Expect::Value;
        loop {
            self.skip_blanks();
            if self.at == self.text.len() {
                break;
            }
            expect = match expect {
                Expect::Value => self.value()?,
                Expect::Key => self.key()?,
                Expect::Colon => self.colon()?,
                Expect::Comma => self.comma_or_close()?,
                Expect::End => self.after_document()?,
            };
        }
        self.at_end(expect)
    }

    // ---- Around the document ----

    /// Takes off what stands before the document: a mark, the fence of a Markdown block, the name of an argument.
    fn before_document(&mut self) {
        if self.rest().starts_with(BOM) {
            self.drop_ahead(BOM.len(), "a byte order mark is no part of JSON");
        }
        self.skip_blanks();
        if let Some(length) = fence_length(self.rest()) {
            self.drop_ahead(
                length,
                "the fence of a Markdown block is no part of the JSON",
            );
            self.skip_blanks();
        }
        if let Some(length) = assignment_length(self.rest()) {
            let name = self.quoted(self.at..self.at + length);
            self.drop_ahead(length, format!("{name} before the value is no part of it"));
        }
    }

    fn after_document(&mut self) -> Option<Expect> {
        match self.peek()? {
            ';' => self.drop_ahead(1, "a semicolon ends a statement, not JSON"),
            ',' => self.drop_ahead(1, "a comma after the last value is taken away"),
            closing @ ('}' | ']') => {
                self.drop_ahead(1, format!("this {closing} closes nothing"));
            }
            // Members without the braces around them.
            ':' if self.last_is_string
                && self.changes.iter().all(|c| c.range.end <= self.last.end) =>
            {
                let why = "the members had no { before them";
                // Before the quotes that the first key may have been given.
                let at = self.last.start;
                let among = self
                    .changes
                    .partition_point(|change| change.range.start < at);
                let change = self.made(at..at, "{", why);
                self.changes.insert(among, change);
                self.stack.push(Frame {
                    open: Open::Object,
                    at: self.last.start,
                });
                self.key_end = self.last.end;
                return Some(Expect::Colon);
            }
            _ => return None,
        }
        Some(Expect::End)
    }

    /// Ends what the text left open.
    fn at_end(&mut self, expect: Expect) -> Option<()> {
        let end = self.changes.last().map_or(0, |change| change.range.end);
        match expect {
            Expect::End => return Some(()),
            Expect::Comma => {}
            Expect::Colon => self.missing_value(":"),
            Expect::Key => self.drop_comma(),
            Expect::Value => match (self.comma, self.stack.last()?.open) {
                (_, Open::Object) => self.missing_value(""),
                (Some(_), Open::Array) => self.drop_comma(),
                (None, Open::Array) => {}
            },
        }
        let at = self.text.trim_end().len().max(end).max(self.last.end);
        while let Some(frame) = self.stack.pop() {
            self.close(frame, at, "at the end");
        }
        Some(())
    }

    fn close(&mut self, frame: Frame, at: usize, whereabouts: &str) {
        let (opening, closing) = (frame.open.opening(), frame.open.closing());
        let place = self.place(frame.at);
        self.change(
            at..at,
            closing,
            format!("the {opening} opened{place} is never closed: {closing} is put {whereabouts}"),
        );
    }

    /// Puts null where a key has no value.
    fn missing_value(&mut self, colon: &str) {
        let at = self.at.min(self.text.len());
        self.change(
            at..at,
            format!("{colon} null"),
            "the key has no value: null stands for it",
        );
        self.last = at..at;
        self.last_is_string = false;
    }

    fn drop_comma(&mut self) {
        if let Some(at) = self.comma.take() {
            self.change_back(
                at..at + 1,
                "",
                "nothing follows the last comma: it is taken away",
            );
        }
    }

    // ---- Between the values ----

    /// Goes past white space. What only looks like it becomes a blank, and comments go.
    fn skip_blanks(&mut self) {
        while let Some(c) = self.peek() {
            if matches!(c, ' ' | '\n' | '\r' | '\t') {
                self.at += 1;
            } else if is_odd_blank(c) {
                let run = self.rest().find(|c| !is_odd_blank(c));
                let end = self.at + run.unwrap_or(self.rest().len());
                let why = format!(
                    "U+{:04X} is no white space to JSON: a blank stands for it",
                    u32::from(c)
                );
                self.change(self.at..end, " ", why);
                self.at = end;
            } else if let Some(end) = comment_end(self.text.as_bytes(), self.at) {
                self.drop_ahead(end - self.at, NO_COMMENTS);
            } else if c == '`' && is_fence(self.rest().trim_end()) {
                let length = self.rest().trim_end().len();
                self.drop_ahead(
                    length,
                    "the fence of a Markdown block is no part of the JSON",
                );
            } else {
                break;
            }
        }
    }

    fn colon(&mut self) -> Option<Expect> {
        let rest = self.rest();
        if rest.starts_with(':') {
            self.at += 1;
        } else if rest.starts_with("=>") {
            self.change(
                self.at..self.at + 2,
                ":",
                "a colon parts a key from its value, not =>",
            );
            self.at += 2;
        } else if rest.starts_with('=') {
            self.change(
                self.at..self.at + 1,
                ":",
                "a colon parts a key from its value, not =",
            );
            self.at += 1;
        } else if rest.starts_with([',', '}', ']']) {
            return None;
        } else {
            let at = self.key_end;
            self.change_back(at..at, ":", "a colon was missing after the key");
        }
        self.comma = None;
        Some(Expect::Value)
    }

    fn comma_or_close(&mut self) -> Option<Expect> {
        let frame = *self.stack.last()?;
        let next = match frame.open {
            Open::Object => Expect::Key,
            Open::Array => Expect::Value,
        };
        match self.peek()? {
            ',' => {
                self.comma = Some(self.at);
                self.at += 1;
                Some(next)
            }
            ';' if self.rest()[1..].trim_start().starts_with(['}', ']']) => {
                self.drop_ahead(1, "a semicolon ends a statement, not JSON");
                Some(Expect::Comma)
            }
            ';' => {
                self.change(
                    self.at..self.at + 1,
                    ",",
                    "members and elements are parted by commas, not semicolons",
                );
                self.comma = None;
                self.at += 1;
                Some(next)
            }
            c @ ('}' | ']') => Some(self.closing(c)),
            ':' if frame.open == Open::Array => self.array_left_open(),
            ':' => None,
            _ => {
                let at = self.last.end;
                self.change_back(at..at, ",", "a comma was missing here");
                self.comma = None;
                Some(next)
            }
        }
    }

    /// Takes a closing bracket, the right one or not.
    fn closing(&mut self, closing: char) -> Expect {
        let open = if closing == '}' {
            Open::Object
        } else {
            Open::Array
        };
        if !self.stack.iter().any(|frame| frame.open == open) {
            self.drop_ahead(1, format!("this {closing} closes nothing"));
            return if self.stack.is_empty() {
                Expect::End
            } else {
                Expect::Comma
            };
        }
        while let Some(frame) = self.stack.pop() {
            if frame.open == open {
                break;
            }
            let at = self.at;
            self.close(frame, at, &format!("before the {closing}"));
        }
        self.at += 1;
        self.value_ended(self.at - 1..self.at, false);
        self.after_value()
    }

    /// A key where an element is expected: the array around it was not closed.
    fn array_left_open(&mut self) -> Option<Expect> {
        let comma = self.comma_before.filter(|_| self.last_is_string)?;
        let frame = self.stack.pop()?;
        if self.stack.last()?.open != Open::Object {
            return None;
        }
        let place = self.place(frame.at);
        self.change_back(
            comma..comma,
            "]",
            format!("the [ opened{place} is never closed: ] is put before the next key"),
        );
        self.key_end = self.last.end;
        self.colon()
    }

    fn after_value(&self) -> Expect {
        if self.stack.is_empty() {
            Expect::End
        } else {
            Expect::Comma
        }
    }

    fn value_ended(&mut self, range: Range<usize>, is_string: bool) {
        self.last = range;
        self.last_is_string = is_string;
        self.comma_before = self.comma.take();
    }

    // ---- Keys and values ----

    fn value(&mut self) -> Option<Expect> {
        let in_array = self
            .stack
            .last()
            .is_some_and(|frame| frame.open == Open::Array);
        let in_object = self
            .stack
            .last()
            .is_some_and(|frame| frame.open == Open::Object);
        let c = self.peek()?;
        match c {
            '{' | '[' => self.open(c),
            ']' | '}' if in_array => {
                self.drop_comma();
                Some(self.closing(c))
            }
            '}' | ',' if in_object => {
                self.missing_value("");
                Some(Expect::Comma)
            }
            ',' if in_array => {
                self.drop_ahead(
                    1,
                    "a comma stands between two elements, not before the first or twice",
                );
                Some(Expect::Value)
            }
            c if is_quote(c) => {
                let range = self.string(false)?;
                self.value_ended(range, true);
                Some(self.after_value())
            }
            ':' | '=' | ')' | '}' | ']' | ',' => None,
            _ => {
                self.word();
                Some(self.after_value())
            }
        }
    }

    fn open(&mut self, c: char) -> Option<Expect> {
        if self.stack.len() == MAX_DEPTH {
            return None;
        }
        let open = if c == '{' { Open::Object } else { Open::Array };
        self.stack.push(Frame { open, at: self.at });
        self.at += 1;
        self.comma = None;
        self.last = self.at..self.at;
        Some(match open {
            Open::Object => Expect::Key,
            Open::Array => Expect::Value,
        })
    }

    fn key(&mut self) -> Option<Expect> {
        match self.peek()? {
            c @ ('}' | ']') => {
                self.drop_comma();
                Some(self.closing(c))
            }
            ',' => {
                self.drop_ahead(
                    1,
                    "a comma stands between two members, not before the first or twice",
                );
                Some(Expect::Key)
            }
            '{' => self.object_left_open(),
            '[' | ':' | '=' | ';' | '(' | ')' => None,
            c if is_quote(c) => {
                self.key_end = self.string(true)?.end;
                Some(Expect::Colon)
            }
            _ => {
                let rest = self.rest();
                let end = rest.find([':', '=', ',', '{', '}', '[', ']', '"', '\'', '\n', '\r'])?;
                let key = rest[..end].trim_end_matches(|c: char| c.is_whitespace());
                if key.is_empty() {
                    return None;
                }
                let range = self.at..self.at + key.len();
                let name = self.quoted(range.clone());
                self.change(
                    range.clone(),
                    quote(key),
                    format!("the key {name} had no double quotes"),
                );
                self.at = range.end;
                self.key_end = range.end;
                Some(Expect::Colon)
            }
        }
    }

    /// An object where a key is expected: the one around it was not closed.
    fn object_left_open(&mut self) -> Option<Expect> {
        let comma = self.comma?;
        let frame = self.stack.pop()?;
        if self.stack.last()?.open != Open::Array {
            return None;
        }
        let place = self.place(frame.at);
        self.change_back(
            comma..comma,
            "}",
            format!("the {{ opened{place} is never closed: }} is put before the next element"),
        );
        self.value()
    }

    /// A value that is not in quotes: a number, a constant, or a text whose quotes are missing.
    fn word(&mut self) {
        let rest = self.rest();
        let is_stop = |c: char| matches!(c, ',' | '{' | '}' | '[' | ']' | '\n' | '\r' | ';');
        let until =
            |is_end: &dyn Fn(char) -> bool| rest.find(is_end).map_or(rest, |end| &rest[..end]);
        // A constant or a number ends where a blank or a quote begins; of a text, blanks are part.
        let first =
            until(&|c| is_stop(c) || c.is_whitespace() || is_quote(c) || matches!(c, '#' | '/'));
        if let Some((after, why)) = constant(first) {
            let range = self.at..self.at + first.len();
            if after != first {
                self.change(range.clone(), after, why);
            }
            self.at = range.end;
            self.value_ended(range, false);
            return;
        }
        let mut word = until(&is_stop);
        for comment in [" //", " #", " /*"] {
            word = word.split(comment).next().unwrap_or(word);
        }
        let word = word.trim_end_matches(|c: char| c.is_whitespace());
        let range = self.at..self.at + word.len();
        let shown = self.quoted(range.clone());
        let closed = word.strip_suffix('"').filter(|text| !text.contains('"'));
        let (after, why) = match closed {
            Some(text) => (
                quote(text),
                format!("the text {shown} had no quote before it"),
            ),
            None if word
                .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) =>
            {
                (
                    quote(word),
                    format!("{shown} is no number as JSON writes it: it is kept as text"),
                )
            }
            None => (
                quote(word),
                format!("the text {shown} had no double quotes"),
            ),
        };
        self.change(range.clone(), after, why);
        self.at = range.end;
        self.value_ended(range, true);
    }

    /// A piece of the text to quote in a sentence.
    fn quoted(&self, range: Range<usize>) -> String {
        let text = self.text[range].trim();
        match text.char_indices().nth(QUOTED) {
            None => format!("`{text}`"),
            Some((end, _)) => format!("`{}…`", &text[..end]),
        }
    }

    // ---- Strings ----

    /// Goes past a string, whatever its quotes; gives its range.
    fn string(&mut self, is_key: bool) -> Option<Range<usize>> {
        let start = self.at;
        let opening = self.peek()?;
        let inside = start + opening.len_utf8();
        let end = self.string_end(opening, inside, is_key);
        if opening != '"' {
            self.change(start..inside, "\"", quote_reason(opening));
        }
        self.string_content(inside..end.content, opening);
        self.at = end.after;
        match self.text[end.content..end.after].chars().next() {
            Some('"') => {}
            Some(other) => {
                self.change(end.content..end.after, "\"", quote_reason(other));
            }
            None => {
                let place = self.place(start);
                self.change(
                    end.content..end.content,
                    "\"",
                    format!("the string begun{place} is never closed: a quote is put at its end"),
                );
            }
        }
        Some(start..end.after)
    }

    /// Where the string ends whose inside begins at `inside`.
    fn string_end(&mut self, opening: char, inside: usize, is_key: bool) -> StringEnd {
        // The first quote that could close it, in case none does so in a way that makes sense.
        let mut first: Option<StringEnd> = None;
        let mut previous: Option<usize> = None;
        // Up to where line breaks are known to be inside.
        let mut sure = inside;
        let in_array = self
            .stack
            .last()
            .is_some_and(|frame| frame.open == Open::Array);
        let mut at = inside;
        while let Some(c) = self.text[at..].chars().next() {
            let next = at + c.len_utf8();
            if c == '\\' {
                let escaped = self.text[next..].chars().next().map_or(0, char::len_utf8);
                at = next + escaped;
                continue;
            }
            if closes(opening, c) || (is_key && is_double(c)) {
                let end = StringEnd {
                    content: at,
                    after: next,
                };
                match self.follows(next, is_key) {
                    Follows::End => return end,
                    // What looked like a quote inside was the beginning of the next key.
                    // A key in an array that was not closed.
                    Follows::Colon if in_array && first.is_none() => return end,
                    Follows::Colon => {
                        if let Some(quote) =
                            previous.filter(|quote| self.comma_ends(inside..*quote))
                        {
                            return self.unclosed(inside..quote);
                        }
                    }
                    Follows::Other => {}
                }
                first.get_or_insert(end);
                previous = Some(at);
            } else if c == '\n' && at >= sure {
                match self.goes_on_until(opening, next, is_key) {
                    Some(quote) => sure = quote,
                    // The quote is missing, or stands where nothing that makes sense follows it.
                    None => return first.unwrap_or_else(|| self.unclosed(inside..at)),
                }
            }
            at = next;
            if first.is_some() {
                match self.purse.checked_sub(c.len_utf8()) {
                    Some(left) => self.purse = left,
                    None => break,
                }
            }
        }
        first.unwrap_or_else(|| self.unclosed(inside..self.text.len()))
    }

    /// Where the quote is that closes a string which has a line break before `at`, if what follows it fits.
    fn goes_on_until(&mut self, opening: char, at: usize, is_key: bool) -> Option<usize> {
        if is_key {
            return None;
        }
        let mut escaped = false;
        for (offset, c) in self.text[at..].char_indices() {
            self.purse = self.purse.checked_sub(1)?;
            match c {
                '\\' => escaped = !escaped,
                c if !escaped && closes(opening, c) => {
                    let quote = at + offset;
                    let fits = self.follows(quote + c.len_utf8(), false) == Follows::End;
                    return fits.then_some(quote);
                }
                _ => escaped = false,
            }
        }
        None
    }

    /// What comes after a quote at `at`, as far as it tells whether the quote closes.
    fn follows(&self, at: usize, is_key: bool) -> Follows {
        let rest =
            self.text[at..].trim_start_matches(|c: char| c == ' ' || c == '\t' || is_odd_blank(c));
        match (rest.chars().next(), is_key) {
            (Some(':'), _) => Follows::Colon.end_if(is_key || self.stack.is_empty()),
            (Some('='), true) | (None | Some(',' | '}' | ']' | ';' | '\n' | '\r'), false) => {
                Follows::End
            }
            (Some(_) | None, true) => Follows::Other,
            // Another value: a comma is missing between them.
            (Some(c), false)
                if (is_quote(c) || matches!(c, '{' | '[')) && rest.len() < self.text.len() - at =>
            {
                Follows::End
            }
            (Some(_), false) => {
                let is_comment = comment_end(self.text.as_bytes(), self.text.len() - rest.len());
                Follows::Other.end_if(is_comment.is_some())
            }
        }
    }

    /// Whether what is before a quote ends like a value that another member follows.
    fn comma_ends(&self, range: Range<usize>) -> bool {
        self.text[range].trim_end().ends_with(',')
    }

    /// The end of a string without a closing quote: before what cannot belong to it.
    fn unclosed(&self, range: Range<usize>) -> StringEnd {
        let mut text = self.text[range.clone()].trim_end();
        text = text.strip_suffix(',').unwrap_or(text).trim_end();
        // Brackets at the end belong to what is open, the innermost first.
        let closers = text.len() - text.trim_end_matches(['}', ']', ' ']).len();
        let tail = &text[text.len() - closers..];
        let brackets = tail.chars().filter(|c| *c != ' ');
        let open = self.stack.iter().rev().map(|frame| frame.open.closing());
        if brackets.clone().count() <= self.stack.len() && brackets.zip(open).all(|(a, b)| a == b) {
            text = text[..text.len() - closers].trim_end();
        }
        let at = range.start + text.len();
        StringEnd {
            content: at,
            after: at,
        }
    }

    /// Changes what cannot stand inside a string.
    fn string_content(&mut self, range: Range<usize>, opening: char) {
        let mut at = range.start;
        while at < range.end {
            let Some(c) = self.text[at..range.end].chars().next() else {
                break;
            };
            let next = at + c.len_utf8();
            match c {
                '\\' => {
                    at = self.escape(at, range.end);
                    continue;
                }
                '"' if opening == '"' => {
                    self.change(
                        at..next,
                        "\\\"",
                        "a quote inside a string is written as \\\"",
                    );
                }
                '"' => self.change(
                    at..next,
                    "\\\"",
                    "a double quote inside the string is written as \\\"",
                ),
                '\n' => self.change(
                    at..next,
                    "\\n",
                    "a line break inside a string is written as \\n",
                ),
                '\r' => self.change(
                    at..next,
                    "\\r",
                    "a line break inside a string is written as \\r",
                ),
                '\t' => self.change(at..next, "\\t", "a tab inside a string is written as \\t"),
                '\0'..' ' => {
                    let code = format!("\\u{:04x}", u32::from(c));
                    let why = format!("a control character inside a string is written as {code}");
                    self.change(at..next, code, why);
                }
                _ => {}
            }
            at = next;
        }
    }

    /// Goes past an escape, changing one that JSON does not have; gives where it ends.
    fn escape(&mut self, at: usize, end: usize) -> usize {
        if let Escape::Good(length) = escape_at(&self.text[..end], at) {
            return at + length;
        }
        let after = self.text[at + 1..end].chars().next();
        match after {
            Some('\'' | '`') => {
                self.change(at..at + 1, "", "a single quote needs no backslash in JSON");
                at + 2
            }
            Some('\n') => {
                self.change(at..at + 2, "", "JSON has no backslash before a line break");
                at + 2
            }
            Some('x') if is_hex(&self.text[..end], at + 2, 2) => {
                let code = &self.text[at + 2..at + 4];
                let code = format!("\\u00{code}");
                self.change(
                    at..at + 4,
                    code,
                    "JSON has no \\x: the same character is written with \\u",
                );
                at + 4
            }
            _ => {
                let why = match after {
                    Some('u') => {
                        "half of a character, or none: it is kept as the letters that were written"
                            .to_owned()
                    }
                    Some(c) => {
                        format!("JSON has no escape \\{c}: the backslash is kept as a character")
                    }
                    None => "the backslash is kept as a character".to_owned(),
                };
                self.change(at..at + 1, "\\\\", why);
                at + 1
            }
        }
    }
}

/// Where a string ends.
#[derive(Clone, Copy)]
struct StringEnd {
    /// Where its inside ends.
    content: usize,
    /// Where its closing quote ends; the same when there is none.
    after: usize,
}

/// What comes after a quote.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// What may come after a string that ends there.
    End,
    /// A colon, where no key is expected.
    Colon,
    /// Something else: the quote is part of the text.
    Other,
}

impl Follows {
    fn end_if(self, is_end: bool) -> Self {
        if is_end { Self::End } else { self }
    }
}

/// `text` as a JSON string; its escapes are kept.
fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            // Writing to a String cannot fail.
            '\0'..' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// How a word is written in JSON that is a constant or a number, and why; `None` when it is neither.
fn constant(word: &str) -> Option<(String, String)> {
    let same = |text: &str| Some((text.to_owned(), String::new()));
    match word {
        "true" | "false" | "null" => return same(word),
        "undefined" | "NaN" | "Infinity" | "-Infinity" | "None" | "nil" | "nan" | "Undefined" => {
            return Some((
                "null".to_owned(),
                format!("JSON has no {word}: null stands for it"),
            ));
        }
        _ => {}
    }
    for known in ["true", "false", "null"] {
        if word.eq_ignore_ascii_case(known) {
            return Some((
                known.to_owned(),
                format!("JSON writes {known} in small letters, not {word}"),
            ));
        }
    }
    if is_number(word) {
        return same(word);
    }
    let (sign, digits) = match word.strip_prefix('+') {
        Some(rest) => ("", rest),
        None => word
            .strip_prefix('-')
            .map_or(("", word), |rest| ("-", rest)),
    };
    let spelling = if digits.starts_with('.') {
        format!("{sign}0{digits}")
    } else if digits.ends_with('.') {
        format!("{sign}{digits}0")
    } else {
        let digits = digits.strip_suffix('n').unwrap_or(digits);
        format!("{sign}{digits}")
    };
    is_number(&spelling).then(|| {
        let why = format!("JSON writes the number {word} as {spelling}");
        (spelling, why)
    })
}

fn is_number(word: &str) -> bool {
    let document = Document::parse(word.as_bytes());
    document.fault().is_none()
        && document.root().map(|root| document.kind(root)) == Some(Kind::Number)
}

fn is_hex(text: &str, at: usize, count: usize) -> bool {
    text.get(at..at + count)
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether `c` begins a string, in JSON or elsewhere.
fn is_quote(c: char) -> bool {
    is_double(c) || is_single(c)
}

fn is_double(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '＂')
}

fn is_single(c: char) -> bool {
    matches!(c, '\'' | '‘' | '’' | '‚' | '‛' | '‹' | '›' | '`' | '´')
}

/// Whether `c` may close a string that `opening` opened.
fn closes(opening: char, c: char) -> bool {
    match opening {
        '"' => c == '"',
        '\'' | '`' => c == opening,
        opening if is_double(opening) => is_double(c),
        _ => is_single(c),
    }
}

fn quote_reason(quote: char) -> String {
    match quote {
        '\'' => "strings stand in double quotes, not in single ones".to_owned(),
        '`' => "strings stand in double quotes, not between backticks".to_owned(),
        other => format!("{other} is a quote of a word processor: JSON has \" alone"),
    }
}

/// White space of other kinds, and characters that show nothing.
fn is_odd_blank(c: char) -> bool {
    matches!(
        c,
        '\u{b}' | '\u{c}' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200d}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{202f}'
                | '\u{205f}'
                | '\u{2060}'
                | '\u{3000}'
                | '\u{feff}'
    )
}

/// Whether a text is the line that closes a Markdown block.
fn is_fence(text: &str) -> bool {
    text.len() >= 3 && text.bytes().all(|byte| byte == b'`')
}

/// The length of the line that opens a Markdown block.
fn fence_length(text: &str) -> Option<usize> {
    let after = text.strip_prefix("```")?.trim_start_matches('`');
    let language = after
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | ' ')))
        .unwrap_or(after.len());
    Some(text.len() - after.len() + language)
}

/// The length of `attributes=`, `const record =` and the like before a value.
fn assignment_length(text: &str) -> Option<usize> {
    let (name, after) = text.split_once('=')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.' | ' ' | '-');
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '-'))
        && name.len() <= 60
        && name.chars().all(is_name)
        && after.trim_start().starts_with(['{', '[']);
    fits.then_some(name.len() + 1)
}

#[cfg(test)]
mod tests;
