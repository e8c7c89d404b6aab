//! The verbs that are about the whole design and not about its tree: other ways of looking at it, of getting it in and out.

use crate::tui::msg::PaneEvent;
use crate::tui::panes::schema::Action;
use crate::tui::panes::schema::Outcome;
use crate::tui::panes::schema::SchemaPane;
use crate::tui::panes::schema::update::NOTHING_OPEN;

impl SchemaPane {
    /// Handles an event if it is not the tree's; gives it back when it is.
    pub(in crate::tui::panes::schema) fn update_beside(
        &mut self,
        event: PaneEvent<Action>,
    ) -> Result<Option<Outcome>, PaneEvent<Action>> {
        if self.shows_json() {
            return Ok(self.update_json(event));
        }
        match event {
            PaneEvent::Act(action) if is_beside(action) => Ok(self.act_beside(action)),
            event => Err(event),
        }
    }

    /// Why such a verb, or any verb while the design is JSON, cannot be used now; `None` when that is the tree's to say.
    pub(in crate::tui::panes::schema) fn refuses_beside(
        &self,
        action: Action,
    ) -> Option<Result<(), &'static str>> {
        if self.keeper.awaits {
            return Some(Err("the design that was kept is being read"));
        }
        if self.shows_json() {
            return Some(self.refuses_in_json(action).map_or(Ok(()), Err));
        }
        match action {
            // Plans are begun and go on without a design.
            Action::Begin | Action::Unfinished => Some(Ok(())),
            _ if self.desk().is_none() => Some(Err(NOTHING_OPEN)),
            Action::Repair | Action::ApplyRepair => Some(Err("there is nothing to repair")),
            Action::BreakLine | Action::Indent | Action::LeaveText => {
                Some(Err("nothing is being edited"))
            }
            _ if is_beside(action) => Some(Ok(())),
            _ => None,
        }
    }

    pub(in crate::tui::panes::schema) fn act_beside(&mut self, action: Action) -> Option<Outcome> {
        match action {
            Action::Begin => Some(Outcome::Begin),
            Action::Wire => Some(Outcome::Wire),
            Action::Plan => Some(Outcome::Plan),
            Action::Compare => Some(Outcome::Compare),
            Action::Unfinished => Some(Outcome::Unfinished),
            Action::TurnWire => Some(Outcome::TurnWire),
            Action::CopyAttrDefs
            | Action::CopyEcho
            | Action::CopyCurl
            | Action::CopyCurlWithSecrets => Some(self.to_copy(action)),
            Action::Diagram => Some(Outcome::Diagram),
            Action::Export => Some(Outcome::Export),
            Action::Json => self.toggle_json(),
            Action::EditOutside => self.edit_outside(),
            _ => None,
        }
    }
}

/// Whether a verb is about the whole design.
fn is_beside(action: Action) -> bool {
    matches!(
        action,
        Action::Begin
            | Action::Wire
            | Action::Plan
            | Action::Compare
            | Action::Unfinished
            | Action::TurnWire
            | Action::CopyAttrDefs
            | Action::CopyEcho
            | Action::CopyCurl
            | Action::CopyCurlWithSecrets
            | Action::Json
            | Action::Diagram
            | Action::Export
            | Action::EditOutside
            | Action::Repair
            | Action::ApplyRepair
            | Action::BreakLine
            | Action::Indent
            | Action::LeaveText
    )
}
