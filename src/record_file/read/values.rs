//! The records of a JSON document, found without holding the document: the elements of an array, of the `results` of an
//! answer, or values one after the other. Only brackets and strings are followed; what a value says is read later.

use std::io;
use std::io::BufRead;

use crate::record_file::read::Broken;
use crate::record_file::read::Input;
use crate::record_file::read::LONGEST_ROW;

/// The member of an answer that holds its records.
const RESULTS: &[u8] = b"\"results\"";

/// The values of a document.
pub(super) struct Values {
    input: Input,
    /// The number of the current line.
    line: u64,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where a document begins.
    Top,
    /// Before an element of an array, the first or another.
    Array { first: bool, in_answer: bool },
    /// After the end.
    End,
}

/// Whether a text on one line is an answer with records.
pub(super) fn has_results(text: &[u8]) -> bool {
    memchr::memmem::find(text, RESULTS).is_some_and(|at| {
        let rest = text[at + RESULTS.len()..].trim_ascii_start();
        let value = rest.strip_prefix(b":").map(<[u8]>::trim_ascii_start);
        value.is_some_and(|value| value.starts_with(b"["))
    })
}

impl Values {
    pub(super) fn new(input: Input) -> Self {
        Self {
            input,
            line: 1,
            place: Place::Top,
        }
    }

    /// The next value with the line on which it begins.
    pub(super) fn next_value(&mut self) -> Result<Option<(u64, Vec<u8>)>, Broken> {
        loop {
            let next = self.skip_space()?;
            match self.place {
                Place::End => return Ok(None),
                Place::Top => match next {
                    None => {
                        self.place = Place::End;
                    }
                    Some(b'[') => {
                        self.take()?;
                        self.place = Place::Array {
                            first: true,
                            in_answer: false,
                        };
                    }
                    Some(b'{') => {
                        let line = self.line;
                        if let Some(text) = self.object_or_answer()? {
                            return Ok(Some((line, text)));
                        }
                    }
                    Some(_) => {
                        return Err(self.broken("an array or an object of JSON is expected"));
                    }
                },
                Place::Array { first, in_answer } => match next {
                    None => return Err(self.broken("the file ends inside of its array")),
                    Some(b']') => {
                        self.take()?;
                        if in_answer {
                            self.rest_of_answer()?;
                        }
                        self.place = Place::Top;
                    }
                    Some(b',') if !first => {
                        self.take()?;
                        self.skip_space()?;
                        return self.element(in_answer).map(Some);
                    }
                    Some(_) if first => return self.element(in_answer).map(Some),
                    Some(_) => return Err(self.broken("a comma or ] is expected")),
                },
            }
        }
    }

    fn element(&mut self, in_answer: bool) -> Result<(u64, Vec<u8>), Broken> {
        self.place = Place::Array {
            first: false,
            in_answer,
        };
        let line = self.line;
        let mut text = Vec::new();
        self.value(&mut text)?;
        Ok((line, text))
    }

    /// An object as a whole; `None` when it is an answer, whose records come next.
    fn object_or_answer(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        let mut text = vec![self.take()?];
        loop {
            match self.keep_space(&mut text)? {
                Some(b'}') => {
                    text.push(self.take()?);
                    return Ok(Some(text));
                }
                Some(b'"') => {
                    let from = text.len();
                    self.value(&mut text)?;
                    let is_results = &text[from..] == RESULTS;
                    if self.keep_space(&mut text)? == Some(b':') {
                        text.push(self.take()?);
                        if self.keep_space(&mut text)? == Some(b'[') && is_results {
                            self.take()?;
                            self.place = Place::Array {
                                first: true,
                                in_answer: true,
                            };
                            return Ok(None);
                        }
                        self.value(&mut text)?;
                    }
                }
                Some(_) => text.push(self.take()?),
                None => return Err(self.broken("the file ends inside of an object")),
            }
            self.keep_short(&text)?;
        }
    }

    /// What follows the records of an answer, up to its end.
    fn rest_of_answer(&mut self) -> Result<(), Broken> {
        loop {
            match self.skip_space()? {
                Some(b'}') => {
                    self.take()?;
                    return Ok(());
                }
                Some(b'"' | b'{' | b'[') => {
                    let mut passed = Vec::new();
                    self.value(&mut passed)?;
                }
                Some(_) => {
                    self.take()?;
                }
                None => return Err(self.broken("the file ends inside of its answer")),
            }
        }
    }

    /// One value, as it stands there, from its first byte.
    fn value(&mut self, text: &mut Vec<u8>) -> Result<(), Broken> {
        let mut depth = 0_u64;
        loop {
            let Some(byte) = self.peek()? else {
                // A word or a number may end with the file; the array around it is still open.
                return if depth == 0 {
                    Ok(())
                } else {
                    Err(self.broken("the file ends inside of a value"))
                };
            };
            match byte {
                b'"' => {
                    self.string(text)?;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                b'{' | b'[' => {
                    depth += 1;
                    text.push(self.take()?);
                }
                b'}' | b']' => {
                    if depth == 0 {
                        return Ok(());
                    }
                    depth -= 1;
                    text.push(self.take()?);
                    if depth == 0 {
                        return Ok(());
                    }
                }
                b',' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => return Ok(()),
                _ => self.run(text)?,
            }
            self.keep_short(text)?;
        }
    }

    /// What stands between brackets and strings, as far as it has been read.
    fn run(&mut self, text: &mut Vec<u8>) -> Result<(), Broken> {
        let piece = fill(&mut self.input)?;
        let stops = |byte: &u8| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']' | b',');
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        // The first byte is taken in any case; a blank ends a value that is a word.
        let rest = piece.get(1..).unwrap_or_default();
        let end = rest.iter().position(|byte| stops(byte) || is_space(byte));
        let taken = 1 + end.unwrap_or(rest.len());
        text.extend_from_slice(&piece[..taken]);
        self.line += count_lines(&piece[..taken]);
        self.input.consume(taken);
        Ok(())
    }

    /// A string from its opening quote to its closing one.
    fn string(&mut self, text: &mut Vec<u8>) -> Result<(), Broken> {
        text.push(self.take()?);
        loop {
            let piece = fill(&mut self.input)?;
            if piece.is_empty() {
                return Err(self.broken("the file ends inside of a string"));
            }
            let found = memchr::memchr2(b'"', b'\\', piece);
            let taken = found.map_or(piece.len(), |at| at + 1);
            let last = found.map(|at| piece[at]);
            text.extend_from_slice(&piece[..taken]);
            self.line += count_lines(&piece[..taken]);
            self.input.consume(taken);
            match last {
                Some(b'"') => return Ok(()),
                Some(_) => text.push(self.take()?),
                None => self.keep_short(text)?,
            }
        }
    }

    /// Passes over white space; the byte after it, which stays.
    fn skip_space(&mut self) -> Result<Option<u8>, Broken> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\n' | b'\r' | b'\t') => {
                    self.take()?;
                }
                other => return Ok(other),
            }
        }
    }

    /// Takes over white space, of which there must not be less for what is wrong to stay wrong; the byte after it stays.
    fn keep_space(&mut self, text: &mut Vec<u8>) -> Result<Option<u8>, Broken> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\n' | b'\r' | b'\t') => {
                    text.push(self.take()?);
                    self.keep_short(text)?;
                }
                other => return Ok(other),
            }
        }
    }

    fn peek(&mut self) -> Result<Option<u8>, Broken> {
        Ok(fill(&mut self.input)?.first().copied())
    }

    fn take(&mut self) -> Result<u8, Broken> {
        let Some(byte) = self.peek()? else {
            return Err(self.broken("the file ends too early"));
        };
        self.line += u64::from(byte == b'\n');
        self.input.consume(1);
        Ok(byte)
    }

    fn keep_short(&self, text: &[u8]) -> Result<(), Broken> {
        if text.len() <= LONGEST_ROW {
            return Ok(());
        }
        let longest = LONGEST_ROW >> 20;
        Err(self.broken(&format!("the value before it is longer than {longest} MB")))
    }

    fn broken(&self, why: &str) -> Broken {
        Broken::Text {
            line: self.line,
            why: why.to_owned(),
        }
    }
}

fn fill(input: &mut Input) -> Result<&[u8], Broken> {
    // Asked twice: what is borrowed from the first cannot be given back out of the loop.
    loop {
        match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
            Ok(_) => break,
        }
    }
    Ok(input.fill_buf()?)
}

fn count_lines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}
