//! The words of a text, as the index keeps them and as a search asks for them: both sides must cut alike.
//!
//! A word is a run of letters and digits; `@ . - _ + '` between two of them hold it together, so that an e-mail, a uuid
//! and a version are one word each. Of such a word the index also keeps what begins behind each joint: a search finds
//! every beginning, so `example.com` and `com` find `bob@example.com`. An index of all groups of three characters would
//! find the insides of words too, at three times the size and a hundred times the time for an e-mail; see
//! `benches/history.rs` and [`crate::history::query::Condition::Inside`], which looks at every text instead.

use std::borrow::Cow;
use std::collections::HashSet;

/// Marks a word that stands for what an exchange is (its operation, its date) and not in its texts: such words are
/// found by a free search and not by one in the texts. Never part of a word itself.
pub(super) const ABOUT: char = '§';

/// Longer words are cut, in the index and in a search, to so many bytes.
const LONGEST: usize = 64;

/// So many different words of one exchange are indexed: an answer of thousands of records must not hold up the next
/// call's.
const MOST: usize = 50_000;

/// The words of texts, gathered for the index.
#[derive(Default)]
pub(super) struct Gathered {
    /// With a space behind each.
    text: String,
    count: usize,
}

impl Gathered {
    /// Adds every word of a text once, with all that begins behind its joints.
    pub(super) fn add(&mut self, text: &str) {
        self.gather(text, None);
    }

    /// Adds the words of a text that says what the exchange is.
    pub(super) fn add_about(&mut self, text: &str) {
        self.gather(text, Some(ABOUT));
    }

    fn gather(&mut self, text: &str, mark: Option<char>) {
        let text = text.to_lowercase();
        let mut seen = HashSet::new();
        for word in words(&text).flat_map(beginnings) {
            if self.count >= MOST {
                return;
            }
            let word = cut(word);
            if seen.insert(word) {
                self.count += 1;
                self.text.extend(mark);
                self.text.push_str(word);
                self.text.push(' ');
            }
        }
    }

    /// What is given to the index: words with spaces between.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

/// The words to look for when somebody searches for `text`, in small letters.
pub(super) fn wanted(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    words(&text).map(|word| cut(word).to_owned()).collect()
}

/// A text as people read it: the escapes of JSON decoded, whether it is whole or broken; other texts as they are.
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    let is_json = text.trim_start().starts_with(['{', '[', '"']);
    if !is_json || !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        read.push_str(&rest[..at]);
        let (char, length) = unescape(&rest[at..]);
        read.push(char);
        rest = &rest[at + length..];
    }
    read.push_str(rest);
    Cow::Owned(read)
}

/// The character that an escape at the beginning of `text` stands for, and the escape's length in bytes.
fn unescape(text: &str) -> (char, usize) {
    let unit = |at: usize| {
        let escape = text.get(at..at + 6)?;
        u16::from_str_radix(escape.strip_prefix("\\u")?, 16).ok()
    };
    match text[1..].chars().next() {
        Some('n' | 'r' | 't' | 'b' | 'f') => (' ', 2),
        Some('u') => {
            let units = [unit(0), unit(6)].map(Option::unwrap_or_default);
            match char::decode_utf16(units).next() {
                Some(Ok(char)) if unit(0).is_some() => (char, 6 * char.len_utf16()),
                _ => ('\\', 1),
            }
        }
        Some(char) => (char, 1 + char.len_utf8()),
        None => ('\\', 1),
    }
}

/// The words of a text, without what begins behind their joints.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(char::is_alphanumeric)?;
        rest = &rest[start..];
        let (word, after) = rest.split_at(word_length(rest));
        rest = after;
        Some(word)
    })
}

/// The length of the word that `text` begins with.
fn word_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let goes_on = if is_joint(char) {
            next.is_some_and(|next| next.is_alphanumeric() && !stands_alone(next))
        } else if stands_alone(char) {
            return if at == 0 { char.len_utf8() } else { at };
        } else {
            char.is_alphanumeric()
        };
        if !goes_on {
            return at;
        }
    }
    text.len()
}

/// The word itself and what begins behind each of its joints.
fn beginnings(word: &str) -> impl Iterator<Item = &str> {
    let behind = word
        .match_indices(is_joint)
        .map(|(at, joint)| &word[at + joint.len()..]);
    std::iter::once(word).chain(behind)
}

fn is_joint(char: char) -> bool {
    matches!(char, '@' | '.' | '-' | '_' | '+' | '\'')
}

/// Scripts that put no spaces between their words: each character is a word.
fn stands_alone(char: char) -> bool {
    matches!(char, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn cut(word: &str) -> &str {
    beginning(word, LONGEST)
}

/// The first `limit` bytes of a text, or a little less where that would split a character.
pub(super) fn beginning(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_at_what_holds_nothing_together() {
        for (text, expected) in [
            ("", &[][..]),
            ("...", &[]),
            (
                r#"{"email":"Bob@Example.com"}"#,
                &["email", "bob@example.com"],
            ),
            (
                "8A3ABDDA-b4fb-49d8-a88d-022585b0f877",
                &["8a3abdda-b4fb-49d8-a88d-022585b0f877"],
            ),
            ("end. Next-", &["end", "next"]),
            ("O'Brien's  'quoted'", &["o'brien's", "quoted"]),
            ("2026-11-22 03:04:05.6", &["2026-11-22", "03", "04", "05.6"]),
            ("日本a b", &["日", "本", "a", "b"]),
            ("x日", &["x", "日"]),
            ("a.日", &["a", "日"]),
            ("user/statuses#12", &["user", "statuses", "12"]),
            ("ΣΊΣΥΦΟΣ", &["σίσυφος"]),
        ] {
            assert_eq!(wanted(text), expected, "{text}");
        }
        assert_eq!(wanted(&"é".repeat(100))[0].len(), LONGEST);
    }

    #[test]
    fn the_index_knows_what_begins_behind_a_joint() {
        let mut gathered = Gathered::default();
        gathered.add("bob@example.com BOB");
        gathered.add_about("entity.create");
        assert_eq!(
            gathered.as_str(),
            "bob@example.com example.com com bob §entity.create §create "
        );
    }

    #[test]
    fn json_is_read_without_its_escapes() {
        for (text, read) in [
            (
                r#"{"a":"Zo\u00eb \"x\" \/ \ud83d\ude00"}"#,
                r#"{"a":"Zoë "x" / 😀"}"#,
            ),
            (r#"["a\nb\\"]"#, r#"["a b\"]"#),
            (r#"{"a":"\ud83d broken \u12"#, r#"{"a":"\ud83d broken \u12"#),
            ("{\\", "{\\"),
            (r"C:\new", r"C:\new"),
        ] {
            assert_eq!(readable(text), read, "{text}");
        }
    }
}
