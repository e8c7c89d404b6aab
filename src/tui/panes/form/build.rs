//! Fields from a schema, and values into them: from a record, and from a draft made before the schema changed.

use std::sync::Arc;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::tui::panes::form::collect;
use crate::tui::panes::form::field::Attr;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Element;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Presence;
use crate::tui::widgets::text;

/// The attributes of an entity type that a caller may set, in the schema's order.
pub fn attrs(schema: &EntityType) -> Vec<Arc<Attr>> {
    schema.own_attr_defs().map(attr).collect()
}

fn attr(def: &AttrDef) -> Arc<Attr> {
    let settable = def.attr_type.attr_defs().iter();
    Arc::new(Attr {
        def: def.clone(),
        members: settable
            .filter(|member| !member.is_reserved(false))
            .map(attr)
            .collect(),
    })
}

/// The fewest cells that a name gets, however deep it is.
pub const NAME_CELLS: u16 = 8;

/// How many cells the widest name takes, but at least [`NAME_CELLS`], with the star of a required one, indented by two for each level around it.
pub fn name_width(attrs: &[Arc<Attr>]) -> u16 {
    let widths = attrs.iter().map(|attr| {
        let star = if attr.def.has(&Constraint::Required) {
            2
        } else {
            0
        };
        let name = text::width_up_to(&attr.def.name, u16::MAX >> 4);
        // The fields of an element stand below its own row.
        let indent = match attr.def.attr_type {
            AttrType::Plural(_) => 4,
            _ => 2,
        };
        let own = name.saturating_add(star).max(NAME_CELLS);
        match attr.members.as_slice() {
            [] => own,
            members => own.max(name_width(members).saturating_add(indent)),
        }
    });
    widths.max().unwrap_or(NAME_CELLS)
}

/// An absent field for every attribute.
pub fn empty(attrs: &[Arc<Attr>]) -> Vec<Field> {
    attrs.iter().map(Field::new).collect()
}

/// The fields of a record. Nothing of it is lost but what the service alone gives: reserved attributes at the top, and
/// the ids of elements, which are kept beside them. A member that the schema lacks gets a field of unknown type.
pub fn from_record(attrs: &[Arc<Attr>], record: &Object) -> Vec<Field> {
    let own = record
        .iter()
        .filter(|(name, _)| !schema::is_reserved_name(name) || has(attrs, name));
    from_members(attrs, own)
}

fn has(attrs: &[Arc<Attr>], name: &str) -> bool {
    attrs.iter().any(|attr| attr.def.name == name)
}

fn from_members<'a>(
    attrs: &[Arc<Attr>],
    members: impl Iterator<Item = (&'a String, &'a Json)>,
) -> Vec<Field> {
    let mut fields = empty(attrs);
    let mut next = 0;
    for (name, value) in members {
        // Nearly always in the same order: ten thousand members are not looked for one by one.
        let here = fields.get(next).is_some_and(|field| field.name() == name);
        let found = || fields.iter().position(|field| field.name() == name);
        let at = if here { Some(next) } else { found() };
        let at = at.unwrap_or_else(|| {
            fields.push(Field::new(&unknown(name)));
            fields.len() - 1
        });
        next = at + 1;
        fill(&mut fields[at], value);
    }
    fields
}

/// An attribute that the schema lacks.
pub fn unknown(name: &str) -> Arc<Attr> {
    Arc::new(Attr {
        def: AttrDef::new(name, AttrType::Unknown("unknown".to_owned())),
        members: Vec::new(),
    })
}

/// Puts a value into a field. One that does not have the shape of the attribute's type is kept as JSON text.
pub fn fill(field: &mut Field, value: &Json) {
    let attr = Arc::clone(&field.attr);
    field.presence = Presence::Given;
    field.editor = match (&attr.def.attr_type, value) {
        (_, Json::Null) => {
            field.presence = Presence::Null;
            Field::new(&attr).editor
        }
        (AttrType::Integer | AttrType::Decimal, Json::Number(number)) => {
            Editor::Text(number.as_str().to_owned())
        }
        (AttrType::Boolean, Json::Bool(value)) => Editor::Toggle(*value),
        (
            AttrType::String { .. }
            | AttrType::Date
            | AttrType::DateTime
            | AttrType::IpAddress
            | AttrType::Password(_)
            | AttrType::Id
            | AttrType::Uuid,
            Json::String(text),
        ) => Editor::Text(text.clone()),
        (AttrType::Object(_), Json::Object(members)) => {
            Editor::Object(from_members(&attr.members, members.iter()))
        }
        (AttrType::Plural(_), Json::Array(items)) => match elements(&attr, items) {
            Some(elements) => Editor::Plural(elements),
            None => Editor::Json(value.pretty()),
        },
        _ => Editor::Json(value.pretty()),
    };
}

/// Puts values over those of a stored record, as `entity.update` does (reference 7): objects member by member, elements
/// with an id in place of that element, elements without one after the others. A value that the schema lacks gets a
/// field of unknown type.
pub fn put_members(fields: &mut Vec<Field>, values: &Object) {
    for (name, value) in values {
        if schema::is_reserved_name(name) {
            continue;
        }
        let at = fields.iter().position(|field| field.name() == name);
        let at = at.unwrap_or_else(|| {
            fields.push(Field::new(&unknown(name)));
            fields.len() - 1
        });
        put_value(&mut fields[at], value);
    }
}

fn put_value(field: &mut Field, value: &Json) {
    match (&mut field.editor, value) {
        (Editor::Object(members), Json::Object(values)) => {
            put_members(members, values);
            if field.presence == Presence::Null {
                field.presence = Presence::Given;
            }
        }
        (Editor::Plural(held), Json::Array(items)) => {
            let attr = Arc::clone(&field.attr);
            let Some(given) = elements(&attr, items) else {
                return fill(field, value);
            };
            for element in given {
                let same = held
                    .iter()
                    .position(|old| old.id.is_some() && old.id == element.id);
                match same {
                    Some(at) => held[at] = element,
                    None => held.push(element),
                }
            }
            field.presence = Presence::Given;
        }
        _ => fill(field, value),
    }
}

/// The elements of a plural; `None` when an item is no object, nor a string that may stand for one.
fn elements(plural: &Attr, items: &[Json]) -> Option<Vec<Element>> {
    let attrs = &plural.members;
    let strings = plural.has_plain_strings();
    let element = |item: &Json| match item {
        Json::Object(members) => {
            let id = members
                .get("id")
                .filter(|_| !has(attrs, "id"))
                .and_then(Json::as_i64);
            let own = members
                .iter()
                .filter(|(name, _)| id.is_none() || *name != "id");
            Some(Element {
                fields: from_members(attrs, own),
                id,
                open: false,
                plain: false,
            })
        }
        Json::String(_) if strings => {
            let mut fields = empty(attrs);
            fill(fields.first_mut()?, item);
            Some(Element {
                fields,
                id: None,
                open: false,
                plain: true,
            })
        }
        _ => None,
    };
    items.iter().map(element).collect()
}

/// The fields of a changed schema with what an older draft holds, by name. What the new schema lacks stays, if it is
/// set, as a field of unknown type.
pub fn carry_over(old: Vec<Field>, attrs: &[Arc<Attr>]) -> Vec<Field> {
    let mut fields = empty(attrs);
    for old in old {
        match fields.iter().position(|field| field.name() == old.name()) {
            Some(at) => carry_one(old, &mut fields[at]),
            None if old.is_set() => {
                let mut kept = Field::new(&unknown(old.name()));
                carry_one(old, &mut kept);
                fields.push(kept);
            }
            None => {}
        }
    }
    fields
}

fn carry_one(old: Field, new: &mut Field) {
    let value = collect::value(&old);
    new.presence = old.presence;
    new.open = old.open;
    match (old.editor, &mut new.editor) {
        (Editor::Text(text), Editor::Text(new)) | (Editor::Json(text), Editor::Json(new)) => {
            *new = text;
        }
        (Editor::Toggle(value), Editor::Toggle(new)) => *new = value,
        (Editor::Object(members), Editor::Object(new_members)) => {
            *new_members = carry_over(members, &new.attr.members);
        }
        (Editor::Plural(elements), Editor::Plural(new_elements)) => {
            *new_elements = elements
                .into_iter()
                .map(|element| Element {
                    fields: carry_over(element.fields, &new.attr.members),
                    ..element
                })
                .collect();
        }
        // The type changed: the value goes along as it would be sent, and what cannot be sent, as it was typed.
        (editor, _) => match (value, editor) {
            (Some(value), _) => fill(new, &value),
            (None, Editor::Text(text) | Editor::Json(text)) if old.presence == Presence::Given => {
                new.editor = Editor::Json(text);
            }
            (None, _) => {}
        },
    }
}
