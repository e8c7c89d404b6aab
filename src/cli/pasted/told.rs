//! What is told of a pasted call: what became of its parts, where it goes, and how it looks.

use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::cli::output;
use crate::cli::pasted::destination::Destination;
use crate::cli::session::Stop;
use crate::cli::shown::lines;
use crate::cli::shown::place;
use crate::curl::account::Account;
use crate::curl::import::Import;
use crate::json::sanitize::clean;
use crate::json::sanitize::truncate;
use crate::json::sanitize::width;
use crate::worker::replay::Consent;

/// Screen cells of a part of the call.
const PART: usize = 44;

/// `entity.create of user`
fn subject(request: &ApiRequest) -> String {
    match request.args.get("type_name") {
        Some(name) => format!("{} of {name}", request.endpoint),
        None => request.endpoint.to_string(),
    }
}

/// Where the call goes and what became of each of its parts, a line each.
pub(super) fn account(import: &Import, request: &ApiRequest, destination: &Destination) -> String {
    let environment = &destination.environment;
    let mut text = format!(
        "captui: {} → `{}` ({})\n",
        clean(&subject(request)),
        environment.name,
        place(environment)
    );
    for account in &import.accounts {
        text.push_str(&line(account));
    }
    for note in &destination.notes {
        text.extend(["  note         ", &clean(note), "\n"]);
    }
    text
}

fn line(account: &Account) -> String {
    let part = truncate(&clean(&account.text), PART);
    let reason = clean(account.fate.reason());
    let line = format!(
        "  {:<11}  {part}{}  {reason}",
        account.fate.word(),
        " ".repeat(PART.saturating_sub(width(&part)))
    );
    format!("{}\n", line.trim_end())
}

/// What would be sent and asked.
pub(super) fn dry_run(
    import: &Import,
    request: &ApiRequest,
    destination: &Destination,
    asked: Consent,
    json: bool,
) -> Result<(), Stop> {
    let environment = &destination.environment;
    let asked = match asked {
        Consent::None => "nothing",
        Consent::Yes => "a yes",
        Consent::Word => "the environment's name",
    };
    if !json {
        let text = lines(request, false);
        output::print(&format!("{text}\nasks for {asked}; nothing was sent"))?;
        return Ok(());
    }
    let account = |account: &Account| -> Json {
        [
            ("part", Json::from(account.text.as_str())),
            ("fate", Json::from(account.fate.word())),
            ("reason", Json::from(account.fate.reason())),
        ]
        .into_iter()
        .collect()
    };
    let notes = destination.notes.iter();
    let json: Json = [
        ("operation", Json::from(request.endpoint.name())),
        ("environment", Json::from(environment.name.as_str())),
        ("class", Json::from(environment.class.name())),
        ("place", Json::from(place(environment).as_str())),
        ("asks_for", Json::from(asked)),
        ("arguments", arguments(request)),
        (
            "parts",
            Json::Array(import.accounts.iter().map(account).collect()),
        ),
        (
            "notes",
            Json::Array(notes.map(|note| Json::from(note.as_str())).collect()),
        ),
    ]
    .into_iter()
    .collect();
    Ok(output::print_json(&json)?)
}

/// Names and values as pairs, since a name may come twice.
fn arguments(request: &ApiRequest) -> Json {
    let args = redact::args(request);
    let pair = |(name, value)| Json::Array(vec![Json::from(name), Json::from(value)]);
    Json::Array(args.iter().map(pair).collect())
}
