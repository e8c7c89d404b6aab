use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::capture::endpoint::Endpoint;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::config::Config;
use crate::worker::again::Patience;
use crate::worker::export::Export;
use crate::worker::export::Target;
use crate::worker::export::manifest;
use crate::worker::job::Job;
use crate::worker::job::Output;
use crate::worker::run::run;

const ATTR_DEFS: &str = r#"[
    {"name":"email","type":"string"},{"name":"size","type":"decimal"},{"name":"day","type":"date"},
    {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"}]},
    {"name":"tags","type":"plural","attr_defs":[{"name":"tag","type":"string"}]}]"#;

async fn answer(services: &Services, request: ApiRequest) -> Json {
    let cancel = CancellationToken::new();
    match run(Job::Send(request), services, |_| {}, &cancel).await {
        Ok(Output::Exchange(exchange)) => match exchange.answer() {
            Some(Answer::Ok(answer)) => answer.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn record(number: usize) -> String {
    format!(
        r#"{{"email":"a{number}@b.c","size":{number}.50,"day":"2003-01-02","home":{{"city":"Oslo"}},
            "tags":[{{"tag":"x"}},{{"tag":"y{number}"}}]}}"#
    )
}

/// A sandbox in memory with these types, each with the same 300 records.
async fn filled(types: &[&str]) -> Services {
    let services = Services::new(&Config::default(), None, None).expect("there is a sandbox");
    let records: Vec<String> = (0..300).map(record).collect();
    for name in types {
        let create = ApiRequest::new(Endpoint::TypeCreate)
            .with("type_name", *name)
            .with("attr_defs", ATTR_DEFS);
        answer(&services, create).await;
        let create = ApiRequest::new(Endpoint::EntityBulkCreate)
            .with("type_name", *name)
            .with("timeout", "60")
            .with("all_attributes", format!("[{}]", records.join(",")));
        answer(&services, create).await;
    }
    services
}

fn pace() -> Pace {
    Pace {
        partitions: NonZeroUsize::new(2).expect("is one"),
        page: NonZeroUsize::new(70),
        apart: Duration::ZERO,
        patience: Patience::default(),
    }
}

async fn export(file: &Path, filter: Option<&str>, services: &Services) {
    let work = Export {
        type_name: "t".to_owned(),
        filter: filter.map(str::to_owned),
        attributes: Vec::new(),
        form: crate::record_file::write::Form::of(file).expect("has an ending"),
        formula_safe: false,
        target: Target::File {
            file: file.to_owned(),
            resume: false,
        },
        pace: pace(),
    };
    let cancel = CancellationToken::new();
    let done = run(Job::Export(Box::new(work)), services, |_| {}, &cancel).await;
    assert!(matches!(done, Ok(Output::Exported(_))), "{done:?}");
}

fn of_type(name: &str) -> Side {
    Side::Type {
        environment: None,
        name: name.to_owned(),
    }
}

fn work(one: Side, other: Side) -> Verify {
    Verify {
        one,
        other,
        key: None,
        filter: None,
        report: None,
        unmasked: false,
        pace: pace(),
    }
}

async fn verified(work: Verify, services: &Services) -> Verified {
    let cancel = CancellationToken::new();
    verify(work, services, &|_| {}, &cancel)
        .await
        .expect("compares")
}

#[tokio::test]
async fn an_export_says_what_the_type_says_in_every_form() {
    let services = filled(&["t"]).await;
    let folder = tempfile::tempdir().expect("makes a folder");
    for name in ["a.ndjson", "a.json", "a.csv", "a.ndjson.gz", "a.csv.gz"] {
        let file = folder.path().join(name);
        export(&file, None, &services).await;
        let verified = verified(work(Side::File(file), of_type("t")), &services).await;
        assert!(verified.is_same(), "{name}: {verified:?}");
        assert_eq!(
            (verified.records, verified.same),
            ([300, 300], 300),
            "{name}"
        );
    }
    let some = folder.path().join("some.ndjson");
    export(&some, Some("size < 100"), &services).await;
    let verified = verified(work(Side::File(some), of_type("t")), &services).await;
    assert!(verified.is_same(), "the manifest says which: {verified:?}");
    assert_eq!(verified.records, [100, 100]);
}

#[tokio::test]
async fn what_is_missing_extra_or_changed_is_found() {
    let services = filled(&["t"]).await;
    let folder = tempfile::tempdir().expect("makes a folder");
    let file = folder.path().join("a.ndjson");
    export(&file, None, &services).await;
    // Elements the other way round, a record less, one more, one that says something else.
    let text = std::fs::read_to_string(&file).expect("is there");
    let mut records: Vec<Json> = text
        .lines()
        .map(|line| Json::parse(line).expect("is JSON"))
        .collect();
    for record in &mut records {
        let members = record.as_object_mut().expect("is one");
        if let Some(Json::Array(elements)) = members.get_mut("tags") {
            elements.reverse();
        }
    }
    let set = |record: &mut Json, name: &str, value: Json| {
        let members = record.as_object_mut().expect("is one");
        members.insert(name.to_owned(), value);
    };
    let gone = records.remove(17);
    let mut more = gone.clone();
    set(
        &mut more,
        "uuid",
        "00000000-0000-4000-8000-000000000000".into(),
    );
    records.push(more);
    set(&mut records[5], "email", "other@b.c".into());
    set(
        &mut records[5],
        "size",
        Json::parse("5.51").expect("is JSON"),
    );
    let lines: Vec<String> = records.iter().map(Json::to_string).collect();
    let changed = folder.path().join("changed.ndjson");
    std::fs::write(&changed, lines.join("\n")).expect("writes");

    let report = folder.path().join("report.ndjson");
    let against = Verify {
        report: Some(report.clone()),
        ..work(Side::File(file.clone()), Side::File(changed.clone()))
    };
    for against in [against, work(of_type("t"), Side::File(changed))] {
        let verified = verified(against, &services).await;
        assert_eq!(verified.records, [300, 300]);
        assert_eq!(
            (verified.missing, verified.extra, verified.different),
            (1, 1, 1)
        );
        assert_eq!((verified.same, verified.unusable), (298, [0, 0]));
        let found = |what: What| {
            let found = verified
                .examples
                .iter()
                .find(|finding| finding.what == what);
            found.cloned().expect("is found")
        };
        assert_eq!(
            found(What::Missing).known.id,
            gone.get("id").and_then(Json::as_i64)
        );
        let zero = "00000000-0000-4000-8000-000000000000";
        assert_eq!(found(What::Extra).known.uuid.as_deref(), Some(zero));
        let told: Vec<String> = found(What::Different)
            .differences
            .iter()
            .map(|told| format!("{} {:?}", told.path, told.values))
            .collect();
        assert_eq!(
            told,
            [
                r#"email [Some("‹email›"), Some("‹email›")]"#,
                r#"size [Some("5.50"), Some("5.51")]"#
            ]
        );
    }
    let report = std::fs::read_to_string(report).expect("is there");
    assert_eq!(report.lines().count(), 3);
    assert!(!report.contains("@b.c"), "{report}");
}

#[tokio::test]
async fn copies_belong_together_by_what_tells_them_apart() {
    let services = filled(&["t", "copy"]).await;
    let by_email = Verify {
        key: Some("email".to_owned()),
        ..work(of_type("t"), of_type("copy"))
    };
    let copies = verified(by_email, &services).await;
    assert!(copies.is_same(), "{copies:?}");
    assert_eq!(copies.same, 300);
    let by_uuid = verified(work(of_type("t"), of_type("copy")), &services).await;
    assert_eq!((by_uuid.missing, by_uuid.extra), (300, 300));
}

#[tokio::test]
async fn a_broken_file_and_unusable_rows_are_told() {
    let services = filled(&["t"]).await;
    let folder = tempfile::tempdir().expect("makes a folder");
    let file = folder.path().join("a.ndjson");
    export(&file, None, &services).await;
    let mut text = std::fs::read_to_string(&file).expect("is there");
    text.push_str("{\"id\":5}\n{oops\n");
    std::fs::write(&file, &text).expect("writes");
    let told = verified(work(Side::File(file.clone()), of_type("t")), &services).await;
    assert_eq!((told.same, told.unusable), (300, [2, 0]));
    assert_eq!(told.broken, std::slice::from_ref(&file));
    assert!(!told.is_same());
    // Without a manifest nothing is known of the file, and its rows are compared all the same.
    std::fs::remove_file(manifest::path_of(&file)).expect("is there");
    let told = verified(work(Side::File(file), of_type("t")), &services).await;
    assert_eq!((told.same, told.broken.len()), (300, 0));
}
