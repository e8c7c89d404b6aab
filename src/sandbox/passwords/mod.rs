//! Passwords as values of a record: hashing what came as plain text, checking a plain text against a hash made by any
//! system that the vendor lists, and remembering former ones. Used by the operations on records.
//!
//! ```text
//! "plain"                      ─hash_all─▶ {"type":"password-bcrypt","value":"$2b$…"}
//! {"type","value","salt",…}    kept as it came; verify knows how its type is checked
//! {"password":…,"history":[…]} ─remember─▶ what is stored where `historySize` is above 0
//! ```
//!
//! Deliberately absent: the store, and the wish which attribute has a history. No password and no hash is ever part of
//! an error.

mod crypt;
mod des;
mod digests;

use bcrypt::HashParts;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::schema::AttrDef;
use crate::capture::validate::Violation;
use crate::sandbox::passwords::digests::Kind;
use crate::sandbox::store::types::StoredType;

/// The longest plain text that is checked, in bytes; a longer one matches nothing. Our choice: several of the checks
/// take time in proportion to rounds times length.
const LONGEST: usize = 1_024;

/// How much work one check may be: a hash is a caller's text, and says itself how slow it is. Our choice.
#[derive(Clone, Copy)]
struct Effort {
    /// The highest cost of a bcrypt hash; each step doubles the time.
    bcrypt_cost: u32,
    /// The most rounds of a digest over one block.
    rounds: u64,
}

/// For one check: about two seconds.
const ALONE: Effort = Effort {
    bcrypt_cost: 15,
    rounds: 2_000_000,
};

/// For each of the up to ten checks of a history.
const ONE_OF_MANY: Effort = Effort {
    bcrypt_cost: 12,
    rounds: 150_000,
};

/// Puts hashes in place of passwords given as plain text, at any depth. What the value's `type` says holds, whatever the
/// schema's type: bcrypt for every password that the sandbox hashes itself (reference 4.2: "a plain string is hashed by
/// the server"; for other types than bcrypt it is our choice).
///
/// Of a text of more than 72 bytes bcrypt sees the first 72 (our choice to let it, as its usual implementations do). One
/// with U+0000, which it cannot tell from its end, has been refused before.
pub(crate) fn hash_all(body: &mut Json, defs: &[AttrDef], cost: u32) -> Result<(), ApiError> {
    hash_members(body, defs, cost, &AttrPath::root())
}

fn hash_members(
    value: &mut Json,
    defs: &[AttrDef],
    cost: u32,
    path: &AttrPath,
) -> Result<(), ApiError> {
    let Some(members) = value.as_object_mut() else {
        return Ok(());
    };
    for def in defs {
        let Some(member) = members.get_mut(&def.name) else {
            continue;
        };
        let here = || path.child(def.name.as_str());
        match (&def.attr_type, &mut *member) {
            (AttrType::Password(_), Json::String(plain)) => {
                *member = hash(plain, cost).map_err(|reason| refuse(here(), reason))?;
            }
            (AttrType::Object(inner), object) => hash_members(object, inner, cost, &here())?,
            (AttrType::Plural(inner), Json::Array(elements)) => {
                for (at, element) in elements.iter_mut().enumerate() {
                    let path = here().element(Element::Index(at));
                    hash_members(element, inner, cost, &path)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn hash(plain: &str, cost: u32) -> Result<Json, &'static str> {
    let hash = bcrypt::hash(plain, cost).map_err(|_| "this password cannot be hashed")?;
    Ok([
        ("type", Json::from("password-bcrypt")),
        ("value", hash.into()),
    ]
    .into_iter()
    .collect())
}

fn refuse(path: AttrPath, reason: &str) -> ApiError {
    let violation = Violation {
        path,
        code: ErrorCode::INVALID_DATA_FORMAT,
        reason: reason.to_owned(),
    };
    violation.to_api_error()
}

/// The one attribute whose former values a type remembers, at the top of its schema, as documented for password history.
pub(crate) const WITH_HISTORY: &str = "password";

/// Brings the password of a record that was `old` and becomes `new` into the form in which its type keeps it.
pub(crate) fn keep_history(new: &mut Json, old: &Json, stored_type: &StoredType) {
    let mut defs = stored_type.schema.attr_defs.iter();
    let is_password =
        defs.any(|def| def.name == WITH_HISTORY && matches!(def.attr_type, AttrType::Password(_)));
    let old = old.get(WITH_HISTORY).unwrap_or(&Json::Null);
    let slot = new
        .as_object_mut()
        .and_then(|members| members.get_mut(WITH_HISTORY));
    if let Some(slot) = slot.filter(|slot| is_password && **slot != *old) {
        *slot = remember(std::mem::take(slot), old, stored_type.history_size);
    }
}

/// Whether `plain` is the password whose hash `stored` is; with a history, the current one. A hash that is not of the
/// kind that its `type` says matches nothing. Code 480 for a type without published algorithm, and for a hash whose
/// check would take longer than about two seconds.
pub(crate) fn verify(stored: &Json, plain: &str) -> Result<bool, ApiError> {
    verify_within(current(stored), plain, ALONE)
}

fn verify_within(password: &Json, plain: &str, effort: Effort) -> Result<bool, ApiError> {
    let text = |key| password.get(key).and_then(Json::as_str);
    let (Some(name), Some(value)) = (text("type"), text("value")) else {
        return Ok(false);
    };
    if plain.len() > LONGEST {
        return Ok(false);
    }
    let salt = text("salt");
    match name {
        // The bare type is the oldest spelling of bcrypt.
        "password" | "password-bcrypt" => verify_bcrypt(value, plain, effort),
        "password-md5" => Ok(digests::matches(Kind::Md5, value, salt, plain)),
        "password-sha" | "password-sha1" => Ok(digests::matches(Kind::Sha1, value, salt, plain)),
        "password-sha256" | "password-sha-256" => {
            Ok(digests::matches(Kind::Sha256, value, salt, plain))
        }
        "password-sha512" | "password-sha-512" => {
            Ok(digests::matches(Kind::Sha512, value, salt, plain))
        }
        "password-md5-salted-left-base64" => {
            let salted = [salt.unwrap_or_default(), plain].concat();
            Ok(digests::matches(Kind::Md5, value, None, &salted))
        }
        "password-md5-salted-right-base64" => {
            let salted = [plain, salt.unwrap_or_default()].concat();
            Ok(digests::matches(Kind::Md5, value, None, &salted))
        }
        "password-base64" => Ok(digests::is_base64_of(value, plain)),
        "password-crypt-md5" => crypt::md5(value, plain, effort),
        "password-crypt-des" => Ok(des::matches(value, plain)),
        "password-crypt-sha256" => crypt::sha256(value, plain, effort),
        "password-crypt-sha512" => crypt::sha512(value, plain, effort),
        "password-phpass-55" | "password-phpass-md5" => crypt::phpass_md5(value, plain, effort),
        "password-phpass-sha512-truncated-55" => crypt::phpass_sha512(value, plain, effort),
        "password-pbkdf2-sha1" => digests::pbkdf2(Kind::Sha1, password, value, plain, effort),
        "password-pbkdf2-sha256" => digests::pbkdf2(Kind::Sha256, password, value, plain, effort),
        "password-pbkdf2-sha512" => digests::pbkdf2(Kind::Sha512, password, value, plain, effort),
        other => Err(not_yet(&format!("checking a {other}"))),
    }
}

/// Long plain texts are cut at 72 bytes here, as the system that made the hash did.
fn verify_bcrypt(value: &str, plain: &str, effort: Effort) -> Result<bool, ApiError> {
    let Ok(parts) = value.parse::<HashParts>() else {
        return Ok(false);
    };
    if parts.get_cost() > effort.bcrypt_cost {
        let what = format!(
            "checking a bcrypt hash of a cost above {}",
            effort.bcrypt_cost
        );
        return Err(not_yet(&what));
    }
    Ok(bcrypt::verify(plain, value).unwrap_or(false))
}

/// Refuses more than `effort`'s rounds, each over a text of `length` bytes.
fn check_rounds(rounds: u64, length: usize, effort: Effort) -> Result<(), ApiError> {
    let blocks = length as u64 / 64 + 1;
    if rounds.saturating_mul(blocks) <= effort.rounds {
        return Ok(());
    }
    let what = format!("checking a password hash of {rounds} rounds");
    Err(not_yet(&what))
}

/// What is stored when `new`, hashed, takes the place of `old` in an entity type whose `historySize` is `size`: `new`
/// itself where that is 0, else `{"password":new,"history":[…]}` with the former ones, newest first.
///
/// `size` counts the current password, too: with 2, `password1` may be used again after `password2` and `password3`, and
/// with 1 only the current one may not (the vendor's pages on password history). That a reader finds the current one
/// under `password` is what a vendor script relies on (reference 4.2); the form of `history` is our choice, and so are
/// three more things: null forgets the history, the same hash once more does not count as a change, and hashes are
/// remembered whatever their type, where the service converts to bcrypt.
pub(crate) fn remember(new: Json, old: &Json, size: usize) -> Json {
    let Some(former) = size.checked_sub(1) else {
        return new;
    };
    if new.is_null() {
        return new;
    }
    let last = Some(current(old)).filter(|last| !last.is_null() && **last != new);
    let history: Vec<Json> = last
        .into_iter()
        .chain(history(old))
        .take(former)
        .cloned()
        .collect();
    [("password", new), ("history", history.into())]
        .into_iter()
        .collect()
}

/// Whether `plain` is the current password of `old` or one that it remembers. Not looked at, as they would hold up or
/// forbid every change (our choice): what [`verify`] answers with code 480, bcrypt above cost 12, and other hashes of
/// more than 150,000 rounds.
pub(crate) fn used_before(old: &Json, plain: &str) -> bool {
    std::iter::once(current(old))
        .chain(history(old))
        .any(|hash| verify_within(hash, plain, ONE_OF_MANY).unwrap_or(false))
}

/// The answer to a password that [`used_before`] knows, as documented for password history: code 352.
pub(crate) fn unacceptable() -> ApiError {
    ApiError::new(ErrorCode::PASSWORD_UNACCEPTABLE, "password is unacceptable")
}

/// The current password of a stored value, with or without history.
fn current(stored: &Json) -> &Json {
    stored.get("password").unwrap_or(stored)
}

fn history(stored: &Json) -> &[Json] {
    let history = stored.get("history").and_then(Json::as_array);
    history.unwrap_or_default()
}

fn not_yet(what: &str) -> ApiError {
    ApiError::new(
        ErrorCode::API_FEATURE_DISABLED,
        format!("{what} is not in this sandbox yet"),
    )
}

#[cfg(test)]
mod tests;
