//! Values of records as plans look at them: whether there is one, taking it out, and what a copy of it is under another
//! definition.

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::path::Segment;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::validate;
use crate::capture::validate::Mode;
use crate::capture::value;

/// Stored values are no keywords such as `now`: whatever the time is, they mean the same.
const ANY_TIME: Timestamp = Timestamp::UNIX_EPOCH;

/// Whether `value` is one: not null, not an empty plural, not an object in which nothing is.
pub(super) fn is_value(value: &Json, def: &AttrDef) -> bool {
    match (&def.attr_type, value) {
        (_, Json::Null) => false,
        (AttrType::Plural(_), Json::Array(elements)) => !elements.is_empty(),
        (AttrType::Object(inner), Json::Object(members)) => inner.iter().any(|def| {
            members
                .get(&def.name)
                .is_some_and(|member| is_value(member, def))
        }),
        _ => true,
    }
}

/// Whether there is a value at `path` in `holder`, in any element of the plurals on the way.
pub(super) fn is_value_at(holder: &Json, defs: &[AttrDef], path: &[Segment]) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return false;
    };
    let def = defs.iter().find(|def| def.name == first.name);
    let Some((def, value)) = def.zip(holder.get(&first.name)) else {
        return false;
    };
    let inner = def.attr_type.attr_defs();
    match (&def.attr_type, value) {
        _ if rest.is_empty() => is_value(value, def),
        (AttrType::Plural(_), Json::Array(elements)) => elements
            .iter()
            .any(|element| is_value_at(element, inner, rest)),
        _ => is_value_at(value, inner, rest),
    }
}

/// Takes what is at `path` out of `value`, in every element of the plurals on the way.
pub(super) fn take_out(value: &mut Json, path: &[Segment]) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    match value {
        Json::Array(elements) => {
            for element in elements {
                take_out(element, path);
            }
        }
        Json::Object(members) if rest.is_empty() => {
            members.shift_remove(&first.name);
        }
        Json::Object(members) => {
            if let Some(member) = members.get_mut(&first.name) {
                take_out(member, rest);
            }
        }
        _ => {}
    }
}

/// The entity type with nothing in it but what is on the way to `path`, and below.
pub(super) fn only(schema: &EntityType, path: &AttrPath) -> EntityType {
    fn keep(defs: &[AttrDef], path: &[Segment]) -> Vec<AttrDef> {
        let Some((first, rest)) = path.split_first() else {
            return defs.to_vec();
        };
        let mut kept: Vec<AttrDef> = defs
            .iter()
            .filter(|def| def.name == first.name)
            .cloned()
            .collect();
        for def in &mut kept {
            if let AttrType::Object(inner) | AttrType::Plural(inner) = &mut def.attr_type {
                *inner = keep(inner, rest);
            }
        }
        kept
    }
    EntityType {
        name: schema.name.clone(),
        attr_defs: keep(&schema.attr_defs, &path.0),
    }
}

/// `value` without the ids of elements and without what `defs` do not know.
pub(super) fn without_ids(value: &Json, defs: &[AttrDef]) -> Json {
    let own = defs.iter().filter(|def| !def.is_reserved(false));
    let members = own.filter_map(|def| {
        let member = value.get(&def.name)?;
        let inner = def.attr_type.attr_defs();
        let member = match (&def.attr_type, member) {
            (AttrType::Object(_), Json::Object(_)) => without_ids(member, inner),
            (AttrType::Plural(_), Json::Array(elements)) => {
                let elements = elements.iter();
                Json::Array(
                    elements
                        .map(|element| without_ids(element, inner))
                        .collect(),
                )
            }
            _ => member.clone(),
        };
        Some((def.name.clone(), member))
    });
    Json::Object(members.collect())
}

/// Shows `visit` every value in `holder` that is neither object nor plural, with its definition, and its path with the
/// places of elements. `path` is that of `holder`.
pub(super) fn each_value<'a>(
    holder: &'a Json,
    defs: &'a [AttrDef],
    path: &AttrPath,
    visit: &mut dyn FnMut(AttrPath, &'a AttrDef, &'a Json),
) {
    for def in defs {
        let Some(value) = holder.get(&def.name) else {
            continue;
        };
        let here = path.child(&def.name);
        let inner = def.attr_type.attr_defs();
        match (&def.attr_type, value) {
            (AttrType::Object(_), _) => each_value(value, inner, &here, visit),
            (AttrType::Plural(_), Json::Array(elements)) => {
                for (at, element) in elements.iter().enumerate() {
                    each_value(element, inner, &here.element(Element::Index(at)), visit);
                }
            }
            _ => visit(here, def, value),
        }
    }
}

/// Copies values of one top-level attribute to another.
#[derive(Clone, Debug)]
pub(super) struct Carrier {
    pub(super) from: AttrDef,
    pub(super) to: AttrDef,
    /// Names of members that are called differently there: paths below the attribute.
    renamed: Vec<(AttrPath, AttrPath)>,
}

impl Carrier {
    /// `renamed` as in [`crate::capture::schema::plan::Action::CopyValues`].
    pub(super) fn new(from: AttrDef, to: AttrDef, renamed: &[(AttrPath, AttrPath)]) -> Self {
        Self {
            from,
            to,
            renamed: renamed.to_vec(),
        }
    }

    /// What is written to the other attribute for `value`: members under their new names, elements without their ids.
    /// What the other cannot hold by name is left out.
    pub(super) fn carry(&self, value: &Json) -> Json {
        self.carry_value(value, &self.from, &self.to, &AttrPath::root())
    }

    /// Whether all that `value` holds has a place in the other attribute, and is there what it was. What the service
    /// would refuse counts as carried: the copy stops there, and nothing is removed.
    pub(super) fn carries_all(&self, value: &Json) -> bool {
        self.fits(value, &self.from, &self.to, &AttrPath::root())
    }

    /// What is stored of a copy; the copy itself when it would be refused.
    pub(super) fn stored(&self, copy: Json) -> Json {
        stored(&copy, &self.to).unwrap_or(copy)
    }

    fn carry_value(&self, value: &Json, from: &AttrDef, to: &AttrDef, below: &AttrPath) -> Json {
        let (inner, outer) = (from.attr_type.attr_defs(), to.attr_type.attr_defs());
        match (&from.attr_type, &to.attr_type, value) {
            (AttrType::Object(_), AttrType::Object(_), Json::Object(_)) => {
                self.carry_members(value, inner, outer, below)
            }
            (AttrType::Plural(_), AttrType::Plural(_), Json::Array(elements)) => {
                let elements = elements.iter();
                let carry = |element| self.carry_members(element, inner, outer, below);
                Json::Array(elements.map(carry).collect())
            }
            (AttrType::Object(_) | AttrType::Plural(_), ..) => without_ids(
                &[(from.name.clone(), value.clone())].into_iter().collect(),
                std::slice::from_ref(from),
            )
            .get(&from.name)
            .cloned()
            .unwrap_or_default(),
            _ => without_given_ids(value, to),
        }
    }

    fn carry_members(
        &self,
        value: &Json,
        from: &[AttrDef],
        to: &[AttrDef],
        below: &AttrPath,
    ) -> Json {
        let mut carried = Object::new();
        for def in from.iter().filter(|def| !def.is_reserved(false)) {
            let here = below.child(&def.name);
            let other = self.counterpart(&here, to);
            if let Some((member, other)) = value.get(&def.name).zip(other) {
                let member = self.carry_value(member, def, other, &here);
                carried.insert(other.name.clone(), member);
            }
        }
        Json::Object(carried)
    }

    fn fits(&self, value: &Json, from: &AttrDef, to: &AttrDef, below: &AttrPath) -> bool {
        let (inner, outer) = (from.attr_type.attr_defs(), to.attr_type.attr_defs());
        let members = |value: &Json| {
            let mut own = inner.iter().filter(|def| !def.is_reserved(false));
            own.all(|def| {
                let here = below.child(&def.name);
                match (value.get(&def.name), self.counterpart(&here, outer)) {
                    (Some(member), Some(other)) => self.fits(member, def, other, &here),
                    (Some(member), None) => !is_value(member, def),
                    (None, _) => true,
                }
            })
        };
        match (&from.attr_type, &to.attr_type, value) {
            (AttrType::Object(_), AttrType::Object(_), Json::Object(_)) => members(value),
            (AttrType::Plural(_), AttrType::Plural(_), Json::Array(elements)) => {
                elements.iter().all(members)
            }
            // Text, or nothing of it.
            (AttrType::Object(_) | AttrType::Plural(_), ..)
            | (AttrType::Password(_), AttrType::Password(_), _) => true,
            (one, other, _) if one.name() == other.name() => true,
            _ => {
                let copy = self.carry_value(value, from, to, below);
                stored(&copy, to).is_none_or(|stored| {
                    holds(&stored, value, to) || reads_back(&stored, value, from, to)
                })
            }
        }
    }

    /// The definition among `to` that gets what is at `below`.
    fn counterpart<'a>(&self, below: &AttrPath, to: &'a [AttrDef]) -> Option<&'a AttrDef> {
        let renamed = self.renamed.iter().find(|(from, _)| from == below);
        let name = match renamed {
            Some((_, to)) => to.name(),
            None => below.name(),
        }?;
        to.iter().find(|def| def.name == name)
    }

    /// Where what is at `path` in the other attribute comes from.
    pub(super) fn origin(&self, path: &AttrPath) -> AttrPath {
        let mut origin = AttrPath::root();
        for (at, segment) in path.0.iter().enumerate() {
            let name = if at == 0 {
                self.from.name.clone()
            } else {
                let below = AttrPath(path.0[1..=at].to_vec()).definition();
                let renamed = self.renamed.iter().find(|(_, to)| *to == below);
                let name = renamed.and_then(|(from, _)| from.name());
                name.unwrap_or(&segment.name).to_owned()
            };
            origin.0.push(Segment {
                name,
                element: segment.element,
            });
        }
        origin
    }
}

/// `value`, which has no definition of its own, without the ids that the service alone gives under `def`. What `def` does
/// not know stays: the service says what it thinks of it.
fn without_given_ids(value: &Json, def: &AttrDef) -> Json {
    let inner = def.attr_type.attr_defs();
    match (&def.attr_type, value) {
        (AttrType::Object(_), Json::Object(members)) => members_without_ids(members, inner, false),
        (AttrType::Plural(_), Json::Array(elements)) => {
            let elements = elements.iter().map(|element| match element {
                Json::Object(members) => members_without_ids(members, inner, true),
                other => other.clone(),
            });
            Json::Array(elements.collect())
        }
        _ => value.clone(),
    }
}

fn members_without_ids(members: &Object, defs: &[AttrDef], is_element: bool) -> Json {
    let kept = members.iter().filter_map(|(name, member)| {
        let def = defs.iter().find(|def| def.name == *name);
        let is_given = is_element && name == "id" || def.is_some_and(|def| def.is_reserved(false));
        let member = match def {
            _ if is_given => return None,
            Some(def) => without_given_ids(member, def),
            None => member.clone(),
        };
        Some((name.clone(), member))
    });
    Json::Object(kept.collect())
}

/// What is stored of `copy` under `def`; `None` when it is refused.
fn stored(copy: &Json, def: &AttrDef) -> Option<Json> {
    // Below another, so that a member called `created` is a member.
    let path = AttrPath::root().child(&def.name).child(&def.name);
    validate::normalise_value(copy, def, &path, Mode::Update, ANY_TIME).ok()
}

/// Whether `stored`, a value of `def`, says all that `value` said.
fn holds(stored: &Json, value: &Json, def: &AttrDef) -> bool {
    let inner = def.attr_type.attr_defs();
    let members = |stored: &Json, value: &Json| {
        value.as_object().is_some_and(|members| {
            members.iter().all(|(name, member)| {
                let def = inner.iter().find(|def| def.name == *name);
                let def = def.filter(|def| !def.is_reserved(false));
                match def.zip(stored.get(name)) {
                    Some((def, stored)) => holds(stored, member, def),
                    None => member.is_null(),
                }
            })
        })
    };
    match (&def.attr_type, stored, value) {
        (.., Json::Null) => true,
        (AttrType::Object(_), ..) => members(stored, value),
        (AttrType::Plural(_), Json::Array(stored), Json::Array(elements)) => {
            stored.len() == elements.len()
                && stored
                    .iter()
                    .zip(elements)
                    .all(|(stored, element)| members(stored, element))
        }
        (AttrType::Plural(_), ..) => false,
        // A text becomes a hash, from which nobody reads it.
        (AttrType::Password(_), ..) => value.as_object().is_some() && stored == value,
        (_, Json::Number(_), Json::Number(_)) => {
            value::unique_key(stored, def) == value::unique_key(value, def)
        }
        _ => stored == value,
    }
}

/// Whether `stored`, read under the definition that `value` comes from, is the value again.
fn reads_back(stored: &Json, value: &Json, from: &AttrDef, to: &AttrDef) -> bool {
    let read = |value| value::read(value, from, ANY_TIME).ok();
    !matches!(to.attr_type, AttrType::Password(_))
        && read(stored).is_some_and(|back| Some(back) == read(value))
}
