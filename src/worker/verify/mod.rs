//! Comparing records with records: a file with a live type, two types, two files, record by record.
//!
//! ```text
//!  1  one side    ──▶ 16 bytes a record: its key's number, the number of what it says      (table)
//!  2  other side  ──▶ the same? differs (kept aside)? extra?
//!  3  one side again, only if something differs or is missing: where, and what is missing  (same)
//! ```
//!
//! Records belong together by their `uuid`, or by another attribute that tells them apart. Memory is 16 bytes for each
//! record of the first side and what differs is kept in a file of its own that nobody else can open. What the rules of
//! being the same are is told in `same`.

pub mod findings;
mod same;
mod sides;
mod table;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::path::PathBuf;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::capture::json::Json;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::worker::job::JobError;
use crate::worker::job::Progress;
use crate::worker::services::Services;
use crate::worker::services::blocking;
use crate::worker::stream::Pace;
use crate::worker::verify::findings::Finding;
use crate::worker::verify::findings::Findings;
use crate::worker::verify::findings::Known;
use crate::worker::verify::findings::Veil;
use crate::worker::verify::findings::What;
use crate::worker::verify::same::Rules;
use crate::worker::verify::sides::Opened;
use crate::worker::verify::sides::Takes;
use crate::worker::verify::table::Met;
use crate::worker::verify::table::Table;

/// What is to be compared, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verify {
    /// What is as it should be.
    pub one: Side,
    /// What is compared with it.
    pub other: Side,
    /// The attribute by which records belong together; `uuid` when it is not said, or `id` where an export has none. With
    /// another than these two the records are taken for copies: what each service gives itself does not count.
    pub key: Option<String>,
    /// Only records that match, of a live type. As the file's manifest says when nothing is said here.
    pub filter: Option<String>,
    /// A file for all that was found; it must not exist.
    pub report: Option<PathBuf>,
    /// Whether personal values are told; passwords never are.
    pub unmasked: bool,
    /// How hard the service is asked.
    pub pace: Pace,
}

/// Records to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// A file: NDJSON, JSON or CSV, packed or not.
    File(PathBuf),
    /// A live type.
    Type {
        /// The environment; the one at hand when it is not said.
        environment: Option<String>,
        /// The type's name.
        name: String,
    },
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// The attribute by which records belonged together.
    pub key: String,
    /// How many records each side has.
    pub records: [u64; 2],
    /// How many say the same.
    pub same: u64,
    /// How many only the first side has.
    pub missing: u64,
    /// How many only the other side has.
    pub extra: u64,
    /// How many say something else.
    pub different: u64,
    /// How many of each side cannot be compared: no key, or no record at all.
    pub unusable: [u64; 2],
    /// How many keys several records of the first side have.
    pub shared_keys: u64,
    /// Whether a file is not the one that its manifest was written for.
    pub broken: Vec<PathBuf>,
    /// The first of all that was found.
    pub examples: Vec<Finding>,
    /// The report.
    pub report: Option<PathBuf>,
}

impl Verified {
    /// Whether both sides have the same records.
    pub fn is_same(&self) -> bool {
        self.missing + self.extra + self.different == 0
            && self.unusable == [0, 0]
            && self.broken.is_empty()
    }
}

/// Compares. Needs a tokio runtime with its timer.
pub(super) async fn verify<P: Fn(Progress)>(
    work: Verify,
    services: &Services,
    progress: &P,
    cancel: &CancellationToken,
) -> Result<Verified, JobError> {
    let mut one = Opened::open(&work.one, services).await?;
    let mut other = Opened::open(&work.other, services).await?;
    one.learn_from(&other);
    other.learn_from(&one);
    let key = work.key.unwrap_or_else(|| {
        let has_uuids = one.has_uuids() && other.has_uuids();
        if has_uuids { "uuid" } else { "id" }.to_owned()
    });
    let asked = sides::Asked {
        key: &key,
        filter: work.filter.as_deref(),
        pace: &work.pace,
        progress,
        cancel,
    };
    let schema = match one.schema(&asked).await? {
        Some(schema) => Some(schema),
        None => other.schema(&asked).await?,
    };
    let mut rules = Rules::new(schema.clone(), Timestamp::now());
    if !matches!(key.as_str(), "uuid" | "id") {
        rules = rules.of_copies();
    }
    let veil = Veil::new(schema.as_deref(), work.unmasked);
    let mut verified = Verified {
        key: key.clone(),
        ..Verified::default()
    };
    verified.broken.extend(one.is_broken().await?);
    verified.broken.extend(other.is_broken().await?);
    let findings = Findings::begin(work.report.clone()).map_err(JobError::Failed)?;
    let key = Key {
        name: key.clone(),
        rules: rules.clone(),
    };

    let first = First {
        key: key.clone(),
        entries: Vec::new(),
        unusable: Vec::new(),
    };
    let first = one.hand_to(first, schema.as_ref(), &asked).await?;
    verified.records[0] = first.entries.len() as u64 + first.unusable.len() as u64;
    verified.unusable[0] = first.unusable.len() as u64;
    let entries = first.entries;
    let table = blocking(move || Table::new(entries)).await;
    verified.shared_keys = table.shared_keys();

    let second = Second {
        key: key.clone(),
        table,
        aside: Aside::new().map_err(|error| JobError::Failed(aside_failed(&error)))?,
        differing: Vec::new(),
        records: 0,
        same: 0,
        extra: 0,
        unusable: 0,
        findings,
    };
    let mut second = other.hand_to(second, schema.as_ref(), &asked).await?;
    for place in first.unusable {
        second
            .findings
            .add(place.finding(0))
            .map_err(JobError::Failed)?;
    }
    verified.records[1] = second.records;
    verified.same = second.same;
    verified.extra = second.extra;
    verified.unusable[1] = second.unusable;
    verified.different = second.differing.len() as u64;
    let missing = second.table.not_met();
    verified.missing = missing.len() as u64;
    let mut findings = second.findings;

    if !(missing.is_empty() && second.differing.is_empty()) {
        let mut differing = second.differing;
        differing.sort_unstable();
        let third = Third {
            key,
            missing: missing.into_iter().map(|key| (key, false)).collect(),
            differing,
            aside: second.aside,
            veil,
            findings,
        };
        findings = one.hand_to(third, schema.as_ref(), &asked).await?.findings;
    }
    let (examples, report) = blocking(move || findings.finish())
        .await
        .map_err(JobError::Failed)?;
    verified.examples = examples;
    verified.report = report;
    one.close(progress).await;
    other.close(progress).await;
    Ok(verified)
}

/// By what records belong together.
#[derive(Clone)]
struct Key {
    name: String,
    rules: Rules,
}

impl Key {
    /// The text of a record's key; `None` when it has none.
    fn text(&self, record: &Json) -> Option<String> {
        let value = self
            .name
            .split('.')
            .try_fold(record, |value, name| value.get(name))?;
        match value {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

/// A record that cannot be compared.
struct Unusable {
    known: Known,
    why: String,
}

impl Unusable {
    fn finding(self, side: usize) -> Finding {
        Finding {
            what: What::Unusable {
                side,
                why: self.why,
            },
            known: self.known,
            differences: Vec::new(),
        }
    }
}

/// The first pass: one side as numbers.
struct First {
    key: Key,
    entries: Vec<(u64, u64)>,
    unusable: Vec<Unusable>,
}

/// How many records that cannot be compared are remembered one by one.
const UNUSABLE: usize = 100_000;

impl Takes for First {
    fn record(&mut self, record: Json) -> Result<(), Failure> {
        match self.key.text(&record) {
            Some(key) => {
                let key = self.key.rules.number_of(&key);
                self.entries.push((key, self.key.rules.number(&record)));
                Ok(())
            }
            None => self.unusable(Known::of(&record), no_key(&self.key.name)),
        }
    }

    fn unusable(&mut self, known: Known, why: String) -> Result<(), Failure> {
        if self.unusable.len() >= UNUSABLE {
            return Err(Failure::new(
                FailureKind::Usage,
                format!("more than {UNUSABLE} records cannot be compared: {why}"),
            ));
        }
        self.unusable.push(Unusable { known, why });
        Ok(())
    }
}

fn no_key(name: &str) -> String {
    format!("it has no `{name}`")
}

/// The second pass: the other side against the numbers.
struct Second {
    key: Key,
    table: Table,
    aside: Aside,
    /// The keys of records that differ, and where they are kept aside.
    differing: Vec<(u64, Kept)>,
    records: u64,
    same: u64,
    extra: u64,
    unusable: u64,
    findings: Findings,
}

impl Takes for Second {
    fn record(&mut self, record: Json) -> Result<(), Failure> {
        let Some(key) = self.key.text(&record) else {
            return self.unusable(Known::of(&record), no_key(&self.key.name));
        };
        self.records += 1;
        let key = self.key.rules.number_of(&key);
        match self.table.meet(key, self.key.rules.number(&record)) {
            Met::Same => self.same += 1,
            Met::Other => {
                let kept = self.aside.keep(&record.to_string());
                let kept = kept.map_err(|error| aside_failed(&error))?;
                self.differing.push((key, kept));
            }
            Met::Nothing => {
                self.extra += 1;
                self.findings.add(Finding {
                    what: What::Extra,
                    known: Known::of(&record),
                    differences: Vec::new(),
                })?;
            }
        }
        Ok(())
    }

    fn unusable(&mut self, known: Known, why: String) -> Result<(), Failure> {
        self.records += 1;
        self.unusable += 1;
        self.findings.add(Unusable { known, why }.finding(1))
    }
}

/// The third pass: what is missing, and where records differ.
struct Third {
    key: Key,
    /// The keys of those that are missing, ascending, and whether each was told.
    missing: Vec<(u64, bool)>,
    differing: Vec<(u64, Kept)>,
    aside: Aside,
    veil: Veil,
    findings: Findings,
}

impl Third {
    /// Whether a record with this key is missing that was not told yet: of several with one key so many are told as are
    /// missing.
    fn is_missing(&mut self, key: u64) -> bool {
        let from = self.missing.partition_point(|entry| entry.0 < key);
        let with_key = self.missing[from..]
            .iter_mut()
            .take_while(|entry| entry.0 == key);
        let not_told = with_key.into_iter().find(|entry| !entry.1);
        not_told.map(|entry| entry.1 = true).is_some()
    }
}

impl Takes for Third {
    fn record(&mut self, record: Json) -> Result<(), Failure> {
        let Some(key) = self.key.text(&record) else {
            return Ok(());
        };
        let key = self.key.rules.number_of(&key);
        if self.is_missing(key) {
            return self.findings.add(Finding {
                what: What::Missing,
                known: Known::of(&record),
                differences: Vec::new(),
            });
        }
        let Ok(at) = self.differing.binary_search_by_key(&key, |entry| entry.0) else {
            return Ok(());
        };
        let other = self.aside.read(self.differing[at].1);
        let other = other.map_err(|error| aside_failed(&error))?;
        let other = Json::parse(&other).unwrap_or_default();
        let differences = self.key.rules.differences(&record, &other);
        self.findings.add(Finding {
            what: What::Different,
            known: Known::of(&record),
            differences: self.veil.told(differences),
        })
    }

    fn unusable(&mut self, _: Known, _: String) -> Result<(), Failure> {
        // Told before.
        Ok(())
    }
}

/// A file without a name for what is kept aside.
struct Aside {
    out: BufWriter<File>,
    length: u64,
}

/// Where something is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    from: u64,
    length: u32,
}

impl Aside {
    fn new() -> io::Result<Self> {
        Ok(Self {
            out: BufWriter::new(tempfile::tempfile()?),
            length: 0,
        })
    }

    fn keep(&mut self, text: &str) -> io::Result<Kept> {
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        self.out.write_all(text.as_bytes())?;
        let kept = Kept {
            from: self.length,
            length,
        };
        self.length += u64::from(length);
        Ok(kept)
    }

    fn read(&mut self, kept: Kept) -> io::Result<String> {
        self.out.flush()?;
        let file = self.out.get_mut();
        file.seek(SeekFrom::Start(kept.from))?;
        let mut text = String::new();
        file.take(u64::from(kept.length))
            .read_to_string(&mut text)?;
        Ok(text)
    }
}

fn aside_failed(error: &io::Error) -> Failure {
    let message = "what differs could not be kept aside in a temporary file";
    Failure::new(FailureKind::Internal, message).because(error)
}
