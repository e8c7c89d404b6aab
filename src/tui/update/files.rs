//! What the files that are looked at want of the rest of the program, and which of its verbs mean anything there.

use std::sync::Arc;

use crate::exchange::Exchange;
use crate::tui::action::app;
use crate::tui::effect::Effect;
use crate::tui::feed;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::files;
use crate::tui::panes::files::Outcome;
use crate::tui::panes::response;
use crate::tui::session::PaneId;
use crate::tui::session::View;

/// Why a verb of the whole program means nothing where files are looked at; none where it does.
pub(super) fn refuses(model: &Model, action: app::Action) -> Option<&'static str> {
    if model.view != View::Files {
        return None;
    }
    match action {
        app::Action::Back
        | app::Action::Help
        | app::Action::Quit
        | app::Action::Interrupt
        | app::Action::Suspend
        | app::Action::Redraw
        | app::Action::Refresh => None,
        app::Action::NextPane | app::Action::PreviousPane | app::Action::Zoom
            if model.files.has_list() =>
        {
            None
        }
        app::Action::NextPane | app::Action::PreviousPane | app::Action::Zoom => {
            Some("there is only this")
        }
        _ => Some("captui view only looks: captui without a command makes calls"),
    }
}

/// Why a verb of an answer means nothing for a call of an archive; none where it does.
pub(super) fn refuses_of_call(model: &Model, action: response::Action) -> Option<&'static str> {
    let needs_client = action == response::Action::CopyCurl;
    (model.view == View::Files && needs_client)
        .then_some("only who made this call knows the client: captui view knows none")
}

/// Handles an event of the list.
pub(super) fn event(model: &mut Model, event: PaneEvent<files::Action>) {
    let outcome = model.files.update(event);
    carry_out(model, outcome);
}

/// Hears what was brought.
pub(super) fn heard(model: &mut Model, told: feed::Told) {
    let outcome = model.files.heard(told);
    carry_out(model, outcome);
}

fn carry_out(model: &mut Model, outcome: Option<Outcome>) {
    match outcome {
        Some(Outcome::Show(exchange)) => {
            show(model, exchange);
            model.focus = PaneId::Response;
        }
        Some(Outcome::Listed(exchange)) => {
            show(model, exchange);
            model.focus = PaneId::Files;
        }
        None => {}
    }
}

fn show(model: &mut Model, exchange: Option<Arc<Exchange>>) {
    let schemas: Vec<_> = model.files.schemas().cloned().map(Arc::new).collect();
    for schema in schemas {
        model.keep_schema(schema);
    }
    if let Some(exchange) = exchange {
        model.response.show(exchange, None);
    }
}

/// Opens the shown file anew.
pub(super) fn open_again(model: &mut Model) {
    match model.files.open_again() {
        Some(reason) => model.say(Tone::Refusal, reason),
        None => model.say(Tone::Plain, "opened again"),
    }
}

/// What is to be done beside the loop for files and their viewers.
pub(super) fn tasks(model: &mut Model) -> impl Iterator<Item = Effect> {
    let feeds = model.files.take_feed_tasks().into_iter().map(Effect::Feed);
    let works = model.files.take_tasks().into_iter().map(Effect::Work);
    feeds.chain(works)
}
