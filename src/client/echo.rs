//! What a service may not hand back: the caller's own secret.
//!
//! A gateway's error page or a badly behaved service may repeat the request. Its answer is shown and kept, so the
//! secret is masked in it first, in the spellings in which it was sent. What a call of the clients family answers about
//! secrets is what the user asked for, and stays.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

use crate::capture::auth::Credentials;
use crate::capture::json::quote;
use crate::capture::secret::MASK;
use crate::capture::secret::Secret;

/// Shorter secrets would mask half of every answer.
const SHORTEST: usize = 5;

/// The spellings of a secret to look for.
#[derive(Default)]
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
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let quoted = quote(secret);
        let mut needles: Vec<String> = vec![
            STANDARD.encode(format!("{id}:{secret}")),
            secret.to_owned(),
            encoded,
            quoted.trim_matches('"').to_owned(),
        ];
        needles.dedup();
        Self {
            needles: needles.into_iter().map(Secret::from).collect(),
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
    fn nothing_is_masked_without_a_secret_worth_the_name() {
        for echo in [echo(""), echo("abc"), Echo::of(None)] {
            assert_eq!(echo.mask(b"abc me:".to_vec()), b"abc me:");
            assert_eq!(echo.mask_text("abc".to_owned()), "abc");
        }
    }
}
