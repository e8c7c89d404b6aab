//! An exchange as a row of the history, and back.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::capture::response::Answer;
use crate::capture::response::NotCapture;
use crate::exchange::Answered;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::exchange::Outcome;
use crate::exchange::Sent;
use crate::exchange::Stage;
use crate::exchange::TransportError;
use crate::exchange::Verdict;
use crate::history::query::Summary;

/// Rows that contain a pattern (or all, when it is null), newest first. The clock may have been set back between two
/// calls, so the order is that of the places, not of the times.
pub(super) const LIST: &str = "
    SELECT id, started, elapsed_us, environment, endpoint, type_name, subject, verdict, code
    FROM exchange
    WHERE ?1 IS NULL OR environment LIKE ?1 ESCAPE '\\' OR endpoint LIKE ?1 ESCAPE '\\'
       OR subject LIKE ?1 ESCAPE '\\' OR args LIKE ?1 ESCAPE '\\' OR outcome LIKE ?1 ESCAPE '\\'
       OR CAST(body AS TEXT) LIKE ?1 ESCAPE '\\'
    ORDER BY id DESC LIMIT ?2";

/// One row by its place.
pub(super) const GET: &str = "
    SELECT started, elapsed_us, environment, endpoint, type_name, subject, verdict, code,
           args, sent, outcome, body, body_length
    FROM exchange WHERE id = ?1";

const INSERT: &str = "
    INSERT INTO exchange (started, elapsed_us, environment, endpoint, type_name, subject, verdict, code,
                          args, sent, outcome, body, body_length)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

/// Arguments whose value says what a call is about, the most telling first.
const SUBJECTS: [&str; 10] = [
    "uuid",
    "id",
    "key_value",
    "filter",
    "attribute_name",
    "attribute",
    "for_client_id",
    "client_id_for_deletion",
    "key",
    "description",
];

/// What is stored of an exchange: masked, bodies cut.
pub(super) struct Row {
    started: String,
    elapsed_us: i64,
    environment: String,
    endpoint: String,
    type_name: Option<String>,
    subject: String,
    verdict: String,
    code: Option<i64>,
    args: String,
    sent: String,
    outcome: String,
    body: Option<Vec<u8>>,
    body_length: Option<i64>,
}

impl Row {
    /// The row of an exchange. Of a request's or an answer's body at most `max_body` bytes are kept.
    pub(super) fn of(exchange: &Exchange, max_body: usize) -> Self {
        let args = redact::args(&exchange.request);
        let body = match &exchange.outcome {
            Outcome::Answered(answered) => Some(redact::body(&exchange.request, &answered.body)),
            Outcome::Failed(_) => None,
        };
        Self {
            started: exchange.started.to_string(),
            elapsed_us: i64::try_from(exchange.elapsed.as_micros()).unwrap_or(i64::MAX),
            environment: exchange.environment.clone(),
            endpoint: exchange.request.endpoint.name().to_owned(),
            type_name: args.get("type_name").map(str::to_owned),
            subject: subject(&args, exchange),
            verdict: verdict_word(exchange.verdict()).to_owned(),
            code: match exchange.answer() {
                Some(Answer::Error(error)) => Some(error.code.0),
                Some(Answer::Ok(_) | Answer::NotCapture(_)) | None => None,
            },
            args: pairs_to_json(
                args.iter()
                    .map(|(name, value)| (name, cut_text(value, max_body))),
            )
            .to_string(),
            sent: sent_to_json(&exchange.sent, &exchange.request.secret_names, max_body)
                .to_string(),
            outcome: outcome_to_json(&exchange.outcome).to_string(),
            body_length: body.as_ref().map(|body| body.len() as i64),
            body: body.map(|mut body| {
                body.truncate(max_body);
                body
            }),
        }
    }

    /// Stores the row and returns its place.
    pub(super) fn insert(&self, connection: &Connection) -> Result<i64, rusqlite::Error> {
        connection
            .prepare_cached(INSERT)?
            .execute(rusqlite::params![
                self.started,
                self.elapsed_us,
                self.environment,
                self.endpoint,
                self.type_name,
                self.subject,
                self.verdict,
                self.code,
                self.args,
                self.sent,
                self.outcome,
                self.body,
                self.body_length,
            ])?;
        Ok(connection.last_insert_rowid())
    }

    /// The row as stored.
    pub(super) fn read(row: &rusqlite::Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            started: row.get(0)?,
            elapsed_us: row.get(1)?,
            environment: row.get(2)?,
            endpoint: row.get(3)?,
            type_name: row.get(4)?,
            subject: row.get(5)?,
            verdict: row.get(6)?,
            code: row.get(7)?,
            args: row.get(8)?,
            sent: row.get(9)?,
            outcome: row.get(10)?,
            body: row.get(11)?,
            body_length: row.get(12)?,
        })
    }

    /// The exchange that the row tells of; `None` when another version wrote something this one cannot read.
    pub(super) fn exchange(self, id: ExchangeId) -> Option<Exchange> {
        let args = Args::from_pairs(pairs_from_json(&Json::parse(&self.args).ok()?)?);
        Some(Exchange {
            id: Some(id),
            environment: self.environment,
            request: ApiRequest {
                args,
                ..ApiRequest::new(Endpoint::from_path(&self.endpoint)?)
            },
            sent: sent_from_json(&Json::parse(&self.sent).ok()?)?,
            started: self.started.parse().ok()?,
            elapsed: elapsed(self.elapsed_us),
            outcome: outcome_from_json(
                &Json::parse(&self.outcome).ok()?,
                self.body,
                self.body_length,
            )?,
        })
    }
}

/// A row of [`LIST`]; `None` when another version wrote something this one cannot read.
pub(super) fn summary(row: &rusqlite::Row<'_>) -> Result<Option<Summary>, rusqlite::Error> {
    let started: String = row.get(1)?;
    let endpoint: String = row.get(4)?;
    let verdict: String = row.get(7)?;
    let (Ok(started), Some(endpoint), Some(verdict)) = (
        started.parse::<Timestamp>(),
        Endpoint::from_path(&endpoint),
        verdict_from_word(&verdict),
    ) else {
        return Ok(None);
    };
    Ok(Some(Summary {
        id: ExchangeId(row.get(0)?),
        started,
        environment: row.get(3)?,
        endpoint,
        type_name: row.get(5)?,
        subject: row.get(6)?,
        verdict,
        code: row.get::<_, Option<i64>>(8)?.map(ErrorCode),
        elapsed: elapsed(row.get(2)?),
    }))
}

fn elapsed(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}

/// What a call is about besides its type: what its arguments select, or the uuid of what it made.
fn subject(args: &Args, exchange: &Exchange) -> String {
    const LONGEST: usize = 200;
    let selected = SUBJECTS.iter().find_map(|name| args.get(name));
    let made = || match exchange.answer()? {
        Answer::Ok(answer) => answer.get("uuid")?.as_str(),
        Answer::Error(_) | Answer::NotCapture(_) => None,
    };
    cut_text(selected.or_else(made).unwrap_or_default(), LONGEST)
}

/// `text`, or its first `limit` bytes with a mark that says how long it was.
fn cut_text(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = (0..=limit)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    format!("{}… (cut: {} bytes)", &text[..end], text.len())
}

fn sent_to_json(sent: &Sent, secret_names: &[String], max_body: usize) -> Json {
    [
        ("method", Json::from(sent.method.as_str())),
        ("url", Json::from(sent.url.as_str())),
        ("headers", headers_to_json(&sent.headers)),
        (
            "body",
            Json::from(cut_text(&redact::form(&sent.body, secret_names), max_body).as_str()),
        ),
    ]
    .into_iter()
    .collect()
}

fn sent_from_json(json: &Json) -> Option<Sent> {
    let text = |key: &str| Some(json.get(key)?.as_str()?.to_owned());
    Some(Sent {
        method: text("method")?,
        url: text("url")?,
        headers: pairs_from_json(json.get("headers")?)?,
        body: text("body")?,
    })
}

fn outcome_to_json(outcome: &Outcome) -> Json {
    match outcome {
        Outcome::Answered(answered) => [
            ("status", Json::from(i64::from(answered.status))),
            ("headers", headers_to_json(&answered.headers)),
        ]
        .into_iter()
        .collect(),
        Outcome::Failed(error) => [
            ("stage", Json::from(stage_word(error.stage))),
            ("message", Json::from(error.message.as_str())),
            ("may_have_happened", Json::from(error.may_have_happened)),
        ]
        .into_iter()
        .collect(),
    }
}

fn outcome_from_json(json: &Json, body: Option<Vec<u8>>, length: Option<i64>) -> Option<Outcome> {
    let Some(status) = json.get("status") else {
        return Some(Outcome::Failed(TransportError {
            stage: stage_from_word(json.get("stage")?.as_str()?)?,
            message: json.get("message")?.as_str()?.to_owned(),
            may_have_happened: json.get("may_have_happened")?.as_bool()?,
        }));
    };
    let status = u16::try_from(status.as_i64()?).ok()?;
    let headers = pairs_from_json(json.get("headers")?)?;
    let body = body?;
    let kept = body.len();
    let mut answered = Answered::read(status, headers, body);
    let whole = usize::try_from(length?).ok()?;
    if kept < whole {
        answered.answer = Answer::NotCapture(NotCapture {
            reason: format!("HTTP {status}: the history kept the first {kept} of {whole} bytes."),
        });
    }
    Some(Outcome::Answered(answered))
}

/// Headers, without what a server wants to be remembered by.
fn headers_to_json(headers: &[(String, String)]) -> Json {
    let kept = headers
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("set-cookie"));
    pairs_to_json(kept.map(|(name, value)| (name.as_str(), value.clone())))
}

fn pairs_to_json<'a>(pairs: impl Iterator<Item = (&'a str, String)>) -> Json {
    Json::Array(
        pairs
            .map(|(name, value)| Json::Array(vec![Json::from(name), Json::from(value.as_str())]))
            .collect(),
    )
}

fn pairs_from_json(json: &Json) -> Option<Vec<(String, String)>> {
    json.as_array()?
        .iter()
        .map(|pair| match pair.as_array()? {
            [name, value] => Some((name.as_str()?.to_owned(), value.as_str()?.to_owned())),
            _ => None,
        })
        .collect()
}

const VERDICTS: [(Verdict, &str); 5] = [
    (Verdict::Ok, "ok"),
    (Verdict::Error, "error"),
    (Verdict::NotCapture, "not_capture"),
    (Verdict::NotSent, "not_sent"),
    (Verdict::Unknown, "unknown"),
];

fn verdict_word(verdict: Verdict) -> &'static str {
    VERDICTS
        .iter()
        .find(|(known, _)| *known == verdict)
        .map_or("unknown", |(_, word)| word)
}

fn verdict_from_word(word: &str) -> Option<Verdict> {
    VERDICTS
        .iter()
        .find(|(_, known)| *known == word)
        .map(|(verdict, _)| *verdict)
}

const STAGES: [(Stage, &str); 5] = [
    (Stage::Connect, "connect"),
    (Stage::Wait, "wait"),
    (Stage::Read, "read"),
    (Stage::Cancelled, "cancelled"),
    (Stage::Prepare, "prepare"),
];

fn stage_word(stage: Stage) -> &'static str {
    STAGES
        .iter()
        .find(|(known, _)| *known == stage)
        .map_or("wait", |(_, word)| word)
}

fn stage_from_word(word: &str) -> Option<Stage> {
    STAGES
        .iter()
        .find(|(_, known)| *known == word)
        .map(|(stage, _)| *stage)
}
