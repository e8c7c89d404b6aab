//! Every error that the sandbox answers about an attribute puts the cursor on the field that it is about, also inside
//! plurals: raised through the form's own calls, when a record is created, updated and replaced.

use captui::capture::endpoint::Endpoint;
use captui::capture::json::Json;
use captui::capture::path::AttrPath;
use captui::capture::path::Element;
use captui::capture::request::ApiRequest;
use captui::capture::response::Answer;

use crate::tui::driver::Driver;

/// One attribute of every kind that can be wrong: at the top, in an object, in a plural, and in a plural inside that.
fn attr_defs() -> String {
    let kinds = r#"{"name":"short","type":"string","length":5},
        {"name":"need","type":"string","constraints":["required"]},
        {"name":"letters","type":"string","constraints":["alphabetic"]},
        {"name":"mail","type":"string","constraints":["email-address"]},
        {"name":"whole","type":"integer"},{"name":"number","type":"decimal"},
        {"name":"flag","type":"boolean"},{"name":"day","type":"date"},
        {"name":"moment","type":"dateTime"},{"name":"address","type":"ipAddress"},
        {"name":"secret","type":"password"}"#;
    format!(
        r#"[{kinds},{{"name":"key","type":"string","constraints":["unique"]}},
            {{"name":"inner","type":"object","attr_defs":[{kinds}]}},
            {{"name":"parts","type":"plural","attr_defs":[{kinds},
                {{"name":"own","type":"string","constraints":["locally-unique"]}},
                {{"name":"bits","type":"plural","attr_defs":[{kinds}]}}]}}]"#
    )
}

const RIGHT: &str = r#"{"need":"n","key":"k2","inner":{"need":"n"},
    "parts":[{"need":"a","own":"1","bits":[{"need":"x"},{"need":"y"}]},{"need":"b","own":"2","bits":[{"need":"z"}]}]}"#;

/// Where each attribute stands: its holder, elements by their places.
const HOLDERS: [&str; 4] = ["", "inner.", "parts[1].", "parts[0].bits[1]."];

/// An attribute, a value that it does not take, and the code that says so.
const WRONG: [(&str, &str, i64); 19] = [
    ("short", r#""too long""#, 363),
    ("short", "5", 341),
    ("need", "null", 362),
    ("letters", r#""a1""#, 360),
    ("mail", r#""nobody""#, 360),
    ("whole", "1.5", 341),
    ("whole", r#""1""#, 341),
    ("number", r#""one""#, 341),
    ("flag", r#""yes""#, 341),
    ("day", r#""2015-02-30""#, 342),
    ("day", "20150230", 341),
    ("moment", r#""soon""#, 342),
    ("address", r#""1.2.3""#, 340),
    ("address", r#""::1""#, 340),
    ("secret", "5", 341),
    ("secret", r#"{"type":"nope","value":"x"}"#, 340),
    ("stranger", "1", 223),
    ("letters", "[]", 341),
    ("need", "{}", 341),
];

/// The record with one value in it.
fn with(record: &Json, path: &str, value: &str) -> Json {
    let mut record = record.clone();
    let path: AttrPath = path.parse().expect("is a path");
    let mut here = &mut record;
    for segment in &path.0 {
        let members = here.as_object_mut().expect("is an object");
        let member = members.get_or_insert_with(segment.name.clone(), || Json::Null);
        here = match (segment.element, member) {
            (Some(Element::Index(at)), Json::Array(elements)) => &mut elements[at],
            (_, member) => member,
        };
    }
    *here = Json::parse(value).expect("is JSON");
    record
}

fn explorer() -> Driver {
    let mut driver = Driver::new(120, 40);
    let design = ApiRequest::new(Endpoint::TypeCreate)
        .with("type_name", "wrong")
        .with("attr_defs", attr_defs());
    driver.aside(design);
    driver.create("wrong", r#"{"need":"n","key":"k1","inner":{"need":"n"}}"#);
    driver.press("R<end><enter>").sees("Form · wrong (new)");
    driver
}

/// Sends what the form holds, insisting, and says the answer's code and where the cursor then is, without being sent.
fn refused(driver: &mut Driver, record: &Json) -> (i64, String) {
    driver.model.form.load(record);
    driver.press("<home><f5>");
    if driver.screen().contains("not sent") {
        driver.press("<home><f5>");
    }
    let exchange = driver.model.response.exchange().cloned();
    let code = match exchange.as_ref().and_then(|exchange| exchange.answer()) {
        Some(Answer::Error(error)) => error.code.0,
        other => panic!("{other:?} to {record}"),
    };
    let path = driver.model.form.cursor_path();
    (code, path.map(|path| path.to_string()).unwrap_or_default())
}

/// Goes through all that can be wrong in `right`, which the form holds or may hold.
fn go_through(driver: &mut Driver, right: &Json, kept: &str) {
    for holder in HOLDERS {
        for (name, value, code) in WRONG {
            let path = format!("{holder}{name}");
            let wrong = with(right, &path, value);
            assert_eq!(
                refused(driver, &wrong),
                (code, path.clone()),
                "{kept} {path} = {value}"
            );
        }
    }
    for (path, value, code) in [
        ("key", r#""k1""#, 361),
        ("parts[1].own", r#""1""#, 361),
        ("inner", "5", 341),
        ("parts", "5", 341),
        ("parts[1]", r#"{"need":"b","own":"2","bits":5}"#, 341),
    ] {
        let wrong = with(right, path, value);
        let expected = match path {
            "parts[1]" => "parts[1].bits",
            path => path,
        };
        assert_eq!(
            refused(driver, &wrong),
            (code, expected.to_owned()),
            "{kept} {path} = {value}"
        );
    }
}

#[test]
fn what_the_form_can_explain_is_not_replaced_by_the_services_words() {
    let mut driver = explorer();
    let wrong = Json::parse(r#"{"key":"k2","inner":{"need":"n"}}"#).expect("is JSON");
    assert_eq!(refused(&mut driver, &wrong), (362, "need".to_owned()));
    driver.sees("a value is required here");
    let wrong = Json::parse(r#"{"key":"k1","need":"n","inner":{"need":"n"}}"#).expect("is JSON");
    assert_eq!(refused(&mut driver, &wrong), (361, "key".to_owned()));
    driver.sees("Another record or element");
}

#[test]
fn whoever_types_elsewhere_is_not_torn_away() {
    let mut driver = explorer();
    let wrong = Json::parse(r#"{"key":"k1","need":"n","inner":{"need":"n"}}"#).expect("is JSON");
    driver.model.form.load(&wrong);
    driver.hold = true;
    driver.press("<f5>/letters<enter><enter>ab");
    driver.hold = false;
    driver.answer_all();
    driver.sees("ERROR 361").sees("EDIT letters");
}

#[test]
fn a_refused_creation_leads_to_its_field() {
    let mut driver = explorer();
    let right = Json::parse(RIGHT).expect("is JSON");
    go_through(&mut driver, &right, "create");
}

#[test]
fn a_refused_update_or_replace_leads_to_its_field() {
    for mode in ["update", "replace"] {
        let mut driver = explorer();
        let id = driver.create("wrong", RIGHT);
        driver.press(&format!("go{id}<enter>")).sees("· unchanged");
        if mode == "replace" {
            driver.press("m");
        }
        let right = driver.stored("wrong");
        go_through(&mut driver, &right, mode);
    }
}

/// What no schema says: rules of the type, and attributes that the client may not write.
#[test]
fn a_rule_or_a_hidden_attribute_leads_to_its_field_inside_a_plural() {
    let mut driver = Driver::new(120, 40);
    let attr_defs = r#"[{"name":"word","type":"string"},{"name":"parts","type":"plural","attr_defs":[
        {"name":"word","type":"string"},{"name":"other","type":"string"}]}]"#;
    let design = ApiRequest::new(Endpoint::TypeCreate)
        .with("type_name", "zz_ruled")
        .with("attr_defs", attr_defs);
    driver.aside(design);
    for path in ["word", "parts.word"] {
        let rule = ApiRequest::new(Endpoint::TypeAddRule)
            .with("type_name", "zz_ruled")
            .with("attributes", format!(r#"["{path}"]"#))
            .with("definition", r#"{"min-length":5}"#);
        driver.aside(rule);
    }
    driver.press("R<end><enter>").sees("Form · zz_ruled (new)");
    for (record, code, path) in [
        (r#"{"word":"abc"}"#, 360, "word"),
        (
            r#"{"parts":[{"word":"abcdef"},{"word":"abc"}]}"#,
            360,
            "parts[1].word",
        ),
    ] {
        let record = Json::parse(record).expect("is JSON");
        assert_eq!(
            refused(&mut driver, &record),
            (code, path.to_owned()),
            "{record}"
        );
    }
}
