//! Reading records from a file: rows with their numbers and lines, then a record or a reason for each.
//!
//! [`Reader`] only finds where rows begin and end, which must be done in order; what a row says is read by a [`Shape`], on
//! whatever thread. A row that says nothing usable is one wrong row; a file whose rows cannot be told apart any more (a
//! quote that is never closed, an array that breaks off) is an error, after the rows before it.
//!
//! | file | rows |
//! | --- | --- |
//! | CSV | the first line names attributes, dotted inside of objects; plurals, objects, `json` and imported passwords stand as JSON in a cell; an empty cell is not given, `\N` is null, `\E` is the empty text |
//! | NDJSON | an object on each line |
//! | JSON | an array of objects, the `results` of an answer of `entity.find`, or objects one after the other |

mod cells;
mod lines;
mod values;

use std::fmt;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Cursor;
use std::io::IsTerminal;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::schema::EntityType;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::record_file::read::cells::Columns;
use crate::record_file::read::lines::Lines;
use crate::record_file::read::values::Values;
use crate::source;
use crate::source::Content;

/// The longest row, in bytes. Our choice: the service takes about a megabyte in a call, and a quote that is never closed
/// must not bring the whole file into memory.
pub const LONGEST_ROW: usize = 16 << 20;

/// How much of a file is read at a time, in bytes.
const PIECE: usize = 256 << 10;

/// How much is looked at to tell what a file holds, in bytes.
const BEGINNING: usize = 8 << 10;

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Comma-separated values (RFC 4180), as the vendor's loader takes them.
    Csv,
    /// A JSON object on each line.
    Ndjson,
    /// One JSON document.
    Json,
}

/// How a file is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What kind of file it is; `None` for what its name says, or else its beginning.
    pub format: Option<Format>,
    /// What stands between the cells of CSV; `None` for a comma, or where the first line has none, a semicolon or tabulator.
    pub delimiter: Option<u8>,
    /// Columns of CSV that are no attributes are passed over instead of refused.
    pub skip_unknown: bool,
    /// What the service alone gives is left out: `id`, `uuid`, `lastUpdated` and the ids of elements, as they stand in what
    /// was exported.
    pub leave_out_given: bool,
    /// Cells of CSV that begin like a formula have an apostrophe before them, which goes.
    pub formula_safe: bool,
}

/// A row, not looked into yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number among the records, from 1.
    pub number: u64,
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// As it stands in the file, without the end of its line.
    text: Vec<u8>,
}

/// Something wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: a column or the path of a value; empty for the row as a whole.
    pub place: String,
    /// The code that the service would answer, where it would.
    pub code: Option<ErrorCode>,
    /// What is wrong, in a sentence. Never repeats a password.
    pub reason: String,
}

/// A file of records that is being read.
pub struct Reader {
    /// Its name, for people.
    name: String,
    format: Format,
    rows: Rows,
    number: u64,
}

enum Rows {
    Csv {
        lines: Lines,
        /// The first row.
        header: Row,
        delimiter: u8,
    },
    Ndjson(Lines),
    Json(Values),
}

/// What rows mean for one entity type; cheap to copy for each thread.
#[derive(Clone)]
pub struct Shape {
    columns: Option<Arc<Columns>>,
    leave_out_given: bool,
}

impl Format {
    /// What a file's name says, `.gz` taken off.
    pub fn of_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "csv" | "tsv" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// What the beginning of a file says.
    fn of_beginning(beginning: &[u8]) -> Self {
        let beginning = without_bom(beginning).trim_ascii_start();
        match beginning.first() {
            Some(b'[') => Self::Json,
            Some(b'{') => {
                let line = beginning.split(|byte| *byte == b'\n').next();
                let line = line.unwrap_or_default().trim_ascii();
                let is_whole =
                    std::str::from_utf8(line).is_ok_and(|line| Json::parse(line).is_ok());
                // An answer on one line is an answer.
                if is_whole && !values::has_results(line) {
                    Self::Ndjson
                } else {
                    Self::Json
                }
            }
            _ => Self::Csv,
        }
    }

    /// The word for it, also the end of a file's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Csv, Self::Ndjson, Self::Json]
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or_else(|| "csv, ndjson or json".to_owned())
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Opens a file, or standard input for `-`, and unpacks it when it is packed with gzip.
pub fn stream(path: &Path) -> Result<Box<dyn Read + Send>, Failure> {
    if path == Path::new("-") && io::stdin().is_terminal() {
        let failure = Failure::new(FailureKind::Usage, "nothing is given to read");
        return Err(failure
            .because("standard input is the terminal")
            .hint("name a file, or pipe something in"));
    }
    match source::open(path) {
        Ok(source) => Ok(match source.content {
            Content::Plain(file) => Box::new(file),
            Content::Stream(stream) => stream,
        }),
        Err(failure) => Err(Failure {
            message: format!("{} cannot be read", path.display()),
            hints: Vec::new(),
            ..failure
        }),
    }
}

impl Reader {
    /// Begins to read a file, or standard input for `-`.
    pub fn open(path: &Path, options: &Options) -> Result<Self, Failure> {
        let name = if path == Path::new("-") {
            "standard input".to_owned()
        } else {
            path.display().to_string()
        };
        let format = options.format.or_else(|| Format::of_name(path));
        let options = Options {
            format,
            ..options.clone()
        };
        Self::over(name, stream(path)?, &options)
    }

    /// Begins to read what is already open and unpacked; `name` is for people.
    pub fn over(
        name: impl Into<String>,
        mut stream: Box<dyn Read + Send>,
        options: &Options,
    ) -> Result<Self, Failure> {
        let name = name.into();
        let mut beginning = Vec::new();
        let read = stream.by_ref().take(BEGINNING as u64);
        { read }
            .read_to_end(&mut beginning)
            .map_err(|error| unreadable(&name, &error))?;
        let format = options
            .format
            .unwrap_or_else(|| Format::of_beginning(&beginning));
        refuse_strange(&name, &beginning, format)?;
        let is_marked = without_bom(&beginning).len() < beginning.len();
        let mut input: Input = Box::new(BufReader::with_capacity(
            PIECE,
            Cursor::new(beginning).chain(stream),
        ));
        if is_marked {
            // It was seen, so it is there.
            input
                .read_exact(&mut [0; BOM.len()])
                .map_err(|error| unreadable(&name, &error))?;
        }
        let rows = match format {
            Format::Csv => Self::begin_csv(&name, input, options)?,
            Format::Ndjson => Rows::Ndjson(Lines::new(input)),
            Format::Json => Rows::Json(Values::new(input)),
        };
        Ok(Self {
            name,
            format,
            rows,
            number: 0,
        })
    }

    fn begin_csv(name: &str, input: Input, options: &Options) -> Result<Rows, Failure> {
        let mut lines = Lines::new(input);
        // The header may hold line breaks in quotes only where its delimiter does not matter.
        let first = lines
            .next_cells(b',')
            .map_err(|broken| broken.failure(name))?;
        let Some((line, text)) = first else {
            let failure = Failure::new(FailureKind::Usage, format!("{name} is empty"));
            return Err(failure.because("the first line of CSV names the attributes"));
        };
        Ok(Rows::Csv {
            delimiter: options.delimiter.unwrap_or_else(|| cells::delimiter(&text)),
            header: Row {
                number: 0,
                line,
                text,
            },
            lines,
        })
    }

    /// What kind of file it is.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The first row of CSV, which names the columns.
    pub fn header(&self) -> Option<&Row> {
        match &self.rows {
            Rows::Csv { header, .. } => Some(header),
            Rows::Ndjson(_) | Rows::Json(_) => None,
        }
    }

    /// What the rows mean for an entity type. An error when columns name what is no attribute, or twice the same.
    pub fn shape(&self, schema: &EntityType, options: &Options) -> Result<Shape, Failure> {
        let columns = match &self.rows {
            Rows::Csv {
                header, delimiter, ..
            } => {
                let columns = Columns::read(&self.name, header, *delimiter, schema, options)?;
                Some(Arc::new(columns))
            }
            Rows::Ndjson(_) | Rows::Json(_) => None,
        };
        Ok(Shape {
            columns,
            leave_out_given: options.leave_out_given,
        })
    }

    /// The next row; `None` at the end. Blank lines are no rows, nor are rows of CSV whose cells are all empty.
    pub fn next_row(&mut self) -> Result<Option<Row>, Failure> {
        let next = match &mut self.rows {
            Rows::Csv {
                lines, delimiter, ..
            } => lines.next_cells(*delimiter),
            Rows::Ndjson(lines) => lines.next_line(),
            Rows::Json(values) => values.next_value(),
        };
        let next = next.map_err(|broken| broken.failure(&self.name))?;
        Ok(next.map(|(line, text)| {
            self.number += 1;
            Row {
                number: self.number,
                line,
                text,
            }
        }))
    }
}

impl Row {
    /// Writes the row as it was read, with the end of a line: below the header of CSV, or among the lines of NDJSON. A value
    /// of a JSON document over several lines becomes one line.
    pub fn write_to(&self, format: Format, out: &mut impl Write) -> io::Result<()> {
        match format {
            Format::Csv | Format::Ndjson => out.write_all(&self.text)?,
            Format::Json => {
                if let Ok(Ok(json)) = std::str::from_utf8(&self.text).map(Json::parse) {
                    out.write_all(json.to_string().as_bytes())?;
                } else {
                    // Inside of JSON a line break is white space, unless it is what is wrong.
                    let on_one_line = self.text.iter().map(|byte| match byte {
                        b'\n' | b'\r' => b' ',
                        byte => *byte,
                    });
                    out.write_all(&on_one_line.collect::<Vec<u8>>())?;
                }
            }
        }
        out.write_all(b"\n")
    }
}

impl Shape {
    /// What a row says: a record, or everything that is wrong with it before the schema is asked.
    pub fn record(&self, row: &Row) -> Result<Json, Vec<Fault>> {
        match self.read(row) {
            (Some(record), faults) if faults.is_empty() => Ok(record),
            (_, faults) => Err(faults),
        }
    }

    /// The same, with what can be read of a record where something is wrong.
    pub fn read(&self, row: &Row) -> (Option<Json>, Vec<Fault>) {
        let (mut record, faults) = match &self.columns {
            Some(columns) => columns.record(&row.text),
            None => match document(&row.text) {
                Ok(record) => (Some(record), Vec::new()),
                Err(faults) => (None, faults),
            },
        };
        if self.leave_out_given
            && let Some(record) = &mut record
        {
            leave_out_given(record, true);
        }
        (record, faults)
    }
}

/// A row of JSON.
fn document(text: &[u8]) -> Result<Json, Vec<Fault>> {
    let fault = |reason: String| {
        vec![Fault {
            place: String::new(),
            code: None,
            reason,
        }]
    };
    let text = std::str::from_utf8(text).map_err(|_| fault("it is not UTF-8".to_owned()))?;
    match Json::parse_unambiguous(text) {
        Ok(record @ Json::Object(_)) => Ok(record),
        Ok(other) => Err(fault(format!(
            "a record is a JSON object, not of type {}",
            other.kind()
        ))),
        Err(error) if error.ends_early => Err(fault(format!(
            "it is not JSON: {error} of the row (records over several lines are read with --format json)"
        ))),
        Err(error) => Err(fault(format!("it is not JSON: {error} of the row"))),
    }
}

/// Takes out what the service alone gives. Recursion is bounded by the depth of what can be read. Only elements of plurals
/// have ids, and only a record has the others.
fn leave_out_given(value: &mut Json, is_record: bool) {
    let Json::Object(members) = value else {
        return;
    };
    if is_record {
        members.retain(|name, _| !matches!(name.as_str(), "id" | "uuid" | "lastUpdated"));
    }
    for member in members.values_mut() {
        match member {
            Json::Array(elements) => {
                for element in elements {
                    if let Json::Object(inside) = element {
                        inside.shift_remove("id");
                    }
                    leave_out_given(element, false);
                }
            }
            Json::Object(_) => leave_out_given(member, false),
            _ => {}
        }
    }
}

/// What is read from, one piece after the other.
type Input = Box<dyn BufRead + Send>;

/// What some programs put before text that is UTF-8.
const BOM: &[u8] = "\u{feff}".as_bytes();

fn without_bom(text: &[u8]) -> &[u8] {
    text.strip_prefix(BOM).unwrap_or(text)
}

/// Texts that are none here, told from their beginning, with what to do.
fn refuse_strange(name: &str, beginning: &[u8], format: Format) -> Result<(), Failure> {
    let refuse = |why: &str, hint: String| {
        let failure = Failure::new(FailureKind::Usage, format!("{name} cannot be read"));
        Err(failure.because(why).hint(hint))
    };
    if beginning.starts_with(b"\xff\xfe") || beginning.starts_with(b"\xfe\xff") {
        let hint = "save it as UTF-8, or: iconv -f UTF-16 -t UTF-8 FILE > utf8.csv";
        return refuse("it is UTF-16, and must be UTF-8", hint.to_owned());
    }
    // A carriage return at the end of what was looked at may belong to a line feed behind it.
    let looked_at = beginning.strip_suffix(b"\r").unwrap_or(beginning);
    let is_of_old_macs = looked_at.contains(&b'\r') && !looked_at.contains(&b'\n');
    if format != Format::Json && is_of_old_macs {
        let hint = r"save it with other line ends, or: tr '\r' '\n' < FILE > unix.csv";
        return refuse(
            "its lines end as on old Macs, with a carriage return alone",
            hint.to_owned(),
        );
    }
    Ok(())
}

/// Why rows cannot be told apart any more.
enum Broken {
    /// The file cannot be read on.
    File(io::Error),
    /// What stands there is not what it should be.
    Text { line: u64, why: String },
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Broken {
    fn failure(self, name: &str) -> Failure {
        match self {
            Self::File(error) => unreadable(name, &error),
            Self::Text { line, why } => Failure::new(
                FailureKind::Usage,
                format!("{name} is broken at line {line}: {why}"),
            ),
        }
    }
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    // What a stream has to say itself is said as it is.
    if let Some(own) = error.get_ref().and_then(|it| it.downcast_ref::<Failure>()) {
        return own.clone();
    }
    Failure::new(FailureKind::Usage, format!("{name} cannot be read")).because(error)
}

#[cfg(test)]
mod tests;
