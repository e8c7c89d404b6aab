//! Writing what a plan would destroy into a file: one JSON object a line for each record that has a value there.
//!
//! ```text
//! {"id":7,"uuid":"…","nick":"Ann","phones.kind":[{"id":8,"kind":"home"}]}
//! ```
//!
//! A value inside a plural is written with the elements that it is in, so that it can be put back. Passwords are
//! written as the service shows them, which is never in the clear.

use std::io;
use std::io::Write;
use std::path::Path;

use crate::capture::attr_type::AttrType;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::path::Segment;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::files::NewFile;
use crate::worker::job::JobError;
use crate::worker::plan::Calls;
use crate::worker::plan::StepProgress;
use crate::worker::plan::pages;
use crate::worker::plan::pages::Pages;
use crate::worker::plan::values;
use crate::worker::services::blocking;

/// Writes the values at `paths` of every record into `file`, which must not exist and is not there before it is whole.
/// Returns how many records are in it. Needs a tokio runtime.
pub async fn export(
    type_name: &str,
    paths: &[AttrPath],
    file: &Path,
    calls: &mut impl Calls,
) -> Result<u64, JobError> {
    let begin = {
        let file = file.to_owned();
        blocking(move || NewFile::begin(&file)).await
    };
    let failed = |error: &io::Error| JobError::Failed(not_written(file, error));
    let mut out = begin.map_err(|error| failed(&error))?;
    // The type says what is a password, and what is inside a plural.
    let request = ApiRequest::new(Endpoint::TypeView).with("type_name", type_name);
    let exchange = calls.call(&request).await?;
    let schema = match exchange.answer() {
        Some(Answer::Ok(answer)) => EntityType::from_json(answer).ok(),
        _ => None,
    };
    let Some((schema, _)) = schema else {
        return Err(JobError::Exchange(exchange));
    };
    let mut progress = StepProgress {
        at: 0,
        of: 1,
        records: 0,
        of_records: pages::count(type_name, calls).await?,
    };
    let mut pages = Pages::of(&schema, &asked(&schema, paths));
    let mut written = 0;
    loop {
        let page = pages.next(calls).await?;
        if page.is_empty() {
            break;
        }
        progress.records += page.len() as u64;
        let mut text = String::new();
        for (id, record) in &page {
            if let Some(line) = line(*id, record, &schema, paths) {
                text.push_str(&line.to_string());
                text.push('\n');
                written += 1;
            }
        }
        let wrote = blocking(move || out.write_all(text.as_bytes()).map(|()| out)).await;
        out = wrote.map_err(|error| failed(&error))?;
        calls.tell(progress.clone());
    }
    let finished = blocking(move || out.finish()).await;
    finished.map_err(|error| failed(&error))?;
    Ok(written)
}

/// Writes a text into a file that must not exist.
pub fn write(file: &Path, text: impl AsRef<[u8]>) -> Result<(), Failure> {
    let write = || {
        let mut out = NewFile::begin(file)?;
        out.write_all(text.as_ref())?;
        out.finish()
    };
    write().map_err(|error| not_written(file, &error))
}

fn not_written(file: &Path, error: &io::Error) -> Failure {
    let file = file.display();
    if error.kind() == io::ErrorKind::AlreadyExists {
        return Failure::new(FailureKind::Usage, format!("{file} exists already"))
            .hint("choose another name: nothing is overwritten");
    }
    Failure::new(FailureKind::Usage, format!("{file} could not be written")).because(error)
}

/// What is asked for: the attributes, and the ids of the elements that they are in.
fn asked(schema: &EntityType, paths: &[AttrPath]) -> Vec<AttrPath> {
    let mut asked = Vec::new();
    for path in paths {
        for length in 1..path.0.len() {
            let holder = AttrPath(path.0[..length].to_vec());
            let def = schema.get(&holder);
            if def.is_some_and(|def| matches!(def.attr_type, AttrType::Plural(_))) {
                asked.push(holder.child("id"));
            }
        }
        asked.push(path.clone());
    }
    asked
}

/// A record's line; `None` when it has none of the values.
fn line(id: i64, record: &Json, schema: &EntityType, paths: &[AttrPath]) -> Option<Json> {
    let mut line = Object::new();
    line.insert("id".to_owned(), id.into());
    let uuid = record.get("uuid").cloned().unwrap_or_default();
    line.insert("uuid".to_owned(), uuid);
    let before = line.len();
    for path in paths {
        if values::is_value_at(record, &schema.attr_defs, &path.0)
            && let Some(value) = at(record, &schema.attr_defs, &path.0)
        {
            line.insert(path.dotted(), value);
        }
    }
    (line.len() > before).then_some(Json::Object(line))
}

/// What is at `path` in `holder`: below a plural, its elements with nothing but their ids and what is on the way.
fn at(holder: &Json, defs: &[AttrDef], path: &[Segment]) -> Option<Json> {
    let (first, rest) = path.split_first()?;
    let def = defs.iter().find(|def| def.name == first.name)?;
    let value = holder.get(&first.name)?;
    let inner = def.attr_type.attr_defs();
    match (&def.attr_type, value) {
        _ if rest.is_empty() => Some(value.clone()),
        (AttrType::Plural(_), Json::Array(elements)) => {
            let elements = elements.iter().map(|element| {
                let mut kept = Object::new();
                let id = element.get("id").map(|id| ("id".to_owned(), id.clone()));
                kept.extend(id);
                kept.extend(on_the_way(element, inner, rest));
                Json::Object(kept)
            });
            Some(Json::Array(elements.collect()))
        }
        _ => at(value, inner, rest),
    }
}

/// The member of `holder` that `path` goes through, with nothing else in it.
fn on_the_way(holder: &Json, defs: &[AttrDef], path: &[Segment]) -> Option<(String, Json)> {
    let (first, rest) = path.split_first()?;
    let def = defs.iter().find(|def| def.name == first.name)?;
    let is_object = matches!(def.attr_type, AttrType::Object(_));
    let value = if is_object && !rest.is_empty() {
        let inner = holder.get(&first.name)?;
        let member = on_the_way(inner, def.attr_type.attr_defs(), rest)?;
        Json::Object([member].into_iter().collect())
    } else {
        at(holder, defs, path)?
    };
    Some((first.name.clone(), value))
}
