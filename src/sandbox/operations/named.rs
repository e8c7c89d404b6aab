//! The attributes that a list of paths names, as a tree of their names. Used by access schemas, and where a caller says
//! which attributes of a record it wants: both go over everything there is, and a search through the list at each step
//! would take the square of the time.

use std::collections::HashMap;

use crate::capture::path::AttrPath;

/// What is named at one place. Elements of plurals do not matter: a path means the attribute in all of them.
///
/// As deep as the longest path: only for paths that some schema has.
#[derive(Debug, Default)]
pub(crate) struct Named<'a> {
    /// Whether the place itself is named, and so everything in it.
    pub(crate) whole: bool,
    members: HashMap<&'a str, Named<'a>>,
}

impl<'a> Named<'a> {
    pub(crate) fn new(paths: &'a [AttrPath]) -> Self {
        let mut root = Self::default();
        for path in paths {
            let mut place = &mut root;
            for segment in &path.0 {
                place = place.members.entry(&segment.name).or_default();
            }
            place.whole = true;
        }
        root
    }

    /// What is named at the member called `name` or below it; `None` when nothing is.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        self.members.get(name)
    }
}
