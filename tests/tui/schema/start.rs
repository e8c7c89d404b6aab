//! Beginning an entity type from something: nothing, a copy, a file, what is copied, a pasted call.

use captui::capture::endpoint::Endpoint;
use captui::tui::session::PaneId;
use captui::tui::session::View;

use crate::tui::driver::Driver;
use crate::tui::schema::USER2;

/// The definitions of the design that is shown, as they are sent.
fn attr_defs(driver: &mut Driver) -> String {
    driver.press("2yj");
    driver.copied.last().cloned().expect("was copied")
}

#[test]
fn a_type_is_begun_empty_and_named_first() {
    let mut driver = Driver::new(120, 40);
    driver.press("1n").sees("New entity type: begin with");
    insta::assert_snapshot!("begin_with", driver.screen());
    driver.press("e");
    assert_eq!(driver.model.view, View::Schema);
    assert_eq!(driver.model.focus, PaneId::Attribute);
    driver
        .press("shoes<enter><esc>")
        .sees("Schema · shoes (new)");
    assert_eq!(attr_defs(&mut driver), "[]");
}

#[test]
fn a_copy_is_begun_from_a_type_that_is_loaded_for_it() {
    let mut driver = Driver::new(80, 24);
    driver.press("gsnc").sees("Copy of which entity type?");
    driver.press("user").press("<backspace><backspace>");
    driver.press("<enter>").sees("user_copy");
    let copied = attr_defs(&mut driver);
    assert!(copied.contains("aboutMe") && !copied.contains("lastUpdated"));
    let loads = |driver: &Driver| {
        let requests = driver.requests();
        let loads = requests.filter(|request| request.endpoint == Endpoint::TypeView);
        loads.count()
    };
    assert_eq!(loads(&driver), 1);
    driver.press("nc<enter>").sees("n goes on with it");
    assert_eq!(loads(&driver), 1, "it is there by now");
}

#[test]
fn who_goes_back_while_it_loads_has_begun_nothing() {
    let mut driver = Driver::new(80, 24);
    driver.hold = true;
    driver.press("gsnc<enter>").sees("loading user");
    driver.press("<esc>").sees("begin with").press("<esc>");
    driver.answer_all();
    assert!(driver.model.schema.current().is_none());
}

#[test]
fn a_file_is_found_and_recognised_by_what_is_in_it() {
    let curl =
        format!("curl -d type_name=user2 -d 'attr_defs={USER2}' https://h/entityType.create");
    let answer = r#"{"schema":{"name":"user3","attr_defs":[{"name":"id","type":"id"},{"name":"a","type":"string"}]}}"#;
    for (path, text, title) in [
        ("/tmp/people.json", USER2, "Schema · people (new)"),
        ("/tmp/people.txt", &curl, "Schema · user2 (new)"),
        ("/tmp/people.json", answer, "Schema · user3 (new)"),
    ] {
        let mut driver = Driver::new(120, 40);
        driver.files.push((path.to_owned(), text.to_owned()));
        driver.press("1nf").write("/tmp/").sees(path).press("<tab>");
        driver.press("<enter>").sees(title);
        assert!(!attr_defs(&mut driver).contains("\"id\""));
    }
}

#[test]
fn a_file_that_begins_nothing_is_refused_and_asked_for_again() {
    let mut driver = Driver::new(120, 40);
    driver
        .files
        .push(("/tmp/x".to_owned(), "{\"a\": ]".to_owned()));
    driver.press("1nf").write("/tmp/x").press("<enter>");
    driver.sees("nor records").sees("begin with").press("<esc>");
    driver.sees_no("begin with");
}

#[test]
fn what_is_copied_begins_one() {
    let mut driver = Driver::new(120, 40);
    driver.clipboard = USER2.to_owned();
    driver.press("1np").sees("Schema · new entity type");
    assert_eq!(attr_defs(&mut driver), USER2);
}

#[test]
fn an_unfinished_design_is_not_lost() {
    let mut driver = Driver::new(120, 40);
    driver.paste(USER2).press("<enter>");
    driver.press("neshoes<enter><esc>").sees("Schema · shoes");
    driver
        .press("1<enter>gr")
        .press("1n")
        .sees("with shoes: 0 attributes")
        .sees("with a type without a name: 3 attributes")
        .press("2");
    assert_eq!(attr_defs(&mut driver), USER2);
    driver.press("ng").sees("Schema · shoes");
    assert_eq!(attr_defs(&mut driver), "[]");
    // What has nothing in it does not stay.
    driver.press("ne<esc>n").sees_no("3  go on");
}

#[test]
fn a_pasted_call_of_any_kind_opens_in_the_editor() {
    let create =
        format!("curl -d type_name=user2 -d 'attr_defs={USER2}' https://h/entityType.create");
    let mut driver = Driver::new(120, 40);
    driver.paste(&create).sees("nothing is wrong with it");
    insta::assert_snapshot!("pasted_schema_call", driver.screen());
    driver.press("<enter>").sees("Schema · user2 (new)");
    assert_eq!(attr_defs(&mut driver), USER2);
    for (operation, arguments, said) in [
        (
            "addAttribute",
            r#"-d 'attr_def={"name":"shoe","type":"integer"}'"#,
            "shoe is added",
        ),
        (
            "addAttribute",
            r#"-d 'attr_def={"name":"shoe","type":"integer"}'"#,
            "user has shoe already",
        ),
        (
            "setAttributeConstraints",
            r#"-d attribute_name=/aboutMe -d 'constraints=["unique"]'"#,
            "the constraints of aboutMe are set",
        ),
        (
            "setAttributeDescription",
            r#"-d attribute_name=aboutMe -d 'description="what they say"'"#,
            "the description of aboutMe is set",
        ),
        (
            "removeAttribute",
            "-d attribute_name=accountDataRequestTime",
            "accountDataRequestTime is marked for removal",
        ),
        ("removeAttribute", "-d attribute_name=uuid", "built in"),
        (
            "removeAttribute",
            "-d attribute_name=nothing",
            "user has no attribute nothing",
        ),
    ] {
        driver.paste(&format!(
            "curl -d type_name=user {arguments} https://h/entityType.{operation}"
        ));
        driver.press("<enter>").sees(said).sees("Schema · user");
    }
    driver.sees("Schema · user").press("ye");
    let echo = driver.copied.last().cloned().expect("was copied");
    assert!(echo.contains("what they say"), "{}", driver.screen());
    assert!(
        !echo.contains("accountDataRequestTime"),
        "{}",
        driver.screen()
    );
    driver.press("uuuu").sees("Nothing changed");
}

#[test]
fn every_token_of_a_pasted_schema_call_is_accounted_for() {
    let mut driver = Driver::new(120, 40);
    driver.paste("curl -k -d type_name=x -d commit=true -d 'attr_defs=[{\"name\":\"1a\",\"type\":\"string\"}]' https://h/entityType.create");
    driver.sees("-k").sees("commit").sees("1a");
    driver
        .press("<esc>")
        .paste("curl -d type_name=x https://h/entityType.create");
    driver.press("<enter>").sees("attr_defs is missing");
}

#[test]
fn empty_views_say_what_to_do() {
    let mut driver = Driver::new(80, 24);
    driver.press("gs").sees("n begins").sees("Enter opens");
    driver
        .press("a")
        .sees("n begins a new entity type; 1, then Enter opens one");
}

#[test]
fn a_template_is_begun() {
    for (key, part) in [
        ("1", "aboutMe"),
        ("2", "legalAcceptances"),
        ("3", "description"),
        ("4", "primary-key"),
    ] {
        let mut driver = Driver::new(120, 40);
        driver.press("1nt").sees("which template?");
        insta::assert_snapshot!("templates", driver.screen());
        driver.press(key).sees("Schema · new entity type");
        let begun = attr_defs(&mut driver);
        assert!(begun.contains(part), "{begun}");
    }
}

/// People as a program exports them.
const PEOPLE: &str = "email,age,city,joined\nann@example.com,31,Oslo,2020-01-02\nben@example.com,,Bergen,2021-03-04\n\
                      cem@example.com,29,Oslo,2022-05-06\n";

#[test]
fn sample_data_is_looked_at_and_adjusted_before_it_is_a_design() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = Driver::new(width, height);
        driver
            .files
            .push(("/tmp/people.csv".to_owned(), PEOPLE.to_owned()));
        driver
            .press("1nf")
            .write("/tmp/people.csv")
            .press("<enter>");
        driver
            .sees("A schema for 3 records")
            .sees("e.g. ann@example.com");
        insta::assert_snapshot!(format!("sample_{width}x{height}"), driver.screen());
        driver
            .press("<down> ")
            .sees("[x]")
            .press("u")
            .sees_no("[x]")
            .press(" ");
        driver.press("<enter>").sees("Schema · people (new)");
        let begun = attr_defs(&mut driver);
        assert!(
            begun.contains("\"email\"") && begun.contains("constraints"),
            "{begun}"
        );
    }
}

#[test]
fn the_type_of_sample_data_can_be_changed_and_taken_back() {
    let mut driver = Driver::new(120, 40);
    driver.clipboard = "{\"n\":1}\n{\"n\":2}\n".to_owned();
    driver
        .press("1np")
        .sees("A schema for 2 records")
        .sees("integer");
    driver
        .press("t")
        .sees_no("  integer")
        .press("u")
        .sees("integer");
    driver.press("<esc>").sees("begin with");
}
