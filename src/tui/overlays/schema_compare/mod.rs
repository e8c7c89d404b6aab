//! Two entity types side by side: what only one of them has, what differs, and what making A like B would take.
//!
//! ```text
//!  A: what is stored, or the design      B: the design, another type, another environment, a file, what was copied
//! ```
//!
//! Order means nothing, and what every type has of itself is left out. A sheet over the schema view; the root reads what
//! it compares with, and makes a plan of it when asked.

pub mod rows;
pub mod view;

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::capture::schema::EntityType;
use crate::capture::schema::diff;
use crate::capture::schema::diff::SchemaDiff;
use crate::capture::schema::plan;
use crate::capture::schema::plan::SchemaPlan;
use crate::capture::schema::plan::Wishes;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::CLOSING;
use crate::tui::action::twin::LOOKING;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::overlays::schema_compare::rows::Row;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;

/// A verb of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The next difference.
    Next,
    /// The difference before.
    Previous,
    /// Show what is equal too, or do not.
    HideEqual,
    /// Make the design like B, and show the plan.
    PlanToB,
    /// Make B like A.
    PlanToA,
    /// Only add what is new, or do everything.
    AdditionsOnly,
    /// Copy it as Markdown.
    CopyMarkdown,
    /// Copy it as JSON.
    CopyJson,
    /// Write it into a file.
    Write,
    /// Move in the list.
    Go(Move),
    /// Show the keys.
    Help,
    /// Close it.
    Close,
}

/// The rows of the comparison's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Compare, Action::Next, "compare.next", "Next difference", &["n"], MOVING).hint("next"),
    ActionSpec::new(Scope::Compare, Action::Previous, "compare.previous", "Difference before", &["N"], MOVING),
    ActionSpec::new(Scope::Compare, Action::PlanToB, "compare.plan", "Make the design like B, and show the plan for it", &["p"], Twin::Command("schema plan")).hint("plan A → B"),
    ActionSpec::new(Scope::Compare, Action::PlanToA, "compare.plan-back", "Make B like A, and show the plan for it", &["b"], Twin::Command("schema plan")).hint("plan B → A"),
    ActionSpec::new(Scope::Compare, Action::AdditionsOnly, "compare.additions-only", "Plan only what is to be added, or everything", &["m"], Twin::Command("schema plan")).hint("additions"),
    ActionSpec::new(Scope::Compare, Action::HideEqual, "compare.hide-equal", "Hide what is equal, or show it", &["="], LOOKING).hint("equal"),
    ActionSpec::new(Scope::Compare, Action::CopyMarkdown, "compare.copy-markdown", "Copy the differences as Markdown", &["y m"], Twin::Command("schema diff")).hint("Markdown"),
    ActionSpec::new(Scope::Compare, Action::CopyJson, "compare.copy-json", "Copy the differences as JSON", &["y j"], Twin::Command("schema diff")).hint("JSON"),
    ActionSpec::new(Scope::Compare, Action::Write, "compare.write", "Write the differences into a file: JSON, or Markdown for .md", &["X"], Twin::Command("schema diff")).hint("file"),
    ActionSpec::new(Scope::Compare, Action::Go(Move::Pages(1)), "compare.further", "Several rows further", &["space"], MOVING),
    ActionSpec::new(Scope::Compare, Action::Help, "compare.help", "Show these keys", &["?", "f1"], CLOSING),
    ActionSpec::new(Scope::Compare, Action::Close, "compare.close", "Close the comparison", &["esc", "q", "ctrl-c"], CLOSING),
];

/// The names of its verbs that move in the list.
#[rustfmt::skip]
pub const MOVES: [&str; 6] = ["compare.down", "compare.up", "compare.page-down", "compare.page-up", "compare.first", "compare.last"];

/// One of the two.
#[derive(Clone, Debug)]
pub struct Side {
    /// What it is called: `user`, `prod: user`, `user.json`.
    pub name: String,
    /// The entity type.
    pub schema: Arc<EntityType>,
}

/// Where B comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    /// It is the design itself, and A is what is stored.
    Own,
    /// Another entity type of this environment.
    Type(String),
    /// The entity type of this name in another environment.
    Environment(String),
    /// A file.
    File(String),
    /// What was copied elsewhere.
    Copied,
}

/// A comparison, shown.
#[derive(Debug)]
pub struct CompareSheet {
    /// The one on the left.
    pub a: Side,
    /// The one on the right.
    pub b: Side,
    /// Where the one on the right comes from.
    pub other: Other,
    diff: SchemaDiff,
    /// What would make B of A.
    plan: SchemaPlan,
    all: Vec<Row>,
    /// Which of them are shown.
    shown: Vec<usize>,
    hides_equal: bool,
    /// Whether a plan adds only.
    pub additions_only: bool,
    cursor: ListCursor,
}

impl CompareSheet {
    /// A comparison of two.
    pub fn new(a: Side, b: Side, other: Other) -> Self {
        let all = rows::rows(&a.schema, &b.schema);
        let mut sheet = Self {
            diff: diff::diff(&a.schema, &b.schema),
            plan: SchemaPlan::default(),
            all,
            shown: Vec::new(),
            hides_equal: false,
            additions_only: false,
            cursor: ListCursor::default(),
            a,
            b,
            other,
        };
        sheet.replan();
        sheet.show(None);
        if sheet.row().is_some_and(|row| !row.begins) {
            sheet.step(1);
        }
        sheet
    }

    fn replan(&mut self) {
        let wishes = Wishes {
            additions_only: self.additions_only,
            ..Wishes::default()
        };
        self.plan = plan::plan(Some(&self.a.schema), &self.b.schema, &[], &wishes);
    }

    /// The row under the cursor.
    fn row(&self) -> Option<&Row> {
        self.all.get(*self.shown.get(self.cursor.at)?)
    }

    /// Shows what there is to show, with the cursor on a row of all.
    fn show(&mut self, on: Option<usize>) {
        let is_shown = |at: &usize| !self.hides_equal || self.all[*at].is_on_the_way;
        self.shown = (0..self.all.len()).filter(is_shown).collect();
        let at = on.and_then(|on| self.shown.iter().position(|at| *at >= on));
        self.cursor.put(at.unwrap_or(0), self.shown.len());
    }

    /// Both names.
    fn names(&self) -> [&str; 2] {
        [&self.a.name, &self.b.name]
    }

    /// Whether both say the same.
    pub fn is_equal(&self) -> bool {
        self.diff.is_empty()
    }

    /// The differences as Markdown.
    pub fn to_markdown(&self) -> String {
        let [a, b] = self.names();
        let counts = self.counts();
        format!(
            "## {a} and {b}\n\n{counts}\n\n{}",
            self.diff.to_markdown([a, b])
        )
    }

    /// The differences as JSON.
    pub fn to_json(&self) -> String {
        format!("{}\n", self.diff.to_json(self.names()))
    }

    /// Does a verb that concerns nothing else; false for any other.
    pub fn act(&mut self, action: Action) -> bool {
        let len = self.shown.len();
        match action {
            Action::Next => self.step(1),
            Action::Previous => self.step(-1),
            Action::HideEqual => {
                let on = self.shown.get(self.cursor.at).copied();
                self.hides_equal = !self.hides_equal;
                self.show(on);
            }
            Action::AdditionsOnly => {
                self.additions_only = !self.additions_only;
                self.replan();
            }
            Action::Go(to) => self.cursor.go(to, len),
            Action::PlanToB
            | Action::PlanToA
            | Action::CopyMarkdown
            | Action::CopyJson
            | Action::Write
            | Action::Help
            | Action::Close => return false,
        }
        true
    }

    /// Goes to the next difference, or the one before; round the end.
    fn step(&mut self, by: isize) {
        let len = self.shown.len();
        let here = self.cursor.at;
        let places = (1..=len).map(|far| {
            let far = if by > 0 { far } else { len - far };
            (here + far) % len
        });
        let begins = |at: &usize| self.all[self.shown[*at]].begins;
        if let Some(at) = places.into_iter().find(begins) {
            self.cursor.put(at, len);
        }
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        let about_differences = matches!(
            action,
            Action::Next
                | Action::Previous
                | Action::PlanToB
                | Action::PlanToA
                | Action::AdditionsOnly
        );
        (about_differences && self.is_equal()).then_some("nothing differs")
    }

    /// Keeps the cursor in sight, on a screen of this size.
    pub fn fit(&mut self, screen: Rect) {
        self.cursor.height = usize::from(view::Places::new(screen).rows.height);
        self.cursor.fit(self.shown.len());
    }
}
