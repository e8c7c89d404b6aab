//! `captui record load` and `captui record rollback`: many records made from files, and taken back.
//!
//! ```text
//! every file judged ─▶ anything wrong? ─▶ a yes, outside of sandboxes ─▶ sent, file by file ─▶ what became of it
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::cli::args::load::Load;
use crate::cli::args::load::Rollback;
use crate::cli::confirm::confirm;
use crate::cli::confirm::confirm_word;
use crate::cli::output;
use crate::cli::progress::counted;
use crate::cli::progress::grouped;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::cli::session::interrupted;
use crate::config::environment::EnvironmentClass;
use crate::curl::export::quote;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::record_file::read::Fault;
use crate::record_file::read::Options;
use crate::worker::job::Job;
use crate::worker::job::Output;
use crate::worker::load;
use crate::worker::load::Loaded;
use crate::worker::load::Method;
use crate::worker::load::Prepared;
use crate::worker::load::Summary;
use crate::worker::load::rollback;
use crate::worker::load::rollback::RollbackPlan;
use crate::worker::load::rollback::RolledBack;

/// `captui record load`
pub(super) async fn load(arguments: Load, session: &Session) -> Result<(), Stop> {
    if !arguments.check && !arguments.dry_run {
        session.may_change()?;
    }
    if arguments.out.is_some() && arguments.files.len() > 1 {
        let message = "--out is the folder of one file, and several are given";
        return Err(Failure::new(FailureKind::Usage, message).into());
    }
    refuse_twice(&arguments.files)?;
    let mut ready = Vec::new();
    for file in &arguments.files {
        let job = Job::PrepareLoad(Box::new(work(&arguments, file)));
        match session.run(job).await? {
            Output::Prepared(prepared) => ready.push((file, prepared)),
            other => unreachable!("preparing gives what is prepared, not {other:?}"),
        }
    }
    let wrong: u64 = ready.iter().map(|(_, it)| it.summary().wrong).sum();
    let stays = arguments.check || wrong > 0 && !arguments.skip_invalid;
    for (file, prepared) in &ready {
        let files = if stays {
            verdicts(prepared, session).await?
        } else {
            BTreeMap::new()
        };
        tell_verdicts(file, prepared.summary(), &files, stays, session)?;
        if arguments.resume && prepared.summary().resumed.is_none() {
            let message = format!("no load of {} was begun: nothing was sent", file.display());
            return Err(Failure::new(FailureKind::NotFound, message).into());
        }
    }
    if stays {
        return end_of_check(&arguments, &ready, wrong);
    }
    if arguments.dry_run {
        return dry_run(&ready, session).await;
    }
    ask(&arguments, &ready, session)?;
    let mut worst = None;
    for (file, prepared) in ready {
        let listening = tokio::spawn(stop_at_once_the_second_time());
        let loaded = session.run(Job::Load(prepared)).await;
        listening.abort();
        let loaded = match loaded? {
            Output::Loaded(loaded) => loaded,
            other => unreachable!("loading gives what became of it, not {other:?}"),
        };
        tell_loaded(file, &loaded, session)?;
        if let Some(stop) = end(file, &loaded) {
            if loaded.left > 0 {
                return Err(stop);
            }
            worst = Some(worse(worst, stop));
        }
    }
    worst.map_or(Ok(()), Err)
}

/// Two loads of one file would make every record twice.
fn refuse_twice(files: &[PathBuf]) -> Result<(), Failure> {
    let mut seen: Vec<(PathBuf, &Path)> = Vec::new();
    for file in files {
        // What is not there is told by whoever opens it.
        let same = fs::canonicalize(file).unwrap_or_else(|_| file.clone());
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == same) {
            let (first, file) = (first.display(), file.display());
            let message = format!("`{first}` and `{file}` are the same file: nothing was sent");
            return Err(Failure::new(FailureKind::Usage, message));
        }
        seen.push((same, file));
    }
    Ok(())
}

fn work(arguments: &Load, file: &Path) -> load::Load {
    load::Load {
        type_name: arguments.type_name.clone(),
        file: file.to_owned(),
        folder: arguments.out.clone(),
        reading: Options {
            format: arguments.format,
            delimiter: arguments.delimiter,
            skip_unknown: arguments.skip_unknown,
            leave_out_given: arguments.strip_given,
            formula_safe: false,
        },
        method: if arguments.single {
            Method::Single
        } else {
            Method::Bulk
        },
        batch: usize::from(arguments.batch),
        concurrency: usize::from(arguments.pace.concurrency),
        apart: arguments.pace.rate.unwrap_or_default(),
        settle: arguments.settle,
        patience: arguments.patience,
        judge_only: arguments.check || arguments.dry_run,
        restart: arguments.restart,
        resend_unknown: arguments.resend_unknown,
    }
}

/// The first wish to stop lets what is under way come to its end; the second ends the program, whose journal bears that.
async fn stop_at_once_the_second_time() {
    interrupted().await;
    output::note("stopping: waiting for the calls that are under way (Ctrl-C again ends at once)");
    interrupted().await;
    output::note("ended at once: the same command goes on, and looks first for what was under way");
    std::process::exit(i32::from(FailureKind::Interrupted.exit_code()));
}

async fn verdicts(
    prepared: &Prepared,
    session: &Session,
) -> Result<BTreeMap<&'static str, PathBuf>, Stop> {
    match session.run(Job::WriteVerdicts(prepared.clone())).await? {
        Output::Verdicts(files) => Ok(files),
        other => unreachable!("writing verdicts gives files, not {other:?}"),
    }
}

/// Tells what was found in a file.
fn tell_verdicts(
    file: &Path,
    summary: &Summary,
    files: &BTreeMap<&'static str, PathBuf>,
    stays: bool,
    session: &Session,
) -> Result<(), Stop> {
    if session.json() {
        // Where the load goes on, its end tells all of it.
        if stays {
            output::print_json(&verdicts_json(file, summary, files))?;
        }
        return Ok(());
    }
    let name = file.display();
    let rows = grouped(summary.rows);
    match &summary.resumed {
        Some(resumed) => output::note(&format!(
            "{name}: goes on with the load begun at {}: {} of {rows} records are there, {} refused, {} in doubt",
            resumed.begun,
            grouped(resumed.done),
            grouped(resumed.failed),
            grouped(resumed.in_doubt)
        )),
        None if summary.wrong == 0 => output::note(&format!(
            "{name}: {}, all right",
            counted(summary.rows, "row")
        )),
        None => {
            output::note(&format!(
                "{name}: {}, {} wrong",
                counted(summary.rows, "row"),
                grouped(summary.wrong)
            ));
        }
    }
    if !summary.can_look {
        output::note(
            "the entity type has no unique attribute that this client can look for: of a call whose outcome stays unknown, the rows are not sent again",
        );
    }
    let lines: Vec<String> = summary
        .shown
        .iter()
        .map(|shown| format!("  line {}: {}\n", shown.line, describe(&shown.fault)))
        .collect();
    output::tell(&lines.concat());
    for (what, path) in files {
        output::note(&format!("{}: {}", what_it_is(what), path.display()));
    }
    Ok(())
}

/// `born: not a day (342 invalid_date_time)`
fn describe(fault: &Fault) -> String {
    let place = match fault.place.as_str() {
        "" => String::new(),
        place => format!("{place}: "),
    };
    let code = fault.code.map_or_else(String::new, |code| {
        let word = code
            .name()
            .map_or_else(String::new, |name| format!(" {name}"));
        format!(" ({code}{word})")
    });
    format!("{place}{}{code}", fault.reason)
}

/// What a file in the folder of a load is.
fn what_it_is(name: &str) -> &str {
    match name {
        "changed" => "rejected rows as somebody had changed them, put aside",
        "changed unknown" => "unknown rows as somebody had changed them, put aside",
        name => name,
    }
}

fn number(count: u64) -> Json {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}

fn files_json(files: &BTreeMap<&'static str, PathBuf>) -> Json {
    let path = |path: &PathBuf| Json::from(path.display().to_string());
    files.iter().map(|(what, it)| (*what, path(it))).collect()
}

fn verdicts_json(file: &Path, summary: &Summary, files: &BTreeMap<&'static str, PathBuf>) -> Json {
    let shown = summary.shown.iter().map(|shown| {
        let mut one = Object::new();
        one.insert("row".to_owned(), number(shown.row));
        one.insert("line".to_owned(), number(shown.line));
        one.insert("column".to_owned(), shown.fault.place.as_str().into());
        let code = shown.fault.code.map(|ErrorCode(code)| Json::from(code));
        one.insert("code".to_owned(), code.unwrap_or_default());
        one.insert("reason".to_owned(), shown.fault.reason.as_str().into());
        Json::from(one)
    });
    [
        ("file", Json::from(file.display().to_string())),
        ("rows", number(summary.rows)),
        ("wrong", number(summary.wrong)),
        ("to_send", number(summary.to_send)),
        ("first_faults", Json::Array(shown.collect())),
        ("files", files_json(files)),
    ]
    .into_iter()
    .collect()
}

fn end_of_check(arguments: &Load, ready: &[(&PathBuf, Prepared)], wrong: u64) -> Result<(), Stop> {
    if wrong == 0 {
        return Ok(());
    }
    if arguments.check {
        return Err(Stop::Found);
    }
    let rows: u64 = ready.iter().map(|(_, it)| it.summary().rows).sum();
    let message = format!(
        "nothing was sent: {} of {} rows are wrong",
        grouped(wrong),
        grouped(rows)
    );
    Err(Failure::new(FailureKind::Found, message)
        .hint("correct them in the file, or send the others with --skip-invalid")
        .into())
}

/// Prints the call that creates the first record of each file.
async fn dry_run(ready: &[(&PathBuf, Prepared)], session: &Session) -> Result<(), Stop> {
    let mut requests = Vec::new();
    for (file, prepared) in ready {
        let to_send = grouped(prepared.summary().to_send);
        output::note(&format!(
            "{}: {to_send} records would be created",
            file.display()
        ));
        let prepared = prepared.clone();
        let first = tokio::task::spawn_blocking(move || prepared.first_call()).await;
        let first = first.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))?;
        requests.extend(first);
    }
    let job = Job::ExportCurl {
        requests,
        secrets: false,
    };
    match session.run(job).await? {
        Output::Curl(command) => Ok(output::print_document(command.reveal())?),
        other => unreachable!("an export gives commands, not {other:?}"),
    }
}

/// Asks for a yes outside of sandboxes.
fn ask(arguments: &Load, ready: &[(&PathBuf, Prepared)], session: &Session) -> Result<(), Failure> {
    let environment = session.environment();
    let records: u64 = ready.iter().map(|(_, it)| it.summary().to_send).sum();
    if environment.class == EnvironmentClass::Sandbox || records == 0 {
        return Ok(());
    }
    let what = format!(
        "create {} records of `{}` in `{}` ({})",
        grouped(records),
        arguments.type_name,
        environment.name,
        environment.class
    );
    confirm(&what, arguments.yes)
}

fn tell_loaded(file: &Path, loaded: &Loaded, session: &Session) -> Result<(), Stop> {
    if session.json() {
        let stopped = loaded
            .stopped
            .as_ref()
            .map(|it| Json::from(it.message.as_str()));
        let json = [
            ("file", Json::from(file.display().to_string())),
            ("rows", number(loaded.rows)),
            ("created", number(loaded.done)),
            ("refused", number(loaded.failed)),
            ("unknown", number(loaded.unknown)),
            ("left", number(loaded.left)),
            ("stopped", stopped.unwrap_or_default()),
            ("folder", loaded.folder.display().to_string().into()),
            ("files", files_json(&loaded.files)),
        ];
        return Ok(output::print_json(&json.into_iter().collect())?);
    }
    let mut text = format!(
        "{}: {} created",
        file.display(),
        counted(loaded.done, "record")
    );
    for (count, what) in [
        (loaded.failed, "refused"),
        (loaded.unknown, "unknown"),
        (loaded.left, "not sent yet"),
    ] {
        if count > 0 {
            text.extend([", ", &grouped(count), " ", what]);
        }
    }
    for (what, path) in &loaded.files {
        text.extend(["\n", &format!("{:<10}{}", what_it_is(what), path.display())]);
    }
    Ok(output::print(&text)?)
}

/// How a load that did not go well ends the command.
fn end(file: &Path, loaded: &Loaded) -> Option<Stop> {
    let goes_on = format!("the same command goes on with {}", file.display());
    if let Some(failure) = &loaded.stopped {
        return Some(Stop::Failed(failure.clone().hint(goes_on)));
    }
    if loaded.left > 0 {
        let message = "interrupted: what was begun is in the journal";
        return Some(
            Failure::new(FailureKind::Interrupted, message)
                .hint(goes_on)
                .into(),
        );
    }
    if loaded.unknown > 0 {
        let message = format!(
            "of {} rows nobody can tell whether their records are there",
            grouped(loaded.unknown)
        );
        let failure = Failure::new(FailureKind::UnknownOutcome, message)
            .hint("look for them; --resend-unknown sends them again");
        return Some(failure.into());
    }
    (loaded.failed > 0).then_some(Stop::Found)
}

/// What is unknown counts more than what was refused.
fn worse(one: Option<Stop>, other: Stop) -> Stop {
    match one {
        Some(one @ Stop::Failed(_)) => one,
        _ => other,
    }
}

/// `captui record rollback`
pub(super) async fn roll_back(arguments: Rollback, session: &Session) -> Result<(), Stop> {
    if !arguments.dry_run {
        session.may_change()?;
    }
    let work = rollback::Rollback {
        what: arguments.what.clone(),
        type_name: arguments.type_name.clone(),
        force: arguments.force,
        concurrency: usize::from(arguments.pace.concurrency),
        apart: arguments.pace.rate.unwrap_or_default(),
    };
    let plan = match session.run(Job::PlanRollback(Box::new(work))).await? {
        Output::RollbackPlan(plan) => plan,
        other => unreachable!("planning gives a plan, not {other:?}"),
    };
    let what = of_rollback(&plan, session);
    if arguments.dry_run {
        output::print(&format!("would {what}"))?;
        return Ok(());
    }
    if plan.unknown > 0 {
        output::note(&of_unknown(plan.unknown));
    }
    agree(&arguments, &plan, &what)?;
    let listening = tokio::spawn(stop_at_once_the_second_time());
    let done = session.run(Job::RollBack(plan)).await;
    listening.abort();
    let done = match done? {
        Output::RolledBack(done) => done,
        other => unreachable!("a roll-back gives what became of it, not {other:?}"),
    };
    tell_rolled_back(&done, session)?;
    if let Some(failure) = &done.stopped {
        let failure = failure.clone().hint("the same command goes on with it");
        return Err(failure.into());
    }
    if done.left > 0 {
        let failure = Failure::new(FailureKind::Interrupted, "interrupted");
        return Err(failure.hint("the same command goes on with it").into());
    }
    if done.unknown > 0 {
        let failure = Failure::new(FailureKind::UnknownOutcome, of_unknown(done.unknown));
        return Err(failure.hint("look for them").into());
    }
    if done.changed + done.failed > 0 {
        return Err(Stop::Found);
    }
    Ok(())
}

fn of_unknown(rows: u64) -> String {
    format!(
        "of {} rows of the load nobody can tell whether their records are there: they are not in the list",
        grouped(rows)
    )
}

fn of_rollback(plan: &RollbackPlan, session: &Session) -> String {
    let environment = session.environment();
    format!(
        "delete {} records of `{}` in `{}` ({}) for good",
        grouped(plan.records - plan.before),
        plan.type_name,
        environment.name,
        environment.class
    )
}

/// What deletes records wants the typed name of their type, wherever they are.
fn agree(arguments: &Rollback, plan: &RollbackPlan, what: &str) -> Result<(), Failure> {
    match &arguments.confirm {
        Some(word) if *word == plan.type_name => Ok(()),
        Some(_) => Err(Failure::new(
            FailureKind::Usage,
            "nothing was sent: --confirm does not name the entity type",
        )
        .hint(format!(
            "if you mean it: --confirm {}",
            quote(&plan.type_name)
        ))),
        None => confirm_word(what, &plan.type_name),
    }
}

fn tell_rolled_back(done: &RolledBack, session: &Session) -> Result<(), Stop> {
    let counts = [
        ("deleted", done.deleted),
        ("gone", done.gone),
        ("changed", done.changed),
        ("failed", done.failed),
        ("left", done.left),
        ("unknown", done.unknown),
    ];
    if session.json() {
        let mut json = Object::new();
        json.insert("records".to_owned(), number(done.records));
        for (what, count) in counts {
            json.insert(what.to_owned(), number(count));
        }
        json.insert("file".to_owned(), done.file.display().to_string().into());
        return Ok(output::print_json(&json.into())?);
    }
    let told = counts
        .iter()
        .filter(|(what, count)| *count > 0 || *what == "deleted");
    let words = |what: &str| match what {
        "gone" => "gone before",
        "changed" => "changed since and left alone",
        "left" => "not dealt with yet",
        "unknown" => "unknown",
        "failed" => "not deleted",
        _ => "deleted",
    };
    let told: Vec<String> = told
        .map(|(what, count)| format!("{} {}", grouped(*count), words(what)))
        .collect();
    Ok(output::print(&format!(
        "{}\nresults   {}",
        told.join(", "),
        done.file.display()
    ))?)
}
