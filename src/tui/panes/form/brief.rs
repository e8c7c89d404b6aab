//! What the form says of itself where it has no room of its own: in a strip, in the status line, before leaving.

use crate::tui::keys::keymap::keyed;
use crate::tui::panes::form::Action;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::draft::Status;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Node;
use crate::tui::theme::Theme;

impl FormPane {
    /// The draft on one line: how much is set, what is wrong, what became of it.
    pub fn verdict(&self, theme: &Theme) -> String {
        let Some(draft) = self.draft() else {
            return "no form yet: choose an entity type".to_owned();
        };
        let mut parts = vec![format!(
            "{} of {} set",
            draft.tally().set,
            draft.fields().len()
        )];
        match draft.problems().len() {
            0 => {}
            1 => parts.push(format!("{} 1 problem", theme.glyphs.error)),
            count => parts.push(format!("{} {count} problems", theme.glyphs.error)),
        }
        match draft.status {
            Status::Fresh | Status::Changed => {}
            Status::Sending => parts.push("on its way".to_owned()),
            Status::Sent => parts.push(format!("{} sent", theme.glyphs.ok)),
            Status::Rejected => parts.push("refused by the service".to_owned()),
            Status::Unknown => parts.push("perhaps taken: look before sending again".to_owned()),
            Status::Partly => parts.push(keyed("partly done: <^form.reload> loads what is stored")),
            Status::Deleted => parts.push(format!("{} deleted", theme.glyphs.ok)),
        }
        parts.join(&format!(" {} ", theme.glyphs.separator))
    }

    /// What a key does just now, in a word; `usual` unless what is edited says otherwise, `None` when it is not worth
    /// offering.
    pub fn hint(&self, action: Action, usual: &'static str) -> Option<&'static str> {
        match action {
            Action::Commit if self.is_typing_lines() || self.is_typing_json() => Some("new line"),
            Action::Lines if self.typed_field().is_some_and(Field::is_secret) => Some("a hash"),
            Action::Lines if self.is_typing_lines() => Some("one line"),
            Action::Reveal if self.is_revealed() => Some("hide"),
            Action::Leave if self.is_typing_filter() => Some("show all"),
            Action::Toggle if self.is_on_date() => Some("calendar"),
            Action::CommitNext if self.is_typing_filter() => None,
            Action::Json if self.shows_json() => Some("form"),
            Action::CommitNext if self.is_typing_json() => Some("indent"),
            Action::Delete | Action::Clone => self.is_on_element().then_some(usual),
            // What a new record is sent as is seen in the wire.
            Action::Plan => self.draft()?.original.as_ref().map(|_| usual),
            _ => Some(usual),
        }
    }

    /// What may be done with a draft that F5 does not send, each in a word: offered in its place.
    pub fn instead_of_sending(&self) -> &'static [(Action, &'static str)] {
        match self.draft() {
            _ if self.typing() => &[],
            Some(draft) if draft.is_created() => &[
                (Action::OpenRecord, "open"),
                (Action::CopyAsNew, "copy"),
                (Action::NewDraft, "new"),
            ],
            Some(draft) if draft.status == Status::Deleted => &[(Action::CopyAsNew, "copy")],
            _ => &[],
        }
    }

    fn is_on_element(&self) -> bool {
        let draft = self.draft();
        draft.is_some_and(|draft| match (draft.node(), draft.place()) {
            (Some(Node::Element(_)), _) => true,
            (_, Some(place)) => field::line_index(draft.fields(), place).is_some(),
            (_, None) => false,
        })
    }

    /// The field under the cursor on one line: what it is, and the keys for its states.
    pub fn help_line(&self, theme: &Theme) -> String {
        let separator = format!("  {}  ", theme.glyphs.separator);
        let wanted = ["problem", "stored", "field", "keys", "about"];
        let help = self.help();
        let parts: Vec<String> = wanted
            .iter()
            .filter_map(|label| help.iter().find(|(name, _)| name == label))
            .map(|(label, text)| match *label {
                "stored" => format!("stored: {text}"),
                _ => text.clone(),
            })
            .collect();
        parts.join(&separator)
    }
}
