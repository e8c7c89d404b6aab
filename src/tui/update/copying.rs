//! What is copied: texts that a pane has, and calls as curl commands, which the worker writes since it knows the client.

use crate::capture::request::ApiRequest;
use crate::capture::secret::Secret;
use crate::tui::effect::Copied;
use crate::tui::effect::Effect;
use crate::tui::effect::Owner;
use crate::tui::model::Model;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::confirm::Confirm;
use crate::tui::overlays::confirm::Then;
use crate::worker::job::Job;

/// Copies a text.
pub(super) fn copy(what: String, text: String, effects: &mut Vec<Effect>) {
    effects.push(effect(&what, Secret::new(text)));
}

/// What copies a text.
pub(super) fn effect(what: &str, text: Secret) -> Effect {
    Effect::Copy(Copied {
        what: what.to_owned(),
        text,
    })
}

/// Copies calls as curl commands, with variables in place of secrets.
pub(super) fn curl(model: &mut Model, requests: Vec<ApiRequest>, effects: &mut Vec<Effect>) {
    export(model, requests, false, effects);
}

/// Copies calls as curl commands that can be run as they are.
pub(super) fn curl_with_secrets(
    model: &mut Model,
    requests: Vec<ApiRequest>,
    effects: &mut Vec<Effect>,
) {
    export(model, requests, true, effects);
}

/// Asks before secrets are copied.
pub(super) fn ask_for_secrets(model: &mut Model, requests: Vec<ApiRequest>) {
    let lines = vec![
        "The command will hold the client's secret, and passwords if there".to_owned(),
        "are any. Whoever reads it can call the service in its name.".to_owned(),
        "<response.copy-curl> copies it with variables in their place.".to_owned(),
    ];
    let question = Confirm::new(
        "Copy with secrets",
        lines,
        ["Do not copy", "Copy"],
        Then::CopyCurl(requests),
    );
    model.overlays.push(Overlay::Confirm(question));
}

fn export(model: &mut Model, requests: Vec<ApiRequest>, secrets: bool, effects: &mut Vec<Effect>) {
    let job = Job::ExportCurl { requests, secrets };
    model
        .fx(Owner::App, effects)
        .run("curl command", job, false);
}
