//! Personal data on the screen, masked for somebody who looks on: which values, and what stands in their place.
//!
//! Which value is personal follows from its attribute's name and definition ([`crate::capture::redact::personal`]). Used
//! by what shows records field by field. Secrets are masked without this, always.

use std::sync::Arc;

use ratatui::buffer::Buffer;

use crate::capture::json::Json;
use crate::capture::redact::personal::Defined;
use crate::capture::redact::personal::Kind;
use crate::capture::redact::personal::is_kept;
use crate::capture::redact::sharing::Sharing;
use crate::capture::redact::sharing::Veil;
use crate::capture::schema::EntityType;
use crate::exchange::Exchange;
use crate::exchange::veiled::veiled;

/// What is said where personal data is masked.
pub const NOTE: &str = "personal data masked: <app.mask>";

/// The masking, while it is on.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// The schemas at hand.
    schemas: Vec<Arc<EntityType>>,
    /// What they say beside the names.
    defined: Arc<Defined>,
}

impl Mask {
    /// By these entity types.
    pub fn of(schemas: Vec<Arc<EntityType>>) -> Self {
        let mut defined = Defined::default();
        for schema in &schemas {
            defined.learn(schema);
        }
        Self {
            schemas,
            defined: Arc::new(defined),
        }
    }

    /// A call as it may be looked at. Takes as long as reading it a few times.
    pub fn call(&self, exchange: &Exchange) -> Exchange {
        let schemas = self.schemas.iter().map(|schema| &**schema);
        let mut veil = Veil::new(Sharing::Masked, schemas);
        // For what the veil learns of it.
        let _ = veiled(&mut veil, exchange);
        veil.seal();
        veiled(&mut veil, exchange)
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

/// What a text outside of any record may tell of whom it is about, such as a filter: only an id or a uuid names nobody.
pub fn outside<'a>(mask: Option<&Mask>, text: &'a str) -> &'a str {
    let is_id = |c: char| c.is_ascii_hexdigit() || c == '-';
    if mask.is_some() && !text.chars().all(is_id) {
        return "‹…›";
    }
    text
}

/// Masks every e-mail address that is still on the screen: in a filter, a message, a call's subject. For the end of a frame.
pub fn sweep(buffer: &mut Buffer) {
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if buffer[(x, y)].symbol() == "@" {
                sweep_address(buffer, x, y);
            }
        }
    }
}

/// The address around the sign at this place; also one that is cut.
fn sweep_address(buffer: &mut Buffer, x: u16, y: u16) {
    let (left, right) = (buffer.area.left(), buffer.area.right());
    let is_part = |x: u16, buffer: &Buffer| {
        let mut symbol = buffer[(x, y)].symbol().chars();
        symbol.all(|c| c.is_alphanumeric() || "._%+-…".contains(c))
    };
    let begin = (left..x).rev().take_while(|x| is_part(*x, buffer)).last();
    let end = (x + 1..right).take_while(|x| is_part(*x, buffer)).last();
    let (Some(begin), Some(end)) = (begin, end) else {
        return;
    };
    for x in begin..=end {
        buffer[(x, y)].set_symbol("•");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_swept_from_the_screen() {
        let lines = [
            "email = 'ada@example.com' x",
            "cut ada.l+x@exam… y",
            "a @ b, @name",
        ];
        let mut buffer = Buffer::with_lines(lines);
        sweep(&mut buffer);
        let expected = [
            "email = '•••••••••••••••' x",
            "cut ••••••••••••• y",
            "a @ b, @name",
        ];
        assert_eq!(buffer, Buffer::with_lines(expected));
    }

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
