//! What is being typed, as far as it may be nobody's business, and what is written down in its place.
//!
//! The panes say what they edit; the recorder asks before it writes a key or a paste. The mask is what the replay types:
//! a password becomes as many dots and what is personal keeps its shape, so that cursor, length and what follows are the
//! same. Characters that give JSON its structure stay, so that a text can be read in the replay where it could be before.
//! What somebody looks for in a text is nobody's attribute, and stays.

use crate::capture::attr_type::AttrType;
use crate::capture::filter;
use crate::capture::redact::broken;
use crate::capture::redact::is_secret_name;
use crate::capture::redact::personal;
use crate::capture::redact::personal::Defined;
use crate::capture::redact::personal::shape;
use crate::capture::redact::personal::shape_of;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;

/// What stands for a character of a secret.
const DOT: char = '•';

/// A character that no text holds, to see whether a mask covers its place.
const MARK: char = '\u{f8ff}';

/// How much of the text before the cursor is looked at, in bytes: a secret's name stands near its value.
const NEAR: usize = 16 << 10;

/// What a key or a paste goes into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Nothing that is to be masked.
    Open,
    /// A secret.
    Secret,
    /// Something personal.
    Personal,
    /// JSON, or what shall become JSON, with this before the cursor.
    Json(String, Names),
    /// A filter with this before the cursor.
    Filter(String, Names),
}

/// Attributes whose values are masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Those that hold secrets, beside the usual ones.
    secrets: Vec<String>,
    /// Those that hold personal data.
    personal: Vec<String>,
}

impl Names {
    /// Those of an entity type.
    pub fn of(schema: &EntityType) -> Self {
        let mut defined = Defined::default();
        defined.learn(schema);
        let mut personal = Vec::new();
        learn_personal(&schema.attr_defs, false, &defined, &mut personal);
        personal.sort_unstable();
        personal.dedup();
        Self {
            secrets: schema.password_names(),
            personal,
        }
    }

    /// Those of several entity types.
    pub fn of_all<'a>(schemas: impl IntoIterator<Item = &'a EntityType>) -> Self {
        let mut all = Self::default();
        for schema in schemas {
            let names = Self::of(schema);
            all.secrets.extend(names.secrets);
            all.personal.extend(names.personal);
        }
        all
    }

    /// Those that hold secrets, beside the usual ones.
    pub fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// A text of JSON, or what shall become some, with its secrets masked and what is personal in its shape.
    pub fn masked(&self, text: &str) -> String {
        broken::masked(&self.shaped(text), &self.secrets)
    }

    /// A text with the values in their shape that follow the name of something personal. What is no single value stays.
    pub fn shaped(&self, text: &str) -> String {
        let meant = |name: &str| self.are_personal(name).then_some(());
        broken::replaced(text, meant, |(), value| match value {
            "null" | "true" | "false" => value.to_owned(),
            group if group.starts_with(['{', '[']) => group.to_owned(),
            value => shape(value),
        })
    }

    /// Whether an attribute of this name holds personal data.
    pub fn are_personal(&self, name: &str) -> bool {
        self.personal.iter().any(|known| known == name)
    }
}

/// Finds the attributes that hold a personal value themselves: what only holds others keeps its form. Definitions are as
/// deep as the reader of schemas allows.
fn learn_personal(defs: &[AttrDef], inside: bool, defined: &Defined, found: &mut Vec<String>) {
    for def in defs {
        let is_kept = personal::is_kept(&def.name);
        let is_personal = defined.kind(&def.name).is_some() || inside && !is_kept;
        match &def.attr_type {
            AttrType::Object(inner) | AttrType::Plural(inner) => {
                learn_personal(inner, is_personal, defined, found);
            }
            AttrType::Boolean | AttrType::Id | AttrType::Uuid => {}
            _ if is_personal => found.push(def.name.clone()),
            _ => {}
        }
    }
}

/// What a place in a text belongs to.
enum Place {
    Open,
    Secret,
    Personal,
}

impl Typed {
    /// JSON with this before the cursor; only the last of it is kept.
    pub fn json(before: &str, names: Names) -> Self {
        Self::Json(near(before).to_owned(), names)
    }

    /// The character that is written down for a typed one.
    pub fn character(&self, c: char) -> char {
        match (self, self.place()) {
            (_, Place::Open) => c,
            (Self::Json(before, _), Place::Personal) => personal_in_json(before, c),
            (_, Place::Personal) => shape_of(c),
            (Self::Json(before, _), Place::Secret) => of_json(before, c),
            (Self::Filter(..), Place::Secret) if " '\"=!<>()".contains(c) => c,
            (_, Place::Secret) => DOT,
        }
    }

    /// The text that is written down for a pasted one.
    pub fn text(&self, text: &str) -> String {
        match (self, self.place()) {
            (_, Place::Secret) => dots(text),
            (_, Place::Personal) => shape(text),
            (Self::Json(_, names), Place::Open) => names.masked(text),
            (Self::Filter(_, names), Place::Open) => masked_filter(text, &names.secrets),
            (_, Place::Open) => text.to_owned(),
        }
    }

    /// What the place before the cursor belongs to.
    fn place(&self) -> Place {
        let (before, names, mask): (_, _, fn(&str, &[String]) -> String) = match self {
            Self::Open => return Place::Open,
            Self::Secret => return Place::Secret,
            Self::Personal => return Place::Personal,
            Self::Json(before, names) => (before, names, broken::masked),
            Self::Filter(before, _) if !is_in_value(before) => return Place::Open,
            Self::Filter(before, names) => (before, names, masked_filter),
        };
        let mut text = near(before).to_owned();
        text.push(MARK);
        let covers = |names: &[String]| !mask(&text, names).contains(MARK);
        if covers(&names.secrets) {
            Place::Secret
        } else if covers(&names.personal) {
            Place::Personal
        } else {
            Place::Open
        }
    }
}

/// A text of secret characters; its lines stay.
pub fn dots(text: &str) -> String {
    let dot = |c: char| if c == '\n' || c == '\r' { c } else { DOT };
    text.chars().map(dot).collect()
}

fn masked_filter(text: &str, names: &[String]) -> String {
    filter::secrets::masked(text, |name| is_secret_name(name, names))
}

/// Whether what comes next in a filter belongs to a value: inside of its quotes, or bare behind an operator.
fn is_in_value(before: &str) -> bool {
    let is_quoted = before.matches('\'').count() % 2 == 1;
    let is_bare = |c: char| c.is_alphanumeric() || "._-+@".contains(c);
    let head = before.trim_end_matches(is_bare).trim_end();
    is_quoted || head.ends_with(['=', '<', '>'])
}

fn near(text: &str) -> &str {
    let mut from = text.len().saturating_sub(NEAR);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

/// Whether what comes next in JSON stands in a string, and behind a backslash.
fn in_string(before: &str) -> (bool, bool) {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let (mut inside, mut escaped) = (false, false);
    for c in line.chars() {
        match c {
            '"' if !escaped => inside = !inside,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    (inside, escaped)
}

/// What stands for a character of a personal value in JSON: words such as `null` and escapes stay.
fn personal_in_json(before: &str, c: char) -> char {
    match in_string(before) {
        (true, false) => shape_of(c),
        (false, _) if c.is_ascii_digit() => shape_of(c),
        _ => c,
    }
}

/// What stands for a character of a secret value in JSON. Inside of a string all but its end; outside, a digit stays a
/// digit and the signs stay.
fn of_json(before: &str, c: char) -> char {
    let (inside, escaped) = in_string(before);
    match c {
        '"' if !(inside && escaped) => c,
        _ if inside => DOT,
        '0'..='9' => '0',
        '{' | '}' | '[' | ']' | ',' | ':' | '-' | '.' => c,
        _ if c.is_whitespace() => c,
        _ => DOT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written down when `text` is typed letter by letter.
    fn written(text: &str, typed: impl Fn(&str) -> Typed) -> String {
        let places = text.char_indices();
        let letters = places.map(|(at, c)| typed(&text[..at]).character(c));
        letters.collect()
    }

    #[test]
    fn a_secret_typed_letter_by_letter_becomes_dots_and_the_rest_stays() {
        let names = || Names {
            secrets: vec!["pin".to_owned()],
            personal: vec!["email".to_owned(), "born".to_owned()],
        };
        let json = |before: &str| Typed::json(before, names());
        for (text, kept) in [
            (
                r#"{"email": "a1@b.c", "n": "a1@b"}"#,
                r#"{"email": "x1@x.x", "n": "a1@b"}"#,
            ),
            (
                r#"{"born": null, "email": "Ö\n2", "born": 1985}"#,
                r#"{"born": null, "email": "x\n1", "born": 1111}"#,
            ),
            (
                r#"{"password": "hun,{2", "n": 1}"#,
                r#"{"password": "••••••", "n": 1}"#,
            ),
            (
                r#"{"password": "hu\"n", "n": 1}"#,
                r#"{"password": "•••••", "n": 1}"#,
            ),
            (r#"{"pin": 1234, "n": 12}"#, r#"{"pin": 0000, "n": 12}"#),
            (
                "{\n  \"apiSecret\": \"x\",\n  \"n\": 1\n}",
                "{\n  \"apiSecret\": \"•\",\n  \"n\": 1\n}",
            ),
        ] {
            assert_eq!(written(text, json), kept);
        }
        let filter = |before: &str| Typed::Filter(before.to_owned(), names());
        assert_eq!(
            written(
                "n = 'a' and email = 'a@b.c' and pin = 'hunter2' or pin = 12",
                filter
            ),
            "n = 'a' and email = 'x@x.x' and pin = '•••••••' or pin = ••"
        );
        assert_eq!(written("hunter2", |_| Typed::Secret), "•••••••");
        assert_eq!(written("ada@b.c1", |_| Typed::Personal), "xxx@x.x1");
    }

    #[test]
    fn a_pasted_secret_is_masked_where_it_goes() {
        let before = r#"{"password": ""#;
        let json = Typed::json(before, Names::default());
        assert_eq!(json.text("hunter2"), "•••••••");
        let json = Typed::json("", Names::default());
        assert_eq!(
            json.text(r#"{"password":"hunter2","n":1}"#),
            r#"{"password":"••••••••","n":1}"#
        );
        assert_eq!(Typed::Secret.text("a\nb"), "•\n•");
    }
}
