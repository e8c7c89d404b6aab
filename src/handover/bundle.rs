//! Exchanges as JSON of our own: for programs, and as a bundle that captui opens again on another machine.
//!
//! A bundle is one JSON object that says what it is. Version 1:
//!
//! ```text
//! {"captui_bundle": 1, "captui": "0.1.0", "made": "…Z", "masked": true,
//!  "schemas": [{"name": …, "attr_defs": […]}, …],
//!  "exchanges": [{"id", "environment", "class", "client", "started", "elapsed_us", "timing",
//!                 "call", "type_name", "verdict", "code", "request_id", "outcome",
//!                 "request": {"method", "url", "headers": [[name, value], …], "args": [[name, value], …], "body"},
//!                 "response": {"status", "headers", "body" or "body_base64"},
//!                 "failure": {"stage", "message", "may_have_happened", "arrived": a response}}, …]}
//! ```
//!
//! What is not known is left out. A reader ignores what it does not know; [`crate::handover::open`] is one.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;

use crate::capture::json::Json;
use crate::capture::redact::sharing::Sharing;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Stage;
use crate::exchange::Verdict;
use crate::handover::VERSION;
use crate::handover::mask::Entry;
use crate::handover::mask::Parcel;
use crate::handover::ticket;

/// The member that says that a file is a bundle; its value is the version.
pub(super) const MARK: &str = "captui_bundle";

/// The newest version of a bundle that is known here.
pub(super) const NEWEST: i64 = 1;

/// The bundle.
pub(super) fn write(parcel: &Parcel, now: Timestamp) -> String {
    let schemas = parcel.schemas.iter().map(EntityType::to_json).collect();
    let entries = parcel.entries.iter().map(exchange).collect();
    let bundle: Json = [
        (MARK, Json::from(NEWEST)),
        ("captui", Json::from(VERSION)),
        ("made", Json::from(now.to_string())),
        ("masked", Json::from(parcel.sharing == Sharing::Masked)),
        ("schemas", Json::Array(schemas)),
        ("exchanges", Json::Array(entries)),
    ]
    .into_iter()
    .collect();
    bundle.pretty() + "\n"
}

/// The exchanges alone.
pub(super) fn exchanges(parcel: &Parcel) -> String {
    Json::Array(parcel.entries.iter().map(exchange).collect()).pretty() + "\n"
}

/// The exchanges, one a line.
pub(super) fn lines(parcel: &Parcel) -> String {
    let lines = parcel.entries.iter().map(exchange);
    lines.fold(String::new(), |out, line| out + &line.to_string() + "\n")
}

fn exchange(entry: &Entry) -> Json {
    let exchange = &entry.exchange;
    let code = match exchange.answer() {
        Some(Answer::Error(error)) => Some(error.code.0),
        _ => None,
    };
    let (response, failure) = match &exchange.outcome {
        Outcome::Answered(answered) => (
            Some(response(answered.status, &answered.headers, &answered.body)),
            None,
        ),
        Outcome::Failed(error) => {
            let arrived = error.arrived.as_deref();
            let failure = present([
                ("stage", Some(Json::from(stage_word(error.stage)))),
                ("message", Some(Json::from(error.message.as_str()))),
                (
                    "may_have_happened",
                    Some(Json::from(error.may_have_happened)),
                ),
                (
                    "arrived",
                    arrived
                        .map(|arrived| response(arrived.status, &arrived.headers, &arrived.body)),
                ),
            ]);
            (None, Some(failure))
        }
    };
    let text = |text: &Option<String>| text.as_deref().map(Json::from);
    present([
        ("id", exchange.id.map(|id| Json::from(id.0))),
        (
            "environment",
            Some(Json::from(exchange.environment.as_str())),
        ),
        ("class", text(&entry.class)),
        ("client", text(&entry.client)),
        ("started", Some(Json::from(exchange.started.to_string()))),
        (
            "elapsed_us",
            i64::try_from(exchange.elapsed.as_micros())
                .ok()
                .map(Json::from),
        ),
        ("timing", Some(exchange.timing.to_json())),
        ("call", Some(Json::from(exchange.request.endpoint.name()))),
        (
            "type_name",
            exchange.request.args.get("type_name").map(Json::from),
        ),
        (
            "verdict",
            Some(Json::from(verdict_word(exchange.verdict()))),
        ),
        ("code", code.map(Json::from)),
        ("request_id", ticket::request_id(exchange).map(Json::from)),
        ("outcome", Some(Json::from(ticket::outcome(exchange)))),
        (
            "about",
            entry
                .about
                .as_ref()
                .map(|path| Json::from(path.to_string())),
        ),
        ("request", Some(request(exchange))),
        ("response", response),
        ("failure", failure),
    ])
}

fn present<const N: usize>(members: [(&str, Option<Json>); N]) -> Json {
    members
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

fn request(exchange: &Exchange) -> Json {
    let sent = &exchange.sent;
    let args = exchange
        .request
        .args
        .iter()
        .map(|(name, value)| pair(name, value));
    present([
        ("method", Some(Json::from(sent.method.as_str()))),
        ("url", Some(Json::from(sent.url.as_str()))),
        ("headers", Some(pairs(&sent.headers))),
        ("args", Some(Json::Array(args.collect()))),
        ("body", Some(Json::from(sent.body.as_str()))),
    ])
}

fn response(status: u16, headers: &[(String, String)], body: &[u8]) -> Json {
    let (name, body) = match std::str::from_utf8(body) {
        Ok(text) => ("body", Json::from(text)),
        Err(_) => ("body_base64", Json::from(BASE64_STANDARD.encode(body))),
    };
    present([
        ("status", Some(Json::from(i64::from(status)))),
        ("headers", Some(pairs(headers))),
        (name, Some(body)),
    ])
}

fn pair(name: &str, value: &str) -> Json {
    Json::Array(vec![Json::from(name), Json::from(value)])
}

fn pairs(pairs: &[(String, String)]) -> Json {
    Json::Array(
        pairs
            .iter()
            .map(|(name, value)| pair(name, value))
            .collect(),
    )
}

/// The word for a verdict.
pub(super) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Error => "error",
        Verdict::NotCapture => "not_capture",
        Verdict::NotSent => "not_sent",
        Verdict::Unknown => "unknown",
    }
}

/// Each stage with its word.
pub(super) const STAGES: [(Stage, &str); 5] = [
    (Stage::Connect, "connect"),
    (Stage::Wait, "wait"),
    (Stage::Read, "read"),
    (Stage::Cancelled, "cancelled"),
    (Stage::Prepare, "prepare"),
];

fn stage_word(stage: Stage) -> &'static str {
    let found = STAGES.iter().find(|(known, _)| *known == stage);
    found.map_or("wait", |(_, word)| word)
}
