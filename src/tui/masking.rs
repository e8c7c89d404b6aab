//! Personal data on the screen, masked for somebody who looks on: which values, and what stands in their place.
//!
//! Which value is personal follows from its attribute's name and definition ([`crate::capture::redact::personal`]). Used
//! by what shows records field by field. Secrets are masked without this, always.

use std::sync::Arc;

use crate::capture::json::Json;
use crate::capture::redact::personal::Defined;
use crate::capture::redact::personal::Kind;
use crate::capture::redact::personal::is_kept;
use crate::capture::schema::EntityType;

/// What is said where personal data is masked.
pub const NOTE: &str = "personal data masked: M";

/// The masking, while it is on.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// What the schemas at hand say beside the names.
    defined: Arc<Defined>,
}

impl Mask {
    /// By these entity types.
    pub fn of<'a>(schemas: impl IntoIterator<Item = &'a EntityType>) -> Self {
        let mut defined = Defined::default();
        for schema in schemas {
            defined.learn(schema);
        }
        Self {
            defined: Arc::new(defined),
        }
    }

    /// What the value tells that the attributes of these names lead to, the outermost first.
    pub fn kind<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Option<Kind> {
        names.into_iter().fold(None, |around, name| match around {
            Some(_) if is_kept(name) => None,
            around => self.defined.kind(name).or(around),
        })
    }
}

/// What stands in place of a value that tells who somebody is; `None` when it may be shown.
pub fn word<'a>(
    mask: &Mask,
    names: impl IntoIterator<Item = &'a str>,
    value: &Json,
) -> Option<String> {
    let kind = mask.kind(names)?;
    let says_nothing = match value {
        Json::Null | Json::Bool(_) => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Number(_) | Json::Object(_) => false,
    };
    (!says_nothing).then(|| placeholder(kind))
}

/// What stands in place of such a value.
pub fn placeholder(kind: Kind) -> String {
    format!("‹{}›", kind.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_masked_by_all_that_surrounds_them() {
        let mask = Mask::default();
        let value = Json::from("x");
        for (names, expected) in [
            (&["email"][..], Some("‹email›")),
            (&["primaryAddress", "zip"], Some("‹address›")),
            (&["primaryAddress", "extra"], Some("‹address›")),
            (&["primaryAddress", "country"], None),
            (&["profiles", "domain"], None),
            (&["uuid"], None),
        ] {
            let word = word(&mask, names.iter().copied(), &value);
            assert_eq!(word.as_deref(), expected, "{names:?}");
        }
        for nothing in [Json::Null, Json::from("")] {
            assert_eq!(word(&mask, ["email"], &nothing), None);
        }
    }
}
