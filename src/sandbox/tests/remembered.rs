//! What a create is decided on is remembered, and whatever changes it, through the same server or another one on the same
//! data, holds for the very next create.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::net::Ipv4Addr;

use jiff::Timestamp;
use jiff::ToSpan;

use super::code;
use super::gate::basic;
use super::text;
use crate::capture::auth::Presented;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::Args;
use crate::capture::request::Call;
use crate::sandbox::operations::create::Writing;
use crate::sandbox::pipeline;
use crate::sandbox::seed::FirstContent;
use crate::sandbox::store::Store;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::StorePath;
use crate::sandbox::store::reset;
use crate::sandbox::store::snapshots;
use crate::sandbox::store::snapshots::SnapshotName;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

const ATTR_DEFS: &str = r#"[{"name":"a","type":"string"},{"name":"b","type":"string"},
    {"name":"p","type":"plural","attr_defs":[{"name":"v","type":"string"}]}]"#;

/// A data directory with two stores open on it, as two servers would have, and a client that creates records through the
/// first one.
struct Desk {
    folder: tempfile::TempDir,
    first: Store,
    second: Store,
    loader: (String, String),
    now: Timestamp,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        let open = || {
            let path = StorePath::Dir(folder.path().to_owned());
            Store::open_with(path, FirstContent::Bare).expect("opens")
        };
        let (first, second) = (open(), open());
        let mut desk = Self {
            folder,
            first,
            second,
            loader: Default::default(),
            now: Timestamp::now(),
        };
        desk.administer(
            false,
            "entityType.create",
            &[("type_name", "t"), ("attr_defs", ATTR_DEFS)],
        );
        let pairs = [
            ("description", "loader"),
            ("features", r#"["direct_access"]"#),
        ];
        let added = desk.administer(false, "clients/add", &pairs);
        desk.loader = (
            text(&added, "client_id").to_owned(),
            text(&added, "client_secret").to_owned(),
        );
        desk
    }

    /// The owner's call, through the second store if `elsewhere`; must succeed.
    fn administer(&self, elsewhere: bool, operation: &str, pairs: &[(&str, &str)]) -> Json {
        let store = if elsewhere { &self.second } else { &self.first };
        let (id, secret) = store.owner().expect("has an owner");
        let call = call(basic(&id, secret.reveal()), operation, pairs);
        let answer = pipeline::answer(store, &call, HERE, self.now).body;
        assert_eq!(
            text(&answer, "stat"),
            "ok",
            "{operation} {pairs:?}: {answer}"
        );
        answer
    }

    fn call(&self, attributes: &str) -> Call {
        let (id, secret) = &self.loader;
        let pairs = [("type_name", "t"), ("attributes", attributes)];
        call(basic(id, secret), "entity.create", &pairs)
    }

    /// The code of the answer to the client's create; `None` when the record was added.
    fn create(&self, attributes: &str) -> Option<i64> {
        let call = self.call(attributes);
        code(&pipeline::answer(&self.first, &call, HERE, self.now).body)
    }

    /// Whether the client's create is begun on what is remembered.
    fn is_remembered(&self) -> bool {
        self.begin_at_once().is_some()
    }

    /// Whether a create that is begun on what is remembered is added; else the writer has found that it is out of date.
    fn still_holds(&self) -> bool {
        let writing = self.begin_at_once().expect("is remembered");
        writing.wait().expect("nothing fails").is_some()
    }

    fn begin_at_once(&self) -> Option<Writing> {
        pipeline::begin_at_once(&self.first, &self.call("{}"), HERE, self.now)
    }
}

fn call(presented: Presented, operation: &str, pairs: &[(&str, &str)]) -> Call {
    Call {
        path: format!("/{operation}"),
        endpoint: Endpoint::from_path(operation),
        args: Args::from_pairs(pairs.iter().copied()),
        presented: Ok(presented),
    }
}

/// What is changed, by calls of the owner; `CLIENT` stands for the id of the client that creates.
type Change<'a> = (&'a str, &'a [(&'a str, &'a str)]);

/// The change, the attributes of a record, and the code that creating it is answered before and after the change.
type Case<'a> = (Change<'a>, &'a str, Option<i64>, Option<i64>);

#[test]
fn every_change_holds_for_the_very_next_create() {
    const CLIENT: (&str, &str) = ("for_client_id", "CLIENT");
    const TYPE: (&str, &str) = ("type_name", "t");
    let cases: &[Case<'_>] = &[
        (("clients/reset_secret", &[CLIENT]), "{}", None, Some(402)),
        (
            ("clients/delete", &[("client_id_for_deletion", "CLIENT")]),
            "{}",
            None,
            Some(402),
        ),
        (
            ("clients/set_features", &[CLIENT, ("features", "[]")]),
            "{}",
            None,
            Some(403),
        ),
        (
            (
                "clients/set_whitelist",
                &[CLIENT, ("whitelist", r#"["192.0.2.0/24"]"#)],
            ),
            "{}",
            None,
            Some(403),
        ),
        (
            (
                "entityType.addAttribute",
                &[TYPE, ("attr_def", r#"{"name":"c","type":"string"}"#)],
            ),
            r#"{"c":"x"}"#,
            Some(223),
            None,
        ),
        (
            (
                "entityType.removeAttribute",
                &[TYPE, ("attribute_name", "b")],
            ),
            r#"{"b":"x"}"#,
            None,
            Some(223),
        ),
        (
            (
                "entityType.setAccessSchema",
                &[
                    TYPE,
                    CLIENT,
                    ("access_type", "write"),
                    ("attributes", r#"["a"]"#),
                ],
            ),
            r#"{"b":"x"}"#,
            None,
            Some(223),
        ),
        (
            (
                "entityType.addRule",
                &[
                    TYPE,
                    ("attributes", r#"["a"]"#),
                    ("definition", r#"{"max-length":2}"#),
                ],
            ),
            r#"{"a":"xyz"}"#,
            None,
            Some(360),
        ),
        (
            ("entityType.delete", &[TYPE, ("commit", "true")]),
            "{}",
            None,
            Some(222),
        ),
    ];
    for ((operation, pairs), attributes, before, after) in cases {
        for elsewhere in [false, true] {
            let desk = Desk::new();
            assert_eq!(desk.create("{}"), None);
            assert_eq!(desk.create(attributes), *before, "before {operation}");
            assert!(desk.still_holds(), "before {operation}");
            let pairs: Vec<(&str, &str)> = pairs
                .iter()
                .map(|&(name, value)| match value {
                    "CLIENT" => (name, desk.loader.0.as_str()),
                    _ => (name, value),
                })
                .collect();
            desk.administer(elsewhere, operation, &pairs);
            assert!(
                !desk.still_holds(),
                "after {operation}, elsewhere: {elsewhere}"
            );
            let answered = desk.create(attributes);
            assert_eq!(
                answered, *after,
                "after {operation}, elsewhere: {elsewhere}"
            );
        }
    }
}

#[test]
fn what_is_given_back_is_there_for_the_very_next_create() {
    for elsewhere in [false, true] {
        let desk = Desk::new();
        let client = ("for_client_id", desk.loader.0.as_str());
        let access = [("type_name", "t"), client, ("access_type", "write")];
        let narrow = [&access[..], &[("attributes", r#"["a"]"#)]].concat();
        desk.administer(elsewhere, "entityType.setAccessSchema", &narrow);
        assert_eq!(desk.create(r#"{"b":"x"}"#), Some(223));
        assert!(desk.is_remembered());
        desk.administer(elsewhere, "entityType.deleteAccessSchema", &access);
        assert_eq!(desk.create(r#"{"b":"x"}"#), None);

        desk.administer(
            elsewhere,
            "clients/set_features",
            &[client, ("features", "[]")],
        );
        assert_eq!(desk.create("{}"), Some(403));
        let features = [client, ("features", r#"["direct_access"]"#)];
        desk.administer(elsewhere, "clients/set_features", &features);
        assert_eq!(desk.create("{}"), None);

        let pairs = [
            ("type_name", "t"),
            ("attr_defs", r#"[{"name":"z","type":"string"}]"#),
        ];
        let deletion = [pairs[0], ("commit", "true")];
        desk.administer(elsewhere, "entityType.delete", &deletion);
        desk.administer(elsewhere, "entityType.create", &pairs);
        assert_eq!(desk.create(r#"{"b":"x"}"#), Some(223));
        assert_eq!(desk.create(r#"{"z":"x"}"#), None);
    }
}

#[test]
fn an_old_secret_is_forgotten_in_time() {
    let mut desk = Desk::new();
    let pairs = [
        ("for_client_id", desk.loader.0.as_str()),
        ("hours_to_live", "1"),
    ];
    let new = desk.administer(false, "clients/reset_secret", &pairs);
    assert_eq!(desk.create("{}"), None);
    assert!(desk.is_remembered());
    desk.now += 59.minutes();
    assert!(desk.is_remembered());
    desk.now += 2.minutes();
    assert!(!desk.is_remembered());
    assert_eq!(desk.create("{}"), Some(402));
    desk.loader.1 = text(&new, "new_secret").to_owned();
    assert!(desk.is_remembered());
    assert_eq!(desk.create("{}"), None);
}

/// Both write other content into the data of running servers.
#[test]
fn a_reset_and_a_restore_hold_for_the_very_next_create() {
    let desk = Desk::new();
    let folder = desk.folder.path();
    let name: SnapshotName = "before".parse().expect("is a name");
    let snapshot = snapshots::take(folder, &name, false).expect("can be taken");
    assert_eq!(desk.create("{}"), None);
    reset::reset(folder, FirstContent::Bare, desk.now).expect("can be reset");
    assert!(!desk.still_holds());
    assert_eq!(desk.create("{}"), Some(402));
    snapshots::restore(folder, &snapshot.path, Timestamp::now()).expect("can be restored");
    assert_eq!(desk.create("{}"), None);

    let pairs = [("client_id_for_deletion", desk.loader.0.as_str())];
    desk.administer(true, "clients/delete", &pairs);
    let gone: SnapshotName = "gone".parse().expect("is a name");
    let gone = snapshots::take(folder, &gone, false).expect("can be taken");
    snapshots::restore(folder, &snapshot.path, Timestamp::now()).expect("can be restored");
    assert_eq!(desk.create("{}"), None);
    snapshots::restore(folder, &gone.path, Timestamp::now()).expect("can be restored");
    assert!(!desk.still_holds());
    assert_eq!(desk.create("{}"), Some(402));
}

/// What takes its time is not begun on the server's own thread.
#[test]
fn nothing_slow_is_remembered() {
    let desk = Desk::new();
    for attr_def in [
        r#"{"name":"w","type":"password-bcrypt"}"#,
        r#"{"name":"o","type":"object","attr_defs":[{"name":"w","type":"password-bcrypt"}]}"#,
    ] {
        assert_eq!(desk.create("{}"), None);
        assert!(desk.is_remembered());
        let pairs = [("type_name", "t"), ("attr_def", attr_def)];
        desk.administer(false, "entityType.addAttribute", &pairs);
        assert!(!desk.still_holds());
        assert_eq!(desk.create("{}"), None);
        assert!(!desk.is_remembered(), "{attr_def}");
        let name = attr_def.get(9..10).expect("is a name");
        let pairs = [("type_name", "t"), ("attribute_name", name)];
        desk.administer(false, "entityType.removeAttribute", &pairs);
    }
}

/// Every element of a plural gets all of its attributes.
#[test]
fn many_elements_of_many_attributes_are_not_begun_at_once() {
    let desk = Desk::new();
    let inner: Vec<String> = (0..100)
        .map(|number| format!(r#"{{"name":"v{number}","type":"string"}}"#))
        .collect();
    let attr_def = format!(
        r#"{{"name":"q","type":"plural","attr_defs":[{}]}}"#,
        inner.join(",")
    );
    let pairs = [("type_name", "t"), ("attr_def", attr_def.as_str())];
    desk.administer(false, "entityType.addAttribute", &pairs);
    assert_eq!(desk.create("{}"), None);
    for (elements, quick) in [(10, true), (1_000, false)] {
        let attributes = format!(r#"{{"q":[{}]}}"#, vec!["{}"; elements].join(","));
        let call = desk.call(&attributes);
        let begun = pipeline::begin_at_once(&desk.first, &call, HERE, desk.now);
        assert_eq!(begun.is_some(), quick, "{elements}");
        assert_eq!(desk.create(&attributes), None, "{elements}");
    }
}

/// The elements of a record that was begun again with others have ids of their own.
#[test]
fn elements_are_numbered_anew_when_a_batch_begins_again() {
    let desk = Desk::new();
    let unique = r#"{"name":"u","type":"string","constraints":["unique"]}"#;
    let pairs = [("type_name", "t"), ("attr_def", unique)];
    desk.administer(false, "entityType.addAttribute", &pairs);
    assert_eq!(desk.create("{}"), None);
    let (let_go, until) = std::sync::mpsc::channel::<()>();
    let first = desk.first.submit(move |_| {
        // Until all of them are in the queue, and so in one batch.
        let _ = until.recv();
        Ok::<_, StoreError>(())
    });
    let begun: Vec<Writing> = ["1", "2", "1", "3"]
        .into_iter()
        .map(|unique| {
            let attributes = format!(r#"{{"u":"{unique}","p":[{{"v":"x"}},{{"v":"y"}}]}}"#);
            let mut call = desk.call(&attributes);
            call.args.push("include_record", "true");
            let begun = pipeline::begin_at_once(&desk.first, &call, HERE, desk.now);
            begun.expect("is remembered")
        })
        .collect();
    drop(let_go);
    first.wait().expect("is done");
    let mut ids = Vec::new();
    let mut refused = 0;
    for writing in begun {
        let Ok(answer) = writing.wait() else {
            refused += 1;
            continue;
        };
        let answer = answer.expect("nothing changed");
        let record = answer.get("result").expect("is shown");
        let elements = record.get("p").and_then(Json::as_array).expect("is there");
        let all = std::iter::once(record).chain(elements);
        ids.extend(all.map(|one| one.get("id").and_then(Json::as_i64).expect("has an id")));
    }
    assert_eq!((ids.len(), refused), (9, 1));
    let distinct: BTreeSet<i64> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), 9, "{ids:?}");
}
