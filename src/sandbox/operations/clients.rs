//! Administering API clients: `clients/*` (reference 10). Only owners get here. Whom a call is about is decided by
//! [`target`], which the operations on settings, access schemas and tokens share.
//!
//! Our choice: a client cannot delete itself, and an owner whose right was taken away meanwhile changes nothing. So at
//! least one owner always remains, without whom the sandbox could not be administered any more.

use rusqlite::Connection;

use crate::capture::endpoint::ClientFeature;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::Args;
use crate::capture::secret::Secret;
use crate::sandbox::allow_list;
use crate::sandbox::operations::Context;
use crate::sandbox::operations::Fault;
use crate::sandbox::operations::number;
use crate::sandbox::operations::ok;
use crate::sandbox::operations::strings;
use crate::sandbox::random;
use crate::sandbox::store::clients;
use crate::sandbox::store::clients::ApiClient;

/// The length of client ids and of secrets, as in the vendor's examples (reference 1.3).
pub(crate) const CREDENTIAL_LENGTH: usize = 32;

/// The longest that a replaced secret stays good.
const MOST_HOURS: i64 = 168;

const HOUR: i64 = 3_600_000_000;

/// `clients/list`, oldest first. With `has_features`, clients that have one of them; an empty list asks for nothing in
/// particular, and an unknown feature is one that nobody has (our choices).
pub(crate) fn list(context: Context<'_>) -> Result<Json, Fault> {
    let wanted = strings(context.args, "has_features")?.unwrap_or_default();
    let clients = context.store.read(clients::all)?;
    let results = clients
        .iter()
        .filter(|client| {
            let mut features = client.features.iter();
            wanted.is_empty() || features.any(|f| wanted.iter().any(|name| name == f.name()))
        })
        .map(|client| describe(client).into_iter().collect())
        .collect::<Vec<Json>>();
    Ok(ok([("results", results.into())]))
}

/// `clients/add`.
pub(crate) fn add(context: Context<'_>) -> Result<Json, Fault> {
    let client = ApiClient {
        id: random::text(CREDENTIAL_LENGTH),
        secret: Secret::from(random::text(CREDENTIAL_LENGTH)),
        description: description(context.args)?,
        features: features(context.args)?.unwrap_or_default(),
        whitelist: vec![allow_list::EVERYWHERE.to_owned()],
    };
    let answer = ok(describe(&client));
    let caller = context.caller.client_id().to_owned();
    context.store.write(move |transaction| {
        check_owner(transaction, &caller)?;
        Ok::<_, Fault>(clients::add(transaction, &client)?)
    })?;
    Ok(answer)
}

/// A client as the answers show it, its secret included.
fn describe(client: &ApiClient) -> [(&'static str, Json); 5] {
    [
        ("client_id", client.id.as_str().into()),
        ("client_secret", client.secret.reveal().into()),
        ("description", client.description.as_str().into()),
        ("features", clients::features_json(&client.features)),
        ("whitelist", clients::whitelist_json(&client.whitelist)),
    ]
}

/// `clients/delete`. What belongs to the client goes with it: its settings, access schemas and tokens.
pub(crate) fn delete(context: Context<'_>) -> Result<Json, Fault> {
    const ARGUMENT: &str = "client_id_for_deletion";
    let doomed = context
        .args
        .get(ARGUMENT)
        .ok_or_else(|| ApiError::missing_argument(ARGUMENT))?
        .to_owned();
    let caller = context.caller.client_id().to_owned();
    if doomed == caller {
        let why = "a client cannot delete itself";
        return Err(ApiError::invalid_argument(ARGUMENT, why).into());
    }
    context.store.write(move |transaction| {
        check_owner(transaction, &caller)?;
        if clients::find(transaction, &doomed)?.is_none() {
            return Err(unknown(ARGUMENT).into());
        }
        Ok::<_, Fault>(clients::delete(transaction, &doomed)?)
    })?;
    Ok(ok([]))
}

/// `clients/reset_secret`. Without `hours_to_live` the old secret ends at once.
pub(crate) fn reset_secret(context: Context<'_>) -> Result<Json, Fault> {
    let hours = number(context.args, "hours_to_live", 0, MOST_HOURS)?;
    let secret = Secret::from(random::text(CREDENTIAL_LENGTH));
    let answer = ok([("new_secret", secret.reveal().into())]);
    let now = context.micros();
    change(context, move |transaction, client, _| {
        clients::set_secret(transaction, &client.id, &secret, now + hours * HOUR, now)?;
        Ok(())
    })?;
    Ok(answer)
}

/// `clients/set_description`.
pub(crate) fn set_description(context: Context<'_>) -> Result<Json, Fault> {
    let description = description(context.args)?;
    change(context, move |transaction, mut client, _| {
        client.description = description;
        Ok(clients::update(transaction, &client)?)
    })
}

/// `clients/set_features`. An owner cannot take `owner` from itself; that this is code 200 is our choice, and so is that
/// `metadata` may be given, which at the service only the vendor does: else nobody could try what it changes.
pub(crate) fn set_features(context: Context<'_>) -> Result<Json, Fault> {
    let features = features(context.args)?.ok_or_else(|| ApiError::missing_argument("features"))?;
    change(context, move |transaction, mut client, caller| {
        if client.id == caller && !features.contains(&ClientFeature::Owner) {
            let why = "a client cannot take the feature owner from itself";
            return Err(ApiError::invalid_argument("features", why).into());
        }
        client.features = features;
        Ok(clients::update(transaction, &client)?)
    })
}

/// `clients/set_whitelist`. A list without any block is refused (our choice): nobody could call as that client.
pub(crate) fn set_whitelist(context: Context<'_>) -> Result<Json, Fault> {
    const ARGUMENT: &str = "whitelist";
    let blocks =
        strings(context.args, ARGUMENT)?.ok_or_else(|| ApiError::missing_argument(ARGUMENT))?;
    if blocks.is_empty() {
        let why = "it must hold at least one block of addresses";
        return Err(ApiError::invalid_argument(ARGUMENT, why).into());
    }
    if let Some(wrong) = blocks.iter().find(|block| !allow_list::is_block(block)) {
        let why = format!("{wrong} is not an IP address or a block of them such as 192.0.2.0/24");
        return Err(ApiError::invalid_argument(ARGUMENT, &why).into());
    }
    change_whitelist(context, blocks)
}

/// `clients/clear_whitelist`.
pub(crate) fn clear_whitelist(context: Context<'_>) -> Result<Json, Fault> {
    change_whitelist(context, vec![allow_list::EVERYWHERE.to_owned()])
}

fn change_whitelist(context: Context<'_>, whitelist: Vec<String>) -> Result<Json, Fault> {
    change(context, move |transaction, mut client, _| {
        client.whitelist = whitelist;
        Ok(clients::update(transaction, &client)?)
    })
}

/// Changes the client that the call is about; `work` is also told the caller's id.
fn change(
    context: Context<'_>,
    work: impl FnOnce(&Connection, ApiClient, &str) -> Result<(), Fault> + Send + 'static,
) -> Result<Json, Fault> {
    let caller = context.caller.client_id().to_owned();
    let meant = context.args.get("for_client_id").map(str::to_owned);
    context.store.write(move |transaction| {
        check_owner(transaction, &caller)?;
        let client = target(transaction, meant.as_deref(), &caller)?;
        work(transaction, client, &caller)
    })?;
    Ok(ok([]))
}

/// The client that `for_client_id` means; the caller when it is absent. Code 200 when there is none.
pub(crate) fn target(
    transaction: &Connection,
    for_client_id: Option<&str>,
    caller: &str,
) -> Result<ApiClient, Fault> {
    clients::find(transaction, for_client_id.unwrap_or(caller))?
        .ok_or_else(|| unknown("for_client_id").into())
}

/// The documented words for a client that does not exist.
fn unknown(argument: &str) -> ApiError {
    ApiError::invalid_argument(argument, &format!("{argument} is not a valid id"))
}

/// Code 403 when the caller has lost its right since the call was let in.
fn check_owner(transaction: &Connection, caller: &str) -> Result<(), Fault> {
    let client = clients::find(transaction, caller)?;
    if client.is_some_and(|client| client.features.contains(&ClientFeature::Owner)) {
        return Ok(());
    }
    let description = "this client is no longer an owner";
    Err(ApiError::new(ErrorCode::CLIENT_PERMISSION_ERROR, description).into())
}

fn description(args: &Args) -> Result<String, ApiError> {
    args.get("description")
        .map(str::to_owned)
        .ok_or_else(|| ApiError::missing_argument("description"))
}

/// The features inside the argument, each once, when it is given.
fn features(args: &Args) -> Result<Option<Vec<ClientFeature>>, ApiError> {
    let Some(names) = strings(args, "features")? else {
        return Ok(None);
    };
    let mut features = Vec::new();
    for name in &names {
        let feature = ClientFeature::from_name(name).ok_or_else(|| {
            ApiError::invalid_argument("features", &format!("there is no feature {name}"))
        })?;
        if !features.contains(&feature) {
            features.push(feature);
        }
    }
    Ok(Some(features))
}
