//! The form: a new record of an entity type, made from its live schema.
//!
//! ```text
//!  EntityType ──build──▶ Vec<Field> ──rows──▶ Vec<Row> ──view──▶ the screen
//!                          ▲    │
//!      keys, update, change│    └──collect──▶ Json ──validate──▶ entity.create, or problems at their fields
//! ```
//!
//! One draft is kept for every entity type, so that going elsewhere loses nothing. What is absent is not sent; null,
//! empty and given are three other things. One field at a time is edited as text, by the only text area there is.
//! Sending is the root's work: the form hands out the request.

mod being_typed;
pub mod blame;
pub mod brief;
pub mod build;
pub mod change;
pub mod collect;
pub mod copying;
pub mod differences;
pub mod draft;
pub mod editors;
pub mod elements;
pub mod field;
pub mod fill;
pub mod help;
pub mod json;
pub mod judging;
pub mod keep;
pub mod outside;
pub mod problems;
pub mod rows;
pub mod sending;
pub mod subject;

pub mod typing;
pub mod undo;
pub mod update;
pub mod view;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use ratatui::layout::Size;
use tui_textarea::TextArea;

use crate::capture::delta::PlannedCall;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::COPYING;
use crate::tui::action::twin::LOOKING;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::action::twin::WRITING;
use crate::tui::effect::EditedFile;
use crate::tui::json_text::Proposal;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::draft::Refusal;
use crate::tui::panes::form::draft::Status;
use crate::tui::panes::form::editors::brackets::At;
use crate::tui::panes::form::editors::calendar::Picker;
use crate::tui::panes::form::editors::calendar::Verb;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::judging::Judging;
use crate::tui::panes::form::keep::Keeper;
use crate::tui::panes::form::outside::Outside;
use crate::tui::panes::form::problems::Problem;
use crate::tui::panes::form::sending::Mode;
use crate::tui::panes::form::sending::OnItsWay;
use crate::tui::panes::form::subject::DraftKey;
use crate::tui::panes::form::subject::Subject;
use crate::tui::session::Session;
use crate::tui::theme::Theme;

/// The form.
#[derive(Default)]
pub struct FormPane {
    drafts: HashMap<DraftKey, Draft>,
    current: Option<DraftKey>,
    typing: Option<Typing>,
    /// The calendar, over the field and over a text that is being edited.
    picker: Option<Picker>,
    size: Size,
    /// The draft that is on its way.
    sending: Option<OnItsWay>,
    /// What is in the user's own editor.
    outside: Option<Outside>,
    /// Whether a schema is being asked for.
    awaits_schema: bool,
    keeper: Keeper,
    /// The last record of each type that was sent or opened, to fill in others like it.
    last: HashMap<String, Json>,
}

/// Without what was typed: passwords are among it.
impl fmt::Debug for FormPane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormPane")
            .field("current", &self.current)
            .field("sending", &self.sending.is_some())
            .finish_non_exhaustive()
    }
}

/// The one text that is being edited.
struct Typing {
    target: Target,
    area: TextArea<'static>,
    /// What it held when editing began: what is not changed is not set.
    before: String,
    /// What is said of it; `None` until it is looked at, and for the filter.
    judging: Option<Judging>,
    /// The bracket that belongs to the one at the cursor.
    partner: Option<At>,
}

impl Typing {
    /// Whether it is edited on several lines.
    fn is_multiline(&self) -> bool {
        let Target::Field { multiline, .. } = self.target else {
            return false;
        };
        multiline
    }
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
    /// The other of true and false; the calendar of a date.
    Toggle,
    /// A verb of the calendar.
    Calendar(Verb),
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
    /// Copy the element into a new one beside it.
    Clone,
    /// Move the element up.
    MoveUp,
    /// Move the element down.
    MoveDown,
    /// Take the last change back.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Go to the next field with a problem.
    NextProblem,
    /// Go to the field with a problem before.
    PreviousProblem,
    /// Show only some fields.
    Filter,
    /// Ask for the stored record in the answer, or do not.
    IncludeRecord,
    /// Fill in what is not set.
    Fill,
    /// Show the draft as JSON, or as a form again.
    Json,
    /// Look at what a repair of the JSON would change.
    Repair,
    /// Make that change.
    ApplyRepair,
    /// Edit the whole draft in the user's own editor.
    EditOutside,
    /// Edit the field there.
    EditFieldOutside,
    /// Show what is going to be sent, or do not.
    Wire,
    /// Copy the field's value.
    CopyValue,
    /// Copy the field's path.
    CopyPath,
    /// Copy the record as JSON.
    CopyJson,
    /// Copy what F5 would send as a curl command.
    CopyCurl,
    /// The same, with secrets.
    CopyCurlWithSecrets,
    /// Begin anew.
    NewDraft,
    /// Show what would be sent.
    Plan,
    /// Send a stored record in the next way.
    NextMode,
    /// Let the service refuse a record that others changed meanwhile, or do not.
    Guard,
    /// Load what is stored now.
    Reload,
    /// Begin a new record with the same values.
    CopyAsNew,
    /// Delete the stored record.
    DeleteRecord,
    /// Open a stored record.
    OpenRecord,
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
    /// The next row of the same depth.
    NextSibling,
    /// The row of the same depth before.
    PreviousSibling,
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
    /// While editing: several lines or one; a hash in place of a plain password.
    Lines,
    /// While editing a password: show it, or hide it again.
    Reveal,
    /// While editing: take the last change of the text back.
    UndoText,
    /// While editing: make it again.
    RedoText,
    /// While editing: keep the text and go up; in several lines, a line up.
    EditUp,
    /// While editing: keep the text and go down; in several lines, a line down.
    EditDown,
}

/// The rows of the form's verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Form, Action::Edit, "form.edit", "Edit the field, or unfold it", &["enter"], WRITING).hint("edit"),
    ActionSpec::new(Scope::Form, Action::SetAbsent, "form.absent", "Do not send the field", &["x"], WRITING).hint("absent"),
    ActionSpec::new(Scope::Form, Action::SetNull, "form.null", "Send null", &["-"], WRITING).hint("null"),
    ActionSpec::new(Scope::Form, Action::SetEmpty, "form.empty", "Send an empty string, object or plural", &["0"], WRITING),
    ActionSpec::new(Scope::Form, Action::Toggle, "form.toggle", "Switch true and false, or open the calendar", &["space"], WRITING).hint("switch"),
    ActionSpec::new(Scope::Form, Action::Add, "form.add", "Add an element to the plural", &["a"], WRITING).hint("add"),
    ActionSpec::new(Scope::Form, Action::Delete, "form.delete", "Delete the element", &["d"], WRITING).hint("delete"),
    ActionSpec::new(Scope::Form, Action::Clone, "form.clone", "Clone the element", &["c"], WRITING).hint("clone"),
    ActionSpec::new(Scope::Form, Action::MoveUp, "form.move-up", "Move the element up", &["[", "alt-up"], WRITING),
    ActionSpec::new(Scope::Form, Action::MoveDown, "form.move-down", "Move the element down", &["]", "alt-down"], WRITING),
    ActionSpec::new(Scope::Form, Action::ResetField, "form.reset", "Bring back what the field held at first", &["r"], WRITING),
    ActionSpec::new(Scope::Form, Action::Undo, "form.undo", "Take the last change back", &["u"], WRITING).hint("undo"),
    ActionSpec::new(Scope::Form, Action::Redo, "form.redo", "Do again what was taken back", &["U"], WRITING),
    ActionSpec::new(Scope::Form, Action::NextProblem, "form.next-problem", "Go to the next problem", &["!"], MOVING).hint("problem"),
    ActionSpec::new(Scope::Form, Action::PreviousProblem, "form.previous-problem", "Go to the problem before", &["g !"], MOVING),
    ActionSpec::new(Scope::Form, Action::Filter, "form.filter", "Show only fields whose path contains a text", &["/"], LOOKING).hint("filter"),
    ActionSpec::new(Scope::Form, Action::IncludeRecord, "form.include-record", "Ask for the record in the answer, or not", &["i"], Twin::Command("record create")),
    ActionSpec::new(Scope::Form, Action::Fill, "form.fill", "Fill in what is not set", &["F"], WRITING).hint("fill"),
    ActionSpec::new(Scope::Form, Action::Json, "form.json", "Show the draft as JSON, or as a form again", &["v"], LOOKING).hint("JSON"),
    ActionSpec::new(Scope::Form, Action::Repair, "form.repair", "Repair broken JSON, after a look at it", &["="], WRITING).hint("repair"),
    ActionSpec::new(Scope::Form, Action::EditOutside, "form.edit-outside", "Edit the draft in $EDITOR, as JSON", &["E"], WRITING),
    ActionSpec::new(Scope::Form, Action::EditFieldOutside, "form.edit-field-outside", "Edit the field in $EDITOR", &["e"], WRITING),
    ActionSpec::new(Scope::Form, Action::Wire, "form.wire", "Show what is going to be sent, or do not", &["w"], Twin::Command("record create")).hint("wire"),
    ActionSpec::new(Scope::Form, Action::CopyValue, "form.copy-value", "Copy the field's value", &["y y"], COPYING),
    ActionSpec::new(Scope::Form, Action::CopyPath, "form.copy-path", "Copy the field's path", &["y p"], COPYING),
    ActionSpec::new(Scope::Form, Action::CopyJson, "form.copy-json", "Copy the record as JSON, without passwords", &["y j"], COPYING),
    ActionSpec::new(Scope::Form, Action::Plan, "form.plan", "Show the calls that F5 would make", &["p"], Twin::Command("record update")).hint("calls"),
    ActionSpec::new(Scope::Form, Action::NextMode, "form.mode", "Update a stored record, or replace it", &["m"], Twin::Command("record replace")).hint("mode"),
    ActionSpec::new(Scope::Form, Action::OpenRecord, "form.open-record", "Open a stored record of this entity type", &["g o"], Twin::Command("record get")),
    ActionSpec::new(Scope::Form, Action::Reload, "form.reload", "Load the record as it is stored now", &["ctrl-r"], Twin::Command("record get")),
    ActionSpec::new(Scope::Form, Action::Guard, "form.guard", "Overwrite what others changed, or do not", &["ctrl-g"], Twin::Command("record update")),
    ActionSpec::new(Scope::Form, Action::CopyAsNew, "form.copy-as-new", "Begin a new record with these values", &["C"], WRITING),
    ActionSpec::new(Scope::Form, Action::DeleteRecord, "form.delete-record", "Delete the stored record", &["g D"], Twin::Command("record delete")),
    ActionSpec::new(Scope::Form, Action::CopyCurl, "form.copy-curl", "Copy what F5 would send as a curl command", &["y c"], Twin::Command("record create")),
    ActionSpec::new(Scope::Form, Action::CopyCurlWithSecrets, "form.copy-curl-with-secrets", "The same, with secrets and passwords", &["y C"], Twin::Command("record create")),
    ActionSpec::new(Scope::Form, Action::NewDraft, "form.new", "Begin anew with nothing set", &["N"], WRITING),
    ActionSpec::new(Scope::Form, Action::Down, "form.down", "Next row", &["down", "j"], MOVING),
    ActionSpec::new(Scope::Form, Action::Up, "form.up", "Row before", &["up", "k"], MOVING),
    ActionSpec::new(Scope::Form, Action::Unfold, "form.unfold", "Unfold, or go into it", &["right", "l"], LOOKING),
    ActionSpec::new(Scope::Form, Action::Fold, "form.fold", "Fold, or go to what it is in", &["left", "h"], LOOKING),
    ActionSpec::new(Scope::Form, Action::NextSibling, "form.next-sibling", "Next row beside this one, past what is in it", &["J"], MOVING),
    ActionSpec::new(Scope::Form, Action::PreviousSibling, "form.previous-sibling", "Row before beside this one", &["K"], MOVING),
    ActionSpec::new(Scope::Form, Action::NextGroup, "form.next-group", "Next group", &["}"], MOVING),
    ActionSpec::new(Scope::Form, Action::PreviousGroup, "form.previous-group", "Group before", &["{"], MOVING),
    ActionSpec::new(Scope::Form, Action::PageDown, "form.page-down", "A screen further", &["pagedown"], MOVING),
    ActionSpec::new(Scope::Form, Action::PageUp, "form.page-up", "A screen back", &["pageup"], MOVING),
    ActionSpec::new(Scope::Form, Action::First, "form.first", "First row", &["home"], MOVING),
    ActionSpec::new(Scope::Form, Action::Last, "form.last", "Last row", &["end", "G"], MOVING),
    ActionSpec::new(Scope::Edit, Action::Commit, "edit.commit", "Keep the text and go on; a new line in JSON", &["enter"], WRITING).hint("keep"),
    ActionSpec::new(Scope::Edit, Action::Leave, "edit.leave", "Keep the text and stop editing", &["esc"], WRITING).hint("done"),
    ActionSpec::new(Scope::Edit, Action::Calendar(Verb::Open), "edit.calendar", "Open the calendar of a date", &["f4"], WRITING).hint("calendar"),
    ActionSpec::new(Scope::Edit, Action::Lines, "edit.lines", "Several lines, or one; a password's hash", &["f2"], WRITING).hint("several lines"),
    ActionSpec::new(Scope::Edit, Action::Reveal, "edit.reveal", "Show the password, or hide it again", &["f6"], LOOKING).hint("show"),
    ActionSpec::new(Scope::Edit, Action::CommitNext, "edit.next", "Keep the text and edit the next field", &["tab"], MOVING).hint("next field"),
    ActionSpec::new(Scope::Edit, Action::CommitPrevious, "edit.previous", "Keep the text and edit the field before", &["shift-tab"], MOVING),
    ActionSpec::new(Scope::Edit, Action::UndoText, "edit.undo", "Take the last typing back", &["ctrl-_", "ctrl-7", "ctrl-/"], WRITING),
    ActionSpec::new(Scope::Edit, Action::RedoText, "edit.redo", "Type it again", &["ctrl-r"], WRITING),
    ActionSpec::new(Scope::Edit, Action::SetAbsent, "edit.absent", "As Esc and x: do not send the field", &["alt-x"], WRITING),
    ActionSpec::new(Scope::Edit, Action::SetNull, "edit.null", "As Esc and -: send null", &["alt--"], WRITING),
    ActionSpec::new(Scope::Edit, Action::SetEmpty, "edit.empty", "As Esc and 0: send an empty text", &["alt-0"], WRITING),
    ActionSpec::new(Scope::Edit, Action::EditUp, "edit.up", "Keep the text and go up", &["up"], MOVING),
    ActionSpec::new(Scope::Edit, Action::EditDown, "edit.down", "Keep the text and go down", &["down"], MOVING),
];

/// What happened here that concerns the rest of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// These calls are to be made for the draft, in order, each only when all before it went well.
    Submitted(Vec<PlannedCall>),
    /// This call is to be made, and the record that it brings shown in place of the draft.
    Ask(ApiRequest),
    /// The user wants to see what would be sent.
    Plan,
    /// The user wants to open a stored record of the form's entity type.
    OpenRecord,
    /// Nothing was done, for this reason.
    Refused(String),
    /// Something was done that is not plain to see.
    Told(String),
    /// The user is to choose with what the draft is filled.
    Fill,
    /// What is going to be sent is to be shown, or not any more.
    Wire,
    /// The user is to look at this repair first.
    Repair(Proposal),
    /// This is to be edited in the user's own editor; what comes back goes to [`FormPane::edited_outside`].
    EditOutside(EditedFile),
    /// This text is to be copied: what it is, and the text.
    Copy(String, String),
    /// These calls are to be copied as curl commands, with secrets or without.
    CopyCurl(Vec<ApiRequest>, bool),
}

impl FormPane {
    /// Shows the draft of a new record of an entity type, begun now if there is none. A draft of an older schema keeps its
    /// values.
    pub fn open(&mut self, schema: &Arc<EntityType>, now: Timestamp) {
        self.show_draft(DraftKey::new_record(&schema.name), schema, now);
    }

    /// Shows the draft of a stored record, as it was found just now or as it was changed here since. `false` when what
    /// was found has no id, and so is no stored record.
    pub fn open_record(&mut self, schema: &Arc<EntityType>, record: &Json, now: Timestamp) -> bool {
        let Some(id) = record.get("id").and_then(Json::as_i64) else {
            return false;
        };
        let key = DraftKey {
            type_name: schema.name.clone(),
            subject: Subject::Record(id),
        };
        self.stop_typing(now);
        self.last.insert(schema.name.clone(), record.clone());
        let is_stale = |draft: &Draft| {
            matches!(draft.status, Status::Fresh | Status::Sent) && !draft.is_newer_than(record)
        };
        if self.drafts.get(&key).is_none_or(is_stale) {
            self.drafts
                .insert(key.clone(), Draft::of_record(schema, record));
        }
        self.show_draft(key, schema, now);
        true
    }

    fn show_draft(&mut self, key: DraftKey, schema: &Arc<EntityType>, now: Timestamp) {
        self.stop_typing(now);
        let draft = self
            .drafts
            .entry(key.clone())
            .or_insert_with(|| Draft::new(schema));
        draft.adopt(schema);
        draft.regroup();
        draft.scroll = 0;
        self.current = Some(key);
        self.keeper.awaits_draft = false;
        self.settle();
    }

    /// Which draft is shown.
    pub fn shown_key(&self) -> Option<&DraftKey> {
        self.current.as_ref()
    }

    /// The stored record whose draft is shown: its entity type and id.
    pub fn stored_record(&self) -> Option<(&str, i64)> {
        let key = self.current.as_ref()?;
        match key.subject {
            Subject::Record(id) => Some((&key.type_name, id)),
            Subject::New => None,
        }
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
        self.picker = None;
        self.typing = None;
        if let Some(draft) = self.draft_mut() {
            draft.json.open = None;
            draft.load(record);
        }
        self.settle();
    }

    /// Whether a text is being edited or a calendar is open, so that plain characters belong to it.
    pub fn typing(&self) -> bool {
        self.typing.is_some() || self.is_choosing_date() || self.is_typing_json()
    }

    /// Whether a calendar is open.
    pub fn is_choosing_date(&self) -> bool {
        self.picker.is_some()
    }

    /// Keeps the text being edited and stops editing: the focus goes elsewhere.
    pub fn stop_typing(&mut self, now: Timestamp) {
        self.picker = None;
        self.commit(now);
        self.stop_typing_json(now);
        self.settle();
    }

    /// Tells the pane how large its inside is.
    pub fn set_viewport(&mut self, size: Size) {
        if size != self.size {
            self.size = size;
            self.unscroll();
            self.fit_json();
            self.settle();
        }
    }

    /// Whether the stored record on the screen has changes that were not sent.
    pub fn has_changes(&self) -> bool {
        self.draft().is_some_and(|draft| draft.changes() > 0)
    }

    /// What the draft is sent as; else the first field that cannot be written as JSON, and why.
    pub fn collect(&self) -> Result<Json, (AttrPath, String)> {
        let Some(draft) = self.draft() else {
            return Ok(Json::Object(Object::new()));
        };
        let (record, faults) = collect::record(draft.fields());
        match faults.into_iter().next() {
            None => Ok(record),
            Some(fault) => Err((
                field::path_of(draft.fields(), &fault.place),
                fault.problem.reason,
            )),
        }
    }

    /// How many fields have a problem that is shown.
    pub fn problems(&self) -> usize {
        if let Some(view) = self.json_view() {
            return view.text.problem_count();
        }
        self.draft().map_or(0, |draft| draft.problems().len())
    }

    /// Unfolds what is around `path` and puts the cursor there, or on the nearest thing around it that exists. `false`
    /// when the form has nothing of it.
    pub fn go_to(&mut self, path: &AttrPath) -> bool {
        let place = self
            .draft()
            .and_then(|draft| field::place_of(draft.fields(), path));
        let Some(place) = place else {
            return false;
        };
        self.show(&place);
        self.go_to_in_json(path);
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
        let Some(place) = field::place_of(draft.fields(), path) else {
            return false;
        };
        let place = field::on_line(draft.fields(), place);
        let reason = reason.into();
        draft.set_problem(&place, Some(Problem { code, reason }));
        self.show_problems_in_json();
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
        self.rebuild();
        self.show_inside();
        self.keep_cursor_in_view();
        filtered
    }

    /// The pane's title.
    pub fn title(&self, session: &Session) -> String {
        let title = self.draft_title(session);
        if self.shows_json() {
            format!("{title} · JSON")
        } else {
            title
        }
    }

    fn draft_title(&self, session: &Session) -> String {
        match (&self.current, &session.type_name) {
            (Some(key), _) => match key.subject {
                Subject::New => format!("Form · {} (new)", key.type_name),
                Subject::Record(id) => {
                    format!("Form · {} {id} · {}", key.type_name, self.intent())
                }
            },
            (None, Some(name)) => format!("Form · {name} (new)"),
            (None, None) => "Form".to_owned(),
        }
    }

    /// What F5 does to a stored record, in two words.
    fn intent(&self) -> String {
        let Some(draft) = self.draft() else {
            return String::new();
        };
        let mode = draft.sending.mode.name();
        match draft.changes() {
            _ if draft.status == Status::Deleted => "deleted".to_owned(),
            _ if draft.status == Status::Partly => "partly done".to_owned(),
            0 if draft.sending.mode == Mode::Update => "unchanged".to_owned(),
            1 => format!("{mode}, 1 change"),
            count => format!("{mode}, {count} changes"),
        }
    }

    /// What the frame notes at its upper right: what became of the draft.
    pub fn note_top(&self, theme: &Theme) -> String {
        let Some(draft) = self.draft() else {
            return String::new();
        };
        let glyphs = &theme.glyphs;
        let status = match draft.status {
            // A text is kept while it is typed.
            Status::Fresh => self.keep_note().unwrap_or_default(),
            Status::Changed if draft.original.is_some() && draft.changes() == 0 => String::new(),
            Status::Changed => self.keep_note().unwrap_or_else(|| "draft".to_owned()),
            Status::Sending => format!("{} sending", glyphs.running),
            Status::Sent => format!("{} sent", glyphs.ok),
            Status::Rejected => format!("{} refused", glyphs.error),
            Status::Unknown => format!("{} outcome unknown", glyphs.warning),
            Status::Partly => format!("{} partly done", glyphs.warning),
            Status::Deleted => format!("{} deleted", glyphs.ok),
        };
        match (draft.include_record, status.is_empty()) {
            // A stored record always comes back.
            _ if draft.original.is_some() => status,
            (false, _) => status,
            (true, true) => "with record".to_owned(),
            (true, false) => format!("with record {} {status}", glyphs.separator),
        }
    }

    /// What the frame notes at its bottom: the problems.
    pub fn note(&self, theme: &Theme) -> String {
        match self.problems() {
            0 => String::new(),
            1 => format!(
                "{} 1 problem  {}",
                theme.glyphs.error,
                keyed("[<form.next-problem>]")
            ),
            count => format!(
                "{} {count} problems  {}",
                theme.glyphs.error,
                keyed("[<form.next-problem>] next")
            ),
        }
    }

    /// For the footer, while a text is edited: the field's name, or that it is the filter's.
    pub fn typing_name(&self) -> Option<String> {
        let name_of = |place: &Place| {
            let field = field::field(self.draft()?.fields(), place)?;
            Some(field.name().to_owned())
        };
        if let Some(picker) = &self.picker {
            return name_of(&picker.place);
        }
        if self.is_typing_json() {
            return Some("JSON".to_owned());
        }
        let typing = self.typing.as_ref()?;
        match &typing.target {
            Target::Filter => Some("filter".to_owned()),
            Target::Field { place, .. } => name_of(place),
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
        let Some(draft) = self.draft_mut() else {
            return;
        };
        let place = field::on_line(draft.fields(), place.to_vec());
        draft.reveal(&place);
        self.rebuild();
        if let Some(draft) = self.draft_mut() {
            let shown = draft.rows.iter().any(|row| row.place == place);
            if !shown && !draft.filter.is_empty() {
                draft.filter.clear();
                self.rebuild();
            }
        }
        if let Some(draft) = self.draft_mut() {
            draft.put_cursor(&place);
        }
        self.show_inside();
    }
}

/// Why the draft was not sent, and what can be done: short, as the fields themselves say the rest.
fn explain(refusal: &Refusal) -> String {
    let problems = match (&refusal.first, refusal.count) {
        (None, _) => refusal.reason.clone(),
        (Some(_), 1) => "1 problem".to_owned(),
        (Some(_), count) => format!("{count} problems, <form.next-problem> goes to the next"),
    };
    match &refusal.unwritable {
        None => format!("not sent: {problems}. <app.send> again sends it anyway"),
        Some(path) => format!("not sent: {problems}. {path} cannot be written as JSON"),
    }
}

#[cfg(test)]
mod tests;
