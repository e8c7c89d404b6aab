//! What an export says of itself in a file beside it: what was exported, from where, how much, and the check sum. With the
//! schema: records mean little without it, and one day nobody can be asked for it any more.

use std::path::Path;
use std::path::PathBuf;

use crate::capture::json::Json;
use crate::capture::schema::EntityType;
use crate::failure::Failure;
use crate::files;
use crate::record_file::write::tally::sum_of;
use crate::worker::export::part::beside;
use crate::worker::export::part::not_written;

/// What the file says that it is.
const FORMAT: &str = "captui export manifest 1";

/// Where the manifest of a file is.
pub fn path_of(file: &Path) -> PathBuf {
    beside(file, ".manifest.json")
}

/// The check sum by which a schema is known.
pub(super) fn schema_sum(schema: &EntityType) -> String {
    sum_of(schema.to_json().to_string().as_bytes())
}

/// What came of an export, beside what was exported.
pub(super) struct Facts {
    pub(super) records: u64,
    pub(super) after: Option<u64>,
    pub(super) first: Option<i64>,
    pub(super) last: Option<i64>,
    pub(super) bytes: u64,
    pub(super) sum: String,
    pub(super) hidden: Vec<String>,
    pub(super) ended: String,
}

/// Writes the manifest: what is exported as the journal's `header` has it, and what came of it.
pub(super) fn write(
    file: &Path,
    header: &Json,
    schema: Option<&EntityType>,
    facts: &Facts,
) -> Result<PathBuf, Failure> {
    let number = |number: u64| Json::from(number.cast_signed());
    let mut manifest: Vec<(&str, Json)> = vec![
        ("format", FORMAT.into()),
        ("tool", concat!("captui ", env!("CARGO_PKG_VERSION")).into()),
    ];
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    manifest.push(("file", name.unwrap_or_default().into()));
    let said = header.as_object().into_iter().flatten();
    let said = said.filter(|(name, _)| *name != "format");
    manifest.extend(said.map(|(name, value)| (name.as_str(), value.clone())));
    let id = |id: Option<i64>| id.map_or(Json::Null, Json::from);
    manifest.extend([
        ("ended", facts.ended.as_str().into()),
        ("records", number(facts.records)),
        ("counted_after", facts.after.map_or(Json::Null, number)),
        ("first_id", id(facts.first)),
        ("last_id", id(facts.last)),
        ("bytes", number(facts.bytes)),
        ("sha256", facts.sum.as_str().into()),
        (
            "not_readable",
            Json::Array(
                facts
                    .hidden
                    .iter()
                    .map(|path| path.as_str().into())
                    .collect(),
            ),
        ),
        ("schema", schema.map_or(Json::Null, EntityType::to_json)),
    ]);
    let manifest: Json = manifest.into_iter().collect();
    let path = path_of(file);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let text = manifest.pretty() + "\n";
    files::replace(folder.unwrap_or(Path::new(".")), &name, text.as_bytes())
        .map_err(|error| not_written(&path, &error))?;
    Ok(path)
}
