//! `captui schema access`: what a client may read and write of a type, shown and set. An attribute that is not listed is
//! answered as if it did not exist (error 223).

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::capture::schema::access::leaves;
use crate::capture::schema::access::merged;
use crate::capture::schema::access::seen_of;
use crate::capture::schema::access::to_list;
use crate::capture::schema::is_reserved_name;
use crate::cli::args::schema::Access;
use crate::cli::commands::types::count;
use crate::cli::confirm::confirm;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::config::environment::EnvironmentClass;
use crate::failure::Failure;
use crate::failure::FailureKind;

pub(super) async fn access(
    arguments: &Access,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    let target = &arguments.target;
    let session = Session::new(target.environment.as_deref().or(environment), false)?;
    let (schema, _) = session.entity_type(&target.type_name).await?;
    let wanted = arguments.lists();
    for list in wanted.iter().filter_map(|(_, list)| *list) {
        know_attributes(list, &schema)?;
    }
    let mut told = Vec::new();
    for (access_type, _) in wanted {
        told.push((
            access_type,
            read(&session, arguments, access_type, &schema).await?,
        ));
    }
    let changes: Vec<_> = wanted
        .into_iter()
        .filter_map(|(access_type, list)| Some((access_type, named(list?))))
        .filter(|change| !told.contains(&(change.0, Some(change.1.clone()))))
        .collect();
    for deleted in &arguments.delete {
        if changes
            .iter()
            .any(|(access_type, _)| *access_type == deleted.name())
        {
            let message = format!("{} cannot be both set and deleted", deleted.name());
            return Err(Failure::new(FailureKind::Usage, message).into());
        }
    }
    let number = changes.len() + arguments.delete.len();
    if number > 0 && arguments.sending.is_sent() {
        ask(&session, arguments, number)?;
    }
    for deleted in &arguments.delete {
        let request = request(Endpoint::TypeDeleteAccessSchema, arguments, deleted.name());
        send(request, arguments, &session).await?;
        for it in told.iter_mut().filter(|it| it.0 == deleted.name()) {
            it.1 = None;
        }
    }
    for (access_type, list) in changes {
        let names = list.iter().map(|name| name.as_str().into());
        let request = request(Endpoint::TypeSetAccessSchema, arguments, access_type)
            .with("attributes", Json::Array(names.collect()).to_string());
        send(request, arguments, &session).await?;
        for it in told.iter_mut().filter(|it| it.0 == access_type) {
            it.1 = Some(list.clone());
        }
    }
    if !arguments.sending.is_sent() {
        return Ok(());
    }
    if json {
        output::print_json(&as_json(&told))?;
    } else {
        output::print(&as_text(&told))?;
    }
    Ok(())
}

/// The dotted paths of a list; of an empty word nothing.
fn named(list: &[AttrPath]) -> Vec<String> {
    let paths = list.iter().filter(|path| !path.is_root());
    paths.map(AttrPath::dotted).collect()
}

fn know_attributes(list: &[AttrPath], schema: &EntityType) -> Result<(), Failure> {
    for path in list.iter().filter(|path| !path.is_root()) {
        let why = if path.0.len() == 1 && path.name().is_some_and(is_reserved_name) {
            "is in every access schema, and must not be listed"
        } else if schema.get(path).is_none() {
            "is not an attribute of the type"
        } else {
            continue;
        };
        return Err(Failure::new(
            FailureKind::Usage,
            format!("nothing was sent: {path} {why}"),
        ));
    }
    Ok(())
}

fn ask(session: &Session, arguments: &Access, number: usize) -> Result<(), Failure> {
    session.may_change()?;
    let environment = session.environment();
    if environment.class == EnvironmentClass::Sandbox {
        return Ok(());
    }
    let what = format!(
        "set {} of {} in `{}`",
        count(number, "access list"),
        arguments.client,
        environment.name
    );
    confirm(&what, arguments.yes)?;
    session.agree();
    Ok(())
}

fn request(endpoint: Endpoint, arguments: &Access, access_type: &str) -> ApiRequest {
    ApiRequest::new(endpoint)
        .with("type_name", arguments.target.type_name.as_str())
        .with("for_client_id", arguments.client.as_str())
        .with("access_type", access_type)
}

/// What the client may do with: attributes that hold others stand for all of these; `None` for everything.
async fn read(
    session: &Session,
    arguments: &Access,
    access_type: &str,
    schema: &EntityType,
) -> Result<Option<Vec<String>>, Stop> {
    let request = request(Endpoint::TypeGetAccessSchema, arguments, access_type);
    let answer = session.ask(request).await??;
    let (visible, _) = EntityType::from_json(&answer).map_err(|problem| {
        Failure::new(FailureKind::Service, "the answer holds no schema").because(problem)
    })?;
    // The client may see what one's own does not.
    let all = merged(schema, &visible);
    let seen = seen_of(&all, &visible);
    let whole = seen.len() == leaves(&all).len();
    Ok((!whole).then(|| named(&to_list(&all, &seen))))
}

async fn send(request: ApiRequest, arguments: &Access, session: &Session) -> Result<(), Stop> {
    session.send(request, arguments.sending, |_| Ok(())).await
}

fn as_text(told: &[(&str, Option<Vec<String>>)]) -> String {
    let lines = told.iter().map(|(access_type, list)| {
        let list = match list {
            None => "everything".to_owned(),
            Some(list) if list.is_empty() => "nothing but the built-in attributes".to_owned(),
            Some(list) => list.join(", "),
        };
        format!("{access_type}: {list}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn as_json(told: &[(&str, Option<Vec<String>>)]) -> Json {
    told.iter()
        .map(|(access_type, list)| {
            let list = list.as_ref().map_or(Json::Null, |list| {
                list.iter()
                    .map(|name| Json::from(name.as_str()))
                    .collect::<Vec<_>>()
                    .into()
            });
            (*access_type, list)
        })
        .collect()
}
