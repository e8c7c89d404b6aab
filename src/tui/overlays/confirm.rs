//! A question before something that cannot be taken back. The answer that changes nothing is chosen at first, and the
//! key that opened the question does not answer it, so that a held key confirms nothing.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::tui::action::Action;
use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::theme::Theme;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;

/// A question with two answers.
#[derive(Debug)]
pub struct Confirm {
    /// What is about to happen.
    pub title: String,
    /// What it means.
    pub lines: Vec<String>,
    /// The answer that changes nothing: `Stay`.
    pub keep: &'static str,
    /// The answer that goes on: `Leave`.
    pub go_on: &'static str,
    /// Whether the answer that goes on is chosen.
    pub chosen: bool,
    /// The verb to go on with.
    pub then: Action,
}

/// What a key did to the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing yet.
    Open,
    /// Keep things as they are.
    Keep,
    /// Go on with this verb.
    GoOn(Action),
}

impl Confirm {
    /// Handles a key.
    pub fn key(&mut self, key: KeyEvent) -> Reply {
        match key.code {
            KeyCode::Left | KeyCode::Char('h') => self.chosen = false,
            KeyCode::Right | KeyCode::Char('l') => self.chosen = true,
            KeyCode::Tab | KeyCode::BackTab => self.chosen = !self.chosen,
            KeyCode::Enter if self.chosen => return Reply::GoOn(self.then),
            KeyCode::Enter | KeyCode::Esc => return Reply::Keep,
            _ => {}
        }
        Reply::Open
    }

    /// Draws the question in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let height = self.lines.len() as u16 + 4;
        let frame = centred(area, 64, height);
        let inside = popup(buf, frame, &self.title, theme);
        let lines: Vec<_> = self
            .lines
            .iter()
            .map(|line| (line.clone(), theme.text))
            .collect();
        paragraphs::put(buf, inside, &lines);
        let button = |name: &str, chosen: bool| {
            let style = if chosen { theme.selection } else { theme.text };
            Span::styled(format!("[ {name} ]"), style)
        };
        let spans = [
            button(self.keep, !self.chosen),
            Span::raw("  "),
            button(self.go_on, self.chosen),
            Span::styled(
                "   ← → choose, Enter decides, Esc stays".to_owned(),
                theme.dim,
            ),
        ];
        let y = inside.bottom().saturating_sub(1);
        text::put_spans(buf, inside.x, y, inside.width, &spans);
    }
}
