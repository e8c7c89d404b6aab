//! Asks for one line: a file's name. What it is for is its opener's affair; nothing is looked at while it is typed.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::panes::line_input::LineInput;
use crate::tui::theme::Theme;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;

/// A question for a line.
#[derive(Debug)]
pub struct AskLine {
    title: &'static str,
    about: String,
    input: LineInput,
    /// What the line is for.
    pub then: LineFor,
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFor {
    /// The file that the values go into that a plan destroys.
    Values,
    /// The file to compare with.
    Compare,
    /// The file that a comparison goes into.
    Comparison,
}

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing yet.
    Open,
    /// Close it.
    Close,
    /// This is the line.
    Given(String),
}

impl AskLine {
    /// A question, with what it is about, and a line that may be changed.
    pub fn new(title: &'static str, about: String, line: &str, then: LineFor) -> Self {
        Self {
            title,
            about,
            input: LineInput::new(line),
            then,
        }
    }

    /// Handles a key.
    pub fn key(&mut self, key: KeyEvent) -> Reply {
        match key.code {
            KeyCode::Esc => return Reply::Close,
            KeyCode::Enter => {
                let line = self.input.text().trim().to_owned();
                if !line.is_empty() {
                    return Reply::Given(line);
                }
            }
            _ => self.input.key(key),
        }
        Reply::Open
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, pasted: &str) {
        self.input.paste(pasted.trim());
    }

    /// Draws the question in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let frame = centred(area, 72, 8);
        let inside = popup(buf, frame, self.title, theme);
        let line = Rect {
            height: 1,
            ..inside
        };
        buf.set_style(line, theme.value.patch(theme.accent));
        self.input.view(line, buf);
        let about = Rect {
            y: inside.y + 2,
            height: inside.height.saturating_sub(3),
            ..inside
        };
        paragraphs::put(buf, about, &[(self.about.clone(), theme.dim)]);
        let keys = [
            Span::styled("Enter", theme.hint_key),
            Span::styled(" goes on   ", theme.dim),
            Span::styled("Esc", theme.hint_key),
            Span::styled(" leaves it", theme.dim),
        ];
        let y = inside.bottom().saturating_sub(1);
        text::put_spans(buf, inside.x, y, inside.width, &keys);
    }
}
