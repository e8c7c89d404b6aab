//! The search line of the history: what is asked, and the line in which it is written, with what is wrong with it and what
//! could come next. What is written is asked as soon as nobody types for a moment.

use std::ops::Range;

use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::history::query::Query;
use crate::history::query::complete::Known;
use crate::history::query::complete::Suggestion;
use crate::history::query::complete::complete;
use crate::history::query::parse::QueryError;
use crate::history::query::parse::parse;
use crate::tui::panes::line_input::LineInput;

/// How long nobody types before what is written is asked.
const PAUSE: SignedDuration = SignedDuration::from_millis(120);

/// How many suggestions are kept.
const SUGGESTED: usize = 24;

/// What is asked of the history.
#[derive(Debug, Default)]
pub(super) struct Search {
    text: String,
    query: Query,
    line: Option<SearchLine>,
}

/// The line while it is written.
#[derive(Debug)]
pub(super) struct SearchLine {
    pub(super) input: LineInput,
    pub(super) error: Option<QueryError>,
    /// What was asked before it was begun.
    before: String,
    /// Since when something is written that was not asked yet.
    unasked: Option<Timestamp>,
    suggestions: Vec<Suggestion>,
    /// What is said of the value that is typed, where nothing is suggested for it.
    hint: Option<String>,
    /// Whether the value that is typed can still become another.
    begun: bool,
    replaces: Range<usize>,
    chosen: Option<usize>,
    /// What was written before completing.
    stem: String,
    environments: Vec<String>,
    types: Vec<String>,
}

impl Search {
    /// What is asked.
    pub(super) fn query(&self) -> &Query {
        &self.query
    }

    /// As it was written; empty when everything is meant.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The line, while it is written.
    pub(super) fn line(&self) -> Option<&SearchLine> {
        self.line.as_ref()
    }

    /// Begins to write, with what can be named in it.
    pub(super) fn begin(&mut self, environments: Vec<String>, types: Vec<String>) {
        let mut line = SearchLine {
            input: LineInput::new(&self.text),
            error: None,
            before: self.text.clone(),
            unasked: None,
            suggestions: Vec::new(),
            hint: None,
            begun: false,
            replaces: 0..0,
            chosen: None,
            stem: String::new(),
            environments,
            types,
        };
        line.suggest();
        self.line = Some(line);
    }

    /// Takes a key or a paste into the line.
    pub(super) fn typed(&mut self, change: impl FnOnce(&mut LineInput), now: Timestamp) {
        let Some(line) = &mut self.line else {
            return;
        };
        let before = line.input.text().to_owned();
        change(&mut line.input);
        if line.input.text() != before {
            line.suggest();
            line.changed(now);
        }
    }

    /// Puts in the next of what could stand there.
    pub(super) fn complete(&mut self, now: Timestamp) {
        if let Some(line) = &mut self.line {
            line.complete();
            line.changed(now);
        }
    }

    /// Whether something is written that is to be asked soon.
    pub(super) fn is_behind(&self) -> bool {
        self.line
            .as_ref()
            .is_some_and(|line| line.unasked.is_some())
    }

    /// Asks what is written, if nobody typed for a moment. Says whether another question came of it.
    pub(super) fn catch_up(&mut self, now: Timestamp) -> bool {
        let since = self.line.as_ref().and_then(|line| line.unasked);
        since.is_some_and(|since| now.duration_since(since) >= PAUSE) && self.ask(now)
    }

    /// Asks what is written and was not asked yet, at once. Says whether another question came of it.
    pub(super) fn ask_if_behind(&mut self, now: Timestamp) -> bool {
        self.is_behind() && self.ask(now)
    }

    /// Takes the line. Says whether another question came of it, or why it cannot be asked; then it stays open.
    pub(super) fn enter(&mut self, now: Timestamp) -> Result<bool, String> {
        if let Some(line) = &mut self.line {
            line.error = line.fault(now);
        }
        let changed = self.ask(now);
        let error = self.line.as_ref().and_then(|line| line.error.as_ref());
        if let Some(error) = error {
            return Err(error.message.clone());
        }
        self.line = None;
        Ok(changed)
    }

    /// Leaves the line: what was asked before it was begun is asked again. Says whether that is another question.
    pub(super) fn leave(&mut self, now: Timestamp) -> bool {
        self.line
            .take()
            .is_some_and(|line| self.set(&line.before, now))
    }

    /// Asks for everything. Says whether that is another question.
    pub(super) fn clear(&mut self, now: Timestamp) -> bool {
        self.line = None;
        self.set("", now)
    }

    fn ask(&mut self, now: Timestamp) -> bool {
        let Some(line) = &mut self.line else {
            return false;
        };
        line.unasked = None;
        let text = line.input.text().trim().to_owned();
        line.error.is_none() && self.set(&text, now)
    }

    /// Asks this, which was read before.
    fn set(&mut self, text: &str, now: Timestamp) -> bool {
        let Ok(query) = parse(text, &now.to_zoned(TimeZone::system())) else {
            return false;
        };
        text.clone_into(&mut self.text);
        let changed = query != self.query;
        self.query = query;
        changed
    }
}

impl SearchLine {
    /// What could stand at the end, and which of it was put there.
    pub(super) fn suggestions(&self) -> (&[Suggestion], Option<usize>) {
        (&self.suggestions, self.chosen)
    }

    /// What is said of the value at the end, where nothing is suggested for it.
    pub(super) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    fn suggest(&mut self) {
        let text = self.input.text();
        let known = Known {
            environments: &self.environments,
            types: &self.types,
        };
        let mut completion = complete(text, text.len(), known);
        completion.suggestions.truncate(SUGGESTED);
        self.suggestions = completion.suggestions;
        self.hint = completion.hint;
        self.begun = completion.begun;
        self.replaces = completion.replaces;
        self.chosen = None;
        self.stem = text.to_owned();
    }

    fn complete(&mut self) {
        if self.suggestions.is_empty() {
            return;
        }
        let next = self
            .chosen
            .map_or(0, |at| (at + 1) % self.suggestions.len());
        self.chosen = Some(next);
        let put = &self.suggestions[next].text;
        let before = self.stem.get(..self.replaces.start).unwrap_or_default();
        let after = self.stem.get(self.replaces.end..).unwrap_or_default();
        self.input = LineInput::new(&format!("{before}{put}{after}"));
        if self.suggestions.len() == 1 {
            // Nothing else can be meant: what follows it can be completed next.
            self.suggest();
        }
    }

    fn changed(&mut self, now: Timestamp) {
        self.unasked = Some(now);
        self.error = self.fault(now);
        if self.is_half_typed() {
            self.error = None;
            self.unasked = None;
        }
    }

    /// Whether what stands at the end is a beginning only, with nothing wrong before it: it is no fault yet, and to ask it
    /// would find nothing.
    fn is_half_typed(&self) -> bool {
        let text = self.input.text();
        let end = text.trim_end().len();
        let is_at_end = self.error.as_ref().is_none_or(|error| error.at.end >= end);
        let can_go_on = self.error.is_some() || !self.suggestions.is_empty();
        let is_begun = self.chosen.is_none() && self.begun && can_go_on;
        is_at_end && (text.ends_with(':') || is_begun)
    }

    fn fault(&self, now: Timestamp) -> Option<QueryError> {
        parse(self.input.text(), &now.to_zoned(TimeZone::system())).err()
    }
}
