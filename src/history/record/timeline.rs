//! The states of a record in order, and for each of its fields the exchange after which it had its present value.
//!
//! A state is what is known after an exchange: what a read left out is as it was before. A change is an exchange's own
//! when that wrote the value and the service said that it did; otherwise it lies between the last look that saw another
//! value and the first that saw this one.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::path::Segment;
use crate::capture::schema::RESERVED;
use crate::capture::secret::MASK;
use crate::capture::value::date::parse_utc;
use crate::exchange::ExchangeId;
use crate::history::record::How;
use crate::history::record::Look;
use crate::history::record::PrimaryKeys;
use crate::history::record::RecordKey;
use crate::history::record::Said;
use crate::history::record::Sighting;
use crate::history::record::place::Leaves;
use crate::history::record::place::Place;
use crate::history::record::place::element_key;
use crate::history::record::place::id_of;
use crate::history::record::place::is_plural;
use crate::history::record::place::leaves;
use crate::history::record::place::of_path;

/// An exchange in a record's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The exchange.
    pub exchange: ExchangeId,
    /// When sending began.
    pub at: Timestamp,
    /// Its operation.
    pub endpoint: Endpoint,
    /// What it did.
    pub how: How,
    /// Whether the service said that it was done.
    pub certain: bool,
}

/// What was known of a record after an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The exchange.
    pub event: Event,
    /// The exchange's place among the events.
    pub at: usize,
    /// The record; `None` once it was deleted. States in which nothing differs share it.
    pub record: Option<Arc<Json>>,
    /// Whether every field of it was seen at some time, and not only those that were written or asked for.
    pub whole: bool,
    /// The fields whose value is another than in the state before.
    pub changed: Vec<Place>,
}

/// Since when a field has its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// This exchange wrote it.
    By(Event),
    /// It changed between two looks.
    Between {
        /// The last look at another value.
        before: Event,
        /// The first look at this one.
        seen: Event,
        /// Our own writes to the record in between, up to and including `seen`: one of them may have been the cause
        /// though it did not name the field.
        near: Vec<Event>,
    },
    /// It was never seen with another value; this is the first look at it.
    Always(Event),
}

/// Since when a field has its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blame {
    /// The field.
    pub place: Place,
    /// Its value; `None` when it is gone.
    pub value: Option<Json>,
    /// What it was before; `None` when it was not there, or was not known.
    pub former: Option<Json>,
    /// The first look at it, when the call that wrote it was kept with a masked value: that it is the one is likely, no more.
    pub first_seen: Option<Event>,
    /// Since when.
    pub since: Since,
}

/// A record through time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// What was known after each exchange that says something of its values, oldest first.
    pub states: Vec<State>,
    /// Every exchange about it, also those that did not succeed, oldest first.
    pub events: Vec<Event>,
    /// What told the elements of its plurals apart.
    pub keys: PrimaryKeys,
    /// The values that each field had one after the other; never none.
    tracks: BTreeMap<Place, Vec<Track>>,
}

/// What is known of one value of a field.
#[derive(Clone, Debug, PartialEq)]
struct Track {
    value: Option<Json>,
    /// The event that first had this value, by its place in the list.
    first: usize,
    /// Whether that event wrote it.
    written: bool,
    /// The event that first showed the value, when that which wrote it has it masked.
    shown: Option<usize>,
    /// The last event that saw another value.
    before: Option<usize>,
    /// The last event that saw it at all.
    last: usize,
}

impl Timeline {
    /// The life of a record, from exchanges in the order of sending; those about other records are passed over.
    pub fn new(key: &RecordKey, looks: &[Look<'_>], keys: &PrimaryKeys) -> Self {
        let mut builder = Builder {
            timeline: Self {
                keys: keys.clone(),
                ..Self::default()
            },
            record: None,
            whole: false,
            complete: BTreeMap::new(),
            leaves: Leaves::new(),
            keys,
        };
        for (index, look) in looks.iter().enumerate() {
            if builder.is_about(key, &look.sighting, &looks[index..]) {
                builder.add(look);
            }
        }
        builder.timeline
    }

    /// Since when the field has its value; of an object, a plural or an element, since when the field in it that changed
    /// last. `None` when nothing is known of it.
    pub fn blame(&self, place: &Place) -> Option<Blame> {
        self.blame_until(place, self.events.len())
    }

    /// The same for the value that the field has in one of the states.
    pub fn blame_at(&self, place: &Place, state: &State) -> Option<Blame> {
        self.blame_until(place, state.at + 1)
    }

    /// Only what the first `events` of them tell.
    fn blame_until(&self, place: &Place, events: usize) -> Option<Blame> {
        let inside = self.tracks.iter().filter(|(own, _)| own.is_in(place));
        let known = inside.filter_map(|(own, tracks)| {
            let count = tracks.partition_point(|track| track.first < events);
            Some((own, tracks, count.checked_sub(1)?))
        });
        let (place, tracks, at) = known.max_by_key(|(_, tracks, at)| tracks[*at].first)?;
        Some(self.blame_of(place, tracks, at, events))
    }

    /// Since when each field has its value, in the order of their places; of those that are gone, since when they are.
    pub fn blames(&self) -> Vec<Blame> {
        let tracks = self.tracks.iter();
        let last = |tracks: &[Track]| tracks.len().saturating_sub(1);
        tracks
            .map(|(place, tracks)| self.blame_of(place, tracks, last(tracks), self.events.len()))
            .collect()
    }

    /// Whether a state tells something new of a field; that a new one is null is nothing.
    pub fn is_news(&self, place: &Place, state: &State) -> bool {
        // Of what was taken apart since, its parts tell.
        let Some(tracks) = self.tracks.get(place) else {
            return false;
        };
        let at = tracks.partition_point(|track| track.first < state.at);
        let before = at.checked_sub(1).and_then(|at| tracks[at].value.as_ref());
        let value = tracks.get(at).and_then(|track| track.value.as_ref());
        let is_nothing = |value: Option<&Json>| value.is_none_or(Json::is_null);
        !(is_nothing(value) && is_nothing(before))
    }

    /// Whether a state is the first look at a field, which then need not have changed.
    pub fn is_first_look(&self, place: &Place, state: &State) -> bool {
        let first = self.tracks.get(place).and_then(|tracks| tracks.first());
        first.is_some_and(|track| {
            track.first == state.at && track.before.is_none() && !track.written
        })
    }

    /// Of the value of a field that is at this place among those that it had, as the first `events` tell.
    fn blame_of(&self, place: &Place, tracks: &[Track], at: usize, events: usize) -> Blame {
        let track = &tracks[at];
        let value = match track.shown {
            Some(shown) if shown >= events => Some(Json::from(MASK)),
            _ => track.value.clone(),
        };
        let shown = track.shown.filter(|shown| *shown < events);
        let former = at.checked_sub(1).and_then(|at| tracks[at].value.clone());
        let seen = self.events[track.first];
        let since = match track.before {
            _ if track.written => Since::By(seen),
            None => Since::Always(seen),
            Some(before) => Since::Between {
                before: self.events[before],
                seen,
                near: self.events[before + 1..=track.first]
                    .iter()
                    .filter(|event| event.how == How::Updated)
                    .copied()
                    .collect(),
            },
        };
        Blame {
            place: place.clone(),
            value,
            former,
            first_seen: shown.map(|shown| self.events[shown]),
            since,
        }
    }
}

/// A timeline while exchanges are added.
struct Builder<'a> {
    timeline: Timeline,
    record: Option<Json>,
    whole: bool,
    /// For a place below which nothing was left out: the last event that saw it so.
    complete: BTreeMap<Place, usize>,
    /// The record as its fields.
    leaves: Leaves,
    keys: &'a PrimaryKeys,
}

impl Builder<'_> {
    /// Whether a sighting is of this record. One that names neither uuid nor id is, when the attribute by which it was
    /// selected has that value before it, or if that is not known, at the next look after it.
    fn is_about(&self, key: &RecordKey, sighting: &Sighting<'_>, from_here: &[Look<'_>]) -> bool {
        if sighting.type_name != key.type_name {
            return false;
        }
        if let Some(known) = is_named(key, sighting) {
            return known;
        }
        let Some((attribute, value)) = &sighting.selector else {
            return false;
        };
        let Ok(path) = attribute.parse::<AttrPath>() else {
            return false;
        };
        let now = self.record.as_ref().and_then(|record| at(record, &path));
        let later = || {
            from_here
                .iter()
                .filter(|look| is_named(key, &look.sighting) == Some(true))
                .flat_map(|look| &look.sighting.said)
                .find_map(|said| match said {
                    Said::Read {
                        path: root, value, ..
                    } if root.is_root() => at(value, &path),
                    _ => None,
                })
        };
        now.or_else(later).is_some_and(|known| same(known, value))
    }

    fn add(&mut self, look: &Look<'_>) {
        let index = self.timeline.events.len();
        let event = Event {
            exchange: look.exchange,
            at: look.at,
            endpoint: look.endpoint,
            how: look.sighting.how,
            certain: look.sighting.certain,
        };
        self.timeline.events.push(event);
        if look.sighting.said.is_empty() {
            return;
        }
        if look.sighting.how == How::Created {
            self.complete.insert(Place::default(), index);
        }
        let mut changed = Vec::new();
        for said in &look.sighting.said {
            self.hear(said, index, &mut changed);
        }
        changed.sort_unstable();
        changed.dedup();
        let before = self.timeline.states.last();
        let before = before.and_then(|state| state.record.as_ref());
        let record = match (&self.record, before) {
            (Some(record), Some(before)) if *record == **before => Some(Arc::clone(before)),
            (record, _) => record.clone().map(Arc::new),
        };
        self.timeline.states.push(State {
            event,
            at: index,
            record,
            whole: self.whole,
            changed,
        });
    }

    /// Takes in one thing that event `index` says.
    fn hear(&mut self, said: &Said<'_>, index: usize, changed: &mut Vec<Place>) {
        let mut record = self
            .record
            .take()
            .unwrap_or_else(|| Json::Object(Object::new()));
        match said {
            Said::Gone { path } if path.is_root() => {
                self.settle(None, index, true, &Leaves::new(), changed);
            }
            Said::Gone { path } => {
                remove(&mut record, path);
                self.settle(Some(record), index, true, &Leaves::new(), changed);
            }
            Said::Written {
                path,
                value,
                replace,
            } => {
                if let Some(slot) = slot(&mut record, path) {
                    // What the service itself gives stays: of an element its id.
                    let is_element = path.0.last().is_some_and(|last| last.element.is_some());
                    write_into(slot, value, *replace, path.is_root() || is_element);
                }
                let covered = self.covered(path, value, &record);
                self.settle(Some(record), index, true, &covered, changed);
            }
            Said::Read { path, value, whole } => {
                let is_there = slot(&mut record, path).is_some();
                let place = of_path(path, &record, self.keys).filter(|_| is_there);
                if let (Some(slot), Some(place)) = (slot(&mut record, path), &place) {
                    read_into(slot, value, *whole, place, self.keys);
                }
                let covered = self.covered(path, value, &record);
                self.whole |= *whole && path.is_root();
                self.settle(Some(record), index, false, &covered, changed);
                if let Some(place) = place.filter(|_| *whole) {
                    self.complete.insert(place, index);
                }
            }
        }
    }

    /// The fields that a value at a path speaks of.
    fn covered(&self, path: &AttrPath, value: &Json, record: &Json) -> Leaves {
        match of_path(path, record, self.keys) {
            Some(place) => leaves(value, &place, self.keys),
            None => Leaves::new(),
        }
    }

    /// Compares the record with what was known before.
    fn settle(
        &mut self,
        record: Option<Json>,
        index: usize,
        written: bool,
        covered: &Leaves,
        changed: &mut Vec<Place>,
    ) {
        let after = match &record {
            Some(record) => leaves(record, &Place::default(), self.keys),
            None => Leaves::new(),
        };
        for (place, value) in &after {
            self.see(
                place,
                value,
                index,
                written,
                covered.contains_key(place),
                changed,
            );
        }
        for place in self
            .leaves
            .keys()
            .filter(|place| !after.contains_key(*place))
        {
            if after.keys().any(|other| other.is_in(place)) {
                // It is not gone: its members are told now.
                self.timeline.tracks.remove(place);
                continue;
            }
            let Some(tracks) = self.timeline.tracks.get_mut(place) else {
                continue;
            };
            let track = Track {
                value: None,
                first: index,
                written,
                shown: None,
                before: tracks.last().map(|track| track.last),
                last: index,
            };
            follow(tracks, track);
            changed.push(place.clone());
        }
        self.leaves = after;
        self.record = record;
    }

    /// Takes in the value of one field.
    fn see(
        &mut self,
        place: &Place,
        value: &Json,
        index: usize,
        written: bool,
        covered: bool,
        changed: &mut Vec<Place>,
    ) {
        let tracks = self.timeline.tracks.get_mut(place);
        let before = match tracks.and_then(|tracks| tracks.last_mut()) {
            Some(track) => {
                // A new password looks like the old one.
                let anew = written && covered && is_masked(Some(value));
                // What it was written with was not kept: it is what is seen next.
                let hidden = track.written && is_masked(track.value.as_ref());
                if hidden && !written {
                    track.value = Some(value.clone());
                    let is_shown = !is_masked(Some(value)) && track.first != index;
                    track.shown = is_shown.then_some(index);
                }
                let known = match &track.value {
                    Some(known) => same(known, value),
                    // Where there was nothing, null is nothing new.
                    None => value.is_null(),
                };
                if known && !anew {
                    if covered {
                        track.last = index;
                    }
                    return;
                }
                if track.first == index {
                    // The service's own spelling of what this exchange wrote.
                    track.value = Some(value.clone());
                    return;
                }
                Some(track.last)
            }
            // What is an element and what is any JSON can be told only when the service shows it.
            None if written && value.as_array().is_some() => return,
            None => self.last_without(place),
        };
        // What the answer to a creation shows came with it.
        let came_with_it = before == Some(index);
        let track = Track {
            value: Some(value.clone()),
            first: index,
            written: written || came_with_it,
            shown: None,
            before: before.filter(|_| !came_with_it),
            last: index,
        };
        let tracks = self.timeline.tracks.entry(place.clone()).or_default();
        follow(tracks, track);
        changed.push(place.clone());
    }

    /// The last event that saw all of what surrounds a field that was not there.
    fn last_without(&self, place: &Place) -> Option<usize> {
        let around = self.complete.iter();
        around
            .filter(|(around, _)| place.is_in(around))
            .map(|(_, index)| *index)
            .max()
    }
}

/// Adds the value that a field has now. Of several in one exchange only the last one stood.
fn follow(tracks: &mut Vec<Track>, track: Track) {
    if tracks.last().is_some_and(|last| last.first == track.first) {
        tracks.pop();
    }
    tracks.push(track);
}

/// Whether a sighting names this record; `None` when it names none.
fn is_named(key: &RecordKey, sighting: &Sighting<'_>) -> Option<bool> {
    if sighting.type_name != key.type_name {
        return Some(false);
    }
    let by_uuid = key.uuid.as_ref().zip(sighting.uuid.as_ref());
    let by_id = key.id.zip(sighting.id);
    match (by_uuid, by_id) {
        (Some((wanted, named)), _) => Some(wanted.eq_ignore_ascii_case(named)),
        (None, Some((wanted, named))) => Some(wanted == named),
        (None, None) if sighting.uuid.is_none() && sighting.id.is_none() => None,
        (None, None) => Some(false),
    }
}

pub(super) fn is_masked(value: Option<&Json>) -> bool {
    value.and_then(Json::as_str) == Some(MASK)
}

/// The value at a path without elements.
fn at<'a>(record: &'a Json, path: &AttrPath) -> Option<&'a Json> {
    path.0
        .iter()
        .try_fold(record, |value, segment| value.get(&segment.name))
}

/// The value at a path, to change; made where it is missing. `None` where something else is in its way.
fn slot<'a>(record: &'a mut Json, path: &AttrPath) -> Option<&'a mut Json> {
    let mut value = record;
    for Segment { name, element } in &path.0 {
        if value.is_null() {
            *value = Json::Object(Object::new());
        }
        let members = value.as_object_mut().filter(|_| !name.is_empty())?;
        value = members.get_or_insert_with(name.clone(), || Json::Null);
        if let Some(element) = element {
            value = element_of(value, *element)?;
        }
    }
    Some(value)
}

fn element_of(plural: &mut Json, element: Element) -> Option<&mut Json> {
    let Element::Id(id) = element else {
        return None;
    };
    if plural.is_null() {
        *plural = Json::Array(Vec::new());
    }
    let Json::Array(items) = plural else {
        return None;
    };
    let place = items.iter().position(|item| id_of(item) == Some(id));
    let place = place.unwrap_or_else(|| {
        items.push([("id", Json::from(id))].into_iter().collect());
        items.len() - 1
    });
    items.get_mut(place)
}

/// Takes in what a read shows. What it leaves out stays as it was, except elements of a plural that is shown whole.
fn read_into(known: &mut Json, shown: &Json, whole: bool, place: &Place, keys: &PrimaryKeys) {
    match (known, shown) {
        (Json::Object(known), Json::Object(shown)) => {
            for (name, value) in shown {
                match known.get_mut(name) {
                    Some(known) => read_into(known, value, whole, &place.child(name), keys),
                    None => {
                        known.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        (Json::Array(known), Json::Array(shown)) if !whole && is_plural(known, place, keys) => {
            for item in shown {
                let key = element_key(item, place, keys);
                let same_element = |one: &&mut Json| element_key(one, place, keys) == key;
                if let Some(known) = known
                    .iter_mut()
                    .find(same_element)
                    .filter(|_| key.is_some())
                {
                    read_into(known, item, whole, place, keys);
                }
            }
        }
        (known, shown) => *known = shown.clone(),
    }
}

/// Does what `entity.update` and `entity.replace` do (reference 7).
fn write_into(known: &mut Json, given: &Json, replace: bool, has_id: bool) {
    match (known, given) {
        (Json::Object(known), Json::Object(given)) => {
            for (name, value) in given {
                let slot = known.get_or_insert_with(name.clone(), || Json::Null);
                write_into(slot, value, replace, false);
            }
            if replace {
                let is_reserved =
                    |name: &str| has_id && RESERVED.iter().any(|(known, ..)| *known == name);
                for (name, value) in known {
                    if !given.contains_key(name) && !is_reserved(name) {
                        empty(value);
                    }
                }
            }
        }
        (Json::Array(known), Json::Array(given)) if !replace => {
            for item in given {
                let id = id_of(item);
                let known_one = known
                    .iter_mut()
                    .find(|one| id.is_some() && id_of(one) == id);
                match known_one {
                    // An element that is given with its id is replaced.
                    Some(known) => write_into(known, item, true, true),
                    None => known.push(item.clone()),
                }
            }
        }
        (known, given) => *known = given.clone(),
    }
}

fn empty(value: &mut Json) {
    match value {
        Json::Array(items) => items.clear(),
        Json::Object(members) => members.values_mut().for_each(empty),
        value => *value = Json::Null,
    }
}

fn remove(record: &mut Json, path: &AttrPath) {
    let Some(Segment {
        name,
        element: Some(element),
    }) = path.0.last()
    else {
        return;
    };
    let Some(parent) = path.parent() else {
        return;
    };
    debug_assert_eq!(
        parent.name(),
        Some(name.as_str()),
        "an element's parent is its plural"
    );
    if let (Some(Json::Array(items)), Element::Id(id)) = (slot(record, &parent), element) {
        items.retain(|item| id_of(item) != Some(*id));
    }
}

/// Whether two values are the same: also a date in another spelling, which the service does not keep.
pub(super) fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::String(one), Json::String(other)) => one == other || is_same_time(one, other),
        (Json::Number(one), Json::Number(other)) => {
            // Whole numbers have one spelling, and may be longer than a float holds.
            let value = |number: &Number| number.as_str().parse::<f64>().ok();
            let is_whole = |number: &Number| number.as_i64().is_some();
            one == other || !(is_whole(one) && is_whole(other)) && value(one) == value(other)
        }
        (one, other) => one == other,
    }
}

fn is_same_time(one: &str, other: &str) -> bool {
    const SHORTEST: usize = "2026-1-1".len();
    let read = |text: &str| {
        let may_be = text.len() >= SHORTEST && text.starts_with(|c: char| c.is_ascii_digit());
        may_be
            .then(|| parse_utc(text, Timestamp::UNIX_EPOCH).ok())
            .flatten()
    };
    read(one).is_some_and(|time| Some(time) == read(other))
}
