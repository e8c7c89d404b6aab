//! Reading ahead: a long step is shared among threads, of which all but the first begin in the middle of the text.
//!
//! Whoever begins in the middle guesses that a token begins there, does not know how many containers are open, and
//! learns of which kind they are when it comes out of them: from what follows. What it has read is taken only by a
//! reader that arrives at the same place in the same state, with the same containers open, and can then not differ from
//! what that one would have read itself; else it is read again. Anything that is not as in nearly all texts ends reading
//! ahead. Deliberately absent: threads that outlive a step.

use std::thread;

use crate::json::bytes::Bytes;
use crate::json::index::reader::Expect;
use crate::json::index::reader::Indexer;
use crate::json::index::reader::Open;
use crate::json::index::scan;
use crate::json::processors::processors;

/// A reader's share of a step is worth a thread if it has at least so many bytes.
const SHARE: usize = 128 * 1024;

/// How often reading ahead may be in vain before nobody tries again.
const PATIENCE: u8 = 4;

/// How many containers are taken to be open where it begins: it can come out of so many.
const DEPTH: u32 = 1024;

/// How far a place to begin at, or what follows on a container, is looked for, in bytes.
const NEAR: usize = 4096;

/// How the steps of a reader are shared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sharing {
    /// Among how many readers.
    readers: usize,
    /// Only if each gets so many bytes.
    least: usize,
    /// How often reading ahead may still be in vain.
    patience: u8,
}

impl Sharing {
    /// Among as many as this machine has processors for.
    pub(super) fn new() -> Self {
        Self {
            readers: processors(),
            least: SHARE,
            patience: PATIENCE,
        }
    }
}

/// What a reader knows that began in the middle.
#[derive(Debug)]
pub(super) struct Ahead {
    /// Where it began, and what the grammar allowed there.
    start: usize,
    expect: Expect,
    /// Of the containers that were open there whether they are objects, as far as it has learnt that: from the innermost
    /// outwards.
    learnt: Vec<bool>,
}

impl Ahead {
    /// The number of open containers below which it knows nothing.
    fn floor(&self) -> u32 {
        DEPTH + 1 - self.learnt.len() as u32
    }
}

impl Indexer {
    /// Reads on to about `until`, with others if that is far.
    pub(super) fn run_together(&mut self, bytes: &[u8], until: usize) {
        let Sharing {
            readers,
            least,
            patience,
        } = self.sharing;
        let share = until.saturating_sub(self.at) / readers.max(1);
        if readers > 1 && patience > 0 && share >= least {
            let begins = (1..readers).map(|reader| self.at + reader * share);
            let ahead: Vec<Self> = begins.filter_map(|from| self.reading_from(from)).collect();
            self.run_before(bytes, ahead, until);
        }
        self.run(bytes, until);
    }

    /// Shares its steps among so many readers, if each gets so many bytes.
    #[cfg(test)]
    pub(crate) fn share_among(&mut self, readers: usize, least: usize) {
        (self.sharing.readers, self.sharing.least) = (readers, least);
    }

    /// Lets each of `ahead` read up to the next on a thread of its own, and follows them.
    fn run_before(&mut self, bytes: &[u8], ahead: Vec<Self>, until: usize) {
        let ends: Vec<usize> = ahead
            .iter()
            .map(|reader| reader.at)
            .chain([until])
            .collect();
        thread::scope(|scope| {
            let running: Vec<_> = ahead
                .into_iter()
                .zip(&ends[1..])
                .map_while(|(mut reader, end)| {
                    let run = move || {
                        reader.run(bytes, *end);
                        reader.cut(reader.at);
                        reader
                    };
                    // Without a thread, that is read by this one.
                    thread::Builder::new().spawn_scoped(scope, run).ok()
                })
                .collect();
            for (thread, start) in running.into_iter().zip(&ends) {
                self.run(bytes, *start);
                let is_taken = match thread.join() {
                    Ok(reader) => self.take(reader),
                    Err(panic) => std::panic::resume_unwind(panic),
                };
                let left = self.sharing.patience.saturating_sub(1);
                self.sharing.patience = if is_taken { PATIENCE } else { left };
            }
        });
    }

    /// A reader that begins at some token soon after `from`, if one can be made out.
    fn reading_from(&self, from: usize) -> Option<Self> {
        let bytes: &[u8] = &self.bytes;
        let near = bytes.get(from..)?;
        let near = &near[..near.len().min(NEAR)];
        let mut commas = memchr::memchr_iter(b',', near).map(|at| from + at);
        let comma = commas.find(|at| is_between_tokens(bytes, *at))?;
        let in_object = kind_around(bytes, comma)?;
        let start = scan::gap_end(bytes, comma + 1);
        let expect = if in_object {
            Expect::Key
        } else {
            Expect::Value
        };
        let ahead = Ahead {
            start,
            expect,
            learnt: vec![in_object],
        };
        Some(Self::begin_ahead(self.bytes.clone(), self.leaf_size, ahead))
    }

    fn begin_ahead(bytes: Bytes, leaf_size: usize, ahead: Ahead) -> Self {
        let mut reader = Self::with_leaves(bytes, leaf_size);
        reader.open = Open::unknown(DEPTH);
        reader.open.set_innermost(ahead.expect == Expect::Key);
        reader.expect = ahead.expect;
        reader.at = ahead.start;
        reader.begin_leaf(ahead.start);
        reader.ahead = Some(ahead);
        reader
    }

    /// For a reader that began in the middle: whether it cannot read on.
    pub(super) fn is_lost(&self) -> bool {
        let lost = |ahead: &Ahead| self.open.depth < ahead.floor() || self.faults > 0;
        self.ahead.as_ref().is_some_and(lost)
    }

    /// Something has ended before `at`, and a reader that began in the middle may now be in a container that it has
    /// not seen the beginning of: learns of which kind that is, if it can.
    #[cold]
    pub(super) fn learn(&mut self, bytes: &[u8], at: usize) {
        let depth = self.open.depth;
        let Some(ahead) = self
            .ahead
            .as_mut()
            .filter(|ahead| depth < ahead.floor() && depth > 0)
        else {
            return;
        };
        if let Some(is_object) = kind_around(bytes, at) {
            ahead.learnt.push(is_object);
            self.open.set_innermost(is_object);
        }
    }

    /// Takes what another has read that began in the middle, if this one has arrived there and knows the same. Says
    /// whether that has brought it on.
    fn take(&mut self, mut reader: Self) -> bool {
        let Some(ahead) = reader.ahead.take() else {
            return false;
        };
        let kind_of = |place: usize| {
            self.open
                .kind_at(self.open.depth.checked_sub(place as u32)?)
        };
        let mut learnt = ahead.learnt.iter().enumerate();
        let is_the_same = self.at == ahead.start
            && self.expect == ahead.expect
            && learnt.all(|(place, kind)| kind_of(place) == Some(*kind));
        if !is_the_same || reader.faults > 0 || self.faults > 0 {
            return false;
        }
        self.cut(self.at);
        // Of what is open at its end, it has seen the beginning of all that is deeper than this.
        let lowest = reader.open.depth.min(ahead.floor());
        let opened: Vec<bool> = (lowest + 1..=reader.open.depth)
            .map(|depth| reader.open.kind_at(depth).unwrap_or_default())
            .collect();
        let expect = reader.expect;
        self.append(reader, DEPTH);
        for _ in lowest..DEPTH {
            self.open.pop();
        }
        for is_object in opened {
            self.open.push(is_object);
        }
        self.expect = match expect {
            Expect::CommaOrClose => self.after_value(),
            expect => expect,
        };
        self.begin_leaf(self.at);
        true
    }
}

/// Whether a comma stands between two tokens, by its looks: inside of a string it hardly ever stands like this.
fn is_between_tokens(bytes: &[u8], comma: usize) -> bool {
    let before = comma.checked_sub(1).and_then(|at| bytes.get(at));
    let next = bytes.get(scan::gap_end(bytes, comma + 1));
    matches!(before, Some(b'"' | b'}' | b']' | b'e' | b'l' | b'0'..=b'9'))
        && matches!(next, Some(b'"' | b'{' | b'['))
}

/// Whether it is an object that a value has just ended in, or an array; none if what follows does not say.
fn kind_around(bytes: &[u8], at: usize) -> Option<bool> {
    let bytes = &bytes[..bytes.len().min(at + NEAR)];
    let next = scan::gap_end(bytes, at);
    match bytes.get(next)? {
        b'}' => Some(true),
        b']' => Some(false),
        b',' => {
            let start = scan::gap_end(bytes, next + 1);
            if *bytes.get(start)? != b'"' {
                return Some(false);
            }
            let end = scan::string_end(bytes, start + 1, bytes.len())?;
            Some(*bytes.get(scan::gap_end(bytes, end))? == b':')
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::json::document::Document;
    use crate::json::index::samples;

    /// Reads a text from a place in the middle, and says whether a reader that comes from the beginning takes that.
    fn takes(text: &str, from: usize) -> Option<bool> {
        let mut reader = Indexer::with_leaves(text.into(), 8);
        let mut ahead = reader.reading_from(from)?;
        let start = ahead.at;
        ahead.run(text.as_bytes(), text.len());
        ahead.cut(ahead.at);
        reader.run(text.as_bytes(), start);
        Some(reader.take(ahead))
    }

    #[test]
    fn the_middle_of_records_is_taken() {
        let record =
            r#"{"id": 1, "photos": [{"value": "a,b", "tags": ["x", "y"]}], "f": true, "n": null}"#;
        let records = [record; 20].join(", ");
        let text = format!(r#"{{"stat": "ok", "results": [{records}], "result_count": 20}}"#);
        let minified = text.replace(' ', "");
        let indented = text.replace(
            ", ", ",
    ",
        );
        for text in [text, minified, indented] {
            let taken = (40..text.len() - 100)
                .filter(|from| takes(&text, *from) == Some(true))
                .count();
            // Where the comma in "a,b" is the next, it may be taken for one between tokens, and then nothing is.
            assert!(taken > text.len() / 2, "{taken} of {}: {text}", text.len());
        }
    }

    #[test]
    fn what_only_looks_like_json_is_not_taken() {
        let string = r#"},{"a":1,","b":[1,2],{"#.repeat(20);
        let text = format!(r#"["{string}", [1, "{string}"]]"#);
        for from in 2..string.len() {
            assert_ne!(takes(&text, from), Some(true), "{from}");
        }
    }

    #[test]
    fn a_long_step_is_shared() {
        let record = r#"{"id":1,"photos":[{"value":"a","tags":["x","y"]}]}"#;
        let text = format!(r#"{{"results":[{}]}}"#, [record; 200].join(","));
        let mut indexer = Indexer::with_leaves(text.as_str().into(), 2048);
        indexer.share_among(3, 1000);
        let (document, _) = Document::begin(indexer, usize::MAX);
        let mut alone = Indexer::with_leaves(text.as_str().into(), 2048);
        alone.share_among(1, 0);
        let (whole, _) = Document::begin(alone, usize::MAX);
        assert_eq!(samples::all_of(&document), samples::all_of(&whole));
        assert!(document.faults().is_empty());
    }
}
