//! Finding records: what a person types, what is asked for, and what stands on the screen.

use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;
use captui::failure::Failure;
use captui::failure::FailureKind;
use captui::tui::session::PaneId;
use captui::tui::session::View;
use captui::worker::job::Job;
use captui::worker::job::JobError;

use crate::tui::driver::Driver;

/// The search for records of `user`, nothing asked for yet.
fn find(width: u16, height: u16) -> Driver {
    let mut driver = Driver::new(width, height);
    driver.press("<enter>gf");
    driver
}

/// The search for records of `user_test`, of which there are `count` more than in the sandbox.
fn find_many(count: usize) -> Driver {
    let mut driver = Driver::new(100, 30);
    for number in 0..count {
        let attributes = format!(r#"{{"name":"name {number:03}"}}"#);
        let request = ApiRequest::new(Endpoint::EntityCreate)
            .with("type_name", "user_test")
            .with("attributes", attributes);
        driver.call(request);
    }
    driver.press("<down><down><enter>gf");
    driver
}

/// The arguments of the calls of an operation that were made.
fn asked(driver: &Driver, endpoint: Endpoint) -> Vec<String> {
    let exchanges = driver.exchanges.iter();
    exchanges
        .filter(|exchange| exchange.request.endpoint == endpoint)
        .map(|exchange| {
            let args = exchange.request.args.iter();
            let args = args.filter(|(name, _)| !matches!(*name, "type_name" | "max_results"));
            args.map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

#[test]
fn nothing_is_asked_before_one_says_so() {
    let mut driver = find(80, 24);
    driver
        .sees("Find · user")
        .sees("F5 or Enter runs: all records of user, first 50.")
        .sees(r#"F5 sends  entity.find  type_name=user  sort_on=["id"]  max_results=50"#);
    assert!(asked(&driver, Endpoint::EntityFind).is_empty());
    driver
        .press("<enter>")
        .sees("johndoe@example.com")
        .sees("1–17");
    assert_eq!(asked(&driver, Endpoint::EntityFind), [r#"sort_on=["id"]"#]);
    assert!(asked(&driver, Endpoint::EntityCount).is_empty());
}

#[test]
fn a_filter_is_written_with_what_is_offered() {
    let mut driver = find(80, 24);
    driver
        .press("/ema")
        .sees("string · unique")
        .press("<tab>")
        .sees("filter  email ")
        .press("<tab>bob.smith@example.org")
        .sees("'bob.smith@example.org'  text")
        .press("<tab>")
        .sees("filter  email = 'bob.smith@example.org'")
        .press("<enter>")
        .sees("Smith")
        .sees_no("johndoe@example.com");
    assert_eq!(
        asked(&driver, Endpoint::EntityFind),
        [r#"filter=email = 'bob.smith@example.org'  sort_on=["id"]"#.replace("  ", " ")]
    );
}

#[test]
fn an_offer_is_chosen_and_enter_takes_it() {
    let mut driver = find(80, 24);
    driver
        .press("/birthday <down><down><enter>")
        .sees("filter  birthday != ");
    // From the first offer up is the text itself, from which Enter runs.
    driver
        .press("<down><up><enter>")
        .sees("not sent: this is no filter");
    driver.press("<esc>").sees("birthday !=").sees("NAV");
}

#[test]
fn what_is_no_filter_is_shown_at_its_place_and_sent_only_when_insisted_on() {
    let mut driver = find(80, 24);
    driver
        .press("/nix = 1 <enter>")
        .sees("not sent: this is no filter. F5 again sends it");
    driver.sees("^ Unknown attribute (nix)");
    assert!(asked(&driver, Endpoint::EntityFind).is_empty());
    driver
        .press("<f5>")
        .sees("ERROR 200 invalid_argument")
        .sees("^ here");
    driver.sees("Unknown attribute (nix)");
    // What was corrected is not insisted on.
    driver
        .press("/<c-u>displayName contains 'x'<enter>")
        .sees("not sent");
    assert_eq!(asked(&driver, Endpoint::EntityFind).len(), 1);
}

#[test]
fn an_error_leaves_the_records_of_before_behind_it() {
    let mut driver = find(80, 24);
    driver.press("<f5>").sees("johndoe@example.com");
    driver.answer_with(
        Endpoint::EntityFind,
        r#"{"stat":"error","code":510,"error":"api_limit_error","error_description":"too many calls"}"#,
    );
    driver
        .press("<f5>")
        .sees("ERROR 510")
        .sees("too many calls")
        .sees_no("johndoe");
    driver
        .press("<esc>")
        .sees("johndoe@example.com")
        .sees_no("3 shows the answer");
}

#[test]
fn an_order_is_picked_with_its_direction() {
    let mut driver = find(100, 30);
    driver
        .press("<f5>")
        .press("sdisp")
        .sees("Sort · smallest first ↑")
        .press(" ");
    driver.sees("Sort · largest first ↓").press("<enter>");
    driver.sees("displayName ↓").sees_no("of the search before");
    let asked_in_order = r#"sort_on=["-displayName","id"]"#;
    assert_eq!(asked(&driver, Endpoint::EntityFind)[1], asked_in_order);
    driver.press("s<enter>");
    assert_eq!(
        asked(&driver, Endpoint::EntityFind).len(),
        2,
        "the order is the same"
    );
    // Before anything was asked for, choosing asks nothing.
    let mut driver = find(100, 30);
    driver
        .press("sdisp<enter>")
        .sees("F5 runs the find in this order");
    assert!(asked(&driver, Endpoint::EntityFind).is_empty());
}

#[test]
fn a_row_follows_what_is_written_and_deleted() {
    let mut driver = find(200, 50);
    driver.press("<f5>").sees("johndoe@example.com");
    let opened = |driver: &mut Driver| {
        driver.press("<enter>").sees("· unchanged");
        driver.press("/<c-u>givenName<enter>");
        let path = "givenName".parse().expect("is a path");
        assert!(driver.model.form.go_to(&path));
    };
    opened(&mut driver);
    driver
        .press("<enter><c-u>Written<enter><f5>")
        .sees("✓ sent");
    driver.press("gf");
    opened(&mut driver);
    let record = driver.model.form.collect().expect("can be written");
    assert_eq!(record.get("givenName"), Some(&"Written".into()));
    driver
        .press("<enter><c-u>Again<enter><f5>")
        .sees("✓ sent")
        .sees_no("somebody changed the record");
    driver.press("gDgf").sees_no("johndoe@example.com");
}

#[test]
fn what_the_search_sends_is_seen_as_it_is_on_the_wire() {
    let mut driver = find(200, 50);
    driver.press("grwgf3").sees("POST").sees("/entity.find");
    driver.press("2/id > 7<esc>3").sees("filter = id > 7");
}

#[test]
fn a_filter_that_is_being_written_is_in_what_would_be_run() {
    let mut driver = find(80, 24);
    driver.press("/id > 7").sees_no("runs: all records of user");
}

/// The line with the names of the columns.
fn header(driver: &Driver) -> String {
    let screen = driver.screen();
    let line = screen.lines().find(|line| line.contains("id ↑"));
    line.unwrap_or_default().to_owned()
}

#[test]
fn columns_are_picked_and_kept() {
    let mut driver = find(100, 30);
    driver.press("<f5>c").sees("Columns · 6 chosen");
    // The second goes, and another comes, which is in sight then.
    driver.press("<down> ").sees("[ ] displayName");
    driver
        .press("clients")
        .sees("[ ] clients")
        .press(" <enter>");
    let shown = header(&driver);
    assert!(
        shown.contains("clients") && !shown.contains("displayName"),
        "{shown}"
    );
    let kept = &driver.columns["user"];
    assert!(kept.contains(&"clients".to_owned()) && !kept.contains(&"displayName".to_owned()));
    // The next start knows them.
    let columns = driver.columns.clone();
    let mut next = Driver::unanswered(100, 30);
    next.columns = columns;
    next.answer_all();
    next.press("<enter>gf<f5>");
    assert!(!header(&next).contains("displayName"));
    // What is thrown away stays as it was, and the usual ones come back.
    next.press("c <esc>");
    assert!(header(&next).contains("email"));
    next.press("c<c-r><enter>");
    assert!(header(&next).contains("displayName"));
}

#[test]
fn columns_are_moved_and_scrolled() {
    let mut driver = find(80, 24);
    driver.press("c<down><a-up><enter><f5>");
    let first = header(&driver);
    assert!(first.find("displayName") < first.find("email"), "{first}");
    assert!(first.ends_with("→ ┃"), "{first}");
    driver.press("l");
    let second = header(&driver);
    assert!(
        !second.contains("displayName") && second.contains("←email"),
        "{second}"
    );
    driver.press("h");
    assert_eq!(header(&driver), first);
    // At the right end nothing is left free.
    driver.press("llllllllllllllll");
    let last = header(&driver);
    assert!(
        last.contains("familyName") && last.contains("country"),
        "{last}"
    );
    driver.press("h");
    assert_ne!(header(&driver), last, "one step back is one column");
}

#[test]
fn pages_go_on_after_the_last_id() {
    let mut driver = find_many(120);
    driver.press("<f5>").sees("1–50, more").sees("name 000");
    driver
        .press("G")
        .sees("L sends  entity.find  type_name=user_test  filter=id > ");
    driver.press("<pagedown>").sees("51–100, more");
    let calls = asked(&driver, Endpoint::EntityFind);
    assert!(calls[1].starts_with("filter=id > "), "{calls:?}");
    driver.press("L").sees("101–1").sees_no(", more");
    driver.press("L").sees("this is the last page");
    // Pages that were read are there.
    driver.press("HH").sees("1–50").sees("name 000");
    driver.press("H").sees("this is the first page");
    assert_eq!(asked(&driver, Endpoint::EntityFind).len(), 3);
}

#[test]
fn pages_of_another_order_go_on_by_their_place() {
    let mut driver = find_many(120);
    driver.press("sname<enter><f5>L").sees("51–100, more");
    assert_eq!(
        asked(&driver, Endpoint::EntityFind)[1],
        r#"sort_on=["name","id"] first_result=50"#
    );
}

#[test]
fn a_full_page_may_have_been_the_last() {
    let mut driver = find(80, 24);
    let records: Vec<String> = (1..=50).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
    let body = format!(
        r#"{{"stat":"ok","result_count":50,"results":[{}]}}"#,
        records.join(",")
    );
    driver.answer_with(Endpoint::EntityFind, body.leak());
    driver.answer_with(
        Endpoint::EntityFind,
        r#"{"stat":"ok","result_count":0,"results":[]}"#,
    );
    driver.press("<f5>").sees("1–50, more").sees("‹absent›");
    driver
        .press("L")
        .sees("there are no more records")
        .sees("1–50")
        .sees_no(", more");
}

#[test]
fn records_are_counted_on_demand() {
    let mut driver = find(80, 24);
    driver
        .press("/id > 10<enter>")
        .sees("1–14")
        .press("#")
        .sees("14 in all");
    assert_eq!(asked(&driver, Endpoint::EntityCount), ["filter=id > 10"]);
    // A count of another filter is not this one's.
    driver.press("/<c-u>id > 15<enter>").sees_no("in all");
}

#[test]
fn a_running_search_is_cancelled_and_the_rows_stay() {
    let mut driver = find(80, 24);
    driver.press("<f5>").sees("johndoe@example.com");
    driver.hold = true;
    driver
        .press("<f5>")
        .sees("asking for records")
        .sees("johndoe@example.com");
    driver
        .press("<f5>")
        .sees("a call is still running: Esc cancels it");
    driver
        .press("<esc>")
        .sees("cancelled")
        .sees("johndoe@example.com");
    driver.sees_no("asking for records");
}

#[test]
fn a_call_that_does_not_arrive_says_so() {
    let mut driver = find(80, 24);
    driver.hold = true;
    driver.press("<f5>");
    let held = driver
        .held
        .iter()
        .find(|(_, job)| matches!(job, Job::Send(_)));
    let id = held.expect("was asked for").0;
    let failure = Failure::new(FailureKind::NotSent, "nobody answers").hint("try again");
    driver.finish(id, Err(JobError::Failed(failure)));
    driver.sees("nobody answers").sees("try again");
}

#[test]
fn a_record_is_opened_in_the_form_and_found_again() {
    let mut driver = find(80, 24);
    driver
        .press("<f5>j<enter>")
        .sees("Form · user 2")
        .sees("bob.smith@example.org");
    assert_eq!(
        (driver.model.view, driver.model.focus),
        (View::Record, PaneId::Form)
    );
    driver.press("gf").sees("1–17");
    assert_eq!(driver.model.focus, PaneId::Records);
    driver.press("<enter>").sees("Form · user 2");
    assert_eq!(asked(&driver, Endpoint::EntityFind).len(), 1);
    driver.press("gfn").sees("Form · user (new)");
}

#[test]
fn a_click_goes_to_a_record_and_opens_it() {
    let mut driver = find(80, 24);
    driver.press("<f5>").click(10, 6);
    assert_eq!(driver.model.focus, PaneId::Records);
    driver.click(10, 6).sees("Form · user 2");
    driver.press("gf").click(10, 2).sees("FILTER");
}

#[test]
fn nothing_found_says_what_can_be_done() {
    let mut driver = find(80, 24);
    driver
        .press("/email = 'nobody'<enter>")
        .sees("No record of type user meets this filter.");
    driver.press("<enter>").sees("there is no record to open");
    driver.answer_with(
        Endpoint::EntityFind,
        r#"{"stat":"ok","result_count":0,"results":[]}"#,
    );
    driver
        .press("1<down><enter><f5>")
        .sees("No records of type user2 yet.");
    driver
        .sees("[n] new record")
        .sees("A record needs:  consent");
}

#[test]
fn every_type_has_a_search_of_its_own() {
    let mut driver = find(100, 30);
    driver
        .press("/id > 10<esc>1<down><enter>")
        .sees("Find · user2")
        .sees_no("id > 10");
    driver
        .press("1<up><enter>")
        .sees("Find · user")
        .sees("filter  id > 10");
}

#[test]
fn passwords_are_never_shown() {
    let mut driver = find(100, 30);
    let body = r#"{"stat":"ok","result_count":1,"results":[{"id":1,"password":{"type":"password-bcrypt",
        "value":"$2a$04$abcdefgh"}}]}"#;
    driver.answer_with(Endpoint::EntityFind, body);
    driver
        .press("cpassword <enter><f5>")
        .sees("••••••••")
        .sees_no("$2a$04$");
    driver.press("yj");
    let copied = driver.copied.last().expect("was copied");
    assert!(
        copied.contains("password") && !copied.contains("$2a$04$"),
        "{copied}"
    );
}

#[test]
fn pasted_lines_become_one_filter() {
    let mut driver = find(80, 24);
    driver
        .press("/")
        .paste("id > 10\nand id < 12\u{1b}\n")
        .sees("filter  id > 10 and id < 12");
    driver.sees("pasted, but for 1 control character(s)");
}

#[test]
fn what_comes_from_outside_does_no_harm_in_the_table() {
    let mut driver = find(80, 24);
    let body = r#"{"stat":"ok","result_count":2,"results":[
        {"id":1,"email":"\u001b[2J\u202eevil","displayName":"漢字漢字漢字漢字"},{"id":"x","email":5}]}"#;
    driver.answer_with(Endpoint::EntityFind, body);
    driver.press("<f5>").sees("␛[2J⟨U+202E⟩evil").sees("漢");
    driver
        .press("j<enter>")
        .sees("this record has no id to be opened by");
}

#[test]
fn find_needs_an_entity_type() {
    let mut driver = Driver::new(80, 24);
    driver.press("gf").sees("choose an entity type first");
    assert_eq!(driver.model.view, View::Record);
}
