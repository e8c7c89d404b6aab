//! Which attributes the table shows, and what stands in one of its cells. Pure: the text of a cell is made anew for
//! every frame, of what is in sight alone, and is no longer than what can be seen of it.

use std::fmt;
use std::fmt::Write;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;

/// How many columns there are beside the id while nobody has chosen any.
const CHOSEN_BY_US: usize = 6;

/// The most characters that a cell's text has: more than any column shows.
const LONGEST: usize = 300;

/// The most elements of a plural that a cell names.
const ELEMENTS: usize = 20;

/// Names that tell people apart, in the order in which they are looked for.
const TELLING: [&str; 8] = [
    "email",
    "displayName",
    "givenName",
    "familyName",
    "name",
    "title",
    "primaryAddress.city",
    "primaryAddress.country",
];

/// What a cell shows instead of a password.
const MASK: &str = "••••••••";

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// As it came: cleaned when drawn.
    pub text: String,
    /// How it is meant.
    pub kind: Kind,
}

/// How a cell's text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A value.
    Value,
    /// A value that is a number: its digits stand below each other.
    Number,
    /// A word of ours for what is not there, or not shown.
    Note,
}

/// The columns while nobody has chosen any: what is unique or required, what tells people apart, then what comes first.
pub fn defaults(schema: &EntityType) -> Vec<AttrPath> {
    let mut ranked: Vec<(usize, AttrPath)> = schema
        .walk()
        .into_iter()
        .filter(|(path, def)| path.0.len() <= 2 && is_plain(def, path.0.len() == 1))
        .filter_map(|(path, def)| {
            let telling = TELLING.iter().position(|name| *name == path.dotted());
            let rank = match telling {
                _ if path.0.len() == 1 && def.has(&Constraint::Unique) => 0,
                _ if path.0.len() == 1 && def.has(&Constraint::Required) => 1,
                Some(place) => 2 + place,
                None if path.0.len() == 1 => 2 + TELLING.len(),
                None => return None,
            };
            Some((rank, path))
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked
        .into_iter()
        .take(CHOSEN_BY_US)
        .map(|(_, path)| path)
        .collect()
}

/// Whether an attribute says something in a cell of its own, and is no id.
fn is_plain(def: &AttrDef, top_level: bool) -> bool {
    !def.is_reserved(top_level)
        && !matches!(
            def.attr_type,
            AttrType::Json | AttrType::Password(_) | AttrType::Object(_) | AttrType::Plural(_)
        )
}

/// What stands in the cell of `record` for the attribute at `path`, whose definition is `def` if the schema has it.
pub fn cell(record: &Json, path: &AttrPath, def: Option<&AttrDef>) -> Cell {
    let mut value = record;
    for (depth, segment) in path.0.iter().enumerate() {
        match value {
            Json::Array(elements) => return inside_plural(elements, path, depth, def),
            Json::Null => return note("‹null›"),
            _ => {}
        }
        match value.get(&segment.name) {
            Some(member) => value = member,
            None => return note("‹absent›"),
        }
    }
    plain(value, def)
}

/// The values inside the elements of a plural, one after the other.
fn inside_plural(elements: &[Json], path: &AttrPath, depth: usize, def: Option<&AttrDef>) -> Cell {
    if elements.is_empty() {
        return note("‹none›");
    }
    let rest = AttrPath(path.0[depth..].to_vec());
    let mut text = String::new();
    for (place, element) in elements.iter().enumerate() {
        if place > 0 {
            text.push_str(", ");
        }
        if place == ELEMENTS || text.len() > LONGEST {
            text.push('…');
            break;
        }
        text.push_str(&cell(element, &rest, def).text);
    }
    Cell {
        text,
        kind: Kind::Value,
    }
}

fn plain(value: &Json, def: Option<&AttrDef>) -> Cell {
    let is_password = def.is_some_and(|def| matches!(def.attr_type, AttrType::Password(_)));
    match value {
        Json::Null => note("‹null›"),
        _ if is_password => note(MASK),
        Json::String(text) if text.is_empty() => note("‹empty›"),
        Json::String(text) => Cell {
            text: text.chars().take(LONGEST).collect(),
            kind: Kind::Value,
        },
        Json::Number(number) => Cell {
            text: number.as_str().to_owned(),
            kind: Kind::Number,
        },
        Json::Bool(truth) => Cell {
            text: truth.to_string(),
            kind: Kind::Value,
        },
        Json::Array(elements) if is_plural(def) => Cell {
            text: elements.len().to_string(),
            kind: Kind::Number,
        },
        Json::Object(members) if is_object(def) => {
            let set = members
                .values()
                .filter(|member| !is_nothing(member))
                .count();
            Cell {
                text: format!("{set} of {}", members.len()),
                kind: Kind::Value,
            }
        }
        Json::Array(_) | Json::Object(_) => Cell {
            text: beginning(value),
            kind: Kind::Value,
        },
    }
}

fn is_plural(def: Option<&AttrDef>) -> bool {
    def.is_some_and(|def| matches!(def.attr_type, AttrType::Plural(_)))
}

fn is_object(def: Option<&AttrDef>) -> bool {
    def.is_some_and(|def| matches!(def.attr_type, AttrType::Object(_)))
}

/// Whether a value is the service's way to say that there is none: null, and what holds nothing else. Does not look into
/// plurals, and not deeper than schemas go.
pub fn is_nothing(value: &Json) -> bool {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Json::Null => {}
            Json::Array(elements) if elements.is_empty() => {}
            Json::Object(members) => open.extend(members.values()),
            Json::Array(_) | Json::Bool(_) | Json::Number(_) | Json::String(_) => return false,
        }
    }
    true
}

fn note(text: &str) -> Cell {
    Cell {
        text: text.to_owned(),
        kind: Kind::Note,
    }
}

/// The beginning of a value as JSON. Stops writing when enough is written, however large the value.
fn beginning(value: &Json) -> String {
    struct Beginning(String);
    impl Write for Beginning {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let room = LONGEST.saturating_sub(self.0.len());
            self.0.extend(text.chars().take(room));
            if text.len() > room {
                return Err(fmt::Error);
            }
            Ok(())
        }
    }
    let mut written = Beginning(String::new());
    // An error says that there was more.
    let _ = write!(written, "{value}");
    written.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = include_str!("../../../../tests/data/schema-user-default-2012.json");

    fn user() -> EntityType {
        let json = Json::parse(USER).expect("is JSON");
        EntityType::from_json(&json).expect("is a schema").0
    }

    #[test]
    fn what_tells_records_apart_comes_first() {
        let names: Vec<String> = defaults(&user()).iter().map(AttrPath::dotted).collect();
        assert_eq!(
            names,
            [
                "email",
                "displayName",
                "givenName",
                "familyName",
                "primaryAddress.city",
                "primaryAddress.country",
            ]
        );
    }

    #[test]
    fn a_cell_says_what_is_there_and_what_is_not() {
        let (attr_defs, problems) = crate::capture::schema::read_attr_defs(
            &Json::parse(
                r#"[{"name":"a","type":"string"},{"name":"n","type":"integer"},{"name":"p","type":"password-bcrypt"},
                    {"name":"j","type":"json"},
                    {"name":"o","type":"object","attr_defs":[{"name":"c","type":"string"},{"name":"d","type":"string"}]},
                    {"name":"l","type":"plural","attr_defs":[{"name":"x","type":"string"},
                        {"name":"m","type":"plural","attr_defs":[{"name":"y","type":"integer"}]}]}]"#,
            )
            .expect("is JSON"),
        );
        assert_eq!(problems, []);
        let schema = EntityType::create("t", attr_defs);
        for (record, path, text, kind) in [
            (r#"{"a":"x"}"#, "a", "x", Kind::Value),
            (r#"{"a":""}"#, "a", "‹empty›", Kind::Note),
            (r#"{"a":null}"#, "a", "‹null›", Kind::Note),
            ("{}", "a", "‹absent›", Kind::Note),
            (
                r#"{"n":12345678901234567890}"#,
                "n",
                "12345678901234567890",
                Kind::Number,
            ),
            (
                r#"{"p":{"value":"secret","type":"password-bcrypt"}}"#,
                "p",
                MASK,
                Kind::Note,
            ),
            (r#"{"p":"secret"}"#, "p", MASK, Kind::Note),
            (r#"{"p":null}"#, "p", "‹null›", Kind::Note),
            (r#"{"j":{"k":[1,2]}}"#, "j", r#"{"k":[1,2]}"#, Kind::Value),
            (r#"{"o":{"c":"Oslo","d":null}}"#, "o", "1 of 2", Kind::Value),
            (r#"{"o":{"c":"Oslo","d":null}}"#, "o.c", "Oslo", Kind::Value),
            (r#"{"o":null}"#, "o.c", "‹null›", Kind::Note),
            (r#"{"l":[{"x":"a"},{"x":"b"}]}"#, "l", "2", Kind::Number),
            (r#"{"l":[]}"#, "l", "0", Kind::Number),
            (
                r#"{"l":[{"x":"a"},{"x":null}]}"#,
                "l.x",
                "a, ‹null›",
                Kind::Value,
            ),
            (r#"{"l":[]}"#, "l.x", "‹none›", Kind::Note),
            (
                r#"{"l":[{"m":[{"y":1},{"y":2}]},{"m":[]}]}"#,
                "l.m.y",
                "1, 2, ‹none›",
                Kind::Value,
            ),
            // What the service should not send is shown as it is.
            (r#"{"a":["x"]}"#, "a", r#"["x"]"#, Kind::Value),
            (r#"{"o":5}"#, "o.c", "‹absent›", Kind::Note),
        ] {
            let record = Json::parse(record).expect("is JSON");
            let path: AttrPath = path.parse().expect("is a path");
            let cell = cell(&record, &path, schema.get(&path));
            assert_eq!(
                (cell.text.as_str(), cell.kind),
                (text, kind),
                "{record} {path}"
            );
        }
    }

    #[test]
    fn a_large_value_makes_a_short_text() {
        let path: AttrPath = "x".parse().expect("is a path");
        let many = Json::Array(vec![Json::from("ä\"".repeat(50)); 1000]);
        let plural = Json::Array(
            (0..1000)
                .map(|_| [("x", Json::from("y".repeat(1000)))].into_iter().collect())
                .collect(),
        );
        for value in [Json::from("é".repeat(1_000_000)), many, plural.clone()] {
            let record: Json = [("x", value)].into_iter().collect();
            assert!(cell(&record, &path, None).text.chars().count() <= LONGEST);
        }
        let record: Json = [("l", plural)].into_iter().collect();
        let path: AttrPath = "l.x".parse().expect("is a path");
        assert!(cell(&record, &path, None).text.chars().count() <= 3 * LONGEST);
    }
}
