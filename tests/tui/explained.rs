//! Answers explained: what the summary says of each kind of answer, the same verdict wherever one is shown, the timing,
//! and what is odd about an answer.

use std::sync::Arc;
use std::time::Duration;

use captui::capture::endpoint::Endpoint;
use captui::capture::error::CATALOGUE;
use captui::capture::explain;
use captui::capture::explain::Line;
use captui::capture::request::ApiRequest;
use captui::exchange::Answered;
use captui::exchange::Arrived;
use captui::exchange::Exchange;
use captui::exchange::Outcome;
use captui::exchange::Sent;
use captui::exchange::Stage;
use captui::exchange::TransportError;
use captui::exchange::Verdict;
use captui::exchange::timing::Phase;
use captui::exchange::timing::Span;
use captui::exchange::timing::Timing;
use captui::tui::msg::Msg;
use captui::worker::job::Event;
use captui::worker::job::JobId;
use captui::worker::job::Progress;

use crate::tui::driver::Driver;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

const BROKEN: &str = r#"{"givenName": "Bob""#;

fn create() -> ApiRequest {
    ApiRequest::new(Endpoint::EntityCreate)
        .with("type_name", "user")
        .with("attributes", BROKEN)
}

fn span(phase: Phase, from: u64, until: u64) -> Span {
    Span {
        phase,
        from: Duration::from_millis(from),
        until: Duration::from_millis(until),
    }
}

fn exchange(request: ApiRequest, timing: Timing, outcome: Outcome) -> Arc<Exchange> {
    Arc::new(Exchange {
        id: None,
        environment: "sandbox".to_owned(),
        sent: Sent {
            method: "POST".to_owned(),
            url: "https://my-app.example/entity.create".to_owned(),
            headers: Vec::new(),
            body: request.to_form(),
        },
        request,
        started: "2026-03-01T12:00:00Z".parse().expect("is a time"),
        elapsed: Duration::from_millis(250),
        timing,
        outcome,
    })
}

fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> Outcome {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Outcome::Answered(Answered::read(status, headers.collect(), body.into()))
}

fn failed(stage: Stage, may_have_happened: bool, arrived: Option<Arrived>) -> Outcome {
    Outcome::Failed(TransportError {
        stage,
        message: "broke".to_owned(),
        may_have_happened,
        arrived: arrived.map(Box::new),
    })
}

/// The explorer with the response in focus, showing an exchange.
fn showing(width: u16, height: u16, exchange: &Arc<Exchange>) -> Driver {
    let mut driver = Driver::new(width, height);
    driver.model.response.show(Arc::clone(exchange), None);
    driver.press("3");
    driver
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

#[test]
fn a_fault_in_what_was_sent_is_shown_with_its_place() {
    let body = r#"{"argument_name":"attributes","request_id":"geup8cd3gvcvjjnc","code":200,
        "error_description":"attributes was not valid for the following reason: the JSON is not syntactically valid",
        "error":"invalid_argument","stat":"error"}"#;
    let exchange = exchange(create(), Timing::default(), answered(200, JSON, body));
    for (width, height) in SIZES {
        let mut driver = showing(width, height, &exchange);
        driver
            .sees("ERROR 200 invalid_argument")
            .sees("{ opened at line 1 column 1");
        driver.sees("geup8cd3gvcvjjnc   (y r copies it)");
        insta::assert_snapshot!(format!("broken_json_{width}x{height}"), driver.screen());
        driver.press("yr");
        assert_eq!(driver.copied, ["geup8cd3gvcvjjnc"]);
    }
}

#[test]
fn no_advice_is_cut() {
    let mut was_long = 0;
    for row in CATALOGUE {
        let code = row.code.0;
        let body = format!(
            r#"{{"request_id":"geup8cd3gvcvjjnc","code":{code},"error":"e","error_description":"why","stat":"error"}}"#
        );
        let exchange = exchange(create(), Timing::default(), answered(200, JSON, &body));
        let mut driver = showing(80, 24, &exchange);
        let advice = explain::advice(row.code);
        let mut seen = driver.screen();
        while driver.screen().contains("more rows: ) goes on") {
            was_long += 1;
            driver.press(")");
            seen.push_str(&driver.screen());
        }
        driver.press(")").sees("the summary");
        // What may have been carried out is not to be tried again.
        let is_open = seen.contains("⚠ ERROR");
        let told = advice
            .iter()
            .filter(|line| !(is_open && line.label == "do"));
        for word in told.flat_map(|line| line.text.split(' ')) {
            assert!(seen.contains(word), "{word} of {code} in {seen}");
        }
        driver.press("((((").sees("ERROR").sees("server   why");
    }
    assert!(was_long > 0, "some advice is longer than a small screen");
}

#[test]
fn a_web_page_is_told_in_its_own_words() {
    let page = "<html><head><title>502 Bad Gateway</title><style>b{}</style></head>\r\n<body><center><h1>The server \
                could not be reached</h1></center><hr><p>Reference&nbsp;#18.2 &amp; 7</body></html>";
    let outcome = answered(
        502,
        &[("content-type", "text/html"), ("retry-after", "30")],
        page,
    );
    let exchange = exchange(create(), Timing::default(), outcome);
    for (width, height) in SIZES {
        let mut driver = showing(width, height, &exchange);
        driver
            .sees("not an answer of the Capture API")
            .sees("Reference #18.2 & 7");
        insta::assert_snapshot!(format!("web_page_{width}x{height}"), driver.screen());
    }
}

#[test]
fn where_the_time_went_is_drawn() {
    let timing = Timing {
        spans: vec![
            span(Phase::Resolve, 0, 12),
            span(Phase::Connect, 12, 40),
            span(Phase::Tls, 40, 110),
            span(Phase::Wait, 112, 230),
            span(Phase::Read, 230, 250),
        ],
        reused: Some(false),
        version: Some("HTTP/1.1".to_owned()),
        sent: Some(234),
        received: Some(1500),
    };
    let headers = &[
        ("content-type", "application/json"),
        ("content-encoding", "gzip"),
    ];
    let exchange = exchange(create(), timing, answered(200, headers, r#"{"stat":"ok"}"#));
    for (width, height) in SIZES {
        let mut driver = showing(width, height, &exchange);
        driver
            .press("LLL")
            .sees("‹Timing›")
            .sees("1.5 KiB of body, gzip")
            .sees("13 B");
        insta::assert_snapshot!(format!("timing_{width}x{height}"), driver.screen());
    }
}

#[test]
fn a_call_that_failed_shows_the_phase_it_failed_in() {
    let timing = Timing {
        spans: vec![span(Phase::Resolve, 0, 12), span(Phase::Connect, 12, 250)],
        ..Timing::default()
    };
    let exchange = exchange(create(), timing, failed(Stage::Connect, false, None));
    let mut driver = showing(120, 40, &exchange);
    driver
        .sees("connect, after 238 ms")
        .sees("nothing reached the service");
    driver.press("LLL").sees("✗");
}

#[test]
fn a_running_call_shows_its_phases_so_far() {
    let mut driver = Driver::new(120, 40);
    driver.press("<enter>");
    let job = JobId(77);
    driver
        .model
        .response
        .wait_for(job, captui::tui::panes::response::Source::Draft);
    let timing = Timing {
        spans: vec![span(Phase::Resolve, 0, 3), span(Phase::Connect, 3, 21)],
        reused: Some(false),
        ..Timing::default()
    };
    driver.send(Msg::Worker(Event::Progress(
        job,
        Progress::Sent(timing.clone()),
    )));
    // Of another call.
    driver.send(Msg::Worker(Event::Progress(
        JobId(78),
        Progress::Sent(Timing::default()),
    )));
    let line =
        captui::tui::panes::response::timing::so_far(&timing, Duration::from_millis(2321), "·");
    assert_eq!(line, "resolve 3 ms · connect 18 ms · waiting 2.3 s");
}

/// Whether a line says that the call may have been carried out.
fn is_open(line: &Line) -> bool {
    line.text.contains("may have")
}

/// Every kind of outcome of a create, and how it went.
fn outcomes() -> Vec<(&'static str, Outcome, Verdict)> {
    let ok = r#"{"id":1,"uuid":"u","stat":"ok"}"#;
    let oauth = r#"{"error":"invalid_request","sub_error":"missing_argument","code":100}"#;
    let part = Arrived {
        status: 200,
        headers: Vec::new(),
        body: br#"{"id":1,"#.to_vec(),
    };
    vec![
        ("ok", answered(200, JSON, ok), Verdict::Ok),
        (
            "ok with an odd status",
            answered(500, JSON, ok),
            Verdict::Ok,
        ),
        (
            "ok as html",
            answered(200, &[("content-type", "text/html")], ok),
            Verdict::Ok,
        ),
        ("oauth", answered(400, JSON, oauth), Verdict::Error),
        ("nothing at all", answered(200, JSON, ""), Verdict::Unknown),
        (
            "broken off",
            answered(200, JSON, r#"{"stat":"o"#),
            Verdict::Unknown,
        ),
        ("no stat", answered(200, JSON, "{}"), Verdict::Unknown),
        ("a page", answered(502, &[], "<html>"), Verdict::Unknown),
        (
            "too large",
            answered(413, &[], "<html>"),
            Verdict::NotCapture,
        ),
        ("limit", answered(510, &[], "<html>"), Verdict::NotCapture),
        (
            "redirect",
            answered(307, &[("location", "https://o.example/")], ""),
            Verdict::NotCapture,
        ),
        ("lost", failed(Stage::Wait, true, None), Verdict::Unknown),
        (
            "cut",
            failed(Stage::Read, true, Some(part)),
            Verdict::Unknown,
        ),
        (
            "not sent",
            failed(Stage::Connect, false, None),
            Verdict::NotSent,
        ),
        (
            "cancelled",
            failed(Stage::Cancelled, true, None),
            Verdict::Unknown,
        ),
    ]
}

#[test]
fn the_same_verdict_stands_wherever_one_is_shown() {
    let codes = CATALOGUE.iter().map(|info| {
        let (code, word) = (info.code.0, info.name.unwrap_or("none"));
        let body =
            format!(r#"{{"stat":"error","code":{code},"error":"{word}","error_description":"d"}}"#);
        let verdict = match code {
            500 | 504 => Verdict::Unknown,
            _ => Verdict::Error,
        };
        ("code", answered(200, JSON, &body), verdict)
    });
    for (name, outcome, verdict) in codes.chain(outcomes()) {
        let exchange = exchange(create(), Timing::default(), outcome);
        assert_eq!(exchange.verdict(), verdict, "{name}");
        let exit = exchange
            .failure()
            .map_or(0, |failure| failure.kind.exit_code());
        assert_eq!(exit == 0, verdict == Verdict::Ok, "{name}: {exit}");
        assert_eq!(exit == 75, verdict == Verdict::Unknown, "{name}: {exit}");
        let mark = match verdict {
            Verdict::Ok => "✓",
            Verdict::Unknown => "⚠",
            Verdict::Error | Verdict::NotCapture | Verdict::NotSent => "✗",
        };
        // The pane, the strip that it is when another pane has the focus, and the row of the history.
        let mut driver = Driver::new(80, 24);
        driver.model.response.show(Arc::clone(&exchange), None);
        let headline = driver
            .model
            .response
            .summary()
            .map(|summary| summary.headline.clone());
        let headline = headline.expect("is shown");
        let shown = format!("{mark} {headline}");
        driver.press("2").sees(&shown);
        driver.press("3").sees(&shown);
        if verdict == Verdict::Unknown {
            let lines = driver
                .model
                .response
                .summary()
                .map(|summary| &summary.lines);
            let tells = |lines: &Vec<_>| lines.iter().any(is_open);
            assert!(lines.is_some_and(tells), "{name}: {lines:?}");
        }
    }
}

#[test]
fn the_history_tells_a_failed_create_as_the_badge_does() {
    let mut driver = Driver::new(120, 40);
    driver.answer_with(
        Endpoint::EntityCreate,
        r#"{"code":361,"error":"unique_violation","error_description":"Attempted to update a duplicate value","stat":"error"}"#,
    );
    driver.call(create());
    driver.press("R4").sees("✗ 361");
}

#[test]
fn what_is_odd_about_an_answer_is_told_and_gone_to() {
    let mut driver = Driver::new(200, 50);
    driver.press("<enter>");
    let body = r#"{"stat":"ok","result_count":2,"results":[
        {"id":1,"email":"a@b.example","loyalty":{"tier":"gold"}},
        {"id":2,"email":"nobody","birthday":"1985-02-29","loyalty":null}]}"#;
    let find = ApiRequest::new(Endpoint::EntityFind)
        .with("type_name", "user")
        .with("attributes", r#"["id"]"#);
    let exchange = exchange(find, Timing::default(), answered(200, JSON, body));
    driver.model.response.show(exchange, None);
    driver
        .press("3")
        .sees("R loads it anew")
        .sees("loyalty is in the record, but not in the schema (2 times)");
    driver.press("!").sees("results[0].loyalty");
    driver.press("!");
    let second = driver.model.response.notes().join(" ");
    assert!(second.contains("results[1]."), "{second}");
    // An answer in which all is well says nothing, and the key says so.
    let view = ApiRequest::new(Endpoint::TypeList);
    let plain = self::exchange(
        view,
        Timing::default(),
        answered(200, JSON, r#"{"stat":"ok"}"#),
    );
    driver.model.response.show(plain, None);
    driver
        .press("!")
        .sees("nothing odd was found in this answer");
}
