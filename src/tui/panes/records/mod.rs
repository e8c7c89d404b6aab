//! The records of an entity type: found by a filter, a page at a time, as a table to look through and to open from.
//!
//! ```text
//!  filter  email = 'bob@example.com'            typing: completion from the schema, checked while it is written
//!  F5 sends  entity.find  type_name=user …      query: what would be sent, before it is
//!  id     email            displayName          columns: what is shown, and what stands in a cell
//!  11649  bob@example.com  Bob                  table
//! ```
//!
//! One search is kept for every entity type, so that going elsewhere loses nothing. Nothing is asked of the service before
//! the user runs it; the pages that were read stay as they came until they are asked for anew. Sending is the root's
//! work: the pane hands out requests.

pub mod columns;
pub mod picker;
pub mod query;
pub mod search;
pub mod table;
pub mod trouble;
pub mod typing;
pub mod update;
pub mod view;

use std::collections::HashMap;
use std::sync::Arc;

use ratatui::layout::Size;

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::config::columns::Columns;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::action::twin::WRITING;
use crate::tui::masking::Mask;
use crate::tui::panes::records::picker::Picker;
use crate::tui::panes::records::picker::Purpose;
use crate::tui::panes::records::query::Query;
use crate::tui::panes::records::query::Start;
use crate::tui::panes::records::search::Search;
use crate::tui::panes::records::typing::Typing;
use crate::tui::recording::typed::Names;
use crate::tui::recording::typed::Typed;
use crate::worker::job::JobId;

/// The records of the entity types.
#[derive(Debug, Default)]
pub struct RecordsPane {
    searches: HashMap<String, Search>,
    current: Option<String>,
    /// The columns chosen in earlier sessions.
    kept: Columns,
    mode: Mode,
    waiting: Option<Waiting>,
    /// The masking of personal data, while somebody looks on.
    mask: Option<Mask>,
    size: Size,
}

/// What has the keys.
#[derive(Debug, Default)]
enum Mode {
    /// The table.
    #[default]
    Rows,
    /// The filter.
    Filter(Box<Typing>),
    /// The choice of columns or of an order.
    Picking(Box<Picker>),
}

/// The call that is awaited.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Waiting {
    job: Option<JobId>,
    type_name: String,
    asked: Asked,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    /// The page with this number, from 0, of a query.
    Page {
        query: Query,
        number: usize,
        start: Start,
    },
    /// How many records a query has.
    Count(Query),
}

/// A verb of this pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Edit the filter.
    Filter,
    /// Open the record under the cursor in the form.
    Open,
    /// Begin a new record.
    New,
    /// Choose what the records are sorted by.
    Sort,
    /// Choose the columns.
    Columns,
    /// Ask how many records there are in all.
    Count,
    /// Copy the record as JSON.
    Copy,
    /// The next page.
    NextPage,
    /// The page before.
    PreviousPage,
    /// The next record.
    Down,
    /// The record before.
    Up,
    /// One screen down; from the last record on, the next page.
    PageDown,
    /// One screen up.
    PageUp,
    /// The first record of the page.
    First,
    /// The last record of the page.
    Last,
    /// Show columns further right.
    Right,
    /// Show columns further left.
    Left,
    /// While the filter is written: run it, or take the offer that was chosen.
    Enter,
    /// While the filter is written: take the offer.
    Take,
    /// While the filter is written: the next offer.
    NextOffer,
    /// While the filter is written: the offer before.
    PreviousOffer,
    /// While the filter is written: stop, and keep it.
    Leave,
    /// In a choice: done.
    Choose,
    /// In a choice: leave everything as it was.
    Discard,
    /// In a choice: mark the column or take its mark away; turn the order round.
    Toggle,
    /// In a choice: the next attribute.
    PickDown,
    /// In a choice: the attribute before.
    PickUp,
    /// In a choice: one screen down.
    PickPageDown,
    /// In a choice: one screen up.
    PickPageUp,
    /// In a choice of columns: move the attribute up.
    MoveUp,
    /// In a choice of columns: move the attribute down.
    MoveDown,
    /// In a choice of columns: back to those that nobody chose.
    Usual,
}

/// The rows of this pane's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Records, Action::Filter, "records.filter", "Write the filter", &["/"], Twin::Command("record find")).hint("filter"),
    ActionSpec::new(Scope::Records, Action::Open, "records.open", "Open this record in the form", &["enter"], Twin::Command("record get")).hint("open"),
    ActionSpec::new(Scope::Records, Action::NextPage, "records.next-page", "Next page", &["L"], Twin::Command("record find")).hint("next page"),
    ActionSpec::new(Scope::Records, Action::PreviousPage, "records.previous-page", "Page before", &["H"], Twin::Command("record find")).hint("page before"),
    ActionSpec::new(Scope::Records, Action::Sort, "records.sort", "Choose what the records are sorted by", &["s"], Twin::Command("record find")).hint("sort"),
    ActionSpec::new(Scope::Records, Action::Columns, "records.columns", "Choose the columns", &["c"], Twin::Command("record find")).hint("columns"),
    ActionSpec::new(Scope::Records, Action::Count, "records.count", "Ask how many records there are in all", &["#", "t"], Twin::Command("record count")).hint("count"),
    ActionSpec::new(Scope::Records, Action::Copy, "records.copy", "Copy this record as JSON, without passwords", &["y j", "y y"], Twin::Command("record get")),
    ActionSpec::new(Scope::Records, Action::New, "records.new", "Begin a new record", &["n"], Twin::Command("record create")).hint("new"),
    ActionSpec::new(Scope::Records, Action::Down, "records.down", "Next record", &["down", "j"], MOVING),
    ActionSpec::new(Scope::Records, Action::Up, "records.up", "Record before", &["up", "k"], MOVING),
    ActionSpec::new(Scope::Records, Action::Right, "records.right", "Columns further right", &["right", "l"], MOVING),
    ActionSpec::new(Scope::Records, Action::Left, "records.left", "Columns further left", &["left", "h"], MOVING),
    ActionSpec::new(Scope::Records, Action::PageDown, "records.page-down", "One screen down; at the end, the next page", &["pagedown"], MOVING),
    ActionSpec::new(Scope::Records, Action::PageUp, "records.page-up", "One screen up", &["pageup"], MOVING),
    ActionSpec::new(Scope::Records, Action::First, "records.first", "First record of the page", &["home"], MOVING),
    ActionSpec::new(Scope::Records, Action::Last, "records.last", "Last record of the page", &["end", "G"], MOVING),
    ActionSpec::new(Scope::Filter, Action::Take, "filter.take", "Put in what is offered", &["tab"], WRITING).hint("complete"),
    ActionSpec::new(Scope::Filter, Action::Enter, "filter.run", "Run the filter, or put in what was chosen", &["enter"], Twin::Command("record find")).hint("run"),
    ActionSpec::new(Scope::Filter, Action::NextOffer, "filter.next", "Next offer", &["down"], WRITING),
    ActionSpec::new(Scope::Filter, Action::PreviousOffer, "filter.previous", "Offer before", &["up"], WRITING),
    ActionSpec::new(Scope::Filter, Action::Leave, "filter.leave", "Stop writing the filter", &["esc"], WRITING).hint("done"),
    ActionSpec::new(Scope::Pick, Action::Choose, "pick.choose", "Take this choice", &["enter"], WRITING).hint("take"),
    ActionSpec::new(Scope::Pick, Action::Toggle, "pick.toggle", "Mark the column, or turn the order round", &["space"], WRITING).hint("mark"),
    ActionSpec::new(Scope::Pick, Action::Discard, "pick.discard", "Leave everything as it was", &["esc"], WRITING).hint("leave"),
    ActionSpec::new(Scope::Pick, Action::PickDown, "pick.down", "Next attribute", &["tab", "down"], MOVING).hint("next"),
    ActionSpec::new(Scope::Pick, Action::PickUp, "pick.up", "Attribute before", &["up", "shift-tab"], MOVING),
    ActionSpec::new(Scope::Pick, Action::PickPageDown, "pick.page-down", "One screen down", &["pagedown"], MOVING),
    ActionSpec::new(Scope::Pick, Action::PickPageUp, "pick.page-up", "One screen up", &["pageup"], MOVING),
    ActionSpec::new(Scope::Pick, Action::MoveUp, "pick.move-up", "Move the column to the left", &["alt-up"], WRITING),
    ActionSpec::new(Scope::Pick, Action::MoveDown, "pick.move-down", "Move the column to the right", &["alt-down"], WRITING),
    ActionSpec::new(Scope::Pick, Action::Usual, "pick.usual", "Back to the usual columns", &["ctrl-r"], WRITING),
];

/// What happened here that concerns the rest of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This call is to be made. The pane waits for it: see [`RecordsPane::wait_for`].
    Called(ApiRequest),
    /// The user wants to see this record in the form.
    Opened {
        /// Its entity type.
        type_name: String,
        /// The record, whole as it was found.
        record: Json,
    },
    /// This text is to be copied, described so.
    Copy(String, String),
    /// The user wants to begin a new record.
    New,
    /// These columns were chosen for this entity type.
    ColumnsChosen {
        /// The entity type.
        type_name: String,
        /// Dotted paths; none at all means those that nobody chose.
        columns: Vec<String>,
    },
    /// Nothing was done, for this reason.
    Refused(String),
    /// Something was done that is not plain to see.
    Told(String),
}

impl RecordsPane {
    /// Shows the search for records of an entity type, begun now if there is none. Asks nothing of the service.
    pub fn open(&mut self, schema: &Arc<EntityType>) {
        self.stop_typing();
        self.mode = Mode::Rows;
        let kept = self.kept.get(&schema.name);
        let search = self
            .searches
            .entry(schema.name.clone())
            .or_insert_with(|| Search::new(schema));
        search.set_schema(schema);
        search.mask.clone_from(&self.mask);
        if !search.columns_chosen
            && let Some(names) = kept
        {
            search.choose_columns(paths(names));
        }
        self.current = Some(schema.name.clone());
        self.fit();
    }

    /// Masks personal data from now on, or shows it again.
    pub fn set_mask(&mut self, mask: Option<Mask>) {
        for search in self.searches.values_mut() {
            search.mask.clone_from(&mask);
        }
        self.mask = mask;
    }

    /// Shows no search until there is a schema for it; what was searched for is kept.
    pub fn close(&mut self) {
        self.stop_typing();
        self.mode = Mode::Rows;
        self.current = None;
    }

    /// The columns that were chosen before are known now. What was chosen since the start stays.
    pub fn remember(&mut self, kept: Columns) {
        for (type_name, names) in &kept {
            if let Some(search) = self.searches.get_mut(type_name)
                && !search.columns_chosen
            {
                search.choose_columns(paths(names));
            }
        }
        self.kept.extend(kept);
    }

    /// Waits for the answer to what was just handed out.
    pub fn wait_for(&mut self, job: JobId) {
        if let Some(waiting) = &mut self.waiting {
            waiting.job = Some(job);
        }
    }

    /// Whether an answer is awaited.
    pub fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Whether the answer of this job is awaited.
    pub fn awaits(&self, job: JobId) -> bool {
        self.waiting
            .as_ref()
            .is_some_and(|waiting| waiting.job == Some(job))
    }

    /// Whether plain characters belong to a text now.
    pub fn typing(&self) -> bool {
        !matches!(self.mode, Mode::Rows)
    }

    /// What plain characters go into now, for a recording.
    pub fn being_typed(&self) -> Typed {
        match (&self.mode, self.search()) {
            (Mode::Filter(typing), Some(search)) => {
                let before = typing.text().chars().take(typing.cursor());
                Typed::Filter(before.collect(), Names::of(&search.schema))
            }
            _ => Typed::Open,
        }
    }

    /// The scope of the keys here.
    pub fn scope(&self) -> Scope {
        match self.mode {
            Mode::Rows => Scope::Records,
            Mode::Filter(_) => Scope::Filter,
            Mode::Picking(_) => Scope::Pick,
        }
    }

    /// The word for what has the keys, for the footer.
    pub fn mode_name(&self) -> &'static str {
        match &self.mode {
            Mode::Rows => "NAV",
            Mode::Filter(_) => "FILTER",
            Mode::Picking(picker) => picker.mode_name(),
        }
    }

    /// The word for a verb in the footer: Enter runs while there is nothing to open.
    pub fn hint(&self, action: Action, usual: &'static str) -> &'static str {
        let is_first = self.search().is_some_and(|search| search.found.is_none());
        let sorts =
            matches!(&self.mode, Mode::Picking(picker) if picker.purpose() != Purpose::Columns);
        match action {
            Action::Open if is_first => "run",
            Action::Toggle if sorts => "turn round",
            _ => usual,
        }
    }

    /// Tells the pane how much room it has.
    pub fn set_viewport(&mut self, size: Size) {
        self.size = size;
        self.fit();
    }

    /// The pane's title.
    pub fn title(&self) -> String {
        match &self.current {
            Some(type_name) => format!("Find · {type_name}"),
            None => "Find".to_owned(),
        }
    }

    /// The record under the cursor, and its entity type.
    pub fn under_cursor(&self) -> Option<(&str, &Json)> {
        let search = self.search()?;
        Some((&search.schema.name, search.record()?))
    }

    fn search(&self) -> Option<&Search> {
        self.searches.get(self.current.as_ref()?)
    }

    fn search_mut(&mut self) -> Option<&mut Search> {
        self.searches.get_mut(self.current.as_ref()?)
    }

    /// Keeps the cursors on what is shown.
    fn fit(&mut self) {
        let height = view::table_height(self.size, self.is_filter_wide());
        let width = self.size.width;
        if let Some(search) = self.search_mut() {
            search.cursor.height = height;
            let len = search.records().len();
            search.cursor.fit(len);
            if search.first_column > 0 {
                search.first_column = table::settle(search, width);
            }
        }
        let size = self.size;
        if let Mode::Picking(picker) = &mut self.mode {
            picker.set_height(view::picker_height(size));
        }
    }

    /// Whether the filter takes a line more, for its problem.
    fn is_filter_wide(&self) -> bool {
        matches!(self.mode, Mode::Filter(_))
    }
}

/// The paths that can be read; what cannot was not written by us.
fn paths(names: &[String]) -> Vec<AttrPath> {
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

#[cfg(test)]
mod tests;
