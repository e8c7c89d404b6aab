//! Values as filters compare them: what a literal and an attribute's value have to become before one can be less than
//! the other. Used by the typing of filters and by the sandbox for its index; compares nothing itself.

use crate::capture::attr_type::AttrType;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::schema::AttrDef;

/// A value in the form in which it is compared with others of its attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparable {
    /// No value: a comparison with it is unknown.
    Null,
    /// A whole number; a truth value as 0 or 1; an instant in microseconds since 1970.
    Whole(i64),
    /// A number with a fraction, or beyond 64 bits.
    Float(f64),
    /// A text, folded where its case does not matter.
    Text(String),
}

impl Comparable {
    /// The value of an attribute; `None` for null and for what has no order. `value` is in the spelling in which records
    /// are stored.
    pub fn of(value: &Json, def: &AttrDef) -> Option<Self> {
        match (value, &def.attr_type) {
            (Json::String(text), AttrType::String { case_sensitive, .. }) => {
                Some(Self::Text(if *case_sensitive {
                    text.clone()
                } else {
                    fold(text)
                }))
            }
            (Json::String(text), AttrType::Uuid) => Some(Self::Text(text.to_ascii_lowercase())),
            (Json::String(text), AttrType::Date | AttrType::DateTime | AttrType::IpAddress) => {
                Some(Self::Text(text.clone()))
            }
            (Json::Bool(value), AttrType::Boolean) => Some(Self::Whole(i64::from(*value))),
            (Json::Number(number), AttrType::Integer | AttrType::Decimal | AttrType::Id) => {
                Some(Self::number(number))
            }
            _ => None,
        }
    }

    /// A number: 64 bits if it is written as a whole number and fits, otherwise a float.
    pub fn number(number: &Number) -> Self {
        match number.as_i64() {
            Some(whole) => Self::Whole(whole),
            None => Self::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        }
    }
}

/// Text in the form in which it is compared when case does not matter; the same as for `unique`.
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}
