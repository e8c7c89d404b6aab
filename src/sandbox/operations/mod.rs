//! What each operation does, given arguments that are complete. Used by the pipeline, which has already decided that
//! the caller may; knows nothing of HTTP and credentials. An operation that is not here says so: never a wrong result.

pub(crate) mod create;
pub(crate) mod entity;
pub(crate) mod entity_type;
pub(crate) mod part;
pub(crate) mod select;

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::Object;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::sandbox::store::Store;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::types::Schemas;
use crate::sandbox::store::types::StoredType;

/// Why an operation has no result.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The caller's mistake, in the protocol's words.
    Api(ApiError),
    /// The sandbox's own.
    Store(StoreError),
}

impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Does what `request` asks for and returns the whole answer.
pub(crate) fn operate(store: &Store, request: &ApiRequest, now: Timestamp) -> Result<Json, Fault> {
    let args = &request.args;
    match request.endpoint {
        Endpoint::EntityView => entity::view(store, args, now),
        Endpoint::EntityFind => entity::find(store, args),
        Endpoint::EntityCount => entity::count(store, args),
        Endpoint::EntityCreate => create::create(store, args, now),
        Endpoint::TypeView => entity_type::view(store, args),
        Endpoint::TypeList => entity_type::list(store),
        Endpoint::TypeCreate => entity_type::create(store, args),
        other => Err(not_yet(other.name()).into()),
    }
}

/// A successful answer: `members`, then `stat`.
fn ok<const N: usize>(members: [(&str, Json); N]) -> Json {
    members
        .into_iter()
        .chain([("stat", Json::from("ok"))])
        .collect()
}

/// Something the service does and the sandbox does not. Code 480 is our choice: it is the one code that says the
/// caller did nothing wrong and that repeating is useless.
fn not_yet(what: &str) -> ApiError {
    ApiError::new(
        ErrorCode::API_FEATURE_DISABLED,
        format!("{what} is not in this sandbox yet"),
    )
}

/// Code 223 in its documented words.
fn unknown_attribute(path: &AttrPath) -> ApiError {
    let path = path.definition().slashed();
    ApiError::new(
        ErrorCode::UNKNOWN_ATTRIBUTE,
        format!("attribute does not exist: {path}"),
    )
    .with("attribute_name", path)
}

/// The type that `type_name` names. The words of code 222 are our choice.
fn find_type(
    transaction: &Connection,
    schemas: &Schemas,
    args: &Args,
) -> Result<StoredType, Fault> {
    let name = args
        .get("type_name")
        .ok_or_else(|| ApiError::missing_argument("type_name"))?;
    let found = schemas.find(transaction, name)?;
    found.ok_or_else(|| {
        let description = format!("entity type does not exist: {name}");
        ApiError::new(ErrorCode::UNKNOWN_ENTITY_TYPE, description)
            .with("type_name", name)
            .into()
    })
}

/// The JSON inside argument `name`, when it is given.
fn json(args: &Args, name: &str) -> Result<Option<Json>, ApiError> {
    args.get(name)
        .map(|text| {
            Json::parse(text).map_err(|_| {
                ApiError::invalid_argument(name, "the JSON is not syntactically valid")
            })
        })
        .transpose()
}

/// The attribute paths inside argument `name`, a JSON array of strings, when it is given: each once, without elements,
/// so that a list repeated at length costs nothing later.
fn paths(args: &Args, name: &str) -> Result<Option<Vec<AttrPath>>, ApiError> {
    let Some(list) = strings(args, name)? else {
        return Ok(None);
    };
    let paths = list
        .iter()
        .map(|text| Ok(path(name, text)?.definition()))
        .collect::<Result<BTreeSet<_>, ApiError>>()?;
    Ok(Some(paths.into_iter().collect()))
}

/// The texts inside argument `name`, a JSON array of strings, when it is given.
fn strings(args: &Args, name: &str) -> Result<Option<Vec<String>>, ApiError> {
    let wrong = || ApiError::invalid_argument(name, "it must be a JSON array of strings");
    let Some(json) = json(args, name)? else {
        return Ok(None);
    };
    let items = json.as_array().ok_or_else(wrong)?.iter();
    items
        .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// `text`, which came in argument `name`, as an attribute path.
fn path(name: &str, text: &str) -> Result<AttrPath, ApiError> {
    text.parse()
        .map_err(|error| ApiError::invalid_argument(name, &format!("{error}")))
}

/// The whole number inside argument `name`, or `default`; from 0 to `most`.
fn number(args: &Args, name: &str, default: i64, most: i64) -> Result<i64, ApiError> {
    let Some(text) = args.get(name) else {
        return Ok(default);
    };
    let number = text
        .trim()
        .parse()
        .map_err(|_| ApiError::invalid_argument(name, "it must be a whole number"))?;
    if (0..=most).contains(&number) {
        Ok(number)
    } else if most == i64::MAX {
        Err(ApiError::invalid_argument(name, "it must not be negative"))
    } else {
        Err(ApiError::invalid_argument(
            name,
            &format!("it must be between 0 and {most}"),
        ))
    }
}

/// Whether argument `name` is `true`.
fn flag(args: &Args, name: &str) -> bool {
    args.get(name) == Some("true")
}

/// Adds `more` before `stat`.
fn with(mut answer: Json, key: &str, more: Json) -> Json {
    if let Some(members) = answer.as_object_mut() {
        let before_stat = members.len().saturating_sub(1);
        Object::shift_insert(members, before_stat, key.to_owned(), more);
    }
    answer
}
