//! Finding text in a document: over the raw bytes, in steps, so that the first hit is there while the rest is searched.
//!
//! A [`Query`] says what is looked for. Somebody who owns a thread lets a [`Searcher`] step, and hands what it counted
//! to a [`Search`], which knows how many hits there are in each piece of the text and therefore finds the next, the
//! previous and a hit's number by looking at one piece again: no list of hits is kept, however many there are.
//!
//! What matches. A *literal* is found in the text as it came, across keys, values and what is between them, so that
//! `"stat":"error"` can be looked for. A character that is usually escaped is found in both ways: `é` and `\u00e9`, `/`
//! and `\/`, `"` and `\"`, a line break and `\n`, an emoji and its pair of escapes; an escape written where none is
//! needed, such as `\u0061` for a, is not found. A *regular expression* is matched against each key and each value on
//! its own, without its quotes and with its escapes read, so `^` and `$` are its ends and `.*` never leaves it; of a
//! value longer than [`PATTERN_SEES`] only the beginning is looked at. Deliberately absent: threads that outlive a step,
//! and drawing.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;
use std::panic::resume_unwind;
use std::thread;
use std::thread::ScopedJoinHandle;

use memchr::memmem::Finder;
use regex::bytes::Regex;
use regex::bytes::RegexBuilder;

use crate::json::bytes::Bytes;
use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::json::literal::unquote;
use crate::json::processors::processors;

/// How much of a value a regular expression sees, in bytes.
pub const PATTERN_SEES: usize = 1024 * 1024;

/// How much text is counted together, in bytes: what is looked at again to find a hit in it.
const PIECE: usize = 64 * 1024;

/// How much text is worth a thread of its own, in bytes.
const SHARE: usize = 1024 * 1024;

/// How long what is looked for may be, in bytes.
const LONGEST: usize = 4096;

/// Where hits may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Anywhere.
    #[default]
    Everything,
    /// In the keys of members.
    Keys,
    /// In strings, numbers, words and what is broken.
    Values,
}

/// Whether a letter is found as a capital, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    /// Unless there is a capital in what is looked for.
    #[default]
    Smart,
    /// No.
    Exact,
    /// Yes.
    Ignore,
}

/// How something is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether it is a regular expression.
    pub regex: bool,
    /// Where.
    pub scope: Scope,
    /// As what letters.
    pub case: Case,
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Query {
    matcher: Matcher,
    scope: Scope,
}

#[derive(Clone, Debug)]
enum Matcher {
    /// These bytes.
    Bytes(Box<Finder<'static>>),
    /// A literal in its several forms. Where there is no other than capitals, what a hit says in small letters.
    Forms(Regex, Option<Box<[u8]>>),
    /// A regular expression, one key or value at a time.
    Pattern(Regex),
}

impl Query {
    /// Something to look for; why not, in words, if it is nothing, too long or no regular expression.
    pub fn new(text: &str, options: Options) -> Result<Self, String> {
        if text.is_empty() {
            return Err("there is nothing to look for".to_owned());
        }
        if text.len() > LONGEST {
            return Err(format!("this is longer than {LONGEST} bytes"));
        }
        let ignore = match options.case {
            Case::Smart => !has_capital(text, options.regex),
            Case::Exact => false,
            Case::Ignore => true,
        };
        let matcher = if options.regex {
            let built = RegexBuilder::new(text).case_insensitive(ignore).build();
            Matcher::Pattern(built.map_err(|error| complaint(&error))?)
        } else {
            literal(text, ignore)?
        };
        Ok(Self {
            matcher,
            scope: options.scope,
        })
    }

    /// Whether the index of the document is needed, and not only its bytes.
    fn needs_index(&self) -> bool {
        self.scope != Scope::Everything || matches!(self.matcher, Matcher::Pattern(_))
    }

    /// The first piece from `piece` to before `last` that has to be looked at closely. A literal that is nowhere is
    /// found to be nowhere in one go.
    fn next_piece(&self, document: &Document, piece: usize, last: usize) -> Option<usize> {
        let bytes = document.bytes();
        let from = piece * PIECE;
        let to = bytes.len().min(last * PIECE);
        let text = bytes.get(from..bytes.len().min(to + 3 * LONGEST));
        let text = text.filter(|_| piece < last)?;
        let hit = match &self.matcher {
            Matcher::Bytes(finder) => finder.find(text)?,
            Matcher::Forms(regex, small) => {
                match small.as_deref().and_then(|small| Rare::of(small, text)) {
                    Some(rare) => rare.find(text)?,
                    None => regex.find(text)?.start(),
                }
            }
            Matcher::Pattern(_) => 0,
        };
        Some(piece + hit / PIECE).filter(|found| *found < last)
    }

    /// Hands over the hits that begin in a piece of the text, in order, until it is enough.
    fn hits_in_piece(
        &self,
        document: &Document,
        piece: usize,
        mut take: impl FnMut(Range<usize>) -> bool,
    ) {
        let bytes = document.bytes();
        let from = piece * PIECE;
        let to = bytes.len().min(from + PIECE);
        let text = bytes
            .get(from..bytes.len().min(to + 3 * LONGEST))
            .unwrap_or_default();
        let begins_here = |hit: &Range<usize>| hit.start < to;
        let mut walk = Walk::new(document);
        let scope = self.scope;
        let mut take = |hit: Range<usize>| {
            let is_in = match scope {
                Scope::Everything => true,
                Scope::Keys => walk.part_at(hit.start) == Some(Part::Key),
                Scope::Values => walk.part_at(hit.start) == Some(Part::Value),
            };
            !is_in || take(hit)
        };
        match &self.matcher {
            Matcher::Bytes(finder) => {
                let length = finder.needle().len();
                let found = finder
                    .find_iter(text)
                    .map(|at| from + at..from + at + length);
                let _ = found.take_while(begins_here).all(take);
            }
            Matcher::Forms(regex, _) => {
                let found = regex
                    .find_iter(text)
                    .map(|hit| from + hit.start()..from + hit.end());
                let _ = found.take_while(begins_here).all(take);
            }
            Matcher::Pattern(regex) => {
                for node in document.nodes_between(from, to) {
                    let key = document.key_range(node);
                    let value = (!document.kind(node).is_container()).then(|| document.range(node));
                    let key = key.filter(|_| scope != Scope::Values);
                    let value = value.filter(|_| scope != Scope::Keys);
                    for token in key.into_iter().chain(value) {
                        if !matches_in(regex, bytes, token, &mut take) {
                            return;
                        }
                    }
                }
            }
        }
    }

    /// The hits that begin in a piece of the text.
    fn collect(&self, document: &Document, piece: usize) -> Vec<Range<usize>> {
        let mut hits = Vec::new();
        self.hits_in_piece(document, piece, |hit| {
            hits.push(hit);
            true
        });
        hits
    }
}

/// Hands over the matches in one key or value.
fn matches_in(
    regex: &Regex,
    bytes: &[u8],
    token: Range<usize>,
    take: &mut impl FnMut(Range<usize>) -> bool,
) -> bool {
    let raw = bytes.get(token.clone()).unwrap_or_default();
    let is_string = raw.first() == Some(&b'"');
    let start = token.start + usize::from(is_string);
    let ends = is_string && raw.len() > 1 && raw.ends_with(b"\"");
    let end = (token.end - usize::from(ends)).max(start);
    let end = end.min(start + PATTERN_SEES);
    let text = bytes.get(start..end).unwrap_or_default();
    if is_string
        && memchr::memchr(b'\\', text).is_some()
        && let Cow::Owned(said) = unquote(text)
    {
        // Places in what is said are no places in the text: all of it is the hit.
        let mut matches = regex.find_iter(said.as_bytes());
        return !matches.any(|hit| !hit.is_empty()) || take(start..end);
    }
    let mut matches = regex.find_iter(text);
    matches.all(|hit| {
        let is_hit = !hit.is_empty() || text.is_empty();
        !is_hit || take(start + hit.start()..start + hit.end())
    })
}

/// Whether there is a capital letter; in a regular expression, one that does not belong to an escape.
fn has_capital(text: &str, is_regex: bool) -> bool {
    let mut is_escaped = false;
    text.chars().any(|c| {
        let counts = !is_escaped;
        is_escaped = is_regex && c == '\\' && !is_escaped;
        counts && c.is_uppercase()
    })
}

fn complaint(error: &regex::Error) -> String {
    // The error draws the expression over several lines; what is wrong comes last.
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

fn literal(text: &str, ignore: bool) -> Result<Matcher, String> {
    let mut pattern = String::new();
    for c in text.chars() {
        add_forms(&mut pattern, c, ignore);
    }
    if !ignore && pattern == regex::escape(text) {
        return Ok(Matcher::Bytes(Box::new(Finder::new(text).into_owned())));
    }
    let has_one_form = pattern == regex::escape(text) && text.is_ascii();
    let small = has_one_form.then(|| text.to_ascii_lowercase().into_bytes().into());
    RegexBuilder::new(&pattern)
        .case_insensitive(ignore)
        .unicode(!text.is_ascii())
        .build()
        .map(|regex| Matcher::Forms(regex, small))
        .map_err(|error| complaint(&error))
}

/// Finds letters, small or capital, by the one of them that is rarest: several times as fast as an expression where it
/// is rare indeed.
struct Rare<'a> {
    small: &'a [u8],
    place: usize,
}

impl<'a> Rare<'a> {
    /// How much of a text is looked at to see what is rare in it, in bytes; and what is rare, one in so many.
    const SAMPLE: usize = 8 * 1024;
    const ONE_IN: usize = 128;

    /// None when nothing that is looked for is rare at the beginning of the text.
    fn of(small: &'a [u8], text: &[u8]) -> Option<Self> {
        let sample = text.get(..Self::SAMPLE).unwrap_or(text);
        let mut counts = [0_usize; 256];
        for byte in sample {
            counts[usize::from(byte.to_ascii_lowercase())] += 1;
        }
        let count = |byte: u8| counts[usize::from(byte)];
        let (place, rarest) = small
            .iter()
            .enumerate()
            .min_by_key(|(_, byte)| count(**byte))?;
        let is_rare = count(*rarest) * Self::ONE_IN <= sample.len();
        is_rare.then_some(Self { small, place })
    }

    fn find(&self, text: &[u8]) -> Option<usize> {
        let rare = self.small[self.place];
        memchr::memchr2_iter(rare, rare.to_ascii_uppercase(), text)
            .filter_map(|at| at.checked_sub(self.place))
            .find(|start| {
                let there = text.get(*start..start + self.small.len());
                there.is_some_and(|there| there.eq_ignore_ascii_case(self.small))
            })
    }
}

/// The ways a character may be written in JSON, as a regular expression.
fn add_forms(pattern: &mut String, c: char, ignore: bool) {
    let short = match c {
        '/' => r"\\?/",
        '"' => r#"\\?"|\\u0022"#,
        '\\' => r"\\\\|\\u005[cC]|\\",
        '\n' => r"\n|\\n|\\u000[aA]",
        '\r' => r"\r|\\r|\\u000[dD]",
        '\t' => r"\t|\\t|\\u0009",
        '<' | '>' | '&' | '\'' => "",
        _ if c.is_ascii() && !c.is_ascii_control() => {
            pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
            return;
        }
        _ => "",
    };
    pattern.push_str("(?:");
    pattern.push_str(short);
    if short.is_empty() {
        let others = c.to_lowercase().chain(c.to_uppercase());
        let others: Vec<char> = others.filter(|other| ignore && *other != c).collect();
        for (place, c) in std::iter::once(c).chain(others).enumerate() {
            pattern.push_str(if place == 0 { "" } else { "|" });
            pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
            pattern.push('|');
            for unit in c.encode_utf16(&mut [0; 2]) {
                add_escape(pattern, *unit);
            }
        }
    }
    pattern.push(')');
}

/// An escape with hexadecimal digits of either case.
fn add_escape(pattern: &mut String, unit: u16) {
    pattern.push_str(r"\\u");
    for digit in format!("{unit:04x}").chars() {
        // Writing to a String cannot fail.
        let _ = match digit {
            'a'..='f' => write!(pattern, "[{digit}{}]", digit.to_ascii_uppercase()),
            _ => write!(pattern, "{digit}"),
        };
    }
}

/// What part of a member a place is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Key,
    Value,
}

/// Goes through a document along with hits, which come in order.
struct Walk<'a> {
    document: &'a Document,
    nodes: Option<Box<dyn Iterator<Item = NodeId> + 'a>>,
    last: Option<NodeId>,
    next: Option<NodeId>,
    end: usize,
}

impl<'a> Walk<'a> {
    fn new(document: &'a Document) -> Self {
        Self {
            document,
            nodes: None,
            last: None,
            next: None,
            end: 0,
        }
    }

    fn part_at(&mut self, place: usize) -> Option<Part> {
        if place >= self.end {
            let from = self.document.leaf_start(place);
            self.end = (from + PIECE).max(place + 1);
            let mut nodes = self.document.nodes_between(from, self.end);
            self.next = nodes.next();
            self.nodes = Some(Box::new(nodes));
            // The text of a node before may reach here.
            self.last = self.document.node_at(from);
        }
        while let Some(next) = self
            .next
            .filter(|next| self.document.offset(*next) <= place)
        {
            self.last = Some(next);
            self.next = self.nodes.as_mut().and_then(Iterator::next);
        }
        let last = self.last?;
        let is_key = (self.document.key_range(last)).is_some_and(|key| key.contains(&place));
        if is_key {
            return Some(Part::Key);
        }
        let is_value = !matches!(self.document.kind(last), Kind::Object | Kind::Array)
            && self.document.range(last).contains(&place);
        is_value.then_some(Part::Value)
    }
}

/// What a [`Searcher`] has counted in a step.
#[derive(Clone, Debug)]
pub struct Found {
    first: usize,
    counts: Vec<u32>,
    is_last: bool,
}

/// Searches a document in steps.
#[derive(Clone, Debug)]
pub struct Searcher {
    query: Query,
    document: Document,
    piece: usize,
    is_done: bool,
}

impl Searcher {
    /// A search from the beginning of `document`, of which this is given a clone.
    pub fn new(query: Query, document: Document) -> Self {
        Self {
            query,
            document,
            piece: 0,
            is_done: false,
        }
    }

    /// Takes a clone of the document that is read further.
    pub fn renew(&mut self, document: Document) {
        self.document = document;
    }

    /// What is searched.
    pub fn bytes(&self) -> &Bytes {
        self.document.bytes()
    }

    /// Whether everything is searched.
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// Searches about `budget` bytes more; none if everything is searched, or if what comes next is not read yet and
    /// has to be for this search: then [`Searcher::renew`] it. None, too, if the bytes are a mapped file that
    /// is not whole any more.
    pub fn step(&mut self, budget: usize) -> Option<Found> {
        if self.is_done {
            return None;
        }
        let first = self.piece;
        let length = self.document.bytes().len();
        let pieces = length.div_ceil(PIECE);
        let can_be_searched = if self.query.needs_index() && !self.document.is_complete() {
            self.document.edge() / PIECE
        } else {
            pieces
        };
        let last = (first + budget.div_ceil(PIECE).max(1)).min(can_be_searched);
        if last <= first && last < pieces {
            return None;
        }
        let counts = self.count_together(first..last)?;
        self.piece = last;
        self.is_done = last >= pieces;
        Some(Found {
            first,
            counts,
            is_last: self.is_done,
        })
    }

    /// The hits in each of these pieces, looked for by several threads if there is much to look through.
    fn count_together(&self, pieces: Range<usize>) -> Option<Vec<u32>> {
        let share = pieces.len().div_ceil(processors()).max(SHARE / PIECE);
        let end = pieces.end;
        let mut shares = pieces
            .step_by(share)
            .map(|first| first..(first + share).min(end));
        let mine = shares.next()?;
        thread::scope(|scope| {
            let others: Vec<_> = shares
                .map(|pieces| {
                    let its = pieces.clone();
                    let thread = thread::Builder::new().spawn_scoped(scope, || self.count(its));
                    (pieces, thread)
                })
                .collect();
            let mut counts = self.count(mine)?;
            for (pieces, thread) in others {
                counts.extend(match thread.map(ScopedJoinHandle::join) {
                    Ok(Ok(counted)) => counted?,
                    Ok(Err(panic)) => resume_unwind(panic),
                    // The system gives no thread.
                    Err(_) => self.count(pieces)?,
                });
            }
            Some(counts)
        })
    }

    /// The hits in each of these pieces; none if the bytes are a mapped file that is not whole any more.
    fn count(&self, pieces: Range<usize>) -> Option<Vec<u32>> {
        let Range {
            start: first,
            end: last,
        } = pieces;
        let mut counts = vec![0; last - first];
        let mut piece = first;
        loop {
            // A step is long and the question is short: ask it before each piece that is looked at.
            if !self.bytes().is_whole() {
                return None;
            }
            let Some(next) = self.query.next_piece(&self.document, piece, last) else {
                return Some(counts);
            };
            if let Some(count) = counts.get_mut(next - first) {
                self.query.hits_in_piece(&self.document, next, |_| {
                    *count += 1;
                    true
                });
            }
            piece = next + 1;
        }
    }
}

/// What is known of a search so far.
#[derive(Clone, Debug)]
pub struct Search {
    query: Query,
    counts: Vec<u32>,
    total: u64,
    is_complete: bool,
}

impl Search {
    /// Nothing is known yet.
    pub fn new(query: Query) -> Self {
        Self {
            query,
            counts: Vec::new(),
            total: 0,
            is_complete: false,
        }
    }

    /// Takes what the searcher has counted next; anything else is left out.
    pub fn absorb(&mut self, found: Found) {
        if found.first == self.counts.len() && !self.is_complete {
            self.total += found
                .counts
                .iter()
                .map(|count| u64::from(*count))
                .sum::<u64>();
            self.counts.extend(found.counts);
            self.is_complete = found.is_last;
        }
    }

    /// How many hits there are so far.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// Whether everything is searched.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// How far the text is searched, in bytes.
    pub fn edge(&self) -> usize {
        self.counts.len() * PIECE
    }

    /// The first hit that begins at `from` or after it, as far as the text is searched.
    pub fn next(&self, document: &Document, from: usize) -> Option<Range<usize>> {
        let piece = from / PIECE;
        (piece..self.counts.len())
            .filter(|piece| self.counts[*piece] > 0)
            .find_map(|piece| {
                let mut found = None;
                self.query.hits_in_piece(document, piece, |hit| {
                    if hit.start >= from {
                        found = Some(hit);
                    }
                    found.is_none()
                });
                found
            })
    }

    /// The last hit that begins before `before`.
    pub fn previous(&self, document: &Document, before: usize) -> Option<Range<usize>> {
        let piece = (before / PIECE + 1).min(self.counts.len());
        (0..piece)
            .rev()
            .filter(|piece| self.counts[*piece] > 0)
            .find_map(|piece| {
                let hits = self.query.collect(document, piece);
                hits.into_iter().rfind(|hit| hit.start < before)
            })
    }

    /// Which hit this is, from 1.
    pub fn number(&self, document: &Document, hit: &Range<usize>) -> u64 {
        let piece = (hit.start / PIECE).min(self.counts.len());
        let before: u64 = self.counts[..piece]
            .iter()
            .map(|count| u64::from(*count))
            .sum();
        let mut here = 0;
        self.query.hits_in_piece(document, piece, |other| {
            here += u64::from(other.start <= hit.start);
            other.start < hit.start
        });
        before + here
    }

    /// The pieces that a part of the text lies in: what is looked at to find its hits.
    pub fn pieces_of(part: &Range<usize>) -> Range<usize> {
        part.start / PIECE..part.end.div_ceil(PIECE)
    }

    /// The hits that begin in a piece, in order, whether it is searched yet or not.
    pub fn hits_in_piece(&self, document: &Document, piece: usize) -> Vec<Range<usize>> {
        self.query.collect(document, piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    fn options(regex: bool, scope: Scope, case: Case) -> Options {
        Options { regex, scope, case }
    }

    fn hits(text: &str, looked_for: &str, options: Options) -> Vec<String> {
        let document = Document::parse(text);
        let query = Query::new(looked_for, options).expect("can be looked for");
        let mut searcher = Searcher::new(query.clone(), document.clone());
        let mut search = Search::new(query);
        while let Some(found) = searcher.step(1) {
            search.absorb(found);
        }
        assert!(search.is_complete());
        let all = hits_at_once(text, looked_for, options);
        let closely: Vec<u32> = (0..text.len().div_ceil(PIECE))
            .map(|piece| search.query.collect(&document, piece).len() as u32)
            .collect();
        assert_eq!(all, closely);
        assert_eq!(search.counts, closely);
        let mut hits = Vec::new();
        let mut from = 0;
        while let Some(hit) = search.next(&document, from) {
            assert_eq!(search.number(&document, &hit), hits.len() as u64 + 1);
            assert_eq!(
                search.previous(&document, hit.start + 1).as_ref(),
                Some(&hit)
            );
            from = hit.start + 1;
            hits.push(text[hit].to_owned());
        }
        assert_eq!(hits.len() as u64, search.count());
        hits
    }

    #[test]
    fn a_literal_is_found_in_all_its_forms() {
        let text = r#"{"é":"É \u00e9 \u00C9 e\u0301","path":"a\/b a/b","q":"say \"hi\"","e":"😀 \ud83d\uDE00","n":"a\nb","w":"C:\\x"}"#;
        let exact = options(false, Scope::Everything, Case::Exact);
        let smart = Options::default();
        for (looked_for, options, found) in [
            ("é", exact, vec!["é", r"\u00e9"]),
            ("é", smart, vec!["é", "É", r"\u00e9", r"\u00C9"]),
            ("É", smart, vec!["É", r"\u00C9"]),
            ("a/b", smart, vec![r"a\/b", "a/b"]),
            ("\"hi\"", smart, vec![r#"\"hi\""#]),
            ("\"path\":\"a", smart, vec![r#""path":"a"#]),
            ("😀", smart, vec!["😀", r"\ud83d\uDE00"]),
            ("a\nb", smart, vec![r"a\nb"]),
            ("C:\\x", smart, vec![r"C:\\x"]),
            (r"C:\\x", smart, vec![r"C:\\x"]),
            ("absent", smart, vec![]),
            (
                "SAY",
                options(false, Scope::Everything, Case::Ignore),
                vec!["say"],
            ),
        ] {
            assert_eq!(hits(text, looked_for, options), found, "{looked_for}");
        }
    }

    #[test]
    fn keys_and_values_are_told_apart() {
        let text = r#"{"stat":"stat","a":[{"stat":1},"xstat",true],"true":12}"#;
        let count =
            |scope, looked_for| hits(text, looked_for, options(false, scope, Case::Smart)).len();
        assert_eq!(count(Scope::Everything, "stat"), 4);
        assert_eq!(count(Scope::Keys, "stat"), 2);
        assert_eq!(count(Scope::Values, "stat"), 2);
        assert_eq!(
            (count(Scope::Keys, "true"), count(Scope::Values, "true")),
            (1, 1)
        );
        assert_eq!(
            (count(Scope::Keys, "12"), count(Scope::Values, "12")),
            (0, 1)
        );
        assert_eq!((count(Scope::Keys, "["), count(Scope::Values, "{")), (0, 0));
    }

    #[test]
    fn an_expression_is_matched_against_each_key_and_value() {
        let text =
            r#"{"id":17,"mail":"a@x.org","other":"b@x.org \u00e9","none":"","list":["a@x.org!"]}"#;
        let count =
            |scope, looked_for| hits(text, looked_for, options(true, scope, Case::Smart)).len();
        assert_eq!(count(Scope::Everything, r"@.*$"), 3);
        assert_eq!(count(Scope::Everything, r"^a@x\.org$"), 1);
        assert_eq!(count(Scope::Values, "é$"), 1);
        assert_eq!(count(Scope::Values, "^$"), 1);
        assert_eq!(count(Scope::Keys, "^(id|list)$"), 2);
        assert_eq!(count(Scope::Values, r"^\d+$"), 1);
        assert_eq!(count(Scope::Values, "A@X"), 0);
        assert_eq!(
            count(Scope::Values, r"\Sx"),
            3,
            "a capital of an escape is none"
        );
        assert_eq!(
            count(Scope::Everything, "z*"),
            1,
            "only nothing in nothing is a hit"
        );
    }

    #[test]
    fn what_cannot_be_looked_for_is_said() {
        let regex = options(true, Scope::Everything, Case::Smart);
        for (looked_for, options) in [
            ("", Options::default()),
            ("", regex),
            ("(", regex),
            ("a{999999999}", regex),
            (&"x".repeat(LONGEST + 1), regex),
        ] {
            let why = Query::new(looked_for, options).expect_err("cannot be looked for");
            assert!(!why.is_empty() && !why.contains('\n'), "{why}");
        }
    }

    #[test]
    fn a_long_text_is_searched_alike_by_several() {
        let records = r#"{"a":"hay","b":"Needle"},"#.repeat(150_000);
        let text = format!("[{records}0]");
        assert!(text.len() > 3 * SHARE);
        let found = hits_at_once(&text, "needle", Options::default());
        assert_eq!(found.iter().sum::<u32>(), 150_000);
        assert_eq!(
            hits_at_once(&text, "absent", Options::default()),
            vec![0; text.len().div_ceil(PIECE)]
        );
    }

    /// The hits in each piece, of one step.
    fn hits_at_once(text: &str, looked_for: &str, options: Options) -> Vec<u32> {
        let query = Query::new(looked_for, options).expect("can be looked for");
        let mut searcher = Searcher::new(query, Document::parse(text));
        searcher.step(usize::MAX).expect("the first step").counts
    }

    #[test]
    fn a_search_goes_on_while_the_text_is_read() {
        let text = format!("[{}\"needle\"]", "\"hay\",".repeat(60_000));
        let (mut document, indexer) = Document::open(text.as_str());
        let mut indexer = indexer.expect("there is more to read");
        let query = Query::new("needle", options(false, Scope::Values, Case::Smart));
        let query = query.expect("can be looked for");
        let mut searcher = Searcher::new(query.clone(), document.clone());
        let mut search = Search::new(query);
        while !searcher.is_done() {
            if let Some(found) = searcher.step(1_000_000) {
                search.absorb(found);
            } else {
                document.absorb(indexer.step(100_000).expect("there is more to read"));
                searcher.renew(document.clone());
            }
        }
        assert!(document.is_complete() && search.is_complete());
        let hit = search.next(&document, 0).expect("is there");
        assert_eq!(&text[hit.clone()], "needle");
        let node = document.node_at(hit.start).expect("is a node");
        assert_eq!(document.attr_path(node), "[60000]");
        assert_eq!(search.next(&document, hit.start + 1), None);
        let [piece] = Search::pieces_of(&hit).collect::<Vec<_>>()[..] else {
            panic!("{hit:?} is in one piece");
        };
        assert_eq!(search.hits_in_piece(&document, piece), [hit]);
    }

    proptest! {
        #[test]
        fn hits_are_where_the_bytes_are(words in prop::collection::vec("[aAb]{1,3}", 0..9), filler in 0_usize..3, looked_for in "[ab]{1,2}") {
            let filler = "x".repeat(PIECE / 2 * filler + PIECE - 12);
            let text = format!("[\"{filler}{}\"]", words.join("-"));
            let found = hits(&text, &looked_for, Options::default());
            // Hits never overlap, but where one of two is taken may differ at the border of a piece.
            let plain = text.to_lowercase().matches(&looked_for).count();
            prop_assert!(found.len() >= plain && found.len() <= plain + 1);
            prop_assert!(found.iter().all(|hit| hit.to_lowercase() == looked_for));
        }
    }
}
