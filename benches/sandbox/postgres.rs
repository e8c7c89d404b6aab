//! PostgreSQL as it is installed, in a folder of its own and with its default settings: every commit is synced. Asked
//! by its own `pgbench` over a local socket.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use tempfile::TempDir;

use crate::figures::Result;

/// A running PostgreSQL, stopped and removed when it is dropped.
pub(crate) struct Postgres {
    binaries: PathBuf,
    /// Who may run it: it refuses to be root's.
    user: Option<&'static str>,
    child: Child,
    folder: TempDir,
}

impl Postgres {
    /// Starts one with a table for records whose JSON is like `attributes`, twelve zeros standing for the number that
    /// makes each unique; or tells why that is not possible here.
    pub(crate) fn start(attributes: &str) -> Result<Self> {
        let binaries = binaries().ok_or("it is not installed")?;
        let user = rustix::process::geteuid().is_root().then_some("postgres");
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let data = folder.path().join("data");
        write_script(&folder.path().join("create.sql"), attributes)?;
        if let Some(user) = user {
            run(Command::new("chown").arg("-R").arg(user).arg(folder.path()))?;
        }
        run(command(&binaries, user, "initdb")
            .args(["--auth=trust", "--username=bench", "--encoding=UTF8", "-D"])
            .arg(&data))?;
        let child = command(&binaries, user, "postgres")
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=", "-k"])
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let postgres = Self {
            binaries,
            user,
            child,
            folder,
        };
        postgres.make_table()?;
        Ok(postgres)
    }

    fn make_table(&self) -> Result<()> {
        let patience = Instant::now() + Duration::from_secs(20);
        loop {
            let made = run(self.client("psql").args([
                "-q",
                "-c",
                "CREATE TABLE records (
                     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                     uuid uuid NOT NULL UNIQUE,
                     created timestamptz NOT NULL,
                     last_updated timestamptz NOT NULL,
                     email text NOT NULL UNIQUE,
                     body jsonb NOT NULL
                 )",
                "postgres",
            ]));
            match made {
                Err(_) if Instant::now() < patience => thread::sleep(Duration::from_millis(100)),
                other => return other.map(drop),
            }
        }
    }

    /// Committed inserts per second by this many connections, once all of them are open.
    pub(crate) fn creates(&self, connections: u32) -> Result<f64> {
        /// By each connection: a fixed time may be over, on a busy machine, before all connections are open.
        const INSERTS: &str = "60";
        let said = run(self
            .client("pgbench")
            .args(["-n", "-M", "prepared", "-j", "2"])
            .args(["-c", &connections.to_string()])
            .args(["-t", INSERTS])
            .arg("-f")
            .arg(self.folder.path().join("create.sql"))
            .arg("postgres"))?;
        let per_second = said
            .lines()
            .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next());
        Ok(per_second.ok_or("pgbench tells no tps")?.parse()?)
    }

    fn client(&self, program: &str) -> Command {
        let mut command = command(&self.binaries, self.user, program);
        command
            .env("PGHOST", self.folder.path())
            .env("PGUSER", "bench");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        // Its files go away with the folder, so a failure leaves at most a process, which the kill below ends.
        let _ = run(command(&self.binaries, self.user, "pg_ctl")
            .args(["stop", "-m", "immediate", "-D"])
            .arg(data));
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder in which all programs of an installation are; the newest.
fn binaries() -> Option<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").ok();
    let mut folders: Vec<PathBuf> = installed
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.splice(0..0, std::env::split_paths(&path));
    folders.into_iter().rev().find(|folder| {
        ["initdb", "postgres", "pg_ctl", "psql", "pgbench"]
            .iter()
            .all(|program| folder.join(program).is_file())
    })
}

fn command(binaries: &Path, user: Option<&str>, program: &str) -> Command {
    let program = binaries.join(program);
    let mut command = match user {
        None => Command::new(program),
        Some(user) => {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", user, "--regid", user, "--clear-groups", "--"])
                .arg(program);
            command
        }
    };
    // It warns about a folder that it may not enter.
    command.current_dir("/");
    command
}

fn write_script(file: &Path, attributes: &str) -> Result<()> {
    let (before, after) = attributes
        .split_once("000000000000")
        .ok_or("no place for a number")?;
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let script = format!(
        "\\set n random(1, 9000000000000000)\n\
         INSERT INTO records (uuid, created, last_updated, email, body) VALUES (gen_random_uuid(), now(), now(), \
         'user' || :n::bigint || '@example.com', ({} || :n::bigint || {})::jsonb);\n",
        quoted(before),
        quoted(after)
    );
    Ok(fs::write(file, script)?)
}

/// Runs a program to its end and returns what it said; its failure is an error that quotes it.
fn run(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("{}: {}", command.get_program().display(), said.trim()).into())
    }
}
