//! The sandbox: the Capture API on this machine, with data of its own, for trying things out and for tests.
//!
//! ```text
//! HTTP ─▶ http ─▶ Call ─▶ pipeline ─▶ operations ─▶ store (SQLite)
//!      ◀─      ◀─ Reply ◀─          ◀─
//! ```
//!
//! The client reaches it through HTTP like any other service, so that what is tried here is what is sent there. Where
//! the service's behaviour is not known, a doc comment says "our choice". What it does not do yet it refuses by name.

mod http;
mod operations;
pub mod pipeline;
mod random;
pub mod seed;
pub mod store;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::capture::secret::Secret;
use crate::sandbox::store::Store;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::StorePath;

/// What a sandbox is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where its data is.
    pub data: StorePath,
    /// Where it listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The cost of hashing passwords; `None` for the usual one. Tests use 4.
    pub bcrypt_cost: Option<u32>,
}

impl Options {
    /// A sandbox with this data, on any free port of 127.0.0.1.
    pub fn new(data: StorePath) -> Self {
        Self {
            data,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            bcrypt_cost: None,
        }
    }
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
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Handle {
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
    let mut store = Store::open(options.data.clone())?;
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
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::Builder::new()
        .name("sandbox".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                if let Ok(listener) = TcpListener::from_std(listener) {
                    // The server fails only where it starts, and then nobody can be connected.
                    let _ = serve(listener, Arc::new(store), async {
                        let _ = stopped.await;
                    })
                    .await;
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
        stop: Some(stop),
        thread: Some(thread),
    })
}

/// Serves `store` at `listener` until `shutdown`, then finishes the calls under way, for at most five seconds. Needs a
/// tokio runtime with its timer and I/O enabled.
pub async fn serve(
    listener: TcpListener,
    store: Arc<Store>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    http::serve(listener, store, shutdown).await
}
