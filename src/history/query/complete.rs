//! Suggestions while a question is typed: operators first, then their values.

use std::ops::Range;

use crate::capture::endpoint::ENDPOINTS;
use crate::capture::error::CATALOGUE;
use crate::history::query::Kind;
use crate::history::query::OPERATORS;
use crate::history::query::Operator;
use crate::history::query::VERDICTS;
use crate::history::query::find_operator;
use crate::history::query::parse::pieces;

/// What is known here and not in this module.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The environments' names.
    pub environments: &'a [String],
    /// The entity types' names.
    pub types: &'a [String],
}

/// What could stand where the cursor is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Which bytes of the text a suggestion replaces.
    pub replaces: Range<usize>,
    /// The suggestions, the likeliest first.
    pub suggestions: Vec<Suggestion>,
    /// What is said of a value for which nothing is suggested.
    pub hint: Option<String>,
    /// Whether what stands there is the beginning of a suggestion, or may be that of a time: as long as it cannot be read, or
    /// something is suggested, there is no use in asking it.
    pub begun: bool,
}

/// A suggestion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The text to put; an operator ends with its colon.
    pub text: String,
    /// What it means; may be empty.
    pub meaning: String,
}

/// What could stand at `cursor`, a place in bytes: operators where a term begins, values behind an operator.
pub fn complete(text: &str, cursor: usize, known: Known<'_>) -> Completion {
    let Some(before) = text.get(..cursor) else {
        return Completion::default();
    };
    let ends_open = !before.is_empty() && !before.ends_with(char::is_whitespace);
    let piece = pieces(before)
        .pop()
        .filter(|piece| ends_open || piece.at.end == cursor);
    let Some(piece) = piece else {
        return Completion {
            replaces: cursor..cursor,
            suggestions: operators(""),
            ..Completion::default()
        };
    };
    match &piece.operator {
        None => Completion {
            suggestions: operators(piece.value),
            replaces: piece.at,
            ..Completion::default()
        },
        Some((name, _)) => {
            // Of a list, the last value.
            let start = piece.value.rfind(',').map_or(0, |at| at + 1);
            let typed = piece.value[start..].to_lowercase();
            let replaces = piece.at.start + start..piece.at.end;
            match find_operator(name) {
                Some(operator) => of_value(operator, &typed, replaces, known),
                None => Completion {
                    replaces,
                    ..Completion::default()
                },
            }
        }
    }
}

/// What could stand where a value of this operator is typed, so far in small letters.
fn of_value(
    operator: &Operator,
    typed: &str,
    replaces: Range<usize>,
    known: Known<'_>,
) -> Completion {
    let word = |one: &Suggestion| one.meaning.split(' ').next().unwrap_or_default().to_owned();
    let all = values(operator.kind, known);
    let is_whole = |one: &Suggestion| {
        one.text.to_lowercase() == typed || (!typed.is_empty() && word(one) == typed)
    };
    let is_value = all.iter().any(is_whole);
    let begins_so = |one: &Suggestion| {
        one.text.to_lowercase().starts_with(typed)
            || (!typed.is_empty() && word(one).starts_with(typed))
    };
    let suggestions: Vec<Suggestion> = all.into_iter().filter(begins_so).collect();
    // Until a time is typed to its end it is none.
    let has_form = matches!(
        operator.kind,
        Kind::After | Kind::Before | Kind::On | Kind::Slower
    );
    Completion {
        begun: !is_value && (!suggestions.is_empty() || has_form),
        hint: suggestions.is_empty().then(|| hint(operator, typed, known)),
        replaces,
        suggestions,
    }
}

/// What a value of this operator is; where names are known and this is none of them, which they are.
fn hint(operator: &Operator, typed: &str, known: Known<'_>) -> String {
    let (what, names) = match operator.kind {
        Kind::Environment => ("environment", known.environments),
        Kind::Type => ("entity type", known.types),
        _ => ("", &[][..]),
    };
    if names.is_empty() || typed.is_empty() {
        return format!(
            "{}, such as {}:{}",
            operator.meaning, operator.name, operator.example
        );
    }
    format!(
        "no {what} of that name is known here; known: {}",
        names.join(", ")
    )
}

fn operators(typed: &str) -> Vec<Suggestion> {
    let typed = typed.to_ascii_lowercase();
    OPERATORS
        .iter()
        .filter(|operator| operator.name.starts_with(&typed))
        .map(|operator| suggestion(format!("{}:", operator.name), operator.meaning))
        .collect()
}

fn values(kind: Kind, known: Known<'_>) -> Vec<Suggestion> {
    let names = |names: &[String]| names.iter().map(|name| suggestion(name, "")).collect();
    let plain = |words: &[&str]| words.iter().map(|word| suggestion(*word, "")).collect();
    match kind {
        Kind::Code => CATALOGUE
            .iter()
            .map(|row| {
                let word = row.name.unwrap_or_default();
                let meaning = format!("{word} {}", row.meaning);
                suggestion(row.code.0.to_string(), meaning.trim_start())
            })
            .collect(),
        Kind::Verdict => VERDICTS[..5]
            .iter()
            .map(|(word, _)| suggestion(*word, ""))
            .collect(),
        Kind::Type => names(known.types),
        Kind::Environment => names(known.environments),
        Kind::Operation => ENDPOINTS
            .iter()
            .map(|spec| suggestion(spec.endpoint.name(), spec.summary))
            .collect(),
        Kind::After | Kind::Before | Kind::On => plain(&["today", "yesterday", "1h", "1d", "7d"]),
        Kind::Slower => plain(&["500ms", "1s", "5s"]),
        Kind::Status => plain(&["200", "400", "502", "504", "510"]),
        Kind::RequestId | Kind::Uuid | Kind::Id | Kind::Body => Vec::new(),
    }
}

fn suggestion(text: impl Into<String>, meaning: &str) -> Suggestion {
    Suggestion {
        text: text.into(),
        meaning: meaning.to_owned(),
    }
}
