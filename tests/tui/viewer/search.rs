//! Searching.

use crate::tui::viewer::ANSWER;
use crate::tui::viewer::viewing;

#[test]
fn a_search_goes_to_hits_while_it_is_written() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = viewing(width, height, ANSWER);
        driver
            .press("/example")
            .sees("1 of 3")
            .sees("$.results[0].email");
        insta::assert_snapshot!(format!("search_{width}x{height}"), driver.screen());
        driver
            .press("<down>")
            .sees("2 of 3")
            .press("<up>")
            .sees("1 of 3");
        driver
            .press("<enter>n")
            .sees("2 of 3")
            .sees("$.results[1].email");
        driver
            .press("nn")
            .sees("past the end: on from the beginning");
        driver.sees("1 of 3").press("N").sees("past the beginning");
        driver.sees("3 of 3").press("<esc>").sees_no("3 of 3");
        driver.press("n").sees("nothing is looked for");
    }
}

#[test]
fn the_switches_change_what_is_found() {
    let mut driver = viewing(120, 40, ANSWER);
    driver.press("/status").sees("1 of ").sees("smart case");
    let keys = |driver: &mut crate::tui::driver::Driver| driver.press("<c-o>").screen();
    assert!(keys(&mut driver).contains("in keys"));
    driver.sees("of 5");
    assert!(keys(&mut driver).contains("in values"));
    driver.sees("not found");
    keys(&mut driver);
    driver.press("<c-u>e.*@").sees("not found");
    driver.press("<c-r>").sees("regex").sees("of 2");
    driver.press("<c-u>o'n").sees("of 1").press("<c-t>");
    driver.sees("exact case").sees("not found");
    driver.press("<c-t>").sees("any case").sees("of 1");
    driver.press("<c-u>(").sees("regex").sees_no("of 1");
    driver.press("<esc>").sees_no("regex");
}

#[test]
fn leaving_a_search_goes_back_to_where_one_was() {
    let mut driver = viewing(120, 40, ANSWER);
    driver.press("j").sees("$.result_count");
    driver
        .press("/closed")
        .sees("$.results[2].statuses[0].status");
    driver.press("<esc>").sees("$.result_count").sees_no("of 1");
    driver.press("/absent<enter>").sees("not found");
    driver.press("/<c-u><enter>").sees_no("not found");
}
