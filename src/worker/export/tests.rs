use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::*;
use crate::capture::endpoint::Endpoint;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::config::Config;
use crate::sandbox::faults::Rule;
use crate::worker::again::Patience;
use crate::worker::job::Job;
use crate::worker::job::Output;
use crate::worker::run::run;

const ATTR_DEFS: &str = r#"[
    {"name":"email","type":"string"},{"name":"age","type":"integer"},{"name":"size","type":"decimal"},
    {"name":"home","type":"object","attr_defs":[{"name":"city","type":"string"}]},
    {"name":"tags","type":"plural","attr_defs":[{"name":"tag","type":"string"}]}]"#;

/// As patient as is usual, in a hurry.
const HASTE: Patience = Patience {
    tries: 40,
    first: Duration::from_micros(100),
    longest: Duration::from_millis(2),
};

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

/// A sandbox in memory with the type `t` and so many records.
async fn filled(records: usize) -> Services {
    let services = Services::new(&Config::default(), None, None).expect("there is a sandbox");
    let create = ApiRequest::new(Endpoint::TypeCreate)
        .with("type_name", "t")
        .with("attr_defs", ATTR_DEFS);
    answer(&services, create).await;
    fill(&services, 0, records).await;
    services
}

async fn fill(services: &Services, from: usize, records: usize) {
    let texts: Vec<String> = (from..from + records)
        .map(|number| {
            let tags = "{\"tag\":\"a\"},".repeat(number % 3);
            format!(
                r#"{{"email":"é{number}, \"x\"","age":{number},"size":{number}.50,"home":{{"city":null}},"tags":[{}]}}"#,
                tags.trim_end_matches(',')
            )
        })
        .collect();
    for some in texts.chunks(1_000) {
        let create = ApiRequest::new(Endpoint::EntityBulkCreate)
            .with("type_name", "t")
            .with("timeout", "60")
            .with("all_attributes", format!("[{}]", some.join(",")));
        answer(services, create).await;
    }
}

/// What the service itself says, a record a line.
async fn stored(services: &Services) -> Vec<String> {
    let find = ApiRequest::new(Endpoint::EntityFind)
        .with("type_name", "t")
        .with("max_results", "10000");
    let answer = answer(services, find).await;
    let records = answer.get("results").and_then(Json::as_array);
    let records = records.expect("is a list").iter();
    records.map(Json::to_string).collect()
}

fn work(file: &Path) -> Export {
    Export {
        type_name: "t".to_owned(),
        filter: None,
        attributes: Vec::new(),
        form: Form::of(file).expect("has an ending"),
        formula_safe: false,
        target: Target::File {
            file: file.to_owned(),
            resume: false,
        },
        pace: Pace {
            partitions: NonZeroUsize::new(3).expect("is one"),
            page: NonZeroUsize::new(40),
            apart: Duration::ZERO,
            patience: HASTE,
        },
    }
}

fn resuming(mut work: Export) -> Export {
    if let Target::File { resume, .. } = &mut work.target {
        *resume = true;
    }
    work
}

async fn exported(work: Export, services: &Services) -> Exported {
    let cancel = CancellationToken::new();
    export(work, services, &|_| {}, &cancel)
        .await
        .expect("goes well")
}

fn lines(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).expect("is there");
    text.lines().map(str::to_owned).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("lists");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("is there")
                .file_name()
                .into_string()
                .expect("is text")
        })
        .collect();
    names.sort();
    names
}

async fn set_faults(services: &Services, rules: &[&str]) {
    let rules: Vec<Rule> = rules
        .iter()
        .map(|rule| rule.parse().expect("is a rule"))
        .collect();
    let cancel = CancellationToken::new();
    let set = services.set_faults(rules, &|_| {}, &cancel).await;
    set.expect("it is the sandbox");
}

#[tokio::test]
async fn all_records_come_as_they_are_however_they_are_read() {
    let services = filled(500).await;
    let folder = tempfile::tempdir().expect("makes a folder");
    let stored = stored(&services).await;
    for (partitions, page) in [
        (1, Some(7)),
        (1, None),
        (2, Some(100)),
        (3, Some(500)),
        (8, Some(33)),
    ] {
        let file = folder.path().join(format!("{partitions}-{page:?}.ndjson"));
        let mut work = work(&file);
        work.pace.partitions = NonZeroUsize::new(partitions).expect("is one");
        work.pace.page = page.and_then(NonZeroUsize::new);
        let exported = exported(work, &services).await;
        assert_eq!(lines(&file), stored, "{partitions} {page:?}");
        assert_eq!(
            (exported.records, exported.is_complete()),
            (500, Some(true))
        );
        assert!(exported.hidden.is_empty(), "{:?}", exported.hidden);
    }
}

#[tokio::test]
async fn the_manifest_says_what_was_exported() {
    let services = filled(30).await;
    let folder = tempfile::tempdir().expect("makes a folder");
    let file = folder.path().join("some.ndjson");
    let work = Export {
        filter: Some("age < 10 or age >= 25".to_owned()),
        attributes: vec!["email".to_owned(), "tags.tag".to_owned()],
        ..work(&file)
    };
    let exported = exported(work.clone(), &services).await;
    assert_eq!(exported.records, 15);
    assert_eq!(
        names(folder.path()),
        ["some.ndjson", "some.ndjson.manifest.json"]
    );
    let text = std::fs::read_to_string(manifest::path_of(&file)).expect("is there");
    let manifest = Json::parse(&text).expect("is JSON");
    let ids: Vec<i64> = lines(&file)
        .iter()
        .map(|line| Json::parse(line).expect("is JSON"))
        .map(|record| {
            let names: Vec<&String> = record.as_object().expect("is one").keys().collect();
            assert_eq!(names, ["id", "email", "tags"]);
            record.get("id").and_then(Json::as_i64).expect("has an id")
        })
        .collect();
    let said = |name: &str| manifest.get(name).cloned().unwrap_or_default();
    assert_eq!(said("environment"), "sandbox".into());
    assert_eq!(said("type"), "t".into());
    assert_eq!(said("filter"), "age < 10 or age >= 25".into());
    assert_eq!(said("records"), 15.into());
    assert_eq!(said("counted_before"), 15.into());
    assert_eq!(said("counted_after"), 15.into());
    assert_eq!(said("first_id"), ids[0].into());
    assert_eq!(said("last_id"), ids[14].into());
    let bytes = std::fs::read(&file).expect("is there");
    assert_eq!(
        said("sha256"),
        crate::record_file::write::tally::sum_of(&bytes).into()
    );
    let (schema, _) = EntityType::from_json(&said("schema")).expect("is one");
    assert_eq!(said("schema_sha256"), manifest::schema_sum(&schema).into());
    // Nothing is overwritten.
    let cancel = CancellationToken::new();
    match export(work, &services, &|_| {}, &cancel).await {
        Err(JobError::Failed(failure)) => assert!(failure.message.contains("exists already")),
        other => panic!("{other:?}"),
    }
}

/// One call in five goes wrong, in all ways.
#[tokio::test]
async fn an_export_is_whole_whatever_goes_wrong() {
    let services = filled(600).await;
    let folder = tempfile::tempdir().expect("makes a folder");
    let stored = stored(&services).await;
    for fault in [
        "504",
        "510",
        "http-510",
        "http-502",
        "reset",
        "truncated",
        "http-504",
    ] {
        set_faults(&services, &[&format!("*={fault}@20%")]).await;
        let file = folder.path().join(format!("{fault}.ndjson"));
        let exported = exported(work(&file), &services).await;
        assert_eq!(lines(&file), stored, "{fault}");
        assert_eq!(exported.is_complete(), Some(true), "{fault}");
    }
}

#[tokio::test]
async fn an_interrupted_export_goes_on() {
    let services = filled(400).await;
    let folder = tempfile::tempdir().expect("makes a folder");
    let stored = stored(&services).await;
    for form in ["ndjson", "json", "csv", "parquet", "ndjson.gz", "csv.gz"] {
        let (part, whole) = (
            folder.path().join(format!("part.{form}")),
            folder.path().join(format!("whole.{form}")),
        );
        exported(work(&whole), &services).await;
        // Interrupted after some pages, several times.
        let mut rounds = 0;
        let last = loop {
            rounds += 1;
            let cancel = CancellationToken::new();
            let pages = AtomicU32::new(0);
            let progress = |progress| {
                let count = u32::from(matches!(progress, Progress::Sent(_)));
                if pages.fetch_add(count, Ordering::Relaxed) >= 8 {
                    cancel.cancel();
                }
            };
            match export(resuming(work(&part)), &services, &progress, &cancel).await {
                Ok(exported) => break exported,
                Err(JobError::Failed(failure)) => {
                    assert_eq!(failure.kind, FailureKind::Interrupted);
                    assert!(failure.hints[0].contains("--resume"), "{failure:?}");
                }
                Err(error) => panic!("{error:?}"),
            }
            assert!(!part.exists());
            // What a kill leaves behind the mark is torn.
            let torn = part::beside(&part, ".part");
            let mut bytes = std::fs::read(&torn).expect("is there");
            bytes.extend_from_slice(b"{\"id\":99");
            std::fs::write(&torn, bytes).expect("writes");
        };
        assert!(rounds > 2, "{form}: {rounds}");
        assert!(last.resumed > 0 && last.records == 400, "{form}: {last:?}");
        match form {
            "ndjson" => assert_eq!(lines(&part), stored),
            // Whoever stops often packs, and groups rows, otherwise.
            "parquet" => {}
            "ndjson.gz" | "csv.gz" => assert_eq!(unpacked(&part), unpacked(&whole), "{form}"),
            _ => assert_eq!(lines(&part), lines(&whole), "{form}"),
        }
        // Once more is nothing to do, or a refusal.
        std::fs::write(part::beside(&part, ".part.journal"), "").expect("writes");
        let again = exported(resuming(work(&part)), &services).await;
        assert!(again.was_whole);
    }
}

fn unpacked(file: &Path) -> String {
    let file = std::fs::File::open(file).expect("is there");
    let text = std::io::read_to_string(flate2::read::MultiGzDecoder::new(file));
    text.expect("is packed")
}

#[tokio::test]
async fn what_was_begun_is_gone_on_with_only_for_the_same() {
    let services = filled(50).await;
    let folder = tempfile::tempdir().expect("makes a folder");
    let file = folder.path().join("a.ndjson");
    let cancel = CancellationToken::new();
    let interrupt = |progress| {
        if let Progress::Bulk(_) = progress {
            cancel.cancel();
        }
    };
    let ended = export(work(&file), &services, &interrupt, &cancel).await;
    assert!(matches!(ended, Err(JobError::Failed(_))), "{ended:?}");
    let filtered = Export {
        filter: Some("age > 1".to_owned()),
        ..work(&file)
    };
    for (work, words) in [
        (work(&file), "was begun and did not end"),
        (resuming(filtered), "is another one"),
    ] {
        match export(work, &services, &|_| {}, &CancellationToken::new()).await {
            Err(JobError::Failed(failure)) => {
                assert!(failure.message.contains(words), "{}", failure.message);
            }
            other => panic!("{other:?}"),
        }
    }
    exported(resuming(work(&file)), &services).await;
    assert_eq!(lines(&file).len(), 50);
}

#[tokio::test]
async fn a_wrong_type_or_filter_is_told_and_leaves_nothing() {
    let services = filled(3).await;
    let folder = tempfile::tempdir().expect("makes a folder");
    let file = folder.path().join("a.ndjson");
    for (type_name, filter) in [("none", None), ("t", Some("nothing = 1"))] {
        let work = Export {
            type_name: type_name.to_owned(),
            filter: filter.map(str::to_owned),
            ..work(&file)
        };
        let cancel = CancellationToken::new();
        let ended = export(work, &services, &|_| {}, &cancel).await;
        assert!(matches!(ended, Err(JobError::Exchange(_))), "{ended:?}");
        assert!(names(folder.path()).is_empty());
    }
}

#[tokio::test]
async fn a_type_without_records_is_a_file_without_records() {
    let services = filled(0).await;
    let folder = tempfile::tempdir().expect("makes a folder");
    for (form, text) in [
        ("ndjson", ""),
        ("json", "[\n]\n"),
        (
            "csv",
            "id,uuid,created,lastUpdated,age,email,home.city,size,tags\n",
        ),
    ] {
        let file = folder.path().join(format!("a.{form}"));
        let exported = exported(work(&file), &services).await;
        assert_eq!((exported.records, exported.is_complete()), (0, Some(true)));
        assert_eq!(std::fs::read_to_string(&file).expect("is there"), text);
    }
}
