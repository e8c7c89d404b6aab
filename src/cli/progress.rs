//! How far a job in bulk has come, on standard error: one line that is drawn anew on a terminal, and a line now and then
//! where a log is written.

use std::fmt::Write as _;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use crate::cli::output;
use crate::json::sanitize::clean;
use crate::json::sanitize::truncate;
use crate::worker::again::Waiting;
use crate::worker::job::BulkProgress;

/// How often the line is drawn anew.
const DRAWN: Duration = Duration::from_millis(100);

/// How often a log hears of it.
const LOGGED: Duration = Duration::from_secs(15);

/// A shorter pause before a call is made again is not told.
const TOLD_PAUSE: Duration = Duration::from_secs(1);

/// The cells of the line: it must not wrap.
const WIDTH: usize = 79;

/// The line.
pub(super) struct Meter {
    state: Mutex<State>,
    is_terminal: bool,
}

struct State {
    began: Instant,
    drawn: Instant,
    is_drawn: bool,
}

impl Meter {
    /// Nothing is drawn yet.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            state: Mutex::new(State {
                began: now,
                drawn: now,
                is_drawn: false,
            }),
            is_terminal: io::stderr().is_terminal(),
        }
    }

    /// Tells how far the job has come, if it is time to.
    pub(super) fn show(&self, progress: &BulkProgress) {
        let mut state = self.state();
        let patience = if self.is_terminal { DRAWN } else { LOGGED };
        if state.drawn.elapsed() < patience {
            return;
        }
        state.drawn = Instant::now();
        let text = describe(progress, state.began.elapsed());
        if self.is_terminal {
            state.is_drawn = true;
            draw(&text);
        } else {
            output::note(&text);
        }
    }

    /// Tells that a call is made again, when that takes a while.
    pub(super) fn waits(&self, waiting: &Waiting) {
        if waiting.pause < TOLD_PAUSE {
            return;
        }
        if self.is_terminal {
            self.state().is_drawn = true;
            draw(&waiting.to_string());
        } else {
            output::note(&waiting.to_string());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the line away, so that something else can be said.
    pub(super) fn clear(&self) {
        let mut state = self.state();
        if std::mem::take(&mut state.is_drawn) {
            // When nobody listens on standard error there is nowhere to say so.
            let _ = io::stderr().write_all(b"\r\x1b[K");
        }
    }
}

fn draw(text: &str) {
    let line = format!("\r\x1b[K{}", truncate(&clean(text), WIDTH));
    let _ = io::stderr().write_all(line.as_bytes());
}

/// `12,345 of 100,000 records (12 %), 8,200 a second, 11 s left`
fn describe(progress: &BulkProgress, elapsed: Duration) -> String {
    let BulkProgress {
        done,
        of,
        before,
        failed,
        unknown,
    } = *progress;
    let mut text = grouped(done);
    if let Some(of) = of.filter(|of| *of >= done) {
        let percent = (done * 100).checked_div(of).unwrap_or(100);
        let _ = write!(text, " of {} records ({percent} %)", grouped(of));
    } else {
        text.push_str(" records");
    }
    let rate = (done - before.min(done)) as f64 / elapsed.as_secs_f64().max(0.001);
    if rate >= 1.0 {
        let _ = write!(text, ", {} a second", grouped(rate as u64));
        if let Some(left) = of.and_then(|of| of.checked_sub(done)) {
            let _ = write!(text, ", {} left", span((left as f64 / rate) as u64));
        }
    }
    for (count, what) in [(failed, "failed"), (unknown, "unknown")] {
        if count > 0 {
            let _ = write!(text, ", {} {what}", grouped(count));
        }
    }
    text
}

/// How many there are of something: `1 record`, `2,000 records`.
pub(super) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// `1,234,567`
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `2 h 5 min`, `3 min 20 s`, `11 s`
fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_much_how_fast_and_how_long() {
        for (done, of, before, seconds, text) in [
            (0, None, 0, 1, "0 records"),
            (0, Some(0), 0, 1, "0 of 0 records (100 %)"),
            (5_000, None, 1_000, 2, "5,000 records, 2,000 a second"),
            (
                25_000,
                Some(100_000),
                5_000,
                10,
                "25,000 of 100,000 records (25 %), 2,000 a second, 37 s left",
            ),
            (
                1_000,
                Some(1_000_000),
                0,
                10,
                "1,000 of 1,000,000 records (0 %), 100 a second, 2 h 46 min left",
            ),
            (12, Some(10), 0, 1, "12 records, 12 a second"),
        ] {
            let progress = BulkProgress {
                done,
                of,
                before,
                ..BulkProgress::default()
            };
            assert_eq!(describe(&progress, Duration::from_secs(seconds)), text);
        }
        let progress = BulkProgress {
            done: 1_200,
            failed: 1_000,
            unknown: 2,
            ..BulkProgress::default()
        };
        let text = "1,200 records, 1,200 a second, 1,000 failed, 2 unknown";
        assert_eq!(describe(&progress, Duration::from_secs(1)), text);
        assert_eq!(span(200), "3 min 20 s");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
