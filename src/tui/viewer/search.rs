//! A search in a document: what is written, what was found so far, where one is among the hits.
//!
//! The search itself is `json::search`'s and runs beside the loop; the first hit is gone to as soon as it is known,
//! while the rest is counted. Used by the viewer alone.

use std::ops::Range;

use crate::json::document::Document;
use crate::json::search::Case;
use crate::json::search::Found;
use crate::json::search::Options;
use crate::json::search::Query;
use crate::json::search::Scope;
use crate::json::search::Search;
use crate::json::search::Searcher;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::line_input::LineInput;
use crate::tui::viewer::words;

/// The line in which somebody writes what is looked for.
#[derive(Debug)]
pub struct SearchLine {
    /// What is written.
    pub input: LineInput,
    /// How it is looked for.
    pub options: Options,
    /// Where one was before, in bytes.
    pub from: usize,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl SearchLine {
    /// A line with what was looked for last, to be replaced or changed.
    pub fn new(last: Option<&Hits>, from: usize) -> Self {
        Self {
            input: LineInput::selected(last.map_or("", |hits| hits.text.as_str())),
            options: last.map_or_else(Options::default, |hits| hits.options),
            from,
            error: None,
        }
    }

    /// How it is looked for, as switches: what each is and the key that turns it.
    pub fn switches(&self) -> [(String, &'static str); 3] {
        let where_ = match self.options.scope {
            Scope::Everything => "everywhere",
            Scope::Keys => "in keys",
            Scope::Values => "in values",
        };
        let case = match self.options.case {
            Case::Smart => "smart case",
            Case::Exact => "exact case",
            Case::Ignore => "any case",
        };
        let kind = if self.options.regex { "regex" } else { "text" };
        [
            (keyed("<^viewer-line.regex>"), kind),
            (keyed("<^viewer-line.scope>"), where_),
            (keyed("<^viewer-line.case>"), case),
        ]
    }

    /// Looks for a regular expression, or for the text itself.
    pub fn turn_regex(&mut self) {
        self.options.regex = !self.options.regex;
    }

    /// Looks elsewhere.
    pub fn turn_scope(&mut self) {
        self.options.scope = match self.options.scope {
            Scope::Everything => Scope::Keys,
            Scope::Keys => Scope::Values,
            Scope::Values => Scope::Everything,
        };
    }

    /// Takes capitals otherwise.
    pub fn turn_case(&mut self) {
        self.options.case = match self.options.case {
            Case::Smart => Case::Exact,
            Case::Exact => Case::Ignore,
            Case::Ignore => Case::Smart,
        };
    }
}

/// What a search found so far.
#[derive(Debug)]
pub struct Hits {
    /// What is looked for, as it was written.
    pub text: String,
    /// How.
    pub options: Options,
    /// What is known.
    pub search: Search,
    /// The hit that one is at.
    pub at: Option<Range<usize>>,
    /// The hit that is to be gone to as soon as it is known.
    pub wanted: Option<Wanted>,
    /// The searcher, while it waits for more to be read.
    pub waits: Option<Searcher>,
}

/// A hit that is to be gone to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The first at this place or after it.
    From(usize),
    /// The last before this place.
    Before(usize),
}

/// What came of looking for a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// To the hit at this place.
    To(usize),
    /// To the hit at this place, past the end or the beginning.
    Around(usize),
    /// Nowhere yet.
    Waits,
    /// Nowhere: there is none.
    Nowhere,
}

impl Hits {
    /// A search that nothing is known of; with it what searches. Why there is none, in words.
    pub fn new(
        text: &str,
        options: Options,
        document: &Document,
        from: usize,
    ) -> Result<(Self, Searcher), String> {
        let query = Query::new(text, options)?;
        let searcher = Searcher::new(query.clone(), document.clone());
        let hits = Self {
            text: text.to_owned(),
            options,
            search: Search::new(query),
            at: None,
            wanted: Some(Wanted::From(from)),
            waits: None,
        };
        Ok((hits, searcher))
    }

    /// Takes what was found next.
    pub fn absorb(&mut self, found: Found) {
        self.search.absorb(found);
    }

    /// Goes to the hit that is wanted, if it is known.
    pub fn settle(&mut self, document: &Document) -> Went {
        let Some(wanted) = self.wanted else {
            return Went::Waits;
        };
        let complete = self.search.is_complete();
        let length = document.bytes().len();
        let (near, around) = match wanted {
            Wanted::From(place) => (self.search.next(document, place), Wanted::From(0)),
            Wanted::Before(place) => (
                self.search.previous(document, place),
                Wanted::Before(length + 1),
            ),
        };
        let far = match (&near, around) {
            (None, Wanted::From(place)) if complete => self.search.next(document, place),
            (None, Wanted::Before(place)) if complete => self.search.previous(document, place),
            _ => None,
        };
        let is_around = near.is_none();
        match near.or(far) {
            Some(hit) => {
                let start = hit.start;
                self.at = Some(hit);
                self.wanted = None;
                if is_around {
                    Went::Around(start)
                } else {
                    Went::To(start)
                }
            }
            None if complete => {
                self.wanted = None;
                Went::Nowhere
            }
            None => Went::Waits,
        }
    }

    /// Wants the next hit, or the one before, as seen from where one is.
    pub fn want(&mut self, forward: bool, place: usize) {
        self.wanted = Some(match (&self.at, forward) {
            (Some(hit), true) => Wanted::From(hit.start + 1),
            (Some(hit), false) => Wanted::Before(hit.start),
            (None, true) => Wanted::From(place),
            (None, false) => Wanted::Before(place),
        });
    }

    /// How many there are and which one one is at: `3 of 1 204`, with a `+` while there may be more.
    pub fn in_words(&self, document: &Document) -> String {
        let count = usize::try_from(self.search.count()).unwrap_or(usize::MAX);
        let more = if self.search.is_complete() { "" } else { "+" };
        let total = format!("{}{more}", words::count(count));
        match &self.at {
            Some(hit) => {
                let number = usize::try_from(self.search.number(document, hit));
                format!("{} of {total}", words::count(number.unwrap_or(usize::MAX)))
            }
            None if count == 0 && more.is_empty() => "not found".to_owned(),
            None => format!("{total} found"),
        }
    }
}
