//! Writing the filter: one line, checked against the schema while it is written, with what may come next.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use jiff::Timestamp;
use tui_textarea::CursorMove;
use tui_textarea::TextArea;

use crate::capture::filter;
use crate::capture::filter::completion::Completion;
use crate::capture::filter::completion::complete;
use crate::capture::filter::parse::FilterError;
use crate::capture::schema::EntityType;
use crate::tui::panes::line_input::is_left_out;
use crate::tui::panes::line_input::on_one_line;

/// A filter being written.
#[derive(Debug)]
pub struct Typing {
    area: TextArea<'static>,
    offers: Vec<Completion>,
    /// The offer that the user went to; `None` while nothing was chosen.
    chosen: Option<usize>,
    error: Option<FilterError>,
}

impl Typing {
    /// Begins with `text`, the cursor at its character `place`, or at its end.
    pub fn new(text: &str, place: Option<usize>, schema: &EntityType, now: Timestamp) -> Self {
        let mut typing = Self {
            area: TextArea::new(vec![on_one_line(text)]),
            offers: Vec::new(),
            chosen: None,
            error: None,
        };
        typing.area.move_cursor(CursorMove::End);
        if let Some(place) = place {
            typing.go_to(place);
        }
        typing.follow(schema, now);
        typing
    }

    /// What is written.
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// The character that the cursor is on, from 0.
    pub fn cursor(&self) -> usize {
        self.area.cursor().1
    }

    /// Why what is written is no filter.
    pub fn error(&self) -> Option<&FilterError> {
        self.error.as_ref()
    }

    /// What may come next, and which of it was chosen.
    pub fn offers(&self) -> (&[Completion], Option<usize>) {
        (&self.offers, self.chosen)
    }

    /// Takes a key that is no verb.
    pub fn key(&mut self, key: KeyEvent, schema: &EntityType, now: Timestamp) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            // There is one line.
            KeyCode::Enter | KeyCode::Tab | KeyCode::Char('\n' | '\r') => return,
            KeyCode::Char('m' | 'j') if control => return,
            // As in shells; the text area would take it for undo.
            KeyCode::Char('u') if control => {
                self.area.delete_line_by_head();
            }
            _ => {
                self.area.input(key);
            }
        }
        self.follow(schema, now);
    }

    /// Puts in a text at the cursor; says how many characters were left out.
    pub fn paste(&mut self, text: &str, schema: &EntityType, now: Timestamp) -> usize {
        self.area.insert_str(on_one_line(text));
        self.follow(schema, now);
        text.chars().filter(|c| is_left_out(*c)).count()
    }

    /// Goes to another offer; past the ends is the text itself.
    pub fn choose(&mut self, forward: bool) {
        let count = self.offers.len();
        self.chosen = match (self.chosen, forward) {
            _ if count == 0 => None,
            (None, true) => Some(0),
            (None, false) => Some(count - 1),
            (Some(at), true) => Some(at + 1).filter(|at| *at < count),
            (Some(at), false) => at.checked_sub(1),
        };
    }

    /// Whether an offer was chosen.
    pub fn has_choice(&self) -> bool {
        self.chosen.is_some()
    }

    /// Puts in the offer that was chosen, or the first; false when nothing is offered.
    pub fn take(&mut self, schema: &EntityType, now: Timestamp) -> bool {
        let Some(offer) = self.offers.get(self.chosen.unwrap_or(0)).cloned() else {
            return false;
        };
        let follows = self.text().chars().nth(offer.replaces.end);
        if !self.go_to(offer.replaces.start) {
            return false;
        }
        if !offer.replaces.is_empty() {
            self.area.delete_str(offer.replaces.len());
        }
        self.area.insert_str(&offer.text);
        match follows {
            Some(' ') => self.area.move_cursor(CursorMove::Forward),
            Some(')') => {}
            _ if offer.text.ends_with('(') => {}
            _ => {
                self.area.insert_char(' ');
            }
        }
        self.follow(schema, now);
        true
    }

    /// Puts the cursor on a character; false when it is too far for the text area.
    pub fn go_to(&mut self, place: usize) -> bool {
        match u16::try_from(place) {
            Ok(column) => {
                self.area.move_cursor(CursorMove::Jump(0, column));
                true
            }
            Err(_) => false,
        }
    }

    /// Checks what is written, and finds what may come next.
    fn follow(&mut self, schema: &EntityType, now: Timestamp) {
        let (text, cursor) = (self.text().to_owned(), self.cursor());
        self.offers = complete(&text, cursor, schema, now);
        self.error = filter::check(&text, schema, now).err();
        self.chosen = None;
    }
}
