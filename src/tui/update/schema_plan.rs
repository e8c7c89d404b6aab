//! Plans of schema changes: opening them, looking at the records, trying, exporting, applying, and going on with one that
//! stopped. Part of the root's update: the sheet knows its plan, only the root knows the jobs and the environment.

use std::path::PathBuf;
use std::sync::Arc;

use crate::capture::endpoint::Endpoint;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::capture::schema::plan::Action as Does;
use crate::capture::schema::property::read_properties;
use crate::config::environment::EnvironmentClass;
use crate::exchange::Exchange;
use crate::tui::drafts::clock;
use crate::tui::effect::Effect;
use crate::tui::effect::Owner;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::ask_line::AskLine;
use crate::tui::overlays::ask_line::LineFor;
use crate::tui::overlays::choose::Choose;
use crate::tui::overlays::choose::Of;
use crate::tui::overlays::choose::Row;
use crate::tui::overlays::confirm::Also;
use crate::tui::overlays::confirm::Confirm;
use crate::tui::overlays::confirm::Then;
use crate::tui::overlays::help::Help;
use crate::tui::overlays::schema_plan::Action;
use crate::tui::overlays::schema_plan::Doing;
use crate::tui::overlays::schema_plan::Exported;
use crate::tui::overlays::schema_plan::Next;
use crate::tui::overlays::schema_plan::Obstacle;
use crate::tui::overlays::schema_plan::PlanSheet;
use crate::tui::overlays::schema_plan::rows::grouped;
use crate::tui::overlays::schema_plan::rows::records;
use crate::tui::panes::response::Source;
use crate::tui::panes::schema::DesignKey;
use crate::tui::panes::schema::planning::COPIES_VALUES;
use crate::tui::session::PaneId;
use crate::tui::session::View;
use crate::tui::update::back;
use crate::tui::update::copying;
use crate::tui::update::failure_of;
use crate::tui::update::open_type;
use crate::tui::update::records as calls;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::JobId;
use crate::worker::job::Output;
use crate::worker::plan::Applied;
use crate::worker::plan::JournalId;
use crate::worker::plan::StepProgress;
use crate::worker::plan::Unfinished;

/// So many attributes are named below a heading of a question.
const NAMED: usize = 4;

/// Shows the plan of the changes of the design that is shown.
pub(super) fn show(model: &mut Model) {
    let Some(basis) = model.schema.basis() else {
        let reason = "a new entity type needs no plan: <app.send> creates it by one call";
        return model.say(Tone::Refusal, reason);
    };
    let mut begun = model.unfinished.iter();
    if let Some(begun) = begun.find(|it| it.work.plan.type_name == basis.stored.name) {
        // What is stored now is in the middle of it: another plan would take copies for what is wanted.
        let told = format!(
            "{}: <plan.apply> goes on, <plan.forget> forgets it",
            stopped(begun)
        );
        let begun = begun.clone();
        open_unfinished(model, begun);
        return model.say(Tone::Plain, told);
    }
    let before = model.plan.take();
    put(model, PlanSheet::new(basis, before));
    tell_chosen(model);
}

fn put(model: &mut Model, sheet: PlanSheet) {
    model.plan = Some(sheet);
    if !shows_plan(model) {
        model.overlays.push(Overlay::SchemaPlan);
    }
}

/// What is shown beside the design is planned as the sheet plans it.
fn tell_chosen(model: &mut Model) {
    if let Some(sheet) = &model.plan
        && let Some(chosen) = sheet.chosen()
    {
        model.schema.choose(&sheet.plan().type_name, chosen);
    }
}

fn shows_plan(model: &Model) -> bool {
    let is_plan = |overlay: &Overlay| matches!(overlay, Overlay::SchemaPlan);
    model.overlays.iter().any(is_plan)
}

/// Asks which plans were begun and have not come to their end. Looks into files only.
pub(super) fn list(model: &mut Model, effects: &mut Vec<Effect>) {
    model
        .fx(Owner::Plan, effects)
        .run("unfinished plans", Job::ListPlans, false);
}

/// Shows what there is to go on with; asks which when there are several.
pub(super) fn show_unfinished(model: &mut Model) {
    match model.unfinished.as_slice() {
        [] => model.say(Tone::Refusal, "no plan is unfinished here"),
        [only] => {
            let only = only.clone();
            open_unfinished(model, only);
        }
        several => {
            let choices = several.iter().map(|plan| {
                let note = progress_of(plan);
                Row::new(&plan.work.wanted.name, note)
            });
            let choose = Choose::new("Go on with which plan?", choices, Of::Unfinished);
            model.overlays.push(Overlay::Choose(choose));
        }
    }
}

/// One of several was chosen.
pub(super) fn unfinished_chosen(model: &mut Model, at: usize) {
    if let Some(unfinished) = model.unfinished.get(at).cloned() {
        open_unfinished(model, unfinished);
    }
}

/// Shows a plan that was begun earlier.
fn open_unfinished(model: &mut Model, unfinished: Unfinished) {
    put(model, PlanSheet::unfinished(unfinished));
}

fn stopped(plan: &Unfinished) -> String {
    format!("a plan for {} {}", plan.work.wanted.name, progress_of(plan))
}

fn progress_of(plan: &Unfinished) -> String {
    let of = plan.work.plan.steps.len();
    format!("stopped after {} of {of} steps", plan.done)
}

/// A verb of the plan.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(sheet) = &mut model.plan else {
        return;
    };
    if sheet.go(action) {
        return;
    }
    match action {
        Action::Apply => apply(model, effects),
        Action::Check => check(model, Next::Show, effects),
        Action::Try => {
            let job = Job::DryRun(Box::new(sheet.work()));
            run(model, Doing::Trying, "dry run", job, effects);
        }
        Action::Export => {
            let count = sheet.doomed().len();
            let about = match count {
                1 => "The values of 1 attribute, one JSON object a line. The file must not exist."
                    .to_owned(),
                _ => format!(
                    "The values of {count} attributes, one JSON object a line. The file must not exist."
                ),
            };
            let name = file_name(model);
            let ask = AskLine::new("Write the values to", about, &name, LineFor::Values);
            model.overlays.push(Overlay::AskLine(Box::new(ask)));
        }
        Action::Rebuild => {
            let toggled = sheet.toggle_rebuild();
            tell_chosen(model);
            match toggled {
                Some((path, true)) => model.say(
                    Tone::Plain,
                    format!("{path} is rebuilt: <plan.rebuild> leaves it as it is again"),
                ),
                Some((path, false)) => model.say(Tone::Plain, format!("{path} is not rebuilt")),
                None => model.say(
                    Tone::Refusal,
                    "several can be rebuilt: go to one of those that are not done first",
                ),
            }
        }
        Action::AdditionsOnly => {
            sheet.toggle_additions();
            tell_chosen(model);
        }
        Action::Open => open_record(model, effects),
        Action::Answer => {
            close(model);
            model.focus = PaneId::Response;
        }
        Action::Forget => ask_to_forget(model),
        Action::CopyCurl => copy_curl(model, effects),
        Action::CopyMarkdown => {
            let text = sheet.plan().to_markdown();
            copying::copy("the plan".to_owned(), text, effects);
        }
        Action::Help => {
            let help = Help::new(&model.keymap, &model.scopes(), |_| true);
            model.overlays.push(Overlay::Help(Box::new(help)));
        }
        Action::Close if sheet.job().is_some() => back(model, effects),
        Action::Close => close(model),
        Action::Go(_) => {}
    }
}

fn close(model: &mut Model) {
    model
        .overlays
        .retain(|overlay| !matches!(overlay, Overlay::SchemaPlan));
    // What was found out is kept for when the same plan is looked at again; what was applied is over.
    model.plan = model.plan.take().filter(PlanSheet::is_planned);
}

fn open_record(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(sheet) = &model.plan else {
        return;
    };
    let Some(broken) = sheet.record() else {
        return;
    };
    if model.response.is_waiting() {
        return model.say(
            Tone::Refusal,
            "a call is still running: <app.back> cancels it",
        );
    }
    let request = ApiRequest::new(Endpoint::EntityView)
        .with("type_name", &*sheet.plan().type_name)
        .with("id", broken.id.to_string());
    close(model);
    calls::ask(model, request, Source::Opened, effects);
}

fn copy_curl(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(sheet) = &model.plan else {
        return;
    };
    let mut steps = sheet.plan().steps.iter();
    if steps.any(|step| matches!(step.action, Does::CopyValues { .. })) {
        return model.say(Tone::Refusal, COPIES_VALUES);
    }
    let requests = sheet.requests();
    copying::curl(model, requests, effects);
}

fn ask_to_forget(model: &mut Model) {
    let Some(journal) = model.plan.as_ref().and_then(PlanSheet::journal) else {
        return;
    };
    let lines = vec![
        "What of it is done stays done, and what is not is not done.".to_owned(),
        "Nothing here knows any more that it was begun.".to_owned(),
    ];
    let question = Confirm::new(
        "Forget this plan?",
        lines,
        ["Keep it", "Forget it"],
        Then::ForgetPlan(journal),
    );
    model.overlays.push(Overlay::Confirm(question));
}

/// Forgets a plan that was begun.
pub(super) fn forget(model: &mut Model, journal: JournalId, effects: &mut Vec<Effect>) {
    close(model);
    model
        .fx(Owner::Plan, effects)
        .run("unfinished plans", Job::ForgetPlan(journal), false);
}

/// Looks at the rules of the type, which may change the plan, and then at its records. One that was begun does not change
/// any more; but the type has changed since.
fn check(model: &mut Model, next: Next, effects: &mut Vec<Effect>) {
    let Some(sheet) = &model.plan else {
        return;
    };
    if sheet.journal().is_some() {
        let name = sheet.plan().type_name.clone();
        let title = format!("entityType {name}");
        let job = Job::LoadType(name);
        return run(model, Doing::ReadingType(next), title, job, effects);
    }
    let request =
        ApiRequest::new(Endpoint::TypeProperties).with("type_name", &*sheet.plan().type_name);
    let title = request.endpoint.name();
    let job = Job::Send(request);
    run(model, Doing::ReadingRules(next), title, job, effects);
}

fn run(
    model: &mut Model,
    doing: Doing,
    title: impl Into<String>,
    job: Job,
    effects: &mut Vec<Effect>,
) {
    let id = model.fx(Owner::Plan, effects).run(title, job, true);
    if let Some(sheet) = &mut model.plan {
        sheet.begin(doing, id);
    }
}

/// F5: applies the plan, once its records were looked at and the user was asked what is to be asked.
fn apply(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(sheet) = &model.plan else {
        return;
    };
    match sheet.obstacle() {
        Some(Obstacle::Nothing) => {
            let told = "nothing to do: everything is stored as it is designed";
            return model.say(Tone::Plain, told);
        }
        Some(Obstacle::Anew) => return plan_anew(model),
        Some(Obstacle::Told(_)) | None => {}
    }
    let needs_a_look = sheet.needs_a_look();
    if model.session.read_only {
        let reason = "this environment is read-only: a plan can be made here, not applied";
        return model.say(Tone::Refusal, reason);
    }
    if model.response.is_waiting() {
        return model.say(
            Tone::Refusal,
            "a call is still running: <app.back> cancels it",
        );
    }
    if needs_a_look {
        check(model, Next::Apply, effects);
    } else {
        apply_checked(model, effects);
    }
}

/// What the plan was made for is not what is stored, or its first call was refused: there is nothing to go on with.
fn plan_anew(model: &mut Model) {
    let Some(sheet) = &model.plan else {
        return;
    };
    let name = sheet.plan().type_name.clone();
    if model.schema.current() == Some(&DesignKey::Stored(name.clone())) {
        model.say(Tone::Plain, "planned anew, for what is stored now");
        show(model);
    } else {
        close(model);
        model.say(
            Tone::Plain,
            format!("open {name}: there <schema.plan> plans anew"),
        );
    }
}

/// Applies the plan with what is known of the records now.
fn apply_checked(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(sheet) = &mut model.plan else {
        return;
    };
    match sheet.obstacle() {
        // What the rules say may leave nothing to do.
        Some(Obstacle::Nothing | Obstacle::Anew) => return,
        Some(Obstacle::Told(text)) => {
            sheet.insist();
            return model.say(Tone::Refusal, text);
        }
        None => {}
    }
    let needed = endpoints(sheet);
    let permission = &mut model.session.permission;
    if let Some(warning) = needed.into_iter().find_map(|one| permission.warning(one)) {
        return model.say(Tone::Refusal, warning);
    }
    match question(model) {
        Some(question) => model.overlays.push(Overlay::Confirm(question)),
        None => apply_now(model, effects),
    }
}

fn endpoints(sheet: &PlanSheet) -> Vec<Endpoint> {
    let plan = sheet.plan();
    let mut endpoints: Vec<Endpoint> = sheet
        .steps_left()
        .map(|(_, step)| {
            let request = step.request(&plan.type_name);
            request.map_or(Endpoint::EntityUpdate, |request| request.endpoint)
        })
        .collect();
    endpoints.sort();
    endpoints.dedup();
    endpoints
}

/// What to ask before a plan is applied (design D.7): a typed word wherever anything goes away, in a sandbox too; else what
/// the environment's class wants.
fn question(model: &Model) -> Option<Confirm> {
    let sheet = model.plan.as_ref()?;
    let session = &model.session;
    let plan = sheet.plan();
    let doomed = sheet.doomed();
    let is_destructive = sheet
        .steps_left()
        .any(|(_, step)| step.action == Does::Remove)
        || (sheet.is_planned() && plan.is_destructive());
    if !is_destructive && !calls::is_to_be_asked(model, false) {
        return None;
    }
    let class = session.class.name().to_uppercase();
    let left = sheet.steps_left().count();
    let steps = if left == 1 { "step" } else { "steps" };
    let mut lines = vec![
        format!("{class}  {}", session.domain),
        format!("{left} {steps} for {}", plan.type_name),
    ];
    if !is_destructive {
        let title = format!("Change {} in {}?", plan.type_name, session.environment);
        let answers = ["Cancel", "Apply"];
        let question = Confirm::new(title, lines, answers, Then::ApplyPlan(String::new()));
        return Some(question.may_be_quiet());
    }
    let (named, lost) = losses(sheet);
    lines.push(String::new());
    lines.extend(named);
    lines.push(String::new());
    lines.push("The service has no undo.".to_owned());
    let word = match doomed.as_slice() {
        [only] => only.dotted(),
        _ => plan.type_name.clone(),
    };
    let title = format!("This cannot be taken back · {}", session.environment);
    if let Some(exported) = sheet.exported() {
        let (at, file) = (clock(exported.at, session.now), exported.file.display());
        let records = records(exported.records);
        lines.push(format!(
            "At {at} the values of {records} were written to {file}."
        ));
    }
    let file = file_name(model);
    let also = (!doomed.is_empty() && lost != Some(0)).then(|| Also {
        label: format!("first save to {file}"),
        on: session.class != EnvironmentClass::Sandbox,
    });
    let then = Then::ApplyPlan(file);
    let question = Confirm::new(title, lines, ["Cancel", "apply"], then);
    Some(Confirm {
        also,
        ..question.typing(word)
    })
}

/// What goes away, an attribute a line, under what becomes of its values; and how many are lost, when it is known.
fn losses(sheet: &PlanSheet) -> (Vec<String>, Option<u64>) {
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    let mut all = Some(0);
    for (at, step) in sheet.removals() {
        let path = step.path.dotted();
        let spare = if sheet.is_spare(step) {
            "the spare, "
        } else {
            ""
        };
        let lost = sheet.lost(at);
        match (lost, sheet.copied_to(at)) {
            (Some((0, _)), Some(to)) => {
                kept.push(format!("  {path}: {spare}copied to {} first", to.dotted()));
            }
            (Some((0, _)), None) => kept.push(format!("  {path}: no record has a value")),
            (Some((lost, of)), to) => {
                let have = if lost == 1 { "has" } else { "have" };
                let (lost, of) = (grouped(lost), records(of));
                let not_copied = to.map_or("", |_| " that is not copied whole");
                gone.push(format!(
                    "  {path}: {lost} of {of} {have} a value{not_copied}"
                ));
            }
            (None, _) => gone.push(format!("  {path}: every record's value")),
        }
        all = all.zip(lost).map(|(all, (lost, _))| all + lost);
    }
    let mut lines = headed("Gone for good:", gone);
    lines.extend(headed("Copied first, or without a value:", kept));
    (lines, all)
}

/// Lines below a heading, as many as there is room for; none at all without lines.
fn headed(heading: &str, mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(NAMED);
    lines.truncate(NAMED);
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    if !lines.is_empty() {
        lines.insert(0, heading.to_owned());
    }
    lines
}

/// A name for the file that takes the values that a plan destroys; with the minute, since nothing is overwritten.
fn file_name(model: &Model) -> String {
    let Some(sheet) = &model.plan else {
        return String::new();
    };
    let doomed = sheet.doomed();
    let what = match doomed.as_slice() {
        [only] => only.dotted(),
        _ => "removed".to_owned(),
    };
    let minute = model.session.now.strftime("%Y%m%d-%H%M%S");
    format!("{}.{what}.{minute}.ndjson", sheet.plan().type_name)
}

/// The question was answered so that the plan is applied; first the values are written into a file, if that is wanted.
pub(super) fn confirmed(model: &mut Model, file: Option<String>, effects: &mut Vec<Effect>) {
    match file {
        Some(file) => write_values(model, file, Next::Apply, effects),
        None => apply_now(model, effects),
    }
}

/// The file is named that takes the values.
pub(super) fn file_named(model: &mut Model, file: String, effects: &mut Vec<Effect>) {
    write_values(model, file, Next::Show, effects);
}

fn write_values(model: &mut Model, file: String, next: Next, effects: &mut Vec<Effect>) {
    let Some(sheet) = &model.plan else {
        return;
    };
    let job = Job::ExportValues {
        type_name: sheet.plan().type_name.clone(),
        paths: sheet.doomed(),
        file: PathBuf::from(file),
    };
    run(
        model,
        Doing::Exporting(next),
        "writing values",
        job,
        effects,
    );
}

fn apply_now(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(sheet) = &model.plan else {
        return;
    };
    let job = match sheet.journal() {
        Some(id) => Job::ResumePlan {
            id,
            agreed: sheet.agreed(),
        },
        None => Job::ApplyPlan(Box::new(sheet.work())),
    };
    let title = format!("plan for {}", sheet.plan().type_name);
    run(model, Doing::Applying, title, job, effects);
}

/// A job of a plan gets on.
pub(super) fn gets_on(model: &mut Model, id: JobId, progress: StepProgress) {
    if let Some(sheet) = &mut model.plan {
        sheet.gets_on(id, progress);
    }
}

/// A job of a plan ended.
pub(super) fn finished(
    model: &mut Model,
    id: JobId,
    result: Result<Output, JobError>,
    effects: &mut Vec<Effect>,
) {
    let doing = model.plan.as_mut().and_then(|sheet| sheet.end(id));
    if doing.is_some() {
        // What was said while it ran, such as that it is being cancelled, is true no more.
        model.message = None;
    }
    match (result, doing) {
        (Ok(Output::Plans(plans)), _) => listed(model, plans),
        (
            Ok(Output::Exchange(exchange)) | Err(JobError::Exchange(exchange)),
            Some(Doing::ReadingRules(next)),
        ) => {
            rules_read(model, &exchange, next, effects);
        }
        (Ok(Output::Survey(survey)), Some(Doing::Checking(next))) => {
            let now = model.session.now;
            if let Some(sheet) = &mut model.plan {
                sheet.surveyed(survey, now);
            }
            if next == Next::Apply {
                apply_checked(model, effects);
            }
        }
        (
            Ok(Output::Type {
                schema, exchange, ..
            }),
            Some(Doing::ReadingType(next)),
        ) => {
            calls::learn(model, &exchange);
            look(model, Some(schema), next, effects);
        }
        (Ok(Output::Rehearsal(rehearsal)), Some(Doing::Trying)) => {
            let refused = rehearsal.steps.iter().position(Result::is_err);
            let of = records(rehearsal.records);
            let told = match refused {
                Some(at) => format!("the sandbox refuses step {}: nothing was sent", at + 1),
                None => format!("the sandbox takes it, on a copy of {of}: nothing was sent"),
            };
            if let Some(sheet) = &mut model.plan {
                sheet.rehearsed(rehearsal);
            }
            model.say(Tone::Plain, told);
        }
        (
            Ok(Output::Written {
                file,
                records: count,
            }),
            Some(Doing::Exporting(next)),
        ) => {
            let (records_written, at) = (count.unwrap_or_default(), model.session.now);
            let what = records(records_written);
            model.say(Tone::Plain, format!("{what} written to {}", file.display()));
            if let Some(sheet) = &mut model.plan {
                let records = records_written;
                sheet.was_exported(Exported { file, records, at });
            }
            if next == Next::Apply {
                apply_now(model, effects);
            }
        }
        (Ok(Output::Applied(applied)), Some(Doing::Applying)) => {
            was_applied(model, applied, effects);
        }
        (other, _) => {
            not_done(model, other, doing);
            if doing == Some(Doing::Applying) {
                // Another plan for the type may be what stands in the way.
                list(model, effects);
            }
        }
    }
}

/// Why something was not done.
pub(super) fn not_done(model: &mut Model, result: Result<Output, JobError>, doing: Option<Doing>) {
    if let Err(JobError::Exchange(exchange) | JobError::Cancelled(Some(exchange))) = &result {
        calls::learn(model, exchange);
        model.response.show(Arc::clone(exchange), None);
    }
    let nothing = match doing {
        Some(Doing::Exporting(Next::Apply)) => "; the plan was not applied",
        _ => "",
    };
    let failure = failure_of(result);
    let hints = failure.hints.iter().map(|hint| format!(": {hint}"));
    let hints: String = hints.collect();
    model.say(
        Tone::Refusal,
        format!("{}{hints}{nothing}", failure.message),
    );
}

fn rules_read(model: &mut Model, exchange: &Exchange, next: Next, effects: &mut Vec<Effect>) {
    calls::learn(model, exchange);
    if let Some(Answer::Ok(answer)) = exchange.answer()
        && let Some(sheet) = &mut model.plan
    {
        let (properties, _) = read_properties(answer);
        sheet.rules_read(properties);
        tell_chosen(model);
    } else {
        // Rules seldom name what is changed, and the service says so when they do.
        model.say(Tone::Refusal, "the rules of the type could not be read");
    }
    look(model, None, next, effects);
}

/// Looks at the records, for the plan or for what is left of it: then with the type as it is stored now.
fn look(model: &mut Model, stored: Option<Arc<EntityType>>, next: Next, effects: &mut Vec<Effect>) {
    let Some(sheet) = &mut model.plan else {
        return;
    };
    let job = Job::SurveyPlan(Box::new(sheet.to_look_at(stored)));
    run(
        model,
        Doing::Checking(next),
        "reading records",
        job,
        effects,
    );
}

fn listed(model: &mut Model, plans: Vec<Unfinished>) {
    let told = match plans.as_slice() {
        [] => None,
        [only] => Some(format!(
            "{}: <schema.unfinished-plan> goes on",
            stopped(only)
        )),
        several => Some(format!(
            "{} plans are unfinished: <schema.unfinished-plan> goes on",
            several.len()
        )),
    };
    model.unfinished = plans;
    let is_free = model.view == View::Schema && model.overlays.is_empty();
    let Some(told) = told.filter(|_| is_free) else {
        return;
    };
    // What was said of the design that is shown stays, behind this.
    match &model.message {
        None => model.say(Tone::Plain, told),
        Some(said) if said.tone == Tone::Plain && !said.text.starts_with(&told) => {
            let both = format!("{told} · {}", said.text);
            model.say(Tone::Plain, both);
        }
        Some(_) => {}
    }
}

/// A plan was applied, whole or in part: everybody goes on from what is stored now.
fn was_applied(model: &mut Model, applied: Arc<Applied>, effects: &mut Vec<Effect>) {
    for exchange in &applied.exchanges {
        calls::learn(model, exchange);
        model.records.was_written(exchange);
    }
    if let Some(last) = applied.exchanges.last() {
        model.response.show(Arc::clone(last), None);
    }
    let Some(sheet) = &mut model.plan else {
        return;
    };
    let (done, of) = (applied.done, applied.of);
    let told = match (&applied.stopped, &applied.journal) {
        (None, _) => (Tone::Plain, format!("done {done} of {of}")),
        (Some(_), Some(_)) => (
            Tone::Refusal,
            format!("stopped after {done} of {of}: <plan.apply> goes on from there"),
        ),
        (Some(_), None) => (
            Tone::Refusal,
            format!("stopped after {done} of {of}: <plan.apply> plans anew for what is stored now"),
        ),
    };
    let work = sheet.work();
    let schema = applied.schema.clone();
    sheet.was_applied(applied);
    if let Some(schema) = &schema {
        model.keep_schema(Arc::clone(schema));
        model.schema.was_applied(schema, &work);
        if model.session.type_name.as_ref() == Some(&schema.name) {
            open_type(model, schema, effects);
        }
    }
    model.say(told.0, told.1);
    list(model, effects);
}
