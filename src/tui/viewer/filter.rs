//! A jq filter over the document: the line in which it is written, what could be typed next, what it gave.
//!
//! The filter runs beside the loop, in a process of its own, a moment after the last key. Used by the viewer alone; the
//! language is `json::query`'s and the process `worker::filter`'s.

use crate::json::document::Document;
use crate::json::query::complete::Candidate;
use crate::json::query::complete::DocumentKeys;
use crate::json::query::complete::complete;
use crate::json::query::program::check;
use crate::tui::panes::line_input::LineInput;
use crate::tui::viewer::words;
use crate::worker::filter::Filtered;

/// How many candidates are listed.
const LISTED: usize = 8;

/// How many filters are remembered.
const REMEMBERED: usize = 100;

/// The line in which somebody writes a filter.
#[derive(Debug)]
pub struct FilterLine {
    /// What is written.
    pub input: LineInput,
    /// What is wrong with it, or what came of it.
    pub error: Option<String>,
    /// What could stand at the end, and which of it was put there last.
    offered: Vec<Candidate>,
    chosen: Option<usize>,
    /// What was written before completing.
    stem: String,
    /// How far back in the history one is.
    back: usize,
    /// What was written before going back.
    fresh: String,
}

impl FilterLine {
    /// A line with a filter to be changed.
    pub fn new(text: &str) -> Self {
        Self {
            input: LineInput::new(text),
            error: None,
            offered: Vec::new(),
            chosen: None,
            stem: String::new(),
            back: 0,
            fresh: String::new(),
        }
    }

    /// What is written changed: says what is wrong with it, and what could come next in `document`.
    pub fn changed(&mut self, document: &Document) {
        let text = self.input.text().to_owned();
        self.error = check(&text)
            .err()
            .map(|fault| format!("column {}: {}", fault.column, fault.reason));
        self.offered = complete(&text, text.len(), &DocumentKeys(document));
        self.offered.truncate(LISTED);
        self.chosen = None;
        self.stem = text;
    }

    /// Whether what is written is a filter.
    pub fn is_right(&self) -> bool {
        check(self.input.text()).is_ok()
    }

    /// Puts in the next of what could stand there.
    pub fn complete(&mut self) {
        if self.offered.is_empty() {
            return;
        }
        let next = self.chosen.map_or(0, |at| (at + 1) % self.offered.len());
        self.chosen = Some(next);
        let candidate = &self.offered[next];
        let before = self
            .stem
            .get(..candidate.replaces.start)
            .unwrap_or_default();
        let after = self.stem.get(candidate.replaces.end..).unwrap_or_default();
        self.input = LineInput::new(&format!("{before}{}{after}", candidate.text));
        self.error = check(self.input.text())
            .err()
            .map(|fault| format!("column {}: {}", fault.column, fault.reason));
    }

    /// What could stand there, the one that was put in among them.
    pub fn offered(&self) -> impl Iterator<Item = (&Candidate, bool)> {
        let chosen = self.chosen;
        self.offered
            .iter()
            .enumerate()
            .map(move |(at, candidate)| (candidate, chosen == Some(at)))
    }

    /// Goes to an older filter, or a newer one.
    pub fn remember(&mut self, history: &[String], older: bool) {
        if self.back == 0 {
            self.fresh = self.input.text().to_owned();
        }
        self.back = if older {
            (self.back + 1).min(history.len())
        } else {
            self.back.saturating_sub(1)
        };
        let text = match self.back {
            0 => &self.fresh,
            back => &history[history.len() - back],
        };
        self.input = LineInput::new(text);
    }
}

/// A filter whose results are on view.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The filter.
    pub program: String,
    /// What came of it, in words.
    pub words: String,
}

impl Filter {
    /// A filter and what it gave.
    pub fn new(program: &str, filtered: &Filtered) -> Self {
        let count = usize::try_from(filtered.results).unwrap_or(usize::MAX);
        let unit = if count == 1 { "result" } else { "results" };
        let short = match &filtered.short {
            Some(short) => format!(", {}", short.in_words()),
            None => String::new(),
        };
        Self {
            program: program.to_owned(),
            words: format!("{} {unit}{short}", words::count(count)),
        }
    }
}

/// Adds a filter to those remembered, the newest last.
pub fn remember(history: &mut Vec<String>, program: &str) {
    history.retain(|old| old != program);
    history.push(program.to_owned());
    if history.len() > REMEMBERED {
        history.remove(0);
    }
}
