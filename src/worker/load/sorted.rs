//! Sorting more than should be in memory: entries of a fixed width are sorted in pieces, the pieces kept in files without
//! a name, and merged when they are read. Finds values that come twice in a file of any length.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::Read;
use std::io::Seek;
use std::io::Write;

/// An entry; entries are sorted by their bytes.
pub(super) type Entry = [u8; 40];

/// How many entries are in memory at most: ten megabytes.
pub(super) const IN_MEMORY: usize = 256 << 10;

/// Takes entries in any order.
pub(super) struct Sorter {
    fresh: Vec<Entry>,
    pieces: Vec<File>,
    most: usize,
}

impl Sorter {
    /// Keeps at most `most` entries in memory.
    pub(super) fn new(most: usize) -> Self {
        Self {
            fresh: Vec::new(),
            pieces: Vec::new(),
            most: most.max(1),
        }
    }

    /// Takes an entry.
    pub(super) fn push(&mut self, entry: Entry) -> io::Result<()> {
        self.fresh.push(entry);
        if self.fresh.len() >= self.most {
            self.fresh.sort_unstable();
            let mut piece = BufWriter::new(tempfile::tempfile()?);
            for entry in self.fresh.drain(..) {
                piece.write_all(&entry)?;
            }
            let mut piece = piece.into_inner().map_err(io::IntoInnerError::into_error)?;
            piece.rewind()?;
            self.pieces.push(piece);
        }
        Ok(())
    }

    /// All entries in their order.
    pub(super) fn finish(mut self) -> io::Result<Sorted> {
        self.fresh.sort_unstable();
        let mut sorted = Sorted {
            fresh: self.fresh.into_iter(),
            pieces: self.pieces.into_iter().map(BufReader::new).collect(),
            next: BinaryHeap::new(),
        };
        for place in 0..=sorted.pieces.len() {
            sorted.refill(place)?;
        }
        Ok(sorted)
    }
}

/// Entries in their order.
pub(super) struct Sorted {
    fresh: std::vec::IntoIter<Entry>,
    pieces: Vec<BufReader<File>>,
    /// The next of each piece; the last place is what was never in a file.
    next: BinaryHeap<Reverse<(Entry, usize)>>,
}

impl Sorted {
    /// The next entry; `None` after the last.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        let Some(Reverse((entry, place))) = self.next.pop() else {
            return Ok(None);
        };
        self.refill(place)?;
        Ok(Some(entry))
    }

    fn refill(&mut self, place: usize) -> io::Result<()> {
        let next = match self.pieces.get_mut(place) {
            None => self.fresh.next(),
            Some(piece) => {
                let mut entry = [0; size_of::<Entry>()];
                match piece.read_exact(&mut entry) {
                    Ok(()) => Some(entry),
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
                    Err(error) => return Err(error),
                }
            }
        };
        self.next.extend(next.map(|entry| Reverse((entry, place))));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::proptest;

    use super::*;

    proptest! {
        #[test]
        fn entries_come_in_order_however_few_are_in_memory(numbers in proptest::collection::vec(0..50_u64, 0..60), most in 0..9_usize) {
            let mut sorter = Sorter::new(most);
            for number in &numbers {
                let mut entry = [0; size_of::<Entry>()];
                entry[..8].copy_from_slice(&number.to_be_bytes());
                sorter.push(entry).expect("is kept");
            }
            let mut sorted = sorter.finish().expect("is sorted");
            let mut read = Vec::new();
            while let Some(entry) = sorted.next().expect("is read") {
                read.push(entry[..8].try_into().map(u64::from_be_bytes).expect("eight bytes"));
            }
            let mut expected = numbers;
            expected.sort_unstable();
            assert_eq!(read, expected);
        }
    }
}
