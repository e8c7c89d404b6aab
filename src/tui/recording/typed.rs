//! What is being typed, as far as it may be nobody's business, and what is written down in its place.
//!
//! The panes say what they edit; the recorder asks before it writes a key or a paste. The mask is what the replay types:
//! a password becomes as many dots and an e-mail address keeps its shape, so that cursor, length and what follows are the
//! same. Characters that give JSON its structure stay, so that a text can be read in the replay where it could be before.

use crate::capture::filter;
use crate::capture::redact::broken;
use crate::capture::redact::is_secret_name;
use crate::capture::schema::EntityType;
use crate::tui::recording::scrub::shape;
use crate::tui::recording::scrub::shape_of;

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
    /// An e-mail address.
    Email,
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
    /// Those that hold e-mail addresses.
    emails: Vec<String>,
}

impl Names {
    /// Those of an entity type.
    pub fn of(schema: &EntityType) -> Self {
        let names = schema.walk().into_iter().map(|(_, def)| &def.name);
        Self {
            secrets: schema.password_names(),
            emails: names.filter(|name| holds_email(name)).cloned().collect(),
        }
    }
}

/// Whether an attribute of this name holds an e-mail address.
pub fn holds_email(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("email") || name == "mail"
}

/// What a place in a text belongs to.
enum Place {
    Open,
    Secret,
    Email,
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
            (_, Place::Email) => shape_of(c),
            (Self::Json(before, _), Place::Secret) => of_json(before, c),
            (Self::Filter(..), Place::Secret) if " '\"=!<>()".contains(c) => c,
            (_, Place::Secret) => DOT,
        }
    }

    /// The text that is written down for a pasted one.
    pub fn text(&self, text: &str) -> String {
        match (self, self.place()) {
            (_, Place::Secret) => dots(text),
            (_, Place::Email) => shape(text),
            (Self::Json(_, names), Place::Open) => broken::masked(text, &names.secrets),
            (Self::Filter(_, names), Place::Open) => masked_filter(text, &names.secrets),
            (_, Place::Open) => text.to_owned(),
        }
    }

    /// What the place before the cursor belongs to.
    fn place(&self) -> Place {
        let (before, names, mask): (_, _, fn(&str, &[String]) -> String) = match self {
            Self::Open => return Place::Open,
            Self::Secret => return Place::Secret,
            Self::Email => return Place::Email,
            Self::Json(before, names) => (before, names, broken::masked),
            Self::Filter(before, _) if !is_in_value(before) => return Place::Open,
            Self::Filter(before, names) => (before, names, masked_filter),
        };
        let mut text = near(before).to_owned();
        text.push(MARK);
        let covers = |names: &[String]| !mask(&text, names).contains(MARK);
        if covers(&names.secrets) {
            Place::Secret
        } else if covers(&names.emails) {
            Place::Email
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

/// What stands for a character of a secret value in JSON. Inside of a string all but its end; outside, a digit stays a
/// digit and the signs stay.
fn of_json(before: &str, c: char) -> char {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let (mut inside, mut escaped) = (false, false);
    for c in line.chars() {
        match c {
            '"' if !escaped => inside = !inside,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
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
            emails: vec!["email".to_owned()],
        };
        let json = |before: &str| Typed::json(before, names());
        for (text, kept) in [
            (
                r#"{"email": "a1@b.c", "n": "a1@b"}"#,
                r#"{"email": "x0@x.x", "n": "a1@b"}"#,
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
        assert_eq!(written("ada@b.c1", |_| Typed::Email), "xxx@x.x0");
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
