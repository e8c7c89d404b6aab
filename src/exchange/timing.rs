//! Where the time of a call went, phase by phase, and how much went over the wire.
//!
//! Measured by the client, kept with the exchange, drawn by the explorer. A phase that could not be seen is absent
//! rather than zero: an address needs no resolving, a connection that was still open needs nothing before the request.
//! Whatever lies between two phases belongs to none.

use std::time::Duration;

use crate::capture::json::Json;

/// The phases of one call that were seen, and its sizes. The default is what is known of a call that was never made
/// or was kept by a version that did not measure: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// The phases in order. The last one of a call that failed is the one it failed in.
    pub spans: Vec<Span>,
    /// Whether the request went over a connection of an earlier call; `None` when it never went.
    pub reused: Option<bool>,
    /// `HTTP/1.1` or `HTTP/2.0`, of the answer.
    pub version: Option<String>,
    /// The length of the request's body, in bytes.
    pub sent: Option<u64>,
    /// The length of the answer's body as it came, before content decoding, in bytes.
    pub received: Option<u64>,
}

/// One phase, from and until when, counted from the beginning of the call by a monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// What was done.
    pub phase: Phase,
    /// When it began.
    pub from: Duration,
    /// When it ended, or when it was looked at if it had not ended by then. Never before `from`.
    pub until: Duration,
}

/// What a call spends its time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Finding the address of the host's name.
    Resolve,
    /// Opening the connection, through a proxy where there is one.
    Connect,
    /// Agreeing on keys and checking the certificate.
    Tls,
    /// The two before in one, where they cannot be told apart.
    ConnectAndTls,
    /// From the moment the request left until the head of the answer was there: sending, the service's work, the way.
    Wait,
    /// Reading the answer's body.
    Read,
}

impl Phase {
    /// Every phase in the order in which they happen.
    pub const ALL: [Self; 6] = [
        Self::Resolve,
        Self::Connect,
        Self::Tls,
        Self::ConnectAndTls,
        Self::Wait,
        Self::Read,
    ];

    /// What people read: `connect and TLS`.
    pub fn title(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "TLS",
            Self::ConnectAndTls => "connect and TLS",
            Self::Wait => "waiting",
            Self::Read => "reading",
        }
    }

    /// The word under which it is kept.
    fn word(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::ConnectAndTls => "connect_and_tls",
            Self::Wait => "wait",
            Self::Read => "read",
        }
    }
}

impl Span {
    /// How long it took.
    pub fn length(&self) -> Duration {
        self.until.saturating_sub(self.from)
    }
}

impl Timing {
    /// The span of a phase, if it was seen.
    pub fn span(&self, phase: Phase) -> Option<&Span> {
        self.spans.iter().find(|span| span.phase == phase)
    }

    /// How long all phases took that were seen.
    pub fn seen(&self) -> Duration {
        self.spans.iter().map(Span::length).sum()
    }

    /// As it is kept, times in microseconds; what is not known is left out.
    pub fn to_json(&self) -> Json {
        let spans = self.spans.iter().map(|span| {
            Json::Array(vec![
                span.phase.word().into(),
                micros(span.from).into(),
                micros(span.until).into(),
            ])
        });
        let size = |bytes: u64| Json::from(i64::try_from(bytes).unwrap_or(i64::MAX));
        [
            ("spans", Some(Json::Array(spans.collect()))),
            ("reused", self.reused.map(Json::from)),
            ("version", self.version.as_deref().map(Json::from)),
            ("sent", self.sent.map(size)),
            ("received", self.received.map(size)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }

    /// Reads what [`Timing::to_json`] wrote. What cannot be read is not known: nothing fails because of it.
    pub fn from_json(json: &Json) -> Self {
        let spans = json.get("spans").and_then(Json::as_array);
        let size = |key| u64::try_from(json.get(key)?.as_i64()?).ok();
        Self {
            spans: spans.into_iter().flatten().filter_map(read_span).collect(),
            reused: json.get("reused").and_then(Json::as_bool),
            version: json
                .get("version")
                .and_then(Json::as_str)
                .map(str::to_owned),
            sent: size("sent"),
            received: size("received"),
        }
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn read_span(json: &Json) -> Option<Span> {
    let [word, from, until] = json.as_array()? else {
        return None;
    };
    let word = word.as_str()?;
    let at = |json: &Json| Some(Duration::from_micros(json.as_i64()?.try_into().ok()?));
    let (from, until) = (at(from)?, at(until)?);
    Some(Span {
        phase: Phase::ALL.into_iter().find(|phase| phase.word() == word)?,
        from,
        until: until.max(from),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let spans = Phase::ALL.into_iter().zip(1..).map(|(phase, at)| Span {
            phase,
            from: Duration::from_micros(at * 10),
            until: Duration::from_micros(at * 10 + at),
        });
        let whole = Timing {
            spans: spans.collect(),
            reused: Some(false),
            version: Some("HTTP/1.1".to_owned()),
            sent: Some(12),
            received: Some(345),
        };
        for timing in [whole, Timing::default()] {
            let text = timing.to_json().to_string();
            let read = Json::parse(&text).expect("is JSON");
            assert_eq!(Timing::from_json(&read), timing, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_known() {
        let odd = r#"{"spans":[["nap",1,2],["wait",5,3],["read",-1,2],["tls"],7],"reused":1,"sent":-4,"version":{}}"#;
        let timing = Timing::from_json(&Json::parse(odd).expect("is JSON"));
        let five = Duration::from_micros(5);
        let wait = Span {
            phase: Phase::Wait,
            from: five,
            until: five,
        };
        assert_eq!(
            timing,
            Timing {
                spans: vec![wait],
                ..Timing::default()
            }
        );
        assert_eq!(Timing::from_json(&Json::Null), Timing::default());
    }
}
