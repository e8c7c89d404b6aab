//! What is kept comes back, whatever happens to the files; secrets never get there.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::channel;
use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop_oneof;
use proptest::proptest;

use crate::capture::attr_type::AttrType;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::path::Element as PathElement;
use crate::capture::path::Segment;
use crate::capture::schema::AttrDef;
use crate::drafts::desk::Command;
use crate::drafts::desk::Desk;
use crate::drafts::desk::Event;
use crate::drafts::desk::Pace;
use crate::drafts::folder::Folder;
use crate::drafts::folder::FolderError;
use crate::drafts::folder::MAX_BYTES;
use crate::drafts::format;
use crate::drafts::kept::Design;
use crate::drafts::kept::Element;
use crate::drafts::kept::Field;
use crate::drafts::kept::Kept;
use crate::drafts::kept::Key;
use crate::drafts::kept::Node;
use crate::drafts::kept::Of;
use crate::drafts::kept::Presence;
use crate::drafts::kept::Typing;
use crate::drafts::kept::Value;
use crate::drafts::secrets;

/// How long a test waits for the desk before it fails.
const DEADLINE: Duration = Duration::from_secs(30);

fn key(type_name: &str, record: Option<i64>) -> Key {
    Key {
        environment: "sandbox".to_owned(),
        type_name: type_name.to_owned(),
        of: record.map_or(Of::NewRecord, Of::Record),
    }
}

fn text(name: &str, text: &str) -> Field {
    Field {
        name: name.to_owned(),
        presence: Presence::Given,
        open: false,
        value: Value::Text(text.to_owned()),
    }
}

/// A draft of a new `user` with this given name.
fn draft(given_name: &str) -> Kept {
    Kept {
        key: key("user", None),
        changed: "2026-03-01T12:00:00Z".parse().expect("is a time"),
        set: 1,
        in_doubt: false,
        include_record: false,
        cursor: AttrPath::root(),
        typing: None,
        json: None,
        fields: Arc::new(vec![text("givenName", given_name)]),
        original: None,
        lacks_secrets: false,
        design: None,
    }
}

fn given_name(kept: &Kept) -> &str {
    match &kept.fields[0].value {
        Value::Text(text) => text,
        other => panic!("not a text: {other:?}"),
    }
}

/// The names in a folder but for the lock's.
fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("is a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("can be listed").file_name())
        .map(|name| name.into_string().expect("is text"))
        .filter(|name| name != "lock")
        .collect();
    names.sort();
    names
}

// ---- The format ----

fn presences() -> impl Strategy<Value = Presence> {
    prop_oneof![
        Just(Presence::Absent),
        Just(Presence::Null),
        Just(Presence::Given)
    ]
}

/// Fields with names of their own, as the members of one object are.
fn fields(values: impl Strategy<Value = Value>) -> impl Strategy<Value = Vec<Field>> {
    vec((any::<String>(), presences(), any::<bool>(), values), 0..4).prop_map(|fields| {
        let mut out: Vec<Field> = Vec::new();
        for (name, presence, open, value) in fields {
            if out.iter().all(|other| other.name != name) {
                out.push(Field {
                    name,
                    presence,
                    open,
                    value,
                });
            }
        }
        out
    })
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<String>().prop_map(Value::Text),
        any::<bool>().prop_map(Value::Toggle),
        any::<String>().prop_map(Value::Json),
        Just(Value::NotKept),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let element = (
            any::<Option<i64>>(),
            any::<bool>(),
            any::<bool>(),
            fields(inner.clone()),
        )
            .prop_map(|(id, open, plain, fields)| Element {
                id,
                open,
                plain,
                fields,
            });
        prop_oneof![
            fields(inner).prop_map(Value::Object),
            vec(element, 0..3).prop_map(Value::Plural),
        ]
    })
}

fn paths() -> impl Strategy<Value = AttrPath> {
    let segment = (any::<String>(), option::of(0_usize..9)).prop_map(|(name, index)| Segment {
        name,
        element: index.map(PathElement::Index),
    });
    vec(segment, 0..4).prop_map(AttrPath)
}

fn keeps() -> impl Strategy<Value = Kept> {
    let key = (any::<String>(), any::<String>(), any::<Option<i64>>());
    let flags = (any::<bool>(), any::<bool>(), 0_usize..99);
    let typing = option::of((paths(), any::<Option<String>>()));
    let original = option::of(Just(
        r#"{"n":1.50,"a":[null,{"b":12345678901234567890.10}]}"#,
    ));
    (
        key,
        flags,
        paths(),
        typing,
        any::<Option<String>>(),
        fields(values()),
        original,
        0_i64..4_000_000_000,
    )
        .prop_map(
            |(key, flags, cursor, typing, json, fields, original, second)| Kept {
                key: Key {
                    environment: key.0,
                    type_name: key.1,
                    of: key.2.map_or(Of::NewRecord, Of::Record),
                },
                changed: Timestamp::from_second(second).expect("is in range"),
                in_doubt: flags.0,
                include_record: flags.1,
                set: flags.2,
                cursor,
                typing: typing.map(|(path, text)| Typing { path, text }),
                json,
                lacks_secrets: flags.0 && flags.1,
                design: None,
                fields: Arc::new(fields),
                original: original.map(|text| Arc::new(Json::parse(text).expect("is JSON"))),
            },
        )
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(kept in keeps()) {
        let text = format::write(&kept).expect("is not deep");
        assert_eq!(format::read(&text), Ok(kept));
    }
}

// ---- The folder ----

#[test]
fn a_draft_is_private_and_survives_another_start() {
    let home = tempfile::tempdir().expect("can be made");
    let path = home.path().join("state/drafts");
    let mut folder = Folder::open(&path).expect("opens");
    let file = folder.save(&draft("Ada")).expect("saves");
    let mode = |path: &Path| fs::metadata(path).expect("is there").permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&path.join(&file)), 0o600);
    let mut folder = Folder::open(&path).expect("opens");
    let listing = folder.list().expect("lists");
    assert_eq!(listing.drafts, [draft("Ada").summary(&file)]);
    assert!(listing.notices.is_empty());
    assert_eq!(folder.load(&file).expect("loads"), draft("Ada"));
    assert_eq!(folder.save(&draft("Zoë")).expect("saves"), file);
    assert_eq!(files(&path), [file]);
}

#[test]
fn no_name_leads_out_of_the_folder_or_to_another_draft() {
    let home = tempfile::tempdir().expect("can be made");
    let mut folder = Folder::open(home.path()).expect("opens");
    let long = "n".repeat(5_000);
    let keys = [
        ("sandbox", "user", None),
        ("sandbox", "User", None),
        ("Sandbox", "user", None),
        ("sandbox", "user", Some(0)),
        ("sandbox", "user", Some(-1)),
        ("sandbox", "user", Some(i64::MIN)),
        ("sandboxuser", "", None),
        ("", "sandboxuser", None),
        ("", "", None),
        ("../..", "../../etc/passwd", None),
        ("a/b", "/", None),
        ("\0", "\n\u{202e}", None),
        (&long, &long, Some(i64::MAX)),
    ];
    for (environment, type_name, record) in keys {
        let key = Key {
            environment: environment.to_owned(),
            type_name: type_name.to_owned(),
            of: record.map_or(Of::NewRecord, Of::Record),
        };
        let file = folder
            .save(&Kept {
                key,
                ..draft("Ada")
            })
            .expect("saves");
        assert!(file.len() < 120, "{file}");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        assert!(file.chars().all(plain), "{file}");
    }
    assert_eq!(files(home.path()).len(), keys.len());
    assert_eq!(folder.list().expect("lists").drafts.len(), keys.len());
}

#[test]
fn a_thousand_flipped_bytes_stop_nothing_and_delete_nothing() {
    let home = tempfile::tempdir().expect("can be made");
    let mut folder = Folder::open(home.path()).expect("opens");
    let whole = Kept {
        typing: Some(Typing {
            path: AttrPath::root().child("n"),
            text: Some("4".to_owned()),
        }),
        original: Some(Arc::new(Json::parse(r#"{"id":1}"#).expect("is JSON"))),
        ..draft("Ada")
    };
    let file = folder.save(&whole).expect("saves");
    let path = home.path().join(&file);
    let good = fs::read(&path).expect("is there");
    // A linear congruential generator: the same flips each time.
    let mut random = 88_172_645_463_325_252_u64;
    let mut next = |below: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    let mut set_aside = 0;
    for round in 0..1_000 {
        let mut bad = good.clone();
        bad[next(good.len())] ^= 1 << next(8);
        fs::write(&path, &bad).expect("is ours");
        let listing = folder.list().expect("lists");
        assert_eq!(listing.drafts.len() + listing.notices.len(), 1);
        // A flipped version is a newer one's, which stays where it is.
        if !path.exists() {
            let notice = listing.notices.first().expect("is told");
            let aside = notice.rsplit(' ').next().expect("names the file");
            let aside = home.path().join(aside);
            assert_eq!(fs::read(&aside).expect("is kept"), bad);
            assert!(folder.list().expect("lists").notices.is_empty());
            // Here only so that a thousand do not heap up.
            fs::remove_file(aside).expect("is ours");
            set_aside += 1;
        }
        // There is always a way on; not each time, for the disk's sake.
        if round % 100 == 0 {
            let saved = folder.save(&whole).expect("saves");
            assert_eq!(folder.load(&saved).expect("loads"), whole);
            fs::remove_file(home.path().join(saved)).expect("is ours");
        }
    }
    assert!(set_aside > 500, "only {set_aside} were found damaged");
}

#[test]
fn what_is_no_draft_is_set_aside_once_or_left_alone() {
    let home = tempfile::tempdir().expect("can be made");
    let path = home.path();
    let folder = Folder::open(path).expect("opens");
    for (name, text) in [
        ("a.json", ""),
        ("b.json", "{}"),
        ("b.json.damaged", "an older one"),
        ("c.json", r#"{"captui_draft":3,"what":"ever"}"#),
        ("notes.txt", "mine"),
    ] {
        fs::write(path.join(name), text).expect("is ours");
    }
    fs::create_dir(path.join("d.json")).expect("is ours");
    fs::write(path.join("e.json"), "x".repeat(MAX_BYTES as usize + 1)).expect("is ours");
    let notices = folder.list().expect("lists").notices;
    assert_eq!(
        notices,
        [
            "a damaged draft was set aside as a.json.damaged",
            "a damaged draft was set aside as b.json.damaged2",
            "the draft c.json was written by a newer captui and is left alone",
            "a damaged draft was set aside as d.json.damaged",
            "a damaged draft was set aside as e.json.damaged",
        ]
    );
    assert_eq!(folder.list().expect("lists").notices.len(), 1, "told once");
    let older = fs::read_to_string(path.join("b.json.damaged")).expect("stays");
    assert_eq!(older, "an older one");
    assert!(path.join("notes.txt").exists());
}

#[test]
fn what_another_program_changed_is_not_overwritten() {
    let home = tempfile::tempdir().expect("can be made");
    let mut one = Folder::open(home.path()).expect("opens");
    let mut other = Folder::open(home.path()).expect("opens");
    let file = one.save(&draft("one")).expect("saves");
    // The other has never seen that file.
    let second = other.save(&draft("other")).expect("saves");
    assert_ne!(file, second);
    // Each goes on with its own.
    assert_eq!(one.save(&draft("one!")).expect("saves"), file);
    assert_eq!(other.save(&draft("other!")).expect("saves"), second);
    // A third goes on with what it found, until it is changed behind its back.
    let mut third = Folder::open(home.path()).expect("opens");
    assert_eq!(given_name(&third.load(&file).expect("loads")), "one!");
    assert_eq!(third.save(&draft("third")).expect("saves"), file);
    let split = one.save(&draft("one again")).expect("saves");
    assert!(split != file && split != second);
    // What is not as this program left it, it does not remove either.
    third.save(&draft("third!")).expect("saves");
    one.remove(&draft("").key).expect("removes");
    let left: Vec<String> = [&file, &second]
        .into_iter()
        .map(|file| given_name(&third.load(file).expect("loads")).to_owned())
        .collect();
    assert_eq!(left, ["third!", "other!"]);
    assert_eq!(files(home.path()).len(), 2);
}

#[test]
fn what_a_killed_program_left_half_written_goes_at_the_next_start() {
    let home = tempfile::tempdir().expect("can be made");
    fs::write(home.path().join("user-new-0.json.123.tmp"), "{\"capt").expect("is ours");
    Folder::open(home.path()).expect("opens");
    assert!(files(home.path()).is_empty());
}

#[test]
fn ten_million_characters_are_kept_and_what_is_too_much_is_said() {
    let home = tempfile::tempdir().expect("can be made");
    let mut folder = Folder::open(home.path()).expect("opens");
    let long = draft(&"x".repeat(10_000_000));
    let file = folder.save(&long).expect("saves");
    assert_eq!(folder.load(&file).expect("loads"), long);
    let error = folder.save(&draft(&"x".repeat(20_000_000)));
    let said = error.expect_err("is too long").to_string();
    assert_eq!(
        said,
        "the draft has 19 MiB, and drafts of more than 16 MiB are not kept"
    );
    let mut deep = text("leaf", "");
    for _ in 0..70 {
        deep = Field {
            value: Value::Object(vec![deep]),
            ..text("o", "")
        };
    }
    let deep = Kept {
        fields: Arc::new(vec![deep]),
        ..draft("")
    };
    assert!(matches!(folder.save(&deep), Err(FolderError::TooDeep)));
    assert_eq!(folder.load(&file).expect("is as it was"), long);
}

// ---- Secrets ----

#[test]
fn no_password_gets_into_the_file() {
    let secret = |name: &str, value: Value| Field {
        value,
        ..text(name, "")
    };
    let object = |text: &str| Value::Json(text.to_owned());
    let kept = Kept {
        typing: Some(Typing {
            path: AttrPath::root().child("pin"),
            text: Some("hunter2".to_owned()),
        }),
        json: Some(r#"{"password": "hunter2", "a"#.to_owned()),
        original: Some(Arc::new(
            Json::parse(r#"{"pin":"hunter2","pw":{"type":"password-md5","value":"hunter2"}}"#)
                .expect("is JSON"),
        )),
        fields: Arc::new(vec![
            secret("pin", Value::Text("hunter2".to_owned())),
            secret("extra", object(r#"{"apiSecret":"hunter2","n":1}"#)),
            secret("broken", object(r#"{"pin":"hunter2"#)),
            secret(
                "tokens",
                Value::Plural(vec![Element {
                    id: None,
                    open: false,
                    plain: false,
                    fields: vec![text("any", "hunter2")],
                }]),
            ),
            text("givenName", "Ada"),
        ]),
        ..draft("")
    };
    let kept = secrets::leave_out(kept, &["pin".to_owned()]);
    let written = format::write(&kept).expect("is not deep");
    assert!(!written.contains("hunter2"), "{written}");
    assert!(written.contains("Ada"));
    assert_eq!(kept.fields[0].value, Value::NotKept);
    assert_eq!(kept.typing.expect("is there").text, None);
    // Of other drafts everything is kept, to the byte.
    let plain = draft("my password: none");
    assert_eq!(secrets::leave_out(plain.clone(), &[]), plain);
}

// ---- The desk ----

/// A desk that waits so long for a pause that only an end of the program writes.
const NEVER: Pace = Pace {
    pause: Duration::from_secs(3_600),
    latest: Duration::from_secs(3_600),
};

const AT_ONCE: Pace = Pace {
    pause: Duration::ZERO,
    latest: Duration::ZERO,
};

fn open(folder: &Path, pace: Pace) -> (Desk, Receiver<Event>) {
    let (sender, events) = channel();
    let tell = move |event| {
        // A test may have heard enough.
        let _ = sender.send(event);
    };
    let desk = Desk::open(folder.to_owned(), pace, tell).expect("starts");
    (desk, events)
}

fn save(kept: Kept) -> Command {
    Command::Save {
        kept: Box::new(kept),
        secret_names: Arc::new(Vec::new()),
    }
}

/// Waits for an event that `wanted` makes something of.
fn wait_for<T>(events: &Receiver<Event>, wanted: impl Fn(Event) -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let event = events.recv_timeout(left).expect("comes in time");
        if let Some(found) = wanted(event) {
            return found;
        }
    }
}

fn listed(event: Event) -> Option<Vec<String>> {
    match event {
        Event::Listed(drafts) => Some(drafts.into_iter().map(|draft| draft.file).collect()),
        _ => None,
    }
}

#[test]
fn the_newest_text_is_written_once_and_the_end_waits_for_it() {
    let home = tempfile::tempdir().expect("can be made");
    let (desk, events) = open(home.path(), NEVER);
    for letter in 0..100 {
        desk.ask(save(draft(&letter.to_string())));
    }
    drop(desk);
    let saved = events
        .iter()
        .filter(|event| matches!(event, Event::Saved { .. }));
    assert_eq!(saved.count(), 1);
    let mut folder = Folder::open(home.path()).expect("opens");
    let file = files(home.path()).remove(0);
    assert_eq!(given_name(&folder.load(&file).expect("loads")), "99");
}

#[test]
fn a_save_does_not_wait_for_ever_while_typing_goes_on() {
    let home = tempfile::tempdir().expect("can be made");
    let pace = Pace {
        pause: Duration::from_secs(3_600),
        latest: Duration::from_millis(1),
    };
    let (desk, events) = open(home.path(), pace);
    desk.ask(save(draft("typing")));
    wait_for(&events, |event| {
        matches!(event, Event::Saved { .. }).then_some(())
    });
    drop(desk);
}

#[test]
fn drafts_are_listed_loaded_discarded_and_brought_back() {
    let home = tempfile::tempdir().expect("can be made");
    let (desk, events) = open(home.path(), AT_ONCE);
    assert!(wait_for(&events, listed).is_empty());
    desk.ask(save(draft("Ada")));
    let file = wait_for(&events, listed).remove(0);
    desk.ask(Command::Discard(file.clone()));
    assert!(wait_for(&events, listed).is_empty());
    assert!(files(home.path()).is_empty());
    desk.ask(Command::BringBack(file.clone()));
    assert_eq!(wait_for(&events, listed).first(), Some(&file));
    desk.ask(Command::Load(file.clone()));
    let loaded = wait_for(&events, |event| match event {
        Event::Loaded(_, loaded) => Some(loaded.expect("loads")),
        _ => None,
    });
    assert_eq!(*loaded, draft("Ada"));
    desk.ask(Command::Load("gone.json".to_owned()));
    let refused = wait_for(&events, |event| match event {
        Event::Loaded(_, loaded) => Some(loaded.expect_err("is not there")),
        _ => None,
    });
    assert_eq!(refused, "the draft is not there any more");
    desk.ask(Command::Remove(draft("").key));
    assert!(wait_for(&events, listed).is_empty());
    assert!(files(home.path()).is_empty());
}

#[test]
fn what_waits_is_written_before_it_is_discarded() {
    let home = tempfile::tempdir().expect("can be made");
    let (desk, events) = open(home.path(), NEVER);
    desk.ask(save(draft("old")));
    assert!(desk.finisher().finish());
    let file = wait_for(&events, |event| {
        listed(event).filter(|files| !files.is_empty())
    });
    let file = &file[0];
    desk.ask(save(draft("new")));
    desk.ask(Command::Discard(file.clone()));
    desk.ask(Command::BringBack(file.clone()));
    drop(desk);
    let mut folder = Folder::open(home.path()).expect("opens");
    assert_eq!(given_name(&folder.load(file).expect("loads")), "new");
}

#[test]
fn a_disk_that_refuses_is_told_and_tried_again() {
    let home = tempfile::tempdir().expect("can be made");
    // A file stands where the folder should be.
    let path = home.path().join("drafts");
    fs::write(&path, "in the way").expect("is ours");
    let (desk, events) = open(&path, AT_ONCE);
    desk.ask(save(draft("Ada")));
    let reason = wait_for(&events, |event| match event {
        Event::NotSaved(_, reason) => Some(reason),
        _ => None,
    });
    assert!(!reason.is_empty());
    fs::remove_file(&path).expect("is ours");
    drop(desk);
    assert_eq!(files(&path).len(), 1, "the end tries once more");
}

#[test]
fn a_design_is_kept_beside_the_record_of_its_type_and_read_as_it_was() {
    let folder = tempfile::tempdir().expect("can be made");
    let mut drafts = Folder::open(folder.path()).expect("opens");
    let string = AttrType::String {
        length: Some(64),
        case_sensitive: false,
    };
    let leaf = Node {
        def: AttrDef::new("", string),
        members: Vec::new(),
        origin: None,
        removed: false,
    };
    let holder = Node {
        def: AttrDef::new("emails", AttrType::Plural(Vec::new())),
        members: vec![leaf],
        origin: Some(AttrPath::root().child("mails")),
        removed: true,
    };
    let design = Design {
        name: "renamed".to_owned(),
        nodes: vec![holder],
    };
    for of in [Of::Schema, Of::NewType] {
        let kept = Kept {
            key: Key {
                of,
                ..key("user", None)
            },
            json: Some("[{".to_owned()),
            design: Some(Arc::new(design.clone())),
            fields: Arc::default(),
            ..draft("Ada")
        };
        let file = drafts.save(&kept).expect("is kept");
        assert_eq!(drafts.load(&file).expect("is read"), kept);
    }
    let record = drafts.save(&draft("Ada")).expect("is kept");
    let text = fs::read_to_string(folder.path().join(record)).expect("is there");
    assert!(text.contains("\"captui_draft\":1"), "older captui read it");
    assert_eq!(drafts.list().expect("is listed").drafts.len(), 3);
}
