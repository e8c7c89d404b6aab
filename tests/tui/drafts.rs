//! What was typed outlives the program: kept, listed, restored, thrown away and brought back.

use std::fs;
use std::path::Path;

use captui::capture::json::Json;
use captui::tui::session::PaneId;
use captui::worker::job::JobError;
use tempfile::TempDir;

use crate::tui::driver::Driver;

fn folder() -> TempDir {
    tempfile::tempdir().expect("can be made")
}

/// The explorer as it starts with this folder of drafts.
fn start(folder: &TempDir) -> Driver {
    let mut driver = Driver::with_drafts(80, 24, folder.path());
    driver.settle();
    driver
}

/// What is in the drafts' files.
fn texts(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("is a folder");
    let paths = entries.map(|entry| entry.expect("can be listed").path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some()).collect();
    paths.sort();
    let read = |path| fs::read_to_string(path).expect("is text");
    paths.iter().map(read).collect()
}

/// Writes a draft as another program would have.
fn write(folder: &TempDir, name: &str, environment: &str, type_name: &str, record: Option<i64>) {
    let record = record.map_or(String::new(), |id| format!(r#""record":{id},"#));
    let text = format!(
        r#"{{"captui_draft":1,"environment":"{environment}","type":"{type_name}",{record}
            "changed":"2026-02-27T09:30:00Z","set":1,"fields":{{"givenName":{{"text":"Ada"}}}}}}"#
    );
    fs::write(folder.path().join(format!("{name}.json")), text).expect("is ours");
}

#[test]
fn what_was_being_typed_is_there_at_the_next_start() {
    let folder = folder();
    let mut driver = start(&folder);
    driver
        .sees_no("draft")
        .press("<enter>/aboutMe<enter><enter>half a sent");
    driver.settle().sees("1 draft ");
    assert!(texts(folder.path())[0].contains("half a sent"));
    // Killed here: nothing more is done or saved.
    let mut driver = start(&folder);
    driver.sees("1 draft from before: gd shows it");
    driver.press("<enter>").settle();
    driver.sees("restored; N begins anew").sees("half a sent");
    let path = driver.model.form.cursor_path().expect("is on a field");
    assert_eq!(path.to_string(), "aboutMe");
    driver
        .press("<enter>ence<enter>")
        .settle()
        .sees("draft saved");
    assert!(texts(folder.path())[0].contains("half a sentence"));
    driver.press("N").settle().sees_no("1 draft");
    assert!(texts(folder.path()).is_empty());
    driver.press("u").settle().sees("half a sentence");
    assert_eq!(texts(folder.path()).len(), 1);
    driver.press("q");
    assert!(driver.quit, "nothing would be lost, so nothing is asked");
}

#[test]
fn a_type_chosen_before_the_drafts_are_known_waits_for_them() {
    let folder = folder();
    write(&folder, "a", "sandbox", "user", None);
    let mut driver = Driver::with_drafts(80, 24, folder.path());
    driver.press("<enter>").sees("reading the draft of user");
    driver.settle().sees("Ada").sees("restored");
}

#[test]
fn another_type_chosen_meanwhile_is_the_one_that_is_shown() {
    let folder = folder();
    write(&folder, "a", "sandbox", "user", None);
    let mut driver = start(&folder);
    driver.press("<enter>1<end><enter>").settle();
    driver.sees("Form · user_test (new)").sees_no("Ada");
    driver.press("1<home><enter>").settle();
    driver.sees("Form · user (new)").sees("Ada");
}

#[test]
fn what_was_sent_is_kept_no_longer_and_what_was_refused_is() {
    let folder = folder();
    let mut driver = start(&folder);
    driver.press("<enter>/email<enter><enter>zoe@example.com<enter><esc>");
    driver.settle().sees("1 draft ");
    driver
        .press("<f5>")
        .settle()
        .sees("✓ ok")
        .sees_no("1 draft ");
    assert!(texts(folder.path()).is_empty());
    driver
        .press("C<f5>")
        .settle()
        .sees("ERROR 361")
        .sees("1 draft ");
    let mut driver = start(&folder);
    driver.press("<enter>").settle().sees("zoe@example.com");
}

#[test]
fn drafts_are_listed_opened_thrown_away_and_brought_back() {
    let folder = folder();
    write(&folder, "a", "sandbox", "user_test", None);
    write(&folder, "b", "sandbox", "user", Some(17));
    write(&folder, "c", "elsewhere", "user", None);
    let mut driver = start(&folder);
    driver.sees("2 drafts from before: gd lists them");
    driver
        .press("gd")
        .settle()
        .sees("Drafts · 3")
        .sees("in elsewhere");
    driver.press("<end>").sees("id 17");
    // That of another environment does not open.
    let last = driver.screen();
    let row = |driver: &mut Driver, text: &str| {
        driver.press("<home>");
        let lines: Vec<String> = driver.screen().lines().map(str::to_owned).collect();
        let first = lines
            .iter()
            .position(|line| line.contains("Drafts ·"))
            .expect("is open")
            + 1;
        let below = lines.iter().skip(first);
        let at = below.take_while(|line| !line.contains(text)).count() + first;
        for _ in first..at {
            driver.press("<down>");
        }
    };
    assert!(last.contains("user_test"));
    row(&mut driver, "in elsewhere");
    driver.press("<enter>").settle();
    driver.sees("that draft is of elsewhere: captui --env elsewhere opens it");
    row(&mut driver, "user_test");
    driver.press("<enter>").settle();
    driver.sees("Form · user_test (new)").sees("Ada");
    assert_eq!(driver.model.focus, PaneId::Form);
    // Thrown away while it is shown: the form is empty, and `u` brings it back there too.
    driver.press("gd");
    row(&mut driver, "user_test");
    driver
        .press("d")
        .settle()
        .sees("Drafts · 2")
        .sees("discarded: u brings it back");
    assert_eq!(texts(folder.path()).len(), 2);
    driver.press("<esc>").sees_no("Ada");
    driver.press("gdu").settle().press("<esc>").sees("Ada");
    assert_eq!(texts(folder.path()).len(), 3);
    driver.press("gd");
    row(&mut driver, "id 17");
    driver
        .press("<enter>")
        .settle()
        .sees("Form · user 17")
        .sees("Ada");
    driver.press("gd<esc>uu").settle();
    assert_eq!(
        texts(folder.path()).len(),
        3,
        "a key too many harms nothing"
    );
}

#[test]
fn a_hundred_drafts_fit_every_screen() {
    let folder = folder();
    for id in 0..100 {
        write(&folder, &format!("{id:03}"), "sandbox", "user", Some(id));
    }
    for (width, height) in [(60, 15), (80, 24), (200, 50)] {
        let mut driver = Driver::with_drafts(width, height, folder.path());
        driver.settle().press("gd").settle().sees("Drafts · 100");
        driver
            .press("<end>")
            .sees("id 0")
            .press("<home>")
            .sees("id 99");
        driver
            .press("<pagedown><pagedown>")
            .sees("id 79")
            .sees("Esc closes");
        driver.press("<esc>").sees_no("Drafts ·");
    }
}

#[test]
fn the_list_of_drafts_at_80_by_24() {
    let folder = folder();
    write(&folder, "a", "sandbox", "user_test", None);
    write(&folder, "b", "sandbox", "user", Some(17));
    write(
        &folder,
        "c",
        "elsewhere",
        "a_type_with_a_very_long_name",
        None,
    );
    let mut driver = start(&folder);
    driver.press("gd").settle();
    insta::assert_snapshot!(driver.screen());
}

#[test]
fn an_empty_list_says_what_would_be_in_it() {
    let folder = folder();
    let mut driver = start(&folder);
    driver.press("gd").settle().sees("Nothing is kept.");
    driver
        .press("<enter>du")
        .settle()
        .sees("no draft was discarded since the start");
    driver.press("q").sees_no("Nothing is kept.");
    assert!(!driver.quit);
}

#[test]
fn a_password_is_left_out_and_leaving_says_so() {
    let folder = folder();
    let mut driver = start(&folder);
    driver
        .press("<enter>/password<enter><enter>hunter22<enter><esc>")
        .settle();
    for text in texts(folder.path()) {
        assert!(!text.contains("hunter22"), "{text}");
    }
    driver
        .press("q")
        .sees("The form holds a password, which drafts do not keep.");
    driver.press("<right><enter>");
    assert!(driver.quit);
    let mut driver = start(&folder);
    driver
        .press("<enter>")
        .settle()
        .sees("restored without password, a secret: type it again");
    driver
        .press("<f5>")
        .sees("password was not kept: type it again, or F5 again leaves it out");
}

#[test]
fn the_password_of_a_copied_record_is_missed_not_lost() {
    let folder = folder();
    let mut driver = start(&folder);
    let id = driver.create(
        "user",
        r#"{"email":"zoe@example.com","password":"hunter2hunter2"}"#,
    );
    driver.press(&format!("<enter>go{id}<enter>")).settle();
    driver.press("C").settle();
    driver
        .press("q")
        .sees("The form holds a password, which drafts do not keep.");
    driver.press("<right><enter>");
    for text in texts(folder.path()) {
        assert!(!text.contains("bcrypt"), "{text}");
    }
    let mut driver = start(&folder);
    driver
        .press("<enter>")
        .settle()
        .sees("restored without password");
    driver
        .press("<f5>")
        .sees("password was not kept: type it again, or F5 again leaves it out");
}

#[test]
fn a_disk_that_refuses_is_told_and_leaving_asks() {
    let folder = folder();
    // A file stands where the folder should be.
    let path = folder.path().join("drafts");
    fs::write(&path, "in the way").expect("is ours");
    let mut driver = Driver::with_drafts(80, 24, &path);
    driver.settle().sees("drafts are not kept");
    driver
        .press("<enter>/aboutMe<enter><enter>text<enter><esc>")
        .settle();
    driver
        .sees("draft not saved")
        .press("q")
        .sees("The draft is not saved:");
    driver.press("<esc>");
    fs::remove_file(&path).expect("is ours");
    driver.press("/aboutMe<enter><enter>s<enter><esc>").settle();
    driver.sees("draft saved").press("q");
    assert!(driver.quit);
}

#[test]
fn a_damaged_draft_is_set_aside_and_told() {
    let folder = folder();
    fs::write(folder.path().join("a.json"), "{\"captui_draft\":1,").expect("is ours");
    let mut driver = start(&folder);
    driver.sees("a damaged draft was set aside as a.json.damaged");
    driver.press("<enter>").settle().sees("Form · user (new)");
}

#[test]
fn a_draft_thrown_away_elsewhere_is_not_restored() {
    let folder = folder();
    write(&folder, "a", "sandbox", "user", None);
    let mut driver = start(&folder);
    fs::remove_file(folder.path().join("a.json")).expect("is ours");
    driver.press("<enter>").settle();
    driver.sees("no draft was restored: the draft is not there any more");
    driver.sees("Form · user (new)").sees("givenName");
}

#[test]
fn a_schema_that_does_not_come_loses_no_draft() {
    let folder = folder();
    write(&folder, "a", "sandbox", "user", None);
    let mut driver = start(&folder);
    driver.hold = true;
    driver.press("<enter>").settle();
    let (id, _) = driver.held.pop().expect("is asked for");
    driver.finish(id, Err(JobError::Cancelled(None)));
    driver.hold = false;
    driver.settle().sees_no("Ada");
    driver.press("1<enter>").settle().sees("Ada");
    let kept = Json::parse(&texts(folder.path())[0]).expect("is JSON");
    assert_eq!(kept.get("set").and_then(Json::as_i64), Some(1));
}

#[test]
fn changes_of_a_stored_record_come_back_with_it() {
    let folder = folder();
    let mut driver = start(&folder);
    let id = driver.create("user", r#"{"givenName":"Zoe","password":"hunter22"}"#);
    driver.press(&format!("o{id}<enter>")).settle();
    driver.sees("· unchanged").sees_no("1 draft");
    driver
        .press("/givenName<enter><enter><c-u>Ada<enter><esc>")
        .settle();
    driver.sees("1 draft ").sees("draft saved");
    for text in texts(folder.path()) {
        assert!(!text.contains("password-"), "not even its hash: {text}");
    }
    // The same program: the form has the draft. Another start: the folder has it.
    driver.press("gd<enter>").settle().sees("update, 1 change");
    let mut later = start(&folder);
    let same = later.create("user", r#"{"givenName":"Zoe","password":"hunter22"}"#);
    assert_eq!(same, id, "the sandbox in memory begins anew");
    later.press(&format!("o{id}<enter>")).settle();
    later
        .sees("restored; ^R loads what is stored now")
        .sees("update, 1 change")
        .sees("Ada");
    // As a replace it would take the password away, which is not known here.
    later
        .press("m<f5>")
        .sees("secrets were not kept with the draft");
    driver
        .press("u")
        .settle()
        .sees("· unchanged")
        .sees_no("1 draft");
}
