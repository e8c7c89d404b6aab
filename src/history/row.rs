//! An exchange as rows of the history, and back: a small one for lists, its content, its words, the records in it.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::params;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::capture::response::Answer;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::exchange::Verdict;
use crate::history::content::Content;
use crate::history::content::Packed;
use crate::history::content::cut_text;
use crate::history::query::Summary;
use crate::history::record::Sighting;
use crate::history::record::sighting::sightings;
use crate::history::words::Gathered;

/// What a list shows of an exchange; the table is called `e`.
pub(super) const SUMMARY: &str =
    "e.id, e.started, e.elapsed_us, e.environment, e.endpoint, e.type_name, e.subject,
    e.verdict, e.code, e.request_id";

const INSERT: &str = "
    INSERT INTO exchange (id, started, elapsed_us, environment, endpoint, type_name, subject, verdict, code,
                          request_id, status)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

const INSERT_CONTENT: &str =
    "INSERT INTO content (exchange, deflated, bytes, weight) VALUES (?1, ?2, ?3, ?4)";

/// What the file takes for an exchange beside its content, in bytes; measured with `benches/history.rs`. Of the words,
/// one part in so many: most are in the index already.
const WORDS_WEIGH: usize = 3;
const SEEN_WEIGHS: usize = 160;
const ROW_WEIGHS: usize = 250;

const INSERT_SEEN: &str = "
    INSERT INTO seen (exchange, place, type_name, uuid, number, selector, how)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

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
    /// Its place; `None` for the next one.
    pub(super) id: Option<i64>,
    /// In nanoseconds since 1970.
    pub(super) started: i64,
    pub(super) elapsed_us: i64,
    pub(super) environment: String,
    pub(super) endpoint: String,
    pub(super) type_name: Option<String>,
    pub(super) subject: String,
    pub(super) verdict: String,
    pub(super) code: Option<i64>,
    pub(super) request_id: Option<String>,
    pub(super) content: Content,
    /// The records it is about or shows.
    pub(super) seen: Vec<Seen>,
}

/// A record that an exchange is about or shows.
pub(super) struct Seen {
    type_name: String,
    uuid: Option<String>,
    number: Option<i64>,
    selector: Option<String>,
    how: &'static str,
}

impl Seen {
    fn of(sighting: Sighting<'_>) -> Self {
        Self {
            type_name: sighting.type_name,
            uuid: sighting.uuid.map(|uuid| uuid.to_ascii_lowercase()),
            number: sighting.id,
            selector: sighting
                .selector
                .map(|(attribute, value)| selector(&attribute, &value)),
            how: sighting.how.word(),
        }
    }
}

/// The attribute that selects a record and its value, as they are kept.
pub(super) fn selector(attribute: &str, value: &Json) -> String {
    format!("{attribute}={value}")
}

/// The records that a call is about or shows.
pub(super) fn seen(
    endpoint: Endpoint,
    args: &Args,
    verdict: Verdict,
    answer: Option<&Answer>,
) -> Vec<Seen> {
    let found = sightings(endpoint, args, verdict, answer);
    found.into_iter().map(Seen::of).collect()
}

impl Row {
    /// The row of an exchange. Of a request's or an answer's body at most `max_body` bytes are kept.
    pub(super) fn of(exchange: &Exchange, max_body: usize) -> Self {
        let content = Content::of(exchange, max_body);
        let error = match exchange.answer() {
            Some(Answer::Error(error)) => Some(error),
            Some(Answer::Ok(_) | Answer::NotCapture(_)) | None => None,
        };
        Self {
            id: None,
            started: nanoseconds(exchange.started),
            elapsed_us: i64::try_from(exchange.elapsed.as_micros()).unwrap_or(i64::MAX),
            environment: exchange.environment.clone(),
            endpoint: exchange.request.endpoint.name().to_owned(),
            type_name: content.args.get("type_name").map(str::to_owned),
            subject: subject(&content, exchange),
            verdict: verdict_word(exchange.verdict()).to_owned(),
            code: error.map(|error| error.code.0),
            request_id: error.and_then(|error| error.request_id.clone()),
            seen: seen(
                exchange.request.endpoint,
                &content.args,
                exchange.verdict(),
                exchange.answer(),
            ),
            content,
        }
    }

    /// Stores the row, its content and its words, and returns its place.
    pub(super) fn insert(&self, connection: &Connection) -> Result<i64, rusqlite::Error> {
        connection.prepare_cached(INSERT)?.execute(params![
            self.id,
            self.started,
            self.elapsed_us,
            self.environment,
            self.endpoint,
            self.type_name,
            self.subject,
            self.verdict,
            self.code,
            self.request_id,
            self.content.status(),
        ])?;
        let id = connection.last_insert_rowid();
        let Packed { deflated, bytes } = self.content.pack();
        let words = self.words();
        let weight = bytes.len()
            + words.as_str().len() / WORDS_WEIGH
            + self.seen.len() * SEEN_WEIGHS
            + ROW_WEIGHS;
        connection.prepare_cached(INSERT_CONTENT)?.execute(params![
            id,
            deflated,
            bytes,
            weight as i64
        ])?;
        connection
            .prepare_cached("INSERT INTO words (rowid, text) VALUES (?1, ?2)")?
            .execute(params![id, words.as_str()])?;
        for (seen, place) in self.seen.iter().zip(0_i64..) {
            connection.prepare_cached(INSERT_SEEN)?.execute(params![
                id,
                place,
                seen.type_name,
                seen.uuid,
                seen.number,
                seen.selector,
                seen.how,
            ])?;
        }
        Ok(id)
    }

    /// The words by which it is found.
    fn words(&self) -> Gathered {
        let mut words = self.content.words();
        let code = self.code.map(ErrorCode);
        let about = [
            self.endpoint.clone(),
            self.environment.clone(),
            self.type_name.clone().unwrap_or_default(),
            self.verdict.clone(),
            code.map(|code| code.0.to_string()).unwrap_or_default(),
            code.and_then(ErrorCode::name)
                .unwrap_or_default()
                .to_owned(),
            time(self.started).strftime("%Y-%m-%d").to_string(),
        ];
        words.add_about(&about.join(" "));
        words
    }
}

/// Removes an exchange with all that was kept of it.
pub(super) fn remove(connection: &Connection, id: i64) -> Result<(), rusqlite::Error> {
    for sql in [
        "DELETE FROM words WHERE rowid = ?1",
        "DELETE FROM content WHERE exchange = ?1",
        "DELETE FROM seen WHERE exchange = ?1",
        "DELETE FROM exchange WHERE id = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([id])?;
    }
    Ok(())
}

/// A whole exchange; `None` when there is none at this place, or it is damaged.
pub(super) fn read(connection: &Connection, id: i64) -> Result<Option<Exchange>, rusqlite::Error> {
    let sql = format!("SELECT {SUMMARY} FROM exchange AS e WHERE id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id])?;
    let summary = match rows.next()? {
        Some(row) => summary(row)?,
        None => None,
    };
    let (Some(summary), Some(content)) = (summary, content(connection, id)?) else {
        return Ok(None);
    };
    let Some((args, sent, timing, outcome)) = content.into_parts(summary.verdict) else {
        return Ok(None);
    };
    Ok(Some(Exchange {
        id: Some(summary.id),
        environment: summary.environment,
        request: ApiRequest {
            args,
            ..ApiRequest::new(summary.endpoint)
        },
        sent,
        started: summary.started,
        elapsed: summary.elapsed,
        timing,
        outcome,
    }))
}

/// What an exchange consisted of; `None` when there is none at this place, or it is damaged.
pub(super) fn content(
    connection: &Connection,
    id: i64,
) -> Result<Option<Content>, rusqlite::Error> {
    let mut statement =
        connection.prepare_cached("SELECT deflated, bytes FROM content WHERE exchange = ?1")?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Content::unpack(Packed {
        deflated: row.get(0)?,
        bytes: row.get(1)?,
    }))
}

/// A row of [`SUMMARY`]; `None` when another version wrote something this one cannot read.
pub(super) fn summary(row: &rusqlite::Row<'_>) -> Result<Option<Summary>, rusqlite::Error> {
    let endpoint: String = row.get(4)?;
    let verdict: String = row.get(7)?;
    let (Some(endpoint), Some(verdict)) =
        (Endpoint::from_path(&endpoint), verdict_from_word(&verdict))
    else {
        return Ok(None);
    };
    Ok(Some(Summary {
        id: ExchangeId(row.get(0)?),
        started: time(row.get(1)?),
        environment: row.get(3)?,
        endpoint,
        type_name: row.get(5)?,
        subject: row.get(6)?,
        verdict,
        code: row.get::<_, Option<i64>>(8)?.map(ErrorCode),
        request_id: row.get(9)?,
        elapsed: elapsed(row.get(2)?),
    }))
}

/// A time as it is stored.
pub(super) fn nanoseconds(time: Timestamp) -> i64 {
    i64::try_from(time.as_nanosecond()).unwrap_or(i64::MAX)
}

fn time(nanoseconds: i64) -> Timestamp {
    Timestamp::from_nanosecond(nanoseconds.into()).unwrap_or_default()
}

fn elapsed(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}

/// What a call is about besides its type: what its arguments select, or the uuid of what it made.
fn subject(content: &Content, exchange: &Exchange) -> String {
    const LONGEST: usize = 200;
    let selected = SUBJECTS.iter().find_map(|name| content.args.get(name));
    let made = || match exchange.answer()? {
        Answer::Ok(answer) => answer.get("uuid")?.as_str(),
        Answer::Error(_) | Answer::NotCapture(_) => None,
    };
    cut_text(selected.or_else(made).unwrap_or_default(), LONGEST)
}

const VERDICTS: [(Verdict, &str); 5] = [
    (Verdict::Ok, "ok"),
    (Verdict::Error, "error"),
    (Verdict::NotCapture, "not_capture"),
    (Verdict::NotSent, "not_sent"),
    (Verdict::Unknown, "unknown"),
];

/// A verdict as it is stored and as it is written in a search.
pub(super) fn verdict_word(verdict: Verdict) -> &'static str {
    let row = VERDICTS.iter().find(|(known, _)| *known == verdict);
    row.map_or("unknown", |(_, word)| word)
}

pub(super) fn verdict_from_word(word: &str) -> Option<Verdict> {
    let row = VERDICTS.iter().find(|(_, known)| *known == word)?;
    Some(row.0)
}
