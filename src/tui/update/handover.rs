//! Handing a call over: as a ticket that is copied, or into a file. Part of the root's update: a pane knows the call, only the
//! root knows the schemas and the jobs.

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::KeyEvent;

use crate::capture::endpoint::Endpoint;
use crate::capture::redact::sharing::Sharing;
use crate::exchange::ExchangeId;
use crate::handover::format::Format;
use crate::tui::effect::Effect;
use crate::tui::effect::Owner;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::hand_over::HandOverSheet;
use crate::tui::overlays::hand_over::Reply;
use crate::tui::update::failure_of;
use crate::tui::update::with_cause;
use crate::worker::compare::operation;
use crate::worker::handover::Calls;
use crate::worker::handover::HandOver;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::JobId;
use crate::worker::job::Output;

/// The call on the screen.
fn shown(model: &Model) -> Option<Calls> {
    let exchange = model.response.exchange()?;
    Some(Calls::Shown(Arc::clone(exchange)))
}

/// Copies a ticket of the call on the screen, in the format chosen last.
pub(super) fn copy_ticket(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(calls) = shown(model) {
        let (format, what) = (model.ticket, ticket(&calls));
        hand_over(model, what, calls, format, Sharing::Masked, None, effects);
    }
}

/// Copies a ticket of a call of the history, in the format chosen last; `what` it is, for people.
pub(super) fn copy_ticket_of(
    model: &mut Model,
    id: ExchangeId,
    what: &str,
    effects: &mut Vec<Effect>,
) {
    let (calls, format) = (Calls::Kept(vec![id]), model.ticket);
    let what = format!("the ticket of {what}, call {}", id.0);
    hand_over(model, what, calls, format, Sharing::Masked, None, effects);
}

/// What is said to be on the clipboard then: which call's ticket.
fn ticket(calls: &Calls) -> String {
    match calls {
        Calls::Shown(exchange) => {
            let number = exchange.id.map(|id| format!(", call {}", id.0));
            let what = operation(exchange);
            format!("the ticket of {what}{}", number.unwrap_or_default())
        }
        Calls::Kept(_) => "the ticket".to_owned(),
    }
}

/// Asks as what a ticket of the call on the screen is copied.
pub(super) fn ask_ticket(model: &mut Model) {
    if let Some(calls) = shown(model) {
        let sheet = HandOverSheet::ticket(calls);
        model.overlays.push(Overlay::HandOver(Box::new(sheet)));
    }
}

/// Asks as what the call on the screen is exported.
pub(super) fn ask_export(model: &mut Model) {
    let Some(exchange) = model.response.exchange() else {
        return;
    };
    let calls = Calls::Shown(Arc::clone(exchange));
    let (endpoint, id) = (exchange.request.endpoint, exchange.id);
    ask(model, calls, endpoint, id);
}

/// Asks as what a call of the history is exported.
pub(super) fn ask_export_of(model: &mut Model, id: ExchangeId, endpoint: Endpoint) {
    ask(model, Calls::Kept(vec![id]), endpoint, Some(id));
}

fn ask(model: &mut Model, calls: Calls, endpoint: Endpoint, id: Option<ExchangeId>) {
    let name = match id {
        Some(id) => format!("{endpoint}-{}", id.0),
        None => endpoint.to_string(),
    };
    let sheet = HandOverSheet::export(calls, &name);
    model.overlays.push(Overlay::HandOver(Box::new(sheet)));
}

fn sheet(model: &mut Model) -> Option<&mut HandOverSheet> {
    match model.overlays.last_mut() {
        Some(Overlay::HandOver(sheet)) => Some(sheet),
        _ => None,
    }
}

/// A key while it is asked.
pub(super) fn key(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) {
    let Some(sheet) = sheet(model) else {
        return;
    };
    let calls = sheet.calls.clone();
    match sheet.key(key) {
        Reply::Open => {}
        Reply::Close => drop(model.overlays.pop()),
        Reply::Copy(format, sharing) => {
            model.overlays.pop();
            // Only the format is remembered: personal data goes out when that is said, each time.
            model.ticket = format;
            let what = ticket(&calls);
            hand_over(model, what, calls, format, sharing, None, effects);
        }
        Reply::Write(format, sharing, file) => {
            let (what, file) = ("hand over".to_owned(), Some(file.into()));
            let id = hand_over(model, what, calls, format, sharing, file, effects);
            if let Some(file) = self::sheet(model).and_then(HandOverSheet::file_mut) {
                file.wait_for(id);
            }
        }
    }
}

/// Has it made by the worker, under the title `what`.
fn hand_over(
    model: &mut Model,
    what: String,
    calls: Calls,
    format: Format,
    sharing: Sharing,
    file: Option<PathBuf>,
    effects: &mut Vec<Effect>,
) -> JobId {
    let is_shown = matches!(calls, Calls::Shown(_));
    let work = HandOver {
        about: model.response.about().filter(|_| is_shown).cloned(),
        schemas: model.session.schemas.values().map(Arc::clone).collect(),
        calls,
        format,
        sharing,
        file,
    };
    let job = Job::HandOver(Box::new(work));
    model.fx(Owner::App, effects).run(what, job, false)
}

/// Whether a file waits for this job.
pub(super) fn is_awaited(model: &Model, id: JobId) -> bool {
    let Some(Overlay::HandOver(sheet)) = model.overlays.last() else {
        return false;
    };
    sheet.file().is_some_and(|file| file.waits_for(id))
}

/// The file was written, or could not be: then another name can be typed.
pub(super) fn finished(model: &mut Model, result: Result<Output, JobError>) {
    match result {
        Ok(Output::Written { file, .. }) => {
            let open = sheet(model).is_some_and(|sheet| sheet.sharing() == Sharing::Unmasked);
            let warning = if open {
                ", personal data NOT masked"
            } else {
                ""
            };
            model.overlays.pop();
            model.say(Tone::Plain, format!("written{warning}: {}", file.display()));
        }
        other => {
            if let Some(file) = sheet(model).and_then(HandOverSheet::file_mut) {
                file.refused(with_cause(failure_of(other)));
            }
        }
    }
}
