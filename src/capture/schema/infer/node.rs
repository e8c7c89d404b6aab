//! What was seen of one attribute: counts, and enough of the values to tell what they have in common. The decision
//! which type that is stands here, too.

use std::collections::HashSet;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::redact;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::infer::Evidence;
use crate::capture::schema::infer::LENGTHS;
use crate::capture::schema::infer::MAX_ATTRIBUTES;
use crate::capture::schema::infer::MAX_LEVELS;
use crate::capture::schema::infer::MAX_MEMBERS;
use crate::capture::schema::infer::Seen;
use crate::capture::schema::infer::counted;
use crate::capture::value;
use crate::capture::value::date;

/// How many examples are kept, and how many characters of each.
const EXAMPLES: (usize, usize) = (3, 40);

/// The password type that is proposed (reference 4.2).
const PASSWORD: &str = "password-bcrypt";

/// What all texts so far could be told to obey.
const TEXT_CONSTRAINTS: [Constraint; 5] = [
    Constraint::EmailAddress,
    Constraint::Alphabetic,
    Constraint::Alphanumeric,
    Constraint::UnicodeLetters,
    Constraint::UnicodePrintable,
];

#[derive(Default)]
pub(super) struct Node {
    nulls: usize,
    booleans: usize,
    integers: usize,
    decimals: usize,
    strings: usize,
    /// Texts that read as these.
    dates: usize,
    date_times: usize,
    addresses: usize,
    uuids: usize,
    longest: usize,
    /// By [`TEXT_CONSTRAINTS`]: how many texts break it.
    breaking: [usize; TEXT_CONSTRAINTS.len()],
    /// Texts with a NUL, which no password may have.
    with_nul: usize,
    /// Objects that are hashes of passwords.
    hashes: usize,
    /// Other objects.
    pub(super) objects: usize,
    arrays: usize,
    /// Elements of arrays that are objects.
    element_objects: usize,
    /// Elements that are texts.
    pub(super) texts: Option<Box<Node>>,
    /// Elements of all arrays that can be a plural's.
    pub(super) elements: usize,
    /// Elements that cannot.
    odd_elements: usize,
    /// Members of objects and of elements.
    pub(super) members: IndexMap<String, Node>,
    /// Whether an object had more members than are told apart, or was too deep.
    untold: bool,
    /// Hashes of the values, to count different ones.
    keys: HashSet<u64>,
    examples: Vec<String>,
    /// Lists with at least two elements in which this member was looked at.
    pub(super) lists: usize,
    /// Whether two elements of one list had the same value.
    pub(super) repeats: bool,
}

impl Node {
    /// Learns from the members of a record, an object or an element. Depth is bounded by [`MAX_LEVELS`].
    pub(super) fn add_members(
        &mut self,
        members: &Object,
        path: &AttrPath,
        is_record: bool,
        now: Timestamp,
        seen: &mut Seen,
    ) {
        let in_plural = !is_record && self.element_objects > 0;
        for (name, value) in members {
            let reserved = if is_record {
                schema::is_reserved_name(name)
            } else {
                in_plural && name == "id"
            };
            if reserved {
                if seen.reserved.len() < MAX_ATTRIBUTES {
                    seen.reserved.insert(path.child(name.as_str()));
                }
                continue;
            }
            if !self.members.contains_key(name) {
                if !is_record && self.members.len() == MAX_MEMBERS {
                    self.untold = true;
                    return;
                }
                if seen.attributes == MAX_ATTRIBUTES {
                    seen.left_out += 1;
                    self.untold = true;
                    continue;
                }
                seen.attributes += 1;
            }
            let here = path.child(name.as_str());
            let node = self.members.entry(name.clone()).or_default();
            node.add(value, &here, now, seen);
        }
    }

    fn add(&mut self, value: &Json, path: &AttrPath, now: Timestamp, seen: &mut Seen) {
        match value {
            Json::Null => self.nulls += 1,
            Json::Bool(_) => self.booleans += 1,
            Json::Number(number) if number.as_i64().is_some() => self.integers += 1,
            Json::Number(_) => self.decimals += 1,
            Json::String(text) => self.add_text(text, now),
            Json::Object(_) if is_hash(value, now) => self.hashes += 1,
            Json::Object(members) => {
                self.objects += 1;
                if path.0.len() >= MAX_LEVELS {
                    self.untold = true;
                } else {
                    self.add_members(members, path, false, now, seen);
                }
            }
            Json::Array(items) => self.add_array(items, path, now, seen),
        }
        if let Some(key) = key(value) {
            self.keys.insert(key);
        }
        self.add_example(value);
    }

    fn add_text(&mut self, text: &str, now: Timestamp) {
        self.strings += 1;
        self.longest = self.longest.max(text.chars().count());
        for (broken, constraint) in self.breaking.iter_mut().zip(&TEXT_CONSTRAINTS) {
            *broken += usize::from(value::constraint_fault(text, constraint).is_some());
        }
        self.with_nul += usize::from(text.contains('\0'));
        match moment(text, now) {
            Some(Moment::Day) => self.dates += 1,
            Some(Moment::Instant) => self.date_times += 1,
            None => {
                let reads = |attr_type| reads(&text.into(), attr_type, now);
                self.addresses += usize::from(text.len() <= 15 && reads(AttrType::IpAddress));
                self.uuids += usize::from(text.len() == 36 && reads(AttrType::Uuid));
            }
        }
    }

    fn add_array(&mut self, items: &[Json], path: &AttrPath, now: Timestamp, seen: &mut Seen) {
        self.arrays += 1;
        if path.0.len() >= MAX_LEVELS {
            self.untold = true;
            return;
        }
        let mut lists: IndexMap<&str, (HashSet<u64>, usize)> = IndexMap::new();
        for item in items {
            match item {
                Json::Object(members) => {
                    self.elements += 1;
                    self.element_objects += 1;
                    self.add_members(members, path, false, now, seen);
                    for (name, value) in members {
                        if let Some(key) = key(value) {
                            let (keys, count) = lists.entry(name).or_default();
                            keys.insert(key);
                            *count += 1;
                        }
                    }
                }
                Json::String(_) => {
                    self.elements += 1;
                    let texts = self.texts.get_or_insert_default();
                    texts.add(item, &path.child("value"), now, seen);
                }
                _ => self.odd_elements += 1,
            }
        }
        if items.len() < 2 {
            return;
        }
        for (name, (keys, count)) in lists {
            if let Some(member) = self.members.get_mut(name) {
                member.lists += 1;
                member.repeats |= keys.len() < count;
            }
        }
    }

    fn add_example(&mut self, value: &Json) {
        let text = match value {
            Json::String(text) => text.chars().take(EXAMPLES.1 + 1).collect(),
            Json::Number(number) => number.as_str().chars().take(EXAMPLES.1 + 1).collect(),
            Json::Bool(value) => value.to_string(),
            Json::Null | Json::Array(_) | Json::Object(_) => return,
        };
        let text = if text.chars().count() > EXAMPLES.1 {
            text.chars().take(EXAMPLES.1 - 1).chain(['…']).collect()
        } else {
            text
        };
        if self.examples.len() < EXAMPLES.0 && !self.examples.contains(&text) {
            self.examples.push(text);
        }
    }

    /// How many values there were, null not among them.
    pub(super) fn values(&self) -> usize {
        let numbers = self.integers + self.decimals;
        self.booleans + numbers + self.strings + self.hashes + self.objects + self.arrays
    }

    /// How many different values; `None` when there were some that are not compared.
    pub(super) fn distinct(&self) -> Option<usize> {
        let compared = self.booleans + self.integers + self.decimals + self.strings;
        (compared == self.values()).then_some(self.keys.len())
    }

    /// Whether nobody should see the values.
    pub(super) fn is_secret(&self, name: &str) -> bool {
        self.hashes > 0 || redact::is_secret_name(name, &[])
    }

    /// The type that all values have, and why.
    pub(super) fn decide(&self, name: &str, level: usize) -> (AttrType, String) {
        let values = self.values();
        let all = |count: usize| count == values;
        let named_password = name.to_ascii_lowercase().ends_with("password");
        let could_be_password = values == self.hashes + self.strings && self.with_nul == 0;
        if could_be_password && (named_password || self.hashes > 0) {
            let why = if self.hashes > 0 {
                format!("{} of {values} are hashes of passwords", self.hashes)
            } else {
                "its name says that it is a password".to_owned()
            };
            return (AttrType::Password(PASSWORD.to_owned()), why);
        }
        if values == 0 {
            let why = "no value was ever given: text for want of anything else";
            return (self.as_string(), why.to_owned());
        }
        if all(self.booleans) {
            return (
                AttrType::Boolean,
                of_all(values, "true or false", "true or false"),
            );
        }
        if all(self.integers) {
            return (
                AttrType::Integer,
                of_all(values, "a whole number", "whole numbers"),
            );
        }
        if all(self.integers + self.decimals) {
            let why = format!("{} of {values} are no whole numbers", self.decimals);
            return (AttrType::Decimal, why);
        }
        if all(self.strings) {
            return self.decide_text();
        }
        if all(self.objects) {
            return self.decide_container(AttrType::Object(Vec::new()), level);
        }
        if all(self.arrays) {
            return self.decide_container(AttrType::Plural(Vec::new()), level);
        }
        let kinds: Vec<String> = self
            .seen()
            .into_iter()
            .filter(|(kind, _)| *kind != "null")
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        (
            AttrType::Json,
            format!("the values are of several kinds: {}", kinds.join(", ")),
        )
    }

    fn decide_text(&self) -> (AttrType, String) {
        let all = self.strings;
        if self.addresses == all {
            return (
                AttrType::IpAddress,
                of_all(all, "an IPv4 address", "IPv4 addresses"),
            );
        }
        if self.dates == all {
            return (AttrType::Date, of_all(all, "a date", "dates"));
        }
        if self.dates + self.date_times == all {
            return (
                AttrType::DateTime,
                of_all(all, "a date with a time", "dates with a time"),
            );
        }
        let longest = counted(self.longest, "character");
        let mut why = match length(self.longest) {
            _ if self.longest == 0 => "all texts are empty: the least usual length".to_owned(),
            Some(length) => format!("the longest has {longest}: rounded up to {length}"),
            None => format!("the longest has {longest}: no limit"),
        };
        if self.uuids == all {
            why = format!("all look like uuids; {why}");
        }
        let moments = self.dates + self.date_times;
        for (count, what) in [(moments, "dates"), (self.addresses, "IPv4 addresses")] {
            if count * 2 > all {
                why = format!(
                    "{count} of {all} are {what}, {} are not; {why}",
                    all - count
                );
            }
        }
        (self.as_string(), why)
    }

    fn decide_container(&self, attr_type: AttrType, level: usize) -> (AttrType, String) {
        let json = |why: String| (AttrType::Json, why);
        let is_plural = matches!(attr_type, AttrType::Plural(_));
        if self.untold {
            let why = if level >= MAX_LEVELS {
                format!("it holds more, {MAX_LEVELS} levels deep")
            } else {
                "it has more members than attributes are made of".to_owned()
            };
            return json(why);
        }
        if is_plural && self.odd_elements > 0 {
            let odd = counted(self.odd_elements, "element");
            return json(format!("neither objects nor texts: {odd}"));
        }
        if is_plural && self.texts.is_some() && self.element_objects > 0 {
            return json("some elements are objects, some are texts".to_owned());
        }
        if self.members.is_empty() && self.texts.is_none() {
            return json("it was always empty: what is in it cannot be told".to_owned());
        }
        let why = if is_plural {
            let elements = counted(self.elements, "element");
            format!("{elements} in {}", counted(self.arrays, "list"))
        } else {
            of_all(self.objects, "an object", "objects")
        };
        (attr_type, why)
    }

    /// Text of the usual size that is long enough for all that was seen.
    pub(super) fn as_string(&self) -> AttrType {
        AttrType::String {
            length: if self.strings == 0 {
                None
            } else {
                length(self.longest)
            },
            case_sensitive: true,
        }
    }

    /// Which other types all values have as well.
    pub(super) fn alternatives(&self, chosen: &AttrType) -> Vec<AttrType> {
        let texts = self.strings > 0 && self.strings == self.values();
        let mut other = Vec::new();
        if *chosen == AttrType::Date {
            other.push(AttrType::DateTime);
        }
        if *chosen == AttrType::DateTime {
            other.push(AttrType::Date);
        }
        if *chosen == AttrType::Integer {
            other.push(AttrType::Decimal);
        }
        if texts && !matches!(chosen, AttrType::String { .. }) {
            other.push(self.as_string());
        }
        if *chosen != AttrType::Json {
            other.push(AttrType::Json);
        }
        other
    }

    /// The constraints that every text obeys; of several that say the same, the strictest.
    pub(super) fn text_constraints(&self) -> Vec<Constraint> {
        if self.strings == 0 || self.longest == 0 {
            return Vec::new();
        }
        let holds = |constraint: &Constraint| {
            let place = TEXT_CONSTRAINTS.iter().position(|one| one == constraint);
            place.is_some_and(|place| self.breaking[place] == 0)
        };
        let mut held: Vec<Constraint> = TEXT_CONSTRAINTS.into_iter().filter(holds).collect();
        if held.contains(&Constraint::Alphabetic) {
            held.retain(|one| {
                !matches!(one, Constraint::Alphanumeric | Constraint::UnicodeLetters)
            });
        }
        held
    }

    /// What the values were, with counts.
    fn seen(&self) -> Vec<(&'static str, usize)> {
        let plain = self.strings - self.dates - self.date_times - self.addresses - self.uuids;
        let mut seen = vec![
            ("null", self.nulls),
            ("boolean", self.booleans),
            ("integer", self.integers),
            ("decimal", self.decimals),
            ("string", plain),
            ("date", self.dates),
            ("dateTime", self.date_times),
            ("ipAddress", self.addresses),
            ("uuid", self.uuids),
            ("password", self.hashes),
            ("object", self.objects),
            ("array", self.arrays),
        ];
        seen.retain(|(_, count)| *count > 0);
        seen.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        seen
    }

    pub(super) fn evidence(&self, of: usize, decision: String) -> Evidence {
        Evidence {
            of,
            values: self.values(),
            nulls: self.nulls,
            distinct: self.distinct(),
            longest: (self.strings > 0).then_some(self.longest),
            examples: self.examples.clone(),
            seen: self.seen(),
            decision,
        }
    }
}

fn of_all(count: usize, one: &str, many: &str) -> String {
    if count == 1 {
        format!("the only value is {one}")
    } else {
        format!("all {count} are {many}")
    }
}

/// The usual length that is enough; `None` when none is.
fn length(longest: usize) -> Option<u32> {
    LENGTHS
        .into_iter()
        .find(|length| longest <= *length as usize)
}

fn reads(json: &Json, attr_type: AttrType, now: Timestamp) -> bool {
    value::read(json, &AttrDef::new("value", attr_type), now).is_ok()
}

/// Whether an object is a password's hash, as it is imported or as the service shows it. It is never looked into.
fn is_hash(json: &Json, now: Timestamp) -> bool {
    let hash = json
        .get("password")
        .filter(|inner| inner.as_object().is_some());
    let type_name = hash.unwrap_or(json).get("type").and_then(Json::as_str);
    type_name.is_some_and(|name| matches!(AttrType::from_name(name), AttrType::Password(_)))
        && reads(json, AttrType::Password(PASSWORD.to_owned()), now)
}

enum Moment {
    Day,
    Instant,
}

/// Whether a text is meant as a date. The service reads more as one than people mean: `may`, `6pm`, `20250106`. So
/// enough digits for a year, month and day are asked for, or a month's name, and something between them.
fn moment(text: &str, now: Timestamp) -> Option<Moment> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let separators = text.bytes().filter(|byte| b"-/., ".contains(byte)).count();
    let is_meant = digits >= 6 && separators >= 2 || digits >= 5 && letters >= 3 && separators >= 1;
    if text.len() > 64 || !is_meant {
        return None;
    }
    let at = date::parse_utc(text, now).ok()?;
    let day = date::parse_date(text, now).ok()?;
    let only_day = !text.contains(':') && at == day.at(0, 0, 0, 0);
    Some(if only_day {
        Moment::Day
    } else {
        Moment::Instant
    })
}

/// What two equal values share, and different ones practically never; `None` for null and for what is not compared.
fn key(json: &Json) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    match json {
        Json::String(text) => text.hash(&mut hasher),
        Json::Number(number) => number.hash(&mut hasher),
        Json::Bool(value) => value.hash(&mut hasher),
        Json::Null | Json::Array(_) | Json::Object(_) => return None,
    }
    Some(hasher.finish())
}
