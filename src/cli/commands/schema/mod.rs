//! `captui schema …`: schemas without a screen, for scripts and CI, one command a file.
//!
//! As of `diff`, exit code 0 says equal, valid or applied, and 1 says that something was found: differences, problems, a
//! plan that needs a yes. What the schemas are and how they differ is decided in `capture::schema`; here they are read,
//! and told.

mod access;
mod apply;
mod check;
mod diagram;
mod diff;
mod export;
mod infer;
mod interrupted;
mod plan;
mod planned;
mod rules;
mod source;

use std::path::Path;

use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::schema;
use crate::cli::args::schema::SchemaCommand;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::worker::job::Job;
use crate::worker::job::Output;

/// Carries out a command in the environment called `environment`, or in the default one.
pub(in crate::cli) async fn run(
    command: SchemaCommand,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    match command {
        SchemaCommand::Check { source } => check::check(&source, environment, json).await,
        SchemaCommand::Diff(diff) => diff::diff(&diff, environment, json).await,
        SchemaCommand::Plan(plan) => plan::plan(&plan, environment, json).await,
        SchemaCommand::Apply(apply) => apply::apply(&apply, environment, json).await,
        SchemaCommand::Import(import) => apply::import(&import, environment, json).await,
        SchemaCommand::Rules(command) => rules::rules(&command, environment, json).await,
        SchemaCommand::Access(access) => access::access(&access, environment, json).await,
        SchemaCommand::Infer(infer) => infer::infer(&infer, environment, json).await,
        SchemaCommand::Diagram(diagram) => diagram::diagram(&diagram, environment).await,
        SchemaCommand::Export(export) => export::export(&export, environment).await,
    }
}

fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    members.into_iter().collect()
}

/// The command of a shell that makes a call, without the secret.
async fn curl(session: &Session, request: ApiRequest) -> Result<String, Stop> {
    let job = Job::ExportCurl {
        requests: vec![request],
        secrets: false,
    };
    match session.run(job).await? {
        Output::Curl(command) => Ok(command.reveal().to_owned()),
        other => unreachable!("exporting gives a command, not {other:?}"),
    }
}

/// What is said of a name that no entity type can be created under.
fn no_type_name(name: &str) -> String {
    format!("`{name}` cannot be an entity type's name: a letter, then letters, digits and `_`")
}

/// Refuses a name that no entity type can be created under.
fn know_type_name(name: &str) -> Result<(), Failure> {
    if schema::is_valid_name(name) {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Usage, no_type_name(name)))
}

/// Prints a text that programs read, or writes it into a new file.
async fn write(text: &str, file: Option<&Path>, environment: Option<&str>) -> Result<(), Stop> {
    let Some(file) = file else {
        return Ok(output::print_document(text)?);
    };
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let job = Job::WriteFile {
        file: file.to_owned(),
        text: format!("{text}{end}"),
    };
    Session::new(environment, false)?.run(job).await?;
    Ok(())
}
