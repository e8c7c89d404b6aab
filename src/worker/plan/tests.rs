//! Plans on a sandbox in memory.

mod applying;
mod exporting;
mod rehearsing;
mod surveying;

use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::plan;
use crate::capture::schema::plan::Action;
use crate::capture::schema::plan::Risk;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::plan::Step;
use crate::exchange::Exchange;
use crate::worker::plan::Work;
use crate::worker::plan::stage::Stage;

const ATTR_DEFS: &str = r#"[
    {"name":"email","type":"string"},
    {"name":"nick","type":"string","case-sensitive":false},
    {"name":"age","type":"integer"},
    {"name":"pass","type":"password-bcrypt"},
    {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"},{"name":"zip","type":"string"}]},
    {"name":"phones","type":"plural","attr_defs":[{"name":"number","type":"string"},{"name":"kind","type":"string"}]}]"#;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("is a time")
}

fn json(text: &str) -> Json {
    Json::parse(text).expect("is JSON")
}

fn path(text: &str) -> AttrPath {
    text.parse().expect("is a path")
}

fn def(text: &str) -> AttrDef {
    let (mut defs, problems) = schema::read_attr_defs(&json(&format!("[{text}]")));
    assert!(problems.is_empty(), "{problems:?}");
    defs.pop().expect("is one")
}

/// A stage with the type `t` and these records.
fn stage(records: &[&str]) -> Stage {
    stage_of(ATTR_DEFS, records)
}

/// A stage with the type `t` of these attributes, and these records.
fn stage_of(attr_defs: &str, records: &[&str]) -> Stage {
    let stage = Stage::open(now()).expect("opens");
    let request = ApiRequest::new(Endpoint::TypeCreate)
        .with("type_name", "t")
        .with("attr_defs", attr_defs);
    answer(&stage.answer(&request));
    fill(&stage, records);
    stage
}

fn fill(stage: &Stage, records: &[&str]) {
    if records.is_empty() {
        return;
    }
    let request = ApiRequest::new(Endpoint::EntityBulkCreate)
        .with("type_name", "t")
        .with("commit_each", "false")
        .with("timeout", "60")
        .with("all_attributes", format!("[{}]", records.join(",")));
    answer(&stage.answer(&request));
}

fn answer(exchange: &Exchange) -> Json {
    match exchange.answer() {
        Some(Answer::Ok(json)) => json.clone(),
        other => panic!("{other:?}"),
    }
}

fn stored(stage: &Stage) -> EntityType {
    let request = ApiRequest::new(Endpoint::TypeView).with("type_name", "t");
    let (schema, _) = EntityType::from_json(&answer(&stage.answer(&request))).expect("is one");
    schema
}

/// The records of `t` in the order of their ids.
fn records(stage: &Stage) -> Vec<Json> {
    let request = ApiRequest::new(Endpoint::EntityFind)
        .with("type_name", "t")
        .with("max_results", "10000");
    let answer = answer(&stage.answer(&request));
    let results = answer.get("results").and_then(Json::as_array);
    results.expect("is a list").to_vec()
}

fn step(at: &str, action: Action) -> Step {
    Step {
        path: path(at),
        action,
        risk: Risk::Checked,
    }
}

fn remove(at: &str) -> Step {
    step(at, Action::Remove)
}

fn add(text: &str) -> Step {
    let def = def(text);
    step(&def.name.clone(), Action::Add(def))
}

fn copy(from: &str, to: &str, renamed: &[(&str, &str)]) -> Step {
    let renamed = renamed.iter().map(|(from, to)| (path(from), path(to)));
    let action = Action::CopyValues {
        to: path(to),
        renamed: renamed.collect(),
    };
    step(from, action)
}

fn constrain(at: &str, before: &[Constraint], after: &[Constraint]) -> Step {
    let action = Action::SetConstraints {
        before: before.to_vec(),
        after: after.to_vec(),
    };
    step(at, action)
}

/// These steps on the type as it is stored.
fn work(stage: &Stage, steps: Vec<Step>) -> Work {
    let stored = stored(stage);
    let mut wanted = stored.clone();
    for step in &steps {
        wanted = plan::after(&wanted, step);
    }
    Work {
        plan: Arc::new(SchemaPlan {
            type_name: "t".to_owned(),
            steps,
            ..SchemaPlan::default()
        }),
        stored: Some(Arc::new(stored)),
        wanted: Arc::new(wanted),
        properties: Vec::new(),
        agreed: None,
    }
}

/// Lets a job that never has to wait run to its end.
fn at_once<T>(job: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("can be made").block_on(job)
}

#[test]
fn the_helpers_make_what_they_say() {
    let stage = stage(&[r#"{"email":"a@b.c","phones":[{"number":"1"}]}"#, "{}"]);
    assert_eq!(records(&stage).len(), 2);
    let home = stored(&stage)
        .get(&path("home"))
        .map(|def| &def.attr_type)
        .cloned();
    assert!(matches!(home, Some(AttrType::Object(inner)) if inner.len() == 2));
}
