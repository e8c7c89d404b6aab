//! A draft: the record being written for one entity type, with the cursor, the folds and the way back.
//!
//! Values change by [`Draft::apply`] alone, and by what is made of it: [`Draft::change`] and [`Draft::put`] for a field,
//! [`Draft::insert`], [`Draft::remove`] and [`Draft::move_element`] for elements, [`Draft::replace_all`] and
//! [`Draft::load`] for everything. Each call is one step for undo and redo. None of them judges what it puts in:
//! [`Draft::check`] does that, when the user leaves a field. None makes rows or moves the cursor: the pane does.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::advice;
use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::delta::merge::merge;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::path::Element as PathElement;
use crate::capture::schema::EntityType;
use crate::capture::validate;
use crate::capture::validate::Mode;
use crate::capture::validate::Violation;
use crate::tui::panes::form::build;
use crate::tui::panes::form::change;
use crate::tui::panes::form::change::Change;
use crate::tui::panes::form::change::Contents;
use crate::tui::panes::form::collect;
use crate::tui::panes::form::differences::Compared;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Attr;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Element;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Node;
use crate::tui::panes::form::field::NodeMut;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::field::Presence;
use crate::tui::panes::form::json::JsonSide;
use crate::tui::panes::form::problems::Problem;
use crate::tui::panes::form::problems::Problems;
use crate::tui::panes::form::rows;
use crate::tui::panes::form::rows::Edited;
use crate::tui::panes::form::rows::Group;
use crate::tui::panes::form::rows::Row;
use crate::tui::panes::form::rows::RowKind;
use crate::tui::panes::form::sending;
use crate::tui::panes::form::sending::Sending;
use crate::tui::panes::form::undo;
use crate::tui::panes::form::undo::Step;
use crate::tui::panes::form::undo::Steps;
use crate::tui::panes::form::undo::Taken;
use crate::tui::panes::form::undo::Turn;

/// With something required, the rest starts folded only if it is longer than this: a short form is shown whole.
const SHORT_FORM: usize = 20;

/// Why a stored record is not changed while it is being sent.
const HELD: &str = "it is being sent: wait for the answer, or <app.back> cancels";

/// The record being written for one entity type.
pub struct Draft {
    /// The schema it was made for.
    pub schema: Arc<EntityType>,
    /// The stored record as it was found, with all that the service gives; `None` for a new one.
    pub original: Option<Arc<Json>>,
    /// Whether the answer shall carry the stored record.
    pub include_record: bool,
    /// Only fields whose path contains this are shown.
    pub filter: String,
    /// How many cells the widest name takes with its indentation.
    pub names: u16,
    /// What became of it.
    pub status: Status,
    /// Grows with every change of a value, and of how values are sent.
    pub revision: u64,
    /// Secrets that this draft was brought back without, until it is sent.
    pub not_kept: Vec<NotKept>,
    /// The id of the record that the service last made of it, when it told one.
    pub created: Option<i64>,
    /// The lines of the form.
    pub rows: Vec<Row>,
    /// The cursor's place among the rows.
    pub cursor: usize,
    /// The first row on the screen.
    pub scroll: usize,
    /// The draft as JSON, while it is edited so, and as it was when that ended.
    pub json: JsonSide,
    /// How it is sent, and what that comes to.
    pub sending: Sending,
    attrs: Vec<Arc<Attr>>,
    contents: Contents,
    problems: Problems,
    tally: Tally,
    groups: Vec<Group>,
    open_groups: [bool; 3],
    steps: Steps,
    /// The problems for which sending was refused, while nothing has changed since.
    refused: Option<Vec<(Option<Place>, Problem)>>,
}

/// How much of a draft is set. Kept up to date by every change, never counted for a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many top-level attributes are set; of a stored record, those with a value.
    pub set: usize,
    /// How many values are sent with them, counting what is in objects and in elements one by one.
    pub values: usize,
}

impl Tally {
    /// `5 of 38 set`, and with values inside of attributes `5 of 38 set, 12 values`.
    pub fn in_words(self, all: usize) -> String {
        let Self { set, values } = self;
        if values > set {
            format!("{set} of {all} set, {values} values")
        } else {
            format!("{set} of {all} set")
        }
    }
}

/// A secret that a draft was brought back without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotKept {
    /// Its field.
    pub path: AttrPath,
    /// Whether it was a part of the field's text, where a mask is in its place.
    pub part: bool,
}

/// What became of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing changed since it was opened.
    Fresh,
    /// Changed since.
    Changed,
    /// On its way, unchanged.
    Sending,
    /// The service took it as it is here.
    Sent,
    /// The service refused it as it is here.
    Rejected,
    /// Sent without an answer: the service may have taken it.
    Unknown,
    /// Some of its calls were made and others not: what is stored is not what it was made from.
    Partly,
    /// The stored record is no more.
    Deleted,
}

/// What an attempt to send comes to.
pub enum Attempt {
    /// This record goes out.
    Goes(Json),
    /// It does not.
    Refused(Refusal),
}

/// Why a draft does not go out.
pub struct Refusal {
    /// How many problems there are.
    pub count: usize,
    /// The place of the first problem on the screen; `None` when they are all about the record as a whole.
    pub first: Option<Place>,
    /// The text of one of them.
    pub reason: String,
    /// A field that has no JSON spelling at all, so that insisting does not help.
    pub unwritable: Option<AttrPath>,
}

impl Draft {
    /// An empty draft.
    pub fn new(schema: &Arc<EntityType>) -> Self {
        let attrs = build::attrs(schema);
        let fields = build::empty(&attrs);
        let mut draft = Self {
            schema: Arc::clone(schema),
            contents: Contents {
                loaded: Arc::new(fields.clone()),
                fields,
            },
            problems: Problems::default(),
            names: build::name_width(&attrs),
            attrs,
            original: None,
            include_record: false,
            filter: String::new(),
            status: Status::Fresh,
            revision: 0,
            not_kept: Vec::new(),
            created: None,
            rows: Vec::new(),
            cursor: 0,
            scroll: 0,
            tally: Tally::default(),
            json: JsonSide::default(),
            sending: Sending::default(),
            groups: Vec::new(),
            open_groups: [true; 3],
            steps: Steps::new(Status::Fresh),
            refused: None,
        };
        draft.regroup();
        let others = draft.groups.iter().filter(|group| **group == Group::Others);
        draft.open_groups[Group::Others as usize] =
            others.count() <= SHORT_FORM || !draft.groups.contains(&Group::Required);
        draft
    }

    /// A draft of a stored record, unchanged yet.
    pub fn of_record(schema: &Arc<EntityType>, record: &Json) -> Self {
        let mut draft = Self::new(schema);
        draft.contents = draft.contents_of(record);
        draft.original = Some(Arc::new(record.clone()));
        draft.tally = draft.count();
        draft.regroup();
        // A stored record has every attribute: those without a value are in the way.
        let without = draft.group_len(Group::Others);
        draft.open_groups[Group::Others as usize] =
            without <= SHORT_FORM || without == draft.groups.len();
        draft
    }

    /// Goes on under a changed schema, keeping what is set by name. There is no way back over that.
    pub fn adopt(&mut self, schema: &Arc<EntityType>) {
        if self.schema == *schema {
            return;
        }
        self.schema = Arc::clone(schema);
        self.attrs = build::attrs(schema);
        self.names = build::name_width(&self.attrs);
        let fields = std::mem::take(&mut self.contents.fields);
        self.contents = Contents {
            fields: build::carry_over(fields, &self.attrs),
            loaded: Arc::new(build::carry_over(
                self.contents.loaded.to_vec(),
                &self.attrs,
            )),
        };
        self.tally = self.count();
        self.problems.clear();
        self.steps = Steps::new(self.status);
        self.refused = None;
        self.touched();
        self.regroup();
    }

    /// Begins anew from a record as it is stored now, folds as they were. There is no way back to before: elements that
    /// have their ids now would be new ones again.
    pub fn stored_anew(&mut self, record: &Json) {
        let mut contents = self.contents_of(record);
        sending::keep_folds(self.fields(), &mut contents.fields);
        self.contents = contents;
        self.original = Some(Arc::new(record.clone()));
        self.tally = self.count();
        self.sending.lacks_secrets = false;
        // A replace is chosen anew for every time: it does away with more than one sees.
        self.sending.mode = sending::Mode::default();
        self.problems.clear();
        self.refused = None;
        self.status = Status::Sent;
        self.steps = Steps::new(self.status);
        self.touched();
        self.regroup();
        self.json.follow(&self.contents.fields);
    }

    /// Begins anew from a record as it is stored now and puts on it what was changed here, as one step: taken back, it
    /// leaves what is stored and nothing else. Gives what others had changed as well.
    pub fn reload(&mut self, record: &Json) -> Vec<AttrPath> {
        let (edited, faults) = collect::stored(self.fields());
        let began = self.original.as_deref().unwrap_or(record);
        let merged = merge(&self.schema, began, &edited, record);
        let mut fields = self.fields_of(&merged.record);
        for fault in faults {
            self.keep_text(&fault.place, &mut fields);
        }
        sending::keep_folds(self.fields(), &mut fields);
        self.stored_anew(record);
        self.became(Status::Fresh);
        self.replace_all(fields);
        self.refresh_plan();
        self.json.follow(&self.contents.fields);
        merged.both
    }

    /// Keeps what cannot be written as JSON as it was typed, if there is still a place for it.
    fn keep_text(&self, place: &[u32], fields: &mut [Field]) {
        let mut path = field::path_of(self.fields(), place);
        for length in 1..place.len() {
            let Some(Node::Element(element)) = field::node(self.fields(), &place[..length]) else {
                continue;
            };
            let depth = field::path_of(self.fields(), &place[..length]).0.len();
            if let (Some(id), Some(segment)) = (element.id, path.0.get_mut(depth - 1)) {
                segment.element = Some(PathElement::Id(id));
            }
        }
        let same = |there: &Place| there.len() == place.len();
        let there = field::place_of(fields, &path).filter(same);
        let there = there.and_then(|there| field::field_mut(fields, &there));
        if let (Some(there), Some(typed)) = (there, field::field(self.fields(), place)) {
            *there = typed.clone();
        }
    }

    // ---- Changes of values ----

    /// One field for every attribute that a caller may set.
    pub fn fields(&self) -> &[Field] {
        &self.contents.fields
    }

    /// Makes changes as one step, the only way in which values change. What has no place is left out; `false` when
    /// that is all of it. Problems go with their values: what a change puts in has none until it is checked.
    pub fn apply(&mut self, changes: Vec<Change>) -> bool {
        let Some(last) = changes.last().filter(|_| !self.is_held()) else {
            return false;
        };
        let what = undo::title(last, self.fields());
        self.take_step(changes, what, false)
    }

    fn take_step(&mut self, changes: Vec<Change>, what: String, whole: bool) -> bool {
        let cursor = self.place().cloned().unwrap_or_default();
        let turns = self.make(changes.into_iter().map(Turn::from).collect(), whole);
        if turns.is_empty() {
            return false;
        }
        self.steps.push(Step {
            turns,
            cursor,
            what,
            whole,
        });
        self.stepped(Status::Changed);
        true
    }

    /// Whether nothing may be changed just now: what is on its way to a stored record is compared with what comes back,
    /// and what was deleted is not written any more.
    pub fn is_held(&self) -> bool {
        self.why_held().is_some()
    }

    /// Why nothing may be changed just now.
    pub fn why_held(&self) -> Option<&'static str> {
        match self.status {
            Status::Sending if self.original.is_some() => Some(HELD),
            Status::Deleted => Some("it was deleted: <form.copy-as-new> makes a new one of it"),
            _ => None,
        }
    }

    /// What became of a stored record stays true whatever is changed here.
    fn stepped(&mut self, status: Status) {
        if !matches!(self.status, Status::Partly | Status::Deleted) {
            self.status = status;
        }
    }

    /// Changes one field in any way, as one step; `false` when that makes no difference. Costs a copy of the field:
    /// [`Self::put`], [`Self::insert`] and [`Self::remove`] do not.
    pub fn change(&mut self, place: &[u32], change: impl FnOnce(&mut Field)) -> bool {
        let Some(mut field) = field::field(self.fields(), place).cloned() else {
            return false;
        };
        change(&mut field);
        self.put(place, field)
    }

    /// Puts a field in the place of the one there, as one step; `false` when it is the same. Folds stay.
    pub fn put(&mut self, place: &[u32], field: Field) -> bool {
        let place = place.to_vec();
        let differs =
            field::field(self.fields(), &place).is_some_and(|old| !change::is_same(old, &field));
        differs && self.apply(vec![Change::Field { place, field }])
    }

    /// Inserts an element before the one at `place`, or at the plural's end, as one step. A plural that was absent or
    /// null is given from then on.
    pub fn insert(&mut self, place: &[u32], element: Element) -> bool {
        let Some((_, plural)) = place.split_last() else {
            return false;
        };
        let Some(field) = field::field(self.fields(), plural) else {
            return false;
        };
        let mut changes = Vec::new();
        if field.presence != Presence::Given {
            let mut given = Field::new(&field.attr);
            given.presence = Presence::Given;
            changes.push(Change::Field {
                place: plural.to_vec(),
                field: given,
            });
        }
        let place = place.to_vec();
        changes.push(Change::Insert { place, element });
        self.apply(changes)
    }

    /// Deletes the element at `place`, as one step.
    pub fn remove(&mut self, place: &[u32]) -> bool {
        let place = place.to_vec();
        self.apply(vec![Change::Remove { place }])
    }

    /// Gives the element at `place` another index in its plural, as one step.
    pub fn move_element(&mut self, place: &[u32], to: u32) -> bool {
        let place = place.to_vec();
        place.last() != Some(&to) && self.apply(vec![Change::Move { place, to }])
    }

    /// Puts all values in place of those that are there, as one step: a fill, a repair, the draft as JSON; `false` when
    /// they are the same. What stays the same keeps its problems; what `reset` brings back stays, too.
    pub fn replace_all(&mut self, fields: Vec<Field>) -> bool {
        let now = self.fields();
        let beside = |(one, other): (&Field, &Field)| one.name() == other.name();
        if now.len() != fields.len() || !now.iter().zip(&fields).all(beside) {
            let loaded = Arc::clone(&self.contents.loaded);
            return self.put_all(Contents { fields, loaded });
        }
        let changes: Vec<Change> = (0..)
            .zip(fields.into_iter().zip(now))
            .filter(|(_, (field, old))| !change::is_same(field, old))
            .map(|(at, (field, _))| Change::Field {
                place: vec![at],
                field,
            })
            .collect();
        let what = match changes.as_slice() {
            [] => return false,
            [one] => undo::title(one, now),
            many => format!("{} attributes changed", many.len()),
        };
        self.take_step(changes, what, true)
    }

    /// Puts a record in place of what was there, as one step; `reset` brings back its values from then on.
    pub fn load(&mut self, record: &Json) -> bool {
        let contents = self.contents_of(record);
        self.put_all(contents)
    }

    fn put_all(&mut self, contents: Contents) -> bool {
        if change::are_same(self.fields(), &contents.fields) {
            self.contents.loaded = contents.loaded;
            return false;
        }
        let what = "all values replaced".to_owned();
        self.take_step(vec![Change::All(contents)], what, true)
    }

    /// What the fields are when the draft is this record.
    pub fn fields_of(&self, record: &Json) -> Vec<Field> {
        match record.as_object() {
            Some(members) => build::from_record(&self.attrs, members),
            None => build::empty(&self.attrs),
        }
    }

    fn contents_of(&self, record: &Json) -> Contents {
        let fields = self.fields_of(record);
        Contents {
            loaded: Arc::new(fields.clone()),
            fields,
        }
    }

    /// Takes the last step back; `None` when there is none.
    pub fn undo(&mut self, now: Timestamp) -> Option<Taken> {
        let step = self.steps.pop()?;
        let seen = step.place();
        let near = step.cursor.starts_with(&seen) || seen.starts_with(&step.cursor);
        let cursor = if near && !step.cursor.is_empty() {
            step.cursor.clone()
        } else {
            seen.clone()
        };
        let turns = self.make(step.turns, step.whole);
        let what = step.what.clone();
        self.steps.undone(Step { turns, ..step });
        self.stepped(self.steps.status());
        self.regroup();
        self.compare(&seen, now);
        Some(Taken { what, cursor })
    }

    /// Does the step again that was taken back last; `None` when there is none.
    pub fn redo(&mut self, now: Timestamp) -> Option<Taken> {
        let step = self.steps.pop_undone()?;
        let cursor = step.place();
        let turns = self.make(step.turns, step.whole);
        let what = step.what.clone();
        self.steps.redone(Step { turns, ..step });
        self.stepped(self.steps.status());
        self.regroup();
        self.renew_differences(&cursor[..cursor.len().min(1)], now);
        Some(Taken { what, cursor })
    }

    /// How many steps can be taken back.
    #[cfg(test)]
    pub fn steps(&self) -> usize {
        self.steps.count()
    }

    /// Whether there is a step to take back.
    pub fn can_undo(&self) -> bool {
        self.steps.can_undo()
    }

    /// Whether a step was taken back that can be done again.
    pub fn can_redo(&self) -> bool {
        self.steps.can_redo()
    }

    /// `place`, if there is something; else the last element before it, or the nearest thing around it.
    pub fn nearest(&self, place: &[u32]) -> Place {
        let mut place = place.to_vec();
        while let Some((last, around)) = place.split_last() {
            if field::node(self.fields(), &place).is_some() {
                break;
            }
            let mut before = around.to_vec();
            before.push(last.saturating_sub(1));
            if field::node(self.fields(), &before).is_some() {
                return before;
            }
            place.pop();
        }
        place
    }

    /// Notes what became of the draft as it is now.
    pub fn became(&mut self, status: Status) {
        self.status = status;
        self.steps.note(status);
    }

    /// The same values are meant for another record now: what became of them before is about that one alone.
    pub fn is_another(&mut self) {
        self.status = Status::Changed;
        self.steps.unsettle();
        self.refused = None;
    }

    /// Nothing is set, for a new record: forgets what became of it. The way back knows that still.
    pub fn begin_anew(&mut self) {
        self.problems.clear();
        self.refused = None;
        if self.status != Status::Sending {
            self.status = Status::Fresh;
        }
    }

    /// Whether the service made a record of it as it is here, so that sending it again would make a second one.
    pub fn is_created(&self) -> bool {
        self.original.is_none() && self.status == Status::Sent
    }

    /// Makes changes and returns what takes them back.
    fn make(&mut self, turns: Vec<Turn>, whole: bool) -> Vec<Turn> {
        let mut back = Vec::with_capacity(turns.len());
        for Turn { change, problems } in turns {
            if !change.fits(self.fields()) {
                continue;
            }
            let gone = self.problems.follow(&change);
            let top = change.place().first().map_or(0, |at| *at as usize);
            let was_set = self.is_set(top);
            if let Some(change) = change.make(&mut self.contents) {
                self.recount(&change, top, was_set);
                self.problems.put_back(problems);
                back.push(Turn {
                    change,
                    problems: gone,
                });
            }
        }
        if whole {
            self.regroup();
        }
        self.refused = None;
        self.touched();
        back.reverse();
        back
    }

    fn count(&self) -> Tally {
        Tally {
            set: (0..self.fields().len())
                .filter(|at| self.is_set(*at))
                .count(),
            values: self
                .fields()
                .iter()
                .map(|field| field.values(self.counts_nulls()))
                .sum(),
        }
    }

    /// A stored record has every attribute: a null there is no value that somebody gave.
    fn counts_nulls(&self) -> bool {
        self.original.is_none()
    }

    /// Whether a top-level attribute counts as set.
    fn is_set(&self, at: usize) -> bool {
        self.fields()
            .get(at)
            .is_some_and(|field| self.counts(field))
    }

    /// Whether a field counts as set: of a stored record, which has every attribute, those with a value.
    pub fn counts(&self, field: &Field) -> bool {
        match self.original {
            Some(_) => field.has_value(),
            None => field.is_set(),
        }
    }

    /// Counts anew what a change touched, which `back` takes back.
    fn recount(&mut self, back: &Change, top: usize, was_set: bool) {
        let nulls = self.counts_nulls();
        let (gone, come) = match back {
            Change::All(_) => {
                self.tally = self.count();
                return;
            }
            Change::Move { .. } => (0, 0),
            Change::Field { place, field } => {
                let now = field::field(self.fields(), place);
                let now = now.map_or(0, |now| now.values(nulls));
                (field.values(nulls), now)
            }
            Change::Insert { element, .. } => (element.values(nulls), 0),
            Change::Remove { place } => match field::node(self.fields(), place) {
                Some(Node::Element(element)) => (0, element.values(nulls)),
                _ => (0, 0),
            },
        };
        let is_set = self.is_set(top);
        self.tally.values = self.tally.values + come - gone;
        self.tally.set = self.tally.set + usize::from(is_set) - usize::from(was_set);
    }

    /// Unfolds or folds what is at `place`, which is no change of a value; `false` when it is so already or has
    /// nothing inside.
    pub fn set_open(&mut self, place: &[u32], open: bool) -> bool {
        let slot = match field::node_mut(&mut self.contents.fields, place) {
            Some(NodeMut::Field(field)) if field.unfolds() => &mut field.open,
            Some(NodeMut::Element(element)) => &mut element.open,
            _ => return false,
        };
        std::mem::replace(slot, open) != open
    }

    /// Puts every top-level field into the group where it belongs now.
    pub fn regroup(&mut self) {
        self.groups = rows::groups(self.fields(), self.original.is_some());
    }

    /// The fields of a new form: nothing is given.
    pub fn new_fields(&self) -> Vec<Field> {
        build::empty(&self.attrs)
    }

    /// The fields as the stored record had them; of a new one, nothing is given.
    pub fn began_with(&self) -> Vec<Field> {
        match self.original.as_deref().and_then(Json::as_object) {
            Some(members) => build::from_record(&self.attrs, members),
            None => self.new_fields(),
        }
    }

    /// Fields that were kept from before, in place of those there: the way back begins with them.
    pub fn go_on_with(&mut self, fields: Vec<Field>, status: Status) {
        self.contents.fields = fields;
        self.tally = self.count();
        self.status = status;
        self.steps = Steps::new(status);
        self.touched();
        self.regroup();
    }

    /// The field as it was loaded; absent when nothing was.
    pub fn as_loaded(&self, place: &[u32]) -> Option<Field> {
        let path = field::path_of(self.fields(), place);
        let loaded = field::place_of(&self.contents.loaded, &path)
            .filter(|loaded| field::path_of(&self.contents.loaded, loaded) == path)
            .and_then(|loaded| field::field(&self.contents.loaded, &loaded));
        let now = field::field(self.fields(), place)?;
        Some(match loaded {
            Some(loaded) => loaded.clone(),
            None => Field::new(&now.attr),
        })
    }

    /// How much is set.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// The same, counted.
    #[cfg(test)]
    pub fn counted(&self) -> Tally {
        self.count()
    }

    /// What is wrong, as far as it is shown.
    pub fn problems(&self) -> &Problems {
        &self.problems
    }

    /// The places of all problems, in the order on the screen.
    pub fn problem_places(&self) -> Vec<Place> {
        let mut places: Vec<Place> = self.problems.places().cloned().collect();
        places.sort_by_key(|place| self.group_of(place).map(|group| group as usize));
        places
    }

    /// The group that a place is in.
    pub fn group_of(&self, place: &[u32]) -> Option<Group> {
        self.groups.get(*place.first()? as usize).copied()
    }

    /// How many fields a group has.
    pub fn group_len(&self, group: Group) -> usize {
        self.groups.iter().filter(|other| **other == group).count()
    }

    /// Whether a group is unfolded.
    pub fn is_group_open(&self, group: Group) -> bool {
        self.open_groups[group as usize]
    }

    /// Folds or unfolds a group, and puts every field where it belongs now.
    pub fn open_group(&mut self, group: Group, open: bool) {
        self.open_groups[group as usize] = open;
        self.regroup();
    }

    /// The place under the cursor; `None` on a group's heading and in an empty form.
    pub fn place(&self) -> Option<&Place> {
        let row = self.rows.get(self.cursor)?;
        (!row.place.is_empty()).then_some(&row.place)
    }

    /// What the cursor is on.
    pub fn node(&self) -> Option<Node<'_>> {
        field::node(self.fields(), self.place()?)
    }

    /// The field the cursor is on.
    pub fn field(&self) -> Option<&Field> {
        field::field(self.fields(), self.place()?)
    }

    /// The path under the cursor.
    pub fn path(&self) -> Option<AttrPath> {
        Some(field::path_of(self.fields(), self.place()?))
    }

    /// Makes the rows anew. The cursor stays on what it was on, or goes to what that was in.
    pub fn rebuild(&mut self, reason_columns: usize, edited: Option<Edited<'_>>) {
        let on = self.rows.get(self.cursor).cloned();
        self.rows = rows::build(&rows::Source {
            fields: &self.contents.fields,
            problems: &self.problems,
            groups: &self.groups,
            open: self.open_groups,
            filter: &self.filter,
            edited,
            reason_columns,
        });
        let Some(on) = on else {
            self.cursor = self.first_field();
            return;
        };
        if on.place.is_empty() {
            let same = self.rows.iter().position(|row| row.kind == on.kind);
            self.cursor = same.unwrap_or_else(|| self.first_field());
        } else if !self.put_cursor(&on.place) {
            self.cursor = self.first_field();
        }
    }

    /// Puts the cursor on `place`, or on the nearest thing around it that has a row. `false` when there is none.
    pub fn put_cursor(&mut self, place: &[u32]) -> bool {
        for length in (1..=place.len()).rev() {
            let sought = &place[..length];
            let found = self
                .rows
                .iter()
                .position(|row| row.takes_cursor() && row.place == sought);
            if let Some(at) = found {
                self.cursor = at;
                return true;
            }
        }
        let group = self.group_of(place).map(RowKind::Group);
        let heading = self.rows.iter().position(|row| Some(row.kind) == group);
        self.cursor = heading.unwrap_or(self.cursor);
        heading.is_some()
    }

    /// Puts the cursor on the first field that the filter itself finds, not on what that is in.
    pub fn put_cursor_on_match(&mut self) {
        let filter = self.filter.to_lowercase();
        let found = self.rows.iter().position(|row| {
            row.kind == RowKind::Field
                && rows::matches(&field::path_of(self.fields(), &row.place), &filter)
        });
        self.cursor = found.unwrap_or_else(|| self.first_field());
    }

    fn first_field(&self) -> usize {
        let found = self.rows.iter().position(|row| row.kind == RowKind::Field);
        found.unwrap_or(0)
    }

    /// Unfolds everything around `place`, so that it has a row. The caller makes the rows anew.
    pub fn reveal(&mut self, place: &[u32]) {
        if let Some(group) = self.group_of(place) {
            self.open_groups[group as usize] = true;
        }
        for length in 1..place.len() {
            match field::node_mut(&mut self.contents.fields, &place[..length]) {
                Some(NodeMut::Field(field)) => field.open = true,
                Some(NodeMut::Element(element)) => element.open = true,
                None => {}
            }
        }
    }

    /// Checks one field as it is left. Only this field gets a problem, and the values in its plural that must differ
    /// from it: what the user has not come to yet is not blamed.
    pub fn check(&mut self, place: &[u32], now: Timestamp) {
        let Some(field) = field::field(self.fields(), place) else {
            return;
        };
        let problem = self.problem_of(field, place, now);
        self.set_problem(place, problem);
        if let Some(compared) = Compared::at(self.fields(), place) {
            self.check_differences(&compared, now);
        }
    }

    /// What is wrong with a field if it stood at `place`, told to the one who fills it in.
    pub fn problem_of(&self, field: &Field, place: &[u32], now: Timestamp) -> Option<Problem> {
        if let Some(fault) = collect::fault(field) {
            return Some(fault);
        }
        let def = &field.attr.def;
        let path = field::path_of(self.fields(), place);
        let is_nested = matches!(field.editor, Editor::Object(_) | Editor::Plural(_));
        if let AttrType::Unknown(_) = def.attr_type
            && self.schema.get(&path).is_none()
            && field.is_set()
        {
            return Some(Problem {
                code: ErrorCode::UNKNOWN_ATTRIBUTE,
                reason: "the schema has no such attribute".to_owned(),
            });
        }
        let value = collect::value(field);
        let given = value.as_ref().unwrap_or(&Json::Null);
        if value.is_none() && !def.has(&Constraint::Required) {
            return None;
        }
        let own = |violation: &Violation| violation.path == path || !is_nested;
        let found = validate::check_value(given, def, &path, Mode::Create, now);
        let found = found.into_iter().find(own)?;
        Some(Problem {
            reason: advice::explain(found.code, &found.reason, value.as_ref(), def),
            code: found.code,
        })
    }

    /// A violation of the whole record, told to the one who fills in what is at `place`.
    fn explained(&self, violation: Violation, place: Option<&Place>) -> Problem {
        let field = place.and_then(|place| field::field(self.fields(), place));
        let reason = match field {
            Some(field) => {
                let value = collect::value(field);
                let def = &field.attr.def;
                advice::explain(violation.code, &violation.reason, value.as_ref(), def)
            }
            None => violation.reason,
        };
        Problem {
            code: violation.code,
            reason,
        }
    }

    /// Renews which elements have the same value of an attribute, though it must differ.
    fn check_differences(&mut self, compared: &Compared, now: Timestamp) {
        for (place, _) in self.found_same(&compared.plural) {
            if compared.includes(&place) {
                self.problems.set(&place, None);
            }
        }
        for (place, problem) in compared.same(self.fields(), now) {
            // What is wrong with a value by itself comes first.
            if self.problems.at(&place).is_none() {
                self.problems.set(&place, Some(problem));
            }
        }
    }

    /// Renews that for what is at `place`: a value, or those of an element.
    fn compare(&mut self, place: &[u32], now: Timestamp) {
        self.renew_differences(&place[..place.len().min(1)], now);
        let members = match field::node(self.fields(), place) {
            Some(Node::Element(element)) => element.fields.len() as u32,
            Some(Node::Field(_)) | None => 0,
        };
        let inside = (0..members).map(|at| [place, &[at]].concat());
        let places: Vec<Place> = inside.chain([place.to_vec()]).collect();
        for place in places {
            if let Some(compared) = Compared::at(self.fields(), &place) {
                self.check_differences(&compared, now);
            }
        }
    }

    /// Renews that for all values in `plural` that were found to be the same, after elements have gone or moved.
    pub fn renew_differences(&mut self, plural: &[u32], now: Timestamp) {
        let compared: HashSet<Compared> = self
            .found_same(plural)
            .into_iter()
            .map(|(_, compared)| compared)
            .collect();
        for compared in compared {
            self.check_differences(&compared, now);
        }
    }

    /// The places within `plural` where a value was found that another element has, too.
    fn found_same(&self, plural: &[u32]) -> Vec<(Place, Compared)> {
        self.problems
            .within(plural)
            .filter(|(_, problem)| problem.code == ErrorCode::UNIQUE_VIOLATION)
            .filter_map(|(place, _)| Some((place.clone(), Compared::at(self.fields(), place)?)))
            .collect()
    }

    /// Says what is wrong at a place, or that nothing is.
    pub fn set_problem(&mut self, place: &[u32], problem: Option<Problem>) {
        self.problems.set(place, problem);
    }

    /// What breaks the schema's rules if the draft holds these fields.
    pub fn judge(&self, fields: &[Field], now: Timestamp) -> Vec<Violation> {
        let (record, _) = collect::record(fields);
        validate::validate(&record, &self.schema, Mode::Create, now)
    }

    /// Checks everything. With problems, the record goes out only if it was refused for the same ones just before, and
    /// can be written at all: to see what the service itself says is what one may want.
    pub fn attempt(&mut self, now: Timestamp) -> Attempt {
        self.refresh_plan();
        let (record, faults) = collect::record(self.fields());
        let hopeless = faults.len();
        let mut found: Vec<(Option<Place>, Problem)> = faults
            .into_iter()
            .map(|fault| (Some(fault.place), fault.problem))
            .collect();
        for violation in validate::validate(&record, &self.schema, Mode::Create, now) {
            // What is stored already is not the user's to answer for.
            if !self.is_sent(&violation.path) {
                continue;
            }
            let place = field::place_of(self.fields(), &violation.path);
            // A field that cannot be written is not blamed for being missing as well.
            if place.is_none() || !found.iter().take(hopeless).any(|(at, _)| *at == place) {
                let problem = self.explained(violation, place.as_ref());
                found.push((place, problem));
            }
        }
        self.problems.clear();
        for (place, problem) in found.iter().rev() {
            if let Some(place) = place {
                self.set_problem(place, Some(problem.clone()));
            }
        }
        let same_as_before = self.refused.as_ref() == Some(&found);
        let Some((place, problem)) = found.first() else {
            self.refused = None;
            return Attempt::Goes(record);
        };
        if same_as_before && hopeless == 0 {
            return Attempt::Goes(record);
        }
        let refusal = Refusal {
            count: found.len(),
            first: self.problem_places().into_iter().next(),
            reason: problem.reason.clone(),
            unwritable: place
                .as_ref()
                .filter(|_| hopeless > 0)
                .map(|place| field::path_of(self.fields(), place)),
        };
        self.refused = Some(found);
        Attempt::Refused(refusal)
    }

    /// The attributes that are given and must be unique among all records.
    pub fn unique_candidates(&self) -> Vec<AttrPath> {
        let mut paths = Vec::new();
        field::walk(self.fields(), &mut |place, node| {
            if let Node::Field(field) = node
                && field.attr.def.has(&Constraint::Unique)
                && field.presence == Presence::Given
            {
                paths.push(field::path_of(self.fields(), place));
            }
        });
        paths
    }
}
