//! What of a draft is never written to a file: passwords, and what a name tells to be a secret. The names are those that
//! the history goes by ([`redact`]), so that a draft keeps no more than the record of its sending.

use std::sync::Arc;

use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::redact::broken;
use crate::drafts::kept::Field;
use crate::drafts::kept::Kept;
use crate::drafts::kept::Presence;
use crate::drafts::kept::Value;

/// The draft without secrets. These names of attributes are secret beside the usual ones.
pub(super) fn leave_out(mut kept: Kept, names: &[String]) -> Kept {
    // Definitions name secrets and hold none.
    if kept.design.is_some() {
        return kept;
    }
    strip_fields(Arc::<Vec<Field>>::make_mut(&mut kept.fields), names, false);
    if let Some(typing) = &mut kept.typing {
        let secret = |name: &str| redact::is_secret_name(name, names);
        if typing.path.0.iter().any(|segment| secret(&segment.name)) {
            typing.text = None;
        } else if let Some(text) = &mut typing.text {
            strip_text(text, names);
        }
    }
    if let Some(text) = &mut kept.json {
        strip_text(text, names);
    }
    if let Some(original) = &mut kept.original {
        kept.lacks_secrets |= strip_record(Arc::make_mut(original), names);
    }
    kept
}

/// Recursion is bounded: the depth is the schema's.
fn strip_fields(fields: &mut [Field], names: &[String], within_secret: bool) {
    for field in fields {
        let secret = within_secret || redact::is_secret_name(&field.name, names);
        match &mut field.value {
            Value::Object(members) => strip_fields(members, names, secret),
            Value::Plural(elements) => {
                for element in elements {
                    strip_fields(&mut element.fields, names, secret);
                }
            }
            Value::Text(text) | Value::Json(text) if secret => {
                if !text.is_empty() || field.presence == Presence::Given {
                    field.value = Value::NotKept;
                }
            }
            Value::Json(text) => strip_text(text, names),
            Value::Text(_) | Value::Toggle(_) | Value::NotKept => {}
        }
    }
}

/// Takes passwords and other secrets out of a stored record, with their names: a mask in their place could be taken for
/// a value. That there is none (`null`) is no secret. Says whether there was any.
fn strip_record(json: &mut Json, names: &[String]) -> bool {
    match json {
        Json::Object(members) => {
            let before = members.len();
            members.retain(|name, value| {
                value.is_null() || !redact::is_secret_name(name, names) && !is_password(value)
            });
            let went = before > members.len();
            members
                .values_mut()
                .fold(went, |went, value| strip_record(value, names) | went)
        }
        Json::Array(items) => items
            .iter_mut()
            .fold(false, |went, item| strip_record(item, names) | went),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

/// The shape in which the service shows a stored password.
fn is_password(json: &Json) -> bool {
    json.get("type")
        .and_then(Json::as_str)
        .is_some_and(|name| name.starts_with("password"))
        && json.get("value").is_some()
}

/// Masks secrets in JSON text. Text that does not parse is searched for names; where that is a guess, too much goes
/// rather than too little.
fn strip_text(text: &mut String, names: &[String]) {
    match Json::parse(text) {
        Ok(mut json) => {
            if redact::json(&mut json, names) {
                *text = json.pretty();
            }
        }
        Err(_) => *text = broken::masked(text, names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_from_a_stored_record_with_their_names() {
        let mut record = Json::parse(
            r#"{"password":{"type":"password-bcrypt","value":"$2a$hunter2"},"pin":"hunter2","email":"a@b.c",
                "secret":null,"clients":[{"accessToken":"hunter2","n":1.50}],"code":{"type":"password-md5","value":"hunter2"}}"#,
        )
        .expect("is JSON");
        assert!(strip_record(&mut record, &["pin".to_owned()]));
        let kept = r#"{"email":"a@b.c","secret":null,"clients":[{"n":1.50}]}"#;
        assert_eq!(record.to_string(), kept);
        assert!(!strip_record(&mut record, &[]), "nothing is left");
    }
}
