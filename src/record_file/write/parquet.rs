//! Records as a Parquet file: the small part of the format that this needs. Every column is flat and optional, its values
//! stand one after the other (`PLAIN`), packed with gzip, one page for each column of a row group.
//!
//! ```text
//!  PAR1 │ row group │ row group │ … │ footer: schema, and where each column of each group is │ its length │ PAR1
//!        └ for each column: page header, then packed: which rows have a value, and the values
//! ```
//!
//! Written by hand because the library for it takes a good part of the time that the whole program takes to build. The
//! headers are in Thrift's compact protocol, of which only what is needed is here. Reading is absent: every program that
//! analyses data does that. Whole numbers must fit 64 bits; decimals stay texts, so that no digit is lost.

use std::io;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::capture::json::Json;
use crate::capture::raw::unquoted;
use crate::record_file::write::WriteError;
use crate::record_file::write::columns::Column;
use crate::record_file::write::columns::Columns;
use crate::record_file::write::columns::Kind;

const MAGIC: &[u8; 4] = b"PAR1";

/// How large the values of a row group may become before it is written, in bytes.
const GROUP_BYTES: usize = 32 << 20;

/// How many rows a row group has at most.
const GROUP_ROWS: usize = 200_000;

/// What the footer says of who wrote it.
const CREATED_BY: &str = concat!("captui version ", env!("CARGO_PKG_VERSION"));

/// A file that is being written.
pub(super) struct Parquet {
    columns: Columns,
    values: Vec<Values>,
    rows: usize,
    bytes: usize,
    /// Bytes handed out so far: places in the file.
    offset: u64,
    groups: Vec<Group>,
    /// How many groups were told with a mark.
    marked: usize,
}

/// The values of a column in the row group that is gathered.
#[derive(Default)]
struct Values {
    /// Which rows have one.
    present: Vec<bool>,
    /// What they are, as they stand in a page.
    plain: Vec<u8>,
    /// Booleans, which stand in bits.
    bits: Vec<bool>,
}

/// A row group that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    rows: u64,
    chunks: Vec<Chunk>,
}

/// A column of a row group: where it is, and its lengths with its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Chunk {
    offset: u64,
    packed: u64,
    unpacked: u64,
}

impl Parquet {
    pub(super) fn new(columns: Columns) -> Self {
        Self {
            values: columns.all().iter().map(|_| Values::default()).collect(),
            columns,
            rows: 0,
            bytes: 0,
            offset: 0,
            groups: Vec::new(),
            marked: 0,
        }
    }

    /// The beginning of the file.
    pub(super) fn head(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(MAGIC);
        self.offset = MAGIC.len() as u64;
    }

    /// Takes up the groups that were told with marks.
    pub(super) fn resume<'a>(&mut self, marks: impl Iterator<Item = &'a Json>) -> Option<()> {
        self.offset = MAGIC.len() as u64;
        for mark in marks {
            for group in mark.as_array()? {
                self.groups.push(Group::from_json(group)?);
            }
        }
        self.marked = self.groups.len();
        let last = self.groups.last().and_then(|group| group.chunks.last());
        if let Some(last) = last {
            self.offset = last.offset + last.packed;
        }
        let columns = self.columns.all().len();
        let fits = |group: &Group| group.chunks.len() == columns;
        self.groups.iter().all(fits).then_some(())
    }

    /// Adds a row.
    pub(super) fn row(&mut self, record: &[u8], out: &mut Vec<u8>) -> Result<(), WriteError> {
        let mut cells = Vec::new();
        self.columns.cells(record, &mut cells)?;
        // Before anything is taken: a row is in all columns or in none.
        for (column, cell) in self.columns.all().iter().zip(&cells) {
            if cell.is_some_and(|cell| !column.fits(cell)) {
                return Err(WriteError::Misfit(column.path.clone()));
            }
        }
        for ((column, values), cell) in self.columns.all().iter().zip(&mut self.values).zip(cells) {
            values.push(column.kind, cell)?;
        }
        self.rows += 1;
        self.bytes += record.len();
        if self.bytes >= GROUP_BYTES || self.rows >= GROUP_ROWS {
            self.write_group(out)?;
        }
        Ok(())
    }

    /// Writes what is gathered, and gives the groups since the last time.
    pub(super) fn end_group(&mut self, out: &mut Vec<u8>) -> Result<Json, WriteError> {
        self.write_group(out)?;
        let since = self.groups[self.marked..].iter().map(Group::to_json);
        let since = Json::Array(since.collect());
        self.marked = self.groups.len();
        Ok(since)
    }

    /// The end of the file.
    pub(super) fn foot(&mut self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        self.write_group(out)?;
        let from = out.len();
        self.footer(out);
        let length = u32::try_from(out.len() - from).map_err(|_| too_long())?;
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(MAGIC);
        Ok(())
    }

    fn write_group(&mut self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut chunks = Vec::with_capacity(self.values.len());
        for (column, values) in self.columns.all().iter().zip(&mut self.values) {
            let from = out.len();
            let unpacked = values.write(column.kind, out)?;
            let packed = (out.len() - from) as u64;
            chunks.push(Chunk {
                offset: self.offset,
                packed,
                unpacked,
            });
            self.offset += packed;
        }
        self.groups.push(Group {
            rows: self.rows as u64,
            chunks,
        });
        self.rows = 0;
        self.bytes = 0;
        Ok(())
    }

    /// `FileMetaData`.
    fn footer(&self, out: &mut Vec<u8>) {
        let columns = self.columns.all();
        let rows = self.groups.iter().map(|group| group.rows).sum();
        let mut file = Struct::new(out);
        file.i32(1, 1);
        file.list(2, STRUCT, columns.len() + 1);
        let mut root = file.element();
        root.text(4, "record");
        root.i32(5, columns.len() as i32);
        root.end();
        for column in columns {
            let mut element = file.element();
            element.i32(1, column.physical());
            // Optional.
            element.i32(3, 1);
            element.text(4, &column.path);
            if let Some(converted) = column.converted() {
                element.i32(6, converted);
            }
            element.end();
        }
        file.i64(3, rows);
        file.list(4, STRUCT, self.groups.len());
        for group in &self.groups {
            let mut element = file.element();
            element.list(1, STRUCT, group.chunks.len());
            for (column, chunk) in columns.iter().zip(&group.chunks) {
                let mut place = element.element();
                place.i64(2, chunk.offset);
                let mut facts = place.inner(3);
                facts.i32(1, column.physical());
                // How values are written, and which rows have one.
                facts.list(2, I32, 2);
                facts.item(PLAIN);
                facts.item(RLE);
                facts.list(3, BINARY, 1);
                facts.bytes(column.path.as_bytes());
                facts.i32(4, GZIP);
                facts.i64(5, group.rows);
                facts.i64(6, chunk.unpacked);
                facts.i64(7, chunk.packed);
                facts.i64(9, chunk.offset);
                facts.end();
                place.end();
            }
            element.i64(2, group.chunks.iter().map(|chunk| chunk.unpacked).sum());
            element.i64(3, group.rows);
            element.end();
        }
        file.text(6, CREATED_BY);
        file.end();
    }
}

const PLAIN: i32 = 0;
const RLE: i32 = 3;
const GZIP: i32 = 2;

impl Column {
    /// `Type`.
    fn physical(&self) -> i32 {
        match self.kind {
            Kind::Boolean => 0,
            Kind::Integer => 2,
            Kind::Text | Kind::Json => 6,
        }
    }

    /// `ConvertedType`.
    fn converted(&self) -> Option<i32> {
        match self.kind {
            Kind::Text => Some(0),
            Kind::Json => Some(19),
            Kind::Boolean | Kind::Integer => None,
        }
    }

    fn fits(&self, value: &[u8]) -> bool {
        match self.kind {
            Kind::Boolean => matches!(value, b"true" | b"false"),
            Kind::Integer => integer(value).is_some(),
            // What is a text by the schema is one by its quotes, or a number.
            Kind::Text => !value.starts_with(b"{") && !value.starts_with(b"["),
            Kind::Json => true,
        }
    }
}

fn integer(value: &[u8]) -> Option<i64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

impl Values {
    fn push(&mut self, kind: Kind, value: Option<&[u8]>) -> Result<(), WriteError> {
        self.present.push(value.is_some());
        let Some(value) = value else {
            return Ok(());
        };
        match kind {
            Kind::Boolean => self.bits.push(value == b"true"),
            Kind::Integer => {
                let number = integer(value).ok_or(WriteError::NotARecord)?;
                self.plain.extend_from_slice(&number.to_le_bytes());
            }
            Kind::Text if value.starts_with(b"\"") => {
                let text = unquoted(value).ok_or(WriteError::NotARecord)?;
                self.push_bytes(text.as_bytes())?;
            }
            Kind::Text | Kind::Json => self.push_bytes(value)?,
        }
        Ok(())
    }

    fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let length = u32::try_from(bytes.len()).map_err(|_| too_long())?;
        self.plain.extend_from_slice(&length.to_le_bytes());
        self.plain.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes the page with its header, forgets the values, and gives the page's length before it was packed, with its
    /// header.
    fn write(&mut self, kind: Kind, out: &mut Vec<u8>) -> Result<u64, WriteError> {
        let mut page = Vec::with_capacity(self.plain.len() + self.present.len() / 8 + 16);
        // The length of what says which rows have a value comes before it.
        page.extend_from_slice(&[0; 4]);
        push_levels(&self.present, &mut page);
        let length = u32::try_from(page.len() - 4).map_err(|_| too_long())?;
        page[..4].copy_from_slice(&length.to_le_bytes());
        if kind == Kind::Boolean {
            push_bits(&self.bits, &mut page);
        } else {
            page.append(&mut self.plain);
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&page)?;
        let packed = packed.finish()?;
        let header_from = out.len();
        let size = |bytes: &[u8]| i32::try_from(bytes.len()).map_err(|_| too_long());
        let rows = i32::try_from(self.present.len()).map_err(|_| too_long())?;
        let mut header = Struct::new(out);
        header.i32(1, 0);
        header.i32(2, size(&page)?);
        header.i32(3, size(&packed)?);
        let mut data = header.inner(5);
        data.i32(1, rows);
        data.i32(2, PLAIN);
        data.i32(3, RLE);
        data.i32(4, RLE);
        data.end();
        header.end();
        let header_length = out.len() - header_from;
        out.extend_from_slice(&packed);
        self.present.clear();
        self.plain.clear();
        self.bits.clear();
        Ok((header_length + page.len()) as u64)
    }
}

fn too_long() -> WriteError {
    WriteError::Io(io::Error::other(
        "a column of a row group is too long for Parquet",
    ))
}

/// Which rows have a value: one run when all or none have one, else a bit for each.
fn push_levels(present: &[bool], out: &mut Vec<u8>) {
    let first = present.first().copied().unwrap_or(false);
    if present.iter().all(|one| *one == first) {
        push_varint((present.len() as u64) << 1, out);
        out.push(u8::from(first));
    } else {
        push_varint(((present.len().div_ceil(8) as u64) << 1) | 1, out);
        push_bits(present, out);
    }
}

fn push_bits(bits: &[bool], out: &mut Vec<u8>) {
    for eight in bits.chunks(8) {
        let set = eight
            .iter()
            .enumerate()
            .map(|(place, bit)| u8::from(*bit) << place);
        out.push(set.sum());
    }
}

fn push_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push((number as u8) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// Types of Thrift's compact protocol.
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// A struct that is being written, its fields in the order of their numbers.
struct Struct<'a> {
    out: &'a mut Vec<u8>,
    last: u8,
}

impl<'a> Struct<'a> {
    fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, last: 0 }
    }

    /// Numbers of fields never lie far apart here.
    fn field(&mut self, number: u8, kind: u8) {
        self.out.push(((number - self.last) << 4) | kind);
        self.last = number;
    }

    fn i32(&mut self, number: u8, value: i32) {
        self.field(number, I32);
        self.item(value);
    }

    /// A number in a list.
    fn item(&mut self, value: i32) {
        push_varint(zigzag(i64::from(value)), self.out);
    }

    fn i64(&mut self, number: u8, value: u64) {
        self.field(number, I64);
        push_varint(zigzag(value.cast_signed()), self.out);
    }

    fn text(&mut self, number: u8, text: &str) {
        self.field(number, BINARY);
        self.bytes(text.as_bytes());
    }

    /// Bytes in a list.
    fn bytes(&mut self, bytes: &[u8]) {
        push_varint(bytes.len() as u64, self.out);
        self.out.extend_from_slice(bytes);
    }

    /// The head of a list, whose elements follow.
    fn list(&mut self, number: u8, kind: u8, length: usize) {
        self.field(number, LIST);
        if length < 15 {
            self.out.push(((length as u8) << 4) | kind);
        } else {
            self.out.push(0xf0 | kind);
            push_varint(length as u64, self.out);
        }
    }

    /// A struct in a list.
    fn element(&mut self) -> Struct<'_> {
        Struct::new(self.out)
    }

    fn inner(&mut self, number: u8) -> Struct<'_> {
        self.field(number, STRUCT);
        Struct::new(self.out)
    }

    fn end(self) {
        self.out.push(0);
    }
}

impl Group {
    fn to_json(&self) -> Json {
        let number = |number: u64| Json::from(number.cast_signed());
        let chunks = self.chunks.iter().map(|chunk| {
            Json::Array(
                [chunk.offset, chunk.packed, chunk.unpacked]
                    .map(number)
                    .to_vec(),
            )
        });
        [
            ("rows", number(self.rows)),
            ("chunks", Json::Array(chunks.collect())),
        ]
        .into_iter()
        .collect()
    }

    fn from_json(json: &Json) -> Option<Self> {
        let number = |json: &Json| json.as_i64().map(i64::cast_unsigned);
        let chunk = |chunk: &Json| match chunk.as_array()? {
            [offset, packed, unpacked] => Some(Chunk {
                offset: number(offset)?,
                packed: number(packed)?,
                unpacked: number(unpacked)?,
            }),
            _ => None,
        };
        let chunks = json.get("chunks")?.as_array()?.iter().map(chunk);
        Some(Self {
            rows: json.get("rows").and_then(number)?,
            chunks: chunks.collect::<Option<_>>()?,
        })
    }
}
