//! Running a filter over an input: results as JSON texts, one a line.
//!
//! For a process of its own, which has limits of time and memory and may end at any moment: see `worker::filter`. What
//! can be refused beforehand is refused here: input nested deeper than the engine can take.

use std::fmt::Display;
use std::fmt::Write as _;
use std::io;
use std::io::Write;
use std::time::Duration;
use std::time::Instant;

use jaq_core::Ctx;
use jaq_core::Vars;
use jaq_core::data::JustLut;
use jaq_json::Val;
use jaq_json::read;
use jaq_json::write;

use crate::json::locate::line_and_column;
use crate::json::query::program::Compiled;
use crate::json::query::program::Fault;
use crate::json::query::program::compile_apart;

/// How deep an input may be nested. The engine builds values, compares, writes and drops them by recursion.
pub const MAX_DEPTH: usize = 10_000;

/// The longest message of an error, in bytes: the values in it may be as large as the input.
const MAX_MESSAGE: usize = 500;

/// How long results are kept back before whoever waits gets them.
const PATIENCE: Duration = Duration::from_millis(100);

/// How much is given at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// Of all results together, line ends included.
    pub bytes: usize,
    /// Results.
    pub results: usize,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Whether there would have been more than the cap allows; what was written are whole results.
    pub cut: bool,
    /// What the filter could not do, the first time; a document on which it fails gives what it gave before, and the
    /// next document has its turn.
    pub error: Option<String>,
    /// On how many documents it failed.
    pub failed: usize,
}

/// Why there is no report. What was written before stands.
#[derive(Debug)]
pub enum Trouble {
    /// The program is no filter.
    Syntax(Fault),
    /// The input is nested too deep.
    Depth,
    /// The input is not JSON, from here on.
    Input(String),
    /// The results cannot be written.
    Output(io::Error),
}

/// Runs `program` on every document of `input`, and writes the results as the engine prints them, one a line: numbers
/// keep the digits they came with, and so do keys their order.
pub fn evaluate(
    program: &str,
    input: &[u8],
    cap: Cap,
    out: &mut (impl Write + Send),
) -> Result<Report, Trouble> {
    if !is_shallow(input, MAX_DEPTH) {
        return Err(Trouble::Depth);
    }
    compile_apart(program, |filter| {
        let mut run = Run {
            cap,
            out,
            report: Report::default(),
            written: 0,
            results: 0,
            flushed: Instant::now(),
        };
        run.documents(&filter, input)?;
        run.out.flush().map_err(Trouble::Output)?;
        Ok(run.report)
    })
    .unwrap_or_else(|fault| Err(Trouble::Syntax(fault)))
}

struct Run<'a, W> {
    cap: Cap,
    out: &'a mut W,
    report: Report,
    written: usize,
    results: usize,
    flushed: Instant,
}

impl<W: Write> Run<'_, W> {
    fn documents(&mut self, filter: &Compiled, input: &[u8]) -> Result<(), Trouble> {
        let bom = input.strip_prefix(b"\xef\xbb\xbf");
        let text = bom.unwrap_or(input);
        for (index, document) in read::parse_many(text).enumerate() {
            let document = match document {
                Ok(document) => document,
                Err(error) => {
                    self.out.flush().map_err(Trouble::Output)?;
                    return Err(Trouble::Input(place(text, &error.to_string())));
                }
            };
            self.document(filter, document, index)?;
            if self.report.cut {
                break;
            }
        }
        Ok(())
    }

    fn document(&mut self, filter: &Compiled, document: Val, index: usize) -> Result<(), Trouble> {
        let context = Ctx::<JustLut<Val>>::new(&filter.lut, Vars::new([]));
        let mut text = Vec::new();
        for result in filter.id.run((context, document)) {
            match result.map_err(jaq_core::Exn::get_err) {
                Ok(value) => {
                    text.clear();
                    write::write(&mut text, &write::Pp::default(), 0, &value)
                        .map_err(Trouble::Output)?;
                    text.push(b'\n');
                    if !self.has_room(text.len()) {
                        self.report.cut = true;
                        return Ok(());
                    }
                    self.give(&text).map_err(Trouble::Output)?;
                }
                Err(error) => {
                    self.report.failed += 1;
                    if self.report.error.is_none() {
                        let message = match &error {
                            Ok(error) => bounded(error),
                            // Filters that halt are not to be had.
                            Err(_) => "the filter stopped".to_owned(),
                        };
                        self.report.error = Some(match index {
                            0 => message,
                            _ => format!("document {}: {message}", index + 1),
                        });
                    }
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn has_room(&self, more: usize) -> bool {
        self.results < self.cap.results && self.written.saturating_add(more) <= self.cap.bytes
    }

    fn give(&mut self, text: &[u8]) -> io::Result<()> {
        self.out.write_all(text)?;
        self.written += text.len();
        self.results += 1;
        if self.flushed.elapsed() > PATIENCE {
            self.out.flush()?;
            self.flushed = Instant::now();
        }
        Ok(())
    }
}

/// Whether no value is nested deeper than `limit`. Strings are skipped as JSON has them.
pub fn is_shallow(input: &[u8], limit: usize) -> bool {
    let mut depth: usize = 0;
    let mut at = 0;
    while let Some(byte) = input.get(at) {
        at += 1;
        match byte {
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return false;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => at = after_string(input, at),
            _ => {}
        }
    }
    true
}

/// The place after the string whose inside starts at `at`.
fn after_string(input: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr::memchr2(b'"', b'\\', &input[at..]) {
        at += found + 1;
        if input[at - 1] == b'"' {
            return at;
        }
        at = (at + 1).min(input.len());
    }
    input.len()
}

/// The engine's message about unreadable input, its offset as line and column.
fn place(text: &[u8], message: &str) -> String {
    let found = message.strip_prefix("byte offset ").and_then(|rest| {
        let (offset, reason) = rest.split_once(": ")?;
        Some((offset.parse::<usize>().ok()?, reason))
    });
    match found {
        Some((offset, reason)) => {
            let (line, column) = line_and_column(text, offset);
            format!("line {line}, column {column}: {reason}")
        }
        None => message.to_owned(),
    }
}

/// What a value says of itself, up to [`MAX_MESSAGE`].
fn bounded(what: &impl Display) -> String {
    struct Head(String);
    impl std::fmt::Write for Head {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            for c in text.chars() {
                if self.0.len() >= MAX_MESSAGE {
                    self.0.push('…');
                    // Nobody has to write what is not kept.
                    return Err(std::fmt::Error);
                }
                self.0.push(c);
            }
            Ok(())
        }
    }
    let mut head = Head(String::new());
    let _ = write!(head, "{what}");
    head.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAP: Cap = Cap {
        bytes: 1 << 20,
        results: 1000,
    };

    fn filter(program: &str, input: &str) -> (String, Report) {
        let mut out = Vec::new();
        let report = evaluate(program, input.as_bytes(), CAP, &mut out).expect("runs");
        (String::from_utf8(out).expect("is text"), report)
    }

    #[test]
    fn results_are_lines() {
        for (program, input, expected) in [
            (
                ".",
                "{\"b\":1,\"a\":[1.00,1e400,-0.0,123456789012345678901234567890]}",
                "{\"b\":1,\"a\":[1.00,1e400,-0.0,123456789012345678901234567890]}\n",
            ),
            ("", "[1, 2]", "[1,2]\n"),
            (".a", "\u{feff}{\"a\":\"x\\ny\"}", "\"x\\ny\"\n"),
            (".[]", "[1,{\"a\":null}]", "1\n{\"a\":null}\n"),
            (".n", "{\"n\":1}\n{\"n\":2}\n", "1\n2\n"),
            ("map(select(. > 1)) | length", "[1,2,3]", "2\n"),
            (
                ".[] | @csv",
                "[[1,\"a\\\"b\",null,true]]",
                "\"1,\\\"a\\\"\\\"b\\\",,true\"\n",
            ),
            (".[] | @tsv", "[[1,\"a\\tb\",null]]", "\"1\\ta\\\\tb\\t\"\n"),
            (
                "INDEX(.id) | keys",
                "[{\"id\":2},{\"id\":1}]",
                "[\"1\",\"2\"]\n",
            ),
            ("[leaf_paths]", "{\"a\":[1]}", "[[\"a\",0]]\n"),
            ("empty", "1", ""),
            ("limit(2; repeat(.))", "7", "7\n7\n"),
        ] {
            assert_eq!(
                filter(program, input),
                (expected.to_owned(), Report::default()),
                "{program}"
            );
        }
    }

    #[test]
    fn errors_stop_a_document_and_not_the_next() {
        let (text, report) = filter(".[] | .a", "[{\"a\":1}, 5, {\"a\":2}] [{\"a\":3}] 6");
        assert_eq!(text, "1\n3\n");
        assert_eq!(report.failed, 2);
        assert_eq!(report.error.as_deref(), Some("cannot index 5 with \"a\""));
        let (_, report) = filter(".a", "{} 1");
        let error = report.error.expect("the second fails");
        assert_eq!(error, "document 2: cannot index 1 with \"a\"");
        let long = format!("[\"{}\"]", "é".repeat(5000));
        let (_, report) = filter(".a", &long);
        let error = report.error.expect("no such index");
        assert!(error.len() < MAX_MESSAGE + 10, "{}", error.len());
        assert!(error.ends_with('…'));
    }

    #[test]
    fn what_is_too_much_is_cut_between_results() {
        let mut out = Vec::new();
        let cap = Cap {
            bytes: 7,
            results: 100,
        };
        let report = evaluate(".[]", b"[10,20,30]", cap, &mut out).expect("runs");
        assert_eq!((out.as_slice(), report.cut), (&b"10\n20\n"[..], true));
        let mut out = Vec::new();
        let cap = Cap {
            bytes: 1000,
            results: 2,
        };
        let report = evaluate("repeat(1)", b"0", cap, &mut out).expect("ends");
        assert_eq!((out.as_slice(), report.cut), (&b"1\n1\n"[..], true));
        let mut out = Vec::new();
        let cap = Cap {
            bytes: 1000,
            results: 3,
        };
        let report = evaluate(".[]", b"[10,20,30]", cap, &mut out).expect("runs");
        assert!(!report.cut);
    }

    #[test]
    fn broken_input_gives_what_stands_before() {
        let mut out = Vec::new();
        let trouble = evaluate(".", b"1\n[2,\n3;", CAP, &mut out).expect_err("is broken");
        assert_eq!(out, b"1\n");
        let Trouble::Input(message) = trouble else {
            panic!("{trouble:?}")
        };
        assert!(message.starts_with("line 3, column 2: "), "{message}");
        let trouble = evaluate(". |", b"1", CAP, &mut out).expect_err("is no filter");
        assert!(matches!(trouble, Trouble::Syntax(fault) if fault.column == 4));
    }

    #[test]
    fn depth_is_counted_outside_strings() {
        for (input, shallow) in [
            ("[[1]]", true),
            ("[[[1]]]", false),
            ("[\"[[[[\", {\"\\\"[[\":\"\\\\\"}]", true),
            ("[{\"a\":[1]}]", false),
            ("\"[[[", true),
            ("\"\\", true),
            ("]]]][[", true),
        ] {
            assert_eq!(is_shallow(input.as_bytes(), 2), shallow, "{input}");
        }
    }

    #[test]
    fn the_deepest_input_fits_on_the_stack() {
        let arrays = format!("{}1{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        let objects = format!("{}1{}", "{\"a\":".repeat(MAX_DEPTH), "}".repeat(MAX_DEPTH));
        for program in [
            ".",
            "tojson | length",
            "walk(.) | length",
            "del(.. | select(. == 1)) | length",
            ". == .",
            "[., .] | unique | length",
        ] {
            for input in [&arrays, &objects] {
                let (text, report) = filter(program, input);
                assert!(!text.is_empty(), "{program}: {report:?}");
            }
        }
        let deeper = format!("[{arrays}]");
        let trouble = evaluate(".", deeper.as_bytes(), CAP, &mut Vec::new());
        assert!(matches!(trouble, Err(Trouble::Depth)));
    }
}
