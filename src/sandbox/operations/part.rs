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

/// `record` with only what `paths` name. Our choice where the docs are silent: ids and other reserved attributes stay
/// only when they are named, and an element whose members are not named stays as an object without them.
pub(crate) fn only(record: &Json, paths: &[AttrPath]) -> Json {
    let wanted: Vec<&[Segment]> = paths.iter().map(|path| path.0.as_slice()).collect();
    keep(record, &wanted)
}

fn keep(value: &Json, wanted: &[&[Segment]]) -> Json {
    match value {
        Json::Array(elements) => elements
            .iter()
            .map(|one| keep(one, wanted))
            .collect::<Vec<_>>()
            .into(),
        Json::Object(members) => members
            .iter()
            .filter_map(|(name, member)| {
                let below: Vec<&[Segment]> = wanted
                    .iter()
                    .filter_map(|path| path.split_first())
                    .filter(|(first, _)| first.name == *name)
                    .map(|(_, rest)| rest)
                    .collect();
                let whole = below.iter().any(|rest| rest.is_empty());
                match (below.is_empty(), whole) {
                    (true, _) => None,
                    (_, true) => Some((name.clone(), member.clone())),
                    _ => Some((name.clone(), keep(member, &below))),
                }
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

fn no_element(path: &AttrPath) -> ApiError {
    ApiError::new(
        ErrorCode::RECORD_NOT_FOUND,
        format!("no such element: {}", path.slashed()),
    )
}
