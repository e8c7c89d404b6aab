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

use hashbrown::HashMap;
use regex::bytes::RegexBuilder;

use crate::capture::endpoint::Endpoint;
use crate::capture::filter;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
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
    mask_args(&request.args, Names::new(&request.secret_names))
}

/// A form body, masked; these names of attributes are secret beside the usual ones.
pub fn form(body: &str, secret_names: &[String]) -> String {
    let before = Args::from_form(body.as_bytes());
    let after = mask_args(&before, Names::new(secret_names));
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
    let names = Names::new(&request.secret_names);
    if !names.are_meant(&request.args) && !names.may_be_in(body) {
        return body.to_vec();
    }
    let masked = match read {
        Some(json) => masked_answer(request, json, body.len()),
        None => masked_text(request, &String::from_utf8_lossy(body)),
    };
    masked.map_or_else(|| body.to_vec(), String::into_bytes)
}

fn masked_text(request: &ApiRequest, text: &str) -> Option<String> {
    // An answer is read past a byte order mark, too.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match Json::parse(text) {
        Ok(json) => masked_answer(request, &json, text.len()),
        Err(_) if text.trim_start().starts_with(['{', '[']) => {
            let masked = broken::masked(text, &request.secret_names);
            (masked != text).then_some(masked)
        }
        Err(_) => None,
    }
}

/// The text of an answer of about this length, masked; `None` when there is nothing to mask in it.
fn masked_answer(request: &ApiRequest, answer: &Json, length: usize) -> Option<String> {
    let names = Names::new(&request.secret_names);
    let mut printer = Printer {
        names,
        met: HashMap::new(),
        text: String::with_capacity(length),
        masks: false,
    };
    printer.value(answer, names.place_of_answer(&request.args));
    printer.masks.then_some(printer.text)
}

/// The answer to a call, masked; `None` when there is nothing to mask in it.
pub fn answer(request: &ApiRequest, answer: &Json) -> Option<Json> {
    let names = Names::new(&request.secret_names);
    let mut masked = answer.clone();
    names
        .mask(&mut masked, names.place_of_answer(&request.args))
        .then_some(masked)
}

/// Whether the value of an attribute or a member of this name is secret; these names are beside the usual ones.
pub fn is_secret_name(name: &str, secret_names: &[String]) -> bool {
    Names::new(secret_names).has_argument(name)
}

/// Masks what is secret inside a value; says whether anything was.
pub fn json(json: &mut Json, secret_names: &[String]) -> bool {
    Names::new(secret_names).mask(json, Place::Open)
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
const USUAL: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "authorizationcode",
    "private_key",
    "api_key",
    "apikey",
];

/// How many texts that are JSON may stand in each other, as settings have them, before one is masked whole.
const LAYERS: u8 = 4;

/// Which names are secret: the usual words, and these names of attributes.
#[derive(Clone, Copy)]
struct Names<'a> {
    own: &'a [String],
    /// How many more texts that are JSON are looked into.
    layers: u8,
}

impl<'a> Names<'a> {
    fn new(own: &'a [String]) -> Self {
        Self {
            own,
            layers: LAYERS,
        }
    }

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
        if self.own.iter().any(|secret| secret == attribute) {
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
        for name in self.own {
            pattern.push('|');
            pattern.push_str(&regex::escape(name));
        }
        let searcher = RegexBuilder::new(&pattern)
            .case_insensitive(true)
            .unicode(false)
            .build();
        let is_plain = self.own.iter().all(|name| name.is_ascii());
        searcher.map_or(true, |searcher| !is_plain || searcher.is_match(text))
    }

    /// The text of JSON masked, if there is something to mask in it; it may be broken.
    fn mask_text(self, text: &str) -> Option<String> {
        match Json::parse(text) {
            Ok(mut json) => {
                let masks = self.mask(&mut json, Place::Open);
                masks.then(|| json.to_string())
            }
            Err(_) => Some(broken::masked(text, self.own)),
        }
    }

    /// A text that holds JSON itself, masked; `None` when it holds none, or nothing to mask.
    fn mask_within(self, text: &str) -> Option<String> {
        if !text.trim_start().starts_with(['{', '[']) {
            return None;
        }
        let Some(layers) = self.layers.checked_sub(1) else {
            return Some(MASK.to_owned());
        };
        let masked = Self { layers, ..self }.mask_text(text);
        masked.filter(|masked| masked != text)
    }

    /// Where an answer stands.
    fn place_of_answer(self, args: &Args) -> Place {
        if self.are_meant(args) {
            Place::AboutSecret
        } else {
            Place::Open
        }
    }

    /// Masks what must not be kept inside `json`; says whether anything was. Recursion is bounded by the reader's limit.
    fn mask(self, json: &mut Json, place: Place) -> bool {
        match json {
            Json::String(_) | Json::Number(_) if place == Place::Secret => {
                *json = Json::String(MASK.to_owned());
                true
            }
            Json::String(text) => {
                let masked = self.mask_within(text);
                masked.map(|masked| *text = masked).is_some()
            }
            Json::Array(items) => {
                let place = place.of_items();
                let mask = |changed, item| self.mask(item, place) | changed;
                items.iter_mut().fold(false, mask)
            }
            Json::Object(members) => {
                let of_password = is_password(members);
                members.iter_mut().fold(false, |changed, (name, value)| {
                    let has_secret_name = self.has_argument(name);
                    let place = place.of_member(name, has_secret_name, of_password);
                    self.mask(value, place) | changed
                })
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => false,
        }
    }
}

/// Where a value stands, which decides what of it is masked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where secrets are those with a secret's name, or the shape of a password.
    Open,
    /// The same, and what a call about a secret came to: the outermost value of its answer.
    AboutSecret,
    /// In a secret, of which every text and number is masked; not that there is none.
    Secret,
}

impl Place {
    /// Where a member of an object stands that stands here. `of_password`: whether the object shows a stored password.
    fn of_member(self, name: &str, has_secret_name: bool, of_password: bool) -> Self {
        match self {
            // A password's type is not secret.
            Self::Secret if name == "type" => Self::Open,
            Self::Secret => Self::Secret,
            Self::AboutSecret if name == "result" => Self::Secret,
            _ if has_secret_name || (of_password && name == "value") => Self::Secret,
            Self::AboutSecret | Self::Open => Self::Open,
        }
    }

    /// Where the items of an array stand.
    fn of_items(self) -> Self {
        match self {
            Self::AboutSecret => Self::Open,
            other => other,
        }
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
    fn value(&mut self, json: &'a Json, place: Place) {
        match json {
            Json::String(_) | Json::Number(_) if place == Place::Secret => {
                write_quoted(&mut self.text, MASK);
                self.masks = true;
            }
            Json::String(text) => match self.names.mask_within(text) {
                Some(masked) => {
                    write_quoted(&mut self.text, &masked);
                    self.masks = true;
                }
                None => json.write_compact(&mut self.text),
            },
            Json::Array(items) => {
                self.text.push('[');
                for (at, item) in items.iter().enumerate() {
                    self.text.push_str(if at == 0 { "" } else { "," });
                    self.value(item, place.of_items());
                }
                self.text.push(']');
            }
            Json::Object(members) => self.members(members, place),
            Json::Null | Json::Bool(_) | Json::Number(_) => json.write_compact(&mut self.text),
        }
    }

    fn members(&mut self, members: &'a Object, place: Place) {
        let of_password = is_password(members);
        self.text.push('{');
        for (at, (name, value)) in members.iter().enumerate() {
            self.text.push_str(if at == 0 { "" } else { "," });
            write_quoted(&mut self.text, name);
            self.text.push(':');
            let names = self.names;
            let has_secret_name = self.met.entry(name);
            let has_secret_name = *has_secret_name.or_insert_with(|| names.has_argument(name));
            let place = place.of_member(name, has_secret_name, of_password);
            self.value(value, place);
        }
        self.text.push('}');
    }
}

fn is_password(members: &Object) -> bool {
    members
        .get("type")
        .and_then(Json::as_str)
        .is_some_and(|name| name.starts_with("password"))
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
    fn a_text_that_is_json_is_looked_into() {
        for (body, kept) in [
            (
                r#"{"result":{"mail_config":"{\"host\":\"h\",\"smtp_password\":\"hunter2\"}"}}"#,
                r#"{"result":{"mail_config":"{\"host\":\"h\",\"smtp_password\":\"••••••••\"}"}}"#,
            ),
            (
                r#"{"a":["[{\"b\":\"{\\\"pwd\\\":\\\"hunter2\\\"}\"}]"]}"#,
                r#"{"a":["[{\"b\":\"{\\\"pwd\\\":\\\"••••••••\\\"}\"}]"]}"#,
            ),
            (
                r#"{"a":"{\"api_key\":\"hunter2\","}"#,
                r#"{"a":"{\"api_key\":\"••••••••\","}"#,
            ),
            (
                r#"{"rsa_private_key":"hunter2","google_api_key":"hunter2","passwd":"hunter2"}"#,
                r#"{"rsa_private_key":"••••••••","google_api_key":"••••••••","passwd":"••••••••"}"#,
            ),
            (
                r#"{ "a":"{\"host\": \"h\"}", "b":"[the secret garden" }"#,
                r#"{ "a":"{\"host\": \"h\"}", "b":"[the secret garden" }"#,
            ),
        ] {
            let request = ApiRequest::new(Endpoint::SettingsItems);
            let masked = super::body(&request, body.as_bytes());
            assert_eq!(String::from_utf8_lossy(&masked), kept);
            let json = Json::parse(body).expect("is JSON");
            let masked = super::answer(&request, &json).unwrap_or(json);
            assert_eq!(Json::parse(kept).ok(), Some(masked));
        }
        let mut deep = r#"{"secret":"hunter2"}"#.to_owned();
        for _ in 0..10 {
            deep = Json::Array(vec![deep.as_str().into()]).to_string();
        }
        let mut json = Json::parse(&deep).expect("is JSON");
        assert!(super::json(&mut json, &[]));
        assert!(!json.to_string().contains("hunter2"), "{json}");
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
                r#"{"password":{"type":{"a":1,"token":"hunter2"},"value":["hunter2",12,null,true]}}"#,
                r#"{"password":{"type":{"a":1,"token":"••••••••"},"value":["••••••••","••••••••",null,true]}}"#,
            ),
            (
                &password,
                r#"[{"result":"hunter2","type":"password","value":"hunter2"}]"#,
                r#"[{"result":"hunter2","type":"password","value":"••••••••"}]"#,
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
