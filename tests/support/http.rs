//! HTTP by hand: what other people's programs send, with nothing of this program's own client in it.

use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use rustls::ClientConfig;
use rustls::ClientConnection;
use rustls::RootCertStore;
use rustls::StreamOwned;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;
use sha1::Sha1;

/// How long a read may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The status line and the headers, as they came.
    pub head: String,
    /// The body as it came.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The error code in the body; none when it has none.
    pub fn code(&self) -> Option<i64> {
        self.json()["code"].as_i64()
    }
}

/// What HTTP goes over.
trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

/// A connection that stays open between calls.
pub struct Connection {
    stream: BufReader<Box<dyn Stream>>,
    host: String,
}

impl Connection {
    /// Connects to the server at `http://HOST:PORT`.
    pub fn open(url: &str) -> io::Result<Self> {
        let host = url.trim_start_matches("http://").to_owned();
        let stream = connect(&host)?;
        Ok(Self {
            stream: BufReader::new(Box::new(stream)),
            host,
        })
    }

    /// Connects to the server at `https://HOST:PORT`, which has to prove with a certificate of an authority in `ca_file`
    /// that it is `name`, and is called so.
    pub fn open_tls(url: &str, name: &str, ca_file: &Path) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(ca_file).expect("can be read") {
            let certificate = certificate.expect("is a certificate");
            roots.add(certificate).expect("is an authority's");
        }
        let provider = rustls::crypto::ring::default_provider();
        let config = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .expect("there are versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let server = ServerName::try_from(name.to_owned()).expect("is a host");
        let client = ClientConnection::new(config.into(), server).expect("is a client");
        let mut stream = StreamOwned::new(client, connect(url.trim_start_matches("https://"))?);
        stream.conn.complete_io(&mut stream.sock)?;
        Ok(Self {
            stream: BufReader::new(Box::new(stream)),
            host: name.to_owned(),
        })
    }

    /// Posts `body` the way curl does.
    pub fn post(&mut self, operation: &str, headers: &str, body: &str) -> io::Result<Answer> {
        let request = format!(
            "POST /{operation} HTTP/1.1\r\nHost: {}\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n{headers}\
             Content-Length: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.exchange(request.as_bytes())
    }

    /// Sends these bytes and reads one answer, whose length its head must say.
    pub fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.get_mut().write_all(request)?;
        let head = read_head(&mut self.stream)?;
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        let mut body = vec![0; content_length(&head)];
        self.stream.read_exact(&mut body)?;
        let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        Ok(Answer {
            status: status.ok_or_else(|| broken("no status"))?,
            head,
            body: String::from_utf8(body).map_err(|_| broken("not UTF-8"))?,
        })
    }
}

fn connect(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A request's or an answer's head with the empty line that ends it. An end before that is an error.
pub fn read_head(stream: &mut impl BufRead) -> io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

/// The length of the body that follows a head.
pub fn content_length(head: &str) -> usize {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.trim().parse().ok())
        .unwrap_or(0)
}

/// A form body as `curl --data-urlencode` writes it: a space is `%20`.
pub fn form(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", percent(value)))
        .collect();
    pairs.join("&")
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The header line of Basic authentication.
pub fn basic(id: &str, secret: &str) -> String {
    let pair = STANDARD.encode(format!("{id}:{secret}"));
    format!("Authorization: Basic {pair}\r\n")
}

/// The header lines of a signed call (reference 9): HMAC-SHA1 over path, date and sorted `name=value` lines.
pub fn signed(id: &str, secret: &str, path: &str, date: &str, pairs: &[(&str, &str)]) -> String {
    let mut lines: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    lines.sort();
    let text = format!("{path}\n{date}\n{}", lines.concat());
    let mut mac =
        Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("a key may have any length");
    mac.update(text.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    format!("Date: {date}\r\nAuthorization: Signature {id}:{signature}\r\n")
}

#[test]
fn forms_are_written_as_curl_does() {
    assert_eq!(
        form(&[("type_name", "user_test"), ("a", r#"{"é": [1]}~"#)]),
        "type_name=user_test&a=%7B%22%C3%A9%22%3A%20%5B1%5D%7D~"
    );
}
