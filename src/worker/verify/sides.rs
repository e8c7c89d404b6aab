//! The two sides of a comparison: a file with what its manifest says, or a live type; and handing their records on, one by
//! one, to whoever takes them on a thread of its own.

use std::fs::File;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::capture::json::Json;
use crate::capture::schema::EntityType;
use crate::config::paths::from_home;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::record_file::read::Format;
use crate::record_file::read::Options;
use crate::record_file::read::Reader;
use crate::record_file::write::tally::Tally;
use crate::worker::again::Asking;
use crate::worker::export::manifest;
use crate::worker::job::BulkProgress;
use crate::worker::job::JobError;
use crate::worker::job::Progress;
use crate::worker::services::Services;
use crate::worker::services::blocking;
use crate::worker::stream;
use crate::worker::stream::Ended;
use crate::worker::stream::Pace;
use crate::worker::stream::Stream;
use crate::worker::stream::Taker;
use crate::worker::stream::pages::Page;
use crate::worker::stream::pages::Question;
use crate::worker::verify::Side;
use crate::worker::verify::findings::Known;

/// How often it is told how far a file was read.
const TOLD: Duration = Duration::from_millis(100);

/// After how many rows it is asked whether to go on.
const ROWS: u64 = 1_000;

/// Somebody who takes records, on a thread of its own.
pub(super) trait Takes: Send + 'static {
    /// Takes a record. Blocks.
    fn record(&mut self, record: Json) -> Result<(), Failure>;

    /// Hears of what is no record.
    fn unusable(&mut self, known: Known, why: String) -> Result<(), Failure>;
}

/// How sides are asked.
pub(super) struct Asked<'a, P> {
    pub(super) key: &'a str,
    pub(super) filter: Option<&'a str>,
    pub(super) pace: &'a Pace,
    pub(super) progress: &'a P,
    pub(super) cancel: &'a CancellationToken,
}

/// A side that can be read.
pub(super) enum Opened<'a> {
    File {
        path: PathBuf,
        manifest: Option<Json>,
    },
    Type {
        name: String,
        reach: Reach<'a>,
        /// What the manifest of the other side says that was exported.
        filter: Option<String>,
        attributes: Vec<String>,
    },
}

/// The services of an environment.
pub(super) enum Reach<'a> {
    Here(&'a Services),
    There(Box<Services>),
}

impl Reach<'_> {
    fn services(&self) -> &Services {
        match self {
            Self::Here(services) => services,
            Self::There(services) => services,
        }
    }
}

impl<'a> Opened<'a> {
    /// Opens a side. Nothing is sent yet.
    pub(super) async fn open(side: &Side, services: &'a Services) -> Result<Self, JobError> {
        match side {
            Side::File(path) => {
                let path = path.to_str().map_or_else(|| path.clone(), from_home);
                if path.extension().is_some_and(|ending| ending == "parquet") {
                    let message = "Parquet files are written, and not read";
                    let failure = Failure::new(FailureKind::Usage, message);
                    return Err(JobError::Failed(
                        failure.hint("compare an export as NDJSON"),
                    ));
                }
                let (path, manifest) = blocking(move || {
                    let manifest = manifest::read(&path);
                    (path, manifest)
                })
                .await;
                Ok(Self::File { path, manifest })
            }
            Side::Type { environment, name } => {
                let here = services.environment().name.as_str();
                let reach = match environment.as_deref().filter(|name| *name != here) {
                    None => Reach::Here(services),
                    Some(other) => {
                        let other = services.of(other).map_err(JobError::Failed)?;
                        Reach::There(Box::new(other))
                    }
                };
                Ok(Self::Type {
                    name: name.clone(),
                    reach,
                    filter: None,
                    attributes: Vec::new(),
                })
            }
        }
    }

    /// Takes over what the other side's manifest says was exported: the same is asked for here.
    pub(super) fn learn_from(&mut self, other: &Opened<'_>) {
        if let (
            Self::Type {
                filter, attributes, ..
            },
            Opened::File {
                manifest: Some(manifest),
                ..
            },
        ) = (self, other)
        {
            let said = manifest.get("filter").and_then(Json::as_str);
            *filter = said.map(str::to_owned);
            let names = manifest.get("attributes").and_then(Json::as_array);
            let names = names.into_iter().flatten().filter_map(Json::as_str);
            *attributes = names.map(str::to_owned).collect();
        }
    }

    /// Whether its records have uuids, as far as it is known: an export may be without.
    pub(super) fn has_uuids(&self) -> bool {
        let Self::File {
            manifest: Some(manifest),
            ..
        } = self
        else {
            return true;
        };
        let names = manifest.get("attributes").and_then(Json::as_array);
        let names = names.unwrap_or_default();
        names.is_empty() || names.iter().any(|name| name.as_str() == Some("uuid"))
    }

    /// The type of its records, as far as this side knows it.
    pub(super) async fn schema<P: Fn(Progress)>(
        &self,
        asked: &Asked<'_, P>,
    ) -> Result<Option<Arc<EntityType>>, JobError> {
        match self {
            Self::File { manifest, .. } => {
                let schema = manifest
                    .as_ref()
                    .and_then(|manifest| manifest.get("schema"));
                let schema = schema.and_then(|schema| EntityType::from_json(schema).ok());
                Ok(schema.map(|(schema, _)| Arc::new(schema)))
            }
            Self::Type { name, reach, .. } => {
                let asking = asking(reach, asked);
                match stream::schema(name, &asking).await {
                    Ok(schema) => Ok(Some(schema)),
                    Err(JobError::Exchange(exchange))
                        if exchange.failure().map(|failure| failure.kind)
                            == Some(FailureKind::Denied) =>
                    {
                        Ok(None)
                    }
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// The file, if it is not the one that its manifest was written for.
    pub(super) async fn is_broken(&self) -> Result<Option<PathBuf>, JobError> {
        let Self::File {
            path,
            manifest: Some(manifest),
        } = self
        else {
            return Ok(None);
        };
        let Some(said) = manifest.get("sha256").and_then(Json::as_str) else {
            return Ok(None);
        };
        let (file, said) = (path.clone(), said.to_owned());
        let sum = blocking(move || sum_of(&file)).await;
        let sum = sum.map_err(|error| {
            let message = format!("{} cannot be read", path.display());
            JobError::Failed(Failure::new(FailureKind::Usage, message).because(error))
        })?;
        Ok((sum != said).then(|| path.clone()))
    }

    /// Hands all records on; whoever takes them comes back.
    pub(super) async fn hand_to<T: Takes, P: Fn(Progress)>(
        &self,
        taker: T,
        schema: Option<&Arc<EntityType>>,
        asked: &Asked<'_, P>,
    ) -> Result<T, JobError> {
        match self {
            Self::File { path, manifest } => {
                let expected = manifest
                    .as_ref()
                    .and_then(|manifest| manifest.get("records"));
                let expected = expected.and_then(Json::as_i64).map(i64::cast_unsigned);
                let said = manifest
                    .as_ref()
                    .and_then(|manifest| manifest.get("formula_safe"));
                let options = Options {
                    formula_safe: said.and_then(Json::as_bool) == Some(true),
                    ..Options::default()
                };
                read_file(path, options, taker, schema.cloned(), expected, asked).await
            }
            Self::Type {
                name,
                reach,
                filter,
                attributes,
            } => {
                let mut attributes = attributes.clone();
                if !attributes.is_empty() && !attributes.iter().any(|name| name == asked.key) {
                    attributes.push(asked.key.to_owned());
                }
                let question = Question {
                    type_name: name.clone(),
                    filter: asked.filter.map(str::to_owned).or_else(|| filter.clone()),
                    attributes: stream::pages::attributes(&attributes),
                    secret_names: schema
                        .map(|schema| schema.password_names())
                        .unwrap_or_default(),
                };
                read_type(&question, taker, reach, asked).await
            }
        }
    }

    /// Ends what was opened for it alone.
    pub(super) async fn close(self, progress: &impl Fn(Progress)) {
        if let Self::Type {
            reach: Reach::There(services),
            ..
        } = self
        {
            services.settle(progress).await;
            // An embedded sandbox waits for its calls when it is stopped.
            blocking(move || drop(services)).await;
        }
    }
}

fn asking<'a, P: Fn(Progress)>(reach: &'a Reach<'_>, asked: &'a Asked<'_, P>) -> Asking<'a, P> {
    Asking::new(reach.services(), asked.progress, asked.cancel)
        .apart(asked.pace.apart)
        .patient(asked.pace.patience)
}

fn sum_of(file: &Path) -> std::io::Result<String> {
    let tally = Tally::after((), File::open(file)?)?;
    Ok(tally.finish().1)
}

async fn read_type<T: Takes, P: Fn(Progress)>(
    question: &Question,
    taker: T,
    reach: &Reach<'_>,
    asked: &Asked<'_, P>,
) -> Result<T, JobError> {
    let asking = asking(reach, asked);
    let stream = Stream {
        asking: &asking,
        question,
        pace: asked.pace,
        progress: asked.progress,
        expected: stream::count(question, &asking).await?,
        before: 0,
    };
    let count = Arc::new(AtomicU64::new(0));
    let (pages, ended) = stream.hand_to(Pages(taker), 0, &count).await;
    match ended {
        Ok(()) => Ok(pages.0),
        Err(Ended::Stopped(failure)) => Err(JobError::Failed(failure)),
        Err(Ended::Failed(error)) => Err(error),
    }
}

/// Takes pages for somebody who takes records.
struct Pages<T>(T);

impl<T: Takes> Taker for Pages<T> {
    type Stop = Failure;

    fn take(&mut self, page: &Page) -> Result<(), Failure> {
        let body = page.exchange.body();
        for record in &page.records {
            let text = std::str::from_utf8(&body[record.range.clone()]);
            if let Ok(Ok(json)) = text.map(Json::parse) {
                self.0.record(json)?;
            } else {
                let known = Known {
                    id: Some(record.id),
                    uuid: None,
                };
                self.0
                    .unusable(known, "it is nested too deeply".to_owned())?;
            }
        }
        Ok(())
    }

    fn reached(&mut self, _: i64) {}
}

async fn read_file<T: Takes, P: Fn(Progress)>(
    path: &Path,
    options: Options,
    mut taker: T,
    schema: Option<Arc<EntityType>>,
    expected: Option<u64>,
    asked: &Asked<'_, P>,
) -> Result<T, JobError> {
    let count = Arc::new(AtomicU64::new(0));
    let (counted, cancel, path) = (Arc::clone(&count), asked.cancel.clone(), path.to_owned());
    let reading = blocking(move || {
        let schema = schema.as_deref();
        read_rows(&path, &options, &mut taker, schema, &counted, &cancel).map(|()| taker)
    });
    let telling = async {
        loop {
            (asked.progress)(Progress::Bulk(BulkProgress {
                done: count.load(Ordering::Relaxed),
                of: expected,
                ..BulkProgress::default()
            }));
            tokio::time::sleep(TOLD).await;
        }
    };
    tokio::select! {
        done = reading => done.map_err(JobError::Failed),
        () = telling => Err(JobError::Cancelled(None)),
    }
}

/// Reads a file. Blocks.
fn read_rows(
    path: &Path,
    options: &Options,
    taker: &mut impl Takes,
    schema: Option<&EntityType>,
    count: &AtomicU64,
    cancel: &CancellationToken,
) -> Result<(), Failure> {
    let mut reader = Reader::open(path, options)?;
    if schema.is_none() && reader.format() == Format::Csv {
        let message = format!("what the cells of {} hold is not known", path.display());
        return Err(Failure::new(FailureKind::Usage, message)
            .because("neither side says what type the records are of")
            .hint("compare with a type, or keep the file's manifest beside it"));
    }
    let any = EntityType {
        name: String::new(),
        attr_defs: Vec::new(),
    };
    let shape = reader.shape(schema.unwrap_or(&any), options)?;
    while let Some(row) = reader.next_row()? {
        match shape.record(&row) {
            Ok(record) => taker.record(record)?,
            Err(faults) => {
                let reasons = faults.iter().map(|fault| match fault.place.as_str() {
                    "" => fault.reason.clone(),
                    place => format!("{place}: {}", fault.reason),
                });
                let reasons: Vec<String> = reasons.collect();
                let why = format!("line {}: {}", row.line, reasons.join("; "));
                taker.unusable(Known::default(), why)?;
            }
        }
        if count.fetch_add(1, Ordering::Relaxed).is_multiple_of(ROWS) && cancel.is_cancelled() {
            return Err(Failure::new(
                FailureKind::Interrupted,
                "interrupted: nothing was compared",
            ));
        }
    }
    Ok(())
}
