//! What is sent, beside the tree: the definitions, the calls, the schema as it will be told.

use crate::tui::driver::Driver;
use crate::tui::schema::USER2;

#[test]
fn a_design_is_seen_as_it_is_sent() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = Driver::new(width, height);
        driver.paste(USER2).sees("Enter opens the schema");
        driver.press("<enter>").sees("givenName");
        if width < 120 {
            driver.sees_no("‹attr_defs›").press("w");
        }
        driver.sees("‹attr_defs›").sees("\"name\": \"givenName\",");
        insta::assert_snapshot!(format!("to_send_{width}x{height}"), driver.screen());
        driver.press("W").sees("‹Calls›").sees("/entityType.create");
        driver.press("W").sees("‹Echo›").sees("\"name\": \"id\",");
        driver.press("W").sees("‹attr_defs›").press("w");
        driver.sees_no("‹attr_defs›");
    }
}

#[test]
fn the_pages_are_turned_like_tabs() {
    let mut driver = Driver::new(120, 40);
    driver.paste(USER2).press("<enter>3");
    driver.press("L").sees("‹Calls›").press("L").sees("‹Echo›");
    driver
        .press("L")
        .sees("No answer yet")
        .press("H")
        .sees("‹Echo›");
    driver.press("H").sees("‹Calls›");
}

#[test]
fn what_is_sent_is_copied_as_it_is_shown() {
    let mut driver = Driver::new(120, 40);
    driver.paste(USER2).press("<enter>yj");
    assert_eq!(driver.copied.last().map(String::as_str), Some(USER2));
    driver.press("ye");
    let echo = driver.copied.last().cloned().expect("was copied");
    assert!(echo.contains("lastUpdated") && echo.contains("\"case-sensitive\": true"));
    driver.press("yc");
    let curl = driver.copied.last().cloned().expect("was copied");
    assert!(curl.contains("/entityType.create") && !curl.contains("the-secret"));
    driver
        .press("yC")
        .sees("Copy with secrets")
        .press("<right><enter>");
    let curl = driver.copied.last().cloned().expect("was copied");
    assert!(curl.contains("the-secret"));
}

#[test]
fn a_stored_type_shows_what_each_call_carries() {
    let mut driver = Driver::new(120, 40);
    driver.press("<enter>gs").sees("Nothing changed");
    driver
        .press("yc")
        .sees("nothing changed: there is nothing to send");
    driver.press("/").press("<esc>");
    let add = r#"curl -d type_name=user -d 'attr_def={"name":"shoeSize","type":"integer"}' https://h/entityType.addAttribute"#;
    driver
        .paste(add)
        .sees("adds shoeSize, integer")
        .press("<enter>");
    driver
        .sees("shoeSize is added")
        .sees("entityType.addAttribute");
    driver
        .sees("\"type\": \"integer\"")
        .press("W")
        .sees("attr_def = {");
    driver.press("ye");
    let echo = driver.copied.last().cloned().expect("was copied");
    assert!(echo.contains("shoeSize") && echo.contains("aboutMe"));
}
