use jiff::Timestamp;

use crate::capture::endpoint::Endpoint;
use crate::capture::redact::sharing::Sharing;
use crate::capture::request::ApiRequest;
use crate::exchange::Answered;
use crate::exchange::Outcome;
use crate::exchange::Sent;
use crate::exchange::timing::Timing;
use crate::history::store::Limits;

use super::*;

fn call(environment: &str, type_name: &str, body: &str) -> Arc<Exchange> {
    Arc::new(Exchange {
        id: None,
        environment: environment.to_owned(),
        request: ApiRequest::new(Endpoint::EntityView).with("type_name", type_name),
        sent: Sent {
            method: "POST".to_owned(),
            url: "https://h/entity".to_owned(),
            headers: Vec::new(),
            body: String::new(),
        },
        started: Timestamp::UNIX_EPOCH,
        elapsed: Duration::from_millis(41),
        timing: Timing::default(),
        outcome: Outcome::Answered(Answered::read(200, Vec::new(), body.as_bytes().to_vec())),
    })
}

fn compared(before: Arc<Exchange>, after: Arc<Exchange>) -> Compared {
    let work = Compare {
        pair: Pair::Of(Call::Shown(before), Call::Shown(after)),
        schemas: Vec::new(),
        sharing: Sharing::Unmasked,
    };
    find_and_compare(&work, None).expect("are at hand")
}

#[test]
fn what_differs_is_told_as_text_without_control_characters() {
    let before = call("s", "user", "{\"stat\":\"ok\",\"a\":\"\u{202e}\"}");
    let mut after = Exchange::clone(&call("s", "user", "{\"stat\":\"ok\",\"b\":1}"));
    after.elapsed = Duration::from_secs(3);
    let text = compared(before, Arc::new(after)).to_text();
    assert!(!text.contains('\u{202e}'), "{text}");
    for line in [
        "   2 differences",
        "  b",
        "    - (not there)",
        "    + 1",
        "    + 3.00 s",
    ] {
        assert!(text.lines().any(|own| own == line), "{line:?} in {text}");
    }
}

#[test]
fn times_do_not_count() {
    let before = call("s", "user", "{\"stat\":\"ok\"}");
    let mut after = Exchange::clone(&before);
    after.elapsed = Duration::from_secs(3);
    let compared = compared(before, Arc::new(after));
    assert_eq!(compared.count(), "they say the same");
    let told = compared.told();
    let titles: Vec<&str> = told.iter().map(|told| told.title).collect();
    assert_eq!(titles, ["Timing"]);
}

#[test]
fn of_very_many_differences_the_first_are_told() {
    let many = |value: u32| {
        let members = (0..MOST as u32 + 10).map(|at| format!("\"k{at}\":{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    };
    let told = compared(call("s", "user", &many(1)), call("s", "user", &many(2))).told();
    assert_eq!(told[0].differences.len(), MOST);
    assert!(told[0].count.contains("more than"), "{}", told[0].count);
}

#[test]
fn the_last_call_of_the_same_kind_is_found() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let limits = Limits {
        rows: 100,
        age: None,
        bytes: 100 << 20,
        body: 1 << 20,
    };
    let (history, _) = History::open(folder.path(), limits).expect("opens");
    let calls = [
        ("s", "user"),
        ("prod", "user"),
        ("s", "other"),
        ("s", "user"),
    ];
    let ids = calls.map(|(environment, type_name)| {
        let call = call(environment, type_name, "{\"stat\":\"ok\"}");
        history.add(&call).expect("is kept")
    });
    let find = |pair| {
        let schemas = Vec::new();
        find_and_compare(
            &Compare {
                pair,
                schemas,
                sharing: Sharing::Unmasked,
            },
            Some(&history),
        )
    };
    let found = find(Pair::WithPrevious(Call::Kept(ids[3]))).expect("is there");
    assert!(found.is_previous);
    let found = found.calls.each_ref().map(|call| call.id);
    assert_eq!(found, [Some(ids[0]), Some(ids[3])]);
    let alone = find(Pair::WithPrevious(Call::Kept(ids[1]))).expect_err("is the first there");
    assert!(
        alone.message.contains("no earlier entity user in prod"),
        "{alone:?}"
    );
    let gone = find(Pair::Of(Call::Kept(ids[0]), Call::Kept(ExchangeId(99))));
    assert_eq!(gone.expect_err("is gone").kind, FailureKind::NotFound);
}
