//! Opens what was handed over: a bundle of captui's, or an HTTP archive of any program. Read-only: what comes out can be
//! looked at, and needs no configuration.
//!
//! Archives differ between the programs that write them, so whatever is missing is taken as not known; an entry that is no
//! call at all is left out and counted in a note. Nothing here trusts its input: sizes are bounded, nothing is run.

use std::io::Read;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;

use crate::capture::auth::CREDENTIAL_ARGS;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::json::JsonError;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::capture::schema::EntityType;
use crate::exchange::Answered;
use crate::exchange::Arrived;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::exchange::Outcome;
use crate::exchange::Sent;
use crate::exchange::Stage;
use crate::exchange::TransportError;
use crate::exchange::timing::Phase;
use crate::exchange::timing::Span;
use crate::exchange::timing::Timing;
use crate::handover::bundle::MARK;
use crate::handover::bundle::NEWEST;
use crate::handover::bundle::STAGES;
use crate::handover::har::header;

/// How long a file may be once it is unpacked: a small one may unpack to anything.
const MOST_UNPACKED: u64 = 512 << 20;

/// What a file holds.
#[derive(Debug)]
pub struct Opened {
    /// What it is, for people: `a bundle of captui 0.1.0, 3 calls`.
    pub title: String,
    /// Whether personal data was masked when it was written; `None` when nobody says.
    pub masked: Option<bool>,
    /// The calls, in the order of the file.
    pub calls: Vec<OpenedCall>,
    /// The entity types that came along.
    pub schemas: Vec<EntityType>,
    /// What could not be read.
    pub notes: Vec<String>,
}

/// A call that somebody else made. It need not be one of the Capture API.
#[derive(Clone, Debug)]
pub struct OpenedCall {
    /// Its number in the history that it comes from.
    pub id: Option<ExchangeId>,
    /// The environment, by the name it had there; empty when nobody says.
    pub environment: String,
    /// The environment's class.
    pub class: Option<String>,
    /// What its client may do.
    pub client: Option<String>,
    /// When sending began.
    pub started: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// Where that time went.
    pub timing: Timing,
    /// What was sent.
    pub sent: Sent,
    /// The operation of the Capture API, if it was one.
    pub request: Option<ApiRequest>,
    /// What came of it.
    pub outcome: Outcome,
}

impl OpenedCall {
    /// As an exchange; `None` for a call that is none of the Capture API.
    pub fn exchange(&self) -> Option<Exchange> {
        Some(Exchange {
            id: self.id,
            environment: self.environment.clone(),
            request: self.request.clone()?,
            sent: self.sent.clone(),
            started: self.started,
            elapsed: self.elapsed,
            timing: self.timing.clone(),
            outcome: self.outcome.clone(),
        })
    }
}

/// Why a file is not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is packed, and cannot be unpacked.
    #[error("it is packed with gzip and cannot be unpacked: {0}")]
    Gzip(String),
    /// It unpacks to more than is read.
    #[error("it unpacks to more than {} MiB", MOST_UNPACKED >> 20)]
    TooLong,
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    Json(#[from] JsonError),
    /// It is JSON of another kind.
    #[error("it is neither a bundle of captui nor an HTTP archive")]
    Foreign,
    /// A newer captui wrote it.
    #[error(
        "it is a bundle of version {0}, and this captui knows version {NEWEST}: a newer one opens it"
    )]
    Newer(i64),
}

/// Whether a document looks like something that [`open`] opens, by its first bytes.
pub fn looks_handed_over(bytes: &[u8]) -> bool {
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]).into_owned();
    let packed: String = beginning.chars().filter(|c| !c.is_whitespace()).collect();
    let packed = packed.trim_start_matches('\u{feff}');
    packed.starts_with(&format!("{{\"{MARK}\"")) || packed.starts_with("{\"log\":{")
}

/// Opens a bundle or an archive, also one packed with gzip.
pub fn open(bytes: &[u8]) -> Result<Opened, OpenError> {
    let unpacked;
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        unpacked = unpack(bytes)?;
        &unpacked
    } else {
        bytes
    };
    let text = String::from_utf8_lossy(bytes);
    let json = Json::parse(text.strip_prefix('\u{feff}').unwrap_or(&text))?;
    if let Some(version) = json.get(MARK) {
        return match version.as_i64() {
            Some(version @ 1..=NEWEST) => Ok(bundle(&json, version)),
            Some(version) => Err(OpenError::Newer(version)),
            None => Err(OpenError::Foreign),
        };
    }
    let log = json.get("log").ok_or(OpenError::Foreign)?;
    let entries = log
        .get("entries")
        .and_then(Json::as_array)
        .ok_or(OpenError::Foreign)?;
    Ok(archive(log, entries))
}

fn unpack(bytes: &[u8]) -> Result<Vec<u8>, OpenError> {
    let mut unpacked = Vec::new();
    let read = MultiGzDecoder::new(bytes)
        .take(MOST_UNPACKED + 1)
        .read_to_end(&mut unpacked);
    read.map_err(|error| OpenError::Gzip(error.to_string()))?;
    if unpacked.len() as u64 > MOST_UNPACKED {
        return Err(OpenError::TooLong);
    }
    Ok(unpacked)
}

fn text(json: &Json, name: &str) -> Option<String> {
    json.get(name)?.as_str().map(str::to_owned)
}

fn calls(count: usize) -> String {
    if count == 1 {
        "1 call".to_owned()
    } else {
        format!("{count} calls")
    }
}

/// The calls that can be read, with a note of how many cannot.
fn readable(
    items: &[Json],
    read: impl Fn(&Json) -> Option<OpenedCall>,
    notes: &mut Vec<String>,
) -> Vec<OpenedCall> {
    let found: Vec<OpenedCall> = items.iter().filter_map(read).collect();
    if found.len() < items.len() {
        let lost = calls(items.len() - found.len());
        notes.push(format!("{lost} could not be read and are left out"));
    }
    found
}

fn bundle(json: &Json, _version: i64) -> Opened {
    let mut notes = Vec::new();
    let items = |name| json.get(name).and_then(Json::as_array).unwrap_or_default();
    let mut schemas = Vec::new();
    for schema in items("schemas") {
        match EntityType::from_json(schema) {
            Ok((schema, problems)) => {
                notes.extend(
                    problems
                        .first()
                        .map(|problem| format!("the schema {}: {problem}", schema.name)),
                );
                schemas.push(schema);
            }
            Err(problem) => notes.push(format!("a schema could not be read: {problem}")),
        }
    }
    let found = readable(items("exchanges"), bundled, &mut notes);
    let by = text(json, "captui").map_or_else(String::new, |version| format!(" {version}"));
    Opened {
        title: format!("a bundle of captui{by}, {}", calls(found.len())),
        masked: json.get("masked").and_then(Json::as_bool),
        calls: found,
        schemas,
        notes,
    }
}

fn bundled(json: &Json) -> Option<OpenedCall> {
    let request = json.get("request")?;
    let sent = Sent {
        method: text(request, "method").unwrap_or_default(),
        url: text(request, "url").unwrap_or_default(),
        headers: request.get("headers").map(pairs).unwrap_or_default(),
        body: text(request, "body").unwrap_or_default(),
    };
    let endpoint = text(json, "call").and_then(|call| Endpoint::from_path(&call));
    let args = request.get("args").map(pairs).unwrap_or_default();
    let outcome = match (json.get("response"), json.get("failure")) {
        (Some(response), _) => {
            let Arrived {
                status,
                headers,
                body,
            } = arrived(response)?;
            Outcome::Answered(Answered::read(status, headers, body))
        }
        (None, Some(failure)) => {
            let word = text(failure, "stage").unwrap_or_default();
            let stage = STAGES.iter().find(|(_, known)| *known == word);
            Outcome::Failed(TransportError {
                stage: stage.map_or(Stage::Wait, |(stage, _)| *stage),
                message: text(failure, "message").unwrap_or_default(),
                may_have_happened: failure
                    .get("may_have_happened")
                    .and_then(Json::as_bool)
                    .unwrap_or(true),
                arrived: failure.get("arrived").and_then(arrived).map(Box::new),
            })
        }
        (None, None) => return None,
    };
    let micros = json
        .get("elapsed_us")
        .and_then(Json::as_i64)
        .unwrap_or_default();
    Some(OpenedCall {
        id: json.get("id").and_then(Json::as_i64).map(ExchangeId),
        environment: text(json, "environment").unwrap_or_default(),
        class: text(json, "class"),
        client: text(json, "client"),
        started: text(json, "started")?.parse().ok()?,
        elapsed: Duration::from_micros(micros.try_into().unwrap_or_default()),
        timing: json
            .get("timing")
            .map(Timing::from_json)
            .unwrap_or_default(),
        sent,
        request: endpoint.map(|endpoint| ApiRequest {
            args: Args(args),
            ..ApiRequest::new(endpoint)
        }),
        outcome,
    })
}

fn arrived(json: &Json) -> Option<Arrived> {
    let body = match (json.get("body"), json.get("body_base64")) {
        (Some(body), _) => body.as_str()?.as_bytes().to_vec(),
        (None, Some(body)) => BASE64_STANDARD.decode(body.as_str()?).ok()?,
        (None, None) => Vec::new(),
    };
    Some(Arrived {
        status: u16::try_from(json.get("status")?.as_i64()?).ok()?,
        headers: json.get("headers").map(pairs).unwrap_or_default(),
        body,
    })
}

/// `[[name, value], …]`
fn pairs(json: &Json) -> Vec<(String, String)> {
    let items = json.as_array().unwrap_or_default().iter();
    let pair = |item: &Json| match item.as_array()? {
        [name, value] => Some((name.as_str()?.to_owned(), value.as_str()?.to_owned())),
        _ => None,
    };
    items.filter_map(pair).collect()
}

fn archive(log: &Json, entries: &[Json]) -> Opened {
    let mut notes = Vec::new();
    let found = readable(entries, archived, &mut notes);
    let creator = log.get("creator");
    let by = creator
        .and_then(|creator| text(creator, "name"))
        .unwrap_or_else(|| "a program".to_owned());
    Opened {
        title: format!("an HTTP archive of {by}, {}", calls(found.len())),
        masked: None,
        calls: found,
        schemas: Vec::new(),
        notes,
    }
}

fn archived(json: &Json) -> Option<OpenedCall> {
    let request = json.get("request")?;
    let url = text(request, "url")?;
    let headers = named(request.get("headers"));
    let post = request.get("postData");
    let body = post
        .and_then(|post| text(post, "text"))
        .filter(|body| !body.is_empty());
    // Some programs write a form's pairs alone.
    let params = || Args(named(post.and_then(|post| post.get("params")))).to_form();
    let sent = Sent {
        method: text(request, "method").unwrap_or_else(|| "GET".to_owned()),
        body: body.unwrap_or_else(params),
        url,
        headers,
    };
    let started = text(json, "startedDateTime").and_then(|text| text.parse().ok());
    let elapsed = millis(json.get("time")).unwrap_or_default();
    Some(OpenedCall {
        id: None,
        environment: String::new(),
        class: None,
        client: None,
        started: started.unwrap_or(Timestamp::UNIX_EPOCH),
        elapsed,
        timing: timing(json),
        request: capture_call(&sent),
        outcome: archived_outcome(json.get("response")),
        sent,
    })
}

fn archived_outcome(response: Option<&Json>) -> Outcome {
    let status = response.and_then(|response| response.get("status")?.as_i64());
    let status = status
        .and_then(|status| u16::try_from(status).ok())
        .unwrap_or(0);
    let (Some(response), 1..) = (response, status) else {
        let said = response.and_then(|response| text(response, "_error"));
        return Outcome::Failed(TransportError {
            stage: Stage::Wait,
            message: said.unwrap_or_else(|| "the archive has no answer".to_owned()),
            may_have_happened: true,
            arrived: None,
        });
    };
    let content = response.get("content");
    let said = content
        .and_then(|content| text(content, "text"))
        .unwrap_or_default();
    let encoding = content.and_then(|content| text(content, "encoding"));
    let body = match encoding.as_deref() {
        Some("base64") => BASE64_STANDARD
            .decode(said.trim())
            .unwrap_or_else(|_| said.into_bytes()),
        _ => said.into_bytes(),
    };
    let mut headers = named(response.get("headers"));
    if header(&headers, "content-type").is_none()
        && let Some(mime) = content.and_then(|content| text(content, "mimeType"))
    {
        headers.push(("content-type".to_owned(), mime));
    }
    Outcome::Answered(Answered::read(status, headers, body))
}

/// `[{"name": …, "value": …}, …]`
fn named(json: Option<&Json>) -> Vec<(String, String)> {
    let items = json.and_then(Json::as_array).unwrap_or_default().iter();
    items
        .filter_map(|item| Some((text(item, "name")?, text(item, "value").unwrap_or_default())))
        .collect()
}

/// The operation that a request calls, if its path is one of the Capture API's.
fn capture_call(sent: &Sent) -> Option<ApiRequest> {
    let path = sent
        .url
        .split_once("//")
        .map_or(sent.url.as_str(), |(_, rest)| rest);
    let path = path.find('/').map_or("", |at| &path[at..]);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let endpoint = Endpoint::from_path(path.split('#').next().unwrap_or_default())?;
    let mut args = Args::from_form(query.split('#').next().unwrap_or_default().as_bytes());
    args.0.extend(Args::from_form(sent.body.as_bytes()).0);
    args.0
        .retain(|(name, _)| !CREDENTIAL_ARGS.contains(&name.as_str()));
    Some(ApiRequest {
        args,
        ..ApiRequest::new(endpoint)
    })
}

/// Milliseconds, with fractions or without; -1 is not known.
fn millis(json: Option<&Json>) -> Option<Duration> {
    let Some(Json::Number(number)) = json else {
        return None;
    };
    let millis: f64 = number.as_str().parse().ok()?;
    Duration::try_from_secs_f64(millis / 1000.0).ok()
}

/// The phases one after the other, since an archive only tells how long each took.
fn timing(json: &Json) -> Timing {
    let told = |name| millis(json.get("timings").and_then(|timings| timings.get(name)));
    let ssl = told("ssl");
    let connect = told("connect").map(|connect| connect.saturating_sub(ssl.unwrap_or_default()));
    let mut at = told("blocked").unwrap_or_default();
    let mut spans = Vec::new();
    let wait = told("wait").map(|wait| wait + told("send").unwrap_or_default());
    for (phase, length) in [
        (Phase::Resolve, told("dns")),
        (Phase::Connect, connect),
        (Phase::Tls, ssl),
        (Phase::Wait, wait),
        (Phase::Read, told("receive")),
    ] {
        if let Some(length) = length {
            spans.push(Span {
                phase,
                from: at,
                until: at.saturating_add(length),
            });
            at = at.saturating_add(length);
        }
    }
    let version = json
        .get("response")
        .and_then(|response| text(response, "httpVersion"));
    Timing {
        spans,
        version: version.filter(|version| !version.is_empty()),
        ..Timing::default()
    }
}
