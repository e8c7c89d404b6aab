//! The binary as a command: arguments and input in, output and status out; and a sandbox of its own to talk to.

use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process;
use serde_json::Value;

use crate::support::Home;
use crate::support::http;
use crate::support::http::Answer;
use crate::support::http::Connection;

/// What a command gave.
#[derive(Debug)]
pub struct Output {
    /// The standard output.
    pub stdout: String,
    /// The standard error.
    pub stderr: String,
    /// The exit status; none if a signal ended it.
    pub status: Option<i32>,
}

/// The binary, ready to get arguments, with nothing of the tester's environment.
pub fn captui(home: &Home) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_captui"));
    command.env_clear().envs(home.environment());
    command.current_dir(home.path());
    command
}

/// Runs the binary to its end.
pub fn run(home: &Home, args: &[&str], stdin: &str) -> Output {
    let mut command = captui(home);
    command.args(args);
    finish(command, stdin)
}

/// Runs a command to its end with this input.
pub fn finish(mut command: Command, stdin: &str) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    let mut input = child.stdin.take().expect("is piped");
    let stdin = stdin.to_owned();
    // From another thread: a command that writes before it has read everything would otherwise wait for us.
    let writer = std::thread::spawn(move || {
        // A command need not read its input.
        let _ = input.write_all(stdin.as_bytes());
    });
    let output = child.wait_with_output().expect("the command ends");
    writer.join().expect("the writer does not panic");
    Output {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        status: output.status.code(),
    }
}

/// A sandbox in a process of its own, on a free port, ended with the test.
pub struct Sandbox {
    child: Child,
    /// Where it listens: `http://127.0.0.1:41234`.
    pub url: String,
    /// The owner client's id.
    pub client_id: String,
    /// The owner client's secret.
    pub client_secret: String,
    /// The certificate of the authority that signed the server's, if it says so.
    pub ca_file: Option<PathBuf>,
}

impl Sandbox {
    /// Starts one that keeps its records in the home.
    pub fn start(home: &Home) -> Self {
        Self::start_with(home, &[])
    }

    /// Starts `captui sandbox serve --json`, whose first line tells where it listens and who may call.
    pub fn start_with(home: &Home, args: &[&str]) -> Self {
        let mut command = captui(home);
        command.args(["sandbox", "serve", "--json"]).args(args);
        Self::start_command(command)
    }

    /// Starts a command that becomes such a server.
    pub fn start_command(mut command: Command) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        let mut child = command.spawn().expect("the sandbox starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("the sandbox says where it listens");
        let said: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line:?}"));
        let member = |name: &str| {
            let value = said[name].as_str();
            value
                .unwrap_or_else(|| panic!("no {name} in {line}"))
                .to_owned()
        };
        Self {
            url: member("url"),
            client_id: member("client_id"),
            client_secret: member("client_secret"),
            ca_file: said["ca_file"].as_str().map(PathBuf::from),
            child,
        }
    }

    /// A connection to it.
    pub fn connect(&self) -> Connection {
        Connection::open(&self.url).expect("the sandbox listens")
    }

    /// The owner's Basic header line.
    pub fn basic(&self) -> String {
        http::basic(&self.client_id, &self.client_secret)
    }

    /// Makes a call as the owner, over a connection of its own.
    pub fn call(&self, operation: &str, pairs: &[(&str, &str)]) -> Answer {
        self.call_over(&mut self.connect(), operation, pairs)
            .expect("the sandbox answers")
    }

    /// Makes a call as the owner.
    pub fn call_over(
        &self,
        connection: &mut Connection,
        operation: &str,
        pairs: &[(&str, &str)],
    ) -> io::Result<Answer> {
        connection.post(operation, &self.basic(), &http::form(pairs))
    }

    /// Makes a call that must go well, and gives its answer.
    pub fn ok(&self, operation: &str, pairs: &[(&str, &str)]) -> Value {
        let answer = self.call(operation, pairs).json();
        assert_eq!(answer["stat"], "ok", "{operation} {pairs:?}: {answer}");
        answer
    }

    /// Ends it without warning, as a power failure would.
    pub fn kill(&mut self) {
        self.child.kill().expect("is running");
        self.child.wait().expect("is our child");
    }

    /// Asks it to end, and gives its exit status; none if the signal ended it.
    pub fn terminate(self) -> Option<i32> {
        signal(self.process_id(), Signal::TERM);
        self.wait()
    }

    /// Its process.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end, and gives its exit status; none if a signal ended it.
    pub fn wait(mut self) -> Option<i32> {
        self.child.wait().expect("is our child").code()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a process a signal.
pub fn signal(process_id: u32, signal: Signal) {
    let process = i32::try_from(process_id).ok().and_then(Pid::from_raw);
    kill_process(process.expect("a process id"), signal).expect("the process is ours");
}

#[test]
fn commands_give_output_error_and_status() {
    let home = Home::new();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "cat; echo no >&2; exit 3"]);
    let large = "x".repeat(1_000_000);
    let output = finish(command, &large);
    assert_eq!(
        (output.stdout, output.stderr.as_str(), output.status),
        (large, "no\n", Some(3))
    );
    assert!(home.path().is_dir());
}
