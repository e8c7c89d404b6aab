//! The filter language's grammar: a text as a tree (reference 6.1). Knows no schema: whether the attributes exist and
//! what they can be compared with is decided in `typing`.
//!
//! ```text
//! or       := and ("or" and)*                             binds least
//! and      := equality ("and" equality)*
//! equality := relation (("=" | "!=") relation)*
//! relation := unary (("<" | "<=" | ">" | ">=") unary)*
//! unary    := ("not" | "!") unary | postfix               above the comparisons, as documented
//! postfix  := primary ("is" "not"? "null")*               binds most
//! primary  := "(" or ")" | text | number | "true" | "false" | "null" | path
//! path     := "/"? name (("." | "/") name)*
//! ```
//!
//! Keywords are of any case. Our choices: an attribute called like a keyword is written with a leading slash, `/null`;
//! `contains`, `like`, `in` and `between` are only refused where an operator stands, so attributes may have these names.

use std::fmt;

use crate::capture::filter::lex::Lexer;
use crate::capture::filter::lex::Token;
use crate::capture::filter::lex::TokenKind;
use crate::capture::path::AttrPath;
use crate::capture::path::Segment;

/// The longest filter in bytes. Our choice.
pub(super) const MAX_LENGTH: usize = 64 * 1024;

/// How deep a filter may nest: parentheses, `not`, and comparisons of comparisons. Our choice.
const MAX_DEPTH: usize = 64;

/// The most conditions that one filter may join by `and` and `or`. Our choice.
const MAX_TERMS: usize = 1000;

/// The most characters of a filter that a message repeats in one piece.
const MAX_SHOWN: usize = 40;

/// A filter as a tree: whatever [`parse`] accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it consists of.
    pub(crate) kind: ExprKind,
    /// The place of its first character, from 0.
    pub(crate) start: usize,
    /// The place after its last character.
    pub(crate) end: usize,
}

/// What an expression consists of. `And` and `Or` have at least two operands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExprKind {
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Not(Box<Expr>),
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    IsNull(Box<Expr>),
    IsNotNull(Box<Expr>),
    Literal(Literal),
    Path(AttrPath),
}

/// A value in a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    /// With the digits as written.
    Number(String),
    Boolean(bool),
    Null,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl CompareOp {
    /// As it is written, here and in SQL.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// The comparison that holds when the sides change places.
    pub(crate) fn mirrored(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::NotEqual => Self::NotEqual,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }
}

/// Why a text is not a filter. Shown with the place in words; beside a caret, `what` is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// The character at which the reason shows, from 1; one more than there are when the end came too early.
    pub at: usize,
    /// What is wrong and what would be right, without the place.
    pub what: String,
    /// What kind of fault this is.
    pub kind: FilterErrorKind,
}

/// Kinds of faults that are answered differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterErrorKind {
    /// Not a sentence of the language: code 200.
    Invalid,
    /// `contains`, which the language once had: code 485.
    Contains,
    /// A sentence about an attribute that the schema does not have: code 200, in the service's own words.
    UnknownAttribute,
}

impl FilterError {
    /// A fault at a place counted from 0.
    pub(super) fn new(place: usize, what: &str) -> Self {
        Self {
            at: place + 1,
            what: what.to_owned(),
            kind: FilterErrorKind::Invalid,
        }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            FilterErrorKind::UnknownAttribute => f.write_str(&self.what),
            FilterErrorKind::Invalid | FilterErrorKind::Contains => {
                write!(f, "{} (at character {})", self.what, self.at)
            }
        }
    }
}

impl std::error::Error for FilterError {}

/// Reads a filter. A text of white space alone is no expression; that it stands for all records is the caller's rule.
pub fn parse(text: &str) -> Result<Expr, FilterError> {
    if text.len() > MAX_LENGTH {
        let what = format!("the filter is longer than {MAX_LENGTH} bytes: ask in several calls");
        return Err(FilterError::new(0, &what));
    }
    let mut lexer = Lexer::new(text);
    let token = lexer.next()?;
    let mut parser = Parser {
        lexer,
        token,
        before: None,
        depth: 0,
        terms: 1,
    };
    let tree = parser.or()?;
    match parser.token.kind {
        TokenKind::End => Ok(tree.expr),
        _ => Err(parser.unexpected()),
    }
}

/// An expression and how high its tree is, which bounds the recursion of all that walks it later.
struct Tree {
    expr: Expr,
    height: usize,
}

struct Parser {
    lexer: Lexer,
    /// The token under consideration.
    token: Token,
    /// The token before it, for messages.
    before: Option<Token>,
    /// Open parentheses and `not`s.
    depth: usize,
    terms: usize,
}

impl Parser {
    fn advance(&mut self) -> Result<Token, FilterError> {
        let next = self.lexer.next()?;
        let token = std::mem::replace(&mut self.token, next);
        self.before = Some(token.clone());
        Ok(token)
    }

    fn or(&mut self) -> Result<Tree, FilterError> {
        self.joined("or", Self::and, ExprKind::Or)
    }

    fn and(&mut self) -> Result<Tree, FilterError> {
        self.joined("and", Self::equality, ExprKind::And)
    }

    /// One operand, or several with `keyword` between them.
    fn joined(
        &mut self,
        keyword: &str,
        operand: fn(&mut Self) -> Result<Tree, FilterError>,
        join: fn(Vec<Expr>) -> ExprKind,
    ) -> Result<Tree, FilterError> {
        let first = operand(self)?;
        if !self.token.kind.is_word(keyword) {
            return Ok(first);
        }
        let (start, mut end, mut height) = (first.expr.start, first.expr.end, first.height);
        let mut operands = vec![first.expr];
        while self.token.kind.is_word(keyword) {
            self.terms += 1;
            if self.terms > MAX_TERMS {
                let what = format!(
                    "the filter joins more than {MAX_TERMS} conditions: ask in several calls"
                );
                return Err(FilterError::new(self.token.start, &what));
            }
            self.advance()?;
            let next = operand(self)?;
            end = next.expr.end;
            height = height.max(next.height);
            operands.push(next.expr);
        }
        tree(join(operands), start, end, height)
    }

    fn equality(&mut self) -> Result<Tree, FilterError> {
        self.compared(Self::relation, |kind| match kind {
            TokenKind::Equal => Some(CompareOp::Equal),
            TokenKind::NotEqual => Some(CompareOp::NotEqual),
            _ => None,
        })
    }

    fn relation(&mut self) -> Result<Tree, FilterError> {
        self.compared(Self::unary, |kind| match kind {
            TokenKind::Less => Some(CompareOp::Less),
            TokenKind::LessOrEqual => Some(CompareOp::LessOrEqual),
            TokenKind::Greater => Some(CompareOp::Greater),
            TokenKind::GreaterOrEqual => Some(CompareOp::GreaterOrEqual),
            _ => None,
        })
    }

    /// One operand, or several compared from left to right.
    fn compared(
        &mut self,
        operand: fn(&mut Self) -> Result<Tree, FilterError>,
        op_of: fn(&TokenKind) -> Option<CompareOp>,
    ) -> Result<Tree, FilterError> {
        let mut left = operand(self)?;
        while let Some(op) = op_of(&self.token.kind) {
            self.advance()?;
            let right = operand(self)?;
            let (start, end) = (left.expr.start, right.expr.end);
            let height = left.height.max(right.height);
            let kind = ExprKind::Compare(op, Box::new(left.expr), Box::new(right.expr));
            left = tree(kind, start, end, height)?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Tree, FilterError> {
        if self.token.kind != TokenKind::Bang && !self.token.kind.is_word("not") {
            return self.postfix();
        }
        self.descend()?;
        let start = self.advance()?.start;
        let inner = self.unary()?;
        self.depth -= 1;
        let end = inner.expr.end;
        let kind = ExprKind::Not(Box::new(inner.expr));
        tree(kind, start, end, inner.height)
    }

    fn postfix(&mut self) -> Result<Tree, FilterError> {
        let mut inner = self.primary()?;
        while self.token.kind.is_word("is") {
            self.advance()?;
            let negated = self.token.kind.is_word("not");
            if negated {
                self.advance()?;
            }
            if !self.token.kind.is_word("null") {
                return Err(self.expected_null());
            }
            let end = self.advance()?.end;
            let start = inner.expr.start;
            let operand = Box::new(inner.expr);
            let kind = if negated {
                ExprKind::IsNotNull(operand)
            } else {
                ExprKind::IsNull(operand)
            };
            inner = tree(kind, start, end, inner.height)?;
        }
        Ok(inner)
    }

    fn primary(&mut self) -> Result<Tree, FilterError> {
        let (start, end) = (self.token.start, self.token.end);
        let kind = match &mut self.token.kind {
            TokenKind::Open => return self.parenthesis(),
            TokenKind::Text(text) => ExprKind::Literal(Literal::Text(std::mem::take(text))),
            TokenKind::Number(number) => ExprKind::Literal(Literal::Number(std::mem::take(number))),
            TokenKind::Path(path) => ExprKind::Path(path.clone()),
            TokenKind::Word(word) => match word.to_ascii_lowercase().as_str() {
                "true" => ExprKind::Literal(Literal::Boolean(true)),
                "false" => ExprKind::Literal(Literal::Boolean(false)),
                "null" => ExprKind::Literal(Literal::Null),
                "and" | "or" | "is" | "not" => return Err(self.expected_value()),
                _ => ExprKind::Path(AttrPath(vec![Segment {
                    name: std::mem::take(word),
                    element: None,
                }])),
            },
            _ => return Err(self.expected_value()),
        };
        self.advance()?;
        tree(kind, start, end, 0)
    }

    fn parenthesis(&mut self) -> Result<Tree, FilterError> {
        self.descend()?;
        let open = self.advance()?.start;
        let mut inner = self.or()?;
        match self.token.kind {
            TokenKind::Close => {}
            TokenKind::End => {
                return Err(FilterError::new(
                    open,
                    "the parenthesis that opens here is not closed",
                ));
            }
            _ => return Err(self.unexpected()),
        }
        self.depth -= 1;
        inner.expr.start = open;
        inner.expr.end = self.advance()?.end;
        Ok(inner)
    }

    fn descend(&mut self) -> Result<(), FilterError> {
        if self.depth == MAX_DEPTH {
            return Err(too_deep(self.token.start));
        }
        self.depth += 1;
        Ok(())
    }

    /// A token for messages: as it was written, but for texts, which may be anybody's secret.
    fn shown(&self, token: &Token) -> String {
        if matches!(token.kind, TokenKind::Text(_)) {
            return "a text".to_owned();
        }
        let written = self.lexer.slice(token.start, token.end);
        if written.chars().count() > MAX_SHOWN {
            let beginning: String = written.chars().take(MAX_SHOWN).collect();
            format!("`{beginning}…`")
        } else {
            format!("`{written}`")
        }
    }

    /// Where a value should stand, there is something else.
    fn expected_value(&self) -> FilterError {
        let what = match &self.before {
            None => "expected an attribute, such as email = 'a@example.com'".to_owned(),
            Some(before) => match before.kind {
                TokenKind::Open | TokenKind::Bang | TokenKind::Word(_) => {
                    format!("expected a condition after {}", self.shown(before))
                }
                _ => format!("expected a value after {}", self.shown(before)),
            },
        };
        FilterError::new(self.token.start, &what)
    }

    fn expected_null(&self) -> FilterError {
        let what = match &self.token.kind {
            TokenKind::End => "expected `null` or `not null` after `is`".to_owned(),
            _ => "after `is` comes only `null` or `not null`: compare values with = and !="
                .to_owned(),
        };
        FilterError::new(self.token.start, &what)
    }

    /// Where an operator or the end should stand, there is something else.
    fn unexpected(&mut self) -> FilterError {
        let place = self.token.start;
        let word = match &self.token.kind {
            TokenKind::Close => {
                return FilterError::new(place, "there is no open parenthesis for this one");
            }
            TokenKind::Word(word) => word.to_ascii_lowercase(),
            TokenKind::Open => return self.unexpected_parenthesis(),
            TokenKind::Number(number) if number.starts_with('-') => {
                return FilterError::new(place, "there is no arithmetic in this language");
            }
            _ => String::new(),
        };
        let what = match word.as_str() {
            "contains" => return contains(place),
            "like" | "ilike" | "matches" | "regexp" => format!(
                "there is no `{word}` in this language: only whole values are compared, with = != < <= > >="
            ),
            "in" => {
                "there is no `in` in this language: join comparisons with `or`, as in a = 1 or a = 2".to_owned()
            }
            "between" => {
                "there is no `between` in this language: write a >= 1 and a <= 2".to_owned()
            }
            "not" => return self.unexpected_not(),
            "null" => "`null` is asked for with `is null` or `is not null`".to_owned(),
            _ => match &self.before {
                Some(before) => format!(
                    "expected an operator such as = or `and` after {}, not {}",
                    self.shown(before),
                    self.shown(&self.token)
                ),
                None => format!("{} does not belong here", self.shown(&self.token)),
            },
        };
        FilterError::new(place, &what)
    }

    /// `name(`: a function, or something near it.
    fn unexpected_parenthesis(&self) -> FilterError {
        let place = self.token.start;
        match &self.before {
            Some(name) if matches!(name.kind, TokenKind::Word(_)) => {
                if self
                    .lexer
                    .slice(name.start, name.end)
                    .eq_ignore_ascii_case("contains")
                {
                    return contains(name.start);
                }
                let what = format!(
                    "there are no functions in this language, such as {}",
                    self.shown(name)
                );
                FilterError::new(name.start, &what)
            }
            _ => FilterError::new(place, "expected `and` or `or` before this parenthesis"),
        }
    }

    /// `a not …`.
    fn unexpected_not(&mut self) -> FilterError {
        let place = self.token.start;
        if self.advance().is_ok() && self.token.kind.is_word("contains") {
            return contains(self.token.start);
        }
        FilterError::new(
            place,
            "`not` stands before a condition: write not (a = 1), or a is not null",
        )
    }
}

fn tree(kind: ExprKind, start: usize, end: usize, height: usize) -> Result<Tree, FilterError> {
    let height = height + 1;
    // An operand, its comparison, and an `and` and an `or` above it are not nesting yet.
    if height > MAX_DEPTH + 4 {
        return Err(too_deep(start));
    }
    let expr = Expr { kind, start, end };
    Ok(Tree { expr, height })
}

fn contains(place: usize) -> FilterError {
    FilterError {
        kind: FilterErrorKind::Contains,
        ..FilterError::new(
            place,
            "`contains` is no longer part of the language: only whole values are compared",
        )
    }
}

fn too_deep(place: usize) -> FilterError {
    let what = format!("the filter is nested more than {MAX_DEPTH} deep: write it flatter");
    FilterError::new(place, &what)
}
