//! Bodies that are hard on a screen.

use crate::tui::driver::Driver;
use crate::tui::viewer::viewing;

#[test]
fn what_steers_or_hides_is_written_out_in_every_view() {
    let body = "{\"a\": \"x\u{202e}y\u{200b}\u{9b}2J\", \"b\u{2066}\": 1}";
    let mut driver = viewing(80, 24, body);
    driver.sees("⟨U+202E⟩").sees("⟨U+200B⟩").sees("\\u{9b}2J");
    driver.sees("⟨U+2066⟩").press("jp").sees("⟨U+202E⟩");
    driver
        .press("<esc>v")
        .sees("⟨U+202E⟩")
        .press("v")
        .sees("raw");
    driver.sees("⟨U+202E⟩").press("v").sees("hex").sees("...y");
    let screen = driver.screen();
    assert!(!screen.replace('\n', "").contains(char::is_control));
}

#[test]
fn ten_megabytes_of_nothing_cost_a_screen() {
    let body: &'static str = format!(r#"{{"n":"{}","z":1}}"#, "\u{200b}".repeat(3_500_000)).leak();
    let mut driver = Driver::new(80, 24);
    driver.view_body(body);
    let began = std::time::Instant::now();
    driver
        .press("jp")
        .sees("⟨U+200B⟩")
        .press("G")
        .press("<esc>");
    driver.press("WW").press("vv").press("G").sees("99 %");
    // Generous: a copy of the value for each key would take minutes.
    assert!(began.elapsed().as_secs() < 60);
}

#[test]
fn depth_is_no_danger() {
    let body: &'static str = "[".repeat(200_000).leak();
    let mut driver = Driver::new(80, 24);
    driver.view_body(body);
    driver
        .press("G")
        .sees("0][0][0]")
        .press("zMzR<home>GvvvvvvpWyy");
    driver.press("<esc><home>*").sees("has no key");
}
