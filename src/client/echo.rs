//! What a service may not hand back: the caller's own secret, and the passwords that a call carries.
//!
//! A gateway's error page or a badly behaved service may repeat the request. Its answer is shown and kept, so these are
//! masked in it first, in the spellings in which they were sent. What a call of the clients family answers about
//! secrets is what the user asked for, and stays.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

use crate::capture::auth::Credentials;
use crate::capture::json::quote;
use crate::capture::redact::sent;
use crate::capture::request::ApiRequest;
use crate::capture::secret::MASK;
use crate::capture::secret::Secret;

/// Shorter secrets would mask half of every answer.
const SHORTEST: usize = 5;

/// Of the passwords in a call, even longer ones: a word of a record's own is no echo.
const SHORTEST_PASSWORD: usize = 8;

/// The spellings of a secret to look for.
#[derive(Clone, Default)]
pub(super) struct Echo {
    needles: Vec<Secret>,
}

impl Echo {
    /// What to look for in the answers to a caller with these credentials.
    pub(super) fn of(credentials: Option<&Credentials>) -> Self {
        let (id, secret) = match credentials {
            None => return Self::default(),
            Some(
                Credentials::Basic { id, secret }
                | Credentials::Signed { id, secret }
                | Credentials::Params { id, secret },
            ) => (id.as_str(), secret),
            Some(Credentials::Token(token)) => ("", token),
        };
        let secret = secret.reveal();
        if secret.len() < SHORTEST {
            return Self::default();
        }
        let pair = Secret::new(STANDARD.encode(format!("{id}:{secret}")));
        Self {
            needles: std::iter::once(pair).chain(spellings(secret)).collect(),
        }
    }

    /// The same, and the passwords of this call.
    pub(super) fn and_of(&self, request: &ApiRequest) -> Self {
        let secrets = sent::secrets(request).into_iter();
        let long = secrets.filter(|secret| secret.reveal().len() >= SHORTEST_PASSWORD);
        let more = long.flat_map(|secret| spellings(secret.reveal()));
        Self {
            needles: self.needles.iter().cloned().chain(more).collect(),
        }
    }

    /// The bytes without the secret.
    pub(super) fn mask(&self, bytes: Vec<u8>) -> Vec<u8> {
        self.needles.iter().fold(bytes, |bytes, needle| {
            match replaced(&bytes, needle.reveal().as_bytes()) {
                Cow::Owned(masked) => masked,
                Cow::Borrowed(_) => bytes,
            }
        })
    }

    /// The text without the secret.
    pub(super) fn mask_text(&self, text: String) -> String {
        self.needles
            .iter()
            .fold(text, |text, needle| text.replace(needle.reveal(), MASK))
    }
}

/// A secret as it stands in a text, in a form, in JSON, and in JSON in a form or in JSON.
fn spellings(secret: &str) -> Vec<Secret> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let quoted = |text: &str| {
        let literal = quote(text);
        // The quotes around it alone: one of the secret's own may stand at its end.
        literal[1..literal.len() - 1].to_owned()
    };
    let once = quoted(secret);
    let mut spellings = vec![
        encoded(&once),
        quoted(&quoted(&once)),
        quoted(&once),
        encoded(secret),
        once,
        secret.to_owned(),
    ];
    // The longest first: a shorter one may be a part of it.
    spellings.sort_by_key(|text| std::cmp::Reverse(text.len()));
    spellings.dedup();
    spellings.into_iter().map(Secret::from).collect()
}

fn replaced<'a>(bytes: &'a [u8], needle: &[u8]) -> Cow<'a, [u8]> {
    let mut masked = Vec::new();
    let mut done = 0;
    for at in memmem::find_iter(bytes, needle) {
        masked.extend_from_slice(&bytes[done..at]);
        masked.extend_from_slice(MASK.as_bytes());
        done = at + needle.len();
    }
    if done == 0 {
        return Cow::Borrowed(bytes);
    }
    masked.extend_from_slice(&bytes[done..]);
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(secret: &str) -> Echo {
        Echo::of(Some(&Credentials::Basic {
            id: "me".to_owned(),
            secret: Secret::new(secret),
        }))
    }

    #[test]
    fn every_spelling_is_masked_and_the_rest_is_left() {
        let secret = "s3cr\"et é";
        let basic = STANDARD.encode(format!("me:{secret}"));
        let answer =
            format!("<p>{secret}</p> s3cr%22et+%C3%A9 {{\"a\":\"s3cr\\\"et é\"}} Basic {basic}!");
        let masked = String::from_utf8(echo(secret).mask(answer.into_bytes())).expect("is text");
        assert_eq!(
            masked,
            format!("<p>{MASK}</p> {MASK} {{\"a\":\"{MASK}\"}} Basic {MASK}!")
        );
    }

    #[test]
    fn json_stays_json_where_a_secret_ends_with_a_quote() {
        let answer = br#"{"a":"s3cr et\"","b":1}"#;
        let masked = echo("s3cr et\"").mask(answer.to_vec());
        let masked = String::from_utf8(masked).expect("is text");
        assert_eq!(masked, format!(r#"{{"a":"{MASK}","b":1}}"#));
    }

    #[test]
    fn nothing_is_masked_without_a_secret_worth_the_name() {
        for echo in [echo(""), echo("abc"), Echo::of(None)] {
            assert_eq!(echo.mask(b"abc me:".to_vec()), b"abc me:");
            assert_eq!(echo.mask_text("abc".to_owned()), "abc");
        }
    }
}
