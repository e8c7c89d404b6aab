//! Exporting the records of a type: all that a filter lets through, in the order of their ids, into a file that is there
//! whole or not at all.
//!
//! ```text
//!  stream ──▶ a thread writes the records in order ──▶ FILE.part, with a journal ──▶ manifest, then FILE.part becomes FILE
//!             (sink, record_file::write)               (part)                         (manifest)
//! ```
//!
//! Records that are changed while the export goes on come as they are when their page is read; those created meanwhile
//! have greater ids and come at the end. The counts before and after, which the manifest has, say whether anything moved.
//! Memory depends on the size of a page, never on how many records there are.

pub mod manifest;
mod part;
mod sink;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::EntityType;
use crate::config::paths::from_home;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::record_file::write::Form;
use crate::record_file::write::Layout;
use crate::record_file::write::columns::Columns;
use crate::worker::again::Asking;
use crate::worker::again::trouble;
use crate::worker::export::manifest::Facts;
use crate::worker::export::part::Opened;
use crate::worker::export::part::Part;
use crate::worker::export::sink::Sink;
use crate::worker::export::sink::Stopped;
use crate::worker::job::JobError;
use crate::worker::job::Progress;
use crate::worker::services::Services;
use crate::worker::services::blocking;
use crate::worker::stream;
use crate::worker::stream::Ended;
use crate::worker::stream::Pace;
use crate::worker::stream::Stream;
use crate::worker::stream::pages::Question;

/// What is to be exported, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The entity type.
    pub type_name: String,
    /// Only records that match, in the API's filter language.
    pub filter: Option<String>,
    /// Only these attributes, by their dotted paths, and the id; all when there are none.
    pub attributes: Vec<String>,
    /// What it is written as.
    pub form: Form,
    /// Whether no cell of CSV is a formula: for spread-sheets, and no way back.
    pub formula_safe: bool,
    /// Where it goes.
    pub target: Target,
    /// How hard the service is asked.
    pub pace: Pace,
}

/// Where an export goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file; packed when its name ends with `.gz`.
    File {
        /// Its path; nothing is overwritten.
        file: PathBuf,
        /// Whether to go on with an export that was interrupted, if there is one.
        resume: bool,
    },
    /// The standard output.
    Stdout,
}

/// What came of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The file and its manifest; `None` for the standard output.
    pub file: Option<(PathBuf, PathBuf)>,
    /// How many records were written, also before an interruption.
    pub records: u64,
    /// How many of them were before an interruption.
    pub resumed: u64,
    /// How many the service counted before.
    pub before: Option<u64>,
    /// How many it counted afterwards.
    pub after: Option<u64>,
    /// Attributes of the type that this client cannot read.
    pub hidden: Vec<String>,
    /// Whether whoever read the standard output went away before the end.
    pub is_cut: bool,
    /// Whether the file was whole before, and nothing was left to do.
    pub was_whole: bool,
}

impl Exported {
    /// Whether the number of records fits what the service counted before and after. `None` when it did not count.
    pub fn is_complete(&self) -> Option<bool> {
        let (before, after) = (self.before?, self.after?);
        Some((before.min(after)..=before.max(after)).contains(&self.records))
    }
}

/// Exports. Needs a tokio runtime with its timer.
pub(super) async fn export<P: Fn(Progress)>(
    work: Export,
    services: &Services,
    progress: &P,
    cancel: &CancellationToken,
) -> Result<Exported, JobError> {
    let asking = Asking::new(services, progress, cancel)
        .apart(work.pace.apart)
        .patient(work.pace.patience);
    let schema = schema(&work, &asking).await?;
    let question = Question {
        type_name: work.type_name.clone(),
        filter: work
            .filter
            .clone()
            .filter(|filter| !filter.trim().is_empty()),
        attributes: stream::pages::attributes(&work.attributes),
        secret_names: schema
            .as_ref()
            .map(|schema| schema.password_names())
            .unwrap_or_default(),
    };
    let layout = layout(&work, schema.as_deref())?;
    let (file, resume) = match &work.target {
        Target::File { file, resume } => (Some(placed(file)), *resume),
        Target::Stdout => (None, false),
    };
    let header = header(
        &work,
        services,
        schema.as_deref(),
        stream::count(&question, &asking).await?,
    );
    let (sink, header) = match open(file.clone(), resume, header, &layout).await? {
        Begun::Sink(sink, header) => (*sink, header),
        Begun::Whole(exported) => return Ok(exported),
    };
    let resumed = sink.records();
    let before = header
        .get(COUNTED)
        .and_then(Json::as_i64)
        .map(i64::cast_unsigned);
    let compared = schema.clone().filter(|_| work.attributes.is_empty());
    let stream = Stream {
        asking: &asking,
        question: &question,
        pace: &work.pace,
        progress,
        expected: before,
        before: resumed,
    };
    let (count, after) = (Arc::new(AtomicU64::new(resumed)), sink.id());
    let (sink, ended) = stream
        .hand_to(sink.comparing(compared), after, &count)
        .await;
    match ended {
        Ok(()) => {}
        Err(Ended::Stopped(Stopped::Enough)) => {
            return Ok(Exported {
                is_cut: true,
                ..Exported::default()
            });
        }
        Err(Ended::Stopped(Stopped::Failed(failure))) => {
            let error = JobError::Failed(failure);
            return Err(keep(sink, error, file.is_some(), progress).await);
        }
        Err(Ended::Stopped(Stopped::Refused(failure))) => {
            return Err(abandon(sink, JobError::Failed(failure)).await);
        }
        Err(Ended::Failed(error)) => return Err(keep(sink, error, file.is_some(), progress).await),
    }
    let mut exported = Exported {
        records: sink.records(),
        resumed,
        before,
        after: stream::count(&question, &asking).await.unwrap_or(None),
        hidden: sink.hidden.clone(),
        ..Exported::default()
    };
    let (first, last) = (sink.first, sink.last);
    let (sum, bytes, part) = match blocking(move || sink.finish()).await {
        Ok(finished) => finished,
        Err(Stopped::Enough) => {
            exported.is_cut = true;
            return Ok(exported);
        }
        Err(Stopped::Failed(failure) | Stopped::Refused(failure)) => {
            return Err(JobError::Failed(failure));
        }
    };
    let (Some(file), Some(part)) = (file, part) else {
        return Ok(exported);
    };
    let facts = Facts {
        records: exported.records,
        after: exported.after,
        first,
        last,
        bytes,
        sum,
        hidden: exported.hidden.clone(),
        ended: Timestamp::now().to_string(),
    };
    let placed = blocking(move || {
        let manifest = manifest::text(&file, &header, schema.as_deref(), &facts);
        let manifest = part.finish(&manifest)?;
        Ok((file, manifest))
    });
    exported.file = Some(placed.await.map_err(JobError::Failed)?);
    Ok(exported)
}

/// Makes what came so far last, and says how to go on with it.
async fn keep(
    mut sink: Sink,
    error: JobError,
    is_file: bool,
    progress: &impl Fn(Progress),
) -> JobError {
    if !is_file {
        return error;
    }
    let records = sink.records();
    // What would fail again is nothing to go on with.
    if let JobError::Exchange(exchange) = &error
        && records == 0
        && trouble(exchange).is_none()
    {
        return abandon(sink, error).await;
    }
    let kept = blocking(move || sink.mark()).await;
    let records = match kept {
        Ok(()) => format!("{records} records are kept"),
        Err(_) => "what was kept before is still there".to_owned(),
    };
    let hint = "the same command with --resume goes on with it";
    match error {
        JobError::Cancelled(_) => {
            let message = format!("interrupted: {records}");
            JobError::Failed(Failure::new(FailureKind::Interrupted, message).hint(hint))
        }
        JobError::Failed(failure) => JobError::Failed(failure.hint(format!("{records}: {hint}"))),
        error => {
            progress(Progress::Notice(format!("{records}: {hint}")));
            error
        }
    }
}

/// Removes what was begun and would never end.
async fn abandon(sink: Sink, error: JobError) -> JobError {
    // What cannot be removed is found by the next export, which says what to do.
    let _ = blocking(move || sink.abandon()).await;
    error
}

/// The type, which tables and masks need. Without the right to see it, records can be exported as they come.
async fn schema<P: Fn(Progress)>(
    work: &Export,
    asking: &Asking<'_, P>,
) -> Result<Option<Arc<EntityType>>, JobError> {
    match stream::schema(&work.type_name, asking).await {
        Ok(schema) => Ok(Some(schema)),
        Err(JobError::Exchange(exchange)) => {
            let kind = exchange.failure().map(|failure| failure.kind);
            if kind == Some(FailureKind::Denied) && !work.form.is_table() {
                return Ok(None);
            }
            Err(JobError::Exchange(exchange))
        }
        Err(error) => Err(error),
    }
}

fn layout(work: &Export, schema: Option<&EntityType>) -> Result<Layout, JobError> {
    let mut paths = work.attributes.iter().map(|name| name.parse::<AttrPath>());
    let columns = match schema {
        Some(schema) if work.form.is_table() => {
            let mut wanted: Vec<AttrPath> =
                paths.by_ref().collect::<Result<_, _>>().map_err(|error| {
                    JobError::Failed(Failure::new(FailureKind::Usage, error.to_string()))
                })?;
            if !wanted.is_empty() {
                wanted.push(AttrPath::root().child("id"));
            }
            Some(Columns::of(schema, &wanted))
        }
        _ => None,
    };
    let packed = match &work.target {
        Target::File { file, .. } => file.extension().is_some_and(|ending| ending == "gz"),
        Target::Stdout => false,
    };
    Ok(Layout {
        form: work.form,
        packed,
        formula_safe: work.formula_safe,
        columns,
    })
}

/// How many records the service counted before the export began.
const COUNTED: &str = "counted_before";

/// The members of the header that are the same when an export is gone on with.
const SAME: [&str; 8] = [
    "environment",
    "domain",
    "type",
    "filter",
    "attributes",
    "form",
    "formula_safe",
    "schema_sha256",
];

/// What is exported, for the journal and the manifest.
fn header(
    work: &Export,
    services: &Services,
    schema: Option<&EntityType>,
    counted: Option<u64>,
) -> Json {
    let attributes = work.attributes.iter().map(|name| name.as_str().into());
    let filter = work.filter.as_deref().map_or(Json::Null, Json::from);
    [
        part::format(),
        ("environment", services.environment().name.as_str().into()),
        ("domain", services.whereabouts().into()),
        ("type", work.type_name.as_str().into()),
        ("filter", filter),
        ("attributes", Json::Array(attributes.collect())),
        ("form", work.form.name().into()),
        ("formula_safe", work.formula_safe.into()),
        (
            "schema_sha256",
            schema.map_or(Json::Null, |schema| manifest::schema_sum(schema).into()),
        ),
        ("started", Timestamp::now().to_string().into()),
        (
            COUNTED,
            counted.map_or(Json::Null, |counted| counted.cast_signed().into()),
        ),
    ]
    .into_iter()
    .collect()
}

/// What opening gave.
enum Begun {
    /// What is written to; with what is exported, as it was begun.
    Sink(Box<Sink>, Json),
    /// The file is whole already.
    Whole(Exported),
}

/// Opens what is written to.
async fn open(
    file: Option<PathBuf>,
    resume: bool,
    header: Json,
    layout: &Layout,
) -> Result<Begun, JobError> {
    let layout = layout.clone();
    let opened = blocking(move || {
        let Some(file) = file else {
            return Ok(Begun::Sink(Box::new(Sink::to_stdout(&layout)?), header));
        };
        match Part::open(&file, resume, header, &SAME)? {
            Opened::Part(part) => {
                let header = part.header.clone();
                let sink = Sink::to_file(file, part, &layout)?;
                Ok(Begun::Sink(Box::new(sink), header))
            }
            Opened::Whole(manifest) => Ok(Begun::Whole(manifest::exported(&file, &manifest))),
        }
    });
    opened.await.map_err(JobError::Failed)
}

/// A file as people name it, whole.
fn placed(file: &std::path::Path) -> PathBuf {
    let file = file.to_str().map_or_else(|| file.to_owned(), from_home);
    std::path::absolute(&file).unwrap_or(file)
}
