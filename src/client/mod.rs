//! The HTTP client: one call out, one exchange back, never an error.
//!
//! Calls are sent exactly once. Nothing here repeats a request, follows a redirect, keeps a cookie or sends a loopback
//! call through a proxy: the protocol has no way to tell a repeated create from a new one, and request bodies may hold
//! a secret that a second host must not see. Whether a call may have happened is known from one fact: whether its
//! body was handed to an open connection.

mod body;
mod echo;
#[cfg(test)]
pub(crate) mod fake;
mod phases;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use jiff::Timestamp;
use reqwest::Body;
use reqwest::Url;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::capture::auth::Credentials;
use crate::capture::endpoint::Effect;
use crate::capture::request::ApiRequest;
use crate::capture::request::Wire;
use crate::capture::response::Answer;
use crate::client::echo::Echo;
use crate::client::phases::NotedConnecting;
use crate::client::phases::NotedResolver;
use crate::client::phases::Phases;
use crate::config::Timeouts;
use crate::config::environment::is_loopback;
use crate::exchange::Answered;
use crate::exchange::Arrived;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Sender;
use crate::exchange::Stage;
use crate::exchange::TransportError;
use crate::exchange::timing::Timing;

/// An answer longer than this, after decompression, is not read to its end.
pub const MAX_BODY: usize = 256 << 20;

/// Answers longer than this are understood on another thread, since that takes a while.
const LONG_BODY: usize = 1 << 20;

const USER_AGENT: &str = concat!("captui/", env!("CARGO_PKG_VERSION"));

/// Sends calls to one Capture domain.
pub struct Client {
    http: reqwest::Client,
    environment: String,
    host: String,
    sender: Sender,
    timeouts: Timeouts,
    max_body: usize,
    echo: Echo,
}

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The domain is not a URL with a host.
    #[error("`{0}` is not the URL of a Capture domain")]
    Domain(String),
    /// TLS could not be set up, for instance because the system's certificates cannot be read.
    #[error("TLS could not be set up: {0}")]
    Tls(String),
}

impl Client {
    /// A client for `domain`, as in [`crate::config::environment::Target::Remote`]. Costs milliseconds for `https`,
    /// since it reads the system's certificates; next to nothing for `http`.
    pub fn new(
        environment: impl Into<String>,
        domain: &str,
        credentials: Option<Credentials>,
        timeouts: Timeouts,
    ) -> Result<Self, ClientError> {
        let url = Url::parse(domain).map_err(|_| ClientError::Domain(domain.to_owned()))?;
        let host = url
            .host_str()
            .ok_or_else(|| ClientError::Domain(domain.to_owned()))?
            .to_owned();
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .dns_resolver(Arc::new(NotedResolver))
            .connector_layer(NotedConnecting)
            .connect_timeout(timeouts.connect);
        if is_loopback(&url) {
            builder = builder.no_proxy();
        }
        builder = if url.scheme() == "http" {
            builder.tls_backend_preconfigured(tls_without_roots()?)
        } else {
            phases::note_tls();
            builder
        };
        let host = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host,
        };
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Ok(Self {
            http: builder
                .build()
                .map_err(|error| ClientError::Tls(root_cause(error)))?,
            environment: environment.into(),
            echo: Echo::of(credentials.as_ref()),
            sender: Sender {
                domain: url.origin().ascii_serialization(),
                headers: vec![
                    own("Host", &host),
                    own("User-Agent", USER_AGENT),
                    own("Accept", "application/json"),
                    own("Accept-Encoding", body::ACCEPTED),
                ],
                credentials,
            },
            host,
            timeouts,
            max_body: MAX_BODY,
        })
    }

    /// Who sends, and where to.
    pub fn sender(&self) -> &Sender {
        &self.sender
    }

    /// Sends `request` once and reads what comes back. `leaving` is called when a connection is open and the request
    /// begins to leave, with what was seen so far. A cancel is heard at any time and drops the connection.
    pub async fn send(
        &self,
        request: &ApiRequest,
        leaving: impl FnOnce(Timing),
        cancel: &CancellationToken,
    ) -> Exchange {
        self.exchange(request, Answered::read, Described::Always, leaving, cancel)
            .await
    }

    /// The same for one of very many calls: what was sent is only described when it did not go well, since masking a long
    /// body takes longer than sending it.
    pub async fn send_in_bulk(
        &self,
        request: &ApiRequest,
        leaving: impl FnOnce(Timing),
        cancel: &CancellationToken,
    ) -> Exchange {
        self.exchange(request, Answered::read, Described::Trouble, leaving, cancel)
            .await
    }

    /// The same, with an answer that is read in outline: see [`Answered::outline`].
    pub async fn send_outline(
        &self,
        request: &ApiRequest,
        leaving: impl FnOnce(Timing),
        cancel: &CancellationToken,
    ) -> Exchange {
        self.exchange(
            request,
            Answered::outline,
            Described::Always,
            leaving,
            cancel,
        )
        .await
    }

    async fn exchange(
        &self,
        request: &ApiRequest,
        read: Reader,
        described: Described,
        leaving: impl FnOnce(Timing),
        cancel: &CancellationToken,
    ) -> Exchange {
        let started = Timestamp::now();
        let phases = Phases::start(self.sender.domain.starts_with("https:"));
        let wire = self.sender.wire(request, started);
        let writes = request.endpoint.spec().effect != Effect::Read;
        // To find the passwords of a long call takes longer than to send it.
        let echo = match described {
            Described::Always => self.echo.and_of(request),
            Described::Trouble => self.echo.clone(),
        };
        let attempt = self.attempt(&wire, &echo, read, &phases, leaving, cancel);
        let outcome = match attempt.await {
            Ok(answered) => Outcome::Answered(answered),
            Err(fault) => Outcome::Failed(TransportError {
                stage: fault.stage,
                message: fault.message,
                may_have_happened: fault.left && writes,
                arrived: fault.arrived,
            }),
        };
        let timing = phases.timing();
        let went_well = match &outcome {
            Outcome::Answered(answered) => matches!(answered.answer, Answer::Ok(_)),
            Outcome::Failed(_) => false,
        };
        let (sent, outcome) = match (described, went_well) {
            (Described::Always, _) => (self.sender.describe(&wire), outcome),
            (Described::Trouble, true) => (self.sender.outline(&wire), outcome),
            (Described::Trouble, false) => {
                let outcome = without_echo(outcome, &self.echo.and_of(request), read);
                (self.sender.describe(&wire), outcome)
            }
        };
        Exchange {
            id: None,
            environment: self.environment.clone(),
            request: request.clone(),
            sent,
            started,
            elapsed: phases.elapsed(),
            timing,
            outcome,
        }
    }

    async fn attempt(
        &self,
        wire: &Wire,
        echo: &Echo,
        read: Reader,
        phases: &Arc<Phases>,
        leaving: impl FnOnce(Timing),
        cancel: &CancellationToken,
    ) -> Result<Answered, Fault> {
        let (body, mut departure) = departing_body(&wire.body, phases);
        let request = self
            .http
            .post(format!("{}{}", self.sender.domain, wire.path))
            .headers(self.headers(wire)?)
            .body(body);
        let deadline = tokio::time::sleep(self.timeouts.total);
        tokio::pin!(deadline);
        let head = phases.of(request.send());
        tokio::pin!(head);
        let mut leaving = Some(leaving);
        // An empty body is never asked for, so nothing tells when it leaves: assume the worst.
        let mut left = wire.body.is_empty();
        let head = loop {
            tokio::select! {
                biased;
                () = cancel.cancelled() => break Err(Fault::new(Stage::Cancelled, "cancelled")),
                () = &mut deadline => {
                    left |= departure.try_recv().is_ok();
                    let stage = if left { Stage::Wait } else { Stage::Connect };
                    break Err(Fault::new(stage, self.too_late()));
                }
                Ok(()) = &mut departure, if leaving.is_some() => {
                    left = true;
                    if let Some(leaving) = leaving.take() {
                        leaving(phases.timing());
                    }
                }
                head = &mut head => break head.map_err(|error| self.fault(error)),
            }
        };
        let stopped = async {
            tokio::select! {
                biased;
                () = cancel.cancelled() => (Stage::Cancelled, "cancelled".to_owned()),
                () = deadline => (Stage::Read, self.too_late()),
            }
        };
        let result = match head {
            // What the clients family answers about secrets is what the user asked for.
            Ok(response) => {
                let reading = Reading {
                    echo,
                    read,
                    secrets_asked_for: wire.path.starts_with("/clients/"),
                };
                self.answer(response, reading, phases, stopped).await
            }
            Err(fault) => Err(fault),
        };
        result.map_err(|fault| Fault {
            left: fault.stage != Stage::Connect && (left || departure.try_recv().is_ok()),
            ..fault
        })
    }

    /// Reads an answer whose head is there, until its end or until `stopped` says why not: what came until then is kept.
    async fn answer(
        &self,
        mut response: reqwest::Response,
        reading: Reading<'_>,
        phases: &Phases,
        stopped: impl Future<Output = (Stage, String)>,
    ) -> Result<Answered, Fault> {
        let Reading {
            echo,
            read,
            secrets_asked_for,
        } = reading;
        phases.head(format!("{:?}", response.version()));
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), echo.mask_text(value))
            })
            .collect();
        let body::Read {
            mut body,
            broke_off,
        } = body::read(&mut response, self.max_body, phases, stopped).await;
        if !secrets_asked_for {
            body = echo.mask(body);
        }
        if let Some((stage, why)) = broke_off {
            return Err(Fault {
                arrived: Some(Box::new(Arrived {
                    status,
                    headers,
                    body,
                })),
                ..Fault::new(stage, why)
            });
        }
        if body.len() <= LONG_BODY {
            return Ok(read(status, headers, body));
        }
        tokio::task::spawn_blocking(move || read(status, headers, body))
            .await
            .map_err(|error| Fault::new(Stage::Read, format!("reading the answer: {error}")))
    }

    fn too_late(&self) -> String {
        format!("no whole answer within {}", in_seconds(self.timeouts.total))
    }

    fn headers(&self, wire: &Wire) -> Result<HeaderMap, Fault> {
        self.sender
            .all_headers(wire)
            .into_iter()
            .map(|(name, value)| {
                let unusable = || {
                    // Not the value: it may be a secret.
                    Fault::new(
                        Stage::Prepare,
                        format!("the value of the header `{name}` cannot be sent over HTTP"),
                    )
                };
                let value = HeaderValue::from_str(&value).map_err(|_| unusable())?;
                let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unusable())?;
                Ok((name, value))
            })
            .collect()
    }

    fn fault(&self, error: reqwest::Error) -> Fault {
        if error.is_builder() {
            return Fault::new(Stage::Prepare, root_cause(error));
        }
        if error.is_connect() {
            let message = format!("no connection to {}: {}", self.host, root_cause(error));
            return Fault::new(Stage::Connect, message);
        }
        Fault::new(Stage::Wait, root_cause(error))
    }
}

/// An outcome without what the service may not hand back.
fn without_echo(outcome: Outcome, echo: &Echo, read: Reader) -> Outcome {
    let masked = |headers: Vec<(String, String)>| {
        let one = |(name, value)| (name, echo.mask_text(value));
        headers.into_iter().map(one).collect()
    };
    match outcome {
        Outcome::Answered(answered) => {
            let headers = masked(answered.headers);
            Outcome::Answered(read(answered.status, headers, echo.mask(answered.body)))
        }
        Outcome::Failed(error) => Outcome::Failed(TransportError {
            arrived: error.arrived.map(|arrived| {
                Box::new(Arrived {
                    status: arrived.status,
                    headers: masked(arrived.headers),
                    body: echo.mask(arrived.body),
                })
            }),
            ..error
        }),
    }
}

/// Makes an answer of an HTTP status, headers and a body.
type Reader = fn(u16, Vec<(String, String)>, Vec<u8>) -> Answered;

/// Of which calls what was sent is described.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Described {
    Always,
    Trouble,
}

/// How an answer is read.
struct Reading<'a> {
    echo: &'a Echo,
    read: Reader,
    secrets_asked_for: bool,
}

/// Why there is no answer, and whether the request may have left.
struct Fault {
    stage: Stage,
    message: String,
    left: bool,
    arrived: Option<Box<Arrived>>,
}

impl Fault {
    fn new(stage: Stage, message: impl Into<String>) -> Self {
        Self {
            stage,
            message: message.into(),
            left: false,
            arrived: None,
        }
    }
}

/// A request body that says when it is taken: the HTTP library asks for it only once a connection is open, and before
/// it writes the first byte.
fn departing_body(text: &str, phases: &Arc<Phases>) -> (Body, oneshot::Receiver<()>) {
    let (departs, departure) = oneshot::channel();
    if text.is_empty() {
        return (Body::from(""), departure);
    }
    let (text, phases) = (text.to_owned(), Arc::clone(phases));
    let body = stream::once(async move {
        phases.leaves(text.len() as u64);
        // Nobody listens any more when the call was cancelled.
        let _ = departs.send(());
        Ok::<_, Infallible>(text)
    });
    (Body::wrap_stream(body), departure)
}

/// A TLS configuration for calls without TLS: the default one would read every certificate of the system first.
fn tls_without_roots() -> Result<rustls::ClientConfig, ClientError> {
    let provider = rustls::crypto::ring::default_provider();
    Ok(rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::Tls(error.to_string()))?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth())
}

/// Why a call failed: the innermost cause, since what lies around it only names the layers. Without the URL, which may
/// hold a secret.
fn root_cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let text = cause.to_string();
    if text.contains("InvalidContentType") {
        return format!("{text} (the other end does not speak TLS: is it an http address?)");
    }
    if text.contains("UnknownIssuer") {
        return format!(
            "{text} (signed by nobody whom this system trusts; on Linux the variable SSL_CERT_FILE names a file of \
             authorities to trust instead)"
        );
    }
    text
}

fn in_seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    format!("{seconds} s")
}
