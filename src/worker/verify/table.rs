//! The records of one side as numbers: 16 bytes for each, however large it is. Pure.

/// Records by the numbers of their keys, with the numbers of what they say.
pub(super) struct Table {
    entries: Vec<(u64, u64)>,
    /// Which of them were met on the other side.
    met: Vec<bool>,
}

/// What a record of the other side meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// A record that says the same.
    Same,
    /// A record with its key that says something else.
    Other,
    /// None with its key, or no more.
    Nothing,
}

impl Table {
    /// Takes the records in any order.
    pub(super) fn new(mut entries: Vec<(u64, u64)>) -> Self {
        entries.sort_unstable();
        Self {
            met: vec![false; entries.len()],
            entries,
        }
    }

    /// How many keys several records have.
    pub(super) fn shared_keys(&self) -> u64 {
        let same = self.entries.chunk_by(|one, other| one.0 == other.0);
        same.filter(|chunk| chunk.len() > 1).count() as u64
    }

    /// Meets a record of the other side: of several with its key one that says the same, else any that was not met.
    pub(super) fn meet(&mut self, key: u64, says: u64) -> Met {
        let from = self.entries.partition_point(|entry| entry.0 < key);
        let with_key = self.entries[from..]
            .iter()
            .take_while(|entry| entry.0 == key);
        let places = from..from + with_key.count();
        let not_met: Vec<usize> = places.filter(|place| !self.met[*place]).collect();
        let same = not_met.iter().find(|place| self.entries[**place].1 == says);
        let Some(place) = same.or(not_met.first()).copied() else {
            return Met::Nothing;
        };
        self.met[place] = true;
        if self.entries[place].1 == says {
            Met::Same
        } else {
            Met::Other
        }
    }

    /// The keys of the records that were not met, ascending.
    pub(super) fn not_met(&self) -> Vec<u64> {
        let keys = self.entries.iter().zip(&self.met);
        keys.filter(|(_, met)| !**met)
            .map(|(entry, _)| entry.0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_meet_by_key_and_then_by_what_they_say() {
        let mut table = Table::new(vec![(3, 30), (1, 10), (2, 21), (2, 20)]);
        assert_eq!(table.shared_keys(), 1);
        assert_eq!(table.meet(2, 20), Met::Same);
        assert_eq!(table.meet(2, 99), Met::Other);
        assert_eq!(table.meet(2, 21), Met::Nothing);
        assert_eq!(table.meet(9, 10), Met::Nothing);
        assert_eq!(table.meet(1, 10), Met::Same);
        assert_eq!(table.not_met(), [3]);
    }
}
