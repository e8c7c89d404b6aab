//! What was sent beside what is stored, for an answer that brings the record: as lines to read in the request's tab, and
//! as a count for the summary. What differs is `capture::compare`'s work.

use crate::capture::compare;
use crate::capture::compare::Difference;
use crate::capture::compare::Kind;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::response::Answer;
use crate::exchange::Exchange;
use crate::json::sanitize;

/// How many cells of a value are shown: it is whole in the answer.
const MOST: usize = 200;

/// How many differences are listed.
const LISTED: usize = 500;

/// How what is stored differs from what was sent; `None` when the answer brings no record.
pub fn differences(exchange: &Exchange) -> Option<Vec<Difference>> {
    let request = &exchange.request;
    let partial = match request.endpoint {
        Endpoint::EntityCreate | Endpoint::EntityReplace => false,
        Endpoint::EntityUpdate => true,
        _ => return None,
    };
    if request.args.get("attribute_name").is_some() {
        return None;
    }
    let sent = Json::parse(request.args.get("attributes")?).ok()?;
    let Some(Answer::Ok(answer)) = exchange.answer() else {
        return None;
    };
    let stored = answer.get("result")?;
    Some(compare::compare(
        &sent,
        stored,
        partial,
        &request.secret_names,
    ))
}

/// The differences as lines; nothing when the answer brings no record.
pub fn lines(exchange: &Exchange) -> Vec<String> {
    let Some(differences) = differences(exchange) else {
        return Vec::new();
    };
    let mut lines = vec![String::new()];
    lines.push(match differences.len() {
        0 => "Stored as it was sent.".to_owned(),
        _ => "Stored as it was sent, but for (+ added, ~ changed, - left out):".to_owned(),
    });
    let secrets = &exchange.request.secret_names;
    for Difference { path, kind } in differences.iter().take(LISTED) {
        match kind {
            Kind::Added(value) => lines.push(format!("+ {path}  {}", short(value, secrets))),
            Kind::Dropped(value) => lines.push(format!("- {path}  {}", short(value, secrets))),
            Kind::Hidden => lines.push(format!("~ {path}  stored as a hash")),
            Kind::Changed { sent, stored } => lines.extend([
                format!("~ {path}"),
                format!("    sent    {}", short(sent, secrets)),
                format!("    stored  {}", short(stored, secrets)),
            ]),
        }
    }
    if differences.len() > LISTED {
        lines.push(format!("… and {} more", differences.len() - LISTED));
    }
    lines
}

/// For the summary: how many there are; `None` when the answer brings no record.
pub fn in_brief(exchange: &Exchange) -> Option<String> {
    let differences = differences(exchange)?;
    let count = |is: fn(&Kind) -> bool| differences.iter().filter(|one| is(&one.kind)).count();
    let counts = [
        (count(|kind| matches!(kind, Kind::Added(_))), "added"),
        (
            count(|kind| matches!(kind, Kind::Changed { .. } | Kind::Hidden)),
            "changed",
        ),
        (count(|kind| matches!(kind, Kind::Dropped(_))), "left out"),
    ];
    let words: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    Some(match words.as_slice() {
        [] => "as it was sent".to_owned(),
        words => format!("{}: L, End", words.join(", ")),
    })
}

fn short(value: &Json, secret_names: &[String]) -> String {
    let mut value = value.clone();
    redact::json(&mut value, secret_names);
    let text = value.to_string();
    sanitize::truncate(&sanitize::clean(sanitize::head(&text, MOST * 64)), MOST)
}
