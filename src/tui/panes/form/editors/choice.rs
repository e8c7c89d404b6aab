//! A boolean under the cursor: what it may be, all in sight, with what it is in brackets. Its keys are the form's own.

use ratatui::text::Span;

use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Presence;
use crate::tui::theme::Theme;

/// How many cells [`choices`] takes.
pub const WIDTH: u16 = 28;

/// The four states, the field's own in brackets; `None` for anything but a boolean.
pub fn choices(field: &Field, theme: &Theme) -> Option<Vec<Span<'static>>> {
    let Editor::Toggle(value) = &field.editor else {
        return None;
    };
    let chosen = match (field.presence, value) {
        (Presence::Absent, _) => "absent",
        (Presence::Null, _) => "null",
        (Presence::Given, true) => "true",
        (Presence::Given, false) => "false",
    };
    let words = ["true", "false", "null", "absent"];
    let pieces = words.iter().map(|word| {
        if *word == chosen {
            Span::styled(format!("[{word}]"), theme.value)
        } else {
            Span::styled(format!(" {word} "), theme.placeholder)
        }
    });
    Some(pieces.collect())
}
