//! A choice between a few things: each has a key, a title and a few words. What a choice means is its opener's
//! affair.

use std::borrow::Cow;

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::text;

/// Something to choose.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The letter or digit that chooses it.
    pub key: char,
    /// What it is.
    pub title: Cow<'static, str>,
    /// What it does.
    pub note: Cow<'static, str>,
}

impl Choice {
    /// Something to choose by this key.
    pub fn new(
        key: char,
        title: impl Into<Cow<'static, str>>,
        note: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            key,
            title: title.into(),
            note: note.into(),
        }
    }
}

/// A choice that is open.
#[derive(Debug)]
pub struct Menu {
    title: &'static str,
    choices: Vec<Choice>,
    cursor: ListCursor,
}

/// What a key did to the choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing yet.
    Open,
    /// Nothing is chosen.
    Close,
    /// The choice at this place.
    Chosen(usize),
}

/// Columns of a title.
const TITLE: usize = 22;

impl Menu {
    /// A choice between these.
    pub fn new(title: &'static str, choices: impl IntoIterator<Item = Choice>) -> Self {
        Self {
            title,
            choices: choices.into_iter().collect(),
            cursor: ListCursor::default(),
        }
    }

    /// Handles a key.
    pub fn key(&mut self, key: KeyEvent) -> Reply {
        let count = self.choices.len();
        match key.code {
            KeyCode::Char(letter) => {
                let chosen = self.choices.iter().position(|choice| choice.key == letter);
                match (chosen, letter) {
                    (Some(chosen), _) => return Reply::Chosen(chosen),
                    (None, 'q') => return Reply::Close,
                    (None, 'j') => self.cursor.go(Move::By(1), count),
                    (None, 'k') => self.cursor.go(Move::By(-1), count),
                    (None, _) => {}
                }
            }
            KeyCode::Up => self.cursor.go(Move::By(-1), count),
            KeyCode::Down => self.cursor.go(Move::By(1), count),
            KeyCode::Enter => return Reply::Chosen(self.cursor.at),
            KeyCode::Esc => return Reply::Close,
            _ => {}
        }
        Reply::Open
    }

    /// Draws the choice in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let count = self.choices.len();
        let frame = centred(area, 72, count as u16 + 4);
        let inside = popup(buf, frame, self.title, theme);
        let rows = Rect {
            height: inside.height.saturating_sub(2),
            ..inside
        };
        let mut cursor = self.cursor;
        cursor.height = rows.height.into();
        cursor.fit(count);
        list::draw(buf, rows, cursor.view(count, true), theme, |row| {
            let choice = &self.choices[row];
            Line::from(vec![
                Span::styled(format!(" {}  ", choice.key), theme.hint_key),
                Span::styled(format!("{:<TITLE$}", choice.title), theme.text),
                Span::styled(choice.note.as_ref(), theme.dim),
            ])
        });
        let keys = " ↑ ↓ or its key, Enter chooses, Esc leaves it";
        text::put(
            buf,
            inside.x,
            inside.bottom().saturating_sub(1),
            inside.width,
            keys,
            theme.dim,
        );
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;

    #[test]
    fn letters_and_arrows_choose() {
        let choices = [('a', "one"), ('j', "two")].map(|(key, title)| Choice::new(key, title, ""));
        let mut menu = Menu::new("Choose", choices);
        let mut press = |code| menu.key(KeyEvent::new(code, KeyModifiers::NONE));
        assert_eq!(press(KeyCode::Char('j')), Reply::Chosen(1));
        assert_eq!(press(KeyCode::Down), Reply::Open);
        assert_eq!(press(KeyCode::Enter), Reply::Chosen(1));
        assert_eq!(press(KeyCode::Char('k')), Reply::Open);
        assert_eq!(press(KeyCode::Enter), Reply::Chosen(0));
        assert_eq!(press(KeyCode::Char('z')), Reply::Open);
        assert_eq!(press(KeyCode::Esc), Reply::Close);
    }
}
