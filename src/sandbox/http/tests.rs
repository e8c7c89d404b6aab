//! The server over raw sockets, with answers made up by the test: how requests are read, refused, spoilt and cut off.
//! What the operations answer is tested elsewhere.

mod tls;

use std::io;
use std::io::Read;
use std::io::Write;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Shutdown;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::capture::auth::Presented;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::Call;
use crate::sandbox::Front;
use crate::sandbox::faults::Faults;
use crate::sandbox::faults::Injector;
use crate::sandbox::http;
use crate::sandbox::http::Answerer;
use crate::sandbox::operations::create::Writing;
use crate::sandbox::pipeline;
use crate::sandbox::pipeline::Begun;
use crate::sandbox::pipeline::Reply;

/// Connections at a time: few, since both ends take from the same process.
const ROOM: usize = 16;

/// Answers as a function does, and counts the calls that it could have begun at once.
struct By<F> {
    function: F,
    tried: Arc<AtomicUsize>,
}

impl<F: Fn(&Call, IpAddr) -> Begun + Send + Sync + 'static> Answerer for By<F> {
    fn begin(&self, call: &Call, peer: IpAddr) -> Begun {
        (self.function)(call, peer)
    }

    fn begin_at_once(&self, _: &Call, _: IpAddr) -> Option<Writing> {
        self.tried.fetch_add(1, Ordering::Relaxed);
        panic!("a test's own");
    }
}

/// A server that keeps what it was asked and answers as the test says.
struct Server {
    address: SocketAddr,
    calls: Arc<Mutex<Vec<(Call, IpAddr)>>>,
    /// How many calls could have been begun at once.
    tried: Arc<AtomicUsize>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start() -> Self {
        Self::answering(&[], |_| fine())
    }

    fn answering(rules: &[&str], answer: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Self {
        Self::fronted(Front::default(), rules, answer)
    }

    fn fronted(
        front: Front,
        rules: &[&str],
        answer: impl Fn(&Call) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&calls);
        let tried = Arc::<AtomicUsize>::default();
        let counter = Arc::clone(&tried);
        let answerer = move |call: &Call, peer: IpAddr| {
            seen.lock()
                .expect("no panic under it")
                .push((call.clone(), peer));
            Begun::Answered(answer(call))
        };
        let rules = rules.iter().map(|rule| rule.parse().expect("is a rule"));
        let faults = Faults {
            rules: rules.collect(),
            seed: 7,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("starts");
        let listen = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = runtime.block_on(listen).expect("listens");
        let address = listener.local_addr().expect("has an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::spawn(move || {
            let injector = Arc::new(Injector::new(faults));
            let stopped = async {
                let _ = stopped.await;
            };
            let answerer = Arc::new(By {
                function: answerer,
                tried: counter,
            });
            let served = http::serve_at_most(ROOM, listener, front, answerer, injector, stopped);
            runtime.block_on(served).expect("serves");
            runtime.shutdown_background();
        });
        Self {
            address,
            calls,
            tried,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("connects");
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).expect("takes a timeout");
        stream
    }

    /// Sends these bytes and reads until the server closes.
    fn exchange(&self, request: &[u8]) -> io::Result<Answer> {
        let mut stream = self.connect();
        stream.write_all(request)?;
        let mut text = Vec::new();
        stream.read_to_end(&mut text)?;
        Ok(Answer::read(&text))
    }

    /// A call of `entity` with these header lines, after which the connection is closed.
    fn call(&self, headers: &str) -> io::Result<Answer> {
        let request = format!("{}Connection: close\r\n{headers}\r\n", head("GET /entity"));
        self.exchange(request.as_bytes())
    }

    fn taken(&self) -> Vec<(Call, IpAddr)> {
        std::mem::take(&mut *self.calls.lock().expect("no panic under it"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop = None;
        let ended = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            ended.expect("was started").expect("does not panic");
        }
    }
}

/// An HTTP answer as it came.
struct Answer {
    head: String,
    body: String,
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        Self {
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    fn status(&self) -> u16 {
        let status = self.head.split(' ').nth(1).unwrap_or_default();
        status.parse().unwrap_or(0)
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|line| line.0 == name).map(|line| line.1)
    }

    fn json(&self) -> Json {
        Json::parse(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    fn text(&self, member: &str) -> String {
        let json = self.json();
        let text = json.get(member).and_then(Json::as_str);
        text.expect("is text").to_owned()
    }

    fn code(&self) -> Option<i64> {
        self.json().get("code").and_then(Json::as_i64)
    }
}

const FINE: &str = r#"{"total_count":4,"stat":"ok"}"#;

fn fine() -> Reply {
    Reply {
        status: 200,
        body: Json::parse(FINE).expect("is JSON"),
        denied: false,
    }
}

fn head(request: &str) -> String {
    format!("{request} HTTP/1.1\r\nHost: localhost\r\n")
}

/// Reads one answer of a connection that stays open.
fn read_fine(stream: &mut impl Read) {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    while !text.ends_with(FINE.as_bytes()) {
        let size = stream.read(&mut piece).expect("answers");
        assert!(
            size > 0,
            "closed after {:?}",
            String::from_utf8_lossy(&text)
        );
        text.extend_from_slice(&piece[..size]);
    }
}

/// Every form of reference 1.1, byte for byte, and what it says.
#[test]
fn every_form_of_request_is_read() {
    let server = Server::start();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let json = "Content-Type: application/json\r\n";
    let by_client = "client cid secret";
    let ios =
        "&attributes={\"a\":1}&access_token=tok&include_record=true&attribute_name=/profiles#12";
    let ios_args = "attributes={\"a\":1} include_record=true attribute_name=/profiles#12";
    for (name, request, headers, body, path, args, presented) in [
        (
            "python: signed",
            "POST /entity.count",
            format!(
                "Accept-encoding: gzip\r\nAccept: */*\r\nConnection: keep-alive\r\nDate: 2026-11-22 00:36:04\r\n\
                 Authorization: Signature cid:IQOwPpLOYHGMbIr/Q9XXs21xc8U=\r\n{form}"
            ),
            "type_name=user&filter=email+%3D+%27a%40b.c%27",
            "/entity.count",
            "type_name=user filter=email = 'a@b.c'",
            "signature cid IQOwPpLOYHGMbIr/Q9XXs21xc8U= 2026-11-22 00:36:04",
        ),
        (
            "python with a final slash in its base URL: signed",
            "POST //entity.count",
            format!("Date: 2026-11-22 00:36:04\r\nAuthorization: Signature cid:abc=\r\n{form}"),
            "type_name=user",
            "/entity.count",
            "type_name=user",
            "signature cid abc= 2026-11-22 00:36:04",
        ),
        (
            "docs, node: Basic",
            "POST /entity.count",
            format!("Authorization: Basic Y2lkOnNlY3JldA==\r\n{form}"),
            "type_name=user",
            "/entity.count",
            "type_name=user",
            by_client,
        ),
        (
            "docs: Basic without padding",
            "POST /entity.count",
            format!("Authorization: Basic Y2lkOnNlY3JldA\r\n{form}"),
            "type_name=user",
            "/entity.count",
            "type_name=user",
            by_client,
        ),
        (
            "python unsigned, WordPress: credentials in the body",
            "POST /entity.count",
            form.to_owned(),
            "client_id=cid&client_secret=secret&type_name=user",
            "/entity.count",
            "type_name=user",
            by_client,
        ),
        (
            "php: credentials in the query, arguments in the body",
            "POST /entity.count?client_id=cid&client_secret=secret",
            form.to_owned(),
            "type_name=user",
            "/entity.count",
            "type_name=user",
            by_client,
        ),
        (
            "java, Postman: everything in the query, an empty body",
            "POST /entity.count?type_name=user&client_id=cid&client_secret=secret",
            String::new(),
            "",
            "/entity.count",
            "type_name=user",
            by_client,
        ),
        (
            "python: a JSON type, a JSON body that says nothing",
            "POST /entity.count?type_name=user&client_id=cid&client_secret=secret",
            json.to_owned(),
            "\"\"",
            "/entity.count",
            "type_name=user",
            by_client,
        ),
        (
            "GET even to delete",
            "GET /entity.delete?type_name=user&uuid=u&client_id=cid&client_secret=secret",
            String::new(),
            "",
            "/entity.delete",
            "type_name=user uuid=u",
            by_client,
        ),
        (
            "php: GET with a form body",
            "GET /entity.delete",
            form.to_owned(),
            "type_name=user&uuid=u&client_id=cid&client_secret=secret",
            "/entity.delete",
            "type_name=user uuid=u",
            by_client,
        ),
        (
            "iOS: & first, raw / and #, no content type",
            "POST /entity.update",
            String::new(),
            ios,
            "/entity.update",
            ios_args,
            "token tok",
        ),
        (
            "node: update by GET with a token",
            "GET /entity.update?access_token=tok&attributes=%7B%22a%22:1%7D",
            String::new(),
            "",
            "/entity.update",
            "attributes={\"a\":1}",
            "token tok",
        ),
        (
            "curl, PHP, Java: JSON and a filter in the URL as they are",
            "POST /entity.find?attributes=[\"id\"]&filter=id>0",
            json.to_owned(),
            "{\"<\":1}",
            "/entity.find",
            "attributes=[\"id\"] filter=id>0",
            "nothing",
        ),
        (
            "python, Drupal: a token in the header, no body",
            "POST /entity",
            "Authorization: OAuth tok\r\n".to_owned(),
            "",
            "/entity",
            "",
            "token tok",
        ),
        (
            "a form with a charset, bare names, odd percents, + and unknown arguments",
            "POST /entity.count?x=1&x=2&apiKey=k",
            "Content-Type: Application/X-WWW-Form-Urlencoded; charset=UTF-8\r\n".to_owned(),
            "&&type_name=a+b%2Bc%zz%&timeout&=lone&",
            "/entity.count",
            "x=1 x=2 apiKey=k type_name=a b+c%zz% timeout= =lone",
            "nothing",
        ),
    ] {
        let request = format!(
            "{}Connection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            head(request),
            body.len()
        );
        let answer = server.exchange(request.as_bytes()).expect("is answered");
        assert_eq!(
            (answer.status(), answer.body.as_str()),
            (200, FINE),
            "{name}"
        );
        let [(call, peer)] = server.taken().try_into().expect("is one call");
        assert_eq!(peer, Ipv4Addr::LOCALHOST, "{name}");
        assert_eq!(call.path, path, "{name}");
        assert_eq!(call.endpoint, Endpoint::from_path(path), "{name}");
        let pairs: Vec<String> = call
            .args
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(pairs.join(" "), args, "{name}");
        assert_eq!(told(&call), presented, "{name}");
    }
}

/// Who the call says to come from, in words.
fn told(call: &Call) -> String {
    match call.presented.as_ref().expect("can be read") {
        Presented::Basic { id, secret } | Presented::Params { id, secret } => {
            format!("client {id} {}", secret.reveal())
        }
        Presented::Signature {
            id,
            signature,
            date,
        } => format!("signature {id} {signature} {date}"),
        Presented::Token(token) => format!("token {}", token.reveal()),
        Presented::Nothing => "nothing".to_owned(),
    }
}

/// What could be read in two ways is not read at all: nothing hides behind a request.
#[test]
fn ambiguous_requests_are_refused_and_end_the_connection() {
    let server = Server::start();
    let hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (name, headers, body) in [
        (
            "two lengths",
            "Content-Length: 3\r\nContent-Length: 4\r\n",
            "a=b",
        ),
        ("two lengths in one", "Content-Length: 3, 4\r\n", "a=b"),
        ("a signed length", "Content-Length: +3\r\n", "a=b"),
        ("a negative length", "Content-Length: -1\r\n", "a=b"),
        ("a length in hex", "Content-Length: 0x3\r\n", "a=b"),
        (
            "an endless length",
            "Content-Length: 99999999999999999999999\r\n",
            "a=b",
        ),
        ("a length with spaces", "Content-Length: 3 3\r\n", "a=b"),
        ("a space before the colon", "Content-Length : 3\r\n", "a=b"),
        ("a folded header", "X-A: b\r\n Content-Length: 3\r\n", "a=b"),
        ("a header without a name", ": b\r\n", ""),
        ("a header without a colon", "Content-Length 3\r\n", ""),
        ("a NUL in a header", "X-A: b\0c\r\n", ""),
        ("a bare CR in a header", "X-A: b\rContent-Length: 3\r\n", ""),
        (
            "chunked not last",
            "Transfer-Encoding: chunked, identity\r\n",
            "3\r\na=b\r\n0\r\n\r\n",
        ),
        (
            "an unknown coding",
            "Transfer-Encoding: xchunked\r\n",
            "3\r\na=b\r\n0\r\n\r\n",
        ),
        (
            "no chunk size",
            "Transfer-Encoding: chunked\r\n",
            "\r\na=b\r\n0\r\n\r\n",
        ),
        (
            "a broken chunk size",
            "Transfer-Encoding: chunked\r\n",
            "3g\r\na=b\r\n0\r\n\r\n",
        ),
        (
            "a negative chunk size",
            "Transfer-Encoding: chunked\r\n",
            "-3\r\na=b\r\n0\r\n\r\n",
        ),
        (
            "a chunk longer than its size",
            "Transfer-Encoding: chunked\r\n",
            "2\r\na=b\r\n0\r\n\r\n",
        ),
        (
            "an overflowing chunk size",
            "Transfer-Encoding: chunked\r\n",
            "10000000000000003\r\na=b\r\n0\r\n\r\n",
        ),
    ] {
        let request = format!("{}{headers}\r\n{body}{hidden}", head("POST /entity"));
        let answer = server.exchange(request.as_bytes()).expect(name);
        assert_eq!(answer.status(), 400, "{name}: {}", answer.head);
        assert!(server.taken().is_empty(), "{name}");
    }
    // Both a length and chunks, in either order: the chunks count (RFC 9112, 6.3), and nothing after them is read.
    for (one, other) in [
        ("Content-Length: 3", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 3"),
        ("Transfer-Encoding: chunked", "Content-Length: 90"),
    ] {
        let request = format!(
            "{}{one}\r\n{other}\r\n\r\n3\r\na=b\r\n0\r\n\r\n{hidden}",
            head("POST /entity")
        );
        let answer = server.exchange(request.as_bytes()).expect("is answered");
        assert_eq!(answer.body, FINE, "one answer and no more");
        let [(call, _)] = server.taken().try_into().expect("is one call");
        assert_eq!(call.path, "/entity");
        assert_eq!(call.args.0, [("a".to_owned(), "b".to_owned())]);
    }
}

/// Only small creates are, and each is answered whatever becomes of that.
#[test]
fn little_is_begun_at_once() {
    let server = Server::start();
    for (operation, size, tried) in [
        ("entity.create", 16 << 10, 1),
        ("entity.create", (16 << 10) + 1, 0),
        ("entity.update", 10, 0),
    ] {
        let head = head(&format!("POST /{operation}"));
        let body = "x".repeat(size);
        let request = format!("{head}Connection: close\r\nContent-Length: {size}\r\n\r\n{body}");
        let answer = server.exchange(request.as_bytes()).expect("is answered");
        assert_eq!(answer.body, FINE);
        assert_eq!(
            server.tried.swap(0, Ordering::Relaxed),
            tried,
            "{operation} {size}"
        );
    }
    assert_eq!(server.taken().len(), 3);
}

#[test]
fn heads_without_measure_are_refused() {
    let server = Server::start();
    let many: Vec<String> = (0..100).map(|n| format!("X-{n}: a\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "a".repeat(300_000));
    let answer = server.call(&many.concat()).expect("is answered");
    assert_eq!(answer.status(), 431);
    // The answer may be lost: the server closes while the client still sends.
    if let Ok(answer) = server.call(&long) {
        assert_eq!(answer.status(), 431);
    }
    assert!(server.taken().is_empty());
}

/// What somebody stored cannot become a page, a header or a terminal's command.
#[test]
fn an_answer_is_json_and_nothing_else() {
    let server = Server::answering(&[], |_| Reply {
        body: [("evil", "<script>\r\nX-A: b\u{1b}]0;t\u{7}\0\u{7f}")]
            .map(|(name, value)| (name, Json::from(value)))
            .into_iter()
            .collect(),
        ..fine()
    });
    let answer = server.call("").expect("is answered");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("x-a"), None);
    assert!(!answer.body.chars().any(|c| c < ' '), "{:?}", answer.body);
}

/// A body shorter or longer than its length says.
#[test]
fn a_length_that_lies_makes_no_call() {
    let server = Server::start();
    let mut stream = server.connect();
    let request = format!(
        "{}Content-Length: 100\r\n\r\ntype_name=user",
        head("POST /entity")
    );
    stream.write_all(request.as_bytes()).expect("sends");
    stream.shutdown(Shutdown::Write).expect("shuts down");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("is closed");
    assert!(server.taken().is_empty());
    let request = format!(
        "{}Content-Length: 3\r\n\r\na=btype_name=user",
        head("POST /entity")
    );
    let mut stream = server.connect();
    stream.write_all(request.as_bytes()).expect("sends");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("is closed");
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
    assert!(text.contains("HTTP/1.1 400 Bad Request"), "{text}");
    let [(call, _)] = server.taken().try_into().expect("is one call");
    assert_eq!(call.args.0, [("a".to_owned(), "b".to_owned())]);
}

#[test]
fn a_panic_is_answered_and_the_server_lives() {
    let server = Server::answering(&[], |call| match call.args.get("panic") {
        Some(_) => panic!("planted"),
        None => fine(),
    });
    let request = format!("{}\r\n", head("GET /entity?panic=1"));
    let answer = server.exchange(request.as_bytes()).expect("is answered");
    assert_eq!((answer.status(), answer.code()), (500, Some(500)));
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(answer.text("error"), "unexpected_error");
    assert_eq!(answer.text("request_id").len(), 16);
    assert!(!answer.body.contains("planted"));
    let next = server.call("").expect("is answered");
    assert_eq!(next.body, FINE);
}

/// More connections than there is room for, none of which says anything.
#[test]
fn silent_connections_keep_nobody_out() {
    let server = Server::start();
    let silent: Vec<TcpStream> = (0..ROOM + 4).map(|_| server.connect()).collect();
    assert_eq!(server.call("").expect("is answered").body, FINE);
    drop(silent);
    // These are within their rights for a minute: longer than this test's patience.
    let idle: Vec<TcpStream> = (0..ROOM + 4)
        .map(|_| {
            let mut stream = server.connect();
            let request = format!("{}\r\n", head("GET /entity"));
            stream.write_all(request.as_bytes()).expect("sends");
            read_fine(&mut stream);
            stream
        })
        .collect();
    assert_eq!(server.call("").expect("is answered").body, FINE);
    let mut byte = [0];
    let mut oldest = &idle[0];
    assert_eq!(oldest.read(&mut byte).expect("is closed in order"), 0);
    let mut newest = &idle[ROOM + 3];
    newest.set_nonblocking(true).expect("can be");
    let still_open = newest.read(&mut byte).expect_err("says nothing").kind();
    assert_eq!(still_open, io::ErrorKind::WouldBlock);
}

/// A door that calls wait at until the test opens it.
#[derive(Default)]
struct Door {
    state: Mutex<(usize, bool)>,
    changed: Condvar,
}

impl Door {
    fn pass(&self) {
        let mut state = self.state.lock().expect("no panic under it");
        state.0 += 1;
        self.changed.notify_all();
        let waits = |state: &mut (usize, bool)| !state.1;
        drop(self.changed.wait_while(state, waits));
    }

    /// Returns when `count` calls wait.
    fn wait_for(&self, count: usize) {
        let state = self.state.lock().expect("no panic under it");
        let waits = |state: &mut (usize, bool)| state.0 < count;
        drop(self.changed.wait_while(state, waits));
    }

    fn open(&self) {
        self.state.lock().expect("no panic under it").1 = true;
        self.changed.notify_all();
    }
}

#[test]
fn no_call_under_way_makes_room_for_another() {
    let door = Arc::new(Door::default());
    let at_door = Arc::clone(&door);
    let server = Server::answering(&[], move |_| {
        at_door.pass();
        fine()
    });
    let call = || {
        let mut stream = server.connect();
        let request = format!("{}\r\n", head("GET /entity"));
        stream.write_all(request.as_bytes()).expect("sends");
        stream
    };
    let mut calls: Vec<TcpStream> = (0..ROOM).map(|_| call()).collect();
    door.wait_for(ROOM);
    calls.push(call());
    door.open();
    for call in &mut calls {
        read_fine(call);
    }
}

#[test]
fn a_refusal_for_lack_of_proof_takes_its_time() {
    let server = Server::answering(&[], |_| {
        let wrong = ErrorCode::INVALID_CLIENT_CREDENTIALS;
        pipeline::refuse(200, crate::capture::error::ApiError::new(wrong, "wrong"))
    });
    let begun = Instant::now();
    let answer = server.call("").expect("is answered");
    assert_eq!(answer.code(), Some(402));
    assert!(begun.elapsed() >= Duration::from_millis(50));
}

/// What a client sees of each fault, and whether the work was done.
#[test]
fn each_fault_looks_as_it_should() {
    let server = Server::start();
    for (fault, status, code, done) in [
        ("latency:20ms", 200, None, true),
        ("latency:20ms:before", 200, None, true),
        ("slow:40ms", 200, None, true),
        ("slow:40ms:before", 200, Some(504), false),
        ("504", 200, Some(504), true),
        ("504:before", 200, Some(504), false),
        ("510", 200, Some(510), false),
        ("510:after", 200, Some(510), true),
        ("code=402", 200, Some(402), false),
        ("code=500:after", 200, Some(500), true),
        ("none", 200, None, true),
    ] {
        let begun = Instant::now();
        let answer = server
            .call(&format!("X-Captui-Fault: {fault}\r\n"))
            .expect("is answered");
        assert_eq!((answer.status(), answer.code()), (status, code), "{fault}");
        assert_eq!(server.taken().len(), usize::from(done), "{fault}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        if code.is_none() {
            assert_eq!(answer.body, FINE, "{fault}");
        } else {
            assert_eq!(answer.text("request_id").len(), 16, "{fault}");
            assert!(!answer.text("error_description").is_empty(), "{fault}");
        }
        let shown = answer.header("x-captui-fault");
        assert_eq!(shown.unwrap_or("none"), fault);
        if fault.starts_with("latency") {
            assert!(begun.elapsed() >= Duration::from_millis(20), "{fault}");
        }
        if fault.starts_with("slow") {
            assert!(begun.elapsed() >= Duration::from_millis(40), "{fault}");
        }
    }
    let limit = server.call("X-Captui-Fault: 510\r\n").expect("is answered");
    assert_eq!(limit.text("error"), "api_limit_error");
    for (fault, status, done) in [
        ("http-502", 502, false),
        ("http-503", 503, false),
        ("http-510", 510, false),
        ("http-504", 504, true),
        ("http-504:before", 504, false),
    ] {
        server.taken();
        let answer = server
            .call(&format!("X-Captui-Fault: {fault}\r\n"))
            .expect("is answered");
        assert_eq!(answer.status(), status, "{fault}");
        assert_eq!(answer.header("content-type"), Some("text/html"), "{fault}");
        assert!(answer.body.starts_with("<html>"), "{fault}");
        assert_eq!(server.taken().len(), usize::from(done), "{fault}");
    }
    let html = server.call("X-Captui-Fault: wrong-type\r\n");
    let html = html.expect("is answered");
    assert_eq!(html.header("content-type"), Some("text/html"));
    assert_eq!(html.body, FINE);
    assert_eq!(server.taken().len(), 1);
}

#[test]
fn a_truncated_answer_promises_more_than_comes() {
    let server = Server::start();
    for (fault, done) in [("truncated", true), ("truncated:before", false)] {
        let answer = server
            .call(&format!("X-Captui-Fault: {fault}\r\n"))
            .expect("is closed in order");
        let promised = answer.header("content-length").expect("has a length");
        let promised: usize = promised.parse().expect("is a number");
        assert_eq!(answer.body.len(), promised / 2, "{fault}: {}", answer.body);
        assert_eq!(server.taken().len(), usize::from(done), "{fault}");
    }
}

#[test]
fn a_reset_gives_no_answer_at_all() {
    let server = Server::start();
    for (fault, done) in [("reset", true), ("reset:before", false)] {
        let error = server
            .call(&format!("X-Captui-Fault: {fault}\r\n"))
            .err()
            .expect("is reset");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{fault}");
        assert_eq!(server.taken().len(), usize::from(done), "{fault}");
    }
    assert_eq!(server.call("").expect("is answered").body, FINE);
}

#[test]
fn a_fault_that_is_none_is_refused_with_what_there_is() {
    let server = Server::start();
    for asked in ["boom", "", "latency:1h", "entity=504", "504@10%"] {
        let answer = server
            .call(&format!("X-Captui-Fault: {asked}\r\n"))
            .expect("is answered");
        assert_eq!(
            (answer.status(), answer.code()),
            (400, Some(200)),
            "{asked}"
        );
        let description = answer.text("error_description");
        assert!(description.starts_with("X-Captui-Fault: "), "{description}");
    }
    assert!(server.taken().is_empty());
}

#[test]
fn rules_hit_their_operations_and_a_call_may_wish_otherwise() {
    let server = Server::answering(&["entity.create=510", "entity*=http-502"], |_| fine());
    let ask = |path: &str, headers: &str| {
        let request = format!(
            "{}Connection: close\r\n{headers}\r\n",
            head(&format!("GET {path}"))
        );
        server.exchange(request.as_bytes()).expect("is answered")
    };
    assert_eq!(ask("/entity.create", "").code(), Some(510));
    assert_eq!(ask("//entity.create", "").code(), Some(510));
    assert_eq!(ask("/entityType.list", "").status(), 502);
    assert_eq!(ask("/clients/list", "").body, FINE);
    assert_eq!(ask("/nothing", "").body, FINE);
    assert_eq!(ask("/entity", "X-Captui-Fault: none\r\n").body, FINE);
    assert_eq!(ask("/entity", "X-Captui-Fault: 504\r\n").code(), Some(504));
}

/// The same seed and the same order of calls: the same calls fail.
#[test]
fn a_share_hits_the_same_calls_again() {
    let failed = || -> Vec<usize> {
        let server = Server::answering(&["*=510@30%"], |_| fine());
        let failed = |_: &usize| server.call("").expect("is answered").body != FINE;
        (0..30).filter(failed).collect()
    };
    let first = failed();
    assert!(!first.is_empty() && first.len() < 30, "{first:?}");
    assert_eq!(failed(), first);
}

/// A call that waits holds up no other, and its end can be had at any time.
#[test]
fn waiting_calls_are_in_nobodys_way() {
    let server = Server::start();
    let waiting: Vec<TcpStream> = (0..ROOM - 1)
        .map(|number| {
            let fault = if number % 2 == 0 { "latency" } else { "slow" };
            let mut stream = server.connect();
            let request = format!("{}X-Captui-Fault: {fault}:60s\r\n\r\n", head("GET /entity"));
            stream.write_all(request.as_bytes()).expect("sends");
            stream
        })
        .collect();
    assert_eq!(server.call("").expect("is answered").body, FINE);
    // The server stops while they wait.
    drop(server);
    for mut stream in waiting {
        let mut text = Vec::new();
        // Cut off, in whatever way.
        let _ = stream.read_to_end(&mut text);
        assert!(!text.ends_with(FINE.as_bytes()));
    }
}
