//! Changes of a draft's values, each of which knows its way back: making one returns the one that takes it back.
//!
//! A change moves what it displaces instead of copying it, so that a step of the way back costs no more than what was
//! changed. `draft` makes changes and keeps the ways back; it is the only one to do so.

use std::mem;
use std::sync::Arc;

use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Element;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Place;

/// What a draft holds.
#[derive(Clone)]
pub struct Contents {
    /// One field for every attribute that a caller may set.
    pub fields: Vec<Field>,
    /// What `reset` brings back.
    pub loaded: Arc<Vec<Field>>,
}

/// One change.
pub enum Change {
    /// Puts a field in the place of the one that is there. Whether that was unfolded stays.
    Field {
        /// Where.
        place: Place,
        /// What is to stand there.
        field: Field,
    },
    /// Puts an element before the one at its place, or at the plural's end.
    Insert {
        /// Where it will be.
        place: Place,
        /// What is to stand there.
        element: Element,
    },
    /// Takes an element away.
    Remove {
        /// Where it is.
        place: Place,
    },
    /// Moves an element within its plural.
    Move {
        /// Where it is.
        place: Place,
        /// The index it will have.
        to: u32,
    },
    /// Puts all in the place of all.
    All(Contents),
}

impl Change {
    /// Where it is seen once it is made; the root for all.
    pub fn place(&self) -> Place {
        match self {
            Self::Field { place, .. } | Self::Insert { place, .. } | Self::Remove { place } => {
                place.clone()
            }
            Self::Move { place, to } => {
                let mut place = place.clone();
                if let Some(last) = place.last_mut() {
                    *last = *to;
                }
                place
            }
            Self::All(_) => Place::new(),
        }
    }

    /// Whether it can be made: whether its place exists.
    pub fn fits(&self, fields: &[Field]) -> bool {
        match self {
            Self::Field { place, .. } => field::field(fields, place).is_some(),
            Self::Insert { place, .. } => plural(fields, place)
                .zip(place.last())
                .is_some_and(|(elements, at)| *at as usize <= elements.len()),
            Self::Remove { place } => is_element(fields, place),
            Self::Move { place, to } => {
                is_element(fields, place)
                    && plural(fields, place).is_some_and(|all| (*to as usize) < all.len())
            }
            Self::All(_) => true,
        }
    }

    /// Makes the change and returns the one that takes it back; `None`, with nothing done, when its place does not
    /// exist.
    pub fn make(self, contents: &mut Contents) -> Option<Self> {
        match self {
            Self::Field { place, mut field } => {
                let old = field::field_mut(&mut contents.fields, &place)?;
                field.open = old.open;
                let field = mem::replace(old, field);
                Some(Self::Field { place, field })
            }
            Self::Insert { place, element } => {
                let (elements, at) = elements_mut(contents, &place)?;
                if at > elements.len() {
                    return None;
                }
                elements.insert(at, element);
                Some(Self::Remove { place })
            }
            Self::Remove { place } => {
                let (elements, at) = elements_mut(contents, &place)?;
                if at >= elements.len() {
                    return None;
                }
                let element = elements.remove(at);
                Some(Self::Insert { place, element })
            }
            Self::Move { place, to } => {
                let (elements, at) = elements_mut(contents, &place)?;
                let (first, last) = (at.min(to as usize), at.max(to as usize));
                let between = elements.get_mut(first..=last)?;
                if at == first {
                    between.rotate_left(1);
                } else {
                    between.rotate_right(1);
                }
                let back = Self::Move { place, to };
                Some(Self::Move {
                    place: back.place(),
                    to: at as u32,
                })
            }
            Self::All(new) => Some(Self::All(mem::replace(contents, new))),
        }
    }
}

fn elements_mut<'a>(
    contents: &'a mut Contents,
    place: &[u32],
) -> Option<(&'a mut Vec<Element>, usize)> {
    let (at, plural) = place.split_last()?;
    match &mut field::field_mut(&mut contents.fields, plural)?.editor {
        Editor::Plural(elements) => Some((elements, *at as usize)),
        Editor::Text(_) | Editor::Toggle(_) | Editor::Object(_) | Editor::Json(_) => None,
    }
}

/// The elements of the plural in which `place` is one.
fn plural<'a>(fields: &'a [Field], place: &[u32]) -> Option<&'a [Element]> {
    let (_, plural) = place.split_last()?;
    match &field::field(fields, plural)?.editor {
        Editor::Plural(elements) => Some(elements),
        Editor::Text(_) | Editor::Toggle(_) | Editor::Object(_) | Editor::Json(_) => None,
    }
}

fn is_element(fields: &[Field], place: &[u32]) -> bool {
    matches!(field::node(fields, place), Some(field::Node::Element(_)))
}

/// Whether two fields hold the same and are sent alike; whether they are unfolded does not count.
pub fn is_same(one: &Field, other: &Field) -> bool {
    one.presence == other.presence
        && match (&one.editor, &other.editor) {
            (Editor::Text(one), Editor::Text(other)) | (Editor::Json(one), Editor::Json(other)) => {
                one == other
            }
            (Editor::Toggle(one), Editor::Toggle(other)) => one == other,
            (Editor::Object(one), Editor::Object(other)) => are_same(one, other),
            (Editor::Plural(one), Editor::Plural(other)) => {
                let same = |(one, other): (&Element, &Element)| {
                    one.id == other.id && are_same(&one.fields, &other.fields)
                };
                one.len() == other.len() && one.iter().zip(other).all(same)
            }
            _ => false,
        }
}

/// Whether all fields of two lists are the same in the sense of [`is_same`].
pub fn are_same(one: &[Field], other: &[Field]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| is_same(one, other))
}
