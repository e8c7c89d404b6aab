//! Trying a plan on a copy: the entity type as it is stored, its rules and some of its records in a sandbox in memory, and
//! the same steps that would be applied. The service is only read.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::diff::diff;
use crate::capture::schema::plan::Action;
use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::sandbox::copy;
use crate::sandbox::copy::Design;
use crate::sandbox::store::StoreError;
use crate::worker::job::JobError;
use crate::worker::plan::Calls;
use crate::worker::plan::Rehearsal;
use crate::worker::plan::StepProgress;
use crate::worker::plan::Work;
use crate::worker::plan::apply;
use crate::worker::plan::copying;
use crate::worker::plan::pages::Pages;
use crate::worker::plan::stage::Stage;
use crate::worker::plan::survey::Trial;
use crate::worker::plan::values;
use crate::worker::services::blocking;

/// How many records a copy has at most.
pub const RECORDS: usize = 1_000;

/// Tries a plan on a copy of its type; `now` is the time there. Needs a tokio runtime.
pub async fn rehearse(
    work: &Work,
    now: Timestamp,
    calls: &mut impl Calls,
) -> Result<Rehearsal, JobError> {
    let opened = blocking(move || Stage::open(now)).await;
    let mut stage = opened.map_err(|error| failed(&error))?;
    let mut copied = HashMap::new();
    let mut work = work.clone();
    if let Some(stored) = work.stored.clone() {
        put(&stage, &stored).await?;
        let records = some_records(&stored, work.plan.steps.len(), calls).await?;
        copied = fill(&mut stage, &stored, records).await?;
        add_properties(&mut stage, &mut work).await?;
    }
    let applied = apply::rehearse(&work, &mut stage).await?;
    let mut steps: Vec<Result<(), String>> = vec![Ok(()); applied.done];
    let arrives = applied.stopped.is_none() && arrives(&work, &copied, &mut stage).await?;
    steps.extend(applied.stopped.map(|why| Err(with_real_ids(&why, &copied))));
    Ok(Rehearsal {
        steps,
        records: copied.len() as u64,
        arrives,
    })
}

fn failed(error: &StoreError) -> JobError {
    let message = "the copy could not be made";
    JobError::Failed(Failure::new(FailureKind::Internal, message).because(error))
}

/// Puts the type in place.
async fn put(stage: &Stage, stored: &EntityType) -> Result<(), JobError> {
    let design = Design::read(&stored.name, &stored.to_json(), None).map_err(|problems| {
        let message = "the sandbox does not take this entity type, so the plan cannot be tried";
        JobError::Failed(Failure::new(FailureKind::Usage, message).because(problems.join("; ")))
    })?;
    let (store, now) = (stage.store(), stage.now());
    let put = blocking(move || copy::put(&store, design, true, now)).await;
    put.map(|_| ()).map_err(|error| failed(&error))
}

/// The first records of the type.
async fn some_records(
    stored: &EntityType,
    of: usize,
    calls: &mut impl Calls,
) -> Result<Vec<(i64, Json)>, JobError> {
    let mut records = Vec::new();
    let mut pages = Pages::whole(stored).at_most(RECORDS);
    while records.len() < RECORDS {
        let page = pages.next(calls).await?;
        if page.is_empty() {
            break;
        }
        records.extend(page);
        records.truncate(RECORDS);
        calls.tell(StepProgress {
            at: 0,
            of,
            records: records.len() as u64,
            of_records: None,
        });
    }
    Ok(records)
}

/// The records that the sandbox took, with their real ids, by the ids in the copy.
type Copied = HashMap<i64, (i64, Json)>;

/// Puts the records in.
async fn fill(
    stage: &mut Stage,
    stored: &EntityType,
    records: Vec<(i64, Json)>,
) -> Result<Copied, JobError> {
    let own: Vec<AttrDef> = stored.own_attr_defs().cloned().collect();
    let bodies = records
        .iter()
        .map(|(_, record)| values::without_ids(record, &own));
    let request = ApiRequest::new(Endpoint::EntityBulkCreate)
        .with("type_name", &stored.name)
        .with("timeout", "60")
        .with("all_attributes", Json::Array(bodies.collect()).to_string());
    let exchange = stage.call(&request).await?;
    let Some(Answer::Ok(answer)) = exchange.answer() else {
        return Err(JobError::Exchange(exchange));
    };
    let results = answer.get("results").and_then(Json::as_array);
    let created = results.unwrap_or_default().iter().map(Json::as_i64);
    let created: Vec<Option<i64>> = created.collect();
    Ok(created
        .into_iter()
        .zip(records)
        .filter_map(|(created, real)| Some((created?, real)))
        .collect())
}

/// Adds the rules and combined uniquenesses, and lets the plan call them as the copy does. After the records: a rule is
/// for what comes, and what is stored may be older.
async fn add_properties(stage: &mut Stage, work: &mut Work) -> Result<(), JobError> {
    let mut uuids = HashMap::new();
    for property in &work.properties {
        let request = ApiRequest::new(Endpoint::TypeAddProperty)
            .with("type_name", &work.plan.type_name)
            .with("property", property.to_json().to_string());
        // One that the sandbox does not take is not tried.
        if let Some(uuid) = added(&*stage.call(&request).await?) {
            uuids.insert(property.uuid.clone(), uuid);
        }
    }
    for step in &mut Arc::make_mut(&mut work.plan).steps {
        if let Action::RemoveProperty(property) = &mut step.action
            && let Some(uuid) = uuids.get(&property.uuid)
        {
            property.uuid.clone_from(uuid);
        }
    }
    Ok(())
}

fn added(exchange: &Exchange) -> Option<String> {
    let Some(Answer::Ok(answer)) = exchange.answer() else {
        return None;
    };
    let uuid = answer.get("result")?.get("uuid")?.as_str()?;
    Some(uuid.to_owned())
}

/// Whether the copy ends as the plan says: its schema, and the values that were to be copied.
async fn arrives(work: &Work, copied: &Copied, stage: &mut Stage) -> Result<bool, JobError> {
    let request = ApiRequest::new(Endpoint::TypeView).with("type_name", &work.plan.type_name);
    let exchange = stage.call(&request).await?;
    let Some(Answer::Ok(answer)) = exchange.answer() else {
        return Err(JobError::Exchange(exchange));
    };
    let Ok((end, _)) = EntityType::from_json(answer) else {
        return Ok(false);
    };
    let says = apply::expected(work, work.plan.steps.len());
    if says.is_none_or(|says| !diff(&says, &end).is_empty()) {
        return Ok(false);
    }
    let steps = work.plan.steps.iter();
    let targets: Vec<AttrPath> = steps
        .filter_map(|step| match &step.action {
            Action::CopyValues { to, .. } if end.get(to).is_some() => Some(to.clone()),
            _ => None,
        })
        .collect();
    if targets.is_empty() {
        return Ok(true);
    }
    let mut trial = Trial::new(work, stage.now());
    let mut pages = Pages::of(&end, &targets);
    loop {
        let page = pages.next(stage).await?;
        if page.is_empty() {
            return Ok(true);
        }
        for (id, found) in page {
            let Some((real, record)) = copied.get(&id) else {
                continue;
            };
            if !has_all(&found, &trial.judge(*real, record), &targets, &end) {
                return Ok(false);
            }
        }
    }
}

/// Whether a record has at `targets` what it is expected to have.
pub(super) fn has_all(
    found: &Json,
    expected: &Json,
    targets: &[AttrPath],
    schema: &EntityType,
) -> bool {
    targets.iter().all(|target| {
        let value = |record: &Json| {
            let value = target.name().and_then(|name| record.get(name));
            value.cloned().unwrap_or_default()
        };
        let def = schema.get(target);
        def.is_some_and(|def| copying::is_there(&value(expected), &value(found), def))
    })
}

/// A refusal of the copy with its records called as they really are.
fn with_real_ids(text: &str, copied: &Copied) -> String {
    const BEFORE: &str = "record ";
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(BEFORE) {
        let (before, after) = rest.split_at(at + BEFORE.len());
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (id, after) = after.split_at(digits);
        let real = id.parse().ok().and_then(|id: i64| copied.get(&id));
        out.push_str(before);
        match real {
            Some((real, _)) => out.push_str(&real.to_string()),
            None => out.push_str(id),
        }
        rest = after;
    }
    out + rest
}
