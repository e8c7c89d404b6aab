//! Writing a record's value to another attribute: the call that does it, and whether it is there already. What is written
//! twice leaves what was written once, so an interrupted copy is simply run again.

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::value;
use crate::worker::plan::values;
use crate::worker::plan::values::Carrier;

/// How the other attribute of a record stands to the copy. The guard of each call refuses it when somebody changed the
/// record since it was read.
pub(super) enum Standing {
    /// It is what the copy would be, or there is nothing to copy and nothing there.
    Same,
    /// It has no value: the call writes it.
    Missing(ApiRequest),
    /// It has another value: the call puts the copy in its place.
    Other(ApiRequest),
    /// It has a value, and there is none to copy: the call clears it.
    Alone(ApiRequest),
}

/// How a record stands.
pub(super) fn standing(schema: &EntityType, carrier: &Carrier, id: i64, record: &Json) -> Standing {
    let value = record.get(&carrier.from.name);
    let value = value.filter(|value| values::is_value(value, &carrier.from));
    let copy = value.map(|value| carrier.carry(value));
    let copy = copy.filter(|copy| values::is_value(copy, &carrier.to));
    let there = record.get(&carrier.to.name).unwrap_or(&Json::Null);
    let is_taken = values::is_value(there, &carrier.to);
    let call = |endpoint| {
        let request = ApiRequest::new(endpoint)
            .hiding(schema.password_names())
            .with("type_name", &schema.name)
            .with("id", id.to_string());
        match record.get("lastUpdated").and_then(Json::as_str) {
            Some(stamp) => request.with("lastUpdated", stamp),
            None => request,
        }
    };
    // An update would append to a plural that has elements.
    let replace = |value: &Json| {
        let to = AttrPath::root().child(&carrier.to.name);
        call(Endpoint::EntityReplace)
            .with("attribute_name", to.slashed())
            .with("value", value.to_string())
    };
    match copy {
        None if !is_taken => Standing::Same,
        None => Standing::Alone(replace(&match &carrier.to.attr_type {
            AttrType::Plural(_) => Json::Array(Vec::new()),
            _ => Json::Null,
        })),
        Some(copy) if is_there(&copy, there, &carrier.to) => Standing::Same,
        Some(copy) if is_taken => Standing::Other(replace(&copy)),
        Some(copy) => {
            let attributes: Json = [(carrier.to.name.as_str(), copy)].into_iter().collect();
            let update = call(Endpoint::EntityUpdate);
            Standing::Missing(update.with("attributes", attributes.to_string()))
        }
    }
}

/// Whether `there`, as it is stored under `def`, is what was stored of `copy`.
pub(super) fn is_there(copy: &Json, there: &Json, def: &AttrDef) -> bool {
    let inner = def.attr_type.attr_defs();
    let members = |copy: &Json, there: &Json| {
        inner.iter().all(|def| {
            let other = there.get(&def.name).unwrap_or(&Json::Null);
            copy.get(&def.name)
                .is_none_or(|member| is_there(member, other, def))
        })
    };
    match (&def.attr_type, copy, there) {
        _ if !values::is_value(copy, def) => !values::is_value(there, def),
        _ if !values::is_value(there, def) => false,
        (AttrType::Object(_), ..) => members(copy, there),
        (AttrType::Plural(_), Json::Array(copies), Json::Array(elements)) => {
            copies.len() == elements.len()
                && copies.iter().all(|copy| {
                    let mut elements = elements.iter();
                    elements.any(|element| members(copy, element))
                })
        }
        // What is stored of a password need not look like what was sent.
        (AttrType::Password(_), ..) => true,
        _ => {
            let stored = value::read(copy, def, Timestamp::UNIX_EPOCH);
            let key = |value: &Json| value::unique_key(value, &exact(def));
            copy == there
                || stored.is_ok_and(|stored| {
                    stored == *there || key(&stored).is_some_and(|own| Some(own) == key(there))
                })
        }
    }
}

/// The definition with text compared by every letter.
fn exact(def: &AttrDef) -> AttrDef {
    let attr_type = match &def.attr_type {
        AttrType::String { length, .. } => AttrType::String {
            length: *length,
            case_sensitive: true,
        },
        other => other.clone(),
    };
    AttrDef::new(def.name.clone(), attr_type)
}
