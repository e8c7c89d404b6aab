//! Taking calls out of the history for good: what a search finds, or everything; never without a question.

use crate::tui::driver::Driver;
use crate::tui::history::SIZES;
use crate::tui::history::exchange;
use crate::tui::history::keep;
use crate::tui::history::view;

fn with_calls(width: u16, height: u16) -> Driver {
    let mut driver = Driver::with_history(width, height);
    let calls = (0..5).map(|at| {
        let environment = if at % 2 == 0 { "sandbox" } else { "prod" };
        exchange(environment, at, view(at), r#"{"stat":"ok"}"#)
    });
    keep(&mut driver, calls);
    driver.press("4<home>");
    driver
}

#[test]
fn what_a_search_finds_goes_when_that_is_confirmed() {
    for (width, height) in SIZES {
        let mut driver = with_calls(width, height);
        driver
            .press("/env:prod<enter>d")
            .sees("Remove 2 calls")
            .sees("env:prod");
        insta::assert_snapshot!(format!("purge_{width}x{height}"), driver.screen());
        // The same key answers nothing, and Enter keeps.
        driver
            .press("dd<enter>")
            .sees_no("Remove 2 calls")
            .sees("1 of 2");
        driver
            .press("d<right><enter>")
            .sees("removed 2 calls for good")
            .sees("No call is meant by that");
        driver.press("<esc>").sees("1 of 3");
    }
}

#[test]
fn everything_goes_only_when_the_word_is_typed() {
    for (width, height) in SIZES {
        let mut driver = with_calls(width, height);
        driver
            .press("d")
            .sees("cannot be taken back")
            .sees("5 calls");
        insta::assert_snapshot!(format!("purge_all_{width}x{height}"), driver.screen());
        driver.press("<right><enter>").sees("cannot be taken back");
        driver.press("<esc>").sees("1 of 5");
        driver
            .press("deverything<enter>")
            .sees("removed 5 calls for good")
            .sees("Calls appear here once made")
            .press("d")
            .sees("no call has been made yet");
    }
}
