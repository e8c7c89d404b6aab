//! Copying.

use crate::tui::viewer::ANSWER;
use crate::tui::viewer::viewing;

#[test]
fn every_way_of_copying_gives_its_text() {
    let mut driver = viewing(120, 40, ANSWER);
    driver.press("/O'N<enter>yyysyvykypyqyf");
    assert_eq!(
        driver.copied,
        [
            "\"O'Neil@example.com\"",
            "O'Neil@example.com",
            "\"O'Neil@example.com\"",
            "email",
            "email",
            ".results[1].email",
            "email = 'O\\'Neil@example.com'",
        ]
    );
    driver.press("<home>yk").sees("this has no key");
    driver
        .press("yf")
        .sees("no filter can name")
        .press("yp")
        .sees("has no path");
    driver.copied.clear();
    driver.press("yj");
    assert!(driver.copied[0].contains("123456789012345678901234567890"));
}

#[test]
fn what_no_clipboard_takes_is_refused_with_a_way_out() {
    let body: &'static str = format!(r#"{{"long":"{}"}}"#, "x".repeat(9 << 20)).leak();
    let mut driver = crate::tui::driver::Driver::new(120, 40);
    driver.view_body(body);
    driver
        .press("jyy")
        .sees("9.4 MB")
        .sees("S saves it as a file");
    driver.press("yj").sees("S saves it as a file");
    assert!(driver.copied.is_empty());
}
