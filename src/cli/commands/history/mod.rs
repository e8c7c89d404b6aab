//! `captui history`: the calls that were made, to list, search, show, compare, send again and remove.

mod diff;
mod export;
mod record;
mod replay;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::Zoned;
use jiff::tz::TimeZone;

use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::response::Answer;
use crate::cli::args::history::HistoryCommand;
use crate::cli::args::history::Listed;
use crate::cli::args::history::Part;
use crate::cli::args::history::Purge;
use crate::cli::args::history::Show;
use crate::cli::commands::types::count;
use crate::cli::confirm::confirm;
use crate::cli::output;
use crate::cli::output::list::Form;
use crate::cli::output::list::List;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::exchange::Verdict;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::history::query::Condition;
use crate::history::query::Page;
use crate::history::query::Query;
use crate::history::query::Summary;
use crate::history::query::parse::parse;
use crate::json::sanitize::clean;
use crate::json::sanitize::width;
use crate::worker::job::Job;
use crate::worker::job::Output;

/// The longest cell of the list, in screen cells: a uuid.
const LONGEST: usize = 36;

/// Carries out a command. The history is that of all environments; one that is named narrows it, whether or not it is
/// still configured.
pub(in crate::cli) async fn run(
    command: HistoryCommand,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    let session = Session::new(None, json)?;
    match command {
        HistoryCommand::List(list) => {
            let query = within(Query::default(), environment);
            list_calls(query, &list.output, &session).await
        }
        HistoryCommand::Search(search) => {
            let query = within(question(&search.terms, &search.without)?, environment);
            if search.count {
                let number = counted(&query, &session).await?;
                return Ok(output::print(&number.to_string())?);
            }
            list_calls(query, &search.output, &session).await
        }
        HistoryCommand::Show(show) => show_call(&show, &session).await,
        HistoryCommand::Record(past) => record::show(past, environment, &session).await,
        HistoryCommand::Diff(which) => diff::diff(&which, &session).await,
        HistoryCommand::Replay(replay) => replay::replay(replay, environment, &session).await,
        HistoryCommand::Purge(purge) => remove(purge, environment, &session).await,
        HistoryCommand::Export(export) => {
            export::export(export, &Session::new(environment, json)?).await
        }
    }
}

fn within(query: Query, environment: Option<&str>) -> Query {
    match environment {
        Some(name) => query.and(Condition::Environment(vec![name.to_owned()])),
        None => query,
    }
}

/// The question that was typed: one argument as it is, of several each as one term.
fn question(terms: &[String], without: &[String]) -> Result<Query, Failure> {
    let mut typed: Vec<String> = match terms {
        [whole] => vec![whole.clone()],
        terms => terms.iter().map(|term| as_term(term)).collect(),
    };
    typed.extend(without.iter().map(|term| format!("-{}", as_term(term))));
    read(&typed.join(" "))
}

/// An argument as one term: the shell has taken its quotes away.
fn as_term(text: &str) -> String {
    if text.contains('"') || !text.contains(char::is_whitespace) {
        return text.to_owned();
    }
    let start = text
        .find(':')
        .map_or(usize::from(text.starts_with('-')), |at| at + 1);
    let (before, value) = text.split_at(start);
    if before.contains(char::is_whitespace) {
        return format!("\"{text}\"");
    }
    format!("{before}\"{value}\"")
}

fn read(text: &str) -> Result<Query, Failure> {
    parse(text, &Zoned::now()).map_err(|error| {
        let before = width(&clean(&text[..error.at.start]));
        let marked = width(&clean(&text[error.at.clone()])).max(1);
        let place = format!(
            "{}\n{}{}",
            clean(text),
            " ".repeat(before),
            "^".repeat(marked)
        );
        error.into_failure().because(place)
    })
}

async fn list_calls(query: Query, listed: &Listed, session: &Session) -> Result<(), Stop> {
    let page = Page {
        before: listed.before,
        ..Page::newest(listed.limit.get())
    };
    let calls = match session.run(Job::History { query, page }).await? {
        Output::History(calls) => calls,
        other => unreachable!("a listing gives summaries, not {other:?}"),
    };
    let form = listed.listing.form(session.json());
    if calls.is_empty() && form == Form::Table {
        output::note("no call in the history is meant by that");
        return Ok(());
    }
    rows(&calls).print(form, LONGEST)?;
    if form == Form::Table
        && calls.len() == listed.limit.get()
        && let Some(last) = calls.last()
    {
        output::note(&format!("there may be more: --before {}", last.id.0));
    }
    Ok(())
}

async fn counted(query: &Query, session: &Session) -> Result<u64, Stop> {
    match session.run(Job::CountHistory(query.clone())).await? {
        Output::Count(number) => Ok(number),
        other => unreachable!("counting gives a number, not {other:?}"),
    }
}

fn rows(calls: &[Summary]) -> List {
    let mut list = List::new(&[
        "NUMBER",
        "TIME",
        "ENVIRONMENT",
        "OUTCOME",
        "CALL",
        "TYPE",
        "ABOUT",
        "MS",
    ]);
    for call in calls {
        let row = [
            call.id.0.into(),
            local(call.started).into(),
            call.environment.as_str().into(),
            outcome(call.verdict, call.code).into(),
            call.endpoint.name().into(),
            call.type_name.as_deref().map_or(Json::Null, Json::from),
            call.subject.as_str().into(),
            (call.elapsed.as_millis() as i64).into(),
        ];
        list.push(row.to_vec(), to_json(call));
    }
    list
}

fn local(time: Timestamp) -> String {
    let local = time.to_zoned(TimeZone::system());
    local.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn outcome(verdict: Verdict, code: Option<ErrorCode>) -> String {
    match (verdict, code) {
        (_, Some(code)) => {
            let word = code.name().unwrap_or_default();
            format!("{} {word}", code.0).trim_end().to_owned()
        }
        (Verdict::Ok, None) => "ok".to_owned(),
        (Verdict::Error, None) => "error".to_owned(),
        (Verdict::NotCapture, None) => "not Capture".to_owned(),
        (Verdict::NotSent, None) => "no answer".to_owned(),
        (Verdict::Unknown, None) => "unknown".to_owned(),
    }
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Error => "error",
        Verdict::NotCapture => "not_capture",
        Verdict::NotSent => "not_sent",
        Verdict::Unknown => "unknown",
    }
}

fn to_json(call: &Summary) -> Json {
    let text = |text: &Option<String>| text.as_deref().map_or(Json::Null, Json::from);
    let word = call.code.and_then(ErrorCode::name);
    [
        ("number", Json::from(call.id.0)),
        ("time", Json::from(call.started.to_string().as_str())),
        ("environment", Json::from(call.environment.as_str())),
        ("operation", Json::from(call.endpoint.name())),
        ("type", text(&call.type_name)),
        ("about", Json::from(call.subject.as_str())),
        ("verdict", Json::from(verdict_word(call.verdict))),
        (
            "code",
            call.code.map_or(Json::Null, |code| Json::from(code.0)),
        ),
        ("error", word.map_or(Json::Null, Json::from)),
        ("request_id", text(&call.request_id)),
        ("milliseconds", Json::from(call.elapsed.as_millis() as i64)),
    ]
    .into_iter()
    .collect()
}

/// A call of the history, whole.
async fn opened(id: ExchangeId, session: &Session) -> Result<Arc<Exchange>, Stop> {
    match session.run(Job::OpenExchange(id)).await? {
        Output::Exchange(exchange) => Ok(exchange),
        other => unreachable!("opening gives an exchange, not {other:?}"),
    }
}

async fn show_call(show: &Show, session: &Session) -> Result<(), Stop> {
    let exchange = opened(show.exchange, session).await?;
    if session.json() {
        let whole = exchange_to_json(&exchange);
        let part = match show.part {
            None => Some(&whole),
            Some(Part::Request) => whole.get("request"),
            Some(Part::Answer) => whole.get("answer"),
            Some(Part::Headers) => whole.get("headers"),
        };
        return Ok(output::print_json(part.unwrap_or(&Json::Null))?);
    }
    match show.part {
        None => output::print(&describe(&exchange))?,
        Some(Part::Request) => output::print(&arguments(&exchange))?,
        Some(Part::Headers) => output::print(&headers(&exchange))?,
        Some(Part::Answer) => output::print_bytes(exchange.body())?,
    }
    Ok(())
}

fn describe(exchange: &Exchange) -> String {
    let verdict = exchange.verdict();
    let code = match exchange.answer() {
        Some(Answer::Error(error)) => Some(error.code),
        Some(Answer::Ok(_) | Answer::NotCapture(_)) | None => None,
    };
    let number = exchange.id.map(|id| id.0).unwrap_or_default();
    let mut text = format!(
        "call {number}: {} in `{}` on {}, {} ms\noutcome: {}\n",
        exchange.request.endpoint,
        exchange.environment,
        local(exchange.started),
        exchange.elapsed.as_millis(),
        outcome(verdict, code),
    );
    if let Some(failure) = exchange.failure() {
        text.extend(["  ", failure.message.as_str(), "\n"]);
        if let Some(cause) = &failure.cause {
            text.extend(["  why: ", cause.as_str(), "\n"]);
        }
        for hint in &failure.hints {
            text.extend(["  hint: ", hint.as_str(), "\n"]);
        }
    }
    text.extend([
        "\n",
        exchange.sent.method.as_str(),
        " ",
        exchange.sent.url.as_str(),
        "\n",
    ]);
    text.push_str(&arguments(exchange));
    if let Some((status, _)) = exchange.head() {
        text.extend(["\nHTTP ", &status.to_string(), "\n"]);
        text.push_str(&body(exchange));
    }
    text
}

fn arguments(exchange: &Exchange) -> String {
    let pairs = exchange.request.args.iter();
    pairs
        .flat_map(|(name, value)| [name, "=", value, "\n"])
        .collect()
}

fn headers(exchange: &Exchange) -> String {
    let lines = |headers: &[(String, String)]| {
        let lines = headers.iter();
        lines
            .flat_map(|(name, value)| [name, ": ", value, "\n"])
            .collect::<String>()
    };
    let mut text = format!("{} {}\n", exchange.sent.method, exchange.sent.url);
    text.push_str(&lines(&exchange.sent.headers));
    if let Some((status, answer)) = exchange.head() {
        text.extend(["\nHTTP ", &status.to_string(), "\n"]);
        text.push_str(&lines(answer));
    }
    text
}

/// The answer's body to read: JSON on several lines, anything else as it came.
fn body(exchange: &Exchange) -> String {
    let text = String::from_utf8_lossy(exchange.body());
    Json::parse(&text).map_or_else(|_| text.clone().into_owned(), |json| output::pretty(&json))
}

fn exchange_to_json(exchange: &Exchange) -> Json {
    let pairs = |pairs: &[(String, String)]| {
        let pair = |(name, value): &(String, String)| {
            Json::Array(vec![Json::from(name.as_str()), Json::from(value.as_str())])
        };
        Json::Array(pairs.iter().map(pair).collect())
    };
    let text = String::from_utf8_lossy(exchange.body());
    let answer = exchange
        .head()
        .map(|_| Json::parse(&text).unwrap_or_else(|_| Json::from(text.as_ref())));
    let (status, came) = match exchange.head() {
        Some((status, headers)) => (Json::from(i64::from(status)), pairs(headers)),
        None => (Json::Null, Json::Null),
    };
    let members = [
        (
            "number",
            exchange.id.map_or(Json::Null, |id| Json::from(id.0)),
        ),
        ("time", Json::from(exchange.started.to_string().as_str())),
        ("environment", Json::from(exchange.environment.as_str())),
        ("operation", Json::from(exchange.request.endpoint.name())),
        ("verdict", Json::from(verdict_word(exchange.verdict()))),
        (
            "milliseconds",
            Json::from(exchange.elapsed.as_millis() as i64),
        ),
        ("timing", exchange.timing.to_json()),
        ("url", Json::from(exchange.sent.url.as_str())),
        ("status", status),
        (
            "headers",
            [("request", pairs(&exchange.sent.headers)), ("answer", came)]
                .into_iter()
                .collect(),
        ),
        ("request", pairs(&exchange.request.args.0)),
        ("answer", answer.unwrap_or(Json::Null)),
    ];
    members.into_iter().collect()
}

async fn remove(purge: Purge, environment: Option<&str>, session: &Session) -> Result<(), Stop> {
    let mut query = within(question(&purge.terms, &purge.without)?, environment);
    if let Some(time) = &purge.older_than {
        query
            .terms
            .extend(read(&format!("before:\"{time}\""))?.terms);
    }
    if query == Query::default() && !purge.all {
        return Err(
            Failure::new(FailureKind::Usage, "nothing was removed: say what shall go")
                .hint("--all, --env NAME, --older-than 30d, or terms as in `captui history search`")
                .into(),
        );
    }
    let number = counted(&query, session).await?;
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    if number > 0 {
        confirm(
            &format!("remove {} from the history for good", count(number, "call")),
            purge.yes,
        )?;
    } else if !purge.all {
        output::note("no call in the history is meant by that");
    }
    let purged = match session.run(Job::PurgeHistory(query)).await? {
        Output::Purged(purged) => purged,
        other => unreachable!("a purge gives what went, not {other:?}"),
    };
    if session.json() {
        let number = |number: u64| Json::from(i64::try_from(number).unwrap_or(i64::MAX));
        let members = [
            ("removed", number(purged.exchanges)),
            ("files", number(purged.files)),
            ("bytes_before", number(purged.before)),
            ("bytes_after", number(purged.after)),
        ];
        return Ok(output::print_json(&members.into_iter().collect())?);
    }
    let calls = usize::try_from(purged.exchanges).unwrap_or(usize::MAX);
    Ok(output::print(&format!(
        "removed {}; the history takes {} KB now, {} KB before",
        count(calls, "call"),
        purged.after.div_ceil(1024),
        purged.before.div_ceil(1024)
    ))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_the_shell_are_terms() {
        for (text, term) in [
            ("bob", "bob"),
            ("-env:prod", "-env:prod"),
            ("Main Street", "\"Main Street\""),
            ("-Main Street", "-\"Main Street\""),
            ("body:Main Street", "body:\"Main Street\""),
            ("he said: no", "\"he said: no\""),
            ("body:\"a b\"", "body:\"a b\""),
        ] {
            assert_eq!(as_term(text), term);
        }
        let terms = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            question(&words, &[]).map(|query| query.terms.len())
        };
        assert_eq!(terms(&["env:prod Main Street"]), Ok(3));
        assert_eq!(terms(&["env:prod", "Main Street"]), Ok(2));
        assert_eq!(terms(&[]), Ok(0));
        let without = question(&[], &["env:prod".to_owned()]);
        assert!(without.is_ok_and(|query| query.terms[0].negated));
    }

    #[test]
    fn a_fault_in_a_question_is_pointed_at() {
        let failure = question(&["é cod:1".to_owned()], &[]).expect_err("no such operator");
        assert_eq!(failure.kind, FailureKind::Usage);
        assert_eq!(failure.cause.as_deref(), Some("é cod:1\n  ^^^"));
        assert_eq!(failure.hints, ["did you mean `code:`?"]);
    }
}
