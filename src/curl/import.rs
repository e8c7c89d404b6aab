//! A pasted curl command as a call of Capture, with an account of every token.
//!
//! The command is carried out on paper: what curl would put on the wire is written down and read by
//! `capture::request::Call::read`, as the sandbox reads real requests, so that an import means what the command would
//! have done. What captui cannot or will not do the same way is said in the accounts. Nothing is sent, opened or looked
//! up here.

mod assemble;
mod data;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::capture::auth::Presented;
use crate::capture::endpoint::Endpoint;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::curl::account::Account;
use crate::curl::account::Fate;
use crate::curl::find;
use crate::curl::find::Start;
use crate::curl::import::assemble::Assembly;
use crate::curl::lex;
use crate::curl::lex::Dialect;
use crate::curl::lex::Word;

/// The contents of files by the path that the command names; `-` is its standard input.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What a pasted call means.
#[derive(Clone, Debug)]
pub struct Import {
    /// Which operation is called.
    pub operation: Operation,
    /// The HTTP method the call would be sent with; captui itself sends `POST`.
    pub method: String,
    /// Scheme and host, as in the domain of an environment; `None` when no usable host is named.
    pub domain: Option<String>,
    /// The arguments in order, without those that carry credentials; a name may come twice.
    pub args: Args,
    /// Who calls.
    pub credentials: Offered,
    /// What became of every token, in the order of the text.
    pub accounts: Vec<Account>,
    /// Whether parts that carry data were refused, so that the call is less than was meant.
    pub lacks_data: bool,
    /// Where the call stands, in bytes of the text.
    pub range: Range<usize>,
    /// Where to go on looking, when the text holds another command.
    pub next: Option<usize>,
}

/// Which operation a pasted call is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// This one.
    Known(Endpoint),
    /// No operation has this path.
    Unknown(String),
    /// No path is named.
    Missing,
}

/// The credentials in a pasted call.
#[derive(Clone, Debug)]
pub enum Offered {
    /// There are none.
    Nothing,
    /// These. Whether they are used is the person's decision.
    Usable(Presented),
    /// What stands in their place is elided, a placeholder or broken. It is never used: the client of the environment
    /// takes its place.
    Unusable {
        /// The client id, if that much is there.
        id: Option<String>,
        /// Why, for people.
        why: String,
    },
}

impl Import {
    /// The call, when its operation is known.
    pub fn request(&self) -> Option<ApiRequest> {
        match self.operation {
            Operation::Known(endpoint) => Some(ApiRequest {
                args: self.args.clone(),
                ..ApiRequest::new(endpoint)
            }),
            Operation::Unknown(_) | Operation::Missing => None,
        }
    }

    /// The files whose contents are missing, each once.
    pub fn missing_files(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = Vec::new();
        for account in &self.accounts {
            if let Fate::NeedsFile(path) = &account.fate
                && !paths.contains(&path.as_str())
            {
                paths.push(path);
            }
        }
        paths
    }

    /// What stands in for something that the text does not hold, and has to be replaced before the call is sent.
    pub fn placeholders(&self) -> impl Iterator<Item = &Account> {
        self.accounts
            .iter()
            .filter(|account| matches!(account.fate, Fate::Placeholder(_)))
    }
}

/// Reads the first curl command in `text`; `None` when there is none. Files that the command sends are reported as
/// needed; see [`import_with`].
pub fn import(text: &str) -> Option<Import> {
    import_with(text, 0, &Files::new())
}

/// Like [`import`], of the first command at or after byte `from`, with the contents of files.
pub fn import_with(text: &str, from: usize, files: &Files) -> Option<Import> {
    let start = find::find(text, from)?;
    let mut lexed = lex::lex(text, start.word.end, start.dialect, start.margin);
    let stdin = lexed.stdin.take();
    let mut accounts = around(text, from, &start, lexed.end);
    accounts.append(&mut lexed.noise);
    let shell = |name: &str| Fate::Translated(format!("read as a command of {name}"));
    let fate = match start.dialect {
        Dialect::Posix => Fate::Imported,
        Dialect::Cmd => shell("cmd.exe"),
        Dialect::PowerShell => shell("PowerShell"),
    };
    let program = &text[start.word.clone()];
    accounts.push(Account::new(start.word.clone(), program, fate));
    let mut assembly = Assembly::new(files, stdin);
    assembly.take(&lexed.words);
    let mut import = assembly.finish(start.word.clone(), accounts);
    import.range = start.word.start..lexed.end;
    import.next = find::find(text, lexed.end).map(|next| next.line.max(lexed.end));
    Some(import)
}

/// A call that is made of these words, as if they followed `curl`: for readers of other formats, which say by the
/// ranges where in their text each stands. `place` is where the whole call stands.
pub fn from_words(words: &[Word], place: Range<usize>) -> Import {
    from_words_with(words, place, &Files::new())
}

/// Like [`from_words`], with the contents of files.
pub fn from_words_with(words: &[Word], place: Range<usize>, files: &Files) -> Import {
    let mut assembly = Assembly::new(files, None);
    assembly.take(words);
    let mut import = assembly.finish(place.clone(), Vec::new());
    import.range = place;
    import
}

/// The accounts of what stands before and after the command.
fn around(text: &str, from: usize, start: &Start, end: usize) -> Vec<Account> {
    let mut accounts = Vec::new();
    let mut ignore = |range: Range<usize>, shown: Option<String>, why: &str| {
        let part = &text[range.clone()];
        let trimmed = part.trim_start();
        let first = range.end - trimmed.len();
        let range = first..first + trimmed.trim_end().len();
        if !range.is_empty() {
            let shown = shown.unwrap_or_else(|| lines(&text[range.clone()]));
            accounts.push(Account::new(range, &shown, Fate::Ignored(why.to_owned())));
        }
    };
    let line = start.line.max(from);
    ignore(from..line, None, "stands before the command");
    let prompt = &text[line..start.word.start];
    let shown = prompt_shown(prompt);
    ignore(
        line..start.word.start,
        Some(shown),
        "a prompt, or settings before the command",
    );
    let rest = &text[end..];
    let line_end = end + rest.find(['\n', '\r']).unwrap_or(rest.len());
    let words: Vec<&str> = text[end..line_end].split_whitespace().take(2).collect();
    // Only the operator and the program: what follows may hold secrets.
    let why = if rest.starts_with('|') && !rest.starts_with("||") {
        "the answer is not piped on: captui shows it itself"
    } else {
        "stands after the command"
    };
    ignore(end..line_end, Some(words.join(" ")), why);
    ignore(line_end..text.len(), None, "stands after the command");
    accounts
}

fn lines(text: &str) -> String {
    match text.lines().count() {
        1 => "1 line".to_owned(),
        count => format!("{count} lines"),
    }
}

/// A prompt as it is; the values of variables that are set in it are masked.
fn prompt_shown(prompt: &str) -> String {
    let words = prompt
        .split_whitespace()
        .map(|word| match word.split_once('=') {
            Some((name, _)) => format!("{name}={}", crate::capture::secret::MASK),
            None => word.to_owned(),
        });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::Strategy;
    use proptest::prelude::any;
    use proptest::prelude::prop;
    use proptest::prop_assert;
    use proptest::prop_assert_eq;
    use proptest::prop_oneof;
    use proptest::proptest;

    use super::*;
    use crate::capture::auth::CREDENTIAL_ARGS;
    use crate::capture::auth::Credentials;
    use crate::capture::secret::Secret;
    use crate::curl::account::SHOWN;
    use crate::curl::export::Shown;
    use crate::curl::export::export;

    #[test]
    fn pages_with_several_commands_are_read_one_by_one() {
        let page = "The samples use Curl, see below.\n\ncurl -d a=1 \\\n  https://h/entity.count\n\nThen:\n\n\
                    curl -d b=2 https://h/entity.find\n";
        let first = import(page).expect("is a command");
        assert_eq!(first.args, Args::from_pairs([("a", "1")]));
        let next = first.next.expect("there is another");
        let second = import_with(page, next, &Files::new()).expect("is a command");
        assert_eq!(second.operation, Operation::Known(Endpoint::EntityFind));
        assert_eq!(second.next, None);
        assert!(import("no command here").is_none());
    }

    #[test]
    fn files_are_asked_for_and_taken() {
        let text = "curl -d @a -d @a --data-urlencode b@c https://h/entity.count < d";
        let asking = import(text).expect("is a command");
        assert_eq!(asking.missing_files(), ["a", "c"]);
        let files =
            [("a", "x=1\n"), ("c", "2\n")].map(|(path, text)| (path.to_owned(), text.into()));
        let import = import_with(text, 0, &Files::from(files)).expect("is a command");
        assert_eq!(
            import.args,
            Args::from_pairs([("x", "1"), ("x", "1"), ("b", "2\n")])
        );
        assert!(import.missing_files().is_empty());
    }

    #[test]
    fn what_is_shown_is_short() {
        let text = format!(
            "curl -d a={} https://h/entity.count",
            "\u{e9}".repeat(100_000)
        );
        let import = import(&text).expect("is a command");
        for account in &import.accounts {
            assert!(
                account.text.chars().count() <= SHOWN + 1,
                "{}",
                account.text.len()
            );
        }
        assert_eq!(import.args.get("a").map(str::len), Some(200_000));
    }

    /// Found by random texts once.
    #[test]
    fn odd_words_are_accounted_for() {
        for text in ["curl -:\u{ae}", "curl ---x '\u{2013}"] {
            assert!(
                import(text).is_some_and(|it| it.accounts.len() > 1),
                "{text}"
            );
        }
    }

    #[test]
    fn an_elided_secret_is_not_used_but_its_client_is_known() {
        let import = import("curl -u cid:YOUR_SECRET https://h/entity").expect("is a command");
        let Offered::Unusable { id, .. } = &import.credentials else {
            panic!("is no secret");
        };
        assert_eq!(id.as_deref(), Some("cid"));
        assert_eq!(import.placeholders().count(), 0, "nothing is missing");
    }

    #[test]
    fn a_host_that_is_not_in_the_text_is_the_environments() {
        for (url, missing) in [
            ("{{host}}/entity.create", false),
            ("'https://{{app}}.janraincapture.com/entity.create'", false),
            ("https://$CAPTURE_HOST/entity.create?type_name=user", false),
            ("\"$BASE/entity.create\"", false),
            ("https://{registrationDomain}/entity.create", false),
            ("https://localhost:$PORT/entity.create", false),
            ("\"https://$HOST/entity.create?type_name=$TYPE\"", true),
            ("'{{host}}/entity.create?type_name={{type}}'", true),
            ("'https://h/entity.create?type_name={{type}}'", true),
        ] {
            let import = import(&format!("curl {url} -d a=1")).expect("is a command");
            assert_eq!(
                import.operation,
                Operation::Known(Endpoint::EntityCreate),
                "{url}"
            );
            let named: Vec<_> = import.placeholders().collect();
            assert_eq!(!named.is_empty(), missing, "{url}: {named:?}");
        }
    }

    /// Texts full of what shells, documents and curl treat specially.
    fn nasty() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            prop::sample::select(vec![
                "curl ",
                "\n",
                "\r\n",
                " ",
                "\\",
                "\\\n",
                "^",
                "^\n",
                "`",
                "`\n",
                "'",
                "\"",
                "$'",
                "$(",
                "${a}",
                "$a",
                "\u{201c}",
                "\u{201d}",
                "\u{2018}",
                "\u{2019}",
                "\u{a0}",
                "\u{2013}",
                "-d ",
                "-d@",
                "--data-urlencode ",
                "--json ",
                "-u ",
                "-F ",
                "-H ",
                "Authorization: Basic ",
                "https://h/entity",
                "?a=1&b=",
                "{",
                "}",
                "[",
                "<",
                ">",
                "<<END\n",
                "END",
                "|",
                "&",
                "&&",
                ";",
                "#",
                "&quot;",
                "&amp;",
                "1 ",
                "2 ",
                "> ",
                "$ ",
                "=",
                "@",
                "%7B",
                "%",
                ":",
                "...",
                "--next ",
                "\0",
                "-",
                "--",
            ])
            .prop_map(str::to_owned),
            any::<String>(),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    fn request() -> impl Strategy<Value = ApiRequest> {
        let pair = (
            prop_oneof![any::<String>(), nasty()],
            prop_oneof![any::<String>(), nasty()],
        );
        prop::collection::vec(pair, 0..5).prop_map(|mut pairs| {
            pairs.retain(|(name, _)| !CREDENTIAL_ARGS.contains(&name.as_str()));
            ApiRequest {
                args: Args(pairs),
                ..ApiRequest::new(Endpoint::EntityCreate)
            }
        })
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_all_of_it_accounted_for(before in nasty(), text in nasty()) {
            let text = format!("{before}\ncurl -{text}");
            let import = import(&text).expect("is a command");
            let mut covered = vec![false; text.len()];
            for range in import.accounts.iter().flat_map(Account::ranges) {
                prop_assert!(text.get(range.clone()).is_some(), "{range:?}");
                covered[range.clone()].fill(true);
            }
            for (at, c) in text.char_indices() {
                let blank = c.is_whitespace() || lex::is_blank(c);
                prop_assert!(covered[at] || blank, "{c:?} at {at} of {text:?}: {:#?}", import.accounts);
            }
        }

        #[test]
        fn an_export_is_imported_as_it_was(request in request()) {
            let basic = Credentials::Basic { id: "cid".to_owned(), secret: Secret::new("s3cr3t") };
            let command = export(&request, "https://h.example", Shown::Secrets(&basic, jiff::Timestamp::UNIX_EPOCH));
            let import = import(&command).expect("is a command");
            prop_assert_eq!(&import.args, &request.args);
            prop_assert_eq!(import.domain.as_deref(), Some("https://h.example"));
            prop_assert_eq!(import.operation, Operation::Known(request.endpoint));
            let Offered::Usable(Presented::Basic { id, secret }) = import.credentials else {
                panic!("is basic");
            };
            prop_assert!(id == "cid" && secret.matches("s3cr3t"));
            prop_assert_eq!((import.method.as_str(), import.next), ("POST", None));
        }
    }
}
