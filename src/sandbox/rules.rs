//! Data validation rules (reference 3.2): reading a definition, changing a caller's attributes before they are checked
//! against the schema, and checking what is to be stored. Used by the operations on rules and on records.
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
use regex::Regex;
use regex::RegexBuilder;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::json::Object;
use crate::capture::path::AttrPath;
use crate::capture::path::Element;
use crate::capture::path::Segment;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::validate::Violation;
use crate::capture::validate::shorthand;
use crate::capture::value;
use crate::capture::value::date;

/// How deep `and`, `or` and `not` may stand in each other. Our choice.
const DEEPEST: usize = 8;

/// The most rules in one definition, `and`, `or` and `not` included. Our choice.
const MOST_RULES: usize = 64;

/// The longest regular expression, in characters, and the memory it may compile to, in bytes. Our choice.
const LONGEST_PATTERN: usize = 1_000;
const LARGEST_PATTERN: usize = 1 << 20;

/// What a wrong definition is told.
const POSSIBLE: &str = "a rule is `required`, `ignore-update`, `to-lower` or `to-upper`, or an object with one member: \
    `match`, `match-all`, `min-length`, `max-length`, `less-than`, `greater-than`, `min-age`, `default` or `truncate` \
    with its argument, `and` or `or` with an array of rules, or `not` with a rule";

/// A rule, ready to be applied.
#[derive(Clone, Debug)]
pub(crate) enum Rule {
    /// Somewhere in the text.
    Match(Regex),
    /// The whole text; the expression is kept as it was given.
    MatchAll(Regex, String),
    MinLength(usize),
    MaxLength(usize),
    LessThan(Number),
    GreaterThan(Number),
    Required,
    MinAge(i64),
    Default(Json),
    IgnoreUpdate,
    Truncate(usize),
    ToLower,
    ToUpper,
    And(Vec<Rule>),
    Or(Vec<Rule>),
    Not(Box<Rule>),
}

/// Reads the `definition` of a rule on `attributes`: code 200 when it is not a rule or does not fit one of them, 223 for
/// an unknown attribute, 234 for a reserved one (our choice).
///
/// Beyond the documented types, `less-than` and `greater-than` also go with decimals, `min-age` with dateTimes, and
/// `default` takes any value that is not an object or array and fits the attribute (our choice).
pub(crate) fn read(
    definition: &Json,
    attributes: &[AttrPath],
    schema: &EntityType,
) -> Result<Rule, ApiError> {
    let rule = read_definition(definition)?;
    if attributes.is_empty() {
        let why = "it must name at least one attribute";
        return Err(ApiError::invalid_argument("attributes", why));
    }
    for path in attributes {
        let def = definition_of(path, schema)?;
        rule.check_fit(path, def)
            .map_err(|why| ApiError::invalid_argument("definition", &why))?;
    }
    Ok(rule)
}

/// Reads again a rule that was [`read`] and kept, with those of its `attributes` that it still fits: one may have been
/// removed since then, or made anew with another type.
pub(crate) fn reread(
    definition: &Json,
    attributes: &[AttrPath],
    schema: &EntityType,
) -> Result<(Vec<AttrPath>, Rule), ApiError> {
    let rule = read_definition(definition)?;
    let fits = |path: &&AttrPath| {
        definition_of(path, schema).is_ok_and(|def| rule.check_fit(path, def).is_ok())
    };
    let attributes = attributes.iter().filter(fits).cloned().collect();
    Ok((attributes, rule))
}

fn read_definition(definition: &Json) -> Result<Rule, ApiError> {
    let mut left = MOST_RULES;
    read_one(definition, 0, &mut left).map_err(|why| ApiError::invalid_argument("definition", &why))
}

fn definition_of<'a>(path: &AttrPath, schema: &'a EntityType) -> Result<&'a AttrDef, ApiError> {
    let refused = |code, reason: &str| {
        let violation = Violation {
            path: path.definition(),
            code,
            reason: reason.to_owned(),
        };
        violation.to_api_error()
    };
    let def = schema
        .get(path)
        .ok_or_else(|| refused(ErrorCode::UNKNOWN_ATTRIBUTE, ""))?;
    if def.is_reserved(path.0.len() == 1) {
        let why = "the service alone sets it, so that no rule is needed";
        return Err(refused(ErrorCode::RESERVED_ATTRIBUTE, why));
    }
    Ok(def)
}

fn read_one(definition: &Json, depth: usize, left: &mut usize) -> Result<Rule, String> {
    if depth > DEEPEST {
        return Err(format!("rules stand at most {DEEPEST} deep in each other"));
    }
    *left = left
        .checked_sub(1)
        .ok_or_else(|| format!("it must not have more than {MOST_RULES} rules"))?;
    match definition {
        Json::String(name) => match name.as_str() {
            "required" => Ok(Rule::Required),
            "ignore-update" => Ok(Rule::IgnoreUpdate),
            "to-lower" => Ok(Rule::ToLower),
            "to-upper" => Ok(Rule::ToUpper),
            _ => Err(POSSIBLE.to_owned()),
        },
        Json::Object(members) => match members.iter().next() {
            Some((name, argument)) if members.len() == 1 => {
                read_with_argument(name, argument, depth, left)
            }
            _ => Err(POSSIBLE.to_owned()),
        },
        _ => Err(POSSIBLE.to_owned()),
    }
}

fn read_with_argument(
    name: &str,
    argument: &Json,
    depth: usize,
    left: &mut usize,
) -> Result<Rule, String> {
    let expected = |what: &str| {
        let kind = value::kind_with_article(argument);
        format!("`{name}` needs {what}, not {kind}")
    };
    let count = || {
        let count = argument
            .as_i64()
            .and_then(|count| u32::try_from(count).ok());
        count
            .map(|count| count as usize)
            .ok_or_else(|| expected("a whole number from 0 to 4294967295"))
    };
    let number = || match argument {
        Json::Number(number) => Ok(number.clone()),
        _ => Err(expected("a number")),
    };
    let pattern = || {
        let pattern = argument.as_str();
        pattern.ok_or_else(|| expected("a regular expression in a string"))
    };
    let mut rules = || {
        let rules = argument.as_array().filter(|rules| !rules.is_empty());
        rules
            .ok_or_else(|| expected("an array of at least one rule"))?
            .iter()
            .map(|rule| read_one(rule, depth + 1, left))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(match name {
        "match" => Rule::Match(compile(name, pattern()?, None)?),
        "match-all" => {
            let whole = format!(r"\A(?:{})\z", pattern()?);
            Rule::MatchAll(
                compile(name, pattern()?, Some(&whole))?,
                pattern()?.to_owned(),
            )
        }
        "min-length" => Rule::MinLength(count()?),
        "max-length" => Rule::MaxLength(count()?),
        "truncate" => Rule::Truncate(count()?),
        "min-age" => Rule::MinAge(i64::try_from(count()?).unwrap_or(i64::MAX)),
        "less-than" => Rule::LessThan(number()?),
        "greater-than" => Rule::GreaterThan(number()?),
        "default" => match argument {
            Json::String(_) | Json::Number(_) | Json::Bool(_) => Rule::Default(argument.clone()),
            _ => return Err(expected("a string, a number, true or false")),
        },
        "and" => Rule::And(rules()?),
        "or" => Rule::Or(rules()?),
        "not" => {
            let inner = read_one(argument, depth + 1, left)?;
            if inner.changes() {
                return Err("`not` cannot be said of a rule that changes the value".to_owned());
            }
            Rule::Not(Box::new(inner))
        }
        "required" | "ignore-update" | "to-lower" | "to-upper" => {
            return Err(format!("`{name}` has no argument: write it as a string"));
        }
        _ => return Err(POSSIBLE.to_owned()),
    })
}

/// `pattern`, or where it is given what `whole` makes of it, so that errors tell of the caller's own text. The `regex`
/// crate's language (our choice), whose search takes a time in proportion to the text; it has no look-around and no
/// back-references.
fn compile(name: &str, pattern: &str, whole: Option<&str>) -> Result<Regex, String> {
    if pattern.chars().count() > LONGEST_PATTERN {
        return Err(format!(
            "a regular expression has at most {LONGEST_PATTERN} characters"
        ));
    }
    let build = |pattern: &str| {
        RegexBuilder::new(pattern)
            .size_limit(LARGEST_PATTERN)
            .build()
    };
    let compiled = build(pattern).and_then(|alone| whole.map_or(Ok(alone), build));
    compiled.map_err(|error| {
        let text = error.to_string();
        let reason = match &error {
            regex::Error::CompiledTooBig(_) => "it is too large",
            // The text shows the expression and points into it; the last line is the reason.
            _ => text
                .lines()
                .next_back()
                .unwrap_or_default()
                .trim_start_matches("error: "),
        };
        format!("`{name}` needs a regular expression that can be used here: {reason}")
    })
}

impl Rule {
    /// Whether it, or a rule in it, changes values.
    fn changes(&self) -> bool {
        match self {
            Self::Default(_)
            | Self::IgnoreUpdate
            | Self::Truncate(_)
            | Self::ToLower
            | Self::ToUpper => true,
            Self::And(rules) | Self::Or(rules) => rules.iter().any(Self::changes),
            Self::Not(_)
            | Self::Match(_)
            | Self::MatchAll(..)
            | Self::MinLength(_)
            | Self::MaxLength(_)
            | Self::LessThan(_)
            | Self::GreaterThan(_)
            | Self::Required
            | Self::MinAge(_) => false,
        }
    }

    /// Whether it keeps an attribute's old value, whatever the value is.
    fn ignores_updates(&self) -> bool {
        match self {
            Self::IgnoreUpdate => true,
            Self::And(rules) => rules.iter().any(Self::ignores_updates),
            _ => false,
        }
    }

    /// Why it cannot be said of the attribute at `path`.
    fn check_fit(&self, path: &AttrPath, def: &AttrDef) -> Result<(), String> {
        let attr_type = &def.attr_type;
        let (name, fits, expected) = match self {
            Self::And(rules) | Self::Or(rules) => {
                return rules.iter().try_for_each(|rule| rule.check_fit(path, def));
            }
            Self::Not(inner) => return inner.check_fit(path, def),
            Self::Default(default) => return check_default(default, path, def),
            Self::Required | Self::IgnoreUpdate => return Ok(()),
            Self::Match(_) => ("match", is_text(attr_type), "a string"),
            Self::MatchAll(..) => ("match-all", is_text(attr_type), "a string"),
            Self::MinLength(_) => ("min-length", is_text(attr_type), "a string"),
            Self::MaxLength(_) => ("max-length", is_text(attr_type), "a string"),
            Self::Truncate(_) => ("truncate", is_text(attr_type), "a string"),
            Self::ToLower => ("to-lower", is_text(attr_type), "a string"),
            Self::ToUpper => ("to-upper", is_text(attr_type), "a string"),
            Self::LessThan(_) => ("less-than", is_number(attr_type), "an integer or decimal"),
            Self::GreaterThan(_) => (
                "greater-than",
                is_number(attr_type),
                "an integer or decimal",
            ),
            Self::MinAge(_) => ("min-age", is_date(attr_type), "a date or dateTime"),
        };
        if fits {
            return Ok(());
        }
        let (path, found) = (path.definition().slashed(), attr_type.name());
        Err(format!(
            "`{name}` is for an attribute that is {expected}, and {path} is of type {found}"
        ))
    }

    /// What it asks of a value, to follow the word "must".
    fn demand(&self) -> String {
        let characters = |count: &usize| match count {
            1 => "1 character".to_owned(),
            count => format!("{count} characters"),
        };
        let joined = |rules: &[Self], word: &str| {
            let demands: Vec<String> = rules
                .iter()
                .filter(|rule| !rule.is_silent())
                .map(Self::demand)
                .collect();
            demands.join(word)
        };
        match self {
            Self::Match(pattern) => format!("contain a match of {pattern}"),
            Self::MatchAll(_, pattern) => format!("match {pattern} as a whole"),
            Self::MinLength(count) => format!("have at least {}", characters(count)),
            Self::MaxLength(count) => format!("have at most {}", characters(count)),
            Self::LessThan(number) => format!("be less than {}", number.as_str()),
            Self::GreaterThan(number) => format!("be greater than {}", number.as_str()),
            Self::Required => "have a value".to_owned(),
            Self::MinAge(1) => "lie at least 1 year back".to_owned(),
            Self::MinAge(years) => format!("lie at least {years} years back"),
            Self::And(rules) => joined(rules, " and "),
            Self::Or(rules) => joined(rules, " or "),
            Self::Not(inner) => format!("not {}", inner.demand()),
            Self::Default(_)
            | Self::IgnoreUpdate
            | Self::Truncate(_)
            | Self::ToLower
            | Self::ToUpper => String::new(),
        }
    }

    /// Whether it only changes values and demands nothing.
    fn is_silent(&self) -> bool {
        match self {
            Self::And(rules) | Self::Or(rules) => rules.iter().all(Self::is_silent),
            rule => rule.changes(),
        }
    }

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

fn is_text(attr_type: &AttrType) -> bool {
    matches!(attr_type, AttrType::String { .. })
}

fn is_number(attr_type: &AttrType) -> bool {
    matches!(attr_type, AttrType::Integer | AttrType::Decimal)
}

fn is_date(attr_type: &AttrType) -> bool {
    matches!(attr_type, AttrType::Date | AttrType::DateTime)
}

/// A default must be a value of the attribute; passwords have none (our choice: it would be everybody's).
fn check_default(default: &Json, path: &AttrPath, def: &AttrDef) -> Result<(), String> {
    let path = path.definition().slashed();
    if matches!(def.attr_type, AttrType::Password(_)) {
        return Err(format!("`default` is not for passwords, and {path} is one"));
    }
    // What `today` means matters to no type.
    match value::read(default, def, Timestamp::UNIX_EPOCH) {
        Ok(_) => Ok(()),
        Err((_, reason)) => Err(format!("`default` must be a value of {path}: {reason}")),
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
