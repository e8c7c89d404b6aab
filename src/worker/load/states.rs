//! What is known of each row of a file: half a byte for one, so that a million rows take half a megabyte. Used while a load
//! runs and when its journal is read again.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

/// What is known of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    /// It is still to be sent.
    #[default]
    Pending = 0,
    /// It is still to be sent, and was sent before without being there when it was looked for: it may come late.
    Doubted = 1,
    /// It was about to be sent, and nothing is known of what became of it.
    Begun = 2,
    /// Its record is there.
    Done = 3,
    /// It was refused, here or by the service.
    Failed = 4,
    /// Nobody can tell whether its record is there.
    Unknown = 5,
}

impl State {
    fn of(bits: u8) -> Self {
        match bits {
            1 => Self::Doubted,
            2 => Self::Begun,
            3 => Self::Done,
            4 => Self::Failed,
            5 => Self::Unknown,
            _ => Self::Pending,
        }
    }

    /// Whether a row is still to be dealt with.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Doubted | Self::Begun)
    }
}

/// The states of all rows, by their numbers from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct States {
    halves: Vec<u8>,
}

impl States {
    /// The state of a row; what was never set is pending.
    pub(super) fn get(&self, row: u64) -> State {
        let Some((at, shift)) = place(row) else {
            return State::Pending;
        };
        let byte = self.halves.get(at).copied().unwrap_or_default();
        State::of((byte >> shift) & 0xf)
    }

    /// Notes the state of a row.
    pub(super) fn set(&mut self, row: u64, state: State) {
        let Some((at, shift)) = place(row) else {
            return;
        };
        if at >= self.halves.len() {
            self.halves.resize(at + 1, 0);
        }
        self.halves[at] = self.halves[at] & !(0xf << shift) | (state as u8) << shift;
    }

    /// How many of the rows up to `rows` are in this state.
    pub(super) fn count(&self, state: State, rows: u64) -> u64 {
        (1..=rows).filter(|row| self.get(*row) == state).count() as u64
    }

    /// The rows up to `rows` in this state.
    pub(super) fn rows(&self, state: State, rows: u64) -> Rows {
        (1..=rows).filter(|row| self.get(*row) == state).collect()
    }
}

fn place(row: u64) -> Option<(usize, u32)> {
    let at = usize::try_from(row.checked_sub(1)?).ok()?;
    Some((at / 2, if at % 2 == 0 { 0 } else { 4 }))
}

/// Numbers of rows, in order, written as `1-100,103`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rows(Vec<RangeInclusive<u64>>);

impl Rows {
    /// The numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> {
        self.0.iter().flat_map(RangeInclusive::clone)
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As it is written.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for range in &self.0 {
            if !text.is_empty() {
                text.push(',');
            }
            // A text takes whatever is written.
            let _ = match (range.start(), range.end()) {
                (first, last) if first == last => write!(text, "{first}"),
                (first, last) => write!(text, "{first}-{last}"),
            };
        }
        text
    }

    /// Reads what [`Rows::text`] wrote; `None` for anything else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let ranges = text.split(',').filter(|piece| !piece.is_empty());
        let ranges = ranges.map(|piece| {
            let (first, last) = piece.split_once('-').unwrap_or((piece, piece));
            let (first, last) = (first.parse().ok()?, last.parse().ok()?);
            (1 <= first && first <= last).then_some(first..=last)
        });
        Some(Self(ranges.collect::<Option<_>>()?))
    }
}

impl FromIterator<u64> for Rows {
    fn from_iter<I: IntoIterator<Item = u64>>(rows: I) -> Self {
        let mut ranges: Vec<RangeInclusive<u64>> = Vec::new();
        for row in rows {
            match ranges.last_mut() {
                Some(last) if *last.end() + 1 == row => *last = *last.start()..=row,
                _ => ranges.push(row..=row),
            }
        }
        Self(ranges)
    }
}

#[cfg(test)]
mod tests {
    use proptest::proptest;

    use super::*;

    #[test]
    fn each_row_has_its_own_state() {
        let mut states = States::default();
        let all = [
            State::Done,
            State::Failed,
            State::Unknown,
            State::Begun,
            State::Doubted,
        ];
        for (row, state) in (1..).zip(all) {
            states.set(row, state);
        }
        states.set(2, State::Pending);
        let read: Vec<State> = (0..8).map(|row| states.get(row)).collect();
        let pending = State::Pending;
        assert_eq!(
            read,
            [
                pending, all[0], pending, all[2], all[3], all[4], pending, pending
            ]
        );
        assert_eq!(states.count(State::Pending, 7), 3);
        assert_eq!(states.rows(State::Pending, 7).text(), "2,6-7");
    }

    #[test]
    fn what_is_no_list_of_rows_is_refused() {
        for text in ["x", "0", "3-2", "1-", "1-2-3"] {
            assert_eq!(Rows::read(text), None, "{text}");
        }
        assert_eq!(Rows::read("").map(|rows| rows.is_empty()), Some(true));
    }

    proptest! {
        #[test]
        fn lists_of_rows_come_back(rows in proptest::collection::btree_set(1..40_u64, 0..30)) {
            let rows: Vec<u64> = rows.into_iter().collect();
            let list: Rows = rows.iter().copied().collect();
            let read = Rows::read(&list.text()).expect("is a list");
            assert_eq!(read.iter().collect::<Vec<_>>(), rows);
        }
    }
}
