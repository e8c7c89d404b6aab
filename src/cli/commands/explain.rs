//! `captui explain`: the catalogue of error codes, and an answer of the service or of what stands before it in words.
//!
//! An answer comes as an argument, from a file or on standard input: the body alone, with its HTTP head as `curl -i`
//! prints it, or somewhere in a line of a log. Which call it answers is not known here, so what an error means for a
//! write is told with an "if".

use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::io::IsTerminal;
use std::io::Read;

use crate::capture::error::ApiError;
use crate::capture::error::CATALOGUE;
use crate::capture::error::CodeInfo;
use crate::capture::error::ErrorCode;
use crate::capture::explain;
use crate::capture::explain::Line;
use crate::capture::explain::page;
use crate::capture::json::Json;
use crate::capture::response::Answer;
use crate::cli::args::explain::read_code;
use crate::cli::output;
use crate::cli::session::Stop;
use crate::exchange::Answered;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;

/// A longer answer is not read: an error is short.
const LONGEST: u64 = 16 << 20;

/// Columns of the labels.
const LABEL: usize = 10;

/// Says what a code or an answer means.
pub(in crate::cli) fn explain(what: Option<&str>, json: bool) -> Result<(), Stop> {
    let said = match given(what)? {
        Given::Code(info) if json => return Ok(output::print_json(&to_json(info))?),
        Given::Code(info) => return Ok(output::print(&to_text(info))?),
        Given::Answer(bytes) => Said::of(&bytes),
    };
    if json {
        output::print_json(&said.to_json())?;
    } else {
        output::print(&said.to_text())?;
    }
    Ok(())
}

/// What is to be explained.
enum Given {
    Code(&'static CodeInfo),
    Answer(Vec<u8>),
}

fn given(what: Option<&str>) -> Result<Given, Failure> {
    let bytes = match what {
        None if io::stdin().is_terminal() => {
            return Err(
                Failure::new(FailureKind::Usage, "nothing to explain is given").hint(
                    "captui explain 361, captui explain @FILE, or an answer on standard input",
                ),
            );
        }
        None | Some("-") => read(io::stdin(), "standard input")?,
        Some(text) => match text.strip_prefix('@') {
            Some(path) => {
                let file = File::open(path).map_err(|error| unreadable(path, &error))?;
                read(file, path)?
            }
            None if text.trim_start().starts_with(['{', '<']) => text.as_bytes().to_vec(),
            None => return code(text).map(Given::Code),
        },
    };
    // `echo 361 | captui explain`
    match std::str::from_utf8(&bytes) {
        Ok(text) if text.len() < 64 && !text.trim().is_empty() => match code(text.trim()) {
            Ok(info) => Ok(Given::Code(info)),
            Err(failure) if text.trim().parse::<i64>().is_ok() => Err(failure),
            Err(_) => Ok(Given::Answer(bytes)),
        },
        _ => Ok(Given::Answer(bytes)),
    }
}

fn read(source: impl Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut limited = source.take(LONGEST + 1);
    limited
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(name, &error))?;
    if bytes.len() as u64 > LONGEST {
        let message = format!("{name} is longer than {} MiB: no error is", LONGEST >> 20);
        return Err(Failure::new(FailureKind::Usage, message));
    }
    Ok(bytes)
}

fn unreadable(name: &str, error: &io::Error) -> Failure {
    Failure::new(FailureKind::Usage, format!("{name} cannot be read")).because(error)
}

/// The row of a code that is given as a number or a word.
fn code(text: &str) -> Result<&'static CodeInfo, Failure> {
    let known = read_code(text).ok_or_else(|| unknown_word(text))?;
    known.info().ok_or_else(|| unknown_code(known))
}

/// An answer, and what is known of its HTTP head.
struct Said {
    status: Option<u16>,
    answered: Answered,
}

impl Said {
    fn of(bytes: &[u8]) -> Self {
        let (head, body) = split_head(bytes);
        let (status, headers) = head.unwrap_or_default();
        let mut answered = Answered::read(status, headers, body.to_vec());
        if matches!(answered.answer, Answer::NotCapture(_))
            && let Some(inside) = json_within(body)
        {
            answered.answer = inside;
        }
        Self {
            status: (status > 0).then_some(status),
            answered,
        }
    }

    fn headline(&self) -> String {
        match &self.answered.answer {
            Answer::Ok(_) => "ok: `stat` says so, and nothing else decides".to_owned(),
            Answer::Error(error) => explain::headline(error),
            Answer::NotCapture(_) => "not an answer of the Capture API".to_owned(),
        }
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines = match &self.answered.answer {
            Answer::Ok(_) => Vec::new(),
            Answer::Error(error) => error_lines(error),
            Answer::NotCapture(other) => self.foreign_lines(&other.reason),
        };
        if self.status.is_some() {
            let kind = self.answered.header("content-type");
            lines.extend(explain::oddities(self.status, kind, &self.answered.answer));
        }
        lines
    }

    fn foreign_lines(&self, reason: &str) -> Vec<Line> {
        // Without a head there is no status to name.
        let reason = match self.status {
            None => reason.trim_start_matches("HTTP 0: "),
            Some(_) => reason,
        };
        let mut lines = vec![Line::new("answer", reason)];
        if let Some(page) = self.page() {
            lines.extend(page.text.lines().map(|text| Line::new("page", text)));
        }
        // What a gateway says of itself is often a status in the page's title.
        let Some(status) = self.status.or_else(|| status_in_title(&self.page()?)) else {
            return lines;
        };
        let (meaning, remedy) = explain::status(status);
        lines.push(Line::new("meaning", meaning));
        if explain::leaves_open(status) {
            lines.push(Line::new("so", OPEN));
        }
        lines.push(Line::new("do", remedy));
        lines
    }

    fn page(&self) -> Option<page::Page> {
        let body = &self.answered.body;
        page::is_page(body).then(|| page::read(body))
    }

    fn to_text(&self) -> String {
        let mut text = self.headline();
        if let Some(status) = self.status {
            // Writing to a string cannot fail.
            let _ = write!(text, "   (HTTP {status})");
        }
        text.push_str("\n\n");
        let mut before = "";
        for line in self.lines() {
            let label = if line.label == before { "" } else { line.label };
            let _ = writeln!(text, "{label:<LABEL$}{}", line.text);
            before = line.label;
        }
        text.trim_end().to_owned() + "\n"
    }

    fn to_json(&self) -> Json {
        let text = |text: &str| Json::from(text);
        let mut members = vec![(
            "http_status",
            self.status
                .map_or(Json::Null, |status| i64::from(status).into()),
        )];
        match &self.answered.answer {
            Answer::Ok(_) => members.push(("outcome", text("ok"))),
            Answer::Error(error) => {
                members.push(("outcome", text("error")));
                members.push(("code", error.code.0.into()));
                members.push(("error", text(explain::word(error))));
                let told = [
                    ("request_id", error.request_id.as_deref()),
                    ("argument_name", error.argument_name()),
                ];
                for (name, value) in told {
                    members.push((name, value.map_or(Json::Null, Json::from)));
                }
                let path = error.attribute_path().map(|path| path.dotted());
                members.push(("attribute", path.map_or(Json::Null, |path| text(&path))));
            }
            Answer::NotCapture(_) => {
                members.push(("outcome", text("not_capture")));
                let title = self.page().and_then(|page| page.title);
                members.push(("title", title.map_or(Json::Null, |title| text(&title))));
            }
        }
        let lines = self.lines().into_iter().map(|line| {
            [("label", text(line.label)), ("text", text(&line.text))]
                .into_iter()
                .collect()
        });
        members.push(("lines", Json::Array(lines.collect())));
        members.into_iter().collect()
    }
}

/// What an answer that does not tell how far the service came means for a write.
const OPEN: &str =
    "if the call was a write, it may have been carried out: look before you repeat it";

fn error_lines(error: &ApiError) -> Vec<Line> {
    let mut lines = explain::facts(error, None);
    if let Some(argument) = error.argument_name() {
        lines.push(Line::new("argument", argument));
    }
    if let Some(path) = error.attribute_path() {
        lines.push(Line::new("field", path.to_string()));
    }
    lines.extend(error.request_id.iter().map(|id| Line::new("request", id)));
    if matches!(error.code, ErrorCode::UNEXPECTED_ERROR | ErrorCode::TIMEOUT) {
        lines.push(Line::new("so", OPEN));
    }
    lines.extend(explain::advice(error.code));
    lines
}

/// An HTTP status and headers.
type Head = (u16, Vec<(String, String)>);

/// The HTTP head that a text begins with, and what follows it; the last one, when there are several: a proxy's, or
/// `100 Continue`.
fn split_head(bytes: &[u8]) -> (Option<Head>, &[u8]) {
    let mut found = None;
    let mut rest = bytes;
    while rest.starts_with(b"HTTP/") {
        let text = String::from_utf8_lossy(rest);
        let end = ["\r\n\r\n", "\n\n"]
            .iter()
            .filter_map(|blank| Some((memchr::memmem::find(rest, blank.as_bytes())?, blank.len())))
            .min();
        let (length, skipped) = end.unwrap_or((rest.len(), 0));
        let mut lines = text.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let Some(status) = status else {
            break;
        };
        let headers = lines
            .take_while(|line| !line.trim().is_empty())
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
        found = Some((status, headers.collect()));
        rest = &rest[length + skipped..];
    }
    (found, rest)
}

/// The answer inside a text that holds more than that, such as a line of a log.
fn json_within(body: &[u8]) -> Option<Answer> {
    let text = std::str::from_utf8(body).ok()?;
    let inside = text.get(text.find('{')?..=text.rfind('}')?)?;
    match Answer::read(0, None, inside.as_bytes()) {
        Answer::NotCapture(_) => None,
        answer => Some(answer),
    }
}

/// The HTTP status that the title of an error page begins with: `502 Bad Gateway`.
fn status_in_title(page: &page::Page) -> Option<u16> {
    let first = page.title.as_deref()?.split(' ').next()?;
    let status = first.parse().ok()?;
    (300..600).contains(&status).then_some(status)
}

fn unknown_word(word: &str) -> Failure {
    let failure = Failure::new(
        FailureKind::Usage,
        format!("`{word}` is neither a code nor the word for one"),
    );
    match nearest(word, CATALOGUE.iter().filter_map(|row| row.name)) {
        Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
        None => failure,
    }
}

fn unknown_code(code: ErrorCode) -> Failure {
    Failure::new(
        FailureKind::NotFound,
        format!("the code {code} is not published"),
    )
    .because(format!("its range is for: {}", code.family()))
}

fn to_text(info: &CodeInfo) -> String {
    let mut text = format!(
        "{} {}\n\n{}\n",
        info.code,
        info.name.unwrap_or("(its word is not published)"),
        info.meaning
    );
    let mut list = |title: &str, items: &[&str]| {
        if !items.is_empty() {
            text.extend(["\n", title, "\n"]);
            text.extend(items.iter().map(|item| format!("  - {item}\n")));
        }
    };
    list("Usual causes", info.causes);
    list("What to do", info.remedy);
    list("Also in the answer", info.extra_fields);
    text
}

fn to_json(info: &CodeInfo) -> Json {
    let list = |items: &[&str]| Json::Array(items.iter().map(|item| Json::from(*item)).collect());
    [
        ("code", Json::from(info.code.0)),
        ("name", info.name.map_or(Json::Null, Json::from)),
        ("meaning", Json::from(info.meaning)),
        ("causes", list(info.causes)),
        ("remedy", list(info.remedy)),
        ("extra_fields", list(info.extra_fields)),
    ]
    .into_iter()
    .collect()
}
