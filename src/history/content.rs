//! What an exchange consisted of, as bytes: one line of JSON with the request and all of the answer but its body, then
//! the body. One piece and not two, because an answer repeats much of its request and both shrink together.

use std::io;
use std::io::Read;
use std::io::Write;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::request::Args;
use crate::capture::response::Answer;
use crate::capture::response::NotCapture;
use crate::exchange::Answered;
use crate::exchange::Arrived;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Sent;
use crate::exchange::Stage;
use crate::exchange::TransportError;
use crate::exchange::Verdict;
use crate::exchange::replay::cut_mark;
use crate::exchange::timing::Timing;
use crate::history::words::Gathered;
use crate::history::words::beginning;
use crate::history::words::readable;

/// Shorter contents are kept as they are: they would hardly shrink.
const SMALL: usize = 200;

/// Higher levels win little on records and cost several times as much.
const LEVEL: u32 = 4;

/// No content is longer; a damaged one could claim to be.
const LONGEST: u64 = 1 << 30;

/// What an exchange consisted of, masked.
pub(super) struct Content {
    pub(super) args: Args,
    sent: Sent,
    timing: Timing,
    /// What came back, whole or not.
    came: Option<Came>,
    /// Why no whole answer came; without what arrived.
    failure: Option<TransportError>,
}

/// What came back.
struct Came {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// The body's length before it was cut.
    length: usize,
}

/// A content as it is stored.
pub(super) struct Packed {
    /// Whether the bytes are compressed.
    pub(super) deflated: bool,
    pub(super) bytes: Vec<u8>,
}

impl Content {
    /// What is kept of an exchange. Of a request's and an answer's body at most `max_body` bytes.
    pub(super) fn of(exchange: &Exchange, max_body: usize) -> Self {
        let request = &exchange.request;
        let whole = redact::args(request);
        let args = whole
            .iter()
            .map(|(name, value)| (name, cut_text(value, max_body)));
        let body = redact::form(&exchange.sent.body, &request.secret_names);
        Self {
            sent: Sent {
                headers: lasting(&exchange.sent.headers),
                body: cut_text(&body, max_body),
                ..exchange.sent.clone()
            },
            args: Args::from_pairs(args),
            timing: exchange.timing.clone(),
            came: exchange.head().map(|(status, headers)| {
                let mut body = redact::body_read(request, exchange.body(), exchange.answer());
                let length = body.len();
                body.truncate(max_body);
                Came {
                    status,
                    headers: lasting(headers),
                    body,
                    length,
                }
            }),
            failure: match &exchange.outcome {
                Outcome::Answered(_) => None,
                Outcome::Failed(error) => Some(TransportError {
                    arrived: None,
                    ..error.clone()
                }),
            },
        }
    }

    /// From the parts that the first version kept apart; `None` when they are damaged.
    pub(super) fn from_parts(
        args: &str,
        sent: &str,
        outcome: &str,
        body: Option<Vec<u8>>,
        length: Option<i64>,
    ) -> Option<Self> {
        let args = Args::from_pairs(pairs_from_json(&Json::parse(args).ok()?)?);
        let sent = sent_from_json(&Json::parse(sent).ok()?, &args)?;
        let length = usize::try_from(length.unwrap_or_default()).ok()?;
        let outcome = Json::parse(outcome).ok()?;
        Self::with_outcome(args, sent, &outcome, body.unwrap_or_default(), length)
    }

    /// As it is stored.
    pub(super) fn pack(&self) -> Packed {
        let head: Json = [
            ("args", pairs_to_json(self.args.iter())),
            ("sent", sent_to_json(&self.sent, &self.args)),
            ("outcome", self.outcome_to_json()),
        ]
        .into_iter()
        .collect();
        let mut bytes = head.to_string().into_bytes();
        bytes.push(b'\n');
        bytes.extend_from_slice(self.came.as_ref().map_or(&[], |came| &came.body));
        match deflate(&bytes) {
            Ok(shrunk) if bytes.len() > SMALL && shrunk.len() < bytes.len() => Packed {
                deflated: true,
                bytes: shrunk,
            },
            _ => Packed {
                deflated: false,
                bytes,
            },
        }
    }

    /// From what is stored; `None` when it is damaged.
    pub(super) fn unpack(packed: Packed) -> Option<Self> {
        let mut bytes = if packed.deflated {
            inflate(&packed.bytes).ok()?
        } else {
            packed.bytes
        };
        let end = memchr::memchr(b'\n', &bytes)?;
        let body = bytes.split_off(end + 1);
        let head = Json::parse(std::str::from_utf8(&bytes).ok()?).ok()?;
        let args = Args::from_pairs(pairs_from_json(head.get("args")?)?);
        let outcome = head.get("outcome")?;
        let length = match outcome.get("length") {
            Some(length) => usize::try_from(length.as_i64()?).ok()?,
            None => body.len(),
        };
        let sent = sent_from_json(head.get("sent")?, &args)?;
        Self::with_outcome(args, sent, outcome, body, length)
    }

    /// The outcome without the answer's body.
    fn outcome_to_json(&self) -> Json {
        let mut members = Vec::new();
        if let Some(error) = &self.failure {
            members.extend([
                ("stage", Json::from(stage_word(error.stage))),
                ("message", Json::from(error.message.as_str())),
                ("may_have_happened", Json::from(error.may_have_happened)),
            ]);
        }
        if let Some(came) = &self.came {
            members.extend([
                ("status", Json::from(i64::from(came.status))),
                ("headers", headers_to_json(&came.headers)),
            ]);
            if came.length != came.body.len() {
                members.push(("length", Json::from(came.length as i64)));
            }
        }
        members.push(("timing", self.timing.to_json()));
        members.into_iter().collect()
    }

    fn with_outcome(
        args: Args,
        sent: Sent,
        outcome: &Json,
        body: Vec<u8>,
        length: usize,
    ) -> Option<Self> {
        let failure = match outcome.get("stage") {
            None => None,
            Some(stage) => Some(TransportError {
                stage: stage_from_word(stage.as_str()?)?,
                message: outcome.get("message")?.as_str()?.to_owned(),
                may_have_happened: outcome.get("may_have_happened")?.as_bool()?,
                arrived: None,
            }),
        };
        // The first version put what came before it broke off one level deeper.
        let head = match outcome.get("arrived") {
            Some(arrived) => arrived,
            None => outcome,
        };
        let came = match head.get("status") {
            None => None,
            Some(status) => Some(Came {
                status: u16::try_from(status.as_i64()?).ok()?,
                headers: pairs_from_json(head.get("headers")?)?,
                length: length.max(body.len()),
                body,
            }),
        };
        let timing = outcome.get("timing").map(Timing::from_json);
        (came.is_some() || failure.is_some()).then(|| Self {
            args,
            sent,
            timing: timing.unwrap_or_default(),
            came,
            failure,
        })
    }

    /// The arguments, what was sent and what came of it, as an exchange has them. `judged` is the verdict from when
    /// everything was there.
    pub(super) fn into_parts(self, judged: Verdict) -> Option<(Args, Sent, Timing, Outcome)> {
        let outcome = match (self.failure, self.came) {
            (Some(error), came) => Outcome::Failed(TransportError {
                arrived: came.map(|came| {
                    Box::new(Arrived {
                        status: came.status,
                        headers: came.headers,
                        body: came.body,
                    })
                }),
                ..error
            }),
            (None, came) => Outcome::Answered(came?.read(judged)),
        };
        Some((self.args, self.sent, self.timing, outcome))
    }

    /// The HTTP status of what came back.
    pub(super) fn status(&self) -> Option<u16> {
        Some(self.came.as_ref()?.status)
    }

    /// What a whole answer says.
    pub(super) fn answer(&self) -> Option<Answer> {
        let came = self.came.as_ref().filter(|_| self.failure.is_none())?;
        Some(Answer::read(came.status, None, &came.body))
    }

    /// The service's name for the call, if the answer is an error that tells it.
    pub(super) fn request_id(&self) -> Option<String> {
        match self.answer()? {
            Answer::Error(error) => error.request_id,
            Answer::Ok(_) | Answer::NotCapture(_) => None,
        }
    }

    /// Gives every text in which a search looks: arguments, what came back, and why no more did.
    pub(super) fn each_text(&self, mut each: impl FnMut(&str)) {
        for (name, value) in self.args.iter() {
            each(name);
            each(&readable(value));
        }
        if let Some(error) = &self.failure {
            each(&error.message);
        }
        if let Some(came) = &self.came {
            for (name, value) in &came.headers {
                each(name);
                each(value);
            }
            each(&readable(&String::from_utf8_lossy(&came.body)));
        }
    }

    /// The words of all these texts, for the index.
    pub(super) fn words(&self) -> Gathered {
        let mut all = String::new();
        self.each_text(|text| all.extend([text, "\n"]));
        let mut gathered = Gathered::default();
        gathered.add(&all);
        gathered
    }

    /// Whether one of these texts contains `text`, which is in small letters, whatever the case there.
    pub(super) fn contains(&self, text: &str) -> bool {
        let mut found = false;
        self.each_text(|own| found = found || own.to_lowercase().contains(text));
        found
    }
}

impl Came {
    /// The answer; of one that was cut, nothing is known of what it said but its verdict.
    fn read(self, judged: Verdict) -> Answered {
        let (status, kept, length) = (self.status, self.body.len(), self.length);
        let mut answered = Answered::read(status, self.headers, self.body);
        if kept < length {
            answered.judged = Some(judged);
            answered.answer = Answer::NotCapture(NotCapture {
                reason: format!(
                    "HTTP {status}: the history kept the first {kept} of {length} bytes."
                ),
            });
        }
        answered
    }
}

/// `text`, or its first `limit` bytes with a mark that says how long it was.
pub(super) fn cut_text(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    beginning(text, limit).to_owned() + &cut_mark(text.len())
}

/// Headers, without what a server wants to be remembered by.
fn lasting(headers: &[(String, String)]) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("set-cookie"))
        .cloned()
        .collect()
}

fn deflate(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(LEVEL));
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn inflate(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut whole = Vec::with_capacity(bytes.len() * 4);
    DeflateDecoder::new(bytes)
        .take(LONGEST)
        .read_to_end(&mut whole)?;
    Ok(whole)
}

/// Without the body when it is what the arguments give: it nearly always is.
fn sent_to_json(sent: &Sent, args: &Args) -> Json {
    let mut members = vec![
        ("method", Json::from(sent.method.as_str())),
        ("url", Json::from(sent.url.as_str())),
        ("headers", headers_to_json(&sent.headers)),
    ];
    if sent.body != args.to_form() {
        members.push(("body", Json::from(sent.body.as_str())));
    }
    members.into_iter().collect()
}

fn sent_from_json(json: &Json, args: &Args) -> Option<Sent> {
    let text = |key: &str| Some(json.get(key)?.as_str()?.to_owned());
    Some(Sent {
        method: text("method")?,
        url: text("url")?,
        headers: pairs_from_json(json.get("headers")?)?,
        body: match json.get("body") {
            Some(body) => body.as_str()?.to_owned(),
            None => args.to_form(),
        },
    })
}

fn headers_to_json(headers: &[(String, String)]) -> Json {
    let headers = headers.iter();
    pairs_to_json(headers.map(|(name, value)| (name.as_str(), value.as_str())))
}

fn pairs_to_json<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Json {
    let pair = |(name, value)| Json::Array(vec![Json::from(name), Json::from(value)]);
    Json::Array(pairs.map(pair).collect())
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

const STAGES: [(Stage, &str); 5] = [
    (Stage::Connect, "connect"),
    (Stage::Wait, "wait"),
    (Stage::Read, "read"),
    (Stage::Cancelled, "cancelled"),
    (Stage::Prepare, "prepare"),
];

fn stage_word(stage: Stage) -> &'static str {
    let row = STAGES.iter().find(|(known, _)| *known == stage);
    row.map_or("wait", |(_, word)| word)
}

fn stage_from_word(word: &str) -> Option<Stage> {
    let row = STAGES.iter().find(|(_, known)| *known == word)?;
    Some(row.0)
}
