use std::cell::RefCell;

use super::*;
use crate::capture::endpoint::Endpoint;
use crate::client::fake::Fake;
use crate::client::fake::Reply;
use crate::config::Config;
use crate::exchange::Verdict;
use crate::worker::tests::services;

const IMPATIENT: Patience = Patience {
    tries: 40,
    first: Duration::from_micros(100),
    longest: Duration::from_millis(2),
};

fn count() -> ApiRequest {
    ApiRequest::new(Endpoint::EntityCount).with("type_name", "user")
}

fn find() -> ApiRequest {
    ApiRequest::new(Endpoint::EntityFind).with("type_name", "user")
}

/// Asks a service that always replies so, and gives how often it was asked and what was told.
async fn asked(reply: Reply, request: ApiRequest, tries: u32) -> (usize, Vec<Waiting>) {
    let fake = Fake::start(reply);
    let services = services(&fake.url, false, None);
    let told = RefCell::new(Vec::new());
    let progress = |progress| {
        if let Progress::Again(waiting) = progress {
            told.borrow_mut().push(waiting);
        }
    };
    let cancel = CancellationToken::new();
    let patience = Patience { tries, ..IMPATIENT };
    let asking = Asking::new(&services, &progress, &cancel).patient(patience);
    // Whatever comes of it is judged by what was told.
    let _ = asking.ask(&request, Reading::Whole).await;
    (fake.requests().len(), told.into_inner())
}

#[tokio::test]
async fn only_a_temporary_failure_of_a_read_is_asked_again() {
    let error = |code: u16| format!(r#"{{"stat":"error","code":{code},"error":"x"}}"#);
    let page = "<html><title>Bad Gateway</title></html>";
    for (status, body, times) in [
        ("200 OK", r#"{"stat":"ok","total_count":0}"#, 1),
        ("200 OK", &error(504), 3),
        ("200 OK", &error(510), 3),
        ("200 OK", &error(500), 3),
        ("200 OK", &error(403), 1),
        ("200 OK", &error(222), 1),
        ("200 OK", &error(480), 1),
        ("510 Not Extended", page, 3),
        ("502 Bad Gateway", page, 3),
        ("503 Service Unavailable", page, 3),
        ("504 Gateway Timeout", page, 3),
        ("429 Too Many Requests", "slow down", 3),
        ("403 Forbidden", page, 1),
        ("404 Not Found", page, 1),
        ("200 OK", r#"{"stat":"ok","results":[{"id"#, 3),
    ] {
        let reply = Reply::http(status, &[], body);
        let (requests, told) = asked(reply, count(), 3).await;
        assert_eq!(requests, times, "{status} {body}");
        assert_eq!(told.len(), times - 1, "{status} {body}");
    }
    let create = ApiRequest::new(Endpoint::EntityCreate).with("attributes", "{}");
    for body in [error(504), error(510), page.to_owned()] {
        let (requests, _) = asked(
            Reply::http("502 Bad Gateway", &[], &body),
            create.clone(),
            3,
        )
        .await;
        assert_eq!(requests, 1, "a write is sent once");
    }
}

#[tokio::test]
async fn an_address_that_was_never_reached_is_not_asked_again() {
    // Nobody listens at port 1.
    let services = services("http://127.0.0.1:1", false, None);
    let cancel = CancellationToken::new();
    let told = RefCell::new(0);
    let progress =
        |progress| *told.borrow_mut() += u32::from(matches!(progress, Progress::Again(_)));
    let asking = Asking::new(&services, &progress, &cancel).patient(IMPATIENT);
    match asking.ask(&count(), Reading::Whole).await {
        Err(JobError::Exchange(exchange)) => assert_eq!(exchange.verdict(), Verdict::NotSent),
        other => panic!("{other:?}"),
    }
    assert_eq!(told.take(), 0);
    // One that was is away for a while only.
    asking.was_reached.store(true, Ordering::Relaxed);
    assert!(asking.ask(&count(), Reading::Whole).await.is_err());
    assert_eq!(told.take(), IMPATIENT.tries - 1);
}

/// Every fault that the sandbox knows, each in half of the calls.
#[tokio::test]
async fn a_read_comes_through_whatever_goes_wrong() {
    let services = Services::new(&Config::default(), None, None).expect("there is a sandbox");
    let cancel = CancellationToken::new();
    let waits = RefCell::new(0);
    let progress =
        |progress| *waits.borrow_mut() += u32::from(matches!(progress, Progress::Again(_)));
    let asking = Asking::new(&services, &progress, &cancel).patient(IMPATIENT);
    for fault in [
        "504",
        "510",
        "code=500",
        "http-502",
        "http-503",
        "http-504",
        "http-510",
        "reset",
        "truncated",
    ] {
        let rule = format!("*={fault}@50%").parse().expect("is a rule");
        let set = services.set_faults(vec![rule], &progress, &cancel).await;
        set.expect("it is the sandbox");
        for _ in 0..8 {
            let whole = asking.ask(&count(), Reading::Whole).await.expect(fault);
            assert_eq!(whole.verdict(), Verdict::Ok, "{fault}");
            let outline = asking.ask(&find(), Reading::Outline).await.expect(fault);
            let Some(Answer::Ok(answer)) = outline.answer() else {
                panic!("{fault}: {outline:?}");
            };
            assert!(answer.get("results").is_none());
            assert!(outline.body().windows(9).any(|part| part == b"\"results\""));
        }
        assert!(waits.take() > 0, "{fault} happens");
    }
}

#[tokio::test]
async fn a_cancel_ends_a_pause() {
    let services = services(
        &Fake::start(Reply::http("503 Away", &["Retry-After: 7"], "")).url,
        false,
        None,
    );
    let cancel = CancellationToken::new();
    let pauses = RefCell::new(Vec::new());
    let progress = |progress| {
        if let Progress::Again(waiting) = progress {
            pauses.borrow_mut().push(waiting.pause);
            cancel.cancel();
        }
    };
    let asking = Asking::new(&services, &progress, &cancel).patient(IMPATIENT);
    let ended = asking.ask(&count(), Reading::Whole).await;
    assert!(matches!(ended, Err(JobError::Cancelled(None))), "{ended:?}");
    assert_eq!(pauses.into_inner(), [Duration::from_secs(7)]);
}

#[test]
fn pauses_grow_and_end() {
    let patience = Patience {
        tries: 5,
        first: Duration::from_secs(1),
        longest: Duration::from_secs(3),
    };
    let seconds = |luck| {
        let pauses = (1..=6).map(move |tried| patience.pause(tried, luck));
        pauses
            .flatten()
            .map(|pause| pause.as_secs_f64())
            .collect::<Vec<_>>()
    };
    assert_eq!(seconds(0.0), [1.0, 2.0, 3.0, 3.0]);
    assert_eq!(seconds(1.0), [0.5, 1.0, 1.5, 1.5]);
    let usual = Patience::default();
    let longest: Duration = (1..).map_while(|tried| usual.pause(tried, 0.0)).sum();
    assert!(longest > Duration::from_secs(100) && longest < Duration::from_secs(200));
}

#[tokio::test]
async fn calls_are_as_far_apart_as_they_shall_be() {
    let fake = Fake::start(Reply::json(r#"{"stat":"ok","total_count":0}"#));
    let services = services(&fake.url, false, None);
    let (cancel, progress) = (CancellationToken::new(), |_| {});
    let asking = Asking::new(&services, &progress, &cancel).apart(Duration::from_millis(20));
    let began = Instant::now();
    for _ in 0..4 {
        asking.ask(&count(), Reading::Whole).await.expect("answers");
    }
    assert!(began.elapsed() >= Duration::from_millis(60));
}
