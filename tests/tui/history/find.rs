//! Finding calls: the search line, what it completes, what is found; walking a long history to its end.

use std::time::Duration;

use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;
use captui::config::environment::Environment;
use captui::config::environment::EnvironmentClass;
use captui::exchange::Exchange;
use captui::tui::msg::Msg;
use crossterm::event::Event as TerminalEvent;
use ratatui::style::Color;

use crate::tui::driver::Driver;
use crate::tui::history::SIZES;
use crate::tui::history::exchange;
use crate::tui::history::keep;
use crate::tui::history::record;
use crate::tui::history::shown;
use crate::tui::history::view;

const DUPLICATE: &str = r#"{"code":361,"error":"unique_violation","error_description":"Attempted to update a duplicate value","request_id":"geup8cd3xyz","stat":"error"}"#;

fn create(email: &str) -> ApiRequest {
    ApiRequest::new(Endpoint::EntityCreate)
        .with("type_name", "user")
        .with("attributes", format!(r#"{{"email":"{email}"}}"#))
}

fn calls() -> Vec<Exchange> {
    vec![
        exchange(
            "sandbox",
            1,
            create("zoe@example.com"),
            r#"{"id":7,"uuid":"8a3abdda-0000-4000-8000-000000000007","stat":"ok"}"#,
        ),
        exchange("prod", 2, create("bob@example.com"), DUPLICATE),
        exchange("sandbox", 3, view(7), &record("Zoe", "")),
        exchange("staging-of-the-shop", 4, view(8), "<html>proxy</html>"),
        exchange("sandbox", 5, create("zoe@example.com"), DUPLICATE),
    ]
}

/// The explorer with these calls, the history focused on the whole screen.
fn with_calls(width: u16, height: u16) -> Driver {
    let mut driver = Driver::with_history(width, height);
    let other = |name: &str, class| Environment {
        name: name.to_owned(),
        class,
        ..Environment::embedded_sandbox()
    };
    driver.model.session.environments = vec![
        other("prod", EnvironmentClass::Prod),
        other("staging-of-the-shop", EnvironmentClass::Dev),
    ];
    keep(&mut driver, calls());
    driver.press("4Z<home>");
    driver
}

/// What is written is asked as soon as nobody types.
fn pause(driver: &mut Driver) -> &mut Driver {
    driver.wait(Duration::from_millis(200))
}

#[test]
fn a_call_is_found_while_it_is_written_what_is_looked_for() {
    for (width, height) in SIZES {
        let mut driver = with_calls(width, height);
        driver.sees("1 of 5").sees("Feb 28");
        insta::assert_snapshot!(format!("list_{width}x{height}"), driver.screen());
        driver.press("/code:361");
        pause(&mut driver).sees("1 of 2");
        insta::assert_snapshot!(format!("search_{width}x{height}"), driver.screen());
        driver
            .press(" env:prod<enter>")
            .sees("1 of 1")
            .press("<enter>");
        assert_eq!(shown(&driver).environment, "prod");
        // The search is still there, and Esc takes it off.
        driver
            .press("4")
            .sees("code:361 env:prod")
            .press("<esc>")
            .sees("1 of 5");
    }
}

#[test]
fn bodies_request_ids_and_uuids_are_searched() {
    for (text, found) in [
        ("zoe@example.com", "1 of 2"),
        ("geup8cd3", "1 of 2"),
        ("id:8a3abdda-0000-4000-8000-000000000007", "1 of 2"),
        ("s:not_capture", "1 of 1"),
        ("op:entity.create -code:361", "1 of 1"),
    ] {
        let mut driver = with_calls(120, 40);
        driver.press("/").write(text).press("<enter>").sees(found);
    }
}

#[test]
fn operators_and_their_values_are_completed() {
    let mut driver = with_calls(120, 40);
    driver
        .press("/")
        .sees("code:")
        .press("en<tab>")
        .sees("/ env:")
        .sees("staging-of-the-shop")
        .press("<tab><tab>")
        .sees("/ env:prod");
    pause(&mut driver).sees("1 of 1");
    driver.press(" type:<tab>").sees("type:");
}

#[test]
fn what_is_wrong_is_told_below_the_line_and_enter_stays_there() {
    for (width, height) in SIZES {
        let mut driver = with_calls(width, height);
        driver.press("/cod:361");
        pause(&mut driver).sees("did you mean");
        insta::assert_snapshot!(format!("wrong_{width}x{height}"), driver.screen());
        driver
            .press("<enter>")
            .sees("FIND")
            .press("<esc>")
            .sees_no("cod:361")
            .sees("1 of 5");
    }
}

#[test]
fn where_nothing_is_found_it_is_said_what_to_do() {
    let mut driver = with_calls(80, 24);
    driver
        .press("/nobody-has-this-name<enter>")
        .sees("No call is meant by that")
        .sees_no("No call so far")
        .sees("Esc takes the search off")
        .press("<enter>")
        .sees("no call is found")
        .press("<esc>")
        .sees("1 of 5");
}

#[test]
fn while_it_is_written_nothing_is_final() {
    let mut driver = with_calls(80, 24);
    driver.press("/nobody-has-this-name");
    pause(&mut driver)
        .sees("No call so far")
        .sees_no("No call is meant by that")
        .sees_no("Esc takes the search off");
    // What can still become a code, an environment or a date finds nothing: it is not asked, and no fault.
    for (text, meanwhile) in [
        ("code:36", "361"),
        ("env:stag", "staging-of-the-shop"),
        ("after:2026-02-", "sent then or later"),
        ("on:2", "sent on that day"),
    ] {
        let mut driver = with_calls(120, 40);
        driver.press("/").write(text);
        pause(&mut driver).sees(meanwhile).sees("1 of 5");
    }
    // A time that is none is told of once something follows it.
    let mut driver = with_calls(120, 40);
    driver.press("/after:2026-02- ");
    pause(&mut driver).sees_no("sent then or later, such");
}

#[test]
fn what_a_value_is_stands_below_the_line() {
    for (text, told) in [
        (
            "id:",
            "a record's id; also a uuid or a request_id, such as id:42",
        ),
        ("request:ge", "request_id of an error, or its beginning"),
        (
            "env:nowhere",
            "no environment of that name is known here; known: sandbox, prod",
        ),
        ("type:nothing", "no entity type of that name is known here"),
    ] {
        let mut driver = with_calls(120, 40);
        driver.press("/").write(text).sees(told);
    }
}

#[test]
fn calls_of_another_program_are_seen_when_the_history_is_looked_at() {
    let other = |driver: &mut Driver, minutes| {
        let call = exchange("sandbox", minutes, view(1), r#"{"stat":"ok"}"#);
        driver.keep(&call);
    };
    let mut driver = with_calls(120, 40);
    driver.press("Z1");
    other(&mut driver, 10);
    driver.sees_no("of 6").press("4").sees("of 6");
    other(&mut driver, 11);
    driver.press("gh").sees("of 7").press("Z");
    other(&mut driver, 12);
    driver.sees_no("of 8").press("<home>").sees("1 of 8");
    other(&mut driver, 13);
    driver.press("1").sees_no("of 9");
    driver.send(Msg::Terminal(TerminalEvent::FocusGained));
    driver.sees("of 9");
    // Where no list is shown, nothing is asked.
    driver.press("2Z");
    driver.hold = true;
    driver.send(Msg::Terminal(TerminalEvent::FocusGained));
    assert!(driver.held.is_empty());
}

#[test]
fn moves_typed_ahead_are_made_in_what_is_found() {
    let mut driver = with_calls(120, 40);
    driver.press("/code:361<down>").sees("2 of 2");
    driver.press("<esc>");
    driver.hold = true;
    driver.press("/env:sandbox<enter>jj").sees_no("3 of 3");
    driver.answer_all();
    driver.sees("3 of 3");
}

#[test]
fn leaving_the_line_brings_back_what_was_found_before() {
    let mut driver = with_calls(120, 40);
    driver.press("/env:sandbox<enter>").sees("1 of 3");
    driver.press("/ code:361");
    pause(&mut driver).sees("1 of 1");
    driver.press("<esc>").sees("1 of 3").sees_no("code:361");
    // A paste goes into the line, and the arrows move in what is found.
    driver.press("/").paste(" zoe@example.com");
    pause(&mut driver).sees("1 of 2");
    driver.press("<down>").sees("2 of 2");
}

#[test]
fn the_search_survives_leaving_the_pane_and_the_keys_of_others_are_theirs() {
    let mut driver = with_calls(120, 40);
    driver.press("/env:prod");
    // A click elsewhere takes the line as it stands.
    driver
        .press("<enter>Z1")
        .press("gr")
        .press("4")
        .sees("/ env:prod")
        .sees("1 of 1");
}

#[test]
fn the_oldest_call_is_reached_and_new_ones_do_not_move_what_is_looked_at() {
    let mut driver = Driver::with_history(120, 40);
    let many = (0..450).map(|at| exchange("sandbox", at, view(at), r#"{"stat":"ok"}"#));
    keep(&mut driver, many);
    driver.press("4Z<home>").sees("1 of 450");
    driver
        .press("<end>")
        .sees("450 of 450")
        .press("<up>")
        .sees("449 of 450");
    keep(
        &mut driver,
        [exchange("sandbox", 451, view(1), r#"{"stat":"ok"}"#)],
    );
    driver.sees("450 of 451").press("<home>").sees("1 of 451");
    driver.press("<down>");
    keep(
        &mut driver,
        [exchange("sandbox", 452, view(1), r#"{"stat":"ok"}"#)],
    );
    driver.sees("3 of 452");
}

#[test]
fn an_environment_of_production_stands_out_and_the_unkept_are_told() {
    let mut driver = with_calls(120, 40);
    let buffer = driver.buffer();
    let is_red = |cell: &ratatui::buffer::Cell| cell.bg == Color::Red;
    let red: String = buffer
        .content()
        .iter()
        .filter(|cell| is_red(cell))
        .map(ratatui::buffer::Cell::symbol)
        .collect();
    assert_eq!(red, "prod");
    driver.model.session.unkept = vec!["sandbox".to_owned(), "prod".to_owned()];
    driver.sees("calls to sandbox, prod are not kept");
    let mut driver = Driver::with_history(80, 24);
    driver.model.session.unkept = vec!["sandbox".to_owned()];
    driver.press("4").sees("Calls to sandbox are not kept");
}
