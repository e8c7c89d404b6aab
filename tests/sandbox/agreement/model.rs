//! What a type's records should be after some calls, kept beside the sandbox: whole records as `normalise` gives them,
//! and what may not be in them twice.

use std::collections::HashSet;

use captui::capture::attr_type::AttrType;
use captui::capture::constraint::Constraint;
use captui::capture::error::ErrorCode;
use captui::capture::json::Json;
use captui::capture::json::object::Object;
use captui::capture::schema::AttrDef;
use captui::capture::schema::EntityType;
use captui::capture::value;

/// Whether a value of a `unique` attribute in `records` is there twice.
pub(super) fn shares_a_unique_value<'a>(
    records: impl Iterator<Item = &'a Json>,
    schema: &EntityType,
) -> bool {
    let mut seen = HashSet::new();
    let mut twice = false;
    for record in records {
        let mut found = Vec::new();
        unique_values(record, &schema.attr_defs, "", &mut found);
        for value in found {
            twice |= !seen.insert(value);
        }
    }
    twice
}

fn unique_values(holder: &Json, defs: &[AttrDef], path: &str, found: &mut Vec<(String, String)>) {
    for def in defs {
        let Some(given) = holder.get(&def.name) else {
            continue;
        };
        let here = format!("{path}.{}", def.name);
        let inner = def.attr_type.attr_defs();
        match given {
            Json::Array(elements) if matches!(def.attr_type, AttrType::Plural(_)) => {
                for element in elements {
                    unique_values(element, inner, &here, found);
                }
            }
            Json::Object(_) if matches!(def.attr_type, AttrType::Object(_)) => {
                unique_values(given, inner, &here, found);
            }
            _ if def.has(&Constraint::Unique) => {
                found.extend(value::unique_key(given, def).map(|key| (here, key)));
            }
            _ => {}
        }
    }
}

/// Whether two elements of one plural in `record` have the same value of a `locally-unique` attribute.
pub(super) fn shares_a_local_value(holder: &Json, defs: &[AttrDef]) -> bool {
    defs.iter().any(|def| {
        let inner = def.attr_type.attr_defs();
        match (&def.attr_type, holder.get(&def.name)) {
            (AttrType::Object(_), Some(object)) => shares_a_local_value(object, inner),
            (AttrType::Plural(_), Some(Json::Array(elements))) => {
                let mut found = Vec::new();
                for element in elements {
                    local_values(element, inner, "", &mut found);
                }
                let distinct: HashSet<_> = found.iter().collect();
                distinct.len() < found.len()
                    || elements.iter().any(|one| shares_a_local_value(one, inner))
            }
            _ => false,
        }
    })
}

/// Of one element and the objects in it, not of its plurals.
fn local_values(holder: &Json, defs: &[AttrDef], path: &str, found: &mut Vec<(String, String)>) {
    for def in defs {
        let Some(given) = holder.get(&def.name) else {
            continue;
        };
        let here = format!("{path}.{}", def.name);
        if let AttrType::Object(inner) = &def.attr_type {
            local_values(given, inner, &here, found);
        } else if def.has(&Constraint::LocallyUnique) {
            found.extend(value::unique_key(given, def).map(|key| (here, key)));
        }
    }
}

/// `patch` (normalised for an update) merged into `record`, which has the ids of its elements: objects member by member,
/// elements without id appended, those with one put in place of the old ones (reference 7). Or the code of the refusal:
/// 310 for an id that is not there, 320 for one inside what is new.
pub(super) fn merge(record: &Json, patch: &Json, defs: &[AttrDef]) -> Result<Json, ErrorCode> {
    let mut members = record.as_object().cloned().unwrap_or_default();
    // In the schema's order: of several refusals the first one counts.
    for def in defs {
        let (Some(now), Some(given)) = (members.get_mut(&def.name), patch.get(&def.name)) else {
            continue;
        };
        match (&def.attr_type, given, &mut *now) {
            (AttrType::Object(inner), given, _) => *now = merge(now, given, inner)?,
            (AttrType::Plural(inner), Json::Array(given), Json::Array(elements)) => {
                for element in given {
                    put(elements, element, inner)?;
                }
            }
            _ => *now = given.clone(),
        }
    }
    Ok(members.into())
}

fn put(elements: &mut Vec<Json>, element: &Json, defs: &[AttrDef]) -> Result<(), ErrorCode> {
    let Some(id) = id(element) else {
        refuse_ids(element, defs)?;
        elements.push(element.clone());
        return Ok(());
    };
    let old = elements.iter_mut().find(|old| self::id(old) == Some(id));
    let old = old.ok_or(ErrorCode::RECORD_NOT_FOUND)?;
    keep_ids(element, old, defs)?;
    *old = element.clone();
    Ok(())
}

/// Every id inside an element that takes the place of `old` must be inside that one, once.
fn keep_ids(element: &Json, old: &Json, defs: &[AttrDef]) -> Result<(), ErrorCode> {
    for def in defs {
        let inner = def.attr_type.attr_defs();
        let (Some(member), Some(old)) = (element.get(&def.name), old.get(&def.name)) else {
            continue;
        };
        match (&def.attr_type, member) {
            (AttrType::Object(_), _) => keep_ids(member, old, inner)?,
            (AttrType::Plural(_), Json::Array(elements)) => {
                let mut left = old.as_array().unwrap_or_default().to_vec();
                for element in elements {
                    if id(element).is_none() {
                        refuse_ids(element, inner)?;
                        continue;
                    }
                    let at = left.iter().position(|old| id(old) == id(element));
                    let old = left.swap_remove(at.ok_or(ErrorCode::RECORD_NOT_FOUND)?);
                    keep_ids(element, &old, inner)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn refuse_ids(element: &Json, defs: &[AttrDef]) -> Result<(), ErrorCode> {
    for def in defs {
        let inner = def.attr_type.attr_defs();
        match (&def.attr_type, element.get(&def.name)) {
            (AttrType::Object(_), Some(object)) => refuse_ids(object, inner)?,
            (AttrType::Plural(_), Some(Json::Array(elements))) => {
                for element in elements {
                    if id(element).is_some() {
                        return Err(ErrorCode::ID_IN_NEW_RECORD);
                    }
                    refuse_ids(element, inner)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn id(element: &Json) -> Option<i64> {
    element.get("id").and_then(Json::as_i64)
}

/// Gives elements of `patch` the ids of the elements of `record` in their places, where the bits of `which` say so.
pub(super) fn borrow_ids(patch: &mut Json, record: &Json, defs: &[AttrDef], which: &mut u16) {
    for def in defs {
        let inner = def.attr_type.attr_defs();
        let Some(old) = record.get(&def.name) else {
            continue;
        };
        let member = patch
            .as_object_mut()
            .and_then(|members| members.get_mut(&def.name));
        match (&def.attr_type, member) {
            (AttrType::Object(_), Some(object)) => borrow_ids(object, old, inner, which),
            (AttrType::Plural(_), Some(Json::Array(elements))) => {
                for (element, old) in elements.iter_mut().zip(old.as_array().unwrap_or_default()) {
                    *which = which.rotate_left(1);
                    if let (Json::Object(members), true) = (&mut *element, *which & 1 == 1) {
                        members.insert("id".to_owned(), old.get("id").cloned().unwrap_or_default());
                    }
                    borrow_ids(element, old, inner, which);
                }
            }
            _ => {}
        }
    }
}

/// A record as the sandbox shows it, without what it adds: reserved attributes and the ids of elements.
pub(super) fn own(record: &Json, defs: &[AttrDef], top_level: bool) -> Json {
    let members = record.as_object().cloned().unwrap_or_default();
    let mut kept = Object::new();
    for def in defs.iter().filter(|def| !def.is_reserved(top_level)) {
        let Some(value) = members.get(&def.name) else {
            continue;
        };
        let value = match (&def.attr_type, value) {
            (AttrType::Object(inner), _) => own(value, inner, false),
            (AttrType::Plural(inner), Json::Array(elements)) => {
                let elements = elements.iter().map(|element| own(element, inner, false));
                elements.collect::<Vec<_>>().into()
            }
            _ => value.clone(),
        };
        kept.insert(def.name.clone(), value);
    }
    kept.into()
}

/// `record` with every password as no more than its kind: a text given to be hashed is what the sandbox hashes.
pub(super) fn without_secrets(record: &Json, defs: &[AttrDef]) -> Json {
    let Some(members) = record.as_object() else {
        return record.clone();
    };
    let hide = |(name, value): (&String, &Json)| {
        let def = defs.iter().find(|def| def.name == *name);
        let hidden = match (def.map(|def| &def.attr_type), value) {
            (Some(AttrType::Password(_)), Json::String(_)) => "password-bcrypt".into(),
            (Some(AttrType::Password(_)), Json::Object(hash)) => {
                hash.get("type").cloned().unwrap_or_default()
            }
            (Some(AttrType::Object(inner)), _) => without_secrets(value, inner),
            (Some(AttrType::Plural(inner)), Json::Array(elements)) => {
                let elements = elements
                    .iter()
                    .map(|element| without_secrets(element, inner));
                elements.collect::<Vec<_>>().into()
            }
            _ => value.clone(),
        };
        (name.clone(), hidden)
    };
    members.iter().map(hide).collect()
}
