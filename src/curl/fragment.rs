//! Pieces of commands, as somebody pastes them without the first line: too little to be read as a call, and full of
//! credentials all the same. Used where such a text is shown as a text. What can be read as a command is not for this
//! module: there every token is masked by what it means.

use crate::capture::redact::broken;
use crate::capture::secret::MASK;

/// Options whose value is a credential.
const CREDENTIALS: [&str; 8] = [
    "-u",
    "--user",
    "-U",
    "--proxy-user",
    "--oauth2-bearer",
    "-b",
    "--cookie",
    "--pass",
];

/// Words after which credentials stand.
const SCHEMES: [&str; 4] = ["basic", "bearer", "oauth", "signature"];

/// What of the next words is not shown.
enum Hidden {
    Nothing,
    /// The next word, and all up to the end of the quotation that begins with it.
    Value,
    /// All up to this quotation mark.
    UpTo(char),
}

/// The words of a text with one space between them, and what may be a credential masked. Where that is a guess, too much
/// goes rather than too little.
pub fn masked(text: &str) -> String {
    let mut hidden = Hidden::Nothing;
    let mut out: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let (shown, next) = match hidden {
            Hidden::UpTo(quote) if word.contains(quote) => (None, Hidden::Nothing),
            Hidden::UpTo(quote) => (None, Hidden::UpTo(quote)),
            Hidden::Value if is_scheme(word) => (Some(word.to_owned()), Hidden::Value),
            Hidden::Value => (Some(MASK.to_owned()), rest_of_quotation(word)),
            Hidden::Nothing => judged(word),
        };
        out.extend(shown);
        hidden = next;
    }
    broken::masked(&out.join(" "), &[])
}

/// A word as it is shown, and what of those behind it is not.
fn judged(word: &str) -> (Option<String>, Hidden) {
    let lower = word.to_ascii_lowercase();
    if let Some(at) = lower.find("authorization:") {
        let (head, value) = word.split_at(at + "authorization:".len());
        let quoted = head.chars().find(|c| matches!(c, '"' | '\''));
        return match (quoted, value) {
            (Some(quote), value) if !value.contains(quote) => {
                (Some(format!("{head} {MASK}")), Hidden::UpTo(quote))
            }
            (None, "") => (Some(head.to_owned()), Hidden::Value),
            _ => (Some(format!("{head} {MASK}")), Hidden::Nothing),
        };
    }
    if CREDENTIALS.contains(&word) || is_scheme(word) {
        return (Some(word.to_owned()), Hidden::Value);
    }
    let long = CREDENTIALS
        .iter()
        .find_map(|option| Some((option, word.strip_prefix(option)?.strip_prefix('=')?)));
    if let Some((option, value)) = long {
        return (Some(format!("{option}={MASK}")), rest_of_quotation(value));
    }
    let glued = word.strip_prefix("-u").or_else(|| word.strip_prefix("-U"));
    if let Some(value) = glued.filter(|value| value.contains(':')) {
        let (option, _) = word.split_at(2);
        return (Some(format!("{option}{MASK}")), rest_of_quotation(value));
    }
    (Some(without_user(word)), Hidden::Nothing)
}

fn is_scheme(word: &str) -> bool {
    let bare = word.trim_matches(['"', '\'', ':']);
    SCHEMES
        .iter()
        .any(|scheme| bare.eq_ignore_ascii_case(scheme))
}

/// What is left of a quotation that `word` begins and does not end.
fn rest_of_quotation(word: &str) -> Hidden {
    match word.chars().next() {
        Some(quote @ ('"' | '\'')) if !word[1..].contains(quote) => Hidden::UpTo(quote),
        _ => Hidden::Nothing,
    }
}

/// A URL without the secret of a user in it.
fn without_user(word: &str) -> String {
    let parts = word.split_once("://").and_then(|(scheme, rest)| {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let at = rest[..end].rfind('@')?;
        Some((scheme, &rest[at..]))
    });
    match parts {
        Some((scheme, rest)) => format!("{scheme}://{MASK}{rest}"),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::proptest;

    use super::*;

    #[test]
    fn credentials_go_and_the_rest_stays() {
        for (text, kept) in [
            (
                "-H \"Authorization: Basic aW1f-s3cret\" --data-urlencode a=b",
                "-H \"Authorization: •••••••• --data-urlencode a=b",
            ),
            (
                "-H 'authorization:Basic  aW1f-s3cret'  -d a=b",
                "-H 'authorization: •••••••• -d a=b",
            ),
            (
                "Authorization: OAuth s3cret x",
                "Authorization: OAuth •••••••• x",
            ),
            ("-HAuthorization:s3cret x", "-HAuthorization: •••••••• x"),
            ("Basic s3cret\" \\ -d a=b", "Basic •••••••• \\ -d a=b"),
            ("-u id:s3cret -d a=b", "-u •••••••• -d a=b"),
            ("-u 'id:s3cret s3cret' -d a=b", "-u •••••••• -d a=b"),
            ("-uid:s3cret x", "-u•••••••• x"),
            ("--user=id:s3cret x", "--user=•••••••• x"),
            ("--oauth2-bearer s3cret x", "--oauth2-bearer •••••••• x"),
            ("https://id:s3cret@h/x?a@b c", "https://••••••••@h/x?a@b c"),
            (
                "-d client_secret=s3cret -d a=b",
                "-d client_secret=\"••••••••\" -d a=b",
            ),
            (
                "Tell a user about it: -d a=b",
                "Tell a user about it: -d a=b",
            ),
        ] {
            assert_eq!(masked(text), kept, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_masked(text in any::<String>(), quote in "[\"']?") {
            let text = format!("-H {quote}Authorization: {text} -u {quote}{text}");
            assert!(masked(&text).contains(MASK));
        }
    }
}
