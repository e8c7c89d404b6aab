//! A program in a terminal of its own: keys in, screen out.
//!
//! Nothing here sleeps for luck: a test waits until the screen shows what it should, and fails with the screen if that
//! does not happen within [`DEADLINE`], which is generous because machines are busy.

use std::io::Read;
use std::io::Write;
use std::num::NonZeroU16;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::channel;
use std::time::Duration;
use std::time::Instant;

use portable_pty::Child;
use portable_pty::CommandBuilder;
use portable_pty::ExitStatus;
use portable_pty::MasterPty;
use portable_pty::PtySize;
use portable_pty::native_pty_system;
use rustix::process::Signal;
use rustix::termios::LocalModes;

use crate::support::Home;
use crate::support::command;

/// How long a test waits for the screen before it fails.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// A running program and the terminal it runs in.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    raw: Vec<u8>,
}

impl Terminal {
    /// Starts the real binary.
    pub fn captui(home: &Home, args: &[&str], rows: u16, columns: u16) -> Self {
        Self::captui_with(home, args, &[], rows, columns)
    }

    /// Starts the real binary with further variables beside those of the home.
    pub fn captui_with(
        home: &Home,
        args: &[&str],
        variables: &[(&str, &str)],
        rows: u16,
        columns: u16,
    ) -> Self {
        let program = env!("CARGO_BIN_EXE_captui");
        Self::start(home, program, args, variables, rows, columns)
    }

    /// Starts a program with further variables beside those of the home.
    pub fn start(
        home: &Home,
        program: &str,
        args: &[&str],
        variables: &[(&str, &str)],
        rows: u16,
        columns: u16,
    ) -> Self {
        let pair = native_pty_system()
            .openpty(size(rows, columns))
            .expect("a pseudo-terminal can be opened");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        command.cwd(home.path());
        for (name, value) in home.environment() {
            command.env(name, value);
        }
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        drop(pair.slave);
        let writer = pair.master.take_writer().expect("is taken once");
        let mut reader = pair.master.try_clone_reader().expect("can be read");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            // Ends with the terminal, or with the test that no longer listens.
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let (rows, columns) = (cells(rows), cells(columns));
        Self {
            child,
            master: pair.master,
            writer,
            output,
            screen: vt100::Parser::new(rows, columns, 0),
            raw: Vec::new(),
        }
    }

    /// Types text and keys: `abc<enter>`, `<c-s>`, `<f5>`; `<lt>` is a `<`.
    pub fn send(&mut self, keys: &str) {
        let bytes = encode(keys);
        self.writer
            .write_all(&bytes)
            .and_then(|()| self.writer.flush())
            .expect("the terminal takes keys");
    }

    /// Pastes text as a terminal with bracketed paste does.
    pub fn paste(&mut self, text: &str) {
        let bytes = format!("\x1b[200~{text}\x1b[201~");
        self.writer
            .write_all(bytes.as_bytes())
            .expect("the terminal takes a paste");
    }

    /// Waits until the screen contains `text`.
    pub fn wait_for(&mut self, text: &str) {
        self.wait_until(&format!("{text:?} on the screen"), |screen| {
            screen.contains(text)
        });
    }

    /// Types keys that may be typed twice until the screen contains `text`.
    pub fn send_until(&mut self, keys: &str, text: &str) {
        let deadline = Instant::now() + DEADLINE;
        while !self.contents().contains(text) {
            assert!(
                Instant::now() < deadline,
                "typed {keys} in vain for {text:?}; the screen:\n{}",
                self.contents()
            );
            self.send(keys);
            match self.output.recv_timeout(Duration::from_millis(200)) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => {}
                // Nobody reads the keys any more: the terminal would soon take none and wait for ever.
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("ended before {text:?}; the screen:\n{}", self.contents())
                }
            }
        }
    }

    /// Waits until `holds` is true of the screen's text; `what` says for what, if it never is.
    pub fn wait_until(&mut self, what: &str, holds: impl Fn(&str) -> bool) {
        self.wait_until_terminal(what, |terminal| holds(&terminal.contents()));
    }

    /// Waits until `holds` is true of the terminal: its modes, say.
    pub fn wait_until_terminal(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !holds(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => {
                    panic!(
                        "waited in vain for {what}; the screen:\n{}",
                        self.contents()
                    )
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("ended before {what}; the screen:\n{}", self.contents())
                }
            }
        }
    }

    /// Reads until nothing was written for a while, after something was: only for looking, never for waiting for something
    /// to happen.
    pub fn settle(&mut self) {
        let mut patience = Duration::from_secs(2);
        while let Ok(bytes) = self.output.recv_timeout(patience) {
            self.take(&bytes);
            patience = Duration::from_millis(300);
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        self.screen.process(bytes);
    }

    /// The screen's text as last seen, a line a row.
    pub fn contents(&self) -> String {
        self.screen.screen().contents()
    }

    /// The screen, with styles and cursor, as last seen.
    pub fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// Every byte the program has written, as far as seen.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Changes the size; the program gets its signal.
    pub fn resize(&mut self, rows: u16, columns: u16) {
        self.screen
            .screen_mut()
            .set_size(cells(rows), cells(columns));
        self.master
            .resize(size(rows, columns))
            .expect("the terminal takes a size");
    }

    /// The program's process id.
    pub fn process_id(&self) -> u32 {
        self.child.process_id().expect("is running")
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        command::signal(self.process_id(), signal);
    }

    /// Waits for the program to end, reading all it still writes.
    pub fn wait_for_end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("does not end; the screen:\n{}", self.contents())
                }
            }
        }
        self.child.wait().expect("can be waited for")
    }

    /// Whether the screen and its modes are as they were before: normal screen, no paste or mouse or focus reports, cursor
    /// shown. Ask after the program has ended.
    pub fn terminal_restored(&self) -> bool {
        restored(&self.raw)
    }

    /// Whether the terminal gives lines, and shows what is typed, as before any program changed that.
    pub fn gives_lines(&self) -> bool {
        let modes = self.master.get_termios().expect("a terminal has modes");
        let lines = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        modes.local_flags.bits() & lines.bits() == lines.bits()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has usually ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

/// The screen model has no empty sizes; a terminal may have.
fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}

/// Whether every mode that was ever switched on was switched off last, and the cursor the other way round.
fn restored(raw: &[u8]) -> bool {
    let last = |sequence: String| {
        let windows = raw.windows(sequence.len());
        windows
            .clone()
            .rev()
            .position(|at| at == sequence.as_bytes())
            .map(|back| windows.len() - back)
    };
    let on_last = |mode: &str| last(format!("\x1b[?{mode}h")) > last(format!("\x1b[?{mode}l"));
    let off_last = last("\x1b[?25l".to_owned()) > last("\x1b[?25h".to_owned());
    let modes = [
        "1049", "2004", "1000", "1002", "1003", "1004", "1006", "1015",
    ];
    !off_last && !modes.into_iter().any(on_last)
}

/// Text and key names as the bytes a terminal sends.
fn encode(keys: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = keys;
    while let Some((before, after)) = rest.split_once('<') {
        let (name, after) = after
            .split_once('>')
            .unwrap_or_else(|| panic!("a key without > in {keys}"));
        bytes.extend(before.as_bytes());
        bytes.extend(key(name).unwrap_or_else(|| panic!("no key is named <{name}>")));
        rest = after;
    }
    bytes.extend(rest.as_bytes());
    bytes
}

fn key(name: &str) -> Option<Vec<u8>> {
    if let Some(letter) = name.strip_prefix("c-") {
        let [letter @ b'a'..=b'z'] = letter.as_bytes() else {
            return None;
        };
        return Some(vec![letter - b'a' + 1]);
    }
    if let Some(key_behind) = name.strip_prefix("a-") {
        let mut bytes = vec![0x1b];
        bytes.extend(key(key_behind).unwrap_or_else(|| key_behind.as_bytes().to_vec()));
        return Some(bytes);
    }
    let sequence = match name {
        "enter" => "\r",
        "esc" => "\x1b",
        "tab" => "\t",
        "s-tab" => "\x1b[Z",
        "space" => " ",
        "lt" => "<",
        "backspace" => "\x7f",
        "delete" => "\x1b[3~",
        "up" => "\x1b[A",
        "down" => "\x1b[B",
        "right" => "\x1b[C",
        "left" => "\x1b[D",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        "pageup" => "\x1b[5~",
        "pagedown" => "\x1b[6~",
        "f1" => "\x1bOP",
        "f2" => "\x1bOQ",
        "f3" => "\x1bOR",
        "f4" => "\x1bOS",
        "f5" => "\x1b[15~",
        "f6" => "\x1b[17~",
        "f7" => "\x1b[18~",
        "f8" => "\x1b[19~",
        "f9" => "\x1b[20~",
        "f10" => "\x1b[21~",
        "f11" => "\x1b[23~",
        "f12" => "\x1b[24~",
        _ => return None,
    };
    Some(sequence.as_bytes().to_vec())
}

#[test]
fn keys_have_names() {
    assert_eq!(
        encode("ab<enter><c-s><f5><lt>é<a-x>"),
        "ab\r\x13\x1b[15~<é\x1bx".as_bytes()
    );
    assert_eq!(key("c-1"), None);
    assert_eq!(key("nokey"), None);
}

#[test]
fn a_restored_terminal_is_told_from_one_left_behind() {
    let on = "\x1b[?1049h\x1b[?2004h\x1b[?25l";
    let off = "\x1b[?25h\x1b[?2004l\x1b[?1049l";
    assert!(restored(b"plain"));
    assert!(restored(format!("{on}x{off}").as_bytes()));
    assert!(!restored(on.as_bytes()));
    assert!(!restored(format!("{on}{off}{on}").as_bytes()));
    assert!(!restored(format!("{on}\x1b[?1000h{off}").as_bytes()));
    assert!(!restored(format!("{off}\x1b[?25l").as_bytes()));
}

#[test]
fn a_program_gets_keys_size_and_signals() {
    let home = Home::new();
    let script = "trap 'echo size $(stty size)' WINCH; trap 'echo bye; exit 7' TERM; echo ready in $HOME; \
                  while :; do read line && echo \"got $line\"; done";
    let mut terminal = Terminal::start(&home, "/bin/sh", &["-c", script], &[], 10, 100);
    terminal.wait_for("ready in");
    terminal.send("hello<enter>");
    terminal.wait_for("got hello");
    terminal.resize(12, 60);
    // A shell runs its traps after the command it is in.
    terminal.send("<enter>");
    terminal.wait_for("size 12 60");
    terminal.signal(Signal::TERM);
    terminal.send("<enter>");
    let status = terminal.wait_for_end();
    assert_eq!(status.exit_code(), 7);
    assert!(terminal.terminal_restored() && terminal.gives_lines());
    assert!(String::from_utf8_lossy(terminal.raw()).contains("bye"));
}
