//! Records out of the texts that people have: JSON, lines of JSON, answers of the service, and CSV in the vendor's
//! loader's way. Pure: who has a file reads it.

use std::collections::HashSet;

use crate::capture::json::Json;
use crate::capture::json::JsonError;
use crate::capture::json::Number;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::value;

/// A longer text is refused.
pub const MAX_TEXT: usize = 64 << 20;

/// More records are not looked at: they hardly change what the first ones say.
pub const MAX_RECORDS: usize = 100_000;

/// How deep a CSV header may go.
const MAX_HEADER_DEPTH: usize = 16;

/// More columns are not looked at.
const MAX_COLUMNS: usize = 2_000;

/// Numbers in CSV of at least so many digits, all equally many, are taken for codes.
const CODE_DIGITS: usize = 5;

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One record, an array of them, a record a line, or an answer of `entity` or `entity.find`.
    Json,
    /// A header of dotted attribute names, then a record a line; `,`, `;` or tabs between.
    Csv,
}

/// The records of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The records, all of them objects.
    pub records: Vec<Json>,
    /// What was passed over, in sentences.
    pub notes: Vec<String>,
}

/// Why a text holds no records. No text repeats a value, for that could be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// More than [`MAX_TEXT`].
    #[error("the text is too large: at most {} MB are read", MAX_TEXT >> 20)]
    TooLarge,
    /// Nothing to learn from.
    #[error("there are no records in it")]
    Empty,
    /// Not JSON, nor lines of it.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// A line that is not JSON, after lines that are.
    #[error("line {line}: record {record} is not JSON: {reason} at column {column}")]
    BrokenLine {
        /// The line, from 1.
        line: usize,
        /// The record on it, from 1.
        record: usize,
        /// What is wrong.
        reason: String,
        /// Where in the line, in characters from 1.
        column: usize,
    },
    /// An answer that says what went wrong.
    #[error("this is an error that the service answered, not records")]
    ErrorAnswer,
    /// A record that is not an object.
    #[error("record {place} is {kind}, not an object")]
    NotARecord {
        /// Which one, from 1.
        place: usize,
        /// Its JSON type, with an article.
        kind: &'static str,
    },
    /// Not CSV.
    #[error("not CSV: {0}")]
    NotCsv(String),
}

impl Format {
    /// What `text` looks like: JSON begins with a bracket.
    pub fn of(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.starts_with(['{', '[']) {
            Self::Json
        } else {
            Self::Csv
        }
    }
}

/// Reads the records of `text`.
pub fn read(text: &str, format: Format) -> Result<Sample, ReadError> {
    if text.len() > MAX_TEXT {
        return Err(ReadError::TooLarge);
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut sample = match format {
        Format::Json => read_json(text)?,
        Format::Csv => read_csv(text)?,
    };
    if sample.records.is_empty() {
        return Err(ReadError::Empty);
    }
    if sample.records.len() > MAX_RECORDS {
        sample.notes.push(format!(
            "only the first {MAX_RECORDS} of {} records are looked at",
            sample.records.len()
        ));
        sample.records.truncate(MAX_RECORDS);
    }
    Ok(sample)
}

fn read_json(text: &str) -> Result<Sample, ReadError> {
    let values = match Json::parse(text) {
        Ok(json) => vec![json],
        Err(whole) => read_lines(text, &whole)?,
    };
    let mut records = Vec::new();
    for value in values {
        unwrap(value, &mut records)?;
    }
    for (place, record) in records.iter().enumerate() {
        if record.as_object().is_none() {
            return Err(ReadError::NotARecord {
                place: place + 1,
                kind: value::kind_with_article(record),
            });
        }
    }
    Ok(Sample {
        records,
        notes: Vec::new(),
    })
}

/// Reads a value a line; `whole` is what is wrong with the text as one value.
fn read_lines(text: &str, whole: &JsonError) -> Result<Vec<Json>, ReadError> {
    let mut values = Vec::new();
    let lines = text.lines().enumerate();
    for (place, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        match Json::parse(line) {
            Ok(value) => values.push(value),
            // One value on several lines, or a broken first one: its own position tells.
            Err(_) if values.is_empty() => return Err(ReadError::NotJson(whole.to_string())),
            Err(error) => {
                return Err(ReadError::BrokenLine {
                    line: place + 1,
                    record: values.len() + 1,
                    reason: error.reason,
                    column: error.column,
                });
            }
        }
    }
    Ok(values)
}

/// Takes the records out of an array or an answer. Only what says that it is an answer is one: an entity type may well
/// have an attribute `result`.
fn unwrap(value: Json, records: &mut Vec<Json>) -> Result<(), ReadError> {
    match value {
        Json::Array(items) => records.extend(items),
        Json::Object(mut members) if members.contains_key("stat") => {
            if members.get("stat").and_then(Json::as_str) == Some("error") {
                return Err(ReadError::ErrorAnswer);
            }
            match (
                members.swap_remove("results"),
                members.swap_remove("result"),
            ) {
                (Some(Json::Array(items)), None) => records.extend(items),
                (None, Some(record @ Json::Object(_))) => records.push(record),
                (results, result) => {
                    members.extend(results.map(|value| ("results".to_owned(), value)));
                    members.extend(result.map(|value| ("result".to_owned(), value)));
                    records.push(Json::Object(members));
                }
            }
        }
        other => records.push(other),
    }
    Ok(())
}

/// A column of a CSV text.
struct Column {
    at: usize,
    path: AttrPath,
    cells: Cells,
}

/// How the cells of a column are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cells {
    Boolean,
    Number,
    Text,
}

fn read_csv(text: &str) -> Result<Sample, ReadError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let broken = |error: csv::Error| ReadError::NotCsv(why_not_csv(&error));
    let headers = reader.headers().map_err(broken)?.clone();
    let rows: Vec<csv::StringRecord> =
        reader.records().collect::<Result<_, _>>().map_err(broken)?;
    let mut notes = Vec::new();
    let mut columns = columns(&headers, &mut notes);
    for column in &mut columns {
        let cells = rows.iter().filter_map(|row| row.get(column.at));
        let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
        column.cells = cells_of(column.path.name().unwrap_or_default(), &cells);
    }
    let records = rows.iter().map(|row| {
        let mut record = Object::new();
        for column in &columns {
            if let Some(cell) = row.get(column.at).filter(|cell| !cell.is_empty()) {
                put(&mut record, &column.path, read_cell(cell, column.cells));
            }
        }
        Json::Object(record)
    });
    Ok(Sample {
        records: records.collect(),
        notes,
    })
}

/// The sign that occurs most in the first line; commas for want of another.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |sign: u8| first.bytes().filter(|byte| *byte == sign).count();
    let mut best = b',';
    for sign in [b';', b'\t'] {
        if count(sign) > count(best) {
            best = sign;
        }
    }
    best
}

fn why_not_csv(error: &csv::Error) -> String {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("line {line} has {len} cells, the first line has {expected_len}"),
        csv::ErrorKind::Utf8 { .. } => format!("line {line} is not text in UTF-8"),
        _ => format!("line {line} cannot be read"),
    }
}

/// The columns that can be used; each of the others is noted.
fn columns(headers: &csv::StringRecord, notes: &mut Vec<String>) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let mut seen = HashSet::new();
    for (at, header) in headers.iter().enumerate() {
        let names: Vec<&str> = header.trim().split('.').map(str::trim).collect();
        let path = names
            .iter()
            .fold(AttrPath::root(), |path, name| path.child(*name));
        let reason = if header.trim().is_empty() {
            "has no name"
        } else if names.len() > MAX_HEADER_DEPTH || names.contains(&"") {
            "has a name that is no path of attributes"
        } else if columns.len() == MAX_COLUMNS {
            "is one too many"
        } else if !seen.insert(path.clone()) {
            "has the name of another column"
        } else if columns
            .iter()
            .any(|other| other.path.starts_with(&path) || path.starts_with(&other.path))
        {
            "is a part of another column, or another is a part of it"
        } else {
            columns.push(Column {
                at,
                path,
                cells: Cells::Text,
            });
            continue;
        };
        notes.push(format!("column {} {reason}: left out", at + 1));
    }
    columns
}

/// What all cells of a column can be read as. A type cannot be changed afterwards, so what may be a code (a telephone
/// number, a postal code) stays text: numbers lose their zeros.
fn cells_of(name: &str, cells: &[&str]) -> Cells {
    let name = name.to_ascii_lowercase();
    let says_code = [
        "phone", "mobile", "zip", "postal", "postcode", "code", "number", "fax",
    ]
    .iter()
    .any(|word| name.contains(word))
        || name.ends_with("id");
    let digits = |cell: &str| cell.bytes().all(|byte| byte.is_ascii_digit());
    let first = cells.first().map_or(0, |cell| cell.len());
    let looks_like_code =
        first >= CODE_DIGITS && cells.iter().all(|cell| digits(cell) && cell.len() == first);
    if cells.is_empty() {
        Cells::Text
    } else if cells.iter().all(|cell| matches!(*cell, "true" | "false")) {
        Cells::Boolean
    } else if !says_code
        && !looks_like_code
        && cells.iter().all(|cell| Number::parse(cell).is_some())
    {
        Cells::Number
    } else {
        Cells::Text
    }
}

fn read_cell(cell: &str, cells: Cells) -> Json {
    match cells {
        Cells::Boolean => Json::Bool(cell == "true"),
        Cells::Number => Number::parse(cell).map_or_else(|| cell.into(), Json::Number),
        // Objects and plurals are written as JSON.
        Cells::Text if cell.trim_start().starts_with(['{', '[']) => {
            Json::parse(cell).unwrap_or_else(|_| cell.into())
        }
        Cells::Text => cell.into(),
    }
}

/// Puts `value` where a header says. No header is a part of another, so every holder on the way is an object.
fn put(record: &mut Object, path: &AttrPath, value: Json) {
    let Some((last, before)) = path.0.split_last() else {
        return;
    };
    let mut members = record;
    for segment in before {
        let holder =
            members.get_or_insert_with(segment.name.clone(), || Json::Object(Object::new()));
        let Some(inner) = holder.as_object_mut() else {
            return;
        };
        members = inner;
    }
    members.insert(last.name.clone(), value);
}
