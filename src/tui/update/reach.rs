//! Doing a verb from the list of verbs: its pane is gone to first.

use crate::tui::action::Action;
use crate::tui::action::app;
use crate::tui::action::spec::Scope;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::overlays::help::heading;
use crate::tui::update;

/// Does a verb, wherever its pane is; says where it works when that place is not open.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let map = model.keymap.clone();
    let Some((spec, _)) = map.verbs().find(|(spec, _)| spec.action == action) else {
        return;
    };
    let scope = spec.bound_in();
    if !model.scopes().contains(&scope) {
        for step in way_to(scope) {
            update::act(model, Action::App(*step), effects);
        }
        model.relayout();
    }
    if model.scopes().contains(&scope) {
        // What was said on the way there is of no interest.
        model.message = None;
        update::act(model, action, effects);
    } else {
        let text = format!("“{}” works in: {}", spec.title, heading(scope));
        model.say(Tone::Refusal, text);
    }
}

/// The verbs that lead to where verbs of this scope work, as far as some always do.
fn way_to(scope: Scope) -> &'static [app::Action] {
    match scope {
        Scope::Types => &[app::Action::FocusTypes],
        Scope::Form | Scope::Edit | Scope::Calendar => {
            &[app::Action::ShowRecord, app::Action::FocusForm]
        }
        Scope::Records | Scope::Filter => &[app::Action::ShowFind, app::Action::FocusForm],
        Scope::Schema | Scope::SchemaText | Scope::SchemaFilter => {
            &[app::Action::ShowSchema, app::Action::FocusForm]
        }
        Scope::Attribute | Scope::AttributeText => {
            &[app::Action::ShowSchema, app::Action::FocusAttribute]
        }
        Scope::Response | Scope::Viewer | Scope::Peek | Scope::ViewerLine => {
            &[app::Action::FocusResponse]
        }
        Scope::History | Scope::HistoryLine => &[app::Action::FocusHistory],
        Scope::App
        | Scope::Files
        | Scope::Pick
        | Scope::Plan
        | Scope::Compare
        | Scope::Timeline
        | Scope::CallCompare
        | Scope::Rules
        | Scope::Access => &[],
    }
}
