//! Responses: what a body says, whatever the HTTP status (reference 1.2).

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::capture::error::ApiError;
use crate::capture::explain::page;
use crate::capture::json::Json;
use crate::capture::json::object::Object;

/// What an HTTP answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `stat` is `ok`: the whole answer.
    Ok(Json),
    /// `stat` is `error`, or an OAuth-style error.
    Error(ApiError),
    /// Not an answer of the Capture API.
    NotCapture(NotCapture),
}

/// Why a body is not a Capture answer, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCapture {
    /// What the body is instead, in a sentence.
    pub reason: String,
}

/// How many characters of a foreign text are repeated in a reason.
const QUOTED: usize = 120;

/// How much of a foreign body is looked at for its title or its first words.
const SCANNED: usize = 64 * 1024;

impl Answer {
    /// Reads an HTTP answer. The body alone decides, because the service answers errors with status 200 and the gateway
    /// in front of it answers anything; `status` and `content_type` only help to say what a foreign body is. A byte
    /// order mark before the JSON is skipped, and `stat` is read in any case, as one client does (our choice).
    pub fn read(status: u16, content_type: Option<&str>, body: &[u8]) -> Self {
        read_capture(content_type, body).unwrap_or_else(|what| {
            Self::NotCapture(NotCapture {
                reason: format!("HTTP {status}: {what}."),
            })
        })
    }

    /// An answer that is ok, without its `results`: they may be a page of thousands of records that nobody looks into.
    /// `None` for anything else, which [`Answer::read`] reads.
    pub fn outline(body: &[u8]) -> Option<Self> {
        let members: Members = serde_json::from_slice(body).ok()?;
        let member = |(name, value): (Cow<str>, &RawValue)| {
            Some((name.into_owned(), Json::parse(value.get()).ok()?))
        };
        let rest = members.into_iter().filter(|(name, _)| name != "results");
        let rest: Option<Object> = rest.map(member).collect();
        match read_json(Json::Object(rest?)) {
            Ok(answer @ Self::Ok(_)) => Some(answer),
            _ => None,
        }
    }
}

/// The members of a body as they came, the last of each name.
type Members<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// The answer, or what the body is instead.
fn read_capture(content_type: Option<&str>, body: &[u8]) -> Result<Answer, String> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let body = body.trim_ascii();
    if body.is_empty() {
        return Err("the body is empty".to_owned());
    }
    if page::is_page(body) {
        return Err(describe_page(body));
    }
    let claimed = content_type.map_or(String::new(), |kind| {
        format!(" (content type {})", clean(kind))
    });
    let text = std::str::from_utf8(body).map_err(|error| {
        let at = error.valid_up_to();
        format!("the body is not UTF-8 text from byte {at} on{claimed}")
    })?;
    let json = Json::parse(text).map_err(|error| {
        if !text.starts_with(['{', '[', '"']) {
            format!("the body is not JSON but text{claimed}: “{}”", clean(text))
        } else if error.ends_early {
            let (line, column) = (error.line, error.column);
            format!("the JSON breaks off at line {line} column {column}")
        } else {
            format!("the JSON is broken: {error}")
        }
    })?;
    read_json(json)
}

fn read_json(json: Json) -> Result<Answer, String> {
    if json.as_object().is_none() {
        return Err(format!("a JSON {}, not an object with `stat`", json.kind()));
    }
    if let Some(error) = ApiError::from_json(&json) {
        return Ok(Answer::Error(error));
    }
    match json.get("stat") {
        None => Err("a JSON object without `stat`".to_owned()),
        Some(Json::String(stat)) if stat.eq_ignore_ascii_case("ok") => Ok(Answer::Ok(json)),
        Some(stat) => Err(format!(
            "`stat` is {}, neither \"ok\" nor \"error\"",
            clean(&stat.to_string())
        )),
    }
}

/// What to say of a body that begins like HTML or XML.
fn describe_page(body: &[u8]) -> String {
    match page::read(body).title {
        Some(title) => format!("a web page titled “{}”", clean(&title)),
        None => "a web page without a title".to_owned(),
    }
}

/// Foreign text for a sentence: white space and control characters become single spaces, invisible characters that
/// change the direction or the look of what follows are left out, and what is too long is cut.
fn clean(text: &str) -> String {
    let spaced: String = text
        .chars()
        .take(SCANNED)
        .filter(|c| !is_invisible(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(QUOTED) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

/// Zero-width characters, bidirectional controls and tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::prelude::prop;
    use proptest::proptest;

    use super::*;

    const JSON: Option<&str> = Some("application/json");

    fn reason(status: u16, content_type: Option<&str>, body: &[u8]) -> String {
        match Answer::read(status, content_type, body) {
            Answer::NotCapture(not) => not.reason,
            other => panic!("was read as {other:?}"),
        }
    }

    #[test]
    fn the_body_decides_not_the_status_nor_the_content_type() {
        let ok = br#"{"total_count":3,"stat":"ok"}"#;
        for status in [200, 500, 404] {
            for content_type in [JSON, Some("text/html"), None] {
                let Answer::Ok(json) = Answer::read(status, content_type, ok) else {
                    panic!("{status} {content_type:?} was not read as ok");
                };
                assert_eq!(json.get("total_count").and_then(Json::as_i64), Some(3));
            }
        }
        for status in [200, 400, 502] {
            let error = br#"{"code":361,"error":"unique_violation","stat":"error"}"#;
            assert!(
                matches!(Answer::read(status, JSON, error), Answer::Error(e) if e.code.0 == 361)
            );
        }
        let php = b"\xef\xbb\xbf {\"stat\":\"OK\"}\n";
        assert!(matches!(Answer::read(200, JSON, php), Answer::Ok(_)));
    }

    #[test]
    fn an_outline_is_the_answer_without_its_results() {
        let body = br#"{"result_count":1,"results":[{"id":1}],"stat":"ok"}"#;
        let Some(Answer::Ok(outline)) = Answer::outline(body) else {
            panic!("is ok");
        };
        assert_eq!(outline.to_string(), r#"{"result_count":1,"stat":"ok"}"#);
        for other in [
            &br#"{"results":[],"stat":"error","code":504,"error":"x"}"#[..],
            br#"{"results":[{"id":1}],"stat":"ok""#,
            br#"{"results":[{"id":1],"stat":"ok"}"#,
            br#"{"results":[]}"#,
            b"[]",
            b"<html>",
            b"{\"stat\":\"ok\",\"a\":\"\xff\"}",
        ] {
            assert_eq!(Answer::outline(other), None);
        }
    }

    #[test]
    fn an_oauth_error_is_an_error() {
        let body = br#"{"error":"invalid_request","sub_error":"missing_argument","code":100,
            "argument_name":"client_id","error_description":"missing required argument: client_id"}"#;
        let Answer::Error(error) = Answer::read(400, JSON, body) else {
            panic!("was not read as an error");
        };
        assert_eq!(
            (error.code.0, error.argument_name()),
            (100, Some("client_id"))
        );
    }

    #[test]
    fn foreign_bodies_are_described() {
        let html = b"<!DOCTYPE html><html><head>\n<TITLE lang='en'>\n 502 Bad\x1b[2J\x07 Gate\xe2\x80\xaeway </title>";
        for (status, content_type, body, expected) in [
            (
                502,
                Some("text/html"),
                &html[..],
                "HTTP 502: a web page titled “502 Bad [2J Gateway”.",
            ),
            (
                200,
                JSON,
                b"<p>sign in</p>",
                "HTTP 200: a web page without a title.",
            ),
            (
                200,
                JSON,
                b"<title>never ends",
                "HTTP 200: a web page titled “never ends”.",
            ),
            (504, None, b"", "HTTP 504: the body is empty."),
            (302, None, b" \r\n", "HTTP 302: the body is empty."),
            (
                200,
                JSON,
                br#"{"stat":"ok","result":{"#,
                "HTTP 200: the JSON breaks off at line 1 column 23.",
            ),
            (
                200,
                JSON,
                br#"{"stat":}"#,
                "HTTP 200: the JSON is broken: no value starts here (text goes in double quotes) at line 1 column 9.",
            ),
            (
                200,
                JSON,
                br#"{"stat":"ok"} x"#,
                "HTTP 200: the JSON is broken: something follows the end of the value at line 1 column 15.",
            ),
            (
                200,
                JSON,
                b"{\"stat\":\"\xff\"}",
                "HTTP 200: the body is not UTF-8 text from byte 9 on (content type application/json).",
            ),
            (
                200,
                JSON,
                br#"{"result":{}}"#,
                "HTTP 200: a JSON object without `stat`.",
            ),
            (
                200,
                JSON,
                br#"{"stat":"maybe"}"#,
                "HTTP 200: `stat` is \"maybe\", neither \"ok\" nor \"error\".",
            ),
            (
                200,
                JSON,
                br#"[{"stat":"ok"}]"#,
                "HTTP 200: a JSON array, not an object with `stat`.",
            ),
            (
                200,
                JSON,
                b"null",
                "HTTP 200: a JSON null, not an object with `stat`.",
            ),
            (
                429,
                Some("text/plain"),
                b"slow\x00 \tdown",
                "HTTP 429: the body is not JSON but text (content type text/plain): “slow down”.",
            ),
        ] {
            assert_eq!(reason(status, content_type, body), expected);
        }
    }

    #[test]
    fn long_and_deep_bodies_stay_short_in_the_reason() {
        let long = "word ".repeat(100_000);
        assert!(reason(200, None, long.as_bytes()).chars().count() < 200);
        let deep = "[".repeat(1_000) + &"]".repeat(1_000);
        assert!(reason(200, JSON, deep.as_bytes()).contains("nested too deeply"));
    }

    proptest! {
        #[test]
        fn any_body_is_read_and_no_reason_holds_control_characters(
            status in any::<u16>(),
            content_type in any::<Option<String>>(),
            body in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            if let Answer::NotCapture(not) = Answer::read(status, content_type.as_deref(), &body) {
                assert!(!not.reason.contains(char::is_control));
            }
        }

        #[test]
        fn any_text_is_described_without_control_characters(text in any::<String>()) {
            let page = format!("<title>{text}");
            for body in [&text, &page] {
                if let Answer::NotCapture(not) = Answer::read(200, Some(&text), body.as_bytes()) {
                    assert!(!not.reason.contains(|c: char| c.is_control() || is_invisible(c)));
                }
            }
        }
    }
}
