use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::capture::constraint::Constraint;
use crate::capture::endpoint::Effect;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::diff::diff;
use crate::capture::schema::plan::Action;
use crate::capture::schema::plan::Risk;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::plan::Step;
use crate::capture::schema::property;
use crate::capture::schema::property::Property;
use crate::capture::schema::property::PropertyKind;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Stage as Stages;
use crate::exchange::TransportError;
use crate::failure::FailureKind;
use crate::worker::job::JobError;
use crate::worker::plan::Applied;
use crate::worker::plan::Calls;
use crate::worker::plan::JournalId;
use crate::worker::plan::StepProgress;
use crate::worker::plan::Unfinished;
use crate::worker::plan::Work;
use crate::worker::plan::apply::apply;
use crate::worker::plan::apply::resume;
use crate::worker::plan::journal;
use crate::worker::plan::journal::Place;
use crate::worker::plan::stage::Stage;
use crate::worker::plan::survey::survey;
use crate::worker::plan::tests::add;
use crate::worker::plan::tests::answer;
use crate::worker::plan::tests::at_once;
use crate::worker::plan::tests::constrain;
use crate::worker::plan::tests::copy;
use crate::worker::plan::tests::def;
use crate::worker::plan::tests::json;
use crate::worker::plan::tests::path;
use crate::worker::plan::tests::records;
use crate::worker::plan::tests::remove;
use crate::worker::plan::tests::stage;
use crate::worker::plan::tests::step;
use crate::worker::plan::tests::stored;
use crate::worker::plan::tests::work;
use crate::worker::plan::values;

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is made and answered.
    Answered,
    /// The program is killed before it leaves.
    KilledBefore,
    /// The program is killed when it was made.
    KilledAfter,
    /// It is made, and no answer comes.
    Lost,
    /// It never arrives, and nobody knows.
    NeverArrived,
    /// The user cancels before it leaves.
    Cancelled,
}

/// A stage on which one call has another fate than the others.
struct Unlucky {
    stage: Stage,
    /// Which call, from 0.
    at: usize,
    fate: Fate,
    /// The calls that were asked for.
    asked: Vec<ApiRequest>,
    /// Of those that were made, the ones that change something.
    written: Vec<ApiRequest>,
    killed: CancellationToken,
    told: Vec<StepProgress>,
}

impl Unlucky {
    fn new(stage: &Stage, at: usize, fate: Fate) -> Self {
        Self {
            stage: stage.clone(),
            at,
            fate,
            asked: Vec::new(),
            written: Vec::new(),
            killed: CancellationToken::new(),
            told: Vec::new(),
        }
    }

    fn lucky(stage: &Stage) -> Self {
        Self::new(stage, usize::MAX, Fate::Answered)
    }

    fn make(&mut self, request: &ApiRequest) -> Exchange {
        let exchange = self.stage.answer(request);
        if request.endpoint.spec().effect != Effect::Read {
            self.written.push(request.clone());
        }
        exchange
    }
}

impl Calls for Unlucky {
    async fn call(&mut self, request: &ApiRequest) -> Result<Arc<Exchange>, JobError> {
        let fate = if self.asked.len() == self.at {
            self.fate
        } else {
            Fate::Answered
        };
        self.asked.push(request.clone());
        let lost = |mut exchange: Exchange| {
            exchange.outcome = Outcome::Failed(TransportError {
                stage: Stages::Wait,
                message: "no answer came".to_owned(),
                may_have_happened: request.endpoint.spec().effect != Effect::Read,
                arrived: None,
            });
            Arc::new(exchange)
        };
        match fate {
            Fate::Answered => Ok(Arc::new(self.make(request))),
            Fate::KilledBefore | Fate::KilledAfter => {
                if fate == Fate::KilledAfter {
                    self.make(request);
                }
                self.killed.cancel();
                std::future::pending().await
            }
            Fate::Lost => Ok(lost(self.make(request))),
            Fate::NeverArrived => {
                let any = ApiRequest::new(Endpoint::TypeList);
                let mut exchange = self.stage.answer(&any);
                exchange.request = request.clone();
                Ok(lost(exchange))
            }
            Fate::Cancelled => Err(JobError::Cancelled(None)),
        }
    }

    fn tell(&mut self, progress: StepProgress) {
        self.told.push(progress);
    }
}

/// A place for journals, in a folder that is there as long as it is held.
fn somewhere() -> (TempDir, Place) {
    let folder = tempfile::tempdir().expect("makes a folder");
    let place = Place {
        folder: folder.path().join("plans"),
        environment: "sandbox".to_owned(),
        domain: "https://here.example".to_owned(),
    };
    (folder, place)
}

/// Applies a plan until the program is killed at a call, and gives the calls that changed something by then.
fn kill(stage: &Stage, work: &Work, place: &Place, at: usize, fate: Fate) -> Vec<ApiRequest> {
    let mut calls = Unlucky::new(stage, at, fate);
    let killed = calls.killed.clone();
    let cut = at_once(killed.run_until_cancelled(apply(work, place, &mut calls)));
    assert!(cut.is_none(), "call {at} is made");
    calls.written
}

/// Why a plan did not come to its end, whether anything was begun or not.
fn reason(outcome: Result<Applied, JobError>) -> String {
    match outcome {
        Ok(applied) => applied.stopped.expect("it stopped"),
        Err(JobError::Failed(failure)) => failure.message,
        other => panic!("{other:?}"),
    }
}

/// What somebody else does to the type meanwhile.
fn meddle(stage: &Stage, endpoint: Endpoint, name: &str, value: &str) {
    let request = ApiRequest::new(endpoint)
        .with("type_name", "t")
        .with(name, value);
    answer(&stage.answer(&request));
}

/// Adds `alias`, copies `nick` to it, and removes `nick`.
fn to_alias(alias: &str) -> Vec<Step> {
    vec![add(alias), copy("nick", "alias", &[]), remove("nick")]
}

fn unfinished(place: &Place) -> Vec<Unfinished> {
    let (plans, notices) = journal::list(place);
    assert!(notices.is_empty(), "{notices:?}");
    plans
}

const RECORDS: [&str; 4] = [
    r#"{"email":"a@b.c","nick":"Ann","home":{"city":"Ulm","zip":"1"},"phones":[{"number":"1","kind":"x"},{"number":"2"}]}"#,
    r#"{"email":"b@b.c","nick":"Bob","pass":"correct horse","phones":[{"number":"3"}]}"#,
    r#"{"email":"c@b.c","home":{"city":"Bonn"}}"#,
    r#"{"email":"d@b.c"}"#,
];

/// Renames, copies, constrains and removes: every kind of step but those about rules.
fn many_steps() -> Vec<Step> {
    let describe = Action::SetDescription {
        before: None,
        after: Some("Where mail goes".to_owned()),
    };
    vec![
        add(r#"{"name":"alias","type":"string","length":20}"#),
        add(r#"{"name":"lines","type":"plural","attr_defs":[
            {"name":"digits","type":"string"},{"name":"kind","type":"string"}]}"#),
        constrain("email", &[], &[Constraint::Unique, Constraint::Required]),
        step("email", describe),
        copy("nick", "alias", &[]),
        copy("phones", "lines", &[("number", "digits")]),
        remove("nick"),
        remove("phones"),
    ]
}

/// The stage with a rule on `nick`, and the plan that removes it before the attribute.
fn with_rule() -> (Stage, Work) {
    let stage = stage(&RECORDS);
    let rule = Property {
        uuid: String::new(),
        kind: PropertyKind::Rule,
        attributes: vec![path("nick")],
        definition: Some(json(r#"{"max-length":30}"#)),
        description: None,
    };
    let request = ApiRequest::new(Endpoint::TypeAddProperty)
        .with("type_name", "t")
        .with("property", rule.to_json().to_string());
    answer(&stage.answer(&request));
    let rules = rules(&stage);
    let mut on_alias = rules[0].clone();
    on_alias.attributes = vec![path("alias")];
    let mut steps = many_steps();
    let removal = step("nick", Action::RemoveProperty(rules[0].clone()));
    steps.insert(4, removal);
    steps.push(step("alias", Action::AddProperty(on_alias)));
    let mut work = work(&stage, steps);
    work.properties = rules;
    (stage, work)
}

fn rules(stage: &Stage) -> Vec<Property> {
    let request = ApiRequest::new(Endpoint::TypeProperties).with("type_name", "t");
    property::read_properties(&answer(&stage.answer(&request))).0
}

/// What the records hold, without what no two stages share: ids, and the salt of a password.
fn contents(stage: &Stage) -> Vec<Json> {
    let schema = stored(stage);
    let own = schema.own_attr_defs().filter(|def| def.name != "pass");
    let own: Vec<_> = own.cloned().collect();
    let contents = records(stage)
        .into_iter()
        .map(|record| values::without_ids(&record, &own));
    contents.collect()
}

fn finished(applied: &Applied, of: usize) {
    assert_eq!(applied.stopped, None);
    assert_eq!((applied.done, applied.of), (of, of));
    assert_eq!(applied.journal, None);
}

#[test]
fn a_plan_is_applied_and_then_there_is_nothing_to_do() {
    let (_folder, place) = somewhere();
    let (stage, work) = with_rule();
    let mut calls = Unlucky::lucky(&stage);
    let applied = at_once(apply(&work, &place, &mut calls)).expect("is applied");
    finished(&applied, work.plan.steps.len());
    let end = stored(&stage);
    assert!(diff(&end, &work.wanted).is_empty());
    assert_eq!(applied.schema.as_deref(), Some(&end));
    let first = &contents(&stage)[0];
    assert_eq!(first.get("alias"), Some(&json(r#""Ann""#)));
    assert_eq!(
        first.get("lines"),
        Some(&json(
            r#"[{"digits":"1","kind":"x"},{"digits":"2","kind":null}]"#
        ))
    );
    assert!(unfinished(&place).is_empty());
    let left = fs::read_dir(&place.folder).expect("lists").flatten();
    let left: Vec<_> = left.map(|file| file.file_name()).collect();
    assert_eq!(left, ["begin.lock"], "neither a journal nor its lock");
    // The updates of a copy are no news when they go well.
    let updates = applied
        .exchanges
        .iter()
        .filter(|exchange| exchange.request.endpoint == Endpoint::EntityUpdate);
    assert_eq!(updates.count(), 0);
    let copied = calls.told.iter().filter(|told| told.records == 4);
    assert!(copied.clone().count() >= 2 && copied.clone().all(|told| told.of_records == Some(4)));

    let written = calls.written.len();
    let again = at_once(apply(&work, &place, &mut calls)).expect("is looked at");
    assert_eq!((again.done, again.of), (0, 0));
    assert_eq!(again.stopped, None);
    assert_eq!(calls.written.len(), written, "nothing was sent");
    let mut empty = work.clone();
    empty.plan = Arc::default();
    let mut none = Unlucky::lucky(&stage);
    let nothing = at_once(apply(&empty, &place, &mut none)).expect("needs nothing");
    assert_eq!((nothing.done, nothing.of, none.asked.len()), (0, 0, 0));
}

/// Killed before and after every single call, and resumed until it is done: the same schema and the same records, and no
/// call was made twice.
#[test]
fn a_plan_that_is_killed_anywhere_is_resumed_where_it_was() {
    let (stage, plan) = with_rule();
    let (_folder, place) = somewhere();
    let mut calls = Unlucky::lucky(&stage);
    at_once(apply(&plan, &place, &mut calls)).expect("is applied");
    let (whole, wanted) = (calls.asked.len(), contents(&stage));
    assert!(whole > 20, "{whole}");

    for fate in [Fate::KilledBefore, Fate::KilledAfter] {
        for at in 0..whole {
            let (stage, work) = with_rule();
            let (_folder, place) = somewhere();
            let mut written = kill(&stage, &work, &place, at, fate);
            let mut calls = Unlucky::lucky(&stage);
            let applied = match unfinished(&place).as_slice() {
                [] => {
                    assert!(written.is_empty(), "what was begun is noted");
                    at_once(apply(&work, &place, &mut calls))
                }
                [plan] => {
                    assert_eq!(plan.work, work);
                    at_once(resume(&plan.id, None, &place, &mut calls))
                }
                more => panic!("{more:?}"),
            };
            finished(&applied.expect("is applied"), work.plan.steps.len());
            assert!(diff(&stored(&stage), &work.wanted).is_empty(), "{at}");
            assert_eq!(contents(&stage), wanted, "{at}");
            assert_eq!(rules(&stage).len(), 1, "{at}");
            written.append(&mut calls.written);
            let different: HashSet<String> = written
                .iter()
                .map(|request| format!("{} {}", request.endpoint, request.to_form()))
                .collect();
            assert_eq!(different.len(), written.len(), "call {at}: one twice");
            assert!(unfinished(&place).is_empty());
        }
    }
}

#[test]
fn a_call_without_an_answer_stops_and_is_looked_into() {
    for (fate, made) in [(Fate::Lost, true), (Fate::NeverArrived, false)] {
        let (stage, work) = with_rule();
        let (_folder, place) = somewhere();
        // The view, and the first step.
        let mut calls = Unlucky::new(&stage, 1, fate);
        let applied = at_once(apply(&work, &place, &mut calls)).expect("was begun");
        let why = applied.stopped.expect("it stopped");
        assert!(
            why.contains("step 1 of") && why.contains("no answer came"),
            "{why}"
        );
        assert_eq!(applied.done, 0);
        assert_eq!(applied.exchanges.len(), 1);
        let plans = unfinished(&place);
        assert!(plans[0].in_doubt);
        assert_eq!(Some(&plans[0].id), applied.journal.as_ref());
        assert_eq!(stored(&stage).get(&path("alias")).is_some(), made);
        let mut calls = Unlucky::lucky(&stage);
        let applied = at_once(resume(&plans[0].id, None, &place, &mut calls)).expect("goes on");
        finished(&applied, work.plan.steps.len());
        let adds = calls
            .written
            .iter()
            .filter(|request| request.endpoint == Endpoint::TypeAddAttribute);
        assert_eq!(adds.count(), if made { 1 } else { 2 });
    }
}

#[test]
fn a_refused_step_stops_with_its_reason_and_can_be_tried_again() {
    let mut records = RECORDS.to_vec();
    records.push(r#"{"nick":"no mail"}"#);
    let stage = stage(&records);
    let work = work(&stage, many_steps());
    let (_folder, place) = somewhere();
    let mut calls = Unlucky::lucky(&stage);
    let applied = at_once(apply(&work, &place, &mut calls)).expect("was begun");
    assert_eq!((applied.done, applied.of), (2, 8));
    let why = applied.stopped.expect("it stopped");
    assert!(why.contains("step 3 of 8") && why.contains("362"), "{why}");
    let plan = unfinished(&place).pop().expect("can be resumed");
    assert!(!plan.in_doubt);
    assert_eq!(plan.done, 2);

    let id = super::records(&stage)[4].get("id").cloned();
    let mend = ApiRequest::new(Endpoint::EntityUpdate)
        .with("type_name", "t")
        .with("id", id.expect("has one").to_string())
        .with("attributes", r#"{"email":"e@b.c"}"#);
    answer(&stage.answer(&mend));
    let applied = at_once(resume(&plan.id, None, &place, &mut calls)).expect("goes on");
    finished(&applied, 8);
}

#[test]
fn a_cancel_before_anything_was_begun_leaves_nothing_and_later_what_was_done() {
    let stage = stage(&RECORDS);
    let work = work(&stage, many_steps());
    let (_folder, place) = somewhere();
    for at in [0, 1] {
        let mut calls = Unlucky::new(&stage, at, Fate::Cancelled);
        let outcome = at_once(apply(&work, &place, &mut calls));
        assert!(matches!(outcome, Err(JobError::Cancelled(None))));
        assert!(unfinished(&place).is_empty());
    }
    let mut calls = Unlucky::new(&stage, 3, Fate::Cancelled);
    let applied = at_once(apply(&work, &place, &mut calls)).expect("was begun");
    assert_eq!(applied.done, 2);
    assert!(applied.stopped.expect("it stopped").contains("cancelled"));
    assert_eq!(unfinished(&place)[0].done, 2);
}

#[test]
fn a_type_that_somebody_else_changed_is_left_alone() {
    let stage = stage(&RECORDS);
    let plan = work(&stage, many_steps());
    let (_folder, place) = somewhere();
    kill(&stage, &plan, &place, 3, Fate::KilledBefore);
    let id = unfinished(&place).pop().expect("was begun").id;
    meddle(
        &stage,
        Endpoint::TypeRemoveAttribute,
        "attribute_name",
        "alias",
    );
    let mut calls = Unlucky::lucky(&stage);
    let applied = at_once(resume(&id, None, &place, &mut calls)).expect("is looked at");
    let why = applied.stopped.expect("it stopped");
    assert!(
        why.contains("/alias") && why.contains("nothing was sent"),
        "{why}"
    );
    assert_eq!(applied.journal, Some(id.clone()));
    assert!(calls.written.is_empty());

    journal::forget(&place, &id).expect("is forgotten");
    // A new plan that was made before, as well.
    let applied = at_once(apply(&plan, &place, &mut calls)).expect("is looked at");
    let why = applied.stopped.expect("it stopped");
    assert!(why.contains("not the one"), "{why}");
    assert_eq!(applied.journal, None);
    assert!(calls.written.is_empty());
    assert!(unfinished(&place).is_empty());
}

/// The values may be in a spare by then: nobody must be kept from going on by what the plan is not about.
#[test]
fn what_others_did_beside_the_plan_does_not_keep_it_from_going_on() {
    let stage = stage(&RECORDS);
    let plan = work(&stage, many_steps());
    let (_folder, place) = somewhere();
    kill(&stage, &plan, &place, 3, Fate::KilledBefore);
    meddle(
        &stage,
        Endpoint::TypeAddAttribute,
        "attr_def",
        r#"{"name":"extra","type":"date"}"#,
    );
    let id = unfinished(&place).pop().expect("was begun").id;
    let mut calls = Unlucky::lucky(&stage);
    let applied = at_once(resume(&id, None, &place, &mut calls)).expect("goes on");
    finished(&applied, 8);
    let schema = stored(&stage);
    assert!(schema.get(&path("extra")).is_some() && schema.get(&path("nick")).is_none());
}

#[test]
fn a_type_is_created_once() {
    let stage = stage(&[]);
    let mut work = work(&stage, Vec::new());
    let defs = vec![def(r#"{"name":"a","type":"string"}"#)];
    let mut create = SchemaPlan {
        type_name: "fresh".to_owned(),
        ..Default::default()
    };
    create.steps.push(Step {
        path: AttrPath::root(),
        action: Action::Create(defs),
        risk: Risk::Safe,
    });
    work.plan = Arc::new(create);
    work.stored = None;
    let (_folder, place) = somewhere();
    kill(&stage, &work, &place, 1, Fate::KilledAfter);
    let id = unfinished(&place).pop().expect("was begun").id;
    let mut calls = Unlucky::lucky(&stage);
    let applied = at_once(resume(&id, None, &place, &mut calls)).expect("is looked at");
    finished(&applied, 1);
    assert!(calls.written.is_empty(), "it was there");
    let again = at_once(apply(&work, &place, &mut calls)).expect("is looked at");
    assert_eq!((again.of, again.stopped), (0, None));
}

/// Records that change while they are copied, and after.
#[test]
fn what_changes_meanwhile_is_copied_before_the_old_attribute_goes() {
    /// Lets somebody change the first record before each of these calls.
    struct Busy(Unlucky, Vec<(usize, &'static str)>);
    impl Calls for Busy {
        async fn call(&mut self, request: &ApiRequest) -> Result<Arc<Exchange>, JobError> {
            let at = self.0.asked.len();
            for (_, attributes) in self.1.iter().filter(|(place, _)| *place == at) {
                let id = records(&self.0.stage)[0].get("id").cloned();
                let change = ApiRequest::new(Endpoint::EntityReplace)
                    .with("type_name", "t")
                    .with("id", id.expect("has one").to_string())
                    .with("attribute_name", "phones")
                    .with("value", *attributes);
                answer(&self.0.stage.answer(&change));
            }
            self.0.call(request).await
        }

        fn tell(&mut self, _: StepProgress) {}
    }
    let steps = || {
        vec![
            add(
                r#"{"name":"lines","type":"plural","attr_defs":[{"name":"number","type":"string"},{"name":"kind","type":"string"}]}"#,
            ),
            copy("phones", "lines", &[]),
            remove("phones"),
        ]
    };
    // The calls: view, add, count, page, update…
    let between_page_and_update = (4, r#"[{"number":"7"}]"#);
    let stage = stage(&RECORDS);
    let plan = work(&stage, steps());
    let mut calls = Unlucky::lucky(&stage);
    let (_folder, place) = somewhere();
    at_once(apply(&plan, &place, &mut calls)).expect("is applied");
    let last_update = calls
        .asked
        .iter()
        .rposition(|request| request.endpoint == Endpoint::EntityUpdate)
        .expect("values were copied");
    let after_the_copy = (last_update + 2, r#"[{"number":"8"},{"number":"9"}]"#);
    let meddled = |change| {
        let stage = super::stage(&RECORDS);
        let plan = work(&stage, steps());
        let mut calls = Busy(Unlucky::lucky(&stage), vec![change]);
        let applied = at_once(apply(&plan, &place, &mut calls));
        (applied.expect("was begun"), contents(&stage)[0].clone())
    };
    let (applied, first) = meddled(between_page_and_update);
    finished(&applied, 3);
    let lines = json(r#"[{"kind":null,"number":"7"}]"#);
    assert_eq!(first.get("lines"), Some(&lines));
    // Which of the two is newer nobody knows.
    let (applied, first) = meddled(after_the_copy);
    let why = applied.stopped.expect("it stopped");
    assert!(why.contains("nothing was removed"), "{why}");
    let phones = first.get("phones").and_then(Json::as_array);
    assert_eq!(phones.map(<[Json]>::len), Some(2));
}

/// Writes a value into a record, by its place.
fn put(stage: &Stage, at: usize, name: &str, value: &str) {
    let id = records(stage)[at].get("id").cloned();
    let change = ApiRequest::new(Endpoint::EntityReplace)
        .with("type_name", "t")
        .with("id", id.expect("has one").to_string())
        .with("attribute_name", name)
        .with("value", value);
    answer(&stage.answer(&change));
}

/// What each record has.
fn nicks(stage: &Stage, name: &str) -> Vec<Json> {
    let contents = contents(stage);
    let values = contents.iter().map(|record| record.get(name).cloned());
    values.map(Option::unwrap_or_default).collect()
}

#[test]
fn what_was_written_to_the_new_attribute_is_never_written_over() {
    let ann_and_bob = [
        r#"{"nick":"Ann"}"#,
        r#"{"nick":"Bob"}"#,
        r#"{"nick":"Cid"}"#,
    ];
    let stage = stage(&ann_and_bob);
    let steps = to_alias(r#"{"name":"alias","type":"string"}"#);
    let work = work(&stage, steps);
    let (_folder, place) = somewhere();
    // The calls: view, add, count, page, three updates, the last page.
    let mut calls = Unlucky::new(&stage, 8, Fate::Cancelled);
    let applied = at_once(apply(&work, &place, &mut calls)).expect("was begun");
    assert_eq!(applied.done, 2);
    let id = applied.journal.expect("can be resumed");
    put(&stage, 0, "alias", r#""Newer""#);
    put(&stage, 1, "alias", "null");
    let mut calls = Unlucky::lucky(&stage);
    for (at, value) in [(0, "null"), (1, "null")] {
        let why = match at_once(resume(&id, None, &place, &mut calls)) {
            // Nothing at all was begun.
            Err(JobError::Failed(failure)) => failure.message,
            other => panic!("{other:?}"),
        };
        let named = records(&stage)[at].get("id").cloned().expect("has one");
        assert!(why.contains(&format!("record {named}")), "{why}");
        put(&stage, at, "nick", value);
    }
    // One that came since is copied.
    super::fill(&stage, &[r#"{"nick":"Dot"}"#]);
    let applied = at_once(resume(&id, None, &place, &mut calls)).expect("goes on");
    finished(&applied, 3);
    let expected = [r#""Newer""#, "null", r#""Cid""#, r#""Dot""#].map(json);
    assert_eq!(nicks(&stage, "alias"), expected);
}

#[test]
fn a_value_that_somebody_else_put_into_the_new_attribute_stops_the_copy() {
    let stage = stage(&[r#"{"nick":"Ann"}"#, r#"{"nick":"Bob"}"#]);
    let steps = to_alias(r#"{"name":"alias","type":"string"}"#);
    let work = work(&stage, steps);
    let (_folder, place) = somewhere();
    let mut calls = Unlucky::new(&stage, 2, Fate::Cancelled);
    let applied = at_once(apply(&work, &place, &mut calls)).expect("was begun");
    put(&stage, 1, "alias", r#""Robert""#);
    let mut calls = Unlucky::lucky(&stage);
    let id = applied.journal.expect("can be resumed");
    let applied = at_once(resume(&id, None, &place, &mut calls)).expect("was begun");
    let named = records(&stage)[1].get("id").cloned().expect("has one");
    let why = applied.stopped.expect("it stopped");
    assert!(
        why.contains(&format!("record {named}: alias has another value")),
        "{why}"
    );
    assert_eq!(nicks(&stage, "nick"), [r#""Ann""#, r#""Bob""#].map(json));
    assert_eq!(
        nicks(&stage, "alias"),
        [r#""Ann""#, r#""Robert""#].map(json)
    );
}

/// By way of a spare, what people write and clear is what stays.
#[test]
fn a_rebuild_follows_what_is_written_to_the_attribute() {
    /// Changes records before the calls that count them: once for each look through them.
    struct Lively(Stage, usize);
    impl Calls for Lively {
        async fn call(&mut self, request: &ApiRequest) -> Result<Arc<Exchange>, JobError> {
            if request.endpoint == Endpoint::EntityCount {
                self.1 += 1;
                match self.1 {
                    // Copied to the spare.
                    2 => {
                        put(&self.0, 0, "nick", r#""Newer""#);
                        put(&self.0, 1, "nick", "null");
                    }
                    // Copied back, which the look before the removal of the old one took two times.
                    5 => {
                        put(&self.0, 2, "nick", r#""Newest""#);
                        put(&self.0, 3, "nick", "null");
                    }
                    _ => {}
                }
            }
            self.0.call(request).await
        }

        fn tell(&mut self, _: StepProgress) {}
    }
    let stage = stage(&[
        r#"{"nick":"Ann"}"#,
        r#"{"nick":"Bob"}"#,
        r#"{"nick":"Cid"}"#,
        r#"{"nick":"Dot"}"#,
        r#"{"nick":"Eve"}"#,
    ]);
    let steps = vec![
        add(r#"{"name":"nick_new","type":"string","length":50}"#),
        copy("nick", "nick_new", &[]),
        remove("nick"),
        add(r#"{"name":"nick","type":"string","length":50}"#),
        copy("nick_new", "nick", &[]),
        remove("nick_new"),
    ];
    let work = work(&stage, steps);
    let (_folder, place) = somewhere();
    let mut calls = Lively(stage.clone(), 0);
    let applied = at_once(apply(&work, &place, &mut calls)).expect("was begun");
    finished(&applied, 6);
    assert_eq!(calls.1, 5, "every change was made");
    let expected = [r#""Newer""#, "null", r#""Newest""#, "null", r#""Eve""#].map(json);
    assert_eq!(nicks(&stage, "nick"), expected);
}

#[test]
fn no_more_is_removed_than_was_agreed_to() {
    for (steps, name) in [
        (vec![remove("age"), remove("nick")], "nick"),
        (
            vec![
                remove("age"),
                add(r#"{"name":"alias","type":"date"}"#),
                copy("nick", "alias", &[]),
                remove("nick"),
            ],
            "nick",
        ),
    ] {
        let stage = stage(&[r#"{"nick":"2020-01-01 10:00:00"}"#]);
        let of = steps.len();
        let mut work = work(&stage, steps);
        let look = |work: &Work| {
            let survey = at_once(survey(work, super::now(), &mut stage.clone()));
            survey.expect("is read").lost()
        };
        work.agreed = Some(look(&work));
        assert_eq!(work.agreed.as_deref().and_then(<[u64]>::last), Some(&1));
        // Records that come while the question is open.
        super::fill(&stage, &[r#"{"nick":"2020-01-02 11:00:00"}"#]);
        let (_folder, place) = somewhere();
        let mut calls = Unlucky::lucky(&stage);
        let applied = at_once(apply(&work, &place, &mut calls)).expect("was begun");
        let why = applied.stopped.expect("it stopped");
        assert!(
            why.contains("2 records would lose a value of nick, and 1"),
            "{why}"
        );
        assert!(stored(&stage).get(&path(name)).is_some());
        // That it stopped agrees to nothing, however often it is gone on with; and what was agreed to last holds.
        let id = applied.journal.expect("can be resumed");
        super::fill(&stage, &[r#"{"nick":"2020-01-03 12:00:00"}"#]);
        let now = |lost| Some([vec![0; of - 1], vec![lost]].concat());
        for (agreed, said) in [
            (None, "and 1 when"),
            (None, "and 1 when"),
            (now(2), "and 2 when"),
            (None, "and 2 when"),
            // Not so much as looked at.
            (Some(Vec::new()), "and 0 when"),
        ] {
            let why = reason(at_once(resume(&id, agreed, &place, &mut calls)));
            assert!(why.contains("3 records would lose"), "{why}");
            assert!(why.contains(said), "{why}");
            assert!(stored(&stage).get(&path(name)).is_some());
        }
        let applied = at_once(resume(&id, now(3), &place, &mut calls)).expect("goes on");
        finished(&applied, of);
    }
}

#[test]
fn a_value_that_the_copy_cannot_hold_stops_it_and_nothing_is_removed() {
    let stage = stage(&RECORDS);
    let work = work(&stage, to_alias(r#"{"name":"alias","type":"integer"}"#));
    let (_folder, place) = somewhere();
    let mut calls = Unlucky::lucky(&stage);
    let applied = at_once(apply(&work, &place, &mut calls)).expect("was begun");
    assert_eq!(applied.done, 1);
    let first = records(&stage)[0].get("id").cloned().expect("has one");
    let why = applied.stopped.expect("it stopped");
    assert!(
        why.contains(&format!("record {first}: ")) && why.contains("341"),
        "{why}"
    );
    let last = applied.exchanges.last().expect("was made");
    assert_eq!(last.request.endpoint, Endpoint::EntityUpdate);
    assert!(stored(&stage).get(&path("nick")).is_some());
}

#[test]
fn a_plan_is_worked_on_by_one_and_where_it_was_begun() {
    let stage = stage(&RECORDS);
    let work = work(&stage, many_steps());
    let (_folder, place) = somewhere();
    kill(&stage, &work, &place, 2, Fate::KilledBefore);
    let id = unfinished(&place).pop().expect("was begun").id;
    let refused = |outcome: Result<Applied, JobError>| match outcome {
        Err(JobError::Failed(failure)) => failure.kind,
        other => panic!("{other:?}"),
    };
    let mut calls = Unlucky::lucky(&stage);
    {
        let _held = at_once(journal::Journal::open(&place, &id)).expect("is free");
        let outcome = at_once(resume(&id, None, &place, &mut calls));
        assert_eq!(refused(outcome), FailureKind::Conflict);
        let forgotten = journal::forget(&place, &id).map_err(|failure| failure.kind);
        assert_eq!(forgotten, Err(FailureKind::Conflict));
        assert!(unfinished(&place).is_empty(), "it is worked on");
    }
    let elsewhere = Place {
        domain: "elsewhere".to_owned(),
        ..place.clone()
    };
    let outcome = at_once(resume(&id, None, &elsewhere, &mut calls));
    assert_eq!(refused(outcome), FailureKind::Usage);
    assert!(unfinished(&elsewhere).is_empty());
    for id in ["../sandbox", "", "nothing-00000000"] {
        let id = JournalId(id.to_owned());
        let outcome = at_once(resume(&id, None, &place, &mut calls));
        assert_eq!(refused(outcome), FailureKind::NotFound);
    }
    assert!(calls.asked.is_empty());
}

/// Whatever the environment is called: the same service and the same type have one plan at a time.
#[test]
fn another_plan_for_the_type_is_refused_until_the_first_has_its_end() {
    let stage = stage(&RECORDS);
    let plan = work(&stage, many_steps());
    let (_folder, place) = somewhere();
    kill(&stage, &plan, &place, 6, Fate::KilledBefore);
    let other = Place {
        environment: "prod".to_owned(),
        domain: format!("{}/", place.domain.to_uppercase()),
        ..place.clone()
    };
    let id = unfinished(&other).pop().expect("is known there too").id;
    // Planned from the half-way type, it would remove what holds the copies.
    let second = work(&stage, vec![remove("alias")]);
    let mut calls = Unlucky::lucky(&stage);
    let mut refused = |said: &str| match at_once(apply(&second, &other, &mut calls)) {
        Err(JobError::Failed(failure)) => {
            assert_eq!(failure.kind, FailureKind::Conflict);
            assert!(failure.message.contains(said), "{}", failure.message);
        }
        unexpected => panic!("{unexpected:?}"),
    };
    {
        let _held = at_once(journal::Journal::open(&place, &id)).expect("is free");
        refused("another captui is working on a plan for `t`");
    }
    refused("a plan for `t` was begun");
    assert!(calls.asked.is_empty());
    let elsewhere = Place {
        domain: "https://there.example".to_owned(),
        ..place.clone()
    };
    let applied = at_once(apply(
        &work(&stage, vec![remove("age")]),
        &elsewhere,
        &mut calls,
    ));
    finished(&applied.expect("is another service"), 1);
    meddle(
        &stage,
        Endpoint::TypeAddAttribute,
        "attr_def",
        r#"{"name":"age","type":"integer"}"#,
    );
    let applied = at_once(resume(&id, None, &other, &mut calls)).expect("goes on");
    finished(&applied, plan.plan.steps.len());
}

#[test]
fn a_plan_whose_first_call_is_refused_is_not_in_the_way() {
    let stage = stage(&[r#"{"nick":"no mail"}"#]);
    let steps = vec![constrain("email", &[], &[Constraint::Required])];
    let work = work(&stage, steps);
    let (_folder, place) = somewhere();
    let mut calls = Unlucky::lucky(&stage);
    for _ in 0..2 {
        let applied = at_once(apply(&work, &place, &mut calls)).expect("is refused by the service");
        assert!(applied.stopped.expect("it stopped").contains("362"));
        assert_eq!((applied.done, applied.journal), (0, None));
        assert!(journal::list(&place).0.is_empty());
    }
    // Nor is one that was killed before anything was sent.
    kill(&stage, &work, &place, 0, Fate::KilledBefore);
    assert!(unfinished(&place).is_empty());
    let mut calls = Unlucky::lucky(&stage);
    at_once(apply(&work, &place, &mut calls)).expect("is refused by the service");
}

#[test]
fn a_journal_is_its_owners_and_one_that_is_damaged_is_left_alone() {
    let (stage, work) = with_rule();
    let (_folder, place) = somewhere();
    kill(&stage, &work, &place, 2, Fate::KilledBefore);
    let plan = unfinished(&place).pop().expect("was begun");
    assert_eq!(plan.work, work);
    let mode = |path: &Path| {
        let metadata = fs::metadata(path).expect("is there");
        metadata.permissions().mode() & 0o777
    };
    let file = place.folder.join(format!("{}.json", plan.id.0));
    assert_eq!((mode(&place.folder), mode(&file)), (0o700, 0o600));
    for text in ["", "{", "{}", r#"{"format":"captui plan 2"}"#] {
        fs::write(&file, text).expect("writes");
        let (plans, notices) = journal::list(&place);
        assert!(plans.is_empty());
        assert_eq!(notices.len(), 1, "{notices:?}");
        let mut calls = Unlucky::lucky(&stage);
        let outcome = at_once(resume(&plan.id, None, &place, &mut calls));
        assert!(matches!(outcome, Err(JobError::Failed(_))));
        assert_eq!(fs::read_to_string(&file).expect("is there"), text);
    }
}

/// 310 is the code for a record that is gone, and for an element that is not there.
#[test]
fn only_a_record_that_is_gone_is_passed_over() {
    /// Answers the update of a record as if it were another, which there is not; `gone`: and so it is.
    struct Misled {
        stage: Stage,
        gone: bool,
    }
    impl Calls for Misled {
        async fn call(&mut self, request: &ApiRequest) -> Result<Arc<Exchange>, JobError> {
            if request.endpoint != Endpoint::EntityUpdate {
                return self.stage.call(request).await;
            }
            if self.gone {
                let id = request.args.iter().find(|(name, _)| *name == "id");
                let delete = ApiRequest::new(Endpoint::EntityDelete)
                    .with("type_name", "t")
                    .with("id", id.expect("is named").1);
                answer(&self.stage.answer(&delete));
            }
            let other = ApiRequest::new(Endpoint::EntityUpdate)
                .with("type_name", "t")
                .with("id", "999999")
                .with("attributes", "{}");
            self.stage.call(&other).await
        }

        fn tell(&mut self, _: StepProgress) {}
    }
    for gone in [false, true] {
        let stage = stage(&[r#"{"nick":"Ann"}"#]);
        let steps = to_alias(r#"{"name":"alias","type":"string"}"#);
        let work = work(&stage, steps);
        let (_folder, place) = somewhere();
        let mut calls = Misled {
            stage: stage.clone(),
            gone,
        };
        let applied = at_once(apply(&work, &place, &mut calls)).expect("was begun");
        if gone {
            finished(&applied, 3);
        } else {
            let why = applied.stopped.expect("it stopped");
            assert!(why.contains("310"), "{why}");
            assert_eq!(contents(&stage)[0].get("nick"), Some(&json(r#""Ann""#)));
        }
    }
}
