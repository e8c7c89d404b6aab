//! A viewer of a text that is still coming: it is given more of it by and by.

use crate::json::document::Document;
use crate::tui::viewer::Stand;
use crate::tui::viewer::Viewer;
use crate::tui::viewer::work::Stub;
use crate::tui::viewer::work::Ticket;

impl Viewer {
    /// Takes all that has come of the text: it begins with the one that is viewed. Folds and place stay.
    pub fn renew(&mut self, document: Document) {
        self.first_mut().whole.renew(document);
        self.refit();
    }

    /// The whole of the text that the viewer was opened with, whatever is seen of it now.
    pub fn whole(&self) -> &Document {
        let first = self.outer.first().map_or(&self.stand, |(stand, _)| stand);
        &first.whole.document
    }

    fn first_mut(&mut self) -> &mut Stand {
        match self.outer.first_mut() {
            Some((stand, _)) => stand,
            None => &mut self.stand,
        }
    }

    /// Whether somebody works for this viewer who has this stub.
    pub fn waits_for(&self, stub: &Stub) -> bool {
        let waiting = &self.waiting;
        let own = [
            &waiting.search,
            &waiting.filter,
            &waiting.readings,
            &waiting.sort,
            &waiting.profile,
            &waiting.key,
            &waiting.save,
        ];
        let outer = self.outer.iter().map(|(stand, _)| stand);
        let stands = std::iter::once(&self.stand).chain(outer);
        let texts = stands.flat_map(|stand| {
            let filtered = stand.filtered.as_ref().map(|(_, text)| text);
            std::iter::once(&stand.whole).chain(filtered)
        });
        let reading = texts.map(|text| &text.reading);
        let fits = |ticket: &Ticket| ticket.fits(stub);
        own.into_iter().chain(reading).flatten().any(fits)
    }
}
