//! `captui schema apply` and `import`: a plan carried out. What was interrupted is in `interrupted`.
//!
//! ```text
//! plan ─▶ anything refused? ─▶ look at the records ─▶ any in the way? ─▶ a yes, or the typed word ─▶ keep what goes ─▶ apply
//! ```
//!
//! Every question comes before the first call that changes anything.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::capture::path::AttrPath;
use crate::capture::schema::plan::Action;
use crate::capture::schema::plan::Risk;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::plan::Step;
use crate::cli::args::schema::Apply;
use crate::cli::args::schema::Applying;
use crate::cli::args::schema::Consent;
use crate::cli::args::schema::Import;
use crate::cli::args::schema::Source;
use crate::cli::args::schema::Target;
use crate::cli::commands::schema::interrupted;
use crate::cli::commands::schema::know_type_name;
use crate::cli::commands::schema::planned::Planned;
use crate::cli::commands::schema::source;
use crate::cli::commands::schema::source::Loaded;
use crate::cli::commands::types::count;
use crate::cli::confirm::confirm;
use crate::cli::confirm::confirm_word;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::config::environment::EnvironmentClass;
use crate::curl::export::quote;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::worker::job::Job;
use crate::worker::job::Output;
use crate::worker::plan::Applied;

/// How many records are copied between two lines about it.
const RECORDS_A_LINE: u64 = 1000;

pub(super) async fn apply(
    arguments: &Apply,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    let unfinished = &arguments.unfinished;
    if unfinished.list {
        return interrupted::list(environment, json).await;
    }
    if let Some(which) = &unfinished.forget {
        let consent = &arguments.applying.consent;
        return interrupted::forget(which, consent, environment, json).await;
    }
    if let Some(which) = &unfinished.resume {
        let applying = &arguments.applying;
        return interrupted::resume(which.as_deref(), applying, environment, json).await;
    }
    let (Some(target), Some(wanted)) = (&arguments.target, &arguments.wanted) else {
        unreachable!("without these the command line is refused");
    };
    let wanted = source::load(wanted, environment).await?;
    carry_out(target, &wanted, &arguments.applying, environment, json).await
}

pub(super) async fn import(
    arguments: &Import,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    arguments.name.as_deref().map_or(Ok(()), know_type_name)?;
    let source = match arguments.file.as_str() {
        "-" => Source::Stdin,
        file => Source::File(PathBuf::from(file)),
    };
    let wanted = source::load(&source, environment).await?;
    let name = arguments.name.as_ref().or(wanted.name.as_ref());
    let target = Target {
        environment: None,
        type_name: name.cloned().ok_or_else(|| {
            Failure::new(
                FailureKind::Usage,
                format!(
                    "{} does not say what the entity type is called",
                    wanted.label
                ),
            )
            .hint("--name NAME says it")
        })?,
    };
    carry_out(&target, &wanted, &arguments.applying, environment, json).await
}

async fn carry_out(
    target: &Target,
    wanted: &Loaded,
    applying: &Applying,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    let mut planned = Planned::make(target, wanted, &applying.how_far, environment).await?;
    refuse_unfinished(&planned).await?;
    let may_change = planned.session.may_change();
    if may_change.is_ok() && !applying.no_check {
        planned.look_if_risky().await?;
    }
    if !json {
        output::print(&planned.text())?;
    }
    let applied = go_on(&planned, applying).await;
    if json {
        let applied = applied.as_ref().ok().and_then(Option::as_deref);
        output::print_json(&planned.as_json(applied))?;
    }
    if let Some(applied) = applied? {
        end(&applied, &planned.plan().type_name, json)?;
    }
    if planned.plan().refused.is_empty() {
        Ok(())
    } else {
        Err(Stop::Found)
    }
}

/// What must not be overlooked, asked; then the plan. `None` when there is nothing to do.
async fn go_on(planned: &Planned, applying: &Applying) -> Result<Option<Arc<Applied>>, Stop> {
    let plan = planned.plan();
    if !plan.steps.is_empty() {
        planned.session.may_change()?;
    }
    let refused = plan.refused.len();
    if refused > 0 && !applying.partial {
        return Err(Stop::Failed(
            Failure::new(
                FailureKind::Found,
                format!(
                    "nothing was sent: {} cannot be done",
                    count(refused, "change")
                ),
            )
            .hint("--partial does the rest"),
        ));
    }
    if plan.steps.is_empty() {
        return Ok(None);
    }
    if planned.broken() > 0 {
        return Err(Stop::Failed(
            Failure::new(
                FailureKind::Found,
                "nothing was sent: records stand in the way, and the service would refuse",
            )
            .hint("mend the records named above, or leave these changes out"),
        ));
    }
    ask(planned, &applying.consent)?;
    if let Some(file) = &applying.export_lost {
        export_lost(planned, file).await?;
    }
    let job = Job::ApplyPlan(Box::new(planned.work.clone()));
    Ok(Some(run(&planned.session, plan, job).await?))
}

/// A plan that was interrupted may hold the only copy of values under a spare name, which a new plan would remove.
async fn refuse_unfinished(planned: &Planned) -> Result<(), Stop> {
    let name = &planned.plan().type_name;
    let plans = interrupted::unfinished(&planned.session).await?;
    if !plans.iter().any(|it| it.work.plan.type_name == *name) {
        return Ok(());
    }
    let word = quote(name);
    Err(Stop::Failed(
        Failure::new(
            FailureKind::Found,
            format!("nothing was sent: a plan for `{name}` was interrupted"),
        )
        .hint(format!(
            "captui schema apply --resume {word} goes on with it"
        ))
        .hint(format!(
            "captui schema apply --forget {word} forgets it; what it did stays done"
        )),
    ))
}

/// Asks before the steps of a plan: for the typed name of the type when values are destroyed, for a yes outside of
/// sandboxes.
pub(super) fn ask(planned: &Planned, consent: &Consent) -> Result<(), Failure> {
    let SchemaPlan {
        type_name: name,
        steps,
        ..
    } = planned.plan();
    let environment = planned.session.environment();
    let place = format!("`{name}` in `{}`", environment.name);
    let destructive = steps.iter().filter(|step| step.risk == Risk::Destructive);
    if names_it(consent, name)? {
        return Ok(());
    }
    match destructive.count() {
        0 if environment.class == EnvironmentClass::Sandbox => Ok(()),
        0 => confirm(
            &format!("make {} to {place}", count(steps.len(), "change")),
            consent.yes,
        ),
        destructive => confirm_word(
            &format!(
                "{} of {place} {} values for good",
                count(destructive, "change"),
                if destructive == 1 {
                    "destroys"
                } else {
                    "destroy"
                }
            ),
            name,
        ),
    }
}

/// Whether the command line says the entity type's name; a failure when it says another.
pub(super) fn names_it(consent: &Consent, type_name: &str) -> Result<bool, Failure> {
    match &consent.confirm {
        None => Ok(false),
        Some(word) if word == type_name => Ok(true),
        Some(_) => Err(Failure::new(
            FailureKind::Usage,
            "nothing was sent: --confirm does not name the entity type",
        )
        .hint(format!("if you mean it: --confirm {}", quote(type_name)))),
    }
}

/// Writes the values that the plan destroys into a file.
pub(super) async fn export_lost(planned: &Planned, file: &Path) -> Result<(), Stop> {
    let paths = lost_paths(planned);
    if paths.is_empty() {
        output::note("no value goes away: nothing is exported");
        return Ok(());
    }
    let job = Job::ExportValues {
        type_name: planned.plan().type_name.clone(),
        paths,
        file: file.to_owned(),
    };
    match planned.session.run(job).await? {
        Output::Written { file, records } => output::note(&format!(
            "the values of {} are in {}",
            count(
                usize::try_from(records.unwrap_or_default()).unwrap_or(usize::MAX),
                "record"
            ),
            file.display()
        )),
        other => unreachable!("exporting gives a file, not {other:?}"),
    }
    Ok(())
}

/// The stored attributes whose values a plan removes.
fn lost_paths(planned: &Planned) -> Vec<AttrPath> {
    let Some(stored) = &planned.work.stored else {
        return Vec::new();
    };
    let mut paths = Vec::new();
    for step in &planned.plan().steps {
        if step.action == Action::Remove
            && stored.get(&step.path).is_some()
            && !paths.contains(&step.path)
        {
            paths.push(step.path.clone());
        }
    }
    paths
}

/// Applies or resumes a plan, telling each step as it begins.
pub(super) async fn run(
    session: &Session,
    plan: &SchemaPlan,
    job: Job,
) -> Result<Arc<Applied>, Stop> {
    let mut at = None;
    let mut told = 0;
    let output = session.run_telling(job, |progress| {
        if at.replace(progress.at) != Some(progress.at) {
            told = 0;
            let what = plan.steps.get(progress.at).map(Step::what);
            let (number, of) = (progress.at + 1, progress.of);
            let what = what.unwrap_or_default();
            output::note(&format!("step {number} of {of}: {what}"));
        } else if progress.records >= told + RECORDS_A_LINE {
            told = progress.records;
            let of = progress.of_records;
            let of = of.map_or_else(String::new, |of| format!(" of {of}"));
            output::note(&format!("  {}{of} records", progress.records));
        }
    });
    match output.await? {
        Output::Applied(applied) => Ok(applied),
        other => unreachable!("applying gives what became of it, not {other:?}"),
    }
}

/// Tells how it ended; a failure when it stopped before its end.
pub(super) fn end(applied: &Applied, type_name: &str, json: bool) -> Result<(), Stop> {
    let Applied { done, of, .. } = applied;
    let Some(why) = &applied.stopped else {
        if !json {
            output::print(&format!("done: {done} of {}", count(*of, "step")))?;
        }
        return Ok(());
    };
    let answered = applied
        .exchanges
        .last()
        .and_then(|exchange| exchange.failure());
    let failure = Failure {
        kind: answered
            .as_ref()
            .map_or(FailureKind::Found, |failure| failure.kind),
        message: format!("stopped: {done} of {} done", count(*of, "step")),
        cause: Some(why.clone()),
        hints: answered.map_or_else(Vec::new, |failure| failure.hints),
    };
    Err(Stop::Failed(match applied.journal {
        Some(_) => failure.hint(format!(
            "captui schema apply --resume {} goes on with it",
            quote(type_name)
        )),
        None => failure,
    }))
}
