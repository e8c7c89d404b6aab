//! The way back through what was done to a draft, and forth again, without limit.
//!
//! A step is what the user takes for one: a text typed, an element deleted, a record loaded. It holds the changes that
//! take it back, or do it again, and the problems that go with the values it brings. `draft` makes the changes.

use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::tui::panes::form::change::Change;
use crate::tui::panes::form::draft::Status;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::problems::Placed;

/// A change, and the problems to show once it is made.
pub struct Turn {
    /// The change.
    pub change: Change,
    /// What was wrong when the values were there before.
    pub problems: Vec<Placed>,
}

impl From<Change> for Turn {
    fn from(change: Change) -> Self {
        Self {
            change,
            problems: Vec::new(),
        }
    }
}

/// What one press of a key takes back or does again.
pub struct Step {
    /// In the order in which they are to be made.
    pub turns: Vec<Turn>,
    /// Where the cursor was before the step was first taken; empty on a heading.
    pub cursor: Place,
    /// What was done, for people: `statuses[2] deleted`.
    pub what: String,
    /// Whether it is about the draft as a whole, so that every field goes to the group where it belongs then.
    pub whole: bool,
}

/// What was taken back, or done again.
pub struct Taken {
    /// What it is, for people: `statuses[2] deleted`.
    pub what: String,
    /// Where it is seen, which is where the cursor was if that is near; empty for everything.
    pub cursor: Place,
}

impl Step {
    /// Where the last of its changes is seen once it is made; the root for all.
    pub fn place(&self) -> Place {
        self.turns
            .last()
            .map(|turn| turn.change.place())
            .unwrap_or_default()
    }
}

/// The steps that were taken, and those that were taken back.
pub struct Steps {
    back: Vec<Step>,
    forth: Vec<Step>,
    /// After how many steps the draft is what it was opened as, or what the service took, and which of the two.
    settled: Option<(usize, Status)>,
}

impl Steps {
    /// No step yet; `status` is the draft's.
    pub fn new(status: Status) -> Self {
        let mut steps = Self {
            back: Vec::new(),
            forth: Vec::new(),
            settled: None,
        };
        steps.note(status);
        steps
    }

    /// Notes what became of the draft as it is now, so that the way back finds to it.
    pub fn note(&mut self, status: Status) {
        if matches!(status, Status::Fresh | Status::Sent) {
            self.settled = Some((self.back.len(), status));
        }
    }

    /// The draft is for another record now: at no step is it what the service took.
    pub fn unsettle(&mut self) {
        self.settled = None;
    }

    /// What became of the draft as it is at this step.
    pub fn status(&self) -> Status {
        match self.settled {
            Some((at, status)) if at == self.back.len() => status,
            _ => Status::Changed,
        }
    }

    /// How many steps can be taken back.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.back.len()
    }

    /// Whether there is a step to take back.
    pub fn can_undo(&self) -> bool {
        !self.back.is_empty()
    }

    /// Whether a step was taken back that can be done again.
    pub fn can_redo(&self) -> bool {
        !self.forth.is_empty()
    }

    /// Adds a new step: what was taken back before cannot be done again.
    pub fn push(&mut self, step: Step) {
        if self.settled.is_some_and(|(at, _)| at > self.back.len()) {
            self.settled = None;
        }
        self.forth.clear();
        self.back.push(step);
    }

    /// The step to take back now. It is to be returned by [`Self::undone`].
    pub fn pop(&mut self) -> Option<Step> {
        self.back.pop()
    }

    /// The step to do again now. It is to be returned by [`Self::redone`].
    pub fn pop_undone(&mut self) -> Option<Step> {
        self.forth.pop()
    }

    /// A step was taken back: this does it again.
    pub fn undone(&mut self, step: Step) {
        self.forth.push(step);
    }

    /// A step was done again: this takes it back.
    pub fn redone(&mut self, step: Step) {
        self.back.push(step);
    }
}

/// What a change that is about to be made does, for people.
pub fn title(change: &Change, fields: &[Field]) -> String {
    match change {
        Change::Field { place, .. } => format!("{} changed", field::path_of(fields, place)),
        Change::Insert { place, .. } => format!("{} added", element_path(fields, place)),
        Change::Remove { place } => format!("{} deleted", element_path(fields, place)),
        Change::Move { place, to } => {
            format!("{} moved to [{to}]", element_path(fields, place))
        }
        Change::All(_) => "all values replaced".to_owned(),
    }
}

/// The path of an element that may not be there yet.
fn element_path(fields: &[Field], place: &[u32]) -> AttrPath {
    let (at, plural) = place.split_last().unwrap_or((&0, &[]));
    let mut path = field::path_of(fields, plural);
    if let Some(last) = path.0.last_mut() {
        last.element = Some(Element::Index(*at as usize));
    }
    path
}
