//! A plan of schema changes as the commands make it and tell it: from a stored type and a source, with what a look at
//! the records or a rehearsal found. What is sent, and in which order, is decided in `capture::schema::plan`.

use std::fmt::Write;
use std::sync::Arc;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::capture::schema::is_reserved_name;
use crate::capture::schema::plan;
use crate::capture::schema::plan::Action;
use crate::capture::schema::plan::Risk;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::plan::Step;
use crate::capture::schema::plan::Wishes;
use crate::cli::args::schema::HowFar;
use crate::cli::args::schema::Target;
use crate::cli::commands::schema::know_type_name;
use crate::cli::commands::schema::object;
use crate::cli::commands::schema::source;
use crate::cli::commands::schema::source::Loaded;
use crate::cli::commands::types::count;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::curl::export::quote;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::worker::job::Job;
use crate::worker::job::Output;
use crate::worker::plan::Applied;
use crate::worker::plan::Broken;
use crate::worker::plan::Finding;
use crate::worker::plan::Rehearsal;
use crate::worker::plan::Survey;
use crate::worker::plan::Unfinished;
use crate::worker::plan::Work;

/// How many records are read between two lines about it.
const RECORDS_A_LINE: u64 = 10_000;

/// A plan, and what was found out about it.
pub(super) struct Planned {
    pub(super) session: Session,
    pub(super) work: Work,
    /// How many steps were done before, of a plan that was interrupted.
    pub(super) done: usize,
    /// Copies among those: what they carried is not lost when the attribute that it comes from goes.
    copied: Vec<Step>,
    survey: Option<Survey>,
    rehearsal: Option<Arc<Rehearsal>>,
}

impl Planned {
    /// The plan that makes `wanted` out of the stored type, or creates it. Reads the type, its rules, and how many
    /// records it has.
    pub(super) async fn make(
        target: &Target,
        wanted: &Loaded,
        how_far: &HowFar,
        environment: Option<&str>,
    ) -> Result<Self, Stop> {
        wanted.sound()?;
        know_renames(&how_far.rename)?;
        let session = Session::new(target.environment.as_deref().or(environment), false)?;
        let type_name = target.type_name.as_str();
        let stored = stored(&session, type_name).await?;
        let (mut properties, mut records) = (Vec::new(), Some(0));
        if stored.is_some() {
            match source::read_stored_properties(&session, type_name).await? {
                Ok(read) => properties = read,
                Err(why) => output::note(&format!("rules are not looked at: {why}")),
            }
            records = number_of_records(&session, type_name).await?;
        } else {
            know_type_name(type_name)?;
        }
        let wanted = Arc::new(wanted.as_created(type_name));
        know_names(how_far, stored.as_deref(), &wanted)?;
        let wishes = Wishes {
            renamed: how_far.rename.clone(),
            rebuild: how_far.rebuild.clone(),
            additions_only: how_far.additions_only,
            is_empty: records == Some(0),
        };
        let plan = plan::plan(stored.as_deref(), &wanted, &properties, &wishes);
        Ok(Self {
            session,
            work: Work {
                plan: Arc::new(plan),
                stored,
                wanted,
                properties,
                agreed: None,
            },
            done: 0,
            copied: Vec::new(),
            survey: None,
            rehearsal: None,
        })
    }

    /// What is left of a plan that was interrupted, from what is stored now.
    pub(super) async fn rest(session: Session, interrupted: &Unfinished) -> Result<Self, Stop> {
        let whole = &interrupted.work.plan;
        let stored = stored(&session, &whole.type_name).await?;
        let next = whole.steps.get(interrupted.done);
        let shows_done = |step: &Step| {
            let stored = stored.as_deref();
            interrupted.in_doubt && stored.and_then(|it| plan::is_done(it, step)) == Some(true)
        };
        let done = interrupted.done + usize::from(next.is_some_and(shows_done));
        let (before, left) = whole.steps.split_at(done.min(whole.steps.len()));
        let comes_from =
            |copy: &Step, step: &Step| step.action == Action::Remove && step.path == copy.path;
        let copied = before
            .iter()
            .filter(|step| matches!(step.action, Action::CopyValues { .. }))
            .filter(|copy| left.iter().any(|step| comes_from(copy, step)));
        Ok(Self {
            done,
            copied: copied.cloned().collect(),
            work: Work {
                plan: Arc::new(SchemaPlan {
                    type_name: whole.type_name.clone(),
                    steps: left.to_vec(),
                    ..SchemaPlan::default()
                }),
                stored,
                // What was agreed to before was for what was there then.
                agreed: None,
                ..interrupted.work.clone()
            },
            session,
            survey: None,
            rehearsal: None,
        })
    }

    pub(super) fn plan(&self) -> &SchemaPlan {
        &self.work.plan
    }

    /// Looks at every record when they say how a step goes, or lose something by it.
    pub(super) async fn look_if_risky(&mut self) -> Result<(), Stop> {
        let is_risky = self.plan().steps.iter().any(|step| step.risk > Risk::Safe);
        if is_risky && self.work.stored.is_some() {
            self.look_at_records().await?;
        }
        Ok(())
    }

    /// Looks at every record, to say what the steps would meet. A copy that was made is run again before what it comes
    /// from goes: what stands in its way stands in the way of that.
    pub(super) async fn look_at_records(&mut self) -> Result<(), Stop> {
        let mut work = self.work.clone();
        work.plan = Arc::new(SchemaPlan {
            steps: [self.copied.as_slice(), &self.plan().steps].concat(),
            ..self.plan().clone()
        });
        let mut survey = self.survey(work).await?;
        let again: Vec<Finding> = survey.findings.drain(..self.copied.len()).collect();
        for (copy, found) in self.copied.iter().zip(again) {
            let mut steps = self.plan().steps.iter().zip(&mut survey.findings);
            let removal = steps.find(|(it, _)| it.action == Action::Remove && it.path == copy.path);
            if let Some((_, finding)) = removal {
                finding.broken += found.broken;
                finding.examples.extend(found.examples);
            }
        }
        // Counted by the steps of the whole plan: those that are done lose nothing any more.
        self.work.agreed = Some([vec![0; self.done], survey.lost()].concat());
        self.survey = Some(survey);
        Ok(())
    }

    async fn survey(&self, work: Work) -> Result<Survey, Stop> {
        let mut told = 0;
        let job = Job::SurveyPlan(Box::new(work));
        let output = self.session.run_telling(job, |progress| {
            if progress.records >= told + RECORDS_A_LINE {
                told = progress.records;
                output::note(&format!("{} records were read", progress.records));
            }
        });
        match output.await? {
            Output::Survey(survey) => Ok(Survey::clone(&survey)),
            other => unreachable!("a survey gives a survey, not {other:?}"),
        }
    }

    /// Applies the plan to a copy.
    pub(super) async fn rehearse(&mut self) -> Result<(), Stop> {
        match self
            .session
            .run(Job::DryRun(Box::new(self.work.clone())))
            .await?
        {
            Output::Rehearsal(rehearsal) => self.rehearsal = Some(rehearsal),
            other => unreachable!("a rehearsal gives a rehearsal, not {other:?}"),
        }
        Ok(())
    }

    fn findings(&self) -> &[Finding] {
        self.survey
            .as_ref()
            .map_or(&[], |survey| survey.findings.as_slice())
    }

    /// How many records stand in the way of some step.
    pub(super) fn broken(&self) -> u64 {
        self.findings().iter().map(|finding| finding.broken).sum()
    }

    /// Whether nothing is to be done and nothing is refused.
    pub(super) fn is_equal(&self) -> bool {
        self.plan().steps.is_empty() && self.plan().refused.is_empty()
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        self.heading() + &self.step_lines() + &self.after_steps()
    }

    /// Each step, with what was found about it.
    pub(super) fn step_lines(&self) -> String {
        let mut text = String::new();
        for (place, step) in self.plan().steps.iter().enumerate() {
            text.push_str(&step_line(self.done + place, step));
            if let Some(finding) = self.findings().get(place) {
                text.push_str(&finding_lines(step, finding));
            }
        }
        text
    }

    /// `; 3 records were read`; nothing when none was looked at.
    pub(super) fn read(&self) -> String {
        let Some(survey) = &self.survey else {
            return String::new();
        };
        format!(
            "; {}",
            counted_verb(survey.records, "was read", "were read")
        )
    }

    fn heading(&self) -> String {
        let plan = self.plan();
        let name = &plan.type_name;
        if plan.steps.is_empty() {
            return match plan.refused.len() {
                0 => format!("nothing to do: `{name}` is as it is wanted\n"),
                _ => format!("nothing can be done about `{name}`\n"),
            };
        }
        let mut text = format!("`{name}`: {}", count(plan.steps.len(), "step"));
        for risk in [Risk::Checked, Risk::Destructive] {
            let steps = plan.steps.iter().filter(|step| step.risk == risk).count();
            if steps > 0 {
                let _ = write!(text, ", {steps} {}", risk.name());
            }
        }
        text + &self.read() + "\n"
    }

    /// What is refused, what to know, and how the rehearsal went.
    fn after_steps(&self) -> String {
        let mut text = String::new();
        for refused in &self.plan().refused {
            let _ = writeln!(
                text,
                "  not done: {}: {}\n      {}",
                refused.path, refused.what, refused.reason
            );
            if let Some(rebuild) = &refused.rebuild {
                let rebuild = quote(&rebuild.to_string());
                let _ = writeln!(text, "      --rebuild {rebuild} does it");
            }
        }
        for note in &self.plan().notes {
            let _ = writeln!(text, "  note: {note}");
        }
        if let Some(rehearsal) = &self.rehearsal {
            text.push_str(&rehearsal_lines(rehearsal));
        }
        text
    }

    /// For a ticket or a review.
    pub(super) fn markdown(&self) -> String {
        let mut text = self.plan().to_markdown();
        if let Some(survey) = &self.survey {
            let _ = writeln!(text, "\n### In {}\n", counted(survey.records, "record"));
            for (place, step) in self.plan().steps.iter().enumerate() {
                let Some(finding) = self.findings().get(place) else {
                    continue;
                };
                for line in finding_lines(step, finding).lines() {
                    let _ = writeln!(text, "- step {}: {}", place + 1, line.trim());
                }
            }
        }
        text
    }

    /// For programs; with what became of it, when it was applied.
    pub(super) fn as_json(&self, applied: Option<&Applied>) -> Json {
        let mut json = self.plan().to_json();
        let findings = match &self.survey {
            None => Json::Null,
            Some(survey) => object([
                ("records", number(survey.records)),
                (
                    "steps",
                    Json::Array(survey.findings.iter().map(finding_json).collect()),
                ),
            ]),
        };
        let rehearsal = self.rehearsal.as_deref().map_or(Json::Null, rehearsal_json);
        if let Some(members) = json.as_object_mut() {
            members.insert("findings".to_owned(), findings);
            members.insert("rehearsal".to_owned(), rehearsal);
            members.insert(
                "applied".to_owned(),
                applied.map_or(Json::Null, applied_json),
            );
        }
        json
    }
}

/// Refuses names that contradict each other: a plan would follow one and say nothing about the other.
fn know_renames(renamed: &[(AttrPath, AttrPath)]) -> Result<(), Failure> {
    for (place, (old, new)) in renamed.iter().enumerate() {
        for (other_old, other_new) in &renamed[..place] {
            let message = if old == other_old && new != other_new {
                format!("--rename: {old} cannot become both {other_new} and {new}")
            } else if new == other_new && old != other_old {
                format!("--rename: {other_old} and {old} cannot both become {new}")
            } else {
                continue;
            };
            return Err(Failure::new(FailureKind::Usage, message));
        }
    }
    Ok(())
}

/// Whether the service itself adds what is at `path`.
fn is_built_in(schema: &EntityType, path: &AttrPath) -> bool {
    let is_top = path.0.len() == 1;
    let named = is_top && path.name().is_some_and(is_reserved_name);
    named || schema.get(path).is_some_and(|def| def.is_reserved(is_top))
}

/// Refuses what names an attribute that is not there: a mistyped name would make another plan than was meant, one that
/// destroys values.
fn know_names(
    how_far: &HowFar,
    stored: Option<&EntityType>,
    wanted: &EntityType,
) -> Result<(), Failure> {
    let unknown = |option: &str, path: &AttrPath, place: &str| {
        Failure::new(
            FailureKind::Usage,
            format!("{option}: {place} has no attribute {path}"),
        )
        .hint("names are case-sensitive; captui type show lists those of a stored type")
    };
    let Some(stored) = stored else {
        return Ok(());
    };
    let renamed = how_far.rename.iter();
    let all = renamed
        .flat_map(|(old, new)| [("--rename", old), ("--rename", new)])
        .chain(how_far.rebuild.iter().map(|path| ("--rebuild", path)));
    for (option, path) in all {
        if is_built_in(stored, path) || is_built_in(wanted, path) {
            let message = format!("{option}: {path} is built in, and stays as the service made it");
            return Err(Failure::new(FailureKind::Usage, message));
        }
    }
    for (old, new) in &how_far.rename {
        // An attribute that has its new name already was renamed by the same command before.
        if stored.get(old).is_none() && stored.get(new).is_none() {
            return Err(unknown("--rename", old, "the stored type"));
        }
        if wanted.get(new).is_none() {
            return Err(unknown("--rename", new, "the wanted type"));
        }
    }
    for path in &how_far.rebuild {
        if path.0.len() != 1 {
            let message = format!("--rebuild: {path} is not at the top");
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("what holds it is rebuilt with all that is in it"));
        }
        if stored.get(path).is_none() {
            return Err(unknown("--rebuild", path, "the stored type"));
        }
    }
    Ok(())
}

/// The stored type; `None` when there is none of this name.
pub(super) async fn stored(
    session: &Session,
    type_name: &str,
) -> Result<Option<Arc<EntityType>>, Stop> {
    match session.entity_type(type_name).await {
        Ok((schema, _)) => Ok(Some(schema)),
        Err(Stop::Failed(failure)) if failure.kind == FailureKind::NotFound => Ok(None),
        Err(stop) => Err(stop),
    }
}

/// How many records this client can read; `None` when it may not count them.
async fn number_of_records(session: &Session, type_name: &str) -> Result<Option<i64>, Stop> {
    let request = ApiRequest::new(Endpoint::EntityCount).with("type_name", type_name);
    let answer = session.ask(request).await?;
    Ok(answer
        .ok()
        .and_then(|answer| answer.get("total_count").and_then(Json::as_i64)))
}

/// `  2  checked      set the constraints of email to …`
fn step_line(place: usize, step: &Step) -> String {
    format!(
        "{:3}  {:11}  {}\n",
        place + 1,
        step.risk.name(),
        step.what()
    )
}

/// What a look at the records says about a step.
fn finding_lines(step: &Step, finding: &Finding) -> String {
    let mut text = String::new();
    let mut line = |words: String| {
        let _ = writeln!(text, "       {words}");
    };
    if step.action == Action::Remove && (finding.lost > 0 || step.risk == Risk::Destructive) {
        line(match finding.lost {
            0 => "no record loses a value".to_owned(),
            lost => format!("{} a value", counted_verb(lost, "loses", "lose")),
        });
    }
    if matches!(step.action, Action::CopyValues { .. }) {
        line(format!(
            "{} a value to copy",
            counted_verb(finding.copied, "has", "have")
        ));
    }
    if finding.broken > 0 {
        line(format!(
            "{} in the way:",
            counted_verb(finding.broken, "stands", "stand")
        ));
        for Broken {
            id,
            path,
            code,
            reason,
            ..
        } in &finding.examples
        {
            line(format!(
                "  record {id}, {path}: {reason} (error {})",
                code.0
            ));
        }
        let more = finding.broken.saturating_sub(finding.examples.len() as u64);
        if more > 0 {
            line(format!("  and {more} more"));
        }
    } else if step.risk == Risk::Checked {
        line("no record stands in the way".to_owned());
    }
    text
}

fn finding_json(finding: &Finding) -> Json {
    let examples = finding.examples.iter().map(|broken| {
        object([
            ("id", broken.id.into()),
            (
                "uuid",
                broken.uuid.as_deref().map_or(Json::Null, Json::from),
            ),
            ("path", broken.path.to_string().into()),
            ("code", broken.code.0.into()),
            ("reason", broken.reason.as_str().into()),
        ])
    });
    object([
        ("lost", number(finding.lost)),
        ("copied", number(finding.copied)),
        ("broken", number(finding.broken)),
        ("examples", Json::Array(examples.collect())),
    ])
}

fn rehearsal_lines(rehearsal: &Rehearsal) -> String {
    let mut text = format!(
        "dry run on a copy with {}:\n",
        counted(rehearsal.records, "record")
    );
    for (place, step) in rehearsal.steps.iter().enumerate() {
        let what = match step {
            Ok(()) => "accepted",
            Err(why) => why,
        };
        let _ = writeln!(text, "{:3}  {what}", place + 1);
    }
    text.push_str(if rehearsal.arrives {
        "     the copy ends as it is wanted\n"
    } else {
        "     the copy does not end as it is wanted\n"
    });
    text
}

fn rehearsal_json(rehearsal: &Rehearsal) -> Json {
    let steps = rehearsal.steps.iter().map(|step| match step {
        Ok(()) => Json::Null,
        Err(why) => why.as_str().into(),
    });
    object([
        ("records", number(rehearsal.records)),
        ("refusals", Json::Array(steps.collect())),
        ("arrives", rehearsal.arrives.into()),
    ])
}

/// What became of a plan.
pub(super) fn applied_json(applied: &Applied) -> Json {
    let text = |text: Option<&str>| text.map_or(Json::Null, Json::from);
    object([
        ("done", number(applied.done as u64)),
        ("of", number(applied.of as u64)),
        ("stopped", text(applied.stopped.as_deref())),
        (
            "journal",
            text(applied.journal.as_ref().map(|id| id.0.as_str())),
        ),
    ])
}

fn number(number: u64) -> Json {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

fn counted(number: u64, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

/// `1 record loses`, `2 records lose`.
fn counted_verb(number: u64, one: &str, many: &str) -> String {
    let verb = if number == 1 { one } else { many };
    format!("{} {verb}", counted(number, "record"))
}
