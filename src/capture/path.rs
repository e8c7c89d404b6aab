//! Attribute paths in every spelling the protocol uses (reference 6.2).
//!
//! ```text
//! primaryAddress.city               attributes, sort_on, filter, access schemas
//! /profiles#123/profile/emails#4    attribute_name: a value path with the ids of plural elements
//! /primaryAddress/city              schema paths, and error texts
//! statuses[0].statusCreated         ours: an element of a draft or of a shown record, by its place
//! ```
//!
//! One reader takes them all; each writer is named for the place its spelling is for.

use std::fmt;
use std::str::FromStr;

/// Which element of a plural a segment names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Element {
    /// The element with this server-given id: `#123`.
    Id(i64),
    /// The element at this place, from 0: `[0]`. Never sent to the service.
    Index(usize),
}

/// One step of a path: an attribute, and perhaps one element of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Segment {
    /// The attribute's name. Empty only in `/#5253`, an element addressed by id alone.
    pub name: String,
    /// The plural element meant, if one is.
    pub element: Option<Element>,
}

/// A path to an attribute or to a value; empty for the record itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttrPath(pub Vec<Segment>);

/// Why a text is not an attribute path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Two separators follow each other, or the text ends with one.
    #[error("an attribute name is missing between two separators")]
    EmptyName,
    /// What follows `#` is not a number.
    #[error("`#{0}` is not an element id: an id is a whole number")]
    BadId(String),
    /// What stands in brackets is not a number, or the bracket is not closed.
    #[error("`[{0}` is not an element's place: write it as [0]")]
    BadIndex(String),
}

impl AttrPath {
    /// The path of the record itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether this is the record itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The path of member `name` below this one.
    #[must_use]
    pub fn child(&self, name: impl Into<String>) -> Self {
        let mut path = self.clone();
        path.0.push(Segment {
            name: name.into(),
            element: None,
        });
        path
    }

    /// The path of one element of the plural this path names.
    #[must_use]
    pub fn element(&self, element: Element) -> Self {
        let mut path = self.clone();
        if let Some(last) = path.0.last_mut() {
            last.element = Some(element);
        }
        path
    }

    /// The path one step up: from an element to its plural, from a member to what holds it.
    pub fn parent(&self) -> Option<Self> {
        let mut path = self.clone();
        let last = path.0.last_mut()?;
        if last.element.is_none() || last.name.is_empty() {
            path.0.pop();
        } else {
            last.element = None;
        }
        Some(path)
    }

    /// The last attribute's name.
    pub fn name(&self) -> Option<&str> {
        self.0.last().map(|segment| segment.name.as_str())
    }

    /// The same path without elements: which attribute definition it is about.
    #[must_use]
    pub fn definition(&self) -> Self {
        Self(
            self.0
                .iter()
                .map(|segment| Segment {
                    name: segment.name.clone(),
                    element: None,
                })
                .collect(),
        )
    }

    /// Whether `self` is `other` or lies below it.
    pub fn starts_with(&self, other: &Self) -> bool {
        let Some((last, before)) = other.0.split_last() else {
            return true;
        };
        self.0.len() >= other.0.len()
            && self.0[..before.len()] == *before
            && self.0[before.len()].name == last.name
            && (last.element.is_none() || self.0[before.len()].element == last.element)
    }

    /// The attribute names alone, with dots: for `attributes`, `sort_on`, `filter` and access schemas.
    pub fn dotted(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|segment| segment.name.as_str()).collect();
        names.join(".")
    }

    /// With slashes, a leading one and element ids: for `attribute_name` and as in error texts. An element known only
    /// by its place is written as its plural.
    pub fn slashed(&self) -> String {
        self.with_slashes(false)
    }

    /// As [`AttrPath::slashed`], with the places of elements that have no id: `/photos[1]/type`.
    pub fn slashed_with_places(&self) -> String {
        self.with_slashes(true)
    }

    fn with_slashes(&self, places: bool) -> String {
        let mut out = String::new();
        for segment in &self.0 {
            out.push('/');
            out.push_str(&segment.name);
            match segment.element {
                Some(Element::Id(id)) => out.extend(["#", &id.to_string()]),
                Some(Element::Index(place)) if places => out.extend(["[", &place.to_string(), "]"]),
                Some(Element::Index(_)) | None => {}
            }
        }
        if out.is_empty() { "/".to_owned() } else { out }
    }
}

/// For people: dots, `#id` and `[place]`; `record` for the record itself.
impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str("record");
        }
        for (index, segment) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "." })?;
            f.write_str(&segment.name)?;
            match segment.element {
                Some(Element::Id(id)) => write!(f, "#{id}")?,
                Some(Element::Index(at)) => write!(f, "[{at}]")?,
                None => {}
            }
        }
        Ok(())
    }
}

impl FromStr for AttrPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let text = text.strip_prefix('/').unwrap_or(text);
        if text.is_empty() {
            return Ok(Self::root());
        }
        text.split(['.', '/'])
            .map(read_segment)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn read_segment(text: &str) -> Result<Segment, PathError> {
    let segment = |name: &str, element| Segment {
        name: name.to_owned(),
        element,
    };
    if let Some((name, id)) = text.split_once('#') {
        let id = id.parse().map_err(|_| PathError::BadId(id.to_owned()))?;
        return Ok(segment(name, Some(Element::Id(id))));
    }
    if let Some((name, rest)) = text.split_once('[') {
        let place = rest
            .strip_suffix(']')
            .and_then(|place| place.parse().ok())
            .ok_or_else(|| PathError::BadIndex(rest.to_owned()))?;
        return if name.is_empty() {
            Err(PathError::EmptyName)
        } else {
            Ok(segment(name, Some(Element::Index(place))))
        };
    }
    if text.is_empty() {
        return Err(PathError::EmptyName);
    }
    Ok(segment(text, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> AttrPath {
        text.parse().expect("is a path")
    }

    #[test]
    fn every_spelling_is_read() {
        assert_eq!(path("/primaryAddress/city"), path("primaryAddress.city"));
        assert_eq!(path("/primaryAddress.city"), path("primaryAddress.city"));
        let deep = path("/profiles#123/profile/emails#4");
        assert_eq!(deep.slashed(), "/profiles#123/profile/emails#4");
        assert_eq!(deep.to_string(), "profiles#123.profile.emails#4");
        assert_eq!(deep.dotted(), "profiles.profile.emails");
        assert_eq!(path("profiles#18178").slashed(), "/profiles#18178");
        assert_eq!(path(""), AttrPath::root());
        assert_eq!(path("/"), AttrPath::root());
        assert_eq!(path("/#5253").0[0].element, Some(Element::Id(5253)));
        let shown = path("statuses[0].statusCreated");
        assert_eq!(shown.to_string(), "statuses[0].statusCreated");
        assert_eq!(shown.slashed(), "/statuses/statusCreated");
    }

    #[test]
    fn broken_paths_say_why() {
        for text in ["a..b", "a/", "a#x", "a[x]", "a[0", "[0]", "//a"] {
            assert!(text.parse::<AttrPath>().is_err(), "{text}");
        }
    }

    #[test]
    fn relations() {
        assert!(path("a[0].b").starts_with(&path("a")));
        assert!(path("a[0].b").starts_with(&path("a[0]")));
        assert!(!path("a[1].b").starts_with(&path("a[0]")));
        assert!(!path("ab").starts_with(&path("a")));
        assert_eq!(path("a[1].b").parent(), Some(path("a[1]")));
        assert_eq!(path("a[1]").parent(), Some(path("a")));
        assert_eq!(AttrPath::root().parent(), None);
    }
}
