//! What is done to a text while it is edited, beyond keys of the text area: several lines, pasting, showing what is
//! hidden, counting. A text is never changed on the way in without a word.

use tui_textarea::TextArea;

use crate::capture::attr_type::AttrType;
use crate::tui::panes::form::Action;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Outcome;
use crate::tui::panes::form::Target;
use crate::tui::panes::form::editors::password;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::line_input::is_left_out;

/// What stands for each character of a password being typed.
pub const MASK: char = '•';

/// Whether a text of this field may hold line breaks.
pub fn takes_lines(field: &Field) -> bool {
    matches!(field.editor, Editor::Json(_)) || field.takes_empty_text()
}

/// How many characters a text has and may have, as the service counts them; `None` where there is no limit.
pub fn counter(field: &Field, area: &TextArea<'_>) -> Option<(usize, usize)> {
    let AttrType::String {
        length: Some(most), ..
    } = &field.attr.def.attr_type
    else {
        return None;
    };
    let lines = area.lines();
    let characters: usize = lines.iter().map(|line| line.chars().count()).sum();
    let breaks = lines.len().saturating_sub(1);
    Some((characters + breaks, *most as usize))
}

/// What is taken of a pasted text.
struct Pasted {
    text: String,
    /// What was done to it, for people; empty when nothing.
    changes: Vec<String>,
}

/// Takes a pasted text. Where lines are no use, breaks become blanks; one at the end belongs to the copying, not to the
/// text, unless there are others.
fn take(text: &str, lines: bool) -> Pasted {
    let mut changes = Vec::new();
    let left_out = text.chars().filter(|c| is_left_out(*c)).count();
    match left_out {
        0 => {}
        1 => changes.push("1 control character was left out".to_owned()),
        count => changes.push(format!("{count} control characters were left out")),
    }
    let mut text: String = text.replace("\r\n", "\n").replace('\r', "\n");
    text.retain(|c| !is_left_out(c));
    let inner = text.trim_matches('\n').contains('\n');
    if !inner && text.contains('\n') {
        text = text.trim_matches('\n').to_owned();
    }
    if !lines {
        if inner {
            changes.push("line breaks became blanks".to_owned());
        }
        text = text.trim_matches('\n').replace(['\n', '\t'], " ");
    }
    Pasted { text, changes }
}

impl FormPane {
    /// The field whose text is being edited.
    pub(in crate::tui::panes::form) fn typed_field(&self) -> Option<&Field> {
        match &self.typing.as_ref()?.target {
            Target::Field { place, .. } => match field::node(self.draft()?.fields(), place)? {
                field::Node::Field(field) => Some(field),
                field::Node::Element(_) => None,
            },
            Target::Filter => None,
        }
    }

    /// Why a verb of the text being edited cannot be used now.
    pub(in crate::tui::panes::form) fn refuses_text(&self, action: Action) -> Option<&'static str> {
        let Some(field) = self.typed_field() else {
            return Some("nothing is being edited");
        };
        match action {
            Action::Reveal if !field.is_secret() => Some("only a password is hidden"),
            Action::Lines if field.is_secret() => None,
            Action::Lines if matches!(field.editor, Editor::Json(_)) => {
                Some("JSON has as many lines as you write")
            }
            Action::Lines if !takes_lines(field) => Some("a value of this type has one line"),
            Action::Lines if self.is_typing_lines() && self.typed_lines() > 1 => {
                Some("the text has line breaks: one line cannot hold them")
            }
            _ => None,
        }
    }

    fn typed_lines(&self) -> usize {
        self.typing
            .as_ref()
            .map_or(0, |typing| typing.area.lines().len())
    }

    /// Whether a password being typed is shown.
    pub(in crate::tui::panes::form) fn is_revealed(&self) -> bool {
        let mask = self.typing.as_ref().map(|typing| typing.area.mask_char());
        self.typed_field().is_some_and(Field::is_secret) && mask == Some(None)
    }

    /// Shows what is hidden, or hides it again.
    pub(in crate::tui::panes::form) fn toggle_reveal(&mut self) {
        if let Some(typing) = &mut self.typing {
            match typing.area.mask_char() {
                Some(_) => typing.area.clear_mask_char(),
                None => typing.area.set_mask_char(MASK),
            }
        }
    }

    /// Gives the text several lines, or one again; a password becomes a hash made elsewhere.
    pub(in crate::tui::panes::form) fn toggle_lines(&mut self) -> Option<String> {
        let is_secret = self.typed_field().is_some_and(Field::is_secret);
        let typing = self.typing.as_mut()?;
        let Target::Field { multiline, .. } = &mut typing.target else {
            return None;
        };
        if !is_secret {
            *multiline = !*multiline;
            return None;
        }
        let Some(hash) = password::as_hash(&typing.area.lines().join("\n")) else {
            *multiline = !*multiline || typing.area.lines().len() > 1;
            return None;
        };
        typing.area.select_all();
        typing.area.insert_str(hash);
        *multiline = true;
        let text = "a hash is stored as it is; <edit.reveal> shows what it is made of";
        Some(text.to_owned())
    }

    pub(in crate::tui::panes::form) fn paste(&mut self, text: &str) -> Option<Outcome> {
        if self.typing.is_none() {
            self.start_typing();
        }
        let lines = self.typed_field().is_some_and(takes_lines);
        let Some(typing) = &mut self.typing else {
            let reason = "put the cursor on a text to paste into it";
            return Some(Outcome::Refused(reason.to_owned()));
        };
        let Pasted { text, mut changes } = take(text, lines);
        if let Target::Field { multiline, .. } = &mut typing.target
            && !*multiline
            && text.contains('\n')
        {
            *multiline = true;
            let count = text.split('\n').count();
            changes.insert(0, format!("{count} lines: <edit.leave> when done"));
        }
        typing.area.insert_str(text);
        self.follow_filter();
        (!changes.is_empty()).then(|| Outcome::Told(format!("pasted {}", changes.join("; "))))
    }
}
