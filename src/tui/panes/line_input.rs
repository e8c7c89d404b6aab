//! A text of one line while it is written. Panes hold one while somebody types and drop it afterwards; what becomes of
//! the text is theirs to say.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use tui_textarea::CursorMove;
use tui_textarea::TextArea;

/// A text of one line while it is written.
#[derive(Debug)]
pub struct LineInput {
    area: TextArea<'static>,
}

impl LineInput {
    /// Begins with `text`, the cursor at its end.
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(vec![on_one_line(text)]);
        area.set_cursor_line_style(Style::default());
        area.set_selection_style(Style::new().add_modifier(Modifier::REVERSED));
        area.move_cursor(CursorMove::End);
        Self { area }
    }

    /// Begins with `text` selected: typing begins a new one, moving the cursor changes the old one.
    pub fn selected(text: &str) -> Self {
        let mut input = Self::new(text);
        input.area.select_all();
        input
    }

    /// What is written.
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Takes a key that is no verb.
    pub fn key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            // There is one line.
            KeyCode::Enter | KeyCode::Tab | KeyCode::Char('\n' | '\r') => {}
            KeyCode::Char('m' | 'j') if control => {}
            KeyCode::Char(c) if is_left_out(c) => {}
            // As in shells; the text area would take it for undo.
            KeyCode::Char('u') if control => {
                self.area.delete_line_by_head();
            }
            _ => {
                self.area.input(key);
            }
        }
    }

    /// Puts in a text at the cursor, its lines behind each other.
    pub fn paste(&mut self, text: &str) {
        self.area.insert_str(on_one_line(text));
    }

    /// Takes the last typing back; with `again`, makes it again.
    pub fn undo(&mut self, again: bool) {
        if again {
            self.area.redo();
        } else {
            self.area.undo();
        }
    }

    /// Draws the text with its cursor.
    pub fn view(&self, place: Rect, buf: &mut Buffer) {
        self.area.render(place.intersection(buf.area), buf);
    }
}

/// Whether a character is never taken into a text: control characters, and those that reorder what is around them.
pub fn is_left_out(c: char) -> bool {
    let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    reorders || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// `text` without control characters, its lines behind each other.
pub fn on_one_line(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.trim_end_matches(['\n', '\r'])
        .chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            other => other,
        })
        .filter(|c| !is_left_out(*c))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_line_without_control_characters() {
        let mut input = LineInput::new("a\nb\u{1b}[2J\u{202e}\n");
        assert_eq!(input.text(), "a b[2J");
        input.paste("c\r\nd\t\u{7}e");
        assert_eq!(input.text(), "a b[2Jc d e");
        let press = |input: &mut LineInput, code, modifiers| {
            input.key(KeyEvent::new(code, modifiers));
        };
        for code in [KeyCode::Enter, KeyCode::Tab, KeyCode::Char('\u{7}')] {
            press(&mut input, code, KeyModifiers::NONE);
        }
        press(&mut input, KeyCode::Char('j'), KeyModifiers::CONTROL);
        assert_eq!(input.text(), "a b[2Jc d e");
        press(&mut input, KeyCode::Char('u'), KeyModifiers::CONTROL);
        assert_eq!(input.text(), "");
        input.undo(false);
        assert_eq!(input.text(), "a b[2Jc d e");
        input.undo(true);
        assert_eq!(input.text(), "");
    }

    #[test]
    fn typing_replaces_what_is_selected() {
        let mut input = LineInput::selected("old");
        input.key(KeyEvent::new(KeyCode::Char('n'), KeyModifiers::NONE));
        assert_eq!(input.text(), "n");
    }
}
