//! Editing a text of the form: a field's, or the filter's. There is one text area, made when editing begins and gone
//! when it ends; what was typed is never lost, whichever way one leaves.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use jiff::Timestamp;
use ratatui::style::Modifier;
use ratatui::style::Style;
use tui_textarea::CursorMove;
use tui_textarea::TextArea;

use crate::capture::json::Json;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Outcome;
use crate::tui::panes::form::Target;
use crate::tui::panes::form::Typing;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Presence;
use crate::tui::panes::form::help;
use crate::tui::panes::form::rows::RowKind;

/// What stands for each character of a password being typed.
const MASK: char = '•';

/// Where editing a text of several lines begins: where it stops being JSON, else at its start.
fn start_of_editing(text: &str) -> CursorMove {
    let Err(fault) = Json::parse(text) else {
        return CursorMove::Jump(0, 0);
    };
    let line = fault.line.saturating_sub(1);
    // The column counts bytes.
    let before = text.lines().nth(line).unwrap_or_default();
    let bytes = fault.column.saturating_sub(1);
    let column = before.char_indices().filter(|(at, _)| *at < bytes).count();
    CursorMove::Jump(line as u16, column as u16)
}

impl FormPane {
    pub(super) fn start_typing(&mut self) {
        let Some(draft) = self.draft() else {
            return;
        };
        let Some((place, field)) = draft.place().zip(draft.field()) else {
            return;
        };
        let Some(text) = field.text() else {
            return;
        };
        let multiline = field.is_multiline();
        let mut area = text_area(text);
        if multiline {
            area.move_cursor(start_of_editing(text));
        }
        if let Some(notation) = help::notation(&field.attr.def.attr_type) {
            area.set_placeholder_text(notation);
            area.set_placeholder_style(Style::new().add_modifier(Modifier::DIM));
        }
        if field.is_secret() {
            area.set_mask_char(MASK);
        }
        self.typing = Some(Typing {
            before: text.to_owned(),
            target: Target::Field {
                place: place.clone(),
                multiline,
            },
            area,
        });
    }

    /// Lets the text being edited be scrolled anew for another size: the text area never scrolls back by itself.
    pub(super) fn unscroll(&mut self) {
        let Some(Typing { area, .. }) = &mut self.typing else {
            return;
        };
        let at = area.cursor();
        if let (Ok(row), Ok(column)) = (u16::try_from(at.0), u16::try_from(at.1)) {
            area.scroll((-i16::MAX, -i16::MAX));
            // Scrolling took the cursor along.
            area.move_cursor(CursorMove::Jump(row, column));
        }
    }

    pub(super) fn start_filter(&mut self) {
        let text = self
            .draft()
            .map(|draft| draft.filter.clone())
            .unwrap_or_default();
        let mut area = text_area(&text);
        // Typing begins a new filter, moving the cursor changes the old one.
        area.select_all();
        self.typing = Some(Typing {
            target: Target::Filter,
            area,
            before: text,
        });
    }

    /// Keeps what was typed and stops editing.
    pub(super) fn commit(&mut self, now: Timestamp) {
        let Some(typing) = self.typing.take() else {
            return;
        };
        let Target::Field { place, multiline } = typing.target else {
            return;
        };
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let text = typing.area.lines().join("\n");
        if text == typing.before {
            // Left as it was: a complaint of the service stays, and only now an empty field is found wanting.
            let known = field::field(&draft.fields, &place).is_some_and(|f| f.problem.is_some());
            if !known {
                draft.check(&place, now);
            }
            return;
        }
        draft.before_change();
        if let Some(field) = field::field_mut(&mut draft.fields, &place) {
            put_text(field, tidy(&text, multiline));
        }
        draft.check(&place, now);
    }

    pub(super) fn commit_and_go_on(&mut self, now: Timestamp) {
        match &mut self.typing {
            Some(Typing {
                target: Target::Field {
                    multiline: true, ..
                },
                area,
                ..
            }) => break_line(area),
            Some(Typing {
                target: Target::Filter,
                ..
            }) => self.typing = None,
            _ => {
                self.commit(now);
                self.rebuild();
                self.step(1);
            }
        }
    }

    pub(super) fn leave(&mut self, now: Timestamp) {
        if self.is_typing_filter()
            && let Some(draft) = self.draft_mut()
        {
            draft.filter.clear();
        }
        self.commit(now);
    }

    /// Whether a text of several lines is being edited, whose editor grows with it.
    pub(super) fn is_typing_lines(&self) -> bool {
        matches!(
            &self.typing,
            Some(Typing {
                target: Target::Field {
                    multiline: true,
                    ..
                },
                ..
            })
        )
    }

    pub(super) fn is_typing_filter(&self) -> bool {
        matches!(&self.typing, Some(typing) if typing.target == Target::Filter)
    }

    /// Goes on in the next field that is edited as text; stops editing when there is none.
    pub(super) fn edit_neighbour(&mut self, forward: bool, now: Timestamp) {
        let was_filter = self.is_typing_filter();
        self.commit(now);
        self.rebuild();
        if was_filter {
            return;
        }
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let is_text = |at: &usize| {
            let row = &draft.rows[*at];
            row.kind == RowKind::Field
                && field::field(&draft.fields, &row.place).is_some_and(|f| f.text().is_some())
        };
        let found = if forward {
            (draft.cursor + 1..draft.rows.len()).find(is_text)
        } else {
            (0..draft.cursor).rev().find(is_text)
        };
        if let Some(at) = found {
            draft.cursor = at;
            self.start_typing();
        }
    }

    pub(super) fn edit_vertically(&mut self, by: isize, now: Timestamp) {
        if let Some(Typing {
            target: Target::Field {
                multiline: true, ..
            },
            area,
            ..
        }) = &mut self.typing
        {
            area.move_cursor(if by < 0 {
                CursorMove::Up
            } else {
                CursorMove::Down
            });
            return;
        }
        self.commit(now);
        self.rebuild();
        self.step(by);
    }

    pub(super) fn key(&mut self, key: KeyEvent) {
        let Some(typing) = &mut self.typing else {
            return;
        };
        // The text area takes these for a line break, which only Enter is, and only where there may be several lines.
        let breaks = matches!(key.code, KeyCode::Char('m' | 'j'))
            && key.modifiers.contains(KeyModifiers::CONTROL)
            || matches!(
                key.code,
                KeyCode::Char('\n' | '\r') | KeyCode::Enter | KeyCode::Tab
            );
        let to_start =
            key.code == KeyCode::Char('u') && key.modifiers.contains(KeyModifiers::CONTROL);
        if to_start {
            // As in shells; the text area would take it for undo.
            typing.area.delete_line_by_head();
        } else if !breaks {
            typing.area.input(key);
        }
        self.follow_filter();
    }

    pub(super) fn paste(&mut self, text: &str) -> Option<Outcome> {
        if self.typing.is_none() {
            self.start_typing();
        }
        let Some(typing) = &mut self.typing else {
            let reason = "put the cursor on a text to paste into it";
            return Some(Outcome::Refused(reason.to_owned()));
        };
        let multiline = matches!(
            typing.target,
            Target::Field { multiline, .. } if multiline
        );
        typing.area.insert_str(tidy(text, multiline));
        self.follow_filter();
        let left_out = text.chars().filter(|c| is_left_out(*c)).count();
        (left_out > 0).then(|| {
            let text = format!("pasted, but for {left_out} control character(s)");
            Outcome::Told(text)
        })
    }

    /// The filter works while it is typed.
    fn follow_filter(&mut self) {
        let text = match &self.typing {
            Some(typing) if typing.target == Target::Filter => typing.area.lines().join(" "),
            _ => return,
        };
        if let Some(draft) = self.draft_mut() {
            draft.filter = text;
            draft.scroll = 0;
        }
        self.rebuild();
        if let Some(draft) = self.draft_mut() {
            draft.put_cursor_on_match();
        }
    }
}

fn text_area(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
    area.set_cursor_line_style(Style::default());
    area.move_cursor(CursorMove::Bottom);
    area.move_cursor(CursorMove::End);
    area
}

/// Breaks the line and indents the new one like it, deeper after an opening bracket.
fn break_line(area: &mut TextArea<'static>) {
    let at = area.cursor();
    let before: String = area
        .lines()
        .get(at.0)
        .map(|line| line.chars().take(at.1).collect())
        .unwrap_or_default();
    let mut indent: String = before.chars().take_while(|c| *c == ' ').collect();
    if before.trim_end().ends_with(['{', '[']) {
        indent.push_str("  ");
    }
    area.insert_newline();
    area.insert_str(indent);
}

/// Whether a character is never taken into a text: control characters, and those that reorder what is around them.
fn is_left_out(c: char) -> bool {
    let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    reorders || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// Typed or pasted text without control characters; line breaks stay where there may be several lines, else they
/// become spaces.
fn tidy(text: &str, multiline: bool) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = if multiline {
        text
    } else {
        text.trim_matches('\n').replace(['\n', '\t'], " ")
    };
    text.chars().filter(|c| !is_left_out(*c)).collect()
}

/// Puts typed text into a field. Where an empty text is no value, it means that the field is not given.
fn put_text(field: &mut Field, text: String) {
    let text = if field.takes_empty_text() {
        text
    } else {
        text.trim().to_owned()
    };
    let nothing = text.is_empty() && !field.takes_empty_text();
    field.presence = if nothing {
        Presence::Absent
    } else {
        Presence::Given
    };
    if let Editor::Text(held) | Editor::Json(held) = &mut field.editor {
        *held = text;
    }
}
