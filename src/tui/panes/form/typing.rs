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
use crate::tui::panes::form::Target;
use crate::tui::panes::form::Typing;
use crate::tui::panes::form::editors::brackets;
use crate::tui::panes::form::editors::note;
use crate::tui::panes::form::editors::password;
use crate::tui::panes::form::editors::text::MASK;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Presence;
use crate::tui::panes::form::help;
use crate::tui::panes::form::rows::RowKind;
use crate::tui::panes::line_input::is_left_out;

/// Where editing a text of several lines begins: where it stops being JSON, else at its start.
fn start_of_editing(text: &str) -> CursorMove {
    let Err(fault) = Json::parse(text) else {
        return CursorMove::Jump(0, 0);
    };
    let place = |number: usize| u16::try_from(number.saturating_sub(1)).unwrap_or(u16::MAX);
    CursorMove::Jump(place(fault.line), place(fault.column))
}

impl FormPane {
    pub(super) fn start_typing(&mut self) {
        let Some(draft) = self.draft() else {
            return;
        };
        let Some((place, field)) = draft.place().zip(draft.field()) else {
            return;
        };
        if field.text().is_none() || draft.is_held() {
            return;
        }
        let (text, multiline) = to_edit(field);
        let mut area = text_area(&text);
        if multiline && matches!(field.editor, Editor::Json(_)) {
            area.move_cursor(start_of_editing(&text));
        }
        if let Some(notation) = help::notation(&field.attr.def.attr_type) {
            area.set_placeholder_text(notation);
            area.set_placeholder_style(Style::new().add_modifier(Modifier::DIM));
        }
        if field.is_secret() {
            area.set_mask_char(MASK);
            // Typing begins a new one: nobody corrects what is not seen.
            area.select_all();
        }
        self.typing = Some(Typing {
            before: text,
            judging: None,
            partner: None,
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
            judging: None,
            partner: None,
        });
    }

    /// Keeps what was typed and stops editing.
    pub(super) fn commit(&mut self, now: Timestamp) {
        let Some(typing) = self.typing.take() else {
            return;
        };
        let Target::Field { place, .. } = typing.target else {
            return;
        };
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let text = typing.area.lines().join("\n");
        if text == typing.before {
            // Left as it was: a complaint of the service stays, and only now an empty field is found wanting.
            if draft.problems().at(&place).is_none() {
                draft.check(&place, now);
            }
            return;
        }
        draft.change(&place, |field| put_text(field, text, now));
        draft.check(&place, now);
    }

    pub(super) fn commit_and_go_on(&mut self, now: Timestamp) {
        let is_json = |field: &Field| matches!(field.editor, Editor::Json(_));
        let indents = self.typed_field().is_some_and(is_json);
        match &mut self.typing {
            Some(Typing {
                target: Target::Field {
                    multiline: true, ..
                },
                area,
                ..
            }) => break_line(area, indents),
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
                && field::field(draft.fields(), &row.place).is_some_and(|f| f.text().is_some())
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
        let left_out = matches!(key.code, KeyCode::Char(c) if is_left_out(c));
        let to_start =
            key.code == KeyCode::Char('u') && key.modifiers.contains(KeyModifiers::CONTROL);
        if to_start {
            // As in shells; the text area would take it for undo.
            typing.area.delete_line_by_head();
        } else if !breaks && !left_out {
            typing.area.input(key);
        }
        self.follow_filter();
    }

    /// Finds the bracket that belongs to the one at the cursor.
    pub(super) fn look(&mut self) {
        let is_json = |field: &Field| matches!(field.editor, Editor::Json(_));
        let pairs = self.typed_field().is_some_and(is_json);
        if let Some(typing) = &mut self.typing {
            let lines = typing.area.lines();
            let short = lines.iter().map(String::len).sum::<usize>() <= note::LONGEST_JSON;
            let cursor = typing.area.cursor();
            typing.partner = if pairs && short && typing.area.mask_char().is_none() {
                brackets::partner(lines, (cursor.0, cursor.1))
            } else {
                None
            };
        }
    }

    /// Takes the last change of the text back, or makes it again.
    pub(super) fn undo_typing(&mut self, back: bool) {
        if let Some(typing) = &mut self.typing {
            if back {
                typing.area.undo();
            } else {
                typing.area.redo();
            }
        }
        self.follow_filter();
    }

    /// The filter works while it is typed.
    pub(super) fn follow_filter(&mut self) {
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
    area.set_selection_style(Style::new().add_modifier(Modifier::REVERSED));
    area.move_cursor(CursorMove::Bottom);
    area.move_cursor(CursorMove::End);
    area
}

/// Breaks the line. In JSON, the new one is indented like it, deeper after an opening bracket.
fn break_line(area: &mut TextArea<'static>, indents: bool) {
    let at = area.cursor();
    let before: String = area
        .lines()
        .get(at.0)
        .map(|line| line.chars().take(at.1).collect())
        .unwrap_or_default();
    area.insert_newline();
    if !indents {
        return;
    }
    let mut indent: String = before.chars().take_while(|c| *c == ' ').collect();
    if before.trim_end().ends_with(['{', '[']) {
        indent.push_str("  ");
    }
    area.insert_str(indent);
}

/// The text with which editing begins, and whether on several lines.
pub fn to_edit(field: &Field) -> (String, bool) {
    if field.is_secret() {
        let text = password::to_edit(field);
        let multiline = text.contains('\n');
        return (text, multiline);
    }
    (
        field.text().unwrap_or_default().to_owned(),
        field.is_multiline(),
    )
}

/// Puts typed text into a field. Where an empty text is no value, it means that the field is not given.
pub fn put_text(field: &mut Field, text: String, now: Timestamp) {
    if field.is_secret() {
        return password::put(field, text);
    }
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
    let text = if field.is_date() {
        note::settle_date(field, text, now)
    } else {
        text
    };
    if let Editor::Text(held) | Editor::Json(held) = &mut field.editor {
        *held = text;
    }
}
