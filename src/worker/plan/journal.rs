//! The journal of a plan: one small file that says what is to be done, how far it has come, and whether the next step
//! was begun. It is written before and after every step, whole or not at all, and is there until the plan has come to its
//! end. Whoever works on a plan holds the lock beside its journal.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::capture::json::Json;
use crate::capture::schema::EntityType;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::property::Property;
use crate::config::paths::create_private;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::files;
use crate::files::Lock;
use crate::worker::plan::JournalId;
use crate::worker::plan::Unfinished;
use crate::worker::plan::Work;
use crate::worker::services::blocking;

const JOURNAL: &str = ".json";
const LOCK: &str = ".lock";

/// What the file says that it is.
const FORMAT: &str = "captui plan 1";

/// The lock on beginning a plan, which is for a moment.
const GATE: &str = "begin.lock";

/// How much of a type's name is in the name of a file.
const NAME_CHARS: usize = 40;

/// The longest journal that is read: a type with ten thousand attributes has room in it.
const MAX_BYTES: u64 = 64 << 20;

/// How long to wait for a lock: whoever lists plans holds each for a moment.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long to wait for those who begin a plan as well.
const GATE_PATIENCE: Duration = Duration::from_secs(5);

/// Where the journals are, and what they are about.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder; it need not exist.
    pub folder: PathBuf,
    /// The environment's name.
    pub environment: String,
    /// What the environment's name stood for when a plan was begun: the domain.
    pub domain: String,
}

/// How far a plan has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    environment: String,
    domain: String,
    since: Timestamp,
    pub(super) work: Work,
    /// How many steps are known to be done.
    pub(super) done: usize,
    /// Whether the next one was begun.
    pub(super) begun: bool,
    /// The last record that each copy has dealt with, by the places of its step.
    pub(super) passed: BTreeMap<usize, i64>,
}

/// A journal that is written.
pub(super) struct Journal {
    /// Its folder and its id; `None` for one that is kept nowhere.
    file: Option<(PathBuf, JournalId)>,
    pub(super) entry: Entry,
    /// Nobody else works on the plan while it is held.
    _lock: Option<fs::File>,
}

impl Journal {
    /// Begins one. Nothing is done yet. An error when there is another plan for the same type of the same service: from
    /// here to its end a journal is what keeps others away, and what they would plan meanwhile is no plan.
    pub(super) async fn begin(place: &Place, work: &Work) -> Result<Self, Failure> {
        let id = new_id(&work.plan.type_name);
        let entry = Entry::new(place, work);
        let text = entry.to_json().to_string();
        let folder = place.folder.clone();
        let begun = {
            let (folder, id, place) = (folder.clone(), id.clone(), place.clone());
            let type_name = work.plan.type_name.clone();
            blocking(move || {
                create_private(&folder).map_err(|error| not_kept(&error))?;
                let gate = files::lock(&folder.join(GATE), GATE_PATIENCE);
                if matches!(gate, Lock::Taken) {
                    return Err(taken("another captui is beginning a plan"));
                }
                make_way(&place, &type_name)?;
                let lock = files::lock(&folder.join(id.file(LOCK)), PATIENCE);
                let written = files::replace(&folder, &id.file(JOURNAL), text.as_bytes());
                written.map_err(|error| not_kept(&error))?;
                Ok(lock.held())
            })
            .await
        };
        Ok(Self {
            _lock: begun?,
            file: Some((folder, id)),
            entry,
        })
    }

    /// One for a plan that nobody will go on with.
    pub(super) fn nowhere(work: &Work) -> Self {
        let place = Place {
            folder: PathBuf::new(),
            environment: String::new(),
            domain: String::new(),
        };
        Self {
            file: None,
            entry: Entry::new(&place, work),
            _lock: None,
        }
    }

    /// Takes up one that was begun before. An error when another program works on it, or it is about something else.
    pub(super) async fn open(place: &Place, id: &JournalId) -> Result<Self, Failure> {
        let (folder, own) = (place.folder.clone(), id.clone());
        let opened = blocking(move || {
            let lock = lock(&folder, &own)?;
            Ok((lock, read(&folder, &own)?))
        });
        let (lock, entry) = opened.await?;
        if !entry.is_of(place) {
            let (name, domain) = (&entry.environment, &entry.domain);
            return Err(Failure::new(
                FailureKind::Usage,
                format!("this plan was begun in the environment `{name}` at {domain}"),
            )
            .hint("go on with it there: nothing was sent"));
        }
        Ok(Self {
            file: Some((place.folder.clone(), id.clone())),
            entry,
            _lock: lock,
        })
    }

    /// Its id; `None` for one that is kept nowhere.
    pub(super) fn id(&self) -> Option<JournalId> {
        self.file.as_ref().map(|(_, id)| id.clone())
    }

    /// Writes how far the plan has come.
    pub(super) async fn write(&self) -> Result<(), Failure> {
        let Some((folder, id)) = self.file.clone() else {
            return Ok(());
        };
        let text = self.entry.to_json().to_string();
        let written = blocking(move || files::replace(&folder, &id.file(JOURNAL), text.as_bytes()));
        match written.await {
            Ok(_) => Ok(()),
            Err(error) => Err(not_kept(&error)),
        }
    }

    /// The plan has come to its end.
    pub(super) async fn remove(self) -> Result<(), Failure> {
        let Some((folder, id)) = self.file else {
            return Ok(());
        };
        let removed = blocking(move || remove(&folder, &id)).await;
        removed.map_err(|error| not_kept(&error))
    }
}

impl Entry {
    fn new(place: &Place, work: &Work) -> Self {
        Self {
            environment: place.environment.clone(),
            domain: place.domain.clone(),
            since: Timestamp::now(),
            work: work.clone(),
            done: 0,
            begun: false,
            passed: BTreeMap::new(),
        }
    }

    /// Whether it is about the service of this place, whatever the environment is called.
    fn is_of(&self, place: &Place) -> bool {
        let plain = |domain: &str| domain.trim_end_matches('/').to_ascii_lowercase();
        plain(&self.domain) == plain(&place.domain)
    }

    /// Whether nothing was sent of it.
    pub(super) fn is_untouched(&self) -> bool {
        self.done == 0 && !self.begun && self.passed.is_empty()
    }

    fn to_json(&self) -> Json {
        let work = &self.work;
        let stored = work.stored.as_ref().map(|stored| stored.to_json());
        let properties = work.properties.iter().map(Property::to_answer).collect();
        let done = i64::try_from(self.done).unwrap_or(i64::MAX);
        let passed = self.passed.iter();
        let passed: Json = passed
            .map(|(step, id)| (step.to_string(), (*id).into()))
            .collect();
        let number = |count: &u64| Json::from(i64::try_from(*count).unwrap_or(i64::MAX));
        let agreed = work.agreed.as_ref();
        let agreed = agreed.map(|counts| Json::Array(counts.iter().map(number).collect()));
        [
            ("format", Json::from(FORMAT)),
            ("environment", self.environment.as_str().into()),
            ("domain", self.domain.as_str().into()),
            ("since", self.since.to_string().into()),
            ("done", done.into()),
            ("begun", self.begun.into()),
            ("passed", passed),
            ("agreed", agreed.unwrap_or_default()),
            ("plan", work.plan.to_json()),
            ("stored", stored.unwrap_or_default()),
            ("wanted", work.wanted.to_json()),
            ("properties", Json::Array(properties)),
        ]
        .into_iter()
        .collect()
    }

    fn from_json(json: &Json) -> Option<Self> {
        let text = |key: &str| json.get(key).and_then(Json::as_str);
        if text("format") != Some(FORMAT) {
            return None;
        }
        let schema = |json: &Json| match EntityType::from_json(json) {
            Ok((schema, problems)) if problems.is_empty() => Some(Arc::new(schema)),
            _ => None,
        };
        let properties = json.get("properties")?.as_array()?.iter();
        let plan = SchemaPlan::from_json(json.get("plan")?).ok()?;
        let done = usize::try_from(json.get("done")?.as_i64()?).ok();
        Some(Self {
            environment: text("environment")?.to_owned(),
            domain: text("domain")?.to_owned(),
            since: text("since")?.parse().ok()?,
            done: done.filter(|done| *done <= plan.steps.len())?,
            begun: json.get("begun")?.as_bool()?,
            passed: json
                .get("passed")?
                .as_object()?
                .iter()
                .map(|(step, id)| Some((step.parse().ok()?, id.as_i64()?)))
                .collect::<Option<_>>()?,
            work: Work {
                plan: Arc::new(plan),
                stored: match json.get("stored")? {
                    Json::Null => None,
                    stored => Some(schema(stored)?),
                },
                wanted: schema(json.get("wanted")?)?,
                properties: properties
                    .map(|property| Property::from_json(property).ok())
                    .collect::<Option<_>>()?,
                agreed: match json.get("agreed")? {
                    Json::Null => None,
                    counts => Some(
                        counts
                            .as_array()?
                            .iter()
                            .map(|count| u64::try_from(count.as_i64()?).ok())
                            .collect::<Option<_>>()?,
                    ),
                },
            },
        })
    }

    fn unfinished(self, id: JournalId) -> Unfinished {
        Unfinished {
            id,
            since: self.since,
            work: self.work,
            done: self.done,
            in_doubt: self.begun,
        }
    }
}

/// The plans for this service that were begun, have not come to their end, and are not worked on just now, whatever the
/// environment was called; the one begun last first. With them what there is to tell about files that cannot be read. Blocks.
pub fn list(place: &Place) -> (Vec<Unfinished>, Vec<String>) {
    let (mut plans, mut notices) = (Vec::new(), Vec::new());
    for id in ids(&place.folder) {
        match read(&place.folder, &id) {
            Ok(entry) if !entry.is_of(place) || entry.is_untouched() => {}
            Ok(_)
                if matches!(
                    files::lock(&place.folder.join(id.file(LOCK)), PATIENCE),
                    Lock::Taken
                ) => {}
            Ok(entry) => plans.push(entry.unfinished(id)),
            // Somebody has come to its end meanwhile.
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => notices.push(failure.message),
        }
    }
    plans.sort_by_key(|plan| std::cmp::Reverse((plan.since, plan.id.clone())));
    (plans, notices)
}

/// The journals in a folder.
fn ids(folder: &Path) -> Vec<JournalId> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|file| file.file_name().into_string().ok());
    let ids = names.filter_map(|name| name.strip_suffix(JOURNAL).map(str::to_owned));
    ids.map(JournalId).collect()
}

/// Looks for another plan for a type, and refuses when there is one. One of which nothing was sent, and that nobody works
/// on, is taken away.
fn make_way(place: &Place, type_name: &str) -> Result<(), Failure> {
    for id in ids(&place.folder) {
        let entry = match read(&place.folder, &id) {
            Ok(entry) => entry,
            Err(failure) if failure.kind == FailureKind::NotFound => continue,
            // It may be about the type.
            Err(failure)
                if id.0.rsplit_once('-').map(|it| it.0) == Some(&name_in_id(type_name)) =>
            {
                return Err(failure);
            }
            Err(_) => continue,
        };
        if !entry.is_of(place) || entry.work.plan.type_name != type_name {
            continue;
        }
        let lock = files::lock(&place.folder.join(id.file(LOCK)), PATIENCE);
        match lock {
            Lock::Taken => {
                let message = format!("another captui is working on a plan for `{type_name}`");
                return Err(taken(&message));
            }
            Lock::Held(_) if entry.is_untouched() => {
                remove(&place.folder, &id).map_err(|error| not_kept(&error))?;
            }
            Lock::Held(_) | Lock::Unknown => {
                let message = format!("a plan for `{type_name}` was begun and has no end");
                return Err(Failure::new(FailureKind::Conflict, message)
                    .hint("go on with it, or forget it: nothing was sent"));
            }
        }
    }
    Ok(())
}

/// Forgets a plan. An error when another program works on it. Blocks.
pub fn forget(place: &Place, id: &JournalId) -> Result<(), Failure> {
    let _lock = lock(&place.folder, id)?;
    read(&place.folder, id)?;
    remove(&place.folder, id).map_err(|error| not_kept(&error))
}

impl JournalId {
    fn file(&self, ending: &str) -> String {
        format!("{}{ending}", self.0)
    }
}

/// What people recognise of a plan, and what makes it another one.
fn new_id(type_name: &str) -> JournalId {
    let name = name_in_id(type_name);
    let random = Uuid::new_v4().as_fields().0;
    JournalId(format!("{name}-{random:08x}"))
}

fn name_in_id(type_name: &str) -> String {
    let name = type_name.chars();
    let name = name.filter(|c| c.is_ascii_alphanumeric() || *c == '_');
    name.take(NAME_CHARS).collect()
}

fn taken(message: &str) -> Failure {
    Failure::new(FailureKind::Conflict, message)
        .hint("wait until it is done there: nothing was sent")
}

/// The lock on a journal; `None` where locks do not work.
fn lock(folder: &Path, id: &JournalId) -> Result<Option<fs::File>, Failure> {
    // An id comes from a command line as well, and nothing but a journal may be read or made.
    let is_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !id.0.chars().all(is_id) || !folder.join(id.file(JOURNAL)).is_file() {
        return Err(gone(id));
    }
    match files::lock(&folder.join(id.file(LOCK)), PATIENCE) {
        Lock::Held(lock) => Ok(Some(lock)),
        Lock::Unknown => Ok(None),
        Lock::Taken => Err(taken("this plan is being worked on by another captui")),
    }
}

fn gone(id: &JournalId) -> Failure {
    let message = format!("there is no unfinished plan `{}`", id.0);
    Failure::new(FailureKind::NotFound, message)
}

fn read(folder: &Path, id: &JournalId) -> Result<Entry, Failure> {
    let path = folder.join(id.file(JOURNAL));
    let damaged = || {
        let message = format!("the journal {} cannot be understood", path.display());
        Failure::new(FailureKind::Internal, message)
            .hint("it is left alone: another version of captui may have written it")
    };
    let text = match fs::symlink_metadata(&path) {
        Ok(found) if !found.is_file() || found.len() > MAX_BYTES => return Err(damaged()),
        Ok(_) => fs::read_to_string(&path),
        Err(error) => Err(error),
    };
    let text = text.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => gone(id),
        _ => damaged().because(error),
    })?;
    let json = Json::parse(&text).map_err(|_| damaged())?;
    Entry::from_json(&json).ok_or_else(damaged)
}

/// The journal first: without it the lock says nothing.
fn remove(folder: &Path, id: &JournalId) -> io::Result<()> {
    fs::remove_file(folder.join(id.file(JOURNAL)))?;
    // What a program left that was killed while it wrote; another may have been quicker.
    let prefix = id.file(".");
    for file in fs::read_dir(folder)?.flatten() {
        let name = file.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(&prefix)) {
            let _ = fs::remove_file(file.path());
        }
    }
    files::sync(folder)
}

fn not_kept(error: &io::Error) -> Failure {
    let message = "how far the plan has come could not be noted";
    Failure::new(FailureKind::Internal, message).because(error)
}
