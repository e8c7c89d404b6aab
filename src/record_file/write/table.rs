//! Records as rows of CSV, as [`crate::record_file::read`] reads them: the first row names the columns.

use std::borrow::Cow;

use crate::capture::raw::unquoted;
use crate::json::formula::guarded;
use crate::record_file::cell_of;
use crate::record_file::write::WriteError;
use crate::record_file::write::columns::Columns;
use crate::record_file::write::columns::Kind;

/// A table of CSV.
pub(super) struct Table {
    columns: Columns,
    formula_safe: bool,
}

impl Table {
    pub(super) fn new(columns: Columns, formula_safe: bool) -> Self {
        Self {
            columns,
            formula_safe,
        }
    }

    /// The first row.
    pub(super) fn head(&self, out: &mut Vec<u8>) {
        let names = self.columns.all().iter();
        push_row(names.map(|column| Cow::Borrowed(column.path.as_str())), out);
    }

    /// The row of a record.
    pub(super) fn row(&self, record: &[u8], out: &mut Vec<u8>) -> Result<(), WriteError> {
        let mut values = Vec::new();
        self.columns.cells(record, &mut values)?;
        let cells = self.columns.all().iter().zip(&values);
        let cells = cells.map(|(column, value)| match value {
            None => Ok(Cow::Borrowed("")),
            Some(value) => self.cell(column.kind, value),
        });
        let cells: Vec<Cow<str>> = cells.collect::<Result<_, _>>()?;
        push_row(cells.into_iter(), out);
        Ok(())
    }

    /// A value that is not null as a cell.
    fn cell<'a>(&self, kind: Kind, value: &'a [u8]) -> Result<Cow<'a, str>, WriteError> {
        let is_text = value.first() == Some(&b'"') && kind != Kind::Json;
        let text = if is_text {
            unquoted(value)
        } else {
            std::str::from_utf8(value).ok().map(Cow::Borrowed)
        };
        let text = text.ok_or(WriteError::NotARecord)?;
        let marked = match text {
            Cow::Borrowed(text) if is_text => cell_of(text),
            Cow::Owned(text) if is_text => Cow::Owned(cell_of(&text).into_owned()),
            text => text,
        };
        if !self.formula_safe || !(is_text || kind == Kind::Json) {
            return Ok(marked);
        }
        Ok(match guarded(&marked) {
            Cow::Owned(guarded) => Cow::Owned(guarded),
            Cow::Borrowed(_) => marked,
        })
    }
}

fn push_row<'a>(cells: impl Iterator<Item = Cow<'a, str>>, out: &mut Vec<u8>) {
    let from = out.len();
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        push_cell(&cell, out);
    }
    // A row of one empty cell would be an empty line, which is no row.
    if out.len() == from {
        out.extend_from_slice(b"\"\"");
    }
    out.push(b'\n');
}

fn push_cell(cell: &str, out: &mut Vec<u8>) {
    let needs_quotes = |byte: u8| matches!(byte, b',' | b'"' | b'\n' | b'\r' | b';' | b'\t');
    let is_spaced = cell.starts_with(' ') || cell.ends_with(' ');
    if !is_spaced && !cell.bytes().any(needs_quotes) {
        out.extend_from_slice(cell.as_bytes());
        return;
    }
    out.push(b'"');
    let mut rest = cell.as_bytes();
    while let Some(at) = memchr::memchr(b'"', rest) {
        out.extend_from_slice(&rest[..=at]);
        out.push(b'"');
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}
