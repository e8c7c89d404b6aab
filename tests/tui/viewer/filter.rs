//! Filtering with jq.

use crate::tui::viewer::ANSWER;
use crate::tui::viewer::viewing;

#[test]
fn a_filter_is_completed_run_kept_and_taken_off() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = viewing(width, height, ANSWER);
        driver.press("|res").sees("results").sees("result_count");
        insta::assert_snapshot!(format!("filter_{width}x{height}"), driver.screen());
        driver
            .press("<c-u>.results[].email")
            .sees("\"zoe@example.com\"");
        driver
            .sees_no("\"uuid\"")
            .press("<enter>")
            .sees("3 results");
        driver.press("<esc>").sees("\"uuid\"").sees_no("3 results");
    }
}

#[test]
fn an_error_is_told_under_the_line_and_the_view_stays() {
    let mut driver = viewing(120, 40, ANSWER);
    driver
        .press("|<c-u>.results[")
        .sees("column ")
        .sees("\"uuid\"");
    driver.press("<c-u>.results.x").sees("\"uuid\"").sees("✗");
    driver.press("<esc>").sees("\"uuid\"").sees_no("column ");
}

#[test]
fn filters_are_remembered() {
    let mut driver = viewing(120, 40, ANSWER);
    driver.press("|<c-u>.stat<enter>").sees("1 result");
    driver
        .press("|<c-u>.result_count<enter>")
        .sees("jq .result_count: 1 result");
    driver.press("|<up><up><enter>").sees("jq .stat: 1 result");
    driver.press("|<c-u><enter>").sees("\"uuid\"");
    driver
        .press("|<c-u>.st<tab><enter>")
        .sees("jq .stat: 1 result");
}

#[test]
fn numbers_stay_as_they_came() {
    let mut driver = viewing(120, 40, ANSWER);
    driver.press("|<c-u>.results[].balance<enter>");
    driver.sees("123456789012345678901234567890").sees("1.00");
}
