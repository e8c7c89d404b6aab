//! What may be written at the cursor of a filter that is still being typed. Used by editors; asks the schema and nothing
//! else, so that it never needs the service. It reads only what stands before the cursor, as far as that makes sense, and
//! offers nothing where it does not.
//!
//! ```text
//!   displayName = O'Neil‸          birthday > last‸          primaryAddress.ci‸
//!                 └────┘                      └──┘           └───────────────┘
//!                 'O\'Neil'                   nothing        primaryAddress.city
//! ```

use std::cmp::Reverse;
use std::ops::Range;

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::filter::lex::Lexer;
use crate::capture::filter::lex::Token;
use crate::capture::filter::lex::TokenKind;
use crate::capture::filter::parse::MAX_LENGTH;
use crate::capture::filter::typing::are_comparable;
use crate::capture::filter::typing::is_comparable;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::path::Segment;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::value;
use crate::capture::value::date;

/// Something that may be written at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The characters, counted from 0, for which `text` is put.
    pub replaces: Range<usize>,
    /// What is put there; what follows is separated by a space.
    pub text: String,
    /// What kind of word it is.
    pub what: What,
    /// A few words on it: an attribute's type, what an operator asks. May be empty.
    pub note: String,
}

/// Kinds of words that a filter consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An attribute's path.
    Attribute,
    /// A comparison, or a question for null.
    Operator,
    /// A value in the spelling of its type.
    Value,
    /// `and`, `or`, `not`, a parenthesis.
    Keyword,
}

/// Words that an attribute's name of one segment would be mistaken for.
const KEYWORDS: [&str; 7] = ["true", "false", "null", "and", "or", "is", "not"];

const ORDERED: [(&str, &str); 8] = [
    ("=", "equal"),
    ("!=", "another value; not found without one"),
    ("<", "less"),
    ("<=", "less or equal"),
    (">", "greater"),
    (">=", "greater or equal"),
    ("is null", "without a value"),
    ("is not null", "with a value"),
];

/// `text` as a literal of the filter language. A backslash stands before a quote and before a backslash, which is what
/// clients of the service do (reference 6.1).
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        if matches!(c, '\'' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('\'');
    quoted
}

/// `path` as an attribute of the filter language; `None` when a name in it cannot be written there.
pub fn spell(path: &AttrPath) -> Option<String> {
    let dotted = path.dotted();
    let is_name = |segment: &Segment| {
        let mut lexer = Lexer::new(&segment.name);
        let name = lexer.next();
        let ended = lexer.next();
        matches!(name, Ok(Token { kind: TokenKind::Word(name), .. }) if name == segment.name)
            && matches!(ended, Ok(token) if token.kind == TokenKind::End)
    };
    if path.is_root() || !path.0.iter().all(is_name) {
        return None;
    }
    let is_keyword = path.0.len() == 1
        && KEYWORDS
            .iter()
            .any(|keyword| dotted.eq_ignore_ascii_case(keyword));
    Some(if is_keyword { path.slashed() } else { dotted })
}

/// What may be written at `cursor`, a number of characters, in a filter for records of the type `schema`; the likeliest
/// first. What is there already in full is not offered. Days are counted from `now`.
pub fn complete(text: &str, cursor: usize, schema: &EntityType, now: Timestamp) -> Vec<Completion> {
    if text.len() > MAX_LENGTH {
        return Vec::new();
    }
    let chars: Vec<char> = text.chars().collect();
    let cursor = cursor.min(chars.len());
    let before: String = chars[..cursor].iter().collect();
    let Some(mut place) = Place::read(&before, schema) else {
        return Vec::new();
    };
    if is_inside_text(text, place.start, cursor) {
        return Vec::new();
    }
    let mut end = cursor;
    while place.is_name()
        && chars
            .get(end)
            .is_some_and(|c| c.is_alphanumeric() || *c == '_')
    {
        end += 1;
    }
    let mut offers = place.offers(schema, now);
    if offers.is_empty() && place.pass_operator(schema) {
        offers = place.offers(schema, now);
    }
    offers
        .into_iter()
        .map(|offer| Completion {
            replaces: offer.from..end,
            text: offer.text,
            what: offer.what,
            note: offer.note,
        })
        .filter(|found| chars[found.replaces.clone()].iter().collect::<String>() != found.text)
        .collect()
}

/// Whether the cursor stands within a text that is closed after it: nothing is to be completed there.
fn is_inside_text(text: &str, start: usize, cursor: usize) -> bool {
    let mut lexer = Lexer::new(text);
    while let Ok(token) = lexer.next() {
        if token.start >= start || token.kind == TokenKind::End {
            let is_text = matches!(token.kind, TokenKind::Text(_));
            return is_text && token.start < cursor && cursor < token.end;
        }
    }
    false
}

/// What the grammar has room for.
#[derive(Clone, Copy, Debug)]
enum Expected<'s> {
    /// An attribute, `not`, or a parenthesis.
    Operand,
    /// A comparison of what stands before, when it is an attribute of this type.
    Operator(Option<&'s AttrDef>),
    /// What the attribute is compared with.
    Value(Option<&'s AttrDef>),
    /// `and` or `or`. With the place of a value that lacks its quotes, since it is no attribute either.
    Joiner(Option<(&'s AttrDef, usize)>),
    /// `null` after `is`, and `not null` unless `not` was said.
    Null { with_not: bool },
    /// `null` is the only word.
    Nothing,
}

/// What stands before the cursor.
#[derive(Debug)]
struct Place<'s> {
    expected: Expected<'s>,
    /// Where the unfinished word begins; the cursor when there is none.
    start: usize,
    /// The unfinished word.
    partial: String,
    /// All before the cursor.
    before: String,
    /// Open parentheses.
    depth: usize,
}

struct Offer {
    from: usize,
    text: String,
    what: What,
    note: String,
}

impl<'s> Place<'s> {
    fn read(before: &str, schema: &'s EntityType) -> Option<Self> {
        let length = before.chars().count();
        let mut place = Place {
            expected: Expected::Operand,
            start: length,
            partial: String::new(),
            before: before.to_owned(),
            depth: 0,
        };
        let mut lexer = Lexer::new(before);
        let mut end = 0;
        loop {
            match lexer.next() {
                Ok(token) if token.kind == TokenKind::End => return Some(place),
                Ok(token) if token.end == length && !place.is_finished(&token.kind) => {
                    place.begin(token.start);
                    return Some(place);
                }
                Ok(token) => {
                    end = token.end;
                    place.take(&token, schema);
                }
                Err(_) => {
                    let gap = before.chars().skip(end).take_while(|c| c.is_whitespace());
                    place.begin(end + gap.count());
                    return Some(place);
                }
            }
        }
    }

    fn begin(&mut self, start: usize) {
        self.start = start;
        self.partial = self.before.chars().skip(start).collect();
    }

    /// Whether nothing can be added to such a token where it stands.
    fn is_finished(&self, kind: &TokenKind) -> bool {
        match kind {
            TokenKind::Open | TokenKind::Close | TokenKind::Text(_) | TokenKind::End => true,
            TokenKind::Bang => matches!(self.expected, Expected::Operand),
            TokenKind::Equal
            | TokenKind::NotEqual
            | TokenKind::Less
            | TokenKind::LessOrEqual
            | TokenKind::Greater
            | TokenKind::GreaterOrEqual
            | TokenKind::Number(_)
            | TokenKind::Word(_)
            | TokenKind::Path(_) => false,
        }
    }

    /// Whether a name is being written, of which the rest may stand behind the cursor.
    fn is_name(&self) -> bool {
        self.partial
            .starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '/')
    }

    /// Goes on behind an operator that nothing can be added to: `verified=‸`.
    fn pass_operator(&mut self, schema: &'s EntityType) -> bool {
        let mut lexer = Lexer::new(&self.partial);
        let Ok(token) = lexer.next() else {
            return false;
        };
        let is_operator = matches!(self.expected, Expected::Operator(_)) && !self.is_name();
        if !is_operator || self.partial.is_empty() {
            return false;
        }
        self.take(&token, schema);
        self.begin(self.start + token.end);
        true
    }

    /// One token further.
    fn take(&mut self, token: &Token, schema: &'s EntityType) {
        let kind = &token.kind;
        self.expected = match self.expected {
            _ if kind.is_word("and") || kind.is_word("or") => Expected::Operand,
            Expected::Operand => self.after_operand(token, schema),
            Expected::Operator(subject) if is_comparison(kind) => Expected::Value(subject),
            Expected::Operator(_) | Expected::Joiner(_) if kind.is_word("is") => {
                Expected::Null { with_not: true }
            }
            Expected::Operator(_) | Expected::Joiner(_) if *kind == TokenKind::Close => {
                self.depth = self.depth.saturating_sub(1);
                Expected::Joiner(None)
            }
            Expected::Joiner(None) if is_comparison(kind) => Expected::Value(None),
            Expected::Joiner(bare @ Some(_)) => Expected::Joiner(bare),
            Expected::Value(subject) => self.after_value(token, subject, schema),
            Expected::Null { .. } if kind.is_word("null") => Expected::Joiner(None),
            Expected::Null { with_not: true } if kind.is_word("not") => {
                Expected::Null { with_not: false }
            }
            Expected::Operator(_)
            | Expected::Joiner(None)
            | Expected::Null { .. }
            | Expected::Nothing => Expected::Nothing,
        };
    }

    fn after_operand(&mut self, token: &Token, schema: &'s EntityType) -> Expected<'s> {
        match &token.kind {
            TokenKind::Open => {
                self.depth += 1;
                Expected::Operand
            }
            TokenKind::Bang => Expected::Operand,
            kind if kind.is_word("not") => Expected::Operand,
            TokenKind::Text(_) | TokenKind::Number(_) => Expected::Operator(None),
            kind => match path_of(kind) {
                Some(path) => Expected::Operator(schema.get(&path)),
                None => Expected::Nothing,
            },
        }
    }

    fn after_value(
        &mut self,
        token: &Token,
        subject: Option<&'s AttrDef>,
        schema: &'s EntityType,
    ) -> Expected<'s> {
        match (&token.kind, subject) {
            (TokenKind::Open, _) => {
                self.depth += 1;
                Expected::Operand
            }
            (TokenKind::Bang, _) => Expected::Operand,
            (TokenKind::Text(_), _) => Expected::Joiner(None),
            (TokenKind::Number(_), Some(def)) if is_read_from_text(def) => {
                Expected::Joiner(Some((def, token.start)))
            }
            (TokenKind::Word(_) | TokenKind::Path(_), Some(def)) => {
                let is_known = path_of(&token.kind).is_some_and(|path| schema.get(&path).is_some());
                let is_keyword = ["true", "false", "null"]
                    .iter()
                    .any(|word| token.kind.is_word(word));
                let bare = (!is_known && !is_keyword).then_some((def, token.start));
                Expected::Joiner(bare)
            }
            (TokenKind::Number(_) | TokenKind::Word(_) | TokenKind::Path(_), _) => {
                Expected::Joiner(None)
            }
            _ => Expected::Nothing,
        }
    }

    fn offers(&self, schema: &EntityType, now: Timestamp) -> Vec<Offer> {
        match self.expected {
            Expected::Operand => {
                let mut offers = self.attributes(schema, |_| true);
                let words = [("not (", "the opposite of what follows"), ("(", "together")];
                offers.extend(self.words(&words, What::Keyword));
                offers
            }
            Expected::Operator(Some(def)) => {
                let mut offers = self.words(operators(def), What::Operator);
                if def.attr_type == AttrType::Boolean {
                    offers.extend(self.joiners());
                }
                offers
            }
            Expected::Operator(None) => self.words(&ORDERED, What::Operator),
            Expected::Value(Some(def)) => {
                let mut offers = self.values(def, self.start, now);
                let others = |other: &AttrDef| are_comparable(def, other);
                if self.is_name() {
                    offers.extend(self.attributes(schema, others));
                }
                offers
            }
            Expected::Value(None) if self.is_name() => self.attributes(schema, |_| true),
            Expected::Value(None) | Expected::Nothing => Vec::new(),
            Expected::Joiner(None) => self.joiners(),
            Expected::Joiner(Some((def, start))) => {
                let mut offers = self.values(def, start, now);
                offers.extend(self.joiners());
                offers
            }
            Expected::Null { with_not: true } => {
                let words = [("null", "without a value"), ("not null", "with a value")];
                self.words(&words, What::Operator)
            }
            Expected::Null { with_not: false } => {
                self.words(&[("null", "with a value")], What::Operator)
            }
        }
    }

    fn joiners(&self) -> Vec<Offer> {
        let words = [
            ("and", "both hold"),
            ("or", "either holds"),
            (")", "closes the parenthesis"),
        ];
        let count = if self.depth > 0 { 3 } else { 2 };
        self.words(&words[..count], What::Keyword)
    }

    /// Those of `words` that begin as what is being written.
    fn words(&self, words: &[(&str, &str)], what: What) -> Vec<Offer> {
        let begun = self.partial.to_lowercase();
        words
            .iter()
            .filter(|(word, _)| word.starts_with(&begun) && *word != begun)
            .map(|(word, note)| Offer {
                from: self.start,
                text: (*word).to_owned(),
                what,
                note: (*note).to_owned(),
            })
            .collect()
    }

    /// Attributes that go with what is being written: those whose path begins so before those in which a name does,
    /// before those which hold it anywhere; what can be compared before what can only be null; the shallow before the
    /// deep.
    fn attributes(&self, schema: &EntityType, fits: impl Fn(&AttrDef) -> bool) -> Vec<Offer> {
        let wanted = self
            .partial
            .trim_start_matches('/')
            .replace('/', ".")
            .to_lowercase();
        let mut found = Vec::new();
        for (path, def, is_in_plural) in schema.walk_with_plurals() {
            if !fits(def) {
                continue;
            }
            let fitness = fitness(&path.dotted().to_lowercase(), &wanted);
            if let Some((fitness, text)) = fitness.zip(spell(&path)) {
                let rank = (fitness, Reverse(is_comparable(def)), path.0.len());
                found.push((rank, text, note_on(def, is_in_plural)));
            }
        }
        found.sort_by_key(|(rank, ..)| *rank);
        found
            .into_iter()
            .map(|(_, text, note)| Offer {
                from: self.start,
                text,
                what: What::Attribute,
                note,
            })
            .collect()
    }

    /// What has been written from `from` on, as a value of the type; and values that need not be written.
    fn values(&self, def: &AttrDef, from: usize, now: Timestamp) -> Vec<Offer> {
        let written: String = self.before.chars().skip(from).collect();
        let written = unquoted(written.trim_end());
        let offer = |text: String, note: &str| Offer {
            from,
            text,
            what: What::Value,
            note: note.to_owned(),
        };
        let as_read = || {
            let read = value::read(&Json::from(written.as_str()), def, now).ok()?;
            Some(offer(quote(read.as_str()?), def.attr_type.name()))
        };
        match &def.attr_type {
            AttrType::Boolean if from == self.start => {
                self.words(&[("true", ""), ("false", "")], What::Value)
            }
            AttrType::String { .. } if written.is_empty() => Vec::new(),
            AttrType::String { .. } => vec![offer(quote(&written), "text")],
            AttrType::Date | AttrType::DateTime if written.is_empty() => days(now)
                .map(|(day, note)| offer(quote(&in_spelling(day, def)), note))
                .collect(),
            AttrType::Uuid | AttrType::IpAddress | AttrType::Date | AttrType::DateTime => {
                as_read().into_iter().collect()
            }
            AttrType::Boolean
            | AttrType::Integer
            | AttrType::Decimal
            | AttrType::Id
            | AttrType::Json
            | AttrType::Password(_)
            | AttrType::Object(_)
            | AttrType::Plural(_)
            | AttrType::Unknown(_) => Vec::new(),
        }
    }
}

fn is_comparison(kind: &TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Equal
            | TokenKind::NotEqual
            | TokenKind::Less
            | TokenKind::LessOrEqual
            | TokenKind::Greater
            | TokenKind::GreaterOrEqual
    )
}

fn path_of(kind: &TokenKind) -> Option<AttrPath> {
    match kind {
        TokenKind::Word(name) => Some(AttrPath::root().child(name.clone())),
        TokenKind::Path(path) => Some(path.clone()),
        _ => None,
    }
}

/// Whether values of this type are written in quotes.
fn is_read_from_text(def: &AttrDef) -> bool {
    matches!(
        def.attr_type,
        AttrType::String { .. }
            | AttrType::Date
            | AttrType::DateTime
            | AttrType::IpAddress
            | AttrType::Uuid
    )
}

/// What an attribute of this type can be asked. Order is left out where the language has one that means nothing.
fn operators(def: &AttrDef) -> &'static [(&'static str, &'static str)] {
    const EQUAL: [(&str, &str); 4] = [ORDERED[0], ORDERED[1], ORDERED[6], ORDERED[7]];
    match &def.attr_type {
        AttrType::Boolean | AttrType::IpAddress => &EQUAL,
        _ if is_comparable(def) => &ORDERED,
        _ => &ORDERED[6..],
    }
}

/// How well a path goes with what is wanted; the least is the best, `None` not at all. Both are in lower case.
fn fitness(path: &str, wanted: &str) -> Option<u8> {
    let place = path.find(wanted)?;
    if place == 0 {
        return Some(0);
    }
    let names = path
        .match_indices('.')
        .any(|(dot, _)| path[dot + 1..].starts_with(wanted));
    Some(if names { 1 } else { 2 })
}

/// `string · unique`
fn note_on(def: &AttrDef, is_in_plural: bool) -> String {
    let mut note = def.attr_type.name().to_owned();
    let mut add = |word: &str| {
        note.push_str(" · ");
        note.push_str(word);
    };
    if def.has(&Constraint::Unique) {
        add("unique");
    }
    if def.has(&Constraint::Required) {
        add("required");
    }
    if is_in_plural {
        add("any element");
    }
    if !is_comparable(def) {
        add("only is null");
    }
    note
}

/// What was written of a text, without the quote it began with.
fn unquoted(written: &str) -> String {
    let Some(quote) = written.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        return written.to_owned();
    };
    let closed = format!("{written}{quote}");
    match Lexer::new(&closed).next() {
        Ok(Token {
            kind: TokenKind::Text(text),
            ..
        }) => text,
        _ => written[1..].to_owned(),
    }
}

/// Days that are often asked for.
fn days(now: Timestamp) -> impl Iterator<Item = (Date, &'static str)> {
    let today = TimeZone::UTC.to_datetime(now).date();
    [
        (Ok(today), "today"),
        (today.checked_sub(1.day()), "yesterday"),
        (today.checked_sub(7.days()), "a week ago"),
        (today.checked_sub(1.month()), "a month ago"),
        (Ok(today.first_of_year()), "this year"),
    ]
    .into_iter()
    .filter_map(|(day, note)| Some((day.ok()?, note)))
}

fn in_spelling(day: Date, def: &AttrDef) -> String {
    if def.attr_type == AttrType::Date {
        date::format_date(day)
    } else {
        date::format_utc(day.at(0, 0, 0, 0))
    }
}
