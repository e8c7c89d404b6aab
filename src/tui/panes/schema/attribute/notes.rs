//! What is told of an attribute below its lines: what is stored and what becomes of it, and what to know before it is
//! sent.

use crate::capture::constraint::Constraint;
use crate::capture::path::AttrPath;
use crate::capture::schema::diff::Aspect;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::schema::Desk;
use crate::tui::panes::schema::design::Change;
use crate::tui::panes::schema::design::NodeId;
use crate::tui::panes::schema::design::State;

impl Desk {
    /// What is stored and what is wanted instead, a line each: `length 64 → 128`.
    pub(in crate::tui::panes::schema) fn changes_told(&self, id: NodeId) -> Vec<String> {
        let path = self.design.path(id);
        let name = path.name().unwrap_or_default().to_owned();
        let holder = |path: &AttrPath| match path.parent().filter(|parent| !parent.is_root()) {
            Some(parent) => parent.dotted(),
            None => "the top".to_owned(),
        };
        let told = |change| match change {
            Change::Renamed { before } => format!("name {before} → {name}"),
            Change::Moved { before } => {
                format!("place {} → {}", holder(&before), holder(&path))
            }
            Change::Aspect(aspect) => aspect.to_string(),
        };
        self.design.changes(id).into_iter().map(told).collect()
    }

    /// What to know before the attribute is sent, in sentences.
    pub(in crate::tui::panes::schema) fn notes(&self, id: NodeId) -> Vec<String> {
        let mut notes = Vec::new();
        let Some(node) = self.design.node(id) else {
            return notes;
        };
        let state = self.design.state(id);
        if self.design.stored().is_none() {
            if node.is_container() && node.shown_members().is_empty() {
                notes.push(keyed(
                    "nothing is in it yet: <schema.add-child> adds the first",
                ));
            }
            return notes;
        }
        match state {
            State::Removed if self.design.goes_along(id) => {
                notes.push("it goes with what it is in".to_owned());
            }
            State::Removed => notes.push(
                "removeAttribute deletes the value of every record: there is no way back"
                    .to_owned(),
            ),
            State::New if node.def.has(&Constraint::Required) => notes.push(
                "required can be set only when every record has a value: it comes last".to_owned(),
            ),
            _ => {}
        }
        let changes = self.design.changes(id);
        let is_of_constraints =
            |change: &Change| matches!(change, Change::Aspect(Aspect::Constraints(..)));
        if changes.iter().any(is_of_constraints) {
            notes.push("setAttributeConstraints replaces the whole set".to_owned());
        }
        for refused in self.design.refused(id) {
            let how = match refused.rebuild {
                Some(_) => "not in place",
                None => "not done",
            };
            notes.push(format!("{how}: {}", refused.reason));
        }
        notes
    }
}
