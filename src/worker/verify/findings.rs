//! What a comparison finds, and the report of it: a JSON object a line, with personal values masked unless they are asked
//! for. Passwords are never told.

use std::io::Write;
use std::path::PathBuf;

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::redact::personal::Defined;
use crate::capture::schema::EntityType;
use crate::capture::secret::MASK;
use crate::config::paths::from_home;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::files::NewFile;
use crate::worker::verify::same::Difference;

/// How many findings are told beside the report.
const EXAMPLES: usize = 20;

/// Something that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub what: What,
    /// The record that it is about: of the first side, unless only the other has it.
    pub known: Known,
    /// Where the records differ, masked.
    pub differences: Vec<Told>,
}

/// What is found of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Only the first side has it.
    Missing,
    /// Only the other side has it.
    Extra,
    /// It says something else on the other side.
    Different,
    /// It cannot be compared.
    Unusable {
        /// Of which side it is: 0 or 1.
        side: usize,
        /// Why not.
        why: String,
    },
}

/// What a record is known by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub id: Option<i64>,
    /// Its uuid.
    pub uuid: Option<String>,
}

impl Known {
    /// What is known of a record.
    pub(super) fn of(record: &Json) -> Self {
        Self {
            id: record.get("id").and_then(Json::as_i64),
            uuid: record.get("uuid").and_then(Json::as_str).map(str::to_owned),
        }
    }
}

/// A place where two records differ, as it may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where.
    pub path: AttrPath,
    /// What stands there on each side, JSON or a mask; `None` where nothing does.
    pub values: [Option<String>; 2],
}

impl Finding {
    /// As it stands in the report.
    pub fn to_json(&self) -> Json {
        let (word, side, why) = match &self.what {
            What::Missing => ("missing", None, None),
            What::Extra => ("extra", None, None),
            What::Different => ("different", None, None),
            What::Unusable { side, why } => ("unusable", Some(side + 1), Some(why)),
        };
        let value = |value: &Option<String>| value.as_deref().map_or(Json::Null, Json::from);
        let differences = self.differences.iter().map(|told| {
            let place: [(&str, Json); 3] = [
                ("path", told.path.to_string().into()),
                ("one", value(&told.values[0])),
                ("other", value(&told.values[1])),
            ];
            place.into_iter().collect()
        });
        let differences: Vec<Json> = differences.collect();
        [
            ("found", Some(word.into())),
            ("id", self.known.id.map(Json::from)),
            ("uuid", self.known.uuid.as_deref().map(Json::from)),
            ("side", side.map(|side| Json::from(side as i64))),
            ("why", why.map(|why| why.as_str().into())),
            (
                "differences",
                (!differences.is_empty()).then_some(Json::Array(differences)),
            ),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

/// Gathers what is found.
pub(super) struct Findings {
    examples: Vec<Finding>,
    report: Option<(PathBuf, NewFile)>,
}

impl Findings {
    /// Begins, with a report in a file that must not exist.
    pub(super) fn begin(report: Option<PathBuf>) -> Result<Self, Failure> {
        let report = report.map(|file| {
            let file = file.to_str().map_or_else(|| file.clone(), from_home);
            let out = NewFile::begin(&file).map_err(|error| not_written(&file, &error))?;
            Ok((file, out))
        });
        Ok(Self {
            examples: Vec::new(),
            report: report.transpose()?,
        })
    }

    pub(super) fn add(&mut self, finding: Finding) -> Result<(), Failure> {
        if let Some((file, out)) = &mut self.report {
            let line = format!("{}\n", finding.to_json());
            out.write_all(line.as_bytes())
                .map_err(|error| not_written(file, &error))?;
        }
        if self.examples.len() < EXAMPLES {
            self.examples.push(finding);
        }
        Ok(())
    }

    /// The first of them, and the report in its place.
    pub(super) fn finish(self) -> Result<(Vec<Finding>, Option<PathBuf>), Failure> {
        let Some((file, out)) = self.report else {
            return Ok((self.examples, None));
        };
        out.finish().map_err(|error| not_written(&file, &error))?;
        Ok((self.examples, Some(file)))
    }
}

fn not_written(file: &std::path::Path, error: &std::io::Error) -> Failure {
    let message = format!("the report {} could not be written", file.display());
    Failure::new(FailureKind::Usage, message).because(error)
}

/// What may be told of values.
pub(super) struct Veil {
    personal: Option<Defined>,
    secret_names: Vec<String>,
}

impl Veil {
    pub(super) fn new(schema: Option<&EntityType>, unmasked: bool) -> Self {
        let mut personal = Defined::default();
        if let Some(schema) = schema {
            personal.learn(schema);
        }
        Self {
            personal: (!unmasked).then_some(personal),
            secret_names: schema.map(EntityType::password_names).unwrap_or_default(),
        }
    }

    pub(super) fn told(&self, differences: Vec<Difference>) -> Vec<Told> {
        let told = differences.into_iter().map(|difference| Told {
            values: difference
                .values
                .map(|value| value.map(|value| self.value(&value, &difference.path))),
            path: difference.path,
        });
        told.collect()
    }

    /// A value as JSON, or what stands for it. What holds others, of which some may be personal, is only told by its kind.
    fn value(&self, value: &Json, path: &AttrPath) -> String {
        let mut names = path.0.iter().map(|segment| &segment.name);
        if names.any(|name| self.secret_names.contains(name) || name.contains("assword")) {
            return MASK.to_owned();
        }
        let Some(personal) = &self.personal else {
            return self.without_secrets(value).to_string();
        };
        let kind = path
            .0
            .iter()
            .find_map(|segment| personal.kind(&segment.name));
        match (kind, value) {
            (_, Json::Null) => "null".to_owned(),
            (Some(kind), _) => format!("‹{}›", kind.word()),
            (None, Json::Object(_) | Json::Array(_)) => format!("‹{}›", value.kind()),
            (None, value) => value.to_string(),
        }
    }

    /// Recursion is bounded by the reader's limit.
    fn without_secrets(&self, value: &Json) -> Json {
        match value {
            Json::Object(members) => members
                .iter()
                .map(|(name, value)| {
                    let value = if self.secret_names.contains(name) {
                        MASK.into()
                    } else {
                        self.without_secrets(value)
                    };
                    (name.clone(), value)
                })
                .collect(),
            Json::Array(items) => Json::Array(
                items
                    .iter()
                    .map(|item| self.without_secrets(item))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
}
