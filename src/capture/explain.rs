//! What an answer means, in lines for people: what the service says, what is known of the cause, what to do.
//!
//! Used by the explorer's summary of a response and by `captui explain`. What is established (the place of a fault in
//! the JSON that was sent, the argument that the service names) is told as a fact; what a code usually comes from is
//! named so. Absent here: keys, colours, and what only a form or a schema knows.

pub mod broken;
pub mod page;

use crate::capture::error::ApiError;
use crate::capture::error::CodeInfo;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::Args;
use crate::capture::response::Answer;

/// The longest value of an error's own members that is repeated, in characters.
const LONGEST: usize = 200;

/// One thing to tell about an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the text is: `server`, `meaning`, `do`.
    pub label: &'static str,
    /// The text, as it came.
    pub text: String,
}

impl Line {
    /// A line.
    pub fn new(label: &'static str, text: impl Into<String>) -> Self {
        Self {
            label,
            text: text.into(),
        }
    }
}

/// The word for an error: the service's own; of an answer in the style of OAuth the Capture word (reference 1.2); the
/// published one where none came.
pub fn word(error: &ApiError) -> &str {
    match error.field("sub_error").unwrap_or(&error.error) {
        "" => error.code.name().unwrap_or_default(),
        word => word,
    }
}

/// `ERROR 361 unique_violation`
pub fn headline(error: &ApiError) -> String {
    format!("ERROR {} {}", error.code, word(error))
        .trim_end()
        .to_owned()
}

/// What is unusual about an HTTP answer in which `stat` says how it went: its content type, or its status.
pub fn oddities(status: Option<u16>, content_type: Option<&str>, answer: &Answer) -> Vec<Line> {
    if matches!(answer, Answer::NotCapture(_)) {
        return Vec::new();
    }
    let odd_type = match content_type {
        Some(kind) if is_json(kind) => None,
        Some(kind) => Some(format!(
            "the body is JSON, but its content type is {kind}: some clients refuse that"
        )),
        None => {
            Some("the body is JSON, but has no content type: some clients refuse that".to_owned())
        }
    };
    let is_ok = matches!(answer, Answer::Ok(_));
    let odd_status = status
        .filter(|status| is_ok && *status >= 400)
        .map(|status| format!("HTTP {status}, but `stat` is ok: the body decides"));
    let found = odd_type.into_iter().chain(odd_status);
    found.map(|text| Line::new("note", text)).collect()
}

/// Whether a content type is one that every client takes for JSON (reference 1.1).
fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    matches!(kind.as_str(), "application/json" | "text/json") || kind.ends_with("+json")
}

/// What an error says and what is certain about it: the service's words, the fault in what was sent, the members that
/// go with the code. `sent` are the arguments of the call, where they are known.
pub fn facts(error: &ApiError, sent: Option<&Args>) -> Vec<Line> {
    let mut lines = Vec::new();
    if !error.description.is_empty() {
        lines.push(Line::new("server", error.description.clone()));
    }
    lines.extend(cause(error, sent).map(|text| Line::new("cause", text)));
    if error.field("sub_error").is_some() && !error.error.is_empty() {
        let text = format!("{}: what OAuth calls it", error.error);
        lines.push(Line::new("oauth", text));
    }
    let told = error.code.info().map_or(&[][..], |info| info.extra_fields);
    for name in told.iter().filter(|name| !IN_PLACE.contains(name)) {
        if let Some(value) = error.fields.get(name) {
            lines.push(Line::new("also", format!("{name}: {}", in_short(value))));
        }
    }
    lines
}

/// Members that have lines of their own.
const IN_PLACE: [&str; 2] = ["argument_name", "attribute_name"];

/// What a code means, what to do, and what it usually comes from. Of a code that nobody published only the range is
/// told.
pub fn advice(code: ErrorCode) -> Vec<Line> {
    let Some(info) = code.info() else {
        return vec![Line::new("meaning", unlisted(code))];
    };
    let meaning = std::iter::once(Line::new("meaning", info.meaning));
    meaning.chain(remedies(info)).chain(causes(info)).collect()
}

/// What to do about a code, in the order worth trying.
pub fn remedies(info: &CodeInfo) -> impl Iterator<Item = Line> {
    info.remedy.iter().map(|text| Line::new("do", *text))
}

/// What a code usually comes from: not what it came from this time.
pub fn causes(info: &CodeInfo) -> impl Iterator<Item = Line> {
    info.causes.iter().map(|text| Line::new("usually", *text))
}

/// All that can be said of a code that is not in the catalogue.
pub fn unlisted(code: ErrorCode) -> String {
    match code.0 {
        0 => "the answer has no code, and its word is not a published one".to_owned(),
        _ => format!(
            "{}: this code is not published, only what its range is for",
            code.family()
        ),
    }
}

/// What is wrong with the argument that an error names, when that can be seen in what was sent: text that is no JSON
/// where JSON is wanted.
fn cause(error: &ApiError, sent: Option<&Args>) -> Option<String> {
    if error.code != ErrorCode::INVALID_ARGUMENT {
        return None;
    }
    let name = error.argument_name()?;
    let value = sent?.get(name)?;
    let is_json = HOLD_JSON.contains(&name);
    let complains = error.description.contains("JSON");
    match broken::find(value) {
        Some(fault) if is_json || complains => Some(fault.to_string()),
        None if complains && error.description.contains("syntactically") => Some(format!(
            "`{name}` is correct JSON as it was sent: something changed it on the way, or a limit cut it"
        )),
        _ => None,
    }
}

/// Arguments whose value is always JSON.
const HOLD_JSON: [&str; 8] = [
    "attributes",
    "attr_def",
    "attr_defs",
    "all_attributes",
    "constraints",
    "key_value",
    "sort_on",
    "value",
];

fn in_short(value: &Json) -> String {
    let text = match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// What an HTTP status says of an answer that is not the service's, and what to do: the gateway in front of the service,
/// a proxy or a network's sign-in page wrote it (reference 1.2, 8).
pub fn status(status: u16) -> (&'static str, &'static str) {
    match status {
        200..=299 => (
            "something between here and the service answered in its place, or spoilt its answer",
            "check that the environment's domain is a Capture domain, and whether this network asks to sign in first",
        ),
        300..=399 => (
            "the address has moved, or a network redirects to its own page; a redirect is never followed, because the \
             call may hold a secret",
            "if you trust the new address, make it the environment's domain",
        ),
        401 | 407 => (
            "a gateway or proxy wants its own sign-in; the service itself tells this as JSON",
            "check the proxy's settings",
        ),
        403 => (
            "the gateway refused the call: its rules, the caller's address, or too much data in one call",
            "send less in one call; have the address allowed",
        ),
        404 => (
            "nothing is at this address: the service itself tells of a missing record as JSON",
            "check that the environment's domain is a Capture domain",
        ),
        413 => (
            "the call is too large for the gateway",
            "send less in one call: fewer records, or a smaller page",
        ),
        414 | 431 => (
            "the address or the headers of the call are too long for the gateway",
            "send the arguments in the body; shorten the filter",
        ),
        429 | 510 => (
            "too many calls at once: the limit refused this one before any work was done",
            "wait a little and try again, with fewer calls at a time",
        ),
        501 => (
            "the gateway does not do this kind of call",
            "check the domain and the operation",
        ),
        502 => (
            "the gateway got no usable answer from the service",
            "try again, with less data in one call",
        ),
        503 => (
            "the service cannot be reached by its gateway for now",
            "wait a little and try again",
        ),
        504 => (
            "the gateway gave up waiting for the service",
            "try again, with less data in one call or a larger `timeout`",
        ),
        500..=599 => (
            "the gateway or the service failed inside",
            "try again; report the time and the domain if it goes on",
        ),
        _ => (
            "this is not how the service answers",
            "check that the environment's domain is a Capture domain",
        ),
    }
}

/// Whether a call that was answered with this status, but not by the service's own words, may have been carried out. A
/// gateway that refuses says so with a status of its own; all else leaves it open.
pub fn leaves_open(status: u16) -> bool {
    match status {
        501 | 505 | 510 | 511 => false,
        200..=299 | 500..=599 => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::error::CATALOGUE;

    fn texts(lines: &[Line]) -> Vec<String> {
        lines
            .iter()
            .map(|line| format!("{}: {}", line.label, line.text))
            .collect()
    }

    #[test]
    fn every_code_is_explained_in_order() {
        for info in CATALOGUE {
            let labels: Vec<&str> = advice(info.code).iter().map(|line| line.label).collect();
            let mut expected = vec!["meaning"];
            expected.extend(info.remedy.iter().map(|_| "do"));
            expected.extend(info.causes.iter().map(|_| "usually"));
            assert_eq!(labels, expected, "{}", info.code);

            let mut error = ApiError::new(info.code, "as it was told");
            for name in info.extra_fields {
                error = error.with(name, "hidden/place");
            }
            let told = texts(&facts(&error, None));
            assert_eq!(told[0], "server: as it was told", "{}", info.code);
            for name in info
                .extra_fields
                .iter()
                .filter(|name| !IN_PLACE.contains(name))
            {
                let line = format!("also: {name}: hidden/place");
                assert!(told.contains(&line), "{} {told:?}", info.code);
            }
            assert_eq!(
                word(&error),
                info.name.or(info.own_word).unwrap_or_default()
            );
        }
    }

    #[test]
    fn an_unlisted_code_gets_no_guess() {
        for (code, told) in [
            (
                0,
                "meaning: the answer has no code, and its word is not a published one",
            ),
            (
                377,
                "meaning: constraints: this code is not published, only what its range is for",
            ),
        ] {
            assert_eq!(texts(&advice(ErrorCode(code))), [told]);
        }
    }

    #[test]
    fn the_fault_in_what_was_sent_is_found_where_the_service_points() {
        let not_json = "the JSON is not syntactically valid";
        for (name, why, sent, cause) in [
            (
                "attributes",
                not_json,
                "{\"givenName\": \"Bob\"",
                Some("cause: { opened at line 1 column 1 is never closed (19 bytes sent)"),
            ),
            (
                "attributes",
                not_json,
                "{}",
                Some(
                    "cause: `attributes` is correct JSON as it was sent: something changed it on the way, or a limit \
                     cut it",
                ),
            ),
            ("attributes", "it is not an object", "[]", None),
            ("uuid", "invalid uuid", "{", None),
            ("filter", "syntax error", "a =", None),
        ] {
            let error = ApiError::invalid_argument(name, why);
            let args = Args::from_pairs([(name, sent)]);
            let told = texts(&facts(&error, Some(&args)));
            assert_eq!(told.get(1).map(String::as_str), cause, "{name} {sent}");
            assert_eq!(facts(&error, None).len(), 1);
        }
    }

    #[test]
    fn an_oauth_error_has_the_word_of_capture() {
        let text = r#"{"error":"invalid_request","sub_error":"missing_argument","code":100,
            "argument_name":"client_id","error_description":"missing required argument: client_id"}"#;
        let error = ApiError::from_json(&Json::parse(text).expect("is JSON")).expect("is an error");
        assert_eq!(word(&error), "missing_argument");
        assert_eq!(
            texts(&facts(&error, None))[1],
            "oauth: invalid_request: what OAuth calls it"
        );
    }

    #[test]
    fn a_gateway_that_refuses_leaves_nothing_open() {
        for (status, open) in [
            (200, true),
            (204, true),
            (302, false),
            (401, false),
            (403, false),
            (404, false),
            (413, false),
            (429, false),
            (500, true),
            (501, false),
            (502, true),
            (503, true),
            (504, true),
            (510, false),
            (522, true),
            (999, false),
        ] {
            assert_eq!(leaves_open(status), open, "{status}");
        }
    }
}
