//! Says whether a text is JSON, and where it stops being so, piece by piece and in the memory of one piece.
//!
//! Used where a text passes through and is not kept, such as a pipe into a pipe. It follows RFC 8259, and as
//! [`crate::json::document`] takes several documents one after the other, a byte order mark at the beginning, and bytes
//! in strings that are not UTF-8. It keeps one bit for each open container. Deliberately absent: knowing what the text
//! says, and reading on after the fault; a text that can be kept is for the document engine.

use std::fmt;

use crate::json::locate::BOM;

/// Where and why a text stops being JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// From 1.
    pub line: u64,
    /// In characters, from 1.
    pub column: u64,
    /// For people.
    pub reason: &'static str,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            reason,
        } = self;
        write!(f, "line {line}, column {column}: {reason}")
    }
}

/// Reads a text in pieces that may be cut anywhere.
#[derive(Debug)]
pub struct Checker {
    state: State,
    open: Open,
    has_value: bool,
    line: u64,
    column: u64,
    broken: Option<Broken>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// So many bytes of a byte order mark have come, and nothing else.
    Mark(usize),
    Value,
    ValueOrClose,
    Key,
    KeyOrClose,
    Colon,
    CommaOrClose,
    /// A document has ended.
    Document,
    String(Role),
    Escape(Role),
    /// So many hexadecimal digits of an escape are still to come.
    Digits(Role, u8),
    /// What is still to come of `true`, `false` or `null`.
    Word(&'static [u8]),
    Number(Number),
}

/// What a string is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Key,
    Value,
}

/// What has come of a number last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    Minus,
    Zero,
    Digit,
    Point,
    Fraction,
    E,
    Sign,
    Exponent,
}

/// The open containers: for each whether it is an object.
#[derive(Debug, Default)]
struct Open {
    bits: Vec<u64>,
    depth: usize,
}

impl Open {
    fn push(&mut self, is_object: bool) {
        let (word, bit) = (self.depth / 64, self.depth % 64);
        if word == self.bits.len() {
            self.bits.push(0);
        }
        self.bits[word] = self.bits[word] & !(1 << bit) | u64::from(is_object) << bit;
        self.depth += 1;
    }

    /// Whether the innermost container is an object; none outside of all.
    fn innermost(&self) -> Option<bool> {
        let at = self.depth.checked_sub(1)?;
        Some(self.bits[at / 64] >> (at % 64) & 1 == 1)
    }
}

impl Default for Checker {
    fn default() -> Self {
        Self {
            state: State::Mark(0),
            open: Open::default(),
            has_value: false,
            line: 1,
            column: 1,
            broken: None,
        }
    }
}

impl Checker {
    /// Reads the next piece.
    pub fn read(&mut self, text: &[u8]) {
        let mut at = 0;
        while self.broken.is_none() && at < text.len() {
            let plain = match self.state {
                State::String(_) => plain_length(&text[at..]),
                _ => 0,
            };
            self.column += characters(&text[at..at + plain]);
            at += plain;
            let Some(&byte) = text.get(at) else { break };
            if let Err(reason) = self.byte(byte) {
                self.stop(reason);
                return;
            }
            if byte == b'\n' {
                self.line += 1;
                self.column = 1;
            } else if !matches!(self.state, State::Mark(_)) {
                self.column += characters(&[byte]);
            }
            at += 1;
        }
    }

    /// Ends the text, and says where and why it is not JSON; none if it is.
    pub fn finish(mut self) -> Option<Broken> {
        let reason = match self.state {
            _ if self.broken.is_some() => return self.broken,
            State::String(_) | State::Escape(_) | State::Digits(..) => {
                Some("the text ends inside a string: its closing \" is missing")
            }
            State::Word(rest) if !rest.is_empty() => Some("the text ends inside a word"),
            State::Number(number) if !number.can_end() => Some("the text ends inside a number"),
            _ if self.open.innermost() == Some(true) => {
                Some("the text ends too early: a } is missing")
            }
            _ if self.open.innermost() == Some(false) => {
                Some("the text ends too early: a ] is missing")
            }
            _ if !self.has_value => Some("the text is empty"),
            _ => None,
        };
        if let Some(reason) = reason {
            self.stop(reason);
        }
        self.broken
    }

    fn stop(&mut self, reason: &'static str) {
        self.broken = Some(Broken {
            line: self.line,
            column: self.column,
            reason,
        });
    }

    fn byte(&mut self, byte: u8) -> Result<(), &'static str> {
        match self.state {
            State::Mark(at) if byte == BOM.as_bytes()[at] => {
                self.state = match at + 1 {
                    at if at == BOM.len() => State::Value,
                    at => State::Mark(at),
                };
                Ok(())
            }
            State::Mark(0) => {
                self.state = State::Value;
                self.between(byte)
            }
            State::Mark(_) => Err("a value is expected here"),
            State::String(role) => self.in_string(role, byte),
            State::Escape(role) => {
                self.state = match byte {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => State::String(role),
                    b'u' => State::Digits(role, 4),
                    _ => return Err("there is no such escape in JSON"),
                };
                Ok(())
            }
            State::Digits(..) if !byte.is_ascii_hexdigit() => {
                Err("four hexadecimal digits are expected after \\u")
            }
            State::Digits(role, 1) => {
                self.state = State::String(role);
                Ok(())
            }
            State::Digits(role, left) => {
                self.state = State::Digits(role, left - 1);
                Ok(())
            }
            State::Word([next, rest @ ..]) if byte == *next => {
                self.state = State::Word(rest);
                Ok(())
            }
            State::Word([]) if !byte.is_ascii_alphanumeric() => {
                self.state = self.after_value();
                self.between(byte)
            }
            State::Word(_) => Err("only true, false and null are words of JSON"),
            State::Number(number) => {
                if let Some(next) = number.then(byte)? {
                    self.state = State::Number(next);
                    Ok(())
                } else {
                    self.state = self.after_value();
                    self.between(byte)
                }
            }
            _ => self.between(byte),
        }
    }

    fn in_string(&mut self, role: Role, byte: u8) -> Result<(), &'static str> {
        self.state = match byte {
            b'"' if role == Role::Key => State::Colon,
            b'"' => self.after_value(),
            b'\\' => State::Escape(role),
            0..0x20 => return Err("a control character in a string must be written as an escape"),
            _ => return Ok(()),
        };
        Ok(())
    }

    /// A byte between tokens, or the first of one.
    fn between(&mut self, byte: u8) -> Result<(), &'static str> {
        if let b' ' | b'\t' | b'\n' | b'\r' = byte {
            return Ok(());
        }
        self.state = match (self.state, byte) {
            (State::Value | State::ValueOrClose | State::Document, b']' | b'}' | b',' | b':')
                if (self.state, byte) != (State::ValueOrClose, b']') =>
            {
                return Err(match self.state {
                    State::Document => "the document has ended, and this follows",
                    _ => "a value is expected here",
                });
            }
            (State::ValueOrClose | State::CommaOrClose, b']')
                if self.open.innermost() == Some(false) =>
            {
                self.close()
            }
            (State::KeyOrClose | State::CommaOrClose, b'}')
                if self.open.innermost() == Some(true) =>
            {
                self.close()
            }
            (State::CommaOrClose, b',') if self.open.innermost() == Some(true) => State::Key,
            (State::CommaOrClose, b',') | (State::Colon, b':') => State::Value,
            (State::CommaOrClose, _) => {
                return Err("a comma or a closing bracket is expected here");
            }
            (State::Key | State::KeyOrClose, b'"') => State::String(Role::Key),
            (State::Key | State::KeyOrClose, _) => return Err("a key in quotes is expected here"),
            (State::Colon, _) => return Err("a colon is expected behind the key"),
            _ => return self.value(byte),
        };
        Ok(())
    }

    fn value(&mut self, byte: u8) -> Result<(), &'static str> {
        self.has_value = true;
        self.state = match byte {
            b'{' => {
                self.open.push(true);
                State::KeyOrClose
            }
            b'[' => {
                self.open.push(false);
                State::ValueOrClose
            }
            b'"' => State::String(Role::Value),
            b't' => State::Word(b"rue"),
            b'f' => State::Word(b"alse"),
            b'n' => State::Word(b"ull"),
            b'-' => State::Number(Number::Minus),
            b'0' => State::Number(Number::Zero),
            b'1'..=b'9' => State::Number(Number::Digit),
            _ => return Err("a value is expected here"),
        };
        Ok(())
    }

    /// What is expected after a container that ends here, which one does.
    fn close(&mut self) -> State {
        self.open.depth -= 1;
        self.after_value()
    }

    fn after_value(&self) -> State {
        match self.open.depth {
            0 => State::Document,
            _ => State::CommaOrClose,
        }
    }
}

impl Number {
    /// What a byte makes of the number; none when it does not belong to it.
    fn then(self, byte: u8) -> Result<Option<Self>, &'static str> {
        Ok(Some(match (self, byte) {
            (Self::Minus, b'0') => Self::Zero,
            (Self::Zero, b'0'..=b'9') => return Err("a number does not start with 0"),
            (Self::Minus | Self::Digit, b'0'..=b'9') => Self::Digit,
            (Self::Zero | Self::Digit, b'.') => Self::Point,
            (Self::Point | Self::Fraction, b'0'..=b'9') => Self::Fraction,
            (Self::Zero | Self::Digit | Self::Fraction, b'e' | b'E') => Self::E,
            (Self::E, b'+' | b'-') => Self::Sign,
            (Self::E | Self::Sign | Self::Exponent, b'0'..=b'9') => Self::Exponent,
            _ if self.can_end() => return Ok(None),
            _ => return Err("a digit is expected in a number"),
        }))
    }

    fn can_end(self) -> bool {
        matches!(
            self,
            Self::Zero | Self::Digit | Self::Fraction | Self::Exponent
        )
    }
}

/// How many bytes of a string come before its end, an escape or a control character.
fn plain_length(text: &[u8]) -> usize {
    let stops = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    text.iter().position(stops).unwrap_or(text.len())
}

/// How many characters begin in these bytes.
fn characters(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::document::Document;

    fn check(pieces: &[&[u8]]) -> Option<Broken> {
        let mut checker = Checker::default();
        for piece in pieces {
            checker.read(piece);
        }
        checker.finish()
    }

    const TEXTS: &[&str] = &[
        "1",
        "-0.5e+7 ",
        "{}",
        "[]",
        " {\"a\": [1, {\"b\\u00e9\": null}], \"c\": \"\"}\n",
        "\u{feff}[true,false]",
        "{}\n[]\n\"x\" 5",
        "\"é\u{1f600}\"",
        "",
        "  \n",
        "\u{feff}",
        "[",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "[1,]",
        "[,1]",
        "{,}",
        "{\"a\" 1}",
        "{a:1}",
        "[1 2]",
        "[1}",
        "{\"a\":1]",
        "]",
        "01",
        "-",
        "1.",
        "1e",
        "-a",
        "tru",
        "trux",
        "truex",
        "\"a",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u12",
        "\"a\tb\"",
        "\"a\nb\"",
        "1,2",
        "{}}",
        "{\"é\":\n \"x\" \u{1}}",
        "nul\n",
        "<html>",
    ];

    #[test]
    fn the_checker_and_the_document_engine_agree() {
        for text in TEXTS {
            let document = Document::parse(*text);
            let ends_well = document.faults().is_empty();
            let broken = check(&[text.as_bytes()]);
            assert_eq!(broken.is_none(), ends_well, "{text:?}: {broken:?}");
        }
    }

    #[test]
    fn pieces_cut_anywhere_say_the_same() {
        for text in TEXTS {
            let whole = check(&[text.as_bytes()]);
            for cut in 0..=text.len() {
                let (before, after) = text.as_bytes().split_at(cut);
                assert_eq!(check(&[before, after]), whole, "{text:?} cut at {cut}");
            }
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(check(&bytes), whole, "{text:?} byte by byte");
        }
    }

    #[test]
    fn places_are_lines_and_characters() {
        for (text, place) in [
            ("{\"é\":\n \"ü\" x}", "line 2, column 6: "),
            ("[1,\n2,\n]", "line 3, column 1: "),
            ("\u{feff}x", "line 1, column 1: "),
            ("", "line 1, column 1: the text is empty"),
            (
                "[\n",
                "line 2, column 1: the text ends too early: a ] is missing",
            ),
        ] {
            let broken = check(&[text.as_bytes()]).expect("is no JSON").to_string();
            assert!(broken.starts_with(place), "{text:?}: {broken}");
        }
    }

    #[test]
    fn depth_costs_a_bit() {
        let deep = "[".repeat(1_000_000);
        let mut checker = Checker::default();
        checker.read(deep.as_bytes());
        assert!(checker.open.bits.capacity() <= 32_768);
        checker.read("]".repeat(1_000_000).as_bytes());
        assert_eq!(checker.finish(), None);
    }
}
