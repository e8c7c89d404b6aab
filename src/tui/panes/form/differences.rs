//! Values that must differ among the elements of a plural (`locally-unique`): which of them are the same.
//!
//! One pass over one attribute of one plural, so that a plural of ten thousand elements can be asked about when a field
//! is entered and when it is left; while one types, [`Others`] answers without a pass.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::Timestamp;

use crate::capture::constraint::Constraint;
use crate::capture::error::ErrorCode;
use crate::capture::value;
use crate::json::sanitize;
use crate::tui::panes::form::collect;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::problems::Placed;
use crate::tui::panes::form::problems::Problem;

/// How many cells of a value a sentence shows.
const SHOWN: usize = 40;

/// An attribute of the elements of a plural.
#[derive(PartialEq, Eq, Hash)]
pub struct Compared {
    /// The innermost plural around it.
    pub plural: Place,
    /// Where it is in an element.
    member: Place,
}

impl Compared {
    /// The attribute at `place`, if its values must differ.
    pub fn at(fields: &[Field], place: &[u32]) -> Option<Self> {
        let def = &field::field(fields, place)?.attr.def;
        let plural = (1..place.len()).rev().find(|length| {
            field::field(fields, &place[..*length])
                .is_some_and(|field| matches!(field.editor, Editor::Plural(_)))
        })?;
        def.has(&Constraint::LocallyUnique).then(|| Self {
            plural: place[..plural].to_vec(),
            member: place[plural + 1..].to_vec(),
        })
    }

    /// Whether `place` is this attribute in any element.
    pub fn includes(&self, place: &[u32]) -> bool {
        let inside = place.strip_prefix(self.plural.as_slice());
        inside.is_some_and(|inside| inside.get(1..) == Some(self.member.as_slice()))
    }

    /// Every value that an element before it has, too.
    pub fn same(&self, fields: &[Field], now: Timestamp) -> Vec<Placed> {
        let mut first = HashMap::new();
        let mut same = Vec::new();
        self.each(fields, now, |place, key, field| match first.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(element_of(self, place));
            }
            Entry::Occupied(entry) => {
                let problem = self.problem(fields, *entry.get(), field.text().unwrap_or_default());
                same.push((place.to_vec(), problem));
            }
        });
        same
    }

    /// The values of the other elements than the one that `place` is in, to ask again and again.
    pub fn others(self, fields: &[Field], place: &[u32], now: Timestamp) -> Others {
        let own = element_of(&self, place);
        let mut first = HashMap::new();
        self.each(fields, now, |place, key, _| {
            let at = element_of(&self, place);
            if at != own {
                first.entry(key).or_insert(at);
            }
        });
        Others {
            compared: self,
            first,
        }
    }

    fn each<'a>(
        &self,
        fields: &'a [Field],
        now: Timestamp,
        mut visit: impl FnMut(&[u32], String, &'a Field),
    ) {
        let count = match field::field(fields, &self.plural).map(|plural| &plural.editor) {
            Some(Editor::Plural(elements)) => elements.len() as u32,
            _ => return,
        };
        let mut place = self.plural.clone();
        for at in 0..count {
            place.truncate(self.plural.len());
            place.push(at);
            place.extend(&self.member);
            if let Some(field) = field::field(fields, &place)
                && let Some(key) = key(field, now)
            {
                visit(&place, key, field);
            }
        }
    }

    fn problem(&self, fields: &[Field], other: u32, text: &str) -> Problem {
        let plural = field::path_of(fields, &self.plural);
        let shown = sanitize::truncate(text, SHOWN);
        Problem {
            code: ErrorCode::UNIQUE_VIOLATION,
            reason: format!("another element of {plural}, [{other}], has the value {shown}"),
        }
    }
}

/// What the other elements of a plural have, while one of them is edited.
pub struct Others {
    compared: Compared,
    first: HashMap<String, u32>,
}

impl Others {
    /// What is wrong with a value because another element has it.
    pub fn problem(&self, fields: &[Field], field: &Field, now: Timestamp) -> Option<Problem> {
        let other = self.first.get(&key(field, now)?)?;
        let text = field.text().unwrap_or_default();
        Some(self.compared.problem(fields, *other, text))
    }
}

fn element_of(compared: &Compared, place: &[u32]) -> u32 {
    place
        .get(compared.plural.len())
        .copied()
        .unwrap_or_default()
}

/// What a field's value is compared by; `None` when it takes no part.
fn key(field: &Field, now: Timestamp) -> Option<String> {
    let def = &field.attr.def;
    let canonical = value::read(&collect::value(field)?, def, now).ok()?;
    value::unique_key(&canonical, def)
}
