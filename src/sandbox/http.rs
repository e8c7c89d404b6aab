//! HTTP for the sandbox: connections and their limits, which requests are heard at all, and the bytes of an answer,
//! spoilt where a fault was asked for. The only files that know hyper; what a call means is decided in `pipeline`.
//!
//! ```text
//! accept ─▶ room ─▶ TLS? ≤ 5 s ─▶ header ≤ 5 s ─▶ host, origin, size ─▶ body ≤ 30 s ─▶ answer ≤ 70 s ─▶ fault?
//!       256 connections; one more    ▲                                                 in a blocking      │
//!       and the longest idle goes    │                                       thread, or begun at once     │
//!                                    └───────────────────────── next within 60 s ─────────────────────────┘
//! ```

mod body;
mod connection;
mod hear;
mod refusals;
mod request_line;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::Response;
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::header::CACHE_CONTROL;
use hyper::header::CONNECTION;
use hyper::header::CONTENT_TYPE;
use hyper::header::DATE;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;
use hyper::header::X_CONTENT_TYPE_OPTIONS;
use hyper::http::request::Parts;
use rustix::io::Errno;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio::time::sleep;
use tokio::time::sleep_until;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::request::Call;
use crate::capture::request::HttpParts;
use crate::sandbox::Front;
use crate::sandbox::faults::Fault;
use crate::sandbox::faults::FaultKind;
use crate::sandbox::faults::Injector;
use crate::sandbox::http::body::Outgoing;
use crate::sandbox::http::body::Pace;
use crate::sandbox::http::connection::Clock;
use crate::sandbox::http::connection::Reset;
use crate::sandbox::http::connection::Transport;
use crate::sandbox::http::hear::Own;
use crate::sandbox::http::hear::Refusal;
use crate::sandbox::http::refusals::Refusals;
use crate::sandbox::operations::create::Writing;
use crate::sandbox::pipeline;
use crate::sandbox::pipeline::Begun;
use crate::sandbox::pipeline::Reply;

/// Connections at a time. When one more comes, the one that has been waiting for its client the longest goes.
const CONNECTIONS: usize = 256;
/// From the end of a request to its answer: `entity.find` may be given a minute.
const WORK_TIME: Duration = Duration::from_secs(70);
/// For calls under way when the server is asked to stop.
const STOP_TIME: Duration = Duration::from_secs(5);
/// The largest body of a call that is begun on the server's own thread: some 100 microseconds of work.
const SMALL_BODY: usize = 16 << 10;
/// Between two looks for room, and after a failure to accept.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks for a fault in one call, whatever the rules say; `none` for none. Says in the answer which fault it shows. Our
/// choice.
const FAULT: HeaderName = HeaderName::from_static("x-captui-fault");

/// What answers calls from addresses, or nearly.
pub(crate) trait Answerer: Send + Sync + 'static {
    /// Answers a call. Blocks while it works.
    fn begin(&self, call: &Call, peer: IpAddr) -> Begun;

    /// Begins to answer a small call if nothing has to be waited for; `None` when [`Answerer::begin`] has to. Does not
    /// block.
    fn begin_at_once(&self, call: &Call, peer: IpAddr) -> Option<Writing>;
}

/// Serves until `shutdown`, then lets calls under way finish within five seconds.
pub(crate) async fn serve(
    listener: TcpListener,
    front: Front,
    answerer: Arc<dyn Answerer>,
    injector: Arc<Injector>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    serve_at_most(CONNECTIONS, listener, front, answerer, injector, shutdown).await
}

async fn serve_at_most(
    most: usize,
    listener: TcpListener,
    front: Front,
    answerer: Arc<dyn Answerer>,
    injector: Arc<Injector>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let server = Arc::new(Server {
        answerer,
        injector,
        own: Own::new(listener.local_addr()?.ip(), &front),
        refusals: Refusals::default(),
    });
    let tls = front.tls.map(TlsAcceptor::from);
    let (stop, stopping) = watch::channel(false);
    let mut connections = Connections {
        most,
        tasks: JoinSet::new(),
        clocks: Vec::new(),
    };
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = connections.accept(&listener) => accepted,
        };
        let server = Arc::clone(&server);
        let respond = move |request, transport, clock| {
            Arc::clone(&server).respond(request, transport, peer, clock)
        };
        let watched = Clock::start();
        connections.clocks.push(watched.0.clone());
        let stopping = stopping.clone();
        connections.tasks.spawn(connection::serve(
            stream,
            tls.clone(),
            watched,
            stopping,
            respond,
        ));
    }
    drop(listener);
    stop.send_replace(true);
    let tasks = &mut connections.tasks;
    let finished = async { while tasks.join_next().await.is_some() {} };
    if timeout(STOP_TIME, finished).await.is_err() {
        tasks.shutdown().await;
    }
    Ok(())
}

/// The connections there are. Those that only wait for their clients have to make room for a new one, so that silent
/// clients, however many, keep nobody out.
struct Connections {
    /// How many there may be.
    most: usize,
    tasks: JoinSet<()>,
    clocks: Vec<Clock>,
}

impl Connections {
    /// The next connection, once there is room for it. Failing to accept never ends the server.
    async fn accept(&mut self, listener: &TcpListener) -> (TcpStream, IpAddr) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    self.make_room().await;
                    // An IPv4 caller of a socket for both families looks like IPv6 otherwise.
                    return (stream, peer.ip().to_canonical());
                }
                Err(error) => {
                    let errno = Errno::from_io_error(&error);
                    if matches!(errno, Some(Errno::MFILE | Errno::NFILE)) {
                        self.forget_ended();
                        self.free_one().await;
                    } else {
                        sleep(PAUSE).await;
                    }
                }
            }
        }
    }

    async fn make_room(&mut self) {
        self.forget_ended();
        while self.tasks.len() >= self.most {
            self.free_one().await;
        }
    }

    fn forget_ended(&mut self) {
        while self.tasks.try_join_next().is_some() {}
        self.clocks.retain(|clock| !clock.is_over());
    }

    /// Closes the connection that has been waiting for its client the longest, if one waits. Returns when a connection
    /// ends, and otherwise soon: all may be busy now and one of them idle a moment later.
    async fn free_one(&mut self) {
        let waiting = self.clocks.iter().filter_map(|clock| {
            let since = clock.waiting_since()?;
            Some((since, clock))
        });
        if let Some((_, clock)) = waiting.min_by_key(|(since, _)| *since) {
            clock.leave();
        }
        if self.tasks.is_empty() {
            sleep(PAUSE).await;
        } else {
            let _ = timeout(PAUSE, self.tasks.join_next()).await;
        }
    }
}

struct Server {
    answerer: Arc<dyn Answerer>,
    injector: Arc<Injector>,
    own: Own,
    refusals: Refusals,
}

impl Server {
    async fn respond(
        self: Arc<Self>,
        request: Request<Incoming>,
        transport: Transport,
        peer: IpAddr,
        clock: Clock,
    ) -> Result<Response<Outgoing>, Reset> {
        let (parts, body, fault) = match self.read(request, transport).await {
            Ok(read) => read,
            Err(refusal) => {
                let mut response = whole(refusal.reply().into());
                close(&mut response);
                return Ok(response);
            }
        };
        let time = fault.map_or(Duration::ZERO, |fault| fault.time());
        clock.work(WORK_TIME + time);
        let work = self.work(parts, body, peer);
        match fault {
            None => Ok(whole(work.await)),
            Some(fault) => {
                let mut response = spoil(fault, work).await?;
                let name = HeaderValue::try_from(fault.to_string());
                let name = name.expect("a fault is written in ASCII");
                response.headers_mut().insert(FAULT, name);
                Ok(response)
            }
        }
    }

    /// Reads a request that may be heard, and decides what goes wrong with it.
    async fn read(
        &self,
        request: Request<Incoming>,
        transport: Transport,
    ) -> Result<(Parts, Bytes, Option<Fault>), Refusal> {
        let (parts, body) = request.into_parts();
        if let Err(refusal) = hear::hear(&parts, transport, &self.own) {
            hear::discard(&parts, body);
            return Err(refusal);
        }
        let body = hear::read_body(&parts, body).await?;
        hear::check_arguments(&parts, &body)?;
        // Every call is counted, so that one with a fault of its own does not shift those of the others.
        let ruled = self.injector.next(Endpoint::from_path(parts.uri.path()));
        let fault = fault_of(&parts, ruled)?;
        Ok((parts, body, fault))
    }

    /// Does what is asked, in a thread that may block unless it can be begun at once. A refusal for lack of proof then
    /// takes its time.
    async fn work(&self, parts: Parts, body: Bytes, peer: IpAddr) -> Said {
        let mut at_once = self.begin_at_once(&parts, &body, peer);
        let request = Arc::new((parts, body));
        let said = loop {
            let begun = match at_once.take() {
                Some(writing) => Err(writing),
                None => self.begin(&request, peer).await,
            };
            match begun {
                Ok(said) => break said,
                Err(writing) => {
                    if let Some(reply) = pipeline::written(writing.done().await) {
                        break reply.into();
                    }
                }
            }
        };
        if said.denied {
            sleep_until(self.refusals.due(peer, Instant::now())).await;
        }
        said
    }

    /// What is said at once, or what has to be waited for.
    async fn begin(&self, request: &Arc<(Parts, Bytes)>, peer: IpAddr) -> Result<Said, Writing> {
        let answerer = Arc::clone(&self.answerer);
        let request = Arc::clone(request);
        let work = move || match read(&request.0, &request.1) {
            Ok(call) => match answerer.begin(&call, peer) {
                Begun::Answered(reply) => Ok(reply.into()),
                Begun::Text(text) => Ok(Said::well(text)),
                Begun::Writing(writing) => Err(writing),
            },
            Err(error) => Ok(pipeline::refuse(200, error).into()),
        };
        let begun = tokio::task::spawn_blocking(work).await;
        // A panic: its message may hold anything and goes nowhere.
        begun.unwrap_or_else(|_| Ok(pipeline::unexpected("the sandbox failed").into()))
    }

    /// Handing a create over to another thread and back costs more than beginning it.
    fn begin_at_once(&self, parts: &Parts, body: &Bytes, peer: IpAddr) -> Option<Writing> {
        let path = parts.uri.path();
        if body.len() > SMALL_BODY || Endpoint::from_path(path) != Some(Endpoint::EntityCreate) {
            return None;
        }
        // After a panic it is tried again where one does no harm.
        let begin = AssertUnwindSafe(|| {
            let call = read(parts, body).ok()?;
            self.answerer.begin_at_once(&call, peer)
        });
        catch_unwind(begin).ok().flatten()
    }
}

/// What goes wrong with a call: what it asks for itself, else what the rules say.
fn fault_of(parts: &Parts, ruled: Option<Fault>) -> Result<Option<Fault>, Refusal> {
    let Some(asked) = parts.headers.get(FAULT) else {
        return Ok(ruled);
    };
    match asked.to_str().unwrap_or_default().trim() {
        "none" => Ok(None),
        text => match text.parse() {
            Ok(fault) => Ok(Some(fault)),
            Err(error) => Err(Refusal::new(400, format!("X-Captui-Fault: {error}"))),
        },
    }
}

/// Answers with a fault. `work` is not begun where the fault comes in its place.
async fn spoil(
    fault: Fault,
    work: impl Future<Output = Said>,
) -> Result<Response<Outgoing>, Reset> {
    if let (FaultKind::Latency(time), false) = (fault.kind(), fault.work_is_done()) {
        sleep(time).await;
        return Ok(whole(work.await));
    }
    let said = if fault.work_is_done() {
        work.await
    } else {
        error(ErrorCode::TIMEOUT)
    };
    let mut response = match fault.kind() {
        FaultKind::Reset => return Err(Reset),
        FaultKind::Code(code) => whole(error(code)),
        FaultKind::Gateway(status) => gateway_page(status),
        FaultKind::Latency(_)
        | FaultKind::Truncated
        | FaultKind::WrongType
        | FaultKind::Slow(_) => whole(said),
    };
    match fault.kind() {
        FaultKind::Latency(time) => sleep(time).await,
        FaultKind::Truncated => response.body_mut().pace = Pace::Half,
        FaultKind::Slow(time) => response.body_mut().pace = Pace::Over(time),
        FaultKind::WrongType => call_it_html(&mut response),
        FaultKind::Code(_) | FaultKind::Gateway(_) | FaultKind::Reset => {}
    }
    Ok(response)
}

/// An error that was asked for, in the catalogue's words.
fn error(code: ErrorCode) -> Said {
    let meaning = code.info().map_or("An unknown error.", |info| info.meaning);
    let description = format!("{meaning} (A fault that this sandbox was asked for.)");
    pipeline::refuse(200, ApiError::new(code, description)).into()
}

/// What a gateway sends that could not reach the service: a page for people.
fn gateway_page(status: u16) -> Response<Outgoing> {
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Error");
    let page = format!(
        "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} {reason}</h1></center>\r\n\
         </body>\r\n</html>\r\n"
    );
    let mut response = answer_of(status, page);
    call_it_html(&mut response);
    response
}

fn call_it_html(response: &mut Response<Outgoing>) {
    let html = HeaderValue::from_static("text/html");
    response.headers_mut().insert(CONTENT_TYPE, html);
}

fn close(response: &mut Response<Outgoing>) {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
}

/// Reads the request as a call.
fn read(parts: &Parts, body: &Bytes) -> Result<Call, ApiError> {
    let header = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    Call::read(&HttpParts {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        content_type: header(CONTENT_TYPE),
        authorization: header(AUTHORIZATION),
        date: header(DATE),
        body,
    })
}

/// A reply as a text.
struct Said {
    status: u16,
    text: String,
    denied: bool,
}

impl Said {
    /// An answer that went well.
    fn well(text: String) -> Self {
        Self {
            status: 200,
            text,
            denied: false,
        }
    }
}

impl From<Reply> for Said {
    fn from(reply: Reply) -> Self {
        Self {
            status: reply.status,
            text: reply.body.to_string(),
            denied: reply.denied,
        }
    }
}

/// A reply as it goes out. After a failure of the sandbox itself nothing more is done over the same connection.
fn whole(said: Said) -> Response<Outgoing> {
    let mut response = answer_of(said.status, said.text);
    if said.status == 500 {
        close(&mut response);
    }
    response
}

fn answer_of(status: u16, body: String) -> Response<Outgoing> {
    let mut response = Response::new(Outgoing::whole(body));
    *response.status_mut() = StatusCode::from_u16(status).expect("our own statuses are valid");
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
