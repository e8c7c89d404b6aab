//! The account of a paste: what became of each of its tokens. Used by every reader of pasted text, and shown to the
//! person before anything is opened or sent. Reading itself is not here.

use std::ops::Range;

/// How many characters of a token are shown; what a person must recognise, not what is sent.
pub const SHOWN: usize = 160;

/// What became of one token of a paste.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Where it stands, in bytes of the pasted text.
    pub range: Range<usize>,
    /// Where more of the same stand, such as further line numbers.
    pub more: Vec<Range<usize>>,
    /// The token as it may be shown: secrets masked, cut after [`SHOWN`] characters.
    pub text: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in the result as it stands.
    Imported,
    /// It is in the result, in another form or with another meaning: which.
    Translated(String),
    /// It is in the result as it stands, but it is only a stand-in for something the text does not hold, such as a
    /// variable: what is missing.
    Placeholder(String),
    /// It changes nothing: why.
    Ignored(String),
    /// It would change something, and is not taken: why.
    Refused(String),
    /// The bytes of this file are needed; `-` is the standard input.
    NeedsFile(String),
}

impl Fate {
    /// The reason or explanation; for a file, its path.
    pub fn reason(&self) -> &str {
        match self {
            Self::Imported => "",
            Self::Translated(text)
            | Self::Placeholder(text)
            | Self::Ignored(text)
            | Self::Refused(text)
            | Self::NeedsFile(text) => text,
        }
    }

    /// The word for this fate.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Translated(_) => "translated",
            Self::Placeholder(_) => "placeholder",
            Self::Ignored(_) => "ignored",
            Self::Refused(_) => "refused",
            Self::NeedsFile(_) => "file",
        }
    }
}

impl Account {
    /// What became of the token at `range`, shown as `text`.
    pub fn new(range: Range<usize>, text: &str, fate: Fate) -> Self {
        Self {
            range,
            more: Vec::new(),
            text: shorten(text.trim()),
            fate,
        }
    }

    /// All places it stands for.
    pub fn ranges(&self) -> impl Iterator<Item = &Range<usize>> {
        std::iter::once(&self.range).chain(&self.more)
    }
}

/// Adds an account, or its place to the one of the same fate that was added before it: a thousand no-break spaces are
/// one line to read.
pub(crate) fn add_alike(accounts: &mut Vec<Account>, account: Account) {
    let alike = accounts.iter_mut().find(|other| other.fate == account.fate);
    match alike {
        Some(other) => other.more.push(account.range),
        None => accounts.push(account),
    }
}

/// The first [`SHOWN`] characters of a token.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
