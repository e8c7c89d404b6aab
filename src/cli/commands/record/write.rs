//! `captui record create`, `update` and `replace`.

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::capture::validate::Mode;
use crate::cli::args::record::Change;
use crate::cli::args::record::Create;
use crate::cli::args::record::Replace;
use crate::cli::args::record::Update;
use crate::cli::args::shared::Answers;
use crate::cli::args::shared::Sent;
use crate::cli::commands::record::about;
use crate::cli::commands::record::content;
use crate::cli::commands::record::content::Ready;
use crate::cli::commands::record::content::Wanted;
use crate::cli::commands::record::name_of;
use crate::cli::commands::record::narrowed;
use crate::cli::confirm::Stakes;
use crate::cli::confirm::before;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::Stop;

pub(super) async fn create(create: Create, session: &Session) -> Result<(), Stop> {
    let Create {
        type_name,
        content,
        sending,
    } = create;
    let wanted = Wanted {
        type_name: &type_name,
        path: None,
        mode: Mode::Create,
        stored: None,
        is_sent: sending.sending.is_sent(),
    };
    let ready = content::read(&content, wanted, session).await?;
    let request = ApiRequest::new(Endpoint::EntityCreate).with("type_name", type_name);
    let request = with_content(request, ready, content.include_record);
    let show = |answer: &Json| Ok(output::print(&created(answer))?);
    session.send(request, sending, show).await
}

pub(super) async fn update(update: Update, session: &Session) -> Result<(), Stop> {
    let answers = Answers {
        yes: update.yes,
        confirm: None,
    };
    write(update.change, Mode::Update, answers, session).await
}

pub(super) async fn replace(replace: Replace, session: &Session) -> Result<(), Stop> {
    write(replace.change, Mode::Replace, replace.answers, session).await
}

async fn write(
    change: Change,
    mode: Mode,
    answers: Answers,
    session: &Session,
) -> Result<(), Stop> {
    let Change {
        type_name,
        selector,
        part,
        content,
        sending,
    } = change;
    let wanted = Wanted {
        type_name: &type_name,
        path: part.path.as_ref(),
        mode,
        stored: Some(about(
            Endpoint::EntityView,
            type_name.clone(),
            selector.clone(),
        )),
        is_sent: sending.is_sent(),
    };
    let ready = content::read(&content, wanted, session).await?;
    let endpoint = match mode {
        Mode::Replace => Endpoint::EntityReplace,
        Mode::Create | Mode::Update => Endpoint::EntityUpdate,
    };
    if mode == Mode::Replace && sending.is_sent() {
        let what = format!(
            "put another value in place of {}",
            name_of(&type_name, &selector)
        );
        before(
            Stakes::Change,
            &what,
            &session.environment().name,
            &answers,
            session,
        )?;
    }
    let request = narrowed(about(endpoint, type_name, selector), &part);
    let request = with_content(request, ready, content.include_record);
    let done = match mode {
        Mode::Replace => "replaced",
        Mode::Create | Mode::Update => "updated",
    };
    session
        .change(request, Sent { sending, answers }, done)
        .await
}

fn with_content(request: ApiRequest, ready: Ready, include_record: bool) -> ApiRequest {
    let mut request = request.with("attributes", ready.attributes);
    let names = ready
        .passwords
        .unwrap_or_else(|| redact::names_written(&request));
    request = request.hiding(names);
    if include_record {
        request = request.with("include_record", "true");
    }
    request
}

/// The new record, or what it is found by.
fn created(answer: &Json) -> String {
    if let Some(record) = answer.get("result") {
        return output::pretty(record);
    }
    match (answer.get("id"), answer.get("uuid").and_then(Json::as_str)) {
        (Some(id), Some(_)) if output::is_quiet() => id.to_string(),
        (Some(id), Some(uuid)) => format!("id    {id}\nuuid  {uuid}"),
        _ => output::pretty(answer),
    }
}
