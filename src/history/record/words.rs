//! What a record's states and blames say, in words: the same on the screen and for the command.
//!
//! Times are written by whoever shows them, who knows the zone and how much of a date is worth its room.

use std::fmt::Write;

use jiff::Timestamp;

use crate::capture::json::Json;
use crate::capture::schema::RESERVED;
use crate::history::record::How;
use crate::history::record::place::Place;
use crate::history::record::timeline::Blame;
use crate::history::record::timeline::Event;
use crate::history::record::timeline::Since;
use crate::history::record::timeline::State;
use crate::history::record::timeline::Timeline;

/// What changed with a state: `3 fields: email, statuses#12 (2)`.
pub fn changes(timeline: &Timeline, state: &State) -> String {
    if state.record.is_none() {
        return "deleted".to_owned();
    }
    let is_first = |place: &&Place| timeline.is_first_look(place, state);
    let news = state.changed.iter();
    let news = news.filter(|place| timeline.is_news(place, state));
    let (first, changed): (Vec<&Place>, Vec<&Place>) = news.partition(is_first);
    let mut parts = Vec::new();
    if !changed.is_empty() {
        parts.push(format!(
            "{}: {}",
            fields(changed.len()),
            names(&changed).join(", ")
        ));
    }
    if !first.is_empty() {
        parts.push(format!("{} first seen", fields(first.len())));
    }
    if parts.is_empty() {
        return "nothing new".to_owned();
    }
    parts.join("; ")
}

fn fields(count: usize) -> String {
    match count {
        1 => "1 field".to_owned(),
        count => format!("{count} fields"),
    }
}

/// The places, those in one element together; what the service itself keeps comes last.
fn names(places: &[&Place]) -> Vec<String> {
    let mut groups: Vec<(Place, Vec<&Place>)> = Vec::new();
    for place in places {
        let around = element_around(place);
        match groups.iter_mut().find(|(known, _)| *known == around) {
            Some((_, inside)) => inside.push(place),
            None => groups.push((around, vec![place])),
        }
    }
    let is_kept = |(around, _): &(Place, Vec<&Place>)| {
        let name = around.0.first().map(|step| step.name.as_str());
        around.0.len() == 1 && RESERVED.iter().any(|(known, ..)| Some(*known) == name)
    };
    groups.sort_by_key(is_kept);
    let words = groups
        .into_iter()
        .map(|(around, inside)| match inside.as_slice() {
            [place] => place.to_string(),
            inside => format!("{around} ({})", inside.len()),
        });
    words.collect()
}

/// The innermost element that a place is in; itself when it is in none.
fn element_around(place: &Place) -> Place {
    let last = place.0.iter().rposition(|step| step.element.is_some());
    let upto = last.map_or(place.0.len(), |at| at + 1);
    Place(place.0[..upto].to_vec())
}

/// A call: `entity.update, call 41`.
pub fn call(event: &Event) -> String {
    format!("{}, call {}", event.endpoint, event.exchange.0)
}

/// Since when a field has its value, as a sentence without its beginning.
pub fn since(blame: &Blame, clock: impl Fn(Timestamp) -> String) -> String {
    if !has_value(blame) && blame.value.is_some() {
        let seen = blamed(blame);
        let at = clock(seen.at);
        return format!(
            "never seen with a value; first seen at {at} with {}",
            call(seen)
        );
    }
    let is_gone = blame.value.is_none();
    match &blame.since {
        Since::By(event) => {
            let done = if is_gone { "removed by" } else { "written by" };
            let written = format!("{done} {} at {}", call(event), clock(event.at));
            match &blame.first_seen {
                Some(seen) => format!(
                    "{written}, whose value is masked; first seen at {} with {}",
                    clock(seen.at),
                    call(seen)
                ),
                None => written,
            }
        }
        Since::Always(event) => format!(
            "never seen otherwise; first seen at {} with {}",
            clock(event.at),
            call(event)
        ),
        Since::Between { before, seen, near } => {
            let done = if is_gone { "removed" } else { "changed" };
            let mut text = format!(
                "{done} between {} and {}, seen after {}; before that seen with {}",
                clock(before.at),
                clock(seen.at),
                call(seen),
                call(before),
            );
            let near: Vec<i64> = near.iter().map(|event| event.exchange.0).collect();
            if !near.is_empty() {
                let calls = if near.len() == 1 { "call" } else { "calls" };
                let _ = write!(text, "; written meanwhile by {calls} {}", runs(&near));
            }
            text
        }
    }
}

/// Numbers in their order, those that follow one another as `3–9`.
fn runs(numbers: &[i64]) -> String {
    let follow = |one: &i64, next: &i64| one + 1 == *next;
    let runs = numbers.chunk_by(follow).flat_map(|run| match run {
        [first, _, .., last] => vec![format!("{first}–{last}")],
        few => few.iter().map(i64::to_string).collect(),
    });
    runs.collect::<Vec<_>>().join(", ")
}

/// Whether a field has a value, or had one: that one is null which never was anything else says little.
pub fn has_value(blame: &Blame) -> bool {
    let is_value = |value: &Option<Json>| value.as_ref().is_some_and(|value| !value.is_null());
    is_value(&blame.value) || is_value(&blame.former)
}

/// The call that a blame names: that which wrote the value, or first saw it.
pub fn blamed(blame: &Blame) -> &Event {
    match &blame.since {
        Since::By(event) | Since::Always(event) => event,
        Since::Between { seen, .. } => seen,
    }
}

/// What became of the record in the end, where that is worth a word: that it was deleted, or asked for in vain.
pub fn end(timeline: &Timeline, clock: impl Fn(Timestamp) -> String) -> Option<String> {
    let last = timeline.states.last()?;
    if last.record.is_none() {
        let seen = timeline
            .states
            .iter()
            .rev()
            .find(|state| state.record.is_some());
        let seen = seen.map(|state| format!(", last seen at {}", clock(state.event.at)));
        let at = clock(last.event.at);
        return Some(format!("deleted at {at}{}", seen.unwrap_or_default()));
    }
    let event = timeline.events.last()?;
    (event.how == How::Asked && event.exchange != last.event.exchange).then(|| {
        format!(
            "asked for in vain at {} with {}",
            clock(event.at),
            call(event)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_calls_are_told_as_runs() {
        for (numbers, told) in [
            (&[][..], ""),
            (&[3], "3"),
            (&[3, 4], "3, 4"),
            (&[3, 4, 5, 9, 11, 12, 13, 14], "3–5, 9, 11–14"),
        ] {
            assert_eq!(runs(numbers), told);
        }
    }
}
