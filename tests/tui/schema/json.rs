//! A design as JSON and back: typed, repaired, in the user's own editor.

use captui::tui::msg::Msg;
use captui::tui::panes::schema::design::State;

use crate::tui::driver::Driver;
use crate::tui::schema::USER2;

/// The definitions of the design that is shown, as they are sent.
fn attr_defs(driver: &mut Driver) -> String {
    driver.press("yj");
    driver.copied.last().cloned().expect("was copied")
}

fn begun(width: u16, height: u16) -> Driver {
    let mut driver = Driver::new(width, height);
    driver.paste(USER2).press("<enter>");
    driver
}

#[test]
fn a_design_is_json_and_a_tree_again() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = begun(width, height);
        driver.press("v").sees("  1 [").sees("\"length\": 64,");
        insta::assert_snapshot!(format!("json_{width}x{height}"), driver.screen());
        driver.press("v").sees("▾ emails");
    }
}

#[test]
fn what_is_typed_is_in_the_design_with_every_letter_and_one_step_to_take_back() {
    let mut driver = begun(120, 40);
    driver.press("v<enter><end><enter>{\"name\": \"shoe\", \"type\": \"integer\"}");
    driver.sees("line 3").press(",").sees("\"name\": \"shoe\",");
    driver.press("<esc><esc>").sees("    shoe ").sees("integer");
    driver.press("u").sees_no("shoe").sees("givenName");
    driver.press("U").sees("    shoe ");
}

#[test]
fn an_attribute_of_a_stored_type_stays_the_same_one() {
    let mut driver = Driver::new(120, 40);
    driver.press("<enter>gsv<enter>");
    driver.press("<end><enter>{\"name\": \"shoe\", \"type\": \"integer\"},<esc>v");
    let desk = driver.model.schema.desk().expect("is open");
    let design = &desk.design;
    let states: Vec<State> = design
        .tree()
        .roots
        .iter()
        .map(|node| design.state(node.id))
        .filter(|state| *state != State::Same && *state != State::BuiltIn)
        .collect();
    assert_eq!(states, [State::New], "nothing is gone, nothing is renamed");
    driver
        .sees("1  entityType.addAttribute")
        .sees_no("2  entityType");
}

#[test]
fn a_text_that_cannot_be_read_stays_and_names_its_fault() {
    let mut driver = begun(120, 40);
    let before = attr_defs(&mut driver);
    driver.press("v<enter>x<esc>").sees("line 1 column 1");
    assert_eq!(attr_defs(&mut driver), before, "the design is as it was");
    driver.press("v").sees("it stays a text until then");
    driver.press("<f5>").sees("not sent: line 1 column 1");
    driver.press("n").sees("unread JSON").press("g");
    driver.press("gr").press("gs").sees("line 1 column 1");
    driver.press("<home><enter><c-d><esc>v").sees("▾ emails");
}

#[test]
fn a_definition_that_cannot_be_read_is_not_dropped() {
    let mut driver = begun(120, 40);
    driver.press("v<enter><end><enter>{\"name\": \"shoe\"},<esc>");
    driver.sees("line 2: /shoe: `type` is missing").press("v");
    driver.sees("line 2: /shoe: `type` is missing; it stays");
}

#[test]
fn problems_of_the_design_stand_at_their_lines() {
    let mut driver = begun(80, 24);
    driver.press("v<enter><end><enter>{\"name\": \"1st\", \"type\": \"string\"},<esc>");
    driver
        .sees("line 2: /1st:")
        .press("!")
        .press("v")
        .sees("✗   1st");
}

#[test]
fn broken_json_is_repaired_after_a_look() {
    let mut driver = begun(120, 40);
    driver.press("v<enter><end><enter>{name: 'shoe', 'type': 'integer'},<esc>");
    driver
        .sees("= repairs it")
        .press("=")
        .sees("Repair of the definitions");
    driver.press("<enter>").sees("repaired: u takes it back");
    driver.press("v").sees("    shoe ");
}

#[test]
fn the_users_own_editor_gets_the_definitions_and_gives_them_back() {
    let mut driver = begun(120, 40);
    driver.press("E");
    assert_eq!(driver.edited.last().cloned(), Some(format!("{USER2}\n")));
    driver.send(Msg::Edited(Ok(format!("{USER2}\n"))));
    driver.sees("nothing changed in the editor").press("E");
    let other = r#"[{"name":"shoe","type":"integer"}]"#;
    driver.send(Msg::Edited(Ok(other.to_owned())));
    driver.sees("taken over from the editor").sees("    shoe ");
    driver.press("u").sees("givenName").press("E");
    driver.send(Msg::Edited(Ok("[{".to_owned())));
    driver.sees("kept as text, line 1").sees("  1 [{");
    driver.press("E");
    driver.send(Msg::Edited(Err("vi failed".to_owned())));
    driver.sees("nothing changed: vi failed");
}

#[test]
fn a_paste_goes_into_the_text_that_is_written() {
    let mut driver = begun(120, 40);
    driver.press("v<enter><end><enter>");
    driver
        .paste("{\"name\":\"shoe\",\r\"type\":\"integer\"},")
        .press("<esc>v");
    driver.sees("    shoe ");
}

#[test]
fn a_whole_entity_type_can_be_the_text() {
    let mut driver = begun(120, 40);
    driver.press("E");
    let answer = r#"{"schema":{"name":"user9","attr_defs":[{"name":"id","type":"id"},{"name":"a","type":"string"}]}}"#;
    driver.send(Msg::Edited(Ok(answer.to_owned())));
    driver.sees("Schema · user9 (new)").sees("    a ");
}
