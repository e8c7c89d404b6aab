//! `Json`: a JSON value that loses nothing a Capture record may hold.
//!
//! `serde_json::Value` turns `12345678901234567890.10` into a float. A customer's number must come back with the
//! digits it was sent with, so numbers are kept here as their text. Everything that checks, stores or sends record
//! values uses this type. `serde_json` still does the reading: it decides what JSON is, and this module only keeps
//! what it saw. For documents of any size, and for broken ones, there is the `json` module of the crate; this one
//! holds values that fit a request.

pub mod object;

use std::fmt::{self, Display};

use compact_str::CompactString;
use compact_str::ToCompactString;
use serde_json::value::RawValue;

use crate::capture::json::object::Object;

/// Nesting deeper than this is refused on reading; the same limit as `serde_json`'s own.
pub const MAX_DEPTH: usize = 128;

/// More values than this are refused on reading, by a count that may be too high for texts full of commas: a value takes
/// some hundred bytes here and may take two in the text, and a small answer may unpack to a very long text. The largest
/// page of `entity.find` (10,000 records) with a thousand attributes each comes through.
pub const MAX_VALUES: usize = 10_000_000;

/// A JSON value whose numbers keep their text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Json {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as written.
    Number(Number),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Object),
}

/// The text of a JSON number. Nearly all are short enough to need no memory of their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(CompactString);

impl Number {
    /// Reads `text` as a JSON number; `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut at = usize::from(bytes.first() == Some(&b'-'));
        let digits = |at: &mut usize| {
            let from = *at;
            while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
                *at += 1;
            }
            *at - from
        };
        let leading_zero = bytes.get(at) == Some(&b'0');
        let whole = digits(&mut at);
        if whole == 0 || (leading_zero && whole > 1) {
            return None;
        }
        if bytes.get(at) == Some(&b'.') {
            at += 1;
            if digits(&mut at) == 0 {
                return None;
            }
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            at += 1;
            at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
            if digits(&mut at) == 0 {
                return None;
            }
        }
        (at == bytes.len()).then(|| Self(CompactString::new(text)))
    }

    /// The number as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value, when it is written without fraction or exponent and fits 64 signed bits.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }
}

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.to_compact_string())
    }
}

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at line {line} column {column}")]
pub struct JsonError {
    /// What is wrong, without the position.
    pub reason: String,
    /// Line of the fault, from 1.
    pub line: usize,
    /// Column of the fault in characters, from 1.
    pub column: usize,
    /// Whether the text is the beginning of a JSON document that breaks off.
    pub ends_early: bool,
}

impl JsonError {
    fn at(text: &str, offset: usize, reason: impl Into<String>) -> Self {
        let (line, column) = line_and_column(text, offset);
        Self {
            reason: reason.into(),
            line,
            column,
            ends_early: false,
        }
    }

    fn from_serde(error: &serde_json::Error, text: &str) -> Self {
        let said = error.to_string();
        let reason = said
            .rsplit_once(" at line ")
            .map_or(said.as_str(), |(reason, _)| reason);
        let line = text.split('\n').nth(error.line().saturating_sub(1));
        let bytes_before = error.column().saturating_sub(1);
        let before = line.map_or(0, |line| {
            let places = line.char_indices().take_while(|(at, _)| *at < bytes_before);
            places.count()
        });
        Self {
            reason: match reason {
                "EOF while parsing an object" | "EOF while parsing a list" => never_closed(text),
                reason => in_plain_words(reason).to_owned(),
            },
            line: error.line(),
            column: before + 1,
            ends_early: error.is_eof(),
        }
    }
}

/// Line and column of the place after `offset` bytes, both from 1; columns in characters.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

/// Which bracket a text that ends too early leaves open: the innermost.
fn never_closed(text: &str) -> String {
    let mut open = Vec::new();
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'{' | b'[' => open.push(at),
            b'}' | b']' => {
                open.pop();
            }
            b'"' => {
                let mut escaped = false;
                bytes.find(|(_, byte)| {
                    let closes = *byte == b'"' && !escaped;
                    escaped = *byte == b'\\' && !escaped;
                    closes
                });
            }
            _ => {}
        }
    }
    let Some(at) = open.pop() else {
        return "the text ends too early".to_owned();
    };
    let (line, column) = line_and_column(text, at);
    let bracket = &text[at..=at];
    format!(
        "the text ends, and the {bracket} opened at line {line} column {column} is never closed"
    )
}

/// What `serde_json` says, for people who write JSON by hand; its own words where they are plain already.
fn in_plain_words(reason: &str) -> &str {
    match reason {
        "EOF while parsing a string" => "the text ends inside a string: a \" is missing",
        "EOF while parsing a value" => "the text ends where a value is expected",
        "expected ident" => "not a value: of words there are only true, false and null",
        "expected value" => "no value starts here (text goes in double quotes)",
        "key must be a string" => "a key is expected, in double quotes",
        "trailing comma" => "nothing follows a comma",
        "trailing characters" => "something follows the end of the value",
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            "a line break or another control character inside a string: write it as \\n or \\u000a"
        }
        "invalid number" => "not a number as JSON writes it, such as -1.5e3",
        "invalid escape" => "after \\ comes one of \" \\ / b f n r t u",
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => {
            "half of a \\u pair: the other half is missing"
        }
        other => other,
    }
}

impl Json {
    /// Reads one JSON document; anything after it but white space is an error.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        Self::parse_noting(text, &mut None)
    }

    /// The same where a key that stands twice in an object is an error: which of its values is meant, nobody can tell.
    pub fn parse_unambiguous(text: &str) -> Result<Self, JsonError> {
        let mut twice = None;
        let json = Self::parse_noting(text, &mut twice)?;
        match twice {
            None => Ok(json),
            Some((key, offset)) => {
                let reason = format!("the key {} stands twice in an object", quote(&key));
                Err(JsonError::at(text, offset, reason))
            }
        }
    }

    /// Reads one JSON document, and notes the first key that stands twice in an object, with the place of the object's end.
    fn parse_noting(text: &str, twice: &mut Option<(String, usize)>) -> Result<Self, JsonError> {
        let raw: &RawValue =
            serde_json::from_str(text).map_err(|error| JsonError::from_serde(&error, text))?;
        if let Some(offset) = one_too_many(text) {
            let reason = format!("more than {MAX_VALUES} values, too many to be read");
            return Err(JsonError::at(text, offset, reason));
        }
        let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        let mut reader = Reader::new(text, start);
        let json = reader.value(MAX_DEPTH)?;
        *twice = reader.twice;
        Ok(json)
    }

    /// The member `key` of an object; `None` for anything else.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.as_object()?.get(key)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a whole number that fits 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The value of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items of an array.
    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The members of an object, to change.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// How many arrays and objects stand in each other here, this one included.
    pub fn depth(&self) -> usize {
        match self {
            Self::Array(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(members) => 1 + members.values().map(Self::depth).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The JSON type's name for messages: `null`, `boolean`, `number`, `string`, `array`, `object`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// The value as indented text, two spaces a level, without a final newline.
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        self.write_pretty(&mut out, 0);
        out
    }

    /// Adds the value as text without white space.
    pub fn write_compact(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => out.push_str(number.as_str()),
            Self::String(text) => write_quoted(out, text),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    item.write_compact(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    write_quoted(out, key);
                    out.push(':');
                    value.write_compact(out);
                }
                out.push('}');
            }
        }
    }

    fn write_pretty(&self, out: &mut String, level: usize) {
        let indent = |out: &mut String, level: usize| {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", level));
        };
        match self {
            Self::Array(items) if !items.is_empty() => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    indent(out, level + 1);
                    item.write_pretty(out, level + 1);
                }
                indent(out, level);
                out.push(']');
            }
            Self::Object(members) if !members.is_empty() => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    indent(out, level + 1);
                    write_quoted(out, key);
                    out.push_str(": ");
                    value.write_pretty(out, level + 1);
                }
                indent(out, level);
                out.push('}');
            }
            _ => self.write_compact(out),
        }
    }
}

/// Adds `text` as a JSON string. Most have nothing in them that would have to be escaped.
pub fn write_quoted(out: &mut String, text: &str) {
    let plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&quote(text));
    }
}

/// `text` as a JSON string, quotes included.
pub fn quote(text: &str) -> String {
    serde_json::to_string(text).expect("a string always serialises")
}

/// Compact text, members in their order.
impl Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write_compact(&mut text);
        f.write_str(&text)
    }
}

/// Where the value stands that is more than [`MAX_VALUES`]; each takes a byte of the text at least.
fn one_too_many(text: &str) -> Option<usize> {
    let mut begins = text
        .bytes()
        .enumerate()
        .filter(|(_, byte)| matches!(byte, b',' | b'[' | b'{'));
    let (offset, _) = (text.len() > MAX_VALUES).then(|| begins.nth(MAX_VALUES))??;
    Some(offset)
}

/// Builds the values of a text that is known to be JSON, going over it once however deep they stand in each other.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Items of the arrays that are not at their end, the innermost's last: each array takes just the memory it needs.
    items: Vec<Json>,
    /// Members of the objects that are not at their end, likewise.
    members: Vec<(String, Json)>,
    /// The first key that stands twice in an object, and the place of the object's end.
    twice: Option<(String, usize)>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, at: usize) -> Self {
        Self {
            text,
            at,
            items: Vec::new(),
            members: Vec::new(),
            twice: None,
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, JsonError> {
        match self.next() {
            Some(b'n') => Ok(self.word("null", Json::Null)),
            Some(b't') => Ok(self.word("true", Json::Bool(true))),
            Some(b'f') => Ok(self.word("false", Json::Bool(false))),
            Some(b'"') => self.string().map(Json::String),
            Some(b'[') => self.array(self.deeper(depth)?),
            Some(b'{') => self.object(self.deeper(depth)?),
            _ => self.number(),
        }
    }

    /// The next byte that is not white space.
    fn next(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let space = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
        self.at += space.count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn word(&mut self, word: &str, value: Json) -> Json {
        self.at += word.len();
        value
    }

    fn deeper(&self, depth: usize) -> Result<usize, JsonError> {
        depth
            .checked_sub(1)
            .ok_or_else(|| self.fail("nested too deeply"))
    }

    fn array(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.at += 1;
        let first = self.items.len();
        loop {
            match self.next() {
                Some(b']') => break,
                Some(b',') => self.at += 1,
                _ => {
                    let item = self.value(depth)?;
                    self.items.push(item);
                }
            }
        }
        self.at += 1;
        Ok(Json::Array(self.items.drain(first..).collect()))
    }

    fn object(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.at += 1;
        let first = self.members.len();
        loop {
            match self.next() {
                Some(b'}') => break,
                Some(b',') => self.at += 1,
                _ => {
                    let key = self.string()?;
                    // The colon.
                    self.next();
                    self.at += 1;
                    let value = self.value(depth)?;
                    self.members.push((key, value));
                }
            }
        }
        let end = self.at;
        self.at += 1;
        let members = self.members.drain(first..).collect();
        let (object, twice) = Object::of_members(members);
        if let Some(key) = twice {
            self.twice.get_or_insert((key, end));
        }
        Ok(Json::Object(object))
    }

    fn string(&mut self) -> Result<String, JsonError> {
        let bytes = self.text.as_bytes();
        let mut end = self.at + 1;
        let found = memchr::memchr2(b'"', b'\\', bytes.get(end..).unwrap_or_default());
        end += found.unwrap_or_default();
        if bytes.get(end) == Some(&b'"') {
            // Nearly every string. What is no character in JSON was found before.
            let plain = self.text.get(self.at + 1..end).unwrap_or_default();
            self.at = end + 1;
            return Ok(plain.to_owned());
        }
        while bytes.get(end).is_some_and(|byte| *byte != b'"') {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let text = self.text.get(self.at..=end).unwrap_or_default();
        // Only here it is seen whether escapes make characters.
        let string = serde_json::from_str(text)
            .map_err(|error| self.fail(&JsonError::from_serde(&error, text).reason))?;
        self.at = end + 1;
        Ok(string)
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest
            .find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'))
            .unwrap_or(rest.len());
        let number = Number::parse(&rest[..end]).ok_or_else(|| self.fail("not a JSON number"))?;
        self.at += end;
        Ok(Json::Number(number))
    }

    fn fail(&self, reason: &str) -> JsonError {
        JsonError::at(self.text, self.at, reason)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Self::Array(items)
    }
}

impl From<Object> for Json {
    fn from(members: Object) -> Self {
        Self::Object(members)
    }
}

impl<K: Into<String>> FromIterator<(K, Json)> for Json {
    fn from_iter<I: IntoIterator<Item = (K, Json)>>(members: I) -> Self {
        Self::Object(members.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }
}

/// From values written in code with `serde_json::json!`; such numbers fit 64 bits or are floats already.
impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => Self::Number(Number(number.to_compact_string())),
            serde_json::Value::String(text) => Self::String(text),
            serde_json::Value::Array(items) => {
                Self::Array(items.into_iter().map(Self::from).collect())
            }
            serde_json::Value::Object(members) => {
                members.into_iter().map(|(k, v)| (k, v.into())).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_digits_order_and_escapes() {
        for text in [
            r#"{"b":12345678901234567890.10,"a":[1.0,1e400,-0,1E+2],"z":"\u00e9\n\u0000"}"#,
            r#"{"$serde_json::private::Number":"1"}"#,
            r#"[null,true,false,"",[],{}]"#,
        ] {
            let value = Json::parse(text).expect("is JSON");
            let again = Json::parse(&value.to_string()).expect("writes JSON");
            assert_eq!(value, again);
            assert_eq!(Json::parse(&value.pretty()).expect("writes JSON"), value);
        }
        let numbers = "[12345678901234567890.10,1.0,1e400,-0,1E+2]";
        assert_eq!(Json::parse(numbers).expect("is JSON").to_string(), numbers);
    }

    #[test]
    fn white_space_and_what_looks_like_an_end_inside_a_text_do_not_matter() {
        let spaced = " { \"a\\\"}\" :\t[ 1 , { \"b\" : [ ] } ,\r\n \"x\\\"],\\\\\" , true ,null ] , \"c\" : { } , \"d\":-0.5e3 } ";
        let compact = r#"{"a\"}":[1,{"b":[]},"x\"],\\",true,null],"c":{},"d":-0.5e3}"#;
        let value = Json::parse(spaced).expect("is JSON");
        assert_eq!(value.to_string(), compact);
        assert_eq!(Json::parse(compact).expect("is JSON"), value);
    }

    #[test]
    fn a_repeated_key_has_its_last_value() {
        let value = Json::parse(r#"{"a":1,"b":2,"a":3}"#).expect("is JSON");
        assert_eq!(value.to_string(), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn errors_name_the_place() {
        let error = Json::parse("{\"a\":1,\n \"b\":}").expect_err("is broken");
        assert_eq!((error.line, error.column), (2, 6));
        let error = Json::parse("{\"é\":}").expect_err("is broken");
        assert_eq!((error.line, error.column), (1, 6));
        let error = Json::parse("{\"a\":\n  \"\\ud800\"}").expect_err("a lone surrogate");
        assert_eq!((error.line, error.column), (2, 3));
        assert!(Json::parse("[1] 2").is_err());
        assert!(Json::parse("").is_err());
    }

    #[test]
    fn errors_are_in_plain_words() {
        for (text, words) in [
            (
                "{\"a\":1",
                "the { opened at line 1 column 1 is never closed",
            ),
            (
                "{\"}\":[],\n\"é\": [1,2",
                "the [ opened at line 2 column 6 is never closed",
            ),
            ("\"a", "a \" is missing"),
            ("[tru]", "true, false and null"),
            ("{'a':1}", "in double quotes"),
            ("[1,]", "no value starts here"),
            ("[01]", "as JSON writes it"),
            ("\"a\nb\"", "write it as \\n"),
            ("\"\\x\"", "after \\ comes"),
            ("\"\\ud800\"", "half of a \\u pair"),
            ("1 2", "follows the end"),
            ("", "ends where a value"),
        ] {
            let error = Json::parse(text).expect_err("is broken");
            assert!(error.reason.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn too_many_values_are_an_error_not_the_end_of_memory() {
        let text = format!("[{}0]", "0,".repeat(MAX_VALUES));
        let error = Json::parse(&text).expect_err("one too many");
        assert!(error.reason.contains("too many"), "{error}");
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        assert!(Json::parse(&deep).is_err());
        let fits = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
        assert!(Json::parse(&fits).is_ok());
    }

    #[test]
    fn numbers_are_json_numbers() {
        for text in ["0", "-0", "10", "1.5", "1e5", "1E-5", "-1.25e+10"] {
            assert!(Number::parse(text).is_some(), "{text}");
        }
        for text in ["", "-", "01", "1.", ".5", "1e", "+1", "NaN", "1 ", "0x1"] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }
}
