//! Any call as a curl command that a POSIX shell runs unchanged, and that sends what captui sends.
//!
//! Every parameter is a `--data-urlencode` that a person can read and change. Secrets are left out unless they are
//! asked for: a variable of the shell takes their place, so that the command can be kept in a ticket and still be run.
//! Used by the copy menu, the wire preview and the commands. The headers that only say who is calling (`User-Agent`,
//! `Accept`) are curl's own.

use base64::Engine;
use form_urlencoded::byte_serialize;
use jiff::Timestamp;

use crate::capture::auth::BASE64;
use crate::capture::auth::CREDENTIAL_ARGS;
use crate::capture::auth::Credentials;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::capture::request::Wire;
use crate::curl::lex::holds_entity;

/// The variable that takes the place of a client's secret.
pub const SECRET_VARIABLE: &str = "$CLIENT_SECRET";

/// The variable that takes the place of a client's id, where that is not told either.
pub const ID_VARIABLE: &str = "$CLIENT_ID";

/// The variable that takes the place of an access token.
pub const TOKEN_VARIABLE: &str = "$ACCESS_TOKEN";

/// A value longer than this does not stand in the command line but below it: Linux takes 128 KiB for one word.
const LONGEST_WORD: usize = 96 * 1024;

/// All words together may be longer than one, but not by much: some systems take 256 KiB.
const LONGEST_LINE: usize = 192 * 1024;

/// Why masked values are no use as they are.
const MASKED: &str = "# Masked values must be put in before this is run.\n";

/// Why a command of a signed call calls otherwise.
const SIGNED: &str = "# captui signs this call; here it is Basic.\n";

/// What of the secrets a command shows.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// No credentials at all, and secret values masked.
    Nothing,
    /// Variables for both the client's id and its secret, and secret values masked: for whoever is no friend of the client.
    Variables,
    /// Who calls, with a variable in place of the secret, and secret values masked. A signed call is written as Basic:
    /// its signature would be valid for minutes only.
    Redacted(&'a Credentials),
    /// Everything, ready to be run. A signed call is signed for this moment.
    Secrets(&'a Credentials, Timestamp),
}

/// Writes `request` to `domain` (scheme and host) as a command, without a line end at its end.
///
/// Every UTF-8 text arrives as it is. A value with control characters, which a terminal would not paste and of which a
/// shell cannot hold NUL at all, is written percent-encoded in a `--data-raw`; very long ones stand below the command.
pub fn export(request: &ApiRequest, domain: &str, shown: Shown<'_>) -> String {
    let (args, masked) = args(request, shown);
    let mut words = vec![format!(
        "curl {}",
        quote(&format!(
            "{}{}",
            domain.trim_end_matches('/'),
            request.endpoint.spec().path
        ))
    )];
    let (headers, secrets) = credentials(request, shown);
    words.extend(headers);
    let mut below = None;
    if is_long(&args) {
        words.push("-d @-".to_owned());
        let pairs: Vec<String> = args.iter().map(|(n, v)| encoded(n, v)).collect();
        below = Some(pairs.join("&\n"));
    } else {
        words.extend(args.iter().map(|(name, value)| parameter(name, value)));
        if args.0.is_empty() && secrets.is_empty() {
            words.push("-d ''".to_owned());
        }
    }
    words.extend(secrets);
    let mut command = String::new();
    if matches!(shown, Shown::Redacted(Credentials::Signed { .. })) {
        command.push_str(SIGNED);
    }
    if masked {
        command.push_str(MASKED);
    }
    command.push_str(&words.join(" \\\n  "));
    if let Some(below) = below {
        // The encoded text has no line of these letters alone: every pair has an equals sign.
        for part in [" <<'END'\n", &below, "\nEND"] {
            command.push_str(part);
        }
    }
    command
}

/// The arguments as they are shown, and whether anything is masked in them.
fn args(request: &ApiRequest, shown: Shown<'_>) -> (Args, bool) {
    let mut args = request.args.clone();
    let is_signed = matches!(
        shown,
        Shown::Redacted(Credentials::Signed { .. }) | Shown::Secrets(Credentials::Signed { .. }, _)
    );
    if is_signed {
        // As in `Wire::new`: they are no part of what is signed.
        args.0
            .retain(|(name, _)| !CREDENTIAL_ARGS.contains(&name.as_str()));
    }
    if matches!(shown, Shown::Secrets(..)) {
        return (args, false);
    }
    let masked = redact::args(&ApiRequest {
        args: args.clone(),
        ..request.clone()
    });
    let differs = masked != args;
    (masked, differs)
}

/// The words for the credentials: those before the parameters, and those that are parameters themselves.
fn credentials(request: &ApiRequest, shown: Shown<'_>) -> (Vec<String>, Vec<String>) {
    match shown {
        Shown::Nothing => (Vec::new(), Vec::new()),
        Shown::Variables => (
            vec![format!("-u \"{ID_VARIABLE}:{SECRET_VARIABLE}\"")],
            Vec::new(),
        ),
        Shown::Redacted(Credentials::Basic { id, .. } | Credentials::Signed { id, .. }) => (
            vec![format!("-u {}", with_variable(id, ":", SECRET_VARIABLE))],
            Vec::new(),
        ),
        Shown::Redacted(Credentials::Token(_)) => {
            let header = format!("-H \"Authorization: OAuth {TOKEN_VARIABLE}\"");
            (vec![header], Vec::new())
        }
        Shown::Redacted(Credentials::Params { id, .. }) => {
            let secret = format!("--data-urlencode \"client_secret={SECRET_VARIABLE}\"");
            (Vec::new(), vec![parameter("client_id", id), secret])
        }
        Shown::Secrets(Credentials::Params { id, secret }, _) => {
            let pairs = [
                ("client_id", id.as_str()),
                ("client_secret", secret.reveal()),
            ];
            (
                Vec::new(),
                pairs.map(|(name, value)| parameter(name, value)).to_vec(),
            )
        }
        Shown::Secrets(Credentials::Basic { id, secret }, _) => {
            let pair = format!("{id}:{}", secret.reveal());
            let word = if pair.chars().any(char::is_control) {
                format!("-H 'Authorization: Basic {}'", BASE64.encode(&pair))
            } else {
                format!("-u {}", quote(&pair))
            };
            (vec![word], Vec::new())
        }
        Shown::Secrets(credentials @ (Credentials::Signed { .. } | Credentials::Token(_)), now) => {
            let wire = Wire::new(request, Some(credentials), now);
            let ours = |name: &str| name == "Date" || name == "Authorization";
            let headers = wire.headers.iter().filter(|(name, _)| ours(name));
            let words =
                headers.map(|(name, value)| format!("-H {}", quote(&format!("{name}: {value}"))));
            (words.collect(), Vec::new())
        }
    }
}

/// A text, a separator and a variable in one word.
fn with_variable(text: &str, separator: &str, variable: &str) -> String {
    if text.chars().all(is_plain) {
        format!("\"{text}{separator}{variable}\"")
    } else {
        format!("{}\"{variable}\"", quote(&format!("{text}{separator}")))
    }
}

fn is_long(args: &Args) -> bool {
    let lengths = || {
        args.iter()
            .map(|(name, value)| 3 * name.len() + value.len())
    };
    lengths().any(|length| length > LONGEST_WORD) || lengths().sum::<usize>() > LONGEST_LINE
}

/// One parameter. The name of a `--data-urlencode` is sent as it stands, so it is encoded here; without a name curl
/// would leave out the equals sign too.
fn parameter(name: &str, value: &str) -> String {
    let steers = |c: char| c.is_control() && c != '\n';
    // Entities are encoded because whoever reads a paste has to ask whether it is the source of a page.
    if name.is_empty() || value.chars().any(steers) || holds_entity(value) {
        return format!("--data-raw {}", quote(&encoded(name, value)));
    }
    let name: String = byte_serialize(name.as_bytes()).collect();
    format!("--data-urlencode {}", quote(&format!("{name}={value}")))
}

fn encoded(name: &str, value: &str) -> String {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!("{}={}", encode(name), encode(value))
}

/// `text` as one word of a POSIX shell.
pub fn quote(text: &str) -> String {
    let is_bare = |c: char| is_plain(c) || matches!(c, '/' | ':' | '=' | '@' | '%' | '+' | ',');
    if !text.is_empty() && text.chars().all(is_bare) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::endpoint::Endpoint;
    use crate::capture::secret::Secret;

    const SECRET: &str = "s3cr3t-7f3a";

    fn now() -> Timestamp {
        "2016-02-26T19:08:44Z".parse().expect("is a time")
    }

    fn create() -> ApiRequest {
        ApiRequest::new(Endpoint::EntityCreate)
            .with("type_name", "user")
            .with("attributes", "{\"name\":\"O'Neil\n@=\"}")
    }

    fn all() -> [Credentials; 4] {
        let id = || "cid".to_owned();
        let secret = || Secret::new(SECRET);
        [
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
        ]
    }

    #[test]
    fn a_command_is_readable() {
        let [basic, ..] = all();
        assert_eq!(
            export(&create(), "https://h.example/", Shown::Redacted(&basic)),
            "curl https://h.example/entity.create \\\n  -u \"cid:$CLIENT_SECRET\" \\\n  \
             --data-urlencode type_name=user \\\n  \
             --data-urlencode 'attributes={\"name\":\"O'\\''Neil\n@=\"}'"
        );
        let list = ApiRequest::new(Endpoint::TypeList);
        assert_eq!(
            export(&list, "https://h.example", Shown::Nothing),
            "curl https://h.example/entityType.list \\\n  -d ''"
        );
        assert_eq!(
            export(&list, "https://h.example", Shown::Variables),
            "curl https://h.example/entityType.list \\\n  -u \"$CLIENT_ID:$CLIENT_SECRET\" \\\n  -d ''"
        );
    }

    #[test]
    fn secrets_are_shown_only_when_asked_for() {
        let request = create()
            .with("password_value", SECRET)
            .with("access_token", SECRET)
            .with("attributes", format!(r#"{{"password":"{SECRET}"}}"#));
        for credentials in &all() {
            let redacted = export(&request, "https://h", Shown::Redacted(credentials));
            assert!(!redacted.contains(SECRET), "{redacted}");
            let is_signed = matches!(credentials, Credentials::Signed { .. });
            assert_eq!(redacted.starts_with(SIGNED), is_signed, "{redacted}");
            assert!(redacted.contains(MASKED), "{redacted}");
            assert!(redacted.contains("$CLIENT_SECRET") || redacted.contains("$ACCESS_TOKEN"));
            let whole = export(&request, "https://h", Shown::Secrets(credentials, now()));
            assert!(
                whole.contains(&format!("password_value={SECRET}")),
                "{whole}"
            );
        }
        assert!(!export(&request, "https://h", Shown::Nothing).contains(SECRET));
        let [_, signed, ..] = all();
        let count = ApiRequest::new(Endpoint::EntityCount).with("type_name", "user");
        let redacted = export(&count, "https://h", Shown::Redacted(&signed));
        assert!(redacted.contains("-u \"cid:$CLIENT_SECRET\""), "{redacted}");
        let whole = export(&count, "https://h", Shown::Secrets(&signed, now()));
        assert!(
            whole
                .contains("-H 'Date: 2016-02-26 19:08:44' \\\n  -H 'Authorization: Signature cid:"),
            "{whole}"
        );
    }

    #[test]
    fn what_no_shell_can_hold_is_encoded() {
        let request = ApiRequest::new(Endpoint::EntityCreate)
            .with("a", "b\0\u{1b}c")
            .with("", "@x")
            .with("n=&\u{e9}", "@=")
            .with("long", "x".repeat(LONGEST_WORD));
        let command = export(&request, "https://h", Shown::Nothing);
        assert!(
            command.contains("-d @- <<'END'\na=b%00%1Bc&\n=%40x&\nn%3D%26%C3%A9=%40%3D&\nlong=xxx"),
            "{}",
            &command[..200]
        );
        let mut short = request;
        short.args.0.pop();
        let command = export(&short, "https://h", Shown::Nothing);
        let words: Vec<&str> = command.split(" \\\n  ").skip(1).collect();
        assert_eq!(
            words,
            [
                "--data-raw a=b%00%1Bc",
                "--data-raw =%40x",
                "--data-urlencode n%3D%26%C3%A9=@=",
            ]
        );
    }
}
