//! `captui record export`: the records of a type into a file.

use std::io;
use std::io::IsTerminal;
use std::path::Path;

use crate::capture::json::Json;
use crate::cli::args::bulk::Export;
use crate::cli::commands::bulk::pace;
use crate::cli::output;
use crate::cli::progress::grouped;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::record_file::write::Form;
use crate::worker::export;
use crate::worker::export::Exported;
use crate::worker::export::Target;
use crate::worker::job::Job;
use crate::worker::job::Output;

/// How many attributes are named that a client cannot read.
const NAMED: usize = 8;

/// Carries out the command.
pub(in crate::cli) async fn export(export: Export, session: &Session) -> Result<(), Stop> {
    let work = work(export)?;
    let is_stdout = work.target == Target::Stdout;
    let exported = match session.run(Job::Export(Box::new(work))).await? {
        Output::Exported(exported) => exported,
        other => unreachable!("exporting gives what came of it, not {other:?}"),
    };
    if exported.is_cut {
        return Ok(());
    }
    tell(&exported);
    if session.json() && !is_stdout {
        output::print_json(&summary(&exported))?;
    }
    if exported.is_complete() == Some(false) {
        return Err(Stop::Found);
    }
    Ok(())
}

fn work(export: Export) -> Result<export::Export, Failure> {
    let is_stdout = export.output.as_os_str() == "-";
    let form = export.format.or_else(|| Form::of(&export.output));
    let form = form.unwrap_or(Form::Ndjson);
    if export.formula_safe && form != Form::Csv {
        let message =
            "--formula-safe is for CSV: the other formats have no cells that are computed";
        return Err(Failure::new(FailureKind::Usage, message));
    }
    if is_stdout && export.resume {
        let message = "--resume is for a file: standard output keeps nothing";
        return Err(Failure::new(FailureKind::Usage, message));
    }
    if is_stdout && io::stdout().is_terminal() {
        let message = "records in bulk are not for a terminal";
        return Err(Failure::new(FailureKind::Usage, message)
            .hint("-o FILE writes a file; captui record find shows some"));
    }
    let target = if is_stdout {
        Target::Stdout
    } else {
        known_ending(&export.output, export.format, form)?;
        Target::File {
            file: export.output,
            resume: export.resume,
        }
    };
    Ok(export::Export {
        type_name: export.type_name,
        filter: export.filter,
        attributes: export
            .attributes
            .iter()
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect(),
        form,
        formula_safe: export.formula_safe,
        target,
        pace: pace(&export.pace),
    })
}

/// Refuses a file whose name says something else than the `form` that is written into it; `format` is the one asked for.
fn known_ending(file: &Path, format: Option<Form>, form: Form) -> Result<(), Failure> {
    if form == Form::Parquet && file.extension().is_some_and(|ending| ending == "gz") {
        let message = "Parquet is packed inside: give the file a name without .gz";
        return Err(Failure::new(FailureKind::Usage, message));
    }
    match (Form::of(file), format) {
        (Some(said), Some(format)) if said != format => Err(Failure::new(
            FailureKind::Usage,
            format!(
                "{} sounds like {said}, and shall be {format}",
                file.display()
            ),
        )),
        (None, None) => Err(Failure::new(
            FailureKind::Usage,
            format!("{} does not say what to write", file.display()),
        )
        .hint("end its name with .ndjson, .json, .csv or .parquet, or say --format")),
        _ => Ok(()),
    }
}

fn tell(exported: &Exported) {
    if let (true, Some((file, _))) = (exported.was_whole, &exported.file) {
        output::note(&format!("{} was whole already", file.display()));
        return;
    }
    let records = match exported.records {
        1 => "1 record".to_owned(),
        many => format!("{} records", grouped(many)),
    };
    if let Some((file, manifest)) = &exported.file {
        output::note(&format!("{records} in {}", file.display()));
        if exported.resumed > 0 {
            let resumed = grouped(exported.resumed);
            output::note(&format!("{resumed} of them were there before"));
        }
        output::note(&format!("the manifest is {}", manifest.display()));
    } else {
        output::note(&records);
    }
    if !exported.hidden.is_empty() {
        let named = exported.hidden.iter().take(NAMED).cloned();
        let named: Vec<String> = named.collect();
        let more = match exported.hidden.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        output::note(&format!(
            "this client cannot read {}{more}: its access schema leaves them out, and so does the export",
            named.join(", ")
        ));
    }
    match (exported.before, exported.after) {
        (Some(before), Some(after)) if before != after => output::note(&format!(
            "records came or went meanwhile: there were {} before and {} after",
            grouped(before),
            grouped(after)
        )),
        (Some(before), Some(_)) if exported.is_complete() == Some(false) => output::note(&format!(
            "the service counts {}: the export is not complete, or records came and went meanwhile",
            grouped(before)
        )),
        (Some(_), Some(_)) => {}
        _ => output::note("the service did not say how many there are: nothing to compare with"),
    }
}

fn summary(exported: &Exported) -> Json {
    let number = |number: u64| Json::from(number.cast_signed());
    let count = |count: Option<u64>| count.map_or(Json::Null, number);
    let path = |path: &Path| Json::from(path.display().to_string());
    let (file, manifest) = exported
        .file
        .as_ref()
        .map_or((Json::Null, Json::Null), |(file, manifest)| {
            (path(file), path(manifest))
        });
    [
        ("file", file),
        ("manifest", manifest),
        ("records", number(exported.records)),
        ("counted_before", count(exported.before)),
        ("counted_after", count(exported.after)),
        (
            "complete",
            exported.is_complete().map_or(Json::Null, Json::from),
        ),
        (
            "not_readable",
            Json::Array(
                exported
                    .hidden
                    .iter()
                    .map(|path| path.as_str().into())
                    .collect(),
            ),
        ),
    ]
    .into_iter()
    .collect()
}
