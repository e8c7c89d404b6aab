//! `captui client`: the API clients of the application. Their secrets are masked unless they are asked for.

use crate::capture::endpoint::ClientFeature;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::cli::args::client::Add;
use crate::cli::args::client::Change;
use crate::cli::args::client::ClientCommand;
use crate::cli::args::client::List as ListClients;
use crate::cli::args::client::One;
use crate::cli::args::client::ResetSecret;
use crate::cli::args::client::SetDescription;
use crate::cli::args::client::SetFeatures;
use crate::cli::args::client::SetWhitelist;
use crate::cli::args::shared::Answers;
use crate::cli::args::shared::Sending;
use crate::cli::confirm::Stakes;
use crate::cli::confirm::before;
use crate::cli::output;
use crate::cli::output::list::List;
use crate::cli::session::Secrets;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;

/// The longest cell of the table: a client's id, or the beginning of a description.
const LONGEST: usize = 40;

/// Carries out a command.
pub(in crate::cli) async fn run(command: ClientCommand, session: &Session) -> Result<(), Stop> {
    match command {
        ClientCommand::List(list) => list_clients(list, session).await,
        ClientCommand::Show(one) => show(one, session).await,
        ClientCommand::Add(add) => add_client(add, session).await,
        ClientCommand::Delete(change) => delete(change, session).await,
        ClientCommand::ResetSecret(reset) => reset_secret(reset, session).await,
        ClientCommand::SetDescription(set) => describe(set, session).await,
        ClientCommand::SetFeatures(set) => set_features(set, session).await,
        ClientCommand::SetWhitelist(set) => set_whitelist(set, session).await,
        ClientCommand::ClearWhitelist(change) => clear_whitelist(change, session).await,
    }
}

async fn list_clients(list: ListClients, session: &Session) -> Result<(), Stop> {
    let mut request = ApiRequest::new(Endpoint::ClientsList);
    if !list.feature.is_empty() {
        warn_unknown(&list.feature);
        request = request.with("has_features", array(&list.feature));
    }
    let form = list.listing.form(session.json());
    let secrets = Secrets::shown_if(list.show_secret);
    let show = move |answer: &Json| Ok(listed(answer, list.show_secret).print(form, LONGEST)?);
    session
        .send_showing(request, list.sending, secrets, show)
        .await
}

/// The clients of an answer as rows.
fn listed(answer: &Json, secrets: bool) -> List {
    let mut columns = vec!["client_id", "description", "features", "whitelist"];
    if secrets {
        columns.insert(1, "client_secret");
    }
    let mut list = List::new(&columns);
    for client in clients(answer) {
        let cells = columns.iter().map(|column| cell(client, column));
        list.push(cells.collect(), client.clone());
    }
    list
}

fn clients(answer: &Json) -> &[Json] {
    let clients = answer.get("results").and_then(Json::as_array);
    clients.unwrap_or_default()
}

/// A member of a client; a list as its words.
fn cell(client: &Json, name: &str) -> Json {
    match client.get(name) {
        Some(Json::Array(words)) => {
            let words: Vec<&str> = words.iter().filter_map(Json::as_str).collect();
            words.join(", ").into()
        }
        Some(value) => value.clone(),
        None => Json::Null,
    }
}

/// The API has no call that shows one client: it is looked up among all.
async fn show(one: One, session: &Session) -> Result<(), Stop> {
    let request = ApiRequest::new(Endpoint::ClientsList);
    let secrets = Secrets::shown_if(one.show_secret);
    let form = session.json();
    let answer = session.ask(request).await??;
    let meant = |client: &&Json| client.get("client_id").and_then(Json::as_str) == Some(&*one.id);
    let Some(client) = clients(&answer).iter().find(meant) else {
        let ids = clients(&answer).iter();
        let ids = ids.filter_map(|client| client.get("client_id")?.as_str());
        let failure = Failure::new(
            FailureKind::NotFound,
            format!("there is no client {}", one.id),
        );
        return Err(Stop::Failed(match nearest(&one.id, ids) {
            Some(id) => failure.hint(format!("did you mean {id}?")),
            None => failure.hint("captui client list lists them"),
        }));
    };
    let client = secrets.of(client.clone());
    if form {
        return Ok(output::print_json(&client)?);
    }
    tell(&client)
}

/// A client, or what a call says of one: a member a line.
fn tell(client: &Json) -> Result<(), Stop> {
    let mut text = String::new();
    for (name, value) in client.as_object().into_iter().flatten() {
        if name == "stat" {
            continue;
        }
        let value = match cell(client, name) {
            Json::String(text) => text,
            Json::Null => String::new(),
            _ => value.to_string(),
        };
        text.push_str(format!("{name:15}{value}").trim_end());
        text.push('\n');
    }
    Ok(output::print(&text)?)
}

async fn add_client(add: Add, session: &Session) -> Result<(), Stop> {
    let mut request = ApiRequest::new(Endpoint::ClientsAdd).with("description", add.description);
    if !add.feature.is_empty() {
        warn_unknown(&add.feature);
        request = request.with("features", array(&add.feature));
    }
    let secrets = Secrets::shown_if(add.show_secret);
    let show = |answer: &Json| match answer.get("client_id").and_then(Json::as_str) {
        Some(id) if output::is_quiet() => Ok(output::print(id)?),
        _ => tell(answer),
    };
    session
        .send_showing(request, add.sending, secrets, show)
        .await
}

async fn delete(change: Change, session: &Session) -> Result<(), Stop> {
    let what = format!("delete the client {}", change.id);
    ask(
        Stakes::Loss,
        &what,
        &change.answers,
        change.sending,
        session,
    )?;
    let request =
        ApiRequest::new(Endpoint::ClientsDelete).with("client_id_for_deletion", change.id);
    session.change(request, change.sending, "deleted").await
}

async fn reset_secret(reset: ResetSecret, session: &Session) -> Result<(), Stop> {
    let hours = reset.hours_to_live.unwrap_or(0);
    let what = match hours {
        0 => format!("give {} a new secret, and end the old one now", reset.id),
        hours => format!(
            "give {} a new secret, and end the old one in {hours} hours",
            reset.id
        ),
    };
    ask(
        Stakes::Change,
        &what,
        &reset.answers,
        reset.sending,
        session,
    )?;
    let mut request = ApiRequest::new(Endpoint::ClientsResetSecret).with("for_client_id", reset.id);
    if let Some(hours) = reset.hours_to_live {
        request = request.with("hours_to_live", hours.to_string());
    }
    let secrets = Secrets::shown_if(reset.show_secret);
    session
        .send_showing(request, reset.sending, secrets, tell)
        .await
}

async fn describe(set: SetDescription, session: &Session) -> Result<(), Stop> {
    let request = ApiRequest::new(Endpoint::ClientsSetDescription)
        .with("for_client_id", set.id)
        .with("description", set.description);
    session.change(request, set.sending, "set").await
}

async fn set_features(set: SetFeatures, session: &Session) -> Result<(), Stop> {
    warn_unknown(&set.features);
    let features = match set.features.as_slice() {
        [] => "nothing".to_owned(),
        features => features.join(", "),
    };
    let what = format!("let the client {} do {features} and no more", set.id);
    ask(Stakes::Change, &what, &set.answers, set.sending, session)?;
    let request = ApiRequest::new(Endpoint::ClientsSetFeatures)
        .with("for_client_id", set.id)
        .with("features", array(&set.features));
    session.change(request, set.sending, "set").await
}

async fn set_whitelist(set: SetWhitelist, session: &Session) -> Result<(), Stop> {
    let blocks: Vec<String> = set.blocks.iter().map(ToString::to_string).collect();
    let what = format!(
        "let the client {} call from {} alone",
        set.id,
        blocks.join(", ")
    );
    ask(Stakes::Change, &what, &set.answers, set.sending, session)?;
    let request = ApiRequest::new(Endpoint::ClientsSetWhitelist)
        .with("for_client_id", set.id)
        .with("whitelist", array(&blocks));
    session.change(request, set.sending, "set").await
}

async fn clear_whitelist(change: Change, session: &Session) -> Result<(), Stop> {
    let what = format!("let the client {} call from any address", change.id);
    ask(
        Stakes::Change,
        &what,
        &change.answers,
        change.sending,
        session,
    )?;
    let request = ApiRequest::new(Endpoint::ClientsClearWhitelist).with("for_client_id", change.id);
    session.change(request, change.sending, "cleared").await
}

/// Asks before a call that goes out; the word is the environment's name.
fn ask(
    stakes: Stakes,
    what: &str,
    answers: &Answers,
    sending: Sending,
    session: &Session,
) -> Result<(), Failure> {
    if !sending.is_sent() {
        return Ok(());
    }
    before(stakes, what, &session.environment().name, answers, session)
}

/// Says that a word is probably another one. There may be features that are not known here.
fn warn_unknown(features: &[String]) {
    for feature in features {
        let known = ClientFeature::ALL.iter().map(|feature| feature.name());
        if ClientFeature::from_name(feature).is_some() {
            continue;
        }
        let meant = match nearest(feature, known) {
            Some(meant) => format!("; did you mean `{meant}`?"),
            None => String::new(),
        };
        output::note(&format!(
            "`{feature}` is no feature that captui knows{meant}"
        ));
    }
}

fn array(words: &[String]) -> String {
    let words = words.iter().map(|word| Json::from(word.as_str()));
    Json::Array(words.collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_a_column_only_where_it_is_asked_for() {
        let answer = Json::parse(
            r#"{"results":[{"client_id":"c","client_secret":"s","description":"d","features":["owner","x"],"whitelist":[]}]}"#,
        )
        .expect("JSON");
        let cells = |secrets| {
            let list = listed(&answer, secrets);
            list.rows[0]
                .cells
                .iter()
                .map(Json::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(cells(false), r#""c" "d" "owner, x" """#);
        assert_eq!(cells(true), r#""c" "s" "d" "owner, x" """#);
    }
}
