//! Finds in a text what must not leave, in whatever encoding it stands there: known values, and what looks like an
//! e-mail address, a telephone number or credentials.
//!
//! Used by [`crate::capture::redact::sharing`], which knows the values and what stands in their place. A place is never
//! found by guessing at meaning: names of people that nobody told of stay.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use aho_corasick::MatchKind;
use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use regex::bytes::Regex;

use crate::capture::redact::layers::Layer;
use crate::capture::redact::layers::layers;

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A known value, by its place in the list.
    Known(usize),
    /// What looks like an e-mail address.
    Email(String),
    /// What looks like a telephone number.
    Phone(String),
    /// What follows a word such as `Basic`.
    Credentials,
    /// A value that follows this name and an equals sign.
    Named(String, String),
    /// A text in base64 that holds one of these.
    Encoded,
}

/// A value to look for.
#[derive(Clone, Debug)]
pub(super) struct Value {
    /// The value as it reads.
    pub(super) text: String,
    /// Whether it is only meant where no letter or digit stands beside it.
    pub(super) whole_word: bool,
}

/// Looks for values.
#[derive(Debug, Default)]
pub(super) struct Finder {
    /// The pattern's number is that of the value.
    automaton: Option<AhoCorasick>,
    owners: Vec<(usize, bool)>,
    /// Whether what looks like personal data is meant too.
    shapes: bool,
}

macro_rules! pattern {
    ($text:literal) => {
        LazyLock::new(|| Regex::new($text).expect("is a pattern"))
    };
}

static EMAIL: LazyLock<Regex> = pattern!(
    r"(?-u)[a-zA-Z0-9+_\x80-\xff](?:[a-zA-Z0-9.+_'\x80-\xff-]*[a-zA-Z0-9+_\x80-\xff-])?(?:@|\xef\xbc\xa0)(?:[a-zA-Z0-9\x80-\xff-]+\.)+[a-zA-Z0-9\x80-\xff-]+"
);
static PHONE: LazyLock<Regex> = pattern!(
    r"(?-u)(?:\+|\b00)[0-9](?:[ ().\-/]{0,3}[0-9]){7,14}|\(?\b[0-9]{3}\)?[ .\-]{1,2}[0-9]{3}[ .\-][0-9]{4}\b"
);
static CREDENTIALS: LazyLock<Regex> =
    pattern!(r"(?i-u)\b(?:basic|bearer|oauth|signature)[ +:]+([a-z0-9+/_.~:\-]{6,}=*)");
static NAMED: LazyLock<Regex> =
    pattern!(r#"(?-u)([A-Za-z][A-Za-z0-9_.\-]{1,60})=([^&\s"'<>#;,{}\[\]\\]+)"#);
static BASE64: LazyLock<Regex> = pattern!(r"(?-u)[A-Za-z0-9+/_\-]{12,}");

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

impl Finder {
    /// Looks for these values, and when `shapes` says so for what looks personal.
    pub(super) fn new(values: &[Value], shapes: bool) -> Self {
        let mut patterns = Vec::new();
        let mut owners = Vec::new();
        for (at, value) in values.iter().enumerate() {
            for spelling in spellings(&value.text) {
                patterns.push(spelling);
                owners.push((at, value.whole_word));
            }
        }
        let automaton = (!patterns.is_empty()).then(|| {
            AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .ascii_case_insensitive(true)
                .build(&patterns)
                .ok()
        });
        Self {
            automaton: automaton.flatten(),
            owners,
            shapes,
        }
    }

    /// What is found in `text`, by its place, in order; no two places overlap. `is_named` says whether the value after
    /// `name=` is meant.
    pub(super) fn find(
        &self,
        text: &str,
        is_named: &impl Fn(&str) -> bool,
    ) -> Vec<(Range<usize>, Found)> {
        let mut found = Vec::new();
        for layer in layers(text) {
            self.find_in(&layer, is_named, &mut found);
        }
        // Of overlapping places the longest counts for the whole.
        found.sort_by_key(|(place, _): &(Range<usize>, Found)| {
            (place.start, std::cmp::Reverse(place.end))
        });
        let mut apart: Vec<(Range<usize>, Found)> = Vec::new();
        for (place, what) in found {
            match apart.last_mut() {
                Some((last, kept)) if place.start < last.end => {
                    if place.len() > last.len() {
                        *kept = what;
                    }
                    last.end = last.end.max(place.end);
                }
                _ => apart.push((place, what)),
            }
        }
        apart
    }

    fn find_in(
        &self,
        layer: &Layer<'_>,
        is_named: &impl Fn(&str) -> bool,
        found: &mut Vec<(Range<usize>, Found)>,
    ) {
        let bytes = &layer.bytes[..];
        let read = |range: Range<usize>| String::from_utf8_lossy(&bytes[range]).into_owned();
        let mut put = |range: Range<usize>, what: Found| found.push((layer.place(range), what));
        for (range, value) in self.known(bytes) {
            put(range, Found::Known(value));
        }
        for captures in CREDENTIALS.captures_iter(bytes) {
            if let Some(token) = captures
                .get(1)
                .filter(|token| looks_random(token.as_bytes()))
            {
                put(token.range(), Found::Credentials);
            }
        }
        if memchr::memchr(b'=', bytes).is_some() {
            for captures in NAMED.captures_iter(bytes) {
                if let (Some(name), Some(value)) = (captures.get(1), captures.get(2)) {
                    let name = read(name.range());
                    if is_named(&name) {
                        put(value.range(), Found::Named(name, read(value.range())));
                    }
                }
            }
        }
        if self.shapes {
            for shape in emails(bytes) {
                put(shape.clone(), Found::Email(read(shape)));
            }
            for shape in phones(bytes) {
                put(shape.clone(), Found::Phone(read(shape)));
            }
        }
        for run in BASE64.find_iter(bytes) {
            if self.hides(run.as_bytes()) {
                let padding = bytes[run.end()..]
                    .iter()
                    .take_while(|byte| **byte == b'=')
                    .count();
                put(run.start()..run.end() + padding, Found::Encoded);
            }
        }
    }

    fn known(&self, bytes: &[u8]) -> Vec<(Range<usize>, usize)> {
        let Some(automaton) = &self.automaton else {
            return Vec::new();
        };
        let matches = automaton.find_overlapping_iter(bytes).filter_map(|hit| {
            let (value, whole_word) = *self.owners.get(hit.pattern().as_usize())?;
            let range = hit.start()..hit.end();
            (!whole_word || stands_alone(bytes, &range)).then_some((range, value))
        });
        matches.collect()
    }

    /// Whether a run of base64 holds something that is looked for, wherever its groups begin.
    fn hides(&self, run: &[u8]) -> bool {
        let standard = |byte: &u8| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        };
        let run: Vec<u8> = run.iter().map(standard).collect();
        (0..4).any(|skipped| {
            let part = run.get(skipped..).unwrap_or_default();
            let whole = part.len() - usize::from(part.len() % 4 == 1);
            let Ok(decoded) = LENIENT.decode(&part[..whole]) else {
                return false;
            };
            let is_text = || std::str::from_utf8(&decoded).is_ok_and(|text| !text.contains(is_odd));
            !self.known(&decoded).is_empty()
                || (self.shapes
                    && (!emails(&decoded).is_empty() || !phones(&decoded).is_empty())
                    && is_text())
        })
    }
}

fn is_odd(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
}

/// Words follow words such as *basic* too; what is no word has a digit, a sign or capitals within.
fn looks_random(token: &[u8]) -> bool {
    token.len() >= 20
        || token
            .iter()
            .any(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b':'))
        || token.iter().skip(1).any(u8::is_ascii_uppercase)
}

fn emails(bytes: &[u8]) -> Vec<Range<usize>> {
    if memchr::memchr2(b'@', 0xef, bytes).is_none() {
        return Vec::new();
    }
    EMAIL.find_iter(bytes).map(|hit| hit.range()).collect()
}

/// A telephone number is not the end of something longer, such as a uuid or a date.
fn phones(bytes: &[u8]) -> Vec<Range<usize>> {
    let touches =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let hits = PHONE.find_iter(bytes).filter(|hit| {
        let before = hit.start().checked_sub(1).and_then(|at| bytes.get(at));
        !touches(before) && !touches(bytes.get(hit.end()))
    });
    hits.map(|hit| hit.range()).collect()
}

/// The ways in which a value is written: as it is, in lower case, its spaces as plus signs, a number without its signs.
fn spellings(text: &str) -> Vec<String> {
    let mut spellings = vec![text.to_owned(), text.to_lowercase(), text.to_uppercase()];
    if text.contains(' ') {
        spellings.push(text.replace(' ', "+"));
    }
    if text.contains('+') {
        spellings.push(text.replace('+', " "));
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = text
        .chars()
        .all(|c| c.is_ascii_digit() || " +-()./".contains(c));
    if is_number && digits.len() >= 7 {
        spellings.push(digits);
    }
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}

/// Whether no letter or digit stands beside a place.
fn stands_alone(bytes: &[u8], place: &Range<usize>) -> bool {
    let before = &bytes[place.start.saturating_sub(4)..place.start];
    let after = &bytes[place.end..bytes.len().min(place.end + 4)];
    let last = (1..=before.len()).find_map(|length| {
        let tail = std::str::from_utf8(&before[before.len() - length..]).ok()?;
        tail.chars().next_back()
    });
    let first = (1..=after.len())
        .find_map(|length| std::str::from_utf8(&after[..length]).ok()?.chars().next());
    ![last, first]
        .into_iter()
        .flatten()
        .any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(finder: &Finder, text: &str) -> Vec<String> {
        let found = finder.find(text, &|name| name == "givenName");
        found
            .into_iter()
            .map(|(place, _)| text[place].to_owned())
            .collect()
    }

    #[test]
    fn shapes_are_found_and_what_only_resembles_them_is_not() {
        let finder = Finder::new(&[], true);
        for (text, found) in [
            ("write to ada@example.com.", vec!["ada@example.com"]),
            (
                "attributes=%7B%22a%22%3A%22ada%40example.com%22",
                vec!["ada%40example.com"],
            ),
            (r#""ada\u0040example.com""#, vec![r"ada\u0040example.com"]),
            ("zoë@exämple.org", vec!["zoë@exämple.org"]),
            ("call +1 (555) 010-9999 now", vec!["+1 (555) 010-9999"]),
            ("call 555-010-9999", vec!["555-010-9999"]),
            ("p=%2B491701234567", vec!["%2B491701234567"]),
            ("Authorization: Basic YWJjOmRlZg==", vec!["YWJjOmRlZg=="]),
            (
                "eyJlbWFpbCI6ImFkYUBleGFtcGxlLmNvbSJ9",
                vec!["eyJlbWFpbCI6ImFkYUBleGFtcGxlLmNvbSJ9"],
            ),
            ("http://h/?givenName=Ada&x=1", vec!["Ada"]),
            ("2016-02-26 19:08:44.123456 +0000", vec![]),
            ("02b0c68d-1234-1234-1234-123456789012", vec![]),
            ("-d @file, a@b, 192.168.100.100", vec![]),
            ("basic authentication", vec![]),
            ("geup8cd3gvcvjjnc", vec![]),
        ] {
            assert_eq!(seen(&finder, text), found, "{text}");
        }
    }

    #[test]
    fn known_values_are_found_in_every_encoding() {
        let value = |text: &str, whole_word| Value {
            text: text.to_owned(),
            whole_word,
        };
        let finder = Finder::new(
            &[value("hunter2", false), value("Ada Lovelace", true)],
            false,
        );
        for (text, found) in [
            ("the hunter2 and HUNTER2", vec!["hunter2", "HUNTER2"]),
            ("%68unter2", vec!["%68unter2"]),
            (
                "Ada+Lovelace, Ada%20Lovelace",
                vec!["Ada+Lovelace", "Ada%20Lovelace"],
            ),
            ("\\nAda Lovelace", vec!["Ada Lovelace"]),
            ("“Ada Lovelace”", vec!["Ada Lovelace"]),
            ("Ada Lovelaces", vec![]),
            ("eGh1bnRlcjI6aHVudGVyMg==", vec!["eGh1bnRlcjI6aHVudGVyMg=="]),
        ] {
            assert_eq!(seen(&finder, text), found, "{text}");
        }
    }
}
