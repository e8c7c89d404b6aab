//! The file that an export is written into before it is whole, and the journal beside it that says how far it came.
//!
//! ```text
//!  people.ndjson.part          the records so far
//!  people.ndjson.part.journal  a line: what is exported; then a line for each mark, written when the records before it
//!                              are on the disk
//!  people.ndjson.part.manifest the manifest, when the records are all there
//!  people.ndjson               the same file under its name, when it is whole
//!  people.ndjson.manifest.json its manifest under its own: after the file, so that no other file gets it
//! ```
//!
//! Whoever is killed leaves the first two. The next one cuts what lies behind the last mark, which may be torn, and goes
//! on. A journal without records is nothing that was begun.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempPath;

use crate::capture::json::Json;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::files;
use crate::files::Lock;
use crate::record_file::write::Mark;
use crate::record_file::write::tally::Tally;
use crate::worker::export::manifest;

/// What the journal says that it is.
const FORMAT: &str = "captui export 1";

/// The longest line of a journal that is read: a row group of a wide table has room in it.
const MAX_LINE: u64 = 16 << 20;

/// How long to wait for another export into the same file.
const PATIENCE: Duration = Duration::from_millis(300);

/// How far an export came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reached {
    /// Up to which id everything is written.
    pub(super) id: i64,
    /// The first record's id.
    pub(super) first: Option<i64>,
    /// The last record's id.
    pub(super) last: Option<i64>,
    /// How many bytes of the file belong to it.
    pub(super) bytes: u64,
    /// How the file goes on.
    pub(super) mark: Mark,
}

/// A file that is not whole yet.
pub(super) struct Part {
    file: PathBuf,
    journal: File,
    /// What was told with the marks so far.
    pub(super) reached: Vec<Reached>,
    /// What is exported, as the journal has it.
    pub(super) header: Json,
}

/// What opening gave.
pub(super) enum Opened {
    /// There is something to be written.
    Part(Part),
    /// The same was exported before and is whole; its manifest.
    Whole(Json),
}

impl Part {
    /// Begins a file, or with `resume` goes on with one that was begun for the same: `header` says what is exported, of
    /// which `same` are the members that must be the same.
    pub(super) fn open(
        file: &Path,
        resume: bool,
        header: Json,
        same: &[&str],
    ) -> Result<Opened, Failure> {
        let part = beside(file, ".part");
        let journal_path = beside(file, ".part.journal");
        let failed = |error: io::Error| not_written(file, &error);
        if !part.exists() {
            manifest::place(file).map_err(failed)?;
        }
        if is_taken(file) {
            let manifest = manifest::read(file).filter(|_| resume && file.exists());
            let Some(manifest) = manifest else {
                return Err(taken(file));
            };
            if let Some(name) = differs(&manifest, &header, same) {
                return Err(taken(file).because(format!("it is another export: {name} differs")));
            }
            if !part.exists() {
                remove(&journal_path).map_err(failed)?;
            }
            return Ok(Opened::Whole(manifest));
        }
        let manifest = manifest::path_of(file);
        if is_taken(&manifest) {
            return Err(taken(&manifest).because("it is where the manifest goes"));
        }
        if !resume && part.exists() {
            let failure = format!(
                "an export into {} was begun and did not end",
                file.display()
            );
            return Err(Failure::new(FailureKind::Usage, failure)
                .hint("--resume goes on with it")
                .hint(format!("or remove {} to begin anew", part.display())));
        }
        let journal = match files::lock(&journal_path, PATIENCE) {
            Lock::Held(journal) => journal,
            Lock::Taken => {
                let failure = format!("another captui is writing {}", file.display());
                return Err(Failure::new(FailureKind::Usage, failure));
            }
            Lock::Unknown => OpenOptions::new()
                .create(true)
                .append(true)
                .mode(0o600)
                .open(&journal_path)
                .map_err(|error| not_written(file, &error))?,
        };
        let kept = read(&journal_path).map_err(|error| not_written(file, &error))?;
        let kept = kept.filter(|_| part.exists());
        let Some((kept, reached, length)) = kept else {
            // No records, or only the beginning of a first line: nothing was exported.
            return Self::begin(file, journal, header).map(Opened::Part);
        };
        if let Some(name) = differs(&kept, &header, same) {
            let failure = format!(
                "the export that was begun into {} is another one",
                file.display()
            );
            return Err(Failure::new(FailureKind::Usage, failure)
                .because(format!("its `{name}` is not the same"))
                .hint(format!("remove {} to begin anew", part.display())));
        }
        // A torn last line.
        journal
            .set_len(length)
            .map_err(|error| not_written(file, &error))?;
        Ok(Opened::Part(Self {
            file: file.to_owned(),
            journal,
            reached,
            header: kept,
        }))
    }

    fn begin(file: &Path, mut journal: File, header: Json) -> Result<Self, Failure> {
        let mut write = || {
            remove(&manifest::pending(file))?;
            journal.set_len(0)?;
            journal.write_all(format!("{header}\n").as_bytes())?;
            journal.sync_all()?;
            files::sync(folder_of(file))
        };
        write().map_err(|error| not_written(file, &error))?;
        Ok(Self {
            file: file.to_owned(),
            journal,
            reached: Vec::new(),
            header,
        })
    }

    /// The file to be written into, cut where it was marked last.
    pub(super) fn out(&self) -> io::Result<Tally<File>> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(beside(&self.file, ".part"))?;
        let bytes = self.reached.last().map_or(0, |reached| reached.bytes);
        if file.metadata()?.len() < bytes {
            return Err(io::Error::other(
                "the .part file is shorter than its journal says",
            ));
        }
        file.set_len(bytes)?;
        let tally = Tally::after((), (&file).take(bytes))?;
        file.seek(SeekFrom::Start(bytes))?;
        Ok(tally.map(|()| file))
    }

    /// Notes how far the file came; it is on the disk that far.
    pub(super) fn note(&mut self, reached: Reached) -> io::Result<()> {
        let line = format!("{}\n", reached.to_json());
        self.journal.write_all(line.as_bytes())?;
        self.journal.sync_data()?;
        self.reached.push(reached);
        Ok(())
    }

    /// Gives the file its name, and then the manifest, whose text this is, its own; gives its path. What came to either
    /// place meanwhile stays, and is an error.
    pub(super) fn finish(self, manifest: &str) -> Result<PathBuf, Failure> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => taken(&self.file)
                .because("it came there meanwhile")
                .hint("move it away; the same command with --resume ends the export then"),
            _ => not_written(&self.file, &error),
        };
        manifest::keep(&self.file, manifest).map_err(failed)?;
        rename_new(&beside(&self.file, ".part"), &self.file).map_err(failed)?;
        files::sync(folder_of(&self.file)).map_err(failed)?;
        manifest::place(&self.file).map_err(|error| {
            let manifest = manifest::path_of(&self.file);
            let waits = manifest::pending(&self.file);
            let hint = format!(
                "move it away; the same command with --resume gives {} its name",
                waits.display()
            );
            match error.kind() {
                io::ErrorKind::AlreadyExists => taken(&manifest)
                    .because("it came there meanwhile; the records are all there")
                    .hint(hint),
                _ => not_written(&manifest, &error),
            }
        })?;
        files::sync(folder_of(&self.file)).map_err(failed)?;
        remove(&beside(&self.file, ".part.journal")).map_err(failed)?;
        Ok(manifest::path_of(&self.file))
    }

    /// Removes what was begun.
    pub(super) fn abandon(self) -> io::Result<()> {
        remove(&beside(&self.file, ".part"))?;
        remove(&manifest::pending(&self.file))?;
        remove(&beside(&self.file, ".part.journal"))
    }
}

/// Gives a file another name that nothing has, not even a link that leads nowhere.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    let placed = TempPath::try_from_path(from)?.persist_noclobber(to);
    placed.map_err(|error| {
        // What was exported is not thrown away.
        let mut path = error.path;
        path.disable_cleanup(true);
        error.error
    })
}

/// Whether something has this name, if only a link that leads nowhere.
fn is_taken(file: &Path) -> bool {
    file.symlink_metadata().is_ok()
}

fn taken(file: &Path) -> Failure {
    let failure = format!("{} exists already", file.display());
    Failure::new(FailureKind::Usage, failure).hint("choose another name: nothing is overwritten")
}

/// The member that is not the same in two headers, if there is one.
fn differs<'a>(one: &Json, other: &Json, same: &[&'a str]) -> Option<&'a str> {
    let differs = |name: &&&str| one.get(name) != other.get(name);
    same.iter().find(differs).copied()
}

/// The header, the marks, and how long the journal is without a torn line. `None` when not even the header is whole.
fn read(path: &Path) -> io::Result<Option<(Json, Vec<Reached>, u64)>> {
    let mut lines = BufReader::new(File::open(path)?);
    let (mut header, mut reached, mut length): (Option<Json>, _, _) = (None, Vec::new(), 0);
    loop {
        let mut line = Vec::new();
        let count = (&mut lines).take(MAX_LINE).read_until(b'\n', &mut line)?;
        let text = line.strip_suffix(b"\n");
        let text = text.and_then(|text| std::str::from_utf8(text).ok());
        let Some(json) = text.and_then(|text| Json::parse(text).ok()) else {
            break;
        };
        if header.is_none() {
            if json.get("format").and_then(Json::as_str) != Some(FORMAT) {
                return Err(io::Error::other("its journal is not of this version"));
            }
            header = Some(json);
        } else if let Some(one) = Reached::from_json(&json) {
            reached.push(one);
        } else {
            break;
        }
        length += count as u64;
    }
    Ok(header.map(|header| (header, reached, length)))
}

/// What the header of a journal says beside what is exported.
pub(super) fn format() -> (&'static str, Json) {
    ("format", FORMAT.into())
}

impl Reached {
    fn to_json(&self) -> Json {
        let number = |number: u64| Json::from(number.cast_signed());
        [
            ("id", Some(self.id.into())),
            ("first", self.first.map(Json::from)),
            ("last", self.last.map(Json::from)),
            ("bytes", Some(number(self.bytes))),
            ("records", Some(number(self.mark.records))),
            ("since", Some(self.mark.since.clone())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    fn from_json(json: &Json) -> Option<Self> {
        let number = |name: &str| json.get(name).and_then(Json::as_i64);
        Some(Self {
            id: number("id")?,
            first: number("first"),
            last: number("last"),
            bytes: number("bytes")?.cast_unsigned(),
            mark: Mark {
                records: number("records")?.cast_unsigned(),
                since: json.get("since")?.clone(),
            },
        })
    }
}

/// A file beside another, named after it.
pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

pub(super) fn not_written(file: &Path, error: &io::Error) -> Failure {
    let failure = format!("{} could not be written", file.display());
    Failure::new(FailureKind::Usage, failure).because(error)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
