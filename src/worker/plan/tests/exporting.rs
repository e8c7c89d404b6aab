use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::capture::json::Json;
use crate::worker::job::JobError;
use crate::worker::plan::export::export;
use crate::worker::plan::stage::Stage;
use crate::worker::plan::tests::at_once;
use crate::worker::plan::tests::json;
use crate::worker::plan::tests::path;
use crate::worker::plan::tests::stage;

fn write(stage: &mut Stage, paths: &[&str], file: &Path) -> Result<u64, JobError> {
    let paths: Vec<_> = paths.iter().map(|at| path(at)).collect();
    at_once(export("t", &paths, file, stage))
}

#[test]
fn every_value_that_would_go_is_in_the_file() {
    let mut stage = stage(&[
        r#"{"email":"a@b.c","home":{"city":"Ulm","zip":"1"},"phones":[{"number":"1","kind":"x"},{"number":"2"}]}"#,
        r#"{"nick":"none of them"}"#,
        r#"{"email":"","pass":"correct horse","phones":[{"number":"3"}]}"#,
    ]);
    let folder = tempfile::tempdir().expect("makes a folder");
    let file = folder.path().join("gone.ndjson");
    let paths = ["email", "home.city", "phones.kind", "pass"];
    assert_eq!(write(&mut stage, &paths, &file).expect("writes"), 2);
    let text = fs::read_to_string(&file).expect("is there");
    let lines: Vec<Json> = text.lines().map(json).collect();
    assert_eq!(lines.len(), 2);
    let keys = |line: &Json| {
        let members = line.as_object().expect("is an object").keys();
        members.cloned().collect::<Vec<_>>()
    };
    assert_eq!(
        keys(&lines[0]),
        ["id", "uuid", "email", "home.city", "phones.kind"]
    );
    assert_eq!(keys(&lines[1]), ["id", "uuid", "email", "pass"]);
    assert_eq!(lines[0].get("home.city"), Some(&json(r#""Ulm""#)));
    let phones = lines[0].get("phones.kind").and_then(Json::as_array);
    let phones = phones.expect("is a list");
    assert_eq!(phones.len(), 2);
    assert_eq!(phones[0].get("kind"), Some(&json(r#""x""#)));
    assert!(phones[0].get("id").and_then(Json::as_i64).is_some());
    assert_eq!(phones[0].get("number"), None);
    let kind = lines[1].get("pass").and_then(|pass| pass.get("type"));
    assert_eq!(kind, Some(&json(r#""password-bcrypt""#)));
    assert!(!text.contains("correct horse"));
    let mode = fs::metadata(&file).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // What is there stays.
    match write(&mut stage, &paths, &file) {
        Err(JobError::Failed(failure)) => assert!(failure.message.contains("exists already")),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(fs::read_to_string(&file).expect("is there"), text);
}

#[test]
fn an_export_that_fails_leaves_no_file() {
    let mut stage = stage(&["{}"]);
    let folder = tempfile::tempdir().expect("makes a folder");
    let file = folder.path().join("gone.ndjson");
    let outcome = write(&mut stage, &["nowhere"], &file);
    assert!(matches!(outcome, Err(JobError::Exchange(_))), "{outcome:?}");
    assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 0);
}
