use std::cell::Cell;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use crate::capture::endpoint::Endpoint;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::exchange::Answered;
use crate::exchange::Arrived;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::exchange::Outcome;
use crate::exchange::Sent;
use crate::exchange::Stage;
use crate::exchange::TransportError;
use crate::exchange::Verdict;
use crate::exchange::timing::Timing;
use crate::history::migrations::VERSION;
use crate::history::query::Condition;
use crate::history::query::Page;
use crate::history::query::Query;
use crate::history::query::Summary;
use crate::history::query::parse::parse;
use crate::history::record::PrimaryKeys;
use crate::history::record::RecordKey;
use crate::history::record::place::Place;
use crate::history::record::timeline::Blame;
use crate::history::record::timeline::Since;
use crate::history::store::FILE;
use crate::history::store::History;
use crate::history::store::Limits;

const LIMITS: Limits = Limits {
    rows: 10_000,
    age: None,
    bytes: 64 << 20,
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
        timing: Timing {
            sent: Some(12),
            ..Timing::default()
        },
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

fn query(text: &str) -> Query {
    let now = "2026-11-22T12:00:00[UTC]".parse().expect("a time");
    parse(text, &now).expect(text)
}

fn all(history: &History) -> Vec<Summary> {
    let page = Page::newest(100);
    history.list(&Query::default(), page).expect("readable")
}

/// The places of the exchanges that a question means.
fn places(history: &History, text: &str) -> Vec<i64> {
    let found = history.list(&query(text), Page::newest(100));
    let found = found.expect(text);
    assert_eq!(
        history.count(&query(text)).expect(text),
        found.len() as u64,
        "{text}"
    );
    found.iter().map(|row| row.id.0).collect()
}

#[test]
fn an_exchange_comes_back_as_it_was() {
    let folder = folder();
    let history = open(folder.path());
    let lost = Outcome::Failed(TransportError {
        stage: Stage::Read,
        message: "broke off".to_owned(),
        may_have_happened: true,
        arrived: None,
    });
    let broken = Outcome::Failed(TransportError {
        stage: Stage::Read,
        message: "broke off after 7 bytes".to_owned(),
        may_have_happened: true,
        arrived: Some(Box::new(Arrived {
            status: 200,
            headers: vec![("content-length".to_owned(), "90".to_owned())],
            body: b"{\"id\":1".to_vec(),
        })),
    });
    for outcome in [
        answered(r#"{ "id": 1, "uuid":"u-1", "n":1.50, "stat":"ok"}"#),
        answered(
            r#"{"code":361,"error":"unique_violation","error_description":"d","request_id":"r","stat":"error"}"#,
        ),
        answered("<html>"),
        lost,
        broken,
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
        let row = &all(&history)[0];
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
    let broken = Outcome::Failed(TransportError {
        stage: Stage::Read,
        message: "broke off".to_owned(),
        may_have_happened: true,
        arrived: Some(Box::new(Arrived {
            status: 200,
            headers: Vec::new(),
            body: br#"{"result":{"pin":{"type":"password-bcrypt","value":"$2b$CANARY"#.to_vec(),
        })),
    });
    for outcome in [outcome, broken] {
        history
            .add(&exchange(request.clone(), outcome))
            .expect("writable");
    }
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
fn every_term_finds_what_it_should() {
    let folder = folder();
    let history = open(folder.path());
    let add = |environment: &str, request: ApiRequest, outcome: Outcome, started: &str, ms: u64| {
        let mut exchange = exchange(request, outcome);
        exchange.environment = environment.to_owned();
        exchange.started = started.parse().expect("a time");
        exchange.elapsed = Duration::from_millis(ms);
        history.add(&exchange).expect("writable");
    };
    let uuid = "8a3abdda-b4fb-49d8-a88d-022585b0f877";
    let view = ApiRequest::new(Endpoint::EntityView).with("type_name", "user");
    add(
        "dev",
        create(r#"{"email":"Bob@Example.com","a":"100% wool"}"#),
        answered(&format!(r#"{{"stat":"ok","id":7,"uuid":"{uuid}"}}"#)),
        "2026-11-20T10:00:00Z",
        40,
    );
    add(
        "prod",
        create(r#"{"nope":"Zo\u00eb M\u00fcller"}"#),
        answered(
            r#"{"stat":"error","code":223,"error":"unknown_attribute","request_id":"geup8cd3gvcvjjnc"}"#,
        ),
        "2026-11-21T10:00:00Z",
        2500,
    );
    add(
        "prod",
        view.clone().with("uuid", uuid),
        answered(r#"{"stat":"ok","result":{"city":"Sankt Gallen","n":1.50}}"#),
        "2026-11-22T10:00:00Z",
        40,
    );
    let lost = TransportError {
        stage: Stage::Connect,
        message: "connection refused".to_owned(),
        may_have_happened: false,
        arrived: None,
    };
    add(
        "dev",
        view.with("type_name", "customer"),
        Outcome::Failed(lost),
        "2026-11-22T11:00:00Z",
        40,
    );
    let page = r#"<html>Bad "Gateway" at C:\new</html>"#;
    let gateway = Outcome::Answered(Answered::read(502, Vec::new(), page.into()));
    add("dev", create("{}"), gateway, "2026-11-22T11:30:00Z", 40);
    for (text, found) in [
        ("", &[5, 4, 3, 2, 1][..]),
        // Words, by their beginnings and behind their joints, whatever case or accent.
        ("bob@example.com", &[1]),
        ("BOB", &[1]),
        ("example.com", &[1]),
        ("com", &[1]),
        ("ample", &[]),
        ("zoe", &[2]),
        ("muller", &[2]),
        ("Müll*", &[2]),
        ("sankt gallen", &[3]),
        ("gallen sankt", &[3]),
        ("1.50", &[3]),
        ("gateway", &[5]),
        ("refused", &[4]),
        // What an exchange is, too.
        ("entity.create", &[5, 2, 1]),
        ("create", &[5, 2, 1]),
        ("prod", &[3, 2]),
        ("223", &[2]),
        ("unknown_attribute", &[2]),
        ("2026-11-22", &[5, 4, 3]),
        ("body:prod", &[]),
        ("body:bob@example.com", &[1]),
        (r#"body:"Bob@example.com""#, &[1]),
        // Literally.
        (r#""sankt gallen""#, &[3]),
        (r#""gallen sankt""#, &[]),
        (r#""100% wool""#, &[1]),
        (r#""1000 wool""#, &[]),
        (r#""zoë m""#, &[2]),
        (r#""bad \"gateway\"""#, &[5]),
        (r"*\new*", &[5]),
        ("*allen", &[3]),
        ("*ALL*", &[3]),
        ("%", &[1]),
        // Operators.
        ("code:223", &[2]),
        ("c:200..299,361", &[2]),
        ("code:unknown_attribute", &[2]),
        ("-code:223", &[5, 4, 3, 1]),
        ("env:prod", &[3, 2]),
        ("e:prod,dev -e:dev", &[3, 2]),
        ("type:customer", &[4]),
        ("op:entity.create", &[5, 2, 1]),
        ("op:entity*", &[5, 4, 3, 2, 1]),
        ("op:entity", &[4, 3]),
        ("verdict:ok", &[3, 1]),
        ("s:error", &[2]),
        ("verdict:not_sent", &[4]),
        ("-verdict:ok,error", &[5, 4]),
        ("request:geup8cd3", &[2]),
        ("request:GEUP8CD3gvcvjjnc", &[2]),
        ("request:gvc", &[]),
        ("-request:geup", &[5, 4, 3, 1]),
        ("id:geup8cd3gvcvjjnc", &[2]),
        ("uuid:8A3A", &[3, 1]),
        ("uuid:b4fb-49d8", &[3, 1]),
        (&format!("id:{uuid}"), &[3, 1]),
        (&format!("-uuid:{uuid} env:dev"), &[5, 4]),
        ("after:2026-11-22", &[5, 4, 3]),
        ("before:2026-11-22", &[2, 1]),
        ("on:2026-11-21", &[2]),
        ("-on:today", &[2, 1]),
        ("after:75m", &[5, 4]),
        ("slower:2s", &[2]),
        ("http:502", &[5]),
        ("http:500..599", &[5]),
        ("env:prod verdict:error after:2026-11-01 zoe", &[2]),
        ("-bob -prod", &[5, 4]),
        (r#"create -"bad \"gateway""#, &[2, 1]),
    ] {
        assert_eq!(places(&history, text), found, "{text}");
    }
    let second = Page::before(ExchangeId(4), 1);
    for text in ["", "uuid:8a3a", r#""sankt""#, "verdict:ok"] {
        let rows = history.list(&query(text), second).expect("readable");
        let ids: Vec<i64> = rows.iter().map(|row| row.id.0).collect();
        assert_eq!(ids, [3], "{text}");
    }
    let none = history.list(&Query::default(), Page::newest(0));
    assert_eq!(none.expect("readable"), []);
    let listed = |text: &str, page: Page| -> Vec<i64> {
        let rows = history.list(&query(text), page).expect("readable");
        rows.iter().map(|row| row.id.0).collect()
    };
    // From the other end, newest first all the same.
    assert_eq!(listed("", Page::oldest(2)), [2, 1]);
    assert_eq!(listed("", Page::after(ExchangeId(2), 2)), [4, 3]);
    for text in ["uuid:8a3a", r#""sankt""#, "verdict:ok"] {
        let all = listed(text, Page::newest(9));
        assert_eq!(
            listed(text, Page::oldest(1)),
            all[all.len() - 1..],
            "{text}"
        );
        assert_eq!(listed(text, Page::oldest(9)), all, "{text}");
    }
    // Nobody waits for the rest.
    let asked = Cell::new(0);
    let twice = || {
        asked.set(asked.get() + 1);
        asked.get() <= 2
    };
    let some = history.list_while(&Query::default(), Page::newest(9), &twice);
    assert_eq!(some.expect("readable").len(), 2);
    let none = history.count_while(&query("verdict:ok"), &|| false);
    assert_eq!(none.expect("readable"), 0);
}

#[test]
fn the_oldest_go_first_and_long_bodies_are_cut() {
    let folder = folder();
    let limits = Limits {
        rows: 3,
        body: 40,
        ..LIMITS
    };
    let (history, _) = History::open(folder.path(), limits).expect("writable");
    let long = format!(r#"{{"stat":"ok","uuid":"u","text":"{}"}}"#, "é".repeat(100));
    for _ in 0..5 {
        history
            .add(&exchange(create(&long), answered(&long)))
            .expect("writable");
    }
    let ids: Vec<i64> = all(&history).iter().map(|row| row.id.0).collect();
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
    // The list still says how it went, and so does the exchange.
    assert_eq!(all(&history)[0].verdict, Verdict::Ok);
    assert_eq!(kept.verdict(), Verdict::Ok);
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
    assert_eq!(all(&open(folder.path())).len(), WRITERS * EACH);
}

/// Brings what the log holds into the file, so that damage to the file is not made good by it.
fn empty_log(path: &Path) {
    let other = Connection::open(path).expect("a database");
    // Fails where the file is damaged already: then the log goes as it is.
    let _ = other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    drop(other);
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let _ = fs::remove_file(log);
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
        empty_log(&folder.path().join(FILE));
        damage(&folder.path().join(FILE));
        let (history, notice) = History::open(folder.path(), LIMITS).expect("a new one");
        assert!(
            notice.as_deref().is_some_and(|text| text.contains(reason)),
            "{reason}: {notice:?}"
        );
        assert_eq!(all(&history), []);
        history
            .add(&exchange(create("{}"), answered("{}")))
            .expect("writable");
        let aside = fs::read_dir(folder.path()).expect("the folder").flatten();
        let aside = aside.filter(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            let is_beside = name.ends_with("-wal") || name.ends_with("-shm");
            name.starts_with("history.db.2") && !is_beside
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
    let path = folder.path().join(FILE);
    empty_log(&path);
    let whole = fs::read(&path).expect("own file");
    for at in (0..whole.len()).step_by(whole.len() / 60) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        empty_log(&path);
        fs::write(&path, bytes).expect("writable");
        // A flip may hide in a row's text; what counts is that there is always a way on.
        let (history, _) = History::open(folder.path(), LIMITS).expect("usable or a new one");
        let page = Page::newest(100);
        let _ = history.list(&query("x"), page);
        let _ = history.list(&Query::only(Condition::Inside("x".to_owned())), page);
        let _ = history.purge(&query("*99*"));
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

#[test]
fn nothing_is_left_of_what_is_purged() {
    let folder = folder();
    let history = open(folder.path());
    let filling = "filling ".repeat(600);
    let with = |environment: &str, canary: &str| {
        let attributes = format!(r#"{{"email":"{canary}@example.com","text":"{filling}"}}"#);
        let answer =
            format!(r#"{{"stat":"ok","uuid":"u-{canary}","result":{{"note":"{canary}"}}}}"#);
        let mut exchange = exchange(create(&attributes), answered(&answer));
        exchange.environment = environment.to_owned();
        history.add(&exchange).expect("writable");
    };
    let left = |word: &str| {
        let files = fs::read_dir(folder.path()).expect("the folder").flatten();
        let holds = |path: &Path| {
            let bytes = fs::read(path).expect("own file");
            memchr::memmem::find(&bytes, word.as_bytes()).is_some()
        };
        files.filter(|file| holds(&file.path())).count()
    };
    for number in 0..60 {
        with("dev", &format!("canary{number:03}"));
        with("prod", &format!("stays{number:03}"));
    }
    // Short ones are kept as they are, so that this test sees them if they stay.
    with("dev", "canary999");
    assert!(left("canary") > 0 && left("stays") > 0);
    let purged = history.purge(&query("env:dev")).expect("writable");
    assert_eq!(purged.exchanges, 61);
    assert!(purged.after < purged.before, "{purged:?}");
    assert_eq!(
        left("canary"),
        0,
        "neither in the file, nor its index, nor its log"
    );
    assert!(places(&history, "canary00").is_empty());
    assert_eq!(places(&history, "stays00").len(), 10);
    assert_eq!(history.count(&Query::default()).expect("readable"), 60);

    fs::write(folder.path().join("history.db.20260101T000000Z"), "canary").expect("writable");
    fs::write(folder.path().join("another.db"), "").expect("writable");
    let purged = history.purge(&Query::default()).expect("writable");
    assert_eq!((purged.exchanges, purged.files), (60, 1));
    assert_eq!((left("stays"), left("canary")), (0, 0));
    assert!(folder.path().join("another.db").exists());
    with("dev", "again");
    let newest = all(&history)[0].id;
    assert_eq!(newest, ExchangeId(122), "no place is given twice");
}

#[test]
fn the_file_stays_below_its_limit() {
    let folder = folder();
    let limits = Limits {
        bytes: 10 << 20,
        ..LIMITS
    };
    let (history, _) = History::open(folder.path(), limits).expect("writable");
    let mut random: u64 = 1;
    let mut largest = 0;
    for _ in 0..70 {
        let mut noise = String::new();
        while noise.len() < 40_000 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            write!(noise, "{:x} ", random >> 48).expect("a string takes it");
        }
        let answer = format!(r#"{{"stat":"ok","noise":"{noise}"}}"#);
        history
            .add(&exchange(create("{}"), answered(&answer)))
            .expect("writable");
        largest = largest.max(history.size());
    }
    assert!(largest < limits.bytes, "{largest}");
    let kept = history.count(&Query::default()).expect("readable");
    assert!((4..70).contains(&kept), "{kept}");
    assert_eq!(all(&history)[0].id, ExchangeId(70));
}

#[test]
fn old_exchanges_go_when_their_time_has_come() {
    let folder = folder();
    let ago = |hours: i64| {
        let mut exchange = exchange(create("{}"), answered("{}"));
        let now = jiff::Timestamp::now();
        exchange.started = now - jiff::SignedDuration::from_hours(hours);
        exchange
    };
    let history = open(folder.path());
    for hours in [100, 50, 10] {
        history.add(&ago(hours)).expect("writable");
    }
    drop(history);
    let limits = Limits {
        age: Some(Duration::from_hours(60)),
        ..LIMITS
    };
    let (history, _) = History::open(folder.path(), limits).expect("writable");
    assert_eq!(places(&history, ""), [3, 2]);
    drop(history);
    let limits = Limits {
        age: Some(Duration::from_hours(20)),
        ..LIMITS
    };
    let (history, _) = History::open(folder.path(), limits).expect("writable");
    history.add(&ago(0)).expect("writable");
    assert_eq!(places(&history, ""), [4, 3]);
}

#[test]
fn a_file_of_the_first_version_is_brought_along() {
    let folder = folder();
    let path = folder.path().join(FILE);
    let old = Connection::open(&path).expect("a database");
    old.execute_batch(include_str!("../../tests/data/history-version-1.sql"))
        .expect("as it was printed");
    old.execute_batch("UPDATE exchange SET body = substr(body, 1, 100) WHERE id = 5")
        .expect("writable");
    drop(old);
    let history = open(folder.path());
    assert_eq!(places(&history, ""), [7, 6, 5, 4, 3, 2]);
    assert_eq!(places(&history, "zoe@example.com"), [5, 4, 3, 2]);
    assert_eq!(places(&history, "request:pqd4df9a code:223"), [6]);
    let key = RecordKey {
        environment: "sandbox".to_owned(),
        type_name: "user".to_owned(),
        uuid: None,
        id: Some(96),
    };
    let timeline = history
        .timeline(&key, &PrimaryKeys::default())
        .expect("readable");
    let seen: Vec<i64> = timeline
        .events
        .iter()
        .map(|event| event.exchange.0)
        .collect();
    assert_eq!(seen, [2, 3, 4, 5]);
    let created = history
        .get(ExchangeId(2))
        .expect("readable")
        .expect("there");
    assert_eq!(created.request.endpoint, Endpoint::EntityCreate);
    assert_eq!(
        created.started.to_string().len(),
        "2026-11-22T15:46:46.083754618Z".len()
    );
    assert!(
        created
            .sent
            .body
            .starts_with("type_name=user&attributes=%7B"),
        "{}",
        created.sent.body
    );
    assert!(matches!(created.answer(), Some(Answer::Ok(json)) if json.get("uuid").is_some()));
    let cut = history
        .get(ExchangeId(5))
        .expect("readable")
        .expect("there");
    assert!(matches!(cut.answer(), Some(Answer::NotCapture(_))));
    assert_eq!(
        all(&history)[2].verdict,
        Verdict::Ok,
        "the list still says how it went"
    );
    let added = history.add(&exchange(create("{}"), answered("{}")));
    assert_eq!(added.expect("writable"), ExchangeId(8));
    drop(history);
    let again = Connection::open(&path).expect("a database");
    let shrinks: i64 = again
        .query_row("PRAGMA auto_vacuum", [], |row| row.get(0))
        .expect("readable");
    assert_eq!(shrinks, 2);
    assert_eq!(places(&open(folder.path()), "").len(), 7);
}

#[test]
fn a_reserved_place_is_nobody_elses() {
    let folder = folder();
    let history = open(folder.path());
    let one = |name: &str| {
        exchange(
            create(&format!(r#"{{"givenName":"{name}"}}"#)),
            answered("{}"),
        )
    };
    let long = history.reserve().expect("writable");
    let next = history.add(&one("Bob")).expect("writable");
    assert_eq!((long, next), (ExchangeId(1), ExchangeId(2)));
    assert_eq!(
        history.get(long).expect("readable").map(|found| found.id),
        None
    );
    history.add_at(long, &one("Zoe")).expect("writable");
    assert_eq!(places(&history, ""), [2, 1]);
    assert_eq!(places(&history, "zoe"), [1]);
    assert_eq!(history.add(&one("Al")).expect("writable"), ExchangeId(3));
}

#[test]
fn a_file_of_the_second_version_is_brought_along() {
    let folder = folder();
    let path = folder.path().join(FILE);
    let new = || exchange(create(r#"{"givenName":"Zoe"}"#), answered("{}"));
    open(folder.path()).add(&new()).expect("writable");
    let old = Connection::open(&path).expect("a database");
    old.execute_batch(
        "DROP TRIGGER content_added; DROP TRIGGER content_removed;
         ALTER TABLE content DROP COLUMN weight; ALTER TABLE total DROP COLUMN weight;
         CREATE TRIGGER exchange_added AFTER INSERT ON exchange
             BEGIN UPDATE total SET exchanges = exchanges + 1; END;
         CREATE TRIGGER exchange_removed AFTER DELETE ON exchange
             BEGIN UPDATE total SET exchanges = exchanges - 1; END;
         PRAGMA user_version = 2;",
    )
    .expect("as it was");
    drop(old);
    let (history, notice) = History::open(folder.path(), LIMITS).expect("usable");
    assert_eq!(notice, None);
    assert_eq!(places(&history, "zoe"), [1]);
    assert_eq!(history.add(&new()).expect("writable"), ExchangeId(2));
    history.purge(&query("env:dev")).expect("writable");
    drop(history);
    let left = Connection::open(&path).expect("a database").query_row(
        "SELECT exchanges, weight FROM total",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    );
    assert_eq!(left, Ok((0_i64, 0_i64)));
}

#[test]
fn a_record_is_followed_through_the_file() {
    let folder = folder();
    let history = open(folder.path());
    let uuid = "8A3ABDDA-b4fb-49d8-a88d-022585b0f877";
    let call = |environment: &str, endpoint: Endpoint, args: &[(&str, &str)], answer: &str| {
        let mut request = ApiRequest::new(endpoint).with("type_name", "user");
        for (name, value) in args {
            request = request.with(name, *value);
        }
        let mut exchange = exchange(request, answered(answer));
        exchange.environment = environment.to_owned();
        history.add(&exchange).expect("writable").0
    };
    let ok = r#"{"stat":"ok"}"#;
    let created = format!(r#"{{"stat":"ok","id":7,"uuid":"{uuid}"}}"#);
    let attributes = r#"{"email":"a@x","n":"0","password":"CANARY"}"#;
    call(
        "dev",
        Endpoint::EntityCreate,
        &[("attributes", attributes)],
        &created,
    );
    call(
        "prod",
        Endpoint::EntityUpdate,
        &[("uuid", uuid), ("attributes", r#"{"n":"prod"}"#)],
        ok,
    );
    let by_id = [("id", "7"), ("attributes", r#"{"n":"1"}"#)];
    let changed = call("dev", Endpoint::EntityUpdate, &by_id, ok);
    let by_email = [
        ("key_attribute", "email"),
        ("key_value", r#""a@x""#),
        ("attributes", r#"{"m":"1"}"#),
    ];
    let also = call("dev", Endpoint::EntityUpdate, &by_email, ok);
    let page = format!(
        r#"{{"stat":"ok","results":[{{"id":8,"uuid":"x","n":"9"}},{{"id":7,"uuid":"{uuid}","n":"1","m":"1",
           "password":{{"type":"password-bcrypt","value":"$2b$CANARY"}}}}]}}"#
    );
    call("dev", Endpoint::EntityFind, &[], &page);
    let key = RecordKey {
        environment: "dev".to_owned(),
        type_name: "user".to_owned(),
        uuid: None,
        id: Some(7),
    };
    let timeline = history
        .timeline(&key, &PrimaryKeys::default())
        .expect("readable");
    let exchanges: Vec<i64> = timeline
        .events
        .iter()
        .map(|event| event.exchange.0)
        .collect();
    assert_eq!(exchanges, [1, changed, also, 5]);
    let by = |field: &str| match timeline.blame(&Place::default().child(field)) {
        Some(Blame {
            since: Since::By(event),
            ..
        }) => event.exchange.0,
        other => panic!("{field}: {other:?}"),
    };
    assert_eq!((by("n"), by("m"), by("password")), (changed, also, 1));
    assert!(!format!("{timeline:?}").contains("CANARY"));
    assert_eq!(places(&history, "id:7 env:dev"), [5, changed, 1]);
    assert_eq!(places(&history, "id:8"), [5]);
}
