//! A service for tests that speaks raw bytes on a socket, and misbehaves on request.

use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc;

/// What the service does with every request once it has read it.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Writes these bytes and closes the connection.
    Bytes(Vec<u8>),
    /// Writes these bytes and waits for the next request.
    KeepAlive(Vec<u8>),
    /// Writes nothing, and waits until the other end closes the connection.
    Silence,
}

impl Reply {
    /// A JSON answer with its length.
    pub(crate) fn json(body: &str) -> Self {
        Self::http("200 OK", &["Content-Type: application/json"], body)
    }

    /// An answer with its length.
    pub(crate) fn http(status: &str, headers: &[&str], body: &str) -> Self {
        let headers: String = headers.iter().flat_map(|header| [header, "\r\n"]).collect();
        let length = body.len();
        Self::Bytes(
            format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}").into(),
        )
    }
}

/// A running fake service; its threads end with the test's process.
pub(crate) struct Fake {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
    closed: mpsc::Receiver<()>,
}

impl Fake {
    pub(crate) fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (closing, closed) = mpsc::channel();
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (reply, seen, closing) = (reply.clone(), Arc::clone(&seen), closing.clone());
                std::thread::spawn(move || {
                    serve(stream, &reply, &seen);
                    let _ = closing.send(());
                });
            }
        });
        Self {
            url,
            requests,
            closed,
        }
    }

    /// Every request that arrived whole, as it was on the wire.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether a connection has been closed since the last question.
    pub(crate) fn has_closed(&self) -> bool {
        self.closed.try_recv().is_ok()
    }
}

fn serve(mut stream: TcpStream, reply: &Reply, seen: &Mutex<Vec<String>>) {
    while let Some(request) = read_request(&mut stream) {
        seen.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(request);
        match reply {
            Reply::Bytes(bytes) => {
                // The client may have closed first.
                let _ = stream.write_all(bytes);
                return;
            }
            Reply::KeepAlive(bytes) => {
                let _ = stream.write_all(bytes);
            }
            Reply::Silence => {
                let _ = stream.read(&mut [0]);
                return;
            }
        }
    }
}

fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    loop {
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).ok().filter(|count| *count > 0)?;
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return Some(text);
            }
        }
    }
}
