//! `captui postman`: the operations as a collection, and the Capture calls of a collection. Reading and writing the
//! format is `paste`'s, sending a call `cli::pasted`'s.

use std::fs;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::capture::json::Json;
use crate::capture::redact;
use crate::cli::args::postman::Export;
use crate::cli::args::postman::Import;
use crate::cli::args::postman::PostmanCommand;
use crate::cli::output;
use crate::cli::output::table;
use crate::cli::pasted;
use crate::cli::session::Stop;
use crate::config::Config;
use crate::config::environment::Environment;
use crate::config::environment::Target;
use crate::config::paths::Paths;
use crate::config::paths::from_home;
use crate::curl::import;
use crate::curl::import::Operation;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;
use crate::files::NewFile;
use crate::paste;
use crate::paste::Named;
use crate::paste::What;
use crate::paste::collection;

/// A longer file is no collection of calls.
const LONGEST: u64 = 64 << 20;

/// Screen cells of the longest cell.
const WIDEST: usize = 48;

/// Where the sandbox can be told to listen.
const SANDBOX_ADDRESS: &str = "127.0.0.1:8080";

/// Carries out a command.
pub(in crate::cli) async fn run(
    command: PostmanCommand,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    match command {
        PostmanCommand::Export(export) => write(&export, environment),
        PostmanCommand::Import(import) => {
            let calls = read(&import.file)?;
            match &import.run {
                None => list(&calls, &import, json),
                Some(which) => {
                    let call = pick(&calls, which)?;
                    output::note(&format!("`{}`", call.name));
                    pasted::send(&call.call, &import.how, environment, json).await
                }
            }
        }
    }
}

fn write(export: &Export, environment: Option<&str>) -> Result<(), Stop> {
    let config = Config::load(Paths::find().as_ref())?;
    let environment = variables(config.environment(environment)?);
    let folders = collection::of_operations();
    let collection = collection::collection(
        "Capture API",
        "Every operation of the Capture API (Janrain Capture, Akamai Identity Cloud). Choose an environment with domain, \
         client_id and client_secret.",
        &folders,
    );
    let Some(file) = &export.output else {
        let printed = if export.environment {
            &environment
        } else {
            &collection
        };
        return Ok(output::print_document(&output::pretty(printed))?);
    };
    let file = file.to_str().map_or_else(|| file.clone(), from_home);
    let beside = beside(&file);
    for (file, json) in [(&file, &collection), (&beside, &environment)] {
        write_new(file, &json.pretty())?;
        output::note(&format!("{} is written", file.display()));
    }
    Ok(())
}

/// The variables of an environment. Its secret is not read.
fn variables(environment: &Environment) -> Json {
    match &environment.target {
        Target::Embedded => {
            output::note(&format!(
                "for the sandbox, run: captui sandbox serve --listen {SANDBOX_ADDRESS}; captui sandbox status tells its client"
            ));
            let domain = format!("http://{SANDBOX_ADDRESS}");
            collection::environment(&environment.name, &domain, "")
        }
        Target::Remote {
            domain,
            credentials,
        } => collection::environment(&environment.name, domain, &credentials.client_id),
    }
}

/// The file of the environment beside that of the collection.
fn beside(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".json").unwrap_or(&name);
    let stem = stem.strip_suffix(".postman_collection").unwrap_or(stem);
    file.with_file_name(format!("{stem}.postman_environment.json"))
}

fn write_new(file: &Path, text: &str) -> Result<(), Failure> {
    let write = || {
        let mut new = NewFile::begin(file)?;
        new.write_all(text.as_bytes())?;
        new.write_all(b"\n")?;
        new.finish()
    };
    write().map_err(|error: io::Error| {
        let message = format!("{} cannot be written", file.display());
        Failure::new(FailureKind::Usage, message).because(error)
    })
}

fn read(file: &Path) -> Result<Vec<Named>, Failure> {
    let refused = |why: String| {
        let message = format!("{} cannot be read", file.display());
        Failure::new(FailureKind::Usage, message).because(why)
    };
    let mut text = String::new();
    let done = if file == Path::new("-") {
        io::stdin().take(LONGEST).read_to_string(&mut text)
    } else {
        let path = file.to_str().map_or_else(|| file.to_owned(), from_home);
        fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text))
    };
    done.map_err(|error| refused(error.to_string()))?;
    match paste::read(&text, None).what {
        What::Collection(calls) => Ok(calls),
        // A call of curl is one, too, but not of a collection.
        What::Call(call) if text.trim_start().starts_with('{') => Ok(vec![Named {
            name: "request".to_owned(),
            call: *call,
        }]),
        What::BrokenJson(error) => Err(refused(error.to_string())),
        _ => Err(refused("it is no Postman collection".to_owned())
            .hint("in Postman: Export, Collection v2.1")),
    }
}

/// What a call is, in a line.
struct Line {
    operation: String,
    host: String,
    arguments: Vec<(String, String)>,
    state: String,
}

impl Line {
    fn of(call: &import::Import) -> Self {
        let operation = match &call.operation {
            Operation::Known(endpoint) => endpoint.to_string(),
            Operation::Unknown(_) | Operation::Missing => String::new(),
        };
        let arguments = call.request().map_or_else(Vec::new, |request| {
            let names = redact::names_written(&request);
            redact::args(&request.hiding(names)).0
        });
        Self {
            host: call.domain.clone().unwrap_or_default(),
            state: state(call),
            operation,
            arguments,
        }
    }
}

/// What keeps a call from being sent as it is.
fn state(call: &import::Import) -> String {
    match &call.operation {
        Operation::Unknown(path) => return format!("no operation of Capture: {path}"),
        Operation::Missing => return "its URL names no operation".to_owned(),
        Operation::Known(_) => {}
    }
    if call.lacks_data {
        return "a part cannot be taken".to_owned();
    }
    let missing: Vec<&str> = call
        .args
        .iter()
        .filter(|(_, value)| crate::curl::elided::template(value).is_some())
        .map(|(name, _)| name)
        .collect();
    if missing.is_empty() {
        "ready".to_owned()
    } else {
        format!("give {}", missing.join(", "))
    }
}

fn list(calls: &[Named], import: &Import, json: bool) -> Result<(), Stop> {
    let lines = calls.iter().enumerate();
    let lines = lines.map(|(at, call)| (at + 1, call, Line::of(&call.call)));
    if json || import.ndjson {
        let all: Vec<Json> = lines
            .map(|(number, call, line)| line_json(number, call, &line))
            .collect();
        if !import.ndjson {
            return Ok(output::print_json(&Json::Array(all))?);
        }
        for one in &all {
            output::print_json(one)?;
        }
        return Ok(());
    }
    let rows: Vec<Vec<String>> = lines
        .map(|(number, call, line)| {
            vec![
                number.to_string(),
                call.name.clone(),
                line.operation,
                line.host,
                line.state,
            ]
        })
        .collect();
    Ok(output::print(&table(
        &["N", "NAME", "OPERATION", "HOST", "STATE"],
        &rows,
        WIDEST,
    ))?)
}

fn line_json(number: usize, call: &Named, line: &Line) -> Json {
    let pair = |(name, value): &(String, String)| {
        Json::Array(vec![Json::from(name.as_str()), Json::from(value.as_str())])
    };
    [
        (
            "number",
            Json::from(i64::try_from(number).unwrap_or(i64::MAX)),
        ),
        ("name", Json::from(call.name.as_str())),
        ("operation", Json::from(line.operation.as_str())),
        ("host", Json::from(line.host.as_str())),
        (
            "arguments",
            Json::Array(line.arguments.iter().map(pair).collect()),
        ),
        ("state", Json::from(line.state.as_str())),
    ]
    .into_iter()
    .collect()
}

/// The call with this number or name; the end of a name suffices when no other call has it.
fn pick<'a>(calls: &'a [Named], which: &str) -> Result<&'a Named, Failure> {
    if let Some(call) = calls.iter().find(|call| call.name == which) {
        return Ok(call);
    }
    if let Ok(number) = which.parse::<usize>()
        && let Some(call) = number.checked_sub(1).and_then(|at| calls.get(at))
    {
        return Ok(call);
    }
    let ending = format!("/{which}");
    let mut found = calls.iter().filter(|call| call.name.ends_with(&ending));
    match (found.next(), found.next()) {
        (Some(call), None) => Ok(call),
        (Some(one), Some(other)) => Err(Failure::new(
            FailureKind::Usage,
            format!("`{which}` is the end of more than one name"),
        )
        .because(format!("`{}` and `{}`", one.name, other.name))),
        (None, _) => {
            let failure = Failure::new(FailureKind::Usage, format!("no call is called `{which}`"));
            Err(
                match nearest(which, calls.iter().map(|call| call.name.as_str())) {
                    Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
                    None => failure.hint("without --run all are listed"),
                },
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_beside_the_collection() {
        for (file, environment) in [
            ("a.postman_collection.json", "a.postman_environment.json"),
            ("x/a.json", "x/a.postman_environment.json"),
            ("a", "a.postman_environment.json"),
        ] {
            assert_eq!(beside(Path::new(file)), Path::new(environment));
        }
    }
}
