//! `captui setting`: settings of clients, and the defaults that hold where a client has none. A setting is a text under a
//! name.

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::cli::args::setting::Delete;
use crate::cli::args::setting::Get;
use crate::cli::args::setting::List as ListSettings;
use crate::cli::args::setting::Set;
use crate::cli::args::setting::SettingCommand;
use crate::cli::args::setting::Whose;
use crate::cli::confirm::Stakes;
use crate::cli::confirm::before;
use crate::cli::input;
use crate::cli::output;
use crate::cli::output::list::List;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;

/// The longest value shown in a table, in screen cells.
const LONGEST: usize = 60;

/// Carries out a command.
pub(in crate::cli) async fn run(command: SettingCommand, session: &Session) -> Result<(), Stop> {
    match command {
        SettingCommand::List(list) => list_settings(list, session).await,
        SettingCommand::Get(get) => show(get, session).await,
        SettingCommand::Set(set) => store(set, session).await,
        SettingCommand::Delete(delete) => remove(delete, session).await,
    }
}

async fn list_settings(list: ListSettings, session: &Session) -> Result<(), Stop> {
    let endpoint = match (list.all, list.keys) {
        (true, _) => Endpoint::SettingsGetAll,
        (false, true) => Endpoint::SettingsKeys,
        (false, false) => Endpoint::SettingsItems,
    };
    let request = of_client(ApiRequest::new(endpoint), list.client);
    let form = list.listing.form(session.json());
    let all = list.all;
    let show = move |answer: &Json| {
        let rows = if all {
            everybodys(answer)
        } else {
            one_clients(answer)
        };
        Ok(rows.print(form, LONGEST)?)
    };
    session.send(request, list.sending, show).await
}

/// Names and values, or the names alone.
fn one_clients(answer: &Json) -> List {
    match answer.get("result") {
        Some(Json::Array(keys)) => {
            let mut list = List::new(&["key"]);
            for key in keys {
                list.push(vec![key.clone()], key.clone());
            }
            list
        }
        Some(Json::Object(items)) => {
            let mut list = List::new(&["key", "value"]);
            for (key, value) in items {
                list.push(
                    vec![key.as_str().into(), value.clone()],
                    row(None, key, value),
                );
            }
            list
        }
        _ => List::new(&["key", "value"]),
    }
}

/// Every client's own settings, then the defaults, which belong to no client.
fn everybodys(answer: &Json) -> List {
    let mut list = List::new(&["key", "value", "client"]);
    let mut add = |client: Option<&str>, items: Option<&Json>| {
        for (key, value) in items.and_then(Json::as_object).into_iter().flatten() {
            let whose = client.map_or(Json::Null, Json::from);
            let cells = vec![key.as_str().into(), value.clone(), whose];
            list.push(cells, row(client, key, value));
        }
    };
    let clients = answer.get("client_settings").and_then(Json::as_object);
    for (client, items) in clients.into_iter().flatten() {
        add(Some(client), Some(items));
    }
    add(None, answer.get("default_settings"));
    list
}

fn row(client: Option<&str>, key: &str, value: &Json) -> Json {
    let pair = [("key", Json::from(key)), ("value", value.clone())];
    let client = client.map(|client| ("client", Json::from(client)));
    pair.into_iter().chain(client).collect()
}

fn of_client(request: ApiRequest, client: Option<String>) -> ApiRequest {
    match client {
        Some(client) => request.with("for_client_id", client),
        None => request,
    }
}

async fn show(get: Get, session: &Session) -> Result<(), Stop> {
    let request = match (get.keys.as_slice(), get.whose.default) {
        ([key], true) => ApiRequest::new(Endpoint::SettingsGetDefault).with("key", key),
        (_, true) => {
            let message = "nothing was sent: defaults are asked for one at a time";
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("captui setting list --all shows all of them")
                .into());
        }
        ([key], false) => ApiRequest::new(Endpoint::SettingsGet).with("key", key),
        (keys, false) => {
            let keys = keys.iter().map(|key| Json::from(key.as_str()));
            let keys = Json::Array(keys.collect()).to_string();
            ApiRequest::new(Endpoint::SettingsGetMulti).with("keys", keys)
        }
    };
    let request = of_client(request, get.whose.client);
    let mut is_there = true;
    let show = |answer: &Json| {
        let text = match answer.get("result") {
            None => output::pretty(answer),
            Some(Json::Null) => {
                is_there = false;
                String::new()
            }
            Some(Json::String(text)) => text.clone(),
            Some(Json::Object(items)) => lines(items.iter()),
            Some(other) => other.to_string(),
        };
        Ok(output::print(&text)?)
    };
    session.send(request, get.sending, show).await?;
    if is_there {
        return Ok(());
    }
    Err(
        Failure::new(FailureKind::NotFound, "there is no such setting")
            .hint("captui setting list --keys lists those there are")
            .into(),
    )
}

/// `key=value`, a line each; of what is not there nothing.
fn lines<'a>(items: impl Iterator<Item = (&'a String, &'a Json)>) -> String {
    let lines = items.filter_map(|(key, value)| match value {
        Json::Null => None,
        Json::String(text) => Some(format!("{key}={text}")),
        other => Some(format!("{key}={other}")),
    });
    lines.collect::<Vec<_>>().join("\n")
}

async fn store(set: Set, session: &Session) -> Result<(), Stop> {
    let mut items = Vec::with_capacity(set.items.len());
    for (key, value) in set.items {
        items.push((key, input::text(&value)?));
    }
    let Whose { client, default } = set.whose;
    let request = match (items.as_slice(), default) {
        ([(key, value)], false) => one(Endpoint::SettingsSet, key).with("value", value),
        ([(key, value)], true) => one(Endpoint::SettingsSetDefault, key).with("value", value),
        (_, false) => several(Endpoint::SettingsSetMulti, items),
        (_, true) => several(Endpoint::SettingsSetDefaultMulti, items),
    };
    let show = |_: &Json| {
        output::note("set");
        Ok(())
    };
    session
        .send(of_client(request, client), set.sending, show)
        .await
}

fn one(endpoint: Endpoint, key: &str) -> ApiRequest {
    ApiRequest::new(endpoint).with("key", key)
}

fn several(endpoint: Endpoint, items: Vec<(String, String)>) -> ApiRequest {
    let items: Json = items
        .into_iter()
        .map(|(key, value)| (key, Json::from(value)))
        .collect();
    ApiRequest::new(endpoint).with("items", items.to_string())
}

async fn remove(delete: Delete, session: &Session) -> Result<(), Stop> {
    let Whose { client, default } = delete.whose;
    let endpoint = if default {
        Endpoint::SettingsDeleteDefault
    } else {
        Endpoint::SettingsDelete
    };
    if delete.sending.is_sent() {
        let whose = match (&client, default) {
            (_, true) => "the default of ".to_owned(),
            (Some(client), false) => format!("{client}'s setting "),
            (None, false) => "the setting ".to_owned(),
        };
        let what = format!("delete {whose}{}", delete.key);
        before(Stakes::Change, &what, &delete.key, &delete.answers, session)?;
    }
    let request = of_client(one(endpoint, &delete.key), client);
    let mut existed = true;
    let show = |answer: &Json| {
        existed = answer.get("result").and_then(Json::as_bool) != Some(false);
        if existed {
            output::note("deleted");
        }
        Ok(())
    };
    session.send(request, delete.sending, show).await?;
    if existed {
        return Ok(());
    }
    Err(Failure::new(FailureKind::NotFound, "there was no such setting").into())
}
