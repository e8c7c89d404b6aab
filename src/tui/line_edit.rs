//! One line of text being written. Used by sheets that ask for a few texts; what the text means is theirs.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use tui_textarea::CursorMove;
use tui_textarea::TextArea;

use crate::tui::widgets::text;

/// One line of text being written.
#[derive(Clone, Debug)]
pub struct LineEdit {
    area: TextArea<'static>,
}

impl Default for LineEdit {
    fn default() -> Self {
        Self::new("")
    }
}

impl LineEdit {
    /// Begins with `text`, the cursor at its end.
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(vec![on_one_line(text)]);
        area.set_cursor_line_style(Style::default());
        area.move_cursor(CursorMove::End);
        Self { area }
    }

    /// What is written.
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Takes a key; says whether the text changed.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            // There is one line.
            KeyCode::Enter | KeyCode::Tab | KeyCode::Char('\n' | '\r') => false,
            KeyCode::Char('m' | 'j') if control => false,
            // As in shells; the text area would take it for undo.
            KeyCode::Char('u') if control => self.area.delete_line_by_head(),
            _ => self.area.input(key),
        }
    }

    /// Puts in a text at the cursor, on one line.
    pub fn paste(&mut self, pasted: &str) {
        self.area.insert_str(on_one_line(pasted));
    }

    /// Draws the text on the first row of `area`; with the cursor when it is written now.
    pub fn draw(&self, buf: &mut Buffer, area: Rect, style: Style, focused: bool) {
        let line = Rect { height: 1, ..area }.intersection(buf.area);
        if focused {
            buf.set_style(line, style);
            self.area.render(line, buf);
        } else {
            text::put(buf, line.x, line.y, line.width, self.text(), style);
        }
    }
}

/// `text` with its lines behind each other, and without what controls terminals or reorders what is around it.
fn on_one_line(text: &str) -> String {
    let reorders = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.trim_end_matches(['\n', '\r'])
        .replace("\r\n", "\n")
        .chars()
        .map(|c| {
            if matches!(c, '\n' | '\r' | '\t') {
                ' '
            } else {
                c
            }
        })
        .filter(|c| !c.is_control() && !reorders(*c))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_comes_stays_on_one_line() {
        let mut line = LineEdit::new("a\n");
        line.paste("b\r\nc\u{1b}[2J\u{202e}\n");
        assert_eq!(line.text(), "ab c[2J");
        let press = |code, modifiers| KeyEvent::new(code, modifiers);
        assert!(!line.key(press(KeyCode::Enter, KeyModifiers::NONE)));
        assert!(line.key(press(KeyCode::Char('!'), KeyModifiers::NONE)));
        assert_eq!(line.text(), "ab c[2J!");
        assert!(line.key(press(KeyCode::Char('u'), KeyModifiers::CONTROL)));
        assert_eq!(line.text(), "");
    }
}
