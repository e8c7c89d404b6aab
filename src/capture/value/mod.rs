//! Reading a JSON value as a primitive attribute: what is accepted, its canonical spelling, and why not (reference 5).
//!
//! `validate` calls this for every primitive of a record, the form for one field, the sandbox for filter operands.
//! Absent here: objects, plurals and `required`, which need the record around the value and live in `validate`.
//!
//! A reason is a sentence for people: what is wrong and what would be right. It never repeats a password.

pub mod date;

use std::net::Ipv4Addr;

use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use icu_properties::props::GeneralCategoryGroup;
use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::attr_type::PASSWORD_TYPES;
use crate::capture::constraint::Constraint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::json::object::Object;
use crate::capture::schema::AttrDef;

/// Why a value is refused: the service's code, and a reason for people.
pub type Fault = (ErrorCode, String);

/// Reads `value` as `def`'s type and returns it in the spelling in which the service stores and answers it, or the
/// first fault. `now` gives the keywords of dates their meaning.
///
/// Null is every type's "no value" and always read; `required` is the matter of `validate`. Of an object or a plural
/// only the outer JSON type is looked at.
pub fn read(value: &Json, def: &AttrDef, now: Timestamp) -> Result<Json, Fault> {
    read_all(value, def, now).map_err(|mut faults| faults.swap_remove(0))
}

/// Like [`read`], with every fault: a text can be too long and break a constraint as well. `Err` is never empty.
pub fn read_all(value: &Json, def: &AttrDef, now: Timestamp) -> Result<Json, Vec<Fault>> {
    if value.is_null() {
        return Ok(Json::Null);
    }
    let one = |fault: Fault| vec![fault];
    match &def.attr_type {
        AttrType::String { length, .. } => read_string(value, def, *length),
        AttrType::Boolean => match value {
            Json::Bool(_) => Ok(value.clone()),
            _ => Err(one(wrong_type("true, false or null", value))),
        },
        AttrType::Integer | AttrType::Id => read_integer(value).map_err(one),
        AttrType::Decimal => match value {
            Json::Number(_) => Ok(value.clone()),
            _ => Err(one(wrong_number(value))),
        },
        AttrType::Date => text(value, "a date")
            .and_then(|text| {
                let date = date::parse_date(text, now)
                    .map_err(|why| (ErrorCode::INVALID_DATE_TIME, why))?;
                Ok(date::format_date(date).into())
            })
            .map_err(one),
        AttrType::DateTime => text(value, "a date and time")
            .and_then(|text| {
                let at = date::parse_utc(text, now)
                    .map_err(|why| (ErrorCode::INVALID_DATE_TIME, why))?;
                Ok(date::format_utc(at).into())
            })
            .map_err(one),
        AttrType::IpAddress => read_ip_address(value).map_err(one),
        AttrType::Uuid => read_uuid(value).map_err(one),
        AttrType::Password(name) => read_password(value, name).map_err(one),
        AttrType::Object(_) => match value {
            Json::Object(_) => Ok(value.clone()),
            _ => Err(one(wrong_type("an object", value))),
        },
        AttrType::Plural(_) => match value {
            Json::Array(_) => Ok(value.clone()),
            _ => Err(one(wrong_type("an array of objects", value))),
        },
        AttrType::Json | AttrType::Unknown(_) => Ok(value.clone()),
    }
}

/// The key under which a canonical value of `def` is compared for `unique` and `locally-unique`; `None` when the value
/// takes no part: null, and what cannot be compared.
///
/// Text that is not case-sensitive is compared in lower case; `1.50` and `15e-1` are the same decimal.
pub fn unique_key(value: &Json, def: &AttrDef) -> Option<String> {
    match (value, &def.attr_type) {
        (Json::String(text), AttrType::String { case_sensitive, .. }) if !case_sensitive => {
            Some(text.to_lowercase())
        }
        (_, AttrType::Json | AttrType::Password(_) | AttrType::Object(_) | AttrType::Plural(_)) => {
            None
        }
        (Json::String(text), _) => Some(text.clone()),
        (Json::Bool(value), _) => Some(value.to_string()),
        (Json::Number(number), _) => Some(plain_number(number)),
        (Json::Null | Json::Array(_) | Json::Object(_), _) => None,
    }
}

/// One spelling for all spellings of the same number: digits without zeros at either end, and an exponent.
fn plain_number(number: &Number) -> String {
    let text = number.as_str();
    let (sign, text) = text
        .strip_prefix('-')
        .map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let Ok(exponent) = exponent.parse::<i64>() else {
        return number.as_str().to_owned();
    };
    let shift = (digits.len() - significant.len()) as i64 - fraction.len() as i64;
    format!("{sign}{significant}e{}", exponent.saturating_add(shift))
}

fn wrong_type(expected: &str, value: &Json) -> Fault {
    let reason = format!("must be {expected}, not {}", kind_with_article(value));
    (ErrorCode::INVALID_JSON_TYPE, reason)
}

/// The JSON type of `value` for the end of a sentence: `a number`.
pub fn kind_with_article(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

fn wrong_number(value: &Json) -> Fault {
    match value.as_str() {
        Some(text) if Number::parse(text).is_some() => (
            ErrorCode::INVALID_JSON_TYPE,
            "must be a number, not a string: leave out the quotes".to_owned(),
        ),
        _ => wrong_type("a number", value),
    }
}

fn text<'a>(value: &'a Json, what: &str) -> Result<&'a str, Fault> {
    value
        .as_str()
        .ok_or_else(|| wrong_type(&format!("a string that holds {what}"), value))
}

fn read_string(value: &Json, def: &AttrDef, length: Option<u32>) -> Result<Json, Vec<Fault>> {
    let Some(text) = value.as_str() else {
        return Err(vec![wrong_type("a string", value)]);
    };
    let mut faults = Vec::new();
    if let Some(most) = length {
        // Bytes are never fewer than characters, so most values need no counting.
        let count = if text.len() <= most as usize {
            text.len()
        } else {
            text.chars().count()
        };
        if count > most as usize {
            let reason = format!(
                "too long: {} characters, at most {}",
                thousands(count),
                thousands(most as usize)
            );
            faults.push((ErrorCode::LENGTH_VIOLATION, reason));
        }
    }
    let broken = def.constraints.iter().flatten().filter_map(|constraint| {
        constraint_fault(text, constraint).map(|reason| (ErrorCode::CONSTRAINT_VIOLATION, reason))
    });
    faults.extend(broken);
    if faults.is_empty() {
        Ok(value.clone())
    } else {
        Err(faults)
    }
}

/// `1234567` as `1,234,567`.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Why `text` breaks `constraint`; `None` when it does not, or when the constraint is not about one text.
pub(crate) fn constraint_fault(text: &str, constraint: &Constraint) -> Option<String> {
    match constraint {
        Constraint::Alphabetic => offender(text, "letters A–Z only", |c| c.is_ascii_alphabetic()),
        Constraint::Alphanumeric => offender(text, "letters A–Z and digits only", |c| {
            c.is_ascii_alphanumeric()
        }),
        Constraint::UnicodeLetters => offender(text, "letters only", is_letter),
        Constraint::UnicodePrintable => offender(text, "printable characters only", is_printable),
        Constraint::EmailAddress => email_fault(text),
        Constraint::Required
        | Constraint::Unique
        | Constraint::LocallyUnique
        | Constraint::Other(_) => None,
    }
}

/// The first character of `text` that is not `allowed`, as a reason.
fn offender(text: &str, rule: &str, allowed: impl Fn(char) -> bool) -> Option<String> {
    let (place, found) = text.chars().enumerate().find(|(_, c)| !allowed(*c))?;
    Some(format!(
        "{rule}; {} at position {} is not one",
        show(found),
        thousands(place + 1)
    ))
}

/// A character for a message: itself where it can be seen, otherwise its code point.
fn show(c: char) -> String {
    if c == ' ' {
        "the space".to_owned()
    } else if is_printable(c) && !c.is_whitespace() {
        format!("`{c}`")
    } else {
        format!("U+{:04X}", u32::from(c))
    }
}

/// Unicode category L. `char::is_alphabetic` is wider: it holds letter-like numbers and some marks, too.
fn is_letter(c: char) -> bool {
    GeneralCategoryGroup::Letter.contains(category(c))
}

/// Neither a category C* nor a line or paragraph separator (reference 4.3). That refuses the joiners inside some
/// emoji (Cf), and characters newer than this version's Unicode tables (Cn). Our choice, as in the reference.
pub(crate) fn is_printable(c: char) -> bool {
    let category = category(c);
    !GeneralCategoryGroup::Other.contains(category)
        && category != GeneralCategory::LineSeparator
        && category != GeneralCategory::ParagraphSeparator
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

/// What the reason begins with when a text is no e-mail address.
pub const NO_EMAIL_ADDRESS: &str = "not an e-mail address";

/// Why `text` is not an e-mail address. Our choice, for the service's own check is not published: one `@`, before it
/// 1 to 64 characters without white space, control characters, quotes or brackets and without a dot at either end or
/// two in a row; after it a host name of at least two labels, letters of any script allowed; 254 characters in all.
fn email_fault(text: &str) -> Option<String> {
    let not = |why: String| Some(format!("{NO_EMAIL_ADDRESS}: {why}"));
    if text.is_empty() {
        return not("it is empty".to_owned());
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return not("there is no @".to_owned());
    };
    let unfit = |c: char| c.is_whitespace() || c.is_control() || r#"()<>[],;:\""#.contains(c);
    if let Some(c) = text.chars().find(|c| unfit(*c)) {
        return not(format!("{} does not belong in one", show(c)));
    }
    if local.contains('@') {
        return not("there is more than one @".to_owned());
    }
    if local.is_empty() {
        return not("there is nothing before the @".to_owned());
    }
    if domain.is_empty() {
        return not("there is nothing after the @".to_owned());
    }
    if local.chars().count() > 64 {
        return not("more than 64 characters before the @".to_owned());
    }
    if text.chars().count() > 254 {
        return not("more than 254 characters".to_owned());
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return not("before the @, a dot stands between two other characters".to_owned());
    }
    if !domain.contains('.') {
        return not(format!("`{domain}` has no dot, as in example.com"));
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.chars().count())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|c| c.is_alphanumeric() || c == '-' || !c.is_ascii())
    };
    if !domain.split('.').all(is_label) {
        return not(format!("`{domain}` is not a host name such as example.com"));
    }
    None
}

/// A whole number in 64 signed bits (reference 5, our choice: the service's range is not published).
fn read_integer(value: &Json) -> Result<Json, Fault> {
    let Json::Number(number) = value else {
        return Err(wrong_number(value));
    };
    if let Some(whole) = number.as_i64() {
        return Ok(whole.into());
    }
    let reason = if number.as_str().contains(['.', 'e', 'E']) {
        "must be a whole number, written without fraction or exponent".to_owned()
    } else {
        format!(
            "out of range: whole numbers go from {} to {}",
            i64::MIN,
            i64::MAX
        )
    };
    Err((ErrorCode::INVALID_JSON_TYPE, reason))
}

fn read_ip_address(value: &Json) -> Result<Json, Fault> {
    let text = text(value, "an IPv4 address")?;
    match text.parse::<Ipv4Addr>() {
        Ok(address) => Ok(address.to_string().into()),
        Err(_) if text.contains(':') => Err((
            ErrorCode::INVALID_DATA_FORMAT,
            "IPv4 addresses only: four numbers from 0 to 255, such as 192.0.2.1".to_owned(),
        )),
        Err(_) => Err((
            ErrorCode::INVALID_DATA_FORMAT,
            "not an IPv4 address: four numbers from 0 to 255 without leading zeros, such as 192.0.2.1"
                .to_owned(),
        )),
    }
}

fn read_uuid(value: &Json) -> Result<Json, Fault> {
    let text = text(value, "a uuid")?;
    let hyphens = [8, 13, 18, 23];
    let fits = text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| {
            if hyphens.contains(&place) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        });
    if fits {
        Ok(text.to_ascii_lowercase().into())
    } else {
        let reason = "not a uuid: 32 hexadecimal digits in groups of 8-4-4-4-12";
        Err((ErrorCode::INVALID_DATA_FORMAT, reason.to_owned()))
    }
}

/// A plain text for the service to hash, or a hash made elsewhere: `{"type":…,"value":…}` and what that type needs,
/// such as `salt` (reference 4.2). `own_type` is the attribute's, which a newer service may know and we do not.
///
/// With password history on, a record is answered with `{"password":…,"history":[…]}`: sent back as it was read, it
/// counts as its current password, for the history is the service's own (our choice).
fn read_password(value: &Json, own_type: &str) -> Result<Json, Fault> {
    match value {
        // bcrypt, which the service hashes with, ends a password there.
        Json::String(plain) if plain.contains('\0') => Err((
            ErrorCode::INVALID_DATA_FORMAT,
            "must not contain the character U+0000".to_owned(),
        )),
        Json::String(_) => Ok(value.clone()),
        Json::Object(members) => {
            let current = match members.get("password") {
                Some(current @ Json::Object(inner)) if !members.contains_key("type") => {
                    check_hash(inner, own_type)?;
                    current
                }
                _ => {
                    check_hash(members, own_type)?;
                    value
                }
            };
            Ok(current.clone())
        }
        _ => Err(wrong_type(
            "a string, or an object with `type` and `value`",
            value,
        )),
    }
}

fn check_hash(members: &Object, own_type: &str) -> Result<(), Fault> {
    let member = |name: &str| match members.get(name) {
        Some(Json::String(text)) => Ok(text.as_str()),
        Some(other) => Err((
            ErrorCode::INVALID_JSON_TYPE,
            format!(
                "`{name}` of a password must be a string, not {}",
                kind_with_article(other)
            ),
        )),
        None => Err((
            ErrorCode::INVALID_DATA_FORMAT,
            format!("`{name}` is missing: a password given as an object has `type` and `value`"),
        )),
    };
    let type_name = member("type")?;
    member("value")?;
    if type_name == own_type || PASSWORD_TYPES.contains(&type_name) {
        Ok(())
    } else {
        // The given name is not repeated: in a mixed-up object it could be the password.
        let reason = "`type` is not a known password type; the usual one is password-bcrypt";
        Err((ErrorCode::INVALID_DATA_FORMAT, reason.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::schema;

    fn now() -> Timestamp {
        "2026-02-28T13:14:15Z".parse().expect("is a timestamp")
    }

    fn json(text: &str) -> Json {
        Json::parse(text).expect("is JSON")
    }

    /// A definition from what follows its name in a schema.
    fn def(rest: &str) -> AttrDef {
        let text = format!(r#"[{{"name":"a","type":{rest}}}]"#);
        let (mut attr_defs, problems) = schema::read_attr_defs(&json(&text));
        assert_eq!(problems, []);
        attr_defs.remove(0)
    }

    fn faults(value: &str, def: &AttrDef) -> Vec<(i64, String)> {
        match read_all(&json(value), def, now()) {
            Ok(value) => panic!("{value} was read"),
            Err(faults) => faults
                .into_iter()
                .map(|(code, reason)| (code.0, reason))
                .collect(),
        }
    }

    #[test]
    fn every_type_reads_its_values() {
        let cases = [
            (r#""string""#, r#""""#, r#""""#),
            (r#""string""#, r#"" Zoë 👋\n""#, r#"" Zoë 👋\n""#),
            // Characters are counted, not bytes.
            (r#""string","length":4"#, r#""Zoë👋""#, r#""Zoë👋""#),
            (
                r#""string","constraints":["alphabetic"]"#,
                r#""azAZ""#,
                r#""azAZ""#,
            ),
            (r#""string","constraints":["alphabetic"]"#, r#""""#, r#""""#),
            (
                r#""string","constraints":["alphanumeric"]"#,
                r#""azAZ09""#,
                r#""azAZ09""#,
            ),
            (
                r#""string","constraints":["unicode-letters"]"#,
                r#""Zoë漢字ﬁǅʰ""#,
                r#""Zoë漢字ﬁǅʰ""#,
            ),
            (
                r#""string","constraints":["unicode-printable"]"#,
                r#""Zoë – 漢字 ½ 👋""#,
                r#""Zoë – 漢字 ½ 👋""#,
            ),
            (
                r#""string","constraints":["email-address"]"#,
                r#""a@b.co""#,
                r#""a@b.co""#,
            ),
            (
                r#""string","constraints":["email-address"]"#,
                r#""o'neil+tag@x-y.example.com""#,
                r#""o'neil+tag@x-y.example.com""#,
            ),
            (
                r#""string","constraints":["email-address"]"#,
                r#""zoë@bücher.example""#,
                r#""zoë@bücher.example""#,
            ),
            (
                r#""string","constraints":["brand-new"]"#,
                r#""x""#,
                r#""x""#,
            ),
            (r#""boolean""#, "true", "true"),
            (r#""boolean""#, "false", "false"),
            (r#""integer""#, "9223372036854775807", "9223372036854775807"),
            (
                r#""integer""#,
                "-9223372036854775808",
                "-9223372036854775808",
            ),
            (r#""integer""#, "-0", "0"),
            (
                r#""decimal""#,
                "12345678901234567890.10",
                "12345678901234567890.10",
            ),
            (r#""decimal""#, "1E+2", "1E+2"),
            (r#""decimal""#, "3", "3"),
            (r#""date""#, r#""01-02-03 6:15pm""#, r#""2003-01-02""#),
            (r#""date""#, r#""yesterday""#, r#""2026-02-27""#),
            (
                r#""dateTime""#,
                r#""January 2, 2003 11:15am -0700""#,
                r#""2003-01-02 18:15:00 +0000""#,
            ),
            (
                r#""dateTime""#,
                r#""2003-01-02T18:15:00.25Z""#,
                r#""2003-01-02 18:15:00.250000 +0000""#,
            ),
            (r#""ipAddress""#, r#""192.0.2.1""#, r#""192.0.2.1""#),
            (
                r#""json""#,
                r#"{"b":[1.50,null],"a":""}"#,
                r#"{"b":[1.50,null],"a":""}"#,
            ),
            (r#""hologram""#, "[7]", "[7]"),
            (
                r#""password-bcrypt""#,
                r#""correct horse""#,
                r#""correct horse""#,
            ),
            (
                r#""password-bcrypt""#,
                r#"{"type":"password-md5-salted-right-base64","value":"EA78","salt":"S41t"}"#,
                r#"{"type":"password-md5-salted-right-base64","value":"EA78","salt":"S41t"}"#,
            ),
            (
                r#""password-bcrypt""#,
                r#"{"password":{"type":"password-bcrypt","value":"a"},"history":[{"type":"password-bcrypt","value":"b"}]}"#,
                r#"{"type":"password-bcrypt","value":"a"}"#,
            ),
            (
                r#""password-quantum""#,
                r#"{"type":"password-quantum","value":"q"}"#,
                r#"{"type":"password-quantum","value":"q"}"#,
            ),
            (r#""id""#, "5252", "5252"),
            (
                r#""uuid""#,
                r#""EFD7FE4E-0000-4000-8000-0123456789ab""#,
                r#""efd7fe4e-0000-4000-8000-0123456789ab""#,
            ),
        ];
        for (rest, value, expected) in cases {
            let def = def(rest);
            let read = read(&json(value), &def, now());
            assert_eq!(read, Ok(json(expected)), "{rest} {value}");
            // The canonical spelling is its own.
            assert_eq!(
                super::read(&json(expected), &def, now()),
                Ok(json(expected)),
                "{rest}"
            );
            assert_eq!(
                super::read(&Json::Null, &def, now()),
                Ok(Json::Null),
                "{rest}"
            );
        }
    }

    #[test]
    fn faults_have_the_code_of_the_service_and_a_reason() {
        let email = r#""string","constraints":["email-address"]"#;
        let printable = r#""string","constraints":["unicode-printable"]"#;
        let letters = r#""string","constraints":["unicode-letters"]"#;
        let long = format!("\"{}\"", "é".repeat(1004));
        let long_local = format!("\"{}@b.co\"", "a".repeat(65));
        let cases = [
            (r#""string""#, "7", 341, "must be a string, not a number"),
            (r#""string""#, "[]", 341, "must be a string, not an array"),
            (
                r#""string","length":1000"#,
                &long,
                363,
                "too long: 1,004 characters, at most 1,000",
            ),
            (
                r#""string","length":2"#,
                r#""👋👋👋""#,
                363,
                "too long: 3 characters, at most 2",
            ),
            (
                r#""string","constraints":["alphabetic"]"#,
                r#""abc3""#,
                360,
                "letters A–Z only; `3` at position 4 is not one",
            ),
            (
                r#""string","constraints":["alphabetic"]"#,
                r#""a b""#,
                360,
                "letters A–Z only; the space at position 2 is not one",
            ),
            (
                r#""string","constraints":["alphanumeric"]"#,
                r#""é1""#,
                360,
                "letters A–Z and digits only; `é` at position 1 is not one",
            ),
            // Alphabetic for Rust, but not in category L: a letter number and a vowel sign.
            (
                letters,
                r#""Ⅷ""#,
                360,
                "letters only; `Ⅷ` at position 1 is not one",
            ),
            (
                letters,
                r#""का""#,
                360,
                "letters only; `ा` at position 2 is not one",
            ),
            (
                letters,
                r#""a1""#,
                360,
                "letters only; `1` at position 2 is not one",
            ),
            (
                printable,
                r#""a\u0000""#,
                360,
                "printable characters only; U+0000 at position 2 is not one",
            ),
            (
                printable,
                r#""a\nb""#,
                360,
                "printable characters only; U+000A at position 2 is not one",
            ),
            (
                printable,
                r#""\u202e""#,
                360,
                "printable characters only; U+202E at position 1 is not one",
            ),
            (
                printable,
                r#""\u2028""#,
                360,
                "printable characters only; U+2028 at position 1 is not one",
            ),
            (
                printable,
                r#""\u2029""#,
                360,
                "printable characters only; U+2029 at position 1 is not one",
            ),
            (
                printable,
                r#""\ue000""#,
                360,
                "printable characters only; U+E000 at position 1 is not one",
            ),
            (
                printable,
                r#""\u0378""#,
                360,
                "printable characters only; U+0378 at position 1 is not one",
            ),
            (email, r#""""#, 360, "not an e-mail address: it is empty"),
            (
                email,
                r#""ab.co""#,
                360,
                "not an e-mail address: there is no @",
            ),
            (
                email,
                r#""a@b@c.co""#,
                360,
                "not an e-mail address: there is more than one @",
            ),
            (
                email,
                r#""@b.co""#,
                360,
                "not an e-mail address: there is nothing before the @",
            ),
            (
                email,
                r#""a@""#,
                360,
                "not an e-mail address: there is nothing after the @",
            ),
            (
                email,
                r#""a b@c.co""#,
                360,
                "not an e-mail address: the space does not belong in one",
            ),
            (
                email,
                r#""a@b.co\n""#,
                360,
                "not an e-mail address: U+000A does not belong in one",
            ),
            (
                email,
                r#""A <a@b.co>""#,
                360,
                "not an e-mail address: the space does not belong in one",
            ),
            (
                email,
                r#""a..b@c.co""#,
                360,
                "not an e-mail address: before the @, a dot stands between two other characters",
            ),
            (
                email,
                r#""a@localhost""#,
                360,
                "not an e-mail address: `localhost` has no dot, as in example.com",
            ),
            (
                email,
                r#""a@b..co""#,
                360,
                "not an e-mail address: `b..co` is not a host name such as example.com",
            ),
            (
                email,
                r#""a@-b.co""#,
                360,
                "not an e-mail address: `-b.co` is not a host name such as example.com",
            ),
            (
                email,
                r#""a@b_c.co""#,
                360,
                "not an e-mail address: `b_c.co` is not a host name such as example.com",
            ),
            (
                email,
                &long_local,
                360,
                "not an e-mail address: more than 64 characters before the @",
            ),
            (
                r#""boolean""#,
                "0",
                341,
                "must be true, false or null, not a number",
            ),
            (
                r#""boolean""#,
                r#""true""#,
                341,
                "must be true, false or null, not a string",
            ),
            (
                r#""integer""#,
                "1.0",
                341,
                "must be a whole number, written without fraction or exponent",
            ),
            (
                r#""integer""#,
                "1e3",
                341,
                "must be a whole number, written without fraction or exponent",
            ),
            (
                r#""integer""#,
                "9223372036854775808",
                341,
                "out of range: whole numbers go from -9223372036854775808 to 9223372036854775807",
            ),
            (
                r#""integer""#,
                r#""5""#,
                341,
                "must be a number, not a string: leave out the quotes",
            ),
            (
                r#""decimal""#,
                r#""five""#,
                341,
                "must be a number, not a string",
            ),
            (
                r#""decimal""#,
                "true",
                341,
                "must be a number, not a boolean",
            ),
            (
                r#""date""#,
                "20030102",
                341,
                "must be a string that holds a date, not a number",
            ),
            (
                r#""date""#,
                r#""1985-02-29""#,
                342,
                "1985 is not a leap year: February has 28 days",
            ),
            (
                r#""dateTime""#,
                r#""""#,
                342,
                "an empty text is not a date: null stands for none",
            ),
            (
                r#""dateTime""#,
                "{}",
                341,
                "must be a string that holds a date and time, not an object",
            ),
            (
                r#""ipAddress""#,
                r#""192.0.2.256""#,
                340,
                "not an IPv4 address: four numbers from 0 to 255 without leading zeros, such as 192.0.2.1",
            ),
            (
                r#""ipAddress""#,
                r#""192.0.2""#,
                340,
                "not an IPv4 address: four numbers from 0 to 255 without leading zeros, such as 192.0.2.1",
            ),
            (
                r#""ipAddress""#,
                r#""::1""#,
                340,
                "IPv4 addresses only: four numbers from 0 to 255, such as 192.0.2.1",
            ),
            (
                r#""ipAddress""#,
                "1",
                341,
                "must be a string that holds an IPv4 address, not a number",
            ),
            (
                r#""password-bcrypt""#,
                "42",
                341,
                "must be a string, or an object with `type` and `value`, not a number",
            ),
            (
                r#""password-bcrypt""#,
                r#"{"value":"s3cret"}"#,
                340,
                "`type` is missing: a password given as an object has `type` and `value`",
            ),
            (
                r#""password-bcrypt""#,
                r#"{"type":"password-bcrypt"}"#,
                340,
                "`value` is missing: a password given as an object has `type` and `value`",
            ),
            (
                r#""password-bcrypt""#,
                r#"{"type":"password-bcrypt","value":7}"#,
                341,
                "`value` of a password must be a string, not a number",
            ),
            (
                r#""password-bcrypt""#,
                r#"{"password":{"type":"s3cret","value":"x"},"history":[]}"#,
                340,
                "`type` is not a known password type; the usual one is password-bcrypt",
            ),
            (
                r#""password-bcrypt""#,
                r#"{"password":"s3cret","history":[]}"#,
                340,
                "`type` is missing: a password given as an object has `type` and `value`",
            ),
            (
                r#""password-bcrypt""#,
                r#"{"type":"s3cret","value":"x"}"#,
                340,
                "`type` is not a known password type; the usual one is password-bcrypt",
            ),
            (
                r#""object","attr_defs":[]"#,
                "[]",
                341,
                "must be an object, not an array",
            ),
            (
                r#""plural","attr_defs":[]"#,
                "{}",
                341,
                "must be an array of objects, not an object",
            ),
            (
                r#""id""#,
                r#""7""#,
                341,
                "must be a number, not a string: leave out the quotes",
            ),
            (
                r#""uuid""#,
                r#""efd7fe4e""#,
                340,
                "not a uuid: 32 hexadecimal digits in groups of 8-4-4-4-12",
            ),
        ];
        for (rest, value, code, reason) in cases {
            let found = faults(value, &def(rest));
            assert_eq!(found, [(code, reason.to_owned())], "{rest} {value}");
        }
    }

    #[test]
    fn a_text_has_all_its_faults() {
        let def = def(r#""string","length":2,"constraints":["alphabetic","email-address"]"#);
        let codes: Vec<i64> = faults(r#""a-b""#, &def)
            .iter()
            .map(|(code, _)| *code)
            .collect();
        assert_eq!(codes, [363, 360, 360]);
        let first = read(&json(r#""a-b""#), &def, now()).expect_err("is refused");
        assert_eq!(first.0, ErrorCode::LENGTH_VIOLATION);
    }

    #[test]
    fn equal_values_have_equal_keys() {
        let key = |rest: &str, value: &str| unique_key(&json(value), &def(rest));
        let loose = r#""string","case-sensitive":false"#;
        assert_eq!(key(loose, r#""ZOË""#), key(loose, r#""zoë""#));
        assert_ne!(key(r#""string""#, r#""A""#), key(r#""string""#, r#""a""#));
        let decimal = r#""decimal""#;
        let spellings = ["150", "150.0", "1.5e2", "15E+1", "0.150e3", "1500e-1"];
        for text in spellings {
            assert_eq!(key(decimal, text), key(decimal, "150"), "{text}");
        }
        for text in ["0", "-0", "0.00", "0e5"] {
            assert_eq!(key(decimal, text), Some("0".to_owned()), "{text}");
        }
        for text in ["15", "-150", "1500", "150.01", "1e99999999999999999999"] {
            assert_ne!(key(decimal, text), key(decimal, "150"), "{text}");
        }
        assert_eq!(key(r#""string""#, "null"), None);
        assert_eq!(key(r#""json""#, "1"), None);
        assert_eq!(key(r#""password-bcrypt""#, r#""x""#), None);
    }
}
