//! `captui sandbox restore`: a snapshot in place of what there is.

use std::path::Path;

use jiff::Timestamp;

use crate::capture::json::Json;
use crate::cli::args::sandbox::Restore;
use crate::cli::commands::sandbox::data_dir;
use crate::cli::commands::sandbox::object;
use crate::cli::commands::sandbox::snapshot_failure;
use crate::cli::commands::sandbox::snapshot_json;
use crate::cli::commands::sandbox::tell;
use crate::cli::commands::sandbox::text;
use crate::cli::confirm::confirm;
use crate::cli::output;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;
use crate::sandbox::store::Store;
use crate::sandbox::store::snapshots;

/// Restores a snapshot, once that is confirmed; says who owns the sandbox now and where the state before is kept.
pub(in crate::cli) fn restore(restore: &Restore, json: bool) -> Result<(), Stop> {
    let folder = data_dir(restore.data.data.as_deref())?;
    let file = snapshots::find(&folder, &restore.snapshot)
        .ok_or_else(|| unknown(&folder, &restore.snapshot))?;
    if Store::exists(&folder) {
        confirm(
            &format!(
                "put {} in place of everything in {}",
                file.display(),
                folder.display()
            ),
            restore.yes,
        )?;
    }
    let restored = snapshots::restore(&folder, &file, Timestamp::now())
        .map_err(|error| snapshot_failure(error, &folder))?;
    if restored.before.is_some() && !restored.same_owner {
        output::note(
            "the owner client is another now; `captui sandbox status --show-secret` tells its secret",
        );
    }
    let kept = restored.before.as_ref().map_or(String::new(), |before| {
        format!("\nwhat the sandbox held is in {}", before.path.display())
    });
    tell(
        json,
        object([
            ("data", text(&folder).into()),
            ("restored", text(&file).into()),
            ("client_id", restored.client_id.as_str().into()),
            ("same_owner", restored.same_owner.into()),
            (
                "before",
                restored.before.as_ref().map_or(Json::Null, snapshot_json),
            ),
        ]),
        &format!(
            "restored {}; the owner client is {}{kept}",
            file.display(),
            restored.client_id
        ),
    )
}

fn unknown(folder: &Path, word: &str) -> Failure {
    let failure = Failure::new(
        FailureKind::NotFound,
        format!("there is no snapshot and no file `{word}`"),
    );
    let names: Vec<String> = snapshots::list(folder)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|snapshot| snapshot.name)
        .collect();
    match nearest(word, names.iter().map(String::as_str)) {
        Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
        None => failure.hint("captui sandbox snapshot --list tells which there are"),
    }
}
