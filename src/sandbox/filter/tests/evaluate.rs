//! A second reading of the language, made without SQL: it walks the tree over the record's JSON. Generated filters over
//! generated records must select the same records in both.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::DateTime;
use proptest::prelude::BoxedStrategy;
use proptest::prelude::Just;
use proptest::prelude::ProptestConfig;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::prelude::prop_oneof;
use proptest::prop_assert_eq;
use proptest::proptest;

use crate::capture::attr_type::AttrType;
use crate::capture::filter::parse::CompareOp;
use crate::capture::filter::parse::Expr;
use crate::capture::filter::parse::ExprKind;
use crate::capture::filter::parse::Literal;
use crate::capture::filter::parse::parse;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::value::date;
use crate::sandbox::filter::tests::Record;
use crate::sandbox::filter::tests::database;
use crate::sandbox::filter::tests::now;
use crate::sandbox::filter::tests::rich;
use crate::sandbox::filter::tests::select;

/// A value as it is compared.
#[derive(Clone, Debug)]
enum Worth {
    Nothing,
    Text(String),
    Truth(bool),
    Whole(i128),
    Float(f64),
    /// Microseconds since 1970.
    Time(i64),
}

/// One record, and the elements of plurals that a comparison is looking at.
#[derive(Clone)]
pub(super) struct View<'a> {
    schema: &'a EntityType,
    record: &'a Json,
    chosen: Vec<(String, &'a Json)>,
}

impl<'a> View<'a> {
    /// The whole record, no element chosen.
    pub(super) fn new(schema: &'a EntityType, record: &'a Json) -> Self {
        Self {
            schema,
            record,
            chosen: Vec::new(),
        }
    }

    fn def(&self, path: &AttrPath) -> &'a AttrDef {
        self.schema
            .get(path)
            .expect("generated filters know their attributes")
    }

    /// The outermost plural on the way to `path`, its last step apart, in which no element is chosen.
    fn closed_plural(&self, path: &AttrPath) -> Option<AttrPath> {
        (1..path.0.len())
            .map(|length| AttrPath(path.0[..length].to_vec()))
            .find(|above| {
                matches!(self.def(above).attr_type, AttrType::Plural(_))
                    && !self
                        .chosen
                        .iter()
                        .any(|(chosen, _)| *chosen == above.dotted())
            })
    }

    /// The value at `path` in the record and the chosen elements.
    fn get(&self, path: &AttrPath) -> &'a Json {
        let mut value = self.record;
        for length in 1..=path.0.len() {
            let above = AttrPath(path.0[..length].to_vec());
            value = value.get(&path.0[length - 1].name).unwrap_or(&Json::Null);
            if let Some((_, element)) = self
                .chosen
                .iter()
                .find(|(chosen, _)| *chosen == above.dotted())
            {
                value = element;
            }
        }
        value
    }

    /// Whether `holds` for any way to choose elements on the way to `paths`; as it is where there is no plural.
    fn any(&self, paths: &[&AttrPath], holds: &dyn Fn(&View) -> Option<bool>) -> Option<bool> {
        if !paths.iter().any(|path| self.is_in_plural(path)) {
            return holds(self);
        }
        Some(self.any_choice(paths, holds))
    }

    fn is_in_plural(&self, path: &AttrPath) -> bool {
        let unchosen = View {
            chosen: Vec::new(),
            ..self.clone()
        };
        unchosen.closed_plural(path).is_some()
    }

    fn any_choice(&self, paths: &[&AttrPath], holds: &dyn Fn(&View) -> Option<bool>) -> bool {
        let Some(plural) = paths.iter().find_map(|path| self.closed_plural(path)) else {
            return holds(self) == Some(true);
        };
        let elements = self.get(&plural).as_array().unwrap_or_default();
        elements.iter().any(|element| {
            let mut view = self.clone();
            view.chosen.push((plural.dotted(), element));
            view.any_choice(paths, holds)
        })
    }

    /// Whether the record meets the filter; `None` where that is unknown.
    pub(super) fn test(&self, expr: &Expr) -> Option<bool> {
        match &expr.kind {
            ExprKind::Or(operands) => self.decided_by(operands, true),
            ExprKind::And(operands) => self.decided_by(operands, false),
            ExprKind::Not(inner) => self.test(inner).map(|truth| !truth),
            ExprKind::Compare(op, left, right) => {
                let paths: Vec<&AttrPath> = [left, right]
                    .into_iter()
                    .filter_map(|side| path_of(side))
                    .collect();
                // Conditions inside look for elements of their own.
                let inner = View {
                    chosen: Vec::new(),
                    ..self.clone()
                };
                self.any(&paths, &|view| {
                    let left_worth = view.worth(left, right, &inner);
                    let right_worth = view.worth(right, left, &inner);
                    compare(*op, &left_worth, &right_worth)
                })
            }
            ExprKind::IsNull(operand) => self.is_null(operand, true),
            ExprKind::IsNotNull(operand) => self.is_null(operand, false),
            ExprKind::Literal(Literal::Boolean(truth)) => Some(*truth),
            ExprKind::Literal(_) => None,
            ExprKind::Path(path) => self.any(&[path], &|view| view.get(path).as_bool()),
        }
    }

    /// One operand that is `decisive` settles it; otherwise one that is unknown leaves it open.
    fn decided_by(&self, operands: &[Expr], decisive: bool) -> Option<bool> {
        let truths: Vec<Option<bool>> = operands.iter().map(|one| self.test(one)).collect();
        if truths.contains(&Some(decisive)) {
            Some(decisive)
        } else if truths.contains(&None) {
            None
        } else {
            Some(!decisive)
        }
    }

    fn is_null(&self, operand: &Expr, wanted: bool) -> Option<bool> {
        match &operand.kind {
            ExprKind::Path(path) => self.any(&[path], &|view| {
                Some(is_nothing(view.get(path), view.def(path)) == wanted)
            }),
            ExprKind::Literal(literal) => Some((*literal == Literal::Null) == wanted),
            _ => Some(self.test(operand).is_none() == wanted),
        }
    }

    /// What `side` is worth beside `other`.
    fn worth(&self, side: &Expr, other: &Expr, inner: &View) -> Worth {
        match &side.kind {
            ExprKind::Path(path) => {
                let folds = self.folds(side) || self.folds(other);
                match read(self.get(path), &self.def(path).attr_type) {
                    Worth::Text(text) if folds => Worth::Text(text.to_lowercase()),
                    worth => worth,
                }
            }
            ExprKind::Literal(literal) => match &other.kind {
                ExprKind::Path(path) => {
                    let folds = self.folds(other);
                    literal_worth(literal, &self.def(path).attr_type, folds)
                }
                ExprKind::Literal(Literal::Null | Literal::Number(_) | Literal::Text(_))
                    if !matches!(literal, Literal::Boolean(_)) =>
                {
                    bare_worth(literal)
                }
                _ => match literal {
                    Literal::Boolean(truth) => Worth::Truth(*truth),
                    Literal::Text(text) => Worth::Truth(text == "true"),
                    _ => Worth::Nothing,
                },
            },
            _ => inner.test(side).map_or(Worth::Nothing, Worth::Truth),
        }
    }

    fn folds(&self, side: &Expr) -> bool {
        path_of(side).is_some_and(|path| {
            matches!(
                self.def(path).attr_type,
                AttrType::Uuid
                    | AttrType::String {
                        case_sensitive: false,
                        ..
                    }
            )
        })
    }
}

fn path_of(expr: &Expr) -> Option<&AttrPath> {
    match &expr.kind {
        ExprKind::Path(path) => Some(path),
        _ => None,
    }
}

fn is_nothing(value: &Json, def: &AttrDef) -> bool {
    match &def.attr_type {
        AttrType::Object(members) => members
            .iter()
            .all(|member| is_nothing(value.get(&member.name).unwrap_or(&Json::Null), member)),
        AttrType::Plural(_) => value.as_array().is_none_or(<[Json]>::is_empty),
        _ => value.is_null(),
    }
}

/// A stored value. Records of these tests have `created` and `lastUpdated` as whole numbers of microseconds.
fn read(value: &Json, attr_type: &AttrType) -> Worth {
    match (value, attr_type) {
        (Json::Number(number), AttrType::DateTime) => {
            Worth::Time(number.as_i64().expect("are whole"))
        }
        (Json::Number(number), _) => number_worth(number.as_str()),
        (Json::Bool(truth), _) => Worth::Truth(*truth),
        (Json::String(text), AttrType::Date | AttrType::DateTime) => time(text),
        (Json::String(text), _) => Worth::Text(text.clone()),
        _ => Worth::Nothing,
    }
}

fn literal_worth(literal: &Literal, attr_type: &AttrType, folds: bool) -> Worth {
    match (literal, attr_type) {
        (Literal::Null, _) => Worth::Nothing,
        (Literal::Boolean(truth), _) => Worth::Truth(*truth),
        (Literal::Text(text), AttrType::Boolean) => Worth::Truth(text == "true"),
        (
            Literal::Text(text) | Literal::Number(text),
            AttrType::Integer | AttrType::Decimal | AttrType::Id,
        ) => number_worth(text),
        (Literal::Text(text), AttrType::Date) => {
            let day = date::parse_date(text, now()).expect("is a date");
            Worth::Time(microseconds(day.at(0, 0, 0, 0)))
        }
        (Literal::Text(text), AttrType::DateTime) => time(text),
        (Literal::Text(text) | Literal::Number(text), _) if folds => {
            Worth::Text(text.to_lowercase())
        }
        (Literal::Text(text) | Literal::Number(text), _) => Worth::Text(text.clone()),
    }
}

fn bare_worth(literal: &Literal) -> Worth {
    match literal {
        Literal::Null | Literal::Boolean(_) => Worth::Nothing,
        Literal::Number(text) => number_worth(text),
        Literal::Text(text) => Worth::Text(text.clone()),
    }
}

fn number_worth(text: &str) -> Worth {
    let float = || Worth::Float(text.parse().expect("is a number"));
    text.parse::<i64>()
        .map_or_else(|_| float(), |whole| Worth::Whole(whole.into()))
}

fn time(text: &str) -> Worth {
    let at = date::parse_utc(text, now()).expect("is an instant");
    Worth::Time(microseconds(at))
}

fn microseconds(at: DateTime) -> i64 {
    let days = i64::from((at.date() - jiff::civil::date(1970, 1, 1)).get_days());
    let seconds =
        i64::from(at.hour()) * 3600 + i64::from(at.minute()) * 60 + i64::from(at.second());
    (days * 86_400 + seconds) * 1_000_000 + i64::from(at.subsec_nanosecond() / 1000)
}

fn compare(op: CompareOp, left: &Worth, right: &Worth) -> Option<bool> {
    let order = match (left, right) {
        (Worth::Nothing, _) | (_, Worth::Nothing) => return None,
        (Worth::Text(left), Worth::Text(right)) => left.as_bytes().cmp(right.as_bytes()),
        (Worth::Truth(left), Worth::Truth(right)) => left.cmp(right),
        (Worth::Time(left), Worth::Time(right)) => left.cmp(right),
        (Worth::Whole(left), Worth::Whole(right)) => left.cmp(right),
        (Worth::Float(left), Worth::Float(right)) => {
            left.partial_cmp(right).expect("no number is not one")
        }
        (Worth::Whole(left), Worth::Float(right)) => whole_to_float(*left, *right),
        (Worth::Float(left), Worth::Whole(right)) => whole_to_float(*right, *left).reverse(),
        _ => panic!("{left:?} and {right:?} are compared"),
    };
    Some(match op {
        CompareOp::Equal => order.is_eq(),
        CompareOp::NotEqual => order.is_ne(),
        CompareOp::Less => order.is_lt(),
        CompareOp::LessOrEqual => order.is_le(),
        CompareOp::Greater => order.is_gt(),
        CompareOp::GreaterOrEqual => order.is_ge(),
    })
}

/// Exact: no whole number is rounded.
fn whole_to_float(whole: i128, float: f64) -> Ordering {
    let floor = float.floor() as i128;
    whole.cmp(&floor).then(if float > float.floor() {
        Ordering::Less
    } else {
        Ordering::Equal
    })
}

const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "b",
    "Zoë",
    "ZOË",
    "Straße",
    "it's",
    "\\",
    "say \"so\"",
    "5",
    "05",
    "true",
    "nul\u{0}l",
    "nul",
    "%",
    "\u{1f600}",
    "' or 1=1 --",
    "\"; drop table records",
    "2003-01-02",
    "192.0.2.1",
];
const WHOLES: &[&str] = &[
    "-1",
    "0",
    "5",
    "7",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
];
const DECIMALS: &[&str] = &[
    "0",
    "-0.0",
    "0.1",
    "1.50",
    "15e-1",
    "100",
    "1e2",
    "5",
    "-1",
    "9007199254740993",
    "9007199254740992.0",
    "1e400",
    "-1e400",
    "12345678901234567890.10",
];
const DAYS: &[&str] = &[
    "2003-01-02",
    "1999-12-31",
    "2026-02-28",
    "0001-01-01",
    "9999-12-31",
];
const INSTANTS: &[&str] = &[
    "2003-01-02 00:00:00 +0000",
    "2003-01-02 18:15:00 +0000",
    "2003-01-02 18:15:00.500000 +0000",
    "2026-02-28 12:00:00.500000 +0000",
    "0001-01-01 00:00:00 +0000",
    "9999-12-31 23:59:59.999999 +0000",
];
const SPELLINGS: &[&str] = &[
    "01/02/2003",
    "2 Jan 03",
    "20030102",
    "January 2, 2003 11:15am -0700",
    "2003-01-02T18:15:00.5Z",
    "today",
    "now",
    "yesterday",
];
const ADDRESSES: &[&str] = &["192.0.2.1", "10.0.0.2", "9.9.9.9"];
const UUIDS: &[&str] = &[
    "02b0c68d-7d7a-49d8-a88d-022585b0f877",
    "efd7fe4e-0000-4000-8000-0123456789ab",
];

fn pick(pool: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(pool)
}

/// A stored value of this attribute; plurals and objects with all that is in them, null often.
fn stored(def: &AttrDef) -> BoxedStrategy<Json> {
    let text = |pool| pick(pool).prop_map(Json::from).boxed();
    let number = |pool| {
        pick(pool)
            .prop_map(|text: &str| Json::Number(Number::parse(text).expect("is a number")))
            .boxed()
    };
    let value = match &def.attr_type {
        AttrType::String { .. } => text(TEXTS),
        AttrType::Boolean => any::<bool>().prop_map(Json::Bool).boxed(),
        AttrType::Integer => number(WHOLES),
        AttrType::Decimal => number(DECIMALS),
        AttrType::Date => text(DAYS),
        AttrType::DateTime => text(INSTANTS),
        AttrType::IpAddress => text(ADDRESSES),
        AttrType::Json => prop::sample::select(vec![
            "5",
            "[]",
            "{}",
            r#"{"type":"object"}"#,
            "\"\"",
            "false",
        ])
        .prop_map(|text| Json::parse(text).expect("is JSON"))
        .boxed(),
        AttrType::Password(_) => Just(
            [
                ("type", Json::from("password-bcrypt")),
                ("value", "$2a$".into()),
            ]
            .into_iter()
            .collect(),
        )
        .boxed(),
        AttrType::Object(members) => return holder(members),
        AttrType::Plural(members) => {
            return prop::collection::vec(holder(members), 0..3)
                .prop_map(Json::Array)
                .boxed();
        }
        AttrType::Id => return Just(Json::Null).boxed(),
        AttrType::Uuid | AttrType::Unknown(_) => panic!("the schema has none"),
    };
    prop_oneof![1 => Just(Json::Null), 3 => value].boxed()
}

/// An object with these members, some of them left out.
fn holder(members: &[AttrDef]) -> BoxedStrategy<Json> {
    let members: Vec<_> = members
        .iter()
        .map(|def| {
            let name = def.name.clone();
            prop::option::weighted(0.9, stored(def))
                .prop_map(move |value| Some((name.clone(), value?)))
        })
        .collect();
    members
        .prop_map(|members| members.into_iter().flatten().collect())
        .boxed()
}

fn records() -> BoxedStrategy<Vec<Record>> {
    let schema = rich();
    let own: Vec<AttrDef> = schema.own_attr_defs().cloned().collect();
    let stamps = (pick(INSTANTS), pick(INSTANTS));
    prop::collection::vec((stamps, holder(&own)), 1..8)
        .prop_map(|records| {
            let mut records: Vec<Record> = records
                .into_iter()
                .enumerate()
                .map(|(place, ((created, last_updated), body))| Record {
                    uuid: format!("{:08x}{}", place, &UUIDS[place % 2][8..]),
                    created: stamp(created),
                    last_updated: stamp(last_updated),
                    body,
                })
                .collect();
            number_elements(&mut records);
            keep_unique(&mut records);
            records
        })
        .boxed()
}

fn stamp(text: &str) -> i64 {
    match time(text) {
        Worth::Time(microseconds) => microseconds,
        _ => panic!("{text} is an instant"),
    }
}

/// Gives every element an id, as the store does.
fn number_elements(records: &mut [Record]) {
    fn visit(value: &mut Json, next: &mut i64) {
        match value {
            Json::Array(elements) => {
                for element in elements {
                    if let Some(members) = element.as_object_mut() {
                        members.insert("id".to_owned(), (*next).into());
                        *next += 1;
                    }
                    visit(element, next);
                }
            }
            Json::Object(members) => members.values_mut().for_each(|member| visit(member, next)),
            _ => {}
        }
    }
    let mut next = 100;
    for record in records {
        for (name, value) in record.body.as_object_mut().expect("is an object") {
            if name != "extra" {
                visit(value, &mut next);
            }
        }
    }
}

/// Takes values away that another record has.
fn keep_unique(records: &mut [Record]) {
    let mut taken = std::collections::HashSet::new();
    for record in records {
        for name in ["code", "email", "number"] {
            let members = record.body.as_object_mut().expect("is an object");
            let key = members
                .get(name)
                .map(|value| value.to_string().to_lowercase());
            if let Some(key) = key
                && !taken.insert((name, key))
            {
                members.insert(name.to_owned(), Json::Null);
            }
        }
    }
}

/// `text` as a literal, in double quotes or single ones.
pub(super) fn quoted(text: &str, quote: bool) -> String {
    let quote = if quote { '"' } else { '\'' };
    let doubled: String = text
        .chars()
        .flat_map(|c| match c {
            '\\' => vec!['\\', '\\'],
            c if c == quote => vec![c, c],
            c => vec![c],
        })
        .collect();
    format!("{quote}{doubled}{quote}")
}

fn texts(pool: &'static [&'static str]) -> BoxedStrategy<String> {
    (pick(pool), any::<bool>())
        .prop_map(|(text, quote)| quoted(text, quote))
        .boxed()
}

/// A literal that an attribute of this type can be compared with.
fn literal(attr_type: &AttrType) -> Option<BoxedStrategy<String>> {
    let bare = |pool| pick(pool).prop_map(str::to_owned);
    let literal = match attr_type {
        AttrType::String { .. } | AttrType::Uuid => {
            prop_oneof![6 => texts(TEXTS), 1 => bare(WHOLES), 1 => texts(UUIDS)].boxed()
        }
        AttrType::Boolean => pick(&["true", "false", "'true'", "\"false\""])
            .prop_map(str::to_owned)
            .boxed(),
        AttrType::Integer | AttrType::Decimal => {
            prop_oneof![bare(WHOLES), bare(DECIMALS), texts(DECIMALS)].boxed()
        }
        AttrType::Id => (0..110_i64).prop_map(|id| id.to_string()).boxed(),
        AttrType::Date | AttrType::DateTime => {
            prop_oneof![texts(DAYS), texts(INSTANTS), texts(SPELLINGS)].boxed()
        }
        AttrType::IpAddress => texts(ADDRESSES),
        _ => return None,
    };
    Some(prop_oneof![12 => literal, 1 => Just("null".to_owned())].boxed())
}

/// Which attributes can be compared with each other.
fn family(attr_type: &AttrType) -> Option<u8> {
    match attr_type {
        AttrType::String { .. } | AttrType::Uuid | AttrType::IpAddress => Some(0),
        AttrType::Integer | AttrType::Decimal | AttrType::Id => Some(1),
        AttrType::Date | AttrType::DateTime => Some(2),
        AttrType::Boolean => Some(3),
        _ => None,
    }
}

fn op() -> impl Strategy<Value = &'static str> {
    pick(&["=", "=", "!=", "<", "<=", ">", ">="])
}

/// A condition without conditions inside.
fn condition() -> BoxedStrategy<String> {
    let schema = rich();
    let all: Vec<(String, AttrType)> = schema
        .walk()
        .into_iter()
        .map(|(path, def)| (path.dotted(), def.attr_type.clone()))
        .collect();
    let of_family = |wanted| {
        let names: Vec<String> = all
            .iter()
            .filter(|(_, attr_type)| family(attr_type) == Some(wanted))
            .map(|(name, _)| name.clone())
            .collect();
        prop::sample::select(names)
    };
    let with_literal: Vec<_> = all
        .iter()
        .filter_map(|(name, attr_type)| {
            let name = name.clone();
            let sides = (op(), literal(attr_type)?, any::<bool>());
            Some(
                sides
                    .prop_map(move |(op, literal, turned)| {
                        if turned {
                            format!("{literal} {op} {name}")
                        } else {
                            format!("{name} {op} {literal}")
                        }
                    })
                    .boxed(),
            )
        })
        .collect();
    let between: Vec<_> = (0..4)
        .map(|wanted| {
            (of_family(wanted), op(), of_family(wanted))
                .prop_map(|(left, op, right)| format!("{left} {op} {right}"))
        })
        .collect();
    let names: Vec<String> = all.iter().map(|(name, _)| name.clone()).collect();
    let null = (prop::sample::select(names), any::<bool>())
        .prop_map(|(name, not)| format!("{name} is {}null", if not { "not " } else { "" }));
    prop_oneof![
        8 => proptest::strategy::Union::new(with_literal),
        3 => proptest::strategy::Union::new(between),
        3 => null,
        1 => of_family(3),
        1 => pick(&["true", "false", "null", "1 = 1", "'a' < 'b'", "null = null", "2 > 10"]).prop_map(str::to_owned),
    ]
    .boxed()
}

/// A filter of conditions with everything that can stand above them.
fn filter() -> impl Strategy<Value = String> {
    condition().prop_recursive(4, 24, 3, |inner| {
        let joined = |word: &'static str, inner: BoxedStrategy<String>| {
            prop::collection::vec(inner, 2..4).prop_map(move |operands| {
                format!("({})", operands.join(word))
            })
        };
        prop_oneof![
            3 => joined(" and ", inner.clone().boxed()),
            3 => joined(" or ", inner.clone().boxed()),
            2 => inner.clone().prop_map(|inner| format!("not ({inner})")),
            1 => (inner.clone(), any::<bool>())
                .prop_map(|(inner, not)| format!("(({inner}) is {}null)", if not { "not " } else { "" })),
            1 => (inner.clone(), pick(&["=", "!="]), inner.clone())
                .prop_map(|(left, op, right)| format!("(({left}) {op} ({right}))")),
            1 => (inner, pick(&["=", "!="]), pick(&["ok", "fine", "logins.ok", "true", "'false'"]))
                .prop_map(|(left, op, right)| format!("(({left}) {op} {right})")),
        ]
    })
}

/// The record as the filter language sees it.
fn document(id: i64, record: &Record) -> Json {
    let mut members = record.body.as_object().expect("is an object").clone();
    members.insert("id".to_owned(), id.into());
    members.insert("uuid".to_owned(), record.uuid.as_str().into());
    members.insert("created".to_owned(), record.created.into());
    members.insert("lastUpdated".to_owned(), record.last_updated.into());
    members.into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn sql_selects_what_the_language_means(
        records in records(),
        filters in prop::collection::vec(filter(), 16),
    ) {
        let schema = rich();
        let connection = database(&schema, &records);
        for filter in filters {
            let found = select(&connection, &schema, &filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
            let expr = parse(&filter).expect("was compiled");
            let expected: Vec<i64> = (1..)
                .zip(&records)
                .filter(|(id, record)| {
                    let document = document(*id, record);
                    View::new(&schema, &document).test(&expr) == Some(true)
                })
                .map(|(id, _)| id)
                .collect();
            prop_assert_eq!(found, expected, "{}", filter);
        }
    }
}

/// The reader of this file's own dates is not the language's.
#[test]
fn microseconds_are_counted_right() {
    let at: Timestamp = "2003-01-02T18:15:00.000001Z"
        .parse()
        .expect("is an instant");
    assert_eq!(
        stamp("2003-01-02 18:15:00.000001 +0000"),
        at.as_microsecond()
    );
}
