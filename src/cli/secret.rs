//! A secret that a person types: it is not shown, and read as one line. Used where the configuration gets a new one.

use std::io;
use std::io::IsTerminal;
use std::io::Read;
use std::io::Write;

use crossterm::event::Event;
use crossterm::event::KeyCode;
use crossterm::event::KeyEventKind;
use crossterm::event::KeyModifiers;
use crossterm::terminal::disable_raw_mode;
use crossterm::terminal::enable_raw_mode;

use crate::capture::secret::Secret;
use crate::cli::confirm::forget_typed;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::json::sanitize::clean;

/// A secret is never longer, in bytes.
const LONGEST: usize = 64 << 10;

/// Asks for a secret at the terminal, or reads it from standard input where that is none.
pub(super) fn ask(what: &str) -> Result<Secret, Failure> {
    let text = if io::stdin().is_terminal() {
        typed(what)?
    } else {
        piped()?
    };
    let line = text.reveal().trim_end_matches(['\n', '\r']);
    if line.is_empty() {
        let message = format!("{what}: it is empty");
        return Err(Failure::new(FailureKind::Usage, message));
    }
    if line.contains(['\n', '\r']) {
        let message = format!("{what}: more than one line was given");
        return Err(Failure::new(FailureKind::Usage, message));
    }
    Ok(Secret::new(line))
}

fn piped() -> Result<Secret, Failure> {
    let mut text = String::new();
    let limit = LONGEST as u64;
    let read = io::stdin().take(limit).read_to_string(&mut text);
    let text = Secret::from(text);
    read.map_err(|error| {
        Failure::new(FailureKind::Usage, "the secret cannot be read").because(error)
    })?;
    Ok(text)
}

/// Ends the raw mode, whatever happens.
struct Raw;

impl Drop for Raw {
    fn drop(&mut self) {
        // The terminal may have gone.
        let _ = disable_raw_mode();
        let _ = io::stderr().write_all(b"\n");
    }
}

fn typed(what: &str) -> Result<Secret, Failure> {
    let failed =
        |error: io::Error| Failure::new(FailureKind::Usage, "nothing can be asked").because(error);
    // Before the question: whoever answers at once must not be shown either.
    enable_raw_mode().map_err(failed)?;
    let _raw = Raw;
    forget_typed();
    let _ = write!(io::stderr(), "captui: {} (not shown): ", clean(what));
    let mut text = String::with_capacity(256);
    let interrupted = || Failure::new(FailureKind::Interrupted, "nothing was done");
    loop {
        match crossterm::event::read().map_err(failed)? {
            Event::Paste(pasted) => text.push_str(&pasted),
            Event::Key(key) if key.kind == KeyEventKind::Release => {}
            Event::Key(key) => match key.code {
                KeyCode::Enter => return Ok(Secret::from(text)),
                KeyCode::Char('j') if key.modifiers == KeyModifiers::CONTROL => {
                    return Ok(Secret::from(text));
                }
                KeyCode::Char('c' | 'd') if key.modifiers == KeyModifiers::CONTROL => {
                    drop(Secret::from(text));
                    return Err(interrupted());
                }
                KeyCode::Char('u') if key.modifiers == KeyModifiers::CONTROL => text.clear(),
                KeyCode::Char(c) => text.push(c),
                KeyCode::Backspace => {
                    text.pop();
                }
                _ => {}
            },
            _ => {}
        }
        if text.len() > LONGEST {
            drop(Secret::from(text));
            return Err(Failure::new(
                FailureKind::Usage,
                "that is no secret: it is too long",
            ));
        }
    }
}
