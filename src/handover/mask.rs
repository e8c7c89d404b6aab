//! Exchanges as they may leave: every text of them through one veil. Used by every writer of this module, which never sees
//! an exchange as it was; and where a call is shown to somebody who looks on.

use std::collections::HashSet;

use crate::capture::path::AttrPath;
use crate::capture::redact::sharing::Context;
use crate::capture::redact::sharing::Sharing;
use crate::capture::redact::sharing::Veil;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::response::NotCapture;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::exchange::Answered;
use crate::exchange::Arrived;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Sent;
use crate::exchange::TransportError;
use crate::handover::Item;

/// A call for somebody who looks on: without secrets and personal data, by these entity types and by the names of what it
/// holds. Takes as long as reading it a few times.
pub fn masked<'a>(call: &Exchange, schemas: impl IntoIterator<Item = &'a EntityType>) -> Exchange {
    let mut veil = Veil::new(Sharing::Masked, schemas);
    // For what the veil learns of it.
    let _ = exchange(&mut veil, call);
    veil.seal();
    exchange(&mut veil, call)
}

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
            let _ = exchange(&mut veil, &item.exchange);
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
        exchange: exchange(veil, &item.exchange),
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

/// The exchange with everything masked that must not leave.
fn exchange(veil: &mut Veil, exchange: &Exchange) -> Exchange {
    let context = veil.context(&exchange.request);
    let args = veil.args(&exchange.request.args, &context);
    Exchange {
        id: exchange.id,
        environment: exchange.environment.clone(),
        sent: Sent {
            method: exchange.sent.method.clone(),
            url: veil.url(&exchange.sent.url, &context),
            headers: veil.headers(&exchange.sent.headers, &context),
            body: veil.form(&exchange.sent.body, &context),
        },
        outcome: outcome(veil, exchange, &context),
        request: ApiRequest {
            args,
            ..exchange.request.clone()
        },
        started: exchange.started,
        elapsed: exchange.elapsed,
        timing: exchange.timing.clone(),
    }
}

fn outcome(veil: &mut Veil, exchange: &Exchange, context: &Context) -> Outcome {
    let args = &exchange.request.args;
    match &exchange.outcome {
        Outcome::Answered(answered) => {
            let headers = veil.headers(&answered.headers, context);
            let body = veil.body(&answered.body, args, context);
            Outcome::Answered(match &answered.answer {
                Answer::Ok(_) | Answer::Error(_) => Answered::read(answered.status, headers, body),
                // Said of the body by whoever read it whole, which need not be so of this one.
                Answer::NotCapture(other) => Answered {
                    status: answered.status,
                    headers,
                    body,
                    answer: Answer::NotCapture(NotCapture {
                        reason: veil.text(&other.reason, context),
                    }),
                    judged: answered.judged,
                },
            })
        }
        Outcome::Failed(error) => Outcome::Failed(TransportError {
            stage: error.stage,
            message: veil.text(&error.message, context),
            may_have_happened: error.may_have_happened,
            arrived: error.arrived.as_deref().map(|arrived| {
                Box::new(Arrived {
                    status: arrived.status,
                    headers: veil.headers(&arrived.headers, context),
                    body: veil.body(&arrived.body, args, context),
                })
            }),
        }),
    }
}
