//! Every attribute of a schema with every type, at every depth: set by keys, sent, read back equal; set to null; left
//! absent.

use std::collections::BTreeMap;

use captui::capture::attr_type::AttrType;
use captui::capture::constraint::Constraint;
use captui::capture::endpoint::Endpoint;
use captui::capture::json::Json;
use captui::capture::path::AttrPath;
use captui::capture::path::Element;
use captui::capture::request::ApiRequest;
use captui::capture::response::Answer;
use captui::capture::schema::AttrDef;
use captui::capture::schema::EntityType;
use captui::capture::schema::attr_defs_to_json;

use crate::tui::driver::Driver;

const SCHEMA: &str = include_str!("../data/schema-test-user1-every-type.json");

fn attr_defs() -> Vec<AttrDef> {
    let json = Json::parse(SCHEMA).expect("is JSON");
    let schema = json.get("schema").expect("is there");
    let (schema, problems) = EntityType::from_json(schema).expect("is a schema");
    assert_eq!(problems, []);
    schema.own_attr_defs().cloned().collect()
}

/// The form of a new record of the type.
fn opened() -> Driver {
    let mut driver = Driver::new(120, 40);
    let request = ApiRequest::new(Endpoint::TypeCreate)
        .with("type_name", "zoo")
        .with("attr_defs", attr_defs_to_json(&attr_defs()).to_string());
    driver.aside(request);
    driver.press("R1<end><enter>").sees("Form · zoo (new)");
    driver.press("i");
    driver
}

fn answer(driver: &Driver) -> Json {
    match driver.last_exchange().answer() {
        Some(Answer::Ok(json)) => json.clone(),
        other => panic!("refused: {other:?}\n{}", driver.screen()),
    }
}

/// Puts the cursor on an attribute as a person does: filter, then look for it.
fn go_to(driver: &mut Driver, path: &AttrPath) {
    driver
        .press("2/<c-u>")
        .paste(&path.to_string())
        .press("<enter>");
    for _ in 0..20 {
        if driver.model.form.cursor_path().as_ref() == Some(path) {
            return;
        }
        driver.press("<down>");
    }
    panic!("{path} is not found in\n{}", driver.screen());
}

/// What is done with one attribute.
enum Entry {
    /// This is typed, and stored as that.
    Typed(&'static str, &'static str),
    /// This one key makes it, and this is stored.
    Key(&'static str, &'static str),
}

/// What to enter as a value of `def`; JSON and some strings have several attributes, each for another kind.
fn entry(def: &AttrDef) -> Entry {
    use Entry::Key;
    use Entry::Typed;
    match (&def.attr_type, def.name.as_str()) {
        (_, "stringTestJson") => Typed(r#"{"a": [1.50]}"#, r#""{\"a\": [1.50]}""#),
        (_, "stringTestEmpty") => Key("0", r#""""#),
        (_, "stringTestNull") => Typed("null", r#""null""#),
        (_, "stringTestInvalid") => Typed("<b>';--\\`\" 漢\u{301}👋", r#""<b>';--\\`\" 漢́👋""#),
        (_, "jsonNumber") => Typed("12345678901234567890.10", "12345678901234567890.10"),
        (_, "jsonString") => Typed(r#""text""#, r#""text""#),
        (_, "jsonArray") => Typed("[1, null, \"\"]", r#"[1,null,""]"#),
        (AttrType::Json, _) => Typed(r#"{"b": {"a": false}}"#, r#"{"b":{"a":false}}"#),
        (AttrType::Boolean, _) => Key(" ", "true"),
        (AttrType::Integer, _) => Typed("9007199254740993", "9007199254740993"),
        (AttrType::Decimal, _) => Typed("12345678901234567890.10", "12345678901234567890.10"),
        (AttrType::Date, _) => Typed("29 Feb 84", r#""1984-02-29""#),
        (AttrType::DateTime, _) => Typed(
            "2015-12-15 07:36:25.5 +0200",
            r#""2015-12-15 05:36:25.500000 +0000""#,
        ),
        (AttrType::IpAddress, _) => Typed("192.0.2.1", r#""192.0.2.1""#),
        (AttrType::Password(_), _) => Typed(
            r#"{"type":"password-md5","value":"5f4dcc3b5aa765d61d8327deb882cf99"}"#,
            r#"{"type":"password-md5","value":"5f4dcc3b5aa765d61d8327deb882cf99"}"#,
        ),
        (AttrType::String { .. }, _) if def.has(&Constraint::EmailAddress) => {
            Typed("zoë@example.com", r#""zoë@example.com""#)
        }
        (AttrType::String { .. }, _) if def.has(&Constraint::Alphanumeric) => {
            Typed("abc123", r#""abc123""#)
        }
        (AttrType::String { .. }, _) if def.has(&Constraint::Alphabetic) => {
            Typed("Zoe", r#""Zoe""#)
        }
        (AttrType::String { .. }, _) => Typed("Zoë", r#""Zoë""#),
        (other, _) => panic!("no editor is tried for {other:?}"),
    }
}

/// Calls `visit` for every attribute, parents first; an element of a plural is its first.
fn walk(defs: &[AttrDef], around: &AttrPath, visit: &mut impl FnMut(&AttrPath, &AttrDef)) {
    for def in defs.iter().filter(|def| def.attr_type != AttrType::Id) {
        let path = around.child(def.name.as_str());
        visit(&path, def);
        let inside = match def.attr_type {
            AttrType::Plural(_) => path.element(Element::Index(0)),
            _ => path,
        };
        walk(def.attr_type.attr_defs(), &inside, visit);
    }
}

/// The value at a path of a record.
fn at<'a>(record: &'a Json, path: &AttrPath) -> &'a Json {
    let mut here = record;
    for segment in &path.0 {
        here = here.get(&segment.name).unwrap_or(&Json::Null);
        if let Some(Element::Index(index)) = segment.element {
            let items = here.as_array().expect("is a plural");
            here = items.get(index).expect("has this element");
        }
    }
    here
}

/// Sends the form and returns the stored record, which is the same in the answer and when it is read.
fn stored(driver: &mut Driver) -> Json {
    driver.press("<f5>");
    let created = answer(driver);
    let id = created
        .get("id")
        .and_then(Json::as_i64)
        .expect("is created");
    let request = ApiRequest::new(Endpoint::EntityView)
        .with("type_name", "zoo")
        .with("id", id.to_string());
    let answer = driver.aside(request);
    let read = answer.get("result").cloned().expect("is there");
    assert_eq!(created.get("result"), Some(&read));
    read
}

fn enter(driver: &mut Driver, path: &AttrPath, entry: &Entry) {
    go_to(driver, path);
    match entry {
        Entry::Typed(text, _) => driver.press("<enter>").write(text).press("<esc>"),
        Entry::Key(key, _) => driver.press(key),
    };
}

fn is_required(def: &AttrDef) -> bool {
    def.has(&Constraint::Required)
}

#[test]
fn every_attribute_is_set_and_read_back_equal() {
    let mut driver = opened();
    let mut expected: BTreeMap<String, Json> = BTreeMap::new();
    walk(
        &attr_defs(),
        &AttrPath::root(),
        &mut |path, def| match def.attr_type {
            AttrType::Object(_) => {}
            AttrType::Plural(_) => {
                go_to(&mut driver, path);
                driver.press("a<esc>");
            }
            _ => {
                let entry = entry(def);
                enter(&mut driver, path, &entry);
                let (Entry::Typed(_, stored) | Entry::Key(_, stored)) = entry;
                expected.insert(path.to_string(), Json::parse(stored).expect("is JSON"));
            }
        },
    );
    assert_eq!(driver.model.form.problems(), 0, "\n{}", driver.screen());
    let record = stored(&mut driver);
    assert!(expected.len() > 90, "{}", expected.len());
    for (path, value) in expected {
        let read = at(&record, &path.parse().expect("is a path"));
        assert_eq!(read.to_string(), value.to_string(), "{path}");
    }
}

#[test]
fn every_attribute_is_set_to_null_but_what_is_required() {
    let mut driver = opened();
    let mut nulls = Vec::new();
    walk(
        &attr_defs(),
        &AttrPath::root(),
        &mut |path, def| match def.attr_type {
            AttrType::Object(_) => {}
            AttrType::Plural(_) => {
                go_to(&mut driver, path);
                // It is null first, then has an element of which all is null.
                driver.press("-").sees("‹null›").press("a<esc>");
            }
            _ => {
                enter(&mut driver, path, &entry(def));
                driver.press("-");
                if is_required(def) {
                    driver.sees("required").press("u");
                } else {
                    nulls.push(path.clone());
                }
            }
        },
    );
    let record = stored(&mut driver);
    assert!(nulls.len() > 90, "{}", nulls.len());
    for path in nulls {
        assert_eq!(*at(&record, &path), Json::Null, "{path}");
    }
}

#[test]
fn whole_plurals_and_objects_are_set_to_null() {
    let mut driver = opened();
    let mut emptied = Vec::new();
    for def in attr_defs() {
        let path = AttrPath::root().child(def.name.as_str());
        let requires = def.attr_type.attr_defs().iter().any(is_required);
        match def.attr_type {
            AttrType::Object(_) if requires => set_required(&mut driver, &path, &def),
            AttrType::Object(_) | AttrType::Plural(_) => {
                go_to(&mut driver, &path);
                driver.press("-").sees("‹null›");
                emptied.push(path);
            }
            _ => {}
        }
    }
    let record = stored(&mut driver);
    assert!(emptied.len() > 15, "{}", emptied.len());
    for path in emptied {
        assert!(
            is_nothing(at(&record, &path)),
            "{path}: {}",
            at(&record, &path)
        );
    }
}

#[test]
fn every_attribute_is_left_absent_but_what_is_required() {
    let mut driver = opened();
    let mut given = Vec::new();
    for def in attr_defs() {
        let path = AttrPath::root().child(def.name.as_str());
        if def.attr_type.attr_defs().iter().any(is_required)
            && matches!(def.attr_type, AttrType::Object(_))
        {
            set_required(&mut driver, &path, &def);
            given.push(def.name.clone());
        } else {
            // Given, and taken away again.
            go_to(&mut driver, &path);
            driver
                .press("-")
                .sees("‹null›")
                .press("x")
                .sees_no("‹null›");
        }
    }
    let record = stored(&mut driver);
    let sent = driver.model.form.collect().expect("can be written");
    let names: Vec<&String> = sent.as_object().expect("is an object").keys().collect();
    assert_eq!(
        names,
        given.iter().collect::<Vec<_>>(),
        "nothing else is sent"
    );
    for def in attr_defs().iter().filter(|def| !given.contains(&def.name)) {
        let value = record.get(&def.name).expect("is answered");
        assert!(is_nothing(value), "{}: {value}", def.name);
    }
}

/// Gives the members that an object cannot do without.
fn set_required(driver: &mut Driver, object: &AttrPath, def: &AttrDef) {
    for member in def
        .attr_type
        .attr_defs()
        .iter()
        .filter(|def| is_required(def))
    {
        let path = object.child(member.name.as_str());
        let entry = entry(member);
        enter(driver, &path, &entry);
    }
}

/// What the service stores where nothing was given.
fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.values().all(is_nothing),
        _ => false,
    }
}
