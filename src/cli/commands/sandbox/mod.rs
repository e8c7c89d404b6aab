//! `captui sandbox …`: the sandbox for other programs, one command a file.
//!
//! All but `serve` work on the data itself, whether servers run on it or not. What they share is here: where the data
//! is, and how its parts are told.

pub(in crate::cli) mod copy_schema;
pub(in crate::cli) mod reset;
pub(in crate::cli) mod restore;
pub(in crate::cli) mod seed;
pub(in crate::cli) mod serve;
pub(in crate::cli) mod snapshot;
pub(in crate::cli) mod status;
mod tls;

use std::path::Path;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::capture::json::Json;
use crate::cli::output;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::sandbox::seed::FirstContent;
use crate::sandbox::store::Store;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::StorePath;
use crate::sandbox::store::snapshots::Snapshot;
use crate::sandbox::store::snapshots::SnapshotError;
use crate::worker::services::store_failure;

/// The folder that `--data` means, for commands that need one that stays.
fn data_dir(data: Option<&str>) -> Result<PathBuf, Failure> {
    match serve::data_path(data)? {
        StorePath::Dir(folder) => Ok(folder),
        StorePath::Memory => Err(Failure::new(
            FailureKind::Usage,
            "a sandbox in memory is inside its server: there is nothing here to work on",
        )
        .hint("say --data DIR, or leave it out for captui's own")),
    }
}

/// The store in `folder`, for commands that may begin one.
fn open(folder: &Path) -> Result<Store, Failure> {
    let path = StorePath::Dir(folder.to_owned());
    let is_new = !Store::exists(folder);
    let store = Store::open_with(path.clone(), FirstContent::Examples);
    let store = store.map_err(|error| store_failure(&error, &path))?;
    if is_new {
        output::note(&format!("began a new sandbox in {}", folder.display()));
    }
    Ok(store)
}

/// There is no sandbox to work on.
fn no_sandbox(folder: &Path) -> Failure {
    Failure::new(
        FailureKind::NotFound,
        format!("there is no sandbox in {}", folder.display()),
    )
    .hint("captui sandbox serve begins one")
}

/// What to tell a person when the store in `folder` does not work.
fn failed(error: &StoreError, folder: &Path) -> Failure {
    store_failure(error, &StorePath::Dir(folder.to_owned()))
}

/// What to tell a person when a snapshot could not be taken or restored.
fn snapshot_failure(error: SnapshotError, folder: &Path) -> Failure {
    let kind = match &error {
        SnapshotError::Store(error) => return failed(error, folder),
        SnapshotError::NoSandbox => return no_sandbox(folder),
        SnapshotError::Name(_) | SnapshotError::Live | SnapshotError::File { .. } => {
            FailureKind::Usage
        }
        SnapshotError::Refused { .. } => FailureKind::Usage,
        SnapshotError::Exists(_) => FailureKind::Conflict,
    };
    let failure = Failure::new(kind, error.to_string());
    match &error {
        SnapshotError::Exists(_) => failure.hint("--force overwrites it"),
        SnapshotError::File { source, .. } => failure.because(source),
        _ => failure,
    }
}

/// Prints a result: `json` when it is asked for, else `text`.
fn tell(json: bool, as_json: Json, as_text: &str) -> Result<(), Stop> {
    if json {
        output::print_json(&as_json)?;
    } else {
        output::print(as_text)?;
    }
    Ok(())
}

fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    members.into_iter().collect()
}

/// A path as text; what is not UTF-8 in it is shown with a mark.
fn text(path: &Path) -> String {
    path.display().to_string()
}

fn number(number: u64) -> Json {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

fn snapshot_json(snapshot: &Snapshot) -> Json {
    object([
        ("name", snapshot.name.clone().map_or(Json::Null, Json::from)),
        ("path", text(&snapshot.path).into()),
        ("bytes", number(snapshot.bytes)),
        (
            "taken",
            snapshot
                .taken
                .map_or(Json::Null, |taken| instant(taken).into()),
        ),
    ])
}

/// An instant to the second, as the protocol writes it.
fn instant(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%d %H:%M:%S +0000").to_string()
}

/// A size for people: `168 KiB`.
pub(in crate::cli) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["bytes", "KiB", "MiB", "GiB"];
    let mut amount = bytes as f64;
    let mut unit = 0;
    while amount >= 1024.0 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    if unit == 0 || amount >= 100.0 {
        format!("{amount:.0} {}", UNITS[unit])
    } else {
        format!("{amount:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_for_people() {
        for (bytes, shown) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (172_032, "168 KiB"),
            (1 << 21, "2.0 MiB"),
            (u64::MAX, "17179869184 GiB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }

    #[test]
    fn memory_is_nothing_to_work_on() {
        let failure = data_dir(Some(":memory:")).expect_err("nothing is there");
        assert_eq!(failure.kind, FailureKind::Usage);
        let failure = data_dir(Some("")).expect_err("names nothing");
        assert_eq!(failure.kind, FailureKind::Usage);
        assert_eq!(data_dir(Some("x")), Ok(PathBuf::from("x")));
    }
}
