//! What to tell someone who writes a value: what would be right, and what is wrong with it.
//!
//! The form says this while one types. The reasons of `value` and `validate` are for whoever reads an answer of the
//! service; where a person in front of the value can be told more, or more plainly, it is said here. Nothing here
//! decides whether a value is right.

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::schema::AttrDef;
use crate::capture::value;
use crate::capture::value::thousands;

/// What a value of this attribute looks like, in a phrase: `a whole number, such as 42`. `None` when nearly every text
/// will do.
pub fn expected(def: &AttrDef) -> Option<String> {
    let phrase = match &def.attr_type {
        AttrType::Date => "YYYY-MM-DD, such as 1984-02-29",
        AttrType::DateTime => "a date and time, such as 2015-12-15 07:36:25 +0000",
        AttrType::IpAddress => "an IPv4 address, such as 192.0.2.1",
        AttrType::Integer => "a whole number, such as 42",
        AttrType::Decimal => "a number, such as 12.50",
        AttrType::Json | AttrType::Unknown(_) => "JSON, such as {\"key\": [1, true, \"text\"]}",
        AttrType::String { .. } => def.constraints.iter().flatten().find_map(look)?,
        AttrType::Boolean
        | AttrType::Id
        | AttrType::Uuid
        | AttrType::Password(_)
        | AttrType::Object(_)
        | AttrType::Plural(_) => return None,
    };
    Some(phrase.to_owned())
}

/// The same of a value that is right, without an example: `a whole number`.
pub fn kind(def: &AttrDef) -> Option<String> {
    let phrase = expected(def)?;
    if def.has(&Constraint::EmailAddress) {
        return Some("an e-mail address".to_owned());
    }
    let kind = phrase.split(", such as").next().unwrap_or_default();
    Some(kind.to_owned())
}

/// What a text under this constraint looks like; `None` where that cannot be said, or goes without saying.
fn look(constraint: &Constraint) -> Option<&'static str> {
    match constraint {
        Constraint::EmailAddress => Some("such as name@example.com"),
        Constraint::Alphabetic => Some("letters A–Z only"),
        Constraint::Alphanumeric => Some("letters A–Z and digits only"),
        Constraint::UnicodeLetters => Some("letters only, of any script"),
        Constraint::Required
        | Constraint::Unique
        | Constraint::LocallyUnique
        | Constraint::UnicodePrintable
        | Constraint::Other(_) => None,
    }
}

/// What is wrong with `value`, for the one who wrote it: `code` and `reason` as they were found, `None` for a value
/// that is not there.
pub fn explain(code: ErrorCode, reason: &str, value: Option<&Json>, def: &AttrDef) -> String {
    match (code, &def.attr_type) {
        (ErrorCode::MISSING_REQUIRED_ATTRIBUTE, _) => match value {
            Some(Json::Null) => "a value is required here, and null is none".to_owned(),
            _ => "a value is required here".to_owned(),
        },
        (
            ErrorCode::LENGTH_VIOLATION,
            AttrType::String {
                length: Some(most), ..
            },
        ) => {
            let count = value
                .and_then(Json::as_str)
                .map_or(0, |text| text.chars().count());
            let most = *most as usize;
            match count.checked_sub(most) {
                Some(surplus) if surplus > 0 => format!(
                    "{} characters, at most {}: {} too many",
                    thousands(count),
                    thousands(most),
                    thousands(surplus)
                ),
                _ => reason.to_owned(),
            }
        }
        (ErrorCode::CONSTRAINT_VIOLATION, _) => {
            match reason.strip_prefix(value::NO_EMAIL_ADDRESS) {
                Some(why) => format!("must look like name@example.com{why}"),
                None => reason.to_owned(),
            }
        }
        (ErrorCode::INVALID_DATE_TIME, AttrType::Date) => {
            reason.replace(value::date::EXAMPLE, "2003-01-02")
        }
        _ => reason.to_owned(),
    }
}

/// Whether a text with such a fault may be right once more is typed: a date that is not complete, an address without
/// its host. What is too long, or has a character that does not belong there, will not be.
pub fn may_be_unfinished(code: ErrorCode, def: &AttrDef) -> bool {
    match code {
        ErrorCode::LENGTH_VIOLATION | ErrorCode::UNIQUE_VIOLATION => false,
        ErrorCode::CONSTRAINT_VIOLATION => def.has(&Constraint::EmailAddress),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::path::AttrPath;
    use crate::capture::schema;
    use crate::capture::validate;
    use crate::capture::validate::Mode;
    use jiff::Timestamp;

    fn def(text: &str) -> AttrDef {
        let json = Json::parse(&format!("[{text}]")).expect("is JSON");
        let (mut defs, problems) = schema::read_attr_defs(&json);
        assert_eq!(problems, []);
        defs.swap_remove(0)
    }

    /// What is said of a value: a tick or a cross, and a sentence.
    fn said(def: &AttrDef, value: &str) -> String {
        let now: Timestamp = "2026-02-28T13:14:15Z".parse().expect("is an instant");
        let value = Json::parse(value).expect("is JSON");
        let path: AttrPath = "a".parse().expect("is a path");
        let found = validate::check_value(&value, def, &path, Mode::Create, now);
        match found.first() {
            Some(found) => format!(
                "✗ {}",
                explain(found.code, &found.reason, Some(&value), def)
            ),
            None => format!("✓ {}", kind(def).unwrap_or_default()),
        }
    }

    #[test]
    fn what_people_are_told() {
        let short = r#"{"name":"a","type":"string","length":8,"constraints":["required"]}"#;
        let email = r#"{"name":"a","type":"string","length":20,"constraints":["email-address"]}"#;
        let letters = r#"{"name":"a","type":"string","constraints":["alphabetic"]}"#;
        let (date, instant) = (
            r#"{"name":"a","type":"date"}"#,
            r#"{"name":"a","type":"dateTime"}"#,
        );
        for (attr, value, expected) in [
            (
                short,
                r#""ten letters""#,
                "✗ 11 characters, at most 8: 3 too many",
            ),
            (
                short,
                "null",
                "✗ a value is required here, and null is none",
            ),
            (short, r#""four""#, "✓ "),
            (
                email,
                r#""bob""#,
                "✗ must look like name@example.com: there is no @",
            ),
            (email, r#""b@x.example""#, "✓ an e-mail address"),
            (
                letters,
                r#""abc4""#,
                "✗ letters A–Z only; `4` at position 4 is not one",
            ),
            (letters, r#""abc""#, "✓ letters A–Z only"),
            (
                date,
                r#""1985-02-29""#,
                "✗ 1985 is not a leap year: February has 28 days",
            ),
            (
                date,
                r#""1985""#,
                "✗ a date needs a year, a month and a day: write it like 2003-01-02",
            ),
            (date, r#""1984-02-29""#, "✓ YYYY-MM-DD"),
            (
                instant,
                r#""2015-12-15 07:36:25 +0000""#,
                "✓ a date and time",
            ),
        ] {
            assert_eq!(said(&def(attr), value), expected, "{attr} {value}");
        }
    }

    #[test]
    fn an_example_is_right_itself() {
        for name in [
            "date",
            "dateTime",
            "ipAddress",
            "integer",
            "decimal",
            "json",
        ] {
            let def = def(&format!(r#"{{"name":"a","type":"{name}"}}"#));
            let phrase = expected(&def).expect("has a notation");
            let (_, example) = phrase.split_once("such as ").expect("has an example");
            let json = match def.attr_type {
                AttrType::Date | AttrType::DateTime | AttrType::IpAddress => {
                    format!("\"{example}\"")
                }
                _ => example.to_owned(),
            };
            assert!(said(&def, &json).starts_with('✓'), "{phrase}");
        }
        let email = def(r#"{"name":"a","type":"string","constraints":["email-address"]}"#);
        assert!(said(&email, r#""name@example.com""#).starts_with('✓'));
    }
}
