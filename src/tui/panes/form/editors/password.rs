//! A password's text: plain, for the service to hash, or a hash made elsewhere as an object with `type` and `value`,
//! stored as it is (reference 4.2).
//!
//! A plain text that looks like a hash is hashed once more by the service; that is said while it is typed, and one key
//! makes the object of it. Nothing here repeats a password: notes name its kind alone.

use crate::capture::attr_type::PASSWORD_TYPES;
use crate::capture::json::Json;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Presence;

/// What a text is as a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Empty,
    /// Plain text; the type of hash that it looks like.
    Plain(Option<&'static str>),
    /// A hash with its type, if that is one that is known, and whether its value looks like it.
    Hash(Option<&'static str>, bool),
    /// Meant as an object, but not written as one.
    Broken,
}

/// How hashes begin, by their type: the usual notation of `crypt` and of PHPass.
const PREFIXES: [(&str, &str); 9] = [
    ("$2a$", "password-bcrypt"),
    ("$2b$", "password-bcrypt"),
    ("$2y$", "password-bcrypt"),
    ("$5$", "password-crypt-sha256"),
    ("$6$", "password-crypt-sha512"),
    ("$1$", "password-crypt-md5"),
    ("$P$", "password-phpass-55"),
    ("$H$", "password-phpass-55"),
    ("$S$", "password-phpass-sha512-truncated-55"),
];

/// How many hexadecimal digits a bare digest has.
const DIGESTS: [(usize, &str); 4] = [
    (32, "password-md5"),
    (40, "password-sha"),
    (64, "password-sha-256"),
    (128, "password-sha-512"),
];

/// The usual type, for a hash that is yet to be written.
const USUAL: &str = "password-bcrypt";

/// The text to edit: a hash on one line, since one seldom changes it but often types a new password over it.
pub fn to_edit(field: &Field) -> String {
    let text = field.text().unwrap_or_default();
    match (&field.editor, Json::parse(text)) {
        (Editor::Json(_), Ok(json)) => json.to_string(),
        _ => text.to_owned(),
    }
}

/// What `text` is as a password.
pub fn kind(text: &str) -> Kind {
    if text.is_empty() {
        return Kind::Empty;
    }
    let object = text.trim_start().starts_with('{');
    match Json::parse(text) {
        Ok(json @ Json::Object(_)) => {
            // With a history, the current one is inside.
            let current = json.get("password").unwrap_or(&json);
            let name = current.get("type").and_then(Json::as_str);
            let known = PASSWORD_TYPES.iter().find(|known| Some(**known) == name);
            let value = current.get("value").and_then(Json::as_str);
            let fits = known.is_none_or(|name| is_plausible(name, value.unwrap_or_default()));
            Kind::Hash(known.copied(), fits)
        }
        Err(_) if object && text.contains("\"type\"") => Kind::Broken,
        _ => Kind::Plain(looks_like(text)),
    }
}

/// Whether a value may be a hash of this type: only of types with a notation of their own can that be told.
fn is_plausible(name: &str, value: &str) -> bool {
    let mut prefixes = PREFIXES.iter().filter(|(_, of)| *of == name).peekable();
    let has_notation = prefixes.peek().is_some();
    !value.is_empty() && (!has_notation || prefixes.any(|(prefix, _)| value.starts_with(prefix)))
}

fn looks_like(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let by_prefix = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix));
    let hexadecimal = || text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let by_length = || {
        let digest = DIGESTS.iter().find(|(length, _)| *length == text.len());
        digest.filter(|_| hexadecimal())
    };
    by_prefix
        .map(|(_, name)| *name)
        .or_else(|| by_length().map(|(_, name)| *name))
}

/// What is said of a password while it is typed.
pub fn note(text: &str) -> String {
    match kind(text) {
        Kind::Empty => keyed("<edit.reveal> shows what is typed, <edit.lines> writes a hash"),
        Kind::Plain(None) => "plain text: hashed by the service".to_owned(),
        Kind::Plain(Some(name)) => {
            format!(
                "{} stores it as a {name} hash; as text it is hashed again",
                keyed("<edit.lines>")
            )
        }
        Kind::Hash(Some(name), true) => format!("a {name} hash: stored as it is"),
        Kind::Hash(Some(name), false) => {
            format!("stored as it is, but its value is no {name} hash")
        }
        Kind::Hash(None, _) => "an object without a known `type`".to_owned(),
        Kind::Broken => "not an object yet, as {\"type\": …, \"value\": …}".to_owned(),
    }
}

/// The text as an object that is stored as it is; `None` when it is meant as one already.
pub fn as_hash(text: &str) -> Option<String> {
    let name = match kind(text) {
        Kind::Empty | Kind::Plain(None) => USUAL,
        Kind::Plain(Some(name)) => name,
        Kind::Hash(..) | Kind::Broken => return None,
    };
    let value = text.trim();
    let hash: Json = [("type", Json::from(name)), ("value", value.into())]
        .into_iter()
        .collect();
    Some(hash.pretty())
}

/// Puts a text into a password's field, as what it is.
pub fn put(field: &mut Field, text: String) {
    field.presence = Presence::Given;
    field.editor = match kind(&text) {
        Kind::Hash(..) => match Json::parse(&text) {
            Ok(json) => Editor::Json(json.pretty()),
            Err(_) => Editor::Json(text),
        },
        Kind::Broken => Editor::Json(text),
        Kind::Empty | Kind::Plain(_) => Editor::Text(text),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_told_from_plain_text() {
        let hex = |count: usize| "0123456789abcdef".repeat(count / 16 + 1)[..count].to_owned();
        let cases = [
            (String::new(), Kind::Empty),
            ("correct horse".to_owned(), Kind::Plain(None)),
            ("{curly".to_owned(), Kind::Plain(None)),
            ("[1]".to_owned(), Kind::Plain(None)),
            ("12345678".to_owned(), Kind::Plain(None)),
            (
                "$2b$10$abc".to_owned(),
                Kind::Plain(Some("password-bcrypt")),
            ),
            (
                "$6$salt$x".to_owned(),
                Kind::Plain(Some("password-crypt-sha512")),
            ),
            (hex(32), Kind::Plain(Some("password-md5"))),
            (hex(33), Kind::Plain(None)),
            ("g".repeat(32), Kind::Plain(None)),
            (
                r#"{"type":"password-bcrypt","value":"$2a$04$x"}"#.to_owned(),
                Kind::Hash(Some("password-bcrypt"), true),
            ),
            (
                r#"{"type":"password-bcrypt","value":"hunter2"}"#.to_owned(),
                Kind::Hash(Some("password-bcrypt"), false),
            ),
            (
                r#"{"password":{"type":"password-sha","value":"x"},"history":[]}"#.to_owned(),
                Kind::Hash(Some("password-sha"), true),
            ),
            (r#"{"value":"x"}"#.to_owned(), Kind::Hash(None, true)),
            (r#"{"type":"password-bcrypt","#.to_owned(), Kind::Broken),
        ];
        for (text, expected) in cases {
            assert_eq!(kind(&text), expected, "{text}");
            assert!(text.is_empty() || !note(&text).contains(&text), "{text}");
        }
    }

    #[test]
    fn what_looks_like_a_hash_becomes_one() {
        let hash = as_hash(" $2b$10$abc\n").expect("is text");
        let json = Json::parse(&hash).expect("is JSON");
        assert_eq!(
            json.to_string(),
            r#"{"type":"password-bcrypt","value":"$2b$10$abc"}"#
        );
        assert_eq!(as_hash(&hash), None);
        assert_eq!(kind(&hash), Kind::Hash(Some("password-bcrypt"), true));
        let begun = as_hash("").expect("is a beginning");
        assert_eq!(kind(&begun), Kind::Hash(Some("password-bcrypt"), false));
    }

    #[test]
    fn every_type_that_is_guessed_is_known() {
        let guessed = PREFIXES
            .iter()
            .map(|(_, name)| name)
            .chain(DIGESTS.iter().map(|(_, name)| name))
            .chain([&USUAL]);
        for name in guessed {
            assert!(PASSWORD_TYPES.contains(name), "{name}");
        }
    }
}
