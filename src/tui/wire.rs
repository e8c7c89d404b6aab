//! What the form, the search or the design of a schema is going to send, as text: the request line, every header, the arguments, the body and, for a signed
//! call, the string to sign, and the same as a curl command. Made anew after every message, so that it is never about an older
//! draft; of a design, only the page that is looked at, when the design has changed.

use std::sync::Arc;

use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::curl::export::Shown;
use crate::curl::export::export;
use crate::exchange::Sender;
use crate::tui::keys::keymap::keyed;
use crate::tui::model::Model;
use crate::tui::panes::response::request_lines;
use crate::tui::panes::schema::DesignKey;
use crate::tui::panes::schema::design::Chosen;
use crate::tui::panes::schema::design::Tree;
use crate::tui::session::View;

/// Shown while there is nothing to send.
const NOTHING: &str = "Choose an entity type: what is going to be sent appears here.";

/// A longer text is cut: it is read by people.
const MOST: usize = 64 << 10;

/// What the pages on view were made of, when they are a design's.
#[derive(Debug, PartialEq)]
pub struct MadeOf {
    key: DesignKey,
    tree: Tree,
    stored: Option<Arc<EntityType>>,
    chosen: Chosen,
    knows_sender: bool,
    leaf: usize,
}

impl MadeOf {
    fn now(model: &Model) -> Option<Self> {
        let design = &model.schema.desk()?.design;
        Some(Self {
            key: model.schema.current()?.clone(),
            tree: design.tree().clone(),
            stored: design.stored().map(Arc::clone),
            chosen: design.chosen().clone(),
            knows_sender: model.sender.is_some(),
            leaf: model.response.leaf(),
        })
    }
}

/// Brings what is going to be sent up to date while it is on view. A large design waits until no key does.
pub(super) fn refresh(model: &mut Model) {
    if !model.response.shows_wire() {
        return;
    }
    let made_of = (model.view == View::Schema)
        .then(|| MadeOf::now(model))
        .flatten();
    let is_behind = model.schema.is_behind();
    if made_of.is_some() && (is_behind || made_of == model.wire) {
        return;
    }
    model.response.set_wire(pages(model));
    model.wire = made_of;
}

/// What is going to be sent from the form, the search or the schema as it is now: one page, or several with names.
fn pages(model: &Model) -> Vec<(&'static str, String)> {
    let calls = match model.view {
        View::Find => model.records.next_call().map(|call| (vec![call], 0)),
        View::Record => model.form.requests(),
        View::Schema => return of_design(model),
        View::Files => None,
    };
    let text = match calls {
        None => NOTHING.to_owned(),
        Some((requests, faults)) => {
            let mut lines = Vec::new();
            if faults > 0 {
                lines.push(format!(
                    "{faults} field(s) cannot be written as JSON and are left out here: {} does not send.",
                    keyed("<app.send>")
                ));
                lines.push(String::new());
            }
            lines.extend(calls_in_lines(&requests, model));
            cut(lines.join("\n"))
        }
    };
    vec![("To send", text)]
}

/// The definitions of a design, the calls that send them, and the schema as the service will tell it then.
fn of_design(model: &Model) -> Vec<(&'static str, String)> {
    let Some(preview) = model.schema.preview() else {
        let text = keyed(
            "No design is open: <schema.begin> begins one, <app.types> then <types.choose> opens an entity type.",
        );
        return vec![("To send", text)];
    };
    let text = match model.response.leaf() {
        0 => preview.definitions(MOST),
        1 => calls_in_lines(&preview.calls(), model).join("\n"),
        _ => preview.echo(),
    };
    let mut pages = [preview.title(), "Calls", "Echo"].map(|name| (name, String::new()));
    // The others are made when they are turned to.
    pages[model.response.leaf().min(2)].1 = cut(text);
    pages.to_vec()
}

fn calls_in_lines(requests: &[ApiRequest], model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    if requests.is_empty() {
        lines.push("Nothing changed: there is nothing to send.".to_owned());
    }
    for (at, request) in requests.iter().enumerate() {
        if at > 0 {
            lines.extend([String::new(), format!("── then, call {} ──", at + 1)]);
        }
        match &model.sender {
            Some(sender) => lines.extend(sent(sender, request, model)),
            None => lines.push(format!("POST {}", request.endpoint.spec().path)),
        }
    }
    lines
}

fn sent(sender: &Sender, request: &ApiRequest, model: &Model) -> Vec<String> {
    let wire = sender.wire(request, model.session.now);
    let mut lines = request_lines(&sender.describe(&wire), request);
    if let Some(base) = wire.redacted().signature_base() {
        lines.push(String::new());
        lines.push("string to sign (HMAC-SHA1 with the client secret, in base64):".to_owned());
        lines.extend(base.lines().map(str::to_owned));
    }
    let shown = match &sender.credentials {
        Some(credentials) => Shown::Redacted(credentials),
        None => Shown::Nothing,
    };
    lines.push(String::new());
    lines.push(keyed(
        "as a command (<form.copy-curl> copies it, <form.copy-curl-with-secrets> with the secrets):",
    ));
    let command = export(request, &sender.domain, shown);
    lines.extend(command.lines().map(str::to_owned));
    lines
}

fn cut(mut text: String) -> String {
    if text.len() > MOST {
        let end = (0..=MOST).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
        text.push_str("\n… the rest is not shown here");
    }
    text
}
