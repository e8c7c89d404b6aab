//! HTTP for the sandbox: connections and their limits, which requests are heard at all, and the bytes of an answer. The
//! only file that knows hyper; what a call means is decided in `pipeline`.
//!
//! ```text
//! accept (at most 256) ─▶ header ≤ 5 s ─▶ host, origin, size ─▶ body ≤ 30 s ─▶ answer in a blocking thread ─▶ next,
//!                                                                              within 60 s
//! ```

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::pin::Pin;
use std::pin::pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::LengthLimitError;
use http_body_util::Limited;
use hyper::Method;
use hyper::Request;
use hyper::Response;
use hyper::StatusCode;
use hyper::Version;
use hyper::body::Body;
use hyper::body::Bytes;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::header::CACHE_CONTROL;
use hyper::header::CONNECTION;
use hyper::header::CONTENT_TYPE;
use hyper::header::DATE;
use hyper::header::EXPECT;
use hyper::header::HOST;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;
use hyper::header::ORIGIN;
use hyper::header::X_CONTENT_TYPE_OPTIONS;
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use jiff::Timestamp;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio::time::sleep;
use tokio::time::sleep_until;
use tokio::time::timeout;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::request::Call;
use crate::capture::request::HttpParts;
use crate::sandbox::pipeline;
use crate::sandbox::pipeline::Reply;
use crate::sandbox::store::Store;

/// Connections at a time; more wait to be accepted.
const CONNECTIONS: usize = 256;
/// From the first byte of a header to its last, and from connecting to the first byte.
const HEADER_TIME: Duration = Duration::from_secs(5);
/// From the end of the header to the answer: the body and the work.
const CALL_TIME: Duration = Duration::from_secs(30);
/// From an answer to the next request.
const IDLE_TIME: Duration = Duration::from_secs(60);
/// For calls under way when the server is asked to stop.
const STOP_TIME: Duration = Duration::from_secs(5);
/// After a failure to accept: mostly too many open files, which only time mends.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long the rest of a body that is too big is read and thrown away, so that the client sees the answer.
const DRAIN_TIME: Duration = Duration::from_secs(2);

const HEADERS: usize = 64;
const URL_BYTES: usize = 8 << 10;
const HEAD_BYTES: usize = 64 << 10;
/// Arguments of a call, in query and body together.
const ARGUMENTS: usize = 1_000;
const BODY_BYTES: u64 = 1 << 20;
/// For `entity.bulkCreate`, which carries many records.
const BULK_BODY_BYTES: u64 = 10 << 20;

/// Serves until `shutdown`, then lets calls under way finish within five seconds.
pub(crate) async fn serve(
    listener: TcpListener,
    store: Arc<Store>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let server = Arc::new(Server {
        store,
        address: listener.local_addr()?,
    });
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let (stop, stopping) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &room) => accepted,
        };
        connections.spawn(connection(Arc::clone(&server), accepted, stopping.clone()));
        // Finished ones are forgotten here, so that the set does not grow.
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    stop.send_replace(true);
    let finished = async { while connections.join_next().await.is_some() {} };
    if timeout(STOP_TIME, finished).await.is_err() {
        connections.shutdown().await;
    }
    Ok(())
}

/// The next connection, once there is room for it. Failing to accept never ends the server.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, OwnedSemaphorePermit) {
    let permit = Arc::clone(room)
        .acquire_owned()
        .await
        .expect("nobody closes the semaphore");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, permit),
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// One connection, from accept to close.
async fn connection(
    server: Arc<Server>,
    (stream, _permit): (TcpStream, OwnedSemaphorePermit),
    mut stopping: watch::Receiver<bool>,
) {
    // Answers are small and whole: waiting for more to send only costs time.
    let _ = stream.set_nodelay(true);
    let (clock, deadline) = Clock::start();
    let stream = TimedStream {
        stream,
        clock: clock.clone(),
    };
    let service = service_fn(move |request| {
        let server = Arc::clone(&server);
        let clock = clock.clone();
        async move {
            clock.set(Phase::Call);
            let response = server.respond(request).await;
            clock.set(Phase::Idle);
            Ok::<_, Infallible>(response)
        }
    });
    let mut http = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            // Kept by `Clock`: hyper's own timer would also cut idle connections after the time for a header.
            .header_read_timeout(None)
            .max_headers(HEADERS)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service)
    );
    let mut overdue = pin!(overdue(deadline));
    let mut told = false;
    loop {
        tokio::select! {
            // What went wrong is the client's affair: it closed, or it sent what is not HTTP and was answered so.
            _ = &mut http => return,
            () = &mut overdue => return,
            _ = stopping.wait_for(|stop| *stop), if !told => {
                told = true;
                http.as_mut().graceful_shutdown();
            }
        }
    }
}

/// What a connection is doing; decides how long it may.
#[derive(Clone, Copy, PartialEq)]
enum Phase {
    New,
    Header,
    Call,
    Idle,
}

/// A connection's deadline. The stream and the service move it, [`overdue`] watches it.
#[derive(Clone)]
struct Clock(watch::Sender<(Phase, Instant)>);

impl Clock {
    fn start() -> (Self, watch::Receiver<(Phase, Instant)>) {
        let (sender, receiver) = watch::channel((Phase::New, Instant::now() + HEADER_TIME));
        (Self(sender), receiver)
    }

    fn set(&self, phase: Phase) {
        let time = match phase {
            Phase::New | Phase::Header => HEADER_TIME,
            Phase::Call => CALL_TIME,
            Phase::Idle => IDLE_TIME,
        };
        self.0.send_replace((phase, Instant::now() + time));
    }

    /// Bytes came: after a pause they begin a header, which now has to be finished.
    fn bytes_came(&self) {
        let phase = self.0.borrow().0;
        if phase == Phase::Idle {
            self.set(Phase::Header);
        }
    }
}

/// Returns when the deadline has passed.
async fn overdue(mut deadline: watch::Receiver<(Phase, Instant)>) {
    loop {
        let (_, at) = *deadline.borrow_and_update();
        tokio::select! {
            () = sleep_until(at) => return,
            changed = deadline.changed() => if changed.is_err() { return },
        }
    }
}

/// A stream that tells the clock when bytes come in.
struct TimedStream {
    stream: TcpStream,
    clock: Clock,
}

impl AsyncRead for TimedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.clock.bytes_came();
        }
        polled
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

struct Server {
    store: Arc<Store>,
    address: SocketAddr,
}

impl Server {
    async fn respond(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        if let Err(refusal) = self.hear(&parts) {
            discard(&parts, body);
            return refusal.response();
        }
        let body = match read_body(&parts, body).await {
            Ok(body) => body,
            Err(refusal) => return refusal.response(),
        };
        if let Err(refusal) = check_arguments(&parts, &body) {
            return refusal.response();
        }
        let store = Arc::clone(&self.store);
        let work = tokio::task::spawn_blocking(move || answer(&store, &parts, &body));
        // The error is a panic: its message may hold anything and goes nowhere.
        let reply = work
            .await
            .unwrap_or_else(|_| pipeline::unexpected("the sandbox failed"));
        let body = reply.body.to_string();
        response(reply.status, body)
    }

    /// Whether to hear this request at all: from a program or a page that may talk to a server on this machine.
    fn hear(&self, parts: &Parts) -> Result<(), Refusal> {
        if parts
            .uri
            .path_and_query()
            .map_or(0, |url| url.as_str().len())
            > URL_BYTES
        {
            return Err(Refusal::new(
                414,
                format!("the URL is longer than {URL_BYTES} bytes"),
            ));
        }
        let host = self.check_host(parts)?;
        check_origin(parts, host)?;
        if !matches!(parts.method, Method::GET | Method::POST) {
            return Err(Refusal::new(405, "use POST or GET".to_owned()));
        }
        Ok(())
    }

    /// A page of another site that has its own name point to this machine (DNS rebinding) is known by the name. A
    /// sandbox that other machines may reach has names that it cannot know, and answers to all.
    fn check_host<'a>(&self, parts: &'a Parts) -> Result<Option<&'a str>, Refusal> {
        let mut hosts = parts.headers.get_all(HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().unwrap_or_default(),
            (None, _) if parts.version < Version::HTTP_11 => return Ok(None),
            _ => {
                return Err(Refusal::new(
                    400,
                    "exactly one Host header is needed".to_owned(),
                ));
            }
        };
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let own = match self.address.ip() {
            address if !address.is_loopback() => return Ok(Some(host)),
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        if name.eq_ignore_ascii_case("localhost")
            || ["127.0.0.1", "[::1]", own.as_str()].contains(&name)
        {
            return Ok(Some(host));
        }
        Err(Refusal::new(
            403,
            "this sandbox answers to localhost only: the Host header names another host".to_owned(),
        ))
    }
}

/// A page of another site may send forms here without being asked; the browser says where they come from.
fn check_origin(parts: &Parts, host: Option<&str>) -> Result<(), Refusal> {
    let foreign_site = parts
        .headers
        .get(HeaderName::from_static("sec-fetch-site"))
        .is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"));
    let foreign_origin = parts.headers.get(ORIGIN).is_some_and(|origin| {
        let origin = origin.to_str().ok();
        let authority = origin.and_then(|origin| origin.strip_prefix("http://"));
        authority.is_none() || authority != host
    });
    if foreign_site || foreign_origin {
        return Err(Refusal::new(
            403,
            "this sandbox does not answer pages of other sites".to_owned(),
        ));
    }
    Ok(())
}

/// The body, within its limits. One that says to be too big is refused before it is read.
async fn read_body(parts: &Parts, body: Incoming) -> Result<Bytes, Refusal> {
    let bulk = Endpoint::from_path(parts.uri.path()) == Some(Endpoint::EntityBulkCreate);
    let most = if bulk { BULK_BODY_BYTES } else { BODY_BYTES };
    let too_big = || Refusal::new(413, format!("the body is larger than {most} bytes"));
    if body.size_hint().lower() > most {
        discard(parts, body);
        return Err(too_big());
    }
    let most_bytes = usize::try_from(most).expect("ten megabytes fit");
    match Limited::new(body, most_bytes).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_big()),
        Err(_) => Err(Refusal::new(
            400,
            "the body broke off or is malformed".to_owned(),
        )),
    }
}

/// Refuses a flood of arguments before any of them is decoded.
fn check_arguments(parts: &Parts, body: &Bytes) -> Result<(), Refusal> {
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let separators = query.iter().chain(body).filter(|byte| **byte == b'&');
    if separators.count() > ARGUMENTS {
        return Err(Refusal::new(
            400,
            format!("a call has at most {ARGUMENTS} arguments"),
        ));
    }
    Ok(())
}

/// Reads a refused body for a moment: were it left unread, closing would reset the connection, and the answer could be
/// lost on its way. A client that waits to be told to go on is not told.
fn discard(parts: &Parts, mut body: Incoming) {
    if parts.headers.contains_key(EXPECT) || body.is_end_stream() {
        return;
    }
    tokio::spawn(timeout(DRAIN_TIME, async move {
        while let Some(Ok(_)) = body.frame().await {}
    }));
}

/// A request that never becomes a call. Its code says how the caller may see it: 403 for one that may not be heard, 200
/// for one that is malformed. The HTTP statuses are no codes of the protocol: there, 413 means something else.
struct Refusal {
    status: u16,
    reason: String,
}

impl Refusal {
    fn new(status: u16, reason: String) -> Self {
        Self { status, reason }
    }

    fn response(self) -> Response<Full<Bytes>> {
        let code = if self.status == 403 {
            ErrorCode::CLIENT_PERMISSION_ERROR
        } else {
            ErrorCode::INVALID_ARGUMENT
        };
        let reply = pipeline::refuse(self.status, ApiError::new(code, self.reason));
        let mut response = response(reply.status, reply.body.to_string());
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
        response
    }
}

/// Reads the request as a call and answers it, in a thread that may block.
fn answer(store: &Store, parts: &Parts, body: &Bytes) -> Reply {
    let header = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let call = Call::read(&HttpParts {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        content_type: header(CONTENT_TYPE),
        authorization: header(AUTHORIZATION),
        date: header(DATE),
        body,
    });
    match call {
        Ok(call) => pipeline::answer(store, &call, Timestamp::now()),
        Err(error) => pipeline::refuse(200, error),
    }
}

fn response(status: u16, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
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
