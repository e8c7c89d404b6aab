//! Stand-ins for credentials: what documentation and careful people write where a secret belongs. They are never
//! decoded and never sent; the environment's own client takes their place. Used by every reader of pasted calls.

use base64::Engine;

use crate::capture::auth::BASE64;
use crate::capture::secret::MASK;

/// Words that are names of credentials rather than credentials, without their case and separators.
const NAMES: [&str; 22] = [
    "clientid",
    "clientsecret",
    "id",
    "secret",
    "token",
    "accesstoken",
    "apikey",
    "apisecret",
    "key",
    "user",
    "username",
    "pass",
    "passwd",
    "password",
    "credentials",
    "base64",
    "encoded",
    "base64encoded",
    "authstring",
    "signature",
    "changeme",
    "replaceme",
];

/// Why `text`, which stands where a credential belongs, is none; `None` when it may be one.
pub fn stand_in(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Some("empty");
    }
    if text.contains('\u{2026}') || text.contains("...") || text.contains("***") {
        return Some("elided in the sample");
    }
    if text.contains(MASK)
        || text.contains("\u{2022}\u{2022}")
        || text.chars().all(|c| c == '*' || c == 'x' || c == 'X')
    {
        return Some("masked");
    }
    if is_bracketed(text) || text.contains("{{") || text.contains("${") || text.starts_with('$') {
        return Some("a placeholder");
    }
    let word: String = text
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' ' | '.' | ':' | '/'))
        .flat_map(char::to_lowercase)
        .collect();
    let of_somebody = ["your", "my"].iter().any(|owner| {
        word.strip_prefix(owner)
            .is_some_and(|rest| NAMES.iter().any(|name| rest.contains(name)))
    });
    if of_somebody || NAMES.contains(&word.as_str()) || word.starts_with("insertyour") {
        return Some("a placeholder");
    }
    None
}

/// Why the `id:secret` in base64 after `Basic` is a stand-in; `None` when it may be one. What is not base64 of a pair
/// is called so rather than guessed at.
pub fn stand_in_pair(encoded: &str) -> Option<&'static str> {
    if let Some(why) = stand_in(encoded) {
        return Some(why);
    }
    let pair = BASE64.decode(encoded.trim()).ok();
    let Some(pair) = pair.and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Some("not base64 of an id and a secret");
    };
    match pair.split_once(':') {
        None => Some("not base64 of an id and a secret"),
        Some((id, secret)) => stand_in(secret).or_else(|| stand_in(id)),
    }
}

/// The part of a parameter's value that stands for another: the whole value in angle brackets, a `{{variable}}`, or a
/// mask; `None` when it is a value.
pub fn template(value: &str) -> Option<&str> {
    if value.contains(MASK) {
        return Some(MASK);
    }
    if let Some(start) = value.find("{{")
        && let Some(length) = value[start..].find("}}")
    {
        let name = value[start + 2..start + length].trim();
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '$' | ' ');
        if !name.is_empty() && name.chars().all(is_name) {
            return Some(&value[start..start + length + 2]);
        }
    }
    let inner = value.strip_prefix('<')?.strip_suffix('>')?;
    (inner.starts_with(char::is_alphabetic) && !inner.contains(['<', '>', '/', '\n']))
        .then_some(value)
}

fn is_bracketed(text: &str) -> bool {
    let text = text.trim_start_matches(':');
    [
        ('<', '>'),
        ('[', ']'),
        ('{', '}'),
        ('%', '%'),
        ('\u{2039}', '\u{203a}'),
        ('\u{27e8}', '\u{27e9}'),
    ]
    .iter()
    .any(|(open, close)| {
        text.len() > 1
            && text.starts_with(*open)
            && (text.ends_with(*close) || text.contains(*close) && *open == '<')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_known_and_secrets_are_not() {
        for text in [
            "aW1fYV...NfbXk=",
            "aW1f\u{2026}bXk=",
            "<secret>",
            "YOUR_SECRET",
            "your_token",
            ":your_token",
            "your-client-secret",
            "yourClientId",
            "my_secret",
            "CLIENT_SECRET",
            "{{client_secret}}",
            "{client_secret}",
            "$SECRET",
            "${SECRET}",
            "%SECRET%",
            "[secret]",
            "xxxxxxxx",
            "********",
            MASK,
            "\u{2039}secret\u{203a}",
            "",
            "password",
        ] {
            assert!(stand_in(text).is_some(), "{text}");
        }
        for text in [
            "abcdefghijklmnopqrstuvwxyz123456",
            "wt4c3un9wkkcfvykznqx44ync476afs68",
            "hunter2",
            "myth3xq7",
            "yours123abc",
        ] {
            assert_eq!(stand_in(text), None, "{text}");
        }
    }

    #[test]
    fn pairs_are_decoded_only_when_they_are_whole() {
        let encode = |pair: &str| BASE64.encode(pair);
        assert_eq!(stand_in_pair(&encode("cid:s3cr3t")), None);
        assert_eq!(
            stand_in_pair(encode("cid:s3cr3t").trim_end_matches('=')),
            None
        );
        for text in [
            encode("client_id:client_secret"),
            encode("abc:<secret>"),
            encode("no colon"),
            "aW1fYV...NfbXk=".to_owned(),
            "!!".to_owned(),
        ] {
            assert!(stand_in_pair(&text).is_some(), "{text}");
        }
    }
}
