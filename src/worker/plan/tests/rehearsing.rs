use crate::capture::constraint::Constraint;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::schema::plan::Action;
use crate::capture::schema::property;
use crate::worker::plan::Rehearsal;
use crate::worker::plan::Work;
use crate::worker::plan::rehearse::RECORDS;
use crate::worker::plan::rehearse::has_all;
use crate::worker::plan::rehearse::rehearse;
use crate::worker::plan::stage::Stage;
use crate::worker::plan::tests::add;
use crate::worker::plan::tests::answer;
use crate::worker::plan::tests::at_once;
use crate::worker::plan::tests::constrain;
use crate::worker::plan::tests::copy;
use crate::worker::plan::tests::def;
use crate::worker::plan::tests::json;
use crate::worker::plan::tests::now;
use crate::worker::plan::tests::path;
use crate::worker::plan::tests::records;
use crate::worker::plan::tests::remove;
use crate::worker::plan::tests::stage;
use crate::worker::plan::tests::step;
use crate::worker::plan::tests::stored;
use crate::worker::plan::tests::work;

fn try_out(stage: &Stage, work: &Work) -> Rehearsal {
    at_once(rehearse(work, now(), &mut stage.clone())).expect("is tried")
}

#[test]
fn a_plan_that_goes_well_arrives_and_changes_nothing_here() {
    let stage = stage(&[
        r#"{"email":"a@b.c","nick":"Ann","pass":"correct horse","phones":[{"number":"1"}]}"#,
        r#"{"email":"b@b.c"}"#,
    ]);
    let rule = r#"{"type":"rule","attributes":["nick"],"definition":{"max-length":5}}"#;
    let request = ApiRequest::new(Endpoint::TypeAddProperty)
        .with("type_name", "t")
        .with("property", rule);
    answer(&stage.answer(&request));
    let request = ApiRequest::new(Endpoint::TypeProperties).with("type_name", "t");
    let rules = property::read_properties(&answer(&stage.answer(&request))).0;
    let steps = vec![
        add(r#"{"name":"alias","type":"string"}"#),
        copy("nick", "alias", &[]),
        step("nick", Action::RemoveProperty(rules[0].clone())),
        remove("nick"),
        constrain("email", &[], &[Constraint::Required]),
    ];
    let before = (stored(&stage), records(&stage));
    let mut work = work(&stage, steps);
    // Without the rule's removal the attribute could not go.
    work.properties = rules;
    let rehearsal = try_out(&stage, &work);
    let all_well = Rehearsal {
        steps: vec![Ok(()); 5],
        records: 2,
        arrives: true,
    };
    assert_eq!(rehearsal, all_well);
    assert_eq!((stored(&stage), records(&stage)), before);
}

#[test]
fn a_refusal_names_the_real_record() {
    let stage = stage(&["{}", r#"{"email":"a@b.c"}"#, r#"{"email":"x y"}"#]);
    // So that ids differ from those of a copy.
    let first = records(&stage)[0].get("id").and_then(Json::as_i64);
    let first = first.expect("has one");
    let delete = ApiRequest::new(Endpoint::EntityDelete)
        .with("type_name", "t")
        .with("id", first.to_string());
    answer(&stage.answer(&delete));
    let work = work(
        &stage,
        vec![
            remove("age"),
            constrain("email", &[], &[Constraint::EmailAddress]),
            remove("nick"),
        ],
    );
    let rehearsal = try_out(&stage, &work);
    assert_eq!((rehearsal.records, rehearsal.arrives), (2, false));
    assert_eq!(rehearsal.steps.len(), 2);
    assert_eq!(rehearsal.steps[0], Ok(()));
    let why = rehearsal.steps[1].clone().expect_err("is refused");
    assert!(why.contains("360"), "{why}");
    assert!(why.contains(&format!("record {}:", first + 2)), "{why}");
}

#[test]
fn a_copy_has_so_many_records_and_no_more() {
    let bodies: Vec<String> = (0..RECORDS + 50)
        .map(|number| format!(r#"{{"nick":"n{number}"}}"#))
        .collect();
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let stage = stage(&bodies);
    let work = work(&stage, vec![constrain("nick", &[], &[Constraint::Unique])]);
    let rehearsal = try_out(&stage, &work);
    assert_eq!((rehearsal.records, rehearsal.arrives), (1_000, true));
}

#[test]
fn a_creation_is_tried_on_nothing() {
    let stage = stage(&[]);
    let mut work = work(&stage, Vec::new());
    let mut plan = (*work.plan).clone();
    plan.type_name = "fresh".to_owned();
    let defs = vec![def(r#"{"name":"a","type":"string"}"#)];
    plan.steps = vec![step("", Action::Create(defs))];
    work.plan = plan.into();
    work.stored = None;
    let rehearsal = try_out(&stage, &work);
    assert_eq!((rehearsal.steps, rehearsal.arrives), (vec![Ok(())], true));
}

#[test]
fn a_copy_that_misses_a_value_has_not_arrived() {
    let schema = stored(&stage(&[]));
    let expected = json(r#"{"nick":"Ann","phones":[{"number":"1"}],"home":{"city":"Ulm"}}"#);
    let targets = [path("nick"), path("phones"), path("home")];
    let cases = [
        (
            r#"{"nick":"Ann","phones":[{"id":3,"number":"1","kind":null}],"home":{"city":"Ulm","zip":null}}"#,
            true,
        ),
        (
            r#"{"phones":[{"number":"1"}],"home":{"city":"Ulm"}}"#,
            false,
        ),
        (r#"{"nick":"Ann","phones":[],"home":{"city":"Ulm"}}"#, false),
        (
            r#"{"nick":"Ann","phones":[{"number":"1"}],"home":{"city":"Bonn"}}"#,
            false,
        ),
    ];
    for (found, arrived) in cases {
        assert_eq!(
            has_all(&json(found), &expected, &targets, &schema),
            arrived,
            "{found}"
        );
    }
}
