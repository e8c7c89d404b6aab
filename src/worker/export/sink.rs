//! Where pages of records end up: a thread that takes them in the order of their ids and writes them, so that reading and
//! writing go on at the same time.

use std::fs::File;
use std::io;
use std::io::Stdout;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use crate::capture::attr_type::AttrType;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::record_file::write::Form;
use crate::record_file::write::Layout;
use crate::record_file::write::Mark;
use crate::record_file::write::WriteError;
use crate::record_file::write::Writer;
use crate::record_file::write::tally::Tally;
use crate::worker::export::part::Part;
use crate::worker::export::part::Reached;
use crate::worker::export::part::not_written;
use crate::worker::stream::Taker;
use crate::worker::stream::pages::Page;

/// How many bytes may have to be exported again after a kill.
const UNMARKED: u64 = 64 << 20;

/// For how long.
const UNMARKED_FOR: Duration = Duration::from_millis(500);

/// Row groups of Parquet, which end with every mark, should be large.
const UNMARKED_FOR_GROUPS: Duration = Duration::from_secs(30);

/// Writes records.
pub(super) struct Sink {
    writer: Writer<Tally<Out>>,
    form: Form,
    kept: Option<Kept>,
    records: u64,
    id: i64,
    pub(super) first: Option<i64>,
    pub(super) last: Option<i64>,
    /// The type, until the first record was compared with it.
    schema: Option<Arc<EntityType>>,
    /// What the type has and the records do not show.
    pub(super) hidden: Vec<String>,
    marked: Instant,
    marked_bytes: u64,
}

/// The file, and how far it came.
struct Kept {
    file: PathBuf,
    part: Part,
}

/// What is written to.
enum Out {
    File(File),
    Stdout(Stdout),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stdout(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stdout(out) => out.flush(),
        }
    }
}

/// Why nothing more is written.
pub(super) enum Stopped {
    /// Whoever read the standard output has had enough.
    Enough,
    /// It did not work.
    Failed(Failure),
    /// A record is none that can be written so: that would fail again.
    Refused(Failure),
}

impl Sink {
    /// Writes into a file, or goes on with it.
    pub(super) fn to_file(file: PathBuf, part: Part, layout: &Layout) -> Result<Self, Failure> {
        let failed = |error: &io::Error| not_written(&file, error);
        let out = part.out().map_err(|error| failed(&error))?;
        let marks: Vec<Mark> = part.reached.iter().map(|one| one.mark.clone()).collect();
        let bytes = out.bytes();
        let writer = Writer::resume(out.map(Out::File), layout, &marks)
            .map_err(|error| refused(&error, None))?;
        let reached = part.reached.last().cloned();
        let kept = Some(Kept { file, part });
        Ok(Self::new(writer, layout.form, kept, reached, bytes))
    }

    /// Writes to the standard output.
    pub(super) fn to_stdout(layout: &Layout) -> Result<Self, Failure> {
        let out = Tally::new(Out::Stdout(io::stdout()));
        let writer = Writer::begin(out, layout).map_err(|error| refused(&error, None))?;
        Ok(Self::new(writer, layout.form, None, None, 0))
    }

    fn new(
        writer: Writer<Tally<Out>>,
        form: Form,
        kept: Option<Kept>,
        reached: Option<Reached>,
        bytes: u64,
    ) -> Self {
        let records = reached.as_ref().map_or(0, |reached| reached.mark.records);
        Self {
            writer,
            form,
            kept,
            records,
            id: reached.as_ref().map_or(0, |reached| reached.id),
            first: reached.as_ref().and_then(|reached| reached.first),
            last: reached.as_ref().and_then(|reached| reached.last),
            schema: None,
            hidden: Vec::new(),
            marked: Instant::now(),
            marked_bytes: bytes,
        }
    }

    /// The same, which tells what the records do not show of this type.
    pub(super) fn comparing(mut self, schema: Option<Arc<EntityType>>) -> Self {
        self.schema = schema;
        self
    }

    /// Up to which id everything is written.
    pub(super) fn id(&self) -> i64 {
        self.id
    }

    /// How many records are written.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// Makes what is written so far last. Blocks.
    pub(super) fn mark(&mut self) -> Result<(), Stopped> {
        if self.kept.is_none() {
            return Ok(());
        }
        let mark = self.writer.mark();
        let mark = mark.map_err(|error| self.stopped(&error, None))?;
        let Some(out) = self.writer.get_ref() else {
            return Ok(());
        };
        let bytes = out.bytes();
        if let Out::File(file) = out.get_ref() {
            let synced = file.sync_data();
            synced.map_err(|error| self.stopped(&error.into(), None))?;
        }
        let reached = Reached {
            id: self.id,
            first: self.first,
            last: self.last,
            bytes,
            mark,
        };
        if let Some(kept) = &mut self.kept {
            let noted = kept.part.note(reached);
            noted.map_err(|error| Stopped::Failed(not_written(&kept.file, &error)))?;
        }
        self.marked = Instant::now();
        self.marked_bytes = bytes;
        Ok(())
    }

    /// Ends what is written: gives the check sum and how many bytes it is, with the file that has no name yet.
    pub(super) fn finish(self) -> Result<(String, u64, Option<Part>), Stopped> {
        let kept = self.kept;
        let failed = |error: &WriteError| match &kept {
            Some(kept) => Stopped::Failed(refused(error, None).because(kept.file.display())),
            None => enough(error),
        };
        let out = self.writer.finish().map_err(|error| failed(&error))?;
        let bytes = out.bytes();
        let (out, sum) = out.finish();
        if let Out::File(file) = &out {
            file.sync_all().map_err(|error| failed(&error.into()))?;
        }
        Ok((sum, bytes, kept.map(|kept| kept.part)))
    }

    /// Removes what was written so far. Blocks.
    pub(super) fn abandon(self) -> io::Result<()> {
        self.kept.map_or(Ok(()), |kept| kept.part.abandon())
    }

    fn stopped(&self, error: &WriteError, id: Option<i64>) -> Stopped {
        match (&self.kept, error) {
            (Some(kept), WriteError::Io(error)) => Stopped::Failed(not_written(&kept.file, error)),
            (None, WriteError::Io(_)) => enough(error),
            _ => Stopped::Refused(refused(error, id)),
        }
    }
}

impl Taker for Sink {
    type Stop = Stopped;

    fn take(&mut self, page: &Page) -> Result<(), Stopped> {
        let body = page.exchange.body();
        for record in &page.records {
            let text = &body[record.range.clone()];
            if let Some(schema) = self.schema.take() {
                self.hidden = hidden(&schema, text);
            }
            self.writer
                .write(text)
                .map_err(|error| self.stopped(&error, Some(record.id)))?;
            self.first.get_or_insert(record.id);
            self.last = Some(record.id);
            self.id = record.id;
        }
        self.records += page.records.len() as u64;
        let patience = match self.form {
            Form::Parquet => UNMARKED_FOR_GROUPS,
            Form::Ndjson | Form::Json | Form::Csv => UNMARKED_FOR,
        };
        let bytes = self.writer.get_ref().map_or(0, Tally::bytes);
        if self.marked.elapsed() >= patience || bytes - self.marked_bytes >= UNMARKED {
            self.mark()?;
        }
        Ok(())
    }

    fn reached(&mut self, id: i64) {
        self.id = self.id.max(id);
    }
}

/// A reader that goes away is no failure.
fn enough(error: &WriteError) -> Stopped {
    match error {
        WriteError::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => Stopped::Enough,
        error => Stopped::Failed(refused(error, None)),
    }
}

fn refused(error: &WriteError, id: Option<i64>) -> Failure {
    let what = id.map_or_else(|| "the export".to_owned(), |id| format!("the record {id}"));
    let message = format!("{what} cannot be written: {error}");
    let failure = Failure::new(FailureKind::Usage, message);
    match error {
        WriteError::Io(why) => failure.because(why),
        WriteError::Unknown(_) | WriteError::Misfit(_) => {
            failure.hint("--format ndjson takes every record as it is")
        }
        WriteError::NotARecord | WriteError::Mark => failure,
    }
}

/// The attributes of the type that a whole record does not have, in objects too: the service shows every one that the
/// client can read, if only as null (reference 2.3).
fn hidden(schema: &EntityType, record: &[u8]) -> Vec<String> {
    let record = std::str::from_utf8(record).ok();
    let Some(record) = record.and_then(|text| Json::parse(text).ok()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    hidden_in(&schema.attr_defs, &record, &AttrPath::root(), &mut found);
    found
}

/// As deep as the schema.
fn hidden_in(defs: &[AttrDef], holder: &Json, at: &AttrPath, found: &mut Vec<String>) {
    for def in defs {
        let path = at.child(&def.name);
        match (holder.get(&def.name), &def.attr_type) {
            (None, _) => found.push(path.dotted()),
            (Some(inner @ Json::Object(_)), AttrType::Object(defs)) => {
                hidden_in(defs, inner, &path, found);
            }
            (Some(_), _) => {}
        }
    }
}
