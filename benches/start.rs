//! Measures how soon captui's screen is there, and what it costs while nobody types, next to vim in the same run.
//!
//! `cargo bench --bench start` runs both programs in turn on a pseudo-terminal, sees nothing of them but what they
//! write, and prints medians. Times on a shared machine mean little alone: the goals are ratios to vim. It never fails
//! because of a time. Absent: keys, frames and memory.

mod figures;

use std::fs;
use std::io::Read;
use std::num::NonZeroU16;
use std::process::Command;
use std::process::ExitCode;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use portable_pty::Child;
use portable_pty::CommandBuilder;
use portable_pty::MasterPty;
use portable_pty::PtySize;
use portable_pty::native_pty_system;
use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process;

use crate::figures::Result;
use crate::figures::cell;
use crate::figures::median;
use crate::figures::ratio;

const COLUMNS: u16 = 120;
const ROWS: u16 = 40;
/// Rounds that count, after one that warms the file cache and makes captui's sandbox.
const ROUNDS: usize = 9;
/// How long a screen may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// A program is at rest when it has written nothing for this long.
const SETTLED: Duration = Duration::from_millis(500);
const IDLE: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    figures::main("start", measure)
}

fn measure() -> Result<()> {
    let home = tempfile::tempdir()?;
    let home = home
        .path()
        .to_str()
        .ok_or("the temporary folder's name is not UTF-8")?;
    let captui = Program {
        argv: vec![env!("CARGO_BIN_EXE_captui")],
        home,
        // An entity type that every new sandbox has.
        ready: Some("user_test"),
    };
    let vim = Program {
        argv: vec!["vim", "-u", "NONE"],
        home,
        ready: None,
    };
    let vim = Command::new("vim")
        .arg("--version")
        .output()
        .is_ok()
        .then_some(vim);

    let mut captui_rounds = Vec::new();
    let mut vim_rounds = Vec::new();
    for round in 0..=ROUNDS {
        let captui_round = captui.round()?;
        let vim_round = vim.as_ref().map(Program::round).transpose()?;
        if round > 0 {
            captui_rounds.push(captui_round);
            vim_rounds.extend(vim_round);
        }
    }
    let medians = |rounds: &[Round]| Medians {
        painted: median(rounds.iter().map(|round| round.painted)),
        ready: median(rounds.iter().filter_map(|round| round.ready)),
    };
    let captui_idle = captui.idle()?;
    let vim_idle = vim.as_ref().map(Program::idle).transpose()?;
    print(
        (&medians(&captui_rounds), &captui_idle),
        vim_idle.as_ref().map(|idle| (medians(&vim_rounds), idle)),
    );
    Ok(())
}

/// What is measured.
struct Program<'a> {
    argv: Vec<&'a str>,
    home: &'a str,
    /// The text that says it is ready, if there is more to wait for than the first paint.
    ready: Option<&'static str>,
}

/// The times from exec, in milliseconds, of one start.
struct Round {
    painted: f64,
    ready: Option<f64>,
}

/// What a second at rest costs.
struct Idle {
    cpu_ms: f64,
    wake_ups: f64,
    bytes: f64,
}

impl Program<'_> {
    fn round(&self) -> Result<Round> {
        let mut session = Session::start(self)?;
        let painted = session.wait_for(|screen| !screen.trim().is_empty())?;
        let ready = self
            .ready
            .map(|text| session.wait_for(|screen| screen.contains(text)))
            .transpose()?;
        Ok(Round { painted, ready })
    }

    fn idle(&self) -> Result<Idle> {
        let mut session = Session::start(self)?;
        let ready = self.ready.unwrap_or_default();
        session.wait_for(|screen| !screen.trim().is_empty() && screen.contains(ready))?;
        while session.written_within(SETTLED) > 0 {}
        let (cpu_before, switches_before) = session.used()?;
        let bytes = session.written_within(IDLE);
        let (cpu_after, switches_after) = session.used()?;
        let seconds = IDLE.as_secs_f64();
        Ok(Idle {
            cpu_ms: cpu_after.saturating_sub(cpu_before) as f64 / 1e6 / seconds,
            wake_ups: switches_after.saturating_sub(switches_before) as f64 / seconds,
            bytes: bytes as f64 / seconds,
        })
    }
}

/// A running program and its screen. Dropping it ends the program.
struct Session {
    started: Instant,
    child: Box<dyn Child + Send + Sync>,
    pid: u32,
    chunks: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    /// When the screen last changed.
    seen: Instant,
    /// The terminal's end of the line, which hangs up when it is dropped.
    _master: Box<dyn MasterPty + Send>,
}

impl Session {
    fn start(program: &Program<'_>) -> Result<Self> {
        let pair = native_pty_system().openpty(PtySize {
            rows: ROWS,
            cols: COLUMNS,
            ..PtySize::default()
        })?;
        let mut reader = pair.master.try_clone_reader()?;
        let mut command = CommandBuilder::from_argv(program.argv.iter().map(Into::into).collect());
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", program.home);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.cwd(program.home);
        let (sender, chunks) = mpsc::channel();
        let started = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            // Ends when the program has closed its side, or when nobody listens any more.
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender
                    .send((Instant::now(), buffer[..length].to_vec()))
                    .is_err()
                {
                    break;
                }
            }
        });
        let size = |cells| NonZeroU16::new(cells).ok_or("a screen has a size");
        Ok(Self {
            started,
            pid: child.process_id().ok_or("the program has no process")?,
            child,
            chunks,
            screen: vt100::Parser::new(size(ROWS)?, size(COLUMNS)?, 0),
            seen: started,
            _master: pair.master,
        })
    }

    /// The milliseconds from exec until the bytes came that made the screen so.
    fn wait_for(&mut self, wanted: impl Fn(&str) -> bool) -> Result<f64> {
        while !wanted(&self.screen.screen().contents()) {
            let left = PATIENCE.saturating_sub(self.started.elapsed());
            let (seen, bytes) = self.chunks.recv_timeout(left).map_err(|_| {
                let screen = self.screen.screen().contents();
                format!(
                    "process {} did not show what was waited for, but:\n{screen}",
                    self.pid
                )
            })?;
            self.screen.process(&bytes);
            self.seen = seen;
        }
        Ok((self.seen - self.started).as_secs_f64() * 1e3)
    }

    /// Waits this long, and tells how many bytes were written meanwhile.
    fn written_within(&self, time: Duration) -> usize {
        thread::sleep(time);
        self.chunks.try_iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// The CPU time in nanoseconds and the waits of all threads so far.
    fn used(&self) -> Result<(u64, u64)> {
        let mut used = (0, 0);
        for task in fs::read_dir(format!("/proc/{}/task", self.pid))? {
            let task = task?.path();
            let schedule = fs::read_to_string(task.join("schedstat"))?;
            used.0 += schedule
                .split(' ')
                .next()
                .ok_or("schedstat is empty")?
                .parse::<u64>()?;
            let status = fs::read_to_string(task.join("status"))?;
            let switches = status
                .lines()
                .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            used.1 += switches
                .ok_or("status counts no switches")?
                .trim()
                .parse::<u64>()?;
        }
        Ok(used)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.pid as i32) {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(2) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Medians {
    painted: Option<f64>,
    ready: Option<f64>,
}

fn print((captui, idle): (&Medians, &Idle), vim: Option<(Medians, &Idle)>) {
    let (vim, vim_idle) = vim.unzip();
    let vim_painted = vim.and_then(|vim| vim.painted);
    let vim_idle = |figure: fn(&Idle) -> f64| vim_idle.map(figure);
    println!("terminal {COLUMNS}x{ROWS}, medians of {ROUNDS} rounds in turn");
    if vim_painted.is_none() {
        println!("vim is missing: no ratios");
    }
    println!(
        "{:<28} {:>9} {:>9} {:>8}  goal",
        "", "captui", "vim", "ratio"
    );
    let rows = [
        (
            "exec to first paint, ms",
            captui.painted,
            vim_painted,
            "<= 1.5 x vim",
        ),
        (
            "exec to types listed, ms",
            captui.ready,
            vim_painted,
            "<= 3 x vim's first paint",
        ),
        (
            "idle: CPU, ms per s",
            Some(idle.cpu_ms),
            vim_idle(|idle| idle.cpu_ms),
            "<= 0.1",
        ),
        (
            "idle: wake-ups per s",
            Some(idle.wake_ups),
            vim_idle(|idle| idle.wake_ups),
            "none without cause",
        ),
        (
            "idle: bytes per s",
            Some(idle.bytes),
            vim_idle(|idle| idle.bytes),
            "none without cause",
        ),
    ];
    for (what, ours, theirs, goal) in rows {
        println!(
            "{what:<28} {:>9} {:>9} {:>8}  {goal}",
            cell(ours),
            cell(theirs),
            cell(ratio(ours, theirs))
        );
    }
}
