//! What an exchange says of records: pure, from its arguments and its answer.

use std::borrow::Cow;

use crate::capture::endpoint::Effect;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::request::Args;
use crate::capture::response::Answer;
use crate::exchange::Verdict;
use crate::history::record::How;
use crate::history::record::Said;
use crate::history::record::Sighting;

/// What a call says of records. Values come as they are in the arguments and the answer: whoever shows or keeps them
/// masks before.
pub fn sightings<'a>(
    endpoint: Endpoint,
    args: &Args,
    verdict: Verdict,
    answer: Option<&'a Answer>,
) -> Vec<Sighting<'a>> {
    let Some(type_name) = args.get("type_name") else {
        return Vec::new();
    };
    let answer = match answer {
        Some(Answer::Ok(answer)) => Some(answer),
        Some(Answer::Error(_) | Answer::NotCapture(_)) | None => None,
    };
    match endpoint {
        Endpoint::EntityFind => found(type_name, args, answer),
        Endpoint::EntityBulkCreate => created_in_bulk(type_name, args, answer),
        Endpoint::EntityCreate => answer
            .map(|answer| created(type_name, args, answer))
            .into_iter()
            .collect(),
        Endpoint::EntityView
        | Endpoint::EntityUpdate
        | Endpoint::EntityReplace
        | Endpoint::EntityDelete => {
            vec![selected(endpoint, type_name, args, verdict, answer)]
        }
        _ => Vec::new(),
    }
}

/// A call that is about one record that there is.
fn selected<'a>(
    endpoint: Endpoint,
    type_name: &str,
    args: &Args,
    verdict: Verdict,
    answer: Option<&'a Json>,
) -> Sighting<'a> {
    let path = args.get("attribute_name").unwrap_or_default();
    let path: Option<AttrPath> = path.parse().ok();
    let is_root = path.as_ref().is_some_and(AttrPath::is_root);
    let mut said = Vec::new();
    if answer.is_some()
        && let Some(path) = path
    {
        match endpoint {
            Endpoint::EntityUpdate | Endpoint::EntityReplace => {
                said.extend(given(args).map(|value| Said::Written {
                    path: path.clone(),
                    value: Cow::Owned(value),
                    replace: endpoint == Endpoint::EntityReplace,
                }));
            }
            Endpoint::EntityDelete => said.push(Said::Gone { path: path.clone() }),
            _ => {}
        }
        if let Some(value) = answer.and_then(|answer| answer.get("result")) {
            said.push(Said::Read {
                path,
                value: Cow::Borrowed(value),
                whole: args.get("attributes").is_none() || endpoint != Endpoint::EntityView,
            });
        }
    }
    let writes = endpoint.spec().effect != Effect::Read;
    let how = match endpoint {
        _ if answer.is_none() && !(writes && verdict == Verdict::Unknown) => How::Asked,
        Endpoint::EntityDelete if is_root => How::Deleted,
        _ if writes => How::Updated,
        _ => How::Seen,
    };
    let shown = said.iter().rev().find_map(|said| match said {
        Said::Read { path, value, .. } if path.is_root() => Some(identity(value)),
        _ => None,
    });
    let (uuid, id, selector) = selection(args);
    let (shown_uuid, shown_id) = shown.unwrap_or_default();
    let (uuid, id) = (shown_uuid.or(uuid), shown_id.or(id));
    Sighting {
        how,
        certain: answer.is_some(),
        type_name: type_name.to_owned(),
        selector: selector.filter(|_| uuid.is_none() && id.is_none()),
        uuid,
        id,
        said,
    }
}

/// What the arguments select a record by (reference 2.2).
fn selection(args: &Args) -> (Option<String>, Option<i64>, Option<(String, Json)>) {
    if let Some(uuid) = args.get("uuid") {
        return (Some(uuid.to_owned()), None, None);
    }
    if let Some(id) = args.get("id") {
        return (None, id.trim().parse().ok(), None);
    }
    let value = args.get("key_value").map(|text| Json::parse(text).ok());
    let (Some(attribute), Some(Some(value))) = (args.get("key_attribute"), value) else {
        return (None, None, None);
    };
    match attribute {
        "uuid" => (value.as_str().map(str::to_owned), None, None),
        "id" => (None, value.as_i64(), None),
        _ => (None, None, Some((attribute.to_owned(), value))),
    }
}

/// The values that a write gives (reference 2.8).
fn given(args: &Args) -> Option<Json> {
    let text = args.get("attributes").or_else(|| args.get("value"))?;
    let has_path = args
        .get("attribute_name")
        .is_some_and(|path| !path.is_empty());
    Json::parse(text)
        .ok()
        .or_else(|| has_path.then(|| Json::from(text)))
}

fn created<'a>(type_name: &str, args: &Args, answer: &'a Json) -> Sighting<'a> {
    let (uuid, id) = identity(answer);
    let mut said = vec![Said::Written {
        path: AttrPath::root(),
        value: Cow::Owned(given(args).unwrap_or_else(|| Json::Object(Object::new()))),
        replace: true,
    }];
    said.push(told(uuid.as_deref(), id));
    said.extend(answer.get("result").map(|value| Said::Read {
        path: AttrPath::root(),
        value: Cow::Borrowed(value),
        whole: true,
    }));
    Sighting {
        how: How::Created,
        certain: true,
        type_name: type_name.to_owned(),
        uuid,
        id,
        selector: None,
        said,
    }
}

/// Two arrays in the order of the input, with an error in place of what was not created (reference 2.7).
fn created_in_bulk<'a>(
    type_name: &str,
    args: &Args,
    answer: Option<&'a Json>,
) -> Vec<Sighting<'a>> {
    let list = |key: &str| answer.and_then(|answer| answer.get(key)?.as_array());
    let (Some(ids), Some(uuids)) = (list("results"), list("uuid_results")) else {
        return Vec::new();
    };
    let given = args.get("all_attributes").map(Json::parse);
    let Some(Ok(Json::Array(given))) = given else {
        return Vec::new();
    };
    let each = given.into_iter().zip(ids).zip(uuids);
    each.filter_map(|((value, id), uuid)| {
        let (uuid, id) = (uuid.as_str()?.to_owned(), id.as_i64());
        let written = Said::Written {
            path: AttrPath::root(),
            value: Cow::Owned(value),
            replace: true,
        };
        Some(Sighting {
            how: How::Created,
            certain: true,
            type_name: type_name.to_owned(),
            said: vec![written, told(Some(&uuid), id)],
            uuid: Some(uuid),
            id,
            selector: None,
        })
    })
    .collect()
}

fn found<'a>(type_name: &str, args: &Args, answer: Option<&'a Json>) -> Vec<Sighting<'a>> {
    let results = answer.and_then(|answer| answer.get("results")?.as_array());
    let sighting = |record: &'a Json| {
        let (uuid, id) = identity(record);
        let is_known = uuid.is_some() || id.is_some();
        is_known.then(|| Sighting {
            how: How::Seen,
            certain: true,
            type_name: type_name.to_owned(),
            uuid,
            id,
            selector: None,
            said: vec![Said::Read {
                path: AttrPath::root(),
                value: Cow::Borrowed(record),
                whole: args.get("attributes").is_none(),
            }],
        })
    };
    results.into_iter().flatten().filter_map(sighting).collect()
}

fn identity(record: &Json) -> (Option<String>, Option<i64>) {
    (
        record.get("uuid").and_then(Json::as_str).map(str::to_owned),
        record.get("id").and_then(Json::as_i64),
    )
}

/// A new record's uuid and id, which the service gave.
fn told(uuid: Option<&str>, id: Option<i64>) -> Said<'static> {
    let members = [("id", id.map(Json::from)), ("uuid", uuid.map(Json::from))];
    let members = members.into_iter();
    Said::Read {
        path: AttrPath::root(),
        value: Cow::Owned(
            members
                .filter_map(|(key, value)| Some((key, value?)))
                .collect(),
        ),
        whole: false,
    }
}
