//! Every command of `corpus.txt`: what its import says, and whether the real curl sends the same.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use captui::capture::auth::CREDENTIAL_ARGS;
use captui::capture::auth::Presented;
use captui::curl::account::Fate;
use captui::curl::import::Files;
use captui::curl::import::Import;
use captui::curl::import::Offered;
use captui::curl::import::Operation;
use captui::curl::import::import_with;

use crate::curl::echo::Echo;
use crate::curl::echo::Seen;
use crate::support::Home;

const CORPUS: &str = include_str!("corpus.txt");

/// The domain that the commands call; the shell gets the address of the server in its place.
const DOMAIN: &str = "my-app.janraincapture.com";

/// One command.
#[derive(Default)]
struct Case {
    name: String,
    paste: String,
    sh: Option<String>,
    files: BTreeMap<String, String>,
    account: Vec<String>,
    differs: String,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for text in CORPUS.split("\n== ").skip(1) {
        let (name, rest) = text.split_once('\n').expect("a case has a body");
        let mut case = Case {
            name: name.to_owned(),
            ..Case::default()
        };
        for section in format!("\n{rest}").split("\n-- ").skip(1) {
            let (kind, body) = section.split_once('\n').unwrap_or((section, ""));
            let body = body.trim_end_matches('\n').to_owned();
            match kind.split_once(' ').unwrap_or((kind, "")) {
                ("paste", "") => case.paste = body,
                ("paste", "escaped") => case.paste = unescape(&body),
                ("sh", _) => case.sh = Some(body),
                ("file", path) => {
                    case.files.insert(path.to_owned(), body + "\n");
                }
                ("account", _) => case.account = body.lines().map(str::to_owned).collect(),
                ("differs", _) => case.differs = body,
                (other, _) => panic!("{name}: what is {other}?"),
            }
        }
        cases.push(case);
    }
    cases
}

fn unescape(text: &str) -> String {
    [
        ("\\t", "\t"),
        ("\\r", "\r"),
        ("\\n", "\n"),
        ("\\u00a0", "\u{a0}"),
        ("\\\\", "\\"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// All accounts but those of what is simply imported, a line each.
fn account(import: &Import) -> Vec<String> {
    let told = import
        .accounts
        .iter()
        .filter(|account| account.fate != Fate::Imported);
    told.map(|account| {
        let text = account.text.replace('\n', "\u{23ce}");
        format!("{} {text}: {}", account.fate.word(), account.fate.reason())
    })
    .collect()
}

/// The credentials of an import in the words of [`Seen::auth`], and the pairs that carry them.
fn auth(import: &Import) -> String {
    match &import.credentials {
        Offered::Nothing | Offered::Unusable { .. } | Offered::Usable(Presented::Nothing) => {
            String::new()
        }
        Offered::Usable(Presented::Basic { id, secret }) => {
            format!("basic {id}:{}", secret.reveal())
        }
        Offered::Usable(Presented::Params { id, secret }) => {
            format!("params {id}:{}", secret.reveal())
        }
        Offered::Usable(Presented::Token(token)) => format!("oauth {}", token.reveal()),
        Offered::Usable(Presented::Signature {
            id,
            signature,
            date,
        }) => {
            format!("signature {id}:{signature} at {date}")
        }
    }
}

/// What the service takes for the credentials of a request.
fn auth_seen(seen: &Seen) -> String {
    let get = |wanted: &str| {
        seen.pairs
            .iter()
            .rev()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value)
    };
    match (get("access_token"), get("client_id"), get("client_secret")) {
        (Some(token), ..) => format!("oauth {token}"),
        (None, Some(id), Some(secret)) if seen.auth.is_empty() => format!("params {id}:{secret}"),
        _ => seen.auth.clone(),
    }
}

#[test]
fn an_import_says_what_curl_sends() {
    let home = Home::new();
    let Some(echo) = Echo::start() else {
        return;
    };
    let cases = cases();
    assert!(cases.len() >= 80, "only {} cases are left", cases.len());
    let mut wrong = String::new();
    for case in &cases {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        let mut files = Files::new();
        for (path, content) in &case.files {
            fs::write(folder.path().join(path), content).expect("can be written");
            files.insert(path.clone(), content.clone().into_bytes());
        }
        let import = import_with(&case.paste, 0, &files)
            .unwrap_or_else(|| panic!("{}: no command", case.name));
        let script = case.sh.as_ref().unwrap_or(&case.paste);
        let script = script.replace(&format!("https://{DOMAIN}"), &format!("http://{DOMAIN}"));
        let script = script
            .replace(DOMAIN, &echo.address)
            .replace("https://cid:", "http://cid:");
        let seen = echo.run(&script, folder.path(), &home);
        for difference in differences(case, &import, &seen) {
            let _ = writeln!(wrong, "== {}\n{difference}", case.name);
        }
        assert!(
            case.paste.is_char_boundary(import.range.start) && import.range.end <= case.paste.len()
        );
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn differences(case: &Case, import: &Import, seen: &Seen) -> Vec<String> {
    let mut found = Vec::new();
    let allowed: Vec<&str> = case
        .differs
        .split(':')
        .next()
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .collect();
    let mut compare = |what: &str, imported: String, sent: String| {
        // A difference that is announced must be there.
        if (imported == sent) == allowed.contains(&what) {
            found.push(format!("{what}: imported {imported:?}, sent {sent:?}"));
        }
    };
    compare("method", import.method.clone(), seen.method.clone());
    compare("auth", auth(import), auth_seen(seen));
    let path = match &import.operation {
        Operation::Known(endpoint) => endpoint.spec().path.to_owned(),
        Operation::Unknown(path) => path.clone(),
        Operation::Missing => String::new(),
    };
    compare("path", path, format!("/{}", seen.path.trim_matches('/')));
    let args: Vec<(String, String)> = import.args.0.clone();
    let sent = seen
        .pairs
        .iter()
        .filter(|(name, _)| !CREDENTIAL_ARGS.contains(&name.as_str()));
    compare(
        "args",
        format!("{args:?}"),
        format!("{:?}", sent.collect::<Vec<_>>()),
    );
    let account = account(import);
    if account != case.account {
        found.push(format!("-- account\n{}", account.join("\n")));
    }
    for secret in [
        "s3cr3t", "tok3n", "pa55word", "9o5GKZ", "Y2lkOnMz", "wt4c3un9", "unjze9",
    ] {
        let shown = import
            .accounts
            .iter()
            .any(|account| format!("{account:?}").contains(secret));
        if shown {
            found.push(format!("{secret} is shown in {:#?}", import.accounts));
        }
    }
    found
}
