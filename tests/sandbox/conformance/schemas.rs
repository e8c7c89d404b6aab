//! Entity types and their attributes: `entityType…`, but for rules, access schemas and passwords.

use serde_json::Value;
use serde_json::json;

use crate::sandbox::conformance::Case;
use crate::sandbox::conformance::case;
use crate::sandbox::conformance::play::Play;
use crate::sandbox::conformance::play::keys;
use crate::sandbox::conformance::play::pluck;

pub(super) const CASES: &[Case] = &[
    case(
        "entityType.create",
        "3.1",
        "echoes the schema sorted and filled in",
        create_echoes,
    ),
    case(
        "entityType.create",
        "3",
        "refuses a name that is taken",
        create_refuses_a_taken_name,
    ),
    case(
        "entityType.create",
        "4",
        "refuses definitions that cannot be",
        create_refuses_designs,
    ),
    case(
        "entityType.create",
        "4.4",
        "nests as deep as the vendor's own test schema",
        create_nests,
    ),
    case("entityType.list", "3", "lists names only", lists_names),
    case(
        "entityType",
        "3",
        "shows the schema, without what is reserved if asked",
        shows_the_schema,
    ),
    case(
        "entityType.delete",
        "3",
        "deletes a type with its records, only if told to commit",
        deletes_a_type,
    ),
    case(
        "entityType.addAttribute",
        "3",
        "adds an attribute to the schema and to every record",
        adds_an_attribute,
    ),
    case(
        "entityType.addAttribute",
        "3",
        "refuses what is there, reserved or cannot be",
        add_refuses,
    ),
    case(
        "entityType.removeAttribute",
        "3",
        "takes an attribute away with its data",
        removes_an_attribute,
    ),
    case(
        "entityType.removeAttribute",
        "3",
        "refuses what is reserved or not there",
        remove_refuses,
    ),
    case(
        "entityType.setAttributeConstraints",
        "3",
        "replaces the constraints",
        sets_constraints,
    ),
    case(
        "entityType.setAttributeConstraints",
        "4.3",
        "refuses what is no constraint there",
        constraints_refuse,
    ),
    case(
        "entityType.setAttributeDescription",
        "3",
        "replaces the description",
        sets_a_description,
    ),
];

/// The definition at a path of names.
fn def<'a>(answer: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(&answer["schema"], |holder, name| {
        let defs = holder["attr_defs"].as_array().expect("has attr_defs");
        defs.iter()
            .find(|def| def["name"] == *name)
            .unwrap_or_else(|| panic!("no {name} in {holder}"))
    })
}

fn names(answer: &Value, path: &[&str]) -> Vec<Value> {
    pluck(&def(answer, path)["attr_defs"], "name")
}

fn create_echoes(play: &mut Play) {
    let attr_defs = r#"[{"name":"b","type":"string"},{"name":"C","type":"plural","attr_defs":[{"name":"z","type":"date"},{"name":"Y","type":"string","length":5,"case-sensitive":false}]},
        {"name":"a","type":"object","description":"An object.","attr_defs":[{"name":"z","type":"json"},{"name":"id","type":"integer"}]},
        {"name":"bb","type":"string","constraints":["unique","required"],"features":["query"]}]"#;
    let answer = play.ok(
        "entityType.create",
        &[("type_name", "echoed"), ("attr_defs", attr_defs)],
    );
    let mut members = keys(&answer);
    members.sort_unstable();
    assert_eq!(members, ["schema", "stat"]);
    assert_eq!(answer["schema"]["name"], "echoed");
    let top = pluck(&answer["schema"]["attr_defs"], "name");
    assert_eq!(
        top,
        ["id", "uuid", "created", "lastUpdated", "C", "a", "b", "bb"]
    );
    assert_eq!(names(&answer, &["C"]), ["id", "Y", "z"]);
    assert_eq!(names(&answer, &["a"]), ["id", "z"]);
    assert_eq!(
        *def(&answer, &["b"]),
        json!({"name": "b", "type": "string", "length": null, "case-sensitive": true})
    );
    assert_eq!(def(&answer, &["C", "Y"])["length"], 5);
    assert_eq!(
        *def(&answer, &["C", "z"]),
        json!({"name": "z", "type": "date"})
    );
    assert_eq!(
        *def(&answer, &["C", "id"]),
        json!({"name": "id", "type": "id", "description": "simple identifier for this sub-entity"})
    );
    assert_eq!(
        def(&answer, &["bb"])["constraints"],
        json!(["unique", "required"])
    );
    assert_eq!(def(&answer, &["bb"])["features"], json!(["query"]));
    assert_eq!(play.ok("entityType", &[("type_name", "echoed")]), answer);
}

fn create_refuses_a_taken_name(play: &mut Play) {
    play.person();
    let arguments = [
        ("type_name", "person"),
        ("attr_defs", r#"[{"name":"a","type":"date"}]"#),
    ];
    assert_eq!(
        play.refused(232, "entityType.create", &arguments)["type_name"],
        "person"
    );
}

fn create_refuses_designs(play: &mut Play) {
    for (attr_defs, code) in [
        (r#"[{"name":"a","type":"binary"}]"#, 200),
        (r#"[{"name":"a"}]"#, 200),
        (r#"[{"type":"string"}]"#, 200),
        (r#"{"name":"a","type":"string"}"#, 200),
        (
            r#"[{"name":"a","type":"string","constraints":["sparkly"]}]"#,
            200,
        ),
        (
            r#"[{"name":"a","type":"date"},{"name":"a","type":"date"}]"#,
            200,
        ),
        (r#"[{"name":"a","type":"object"}]"#, 200),
        (r#"[{"name":"a b","type":"date"}]"#, 200),
        (r#"[{"name":"uuid","type":"string"}]"#, 234),
        (
            r#"[{"name":"p","type":"plural","attr_defs":[{"name":"id","type":"integer"}]}]"#,
            234,
        ),
        ("[", 200),
    ] {
        play.refused(
            code,
            "entityType.create",
            &[("type_name", "refused"), ("attr_defs", attr_defs)],
        );
    }
    play.refused(222, "entityType", &[("type_name", "refused")]);
    let good = r#"[{"name":"a","type":"date"}]"#;
    play.refused(
        200,
        "entityType.create",
        &[("type_name", "1 two"), ("attr_defs", good)],
    );
    let answer = play.refused(100, "entityType.create", &[("type_name", "refused")]);
    assert_eq!(answer["argument_name"], "attr_defs");
    play.refused(100, "entityType.create", &[("attr_defs", good)]);
}

fn create_nests(play: &mut Play) {
    let schema: Value =
        serde_json::from_str(include_str!("../../data/schema-test-user1-every-type.json"))
            .expect("is JSON");
    let mut attr_defs = schema["schema"]["attr_defs"].clone();
    strip(&mut attr_defs, true);
    let answer = play.ok(
        "entityType.create",
        &[
            ("type_name", "nested"),
            ("attr_defs", &attr_defs.to_string()),
        ],
    );
    let mut echoed = answer["schema"]["attr_defs"].clone();
    strip(&mut echoed, true);
    assert_eq!(
        pluck(&echoed, "name").len(),
        pluck(&attr_defs, "name").len()
    );
}

/// Takes away what the service adds by itself.
fn strip(attr_defs: &mut Value, top_level: bool) {
    let defs = attr_defs.as_array_mut().expect("is an array");
    let reserved = ["id", "uuid", "created", "lastUpdated"];
    defs.retain(|def| {
        !(def["type"] == "id" || top_level && reserved.iter().any(|name| def["name"] == *name))
    });
    for def in defs {
        if def.get("attr_defs").is_some() {
            strip(&mut def["attr_defs"], false);
        }
    }
}

fn lists_names(play: &mut Play) {
    play.person();
    let answer = play.ok("entityType.list", &[]);
    assert_eq!(keys(&answer), ["results", "stat"]);
    let results = answer["results"].as_array().expect("is an array");
    assert!(
        results.iter().all(Value::is_string) && results.contains(&json!("person")),
        "{answer}"
    );
}

fn shows_the_schema(play: &mut Play) {
    play.person();
    let whole = play.ok("entityType", &[("type_name", "person")]);
    let own = play.ok(
        "entityType",
        &[("type_name", "person"), ("remove_reserved", "true")],
    );
    let (whole, own) = (
        pluck(&whole["schema"]["attr_defs"], "name"),
        pluck(&own["schema"]["attr_defs"], "name"),
    );
    assert_eq!(whole[..4], ["id", "uuid", "created", "lastUpdated"]);
    assert_eq!(whole[4..], own[..]);
    play.refused(222, "entityType", &[("type_name", "nosuch")]);
    play.refused(100, "entityType", &[]);
}

fn deletes_a_type(play: &mut Play) {
    play.person();
    let record = play.create("person", &json!({"email": "a@example.com"}));
    for no in [
        &[("type_name", "person")][..],
        &[("type_name", "person"), ("commit", "false")],
    ] {
        play.call("entityType.delete", no);
        assert!(play.is_there("person", &record));
    }
    let answer = play.ok(
        "entityType.delete",
        &[("type_name", "person"), ("commit", "true")],
    );
    assert_eq!(answer, json!({"stat": "ok"}));
    assert_eq!(
        play.refused(222, "entityType", &[("type_name", "person")])["type_name"],
        "person"
    );
    play.refused(222, "entity.count", &[("type_name", "person")]);
    play.refused(
        222,
        "entityType.delete",
        &[("type_name", "person"), ("commit", "true")],
    );
    // Begun again, it is empty.
    play.person();
    assert_eq!(play.count("person"), 0);
    play.create("person", &json!({"email": "a@example.com"}));
}

fn adds_an_attribute(play: &mut Play) {
    play.person();
    let record = play.create("person", &json!({"age": 1}));
    let add = |attr_def| [("type_name", "person"), ("attr_def", attr_def)];
    let answer = play.ok(
        "entityType.addAttribute",
        &add(r#"{"name":"nick","type":"string","length":9}"#),
    );
    assert_eq!(answer, play.ok("entityType", &[("type_name", "person")]));
    assert_eq!(
        *def(&answer, &["nick"]),
        json!({"name": "nick", "type": "string", "length": 9, "case-sensitive": true})
    );
    let nested = r#"{"name":"pets","type":"plural","attr_defs":[{"name":"name","type":"string"}]}"#;
    let answer = play.ok("entityType.addAttribute", &add(nested));
    assert_eq!(names(&answer, &["pets"]), ["id", "name"]);
    let now = play.view("person", &record);
    assert_eq!(
        (&now["nick"], &now["pets"], &now["age"]),
        (&Value::Null, &json!([]), &json!(1))
    );
    let made = play.create("person", &json!({"nick": "Z", "pets": ["cat"]}));
    assert_eq!(
        (&made["nick"], &made["pets"][0]["name"]),
        (&json!("Z"), &json!("cat"))
    );
}

fn add_refuses(play: &mut Play) {
    play.person();
    for (attr_def, code) in [
        (r#"{"name":"age","type":"string"}"#, 233),
        (r#"{"name":"created","type":"dateTime"}"#, 234),
        (r#"{"name":"x","type":"binary"}"#, 200),
        (r#"{"name":"x"}"#, 200),
        (r#"[{"name":"x","type":"date"}]"#, 200),
        ("{", 200),
    ] {
        let arguments = [("type_name", "person"), ("attr_def", attr_def)];
        let answer = play.refused(code, "entityType.addAttribute", &arguments);
        if code == 233 {
            assert_eq!(answer["attribute_name"], "/age");
        }
    }
    play.refused(100, "entityType.addAttribute", &[("type_name", "person")]);
    play.refused(
        222,
        "entityType.addAttribute",
        &[
            ("type_name", "nosuch"),
            ("attr_def", r#"{"name":"x","type":"date"}"#),
        ],
    );
}

fn removes_an_attribute(play: &mut Play) {
    play.person();
    let record = play.create("person", &json!({"email": "a@example.com", "address": {"city": "Leeds", "zip": "Z", "geo": {"lat": 1}}, "tags": ["x"],
        "accounts": [{"identifier": "i", "domain": "d"}]}));
    for (path, holder, gone) in [
        ("email", vec![], "email"),
        ("/address/zip", vec!["address"], "zip"),
        ("address.geo.lat", vec!["address", "geo"], "lat"),
        ("/accounts/domain", vec!["accounts"], "domain"),
        ("tags", vec![], "tags"),
    ] {
        let answer = play.ok(
            "entityType.removeAttribute",
            &[("type_name", "person"), ("attribute_name", path)],
        );
        assert!(
            !names(&answer, &holder).contains(&json!(gone)),
            "{path}: {answer}"
        );
    }
    let now = play.view("person", &record);
    assert_eq!((now.get("email"), now.get("tags")), (None, None));
    assert_eq!(
        now["address"],
        json!({"city": "Leeds", "geo": {"lon": null}})
    );
    assert_eq!(now["accounts"][0].get("domain"), None);
    let arguments = [
        ("type_name", "person"),
        ("attributes", r#"{"email":"a@example.com"}"#),
    ];
    play.refused(223, "entity.create", &arguments);
    // Added again, it is empty.
    let attr_def = r#"{"name":"email","type":"string","constraints":["unique"]}"#;
    play.ok(
        "entityType.addAttribute",
        &[("type_name", "person"), ("attr_def", attr_def)],
    );
    assert_eq!(play.view("person", &record)["email"], Value::Null);
    play.create("person", &json!({"email": "a@example.com"}));
}

fn remove_refuses(play: &mut Play) {
    play.person();
    for (path, code) in [
        ("id", 234),
        ("/uuid", 234),
        ("lastUpdated", 234),
        ("tags.id", 234),
        ("nosuch", 223),
        ("/address/town", 223),
    ] {
        let arguments = [("type_name", "person"), ("attribute_name", path)];
        play.refused(code, "entityType.removeAttribute", &arguments);
    }
    play.refused(
        100,
        "entityType.removeAttribute",
        &[("type_name", "person")],
    );
    play.refused(
        222,
        "entityType.removeAttribute",
        &[("type_name", "nosuch"), ("attribute_name", "a")],
    );
}

fn sets_constraints(play: &mut Play) {
    play.person();
    let mut set = |path, constraints| {
        let arguments = [
            ("type_name", "person"),
            ("attribute_name", path),
            ("constraints", constraints),
        ];
        play.ok("entityType.setAttributeConstraints", &arguments)
    };
    let answer = set("givenName", r#"["unicode-letters","required"]"#);
    assert_eq!(
        def(&answer, &["givenName"])["constraints"],
        json!(["unicode-letters", "required"])
    );
    let answer = set("/givenName", r#"["alphabetic"]"#);
    assert_eq!(
        def(&answer, &["givenName"])["constraints"],
        json!(["alphabetic"])
    );
    let answer = set("address.city", r#"["alphabetic"]"#);
    assert_eq!(
        def(&answer, &["address", "city"])["constraints"],
        json!(["alphabetic"])
    );
    let digits = [
        ("type_name", "person"),
        ("attributes", r#"{"givenName":"A1"}"#),
    ];
    play.refused(360, "entity.create", &digits);
    let clear = [
        ("type_name", "person"),
        ("attribute_name", "givenName"),
        ("constraints", "[]"),
    ];
    let answer = play.ok("entityType.setAttributeConstraints", &clear);
    assert!(
        def(&answer, &["givenName"])
            .get("constraints")
            .is_none_or(|constraints| *constraints == json!([]))
    );
    play.ok("entity.create", &digits);
    let loose = [
        ("type_name", "person"),
        ("attribute_name", "email"),
        ("constraints", "[]"),
    ];
    play.ok("entityType.setAttributeConstraints", &loose);
    let same = json!({"email": "a@example.com"});
    play.create("person", &same);
    play.create("person", &same);
}

fn constraints_refuse(play: &mut Play) {
    play.person();
    for (path, constraints, code) in [
        ("givenName", r#"["sparkly"]"#, 200),
        ("age", r#"["alphabetic"]"#, 200),
        ("address", r#"["required"]"#, 200),
        ("givenName", r#""required""#, 200),
        ("nosuch", "[]", 223),
        ("uuid", "[]", 234),
    ] {
        let arguments = [
            ("type_name", "person"),
            ("attribute_name", path),
            ("constraints", constraints),
        ];
        play.refused(code, "entityType.setAttributeConstraints", &arguments);
    }
    play.refused(
        100,
        "entityType.setAttributeConstraints",
        &[("type_name", "person"), ("attribute_name", "age")],
    );
}

fn sets_a_description(play: &mut Play) {
    play.person();
    for (given, stored) in [(r#""Given \"name\"""#, "Given \"name\""), (r#""""#, "")] {
        let arguments = [
            ("type_name", "person"),
            ("attribute_name", "/givenName"),
            ("description", given),
        ];
        let answer = play.ok("entityType.setAttributeDescription", &arguments);
        assert_eq!(def(&answer, &["givenName"])["description"], stored);
    }
    let arguments = [
        ("type_name", "person"),
        ("attribute_name", "nosuch"),
        ("description", r#""x""#),
    ];
    play.refused(223, "entityType.setAttributeDescription", &arguments);
}
