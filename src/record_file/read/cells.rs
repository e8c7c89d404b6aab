//! Rows of CSV as records: what each column means for an entity type, and reading the cells.
//!
//! A header names attributes by their dotted paths, as the vendor's loader has it. The schema says what a cell holds; what
//! cannot be read as that is a fault of the row here, and what can is judged like any other value afterwards.

use std::borrow::Cow;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::json::object::Object;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::is_reserved_name;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;
use crate::json::formula::unguarded;
use crate::record_file::read::Fault;
use crate::record_file::read::Options;
use crate::record_file::read::Row;
use crate::record_file::text_of;

/// What the columns of a file mean.
pub(super) struct Columns {
    delimiter: u8,
    all: Vec<Column>,
    /// Whether cells that begin like a formula have an apostrophe before them.
    formula_safe: bool,
}

struct Column {
    /// As the header names it.
    name: String,
    /// The attribute's names from the top.
    path: Vec<String>,
    kind: Kind,
}

/// What a cell holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Text, also of dates and addresses: the schema judges it.
    Text,
    Boolean,
    Number,
    /// JSON.
    Json,
    /// Text, or JSON of an imported password.
    Password,
    /// Nothing that is loaded.
    Skipped,
}

impl Kind {
    fn of(def: &AttrDef) -> Self {
        match &def.attr_type {
            AttrType::String { .. }
            | AttrType::Date
            | AttrType::DateTime
            | AttrType::IpAddress
            | AttrType::Uuid => Self::Text,
            AttrType::Boolean => Self::Boolean,
            AttrType::Integer | AttrType::Decimal | AttrType::Id => Self::Number,
            AttrType::Json | AttrType::Object(_) | AttrType::Plural(_) | AttrType::Unknown(_) => {
                Self::Json
            }
            AttrType::Password(_) => Self::Password,
        }
    }
}

/// What stands between the cells, as the header shows it: a comma, and without one a semicolon or a tabulator.
pub(super) fn delimiter(header: &[u8]) -> u8 {
    let has = |byte: &u8| header.contains(byte);
    if has(&b',') {
        return b',';
    }
    [b';', b'\t'].into_iter().find(has).unwrap_or(b',')
}

impl Columns {
    /// Reads a header. Everything wrong with it is told at once.
    pub(super) fn read(
        file: &str,
        header: &Row,
        delimiter: u8,
        schema: &EntityType,
        options: &Options,
    ) -> Result<Self, Failure> {
        let wrong = |why: String| {
            Failure::new(
                FailureKind::Usage,
                format!(
                    "the header of {file} does not fit the entity type `{}`",
                    schema.name
                ),
            )
            .because(why)
        };
        let text =
            std::str::from_utf8(&header.text).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
        let mut columns: Vec<Column> = Vec::new();
        let (mut unknown, mut problems) = (Vec::new(), Vec::new());
        for cell in Cells::new(text, delimiter) {
            let name = cell.trim().to_owned();
            let path: Vec<String> = name.split('.').map(str::to_owned).collect();
            let kind = match find(schema, &path) {
                Found::Attribute(kind) => {
                    let is_given = matches!(name.as_str(), "id" | "uuid" | "lastUpdated");
                    if options.leave_out_given && is_given {
                        Kind::Skipped
                    } else {
                        kind
                    }
                }
                Found::InPlural(plural) => {
                    problems.push(format!(
                        "`{name}` is inside of a plural: the column `{plural}` holds all of it as JSON"
                    ));
                    Kind::Skipped
                }
                Found::Nothing => {
                    if !options.skip_unknown {
                        unknown.push(name.clone());
                    }
                    Kind::Skipped
                }
            };
            if kind != Kind::Skipped {
                let clash = |column: &&Column| {
                    column.kind != Kind::Skipped
                        && (column.path.starts_with(&path) || path.starts_with(&column.path))
                };
                if let Some(other) = columns.iter().find(clash) {
                    problems.push(format!("`{name}` and `{}` say the same", other.name));
                }
            }
            columns.push(Column { name, path, kind });
        }
        if !unknown.is_empty() {
            problems.insert(0, not_attributes(&unknown, schema));
        }
        if columns.iter().all(|column| column.kind == Kind::Skipped) && problems.is_empty() {
            problems.push("no column is an attribute".to_owned());
        }
        if problems.is_empty() {
            return Ok(Self {
                delimiter,
                all: columns,
                formula_safe: options.formula_safe,
            });
        }
        let failure = wrong(problems.join("; "));
        Err(if unknown.is_empty() {
            failure
        } else {
            failure.hint("--skip-unknown passes over the columns that are no attributes")
        })
    }

    /// The record that a row says, and everything wrong with it. With faults, the record is what the other cells say;
    /// there is none where nobody can tell which cell is whose.
    pub(super) fn record(&self, row: &[u8]) -> (Option<Json>, Vec<Fault>) {
        let Ok(text) = std::str::from_utf8(row) else {
            return (None, vec![self.not_utf8(row)]);
        };
        let mut faults = Vec::new();
        let mut record = Object::with_capacity(self.all.len());
        let mut cells = Cells::new(text, self.delimiter);
        let mut count = 0;
        for (column, cell) in self.all.iter().zip(cells.by_ref()) {
            count += 1;
            if cell.is_empty() || column.kind == Kind::Skipped {
                continue;
            }
            let cell = if self.formula_safe {
                unguarded(&cell)
            } else {
                &cell
            };
            match column.value(cell) {
                Ok(value) => put(&mut record, &column.path, value),
                Err((code, reason)) => faults.push(Fault {
                    place: column.name.clone(),
                    code: Some(code),
                    reason,
                }),
            }
        }
        count += cells.by_ref().count();
        // Either says that cells may stand below the wrong columns, also where a row ends early.
        let is_shifted = cells.stray || count != self.all.len();
        if cells.stray {
            faults.push(whole_row(
                "something follows the quote that ends a cell".to_owned(),
            ));
        }
        if count != self.all.len() {
            let reason = format!("{count} cells, and the header has {}", self.all.len());
            faults.push(whole_row(reason));
        }
        ((!is_shifted).then_some(Json::Object(record)), faults)
    }

    /// Which column's cell is not UTF-8.
    fn not_utf8(&self, row: &[u8]) -> Fault {
        let lossy = String::from_utf8_lossy(row);
        let broken = |cell: &Cow<'_, str>| cell.contains(char::REPLACEMENT_CHARACTER);
        let at = Cells::new(&lossy, self.delimiter).position(|cell| broken(&cell));
        let column = at.and_then(|at| self.all.get(at));
        Fault {
            place: column.map_or_else(String::new, |column| column.name.clone()),
            code: None,
            reason: "it is not UTF-8".to_owned(),
        }
    }
}

fn whole_row(reason: String) -> Fault {
    Fault {
        place: String::new(),
        code: None,
        reason,
    }
}

impl Column {
    /// What a cell that is not empty holds.
    fn value(&self, cell: &str) -> Result<Json, (ErrorCode, String)> {
        let Some(text) = text_of(cell) else {
            return Ok(Json::Null);
        };
        match self.kind {
            Kind::Boolean => boolean(text),
            Kind::Number => number(text),
            Kind::Json => json(text),
            Kind::Password if text.starts_with('{') => json(text),
            Kind::Text | Kind::Password => Ok(text.into()),
            Kind::Skipped => Ok(Json::Null),
        }
    }
}

/// The vendor's loader takes these, in any case.
fn boolean(text: &str) -> Result<Json, (ErrorCode, String)> {
    let is = |words: [&str; 3]| {
        let word = text.trim();
        words.iter().any(|one| one.eq_ignore_ascii_case(word))
    };
    if is(["true", "t", "1"]) {
        Ok(true.into())
    } else if is(["false", "f", "0"]) {
        Ok(false.into())
    } else {
        let reason = "must be true or false, written as true, T or 1 and false, F or 0";
        Err((ErrorCode::INVALID_JSON_TYPE, reason.to_owned()))
    }
}

fn number(text: &str) -> Result<Json, (ErrorCode, String)> {
    let text = text.trim();
    match Number::parse(text) {
        Some(number) => Ok(Json::Number(number)),
        None => Err((
            ErrorCode::INVALID_JSON_TYPE,
            "must be a number, such as 12 or -1.5".to_owned(),
        )),
    }
}

/// The text is not repeated: it may be a password.
fn json(text: &str) -> Result<Json, (ErrorCode, String)> {
    Json::parse_unambiguous(text).map_err(|error| {
        (
            ErrorCode::INVALID_DATA_FORMAT,
            format!("must be JSON: {error} of the cell"),
        )
    })
}

/// Puts a value at its place, with the objects around it.
fn put(record: &mut Object, path: &[String], value: Json) {
    let Some((name, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        record.insert(name.clone(), value);
        return;
    }
    let inside = if record.contains_key(name) {
        record.get_mut(name)
    } else {
        record.insert(name.clone(), Json::Object(Object::new()));
        record.get_mut(name)
    };
    if let Some(Json::Object(inside)) = inside {
        put(inside, rest, value);
    }
}

/// What a column's name means.
enum Found {
    Attribute(Kind),
    /// Inside of this plural.
    InPlural(String),
    Nothing,
}

fn find(schema: &EntityType, path: &[String]) -> Found {
    let mut attr_defs = schema.attr_defs.as_slice();
    for (at, name) in path.iter().enumerate() {
        let Some(def) = attr_defs.iter().find(|def| def.name == *name) else {
            // Every type has the reserved ones, also one whose schema was kept without them.
            return match path {
                [name] if name == "id" => Found::Attribute(Kind::Number),
                [name] if is_reserved_name(name) => Found::Attribute(Kind::Text),
                _ => Found::Nothing,
            };
        };
        if at + 1 == path.len() {
            return Found::Attribute(Kind::of(def));
        }
        match &def.attr_type {
            AttrType::Object(inner) => attr_defs = inner,
            AttrType::Plural(_) => return Found::InPlural(path[..=at].join(".")),
            _ => return Found::Nothing,
        }
    }
    Found::Nothing
}

/// The columns that are no attributes, with those that were probably meant.
fn not_attributes(names: &[String], schema: &EntityType) -> String {
    let known: Vec<String> = schema
        .walk()
        .iter()
        .map(|(path, _)| path.dotted())
        .collect();
    let one = |name: &String| match nearest(name, known.iter().map(String::as_str)) {
        Some(meant) => format!("`{name}` (did you mean `{meant}`?)"),
        None => format!("`{name}`"),
    };
    let shown: Vec<String> = names.iter().map(one).collect();
    format!("no such attribute: {}", shown.join(", "))
}

/// The cells of a row.
struct Cells<'a> {
    rest: Option<&'a str>,
    delimiter: u8,
    /// Whether something stood between the quote that ends a cell and what should follow it.
    stray: bool,
}

impl<'a> Cells<'a> {
    fn new(row: &'a str, delimiter: u8) -> Self {
        Self {
            rest: Some(row),
            delimiter,
            stray: false,
        }
    }

    /// A cell without quotes around it, from the beginning of `rest`.
    fn plain(&mut self, rest: &'a str) -> &'a str {
        match memchr::memchr(self.delimiter, rest.as_bytes()) {
            Some(end) => {
                self.rest = Some(&rest[end + 1..]);
                &rest[..end]
            }
            None => rest,
        }
    }

    /// A cell whose opening quote is taken off already.
    fn quoted(&mut self, inside: &'a str) -> Cow<'a, str> {
        let mut cell = Cow::Borrowed("");
        let mut rest = inside;
        loop {
            let Some(quote) = memchr::memchr(b'"', rest.as_bytes()) else {
                // Rows end with their quotes closed; what does not is told apart by whoever reads rows.
                self.stray = true;
                return cell + rest;
            };
            let (before, after) = (&rest[..quote], &rest[quote + 1..]);
            if let Some(after) = after.strip_prefix('"') {
                cell = cell + before + "\"";
                rest = after;
                continue;
            }
            cell = if cell.is_empty() {
                before.into()
            } else {
                cell + before
            };
            let beyond = self.plain(after);
            self.stray |= !beyond.is_empty();
            return cell;
        }
    }
}

impl<'a> Iterator for Cells<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Cow<'a, str>> {
        let rest = self.rest.take()?;
        Some(match rest.strip_prefix('"') {
            Some(inside) => self.quoted(inside),
            None => self.plain(rest).into(),
        })
    }
}
