//! Writes JSON text anew, indented or on one line, token by token: numbers, escapes and the order of keys stay as they
//! came.
//!
//! Used by whoever copies, saves or prints what a document holds. It reads nothing into values and needs no index, so
//! its memory does not grow with the text; what is not JSON passes through as it stands. Deliberately absent: checking,
//! which is [`crate::json::document`]'s, and colours.

use std::io;
use std::io::Write;

/// How the text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Each member and element on a line, two spaces a level.
    Indented,
    /// Without white space between tokens; documents one after the other on a line each.
    Compact,
}

/// How deep lines are indented at most, in levels: a text of nothing but brackets would else grow by its square.
const DEEPEST: usize = 200;

/// Writes JSON text in a form, piece by piece: what is given may be cut anywhere.
#[derive(Debug)]
pub struct Printer<W> {
    out: W,
    form: Form,
    depth: usize,
    state: State,
    /// Whether the container that was opened last holds nothing so far.
    fresh: bool,
    /// Whether anything was written.
    begun: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between tokens.
    Between,
    /// After white space that separates two words, such as documents of a stream.
    Apart,
    /// In a number or a word.
    Word,
    /// In a string.
    String,
    /// After a backslash in a string.
    Escape,
}

impl<W: Write> Printer<W> {
    /// Writes to `out`.
    pub fn new(out: W, form: Form) -> Self {
        Self {
            out,
            form,
            depth: 0,
            state: State::Between,
            fresh: false,
            begun: false,
        }
    }

    /// Writes what this part of the text comes to.
    pub fn write(&mut self, mut text: &[u8]) -> io::Result<()> {
        while let Some(&byte) = text.first() {
            match self.state {
                State::String => {
                    let end = memchr::memchr2(b'"', b'\\', text).map_or(text.len(), |at| at + 1);
                    self.out.write_all(&text[..end])?;
                    self.state = match text[end - 1] {
                        b'"' => State::Between,
                        b'\\' => State::Escape,
                        _ => State::String,
                    };
                    text = &text[end..];
                    continue;
                }
                State::Escape => {
                    self.out.write_all(&[byte])?;
                    self.state = State::String;
                }
                State::Between | State::Apart | State::Word => self.token(byte)?,
            }
            text = &text[1..];
        }
        Ok(())
    }

    /// Ends the text, with a line end in the indented form, and gives back where it went.
    pub fn finish(mut self) -> io::Result<W> {
        if self.form == Form::Indented && self.begun {
            self.out.write_all(b"\n")?;
        }
        Ok(self.out)
    }

    fn token(&mut self, byte: u8) -> io::Result<()> {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                if self.begun && (self.depth == 0 || self.state == State::Word) {
                    self.state = State::Apart;
                }
                return Ok(());
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                if !std::mem::take(&mut self.fresh) {
                    self.line()?;
                }
                self.state = State::Between;
                return self.put(&[byte]);
            }
            b',' => {
                self.put(b",")?;
                self.state = State::Between;
                return self.line();
            }
            b':' => {
                self.state = State::Between;
                return self.put(if self.form == Form::Indented {
                    b": "
                } else {
                    b":"
                });
            }
            _ => {}
        }
        // What begins a value.
        if std::mem::take(&mut self.fresh) {
            self.line()?;
        } else if self.state == State::Apart {
            self.put(if self.depth == 0 { b"\n" } else { b" " })?;
        }
        self.put(&[byte])?;
        self.state = match byte {
            b'"' => State::String,
            b'{' | b'[' => {
                self.depth += 1;
                self.fresh = true;
                State::Between
            }
            _ => State::Word,
        };
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.begun = true;
        self.out.write_all(bytes)
    }

    fn line(&mut self) -> io::Result<()> {
        if self.form == Form::Compact {
            return Ok(());
        }
        self.out.write_all(b"\n")?;
        for _ in 0..self.depth.min(DEEPEST) {
            self.out.write_all(b"  ")?;
        }
        Ok(())
    }
}

/// All of `text` in a form, without a line end behind it.
pub fn print(text: &[u8], form: Form) -> Vec<u8> {
    let mut printer = Printer::new(Vec::with_capacity(text.len()), form);
    let written = printer.write(text);
    debug_assert!(written.is_ok(), "a vector takes everything");
    printer.out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(text: &str) -> [String; 2] {
        [Form::Indented, Form::Compact].map(|form| {
            let bytes = print(text.as_bytes(), form);
            String::from_utf8(bytes).expect("stays text")
        })
    }

    #[test]
    fn tokens_stay_and_space_goes() {
        for (text, indented, compact) in [
            ("", "", ""),
            (" 1.00 ", "1.00", "1.00"),
            ("{}", "{}", "{}"),
            ("[ ]", "[]", "[]"),
            (
                "{\"a\" : [1e400 , {}] , \"a\":\"x\\\" ,{\"}",
                "{\n  \"a\": [\n    1e400,\n    {}\n  ],\n  \"a\": \"x\\\" ,{\"\n}",
                "{\"a\":[1e400,{}],\"a\":\"x\\\" ,{\"}",
            ),
            ("1\n2\r\n{}", "1\n2\n{}", "1\n2\n{}"),
            ("[1", "[\n  1", "[1"),
            ("]}", "\n]\n}", "]}"),
            ("[a b]", "[\n  a b\n]", "[a b]"),
        ] {
            assert_eq!(both(text), [indented, compact], "{text}");
        }
    }

    #[test]
    fn where_the_text_is_cut_makes_no_difference() {
        let text = b"[ 12 , \"a\\\\\\\"b\" , {\"k\" : [true , null]} ] \n {}";
        for form in [Form::Indented, Form::Compact] {
            let whole = print(text, form);
            for cut in 0..text.len() {
                let mut printer = Printer::new(Vec::new(), form);
                printer.write(&text[..cut]).expect("takes everything");
                printer.write(&text[cut..]).expect("takes everything");
                assert_eq!(printer.out, whole, "cut at {cut}");
            }
        }
        let printer = Printer::new(Vec::new(), Form::Indented);
        assert!(printer.finish().expect("takes everything").is_empty());
    }

    #[test]
    fn depth_does_not_make_a_text_explode() {
        let text = "[".repeat(10_000);
        assert!(print(text.as_bytes(), Form::Indented).len() < text.len() * (2 * DEEPEST + 2));
    }
}
