//! The line at the foot of a viewer: a search, a filter, the name of a file; each while it is written.

use std::path::PathBuf;

use crate::tui::panes::line_input::LineInput;
use crate::tui::viewer::Outcome;
use crate::tui::viewer::Viewer;
use crate::tui::viewer::Waiting;
use crate::tui::viewer::action::Action;
use crate::tui::viewer::filter;
use crate::tui::viewer::filter::Filter;
use crate::tui::viewer::filter::FilterLine;
use crate::tui::viewer::search::Hits;
use crate::tui::viewer::search::SearchLine;
use crate::tui::viewer::search::Went;
use crate::tui::viewer::text::Text;
use crate::tui::viewer::work;
use crate::tui::viewer::work::Save;
use crate::tui::viewer::work::Work;

/// The name that is offered for a file.
const FILE: &str = "answer.json";

/// A line that is being written.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
#[derive(Debug)]
pub(super) enum Line {
    /// What is looked for; the hits there were before.
    Search(SearchLine),
    /// A filter, and the results there were before.
    Filter { line: FilterLine, before: Before },
    /// The name of a file to save.
    SaveAs(LineInput),
}

/// What was on view before a filter was written.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
#[derive(Debug)]
pub(super) enum Before {
    /// It is still there.
    Untouched,
    /// These results, or the whole where there were none.
    Was(Option<(Filter, Text)>),
}

impl Line {
    /// The word for it in the footer.
    pub(super) fn mode_name(&self) -> &'static str {
        match self {
            Self::Search(_) => "FIND",
            Self::Filter { .. } => "JQ",
            Self::SaveAs(_) => "SAVE AS",
        }
    }
}

impl Viewer {
    pub(super) fn begin_search(&mut self) {
        let from = self.text().place();
        self.line = Some(Line::Search(SearchLine::new(self.hits.as_ref(), from)));
    }

    pub(super) fn begin_filter(&mut self) {
        let program = self.stand.filtered.as_ref();
        let program = program.map_or(".", |(filter, _)| filter.program.as_str());
        let mut line = FilterLine::new(program);
        line.changed(&self.stand.whole.document);
        let before = Before::Untouched;
        self.line = Some(Line::Filter { line, before });
    }

    pub(super) fn begin_saving(&mut self) {
        self.line = Some(Line::SaveAs(LineInput::new(FILE)));
    }

    /// Leaves the line that is being written as if it had not been begun.
    pub fn stop_typing(&mut self) {
        self.leave_line();
        self.refit();
    }

    /// Takes a key or a paste into the line; what is written is looked for, or filtered with, at once.
    pub(super) fn typed(&mut self, change: impl FnOnce(&mut LineInput)) {
        match &mut self.line {
            Some(Line::Search(line)) => {
                let before = line.input.text().to_owned();
                change(&mut line.input);
                if line.input.text() != before {
                    self.search();
                }
            }
            Some(Line::Filter { line, .. }) => {
                let before = line.input.text().to_owned();
                change(&mut line.input);
                if line.input.text() != before {
                    line.changed(&self.stand.whole.document);
                    self.run_filter();
                }
            }
            Some(Line::SaveAs(input)) => change(input),
            None => {}
        }
    }

    pub(super) fn act_in_line(&mut self, action: Action) -> Option<Outcome> {
        match action {
            Action::LineEnter => return self.line_entered(),
            Action::LineLeave => self.leave_line(),
            Action::LineComplete => {
                if let Some(Line::Filter { line, .. }) = &mut self.line {
                    line.complete();
                    self.run_filter();
                }
            }
            Action::LineOlder | Action::LineNewer => return self.older_or_newer(action),
            Action::LineRegex | Action::LineScope | Action::LineCase => {
                if let Some(Line::Search(line)) = &mut self.line {
                    match action {
                        Action::LineRegex => line.turn_regex(),
                        Action::LineScope => line.turn_scope(),
                        _ => line.turn_case(),
                    }
                    self.search();
                }
            }
            _ => {}
        }
        None
    }

    fn older_or_newer(&mut self, action: Action) -> Option<Outcome> {
        let older = action == Action::LineOlder;
        match &mut self.line {
            Some(Line::Filter { line, .. }) => {
                line.remember(&self.filters, older);
                line.changed(&self.stand.whole.document);
                self.run_filter();
                None
            }
            Some(Line::Search(_)) if self.hits.is_some() => self.go_to_hit(!older),
            _ => None,
        }
    }

    fn line_entered(&mut self) -> Option<Outcome> {
        match self.line.take()? {
            Line::Search(line) => {
                if line.input.text().is_empty() {
                    self.drop_search();
                }
                line.error.map(Outcome::Refused)
            }
            Line::Filter { line, before } => {
                let program = line.input.text().trim().to_owned();
                if matches!(program.as_str(), "" | ".") {
                    self.waiting.filter = None;
                    self.unfilter();
                    return None;
                }
                if let Some(error) = line.error.filter(|_| self.waiting.filter.is_none()) {
                    self.restore(before);
                    return Some(Outcome::Refused(error));
                }
                filter::remember(&mut self.filters, &program);
                None
            }
            Line::SaveAs(input) => {
                let name = input.text().trim();
                if name.is_empty() {
                    let why = "not saved: the file has no name";
                    return Some(Outcome::Refused(why.to_owned()));
                }
                let save = Save {
                    file: PathBuf::from(name),
                    bytes: self.document().bytes().clone(),
                };
                self.waiting.save = Some(self.ask(Work::Save(save)));
                None
            }
        }
    }

    fn leave_line(&mut self) {
        match self.line.take() {
            Some(Line::Search(line)) => {
                self.drop_search();
                self.text_mut().show(line.from);
            }
            Some(Line::Filter { before, .. }) => {
                self.waiting.filter = None;
                self.restore(before);
            }
            Some(Line::SaveAs(_)) | None => {}
        }
    }

    /// Puts back what was on view before a filter was written.
    fn restore(&mut self, before: Before) {
        if let Before::Was(before) = before {
            self.leave_text();
            self.stand.filtered = before;
        }
    }

    /// Forgets what was looked for.
    pub(super) fn drop_search(&mut self) {
        self.hits = None;
        self.waiting.search = None;
    }

    /// Forgets what was looked for in a text that is not on view any more, and all that is still found out about it.
    pub(super) fn leave_text(&mut self) {
        self.drop_search();
        self.waiting = Waiting {
            save: self.waiting.save.take(),
            ..Waiting::default()
        };
    }

    fn unfilter(&mut self) {
        self.leave_text();
        self.stand.filtered = None;
    }

    /// Looks for what is written.
    fn search(&mut self) {
        let Some(Line::Search(line)) = &mut self.line else {
            return;
        };
        self.waiting.search = None;
        self.hits = None;
        line.error = None;
        let (text, options, from) = (line.input.text().to_owned(), line.options, line.from);
        if text.is_empty() {
            self.text_mut().show(from);
            return;
        }
        let document = &self.stand.text().document;
        match Hits::new(&text, options, document, from) {
            Ok((hits, searcher)) => {
                self.hits = Some(hits);
                self.waiting.search = Some(self.ask(Work::Search(searcher)));
            }
            Err(reason) => line.error = Some(reason),
        }
    }

    /// Goes to the next hit or the one before, now or as soon as it is known.
    pub(super) fn go_to_hit(&mut self, forward: bool) -> Option<Outcome> {
        let place = self.text().place();
        self.hits.as_mut()?.want(forward, place);
        match self.settle_search() {
            Some(outcome) => Some(outcome),
            None if self.hits.as_ref()?.wanted.is_some() => {
                Some(Outcome::Told("still searching".to_owned()))
            }
            None => None,
        }
    }

    /// Goes to the hit that is wanted, if it is known.
    pub(super) fn settle_search(&mut self) -> Option<Outcome> {
        let hits = self.hits.as_mut()?;
        let document = &self.stand.text().document;
        let was_at = hits.at.as_ref().map(|hit| hit.start);
        match hits.settle(document) {
            Went::To(place) => {
                self.show_hit(place);
                None
            }
            Went::Around(place) => {
                let down = was_at.is_none_or(|before| place <= before);
                self.show_hit(place);
                let (end, other) = if down {
                    ("end", "beginning")
                } else {
                    ("beginning", "end")
                };
                let words = format!("past the {end}: on from the {other}");
                Some(Outcome::Told(words))
            }
            Went::Nowhere if self.line.is_none() => {
                Some(Outcome::Refused("this is not found".to_owned()))
            }
            Went::Waits | Went::Nowhere => None,
        }
    }

    fn show_hit(&mut self, place: usize) {
        self.text_mut().show(place);
        self.refit();
    }

    /// Lets the filter run that is written, if it is one.
    fn run_filter(&mut self) {
        let Some(Line::Filter { line, .. }) = &self.line else {
            return;
        };
        let program = line.input.text().to_owned();
        self.waiting.filter = None;
        if line.is_right() {
            let input = self.stand.whole.document.bytes().clone();
            let work = work::Filter { program, input };
            self.waiting.filter = Some(self.ask(Work::Filter(work)));
        }
    }
}
