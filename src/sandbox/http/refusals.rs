//! When a caller who did not prove who it is hears so: never at once, and the faster it guesses the later. Nobody is
//! shut out, since on one machine all callers have the same address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

/// Between two refusals to one address, and before the first.
const PACE: Duration = Duration::from_millis(50);
/// The longest that a refusal waits.
const LONGEST: Duration = Duration::from_secs(1);

/// The last refusal to each address, unless it is past.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<IpAddr, Instant>>);

impl Refusals {
    /// When a refusal to `peer`, decided at `now`, is to be sent.
    pub(super) fn due(&self, peer: IpAddr, now: Instant) -> Instant {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.retain(|_, due| *due > now);
        let before = last.get(&peer).copied().unwrap_or(now);
        let due = (before + PACE).min(now + LONGEST);
        last.insert(peer, due);
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_to_one_address_come_one_after_another() {
        let refusals = Refusals::default();
        let now = Instant::now();
        let [one, other] = [1, 2].map(|last| IpAddr::from([192, 0, 2, last]));
        let wait = |peer, now: Instant| refusals.due(peer, now) - now;
        assert_eq!(wait(one, now), PACE);
        assert_eq!(wait(one, now), PACE * 2);
        assert_eq!(wait(other, now), PACE, "others do not wait for it");
        let later = now + PACE;
        assert_eq!(wait(one, later), PACE * 2);
        for _ in 0..100 {
            assert!(wait(one, later) <= LONGEST);
        }
        assert_eq!(wait(one, later), LONGEST);
        assert_eq!(wait(one, later + LONGEST * 2), PACE);
        assert_eq!(
            refusals.0.lock().expect("no panic").len(),
            1,
            "the past is forgotten"
        );
    }
}
