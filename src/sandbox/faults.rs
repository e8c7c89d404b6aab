//! Faults on request: what may go wrong with a call, in which calls, and how that is written. A sandbox is where a bad
//! service can be rehearsed, so that a client's behaviour is known before the day it is needed.
//!
//! ```text
//! entity.create=504@10%            *=latency:300ms            entity.*=reset:before
//! ───operation── kind share
//! ```
//!
//! Pure: which call fails follows from the rules, the seed and the call's number alone, so that the same calls fail
//! again under the same seed. `http` does what is written here; the command line and the explorer write it. All of it
//! is our choice: the service has nothing of the kind.

use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use crate::capture::endpoint::ENDPOINTS;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::CATALOGUE;
use crate::capture::error::ErrorCode;

/// The longest that a fault may take.
pub const LONGEST: Duration = Duration::from_secs(60);

/// The HTTP statuses that a gateway in front of the service is known to send, or that clients of it repeat a call on.
const GATEWAY: &[u16] = &[403, 500, 501, 502, 503, 504, 510];

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The answer comes so much later.
    Latency(Duration),
    /// An error of the service with this code, in HTTP 200.
    Code(ErrorCode),
    /// A page of HTML with this HTTP status, from a gateway in front of the service.
    Gateway(u16),
    /// Half of the answer comes, though its head promises all of it.
    Truncated,
    /// The connection is reset in place of an answer.
    Reset,
    /// The answer calls itself HTML.
    WrongType,
    /// The answer's body takes so long to come, piece by piece.
    Slow(Duration),
}

/// A fault: what goes wrong, and whether the call's work is done all the same. Made from text only, so that its numbers
/// are within their limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    kind: FaultKind,
    done: bool,
}

impl Fault {
    /// What goes wrong.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// Whether the work is done before the fault. Where it is and no answer tells, the caller cannot know what became
    /// of the call.
    pub fn work_is_done(&self) -> bool {
        self.done
    }

    /// How long it takes by itself.
    pub fn time(&self) -> Duration {
        match self.kind {
            FaultKind::Latency(time) | FaultKind::Slow(time) => time,
            FaultKind::Code(_)
            | FaultKind::Gateway(_)
            | FaultKind::Truncated
            | FaultKind::Reset
            | FaultKind::WrongType => Duration::ZERO,
        }
    }
}

impl FaultKind {
    /// Whether the work is done when nothing is said about it: yes where the trouble is with the answer, and where
    /// somebody only stopped waiting; no where the call was refused.
    fn usually_done(self) -> bool {
        match self {
            Self::Latency(_) | Self::Truncated | Self::Reset | Self::WrongType | Self::Slow(_) => {
                true
            }
            Self::Code(code) => code == ErrorCode::TIMEOUT,
            Self::Gateway(status) => status == 504,
        }
    }
}

/// As it is read.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            FaultKind::Latency(time) => write!(f, "latency:{}", Time(time))?,
            FaultKind::Code(code @ (ErrorCode::TIMEOUT | ErrorCode::API_LIMIT_ERROR)) => {
                write!(f, "{code}")?;
            }
            FaultKind::Code(code) => write!(f, "code={code}")?,
            FaultKind::Gateway(status) => write!(f, "http-{status}")?,
            FaultKind::Truncated => f.write_str("truncated")?,
            FaultKind::Reset => f.write_str("reset")?,
            FaultKind::WrongType => f.write_str("wrong-type")?,
            FaultKind::Slow(time) => write!(f, "slow:{}", Time(time))?,
        }
        match (self.done, self.kind.usually_done()) {
            (true, false) => f.write_str(":after"),
            (false, true) => f.write_str(":before"),
            _ => Ok(()),
        }
    }
}

struct Time(Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis.is_multiple_of(1000) {
            write!(f, "{}s", millis / 1000)
        } else {
            write!(f, "{millis}ms")
        }
    }
}

/// Why a text is no fault or no rule. Each says what would be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No such kind.
    #[error(
        "there is no fault `{0}`; there are 504, 510, code=N, latency:TIME, slow:TIME, truncated, reset, wrong-type and \
         {gateway}, each also with :before or :after its work",
        gateway = list(GATEWAY.iter().map(|status| format!("http-{status}")))
    )]
    Kind(String),
    /// No such code.
    #[error("`{0}` is no code of the service; there are {codes}", codes = list(CATALOGUE.iter().map(|info| info.code)))]
    Code(String),
    /// No time, or one that is too long.
    #[error("`{0}` needs a time from 1ms to {longest}: {0}:300ms or {0}:5s", longest = Time(LONGEST))]
    Time(String),
    /// No share.
    #[error("`@{0}` is no share: write a whole number from 1 to 100 with its sign, as in @10%")]
    Share(String),
    /// No such operation.
    #[error(
        "there is no operation `{0}`; there are * for all, beginnings such as entity.*, and {operations}",
        operations = list(ENDPOINTS.iter().map(|spec| spec.endpoint))
    )]
    Operation(String),
    /// Only half a rule.
    #[error("`{0}` names no operation: write OPERATION=FAULT, as in entity.create=504 or *={0}")]
    Lone(String),
}

fn list(words: impl IntoIterator<Item = impl fmt::Display>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
    words.join(", ")
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (rest, done) = match text.rsplit_once(':') {
            Some((rest, "before")) => (rest, Some(false)),
            Some((rest, "after")) => (rest, Some(true)),
            _ => (text, None),
        };
        let (name, argument) = match rest.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (rest, None),
        };
        let time = || {
            argument
                .and_then(read_time)
                .ok_or_else(|| FaultError::Time(name.to_owned()))
        };
        let kind = match (name, argument) {
            ("latency", _) => FaultKind::Latency(time()?),
            ("slow", _) => FaultKind::Slow(time()?),
            ("truncated", None) => FaultKind::Truncated,
            ("reset", None) => FaultKind::Reset,
            ("wrong-type", None) => FaultKind::WrongType,
            (name, None) => read_answer(name)?,
            _ => return Err(FaultError::Kind(text.to_owned())),
        };
        let done = done.unwrap_or_else(|| kind.usually_done());
        Ok(Self { kind, done })
    }
}

/// A time in seconds or milliseconds, within the limit.
fn read_time(text: &str) -> Option<Duration> {
    let time = match text.strip_suffix("ms") {
        Some(millis) => Duration::from_millis(millis.parse().ok()?),
        None => Duration::from_secs(text.strip_suffix('s')?.parse().ok()?),
    };
    (!time.is_zero() && time <= LONGEST).then_some(time)
}

/// The kinds that are an answer of their own: `http-502`, `504`, `code=402`.
fn read_answer(name: &str) -> Result<FaultKind, FaultError> {
    let unknown = || FaultError::Kind(name.to_owned());
    if let Some(status) = name.strip_prefix("http-") {
        let status = status.parse().ok();
        let status = status.filter(|status| GATEWAY.contains(status));
        return status.map(FaultKind::Gateway).ok_or_else(unknown);
    }
    let number = name.strip_prefix("code=").unwrap_or(name);
    match number.parse().map(ErrorCode) {
        Ok(code) if code.info().is_some() => Ok(FaultKind::Code(code)),
        Err(_) if number == name => Err(unknown()),
        _ => Err(FaultError::Code(number.to_owned())),
    }
}

/// Which operations a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operations {
    /// All, and paths that are none: `*`.
    All,
    /// Those whose names begin so, at least one: `entity.*`.
    Beginning(String),
    /// This one.
    One(Endpoint),
}

impl Operations {
    fn include(&self, operation: Option<Endpoint>) -> bool {
        match self {
            Self::All => true,
            Self::Beginning(begin) => {
                operation.is_some_and(|operation| operation.name().starts_with(begin.as_str()))
            }
            Self::One(one) => operation == Some(*one),
        }
    }
}

impl fmt::Display for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Beginning(begin) => write!(f, "{begin}*"),
            Self::One(one) => f.write_str(one.name()),
        }
    }
}

impl FromStr for Operations {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let unknown = || FaultError::Operation(text.to_owned());
        match text.strip_suffix('*') {
            Some("") => Ok(Self::All),
            Some(begin) => {
                let known = ENDPOINTS
                    .iter()
                    .any(|spec| spec.endpoint.name().starts_with(begin));
                known
                    .then(|| Self::Beginning(begin.to_owned()))
                    .ok_or_else(unknown)
            }
            None => Endpoint::from_path(text).map(Self::One).ok_or_else(unknown),
        }
    }
}

/// A fault for some operations, in a share of their calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which operations.
    pub operations: Operations,
    /// What goes wrong.
    pub fault: Fault,
    /// In how many of a hundred calls, on average: from 1 to 100.
    pub share: u8,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.operations, self.fault)?;
        match self.share {
            100 => Ok(()),
            share => write!(f, "@{share}%"),
        }
    }
}

impl FromStr for Rule {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let Some((operations, rest)) = text.split_once('=') else {
            return Err(FaultError::Lone(text.to_owned()));
        };
        let (fault, share) = match rest.rsplit_once('@') {
            Some((fault, share)) => (fault, read_share(share)?),
            None => (rest, 100),
        };
        Ok(Self {
            operations: operations.parse()?,
            fault: fault.parse()?,
            share,
        })
    }
}

fn read_share(text: &str) -> Result<u8, FaultError> {
    let share = text.strip_suffix('%').and_then(|text| text.parse().ok());
    share
        .filter(|share| (1..=100).contains(share))
        .ok_or_else(|| FaultError::Share(text.to_owned()))
}

/// Which calls fail how: rules, and a seed that decides where a share of the calls is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Asked in this order: the first that hits a call decides.
    pub rules: Vec<Rule>,
    /// Under the same seed, the same calls in the same order fail.
    pub seed: u32,
}

impl Faults {
    /// What goes wrong with call `number`, which is of `operation` if that is one.
    pub fn hit(&self, operation: Option<Endpoint>, number: u64) -> Option<Fault> {
        let hits = |(place, rule): &(u64, &Rule)| {
            rule.operations.include(operation)
                && draw(self.seed, number, *place) % 100 < u64::from(rule.share)
        };
        let mut rules = (0..).zip(&self.rules);
        rules.find(hits).map(|(_, rule)| rule.fault)
    }
}

/// A number that looks random and follows from these three.
fn draw(seed: u32, number: u64, place: u64) -> u64 {
    mix(mix(mix(seed.into()) ^ number) ^ place)
}

/// One step of splitmix64.
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The faults of a running sandbox: they may change, and it counts its calls.
#[derive(Debug, Default)]
pub(crate) struct Injector(Mutex<Injecting>);

#[derive(Debug, Default)]
struct Injecting {
    faults: Faults,
    /// Since these faults were set.
    calls: u64,
}

impl Injector {
    pub(crate) fn new(faults: Faults) -> Self {
        Self(Mutex::new(Injecting { faults, calls: 0 }))
    }

    pub(crate) fn faults(&self) -> Faults {
        self.lock().faults.clone()
    }

    /// Takes other faults and counts from the beginning.
    pub(crate) fn set(&self, faults: Faults) {
        *self.lock() = Injecting { faults, calls: 0 };
    }

    /// Counts a call, and says what goes wrong with it.
    pub(crate) fn next(&self, operation: Option<Endpoint>) -> Option<Fault> {
        let mut injecting = self.lock();
        let number = injecting.calls;
        injecting.calls = number.wrapping_add(1);
        injecting.faults.hit(operation, number)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Injecting> {
        // Nothing that panics happens under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rules: &[&str], seed: u32) -> Faults {
        let rules = rules.iter().map(|rule| rule.parse().expect("is a rule"));
        Faults {
            rules: rules.collect(),
            seed,
        }
    }

    #[test]
    fn rules_are_written_as_they_are_read() {
        for text in [
            "entity.create=504@10%",
            "entity.create=504:before",
            "*=latency:300ms",
            "*=latency:60s",
            "entity*=slow:1500ms@1%",
            "entity.*=reset:before",
            "clients/*=http-502",
            "clients/list=http-503:after@99%",
            "entity=truncated",
            "entity=wrong-type",
            "entity=510:after",
            "entity=code=402",
            "entityType.create=code=500:after@50%",
        ] {
            let rule: Rule = text.parse().expect(text);
            assert_eq!(rule.to_string(), text);
        }
        for (text, written) in [
            ("/entity.create=code=504@100%", "entity.create=504"),
            ("*=361", "*=code=361"),
            ("*=510:before", "*=510"),
            ("*=reset:after", "*=reset"),
            ("*=latency:2000ms", "*=latency:2s"),
        ] {
            let rule: Rule = text.parse().expect(text);
            assert_eq!(rule.to_string(), written);
        }
    }

    #[test]
    fn what_is_no_rule_says_what_would_be_one() {
        for (text, told) in [
            ("504", "`504` names no operation"),
            ("entity.explode=504", "entity.create, "),
            ("explode.*=504", "there are * for all"),
            ("=504", "there is no operation ``"),
            ("*=", "there is no fault ``"),
            ("*=boom", "latency:TIME"),
            ("*=http-418", "http-510"),
            ("*=reset:now", "reset, wrong-type"),
            ("*=reset:before:after", "there is no fault"),
            ("*=truncated:5s", "there is no fault"),
            ("*=504:5s", "there is no fault"),
            ("*=code=999", "`999` is no code of the service"),
            ("*=code=abc", "361"),
            ("*=999", "is no code of the service"),
            ("*=latency", "needs a time from 1ms to 60s"),
            ("*=latency:0s", "needs a time"),
            ("*=latency:61s", "needs a time"),
            ("*=latency:60001ms", "needs a time"),
            ("*=slow:5", "slow:300ms or slow:5s"),
            ("*=slow:-1s", "needs a time"),
            ("*=504@", "`@` is no share"),
            ("*=504@10", "from 1 to 100"),
            ("*=504@0%", "from 1 to 100"),
            ("*=504@101%", "from 1 to 100"),
        ] {
            let error = text.parse::<Rule>().expect_err(text).to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }

    /// Where the trouble is with the answer, the work is done unless asked otherwise.
    #[test]
    fn work_is_done_where_nobody_would_know() {
        for (text, done) in [
            ("latency:1s", true),
            ("slow:1s", true),
            ("truncated", true),
            ("reset", true),
            ("wrong-type", true),
            ("504", true),
            ("http-504", true),
            ("510", false),
            ("code=500", false),
            ("http-502", false),
            ("http-503", false),
            ("http-510", false),
            ("reset:before", false),
            ("510:after", true),
        ] {
            let fault: Fault = text.parse().expect(text);
            assert_eq!(fault.work_is_done(), done, "{text}");
        }
    }

    #[test]
    fn the_first_rule_that_hits_decides() {
        let faults = faults(
            &["entity.create=reset", "entity.*=510", "clients/*=http-502"],
            0,
        );
        let hit = |operation| faults.hit(operation, 7).map(|fault| fault.to_string());
        assert_eq!(hit(Some(Endpoint::EntityCreate)).as_deref(), Some("reset"));
        assert_eq!(hit(Some(Endpoint::EntityFind)).as_deref(), Some("510"));
        assert_eq!(hit(Some(Endpoint::EntityView)), None);
        assert_eq!(
            hit(Some(Endpoint::ClientsList)).as_deref(),
            Some("http-502")
        );
        assert_eq!(hit(None), None);
        let all = self::faults(&["*=510"], 0);
        assert!(all.hit(None, 0).is_some(), "paths that are no operation");
    }

    #[test]
    fn the_same_seed_hits_the_same_calls() {
        let create = Some(Endpoint::EntityCreate);
        let hits = |share: u8, seed: u32| -> Vec<u64> {
            let faults = faults(&[&format!("*=504@{share}%")], seed);
            (0..1000)
                .filter(|number| faults.hit(create, *number).is_some())
                .collect()
        };
        // Pinned: who wrote down a seed expects the same calls from the next version.
        assert_eq!(hits(10, 7)[..5], [11, 13, 21, 31, 33]);
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf, "the published first number");
        assert_eq!(hits(10, 7), hits(10, 7));
        assert_ne!(hits(10, 7), hits(10, 8));
        for share in [1, 10, 50, 90] {
            let count = hits(share, 1).len();
            let expected = usize::from(share) * 10;
            assert!(
                count.abs_diff(expected) < 60,
                "{share} % of 1000 is {count}"
            );
        }
        assert_eq!(hits(100, 1).len(), 1000);
    }

    #[test]
    fn changed_faults_count_from_the_beginning() {
        let injector = Injector::new(faults(&["*=504@10%"], 7));
        let next = |count: usize| -> Vec<usize> {
            (0..count)
                .filter(|_| injector.next(None).is_some())
                .collect()
        };
        let first = next(30);
        injector.set(injector.faults());
        assert_eq!(next(30), first);
        injector.set(Faults::default());
        assert_eq!(next(30), Vec::<usize>::new());
    }
}
