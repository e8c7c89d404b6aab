//! Suggestions while a question is typed: operators first, then their values.

use std::ops::Range;

use crate::capture::endpoint::ENDPOINTS;
use crate::capture::error::CATALOGUE;
use crate::history::query::Kind;
use crate::history::query::OPERATORS;
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
        };
    };
    match &piece.operator {
        None => Completion {
            suggestions: operators(piece.value),
            replaces: piece.at,
        },
        Some((name, _)) => {
            // Of a list, the last value.
            let start = piece.value.rfind(',').map_or(0, |at| at + 1);
            let typed = piece.value[start..].to_lowercase();
            let values = find_operator(name).map(|operator| values(operator.kind, known));
            let mut suggestions = values.unwrap_or_default();
            suggestions.retain(|one| {
                let word = one.meaning.split(' ').next().unwrap_or_default();
                one.text.to_lowercase().starts_with(&typed)
                    || (!typed.is_empty() && word.starts_with(&typed))
            });
            Completion {
                replaces: piece.at.start + start..piece.at.end,
                suggestions,
            }
        }
    }
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
