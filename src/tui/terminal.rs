//! The terminal: entering it, leaving it on every way out, and noticing when it has gone.
//!
//! Modes are left in the reverse order of entering, by [`leave`], which every way out calls: the normal end, an error,
//! a signal, a panic in any thread, a suspension.

use std::io;
use std::io::BufWriter;
use std::io::Stdout;
use std::io::Write;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use crossterm::cursor;
use crossterm::event::DisableBracketedPaste;
use crossterm::event::DisableFocusChange;
use crossterm::event::DisableMouseCapture;
use crossterm::event::EnableBracketedPaste;
use crossterm::event::EnableFocusChange;
use crossterm::event::EnableMouseCapture;
use crossterm::execute;
use crossterm::terminal::EnterAlternateScreen;
use crossterm::terminal::LeaveAlternateScreen;
use crossterm::terminal::disable_raw_mode;
use crossterm::terminal::enable_raw_mode;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use rustix::event::PollFd;
use rustix::event::PollFlags;
use rustix::event::poll;
use rustix::io::Errno;

use crate::drafts::desk;
use crate::tui::recording::Finisher;

/// The screen that the program draws on.
pub type Screen = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// Whether the modes are entered; so that leaving twice does nothing.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Whether the mouse is ours while the modes are entered.
static MOUSE: AtomicBool = AtomicBool::new(true);

/// Enters raw mode, the alternate screen, bracketed paste, the report of the focus and, if the program uses the `mouse`, its
/// capture, and gives the screen to draw on. Asks the terminal nothing: one that stays silent must not delay the first
/// frame.
pub fn enter(mouse: bool) -> io::Result<Screen> {
    MOUSE.store(mouse, Ordering::SeqCst);
    enter_modes()?;
    Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(
        64 << 10,
        io::stdout(),
    )))
}

/// Enters the modes again, after a suspension.
pub fn enter_modes() -> io::Result<()> {
    enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        EnableBracketedPaste,
        EnableFocusChange,
        cursor::Hide
    )?;
    if MOUSE.load(Ordering::SeqCst) {
        execute!(io::stdout(), EnableMouseCapture)?;
    }
    Ok(())
}

/// Throws away what was typed and not read yet.
pub fn forget_input() {
    // Without a terminal there is nothing to throw away.
    let _ = rustix::termios::tcflush(
        rustix::stdio::stdout(),
        rustix::termios::QueueSelector::IFlush,
    );
}

/// Leaves every mode. Errors are ignored: there is nobody left to tell, and each mode is worth trying.
pub fn leave() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(
        out,
        cursor::Show,
        DisableFocusChange,
        DisableBracketedPaste,
        DisableMouseCapture,
        LeaveAlternateScreen
    );
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// Makes a panic, in whichever thread, leave the terminal before its message is printed. A recording is written to its end
/// then, and named.
pub fn restore_on_panic(recording: Option<Finisher>) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // Panics of a job are caught and shown as the job's failure; only the drawing thread's ends the program.
        if std::thread::current().name() != Some("main") {
            return;
        }
        leave();
        before(panic);
        if let Some(recording) = &recording {
            // The message may repeat what was typed; the place does not.
            let place = panic.location().map(ToString::to_string);
            recording.finish(Some(place.unwrap_or_default()));
            let path = recording.path().display();
            let told = format!(
                "captui: what led to this is in the recording {path} (captui --replay shows it)\n"
            );
            // Nobody may be there to read it.
            let _ = io::stderr().write_all(told.as_bytes());
        }
    }));
}

/// Ends the process when the terminal has gone without a signal (reference: crossterm-rs/crossterm#793, where the
/// reader would spin). The thread sleeps in `poll` until that happens and costs nothing meanwhile. Drafts that wait are
/// written before, and what waits of a recording.
pub fn watch_for_hangup(drafts: Option<desk::Finisher>, recording: Option<Finisher>) {
    let watch = move || {
        // Standard input may be a pipe that ends.
        let stdout = rustix::stdio::stdout();
        loop {
            // No event is asked for: hang-up and error are always reported.
            let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
            match poll(&mut watched, None) {
                Err(Errno::INTR) => {}
                Err(_) | Ok(_) => break,
            }
        }
        leave();
        if let Some(drafts) = drafts {
            drafts.finish();
        }
        if let Some(recording) = recording {
            recording.finish(None);
        }
        std::process::exit(128 + 1);
    };
    // Without the watch the program still works, so a failure to start it is no reason to stop.
    let _ = std::thread::Builder::new()
        .name("hangup".into())
        .spawn(watch);
}

/// Stops the process as a job of the shell, and comes back when the shell continues it.
///
/// SIGSTOP and not SIGTSTP: the kernel drops a self-sent SIGTSTP for an orphaned process group.
pub fn suspend() -> io::Result<()> {
    leave();
    rustix::process::kill_current_process_group(rustix::process::Signal::STOP)?;
    enter_modes()
}
