//! The filter language's words: cuts a text into tokens, one at a time. Used by the parser, and by completion for what
//! stands before the cursor; knows no grammar beyond what makes a wrong character worth a better sentence.

use crate::capture::filter::parse::FilterError;
use crate::capture::path::AttrPath;
use crate::capture::path::Segment;

/// One piece of a filter, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// The place of its first character, from 0.
    pub(super) start: usize,
    /// The place after its last character.
    pub(super) end: usize,
}

/// What a piece of a filter is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Open,
    Close,
    Bang,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// A text, without quotes and escapes.
    Text(String),
    /// A number, with the digits as written.
    Number(String),
    /// A keyword or an attribute's path of one name: which of them, its place in the grammar tells.
    Word(String),
    /// An attribute's path that cannot be a keyword: it has a leading slash or several names.
    Path(AttrPath),
    End,
}

impl TokenKind {
    /// Whether this is `keyword`, in any case.
    pub(super) fn is_word(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }
}

/// Goes over a text once.
pub(super) struct Lexer {
    chars: Vec<char>,
    at: usize,
}

impl Lexer {
    pub(super) fn new(text: &str) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
        }
    }

    /// The text between two places.
    pub(super) fn slice(&self, start: usize, end: usize) -> String {
        self.chars
            .get(start..end)
            .unwrap_or_default()
            .iter()
            .collect()
    }

    /// The next token; [`TokenKind::End`] for ever once there is none.
    pub(super) fn next(&mut self) -> Result<Token, FilterError> {
        while self.peek(0).is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        let start = self.at;
        let kind = self.kind()?;
        Ok(Token {
            kind,
            start,
            end: self.at,
        })
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn kind(&mut self) -> Result<TokenKind, FilterError> {
        let Some(first) = self.peek(0) else {
            return Ok(TokenKind::End);
        };
        match first {
            '(' => Ok(self.symbol(1, TokenKind::Open)),
            ')' => Ok(self.symbol(1, TokenKind::Close)),
            '\'' | '"' => self.text(first),
            '0'..='9' => self.number(),
            '-' if self.peek(1).is_some_and(|c| c.is_ascii_digit()) => self.number(),
            '/' => self.path(),
            c if starts_name(c) => self.path(),
            _ => self.operator(first),
        }
    }

    fn symbol(&mut self, length: usize, kind: TokenKind) -> TokenKind {
        self.at += length;
        kind
    }

    fn operator(&mut self, first: char) -> Result<TokenKind, FilterError> {
        match (first, self.peek(1)) {
            ('=', Some('=')) => Err(self.wrong("`==` is written = here")),
            ('=', Some(c @ ('<' | '>'))) => Err(self.wrong(&format!("`={c}` is written {c}= here"))),
            ('=', _) => Ok(self.symbol(1, TokenKind::Equal)),
            ('!', Some('=')) => Ok(self.symbol(2, TokenKind::NotEqual)),
            ('!', _) => Ok(self.symbol(1, TokenKind::Bang)),
            ('<', Some('>')) => Err(self.wrong("`<>` is written != here")),
            ('<', Some('=')) => Ok(self.symbol(2, TokenKind::LessOrEqual)),
            ('<', _) => Ok(self.symbol(1, TokenKind::Less)),
            ('>', Some('=')) => Ok(self.symbol(2, TokenKind::GreaterOrEqual)),
            ('>', _) => Ok(self.symbol(1, TokenKind::Greater)),
            ('&', _) => Err(self.wrong("`&&` is written `and` here")),
            ('|', _) => Err(self.wrong("`||` is written `or` here")),
            ('‘' | '’' | '“' | '”' | '`', _) => {
                let what = format!("{first} is not a quote here: put texts in ' or \"");
                Err(self.wrong(&what))
            }
            ('+' | '-' | '*' | '%', _) => {
                let what = format!("`{first}` has no meaning here: there is no arithmetic");
                Err(self.wrong(&what))
            }
            ('.', _) => Err(self.wrong(
                "nothing begins with a dot: an attribute begins with its name, a number with a digit",
            )),
            ('#', _) => Err(self.element()),
            _ => {
                let what = format!("{} does not belong in a filter", show(first));
                Err(self.wrong(&what))
            }
        }
    }

    fn wrong(&self, what: &str) -> FilterError {
        FilterError::new(self.at, what)
    }

    fn element(&self) -> FilterError {
        self.wrong(
            "a filter cannot name one element of a plural: leave out what begins with #, and all elements are looked at",
        )
    }

    /// A text in quotes. A backslash stands before a quote or a backslash, and a quote doubled is one; any other
    /// backslash is a character like others (our choice).
    fn text(&mut self, quote: char) -> Result<TokenKind, FilterError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('\\'), Some(escaped @ ('\'' | '"' | '\\'))) => {
                    text.push(escaped);
                    self.at += 2;
                }
                (Some(c), Some(next)) if c == quote && next == quote => {
                    text.push(quote);
                    self.at += 2;
                }
                (Some(c), _) if c == quote => {
                    self.at += 1;
                    return Ok(TokenKind::Text(text));
                }
                (Some(c), _) => {
                    text.push(c);
                    self.at += 1;
                }
                (None, _) => {
                    let what = format!("the text that begins here has no closing {quote}");
                    return Err(FilterError::new(start, &what));
                }
            }
        }
    }

    fn number(&mut self) -> Result<TokenKind, FilterError> {
        let start = self.at;
        self.at += 1;
        self.digits();
        if self.peek(0) == Some('.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.wrong("digits are missing after the decimal point"));
            }
        }
        if matches!(self.peek(0), Some('e' | 'E')) {
            self.at += 1;
            if matches!(self.peek(0), Some('+' | '-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.wrong("digits are missing in the exponent of the number"));
            }
        }
        let number = self.slice(start, self.at);
        match self.peek(0) {
            Some(c) if starts_name(c) || matches!(c, '.' | '-' | '/' | ':') => {
                let what = format!(
                    "{} follows a number directly: put texts and dates in quotes, as in '2003-01-02'",
                    show(c)
                );
                Err(self.wrong(&what))
            }
            _ => Ok(TokenKind::Number(number)),
        }
    }

    /// Takes digits, and says how many.
    fn digits(&mut self) -> usize {
        let from = self.at;
        while self.peek(0).is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - from
    }

    fn path(&mut self) -> Result<TokenKind, FilterError> {
        let rooted = self.peek(0) == Some('/');
        self.at += usize::from(rooted);
        let mut path = AttrPath::root();
        loop {
            let name = self.name()?;
            let separated = matches!(self.peek(0), Some('.' | '/'));
            if !rooted && !separated && path.is_root() {
                return Ok(TokenKind::Word(name));
            }
            path = push(path, name);
            if !separated {
                return Ok(TokenKind::Path(path));
            }
            self.at += 1;
        }
    }

    fn name(&mut self) -> Result<String, FilterError> {
        let from = self.at;
        if self.peek(0).is_some_and(starts_name) {
            while self.peek(0).is_some_and(continues_name) {
                self.at += 1;
            }
        }
        match self.peek(0) {
            Some('#' | '[') => Err(self.element()),
            _ if self.at == from => {
                Err(self.wrong("the name of an attribute is missing after the separator"))
            }
            _ => Ok(self.slice(from, self.at)),
        }
    }
}

fn push(mut path: AttrPath, name: String) -> AttrPath {
    path.0.push(Segment {
        name,
        element: None,
    });
    path
}

/// Wider than names of attributes are, so that a wrong one is an unknown attribute and not a broken filter.
fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A character for a message, escaped where it cannot be seen.
fn show(c: char) -> String {
    format!("`{}`", c.escape_debug())
}
