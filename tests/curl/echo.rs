//! A server that keeps what it is sent, and curl run against it by a shell. Requests are taken apart here by hand, with
//! nothing of the program's own reader.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::Sender;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::Home;
use crate::support::http::content_length;

/// How long a request may take to arrive before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request as it was sent.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) method: String,
    /// Without the query.
    pub(super) path: String,
    /// Names and values of the query, then of the body, decoded.
    pub(super) pairs: Vec<(String, String)>,
    /// What the header says, decoded: `basic cid:secret`, `signature cid:sig at date`, `oauth token`; empty without
    /// one.
    pub(super) auth: String,
}

/// The server.
pub(super) struct Echo {
    /// `127.0.0.1:41234`
    pub(super) address: String,
    requests: Receiver<Seen>,
}

impl Echo {
    /// Starts it. Without a curl on this machine there is nothing to compare with: that is said, and `None`. Where
    /// `CAPTUI_NEEDS_CURL` is set, as in `.ci/run`, it is a failure.
    pub(super) fn start() -> Option<Self> {
        let version = Command::new("curl").arg("--version").output();
        if !version.is_ok_and(|output| output.status.success()) {
            let missing =
                "these tests compare with the real curl, which is not installed (package curl)";
            assert!(std::env::var_os("CAPTUI_NEEDS_CURL").is_none(), "{missing}");
            eprintln!("{missing}: left out");
            return None;
        }
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("is bound").to_string();
        let (sender, requests) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &sender);
            }
        });
        Some(Self { address, requests })
    }

    /// Has a shell run `script` in `folder`, and says what the first request was. The shell has nothing of the tester's
    /// settings, and the script's answer is thrown away.
    pub(super) fn run(&self, script: &str, folder: &Path, home: &Home) -> Seen {
        // In a file, because a script may be longer than a word of a command may be.
        let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        std::fs::write(file.path(), script).expect("can be written");
        let output = Command::new("sh")
            .arg(file.path())
            .current_dir(folder)
            .env_clear()
            .envs(home.environment())
            .stdin(Stdio::null())
            .output()
            .expect("sh can be run");
        let errors = String::from_utf8_lossy(&output.stderr);
        let seen = self.requests.recv_timeout(if output.status.success() {
            PATIENCE
        } else {
            Duration::from_millis(1)
        });
        let seen = seen.unwrap_or_else(|_| panic!("nothing was sent by {script}\n{errors}"));
        // A second request of the same command would be taken for that of the next.
        while self.requests.try_recv().is_ok() {}
        seen
    }
}

fn serve(stream: TcpStream, requests: &Sender<Seen>) {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    if head.to_ascii_lowercase().contains("expect: 100-continue") {
        let _ = reader.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
    }
    let mut body = vec![0; content_length(&head)];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    // Before the answer: the command ends after it, and the test looks at once.
    let _ = requests.send(read(&head, &body));
    let _ = reader
        .get_mut()
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
}

fn read(head: &str, body: &[u8]) -> Seen {
    let mut lines = head.lines();
    let mut request = lines.next().unwrap_or_default().split(' ');
    let method = request.next().unwrap_or_default().to_owned();
    let target = request.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let header = |wanted: &str| {
        head.lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim().to_owned())
    };
    let kind = header("content-type").unwrap_or_default();
    let mut pairs = form(query.as_bytes());
    if let Some(boundary) = kind.strip_prefix("multipart/form-data; boundary=") {
        pairs.extend(multipart(&String::from_utf8_lossy(body), boundary));
    } else if !kind.starts_with("application/json") {
        pairs.extend(form(body));
    }
    Seen {
        method,
        path: path.to_owned(),
        pairs,
        auth: auth(header("authorization"), header("date")),
    }
}

/// The pairs of a form, empty pieces left out.
pub(super) fn form(text: &[u8]) -> Vec<(String, String)> {
    text.split(|byte| *byte == b'&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| {
            let at = piece.iter().position(|byte| *byte == b'=');
            let (name, value) = at.map_or((piece, &b""[..]), |at| (&piece[..at], &piece[at + 1..]));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &[u8]) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        match (byte, digit(text.get(at)), digit(text.get(at + 1))) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).expect("two digits are a byte"));
                at += 2;
            }
            (b'+', ..) => out.push(b' '),
            _ => out.push(*byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The parts of a multipart body that are no files.
fn multipart(body: &str, boundary: &str) -> Vec<(String, String)> {
    let mark = format!("--{boundary}");
    body.split(&mark)
        .filter_map(|part| {
            let (head, content) = part.split_once("\r\n\r\n")?;
            let (_, name) = head.split_once(" name=\"")?;
            let (name, _) = name.split_once('"')?;
            Some((name.to_owned(), content.strip_suffix("\r\n")?.to_owned()))
        })
        .collect()
}

fn auth(header: Option<String>, date: Option<String>) -> String {
    let Some(header) = header else {
        return String::new();
    };
    let (scheme, rest) = header.split_once(' ').unwrap_or((&header, ""));
    let rest = match scheme.to_ascii_lowercase().as_str() {
        "basic" => {
            let padded = format!("{rest}{}", "=".repeat((4 - rest.len() % 4) % 4));
            match STANDARD.decode(padded) {
                Ok(pair) => String::from_utf8_lossy(&pair).into_owned(),
                Err(_) => rest.to_owned(),
            }
        }
        "signature" => format!("{rest} at {}", date.unwrap_or_default()),
        _ => rest.to_owned(),
    };
    format!("{} {rest}", scheme.to_ascii_lowercase())
}

#[test]
fn requests_are_taken_apart() {
    let head = "POST /entity?a=b%20c HTTP/1.1\r\nAuthorization: Basic Y2lkOnM\r\n\r\n";
    let seen = read(head, b"&d=%C3%A9+&e&=f");
    let pairs: Vec<String> = seen.pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
    assert_eq!(pairs, ["a=b c", "d=\u{e9} ", "e=", "=f"]);
    assert_eq!(
        (seen.path.as_str(), seen.auth.as_str()),
        ("/entity", "basic cid:s")
    );
}
