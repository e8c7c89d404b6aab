//! What is wrong with a draft, as far as that is shown: at most one problem for each field or element, by place.
//!
//! Kept beside the values, not in them, so that counting problems, finding the next one and asking whether something
//! folded hides one never walk the draft. When elements come, go or move, their problems go with them. What is wrong is
//! found by `draft`; nothing here judges.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::capture::error::ErrorCode;
use crate::tui::panes::form::change::Change;
use crate::tui::panes::form::field::Place;

/// What is wrong with a field. It has no path: its place says where, also when elements before it go away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The code that the service answers or answered.
    pub code: ErrorCode,
    /// What is wrong, in a sentence.
    pub reason: String,
}

/// A problem and where it is.
pub type Placed = (Place, Problem);

/// The problems of a draft.
#[derive(Debug, Default)]
pub struct Problems(BTreeMap<Place, Problem>);

impl Problems {
    /// What is wrong right here.
    pub fn at(&self, place: &[u32]) -> Option<&Problem> {
        self.0.get(place)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong at `place` and in it, in order.
    pub fn within(&self, place: &[u32]) -> impl Iterator<Item = (&Place, &Problem)> {
        self.0
            .range::<[u32], _>((Bound::Included(place), Bound::Unbounded))
            .take_while(move |(at, _)| at.starts_with(place))
    }

    /// Whether anything is wrong at `place` or in it.
    pub fn any_within(&self, place: &[u32]) -> bool {
        self.within(place).next().is_some()
    }

    /// All places with a problem, in order.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.0.keys()
    }

    /// Says what is wrong at a place, or that nothing is.
    pub fn set(&mut self, place: &[u32], problem: Option<Problem>) {
        match problem {
            Some(problem) => {
                self.0.insert(place.to_vec(), problem);
            }
            None => {
                self.0.remove(place);
            }
        }
    }

    /// Takes all away.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Goes along with a change that is being made, and returns the problems of the values that it does away with.
    pub fn follow(&mut self, change: &Change) -> Vec<Placed> {
        match change {
            Change::Field { place, .. } => self.take_within(place),
            Change::Insert { place, .. } => {
                self.renumber(place, |at, here| if at < here { at } else { at + 1 });
                Vec::new()
            }
            Change::Remove { place } => {
                let gone = self.take_within(place);
                self.renumber(place, |at, here| if at < here { at } else { at - 1 });
                gone
            }
            Change::Move { place, to } => {
                self.renumber(place, |at, from| moved(at, from, *to));
                Vec::new()
            }
            Change::All { .. } => std::mem::take(&mut self.0).into_iter().collect(),
        }
    }

    /// Puts back what [`Self::follow`] returned, when the values are back.
    pub fn put_back(&mut self, problems: Vec<Placed>) {
        self.0.extend(problems);
    }

    fn take_within(&mut self, place: &[u32]) -> Vec<Placed> {
        let places: Vec<Place> = self.within(place).map(|(at, _)| at.clone()).collect();
        let taken = places.into_iter();
        taken.filter_map(|at| self.0.remove_entry(&at)).collect()
    }

    /// Gives the problems of the elements beside `element` their new places, by `index(old, place of element)`.
    fn renumber(&mut self, element: &[u32], index: impl Fn(u32, u32) -> u32) {
        let Some((here, plural)) = element.split_last() else {
            return;
        };
        for (mut place, problem) in self.take_within(plural) {
            if let Some(at) = place.get_mut(plural.len()) {
                *at = index(*at, *here);
            }
            self.0.insert(place, problem);
        }
    }
}

/// Where what stood at `at` stands after what stood at `from` has moved to `to`.
fn moved(at: u32, from: u32, to: u32) -> u32 {
    if at == from {
        to
    } else if from < at && at <= to {
        at - 1
    } else if to <= at && at < from {
        at + 1
    } else {
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(places: &[&[u32]]) -> Problems {
        let mut problems = Problems::default();
        for place in places {
            let problem = Problem {
                code: ErrorCode::LENGTH_VIOLATION,
                reason: format!("was at {place:?}"),
            };
            problems.set(place, Some(problem));
        }
        problems
    }

    fn after(change: &Change) -> (Vec<String>, usize) {
        let mut problems = problems(&[&[1], &[2], &[2, 0, 3], &[2, 1], &[2, 3, 0], &[3, 1]]);
        let gone = problems.follow(change).len();
        let left = problems.0.iter();
        let left = left.map(|(at, problem)| format!("{at:?} {}", problem.reason));
        (left.collect(), gone)
    }

    #[test]
    fn problems_stay_with_their_elements() {
        let (left, gone) = after(&Change::Remove { place: vec![2, 1] });
        assert_eq!(gone, 1);
        assert_eq!(
            left,
            [
                "[1] was at [1]",
                "[2] was at [2]",
                "[2, 0, 3] was at [2, 0, 3]",
                "[2, 2, 0] was at [2, 3, 0]",
                "[3, 1] was at [3, 1]"
            ]
        );
        let (left, gone) = after(&Change::Move {
            place: vec![2, 3],
            to: 0,
        });
        assert_eq!(gone, 0);
        assert_eq!(
            left,
            [
                "[1] was at [1]",
                "[2] was at [2]",
                "[2, 0, 0] was at [2, 3, 0]",
                "[2, 1, 3] was at [2, 0, 3]",
                "[2, 2] was at [2, 1]",
                "[3, 1] was at [3, 1]"
            ]
        );
    }

    #[test]
    fn within_is_what_is_folded_there() {
        let problems = problems(&[&[1], &[2, 0, 3], &[20]]);
        assert!(problems.any_within(&[2]));
        assert!(problems.any_within(&[2, 0]));
        assert!(!problems.any_within(&[2, 1]));
        assert!(problems.any_within(&[1]));
        assert!(!problems.any_within(&[0]));
        assert_eq!(problems.within(&[]).count(), 3);
    }
}
