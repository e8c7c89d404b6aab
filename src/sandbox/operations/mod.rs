//! What each operation does, given arguments that are complete. Used by the pipeline, which has already decided that
//! the caller may; knows nothing of HTTP and credentials. Every operation of the table is here.

pub(crate) mod access;
pub(crate) mod adopt;
pub(crate) mod attributes;
pub(crate) mod bulk;
pub(crate) mod clients;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod entity;
pub(crate) mod entity_type;
pub(crate) mod named;
pub(crate) mod part;
pub(crate) mod password_settings;
pub(crate) mod properties;
pub(crate) mod select;
pub(crate) mod settings;
#[cfg(test)]
pub(crate) mod testing;
mod texts;
pub(crate) mod tokens;
pub(crate) mod update;
pub(crate) mod versions;

use std::collections::BTreeSet;
use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::request::Args;
use crate::capture::request::truth;
use crate::capture::validate::Mode;
use crate::capture::validate::Violation;
use crate::sandbox::caller::Caller;
use crate::sandbox::operations::create::Writing;
use crate::sandbox::operations::select::Selection;
use crate::sandbox::store::Store;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::records::StoredRecord;
use crate::sandbox::store::records::Written;
use crate::sandbox::store::types::StoredType;

/// How often an operation starts again because what it works on changed under it.
pub(crate) const ATTEMPTS: usize = 64;

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

/// What every operation is given: who asks for what, when, of which data.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) store: &'a Store,
    pub(crate) args: &'a Args,
    pub(crate) caller: &'a Caller,
    pub(crate) now: Timestamp,
}

impl Context<'_> {
    /// The instant of the call, in microseconds.
    fn micros(&self) -> i64 {
        self.now.as_microsecond()
    }

    fn selection(&self) -> Selection<'_> {
        Selection {
            args: self.args,
            caller: self.caller,
            now: self.now,
        }
    }

    /// The type that the call is about: the one that `type_name` names, or the one of the calling user's own record. The
    /// words of code 222 are our choice.
    fn find_type(&self, transaction: &Connection) -> Result<StoredType, Fault> {
        let schemas = &self.store.schemas;
        if let Caller::User(grant) = self.caller {
            let found = schemas.find_id(transaction, grant.type_id)?;
            return found.ok_or_else(|| record_not_found().into());
        }
        let name = self
            .args
            .get("type_name")
            .ok_or_else(|| ApiError::missing_argument("type_name"))?;
        let found = schemas.find(transaction, name)?;
        found.ok_or_else(|| unknown_type(name).into())
    }
}

/// What became of a call, or will.
pub(crate) enum Progress {
    /// The whole answer.
    Done(Json),
    /// The whole answer, a long one, which was not built but written.
    Text(String),
    /// Only the disk has to be waited for, which many callers can do without a thread for each.
    Writing(Writing),
}

#[cfg(test)]
impl Progress {
    /// The answer; `None` when all has to begin again. Blocks; not for a thread that runs asynchronous tasks.
    pub(crate) fn wait(self) -> Result<Option<Json>, Fault> {
        match self {
            Self::Done(answer) => Ok(Some(answer)),
            Self::Text(text) => Ok(Json::parse(&text).ok()),
            Self::Writing(writing) => writing.wait(),
        }
    }
}

/// Does what the call to `endpoint` asks for.
pub(crate) fn operate(context: Context<'_>, endpoint: Endpoint) -> Result<Progress, Fault> {
    let answer = match endpoint {
        Endpoint::EntityCreate => return create::create(context).map(Progress::Writing),
        Endpoint::EntityView => entity::view(context),
        Endpoint::EntityFind => return entity::find(context),
        Endpoint::EntityCount => entity::count(context),
        Endpoint::EntityBulkCreate => bulk::bulk_create(context),
        Endpoint::EntityUpdate => update::update(context, Mode::Update),
        Endpoint::EntityReplace => update::update(context, Mode::Replace),
        Endpoint::EntityDelete => delete::delete(context),
        Endpoint::EntityDeleteAccess => tokens::delete_access(context),
        Endpoint::EntityPurge => delete::purge(context),
        Endpoint::EntityBulkDelete => delete::bulk_delete(context),
        Endpoint::EntityAdopt => adopt::adopt(context),
        Endpoint::VersionsEntity => versions::entity(context),
        Endpoint::VersionsEntityType => versions::entity_type(context),
        Endpoint::TypeView => entity_type::view(context),
        Endpoint::TypeList => entity_type::list(context),
        Endpoint::TypeCreate => entity_type::create(context),
        Endpoint::TypeDelete => entity_type::delete(context),
        Endpoint::TypeAddAttribute => attributes::add(context),
        Endpoint::TypeRemoveAttribute => attributes::remove(context),
        Endpoint::TypeSetAttributeConstraints => attributes::set_constraints(context),
        Endpoint::TypeSetAttributeDescription => attributes::set_description(context),
        Endpoint::TypeSetAccessSchema => access::set(context),
        Endpoint::TypeGetAccessSchema => access::get(context),
        Endpoint::TypeDeleteAccessSchema => access::delete(context),
        Endpoint::ClientsList => clients::list(context),
        Endpoint::ClientsAdd => clients::add(context),
        Endpoint::ClientsDelete => clients::delete(context),
        Endpoint::ClientsResetSecret => clients::reset_secret(context),
        Endpoint::ClientsSetDescription => clients::set_description(context),
        Endpoint::ClientsSetFeatures => clients::set_features(context),
        Endpoint::ClientsSetWhitelist => clients::set_whitelist(context),
        Endpoint::ClientsClearWhitelist => clients::clear_whitelist(context),
        Endpoint::SettingsGet => settings::get(context),
        Endpoint::SettingsGetMulti => settings::get_multi(context),
        Endpoint::SettingsGetDefault => settings::get_default(context),
        Endpoint::SettingsGetAll => settings::get_all(context),
        Endpoint::SettingsItems => settings::items(context),
        Endpoint::SettingsKeys => settings::keys(context),
        Endpoint::SettingsSet => settings::set(context),
        Endpoint::SettingsSetMulti => settings::set_multi(context),
        Endpoint::SettingsSetDefault => settings::set_default(context),
        Endpoint::SettingsSetDefaultMulti => settings::set_default_multi(context),
        Endpoint::SettingsDelete => settings::delete(context),
        Endpoint::SettingsDeleteDefault => settings::delete_default(context),
        Endpoint::AccessToken => tokens::access_token(context),
        Endpoint::AccessAuthorizationCode => tokens::authorization_code(context),
        Endpoint::OauthToken => tokens::exchange(context),
        Endpoint::TypeRules => properties::rules(context),
        Endpoint::TypeAddRule => properties::add_rule(context),
        Endpoint::TypeProperties => properties::properties(context),
        Endpoint::TypeAddProperty => properties::add_property(context),
        Endpoint::TypeRemoveRule | Endpoint::TypeRemoveProperty => properties::remove(context),
        Endpoint::TypeSetPasswordSettings => password_settings::set(context),
    }?;
    Ok(Progress::Done(answer))
}

/// An entity type or a record changed under a call as often as the call began again.
pub(crate) fn keeps_changing() -> StoreError {
    StoreError::Unavailable("what the call is about keeps changing")
}

/// Code 222. The words are our choice.
fn unknown_type(name: &str) -> ApiError {
    let description = format!("entity type does not exist: {name}");
    ApiError::new(ErrorCode::UNKNOWN_ENTITY_TYPE, description).with("type_name", name)
}

/// Code 310. The words are our choice.
fn record_not_found() -> ApiError {
    ApiError::new(ErrorCode::RECORD_NOT_FOUND, "record does not exist")
}

/// What is answered for a value that does not fit its schema: the first violation.
fn refused(violations: Vec<Violation>) -> ApiError {
    let first = violations.into_iter().next();
    first.map_or_else(
        || ApiError::new(ErrorCode::INVALID_ARGUMENT, "the value was refused"),
        |violation| violation.to_api_error(),
    )
}

/// Code 361 in its documented words, which do not say which attribute it is.
fn duplicate() -> ApiError {
    let description = "Attempted to update a duplicate value";
    ApiError::new(ErrorCode::UNIQUE_VIOLATION, description)
}

/// The record that was added or changed, unless it has what only another may have.
fn written(written: Written) -> Result<StoredRecord, ApiError> {
    match written {
        Written::Record(record) => Ok(record),
        Written::Taken => Err(duplicate()),
    }
}

/// A successful answer: `members`, then `stat`.
fn ok<const N: usize>(members: [(&str, Json); N]) -> Json {
    members
        .into_iter()
        .chain([("stat", Json::from("ok"))])
        .collect()
}

/// Code 223 in its documented words.
pub(crate) fn unknown_attribute(path: &AttrPath) -> ApiError {
    let path = path.definition().slashed();
    ApiError::new(
        ErrorCode::UNKNOWN_ATTRIBUTE,
        format!("attribute does not exist: {path}"),
    )
    .with("attribute_name", path)
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

/// The whole number inside argument `name`, which must be given.
fn integer(args: &Args, name: &str) -> Result<i64, ApiError> {
    let text = args
        .get(name)
        .ok_or_else(|| ApiError::missing_argument(name))?;
    text.trim()
        .parse()
        .map_err(|_| ApiError::invalid_argument(name, "it must be a whole number"))
}

/// How long the call may take: its `timeout`, 10 seconds without one, never more than the documented 60 (reference 2.4);
/// clients send more. 0 is no time at all (our choice).
fn seconds(args: &Args) -> Result<Duration, ApiError> {
    const DEFAULT: i64 = 10;
    const MOST: i64 = 60;
    let seconds = number(args, "timeout", DEFAULT, i64::MAX)?.min(MOST);
    Ok(Duration::from_secs(seconds.unsigned_abs()))
}

/// Code 504. The words are our choice.
fn timed_out() -> ApiError {
    ApiError::new(
        ErrorCode::TIMEOUT,
        "the call took longer than its timeout: give a larger one, or ask for less",
    )
}

/// Code 504 once the call's time is over.
fn in_time(deadline: Instant) -> Result<(), ApiError> {
    if Instant::now() < deadline {
        Ok(())
    } else {
        Err(timed_out())
    }
}

/// The fault of a search for which there was not enough time or room is the caller's: code 504, at which clients of the
/// service ask for less.
fn unbearable(fault: Fault) -> Fault {
    match fault {
        Fault::Store(error) if error.is_interruption() => timed_out().into(),
        Fault::Store(StoreError::TooLarge) => ApiError::new(
            ErrorCode::TIMEOUT,
            "what was found is too large for one answer: ask for less, with max_results",
        )
        .into(),
        other => other,
    }
}

/// Whether argument `name` is `true`.
fn flag(args: &Args, name: &str) -> bool {
    args.get(name).and_then(truth) == Some(true)
}

/// Adds `more` before `stat`.
fn with(mut answer: Json, key: &str, more: Json) -> Json {
    if let Some(members) = answer.as_object_mut() {
        let before_stat = members.len().saturating_sub(1);
        Object::shift_insert(members, before_stat, key.to_owned(), more);
    }
    answer
}
