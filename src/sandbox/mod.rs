//! The sandbox: the Capture API on this machine, with data of its own, for trying things out and for tests.
//!
//! ```text
//! HTTP ─▶ http ─▶ Call ─▶ pipeline ─▶ operations ─▶ store (SQLite)
//!      ◀─  │   ◀─ Reply ◀─    │     ◀─     │
//!        faults            caller        filter, rules, passwords
//!        tls               who may?      what is found, changed, checked
//! ```
//!
//! The client reaches it through HTTP like any other service, so that what is tried here is what is sent there. Where
//! the service's behaviour is not known, a doc comment says "our choice", and the README lists it. What is done to a
//! sandbox from outside the API is in `seed`, `grow`, `copy`, `serving` and below `store`.

mod allow_list;
mod caller;
pub mod copy;
pub mod faults;
pub mod filter;
pub mod grow;
pub mod host_name;
mod http;
mod operations;
mod passwords;
pub mod pipeline;
pub(crate) mod random;
pub(crate) mod rules;
pub mod seed;
pub mod serving;
pub mod store;
#[cfg(test)]
mod tests;
pub mod tls;

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use jiff::Timestamp;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::capture::request::Call;
use crate::capture::secret::Secret;
use crate::sandbox::faults::Faults;
use crate::sandbox::faults::Injector;
use crate::sandbox::host_name::HostName;
use crate::sandbox::http::Answerer;
use crate::sandbox::operations::create::Writing;
use crate::sandbox::pipeline::Begun;
use crate::sandbox::seed::FirstContent;
use crate::sandbox::store::Store;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::StorePath;

/// What a sandbox is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where its data is.
    pub data: StorePath,
    /// What it begins with when there is no data yet.
    pub content: FirstContent,
    /// Where it listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The cost of hashing passwords; `None` for the usual one. Tests use 4.
    pub bcrypt_cost: Option<u32>,
    /// What goes wrong on purpose from the start.
    pub faults: Faults,
}

impl Options {
    /// A sandbox with this data, or the examples, on any free port of 127.0.0.1.
    pub fn new(data: StorePath) -> Self {
        Self {
            data,
            content: FirstContent::Examples,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            bcrypt_cost: None,
            faults: Faults::default(),
        }
    }
}

/// What a sandbox is called, and how it is spoken to.
#[derive(Clone, Default)]
pub struct Front {
    /// The hosts it answers to beside `localhost` and the address it listens at.
    pub names: Vec<HostName>,
    /// With it the sandbox speaks HTTPS and nothing else.
    pub tls: Option<Arc<ServerConfig>>,
}

/// Why a sandbox could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// Its data could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address could not be taken.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The server's thread could not be started.
    #[error("cannot start the sandbox's server")]
    Start(#[source] io::Error),
}

/// A running sandbox. Dropping it stops it.
#[derive(Debug)]
pub struct Handle {
    /// `http://127.0.0.1:PORT`, without a final slash.
    pub url: String,
    /// The id of its owner client.
    pub client_id: String,
    /// The secret of its owner client.
    pub client_secret: Secret,
    injector: Arc<Injector>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Handle {
    /// What goes wrong on purpose now.
    pub fn faults(&self) -> Faults {
        self.injector.faults()
    }

    /// Lets other things go wrong from the next call on, which counts as the first.
    pub fn set_faults(&self, faults: Faults) {
        self.injector.set(faults);
    }

    /// Stops the sandbox: calls under way are finished, for at most five seconds. Blocks until that is done.
    pub fn stop(mut self) {
        self.halt();
    }

    fn halt(&mut self) {
        // Dropping the sender tells the server.
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the server's thread has nobody left to be told.
            let _ = thread.join();
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.halt();
    }
}

/// Starts a sandbox on a thread of its own and returns once it listens.
pub fn spawn(options: &Options) -> Result<Handle, SpawnError> {
    let mut store = Store::open_with(options.data.clone(), options.content)?;
    if let Some(cost) = options.bcrypt_cost {
        store = store.with_bcrypt_cost(cost);
    }
    let (client_id, client_secret) = store.owner()?;
    let listen = |source| SpawnError::Listen {
        address: options.listen,
        source,
    };
    let listener = std::net::TcpListener::bind(options.listen).map_err(listen)?;
    listener.set_nonblocking(true).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(SpawnError::Start)?;
    let injector = Arc::new(Injector::new(options.faults.clone()));
    let shared = Arc::clone(&injector);
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::Builder::new()
        .name("sandbox".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                if let Ok(listener) = TcpListener::from_std(listener) {
                    // The server fails only where it starts, and then nobody can be connected.
                    let stopped = async {
                        let _ = stopped.await;
                    };
                    let front = Front::default();
                    let _ = http::serve(listener, front, Arc::new(store), shared, stopped).await;
                }
            });
            // A call cut off by the end is not waited for; what it writes is committed whole or not at all.
            runtime.shutdown_background();
        })
        .map_err(SpawnError::Start)?;
    Ok(Handle {
        url: format!("http://{address}"),
        client_id,
        client_secret,
        injector,
        stop: Some(stop),
        thread: Some(thread),
    })
}

/// Serves `store` at `listener`, called so, with these faults until `shutdown`, then finishes the calls under way, for at most five
/// seconds. Needs a tokio runtime with its timer and I/O enabled.
pub async fn serve(
    listener: TcpListener,
    front: Front,
    store: Store,
    faults: Faults,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let injector = Arc::new(Injector::new(faults));
    http::serve(listener, front, Arc::new(store), injector, shutdown).await
}

impl Answerer for Store {
    fn begin(&self, call: &Call, peer: IpAddr) -> Begun {
        pipeline::begin(self, call, peer, Timestamp::now())
    }

    fn begin_at_once(&self, call: &Call, peer: IpAddr) -> Option<Writing> {
        pipeline::begin_at_once(self, call, peer, Timestamp::now())
    }
}
