//! The folder of a dump: files that are there whole or not at all, and what says whether the dump has come to its end.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::capture::json::Json;
use crate::config::paths::create_private;
use crate::config::paths::from_home;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::files;
use crate::record_file::write::tally::Tally;
use crate::worker::dump::no_place;
use crate::worker::export::Exported;
use crate::worker::export::manifest;
use crate::worker::job::JobError;
use crate::worker::services::blocking;

/// What says that a dump was begun: it is of this environment, since then.
const BEGUN: &str = "dump.unfinished.json";

/// The member that says what is left out.
const LEFT_OUT: &str = "left_out";

const MANIFEST: &str = "manifest.json";

/// What the manifest says that it is.
const FORMAT: &str = "captui environment dump 1";

/// A folder that is being filled.
pub(super) struct Folder {
    path: PathBuf,
    /// What is dumped.
    header: Json,
    /// What an earlier life left out, and why.
    pub(super) left_out: Vec<(String, String)>,
}

impl Folder {
    /// Begins a dump of `what`, or goes on with one of the same.
    pub(super) async fn open(path: &Path, what: Json) -> Result<Self, JobError> {
        let path = path.to_str().map_or_else(|| path.to_owned(), from_home);
        let path = std::path::absolute(&path).unwrap_or(path);
        blocking(move || open(path, what)).await
    }

    /// A file of an earlier life.
    pub(super) async fn kept(&self, name: &str) -> Result<Option<Json>, JobError> {
        let path = self.path.join(name);
        blocking(move || match fs::read_to_string(&path) {
            Ok(text) => Json::parse(&text).map(Some).map_err(|error| {
                no_place(format!(
                    "{} is not what was written: {error}",
                    path.display()
                ))
            }),
            Err(_) => Ok(None),
        })
        .await
    }

    /// Whether a file is there.
    pub(super) async fn is_kept(&self, name: &str) -> bool {
        let path = self.path.join(name);
        blocking(move || path.exists()).await
    }

    /// Writes a file.
    pub(super) async fn keep(&self, name: &str, json: &Json) -> Result<(), JobError> {
        let path = self.path.join(name);
        let text = json.pretty() + "\n";
        blocking(move || write(&path, &text)).await
    }

    /// Keeps for another life what is left out, and why.
    pub(super) async fn note(&self, left_out: &[(String, String)]) -> Result<(), JobError> {
        let mut header = self.header.clone();
        if let Some(members) = header.as_object_mut() {
            members.insert(LEFT_OUT.to_owned(), left_json(left_out));
        }
        self.keep(BEGUN, &header).await
    }

    /// The place of a file that somebody else writes; its folder is made.
    pub(super) async fn place(&self, name: &str) -> Result<PathBuf, JobError> {
        let path = self.path.join(name);
        blocking(move || {
            make_folder(&path)?;
            Ok(path)
        })
        .await
    }

    /// Writes the manifest, with the check sums of all files; gives the folder.
    pub(super) async fn finish(&self, facts: Vec<(&str, Json)>) -> Result<PathBuf, JobError> {
        let mut manifest: Vec<(String, Json)> = vec![
            ("format".to_owned(), FORMAT.into()),
            (
                "tool".to_owned(),
                concat!("captui ", env!("CARGO_PKG_VERSION")).into(),
            ),
        ];
        let header = self.header.as_object().into_iter().flatten();
        manifest.extend(header.map(|(name, value)| (name.clone(), value.clone())));
        let facts = facts
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        manifest.extend(facts);
        let path = self.path.clone();
        blocking(move || {
            let failed = |error: std::io::Error| unwritable(&path, &error);
            let mut files = Vec::new();
            sums(&path, &path, &mut files).map_err(failed)?;
            files.sort();
            let files = files.into_iter().map(|(name, sum)| {
                let file: [(&str, Json); 2] = [("file", name.into()), ("sha256", sum.into())];
                file.into_iter().collect()
            });
            manifest.push(("files".to_owned(), Json::Array(files.collect())));
            let manifest: Json = manifest.into_iter().collect();
            write(&path.join(MANIFEST), &(manifest.pretty() + "\n"))?;
            fs::remove_file(path.join(BEGUN)).map_err(failed)?;
            Ok(path.clone())
        })
        .await
    }
}

fn open(path: PathBuf, what: Json) -> Result<Folder, JobError> {
    create_private(&path).map_err(|error| unwritable(&path, &error))?;
    if path.join(MANIFEST).exists() && !path.join(BEGUN).exists() {
        return Err(no_place(format!(
            "{} holds a whole dump already",
            path.display()
        )));
    }
    if let Ok(text) = fs::read_to_string(path.join(BEGUN)) {
        let mut header = Json::parse(&text).unwrap_or_default();
        let differs = ["environment", "domain", "only_types"]
            .into_iter()
            .find(|name| header.get(name) != what.get(name));
        if let Some(name) = differs {
            return Err(no_place(format!(
                "{} holds a dump that was begun and is another one: its `{name}` is not the same",
                path.display()
            )));
        }
        let left_out = header
            .as_object_mut()
            .and_then(|members| members.shift_remove(LEFT_OUT));
        return Ok(Folder {
            path,
            header,
            left_out: left_out.as_ref().map_or_else(Vec::new, left_of),
        });
    }
    let mut entries = fs::read_dir(&path).map_err(|error| unwritable(&path, &error))?;
    if entries.next().is_some() {
        return Err(no_place(format!("{} is not empty", path.display())));
    }
    let mut header = what;
    if let Some(members) = header.as_object_mut() {
        members.insert("started".to_owned(), Timestamp::now().to_string().into());
    }
    write(&path.join(BEGUN), &(header.pretty() + "\n"))?;
    Ok(Folder {
        path,
        header,
        left_out: Vec::new(),
    })
}

/// What is left out, as the manifest says it.
pub(super) fn left_json(left_out: &[(String, String)]) -> Json {
    let left = left_out.iter().map(|(what, why)| {
        [("what", what.as_str()), ("why", why.as_str())]
            .into_iter()
            .map(|(name, text)| (name, Json::from(text)))
            .collect()
    });
    Json::Array(left.collect())
}

fn left_of(json: &Json) -> Vec<(String, String)> {
    let left = json.as_array().into_iter().flatten().filter_map(|left| {
        let text = |name: &str| left.get(name)?.as_str().map(str::to_owned);
        Some((text("what")?, text("why")?))
    });
    left.collect()
}

fn make_folder(file: &Path) -> Result<(), JobError> {
    let folder = file.parent().unwrap_or(Path::new("."));
    create_private(folder).map_err(|error| unwritable(folder, &error))
}

fn write(path: &Path, text: &str) -> Result<(), JobError> {
    make_folder(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let written = files::replace(folder, &name, text.as_bytes());
    written
        .map_err(|error| unwritable(path, &error))
        .map(|_| ())
}

fn unwritable(path: &Path, error: &std::io::Error) -> JobError {
    let message = format!("{} could not be written", path.display());
    JobError::Failed(Failure::new(FailureKind::Usage, message).because(error))
}

/// The files below a folder with their check sums. As deep as what was made here.
fn sums(root: &Path, folder: &Path, found: &mut Vec<(String, String)>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sums(root, &path, found)?;
            continue;
        }
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy();
        if name != BEGUN && name != MANIFEST {
            let sum = Tally::after((), File::open(&path)?)?.finish().1;
            found.push((name.into_owned(), sum));
        }
    }
    Ok(())
}

/// What an export that is whole came to; `None` when it is not there.
pub(super) async fn exported(file: &Path) -> Option<Exported> {
    let file = file.to_owned();
    blocking(move || {
        let manifest = manifest::read(&file).filter(|_| file.exists())?;
        Some(manifest::exported(&file, &manifest))
    })
    .await
}
