//! What an exchange comes to, in a few lines: the verdict first, then what a person needs next.

use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::explain;
use crate::capture::explain::Line;
use crate::capture::explain::page;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::response::Answer;
use crate::capture::response::NotCapture;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Stage;
use crate::exchange::TransportError;
use crate::exchange::Verdict;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::response::stored;

/// How many lines of a page's text are shown: an error page says its own in the first.
const PAGE_LINES: usize = 6;

/// An exchange in a few lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How it went; gives the first line its mark and colour.
    pub verdict: Verdict,
    /// `ok`, `ERROR 361 unique_violation`, `not sent`.
    pub headline: String,
    /// What stands small at the right of the headline, the most important first: time, size, HTTP status.
    pub facts: Vec<String>,
    /// What follows the headline.
    pub lines: Vec<Line>,
}

/// The summary of `exchange`, whose error is about the attribute `about`, if that is known.
pub fn of(exchange: &Exchange, about: Option<&AttrPath>) -> Summary {
    let mut lines = Vec::new();
    let headline = match &exchange.outcome {
        Outcome::Answered(answered) => {
            let headline = match &answered.answer {
                Answer::Ok(answer) => {
                    success(exchange, answer, &mut lines);
                    "ok".to_owned()
                }
                Answer::Error(error) => {
                    if exchange.verdict() == Verdict::Unknown {
                        way_out(exchange, &mut lines);
                    }
                    explain(exchange, error, about, &mut lines);
                    explain::headline(error)
                }
                Answer::NotCapture(not_capture) => {
                    foreign(exchange, not_capture, &mut lines);
                    foreign_headline(answered.judged)
                }
            };
            let kind = answered.header("content-type");
            lines.extend(explain::oddities(
                Some(answered.status),
                kind,
                &answered.answer,
            ));
            headline
        }
        Outcome::Failed(error) => {
            transport(exchange, error, &mut lines);
            transport_headline(error)
        }
    };
    Summary {
        verdict: exchange.verdict(),
        headline,
        facts: facts(exchange),
        lines,
    }
}

fn line(label: &'static str, text: impl Into<String>) -> Line {
    Line::new(label, text)
}

/// What stands in place of a verdict of the service, or the verdict it had when it was whole.
fn foreign_headline(judged: Option<Verdict>) -> String {
    match judged {
        Some(Verdict::Ok) => "ok (not all of the body was kept)",
        Some(_) => "failed (not all of the body was kept)",
        None => "not an answer of the Capture API",
    }
    .to_owned()
}

/// What somebody else answered: a page in readable words, what the HTTP status means, what to do.
fn foreign(exchange: &Exchange, other: &NotCapture, lines: &mut Vec<Line>) {
    lines.push(line("answer", other.reason.clone()));
    if page::is_page(exchange.body()) {
        let page = page::read(exchange.body());
        let text = page.text.lines().map(|text| line("page", text));
        lines.extend(text.take(PAGE_LINES));
    }
    way_out(exchange, lines);
}

fn transport_headline(error: &TransportError) -> String {
    match (error.stage, error.may_have_happened) {
        (Stage::Cancelled, false) => "cancelled before it was sent".into(),
        (Stage::Cancelled, true) => "cancelled: it may have happened".into(),
        // Only reading is certain to have changed nothing once it was on its way.
        (Stage::Wait | Stage::Read, false) => "no answer".into(),
        (Stage::Connect | Stage::Prepare, false) => "not sent".into(),
        (_, true) => "no answer: it may have happened".into(),
    }
}

fn success(exchange: &Exchange, answer: &Json, lines: &mut Vec<Line>) {
    lines.push(line("call", call(exchange)));
    lines.extend(stored::in_brief(exchange).map(|text| line("stored", text)));
    for key in ["id", "uuid", "result_count", "total_count"] {
        match answer.get(key) {
            Some(Json::String(text)) => lines.push(line(key_label(key), text.clone())),
            Some(value @ Json::Number(_)) => lines.push(line(key_label(key), value.to_string())),
            _ => {}
        }
    }
}

fn key_label(key: &str) -> &'static str {
    match key {
        "id" => "id",
        "uuid" => "uuid",
        "result_count" => "records",
        _ => "in all",
    }
}

/// The operation and its entity type.
pub fn call(exchange: &Exchange) -> String {
    let type_name = exchange.request.args.get("type_name").unwrap_or_default();
    format!("{} {type_name}", exchange.request.endpoint)
        .trim_end()
        .to_owned()
}

/// Why the call did not do what it was for, and what to do about that.
fn way_out(exchange: &Exchange, lines: &mut Vec<Line>) {
    if let Some(failure) = exchange.failure() {
        lines.extend(failure.cause.map(|cause| line("so", cause)));
        lines.extend(failure.hints.into_iter().map(|hint| line("do", hint)));
    }
}

fn explain(exchange: &Exchange, error: &ApiError, about: Option<&AttrPath>, lines: &mut Vec<Line>) {
    lines.extend(explain::facts(error, Some(&exchange.request.args)));
    if let Some(path) = about {
        lines.push(line(
            "field",
            format!("{path}   ({} goes to it)", keyed("<app.go-to-field>")),
        ));
    } else if let Some(argument) = error.argument_name() {
        lines.push(line("argument", argument));
    } else if let Some(path) = error.attribute_path() {
        lines.push(line("field", path.to_string()));
    }
    let id = error.request_id.iter();
    lines.extend(id.map(|id| {
        line(
            "request",
            format!("{id}   ({} copies it)", keyed("<response.copy-request-id>")),
        )
    }));
    if error.code == ErrorCode::TIMESTAMP_MISMATCH {
        lines.push(line(
            "keys",
            keyed("<^form.reload> puts your changes on what is stored now, <^form.guard> overwrites it"),
        ));
    }
    let advice = explain::advice(error.code);
    // A write that may have been carried out is not to be tried again as a matter of course.
    let is_open = exchange.verdict() == Verdict::Unknown;
    lines.extend(
        advice
            .into_iter()
            .filter(|line| !(is_open && line.label == "do")),
    );
}

fn transport(exchange: &Exchange, error: &TransportError, lines: &mut Vec<Line>) {
    lines.push(line("call", call(exchange)));
    lines.push(line("reason", error.message.clone()));
    if let Some(span) = exchange.timing.spans.last() {
        let phase = span.phase.title();
        lines.push(line(
            "phase",
            format!("{phase}, after {}", elapsed(span.length())),
        ));
    }
    if let Some(arrived) = &error.arrived {
        let (status, bytes) = (arrived.status, arrived.body.len());
        let text = match bytes {
            0 => format!("HTTP {status} and its headers, nothing of the body"),
            _ => format!(
                "HTTP {status} and {bytes} bytes of the body, shown below: not a whole answer"
            ),
        };
        lines.push(line("came", text));
    }
    lines.push(line(
        "so",
        match (error.stage, error.may_have_happened) {
            (_, true) => "it may have happened: look whether it did before sending it again",
            (Stage::Wait | Stage::Read, false) => "nothing was changed: it may be sent again",
            _ => "nothing reached the service, nothing was changed",
        },
    ));
}

fn facts(exchange: &Exchange) -> Vec<String> {
    let mut facts = vec![elapsed(exchange.elapsed)];
    if let Some((status, _)) = exchange.head() {
        facts.push(size(exchange.body().len()));
        facts.push(format!("HTTP {status}"));
    }
    facts
}

/// A duration in the unit that suits it.
pub fn elapsed(elapsed: std::time::Duration) -> String {
    match elapsed.as_millis() {
        0 => "<1 ms".to_owned(),
        millis @ 1..1000 => format!("{millis} ms"),
        _ => format!("{:.1} s", elapsed.as_secs_f64()),
    }
}

/// A number of bytes in the unit that suits it.
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}
