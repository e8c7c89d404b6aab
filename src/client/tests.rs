use std::io::Write;

use super::*;
use crate::capture::endpoint::Endpoint;
use crate::capture::response::Answer;
use crate::capture::secret::Secret;
use crate::client::fake::Fake;
use crate::client::fake::Reply;
use crate::exchange::Verdict;
use crate::exchange::timing::Phase;

const SECRET: &str = "s3cret-CANARY";

fn client(url: &str) -> Client {
    let credentials = Credentials::Params {
        id: "me".to_owned(),
        secret: Secret::new(SECRET),
    };
    Client::new("test", url, Some(credentials), Timeouts::default()).expect("a client")
}

fn create() -> ApiRequest {
    ApiRequest::new(Endpoint::EntityCreate)
        .with("type_name", "user")
        .with("attributes", r#"{"a":"é b"}"#)
}

fn view() -> ApiRequest {
    ApiRequest::new(Endpoint::EntityView).with("id", "1")
}

async fn send(client: &Client, request: &ApiRequest) -> Exchange {
    client
        .send(request, |_| {}, &CancellationToken::new())
        .await
}

fn failed(exchange: &Exchange) -> &TransportError {
    match &exchange.outcome {
        Outcome::Failed(error) => error,
        Outcome::Answered(answered) => panic!("answered: {:?}", answered.answer),
    }
}

#[tokio::test]
async fn sends_a_form_once_and_reads_the_answer() {
    let fake = Fake::start(Reply::json(r#"{"id":1,"uuid":"u","stat":"ok"}"#));
    let mut left = false;
    let exchange = client(&fake.url)
        .send(&create(), |_| left = true, &CancellationToken::new())
        .await;
    assert_eq!(exchange.verdict(), Verdict::Ok);
    assert!(left);
    let requests = fake.requests();
    assert_eq!(requests.len(), 1);
    let (head, body) = requests[0].split_once("\r\n\r\n").expect("head and body");
    let head = head.to_ascii_lowercase();
    let form = "type_name=user&attributes=%7B%22a%22%3A%22%C3%A9+b%22%7D&client_id=me&client_secret=s3cret-CANARY";
    assert_eq!(body, form);
    assert!(head.starts_with("post /entity.create http/1.1"), "{head}");
    for header in [
        &format!("content-length: {}", form.len()),
        "content-type: application/x-www-form-urlencoded",
        "accept: application/json",
        concat!("user-agent: captui/", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(head.contains(header), "{header} in {head}");
    }
    assert!(!head.contains("transfer-encoding"), "{head}");
    // What is recorded names the same headers, and no secret.
    for (name, value) in &exchange.sent.headers {
        let line = format!("{name}: {value}").to_ascii_lowercase();
        assert!(head.contains(&line), "{line} in {head}");
    }
    assert!(!format!("{exchange:?}").contains(SECRET));
}

#[tokio::test]
async fn an_answer_lost_after_sending_is_unknown_for_writes_only() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"stat\":";
    let not_http = b"SSH-2.0-OpenSSH_9.9\r\n";
    for (bytes, stage) in [
        (&b""[..], Stage::Wait),
        (cut, Stage::Read),
        (not_http, Stage::Wait),
    ] {
        for (request, may_have_happened) in [(create(), true), (view(), false)] {
            let fake = Fake::start(Reply::Bytes(bytes.to_vec()));
            let exchange = send(&client(&fake.url), &request).await;
            let error = failed(&exchange);
            assert_eq!(
                (error.stage, error.may_have_happened),
                (stage, may_have_happened),
                "{error:?}"
            );
            assert!(
                !error.message.contains(SECRET) && !error.message.contains("http://"),
                "{error:?}"
            );
            assert_eq!(fake.requests().len(), 1, "sent once");
        }
    }
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_no_connection() {
    // The other end takes the connection and does not answer to TLS.
    let fake = Fake::start(Reply::Silence);
    let timeouts = Timeouts {
        connect: Duration::from_secs(60),
        total: Duration::from_millis(50),
    };
    let url = fake.url.replace("http:", "https:");
    let client = Client::new("test", &url, None, timeouts).expect("a client");
    let exchange = send(&client, &create()).await;
    assert_eq!(failed(&exchange).stage, Stage::Connect);
    assert_eq!(exchange.verdict(), Verdict::NotSent);
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("bound")
        .port();
    let exchange = send(&client(&format!("http://127.0.0.1:{port}")), &create()).await;
    let error = failed(&exchange);
    assert_eq!(
        (error.stage, error.may_have_happened),
        (Stage::Connect, false)
    );
    assert!(error.message.contains("refused"), "{}", error.message);
}

#[tokio::test]
async fn a_cancel_is_heard_before_and_while_waiting() {
    let fake = Fake::start(Reply::Silence);
    let client = client(&fake.url);
    let cancel = CancellationToken::new();
    let exchange = client.send(&create(), |_| cancel.cancel(), &cancel).await;
    let error = failed(&exchange);
    assert_eq!(
        (error.stage, error.may_have_happened),
        (Stage::Cancelled, true)
    );

    let fake = Fake::start(Reply::Silence);
    let client = self::client(&fake.url);
    let waiting = CancellationToken::new();
    let request = create();
    let call = client.send(&request, |_| {}, &waiting);
    let cancelling = async {
        while fake.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        waiting.cancel();
    };
    let (exchange, ()) = tokio::join!(call, cancelling);
    assert_eq!(exchange.verdict(), Verdict::Unknown);
    // The connection is dropped, not kept for later.
    while !fake.has_closed() {
        tokio::task::yield_now().await;
    }

    let before = CancellationToken::new();
    before.cancel();
    let requests = fake.requests().len();
    let exchange = client.send(&create(), |_| {}, &before).await;
    assert_eq!(exchange.verdict(), Verdict::NotSent);
    assert_eq!(fake.requests().len(), requests);
}

#[tokio::test]
async fn a_silent_service_is_given_up() {
    let fake = Fake::start(Reply::Silence);
    let mut client = client(&fake.url);
    client.timeouts.total = Duration::from_millis(300);
    let exchange = send(&client, &create()).await;
    let error = failed(&exchange);
    assert_eq!(error.stage, Stage::Wait);
    assert_eq!(error.message, "no whole answer within 0.3 s");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_carries_nothing_on() {
    let other = Fake::start(Reply::json(r#"{"stat":"ok"}"#));
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let location = format!("Location: {}/entity.create?x=y", other.url);
        let fake = Fake::start(Reply::http(status, &[&location], ""));
        let exchange = send(&client(&fake.url), &create()).await;
        match exchange.answer() {
            Some(Answer::NotCapture(answer)) => {
                assert!(
                    answer.reason.contains(&other.url) && !answer.reason.contains("x=y"),
                    "{}",
                    answer.reason
                );
            }
            answer => panic!("{answer:?}"),
        }
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn an_endless_body_is_cut_and_cookies_are_not_kept() {
    let long = "x".repeat(300_000);
    let fake = Fake::start(Reply::http("200 OK", &["Set-Cookie: session=1"], &long));
    let mut client = client(&fake.url);
    let exchange = send(&client, &view()).await;
    assert_eq!(exchange.verdict(), Verdict::NotCapture);
    client.max_body = 200_000;
    let exchange = send(&client, &view()).await;
    assert_eq!(failed(&exchange).stage, Stage::Read);
    let second = fake.requests()[1].to_ascii_lowercase();
    assert!(!second.contains("cookie"), "{second}");
}

#[tokio::test]
async fn a_call_without_arguments_has_an_empty_body() {
    let fake = Fake::start(Reply::json(r#"{"stat":"ok","results":[]}"#));
    let client = Client::new("test", &fake.url, None, Timeouts::default()).expect("a client");
    let exchange = send(&client, &ApiRequest::new(Endpoint::TypeList)).await;
    assert_eq!(exchange.verdict(), Verdict::Ok);
    let request = fake.requests()[0].to_ascii_lowercase();
    assert!(
        request.contains("content-length: 0") && request.ends_with("\r\n\r\n"),
        "{request}"
    );
}

#[test]
fn an_https_client_can_be_made() {
    let client = Client::new(
        "test",
        "https://my-app.janraincapture.com",
        None,
        Timeouts::default(),
    );
    assert_eq!(
        client
            .map(|client| client.host)
            .map_err(|error| error.to_string()),
        Ok("my-app.janraincapture.com".to_owned())
    );
}

#[tokio::test]
async fn a_secret_that_comes_back_is_masked_but_for_what_was_asked_for() {
    let page = format!("<html>{SECRET}</html>");
    let fake = Fake::start(Reply::json(&page));
    let exchange = send(&client(&fake.url), &create()).await;
    assert!(!format!("{exchange:?}").contains(SECRET));
    let Outcome::Answered(answered) = &exchange.outcome else {
        panic!("is answered");
    };
    assert!(!String::from_utf8_lossy(&answered.body).contains(SECRET));

    let list = format!(r#"{{"results":[{{"client_secret":"{SECRET}"}}],"stat":"ok"}}"#);
    let fake = Fake::start(Reply::json(&list));
    let exchange = send(&client(&fake.url), &ApiRequest::new(Endpoint::ClientsList)).await;
    let Outcome::Answered(answered) = &exchange.outcome else {
        panic!("is answered");
    };
    assert_eq!(answered.body, list.as_bytes());
}

/// The phases that were seen, in order.
fn phases(exchange: &Exchange) -> Vec<Phase> {
    let spans = &exchange.timing.spans;
    assert!(
        spans.windows(2).all(|pair| pair[0].until <= pair[1].from),
        "{spans:?}"
    );
    assert!(
        spans.iter().all(|span| span.until <= exchange.elapsed),
        "{spans:?}"
    );
    spans.iter().map(|span| span.phase).collect()
}

#[tokio::test]
async fn each_phase_of_a_call_is_seen_once_it_happens() {
    let fake = Fake::start(Reply::json(r#"{"stat":"ok"}"#));
    let mut before = Timing::default();
    let exchange = client(&fake.url)
        .send(
            &create(),
            |timing| before = timing,
            &CancellationToken::new(),
        )
        .await;
    assert_eq!(
        phases(&exchange),
        [Phase::Connect, Phase::Wait, Phase::Read]
    );
    let timing = &exchange.timing;
    assert_eq!(timing.reused, Some(false));
    assert_eq!(timing.version.as_deref(), Some("HTTP/1.1"));
    let form = fake.requests()[0]
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.len() as u64);
    assert_eq!((timing.sent, timing.received), (form, Some(13)));
    // What was known when the request left.
    assert_eq!(before.spans[0], timing.spans[0]);
    assert_eq!((before.version, before.received), (None, None));

    let named = fake.url.replace("127.0.0.1", "localhost");
    let exchange = send(&client(&named), &view()).await;
    assert_eq!(
        phases(&exchange),
        [Phase::Resolve, Phase::Connect, Phase::Wait, Phase::Read]
    );
}

#[tokio::test]
async fn a_connection_that_was_open_needs_no_opening() {
    let body = r#"{"stat":"ok"}"#;
    let reply = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let fake = Fake::start(Reply::KeepAlive(reply.into_bytes()));
    let client = client(&fake.url);
    for request in [create(), ApiRequest::new(Endpoint::TypeList)] {
        let first = send(&client, &request).await;
        assert!(phases(&first).len() >= 2);
        // The connection goes back to the pool a moment after the answer was read.
        let mut again = send(&client, &request).await;
        while again.timing.reused != Some(true) {
            again = send(&client, &request).await;
        }
        assert_eq!(phases(&again), [Phase::Wait, Phase::Read]);
    }
}

#[tokio::test]
async fn a_call_that_fails_ends_in_the_phase_it_failed_in() {
    let gone = "http://no-such-host.invalid";
    let exchange = send(&client(gone), &create()).await;
    assert_eq!(phases(&exchange), [Phase::Resolve]);
    assert_eq!(exchange.timing.reused, None);

    let silent = Fake::start(Reply::Silence);
    let timeouts = Timeouts {
        connect: Duration::from_secs(60),
        total: Duration::from_millis(50),
    };
    let url = silent.url.replace("http:", "https:");
    let tls = Client::new("test", &url, None, timeouts).expect("a client");
    let exchange = send(&tls, &create()).await;
    // Which of them depends on who installed a TLS provider first in this process.
    let seen = phases(&exchange);
    assert!(
        seen == [Phase::Connect, Phase::Tls] || seen == [Phase::ConnectAndTls],
        "{seen:?}"
    );

    let mut quiet = client(&silent.url);
    quiet.timeouts.total = Duration::from_millis(50);
    let exchange = send(&quiet, &create()).await;
    assert_eq!(phases(&exchange), [Phase::Connect, Phase::Wait]);
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(text.as_bytes()).expect("memory");
    packer.finish().expect("memory")
}

fn gzip(length: usize, body: &[u8]) -> Reply {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    Reply::Bytes([head.as_bytes(), body].concat())
}

#[tokio::test]
async fn a_compressed_answer_is_unpacked_and_both_sizes_are_known() {
    let body = format!(r#"{{"a":"{}","stat":"ok"}}"#, "x".repeat(5000));
    let bytes = packed(&body);
    let fake = Fake::start(gzip(bytes.len(), &bytes));
    let exchange = send(&client(&fake.url), &view()).await;
    assert_eq!(exchange.verdict(), Verdict::Ok);
    assert_eq!(exchange.body(), body.as_bytes());
    assert_eq!(exchange.timing.received, Some(bytes.len() as u64));
    // The headers are those that came.
    let (_, headers) = exchange.head().expect("answered");
    for name in ["content-encoding", "content-length"] {
        assert!(headers.iter().any(|(key, _)| key == name), "{headers:?}");
    }
    assert!(fake.requests()[0].contains("accept-encoding: gzip, deflate"));
}

#[tokio::test]
async fn what_came_of_an_answer_that_breaks_off_is_kept() {
    let body = r#"{"id":1,"uuid":"u","stat":"ok"}"#;
    let half = &body.as_bytes()[..20];
    let cut = |length: usize, body: &[u8]| {
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        Reply::Bytes([head.as_bytes(), body].concat())
    };
    let bytes = packed(&body.repeat(4000));
    for (reply, so_far, words) in [
        (
            cut(body.len(), half),
            Some(half),
            "broke off after 20 of 31 bytes",
        ),
        (
            gzip(bytes.len(), &bytes[..bytes.len() - 9]),
            None,
            "broke off after",
        ),
        (
            gzip(bytes.len() - 9, &bytes[..bytes.len() - 9]),
            None,
            "cannot be unpacked to its end",
        ),
    ] {
        let fake = Fake::start(reply);
        let exchange = send(&client(&fake.url), &create()).await;
        let error = failed(&exchange);
        assert_eq!((error.stage, error.may_have_happened), (Stage::Read, true));
        assert!(error.message.contains(words), "{}", error.message);
        let arrived = error.arrived.as_ref().expect("something came");
        assert_eq!(arrived.status, 200);
        match so_far {
            Some(bytes) => assert_eq!(arrived.body, bytes),
            None => assert!(arrived.body.starts_with(body.as_bytes())),
        }
    }
}

#[tokio::test]
async fn what_came_until_a_cancel_or_the_deadline_is_kept() {
    let half = r#"{"id":1,"uuid":"u","#;
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 31\r\n\r\n";
    let fake = Fake::start(Reply::KeepAlive(format!("{head}{half}").into_bytes()));
    for cancels in [true, false] {
        let mut patience = Duration::from_millis(50);
        // On a machine that is busy the half takes longer.
        let exchange = loop {
            let mut client = client(&fake.url);
            let cancel = CancellationToken::new();
            let stop = cancel.clone();
            if cancels {
                tokio::spawn(async move {
                    tokio::time::sleep(patience).await;
                    stop.cancel();
                });
            } else {
                client.timeouts.total = patience;
            }
            let exchange = client.send(&create(), |_| {}, &cancel).await;
            if !exchange.body().is_empty() {
                break exchange;
            }
            patience *= 2;
        };
        let error = failed(&exchange);
        let stage = if cancels {
            Stage::Cancelled
        } else {
            Stage::Read
        };
        assert_eq!((error.stage, error.may_have_happened), (stage, true));
        assert_eq!(exchange.head().map(|(status, _)| status), Some(200));
        assert_eq!(exchange.body(), half.as_bytes());
        assert_eq!(phases(&exchange).last(), Some(&Phase::Read));
        assert_eq!(exchange.verdict(), Verdict::Unknown);
    }
}

#[tokio::test]
async fn an_answer_that_unpacks_to_too_much_is_stopped() {
    let bytes = packed(&" ".repeat(3_000_000));
    let fake = Fake::start(gzip(bytes.len(), &bytes));
    let mut client = client(&fake.url);
    client.max_body = 2 << 20;
    let exchange = send(&client, &view()).await;
    assert_eq!(failed(&exchange).message, "the answer is longer than 2 MiB");
    assert_eq!(exchange.body().len(), 2 << 20);
}
