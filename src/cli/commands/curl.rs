//! `captui curl`: a pasted curl command, sent by our own client. The files that it sends are read here, after a question;
//! all else is `cli::pasted`'s.

use std::fs;
use std::io;
use std::io::IsTerminal;
use std::io::Read;

use crate::cli::args::curl::Curl;
use crate::cli::confirm::confirm;
use crate::cli::input;
use crate::cli::pasted;
use crate::cli::session::Stop;
use crate::curl::import::Files;
use crate::curl::import::Import;
use crate::curl::import::from_words_with;
use crate::curl::import::import_with;
use crate::curl::lex::Word;
use crate::failure::Failure;
use crate::failure::FailureKind;

/// A longer file is no argument of a call.
const LONGEST: u64 = 64 << 20;

/// Sends what the command means.
pub(in crate::cli) async fn run(
    curl: Curl,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    let import = understood(&curl)?;
    pasted::send(&import, &curl.how, environment, json).await
}

/// A command as it was given.
enum Given {
    Text(String),
    Words(Vec<Word>),
}

impl Given {
    fn of(curl: &Curl) -> Result<Self, Failure> {
        if !curl.words.is_empty() {
            let words = match curl.words.split_first() {
                Some((first, rest)) if is_curl(first) => rest,
                _ => &curl.words,
            };
            return Ok(Self::Words(placed(words)));
        }
        match curl.command.as_deref() {
            None if io::stdin().is_terminal() => {
                Err(Failure::new(FailureKind::Usage, "no command is given")
                    .hint("captui curl 'curl …', captui curl -- -d … https://…, or a command on standard input"))
            }
            None | Some("-") => input::text_or_stdin("-").map(Self::Text),
            Some(text) => Ok(Self::Text(text.to_owned())),
        }
    }

    fn read(&self, files: &Files) -> Option<Import> {
        match self {
            Self::Text(text) => import_with(text, 0, files),
            Self::Words(words) => {
                let end = words.last().map_or(0, |word| word.range.end);
                Some(from_words_with(words, 0..end, files))
            }
        }
    }
}

fn is_curl(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    matches!(name, "curl" | "curl.exe")
}

/// Words with the places they would have in one line. The shell has put its variables in already.
fn placed(words: &[String]) -> Vec<Word> {
    let mut at = 0;
    let place = |text: &String| {
        let range = at..at + text.len();
        at = range.end + 1;
        Word {
            range,
            text: text.clone(),
            variables: Vec::new(),
        }
    };
    words.iter().map(place).collect()
}

/// The command as a call, with its files.
fn understood(curl: &Curl) -> Result<Import, Failure> {
    let given = Given::of(curl)?;
    let mut files = Files::new();
    let import = given.read(&files).ok_or_else(no_command)?;
    let missing = import.missing_files();
    if missing.is_empty() {
        return Ok(import);
    }
    for path in missing {
        let bytes = if path == "-" {
            of_stdin(&given, curl)?
        } else {
            of_file(path, curl.allow_files)?
        };
        files.insert(path.to_owned(), bytes);
    }
    given.read(&files).ok_or_else(no_command)
}

fn no_command() -> Failure {
    Failure::new(FailureKind::Usage, "there is no curl command in it").hint(
        "it begins with the word curl; of a command whose words are your shell's: captui curl -- …",
    )
}

fn of_file(path: &str, is_allowed: bool) -> Result<Vec<u8>, Failure> {
    let refused = |why: String| {
        let message = format!("nothing was sent: the file {path} cannot be read");
        Failure::new(FailureKind::Usage, message).because(why)
    };
    let metadata = fs::metadata(path).map_err(|error| refused(error.to_string()))?;
    if !metadata.is_file() {
        return Err(refused("it is not a regular file".to_owned()));
    }
    if metadata.len() > LONGEST {
        let most = LONGEST >> 20;
        return Err(refused(format!("it is longer than {most} MiB")));
    }
    let what = format!("read the file {path}, which the command sends");
    confirm(&what, is_allowed).map_err(|failure| match failure.kind {
        FailureKind::Usage => Failure {
            hints: vec!["--allow-files reads the files that the command sends".to_owned()],
            ..failure
        },
        _ => failure,
    })?;
    fs::read(path).map_err(|error| refused(error.to_string()))
}

/// What the command reads on its own standard input, which is ours unless that brought the command.
fn of_stdin(given: &Given, curl: &Curl) -> Result<Vec<u8>, Failure> {
    let brought_command =
        matches!(given, Given::Text(_)) && matches!(curl.command.as_deref(), None | Some("-"));
    let mut bytes = Vec::new();
    let read = if brought_command || io::stdin().is_terminal() {
        Err(io::Error::other("nothing of its own is there"))
    } else {
        io::stdin().take(LONGEST).read_to_end(&mut bytes)
    };
    read.map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            "nothing was sent: the command reads its standard input",
        )
        .because(error)
        .hint("give the command in one word or behind --, and a pipe to this one")
    })?;
    Ok(bytes)
}
