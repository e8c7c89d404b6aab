//! The attribute under the cursor: naming, choosing a type, setting and unsetting.

use std::sync::Arc;

use captui::capture::endpoint::Endpoint;
use captui::capture::json::Json;
use captui::capture::response::Answer;
use captui::capture::schema::EntityType;
use captui::capture::schema::attr_defs_as_sent;
use captui::capture::schema::read_attr_defs;
use captui::exchange::Exchange;
use captui::tui::session::PaneId;

use crate::tui::driver::Driver;
use crate::tui::schema::panes;

/// What `entityType.create` of the founding page sends (reference 3.1), with its blanks taken out.
const USER2: &str = r#"[{"name":"consent","type":"string","length":200,"description":"The name of the consent in the user entity.","constraints":["unique","required"]},{"name":"consentDescription","type":"string","length":1000,"description":"A short description of the consent."},{"name":"consentAttributes","type":"plural","description":"Attributes associated with the consent.","attr_defs":[{"name":"consentName","type":"string","length":200,"description":"An attribute name from the user entity.","features":["primary-key"],"constraints":["locally-unique","required"]}]}]"#;

/// An explorer in which a new entity type of this name is begun.
fn begun(width: u16, height: u16, name: &str) -> Driver {
    let mut driver = Driver::new(width, height);
    driver.press("<enter>gs");
    driver.model.schema.begin(name, &[]);
    driver.model.relayout();
    driver
}

#[test]
fn the_type_of_the_founding_page_is_built_with_few_keys() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = begun(width, height, "");
        driver.press("<enter>user2b<enter>");
        // A name, a type, then what is for people, how long, and what it demands.
        driver
            .press("aconsent<enter>")
            .sees("one group: an address");
        driver.press("<enter><enter>The name of the consent in the user entity.<tab>200<enter>");
        driver.press("<down><down> <up> ");
        driver.press("aconsentDescription<enter><enter><enter>A short description of the consent.");
        driver.press("<tab>1000<enter>");
        driver.press("aconsentAttributes<enter>pl<enter><enter>Attributes associated with the consent.<enter>");
        driver.press("AconsentName<enter><enter><enter>An attribute name from the user entity.<tab>200<enter>");
        driver.press("<down><right> <left> <end> ");
        driver.press("<esc>");
        let desk = driver.model.schema.desk().expect("is begun");
        assert_eq!(desk.design.problem_count(), 0);
        driver.press("<f5>");
        let is_create = |made: &&Arc<Exchange>| made.request.endpoint == Endpoint::TypeCreate;
        let made = Arc::clone(driver.exchanges().iter().find(is_create).expect("is sent"));
        assert_eq!(made.request.args.get("type_name"), Some("user2b"));
        assert_eq!(made.request.args.get("attr_defs"), Some(USER2));
        let Some(Answer::Ok(answer)) = made.answer() else {
            panic!("not created: {:?}", made.answer());
        };
        let (echoed, problems) = EntityType::from_json(answer).expect("is a schema");
        assert!(problems.is_empty(), "{problems:?}");
        let (asked, _) = read_attr_defs(&Json::parse(USER2).expect("is JSON"));
        assert_eq!(echoed, EntityType::create("user2b", asked));
        // The design goes on as that of what is stored now.
        driver
            .sees("Schema · user2b")
            .sees("9 attributes · as stored");
    }
}

#[test]
fn problems_are_told_while_they_are_typed() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = begun(width, height, "shop");
        driver.press("aemail<enter><enter><esc>a");
        driver
            .sees("EDIT name")
            .sees_no("a name starts with a letter");
        driver
            .press("1")
            .sees("a name starts with a letter")
            .press("<backspace>");
        driver
            .press("id")
            .sees("built in: the service adds")
            .press("<c-u>");
        driver
            .press("email")
            .sees("already used beside it")
            .press("2")
            .sees_no("already used");
        // Undo in a text is of the text; what was typed stays when one leaves.
        driver.press("<esc>").sees("email2");
        driver.press("<esc>u").sees_no("email2");
    }
}

#[test]
fn several_names_are_several_attributes() {
    let mut driver = begun(80, 24, "shop");
    driver.press("aone, two three").sees("adds 3 attributes");
    driver.press("<enter>bo<enter><esc>");
    driver
        .sees("one")
        .sees("two")
        .sees("three")
        .sees("3 attributes");
    let desk = driver.model.schema.desk().expect("is there");
    let sent = Json::to_string(&attr_defs_as_sent(&desk.design.tree().attr_defs()));
    let one = |name| format!(r#"{{"name":"{name}","type":"boolean"}}"#);
    let all = format!("[{},{},{}]", one("one"), one("two"), one("three"));
    assert_eq!(sent, all);
    driver.press("u").sees("No attributes yet");
}

#[test]
fn what_does_not_apply_is_refused_with_the_reason() {
    let mut driver = begun(120, 40, "shop");
    driver.press("aage<enter>int<enter>");
    driver
        .sees("only strings have length")
        .sees("only strings have case");
    driver
        .press("<down><enter>")
        .sees("only strings have length");
    driver
        .press("<down><down><right><enter>")
        .sees("compares the elements of one plural");
    driver.press("<down><enter>").sees("is about text");
    driver
        .press("<left><end><enter>")
        .sees("natural key of a plural's elements");
    // A length survives another type and back, and a length is digits.
    driver.press("<home><down><enter>str<enter><down><enter>64<enter>");
    driver
        .press("<up><enter>x")
        .sees("digits only")
        .press("<esc>");
    driver
        .press("<up><up><enter>bool<enter><up><enter>str<enter>")
        .sees("64");
    // The usual lengths.
    driver
        .press("<down> ")
        .sees("no limit")
        .press(" ")
        .sees("100")
        .press(" ")
        .sees("256");
    driver.press("<down> ").sees("does not count");
}

#[test]
fn esc_leaves_the_type_and_the_rarer_passwords_are_found() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = begun(width, height, "shop");
        driver
            .press("asecret<enter>")
            .sees("plural")
            .sees("password…");
        insta::assert_snapshot!(format!("types_{width}x{height}"), panes(&driver));
        driver
            .press("zzz")
            .sees("No type is called so")
            .press("<enter>");
        driver
            .press("<esc>")
            .sees("string")
            .press("<enter>phpass")
            .sees("password-phpass-md5");
        driver
            .press("<down><enter>")
            .sees("password-phpass-md5")
            .sees_no("Backspace");
    }
}

#[test]
fn constraints_keep_the_order_in_which_they_are_set() {
    let mut driver = Driver::new(120, 40);
    driver.press("1<down><enter>gs/consent<enter><esc><home>");
    driver
        .press("<down><down><down><down><down>5")
        .sees("unique, required");
    // Out and in again is as it was stored; another set is told whole.
    driver
        .press("<home><down><down><down><down><down> ")
        .sees("unique, required → unique");
    driver
        .sees("setAttributeConstraints replaces")
        .press(" ")
        .sees("as stored");
    driver.press("<right> ").sees("compares the elements");
    driver
        .press("<down> ")
        .sees("→")
        .sees("unique, required, email-address");
}

#[test]
fn what_can_be_done_with_the_design_can_be_done_from_its_attribute() {
    let mut driver = begun(80, 24, "shop");
    driver.press("aage<enter>int<enter>");
    assert_eq!(driver.model.focus, PaneId::Attribute);
    driver.press("gm").sees("integer").press("<esc>");
    assert_eq!(driver.model.focus, PaneId::Attribute);
    driver.press("c").sees("age2").press("<esc>u");
    assert_eq!(driver.model.focus, PaneId::Attribute);
    // What is written in the tree's place takes the keys.
    driver.press("v").sees(r#""name": "age""#);
    assert_eq!(driver.model.focus, PaneId::Schema);
    driver.press("v5/ag<enter>").sees("/ ag");
    assert_eq!(driver.model.focus, PaneId::Schema);
    // The help lists a key once.
    driver.press("5?").sees("Go back to the tree");
    let mut seen = String::new();
    for _ in 0..20 {
        seen.push_str(&driver.screen());
        driver.press("<down>");
    }
    assert!(seen.contains("Next line"), "{seen}");
    assert!(!seen.contains("Next row"), "{seen}");
}
