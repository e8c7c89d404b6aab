use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::*;
use crate::config::Config;
use crate::worker::again::Patience;
use crate::worker::job::Job;
use crate::worker::job::Output;
use crate::worker::run::run;

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

/// A sandbox in memory with a client that may not see everything, a rule, and settings. With that client's secret.
async fn furnished() -> (Services, String, String) {
    let services = Services::new(&Config::default(), None, None).expect("there is a sandbox");
    let call = |endpoint| ApiRequest::new(endpoint);
    let defs = r#"[{"name":"email","type":"string"},{"name":"nick","type":"string"}]"#;
    let create = call(Endpoint::TypeCreate)
        .with("type_name", "t")
        .with("attr_defs", defs);
    answer(&services, create).await;
    let rule = call(Endpoint::TypeAddRule)
        .with("type_name", "t")
        .with("attributes", r#"["nick"]"#)
        .with("definition", r#""to-lower""#)
        .with("description", "small");
    answer(&services, rule).await;
    let add = call(Endpoint::ClientsAdd)
        .with("description", "reader")
        .with("features", r#"["direct_read_access"]"#);
    let added = answer(&services, add).await;
    let text = |name: &str| {
        added
            .get(name)
            .and_then(Json::as_str)
            .expect("is told")
            .to_owned()
    };
    let (id, secret) = (text("client_id"), text("client_secret"));
    let set = call(Endpoint::TypeSetAccessSchema)
        .with("type_name", "t")
        .with("for_client_id", &id)
        .with("access_type", "read")
        .with("attributes", r#"["email"]"#);
    answer(&services, set).await;
    for (key, value) in [
        ("default_flow", "standard"),
        ("mail_secret", "planted-secret"),
        ("rsa_private_key", "planted-secret"),
        ("google_api_key", "planted-secret"),
        (
            "mail_config",
            r#"{"host":"h","smtp":{"smtp_password":"planted-secret"}}"#,
        ),
    ] {
        let set = call(Endpoint::SettingsSet)
            .with("for_client_id", &id)
            .with("key", key)
            .with("value", value);
        answer(&services, set).await;
    }
    for _ in 0..3 {
        let create = call(Endpoint::EntityCreate)
            .with("type_name", "t")
            .with("attributes", r#"{"email":"a@b.c"}"#);
        answer(&services, create).await;
    }
    (services, id, secret)
}

fn work(folder: &Path) -> Dump {
    Dump {
        folder: folder.to_owned(),
        types: Vec::new(),
        records: true,
        pace: Pace {
            partitions: NonZeroUsize::MIN,
            page: None,
            apart: Duration::ZERO,
            patience: Patience::default(),
        },
    }
}

/// All files below a folder with what is in them.
fn files(root: &Path, folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("lists") {
        let path = entry.expect("is there").path();
        if path.is_dir() {
            files(root, &path, found);
        } else {
            let name = path
                .strip_prefix(root)
                .expect("is below")
                .display()
                .to_string();
            found.push((name, fs::read(&path).expect("is there")));
        }
    }
    found.sort();
}

fn read(folder: &Path, name: &str) -> Json {
    let text = fs::read_to_string(folder.join(name)).expect(name);
    Json::parse(&text).expect("is JSON")
}

#[tokio::test]
async fn a_dump_has_everything_but_secrets() {
    let (services, id, secret) = furnished().await;
    let home = tempfile::tempdir().expect("makes a folder");
    let folder = home.path().join("dump");
    let cancel = CancellationToken::new();
    let dumped = dump(work(&folder), &services, &|_| {}, &cancel)
        .await
        .expect("dumps");
    assert!(dumped.types.contains(&"t".to_owned()), "{dumped:?}");
    assert_eq!(dumped.left_out, []);
    assert_eq!(dumped.records.map(|(_, incomplete)| incomplete), Some(0));

    let schema = read(&folder, "types/t/schema.json");
    let (schema, _) = EntityType::from_json(&schema).expect("is one");
    assert_eq!(schema.name, "t");
    let rules = read(&folder, "types/t/properties.json");
    assert!(rules.to_string().contains("to-lower"), "{rules}");
    let access = read(&folder, "types/t/access.json");
    let list = access.get(&id).and_then(|client| client.get("read"));
    assert_eq!(list.map(Json::to_string).as_deref(), Some(r#"["email"]"#));
    let clients = read(&folder, "clients.json");
    assert!(clients.to_string().contains(&id));
    let settings = read(&folder, "settings.json").to_string();
    assert!(
        settings.contains("standard") && settings.contains("mail_secret"),
        "{settings}"
    );
    let own = read(&folder, "settings.json");
    let own = own.get("clients").and_then(|clients| clients.get(&id));
    let flow = own.and_then(|own| own.get("default_flow"));
    assert_eq!(flow, Some(&"standard".into()), "not nested twice");
    assert!(folder.join("records/t.ndjson.gz.manifest.json").exists());

    let mut all = Vec::new();
    files(&folder, &folder, &mut all);
    let holds = |bytes: &[u8], text: &str| memchr::memmem::find(bytes, text.as_bytes()).is_some();
    for (name, bytes) in &all {
        for planted in [secret.as_str(), "planted-secret", "client_secret"] {
            assert!(!holds(bytes, planted), "{planted} in {name}");
        }
    }
    let manifest = read(&folder, "manifest.json");
    let told = manifest
        .get("files")
        .and_then(Json::as_array)
        .map(<[Json]>::len);
    assert_eq!(told, Some(all.len() - 1), "all but the manifest itself");

    match dump(work(&folder), &services, &|_| {}, &cancel).await {
        Err(JobError::Failed(failure)) => assert!(failure.message.contains("whole dump")),
        other => panic!("{other:?}"),
    }
}

/// What was refused in an earlier life is still told at the end, also where its file is kept without it.
#[tokio::test]
async fn what_was_left_out_before_an_interruption_is_told() {
    let (services, id, _) = furnished().await;
    let home = tempfile::tempdir().expect("makes a folder");
    let folder = home.path().join("dump");
    let rules: Vec<_> = [
        "settings/get_all=code=403",
        "entityType.getAccessSchema=code=403",
    ]
    .map(|rule| rule.parse().expect("is a rule"))
    .into();
    let cancel = CancellationToken::new();
    let set = services.set_faults(rules, &|_| {}, &cancel).await;
    set.expect("it is the sandbox");
    // Interrupted when the records come.
    let progress = |progress| {
        if let Progress::Bulk(_) = progress {
            cancel.cancel();
        }
    };
    let ended = dump(work(&folder), &services, &progress, &cancel).await;
    assert!(ended.is_err(), "{ended:?}");
    let cancel = CancellationToken::new();
    let set = services.set_faults(Vec::new(), &|_| {}, &cancel).await;
    set.expect("it is the sandbox");
    let dumped = dump(work(&folder), &services, &|_| {}, &cancel)
        .await
        .expect("goes on");
    let what = format!("what {id} may read of t");
    let left: Vec<&str> = dumped.left_out.iter().map(|left| left.0.as_str()).collect();
    assert!(left.contains(&what.as_str()), "{left:?}");
    let manifest = read(&folder, "manifest.json").to_string();
    assert!(manifest.contains(&what), "{manifest}");
    // What could be asked again is not left out any more.
    assert!(
        !left.iter().any(|what| what.starts_with("settings of")),
        "{left:?}"
    );
}

#[tokio::test]
async fn an_export_that_is_not_complete_stays_so() {
    let (services, _, _) = furnished().await;
    let home = tempfile::tempdir().expect("makes a folder");
    let folder = home.path().join("dump");
    let cancel = CancellationToken::new();
    dump(work(&folder), &services, &|_| {}, &cancel)
        .await
        .expect("dumps");
    // As if the service had counted more, and the dump had not come to its end.
    let name = "records/t.ndjson.gz.manifest.json";
    let manifest = read(&folder, name).to_string();
    let more = manifest
        .replace("\"counted_before\":3", "\"counted_before\":9")
        .replace("\"counted_after\":3", "\"counted_after\":9");
    fs::write(folder.join(name), more).expect("writes");
    fs::remove_file(folder.join("manifest.json")).expect("is there");
    let begun: Vec<(&str, Json)> = vec![
        ("environment", services.environment().name.as_str().into()),
        ("domain", services.whereabouts().into()),
        ("only_types", Json::Array(Vec::new())),
    ];
    let begun: Json = begun.into_iter().collect();
    fs::write(folder.join("dump.unfinished.json"), begun.to_string()).expect("writes");
    let dumped = dump(work(&folder), &services, &|_| {}, &cancel)
        .await
        .expect("goes on");
    assert_eq!(dumped.records.map(|(_, incomplete)| incomplete), Some(1));
}

#[tokio::test]
async fn an_interrupted_dump_is_gone_on_with() {
    let (services, _, _) = furnished().await;
    let home = tempfile::tempdir().expect("makes a folder");
    let (whole, parts) = (home.path().join("whole"), home.path().join("parts"));
    let cancel = CancellationToken::new();
    dump(work(&whole), &services, &|_| {}, &cancel)
        .await
        .expect("dumps");
    let mut rounds = 0;
    loop {
        rounds += 1;
        let cancel = CancellationToken::new();
        let calls = AtomicU32::new(0);
        let progress = |progress| {
            let count = u32::from(matches!(progress, Progress::Sent(_)));
            if calls.fetch_add(count, Ordering::Relaxed) > 12 {
                cancel.cancel();
            }
        };
        if dump(work(&parts), &services, &progress, &cancel)
            .await
            .is_ok()
        {
            break;
        }
        assert!(rounds < 50, "it comes to its end");
    }
    assert!(rounds > 1);
    let names = |folder: &Path| {
        let mut found = Vec::new();
        files(folder, folder, &mut found);
        found.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(names(&parts), names(&whole));
    for name in ["clients.json", "settings.json", "types/t/schema.json"] {
        assert_eq!(read(&parts, name), read(&whole, name));
    }

    let other = home.path().join("other");
    fs::create_dir(&other).expect("makes a folder");
    fs::write(other.join("mine"), "x").expect("writes");
    let cancel = CancellationToken::new();
    match dump(work(&other), &services, &|_| {}, &cancel).await {
        Err(JobError::Failed(failure)) => assert!(failure.message.contains("is not empty")),
        other => panic!("{other:?}"),
    }
}
