//! A list that only grows and whose clones share what is in it.
//!
//! The index of a document is kept in such lists, so that a search on another thread can have a clone of a document
//! that goes on growing, at the price of some pointers. Deliberately absent: changing or removing items.

use std::sync::Arc;

/// Items in a shared chunk.
const CHUNK: usize = 1024;

/// A list that only grows.
#[derive(Clone, Debug)]
pub(crate) struct Chunked<T> {
    full: Vec<Arc<[T]>>,
    tail: Vec<T>,
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Self {
            full: Vec::new(),
            tail: Vec::new(),
        }
    }
}

impl<T: Clone> Chunked<T> {
    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.full.len() * CHUNK + self.tail.len()
    }

    /// The item of this number.
    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        match self.full.get(index / CHUNK) {
            Some(chunk) => chunk.get(index % CHUNK),
            None => self.tail.get(index - self.full.len() * CHUNK),
        }
    }

    /// Adds an item.
    pub(crate) fn push(&mut self, item: T) {
        self.tail.push(item);
        if self.tail.len() == CHUNK {
            self.full.push(self.tail.as_slice().into());
            self.tail.clear();
        }
    }

    /// How many items from the first on are as asked for; all of those must stand before all others.
    pub(crate) fn partition_point(&self, is_before: impl Fn(&T) -> bool) -> usize {
        let starts = |chunk: &Arc<[T]>| chunk.first().is_some_and(&is_before);
        let chunks = self.full.partition_point(starts);
        if chunks == self.full.len() && self.tail.first().is_some_and(&is_before) {
            return chunks * CHUNK + self.tail.partition_point(is_before);
        }
        let Some(before) = chunks.checked_sub(1) else {
            return 0;
        };
        before * CHUNK + self.full[before].partition_point(is_before)
    }

    /// Bytes of memory that the items take.
    pub(crate) fn memory(&self) -> usize {
        (self.full.len() * CHUNK + self.tail.capacity()) * size_of::<T>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_grows_and_its_clones_do_not() {
        let mut list = Chunked::default();
        assert_eq!(list.partition_point(|_: &usize| true), 0);
        let mut clones = Vec::new();
        for item in 0..3 * CHUNK + 5 {
            if item % 700 == 0 {
                clones.push((list.clone(), item));
            }
            list.push(item);
        }
        for (list, len) in clones {
            assert_eq!(list.len(), len);
            assert_eq!(list.get(len), None);
            for place in [0, 1, len / 2, len.saturating_sub(1), len, len + 1] {
                let found = list.partition_point(|item| *item < place);
                assert_eq!(found, place.min(len));
                assert_eq!(list.get(place).copied(), (place < len).then_some(place));
            }
        }
    }
}
