//! Access schemas: opening their sheet, from the attribute that a refused call was about where there is one, and doing what
//! the sheet's keys ask for. Part of the root's update: the sheet knows what it shows, only the root knows the jobs and
//! the environment.

use std::sync::Arc;

use crate::capture::auth::Credentials;
use crate::capture::endpoint;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::path::AttrPath;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::capture::schema::access::AccessType;
use crate::exchange::Exchange;
use crate::tui::effect::Effect;
use crate::tui::effect::Owner;
use crate::tui::keys::keymap::keyed;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::access::AccessSheet;
use crate::tui::overlays::access::Action;
use crate::tui::panes::records::trouble::unknown_in_filter;
use crate::tui::update::denied;
use crate::tui::update::sheets;
use crate::worker::job::Job;

/// What is said of an attribute that the service denies and the schema has: why, and the key that goes there.
pub(super) const HIDDEN: &str = "hidden from this client by its access schema: <schema.access>";

/// An attribute that is in the schema, and of which the service says to a client that there is none.
pub(super) struct Hidden {
    type_name: String,
    path: AttrPath,
    access: AccessType,
}

/// What the answer shown hides from the environment's own client.
pub(super) fn hidden(model: &Model, exchange: &Exchange) -> Option<Hidden> {
    let Some(Answer::Error(error)) = exchange.answer() else {
        return None;
    };
    if exchange.environment != model.session.environment {
        return None;
    }
    let path = denied(error)?.definition();
    let request = &exchange.request;
    let type_name = request.args.get("type_name")?;
    model.session.schemas.get(type_name)?.get(&path)?;
    let reads = request.endpoint.spec().effect == endpoint::Effect::Read;
    let sender = model.sender.as_ref();
    let credentials = sender.and_then(|sender| sender.credentials.as_ref());
    let with_token = request.args.get("access_token").is_some()
        || matches!(credentials, Some(Credentials::Token(_)));
    Some(Hidden {
        type_name: type_name.to_owned(),
        path,
        access: match (reads, with_token) {
            (true, false) => AccessType::Read,
            (false, false) => AccessType::Write,
            (true, true) => AccessType::ReadWithToken,
            (false, true) => AccessType::WriteWithToken,
        },
    })
}

/// The attribute that an error denies. A filter's is told in the words of code 200 (reference 5).
fn denied(error: &ApiError) -> Option<AttrPath> {
    if error.code == ErrorCode::UNKNOWN_ATTRIBUTE {
        return error.attribute_path();
    }
    if error.argument_name() != Some("filter") {
        return None;
    }
    let name = unknown_in_filter(&error.description)?;
    name.parse().ok().filter(|path: &AttrPath| !path.is_root())
}

/// Whether the answer shown denies an attribute that is there.
pub(super) fn hides(model: &Model) -> bool {
    let exchange = model.response.exchange();
    exchange.is_some_and(|exchange| hidden(model, exchange).is_some())
}

/// Says beside an answer, and in the status line, that the attribute it denies is there, and hidden from this client;
/// whether that is so.
pub(super) fn explain(model: &mut Model, exchange: &Exchange) -> bool {
    let hidden = hidden(model, exchange);
    let is_hidden = hidden.is_some();
    if let Some(hidden) = hidden {
        model.say(
            Tone::Refusal,
            format!("{} is {HIDDEN}", hidden.path.dotted()),
        );
        let told = format!(
            "{} is hidden from this client by its {} access schema: <schema.access> goes there",
            hidden.path.dotted(),
            hidden.access.name()
        );
        model.response.explain(keyed(&told));
        if let Some(names) = all_hidden(model, exchange, &hidden) {
            let kind = hidden.access.name();
            model.response.explain(format!(
                "of what this call names, the client's {kind} schema hides: {names}"
            ));
        }
    }
    is_hidden
}

/// Everything that a call names and its access schema hides, when that was loaded.
fn all_hidden(model: &Model, exchange: &Exchange, hidden: &Hidden) -> Option<String> {
    let type_name = hidden.type_name.clone();
    let stored = model.session.schemas.get(&type_name)?;
    let key = (own_client(model)?, type_name, hidden.access);
    let seen = model.session.access.get(&key)?;
    denied::in_words(&exchange.request, stored, seen)
}

/// Remembers what a client may use, when the service just told.
pub(super) fn learn(model: &mut Model, exchange: &Exchange) {
    let (args, endpoint) = (&exchange.request.args, exchange.request.endpoint);
    let key = || {
        Some((
            args.get("for_client_id")?.to_owned(),
            args.get("type_name")?.to_owned(),
            AccessType::from_name(args.get("access_type")?)?,
        ))
    };
    let Some(Answer::Ok(answer)) = exchange.answer() else {
        return;
    };
    if exchange.environment != model.session.environment {
        return;
    }
    let known = &mut model.session.access;
    match (endpoint, key()) {
        (Endpoint::TypeGetAccessSchema | Endpoint::TypeSetAccessSchema, Some(key)) => {
            match EntityType::from_json(answer) {
                Ok((seen, _)) => drop(known.insert(key, Arc::new(seen))),
                Err(_) => drop(known.remove(&key)),
            }
        }
        (Endpoint::TypeDeleteAccessSchema, Some(key)) => drop(known.remove(&key)),
        _ => {}
    }
}

/// Opens the access schemas of the chosen entity type: on the attribute that the answer shown denies, else to choose a
/// client.
pub(super) fn show(model: &mut Model, effects: &mut Vec<Effect>) {
    let exchange = model.response.exchange().map(Arc::clone);
    let hidden = exchange.and_then(|exchange| hidden(model, &exchange));
    let type_name = match &hidden {
        Some(hidden) => Some(hidden.type_name.clone()),
        None => model.session.type_name.clone(),
    };
    let schema = type_name.and_then(|name| model.session.schemas.get(&name).map(Arc::clone));
    let Some(schema) = schema else {
        return;
    };
    let mut sheet = AccessSheet::new(schema, own_client(model));
    let request = match hidden {
        Some(hidden) => {
            sheet = sheet.about(hidden.path, hidden.access);
            let own = own_client(model);
            // Who the own client is, is asked below, not of the service.
            model
                .sender
                .is_some()
                .then(|| sheet.know_own(own.as_deref()))
                .flatten()
        }
        None => Some(sheet.ask_for_clients()),
    };
    model.overlays.push(Overlay::Access(Box::new(sheet)));
    if let Some(request) = request {
        sheets::call(model, request, effects);
    }
    if model.sender.is_none() {
        let mut fx = model.fx(Owner::App, effects);
        fx.run("who sends", Job::DescribeSender, false);
    }
}

/// The id of the environment's own client, once it is known.
fn own_client(model: &Model) -> Option<String> {
    let sender = model.sender.as_ref()?;
    sender.credentials.as_ref()?.id().map(str::to_owned)
}

/// It is known now who sends: a sheet that waited for that goes on.
pub(super) fn sender_known(model: &mut Model, effects: &mut Vec<Effect>) {
    let own = own_client(model);
    let request = model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Access(sheet) => sheet.know_own(own.as_deref()),
        _ => None,
    });
    if let Some(request) = request {
        sheets::call(model, request, effects);
    }
}

/// Carries a verb of the sheet out.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    if let Some(Overlay::Access(sheet)) = model.overlays.last_mut() {
        let reply = sheet.act(action, model.area);
        sheets::replied(model, reply, effects);
    }
}
