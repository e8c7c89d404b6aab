//! A choice between a few things: each has a key, a title and a few words. What a choice means is its opener's
//! affair.

use std::borrow::Cow;

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::json::sanitize;
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

/// Columns of a choice with its key and its note.
const WIDTH: u16 = 72;

/// Columns of a key.
const KEY: usize = 4;

/// Columns of a title.
const TITLE: usize = 22;

/// Columns before a note beside its title.
const NOTE: usize = KEY + TITLE;

/// Columns that a note needs there.
const LEAST_NOTE: usize = 16;

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

    /// The rows of the choices in a list `width` columns wide: whose a row is, and what it says, the first of a choice with
    /// its key. A note that is too long for its row goes on below.
    fn rows(&self, width: u16, theme: &Theme) -> Vec<(usize, Line<'_>)> {
        let width = usize::from(width);
        // Where there is hardly a column left, notes stand below their titles.
        let indent = if width >= NOTE + LEAST_NOTE {
            NOTE
        } else {
            KEY
        };
        let mut rows = Vec::new();
        for (at, choice) in self.choices.iter().enumerate() {
            let title = choice.title.as_ref();
            let mut spans = vec![
                Span::styled(format!(" {}  ", choice.key), theme.hint_key),
                Span::styled(format!("{title:<TITLE$}"), theme.text),
            ];
            let mut note =
                sanitize::wrap(&choice.note, width.saturating_sub(indent).max(1)).into_iter();
            if indent == NOTE && sanitize::width(title) < TITLE {
                spans.extend(note.next().map(|line| Span::styled(line, theme.dim)));
            }
            rows.push((at, Line::from(spans)));
            let rest = note.filter(|line| !line.is_empty());
            rows.extend(rest.map(|line| {
                let line = format!("{:indent$}{line}", "");
                (at, Line::styled(line, theme.dim))
            }));
        }
        rows
    }

    /// Draws the choice in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let frame = centred(area, WIDTH, u16::MAX);
        // Beside the frame's edges and margins a bar may stand.
        let rows = self.rows(frame.width.saturating_sub(5), theme);
        let height = u16::try_from(rows.len()).unwrap_or(u16::MAX);
        let frame = centred(area, WIDTH, height.saturating_add(4));
        let inside = popup(buf, frame, self.title, theme);
        let place = Rect {
            height: inside.height.saturating_sub(2),
            ..inside
        };
        let is_chosen = |(at, _): &(usize, Line<'_>)| *at == self.cursor.at;
        let first = rows.iter().position(is_chosen).unwrap_or_default();
        let last = rows.iter().rposition(is_chosen).unwrap_or_default();
        let mut cursor = ListCursor {
            at: last,
            offset: 0,
            height: place.height.into(),
        };
        cursor.fit(rows.len());
        cursor.put(first, rows.len());
        let view = list::View {
            selected: None,
            ..cursor.view(rows.len(), true)
        };
        list::draw(buf, place, view, theme, |row| rows[row].1.clone());
        let has_bar = rows.len() > usize::from(place.height);
        for (row, y) in (view.offset..).zip(place.top()..place.bottom()) {
            if (first..=last).contains(&row) {
                let bar = Rect::new(place.x, y, place.width - u16::from(has_bar), 1);
                buf.set_style(bar, theme.selected(true));
            }
        }
        let keys = " ↑ ↓ or its key, Enter chooses, Esc leaves it";
        let y = inside.bottom().saturating_sub(1);
        text::put(buf, inside.x, y, inside.width, keys, theme.dim);
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;

    #[test]
    fn no_note_is_cut() {
        let note = "this note is longer than any narrow screen has room for beside a title";
        let choices = ["first", "second", "a title that fills its column"];
        let choices = choices.map(|title| Choice::new('x', title, note));
        let menu = Menu::new("Choose", choices);
        for (width, height) in [(200, 50), (80, 24), (60, 20), (40, 30), (24, 40)] {
            let area = Rect::new(0, 0, width, height);
            let mut buf = Buffer::empty(area);
            menu.view(&Theme::monochrome(), area, &mut buf);
            let shown: String = (0..height)
                .flat_map(|y| (0..width).map(move |x| (x, y)))
                .map(|place| buf[place].symbol().chars().next().unwrap_or(' '))
                .collect();
            let words: Vec<&str> = shown
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .collect();
            for word in note.split(' ') {
                let count = words.iter().filter(|shown| **shown == word).count();
                assert!(count >= 3, "{word} at {width}: {words:?}");
            }
        }
    }

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
