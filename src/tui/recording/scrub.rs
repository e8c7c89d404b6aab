//! What goes out of every line, whatever it tells: secrets that were seen on their way into a call, in each of the forms
//! in which a service or a page may give them back, and e-mail addresses.
//!
//! The places where secrets and personal data belong are masked before, by name and by schema; this is the net below. An
//! e-mail address keeps its shape (`ada@example.com` becomes `xxx@xxxxxxx.xxx`), so that what checks it and what is as wide
//! as it stay the same in the replay.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::capture::json::quote;
use crate::capture::redact::personal::shape;
use crate::capture::redact::sent;
use crate::capture::request::ApiRequest;
use crate::capture::secret::MASK;

/// Shorter texts are no secrets that could be told from other text.
const SHORTEST: usize = 5;

/// So many of them are remembered.
const MOST: usize = 200;

/// The secrets that were seen, in the forms in which they may come again.
#[derive(Default)]
pub struct Scrubber {
    /// The longest first, so that no form of one hides a part of another.
    forms: Vec<String>,
    /// Pieces of base64 that only a coded secret has.
    coded: Vec<String>,
    seen: usize,
}

impl Scrubber {
    /// Remembers a secret.
    pub fn learn(&mut self, secret: &str) {
        if secret.chars().count() < SHORTEST || secret == MASK || self.seen >= MOST {
            return;
        }
        if self.forms.iter().any(|form| form == secret) {
            return;
        }
        self.seen += 1;
        for form in forms(secret) {
            if !self.forms.contains(&form) {
                self.forms.push(form);
            }
        }
        self.forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        self.coded.extend(coded(secret));
    }

    /// Remembers the secrets of a call.
    pub fn learn_call(&mut self, request: &ApiRequest) {
        for secret in sent::secrets(request) {
            self.learn(secret.reveal());
        }
    }

    /// Whether a secret is in a text.
    pub fn finds(&self, text: &str) -> bool {
        let in_text = |part: &String| text.contains(part.as_str());
        self.forms.iter().any(in_text) || self.coded.iter().any(in_text)
    }

    /// Puts something in the place of the secrets in a text.
    pub fn secrets(&self, text: &mut String, mask: &str) {
        for form in &self.forms {
            if text.contains(form.as_str()) {
                *text = text.replace(form.as_str(), mask);
            }
        }
        for piece in &self.coded {
            while let Some(at) = text.find(piece.as_str()) {
                let is_code = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
                let start = text[..at].trim_end_matches(is_code).len();
                let rest = text[at..].trim_start_matches(is_code).len();
                let end = text.len() - rest;
                text.replace_range(start..end, mask);
            }
        }
    }

    /// Takes secrets and e-mail addresses out of all texts in a line.
    pub fn line(&self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => {
                self.secrets(text, MASK);
                emails(text);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| self.line(item)),
            serde_json::Value::Object(members) => {
                members.values_mut().for_each(|member| self.line(member));
            }
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {
            }
        }
    }
}

/// The secret itself, percent-encoded in both ways of writing a space and of writing hexadecimal digits, and escaped
/// once and twice as in JSON.
fn forms(secret: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let escaped = |text: &str| {
        let literal = quote(text);
        // The quotes around it alone: one of the secret's own may stand at its end.
        literal[1..literal.len() - 1].to_owned()
    };
    let once = escaped(secret);
    let mut forms = vec![
        secret.to_owned(),
        form.replace('+', "%20"),
        escaped(&once),
        once,
    ];
    let small = form
        .split('%')
        .enumerate()
        .map(|(at, part)| match part.get(..2) {
            Some(digits) if at > 0 => format!("%{}{}", digits.to_lowercase(), &part[2..]),
            _ => part.to_owned(),
        });
    forms.push(small.collect());
    forms.push(form);
    forms.sort();
    forms.dedup();
    forms
}

/// What base64 has of a secret wherever it begins in what is coded: without the characters that hold bits of its
/// neighbours.
fn coded(secret: &str) -> impl Iterator<Item = String> {
    (0..3).filter_map(move |before| {
        let mut bytes = vec![0; before];
        bytes.extend(secret.as_bytes());
        let text = STANDARD_NO_PAD.encode(&bytes);
        let (start, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        let piece = text.get(start..end)?;
        (piece.len() >= SHORTEST).then(|| piece.to_owned())
    })
}

/// The letters and digits of e-mail addresses become `x` and `1`; percent-encoded ones, too.
pub fn emails(text: &mut String) {
    if !text.contains('@') && !text.contains("%40") {
        return;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((start, end)) = next_email(rest) {
        out.push_str(&rest[..start]);
        out.push_str(&shape(&rest[start..end]));
        rest = &rest[end..];
    }
    out.push_str(rest);
    *text = out;
}

/// Where the first address in a text stands.
fn next_email(text: &str) -> Option<(usize, usize)> {
    let is_local = |c: char| c.is_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c);
    let is_plain = |c: char| c.is_alphanumeric() || "._+-%".contains(c);
    let is_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let mut from = 0;
    while let Some(at) = text[from..].find(['@', '%']).map(|at| at + from) {
        let sign = match &text[at..] {
            rest if rest.starts_with('@') => 1,
            rest if rest.starts_with("%40") => 3,
            _ => {
                from = at + 1;
                continue;
            }
        };
        // In a form, `&` and `=` stand between the arguments.
        let head = &text[..at];
        let start = if sign == 1 {
            let local = head.trim_end_matches(is_local).len();
            // A quotation or the name of an argument may stand before it.
            let quoted = head[local..].rfind(['\'', '=', '/', '`', '{']);
            quoted.map_or(local, |quote| local + quote + 1)
        } else {
            head.trim_end_matches(is_plain).len()
        };
        let host = &text[at + sign..];
        let length = host.len() - host.trim_start_matches(is_host).len();
        let name = host[..length].trim_end_matches(['.', '-']);
        if start < at && name.contains('.') {
            return Some((start, at + sign + name.len()));
        }
        from = at + sign;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::endpoint::Endpoint;

    #[test]
    fn addresses_keep_their_shape() {
        for (text, kept) in [
            ("ada@example.com", "xxx@xxxxxxx.xxx"),
            (
                r#"{"email":"ada.l1@example.co.uk","n":1}"#,
                r#"{"email":"xxx.x1@xxxxxxx.xx.xx","n":1}"#,
            ),
            (
                "type_name=user&email=ada%2Bx%40example.com&n=1",
                "type_name=user&email=xxx%2Bx%40xxxxxxx.xxx&n=1",
            ),
            ("email = 'ada@example.com'.", "email = 'xxx@xxxxxxx.xxx'."),
            ("a @ b and @example.com", "a @ b and @example.com"),
            ("100 %40 of", "100 %40 of"),
            ("a@b", "a@b"),
            ("x@y.z, u@v.w", "x@x.x, x@x.x"),
        ] {
            let mut text = text.to_owned();
            emails(&mut text);
            assert_eq!(text, kept);
        }
    }

    #[test]
    fn a_secret_that_was_seen_goes_in_every_form() {
        let secret = r#"hun"ter & 2ü"#;
        let request = ApiRequest::new(Endpoint::EntityCreate)
            .with(
                "attributes",
                format!(r#"{{"password":{},"n":1}}"#, quote(secret)),
            )
            .with("client_secret", "cl13nt-secret");
        let mut scrubber = Scrubber::default();
        scrubber.learn_call(&request);
        let percent: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let json = quote(secret);
        for text in [
            secret.to_owned(),
            percent.replace('+', "%20"),
            percent.to_lowercase(),
            percent,
            quote(&json),
            json,
            "cl13nt-secret".to_owned(),
        ] {
            let mut text = format!("before {text} after");
            assert!(scrubber.finds(&text), "{text}");
            scrubber.secrets(&mut text, MASK);
            assert!(
                text.starts_with("before ") && text.ends_with(" after"),
                "{text}"
            );
            assert!(text.contains(MASK) && !text.contains("hun"), "{text}");
        }
        for id in ["", "i", "id", "the-id"] {
            let pair = STANDARD_NO_PAD.encode(format!("{id}:cl13nt-secret"));
            let mut text = format!("Basic {pair}==, more");
            scrubber.secrets(&mut text, MASK);
            assert_eq!(text, format!("Basic {MASK}, more"));
        }
        let mut plain = "nothing of it".to_owned();
        scrubber.secrets(&mut plain, MASK);
        assert_eq!(plain, "nothing of it");
    }
}
