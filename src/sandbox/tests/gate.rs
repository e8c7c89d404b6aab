//! Calls without HTTP, with whatever credentials are presented, so that a test decides what time it is and where a call
//! comes from. Used by the tests about who calls.

use std::net::IpAddr;

use jiff::Span;
use jiff::Timestamp;

use super::HERE;
use super::code;
use super::parse;
use super::text;
use crate::capture::auth;
use crate::capture::auth::Presented;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::Args;
use crate::capture::request::Call;
use crate::capture::secret::Secret;
use crate::sandbox::pipeline::Reply;
use crate::sandbox::pipeline::answer;
use crate::sandbox::store::Store;
use crate::sandbox::store::StorePath;

/// A sandbox in memory, the time there, and from where it is called.
pub(super) struct Gate {
    pub(super) store: Store,
    pub(super) now: Timestamp,
    pub(super) from: IpAddr,
    owner: (String, Secret),
}

impl Gate {
    pub(super) fn new() -> Self {
        let store = Store::open(StorePath::Memory)
            .expect("opens")
            .with_bcrypt_cost(4);
        let owner = store.owner().expect("has an owner");
        Self {
            store,
            now: Timestamp::now(),
            from: HERE,
            owner,
        }
    }

    pub(super) fn owner_id(&self) -> &str {
        &self.owner.0
    }

    pub(super) fn owner_secret(&self) -> &str {
        self.owner.1.reveal()
    }

    pub(super) fn wait(&mut self, span: Span) {
        self.now = self.now.saturating_add(span).expect("in range");
    }

    /// The answer to a call of whoever is presented.
    pub(super) fn ask(
        &self,
        presented: Presented,
        operation: &str,
        pairs: &[(&str, &str)],
    ) -> Reply {
        let call = Call {
            path: format!("/{operation}"),
            endpoint: Endpoint::from_path(operation),
            args: Args::from_pairs(pairs.iter().copied()),
            presented: Ok(presented),
        };
        answer(&self.store, &call, self.from, self.now)
    }

    /// The answer to a call of the owner.
    pub(super) fn call(&self, operation: &str, pairs: &[(&str, &str)]) -> Json {
        let reply = self.ask(
            basic(self.owner_id(), self.owner_secret()),
            operation,
            pairs,
        );
        assert_eq!(reply.status, 200, "{operation}: {}", reply.body);
        reply.body
    }

    /// The answer to a call of the owner, which must be the one written here.
    #[track_caller]
    pub(super) fn expect(&self, operation: &str, pairs: &[(&str, &str)], expected: &str) {
        let answer = self.call(operation, pairs);
        assert_eq!(answer, parse(expected), "{operation} {pairs:?}");
    }

    /// The code and the words of the refusal of a call of the owner.
    pub(super) fn refusal(&self, operation: &str, pairs: &[(&str, &str)]) -> (i64, String) {
        let answer = self.call(operation, pairs);
        let code = code(&answer).unwrap_or_else(|| panic!("{operation} {pairs:?}: {answer}"));
        (code, text(&answer, "error_description").to_owned())
    }

    /// A new client with these features: its id and its secret.
    pub(super) fn client(&self, features: &str) -> (String, String) {
        let pairs = [("description", "made for a test"), ("features", features)];
        let answer = self.call("clients/add", &pairs);
        let part = |key| text(&answer, key).to_owned();
        (part("client_id"), part("client_secret"))
    }

    /// The code of the answer to a harmless call of a client; `None` when it is let in.
    pub(super) fn knock(&self, id: &str, secret: &str) -> Option<i64> {
        let ways = [
            basic(id, secret),
            Presented::Params {
                id: id.to_owned(),
                secret: Secret::new(secret),
            },
            self.signed(id, secret),
        ];
        let codes = ways.map(|presented| {
            let reply = self.ask(presented, "entityType", &[("type_name", "user")]);
            code(&reply.body)
        });
        assert_eq!(codes, [codes[0]; 3], "all ways of showing a secret agree");
        codes[0]
    }

    fn signed(&self, id: &str, secret: &str) -> Presented {
        let date = auth::format_date(self.now);
        let args = Args::from_pairs([("type_name", "user")]);
        Presented::Signature {
            id: id.to_owned(),
            signature: auth::sign(&Secret::new(secret), "/entityType", &date, &args),
            date,
        }
    }
}

pub(super) fn basic(id: &str, secret: &str) -> Presented {
    Presented::Basic {
        id: id.to_owned(),
        secret: Secret::new(secret),
    }
}
