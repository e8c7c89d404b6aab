//! What is sent: fields as JSON, exactly as the form shows them.
//!
//! Absent fields are left out, null is null, numbers keep their digits, elements keep their order. Only what has no
//! JSON spelling at all (a number that is none, JSON text that does not parse) is a fault here; whether the service
//! takes the record is `capture::validate`'s question.

use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::json::object::Object;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Element;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::field::Presence;
use crate::tui::panes::form::problems::Problem;

/// A field that cannot be written as JSON.
#[derive(Debug)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// Why.
    pub problem: Problem,
}

/// The record that the fields make, without those that have faults, and the faults in order.
pub fn record(fields: &[Field]) -> (Json, Vec<Fault>) {
    let mut collector = Collector::default();
    let members = collector.members(fields);
    (Json::Object(members), collector.faults)
}

/// The same with the ids of elements that have one: a stored record as it was edited, to compare it with what is stored.
pub fn stored(fields: &[Field]) -> (Json, Vec<Fault>) {
    let mut collector = Collector {
        with_ids: true,
        ..Collector::default()
    };
    let members = collector.members(fields);
    (Json::Object(members), collector.faults)
}

/// What one field is sent as; `None` when it is not sent or cannot be.
pub fn value(field: &Field) -> Option<Json> {
    Collector::default().value(field)
}

/// What is wrong with a field's text before its type is even asked.
pub fn fault(field: &Field) -> Option<Problem> {
    if field.presence != Presence::Given {
        return None;
    }
    match &field.editor {
        Editor::Text(text) if field.is_number() => number(text).err(),
        Editor::Json(text) => json(text).err(),
        Editor::Text(_) | Editor::Toggle(_) | Editor::Object(_) | Editor::Plural(_) => None,
    }
}

#[derive(Default)]
struct Collector {
    with_ids: bool,
    place: Place,
    faults: Vec<Fault>,
}

impl Collector {
    fn members(&mut self, fields: &[Field]) -> Object {
        let mut members = Object::new();
        for (at, field) in fields.iter().enumerate() {
            self.place.push(at as u32);
            if let Some(value) = self.value(field) {
                members.insert(field.name().to_owned(), value);
            }
            self.place.pop();
        }
        members
    }

    fn value(&mut self, field: &Field) -> Option<Json> {
        match (field.presence, &field.editor) {
            (Presence::Null, _) => Some(Json::Null),
            (presence, Editor::Object(members)) => {
                let members = self.members(members);
                (presence == Presence::Given || !members.is_empty()).then_some(members.into())
            }
            (Presence::Absent, _) => None,
            (Presence::Given, Editor::Text(text)) if field.is_number() => {
                let number = number(text);
                self.keep(number)
            }
            (Presence::Given, Editor::Text(text)) => Some(text.as_str().into()),
            (Presence::Given, Editor::Toggle(value)) => Some((*value).into()),
            (Presence::Given, Editor::Plural(elements)) => Some(self.elements(elements).into()),
            (Presence::Given, Editor::Json(text)) => {
                let json = json(text);
                self.keep(json)
            }
        }
    }

    fn elements(&mut self, elements: &[Element]) -> Vec<Json> {
        let mut items = Vec::with_capacity(elements.len());
        for (at, element) in elements.iter().enumerate() {
            self.place.push(at as u32);
            items.push(if let Some(text) = plain_string(element) {
                text.into()
            } else {
                let mut members = self.members(&element.fields);
                if let Some(id) = element.id.filter(|_| self.with_ids) {
                    members.shift_insert(0, "id".to_owned(), id.into());
                }
                members.into()
            });
            self.place.pop();
        }
        items
    }

    fn keep(&mut self, read: Result<Json, Problem>) -> Option<Json> {
        match read {
            Ok(value) => Some(value),
            Err(problem) => {
                self.faults.push(Fault {
                    place: self.place.clone(),
                    problem,
                });
                None
            }
        }
    }
}

/// What an element that came as a plain string is sent as, if it still is one.
fn plain_string(element: &Element) -> Option<&str> {
    match element.fields.as_slice() {
        [only] if element.plain && only.presence == Presence::Given => match &only.editor {
            Editor::Text(text) if !only.is_number() => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn number(text: &str) -> Result<Json, Problem> {
    Number::parse(text)
        .map(Json::Number)
        .ok_or_else(|| Problem {
            code: ErrorCode::INVALID_JSON_TYPE,
            reason: format!("`{text}` is not a number such as 42 or 0.5"),
        })
}

fn json(text: &str) -> Result<Json, Problem> {
    Json::parse(text).map_err(|error| Problem {
        code: ErrorCode::INVALID_DATA_FORMAT,
        reason: format!("not JSON: {error}"),
    })
}
