//! The entity types of the environment: choosing one opens its form.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::keys::keymap::keyed;
use crate::tui::msg::PaneEvent;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::tui::session::Session;
use crate::tui::theme::Theme;
use crate::tui::widgets::list;
use crate::tui::widgets::paragraphs;
use crate::worker::job::JobId;

/// The list of entity types.
#[derive(Debug, Default)]
pub struct TypesPane {
    names: Vec<String>,
    cursor: ListCursor,
    loading: Option<JobId>,
    failure: Option<String>,
    loaded: bool,
}

/// A verb of this pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The next type.
    Down,
    /// The previous type.
    Up,
    /// The first type.
    First,
    /// The last type.
    Last,
    /// Open the form of the type under the cursor.
    Choose,
    /// Open a stored record of the type under the cursor.
    OpenRecord,
    /// Design a new entity type.
    Design,
}

/// The rows of this pane's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Types, Action::Choose, "types.choose", "Open the form of this entity type", &["enter", "right", "l"], Twin::Command("type show")).hint("open"),
    ActionSpec::new(Scope::Types, Action::OpenRecord, "types.open-record", "Open a stored record of this entity type", &["o"], Twin::Command("record get")).hint("record"),
    ActionSpec::new(Scope::Types, Action::Design, "types.design", "Design a new entity type: empty, or from something", &["n"], Twin::Command("type create")).hint("new"),
    ActionSpec::new(Scope::Types, Action::Down, "types.down", "Next entity type", &["down", "j"], MOVING),
    ActionSpec::new(Scope::Types, Action::Up, "types.up", "Previous entity type", &["up", "k"], MOVING),
    ActionSpec::new(Scope::Types, Action::First, "types.first", "First entity type", &["home"], MOVING),
    ActionSpec::new(Scope::Types, Action::Last, "types.last", "Last entity type", &["end", "G"], MOVING),
];

/// What happened here that concerns the rest of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The user chose this entity type.
    Chosen(String),
    /// The user wants to open a record of this entity type.
    OpenRecord(String),
    /// The user wants to design a new entity type.
    Design,
}

impl TypesPane {
    /// The names of the entity types, as far as they are loaded.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Waits for the list that this job brings.
    pub fn wait_for(&mut self, job: JobId) {
        self.loading = Some(job);
    }

    /// Whether the list is awaited.
    pub fn is_loading(&self) -> bool {
        self.loading.is_some()
    }

    /// The list came, or why it did not.
    pub fn loaded(&mut self, id: JobId, result: Result<Vec<String>, String>) {
        if self.loading != Some(id) {
            return;
        }
        self.loading = None;
        match result {
            Ok(names) => {
                // The cursor stays on the same type, wherever the new list has it.
                let under_cursor = self.names.get(self.cursor.at);
                let at = under_cursor.and_then(|name| names.iter().position(|new| new == name));
                self.names = names;
                self.cursor.put(at.unwrap_or(0), self.names.len());
                self.failure = None;
                self.loaded = true;
            }
            Err(reason) => self.failure = Some(reason),
        }
    }

    /// Handles an event.
    pub fn update(&mut self, event: PaneEvent<Action>) -> Option<Outcome> {
        let len = self.names.len();
        match event {
            PaneEvent::Act(Action::Down) => self.cursor.go(Move::By(1), len),
            PaneEvent::Act(Action::Up) => self.cursor.go(Move::By(-1), len),
            PaneEvent::Act(Action::First) => self.cursor.go(Move::First, len),
            PaneEvent::Act(Action::Last) => self.cursor.go(Move::Last, len),
            PaneEvent::Act(Action::Choose) => return self.chosen(),
            PaneEvent::Act(Action::OpenRecord) => {
                return self
                    .names
                    .get(self.cursor.at)
                    .cloned()
                    .map(Outcome::OpenRecord);
            }
            PaneEvent::Act(Action::Design) => return Some(Outcome::Design),
            PaneEvent::Scroll(rows) => self.cursor.scroll(rows.into(), len),
            PaneEvent::Click { row, .. } if self.cursor.click(row, len) => return self.chosen(),
            PaneEvent::Click { .. } | PaneEvent::Key(_) | PaneEvent::Paste(_) => {}
        }
        None
    }

    fn chosen(&self) -> Option<Outcome> {
        let name = self.names.get(self.cursor.at)?;
        Some(Outcome::Chosen(name.clone()))
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::Choose | Action::OpenRecord if self.names.is_empty() => {
                Some("there is no entity type to open yet: <app.refresh> asks again")
            }
            _ => None,
        }
    }

    /// Tells the pane how many rows it shows.
    pub fn set_viewport(&mut self, rows: u16) {
        self.cursor.height = rows.into();
        self.cursor.fit(self.names.len());
    }

    /// The pane's title.
    pub fn title(&self) -> String {
        "Types".to_owned()
    }

    /// What the frame notes at its bottom.
    pub fn note(&self) -> String {
        match (&self.loading, self.names.len()) {
            (Some(_), 0) => String::new(),
            (_, 1) => "1 type".to_owned(),
            (_, count) => format!("{count} types"),
        }
    }

    /// Draws the list.
    pub fn view(
        &self,
        session: &Session,
        theme: &Theme,
        area: Rect,
        focused: bool,
        buf: &mut Buffer,
    ) {
        if self.names.is_empty() {
            self.view_empty(theme, area, buf);
            return;
        }
        let view = self.cursor.view(self.names.len(), focused);
        list::draw(buf, area, view, theme, |at| {
            let Some(name) = self.names.get(at) else {
                return Line::default();
            };
            let open = session.type_name.as_deref() == Some(name);
            let (mark, style) = if open {
                (theme.glyphs.folded, theme.accent)
            } else {
                (" ", theme.text)
            };
            Line::styled(format!("{mark} {name}"), style)
        });
    }

    fn view_empty(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let mut lines = Vec::new();
        if let Some(reason) = &self.failure {
            lines.push((format!("{} {reason}", theme.glyphs.error), theme.error));
            lines.push((keyed("<app.refresh> asks again"), theme.dim));
        } else if self.loaded {
            lines.push(("No entity type yet.".to_owned(), theme.text));
            lines.push((
                keyed("<types.design> designs one; <app.refresh> asks again."),
                theme.dim,
            ));
        } else {
            lines.push((format!("{} loading", theme.glyphs.running), theme.dim));
        }
        paragraphs::put(buf, area, &lines);
    }
}
