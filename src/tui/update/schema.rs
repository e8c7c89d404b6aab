//! Designing entity types: opening a design, making its calls, and taking in what came of them. Part of the root's
//! update: the pane knows its designs, only the root knows the jobs and the environment.

use std::sync::Arc;

use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::exchange::Exchange;
use crate::tui::action::Action;
use crate::tui::drafts;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::msg::PaneEvent;
use crate::tui::overlays::Overlay;
use crate::tui::panes::response::Source;
use crate::tui::panes::schema;
use crate::tui::panes::schema::DesignKey;
use crate::tui::panes::schema::Outcome;
use crate::tui::panes::schema::attribute;
use crate::tui::session::PaneId;
use crate::tui::session::View;
use crate::tui::update::begin;
use crate::tui::update::copying;
use crate::tui::update::export;
use crate::tui::update::repair_shown;
use crate::tui::update::schema_compare;
use crate::tui::update::schema_plan;
use crate::tui::update::toggle_wire;
use crate::worker::job::Job;

/// From this width on there is room for what is going to be sent.
const ROOM_FOR_WIRE: u16 = 120;

/// Goes to the design of the chosen entity type.
pub(super) fn show(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.session.schema().map(Arc::clone) {
        Some(schema) => open(model, &schema, effects),
        // What was begun and kept is found without a type, too.
        None if model.schema.current().is_none() => {
            if let Some(last) = drafts::begun(model).first() {
                drafts::go_on(model, &last.key, effects);
            }
        }
        None => {}
    }
    enter(model, effects);
}

/// Shows the design of a stored type: the one that is here, else the one that was kept, else the type as it is.
pub(super) fn open(model: &mut Model, stored: &Arc<EntityType>, effects: &mut Vec<Effect>) {
    model.schema.open(stored);
    drafts::open_design(model, &DesignKey::Stored(stored.name.clone()), effects);
}

/// Goes to the view of schemas. Where there is room, what is going to be sent is beside the tree at once, unless an
/// answer is being looked at.
pub fn enter(model: &mut Model, effects: &mut Vec<Effect>) {
    model.show(View::Schema);
    let is_free = model.response.exchange().is_none() && !model.response.is_waiting();
    if model.area.width >= ROOM_FOR_WIRE && is_free && !model.response.shows_wire() {
        toggle_wire(model, effects);
    }
    schema_plan::list(model, effects);
}

/// F5: creates the entity type, or shows what would change it.
pub(super) fn send(model: &mut Model, effects: &mut Vec<Effect>) {
    model.schema.stop_typing();
    if let Some(reason) = model.schema.json_refuses_sending() {
        model.focus = PaneId::Schema;
        return model.say(Tone::Refusal, reason);
    }
    let outcome = model.schema.submit();
    carry_out(model, outcome, effects);
}

/// An event for the tree.
pub(super) fn event(
    model: &mut Model,
    event: PaneEvent<schema::Action>,
    effects: &mut Vec<Effect>,
) {
    let outcome = match event {
        PaneEvent::Act(action) if model.focus == PaneId::Attribute => {
            if action.is_written_in_tree() {
                model.focus = PaneId::Schema;
            }
            model.schema.act_in_tree(action)
        }
        event => model.schema.update(event),
    };
    if let Some(outcome) = outcome {
        carry_out(model, outcome, effects);
    }
}

/// An event for the attribute under its cursor.
pub(super) fn attribute_event(
    model: &mut Model,
    event: PaneEvent<attribute::Action>,
    effects: &mut Vec<Effect>,
) {
    if let Some(outcome) = model.schema.update_attribute(event) {
        carry_out(model, outcome, effects);
    }
}

/// A design came back from the user's own editor.
pub(super) fn edited_outside(
    model: &mut Model,
    result: Result<String, String>,
    effects: &mut Vec<Effect>,
) {
    let outcome = model.schema.edited_outside(result);
    carry_out(model, outcome, effects);
}

fn carry_out(model: &mut Model, outcome: Outcome, effects: &mut Vec<Effect>) {
    match outcome {
        Outcome::EditAttribute => model.focus = PaneId::Attribute,
        Outcome::LeaveAttribute => model.focus = PaneId::Schema,
        Outcome::Called(request) => {
            let title = request.endpoint.name();
            let mut fx = model.fx(PaneId::Response, effects);
            let id = fx.run(title, Job::Send(request), true);
            model.response.wait_for(id, Source::Design);
            model.schema.wait_for(id);
        }
        Outcome::Plan => schema_plan::show(model),
        Outcome::Unfinished => schema_plan::show_unfinished(model),
        Outcome::Compare => schema_compare::show(model),
        Outcome::Wire => toggle_wire(model, effects),
        Outcome::Begin => begin::ask(model),
        Outcome::Diagram => export::show_diagram(model),
        Outcome::Export => export::ask(model),
        Outcome::TurnWire => model.response.turn_wire(),
        Outcome::Copy(what, text) => copying::copy(what, text, effects),
        Outcome::CopyCurl(requests, false) => copying::curl(model, requests, effects),
        Outcome::CopyCurl(requests, true) => copying::ask_for_secrets(model, requests),
        Outcome::Repair(proposal) => {
            let then = Action::Schema(schema::Action::ApplyRepair);
            let shown = repair_shown(&proposal, then);
            model.overlays.push(Overlay::Difference(shown));
        }
        Outcome::EditOutside(file) => effects.push(Effect::Edit(file)),
        Outcome::Told(text) => model.say(Tone::Plain, text),
        Outcome::Refused(reason) => model.say(Tone::Refusal, reason),
    }
}

/// A call for a design ended: when the service tells the schema, that is the one that is stored now.
pub(super) fn answered(model: &mut Model, exchange: &Exchange, effects: &mut Vec<Effect>) {
    let stored = match exchange.answer() {
        Some(Answer::Ok(answer)) => EntityType::from_json(answer).ok(),
        _ => None,
    };
    let stored = stored.map(|(schema, _)| Arc::new(schema));
    model.schema.answered(stored.as_ref());
    if let Some(stored) = stored {
        model.session.type_name = Some(stored.name.clone());
        model.keep_schema(Arc::clone(&stored));
        model.load_types(effects);
        let told = format!(
            "{} created {} 3 shows the answer",
            stored.name, model.theme.glyphs.separator
        );
        model.say(Tone::Done, told);
    }
}
