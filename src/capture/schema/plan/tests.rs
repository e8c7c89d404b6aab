use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::schema::EntityType;
use crate::capture::schema::diff::diff;
use crate::capture::schema::plan::Action;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::plan::Step;
use crate::capture::schema::plan::Wishes;
use crate::capture::schema::plan::after;
use crate::capture::schema::plan::is_done;
use crate::capture::schema::plan::plan;
use crate::capture::schema::property::Property;
use crate::capture::schema::property::read_properties;
use crate::capture::schema::read_attr_defs;

/// The type that `entityType.create` makes of these definitions.
fn entity_type(attr_defs: &str) -> EntityType {
    let (defs, problems) = read_attr_defs(&Json::parse(attr_defs).expect("is JSON"));
    assert_eq!(problems, []);
    EntityType::create("t", defs)
}

fn path(text: &str) -> AttrPath {
    text.parse().expect("is a path")
}

fn renamed(pairs: &[(&str, &str)]) -> Vec<(AttrPath, AttrPath)> {
    let pairs = pairs.iter();
    pairs.map(|(from, to)| (path(from), path(to))).collect()
}

fn properties(results: &str) -> Vec<Property> {
    let answer = format!(r#"{{"results":{results}}}"#);
    let (properties, problems) = read_properties(&Json::parse(&answer).expect("is JSON"));
    assert_eq!(problems, [""; 0]);
    properties
}

/// Steps and refusals, one line each: what the calls are is looked at elsewhere.
fn lines(plan: &SchemaPlan) -> Vec<String> {
    let steps = plan
        .steps
        .iter()
        .map(|step| format!("{}: {}", step.risk.name(), step.what()));
    let refused = plan.refused.iter().map(|refused| {
        let rebuild = refused
            .rebuild
            .as_ref()
            .map_or("never".to_owned(), AttrPath::slashed);
        format!(
            "refused: {} {} ({rebuild})",
            refused.path.slashed(),
            refused.what
        )
    });
    steps.chain(refused).collect()
}

/// The lines of the plan from one to the other, which must survive the journal.
fn planned(stored: &str, wanted: &str, wishes: &Wishes) -> Vec<String> {
    let plan = plan(
        Some(&entity_type(stored)),
        &entity_type(wanted),
        &[],
        wishes,
    );
    survives(&plan);
    lines(&plan)
}

fn survives(plan: &SchemaPlan) {
    let text = plan.to_json().to_string();
    let json = Json::parse(&text).expect("is JSON");
    assert_eq!(SchemaPlan::from_json(&json).as_ref(), Ok(plan), "{text}");
    for step in &plan.steps {
        assert_eq!(Step::from_json(&step.to_json()).as_ref(), Ok(step));
    }
}

const PERSON: &str = r#"[
    {"name":"email","type":"string","length":64,"constraints":["unique"]},
    {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"},{"name":"zip","type":"string"}]},
    {"name":"phones","type":"plural","attr_defs":[{"name":"number","type":"string"},{"name":"kind","type":"string"}]}]"#;

#[test]
fn what_calls_can_do_is_done_in_an_order_that_works() {
    let wanted = r#"[
        {"name":"email","type":"string","length":64,"constraints":["unique","email-address"],"description":"where to write"},
        {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string","constraints":["required"]}]},
        {"name":"nick","type":"string","constraints":["required","unique"]}]"#;
    assert_eq!(
        planned(PERSON, wanted, &Wishes::default()),
        [
            "safe: add nick: string, unique",
            "safe: describe email as \"where to write\"",
            "checked: set the constraints of email to unique, email-address (now unique)",
            "checked: set the constraints of home.city to required (now none)",
            "checked: set the constraints of nick to required, unique (now unique)",
            "destructive: remove home.zip with its values",
            "destructive: remove phones with its values",
        ]
    );
}

#[test]
fn a_missing_type_is_created_without_what_it_has_of_itself() {
    let wanted = entity_type(PERSON);
    let plan = plan(None, &wanted, &[], &Wishes::default());
    survives(&plan);
    assert_eq!(
        lines(&plan),
        ["safe: create the entity type, with 3 attributes"]
    );
    let empty = EntityType {
        name: "t".to_owned(),
        attr_defs: Vec::new(),
    };
    assert_eq!(is_done(&empty, &plan.steps[0]), Some(false));
    let created = after(&empty, &plan.steps[0]);
    assert_eq!(created, wanted);
    assert_eq!(is_done(&created, &plan.steps[0]), Some(true));
}

#[test]
fn nothing_to_do_is_an_empty_plan_whatever_the_order() {
    let same = r#"[
        {"name":"phones","type":"plural","features":[],"attr_defs":[{"name":"kind","type":"string"},{"name":"number","type":"string","description":""}]},
        {"name":"home","type":"object","attr_defs":[{"name":"zip","type":"string","constraints":[]},{"name":"city","type":"string"}]},
        {"name":"email","type":"string","length":64,"constraints":["unique"]}]"#;
    assert_eq!(planned(PERSON, same, &Wishes::default()), [""; 0]);
}

/// What no call can do: what is refused, and which rebuild would do it.
#[test]
fn what_no_call_can_do_is_refused_and_the_rest_done() {
    let one = |def: &str| format!("[{def}]");
    let cases: &[(&str, &str, &[&str])] = &[
        (
            r#"{"name":"a","type":"string","constraints":["required"]}"#,
            r#"{"name":"a","type":"integer"}"#,
            &["refused: /a change its type from string to integer (/a)"],
        ),
        (
            r#"{"name":"a","type":"string","length":64}"#,
            r#"{"name":"a","type":"string","case-sensitive":false,"features":["query"],"x":1,"constraints":["unique"]}"#,
            &[
                "checked: set the constraints of a to unique (now none)",
                "refused: /a change its length from 64 to no limit (/a)",
                "refused: /a make its case not count (/a)",
                "refused: /a change its features from none to query (/a)",
                "refused: /a change its x from absent to 1 (/a)",
            ],
        ),
        (
            r#"{"name":"o","type":"object","attr_defs":[{"name":"a","type":"date"}]}"#,
            r#"{"name":"o","type":"object","attr_defs":[{"name":"a","type":"date","description":"d"},{"name":"b","type":"date"}]}"#,
            &[
                "safe: describe o.a as \"d\"",
                "refused: /o/b add it: date (/o)",
            ],
        ),
        // Members of another kind of holder are not touched before it is one.
        (
            r#"{"name":"o","type":"object","attr_defs":[{"name":"a","type":"date"},{"name":"b","type":"date"}]}"#,
            r#"{"name":"o","type":"plural","attr_defs":[{"name":"a","type":"date","constraints":["locally-unique"]}]}"#,
            &["refused: /o change its type from object to plural (/o)"],
        ),
        // The last member cannot go, and nothing says which one is to stay.
        (
            r#"{"name":"o","type":"object","attr_defs":[{"name":"a","type":"date"},{"name":"b","type":"date"}]}"#,
            r#"{"name":"o","type":"object","attr_defs":[]}"#,
            &[
                "refused: /o/a remove it (never)",
                "refused: /o/b remove it (never)",
            ],
        ),
        (
            r#"{"name":"o","type":"plural","attr_defs":[{"name":"a","type":"date"}]}"#,
            r#"{"name":"o","type":"plural","attr_defs":[{"name":"b","type":"date"}]}"#,
            &[
                "refused: /o/a remove it (/o)",
                "refused: /o/b add it: date (/o)",
            ],
        ),
        // With the holder they go at once.
        (
            r#"{"name":"o","type":"object","attr_defs":[{"name":"a","type":"date"},{"name":"p","type":"plural","attr_defs":[{"name":"b","type":"date"}]}]}"#,
            r#"{"name":"o","type":"object","attr_defs":[{"name":"a","type":"date"}]}"#,
            &["destructive: remove o.p with its values"],
        ),
    ];
    for (stored, wanted, expected) in cases {
        let found = planned(&one(stored), &one(wanted), &Wishes::default());
        assert_eq!(&found, expected, "{stored} to {wanted}");
    }
}

#[test]
fn one_rebuild_does_all_that_is_refused_in_a_top_level_attribute() {
    let stored = r#"[{"name":"o","type":"object","attr_defs":[
        {"name":"a","type":"string","length":10},{"name":"old","type":"date"},
        {"name":"p","type":"plural","attr_defs":[{"name":"k","type":"integer"},{"name":"gone","type":"date"}]}]}]"#;
    let wanted = r#"[{"name":"o","type":"object","attr_defs":[
        {"name":"a","type":"string","length":20,"constraints":["required"]},{"name":"new","type":"date"},
        {"name":"q","type":"plural","attr_defs":[{"name":"id2","type":"integer","constraints":["required"]}]}]}]"#;
    let wishes = Wishes {
        renamed: renamed(&[("o.old", "o.new"), ("o.p", "o.q"), ("o.p.k", "o.q.id2")]),
        rebuild: vec![path("o")],
        ..Wishes::default()
    };
    let (stored, wanted) = (entity_type(stored), entity_type(wanted));
    let plan = plan(Some(&stored), &wanted, &[], &wishes);
    survives(&plan);
    assert_eq!(
        lines(&plan),
        [
            "safe: add o_new: object of 3",
            "checked: copy the values of o to o_new, record by record",
            "destructive: remove o with its values",
            "safe: add o: object of 3",
            "checked: copy the values of o_new to o, record by record",
            "checked: set the constraints of o.a to required (now none)",
            "destructive: remove o_new with its values",
        ]
    );
    let copies: Vec<&Action> = plan.steps.iter().map(|step| &step.action).collect();
    let there = Action::CopyValues {
        to: path("o_new"),
        renamed: renamed(&[("old", "new"), ("p", "q"), ("p.k", "q.id2")]),
    };
    let back = Action::CopyValues {
        to: path("o"),
        renamed: Vec::new(),
    };
    assert_eq!((copies[1], copies[4]), (&there, &back));
    let Action::Add(spare) = copies[0] else {
        panic!("{:?}", copies[0]);
    };
    // An element that comes later needs a value; the object of a record that is there has none yet.
    let inner = spare.to_json().to_string();
    assert_eq!(inner.matches("required").count(), 1, "{inner}");
    assert!(!inner.contains("\"id\""), "{inner}");
    for note in [
        "o.p.gone: its values are not copied",
        "new ids",
        "updated twice",
        "access schemas",
    ] {
        assert!(
            plan.notes.iter().any(|known| known.contains(note)),
            "{note} in {:?}",
            plan.notes
        );
    }
    let reached = plan
        .steps
        .iter()
        .fold(stored, |schema, step| after(&schema, step));
    assert_eq!(reached, wanted);
}

#[test]
fn names_that_are_in_use_are_got_around() {
    let string = |name: &str| format!(r#"{{"name":"{name}","type":"string"}}"#);
    let types = |names: &[&str]| {
        let defs: Vec<String> = names.iter().map(|name| string(name)).collect();
        format!("[{}]", defs.join(","))
    };
    let long = "n".repeat(63);
    let long_spare = format!("{}_new", "n".repeat(59));
    let long_spare = format!("add {long_spare}");
    let long_integer = format!(r#"[{{"name":"{long}","type":"integer"}}]"#);
    let rebuild = |name: &str, pairs: &[(&str, &str)]| Wishes {
        renamed: renamed(pairs),
        rebuild: vec![path(name)],
        ..Wishes::default()
    };
    let cases: &[(String, String, Wishes, &[&str])] = &[
        (
            types(&["a", "x"]),
            types(&["b", "x"]),
            rebuild("none", &[("a", "b")]),
            &["add b", "copy a b", "remove a"],
        ),
        // They change places.
        (
            types(&["a", "b"]),
            types(&["a", "b"]),
            rebuild("none", &[("a", "b"), ("b", "a")]),
            &[
                "add b_new", "add a_new", "copy a b_new", "copy b a_new", "remove a", "remove b", "add b", "add a",
                "copy b_new b", "copy a_new a", "remove b_new", "remove a_new",
            ],
        ),
        // A name is passed on, and given to something new.
        (
            types(&["a", "b"]),
            types(&["a", "b", "c"]),
            rebuild("none", &[("a", "b"), ("b", "c")]),
            &[
                "add b_new", "add c", "copy a b_new", "copy b c", "remove a", "remove b", "add b", "add a",
                "copy b_new b", "remove b_new",
            ],
        ),
        (
            types(&["a", "a_new"]),
            r#"[{"name":"a","type":"date"},{"name":"a_new","type":"string"},{"name":"a_new2","type":"json"}]"#.to_owned(),
            rebuild("a", &[]),
            &[
                "add a_new3", "add a_new2", "copy a a_new3", "remove a", "add a", "copy a_new3 a", "remove a_new3",
            ],
        ),
        (
            types(&[&long]),
            long_integer,
            rebuild(&long, &[]),
            &[&long_spare],
        ),
        // Without records it is the same: some may come.
        (
            types(&["a", "b"]),
            r#"[{"name":"a","type":"date","constraints":["required"]},{"name":"c","type":"string"}]"#.to_owned(),
            Wishes {
                is_empty: true,
                ..rebuild("a", &[("b", "c")])
            },
            &[
                "add a_new", "add c", "copy a a_new", "copy b c", "remove a", "add a", "copy a_new a",
                "a: SetConstraints { before: [], after: [Required] }", "remove a_new", "remove b",
            ],
        ),
        // What goes makes way when its name is wanted, and else goes when all values are where they belong.
        (
            types(&["a", "b", "c"]),
            types(&["b"]),
            rebuild("none", &[("a", "b")]),
            &[
                "add b_new", "copy a b_new", "remove b", "add b", "copy b_new b", "remove a", "remove b_new", "remove c",
            ],
        ),
        (
            r#"[{"name":"a","type":"string"},{"name":"o","type":"object","attr_defs":[{"name":"x","type":"date"},{"name":"y","type":"date"}]}]"#.to_owned(),
            r#"[{"name":"a","type":"integer"},{"name":"o","type":"object","attr_defs":[{"name":"x","type":"date"}]}]"#.to_owned(),
            rebuild("a", &[]),
            &[
                "add a_new", "copy a a_new", "remove a", "add a", "copy a_new a", "remove a_new", "remove o.y",
            ],
        ),
    ];
    for (stored, wanted, wishes, expected) in cases {
        let (stored, wanted) = (entity_type(stored), entity_type(wanted));
        let plan = plan(Some(&stored), &wanted, &[], wishes);
        survives(&plan);
        let found: Vec<String> = plan.steps.iter().map(short).collect();
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert!(found.starts_with(expected), "{found:?} for {expected:?}");
        assert_eq!(plan.refused, []);
        let reached = plan
            .steps
            .iter()
            .fold(stored, |schema, step| after(&schema, step));
        assert_eq!(reached, wanted);
    }
}

fn short(step: &Step) -> String {
    let path = step.path.to_string();
    match &step.action {
        Action::Add(_) => format!("add {path}"),
        Action::Remove => format!("remove {path}"),
        Action::CopyValues { to, .. } => format!("copy {path} {to}"),
        other => format!("{path}: {other:?}"),
    }
}

#[test]
fn what_moves_to_another_holder_stays_with_its_values() {
    let stored = r#"[{"name":"city","type":"string"},
        {"name":"o","type":"object","attr_defs":[{"name":"a","type":"string"},{"name":"b","type":"string"}]}]"#;
    let wanted = r#"[{"name":"a","type":"string"},
        {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"}]},
        {"name":"q","type":"object","attr_defs":[{"name":"b","type":"string","length":5}]}]"#;
    let wishes = Wishes {
        renamed: renamed(&[("city", "home.city"), ("o", "q"), ("o.a", "a")]),
        rebuild: vec![path("o")],
        ..Wishes::default()
    };
    assert_eq!(
        planned(stored, wanted, &wishes),
        [
            "safe: add a: string",
            "safe: add home: object of 1",
            "refused: /city move it to home.city (never)",
            "refused: /o rename it to q (never)",
            "refused: /o/b change its length from no limit to 5 (/o)",
            "refused: /o/a move it to a (never)",
        ]
    );
}

#[test]
fn only_additions_leave_all_that_is_there() {
    let wanted = r#"[
        {"name":"email","type":"integer","description":"new"},{"name":"nick","type":"string"},{"name":"tel","type":"string"},
        {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string","constraints":["required"]},{"name":"street","type":"string"}]}]"#;
    let wishes = Wishes {
        renamed: renamed(&[("phones", "tel")]),
        rebuild: vec![path("home"), path("email")],
        additions_only: true,
        ..Wishes::default()
    };
    let plan = plan(
        Some(&entity_type(PERSON)),
        &entity_type(wanted),
        &[],
        &wishes,
    );
    assert_eq!(
        lines(&plan),
        [
            "safe: add nick: string",
            "refused: /home/street add it: string (never)",
        ]
    );
    // Type, description; zip, city; another name and type.
    assert_eq!(
        plan.notes,
        ["only what is new is added: 6 other differences left as stored"]
    );
}

#[test]
fn rules_go_before_what_they_name_and_come_again_when_all_of_it_does() {
    let stored = r#"[{"name":"a","type":"string"},{"name":"b","type":"string"},{"name":"c","type":"string"},
        {"name":"o","type":"object","attr_defs":[{"name":"x","type":"string"},{"name":"y","type":"string"}]}]"#;
    let wanted = r#"[{"name":"a","type":"string","length":9},{"name":"b","type":"string"},
        {"name":"q","type":"object","attr_defs":[{"name":"x","type":"string"},{"name":"z","type":"string"}]}]"#;
    let properties = properties(
        r#"[{"property":"unique","attributes":["/a","/b","/o/y"],"uuid":"1"},
            {"property":"rule","attributes":["/b"],"definition":"to-lower","uuid":"2"},
            {"property":"rule","attributes":["/c","/b"],"definition":{"max-length":5},"uuid":"3"}]"#,
    );
    let wishes = Wishes {
        renamed: renamed(&[("o", "q"), ("o.y", "q.z")]),
        rebuild: vec![path("a")],
        ..Wishes::default()
    };
    let plan = plan(
        Some(&entity_type(stored)),
        &entity_type(wanted),
        &properties,
        &wishes,
    );
    survives(&plan);
    assert_eq!(
        lines(&plan),
        [
            "destructive: remove the unique on /a, /b, /o/y",
            "destructive: remove the rule {\"max-length\":5} on /c, /b",
            "safe: add a_new: string(9)",
            "safe: add q: object of 2",
            "checked: copy the values of a to a_new, record by record",
            "checked: copy the values of o to q, record by record",
            "destructive: remove a with its values",
            "safe: add a: string(9)",
            "checked: copy the values of a_new to a, record by record",
            "checked: add the unique on /a, /b, /q/z again",
            "destructive: remove a_new with its values",
            "destructive: remove o with its values",
            "destructive: remove c with its values",
        ]
    );
    for note in ["goes, as it names what is removed", "does not hold while"] {
        assert!(
            plan.notes.iter().any(|known| known.contains(note)),
            "{note} in {:?}",
            plan.notes
        );
    }
}

#[test]
fn each_step_is_one_call() {
    let step = |at: &str, action: &str| {
        let json = format!(r#"{{"path":"{at}","risk":"safe",{action}}}"#);
        Step::from_json(&Json::parse(&json).expect("is JSON")).expect("is a step")
    };
    let cases = [
        (
            step(
                "/",
                r#""action":"create","attr_defs":[{"name":"a","type":"date"}]"#,
            ),
            "entityType.create type_name=t attr_defs=[{\"name\":\"a\",\"type\":\"date\"}]",
        ),
        (
            step(
                "/a",
                r#""action":"add","attr_def":{"name":"a","type":"date"}"#,
            ),
            "entityType.addAttribute type_name=t attr_def={\"name\":\"a\",\"type\":\"date\"}",
        ),
        (
            step("/o/a", r#""action":"remove""#),
            "entityType.removeAttribute type_name=t attribute_name=/o/a",
        ),
        (
            step(
                "/o/a",
                r#""action":"set_constraints","before":["unique"],"after":[]"#,
            ),
            "entityType.setAttributeConstraints type_name=t attribute_name=/o/a constraints=[]",
        ),
        (
            step(
                "/a",
                r#""action":"set_description","before":null,"after":"so \"said\"""#,
            ),
            "entityType.setAttributeDescription type_name=t attribute_name=/a description=\"so \\\"said\\\"\"",
        ),
        (
            step(
                "/a",
                r#""action":"set_description","before":"x","after":null"#,
            ),
            "entityType.setAttributeDescription type_name=t attribute_name=/a description=null",
        ),
        (
            step(
                "/a",
                r#""action":"remove_property","property":{"property":"unique","attributes":["/a"],"uuid":"7"}"#,
            ),
            "entityType.removeProperty type_name=t uuid=7",
        ),
        (
            step(
                "/a",
                r#""action":"add_property","property":{"attributes":["/a"],"definition":"required","description":"d"}"#,
            ),
            "entityType.addProperty type_name=t property={\"type\":\"rule\",\"attributes\":[\"/a\"],\
             \"definition\":\"required\",\"description\":\"d\"}",
        ),
    ];
    for (step, expected) in cases {
        let request = step.request("t").expect("is a call");
        let args = request
            .args
            .iter()
            .map(|(name, value)| format!(" {name}={value}"));
        let call = format!("{}{}", request.endpoint.name(), args.collect::<String>());
        assert_eq!(call, expected);
    }
    let copy = step(
        "/a",
        r#""action":"copy_values","to":"/b","renamed":[["/x","/y"]]"#,
    );
    assert_eq!(copy.request("t"), None);
}

/// A step is seen when it is done and not before; what a schema cannot show is not guessed.
#[test]
fn the_stored_type_tells_what_is_done() {
    let wanted = r#"[
        {"name":"email","type":"string","length":65,"description":"d"},
        {"name":"home","type":"object","description":"h","attr_defs":[{"name":"city","type":"string","constraints":["required"]}]}]"#;
    let wishes = Wishes {
        rebuild: vec![path("email")],
        ..Wishes::default()
    };
    let stored = entity_type(PERSON);
    let properties = properties(r#"[{"property":"unique","attributes":["/email"],"uuid":"1"}]"#);
    let plan = plan(Some(&stored), &entity_type(wanted), &properties, &wishes);
    let mut schema = stored;
    let mut untold = 0;
    for step in &plan.steps {
        let before = is_done(&schema, step);
        schema = after(&schema, step);
        let now = is_done(&schema, step);
        match step.action {
            Action::CopyValues { .. } | Action::RemoveProperty(_) | Action::AddProperty(_) => {
                assert_eq!((before, now), (None, None), "{}", step.what());
                untold += 1;
            }
            _ => assert_eq!((before, now), (Some(false), Some(true)), "{}", step.what()),
        }
    }
    assert_eq!((plan.steps.len(), untold), (12, 4), "{:#?}", lines(&plan));
    assert!(diff(&schema, &entity_type(wanted)).is_empty());
}

#[test]
fn names_that_look_like_paths_survive_the_journal() {
    let stored = r#"[{"name":"a.b","type":"string"},{"name":"c/d","type":"string"},{"name":"","type":"date"}]"#;
    let found = planned(stored, "[]", &Wishes::default());
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn what_is_no_plan_says_why() {
    let cases = [
        ("{}", "`type_name` is missing"),
        (r#"{"type_name":"t","steps":{}}"#, "`steps` must be a list"),
        (r#"{"type_name":"t","steps":[{}]}"#, "`risk` is missing"),
        (
            r#"{"type_name":"t","steps":[{"risk":"none"}]}"#,
            "there is no risk `none`",
        ),
        (
            r#"{"type_name":"t","steps":[{"risk":"safe","path":"/a//b"}]}"#,
            "\"/a//b\" is not a path",
        ),
        (
            r#"{"type_name":"t","steps":[{"risk":"safe","path":"/a","action":"fly"}]}"#,
            "there is no action `fly`",
        ),
        (
            r#"{"type_name":"t","steps":[{"risk":"safe","path":"/a","action":"add","attr_def":{"name":"a"}}]}"#,
            "/a: `type` is missing",
        ),
        (
            r#"{"type_name":"t","steps":[],"refused":[],"notes":[7]}"#,
            "`notes` must be texts",
        ),
    ];
    for (text, why) in cases {
        let read = SchemaPlan::from_json(&Json::parse(text).expect("is JSON"));
        let said = read.expect_err(text).to_string();
        assert_eq!(said, format!("not a plan: {why}"));
    }
}

#[test]
fn a_plan_can_be_pasted_into_a_ticket() {
    let wanted = r#"[{"name":"email","type":"string","length":128,"constraints":["unique"],"description":"a|b"},{"name":"nick","type":"date","constraints":["required"]},
        {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"},{"name":"zip","type":"string"}]},
        {"name":"phones","type":"plural","attr_defs":[{"name":"number","type":"string"},{"name":"kind","type":"string"}]}]"#;
    let plan = plan(
        Some(&entity_type(PERSON)),
        &entity_type(wanted),
        &[],
        &Wishes::default(),
    );
    let text = r#"## Changes to `t`

| # | step | call | risk |
| --- | --- | --- | --- |
| 1 | add nick: date | `entityType.addAttribute` | safe |
| 2 | describe email as "a\|b" | `entityType.setAttributeDescription` | safe |
| 3 | set the constraints of nick to required (now none) | `entityType.setAttributeConstraints` | checked |

### Not done

- /email: change its length from 64 to 128 — no call changes the length of an attribute that is there; email can be rebuilt for it: added anew, its values copied, the old one removed

### To know

- nick can be required only when every record has a value for it
"#;
    assert_eq!(plan.to_markdown(), text);
    let nothing = SchemaPlan {
        type_name: "t".to_owned(),
        ..SchemaPlan::default()
    };
    assert_eq!(
        nothing.to_markdown(),
        "## Changes to `t`\n\nNothing to do.\n"
    );
}

#[test]
fn an_exchange_of_names_says_that_it_is_not_repeatable() {
    let stored = entity_type(r#"[{"name":"a","type":"string"},{"name":"b","type":"string"}]"#);
    let longer = entity_type(
        r#"[{"name":"a","type":"string"},{"name":"b","type":"string"},{"name":"c","type":"string"}]"#,
    );
    let wishes = |pairs| Wishes {
        renamed: renamed(pairs),
        ..Wishes::default()
    };
    let swap = wishes(&[("a", "b"), ("b", "a")]);
    let told = |wanted: &EntityType, wishes: &Wishes| {
        let notes = plan(Some(&stored), wanted, &[], wishes).notes;
        let told = notes
            .into_iter()
            .filter(|note| note.contains("applied again"));
        told.collect::<Vec<_>>()
    };
    let same = told(&stored, &swap);
    assert!(
        same.len() == 1 && same[0].contains("nothing stored shows"),
        "{same:?}"
    );
    let other = told(&longer, &swap);
    assert!(
        other.len() == 1 && !other[0].contains("nothing stored shows"),
        "{other:?}"
    );
    assert!(told(&longer, &wishes(&[])).is_empty());
    let plain = entity_type(r#"[{"name":"c","type":"string"},{"name":"b","type":"string"}]"#);
    assert!(told(&plain, &wishes(&[("a", "c")])).is_empty());
}

#[test]
fn a_rename_says_that_neither_name_may_be_written_meanwhile() {
    let stored = entity_type(r#"[{"name":"a","type":"string"}]"#);
    let wanted = entity_type(r#"[{"name":"b","type":"string"}]"#);
    let wishes = Wishes {
        renamed: renamed(&[("a", "b")]),
        ..Wishes::default()
    };
    let notes = plan(Some(&stored), &wanted, &[], &wishes).notes;
    let says = "neither a nor b may be written meanwhile";
    assert!(notes.iter().any(|note| note.contains(says)), "{notes:?}");
}

#[test]
fn what_becomes_json_is_copied_and_not_said_to_be_gone() {
    let wanted = entity_type(r#"[{"name":"v","type":"json"}]"#);
    for holder in ["object", "plural"] {
        let stored = entity_type(&format!(
            r#"[{{"name":"v","type":"{holder}","attr_defs":[{{"name":"a","type":"string"}}]}}]"#
        ));
        let wishes = Wishes {
            rebuild: vec![path("v")],
            ..Wishes::default()
        };
        let notes = plan(Some(&stored), &wanted, &[], &wishes).notes;
        assert!(
            !notes.iter().any(|note| note.contains("are not copied")),
            "{notes:?}"
        );
    }
}

#[test]
fn only_additions_offer_no_rebuild() {
    let stored =
        entity_type(r#"[{"name":"v","type":"object","attr_defs":[{"name":"a","type":"string"}]}]"#);
    let wanted = entity_type(
        r#"[{"name":"v","type":"object","attr_defs":[{"name":"a","type":"string"},{"name":"b","type":"string"}]}]"#,
    );
    for additions_only in [false, true] {
        let wishes = Wishes {
            additions_only,
            ..Wishes::default()
        };
        let plan = plan(Some(&stored), &wanted, &[], &wishes);
        assert_eq!(plan.refused.len(), 1);
        assert_eq!(plan.refused[0].rebuild.is_none(), additions_only);
        assert_eq!(plan.refused[0].reason.contains("rebuilt"), !additions_only);
    }
}
