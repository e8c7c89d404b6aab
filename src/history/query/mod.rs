//! Questions to the history: the language in which they are typed, and the rows they are answered with.
//!
//! Terms stand beside each other and all must hold:
//!
//! | term | holds for exchanges |
//! | --- | --- |
//! | `bob` | with a word that begins so, in request, answer, operation, type, environment, code, error word or date (UTC) |
//! | `bob@example.com` | the same; `@ . - _ + '` hold a word together, and what begins behind them is found too |
//! | `"Main Street 5"` | that contain this text literally, in whatever case; it begins where a word begins |
//! | `*son*` | that contain this text anywhere, also inside a word; looks at every exchange |
//! | `code:223` | with this error code; also `code:223,361`, `code:300..399`, `code:unique_violation` |
//! | `-env:prod` | for which the term behind the `-` does not hold |
//!
//! and so on for each of [`OPERATORS`]. A value with spaces or commas stands in double quotes. Typed text becomes a
//! [`Query`] in [`mod@parse`], suggestions come from [`mod@complete`]; both are pure. The terminal program asks with these
//! through a job; how a question becomes SQL is not here.

pub mod complete;
mod moment;
pub mod parse;

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::Timestamp;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::exchange::ExchangeId;
use crate::exchange::Verdict;

/// Which exchanges are meant: those for which every term holds; all when there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The terms.
    pub terms: Vec<Term>,
}

/// One term of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Whether the condition must not hold.
    pub negated: bool,
    /// What must hold.
    pub condition: Condition,
}

/// What can be asked of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Has each of these words, by their beginnings; see the module.
    Words {
        /// In small letters.
        words: Vec<String>,
        /// Only in the texts of request and answer.
        body: bool,
    },
    /// Contains this text in request or answer, whatever the case; it begins where a word begins.
    Phrase(String),
    /// Contains this text anywhere in request or answer, whatever the case.
    Inside(String),
    /// Has one of these error codes.
    Code(Vec<RangeInclusive<i64>>),
    /// Has one of these HTTP statuses.
    Status(Vec<RangeInclusive<i64>>),
    /// Went in one of these ways.
    Verdict(Vec<Verdict>),
    /// Is about one of these entity types.
    Type(Vec<String>),
    /// Went to one of these environments.
    Environment(Vec<String>),
    /// Is one of these operations.
    Operation(Vec<Endpoint>),
    /// The service gave it a request id that begins so.
    RequestId(String),
    /// Speaks of a uuid that begins so, in small letters.
    Uuid(String),
    /// Is about, or shows, the record with this id.
    RecordId(i64),
    /// Began in this time.
    Began {
        /// Not before.
        from: Option<Timestamp>,
        /// Before this.
        until: Option<Timestamp>,
    },
    /// Took at least so long.
    Slower(Duration),
}

impl Query {
    /// The exchanges for which one condition holds.
    pub fn only(condition: Condition) -> Self {
        Self::default().and(condition)
    }

    /// The same with one more condition.
    #[must_use]
    pub fn and(mut self, condition: Condition) -> Self {
        self.terms.push(Term {
            negated: false,
            condition,
        });
        self
    }
}

/// Which part of the answer to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only exchanges before this one, in the order of sending: the last of the page before.
    pub before: Option<ExchangeId>,
    /// Only exchanges after this one, those nearest to it: the first of the page after. They are given newest first, too.
    pub after: Option<ExchangeId>,
    /// At most so many.
    pub limit: usize,
}

impl Page {
    /// The newest ones.
    pub fn newest(limit: usize) -> Self {
        Self {
            before: None,
            after: None,
            limit,
        }
    }

    /// The oldest ones.
    pub fn oldest(limit: usize) -> Self {
        Self::after(ExchangeId(0), limit)
    }

    /// The newest ones before this exchange.
    pub fn before(id: ExchangeId, limit: usize) -> Self {
        Self {
            before: Some(id),
            after: None,
            limit,
        }
    }

    /// The oldest ones after this exchange.
    pub fn after(id: ExchangeId, limit: usize) -> Self {
        Self {
            before: None,
            after: Some(id),
            limit,
        }
    }
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
    /// The service's own name for the call, which only an error tells.
    pub request_id: Option<String>,
    /// From the first attempt to connect to the last byte read.
    pub elapsed: Duration,
}

/// A word before a colon.
#[derive(Debug)]
pub struct Operator {
    /// As it is written.
    pub name: &'static str,
    /// Shorter and other ways to write it.
    pub aliases: &'static [&'static str],
    /// What its value is and does.
    pub meaning: &'static str,
    /// A value to show.
    pub example: &'static str,
    kind: Kind,
}

/// How an operator's value is read and completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Code,
    Verdict,
    Type,
    Environment,
    Operation,
    RequestId,
    Uuid,
    Id,
    Body,
    After,
    Before,
    On,
    Status,
    Slower,
}

const fn operator(
    kind: Kind,
    name: &'static str,
    aliases: &'static [&'static str],
    example: &'static str,
    meaning: &'static str,
) -> Operator {
    Operator {
        name,
        aliases,
        meaning,
        example,
        kind,
    }
}

/// Every operator, in the order in which help and completion show them.
#[rustfmt::skip]
pub const OPERATORS: &[Operator] = &[
    operator(Kind::Code, "code", &["c"], "223", "error code, a list, a range, or the service's word"),
    operator(Kind::Environment, "env", &["e"], "prod", "environment"),
    operator(Kind::Type, "type", &["t"], "user", "entity type"),
    operator(Kind::Operation, "op", &["call"], "entity.create", "operation; entity.* for several"),
    operator(Kind::Verdict, "verdict", &["s", "stat"], "error", "ok, error, not_capture, not_sent, unknown"),
    operator(Kind::Id, "id", &[], "42", "a record's id; also a uuid or a request_id"),
    operator(Kind::Uuid, "uuid", &[], "8a3abdda", "uuid, or its beginning"),
    operator(Kind::RequestId, "request", &["request_id"], "geup8cd3", "request_id of an error, or its beginning"),
    operator(Kind::Body, "body", &[], "\"bob@example.com\"", "text in the request or the answer"),
    operator(Kind::After, "after", &["since"], "2026-11-01", "sent then or later; also 2d, 3h, today, yesterday, 12:30"),
    operator(Kind::Before, "before", &["until"], "2026-11-01", "sent before that"),
    operator(Kind::On, "on", &["date"], "yesterday", "sent on that day, in that month, in that minute"),
    operator(Kind::Status, "http", &[], "502", "HTTP status"),
    operator(Kind::Slower, "slower", &[], "2s", "took at least so long: 300ms, 2s, 1m"),
];

/// The operator written so, whatever its case.
fn find_operator(word: &str) -> Option<&'static Operator> {
    OPERATORS.iter().find(|operator| {
        let mut names = std::iter::once(&operator.name).chain(operator.aliases);
        names.any(|name| name.eq_ignore_ascii_case(word))
    })
}

/// The words for verdicts in a search.
const VERDICTS: [(&str, Verdict); 7] = [
    ("ok", Verdict::Ok),
    ("error", Verdict::Error),
    ("not_capture", Verdict::NotCapture),
    ("not_sent", Verdict::NotSent),
    ("unknown", Verdict::Unknown),
    // As the service says it, and as people shorten it.
    ("success", Verdict::Ok),
    ("fail", Verdict::Error),
];

#[cfg(test)]
mod tests;
