//! `captui history record`: a record through time, as far as the history has seen it, and what is to blame for its fields.

use jiff::Timestamp;

use crate::capture::json::Json;
use crate::cli::args::history::PastOf;
use crate::cli::commands::history::local;
use crate::cli::output;
use crate::cli::output::table;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::history::record::PrimaryKeys;
use crate::history::record::RecordKey;
use crate::history::record::place::Place;
use crate::history::record::timeline::Blame;
use crate::history::record::timeline::Event;
use crate::history::record::timeline::Since;
use crate::history::record::timeline::State;
use crate::history::record::timeline::Timeline;
use crate::history::record::words;
use crate::json::sanitize::clean;
use crate::json::sanitize::truncate;
use crate::worker::job::Job;
use crate::worker::job::Output;

/// The longest value in a table, in screen cells.
const LONGEST_VALUE: usize = 40;

/// The longest cell: sentences and lists of fields.
const LONGEST: usize = 240;

pub(super) async fn show(
    past: PastOf,
    environment: Option<&str>,
    session: &Session,
) -> Result<(), Stop> {
    let key = RecordKey {
        environment: environment
            .unwrap_or_else(|| &session.environment().name)
            .to_owned(),
        type_name: past.type_name,
        uuid: past.uuid,
        id: past.id,
    };
    let job = Job::RecordTimeline {
        key: key.clone(),
        keys: PrimaryKeys::default(),
    };
    let timeline = match session.run(job).await? {
        Output::Timeline(timeline) => timeline,
        other => unreachable!("a record through time is a timeline, not {other:?}"),
    };
    if timeline.states.is_empty() {
        return Err(unseen(&key, &timeline).into());
    }
    match (session.json(), past.blame) {
        (true, false) => output::print_json(&states_to_json(&key, &timeline))?,
        (true, true) => output::print_json(&blames_to_json(&key, &timeline))?,
        (false, false) => output::print(&states_to_table(&timeline))?,
        (false, true) => output::print(&blames_to_table(&timeline))?,
    }
    if !session.json()
        && let Some(end) = words::end(&timeline, local)
    {
        output::note(&format!("{}: {end}", key.name()));
    }
    Ok(())
}

fn unseen(key: &RecordKey, timeline: &Timeline) -> Failure {
    let message = format!(
        "the history has not seen {} in `{}`",
        key.name(),
        key.environment
    );
    let failure = Failure::new(FailureKind::NotFound, message);
    match timeline.events.last() {
        Some(event) => failure.because(format!("it was asked for in vain: {}", words::call(event))),
        None => {
            failure.hint("a call that shows the record makes its first state: captui record get")
        }
    }
}

/// The states, the oldest first: that is how a life is told.
fn states_to_table(timeline: &Timeline) -> String {
    let row = |state: &State| {
        vec![
            state.event.exchange.0.to_string(),
            local(state.event.at),
            state.event.endpoint.to_string(),
            how(&state.event),
            words::changes(timeline, state),
        ]
    };
    let rows: Vec<Vec<String>> = timeline.states.iter().map(row).collect();
    table(
        &["NUMBER", "TIME", "CALL", "HOW", "CHANGES"],
        &rows,
        LONGEST,
    )
}

fn how(event: &Event) -> String {
    let perhaps = if event.certain { "" } else { " perhaps" };
    format!("{}{perhaps}", event.how.word())
}

fn blames_to_table(timeline: &Timeline) -> String {
    let value = |value: &Option<Json>| {
        let text = value
            .as_ref()
            .map_or_else(|| "-".to_owned(), Json::to_string);
        truncate(&clean(&text), LONGEST_VALUE)
    };
    let row = |blame: Blame| {
        vec![
            blame.place.to_string(),
            value(&blame.value),
            value(&blame.former),
            words::since(&blame, local),
        ]
    };
    let blames = timeline.blames().into_iter();
    let rows: Vec<Vec<String>> = blames.filter(words::has_value).map(row).collect();
    table(&["FIELD", "VALUE", "BEFORE", "SINCE"], &rows, LONGEST)
}

fn states_to_json(key: &RecordKey, timeline: &Timeline) -> Json {
    let names = |places: Vec<&Place>| {
        let names = places
            .into_iter()
            .map(|place| Json::from(place.to_string()));
        Json::Array(names.collect())
    };
    let state = |state: &State| {
        let is_first = |place: &&Place| timeline.is_first_look(place, state);
        let (first, changed) = state.changed.iter().partition(is_first);
        let mut members = event_members(&state.event);
        members.extend([
            ("changed", names(changed)),
            ("first_seen", names(first)),
            ("whole", Json::from(state.whole)),
            (
                "record",
                state.record.as_deref().cloned().unwrap_or(Json::Null),
            ),
        ]);
        members.into_iter().collect()
    };
    let states = timeline.states.iter().map(state).collect();
    let mut members = key_members(key);
    members.push(("states", Json::Array(states)));
    members.into_iter().collect()
}

fn blames_to_json(key: &RecordKey, timeline: &Timeline) -> Json {
    let fields = timeline.blames().into_iter().map(|blame| {
        let event = |event: &Event| -> Json { event_members(event).into_iter().collect() };
        let (how, mut members) = match &blame.since {
            Since::By(by) => {
                let seen = blame
                    .first_seen
                    .as_ref()
                    .map(|seen| ("first_seen", event(seen)));
                let by = std::iter::once(("by", event(by)));
                ("written", by.chain(seen).collect())
            }
            Since::Always(seen) => ("always", vec![("seen", event(seen))]),
            Since::Between { before, seen, near } => {
                let near = near.iter().map(event).collect();
                let members = vec![
                    ("before", event(before)),
                    ("seen", event(seen)),
                    ("written_meanwhile", Json::Array(near)),
                ];
                ("between", members)
            }
        };
        let value = |value: Option<Json>| value.unwrap_or(Json::Null);
        let mut all = vec![
            ("field", Json::from(blame.place.to_string())),
            ("gone", Json::from(blame.value.is_none())),
            ("value", value(blame.value)),
            ("former", value(blame.former)),
            ("since", Json::from(how)),
        ];
        all.append(&mut members);
        all.into_iter().collect()
    });
    let mut members = key_members(key);
    members.push(("fields", Json::Array(fields.collect())));
    members.into_iter().collect()
}

fn key_members(key: &RecordKey) -> Vec<(&'static str, Json)> {
    vec![
        ("environment", Json::from(key.environment.as_str())),
        ("type", Json::from(key.type_name.as_str())),
        ("uuid", key.uuid.as_deref().map_or(Json::Null, Json::from)),
        ("id", key.id.map_or(Json::Null, Json::from)),
    ]
}

fn event_members(event: &Event) -> Vec<(&'static str, Json)> {
    let at: Timestamp = event.at;
    vec![
        ("number", Json::from(event.exchange.0)),
        ("time", Json::from(at.to_string())),
        ("operation", Json::from(event.endpoint.name())),
        ("how", Json::from(event.how.word())),
        ("certain", Json::from(event.certain)),
    ]
}
