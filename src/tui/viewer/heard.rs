//! What a viewer makes of the news of its tasks.

use std::path::Path;

use crate::json::index::reader::Piece;
use crate::json::search::Searcher;
use crate::tui::viewer::Outcome;
use crate::tui::viewer::Viewer;
use crate::tui::viewer::filter::Filter;
use crate::tui::viewer::sheet::Sheet;
use crate::tui::viewer::text::Look;
use crate::tui::viewer::text::Text;
use crate::tui::viewer::work::News;
use crate::tui::viewer::work::Stub;
use crate::tui::viewer::work::Ticket;
use crate::tui::viewer::work::Told;
use crate::tui::viewer::work::Work;
use crate::tui::viewer::writing::Before;
use crate::tui::viewer::writing::Line;
use crate::worker::filter::Filtered;
use crate::worker::filter::Short;

impl Viewer {
    /// Hears what became of a task. What nobody waits for is passed over.
    pub fn heard(&mut self, told: Told) -> Option<Outcome> {
        let Told { stub, news } = told;
        let outcome = match news {
            News::Read(piece) => self.read(&stub, piece),
            News::Found(found) if fits(self.waiting.search.as_ref(), &stub) => {
                self.hits.as_mut()?.absorb(found);
                self.settle_search()
            }
            News::SearchWaits(searcher) if fits(self.waiting.search.as_ref(), &stub) => {
                self.search_waits(*searcher);
                None
            }
            News::Filtered(result) if fits(self.waiting.filter.as_ref(), &stub) => {
                self.waiting.filter = None;
                self.filtered(result)
            }
            News::Readings(readings) if fits(self.waiting.readings.as_ref(), &stub) => {
                self.waiting.readings = None;
                if let Some(Sheet::Value(peek)) = &mut self.sheet {
                    peek.known(readings);
                }
                None
            }
            News::Sorted(elements) if fits(self.waiting.sort.as_ref(), &stub) => {
                self.waiting.sort = None;
                if let Some(table) = &mut self.text_mut().table {
                    table.sorted(elements);
                }
                None
            }
            News::Profiled(profile) if fits(self.waiting.profile.as_ref(), &stub) => {
                self.waiting.profile = None;
                if let Some(Sheet::Column(sheet)) = &mut self.sheet {
                    sheet.known(&self.stand.text().document, &profile);
                }
                None
            }
            News::Key(found) if fits(self.waiting.key.as_ref(), &stub) => {
                self.waiting.key = None;
                self.key_found(found)
            }
            News::Saved(file, result) if fits(self.waiting.save.as_ref(), &stub) => {
                self.waiting.save = None;
                Some(saved(&file, result))
            }
            News::Found(_)
            | News::SearchWaits(_)
            | News::Filtered(_)
            | News::Readings(_)
            | News::Sorted(_)
            | News::Profiled(_)
            | News::Key(_)
            | News::Saved(..) => return None,
        };
        self.refit();
        outcome
    }

    /// More of a text is read.
    fn read(&mut self, stub: &Stub, piece: Option<Piece>) -> Option<Outcome> {
        let outer = self.outer.iter_mut().map(|(stand, _)| stand);
        let stands = std::iter::once(&mut self.stand).chain(outer);
        let mut texts = stands.flat_map(|stand| {
            let filtered = stand.filtered.as_mut().map(|(_, text)| text);
            filtered
                .into_iter()
                .chain(std::iter::once(&mut stand.whole))
        });
        let text = texts.find(|text| fits(text.reading.as_ref(), stub))?;
        match piece {
            Some(piece) => text.absorb(piece),
            None => text.reading = None,
        }
        let waits = self.hits.as_mut().and_then(|hits| hits.waits.take());
        if let Some(searcher) = waits {
            self.search_waits(searcher);
        }
        None
    }

    /// A searcher needs more to be read: goes on when there is more than it knows of.
    fn search_waits(&mut self, mut searcher: Searcher) {
        let document = &self.stand.text().document;
        let Some(hits) = &mut self.hits else { return };
        if hits.search.edge() < document.edge() || document.is_complete() {
            searcher.renew(document.clone());
            self.waiting.search = Some(self.ask(Work::Search(searcher)));
        } else {
            hits.waits = Some(searcher);
        }
    }

    /// A filter came to its end.
    fn filtered(&mut self, result: Result<Filtered, String>) -> Option<Outcome> {
        let (program, is_written) = match &self.line {
            Some(Line::Filter { line, .. }) => (line.input.text().trim().to_owned(), true),
            _ => (self.filters.last().cloned().unwrap_or_default(), false),
        };
        let error = match &result {
            Ok(filtered) => filtered.short.as_ref().map(Short::in_words),
            Err(reason) => Some(reason.clone()),
        };
        let given = result
            .ok()
            .filter(|given| given.results > 0 || error.is_none());
        if let Some(given) = given {
            let (text, indexer) = Text::open(given.text.clone());
            let before = self.stand.filtered.take();
            self.stand.filtered = Some((Filter::new(&program, &given), text));
            if let Some(Line::Filter { before: kept, .. }) = &mut self.line
                && matches!(kept, Before::Untouched)
            {
                *kept = Before::Was(before);
            }
            self.leave_text();
            self.sheet = None;
            if let Some(indexer) = indexer {
                let ticket = self.ask(Work::Read(Box::new(indexer)));
                self.text_mut().reading = Some(ticket);
            }
        }
        match (&mut self.line, error) {
            (Some(Line::Filter { line, .. }), error) => {
                line.error = error;
                None
            }
            (_, Some(error)) if !is_written => Some(Outcome::Refused(error)),
            _ => None,
        }
    }

    fn key_found(&mut self, found: Option<usize>) -> Option<Outcome> {
        let Some(offset) = found else {
            let why = "there is no other of this name";
            return Some(Outcome::Refused(why.to_owned()));
        };
        let document = self.document();
        if offset >= document.edge() && !document.is_complete() {
            let why = "the next one is not read yet: try again in a moment";
            return Some(Outcome::Refused(why.to_owned()));
        }
        let is_around = offset < self.text().place();
        if self.text().look == Look::Table {
            let area = self.parts().text;
            self.text_mut().look_at(Look::Tree, area);
        }
        self.text_mut().show(offset);
        is_around.then(|| Outcome::Told("further up".to_owned()))
    }
}

fn saved(file: &Path, result: Result<(), String>) -> Outcome {
    let file = file.display();
    match result {
        Ok(()) => Outcome::Told(format!("saved as {file}")),
        Err(why) => Outcome::Refused(format!("{file} was not saved: {why}")),
    }
}

fn fits(ticket: Option<&Ticket>, stub: &Stub) -> bool {
    ticket.is_some_and(|ticket| ticket.fits(stub))
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;
    use crate::tui::msg::PaneEvent;
    use crate::tui::viewer::action::Action;
    use crate::tui::viewer::work::Task;
    use crate::tui::viewer::work::carry_out;

    fn done(tasks: Vec<Task>) -> Vec<Told> {
        let mut all = Vec::new();
        for task in tasks {
            carry_out(task, Path::new("captui"), |told| {
                all.push(told);
                true
            });
        }
        all
    }

    #[test]
    fn what_is_found_out_about_a_text_that_was_left_is_passed_over() {
        let mut viewer = Viewer::open(r#"{"a":"[{\"n\":2},{\"n\":1}]","b":[{"n":1},{"n":2}]}"#);
        let area = Rect::new(0, 0, 60, 20);
        viewer.fit(area, area);
        let act = |viewer: &mut Viewer, actions: &[Action]| {
            for action in actions {
                assert_eq!(viewer.update(PaneEvent::Act(*action)), None);
            }
        };
        act(&mut viewer, &[Action::Down, Action::Peek]);
        for told in done(viewer.take_tasks()) {
            assert_eq!(viewer.heard(told), None);
        }
        act(
            &mut viewer,
            &[Action::PeekInside, Action::NextLook, Action::Sort],
        );
        let sorted = done(viewer.take_tasks());
        assert_eq!(sorted.len(), 1);
        assert!(viewer.step_back());
        // The table of the text around it has the same number of rows.
        act(&mut viewer, &[Action::Last, Action::NextLook]);
        assert_eq!(viewer.text().look, Look::Table);
        let before = viewer.text().node();
        for told in sorted {
            assert!(!viewer.waits_for(&told.stub));
            assert_eq!(viewer.heard(told), None);
        }
        assert_eq!(viewer.text().node(), before);
    }

    #[test]
    fn a_line_on_the_only_row_leaves_no_text() {
        let lines = "x\n".repeat(100);
        let mut viewer = Viewer::open(lines);
        let row = Rect::new(0, 0, 20, 1);
        viewer.fit(row, row);
        let _ = viewer.update(PaneEvent::Act(Action::Last));
        let _ = viewer.update(PaneEvent::Act(Action::Search));
        let mut buf = ratatui::buffer::Buffer::empty(row);
        viewer.view(&crate::tui::theme::Theme::monochrome(), true, &mut buf);
        assert_eq!(buf[(0, 0)].symbol(), "/");
    }
}
