//! What data validation rules (reference 3.2) do with values: changing a caller's attributes before they are checked
//! against the schema, and checking what is to be stored. Used by the operations on records; what there is for rules, and
//! reading their definitions, is in `capture::schema::rule`.
//!
//! ```text
//! definition ─read─▶ Rule ─┐
//!                          ├▶ RuleSet ─ transform ─▶ caller's JSON: default, ignore-update, truncate, to-lower, to-upper
//! attributes ──────────────┘          └ check ─────▶ normalised JSON: everything else; the first violation is code 360
//! ```
//!
//! Rules that change a value run before those that check one, whatever their order (documented). A rule on an attribute
//! that the given schema does not have does nothing: hidden by an access schema, it is neither filled nor required.
//! Deliberately absent: the store, and `unique` over several attributes, which needs other records.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::path::Segment;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::rule::Rule;
use crate::capture::validate::Violation;
use crate::capture::validate::shorthand;
use crate::capture::value;
use crate::capture::value::date;

impl Rule {
    /// What it says of a canonical value; null stands for absence.
    fn judge(&self, value: &Json, now: Timestamp) -> Verdict {
        let on_text = |holds: &dyn Fn(&str) -> bool| match value {
            Json::String(text) => Verdict::of(holds(text)),
            _ => Verdict::Unknown,
        };
        match self {
            Self::Match(pattern) => on_text(&|text| pattern.is_match(text)),
            Self::MatchAll(pattern, _) => on_text(&|text| pattern.is_match(text)),
            Self::MinLength(least) => on_text(&|text| text.chars().count() >= *least),
            Self::MaxLength(most) => on_text(&|text| text.chars().count() <= *most),
            Self::LessThan(bound) => match value {
                Json::Number(number) => Verdict::of(is_less(number, bound)),
                _ => Verdict::Unknown,
            },
            Self::GreaterThan(bound) => match value {
                Json::Number(number) => Verdict::of(is_less(bound, number)),
                _ => Verdict::Unknown,
            },
            Self::MinAge(years) => match value.as_str().map(|text| date::parse_date(text, now)) {
                Some(Ok(day)) => Verdict::of(full_years(day, now) >= *years),
                _ => Verdict::Unknown,
            },
            Self::Required => Verdict::of(!value.is_null()),
            Self::Default(_)
            | Self::IgnoreUpdate
            | Self::Truncate(_)
            | Self::ToLower
            | Self::ToUpper => Verdict::Holds,
            Self::And(rules) => {
                rules
                    .iter()
                    .map(|rule| rule.judge(value, now))
                    .fold(Verdict::Holds, |all, one| match (all, one) {
                        (Verdict::Broken, _) | (_, Verdict::Broken) => Verdict::Broken,
                        (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
                        (Verdict::Holds, Verdict::Holds) => Verdict::Holds,
                    })
            }
            Self::Or(rules) => {
                rules
                    .iter()
                    .map(|rule| rule.judge(value, now))
                    .fold(Verdict::Broken, |any, one| match (any, one) {
                        (Verdict::Holds, _) | (_, Verdict::Holds) => Verdict::Holds,
                        (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
                        (Verdict::Broken, Verdict::Broken) => Verdict::Broken,
                    })
            }
            Self::Not(inner) => match inner.judge(value, now) {
                Verdict::Holds => Verdict::Broken,
                Verdict::Unknown => Verdict::Unknown,
                Verdict::Broken => Verdict::Holds,
            },
        }
    }

    /// The first demand that a value breaks: of an `and` the part, of the others the whole.
    fn broken(&self, value: &Json, now: Timestamp) -> Option<&Self> {
        match self {
            Self::And(rules) => rules.iter().find_map(|rule| rule.broken(value, now)),
            rule => matches!(rule.judge(value, now), Verdict::Broken).then_some(rule),
        }
    }
}

/// What a rule says of a value. Our choice, as for SQL's constraints: all checks but `required` know nothing of null, and
/// what is not known does not break a rule.
#[derive(Clone, Copy)]
enum Verdict {
    Holds,
    Unknown,
    Broken,
}

impl Verdict {
    fn of(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Broken }
    }
}

/// Whether `a` is less than `b`: exactly for whole numbers of 64 bits, otherwise as binary fractions.
fn is_less(a: &Number, b: &Number) -> bool {
    if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64()) {
        return a < b;
    }
    let fraction = |number: &Number| number.as_str().parse::<f64>().unwrap_or(f64::NAN);
    fraction(a) < fraction(b)
}

/// Full years from `day` to the day that `now` is in UTC; who is born on 29 February has their day on 1 March in other
/// years. Negative for a day in the future.
fn full_years(day: Date, now: Timestamp) -> i64 {
    let today = TimeZone::UTC.to_datetime(now).date();
    let years = i64::from(today.year()) - i64::from(day.year());
    if (today.month(), today.day()) < (day.month(), day.day()) {
        years - 1
    } else {
        years
    }
}

/// The rules of an entity type, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuleSet(Vec<(Vec<AttrPath>, Rule)>);

impl RuleSet {
    /// Rules with the attributes that each is about.
    pub(crate) fn new(rules: Vec<(Vec<AttrPath>, Rule)>) -> Self {
        Self(rules)
    }

    /// Whether there is nothing to do, so that a caller's JSON need not be copied.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lets the rules that change values change `attributes`, a caller's JSON for what is `at`: the record, or the value
    /// that `attribute_name` addresses, its path spelt out by names. Of what does not fit the schema nothing is touched.
    ///
    /// `whole` for create and replace, where what is absent counts as null; otherwise it is an update, and rules only act
    /// on what is mentioned. `old` is what is stored `at` that place now, `None` on create.
    ///
    /// Our choice: `default` fills in what is absent or null on create and replace, and in new and replaced elements of
    /// plurals; it makes an object that is absent. `ignore-update` silently keeps the old value, unless that is null,
    /// `[]` or an object of those; it also keeps what is addressed inside the attribute. An `or` stands for its first
    /// alternative whose checks the value passes after that alternative's changes.
    pub(crate) fn transform(
        &self,
        attributes: &mut Json,
        at: &AttrPath,
        schema: &EntityType,
        whole: bool,
        old: Option<&Json>,
        now: Timestamp,
    ) {
        let Some(standing) = Standing::new(at, schema) else {
            return;
        };
        for (path, rule) in self.each().filter(|(_, rule)| rule.changes()) {
            let change = Change {
                rule,
                now,
                fills: whole,
                merges: !whole,
                keeps_ids: !whole,
            };
            match Target::new(path, at) {
                Target::Below(rest) => change.addressed(attributes, standing, rest, old),
                Target::Above if rule.ignores_updates() => {
                    if let Some(old) = old.filter(|old| is_set(old)) {
                        *attributes = change.unchanged(standing, old);
                    }
                }
                Target::Above | Target::Apart => {}
            }
        }
    }

    /// The first violation of a checking rule in `normal`, which is normalised and stands `at` that place: code 360.
    /// With `whole`, what is absent counts as null; otherwise rules only look at what is mentioned.
    pub(crate) fn check(
        &self,
        normal: &Json,
        at: &AttrPath,
        schema: &EntityType,
        now: Timestamp,
        whole: bool,
    ) -> Result<(), ApiError> {
        let Some(standing) = Standing::new(at, schema) else {
            return Ok(());
        };
        for (path, rule) in self.each().filter(|(_, rule)| !rule.is_silent()) {
            let Target::Below(rest) = Target::new(path, at) else {
                continue;
            };
            let check = Check { rule, now };
            match standing {
                Standing::Members(defs) => check.members(Some(normal), defs, rest, at, whole),
                Standing::Attribute(def) => check.attribute(Some(normal), def, rest, at, whole),
            }
            .map_err(|violation| refusal(&violation))?;
        }
        Ok(())
    }

    fn each(&self) -> impl Iterator<Item = (&AttrPath, &Rule)> {
        self.0
            .iter()
            .flat_map(|(paths, rule)| paths.iter().map(move |path| (path, rule)))
    }
}

/// A broken rule as an error. The service's words for it are not known: ours tell the element, too, since nothing else in
/// the answer does.
fn refusal(violation: &Violation) -> ApiError {
    let path = violation.path.slashed_with_places();
    ApiError::new(violation.code, format!("{path}: {}", violation.reason))
}

/// What a call's attributes are about.
#[derive(Clone, Copy)]
enum Standing<'a> {
    /// A record or one element of a plural.
    Members(&'a [AttrDef]),
    Attribute(&'a AttrDef),
}

impl<'a> Standing<'a> {
    fn new(at: &AttrPath, schema: &'a EntityType) -> Option<Self> {
        let Some(last) = at.0.last() else {
            return Some(Self::Members(&schema.attr_defs));
        };
        let def = schema.get(at)?;
        Some(match (last.element, &def.attr_type) {
            (Some(_), AttrType::Plural(inner)) => Self::Members(inner),
            _ => Self::Attribute(def),
        })
    }
}

/// Where a rule's attribute is, seen from what a call is about.
enum Target<'a> {
    /// There, or this way below it.
    Below(&'a [Segment]),
    /// Around it.
    Above,
    Apart,
}

impl<'a> Target<'a> {
    fn new(path: &'a AttrPath, at: &AttrPath) -> Self {
        let pairs = path.0.iter().zip(&at.0);
        let same = pairs
            .take_while(|(one, other)| one.name == other.name)
            .count();
        let rest = &path.0[same..];
        let in_element = at.0.last().is_some_and(|last| last.element.is_some());
        if same < path.0.len().min(at.0.len()) {
            Self::Apart
        } else if rest.is_empty() && (same < at.0.len() || in_element) {
            Self::Above
        } else {
            Self::Below(rest)
        }
    }
}

/// Whether a stored value counts as set.
fn is_set(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Array(items) => !items.is_empty(),
        Json::Object(members) => members.values().any(is_set),
        Json::Bool(_) | Json::Number(_) | Json::String(_) => true,
    }
}

/// One rule on its way through a caller's JSON, in which `None` is what is absent.
#[derive(Clone, Copy)]
struct Change<'r> {
    rule: &'r Rule,
    now: Timestamp,
    /// Absent counts as null here.
    fills: bool,
    /// Absent leaves the stored value as it is.
    merges: bool,
    /// The ids of elements may be given.
    keeps_ids: bool,
}

impl Change<'_> {
    fn addressed(
        &self,
        attributes: &mut Json,
        standing: Standing<'_>,
        rest: &[Segment],
        old: Option<&Json>,
    ) {
        let mut slot = Some(std::mem::take(attributes));
        match standing {
            Standing::Members(defs) => self.record_or_element(&mut slot, defs, rest, old),
            Standing::Attribute(def) => self.attribute(&mut slot, def, rest, old),
        }
        *attributes = match (slot, old) {
            (Some(value), _) => value,
            (None, Some(old)) => self.unchanged(standing, old),
            (None, None) => Json::Null,
        };
    }

    /// What a call says that leaves `old` as it is.
    fn unchanged(&self, standing: Standing<'_>, old: &Json) -> Json {
        match standing {
            Standing::Members(_) if self.merges => Json::Object(Object::new()),
            Standing::Members(defs) => {
                let mut old = old.clone();
                drop_ids(&mut old, defs);
                if let Some(members) = old.as_object_mut() {
                    members.shift_remove("id");
                }
                old
            }
            Standing::Attribute(def) => match &def.attr_type {
                AttrType::Object(_) if self.merges => Json::Object(Object::new()),
                AttrType::Plural(_) if self.merges => Json::Array(Vec::new()),
                _ => self.old_value(old, def),
            },
        }
    }

    fn old_value(&self, old: &Json, def: &AttrDef) -> Json {
        let mut old = old.clone();
        if !self.keeps_ids {
            drop_ids_of(&mut old, def);
        }
        old
    }

    fn attribute(
        &self,
        value: &mut Option<Json>,
        def: &AttrDef,
        rest: &[Segment],
        old: Option<&Json>,
    ) {
        if rest.is_empty() {
            *value = self.apply(self.rule, value.take(), def, old);
            return;
        }
        match (&def.attr_type, &mut *value) {
            (AttrType::Object(inner), _) => self.members(value, inner, rest, old),
            (AttrType::Plural(inner), Some(Json::Array(items))) => {
                for item in items {
                    self.element(item, inner, rest, old);
                }
            }
            _ => {}
        }
    }

    fn members(
        &self,
        value: &mut Option<Json>,
        defs: &[AttrDef],
        rest: &[Segment],
        old: Option<&Json>,
    ) {
        let Some((first, rest)) = rest.split_first() else {
            return;
        };
        let Some(def) = defs.iter().find(|def| def.name == first.name) else {
            return;
        };
        let old = old.and_then(|old| old.get(&def.name));
        match value {
            Some(Json::Object(members)) => self.member(members, def, rest, old),
            Some(Json::Null) | None if self.fills => {
                let mut members = Object::new();
                self.member(&mut members, def, rest, old);
                if !members.is_empty() {
                    *value = Some(members.into());
                }
            }
            // An update that sets an object to null sets all its members.
            Some(Json::Null) => {
                let own = defs.iter().filter(|def| !def.is_reserved(false));
                let nulls: Object = own.map(|def| (def.name.clone(), Json::Null)).collect();
                let mut members = nulls.clone();
                self.member(&mut members, def, rest, old);
                if members != nulls {
                    *value = Some(members.into());
                }
            }
            _ => {}
        }
    }

    fn member(&self, members: &mut Object, def: &AttrDef, rest: &[Segment], old: Option<&Json>) {
        let mut slot = members.get_mut(&def.name).map(std::mem::take);
        self.attribute(&mut slot, def, rest, old);
        match slot {
            Some(value) => {
                members.insert(def.name.clone(), value);
            }
            None => {
                members.shift_remove(&def.name);
            }
        }
    }

    /// One element, whole in every mode: one with an id takes the place of a stored one, the others are new.
    fn element(
        &self,
        item: &mut Json,
        attr_defs: &[AttrDef],
        rest: &[Segment],
        stored: Option<&Json>,
    ) {
        let inside = Self {
            fills: true,
            merges: false,
            ..*self
        };
        let old = item.get("id").filter(|id| !id.is_null()).and_then(|id| {
            let mut elements = stored?.as_array()?.iter();
            elements.find(|old| old.get("id") == Some(id))
        });
        let mut slot = Some(std::mem::take(item));
        inside.record_or_element(&mut slot, attr_defs, rest, old);
        *item = slot.unwrap_or_default();
    }

    /// A record, or an element, which may be written as just a string. Null is neither.
    fn record_or_element(
        &self,
        value: &mut Option<Json>,
        attr_defs: &[AttrDef],
        rest: &[Segment],
        old: Option<&Json>,
    ) {
        match (&*value, shorthand(attr_defs), rest) {
            (Some(Json::String(_)), Some(def), [only]) if def.name == only.name => {
                let old = old.and_then(|old| old.get(&def.name));
                self.attribute(value, def, &[], old);
            }
            (Some(Json::Object(_)), _, _) => self.members(value, attr_defs, rest, old),
            _ => {}
        }
    }

    /// What `rule` makes of an attribute's value.
    fn apply(
        &self,
        rule: &Rule,
        value: Option<Json>,
        def: &AttrDef,
        old: Option<&Json>,
    ) -> Option<Json> {
        match (rule, value) {
            (Rule::Default(default), None | Some(Json::Null)) if self.fills => {
                Some(default.clone())
            }
            (Rule::IgnoreUpdate, value) => match old.filter(|old| is_set(old)) {
                None => value,
                Some(_) if self.merges => None,
                Some(old) => Some(self.old_value(old, def)),
            },
            (Rule::Truncate(most), Some(Json::String(text))) => {
                let end = text.char_indices().nth(*most).map(|(at, _)| at);
                Some(text[..end.unwrap_or(text.len())].into())
            }
            (Rule::ToLower, Some(Json::String(text))) => Some(text.to_lowercase().into()),
            (Rule::ToUpper, Some(Json::String(text))) => Some(text.to_uppercase().into()),
            (Rule::And(rules), value) => rules
                .iter()
                .fold(value, |value, rule| self.apply(rule, value, def, old)),
            (Rule::Or(rules), value) => {
                let mut outcomes = rules.iter().map(|rule| {
                    let changed = self.apply(rule, value.clone(), def, old);
                    self.passes(rule, changed.as_ref(), def).then_some(changed)
                });
                let first = outcomes.find_map(|outcome| outcome);
                first.unwrap_or(value)
            }
            (_, value) => value,
        }
    }

    /// Whether `rule` would let a value through that is not normalised yet.
    fn passes(&self, rule: &Rule, value: Option<&Json>, def: &AttrDef) -> bool {
        let canonical = value.map_or(Ok(Json::Null), |value| value::read(value, def, self.now));
        canonical.is_ok_and(|value| rule.broken(&value, self.now).is_none())
    }
}

/// Takes the ids out of the plural elements in `value`, which go where new ones are given.
fn drop_ids(value: &mut Json, defs: &[AttrDef]) {
    let Some(members) = value.as_object_mut() else {
        return;
    };
    for def in defs {
        if let Some(member) = members.get_mut(&def.name) {
            drop_ids_of(member, def);
        }
    }
}

fn drop_ids_of(value: &mut Json, def: &AttrDef) {
    match (&def.attr_type, value) {
        (AttrType::Object(inner), object) => drop_ids(object, inner),
        (AttrType::Plural(inner), Json::Array(elements)) => {
            for element in elements {
                drop_ids(element, inner);
                if let Some(members) = element.as_object_mut() {
                    members.shift_remove("id");
                }
            }
        }
        _ => {}
    }
}

/// One rule on its way through normalised JSON.
struct Check<'r> {
    rule: &'r Rule,
    now: Timestamp,
}

impl Check<'_> {
    fn attribute(
        &self,
        value: Option<&Json>,
        def: &AttrDef,
        rest: &[Segment],
        path: &AttrPath,
        whole: bool,
    ) -> Result<(), Violation> {
        match (&def.attr_type, value, rest) {
            (_, None, _) if !whole => Ok(()),
            (_, value, []) => self.value(value.unwrap_or(&Json::Null), path),
            (AttrType::Object(inner), value, rest) => self.members(value, inner, rest, path, whole),
            (AttrType::Plural(inner), Some(Json::Array(elements)), rest) => {
                elements.iter().enumerate().try_for_each(|(place, one)| {
                    let id = one.get("id").and_then(Json::as_i64);
                    let path = path.element(id.map_or(Element::Index(place), Element::Id));
                    self.members(Some(one), inner, rest, &path, true)
                })
            }
            _ => Ok(()),
        }
    }

    fn members(
        &self,
        value: Option<&Json>,
        defs: &[AttrDef],
        rest: &[Segment],
        path: &AttrPath,
        whole: bool,
    ) -> Result<(), Violation> {
        let Some((first, rest)) = rest.split_first() else {
            return Ok(());
        };
        let Some(def) = defs.iter().find(|def| def.name == first.name) else {
            return Ok(());
        };
        let member = value.and_then(|value| value.get(&def.name));
        self.attribute(member, def, rest, &path.child(def.name.as_str()), whole)
    }

    fn value(&self, value: &Json, path: &AttrPath) -> Result<(), Violation> {
        match self.rule.broken(value, self.now) {
            None => Ok(()),
            Some(broken) => Err(Violation {
                path: path.clone(),
                code: ErrorCode::CONSTRAINT_VIOLATION,
                reason: format!("must {}", broken.demand()),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
