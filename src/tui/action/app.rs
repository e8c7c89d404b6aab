//! The verbs of the program as a whole.

use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::CLOSING;
use crate::tui::action::twin::LOOKING;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::SCREEN;
use crate::tui::action::twin::Twin;
use crate::tui::action::twin::WRITING;

/// A verb of the program as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Run the main action of the view: send the draft, or run the search.
    Send,
    /// Step back: close an overlay, cancel the running call. Never quits.
    Back,
    /// Open or close the help.
    Help,
    /// List all verbs.
    Verbs,
    /// Leave the program.
    Quit,
    /// First Ctrl-C cancels what runs, the second leaves.
    Interrupt,
    /// Stop the program as a job of the shell.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Focus the next pane.
    NextPane,
    /// Focus the previous pane.
    PreviousPane,
    /// Focus the entity types.
    FocusTypes,
    /// Focus the form, or the records found.
    FocusForm,
    /// Focus the response.
    FocusResponse,
    /// Focus the history.
    FocusHistory,
    /// Go to the field that the shown answer is about.
    GoToField,
    /// Give the focused pane the whole screen, or take it back.
    Zoom,
    /// Ask the service again for the entity types and the schema.
    Refresh,
    /// Go to the view of one record.
    ShowRecord,
    /// Go to the view of the records that a filter finds.
    ShowFind,
    /// Go to the view of the schema.
    ShowSchema,
    /// Give the history the whole screen.
    ShowHistory,
    /// Focus the attribute under the cursor of the schema.
    FocusAttribute,
    /// Show what was copied elsewhere was taken for, and open it.
    Paste,
    /// Show the record through time.
    Timeline,
    /// Mask personal data on the screen, or show it again.
    Mask,
    /// List the drafts that are kept.
    Drafts,
    /// Choose what goes wrong on purpose in the embedded sandbox.
    Faults,
}

/// The rows of the program's own verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::App, Action::Send, "app.send", "Send the record of the form, or run the find", &["f5", "ctrl-s"], Twin::Command("record create")).hint("send"),
    ActionSpec::new(Scope::App, Action::Back, "app.back", "Close what is open, or cancel the running call", &["esc"], CLOSING),
    ActionSpec::new(Scope::App, Action::NextPane, "app.next-pane", "Go to the next pane", &["tab"], MOVING).hint("pane"),
    ActionSpec::new(Scope::App, Action::PreviousPane, "app.previous-pane", "Go to the previous pane", &["shift-tab"], MOVING),
    ActionSpec::new(Scope::App, Action::FocusTypes, "app.types", "Go to the entity types", &["1"], Twin::Command("type list")),
    ActionSpec::new(Scope::App, Action::FocusForm, "app.form", "Go to the form, or to the records found", &["2"], MOVING),
    ActionSpec::new(Scope::App, Action::FocusResponse, "app.response", "Go to the response", &["3"], MOVING),
    ActionSpec::new(Scope::App, Action::FocusHistory, "app.history", "Go to the history", &["4"], MOVING),
    ActionSpec::new(Scope::App, Action::Drafts, "app.drafts", "List the drafts that are kept", &["g d"], WRITING),
    ActionSpec::new(Scope::App, Action::Timeline, "app.timeline", "Show the record through time", &["g t"], Twin::Command("history record")),
    ActionSpec::new(Scope::App, Action::Mask, "app.mask", "Mask personal data on the screen, or show it again", &["M"], LOOKING),
    ActionSpec::new(Scope::App, Action::GoToField, "app.go-to-field", "Go to the field that the answer is about", &["o"], MOVING).hint("to field"),
    ActionSpec::new(Scope::App, Action::Zoom, "app.zoom", "Give the pane the whole screen, or take it back", &["Z"], SCREEN),
    ActionSpec::new(Scope::App, Action::Refresh, "app.refresh", "Ask again for the entity types and the schema", &["R"], Twin::Command("type list")),
    ActionSpec::new(Scope::App, Action::Redraw, "app.redraw", "Draw the screen anew", &["ctrl-l"], SCREEN),
    ActionSpec::new(Scope::App, Action::Suspend, "app.suspend", "Stop; `fg` brings captui back", &["ctrl-z"], SCREEN),
    ActionSpec::new(Scope::App, Action::Interrupt, "app.interrupt", "Cancel the running call; twice leaves", &["ctrl-c"], SCREEN),
    ActionSpec::new(Scope::App, Action::Quit, "app.quit", "Leave captui", &["q"], SCREEN).hint("quit"),
    ActionSpec::new(Scope::App, Action::ShowFind, "app.find", "Find records of this entity type", &["g f"], Twin::Command("record find")).hint("find"),
    ActionSpec::new(Scope::App, Action::ShowSchema, "app.schema", "Go to the schema of this entity type", &["g s"], Twin::Command("schema check")).hint("schema"),
    ActionSpec::new(Scope::App, Action::ShowHistory, "app.show-history", "Go to the history, on the whole screen", &["g h"], Twin::Command("history list")),
    ActionSpec::new(Scope::App, Action::FocusAttribute, "app.attribute", "Go to the attribute under the cursor of the schema", &["5"], MOVING),
    ActionSpec::new(Scope::App, Action::ShowRecord, "app.record", "Go back to the record", &["g r"], MOVING).hint("record"),
    ActionSpec::new(Scope::App, Action::Paste, "app.paste", "Open what was copied: a curl command, a record, a Postman request", &["P"], Twin::Command("curl")),
    ActionSpec::new(Scope::App, Action::Faults, "app.faults", "Let calls to the sandbox go wrong", &["g x"], Twin::Command("sandbox serve")),
    ActionSpec::new(Scope::App, Action::Verbs, "app.verbs", "Find any verb by its name and do it", &[":", "ctrl-p"], Twin::Command("commands")).hint("commands"),
    ActionSpec::new(Scope::App, Action::Help, "app.help", "Show the keys of this pane", &["?", "f1"], CLOSING).hint("help"),
];
