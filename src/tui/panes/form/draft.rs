//! A draft: the record being written for one entity type, with the cursor, the folds and the way back.

use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::EntityType;
use crate::capture::validate;
use crate::capture::validate::Mode;
use crate::capture::validate::Violation;
use crate::tui::panes::form::build;
use crate::tui::panes::form::collect;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Attr;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Node;
use crate::tui::panes::form::field::NodeMut;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::field::Presence;
use crate::tui::panes::form::field::Problem;
use crate::tui::panes::form::rows;
use crate::tui::panes::form::rows::Group;
use crate::tui::panes::form::rows::Row;
use crate::tui::panes::form::rows::RowKind;

/// How many steps back are kept at most.
const UNDO_STEPS: usize = 50;

/// How many fields all steps back together may hold: a plural of ten thousand elements has fewer steps.
const UNDO_FIELDS: usize = 300_000;

/// With something required, the rest starts folded only if it is longer than this: a short form is shown whole.
const SHORT_FORM: usize = 20;

/// The record being written for one entity type.
pub struct Draft {
    /// The schema it was made for.
    pub schema: Arc<EntityType>,
    /// One field for every attribute that a caller may set.
    pub fields: Vec<Field>,
    /// Whether the answer shall carry the stored record.
    pub include_record: bool,
    /// Only fields whose path contains this are shown.
    pub filter: String,
    /// How many cells the widest name takes with its indentation.
    pub names: u16,
    /// What became of it.
    pub status: Status,
    /// The lines of the form.
    pub rows: Vec<Row>,
    /// The cursor's place among the rows.
    pub cursor: usize,
    /// The first row on the screen.
    pub scroll: usize,
    attrs: Vec<Arc<Attr>>,
    /// What `reset` brings back.
    loaded: Vec<Field>,
    groups: Vec<Group>,
    open_groups: [bool; 3],
    undo: Vec<Vec<Field>>,
    /// The problems for which sending was refused, while nothing has changed since.
    refused: Option<Vec<(Option<Place>, Problem)>>,
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
            loaded: fields.clone(),
            fields,
            names: build::name_width(&attrs),
            attrs,
            include_record: false,
            filter: String::new(),
            status: Status::Fresh,
            rows: Vec::new(),
            cursor: 0,
            scroll: 0,
            groups: Vec::new(),
            open_groups: [true; 3],
            undo: Vec::new(),
            refused: None,
        };
        draft.regroup();
        let others = draft.groups.iter().filter(|group| **group == Group::Others);
        draft.open_groups[Group::Others as usize] =
            others.count() <= SHORT_FORM || !draft.groups.contains(&Group::Required);
        draft
    }

    /// Goes on under a changed schema, keeping what is set by name.
    pub fn adopt(&mut self, schema: &Arc<EntityType>) {
        if self.schema == *schema {
            return;
        }
        self.schema = Arc::clone(schema);
        self.attrs = build::attrs(schema);
        self.names = build::name_width(&self.attrs);
        self.fields = build::carry_over(std::mem::take(&mut self.fields), &self.attrs);
        self.loaded = build::carry_over(std::mem::take(&mut self.loaded), &self.attrs);
        self.undo.clear();
        self.refused = None;
        self.regroup();
    }

    /// Puts a record in place of what was there.
    pub fn load(&mut self, record: &Json) {
        self.before_change();
        self.fields = match record.as_object() {
            Some(members) => build::from_record(&self.attrs, members),
            None => build::empty(&self.attrs),
        };
        self.loaded = self.fields.clone();
        self.regroup();
    }

    /// Puts every top-level field into the group where it belongs now.
    pub fn regroup(&mut self) {
        self.groups = rows::groups(&self.fields);
    }

    /// Remembers the way back. Called before every change of a value.
    pub fn before_change(&mut self) {
        let mut size = 1;
        field::walk(&self.fields, &mut |_, _| size += 1);
        let steps = (UNDO_FIELDS / size).clamp(2, UNDO_STEPS);
        let surplus = (self.undo.len() + 1).saturating_sub(steps);
        self.undo.drain(..surplus);
        self.undo.push(self.fields.clone());
        self.status = Status::Changed;
        self.refused = None;
    }

    /// Takes the last change back; `false` when there is none.
    pub fn undo(&mut self) -> bool {
        let Some(fields) = self.undo.pop() else {
            return false;
        };
        self.fields = fields;
        self.groups.resize(self.fields.len(), Group::Set);
        self.status = Status::Changed;
        self.refused = None;
        true
    }

    /// Whether there is a change to take back.
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// The field as it was loaded; absent when nothing was.
    pub fn as_loaded(&self, place: &[u32]) -> Option<Field> {
        let path = field::path_of(&self.fields, place);
        let loaded = field::place_of(&self.loaded, &path)
            .filter(|loaded| field::path_of(&self.loaded, loaded) == path)
            .and_then(|loaded| field::field(&self.loaded, &loaded));
        let now = field::field(&self.fields, place)?;
        Some(match loaded {
            Some(loaded) => loaded.clone(),
            None => Field::new(&now.attr),
        })
    }

    /// How many top-level attributes are set, and how many there are.
    pub fn counts(&self) -> (usize, usize) {
        let set = self.fields.iter().filter(|field| field.is_set()).count();
        (set, self.fields.len())
    }

    /// How many fields have a problem that is shown.
    pub fn problems(&self) -> usize {
        let mut count = 0;
        field::walk(&self.fields, &mut |_, node| {
            count += usize::from(node.problem().is_some());
        });
        count
    }

    /// The places of all problems, in the order on the screen.
    pub fn problem_places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        field::walk(&self.fields, &mut |place, node| {
            if node.problem().is_some() {
                places.push(place.to_vec());
            }
        });
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
        field::node(&self.fields, self.place()?)
    }

    /// The field the cursor is on.
    pub fn field(&self) -> Option<&Field> {
        field::field(&self.fields, self.place()?)
    }

    /// The path under the cursor.
    pub fn path(&self) -> Option<AttrPath> {
        Some(field::path_of(&self.fields, self.place()?))
    }

    /// Makes the rows anew. The cursor stays on what it was on, or goes to what that was in.
    pub fn rebuild(&mut self, reason_columns: usize, editor: Option<(&[u32], u16)>) {
        let on = self.rows.get(self.cursor).cloned();
        self.rows = rows::build(&rows::Source {
            fields: &self.fields,
            groups: &self.groups,
            open: self.open_groups,
            filter: &self.filter,
            editor,
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
        let found = self.rows.iter().position(|row| {
            let path = field::path_of(&self.fields, &row.place);
            row.kind == RowKind::Field && rows::matches(&path, &self.filter.to_lowercase())
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
            match field::node_mut(&mut self.fields, &place[..length]) {
                Some(NodeMut::Field(field)) => field.open = true,
                Some(NodeMut::Element(element)) => element.open = true,
                None => {}
            }
        }
    }

    /// Checks one field as it is left. Only this field gets a problem, and the values in its plural that must differ
    /// from it: what the user has not come to yet is not blamed.
    pub fn check(&mut self, place: &[u32], now: Timestamp) {
        let Some(field) = field::field(&self.fields, place) else {
            return;
        };
        let problem = self.problem_of(field, place, now);
        let compares = field.attr.def.has(&Constraint::LocallyUnique);
        self.set_problem(place, problem);
        if compares {
            self.check_differences(place, now);
        }
    }

    fn problem_of(&self, field: &Field, place: &[u32], now: Timestamp) -> Option<Problem> {
        if let Some(fault) = collect::fault(field) {
            return Some(fault);
        }
        let path = field::path_of(&self.fields, place);
        let is_nested = matches!(field.editor, Editor::Object(_) | Editor::Plural(_));
        if let AttrType::Unknown(_) = field.attr.def.attr_type
            && self.schema.get(&path).is_none()
            && field.is_set()
        {
            return Some(Problem {
                code: ErrorCode::UNKNOWN_ATTRIBUTE,
                reason: "the schema has no such attribute".to_owned(),
            });
        }
        let own = |violation: &Violation| violation.path == path || !is_nested;
        match collect::value(field) {
            Some(value) => validate::check_value(&value, &field.attr.def, &path, Mode::Create, now)
                .into_iter()
                .find(own)
                .map(Problem::from),
            None => field.attr.def.has(&Constraint::Required).then(|| Problem {
                code: ErrorCode::MISSING_REQUIRED_ATTRIBUTE,
                reason: "required, but not given".to_owned(),
            }),
        }
    }

    /// Renews which values of the outermost plural around `place` are the same though they must differ.
    fn check_differences(&mut self, place: &[u32], now: Timestamp) {
        let plural = (1..place.len()).find(|length| {
            field::field(&self.fields, &place[..*length])
                .is_some_and(|field| matches!(field.editor, Editor::Plural(_)))
        });
        let Some(plural) = plural.map(|length| place[..length].to_vec()) else {
            return;
        };
        let Some(field) = field::field(&self.fields, &plural) else {
            return;
        };
        let path = field::path_of(&self.fields, &plural);
        let value = collect::value(field).unwrap_or_default();
        let def = &field.attr.def;
        let same: Vec<Violation> = validate::check_value(&value, def, &path, Mode::Create, now)
            .into_iter()
            .filter(|violation| violation.code == ErrorCode::UNIQUE_VIOLATION)
            .collect();
        let mut outdated = Vec::new();
        field::walk(&self.fields, &mut |place, node| {
            let unique = |problem: &Problem| problem.code == ErrorCode::UNIQUE_VIOLATION;
            if place.starts_with(&plural) && node.problem().is_some_and(unique) {
                outdated.push(place.to_vec());
            }
        });
        for place in outdated {
            self.set_problem(&place, None);
        }
        for violation in same {
            if let Some(place) = field::place_of(&self.fields, &violation.path) {
                self.set_problem(&place, Some(violation.into()));
            }
        }
    }

    /// Says what is wrong at a place, or that nothing is.
    pub fn set_problem(&mut self, place: &[u32], problem: Option<Problem>) {
        let problem = problem.map(Box::new);
        match field::node_mut(&mut self.fields, place) {
            Some(NodeMut::Field(field)) => field.problem = problem,
            Some(NodeMut::Element(element)) => element.problem = problem,
            None => {}
        }
    }

    /// Checks everything. With problems, the record goes out only if it was refused for the same ones just before, and
    /// can be written at all: to see what the service itself says is what one may want.
    pub fn attempt(&mut self, now: Timestamp) -> Attempt {
        let (record, faults) = collect::record(&self.fields);
        let hopeless = faults.len();
        let mut found: Vec<(Option<Place>, Problem)> = faults
            .into_iter()
            .map(|fault| (Some(fault.place), fault.problem))
            .collect();
        for violation in validate::validate(&record, &self.schema, Mode::Create, now) {
            let place = field::place_of(&self.fields, &violation.path);
            // A field that cannot be written is not blamed for being missing as well.
            if place.is_none() || !found.iter().take(hopeless).any(|(at, _)| *at == place) {
                found.push((place, violation.into()));
            }
        }
        field::clear_problems(&mut self.fields);
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
                .map(|place| field::path_of(&self.fields, place)),
        };
        self.refused = Some(found);
        Attempt::Refused(refusal)
    }

    /// The attributes that are given and must be unique among all records.
    pub fn unique_candidates(&self) -> Vec<AttrPath> {
        let mut paths = Vec::new();
        field::walk(&self.fields, &mut |place, node| {
            if let Node::Field(field) = node
                && field.attr.def.has(&Constraint::Unique)
                && field.presence == Presence::Given
            {
                paths.push(field::path_of(&self.fields, place));
            }
        });
        paths
    }
}

impl From<Violation> for Problem {
    fn from(violation: Violation) -> Self {
        Self {
            code: violation.code,
            reason: violation.reason,
        }
    }
}
