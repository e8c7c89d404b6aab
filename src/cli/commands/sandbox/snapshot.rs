//! `captui sandbox snapshot`: a copy of everything, for `restore`.

use std::path::Path;

use jiff::Timestamp;

use crate::capture::json::Json;
use crate::cli::args::sandbox::TakeSnapshot;
use crate::cli::commands::sandbox::data_dir;
use crate::cli::commands::sandbox::instant;
use crate::cli::commands::sandbox::no_sandbox;
use crate::cli::commands::sandbox::object;
use crate::cli::commands::sandbox::size;
use crate::cli::commands::sandbox::snapshot_failure;
use crate::cli::commands::sandbox::snapshot_json;
use crate::cli::commands::sandbox::tell;
use crate::cli::output::table;
use crate::cli::session::Stop;
use crate::sandbox::store::Store;
use crate::sandbox::store::snapshots;
use crate::sandbox::store::snapshots::SnapshotName;

/// Takes a snapshot, or lists those there are.
pub(in crate::cli) fn snapshot(snapshot: &TakeSnapshot, json: bool) -> Result<(), Stop> {
    let folder = data_dir(snapshot.data.data.as_deref())?;
    if snapshot.list {
        return list(&folder, json);
    }
    let taken = match (&snapshot.output, &snapshot.name) {
        (Some(path), _) => snapshots::take_to(&folder, path, snapshot.force),
        (None, name) => name
            .as_deref()
            .map_or_else(|| Ok(SnapshotName::at(Timestamp::now())), str::parse)
            .and_then(|name| snapshots::take(&folder, &name, snapshot.force)),
    }
    .map_err(|error| snapshot_failure(error, &folder))?;
    let said = format!("{} ({})", taken.path.display(), size(taken.bytes));
    tell(json, snapshot_json(&taken), &said)
}

/// The newest first.
fn list(folder: &Path, json: bool) -> Result<(), Stop> {
    let snapshots = snapshots::list(folder).map_err(|error| snapshot_failure(error, folder))?;
    if snapshots.is_empty() && !Store::exists(folder) {
        return Err(no_sandbox(folder).into());
    }
    let rows: Vec<Vec<String>> = snapshots
        .iter()
        .map(|snapshot| {
            vec![
                snapshot.name.clone().unwrap_or_default(),
                snapshot.taken.map_or(String::new(), instant),
                size(snapshot.bytes),
            ]
        })
        .collect();
    let all = Json::Array(snapshots.iter().map(snapshot_json).collect());
    tell(
        json,
        object([("snapshots", all)]),
        &table(&["SNAPSHOT", "TAKEN", "SIZE"], &rows, 100),
    )
}
