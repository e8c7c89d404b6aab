//! The filter language's meaning: which attributes a filter speaks of, and what is compared with what. Turns the
//! parser's tree into tests that cannot be wrong, or says in words why it cannot; knows no SQL.
//!
//! A value is read as the type of the attribute that it is compared with, in every spelling the service takes for
//! that type, so that `'07/03/2018'` and `id = '7'` mean what they say.

use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::capture::attr_type::AttrType;
use crate::capture::filter::comparable::Comparable;
use crate::capture::filter::parse::CompareOp;
use crate::capture::filter::parse::Expr;
use crate::capture::filter::parse::ExprKind;
use crate::capture::filter::parse::FilterError;
use crate::capture::filter::parse::FilterErrorKind;
use crate::capture::filter::parse::Literal;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::path::AttrPath;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::is_reserved_name;
use crate::capture::value;
use crate::capture::value::date;

/// The most values that the `is null` of objects may look at in one record, all together. Our choice.
const MAX_NULL_TESTS: usize = 10_000;

/// The most characters of a filter that a message repeats in one piece.
const MAX_SHOWN: usize = 60;

/// What a record is asked: true, false, or unknown as in SQL.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test<'s> {
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
pub(crate) enum Side<'s> {
    Attribute(Attribute<'s>, Form),
    /// A value in the form in which the other side comes.
    Value(Comparable),
    Test(Box<Test<'s>>),
}

/// An attribute that a filter names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attribute<'s> {
    /// Without elements.
    pub(crate) path: AttrPath,
    /// Its definition.
    pub(crate) def: &'s AttrDef,
    /// How many segments of `path` lead to each plural on the way, from the outside in.
    pub(crate) plurals: Vec<usize>,
}

/// What happens to an attribute's value before it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
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
    /// Whether it is one of the reserved four, which records have beside their own attributes.
    pub(crate) fn is_reserved(&self) -> bool {
        matches!(self.path.0.as_slice(), [only] if is_reserved_name(&only.name))
    }

    fn domain(&self) -> Option<Domain> {
        domain(self.def, self.is_reserved())
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

/// How values of an attribute are compared; `None` for what has no order and no equality: only its absence can be asked
/// for.
fn domain(def: &AttrDef, is_reserved: bool) -> Option<Domain> {
    Some(match &def.attr_type {
        AttrType::String { case_sensitive, .. } => Domain::Text {
            folded: !case_sensitive,
        },
        AttrType::Boolean => Domain::Boolean,
        AttrType::Integer | AttrType::Id => Domain::Number { whole: true },
        AttrType::Decimal => Domain::Number { whole: false },
        AttrType::Date => Domain::Date,
        AttrType::DateTime if is_reserved => Domain::Stamp,
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

/// Whether values of an attribute can be compared with anything.
pub(crate) fn is_comparable(def: &AttrDef) -> bool {
    domain(def, false).is_some()
}

/// Whether values of two attributes can be compared with each other.
pub(crate) fn are_comparable(one: &AttrDef, other: &AttrDef) -> bool {
    match (domain(one, false), domain(other, false)) {
        (Some(one), Some(other)) => common_form(one, other).is_some(),
        _ => false,
    }
}

/// What `expr`, the tree of `text`, asks of records of the type `schema`.
pub(crate) fn resolve<'s>(
    expr: &Expr,
    text: &str,
    schema: &'s EntityType,
    now: Timestamp,
) -> Result<Test<'s>, FilterError> {
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
fn unknown(path: &AttrPath, expr: &Expr) -> FilterError {
    FilterError {
        kind: FilterErrorKind::UnknownAttribute,
        ..FilterError::new(
            expr.start,
            &format!("Unknown attribute ({})", path.definition().dotted()),
        )
    }
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
    fn test(&mut self, expr: &Expr) -> Result<Test<'s>, FilterError> {
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
                    Side::Value(Comparable::Whole(1)),
                )
            }
        })
    }

    fn tests(&mut self, operands: &[Expr]) -> Result<Vec<Test<'s>>, FilterError> {
        operands.iter().map(|operand| self.test(operand)).collect()
    }

    fn is_null(&mut self, operand: &Expr) -> Result<Test<'s>, FilterError> {
        Ok(match &operand.kind {
            ExprKind::Path(path) => {
                let attribute = self.attribute(path, operand)?;
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
    fn attribute(&self, path: &AttrPath, expr: &Expr) -> Result<Attribute<'s>, FilterError> {
        let mut attr_defs = self.schema.attr_defs.as_slice();
        let mut plurals = Vec::new();
        let mut found = None;
        for (place, segment) in path.0.iter().enumerate() {
            let def = attr_defs
                .iter()
                .find(|def| def.name == segment.name)
                .ok_or_else(|| unknown(path, expr))?;
            if matches!(def.attr_type, AttrType::Plural(_)) && place + 1 < path.0.len() {
                plurals.push(place + 1);
            }
            attr_defs = def.attr_type.attr_defs();
            found = Some(def);
        }
        Ok(Attribute {
            path: path.clone(),
            def: found.ok_or_else(|| unknown(path, expr))?,
            plurals,
        })
    }

    /// The attribute at `path`, when its values can be compared.
    fn comparable(
        &self,
        path: &AttrPath,
        expr: &Expr,
    ) -> Result<(Attribute<'s>, Domain), FilterError> {
        let attribute = self.attribute(path, expr)?;
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

    fn compare(
        &mut self,
        op: CompareOp,
        left: &Expr,
        right: &Expr,
    ) -> Result<Test<'s>, FilterError> {
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

    fn term<'e>(&mut self, expr: &'e Expr) -> Result<Term<'e, 's>, FilterError> {
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
    fn check_precedence(
        &self,
        op: CompareOp,
        left: &Expr,
        right: &Expr,
    ) -> Result<(), FilterError> {
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
    ) -> Result<Comparable, FilterError> {
        let refused = |advice: &str| wrong(expr, &format!("{}: {advice}", attribute.introduce()));
        let json = match (domain, literal) {
            (_, Literal::Null) => return Ok(Comparable::Null),
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
                return Ok(Comparable::Whole(microseconds(at)));
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
        Ok(Comparable::of(&json, attribute.def).unwrap_or(Comparable::Null))
    }
}

fn wrong(expr: &Expr, what: &str) -> FilterError {
    FilterError::new(expr.start, what)
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
fn truth<'s>(term: Term<'_, 's>, expr: &Expr) -> Result<Side<'s>, FilterError> {
    match term {
        Term::Test(test) => Ok(Side::Test(Box::new(test))),
        Term::Attribute(attribute, Domain::Boolean) => {
            Ok(Side::Attribute(attribute, Form::AsStored))
        }
        Term::Literal(Literal::Null) => Ok(Side::Value(Comparable::Null)),
        Term::Literal(literal) if truth_of(literal).is_some() => Ok(Side::Value(
            Comparable::Whole(i64::from(truth_of(literal) == Some(true))),
        )),
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
fn read_both(one: &Literal, other: &Literal) -> Option<(Comparable, Comparable)> {
    let read = |literal: &Literal| match literal {
        Literal::Text(text) => Comparable::Text(text.clone()),
        Literal::Number(text) => {
            number(text).map_or(Comparable::Null, |number| Comparable::number(&number))
        }
        Literal::Null | Literal::Boolean(_) => Comparable::Null,
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

/// Microseconds since 1970.
pub(crate) fn microseconds(at: DateTime) -> i64 {
    let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    let since: SignedDuration = at.duration_since(epoch);
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
