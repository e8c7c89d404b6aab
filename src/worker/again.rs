//! Asking a read again after a temporary failure: which failures are temporary, how long to wait, and when to give up.
//!
//! ```text
//!   ask ──▶ answer ──▶ ok, or an error that stays ───────────────────────▶ back to whoever asked
//!             └──▶ temporary ──▶ told, a growing pause with jitter ──▶ ask again, at most so many times
//! ```
//!
//! Used by the jobs that read in bulk, and by a load that looks up what became of a batch. A write never goes through it
//! a second time: its failure is nothing temporary here, whatever it is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::capture::endpoint::Effect;
use crate::capture::error::ErrorCode;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::exchange::Answered;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Stage;
use crate::sandbox::random;
use crate::worker::job::JobError;
use crate::worker::job::Progress;
use crate::worker::run;
use crate::worker::services::Keep;
use crate::worker::services::Services;

/// The longest pause that an answer may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(300);

/// What is temporary about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The service takes no more calls for now: 510 in both of its forms, 429, 503.
    Busy,
    /// It was too much to answer in time, or for the gateway: 504 in both of its forms, 502, no answer in time. Less of the
    /// same may be answered.
    TooMuch,
    /// The answer was lost or broke off: a reset, half a body, an internal error.
    Broken,
    /// No connection could be made.
    NoConnection,
}

/// What is temporary about the failure of a read; `None` when it went well, when the same call would fail again, and for
/// every call that is no read.
pub fn trouble(exchange: &Exchange) -> Option<Trouble> {
    if exchange.request.endpoint.spec().effect != Effect::Read {
        return None;
    }
    match &exchange.outcome {
        Outcome::Answered(answered) => answered_trouble(answered),
        Outcome::Failed(error) => match error.stage {
            Stage::Connect => Some(Trouble::NoConnection),
            // What the client says when its own time is up.
            Stage::Wait | Stage::Read if error.message.starts_with("no whole answer within") => {
                Some(Trouble::TooMuch)
            }
            Stage::Read if error.message.starts_with("the answer is longer than") => {
                Some(Trouble::TooMuch)
            }
            Stage::Wait | Stage::Read => Some(Trouble::Broken),
            Stage::Cancelled | Stage::Prepare => None,
        },
    }
}

fn answered_trouble(answered: &Answered) -> Option<Trouble> {
    match &answered.answer {
        Answer::Ok(_) => None,
        // The codes that the vendor's own tools repeat a call on (reference 8), but for refusals.
        Answer::Error(error) => match error.code {
            ErrorCode::API_LIMIT_ERROR => Some(Trouble::Busy),
            ErrorCode::TIMEOUT => Some(Trouble::TooMuch),
            ErrorCode::UNEXPECTED_ERROR => Some(Trouble::Broken),
            _ => None,
        },
        Answer::NotCapture(_) => match answered.status {
            429 | 503 | 510 => Some(Trouble::Busy),
            502 | 504 => Some(Trouble::TooMuch),
            200 | 500 | 501 => Some(Trouble::Broken),
            _ => None,
        },
    }
}

/// How often a read is asked, and how long the pauses are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How often in all.
    pub tries: u32,
    /// The pause before the second time; each later one is twice as long.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Default for Patience {
    /// About two minutes in all: as long as a service may be away while it is put on its feet again.
    fn default() -> Self {
        Self {
            tries: 12,
            first: Duration::from_millis(100),
            longest: Duration::from_secs(30),
        }
    }
}

impl Patience {
    /// The pause after so many tries, from 1; `luck`, from 0 to 1, takes up to half of it away, so that those who failed
    /// together do not come back together. `None` when it was tried often enough.
    fn pause(&self, tried: u32, luck: f64) -> Option<Duration> {
        if tried >= self.tries {
            return None;
        }
        let doubled = self.first.saturating_mul(1 << (tried - 1).min(20));
        Some(doubled.min(self.longest).mul_f64(1.0 - luck / 2.0))
    }
}

/// That a read is going to be asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Why, in words.
    pub why: String,
    /// How long until then.
    pub pause: Duration,
    /// How often it was asked.
    pub tried: u32,
}

/// As it is told.
impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { why, pause, tried } = self;
        let seconds = pause.as_secs_f64();
        write!(
            f,
            "{why}: asking again in {seconds:.1} s (asked {tried} times)"
        )
    }
}

/// How the answer to a read is understood, and what is kept of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Understood whole.
    Whole,
    /// Without `results`, which are left in the body as they came: a page of records that is passed on and not looked into.
    Outline,
}

/// How a job asks the service: not faster than it may, and again where a failure is temporary. Shared by all that a job
/// does at the same time.
pub struct Asking<'a, P> {
    services: &'a Services,
    progress: &'a P,
    cancel: &'a CancellationToken,
    patience: Patience,
    /// Calls are that far apart at least.
    apart: Duration,
    /// When the next call may leave.
    next: Mutex<Instant>,
    /// Whether the service was reached before: an address that was never reached is more likely wrong than away.
    was_reached: AtomicBool,
}

impl<'a, P: Fn(Progress)> Asking<'a, P> {
    /// Asks as often and as fast as is usual.
    pub fn new(services: &'a Services, progress: &'a P, cancel: &'a CancellationToken) -> Self {
        Self {
            services,
            progress,
            cancel,
            patience: Patience::default(),
            apart: Duration::ZERO,
            next: Mutex::new(Instant::now()),
            was_reached: AtomicBool::new(false),
        }
    }

    /// The same with other patience.
    #[must_use]
    pub fn patient(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// The same with calls that leave so far apart at least.
    #[must_use]
    pub fn apart(mut self, apart: Duration) -> Self {
        self.apart = apart;
        self
    }

    /// Asks until there is an answer that stays: one that is ok, or an error that the same call would get again. The last
    /// failure comes back as [`JobError::Exchange`] when it was tried often enough.
    pub async fn ask(
        &self,
        request: &ApiRequest,
        reading: Reading,
    ) -> Result<Arc<Exchange>, JobError> {
        let mut again = self.again();
        loop {
            let exchange = self.once(request, reading).await?;
            if trouble(&exchange).is_none() {
                return Ok(exchange);
            }
            again.wait(exchange).await?;
        }
    }

    /// Asks once, when its turn has come.
    pub async fn once(
        &self,
        request: &ApiRequest,
        reading: Reading,
    ) -> Result<Arc<Exchange>, JobError> {
        self.turn().await?;
        let keep = match reading {
            Reading::Whole => Keep::Trouble,
            Reading::Outline => Keep::TroubleOfOutline,
        };
        let exchange = run::make(request, keep, self.services, self.progress, self.cancel).await?;
        if trouble(&exchange) != Some(Trouble::NoConnection) {
            self.was_reached.store(true, Ordering::Relaxed);
        }
        Ok(exchange)
    }

    /// Tells something that whoever asks should know.
    pub fn tell(&self, notice: &str) {
        (self.progress)(Progress::Notice(notice.to_owned()));
    }

    /// For whoever asks differently after a failure: counts the tries of one question.
    pub fn again(&self) -> Again<'_, 'a, P> {
        Again {
            asking: self,
            tried: 0,
        }
    }

    /// Waits until the next call may leave.
    async fn turn(&self) -> Result<(), JobError> {
        if self.apart.is_zero() {
            return Ok(());
        }
        let mine = {
            let mut next = self.next.lock().await;
            let mine = (*next).max(Instant::now());
            *next = mine + self.apart;
            mine
        };
        self.cancel
            .run_until_cancelled(tokio::time::sleep_until(mine))
            .await
            .ok_or(JobError::Cancelled(None))
    }
}

/// The tries of one question.
pub struct Again<'b, 'a, P> {
    asking: &'b Asking<'a, P>,
    tried: u32,
}

impl<P: Fn(Progress)> Again<'_, '_, P> {
    /// Takes note of a failed try, tells it, and waits. Gives what is temporary about it; the failure itself when it is
    /// not, or when it was tried often enough.
    pub async fn wait(&mut self, exchange: Arc<Exchange>) -> Result<Trouble, JobError> {
        let Some(trouble) = trouble(&exchange) else {
            return Err(JobError::Exchange(exchange));
        };
        let asking = self.asking;
        self.tried += 1;
        let is_strange =
            trouble == Trouble::NoConnection && !asking.was_reached.load(Ordering::Relaxed);
        let luck = f64::from(random::seed()) / f64::from(u32::MAX);
        let pause = asking.patience.pause(self.tried, luck);
        let Some(pause) = pause.filter(|_| !is_strange) else {
            return Err(JobError::Exchange(exchange));
        };
        let pause = pause.max(asked_for(&exchange));
        let why = exchange.failure().map(|failure| failure.message);
        (asking.progress)(Progress::Again(Waiting {
            why: why.unwrap_or_default(),
            pause,
            tried: self.tried,
        }));
        asking
            .cancel
            .run_until_cancelled(tokio::time::sleep(pause))
            .await
            .ok_or(JobError::Cancelled(None))?;
        Ok(trouble)
    }
}

/// The pause that an answer asks for.
pub(in crate::worker) fn asked_for(exchange: &Exchange) -> Duration {
    let seconds = match &exchange.outcome {
        Outcome::Answered(answered) => answered.header("retry-after"),
        Outcome::Failed(_) => None,
    };
    let seconds = seconds.and_then(|text| text.trim().parse().ok());
    Duration::from_secs(seconds.unwrap_or(0)).min(LONGEST_ASKED)
}

#[cfg(test)]
mod tests;
