use std::path::Path;

use super::*;
use crate::capture::endpoint::Endpoint;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::exchange::Answered;
use crate::exchange::Outcome;
use crate::exchange::Sent;
use crate::exchange::Stage;
use crate::exchange::TransportError;
use crate::exchange::Verdict;

const LIMITS: Limits = Limits {
    rows: 10_000,
    body: 1 << 20,
};

fn open(folder: &Path) -> History {
    let (history, notice) = History::open(folder, LIMITS).expect("a writable folder");
    assert_eq!(notice, None);
    history
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn exchange(request: ApiRequest, outcome: Outcome) -> Exchange {
    Exchange {
        id: None,
        environment: "dev".to_owned(),
        sent: Sent {
            method: "POST".to_owned(),
            url: "https://h/entity.create".to_owned(),
            headers: vec![("Authorization".to_owned(), "Basic ••••••••".to_owned())],
            body: request.to_form(),
        },
        request,
        started: "2026-11-22T03:04:05.678901234Z".parse().expect("a time"),
        elapsed: Duration::from_micros(1234),
        outcome,
    }
}

fn create(attributes: &str) -> ApiRequest {
    ApiRequest::new(Endpoint::EntityCreate)
        .with("type_name", "user")
        .with("attributes", attributes)
}

fn answered(body: &str) -> Outcome {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Outcome::Answered(Answered::read(200, headers, body.into()))
}

fn all(history: &History, text: Option<&str>) -> Vec<Summary> {
    let query = Query {
        text: text.map(str::to_owned),
        limit: 100,
    };
    history.list(&query).expect("readable")
}

#[test]
fn an_exchange_comes_back_as_it_was() {
    let folder = folder();
    let history = open(folder.path());
    let lost = Outcome::Failed(TransportError {
        stage: Stage::Read,
        message: "broke off".to_owned(),
        may_have_happened: true,
    });
    for outcome in [
        answered(r#"{ "id": 1, "uuid":"u-1", "n":1.50, "stat":"ok"}"#),
        answered(
            r#"{"code":361,"error":"unique_violation","error_description":"d","request_id":"r","stat":"error"}"#,
        ),
        answered("<html>"),
        lost,
    ] {
        let before = exchange(create(r#"{"a":"é"}"#), outcome);
        let id = history.add(&before).expect("writable");
        let after = history.get(id).expect("readable").expect("there");
        assert_eq!(after.id, Some(id));
        let expected = Exchange {
            id: Some(id),
            ..before.clone()
        };
        assert_eq!(format!("{after:?}"), format!("{expected:?}"));
        let row = &all(&history, None)[0];
        assert_eq!(
            (row.id, row.verdict, row.elapsed),
            (id, before.verdict(), before.elapsed)
        );
        assert_eq!(
            (row.started, row.endpoint),
            (before.started, Endpoint::EntityCreate)
        );
        assert_eq!(row.code.is_some(), before.verdict() == Verdict::Error);
        assert_eq!(row.type_name.as_deref(), Some("user"));
        assert_eq!(
            row.subject,
            if row.verdict == Verdict::Ok {
                "u-1"
            } else {
                ""
            }
        );
    }
    assert!(history.get(ExchangeId(99)).expect("readable").is_none());
}

#[test]
fn no_password_reaches_the_disk() {
    let folder = folder();
    let history = open(folder.path());
    let request = create(r#"{"email":"a@b.c","password":"hunter2-CANARY"}"#);
    let outcome = answered(
        r#"{"stat":"ok","result":{"password":{"type":"password-bcrypt","value":"$2b$CANARY"}},"new_secret":"CANARY"}"#,
    );
    history.add(&exchange(request, outcome)).expect("writable");
    drop(history);
    for file in fs::read_dir(folder.path()).expect("the folder").flatten() {
        let bytes = fs::read(file.path()).expect("own file");
        assert!(
            !String::from_utf8_lossy(&bytes).contains("CANARY"),
            "{:?}",
            file.path()
        );
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(
                &file.metadata().expect("own file").permissions()
            ) & 0o777,
            0o600,
            "{:?}",
            file.path()
        );
    }
    let kept = open(folder.path())
        .get(ExchangeId(1))
        .expect("readable")
        .expect("there");
    assert!(
        kept.request
            .args
            .get("attributes")
            .is_some_and(|text| text.contains("a@b.c"))
    );
    assert!(matches!(kept.answer(), Some(Answer::Ok(_))));
}

#[test]
fn finds_text_in_requests_and_answers_literally() {
    let folder = folder();
    let history = open(folder.path());
    for (attributes, body) in [
        (r#"{"a":"100% wool"}"#, r#"{"stat":"ok","uuid":"u-1"}"#),
        (
            r#"{"a":"1000 sheep"}"#,
            r#"{"stat":"error","code":200,"error":"x","request_id":"req99"}"#,
        ),
    ] {
        history
            .add(&exchange(create(attributes), answered(body)))
            .expect("writable");
    }
    for (text, found) in [
        ("", vec![2, 1]),
        ("USER", vec![2, 1]),
        ("100%", vec![1]),
        ("u-1", vec![1]),
        ("req99", vec![2]),
        ("1_0", vec![]),
        ("nothing like it", vec![]),
    ] {
        let ids: Vec<i64> = all(&history, Some(text))
            .iter()
            .map(|row| row.id.0)
            .collect();
        assert_eq!(ids, found, "{text}");
    }
    let one = history
        .list(&Query {
            text: None,
            limit: 1,
        })
        .expect("readable");
    assert_eq!(one.len(), 1);
}

#[test]
fn the_oldest_go_first_and_long_bodies_are_cut() {
    let folder = folder();
    let limits = Limits { rows: 3, body: 40 };
    let (history, _) = History::open(folder.path(), limits).expect("writable");
    let long = format!(r#"{{"stat":"ok","uuid":"u","text":"{}"}}"#, "é".repeat(100));
    for _ in 0..5 {
        history
            .add(&exchange(create(&long), answered(&long)))
            .expect("writable");
    }
    let ids: Vec<i64> = all(&history, None).iter().map(|row| row.id.0).collect();
    assert_eq!(ids, [5, 4, 3]);
    let kept = history
        .get(ExchangeId(5))
        .expect("readable")
        .expect("there");
    assert!(
        kept.request
            .args
            .get("attributes")
            .is_some_and(|text| text.contains("(cut: "))
    );
    match kept.answer() {
        Some(Answer::NotCapture(other)) => {
            assert!(other.reason.contains("first 40 of"), "{}", other.reason);
        }
        answer => panic!("{answer:?}"),
    }
    // The list still says how it went.
    assert_eq!(all(&history, None)[0].verdict, Verdict::Ok);
}

#[test]
fn several_writers_lose_nothing() {
    const WRITERS: usize = 4;
    const EACH: usize = 25;
    let folder = folder();
    std::thread::scope(|scope| {
        for _ in 0..WRITERS {
            // Each with a connection of its own, as processes have, and all beginning the file at once.
            scope.spawn(|| {
                let history = open(folder.path());
                for _ in 0..EACH {
                    history
                        .add(&exchange(create("{}"), answered(r#"{"stat":"ok"}"#)))
                        .expect("writable");
                }
            });
        }
    });
    assert_eq!(all(&open(folder.path()), None).len(), WRITERS * EACH);
}

#[test]
fn an_unusable_file_is_set_aside() {
    type Damage = fn(&Path);
    let damage: [(&str, Damage); 4] = [
        ("damaged", |path| {
            fs::write(path, "not a database, but long enough to be read as one").expect("writable");
        }),
        ("damaged", |path| {
            let mut bytes = fs::read(path).expect("own file");
            bytes[100..1000].fill(0xff);
            fs::write(path, bytes).expect("writable");
        }),
        ("damaged", |path| {
            let other = Connection::open(path).expect("a database");
            other
                .execute_batch("DROP TABLE exchange")
                .expect("writable");
        }),
        ("newer version", |path| {
            let other = Connection::open(path).expect("a database");
            other
                .pragma_update(None, "user_version", VERSION + 1)
                .expect("writable");
        }),
    ];
    for (reason, damage) in damage {
        let folder = folder();
        open(folder.path())
            .add(&exchange(create("{}"), answered("{}")))
            .expect("writable");
        damage(&folder.path().join("history.db"));
        let (history, notice) = History::open(folder.path(), LIMITS).expect("a new one");
        assert!(
            notice.as_deref().is_some_and(|text| text.contains(reason)),
            "{reason}: {notice:?}"
        );
        assert_eq!(all(&history, None), []);
        history
            .add(&exchange(create("{}"), answered("{}")))
            .expect("writable");
        let aside = fs::read_dir(folder.path()).expect("the folder").flatten();
        let aside = aside.filter(|file| {
            file.file_name()
                .to_string_lossy()
                .starts_with("history.db.2")
        });
        assert_eq!(aside.count(), 1, "{reason}");
    }
}

#[test]
fn no_damage_makes_it_panic_or_stop() {
    let folder = folder();
    let history = open(folder.path());
    for number in 0..40 {
        let attributes = format!(r#"{{"n":{number},"text":"{}"}}"#, "x".repeat(200));
        history
            .add(&exchange(create(&attributes), answered(r#"{"stat":"ok"}"#)))
            .expect("writable");
    }
    drop(history);
    let path = folder.path().join("history.db");
    let whole = fs::read(&path).expect("own file");
    for at in (0..whole.len()).step_by(whole.len() / 200) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        fs::write(&path, bytes).expect("writable");
        // A flip may hide in a row's text; what counts is that there is always a way on.
        let (history, _) = History::open(folder.path(), LIMITS).expect("usable or a new one");
        let _ = history.list(&Query {
            text: Some("x".to_owned()),
            limit: 100,
        });
        let _ = history.get(ExchangeId(1));
        history
            .add(&exchange(create("{}"), answered("{}")))
            .expect("always a way on");
        drop(history);
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{suffix}", path.display()));
        }
    }
}
