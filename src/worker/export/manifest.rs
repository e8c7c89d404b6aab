//! What an export says of itself in a file beside it: what was exported, from where, how much, and the check sum. With the
//! schema: records mean little without it, and one day nobody can be asked for it any more.

use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::capture::json::Json;
use crate::capture::schema::EntityType;
use crate::files;
use crate::record_file::write::tally::sum_of;
use crate::worker::export::Exported;
use crate::worker::export::part::beside;
use crate::worker::export::part::rename_new;

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

/// The manifest of a file, if there is one.
pub fn read(file: &Path) -> Option<Json> {
    let text = std::fs::read_to_string(path_of(file)).ok()?;
    Json::parse(&text).ok()
}

/// What an export came to, as its manifest says it.
pub fn exported(file: &Path, manifest: &Json) -> Exported {
    let number = |name: &str| {
        let number = manifest.get(name).and_then(Json::as_i64);
        number.and_then(|number| u64::try_from(number).ok())
    };
    let hidden = manifest.get("not_readable").and_then(Json::as_array);
    let hidden = hidden.into_iter().flatten().filter_map(Json::as_str);
    Exported {
        file: Some((file.to_owned(), path_of(file))),
        records: number("records").unwrap_or_default(),
        before: number("counted_before"),
        after: number("counted_after"),
        hidden: hidden.map(str::to_owned).collect(),
        was_whole: true,
        ..Exported::default()
    }
}

/// Keeps the text of a manifest until its file has its name.
pub(super) fn keep(file: &Path, text: &str) -> io::Result<()> {
    let path = pending(file);
    let folder = path.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    files::replace(folder.unwrap_or(Path::new(".")), &name, text.as_bytes()).map(|_| ())
}

/// Gives a manifest that is kept its name, if its file is there.
pub(super) fn place(file: &Path) -> io::Result<()> {
    let pending = pending(file);
    let Ok(text) = std::fs::read_to_string(&pending) else {
        return Ok(());
    };
    let bytes = Json::parse(&text).ok();
    let bytes = bytes.and_then(|manifest| manifest.get("bytes")?.as_i64());
    let length = std::fs::metadata(file).ok();
    let length = length.and_then(|file| i64::try_from(file.len()).ok());
    // A file of somebody else may have come to that name.
    if length.is_none() || length != bytes {
        return Ok(());
    }
    rename_new(&pending, &path_of(file))
}

/// Where a manifest waits for its file.
pub(super) fn pending(file: &Path) -> PathBuf {
    beside(file, ".part.manifest")
}

/// The text of a manifest: what is exported as the journal's `header` has it, and what came of it.
pub(super) fn text(
    file: &Path,
    header: &Json,
    schema: Option<&EntityType>,
    facts: &Facts,
) -> String {
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
    manifest.pretty() + "\n"
}
