//! The program under measurement as a server of its own, records for it, and calls that cost the caller next to nothing:
//! bytes made beforehand, over connections that stay open.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use captui::capture::request::Args;
use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process;
use serde_json::Value;
use serde_json::json;

use crate::figures::Result;

/// The entity type of all records here.
pub(crate) const TYPE: &str = "bench";

/// A server, ended when it is dropped.
pub(crate) struct Server {
    child: Child,
    /// `127.0.0.1:41234`
    pub(crate) address: String,
    basic: String,
}

impl Server {
    /// Starts `captui sandbox serve` with its data in `folder`.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let folder = folder.to_str().ok_or("the folder's name is not UTF-8")?;
        let mut child = Command::new(env!("CARGO_BIN_EXE_captui"))
            .args(["sandbox", "serve", "--json", "--bare", "--data", folder])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("the output is not piped")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line)?;
        let member = |name: &str| said[name].as_str().ok_or(format!("no {name} in {line}"));
        let pair = format!("{}:{}", member("client_id")?, member("client_secret")?);
        Ok(Self {
            address: member("url")?.trim_start_matches("http://").to_owned(),
            basic: STANDARD.encode(pair),
            child,
        })
    }

    /// Makes the entity type; `indexed` gives it an attribute with the feature `query`.
    pub(crate) fn make_type(&self, indexed: bool) -> Result<()> {
        let features = if indexed { json!(["query"]) } else { json!([]) };
        let attr_defs = json!([
            {"name": "email", "type": "string", "length": 256, "constraints": ["unique"]},
            {"name": "city", "type": "string", "length": 100, "features": features},
            {"name": "street", "type": "string", "length": 100},
            {"name": "givenName", "type": "string", "length": 100},
            {"name": "familyName", "type": "string", "length": 100},
            {"name": "birthday", "type": "date"},
            {"name": "emailVerified", "type": "dateTime"},
            {"name": "aboutMe", "type": "string", "length": 1000},
            {"name": "primaryAddress", "type": "object", "attr_defs": [
                {"name": "country", "type": "string", "length": 100},
                {"name": "zip", "type": "string", "length": 20},
            ]},
            {"name": "profiles", "type": "plural", "attr_defs": [
                {"name": "domain", "type": "string", "length": 100},
                {"name": "identifier", "type": "string", "length": 1000},
            ]},
        ])
        .to_string();
        let arguments = [("type_name", TYPE), ("attr_defs", &attr_defs)];
        self.call("entityType.create", &arguments).map(drop)
    }

    /// Makes one call that must go well, over a connection of its own.
    pub(crate) fn call(&self, operation: &str, arguments: &[(&str, &str)]) -> Result<Value> {
        let mut connection = Connection::open(self)?;
        connection.send(&self.request(operation, arguments))?;
        let body = connection.receive()?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// The bytes of a call.
    pub(crate) fn request(&self, operation: &str, arguments: &[(&str, &str)]) -> Vec<u8> {
        let body = Args::from_pairs(arguments.iter().copied()).to_form();
        format!(
            "POST /{operation} HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            self.basic,
            body.len()
        )
        .into_bytes()
    }

    /// The most memory it has held so far, in MiB.
    pub(crate) fn peak_mib(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kib / 1024.0)
    }

    /// Ends it as a user would, so that its files are whole.
    pub(crate) fn stop(mut self) -> Result<()> {
        if let Some(pid) = Pid::from_raw(self.child.id().cast_signed()) {
            kill_process(pid, Signal::TERM)?;
        }
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that stays open between calls.
pub(crate) struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    /// Connects to the server.
    pub(crate) fn open(server: &Server) -> Result<Self> {
        let stream = TcpStream::connect(&server.address)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            answer: Vec::with_capacity(4096),
        })
    }

    /// The socket, to wait for.
    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Sends a request; the answer to the one before must have been received.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<()> {
        self.answer.clear();
        Ok(self.stream.write_all(request)?)
    }

    /// Waits for the whole answer, which must be a success, and returns its body.
    pub(crate) fn receive(&mut self) -> Result<Vec<u8>> {
        loop {
            if let Some(body) = self.read_on()? {
                return Ok(body.to_vec());
            }
        }
    }

    /// Reads what has come; the body once the answer is whole. An answer that is no success is an error.
    pub(crate) fn read_on(&mut self) -> Result<Option<&[u8]>> {
        let before = self.answer.len();
        self.answer.resize(before + 16 * 1024, 0);
        let read = self.stream.read(&mut self.answer[before..])?;
        self.answer.truncate(before + read);
        if read == 0 {
            return Err("the server closed a connection".into());
        }
        let Some(head) = find(&self.answer, b"\r\n\r\n") else {
            return Ok(None);
        };
        let length = content_length(&self.answer[..head])?;
        let Some(body) = self.answer.get(head + 4..head + 4 + length) else {
            return Ok(None);
        };
        if !body.ends_with(br#""stat":"ok"}"#) {
            return Err(String::from_utf8_lossy(&self.answer).into());
        }
        Ok(Some(body))
    }
}

fn content_length(head: &[u8]) -> Result<usize> {
    let head = std::str::from_utf8(head)?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    length.ok_or_else(|| format!("no length in {head}").into())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, wanted)
}

/// The attributes of a record of about 0.7 KB. `number` has twelve digits and makes its e-mail address unique; ten
/// records share a city.
pub(crate) fn attributes(number: &str, city: &str) -> String {
    json!({
        "email": format!("user{number}@example.com"),
        "city": city,
        "street": city,
        "givenName": "Annemarie",
        "familyName": "Vandenbroucke",
        "birthday": "1984-02-29",
        "emailVerified": "2016-02-26 19:08:44 +0000",
        "aboutMe": "Collects old maps of harbours, repairs the clocks of her neighbours, and writes letters to people \
                    whom she has never met. Plays the viola on Thursdays, badly, and knows it. ".repeat(2),
        "primaryAddress": {"country": "Belgium", "zip": "9000"},
        "profiles": [{"domain": "example.org", "identifier": "https://profiles.example.org/annemarie/1984"}],
    })
    .to_string()
}
