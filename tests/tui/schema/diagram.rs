//! The diagram of a design, and its exports.

use std::fs;

use captui::failure::Failure;
use captui::failure::FailureKind;
use captui::worker::job::JobError;

use crate::tui::driver::Driver;
use crate::tui::schema::USER2;

#[test]
fn a_design_is_seen_as_a_diagram() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = Driver::new(width, height);
        driver
            .press("<enter>gsgm")
            .sees("Diagram · user")
            .sees("built in");
        insta::assert_snapshot!(format!("diagram_{width}x{height}"), driver.screen());
        driver.press("1").sees("1 of ").press("-").sees("1 of ");
        insta::assert_snapshot!(format!("diagram_folded_{width}x{height}"), driver.screen());
        driver
            .press("+")
            .sees("2 of ")
            .press("0")
            .sees_no(" of 5 levels");
        driver
            .press("<end>")
            .sees("required")
            .press("<home><pagedown><pageup>");
        driver.sees("user").press("<esc>").sees_no("Diagram");
    }
}

#[test]
fn a_design_is_exported_in_every_form() {
    for (key, file, part) in [
        ("j", "user9.json", "\"lastUpdated\""),
        ("a", "user9.attr_defs.json", "\"primary-key\""),
        ("m", "user9.md", "givenName"),
        ("d", "user9.mmd", "erDiagram"),
        ("s", "user9.svg", "<svg"),
        ("c", "user9.sh", "/entityType.create"),
    ] {
        let mut driver = Driver::new(120, 40);
        let call =
            format!("curl -d type_name=user9 -d 'attr_defs={USER2}' https://h/entityType.create");
        driver.paste(&call).press("<enter>X").sees("Export as");
        driver.press(key).sees(file);
        let folder = tempfile::tempdir().expect("can be made");
        let path = folder.path().join(file);
        let typed = path.to_str().expect("is text");
        driver.press("<c-u>").write(typed).press("<enter>");
        driver.sees("written: ").sees_no("Export");
        let text = fs::read_to_string(&path).expect("was written");
        assert!(text.contains(part) && text.ends_with('\n'), "{text}");
        assert!(!text.contains("the-secret"));
    }
}

#[test]
fn a_file_that_is_there_is_not_overwritten_and_another_name_can_be_typed() {
    let folder = tempfile::tempdir().expect("can be made");
    let path = folder.path().join("a.json");
    fs::write(&path, "mine").expect("can be written");
    let mut driver = Driver::new(80, 24);
    driver.paste(USER2).press("<enter>gmX").sees("Export as");
    driver
        .press("a<c-u>")
        .write(path.to_str().expect("is text"));
    driver.hold = true;
    driver.press("<enter>").sees("writing");
    let (id, _) = driver.held.last().cloned().expect("is asked for");
    let failure = Failure::new(FailureKind::Usage, "it is there already");
    driver.finish(id, Err(JobError::Failed(failure)));
    driver.sees("it is there already").hold = false;
    assert_eq!(fs::read_to_string(&path).expect("is there"), "mine");
    driver
        .press("<backspace><backspace><enter>")
        .sees("written: ");
    driver.sees("Diagram");
}

#[test]
fn what_needs_no_call_has_no_curl() {
    let mut driver = Driver::new(120, 40);
    driver
        .press("<enter>gsXc<enter>")
        .sees("nothing changed")
        .press("<esc>");
    driver.sees_no("Export");
}
