//! `captui record find`, and records as lists.

use indexmap::IndexSet;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::cli::args::record::Find;
use crate::cli::output;
use crate::cli::output::list::Form;
use crate::cli::output::list::List;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::handover::csv;

/// The longest value shown in a table, in screen cells.
const LONGEST: usize = 40;

/// How many columns a table has when none were asked for.
const COLUMNS: usize = 6;

pub(super) async fn find(find: Find, session: &Session) -> Result<(), Stop> {
    let columns = find.attributes.clone();
    let form = find.listing.form(session.json());
    let sending = find.sending;
    let show = move |answer: &Json| {
        match answer.get("results").and_then(Json::as_array) {
            Some(records) => listed(records, &columns, form).print(form, LONGEST)?,
            None => output::print(&output::pretty(answer))?,
        }
        if let Some(total) = answer.get("total_count") {
            output::note(&format!("{total} in all"));
        }
        Ok(())
    };
    session.send(request(find), sending, show).await
}

fn request(find: Find) -> ApiRequest {
    let names = |names: &[String]| {
        Json::Array(names.iter().map(|name| Json::from(name.trim())).collect()).to_string()
    };
    let mut request = ApiRequest::new(Endpoint::EntityFind).with("type_name", find.type_name);
    if let Some(filter) = find.filter {
        request = request.with("filter", filter);
    }
    if !find.attributes.is_empty() {
        request = request.with("attributes", names(&find.attributes));
    }
    if !find.sort.is_empty() {
        request = request.with("sort_on", names(&find.sort));
    }
    if let Some(max) = find.max {
        request = request.with("max_results", max.to_string());
    }
    if let Some(first) = find.first {
        request = request.with("first_result", first.to_string());
    }
    if find.total {
        request = request.with("show_total_count", "true");
    }
    if let Some(seconds) = find.timeout {
        request = request.with("timeout", seconds.to_string());
    }
    request
}

/// The records by the attributes asked for; without any, a table shows the first plain ones that any record has, and what
/// programs read holds all.
fn listed(records: &[Json], asked: &[String], form: Form) -> List {
    if asked.is_empty() && form == Form::Csv {
        return whole(records);
    }
    let columns: Vec<&str> = if asked.is_empty() {
        plain_columns(records)
    } else {
        asked.iter().map(|name| name.trim()).collect()
    };
    let mut list = List::new(&columns);
    for record in records {
        let cells = columns.iter().map(|column| cell(record, column));
        list.push(cells.collect(), record.clone());
    }
    list
}

/// Every value of every record, by its dotted name.
fn whole(records: &[Json]) -> List {
    let rows: Vec<Vec<(String, &Json)>> = records.iter().map(csv::leaves).collect();
    let names = rows.iter().flatten().map(|(name, _)| name.as_str());
    let columns: IndexSet<&str> = names.collect();
    let mut list = List::new(&columns.iter().copied().collect::<Vec<_>>());
    for (row, record) in rows.iter().zip(records) {
        let mut cells = vec![Json::Null; columns.len()];
        for (name, value) in row {
            if let Some(at) = columns.get_index_of(name.as_str()) {
                cells[at] = (*value).clone();
            }
        }
        list.push(cells, record.clone());
    }
    list
}

/// One record: in a table, an attribute a row.
pub(super) fn print_one(record: &Json, form: Form) -> Result<(), Stop> {
    let list = match form {
        Form::Table => {
            let mut list = List::new(&["ATTRIBUTE", "VALUE"]);
            for (name, value) in csv::leaves(record) {
                list.push(vec![name.into(), value.clone()], Json::Null);
            }
            list
        }
        Form::Names => listed(std::slice::from_ref(record), &["id".to_owned()], form),
        Form::Csv | Form::Ndjson | Form::Json => listed(std::slice::from_ref(record), &[], form),
    };
    Ok(list.print(form, usize::MAX)?)
}

/// `id`, `uuid`, then what holds a plain value in some record.
fn plain_columns(records: &[Json]) -> Vec<&str> {
    let mut columns = vec!["id", "uuid"];
    for (name, value) in records.iter().filter_map(Json::as_object).flatten() {
        let plain = !matches!(value, Json::Null | Json::Array(_) | Json::Object(_));
        if plain && columns.len() < COLUMNS && !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    columns
}

/// The value at a dotted path; inside a plural, the values of all its elements.
fn cell(record: &Json, path: &str) -> Json {
    let mut values = vec![record];
    for name in path.split('.') {
        values = values
            .into_iter()
            .flat_map(|value| value.as_array().unwrap_or(std::slice::from_ref(value)))
            .filter_map(|value| value.get(name))
            .collect();
    }
    match values.as_slice() {
        [] => Json::Null,
        [one] => (*one).clone(),
        several => {
            let texts = several.iter().map(|value| match value {
                Json::Null => String::new(),
                Json::String(text) => text.clone(),
                other => other.to_string(),
            });
            texts.collect::<Vec<_>>().join(", ").into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: &str = r#"[{"id":1,"uuid":"u1","a":null,"o":{"city":"Oslo"},"p":[{"v":"x"},{"v":2}]},
                              {"id":20,"uuid":"u2","a":"é","o":null,"p":[]}]"#;

    fn columns_and_cells(asked: &[&str], form: Form) -> (Vec<String>, Vec<String>) {
        let records = Json::parse(RECORDS).expect("JSON");
        let asked: Vec<String> = asked.iter().map(|&name| name.to_owned()).collect();
        let list = listed(records.as_array().expect("an array"), &asked, form);
        let cells = list.rows.iter().map(|row| {
            let cells = row.cells.iter().map(Json::to_string);
            cells.collect::<Vec<_>>().join(" ")
        });
        (list.headings, cells.collect())
    }

    #[test]
    fn found_records_are_a_table() {
        let (headings, rows) = columns_and_cells(&[], Form::Table);
        assert_eq!(headings, ["id", "uuid", "a"]);
        assert_eq!(rows, [r#"1 "u1" null"#, r#"20 "u2" "é""#]);
        let (headings, rows) = columns_and_cells(&["id", " o.city", "p.v"], Form::Table);
        assert_eq!(headings, ["id", "o.city", "p.v"]);
        assert_eq!(rows, [r#"1 "Oslo" "x, 2""#, "20 null null"]);
    }

    #[test]
    fn programs_read_every_attribute() {
        let (headings, rows) = columns_and_cells(&[], Form::Csv);
        assert_eq!(headings, ["id", "uuid", "a", "o.city", "p", "o"]);
        assert_eq!(
            rows,
            [
                r#"1 "u1" null "Oslo" [{"v":"x"},{"v":2}] null"#,
                r#"20 "u2" "é" null [] null"#
            ]
        );
    }
}
