//! What a change would do, before it is made: lines that go and lines that come, with the reasons. Enter goes on with
//! the verb that makes the change, Esc leaves everything as it is. Used for repairs; what is shown is the opener's
//! affair.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::json::sanitize;
use crate::tui::action::Action;
use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::theme::Theme;
use crate::tui::widgets::scroll;
use crate::tui::widgets::text;

/// Rows below the lines: an empty one and the keys.
const FOOT: u16 = 2;

/// The most cells of a line that are looked at.
const WIDEST: usize = 96;

/// A change to be looked at.
#[derive(Debug)]
pub struct Difference {
    title: String,
    rows: Vec<Row>,
    offset: usize,
    then: Action,
}

/// A row of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A heading: where the lines are.
    Place(String),
    /// A line that goes.
    Gone(String),
    /// A line that comes.
    New(String),
    /// Why.
    Why(String),
}

/// What a key did to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing yet.
    Open,
    /// Leave things as they are.
    Keep,
    /// Make the change, with this verb.
    GoOn(Action),
}

impl Difference {
    /// The change that `then` makes.
    pub fn new(title: String, rows: impl IntoIterator<Item = Row>, then: Action) -> Self {
        Self {
            title,
            rows: rows.into_iter().collect(),
            offset: 0,
            then,
        }
    }

    /// Handles a key, on a screen of this size.
    pub fn key(&mut self, key: KeyEvent, screen: Rect) -> Reply {
        let page = self.inside_height(screen).max(2) as isize - 1;
        let step = match key.code {
            KeyCode::Enter => return Reply::GoOn(self.then),
            KeyCode::Esc | KeyCode::Char('q') => return Reply::Keep,
            KeyCode::Down | KeyCode::Char('j') => 1,
            KeyCode::Up | KeyCode::Char('k') => -1,
            KeyCode::PageDown | KeyCode::Char(' ') => page,
            KeyCode::PageUp => -page,
            KeyCode::Home => isize::MIN,
            KeyCode::End => isize::MAX,
            _ => 0,
        };
        let last = self.last_offset(screen);
        self.offset = self.offset.min(last).saturating_add_signed(step).min(last);
        Reply::Open
    }

    fn width(screen: Rect) -> u16 {
        screen.width.saturating_sub(4).min(WIDEST as u16 + 6)
    }

    fn lines(&self, screen: Rect) -> Vec<(&'static str, String)> {
        let room = usize::from(Self::width(screen)).saturating_sub(7).max(1);
        let mut lines = Vec::new();
        for row in &self.rows {
            let (mark, text) = match row {
                Row::Place(text) => ("", text),
                Row::Gone(text) => ("-", text),
                Row::New(text) => ("+", text),
                Row::Why(text) => (" ", text),
            };
            let clean = sanitize::clean(text);
            let wrapped = sanitize::wrap(&clean, room);
            for line in wrapped.into_iter().take(4) {
                lines.push((mark, line));
            }
        }
        lines
    }

    fn height(&self, screen: Rect) -> u16 {
        let wanted = self.lines(screen).len() as u16 + FOOT + 2;
        wanted.min(screen.height.saturating_sub(2))
    }

    fn inside_height(&self, screen: Rect) -> usize {
        usize::from(self.height(screen).saturating_sub(FOOT + 2))
    }

    /// The first line when the last one is in sight.
    fn last_offset(&self, screen: Rect) -> usize {
        scroll::max_offset(self.lines(screen).len(), self.inside_height(screen))
    }

    /// Draws it in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let frame = centred(area, Self::width(area), self.height(area));
        let inside = popup(buf, frame, &self.title, theme);
        let rows = Rect {
            height: inside.height.saturating_sub(FOOT),
            ..inside
        };
        let lines = self.lines(area);
        let offset = self.offset.min(self.last_offset(area));
        scroll::draw_bar(buf, rows, offset, lines.len(), theme);
        for ((mark, line), y) in lines.iter().skip(offset).zip(rows.y..rows.bottom()) {
            let style = match *mark {
                "-" => theme.error,
                "+" => theme.ok,
                "" => theme.accent,
                _ => theme.dim,
            };
            text::put(buf, rows.x, y, 2, mark, style);
            let room = rows.width.saturating_sub(3);
            text::put(buf, rows.x + 2, y, room, line, style);
        }
        let keys = "Enter takes it over, Esc leaves it as it is, ↑ ↓ scroll";
        let y = inside.bottom().saturating_sub(1);
        text::put(buf, inside.x, y, inside.width, keys, theme.dim);
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use crate::tui::action::app;

    use super::*;

    #[test]
    fn it_scrolls_to_its_end_and_no_further() {
        let screen = Rect::new(0, 0, 60, 12);
        let rows = (0..30).map(|number| Row::New(format!("line {number}")));
        let then = Action::App(app::Action::Redraw);
        let mut difference = Difference::new("Repair".to_owned(), rows, then);
        let mut press = |code| difference.key(KeyEvent::new(code, KeyModifiers::NONE), screen);
        assert_eq!(press(KeyCode::End), Reply::Open);
        assert_eq!(press(KeyCode::Down), Reply::Open);
        assert_eq!(press(KeyCode::Esc), Reply::Keep);
        assert_eq!(press(KeyCode::Enter), Reply::GoOn(then));
        let mut buf = Buffer::empty(screen);
        difference.view(&Theme::sixteen_colours(), screen, &mut buf);
        let shown: String = buf
            .content()
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        assert!(shown.contains("+ line 29"), "{shown}");
        assert!(!shown.contains("line 23"), "{shown}");
    }
}
