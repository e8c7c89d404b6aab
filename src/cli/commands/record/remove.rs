//! What of records goes for good: `captui record delete`, `delete-access`, `bulk-delete` and `purge`.

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::cli::args::record::BulkDelete;
use crate::cli::args::record::Delete;
use crate::cli::args::record::DeleteAccess;
use crate::cli::args::record::Purge;
use crate::cli::commands::record::about;
use crate::cli::commands::record::name_of;
use crate::cli::commands::record::narrowed;
use crate::cli::confirm::Stakes;
use crate::cli::confirm::before;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::Stop;

pub(super) async fn delete(delete: Delete, session: &Session) -> Result<(), Stop> {
    if delete.sending.is_sent() {
        let record = name_of(&delete.type_name, &delete.selector);
        let what = match &delete.part.path {
            Some(path) => format!("delete {path} of {record} for good"),
            None => format!("delete {record} for good"),
        };
        let name = &session.environment().name;
        before(Stakes::Loss, &what, name, &delete.answers, session)?;
    }
    let request = about(Endpoint::EntityDelete, delete.type_name, delete.selector);
    let request = narrowed(request, &delete.part);
    session.change(request, delete.sending, "deleted").await
}

pub(super) async fn access(delete: DeleteAccess, session: &Session) -> Result<(), Stop> {
    if delete.sending.is_sent() {
        let record = name_of(&delete.type_name, &delete.selector);
        let what = format!("withdraw every grant and token of {record}");
        let name = &session.environment().name;
        before(Stakes::Change, &what, name, &delete.answers, session)?;
    }
    let request = about(
        Endpoint::EntityDeleteAccess,
        delete.type_name,
        delete.selector,
    );
    session.change(request, delete.sending, "withdrawn").await
}

pub(super) async fn bulk(delete: BulkDelete, session: &Session) -> Result<(), Stop> {
    let BulkDelete {
        type_name,
        filter,
        answers,
        sending,
    } = delete;
    let meant = counted(&type_name, Some(&filter), session).await?;
    if sending.is_sent() {
        let what = format!("delete {meant} of `{type_name}` for good");
        before(
            Stakes::Loss,
            &what,
            &session.environment().name,
            &answers,
            session,
        )?;
    } else {
        output::note(&format!("the filter selects {meant}"));
    }
    let request = ApiRequest::new(Endpoint::EntityBulkDelete)
        .with("type_name", type_name)
        .with("filter", filter)
        .with("commit", "true");
    session.change(request, sending, "deleted").await
}

pub(super) async fn purge(purge: Purge, session: &Session) -> Result<(), Stop> {
    let Purge {
        type_name,
        answers,
        sending,
    } = purge;
    let meant = counted(&type_name, None, session).await?;
    if sending.is_sent() {
        let what = format!("delete all {meant} of `{type_name}` for good");
        before(Stakes::Loss, &what, &type_name, &answers, session)?;
    } else {
        output::note(&format!("`{type_name}` has {meant}"));
    }
    let request = ApiRequest::new(Endpoint::EntityPurge)
        .with("type_name", type_name)
        .with("commit", "true");
    session.change(request, sending, "deleted").await
}

/// How many records are meant: `3 records`.
pub(in crate::cli) async fn counted(
    type_name: &str,
    filter: Option<&str>,
    session: &Session,
) -> Result<String, Stop> {
    let mut request = ApiRequest::new(Endpoint::EntityCount).with("type_name", type_name);
    if let Some(filter) = filter {
        request = request.with("filter", filter);
    }
    let answer = session.ask(request).await??;
    Ok(match answer.get("total_count").and_then(Json::as_i64) {
        Some(1) => "1 record".to_owned(),
        Some(number) => format!("{number} records"),
        None => "records".to_owned(),
    })
}
