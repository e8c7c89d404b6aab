//! Settings of clients and of the application: `settings/*` (reference 10). A setting is a text under a key; what the
//! service itself does with some of them is deliberately absent.
//!
//! Where a client has no setting of its own, the application's default stands in: documented for `get`, `get_multi` and
//! `items`, and for the names in `keys`.

use rusqlite::Connection;

use crate::capture::endpoint::ClientFeature;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::Args;
use crate::sandbox::caller::Caller;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::clients::target;
use crate::sandbox::operations::json;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::strings;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::clients::ApiClient;
use crate::sandbox::store::settings;
use crate::sandbox::store::settings::Scope;
use crate::sandbox::store::settings::Settings;

/// `settings/get`: null when neither the client nor the application has it.
pub(crate) fn get(context: Context<'_>) -> Result<Json, Fault> {
    let key = text(context.args, "key")?;
    let all = effective(context)?;
    Ok(result(value(all.get(key))))
}

/// `settings/get_multi`: a map from every key asked for to its value or null.
pub(crate) fn get_multi(context: Context<'_>) -> Result<Json, Fault> {
    let keys = strings(context.args, "keys")?.ok_or_else(|| ApiError::missing_argument("keys"))?;
    let all = effective(context)?;
    let found = keys.iter().map(|key| (key.as_str(), value(all.get(key))));
    Ok(result(found.collect()))
}

/// `settings/get_default`: null when the application has none.
pub(crate) fn get_default(context: Context<'_>) -> Result<Json, Fault> {
    let key = text(context.args, "key")?;
    let found = context
        .store
        .read(|transaction| settings::find(transaction, Scope::Default, key))?;
    Ok(result(value(found.as_ref())))
}

/// `settings/get_all`: a map of every client's own settings by client id, as the vendor's loader reads it, and the
/// defaults. Our choice: `for_client_id` leaves only that client in the map.
pub(crate) fn get_all(context: Context<'_>) -> Result<Json, Fault> {
    let caller = context.caller.client_id();
    let (clients, defaults) = context.store.read(|transaction| {
        let clients: Json = if let Some(id) = context.args.get("for_client_id") {
            let client = target(transaction, Some(id), caller)?;
            let own = settings::all(transaction, Scope::Client(&client.id))?;
            [(client.id, map(own))].into_iter().collect()
        } else {
            let all = settings::by_client(transaction)?;
            all.into_iter().map(|(id, own)| (id, map(own))).collect()
        };
        let defaults = settings::all(transaction, Scope::Default)?;
        Ok::<_, Fault>((clients, map(defaults)))
    })?;
    Ok(ok([
        ("client_settings", clients),
        ("default_settings", defaults),
    ]))
}

/// `settings/items`.
pub(crate) fn items(context: Context<'_>) -> Result<Json, Fault> {
    Ok(result(map(effective(context)?)))
}

/// `settings/keys`.
pub(crate) fn keys(context: Context<'_>) -> Result<Json, Fault> {
    let all = effective(context)?;
    let keys: Vec<Json> = all.into_keys().map(Json::from).collect();
    Ok(result(keys.into()))
}

/// `settings/set`: whether there was one before.
pub(crate) fn set(context: Context<'_>) -> Result<Json, Fault> {
    let existed = store(context, Whose::Client, vec![one(context.args)?])?;
    Ok(result(
        existed.into_iter().any(|(_, existed)| existed).into(),
    ))
}

/// `settings/set_default`: whether there was one before.
pub(crate) fn set_default(context: Context<'_>) -> Result<Json, Fault> {
    let existed = store(context, Whose::Default, vec![one(context.args)?])?;
    Ok(result(
        existed.into_iter().any(|(_, existed)| existed).into(),
    ))
}

/// `settings/set_multi`: for every key whether there was one before.
pub(crate) fn set_multi(context: Context<'_>) -> Result<Json, Fault> {
    let existed = store(context, Whose::Client, several(context.args)?)?;
    Ok(result(flags(existed)))
}

/// `settings/set_default_multi`: for every key whether there was one before.
pub(crate) fn set_default_multi(context: Context<'_>) -> Result<Json, Fault> {
    let existed = store(context, Whose::Default, several(context.args)?)?;
    Ok(result(flags(existed)))
}

/// `settings/delete`: whether there was one. A default of that key stays.
pub(crate) fn delete(context: Context<'_>) -> Result<Json, Fault> {
    remove(context, Whose::Client)
}

/// `settings/delete_default`: whether there was one. Clients' own settings of that key stay.
pub(crate) fn delete_default(context: Context<'_>) -> Result<Json, Fault> {
    remove(context, Whose::Default)
}

/// What a change is made to.
#[derive(Clone, Copy)]
enum Whose {
    /// The settings of the client that `for_client_id` means.
    Client,
    /// The application's.
    Default,
}

/// The client that `for_client_id` means. Every client may see and change its own settings; those of another only an
/// owner (code 403).
fn whom(
    transaction: &Connection,
    meant: Option<&str>,
    caller: &Caller,
) -> Result<ApiClient, Fault> {
    let own = meant.is_none_or(|id| id == caller.client_id());
    let owner =
        matches!(caller, Caller::Client(client) if client.features.contains(&ClientFeature::Owner));
    if !own && !owner {
        let why = "the settings of another client are for owners: leave for_client_id out";
        return Err(ApiError::new(ErrorCode::CLIENT_PERMISSION_ERROR, why).into());
    }
    target(transaction, meant, caller.client_id())
}

/// The defaults, and over them the settings of the client that the call is about.
fn effective(context: Context<'_>) -> Result<Settings, Fault> {
    let meant = context.args.get("for_client_id");
    context.store.read(|transaction| {
        let client = whom(transaction, meant, context.caller)?;
        let mut all = settings::all(transaction, Scope::Default)?;
        all.extend(settings::all(transaction, Scope::Client(&client.id))?);
        Ok(all)
    })
}

/// Stores settings, all or none, and says for each whether there was one before.
fn store(
    context: Context<'_>,
    whose: Whose,
    pairs: Vec<(String, String)>,
) -> Result<Vec<(String, bool)>, Fault> {
    change(context, whose, move |transaction, scope| {
        pairs
            .into_iter()
            .map(|(key, value)| {
                let existed = settings::set(transaction, scope, &key, &value)?;
                Ok((key, existed))
            })
            .collect()
    })
}

fn remove(context: Context<'_>, whose: Whose) -> Result<Json, Fault> {
    let key = text(context.args, "key")?.to_owned();
    let existed = change(context, whose, move |transaction, scope| {
        settings::delete(transaction, scope, &key)
    })?;
    Ok(result(existed.into()))
}

fn change<T: Send + 'static>(
    context: Context<'_>,
    whose: Whose,
    work: impl FnOnce(&Connection, Scope<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Fault> {
    let caller = context.caller.clone();
    let meant = context.args.get("for_client_id").map(str::to_owned);
    context.store.write(move |transaction| match whose {
        Whose::Client => {
            let client = whom(transaction, meant.as_deref(), &caller)?;
            Ok(work(transaction, Scope::Client(&client.id))?)
        }
        Whose::Default => Ok(work(transaction, Scope::Default)?),
    })
}

fn text<'a>(args: &'a Args, name: &str) -> Result<&'a str, ApiError> {
    args.get(name)
        .ok_or_else(|| ApiError::missing_argument(name))
}

fn one(args: &Args) -> Result<(String, String), ApiError> {
    Ok((
        text(args, "key")?.to_owned(),
        text(args, "value")?.to_owned(),
    ))
}

/// The pairs inside `items`. Values must be strings, as the documentation demands.
fn several(args: &Args) -> Result<Vec<(String, String)>, ApiError> {
    let items = json(args, "items")?.ok_or_else(|| ApiError::missing_argument("items"))?;
    let wrong = |why: &str| ApiError::invalid_argument("items", why);
    items
        .as_object()
        .ok_or_else(|| wrong("it must be a JSON object"))?
        .iter()
        .map(|(key, value)| {
            let value = value
                .as_str()
                .ok_or_else(|| wrong(&format!("the value of {key} is not a string")))?;
            Ok((key.clone(), value.to_owned()))
        })
        .collect()
}

fn result(result: Json) -> Json {
    ok([("result", result)])
}

fn value(found: Option<&String>) -> Json {
    found.map_or(Json::Null, |text| text.as_str().into())
}

fn map(settings: Settings) -> Json {
    settings
        .into_iter()
        .map(|(key, value)| (key, Json::from(value)))
        .collect()
}

fn flags(existed: Vec<(String, bool)>) -> Json {
    existed
        .into_iter()
        .map(|(key, existed)| (key, Json::from(existed)))
        .collect()
}
