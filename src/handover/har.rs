//! Exchanges as an HTTP archive (HAR 1.2), for browsers, proxies and other clients. The archive's own outcome is the HTTP
//! status, which tells nothing of Capture, so every entry says in its comment what `stat` and `code` say.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::json::object::Object;
use crate::capture::request::Args;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Verdict;
use crate::exchange::timing::Phase;
use crate::exchange::timing::Span;
use crate::handover::VERSION;
use crate::handover::colophon;
use crate::handover::mask::Entry;
use crate::handover::mask::Parcel;
use crate::handover::ticket;

/// The archive.
pub(super) fn write(parcel: &Parcel) -> String {
    let log = object([
        ("version", Json::from("1.2")),
        (
            "creator",
            object([
                ("name", Json::from("captui")),
                ("version", Json::from(VERSION)),
            ]),
        ),
        (
            "entries",
            Json::Array(parcel.entries.iter().map(entry).collect()),
        ),
        ("comment", Json::from(colophon(parcel))),
    ]);
    object([("log", log)]).pretty() + "\n"
}

fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    members.into_iter().collect()
}

fn entry(entry: &Entry) -> Json {
    let exchange = &entry.exchange;
    object([
        (
            "startedDateTime",
            Json::from(
                exchange
                    .started
                    .strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00")
                    .to_string(),
            ),
        ),
        ("time", millis(exchange.elapsed)),
        ("request", request(exchange)),
        ("response", response(exchange)),
        ("cache", Json::Object(Object::new())),
        ("timings", timings(exchange)),
        ("comment", Json::from(comment(exchange))),
    ])
}

/// `✗ error 361 unique_violation, request_id geup8cd3 (entity.create user, environment dev)`
fn comment(exchange: &Exchange) -> String {
    let mark = match exchange.verdict() {
        Verdict::Ok => "✓",
        Verdict::Error | Verdict::NotCapture => "✗",
        Verdict::NotSent | Verdict::Unknown => "?",
    };
    let id = ticket::request_id(exchange).map(|id| format!(", request_id {id}"));
    let type_name = exchange
        .request
        .args
        .get("type_name")
        .map(|name| format!(" {name}"));
    format!(
        "{mark} {}{} ({}{}, environment {})",
        ticket::outcome(exchange),
        id.unwrap_or_default(),
        exchange.request.endpoint,
        type_name.unwrap_or_default(),
        exchange.environment,
    )
}

fn request(exchange: &Exchange) -> Json {
    let sent = &exchange.sent;
    let query = sent.url.split_once('?').map_or("", |(_, query)| query);
    let query = Args::from_form(query.split('#').next().unwrap_or_default().as_bytes());
    let mime = header(&sent.headers, "content-type").unwrap_or("application/x-www-form-urlencoded");
    let post = object([
        ("mimeType", Json::from(mime)),
        ("text", Json::from(sent.body.as_str())),
    ]);
    object([
        ("method", Json::from(sent.method.as_str())),
        ("url", Json::from(sent.url.as_str())),
        ("httpVersion", Json::from(version(exchange))),
        ("cookies", Json::Array(Vec::new())),
        (
            "headers",
            pairs(
                sent.headers
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str())),
            ),
        ),
        ("queryString", pairs(query.iter())),
        ("postData", post),
        ("headersSize", Json::from(-1)),
        ("bodySize", size(sent.body.len())),
    ])
}

fn response(exchange: &Exchange) -> Json {
    let (status, headers, body, failure) = match &exchange.outcome {
        Outcome::Answered(answered) => (
            answered.status,
            &answered.headers[..],
            &answered.body[..],
            None,
        ),
        Outcome::Failed(error) => match error.arrived.as_deref() {
            Some(arrived) => (
                arrived.status,
                &arrived.headers[..],
                &arrived.body[..],
                Some(&error.message),
            ),
            None => (0, &[][..], &[][..], Some(&error.message)),
        },
    };
    let mut out = Object::new();
    let mut put = |name: &str, value: Json| drop(out.insert(name.to_owned(), value));
    put("status", Json::from(i64::from(status)));
    put("statusText", Json::from(""));
    put("httpVersion", Json::from(version(exchange)));
    put("cookies", Json::Array(Vec::new()));
    put(
        "headers",
        pairs(
            headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        ),
    );
    put("content", content(headers, body));
    put(
        "redirectURL",
        Json::from(header(headers, "location").unwrap_or("")),
    );
    put("headersSize", Json::from(-1));
    let received = exchange
        .timing
        .received
        .and_then(|bytes| i64::try_from(bytes).ok());
    put("bodySize", Json::from(received.unwrap_or(-1)));
    if let Some(message) = failure {
        // The name that browsers use.
        put("_error", Json::from(message.as_str()));
    }
    Json::Object(out)
}

fn content(headers: &[(String, String)], body: &[u8]) -> Json {
    let mime = header(headers, "content-type").unwrap_or("x-unknown");
    let mut members = vec![("size", size(body.len())), ("mimeType", Json::from(mime))];
    if let Ok(text) = std::str::from_utf8(body) {
        members.push(("text", Json::from(text)));
    } else {
        members.push(("text", Json::from(BASE64_STANDARD.encode(body))));
        members.push(("encoding", Json::from("base64")));
    }
    members.into_iter().collect()
}

/// A phase that was not seen is -1, as the format has it; sending cannot be told from waiting.
fn timings(exchange: &Exchange) -> Json {
    let span = |phase| exchange.timing.span(phase).map(Span::length);
    let seen = |length: Option<Duration>| length.map_or(Json::from(-1), millis);
    let tls = span(Phase::Tls);
    // In an archive the time for TLS is a part of that for the connection.
    let connect = match (span(Phase::Connect), tls) {
        (Some(connect), tls) => Some(connect + tls.unwrap_or_default()),
        (None, _) => span(Phase::ConnectAndTls),
    };
    let known = !exchange.timing.spans.is_empty();
    let wait = if known {
        span(Phase::Wait).unwrap_or_default()
    } else {
        exchange.elapsed
    };
    object([
        ("blocked", Json::from(-1)),
        ("dns", seen(span(Phase::Resolve))),
        ("connect", seen(connect)),
        ("ssl", seen(tls)),
        ("send", Json::from(0)),
        ("wait", millis(wait)),
        ("receive", millis(span(Phase::Read).unwrap_or_default())),
    ])
}

fn millis(duration: Duration) -> Json {
    let micros = duration.as_micros();
    let text = format!("{}.{:03}", micros / 1000, micros % 1000);
    Number::parse(&text).map_or(Json::Null, Json::Number)
}

fn size(bytes: usize) -> Json {
    Json::from(i64::try_from(bytes).unwrap_or(i64::MAX))
}

fn version(exchange: &Exchange) -> &str {
    exchange.timing.version.as_deref().unwrap_or("HTTP/1.1")
}

fn pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Json {
    let named = |(name, value): (&str, &str)| {
        object([("name", Json::from(name)), ("value", Json::from(value))])
    };
    Json::Array(pairs.map(named).collect())
}

/// The value of a header.
pub(super) fn header<'a>(headers: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    let found = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    found.map(|(_, value)| value.as_str())
}
