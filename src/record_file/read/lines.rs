//! Lines, and rows of CSV, which may span several: where each begins and ends. What is in them is not looked at.

use std::io;
use std::io::BufRead;

use crate::record_file::read::Broken;
use crate::record_file::read::Input;
use crate::record_file::read::LONGEST_ROW;

/// The lines of a text, counted.
pub(super) struct Lines {
    input: Input,
    /// The number of the next line.
    line: u64,
}

/// A line's number and text.
type Numbered = (u64, Vec<u8>);

impl Lines {
    pub(super) fn new(input: Input) -> Self {
        Self { input, line: 1 }
    }

    /// The next line that is not blank.
    pub(super) fn next_line(&mut self) -> Result<Option<Numbered>, Broken> {
        loop {
            let at = self.line;
            let mut text = Vec::new();
            if !self.append(&mut text, at)? {
                return Ok(None);
            }
            if !text.trim_ascii().is_empty() {
                cut_end(&mut text);
                return Ok(Some((at, text)));
            }
        }
    }

    /// The next row of CSV: a line, and those after it up to the end of a quoted cell. Lines of empty cells are none.
    pub(super) fn next_cells(&mut self, delimiter: u8) -> Result<Option<Numbered>, Broken> {
        loop {
            let at = self.line;
            let mut text = Vec::new();
            if !self.append(&mut text, at)? {
                return Ok(None);
            }
            if says_nothing(&text, delimiter) {
                continue;
            }
            let mut quotes = Quotes::default();
            quotes.pass(&text, delimiter);
            while quotes.is_open() {
                let from = text.len();
                if !self.append(&mut text, at)? {
                    let why = "the file ends inside of a quoted cell of the row that begins there";
                    return Err(Broken::Text {
                        line: at,
                        why: why.to_owned(),
                    });
                }
                quotes.pass(&text[from..], delimiter);
            }
            cut_end(&mut text);
            return Ok(Some((at, text)));
        }
    }

    /// Adds a line with its end; false at the end of the text.
    fn append(&mut self, text: &mut Vec<u8>, row: u64) -> Result<bool, Broken> {
        let from = text.len();
        loop {
            let piece = match self.input.fill_buf() {
                Ok(piece) => piece,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            if piece.is_empty() {
                return Ok(text.len() > from);
            }
            let end = memchr::memchr(b'\n', piece);
            let taken = end.map_or(piece.len(), |end| end + 1);
            text.extend_from_slice(&piece[..taken]);
            self.input.consume(taken);
            if text.len() > LONGEST_ROW {
                let why = format!(
                    "the row that begins there is longer than {} MB: is a quote never closed?",
                    LONGEST_ROW >> 20
                );
                return Err(Broken::Text { line: row, why });
            }
            if end.is_some() {
                self.line += 1;
                return Ok(true);
            }
        }
    }
}

/// Whether a line has nothing in it but empty cells, as programs write them for rows that were emptied.
fn says_nothing(line: &[u8], delimiter: u8) -> bool {
    let line = line.trim_ascii();
    let is_empty = |cell: &[u8]| cell.is_empty() || cell == b"\"\"";
    // Most lines begin with something.
    line.split(|byte| *byte == delimiter).all(is_empty)
}

/// Takes off the end of a line.
fn cut_end(text: &mut Vec<u8>) {
    for end in [b'\n', b'\r'] {
        if text.last() == Some(&end) {
            text.pop();
        }
    }
}

/// Whether a quoted cell is open: a quote opens one at its beginning only, as readers of CSV agree on.
#[derive(Default)]
struct Quotes {
    place: Place,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Begin,
    Plain,
    Quoted,
    /// After a quote inside of a quoted cell: its end, or the first of two.
    Quote,
}

impl Quotes {
    fn is_open(&self) -> bool {
        self.place == Place::Quoted
    }

    fn pass(&mut self, text: &[u8], delimiter: u8) {
        if self.place != Place::Quoted && memchr::memchr(b'"', text).is_none() {
            return;
        }
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            let found = match self.place {
                Place::Quoted => memchr::memchr(b'"', &text[at..]),
                Place::Plain => memchr::memchr(delimiter, &text[at..]),
                Place::Begin | Place::Quote => Some(0),
            };
            let Some(skipped) = found else {
                return;
            };
            self.place = match self.place {
                Place::Quoted => Place::Quote,
                Place::Plain => Place::Begin,
                Place::Begin | Place::Quote if *byte == b'"' => Place::Quoted,
                Place::Begin | Place::Quote if *byte == delimiter => Place::Begin,
                Place::Begin | Place::Quote => Place::Plain,
            };
            at += skipped + 1;
        }
    }
}
