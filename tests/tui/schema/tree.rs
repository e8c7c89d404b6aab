//! The tree of attributes: moving, adding, marking, undoing.

use captui::capture::json::Json;
use std::sync::Arc;

use captui::capture::attr_type::AttrType;
use captui::capture::schema::AttrDef;
use captui::capture::schema::EntityType;
use captui::capture::schema::read_attr_defs;
use captui::tui::session::PaneId;

use crate::tui::driver::Driver;
use crate::tui::schema::panes;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

fn attr_defs(text: &str) -> Vec<AttrDef> {
    let (attr_defs, problems) = read_attr_defs(&Json::parse(text).expect("is JSON"));
    assert_eq!(problems, []);
    attr_defs
}

/// The design of a new entity type with a string, an object and a plural.
fn new_type(width: u16, height: u16) -> Driver {
    let mut driver = Driver::new(width, height);
    driver.press("<enter>gs");
    let attr_defs = attr_defs(
        r#"[{"name":"email","type":"string"},
            {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"},{"name":"zip","type":"string"}]},
            {"name":"phones","type":"plural","attr_defs":[{"name":"number","type":"string"}]}]"#,
    );
    driver.model.schema.begin("shop", &attr_defs);
    driver.model.relayout();
    driver
}

/// The design of the stored type `user2`.
fn user2(width: u16, height: u16) -> Driver {
    let mut driver = Driver::new(width, height);
    driver.press("1<down><enter>gs").sees("Schema · user2");
    driver
}

/// The paths of all attributes, from above.
fn paths(driver: &Driver) -> Vec<String> {
    let design = &driver.model.schema.desk().expect("is there").design;
    let ids = design.order().iter();
    ids.map(|id| design.path(*id).dotted()).collect()
}

/// The path of the attribute under the cursor.
fn cursor(driver: &Driver) -> String {
    let desk = driver.model.schema.desk().expect("is there");
    match desk.node() {
        Some(id) => desk.design.path(id).dotted(),
        None => String::new(),
    }
}

#[test]
fn the_schema_of_the_chosen_type_is_a_tree() {
    for (width, height) in SIZES {
        let mut driver = Driver::new(width, height);
        driver.press("<enter>gs").sees("Schema · user");
        driver.sees("birthday").sees("278 attributes · as stored");
        driver.press("G").sees("statusCreated").sees("plural [3]");
    }
}

#[test]
fn what_is_changed_is_told_by_mark_and_word() {
    for (width, height) in SIZES {
        let mut driver = user2(width, height);
        // One is added, one removed with what is in it, one has another set of constraints.
        driver.press("GagrantedAt<enter>dateTime<enter><esc>");
        driver.press("/consentA<enter>d<esc>");
        driver.press("/consent<enter><esc><home><down><down><down><down><down>");
        assert_eq!(cursor(&driver), "consent");
        driver.press("<enter><down><down><down><down><down> <esc>");
        driver
            .sees("NEW")
            .sees("removed")
            .sees("goes along")
            .sees("changed");
        driver.sees("· 3 changes");
        insta::assert_snapshot!(format!("tree_{width}x{height}"), panes(&driver));
        driver.press("5");
        insta::assert_snapshot!(format!("attribute_{width}x{height}"), panes(&driver));
        driver.press("<esc>uuuu").sees("· as stored");
    }
}

#[test]
fn attributes_are_added_copied_moved_and_taken_out() {
    let mut driver = new_type(120, 40);
    driver.press("<down>aage<enter>int<enter><esc>");
    let after_age = [
        "email",
        "age",
        "home",
        "home.city",
        "home.zip",
        "phones",
        "phones.number",
    ];
    assert_eq!(paths(&driver), after_age);
    driver
        .press("]")
        .sees("the service gives attributes back by name");
    assert_eq!(paths(&driver)[3..5], ["home.zip", "age"]);
    driver.press(">");
    assert_eq!(cursor(&driver), "home.age");
    driver
        .press(">")
        .sees("no object or plural right before this");
    driver
        .press("<a-up><a-up>[")
        .sees("this is the first one here");
    assert_eq!(paths(&driver)[1..4], ["home", "home.age", "home.city"]);
    driver.press("<<<").sees("this is at the top already");
    assert_eq!(cursor(&driver), "age");
    // The copy is named at once, and has what the original has inside.
    driver.press("Kcwork<enter><esc>");
    assert_eq!(
        paths(&driver)[1..7],
        [
            "home",
            "home.city",
            "home.zip",
            "work",
            "work.city",
            "work.zip"
        ]
    );
    driver.press("c<esc><esc>");
    assert_eq!(cursor(&driver), "work2");
    driver.press("d").sees("u brings it back");
    assert!(!paths(&driver).contains(&"work2".to_owned()));
    driver.press("u");
    assert_eq!(cursor(&driver), "work2");
    driver
        .press("<home>d")
        .sees("this is the entity type itself");
    driver.press("A").sees("EDIT name").press("<esc>");
    assert_eq!(
        driver.model.focus,
        PaneId::Schema,
        "nothing was typed: nothing is there"
    );
    assert!(!paths(&driver).contains(&String::new()));
}

#[test]
fn what_is_stored_says_what_cannot_be_done_with_it() {
    let mut driver = user2(120, 40);
    driver.press("<down>d").sees("built in");
    driver.press("c").sees("built in");
    driver
        .press("G]")
        .sees("the service sorts stored attributes by name");
    driver.press("r").sees("this is as it is stored");
    driver
        .press("A")
        .sees("only an object and a plural hold attributes");
    driver.press("u").sees("there is nothing to take back");
    driver.press("!").sees("there is no problem");
    driver.press("<home><enter><enter>");
    driver
        .sees("no call renames an entity type that is stored")
        .press("<esc>");
    // Below what is stored nothing can be added in place: the plan's own words.
    driver.press("/consentA<enter><esc>A");
    driver
        .press("since<enter>date<enter>")
        .sees("nothing can be added");
    driver.press("<esc>d").sees("taken out");
    driver
        .press("/consentA<enter><esc>d")
        .sees("deletes every record's value");
    driver
        .press("<down>d")
        .sees("what this is in is marked for removal");
    driver.press("<up>d").sees("as stored");
}

#[test]
fn reset_brings_back_name_definition_and_place() {
    let mut driver = user2(120, 40);
    driver
        .press("G<enter><enter><c-u>summary<enter><esc>")
        .sees("name consentDescription → summary");
    driver.press(">");
    assert_eq!(cursor(&driver), "consentAttributes.summary");
    driver.press("r").sees("as stored");
    assert_eq!(cursor(&driver), "consentDescription");
    driver.press("u");
    assert_eq!(cursor(&driver), "consentAttributes.summary");
}

#[test]
fn a_filter_shows_what_it_finds_with_what_holds_it() {
    for (width, height) in SIZES {
        let mut driver = Driver::new(width, height);
        driver.press("<enter>gs/statusC");
        driver
            .sees("FILTER")
            .sees("statusCreated")
            .sees("statuses")
            .sees_no("birthday");
        assert_eq!(cursor(&driver), "statuses.statusCreated");
        driver.press("<enter>").sees("Esc shows all");
        driver.press("<esc>").sees_no("Esc shows all");
        assert_eq!(cursor(&driver), "statuses.statusCreated");
        driver
            .press("/nothingIsCalledSo")
            .sees("No attribute's name contains this");
        driver.press("<esc><home>").sees("birthday");
        driver.press("/birth<enter><enter><enter>x<enter><esc>");
        assert_eq!(
            cursor(&driver),
            "birthdayx",
            "what is renamed stays under the cursor"
        );
    }
}

#[test]
fn everything_is_folded_and_unfolded() {
    let mut driver = user2(200, 50);
    driver.press("/consentN<enter><esc>");
    driver.press("zM").sees_no("consentName");
    assert_eq!(cursor(&driver), "consentAttributes");
    driver
        .press("l")
        .sees("consentName")
        .press("h")
        .sees_no("consentName");
    driver.press("zR").sees("consentName");
    driver.press("J");
    assert_eq!(cursor(&driver), "consentDescription");
    driver.press("KK");
    assert_eq!(cursor(&driver), "consent");
    // The mark folds with the mouse; a second click on a row edits.
    let at = |driver: &Driver, text: &str| {
        let screen = driver.screen();
        let mut rows = screen.lines().enumerate();
        let found = rows.find_map(|(y, row)| {
            let x = row.find(text)?;
            Some((row[..x].chars().count() as u16, y as u16))
        });
        found.unwrap_or_else(|| panic!("no {text:?} on\n{screen}"))
    };
    let (x, y) = at(&driver, "▾ consentAttributes");
    driver
        .click(x, y)
        .sees_no("consentName")
        .click(x, y)
        .sees("consentName");
    let (x, y) = at(&driver, "consentName");
    driver.click(x, y);
    assert_eq!(
        (cursor(&driver), driver.model.focus),
        ("consentAttributes.consentName".to_owned(), PaneId::Schema)
    );
    driver.click(x, y);
    assert_eq!(driver.model.focus, PaneId::Attribute);
    let (x, y) = at(&driver, "] unique");
    driver
        .click(x, y)
        .sees("[x] unique")
        .click(x, y)
        .sees("[ ] unique");
}

#[test]
fn problems_are_gone_through() {
    let mut driver = new_type(120, 40);
    driver
        .press("<home><enter><c-u><enter>")
        .sees("no name yet");
    driver.press("<home>ahome<enter>pl<enter><esc>");
    driver.sees("problems  [!] next");
    // Both that are called home, the one with nothing in it, and the type without a name.
    driver.press("<home>!");
    assert_eq!(cursor(&driver), "home");
    driver.press("<f5>").sees("not sent: 4 problems");
    assert!(
        driver
            .requests()
            .all(|it| it.endpoint.name() != "entityType.create")
    );
    driver.press("g!");
    assert_eq!(cursor(&driver), "");
    driver.sees("the entity type has no name yet");
}

/// Whether it is quick is measured elsewhere; here, that nothing goes wrong with very many.
#[test]
fn ten_thousand_attributes_are_edited_like_ten() {
    let many: Vec<AttrDef> = (0..100)
        .map(|group| {
            let inside = (0..100).map(|at| AttrDef::new(format!("a{at}"), AttrType::Boolean));
            AttrDef::new(format!("g{group}"), AttrType::Object(inside.collect()))
        })
        .collect();
    let stored = Arc::new(EntityType::create("many", many));
    let mut driver = new_type(120, 40);
    driver.model.schema.open(&stored);
    driver.model.relayout();
    driver.sees("10104 attributes · as stored").press("Ga");
    driver.press("name");
    driver.press("<enter>int<enter><esc>");
    driver.press("<up><up><up><up><up>");
    driver.press("<down><down><down><down><down>");
    assert_eq!(cursor(&driver), "g99.name");
    driver.press("u").sees("as stored");
    driver.press("/a99");
    driver.press("<esc>zM").sees("▸ g99");
}
