//! A sandbox in memory, called without a network: where plans are rehearsed. Nothing of it outlives it.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::capture::auth::Presented;
use crate::capture::request::ApiRequest;
use crate::capture::request::Call;
use crate::capture::secret::Secret;
use crate::exchange::Answered;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Sent;
use crate::exchange::timing::Timing;
use crate::sandbox::pipeline;
use crate::sandbox::seed::FirstContent;
use crate::sandbox::store::Store;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::StorePath;
use crate::worker::job::JobError;
use crate::worker::plan::Calls;
use crate::worker::plan::StepProgress;
use crate::worker::services::blocking;

/// The least work that hashing a password can be: nobody logs in here.
const BCRYPT_COST: u32 = 4;

/// A sandbox in memory with its owner as the caller.
#[derive(Clone)]
pub(super) struct Stage {
    store: Arc<Store>,
    client_id: String,
    client_secret: Secret,
    now: Timestamp,
}

impl Stage {
    /// A new one, in which it is `now` for ever. Blocks.
    pub(super) fn open(now: Timestamp) -> Result<Self, StoreError> {
        let store = Store::open_with(StorePath::Memory, FirstContent::Bare)?;
        let store = store.with_bcrypt_cost(BCRYPT_COST);
        let (client_id, client_secret) = store.owner()?;
        Ok(Self {
            store: Arc::new(store),
            client_id,
            client_secret,
            now,
        })
    }

    /// Its data.
    pub(super) fn store(&self) -> Arc<Store> {
        Arc::clone(&self.store)
    }

    /// What time it is there.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Makes a call. Blocks.
    pub(super) fn answer(&self, request: &ApiRequest) -> Exchange {
        let call = Call {
            path: request.endpoint.spec().path.to_owned(),
            endpoint: Some(request.endpoint),
            args: request.args.clone(),
            presented: Ok(Presented::Basic {
                id: self.client_id.clone(),
                secret: self.client_secret.clone(),
            }),
        };
        let reply = pipeline::answer(&self.store, &call, Ipv4Addr::LOCALHOST.into(), self.now);
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let body = reply.body.to_string().into_bytes();
        Exchange {
            id: None,
            environment: "rehearsal".to_owned(),
            request: request.clone(),
            sent: Sent {
                method: "POST".to_owned(),
                url: request.endpoint.spec().path.to_owned(),
                headers: Vec::new(),
                body: String::new(),
            },
            started: self.now,
            elapsed: Duration::ZERO,
            timing: Timing::default(),
            outcome: Outcome::Answered(Answered::read(reply.status, headers, body)),
        }
    }
}

impl Calls for Stage {
    async fn call(&mut self, request: &ApiRequest) -> Result<Arc<Exchange>, JobError> {
        let (stage, request) = (self.clone(), request.clone());
        Ok(Arc::new(blocking(move || stage.answer(&request)).await))
    }

    fn tell(&mut self, _: StepProgress) {}
}
