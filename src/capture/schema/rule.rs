//! Data validation rules (reference 3.2): what there are, reading a definition, and whether it fits the attributes that it
//! is said of. Used by the sandbox, which applies them, and wherever rules are shown and written. Deliberately absent:
//! what a rule does with a value.

use jiff::Timestamp;
use regex::Regex;
use regex::RegexBuilder;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::validate::Violation;
use crate::capture::value;

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
pub enum Rule {
    /// Somewhere in the text.
    Match(Regex),
    /// The whole text; the expression is kept as it was given.
    MatchAll(Regex, String),
    /// At least so many characters.
    MinLength(usize),
    /// At most so many characters.
    MaxLength(usize),
    /// A number below this one.
    LessThan(Number),
    /// A number above this one.
    GreaterThan(Number),
    /// A value must be there.
    Required,
    /// A day at least so many years back.
    MinAge(i64),
    /// This value where there is none.
    Default(Json),
    /// A value once set stays.
    IgnoreUpdate,
    /// Cut to so many characters.
    Truncate(usize),
    /// Made lower case.
    ToLower,
    /// Made upper case.
    ToUpper,
    /// All of these.
    And(Vec<Rule>),
    /// One of these.
    Or(Vec<Rule>),
    /// Anything but this.
    Not(Box<Rule>),
}

/// A kind of rule, as people choose it.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleKind {
    /// The protocol's word.
    pub name: &'static str,
    /// What it does with a value.
    pub does: &'static str,
    /// Of which attributes it can be said.
    pub suits: Suits,
    /// What stands beside its name.
    pub argument: Argument,
    /// Whether it changes values instead of judging them.
    pub changes: bool,
}

/// Of which attributes a rule can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suits {
    /// Strings.
    Text,
    /// Integers and decimals.
    Numbers,
    /// Dates and dateTimes.
    Days,
    /// Whatever has one value, but passwords.
    Plain,
    /// All.
    Any,
}

/// What stands beside a rule's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Nothing: the definition is the name.
    Nothing,
    /// A regular expression.
    Pattern,
    /// A whole number that is not negative.
    Count,
    /// A number.
    Number,
    /// A value of the attribute.
    Value,
    /// A rule, or an array of them.
    Rules,
}

const fn kind(
    name: &'static str,
    does: &'static str,
    suits: Suits,
    argument: Argument,
    changes: bool,
) -> RuleKind {
    RuleKind {
        name,
        does,
        suits,
        argument,
        changes,
    }
}

/// Every kind of rule, in the order of reference 3.2.
#[rustfmt::skip]
pub const KINDS: [RuleKind; 16] = [
    kind("match", "the pattern is found somewhere in it", Suits::Text, Argument::Pattern, false),
    kind("match-all", "the pattern matches it as a whole", Suits::Text, Argument::Pattern, false),
    kind("min-length", "at least so many characters", Suits::Text, Argument::Count, false),
    kind("max-length", "at most so many characters", Suits::Text, Argument::Count, false),
    kind("less-than", "below this number", Suits::Numbers, Argument::Number, false),
    kind("greater-than", "above this number", Suits::Numbers, Argument::Number, false),
    kind("required", "a value must be there", Suits::Any, Argument::Nothing, false),
    kind("min-age", "at least so many years back", Suits::Days, Argument::Count, false),
    kind("default", "filled in where there is no value", Suits::Plain, Argument::Value, true),
    kind("ignore-update", "once set, it silently stays as it is", Suits::Any, Argument::Nothing, true),
    kind("truncate", "cut to so many characters", Suits::Text, Argument::Count, true),
    kind("to-lower", "made lower case", Suits::Text, Argument::Nothing, true),
    kind("to-upper", "made upper case", Suits::Text, Argument::Nothing, true),
    kind("and", "several rules: all of them hold", Suits::Any, Argument::Rules, false),
    kind("or", "several rules: one of them holds", Suits::Any, Argument::Rules, false),
    kind("not", "the opposite of a rule that judges", Suits::Any, Argument::Rules, false),
];

impl Suits {
    /// The attributes in words, to follow "for an attribute that is".
    pub fn describe(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Numbers => "an integer or decimal",
            Self::Days => "a date or dateTime",
            Self::Plain => "a single value",
            Self::Any => "of any type",
        }
    }

    /// Whether it can be said of an attribute of this type.
    pub fn takes(self, attr_type: &AttrType) -> bool {
        match self {
            Self::Text => matches!(attr_type, AttrType::String { .. }),
            Self::Numbers => matches!(attr_type, AttrType::Integer | AttrType::Decimal),
            Self::Days => matches!(attr_type, AttrType::Date | AttrType::DateTime),
            Self::Plain => !matches!(
                attr_type,
                AttrType::Object(_) | AttrType::Plural(_) | AttrType::Password(_)
            ),
            Self::Any => true,
        }
    }
}

impl RuleKind {
    /// The kind with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// Why no rule of this kind can be said of the attribute at `path`.
    pub fn check_fit(&self, path: &AttrPath, def: &AttrDef) -> Result<(), String> {
        if self.suits.takes(&def.attr_type) {
            return Ok(());
        }
        let path = path.definition().slashed();
        if matches!(
            (self.suits, &def.attr_type),
            (Suits::Plain, AttrType::Password(_))
        ) {
            return Err(no_default_password(&path));
        }
        Err(format!(
            "`{}` is for an attribute that is {}, and {path} is of type {}",
            self.name,
            self.suits.describe(),
            def.attr_type.name()
        ))
    }
}

/// A definition in a line of words: `match-all [a-zA-Z]* and max-length 25`. What is no rule stays JSON.
pub fn in_words(definition: &Json) -> String {
    words(definition, 0)
}

fn words(definition: &Json, depth: usize) -> String {
    let Json::Object(members) = definition else {
        return match definition {
            Json::String(name) => name.clone(),
            other => other.to_string(),
        };
    };
    let (Some((name, argument)), 1, true) =
        (members.iter().next(), members.len(), depth <= DEEPEST)
    else {
        return definition.to_string();
    };
    match (name.as_str(), argument) {
        ("and" | "or", Json::Array(rules)) if !rules.is_empty() => {
            let parts: Vec<String> = rules.iter().map(|rule| words(rule, depth + 1)).collect();
            let joined = parts.join(&format!(" {name} "));
            if depth > 0 && parts.len() > 1 {
                format!("({joined})")
            } else {
                joined
            }
        }
        ("not", rule) => format!("not {}", words(rule, depth + 1)),
        ("default", value) => format!("default {value}"),
        (name, Json::String(text)) => format!("{name} {text}"),
        (name, value) => format!("{name} {value}"),
    }
}

/// Reads the `definition` of a rule on `attributes`: code 200 when it is not a rule or does not fit one of them, 223 for
/// an unknown attribute, 234 for a reserved one (our choice).
///
/// Beyond the documented types, `less-than` and `greater-than` also go with decimals, `min-age` with dateTimes, and
/// `default` takes any value that is not an object or array and fits the attribute (our choice).
pub fn read(
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
pub fn reread(
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
    Rule::from_json(definition).map_err(|why| ApiError::invalid_argument("definition", &why))
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
    let expected = |what: &str| match argument {
        // A number is told itself: that it is one is not what is wrong with it.
        Json::Number(number) => format!("`{name}` needs {what}, not {}", number.as_str()),
        Json::Array(items) if items.is_empty() => format!("`{name}` needs {what}: it is empty"),
        other => {
            let kind = value::kind_with_article(other);
            format!("`{name}` needs {what}, not {kind}")
        }
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
    /// Reads a definition, whatever it is said of. The error says why it is no rule.
    pub fn from_json(definition: &Json) -> Result<Self, String> {
        let mut left = MOST_RULES;
        read_one(definition, 0, &mut left)
    }

    /// Whether it, or a rule in it, changes values.
    pub fn changes(&self) -> bool {
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
    pub fn ignores_updates(&self) -> bool {
        match self {
            Self::IgnoreUpdate => true,
            Self::And(rules) => rules.iter().any(Self::ignores_updates),
            _ => false,
        }
    }

    /// What kind of rule it is.
    pub fn kind(&self) -> &'static RuleKind {
        let name = match self {
            Self::Match(_) => "match",
            Self::MatchAll(..) => "match-all",
            Self::MinLength(_) => "min-length",
            Self::MaxLength(_) => "max-length",
            Self::LessThan(_) => "less-than",
            Self::GreaterThan(_) => "greater-than",
            Self::Required => "required",
            Self::MinAge(_) => "min-age",
            Self::Default(_) => "default",
            Self::IgnoreUpdate => "ignore-update",
            Self::Truncate(_) => "truncate",
            Self::ToLower => "to-lower",
            Self::ToUpper => "to-upper",
            Self::And(_) => "and",
            Self::Or(_) => "or",
            Self::Not(_) => "not",
        };
        RuleKind::named(name).expect("a test looks up every name")
    }

    /// Why it cannot be said of the attribute at `path`.
    pub fn check_fit(&self, path: &AttrPath, def: &AttrDef) -> Result<(), String> {
        match self {
            Self::And(rules) | Self::Or(rules) => {
                rules.iter().try_for_each(|rule| rule.check_fit(path, def))
            }
            Self::Not(inner) => inner.check_fit(path, def),
            Self::Default(default) => check_default(default, path, def),
            rule => rule.kind().check_fit(path, def),
        }
    }

    /// What it asks of a value, to follow the word "must".
    pub fn demand(&self) -> String {
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
    pub fn is_silent(&self) -> bool {
        match self {
            Self::And(rules) | Self::Or(rules) => rules.iter().all(Self::is_silent),
            rule => rule.changes(),
        }
    }
}

fn no_default_password(path: &str) -> String {
    format!("`default` is not for passwords, and {path} is one")
}

/// A default must be a value of the attribute; passwords have none (our choice: it would be everybody's).
fn check_default(default: &Json, path: &AttrPath, def: &AttrDef) -> Result<(), String> {
    let path = path.definition().slashed();
    if matches!(def.attr_type, AttrType::Password(_)) {
        return Err(no_default_password(&path));
    }
    // What `today` means matters to no type.
    match value::read(default, def, Timestamp::UNIX_EPOCH) {
        Ok(_) => Ok(()),
        Err((_, reason)) => Err(format!("`default` must be a value of {path}: {reason}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_and_knows_its_name() {
        for kind in &KINDS {
            let argument = match kind.argument {
                Argument::Nothing => None,
                Argument::Pattern => Some(r#""a+""#),
                Argument::Count | Argument::Number | Argument::Value => Some("3"),
                Argument::Rules if kind.name == "not" => Some(r#""required""#),
                Argument::Rules => Some(r#"["required"]"#),
            };
            let text = argument.map_or_else(
                || format!(r#""{}""#, kind.name),
                |argument| format!(r#"{{"{}":{argument}}}"#, kind.name),
            );
            let rule = Rule::from_json(&Json::parse(&text).expect("is JSON"));
            let rule = rule.unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(rule.kind(), kind);
            assert_eq!(rule.changes(), kind.changes, "{text}");
        }
    }

    #[test]
    fn a_wrong_argument_is_told_by_what_is_wrong_with_it() {
        for (definition, told) in [
            (
                r#"{"max-length":-1}"#,
                "`max-length` needs a whole number from 0 to 4294967295, not -1",
            ),
            (
                r#"{"min-age":1.5}"#,
                "`min-age` needs a whole number from 0 to 4294967295, not 1.5",
            ),
            (
                r#"{"max-length":"9"}"#,
                "`max-length` needs a whole number from 0 to 4294967295, not a string",
            ),
            (
                r#"{"and":[]}"#,
                "`and` needs an array of at least one rule: it is empty",
            ),
            (
                r#"{"or":7}"#,
                "`or` needs an array of at least one rule, not 7",
            ),
            (
                r#"{"or":{}}"#,
                "`or` needs an array of at least one rule, not an object",
            ),
        ] {
            let definition = Json::parse(definition).expect("is JSON");
            let why = Rule::from_json(&definition).expect_err(told);
            assert_eq!(why, told);
        }
    }

    #[test]
    fn definitions_are_told_in_words() {
        for (definition, told) in [
            (r#""ignore-update""#, "ignore-update"),
            (
                r#"{"and":[{"match-all":"[a-zA-Z]*"},{"max-length":25}]}"#,
                "match-all [a-zA-Z]* and max-length 25",
            ),
            (
                r#"{"or":[{"not":{"match":"x"}},{"and":["required",{"min-age":18}]}]}"#,
                "not match x or (required and min-age 18)",
            ),
            (r#"{"default":"x"}"#, r#"default "x""#),
            (r#"{"future":{"a":1}}"#, r#"future {"a":1}"#),
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"b":2}"#),
            ("5", "5"),
        ] {
            let definition = Json::parse(definition).expect("is JSON");
            assert_eq!(in_words(&definition), told);
        }
    }
}
