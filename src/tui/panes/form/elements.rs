//! What the form's verbs do to elements of plurals: add, clone, delete and move them. Editing what is in one is `typing`.

use jiff::Timestamp;

use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Element;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Node;
use crate::tui::panes::form::field::Place;

impl FormPane {
    /// Adds an element to the plural under the cursor, at its end; in an element, after that one. Writing it begins.
    pub(super) fn add_element(&mut self) {
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let Some(mut place) = place_to_add(draft) else {
            return;
        };
        let Some(plural) = plural_of(draft, &place) else {
            return;
        };
        let members = &plural.attr.members;
        // The service sorts by name: what an element cannot do without is where writing it begins.
        let key = members.iter().position(|member| {
            member.def.has(&Constraint::Required) || member.def.has_feature(&Feature::PrimaryKey)
        });
        let first = (!members.is_empty()).then_some(key.unwrap_or(0) as u32);
        let mut element = Element::new(&plural.attr);
        // Among plain strings it is one, too.
        element.plain = match &plural.editor {
            Editor::Plural(elements) => elements.last().is_some_and(|last| last.plain),
            Editor::Text(_) | Editor::Toggle(_) | Editor::Object(_) | Editor::Json(_) => false,
        };
        if draft.insert(&place, element) {
            place.extend(first);
            self.show(&place);
            self.start_typing();
        }
    }

    /// Copies the element under the cursor, or around it, and says which; the cursor goes to the same thing in the copy.
    pub(super) fn clone_element(&mut self) -> Option<String> {
        let draft = self.draft_mut()?;
        let mut place = element_around(draft)?;
        let Some(Node::Element(element)) = field::node(draft.fields(), &place) else {
            return None;
        };
        let mut copy = element.clone();
        // The service gives the copy, and what is in it, ids of their own.
        forget_ids(&mut copy);
        let path = field::path_of(draft.fields(), &place);
        let mut cursor = draft.place()?.clone();
        let depth = place.len() - 1;
        place[depth] += 1;
        cursor[depth] += 1;
        if !draft.insert(&place, copy) {
            return None;
        }
        self.show(&cursor);
        Some(format!("cloned {path}"))
    }

    /// Moves the element under the cursor, or around it, by one place; the cursor goes with it.
    pub(super) fn move_element(&mut self, down: bool, now: Timestamp) -> Option<String> {
        let draft = self.draft_mut()?;
        let place = element_around(draft)?;
        let depth = place.len() - 1;
        let plural = place[..depth].to_vec();
        let count = element_count(draft, &plural)? as u32;
        let to = if down {
            place[depth].checked_add(1).filter(|to| *to < count)
        } else {
            place[depth].checked_sub(1)
        };
        let Some(to) = to else {
            let end = if down { "last" } else { "first" };
            return Some(format!("this element is the {end} already"));
        };
        let mut cursor = draft.place()?.clone();
        cursor[depth] = to;
        draft.move_element(&place, to);
        draft.renew_differences(&plural, now);
        self.show(&cursor);
        None
    }

    /// Deletes the element under the cursor, or around it, and says which; the cursor goes to the one that takes its
    /// place.
    pub(super) fn delete_element(&mut self, now: Timestamp) -> Option<String> {
        let draft = self.draft_mut()?;
        let place = element_around(draft)?;
        let path = field::path_of(draft.fields(), &place);
        if !draft.remove(&place) {
            return None;
        }
        draft.renew_differences(&place[..place.len() - 1], now);
        let neighbour = draft.nearest(&place);
        self.show(&neighbour);
        Some(format!("deleted {path}: <form.undo> brings it back"))
    }
}

fn forget_ids(element: &mut Element) {
    element.id = None;
    for field in &mut element.fields {
        forget_ids_in(field);
    }
}

fn forget_ids_in(field: &mut Field) {
    match &mut field.editor {
        Editor::Object(members) => members.iter_mut().for_each(forget_ids_in),
        Editor::Plural(elements) => elements.iter_mut().for_each(forget_ids),
        Editor::Text(_) | Editor::Toggle(_) | Editor::Json(_) => {}
    }
}

/// Where a new element goes: after the element that the cursor is in, or at the end of the plural that it is on.
fn place_to_add(draft: &Draft) -> Option<Place> {
    let mut place = plural_around(draft)?;
    let cursor = draft.place()?;
    let at = match cursor.get(place.len()) {
        Some(element) => *element as usize + 1,
        None => element_count(draft, &place)?,
    };
    place.push(at as u32);
    Some(place)
}

/// The plural that an element is in.
fn plural_of<'a>(draft: &'a Draft, element: &[u32]) -> Option<&'a Field> {
    let (_, plural) = element.split_last()?;
    field::field(draft.fields(), plural)
}

fn element_count(draft: &Draft, plural: &[u32]) -> Option<usize> {
    match &field::field(draft.fields(), plural)?.editor {
        Editor::Plural(elements) => Some(elements.len()),
        Editor::Text(_) | Editor::Toggle(_) | Editor::Object(_) | Editor::Json(_) => None,
    }
}

/// The plural under the cursor, or the innermost one around it.
pub fn plural_around(draft: &Draft) -> Option<Place> {
    let place = draft.place()?;
    (1..=place.len())
        .rev()
        .map(|length| &place[..length])
        .find(|place| element_count(draft, place).is_some())
        .map(<[u32]>::to_vec)
}

/// The element under the cursor, or the innermost one around it.
pub fn element_around(draft: &Draft) -> Option<Place> {
    let place = draft.place()?;
    (1..=place.len())
        .rev()
        .map(|length| &place[..length])
        .find(|place| matches!(field::node(draft.fields(), place), Some(Node::Element(_))))
        .map(<[u32]>::to_vec)
}
