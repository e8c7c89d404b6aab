//! When two records say the same: a number for each record that is the same for records that say the same, and where two
//! that do not differ.
//!
//! The order of members and of the elements of plurals does not matter, nor how a number or a date is spelled; null, what is
//! absent, an empty plural and an object of nothing else all say nothing. Inside `json` attributes everything counts but
//! the order of members. Of copies, which got ids and times of their own, those do not count (see [`Rules::of_copies`]).

use std::borrow::Cow;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::hash::Hasher;
use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::is_reserved_name;
use crate::capture::value::date;

/// How many differences of one record are told.
const MOST: usize = 50;

/// When records say the same.
#[derive(Clone)]
pub(super) struct Rules {
    schema: Option<Arc<EntityType>>,
    of_copies: bool,
    now: Timestamp,
    /// Nobody can choose records that get the same number.
    hasher: RandomState,
}

/// Where two records differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// Where, elements by their places in the first that has them.
    pub(super) path: AttrPath,
    /// What stands there in each; `None` where nothing does.
    pub(super) values: [Option<Json>; 2],
}

/// What a value is by the schema.
#[derive(Clone, Copy)]
enum As<'a> {
    /// A record, or the members of an object.
    Members(&'a [AttrDef], Holder),
    Plural(&'a [AttrDef]),
    Date,
    DateTime,
    /// What stands there counts as it is.
    Plain,
    /// JSON, or nothing.
    Json,
    /// Inside of JSON, where null is a value.
    Exact,
    /// Not known: what looks like a plural is one.
    Guess(Holder),
}

/// Whose members they are: what the service gives itself depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holder {
    Record,
    Element,
    Object,
}

impl Rules {
    /// For records of this type; without it, what looks like a plural is one.
    pub(super) fn new(schema: Option<Arc<EntityType>>, now: Timestamp) -> Self {
        Self {
            schema,
            of_copies: false,
            now,
            hasher: RandomState::new(),
        }
    }

    /// The same for copies: `id`, `uuid`, `created`, `lastUpdated` and the ids of elements do not count.
    #[must_use]
    pub(super) fn of_copies(mut self) -> Self {
        self.of_copies = true;
        self
    }

    /// A number that records which say the same share.
    pub(super) fn number(&self, record: &Json) -> u64 {
        self.sum(record, self.whole())
    }

    /// A number for a text.
    pub(super) fn number_of(&self, text: &str) -> u64 {
        self.mixed(0, text.as_bytes())
    }

    /// Where two records differ: at most [`MOST`] places.
    pub(super) fn differences(&self, one: &Json, other: &Json) -> Vec<Difference> {
        let mut found = Vec::new();
        self.compare(
            [Some(one), Some(other)],
            self.whole(),
            &AttrPath::root(),
            &mut found,
        );
        found.truncate(MOST);
        found
    }

    fn whole(&self) -> As<'_> {
        match &self.schema {
            Some(schema) => As::Members(&schema.attr_defs, Holder::Record),
            None => As::Guess(Holder::Record),
        }
    }

    fn counts(&self, name: &str, holder: Holder) -> bool {
        !self.of_copies
            || match holder {
                Holder::Record => !is_reserved_name(name),
                Holder::Element => name != "id",
                Holder::Object => true,
            }
    }

    fn mixed(&self, kind: u8, bytes: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u8(kind);
        hasher.write(bytes);
        hasher.finish()
    }

    fn mixed_numbers(&self, kind: u8, numbers: [u64; 2]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u8(kind);
        hasher.write_u64(numbers[0]);
        hasher.write_u64(numbers[1]);
        hasher.finish()
    }

    /// 0 for what says nothing. Recursion is bounded by the reader's limit.
    fn sum(&self, value: &Json, by: As<'_>) -> u64 {
        match value {
            Json::Null => match by {
                As::Exact => self.mixed(1, b""),
                _ => 0,
            },
            Json::Bool(value) => self.mixed(2, &[u8::from(*value)]),
            Json::Number(number) => self.mixed(3, normal(number.as_str()).as_bytes()),
            Json::String(text) => self.mixed(4, self.spelled(text, by).as_bytes()),
            Json::Array(items) => self.sum_items(items, by),
            Json::Object(members) => {
                let sums = members.iter().map(|(name, value)| {
                    let (inside, counts) = self.member(name, by);
                    let sum = if counts { self.sum(value, inside) } else { 0 };
                    match sum {
                        0 => 0,
                        sum => self.mixed_numbers(5, [self.number_of(name), sum]),
                    }
                });
                match (sums.fold(0, u64::wrapping_add), by) {
                    (0, As::Exact | As::Json) => self.mixed(6, b""),
                    (sum, _) => sum,
                }
            }
        }
    }

    fn sum_items(&self, items: &[Json], by: As<'_>) -> u64 {
        let inside = element_of(items, by);
        if items.is_empty() && !matches!(by, As::Exact | As::Json) {
            return 0;
        }
        match inside {
            Some(inside) => {
                let sums = items
                    .iter()
                    .map(|item| self.mixed_numbers(7, [1, self.sum(item, inside)]));
                self.mixed_numbers(7, [items.len() as u64, sums.fold(0, u64::wrapping_add)])
            }
            None => items.iter().fold(self.mixed(8, b""), |before, item| {
                self.mixed_numbers(8, [before, self.sum(item, As::Exact)])
            }),
        }
    }

    /// What a member is by the schema, and whether it counts.
    fn member<'a>(&self, name: &str, by: As<'a>) -> (As<'a>, bool) {
        match by {
            As::Members(defs, holder) => {
                let def = defs.iter().find(|def| def.name == name);
                let inside = def.map_or(As::Guess(Holder::Object), of_type);
                (inside, self.counts(name, holder))
            }
            As::Guess(holder) => (As::Guess(Holder::Object), self.counts(name, holder)),
            As::Exact | As::Json | As::Plain | As::Date | As::DateTime | As::Plural(_) => {
                (As::Exact, true)
            }
        }
    }

    /// A text as the service would spell it.
    fn spelled<'a>(&self, text: &'a str, by: As<'_>) -> Cow<'a, str> {
        let spelled = match by {
            As::Date => date::parse_date(text, self.now).ok().map(date::format_date),
            As::DateTime => {
                let at = date::parse_date_time(text, self.now).ok();
                at.map(date::format_date_time)
            }
            _ => None,
        };
        spelled.map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// Recursion is bounded by the reader's limit.
    fn compare(
        &self,
        both: [Option<&Json>; 2],
        by: As<'_>,
        path: &AttrPath,
        found: &mut Vec<Difference>,
    ) {
        let sums = both.map(|value| value.map_or(0, |value| self.sum(value, by)));
        if sums[0] == sums[1] || found.len() > MOST {
            return;
        }
        match both {
            [Some(Json::Object(one)), Some(Json::Object(other))] => {
                let only_other = other.keys().filter(|name| !one.contains_key(name));
                for name in one.keys().chain(only_other) {
                    let (inside, counts) = self.member(name, by);
                    if counts {
                        let values = [one.get(name), other.get(name)];
                        self.compare(values, inside, &path.child(name), found);
                    }
                }
            }
            [Some(Json::Array(one)), Some(Json::Array(other))] => {
                match element_of(one, by).or_else(|| element_of(other, by)) {
                    Some(inside) => self.compare_elements([one, other], inside, path, found),
                    None => found.push(difference(path, both)),
                }
            }
            _ => found.push(difference(path, both)),
        }
    }

    /// Elements that say the same belong together wherever they stand; then those with the same id, if ids count; then
    /// what is left, in order.
    fn compare_elements(
        &self,
        both: [&[Json]; 2],
        by: As<'_>,
        path: &AttrPath,
        found: &mut Vec<Difference>,
    ) {
        let mut left: [Vec<usize>; 2] = both.map(|items| (0..items.len()).collect());
        let sums = both.map(|items| {
            items
                .iter()
                .map(|item| self.sum(item, by))
                .collect::<Vec<_>>()
        });
        pair_off(&mut left, |one, other| sums[0][one] == sums[1][other]);
        if !self.of_copies {
            let id = |side: usize, place: usize| both[side][place].get("id").and_then(Json::as_i64);
            let pairs = pair_off(&mut left, |one, other| {
                id(0, one).is_some() && id(0, one) == id(1, other)
            });
            for (one, other) in pairs {
                let place = path.element(Element::Index(one));
                self.compare(
                    [Some(&both[0][one]), Some(&both[1][other])],
                    by,
                    &place,
                    found,
                );
            }
        }
        let most = left[0].len().max(left[1].len());
        for turn in 0..most {
            let places = [left[0].get(turn).copied(), left[1].get(turn).copied()];
            let place = places[0].or(places[1]).unwrap_or_default();
            let values = [0, 1].map(|side| places[side].and_then(|at| both[side].get(at)));
            let place = path.element(Element::Index(place));
            if values[0].is_none() || values[1].is_none() {
                // An element that says nothing is one all the same.
                found.push(difference(&place, values));
            } else {
                self.compare(values, by, &place, found);
            }
        }
    }
}

/// Takes away places that belong together, and gives them.
fn pair_off(
    left: &mut [Vec<usize>; 2],
    belong: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let [ones, others] = left;
    ones.retain(|one| {
        let Some(at) = others.iter().position(|other| belong(*one, *other)) else {
            return true;
        };
        pairs.push((*one, others.remove(at)));
        false
    });
    pairs
}

fn difference(path: &AttrPath, both: [Option<&Json>; 2]) -> Difference {
    Difference {
        path: path.clone(),
        values: both.map(Option::<&Json>::cloned),
    }
}

fn of_type(def: &AttrDef) -> As<'_> {
    match &def.attr_type {
        AttrType::Object(inner) => As::Members(inner, Holder::Object),
        AttrType::Plural(inner) => As::Plural(inner),
        AttrType::Date => As::Date,
        AttrType::DateTime => As::DateTime,
        AttrType::Json | AttrType::Password(_) | AttrType::Unknown(_) => As::Json,
        AttrType::String { .. }
        | AttrType::Boolean
        | AttrType::Integer
        | AttrType::Decimal
        | AttrType::IpAddress
        | AttrType::Id
        | AttrType::Uuid => As::Plain,
    }
}

/// What the elements of an array are when their order does not matter; `None` when it does.
fn element_of<'a>(items: &[Json], by: As<'a>) -> Option<As<'a>> {
    let is_object = |item: &Json| matches!(item, Json::Object(_));
    match by {
        As::Plural(inner) => Some(As::Members(inner, Holder::Element)),
        As::Guess(_) if items.iter().all(is_object) => Some(As::Guess(Holder::Element)),
        _ => None,
    }
}

/// A number in the one form that all its spellings share.
fn normal(text: &str) -> Cow<'_, str> {
    if !text.contains(['.', 'e', 'E']) && text != "-0" {
        return Cow::Borrowed(text);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    // A number whose exponent nobody can hold stays as it is spelled.
    let Ok(exponent) = exponent.parse::<i64>() else {
        return Cow::Borrowed(text);
    };
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let short = digits.trim_end_matches('0');
    if short.is_empty() {
        return Cow::Borrowed("0");
    }
    let zeros = (digits.len() - short.len()) as i64;
    let exponent = exponent
        .saturating_sub(fraction.len() as i64)
        .saturating_add(zeros);
    if (0..=64).contains(&exponent) {
        return Cow::Owned(format!("{sign}{short}{}", "0".repeat(exponent as usize)));
    }
    Cow::Owned(format!("{sign}{short}e{exponent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let text = r#"{"name":"t","attr_defs":[{"name":"id","type":"id"},{"name":"uuid","type":"uuid"},
            {"name":"n","type":"decimal"},{"name":"day","type":"date"},{"name":"at","type":"dateTime"},
            {"name":"o","type":"object","attr_defs":[{"name":"a","type":"string"},{"name":"b","type":"string"}]},
            {"name":"p","type":"plural","attr_defs":[{"name":"id","type":"id"},{"name":"v","type":"string"},
                {"name":"q","type":"plural","attr_defs":[{"name":"w","type":"string"}]}]},
            {"name":"j","type":"json"}]}"#;
        let (schema, _) = EntityType::from_json(&json(text)).expect("is one");
        Rules::new(Some(Arc::new(schema)), Timestamp::UNIX_EPOCH)
    }

    fn json(text: &str) -> Json {
        Json::parse(text).expect("is JSON")
    }

    fn told(rules: &Rules, one: &str, other: &str) -> Vec<String> {
        let (one, other) = (json(one), json(other));
        let found = rules.differences(&one, &other);
        assert_eq!(
            found.is_empty(),
            rules.number(&one) == rules.number(&other),
            "{one} {other}"
        );
        let text = |value: &Option<Json>| value.as_ref().map_or("-".to_owned(), Json::to_string);
        found
            .iter()
            .map(|one| {
                format!(
                    "{} {} {}",
                    one.path,
                    text(&one.values[0]),
                    text(&one.values[1])
                )
            })
            .collect()
    }

    #[test]
    fn records_that_say_the_same_are_the_same() {
        for (one, other) in [
            (
                r#"{"id":1,"n":1.50,"o":{"a":"x","b":null}}"#,
                r#"{"o":{"a":"x"},"n":15e-1,"id":1,"p":[]}"#,
            ),
            (r#"{"o":{"a":null,"b":null},"p":null}"#, "{}"),
            (r#"{"day":"2003-01-02"}"#, r#"{"day":"January 2, 2003"}"#),
            (
                r#"{"at":"2003-01-02 18:15:00 +0000"}"#,
                r#"{"at":"2003-01-02T11:15:00-07:00"}"#,
            ),
            (
                r#"{"p":[{"id":5,"v":"a"},{"id":6,"v":"b","q":[{"w":"1"},{"w":"2"}]}]}"#,
                r#"{"p":[{"v":"b","id":6,"q":[{"w":"2"},{"w":"1"}]},{"id":5,"v":"a"}]}"#,
            ),
            (
                r#"{"j":{"a":1,"b":[1,null]}}"#,
                r#"{"j":{"b":[1,null],"a":1}}"#,
            ),
            (r#"{"j":null}"#, "{}"),
        ] {
            assert_eq!(told(&rules(), one, other), [""; 0]);
        }
    }

    #[test]
    fn what_differs_is_named() {
        for (one, other, expected) in [
            (r#"{"n":1}"#, r#"{"n":1.01}"#, &["n 1 1.01"][..]),
            (r#"{"n":0}"#, "{}", &["n 0 -"]),
            (
                r#"{"o":{"a":"x"}}"#,
                r#"{"o":{"a":"y","b":""}}"#,
                &[r#"o.a "x" "y""#, r#"o.b - """#],
            ),
            (
                r#"{"p":[{"id":5,"v":"a"},{"id":6,"v":"b"}]}"#,
                r#"{"p":[{"id":6,"v":"c"},{"id":5,"v":"a"}]}"#,
                &[r#"p[1].v "b" "c""#],
            ),
            (
                r#"{"p":[{"id":5,"v":"a"}]}"#,
                r#"{"p":[{"id":5,"v":"a"},{"id":7,"v":"a"}]}"#,
                &[r#"p[1] - {"id":7,"v":"a"}"#],
            ),
            (r#"{"p":[{}]}"#, "{}", &["p [{}] -"]),
            (r#"{"p":[{}]}"#, r#"{"p":[{},{}]}"#, &["p[1] - {}"]),
            (r#"{"j":[1,2]}"#, r#"{"j":[2,1]}"#, &["j [1,2] [2,1]"]),
            (r#"{"j":{"a":null}}"#, r#"{"j":{}}"#, &["j.a null -"]),
            (r#"{"j":{}}"#, r#"{"j":[]}"#, &["j {} []"]),
            (r#"{"new":1}"#, r#"{"new":true}"#, &["new 1 true"]),
        ] {
            assert_eq!(told(&rules(), one, other), expected);
        }
    }

    #[test]
    fn copies_have_ids_of_their_own() {
        let copies = rules().of_copies();
        let one = r#"{"id":1,"uuid":"a","created":"x","p":[{"id":5,"v":"a"},{"id":6,"v":"b"}]}"#;
        let other = r#"{"id":2,"uuid":"b","created":"y","p":[{"id":9,"v":"b"},{"id":8,"v":"a"}]}"#;
        assert_eq!(told(&copies, one, other), [""; 0]);
        assert!(told(&rules(), one, other).len() > 3);
        let changed = other.replace("\"v\":\"a\"", "\"v\":\"z\"");
        assert_eq!(told(&copies, one, &changed), [r#"p[0].v "a" "z""#]);
    }

    #[test]
    fn without_a_schema_lists_of_objects_are_plurals() {
        let rules = Rules::new(None, Timestamp::UNIX_EPOCH);
        let one = r#"{"p":[{"id":5},{"id":6}],"w":["a","b"]}"#;
        assert_eq!(
            told(&rules, one, r#"{"w":["a","b"],"p":[{"id":6},{"id":5}]}"#),
            [""; 0]
        );
        assert_eq!(
            told(&rules, one, r#"{"w":["b","a"],"p":[{"id":6},{"id":5}]}"#).len(),
            1
        );
    }

    #[test]
    fn numbers_have_one_form() {
        for (text, form) in [
            ("1", "1"),
            ("1.0", "1"),
            ("100", "100"),
            ("1e2", "100"),
            ("1.50", "15e-1"),
            ("0.0015E1", "15e-3"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("0e9", "0"),
            ("-2.50", "-25e-1"),
            ("1e400", "1e400"),
            ("10e399", "1e400"),
            ("1e99999999999999999999", "1e99999999999999999999"),
        ] {
            assert_eq!(normal(text), form);
        }
    }
}
