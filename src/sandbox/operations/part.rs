//! Records as answers, and parts of them: the record in the schema's order, the members that `attributes` keeps, the
//! value that `attribute_name` addresses. Pure functions over JSON; used by the entity operations.

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::path::Segment;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::value::date;
use crate::sandbox::operations::named::Named;
use crate::sandbox::operations::unknown_attribute;
use crate::sandbox::store::records;
use crate::sandbox::store::records::StoredRecord;

/// The whole record as the service answers it: every attribute of the schema, nulls included (reference 2.3).
pub(crate) fn whole(record: &StoredRecord, schema: &EntityType) -> Json {
    let mut members = record.body.as_object().cloned().unwrap_or_default();
    members.insert("id".to_owned(), record.id.into());
    members.insert("uuid".to_owned(), record.uuid.as_str().into());
    members.insert("created".to_owned(), stamp(record.created));
    members.insert("lastUpdated".to_owned(), stamp(record.last_updated));
    records::shape(&members.into(), &schema.attr_defs)
}

fn stamp(microseconds: i64) -> Json {
    // Only instants that were timestamps before are ever stored.
    let instant = Timestamp::from_microsecond(microseconds).unwrap_or_default();
    date::format_stamp(instant).into()
}

/// Refuses paths that the schema does not have.
pub(crate) fn check_paths(paths: &[AttrPath], schema: &EntityType) -> Result<(), ApiError> {
    match paths.iter().find(|path| schema.get(path).is_none()) {
        Some(path) => Err(unknown_attribute(path)),
        None => Ok(()),
    }
}

/// `record` with only what is named. Our choice where the docs are silent: ids and other reserved attributes stay only when
/// they are named, and an element whose members are not named stays as an object without them.
pub(crate) fn only(record: &Json, named: &Named<'_>) -> Json {
    match record {
        Json::Array(elements) => elements
            .iter()
            .map(|one| only(one, named))
            .collect::<Vec<_>>()
            .into(),
        Json::Object(members) => members
            .iter()
            .filter_map(|(name, member)| {
                let named = named.member(name)?;
                let kept = if named.whole {
                    member.clone()
                } else {
                    only(member, named)
                };
                Some((name.clone(), kept))
            })
            .collect(),
        other => other.clone(),
    }
}

/// The value at `path` inside `record`, which is shaped like `schema` (reference 6.2).
pub(crate) fn at<'a>(
    record: &'a Json,
    schema: &EntityType,
    path: &AttrPath,
) -> Result<&'a Json, ApiError> {
    if !path.is_root() && path.0.iter().all(|segment| !segment.name.is_empty()) {
        check_paths(std::slice::from_ref(path), schema)?;
    }
    let mut value = record;
    let mut defs = schema.attr_defs.as_slice();
    let mut rest = path.0.iter().peekable();
    while let Some(segment) = rest.next() {
        if let (true, Some(Element::Id(id))) = (segment.name.is_empty(), segment.element) {
            (value, defs) = element_anywhere(value, defs, id).ok_or_else(|| no_element(path))?;
            continue;
        }
        let def = defs.iter().find(|def| def.name == segment.name);
        let (def, member) = def
            .zip(value.get(&segment.name))
            .ok_or_else(|| unknown_attribute(path))?;
        defs = def.attr_type.attr_defs();
        value = match (&def.attr_type, segment.element) {
            (AttrType::Plural(_), Some(Element::Id(id))) => {
                element(member, id).ok_or_else(|| no_element(path))?
            }
            (AttrType::Plural(_), None) if rest.peek().is_none() => member,
            (AttrType::Plural(_), _) => {
                let why = format!(
                    "an element of {} is named by its id, as in /{}#123",
                    segment.name, segment.name
                );
                return Err(ApiError::invalid_argument("attribute_name", &why));
            }
            (_, Some(_)) => {
                let why = format!("{} is not a plural and has no elements", segment.name);
                return Err(ApiError::invalid_argument("attribute_name", &why));
            }
            (_, None) => member,
        };
    }
    Ok(value)
}

/// `path` with the name of every plural: an element known by its id alone (`/#5253`) is looked for in `record`, which is
/// shaped like `schema`. Refuses what [`at`] refuses.
pub(crate) fn resolve(
    record: &Json,
    schema: &EntityType,
    path: &AttrPath,
) -> Result<AttrPath, ApiError> {
    at(record, schema, path)?;
    let nameless = path.0.iter().rposition(|segment| segment.name.is_empty());
    let Some(nameless) = nameless else {
        return Ok(path.clone());
    };
    let Some(Element::Id(id)) = path.0[nameless].element else {
        return Err(no_element(path));
    };
    let mut resolved = way_to(record, &schema.attr_defs, id).ok_or_else(|| no_element(path))?;
    resolved.0.extend_from_slice(&path.0[nameless + 1..]);
    Ok(resolved)
}

/// The way to the element with this id, in any plural at or below `value`.
fn way_to(value: &Json, defs: &[AttrDef], id: i64) -> Option<AttrPath> {
    defs.iter().find_map(|def| {
        let member = value.get(&def.name)?;
        let inner = def.attr_type.attr_defs();
        let step = |element| {
            AttrPath(vec![Segment {
                name: def.name.clone(),
                element,
            }])
        };
        let joined = |mut first: AttrPath, rest: AttrPath| {
            first.0.extend(rest.0);
            first
        };
        match (&def.attr_type, member) {
            (AttrType::Object(_), object) => {
                way_to(object, inner, id).map(|rest| joined(step(None), rest))
            }
            (AttrType::Plural(_), Json::Array(elements)) => elements.iter().find_map(|one| {
                let own = one.get("id").and_then(Json::as_i64)?;
                let here = step(Some(Element::Id(own)));
                if own == id {
                    return Some(here);
                }
                way_to(one, inner, id).map(|rest| joined(here, rest))
            }),
            _ => None,
        }
    })
}

/// The value at a resolved path, to be changed.
pub(crate) fn at_mut<'a>(body: &'a mut Json, path: &AttrPath) -> Option<&'a mut Json> {
    path.0.iter().try_fold(body, |value, segment| {
        let member = value.as_object_mut()?.get_mut(&segment.name)?;
        let Some(Element::Id(id)) = segment.element else {
            return Some(member);
        };
        let Json::Array(elements) = member else {
            return None;
        };
        elements
            .iter_mut()
            .find(|one| one.get("id").and_then(Json::as_i64) == Some(id))
    })
}

fn element(plural: &Json, id: i64) -> Option<&Json> {
    let mut elements = plural.as_array()?.iter();
    elements.find(|one| one.get("id").and_then(Json::as_i64) == Some(id))
}

/// The element with this id in any plural at or below `value`: ids are unique in the application.
fn element_anywhere<'v, 'd>(
    value: &'v Json,
    defs: &'d [AttrDef],
    id: i64,
) -> Option<(&'v Json, &'d [AttrDef])> {
    defs.iter().find_map(|def| {
        let member = value.get(&def.name)?;
        let inner = def.attr_type.attr_defs();
        match (&def.attr_type, member) {
            (AttrType::Object(_), object) => element_anywhere(object, inner, id),
            (AttrType::Plural(_), Json::Array(elements)) => {
                element(member, id).map(|found| (found, inner)).or_else(|| {
                    elements
                        .iter()
                        .find_map(|one| element_anywhere(one, inner, id))
                })
            }
            _ => None,
        }
    })
}

/// Code 310 for a plural element. The words are our choice.
pub(crate) fn no_element(path: &AttrPath) -> ApiError {
    ApiError::new(
        ErrorCode::RECORD_NOT_FOUND,
        format!("no such element: {}", path.slashed()),
    )
}
