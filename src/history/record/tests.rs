use proptest::prelude::*;

use super::*;
use crate::capture::request::Args;
use crate::capture::response::Answer;
use crate::exchange::Verdict;
use crate::history::record::place::ElementKey;
use crate::history::record::place::Place;
use crate::history::record::timeline::Blame;
use crate::history::record::timeline::Event;
use crate::history::record::timeline::Since;
use crate::history::record::timeline::Timeline;

const UUID: &str = "8a3abdda-b4fb-49d8-a88d-022585b0f877";

fn json(text: &str) -> Json {
    Json::parse(text).expect(text)
}

fn key() -> RecordKey {
    RecordKey {
        environment: "dev".to_owned(),
        type_name: "user".to_owned(),
        uuid: Some(UUID.to_owned()),
        id: Some(7),
    }
}

/// Calls as they were made: operation, arguments, answer.
struct Calls(Vec<(Endpoint, Args, Answer)>);

impl Calls {
    fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a call about the record of [`key`], selected by its uuid.
    fn call(&mut self, endpoint: Endpoint, args: &[(&str, &str)], answer: &str) {
        let mut all = Args::from_pairs([("type_name", "user")]);
        let is_selected = args
            .iter()
            .any(|(name, _)| *name == "key_attribute" || *name == "id");
        if endpoint != Endpoint::EntityCreate && endpoint != Endpoint::EntityFind && !is_selected {
            all.push("uuid", UUID);
        }
        for (name, value) in args {
            all.push(*name, *value);
        }
        self.0
            .push((endpoint, all, Answer::read(200, None, answer.as_bytes())));
    }

    fn create(&mut self, attributes: &str) {
        let answer = format!(r#"{{"stat":"ok","id":7,"uuid":"{UUID}"}}"#);
        self.call(
            Endpoint::EntityCreate,
            &[("attributes", attributes)],
            &answer,
        );
    }

    fn update(&mut self, attributes: &str) {
        self.call(
            Endpoint::EntityUpdate,
            &[("attributes", attributes)],
            r#"{"stat":"ok"}"#,
        );
    }

    fn read(&mut self, record: &str) {
        let mut record = json(record);
        let members = record.as_object_mut().expect("a record");
        members.insert("uuid".to_owned(), Json::from(UUID));
        members.insert("id".to_owned(), Json::from(7));
        let answer = format!(r#"{{"stat":"ok","result":{record}}}"#);
        self.call(Endpoint::EntityView, &[], &answer);
    }

    /// Each call one minute after the one before, the first as exchange 1.
    fn timeline(&self, keys: &PrimaryKeys) -> Timeline {
        let mut looks = Vec::new();
        for (index, (endpoint, args, answer)) in self.0.iter().enumerate() {
            let verdict = match answer {
                Answer::Ok(_) => Verdict::Ok,
                Answer::Error(_) => Verdict::Error,
                Answer::NotCapture(_) => Verdict::Unknown,
            };
            let at = Timestamp::from_second(60 * index as i64).expect("a time");
            for sighting in sightings(*endpoint, args, verdict, Some(answer)) {
                looks.push(Look {
                    exchange: ExchangeId(index as i64 + 1),
                    at,
                    endpoint: *endpoint,
                    sighting,
                });
            }
        }
        Timeline::new(&key(), &looks, keys)
    }
}

fn place(text: &str) -> Place {
    text.split('.').fold(Place::default(), |place, name| {
        let (name, element) = match (name.split_once('#'), name.split_once('[')) {
            (Some((name, id)), _) => (name, Some(ElementKey::Id(id.parse().expect("an id")))),
            (None, Some((name, key))) => {
                let key = key.trim_end_matches(']').to_owned();
                (name, Some(ElementKey::Key(key)))
            }
            (None, None) => (name, None),
        };
        let mut place = place.child(name);
        if let Some(step) = place.0.last_mut() {
            step.element = element;
        }
        place
    })
}

fn since(timeline: &Timeline, field: &str) -> String {
    let number = |event: &Event| event.exchange.0.to_string();
    match timeline.blame(&place(field)).map(|blame| blame.since) {
        None => "nothing".to_owned(),
        Some(Since::By(event)) => format!("by {}", number(&event)),
        Some(Since::Always(event)) => format!("always {}", number(&event)),
        Some(Since::Between { before, seen, near }) => {
            let near: Vec<String> = near.iter().map(number).collect();
            let near = if near.is_empty() {
                String::new()
            } else {
                format!(" near {}", near.join(","))
            };
            format!("between {} and {}{near}", number(&before), number(&seen))
        }
    }
}

fn value(timeline: &Timeline, field: &str) -> Option<Json> {
    timeline.blame(&place(field)).and_then(|blame| blame.value)
}

#[test]
fn a_field_is_blamed_on_the_write_that_gave_its_value() {
    let mut calls = Calls::new();
    calls.create(r#"{"a":"1","b":"1","when":"2026-01-02"}"#);
    calls.update(r#"{"a":"2"}"#);
    calls.update(r#"{"a":"2","b":"2"}"#);
    calls.read(r#"{"a":"2","b":"3","c":null,"when":"2026-01-02 00:00:00 +0000","n":1.0}"#);
    calls.call(
        Endpoint::EntityUpdate,
        &[("attributes", r#"{"a":"9"}"#)],
        r#"{"stat":"error","code":330,"error":"x"}"#,
    );
    calls.read(r#"{"a":"2","b":"3","c":"x","when":"2026-01-02 00:00:00 +0000","n":1}"#);
    let timeline = calls.timeline(&PrimaryKeys::default());
    for (field, expected) in [
        ("a", "by 2"),
        ("b", "between 3 and 4"),
        ("c", "between 4 and 6"),
        ("when", "by 1"),
        ("uuid", "by 1"),
        ("n", "between 1 and 4 near 2,3"),
        ("d", "nothing"),
    ] {
        assert_eq!(since(&timeline, field), expected, "{field}");
    }
    assert_eq!(timeline.states.len(), 5, "a refused call makes no state");
    assert_eq!(timeline.events.len(), 6);
    assert_eq!(timeline.events[4].how, How::Asked);
    let changed = |at: usize| {
        let changed = timeline.states[at].changed.iter().map(Place::to_string);
        changed.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(changed(0), "a b id uuid when");
    assert_eq!(changed(1), "a");
    assert_eq!(changed(2), "b");
    assert_eq!(changed(3), "b c n");
    assert_eq!(changed(4), "c");
    let whole: Vec<bool> = timeline.states.iter().map(|state| state.whole).collect();
    assert_eq!(whole, [false, false, false, true, true]);
    let last = timeline.states[4].record.as_ref().expect("there");
    assert_eq!(last.get("b"), Some(&Json::from("3")));
}

#[test]
fn elements_are_told_apart_by_key_or_id_and_never_by_place() {
    let mut calls = Calls::new();
    calls.read(r#"{"list":[{"id":1,"k":"x","v":"1"},{"id":2,"k":"y","v":"1"}],"empty":[]}"#);
    calls.read(r#"{"list":[{"id":2,"k":"y","v":"1"},{"id":1,"k":"x","v":"2"}],"empty":[]}"#);
    calls.update(r#"{"list":[{"k":"z","v":"1"}],"empty":[{"k":"e"}]}"#);
    calls.call(
        Endpoint::EntityUpdate,
        &[("attribute_name", "/list#2"), ("value", r#"{"v":"5"}"#)],
        r#"{"stat":"ok"}"#,
    );
    calls.call(
        Endpoint::EntityDelete,
        &[("attribute_name", "/list#1")],
        r#"{"stat":"ok"}"#,
    );
    calls.read(r#"{"list":[{"id":3,"k":"z","v":"1"},{"id":2,"k":"y","v":"5"}],"empty":[{"id":9,"k":"e"}]}"#);
    calls.read(r#"{"list":[{"id":2,"k":"y","v":"5"}],"empty":[{"id":9,"k":"e"}]}"#);
    let timeline = calls.timeline(&PrimaryKeys::default());
    for (field, expected) in [
        ("list#1.v", "by 5"),
        ("list#2.v", "by 4"),
        ("list#2.k", "always 1"),
        ("list#3.v", "between 6 and 7"),
        ("list#2", "by 4"),
        ("list", "between 6 and 7"),
        ("empty#9.k", "between 2 and 6 near 3,4,5"),
    ] {
        assert_eq!(since(&timeline, field), expected, "{field}");
    }
    assert_eq!(value(&timeline, "list#1.v"), None);
    let in_between = timeline.states[2]
        .record
        .as_ref()
        .and_then(|record| record.get("list"));
    assert_eq!(
        in_between.and_then(Json::as_array).map(<[Json]>::len),
        Some(3)
    );
    assert!(
        timeline
            .blames()
            .iter()
            .all(|blame| blame.place != place("empty"))
    );

    let keys = PrimaryKeys([("list".to_owned(), "k".to_owned())].into());
    let timeline = calls.timeline(&keys);
    for (field, expected) in [
        (r#"list["y"].v"#, "by 4"),
        (r#"list["x"].v"#, "by 5"),
        // What is written with its key is known at once.
        (r#"list["z"].k"#, "between 6 and 7"),
    ] {
        assert_eq!(since(&timeline, field), expected, "{field}");
    }
}

#[test]
fn partial_looks_and_replacements_are_understood() {
    let mut calls = Calls::new();
    calls.read(r#"{"a":"1","b":"1","o":{"x":"1","y":"1"},"list":[{"id":1,"v":"1"}]}"#);
    calls.call(
        Endpoint::EntityView,
        &[("attributes", r#"["a"]"#)],
        r#"{"stat":"ok","result":{"a":"2"}}"#,
    );
    calls.call(
        Endpoint::EntityView,
        &[("attribute_name", "o")],
        r#"{"stat":"ok","result":{"x":"2","y":"1"}}"#,
    );
    calls.call(
        Endpoint::EntityReplace,
        &[("attribute_name", "/o"), ("attributes", r#"{"y":"3"}"#)],
        r#"{"stat":"ok"}"#,
    );
    calls.call(
        Endpoint::EntityUpdate,
        &[("attribute_name", "b"), ("value", "bare word")],
        r#"{"stat":"ok"}"#,
    );
    calls.call(
        Endpoint::EntityFind,
        &[],
        &format!(
            r#"{{"stat":"ok","results":[{{"uuid":"other","a":"9"}},{{"uuid":"{UUID}","a":"3"}}]}}"#
        ),
    );
    calls.call(
        Endpoint::EntityReplace,
        &[("attributes", r#"{"a":"4"}"#), ("include_record", "true")],
        &format!(r#"{{"stat":"ok","result":{{"uuid":"{UUID}","a":"4","b":null,"extra":"new"}}}}"#),
    );
    let timeline = calls.timeline(&PrimaryKeys::default());
    for (field, expected, text) in [
        ("o.y", "by 7", "null"),
        ("o.x", "by 4", "null"),
        ("b", "by 7", "null"),
        ("a", "by 7", "\"4\""),
        ("extra", "between 6 and 7 near 7", "\"new\""),
        ("list#1.v", "by 7", "gone"),
    ] {
        assert_eq!(since(&timeline, field), expected, "{field}");
        let value = value(&timeline, field).map_or("gone".to_owned(), |value| value.to_string());
        assert_eq!(value, text, "{field}");
    }
    assert_eq!(timeline.states[1].changed, [place("a")]);
    assert_eq!(timeline.states[2].changed, [place("o.x")]);
    assert_eq!(timeline.states[4].changed, [place("b")]);
    assert_eq!(timeline.states[5].changed, [place("a")]);
}

#[test]
fn a_record_ends_and_calls_of_unknown_outcome_are_told() {
    let mut calls = Calls::new();
    calls.create(r#"{"a":"1"}"#);
    calls.call(
        Endpoint::EntityUpdate,
        &[("attributes", r#"{"a":"2"}"#)],
        "<html>",
    );
    calls.read(r#"{"a":"2"}"#);
    calls.call(Endpoint::EntityDelete, &[], r#"{"stat":"ok"}"#);
    calls.call(
        Endpoint::EntityView,
        &[],
        r#"{"stat":"error","code":310,"error":"x"}"#,
    );
    let timeline = calls.timeline(&PrimaryKeys::default());
    assert_eq!(since(&timeline, "a"), "by 4");
    assert_eq!(
        timeline.states.last().map(|state| state.record.clone()),
        Some(None)
    );
    let hows: Vec<(How, bool)> = timeline
        .events
        .iter()
        .map(|it| (it.how, it.certain))
        .collect();
    assert_eq!(
        hows,
        [
            (How::Created, true),
            (How::Updated, false),
            (How::Seen, true),
            (How::Deleted, true),
            (How::Asked, false)
        ]
    );
    calls.0.truncate(3);
    let timeline = calls.timeline(&PrimaryKeys::default());
    assert_eq!(since(&timeline, "a"), "between 1 and 3 near 2");
}

#[test]
fn a_record_is_known_by_the_attribute_that_selected_it() {
    let mut calls = Calls::new();
    let by = |email: &'static str| {
        move |calls: &mut Calls, attributes: &str| {
            calls.call(
                Endpoint::EntityUpdate,
                &[
                    ("key_attribute", "email"),
                    ("key_value", email),
                    ("attributes", attributes),
                ],
                r#"{"stat":"ok"}"#,
            );
        }
    };
    // Nothing is known yet: what is seen later counts.
    by(r#""a@x""#)(&mut calls, r#"{"n":"1"}"#);
    calls.read(r#"{"email":"a@x","n":"1"}"#);
    by(r#""other@x""#)(&mut calls, r#"{"n":"2"}"#);
    by(r#""a@x""#)(&mut calls, r#"{"email":"b@x"}"#);
    by(r#""a@x""#)(&mut calls, r#"{"n":"3"}"#);
    by(r#""b@x""#)(&mut calls, r#"{"n":"4"}"#);
    let timeline = calls.timeline(&PrimaryKeys::default());
    assert_eq!(since(&timeline, "n"), "by 6");
    assert_eq!(since(&timeline, "email"), "by 4");
    assert_eq!(timeline.events.len(), 4);
}

#[test]
fn passwords_are_never_shown_and_every_write_of_one_counts() {
    let mut calls = Calls::new();
    calls.read(r#"{"password":{"type":"password-bcrypt","value":"••••••••"},"pin":null}"#);
    calls.update(r#"{"password":"••••••••"}"#);
    calls.read(r#"{"password":{"type":"password-bcrypt","value":"••••••••"},"pin":null}"#);
    let timeline = calls.timeline(&PrimaryKeys::default());
    assert_eq!(since(&timeline, "password"), "by 2");
    assert_eq!(value(&timeline, "password"), Some(Json::from("••••••••")));
    assert_eq!(since(&timeline, "pin"), "always 1");
    // While the schema is not known every value that is written is masked.
    calls.update(r#"{"pin":"••••••••"}"#);
    calls.read(r#"{"pin":"plain after all"}"#);
    let timeline = calls.timeline(&PrimaryKeys::default());
    assert_eq!(since(&timeline, "pin"), "by 4");
    assert_eq!(value(&timeline, "pin"), Some(Json::from("plain after all")));
    let told = |blame: Option<Blame>| {
        let blame = blame.expect("is known");
        let seen = blame.first_seen.map(|seen| seen.exchange.0);
        (seen, words::since(&blame, |at| at.as_second().to_string()))
    };
    let (seen, words) = told(timeline.blame(&place("pin")));
    assert_eq!(seen, Some(5));
    assert_eq!(
        words,
        "written by entity.update, call 4 at 180, whose value is masked; first seen at 240 with entity, call 5"
    );
    // Before that look nothing is known of the value.
    let written = &timeline.states[timeline.states.len() - 2];
    let blame = timeline.blame_at(&place("pin"), written);
    assert_eq!(
        blame.as_ref().and_then(|blame| blame.value.clone()),
        Some(Json::from("••••••••"))
    );
    assert_eq!(
        told(blame),
        (None, "written by entity.update, call 4 at 180".to_owned())
    );
    assert_eq!(told(timeline.blame(&place("password"))).0, None);
}

#[test]
fn records_of_a_bulk_creation_are_told_apart() {
    let args = Args::from_pairs([
        ("type_name", "user"),
        ("all_attributes", r#"[{"a":"1"},{"a":"2"},{"a":"3"}]"#),
    ]);
    let answer = r#"{"stat":"ok","results":[1,{"stat":"error","code":361},3],
        "uuid_results":["u1",{"stat":"error","code":361},"u3"]}"#;
    let answer = Answer::read(200, None, answer.as_bytes());
    let found = sightings(
        Endpoint::EntityBulkCreate,
        &args,
        Verdict::Ok,
        Some(&answer),
    );
    let names: Vec<_> = found
        .iter()
        .map(|one| (one.uuid.as_deref(), one.id))
        .collect();
    assert_eq!(names, [(Some("u1"), Some(1)), (Some("u3"), Some(3))]);
    assert!(format!("{:?}", found[1].said).contains('3'));
}

/// What happens to a record: we write a field, somebody else does, or we look.
#[derive(Clone, Debug)]
enum Step {
    We(usize, u8),
    Others(usize, u8),
    Look,
    LookAt(usize),
}

const FIELDS: [&str; 4] = ["a", "b", "c", "d"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let field = 0..FIELDS.len();
    let step = prop_oneof![
        4 => (field.clone(), 0..4_u8).prop_map(|(field, value)| Step::We(field, value)),
        2 => (field.clone(), 0..4_u8).prop_map(|(field, value)| Step::Others(field, value)),
        1 => Just(Step::Look),
        1 => field.prop_map(Step::LookAt),
    ];
    proptest::collection::vec(step, 50..120)
}

proptest! {
    /// Against what really happened, and against the observations alone, by another way than the timeline's.
    #[test]
    fn every_blame_is_right(steps in steps()) {
        let mut record = [0_u8; 4];
        let mut calls = Calls::new();
        // For each field, every time and value that it really had; the times are the numbers of calls.
        let mut truth: [Vec<(usize, u8)>; 4] = std::array::from_fn(|_| vec![(0, 0)]);
        // For each field, what we saw or wrote: call, value, whether we wrote it.
        let mut seen: [Vec<(usize, u8, bool)>; 4] = Default::default();
        let text = |record: &[u8; 4]| {
            let members = FIELDS.iter().zip(record);
            let members = members.map(|(name, value)| format!(r#""{name}":"{value}""#));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        };
        calls.read(&text(&record));
        for field in &mut seen {
            field.push((1, 0, false));
        }
        for step in steps {
            let next = calls.0.len() + 1;
            match step {
                Step::Others(field, value) => {
                    record[field] = value;
                    truth[field].push((next, value));
                }
                Step::We(field, value) => {
                    record[field] = value;
                    truth[field].push((next, value));
                    seen[field].push((next, value, true));
                    calls.update(&format!(r#"{{"{}":"{value}"}}"#, FIELDS[field]));
                }
                Step::Look => {
                    calls.read(&text(&record));
                    for (field, value) in record.iter().enumerate() {
                        seen[field].push((next, *value, false));
                    }
                }
                Step::LookAt(field) => {
                    let answer = format!(r#"{{"stat":"ok","result":"{}"}}"#, record[field]);
                    calls.call(Endpoint::EntityView, &[("attribute_name", FIELDS[field])], &answer);
                    seen[field].push((next, record[field], false));
                }
            }
        }
        let timeline = calls.timeline(&PrimaryKeys::default());
        for (field, name) in FIELDS.iter().enumerate() {
            let observed = &seen[field];
            let present = observed.last().expect("seen at first").1;
            let run = observed.iter().rev().take_while(|(_, value, _)| *value == present).count();
            let at = observed.len() - run;
            let (first, _, written) = observed[at];
            let expected = match (written, at.checked_sub(1)) {
                (true, _) => format!("by {first}"),
                (false, None) => format!("always {first}"),
                (false, Some(before)) => format!("between {} and {first}", observed[before].0),
            };
            let told = since(&timeline, name);
            prop_assert_eq!(told.split(" near").next(), Some(expected.as_str()), "{}", name);
            prop_assert_eq!(value(&timeline, name), Some(Json::from(present.to_string().as_str())));
            if !written && at > 0 {
                let (from, until) = (observed[at - 1].0, first);
                let happened = truth[field].iter().any(|(when, value)| {
                    *value == present && *when > from && *when <= until
                });
                prop_assert!(happened, "the change lies in the interval: {}", told);
            }
        }
    }
}
