//! What was sent beside what is stored: what the service added (ids, times, defaults), spelled its own way (dates, what rules
//! change), or left out. For people who want to see what became of their record; decides nothing.
//!
//! Pure and without a schema: an answer of the history is read long after its schema has changed. Members are matched by
//! name, elements by id, and new elements by their order at the end of the plural, where the service puts them.

use std::collections::HashMap;

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;

/// How what is stored differs from what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Not sent, but stored.
    Added(Json),
    /// Stored as something else than what was sent.
    Changed {
        /// What was sent.
        sent: Json,
        /// What is stored.
        stored: Json,
    },
    /// Sent, but not in the record.
    Dropped(Json),
    /// A secret, stored as a hash: neither is shown.
    Hidden,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where, elements by their places in the stored record.
    pub path: AttrPath,
    /// How.
    pub kind: Kind,
}

/// How `stored` differs from `sent`, in the order of what was sent, and then what was added. `partial` says that only a
/// part was sent, as in an update: then what else is stored was not added. `secret_names` are those of attributes whose
/// values are not shown.
pub fn compare(
    sent: &Json,
    stored: &Json,
    partial: bool,
    secret_names: &[String],
) -> Vec<Difference> {
    let mut walk = Walk {
        partial,
        secret_names,
        found: Vec::new(),
    };
    walk.members(sent, stored, &AttrPath::root(), partial);
    walk.found
}

struct Walk<'a> {
    partial: bool,
    secret_names: &'a [String],
    found: Vec<Difference>,
}

impl Walk<'_> {
    fn note(&mut self, path: &AttrPath, kind: Kind) {
        let path = path.clone();
        self.found.push(Difference { path, kind });
    }

    /// `partial` says that these are some members of more.
    fn members(&mut self, sent: &Json, stored: &Json, path: &AttrPath, partial: bool) {
        let (Some(sent), Some(members)) = (sent.as_object(), stored.as_object()) else {
            return;
        };
        for (name, value) in sent {
            let path = path.child(name);
            let is_secret = self.secret_names.contains(name);
            match members.get(name) {
                Some(stored) if stored == value => {}
                _ if is_secret => self.note(&path, Kind::Hidden),
                Some(stored) => self.value(value, stored, &path),
                None => self.note(&path, Kind::Dropped(value.clone())),
            }
        }
        for (name, value) in members {
            let told = !partial || path.is_root() && name == "lastUpdated";
            if sent.contains_key(name) || !told || is_nothing(value) {
                continue;
            }
            let path = path.child(name);
            if self.secret_names.contains(name) {
                self.note(&path, Kind::Hidden);
            } else {
                self.note(&path, Kind::Added(value.clone()));
            }
        }
    }

    fn value(&mut self, sent: &Json, stored: &Json, path: &AttrPath) {
        match (sent, stored) {
            // Null in an object's or a plural's place is its emptiness.
            (Json::Null, stored) if is_nothing(stored) => {}
            (Json::Object(_), Json::Object(_)) => self.members(sent, stored, path, self.partial),
            (Json::Array(sent), Json::Array(stored)) => self.elements(sent, stored, path),
            _ => self.note(
                path,
                Kind::Changed {
                    sent: sent.clone(),
                    stored: stored.clone(),
                },
            ),
        }
    }

    fn elements(&mut self, sent: &[Json], stored: &[Json], path: &AttrPath) {
        let id = |element: &Json| element.get("id").and_then(Json::as_i64);
        let places: HashMap<i64, usize> = stored
            .iter()
            .enumerate()
            .filter_map(|(at, element)| Some((id(element)?, at)))
            .collect();
        let new = sent.iter().filter(|element| id(element).is_none()).count();
        let mut next = stored.len().saturating_sub(new);
        for (index, element) in sent.iter().enumerate() {
            let at = if let Some(id) = id(element) {
                places.get(&id).copied()
            } else {
                next += 1;
                Some(next - 1).filter(|at| *at < stored.len())
            };
            let here = path.element(Element::Index(at.unwrap_or(index)));
            match (element, at.map(|at| &stored[at])) {
                (_, None) => self.note(&here, Kind::Dropped(element.clone())),
                // An element is whole whatever is done to the record.
                (Json::Object(_), Some(stored)) => self.members(element, stored, &here, false),
                // A plain text stands for an element with one text in it.
                (text, Some(Json::Object(members))) => {
                    for (name, value) in members.iter().filter(|(_, value)| *value != text) {
                        self.note(&here.child(name), Kind::Added(value.clone()));
                    }
                }
                (value, Some(stored)) if value == stored => {}
                (value, Some(stored)) => self.value(value, stored, &here),
            }
        }
    }
}

/// Whether nothing is said by a value: null, an empty plural, an object of nothing else. Recursion is bounded by the depth
/// of the value.
pub fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(elements) => elements.is_empty(),
        Json::Object(members) => members.values().all(is_nothing),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differences(sent: &str, stored: &str, partial: bool) -> Vec<String> {
        let parse = |text| Json::parse(text).expect("is JSON");
        let secrets = ["password".to_owned()];
        compare(&parse(sent), &parse(stored), partial, &secrets)
            .into_iter()
            .map(|one| match one.kind {
                Kind::Added(value) => format!("+{} {value}", one.path),
                Kind::Changed { sent, stored } => format!("~{} {sent} {stored}", one.path),
                Kind::Dropped(value) => format!("-{} {value}", one.path),
                Kind::Hidden => format!("*{}", one.path),
            })
            .collect()
    }

    #[test]
    fn a_created_record_shows_what_the_service_made_of_it() {
        assert_eq!(
            differences(
                r#"{"day":"1/2/2003","mail":"A@b.c","password":"p","gone":1,"words":["x"],"place":{"city":"Oslo"},
                    "boxes":[{"size":1,"things":[{"thing":"t"}]}]}"#,
                r#"{"id":5,"created":"c","day":"2003-01-02","mail":"a@b.c","password":{"type":"b","value":"h"},
                    "words":[{"id":6,"word":"x"}],"place":{"city":"Oslo","zip":null},"none":null,"empty":[],
                    "boxes":[{"id":7,"size":1,"label":"default","things":[{"id":8,"thing":"t"}]}]}"#,
                false
            ),
            [
                r#"~day "1/2/2003" "2003-01-02""#,
                r#"~mail "A@b.c" "a@b.c""#,
                "*password",
                "-gone 1",
                "+words[0].id 6",
                "+boxes[0].things[0].id 8",
                "+boxes[0].id 7",
                r#"+boxes[0].label "default""#,
                "+id 5",
                r#"+created "c""#,
            ]
        );
    }

    #[test]
    fn an_update_is_about_what_was_sent() {
        assert_eq!(
            differences(
                r#"{"count":2,"place":{"zip":"1"},"words":[{"id":6,"word":"Y"},{"word":"z"}],"list":null}"#,
                r#"{"id":5,"lastUpdated":"t","count":2,"place":{"city":"Oslo","zip":"01"},"list":[],
                    "words":[{"id":5,"word":"x"},{"id":6,"word":"y"},{"id":9,"word":"z"}],"other":1}"#,
                true
            ),
            [
                r#"~place.zip "1" "01""#,
                r#"~words[1].word "Y" "y""#,
                "+words[2].id 9",
                r#"+lastUpdated "t""#,
            ]
        );
        assert_eq!(
            differences(r#"{"a":[1,{"b":2}]}"#, r#"{"a":[1,{"b":2}]}"#, true),
            [""; 0]
        );
    }
}
