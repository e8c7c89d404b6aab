//! How the ids of a type are divided into ranges, so that several may be read at the same time: each about as many records
//! as two pages. Where records lie close the ranges become narrow, and wide where ids were given to other things: ids are
//! counted through all types and all elements of plurals (reference 5).
//!
//! Pure. Ranges are given out in order and without a gap; the last is open, for what was created meanwhile.

/// How much a new range tells of the density against all before it.
const WEIGHT: f64 = 0.4;

/// How much wider the next range is when one had nothing in it.
const WIDER: f64 = 4.0;

/// Some ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// All of them are greater.
    pub(super) after: i64,
    /// None is greater; `None` when there is no end.
    pub(super) until: Option<i64>,
}

/// The ranges that are not given out yet.
#[derive(Debug)]
pub(super) struct Ranges {
    /// Up to which id they are given out.
    given: i64,
    /// The greatest id there was at the beginning; `None` when all is one range.
    greatest: Option<i64>,
    /// Records for each id, as far as it is known.
    density: f64,
    ended: bool,
}

impl Ranges {
    /// One range for everything after this id.
    pub(super) fn one(after: i64) -> Self {
        Self {
            given: after,
            greatest: None,
            density: 1.0,
            ended: false,
        }
    }

    /// Ranges for everything after this id; so many records are expected in those up to `greatest`.
    pub(super) fn several(after: i64, greatest: i64, records: Option<u64>) -> Self {
        let ids = greatest.saturating_sub(after).max(1);
        let density = records.map_or(1.0, |records| records.max(1) as f64 / ids as f64);
        Self {
            greatest: Some(greatest),
            density: density.min(1.0),
            ..Self::one(after)
        }
    }

    /// The next range, with about so many records; `None` when everything is given out.
    pub(super) fn next(&mut self, records: usize) -> Option<Range> {
        if self.ended {
            return None;
        }
        let after = self.given;
        let left = self
            .greatest
            .map_or(0, |greatest| greatest.saturating_sub(after));
        if left <= 0 {
            self.ended = true;
            return Some(Range { after, until: None });
        }
        let width = (records.max(1) as f64 / self.density).ceil();
        // A number that is too large becomes the largest.
        let width = (width as i64).clamp(1, left);
        self.given = after + width;
        Some(Range {
            after,
            until: Some(self.given),
        })
    }

    /// Takes note of how many records a range had.
    pub(super) fn learn(&mut self, range: Range, records: u64) {
        let Some(until) = range.until else {
            return;
        };
        let ids = until.saturating_sub(range.after).max(1);
        self.density = if records == 0 {
            (self.density / WIDER).max(f64::MIN_POSITIVE)
        } else {
            let seen = (records as f64 / ids as f64).min(1.0);
            // After a desert, what was learnt there says nothing.
            if seen > self.density * WIDER {
                seen
            } else {
                self.density * (1.0 - WEIGHT) + seen * WEIGHT
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::prelude::prop;
    use proptest::proptest;

    use super::*;

    #[test]
    fn ranges_follow_the_density() {
        // Ten thousand ids with a record each tenth, nothing for a million ids, and then one each.
        let has = |id: i64| {
            if id <= 10_000 {
                id % 10 == 0
            } else {
                id > 1_010_000
            }
        };
        let mut ranges = Ranges::several(0, 1_020_000, Some(11_000));
        let (mut given, mut largest) = (0, 0);
        while let Some(range) = ranges.next(1_000) {
            given += 1;
            let Some(until) = range.until else { break };
            let records = (range.after + 1..=until).filter(|id| has(*id)).count() as u64;
            largest = largest.max(records);
            ranges.learn(range, records);
        }
        assert!(given < 60, "{given} ranges");
        assert!(largest <= 10_000, "{largest} records in one");
    }

    proptest! {
        #[test]
        fn every_id_is_in_one_range(
            after in 0..1_000_i64,
            more in 0..5_000_i64,
            told in prop::collection::vec(any::<u16>(), 1..50),
            expected in any::<Option<u64>>(),
        ) {
            let mut ranges = Ranges::several(after, after + more, expected);
            let (mut reached, mut turn) = (after, 0);
            while let Some(range) = ranges.next(usize::from(told[turn % told.len()])) {
                assert_eq!(range.after, reached);
                match range.until {
                    Some(until) => {
                        assert!(until > reached);
                        reached = until;
                    }
                    None => assert_eq!(ranges.next(1), None),
                }
                ranges.learn(range, u64::from(told[(turn + 1) % told.len()]));
                turn += 1;
            }
            assert_eq!(reached, after + more);
        }
    }

    #[test]
    fn one_range_is_open() {
        let mut ranges = Ranges::one(7);
        let only = Range {
            after: 7,
            until: None,
        };
        assert_eq!(ranges.next(10), Some(only));
        assert_eq!(ranges.next(10), None);
    }
}
