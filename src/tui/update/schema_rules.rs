//! The rules of an entity type: opening their sheet, and doing what its keys ask for. Part of the root's update: the sheet
//! knows what it shows, only the root knows the jobs and the environment.

use std::sync::Arc;

use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::rules::Action;
use crate::tui::overlays::rules::RulesSheet;
use crate::tui::update::sheets;

/// Opens the rules of the chosen entity type, and asks for them.
pub(super) fn show(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(schema) = model.session.schema().map(Arc::clone) else {
        return;
    };
    let sheet = RulesSheet::new(schema);
    let request = sheet.ask();
    model.overlays.push(Overlay::Rules(Box::new(sheet)));
    sheets::call(model, request, effects);
}

/// Carries a verb of the sheet out.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    if let Some(Overlay::Rules(sheet)) = model.overlays.last_mut() {
        let reply = sheet.act(action, model.area);
        sheets::replied(model, reply, effects);
    }
}
