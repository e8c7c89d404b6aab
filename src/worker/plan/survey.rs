//! What a plan would meet in the records: the plan is carried out on each of them in memory, step by step, and each step
//! is judged as the service would judge it. One pass over the records does for all steps; what is remembered of one is
//! at most the digests of values that must be unique. Nothing is written.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::slice;

use jiff::Timestamp;
use sha2::Digest;
use sha2::Sha256;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::plan;
use crate::capture::schema::plan::Action;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::validate;
use crate::capture::validate::Mode;
use crate::capture::validate::Violation;
use crate::capture::value;
use crate::worker::job::JobError;
use crate::worker::plan::Broken;
use crate::worker::plan::Calls;
use crate::worker::plan::EXAMPLES;
use crate::worker::plan::Finding;
use crate::worker::plan::StepProgress;
use crate::worker::plan::Survey;
use crate::worker::plan::Work;
use crate::worker::plan::pages;
use crate::worker::plan::pages::Pages;
use crate::worker::plan::values;
use crate::worker::plan::values::Carrier;

/// Looks at every record that this client can read. `now` decides what relative dates mean. A plan that creates its type
/// meets no records, and no call is made.
pub async fn survey(
    work: &Work,
    now: Timestamp,
    calls: &mut impl Calls,
) -> Result<Survey, JobError> {
    let mut trial = Trial::new(work, now);
    let Some(stored) = &work.stored else {
        return Ok(trial.survey(0));
    };
    let of_records = pages::count(&stored.name, calls).await?;
    if let (false, Some(records)) = (trial.looks(), of_records) {
        return Ok(trial.survey(records));
    }
    let mut records = 0;
    let mut progress = StepProgress {
        at: 0,
        of: work.plan.steps.len(),
        records,
        of_records,
    };
    calls.tell(progress.clone());
    let mut pages = Pages::of(stored, &trial.needs(stored));
    loop {
        let page = pages.next(calls).await?;
        if page.is_empty() {
            return Ok(trial.survey(records));
        }
        for (id, record) in &page {
            trial.judge(*id, record);
            records += 1;
        }
        progress.records = records;
        calls.tell(progress.clone());
    }
}

/// A plan that is tried on one record after the other.
pub(super) struct Trial {
    looks: Vec<Look>,
    findings: Vec<Finding>,
    now: Timestamp,
}

/// How a step looks at a record.
enum Look {
    /// Not at all.
    Away,
    /// Whether a value would be gone.
    Remove {
        path: AttrPath,
        /// The schema as it is before.
        schema: EntityType,
        /// What was copied from the attribute before.
        copied: Option<Carrier>,
    },
    /// Whether the value holds the constraints.
    Hold(Judge),
    /// Whether the copy of the value can be written.
    Copy(Carrier, Judge),
}

impl Trial {
    /// Nothing is tried yet.
    pub(super) fn new(work: &Work, now: Timestamp) -> Self {
        let looks = match &work.stored {
            Some(stored) => looks(stored, &work.plan),
            None => work.plan.steps.iter().map(|_| Look::Away).collect(),
        };
        Self {
            findings: looks.iter().map(|_| Finding::default()).collect(),
            looks,
            now,
        }
    }

    /// Whether any record has to be looked at.
    fn looks(&self) -> bool {
        self.looks.iter().any(|look| !matches!(look, Look::Away))
    }

    fn survey(self, records: u64) -> Survey {
        Survey {
            records,
            findings: self.findings,
        }
    }

    /// The stored attributes that the steps look at, none of them inside another.
    fn needs(&self, stored: &EntityType) -> Vec<AttrPath> {
        let mut paths: Vec<AttrPath> = self
            .looks
            .iter()
            .filter_map(|look| match look {
                Look::Away => None,
                Look::Remove { path, .. } => Some(path.clone()),
                Look::Hold(judge) => Some(judge.path.clone()),
                Look::Copy(carrier, _) => Some(AttrPath::root().child(&carrier.from.name)),
            })
            .filter(|path| stored.get(path).is_some())
            .collect();
        paths.sort();
        paths.dedup();
        let all = paths.clone();
        paths.retain(|path| {
            !all.iter()
                .any(|other| other != path && path.starts_with(other))
        });
        paths
    }

    /// Carries the plan out on a record, and notes what each step meets. Returns what becomes of the record.
    pub(super) fn judge(&mut self, id: i64, record: &Json) -> Json {
        let uuid = record.get("uuid").and_then(Json::as_str);
        let mut record = record.clone();
        for (look, finding) in self.looks.iter_mut().zip(&mut self.findings) {
            let violation = match look {
                Look::Away => None,
                Look::Remove {
                    path,
                    schema,
                    copied,
                } => {
                    if values::is_value_at(&record, &schema.attr_defs, &path.0) {
                        let value = record.get(path.name().unwrap_or_default());
                        let is_carried = copied.as_ref().zip(value);
                        if is_carried.is_some_and(|(carrier, value)| carrier.carries_all(value)) {
                            finding.copied += 1;
                        } else {
                            finding.lost += 1;
                        }
                    }
                    values::take_out(&mut record, &path.0);
                    None
                }
                Look::Hold(judge) => judge.violation(id, &record, self.now),
                Look::Copy(carrier, judge) => {
                    let value = record.get(&carrier.from.name);
                    match value.filter(|value| values::is_value(value, &carrier.from)) {
                        None => None,
                        Some(value) => {
                            finding.copied += 1;
                            let copy = carrier.carry(value);
                            // All that is sent is judged, whether the schema knows it or not.
                            let part = [(carrier.to.name.as_str(), copy.clone())];
                            let part: Json = part.into_iter().collect();
                            if let Some(members) = record.as_object_mut() {
                                members.insert(carrier.to.name.clone(), carrier.stored(copy));
                            }
                            let violation = judge.of_part(id, &part, self.now);
                            violation.map(|violation| Violation {
                                path: carrier.origin(&violation.path),
                                ..violation
                            })
                        }
                    }
                }
            };
            if let Some(violation) = violation {
                finding.broken += 1;
                if finding.examples.len() < EXAMPLES {
                    finding.examples.push(Broken {
                        id,
                        uuid: uuid.map(str::to_owned),
                        path: violation.path,
                        code: violation.code,
                        reason: violation.reason,
                    });
                }
            }
        }
        record
    }
}

/// How each step looks at a record.
fn looks(stored: &EntityType, whole: &SchemaPlan) -> Vec<Look> {
    let mut schema = stored.clone();
    let mut copies: HashMap<AttrPath, Carrier> = HashMap::new();
    let mut looks = Vec::with_capacity(whole.steps.len());
    for step in &whole.steps {
        let before = schema;
        schema = plan::after(&before, step);
        looks.push(match &step.action {
            Action::Add(def) if requires(def) => Look::Hold(Judge::of_constraints(
                &schema,
                &step.path,
                slice::from_ref(&Constraint::Required),
            )),
            Action::Create(_)
            | Action::Add(_)
            | Action::SetDescription { .. }
            | Action::RemoveProperty(_)
            | Action::AddProperty(_) => Look::Away,
            Action::Remove => Look::Remove {
                path: step.path.clone(),
                schema: values::only(&before, &step.path),
                copied: copies.remove(&step.path),
            },
            Action::SetConstraints { before, after } => {
                let added: Vec<Constraint> = after
                    .iter()
                    .filter(|constraint| !before.contains(constraint))
                    .cloned()
                    .collect();
                if added.is_empty() {
                    Look::Away
                } else {
                    Look::Hold(Judge::of_constraints(&schema, &step.path, &added))
                }
            }
            Action::CopyValues { to, renamed } => match (schema.get(&step.path), schema.get(to)) {
                (Some(from), Some(other)) => {
                    let carrier = Carrier::new(from.clone(), other.clone(), renamed);
                    copies.insert(step.path.clone(), carrier.clone());
                    Look::Copy(carrier, Judge::of_values(&schema, to))
                }
                // A plan whose attributes are not there copies nothing.
                _ => Look::Away,
            },
        });
    }
    looks
}

/// Judges one attribute of records, one record after the other.
struct Judge {
    path: AttrPath,
    /// Nothing but the attribute.
    schema: EntityType,
    /// Whether only constraints are judged: what is stored was checked when it came, and a stored password need not
    /// look like one that comes.
    constraints_alone: bool,
    /// Whether the values are judged one by one.
    each: bool,
    /// Whether values must be unique across all records.
    unique: bool,
    /// The records that had the values so far, by digests of attribute and value.
    seen: HashMap<[u8; 16], i64>,
}

impl Judge {
    /// Judges as a service does that is told to add these constraints: what is unique by the whole, the rest one by one.
    fn of_constraints(schema: &EntityType, path: &AttrPath, added: &[Constraint]) -> Self {
        Self {
            path: path.clone(),
            schema: values::only(schema, path),
            constraints_alone: true,
            each: added
                .iter()
                .any(|constraint| *constraint != Constraint::Unique),
            unique: added.contains(&Constraint::Unique),
            seen: HashMap::new(),
        }
    }

    /// Judges as a service does that is sent the values.
    fn of_values(schema: &EntityType, path: &AttrPath) -> Self {
        Self {
            path: path.clone(),
            schema: values::only(schema, path),
            constraints_alone: false,
            each: true,
            unique: true,
            seen: HashMap::new(),
        }
    }

    /// The first thing that is wrong with the attribute in this record.
    fn violation(&mut self, id: i64, record: &Json, now: Timestamp) -> Option<Violation> {
        let part = values::without_ids(record, &self.schema.attr_defs);
        self.of_part(id, &part, now)
    }

    /// The first thing that is wrong with a record that has nothing but the attribute.
    fn of_part(&mut self, id: i64, part: &Json, now: Timestamp) -> Option<Violation> {
        let wrong = self.each.then(|| self.wrong(part, now)).flatten();
        // Looked at in any case: the value of this record is in the way of the next.
        let twice = self.unique.then(|| self.twice(id, part)).flatten();
        wrong.or(twice)
    }

    fn wrong(&self, part: &Json, now: Timestamp) -> Option<Violation> {
        // On create all that is absent counts as null, and so it does in what is stored.
        let mode = if self.constraints_alone {
            Mode::Create
        } else {
            Mode::Update
        };
        let violations = validate::validate(part, &self.schema, mode, now);
        violations
            .into_iter()
            .find(|violation| !self.constraints_alone || is_of_constraint(violation.code))
    }

    /// The first value that another record, or another element of this one, had before.
    fn twice(&mut self, id: i64, part: &Json) -> Option<Violation> {
        let mut twice = None;
        let seen = &mut self.seen;
        let mut visit = |path: AttrPath, def: &AttrDef, value: &Json| {
            if !def.has(&Constraint::Unique) {
                return;
            }
            let Some(key) = value::unique_key(value, def) else {
                return;
            };
            match seen.entry(digest(&path, &key)) {
                Entry::Vacant(entry) => {
                    entry.insert(id);
                }
                Entry::Occupied(entry) => {
                    twice.get_or_insert((path, *entry.get()));
                }
            }
        };
        let defs = &self.schema.attr_defs;
        values::each_value(part, defs, &AttrPath::root(), &mut visit);
        twice.map(|(path, first)| Violation {
            path,
            code: ErrorCode::UNIQUE_VIOLATION,
            reason: if first == id {
                "another element has the same value: no two may share it".to_owned()
            } else {
                format!("record {first} has the same value: no two may share it")
            },
        })
    }
}

fn is_of_constraint(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::CONSTRAINT_VIOLATION
            | ErrorCode::UNIQUE_VIOLATION
            | ErrorCode::MISSING_REQUIRED_ATTRIBUTE
    )
}

/// What stands for a value of an attribute: of ten million values, no two different ones are likely to share it.
fn digest(path: &AttrPath, key: &str) -> [u8; 16] {
    let mut digest = Sha256::new();
    digest.update(path.dotted());
    digest.update([0]);
    digest.update(key);
    let whole = digest.finalize();
    std::array::from_fn(|at| whole[at])
}

/// Whether every record would need a value for the attribute or for something in it; elements there are none yet.
fn requires(def: &AttrDef) -> bool {
    let inner = match &def.attr_type {
        AttrType::Object(inner) => inner.as_slice(),
        _ => &[],
    };
    def.has(&Constraint::Required) || inner.iter().any(requires)
}
