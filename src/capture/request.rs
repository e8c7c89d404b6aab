//! Requests: an operation with its arguments, to and from the bytes of HTTP (reference 1.1).
//!
//! Going out there is one form: `POST` with a form body. Coming in there are all the forms that real clients use, and
//! [`Call::read`] takes them all. Sending and serving are not here.

mod check;
mod incoming;

use base64::Engine;
use jiff::Timestamp;

use crate::capture::auth::BASE64;
use crate::capture::auth::CREDENTIAL_ARGS;
use crate::capture::auth::Credentials;
use crate::capture::auth::Presented;
use crate::capture::auth::base_strings;
use crate::capture::auth::format_date;
use crate::capture::auth::sign;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::ApiError;
use crate::capture::redact;
use crate::capture::secret::MASK;

/// The content type of a form body.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// Arguments that are never shown or kept: their values are masked wherever a call is recorded.
pub const SECRET_ARGS: [&str; 3] = ["client_secret", "access_token", "password_value"];

/// Arguments in the order given; a name may come twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args(pub Vec<(String, String)>);

impl Args {
    /// Takes the pairs as they come.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let pairs = pairs.into_iter();
        Self(pairs.map(|(n, v)| (n.into(), v.into())).collect())
    }

    /// Reads a form body or a query: empty pieces are skipped, `+` and `%XX` decoded, and what is not UTF-8 becomes
    /// U+FFFD (our choice). A raw `#` is a character like any other.
    pub fn from_form(text: &[u8]) -> Self {
        let pieces = text.split(|byte| *byte == b'&');
        let pieces = pieces.filter(|piece| !piece.is_empty());
        Self::from_pairs(pieces.map(|piece| {
            let end = memchr::memchr(b'=', piece).unwrap_or(piece.len());
            let (name, value) = piece.split_at(end);
            (decode(name), decode(value.get(1..).unwrap_or_default()))
        }))
    }

    /// The value of `name`. Of a repeated name the last counts. Our choice: the service's rule is not known.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Adds an argument.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// As a form body: spaces as `+`, everything but ASCII letters, digits and `*-._` as `%XX` of its UTF-8.
    pub fn to_form(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.iter())
            .finish()
    }
}

/// Reads a name or a value of a form: `+` and `%XX`. Done by hand because whole records pass through here, and it is a
/// good part of what a small call costs.
fn decode(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'+', b'%', rest) {
        bytes.extend_from_slice(&rest[..at]);
        let digit = |place: usize| char::from(*rest.get(at + place)?).to_digit(16);
        let code = digit(1).zip(digit(2)).map(|(high, low)| high * 16 + low);
        let code = code.and_then(|code| u8::try_from(code).ok());
        let (byte, length) = match (rest[at], code) {
            (b'%', Some(code)) => (code, 3),
            (b'%', None) => (b'%', 1),
            _ => (b' ', 1),
        };
        bytes.push(byte);
        rest = &rest[at + length..];
    }
    bytes.extend_from_slice(rest);
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// An operation with its arguments, credentials apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRequest {
    /// Which operation.
    pub endpoint: Endpoint,
    /// Its arguments.
    pub args: Args,
    /// Names of attributes whose values must be neither shown nor kept, known from the schema; see
    /// [`crate::capture::redact`].
    pub secret_names: Vec<String>,
}

impl ApiRequest {
    /// A call of `endpoint` without arguments.
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            args: Args::default(),
            secret_names: Vec::new(),
        }
    }

    /// The same call with more names of attributes whose values must be neither shown nor kept.
    #[must_use]
    pub fn hiding(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.secret_names.extend(names);
        self
    }

    /// The same call with one more argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.args.push(name, value);
        self
    }

    /// The arguments as a form body, see [`Args::to_form`].
    pub fn to_form(&self) -> String {
        self.args.to_form()
    }
}

/// The HTTP request that a call becomes: what the socket sees.
#[derive(Clone, PartialEq, Eq)]
pub struct Wire {
    /// Always `POST`.
    pub method: &'static str,
    /// `/entity.create`
    pub path: String,
    /// In order: content type and what the credentials add.
    pub headers: Vec<(String, String)>,
    /// The form body.
    pub body: String,
    /// As in [`ApiRequest::secret_names`].
    pub secret_names: Vec<String>,
}

impl Wire {
    /// Forms the HTTP request for a call. `now` becomes the date of a signed call and matters to no other.
    ///
    /// A signed call leaves arguments named like credentials out of its body, as the vendor's library does: they are no
    /// part of what is signed.
    pub fn new(request: &ApiRequest, credentials: Option<&Credentials>, now: Timestamp) -> Self {
        let path = request.endpoint.spec().path;
        let mut args = request.args.clone();
        let mut headers = vec![("Content-Type".to_owned(), FORM.to_owned())];
        let mut header = |name: &str, value: String| headers.push((name.to_owned(), value));
        match credentials {
            None => {}
            Some(Credentials::Basic { id, secret }) => {
                let pair = BASE64.encode(format!("{id}:{}", secret.reveal()));
                header("Authorization", format!("Basic {pair}"));
            }
            Some(Credentials::Signed { id, secret }) => {
                args.0
                    .retain(|(name, _)| !CREDENTIAL_ARGS.contains(&name.as_str()));
                let date = format_date(now);
                let signature = sign(secret, path, &date, &args);
                header("Date", date);
                header("Authorization", format!("Signature {id}:{signature}"));
            }
            Some(Credentials::Params { id, secret }) => {
                args.push("client_id", id);
                args.push("client_secret", secret.reveal());
            }
            Some(Credentials::Token(token)) => {
                header("Authorization", format!("OAuth {}", token.reveal()));
            }
        }
        Self {
            method: "POST",
            path: path.to_owned(),
            headers,
            body: args.to_form(),
            secret_names: request.secret_names.clone(),
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The same request with every secret masked: what follows the scheme (and, when signed, the client id) in
    /// `Authorization`, and what [`redact`] masks of the body. For display, history and logs.
    #[must_use]
    pub fn redacted(&self) -> Self {
        let mut masked = self.clone();
        for (name, value) in &mut masked.headers {
            if name.eq_ignore_ascii_case("authorization") {
                *value = mask_authorization(value);
            }
        }
        let pieces: Vec<String> = self.body.split('&').map(mask_piece).collect();
        masked.body = redact::form(&pieces.join("&"), &self.secret_names);
        masked
    }

    /// The string that was signed; `None` unless this is a signed request. Of a redacted request, the redacted string.
    pub fn signature_base(&self) -> Option<String> {
        let (scheme, _) = self.header("Authorization")?.split_once(' ')?;
        let date = self
            .header("Date")
            .filter(|_| scheme.eq_ignore_ascii_case("Signature"))?;
        let [base, _] = base_strings(&self.path, &Args::from_form(self.body.as_bytes()), date);
        Some(base)
    }
}

/// Shows the redacted request: a request that is to be sent holds secrets.
impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = self.redacted();
        f.debug_struct("Wire")
            .field("method", &shown.method)
            .field("path", &shown.path)
            .field("headers", &shown.headers)
            .field("body", &shown.body)
            .field("secret_names", &shown.secret_names)
            .finish()
    }
}

fn mask_authorization(value: &str) -> String {
    match value.split_once(' ') {
        Some(("Signature", rest)) => {
            let id = rest.split_once(':').map_or("", |(id, _)| id);
            format!("Signature {id}:{MASK}")
        }
        Some((scheme, _)) => format!("{scheme} {MASK}"),
        None => MASK.to_owned(),
    }
}

/// One `name=value` of a form body; the mask stays readable, so it is not encoded.
fn mask_piece(piece: &str) -> String {
    let Some((name, _)) = form_urlencoded::parse(piece.as_bytes()).next() else {
        return piece.to_owned();
    };
    if SECRET_ARGS.contains(&name.as_ref()) {
        format!("{name}={MASK}")
    } else {
        piece.to_owned()
    }
}

/// What of an incoming HTTP request matters to the protocol.
#[derive(Clone, Copy, Debug)]
pub struct HttpParts<'a> {
    /// `POST` or `GET`, in capitals.
    pub method: &'a str,
    /// The path as it came, without the query.
    pub path: &'a str,
    /// What follows the `?`, without it; empty when there is none.
    pub query: &'a str,
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The `Date` header.
    pub date: Option<&'a str>,
    /// The body after content decoding.
    pub body: &'a [u8],
}

/// An incoming call, read but neither authenticated nor checked.
#[derive(Clone, Debug)]
pub struct Call {
    /// The path with one leading slash and no doubled ones: what is routed and what is signed.
    pub path: String,
    /// The operation; `None` when no operation has this path.
    pub endpoint: Option<Endpoint>,
    /// The arguments without those that carry credentials.
    pub args: Args,
    /// The credentials, or why what came in their place is none.
    pub presented: Result<Presented, ApiError>,
}

/// What a boolean argument says: `true` or `false`. Programs in Python and C# write `True`, so case does not count (our
/// choice); anything else is `None`.
pub fn truth(text: &str) -> Option<bool> {
    [("true", true), ("false", false)]
        .into_iter()
        .find_map(|(word, truth)| text.eq_ignore_ascii_case(word).then_some(truth))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::secret::Secret;

    const SECRET: &str = "S3CR3T-7f3a";

    fn now() -> Timestamp {
        "2016-02-26T19:08:44Z".parse().expect("is a time")
    }

    fn count_users() -> ApiRequest {
        ApiRequest::new(Endpoint::EntityCount).with("type_name", "user")
    }

    fn id() -> String {
        "cid".to_owned()
    }

    #[test]
    fn a_form_is_encoded_as_the_recorded_one() {
        let request = ApiRequest::new(Endpoint::EntityFind)
            .with("type_name", "user")
            .with("filter", "email = 'a@b.c' and birthday is null")
            .with("attributes", r#"["id", "uuid"]"#)
            .with("name", "Zo\u{eb}");
        assert_eq!(
            request.to_form(),
            "type_name=user&filter=email+%3D+%27a%40b.c%27+and+birthday+is+null&\
             attributes=%5B%22id%22%2C+%22uuid%22%5D&name=Zo%C3%AB"
        );
        assert_eq!(ApiRequest::new(Endpoint::TypeList).to_form(), "");
    }

    #[test]
    fn of_a_repeated_argument_the_last_counts() {
        let args = Args::from_pairs([("a", "1"), ("b", "2"), ("a", "3")]);
        assert_eq!((args.get("a"), args.get("c")), (Some("3"), None));
        assert_eq!(args.to_form(), "a=1&b=2&a=3");
    }

    #[test]
    fn every_kind_of_credentials_has_its_wire_form() {
        let secret = || Secret::new("sec");
        let type_header = ("Content-Type".to_owned(), FORM.to_owned());
        let wire = |credentials: Option<Credentials>| {
            let wire = Wire::new(&count_users(), credentials.as_ref(), now());
            assert_eq!((wire.method, wire.path.as_str()), ("POST", "/entity.count"));
            assert_eq!(wire.headers[0], type_header);
            let mut shown: Vec<String> = wire.headers[1..]
                .iter()
                .map(|(n, v)| format!("{n}: {v}"))
                .collect();
            shown.push(wire.body);
            shown.join("|")
        };
        assert_eq!(wire(None), "type_name=user");
        assert_eq!(
            wire(Some(Credentials::Basic {
                id: id(),
                secret: secret()
            })),
            "Authorization: Basic Y2lkOnNlYw==|type_name=user"
        );
        assert_eq!(
            wire(Some(Credentials::Params {
                id: id(),
                secret: secret()
            })),
            "type_name=user&client_id=cid&client_secret=sec"
        );
        assert_eq!(
            wire(Some(Credentials::Token(Secret::new("tok")))),
            "Authorization: OAuth tok|type_name=user"
        );
        // Vector 1 of reference 9.
        assert_eq!(
            wire(Some(Credentials::Signed {
                id: "abcdefghijklmnopqrstuvwxyz123456".to_owned(),
                secret: Secret::new("123456abcdefghijklmnopqrstuvwxyz"),
            })),
            "Date: 2016-02-26 19:08:44|Authorization: Signature \
             abcdefghijklmnopqrstuvwxyz123456:9o5GKZkgdDtpsNDq5NcPxovRitE=|type_name=user"
        );
    }

    #[test]
    fn the_signed_string_can_be_shown_only_when_there_is_one() {
        let signed = Credentials::Signed {
            id: id(),
            secret: Secret::new(SECRET),
        };
        let request = count_users().with("access_token", SECRET);
        let wire = Wire::new(&request, Some(&signed), now());
        assert_eq!(
            wire.body, "type_name=user",
            "credentials are left out of the body"
        );
        let base = "/entity.count\n2016-02-26 19:08:44\ntype_name=user\n";
        assert_eq!(wire.signature_base().as_deref(), Some(base));
        assert_eq!(wire.redacted().signature_base().as_deref(), Some(base));
        let basic = Credentials::Basic {
            id: id(),
            secret: Secret::new(SECRET),
        };
        assert_eq!(
            Wire::new(&count_users(), Some(&basic), now()).signature_base(),
            None
        );
        assert_eq!(
            Wire::new(&count_users(), None, now()).signature_base(),
            None
        );
    }

    #[test]
    fn no_secret_survives_redaction() {
        let secret = || Secret::new(SECRET);
        let encoded = BASE64.encode(format!("cid:{SECRET}"));
        for credentials in [
            Credentials::Basic {
                id: id(),
                secret: secret(),
            },
            Credentials::Signed {
                id: id(),
                secret: secret(),
            },
            Credentials::Params {
                id: id(),
                secret: secret(),
            },
            Credentials::Token(secret()),
        ] {
            let request = count_users()
                .with("password_value", SECRET)
                .with("client_secret", SECRET)
                .with("access_token", SECRET)
                .with("note", "a&b=\u{2022}");
            let wire = Wire::new(&request, Some(&credentials), now());
            let shown = wire.redacted();
            let signature = wire
                .header("Authorization")
                .and_then(|value| value.split(':').nth(1))
                .unwrap_or(SECRET);
            for text in [
                format!("{:?}{}", shown.headers, shown.body),
                format!("{wire:?}"),
            ] {
                for secret in [SECRET, &encoded, signature] {
                    assert!(!text.contains(secret), "{text}");
                }
            }
            assert!(shown.body.contains("type_name=user"), "{}", shown.body);
            assert!(
                shown.body.contains("note=a%26b%3D%E2%80%A2"),
                "{}",
                shown.body
            );
            assert!(!format!("{:?}", redact::args(&request)).contains(SECRET));
        }
    }
}
