//! What a value may mean besides its text: a date, a number of bytes, something encoded, a document in a string.
//!
//! Asked for one value at a time, by whoever looks at it. A reading is a guess that fits, so there may be several and
//! none of them certain; nothing is verified, no signature and no date. Pure: the time comes in. Sizes are bounded and
//! lines are clean for the screen whatever the value holds. Deliberately absent: knowing a schema.

use std::borrow::Cow;
use std::fmt::Write;

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::general_purpose::GeneralPurposeConfig;
use jiff::Timestamp;
use jiff::civil;
use jiff::fmt::rfc2822;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use uuid::Uuid;
use uuid::Variant;

use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::literal::decode_bytes;
use crate::json::sanitize::clean;

/// The longest value that is looked into, in bytes; of a longer one only its size is told.
const MAX_VALUE: usize = 4 << 20;

/// How many lines a reading has at most.
const MAX_LINES: usize = 200;

/// How many characters a line has at most.
const MAX_LINE: usize = 400;

/// How many bytes are shown in hexadecimal.
const MAX_HEX: usize = 256;

/// One way to read a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What it is read as.
    pub title: String,
    /// What it says then, clean for the screen.
    pub lines: Vec<String>,
    /// The document that is inside, to be opened as one of its own.
    pub inside: Option<Vec<u8>>,
}

impl Reading {
    fn new(title: impl Into<String>, lines: impl IntoIterator<Item = String>) -> Self {
        let mut lines: Vec<String> = lines
            .into_iter()
            .take(MAX_LINES + 1)
            .map(|line| shown(&line))
            .collect();
        if lines.len() > MAX_LINES {
            lines.truncate(MAX_LINES);
            lines.push("…".to_owned());
        }
        Self {
            title: title.into(),
            lines,
            inside: None,
        }
    }

    fn with(mut self, inside: Vec<u8>) -> Self {
        self.inside = Some(inside);
        self
    }
}

/// A line for the screen, cut if it is long.
fn shown(line: &str) -> String {
    let mut head: String = line.chars().take(MAX_LINE).collect();
    if head.len() < line.len() {
        head.push('…');
    }
    clean(&head).into_owned()
}

/// How the value of this JSON text can be read, the likeliest first. Nothing for objects, arrays, true, false and null.
pub fn readings(text: &[u8], now: Timestamp) -> Vec<Reading> {
    if text.len() > MAX_VALUE {
        let line = format!("{} bytes of text, too many to look into", text.len());
        return vec![Reading::new("a long value", [line])];
    }
    let document = Document::parse(text.to_vec());
    let Some(root) = document.root() else {
        return Vec::new();
    };
    match document.kind(root) {
        Kind::Number => number(&document.text(root), now),
        Kind::String => string(&document.string(root).unwrap_or_default(), text, now),
        Kind::Object | Kind::Array | Kind::True | Kind::False | Kind::Null | Kind::Broken => {
            Vec::new()
        }
    }
}

fn number(text: &str, now: Timestamp) -> Vec<Reading> {
    let mut found = Vec::new();
    if let Ok(number) = text.parse::<i64>() {
        found.extend(epoch(number, now));
        found.extend(seconds(number));
        found.extend(bytes(number));
    }
    found.extend(rounded(text));
    found
}

/// The times that anybody meant with a number: from September 2001 to December 2099.
fn epoch(number: i64, now: Timestamp) -> Option<Reading> {
    let (time, unit) = match number {
        1_000_000_000..=4_102_444_799 => (Timestamp::from_second(number), "seconds"),
        1_000_000_000_000..=4_102_444_799_999 => {
            (Timestamp::from_millisecond(number), "milliseconds")
        }
        1_000_000_000_000_000..=4_102_444_799_999_999 => {
            (Timestamp::from_microsecond(number), "microseconds")
        }
        _ => return None,
    };
    let title = format!("date, as {unit} since 1970");
    Some(Reading::new(title, moment(time.ok()?, now)))
}

fn seconds(number: i64) -> Option<Reading> {
    let line = (60..1_000_000_000)
        .contains(&number)
        .then(|| span(number.unsigned_abs()))?;
    Some(Reading::new("duration, if in seconds", [line]))
}

fn bytes(number: i64) -> Option<Reading> {
    let number = (number >= 1024).then_some(number)?;
    let scaled = |step: f64, units: [&'static str; 5]| {
        let mut value = number as f64 / step;
        let mut unit = 0;
        while value >= step && unit + 1 < units.len() {
            value /= step;
            unit += 1;
        }
        format!("{value:.1} {}", units[unit])
    };
    let binary = scaled(1024.0, ["KiB", "MiB", "GiB", "TiB", "PiB"]);
    let decimal = scaled(1000.0, ["kB", "MB", "GB", "TB", "PB"]);
    let line = format!("{binary}, {decimal}");
    Some(Reading::new("size, if in bytes", [line]))
}

/// What becomes of an integer in programs that know no other numbers than JavaScript's.
fn rounded(text: &str) -> Option<Reading> {
    let is_integer = !text.contains(['.', 'e', 'E']) && text.len() < 300;
    let double: f64 = text.parse().ok().filter(|_| is_integer)?;
    let read = format!("{double:.0}");
    (read != text && text != "-0").then(|| {
        let line =
            format!("programs that read numbers as doubles, such as browsers, take it for {read}");
        Reading::new("a number that does not fit everywhere", [line])
    })
}

fn string(text: &str, literal: &[u8], now: Timestamp) -> Vec<Reading> {
    let mut found = Vec::new();
    found.extend(date(text.trim(), now));
    found.extend(uuid(text.trim(), now));
    let token = token(text.trim(), now);
    let document = embedded(text);
    let plain = token.is_none() && document.is_none() && found.is_empty();
    found.extend(token);
    found.extend(document);
    found.extend(percent(text));
    if plain {
        found.extend(base64(text.trim()));
        if let Ok(number) = text.trim().parse::<i64>() {
            found.extend(epoch(number, now));
        }
    }
    found.push(as_text(text, literal));
    found
}

/// A point in time and how far it is from `now`.
fn moment(time: Timestamp, now: Timestamp) -> [String; 2] {
    let away = time.as_second().saturating_sub(now.as_second());
    let words = span(away.unsigned_abs());
    let relation = match away {
        0 => "now".to_owned(),
        1.. => format!("in {words}"),
        _ => format!("{words} ago"),
    };
    [written(time), relation]
}

fn written(time: Timestamp) -> String {
    let time = time.to_zoned(TimeZone::UTC);
    time.strftime("%A, %-d %B %Y, %H:%M:%S%.f UTC").to_string()
}

/// A number of seconds in its two largest units.
fn span(seconds: u64) -> String {
    const UNITS: [(u64, &str); 5] = [
        (365 * 86_400, "year"),
        (86_400, "day"),
        (3600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let mut left = seconds;
    let mut words = Vec::new();
    for (length, name) in UNITS {
        let count = left / length;
        left %= length;
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            words.push(format!("{count} {name}{plural}"));
        }
        // Days beside years and minutes beside hours, but no seconds beside years.
        if words.len() == 2 || !words.is_empty() && count == 0 {
            break;
        }
    }
    if words.is_empty() {
        return "0 seconds".to_owned();
    }
    words.join(" ")
}

fn date(text: &str, now: Timestamp) -> Option<Reading> {
    if !(8..=64).contains(&text.len()) {
        return None;
    }
    if let Ok(day) = text.parse::<civil::Date>()
        && text.len() == 10
    {
        let time = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
        let days = day
            .since(now.to_zoned(TimeZone::UTC).date())
            .ok()?
            .get_days();
        let plural = if days.abs() == 1 { "" } else { "s" };
        let relation = match days {
            0 => "today".to_owned(),
            1.. => format!("in {days} day{plural}"),
            _ => format!("{} day{plural} ago", -days),
        };
        let day = time.to_zoned(TimeZone::UTC).strftime("%A, %-d %B %Y");
        return Some(Reading::new("date", [day.to_string(), relation]));
    }
    // As the service writes it: 2011-11-11 11:11:11.111111 +0000.
    let own =
        strtime::parse("%Y-%m-%d %H:%M:%S%.f %z", text).and_then(|found| found.to_timestamp());
    if let Ok(time) = own
        .or_else(|_| text.parse::<Timestamp>())
        .or_else(|_| rfc2822::parse(text).map(|zoned| zoned.timestamp()))
    {
        return Some(Reading::new("date and time", moment(time, now)));
    }
    let local = text.parse::<civil::DateTime>().ok()?;
    let time = local.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let lines = moment(time, now).into_iter();
    let unsaid = "it names no time zone; the service means UTC".to_owned();
    Some(Reading::new("date and time", lines.chain([unsaid])))
}

fn uuid(text: &str, now: Timestamp) -> Option<Reading> {
    let uuid = Uuid::try_parse(text)
        .ok()
        .filter(|_| matches!(text.len(), 32 | 36))?;
    let version = match (uuid.get_variant(), uuid.get_version_num()) {
        _ if uuid.is_nil() => "no version: all zeros".to_owned(),
        _ if uuid.is_max() => "no version: all ones".to_owned(),
        (Variant::RFC4122, 1) => "version 1: time and machine".to_owned(),
        (Variant::RFC4122, 3) => "version 3: made of a name, by MD5".to_owned(),
        (Variant::RFC4122, 4) => "version 4: random".to_owned(),
        (Variant::RFC4122, 5) => "version 5: made of a name, by SHA-1".to_owned(),
        (Variant::RFC4122, 6) => "version 6: time and machine, in order".to_owned(),
        (Variant::RFC4122, 7) => "version 7: time and random, in order".to_owned(),
        (Variant::RFC4122, number) => format!("version {number}"),
        _ => "not of the usual variant".to_owned(),
    };
    let time = uuid.get_timestamp().and_then(|time| {
        let (seconds, nanoseconds) = time.to_unix();
        Timestamp::new(
            i64::try_from(seconds).ok()?,
            i32::try_from(nanoseconds).ok()?,
        )
        .ok()
    });
    let made = time.into_iter().flat_map(|time| moment(time, now));
    Some(Reading::new("UUID", [version].into_iter().chain(made)))
}

/// A JSON Web Token. Its parts are read, its signature is not verified.
fn token(text: &str, now: Timestamp) -> Option<Reading> {
    let parts: Vec<&str> = text.split('.').collect();
    if !matches!(parts.len(), 3 | 5) || !text.starts_with("ey") {
        return None;
    }
    let header = decoded(parts[0]).filter(|bytes| is_object(bytes))?;
    let mut lines = vec![format!("header {}", decode_bytes(&header))];
    if parts.len() == 5 {
        lines.push("the rest is encrypted".to_owned());
        return Some(Reading::new("encrypted token (JWE)", lines));
    }
    let claims = decoded(parts[1]).filter(|bytes| is_object(bytes))?;
    lines.extend(claim_lines(&claims, now));
    lines.push(if parts[2].is_empty() {
        "without a signature: anybody can have written it".to_owned()
    } else {
        "the signature is not verified: anybody can have written it".to_owned()
    });
    Some(Reading::new("token (JWT)", lines).with(claims))
}

fn claim_lines(claims: &[u8], now: Timestamp) -> Vec<String> {
    let document = Document::parse(claims.to_vec());
    let Some(root) = document.root() else {
        return Vec::new();
    };
    let lines = document.children(root).take(MAX_LINES).map(|claim| {
        let name = document.key(claim).unwrap_or_default();
        let value = document.text_head(claim, MAX_LINE);
        let time = value
            .split('.')
            .next()
            .and_then(|seconds| seconds.parse().ok())
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        let meaning = match &*name {
            "exp" => "expires",
            "nbf" => "valid from",
            "iat" => "issued",
            "auth_time" => "signed in",
            _ => return format!("{name}: {value}"),
        };
        match time {
            Some(time) => {
                let [written, relation] = moment(time, now);
                let over = if name == "exp" && time <= now {
                    ": expired"
                } else {
                    ""
                };
                format!("{name}: {value}, {meaning} {written}, {relation}{over}")
            }
            None => format!("{name}: {value}"),
        }
    });
    lines.collect()
}

fn is_object(bytes: &[u8]) -> bool {
    let document = Document::parse(bytes.to_vec());
    let root = document.root().map(|root| document.kind(root));
    root == Some(Kind::Object) && document.fault().is_none()
}

/// A document written into a string, perhaps of no more than another string.
fn embedded(text: &str) -> Option<Reading> {
    let trimmed = text.trim();
    if !trimmed.starts_with(['{', '[', '"']) || trimmed.len() < 2 {
        return None;
    }
    let document = Document::parse(trimmed.as_bytes().to_vec());
    let root = document.root().filter(|_| document.fault().is_none())?;
    let count = document.child_count(root);
    let plural = if count == 1 { "" } else { "s" };
    let lines = match document.kind(root) {
        Kind::Object => {
            let names = document.children(root).take(12);
            let names = names.filter_map(|child| document.key(child).map(Cow::into_owned));
            let names: Vec<String> = names.collect();
            vec![
                format!("an object of {count} member{plural}"),
                names.join(", "),
            ]
        }
        Kind::Array => vec![format!("an array of {count} element{plural}")],
        _ => vec![document.string(root)?.into_owned()],
    };
    let lines = lines.into_iter().filter(|line| !line.is_empty());
    Some(Reading::new("JSON in a string", lines).with(trimmed.as_bytes().to_vec()))
}

/// Percent-encoding; of a form or a query each pair on its line.
fn percent(text: &str) -> Option<Reading> {
    let bytes = text.as_bytes();
    let is_code = |at: usize| {
        let digits = bytes.get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    memchr::memchr_iter(b'%', bytes).find(|at| is_code(*at))?;
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    if query.contains('=') && !query.contains(char::is_whitespace) {
        let pairs = form_urlencoded::parse(query.as_bytes());
        let lines = pairs.map(|(name, value)| format!("{name} = {value}"));
        return Some(Reading::new("a form's fields, decoded", lines));
    }
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%' && is_code(at) {
            let digits = std::str::from_utf8(&bytes[at + 1..at + 3]).ok()?;
            decoded.push(u8::from_str_radix(digits, 16).ok()?);
            at += 3;
        } else {
            decoded.push(*byte);
            at += 1;
        }
    }
    let decoded = decode_bytes(&decoded);
    let lines = decoded.lines().map(str::to_owned);
    Some(Reading::new("percent-encoding, decoded", lines))
}

/// Base64 of either alphabet, padded or not.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let alphabet = if text.contains(['-', '_']) {
        &alphabet::URL_SAFE
    } else {
        &alphabet::STANDARD
    };
    GeneralPurpose::new(alphabet, config).decode(text).ok()
}

/// Base64, where what comes out is text, or where what is there is not just a word.
fn base64(text: &str) -> Option<Reading> {
    if text.len() < 8 || text.contains(char::is_whitespace) {
        return None;
    }
    let bytes = decoded(text).filter(|bytes| !bytes.is_empty())?;
    let is_text = std::str::from_utf8(&bytes)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !c.is_whitespace()));
    let has = |is: fn(&u8) -> bool| text.bytes().any(|byte| is(&byte));
    let is_mixed =
        has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let looks = text.ends_with('=') || text.len() >= 16 && is_mixed;
    let is_document = is_text && bytes.starts_with(b"{") && is_object(&bytes);
    // Any word of eight letters is base64 of something.
    if !looks && !is_document && (!is_text || text.len() < 12) {
        return None;
    }
    let url = if text.contains(['-', '_']) {
        "base64url"
    } else {
        "base64"
    };
    if is_text {
        let said = decode_bytes(&bytes);
        let mut reading = Reading::new(format!("{url}, decoded"), said.lines().map(str::to_owned));
        if said.starts_with(['{', '[']) && Document::parse(bytes.clone()).fault().is_none() {
            reading = reading.with(bytes.clone());
        }
        return Some(reading);
    }
    let title = format!("{url}, decoded: {} bytes", bytes.len());
    Some(Reading::new(title, hex(&bytes)))
}

/// The first bytes in hexadecimal, sixteen in a line.
fn hex(bytes: &[u8]) -> Vec<String> {
    let mut lines: Vec<String> = bytes[..bytes.len().min(MAX_HEX)]
        .chunks(16)
        .map(|chunk| {
            let mut line = String::new();
            for byte in chunk {
                // Writing to a String cannot fail.
                let _ = write!(line, "{byte:02x} ");
            }
            let shown = chunk.iter().map(|byte| match byte {
                b' '..=b'~' => char::from(*byte),
                _ => '.',
            });
            let shown: String = shown.collect();
            format!("{line:<48} {shown}")
        })
        .collect();
    if bytes.len() > MAX_HEX {
        lines.push("…".to_owned());
    }
    lines
}

/// The text itself, its escapes read, and how much it is.
fn as_text(text: &str, literal: &[u8]) -> Reading {
    let characters = text.chars().count();
    let of = if literal.contains(&b'\\') {
        ", escapes read"
    } else {
        ""
    };
    let plural = if characters == 1 { "" } else { "s" };
    let title = format!(
        "text{of}: {characters} character{plural}, {} bytes",
        text.len()
    );
    Reading::new(title, text.lines().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        "2024-03-10T12:00:00Z".parse().expect("is a date")
    }

    /// All readings but that as text, title and lines.
    fn read(text: &str) -> Vec<String> {
        readings(text.as_bytes(), now())
            .into_iter()
            .filter(|reading| !reading.title.starts_with("text"))
            .map(|reading| format!("{}: {}", reading.title, reading.lines.join(" | ")))
            .collect()
    }

    #[test]
    fn values_are_read() {
        for (text, expected) in [
            (
                "1710072000",
                vec![
                    "date, as seconds since 1970: Sunday, 10 March 2024, 12:00:00 UTC | now",
                    "size, if in bytes: 1.6 GiB, 1.7 GB",
                ],
            ),
            (
                "1710075661000",
                vec![
                    "date, as milliseconds since 1970: Sunday, 10 March 2024, 13:01:01 UTC | in 1 hour 1 minute",
                    "size, if in bytes: 1.6 TiB, 1.7 TB",
                ],
            ),
            (
                "3600",
                vec![
                    "duration, if in seconds: 1 hour",
                    "size, if in bytes: 3.5 KiB, 3.6 kB",
                ],
            ),
            ("12", vec![]),
            ("-5", vec![]),
            ("1.50", vec![]),
            (
                "9007199254740993",
                vec![
                    "size, if in bytes: 8.0 PiB, 9.0 PB",
                    "a number that does not fit everywhere: programs that read numbers as doubles, such as browsers, \
                 take it for 9007199254740992",
                ],
            ),
            (
                "\"2011-11-11 11:11:11.111111 +0000\"",
                vec![
                    "date and time: Friday, 11 November 2011, 11:11:11.111111 UTC | 12 years 123 days ago",
                ],
            ),
            (
                "\"2024-03-10T13:00:00+02:00\"",
                vec!["date and time: Sunday, 10 March 2024, 11:00:00 UTC | 1 hour ago"],
            ),
            (
                "\"2024-03-10 12:00:30\"",
                vec![
                    "date and time: Sunday, 10 March 2024, 12:00:30 UTC | in 30 seconds | \
                 it names no time zone; the service means UTC",
                ],
            ),
            (
                "\"Sun, 10 Mar 2024 11:59:00 GMT\"",
                vec!["date and time: Sunday, 10 March 2024, 11:59:00 UTC | 1 minute ago"],
            ),
            (
                "\"1990-01-02\"",
                vec!["date: Tuesday, 2 January 1990 | 12486 days ago"],
            ),
            (
                "\"2024-03-10\"",
                vec!["date: Sunday, 10 March 2024 | today"],
            ),
            (
                "\"1710072000\"",
                vec!["date, as seconds since 1970: Sunday, 10 March 2024, 12:00:00 UTC | now"],
            ),
            (
                "\"c2323b61-4f3c-4dd1-8e34-2a2b1a2c6c1f\"",
                vec!["UUID: version 4: random"],
            ),
            (
                "\"018e283b-ee00-7000-8000-000000000000\"",
                vec![
                    "UUID: version 7: time and random, in order | Sunday, 10 March 2024, 12:00:00 UTC | now",
                ],
            ),
            (
                "\"00000000-0000-0000-0000-000000000000\"",
                vec!["UUID: no version: all zeros"],
            ),
            (
                "\"{\\\"a\\\":1,\\\"b\\\":[]}\"",
                vec!["JSON in a string: an object of 2 members | a, b"],
            ),
            ("\"[1]\"", vec!["JSON in a string: an array of 1 element"]),
            ("\"{broken\"", vec![]),
            ("\"a%20b%C3%A9\"", vec!["percent-encoding, decoded: a bé"]),
            (
                "\"x=1%262&y=a+b\"",
                vec!["a form's fields, decoded: x = 1&2 | y = a b"],
            ),
            ("\"100%\"", vec![]),
            (
                "\"SGVsbG8sIHdvcmxkIQ==\"",
                vec!["base64, decoded: Hello, world!"],
            ),
            ("\"eyJhIjoxfQ\"", vec!["base64, decoded: {\"a\":1}"]),
            ("\"password\"", vec![]),
            ("\"ordinary words\"", vec![]),
            ("\"internationalisation\"", vec![]),
            (
                "\"AAECAwQFBgcICQoLDA0ODw==\"",
                vec![
                    "base64, decoded: 16 bytes: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f  ................",
                ],
            ),
            ("true", vec![]),
            ("null", vec![]),
            ("{\"a\":1}", vec![]),
            ("", vec![]),
            ("\"cut", vec![]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn tokens_are_told_apart_and_not_trusted() {
        let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        let header = part("{\"alg\":\"HS256\"}");
        let claims = "{\"sub\":\"ada\",\"exp\":1710068400,\"iat\":1710064800.5}";
        let text = format!("\"{header}.{}.c2ln\"", part(claims));
        let found = readings(text.as_bytes(), now());
        assert_eq!(found[0].title, "token (JWT)");
        assert_eq!(
            found[0].lines,
            [
                "header {\"alg\":\"HS256\"}",
                "sub: \"ada\"",
                "exp: 1710068400, expires Sunday, 10 March 2024, 11:00:00 UTC, 1 hour ago: expired",
                "iat: 1710064800.5, issued Sunday, 10 March 2024, 10:00:00 UTC, 2 hours ago",
                "the signature is not verified: anybody can have written it",
            ]
        );
        assert_eq!(found[0].inside.as_deref(), Some(claims.as_bytes()));
        let text = format!("\"{header}.a.b.c.d\"");
        assert_eq!(
            readings(text.as_bytes(), now())[0].title,
            "encrypted token (JWE)"
        );
        for text in ["\"ey.ey.ey\"", "\"eyJ.a.b\"", "\"a.b.c\""] {
            assert!(read(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn text_is_clean_and_bounded() {
        let found = readings("\"a\\nb\\u001b[31m\\u202ec\"".as_bytes(), now());
        let text = found.last().expect("there is always the text");
        assert_eq!(text.title, "text, escapes read: 10 characters, 12 bytes");
        assert_eq!(text.lines.len(), 2);
        assert!(!text.lines[1].contains(['\u{1b}', '\u{202e}']), "{text:?}");
        let long = format!("\"{}\"", "x\\n".repeat(1_000_000));
        let found = readings(long.as_bytes(), now());
        assert!(
            found
                .iter()
                .all(|reading| reading.lines.len() <= MAX_LINES + 1)
        );
        let longer = format!("\"{}\"", "x".repeat(MAX_VALUE));
        assert_eq!(readings(longer.as_bytes(), now()).len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,60}", bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            for value in [serde_json::to_vec(&text).expect("is text"), bytes] {
                for reading in readings(&value, now()) {
                    for line in reading.lines {
                        prop_assert!(line.chars().all(|c| !c.is_control()), "{line:?}");
                    }
                }
            }
        }

        #[test]
        fn any_number_is_read(number in any::<i64>(), text in "[0-9+/=%.eE-]{1,40}") {
            readings(number.to_string().as_bytes(), now());
            readings(format!("\"{text}\"").as_bytes(), now());
        }
    }
}
