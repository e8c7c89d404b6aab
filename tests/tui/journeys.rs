//! What a person does and sees, one journey a test.

use std::time::Duration;

use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;
use captui::failure::Failure;
use captui::failure::FailureKind;
use captui::tui::msg::Msg;
use captui::tui::panes::response::body::Body;
use captui::tui::session::PaneId;
use captui::worker::job::Job;
use captui::worker::job::JobError;

use crate::tui::driver::Driver;

/// A record of `user` with a name, an e-mail and a status, not yet sent.
fn filled(width: u16, height: u16) -> Driver {
    let mut driver = Driver::new(width, height);
    driver
        .press("<enter>/givenName<enter><enter>Zoë<enter>")
        .press("/<c-u>familyName<enter><enter>Meier<enter>")
        .press("/<c-u>email<enter><home><down><enter>zoe@example.com<enter><esc>")
        .press("/<c-u>statuses<enter>aactive<enter><enter>2015-12-15T07:36:25Z<enter><esc>");
    driver
}

#[test]
fn a_newcomer_creates_a_record_and_is_led_to_a_duplicate_value() {
    let mut driver = filled(80, 24);
    driver
        .press("<home>")
        .sees("4 of 30 set")
        .press("<f5>")
        .sees("✓ ok  id ");
    assert_eq!(driver.model.focus, PaneId::Form, "the focus stays");
    driver
        .press("3")
        .sees("\"stat\": \"ok\"")
        .sees("\"uuid\": \"");
    driver.press("2<f5>").sees("already created as ");
    assert_eq!(creates(&driver), 1, "a second F5 makes no second record");
    driver.press("C<f5>3").sees("ERROR 361 unique_violation");
    driver.sees("email   (o goes to it)").press("o");
    assert_eq!(driver.model.focus, PaneId::Form);
    let path = driver.model.form.cursor_path().expect("is on a field");
    assert_eq!(path.to_string(), "email");
    driver.sees("Another record or element already holds this");
}

/// How many records were asked to be created.
fn creates(driver: &Driver) -> usize {
    let is_create = |request: &&ApiRequest| request.endpoint == Endpoint::EntityCreate;
    driver.requests().filter(is_create).count()
}

#[test]
fn what_was_created_is_created_again_only_when_that_is_meant() {
    let mut driver = Driver::new(80, 24);
    driver.press("1<end><enter>Ft<f5>").sees("created as ");
    driver.sees("g o opens it").sees("NAV  g o open  C copy");
    driver.press("<f5><f5>");
    driver.sees("already created as ").sees("C copies it");
    assert_eq!(creates(&driver), 1);
    // There and back is as it was; anything else is another record.
    driver
        .press("NuN")
        .sees("✓")
        .sees_no("✓ sent")
        .press("u<f5>");
    driver.sees("already created as ");
    driver.press("C<f5>");
    assert_eq!(creates(&driver), 2);
    driver
        .press("<f5>")
        .sees("already created as ")
        .press("go<enter>");
    driver.sees("· unchanged");
}

#[test]
fn a_broken_date_is_seen_before_it_is_sent() {
    let mut driver = Driver::new(80, 24);
    driver.press("<enter>/birthday<enter><enter>1985-02-29");
    driver.sees_no("leap year").press("<enter>");
    driver.sees("1985 is not a leap year: February has 28 days");
    driver.press("<f5>").sees("not sent: 1 problem");
    driver.sees("no answer yet");
    // Insisting shows what the service says to it.
    driver.press("<f5>").sees("ERROR 342 invalid_date_time");
}

#[test]
fn an_error_inside_a_plural_leads_to_its_element() {
    let mut driver = Driver::new(120, 40);
    driver.press("<enter>/statuses<enter>atrial<enter><enter>no date<enter><f5><f5>");
    driver.sees("ERROR 342").press("o");
    let path = driver.model.form.cursor_path().expect("is on a field");
    assert_eq!(path.to_string(), "statuses[0].statusCreated");
}

#[test]
fn the_first_screen_has_the_types_at_every_size() {
    for (width, height) in [(60, 15), (80, 24), (120, 40), (200, 50)] {
        let driver = Driver::new(width, height);
        insta::assert_snapshot!(format!("start_{width}x{height}"), driver.screen());
    }
}

#[test]
fn an_explained_error_at_every_size() {
    for (width, height) in [(60, 15), (80, 24), (120, 40), (200, 50)] {
        let mut driver = filled(width, height);
        driver.answer_with(
            Endpoint::EntityCreate,
            r#"{"request_id":"geup8cd3gvcvjjnc","code":361,"error_description":"Attempted to update a duplicate value","error":"unique_violation","stat":"error"}"#,
        );
        driver.press("<f5>3");
        insta::assert_snapshot!(format!("error_{width}x{height}"), driver.screen());
    }
}

#[test]
fn a_screen_too_small_says_so_and_keeps_working() {
    let mut driver = Driver::new(59, 14);
    driver.sees("captui needs 60×15, this is 59×14").press("q");
    assert!(driver.quit);
    for (width, height) in [(0, 0), (1, 1), (2, 1), (1, 200), (300, 2)] {
        Driver::new(width, height).buffer();
    }
}

#[test]
fn switching_types_loses_nothing() {
    let mut driver = filled(120, 40);
    driver.press("1<end><enter>").sees("Form · user_test (new)");
    driver.press("1<home><enter><c-l>").sees("zoe@example.com");
}

#[test]
fn leaving_with_unsent_values_asks_and_stays_by_default() {
    let mut driver = filled(80, 24);
    driver.press("q").sees("Leave captui?").press("qq<enter>");
    assert!(!driver.quit, "neither the same key nor Enter leaves");
    driver.press("q<right><enter>");
    assert!(driver.quit);
    let mut driver = filled(80, 24);
    driver.press("<f5>q");
    assert!(driver.quit, "what the service has taken is not lost");
}

#[test]
fn escape_cancels_the_running_call_and_time_is_shown() {
    let mut driver = filled(80, 24);
    driver.hold = true;
    driver.press("<f5>").sees("waiting for the answer");
    driver
        .sees_no("Esc cancels")
        .wait(Duration::from_millis(400));
    driver.sees("entity.create 0.4 s  Esc cancels");
    driver.wait(Duration::from_secs(4)).sees("gives up in 56 s");
    let refused = "a call is still running: Esc cancels it";
    driver.press("<f5>").sees(refused);
    driver.press("<esc>").sees("cancelled");
    assert!(
        driver
            .held
            .iter()
            .all(|(_, job)| !matches!(job, Job::Send(_)))
    );
    driver
        .press("<home>")
        .sees("4 of 30 set")
        .sees_no("sending");
}

#[test]
fn a_job_that_panicked_is_told_and_the_program_lives() {
    let mut driver = filled(80, 24);
    driver.hold = true;
    driver.press("<f5>");
    let (id, _) = driver.held.pop().expect("is waiting");
    driver.finish(
        id,
        Err(JobError::Panicked("index out of bounds".to_owned())),
    );
    driver.sees("captui hit a fault of its own: index out of bounds");
    driver.hold = false;
    driver.press("<f5>").sees("✓ ok  id ");
}

#[test]
fn a_schema_that_does_not_come_is_not_awaited_for_ever() {
    let mut driver = Driver::new(120, 40);
    driver.hold = true;
    driver.press("<enter>").sees("loading the schema of user");
    let (id, _) = driver.held.pop().expect("is waiting");
    driver.finish(id, Err(JobError::Panicked("no schema".to_owned())));
    driver
        .sees_no("loading the schema")
        .sees("The schema of user did not come");
    driver.hold = false;
    driver.press("1<enter>").sees("All attributes");
}

#[test]
fn an_old_answer_is_shown_again_and_leaves_the_draft_alone() {
    let mut driver = filled(120, 40);
    driver
        .press("<f5>")
        .sees("✓ ok")
        .press("C<f5>")
        .sees("ERROR 361");
    driver.press("o<enter><c-u>another@example.com<enter>");
    driver.press("4<home><enter>").sees("ERROR 361");
    assert_eq!(driver.model.focus, PaneId::Response);
    assert_eq!(driver.model.form.problems(), 0);
}

#[test]
fn the_tree_folds_and_the_tabs_show_what_was_sent() {
    let mut driver = filled(120, 40);
    driver
        .press("i<f5>3")
        .sees("\"result\"")
        .sees("\"aboutMe\": null");
    driver
        .press("zM")
        .sees_no("\"aboutMe\"")
        .press("zR")
        .sees("\"aboutMe\": null");
    driver
        .press("L")
        .sees("POST http://127.0.0.1:40000/entity.create");
    driver
        .sees("\"givenName\": \"Zoë\"")
        .sees("include_record = true");
    driver
        .press("L")
        .sees("HTTP status 200")
        .press("LH")
        .sees("HTTP status 200");
}

#[test]
fn secrets_are_not_on_the_screen() {
    let mut driver = Driver::new(120, 40);
    driver.press("<enter>/password<enter><enter>S3cret!pass<enter><esc>");
    driver.sees_no("S3cret").press("<f5>3L");
    driver.sees_no("S3cret").sees("password");
}

#[test]
fn help_lists_every_key_of_the_pane() {
    let mut driver = Driver::new(80, 24);
    driver
        .press("<enter>?")
        .sees("Edit the field, or unfold it");
    for _ in 0..80 {
        driver.press("<down>");
    }
    driver.sees("Show the keys of this pane").press("<esc>");
    driver.sees_no("Show the keys of this pane");
}

#[test]
fn a_verb_that_cannot_be_used_says_why() {
    let mut driver = Driver::new(80, 24);
    driver.press("<f5>").sees("choose an entity type first");
    driver.press("3<enter>").sees("there is no answer yet");
    driver.press("o").sees("the answer shown names no field");
}

#[test]
fn the_mouse_chooses_focuses_and_folds() {
    let mut driver = Driver::new(120, 40);
    driver.click(5, 2).sees("Form · user (new)");
    driver.click(90, 5);
    assert_eq!(driver.model.focus, PaneId::Response);
    driver.click(30, 3);
    assert_eq!(driver.model.focus, PaneId::Form);
}

#[test]
fn types_that_do_not_come_are_explained_and_can_be_asked_for_again() {
    let mut driver = Driver::new(120, 40);
    driver.press("<enter>").hold = true;
    driver.press("R");
    let (id, _) = driver.held.remove(0);
    let failure = Failure::new(FailureKind::Usage, "the variable SECRET is not set");
    driver.finish(id, Err(JobError::Failed(failure.hint("set it"))));
    driver.sees("▸ user");
    let mut fresh = Driver::unanswered(120, 40);
    let (id, _) = fresh.held.remove(0);
    let failure = Failure::new(FailureKind::Usage, "the variable SECRET is not set");
    fresh.finish(id, Err(JobError::Failed(failure.hint("set it"))));
    fresh
        .sees("SECRET is not set")
        .sees("set it")
        .sees("R asks");
    fresh.hold = false;
    fresh.press("R").sees("user_test");
}

#[test]
fn a_click_folds_the_tree_only_where_it_is_shown() {
    let mut driver = filled(120, 40);
    driver
        .press("i<f5>3<down><down><down>")
        .sees("\"aboutMe\": null");
    driver.press("L").click(90, 6).press("H");
    driver.sees("\"aboutMe\": null");
}

#[test]
fn a_schema_that_does_not_come_is_explained() {
    let mut driver = Driver::new(120, 40);
    driver.hold = true;
    driver.press("<enter>");
    let (id, _) = driver.held.pop().expect("is asked for");
    driver.finish(id, Err(JobError::Cancelled(None)));
    driver.sees("cancelled");
    driver.hold = false;
    driver.press("1<enter>").sees("0 of 30 set");
}

/// An answer long enough to be read away from the loop.
fn long_answer() -> &'static str {
    let records: Vec<String> = (0..20_000)
        .map(|n| format!(r#"{{"number":{n}}}"#))
        .collect();
    let list = records.join(",");
    format!(r#"{{"stat":"ok","id":7,"result":[{list}]}}"#).leak()
}

#[test]
fn a_long_answer_is_read_while_keys_go_on_working() {
    let mut driver = filled(120, 40);
    driver.answer_with(Endpoint::EntityCreate, long_answer());
    driver.press("<f5>").sees("✓ ok").sees("reading the answer");
    driver.press("3zR").sees("the answer is still being read");
    let exchange = driver.unread.pop().expect("is to be read");
    assert!(driver.unread.is_empty(), "is read once");
    let body = Body::read(&exchange);
    driver.send(Msg::BodyRead(exchange, body));
    driver
        .sees("\"stat\": \"ok\"")
        .sees_no("reading the answer");
}

#[test]
fn a_long_answer_that_comes_late_does_not_cover_another() {
    let mut driver = filled(120, 40);
    driver.answer_with(Endpoint::EntityCreate, long_answer());
    driver.press("<f5>C<f5>").sees("ERROR 361");
    let exchange = driver.unread.pop().expect("was to be read");
    let body = Body::read(&exchange);
    driver.send(Msg::BodyRead(exchange, body));
    driver.sees("ERROR 361").sees_no("20000 items");
}

#[test]
fn an_answer_that_is_not_json_is_shown_as_it_came() {
    let mut driver = filled(80, 24);
    driver.answer_with(
        Endpoint::EntityCreate,
        "<html>\n<title>502 Bad Gateway</title>\u{1b}[2J\n</html>",
    );
    driver
        .press("<f5>3")
        .sees("not an answer of the Capture API");
    driver.sees("<title>502 Bad Gateway</title>␛[2J ");
    driver.press("<enter>").sees("nothing in it can be folded");
}

#[test]
fn long_lines_of_the_request_are_wrapped_not_cut() {
    let mut driver = filled(80, 24);
    driver.press("<f5>3L<end>");
    let screen = driver.screen();
    assert!(
        screen.contains("%7D"),
        "the end of the body as sent:\n{screen}"
    );
    driver.press("L").sees("HTTP status 200");
}

#[test]
fn leaving_while_a_record_is_sent_asks() {
    let mut driver = filled(80, 24);
    driver.hold = true;
    driver.press("<f5>q").sees("A record is being sent");
    driver.press("<esc>").sees_no("A record is being sent");
    assert!(!driver.quit);
}

#[test]
fn what_was_said_of_a_call_goes_with_it() {
    let mut driver = filled(80, 24);
    driver.hold = true;
    driver.press("<f5><f5>").sees("a call is still running");
    driver
        .press("<esc>")
        .sees_no("cancelling")
        .sees("cancelled");
}

#[test]
fn a_key_that_does_nothing_says_so() {
    let mut driver = Driver::new(80, 24);
    driver
        .press("b")
        .sees("b does nothing here: ? lists the keys");
    driver.press("<enter>gz").sees("g z does nothing here");
    driver.press("g<esc>").sees_no("does nothing");
}

#[test]
fn only_keys_that_work_are_offered_while_a_text_is_edited() {
    let mut driver = Driver::new(120, 40);
    driver
        .press("<enter>/birthday")
        .sees("Enter keep  Esc show all")
        .sees_no("q quit");
    driver
        .press("<enter><enter>")
        .sees("EDIT birthday")
        .sees_no("q quit");
    driver.sees("Enter keep  Esc done  F4 calendar  Tab next field");
    driver
        .press("<esc> ")
        .sees("Enter take  Esc as it was")
        .sees_no("Tab pane")
        .sees_no("q quit");
    driver.press("<esc>").sees("q quit");
    driver
        .press("/<c-u>display<enter><enter>")
        .sees("EDIT display  F5 send  Enter new line");
}

#[test]
fn a_text_being_edited_is_whole_again_after_a_narrow_screen() {
    let text = "012345678901234567890123456789";
    let mut driver = Driver::new(120, 40);
    driver.press("<enter>/givenName<enter><enter>").press(text);
    driver.sees_no(text);
    driver.send(Msg::Terminal(crossterm::event::Event::Resize(200, 50)));
    driver.sees(text).press("X").sees("0123456789X");
}

#[test]
fn the_help_scrolls_back_at_once() {
    let mut driver = Driver::new(80, 24);
    driver
        .press("<enter>?<end>")
        .sees("Leave captui")
        .sees_no("Edit the field");
    driver.press("<home>").sees("Edit the field, or unfold it");
    let top = driver.screen();
    driver.press("<down>");
    assert_ne!(driver.screen(), top);
    driver.press("<up>");
    assert_eq!(driver.screen(), top);
    let bottom = driver.press("<end>").screen();
    driver.press("<up>");
    assert_ne!(driver.screen(), bottom);
}

#[test]
fn a_paste_tells_what_was_left_out_of_it() {
    let mut driver = Driver::new(80, 24);
    let paste = |text: &str| Msg::Terminal(crossterm::event::Event::Paste(text.to_owned()));
    driver.press("<enter>/givenName<enter><enter>");
    driver.send(paste("a\u{1b}[2J\u{202e}b\r\nc"));
    driver
        .sees("│ a[2Jb ")
        .sees("pasted 2 lines: Esc when done; 2 control characters were left out");
    driver.press("<esc>").sees("a[2Jb⏎c ");
    driver.send(paste(" and more"));
    driver.sees("Enter puts it into givenName").press("<enter>");
    driver.sees("│ c and more").sees_no("control character");
}

#[test]
fn a_wider_screen_never_narrows_the_response() {
    let width = |screen: u16| {
        let driver = Driver::new(screen, 40);
        let pane = driver.model.screen.pane(PaneId::Response);
        pane.expect("is on the screen").width
    };
    assert!(width(160) >= 46, "{}", width(160));
    assert!((160..300).all(|screen| width(screen + 1) >= width(screen)));
}

#[test]
fn the_help_about_a_field_offers_no_letters_while_it_is_edited() {
    let mut driver = Driver::new(120, 40);
    driver
        .press("<enter>/birthday<enter>")
        .sees("[x]\u{a0}absent");
    driver
        .press("<enter>")
        .sees_no("absent  [")
        .sees("attributes.birthday");
}

#[test]
fn leaving_takes_ctrl_c_twice_in_a_row() {
    let mut driver = filled(80, 24);
    driver
        .press("<c-c>")
        .sees("Ctrl-C again leaves, and loses what was not sent");
    driver.press("j<c-c>");
    assert!(!driver.quit, "another key came between");
    driver.press("<c-c>");
    assert!(driver.quit);
}

#[test]
fn what_the_form_does_out_of_sight_is_told() {
    let mut driver = filled(80, 24);
    driver
        .press("N")
        .sees("0 of 30 set")
        .sees("u brings back what was there");
    driver.press("u").sees("4 of 30 set");
    driver
        .press("i")
        .sees("the answer will hold the stored record");
    driver
        .press("R")
        .sees("asked for the entity types and the schema again");
}

#[test]
fn faults_are_chosen_and_nobody_wonders_about_them() {
    for (width, height) in [(60, 15), (80, 24)] {
        let mut driver = Driver::new(width, height);
        driver.sees_no("FAULTS").press("gx");
        insta::assert_snapshot!(format!("faults_{width}x{height}"), driver.screen());
        driver.press("<end>").sees("wrong-type").press("<home>");
        // The second: 504, in a tenth of the calls that create a record.
        driver.press("<down><left><left><tab>");
        driver.sees("in 10 % of the calls").sees("of entity.create");
        driver.press("<enter>").sees("FAULTS: 504 10%");
        driver.sees("from now on: entity.create=504@10%");
        let faults = driver.model.session.faults.clone().expect("is the sandbox");
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults, ["entity.create=504@10%"]);
        // It opens as it was set, and closing changes nothing.
        driver.press("gx").sees("in 10 % of the calls");
        driver.press("<home><esc>").sees("FAULTS: 504 10%");
        driver.press("gx<home><enter>").sees_no("FAULTS");
        driver.sees("nothing goes wrong on purpose");
    }
}

#[test]
fn only_the_embedded_sandbox_has_faults() {
    let mut driver = Driver::new(120, 40);
    driver.press("?<end>");
    driver.sees("Let calls to the sandbox go wrong");
    driver.press("<esc>").model.session.faults = None;
    driver.press("?<end>");
    driver.sees_no("Let calls to the sandbox go wrong");
    driver.press("<esc>gx").sees("only the embedded sandbox");
    assert!(driver.model.overlays.is_empty());
}
