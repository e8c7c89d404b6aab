//! Designs that survive the program.

use std::path::Path;

use crate::tui::driver::Driver;
use crate::tui::schema::USER2;

/// A folder for drafts, removed at the end.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("can be made")
}

/// The explorer with drafts in this folder, all that the desk tells being heard.
fn started(folder: &Path) -> Driver {
    let mut driver = Driver::with_drafts(120, 40, folder);
    driver.settle();
    driver
}

fn attr_defs(driver: &mut Driver) -> String {
    driver.press("2yj");
    driver.copied.last().cloned().expect("was copied")
}

#[test]
fn a_design_of_a_new_type_comes_back() {
    let folder = folder();
    let mut driver = started(folder.path());
    driver.paste(USER2).press("<enter>").settle();
    driver.sees("1 draft");
    drop(driver);
    let mut driver = started(folder.path());
    driver.sees("1 draft from before").press("gd");
    driver
        .sees("without a name")
        .sees("new type")
        .sees("3 changes");
    driver
        .press("<enter>")
        .settle()
        .sees("design of")
        .sees("restored");
    assert_eq!(attr_defs(&mut driver), USER2);
    // It is found without the list, too.
    let mut driver = started(folder.path());
    driver.press("gs").settle().sees("restored").sees("emails");
    let mut driver = started(folder.path());
    driver.press("<enter>1n").sees("go on").press("g").settle();
    assert_eq!(attr_defs(&mut driver), USER2);
}

#[test]
fn every_new_type_that_was_begun_comes_back() {
    let folder = folder();
    let mut driver = started(folder.path());
    driver.paste(USER2).press("<enter>").settle();
    driver.press("neshoes<enter><esc>2").settle();
    driver
        .press("nehats<enter><esc>2v<enter>oops<esc>")
        .settle();
    driver.sees("3 drafts");
    drop(driver);
    let mut driver = started(folder.path());
    driver.sees("3 drafts from before").press("gd");
    driver.sees("shoes").sees("hats").sees("unread JSON");
    driver
        .press("<esc>1n")
        .sees("with hats: unread JSON")
        .press("3");
    driver.settle();
    assert_eq!(attr_defs(&mut driver), USER2);
    // One that is begun now takes no place of theirs, and one that is created goes.
    driver.press("neboots<enter><esc>2<f5>").settle();
    driver.sees("Schema · boots").sees_no("(new)");
    driver.sees("3 drafts").press("n2").settle();
    driver.sees("Schema · shoes (new)");
    let mut driver = started(folder.path());
    driver
        .press("gs")
        .settle()
        .sees("Schema · hats (new)")
        .sees("oops");
}

#[test]
fn changes_of_a_stored_type_come_back_as_changes() {
    let folder = folder();
    let mut driver = started(folder.path());
    driver.press("<enter>gs").settle();
    driver
        .sees_no("1 draft")
        .press("<down><down><down><down><down>d")
        .settle();
    driver.sees("1 draft").sees("entityType.removeAttribute");
    let before = driver
        .model
        .schema
        .preview()
        .expect("is open")
        .definitions(usize::MAX);
    drop(driver);
    let mut driver = started(folder.path());
    driver
        .press("gd")
        .sees("schema")
        .sees("1 change")
        .press("<enter>")
        .settle();
    let after = driver
        .model
        .schema
        .preview()
        .expect("is open")
        .definitions(usize::MAX);
    assert_eq!(after, before);
    // Taken back by hand it is no draft any more.
    driver
        .press("<home><down><down><down><down><down>d")
        .settle();
    driver.sees_no("1 draft").sees("Nothing changed");
}

#[test]
fn a_created_type_is_no_draft_any_more() {
    let folder = folder();
    let mut driver = started(folder.path());
    let call =
        format!("curl -d type_name=shoes -d 'attr_defs={USER2}' https://h/entityType.create");
    driver.paste(&call).press("<enter>").settle();
    driver.sees("1 draft").press("<f5>").settle();
    driver.sees("Schema · shoes").sees_no("1 draft");
    let mut driver = started(folder.path());
    driver.sees_no("1 draft");
}

#[test]
fn json_that_cannot_be_read_is_kept_as_it_is() {
    let folder = folder();
    let mut driver = started(folder.path());
    driver.press("<enter>gsv<enter>oops<esc>").settle();
    drop(driver);
    let mut driver = started(folder.path());
    driver.press("<enter>gs").settle();
    driver.sees("oops[").sees("line 1 column 1");
}

#[test]
fn a_discarded_design_is_as_it_is_stored_and_can_be_brought_back() {
    let folder = folder();
    let mut driver = started(folder.path());
    driver
        .press("<enter>gs<down><down><down><down><down>d")
        .settle();
    driver.press("gdd").settle();
    driver
        .sees("discarded")
        .sees("Nothing is kept")
        .press("<esc>")
        .sees("Nothing changed");
    driver.press("gdu").settle();
    driver.sees("1 change").press("<enter>").settle();
    driver.sees("restored").sees("entityType.removeAttribute");
}

#[test]
fn what_changed_behind_a_kept_design_is_said() {
    let folder = folder();
    let mut driver = started(folder.path());
    driver
        .press("<enter>gs<down><down><down><down><down>d")
        .settle();
    drop(driver);
    let mut driver = started(folder.path());
    let add = captui::capture::request::ApiRequest::new(
        captui::capture::endpoint::Endpoint::TypeAddAttribute,
    );
    let add = add
        .with("type_name", "user")
        .with("attr_def", r#"{"name":"shoe","type":"integer"}"#);
    driver.aside(add);
    driver.press("<enter>gs").settle();
    driver.sees("shoe was added to the stored type meanwhile");
    driver
        .sees("1  entityType.removeAttribute")
        .sees_no("2  entityType");
}
