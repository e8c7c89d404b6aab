//! Leaves and their sums: counting nodes by depth without looking at them.
//!
//! Used by the document and its folds. Everything here is arithmetic: no byte of the text is read, and where a sum
//! does not know the answer the caller is told so and reads the leaf.

use std::ops::ControlFlow;

use crate::json::index::Mode;
use crate::json::index::chunked::Chunked;

/// How many depths a sum tells apart, from its least deep node on.
const DEPTHS: usize = 16;
/// How many are summed up in one, as a power of two.
const FAN: usize = 4;

/// What begins in a piece of text, by depth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sum<C> {
    /// Nodes that begin here.
    nodes: C,
    /// Of those, the ones that are `min` deep or up to so many deeper.
    upto: [C; DEPTHS],
    /// The depth of the least deep node that begins here; without one, the greatest number there is.
    min: u32,
    /// The depth of the deepest node that begins here.
    max: u32,
    /// How few containers are open after some closing bracket here; without one, the greatest number there is.
    low: u32,
}

/// A leaf of the index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaf {
    /// Where it starts, in bytes.
    pub(crate) start: usize,
    /// Line breaks before it.
    pub(crate) line: u64,
    /// Characters before it on its line.
    pub(crate) column: u64,
    /// How many containers are open where it starts.
    pub(crate) depth: u32,
    /// How it is read.
    pub(crate) mode: Mode,
    /// What begins in it.
    pub(crate) sum: Sum<u16>,
}

/// A sum of either size.
#[derive(Clone, Copy, Debug)]
pub(crate) enum View<'a> {
    Leaf(&'a Sum<u16>),
    Group(&'a Sum<u64>),
}

impl<C: Copy + Into<u64>> Sum<C> {
    fn upto(&self, depth: u32) -> Option<u64> {
        if depth >= self.max {
            return Some(self.nodes.into());
        }
        if depth < self.min {
            return Some(0);
        }
        let known = self.upto.get((depth - self.min) as usize)?;
        Some((*known).into())
    }
}

impl Sum<u16> {
    /// The sum of nodes counted by depth, the first of `counts` being those `min` deep.
    pub(crate) fn of(counts: &[u16], min: u32, low: u32) -> Self {
        let mut upto = [0; DEPTHS];
        let mut nodes = 0;
        for (place, count) in counts.iter().enumerate() {
            nodes += count;
            if let Some(upto) = upto.get_mut(place) {
                *upto = nodes;
            }
        }
        if let Some(rest) = upto.get_mut(counts.len()..) {
            rest.fill(nodes);
        }
        let (min, max) = match counts.len() {
            0 => (u32::MAX, 0),
            depths => (min, min + depths as u32 - 1),
        };
        Self {
            nodes,
            upto,
            min,
            max,
            low,
        }
    }
}

impl<C> Sum<C> {
    /// The same with everything so much deeper, or with a number that has wrapped round, less deep.
    pub(crate) fn deeper(mut self, by: u32) -> Self {
        if self.min != u32::MAX {
            self.min = self.min.wrapping_add(by);
            self.max = self.max.wrapping_add(by);
        }
        if self.low != u32::MAX {
            self.low = self.low.wrapping_add(by);
        }
        self
    }
}

impl View<'_> {
    /// Nodes that begin here.
    pub(crate) fn nodes(self) -> u64 {
        match self {
            Self::Leaf(sum) => sum.nodes.into(),
            Self::Group(sum) => sum.nodes,
        }
    }

    /// The depth of the least deep of them; without one, the greatest number there is.
    pub(crate) fn min(self) -> u32 {
        match self {
            Self::Leaf(sum) => sum.min,
            Self::Group(sum) => sum.min,
        }
    }

    fn max(self) -> u32 {
        match self {
            Self::Leaf(sum) => sum.max,
            Self::Group(sum) => sum.max,
        }
    }

    /// How few containers are open after some closing bracket here; without one, the greatest number there is.
    pub(crate) fn low(self) -> u32 {
        match self {
            Self::Leaf(sum) => sum.low,
            Self::Group(sum) => sum.low,
        }
    }

    /// How many nodes are at most so deep; none if the sum does not know.
    pub(crate) fn upto(self, depth: u32) -> Option<u64> {
        match self {
            Self::Leaf(sum) => sum.upto(depth),
            Self::Group(sum) => sum.upto(depth),
        }
    }

    /// How many nodes are exactly so deep, if none here is less deep than that.
    pub(crate) fn at(self, depth: u32) -> u64 {
        if self.min() == depth {
            self.upto(depth).unwrap_or_default()
        } else {
            0
        }
    }
}

/// The leaves and their sums. Only whole groups are summed up, so that nothing ever changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    leaves: Chunked<Leaf>,
    groups: Vec<Chunked<Sum<u64>>>,
}

impl Tree {
    /// How many leaves there are.
    pub(crate) fn len(&self) -> usize {
        self.leaves.len()
    }

    /// A leaf by number.
    pub(crate) fn leaf(&self, number: usize) -> Option<&Leaf> {
        self.leaves.get(number)
    }

    /// The leaf that covers a place in the text, and its number.
    pub(crate) fn leaf_of(&self, offset: usize) -> Option<(usize, &Leaf)> {
        let after = self.leaves.partition_point(|leaf| leaf.start <= offset);
        let number = after.checked_sub(1)?;
        Some((number, self.leaf(number)?))
    }

    /// Adds the next leaf.
    pub(crate) fn push(&mut self, leaf: Leaf) {
        self.leaves.push(leaf);
        let mut level = 1;
        while self.len().is_multiple_of(1 << (FAN * level)) {
            let first = (self.len() >> (FAN * (level - 1))) - (1 << FAN);
            let sum = self.sum(level - 1, first);
            if self.groups.len() < level {
                self.groups.push(Chunked::default());
            }
            self.groups[level - 1].push(sum);
            level += 1;
        }
    }

    /// The sum of a whole group.
    fn sum(&self, level: usize, first: usize) -> Sum<u64> {
        let parts = || (first..first + (1 << FAN)).filter_map(|at| self.view(level, at));
        let min = parts().map(View::min).min().unwrap_or(u32::MAX);
        let mut upto = [0; DEPTHS];
        for (place, upto) in upto.iter_mut().enumerate() {
            let depth = min.saturating_add(place as u32);
            // No part has a lesser least depth, so each knows.
            *upto = parts().filter_map(|part| part.upto(depth)).sum();
        }
        Sum {
            nodes: parts().map(View::nodes).sum(),
            upto,
            min,
            max: parts().map(View::max).max().unwrap_or_default(),
            low: parts().map(View::low).min().unwrap_or(u32::MAX),
        }
    }

    fn view(&self, level: usize, at: usize) -> Option<View<'_>> {
        match level.checked_sub(1) {
            None => self.leaves.get(at).map(|leaf| View::Leaf(&leaf.sum)),
            Some(group) => self.groups.get(group)?.get(at).map(View::Group),
        }
    }

    /// Goes through the sums of the leaves from `from` to before `to`, the largest that fit first. The visitor says
    /// whether it is content with a sum; of one that it is not, it is shown the parts, and the first leaf that it is
    /// not content with is returned. It is told a leaf's number, as it may want to read it.
    pub(crate) fn find(
        &self,
        from: usize,
        to: usize,
        mut visit: impl FnMut(View<'_>, Option<usize>) -> bool,
    ) -> Option<usize> {
        let to = to.min(self.len());
        let mut at = from;
        let mut level = usize::MAX;
        while at < to {
            level = level.min(self.level(at, to - at, to));
            let view = self.view(level, at >> (FAN * level))?;
            if visit(view, (level == 0).then_some(at)) {
                at += 1 << (FAN * level);
                level = usize::MAX;
            } else if level == 0 {
                return Some(at);
            } else {
                level -= 1;
            }
        }
        None
    }

    /// Like [`Tree::find`], from the leaf before `to` backwards.
    pub(crate) fn find_back(
        &self,
        to: usize,
        mut visit: impl FnMut(View<'_>) -> bool,
    ) -> Option<usize> {
        let mut end = to.min(self.len());
        let mut level = usize::MAX;
        while end > 0 {
            level = level.min(self.level(end, end, self.len()));
            let view = self.view(level, (end >> (FAN * level)) - 1)?;
            if visit(view) {
                end -= 1 << (FAN * level);
                level = usize::MAX;
            } else if level == 0 {
                return Some(end - 1);
            } else {
                level -= 1;
            }
        }
        None
    }

    /// The greatest level whose groups can begin or end at a leaf and hold no more than `room` leaves, all there.
    fn level(&self, at: usize, room: usize, known: usize) -> usize {
        let aligned = at.trailing_zeros() as usize / FAN;
        let fits = room.ilog2() as usize / FAN;
        // A group that ends with the last leaf known is there; one that would end after it is not.
        let there = known.ilog2() as usize / FAN;
        aligned.min(fits).min(there).min(self.groups.len())
    }

    /// How many nodes of the leaves from `from` to before `to` are at most so deep; `read` counts a leaf whose sum
    /// does not know.
    pub(crate) fn count(
        &self,
        from: usize,
        to: usize,
        depth: u32,
        mut read: impl FnMut(usize) -> u64,
    ) -> u64 {
        let mut count = 0;
        self.find(from, to, |view, leaf| match (view.upto(depth), leaf) {
            (Some(known), _) => {
                count += known;
                true
            }
            (None, Some(leaf)) => {
                count += read(leaf);
                true
            }
            (None, None) => false,
        });
        count
    }

    /// The leaf where the node stands that has `skipped` others before it that are at most so deep, and how many of
    /// those are in that leaf.
    pub(crate) fn select(
        &self,
        skipped: u64,
        depth: u32,
        mut read: impl FnMut(usize) -> u64,
    ) -> Option<(usize, u64)> {
        let mut left = skipped;
        let mut pass = |count: u64| match left.checked_sub(count) {
            Some(less) => {
                left = less;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        };
        let leaf = self.find(0, self.len(), |view, leaf| {
            let count = view.upto(depth).or_else(|| leaf.map(&mut read));
            count.is_some_and(|count| pass(count).is_continue())
        })?;
        Some((leaf, left))
    }

    /// Bytes of memory that the leaves and sums take.
    pub(crate) fn memory(&self) -> usize {
        self.leaves.memory() + self.groups.iter().map(Chunked::memory).sum::<usize>()
    }
}
