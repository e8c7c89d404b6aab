//! What was sent, what came back, and how long it took.
//!
//! An exchange is never an error: a call that could not be made is a kind of exchange, and is kept like any other.
//! Nothing in an exchange holds a secret: what was sent is recorded as [`crate::capture::request::Wire::redacted`]
//! gives it.

pub mod comparison;
pub mod replay;
pub mod timing;
pub mod veiled;

use std::time::Duration;

use jiff::Timestamp;

use crate::capture::auth::Credentials;
use crate::capture::endpoint::Effect;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::explain;
use crate::capture::request::ApiRequest;
use crate::capture::request::Wire;
use crate::capture::response::Answer;
use crate::capture::response::NotCapture;
use crate::exchange::timing::Timing;
use crate::failure::Failure;
use crate::failure::FailureKind;

/// The place of an exchange in the history, counted from 1 in the order of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExchangeId(pub i64);

/// One call, from request to outcome.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Its place in the history; `None` when history is off or could not be written.
    pub id: Option<ExchangeId>,
    /// The environment it was sent to.
    pub environment: String,
    /// The operation with its arguments, credentials apart.
    pub request: ApiRequest,
    /// The bytes on the wire, secrets masked.
    pub sent: Sent,
    /// When sending began.
    pub started: Timestamp,
    /// From the first attempt to connect to the last byte read, by a monotonic clock.
    pub elapsed: Duration,
    /// Where that time went, as far as it was seen.
    pub timing: Timing,
    /// What came of it.
    pub outcome: Outcome,
}

/// The HTTP request as it was written, secrets masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// `POST` or `GET`.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Names and values in order.
    pub headers: Vec<(String, String)>,
    /// The form body.
    pub body: String,
}

/// Who sends, and where to: with a call, it makes the HTTP request.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Scheme, host and perhaps port: `https://my-app.janraincapture.com`.
    pub domain: String,
    /// The headers that are the same for every call, in the order in which they are sent.
    pub headers: Vec<(String, String)>,
    /// Who calls.
    pub credentials: Option<Credentials>,
}

impl Sender {
    /// The same sender without its secret: for showing what is going to be sent.
    #[must_use]
    pub fn masked(&self) -> Self {
        Self {
            credentials: self.credentials.as_ref().map(Credentials::masked),
            ..self.clone()
        }
    }

    /// The HTTP request for a call at `now`, which only a signed one contains.
    pub fn wire(&self, request: &ApiRequest, now: Timestamp) -> Wire {
        Wire::new(request, self.credentials.as_ref(), now)
    }

    /// Every header of a request, in order.
    pub fn all_headers(&self, wire: &Wire) -> Vec<(String, String)> {
        let length = ("Content-Length".to_owned(), wire.body.len().to_string());
        let own = self.headers.iter().cloned();
        own.chain([length])
            .chain(wire.headers.iter().cloned())
            .collect()
    }

    /// The request without headers and body: for a call that is neither shown nor kept.
    pub fn outline(&self, wire: &Wire) -> Sent {
        Sent {
            method: wire.method.to_owned(),
            url: format!("{}{}", self.domain, wire.path),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// The request as it is shown and kept: every header as it is sent, secrets masked.
    pub fn describe(&self, wire: &Wire) -> Sent {
        let masked = Wire {
            headers: self.all_headers(wire),
            ..wire.clone()
        }
        .redacted();
        Sent {
            method: masked.method.to_owned(),
            url: format!("{}{}", self.domain, masked.path),
            headers: masked.headers,
            body: masked.body,
        }
    }
}

/// What came of a call.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A whole HTTP answer was read.
    Answered(Answered),
    /// No whole answer arrived.
    Failed(TransportError),
}

/// An HTTP answer and what it says.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The HTTP status: secondary, see [`Answered::answer`].
    pub status: u16,
    /// Names and values in order.
    pub headers: Vec<(String, String)>,
    /// The body after content decoding, exactly as received.
    pub body: Vec<u8>,
    /// What the body says. Success and failure come from here.
    pub answer: Answer,
    /// The verdict when the body was whole, of an answer that was kept without all of it.
    pub judged: Option<Verdict>,
}

/// Why no whole answer arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportError {
    /// How far the call came.
    pub stage: Stage,
    /// What happened, in a sentence without secrets.
    pub message: String,
    /// Whether the service may have changed something: true for a write once a byte of the request may have left,
    /// never true for a read.
    pub may_have_happened: bool,
    /// What came of an answer that broke off.
    pub arrived: Option<Box<Arrived>>,
}

/// The part of an HTTP answer that came before it broke off. Never read as if it were whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The HTTP status.
    pub status: u16,
    /// Names and values in order.
    pub headers: Vec<(String, String)>,
    /// The body after content decoding, as far as it came.
    pub body: Vec<u8>,
}

/// How far a call came before it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The address was not found, the connection or TLS failed.
    Connect,
    /// The request was being sent or the answer awaited.
    Wait,
    /// The answer broke off.
    Read,
    /// The user cancelled.
    Cancelled,
    /// The call could not be formed.
    Prepare,
}

/// The verdict on an exchange, for badges, history and exit codes alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// `stat` is `ok`.
    Ok,
    /// The service answered an error: it did not do what was asked.
    Error,
    /// An answer that is not a Capture answer.
    NotCapture,
    /// No answer, and the call certainly changed nothing.
    NotSent,
    /// The call may have been carried out: no answer, or one that does not say how far the service came.
    Unknown,
}

impl Exchange {
    /// The verdict, taken from `stat` and `code`, never from the HTTP status while there are these.
    pub fn verdict(&self) -> Verdict {
        match &self.outcome {
            Outcome::Answered(Answered {
                judged: Some(judged),
                ..
            }) => *judged,
            Outcome::Answered(answered) => {
                let kind = self.failure().map(|failure| failure.kind);
                match answered.answer {
                    Answer::Ok(_) => Verdict::Ok,
                    _ if kind == Some(FailureKind::UnknownOutcome) => Verdict::Unknown,
                    Answer::Error(_) => Verdict::Error,
                    Answer::NotCapture(_) => Verdict::NotCapture,
                }
            }
            Outcome::Failed(error) if error.may_have_happened => Verdict::Unknown,
            Outcome::Failed(_) => Verdict::NotSent,
        }
    }

    /// The answer, when one was read.
    pub fn answer(&self) -> Option<&Answer> {
        match &self.outcome {
            Outcome::Answered(answered) => Some(&answered.answer),
            Outcome::Failed(_) => None,
        }
    }

    /// The body that came back, whole or not; empty when none did.
    pub fn body(&self) -> &[u8] {
        match &self.outcome {
            Outcome::Answered(answered) => &answered.body,
            Outcome::Failed(error) => error
                .arrived
                .as_ref()
                .map_or(&[], |arrived| arrived.body.as_slice()),
        }
    }

    /// The head of the answer that came back, whole or not: its HTTP status and its headers.
    pub fn head(&self) -> Option<(u16, &[(String, String)])> {
        match &self.outcome {
            Outcome::Answered(answered) => Some((answered.status, &answered.headers)),
            Outcome::Failed(error) => {
                let arrived = error.arrived.as_ref()?;
                Some((arrived.status, &arrived.headers))
            }
        }
    }

    /// What to tell a person when the call did not succeed: the one place where codes become kinds of failure.
    pub fn failure(&self) -> Option<Failure> {
        match &self.outcome {
            Outcome::Answered(answered) => {
                let writes = self.request.endpoint.spec().effect != Effect::Read;
                match &answered.answer {
                    Answer::Ok(_) => None,
                    Answer::Error(error) => Some(api_failure(error, writes)),
                    Answer::NotCapture(other) => Some(not_capture_failure(answered, other, writes)),
                }
            }
            Outcome::Failed(error) => Some(transport_failure(error)),
        }
    }
}

impl Answered {
    /// Takes an HTTP answer and reads what its body says. A redirect is an answer of its own: it is never followed.
    pub fn read(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        let answer = match header(&headers, "location") {
            Some(location) if (300..400).contains(&status) => Answer::NotCapture(NotCapture {
                reason: format!(
                    "HTTP {status}: a redirect to {}, which is not followed.",
                    without_credentials(location)
                ),
            }),
            _ => Answer::read(status, header(&headers, "content-type"), &body),
        };
        Self {
            status,
            headers,
            body,
            answer,
            judged: None,
        }
    }

    /// The same for a page of records that is passed on as it came: of an answer that is ok, `results` is not read. Whoever
    /// asked finds them in the body, which is well-formed JSON.
    pub fn outline(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        match Answer::outline(&body) {
            Some(answer) => Self {
                status,
                headers,
                body,
                answer,
                judged: None,
            },
            None => Self::read(status, headers, body),
        }
    }

    /// The value of a header, whose name may be in any case.
    pub fn header(&self, wanted: &str) -> Option<&str> {
        header(&self.headers, wanted)
    }
}

fn header<'a>(headers: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.as_str())
}

/// A URL without user-info, query and fragment: the parts that may hold a secret.
fn without_credentials(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("//") else {
        return url.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}//{host}{path}")
}

fn kind_of(code: ErrorCode) -> FailureKind {
    match code {
        ErrorCode::UNKNOWN_ENTITY_TYPE | ErrorCode::RECORD_NOT_FOUND | ErrorCode::NOT_FOUND => {
            FailureKind::NotFound
        }
        ErrorCode::UNIQUE_VIOLATION | ErrorCode::TIMESTAMP_MISMATCH => FailureKind::Conflict,
        ErrorCode::INVALID_AUTH_METHOD
        | ErrorCode::INVALID_CREDENTIALS
        | ErrorCode::NO_PASSWORD
        | ErrorCode::NO_SUCH_ACCOUNT
        | ErrorCode::PASSWORD_INCORRECT
        | ErrorCode::INVALID_CLIENT_CREDENTIALS
        | ErrorCode::CLIENT_PERMISSION_ERROR
        | ErrorCode::NO_ACCESS_GRANT
        | ErrorCode::ACCESS_TOKEN_EXPIRED
        | ErrorCode::AUTHORIZATION_CODE_EXPIRED
        | ErrorCode::VERIFICATION_CODE_EXPIRED
        | ErrorCode::CREATION_TOKEN_EXPIRED
        | ErrorCode::MALFORMED_CREDENTIALS => FailureKind::Denied,
        _ => FailureKind::Service,
    }
}

/// The service's own words as the message, the catalogue's meaning as the cause, its remedies as hints.
fn api_failure(error: &ApiError, writes: bool) -> Failure {
    let message = format!("error {} {}", error.code, explain::word(error));
    let mut message = message.trim_end().to_owned();
    if !error.description.is_empty() {
        message = format!("{message}: {}", error.description);
    }
    if let Some(id) = &error.request_id {
        message = format!("{message} (request {id})");
    }
    // An internal error or a timeout says nothing of what was done before it.
    if writes && matches!(error.code, ErrorCode::UNEXPECTED_ERROR | ErrorCode::TIMEOUT) {
        return Failure::new(FailureKind::UnknownOutcome, message)
            .because("the service gave up on the call, which it may have carried out")
            .hint(LOOK_FIRST);
    }
    let failure = Failure::new(kind_of(error.code), message);
    match error.code.info() {
        Some(info) => Failure {
            hints: info
                .remedy
                .iter()
                .filter(|hint| fits(hint, error))
                .map(|hint| (*hint).to_owned())
                .collect(),
            ..failure.because(info.meaning)
        },
        None => failure,
    }
}

/// Whether a remedy is for this error: one that speaks of the value of a key is for that argument alone.
fn fits(remedy: &str, error: &ApiError) -> bool {
    error.code != ErrorCode::INVALID_ARGUMENT
        || !remedy.starts_with("In `key_value`")
        || matches!(error.argument_name(), None | Some("key_value"))
}

/// What to do about a write whose outcome is not known.
const LOOK_FIRST: &str =
    "look whether it was before you send it again: nothing is repeated by itself";

/// Somebody else answered. Unless that is a refusal, it does not say how far the service came, so a write may have been
/// carried out.
fn not_capture_failure(answered: &Answered, other: &NotCapture, writes: bool) -> Failure {
    let message = format!("not an answer of the Capture API: {}", other.reason);
    let (meaning, remedy) = explain::status(answered.status);
    if writes && explain::leaves_open(answered.status) {
        return Failure::new(FailureKind::UnknownOutcome, message)
            .because(format!(
                "{meaning}: the service may have carried the call out"
            ))
            .hint(LOOK_FIRST);
    }
    let failure = Failure::new(FailureKind::Service, message).because(meaning);
    let failure = match answered.header("retry-after") {
        Some(when) => failure.hint(format!("the answer asks to wait: Retry-After: {when}")),
        None => failure,
    };
    failure.hint(remedy)
}

fn transport_failure(error: &TransportError) -> Failure {
    let kind = match (error.stage, error.may_have_happened) {
        (_, true) => FailureKind::UnknownOutcome,
        (Stage::Cancelled, false) => FailureKind::Interrupted,
        (Stage::Prepare, false) => FailureKind::Usage,
        (Stage::Connect | Stage::Wait | Stage::Read, false) => FailureKind::NotSent,
    };
    let failure = Failure::new(kind, error.message.clone());
    match error.stage {
        _ if error.may_have_happened => failure
            .because("the request had left, so the service may have carried it out")
            .hint(LOOK_FIRST),
        Stage::Connect => failure
            .because("nothing was sent")
            .hint("check the environment's domain and your network"),
        Stage::Wait | Stage::Read => failure
            .because("no whole answer came; the call only reads, so nothing was changed")
            .hint("try again"),
        Stage::Cancelled | Stage::Prepare => failure.because("nothing was changed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::endpoint::Endpoint;

    fn exchange(outcome: Outcome) -> Exchange {
        Exchange {
            id: None,
            environment: "test".to_owned(),
            request: ApiRequest::new(Endpoint::EntityCreate),
            sent: Sent {
                method: "POST".to_owned(),
                url: "http://127.0.0.1/entity.create".to_owned(),
                headers: Vec::new(),
                body: String::new(),
            },
            started: Timestamp::UNIX_EPOCH,
            elapsed: Duration::ZERO,
            timing: Timing::default(),
            outcome,
        }
    }

    fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        exchange(Outcome::Answered(Answered::read(
            status,
            headers.collect(),
            body.into(),
        )))
    }

    #[test]
    fn codes_become_kinds_whatever_the_http_status() {
        for (code, kind) in [
            (100, FailureKind::Service),
            (205, FailureKind::Denied),
            (222, FailureKind::NotFound),
            (232, FailureKind::Service),
            (310, FailureKind::NotFound),
            (330, FailureKind::Conflict),
            (361, FailureKind::Conflict),
            (402, FailureKind::Denied),
            (403, FailureKind::Denied),
            (404, FailureKind::NotFound),
            (414, FailureKind::Denied),
            (510, FailureKind::Service),
            (999, FailureKind::Service),
        ] {
            for status in [200, 400, 510] {
                let body = format!(
                    r#"{{"stat":"error","code":{code},"error":"x","error_description":"y"}}"#
                );
                let failure = answered(status, &[], &body).failure().expect("an error");
                assert_eq!(failure.kind, kind, "{code}");
                assert!(
                    failure.message.starts_with(&format!("error {code} x: y")),
                    "{}",
                    failure.message
                );
                assert_eq!(failure.cause.is_some(), code != 999);
            }
        }
        assert_eq!(answered(500, &[], r#"{"stat":"ok"}"#).failure(), None);
    }

    #[test]
    fn an_answer_of_somebody_else_leaves_a_write_unknown_unless_it_refuses() {
        let kind = |endpoint, status| {
            let mut exchange = answered(status, &[], "<html>");
            exchange.request.endpoint = endpoint;
            let unknown = exchange.verdict() == Verdict::Unknown;
            let kind = exchange.failure().expect("not an answer").kind;
            assert_eq!(unknown, kind == FailureKind::UnknownOutcome, "{status}");
            kind
        };
        for status in [200, 204, 500, 502, 503, 504] {
            assert_eq!(
                kind(Endpoint::EntityCreate, status),
                FailureKind::UnknownOutcome
            );
            assert_eq!(kind(Endpoint::EntityFind, status), FailureKind::Service);
        }
        for status in [307, 401, 404, 413, 429, 510] {
            assert_eq!(kind(Endpoint::EntityCreate, status), FailureKind::Service);
        }
    }

    #[test]
    fn a_service_that_gives_up_leaves_a_write_unknown() {
        for (code, unknown) in [(500, true), (504, true), (510, false), (330, false)] {
            let body = format!(r#"{{"stat":"error","code":{code},"error":"x"}}"#);
            for status in [200, 504] {
                let mut exchange = answered(status, &[], &body);
                let is_unknown = exchange.verdict() == Verdict::Unknown;
                assert_eq!(is_unknown, unknown, "{code}");
                let kind = exchange.failure().expect("an error").kind;
                assert_eq!(kind.exit_code() == 75, unknown, "{code}");
                exchange.request.endpoint = Endpoint::EntityFind;
                assert_eq!(exchange.verdict(), Verdict::Error, "{code}");
            }
        }
    }

    #[test]
    fn a_redirect_is_named_without_its_secrets() {
        let location = "https://id:s3cret@other.example/entity.create?client_secret=s3cret#s3cret";
        let failure = answered(307, &[("Location", location)], r#"{"stat":"ok"}"#).failure();
        let message = failure.expect("not an answer").message;
        assert!(
            message.contains("https://other.example/entity.create"),
            "{message}"
        );
        assert!(!message.contains("s3cret"), "{message}");
    }

    #[test]
    fn what_is_not_known_to_have_failed_has_its_own_exit_code() {
        for (stage, may_have_happened, code) in [
            (Stage::Prepare, false, 2),
            (Stage::Connect, false, 6),
            (Stage::Wait, false, 6),
            (Stage::Wait, true, 75),
            (Stage::Read, true, 75),
            (Stage::Cancelled, false, 130),
            (Stage::Cancelled, true, 75),
        ] {
            let exchange = exchange(Outcome::Failed(TransportError {
                stage,
                message: "m".to_owned(),
                may_have_happened,
                arrived: None,
            }));
            let failure = exchange.failure().expect("failed");
            assert_eq!(
                failure.kind.exit_code(),
                code,
                "{stage:?} {may_have_happened}"
            );
        }
    }
}
