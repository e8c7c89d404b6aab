//! Sees which phases a call goes through: by a resolver that notes when it is asked, a layer around the connector, and
//! the randomness that TLS asks for when it begins.
//!
//! The HTTP library tells none of this itself, but it resolves and connects within the task that waits for the answer,
//! so a task-local says which call a note belongs to. A connection that is finished for later calls, after this one got
//! another, notes nothing that is looked at.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::OnceLock;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;
use std::time::Instant;

use futures_util::future::BoxFuture;
use reqwest::dns::Addrs;
use reqwest::dns::Name;
use reqwest::dns::Resolve;
use reqwest::dns::Resolving;
use rustls::crypto::CryptoProvider;
use rustls::crypto::GetRandomFailed;
use rustls::crypto::SecureRandom;
use rustls::crypto::ring;
use tower_layer::Layer;
use tower_service::Service;

use crate::exchange::timing::Phase;
use crate::exchange::timing::Span;
use crate::exchange::timing::Timing;

tokio::task_local! {
    /// The call that this task waits for.
    static CALL: Arc<Phases>;
}

/// What is noted of one call.
#[derive(Debug)]
pub(super) struct Phases {
    start: Instant,
    /// Whether the call is encrypted.
    tls: bool,
    notes: Mutex<Notes>,
}

/// When each thing happened, counted from the start.
#[derive(Clone, Debug, Default)]
struct Notes {
    resolve: Option<Duration>,
    resolved: Option<Duration>,
    connect: Option<Duration>,
    tls: Option<Duration>,
    connected: Option<Duration>,
    left: Option<Duration>,
    head: Option<Duration>,
    done: Option<Duration>,
    version: Option<String>,
    sent: Option<u64>,
    received: Option<u64>,
}

impl Phases {
    /// Begins to note a call, encrypted or not.
    pub(super) fn start(tls: bool) -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            tls,
            notes: Mutex::default(),
        })
    }

    /// How long ago the call began.
    pub(super) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Does a part of the call: what resolves and connects for it is noted.
    pub(super) async fn of<T>(self: &Arc<Self>, part: impl Future<Output = T>) -> T {
        CALL.scope(Arc::clone(self), part).await
    }

    /// The request leaves, with a body of that many bytes.
    pub(super) fn leaves(&self, bytes: u64) {
        let now = self.elapsed();
        let mut notes = self.notes();
        notes.left.get_or_insert(now);
        notes.sent = Some(bytes);
    }

    /// The head of the answer is there.
    pub(super) fn head(&self, version: String) {
        let now = self.elapsed();
        let mut notes = self.notes();
        // A request without a body does not tell when it leaves.
        let connected = notes.connected.unwrap_or_default();
        notes.left.get_or_insert(connected);
        notes.head = Some(now);
        notes.version = Some(version);
    }

    /// That much of the answer's body has come.
    pub(super) fn received(&self, bytes: u64) {
        self.notes().received = Some(bytes);
    }

    /// Nothing more is read.
    pub(super) fn done(&self) {
        self.note(|notes, now| notes.done = Some(now));
    }

    /// What was seen until now.
    pub(super) fn timing(&self) -> Timing {
        let now = self.elapsed();
        let notes = self.notes().clone();
        // A request that left before its own connection was there went over another one.
        let reused = notes.left.map(|_| notes.connected.is_none());
        let mut spans = Vec::new();
        if reused != Some(true) {
            spans.extend(opening(&notes, self.tls, now));
        }
        spans.extend(span(Phase::Wait, notes.left, notes.head, now));
        spans.extend(span(Phase::Read, notes.head, notes.done, now));
        Timing {
            spans,
            reused,
            version: notes.version,
            sent: notes.sent,
            received: notes.received,
        }
    }

    fn note(&self, what: impl FnOnce(&mut Notes, Duration)) {
        let now = self.elapsed();
        what(&mut self.notes(), now);
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The phases of opening a connection.
fn opening(notes: &Notes, tls: bool, now: Duration) -> impl Iterator<Item = Span> {
    let connect = notes.resolved.or(match notes.resolve {
        // Still resolving.
        Some(_) => None,
        None => notes.connect,
    });
    let unseen = tls && !sees_tls();
    let (first, end) = match notes.tls {
        _ if unseen => (Phase::ConnectAndTls, notes.connected),
        Some(tls) => (Phase::Connect, Some(tls)),
        None => (Phase::Connect, notes.connected),
    };
    [
        span(Phase::Resolve, notes.resolve, notes.resolved, now),
        span(first, connect, end, now),
        span(Phase::Tls, notes.tls, notes.connected, now),
    ]
    .into_iter()
    .flatten()
}

/// A phase that began; until now, if it has not ended.
fn span(
    phase: Phase,
    from: Option<Duration>,
    until: Option<Duration>,
    now: Duration,
) -> Option<Span> {
    let from = from?;
    Some(Span {
        phase,
        from,
        until: until.unwrap_or(now).max(from),
    })
}

/// Notes something of the call that this task waits for, if it waits for one.
fn note(what: impl FnOnce(&mut Notes, Duration)) {
    // Without a call, a connection is being finished for later calls.
    let _ = CALL.try_with(|call| call.note(what));
}

/// Finds addresses as the system does, and notes how long that takes.
pub(super) struct NotedResolver;

impl Resolve for NotedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            note(|notes, now| notes.resolve = Some(now));
            // The port is filled in by the connector.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.collect();
            note(|notes, now| notes.resolved = Some(now));
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Notes when connecting begins and ends.
#[derive(Clone, Copy)]
pub(super) struct NotedConnecting;

impl<S> Layer<S> for NotedConnecting {
    type Service = NotedConnector<S>;

    fn layer(&self, inner: S) -> NotedConnector<S> {
        NotedConnector { inner }
    }
}

/// A connector whose connecting is noted.
#[derive(Clone)]
pub(super) struct NotedConnector<S> {
    inner: S,
}

impl<S, Request> Service<Request> for NotedConnector<S>
where
    S: Service<Request>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        note(|notes, now| {
            // A second attempt, when the first connection broke before anything left.
            *notes = Notes {
                connect: Some(now),
                ..Notes::default()
            };
        });
        let connecting = self.inner.call(request);
        Box::pin(async move {
            let connection = connecting.await?;
            note(|notes, now| notes.connected = Some(now));
            Ok(connection)
        })
    }
}

/// Installs the TLS provider whose handshakes are noted, unless the process has one already. Without it TLS is not
/// told apart from connecting.
pub(super) fn note_tls() {
    INSTALLED.get_or_init(|| {
        let provider = CryptoProvider {
            secure_random: &NotedRandom,
            ..ring::default_provider()
        };
        provider.install_default().is_ok()
    });
}

fn sees_tls() -> bool {
    INSTALLED.get().is_some_and(|installed| *installed)
}

/// Whether the noting provider is the process's; unset until the first client that may need it.
static INSTALLED: OnceLock<bool> = OnceLock::new();

/// The system's randomness, through ring, untouched: a handshake begins by asking for some, and nothing else tells
/// when it does.
#[derive(Debug)]
struct NotedRandom;

impl NotedRandom {
    fn source() -> &'static dyn SecureRandom {
        static RING: LazyLock<&'static dyn SecureRandom> =
            LazyLock::new(|| ring::default_provider().secure_random);
        *RING
    }
}

impl SecureRandom for NotedRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), GetRandomFailed> {
        note(|notes, now| {
            notes.tls.get_or_insert(now);
        });
        Self::source().fill(buffer)
    }

    fn fips(&self) -> bool {
        Self::source().fips()
    }
}
