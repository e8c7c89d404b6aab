//! The schema of an entity type, to be designed: a tree of its attributes, and beside it the attribute under the cursor.
//!
//! ```text
//!  EntityType, template, JSON ──▶ Design ──rows──▶ the tree      Scope::Schema
//!                                  ▲    └────────▶ attribute     Scope::Attribute
//!                 keys, update ────┘
//! ```
//!
//! One design is kept for every entity type and one for every new type, so that going elsewhere loses nothing. Nothing is
//! sent from here: the pane hands out what it comes to, and the root makes calls and plans of it.

pub mod attribute;
mod beside;
pub mod design;
pub mod json;
pub mod keep;
pub mod opening;
pub mod planning;
pub mod preview;
pub mod rows;
mod takeover;
pub mod update;
pub mod view;

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use ratatui::layout::Size;

use crate::capture::attr_type::AttrType;
use crate::capture::request::ApiRequest;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::LOOKING;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::action::twin::WRITING;
use crate::tui::effect::EditedFile;
use crate::tui::json_text::Proposal;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::line_input::LineInput;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::schema::attribute::AttributePane;
use crate::tui::panes::schema::design::Design;
use crate::tui::panes::schema::design::NodeId;
use crate::tui::panes::schema::json::JsonSide;
use crate::tui::panes::schema::json::Outside;
use crate::tui::panes::schema::keep::Keeper;
use crate::tui::panes::schema::rows::Row;
use crate::tui::panes::schema::view::Measured;
use crate::tui::panes::schema::view::Widths;
use crate::worker::job::JobId;

/// The schema being designed.
#[derive(Debug, Default)]
pub struct SchemaPane {
    desks: HashMap<DesignKey, Desk>,
    current: Option<DesignKey>,
    /// The highest number of a new type, so that no design ever takes another's place.
    numbered: u32,
    /// The attribute under the cursor, to be edited.
    pub attribute: AttributePane,
    size: Size,
    keeper: Keeper,
    /// What is in the user's own editor.
    outside: Option<Outside>,
    /// The filter of the tree, while it is written.
    filtering: Option<LineInput>,
    /// The call that is on its way for a design.
    waiting: Option<(DesignKey, Option<JobId>)>,
}

/// Which design it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DesignKey {
    /// The one of a new entity type: the first, second, … that was begun.
    New(u32),
    /// The one of the entity type that is stored under this name.
    Stored(String),
}

/// A design as it is worked on.
#[derive(Debug)]
pub struct Desk {
    /// The design.
    pub design: Design,
    /// What is not unfolded.
    folded: HashSet<NodeId>,
    /// What the names of the attributes shown contain; empty for all.
    filter: String,
    rows: Vec<Row>,
    /// The cells that the parts of the rows need.
    widths: Widths,
    /// What they were measured of.
    measured: HashMap<NodeId, Measured>,
    cursor: ListCursor,
    /// What strings were before they became something else, for the way back.
    strings: HashMap<NodeId, AttrType>,
    /// Whether F5 was pressed in spite of problems, and a second time sends.
    insisted: bool,
    /// The design as JSON, while it is shown so.
    json: Option<Box<JsonSide>>,
}

/// A verb of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Add an attribute after the one under the cursor.
    Add,
    /// Add an attribute inside the object or plural under the cursor.
    AddChild,
    /// Edit the attribute under the cursor.
    Edit,
    /// Add a copy of the attribute after it.
    Duplicate,
    /// Mark the attribute for removal, or take the mark away; a new one is gone.
    Remove,
    /// Bring back the attribute as it is stored.
    Reset,
    /// Move the attribute before the one above it.
    MoveUp,
    /// Move the attribute behind the one below it.
    MoveDown,
    /// Move the attribute into the object or plural before it.
    MoveIn,
    /// Move the attribute out of what it is in.
    MoveOut,
    /// Take the last change back.
    Undo,
    /// Make it again.
    Redo,
    /// Go to the next problem.
    NextProblem,
    /// Go to the problem before.
    PreviousProblem,
    /// Show the plan of the changes.
    Plan,
    /// Compare with another schema.
    Compare,
    /// Go on with a plan that stopped.
    Unfinished,
    /// Show what is going to be sent, or do not.
    Wire,
    /// Turn the pages of what is going to be sent.
    TurnWire,
    /// Begin a new entity type.
    Begin,
    /// Show the design as JSON, or as a tree again.
    Json,
    /// Show the rules of the entity type.
    Rules,
    /// Show which attributes a client may read and write.
    Access,
    /// Show the diagram of the design.
    Diagram,
    /// Export the design into a file.
    Export,
    /// Edit the definitions in the user's own editor.
    EditOutside,
    /// Propose a repair of broken JSON.
    Repair,
    /// Make the repair that was proposed.
    ApplyRepair,
    /// Break the line of the JSON that is written.
    BreakLine,
    /// Indent it.
    Indent,
    /// Stop writing it.
    LeaveText,
    /// Copy the definitions as JSON.
    CopyAttrDefs,
    /// Copy the schema as the service will tell it.
    CopyEcho,
    /// Copy the calls as curl commands.
    CopyCurl,
    /// Copy them so that they can be run as they are.
    CopyCurlWithSecrets,
    /// Show only the attributes whose names contain a text.
    Filter,
    /// Keep the filter, and go to what it found.
    KeepFilter,
    /// Show all again.
    ClearFilter,
    /// The next row.
    Down,
    /// The row before.
    Up,
    /// The next attribute in the same holder.
    NextSibling,
    /// The attribute before in the same holder.
    PreviousSibling,
    /// Fold everything.
    FoldAll,
    /// Unfold everything.
    UnfoldAll,
    /// Fold, or go to what it is in.
    Fold,
    /// Unfold, or go into it.
    Unfold,
    /// A screen further.
    PageDown,
    /// A screen back.
    PageUp,
    /// The first row.
    First,
    /// The last row.
    Last,
}

/// The rows of the tree's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Schema, Action::Add, "schema.add", "Add an attribute after this one", &["a"], Twin::Command("type add-attribute")).hint("add"),
    ActionSpec::new(Scope::Schema, Action::Edit, "schema.edit", "Edit this attribute", &["enter"], WRITING).hint("edit"),
    ActionSpec::new(Scope::Schema, Action::Begin, "schema.begin", "Begin a new entity type: empty, or from something", &["n"], Twin::Command("schema import")).hint("new"),
    ActionSpec::new(Scope::Schema, Action::Diagram, "schema.diagram", "Show a diagram of the whole type", &["g m"], Twin::Command("schema diagram")).hint("map"),
    ActionSpec::new(Scope::Schema, Action::Rules, "schema.rules", "Show the rules of this entity type, add and remove them", &["g v"], Twin::Command("schema rules list")).hint("rules").everywhere(),
    ActionSpec::new(Scope::Schema, Action::Access, "schema.access", "Show and change what a client may read and write", &["g c"], Twin::Command("schema access")).hint("access").everywhere(),
    ActionSpec::new(Scope::Schema, Action::Compare, "schema.compare", "Compare with what is stored, another type, another environment, a file", &["D"], Twin::Command("schema diff")).hint("compare"),
    ActionSpec::new(Scope::Schema, Action::Export, "schema.export", "Export: JSON, attr_defs, Markdown, Mermaid, SVG, curl", &["X"], Twin::Command("schema export")).hint("export"),
    ActionSpec::new(Scope::Schema, Action::Undo, "schema.undo", "Take the last change back", &["u"], WRITING).hint("undo"),
    ActionSpec::new(Scope::Schema, Action::AddChild, "schema.add-child", "Add an attribute inside this object or plural", &["A"], Twin::Command("type add-attribute")).hint("child"),
    ActionSpec::new(Scope::Schema, Action::Remove, "schema.remove", "Mark this attribute for removal, or take the mark away", &["d"], Twin::Command("type remove-attribute")).hint("remove"),
    ActionSpec::new(Scope::Schema, Action::NextProblem, "schema.next-problem", "Go to the next problem", &["!"], MOVING).hint("problem"),
    ActionSpec::new(Scope::Schema, Action::Json, "schema.json", "Show the attr_defs as JSON to be edited, or as a tree again", &["v"], LOOKING).hint("JSON"),
    ActionSpec::new(Scope::Schema, Action::Wire, "schema.wire", "Show what is going to be sent, or do not", &["w"], Twin::Command("schema plan")).hint("wire"),
    ActionSpec::new(Scope::Schema, Action::Filter, "schema.filter", "Show only attributes whose name contains a text", &["/"], LOOKING).hint("filter"),
    ActionSpec::new(Scope::Schema, Action::Duplicate, "schema.duplicate", "Add a copy of this attribute after it", &["c"], Twin::Command("type add-attribute")).hint("copy"),
    ActionSpec::new(Scope::Schema, Action::Redo, "schema.redo", "Make again what was taken back", &["U"], WRITING),
    ActionSpec::new(Scope::Schema, Action::Reset, "schema.reset", "Bring back this attribute as it is stored", &["r"], WRITING),
    ActionSpec::new(Scope::Schema, Action::MoveUp, "schema.move-up", "Move this attribute up, in a new entity type", &["[", "alt-up"], WRITING),
    ActionSpec::new(Scope::Schema, Action::MoveDown, "schema.move-down", "Move this attribute down, in a new entity type", &["]", "alt-down"], WRITING),
    ActionSpec::new(Scope::Schema, Action::MoveIn, "schema.move-in", "Move this attribute into the object or plural before it", &[">"], WRITING),
    ActionSpec::new(Scope::Schema, Action::MoveOut, "schema.move-out", "Move this attribute out of what it is in", &["<"], WRITING),
    ActionSpec::new(Scope::Schema, Action::PreviousProblem, "schema.previous-problem", "Go to the problem before", &["g !"], MOVING),
    ActionSpec::new(Scope::Schema, Action::Plan, "schema.plan", "Show the plan of the changes: the calls, and what they risk", &["p"], Twin::Command("schema plan")),
    ActionSpec::new(Scope::Schema, Action::Unfinished, "schema.unfinished-plan", "Go on with a plan that stopped", &["g p"], Twin::Command("schema apply")),
    ActionSpec::new(Scope::Schema, Action::EditOutside, "schema.edit-outside", "Edit the attr_defs in $EDITOR", &["E"], WRITING),
    ActionSpec::new(Scope::Schema, Action::Repair, "schema.repair", "Repair broken JSON, after a look at it", &["="], WRITING),
    ActionSpec::new(Scope::SchemaText, Action::LeaveText, "schema.leave-text", "Stop writing; what can be read is in the design", &["esc"], WRITING).hint("done"),
    ActionSpec::new(Scope::SchemaText, Action::BreakLine, "schema.break-line", "Break the line", &["enter"], WRITING),
    ActionSpec::new(Scope::SchemaText, Action::Indent, "schema.indent", "Indent", &["tab"], WRITING),
    ActionSpec::new(Scope::Schema, Action::TurnWire, "schema.turn-wire", "Show the next page of what is going to be sent", &["W"], MOVING),
    ActionSpec::new(Scope::Schema, Action::CopyAttrDefs, "schema.copy-attr-defs", "Copy the attr_defs as JSON", &["y j"], Twin::Command("schema export")),
    ActionSpec::new(Scope::Schema, Action::CopyEcho, "schema.copy-echo", "Copy the schema as the service will tell it", &["y e"], Twin::Command("schema export")),
    ActionSpec::new(Scope::Schema, Action::CopyCurl, "schema.copy-curl", "Copy the calls as curl commands", &["y c"], Twin::Command("schema plan")),
    ActionSpec::new(Scope::Schema, Action::CopyCurlWithSecrets, "schema.copy-curl-with-secrets", "Copy the calls as curl commands, with secrets", &["y C"], Twin::Command("schema plan")),
    ActionSpec::new(Scope::Schema, Action::Down, "schema.down", "Next row", &["down", "j"], MOVING),
    ActionSpec::new(Scope::Schema, Action::Up, "schema.up", "Row before", &["up", "k"], MOVING),
    ActionSpec::new(Scope::Schema, Action::Unfold, "schema.unfold", "Unfold, or go into it", &["right", "l"], LOOKING),
    ActionSpec::new(Scope::Schema, Action::Fold, "schema.fold", "Fold, or go to what it is in", &["left", "h"], LOOKING),
    ActionSpec::new(Scope::Schema, Action::FoldAll, "schema.fold-all", "Fold everything", &["z M"], LOOKING),
    ActionSpec::new(Scope::Schema, Action::UnfoldAll, "schema.unfold-all", "Unfold everything", &["z R"], LOOKING),
    ActionSpec::new(Scope::Schema, Action::NextSibling, "schema.next-sibling", "Next attribute beside this one, past what is in it", &["J"], MOVING),
    ActionSpec::new(Scope::Schema, Action::PreviousSibling, "schema.previous-sibling", "Attribute before beside this one", &["K"], MOVING),
    ActionSpec::new(Scope::Schema, Action::PageDown, "schema.page-down", "A screen further", &["pagedown"], MOVING),
    ActionSpec::new(Scope::Schema, Action::PageUp, "schema.page-up", "A screen back", &["pageup"], MOVING),
    ActionSpec::new(Scope::Schema, Action::First, "schema.first", "First row", &["home"], MOVING),
    ActionSpec::new(Scope::Schema, Action::Last, "schema.last", "Last row", &["end", "G"], MOVING),
    ActionSpec::new(Scope::SchemaFilter, Action::KeepFilter, "schema-filter.keep", "Keep the filter and go to what it found", &["enter"], LOOKING).hint("go"),
    ActionSpec::new(Scope::SchemaFilter, Action::ClearFilter, "schema-filter.clear", "Show all again", &["esc"], LOOKING).hint("show all"),
    ActionSpec::new(Scope::SchemaFilter, Action::Down, "schema-filter.down", "Next row", &["down"], MOVING),
    ActionSpec::new(Scope::SchemaFilter, Action::Up, "schema-filter.up", "Row before", &["up"], MOVING),
];

/// What happened here that concerns the rest of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The user wants to edit the attribute under the cursor: the focus goes there.
    EditAttribute,
    /// The user is done with the attribute: the focus goes back to the tree.
    LeaveAttribute,
    /// This call is to be made for the design. The pane waits for it: see [`SchemaPane::wait_for`].
    Called(ApiRequest),
    /// The user wants to see what changes the stored entity type.
    Plan,
    /// The user wants to compare the design.
    Compare,
    /// The user wants to go on with a plan that stopped.
    Unfinished,
    /// Show what is going to be sent, or do not.
    Wire,
    /// Show the next page of it.
    TurnWire,
    /// The user wants to begin a new entity type.
    Begin,
    /// The user wants to see the diagram of the design.
    Diagram,
    /// The user wants to export it.
    Export,
    /// This text is to be copied: what it is, and the text.
    Copy(String, String),
    /// These calls are to be copied as curl commands, with secrets or without.
    CopyCurl(Vec<ApiRequest>, bool),
    /// This repair is to be looked at, then [`Action::ApplyRepair`] makes it.
    Repair(Proposal),
    /// This file is to be edited by the user's own editor. The pane waits for it: see [`SchemaPane::edited_outside`].
    EditOutside(EditedFile),
    /// Something was done that is not plain to see.
    Told(String),
    /// Nothing was done, for this reason.
    Refused(String),
}

impl Action {
    /// Whether what it begins is written in the tree's place: the focus goes there.
    pub fn is_written_in_tree(self) -> bool {
        matches!(self, Self::Json | Self::Filter)
    }
}

impl Desk {
    fn new(design: Design) -> Self {
        let mut desk = Self {
            design,
            folded: HashSet::new(),
            filter: String::new(),
            rows: Vec::new(),
            widths: Widths::default(),
            measured: HashMap::new(),
            cursor: ListCursor::default(),
            strings: HashMap::new(),
            insisted: false,
            json: None,
        };
        desk.rebuild();
        desk
    }

    /// Whether there is something in it: a name, an attribute, or a text that cannot be read yet.
    fn holds_something(&self) -> bool {
        let tree = self.design.tree();
        !tree.name.is_empty() || !tree.roots.is_empty() || self.unread_json().is_some()
    }

    /// The attribute under the cursor; `None` on the entity type itself.
    pub fn node(&self) -> Option<NodeId> {
        self.rows.get(self.cursor.at)?.node
    }

    /// Makes the rows anew; the cursor stays on its attribute.
    fn rebuild(&mut self) {
        let under_cursor = self.node();
        self.make_rows();
        let at = self.rows.iter().position(|row| row.node == under_cursor);
        match under_cursor {
            // What was renamed while a filter is set is still what is worked on.
            Some(id) if at.is_none() && self.design.node(id).is_some() => self.go_to(Some(id)),
            _ => self
                .cursor
                .put(at.unwrap_or(self.cursor.at), self.rows.len()),
        }
    }

    fn make_rows(&mut self) {
        self.rows = rows::rows(self.design.tree(), &self.folded, &self.filter);
        self.measure();
    }

    /// Unfolds what holds a node, and puts the cursor on it.
    pub fn go_to(&mut self, id: Option<NodeId>) {
        let mut holder = id.and_then(|id| self.design.place(id)?.holder);
        while let Some(id) = holder {
            self.folded.remove(&id);
            holder = self.design.place(id).and_then(|place| place.holder);
        }
        self.make_rows();
        let place = |desk: &Self| desk.rows.iter().position(|row| row.node == id);
        if place(self).is_none() && !self.filter.is_empty() {
            // What the filter hides is shown when one goes there.
            self.filter.clear();
            self.make_rows();
        }
        if let Some(at) = place(self) {
            self.cursor.put(at, self.rows.len());
        }
    }
}

impl SchemaPane {
    /// Shows the design of a stored entity type, begun now if there is none. A design without changes follows what is
    /// stored.
    pub fn open(&mut self, stored: &Arc<EntityType>) {
        let key = DesignKey::Stored(stored.name.clone());
        let is_stale = |desk: &Desk| {
            !desk.design.can_undo()
                && desk.design.stored() != Some(stored)
                && desk.change_count() == 0
        };
        if self.desks.get(&key).is_none_or(is_stale) {
            self.desks
                .insert(key.clone(), Desk::new(Design::of_stored(stored)));
        }
        self.show(key);
    }

    /// Begins a new entity type, beside those that were begun before and have something in them.
    pub fn begin(&mut self, name: impl Into<String>, attr_defs: &[AttrDef]) {
        self.desks
            .retain(|key, desk| !matches!(key, DesignKey::New(_)) || desk.holds_something());
        self.numbered += 1;
        let key = DesignKey::New(self.numbered);
        let design = Design::new(name, attr_defs);
        self.desks.insert(key.clone(), Desk::new(design));
        self.show(key);
    }

    /// A design of this key is kept: a new type takes another number.
    pub fn is_taken(&mut self, key: &DesignKey) {
        if let DesignKey::New(number) = key {
            self.numbered = self.numbered.max(*number);
        }
    }

    /// The designs of new entity types that were begun and have something in them.
    pub fn begun(&self) -> impl Iterator<Item = (&DesignKey, &Desk)> {
        let is_begun = |(key, desk): &(&DesignKey, &Desk)| {
            matches!(key, DesignKey::New(_)) && desk.holds_something()
        };
        self.desks.iter().filter(is_begun)
    }

    fn show(&mut self, key: DesignKey) {
        self.stop_typing();
        self.current = Some(key);
        self.set_viewport(self.size);
    }

    /// Which design is shown.
    pub fn current(&self) -> Option<&DesignKey> {
        self.current.as_ref()
    }

    /// The design that is shown.
    pub fn desk(&self) -> Option<&Desk> {
        self.desks.get(self.current.as_ref()?)
    }

    /// The design that is shown, to be changed.
    pub fn desk_mut(&mut self) -> Option<&mut Desk> {
        self.desks.get_mut(self.current.as_ref()?)
    }

    /// Whether something is still to be made of the last change: [`SchemaPane::catch_up`] makes it.
    pub fn is_behind(&self) -> bool {
        self.desks.values().any(|desk| desk.design.is_behind())
    }

    /// Makes what was put off until the screen was drawn.
    pub fn catch_up(&mut self) {
        for desk in self.desks.values_mut() {
            desk.design.catch_up();
        }
    }

    /// Waits for the answer to what was just handed out.
    pub fn wait_for(&mut self, job: JobId) {
        if let Some((_, waiting)) = &mut self.waiting {
            *waiting = Some(job);
        }
    }

    /// The entity type of the design on its way is stored now, so: its design goes on from there. `None` when the call did
    /// not go well, or is not known to have.
    pub fn answered(&mut self, stored: Option<&Arc<EntityType>>) {
        let (Some((key, _)), Some(stored)) = (self.waiting.take(), stored) else {
            return;
        };
        self.desks.remove(&key);
        self.desks.insert(
            DesignKey::Stored(stored.name.clone()),
            Desk::new(Design::of_stored(stored)),
        );
        if self.current.as_ref() == Some(&key) {
            self.show(DesignKey::Stored(stored.name.clone()));
        }
    }

    /// Tells the pane how large its inside is.
    pub fn set_viewport(&mut self, size: Size) {
        self.size = size;
        let below = u16::from(self.shows_filter());
        if let Some(desk) = self.desk_mut() {
            desk.cursor.height = size.height.saturating_sub(below).into();
            desk.cursor.fit(desk.rows.len());
        }
        self.fit_json();
    }

    /// The scope of the keys in the tree's place.
    pub fn scope(&self) -> Scope {
        if self.is_typing_json() {
            Scope::SchemaText
        } else if self.is_filtering() {
            Scope::SchemaFilter
        } else {
            Scope::Schema
        }
    }

    /// The pane's title.
    pub fn title(&self) -> String {
        match (&self.current, self.desk()) {
            (Some(DesignKey::New(_)), Some(desk)) if desk.design.tree().name.is_empty() => {
                "Schema · new entity type".to_owned()
            }
            (Some(DesignKey::New(_)), Some(desk)) => {
                format!("Schema · {} (new)", desk.design.tree().name)
            }
            (Some(DesignKey::Stored(name)), _) => format!("Schema · {name}"),
            _ => "Schema".to_owned(),
        }
    }

    /// The entity type that is designed, as the header names it; `None` when no design is open.
    pub fn type_name(&self) -> Option<String> {
        match (self.current.as_ref()?, self.desk()?) {
            (DesignKey::Stored(name), _) => Some(name.clone()),
            (DesignKey::New(_), desk) if desk.design.tree().name.is_empty() => {
                Some("(new)".to_owned())
            }
            (DesignKey::New(_), desk) => Some(format!("{} (new)", desk.design.tree().name)),
        }
    }

    /// What the frame notes at its top: how much there is.
    pub fn note_top(&self) -> String {
        self.desk().map(Desk::summary).unwrap_or_default()
    }

    /// What the frame notes at its bottom: the problems, else that there is something to send.
    pub fn note(&self) -> String {
        let Some(desk) = self.desk() else {
            return String::new();
        };
        match (desk.design.problem_count(), desk.design.change_count()) {
            (0, 0) => String::new(),
            (0, _) => format!("{} {}", keyed("<app.send>"), self.send_word()),
            (1, _) => keyed("1 problem  [<schema.next-problem>]"),
            (count, _) => format!(
                "{count} problems  {}",
                keyed("[<schema.next-problem>] next")
            ),
        }
    }
}
