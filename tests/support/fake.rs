//! A server that answers with bytes chosen by the test, or not at all.

use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

use crate::support::http::content_length;
use crate::support::http::read_head;
use crate::support::pty::DEADLINE;

/// What the server does with every request once it has read it whole.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends these bytes and closes.
    Send(String),
    /// Sends these bytes, whatever they are, and closes.
    SendBytes(Vec<u8>),
    /// Closes without a word.
    Close,
    /// Says nothing and keeps the connection.
    Silence,
}

impl Act {
    /// Answers JSON with this status.
    pub fn json(status: u16, body: &str) -> Self {
        Self::answer(status, "application/json", "", body)
    }

    /// Answers with this status, content type, further header lines and body.
    pub fn answer(status: u16, content_type: &str, headers: &str, body: &str) -> Self {
        Self::Send(format!(
            "HTTP/1.1 {status} Whatever\r\nContent-Type: {content_type}\r\nConnection: close\r\n{headers}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }
}

/// The server; it listens until the tests end.
pub struct FakeServer {
    /// Where it listens: `http://127.0.0.1:41234`.
    pub url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl FakeServer {
    /// Starts one that does the same with every request.
    pub fn start(act: Act) -> Self {
        Self::choosing(move |_| act.clone())
    }

    /// Starts one that looks at each request first, its head in lower case.
    pub fn choosing(act: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        let act = Arc::new(act);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("is bound");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (act, seen) = (Arc::clone(&act), Arc::clone(&seen));
                std::thread::spawn(move || serve(stream, &*act, &seen));
            }
        });
        Self {
            url: format!("http://{address}"),
            requests,
        }
    }

    /// The requests that came whole, heads in lower case.
    pub fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .expect("no server thread panics")
            .clone()
    }

    /// How many requests have come for this operation.
    pub fn count(&self, operation: &str) -> usize {
        let start = format!("post /{} ", operation.to_ascii_lowercase());
        let requests = self.requests();
        requests.iter().filter(|it| it.starts_with(&start)).count()
    }

    /// Waits until a request for this operation has come.
    pub fn wait_for(&self, operation: &str) {
        let deadline = Instant::now() + DEADLINE;
        while self.count(operation) == 0 {
            assert!(Instant::now() < deadline, "no {operation} came");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A client that goes away in the middle is no fault here.
fn serve(stream: TcpStream, act: &dyn Fn(&str) -> Act, seen: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let Ok(head) = read_head(&mut reader) else {
        return;
    };
    let mut body = vec![0; content_length(&head)];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let head = head.to_ascii_lowercase();
    let request = format!("{head}{}", String::from_utf8_lossy(&body));
    let act = act(&request);
    seen.lock().expect("no server thread panics").push(request);
    match act {
        Act::Send(bytes) => {
            let _ = reader.get_mut().write_all(bytes.as_bytes());
        }
        Act::SendBytes(bytes) => {
            let _ = reader.get_mut().write_all(&bytes);
        }
        Act::Close => {}
        Act::Silence => {
            // Until the client goes away.
            let _ = reader.read(&mut [0]);
        }
    }
}
