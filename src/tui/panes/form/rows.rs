//! The draft as a flat list of rows, made anew when its structure changes and never while drawing.
//!
//! A row says what stands there, not how it looks: `view` looks up the field when the row is on the screen. Top-level
//! fields stand in groups, and in the schema's order inside their group; which group a field is in is decided when the
//! draft is opened, sent, or a group is folded, so that no row jumps away while one types.

use crate::capture::path::AttrPath;
use crate::capture::path::Segment;
use crate::json::sanitize;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Element;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Node;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::problems::Problem;
use crate::tui::panes::form::problems::Problems;

/// The most rows that one problem takes; the inspector shows the rest.
const REASON_ROWS: usize = 3;

/// A group of top-level fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What the schema requires.
    Required,
    /// What is set, and not required.
    Set,
    /// Everything else.
    Others,
}

impl Group {
    /// In the order on the screen.
    pub const ALL: [Self; 3] = [Self::Required, Self::Set, Self::Others];
}

/// One line of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What stands there.
    pub kind: RowKind,
    /// How deep it is nested; 0 for top-level fields and groups.
    pub depth: u16,
    /// The field or element it is about; empty for groups.
    pub place: Place,
}

/// What stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// The heading of a group.
    Group(Group),
    /// A field.
    Field,
    /// An element of a plural.
    Element,
    /// A line of the problem of the row above, from 0.
    Reason(u16),
    /// A line of the editor of the field above, from 0.
    Editor(u16),
    /// A line of what is said of the text being edited above, from 0.
    Note(u16),
}

impl Row {
    /// Whether the cursor can stand here.
    pub fn takes_cursor(&self) -> bool {
        !matches!(
            self.kind,
            RowKind::Reason(_) | RowKind::Editor(_) | RowKind::Note(_)
        )
    }
}

/// The field that is edited as text.
#[derive(Clone, Copy)]
pub struct Edited<'a> {
    /// Where it is.
    pub place: &'a [u32],
    /// How many rows its editor takes below its own.
    pub lines: u16,
    /// How many rows take what is said of the text, in place of what was wrong before.
    pub notes: u16,
}

/// What the rows are made of.
pub struct Source<'a> {
    /// The draft's fields.
    pub fields: &'a [Field],
    /// What is wrong with them.
    pub problems: &'a Problems,
    /// The group of each top-level field.
    pub groups: &'a [Group],
    /// Which groups are unfolded, in the order of [`Group::ALL`].
    pub open: [bool; 3],
    /// Only fields whose path contains this are shown, with what they are in; empty shows all.
    pub filter: &'a str,
    /// The field that is edited as text.
    pub edited: Option<Edited<'a>>,
    /// How many columns a problem's text may take.
    pub reason_columns: usize,
}

/// All rows.
pub fn build(source: &Source<'_>) -> Vec<Row> {
    let mut builder = Builder {
        source,
        filter: source.filter.to_lowercase(),
        path: String::new(),
        indexed: String::new(),
        rows: Vec::new(),
    };
    for group in Group::ALL {
        builder.group(group);
    }
    builder.rows
}

/// Whether a filter, in lower case, finds this path, written with the indices of elements or without.
pub fn matches(path: &AttrPath, filter: &str) -> bool {
    let finds = |path: &AttrPath| path.to_string().to_lowercase().contains(filter);
    let has_elements = path.0.iter().any(|segment| segment.element.is_some());
    finds(path) || has_elements && finds(&without_elements(path))
}

fn without_elements(path: &AttrPath) -> AttrPath {
    let names = path.0.iter().map(|segment| Segment {
        name: segment.name.clone(),
        element: None,
    });
    AttrPath(names.collect())
}

/// A problem's text on lines of at most `columns` cells.
pub fn reason_lines(problem: &Problem, columns: usize) -> Vec<String> {
    wrapped(&problem.reason, columns)
}

/// Of a longer reason only the head is looked at, in bytes.
const LONGEST_REASON: usize = 4 << 10;

/// A text on a few lines of at most `columns` cells.
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    // A service may say anything at any length; this is looked at for every key.
    let brief = sanitize::brief(text, LONGEST_REASON);
    let reason = sanitize::clean(&brief);
    let mut lines = sanitize::wrap(&reason, columns);
    if lines.len() > REASON_ROWS {
        let rest = lines.split_off(REASON_ROWS - 1).join(" ");
        lines.push(sanitize::truncate(&rest, columns));
    }
    lines
}

struct Builder<'a> {
    source: &'a Source<'a>,
    filter: String,
    /// The path of the field, as `matches` looks at it, without the indices of elements; empty without a filter.
    path: String,
    /// The same with them.
    indexed: String,
    rows: Vec<Row>,
}

impl Builder<'_> {
    fn group(&mut self, group: Group) {
        let fields = self.source.fields;
        let groups = self.source.groups;
        let mut members = fields
            .iter()
            .enumerate()
            .filter(|(at, _)| groups.get(*at) == Some(&group))
            .peekable();
        if members.peek().is_none() {
            return;
        }
        let heading = self.rows.len();
        self.rows.push(Row {
            kind: RowKind::Group(group),
            depth: 0,
            place: Place::new(),
        });
        if !self.source.open[group as usize] && self.filter.is_empty() {
            return;
        }
        let mut place = Place::new();
        for (at, field) in members {
            place.push(at as u32);
            self.field(field, &mut place, 0, false);
            place.pop();
        }
        if !self.filter.is_empty() && self.rows.len() == heading + 1 {
            self.rows.pop();
        }
    }

    /// Adds a field's rows. With a filter, only if it or something in it matches, unless what it is in matches already.
    fn field(&mut self, field: &Field, place: &mut Place, depth: u16, within_match: bool) {
        let filtered = !self.filter.is_empty();
        let (around, indexed_around) = (self.path.len(), self.indexed.len());
        if filtered {
            for path in [&mut self.path, &mut self.indexed] {
                if !path.is_empty() {
                    path.push('.');
                }
                path.extend(field.name().chars().flat_map(char::to_lowercase));
            }
        }
        let finds = |path: &str| path.contains(&self.filter);
        let matches = within_match || filtered && (finds(&self.path) || finds(&self.indexed));
        let start = self.rows.len();
        self.push(RowKind::Field, place, depth);
        match self.source.edited.filter(|edited| edited.place == place) {
            Some(Edited { lines, notes, .. }) => {
                for line in 0..lines {
                    self.push(RowKind::Editor(line), place, depth);
                }
                for line in 0..notes {
                    self.push(RowKind::Note(line), place, depth);
                }
            }
            None => self.reason(place, depth),
        }
        let below = self.rows.len();
        let open = Node::Field(field).is_open();
        // A filter looks into what is folded, too, but shows of it only what matches.
        if open || filtered && !matches {
            match &field.editor {
                Editor::Object(members) => {
                    for (at, member) in members.iter().enumerate() {
                        place.push(at as u32);
                        self.field(member, place, depth + 1, matches);
                        place.pop();
                    }
                }
                Editor::Plural(elements) => {
                    for (at, element) in elements.iter().enumerate() {
                        let before = self.indexed.len();
                        if filtered {
                            self.indexed.extend(["[", &at.to_string(), "]"]);
                        }
                        place.push(at as u32);
                        if element.is_line(&field.attr) {
                            place.push(0);
                            self.field(&element.fields[0], place, depth + 1, matches);
                            place.pop();
                        } else {
                            self.element(element, place, depth + 1, matches);
                        }
                        place.pop();
                        self.indexed.truncate(before);
                    }
                }
                Editor::Text(_) | Editor::Toggle(_) | Editor::Json(_) => {}
            }
        }
        if filtered && !matches && self.rows.len() == below {
            self.rows.truncate(start);
        }
        self.path.truncate(around);
        self.indexed.truncate(indexed_around);
    }

    fn element(&mut self, element: &Element, place: &mut Place, depth: u16, within_match: bool) {
        let filtered = !self.filter.is_empty();
        let start = self.rows.len();
        self.push(RowKind::Element, place, depth);
        self.reason(place, depth);
        let below = self.rows.len();
        if element.open || filtered && !within_match {
            for (at, member) in element.fields.iter().enumerate() {
                place.push(at as u32);
                self.field(member, place, depth + 1, within_match);
                place.pop();
            }
        }
        if filtered && !within_match && self.rows.len() == below {
            self.rows.truncate(start);
        }
    }

    fn reason(&mut self, place: &Place, depth: u16) {
        if let Some(problem) = self.source.problems.at(place) {
            let lines = reason_lines(problem, self.source.reason_columns).len();
            for line in 0..lines as u16 {
                self.push(RowKind::Reason(line), place, depth);
            }
        }
    }

    fn push(&mut self, kind: RowKind, place: &Place, depth: u16) {
        self.rows.push(Row {
            kind,
            depth,
            place: place.clone(),
        });
    }
}

/// Which group each top-level field belongs to as it is now. Of a stored record, which has every attribute, those with a
/// value stand apart; of a new one, those that were set, be it to null.
pub fn groups(fields: &[Field], is_stored: bool) -> Vec<Group> {
    let is_set = |field: &Field| {
        if is_stored {
            field.has_value()
        } else {
            field.is_set()
        }
    };
    fields
        .iter()
        .map(|field| match field {
            field if field.is_required() => Group::Required,
            field if is_set(field) => Group::Set,
            _ => Group::Others,
        })
        .collect()
}
