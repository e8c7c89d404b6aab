//! What an exchange comes to, in a few lines: the verdict first, then what a person needs next.

use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::response::Answer;
use crate::exchange::Answered;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Stage;
use crate::exchange::TransportError;
use crate::exchange::Verdict;
use crate::tui::panes::response::stored;

/// A line of the summary: a label and what it says. The first line of a summary is its verdict and has no label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the text is: `server`, `meaning`, `do`.
    pub label: &'static str,
    /// The text, as it came.
    pub text: String,
}

/// An exchange in a few lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How it went; gives the first line its mark and colour.
    pub verdict: Verdict,
    /// `ok`, `ERROR 361 unique_violation`, `not sent`.
    pub headline: String,
    /// What stands small at the right of the headline, the most important first: time, size, HTTP status.
    pub facts: Vec<String>,
    /// What follows.
    pub lines: Vec<Line>,
}

/// The summary of `exchange`, whose error is about the attribute `about`, if that is known.
pub fn of(exchange: &Exchange, about: Option<&AttrPath>) -> Summary {
    let mut lines = Vec::new();
    let headline = match &exchange.outcome {
        Outcome::Answered(answered) => match &answered.answer {
            Answer::Ok(answer) => {
                success(exchange, answer, &mut lines);
                "ok".to_owned()
            }
            Answer::Error(error) => {
                if exchange.verdict() == Verdict::Unknown {
                    way_out(exchange, &mut lines);
                }
                explain(error, about, exchange.verdict(), &mut lines);
                error_headline(error)
            }
            Answer::NotCapture(not_capture) => {
                lines.push(line("answer", not_capture.reason.clone()));
                way_out(exchange, &mut lines);
                "not an answer of the Capture API".to_owned()
            }
        },
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
    Line {
        label,
        text: text.into(),
    }
}

/// `ERROR 361 unique_violation`
fn error_headline(error: &ApiError) -> String {
    let word = match (error.code.name(), error.error.as_str()) {
        (Some(known), "") => known,
        (_, word) => word,
    };
    format!("ERROR {} {word}", error.code)
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

fn explain(error: &ApiError, about: Option<&AttrPath>, verdict: Verdict, lines: &mut Vec<Line>) {
    if !error.description.is_empty() {
        lines.push(line("server", error.description.clone()));
    }
    if let Some(path) = about {
        lines.push(line("field", format!("{path}   (o goes to it)")));
    } else if let Some(argument) = error.argument_name() {
        lines.push(line("argument", argument));
    } else if let Some(path) = error.attribute_path() {
        lines.push(line("field", path.to_string()));
    }
    if error.code == ErrorCode::TIMESTAMP_MISMATCH {
        lines.push(line(
            "keys",
            "^R puts your changes on what is stored now, ^G overwrites it",
        ));
    }
    match error.code.info() {
        Some(info) => {
            lines.push(line("meaning", info.meaning));
            // A write that may have been carried out is not to be tried again as a matter of course.
            if verdict != Verdict::Unknown {
                lines.extend(info.remedy.iter().map(|remedy| line("do", *remedy)));
            }
            lines.extend(info.causes.iter().map(|cause| line("causes", *cause)));
        }
        None => lines.push(line(
            "meaning",
            format!("{}; this code is not in the catalogue", error.code.family()),
        )),
    }
    lines.extend(
        error
            .request_id
            .iter()
            .map(|id| line("request", id.clone())),
    );
}

fn transport(exchange: &Exchange, error: &TransportError, lines: &mut Vec<Line>) {
    lines.push(line("call", call(exchange)));
    lines.push(line("reason", error.message.clone()));
    lines.push(line(
        "so",
        match (error.stage, error.may_have_happened) {
            (_, true) => "look whether it happened before sending it again",
            (Stage::Wait | Stage::Read, false) => "nothing was changed: it may be sent again",
            _ => "nothing reached the service, nothing was changed",
        },
    ));
}

fn facts(exchange: &Exchange) -> Vec<String> {
    let mut facts = vec![elapsed(exchange.elapsed)];
    if let Outcome::Answered(Answered { status, body, .. }) = &exchange.outcome {
        facts.push(size(body.len()));
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

fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}
