//! Two calls side by side: marking, comparing, showing one of them, copying what differs.

use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;
use captui::worker::job::Job;

use crate::tui::driver::Driver;
use crate::tui::history::SIZES;
use crate::tui::history::exchange;
use crate::tui::history::keep;
use crate::tui::history::record;
use crate::tui::history::shown;
use crate::tui::history::view;

/// Two looks at a record, a search between them, all in one environment; the newest first in the list.
fn with_calls(width: u16, height: u16) -> Driver {
    let mut driver = Driver::with_history(width, height);
    let find = ApiRequest::new(Endpoint::EntityFind).with("type_name", "user");
    let one = r#"{"id":11,"status":"hungry"},{"id":12,"status":"tired of a very long day in the office that never seems to end, and of everything else besides, too"}"#;
    let other = r#"{"id":12,"status":"awake"},{"id":13,"status":"glad"}"#;
    let calls = [
        exchange("sandbox", 1, view(7), &record("Zoe", one)),
        exchange(
            "sandbox",
            2,
            find,
            r#"{"results":[],"result_count":0,"stat":"ok"}"#,
        ),
        exchange("sandbox", 30, view(7), &record("Zoë", other)),
    ];
    keep(&mut driver, calls);
    driver.press("4<home>");
    driver
}

#[test]
fn without_a_mark_a_call_is_compared_with_the_last_one_of_its_kind() {
    for (width, height) in SIZES {
        let mut driver = with_calls(width, height);
        driver
            .press("D")
            .sees("no call is marked")
            .sees("result.givenName")
            .sees("result.statuses[id=12].status");
        insta::assert_snapshot!(format!("compare_{width}x{height}"), driver.screen());
        driver.press("<esc>").sees_no("result.givenName");
    }
}

#[test]
fn a_marked_call_is_compared_with_any_other() {
    let mut driver = with_calls(120, 40);
    driver
        .press("m")
        .sees("entity user is marked")
        .press("D")
        .sees("this is the marked call");
    // The earlier one is A, whichever is marked.
    driver
        .press("jD")
        .sees("operation")
        .sees("entity.find user");
    let text = driver.press("yy").copied.last().expect("is copied").clone();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("A  ") && lines[0].contains("entity.find"),
        "{text}"
    );
    assert!(
        lines[1].starts_with("B  ") && lines[1].contains("entity user"),
        "{text}"
    );
    driver
        .press("<esc>kmj")
        .sees_no("is marked")
        .press("D")
        .sees("no earlier entity.find");
}

#[test]
fn either_call_can_be_shown() {
    let mut driver = with_calls(80, 24);
    driver.press("D<enter>");
    let later = shown(&driver).started;
    // The same verbs are there where a call is shown.
    driver.press("D<tab><enter>");
    let earlier = shown(&driver).started;
    assert!(earlier < later);
    driver
        .press("m")
        .sees("is marked")
        .press("4D")
        .sees("4 differences");
}

#[test]
fn comparing_keeps_nobody_waiting_and_can_be_left() {
    let mut driver = with_calls(80, 24);
    driver.hold = true;
    driver.press("D").sees("comparing the calls");
    driver.press("<enter>").sees("still being compared");
    let is_it = |job: &Job| matches!(job, Job::Compare(_));
    let (id, job) = driver
        .held
        .iter()
        .find(|(_, job)| is_it(job))
        .expect("is asked for");
    let (id, job) = (*id, job.clone());
    driver.press("<esc>").sees_no("comparing the calls");
    assert!(driver.held.iter().all(|(_, job)| !is_it(job)));
    // What comes all the same is for nobody.
    driver.hold = false;
    let result = driver.run(job);
    driver.finish(id, result);
    driver.sees_no("result.givenName");
}

#[test]
fn parts_are_gone_through_and_keys_are_told() {
    let mut driver = with_calls(80, 24);
    driver
        .press("D")
        .press("?")
        .sees("Two calls compared")
        .sees("Mark the other call");
    driver
        .press("<esc>n<end>")
        .sees("in all")
        .press("<home>")
        .sees("result.givenName");
    driver.press("q").sees_no("result.givenName");
}

#[test]
fn personal_data_is_masked_and_compared_all_the_same() {
    for (width, height) in SIZES {
        let mut driver = with_calls(width, height);
        driver.press("D").sees("Zoe").sees("Zoë");
        driver
            .press("M")
            .sees_no("Zoe")
            .sees_no("Zoë")
            .sees("result.givenName")
            .sees("personal data masked: M");
        insta::assert_snapshot!(format!("masked_{width}x{height}"), driver.screen());
        driver.press("yy");
        let copied = driver.copied.last().expect("is copied");
        assert!(copied.contains('‹') && !copied.contains("Zo"), "{copied}");
        driver.press("M").sees("Zoe").press("M<esc>");
        // It can be compared so from the beginning, too.
        driver.press("D").sees_no("Zoe").sees("4 differences");
    }
}
