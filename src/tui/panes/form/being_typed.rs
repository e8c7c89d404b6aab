//! What is being typed in the form, for a recording: it masks passwords, what a name tells to be a secret, and what is
//! personal.

use tui_textarea::TextArea;

use crate::capture::path::AttrPath;
use crate::capture::redact::is_secret_name;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Target;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;
use crate::tui::recording::typed::Names;
use crate::tui::recording::typed::Typed;

impl FormPane {
    /// What plain characters go into now.
    pub fn being_typed(&self) -> Typed {
        let Some(draft) = self.draft() else {
            return Typed::Open;
        };
        if let Some(view) = self.json_view().filter(|_| self.is_typing_json()) {
            let before = view.text.editor.text_before_cursor();
            return Typed::json(&before, Names::of(&draft.schema));
        }
        let Some(typing) = &self.typing else {
            return Typed::Open;
        };
        let Target::Field { place, .. } = &typing.target else {
            return Typed::Open;
        };
        let Some(field) = field::field(draft.fields(), place) else {
            return Typed::Open;
        };
        let path = field::path_of(draft.fields(), place);
        if is_secret(field, &path) {
            Typed::Secret
        } else if matches!(field.editor, Editor::Json(_)) {
            Typed::json(&before_cursor(&typing.area), Names::of(&draft.schema))
        } else if Names::of(&draft.schema).are_personal(field.name()) {
            Typed::Personal
        } else {
            Typed::Open
        }
    }
}

/// Whether a field, or one that it stands in, holds a secret.
pub(super) fn is_secret(field: &Field, path: &AttrPath) -> bool {
    let mut segments = path.0.iter();
    field.is_secret() || segments.any(|segment| is_secret_name(&segment.name, &[]))
}

/// The text before the cursor.
fn before_cursor(area: &TextArea<'_>) -> String {
    let at = area.cursor();
    let mut text = area.lines()[..at.0].join("\n");
    if at.0 > 0 {
        text.push('\n');
    }
    text.extend(area.lines()[at.0].chars().take(at.1));
    text
}
