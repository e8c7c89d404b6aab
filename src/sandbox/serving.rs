//! Which servers run on a data directory: each leaves a file there while it runs. Written by `captui sandbox serve`,
//! read by `captui sandbox status`. Nothing depends on it but what a person is told: several servers may share a
//! directory, and every one of them may be ended without warning.

use std::fs;
use std::io;
use std::io::Write;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use crate::capture::json::Json;

/// How long a server may take to accept a connection before it counts as not answering.
const PATIENCE: Duration = Duration::from_millis(500);

/// A server's file. Dropping it removes the file.
#[derive(Debug)]
pub struct Announcement {
    file: PathBuf,
}

impl Announcement {
    /// Says in `dir`, which exists, that this process serves its data at `url`, listening on `address`.
    pub fn make(dir: &Path, url: &str, address: SocketAddr) -> io::Result<Self> {
        let pid = std::process::id();
        let file = dir.join(format!("serving-{pid}.json"));
        let text: Json = [
            ("pid", Json::from(i64::from(pid))),
            ("url", url.into()),
            ("address", address.to_string().into()),
        ]
        .into_iter()
        .collect();
        // Whole or not at all, so that nobody reads half of it; temporary files are for their owner alone.
        let mut whole = tempfile::NamedTempFile::new_in(dir)?;
        whole.write_all(text.to_string().as_bytes())?;
        whole.persist(&file).map_err(|error| error.error)?;
        Ok(Self { file })
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // One that stays is found to be stale by whoever reads it.
        let _ = fs::remove_file(&self.file);
    }
}

/// A server that runs on a data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    /// Its process.
    pub pid: u32,
    /// Where it is called.
    pub url: String,
}

/// The servers that run on the data in `dir`, by process. Files of servers that are gone are removed.
pub fn running(dir: &Path) -> io::Result<Vec<Serving>> {
    let mut servers = Vec::new();
    for entry in fs::read_dir(dir)? {
        let file = entry?.path();
        let Some(pid) = file.file_name().and_then(|name| pid_in(name.to_str()?)) else {
            continue;
        };
        match read(&file) {
            Some((url, address)) if is_alive(pid) && listens(address) => {
                servers.push(Serving { pid, url });
            }
            _ => {
                // Another reader may have been faster.
                let _ = fs::remove_file(&file);
            }
        }
    }
    servers.sort_by_key(|server| server.pid);
    Ok(servers)
}

fn pid_in(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("serving-")?.strip_suffix(".json")?;
    digits.parse().ok()
}

fn read(file: &Path) -> Option<(String, SocketAddr)> {
    let json = Json::parse(&fs::read_to_string(file).ok()?).ok()?;
    let url = json.get("url")?.as_str()?.to_owned();
    let address = json.get("address")?.as_str()?.parse().ok()?;
    Some((url, address))
}

/// Whether there is such a process, whoever's it is.
#[cfg(unix)]
fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

/// Whether there is such a process: not known here, and the connection tells enough.
#[cfg(not(unix))]
fn is_alive(_: u32) -> bool {
    true
}

/// Whether somebody listens at `address`. Only a refusal says that nobody does: a busy server may be slow.
fn listens(mut address: SocketAddr) -> bool {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    match TcpStream::connect_timeout(&address, PATIENCE) {
        Ok(_) => true,
        Err(error) => error.kind() != io::ErrorKind::ConnectionRefused,
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_server_is_told_of_while_it_runs() {
        let dir = tempfile::tempdir().expect("a temporary directory can be made");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("is bound");
        assert_eq!(running(dir.path()).expect("can be read"), []);
        let announced = Announcement::make(dir.path(), "http://here", address).expect("is made");
        let here = Serving {
            pid: std::process::id(),
            url: "http://here".to_owned(),
        };
        assert_eq!(running(dir.path()).expect("can be read"), [here]);
        drop(announced);
        assert_eq!(running(dir.path()).expect("can be read"), []);
        let left = fs::read_dir(dir.path()).expect("can be read").count();
        assert_eq!(left, 0);
    }

    #[test]
    fn what_is_stale_goes_and_what_is_foreign_stays() {
        let dir = tempfile::tempdir().expect("a temporary directory can be made");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let taken = listener.local_addr().expect("is bound");
        // A port that only the system's own services may have, and none has had for decades.
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let own = std::process::id();
        let says = |address: SocketAddr| format!(r#"{{"url":"u","address":"{address}"}}"#);
        for (name, text) in [
            // Nobody listens there any more.
            (format!("serving-{own}.json"), says(free)),
            // The largest process id there can be, and none has it; its port is somebody else's now.
            ("serving-2147483647.json".to_owned(), says(taken)),
            ("serving-4294967296.json".to_owned(), says(taken)),
            ("serving-7.json".to_owned(), "no JSON".to_owned()),
            ("serving-x.json".to_owned(), says(taken)),
            ("else.json".to_owned(), says(taken)),
        ] {
            fs::write(dir.path().join(name), text).expect("can be written");
        }
        assert_eq!(running(dir.path()).expect("can be read"), []);
        let left = fs::read_dir(dir.path()).expect("can be read");
        let mut left: Vec<_> = left
            .map(|entry| entry.expect("is there").file_name())
            .collect();
        left.sort();
        // Names that no server writes are not ours to remove.
        assert_eq!(
            left,
            ["else.json", "serving-4294967296.json", "serving-x.json"]
        );
    }
}
