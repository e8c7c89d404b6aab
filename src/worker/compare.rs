//! Two calls side by side: finds which two are meant and has [`crate::exchange::comparison`] compare them, on a thread that
//! nobody waits for. What comes of it can be told as plain text, too. Deliberately absent: how it looks on a screen.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use crate::capture::redact::sharing::Sharing;
use crate::capture::redact::sharing::Veil;
use crate::capture::schema::EntityType;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::exchange::comparison;
use crate::exchange::comparison::Comparison;
use crate::exchange::comparison::Difference;
use crate::exchange::veiled::veiled;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::history::query::Condition;
use crate::history::query::Page;
use crate::history::query::Query;
use crate::history::record::PrimaryKeys;
use crate::history::store::History;
use crate::json::sanitize;
use crate::worker::handover::schema_of;
use crate::worker::history::kept;

/// How many differences of one part are told.
pub const MOST: usize = 2_000;

/// What is to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compare {
    /// The calls.
    pub pair: Pair,
    /// The schemas at hand, which name the primary keys of plurals.
    pub schemas: Vec<Arc<EntityType>>,
    /// Whether personal data is masked before it is compared. The same value gets the same name in both calls.
    pub sharing: Sharing,
}

/// Which two calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pair {
    /// These: before and after.
    Of(Call, Call),
    /// The last call of the same operation and entity type in the same environment, and then this one.
    WithPrevious(Call),
}

/// Which call.
#[derive(Clone, Debug)]
pub enum Call {
    /// One that is at hand.
    Shown(Arc<Exchange>),
    /// One of the history.
    Kept(ExchangeId),
}

/// Calls at hand are the same when they are one.
impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Shown(one), Self::Shown(other)) => Arc::ptr_eq(one, other),
            _ => self.id().is_some() && self.id() == other.id(),
        }
    }
}

impl Eq for Call {}

impl Call {
    /// Its place in the history, if it has one.
    pub fn id(&self) -> Option<ExchangeId> {
        match self {
            Self::Shown(exchange) => exchange.id,
            Self::Kept(id) => Some(*id),
        }
    }
}

/// Two calls and what differs.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Before and after.
    pub calls: [Arc<Exchange>; 2],
    /// Whether the first was looked for as the last one of its kind.
    pub is_previous: bool,
    /// What differs.
    pub comparison: Comparison,
}

/// What is told of a part of the calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Which part: `Answer`.
    pub title: &'static str,
    /// How much differs, in words.
    pub count: String,
    /// What must be known to read it right, in sentences.
    pub notes: Vec<String>,
    /// What differs, at most [`MOST`].
    pub differences: Vec<Difference>,
}

impl Compared {
    /// Part by part what is told; a part of which there is nothing to tell is not there.
    pub fn told(&self) -> Vec<Told> {
        let parts = self.comparison.parts().map(|(name, part)| {
            let mut notes = Vec::new();
            for (letter, cut) in ["A", "B"].into_iter().zip(part.cut) {
                if cut {
                    notes.push(format!(
                        "Only the beginning is there of {letter}: what lies behind it is not compared."
                    ));
                }
            }
            match part.masked {
                0 => {}
                1 => notes.push("1 value is masked, and not compared.".to_owned()),
                count => notes.push(format!("{count} values are masked, and not compared.")),
            }
            let title = match name {
                "request" => "Request",
                "outcome" => "Outcome",
                _ => "Answer",
            };
            let more = part.more || part.differences.len() > MOST;
            Told {
                title,
                count: count(part.counted().min(MOST), more),
                notes,
                differences: part.differences.iter().take(MOST).cloned().collect(),
            }
        });
        let is_worth_it = |told: &Told| !told.differences.is_empty() || !told.notes.is_empty();
        let times = std::iter::once(self.times());
        parts.chain(times).filter(is_worth_it).collect()
    }

    /// Times and lengths that differ.
    fn times(&self) -> Told {
        let timings = &self.comparison.timings;
        let size = |bytes: Option<u64>| bytes.map(|bytes| format!("{bytes} bytes"));
        let connection = |reused: Option<bool>| {
            let words = if reused? {
                "an earlier call's"
            } else {
                "its own"
            };
            Some(words.to_owned())
        };
        let mut rows = vec![("in all", timings.whole.map(|time| Some(spent(time))))];
        let phases = timings.phases.iter();
        rows.extend(
            phases.map(|(phase, times)| (phase.title(), times.map(|time| Some(spent(time?))))),
        );
        rows.push(("connection", timings.reused.map(connection)));
        rows.push(("body received", timings.received.map(size)));
        rows.retain(|(_, values)| values[0] != values[1]);
        let difference = |(name, values): (&str, [Option<String>; 2])| Difference {
            path: name.to_owned(),
            values,
            given: false,
        };
        Told {
            title: "Timing",
            count: String::new(),
            notes: Vec::new(),
            differences: rows.into_iter().map(difference).collect(),
        }
    }

    /// How much differs that counts, in words; times never do.
    pub fn count(&self) -> String {
        let parts = || self.comparison.parts().map(|(_, part)| part);
        match parts().map(comparison::Part::counted).sum::<usize>() {
            0 if self.comparison.is_same() => "they say the same".to_owned(),
            counted => count(counted, parts().any(|part| part.more)),
        }
    }

    /// Everything as plain text, without control characters.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (letter, call) in ["A", "B"].into_iter().zip(&self.calls) {
            let words = in_brief(call).join("  ");
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{letter}  {}  {}",
                call.started,
                sanitize::clean(&words)
            );
        }
        let _ = writeln!(text, "   {}", self.count());
        for told in self.told() {
            let _ = write!(text, "\n{}", told.title);
            let _ = match told.count.as_str() {
                "" => writeln!(text),
                count => writeln!(text, ": {count}"),
            };
            for note in &told.notes {
                let _ = writeln!(text, "  ({note})");
            }
            for difference in &told.differences {
                let _ = writeln!(text, "  {}", sanitize::clean(&difference.path));
                for (sign, value) in ["-", "+"].into_iter().zip(&difference.values) {
                    let value = value.as_deref().unwrap_or("(not there)");
                    let _ = writeln!(text, "    {sign} {}", sanitize::clean(value));
                }
            }
        }
        text
    }
}

fn count(count: usize, more: bool) -> String {
    match (count, more) {
        (count, true) => format!("more than {count} differences, the first are told"),
        (0, false) => "no difference".to_owned(),
        (1, false) => "1 difference".to_owned(),
        (count, false) => format!("{count} differences"),
    }
}

/// A call in a few words: its number, environment, operation with type, outcome, HTTP status, time.
pub fn in_brief(exchange: &Exchange) -> Vec<String> {
    let number = exchange.id.map(|id| format!("#{}", id.0));
    let status = exchange.head().map(|(status, _)| format!("HTTP {status}"));
    let words = [
        number,
        Some(exchange.environment.clone()).filter(|name| !name.is_empty()),
        Some(operation(exchange)),
        Some(comparison::outcome(exchange)),
        status,
        Some(spent(exchange.elapsed)),
    ];
    words.into_iter().flatten().collect()
}

/// The operation and its entity type: `entity.create user`.
pub fn operation(exchange: &Exchange) -> String {
    let type_name = exchange.request.args.get("type_name").unwrap_or_default();
    format!("{} {type_name}", exchange.request.endpoint)
        .trim_end()
        .to_owned()
}

/// A duration in the unit that suits it.
pub fn spent(time: Duration) -> String {
    match time.as_millis() {
        0 => format!("{} µs", time.as_micros()),
        millis @ 1..1000 => format!("{millis} ms"),
        _ => format!("{:.2} s", time.as_secs_f64()),
    }
}

/// Finds both calls and compares them. Blocks; takes a second for some ten MiB.
pub fn find_and_compare(work: &Compare, history: Option<&History>) -> Result<Compared, Failure> {
    let found = |call: &Call| match call {
        Call::Shown(exchange) => Ok(Arc::clone(exchange)),
        Call::Kept(id) => kept(history, *id),
    };
    let calls = match &work.pair {
        Pair::Of(before, after) => [found(before)?, found(after)?],
        Pair::WithPrevious(call) => {
            let after = found(call)?;
            [previous(&after, history)?, after]
        }
    };
    let mut found = calls
        .iter()
        .filter_map(|call| schema_of(call, &work.schemas, history));
    let schema = found.next();
    let keys = schema.as_ref().map(|schema| PrimaryKeys::of(schema));
    let keys = keys.unwrap_or_default().0;
    let comparison = match work.sharing {
        Sharing::Unmasked => comparison::compare(&calls[0], &calls[1], &keys),
        Sharing::Masked => {
            let [one, other] = masked(&calls, schema.iter().chain(&work.schemas));
            comparison::compare(&one, &other, &keys)
        }
    };
    Ok(Compared {
        comparison,
        is_previous: matches!(work.pair, Pair::WithPrevious(_)),
        calls,
    })
}

/// Both calls for somebody who looks on.
fn masked<'a>(
    calls: &[Arc<Exchange>; 2],
    schemas: impl Iterator<Item = &'a Arc<EntityType>>,
) -> [Exchange; 2] {
    let mut veil = Veil::new(Sharing::Masked, schemas.map(|schema| &**schema));
    for call in calls {
        // For what the veil learns of it.
        let _ = veiled(&mut veil, call);
    }
    veil.seal();
    calls.each_ref().map(|call| veiled(&mut veil, call))
}

/// The last call before `exchange` of the same operation and entity type in the same environment.
fn previous(exchange: &Exchange, history: Option<&History>) -> Result<Arc<Exchange>, Failure> {
    let none = || {
        let message = format!(
            "there is no earlier {} in {} to compare with: m marks another call",
            operation(exchange),
            exchange.environment
        );
        Failure::new(FailureKind::NotFound, message)
    };
    let mut query = Query::only(Condition::Operation(vec![exchange.request.endpoint]))
        .and(Condition::Environment(vec![exchange.environment.clone()]));
    if let Some(name) = exchange.request.args.get("type_name") {
        query = query.and(Condition::Type(vec![name.to_owned()]));
    }
    let page = Page {
        before: exchange.id,
        ..Page::newest(1)
    };
    let listed = history.ok_or_else(none)?.list(&query, page);
    let listed = listed.map_err(|error| {
        Failure::new(FailureKind::Internal, "the history cannot be read").because(error)
    })?;
    kept(history, listed.first().ok_or_else(none)?.id)
}

#[cfg(test)]
mod tests;
