//! `captui sandbox reset`: everything back to the first content.

use jiff::Timestamp;

use crate::cli::args::sandbox::Reset;
use crate::cli::commands::sandbox::data_dir;
use crate::cli::commands::sandbox::no_sandbox;
use crate::cli::commands::sandbox::object;
use crate::cli::commands::sandbox::snapshot_failure;
use crate::cli::commands::sandbox::snapshot_json;
use crate::cli::commands::sandbox::tell;
use crate::cli::commands::sandbox::text;
use crate::cli::confirm::confirm;
use crate::cli::session::Stop;
use crate::sandbox::seed::FirstContent;
use crate::sandbox::store::Store;
use crate::sandbox::store::reset;

/// Resets the sandbox, once that is confirmed, and says where the state before is kept.
pub(in crate::cli) fn reset(reset: &Reset, json: bool) -> Result<(), Stop> {
    let folder = data_dir(reset.data.data.as_deref())?;
    if !Store::exists(&folder) {
        return Err(no_sandbox(&folder).into());
    }
    confirm(
        &format!(
            "put the sandbox in {} back to its first content",
            folder.display()
        ),
        reset.yes,
    )?;
    let content = if reset.bare {
        FirstContent::Bare
    } else {
        FirstContent::Examples
    };
    let before = reset::reset(&folder, content, Timestamp::now())
        .map_err(|error| snapshot_failure(error, &folder))?;
    tell(
        json,
        object([
            ("data", text(&folder).into()),
            ("before", snapshot_json(&before)),
        ]),
        &format!(
            "the sandbox is as it was at first; what it held is in {}",
            before.path.display()
        ),
    )
}
