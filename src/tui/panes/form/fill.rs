//! Filling: believable values for what is not set yet, from `capture::sample` or from the last record of the type.
//!
//! What the user set stays as it is: filling twice with more adds to it. One step back takes all of it away.

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::sample;
use crate::capture::sample::Fill;
use crate::capture::schema::AttrDef;
use crate::capture::secret::MASK;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Outcome;
use crate::tui::panes::form::build;
use crate::tui::panes::form::draft::NotKept;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Presence;

/// What a draft can be filled with, as it is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// Made-up values, of so many attributes.
    Sample(Fill),
    /// The values of the last record of this type that was sent or opened, with new ones where they must be unique.
    LikeLast,
}

/// The choice in its order: a key, a title, and what it does.
pub const FILLINGS: [(char, &str, &str, Filling); 4] = [
    (
        'r',
        "required only",
        "what the service insists on",
        Filling::Sample(Fill::RequiredOnly),
    ),
    (
        't',
        "typical",
        "what a real record has",
        Filling::Sample(Fill::Typical),
    ),
    (
        'e',
        "everything",
        "every attribute, plurals too",
        Filling::Sample(Fill::Everything),
    ),
    (
        'l',
        "like the last record",
        "last sent or opened here",
        Filling::LikeLast,
    ),
];

impl FormPane {
    /// Fills what is not set. `now` also decides which values are made up.
    pub fn fill(&mut self, filling: Filling, now: Timestamp) -> Outcome {
        let Some((key, draft)) = self
            .current
            .clone()
            .and_then(|key| Some((self.drafts.get_mut(&key)?, key)))
            .map(|(draft, key)| (key, draft))
        else {
            return Outcome::Refused("there is no form yet: choose an entity type".to_owned());
        };
        // Seven digits make `unique` values differ enough, and stay short in an e-mail address.
        let seed = now.as_millisecond().unsigned_abs() % 10_000_000;
        let values = match filling {
            Filling::Sample(fill) => sample::record(&draft.schema, seed, fill),
            Filling::LikeLast => {
                let Some(last) = self.last.get(&key.type_name) else {
                    let reason =
                        "no record of this type was sent or opened yet: t fills in typical values";
                    return Outcome::Refused(reason.to_owned());
                };
                let fresh = sample::record(&draft.schema, seed, Fill::Everything);
                renewed(last, &fresh, draft.schema.own_attr_defs())
            }
        };
        let Some(members) = values.as_object() else {
            return Outcome::Refused("nothing to fill in".to_owned());
        };
        let before = draft.tally().set;
        let mut fields = draft.fields().to_vec();
        fill_fields(&mut fields, members);
        draft.replace_all(fields);
        let filled = draft.tally().set - before;
        self.settle();
        Outcome::Told(match filled {
            0 => "nothing was left to fill in".to_owned(),
            1 => "filled in 1 attribute: <form.undo> takes it away".to_owned(),
            count => format!("filled in {count} attributes: <form.undo> takes them away"),
        })
    }
}

impl FormPane {
    /// Puts values into the form, in place of those that are there, as one step; what the values do not name stays, but
    /// in a new record, which then has them alone. A mask is no value: it is left out, and its field is missed before the
    /// draft is sent.
    pub fn put(&mut self, values: &Json, include_record: bool) -> Put {
        let Some(draft) = self.draft_mut() else {
            return Put::default();
        };
        let mut values = values.clone();
        let mut missing = Vec::new();
        leave_masks_out(&mut values, &AttrPath::root(), &mut missing);
        draft.include_record |= include_record;
        let changed = match values.as_object() {
            Some(_) if draft.original.is_none() => draft.load(&values),
            Some(members) => {
                let mut fields = draft.fields().to_vec();
                build::put_members(&mut fields, members);
                draft.replace_all(fields)
            }
            None => false,
        };
        let masked = missing.len();
        draft.not_kept.extend(missing);
        draft.regroup();
        self.settle();
        Put { changed, masked }
    }
}

/// What came of putting values into the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Put {
    /// Whether anything is another than before.
    pub changed: bool,
    /// How many values were left out, being masks.
    pub masked: usize,
}

/// Takes members out that are nothing but the mask of a secret, or a stored password with one; says which they were.
/// Recursion is bounded by the reader's limit.
fn leave_masks_out(json: &mut Json, path: &AttrPath, missing: &mut Vec<NotKept>) {
    match json {
        Json::Object(members) => {
            members.retain(|name, value| {
                let masked = is_masked(value);
                if masked {
                    missing.push(NotKept {
                        path: path.child(name.as_str()),
                        part: false,
                    });
                }
                !masked
            });
            for (name, value) in members {
                leave_masks_out(value, &path.child(name.as_str()), missing);
            }
        }
        Json::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                leave_masks_out(item, &path.element(Element::Index(at)), missing);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn is_masked(json: &Json) -> bool {
    let is_mask = |json: &Json| json.as_str() == Some(MASK);
    let kind = json.get("type").and_then(Json::as_str).unwrap_or_default();
    is_mask(json) || kind.starts_with("password") && json.get("value").is_some_and(is_mask)
}

/// Puts values into the fields that are not set, also inside of objects; a plural is filled only when it has no
/// elements.
fn fill_fields(fields: &mut [Field], values: &Object) {
    for field in fields {
        let Some(value) = values.get(field.name()) else {
            continue;
        };
        match (&mut field.editor, field.presence, value) {
            (Editor::Object(members), Presence::Absent | Presence::Given, Json::Object(values)) => {
                fill_fields(members, values);
            }
            (_, Presence::Absent, _) => build::fill(field, value),
            _ => {}
        }
    }
}

/// `last` as another record: what must be unique is taken from `fresh`, and what is secret is left out.
fn renewed<'a>(last: &Json, fresh: &Json, defs: impl Iterator<Item = &'a AttrDef>) -> Json {
    let mut values = Object::new();
    for def in defs {
        let fresh = fresh.get(&def.name);
        let value = match (&def.attr_type, last.get(&def.name)) {
            (AttrType::Password(_), _) | (_, None | Some(Json::Null)) => continue,
            (_, Some(_)) if def.has(&Constraint::Unique) => fresh.cloned(),
            (AttrType::Object(inner), Some(object @ Json::Object(_))) => {
                let fresh = fresh.cloned().unwrap_or_default();
                Some(renewed(object, &fresh, inner.iter()))
            }
            (AttrType::Plural(inner), Some(Json::Array(elements))) => {
                let fresh = fresh.and_then(|fresh| fresh.as_array()?.first().cloned());
                let fresh = fresh.unwrap_or_default();
                let elements = elements
                    .iter()
                    .map(|element| renewed(element, &fresh, settable(inner)));
                Some(Json::Array(elements.collect()))
            }
            (_, Some(value)) => Some(value.clone()),
        };
        if let Some(value) = value {
            values.insert(def.name.clone(), value);
        }
    }
    values.into()
}

/// The members of a plural that a caller sets.
fn settable(inner: &[AttrDef]) -> impl Iterator<Item = &AttrDef> {
    inner.iter().filter(|def| !def.is_reserved(false))
}
