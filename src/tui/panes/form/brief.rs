//! What the form says of itself where it has no room of its own: in a strip, in the status line, before leaving.

use crate::tui::panes::form::Action;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::draft::Status;
use crate::tui::theme::Theme;

impl FormPane {
    /// The draft on one line: how much is set, what is wrong, what became of it.
    pub fn verdict(&self, theme: &Theme) -> String {
        let Some(draft) = self.draft() else {
            return "no form yet: choose an entity type".to_owned();
        };
        let (set, all) = draft.counts();
        let mut parts = vec![format!("{set} of {all} set")];
        match draft.problems() {
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
        }
        parts.join(&format!(" {} ", theme.glyphs.separator))
    }

    /// Whether leaving would lose values that were never taken by the service.
    pub fn has_unsent(&self) -> bool {
        self.drafts.values().any(|draft| {
            let unsent = matches!(
                draft.status,
                Status::Changed | Status::Rejected | Status::Unknown
            );
            unsent && draft.counts().0 > 0
        })
    }

    /// What a key does just now, in a word; `usual` unless what is edited says otherwise, `None` when it is not worth
    /// offering.
    pub fn hint(&self, action: Action, usual: &'static str) -> Option<&'static str> {
        match action {
            Action::Commit if self.is_typing_lines() => Some("new line"),
            Action::Leave if self.is_typing_filter() => Some("show all"),
            Action::CommitNext if self.is_typing_filter() => None,
            _ => Some(usual),
        }
    }

    /// The field under the cursor on one line: what it is, and the keys for its states.
    pub fn help_line(&self, theme: &Theme) -> String {
        let separator = format!("  {}  ", theme.glyphs.separator);
        let wanted = ["problem", "field", "about", "keys"];
        let help = self.help();
        let parts: Vec<String> = wanted
            .iter()
            .filter_map(|label| help.iter().find(|(name, _)| name == label))
            .map(|(_, text)| text.clone())
            .collect();
        parts.join(&separator)
    }
}
