//! `captui record`: records.

use jiff::Timestamp;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::capture::validate::Mode;
use crate::capture::validate::Violation;
use crate::capture::validate::validate;
use crate::cli::args::record::Find;
use crate::cli::args::record::Get;
use crate::cli::args::record::RecordCommand;
use crate::cli::commands::bulk::export;
use crate::cli::commands::bulk::verify;
use crate::cli::commands::types::count;
use crate::cli::input;
use crate::cli::output;
use crate::cli::output::table;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;

/// The longest value shown in a table, in screen cells.
const LONGEST: usize = 40;

/// How many columns a table has when none were asked for.
const COLUMNS: usize = 6;

/// Carries out a command.
pub(in crate::cli) async fn run(command: RecordCommand, session: &Session) -> Result<(), Stop> {
    match command {
        RecordCommand::Create {
            type_name,
            attributes,
            include_record,
            no_check,
        } => {
            let text = input::text_or_stdin(&attributes)?;
            let mut password_names = None;
            if !no_check {
                let record = input::object("--attributes", &text)?;
                let (schema, _) = session.entity_type(&type_name).await?;
                refuse_violations(&record, &schema)?;
                password_names = Some(schema.password_names());
            }
            let mut request = ApiRequest::new(Endpoint::EntityCreate)
                .with("type_name", type_name)
                .with("attributes", text.trim());
            let names = password_names.unwrap_or_else(|| redact::names_written(&request));
            request = request.hiding(names);
            if include_record {
                request = request.with("include_record", "true");
            }
            session.call(request, show_created).await
        }
        RecordCommand::Get(get) => session.call(get_request(get), show_result).await,
        RecordCommand::Find(find) => find_records(find, session).await,
        RecordCommand::Verify(work) => Box::pin(verify::verify(work, session)).await,
        RecordCommand::Export(work) => Box::pin(export::export(work, session)).await,
        RecordCommand::Count { type_name, filter } => {
            let mut request = ApiRequest::new(Endpoint::EntityCount).with("type_name", type_name);
            if let Some(filter) = filter {
                request = request.with("filter", filter);
            }
            session
                .call(request, |answer| match answer.get("total_count") {
                    Some(total) => total.to_string(),
                    None => output::pretty(answer),
                })
                .await
        }
    }
}

fn refuse_violations(record: &Json, schema: &EntityType) -> Result<(), Failure> {
    let violations = validate(record, schema, Mode::Create, Timestamp::now());
    if violations.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = violations.iter().map(describe).collect();
    Err(Failure::new(
        FailureKind::Usage,
        format!(
            "nothing was sent: {}\n{}",
            count(lines.len(), "violation"),
            lines.join("\n")
        ),
    )
    .hint("--no-check sends it anyway"))
}

/// `photos[0].value: too long (363 length_violation)`
fn describe(violation: &Violation) -> String {
    let Violation { path, code, reason } = violation;
    let place = if path.is_root() {
        String::new()
    } else {
        format!("{path}: ")
    };
    let word = code.name().map_or(String::new(), |name| format!(" {name}"));
    format!("{place}{reason} ({code}{word})")
}

fn show_created(answer: &Json) -> String {
    if let Some(record) = answer.get("result") {
        return output::pretty(record);
    }
    match (answer.get("id"), answer.get("uuid").and_then(Json::as_str)) {
        (Some(id), Some(uuid)) => format!("id    {id}\nuuid  {uuid}"),
        _ => output::pretty(answer),
    }
}

fn show_result(answer: &Json) -> String {
    output::pretty(answer.get("result").unwrap_or(answer))
}

fn get_request(get: Get) -> ApiRequest {
    let mut request = ApiRequest::new(Endpoint::EntityView).with("type_name", get.type_name);
    if let Some(id) = get.id {
        request = request.with("id", id.to_string());
    }
    if let Some(uuid) = get.uuid {
        request = request.with("uuid", uuid);
    }
    if let Some((attribute, value)) = get.key {
        let value = key_value(&attribute, value);
        request = request
            .with("key_attribute", attribute)
            .with("key_value", value);
    }
    request
}

/// `key_value` is JSON (reference 2.2): a text needs its quotes, which a shell takes away.
fn key_value(attribute: &str, value: String) -> String {
    match Json::parse(&value) {
        Ok(Json::String(_)) => value,
        Ok(Json::Number(_)) if attribute == "id" => value,
        _ => Json::from(value).to_string(),
    }
}

async fn find_records(find: Find, session: &Session) -> Result<(), Stop> {
    let columns = find.attributes.clone();
    let mut total = None;
    let shown = session
        .call(find_request(find), |answer| {
            total = answer.get("total_count").map(Json::to_string);
            show_found(answer, &columns)
        })
        .await;
    if let (Some(total), false) = (total, session.json()) {
        output::note(&format!("{total} in all"));
    }
    shown
}

fn find_request(find: Find) -> ApiRequest {
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
    request
}

/// The records as a table of the attributes asked for, or of the first plain ones that any record has.
fn show_found(answer: &Json, asked: &[String]) -> String {
    let Some(records) = answer.get("results").and_then(Json::as_array) else {
        return output::pretty(answer);
    };
    if records.is_empty() {
        return String::new();
    }
    let columns: Vec<&str> = if asked.is_empty() {
        plain_columns(records)
    } else {
        asked.iter().map(|name| name.trim()).collect()
    };
    let rows: Vec<Vec<String>> = records
        .iter()
        .map(|record| columns.iter().map(|column| cell(record, column)).collect())
        .collect();
    table(&columns, &rows, LONGEST)
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
fn cell(record: &Json, path: &str) -> String {
    let mut values = vec![record];
    for name in path.split('.') {
        values = values
            .into_iter()
            .flat_map(|value| value.as_array().unwrap_or(std::slice::from_ref(value)))
            .filter_map(|value| value.get(name))
            .collect();
    }
    let texts: Vec<String> = values
        .into_iter()
        .map(|value| match value {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_text_unless_it_says_otherwise() {
        for (attribute, value, sent) in [
            ("email", "a@b.c", "\"a@b.c\""),
            ("email", "\"a@b.c\"", "\"a@b.c\""),
            ("email", "\"a", "\"\\\"a\""),
            ("phone", "123", "\"123\""),
            ("id", "123", "123"),
            ("id", "007", "\"007\""),
        ] {
            assert_eq!(
                key_value(attribute, value.to_owned()),
                sent,
                "{attribute}={value}"
            );
        }
    }

    #[test]
    fn found_records_are_a_table() {
        let answer = Json::parse(
            r#"{"results":[{"id":1,"uuid":"u1","a":null,"o":{"city":"Oslo"},"p":[{"v":"x"},{"v":2}]},
                           {"id":20,"uuid":"u2","a":"é","o":null,"p":[]}]}"#,
        )
        .expect("JSON");
        assert_eq!(
            show_found(&answer, &[]),
            "id  uuid  a\n1   u1\n20  u2    é\n"
        );
        let asked = ["id", "o.city", "p.v"].map(str::to_owned);
        assert_eq!(
            show_found(&answer, &asked),
            "id  o.city  p.v\n1   Oslo    x, 2\n20\n"
        );
        let none = Json::parse(r#"{"results":[]}"#).expect("JSON");
        assert_eq!(show_found(&none, &[]), "");
    }
}
