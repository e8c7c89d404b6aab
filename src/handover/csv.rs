//! The records of answers as a table: a row for each, a column for each attribute by its dotted path; lists stand as JSON
//! in one cell. No cell is a formula to a program that computes. Numbers of JSON are left alone, since they hold nothing
//! but a number.

use indexmap::IndexSet;

use crate::capture::json::Json;
use crate::capture::response::Answer;
use crate::handover::HandoverError;
use crate::handover::mask::Parcel;
use crate::json::formula::guarded;

/// The table.
pub(super) fn write(parcel: &Parcel) -> Result<Vec<u8>, HandoverError> {
    let records: Vec<&Json> = parcel
        .entries
        .iter()
        .filter_map(|entry| match entry.exchange.answer()? {
            Answer::Ok(answer) => Some(records(answer)),
            Answer::Error(_) | Answer::NotCapture(_) => None,
        })
        .flatten()
        .collect();
    if records.is_empty() {
        return Err(HandoverError::NoRecords);
    }
    let rows: Vec<Vec<(String, String)>> = records.into_iter().map(cells).collect();
    let columns: IndexSet<&str> = rows
        .iter()
        .flatten()
        .map(|(path, _)| path.as_str())
        .collect();
    let mut out = ::csv::Writer::from_writer(Vec::new());
    let failed = |error: ::csv::Error| HandoverError::Write(error.to_string());
    out.write_record(columns.iter().map(|path| guarded(path).into_owned()))
        .map_err(failed)?;
    for row in &rows {
        let mut line = vec![""; columns.len()];
        for (path, cell) in row {
            if let Some(at) = columns.get_index_of(path.as_str()) {
                line[at] = cell;
            }
        }
        out.write_record(line).map_err(failed)?;
    }
    out.into_inner()
        .map_err(|error| HandoverError::Write(error.to_string()))
}

/// The records in an answer: those it lists, or the one it is about.
fn records(answer: &Json) -> Vec<&Json> {
    match (answer.get("results"), answer.get("result")) {
        (Some(Json::Array(results)), _) => results.iter().collect(),
        (_, Some(record @ Json::Object(_))) => vec![record],
        _ => Vec::new(),
    }
}

/// A record's cells by their paths.
fn cells(record: &Json) -> Vec<(String, String)> {
    let leaves = leaves(record).into_iter();
    leaves.map(|(path, value)| (path, cell(value))).collect()
}

/// A record's values by their dotted paths; lists are values. What is no object has one, called `value`.
pub fn leaves(record: &Json) -> Vec<(String, &Json)> {
    let mut leaves = Vec::new();
    match record {
        Json::Object(_) => collect(record, "", &mut leaves),
        other => leaves.push(("value".to_owned(), other)),
    }
    leaves
}

/// Recursion is bounded by the reader's limit.
fn collect<'a>(json: &'a Json, path: &str, leaves: &mut Vec<(String, &'a Json)>) {
    match json {
        Json::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                let below = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                collect(value, &below, leaves);
            }
        }
        other => leaves.push((path.to_owned(), other)),
    }
}

/// A value as a cell.
pub fn cell(json: &Json) -> String {
    match json {
        Json::Null => String::new(),
        Json::String(text) => guarded(text).into_owned(),
        Json::Number(number) => number.to_string(),
        other => guarded(&other.to_string()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_by_their_paths() {
        let json = r#"{"a":1.50,"b":{"c":null,"d":[1,{"e":"-"}]},"f":"-x","g":{},"h":-2}"#;
        let found = cells(&Json::parse(json).expect("is JSON"));
        let pairs: Vec<(&str, &str)> = found
            .iter()
            .map(|(path, cell)| (path.as_str(), cell.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("a", "1.50"),
                ("b.c", ""),
                ("b.d", r#"[1,{"e":"-"}]"#),
                ("f", "'-x"),
                ("g", "{}"),
                ("h", "-2")
            ]
        );
    }
}
