//! All records of a type that a filter lets through, in the order of their ids, handed to somebody who takes them on a
//! thread of its own. Used by exporting and comparing.
//!
//! ```text
//!  ranges of ids ──▶ read_ranges, several at the same time ──▶ a channel for each range, in order ──▶ Taker
//!  (ranges)          a page at a time, again and smaller                                              one thread
//!                    where the service gives up (pages)
//! ```
//!
//! What is taken is without a gap: when a range breaks off, nothing behind it is taken. Memory depends on the size of a
//! page and on how many ranges are read at the same time, never on how many records there are.

pub(super) mod pages;
mod ranges;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::future::try_join_all;
use tokio::sync::mpsc;
use tokio::sync::mpsc::Receiver;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::exchange::Exchange;
use crate::worker::again::Asking;
use crate::worker::again::Patience;
use crate::worker::again::Reading;
use crate::worker::again::trouble;
use crate::worker::job::BulkProgress;
use crate::worker::job::JobError;
use crate::worker::job::Progress;
use crate::worker::stream::pages::Page;
use crate::worker::stream::pages::Piece;
use crate::worker::stream::pages::Question;
use crate::worker::stream::pages::Shared;
use crate::worker::stream::pages::Sizer;
use crate::worker::stream::ranges::Ranges;

/// How often it is told how far it came.
const TOLD: Duration = Duration::from_millis(100);

/// How hard a service is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many ranges of ids are read at the same time.
    pub partitions: NonZeroUsize,
    /// How many records a page has at most; as many as the service gives when it is not said.
    pub page: Option<NonZeroUsize>,
    /// How far apart calls are at least.
    pub apart: Duration,
    /// How often a page is asked for.
    pub patience: Patience,
}

/// Somebody who takes records, on a thread of its own.
pub(super) trait Taker: Send + 'static {
    /// Why no more are taken.
    type Stop: Send + 'static;

    /// Takes a page. Blocks.
    fn take(&mut self, page: &Page) -> Result<(), Self::Stop>;

    /// Hears that all records up to this id were taken.
    fn reached(&mut self, id: i64);
}

/// Why it ended before the end.
pub(super) enum Ended<S> {
    /// They were not taken any more.
    Stopped(S),
    /// They could not be read.
    Failed(JobError),
}

/// Records to be read.
pub(super) struct Stream<'a, 'b, P> {
    pub(super) asking: &'b Asking<'a, P>,
    pub(super) question: &'b Question,
    pub(super) pace: &'b Pace,
    pub(super) progress: &'b P,
    /// How many there are in all, as far as it is known.
    pub(super) expected: Option<u64>,
    /// How many were taken in an earlier life.
    pub(super) before: u64,
}

impl<P: Fn(Progress)> Stream<'_, '_, P> {
    /// Reads all records after this id and hands them to `taker`, which comes back, whatever happened; `count` goes up with
    /// what was taken.
    pub(super) async fn hand_to<T: Taker>(
        &self,
        mut taker: T,
        after: i64,
        count: &Arc<AtomicU64>,
    ) -> (T, Result<(), Ended<T::Stop>>) {
        let ranges = match self.ranges(after).await {
            Ok(ranges) => ranges,
            Err(error) => return (taker, Err(Ended::Failed(error))),
        };
        let partitions = self.pace.partitions.get();
        let (queue, mut pieces) = mpsc::channel(partitions);
        let counted = Arc::clone(count);
        let taking = tokio::task::spawn_blocking(move || {
            let done = take_all(&mut taker, &mut pieces, &counted);
            (taker, done)
        });
        let shared = Shared {
            asking: self.asking,
            question: self.question,
            sizer: Mutex::new(Sizer::new(self.pace.page.map(NonZeroUsize::get))),
            ranges: tokio::sync::Mutex::new(ranges),
            queue,
        };
        // Taking ends when reading has: the queue goes with it.
        let work = async {
            let read = read(shared, partitions).await;
            (read, taking.await)
        };
        let (read, joined) = tokio::select! {
            done = work => done,
            never = self.tell(count) => never,
        };
        self.tell_once(count);
        let (taker, done) = match joined {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        let ended = match done {
            Err(stop) => Err(Ended::Stopped(stop)),
            Ok(()) => read.map_err(Ended::Failed),
        };
        (taker, ended)
    }

    async fn tell<N>(&self, count: &AtomicU64) -> N {
        loop {
            self.tell_once(count);
            tokio::time::sleep(TOLD).await;
        }
    }

    fn tell_once(&self, count: &AtomicU64) {
        (self.progress)(Progress::Bulk(BulkProgress {
            done: count.load(Ordering::Relaxed),
            of: self.expected,
            before: self.before,
            ..BulkProgress::default()
        }));
    }

    /// What is to be read after this id. Several ranges only where the service says which ids there are.
    async fn ranges(&self, after: i64) -> Result<Ranges, JobError> {
        if self.pace.partitions.get() == 1 {
            return Ok(Ranges::one(after));
        }
        let extremes = [false, true].map(|last| self.question.extreme(last));
        let asked = extremes
            .iter()
            .map(|request| self.asking.ask(request, Reading::Whole));
        let mut ids = Vec::new();
        for answer in join_all(asked).await {
            match answer {
                Ok(exchange) => ids.push(only_id(&exchange).ok_or(JobError::Exchange(exchange))?),
                // One page after the other can be read all the same.
                Err(JobError::Exchange(_)) => return Ok(Ranges::one(after)),
                Err(error) => return Err(error),
            }
        }
        let [Some(least), Some(greatest)] = ids[..] else {
            return Ok(Ranges::one(after));
        };
        let left = self
            .expected
            .map(|expected| expected.saturating_sub(self.before));
        Ok(Ranges::several(after.max(least - 1), greatest, left))
    }
}

/// Reads with so many at the same time; the first failure ends all of them.
async fn read<P: Fn(Progress)>(
    shared: Shared<'_, '_, P>,
    partitions: usize,
) -> Result<(), JobError> {
    let readers = (0..partitions).map(|_| shared.read_ranges());
    try_join_all(readers).await.map(|_| ())
}

/// Takes ranges in their order until there are no more, or one breaks off. Blocks.
fn take_all<T: Taker>(
    taker: &mut T,
    ranges: &mut Receiver<Receiver<Piece>>,
    count: &AtomicU64,
) -> Result<(), T::Stop> {
    while let Some(mut range) = ranges.blocking_recv() {
        loop {
            match range.blocking_recv() {
                Some(Piece::Page(page)) => {
                    taker.take(&page)?;
                    count.fetch_add(page.records.len() as u64, Ordering::Relaxed);
                }
                Some(Piece::End(id)) => {
                    taker.reached(id);
                    break;
                }
                // What lies behind it would leave a gap.
                None => return Ok(()),
            }
        }
    }
    Ok(())
}

/// The type, if this client may see it. An error when there is none.
pub(super) async fn schema<P: Fn(Progress)>(
    type_name: &str,
    asking: &Asking<'_, P>,
) -> Result<Arc<EntityType>, JobError> {
    let request = ApiRequest::new(Endpoint::TypeView).with("type_name", type_name);
    let exchange = asking.ask(&request, Reading::Whole).await?;
    let schema = match exchange.answer() {
        Some(Answer::Ok(answer)) => EntityType::from_json(answer).ok(),
        _ => None,
    };
    match schema {
        Some((schema, _)) => Ok(Arc::new(schema)),
        None => Err(JobError::Exchange(exchange)),
    }
}

/// How many records there are; `None` when the service cannot say, as of a filter that takes it too long.
pub(super) async fn count<P: Fn(Progress)>(
    question: &Question,
    asking: &Asking<'_, P>,
) -> Result<Option<u64>, JobError> {
    let exchange = match asking.ask(&question.count(), Reading::Whole).await {
        Err(JobError::Exchange(exchange)) if trouble(&exchange).is_some() => return Ok(None),
        done => done?,
    };
    let Some(Answer::Ok(answer)) = exchange.answer() else {
        return Err(JobError::Exchange(exchange));
    };
    let total = answer.get("total_count").and_then(Json::as_i64);
    Ok(total.and_then(|total| u64::try_from(total).ok()))
}

/// The id of the only record of an answer; `None` in the option when there is none.
#[expect(
    clippy::option_option,
    reason = "no answer, or an answer without a record"
)]
fn only_id(exchange: &Exchange) -> Option<Option<i64>> {
    let Some(Answer::Ok(answer)) = exchange.answer() else {
        return None;
    };
    match answer.get("results")?.as_array()? {
        [] => Some(None),
        [record, ..] => record.get("id").and_then(Json::as_i64).map(Some),
    }
}
