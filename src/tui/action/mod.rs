//! Every verb of the program, gathered from the panes that own them.

pub mod app;
pub mod moves;
pub mod spec;
pub mod twin;

use crate::tui::action::moves::moves;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::overlays::access;
use crate::tui::overlays::call_compare;
use crate::tui::overlays::rules;
use crate::tui::overlays::schema_compare;
use crate::tui::overlays::schema_plan;
use crate::tui::overlays::timeline;
use crate::tui::panes::files;
use crate::tui::panes::form;
use crate::tui::panes::history;
use crate::tui::panes::records;
use crate::tui::panes::response;
use crate::tui::panes::schema;
use crate::tui::panes::schema::attribute;
use crate::tui::panes::types;
use crate::tui::viewer;

/// A verb, with the pane that owns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A verb of the program as a whole.
    App(app::Action),
    /// A verb of the list of entity types.
    Types(types::Action),
    /// A verb of the form.
    Form(form::Action),
    /// A verb of the response.
    Response(response::Action),
    /// A verb of the text in a viewer.
    Viewer(viewer::action::Action),
    /// A verb of the history.
    History(history::Action),
    /// A verb of the list of files.
    Files(files::Action),
    /// A verb of the records.
    Records(records::Action),
    /// A verb of the schema's tree.
    Schema(schema::Action),
    /// A verb of the attribute under the cursor there.
    Attribute(attribute::Action),
    /// A verb of the plan of a schema's changes.
    Plan(schema_plan::Action),
    /// A verb of the comparison of two schemas.
    Compare(schema_compare::Action),
    /// A verb of the record through time.
    Timeline(timeline::Action),
    /// A verb of the comparison of two calls.
    CallCompare(call_compare::Action),
    /// A verb of the rules of an entity type.
    Rules(rules::Action),
    /// A verb of what clients may read and write.
    Access(access::Action),
}

/// All verbs, the innermost panes first, as the help screen lists them.
pub fn all() -> Vec<ActionSpec<Action>> {
    let mut all = Vec::new();
    all.extend(form::ACTIONS.iter().map(|spec| lift(spec, Action::Form)));
    all.extend(
        records::ACTIONS
            .iter()
            .map(|spec| lift(spec, Action::Records)),
    );
    all.extend(
        form::editors::calendar::ACTIONS
            .iter()
            .map(|spec| lift(spec, Action::Form)),
    );
    all.extend(
        schema::ACTIONS
            .iter()
            .map(|spec| lift(spec, Action::Schema)),
    );
    all.extend(
        attribute::ACTIONS
            .iter()
            .map(|spec| lift(spec, Action::Attribute)),
    );
    all.extend(
        schema_plan::ACTIONS
            .iter()
            .map(|spec| lift(spec, Action::Plan)),
    );
    all.extend(moves(Scope::Plan, schema_plan::MOVES, |to| {
        Action::Plan(schema_plan::Action::Go(to))
    }));
    all.extend(
        schema_compare::ACTIONS
            .iter()
            .map(|spec| lift(spec, Action::Compare)),
    );
    all.extend(moves(Scope::Compare, schema_compare::MOVES, |to| {
        Action::Compare(schema_compare::Action::Go(to))
    }));
    all.extend(
        timeline::ACTIONS
            .iter()
            .map(|spec| lift(spec, Action::Timeline)),
    );
    all.extend(moves(Scope::Timeline, timeline::MOVES, |to| {
        Action::Timeline(timeline::Action::Go(to))
    }));
    all.extend(
        call_compare::ACTIONS
            .iter()
            .map(|spec| lift(spec, Action::CallCompare)),
    );
    all.extend(moves(Scope::CallCompare, call_compare::MOVES, |to| {
        Action::CallCompare(call_compare::Action::Go(to))
    }));
    all.extend(rules::ACTIONS.iter().map(|spec| lift(spec, Action::Rules)));
    all.extend(moves(Scope::Rules, rules::MOVES, |to| {
        Action::Rules(rules::Action::Go(to))
    }));
    all.extend(
        access::ACTIONS
            .iter()
            .map(|spec| lift(spec, Action::Access)),
    );
    all.extend(moves(Scope::Access, access::MOVES, |to| {
        Action::Access(access::Action::Go(to))
    }));
    all.extend(types::ACTIONS.iter().map(|spec| lift(spec, Action::Types)));
    all.extend(
        viewer::action::ACTIONS
            .iter()
            .map(|spec| lift(spec, Action::Viewer)),
    );
    all.extend(
        response::ACTIONS
            .iter()
            .map(|spec| lift(spec, Action::Response)),
    );
    all.extend(
        history::ACTIONS
            .iter()
            .map(|spec| lift(spec, Action::History)),
    );
    all.extend(files::ACTIONS.iter().map(|spec| lift(spec, Action::Files)));
    all.extend(app::ACTIONS.iter().map(|spec| lift(spec, Action::App)));
    all
}

fn lift<A: Copy>(spec: &ActionSpec<A>, into: fn(A) -> Action) -> ActionSpec<Action> {
    ActionSpec {
        action: into(spec.action),
        id: spec.id,
        title: spec.title,
        hint: spec.hint,
        keys: spec.keys,
        scope: spec.scope,
        everywhere: spec.everywhere,
        twin: spec.twin,
    }
}
