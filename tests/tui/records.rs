//! Stored records: opened, updated with what changed, replaced, copied, deleted; and what is asked before.

use captui::capture::endpoint::Endpoint;
use captui::capture::json::Json;
use captui::config::environment::EnvironmentClass;
use captui::tui::session::PaneId;
use captui::worker::job::Job;

use crate::tui::driver::Driver;

/// A record of `user` with two statuses, opened by its id from the list of entity types.
fn opened(width: u16, height: u16) -> Driver {
    let mut driver = Driver::new(width, height);
    let id = driver.create(
        "user",
        r#"{"givenName":"Zoe","email":"zoe@example.com","birthday":"1985-02-27","primaryAddress":{"city":"Oslo"},
            "statuses":[{"status":"trial","statusCreated":"2015-12-15"},{"status":"active","statusCreated":"2016-01-01"}]}"#,
    );
    driver.press(&format!("o{id}<enter>"));
    driver.sees(&format!("Form · user {id} · unchanged"));
    driver
}

/// The arguments of the calls of these operations so far, as `operation {attributes}`.
fn writes(driver: &Driver) -> Vec<String> {
    let mut lines = Vec::new();
    for request in driver.requests() {
        let name = request.endpoint.name().replace("entity.", "");
        if matches!(
            request.endpoint,
            Endpoint::EntityUpdate | Endpoint::EntityReplace | Endpoint::EntityDelete
        ) {
            let mut line = name;
            for argument in ["attribute_name", "attributes"] {
                line.extend(request.args.get(argument).map(|value| format!(" {value}")));
            }
            lines.push(line);
        }
    }
    lines
}

fn find<'a>(driver: &'a mut Driver, path: &str) -> &'a mut Driver {
    driver.press(&format!("/<c-u>{path}<enter>"));
    driver.model.form.go_to(&path.parse().expect("is a path"));
    driver
}

#[test]
fn an_update_sends_only_what_changed() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = opened(width, height);
        driver
            .press("<f5>")
            .sees("nothing changed: there is nothing to send");
        find(&mut driver, "givenName").press("<enter><c-u>Zoë<enter>");
        driver.sees("update, 1 change").sees("~");
        find(&mut driver, "primaryAddress.city").press("<enter><c-u>Bergen<enter>");
        driver.sees("update, 2 changes");
        driver
            .press("p")
            .sees("1  entity.update: set givenName, primaryAddress.city");
        driver.sees(r#"attributes = {"givenName":"Zoë","primaryAddress":{"city":"Bergen"}}"#);
        driver.press("<f5>").sees("✓ sent").sees("· unchanged");
        assert_eq!(
            writes(&driver),
            [r#"update {"givenName":"Zoë","primaryAddress":{"city":"Bergen"}}"#]
        );
        // The draft holds what is stored now: the next change goes out under its new time.
        find(&mut driver, "birthday")
            .press("x")
            .sees("it sends null");
        driver.press("<f5>").sees("✓ sent");
        assert_eq!(writes(&driver)[1], r#"update {"birthday":null}"#);
    }
}

#[test]
fn what_was_stored_is_shown_beside_the_change() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut driver = opened(width, height);
        find(&mut driver, "email").press("<enter><c-u>other@example.com<enter><up>");
        driver
            .sees("zoe@example.com")
            .press("r")
            .sees("· unchanged");
    }
}

#[test]
fn elements_are_changed_added_and_deleted() {
    let mut driver = opened(80, 24);
    driver
        .model
        .form
        .go_to(&"statuses[0].status".parse().expect("is a path"));
    driver.press("d").sees("update, 1 change");
    driver.press("u").sees("· unchanged").press("U");
    driver
        .model
        .form
        .go_to(&"statuses[0].status".parse().expect("is a path"));
    driver.press("<enter><c-u>gone<enter>");
    driver.press("<f5>").sees("✓ sent").sees("· unchanged");
    let sent = writes(&driver);
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(sent[0].contains(r#""status":"gone""#), "{sent:?}");
    assert!(sent[1].starts_with("delete /statuses#"), "{sent:?}");
    let record = driver.stored("user");
    let statuses = record.get("statuses").and_then(Json::as_array);
    assert_eq!(statuses.map(<[Json]>::len), Some(1));
}

#[test]
fn several_calls_stop_at_the_first_that_is_refused() {
    for (code, word) in [("413", "Not done"), ("504", "Perhaps done")] {
        stops_at_the_first(code, word);
    }
}

fn stops_at_the_first(code: &str, word: &str) {
    let mut driver = opened(120, 40);
    driver
        .model
        .form
        .go_to(&"statuses[0].status".parse().expect("is a path"));
    driver.press("d");
    find(&mut driver, "givenName").press("<enter><c-u>Zoë<enter>");
    let body = match code {
        "504" => r#"{"code":504,"error":"timeout","error_description":"no","stat":"error"}"#,
        _ => r#"{"code":413,"error":"x","error_description":"no","stat":"error"}"#,
    };
    driver.answer_with(Endpoint::EntityDelete, body);
    driver
        .press("<f5>")
        .sees("1 of 3 done: set givenName")
        .sees(&format!("{word}: delete statuses#"))
        .sees("Not tried: read what is stored then");
    driver
        .sees("partly done")
        .press("<f5>")
        .sees("part of it was done");
    assert_eq!(writes(&driver).len(), 2, "nothing is sent again");
    driver
        .press("<c-r>")
        .sees("this is what is stored now")
        .sees("· unchanged");
    driver.sees("Zoë");
}

#[test]
fn reading_anew_in_vain_stays_in_the_form() {
    let mut driver = opened(120, 40);
    driver.answer_with(
        Endpoint::EntityView,
        r#"{"code":310,"error":"record_not_found","error_description":"gone","stat":"error"}"#,
    );
    driver.press("<c-r>").sees("error 310 record_not_found");
    assert_eq!(driver.model.focus, PaneId::Form);
}

#[test]
fn a_timeout_of_a_write_is_no_refusal() {
    let mut driver = Driver::new(120, 40);
    driver.answer_with(
        Endpoint::EntityCreate,
        r#"{"code":504,"error":"timeout","error_description":"too slow","stat":"error"}"#,
    );
    driver
        .press("<enter>/givenName<enter><enter>Zoë<enter><esc><f5>")
        .sees("outcome unknown")
        .sees("service gave up on the call")
        .sees_no("refused");
}

#[test]
fn a_record_that_may_have_been_made_is_not_made_again_without_a_question() {
    let mut driver = Driver::new(80, 24);
    driver.answer_with(
        Endpoint::EntityCreate,
        r#"{"code":504,"error":"timeout","error_description":"too slow","stat":"error"}"#,
    );
    driver
        .press("<enter>/givenName<enter><enter>Zoë<enter><esc><f5>")
        .sees("outcome unknown");
    let made = driver.requests().count();
    driver
        .press("<f5>")
        .sees("Perhaps one record more?")
        .sees("The one before may have made this record")
        .press("<enter>")
        .sees_no("Perhaps one record more?");
    // The first of its answers is to stay, and it asks again.
    driver.press("<f5>").sees("Perhaps one record more?");
    assert_eq!(driver.requests().count(), made);
}

#[test]
fn a_record_that_others_changed_is_not_overwritten_unless_wanted() {
    let mut driver = opened(80, 24);
    find(&mut driver, "givenName").press("<enter><c-u>Zoë<enter>");
    driver.change_behind("user", r#"{"familyName":"Meier"}"#);
    driver
        .press("<f5>")
        .sees("somebody changed the record since it was read");
    driver.press("<c-g><f5>").sees("✓ sent");
    let record = driver.stored("user");
    assert_eq!(record.get("givenName"), Some(&"Zoë".into()));
    assert_eq!(
        record.get("familyName"),
        Some(&"Meier".into()),
        "an update leaves it"
    );
}

#[test]
fn own_changes_are_put_on_those_of_others() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut driver = opened(width, height);
        find(&mut driver, "givenName").press("<enter><c-u>Zoë<enter>");
        find(&mut driver, "email").press("<enter><c-u>own@example.com<enter>");
        driver.change_behind(
            "user",
            r#"{"familyName":"Meier","email":"other@example.com","statuses":[{"status":"added"}]}"#,
        );
        driver.press("<f5>").sees("^R puts your changes");
        driver.sees_no("(o goes to it)");
        driver.press("<c-r>").sees("both changed: email");
        driver.sees("update, 2 changes");
        // One's own changes are all that is taken off, and put on again.
        driver.press("u").sees("· unchanged");
        let record = driver.model.form.collect().expect("can be written");
        assert_eq!(record.get("email"), Some(&"other@example.com".into()));
        assert_eq!(record.get("familyName"), Some(&"Meier".into()));
        driver.press("U").sees("update, 2 changes");
        driver.press("<f5>").sees("✓ sent");
        let sent = writes(&driver);
        let own = r#"update {"email":"own@example.com","givenName":"Zoë"}"#;
        assert_eq!(sent.last().map(String::as_str), Some(own), "{sent:?}");
        let record = driver.stored("user");
        assert_eq!(record.get("familyName"), Some(&"Meier".into()));
        let statuses = record.get("statuses").and_then(Json::as_array);
        assert_eq!(statuses.map(<[Json]>::len), Some(3), "nothing is deleted");
    }
}

#[test]
fn a_replace_says_what_it_does_and_nulls_the_rest() {
    let mut driver = opened(80, 24);
    driver.press("m").sees("F5 replaces");
    driver
        .sees("replace, 0 changes")
        .press("m")
        .sees("· unchanged");
    find(&mut driver, "birthday")
        .press("xm")
        .sees("F5 replaces");
    driver
        .sees("replace, 1 change")
        .press("p")
        .sees("entity.replace");
    driver.sees("F5 sends  m mode  ^G guard");
    let screen = driver.screen();
    let note = screen.find("what is absent becomes null");
    let call = screen.find("1  entity.replace");
    assert!(
        note.is_some() && note < call,
        "what is worth knowing stands first:\n{screen}"
    );
    driver.press("<f5>").sees("✓ sent").sees("· unchanged");
    assert!(writes(&driver)[0].starts_with("replace {"));
    assert_eq!(driver.stored("user").get("birthday"), Some(&Json::Null));
}

#[test]
fn a_copy_is_a_new_record_whose_unique_values_must_differ() {
    let mut driver = opened(80, 24);
    driver
        .press("C")
        .sees("Form · user (new)")
        .sees("! goes to what must differ");
    driver.press("!");
    let path = driver.model.form.cursor_path().expect("is on a field");
    assert_eq!(path.to_string(), "email");
    driver
        .press("<enter><c-u>new@example.com<enter><f5>")
        .sees("✓ ok  id ");
    assert!(writes(&driver).is_empty(), "the old one is left alone");
}

#[test]
fn a_record_is_deleted_and_can_be_made_again() {
    let mut driver = opened(80, 24);
    driver
        .press("gD")
        .sees("deleted")
        .press("<f5>")
        .sees("this record was deleted");
    assert_eq!(writes(&driver), ["delete"]);
    driver.sees_no("F5 send").sees("NAV  C copy");
    find(&mut driver, "givenName").press("<enter>");
    driver.sees("it was deleted: C makes a new one of it");
    driver.press("x").sees("it was deleted").sees("Zoe");
    driver.press("C<f5>").sees("✓ ok  id ");
    // In a sandbox nothing is asked; elsewhere a word must be typed.
    let mut driver = opened(80, 24);
    driver.model.session.class = EnvironmentClass::Dev;
    driver.press("gDgDgDgD<enter><enter>");
    assert!(writes(&driver).is_empty(), "a held key deletes nothing");
    let tail = driver.model.form.record_tail().expect("is stored");
    driver.press("<esc>").sees("nothing was sent").press("gD");
    driver.sees(&format!("type {tail} to go on"));
    driver.press(&format!("{tail}<enter>")).sees("deleted");
    assert_eq!(writes(&driver), ["delete"]);
}

#[test]
fn what_is_null_in_a_stored_record_is_not_counted_as_set() {
    let mut driver = opened(80, 24);
    find(&mut driver, "primaryAddress").sees("object · 1 of ");
    find(&mut driver, "birthday")
        .press("<esc><home>")
        .sees("5 of 30 set");
    driver.press("<end><home>");
    find(&mut driver, "birthday")
        .press("x<esc><home>")
        .sees("4 of 30 set");
    driver
        .press("u<home>")
        .sees("5 of 30 set")
        .sees("With a value (5)");
}

#[test]
fn in_production_every_write_is_asked_about() {
    let mut driver = opened(80, 24);
    driver.model.session.class = EnvironmentClass::Prod;
    find(&mut driver, "givenName").press("<enter><c-u>Zoë<enter><f5>");
    driver
        .sees("Write to sandbox?")
        .sees("entity.update: set givenName");
    driver.press("<f5><f5><enter>").sees("nothing was sent");
    assert!(writes(&driver).is_empty());
    driver.press("<f5> <right><enter>").sees("✓ sent");
    find(&mut driver, "givenName").press("<enter><c-u>Zoé<enter><f5>");
    driver.sees("✓ sent").sees_no("Write to");
    // What goes away for good is asked about all the same.
    driver.press("gD").sees("This cannot be taken back");
}

#[test]
fn a_record_is_found_by_a_unique_attribute_or_not_at_all() {
    let mut driver = opened(80, 24);
    driver
        .press("goemail=zoe@example.com<enter>")
        .sees("· unchanged");
    driver
        .press("gogivenName=Zoe<enter>")
        .sees("givenName is not unique");
    driver.press("<esc>go99999999<enter>").sees("ERROR 310");
}

#[test]
fn nothing_changes_while_a_stored_record_is_on_its_way() {
    let mut driver = opened(80, 24);
    find(&mut driver, "givenName").press("<enter><c-u>Zoë<enter>");
    driver.hold = true;
    driver.press("<f5>");
    find(&mut driver, "familyName")
        .press("<enter>")
        .sees("it is being sent");
    assert!(
        driver
            .held
            .iter()
            .any(|(_, job)| matches!(job, Job::Send(_)))
    );
    driver
        .press("<esc>")
        .sees("cancelled")
        .sees("update, 1 change");
}

#[test]
fn a_call_that_the_client_cannot_make_is_told_of_before_it_is_made_again() {
    let mut driver = opened(80, 24);
    find(&mut driver, "givenName").press("<enter><c-u>Zoë<enter>");
    driver.answer_with(
        Endpoint::EntityUpdate,
        r#"{"code":403,"error":"client_permission_error","error_description":"no","stat":"error"}"#,
    );
    driver.press("<f5>").sees("ERROR 403").sees("READ-ONLY");
    let made = writes(&driver).len();
    driver
        .press("<f5>")
        .sees("this client may not call entity.update: it needs owner or direct_access");
    assert_eq!(writes(&driver).len(), made, "not sent");
    // The refusal was made up, the change was not: it is there already.
    driver
        .press("<c-g><f5>")
        .sees("✓ sent")
        .sees_no("READ-ONLY");
}

#[test]
fn what_the_service_made_of_a_record_is_shown_beside_what_was_sent() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut driver = opened(width, height);
        find(&mut driver, "birthday").press("<enter><c-u>2 Jan 1984<enter><f5>3");
        driver.sees("1 added, 1 changed: L, End").press("L<end>");
        driver
            .sees("~ birthday")
            .sees("sent    \"2 Jan 1984\"")
            .sees("stored  \"1984-01-02\"")
            .sees("+ lastUpdated");
    }
}
