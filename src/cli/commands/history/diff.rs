//! `captui history diff`: how two calls of the history differ; also what sending one again changed.

use std::fmt::Write;
use std::time::Duration;

use crate::capture::json::Json;
use crate::capture::redact::sharing::Sharing;
use crate::cli::args::history::Diff;
use crate::cli::commands::history::local;
use crate::cli::commands::types::count;
use crate::cli::output;
use crate::cli::output::table;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::exchange::Exchange;
use crate::exchange::comparison::Comparison;
use crate::exchange::comparison::Difference;
use crate::exchange::comparison::Part;
use crate::exchange::comparison::outcome;
use crate::worker::compare::Call;
use crate::worker::compare::Compare;
use crate::worker::compare::Pair;
use crate::worker::job::Job;
use crate::worker::job::Output;

pub(super) async fn diff(which: &Diff, session: &Session) -> Result<(), Stop> {
    tell(Call::Kept(which.one), Call::Kept(which.other), session).await
}

/// Prints how two calls differ; [`Stop::Found`] when they do.
pub(super) async fn tell(one: Call, other: Call, session: &Session) -> Result<(), Stop> {
    let work = Compare {
        pair: Pair::Of(one, other),
        schemas: Vec::new(),
        sharing: Sharing::Unmasked,
    };
    let compared = match session.run(Job::Compare(Box::new(work))).await? {
        Output::Compared(compared) => compared,
        other => unreachable!("comparing gives what differs, not {other:?}"),
    };
    let [one, other] = &compared.calls;
    let both = [&**one, &**other];
    let comparison = &compared.comparison;
    if session.json() {
        output::print_json(&to_json(both, comparison))?;
    } else {
        output::print(&to_text(both, comparison))?;
    }
    if comparison.is_same() {
        Ok(())
    } else {
        Err(Stop::Found)
    }
}

/// What a call is called beside the other.
fn labels(both: [&Exchange; 2]) -> [String; 2] {
    let label = |exchange: &Exchange, otherwise: &str| match exchange.id {
        Some(id) => id.0.to_string(),
        None => otherwise.to_owned(),
    };
    [label(both[0], "before"), label(both[1], "now")]
}

fn to_text(both: [&Exchange; 2], comparison: &Comparison) -> String {
    let labels = labels(both);
    let mut text = String::new();
    for (exchange, label) in both.into_iter().zip(&labels) {
        let request = &exchange.request;
        let type_name = request.args.get("type_name").unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "call {label}: {} in `{}` on {}: {}",
            format!("{} {type_name}", request.endpoint).trim_end(),
            exchange.environment,
            local(exchange.started),
            outcome(exchange),
        );
    }
    for (name, part) in comparison.parts() {
        add_part(&mut text, name, part, &labels);
    }
    text.push('\n');
    text.push_str(&timings(comparison, &labels));
    text.push('\n');
    text.push_str(&summary(comparison));
    text
}

fn add_part(text: &mut String, name: &str, part: &Part, labels: &[String; 2]) {
    let (given, told): (Vec<&Difference>, Vec<&Difference>) = part
        .differences
        .iter()
        .partition(|difference| difference.given);
    if !told.is_empty() {
        let _ = writeln!(text, "\n{name}");
    }
    for difference in told {
        let _ = writeln!(text, "  {}", difference.path);
        for (value, label) in difference.values.iter().zip(labels) {
            let value = value.as_deref().unwrap_or("(nothing)");
            let _ = writeln!(text, "    {label}: {}", value.replace(['\n', '\r'], " "));
        }
    }
    if part.more {
        let _ = writeln!(text, "  and more");
    }
    if !given.is_empty() {
        let paths: Vec<&str> = given
            .iter()
            .map(|difference| difference.path.as_str())
            .collect();
        let _ = writeln!(
            text,
            "\n{name}, given by each service: {}",
            paths.join(", ")
        );
    }
}

fn timings(comparison: &Comparison, labels: &[String; 2]) -> String {
    let timings = &comparison.timings;
    let time = |time: Option<Duration>| {
        time.map_or("-".to_owned(), |time| {
            format!("{:.1} ms", time.as_secs_f64() * 1e3)
        })
    };
    let row = |name: &str, cells: [String; 2]| {
        let [one, other] = cells;
        vec![name.to_owned(), one, other]
    };
    let mut rows = vec![row("whole", timings.whole.map(|whole| time(Some(whole))))];
    let phases = timings.phases.iter();
    rows.extend(phases.map(|(phase, lengths)| row(phase.title(), lengths.map(time))));
    if timings.received != [None, None] {
        let bytes = timings
            .received
            .map(|bytes| bytes.map_or("-".to_owned(), |bytes| format!("{bytes} bytes")));
        rows.push(row("answer", bytes));
    }
    let [one, other] = labels;
    table(&["TIMING", one, other], &rows, 40)
}

fn summary(comparison: &Comparison) -> String {
    let (mut counted, mut masked, mut cut, mut more) = (0, 0, false, false);
    for (_, part) in comparison.parts() {
        counted += part.counted();
        masked += part.masked;
        cut |= part.cut != [false; 2];
        more |= part.more;
    }
    let mut said = match counted {
        0 if cut => "no difference in what was kept".to_owned(),
        0 => "no difference".to_owned(),
        counted if more => format!("more than {}", count(counted, "difference")),
        counted => count(counted, "difference"),
    };
    if cut {
        said.push_str("; only the beginning of an answer was kept");
    }
    if masked > 0 {
        let _ = write!(said, "; {} not compared", count(masked, "masked value"));
    }
    said
}

fn to_json(both: [&Exchange; 2], comparison: &Comparison) -> Json {
    let numbers = both.map(|exchange| exchange.id.map_or(Json::Null, |id| Json::from(id.0)));
    let [one, other] = numbers;
    let millis = |time: Duration| Json::from(time.as_millis() as i64);
    let pair = |values: [Json; 2]| Json::Array(values.to_vec());
    let mut timing = vec![("whole", pair(comparison.timings.whole.map(millis)))];
    let phases = comparison.timings.phases.iter();
    timing.extend(phases.map(|(phase, lengths)| {
        let lengths = lengths.map(|length| length.map_or(Json::Null, millis));
        (phase.title(), pair(lengths))
    }));
    let mut members = vec![
        ("a", one),
        ("b", other),
        ("same", Json::from(comparison.is_same())),
    ];
    members.extend(
        comparison
            .parts()
            .map(|(name, part)| (name, part_to_json(part))),
    );
    members.push(("milliseconds", timing.into_iter().collect()));
    members.into_iter().collect()
}

fn part_to_json(part: &Part) -> Json {
    let differences = part.differences.iter().map(|difference| {
        let value = |side: usize| {
            difference.values[side]
                .as_deref()
                .map_or(Json::Null, Json::from)
        };
        [
            ("path", Json::from(difference.path.as_str())),
            ("a", value(0)),
            ("b", value(1)),
            ("counts", Json::from(!difference.given)),
        ]
        .into_iter()
        .collect()
    });
    let cut = part.cut.map(Json::from).to_vec();
    [
        ("differences", Json::Array(differences.collect())),
        ("more", Json::from(part.more)),
        ("masked", Json::from(part.masked as i64)),
        ("cut", Json::Array(cut)),
    ]
    .into_iter()
    .collect()
}
