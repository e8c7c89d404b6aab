//! Lists: the one way in which commands print rows. A table for people, as wide as the terminal; a JSON object a line or
//! comma-separated values for programs; the first cell of each row where the least is asked for.

use std::io;

use crate::capture::json::Json;
use crate::cli::args::shared::Listing;
use crate::cli::output;
use crate::handover::csv;
use crate::json::formula::guarded;
use crate::json::sanitize::clean;
use crate::json::sanitize::truncate;
use crate::json::sanitize::width;

/// The narrowest that a column becomes so that the others find their place, in screen cells.
const NARROWEST: usize = 8;

/// The cells between two columns.
const GAP: usize = 2;

/// What a command lists.
pub(in crate::cli) struct List {
    /// The names of the columns.
    pub(in crate::cli) headings: Vec<String>,
    /// The rows.
    pub(in crate::cli) rows: Vec<Row>,
}

/// A row of a list.
pub(in crate::cli) struct Row {
    /// A value for each column, the one that names the row first. Null is an empty cell.
    pub(in crate::cli) cells: Vec<Json>,
    /// The whole of it, for programs.
    pub(in crate::cli) json: Json,
}

/// How a list is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Form {
    /// As a table.
    Table,
    /// As comma-separated values.
    Csv,
    /// As JSON, a row a line.
    Ndjson,
    /// As one array of JSON.
    Json,
    /// As the first cell of each row.
    Names,
}

impl Listing {
    /// The form that is asked for. `json` says that all output is JSON.
    pub(in crate::cli) fn form(self, json: bool) -> Form {
        match self {
            Self { csv: true, .. } => Form::Csv,
            Self { ndjson: true, .. } => Form::Ndjson,
            Self { table: true, .. } => Form::Table,
            _ if json => Form::Json,
            _ if output::is_quiet() => Form::Names,
            _ => Form::Table,
        }
    }
}

impl List {
    /// A list with these columns and no rows yet.
    pub(in crate::cli) fn new(headings: &[&str]) -> Self {
        Self {
            headings: headings.iter().map(|&heading| heading.to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub(in crate::cli) fn push(&mut self, cells: Vec<Json>, json: Json) {
        self.rows.push(Row { cells, json });
    }

    /// Prints it. In a table no cell is wider than `longest` screen cells.
    pub(in crate::cli) fn print(&self, form: Form, longest: usize) -> io::Result<()> {
        match form {
            Form::Table => output::print(&self.to_table(longest)),
            Form::Csv => output::print_document(&self.csv()),
            Form::Ndjson => {
                let lines: Vec<String> = self
                    .rows
                    .iter()
                    .map(|row| output::one_line(&row.json))
                    .collect();
                output::print(&lines.join("\n"))
            }
            Form::Json => {
                let rows = self.rows.iter().map(|row| row.json.clone());
                output::print_json(&Json::Array(rows.collect()))
            }
            Form::Names => {
                let names = self.rows.iter().filter_map(|row| row.cells.first());
                let names: Vec<String> =
                    names.map(|name| clean(&text(name)).into_owned()).collect();
                output::print(&names.join("\n"))
            }
        }
    }

    /// The table, as wide as the terminal.
    pub(in crate::cli) fn to_table(&self, longest: usize) -> String {
        self.table(longest, output::terminal_width())
    }

    fn table(&self, longest: usize, most: Option<usize>) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let headings: Vec<&str> = self.headings.iter().map(String::as_str).collect();
        let rows: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|row| row.cells.iter().map(text).collect())
            .collect();
        table(&headings, &rows, longest, most)
    }

    fn csv(&self) -> String {
        let mut out = ::csv::Writer::from_writer(Vec::new());
        let heading = self
            .headings
            .iter()
            .map(|heading| guarded(heading).into_owned());
        let lines = std::iter::once(heading.collect::<Vec<_>>()).chain(
            self.rows
                .iter()
                .map(|row| row.cells.iter().map(csv::cell).collect()),
        );
        for line in lines {
            out.write_record(line)
                .expect("memory takes every line, and all are equally long");
        }
        let bytes = out.into_inner().expect("memory takes everything");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// A cell for people.
fn text(cell: &Json) -> String {
    match cell {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Rows as aligned columns under a heading; cells wider than `longest` screen cells are cut, and the widest columns are
/// made narrower until a row has at most `most` screen cells.
pub(in crate::cli) fn table(
    headings: &[&str],
    rows: &[Vec<String>],
    longest: usize,
    most: Option<usize>,
) -> String {
    let heading = headings.iter().map(|heading| clean(heading).into_owned());
    let cells: Vec<Vec<String>> = std::iter::once(heading.collect())
        .chain(rows.iter().map(|row| {
            row.iter()
                .map(|cell| truncate(&clean(cell), longest))
                .collect()
        }))
        .collect();
    let widest = |column: usize| {
        let cells = cells.iter().filter_map(|row: &Vec<String>| row.get(column));
        cells.map(|cell| width(cell)).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..headings.len()).map(widest).collect();
    if let Some(most) = most {
        squeeze(&mut widths, most);
    }
    let mut text = String::new();
    for row in &cells {
        let mut line = String::new();
        for (cell, column) in row.iter().zip(&widths) {
            let cell = truncate(cell, *column);
            line.push_str(&cell);
            line.push_str(&" ".repeat(column.saturating_sub(width(&cell)) + GAP));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Takes from the widest columns what is too much.
fn squeeze(widths: &mut [usize], most: usize) {
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > most {
        match widths.iter_mut().max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_aligned_by_screen_cells() {
        let rows = [
            ["é日本", "x"],
            ["b", "a\u{1b}[31m"],
            ["", "longer than eight"],
        ]
        .map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(
            table(&["NAME", "TEXT"], &rows, 8, None),
            "NAME   TEXT\né日本  x\nb      a␛[31m\n       longer …\n"
        );
    }

    #[test]
    fn the_widest_columns_make_room() {
        let rows = [["12", "a long text that goes on", "another long text"]]
            .map(|row| row.map(str::to_owned).to_vec());
        let headings = ["ID", "ONE", "OTHER"];
        let shown = table(&headings, &rows, 40, Some(30));
        assert!(shown.lines().all(|line| width(line) <= 30), "{shown}");
        assert_eq!(shown.lines().nth(1), Some("12  a long text…  another lon…"));
        // There is a limit to what can be taken away.
        let shown = table(&headings, &rows, 40, Some(5));
        assert_eq!(shown.lines().nth(1), Some("12  a long …  another…"));
    }

    #[test]
    fn values_between_commas_are_no_formulas() {
        let mut list = List::new(&["id", "=name", "note"]);
        let row = [Json::from(-1), Json::from("=1+1"), Json::Null];
        list.push(row.to_vec(), Json::Null);
        let row = [Json::from("a,\"b"), Json::from("x\ny"), Json::from(true)];
        list.push(row.to_vec(), Json::Null);
        assert_eq!(
            list.csv(),
            "id,'=name,note\n-1,'=1+1,\n\"a,\"\"b\",\"x\ny\",true\n"
        );
    }

    #[test]
    fn the_form_follows_the_options() {
        let none = Listing::default();
        assert_eq!(none.form(false), Form::Table);
        assert_eq!(none.form(true), Form::Json);
        let csv = Listing { csv: true, ..none };
        assert_eq!(csv.form(false), Form::Csv);
        let ndjson = Listing {
            ndjson: true,
            ..none
        };
        assert_eq!(ndjson.form(false), Form::Ndjson);
    }
}
