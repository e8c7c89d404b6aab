//! The search for records: making its calls, taking in what came of them, and opening what was found. Part of the root's
//! update: the pane knows its search, only the root knows the jobs, the form and the response.

use std::sync::Arc;

use crate::tui::drafts;
use crate::tui::effect::Effect;
use crate::tui::keys::keymap::keyed;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::records;
use crate::tui::panes::records::Outcome;
use crate::tui::session::PaneId;
use crate::tui::session::View;
use crate::tui::update::copying::copy;
use crate::tui::update::failure_of;
use crate::tui::update::records::learn;
use crate::tui::update::records::open;
use crate::tui::update::schema_access;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::JobId;
use crate::worker::job::Output;

/// Goes to the search for records of the chosen entity type. Asks nothing of the service.
pub(super) fn show(model: &mut Model) {
    if let Some(schema) = model.session.schema().map(Arc::clone) {
        model.records.open(&schema);
        model.show(View::Find);
    }
}

/// Runs the search.
pub(super) fn run(model: &mut Model, effects: &mut Vec<Effect>) {
    let outcome = model.records.run(model.session.now);
    carry_out(model, outcome, effects);
}

/// An event for the records.
pub(super) fn event(
    model: &mut Model,
    event: PaneEvent<records::Action>,
    effects: &mut Vec<Effect>,
) {
    if let Some(outcome) = model.records.update(event, &model.session) {
        carry_out(model, outcome, effects);
    }
}

fn carry_out(model: &mut Model, outcome: Outcome, effects: &mut Vec<Effect>) {
    match outcome {
        Outcome::Called(request) => {
            let mut fx = model.fx(PaneId::Records, effects);
            let id = fx.run(request.endpoint.name(), Job::Send(request), true);
            model.records.wait_for(id);
        }
        Outcome::Opened { type_name, record } => open(model, &type_name, record, effects),
        Outcome::Copy(what, text) => copy(what, text, effects),
        Outcome::New => {
            if let Some(schema) = model.session.schema().map(Arc::clone) {
                model.show(View::Record);
                drafts::open_new(model, &schema, effects);
            }
        }
        Outcome::ColumnsChosen { type_name, columns } => {
            let mut fx = model.fx(PaneId::Records, effects);
            fx.run("columns", Job::KeepColumns { type_name, columns }, false);
        }
        Outcome::Told(text) => model.say(Tone::Plain, text),
        Outcome::Refused(reason) => model.say(Tone::Refusal, reason),
    }
}

/// The columns that were chosen before are known.
pub(super) fn columns_read(model: &mut Model, result: Result<Output, JobError>) {
    if let Ok(Output::Columns(columns)) = result {
        model.records.remember(columns);
    }
}

/// A call ended: the records hear of it, and the response shows the answer as it came.
pub(super) fn answered(model: &mut Model, id: JobId, result: Result<Output, JobError>) {
    // What was said while it ran is true no more.
    model.message = None;
    let outcome = match result {
        Ok(Output::Exchange(exchange)) | Err(JobError::Exchange(exchange)) => {
            learn(model, &exchange);
            model.response.show(Arc::clone(&exchange), None);
            let outcome = model.records.answered(id, Ok(Arc::clone(&exchange)));
            if schema_access::explain(model, &exchange) {
                model.records.explain(&keyed(schema_access::HIDDEN));
            }
            outcome
        }
        Err(JobError::Cancelled(_)) => {
            model.records.cancelled(id);
            Some(Outcome::Told("cancelled".to_owned()))
        }
        other => {
            let failure = failure_of(other);
            if model.records.awaits(id) {
                model.records.answered(id, Err(failure))
            } else {
                // The columns could not be kept.
                Some(Outcome::Refused(failure.message))
            }
        }
    };
    match outcome {
        Some(Outcome::Told(text)) => model.say(Tone::Plain, text),
        Some(Outcome::Refused(text)) => model.say(Tone::Refusal, text),
        Some(_) | None => {}
    }
}
