//! `captui schema apply --list`, `--resume` and `--forget`: plans that were begun and have not come to their end.
//!
//! What is left of one is looked at and asked for like a new plan, from what is stored now. Forgetting one changes
//! nothing in the service, which is why it says what the plan leaves behind.

use std::sync::Arc;

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::plan::Action;
use crate::cli::args::schema::Applying;
use crate::cli::args::schema::Consent;
use crate::cli::commands::schema::apply;
use crate::cli::commands::schema::object;
use crate::cli::commands::schema::planned::Planned;
use crate::cli::commands::schema::planned::stored;
use crate::cli::commands::types::count;
use crate::cli::confirm::confirm;
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
use crate::worker::plan::Unfinished;

pub(super) async fn list(environment: Option<&str>, json: bool) -> Result<(), Stop> {
    let session = Session::new(environment, false)?;
    tell_list(&unfinished(&session).await?, json)
}

/// The plans of the environment that were interrupted.
pub(super) async fn unfinished(session: &Session) -> Result<Vec<Unfinished>, Stop> {
    Ok(plans(session.run(Job::ListPlans).await?))
}

fn plans(output: Output) -> Vec<Unfinished> {
    match output {
        Output::Plans(plans) => plans,
        other => unreachable!("plans are asked for, not {other:?}"),
    }
}

fn tell_list(plans: &[Unfinished], json: bool) -> Result<(), Stop> {
    if json {
        let plans = plans.iter().map(unfinished_json).collect();
        return Ok(output::print_json(&Json::Array(plans))?);
    }
    if plans.is_empty() {
        return Ok(output::print("no plan was interrupted")?);
    }
    let rows: Vec<Vec<String>> = plans
        .iter()
        .map(|it| {
            vec![
                it.id.0.clone(),
                it.work.plan.type_name.clone(),
                it.since.strftime("%Y-%m-%d %H:%M:%S +0000").to_string(),
                standing(it),
            ]
        })
        .collect();
    let heading = ["ID", "ENTITY TYPE", "SINCE", "DONE"];
    Ok(output::print(&output::table(&heading, &rows, usize::MAX))?)
}

/// How far it has come: `2 of 5 steps, the next in doubt`.
fn standing(plan: &Unfinished) -> String {
    let steps = count(plan.work.plan.steps.len(), "step");
    let doubt = if plan.in_doubt {
        ", the next in doubt"
    } else {
        ""
    };
    format!("{} of {steps}{doubt}", plan.done)
}

fn unfinished_json(plan: &Unfinished) -> Json {
    let steps = plan.work.plan.steps.len();
    object([
        ("id", plan.id.0.as_str().into()),
        ("type_name", plan.work.plan.type_name.as_str().into()),
        ("since", plan.since.to_string().into()),
        ("done", (plan.done as i64).into()),
        ("of", (steps as i64).into()),
        ("in_doubt", plan.in_doubt.into()),
    ])
}

pub(super) async fn resume(
    which: Option<&str>,
    applying: &Applying,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    let session = Session::new(environment, false)?;
    let plans = unfinished(&session).await?;
    if plans.is_empty() && which.is_none() {
        return tell_list(&plans, json);
    }
    let interrupted = choose(plans, which)?;
    session.may_change()?;
    let mut rest = Planned::rest(session, &interrupted).await?;
    if !applying.no_check {
        rest.look_if_risky().await?;
    }
    if !json {
        let name = &interrupted.work.plan.type_name;
        let (standing, read) = (standing(&interrupted), rest.read());
        output::print(&format!(
            "`{name}`: {standing}{read}\n{}",
            rest.step_lines()
        ))?;
    }
    let applied = go_on(&rest, interrupted, applying).await;
    if json {
        let applied = applied.as_ref().ok().map(Arc::as_ref);
        output::print_json(&rest.as_json(applied))?;
    }
    apply::end(&*applied?, &rest.plan().type_name, json)
}

/// What must not be overlooked, asked; then the rest of the plan.
async fn go_on(
    rest: &Planned,
    interrupted: Unfinished,
    applying: &Applying,
) -> Result<Arc<Applied>, Stop> {
    if rest.broken() > 0 {
        return Err(Stop::Failed(
            Failure::new(
                FailureKind::Found,
                "nothing was sent: records stand in the way, and the service would refuse",
            )
            .hint("mend the records named above")
            .hint("--no-check goes on as far as the service lets it"),
        ));
    }
    apply::ask(rest, &applying.consent)?;
    if let Some(file) = &applying.export_lost {
        apply::export_lost(rest, file).await?;
    }
    let job = Job::ResumePlan {
        id: interrupted.id,
        agreed: rest.work.agreed.clone(),
    };
    apply::run(&rest.session, &interrupted.work.plan, job).await
}

pub(super) async fn forget(
    which: &str,
    consent: &Consent,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    let session = Session::new(environment, false)?;
    let plan = choose(unfinished(&session).await?, Some(which))?;
    let name = &plan.work.plan.type_name;
    // A plan can be forgotten where nothing answers: then its journal says what there is.
    let now = stored(&session, name).await.ok();
    let has = |path: &AttrPath| {
        let now = now.as_ref()?;
        Some(now.as_deref().is_some_and(|now| now.get(path).is_some()))
    };
    let spares = spares(&plan, has);
    for spare in &spares {
        spare.tell(name);
    }
    ask_to_forget(&session, &plan, &spares, consent)?;
    let left = session.run(Job::ForgetPlan(plan.id)).await?;
    tell_list(&plans(left), json)
}

fn ask_to_forget(
    session: &Session,
    plan: &Unfinished,
    spares: &[Spare],
    consent: &Consent,
) -> Result<(), Failure> {
    let name = &plan.work.plan.type_name;
    let nothing_matters = session.environment().class == EnvironmentClass::Sandbox;
    if apply::names_it(consent, name)? || nothing_matters && spares.is_empty() {
        return Ok(());
    }
    let what = format!("forget the plan for `{name}` ({} done)", standing(plan));
    confirm(&what, consent.yes)
}

/// A spare attribute that an interrupted plan leaves behind.
#[derive(Debug, PartialEq, Eq)]
struct Spare {
    path: AttrPath,
    /// The attribute whose values it is for.
    to: AttrPath,
    /// Whether what they come from is gone, or may be.
    only_copy: bool,
}

impl Spare {
    fn tell(&self, type_name: &str) {
        let Self { path, to, .. } = self;
        if !self.only_copy {
            output::note(&format!(
                "the spare attribute {path} stays, with no more than copies of values that are elsewhere, too"
            ));
            return;
        }
        output::note(&format!(
            "the spare attribute {path} stays, and may hold the only copy of the values of {to}"
        ));
        let (name, rename) = (quote(type_name), quote(&format!("{path}={to}")));
        output::note(&format!(
            "to get them back: captui schema apply {name} @WANTED.json --rename {rename}"
        ));
    }
}

/// The spare attributes that are there: a plan adds each, copies values to it, and from it to where they belong, and
/// removes it. `has` tells whether the stored type has an attribute, when that is known.
fn spares(plan: &Unfinished, has: impl Fn(&AttrPath) -> Option<bool>) -> Vec<Spare> {
    let steps = &plan.work.plan.steps;
    let begun = plan.done + usize::from(plan.in_doubt);
    let place = |path: &AttrPath, is: fn(&Action) -> bool| {
        let mut steps = steps.iter();
        steps.position(|step| step.path == *path && is(&step.action))
    };
    let add = |path: &AttrPath| place(path, |action| matches!(action, Action::Add(_)));
    let removal = |path: &AttrPath| place(path, |action| *action == Action::Remove);
    let is_there = |path: &AttrPath| {
        has(path).unwrap_or_else(|| {
            let is_added = add(path).is_some_and(|at| at < begun);
            is_added && removal(path).is_some_and(|at| at >= plan.done)
        })
    };
    let mut found = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let Action::CopyValues { to: spare, .. } = &step.action else {
            continue;
        };
        let back = steps.iter().enumerate().skip(at + 1);
        let mut back = back.filter_map(|(at, back)| match &back.action {
            Action::CopyValues { to, .. } if back.path == *spare => Some((at, to)),
            _ => None,
        });
        if let Some((at_back, to)) = back.next().filter(|_| is_there(spare)) {
            let is_begun = |at| at < begun;
            found.push(Spare {
                path: spare.clone(),
                to: to.clone(),
                only_copy: removal(&step.path).is_some_and(is_begun) && at_back >= plan.done,
            });
        }
    }
    found
}

/// The plan of this id or entity type; the only one when none is named.
fn choose(plans: Vec<Unfinished>, which: Option<&str>) -> Result<Unfinished, Failure> {
    let mut found: Vec<Unfinished> = plans
        .into_iter()
        .filter(|plan| {
            which.is_none_or(|which| plan.id.0 == which || plan.work.plan.type_name == which)
        })
        .collect();
    match (found.len(), which) {
        (1, _) => Ok(found.remove(0)),
        (0, which) => Err(Failure::new(
            FailureKind::NotFound,
            format!("no plan `{}` was interrupted", which.unwrap_or_default()),
        )
        .hint("captui schema apply --list lists them")),
        (many, _) => Err(Failure::new(
            FailureKind::Usage,
            format!("{many} plans were interrupted: say which one"),
        )
        .hint(format!(
            "they are: {}",
            found
                .iter()
                .map(|plan| plan.id.0.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::schema::EntityType;
    use crate::capture::schema::plan;
    use crate::capture::schema::plan::Wishes;
    use crate::capture::schema::read_attr_defs;
    use crate::worker::plan::JournalId;
    use crate::worker::plan::Work;

    fn entity_type(length: u32) -> EntityType {
        let text = format!(r#"[{{"name":"v","type":"string","length":{length}}}]"#);
        let json = Json::parse(&text).expect("is JSON");
        EntityType::create("t", read_attr_defs(&json).0)
    }

    /// The plan that makes `v` longer by way of a spare, interrupted after so many steps.
    fn interrupted(done: usize, in_doubt: bool) -> Unfinished {
        let (stored, wanted) = (entity_type(5), entity_type(9));
        let wishes = Wishes {
            rebuild: vec!["v".parse().expect("is a path")],
            ..Wishes::default()
        };
        let plan = plan::plan(Some(&stored), &wanted, &[], &wishes);
        Unfinished {
            id: JournalId("t".to_owned()),
            since: jiff::Timestamp::UNIX_EPOCH,
            work: Work {
                plan: Arc::new(plan),
                stored: Some(Arc::new(stored)),
                wanted: Arc::new(wanted),
                properties: Vec::new(),
                agreed: None,
            },
            done,
            in_doubt,
        }
    }

    #[test]
    fn a_spare_may_hold_the_only_copy_between_the_removal_and_the_way_back() {
        // Add the spare, copy, remove, add, copy back, remove the spare.
        assert_eq!(interrupted(0, false).work.plan.steps.len(), 6);
        for (done, in_doubt, only_copy) in [
            (0, false, None),
            (0, true, Some(false)),
            (1, false, Some(false)),
            (2, false, Some(false)),
            (2, true, Some(true)),
            (3, false, Some(true)),
            (4, true, Some(true)),
            (5, false, Some(false)),
            (5, true, Some(false)),
        ] {
            let plan = interrupted(done, in_doubt);
            let found = spares(&plan, |_| None);
            assert!(found.len() < 2, "{found:?}");
            let found = found.first().map(|spare| spare.only_copy);
            assert_eq!(found, only_copy, "{done} {in_doubt}");
        }
    }

    #[test]
    fn what_is_stored_says_whether_a_spare_is_there() {
        let plan = interrupted(3, false);
        assert_eq!(spares(&plan, |_| Some(false)), []);
        let spare = plan.work.plan.steps[0].path.clone();
        let to = "v".parse().expect("is a path");
        let only_copy = true;
        let expected = Spare {
            path: spare,
            to,
            only_copy,
        };
        assert_eq!(spares(&plan, |_| Some(true)), [expected]);
    }
}
