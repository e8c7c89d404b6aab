//! Questions to the history, and the rows it answers with. The terminal program asks with these through a job.

use std::time::Duration;

use jiff::Timestamp;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::exchange::ExchangeId;
use crate::exchange::Verdict;

/// Which exchanges to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only exchanges whose request or answer contains this text, whatever its case; `None` for all.
    pub text: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// One exchange as a row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its place in the history.
    pub id: ExchangeId,
    /// When sending began.
    pub started: Timestamp,
    /// The environment it was sent to.
    pub environment: String,
    /// The operation.
    pub endpoint: Endpoint,
    /// `type_name`, when the request had one.
    pub type_name: Option<String>,
    /// What the call was about besides its type: a selector, a filter, a key; empty when there is nothing to say.
    pub subject: String,
    /// How it went.
    pub verdict: Verdict,
    /// The service's error code.
    pub code: Option<ErrorCode>,
    /// From the first attempt to connect to the last byte read.
    pub elapsed: Duration,
}
