//! From typed text to a question, or to what is wrong with it and where.

use std::ops::Range;
use std::ops::RangeInclusive;

use jiff::Zoned;

use crate::capture::endpoint::ENDPOINTS;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::CATALOGUE;
use crate::exchange::Verdict;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;
use crate::history::query::Condition;
use crate::history::query::Kind;
use crate::history::query::OPERATORS;
use crate::history::query::Query;
use crate::history::query::Term;
use crate::history::query::VERDICTS;
use crate::history::query::find_operator;
use crate::history::query::moment;
use crate::history::words::wanted;

/// What is wrong with a typed question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// Where in the text, in bytes.
    pub at: Range<usize>,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl QueryError {
    /// For people: wrong usage.
    pub fn into_failure(self) -> Failure {
        let failure = Failure::new(FailureKind::Usage, self.message);
        match self.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// Reads a question; an empty one asks for everything. Times without a zone are in that of `now`.
pub fn parse(text: &str, now: &Zoned) -> Result<Query, QueryError> {
    let mut terms = Vec::new();
    for piece in pieces(text) {
        terms.extend(term(&piece, now)?);
    }
    Ok(Query { terms })
}

/// One term as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) negated: bool,
    /// The word before the colon and where it stands.
    pub(super) operator: Option<(&'a str, Range<usize>)>,
    /// The value as it is typed, with its quotes.
    pub(super) value: &'a str,
    /// Where the value stands.
    pub(super) at: Range<usize>,
}

/// The terms of a text. A colon makes an operator of the letters before it, unless it belongs to a URL.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        at += rest.len() - rest.trim_start().len();
        let rest = &text[at..];
        if rest.is_empty() {
            return pieces;
        }
        let end = at + piece_length(rest);
        let whole = &text[at..end];
        let negated = whole.len() > 1 && whole.starts_with('-');
        let start = at + usize::from(negated);
        let whole = &text[start..end];
        let operator = whole
            .split_once(':')
            .filter(|(name, value)| is_name(name) && !value.starts_with("//"))
            .map(|(name, _)| (name, start..start + name.len()));
        let value = operator.as_ref().map_or(start, |(_, at)| at.end + 1);
        pieces.push(Piece {
            negated,
            operator,
            value: &text[value..end],
            at: value..end,
        });
        at = end;
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphabetic() || c == '_')
}

/// Up to the next space that is not in quotes.
fn piece_length(text: &str) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    for (at, char) in text.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if char.is_whitespace() && !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

fn term(piece: &Piece<'_>, now: &Zoned) -> Result<Option<Term>, QueryError> {
    let condition = match &piece.operator {
        None => text_condition(piece, false)?,
        Some((name, at)) => {
            let operator = find_operator(name).ok_or_else(|| unknown_operator(name, at, piece))?;
            if piece.value.is_empty() {
                let message = format!("`{name}:` needs a value: {}", operator.meaning);
                let hint = Some(format!("{}:{}", operator.name, operator.example));
                return Err(QueryError {
                    at: at.start..piece.at.end,
                    message,
                    hint,
                });
            }
            Some(value(operator.kind, piece, now)?)
        }
    };
    Ok(condition.map(|condition| Term {
        negated: piece.negated,
        condition,
    }))
}

fn unknown_operator(name: &str, at: &Range<usize>, piece: &Piece<'_>) -> QueryError {
    let names = OPERATORS.iter().map(|operator| operator.name);
    let hint = match nearest(name, names) {
        Some(meant) => format!("did you mean `{meant}:`?"),
        None => format!(
            "to look for this text, quote it: \"{name}:{}\"",
            piece.value.trim_matches('"')
        ),
    };
    QueryError {
        at: at.clone(),
        message: format!("there is no operator `{name}:`"),
        hint: Some(hint),
    }
}

/// A text to look for; `None` when there is nothing in it.
fn text_condition(piece: &Piece<'_>, body: bool) -> Result<Option<Condition>, QueryError> {
    let (text, quoted) = unquote(piece)?;
    let inside = text.strip_prefix('*').filter(|_| !quoted);
    if let Some(inside) = inside {
        let inside = inside.trim_matches('*').to_lowercase();
        return Ok((!inside.is_empty()).then_some(Condition::Inside(inside)));
    }
    let text = if quoted {
        text.as_str()
    } else {
        // A word is found by its beginning anyway.
        text.trim_end_matches('*')
    };
    let words = wanted(text);
    if words.is_empty() {
        // Signs alone are in no index.
        let text = text.trim().to_lowercase();
        return Ok((!text.is_empty()).then_some(Condition::Inside(text)));
    }
    let is_one_word = words.len() == 1 && words[0] == text.to_lowercase();
    Ok(Some(if quoted && !is_one_word {
        Condition::Phrase(text.to_lowercase())
    } else {
        Condition::Words { words, body }
    }))
}

/// The value without its quotes, and whether it had any.
fn unquote(piece: &Piece<'_>) -> Result<(String, bool), QueryError> {
    let Some(rest) = piece.value.strip_prefix('"') else {
        return Ok((piece.value.to_owned(), false));
    };
    let mut text = String::new();
    let mut chars = rest.chars();
    while let Some(char) = chars.next() {
        match char {
            '"' if chars.as_str().is_empty() => return Ok((text, true)),
            // What is typed behind a quote without a space belongs to it.
            '"' => {}
            '\\' => text.extend(chars.next()),
            _ => text.push(char),
        }
    }
    Err(QueryError {
        at: piece.at.clone(),
        message: "a quote is not closed".to_owned(),
        hint: Some("put a \" at its end".to_owned()),
    })
}

fn value(kind: Kind, piece: &Piece<'_>, now: &Zoned) -> Result<Condition, QueryError> {
    let (text, _) = unquote(piece)?;
    match kind {
        Kind::Code => each(piece, code).map(Condition::Code),
        Kind::Status => each(piece, |text| {
            range(text).ok_or_else(|| wrong("not an HTTP status", "502, 500..599"))
        })
        .map(Condition::Status),
        Kind::Verdict => each(piece, verdict).map(Condition::Verdict),
        Kind::Type => each(piece, |text| Ok(text.to_owned())).map(Condition::Type),
        Kind::Environment => each(piece, |text| Ok(text.to_owned())).map(Condition::Environment),
        Kind::Operation => each(piece, operations)
            .map(|found| Condition::Operation(found.into_iter().flatten().collect())),
        Kind::RequestId => Ok(Condition::RequestId(text.to_lowercase())),
        Kind::Uuid => Ok(Condition::Uuid(text.to_lowercase())),
        Kind::Id => Ok(match text.parse() {
            Ok(number) => Condition::RecordId(number),
            Err(_) if text.contains('-') => Condition::Uuid(text.to_lowercase()),
            Err(_) => Condition::Words {
                words: wanted(&text),
                body: true,
            },
        }),
        Kind::Body => text_condition(piece, true)?.ok_or_else(|| {
            at(
                piece,
                wrong("nothing to look for", "body:\"bob@example.com\""),
            )
        }),
        Kind::After | Kind::Before | Kind::On => {
            let time = moment::read(&text, now).ok_or_else(|| {
                let words = format!("`{text}` is no date or time");
                at(
                    piece,
                    wrong(
                        &words,
                        "2026-11-01, 2026-11, 12:30, today, yesterday, 2d, 3h",
                    ),
                )
            })?;
            Ok(Condition::Began {
                from: (kind != Kind::Before).then_some(time.start),
                until: match kind {
                    Kind::Before => Some(time.start),
                    Kind::On => Some(time.end),
                    _ => None,
                },
            })
        }
        Kind::Slower => moment::length(&text)
            .map(Condition::Slower)
            .ok_or_else(|| at(piece, wrong("not a length of time", "300ms, 2s, 1m"))),
    }
}

/// What is wrong with a value, and what to write instead; where is added by [`at`].
type Wrong = (String, String);

fn wrong(message: &str, examples: &str) -> Wrong {
    (message.to_owned(), format!("write it as in {examples}"))
}

fn at(piece: &Piece<'_>, (message, hint): Wrong) -> QueryError {
    QueryError {
        at: piece.at.clone(),
        message,
        hint: Some(hint),
    }
}

/// Reads each value of a list; one in quotes is a single value.
fn each<T>(
    piece: &Piece<'_>,
    read: impl Fn(&str) -> Result<T, Wrong>,
) -> Result<Vec<T>, QueryError> {
    let (text, quoted) = unquote(piece)?;
    if quoted {
        return Ok(vec![read(&text).map_err(|wrong| at(piece, wrong))?]);
    }
    let mut values = Vec::new();
    let mut start = piece.at.start;
    for value in text.split(',') {
        let place = start..start + value.len();
        start = place.end + 1;
        if value.is_empty() {
            continue;
        }
        let value = read(value).map_err(|wrong| QueryError {
            at: place,
            ..at(piece, wrong)
        });
        values.push(value?);
    }
    if values.is_empty() {
        return Err(at(piece, wrong("a list of nothing", "a,b")));
    }
    Ok(values)
}

/// `223` or `300..399`.
fn range(text: &str) -> Option<RangeInclusive<i64>> {
    let number = |text: &str| text.parse::<u16>().ok().map(i64::from);
    match text.split_once("..") {
        Some((from, to)) => Some(number(from)?..=number(to)?),
        None => number(text).map(|code| code..=code),
    }
}

fn code(text: &str) -> Result<RangeInclusive<i64>, Wrong> {
    if let Some(range) = range(text) {
        return Ok(range);
    }
    let named = |word: &str| {
        let row = CATALOGUE.iter().find(|row| row.name == Some(word))?;
        Some(row.code.0..=row.code.0)
    };
    named(&text.to_ascii_lowercase()).ok_or_else(|| {
        let words = CATALOGUE.iter().filter_map(|row| row.name);
        let message = format!("`{text}` is neither a code nor the service's word for one");
        match nearest(text, words) {
            Some(meant) => (message, format!("did you mean `{meant}`?")),
            None => wrong(&message, "223, 300..399, unique_violation"),
        }
    })
}

fn verdict(text: &str) -> Result<Verdict, Wrong> {
    let word = text.to_ascii_lowercase();
    let row = VERDICTS.iter().find(|(known, _)| *known == word);
    row.map(|(_, verdict)| *verdict).ok_or_else(|| {
        let known = VERDICTS[..5].iter().map(|(word, _)| *word);
        let known = known.collect::<Vec<_>>().join(", ");
        (
            format!("`{text}` is no verdict"),
            format!("these are: {known}"),
        )
    })
}

/// The operations of a name, or of the beginning before a `*`.
fn operations(text: &str) -> Result<Vec<Endpoint>, Wrong> {
    let name = text.trim_start_matches('/');
    let is_meant = |endpoint: &Endpoint| match name.strip_suffix('*') {
        Some(beginning) => endpoint.name().starts_with(beginning),
        None => endpoint.name() == name,
    };
    let all = ENDPOINTS.iter().map(|spec| spec.endpoint);
    let found: Vec<Endpoint> = all.clone().filter(is_meant).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let message = format!("there is no operation `{text}`");
    Err(match nearest(name, all.map(Endpoint::name)) {
        Some(meant) => (message, format!("did you mean `{meant}`?")),
        None => wrong(&message, "entity.create, entity.*"),
    })
}
