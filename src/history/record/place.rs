//! Where a value is in a record, so that it is the same place when elements before it come and go; and a record as such
//! places with their values.

use std::collections::BTreeMap;
use std::fmt;

use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::secret::MASK;
use crate::history::record::PrimaryKeys;

/// One element of a plural.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ElementKey {
    /// The one with this value of its primary key, as JSON.
    Key(String),
    /// The one with this id.
    Id(i64),
}

/// One step to a value: a member, and perhaps one element of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The member's name.
    pub name: String,
    /// The element, of a plural.
    pub element: Option<ElementKey>,
}

/// The way from a record to a value in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub Vec<Step>);

/// Values by their places: what is neither object nor plural.
pub type Leaves = BTreeMap<Place, Json>;

impl Place {
    /// The member `name` below this place.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        let mut place = self.clone();
        place.0.push(Step {
            name: name.to_owned(),
            element: None,
        });
        place
    }

    /// One element of the plural at this place.
    #[must_use]
    pub(super) fn element(&self, key: ElementKey) -> Self {
        let mut place = self.clone();
        if let Some(last) = place.0.last_mut() {
            last.element = Some(key);
        }
        place
    }

    /// Whether this is `other` or below it; an element is below its plural.
    pub fn is_in(&self, other: &Self) -> bool {
        let Some((last, before)) = other.0.split_last() else {
            return true;
        };
        let Some(own) = self.0.get(before.len()) else {
            return false;
        };
        self.0[..before.len()] == *before
            && own.name == last.name
            && (last.element.is_none() || own.element == last.element)
    }

    /// The member names alone, with dots.
    pub fn dotted(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|step| step.name.as_str()).collect();
        names.join(".")
    }
}

/// For people: `statuses#12.status`, `profiles["google.com"].domain`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(f, "{dot}{}", step.name)?;
            if let Some(element) = &step.element {
                write!(f, "{element}")?;
            }
        }
        Ok(())
    }
}

/// For people: `#12`, `["google.com"]`.
impl fmt::Display for ElementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "#{id}"),
            Self::Key(key) => write!(f, "[{key}]"),
        }
    }
}

/// One step of the way to a value in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// To a member.
    Member(String),
    /// To the element at this place of an array, from 0.
    Element(usize),
}

/// Where this way leads in `record`; where it leaves the record's fields, as far as it went.
pub fn of_way(record: &Json, way: &[Way], keys: &PrimaryKeys) -> Place {
    let mut place = Place::default();
    let mut value = Some(record);
    for step in way {
        match step {
            Way::Member(name) => {
                place = place.child(name);
                value = value.and_then(|value| value.get(name));
            }
            Way::Element(at) => {
                let items = value.and_then(Json::as_array).unwrap_or_default();
                let item = items.get(*at).filter(|_| is_plural(items, &place, keys));
                let Some(key) = item.and_then(|item| element_key(item, &place, keys)) else {
                    break;
                };
                place = place.element(key);
                value = item;
            }
        }
    }
    place
}

/// Where a path leads in `record`; `None` when it names an element that is not there.
pub(super) fn of_path(path: &AttrPath, record: &Json, keys: &PrimaryKeys) -> Option<Place> {
    let mut place = Place::default();
    let mut value = Some(record);
    for segment in &path.0 {
        place = place.child(&segment.name);
        value = value.and_then(|value| value.get(&segment.name));
        let id = match segment.element {
            None => continue,
            Some(Element::Id(id)) => id,
            Some(Element::Index(_)) => return None,
        };
        let element = value?
            .as_array()?
            .iter()
            .find(|one| id_of(one) == Some(id))?;
        place = place.element(element_key(element, &place, keys)?);
        value = Some(element);
    }
    Some(place)
}

/// The value as its places, below `place`. Elements that cannot be told apart are left out.
pub(super) fn leaves(value: &Json, place: &Place, keys: &PrimaryKeys) -> Leaves {
    let mut found = Leaves::new();
    gather(value, place, keys, &mut found);
    found
}

/// Recursion is bounded by the reader's limit.
fn gather(value: &Json, place: &Place, keys: &PrimaryKeys, found: &mut Leaves) {
    match value {
        // How a password is stored is shown, which is of no use where the rest is masked.
        Json::Object(members) if is_password(members) => {
            found.insert(place.clone(), Json::from(MASK));
        }
        Json::Object(members) => {
            for (name, value) in members {
                gather(value, &place.child(name), keys, found);
            }
        }
        Json::Array(items) if is_plural(items, place, keys) => {
            for item in items {
                if let Some(key) = element_key(item, place, keys) {
                    gather(item, &place.element(key), keys, found);
                }
            }
        }
        Json::Array(items) if items.is_empty() => {}
        _ => {
            found.insert(place.clone(), value.clone());
        }
    }
}

pub(super) fn is_password(members: &Object) -> bool {
    members
        .get("type")
        .and_then(Json::as_str)
        .is_some_and(|name| name.starts_with("password"))
        && members.contains_key("value")
}

/// Whether the items are elements of a plural and not just a JSON value.
pub(super) fn is_plural(items: &[Json], place: &Place, keys: &PrimaryKeys) -> bool {
    let is_element = |item: &Json| item.as_object().is_some();
    !items.is_empty()
        && items.iter().all(is_element)
        && (keys.0.contains_key(&place.dotted()) || items.iter().any(|item| id_of(item).is_some()))
}

/// What tells an element from the others.
pub(super) fn element_key(item: &Json, place: &Place, keys: &PrimaryKeys) -> Option<ElementKey> {
    let by_key = keys
        .0
        .get(&place.dotted())
        .and_then(|name| item.get(name))
        // What was masked before it was kept tells nothing apart.
        .filter(|value| !value.is_null() && value.as_str() != Some(MASK))
        .map(|value| ElementKey::Key(value.to_string()));
    by_key.or_else(|| id_of(item).map(ElementKey::Id))
}

pub(super) fn id_of(item: &Json) -> Option<i64> {
    item.get("id")?.as_i64()
}
