//! `captui sandbox status`: what the sandbox holds, and which servers run on it. Changes nothing.

use std::path::Path;

use crate::capture::json::Json;
use crate::cli::args::sandbox::Status;
use crate::cli::commands::sandbox::data_dir;
use crate::cli::commands::sandbox::failed;
use crate::cli::commands::sandbox::instant;
use crate::cli::commands::sandbox::no_sandbox;
use crate::cli::commands::sandbox::number;
use crate::cli::commands::sandbox::object;
use crate::cli::commands::sandbox::size;
use crate::cli::commands::sandbox::snapshot_failure;
use crate::cli::commands::sandbox::tell;
use crate::cli::commands::sandbox::text;
use crate::cli::output::table;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::sandbox::serving;
use crate::sandbox::serving::Serving;
use crate::sandbox::store::snapshots;
use crate::sandbox::store::survey;
use crate::sandbox::store::survey::Survey;

/// Tells about the sandbox; a failure when there is none.
pub(in crate::cli) fn status(status: &Status, json: bool) -> Result<(), Stop> {
    let folder = data_dir(status.data.data.as_deref())?;
    let survey = survey::survey(&folder)
        .map_err(|error| failed(&error, &folder))?
        .ok_or_else(|| no_sandbox(&folder))?;
    let servers = serving::running(&folder).map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            format!("the folder {} cannot be read", folder.display()),
        )
        .because(error)
    })?;
    let snapshots = snapshots::list(&folder).map_err(|error| snapshot_failure(error, &folder))?;
    tell(
        json,
        as_json(
            &folder,
            &survey,
            &servers,
            snapshots.len(),
            status.show_secret,
        ),
        &as_text(
            &folder,
            &survey,
            &servers,
            snapshots.len(),
            status.show_secret,
        ),
    )
}

fn as_json(
    folder: &Path,
    survey: &Survey,
    servers: &[Serving],
    snapshots: usize,
    show_secret: bool,
) -> Json {
    let owner = survey.owner.as_ref();
    let mut members = vec![
        ("data", text(folder).into()),
        ("bytes", number(survey.bytes)),
        ("layout", survey.layout.into()),
        (
            "last_changed",
            survey
                .last_changed
                .map_or(Json::Null, |at| instant(at).into()),
        ),
        ("application_id", survey.application.as_str().into()),
        (
            "client_id",
            owner.map_or(Json::Null, |(id, _)| id.as_str().into()),
        ),
    ];
    if let Some((_, secret)) = owner.filter(|_| show_secret) {
        members.push(("client_secret", secret.reveal().into()));
    }
    let types = survey.types.iter();
    let types = types.map(|(name, records)| {
        object([
            ("name", name.as_str().into()),
            ("records", (*records).into()),
        ])
    });
    let servers = servers.iter().map(|server| {
        object([
            ("pid", number(server.pid.into())),
            ("url", server.url.as_str().into()),
        ])
    });
    members.extend([
        ("clients", survey.clients.into()),
        ("snapshots", number(snapshots as u64)),
        ("types", Json::Array(types.collect())),
        ("servers", Json::Array(servers.collect())),
    ]);
    members.into_iter().collect()
}

fn as_text(
    folder: &Path,
    survey: &Survey,
    servers: &[Serving],
    snapshots: usize,
    show_secret: bool,
) -> String {
    let (id, secret) = match &survey.owner {
        Some((id, secret)) if show_secret => (id.as_str(), secret.reveal()),
        Some((id, _)) => (id.as_str(), "--show-secret tells it"),
        None => ("none", "none"),
    };
    let changed = survey.last_changed.map_or("unknown".to_owned(), instant);
    let mut lines = vec![
        ("data", text(folder)),
        ("size", size(survey.bytes)),
        ("layout", format!("version {}", survey.layout)),
        ("last changed", changed),
        ("application", survey.application.clone()),
        ("owner client", id.to_owned()),
        ("its secret", secret.to_owned()),
        ("clients", survey.clients.to_string()),
        ("snapshots", snapshots.to_string()),
    ];
    if servers.is_empty() {
        lines.push(("servers", "none".to_owned()));
    }
    for server in servers {
        lines.push(("server", format!("{} (process {})", server.url, server.pid)));
    }
    let lines: Vec<String> = lines
        .iter()
        .map(|(what, value)| format!("{what:<14}{value}\n"))
        .collect();
    let types: Vec<Vec<String>> = survey
        .types
        .iter()
        .map(|(name, records)| vec![name.clone(), records.to_string()])
        .collect();
    let types = table(&["ENTITY TYPE", "RECORDS"], &types, 63);
    format!("{}\n{types}", lines.concat())
}
