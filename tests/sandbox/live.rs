//! A sandbox in this process, for tests that make thousands of calls: the same server over the same HTTP, but passwords
//! are hashed at the least cost and nothing has to be started.

use captui::capture::json::Json;
use captui::sandbox::Handle;
use captui::sandbox::Options;
use captui::sandbox::seed::FirstContent;
use captui::sandbox::store::StorePath;

use crate::support::http;
use crate::support::http::Answer;
use crate::support::http::Connection;

/// The sandbox; it ends with the test.
pub(super) struct Live {
    handle: Handle,
}

impl Live {
    /// Starts one that keeps its data in memory, and has the entity type `user` without records.
    pub(super) fn start() -> Self {
        let options = Options {
            bcrypt_cost: Some(4),
            content: FirstContent::Bare,
            ..Options::new(StorePath::Memory)
        };
        Self {
            handle: captui::sandbox::spawn(&options).expect("a sandbox starts"),
        }
    }

    /// Where it listens.
    pub(super) fn url(&self) -> &str {
        &self.handle.url
    }

    /// The owner's id.
    pub(super) fn client_id(&self) -> &str {
        &self.handle.client_id
    }

    /// The owner's secret.
    pub(super) fn client_secret(&self) -> &str {
        self.handle.client_secret.reveal()
    }

    /// A connection on which the owner calls.
    pub(super) fn owner(&self) -> Caller {
        Caller {
            connection: self.connect(),
            credentials: http::basic(self.client_id(), self.client_secret()),
        }
    }

    /// A connection.
    pub(super) fn connect(&self) -> Connection {
        Connection::open(self.url()).expect("the sandbox listens")
    }
}

/// Somebody who calls by Basic over one connection.
pub(super) struct Caller {
    connection: Connection,
    credentials: String,
}

impl Caller {
    /// What the sandbox answers, numbers as they were written.
    pub(super) fn call(&mut self, operation: &str, pairs: &[(&str, &str)]) -> Json {
        let answer = self.answer(operation, pairs);
        Json::parse(&answer.body).unwrap_or_else(|error| panic!("{error} in {answer:?}"))
    }

    /// What the sandbox answers, as it came.
    fn answer(&mut self, operation: &str, pairs: &[(&str, &str)]) -> Answer {
        self.connection
            .post(operation, &self.credentials, &http::form(pairs))
            .expect("the sandbox answers")
    }
}
