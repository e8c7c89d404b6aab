//! The form: a new record of an entity type, made from its live schema.
//!
//! ```text
//!  EntityType ──build──▶ Vec<Field> ──rows──▶ Vec<Row> ──view──▶ the screen
//!                          ▲    │
//!              keys, update│    └──collect──▶ Json ──validate──▶ entity.create, or problems at their fields
//! ```
//!
//! One draft is kept for every entity type, so that going elsewhere loses nothing. What is absent is not sent; null,
//! empty and given are three other things. One field at a time is edited as text, by the only text area there is.
//! Sending is the root's work: the form hands out the request.

pub mod brief;
pub mod build;
pub mod collect;
pub mod draft;
pub mod field;
pub mod help;
pub mod rows;
pub mod typing;
pub mod update;
pub mod view;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use ratatui::layout::Size;
use tui_textarea::TextArea;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::Object;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::exchange::Verdict;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::panes::form::draft::Attempt;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::draft::Refusal;
use crate::tui::panes::form::draft::Status;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::field::Problem;
use crate::tui::session::Session;
use crate::tui::theme::Theme;

/// The form.
#[derive(Default)]
pub struct FormPane {
    drafts: HashMap<String, Draft>,
    current: Option<String>,
    typing: Option<Typing>,
    size: Size,
    /// The type whose draft is on its way.
    sending: Option<String>,
    /// Whether a schema is being asked for.
    awaits_schema: bool,
}

/// Without what was typed: passwords are among it.
impl fmt::Debug for FormPane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormPane")
            .field("current", &self.current)
            .field("sending", &self.sending)
            .finish_non_exhaustive()
    }
}

/// The one text that is being edited.
struct Typing {
    target: Target,
    area: TextArea<'static>,
    /// What it held when editing began: what is not changed is not set.
    before: String,
}

/// Whose text is being edited.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Field { place: Place, multiline: bool },
    Filter,
}

/// A verb of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Edit the field as text; toggle, fold or fill what is not text.
    Edit,
    /// The other of true and false.
    Toggle,
    /// Do not send the field.
    SetAbsent,
    /// Send null.
    SetNull,
    /// Send an empty string, object or plural.
    SetEmpty,
    /// Bring back what was loaded.
    ResetField,
    /// Add an element to the plural.
    Add,
    /// Delete the element.
    Delete,
    /// Take the last change back.
    Undo,
    /// Go to the next field with a problem.
    NextProblem,
    /// Go to the field with a problem before.
    PreviousProblem,
    /// Show only some fields.
    Filter,
    /// Ask for the stored record in the answer, or do not.
    IncludeRecord,
    /// Begin anew.
    NewDraft,
    /// The next row.
    Down,
    /// The row before.
    Up,
    /// A screen further.
    PageDown,
    /// A screen back.
    PageUp,
    /// The first row.
    First,
    /// The last row.
    Last,
    /// Fold, or go to what the row is in.
    Fold,
    /// Unfold, or go into it.
    Unfold,
    /// The next group.
    NextGroup,
    /// The group before.
    PreviousGroup,
    /// While editing: keep the text and go on; a line break where there may be several lines.
    Commit,
    /// While editing: keep the text and stop.
    Leave,
    /// While editing: keep the text and edit the next field.
    CommitNext,
    /// While editing: keep the text and edit the field before.
    CommitPrevious,
    /// While editing: keep the text and go up; in several lines, a line up.
    EditUp,
    /// While editing: keep the text and go down; in several lines, a line down.
    EditDown,
}

/// The rows of the form's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Form, Action::Edit, "form.edit", "Edit the field, or unfold it", &["enter"]).hint("edit"),
    ActionSpec::new(Scope::Form, Action::SetAbsent, "form.absent", "Do not send the field", &["x"]).hint("absent"),
    ActionSpec::new(Scope::Form, Action::SetNull, "form.null", "Send null", &["-"]).hint("null"),
    ActionSpec::new(Scope::Form, Action::SetEmpty, "form.empty", "Send an empty string, object or plural", &["0"]),
    ActionSpec::new(Scope::Form, Action::Toggle, "form.toggle", "Switch between true and false", &["space"]),
    ActionSpec::new(Scope::Form, Action::Add, "form.add", "Add an element to the plural", &["a"]).hint("add"),
    ActionSpec::new(Scope::Form, Action::Delete, "form.delete", "Delete the element", &["d"]),
    ActionSpec::new(Scope::Form, Action::ResetField, "form.reset", "Bring back what the field held at first", &["r"]),
    ActionSpec::new(Scope::Form, Action::Undo, "form.undo", "Take the last change back", &["u"]).hint("undo"),
    ActionSpec::new(Scope::Form, Action::NextProblem, "form.next-problem", "Go to the next problem", &["!"]).hint("problem"),
    ActionSpec::new(Scope::Form, Action::PreviousProblem, "form.previous-problem", "Go to the problem before", &["g !"]),
    ActionSpec::new(Scope::Form, Action::Filter, "form.filter", "Show only fields whose path contains a text", &["/"]).hint("filter"),
    ActionSpec::new(Scope::Form, Action::IncludeRecord, "form.include-record", "Ask for the stored record in the answer, or do not", &["i"]),
    ActionSpec::new(Scope::Form, Action::NewDraft, "form.new", "Begin anew with nothing set", &["N"]),
    ActionSpec::new(Scope::Form, Action::Down, "form.down", "Next row", &["down", "j"]),
    ActionSpec::new(Scope::Form, Action::Up, "form.up", "Row before", &["up", "k"]),
    ActionSpec::new(Scope::Form, Action::Unfold, "form.unfold", "Unfold, or go into it", &["right", "l"]),
    ActionSpec::new(Scope::Form, Action::Fold, "form.fold", "Fold, or go to what it is in", &["left", "h"]),
    ActionSpec::new(Scope::Form, Action::NextGroup, "form.next-group", "Next group", &["}"]),
    ActionSpec::new(Scope::Form, Action::PreviousGroup, "form.previous-group", "Group before", &["{"]),
    ActionSpec::new(Scope::Form, Action::PageDown, "form.page-down", "A screen further", &["pagedown"]),
    ActionSpec::new(Scope::Form, Action::PageUp, "form.page-up", "A screen back", &["pageup"]),
    ActionSpec::new(Scope::Form, Action::First, "form.first", "First row", &["home"]),
    ActionSpec::new(Scope::Form, Action::Last, "form.last", "Last row", &["end", "G"]),
    ActionSpec::new(Scope::Edit, Action::Commit, "edit.commit", "Keep the text and go on; a new line in JSON", &["enter"]).hint("keep"),
    ActionSpec::new(Scope::Edit, Action::Leave, "edit.leave", "Keep the text and stop editing", &["esc"]).hint("done"),
    ActionSpec::new(Scope::Edit, Action::CommitNext, "edit.next", "Keep the text and edit the next field", &["tab"]).hint("next field"),
    ActionSpec::new(Scope::Edit, Action::CommitPrevious, "edit.previous", "Keep the text and edit the field before", &["shift-tab"]),
    ActionSpec::new(Scope::Edit, Action::EditUp, "edit.up", "Keep the text and go up", &["up"]),
    ActionSpec::new(Scope::Edit, Action::EditDown, "edit.down", "Keep the text and go down", &["down"]),
];

/// What happened here that concerns the rest of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This call is to be made.
    Submitted(ApiRequest),
    /// Nothing was done, for this reason.
    Refused(String),
    /// Something was done that is not plain to see.
    Told(String),
}

impl FormPane {
    /// Shows the draft of an entity type, begun now if there is none. A draft of an older schema keeps its values.
    pub fn open(&mut self, schema: &Arc<EntityType>, now: Timestamp) {
        self.stop_typing(now);
        let draft = self
            .drafts
            .entry(schema.name.clone())
            .or_insert_with(|| Draft::new(schema));
        draft.adopt(schema);
        draft.regroup();
        draft.scroll = 0;
        self.current = Some(schema.name.clone());
        self.settle();
    }

    /// A schema is being asked for, or that is over.
    pub fn await_schema(&mut self, awaits: bool) {
        self.awaits_schema = awaits;
    }

    /// Empties the draft and goes to its top; `undo` brings it back.
    pub fn reset(&mut self) {
        self.load(&Json::Object(Object::new()));
        self.step(isize::MIN / 2);
    }

    /// Puts a record in place of the draft; `undo` brings the old one back. What only the service gives is left out.
    pub fn load(&mut self, record: &Json) {
        self.typing = None;
        if let Some(draft) = self.draft_mut() {
            draft.load(record);
        }
        self.settle();
    }

    /// Whether a text is being edited, so that plain characters belong to it.
    pub fn typing(&self) -> bool {
        self.typing.is_some()
    }

    /// Keeps the text being edited and stops editing: the focus goes elsewhere.
    pub fn stop_typing(&mut self, now: Timestamp) {
        self.commit(now);
        self.settle();
    }

    /// Tells the pane how large its inside is.
    pub fn set_viewport(&mut self, size: Size) {
        if size != self.size {
            self.size = size;
            self.unscroll();
            self.settle();
        }
    }

    /// Checks the draft and hands out the call, or says why not and goes to the first problem. Asked again with nothing
    /// changed, it hands out a record that breaks the schema's rules too, to see what the service says.
    pub fn submit(&mut self, now: Timestamp) -> Outcome {
        self.commit(now);
        let Some(type_name) = self.current.clone() else {
            return Outcome::Refused("nothing to send: choose an entity type first".to_owned());
        };
        let Some(draft) = self.drafts.get_mut(&type_name) else {
            return Outcome::Refused("nothing to send: the schema is not loaded yet".to_owned());
        };
        let outcome = match draft.attempt(now) {
            Attempt::Goes(record) => {
                draft.status = Status::Sending;
                let mut request = ApiRequest::new(Endpoint::EntityCreate)
                    .with("type_name", type_name.clone())
                    .with("attributes", record.to_string())
                    .hiding(draft.schema.password_names());
                if draft.include_record {
                    request = request.with("include_record", "true");
                }
                self.sending = Some(type_name);
                Outcome::Submitted(request)
            }
            Attempt::Refused(refusal) => {
                if let Some(first) = &refusal.first {
                    self.show(first);
                }
                Outcome::Refused(explain(&refusal))
            }
        };
        self.settle();
        outcome
    }

    /// The draft that was handed out came to this; `None` when it certainly did not go out. It stays as it is, to be
    /// changed and sent again.
    pub fn sent(&mut self, verdict: Option<Verdict>) {
        let type_name = self.sending.take();
        if let Some(draft) = type_name.and_then(|name| self.drafts.get_mut(&name)) {
            if draft.status == Status::Sending {
                draft.status = match verdict {
                    Some(Verdict::Ok) => Status::Sent,
                    Some(Verdict::Error) => Status::Rejected,
                    Some(Verdict::Unknown) => Status::Unknown,
                    Some(Verdict::NotCapture | Verdict::NotSent) | None => Status::Changed,
                };
            }
            draft.regroup();
            draft.scroll = 0;
        }
        self.settle();
    }

    /// What the draft is sent as; else the first field that cannot be written as JSON, and why.
    pub fn collect(&self) -> Result<Json, (AttrPath, String)> {
        let Some(draft) = self.draft() else {
            return Ok(Json::Object(Object::new()));
        };
        let (record, faults) = collect::record(&draft.fields);
        match faults.into_iter().next() {
            None => Ok(record),
            Some(fault) => Err((
                field::path_of(&draft.fields, &fault.place),
                fault.problem.reason,
            )),
        }
    }

    /// How many fields have a problem that is shown.
    pub fn problems(&self) -> usize {
        self.draft().map_or(0, Draft::problems)
    }

    /// Unfolds what is around `path` and puts the cursor there, or on the nearest thing around it that exists. `false`
    /// when the form has nothing of it.
    pub fn go_to(&mut self, path: &AttrPath) -> bool {
        let place = self
            .draft()
            .and_then(|draft| field::place_of(&draft.fields, path));
        let Some(place) = place else {
            return false;
        };
        self.show(&place);
        self.settle();
        true
    }

    /// Shows the service's complaint at a field, until the field is changed or the draft sent again. `false` when the
    /// form has no such field.
    pub fn show_error(
        &mut self,
        path: &AttrPath,
        code: ErrorCode,
        reason: impl Into<String>,
    ) -> bool {
        let Some(draft) = self.draft_mut() else {
            return false;
        };
        let Some(place) = field::place_of(&draft.fields, path) else {
            return false;
        };
        let reason = reason.into();
        draft.set_problem(&place, Some(Problem { code, reason }));
        self.settle();
        true
    }

    /// The attributes that are given and must be unique among all records: where error 361 can come from, which does not
    /// say it (reference 8).
    pub fn unique_candidates(&self) -> Vec<AttrPath> {
        self.draft().map_or_else(Vec::new, Draft::unique_candidates)
    }

    /// The path under the cursor; `None` on a heading.
    pub fn cursor_path(&self) -> Option<AttrPath> {
        self.draft()?.path()
    }

    /// Shows all fields again; `false` when they were all shown.
    pub fn clear_filter(&mut self) -> bool {
        let Some(draft) = self.draft_mut() else {
            return false;
        };
        let filtered = !draft.filter.is_empty();
        draft.filter.clear();
        self.settle();
        filtered
    }

    /// The pane's title.
    pub fn title(&self, session: &Session) -> String {
        match self.current.as_ref().or(session.type_name.as_ref()) {
            Some(name) => format!("Form · {name} (new)"),
            None => "Form".to_owned(),
        }
    }

    /// What the frame notes at its upper right: what became of the draft.
    pub fn note_top(&self, theme: &Theme) -> String {
        let Some(draft) = self.draft() else {
            return String::new();
        };
        let glyphs = &theme.glyphs;
        let status = match draft.status {
            Status::Fresh => String::new(),
            Status::Changed => "draft".to_owned(),
            Status::Sending => format!("{} sending", glyphs.running),
            Status::Sent => format!("{} sent", glyphs.ok),
            Status::Rejected => format!("{} refused", glyphs.error),
            Status::Unknown => format!("{} outcome unknown", glyphs.warning),
        };
        match (draft.include_record, status.is_empty()) {
            (false, _) => status,
            (true, true) => "with record".to_owned(),
            (true, false) => format!("with record {} {status}", glyphs.separator),
        }
    }

    /// What the frame notes at its bottom: the problems.
    pub fn note(&self, theme: &Theme) -> String {
        match self.problems() {
            0 => String::new(),
            1 => format!("{} 1 problem  [!]", theme.glyphs.error),
            count => format!("{} {count} problems  [!] next", theme.glyphs.error),
        }
    }

    /// For the footer, while a text is edited: the field's name, or that it is the filter's.
    pub fn typing_name(&self) -> Option<String> {
        let typing = self.typing.as_ref()?;
        match &typing.target {
            Target::Filter => Some("filter".to_owned()),
            Target::Field { place, .. } => {
                let field = field::field(&self.draft()?.fields, place)?;
                Some(field.name().to_owned())
            }
        }
    }

    fn draft(&self) -> Option<&Draft> {
        self.drafts.get(self.current.as_ref()?)
    }

    fn draft_mut(&mut self) -> Option<&mut Draft> {
        self.drafts.get_mut(self.current.as_ref()?)
    }

    /// Unfolds what is around `place` and puts the cursor on it.
    fn show(&mut self, place: &[u32]) {
        if let Some(draft) = self.draft_mut() {
            draft.reveal(place);
        }
        self.rebuild();
        if let Some(draft) = self.draft_mut() {
            let shown = draft.rows.iter().any(|row| row.place == place);
            if !shown && !draft.filter.is_empty() {
                draft.filter.clear();
                self.rebuild();
            }
        }
        if let Some(draft) = self.draft_mut() {
            draft.put_cursor(place);
        }
    }
}

/// Why the draft was not sent, and what can be done: short, as the fields themselves say the rest.
fn explain(refusal: &Refusal) -> String {
    let problems = match (&refusal.first, refusal.count) {
        (None, _) => refusal.reason.clone(),
        (Some(_), 1) => "1 problem".to_owned(),
        (Some(_), count) => format!("{count} problems, ! goes to the next"),
    };
    match &refusal.unwritable {
        None => format!("not sent: {problems}. F5 again sends it anyway"),
        Some(path) => format!("not sent: {problems}. {path} cannot be written as JSON"),
    }
}

#[cfg(test)]
mod tests;
