//! Handing calls over: brings together the exchanges and what is known around them, and puts what
//! [`crate::handover`] makes of them into a file or into the hands of whoever asked. Nothing is sent: a schema that is not at
//! hand is looked for in the history, never at the service.

use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::capture::endpoint::Endpoint;
use crate::capture::path::AttrPath;
use crate::capture::redact::sharing::Sharing;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::capture::secret::Secret;
use crate::config::environment::Environment;
use crate::config::paths::from_home;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::handover::HandoverError;
use crate::handover::Here;
use crate::handover::Item;
use crate::handover::format::Format;
use crate::handover::write;
use crate::history::query::Condition;
use crate::history::query::Page;
use crate::history::query::Query;
use crate::history::store::History;
use crate::worker::job::Output;
use crate::worker::plan::export;

/// What is to be handed over, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOver {
    /// The calls.
    pub calls: Calls,
    /// The attribute that the error of a shown call is about, where that is known.
    pub about: Option<AttrPath>,
    /// The schemas at hand.
    pub schemas: Vec<Arc<EntityType>>,
    /// The format.
    pub format: Format,
    /// Whether personal data is masked.
    pub sharing: Sharing,
    /// The file, which must not exist; packed if its name ends with `.gz`. `None` for the text alone.
    pub file: Option<PathBuf>,
}

/// Which calls.
#[derive(Clone, Debug)]
pub enum Calls {
    /// One that is at hand.
    Shown(Arc<Exchange>),
    /// Those of the history, in this order.
    Kept(Vec<ExchangeId>),
}

/// Two calls at hand are the same when they are one.
impl PartialEq for Calls {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Shown(one), Self::Shown(other)) => Arc::ptr_eq(one, other),
            (Self::Kept(one), Self::Kept(other)) => one == other,
            (Self::Shown(_), Self::Kept(_)) | (Self::Kept(_), Self::Shown(_)) => false,
        }
    }
}

impl Eq for Calls {}

/// Puts an exchange together with what is known around it: its environment as it is configured, and a schema.
pub(super) fn item(
    exchange: Arc<Exchange>,
    environment: Option<&Environment>,
    schema: Option<Arc<EntityType>>,
    about: Option<AttrPath>,
) -> Item {
    let features = environment.and_then(|environment| environment.features.as_deref());
    let client = features.map(|features| {
        let names: Vec<&str> = features.iter().map(|feature| feature.name()).collect();
        names.join(", ")
    });
    Item {
        class: environment.map(|environment| environment.class.name().to_owned()),
        client: client.filter(|client| !client.is_empty()),
        exchange,
        schema,
        about,
    }
}

/// The schema that `exchange` is about: one of those at hand, when it was made where they are from, else the newest that
/// the history has of that environment.
pub(super) fn schema_of(
    exchange: &Exchange,
    at_hand: &[Arc<EntityType>],
    history: Option<&History>,
) -> Option<Arc<EntityType>> {
    let name = exchange.request.args.get("type_name")?;
    let known = at_hand
        .iter()
        .find(|schema| schema.name == name)
        .map(Arc::clone);
    known.or_else(|| kept_schema(history?, &exchange.environment, name).map(Arc::new))
}

/// How many answers that show a type are looked at: all but the first are errors.
const LOOKED_AT: usize = 20;

/// The newest schema of a type that the history has of an environment.
pub(super) fn kept_schema(
    history: &History,
    environment: &str,
    type_name: &str,
) -> Option<EntityType> {
    let query = Query::only(Condition::Operation(vec![Endpoint::TypeView]))
        .and(Condition::Environment(vec![environment.to_owned()]))
        .and(Condition::Type(vec![type_name.to_owned()]));
    let views = history.list(&query, Page::newest(LOOKED_AT)).ok()?;
    views
        .iter()
        .find_map(|row| match history.get(row.id).ok()??.answer()? {
            Answer::Ok(json) => EntityType::from_json(json).ok().map(|(schema, _)| schema),
            Answer::Error(_) | Answer::NotCapture(_) => None,
        })
}

/// Writes the items, and puts that where `work` says. Blocks.
pub fn hand_over(work: &HandOver, items: &[Item], here: &Here) -> Result<Output, Failure> {
    let bytes = write(work.format, items, work.sharing, here).map_err(|error| refused(&error))?;
    let Some(file) = &work.file else {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        return Ok(Output::HandedOver(Secret::new(text)));
    };
    let file = file.to_str().map_or_else(|| file.clone(), from_home);
    // Whole, so that people find it.
    let file = std::path::absolute(&file).unwrap_or(file);
    export::write(&file, packed(&file, bytes)?)?;
    Ok(Output::Written {
        file,
        records: None,
    })
}

fn refused(error: &HandoverError) -> Failure {
    let kind = match error {
        HandoverError::Nothing => FailureKind::NotFound,
        HandoverError::NoRecords => FailureKind::Usage,
        HandoverError::Write(_) => FailureKind::Internal,
    };
    Failure::new(kind, error.to_string())
}

/// The bytes as the name of the file wants them.
fn packed(file: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
    if file.extension().is_none_or(|ending| ending != "gz") {
        return Ok(bytes);
    }
    let pack = || {
        let mut out = GzEncoder::new(Vec::new(), Compression::default());
        out.write_all(&bytes)?;
        out.finish()
    };
    pack().map_err(|error: std::io::Error| {
        Failure::new(FailureKind::Internal, "it could not be packed").because(error)
    })
}
