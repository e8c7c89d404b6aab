//! The rules of an entity type: listing, adding, removing, and what is said when something is wrong.

use captui::capture::endpoint::Endpoint;
use captui::capture::json::Json;
use captui::capture::request::ApiRequest;
use captui::config::environment::EnvironmentClass;

use crate::tui::driver::Driver;

/// The explorer in the view of the schema of `person`.
fn explorer(width: u16, height: u16) -> Driver {
    let mut driver = Driver::new(width, height);
    let design = ApiRequest::new(Endpoint::TypeCreate)
        .with("type_name", "zz_person")
        .with(
            "attr_defs",
            r#"[{"name":"givenName","type":"string"},{"name":"familyName","type":"string"},
            {"name":"age","type":"integer"},{"name":"birthday","type":"date"},
            {"name":"emails","type":"plural","attr_defs":[{"name":"email","type":"string"}]}]"#,
        );
    driver.aside(design);
    driver.press("R<end><enter>gs").sees("Schema · zz_person");
    driver
}

fn add_rule(driver: &mut Driver, attributes: &str, definition: &str, description: &str) {
    let request = ApiRequest::new(Endpoint::TypeAddRule)
        .with("type_name", "zz_person")
        .with("attributes", attributes)
        .with("definition", definition)
        .with("description", description);
    driver.aside(request);
}

fn add_unique(driver: &mut Driver, attributes: &str) {
    let property = format!(r#"{{"type":"unique","attributes":{attributes}}}"#);
    let request = ApiRequest::new(Endpoint::TypeAddProperty)
        .with("type_name", "zz_person")
        .with("property", property);
    driver.aside(request);
}

/// The definitions that are stored, as text.
fn stored(driver: &mut Driver) -> Vec<String> {
    let request = ApiRequest::new(Endpoint::TypeProperties).with("type_name", "zz_person");
    let answer = driver.aside(request);
    let results = answer.get("results").and_then(Json::as_array);
    let results = results.expect("is a list").iter();
    let shown = results.map(|result| {
        let definition = result.get("definition");
        definition.map_or_else(|| "unique".to_owned(), Json::to_string)
    });
    shown.collect()
}

#[test]
fn a_rule_is_built_sent_listed_and_removed() {
    for (width, height) in [(80, 24), (120, 40), (60, 15)] {
        let mut driver = explorer(width, height);
        driver.press("gv").sees("has no rules and no combined");
        driver.press("a").sees("What F5 sends appears here");
        // The attribute, then match-all with its pattern, and another rule beside it.
        driver.press("<enter>given <enter><enter><down><enter>");
        driver
            .write("[a-zA-Z]*")
            .press("<up><enter><end><up><up><enter>");
        driver
            .sees("Rule 2 of 2")
            .press("<down><down><down><enter>");
        driver.write("25").press("<down><down><down>");
        driver.write("letters only");
        driver.press("<f5>").sees("the rule is added");
        driver.sees("match-all [a-zA-Z]* and max-length");
        assert_eq!(
            stored(&mut driver),
            [r#"{"and":[{"match-all":"[a-zA-Z]*"},{"max-length":25}]}"#]
        );
        let is_it = |it: &&ApiRequest| it.endpoint == Endpoint::TypeAddRule;
        let sent = driver.requests().find(is_it).expect("was sent").clone();
        assert_eq!(sent.args.get("attributes"), Some(r#"["/givenName"]"#));
        assert_eq!(sent.args.get("description"), Some("letters only"));
        driver.press("d").sees("Remove this rule from zz_person?");
        driver.press("<enter>").sees("nothing was sent");
        assert_eq!(
            stored(&mut driver).len(),
            1,
            "the answer that changes nothing comes first"
        );
        driver.press("d<right><enter>").sees("it is removed");
        driver.sees("has no rules and no combined");
        assert!(stored(&mut driver).is_empty());
        driver.press("<esc>").sees("Schema · zz_person");
    }
}

#[test]
fn one_of_two_rules_and_the_opposite_of_one() {
    let mut driver = explorer(120, 40);
    driver.press("gva<enter>given <enter><enter>");
    // not match …, or required
    driver.press("<end><enter>").sees("Rule: not …");
    driver.sees("it changes the value: there is no `not`");
    driver.press("<home><enter>");
    driver.write("x").press("<up><enter><end><up><enter>");
    driver.sees("these are joined by `or`");
    driver.press("<home><down><down><down><down><down><down><enter>");
    driver.sees(r#"{"or":[{"not":{"match":"x"}},"required"]}"#);
    // All of them instead; and back; and the second one away again.
    driver.press("<down><enter>").sees(r#"{"and":[{"not""#);
    driver.press("<enter>").sees(r#"{"or":[{"not""#);
    driver.press("<up>d").sees("F5 sends  entityType.addRule");
    driver.press("<f5>").sees("not match x");
    assert_eq!(stored(&mut driver), [r#"{"not":{"match":"x"}}"#]);
}

#[test]
fn what_does_not_fit_is_shown_and_not_offered() {
    let mut driver = explorer(80, 24);
    driver.press("gva<enter>age <enter><enter>");
    driver.sees("is for a string; age is of type integer");
    driver.press("<home><enter>").sees("⚠ is for a string");
    driver
        .press("<down><down><down><down><enter>")
        .write("many");
    driver.sees("write a number");
    driver.press("<f5>").sees("not sent: write a number");
    driver.press("<c-u>").write("150");
    // Attributes that do not fit the rule are not offered either.
    driver
        .press("<up><up><enter>")
        .sees("string: less-than is for");
    driver.press("familyName <enter>").sees("age");
    driver.sees_no("age, familyName");
    driver.press("<f5>").sees("less-than 150");
}

#[test]
fn a_pattern_is_judged_while_it_is_written() {
    let mut driver = explorer(80, 24);
    driver
        .press("gva<enter>given <enter><enter><enter>")
        .write("(a");
    driver.sees("unclosed group");
    driver.write(")").sees_no("unclosed");
    // Look-around compiles nowhere here; who knows better sends it anyway.
    driver.press("<c-u>").write("(?=a)").sees("look-around");
    driver.press("<f5>").sees("F5 again sends it anyway");
    driver.press("<f5>").sees("ERROR 200 invalid_argument");
    driver.press("<c-u>").sees_no("ERROR 200");
    driver.write("a").press("<f5>").sees("the rule is added");
}

#[test]
fn a_definition_is_written_or_pasted_as_json() {
    let mut driver = explorer(120, 40);
    driver.press("gva<enter>birth <enter><down>").write("{");
    driver.sees("no JSON yet");
    driver.press("<f5>").sees("not sent: no JSON yet");
    driver
        .press("<c-u>")
        .paste("{\"and\":[\"required\",\n{\"min-age\":18}]}\n");
    driver
        .sees("required and min-age 18")
        .sees_no("no JSON yet");
    driver.press("<f5>").sees("the rule is added");
    assert_eq!(
        stored(&mut driver),
        [r#"{"and":["required",{"min-age":18}]}"#]
    );
}

#[test]
fn attributes_are_unique_together() {
    let mut driver = explorer(80, 24);
    for _ in 0..2 {
        driver.create("zz_person", r#"{"givenName":"Ann","familyName":"Lee"}"#);
    }
    driver.press("gva<up> ").sees("New combined uniqueness");
    driver
        .press("<down><enter>emails.")
        .sees("stands inside a plural");
    driver.press("<esc><enter>given <enter>").press("<f5>");
    driver.sees("one attribute alone: that is what the constraint");
    driver.press("<enter>family <enter>");
    driver.sees(r#"{"type":"unique","attributes":["/givenName","/familyName"]}"#);
    driver.press("<f5>").sees("ERROR 361 unique_violation");
    driver.change_behind("zz_person", r#"{"givenName":"Bea"}"#);
    driver
        .press("<f5>")
        .sees("the combined uniqueness is added");
    driver.sees("unique").sees("givenName, familyName");
    driver
        .press("d")
        .sees("only while no")
        .press("<right><enter>")
        .sees("it is removed");
}

#[test]
fn a_service_that_knows_only_rules_shows_those() {
    let mut driver = explorer(80, 24);
    add_rule(
        &mut driver,
        r#"["age"]"#,
        r#"{"less-than":150}"#,
        "nobody is so old",
    );
    for body in [
        r#"{"code":403,"error":"client_permission_error","error_description":"no","stat":"error"}"#,
        "<html>not found</html>",
    ] {
        driver.answer_with(Endpoint::TypeProperties, body);
        driver
            .press("gv")
            .sees("less-than 150")
            .sees("nobody is so old");
        driver.sees("does not tell combined uniquenesses");
        driver
            .press("a<up> ")
            .sees("it has rules alone")
            .press("<esc><esc>");
        driver.sees("Schema · zz_person");
    }
    for endpoint in [Endpoint::TypeProperties, Endpoint::TypeRules] {
        driver.answer_with(
            endpoint,
            r#"{"code":403,"error":"client_permission_error","error_description":"not you","stat":"error"}"#,
        );
    }
    driver
        .press("gv")
        .sees("ERROR 403")
        .sees("not you")
        .sees("R asks again");
    driver.press("R").sees("less-than 150");
}

#[test]
fn what_is_written_is_not_lost_by_one_key() {
    let mut driver = explorer(80, 24);
    driver
        .press("gva<enter>given <enter><esc>")
        .sees("has no rules");
    driver.press("q").sees("again throws it away");
    // Any other key takes the warning back, and nothing was lost.
    driver.press("<down>").sees_no("again throws it away");
    driver.press("q").sees("again throws it away");
    driver.press("a").sees("givenName").press("<esc><esc>");
    driver.sees("again throws it away").press("<esc>");
    driver.sees("Schema · zz_person");
}

#[test]
fn what_was_added_gets_the_cursor() {
    let mut driver = explorer(80, 24);
    add_rule(&mut driver, r#"["age"]"#, r#"{"less-than":150}"#, "old");
    driver.press("gva<enter>given <enter><enter>required<enter>");
    driver.press("<f5>").sees("the rule is added");
    driver
        .press("d")
        .sees("Remove this rule")
        .press("<right><enter>")
        .sees("it is removed");
    assert_eq!(stored(&mut driver), [r#"{"less-than":150}"#]);
}

#[test]
fn the_kinds_of_rules_narrow_while_one_types() {
    let mut driver = explorer(80, 24);
    driver.press("gva<enter>given <enter><enter>");
    driver.sees("type to narrow the list").sees("match-all");
    driver.press("max").sees("max-length").sees_no("match-all");
    driver
        .press("q")
        .press("<enter>")
        .sees("there is no such rule");
    driver
        .press("<backspace><enter>")
        .sees("max-length   at most");
    driver.write("7").press("<f5>").sees("the rule is added");
    assert_eq!(stored(&mut driver), [r#"{"max-length":7}"#]);
}

#[test]
fn a_definition_written_as_json_is_not_thrown_away_by_one_key() {
    let mut driver = explorer(80, 24);
    driver.press("gva<enter>given <enter><down>");
    driver.paste(r#"{"not":{"match":"xyz"}}"#);
    driver.press("<up><enter>required<enter>");
    driver.sees("wrote as JSON is lost").press("<esc>");
    driver.sees(r#"{"not":{"match":"xyz"}}"#);
    driver.press("d").sees("wrote as JSON is lost");
    driver.sees(r#"{"not":{"match":"xyz"}}"#);
    driver.press("<enter>required<enter><enter>");
    driver
        .sees("required   a value must be there")
        .sees_no("xyz");
}

#[test]
fn nothing_is_taken_while_a_call_runs() {
    let mut driver = explorer(80, 24);
    driver.press("gva<enter>given <enter><enter>match<enter>");
    driver.write("x").hold = true;
    driver.press("<f5>").sees("asking the service");
    driver.write("yz").paste("more");
    driver.press("<up><enter>").sees_no("xyz").sees_no("more");
    driver.answer_all();
    driver.sees("the rule is added");
    assert_eq!(stored(&mut driver), [r#"{"match":"x"}"#]);
}

#[test]
fn the_keys_are_in_the_footer_and_in_the_help() {
    let mut driver = explorer(80, 24);
    driver.press("gv").sees("RULES  a add").sees("? help");
    driver
        .press("?")
        .sees("Write a rule or a combined")
        .press("<esc>");
    driver
        .press("F")
        .sees("F does nothing here: ? lists the keys");
    driver
        .press("<f5>")
        .sees("does nothing here: ? lists the keys");
    driver.press("a<enter>").sees("Space mark").sees("F1 help");
    driver.press("?").sees_no("Write a rule or a combined");
    driver.press("<f1>").sees("Write a rule or a combined");
}

#[test]
fn production_is_asked_and_a_read_only_environment_refuses() {
    let mut driver = explorer(80, 24);
    driver.model.session.class = EnvironmentClass::Prod;
    driver.press("gva<enter>given <enter><enter>");
    driver.press("<down><down><down><down><down><down><enter><f5>");
    driver
        .sees("Write to sandbox?")
        .press("<esc>")
        .sees("nothing was sent");
    assert!(stored(&mut driver).is_empty());
    driver.press("<f5><right><enter>").sees("the rule is added");
    driver.model.session.read_only = true;
    driver.press("d").sees("this environment is read-only");
    assert_eq!(stored(&mut driver), [r#""required""#]);
}

#[test]
fn a_call_on_its_way_can_be_cancelled() {
    let mut driver = explorer(80, 24);
    driver.hold = true;
    driver.press("gv").sees("asking the service").press("<esc>");
    driver.sees("cancelled").sees("R asks again").press("<esc>");
    driver.sees("Schema · zz_person");
}

#[test]
fn the_sheet_is_drawn_at_every_size() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = explorer(width, height);
        add_rule(
            &mut driver,
            r#"["age"]"#,
            r#"{"less-than":150}"#,
            "nobody is so old",
        );
        add_unique(&mut driver, r#"["givenName","familyName"]"#);
        let definition =
            r#"{"and":[{"match-all":"[a-zA-Z]*"},{"not":{"match":"xx"}},{"max-length":25}]}"#;
        add_rule(
            &mut driver,
            r#"["givenName","emails.email"]"#,
            definition,
            "letters",
        );
        driver.press("gv").sees("of                       demands");
        let request = ApiRequest::new(Endpoint::TypeProperties).with("type_name", "zz_person");
        let answer = driver.aside(request);
        let results = answer
            .get("results")
            .and_then(Json::as_array)
            .expect("is a list");
        let uuid = results[0]
            .get("uuid")
            .and_then(Json::as_str)
            .expect("has one");
        let fixed = "00000000-0000-4000-8000-000000000000";
        let screen = driver.sheet().replace(uuid, fixed);
        insta::assert_snapshot!(format!("rules_{width}x{height}"), screen);
        driver.press("a<enter>given <enter><enter>");
        insta::assert_snapshot!(format!("kinds_of_rules_{width}x{height}"), driver.sheet());
        driver.press("<down><enter>").write("[a-z");
        insta::assert_snapshot!(format!("new_rule_{width}x{height}"), driver.sheet());
    }
}
