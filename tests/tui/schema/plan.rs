//! The plan of a stored type's changes: looked at, checked, tried, applied, stopped and gone on with.

use std::sync::Arc;
use std::time::Duration;

use captui::capture::attr_type::AttrType;
use captui::capture::endpoint::ClientFeature;
use captui::capture::endpoint::Endpoint;
use captui::capture::json::Json;
use captui::capture::path::AttrPath;
use captui::capture::request::ApiRequest;
use captui::capture::schema::AttrDef;
use captui::capture::schema::EntityType;
use captui::config::environment::EnvironmentClass;
use captui::tui::msg::Msg;
use captui::tui::permission::Permission;
use captui::worker::job::Event;
use captui::worker::job::Job;
use captui::worker::job::JobError;
use captui::worker::job::JobId;
use captui::worker::job::Output;
use captui::worker::job::Progress;
use captui::worker::plan::Applied;
use captui::worker::plan::JournalId;
use captui::worker::plan::Rehearsal;
use captui::worker::plan::StepProgress;
use captui::worker::plan::Unfinished;
use captui::worker::plan::Work;

use crate::tui::driver::Driver;

/// An attribute that gets longer, one with a member to lose and one to gain, and one that goes.
const STORED: &str = r#"[{"name":"alias","type":"string","length":64},
    {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"},{"name":"zip","type":"string"}]},
    {"name":"nick","type":"string"}]"#;

const WANTED: &str = r#"[{"name":"alias","type":"string","length":128,"constraints":["unique"]},
    {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"},{"name":"flat","type":"string"}]},
    {"name":"joined","type":"date"}]"#;

/// The explorer on an entity type `aa` with these attributes, in the view of schemas.
pub(super) fn on_type(width: u16, height: u16, attr_defs: &str) -> Driver {
    let mut driver = Driver::new(width, height);
    let create = ApiRequest::new(Endpoint::TypeCreate).with("type_name", "aa");
    driver.aside(create.with("attr_defs", attr_defs));
    driver.press("R1<home><enter>gs").sees("Schema · aa");
    driver
}

/// The same with records: the second has the first one's alias, and only the last has no nick.
fn with_records(width: u16, height: u16) -> Driver {
    let mut driver = on_type(width, height, STORED);
    for (alias, nick) in [("ann", "\"a\""), ("ann", "\"b\""), ("cid", "null")] {
        let home = r#"{"city":"Oslo","zip":"0150"}"#;
        let attributes = format!(r#"{{"alias":"{alias}","nick":{nick},"home":{home}}}"#);
        driver.create("aa", &attributes);
    }
    driver
}

/// Makes the design like these attributes, and shows the plan for it.
pub(super) fn plan_to(driver: &mut Driver, attr_defs: &str) {
    attr_defs.clone_into(&mut driver.clipboard);
    driver.press("Dvp").sees("Plan · aa");
}

fn held(driver: &Driver) -> (JobId, Job) {
    let asked = driver
        .held
        .iter()
        .find(|(_, job)| !matches!(job, Job::History { .. } | Job::ListPlans | Job::ListTypes));
    asked.cloned().expect("something was asked for")
}

fn work_of(job: &Job) -> Work {
    match job {
        Job::ApplyPlan(work) | Job::DryRun(work) => *work.clone(),
        other => panic!("no plan: {other:?}"),
    }
}

/// What applying a plan up to a step gives, the calls being made.
fn applied(driver: &mut Driver, work: &Work, steps: usize, stopped: Option<&str>) -> Output {
    let exchanges = work.plan.steps[..steps]
        .iter()
        .filter_map(|step| step.request("aa"))
        .map(|request| driver.call(request))
        .collect();
    let view = ApiRequest::new(Endpoint::TypeView).with("type_name", "aa");
    let (schema, _) = EntityType::from_json(&driver.aside(view)).expect("is a schema");
    Output::Applied(Arc::new(Applied {
        done: steps,
        of: work.plan.steps.len(),
        exchanges,
        stopped: stopped.map(str::to_owned),
        schema: Some(Arc::new(schema)),
        journal: stopped.map(|_| JournalId("one".to_owned())),
    }))
}

fn calls(driver: &Driver) -> Vec<Endpoint> {
    driver.requests().map(|request| request.endpoint).collect()
}

#[test]
fn looking_at_a_plan_sends_nothing() {
    let mut driver = with_records(80, 24);
    driver
        .press("p")
        .sees("Nothing to do")
        .press("<f5>")
        .sees("nothing to do: everything is stored");
    driver
        .press("c")
        .sees("nothing to do")
        .press("<esc>")
        .sees_no("Plan · aa");
    let before = calls(&driver);
    plan_to(&mut driver, WANTED);
    driver
        .sees("Nothing is sent until F5.")
        .sees("4 steps · 2 destructive")
        .sees("1 + addAttribute            joined")
        .sees("home.zip                         ● destructive")
        .sees("now [] → will be [unique]   the whole set is sent")
        .sees("◐ check")
        .sees("○ safe")
        .press("<end>")
        .sees("home.flat: add it: string")
        .sees("[b] rebuild home");
    driver.press("ym<esc>");
    assert!(
        driver
            .copied
            .last()
            .expect("is copied")
            .starts_with("## Changes to `aa`")
    );
    assert_eq!(calls(&driver), before);
}

#[test]
fn only_what_is_new_is_added_when_wished() {
    let mut driver = with_records(80, 24);
    plan_to(&mut driver, WANTED);
    driver
        .press("m")
        .sees("1 step · 0 destructive · additions only")
        .sees_no("removeAttribute");
    driver.press("m").sees("4 steps · 2 destructive");
    // What was wished stays when the same design is planned again.
    driver.press("m<esc>p").sees("additions only");
}

#[test]
fn what_is_refused_is_rebuilt_when_wished() {
    let mut driver = with_records(120, 40);
    plan_to(&mut driver, WANTED);
    driver.sees("alias: change its length from 64 to 128");
    driver
        .press("b")
        .sees("several can be rebuilt: go to one of those that are not done first");
    driver
        .press("<down><down><down><down>b")
        .sees("alias is rebuilt: b leaves it as it is again");
    driver
        .sees("entity.update")
        .sees("every record's value to")
        .sees_no("change its length");
    driver
        .press("yc")
        .sees("not copied: this plan copies values record by record");
    driver
        .press("b")
        .sees("alias is not rebuilt")
        .sees("change its length");
}

#[test]
fn every_call_can_be_copied_without_secrets() {
    let mut driver = with_records(80, 24);
    plan_to(&mut driver, WANTED);
    driver.press("yc");
    let copied = driver.copied.last().expect("is copied");
    for call in ["addAttribute", "removeAttribute", "setAttributeConstraints"] {
        assert!(copied.contains(call), "{copied}");
    }
    assert!(!copied.contains("the-secret"), "{copied}");
}

#[test]
fn records_that_stand_in_the_way_are_named_and_open() {
    let mut driver = with_records(80, 24);
    plan_to(&mut driver, WANTED);
    driver
        .press("c")
        .sees("3 records read 12:00")
        .sees("⚠ 3 of 3 records have a value: lost")
        .sees("⚠ 2 of 3 records have a value: lost")
        .sees("stands in its way")
        .sees("code 361");
    driver.press("<enter>").sees("‹Record›").sees("ann");
    let request = driver.last_exchange().request.clone();
    assert_eq!(request.endpoint, Endpoint::EntityView);
    driver
        .press("gsp")
        .sees("stands in its way")
        .sees("3 records read");
}

#[test]
fn a_step_that_will_be_refused_is_sent_only_on_insistence() {
    let mut driver = with_records(80, 24);
    plan_to(&mut driver, WANTED);
    driver
        .press("<f5>")
        .sees("not sent: step 2 would be refused, 1 record in its way");
    driver
        .sees_no("type aa to go on")
        .press("<f5>")
        .sees("type aa to go on");
    driver.press("<esc>").sees("nothing was sent");
    assert!(!calls(&driver).contains(&Endpoint::TypeAddAttribute));
}

/// In the sandbox too, a word is typed before something goes for good.
#[test]
fn a_destructive_plan_needs_its_word() {
    let mut driver = with_records(80, 24);
    plan_to(
        &mut driver,
        &STORED.replace(
            r#"{"name":"nick","type":"string"}"#,
            r#"{"name":"joined","type":"date"}"#,
        ),
    );
    driver
        .press("<f5>")
        .sees("This cannot be taken back")
        .sees("nick: 2 of 3 records have a value")
        .sees("The service has no undo.")
        .sees("Tab [ ] first save to aa.nick.20260301-1200")
        .sees("type nick to go on");
    insta::assert_snapshot!("plan_word_80x24", driver.screen());
    // A held key answers nothing.
    driver
        .press("<f5><f5><enter>yes<enter>")
        .sees("type nick to go on");
    driver.hold = true;
    driver.press("<c-u>nick<enter>");
    let (id, job) = held(&driver);
    let work = work_of(&job);
    assert_eq!(work.plan.steps.len(), 2);
    let told = |at, records| StepProgress {
        at,
        of: 2,
        records,
        of_records: Some(3),
    };
    let tell = |driver: &mut Driver, progress| {
        driver.send(Msg::Worker(Event::Progress(id, Progress::Step(progress))));
    };
    tell(&mut driver, told(0, 0));
    driver
        .sees("⟳ step 1 of 2")
        .press("c")
        .sees("wait for what runs");
    tell(&mut driver, told(1, 2));
    driver
        .sees("✓ 1 + addAttribute")
        .sees("⟳ step 2 of 2: 2 of 3 records");
    driver.hold = false;
    let output = applied(&mut driver, &work, 2, None);
    driver.finish(id, Ok(output));
    driver.sees("✓ done 2 of 2").sees("✓ 2 - removeAttribute");
    driver.press("<f5>").sees("nothing to do");
    // The tree, the form and the search know what is stored now.
    driver
        .press("<esc>")
        .sees("joined")
        .sees_no("nick")
        .press("3")
        .sees("removeAttribute");
    driver
        .press("2p")
        .sees("Nothing to do")
        .press("<esc>gr")
        .sees("joined")
        .sees_no("nick");
}

#[test]
fn values_are_saved_first_when_wished() {
    let mut driver = with_records(80, 24);
    plan_to(
        &mut driver,
        &STORED.replace(
            r#",
    {"name":"nick","type":"string"}"#,
            "",
        ),
    );
    driver.press("<f5>").sees("type nick to go on");
    driver.hold = true;
    driver
        .press("<tab>")
        .sees("[x] first save to aa.nick.20260301-120000.ndjson")
        .wait(Duration::from_secs(90))
        .press("nick<enter>");
    let (id, job) = held(&driver);
    let Job::ExportValues {
        type_name,
        paths,
        file,
    } = job
    else {
        panic!("{job:?}");
    };
    assert_eq!((type_name.as_str(), paths.len()), ("aa", 1));
    assert_eq!(file.to_string_lossy(), "aa.nick.20260301-120000.ndjson");
    driver.finish(
        id,
        Ok(Output::Written {
            file,
            records: Some(2),
        }),
    );
    let (id, job) = held(&driver);
    let work = work_of(&job);
    driver.hold = false;
    let output = applied(&mut driver, &work, 1, None);
    driver.finish(id, Ok(output));
    driver
        .sees("done 1 of 1")
        .sees("2 records in aa.nick.20260301-120000.ndjson");
}

#[test]
fn values_are_written_into_the_file_that_is_named() {
    let mut driver = with_records(80, 24);
    plan_to(&mut driver, WANTED);
    let folder = tempfile::tempdir().expect("can be made");
    let file = folder.path().join("gone.ndjson");
    driver
        .press("e")
        .sees("Write the values to")
        .sees("aa.removed.20260301-1200");
    driver
        .press("<c-u>")
        .write(&file.to_string_lossy())
        .press("<enter>")
        .sees("3 records written to");
    let text = std::fs::read_to_string(&file).expect("is there");
    assert!(text.contains(r#""nick":"a""#), "{text}");
    driver
        .press("e<c-u>")
        .write(&file.to_string_lossy())
        .press("<enter>")
        .sees("exists already");
    driver.press("e<esc>").sees_no("Write the values to");
}

#[test]
fn a_sandbox_says_what_it_thinks() {
    let mut driver = with_records(80, 24);
    plan_to(&mut driver, WANTED);
    for (steps, said, mark) in [
        (
            vec![Ok(()), Ok(()), Ok(()), Ok(())],
            "sandbox: ✓ accepted",
            "✓ 2 ~",
        ),
        (
            vec![Ok(()), Err("it holds a value twice".to_owned())],
            "sandbox: ✗ step 2",
            "the sandbox: it holds a value twice",
        ),
    ] {
        driver.hold = true;
        driver.press("t").sees("trying it in a sandbox");
        let (id, job) = held(&driver);
        assert_eq!(work_of(&job).plan.steps.len(), 4);
        let rehearsal = Rehearsal {
            steps,
            records: 3,
            arrives: true,
        };
        driver.hold = false;
        driver.finish(id, Ok(Output::Rehearsal(Arc::new(rehearsal))));
        driver.sees(said).sees(mark);
    }
}

#[test]
fn esc_cancels_what_runs_and_then_closes() {
    let mut driver = with_records(80, 24);
    plan_to(&mut driver, WANTED);
    driver.hold = true;
    driver
        .press("c")
        .sees("reading the rules")
        .sees("Esc cancels");
    driver
        .press("<esc>")
        .sees("cancelled")
        .sees("Nothing is sent until F5.")
        .sees("not checked");
    driver.press("<esc>").sees_no("Plan · aa");
}

/// The plan stops where the records do not let it go on: two have the same alias.
fn stopped(width: u16, height: u16) -> Driver {
    let mut driver = with_records(width, height);
    plan_to(&mut driver, WANTED);
    driver.press("<f5><f5>aa<enter>");
    driver
}

#[test]
fn a_plan_that_stopped_says_why_and_goes_on() {
    let mut driver = stopped(80, 24);
    driver
        .sees("✗ stopped after 1 of 4. F5 goes on, 3 shows the answer.")
        .sees("✗ 2 ~ setAttributeConstraints")
        .sees("  3 - removeAttribute")
        .sees("unique_violation");
    // The rest of the design is still there.
    driver
        .press("3")
        .sees("Response · entityType.setAttributeConstraints")
        .press("2p")
        .sees("a plan for aa stopped after 1 of 4 steps: F5 goes on, d forgets it")
        .sees("1 of 4 done")
        .press("d<right><enter>p")
        .sees("3 steps · 2 destructive");
}

#[test]
fn f5_resumes_a_plan_that_just_stopped() {
    let mut driver = stopped(80, 24);
    driver.press("<f5>aa<enter>").sees("stopped after 1 of 4");
    let (attributes, id) = (
        r#"{"alias":"bob"}"#,
        driver.stored("aa").get("id").and_then(Json::as_i64),
    );
    let second = id.expect("has one") - 1;
    let update = ApiRequest::new(Endpoint::EntityUpdate).with("type_name", "aa");
    let update = update
        .with("id", second.to_string())
        .with("attributes", attributes);
    driver.aside(update);
    driver.press("<f5>aa<enter>").sees("✓ done 4 of 4");
    driver.press("<f5>").sees("nothing to do");
    driver.press("<esc>grgs").sees_no("g p goes on").press("gp");
    driver.sees("no plan is unfinished here");
}

#[test]
fn a_plan_that_stopped_earlier_is_told_of_and_gone_on_with() {
    let mut driver = stopped(80, 24);
    driver
        .press("<esc>gp")
        .sees("1 of 4 done. F5 goes on, d forgets it.")
        .press("b")
        .sees("this plan was begun already")
        .press("<esc>grgs")
        .sees("a plan for aa stopped after 1 of 4 steps: g p goes on");
    // Of several, one is chosen.
    let other = Unfinished {
        id: JournalId("two".to_owned()),
        ..driver.model.unfinished[0].clone()
    };
    driver.model.unfinished.push(other);
    driver
        .press("gp")
        .sees("Go on with which plan?")
        .press("<enter>")
        .sees("1 of 4 done");
    driver
        .press("d")
        .sees("Forget this plan?")
        .press("<enter>")
        .sees("1 of 4 done");
    driver.press("d<right><enter>").sees_no("1 of 4 done");
    driver.press("gp").sees("no plan is unfinished here");
}

#[test]
fn of_several_unfinished_plans_one_is_chosen() {
    let mut driver = stopped(80, 24);
    let create = ApiRequest::new(Endpoint::TypeCreate).with("type_name", "bb");
    driver.aside(create.with("attr_defs", STORED));
    for _ in 0..2 {
        driver.create("bb", r#"{"alias":"ann"}"#);
    }
    driver
        .press("<esc>R1<home><down><enter>gs")
        .sees("Schema · bb");
    WANTED.clone_into(&mut driver.clipboard);
    driver
        .press("Dvp")
        .sees("Plan · bb")
        .press("<f5><f5>bb<enter>")
        .sees("stopped after 1 of 4")
        .press("<esc>grgs")
        .sees("2 plans are unfinished: g p goes on");
    // The one begun last comes first.
    driver
        .press("gp")
        .sees("Go on with which plan?")
        .sees("stopped after 1 of 4 steps")
        .press("<enter>")
        .sees("Plan · bb")
        .press("<esc>gp<down><enter>")
        .sees("Plan · aa")
        .press("<esc>gpa<enter>")
        .sees("Plan · aa")
        .press("<esc>gp<esc>")
        .sees_no("Go on with which plan?")
        .sees_no("Plan · ");
    // What is forgotten is the one that was chosen, and the other is left alone to be gone on with.
    driver
        .press("gpb<enter>d<right><enter>gp")
        .sees("Plan · aa")
        .sees("1 of 4 done. F5 goes on, d forgets it.");
}

#[test]
fn a_step_whose_answer_did_not_come_is_in_doubt() {
    let mut driver = with_records(80, 24);
    plan_to(&mut driver, WANTED);
    driver.press("<f5><f5>aa").hold = true;
    driver.press("<enter>");
    let (id, job) = held(&driver);
    driver.finish(id, Err(JobError::Cancelled(None)));
    driver.sees("cancelled").press("<esc>").hold = false;
    driver.model.unfinished = vec![Unfinished {
        id: JournalId("one".to_owned()),
        since: "2026-03-01T11:40:00Z".parse().expect("is a time"),
        work: work_of(&job),
        done: 3,
        in_doubt: true,
    }];
    driver
        .press("gp")
        .sees("⚠ begun 11:40, 3 of 4 done. F5 goes on, d forgets it.");
    driver
        .sees("✓ 3 - ")
        .sees("? 4 - ")
        .sees("its answer did not come");
    insta::assert_snapshot!("plan_unfinished_80x24", driver.screen());
    driver
        .press("<f5>")
        .sees("nick: 2 of 3 records have a value");
    driver.hold = true;
    driver.press("nick<enter>");
    assert!(matches!(held(&driver).1, Job::ResumePlan { .. }));
}

#[test]
fn environments_decide_what_is_asked() {
    for (class, asks) in [
        (EnvironmentClass::Sandbox, false),
        (EnvironmentClass::Dev, false),
        (EnvironmentClass::Prod, true),
    ] {
        let mut driver = on_type(80, 24, r#"[{"name":"nick","type":"string"}]"#);
        driver.model.session.class = class;
        plan_to(
            &mut driver,
            r#"[{"name":"nick","type":"string"},{"name":"joined","type":"date"}]"#,
        );
        driver.hold = true;
        driver.press("<f5>");
        if asks {
            driver.sees("Change aa in sandbox?").press("<right><enter>");
        }
        assert!(matches!(held(&driver).1, Job::ApplyPlan(_)), "{class:?}");
    }
    let mut driver = on_type(80, 24, r#"[{"name":"nick","type":"string"}]"#);
    driver.model.session.read_only = true;
    plan_to(
        &mut driver,
        r#"[{"name":"nick","type":"string"},{"name":"joined","type":"date"}]"#,
    );
    driver
        .press("<f5>")
        .sees("read-only: a plan can be made here, not applied");
    driver.model.session.read_only = false;
    driver.model.session.permission = Permission::new(Some(&[ClientFeature::DirectAccess]));
    driver
        .press("<f5>")
        .sees("this client may not call entityType.");
}

#[test]
fn a_new_type_needs_no_plan() {
    let mut driver = on_type(80, 24, STORED);
    driver
        .model
        .schema
        .begin("fresh", &[AttrDef::new("a", AttrType::Integer)]);
    driver.press("p").sees("F5 creates it by one call");
}

#[test]
fn the_plan_has_its_keys_in_help_and_footer() {
    let mut driver = with_records(120, 40);
    plan_to(&mut driver, WANTED);
    driver
        .sees("PLAN  F5 apply")
        .press("?")
        .sees("Try it on a copy in a sandbox")
        .press("<esc>");
    driver
        .press("x")
        .sees("x does nothing here")
        .press("d")
        .sees("there is nothing to forget");
    driver
        .press("3")
        .sees("no call was made yet")
        .press("o")
        .sees("go to a record");
    driver
        .press("<end><pagedown><home><pageup>q")
        .sees_no("Plan · aa");
}

#[test]
fn a_rename_survives_a_plan_that_stopped_before_it() {
    let mut driver = with_records(80, 24);
    let desk = driver.model.schema.desk_mut().expect("is shown");
    let tree = desk.design.tree();
    let nick = tree.roots.iter().find(|node| node.def.name == "nick");
    let nick = nick.expect("is there").id;
    desk.design.change(|tree| {
        tree.get_mut(nick).expect("is there").def.name = "short".to_owned();
    });
    driver.press("p").sees("short");
    driver.hold = true;
    driver.press("<f5>");
    while let Some((id, job)) = driver.held.first().cloned() {
        driver.held.clear();
        driver.hold = false;
        driver.held.push((id, job));
        driver.answer_all();
        driver.hold = true;
        driver
            .held
            .retain(|(_, job)| !matches!(job, Job::History { .. }));
    }
    driver.press("nick<enter>");
    let (id, job) = held(&driver);
    let output = applied(&mut driver, &work_of(&job), 1, Some("no answer came"));
    driver.finish(id, Ok(output));
    let basis = driver.model.schema.basis().expect("is planned");
    let path = |name: &str| AttrPath::root().child(name);
    assert!(basis.stored.get(&path("short")).is_some(), "was added");
    let nick = basis.wanted.get(&path("nick"));
    assert!(nick.is_some(), "its values may have no copy");
}

/// A copy stops here: the service fails on the first value that is written.
const FALLS_OVER: &str =
    r#"{"stat":"error","code":500,"error":"unexpected_error","error_description":"fell over"}"#;

/// Renames an attribute by keys, found by the filter.
fn rename(driver: &mut Driver, from: &str, to: &str) {
    driver.press("/").write(from);
    driver.press("<enter><enter><enter><c-u>").write(to);
    driver.press("<enter><esc>2");
}

#[test]
fn what_a_filter_found_is_renamed_and_not_the_type() {
    let mut driver = with_records(80, 24);
    rename(&mut driver, "nick", "short");
    let basis = driver.model.schema.basis().expect("is planned");
    let path = |name: &str| AttrPath::root().child(name);
    assert_eq!(basis.wanted.name, "aa");
    assert_eq!(basis.renamed, [(path("nick"), path("short"))]);
}

#[test]
fn a_rename_that_stopped_is_gone_on_with_and_destroys_nothing() {
    let mut driver = with_records(80, 24);
    rename(&mut driver, "nick", "short");
    driver.answer_with(Endpoint::EntityUpdate, FALLS_OVER);
    driver
        .press("<f5><f5>")
        .sees("Copied first, or without a value:")
        .sees("nick: copied to short first")
        .sees_no("Gone for good:")
        .press("nick<enter>")
        .sees("stopped after 1 of 3")
        .press("<esc>");
    let basis = driver.model.schema.basis().expect("is planned");
    let nick = basis.wanted.get(&AttrPath::root().child("nick"));
    assert!(nick.is_some(), "its values have no copy");
    // No other plan is made of that, and this one is asked about with what it is about now.
    driver.press("p").sees("1 of 3 done");
    driver.create("aa", r#"{"nick":"late"}"#);
    driver
        .press("<f5>")
        .sees("nick: copied to short first")
        .press("nick<enter>")
        .sees("done 3 of 3")
        .press("<esc>p")
        .sees("Nothing to do");
    let late = driver.stored("aa");
    assert_eq!(late.get("short").and_then(Json::as_str), Some("late"));
}

#[test]
fn a_rebuild_that_was_gone_on_with_leaves_nothing_to_do() {
    let longer = STORED.replace("64", "128");
    for is_open in [true, false] {
        let mut driver = with_records(80, 24);
        plan_to(&mut driver, &longer);
        driver.press("b").sees("6 steps");
        driver.answer_with(Endpoint::EntityUpdate, FALLS_OVER);
        driver
            .press("<f5>")
            .sees("alias: copied to alias_new first")
            .sees("alias_new: the spare, copied to alias first")
            .press("alias<enter>")
            .sees("stopped after 1 of 6")
            .press("<esc>");
        driver.press(if is_open { "p" } else { "grgsgp" });
        driver
            .press("<f5>alias<enter>")
            .sees("done 6 of 6")
            .press("<esc>")
            .sees_no("alias_new")
            .press("p")
            .sees("Nothing to do");
    }
}

#[test]
fn what_goes_is_counted_right_before_it_is_asked() {
    let mut driver = with_records(80, 24);
    let without = STORED.replace(r#"{"name":"nick","type":"string"}"#, "");
    let without = without.trim_end_matches([']', ',', ' ', '\n']).to_owned() + "]";
    plan_to(&mut driver, &without);
    driver.press("c").sees("2 of 3 records have a value");
    driver.create("aa", r#"{"nick":"new"}"#);
    driver
        .press("<f5>")
        .sees("nick: 3 of 4 records have a value");
}

#[test]
fn who_goes_on_agrees_to_what_is_counted_then_and_to_no_more() {
    let mut driver = with_records(200, 50);
    plan_to(
        &mut driver,
        &STORED.replace(r#""nick","type":"string""#, r#""joined","type":"date""#),
    );
    driver
        .press("<f5>")
        .sees("nick: 2 of 3 records have a value");
    // One that comes while the question is open was not on the screen.
    driver.create("aa", r#"{"nick":"late"}"#);
    driver
        .press("nick<enter>")
        .sees("stopped after 1 of 2")
        .sees("3 records would lose a value of nick, and 2 when it was checked");
    // What stopped it agrees to nothing, and what is shown next is all that is agreed to.
    driver.create("aa", r#"{"nick":"later"}"#);
    driver
        .press("<f5>")
        .sees("nick: 4 of 5 records have a value");
    driver.create("aa", r#"{"nick":"latest"}"#);
    driver
        .press("nick<enter>")
        .sees("5 records would lose a value of nick, and 4 when it was checked");
    driver
        .press("<f5>")
        .sees("nick: 5 of 6 records have a value")
        .press("nick<enter>")
        .sees("done 2 of 2");
}

#[test]
fn values_that_were_written_are_told_with_their_time_as_long_as_the_plan_is_open() {
    let mut driver = with_records(80, 40);
    plan_to(&mut driver, WANTED);
    let folder = tempfile::tempdir().expect("can be made");
    let file = folder.path().join("gone.ndjson");
    driver.press("e<c-u>").write(&file.to_string_lossy());
    driver.press("<enter>").sees("3 records written to");
    driver
        .press("<f5><f5>")
        .sees("At 12:00 the values of 3 records were written to")
        .sees("first save to aa.removed.");
    driver
        .press("<esc><esc>p<f5><f5>")
        .sees("first save to")
        .sees_no("were written to");
}

#[test]
fn a_plan_for_another_type_than_is_stored_is_made_anew() {
    let mut driver = with_records(80, 24);
    plan_to(&mut driver, WANTED);
    let add = ApiRequest::new(Endpoint::TypeAddAttribute).with("type_name", "aa");
    driver.aside(add.with("attr_def", r#"{"name":"foreign","type":"date"}"#));
    driver
        .press("<f5><f5>aa<enter>")
        .sees("not the one that the plan was made for")
        .sees("F5 plans anew, 3 shows the answer.");
    driver
        .press("<f5>")
        .sees("planned anew, for what is stored now")
        .sees("Nothing is sent until F5.");
    let basis = driver.model.schema.basis().expect("is planned");
    let foreign = AttrPath::root().child("foreign");
    assert!(basis.stored.get(&foreign).is_some() && basis.wanted.get(&foreign).is_some());
}

#[test]
fn unfinished_plans_are_found_without_a_type() {
    let mut driver = stopped(80, 24);
    let plans = std::mem::take(&mut driver.model.unfinished);
    let mut driver = Driver::new(80, 24);
    driver.model.session.type_name = None;
    driver.press("gs");
    assert!(driver.model.schema.desk().is_none());
    driver.press("gp").sees("no plan is unfinished here");
    driver.model.unfinished = plans;
    driver.press("gp").sees("Plan · aa").sees("1 of 4 done");
}

#[test]
fn going_where_one_is_changes_nothing() {
    let mut driver = on_type(80, 24, STORED);
    for (keys, shown) in [("gs", "Schema · aa"), ("grgr", "‹Record›")] {
        driver.press(keys).sees(shown).sees_no("⚠");
    }
    driver.press("gf").sees("‹Find›").press("gf").sees_no("⚠");
}

#[test]
fn what_is_chosen_in_the_plan_is_what_is_going_to_be_sent() {
    let mut driver = with_records(200, 50);
    plan_to(&mut driver, WANTED);
    driver.press("m<esc>").sees("Changes");
    driver
        .sees("1  entityType.addAttribute")
        .sees_no("2  entityType");
    driver.press("pm<down><down><down><down>b<esc>");
    driver.sees("copies the values of alias");
    // The calls alone would destroy what the plan copies.
    driver
        .press("yc")
        .sees("not copied: this plan copies values record by record");
    assert!(driver.copied.is_empty());
    driver
        .press("Xc<enter>")
        .sees("not copied: this plan copies values");
}

#[test]
fn plans_at_three_sizes() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = with_records(width, height);
        plan_to(&mut driver, WANTED);
        driver.press("c").wait(Duration::from_secs(1));
        insta::assert_snapshot!(format!("plan_{width}x{height}"), driver.screen());
    }
}
