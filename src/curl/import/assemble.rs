//! Options and words put together to the request that curl would send, and the fate of each.

mod credentials;
mod finish;

use std::ops::Range;

use crate::capture::redact;
use crate::capture::request::FORM;
use crate::capture::secret::MASK;
use crate::curl::account::Account;
use crate::curl::account::Fate;
use crate::curl::import::Files;
use crate::curl::import::Offered;
use crate::curl::import::data::Sources;
use crate::curl::lex::Stdin;
use crate::curl::lex::Word;
use crate::curl::options;
use crate::curl::options::Opt;
use crate::curl::options::Role;
use crate::curl::url::Url;

const JSON_BODY: &str =
    "the service reads forms and ignores a JSON body: give each parameter its name";
const NEXT: &str = "another request begins here: one is taken at a time";
const WEB_REQUEST: &str =
    "this is PowerShell's own curl, which is another program (Invoke-WebRequest)";

/// The request so far.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of curl's, or a fact of its own"
)]
pub(super) struct Assembly<'a> {
    sources: Sources<'a>,
    accounts: Vec<Account>,
    url: Option<(Account, String)>,
    /// The variables in the URL.
    url_variables: Vec<String>,
    method: Option<(usize, String)>,
    get: bool,
    head: bool,
    globs_off: bool,
    query: Vec<Piece>,
    body: Vec<Piece>,
    content_type: Option<String>,
    header: Option<Claim>,
    bearer: Option<Claim>,
    user: Option<Claim>,
    date: Option<(usize, String)>,
    /// Whether parts that carry data were refused.
    lacks_data: bool,
}

/// A part of the query or the body, and whose account it is.
struct Piece {
    account: usize,
    /// How its option is shown.
    flag: String,
    bytes: Vec<u8>,
}

/// Credentials from one place.
struct Claim {
    account: usize,
    offered: Offered,
}

/// The value of an option.
#[derive(Clone, Copy)]
struct Value<'w> {
    text: &'w str,
    variables: &'w [String],
}

impl<'a> Assembly<'a> {
    pub(super) fn new(files: &'a Files, stdin: Option<Stdin>) -> Self {
        Self {
            sources: Sources { files, stdin },
            accounts: Vec::new(),
            url: None,
            url_variables: Vec::new(),
            method: None,
            get: false,
            head: false,
            globs_off: false,
            query: Vec::new(),
            body: Vec::new(),
            content_type: None,
            header: None,
            bearer: None,
            user: None,
            date: None,
            lacks_data: false,
        }
    }

    /// Takes the words after `curl`.
    pub(super) fn take(&mut self, words: &[Word]) {
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            let text = self.hyphens(word);
            if is_web_request(&text) {
                self.account(word.range.clone(), &text, Fate::Refused(WEB_REQUEST.into()));
            } else if text == "--next" || text == "-:" {
                let end = words.last().map_or(word.range.end, |last| last.range.end);
                let fate = Fate::Refused(NEXT.into());
                self.account(word.range.start..end, "--next", fate);
                return;
            } else if let Some(name) = text.strip_prefix("--").filter(|name| !name.is_empty()) {
                at += self.long(word, name, words.get(at));
            } else if text.len() > 1 && text.starts_with('-') {
                at += self.shorts(word, &text, words.get(at));
            } else if text == "-" || text == "--" {
                let fate = Fate::Ignored("says nothing by itself".into());
                self.account(word.range.clone(), &text, fate);
            } else {
                let value = Value {
                    text: &text,
                    variables: &word.variables,
                };
                self.take_url(word.range.clone(), value);
            }
        }
    }

    /// The word with the hyphens that a document made dashes of.
    fn hyphens(&mut self, word: &Word) -> String {
        let rest = word.text.trim_start_matches(['\u{2013}', '\u{2014}']);
        let dashes = word.text[..word.text.len() - rest.len()].chars().count();
        if dashes == 0 {
            return word.text.clone();
        }
        let name = rest
            .trim_start_matches('-')
            .split('=')
            .next()
            .unwrap_or_default();
        let is_long = name.chars().count() > 1 && options::long(name).is_some();
        let hyphens = if is_long { "--" } else { "-" };
        let fate = Fate::Translated("a document's dash is read as the hyphens of an option".into());
        // A dash has three bytes; inside quotes nobody knows where it stands.
        let mut range = word.range.clone();
        if range.len() == word.text.len() {
            range.end = range.start + dashes * 3;
        }
        self.account(range, "\u{2013}", fate);
        format!("{hyphens}{}", rest.trim_start_matches('-'))
    }

    fn account(&mut self, range: Range<usize>, text: &str, fate: Fate) -> usize {
        self.accounts.push(Account::new(range, text, fate));
        self.accounts.len() - 1
    }

    /// Takes `--name`; says how many further words belong to it.
    fn long(&mut self, word: &Word, name: &str, next: Option<&Word>) -> usize {
        let flag = format!("--{name}");
        if let Some(option) = options::long(name) {
            return self.option(option, &flag, word.range.clone(), None, next);
        }
        if let Some((before, value)) = name.split_once('=')
            && let Some(option) = options::long(before)
            && option.takes
        {
            let value = Value {
                text: value,
                variables: &word.variables,
            };
            let at = self.accounts.len();
            let flag = format!("--{before}");
            self.option(option, &flag, word.range.clone(), Some(value), None);
            let fate = Fate::Translated("curl wants a blank where the = stands".into());
            if self
                .accounts
                .get(at)
                .is_some_and(|account| account.fate == Fate::Imported)
            {
                self.accounts[at].fate = fate;
            } else {
                self.account(word.range.clone(), &flag, fate);
            }
            return 0;
        }
        let off = name.strip_prefix("no-").and_then(options::long);
        let fate = match off {
            Some(option) if !option.takes => Fate::Ignored("turns off what is off anyway".into()),
            _ => Fate::Refused("curl has no such option, as far as captui knows".into()),
        };
        self.account(word.range.clone(), &flag, fate);
        0
    }

    /// Takes `-abc`; says how many further words belong to it.
    fn shorts(&mut self, word: &Word, text: &str, next: Option<&Word>) -> usize {
        // Letters can be pointed at when the word is written without quotes.
        let plain = word.range.len() == text.len();
        for (at, letter) in text.char_indices().skip(1) {
            let start = word.range.start + if plain && at > 1 { at } else { 0 };
            let end = if plain {
                word.range.start + at + letter.len_utf8()
            } else {
                word.range.end
            };
            let flag = format!("-{letter}");
            let Some(option) = options::short(letter) else {
                let fate = Fate::Refused("curl has no such option".into());
                self.account(start..end.max(start), &flag, fate);
                continue;
            };
            if !option.takes {
                self.option(option, &flag, start..end.max(start), None, None);
                continue;
            }
            let rest = &text[at + letter.len_utf8()..];
            let value = (!rest.is_empty()).then_some(Value {
                text: rest,
                variables: &word.variables,
            });
            return self.option(option, &flag, start..word.range.end, value, next);
        }
        0
    }

    /// Takes an option whose value is in the same word, or in the next. Says how many further words belong to it.
    fn option(
        &mut self,
        option: &Opt,
        flag: &str,
        mut range: Range<usize>,
        value: Option<Value<'_>>,
        next: Option<&Word>,
    ) -> usize {
        let nothing = Value {
            text: "",
            variables: &[],
        };
        if !option.takes {
            self.apply(option.role, flag, range, nothing);
            return 0;
        }
        if let Some(value) = value {
            self.apply(option.role, flag, range, value);
            return 0;
        }
        let Some(next) = next else {
            let fate = Fate::Refused("the value of this option is missing".into());
            self.account(range, flag, fate);
            return 0;
        };
        range.end = next.range.end;
        let value = Value {
            text: &next.text,
            variables: &next.variables,
        };
        self.apply(option.role, flag, range, value);
        1
    }

    fn apply(&mut self, role: Role, flag: &str, range: Range<usize>, value: Value<'_>) {
        let shown = if value.text.is_empty() {
            flag.to_owned()
        } else {
            format!("{flag} {}", value.text)
        };
        match role {
            Role::Ignored(why) => {
                self.globs_off |= flag == "-g" || flag == "--globoff";
                self.account(range, &shown, Fate::Ignored(why.to_owned()));
            }
            Role::Refused(why) => {
                // What follows may be a password.
                self.account(range, flag, Fate::Refused(format!("not taken: {why}")));
            }
            Role::Url => self.take_url(range, value),
            Role::Method => {
                let at = self.account(range, &shown, Fate::Imported);
                self.method = Some((at, value.text.to_owned()));
            }
            Role::Get => {
                self.get = true;
                let fate =
                    Fate::Translated("captui sends the parameters in the body, by POST".into());
                self.account(range, flag, fate);
            }
            Role::Head => {
                self.head = true;
                let fate = Fate::Refused("captui asks for whole answers, by POST".into());
                self.account(range, flag, fate);
            }
            Role::Next => {
                self.account(range, flag, Fate::Refused(NEXT.into()));
            }
            Role::Header => self.take_header(flag, range, value),
            Role::Data(kind) => {
                let piece = self.sources.piece(kind, value.text);
                self.add_piece(flag, range, value, piece.map_err(Some), false);
            }
            Role::UrlQuery => {
                let piece = self.sources.query(value.text);
                self.add_piece(flag, range, value, piece.map_err(Some), true);
            }
            Role::Form | Role::FormString => {
                let piece = self.sources.form(value.text, role == Role::FormString);
                self.add_piece(flag, range, value, piece, false);
                if let Some(account) = self.accounts.last_mut()
                    && account.fate == Fate::Imported
                {
                    let why = "a part of a multipart body becomes a plain parameter";
                    account.fate = Fate::Translated(why.to_owned());
                }
            }
            Role::Json => {
                self.lacks_data = true;
                self.account(range, flag, Fate::Refused(JSON_BODY.to_owned()));
            }
            Role::User => self.take_user(flag, range, value),
            Role::Bearer => self.take_bearer(flag, range, value),
        }
    }

    fn add_piece(
        &mut self,
        flag: &str,
        range: Range<usize>,
        value: Value<'_>,
        bytes: Result<Vec<u8>, Option<String>>,
        to_query: bool,
    ) {
        let written = format!("{flag} {}", value.text);
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(path) => {
                self.lacks_data |= path.is_none();
                let fate = path.map_or_else(
                    || Fate::Refused("not taken: Capture takes no uploads".into()),
                    Fate::NeedsFile,
                );
                self.account(range, &written, fate);
                return;
            }
        };
        let looks_like_json = !bytes.contains(&b'=') && bytes.trim_ascii_start().starts_with(b"{");
        let fate = if let Some(variable) = value.variables.first() {
            unknown_variable(variable)
        } else if looks_like_json || (bytes.trim_ascii_start().starts_with(b"{\"")) {
            self.account(range, flag, Fate::Refused(JSON_BODY.to_owned()));
            self.lacks_data = true;
            return;
        } else {
            Fate::Imported
        };
        let account = self.account(range, &written, fate);
        let piece = Piece {
            account,
            flag: flag.to_owned(),
            bytes,
        };
        if to_query {
            self.query.push(piece);
        } else {
            self.body.push(piece);
        }
    }

    fn take_url(&mut self, range: Range<usize>, value: Value<'_>) {
        if !is_url(value.text) {
            self.lacks_data = true;
            let fate = Fate::Refused(
                "belongs to no option and is no URL: a quote, an option or a line may be missing before it".into(),
            );
            self.account(range, value.text, fate);
        } else if self.url.is_some() {
            let shown = url_shown(&Url::read(value.text));
            self.account(
                range,
                &shown,
                Fate::Refused("a second URL: one call is taken at a time".into()),
            );
        } else {
            let url = Url::read(value.text);
            let fate = match value.variables.first() {
                Some(variable) => unknown_variable(variable),
                None => Fate::Imported,
            };
            self.url_variables = value.variables.to_vec();
            self.url = Some((
                Account::new(range, &url_shown(&url), fate),
                value.text.to_owned(),
            ));
        }
    }

    fn take_header(&mut self, flag: &str, range: Range<usize>, value: Value<'_>) {
        let text = value.text.replace('\u{a0}', " ");
        if text.starts_with('@') {
            let fate = Fate::Refused("not taken: headers from a file are not read".into());
            self.account(range, &format!("{flag} {text}"), fate);
            return;
        }
        let Some((name, content)) = text.split_once(':') else {
            let fate = Fate::Ignored("a header without a value".into());
            self.account(range, flag, fate);
            return;
        };
        let (name, content) = (name.trim(), content.trim());
        let shown = format!("{flag} {name}: {content}");
        match name.to_ascii_lowercase().as_str() {
            "authorization" => self.take_authorization(flag, range, content, value.variables),
            "date" => {
                let at = self.account(range, &shown, Fate::Imported);
                self.date = Some((at, content.to_owned()));
            }
            "content-type" => {
                let is_form = content
                    .split(';')
                    .next()
                    .is_some_and(|it| it.trim().eq_ignore_ascii_case(FORM));
                let fate = if is_form || content.is_empty() {
                    Fate::Ignored("captui sends a form anyway".into())
                } else {
                    Fate::Ignored("captui sends a form".into())
                };
                self.account(range, &shown, fate);
                self.content_type = (!content.is_empty()).then(|| content.to_owned());
            }
            "accept" | "accept-encoding" | "accept-language" | "user-agent" | "referer"
            | "origin" | "connection" | "content-length" | "cache-control" | "pragma" | "dnt"
            | "expect" | "te" | "priority" => {
                self.account(
                    range,
                    &shown,
                    Fate::Ignored("captui sends its own, or needs none".into()),
                );
            }
            "host" => {
                let fate = Fate::Refused("not taken: the host is the environment's".into());
                self.account(range, &shown, fate);
            }
            name if name.starts_with("sec-") || name == "postman-token" => {
                self.account(
                    range,
                    &shown,
                    Fate::Ignored("says something about another program".into()),
                );
            }
            _ => {
                // What an unknown header holds may be a secret.
                let fate = Fate::Refused(
                    "not taken: captui sends no headers that Capture does not read".into(),
                );
                self.account(range, &format!("{flag} {name}: {MASK}"), fate);
            }
        }
    }
}

fn is_web_request(text: &str) -> bool {
    ["-uri", "-method", "-headers", "-body", "-contenttype"]
        .iter()
        .any(|name| text.eq_ignore_ascii_case(name))
}

/// Whether a bare word can be meant as a URL.
fn is_url(text: &str) -> bool {
    let head = text.split(['?', '#']).next().unwrap_or_default();
    let stands_in = head.starts_with(['{', '<', '$', '[']);
    if head.contains(['"', '\'', ',']) || (head.contains(char::is_whitespace) && !stands_in) {
        return false;
    }
    head.contains("://")
        || head.contains('/')
        || (head.contains('.') && !head.contains(['=', '{']))
        || head.starts_with("localhost")
}

/// The URL with its secrets masked.
fn url_shown(url: &Url<'_>) -> String {
    let scheme = url
        .scheme
        .map_or_else(String::new, |scheme| format!("{scheme}://"));
    let user = url.user.map_or_else(String::new, |user| {
        format!("{}:{MASK}@", user.split(':').next().unwrap_or_default())
    });
    let query = match redact::form(url.query, &[]) {
        query if query.is_empty() => query,
        query => format!("?{query}"),
    };
    format!("{scheme}{user}{}{}{query}", url.authority, url.path)
}

fn unknown_variable(variable: &str) -> Fate {
    Fate::Placeholder(format!(
        "{variable} is a variable, whose value is not in the text"
    ))
}
