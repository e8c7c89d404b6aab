//! How fast a load goes: calls a second, the pause that a busy service asks for, and how many records a call takes. A batch
//! is halved when the service gives up on one, and grows again slowly.

use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::sandbox::random;

/// The first pause when the service takes no more calls; each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest pause. The vendor's loader waits as long at once.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// After so many calls that went well a batch grows by a tenth.
const GROWS_AFTER: u32 = 5;

/// The pace of all calls of a load.
pub(super) struct Pace {
    /// Calls are that far apart at least.
    apart: Duration,
    /// The most records of a batch.
    most: usize,
    state: Mutex<State>,
}

struct State {
    /// When the next call may leave.
    next: Instant,
    /// How long the next pause is.
    pause: Duration,
    size: usize,
    went_well: u32,
    /// How often in a row nothing reached the service; of what was under way together, once.
    away: u32,
    /// Since when nothing has come of any call.
    failing: Option<Instant>,
}

impl Pace {
    /// Calls that far apart at least, with `most` records in a call.
    pub(super) fn new(apart: Duration, most: usize) -> Self {
        let most = most.max(1);
        Self {
            apart,
            most,
            state: Mutex::new(State {
                next: Instant::now(),
                pause: FIRST_PAUSE,
                size: most,
                went_well: 0,
                away: 0,
                failing: None,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many records the next batch has at most.
    pub(super) fn size(&self) -> usize {
        self.state().size
    }

    /// Waits until a call may leave; false when it was cancelled meanwhile.
    pub(super) async fn turn(&self, cancel: &CancellationToken) -> bool {
        sleep_until(self.reserve(), cancel).await
    }

    /// When the next call may leave; the one after it comes later.
    fn reserve(&self) -> Instant {
        let mut state = self.state();
        let mine = state.next.max(Instant::now());
        state.next = mine + self.apart;
        mine
    }

    /// A call went well.
    pub(super) fn went_well(&self) {
        let mut state = self.state();
        state.failing = None;
        state.pause = FIRST_PAUSE;
        state.away = 0;
        state.went_well += 1;
        if state.went_well >= GROWS_AFTER {
            state.went_well = 0;
            state.size = (state.size + state.size.div_ceil(10)).min(self.most);
        }
    }

    /// The service gave up on so many records at once.
    pub(super) fn too_much(&self, records: usize) {
        let mut state = self.state();
        state.went_well = 0;
        state.size = state.size.min(records.div_ceil(2)).max(1);
    }

    /// Records were found of a call of which nothing was known.
    pub(super) fn came_late(&self) {
        self.state().failing = None;
    }

    /// Nothing came of a call; gives how long that has been so of all calls.
    pub(super) fn failed(&self) -> Duration {
        let mut state = self.state();
        let since = *state.failing.get_or_insert_with(Instant::now);
        since.elapsed()
    }

    /// The service takes no more calls for now: nobody calls before a pause is over, of `asked` at least. Gives the pause,
    /// once for all that was under way together.
    pub(super) fn busy(&self, asked: Duration) -> Option<Duration> {
        let mut state = self.state();
        state.went_well = 0;
        let now = Instant::now();
        // Those in flight beside the first one are refused for the same reason, and need no longer pause.
        let is_first = state.next <= now + self.apart;
        if is_first {
            // Up to half of it less, so that those who were refused together do not come back together.
            let luck = f64::from(random::seed()) / f64::from(u32::MAX);
            state.next = now + state.pause.mul_f64(1.0 - luck / 2.0);
            state.pause = (2 * state.pause).min(LONGEST_PAUSE);
        }
        state.next = state.next.max(now + asked);
        is_first.then(|| state.next - now)
    }

    /// Nothing reached the service: a pause as before. Gives it with how often in a row.
    pub(super) fn away(&self) -> (Option<Duration>, u32) {
        let pause = self.busy(Duration::ZERO);
        let mut state = self.state();
        state.away += u32::from(pause.is_some());
        (pause, state.away)
    }
}

/// False when it was cancelled meanwhile.
pub(super) async fn sleep_until(until: Instant, cancel: &CancellationToken) -> bool {
    cancel
        .run_until_cancelled(tokio::time::sleep_until(until))
        .await
        .is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_halved_and_grows_again_slowly() {
        let pace = Pace::new(Duration::ZERO, 100);
        pace.too_much(100);
        pace.too_much(100);
        assert_eq!(pace.size(), 50, "those in flight together count once");
        pace.too_much(50);
        pace.too_much(3);
        assert_eq!(pace.size(), 2);
        pace.too_much(1);
        assert_eq!(pace.size(), 1);
        let mut sizes = Vec::new();
        for _ in 0..30 * GROWS_AFTER {
            pace.went_well();
            sizes.push(pace.size());
        }
        sizes.dedup();
        assert_eq!(sizes[..5], [1, 2, 3, 4, 5]);
        assert!(sizes.windows(2).all(|pair| pair[0] < pair[1]), "{sizes:?}");
        for _ in 0..50 * GROWS_AFTER {
            pace.went_well();
        }
        assert_eq!(pace.size(), 100);
    }

    #[test]
    fn calls_keep_their_distance_and_pauses_grow() {
        let pace = Pace::new(Duration::from_millis(250), 1);
        let turns: Vec<Instant> = (0..5).map(|_| pace.reserve()).collect();
        for pair in turns.windows(2) {
            assert!(pair[1] - pair[0] >= Duration::from_millis(250));
        }
        let pace = Pace::new(Duration::ZERO, 1);
        let mut longest = FIRST_PAUSE;
        for _ in 0..12 {
            let now = Instant::now();
            pace.state().next = now;
            assert!(pace.busy(Duration::ZERO).is_some());
            let next = pace.state().next;
            assert!(next >= now + longest / 2, "{longest:?}");
            assert_eq!(pace.busy(Duration::ZERO), None);
            assert_eq!(
                pace.state().next,
                next,
                "those in flight together count once"
            );
            longest = (2 * longest).min(LONGEST_PAUSE);
            assert_eq!(pace.state().pause, longest);
        }
        pace.went_well();
        assert_eq!(pace.state().pause, FIRST_PAUSE);
    }

    #[test]
    fn a_pause_is_as_long_as_the_service_asks_for() {
        let pace = Pace::new(Duration::ZERO, 1);
        let asked = Duration::from_secs(7);
        let before = Instant::now();
        assert!(pace.busy(asked) >= Some(asked));
        pace.busy(2 * asked);
        assert!(pace.reserve() >= before + 2 * asked, "the longest counts");
    }

    #[test]
    fn what_fails_in_a_row_is_counted_until_something_goes_well() {
        let pace = Pace::new(Duration::ZERO, 1);
        for round in 1..4 {
            pace.state().next = Instant::now();
            assert_eq!(pace.away().1, round);
            assert_eq!(
                pace.away(),
                (None, round),
                "those in flight together count once"
            );
        }
        pace.state().failing = Some(Instant::now() - Duration::from_secs(9));
        assert!(pace.failed() >= Duration::from_secs(9));
        pace.came_late();
        assert!(pace.failed() < Duration::from_secs(9));
        pace.went_well();
        let state = pace.state();
        assert_eq!((state.away, state.failing), (0, None));
    }

    #[tokio::test]
    async fn a_pause_ends_with_a_cancel() {
        let cancel = CancellationToken::new();
        let pace = Pace::new(Duration::ZERO, 1);
        assert!(pace.turn(&cancel).await);
        cancel.cancel();
        pace.state().next = Instant::now() + LONGEST_PAUSE;
        assert!(!pace.turn(&cancel).await);
    }
}
