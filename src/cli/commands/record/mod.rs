//! `captui record`: records. What is written is read and checked in `content`; what goes for good is asked about in
//! `remove`.

mod content;
mod find;
pub(in crate::cli) mod remove;
mod write;

use std::io;
use std::io::BufRead;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::cli::args::record::Adopt;
use crate::cli::args::record::Count;
use crate::cli::args::record::Get;
use crate::cli::args::record::RecordCommand;
use crate::cli::args::record::Versions;
use crate::cli::args::shared::Part;
use crate::cli::args::shared::Selector;
use crate::cli::commands::bulk::export;
use crate::cli::commands::bulk::verify;
use crate::cli::commands::load;
use crate::cli::output;
use crate::cli::output::list::Form;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;

/// Carries out a command.
pub(in crate::cli) async fn run(command: RecordCommand, session: &Session) -> Result<(), Stop> {
    match command {
        RecordCommand::Create(create) => write::create(create, session).await,
        RecordCommand::Load(arguments) => Box::pin(load::load(*arguments, session)).await,
        RecordCommand::Rollback(arguments) => load::roll_back(arguments, session).await,
        RecordCommand::Get(get) => show(get, session).await,
        RecordCommand::Find(find) => find::find(find, session).await,
        RecordCommand::Export(work) => Box::pin(export::export(work, session)).await,
        RecordCommand::Verify(work) => Box::pin(verify::verify(work, session)).await,
        RecordCommand::Count(count) => number(count, session).await,
        RecordCommand::Update(change) => write::update(change, session).await,
        RecordCommand::Replace(replace) => write::replace(replace, session).await,
        RecordCommand::Delete(delete) => remove::delete(delete, session).await,
        RecordCommand::DeleteAccess(delete) => remove::access(delete, session).await,
        RecordCommand::BulkDelete(delete) => remove::bulk(delete, session).await,
        RecordCommand::Purge(purge) => remove::purge(purge, session).await,
        RecordCommand::Adopt(adopt) => take_in(adopt, session).await,
        RecordCommand::Versions(versions) => earlier(versions, session).await,
    }
}

/// The call of `endpoint` about one record of a type.
pub(in crate::cli) fn about(
    endpoint: Endpoint,
    type_name: String,
    selector: Selector,
) -> ApiRequest {
    let mut request = ApiRequest::new(endpoint).with("type_name", type_name);
    if let Some(id) = selector.id {
        request = request.with("id", id.to_string());
    }
    if let Some(uuid) = selector.uuid {
        request = request.with("uuid", uuid);
    }
    if let Some((attribute, value)) = selector.key {
        let value = key_value(&attribute, value);
        request = request
            .with("key_attribute", attribute)
            .with("key_value", value);
    }
    request
}

/// The record for a question: `record 12 of user`.
fn name_of(type_name: &str, selector: &Selector) -> String {
    let record = match selector {
        Selector { id: Some(id), .. } => format!("record {id}"),
        Selector {
            uuid: Some(uuid), ..
        } => format!("record {uuid}"),
        Selector {
            key: Some((attribute, value)),
            ..
        } => {
            format!("the record with {attribute} {value}")
        }
        Selector { .. } => "a record".to_owned(),
    };
    format!("{record} of `{type_name}`")
}

/// The same call about a part of the record, or about one state of it.
fn narrowed(mut request: ApiRequest, part: &Part) -> ApiRequest {
    if let Some(path) = &part.path {
        request = request.with("attribute_name", path.slashed());
    }
    if let Some(time) = &part.created {
        request = request.with("created", time);
    }
    if let Some(time) = &part.last_updated {
        request = request.with("lastUpdated", time);
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

async fn show(get: Get, session: &Session) -> Result<(), Stop> {
    let request = about(Endpoint::EntityView, get.type_name, get.selector);
    let mut request = narrowed(request, &get.part);
    if !get.attributes.is_empty() {
        let names = get.attributes.iter().map(AttrPath::dotted);
        let names = names.map(Json::from).collect();
        request = request.with("attributes", Json::Array(names).to_string());
    }
    if let Some(attribute) = get.verify_password {
        request = request
            .with("password_attribute", attribute)
            .with("password_value", first_line()?);
    }
    let form = get.listing.form(session.json());
    let is_plain = !get.listing.table && form == Form::Table;
    let show = move |answer: &Json| {
        let result = answer.get("result").unwrap_or(answer);
        if is_plain {
            return Ok(output::print(&output::pretty(result))?);
        }
        find::print_one(result, form)
    };
    session.send(request, get.sending, show).await
}

/// A line of standard input: no password stands on a command line.
fn first_line() -> Result<String, Failure> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    match read {
        Ok(1..) => Ok(line.trim_end_matches(['\n', '\r']).to_owned()),
        Ok(0) | Err(_) => Err(Failure::new(
            FailureKind::Usage,
            "nothing was sent: the password is read from standard input, where there is none",
        )),
    }
}

async fn number(count: Count, session: &Session) -> Result<(), Stop> {
    let mut request = ApiRequest::new(Endpoint::EntityCount).with("type_name", count.type_name);
    if let Some(filter) = count.filter {
        request = request.with("filter", filter);
    }
    if let Some(seconds) = count.timeout {
        request = request.with("timeout", seconds.to_string());
    }
    let show = |answer: &Json| {
        let total = answer.get("total_count");
        Ok(output::print(
            &total.map_or_else(|| output::pretty(answer), Json::to_string),
        )?)
    };
    session.send(request, count.sending, show).await
}

async fn take_in(adopt: Adopt, session: &Session) -> Result<(), Stop> {
    let request = ApiRequest::new(Endpoint::EntityAdopt)
        .with("type_name", adopt.type_name)
        .with("id", adopt.id.to_string())
        .with("attribute_name", adopt.path.slashed())
        .with("child_id", adopt.child.to_string());
    session.change(request, adopt.sending, "adopted").await
}

async fn earlier(versions: Versions, session: &Session) -> Result<(), Stop> {
    let request = ApiRequest::new(Endpoint::VersionsEntity)
        .with("type_name", versions.type_name)
        .with("id", versions.id.to_string())
        .with("timestamp", versions.at);
    let show = |answer: &Json| {
        let result = answer.get("result").unwrap_or(answer);
        Ok(output::print(&output::pretty(result))?)
    };
    session.send(request, versions.sending, show).await
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
}
