//! Running a jq filter in a process of its own: this program again, with limits.
//!
//! ```text
//!   filter(…) ── starts ──▶ captui __jq: sets its limits, reads, runs json::query::evaluate
//!      │  the input ─────────▶ standard input
//!      │  the results ◀─────── standard output, one a line, as they come
//!      │  what went wrong ◀─── exit code and standard error; a signal when a limit was hit
//!      └─ cancel ────────────▶ killed
//! ```
//!
//! A filter can run for ever, take all memory and overflow its stack; none of that may happen to the explorer. The
//! filter itself travels in the environment, which other users cannot read, and not among the arguments, which they
//! can: people filter by e-mail addresses. Deliberately absent: the language, which is `json::query`'s.

use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::process::ExitStatus;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use rustix::process::Resource;
use rustix::process::Rlimit;
use rustix::process::Signal;
use rustix::process::setrlimit;
use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::process::Child;
use tokio::process::ChildStdin;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::json::bytes::Bytes;
use crate::json::query::STACK;
use crate::json::query::evaluate::Cap;
use crate::json::query::evaluate::MAX_DEPTH;
use crate::json::query::evaluate::Report;
use crate::json::query::evaluate::Trouble;
use crate::json::query::evaluate::evaluate;
use crate::json::query::program::Fault;
use crate::json::query::program::check;
use crate::worker::job::JobError;

/// The hidden command that the process is started as.
pub const COMMAND: &str = "__jq";

/// Where the process finds the filter and its limits.
const PROGRAM: &str = "CAPTUI_JQ_PROGRAM";
const LIMITS: &str = "CAPTUI_JQ_LIMITS";

/// The allocator's reserve: addresses that it takes beyond what is asked of it.
const RESERVE: usize = 128 << 20;

/// How much input is written at a time.
const CHUNK: usize = 1 << 20;

/// How much of what the process says on standard error is listened to.
const MAX_SAID: usize = 8 << 10;

/// How often progress is told.
const PACE: Duration = Duration::from_millis(100);

/// How the process ends when no limit was hit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// All results are written.
    Whole = 0,
    /// The filter is none.
    Syntax = 2,
    /// The filter failed on a document; what stands on standard error says how.
    Failed = 3,
    /// There would have been more results.
    Cut = 4,
    /// The input is not JSON.
    Input = 5,
    /// The input is nested too deep.
    Depth = 6,
    /// It could not do its work.
    Broken = 7,
}

/// How much a filter may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of the processor.
    pub time: Duration,
    /// In bytes, for the values; the process itself comes on top.
    pub memory: usize,
    /// Of what it gives.
    pub cap: Cap,
}

impl Limits {
    /// Those for an input of this many bytes. Values take about twelve times their text, and a hundred megabytes are
    /// read in five seconds.
    pub fn for_input(bytes: usize) -> Self {
        let memory = bytes.saturating_mul(16).clamp(512 << 20, 4 << 30);
        Self {
            time: Duration::from_secs(10 + (bytes / 10_000_000) as u64),
            memory,
            cap: Cap {
                bytes: bytes.saturating_mul(2).saturating_add(64 << 20),
                results: 1_000_000,
            },
        }
    }

    fn in_words(&self) -> String {
        let Cap { bytes, results } = self.cap;
        format!("{} {} {bytes} {results}", self.time.as_secs(), self.memory)
    }

    fn from_words(text: &str) -> Option<Self> {
        let mut numbers = text.split(' ').map(str::parse::<usize>);
        let mut next = || numbers.next()?.ok();
        Some(Self {
            time: Duration::from_secs(next()? as u64),
            memory: next()?,
            cap: Cap {
                bytes: next()?,
                results: next()?,
            },
        })
    }
}

/// What a filter gave.
#[derive(Clone, Debug)]
pub struct Filtered {
    /// The results as JSON texts, one a line; whole ones only.
    pub text: Bytes,
    /// How many there are.
    pub results: u64,
    /// Why there are not more, if there would be.
    pub short: Option<Short>,
    /// From the start of the process to its end.
    pub took: Duration,
}

/// Why results are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Short {
    /// The filter is none; nothing was started.
    Syntax(Fault),
    /// The filter cannot do with a document what it says; the engine's words.
    Failed(String),
    /// The input is not JSON from some place on, which the words tell.
    Input(String),
    /// The input is nested deeper than this many levels.
    Depth(usize),
    /// There are more results than are shown.
    Cut(Cap),
    /// It took longer than this.
    Time(Duration),
    /// It needed more than so many bytes.
    Memory(usize),
    /// It called itself too often.
    Recursion,
}

impl Short {
    /// In one sentence. May hold text of the document: clean it for the screen.
    pub fn in_words(&self) -> String {
        match self {
            Self::Syntax(fault) => format!("column {}: {}", fault.column, fault.reason),
            Self::Failed(message) => message.clone(),
            Self::Input(message) => format!("the input is not JSON: {message}"),
            Self::Depth(levels) => {
                format!(
                    "the input is nested deeper than {levels} levels, which filters cannot read"
                )
            }
            Self::Cut(cap) => {
                let megabytes = cap.bytes >> 20;
                let results = cap.results;
                format!("stopped: more than {results} results or {megabytes} MB")
            }
            Self::Time(time) => format!("stopped: took longer than {} s", time.as_secs()),
            Self::Memory(bytes) => format!("stopped: needs more than {} MB", bytes >> 20),
            Self::Recursion => "stopped: the filter calls itself too often".to_owned(),
        }
    }
}

/// This program's own file, also when it has been replaced since its start.
pub fn own_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("captui"))
}

/// Runs `filter` over `input` in a process of `program`, which is [`own_program`] except in tests. `tell` hears how many
/// results there are so far. A cancel kills the process.
pub async fn filter(
    program: PathBuf,
    filter: &str,
    input: Bytes,
    limits: Limits,
    tell: impl Fn(u64),
    cancel: &CancellationToken,
) -> Result<Filtered, JobError> {
    let started = Instant::now();
    if let Err(fault) = check(filter) {
        return Ok(Filtered {
            text: Vec::new().into(),
            results: 0,
            short: Some(Short::Syntax(fault)),
            took: started.elapsed(),
        });
    }
    let mut child = start(program, filter, limits).map_err(|error| cannot(&error))?;
    let run = attend(&mut child, &input, limits, tell);
    let Some(run) = cancel.run_until_cancelled(run).await else {
        // It may have ended meanwhile.
        let _ = child.kill().await;
        return Err(JobError::Cancelled(None));
    };
    let run = run.map_err(|error| cannot(&error))?;
    Ok(Filtered {
        short: run.short(limits)?,
        results: run.results,
        text: run.text.into(),
        took: started.elapsed(),
    })
}

fn cannot(error: &io::Error) -> JobError {
    let failure = Failure::new(FailureKind::Internal, "the filter cannot be run");
    JobError::Failed(failure.because(error))
}

fn start(program: PathBuf, filter: &str, limits: Limits) -> io::Result<Child> {
    let mut command = Command::new(program);
    // The local time zone is all of the environment that a filter can ask for.
    let zone = std::env::var_os("TZ").map(|zone| ("TZ", zone));
    command
        .arg(COMMAND)
        .env_clear()
        .envs(zone)
        .env(PROGRAM, filter)
        .env(LIMITS, limits.in_words())
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

/// What came of the process.
struct Run {
    text: Vec<u8>,
    results: u64,
    /// Whether it gave more than it should, which its own cap prevents.
    overflowed: bool,
    said: String,
    status: ExitStatus,
}

async fn attend(
    child: &mut Child,
    input: &Bytes,
    limits: Limits,
    tell: impl Fn(u64),
) -> io::Result<Run> {
    let (Some(stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(io::Error::other("a pipe is missing"));
    };
    let (fed, given, said) = tokio::join!(
        feed(stdin, input),
        collect(stdout, limits.cap, tell),
        listen(stderr)
    );
    fed?;
    let (text, results, overflowed) = given?;
    if overflowed {
        child.start_kill()?;
    }
    Ok(Run {
        text,
        results,
        overflowed,
        said: said?,
        status: child.wait().await?,
    })
}

async fn feed(mut stdin: ChildStdin, input: &Bytes) -> io::Result<()> {
    for chunk in input.chunks(CHUNK) {
        if !input.is_whole() {
            return Err(io::Error::other("the file has been shortened meanwhile"));
        }
        match stdin.write_all(chunk).await {
            Ok(()) => {}
            // It need not read everything: its status tells why.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The whole lines, how many they are, and whether there were more than the cap allows.
async fn collect(
    mut stdout: impl AsyncRead + Unpin,
    cap: Cap,
    tell: impl Fn(u64),
) -> io::Result<(Vec<u8>, u64, bool)> {
    let mut text = Vec::new();
    let mut results = 0;
    let mut told = Instant::now();
    loop {
        let before = text.len();
        text.reserve(64 << 10);
        let read = stdout.read_buf(&mut text).await?;
        results += memchr::memchr_iter(b'\n', &text[before..]).count() as u64;
        if read == 0 || text.len() > cap.bytes {
            break;
        }
        if told.elapsed() > PACE {
            tell(results);
            told = Instant::now();
        }
    }
    let overflowed = text.len() > cap.bytes;
    // A process that is killed may end in the middle of a line.
    let whole = memchr::memrchr(b'\n', &text).map_or(0, |end| end + 1);
    text.truncate(whole);
    Ok((text, results, overflowed))
}

async fn listen(mut stderr: impl AsyncRead + Unpin) -> io::Result<String> {
    let mut said = Vec::new();
    let mut part = [0; 1024];
    loop {
        match stderr.read(&mut part).await? {
            0 => break,
            // The rest is read too, so that nobody waits for a reader.
            read => said.extend_from_slice(&part[..read.min(MAX_SAID.saturating_sub(said.len()))]),
        }
    }
    Ok(String::from_utf8_lossy(&said).trim_end().to_owned())
}

impl Run {
    fn short(&self, limits: Limits) -> Result<Option<Short>, JobError> {
        if self.overflowed {
            return Ok(Some(Short::Cut(limits.cap)));
        }
        if let Some(signal) = self.status.signal() {
            return self.killed(signal, limits).map(Some);
        }
        let code = self.status.code().unwrap_or(-1);
        let is = |end: End| code == end as i32;
        let said = || self.said.clone();
        if is(End::Whole) {
            Ok(None)
        } else if is(End::Failed) {
            Ok(Some(Short::Failed(said())))
        } else if is(End::Cut) {
            Ok(Some(Short::Cut(limits.cap)))
        } else if is(End::Input) {
            Ok(Some(Short::Input(said())))
        } else if is(End::Depth) {
            Ok(Some(Short::Depth(MAX_DEPTH)))
        } else if self.said.contains("capacity overflow") {
            Ok(Some(Short::Memory(limits.memory)))
        } else {
            Err(self.broken())
        }
    }

    /// An allocation that fails and a stack that overflows both abort, and say so. Nobody but others kills it here.
    fn killed(&self, signal: i32, limits: Limits) -> Result<Short, JobError> {
        let is = |known: Signal| signal == known.as_raw();
        if is(Signal::XCPU) {
            Ok(Short::Time(limits.time))
        } else if self.said.contains("memory allocation of") {
            Ok(Short::Memory(limits.memory))
        } else if self.said.contains("overflowed its stack") || is(Signal::SEGV) {
            Ok(Short::Recursion)
        } else {
            Err(self.broken())
        }
    }

    fn broken(&self) -> JobError {
        let said = self.said.lines().next().unwrap_or_default().to_owned();
        let failure = Failure::new(FailureKind::Internal, "the filter's process broke off");
        JobError::Failed(failure.because(format!("{}; {said}", self.status)))
    }
}

/// What the hidden command does: runs the filter of its environment over standard input.
pub fn be_the_process() -> ExitCode {
    let (end, message) = run_here();
    if !message.is_empty() {
        // Whoever started it may have gone.
        let _ = writeln!(io::stderr(), "{message}");
    }
    ExitCode::from(end as u8)
}

fn run_here() -> (End, String) {
    let program = std::env::var(PROGRAM);
    let limits = std::env::var(LIMITS).ok();
    let (Ok(program), Some(limits)) = (program, limits.as_deref().and_then(Limits::from_words))
    else {
        let message = "this command is for the program itself";
        return (End::Broken, message.to_owned());
    };
    if let Err(error) = restrict(limits) {
        return (End::Broken, format!("no limits can be set: {error}"));
    }
    let input = io::stdin().as_fd().try_clone_to_owned();
    let input = match input.and_then(|input| Bytes::of_file(input.into())) {
        Ok(input) => input,
        Err(error) => return (End::Broken, format!("the input cannot be read: {error}")),
    };
    // Not locked: the filter has a thread of its own.
    let mut out = BufWriter::with_capacity(64 << 10, io::stdout());
    match evaluate(&program, &input, limits.cap, &mut out) {
        Ok(Report {
            error: Some(error),
            failed,
            ..
        }) => {
            let others = failed.saturating_sub(1);
            let more = match others {
                0 => String::new(),
                _ => format!(" (and {others} more documents)"),
            };
            (End::Failed, error + &more)
        }
        Ok(Report { cut: true, .. }) => (End::Cut, String::new()),
        Ok(_) => (End::Whole, String::new()),
        Err(Trouble::Syntax(fault)) => (End::Syntax, fault.reason),
        Err(Trouble::Depth) => (End::Depth, String::new()),
        Err(Trouble::Input(message)) => (End::Input, message),
        Err(Trouble::Output(error)) => (End::Broken, format!("nobody reads: {error}")),
    }
}

/// The addresses that this process has taken already, in bytes, its program's pages among them; 0 where the system does not
/// say.
fn taken() -> usize {
    let said = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: Option<usize> = said.split(' ').next().and_then(|pages| pages.parse().ok());
    pages.unwrap_or_default() * rustix::param::page_size()
}

/// Limits this process.
fn restrict(limits: Limits) -> rustix::io::Result<()> {
    let limit = |most: u64, hard: u64| Rlimit {
        current: Some(most),
        maximum: Some(hard),
    };
    let seconds = limits.time.as_secs();
    // First a signal that tells what happened, then one that cannot be missed.
    setrlimit(Resource::Cpu, limit(seconds, seconds + 1))?;
    let space = (limits.memory + STACK + RESERVE + taken()) as u64;
    let limited = setrlimit(Resource::As, limit(space, space));
    // Elsewhere a process begins with more addresses than that, which are no memory.
    if cfg!(target_os = "linux") {
        limited?;
    }
    // The values are somebody's data.
    setrlimit(Resource::Core, limit(0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_travel() {
        for bytes in [0, 10_000_000, 100_000_000, usize::MAX] {
            let limits = Limits::for_input(bytes);
            assert_eq!(Limits::from_words(&limits.in_words()), Some(limits));
        }
        assert_eq!(Limits::from_words("1 2 3"), None);
        assert_eq!(Limits::from_words("1 2 3 x"), None);
        let usual = Limits::for_input(1000);
        assert_eq!((usual.time.as_secs(), usual.memory), (10, 512 << 20));
    }

    #[test]
    fn reasons_are_sentences() {
        let limits = Limits::for_input(0);
        for (short, words) in [
            (Short::Time(limits.time), "stopped: took longer than 10 s"),
            (
                Short::Memory(limits.memory),
                "stopped: needs more than 512 MB",
            ),
            (
                Short::Cut(limits.cap),
                "stopped: more than 1000000 results or 64 MB",
            ),
            (
                Short::Input("line 1".to_owned()),
                "the input is not JSON: line 1",
            ),
        ] {
            assert_eq!(short.in_words(), words);
        }
    }

    #[tokio::test]
    async fn lines_are_taken_whole_and_counted() {
        let cap = Cap {
            bytes: 10,
            results: 5,
        };
        for (given, text, results, overflowed) in [
            ("1\n22\n", "1\n22\n", 2, false),
            ("1\n22", "1\n", 1, false),
            ("", "", 0, false),
            ("12345678901\n", "12345678901\n", 1, true),
        ] {
            let found = collect(given.as_bytes(), cap, |_| ())
                .await
                .expect("can be read");
            assert_eq!(
                found,
                (text.as_bytes().to_vec(), results, overflowed),
                "{given}"
            );
        }
    }
}
