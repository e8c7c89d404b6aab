//! What the tests from outside share: the real binary as a command and in a terminal, each with a home of its own.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "a harness has more than its present users need, and one program has no outside"
)]

pub mod command;
pub mod fake;
pub mod http;
pub mod picture;
pub mod pty;

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;

use flate2::read::DeflateDecoder;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tempfile::TempDir;

/// A home directory that goes away with the test.
pub struct Home(TempDir);

impl Home {
    /// An empty home.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory can be made"))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The variables that make a program live in it, and nothing else of the tester's environment: no colours forced
    /// or forbidden, a UTF-8 locale, no proxy.
    pub fn environment(&self) -> Vec<(String, String)> {
        let inside = |name: &str| self.path().join(name).to_string_lossy().into_owned();
        [
            ("HOME", inside("")),
            ("XDG_CONFIG_HOME", inside("config")),
            ("XDG_DATA_HOME", inside("data")),
            ("XDG_STATE_HOME", inside("state")),
            ("XDG_CACHE_HOME", inside("cache")),
            (
                "TMPDIR",
                std::env::temp_dir().to_string_lossy().into_owned(),
            ),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TERM", "xterm-256color".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// Writes a configuration with one environment, `service`, at `url`, whose secret is in a file of its own. `settings`
    /// are further lines of that environment.
    pub fn configure(&self, url: &str, client_id: &str, secret: &str, settings: &str) {
        let folder = self.path().join("config/captui");
        fs::create_dir_all(&folder).expect("a home can be written");
        let config = format!(
            "[environments.service]\ndomain = \"{url}\"\nclass = \"sandbox\"\nclient_id = \"{client_id}\"\n\
             secret_file = \"service.secret\"\n{settings}"
        );
        fs::write(folder.join("config.toml"), config).expect("a home can be written");
        let file = folder.join("service.secret");
        fs::write(&file, secret).expect("a home can be written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("is ours");
    }

    /// The file that a path belongs to: a database's log is part of it.
    pub fn whole(path: &str) -> &str {
        path.strip_suffix("-wal").unwrap_or(path)
    }

    /// What a file of it holds: its bytes, and of the history also what is compressed in it.
    pub fn contents(path: &Path) -> Vec<u8> {
        let mut bytes = fs::read(path).expect("a home can be read");
        if path.file_name().is_some_and(|name| name == "history.db") {
            let history = Connection::open(path).expect("is a database");
            // Looking at it leaves its log alone.
            let kept = history.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
            kept.expect("is a setting");
            let mut packed = history
                .prepare("SELECT bytes FROM content WHERE deflated")
                .expect("has contents");
            let packed = packed.query_map([], |row| row.get(0)).expect("has bytes");
            for packed in packed {
                let packed: Vec<u8> = packed.expect("can be read");
                let mut unpacking = DeflateDecoder::new(packed.as_slice());
                unpacking.read_to_end(&mut bytes).expect("can be unpacked");
            }
        }
        bytes
    }

    /// All files and folders in it, with itself.
    pub fn everything(&self) -> Vec<PathBuf> {
        let mut found = vec![self.path().to_owned()];
        let mut at = 0;
        while let Some(path) = found.get(at).cloned() {
            at += 1;
            if path.is_dir() {
                let entries = fs::read_dir(&path).expect("a home can be read");
                found.extend(entries.map(|entry| entry.expect("can be listed").path()));
            }
        }
        found
    }
}
