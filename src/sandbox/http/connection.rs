//! One connection, from accept to close: what it is doing, how long it may, and how it ends, with TLS or without. Used by the server's loop
//! alone; what is asked over a connection is not known here.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::pin::pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use hyper::Request;
use hyper::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio::time::sleep_until;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use crate::sandbox::http::body::AnswerBody;
use crate::sandbox::http::body::Outgoing;
use crate::sandbox::http::request_line;
use crate::sandbox::http::request_line::RequestLine;

/// From the first byte of a header or of a TLS handshake to its last, and from connecting, or from the end of the
/// handshake, to the first byte.
const HEADER_TIME: Duration = Duration::from_secs(5);
/// From the end of the header to the end of the body.
const BODY_TIME: Duration = Duration::from_secs(30);
/// From an answer to the next request.
const IDLE_TIME: Duration = Duration::from_secs(60);

/// Read at a time while a request line comes.
const PIECE: usize = 4 << 10;
const HEADERS: usize = 64;
const HEAD_BYTES: usize = 64 << 10;

/// In place of an answer: the connection is to be reset.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset on request")]
pub(super) struct Reset;

/// What a request comes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// TCP.
    Plain,
    /// TLS over TCP.
    Tls,
}

impl Transport {
    /// As URLs name it.
    pub(super) fn scheme(self) -> &'static str {
        match self {
            Self::Plain => "http",
            Self::Tls => "https",
        }
    }
}

/// Answers the requests of one connection with `respond`, until either side ends it, its time is up, or the server
/// stops. With `tls` a client that speaks TLS is spoken to so.
pub(super) async fn serve<R>(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    (clock, deadline): (Clock, Deadline),
    mut stopping: watch::Receiver<bool>,
    respond: impl Fn(Request<Incoming>, Transport, Clock) -> R,
) where
    R: Future<Output = Result<Response<Outgoing>, Reset>>,
{
    let mut overdue = pin!(deadline.passed());
    let opened = tokio::select! {
        biased;
        opened = open(stream, tls, &clock) => opened,
        () = &mut overdue => return,
        _ = stopping.wait_for(|stop| *stop) => return,
    };
    let Some((stream, transport)) = opened else {
        return;
    };
    let stream = LinedStream {
        stream,
        clock: clock.clone(),
        line: RequestLine::default(),
        first: true,
    };
    let service = service_fn(move |request| {
        clock.set(Phase::Call, BODY_TIME);
        let answering = respond(request, transport, clock.clone());
        let clock = clock.clone();
        async move {
            match answering.await {
                Ok(response) => Ok(response.map(|body| AnswerBody::new(body, clock))),
                Err(reset) => {
                    clock.set(Phase::Broken, Duration::ZERO);
                    Err(reset)
                }
            }
        }
    });
    let mut http = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            // `Content-Type`, as the documentation prints it: some clients look for a header by its letters.
            .title_case_headers(true)
            // Kept by `Clock`: hyper's own timer would also cut idle connections after the time for a header.
            .header_read_timeout(None)
            .max_headers(HEADERS)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service)
    );
    let mut told = false;
    loop {
        tokio::select! {
            // What came in time counts, even when the time is up.
            biased;
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

/// TLS, or what lies below it.
type Opened = Either<TlsStream<TimedStream>, TimedStream>;

/// Shakes hands over TLS, if that is to be spoken and the client begins so. A client that speaks HTTP at once is let
/// through, to be told. `None` if the two do not get to speak.
async fn open(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    clock: &Clock,
) -> Option<(Opened, Transport)> {
    /// The type of the record that begins a handshake (RFC 8446, 5.1); no letter, as HTTP begins with.
    const HANDSHAKE: u8 = 22;
    // Answers are small and whole: waiting for more to send only costs time.
    let _ = stream.set_nodelay(true);
    let mut first = [0];
    let speaks_tls = tls.is_some() && stream.peek(&mut first).await.is_ok() && first == [HANDSHAKE];
    let stream = TimedStream {
        stream,
        clock: clock.clone(),
    };
    match tls {
        Some(tls) if speaks_tls => {
            let stream = tls.accept(stream).await.ok()?;
            clock.set(Phase::New, HEADER_TIME);
            Some((Either::Left(stream), Transport::Tls))
        }
        _ => Some((Either::Right(stream), Transport::Plain)),
    }
}

/// What a connection is doing; decides what happens to it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// Nothing has come yet, or nothing since the handshake.
    New,
    /// A header is coming, or a handshake is made.
    Header,
    /// A call is read, worked on or answered.
    Call,
    /// Its call is answered.
    Idle,
    /// It is to be closed, to make room.
    Leaving,
    /// It is to be reset.
    Broken,
}

impl Phase {
    /// Whether nothing is under way and the client's next bytes are waited for.
    fn waits(self) -> bool {
        match self {
            Self::New | Self::Header | Self::Idle => true,
            Self::Call | Self::Leaving | Self::Broken => false,
        }
    }

    /// Whether the next bytes begin a request.
    fn awaits_request(self) -> bool {
        matches!(self, Self::New | Self::Idle)
    }
}

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Instant,
    until: Instant,
    /// When [`Deadline::passed`] looks again.
    armed: Instant,
    /// Whether the connection has ended.
    over: bool,
}

impl State {
    fn set(&mut self, phase: Phase, time: Duration) {
        self.phase = phase;
        self.since = Instant::now();
        self.until = self.since + time;
    }
}

/// What a connection is doing and until when it may. The stream and the service move it, its [`Deadline`] is watched, and
/// the server's loop looks for those that only wait.
#[derive(Clone, Debug)]
pub(super) struct Clock(Arc<Watched>);

#[derive(Debug)]
struct Watched {
    state: Mutex<State>,
    /// Told when the deadline comes before the one that is waited for. One that moves away, as with every request, is
    /// found when the earlier one has come: to tell each would cost more than all else that is done here.
    sooner: Notify,
}

impl Clock {
    /// The clock of a connection that was just accepted, and its deadline for [`serve`].
    pub(super) fn start() -> (Self, Deadline) {
        let since = Instant::now();
        let until = since + HEADER_TIME;
        let watched = Arc::new(Watched {
            state: Mutex::new(State {
                phase: Phase::New,
                since,
                until,
                armed: until,
                over: false,
            }),
            sooner: Notify::new(),
        });
        (Self(Arc::clone(&watched)), Deadline(watched))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state()
    }

    fn set(&self, phase: Phase, time: Duration) {
        self.set_if(|_| true, phase, time);
    }

    fn set_if(&self, may: impl FnOnce(Phase) -> bool, phase: Phase, time: Duration) {
        let mut state = self.state();
        if !may(state.phase) {
            return;
        }
        state.set(phase, time);
        if state.until < state.armed {
            state.armed = state.until;
            drop(state);
            self.0.sooner.notify_one();
        }
    }

    /// The request is whole: its answer may take `time` from now.
    pub(super) fn work(&self, time: Duration) {
        self.set(Phase::Call, time);
    }

    /// The answer is on its way out.
    pub(super) fn answered(&self) {
        self.set_if(|phase| phase == Phase::Call, Phase::Idle, IDLE_TIME);
    }

    /// Bytes came: after a pause they begin a header or a handshake, which now has to be finished.
    fn bytes_came(&self) {
        self.set_if(Phase::awaits_request, Phase::Header, HEADER_TIME);
    }

    /// Whether the next bytes begin a request.
    fn awaits_request(&self) -> bool {
        self.state().phase.awaits_request()
    }

    /// Since when the connection has only been waiting for its client; `None` while a call is under way.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        let state = self.state();
        state.phase.waits().then_some(state.since)
    }

    /// Closes the connection if it still only waits, and a call does not arrive at this very moment.
    pub(super) fn leave(&self) {
        self.set_if(Phase::waits, Phase::Leaving, Duration::ZERO);
    }

    /// Whether its connection has ended.
    pub(super) fn is_over(&self) -> bool {
        self.state().over
    }
}

impl Watched {
    fn state(&self) -> MutexGuard<'_, State> {
        // Set whole under the lock, so it is whole after a panic too.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When to look next; `None` once the deadline has passed.
    fn next_look(&self) -> Option<Instant> {
        let mut state = self.state();
        state.armed = state.until;
        (Instant::now() < state.until).then_some(state.until)
    }
}

/// Until when a connection may do what it is doing. Lives as long as the connection.
pub(super) struct Deadline(Arc<Watched>);

impl Deadline {
    /// Returns when it has passed.
    async fn passed(self) {
        while let Some(at) = self.0.next_look() {
            tokio::select! {
                () = sleep_until(at) => {}
                () = self.0.sooner.notified() => {}
            }
        }
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.0.state().over = true;
    }
}

/// A stream that tells the clock when bytes come in, and is reset at its end when the clock says so.
struct TimedStream {
    stream: TcpStream,
    clock: Clock,
}

impl Drop for TimedStream {
    fn drop(&mut self) {
        if self.clock.state().phase == Phase::Broken {
            // Without it the client sees an orderly end: less than was asked for, and nothing to be done about it.
            let _ = self.stream.set_zero_linger();
        }
    }
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

/// What comes out of TLS, or of the network, with its request lines encoded.
struct LinedStream<S> {
    stream: S,
    clock: Clock,
    line: RequestLine,
    /// Whether the next bytes may begin a request. Kept here, since the clock leaves off waiting with the first bytes of
    /// a TLS record, before anything has come out of it.
    first: bool,
}

impl<S: AsyncRead + Unpin> AsyncRead for LinedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.first |= this.clock.awaits_request();
        let most = PIECE.min(buffer.remaining() / request_line::GROWTH);
        if most == 0 || !(this.first || this.line.is_open()) {
            return Pin::new(&mut this.stream).poll_read(context, buffer);
        }
        let mut piece = [0; PIECE];
        let mut piece = ReadBuf::new(&mut piece[..most]);
        ready!(Pin::new(&mut this.stream).poll_read(context, &mut piece))?;
        if !piece.filled().is_empty() {
            this.line.put(piece.filled(), this.first, buffer);
            this.first = false;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for LinedStream<S> {
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
