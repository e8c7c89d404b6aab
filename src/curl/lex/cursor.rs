//! The place in a pasted text, character by character: the line ends, entities and margins that all shells share.

use std::ops::Range;

use crate::curl::account::Account;
use crate::curl::account::Fate;
use crate::curl::account::add_alike;
use crate::curl::lex::Margin;
use crate::curl::lex::is_blank;

/// How far an entity, a variable or a stand-in may reach.
const REACH: usize = 256;

/// Entities that documents write for the characters of commands.
const ENTITIES: [(&str, char); 14] = [
    ("&quot;", '"'),
    ("&#34;", '"'),
    ("&#x22;", '"'),
    ("&apos;", '\''),
    ("&#39;", '\''),
    ("&#x27;", '\''),
    ("&amp;", '&'),
    ("&#38;", '&'),
    ("&lt;", '<'),
    ("&#60;", '<'),
    ("&gt;", '>'),
    ("&#62;", '>'),
    ("&nbsp;", '\u{a0}'),
    ("&#160;", '\u{a0}'),
];

/// Whether one of the entities stands in `text`.
pub(super) fn holds_entity(text: &str) -> bool {
    text.match_indices('&')
        .any(|(at, _)| entity(&text[at..]).is_some())
}

/// The place in the text, and what was passed over.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) noise: Vec<Account>,
    pub(super) margin: Margin,
    entities: bool,
    lone_returns: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, at: usize, margin: Margin) -> Self {
        let rest = text.get(at..).unwrap_or_default();
        let mut cursor = Self {
            text,
            at,
            noise: Vec::new(),
            margin,
            entities: are_entities_meant(rest),
            lone_returns: !rest.contains('\n'),
        };
        if cursor.entities {
            let end = at + rest.find('&').unwrap_or(0);
            cursor.note(
                end..end + 1,
                Fate::Translated("HTML entities are read as the characters they stand for".into()),
            );
        }
        cursor
    }

    /// What is left, as it stands.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Whether the text goes on with `word`, as it stands.
    pub(super) fn sees(&self, word: &str) -> bool {
        self.rest().starts_with(word)
    }

    pub(super) fn note(&mut self, range: Range<usize>, fate: Fate) {
        let text = self.text.get(range.clone()).unwrap_or_default();
        add_alike(&mut self.noise, Account::new(range, text, fate));
    }

    /// The next character and its length in the text: a line end of any kind is `\n`.
    fn look(&self) -> Option<(char, usize)> {
        let rest = self.rest();
        let c = rest.chars().next()?;
        match c {
            '\r' if rest.as_bytes().get(1) == Some(&b'\n') => Some(('\n', 2)),
            '\r' if self.lone_returns => Some(('\n', 1)),
            '&' if self.entities => Some(entity(rest).unwrap_or(('&', 1))),
            _ => Some((c, c.len_utf8())),
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.look().map(|(c, _)| c)
    }

    /// Takes the next character. After a line end, the margin of the next line is left out.
    pub(super) fn bump(&mut self) -> Option<char> {
        let (c, length) = self.look()?;
        self.at += length;
        if c == '\n' {
            self.skip_margin();
        }
        Some(c)
    }

    /// Takes `length` bytes that hold no line end.
    pub(super) fn skip(&mut self, length: usize) -> &'a str {
        let taken = &self.text[self.at..self.at + length];
        self.at += length;
        taken
    }

    /// Takes what no shell, document or line end gives a meaning: most of a long value.
    pub(super) fn plain_run(&mut self) -> &'a str {
        let special = |byte: &u8| {
            matches!(
                byte,
                b'\'' | b'"' | b'\\' | b'$' | b'`' | b'&' | b'\n' | b'\r'
            ) || !byte.is_ascii()
        };
        let rest = self.rest().as_bytes();
        self.skip(rest.iter().position(special).unwrap_or(rest.len()))
    }

    /// The length of the rest of this line, without its end.
    pub(super) fn line_length(&self) -> usize {
        self.rest().find(['\n', '\r']).unwrap_or(self.rest().len())
    }

    fn skip_margin(&mut self) {
        if let Some(number) = self.margin.number {
            let expected = number + 1;
            if let Some(length) = numbered(self.rest(), expected) {
                self.margin.number = Some(expected);
                let range = self.at..self.at + length;
                self.at = range.end;
                self.note(range, Fate::Ignored("line numbers".into()));
            }
        }
        if self.margin.quoted {
            self.skip_prompt();
        }
    }

    /// Leaves out `> ` at the beginning of a line.
    pub(super) fn skip_prompt(&mut self) {
        let rest = self.rest();
        let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let mark = &rest[indent..];
        if mark.starts_with("> ") || mark.starts_with(">\n") || mark.starts_with(">\r") {
            let length = indent + if mark.starts_with("> ") { 2 } else { 1 };
            let range = self.at..self.at + length;
            self.at = range.end;
            self.note(
                range,
                Fate::Ignored("prompts of a shell that waits for the rest".into()),
            );
        }
    }

    /// The length of a continuation here: this mark, perhaps blanks, a line end or the end of the text.
    pub(super) fn continuation(&self, mark: char) -> Option<usize> {
        let rest = self.rest().strip_prefix(mark)?;
        let blanks = rest.len() - rest.trim_start_matches(is_blank).len();
        let after = &rest[blanks..];
        (after.is_empty() || after.starts_with(['\n', '\r'])).then_some(mark.len_utf8() + blanks)
    }

    /// Takes a continuation of this length with its line end, and notes what is odd about it.
    pub(super) fn take_continuation(&mut self, length: usize) {
        let range = self.at..self.at + length;
        self.at = range.end;
        if self.bump().is_none() {
            self.note(
                range,
                Fate::Ignored("nothing follows on another line".into()),
            );
            return;
        }
        if length > 1 {
            self.note(
                range.clone(),
                Fate::Translated(
                    "blanks between the mark and the end of the line are left out".into(),
                ),
            );
        }
        self.note(
            range,
            Fate::Ignored("the command goes on in the next line".into()),
        );
        self.skip_prompt();
    }

    /// Takes a blank; notes those that a shell would not take for one.
    pub(super) fn take_blank(&mut self) {
        let start = self.at;
        if let Some(c) = self.bump()
            && !matches!(c, ' ' | '\t')
        {
            self.note(
                start..self.at,
                Fate::Translated("no-break and invisible spaces are read as spaces".into()),
            );
        }
    }

    /// Whether the line after the line end here goes on with the command though nothing says so.
    pub(super) fn goes_on(&self) -> bool {
        let rest = self.rest();
        let next = rest.trim_start_matches(|c: char| is_blank(c) || matches!(c, '\n' | '\r'));
        let gap = &rest[..rest.len() - next.len()];
        let mut next = next;
        if let Some(number) = self.margin.number
            && let Some(length) = numbered(next, number + 1)
        {
            next = next[length..].trim_start_matches(is_blank);
        }
        next = next
            .strip_prefix("> ")
            .unwrap_or(next)
            .trim_start_matches(is_blank);
        begins_option(next) || (gap.matches('\n').count() < 2 && begins_url(next))
    }

    /// The length of a stand-in such as `<your secret>` here.
    pub(super) fn stand_in(&self) -> Option<usize> {
        let rest = reach(self.rest()).strip_prefix('<')?;
        let end = rest.find(['<', '>', '\n', '"', '\'', '|'])?;
        let starts = rest.starts_with(char::is_alphabetic);
        (starts && rest[end..].starts_with('>')).then_some(end + 2)
    }

    /// The length of a variable or substitution here, which begins with `$`.
    pub(super) fn variable(&self) -> Option<usize> {
        let rest = reach(self.rest()).strip_prefix('$')?;
        if let Some(inner) = rest.strip_prefix('(') {
            return closing(inner, '(', ')').map(|end| end + 3);
        }
        if let Some(inner) = rest.strip_prefix('{') {
            return inner.find('}').map(|end| end + 3);
        }
        let rest_of_name = rest.strip_prefix("env:").unwrap_or(rest);
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = rest_of_name
            .find(|c| !name(c))
            .unwrap_or(rest_of_name.len());
        (length > 0).then_some(1 + rest.len() - rest_of_name.len() + length)
    }
}

/// Whether an option begins here: `-x`, `--long`, or what a document made of the hyphens.
pub(super) fn begins_option(text: &str) -> bool {
    let name = text.trim_start_matches(['-', '\u{2013}', '\u{2014}']);
    name.len() < text.len() && name.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn begins_url(text: &str) -> bool {
    let text = text.trim_start_matches(['"', '\'', '\u{201c}', '\u{2018}']);
    text.starts_with("https://") || text.starts_with("http://")
}

/// The length of this line number with what separates it from the line.
fn numbered(line: &str, number: u64) -> Option<usize> {
    let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
    let rest = line[indent..].strip_prefix(number.to_string().as_str())?;
    let rest = rest.strip_prefix(['.', ':', '|', ')']).unwrap_or(rest);
    if rest.is_empty() || rest.starts_with(['\n', '\r']) {
        return Some(line.len() - rest.len());
    }
    let rest = rest.strip_prefix(is_blank)?;
    Some(line.len() - rest.len())
}

/// Where the bracket closes that is open before `text`.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            match depth.checked_sub(1) {
                None => return Some(at),
                Some(less) => depth = less,
            }
        }
    }
    None
}

/// The beginning of `text` that a short thing may fill.
fn reach(text: &str) -> &str {
    let mut end = REACH.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn entity(rest: &str) -> Option<(char, usize)> {
    ENTITIES
        .iter()
        .find(|(name, _)| rest.starts_with(name))
        .map(|(name, c)| (*c, name.len()))
}

/// Whether a page's source was copied rather than its text: quotes occur only as entities, at least those of JSON, or
/// the parameters of a URL are separated by `&amp;`.
fn are_entities_meant(text: &str) -> bool {
    if !text.contains('&') {
        return false;
    }
    let quotes = ["&quot;", "&#34;", "&#x22;", "&#39;", "&apos;", "&#x27;"];
    let json = [
        "{&quot;", "[&quot;", ":&quot;", "{&#34;", "[&#34;", ":&#34;",
    ];
    let marks = if text.contains('\'') {
        &json[..]
    } else {
        &quotes[..]
    };
    if !text.contains('"') && marks.iter().any(|mark| text.contains(mark)) {
        return true;
    }
    // A URL with `?a=1&amp;b=2` and none with `?a=1&b=2`.
    let mut plain = false;
    let mut written = false;
    for (at, _) in text.match_indices('&') {
        let rest = &text[at + 1..];
        let rest = match rest.strip_prefix("amp;") {
            Some(rest) => {
                written |= is_parameter(rest);
                continue;
            }
            None => rest,
        };
        plain |= is_parameter(rest);
    }
    written && !plain
}

/// Whether `name=` begins here.
pub(super) fn is_parameter(text: &str) -> bool {
    let text = reach(text);
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let end = text.find(|c| !name(c)).unwrap_or(text.len());
    end > 0 && text[end..].starts_with('=')
}
