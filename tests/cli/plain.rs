//! Records asked for line by line.

use serde_json::Value;

use crate::cli::ok;
use crate::support::Home;
use crate::support::command::run;

#[test]
fn a_record_is_made_and_changed_by_answers() {
    let home = Home::new();
    let create = ["record", "create", "user", "--plain", "givenName=Ada"];
    let made = run(&home, &create, "Counts.\n:help\n:done\nyes\n");
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    assert!(made.stderr.contains("1 of "), "{}", made.stderr);
    let id = made.stdout.split_whitespace().nth(1).expect("an id");
    let record = |id: &str| -> Value {
        let record = ok(&home, &["record", "get", "user", "--id", id]);
        serde_json::from_str(&record).expect("JSON")
    };
    assert_eq!(record(id)["givenName"], "Ada");
    assert_eq!(record(id)["aboutMe"], "Counts.");

    let update = ["record", "update", "user", "--id", id, "--plain"];
    let before = record(id);
    let refused = run(&home, &update, ":done\nno\n");
    assert_eq!(refused.status, Some(130), "{}", refused.stderr);
    assert!(refused.stderr.contains("now Counts."), "{}", refused.stderr);
    let cut = run(&home, &update, "");
    assert_eq!(cut.status, Some(130), "{}", cut.stderr);
    assert_eq!(record(id), before);
    for line in made.stderr.lines().chain(refused.stderr.lines()) {
        assert!(!line.contains('\u{1b}'), "{line}");
    }
}

#[test]
fn what_is_not_sent_is_not_asked_about() {
    let home = Home::new();
    let args = ["record", "create", "user_test", "--plain", "--show", "curl"];
    let shown = run(&home, &args, ":done\n");
    assert_eq!(shown.status, Some(0), "{}", shown.stderr);
    assert!(shown.stdout.contains("entity.create"), "{}", shown.stdout);
    assert!(!shown.stderr.contains("Send it?"), "{}", shown.stderr);
}

#[test]
fn a_mistyped_name_is_set_right_by_what_was_seen() {
    let home = Home::new();
    let mistyped = ["record", "count", "usr_test"];
    let told = run(&home, &mistyped, "");
    assert!(!told.stderr.contains("did you mean"), "{}", told.stderr);
    ok(&home, &["type", "list"]);
    let told = run(&home, &mistyped, "");
    assert_eq!(told.status, Some(5), "{}", told.stderr);
    assert!(
        told.stderr.contains("did you mean `user_test`?"),
        "{}",
        told.stderr
    );
    ok(&home, &["type", "show", "user"]);
    let part = ["record", "get", "user", "--id", "1", "--path", "givnName"];
    let told = run(&home, &part, "");
    assert!(
        told.stderr.contains("did you mean `givenName`?"),
        "{}",
        told.stderr
    );
}
