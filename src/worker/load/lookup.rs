//! Looking for the records of rows by their unique values: whether they are there, and whether this load made them.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::compare::is_nothing;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::filter::completion::quote;
use crate::capture::filter::completion::spell;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::value;
use crate::capture::value::date;
use crate::record_file::read::Fault;
use crate::worker::again::Asking;
use crate::worker::again::Reading;
use crate::worker::job::JobError;
use crate::worker::job::Progress;
use crate::worker::load::check;
use crate::worker::load::check::Judge;
use crate::worker::load::send::Sending;
use crate::worker::load::send::Stop;

/// How many records are looked for in one call: a filter must not become too long.
const AT_ONCE: usize = 50;

/// What was found of a row.
pub(super) enum Found {
    /// Its record, made since the load began, with all that the row says.
    Ours {
        id: String,
        uuid: String,
        /// When it was made; `None` where somebody may have changed it since.
        made: Option<Timestamp>,
    },
    /// Another record with the same value.
    Taken(Fault),
    /// The row has no unique value: it cannot be looked for.
    NoKey,
}

/// A value by which a record is looked for.
struct Wanted {
    /// Which of the rows.
    at: usize,
    path: AttrPath,
    def: AttrDef,
    /// Its text in a comparison.
    key: String,
    condition: String,
}

/// What is there of the rows `open`; those that are not found are left out.
pub(super) async fn look<P: Fn(Progress)>(
    sending: &Sending<'_, P>,
    records: &[Json],
    open: Vec<usize>,
) -> Result<Vec<(usize, Found)>, Stop> {
    let mut found = Vec::new();
    let mut wanted = Vec::new();
    for at in open {
        let record = records.get(at);
        match record.and_then(|it| wanted_of(sending.judge, &sending.judge.transformed(it), at)) {
            Some(one) => wanted.push(one),
            None => found.push((at, Found::NoKey)),
        }
    }
    for some in wanted.chunks(AT_ONCE) {
        if !sending.pace.turn(sending.cancel).await {
            return Err(Stop::Cancelled);
        }
        let conditions: Vec<&str> = some.iter().map(|one| one.condition.as_str()).collect();
        let request = ApiRequest::new(Endpoint::EntityFind)
            .with("type_name", sending.judge.schema().name.as_str())
            .with("filter", conditions.join(" or "))
            .with("max_results", (2 * AT_ONCE).to_string())
            .with("sort_on", "[]")
            .hiding(sending.secret_names.iter().cloned());
        let exchange = sending.asking.ask(&request, Reading::Whole).await?;
        let Some(Answer::Ok(answer)) = exchange.answer() else {
            return Err(JobError::Exchange(exchange).into());
        };
        let stored = answer.get("results").and_then(Json::as_array);
        let Some(stored) = stored else {
            return Err(JobError::Exchange(exchange).into());
        };
        let places: HashMap<(&AttrPath, &str), &Wanted> = some
            .iter()
            .map(|one| ((&one.path, one.key.as_str()), one))
            .collect();
        for stored in stored {
            for one in some {
                let key =
                    member(stored, &one.path).and_then(|value| key(sending.judge, value, &one.def));
                let Some(key) = key else { continue };
                let Some(meant) = places.get(&(&one.path, key.as_str())) else {
                    continue;
                };
                if meant.at == one.at {
                    found.push((one.at, judged(sending, &records[one.at], stored, one)));
                    break;
                }
            }
        }
    }
    Ok(found)
}

/// The first unique value of a record, as rules leave it, that can be written in a filter.
fn wanted_of(judge: &Judge, record: &Json, at: usize) -> Option<Wanted> {
    judge.keys(record).find_map(|(path, def, value)| {
        let name = spell(path)?;
        let canonical = value::read(value, def, judge.now()).ok()?;
        let literal = match &canonical {
            Json::String(text) => quote(text),
            Json::Number(number) => number.to_string(),
            Json::Bool(value) => value.to_string(),
            _ => return None,
        };
        Some(Wanted {
            at,
            path: path.clone(),
            def: def.clone(),
            key: value::unique_key(&canonical, def)?,
            condition: format!("({name} = {literal})"),
        })
    })
}

fn key(judge: &Judge, value: &Json, def: &AttrDef) -> Option<String> {
    let canonical = value::read(value, def, judge.now()).ok()?;
    value::unique_key(&canonical, def)
}

fn member<'a>(record: &'a Json, path: &AttrPath) -> Option<&'a Json> {
    let mut steps = path.0.iter();
    steps.try_fold(record, |at, step| at.get(&step.name))
}

/// Whether a stored record is a row's own.
fn judged<P>(sending: &Sending<'_, P>, record: &Json, stored: &Json, wanted: &Wanted) -> Found {
    let taken = |reason: &str| {
        Found::Taken(Fault {
            place: wanted.path.to_string(),
            code: Some(ErrorCode::UNIQUE_VIOLATION),
            reason: reason.to_owned(),
        })
    };
    let id = stored.get("id").and_then(Json::as_i64);
    let uuid = stored.get("uuid").and_then(Json::as_str);
    let (Some(id), Some(uuid)) = (id, uuid) else {
        return taken("a record with the same value is there, and does not show its id");
    };
    if id <= sending.last_id {
        return taken("a record that was there before the load has the same value");
    }
    let judge = sending.judge;
    if let Ok(Ok(normal)) = judge.normal(record)
        && !says(stored, &normal, &judge.schema().attr_defs, judge)
    {
        return taken(
            "a record made since the load began has the same value and says something else: somebody else made or changed it",
        );
    }
    Found::Ours {
        id: id.to_string(),
        uuid: uuid.to_owned(),
        made: made(stored),
    }
}

/// When a record was made, if nobody has changed it since, as far as it tells.
fn made(stored: &Json) -> Option<Timestamp> {
    let stamp = |name: &str| {
        let text = stored.get(name)?.as_str()?;
        date::parse_date_time(text, Timestamp::UNIX_EPOCH).ok()
    };
    let (created, updated) = (stamp("created")?, stamp("lastUpdated")?);
    (created == updated).then_some(updated)
}

/// Whether all that is `wanted` is in what is stored. Not looked at: what a row does not name, for others may have added it
/// by now; passwords, whose hashes differ; the times and ids that the service gives, and what this client is not shown.
/// Elements of plurals may be in any order.
fn says(stored: &Json, wanted: &Json, attr_defs: &[AttrDef], judge: &Judge) -> bool {
    attr_defs.iter().all(|def| {
        if def.is_reserved(true) || matches!(def.attr_type, AttrType::Password(_)) {
            return true;
        }
        match (stored.get(&def.name), wanted.get(&def.name)) {
            (_, Some(wanted)) if is_nothing(wanted) => true,
            (Some(stored), Some(wanted)) => same(stored, wanted, def, judge),
            (None, _) | (_, None) => true,
        }
    })
}

/// Recursion is bounded by the depth of the schema.
fn same(stored: &Json, wanted: &Json, def: &AttrDef, judge: &Judge) -> bool {
    match (&def.attr_type, stored, wanted) {
        (AttrType::Object(inner), Json::Object(_), Json::Object(_)) => {
            says(stored, wanted, inner, judge)
        }
        (AttrType::Plural(inner), Json::Array(stored), Json::Array(wanted)) => {
            let mut left: Vec<&Json> = stored.iter().collect();
            wanted.iter().all(|wanted| {
                let own = |stored: &&Json| says(stored, wanted, inner, judge);
                let at = left.iter().position(own);
                at.map(|at| left.swap_remove(at)).is_some()
            })
        }
        _ => {
            let canonical = |value: &Json| value::read(value, def, judge.now()).ok();
            let key =
                |value: &Option<Json>| value.as_ref().and_then(|it| value::unique_key(it, def));
            let (stored, wanted) = (canonical(stored), canonical(wanted));
            stored == wanted || matches!((key(&stored), key(&wanted)), (Some(a), Some(b)) if a == b)
        }
    }
}

/// The attributes of a type by which this client can look for records: those that it is shown. What it may not read is no
/// key, though it is unique: asking for it is an error each time.
pub(super) async fn readable_keys<P: Fn(Progress)>(
    schema: &EntityType,
    asking: &Asking<'_, P>,
) -> Result<Vec<AttrPath>, JobError> {
    let candidates = check::key_candidates(schema);
    if candidates.is_empty() || can_look_by(&candidates, schema, asking).await? {
        return Ok(candidates.into_iter().map(|(path, _)| path).collect());
    }
    let mut keys = Vec::new();
    if candidates.len() > 1 {
        for candidate in candidates {
            if can_look_by(std::slice::from_ref(&candidate), schema, asking).await? {
                keys.push(candidate.0);
            }
        }
    }
    Ok(keys)
}

async fn can_look_by<P: Fn(Progress)>(
    candidates: &[(AttrPath, AttrDef)],
    schema: &EntityType,
    asking: &Asking<'_, P>,
) -> Result<bool, JobError> {
    // No record needs to have such a value: whether it may be asked for is the question.
    let condition = |(path, def): &(AttrPath, AttrDef)| {
        let literal = match def.attr_type {
            AttrType::Integer | AttrType::Decimal | AttrType::Id => "0",
            AttrType::Boolean => "true",
            AttrType::Date | AttrType::DateTime => "'2000-01-01'",
            AttrType::Uuid => "'00000000-0000-0000-0000-000000000000'",
            AttrType::IpAddress => "'127.0.0.1'",
            _ => "'captui'",
        };
        Some(format!("({} = {literal})", spell(path)?))
    };
    let conditions: Vec<String> = candidates.iter().filter_map(condition).collect();
    let names = candidates.iter().map(|(path, _)| Json::from(path.dotted()));
    let request = ApiRequest::new(Endpoint::EntityFind)
        .with("type_name", schema.name.as_str())
        .with("filter", conditions.join(" or "))
        .with("attributes", Json::Array(names.collect()).to_string())
        .with("sort_on", "[]")
        .with("max_results", "1");
    let exchange = asking.ask(&request, Reading::Whole).await?;
    match exchange.answer() {
        Some(Answer::Ok(_)) => Ok(true),
        Some(Answer::Error(_)) => Ok(false),
        _ => Err(JobError::Exchange(exchange)),
    }
}

/// The highest id of a type, to tell what is made from now on; 0 when there is no record.
pub(super) async fn last_id<P: Fn(Progress)>(
    type_name: &str,
    asking: &Asking<'_, P>,
) -> Result<i64, JobError> {
    let request = ApiRequest::new(Endpoint::EntityFind)
        .with("type_name", type_name)
        .with("attributes", "[\"id\"]")
        .with("sort_on", "[\"-id\"]")
        .with("max_results", "1");
    let exchange = asking.ask(&request, Reading::Whole).await?;
    let Some(Answer::Ok(answer)) = exchange.answer() else {
        return Err(JobError::Exchange(exchange));
    };
    let Some(records) = answer.get("results").and_then(Json::as_array) else {
        return Err(JobError::Exchange(exchange));
    };
    let id = records
        .first()
        .and_then(|record| record.get("id")?.as_i64());
    Ok(id.unwrap_or(0))
}
