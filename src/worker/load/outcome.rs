//! The files that say what became of each row. In front stand the columns of the vendor's loader (`batch,line,uuid,email` and
//! `batch,line,email,error`), so that what reads its files reads these; behind them what more is known (our choice):
//!
//! | file | columns | holds |
//! | --- | --- | --- |
//! | `success.csv` | `batch,line,uuid,email,row,id,answered` | the records that are there: the list for taking them back |
//! | `failures.csv` | `batch,line,email,error,row,column,code` | each reason why a row was refused, here (no batch) or by the service |
//! | `rejected.*` | those of the loaded file | the refused rows as they were read: corrected, this file loads just those |
//! | `unknown.*` | those of the loaded file | the rows of which nobody can tell whether their records are there |
//!
//! `line` is where the row begins in the file, `answered` the service's time when it said that the record is there; it is
//! empty where the record was only found later and may have been changed by then. In the place of `email` stands the first unique attribute where a type has no e-mail address.

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::path::AttrPath;
use crate::capture::schema::EntityType;
use crate::record_file::read::Fault;

/// The records that are there.
pub(super) const SUCCESS: &str = "success.csv";

/// Why rows were refused.
pub(super) const FAILURES: &str = "failures.csv";

/// The beginning of the name of the file with the refused rows.
pub(super) const REJECTED: &str = "rejected";

/// The beginning of the name of the file with the rows of which nothing is known.
pub(super) const UNKNOWN: &str = "unknown";

/// The attribute whose value stands for a record: its e-mail address, or else the first that is unique.
pub(super) fn naming(schema: &EntityType) -> Option<AttrPath> {
    let plain = || {
        schema
            .own_attr_defs()
            .filter(|def| is_plain(&def.attr_type))
    };
    let email = plain().find(|def| def.name == "email");
    let unique = || plain().find(|def| def.has(&Constraint::Unique));
    let def = email.or_else(unique)?;
    Some(AttrPath::root().child(def.name.clone()))
}

fn is_plain(attr_type: &AttrType) -> bool {
    !matches!(
        attr_type,
        AttrType::Object(_) | AttrType::Plural(_) | AttrType::Password(_) | AttrType::Json
    )
}

/// The first line of the file of records that are there.
pub(super) fn success_head(name: Option<&AttrPath>) -> Vec<u8> {
    let name = name_column(name);
    row_of(&["batch", "line", "uuid", &name, "row", "id", "answered"])
}

/// The first line of the file of reasons.
pub(super) fn failures_head(name: Option<&AttrPath>) -> Vec<u8> {
    let name = name_column(name);
    row_of(&["batch", "line", &name, "error", "row", "column", "code"])
}

fn name_column(name: Option<&AttrPath>) -> String {
    name.map_or_else(|| "email".to_owned(), AttrPath::dotted)
}

/// Which row a line is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    /// In which batch it was sent; none for what was refused here.
    pub(super) batch: Option<u64>,
    /// The row's number.
    pub(super) row: u64,
    /// Where it begins.
    pub(super) line: u64,
    /// What stands for the record.
    pub(super) name: &'a str,
}

impl About<'_> {
    fn batch(&self) -> String {
        self.batch
            .map_or_else(String::new, |batch| batch.to_string())
    }

    /// The record is there.
    pub(super) fn done(&self, id: &str, uuid: &str, answered: &str) -> Vec<u8> {
        let (row, at) = (self.row.to_string(), self.line.to_string());
        row_of(&[&self.batch(), &at, uuid, self.name, &row, id, answered])
    }

    /// The row was refused.
    pub(super) fn failed(&self, fault: &Fault) -> Vec<u8> {
        let (row, at) = (self.row.to_string(), self.line.to_string());
        let code = fault.code.map_or_else(String::new, |code| code.to_string());
        let (place, reason) = (fault.place.as_str(), fault.reason.as_str());
        row_of(&[&self.batch(), &at, self.name, reason, &row, place, &code])
    }
}

/// A line of CSV.
fn row_of(cells: &[&str]) -> Vec<u8> {
    let mut text = Vec::with_capacity(96);
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            text.push(b'"');
            text.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            text.push(b'"');
        } else {
            text.extend_from_slice(cell.as_bytes());
        }
    }
    text.push(b'\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::error::ErrorCode;

    #[test]
    fn the_vendors_columns_stand_in_front() {
        let about = About {
            batch: Some(3),
            row: 9,
            line: 12,
            name: "a,b",
        };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("is text");
        assert_eq!(
            text(success_head(None)),
            "batch,line,uuid,email,row,id,answered\n"
        );
        assert_eq!(
            text(about.done("7", "u", "2026-01-02T03:04:05Z")),
            "3,12,u,\"a,b\",9,7,2026-01-02T03:04:05Z\n"
        );
        let fault = Fault {
            place: "born".to_owned(),
            code: Some(ErrorCode::INVALID_DATE_TIME),
            reason: "no \"day\"".to_owned(),
        };
        let local = About {
            batch: None,
            ..about
        };
        assert_eq!(
            text(local.failed(&fault)),
            ",12,\"a,b\",\"no \"\"day\"\"\",9,born,342\n"
        );
    }
}
