//! Filters as SQL: writes a condition on `records` for a test whose attributes and values are settled. Every value and
//! every path is bound; the text holds nothing but our own words, column names and placeholders.
//!
//! ```text
//! city = 'Ghent'        json_extract(records.body, ?2) = ?3
//! email = 'a@b.co'      records.id IN (SELECT record_id FROM unique_values WHERE …)    unique, in positive position
//! logins.domain = 'x'   EXISTS (SELECT 1 FROM jsonb_each(records.body, ?2) AS e1
//!                               WHERE e1.type = 'object' AND json_extract(e1.value, ?3) = ?4)
//! ```
//!
//! An index gives true or false where a comparison gives unknown. That makes no difference where only `and` and `or`
//! stand above it, the positive position; anywhere else the record itself is looked at.

use std::collections::HashMap;

use rusqlite::types::Value;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::constraint::Feature;
use crate::capture::filter::comparable::Comparable;
use crate::capture::filter::parse::CompareOp;
use crate::capture::filter::typing::Attribute;
use crate::capture::filter::typing::Form;
use crate::capture::filter::typing::Side;
use crate::capture::filter::typing::Test;
use crate::capture::json::Json;
use crate::capture::path::Segment;
use crate::capture::schema::AttrDef;
use crate::capture::value;
use crate::sandbox::filter::Condition;
use crate::sandbox::filter::FOLD;
use crate::sandbox::filter::INSTANT;
use crate::sandbox::filter::NUMBER;
use crate::sandbox::filter::sql_value;

/// `test` as a condition whose own placeholders begin at `first_param`; `?1` is the id of the type.
pub(super) fn write(test: &Test, first_param: usize) -> Condition {
    let mut writer = Writer {
        first_param,
        params: Vec::new(),
        names: HashMap::new(),
        aliases: 0,
    };
    let sql = writer.test(test, Position::Positive);
    Condition {
        sql,
        params: writer.params,
    }
}

/// Whether unknown may become false without changing which records are found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Positive,
    Other,
}

struct Writer {
    first_param: usize,
    params: Vec<Value>,
    /// Where names and paths are bound already.
    names: HashMap<String, usize>,
    /// How many plurals have been opened, which names the next one.
    aliases: usize,
}

/// The plurals that one comparison looks into.
#[derive(Default)]
struct Opened {
    /// The segments that lead to each, and its name in the SQL.
    aliases: Vec<(Vec<Segment>, String)>,
    sources: Vec<String>,
}

/// Where an attribute's value is: below a document, by the names that lead there.
struct Place<'p> {
    document: String,
    names: &'p [Segment],
}

impl Writer {
    /// A placeholder for a value of the filter.
    fn bind(&mut self, value: Value) -> String {
        self.params.push(value);
        self.placeholder(self.params.len() - 1)
    }

    /// A placeholder for a name of the schema, one for all the places where it comes.
    fn bind_name(&mut self, name: String) -> String {
        if let Some(place) = self.names.get(&name) {
            return self.placeholder(*place);
        }
        self.names.insert(name.clone(), self.params.len());
        self.bind(Value::Text(name))
    }

    fn placeholder(&self, place: usize) -> String {
        format!("?{}", self.first_param + place)
    }

    /// `$.a.b`
    fn bind_path(&mut self, names: &[Segment]) -> String {
        let mut path = "$".to_owned();
        for segment in names {
            path.push('.');
            path.push_str(&segment.name);
        }
        self.bind_name(path)
    }

    fn test(&mut self, test: &Test, position: Position) -> String {
        match test {
            Test::Constant(None) => "NULL".to_owned(),
            Test::Constant(Some(false)) => "0".to_owned(),
            Test::Constant(Some(true)) => "1".to_owned(),
            Test::All(tests) => self.joined(tests, "AND", position),
            Test::Any(tests) => self.joined(tests, "OR", position),
            Test::Not(test) => format!("(NOT {})", self.test(test, Position::Other)),
            Test::IsUnknown(test) => format!("({} IS NULL)", self.test(test, Position::Other)),
            Test::Compare(op, left, right) => self
                .through_index(*op, left, right, position)
                .unwrap_or_else(|| self.compare(*op, left, right)),
            Test::IsNull(attribute) => self.is_null(attribute, false),
            Test::IsNotNull(attribute) => self.is_null(attribute, true),
        }
    }

    fn joined(&mut self, tests: &[Test], keyword: &str, position: Position) -> String {
        let parts: Vec<String> = tests.iter().map(|test| self.test(test, position)).collect();
        balanced(&parts, keyword)
    }

    /// A comparison of an attribute with a value, answered by one of the tables that hold values in order.
    fn through_index(
        &mut self,
        op: CompareOp,
        left: &Side,
        right: &Side,
        position: Position,
    ) -> Option<String> {
        let (attribute, op, value) = match (left, right) {
            (Side::Attribute(attribute, _), Side::Value(value)) => (attribute, op, value),
            (Side::Value(value), Side::Attribute(attribute, _)) => {
                (attribute, op.mirrored(), value)
            }
            _ => return None,
        };
        if position != Position::Positive
            || op == CompareOp::NotEqual
            || attribute.is_reserved()
            || *value == Comparable::Null
        {
            return None;
        }
        let key = unique_key(value, attribute.def).filter(|_| op == CompareOp::Equal);
        let (table, value) = match key {
            Some(key) => ("unique_values", Value::Text(key)),
            None if attribute.def.has_feature(&Feature::Query) => {
                ("query_values", sql_value(value.clone()))
            }
            None => return None,
        };
        let (name, value) = (self.bind_name(attribute.path.dotted()), self.bind(value));
        let op = op.symbol();
        Some(format!(
            "records.id IN (SELECT record_id FROM {table} WHERE type_id = ?1 AND attribute = {name} AND value {op} {value})"
        ))
    }

    fn compare(&mut self, op: CompareOp, left: &Side, right: &Side) -> String {
        let mut opened = Opened::default();
        let left = self.side(left, &mut opened);
        let right = self.side(right, &mut opened);
        opened.any(&format!("({left} {} {right})", op.symbol()))
    }

    fn side(&mut self, side: &Side, opened: &mut Opened) -> String {
        match side {
            Side::Value(value) => self.bind(sql_value(value.clone())),
            Side::Test(test) => self.test(test, Position::Other),
            Side::Attribute(attribute, form) => {
                if let Some(column) = column(attribute) {
                    // Instants are microseconds in a column already.
                    return column.to_owned();
                }
                let place = self.open(attribute, opened);
                let path = self.bind_path(place.names);
                let document = place.document;
                match form {
                    Form::AsStored => format!("json_extract({document}, {path})"),
                    Form::Folded => format!("{FOLD}(json_extract({document}, {path}))"),
                    Form::Instant => format!("{INSTANT}(json_extract({document}, {path}))"),
                    Form::Number => format!("{NUMBER}({document} -> {path})"),
                }
            }
        }
    }

    fn is_null(&mut self, attribute: &Attribute, negated: bool) -> String {
        if let Some(column) = column(attribute) {
            return format!("({column} IS {}NULL)", if negated { "NOT " } else { "" });
        }
        let mut opened = Opened::default();
        let place = self.open(attribute, &mut opened);
        let absent = self.nothing_at(&place.document, place.names, attribute.def);
        opened.any(&if negated {
            format!("(NOT {absent})")
        } else {
            absent
        })
    }

    /// Whether nothing is there: no value, no element, or in no member of an object.
    fn nothing_at(&mut self, document: &str, names: &[Segment], def: &AttrDef) -> String {
        match &def.attr_type {
            AttrType::Object(members) => {
                let mut below = names.to_vec();
                let parts: Vec<String> = members
                    .iter()
                    .map(|member| {
                        below.push(Segment {
                            name: member.name.clone(),
                            element: None,
                        });
                        let part = self.nothing_at(document, &below, member);
                        below.pop();
                        part
                    })
                    .collect();
                balanced(&parts, "AND")
            }
            AttrType::Plural(_) => {
                let path = self.bind_path(names);
                format!("(ifnull(json_array_length({document}, {path}), 0) = 0)")
            }
            _ => {
                let path = self.bind_path(names);
                format!("(json_extract({document}, {path}) IS NULL)")
            }
        }
    }

    /// Opens the plurals on the way to `attribute` and returns where its value is in their elements. A plural that the
    /// comparison has open already is not opened again: both sides speak of the same element (our choice).
    fn open<'p>(&mut self, attribute: &'p Attribute, opened: &mut Opened) -> Place<'p> {
        let segments = attribute.path.0.as_slice();
        let mut document = "records.body".to_owned();
        let mut from = 0;
        for &to in &attribute.plurals {
            let way = &segments[..to];
            let known = opened.aliases.iter().find(|(open, _)| open == way);
            let alias = if let Some((_, alias)) = known {
                alias.clone()
            } else {
                self.aliases += 1;
                let alias = format!("e{}", self.aliases);
                let path = self.bind_path(&segments[from..to]);
                let source = format!("jsonb_each({document}, {path}) AS {alias}");
                opened.sources.push(source);
                opened.aliases.push((way.to_vec(), alias.clone()));
                alias
            };
            document = format!("{alias}.value");
            from = to;
        }
        Place {
            document,
            names: &segments[from..],
        }
    }
}

impl Opened {
    /// Whether `condition` holds for any element of what was opened.
    fn any(&self, condition: &str) -> String {
        if self.sources.is_empty() {
            return condition.to_owned();
        }
        let mut sql = format!(
            "EXISTS (SELECT 1 FROM {} WHERE ",
            self.sources.join(" CROSS JOIN ")
        );
        for (_, alias) in &self.aliases {
            // What is no list at all comes as one row, too.
            sql.push_str(alias);
            sql.push_str(".type = 'object' AND ");
        }
        sql.push_str(condition);
        sql.push(')');
        sql
    }
}

/// `parts` joined as a tree of low height: SQLite refuses expressions that are nested too deeply.
fn balanced(parts: &[String], keyword: &str) -> String {
    match parts {
        // Only an object without members: nothing is in it.
        [] => "1".to_owned(),
        [only] => only.clone(),
        _ => {
            let (left, right) = parts.split_at(parts.len() / 2);
            format!(
                "({} {keyword} {})",
                balanced(left, keyword),
                balanced(right, keyword)
            )
        }
    }
}

/// The column that holds an attribute, when it is one of the reserved four.
fn column(attribute: &Attribute) -> Option<&'static str> {
    if !attribute.is_reserved() {
        return None;
    }
    match attribute.path.name()? {
        "id" => Some("records.id"),
        "uuid" => Some("records.uuid"),
        "created" => Some("records.created"),
        "lastUpdated" => Some("records.last_updated"),
        _ => None,
    }
}

/// The key under which `unique_values` has `value`. `None` when the attribute is not unique, and where equal values may
/// have unequal keys or the other way round: decimals, which filters compare as floats, and numbers with a fraction.
fn unique_key(value: &Comparable, def: &AttrDef) -> Option<String> {
    if !def.has(&Constraint::Unique) {
        return None;
    }
    match (value, &def.attr_type) {
        (Comparable::Text(text), _) => Some(text.clone()),
        (Comparable::Whole(number), AttrType::Integer) => value::unique_key(&(*number).into(), def),
        (Comparable::Whole(truth), AttrType::Boolean) => {
            value::unique_key(&Json::Bool(*truth == 1), def)
        }
        _ => None,
    }
}
