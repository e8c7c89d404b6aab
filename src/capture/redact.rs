//! What must be neither shown nor kept unless a person asks for it: secrets, tokens and the values of passwords.
//!
//! The history masks before it writes, the screens before they draw, and both with these functions.
//! Masking goes by structure: by the names of arguments and of JSON members, and by the shape in which the service
//! shows a stored password (`{"type":"password-…","value":…}`). Whoever knows the schema adds the names of its password
//! attributes to the request ([`ApiRequest::secret_names`]), since those may be called anything. A text in which nothing
//! is masked is kept byte for byte.

pub mod broken;
mod find;
mod layers;
pub mod personal;
pub mod sent;
pub mod sharing;

use std::collections::HashMap;

use regex::bytes::RegexBuilder;

use crate::capture::endpoint::Endpoint;
use crate::capture::filter;
use crate::capture::json::Json;
use crate::capture::json::Object;
use crate::capture::json::write_quoted;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::capture::response::Answer;
use crate::capture::secret::MASK;

/// Arguments whose meaning depends on the name that another argument holds: `attribute_name=/password&value="…"`.
const NAMING: [&str; 3] = ["attribute_name", "key_attribute", "key"];
const NAMED: [&str; 3] = ["value", "key_value", "attributes"];

/// Arguments that carry the values a call writes.
const WRITTEN: [&str; 3] = ["attributes", "value", "all_attributes"];

/// Operations that write them.
const WRITERS: [Endpoint; 4] = [
    Endpoint::EntityCreate,
    Endpoint::EntityBulkCreate,
    Endpoint::EntityUpdate,
    Endpoint::EntityReplace,
];

/// Members of a record that are no secret whoever writes them.
const PLAIN: [&str; 4] = ["id", "uuid", "type", "type_name"];

/// The arguments of a call, masked.
pub fn args(request: &ApiRequest) -> Args {
    mask_args(&request.args, Names(&request.secret_names))
}

/// A form body, masked; these names of attributes are secret beside the usual ones.
pub fn form(body: &str, secret_names: &[String]) -> String {
    let before = Args::from_form(body.as_bytes());
    let after = mask_args(&before, Names(secret_names));
    if after == before {
        body.to_owned()
    } else {
        after.to_form()
    }
}

/// The body of the answer to a call, masked. JSON that is broken, as when the rest did not arrive, is searched for
/// secrets; what never was JSON is kept as it is.
pub fn body(request: &ApiRequest, body: &[u8]) -> Vec<u8> {
    masked_body(request, body, None)
}

/// The same of a body that was read already, which is what takes long.
pub fn body_read(request: &ApiRequest, body: &[u8], answer: Option<&Answer>) -> Vec<u8> {
    match answer {
        Some(Answer::Ok(json)) => masked_body(request, body, Some(json)),
        Some(Answer::Error(_) | Answer::NotCapture(_)) | None => masked_body(request, body, None),
    }
}

fn masked_body(request: &ApiRequest, body: &[u8], read: Option<&Json>) -> Vec<u8> {
    let names = Names(&request.secret_names);
    if !names.are_meant(&request.args) && !names.may_be_in(body) {
        return body.to_vec();
    }
    let masked = match read {
        Some(json) => masked_answer(request, json),
        None => masked_text(request, &String::from_utf8_lossy(body)),
    };
    masked.map_or_else(|| body.to_vec(), String::into_bytes)
}

fn masked_text(request: &ApiRequest, text: &str) -> Option<String> {
    // An answer is read past a byte order mark, too.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match Json::parse(text) {
        Ok(json) => masked_answer(request, &json),
        Err(_) if text.trim_start().starts_with(['{', '[']) => {
            let masked = broken::masked(text, &request.secret_names);
            (masked != text).then_some(masked)
        }
        Err(_) => None,
    }
}

/// The text of an answer, masked; `None` when there is nothing to mask in it.
fn masked_answer(request: &ApiRequest, answer: &Json) -> Option<String> {
    let names = Names(&request.secret_names);
    let mut printer = Printer {
        names,
        met: HashMap::new(),
        text: String::new(),
        masks: false,
    };
    match answer {
        Json::Object(members) if names.are_meant(&request.args) => {
            printer.members(members, Some("result"));
        }
        _ => printer.value(answer),
    }
    printer.masks.then_some(printer.text)
}

/// The answer to a call, masked; `None` when there is nothing to mask in it.
pub fn answer(request: &ApiRequest, answer: &Json) -> Option<Json> {
    let names = Names(&request.secret_names);
    let mut masked = answer.clone();
    let mut changed = names.mask(&mut masked);
    if names.are_meant(&request.args)
        && let Some(result) = masked
            .as_object_mut()
            .and_then(|answer| answer.get_mut("result"))
    {
        changed |= mask_all(result);
    }
    changed.then_some(masked)
}

/// Whether the value of an attribute or a member of this name is secret; these names are beside the usual ones.
pub fn is_secret_name(name: &str, secret_names: &[String]) -> bool {
    Names(secret_names).has_argument(name)
}

/// Masks what is secret inside a value; says whether anything was.
pub fn json(json: &mut Json, secret_names: &[String]) -> bool {
    Names(secret_names).mask(json)
}

/// Whether an argument of this name carries the values that a call writes.
pub fn carries_values(argument: &str) -> bool {
    WRITTEN.contains(&argument)
}

/// The names to hide of a call that writes values while the schema is not known: every attribute in it could be a
/// password, so all that carry a text or a number count as secret.
pub fn names_written(request: &ApiRequest) -> Vec<String> {
    let mut names = Vec::new();
    if !WRITERS.contains(&request.endpoint) {
        return names;
    }
    for (argument, text) in request.args.iter() {
        if !WRITTEN.contains(&argument) {
            continue;
        }
        match Json::parse(text) {
            Ok(json @ (Json::Object(_) | Json::Array(_))) => collect_names(&json, &mut names),
            // A bare value is that of the attribute that is named beside it; of what does not parse nothing is known.
            _ => names.push(argument.to_owned()),
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// Recursion is bounded by the reader's limit.
fn collect_names(json: &Json, names: &mut Vec<String>) {
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                if holds_plain_value(value) && !PLAIN.contains(&name.as_str()) {
                    names.push(name.clone());
                }
                collect_names(value, names);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| collect_names(item, names)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn holds_plain_value(json: &Json) -> bool {
    match json {
        Json::String(_) | Json::Number(_) => true,
        Json::Array(items) => items.iter().any(holds_plain_value),
        Json::Object(_) | Json::Null | Json::Bool(_) => false,
    }
}

fn mask_args(args: &Args, names: Names<'_>) -> Args {
    let about_secret = names.are_meant(args);
    let masked = |name: &str, value: &str| {
        // As an argument this is an authorization code; as a member of an answer, an error's number.
        if name == "code" || names.has_argument(name) || (about_secret && NAMED.contains(&name)) {
            MASK.to_owned()
        } else if name == "filter" {
            filter::secrets::masked(value, |path| names.has_argument(path))
        } else {
            let is_json = WRITTEN.contains(&name) || value.trim_start().starts_with(['{', '[']);
            let masked = is_json.then(|| names.mask_text(value)).flatten();
            masked.unwrap_or_else(|| value.to_owned())
        }
    };
    Args::from_pairs(args.iter().map(|(name, value)| (name, masked(name, value))))
}

/// What is in a name that is secret anywhere, in small letters.
const USUAL: [&str; 4] = ["password", "secret", "token", "authorizationcode"];

/// Which names are secret: the usual words, and these names of attributes.
#[derive(Clone, Copy)]
struct Names<'a>(&'a [String]);

impl Names<'_> {
    /// Whether the call is about one attribute or setting, and its name says that it is secret.
    fn are_meant(self, args: &Args) -> bool {
        NAMING
            .iter()
            .any(|name| args.get(name).is_some_and(|named| self.has(named)))
    }

    fn has_argument(self, name: &str) -> bool {
        // This one names an attribute; the password is in `password_value`.
        name != "password_attribute" && self.has(name)
    }

    fn has(self, name: &str) -> bool {
        let attribute = name.rsplit(['/', '.']).next().unwrap_or(name);
        if self.0.iter().any(|secret| secret == attribute) {
            return true;
        }
        // What the docs' prose calls a token is the answer's number (reference 1.2).
        let name = name.to_ascii_lowercase();
        name != "request_token" && USUAL.iter().any(|word| name.contains(word))
    }

    /// Whether one of these names may be in the text of JSON; if not, nothing in it is secret. Reading all of a long
    /// answer takes some hundred times as long.
    fn may_be_in(self, text: &[u8]) -> bool {
        let mut pattern = USUAL.join("|");
        // A letter or a digit may be written as an escape.
        pattern.push_str(r"|\\u00[3-7]");
        for name in self.0 {
            pattern.push('|');
            pattern.push_str(&regex::escape(name));
        }
        let searcher = RegexBuilder::new(&pattern)
            .case_insensitive(true)
            .unicode(false)
            .build();
        let is_plain = self.0.iter().all(|name| name.is_ascii());
        searcher.map_or(true, |searcher| !is_plain || searcher.is_match(text))
    }

    /// The text of JSON masked, if there is something to mask in it; it may be broken.
    fn mask_text(self, text: &str) -> Option<String> {
        match Json::parse(text) {
            Ok(mut json) => self.mask(&mut json).then(|| json.to_string()),
            Err(_) => Some(broken::masked(text, self.0)),
        }
    }

    /// Masks what must not be kept inside `json`; says whether anything was. Recursion is bounded by the reader's limit.
    fn mask(self, json: &mut Json) -> bool {
        match json {
            Json::Object(members) => self.mask_members(members),
            Json::Array(items) => items
                .iter_mut()
                .fold(false, |changed, item| self.mask(item) | changed),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
        }
    }

    fn mask_members(self, members: &mut Object) -> bool {
        let is_password = is_password(members);
        let mut changed = false;
        for (name, value) in members {
            changed |= if self.has_argument(name) || (is_password && name == "value") {
                mask_all(value)
            } else {
                self.mask(value)
            };
        }
        changed
    }
}

/// Prints JSON, compact, with its secrets masked: what [`Names::mask`] does, without a copy of all of it.
struct Printer<'a> {
    names: Names<'a>,
    /// Whether names that were met are secret: records have the same ones again and again.
    met: HashMap<&'a str, bool>,
    text: String,
    /// Whether anything was masked.
    masks: bool,
}

impl<'a> Printer<'a> {
    fn value(&mut self, json: &'a Json) {
        match json {
            Json::Object(members) => self.members(members, None),
            Json::Array(items) => self.items(items, Self::value),
            _ => json.write_compact(&mut self.text),
        }
    }

    /// Members of which those are masked that have a secret's name, or the shape of a password, or `also` this name.
    fn members(&mut self, members: &'a Object, also: Option<&str>) {
        let is_password = is_password(members);
        self.object(members, |printer, name, value| {
            let names = printer.names;
            let has_secret_name = printer.met.entry(name);
            let is_secret = *has_secret_name.or_insert_with(|| names.has_argument(name))
                || (is_password && name == "value")
                || also == Some(name);
            if is_secret {
                printer.masked(value);
            } else {
                printer.value(value);
            }
        });
    }

    /// What [`mask_all`] does.
    fn masked(&mut self, json: &'a Json) {
        match json {
            Json::String(_) | Json::Number(_) => {
                write_quoted(&mut self.text, MASK);
                self.masks = true;
            }
            Json::Array(items) => self.items(items, Self::masked),
            Json::Object(members) => self.object(members, |printer, name, value| {
                if name == "type" {
                    value.write_compact(&mut printer.text);
                } else {
                    printer.masked(value);
                }
            }),
            Json::Null | Json::Bool(_) => json.write_compact(&mut self.text),
        }
    }

    fn object(&mut self, members: &'a Object, print: impl Fn(&mut Self, &'a str, &'a Json)) {
        self.text.push('{');
        for (place, (name, value)) in members.iter().enumerate() {
            self.text.push_str(if place == 0 { "" } else { "," });
            write_quoted(&mut self.text, name);
            self.text.push(':');
            print(self, name, value);
        }
        self.text.push('}');
    }

    fn items(&mut self, items: &'a [Json], print: impl Fn(&mut Self, &'a Json)) {
        self.text.push('[');
        for (place, item) in items.iter().enumerate() {
            self.text.push_str(if place == 0 { "" } else { "," });
            print(self, item);
        }
        self.text.push(']');
    }
}

fn is_password(members: &Object) -> bool {
    members
        .get("type")
        .and_then(Json::as_str)
        .is_some_and(|name| name.starts_with("password"))
}

/// Masks every text and number in `json`; a password's type is not secret, nor is that there is none.
fn mask_all(json: &mut Json) -> bool {
    match json {
        Json::String(_) | Json::Number(_) => {
            *json = Json::String(MASK.to_owned());
            true
        }
        Json::Array(items) => items
            .iter_mut()
            .fold(false, |changed, item| mask_all(item) | changed),
        Json::Object(members) => members
            .iter_mut()
            .filter(|(name, _)| *name != "type")
            .fold(false, |changed, (_, value)| mask_all(value) | changed),
        Json::Null | Json::Bool(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::capture::request::Wire;

    #[test]
    fn masks_by_name_and_by_shape() {
        for (pairs, masked) in [
            (
                &[("attributes", r#"{"password":"hunter2","email":"a@b.c"}"#)][..],
                &[("attributes", r#"{"password":"••••••••","email":"a@b.c"}"#)][..],
            ),
            (
                &[(
                    "attributes",
                    r#"{"a":[{"b":{"apiSecret":12,"userToken":null}}]}"#,
                )],
                &[(
                    "attributes",
                    r#"{"a":[{"b":{"apiSecret":"••••••••","userToken":null}}]}"#,
                )],
            ),
            (
                &[
                    ("password_attribute", "password"),
                    ("password_value", "hunter2"),
                ],
                &[
                    ("password_attribute", "password"),
                    ("password_value", "••••••••"),
                ],
            ),
            (
                &[
                    ("attribute_name", "/password"),
                    ("value", r#""hunter2""#),
                    ("type_name", "user"),
                ],
                &[
                    ("attribute_name", "/password"),
                    ("value", "••••••••"),
                    ("type_name", "user"),
                ],
            ),
            (
                &[("code", "hunter2"), ("refresh_token", "hunter2")],
                &[("code", "••••••••"), ("refresh_token", "••••••••")],
            ),
            (
                &[("client_secret", "hunter2")],
                &[("client_secret", "••••••••")],
            ),
            (
                &[("key", "captcha_secret"), ("value", "hunter2")],
                &[("key", "captcha_secret"), ("value", "••••••••")],
            ),
        ] {
            let pairs = Args::from_pairs(pairs.iter().copied());
            let masked = Args::from_pairs(masked.iter().copied());
            assert_eq!(form(&pairs.to_form(), &[]), masked.to_form());
            let mut request = ApiRequest::new(Endpoint::EntityUpdate);
            request.args = pairs;
            assert_eq!(args(&request), masked);
        }
    }

    #[test]
    fn masks_answers_and_leaves_others_alone_to_the_byte() {
        let none = Args::default();
        let password = Args::from_pairs([("attribute_name", "password")]);
        for (about, body, kept) in [
            (
                &none,
                r#"{"new_secret":"hunter2","stat":"ok"}"#,
                r#"{"new_secret":"••••••••","stat":"ok"}"#,
            ),
            (
                &none,
                r#"{"authorizationCode":"hunter2","accessToken":"hunter2","code":200}"#,
                r#"{"authorizationCode":"••••••••","accessToken":"••••••••","code":200}"#,
            ),
            (
                &none,
                r#"{"result":{"pin":{"type":"password-bcrypt","value":"$2a$hunter2"}}}"#,
                r#"{"result":{"pin":{"type":"password-bcrypt","value":"••••••••"}}}"#,
            ),
            (
                &none,
                r#"{"result":{"password":{"type":"password-bcrypt","value":"$2a$hunter2"}}}"#,
                r#"{"result":{"password":{"type":"password-bcrypt","value":"••••••••"}}}"#,
            ),
            (
                &none,
                r#"{"PASS\u0057ord":"hunter2"}"#,
                r#"{"PASSWord":"••••••••"}"#,
            ),
            (
                &password,
                r#"{"result":"hunter2","stat":"ok"}"#,
                r#"{"result":"••••••••","stat":"ok"}"#,
            ),
            (
                &none,
                r#"{ "n" : 1.50, "request_token":"x" }"#,
                r#"{ "n" : 1.50, "request_token":"x" }"#,
            ),
            (&none, "<html>secret</html>", "<html>secret</html>"),
            (
                &none,
                "\u{feff}{\"token\":\"hunter2\"}",
                r#"{"token":"••••••••"}"#,
            ),
            (&none, "\u{feff}{\"token\":\"hunt", r#"{"token":"••••••••""#),
            (&none, "\u{feff}{ }", "\u{feff}{ }"),
            (
                &none,
                r#"{"result":{"pin":{"type":"password-bcrypt","value":"$2a$hunter"#,
                r#"{"result":{"pin":{"type":"password-bcrypt","value":"••••••••""#,
            ),
            (
                &none,
                r#"{"uuid":"u-1","givenName":"Ad"#,
                r#"{"uuid":"u-1","givenName":"Ad"#,
            ),
        ] {
            let mut request = ApiRequest::new(Endpoint::EntityView);
            request.args = about.clone();
            let masked = super::body(&request, body.as_bytes());
            assert_eq!(String::from_utf8_lossy(&masked), kept);
            let answer = Answer::read(200, None, body.as_bytes());
            let read = super::body_read(&request, body.as_bytes(), Some(&answer));
            assert_eq!(read, masked);
            if let Ok(json) = Json::parse(body) {
                let masked = super::answer(&request, &json).unwrap_or_else(|| json.clone());
                assert_eq!(Json::parse(kept).ok(), Some(masked));
            }
        }
        let form_body = "attr_defs=%5B%7B%22name%22%3A%22password%22%2C%22type%22%3A%22password-bcrypt%22%7D%5D";
        assert_eq!(form(form_body, &[]), form_body);
    }

    #[test]
    fn a_password_may_be_called_anything() {
        let pin = r#"{"a":[{"pin":"hunter2","pine":"tree"}]}"#;
        let request = ApiRequest::new(Endpoint::EntityCreate).with("attributes", pin);
        assert_eq!(args(&request), request.args, "nobody told");
        let request = request.hiding(["pin".to_owned()]);
        let masked = r#"{"a":[{"pin":"••••••••","pine":"tree"}]}"#;
        assert_eq!(args(&request).get("attributes"), Some(masked));
        let wire = Wire::new(&request, None, Timestamp::UNIX_EPOCH);
        assert!(wire.body.contains("hunter2"));
        assert!(!format!("{wire:?}").contains("hunter2"));
    }
    #[test]
    fn a_text_that_is_no_json_is_searched_for_secrets() {
        for (name, text, kept) in [
            (
                "attributes",
                r#"{"password":"hunter2",}"#,
                r#"{"password":"••••••••",}"#,
            ),
            (
                "attributes",
                r#""password":"hunter2""#,
                r#""password":"••••••••""#,
            ),
            (
                "all_attributes",
                r#"[{"password":"hunter2"}"#,
                r#"[{"password":"••••••••"}"#,
            ),
            ("description", "password: none", "password: none"),
            (
                "filter",
                "password = 'hunter2' and a = 'b'",
                "password = '••••••••' and a = 'b'",
            ),
        ] {
            let request = ApiRequest::new(Endpoint::EntityCreate).with(name, text);
            assert_eq!(args(&request).get(name), Some(kept), "{text}");
        }
    }

    #[test]
    fn while_the_schema_is_not_known_all_that_is_written_is_hidden() {
        for (name, text, kept) in [
            (
                "attributes",
                r#"{"pin":"hunter2","uuid":"u","a":[{"n":12,"ok":true}],"b":["hunter2"]}"#,
                r#"{"pin":"••••••••","uuid":"u","a":[{"n":"••••••••","ok":true}],"b":["••••••••"]}"#,
            ),
            ("value", r#""hunter2""#, "••••••••"),
            ("value", "hunter2", "••••••••"),
            ("attributes", r#"{"pin":"hunter2",}"#, "••••••••"),
            (
                "all_attributes",
                r#"[{"pin":"hunter2"}]"#,
                r#"[{"pin":"••••••••"}]"#,
            ),
        ] {
            let request = ApiRequest::new(Endpoint::EntityUpdate)
                .with("type_name", "vault")
                .with("attribute_name", "/other")
                .with(name, text);
            let names = names_written(&request);
            let masked = args(&request.hiding(names));
            assert_eq!(masked.get(name), Some(kept), "{text}");
            assert_eq!(masked.get("type_name"), Some("vault"));
        }
        let read = ApiRequest::new(Endpoint::EntityFind).with("attributes", r#"["pin"]"#);
        assert!(names_written(&read).is_empty(), "it writes nothing");
    }
}
