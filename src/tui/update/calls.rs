//! Two calls side by side: which two, having them compared, and what the sheet cannot do by itself. Part of the root's
//! update: panes know their calls, only the root knows the schemas and the jobs.

use std::sync::Arc;

use crate::capture::redact::sharing::Sharing;
use crate::tui::effect::Effect;
use crate::tui::effect::Owner;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::call_compare::Action;
use crate::tui::overlays::call_compare::CallCompare;
use crate::tui::overlays::help::Help;
use crate::tui::panes::response::Source;
use crate::tui::session::Marked;
use crate::tui::session::PaneId;
use crate::tui::update::copying;
use crate::tui::update::failure_of;
use crate::tui::update::records;
use crate::tui::update::toggle_mask;
use crate::worker::compare::Call;
use crate::worker::compare::Compare;
use crate::worker::compare::Pair;
use crate::worker::compare::operation;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::JobId;
use crate::worker::job::Output;

/// Shows two calls side by side: at once the sheet, then what the worker finds.
pub(super) fn compare(model: &mut Model, pair: Pair, effects: &mut Vec<Effect>) {
    let id = ask(model, pair.clone(), effects);
    let sheet = CallCompare::awaiting(pair, id);
    model.overlays.push(Overlay::CallCompare(Box::new(sheet)));
}

/// Has two calls compared, for whoever looks at the screen.
fn ask(model: &mut Model, pair: Pair, effects: &mut Vec<Effect>) -> JobId {
    let work = Compare {
        pair,
        schemas: model.session.schemas.values().map(Arc::clone).collect(),
        sharing: match model.session.mask {
            Some(_) => Sharing::Masked,
            None => Sharing::Unmasked,
        },
    };
    let job = Job::Compare(Box::new(work));
    model.fx(Owner::Calls, effects).run("compare", job, false)
}

/// Masks personal data, or shows it again, and has the same calls compared so.
fn turn_mask(model: &mut Model, effects: &mut Vec<Effect>) {
    toggle_mask(model);
    let Some((pair, before)) = sheet(model).map(|sheet| (sheet.pair.clone(), sheet.job())) else {
        return;
    };
    effects.extend(before.map(Effect::Cancel));
    let id = ask(model, pair, effects);
    if let Some(sheet) = sheet_mut(model) {
        sheet.await_anew(id);
    }
}

/// Marks a call, to compare others with it; unmarks the marked one.
pub(super) fn mark(model: &mut Model, call: Call, what: String) {
    let is_marked = |marked: &Marked| is_same(&marked.call, &call);
    if model.session.marked.as_ref().is_some_and(is_marked) {
        model.session.marked = None;
        return model.say(Tone::Plain, "the mark is off");
    }
    let said = format!("{what} is marked: <history.compare> on another call compares the two");
    model.session.marked = Some(Marked { call, what });
    model.say(Tone::Plain, said);
}

/// Marks the call on the screen, or unmarks it.
pub(super) fn mark_shown(model: &mut Model) {
    if let Some(exchange) = model.response.exchange().map(Arc::clone) {
        let what = operation(&exchange);
        mark(model, Call::Shown(exchange), what);
    }
}

/// Compares a call with the marked one; without a mark, with the last one of its kind.
pub(super) fn compare_with_mark(model: &mut Model, call: Call, effects: &mut Vec<Effect>) {
    let pair = match &model.session.marked {
        None => Pair::WithPrevious(call),
        Some(marked) if is_same(&marked.call, &call) => {
            let said = "this is the marked call: <history.compare> on another one compares the two";
            return model.say(Tone::Refusal, said);
        }
        // The earlier one first.
        Some(marked) if call.id() < marked.call.id() => Pair::Of(call, marked.call.clone()),
        Some(marked) => Pair::Of(marked.call.clone(), call),
    };
    compare(model, pair, effects);
}

/// Compares the call on the screen.
pub(super) fn compare_shown(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(exchange) = model.response.exchange().map(Arc::clone) {
        compare_with_mark(model, Call::Shown(exchange), effects);
    }
}

/// Whether both are one call: by place in the history, where they have one.
fn is_same(one: &Call, other: &Call) -> bool {
    one == other || (one.id().is_some() && one.id() == other.id())
}

/// The comparison that lies over the panes, if one does.
pub(in crate::tui) fn sheet(model: &Model) -> Option<&CallCompare> {
    model.overlays.iter().find_map(|overlay| match overlay {
        Overlay::CallCompare(sheet) => Some(&**sheet),
        _ => None,
    })
}

fn sheet_mut(model: &mut Model) -> Option<&mut CallCompare> {
    model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::CallCompare(sheet) => Some(&mut **sheet),
        _ => None,
    })
}

/// The calls were compared, or could not be.
pub(super) fn finished(model: &mut Model, id: JobId, result: Result<Output, JobError>) {
    let Some(sheet) = sheet_mut(model).filter(|sheet| sheet.job() == Some(id)) else {
        return;
    };
    match result {
        Ok(Output::Compared(compared)) => sheet.show(compared),
        other => {
            close(model);
            model.say(Tone::Refusal, failure_of(other).message);
        }
    }
}

fn close(model: &mut Model) {
    let is_it = |overlay: &Overlay| matches!(overlay, Overlay::CallCompare(_));
    model.overlays.retain(|overlay| !is_it(overlay));
}

/// Does a verb of the sheet.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(sheet) = sheet_mut(model) else {
        return;
    };
    match action {
        Action::Open => {
            if let Some(exchange) = sheet.chosen() {
                close(model);
                records::answered(model, &[exchange], Source::History, effects);
                model.focus = PaneId::Response;
            }
        }
        Action::Copy => {
            if let Some(text) = sheet.to_text() {
                copying::copy("the differences".to_owned(), text, effects);
            }
        }
        Action::Help => {
            let help = Help::new(&model.keymap, &model.scopes(), |_| true);
            model.overlays.push(Overlay::Help(Box::new(help)));
        }
        Action::Mask => turn_mask(model, effects),
        Action::Close => {
            effects.extend(sheet.job().map(Effect::Cancel));
            close(model);
        }
        Action::OtherSide | Action::NextPart | Action::PreviousPart | Action::Go(_) => {
            sheet.act(action);
        }
    }
}
