//! Errors of the Capture API: one as it came, and the catalogue of what each code means (reference 8).
//!
//! Used by everything that reads or writes an answer. What a user is told about an error comes from the catalogue for a
//! code that is in it, and for any other from the service's own words alone: nothing is guessed.

mod catalogue;

use std::fmt;

use crate::capture::endpoint::Endpoint;
use crate::capture::endpoint::Evidence;
use crate::capture::error::catalogue::ROWS;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;

/// Every code that is known, ascending.
pub const CATALOGUE: &[CodeInfo] = ROWS;

/// The number that says what went wrong; 1:1 with the `error` word where that is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorCode(pub i64);

/// A row of the catalogue: what a code means and what to do about it.
#[derive(Debug)]
pub struct CodeInfo {
    /// The code.
    pub code: ErrorCode,
    /// The service's `error` word; `None` where it is not published.
    pub name: Option<&'static str>,
    /// The word our sandbox sends where the service's is not published; never to be shown as the service's.
    pub own_word: Option<&'static str>,
    /// Which operations raise it: `all`, `entity`, `entityType`, `versions`, `clients`, `settings`, `oauth` for
    /// `oauth/token`, or `sign-in` for the end-user flows, which captui does not call but whose answers it can show.
    pub families: &'static [&'static str],
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// What usually causes it, likeliest first.
    pub causes: &'static [&'static str],
    /// What to do, in the order worth trying.
    pub remedy: &'static [&'static str],
    /// Members that an answer with this code carries beside the usual ones.
    pub extra_fields: &'static [&'static str],
    /// What the row rests on.
    pub evidence: Evidence,
}

/// An error answer, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// `code`; 0 when the answer has none and its word tells none.
    pub code: ErrorCode,
    /// `error`: the word for the code, as it came; empty when it did not.
    pub error: String,
    /// `error_description`, or `message` where an endpoint sends that instead.
    pub description: String,
    /// `request_id` (the prose of the docs calls it `request_token`; both are read).
    pub request_id: Option<String>,
    /// Every other member of the answer but `stat`: `argument_name`, `attribute_name`, `type_name`, `sub_error`, …
    /// Boxed to keep a `Result` with this error small.
    pub fields: Box<Object>,
}

#[expect(missing_docs, reason = "the catalogue's row says what each code means")]
impl ErrorCode {
    pub const MISSING_ARGUMENT: Self = Self(100);
    pub const INVALID_ARGUMENT: Self = Self(200);
    pub const DUPLICATE_ARGUMENT: Self = Self(201);
    pub const INVALID_AUTH_METHOD: Self = Self(205);
    pub const INVALID_CREDENTIALS: Self = Self(210);
    pub const NO_PASSWORD: Self = Self(211);
    pub const NO_SUCH_ACCOUNT: Self = Self(212);
    pub const PASSWORD_INCORRECT: Self = Self(213);
    pub const UNKNOWN_APPLICATION: Self = Self(221);
    pub const UNKNOWN_ENTITY_TYPE: Self = Self(222);
    pub const UNKNOWN_ATTRIBUTE: Self = Self(223);
    pub const APPLICATION_NOT_FOUND: Self = Self(224);
    pub const FLOW_ERROR: Self = Self(226);
    pub const ENTITY_TYPE_EXISTS: Self = Self(232);
    pub const ATTRIBUTE_EXISTS: Self = Self(233);
    pub const RESERVED_ATTRIBUTE: Self = Self(234);
    pub const ERROR_CREATING_RECORD: Self = Self(300);
    pub const RECORD_NOT_FOUND: Self = Self(310);
    pub const ID_IN_NEW_RECORD: Self = Self(320);
    pub const TIMESTAMP_MISMATCH: Self = Self(330);
    pub const INVALID_DATA_FORMAT: Self = Self(340);
    pub const INVALID_JSON_TYPE: Self = Self(341);
    pub const INVALID_DATE_TIME: Self = Self(342);
    pub const PASSWORD_MISMATCH: Self = Self(350);
    pub const PASSWORD_UNACCEPTABLE: Self = Self(352);
    pub const CONSTRAINT_VIOLATION: Self = Self(360);
    pub const UNIQUE_VIOLATION: Self = Self(361);
    pub const MISSING_REQUIRED_ATTRIBUTE: Self = Self(362);
    pub const LENGTH_VIOLATION: Self = Self(363);
    pub const EMAIL_ADDRESS_IN_USE: Self = Self(380);
    pub const INVALID_FORM_FIELDS: Self = Self(390);
    pub const INVALID_CLIENT_CREDENTIALS: Self = Self(402);
    pub const CLIENT_PERMISSION_ERROR: Self = Self(403);
    pub const NOT_FOUND: Self = Self(404);
    pub const NO_ACCESS_GRANT: Self = Self(413);
    pub const ACCESS_TOKEN_EXPIRED: Self = Self(414);
    pub const AUTHORIZATION_CODE_EXPIRED: Self = Self(415);
    pub const VERIFICATION_CODE_EXPIRED: Self = Self(416);
    pub const CREATION_TOKEN_EXPIRED: Self = Self(417);
    pub const REDIRECT_URI_MISMATCH: Self = Self(420);
    pub const MALFORMED_CREDENTIALS: Self = Self(431);
    pub const API_FEATURE_DISABLED: Self = Self(480);
    pub const FILTER_CONTAINS: Self = Self(485);
    pub const UNEXPECTED_ERROR: Self = Self(500);
    pub const TIMEOUT: Self = Self(504);
    pub const API_LIMIT_ERROR: Self = Self(510);
    pub const TRIGGERED_ERROR: Self = Self(540);
}

impl ErrorCode {
    /// Its row of the catalogue; `None` for a code that is not known.
    pub fn info(self) -> Option<&'static CodeInfo> {
        CATALOGUE.iter().find(|info| info.code == self)
    }

    /// The service's `error` word; `None` for a code that is not known or whose word is not published.
    pub fn name(self) -> Option<&'static str> {
        self.info()?.name
    }

    /// What kind of trouble the code's range stands for (reference 8, "Ranges"): the most that can be said of a code
    /// that is not in the catalogue.
    pub fn family(self) -> &'static str {
        match self.0 {
            100..=199 => "missing arguments",
            200..=299 => "arguments",
            340..=359 => "data types",
            360..=379 => "constraints",
            300..=399 => "records",
            400..=499 => "authorization",
            500.. => "service",
            _ => "unknown",
        }
    }

    /// The code whose published word is `word`.
    fn from_word(word: &str) -> Option<Self> {
        CATALOGUE
            .iter()
            .find(|info| info.name == Some(word))
            .map(|info| info.code)
    }
}

/// The number.
impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ApiError {
    /// An error with the catalogue's word for `code`, or our own where the service's is not published.
    pub fn new(code: ErrorCode, description: impl Into<String>) -> Self {
        let word = code.info().and_then(|info| info.name.or(info.own_word));
        Self {
            code,
            error: word.unwrap_or("unexpected_error").to_owned(),
            description: description.into(),
            request_id: None,
            fields: Box::default(),
        }
    }

    /// The documented 100 for an absent argument.
    pub fn missing_argument(name: &str) -> Self {
        Self::new(
            ErrorCode::MISSING_ARGUMENT,
            format!("missing required argument: {name}"),
        )
        .with("argument_name", name)
    }

    /// The documented 200 for an argument that is not acceptable because of `why`.
    pub fn invalid_argument(name: &str, why: &str) -> Self {
        Self::new(
            ErrorCode::INVALID_ARGUMENT,
            format!("{name} was not valid for the following reason: {why}"),
        )
        .with("argument_name", name)
    }

    /// The same error with one more member.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.fields.insert(key.to_owned(), value.into());
        self
    }

    /// A member that is text.
    pub fn field(&self, key: &str) -> Option<&str> {
        self.fields.get(key)?.as_str()
    }

    /// The argument that the error is about.
    pub fn argument_name(&self) -> Option<&str> {
        self.field("argument_name")
    }

    /// The attribute that the error is about: `attribute_name`, or the one attribute path that the description names.
    /// `None` when it names none or several: a wrong place misleads more than no place.
    pub fn attribute_path(&self) -> Option<AttrPath> {
        if let Some(name) = self.field("attribute_name") {
            return name.parse().ok().filter(|path: &AttrPath| !path.is_root());
        }
        path_in_text(&self.description)
    }

    /// Reads an error answer however incomplete it is; `None` when `answer` is not one: it says `ok`, or it has neither
    /// `"stat":"error"` nor the form of an OAuth error (`error` with at least one of its companions).
    pub fn from_json(answer: &Json) -> Option<Self> {
        let members = answer.as_object()?;
        let is_error = match members.get("stat") {
            Some(stat) => stat
                .as_str()
                .is_some_and(|stat| stat.eq_ignore_ascii_case("error")),
            None => {
                members.get("error").is_some_and(|e| e.as_str().is_some())
                    && ["code", "sub_error", "error_description"]
                        .iter()
                        .any(|companion| members.contains_key(companion))
            }
        };
        if !is_error {
            return None;
        }
        // Only now: an answer that is not an error may be long.
        let mut members = members.clone();
        members.shift_remove("stat");
        let mut take = |names: &[&str]| {
            let name = *names
                .iter()
                .find(|name| members.get(name).is_some_and(|value| !value.is_null()))?;
            members.shift_remove(name).map(|value| text_of(&value))
        };
        let error = take(&["error"]).unwrap_or_default();
        let description = take(&["error_description", "message"]).unwrap_or_default();
        let request_id = take(&["request_id", "request_token"]);
        let code = match members.get("code").and_then(read_code) {
            Some(code) => {
                members.shift_remove("code");
                code
            }
            None => ErrorCode::from_word(&error)
                .or_else(|| ErrorCode::from_word(members.get("sub_error")?.as_str()?))
                .unwrap_or(ErrorCode(0)),
        };
        Some(Self {
            code,
            error,
            description,
            request_id,
            fields: Box::new(members),
        })
    }

    /// The answer as the service writes it: extra members first, then `request_id`, `code`, `error_description`,
    /// `error`, `stat` (reference 1.2).
    pub fn to_json(&self) -> Json {
        let mut members = (*self.fields).clone();
        let mut put = |key: &str, value: Json| {
            members.shift_remove(key);
            members.insert(key.to_owned(), value);
        };
        if let Some(id) = &self.request_id {
            put("request_id", id.as_str().into());
        }
        put("code", self.code.0.into());
        put("error_description", self.description.as_str().into());
        put("error", self.error.as_str().into());
        put("stat", "error".into());
        Json::Object(members)
    }
}

/// For logs and plain output: `361 unique_violation: Attempted to update a duplicate value`.
impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.code, self.error, self.description)
    }
}

/// A code in any spelling seen: a number, or one as text.
fn read_code(value: &Json) -> Option<ErrorCode> {
    let text = match value {
        Json::Number(number) => number.as_str(),
        Json::String(text) => text.trim(),
        _ => return None,
    };
    let whole = text.trim_end_matches('0').strip_suffix('.').unwrap_or(text);
    whole.parse().ok().map(ErrorCode)
}

/// A string's text, or any other value as JSON.
fn text_of(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The only attribute path in a description: words such as `/primaryAddress/city`, and quoted words right after the word
/// "attribute". Operations such as `/entity.create` are not attributes.
fn path_in_text(text: &str) -> Option<AttrPath> {
    let mut found: Option<AttrPath> = None;
    let mut after_attribute = false;
    for word in text.split_whitespace() {
        let bare = word.trim_matches(['.', ',', ';', ':', '!', '?', '(', ')']);
        let unquoted = bare.trim_matches(['\'', '"', '`', '‘', '’', '“', '”']);
        let quoted = unquoted.len() < bare.len();
        let is_path = unquoted.starts_with('/') || (quoted && after_attribute);
        if is_path && looks_like_a_path(unquoted) && Endpoint::from_path(unquoted).is_none() {
            let path = unquoted.parse().ok()?;
            match &found {
                Some(other) if *other != path => return None,
                _ => found = Some(path),
            }
        }
        after_attribute = ["attribute", "attributes"]
            .iter()
            .any(|name| bare.eq_ignore_ascii_case(name));
    }
    found
}

/// Whether `text` consists of attribute names (ASCII letters, digits, `_`), separators, element ids and places alone.
fn looks_like_a_path(text: &str) -> bool {
    let name = text.strip_prefix('/').unwrap_or(text);
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '#' | '[' | ']'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::Strategy;
    use proptest::prelude::any;
    use proptest::prelude::prop;
    use proptest::prelude::prop_oneof;
    use proptest::prop_assert_eq;
    use proptest::proptest;

    use super::*;

    fn read(text: &str) -> ApiError {
        ApiError::from_json(&Json::parse(text).expect("is JSON")).expect("is an error")
    }

    #[test]
    fn the_catalogue_is_whole() {
        for pair in CATALOGUE.windows(2) {
            assert!(
                pair[0].code < pair[1].code,
                "{} is out of order",
                pair[1].code
            );
        }
        let unpublished: Vec<i64> = CATALOGUE
            .iter()
            .filter(|info| info.name.is_none())
            .map(|info| info.code.0)
            .collect();
        assert_eq!(unpublished, [350, 404, 431, 485, 504]);
        for info in CATALOGUE {
            let code = info.code;
            assert!(
                info.name.is_some() != info.own_word.is_some(),
                "{code} has one word"
            );
            assert!(
                !info.meaning.is_empty() && !info.causes.is_empty(),
                "{code}"
            );
            assert!(
                !info.remedy.is_empty() && !info.families.is_empty(),
                "{code}"
            );
            for text in info.causes.iter().chain(info.remedy).chain([&info.meaning]) {
                assert!(text.ends_with('.'), "{code}: {text}");
            }
        }
    }

    /// The words and extra fields of reference 8.
    #[test]
    fn words_and_fields_are_the_vendors() {
        for (code, word, fields) in [
            (100, "missing_argument", &["argument_name"] as &[&str]),
            (205, "invalid_auth_method", &[]),
            (212, "no_such_account", &["invalid_fields"]),
            (223, "unknown_attribute", &["attribute_name"]),
            (232, "entity_type_exists", &["type_name"]),
            (
                330,
                "timestamp_mismatch",
                &["attribute_name", "actual_value", "supplied_value"],
            ),
            (361, "unique_violation", &[]),
            (
                420,
                "redirect_uri_mismatch",
                &["expected_value", "supplied_value"],
            ),
            (510, "api_limit_error", &[]),
            (540, "triggered_error", &[]),
        ] {
            let info = ErrorCode(code).info().expect("is in the catalogue");
            assert_eq!((info.name, info.extra_fields), (Some(word), fields));
        }
    }

    #[test]
    fn an_unknown_code_degrades_to_its_range() {
        for (code, family) in [
            (150, "missing arguments"),
            (299, "arguments"),
            (305, "records"),
            (345, "data types"),
            (370, "constraints"),
            (399, "records"),
            (499, "authorization"),
            (9999, "service"),
            (0, "unknown"),
            (-1, "unknown"),
        ] {
            let code = ErrorCode(code);
            assert_eq!(
                (code.family(), code.info().is_none(), code.name()),
                (family, true, None)
            );
        }
        assert_eq!(ErrorCode::TIMEOUT.name(), None);
        assert_eq!(ApiError::new(ErrorCode::TIMEOUT, "").error, "timeout");
    }

    /// The documented example of reference 1.2, byte for byte but for white space.
    #[test]
    fn the_documented_answer_is_read_and_written() {
        let text = concat!(
            r#"{"argument_name":"attributes","request_id":"geup8cd3gvcvjjnc","code":200,"#,
            r#""error_description":"attributes was not valid for the following reason: "#,
            r#"the JSON is not syntactically valid","error":"invalid_argument","stat":"error"}"#
        );
        let error = read(text);
        assert_eq!(error.code, ErrorCode::INVALID_ARGUMENT);
        assert_eq!(error.argument_name(), Some("attributes"));
        assert_eq!(error.request_id.as_deref(), Some("geup8cd3gvcvjjnc"));
        assert_eq!(error.to_json().to_string(), text);
        let mut ours =
            ApiError::invalid_argument("attributes", "the JSON is not syntactically valid");
        ours.request_id = Some("geup8cd3gvcvjjnc".to_owned());
        assert_eq!(ours, error);
    }

    #[test]
    fn incomplete_answers_are_read() {
        let error = read(
            r#"{"stat":"error","code":"310","message":"gone","request_token":"9mq5bv72q47ehg7g"}"#,
        );
        assert_eq!((error.code.0, error.description.as_str()), (310, "gone"));
        assert_eq!(error.request_id.as_deref(), Some("9mq5bv72q47ehg7g"));
        assert!(error.fields.is_empty());

        let oauth = read(
            r#"{"error":"invalid_request","sub_error":"missing_argument","code":100,"argument_name":"x"}"#,
        );
        assert_eq!(
            (oauth.code.0, oauth.error.as_str()),
            (100, "invalid_request")
        );
        assert_eq!(oauth.field("sub_error"), Some("missing_argument"));

        assert_eq!(
            read(r#"{"stat":"error","error":"unique_violation"}"#)
                .code
                .0,
            361
        );
        let sub = read(r#"{"error":"invalid_grant","sub_error":"access_token_expired"}"#);
        assert_eq!(sub.code, ErrorCode::ACCESS_TOKEN_EXPIRED);
        assert_eq!(read(r#"{"stat":"error"}"#).code, ErrorCode(0));
        assert_eq!(read(r#"{"stat":"error","code":361.0}"#).code.0, 361);
        let odd = read(r#"{"stat":"error","code":{"a":1},"error":null,"error_description":["x"]}"#);
        assert_eq!((odd.code.0, odd.description.as_str()), (0, r#"["x"]"#));
        assert!(odd.fields.contains_key("code"));
        let both = read(r#"{"stat":"error","error_description":"a","message":"b"}"#);
        assert_eq!(
            (both.description.as_str(), both.field("message")),
            ("a", Some("b"))
        );
    }

    #[test]
    fn what_is_no_error_is_not_read_as_one() {
        for text in [
            r#"{"stat":"ok","code":361,"error":"unique_violation"}"#,
            r#"{"error":"not found"}"#,
            r#"{"code":200}"#,
            r#"{"stat":7}"#,
            r#"[{"stat":"error"}]"#,
            "null",
        ] {
            assert_eq!(
                ApiError::from_json(&Json::parse(text).expect("is JSON")),
                None,
                "{text}"
            );
        }
    }

    #[test]
    fn the_place_of_an_error_is_found_but_never_guessed() {
        let named = |text: &str| {
            ApiError::new(ErrorCode::UNKNOWN_ATTRIBUTE, text)
                .attribute_path()
                .map(|path| path.slashed())
        };
        for (text, path) in [
            (
                "attribute does not exist: /primaryAddress/city",
                Some("/primaryAddress/city"),
            ),
            (
                "attribute does not exist: /statuses#12/status.",
                Some("/statuses#12/status"),
            ),
            ("the attribute 'email' is required", Some("/email")),
            (
                "Attribute \"primaryAddress.city\", too long",
                Some("/primaryAddress/city"),
            ),
            ("'male' is not allowed", None),
            ("the attribute is bad", None),
            ("see /entity.create for help", None),
            ("see https://example.com/a", None),
            ("either /a or /b", None),
            ("/a and /a again", Some("/a")),
            ("and/or / nothing //a", None),
            ("/caf\u{e9}", None),
            ("Attempted to update a duplicate value", None),
        ] {
            assert_eq!(named(text).as_deref(), path, "{text}");
        }
        let field = |name: &str| {
            ApiError::new(
                ErrorCode::TIMESTAMP_MISMATCH,
                "attribute does not exist: /other",
            )
            .with("attribute_name", name)
            .attribute_path()
            .map(|path| path.dotted())
        };
        assert_eq!(field("lastUpdated").as_deref(), Some("lastUpdated"));
        assert_eq!((field("a..b"), field("")), (None, None));
    }

    /// JSON of any shape, with the members of an answer among its keys.
    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            proptest::strategy::Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            "error|ok|[0-9]{1,3}|\\PC{0,6}".prop_map(Json::from),
        ];
        leaf.prop_recursive(3, 20, 5, |inner| {
            let key =
                "stat|code|error|error_description|message|request_id|sub_error|attribute_name";
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::vec((key, inner), 0..6)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_is_read_without_panic_and_errors_survive_the_round_trip(json in any_json()) {
            if let Some(error) = ApiError::from_json(&json) {
                let _ = error.attribute_path();
                let again = ApiError::from_json(&error.to_json()).expect("is an error");
                prop_assert_eq!(&again.error, &error.error);
                prop_assert_eq!(&again.description, &error.description);
                prop_assert_eq!(&again.request_id, &error.request_id);
            }
        }

        #[test]
        fn any_description_is_searched_without_panic(text in "\\PC{0,60}") {
            let _ = ApiError::new(ErrorCode::UNKNOWN_ATTRIBUTE, text).attribute_path();
        }
    }
}
