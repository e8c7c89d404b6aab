//! A call as a ticket that somebody else can work with: when and where, what was asked, what came, what that means, what
//! to do, the attribute concerned, the call to repeat, the answer as far as it is readable.
//!
//! What is said is gathered once, as [`Block`]s; the three dialects only differ in how they write a block. Nothing that
//! came from a service can end a block, a list or a line: each dialect escapes or fences it.

use jiff::tz::TimeZone;

use crate::capture::json::Json;
use crate::capture::response::Answer;
use crate::capture::schema::AttrDef;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Verdict;
use crate::handover::Here;
use crate::handover::colophon;
use crate::handover::format::Format;
use crate::handover::mask::Entry;
use crate::handover::mask::Parcel;
use crate::handover::script;
use crate::json::sanitize;

/// How many lines of an answer a ticket holds.
const MOST_LINES: usize = 60;

/// How many characters of one line.
const LONGEST_LINE: usize = 240;

/// How many characters of an answer in all.
const MOST_TEXT: usize = 6_000;

/// A part of a ticket.
enum Block {
    Title(String),
    Heading(String),
    /// A label and what it says.
    Fact(&'static str, String),
    Paragraph(String),
    /// One thing to do.
    Item(String),
    /// A text as it is, in a language.
    Code(&'static str, String),
    /// Between two calls.
    Rule,
}

/// The tickets of all calls, one below the other.
pub(super) fn write(parcel: &Parcel, dialect: Format, here: &Here) -> String {
    let mut blocks = Vec::new();
    for entry in &parcel.entries {
        if !blocks.is_empty() {
            blocks.push(Block::Rule);
        }
        describe(entry, here, &mut blocks);
    }
    blocks.push(Block::Rule);
    blocks.push(Block::Paragraph(colophon(parcel)));
    let mut out = String::new();
    let mut before: Option<&Block> = None;
    for block in &blocks {
        let close = matches!(
            (before, block),
            (Some(Block::Fact(..)), Block::Fact(..)) | (Some(Block::Item(_)), Block::Item(_))
        );
        if before.is_some() && !close {
            out.push('\n');
        }
        let text = match dialect {
            Format::Jira => jira(block),
            Format::Plain => plain(block),
            _ => markdown(block),
        };
        out.push_str(&text);
        out.push('\n');
        before = Some(block);
    }
    out
}

fn describe(entry: &Entry, here: &Here, blocks: &mut Vec<Block>) {
    let exchange = &entry.exchange;
    let fact = |label, text: String| Block::Fact(label, clean(&text));
    let type_name = exchange.request.args.get("type_name").unwrap_or_default();
    let call = format!("{} {type_name}", exchange.request.endpoint);
    let outcome = outcome(exchange);
    blocks.push(Block::Title(clean(&format!(
        "{}: {outcome}",
        call.trim_end()
    ))));
    blocks.push(fact("When", when(exchange, &here.zone)));
    let class = entry.class.as_ref().map(|class| format!(" ({class})"));
    let domain = script::domain(&exchange.sent.url);
    blocks.push(fact(
        "Environment",
        format!(
            "{}{}, {domain}",
            exchange.environment,
            class.unwrap_or_default()
        ),
    ));
    blocks.extend(
        entry
            .client
            .iter()
            .map(|client| fact("Client", client.clone())),
    );
    blocks.push(fact("Call", call.trim_end().to_owned()));
    blocks.push(fact("Outcome", outcome_with_status(exchange, &outcome)));
    blocks.extend(request_id(exchange).map(|id| fact("request_id", id)));
    let took = exchange.elapsed;
    blocks.push(fact("Took", format!("{:.3} s", took.as_secs_f64())));
    explain(entry, blocks);
    if let Some(definition) = &entry.definition {
        let path = entry
            .about
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        blocks.push(Block::Heading(clean(&format!(
            "The attribute {path} in the schema"
        ))));
        blocks.push(Block::Code("json", code(&excerpt(definition))));
    }
    blocks.push(Block::Heading("The call".to_owned()));
    blocks.push(Block::Code("sh", code(&script::command(exchange))));
    if let Some((heading, language, body)) = answer(exchange) {
        blocks.push(Block::Heading(heading));
        blocks.push(Block::Code(language, body));
    }
}

/// `2026-03-01 12:00:00.123 +0000 (UTC), 2026-03-01 13:00:00 +0100 where this was written`
fn when(exchange: &Exchange, zone: &TimeZone) -> String {
    let utc = exchange
        .started
        .strftime("%Y-%m-%d %H:%M:%S%.3f +0000 (UTC)")
        .to_string();
    let local = exchange.started.to_zoned(zone.clone());
    if local.offset().seconds() == 0 {
        return utc;
    }
    format!(
        "{utc}, {} where this was written",
        local.strftime("%Y-%m-%d %H:%M:%S %z")
    )
}

/// What came of a call, by `stat` and `code`: the HTTP status tells nothing here.
pub(super) fn outcome(exchange: &Exchange) -> String {
    match (&exchange.outcome, exchange.verdict()) {
        (_, Verdict::Ok) => "ok".to_owned(),
        (Outcome::Answered(answered), verdict) => match &answered.answer {
            Answer::Error(error) => {
                let word = error
                    .code
                    .name()
                    .filter(|_| error.error.is_empty())
                    .unwrap_or(&error.error);
                let unsure = if verdict == Verdict::Unknown {
                    ", outcome unknown"
                } else {
                    ""
                };
                format!("error {} {word}{unsure}", error.code)
                    .trim_end()
                    .to_owned()
            }
            Answer::Ok(_) | Answer::NotCapture(_) if verdict == Verdict::Unknown => {
                "outcome unknown: not an answer of the Capture API".to_owned()
            }
            Answer::Ok(_) | Answer::NotCapture(_) => "not an answer of the Capture API".to_owned(),
        },
        (Outcome::Failed(_), Verdict::Unknown) => "outcome unknown: no whole answer".to_owned(),
        (Outcome::Failed(_), _) => "no answer, nothing was changed".to_owned(),
    }
}

fn outcome_with_status(exchange: &Exchange, outcome: &str) -> String {
    match &exchange.outcome {
        Outcome::Answered(answered) => format!("{outcome} (HTTP {})", answered.status),
        Outcome::Failed(_) => outcome.to_owned(),
    }
}

/// The service's number for a call, which its support asks for.
pub(super) fn request_id(exchange: &Exchange) -> Option<String> {
    match exchange.answer()? {
        Answer::Error(error) => error.request_id.clone(),
        Answer::Ok(json) => Some(json.get("request_id")?.as_str()?.to_owned()),
        Answer::NotCapture(_) => None,
    }
}

fn explain(entry: &Entry, blocks: &mut Vec<Block>) {
    let exchange = &entry.exchange;
    let mut say = |label, text: &str| blocks.push(Block::Fact(label, clean(text)));
    match (&exchange.outcome, exchange.answer()) {
        (_, Some(Answer::Error(error))) => {
            if !error.description.is_empty() {
                say("The service says", &error.description);
            }
            if let Some(argument) = error.argument_name() {
                say("Argument", argument);
            }
        }
        (_, Some(Answer::NotCapture(other))) => say("What came", &other.reason),
        (Outcome::Failed(error), _) => say("What happened", &error.message),
        _ => {}
    }
    if let Some(path) = &entry.about {
        say("Attribute", &path.to_string());
    }
    let Some(failure) = exchange.failure() else {
        return;
    };
    if let Some(cause) = &failure.cause {
        say("Meaning", cause);
    }
    if !failure.hints.is_empty() {
        blocks.push(Block::Paragraph("What to do:".to_owned()));
        blocks.extend(failure.hints.iter().map(|hint| Block::Item(clean(hint))));
    }
}

/// A definition without what is inside it.
fn excerpt(definition: &AttrDef) -> String {
    let mut json = definition.to_json();
    if let Some(inside) = json
        .as_object_mut()
        .and_then(|members| members.get_mut("attr_defs"))
    {
        let count = inside.as_array().map_or(0, <[Json]>::len);
        *inside = Json::String(format!("({count} attributes)"));
    }
    json.pretty()
}

/// The answer as far as a ticket holds it, with its heading and language.
fn answer(exchange: &Exchange) -> Option<(String, &'static str, String)> {
    let (heading, body) = match &exchange.outcome {
        Outcome::Answered(answered) => ("The answer", &answered.body),
        Outcome::Failed(error) => ("What came of the answer", &error.arrived.as_deref()?.body),
    };
    let text = String::from_utf8_lossy(body);
    let (language, text) = match Json::parse(&text) {
        Ok(json) => ("json", json.pretty()),
        Err(_) => ("text", text.into_owned()),
    };
    (!text.trim().is_empty()).then(|| (heading.to_owned(), language, bounded(&text)))
}

/// The beginning of a text, and how much more there is.
fn bounded(text: &str) -> String {
    let mut lines = Vec::new();
    let mut length = 0;
    for line in text.lines() {
        if lines.len() == MOST_LINES || length > MOST_TEXT {
            let more = text.lines().count() - lines.len();
            lines.push(format!("… {more} more lines, {} bytes in all", text.len()));
            break;
        }
        let line = match line.char_indices().nth(LONGEST_LINE) {
            Some((end, _)) => format!("{}… ({} bytes)", &line[..end], line.len()),
            None => line.to_owned(),
        };
        length += line.len();
        lines.push(line);
    }
    code(&lines.join("\n"))
}

/// A text on one line, without anything that steers a terminal.
fn clean(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    sanitize::clean(&words.join(" ")).into_owned()
}

fn code(text: &str) -> String {
    sanitize::clean_lines(text.trim_end()).into_owned()
}

fn markdown(block: &Block) -> String {
    let escaped = |text: &str| escape(text, "\\`*_[]<>#|~&");
    match block {
        Block::Title(text) => format!("## {}", escaped(text)),
        Block::Heading(text) => format!("### {}", escaped(text)),
        Block::Fact(label, text) => format!("- **{label}:** {}", escaped(text)),
        Block::Paragraph(text) => escaped(text),
        Block::Item(text) => format!("- {}", escaped(text)),
        Block::Code(language, text) => {
            let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
            format!("{fence}{language}\n{text}\n{fence}")
        }
        Block::Rule => "---".to_owned(),
    }
}

fn jira(block: &Block) -> String {
    let escaped = |text: &str| escape(text, "\\*_?-+^~{}[]!|#@");
    match block {
        Block::Title(text) => format!("h2. {}", escaped(text)),
        Block::Heading(text) => format!("h3. {}", escaped(text)),
        Block::Fact(label, text) => format!("* *{label}:* {}", escaped(text)),
        Block::Paragraph(text) => escaped(text),
        Block::Item(text) => format!("* {}", escaped(text)),
        Block::Code(language, text) => {
            // Jira knows no such language as plain text, and nothing escapes the word that ends a block.
            let known = match *language {
                "sh" => "bash",
                "text" => "none",
                other => other,
            };
            format!(
                "{{code:{known}}}\n{}\n{{code}}",
                text.replace("{code", "{ code")
            )
        }
        Block::Rule => "----".to_owned(),
    }
}

fn plain(block: &Block) -> String {
    match block {
        Block::Title(text) => format!("{text}\n{}", "=".repeat(sanitize::width(text).min(78))),
        Block::Heading(text) => format!("{text}\n{}", "-".repeat(sanitize::width(text).min(78))),
        Block::Fact(label, text) => format!("{:<18}{text}", format!("{label}:")),
        Block::Paragraph(text) => text.clone(),
        Block::Item(text) => format!("  * {text}"),
        Block::Code(_, text) => {
            let lines: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
            lines.join("\n")
        }
        Block::Rule => "-".repeat(78),
    }
}

/// These signs mean themselves. Inside of a word most of them do anyway, and there they are left to be read.
fn escape(text: &str, signs: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let in_word =
            matches!(c, '_' | '-' | '+') && before.is_alphanumeric() && after.is_alphanumeric();
        if signs.contains(c) && !in_word {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

fn longest_run(text: &str, sign: char) -> usize {
    text.split(|c| c != sign).map(str::len).max().unwrap_or(0)
}
