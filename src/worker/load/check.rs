//! The verdicts: every row of a file judged here before anything is sent, on all cores. Reads the file once and keeps of a
//! row no more than half a byte, of a value that must be unique forty bytes for as long as it may be in memory.
//!
//! ```text
//!  file ─▶ Reader ─▶ pieces of rows ─▶ Judge, on each core ─▶ in the file's order: faults, digests of unique values
//!                                                                └─▶ sorted: those that come twice ─▶ faults
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::BuildHasher;
use std::io;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::Read;
use std::io::Seek;
use std::io::Write;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc::sync_channel;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::error::ErrorCode;
use crate::capture::filter::completion::spell;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::path::Segment;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::validate;
use crate::capture::validate::Mode;
use crate::capture::value;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::record_file::read::Fault;
use crate::record_file::read::Reader;
use crate::record_file::read::Row;
use crate::record_file::read::Shape;
use crate::sandbox::rules::RuleSet;
use crate::worker::load::outcome;
use crate::worker::load::outcome::About;
use crate::worker::load::sorted;
use crate::worker::load::sorted::Entry;
use crate::worker::load::sorted::Sorter;
use crate::worker::load::states::State;
use crate::worker::load::states::States;
use jiff::Timestamp;

/// How many rows are judged in one go.
const PIECE: usize = 256;

/// How many faults are kept to be shown at once.
pub(super) const SHOWN: usize = 10;

/// What rows are judged by.
pub(super) struct Judge {
    schema: Arc<EntityType>,
    shape: Shape,
    rules: RuleSet,
    /// Whether these are all of them.
    knows_rules: bool,
    now: Timestamp,
    uniques: Vec<Unique>,
    /// The attribute whose value stands for a row in the files of outcomes.
    pub(super) name: Option<AttrPath>,
    seeds: [RandomState; 2],
}

/// An attribute whose values may come once only.
struct Unique {
    path: AttrPath,
    def: AttrDef,
    /// Whether records can be looked for by it.
    is_key: bool,
}

/// The attributes by which a record could be looked for: unique, outside of plurals, and nameable in a filter.
pub(super) fn key_candidates(schema: &EntityType) -> Vec<(AttrPath, AttrDef)> {
    let inside = |path: &AttrPath| {
        (1..path.0.len()).any(|length| {
            let around = schema.get(&AttrPath(path.0[..length].to_vec()));
            around.is_none_or(|def| !matches!(def.attr_type, AttrType::Object(_)))
        })
    };
    uniques(schema)
        .filter(|(path, _)| !inside(path) && spell(path).is_some())
        .map(|(path, def)| (path, def.clone()))
        .collect()
}

fn uniques(schema: &EntityType) -> impl Iterator<Item = (AttrPath, &AttrDef)> {
    schema
        .walk()
        .into_iter()
        .filter(|(path, def)| def.has(&Constraint::Unique) && !def.is_reserved(path.0.len() == 1))
}

impl Judge {
    /// Judges by this schema and these rules, which are all or not; records are looked for by the attributes `keys`. `now`
    /// gives dates like `today` their meaning.
    pub(super) fn new(
        schema: Arc<EntityType>,
        shape: Shape,
        (rules, knows_rules): (RuleSet, bool),
        keys: &[AttrPath],
        now: Timestamp,
    ) -> Self {
        let uniques = uniques(&schema)
            .map(|(path, def)| Unique {
                is_key: keys.contains(&path),
                path,
                def: def.clone(),
            })
            .collect();
        Self {
            name: outcome::naming(&schema),
            schema,
            shape,
            rules,
            knows_rules,
            now,
            uniques,
            seeds: [RandomState::new(), RandomState::new()],
        }
    }

    /// What is wrong with a record; where nothing is, what its unique values are if rules change any.
    fn verdict(&self, record: &Json) -> Result<Option<Json>, Vec<Fault>> {
        if self.rules.is_empty() {
            let faults = self.faults(record);
            return if faults.is_empty() {
                Ok(None)
            } else {
                Err(faults)
            };
        }
        match self.normal(record) {
            Ok(Ok(body)) => Ok(Some(body)),
            Ok(Err(fault)) => Err(vec![fault]),
            Err(violations) => Err(violations.into_iter().map(fault_of).collect()),
        }
    }

    /// What the schema alone finds wrong with a record.
    fn faults(&self, record: &Json) -> Vec<Fault> {
        let violations = validate::validate(record, &self.schema, Mode::Create, self.now);
        violations.into_iter().map(fault_of).collect()
    }

    /// Whether it is known how rules change values.
    pub(super) fn knows_rules(&self) -> bool {
        self.knows_rules
    }

    /// A record as rules change it before it is stored.
    pub(super) fn transformed<'a>(&self, record: &'a Json) -> Cow<'a, Json> {
        if self.rules.is_empty() {
            return Cow::Borrowed(record);
        }
        let mut attributes = record.clone();
        let (root, schema) = (AttrPath::root(), &self.schema);
        self.rules
            .transform(&mut attributes, &root, schema, true, None, self.now);
        Cow::Owned(attributes)
    }

    /// What the service would store of a record, as far as that is known here, or which rule it breaks.
    pub(super) fn normal(
        &self,
        record: &Json,
    ) -> Result<Result<Json, Fault>, Vec<validate::Violation>> {
        let attributes = self.transformed(record);
        let body = validate::normalise(&attributes, &self.schema, Mode::Create, self.now)?;
        let root = AttrPath::root();
        match self.rules.check(&body, &root, &self.schema, self.now, true) {
            Ok(()) => Ok(Ok(body)),
            Err(error) => Ok(Err(Fault {
                place: error
                    .attribute_path()
                    .map(|path| place_of(&path))
                    .unwrap_or_default(),
                code: Some(error.code),
                reason: error.description,
            })),
        }
    }

    /// The text that stands for a record in the files of outcomes.
    pub(super) fn name_of(&self, record: &Json) -> String {
        let value = self.name.as_ref().and_then(|path| {
            path.0
                .iter()
                .try_fold(record, |at, step| at.get(&step.name))
        });
        match value {
            Some(Json::String(text)) => text.clone(),
            None | Some(Json::Null) => String::new(),
            Some(other) => other.to_string(),
        }
    }

    /// The digests of a record's values that must be unique, with the place of their attribute.
    fn digests(&self, record: &Json, found: &mut Vec<(u128, u32)>) {
        for (place, unique) in (0..).zip(&self.uniques) {
            each_value(record, &unique.path.0, &mut |value| {
                let Ok(canonical) = value::read(value, &unique.def, self.now) else {
                    return;
                };
                if let Some(key) = value::unique_key(&canonical, &unique.def) {
                    let half = |seed: &RandomState| u128::from(seed.hash_one((place, &key)));
                    found.push((half(&self.seeds[0]) << 64 | half(&self.seeds[1]), place));
                }
            });
        }
    }

    /// The values of a record by which it can be looked for: attribute, definition and value.
    pub(super) fn keys<'a>(
        &'a self,
        record: &'a Json,
    ) -> impl Iterator<Item = (&'a AttrPath, &'a AttrDef, &'a Json)> {
        self.uniques.iter().filter_map(move |unique| {
            let mut steps = unique.path.0.iter();
            let value = steps.try_fold(record, |at, step| at.get(&step.name))?;
            let is_one = !matches!(value, Json::Null | Json::Array(_) | Json::Object(_));
            (unique.is_key && is_one).then_some((&unique.path, &unique.def, value))
        })
    }

    /// Whether records can be looked for at all.
    pub(super) fn has_keys(&self) -> bool {
        self.uniques.iter().any(|unique| unique.is_key)
    }

    /// What `now` means in the rows.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// What rows say, without judging it.
    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// What the entity type is.
    pub(super) fn schema(&self) -> &EntityType {
        &self.schema
    }
}

/// Every value at `path`, in each element of the plurals on the way.
fn each_value(value: &Json, path: &[Segment], found: &mut impl FnMut(&Json)) {
    match (value, path.split_first()) {
        (Json::Array(elements), Some(_)) => {
            for element in elements {
                // A plain text stands for an element of one attribute.
                match element {
                    Json::String(_) if path.len() == 1 => found(element),
                    _ => each_value(element, path, found),
                }
            }
        }
        (_, Some((first, rest))) => {
            if let Some(inner) = value.get(&first.name) {
                each_value(inner, rest, found);
            }
        }
        (value, None) => found(value),
    }
}

fn fault_of(violation: validate::Violation) -> Fault {
    Fault {
        place: place_of(&violation.path),
        code: Some(violation.code),
        reason: violation.reason,
    }
}

/// Whether one place is inside of the other, or the same.
fn overlap(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    long.strip_prefix(short)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn place_of(path: &AttrPath) -> String {
    if path.is_root() {
        String::new()
    } else {
        path.to_string()
    }
}

/// What came of the verdicts.
pub(super) struct Checked {
    /// How many rows there are.
    pub(super) rows: u64,
    /// How many of them are wrong.
    pub(super) wrong: u64,
    /// The wrong ones.
    pub(super) states: States,
    /// What is wrong, in the file's order, ready to be written: see [`Framed`].
    pub(super) lines: Framed,
    /// The first of it, to be shown.
    pub(super) shown: Vec<Shown>,
}

/// Something wrong, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The row's number.
    pub row: u64,
    /// Its line.
    pub line: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What became of one piece of rows.
struct Judged {
    rows: u64,
    wrong: Vec<Wrong>,
    digests: Vec<Entry>,
}

struct Wrong {
    row: u64,
    line: u64,
    name: String,
    faults: Vec<Fault>,
}

/// Judges all rows. `tell` hears how many were judged so far, and says whether to go on.
pub(super) fn check(
    mut reader: Reader,
    judge: &Judge,
    tell: &dyn Fn(u64) -> bool,
) -> Result<Option<Checked>, Failure> {
    let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(1, 8));
    let mut tally = Tally::new().map_err(|error| spilled(&error))?;
    let whole = std::thread::scope(|scope| {
        let (give, take) = sync_channel::<(u64, Vec<Row>)>(2 * cores);
        let (answer, answers) = sync_channel::<(u64, Judged)>(2 * cores);
        let take = Arc::new(Mutex::new(take));
        let reading = scope.spawn(move || {
            for number in 0.. {
                let mut piece = Vec::with_capacity(PIECE);
                while piece.len() < PIECE
                    && let Some(row) = reader.next_row()?
                {
                    piece.push(row);
                }
                // Nobody takes any more once the user has stopped it.
                if piece.is_empty() || give.send((number, piece)).is_err() {
                    break;
                }
            }
            Ok::<(), Failure>(())
        });
        for _ in 0..cores {
            let (take, answer) = (Arc::clone(&take), answer.clone());
            scope.spawn(move || {
                loop {
                    let next = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, piece)) = next else { break };
                    if answer.send((number, judge_piece(judge, &piece))).is_err() {
                        break;
                    }
                }
            });
        }
        drop((answer, take));
        let mut early = BTreeMap::new();
        let mut next = 0;
        let mut goes_on = Ok(true);
        while let Ok((number, judged)) = answers.recv() {
            early.insert(number, judged);
            while let Some(judged) = early.remove(&next) {
                next += 1;
                goes_on = tally.take(judged, judge).map(|()| tell(tally.rows));
            }
            if !matches!(goes_on, Ok(true)) {
                break;
            }
        }
        // Whoever still has something to say is not kept waiting for it.
        drop(answers);
        let read = reading
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        match goes_on {
            Err(error) => Err(spilled(&error)),
            Ok(false) => Ok(false),
            Ok(true) => read.map(|()| true),
        }
    });
    if whole? {
        tally
            .finish(judge)
            .map(Some)
            .map_err(|error| spilled(&error))
    } else {
        Ok(None)
    }
}

fn spilled(error: &io::Error) -> Failure {
    let message = "the verdicts on the rows could not be kept in a temporary file";
    Failure::new(FailureKind::Internal, message).because(error)
}

fn judge_piece(judge: &Judge, piece: &[Row]) -> Judged {
    let mut judged = Judged {
        rows: piece.len() as u64,
        wrong: Vec::new(),
        digests: Vec::new(),
    };
    let mut digests = Vec::new();
    for row in piece {
        let (record, mut faults) = judge.shape.read(row);
        if let Some(record) = &record {
            if faults.is_empty() {
                match judge.verdict(record) {
                    Ok(stored) => {
                        judge.digests(stored.as_ref().unwrap_or(record), &mut digests);
                        for (digest, place) in digests.drain(..) {
                            let entry = entry(digest, row.number, row.line, place);
                            judged.digests.push(entry);
                        }
                        continue;
                    }
                    Err(found) => faults = found,
                }
            } else {
                // What cannot be read says nothing of its own place: there, the schema only sees that nothing is given.
                let mut more = judge.faults(record);
                more.retain(|fault| !faults.iter().any(|it| overlap(&it.place, &fault.place)));
                faults.extend(more);
            }
        }
        judged.wrong.push(Wrong {
            row: row.number,
            line: row.line,
            name: record.map_or_else(String::new, |record| judge.name_of(&record)),
            faults,
        });
    }
    judged
}

/// A value's digest, where it is, and of which attribute it is.
fn entry(digest: u128, row: u64, line: u64, place: u32) -> Entry {
    let mut entry = [0; size_of::<Entry>()];
    entry[..16].copy_from_slice(&digest.to_be_bytes());
    entry[16..24].copy_from_slice(&row.to_be_bytes());
    entry[24..32].copy_from_slice(&line.to_be_bytes());
    entry[32..36].copy_from_slice(&place.to_be_bytes());
    entry
}

fn number(entry: &Entry, at: usize) -> u64 {
    let bytes = entry[at..at + 8].try_into();
    bytes.map(u64::from_be_bytes).unwrap_or_default()
}

/// What was found so far.
struct Tally {
    rows: u64,
    wrong: u64,
    states: States,
    lines: FramedWriter,
    shown: Vec<Shown>,
    digests: Sorter,
}

impl Tally {
    fn new() -> io::Result<Self> {
        Ok(Self {
            rows: 0,
            wrong: 0,
            states: States::default(),
            lines: FramedWriter::new()?,
            shown: Vec::new(),
            digests: Sorter::new(sorted::IN_MEMORY),
        })
    }

    fn take(&mut self, judged: Judged, judge: &Judge) -> io::Result<()> {
        self.rows += judged.rows;
        for wrong in judged.wrong {
            self.wrong += 1;
            self.states.set(wrong.row, State::Failed);
            for fault in wrong.faults {
                let line = About {
                    batch: None,
                    row: wrong.row,
                    line: wrong.line,
                    name: &wrong.name,
                };
                self.lines.push(wrong.row, &line.failed(&fault))?;
                if self.shown.len() < SHOWN {
                    self.shown.push(Shown {
                        row: wrong.row,
                        line: wrong.line,
                        fault,
                    });
                }
            }
        }
        // Where nothing must be unique there is nothing to sort.
        if !judge.uniques.is_empty() {
            for entry in judged.digests {
                self.digests.push(entry)?;
            }
        }
        Ok(())
    }

    fn finish(mut self, judge: &Judge) -> io::Result<Checked> {
        let twice = repeated(self.digests)?;
        let mut twice = twice.finish()?;
        let mut lines = FramedWriter::new()?;
        let mut found = self.lines.finish()?;
        let mut next = found.next()?;
        while let Some(entry) = twice.next()? {
            let (row, first, line) = (number(&entry, 0), number(&entry, 12), number(&entry, 20));
            while let Some((before, text)) = next.take_if(|(before, _)| *before < row) {
                lines.push(before, &text)?;
                next = found.next()?;
            }
            let place = u32::from_be_bytes([entry[8], entry[9], entry[10], entry[11]]);
            let unique = judge.uniques.get(place as usize);
            let fault = Fault {
                place: unique.map_or_else(String::new, |unique| place_of(&unique.path)),
                code: Some(ErrorCode::UNIQUE_VIOLATION),
                reason: format!("the same value as in row {first}: no two records may share it"),
            };
            if self.states.get(row) != State::Failed {
                self.states.set(row, State::Failed);
                self.wrong += 1;
            }
            let wrong = About {
                batch: None,
                row,
                line,
                name: "",
            };
            lines.push(row, &wrong.failed(&fault))?;
            self.shown.push(Shown { row, line, fault });
            if self.shown.len() > 2 * SHOWN {
                self.shown.sort_by_key(|shown| shown.row);
                self.shown.truncate(SHOWN);
            }
        }
        while let Some((row, text)) = next {
            lines.push(row, &text)?;
            next = found.next()?;
        }
        self.shown.sort_by_key(|shown| shown.row);
        self.shown.truncate(SHOWN);
        Ok(Checked {
            rows: self.rows,
            wrong: self.wrong,
            states: self.states,
            lines: lines.finish()?,
            shown: self.shown,
        })
    }
}

/// The rows whose values came before, sorted by their numbers: row, attribute, first row, line.
fn repeated(digests: Sorter) -> io::Result<Sorter> {
    let mut twice = Sorter::new(sorted::IN_MEMORY);
    let mut digests = digests.finish()?;
    let mut first: Option<Entry> = None;
    while let Some(entry) = digests.next()? {
        match first {
            Some(first) if first[..16] == entry[..16] => {
                let mut again = [0; size_of::<Entry>()];
                again[..8].copy_from_slice(&entry[16..24]);
                again[8..12].copy_from_slice(&entry[32..36]);
                again[12..20].copy_from_slice(&first[16..24]);
                again[20..28].copy_from_slice(&entry[24..32]);
                twice.push(again)?;
            }
            _ => first = Some(entry),
        }
    }
    Ok(twice)
}

/// Texts with the numbers of their rows, in a file without a name.
pub(super) struct Framed(BufReader<File>);

struct FramedWriter(BufWriter<File>);

impl FramedWriter {
    fn new() -> io::Result<Self> {
        Ok(Self(BufWriter::new(tempfile::tempfile()?)))
    }

    fn push(&mut self, row: u64, text: &[u8]) -> io::Result<()> {
        self.0.write_all(&row.to_be_bytes())?;
        self.0.write_all(&(text.len() as u64).to_be_bytes())?;
        self.0.write_all(text)
    }

    fn finish(self) -> io::Result<Framed> {
        let mut file = self
            .0
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Framed(BufReader::new(file)))
    }
}

impl Framed {
    /// The next text; `None` after the last.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        let mut head = [0; 16];
        match self.0.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        let part = |at: usize| {
            let bytes = head[at..at + 8].try_into();
            bytes.map(u64::from_be_bytes).unwrap_or_default()
        };
        let mut text = Vec::new();
        (&mut self.0).take(part(8)).read_to_end(&mut text)?;
        Ok(Some((part(0), text)))
    }
}
