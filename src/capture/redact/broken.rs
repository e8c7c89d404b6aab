//! Secrets in texts that were meant to be JSON and are not: somebody is still typing, or a comma is too many. Used by the
//! masks of calls and by the drafts on the disk. Text that parses is not for this module: it is masked by its structure.

use crate::capture::redact::is_secret_name;
use crate::capture::secret::MASK;

/// The text with the values of secrets masked. It is searched for names; where that is a guess, too much goes rather than
/// too little.
pub fn masked(text: &str, names: &[String]) -> String {
    // A stored password is shown with its type; then it is in `value`.
    let shows_password = text.contains("password-");
    let meant = |name: &str| {
        (is_secret_name(name, names) || shows_password && name == "value").then_some(())
    };
    replaced(text, meant, |(), _| format!("\"{MASK}\""))
}

/// The text with the values replaced that follow a name which is `meant` for something: `put` hears for what, and the value
/// as it stands there, and says what stands there instead, with quotes where it wants some.
pub fn replaced<K>(
    text: &str,
    meant: impl Fn(&str) -> Option<K>,
    mut put: impl FnMut(K, &str) -> String,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_of_name) {
        let (before, from_name) = rest.split_at(start);
        let length = from_name
            .find(|c| !is_of_name(c))
            .unwrap_or(from_name.len());
        let (name, after) = from_name.split_at(length);
        out.push_str(before);
        out.push_str(name);
        rest = after;
        let Some(what) = meant(name) else { continue };
        if let Some((separator, from_value)) = split_separator(after) {
            let behind = after_value(from_value);
            out.push_str(separator);
            out.push_str(&put(what, &from_value[..from_value.len() - behind.len()]));
            rest = behind;
        }
    }
    out.push_str(rest);
    out
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// What stands between a name and its value, and the rest from the value on; `None` when no value follows.
fn split_separator(text: &str) -> Option<(&str, &str)> {
    let is_space = |c: char| c.is_whitespace();
    let after_name = text.trim_start_matches(|c| is_space(c) || matches!(c, '"' | '\'' | '\\'));
    let after_sign = after_name.strip_prefix([':', '='])?;
    let after_sign = after_sign.trim_start_matches(|c| is_space(c) || c == '\\');
    let at = text.len() - after_sign.len();
    (!after_sign.is_empty()).then(|| text.split_at(at))
}

/// What follows the value that `text` begins with: a text to its closing quote or the end of its line, a group to its
/// closing bracket, anything else to the next comma, bracket or space.
fn after_value(text: &str) -> &str {
    let mut chars = text.char_indices();
    let end = match chars.next() {
        Some((_, quote @ ('"' | '\''))) => {
            let mut escaped = false;
            chars
                .find(|(_, c)| {
                    let ends = *c == '\n' || *c == quote && !escaped;
                    escaped = *c == '\\' && !escaped;
                    ends
                })
                .map(|(at, c)| if c == '\n' { at } else { at + 1 })
        }
        Some((_, '{' | '[')) => {
            let mut depth = 1_usize;
            chars
                .find(|(_, c)| {
                    match c {
                        '{' | '[' => depth += 1,
                        '}' | ']' => depth -= 1,
                        _ => {}
                    }
                    depth == 0
                })
                .map(|(at, _)| at + 1)
        }
        _ => text.find(|c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']')),
    };
    end.map_or("", |end| &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_from_texts_that_do_not_parse_and_the_rest_stays() {
        let names = ["pin".to_owned()];
        for (text, kept) in [
            (r#"{"a": 1, "b"#, r#"{"a": 1, "b"#),
            (
                r#"{"password": "hunter2", "email": "a@b.c""#,
                r#"{"password": "••••••••", "email": "a@b.c""#,
            ),
            (r#"{"password": "hun"#, r#"{"password": "••••••••""#),
            (
                "{'pin': 'hunter2, \n'pine': 'tree'",
                "{'pin': \"••••••••\"\n'pine': 'tree'",
            ),
            (
                r#""a: "password": "hunter2", x"#,
                r#""a: "password": "••••••••", x"#,
            ),
            (
                r"{apiSecret: hunter2, n: 1",
                r#"{apiSecret: "••••••••", n: 1"#,
            ),
            (
                r#"{"tokens": ["hunter2", {"a": "hunter2"}], "n": 1"#,
                r#"{"tokens": "••••••••", "n": 1"#,
            ),
            (
                r#"{\"password\": \"hunter2\", "n": 1"#,
                r#"{\"password\": \"••••••••"n": 1"#,
            ),
            (
                r#"{"p":{"type":"password-bcrypt","value":"$2a$hunter2"},"#,
                r#"{"p":{"type":"password-bcrypt","value":"••••••••"},"#,
            ),
            ("password", "password"),
            ("password:", "password:"),
            ("{\"pin\": {", "{\"pin\": \"••••••••\""),
        ] {
            assert_eq!(masked(text, &names), kept, "{text}");
        }
    }
}
