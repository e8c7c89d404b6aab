//! Exchanges as they may leave: every text of them through one veil. Used by every writer of this module, which never sees
//! an exchange as it was.

use std::collections::HashSet;

use crate::capture::path::AttrPath;
use crate::capture::redact::sharing::Sharing;
use crate::capture::redact::sharing::Veil;
use crate::capture::response::Answer;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::exchange::Exchange;
use crate::exchange::veiled::veiled;
use crate::handover::Item;

/// What is handed over, masked.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) entries: Vec<Entry>,
    /// The entity types concerned, each once.
    pub(super) schemas: Vec<EntityType>,
    pub(super) sharing: Sharing,
    pub(super) met_personal_data: bool,
}

/// An exchange, masked, with what is known around it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) exchange: Exchange,
    pub(super) class: Option<String>,
    pub(super) client: Option<String>,
    /// The attribute that its error is about.
    pub(super) about: Option<AttrPath>,
    /// Its definition, where a schema is at hand.
    pub(super) definition: Option<AttrDef>,
}

impl Parcel {
    /// Masks these, together: what is personal in one is masked in all.
    pub(super) fn pack(items: &[Item], sharing: Sharing) -> Self {
        let mut veil = Veil::new(
            sharing,
            items.iter().filter_map(|item| item.schema.as_deref()),
        );
        for item in items {
            // For what the veil learns of it.
            let _ = veiled(&mut veil, &item.exchange);
        }
        veil.seal();
        let mut schemas: Vec<EntityType> = Vec::new();
        let mut names = HashSet::new();
        for schema in items.iter().filter_map(|item| item.schema.as_deref()) {
            if names.insert(schema.name.as_str()) {
                schemas.push(described(&mut veil, schema));
            }
        }
        let entries = items.iter().map(|item| entry(&mut veil, item)).collect();
        Self {
            entries,
            schemas,
            sharing,
            met_personal_data: veil.met_personal_data(),
        }
    }
}

fn entry(veil: &mut Veil, item: &Item) -> Entry {
    let about = item
        .about
        .clone()
        .or_else(|| match item.exchange.answer()? {
            Answer::Error(error) => error.attribute_path(),
            Answer::Ok(_) | Answer::NotCapture(_) => None,
        });
    let place = about.as_ref().map(AttrPath::definition);
    let found = item
        .schema
        .as_deref()
        .zip(place)
        .and_then(|(schema, place)| schema.get(&place));
    let mut definition = found.cloned();
    if let Some(definition) = &mut definition {
        describe(veil, definition);
    }
    Entry {
        definition,
        exchange: veiled(veil, &item.exchange),
        class: item.class.clone(),
        client: item.client.clone(),
        about,
    }
}

/// An entity type holds nothing personal but what people wrote into descriptions.
fn described(veil: &mut Veil, schema: &EntityType) -> EntityType {
    let mut schema = schema.clone();
    for path in schema
        .walk()
        .into_iter()
        .map(|(path, _)| path)
        .collect::<Vec<_>>()
    {
        if let Some(def) = schema.get_mut(&path) {
            describe(veil, def);
        }
    }
    schema
}

fn describe(veil: &mut Veil, def: &mut AttrDef) {
    let context = veil.any_context();
    if let Some(text) = &mut def.description {
        *text = veil.text(text, &context);
    }
}
