//! `captui sandbox copy-schema`: entity types of another environment, put into the sandbox.
//!
//! ```text
//! the environment ── read calls ──▶ designs ── compared with the sandbox ──▶ what to do ── asked ──▶ done
//! ```
//!
//! A type that cannot be copied does not keep the others from it; nothing is changed before all have been read.

use std::path::Path;

use jiff::Timestamp;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::cli::args::sandbox::CopySchema;
use crate::cli::blocking;
use crate::cli::commands::sandbox::data_dir;
use crate::cli::commands::sandbox::failed;
use crate::cli::commands::sandbox::object;
use crate::cli::commands::sandbox::open;
use crate::cli::commands::sandbox::tell;
use crate::cli::commands::sandbox::text;
use crate::cli::commands::types::count;
use crate::cli::confirm::confirm;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::sandbox::copy;
use crate::sandbox::copy::Design;
use crate::sandbox::copy::Standing;
use crate::sandbox::store::Store;
use crate::worker::job::Job;
use crate::worker::job::Output;

/// What becomes of one entity type.
struct Plan {
    name: String,
    /// What to tell below it: what is left out, or why it is not copied.
    details: Vec<String>,
    step: Step,
}

enum Step {
    Create(Design),
    Replace(Design, u64),
    Leave,
    Refuse(&'static str, FailureKind),
}

/// Copies entity types; a failure when one could not be copied.
pub(in crate::cli) async fn copy_schema(copy: &CopySchema, json: bool) -> Result<(), Stop> {
    let folder = data_dir(copy.data.data.as_deref())?;
    let session = Session::new(Some(&copy.from), false)?;
    let names = names(&session, &copy.types).await?;
    let mut fetched = Vec::new();
    for name in names {
        let design = fetch(&session, &name).await?;
        fetched.push((name, design));
    }
    let (replace, yes) = (copy.replace, copy.yes);
    blocking(move || take(fetched, &folder, replace, yes, json)).await
}

/// Brings what was fetched into the sandbox.
fn take(
    fetched: Vec<(String, Result<Design, Refusal>)>,
    folder: &Path,
    replace: bool,
    yes: bool,
    json: bool,
) -> Result<(), Stop> {
    let store = open(folder)?;
    let plans = fetched
        .into_iter()
        .map(|(name, design)| plan(&store, name, design, replace))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| failed(&error, folder))?;
    ask(&plans, yes)?;
    let mut rows = Vec::new();
    let mut refusals = Vec::new();
    for plan in plans {
        let (name, details) = (plan.name, plan.details);
        let done = match plan.step {
            Step::Leave => "unchanged",
            Step::Refuse(word, kind) => {
                refusals.push((word, kind));
                word
            }
            Step::Create(design) => put(&store, design, false, folder)?,
            Step::Replace(design, _) => put(&store, design, true, folder)?,
        };
        rows.push((name, done, details));
    }
    tell(json, as_json(folder, &rows), &as_text(&rows))?;
    refused(&refusals, rows.len())
}

/// The types asked for, each once; all that there are when none is named.
async fn names(session: &Session, wanted: &[String]) -> Result<Vec<String>, Stop> {
    let mut names = match wanted {
        [] => match session.run(Job::ListTypes).await? {
            Output::Types { names, .. } => names,
            other => unreachable!("listing types gives names, not {other:?}"),
        },
        wanted => wanted.to_vec(),
    };
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Ok(names)
}

/// A type that cannot be copied: in a word, why, and of which kind that is.
type Refusal = (&'static str, FailureKind, Vec<String>);

/// The design of one type. An error ends everything: nobody answers.
async fn fetch(session: &Session, name: &str) -> Result<Result<Design, Refusal>, Stop> {
    let view = ApiRequest::new(Endpoint::TypeView)
        .with("type_name", name)
        .with("remove_reserved", "true");
    let schema = match session.ask(view).await? {
        Ok(answer) => answer,
        Err(failure) => {
            let why = failure.cause.as_deref().unwrap_or(&failure.message);
            return Ok(Err(("failed", failure.kind, vec![why.to_owned()])));
        }
    };
    let properties = session.properties(name).await?;
    let design = Design::read(name, &schema, properties.as_ref().ok());
    Ok(match (design, properties) {
        (Err(problems), _) => Err(("refused", FailureKind::Usage, problems)),
        (Ok(design), Ok(_)) => Ok(design),
        (Ok(mut design), Err(failure)) => {
            let why = format!("without its rules, which could not be read: {failure}");
            design.left_out.push(why);
            Ok(design)
        }
    })
}

fn plan(
    store: &Store,
    name: String,
    design: Result<Design, Refusal>,
    replace: bool,
) -> Result<Plan, crate::sandbox::store::StoreError> {
    let design = match design {
        Ok(design) => design,
        Err((word, kind, details)) => {
            return Ok(Plan {
                name,
                details,
                step: Step::Refuse(word, kind),
            });
        }
    };
    let left_out = design.left_out.clone();
    let (details, step) = match copy::compare(store, &design)? {
        Standing::Missing => (left_out, Step::Create(design)),
        Standing::Same => (left_out, Step::Leave),
        Standing::Different { records, .. } if replace => {
            (left_out, Step::Replace(design, records))
        }
        Standing::Different { differences, .. } => (
            differences,
            Step::Refuse("different", FailureKind::Conflict),
        ),
    };
    Ok(Plan {
        name,
        details,
        step,
    })
}

/// Asks before types go with their records.
fn ask(plans: &[Plan], yes: bool) -> Result<(), Failure> {
    let going: Vec<String> = plans
        .iter()
        .filter_map(|plan| match &plan.step {
            Step::Replace(_, records) => {
                let records = count(usize::try_from(*records).unwrap_or(usize::MAX), "record");
                Some(format!("{} with {records}", plan.name))
            }
            Step::Create(_) | Step::Leave | Step::Refuse(..) => None,
        })
        .collect();
    if going.is_empty() {
        return Ok(());
    }
    confirm(&format!("replace {}", going.join(", ")), yes)
}

fn put(
    store: &Store,
    design: Design,
    replace: bool,
    folder: &Path,
) -> Result<&'static str, Failure> {
    let put = copy::put(store, design, replace, Timestamp::now());
    match put.map_err(|error| failed(&error, folder))? {
        true if replace => Ok("replaced"),
        true => Ok("created"),
        // Somebody else has created it meanwhile.
        false => Err(Failure::new(
            FailureKind::Conflict,
            "an entity type of this name was created meanwhile",
        )
        .hint("try again")),
    }
}

fn as_json(folder: &Path, rows: &[(String, &str, Vec<String>)]) -> Json {
    let types = rows.iter().map(|(name, done, details)| {
        let details = details.iter().map(|it| it.as_str().into());
        object([
            ("name", name.as_str().into()),
            ("result", (*done).into()),
            ("details", Json::Array(details.collect())),
        ])
    });
    object([
        ("data", text(folder).into()),
        ("types", Json::Array(types.collect())),
    ])
}

fn as_text(rows: &[(String, &str, Vec<String>)]) -> String {
    let mut lines = String::new();
    for (name, done, details) in rows {
        lines.extend([name, ": ", done, "\n"]);
        for detail in details {
            lines.extend(["  ", detail, "\n"]);
        }
    }
    lines
}

fn refused(refusals: &[(&str, FailureKind)], all: usize) -> Result<(), Stop> {
    let Some((_, kind)) = refusals.first() else {
        return Ok(());
    };
    let failure = Failure::new(
        *kind,
        format!(
            "{} of {} not copied",
            refusals.len(),
            count(all, "entity type")
        ),
    );
    let differs = refusals.iter().any(|(word, _)| *word == "different");
    Err(Stop::Failed(if differs {
        failure.hint("--replace puts the new ones in their place; their records here go")
    } else {
        failure
    }))
}
