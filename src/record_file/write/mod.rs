//! Writing records into a file, one after the other, as their texts came: NDJSON, JSON, CSV or Parquet, packed or not.
//!
//! ```text
//!  raw text ─▶ Writer ─▶ form ─▶ gzip, if wanted ─▶ Tally (bytes, check sum) ─▶ file
//!                └─ mark(): everything so far is in the file, which may be cut there and gone on with
//! ```
//!
//! Values are never built: NDJSON and JSON get each record's text as it came, with its numbers' digits and the order of
//! its members, and tables get the texts of its members. Memory does not depend on how many records there are, but for some
//! bytes for each row group of Parquet. Used by exporting and by whoever keeps records aside; knows no network and no clock.
//!
//! | form | a record | null and absent | empty text |
//! | --- | --- | --- | --- |
//! | NDJSON | its text on a line | as they came | as it came |
//! | JSON | its text in an array, a line each | as they came | as it came |
//! | CSV | a row, dotted columns, plurals as JSON | an empty cell | `\E` |
//! | Parquet | a row, dotted columns, plurals as JSON | null | empty |

pub mod columns;
mod parquet;
mod table;
pub mod tally;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::capture::json::Json;
use crate::capture::raw::push_compact;
use crate::record_file::write::columns::Columns;
use crate::record_file::write::parquet::Parquet;
use crate::record_file::write::table::Table;

/// How many bytes are gathered before they are handed on.
const CHUNK: usize = 256 << 10;

/// What a file of records is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A JSON object a line.
    Ndjson,
    /// One JSON array.
    Json,
    /// A table of texts.
    Csv,
    /// A table for programs that analyse data.
    Parquet,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ndjson, Self::Json, Self::Csv, Self::Parquet];

    /// Its name, as it is written and as a file's name ends.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }

    /// What the name of a file says: `people.csv.gz`. `None` when it says nothing.
    pub fn of(file: &Path) -> Option<Self> {
        let name = file.file_name()?.to_str()?.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let ending = name.rsplit_once('.')?.1;
        if ending == "jsonl" {
            return Some(Self::Ndjson);
        }
        Self::ALL.into_iter().find(|form| form.name() == ending)
    }

    /// Whether it is a table, whose columns must be known before.
    pub fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Parquet)
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Form {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|form| form.name() == text);
        found.ok_or_else(|| "one of ndjson, json, csv, parquet".to_owned())
    }
}

/// Why a record cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file cannot be written.
    #[error("it cannot be written")]
    Io(#[from] io::Error),
    /// The text is none.
    #[error("not a record")]
    NotARecord,
    /// Nothing in the schema is called so.
    #[error("the attribute `{0}` is not in the schema that the table was begun with")]
    Unknown(String),
    /// The value is none of the attribute's type.
    #[error("the value of `{0}` is not of the type that the schema says")]
    Misfit(String),
    /// What a file is gone on with is none of its own.
    #[error("how far the file came cannot be read")]
    Mark,
}

/// How records are written.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The form.
    pub form: Form,
    /// Whether it is packed (gzip). Parquet packs by itself.
    pub packed: bool,
    /// Whether cells of CSV that begin like a formula get an apostrophe before them: for spread-sheets, and no way back.
    pub formula_safe: bool,
    /// The columns of a table; not looked at for the other forms.
    pub columns: Option<Columns>,
}

/// How far a file came: what is needed to go on with it beside its bytes so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// How many records are in it.
    pub records: u64,
    /// What the form needs since the mark before: to be kept, and all of them given back in order.
    pub since: Json,
}

/// Writes records.
pub struct Writer<W: Write> {
    out: Packed<W>,
    body: Body,
    /// What is not handed on yet.
    buffer: Vec<u8>,
    records: u64,
}

enum Body {
    Ndjson,
    Json,
    Csv(Box<Table>),
    Parquet(Box<Parquet>),
}

impl<W: Write> Writer<W> {
    /// Begins a file.
    pub fn begin(out: W, layout: &Layout) -> Result<Self, WriteError> {
        let mut writer = Self::new(out, layout)?;
        match &mut writer.body {
            Body::Ndjson => {}
            Body::Json => writer.buffer.push(b'['),
            Body::Csv(table) => table.head(&mut writer.buffer),
            Body::Parquet(parquet) => parquet.head(&mut writer.buffer),
        }
        Ok(writer)
    }

    /// Goes on with a file that is cut where it was marked last; `marks` are all of its marks.
    pub fn resume(out: W, layout: &Layout, marks: &[Mark]) -> Result<Self, WriteError> {
        let Some(last) = marks.last() else {
            return Self::begin(out, layout);
        };
        let mut writer = Self::new(out, layout)?;
        writer.records = last.records;
        if let Body::Parquet(parquet) = &mut writer.body {
            let since = marks.iter().map(|mark| &mark.since);
            parquet.resume(since).ok_or(WriteError::Mark)?;
        }
        Ok(writer)
    }

    fn new(out: W, layout: &Layout) -> Result<Self, WriteError> {
        let columns = || layout.columns.clone().ok_or(WriteError::NotARecord);
        let body = match layout.form {
            Form::Ndjson => Body::Ndjson,
            Form::Json => Body::Json,
            Form::Csv => Body::Csv(Box::new(Table::new(columns()?, layout.formula_safe))),
            Form::Parquet => Body::Parquet(Box::new(Parquet::new(columns()?))),
        };
        Ok(Self {
            out: if layout.packed && layout.form != Form::Parquet {
                Packed::Gzip(Member::Between(out))
            } else {
                Packed::Plain(out)
            },
            body,
            buffer: Vec::with_capacity(CHUNK + CHUNK / 4),
            records: 0,
        })
    }

    /// Adds a record: the text of a JSON object that is well-formed.
    pub fn write(&mut self, record: &[u8]) -> Result<(), WriteError> {
        match &mut self.body {
            Body::Ndjson => {
                push_compact(record, &mut self.buffer);
                self.buffer.push(b'\n');
            }
            Body::Json => {
                let between: &[u8] = if self.records == 0 { b"\n" } else { b",\n" };
                self.buffer.extend_from_slice(between);
                push_compact(record, &mut self.buffer);
            }
            Body::Csv(table) => table.row(record, &mut self.buffer)?,
            Body::Parquet(parquet) => parquet.row(record, &mut self.buffer)?,
        }
        self.records += 1;
        if self.buffer.len() >= CHUNK {
            self.hand_on()?;
        }
        Ok(())
    }

    /// Brings everything so far into the file. What follows may be lost, and the file be gone on with from here.
    pub fn mark(&mut self) -> Result<Mark, WriteError> {
        let since = match &mut self.body {
            Body::Parquet(parquet) => parquet.end_group(&mut self.buffer)?,
            Body::Ndjson | Body::Json | Body::Csv(_) => Json::Null,
        };
        self.hand_on()?;
        self.out.end_member()?;
        Ok(Mark {
            records: self.records,
            since,
        })
    }

    /// Ends the file and gives back what it was written to.
    pub fn finish(mut self) -> Result<W, WriteError> {
        match &mut self.body {
            Body::Ndjson | Body::Csv(_) => {}
            Body::Json => self.buffer.extend_from_slice(b"\n]\n"),
            Body::Parquet(parquet) => parquet.foot(&mut self.buffer)?,
        }
        self.hand_on()?;
        Ok(self.out.finish()?)
    }

    /// What it is written to.
    pub fn get_ref(&self) -> Option<&W> {
        match &self.out {
            Packed::Plain(out) | Packed::Gzip(Member::Between(out)) => Some(out),
            Packed::Gzip(Member::In(encoder)) => Some(encoder.get_ref()),
            Packed::Gzip(Member::Lost) => None,
        }
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

/// Where the bytes go.
enum Packed<W: Write> {
    Plain(W),
    Gzip(Member<W>),
}

/// A packed file is members one after the other, which unpack to one text: it can be cut between any two.
enum Member<W: Write> {
    Between(W),
    In(GzEncoder<W>),
    /// Writing failed before.
    Lost,
}

impl<W: Write> Packed<W> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.write_all(bytes),
            Self::Gzip(_) if bytes.is_empty() => Ok(()),
            Self::Gzip(member) => member.encoder()?.write_all(bytes),
        }
    }

    fn end_member(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(member) => member.end()?.flush(),
        }
    }

    fn finish(self) -> io::Result<W> {
        let mut out = match self {
            Self::Plain(out) => out,
            // A file without anything in it is packed all the same.
            Self::Gzip(mut member) => {
                member.encoder()?;
                member.end()?;
                let Member::Between(out) = member else {
                    return Err(lost());
                };
                out
            }
        };
        out.flush()?;
        Ok(out)
    }
}

impl<W: Write> Member<W> {
    fn encoder(&mut self) -> io::Result<&mut GzEncoder<W>> {
        if let Self::Between(_) = self
            && let Self::Between(out) = std::mem::replace(self, Self::Lost)
        {
            // The fastest: what is packed comes from the network, and it is packed to save the disk.
            *self = Self::In(GzEncoder::new(out, Compression::fast()));
        }
        match self {
            Self::In(encoder) => Ok(encoder),
            Self::Between(_) | Self::Lost => Err(lost()),
        }
    }

    fn end(&mut self) -> io::Result<&mut W> {
        *self = match std::mem::replace(self, Self::Lost) {
            Self::In(encoder) => Self::Between(encoder.finish()?),
            other => other,
        };
        match self {
            Self::Between(out) => Ok(out),
            Self::In(_) | Self::Lost => Err(lost()),
        }
    }
}

fn lost() -> io::Error {
    io::Error::other("writing failed before")
}
