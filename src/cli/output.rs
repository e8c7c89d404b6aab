//! What the commands print: data to standard output, talk to standard error.
//!
//! Text from outside is shown with its control characters made visible, also in a pipe: at its end is often a terminal
//! all the same. JSON says such characters with escapes, so that nothing is lost; only a body as the service sent it and
//! a text that programs read go into a pipe as they are. A reader that goes away ends the program quietly: it has had
//! enough.

pub(super) mod list;

use std::fmt::Write as _;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use crate::capture::json::Json;
use crate::failure::Failure;
use crate::json::sanitize::clean;
use crate::json::sanitize::clean_lines;

/// Whether remarks are left out; set once, when the command line was read.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Leaves out remarks from now on: only failures are told on standard error.
pub(super) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Whether only the least is to be printed.
pub(super) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Prints lines for people to standard output; adds the last line's end.
pub(super) fn print(text: &str) -> io::Result<()> {
    write_text(&mut io::stdout().lock(), &clean_lines(text))
}

/// Prints JSON on one line.
pub(super) fn print_json(json: &Json) -> io::Result<()> {
    print(&one_line(json))
}

/// JSON on one line, with nothing in it that could steer a terminal.
fn one_line(json: &Json) -> String {
    escaped(json.to_string())
}

/// Prints a text that programs read, such as a command of a shell: into a pipe as it is.
pub(super) fn print_document(text: &str) -> io::Result<()> {
    let out = io::stdout();
    if out.is_terminal() {
        return print(text);
    }
    write_text(&mut out.lock(), text)
}

/// Prints bytes that programs read: into a pipe as they are, with nothing after them.
pub(super) fn print_exactly(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        return write_text(&mut out, &clean_lines(text));
    }
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// JSON on several lines, with nothing in it that could steer a terminal.
pub(super) fn pretty(json: &Json) -> String {
    escaped(json.pretty())
}

/// A text of JSON with escapes in every line in which something could steer a terminal or deceive: it says the same. What
/// is not ASCII can only stand inside of strings.
fn escaped(json: String) -> String {
    let is_plain = |line: &str| clean(line) == line;
    if json.lines().all(is_plain) {
        return json;
    }
    let mut text = String::with_capacity(json.len());
    for line in json.split_inclusive('\n') {
        if is_plain(line.trim_end_matches('\n')) {
            text.push_str(line);
            continue;
        }
        for c in line.chars() {
            if c == '\n' || (' '..='~').contains(&c) {
                text.push(c);
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text
}

/// Prints an answer's bytes to standard output as they came; to a terminal, as text that cannot steer it.
pub(super) fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        return write_text(&mut out, &clean_lines(&String::from_utf8_lossy(bytes)));
    }
    out.write_all(bytes)?;
    if !bytes.ends_with(b"\n") {
        out.write_all(b"\n")?;
    }
    out.flush()
}

fn write_text(out: &mut impl Write, text: &str) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    if !text.is_empty() && !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// Says something on standard error that is not a failure.
pub fn note(text: &str) {
    if is_quiet() {
        return;
    }
    // When nobody listens on standard error there is nowhere to say so.
    let _ = writeln!(io::stderr(), "captui: {}", clean(text));
}

/// Says several lines on standard error, as they are to be read there.
pub(super) fn tell(lines: &str) {
    let _ = io::stderr().write_all(clean_lines(lines).as_bytes());
}

/// Says what went wrong on standard error: what, why, and what to try.
pub fn report(failure: &Failure) {
    let _ = io::stderr().write_all(describe(failure).as_bytes());
}

fn describe(failure: &Failure) -> String {
    let mut text = String::new();
    let mut part = |label: &str, words: &str| {
        let words = clean_lines(words);
        for (index, line) in words.lines().enumerate() {
            let label = if index == 0 { label } else { "        " };
            text.extend([label, line, "\n"]);
        }
    };
    part("captui: ", &failure.message);
    if let Some(cause) = &failure.cause {
        part("   why: ", cause);
    }
    for hint in &failure.hints {
        part("  hint: ", hint);
    }
    text
}

/// Rows as aligned columns under a heading; cells longer than `longest` screen cells are cut.
pub(super) fn table(heading: &[&str], rows: &[Vec<String>], longest: usize) -> String {
    list::table(heading, rows, longest, terminal_width())
}

/// How many cells a line of the terminal has that standard output is; `None` when it is none.
pub(super) fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureKind;

    #[test]
    fn json_says_with_escapes_what_is_not_plain() {
        let json = Json::parse("{\"é\":\"plain\",\"a\":\"\u{202e}\u{9b}\u{7f}\u{e0041}ß\"}")
            .expect("JSON");
        let text = pretty(&json);
        assert_eq!(
            text,
            "{\n  \"é\": \"plain\",\n  \"a\": \"\\u202e\\u009b\\u007f\\udb40\\udc41\\u00df\"\n}"
        );
        assert_eq!(Json::parse(&text), Ok(json));
    }

    #[test]
    fn failures_cannot_steer_the_terminal() {
        let failure = Failure::new(FailureKind::Service, "a\u{1b}[2Jb\nsecond")
            .because("why\u{202e}")
            .hint("try");
        assert_eq!(
            describe(&failure),
            "captui: a␛[2Jb\n        second\n   why: why⟨U+202E⟩\n  hint: try\n"
        );
    }
}
