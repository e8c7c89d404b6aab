//! What is said below a text while it is typed: how the service will store it, where JSON breaks off, what a password
//! is. Facts alone; what breaks a rule is said by the check of the field.

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::json::Json;
use crate::capture::value;
use crate::capture::value::date;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::form::editors::password;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;

/// The longest JSON text that is read after every key, in bytes: an eye's blink for the parser.
pub const LONGEST_JSON: usize = 200_000;

/// Whether a field has a line for notes while it is edited. It does not depend on the text: no line comes and goes while
/// one types.
pub fn has_note(field: &Field) -> bool {
    match &field.attr.def.attr_type {
        AttrType::Date | AttrType::DateTime | AttrType::IpAddress | AttrType::Password(_) => true,
        _ => matches!(field.editor, Editor::Json(_)),
    }
}

/// What is said of `text` as the value of `field`; nothing where there is nothing to know.
pub fn note(field: &Field, text: &str, now: Timestamp) -> String {
    match (&field.attr.def.attr_type, &field.editor) {
        (AttrType::Password(_), _) => password::note(text),
        (_, Editor::Json(_)) => of_json(text),
        (AttrType::Date | AttrType::DateTime, _) if text.trim().is_empty() => {
            keyed("<edit.calendar> calendar; or 29 Feb 84, today")
        }
        (AttrType::Date | AttrType::DateTime, _) => of_date(field, text, now),
        (AttrType::IpAddress, _) => match canonical(field, text, now) {
            Some(address) => format!("stored as {address}"),
            None if text.contains(':') => {
                "IPv6 is not taken: IPv4 alone, as in 192.0.2.1".to_owned()
            }
            None => "IPv4: four numbers from 0 to 255, as in 192.0.2.1".to_owned(),
        },
        _ => String::new(),
    }
}

/// How the service stores a text; `None` when it does not take it.
pub fn canonical(field: &Field, text: &str, now: Timestamp) -> Option<String> {
    let stored = value::read(&text.trim().into(), &field.attr.def, now).ok()?;
    stored.as_str().map(str::to_owned)
}

/// A date in words such as `today`, whose meaning changes, as the day that is meant now; anything else as it is.
pub fn settle_date(field: &Field, text: String, now: Timestamp) -> String {
    match canonical(field, &text, now) {
        Some(stored) if is_relative(field, &text, now) => stored,
        _ => text,
    }
}

fn is_relative(field: &Field, text: &str, now: Timestamp) -> bool {
    // Another day reads it otherwise.
    let other = now
        .checked_sub(SignedDuration::from_hours(1_000))
        .unwrap_or(now);
    canonical(field, text, now) != canonical(field, text, other)
}

fn of_date(field: &Field, text: &str, now: Timestamp) -> String {
    let Some(stored) = canonical(field, text, now) else {
        return match field.attr.def.attr_type {
            AttrType::DateTime => "a date and a time, as in 2003-01-02 18:15:00 +0000".to_owned(),
            _ => "a day, as in 2003-01-02".to_owned(),
        };
    };
    let weekday = date::parse_date(&stored, now)
        .map(|day| day.strftime("%A").to_string())
        .unwrap_or_default();
    if is_relative(field, text, now) {
        format!("becomes {stored}, {weekday}")
    } else if stored == text.trim() {
        weekday
    } else {
        format!("stored as {stored}, {weekday}")
    }
}

fn of_json(text: &str) -> String {
    if text.trim().is_empty() {
        return "any JSON: \"text\", 1.50, true, [1, 2], {\"key\": null}".to_owned();
    }
    if text.len() > LONGEST_JSON {
        return "long: checked when you leave it".to_owned();
    }
    match Json::parse(text) {
        Ok(Json::Object(members)) => format!("an object of {}", count(members.len(), "member")),
        Ok(Json::Array(items)) => format!("an array of {}", count(items.len(), "item")),
        Ok(json) => value::kind_with_article(&json).to_owned(),
        Err(error) => {
            let (line, column) = (error.line, error.column);
            format!("line {line}, column {column}: {}", error.reason)
        }
    }
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}
