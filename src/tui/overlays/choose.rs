//! A choice from a list that is known only while the program runs: entity types, environments, unfinished plans. What is
//! chosen is its opener's affair.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::config::environment::EnvironmentClass;
use crate::json::sanitize;
use crate::tui::badge::badge;
use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::text;

/// The longest word for a class, in cells.
const WORD: usize = 7;

/// A choice that is open.
#[derive(Debug)]
pub struct Choose {
    title: &'static str,
    rows: Vec<Row>,
    cursor: ListCursor,
    /// What is chosen from.
    pub of: Of,
}

/// What can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// What an environment is like.
    pub class: Option<EnvironmentClass>,
    /// A few words.
    pub note: String,
}

impl Row {
    /// Something that is no environment.
    pub fn new(name: impl Into<String>, note: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            class: None,
            note: note.into(),
        }
    }
}

/// What is chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The plans that were begun and have not come to their end.
    Unfinished,
    /// The entity types to compare with.
    Types,
    /// The environments to compare with.
    Environments,
    /// The environments that a call is sent to again.
    Replay,
}

/// What a key did to the choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing yet.
    Open,
    /// Nothing is chosen.
    Close,
    /// The one at this place, by this name.
    Chosen(usize, String),
}

impl Choose {
    /// A choice between these.
    pub fn new(title: &'static str, rows: impl IntoIterator<Item = Row>, of: Of) -> Self {
        Self {
            title,
            rows: rows.into_iter().collect(),
            cursor: ListCursor::default(),
            of,
        }
    }

    /// Handles a key, on a screen of this height. A letter goes to the next name that begins with it.
    pub fn key(&mut self, key: KeyEvent, screen: u16) -> Reply {
        let count = self.rows.len();
        self.cursor.height = Self::height(count, screen).into();
        match key.code {
            KeyCode::Up => self.cursor.go(Move::By(-1), count),
            KeyCode::Down => self.cursor.go(Move::By(1), count),
            KeyCode::PageUp => self.cursor.go(Move::Pages(-1), count),
            KeyCode::PageDown => self.cursor.go(Move::Pages(1), count),
            KeyCode::Home => self.cursor.go(Move::First, count),
            KeyCode::End => self.cursor.go(Move::Last, count),
            KeyCode::Char(letter) => self.go_to(letter),
            KeyCode::Enter => {
                if let Some(row) = self.rows.get(self.cursor.at) {
                    return Reply::Chosen(self.cursor.at, row.name.clone());
                }
            }
            KeyCode::Esc => return Reply::Close,
            _ => {}
        }
        Reply::Open
    }

    fn go_to(&mut self, letter: char) {
        let count = self.rows.len();
        let begins = |at: &usize| {
            let first = self.rows[*at].name.chars().next();
            first.is_some_and(|first| first.eq_ignore_ascii_case(&letter))
        };
        let mut places = (1..=count).map(|far| (self.cursor.at + far) % count);
        if let Some(at) = places.find(begins) {
            self.cursor.put(at, count);
        }
    }

    fn height(count: usize, screen: u16) -> u16 {
        u16::try_from(count)
            .unwrap_or(u16::MAX)
            .min(screen.saturating_sub(8))
    }

    /// Draws the choice in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let count = self.rows.len();
        let frame = centred(area, 64, Self::height(count, area.height) + 4);
        let inside = popup(buf, frame, self.title, theme);
        let rows = Rect {
            height: inside.height.saturating_sub(2),
            ..inside
        };
        let mut cursor = self.cursor;
        cursor.height = rows.height.into();
        cursor.fit(count);
        let longest = self.rows.iter().map(|row| sanitize::width(&row.name));
        let wide = longest.max().unwrap_or(0).min(36);
        list::draw(buf, rows, cursor.view(count, true), theme, |row| {
            let Row { name, class, note } = &self.rows[row];
            let name = sanitize::clean(name);
            let mut spans = vec![Span::styled(format!(" {name:<wide$}   "), theme.text)];
            if let Some(class) = class {
                let (badge, word) = badge(*class);
                spans.push(Span::styled(word, theme.badge(badge)));
                let room = WORD.saturating_sub(word.len()) + 2;
                spans.push(Span::raw(" ".repeat(room)));
            }
            spans.push(Span::styled(note.clone(), theme.dim));
            Line::from(spans)
        });
        let keys = " ↑ ↓ or its first letter, Enter chooses, Esc leaves it";
        let y = inside.bottom().saturating_sub(1);
        text::put(buf, inside.x, y, inside.width, keys, theme.dim);
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;

    #[test]
    fn first_letters_go_round() {
        let rows = ["apple", "pear", "plum"].map(|name| Row::new(name, ""));
        let mut choose = Choose::new("Choose", rows, Of::Types);
        let mut press = |code| choose.key(KeyEvent::new(code, KeyModifiers::NONE), 24);
        let chosen = |at, name: &str| Reply::Chosen(at, name.to_owned());
        for (letter, at, name) in [
            ('p', 1, "pear"),
            ('P', 2, "plum"),
            ('p', 1, "pear"),
            ('x', 1, "pear"),
        ] {
            assert_eq!(press(KeyCode::Char(letter)), Reply::Open);
            assert_eq!(press(KeyCode::Enter), chosen(at, name), "{letter}");
        }
        assert_eq!(press(KeyCode::Up), Reply::Open);
        assert_eq!(press(KeyCode::Enter), chosen(0, "apple"));
        assert_eq!(press(KeyCode::Esc), Reply::Close);
        let mut none = Choose::new("Choose", [], Of::Types);
        for code in [KeyCode::Char('a'), KeyCode::Enter, KeyCode::Down] {
            assert_eq!(
                none.key(KeyEvent::new(code, KeyModifiers::NONE), 24),
                Reply::Open
            );
        }
    }
}
