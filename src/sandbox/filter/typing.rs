//! The filter language's meaning: which attributes a filter speaks of, and what is compared with what. Turns the
//! parser's tree into tests that cannot be wrong, or says in words why it cannot; knows no SQL.
//!
//! A value is read as the type of the attribute that it is compared with, in every spelling the service takes for
//! that type, so that `'07/03/2018'` and `id = '7'` mean what they say.

use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::DateTime;
use rusqlite::types::Value;

use crate::capture::attr_type::AttrType;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::value;
use crate::capture::value::date;
use crate::sandbox::filter::index_value;
use crate::sandbox::filter::parse::CompareOp;
use crate::sandbox::filter::parse::Expr;
use crate::sandbox::filter::parse::ExprKind;
use crate::sandbox::filter::parse::FilterError;
use crate::sandbox::filter::parse::FilterErrorKind;
use crate::sandbox::filter::parse::Literal;

/// The most values that the `is null` of objects may look at in one record, all together. Our choice.
const MAX_NULL_TESTS: usize = 10_000;

/// The most characters of a filter that a message repeats in one piece.
const MAX_SHOWN: usize = 60;

/// What a record is asked: true, false, or unknown as in SQL.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test<'s> {
    Constant(Option<bool>),
    All(Vec<Test<'s>>),
    Any(Vec<Test<'s>>),
    Not(Box<Test<'s>>),
    Compare(CompareOp, Side<'s>, Side<'s>),
    /// Whether an attribute has no value: an object none in any member, a plural no element.
    IsNull(Attribute<'s>),
    /// Not the opposite of [`Test::IsNull`] inside plurals: each asks whether there is such an element.
    IsNotNull(Attribute<'s>),
    /// Whether a test is unknown.
    IsUnknown(Box<Test<'s>>),
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Side<'s> {
    Attribute(Attribute<'s>, Form),
    /// A value in the form in which the other side comes.
    Value(Value),
    Test(Box<Test<'s>>),
}

/// An attribute that a filter names.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attribute<'s> {
    pub(super) path: AttrPath,
    pub(super) def: &'s AttrDef,
    /// How many segments of `path` lead to each plural on the way, from the outside in.
    pub(super) plurals: Vec<usize>,
}

/// What happens to an attribute's value before it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    AsStored,
    /// In lower case.
    Folded,
    /// A number read by this program: of very many digits SQLite sometimes makes another float.
    Number,
    /// A day or an instant as microseconds since 1970.
    Instant,
}

/// How values of an attribute are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Domain {
    Text {
        folded: bool,
    },
    Boolean,
    Number {
        whole: bool,
    },
    Date,
    DateTime,
    /// `created` and `lastUpdated`, microseconds since 1970.
    Stamp,
    Uuid,
    Address,
}

impl Domain {
    fn is_text(self) -> bool {
        matches!(self, Self::Text { .. } | Self::Uuid | Self::Address)
    }

    fn is_time(self) -> bool {
        matches!(self, Self::Date | Self::DateTime | Self::Stamp)
    }

    /// The form in which the index and literals have this domain's values.
    fn form(self) -> Form {
        match self {
            Self::Text { folded: true } => Form::Folded,
            Self::Number { whole: false } => Form::Number,
            _ => Form::AsStored,
        }
    }
}

impl Attribute<'_> {
    /// The column that holds the attribute, when it is one of the reserved four.
    pub(super) fn column(&self) -> Option<&'static str> {
        match self.path.0.as_slice() {
            [only] => match only.name.as_str() {
                "id" => Some("records.id"),
                "uuid" => Some("records.uuid"),
                "created" => Some("records.created"),
                "lastUpdated" => Some("records.last_updated"),
                _ => None,
            },
            _ => None,
        }
    }

    /// `None` for what has no order and no equality: only its absence can be asked for.
    fn domain(&self) -> Option<Domain> {
        Some(match &self.def.attr_type {
            AttrType::String { case_sensitive, .. } => Domain::Text {
                folded: !case_sensitive,
            },
            AttrType::Boolean => Domain::Boolean,
            AttrType::Integer | AttrType::Id => Domain::Number { whole: true },
            AttrType::Decimal => Domain::Number { whole: false },
            AttrType::Date => Domain::Date,
            AttrType::DateTime if self.column().is_some() => Domain::Stamp,
            AttrType::DateTime => Domain::DateTime,
            AttrType::Uuid => Domain::Uuid,
            AttrType::IpAddress => Domain::Address,
            AttrType::Json
            | AttrType::Password(_)
            | AttrType::Object(_)
            | AttrType::Plural(_)
            | AttrType::Unknown(_) => return None,
        })
    }

    /// `birthday is a date`, for messages.
    fn introduce(&self) -> String {
        let name = self.def.attr_type.name();
        let article = if name.starts_with(['a', 'e', 'i', 'o']) {
            "an"
        } else {
            "a"
        };
        format!("{} is {article} {name}", self.path.dotted())
    }
}

/// The code of a filter that is not one: 200, or 485 for `contains`.
pub(super) fn refuse(error: &FilterError) -> ApiError {
    match error.kind {
        FilterErrorKind::Invalid => ApiError::invalid_argument("filter", &error.message),
        FilterErrorKind::Contains => {
            ApiError::new(ErrorCode::FILTER_CONTAINS, error.message.as_str())
                .with("argument_name", "filter")
        }
    }
}

/// What `expr`, the tree of `text`, asks of records of the type `schema`.
pub(super) fn resolve<'s>(
    expr: &Expr,
    text: &str,
    schema: &'s EntityType,
    now: Timestamp,
) -> Result<Test<'s>, ApiError> {
    let mut typing = Typing {
        text,
        schema,
        now,
        null_tests: 0,
    };
    typing.test(expr)
}

/// Code 200 in the documented words (the page of `entity.count`); other arguments answer 223 here. It is also the answer
/// for what an access schema hides.
fn unknown(path: &AttrPath) -> ApiError {
    let why = format!("Unknown attribute ({})", path.definition().dotted());
    ApiError::invalid_argument("filter", &why)
}

struct Typing<'t, 's> {
    text: &'t str,
    schema: &'s EntityType,
    now: Timestamp,
    null_tests: usize,
}

/// What an operand of a comparison is.
enum Term<'e, 's> {
    Attribute(Attribute<'s>, Domain),
    Literal(&'e Literal),
    Test(Test<'s>),
}

impl<'s> Typing<'_, 's> {
    /// `expr` where something true or false is expected.
    fn test(&mut self, expr: &Expr) -> Result<Test<'s>, ApiError> {
        Ok(match &expr.kind {
            ExprKind::Or(operands) => Test::Any(self.tests(operands)?),
            ExprKind::And(operands) => Test::All(self.tests(operands)?),
            ExprKind::Not(inner) => Test::Not(Box::new(self.test(inner)?)),
            ExprKind::Compare(op, left, right) => self.compare(*op, left, right)?,
            ExprKind::IsNull(operand) => self.is_null(operand)?,
            ExprKind::IsNotNull(operand) => match self.is_null(operand)? {
                Test::IsNull(attribute) => Test::IsNotNull(attribute),
                other => Test::Not(Box::new(other)),
            },
            ExprKind::Literal(Literal::Boolean(value)) => Test::Constant(Some(*value)),
            ExprKind::Literal(Literal::Null) => Test::Constant(None),
            ExprKind::Literal(_) => {
                return Err(wrong(
                    expr,
                    "a value alone is no condition: compare an attribute with it, as in email = 'a@example.com'",
                ));
            }
            ExprKind::Path(path) => {
                let (attribute, domain) = self.comparable(path, expr)?;
                if domain != Domain::Boolean {
                    let what = format!(
                        "{}, which alone is no condition: compare it with a value",
                        attribute.introduce()
                    );
                    return Err(wrong(expr, &what));
                }
                Test::Compare(
                    CompareOp::Equal,
                    Side::Attribute(attribute, Form::AsStored),
                    Side::Value(Value::Integer(1)),
                )
            }
        })
    }

    fn tests(&mut self, operands: &[Expr]) -> Result<Vec<Test<'s>>, ApiError> {
        operands.iter().map(|operand| self.test(operand)).collect()
    }

    fn is_null(&mut self, operand: &Expr) -> Result<Test<'s>, ApiError> {
        Ok(match &operand.kind {
            ExprKind::Path(path) => {
                let attribute = self.attribute(path)?;
                self.null_tests += count_values(attribute.def);
                if self.null_tests > MAX_NULL_TESTS {
                    let what = format!(
                        "the objects of this filter have more than {MAX_NULL_TESTS} members: ask in several calls"
                    );
                    return Err(wrong(operand, &what));
                }
                Test::IsNull(attribute)
            }
            ExprKind::Literal(literal) => Test::Constant(Some(*literal == Literal::Null)),
            _ => Test::IsUnknown(Box::new(self.test(operand)?)),
        })
    }

    /// The attribute at `path`.
    fn attribute(&self, path: &AttrPath) -> Result<Attribute<'s>, ApiError> {
        let mut attr_defs = self.schema.attr_defs.as_slice();
        let mut plurals = Vec::new();
        let mut found = None;
        for (place, segment) in path.0.iter().enumerate() {
            let def = attr_defs
                .iter()
                .find(|def| def.name == segment.name)
                .ok_or_else(|| unknown(path))?;
            if matches!(def.attr_type, AttrType::Plural(_)) && place + 1 < path.0.len() {
                plurals.push(place + 1);
            }
            attr_defs = def.attr_type.attr_defs();
            found = Some(def);
        }
        Ok(Attribute {
            path: path.clone(),
            def: found.ok_or_else(|| unknown(path))?,
            plurals,
        })
    }

    /// The attribute at `path`, when its values can be compared.
    fn comparable(
        &self,
        path: &AttrPath,
        expr: &Expr,
    ) -> Result<(Attribute<'s>, Domain), ApiError> {
        let attribute = self.attribute(path)?;
        if let Some(domain) = attribute.domain() {
            return Ok((attribute, domain));
        }
        let name = attribute.path.dotted();
        let member = attribute.def.attr_type.attr_defs().iter();
        let member = member
            .map(|def| def.name.as_str())
            .find(|name| *name != "id");
        let advice = match (&attribute.def.attr_type, member) {
            (AttrType::Object(_), Some(member)) => {
                format!(
                    "name one of its members, as in {name}.{member}, or ask whether it `is null`"
                )
            }
            (AttrType::Plural(_), Some(member)) => format!(
                "name an attribute of its elements, as in {name}.{member}, or ask whether it `is null`"
            ),
            _ => {
                "it cannot be compared, only asked whether it `is null` or `is not null`".to_owned()
            }
        };
        Err(wrong(expr, &format!("{}: {advice}", attribute.introduce())))
    }

    fn compare(&mut self, op: CompareOp, left: &Expr, right: &Expr) -> Result<Test<'s>, ApiError> {
        self.check_precedence(op, left, right)?;
        let (left_term, right_term) = (self.term(left)?, self.term(right)?);
        let (left, right) = match (left_term, right_term) {
            (Term::Attribute(attribute, domain), Term::Literal(literal)) => {
                let value = self.read(literal, &attribute, domain, right)?;
                (
                    Side::Attribute(attribute, domain.form()),
                    Side::Value(value),
                )
            }
            (Term::Literal(literal), Term::Attribute(attribute, domain)) => {
                let value = self.read(literal, &attribute, domain, left)?;
                (
                    Side::Value(value),
                    Side::Attribute(attribute, domain.form()),
                )
            }
            (Term::Attribute(one, one_domain), Term::Attribute(other, other_domain)) => {
                let Some(form) = common_form(one_domain, other_domain) else {
                    let what = format!(
                        "{} and {}: they cannot be compared",
                        one.introduce(),
                        other.introduce()
                    );
                    return Err(wrong(right, &what));
                };
                (Side::Attribute(one, form), Side::Attribute(other, form))
            }
            (Term::Literal(one), Term::Literal(other))
                if !is_boolean(one) && !is_boolean(other) =>
            {
                let (one, other) = read_both(one, other).ok_or_else(|| {
                    wrong(
                        right,
                        "a number and a text cannot be compared with each other",
                    )
                })?;
                (Side::Value(one), Side::Value(other))
            }
            (one, other) => (truth(one, left)?, truth(other, right)?),
        };
        Ok(Test::Compare(op, left, right))
    }

    fn term<'e>(&mut self, expr: &'e Expr) -> Result<Term<'e, 's>, ApiError> {
        Ok(match &expr.kind {
            ExprKind::Path(path) => {
                let (attribute, domain) = self.comparable(path, expr)?;
                Term::Attribute(attribute, domain)
            }
            ExprKind::Literal(literal) => Term::Literal(literal),
            _ => Term::Test(self.test(expr)?),
        })
    }

    /// `not a = 1` is `(not a) = 1` by the documented precedence. Where `a` is no truth value, that is a mistake worth
    /// a sentence of its own.
    fn check_precedence(&self, op: CompareOp, left: &Expr, right: &Expr) -> Result<(), ApiError> {
        let mut inner = left;
        while let ExprKind::Not(deeper) = &inner.kind {
            inner = deeper;
        }
        if std::ptr::eq(inner, left) {
            return Ok(());
        }
        let is_truth = match &inner.kind {
            ExprKind::Path(path) => self.comparable(path, inner)?.1 == Domain::Boolean,
            ExprKind::Literal(literal) => matches!(literal, Literal::Boolean(_) | Literal::Null),
            _ => true,
        };
        if is_truth {
            return Ok(());
        }
        let (subject, op, object) = (self.written(inner), op.symbol(), self.written(right));
        let what = format!(
            "`not` belongs to {subject} alone, since it comes before comparisons: write not ({subject} {op} {object})"
        );
        Err(wrong(left, &what))
    }

    fn written(&self, expr: &Expr) -> String {
        let length = expr.end - expr.start;
        let mut written: String = self
            .text
            .chars()
            .skip(expr.start)
            .take(length.min(MAX_SHOWN))
            .collect();
        if length > MAX_SHOWN {
            written.push('…');
        }
        written
    }

    /// `literal` as a value of `attribute`, in the form in which the attribute is compared.
    fn read(
        &self,
        literal: &Literal,
        attribute: &Attribute<'s>,
        domain: Domain,
        expr: &Expr,
    ) -> Result<Value, ApiError> {
        let refused = |advice: &str| wrong(expr, &format!("{}: {advice}", attribute.introduce()));
        let json = match (domain, literal) {
            (_, Literal::Null) => return Ok(Value::Null),
            (Domain::Text { .. } | Domain::Uuid, Literal::Text(text) | Literal::Number(text)) => {
                Json::from(text.as_str())
            }
            (Domain::Text { .. } | Domain::Uuid, Literal::Boolean(_)) => {
                return Err(refused("compare it with a text in quotes"));
            }
            (Domain::Boolean, literal) => truth_of(literal)
                .map(Json::Bool)
                .ok_or_else(|| refused("compare it with true or false"))?,
            (Domain::Number { .. }, Literal::Text(text) | Literal::Number(text)) => number(text)
                .map(Json::Number)
                .ok_or_else(|| refused("compare it with a number"))?,
            (Domain::Number { .. }, Literal::Boolean(_)) => {
                return Err(refused("compare it with a number"));
            }
            (Domain::Stamp, Literal::Text(text)) => {
                let at = date::parse_utc(text, self.now).map_err(|why| refused(&why))?;
                return Ok(Value::Integer(microseconds(at)));
            }
            (Domain::Date | Domain::DateTime | Domain::Address, Literal::Text(text)) => {
                value::read(&text.as_str().into(), attribute.def, self.now)
                    .map_err(|(_, why)| refused(&why))?
            }
            (Domain::Address, _) => {
                return Err(refused(
                    "compare it with an address in quotes, as in '192.0.2.1'",
                ));
            }
            (Domain::Date | Domain::DateTime | Domain::Stamp, _) => {
                return Err(refused(
                    "compare it with a date in quotes, as in '2003-01-02'",
                ));
            }
        };
        Ok(index_value(&json, attribute.def).unwrap_or(Value::Null))
    }
}

fn wrong(expr: &Expr, what: &str) -> ApiError {
    refuse(&FilterError::new(expr.start, what))
}

/// How many values of a record the `is null` of this attribute looks at.
fn count_values(def: &AttrDef) -> usize {
    match &def.attr_type {
        AttrType::Object(members) => 1 + members.iter().map(count_values).sum::<usize>(),
        _ => 1,
    }
}

/// The form in which values of two attributes are compared with each other. Our choices: texts without regard to case
/// if either attribute is not case-sensitive; a day as its midnight in UTC.
fn common_form(one: Domain, other: Domain) -> Option<Form> {
    let folds = |domain| matches!(domain, Domain::Text { folded: true } | Domain::Uuid);
    if one.is_text() && other.is_text() {
        let both_plain = one == other && !matches!(one, Domain::Text { folded: true });
        let fold = !both_plain && (folds(one) || folds(other));
        return Some(if fold { Form::Folded } else { Form::AsStored });
    }
    if one.is_time() && other.is_time() {
        return Some(if one == other {
            Form::AsStored
        } else {
            Form::Instant
        });
    }
    if let (Domain::Number { .. }, Domain::Number { .. }) = (one, other) {
        return Some(if one == other {
            one.form()
        } else {
            Form::Number
        });
    }
    (one == other).then_some(Form::AsStored)
}

/// `term` where the other side is a condition.
fn truth<'s>(term: Term<'_, 's>, expr: &Expr) -> Result<Side<'s>, ApiError> {
    match term {
        Term::Test(test) => Ok(Side::Test(Box::new(test))),
        Term::Attribute(attribute, Domain::Boolean) => {
            Ok(Side::Attribute(attribute, Form::AsStored))
        }
        Term::Literal(Literal::Null) => Ok(Side::Value(Value::Null)),
        Term::Literal(literal) if truth_of(literal).is_some() => Ok(Side::Value(Value::Integer(
            i64::from(truth_of(literal) == Some(true)),
        ))),
        Term::Attribute(..) | Term::Literal(_) => Err(wrong(
            expr,
            "a condition is true or false and cannot be compared with this: join conditions with `and`, as in a > 1 and a < 5",
        )),
    }
}

fn truth_of(literal: &Literal) -> Option<bool> {
    match literal {
        Literal::Boolean(value) => Some(*value),
        Literal::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Literal::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn is_boolean(literal: &Literal) -> bool {
    matches!(literal, Literal::Boolean(_))
}

/// Two literals that are no truth values in a form in which they can be compared; `None` when there is none.
fn read_both(one: &Literal, other: &Literal) -> Option<(Value, Value)> {
    let read = |literal: &Literal| match literal {
        Literal::Text(text) => Value::Text(text.clone()),
        Literal::Number(text) => number(text).map_or(Value::Null, |number| number_value(&number)),
        Literal::Null | Literal::Boolean(_) => Value::Null,
    };
    let same = std::mem::discriminant(one) == std::mem::discriminant(other);
    (same || *one == Literal::Null || *other == Literal::Null).then(|| (read(one), read(other)))
}

/// A number in a filter's spelling, which allows zeros in front.
fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or(("", text), |digits| ("-", digits));
    let trimmed = digits.trim_start_matches('0');
    let zero = if trimmed.len() < digits.len() && !trimmed.starts_with(|c: char| c.is_ascii_digit())
    {
        "0"
    } else {
        ""
    };
    Number::parse(&format!("{sign}{zero}{trimmed}"))
}

/// A number as SQLite reads it from JSON: 64 bits if it is written as a whole number and fits, otherwise a float.
pub(super) fn number_value(number: &Number) -> Value {
    match number.as_i64() {
        Some(whole) => Value::Integer(whole),
        None => Value::Real(number.as_str().parse().unwrap_or(f64::NAN)),
    }
}

/// Microseconds since 1970.
pub(super) fn microseconds(at: DateTime) -> i64 {
    let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    let since: SignedDuration = at.duration_since(epoch);
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
