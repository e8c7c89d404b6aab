//! How a draft is sent: a new record is created; a stored one is updated with what changed, or replaced. Keeps the plan
//! of calls beside the draft, marks what differs from what is stored, and takes in what came of the calls. Making the
//! calls is the root's work.
//!
//! ```text
//!  fields ──collect, with ids──▶ Json ──capture::delta──▶ Plan ──▶ title, marks, inspector, the sheet of `p`
//!                                                           └─F5─▶ Outcome::Submitted ──▶ … ──▶ FormPane::answered
//! ```

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::delta;
use crate::capture::delta::Change;
use crate::capture::delta::ChangeKind;
use crate::capture::delta::Plan;
use crate::capture::delta::PlannedCall;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::AttrDef;
use crate::exchange::Exchange;
use crate::exchange::Verdict;
use crate::json::sanitize;
use crate::tui::keys::keymap::keyed;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Outcome;
use crate::tui::panes::form::collect;
use crate::tui::panes::form::draft::Attempt;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::draft::Status;
use crate::tui::panes::form::explain;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::field::Presence;
use crate::tui::panes::form::subject::DraftKey;
use crate::tui::panes::form::subject::Subject;

/// How many cells of an old value the inspector shows.
const OLD_VALUE: usize = 200;

/// How many calls the inspector lists.
const LISTED_CALLS: usize = 4;

/// How a stored record is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Only what changed is sent.
    #[default]
    Update,
    /// The whole record is put in place of the stored one.
    Replace,
}

impl Mode {
    /// The operation's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Replace => "replace",
        }
    }
}

/// How a row differs from what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It has another value, or lost its value, or its elements another order.
    Changed,
    /// It is a new element.
    Added,
    /// Elements of it are gone.
    Lacks,
    /// Something below it differs.
    Within,
}

impl Mark {
    /// The character at the row's beginning.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::Changed | Self::Within => "~",
            Self::Added => "+",
            Self::Lacks => "-",
        }
    }
}

/// How one draft is sent, and what that comes to as it is now.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "answers to questions of their own"
)]
pub struct Sending {
    /// How a stored record is written.
    pub mode: Mode,
    /// Whether a change that somebody else made meanwhile is let be overwritten.
    pub unguarded: bool,
    /// Whether what it knows of the stored record lacks secrets, since they were not kept with the draft.
    pub lacks_secrets: bool,
    /// Whether a call that creates this record went out and nobody knows what became of it.
    may_be_made: bool,
    /// Whether it holds what a record was made of before, to make it once more.
    again: bool,
    plan: Plan,
    marks: HashMap<Place, Mark>,
    /// Whether plan and marks are of the fields as they are.
    up_to_date: bool,
    /// How many fields and elements there were when they were made.
    size: usize,
}

/// Plans of more fields and elements than this are made after the screen was drawn: they take longer than a key may.
const AT_ONCE: usize = 3_000;

/// A draft whose calls are being made.
pub(super) struct OnItsWay {
    pub(super) key: DraftKey,
    /// What each call does.
    calls: Vec<String>,
}

impl Draft {
    /// The fields have changed, or how they are sent.
    pub fn touched(&mut self) {
        self.sending.up_to_date = false;
        self.revision += 1;
    }

    /// Brings the plan up to date, unless that takes so long that it is better done once the screen was drawn.
    pub(super) fn keep_plan(&mut self) {
        if self.sending.size <= AT_ONCE {
            self.refresh_plan();
        }
    }

    /// Whether the plan is of an earlier state of the fields.
    pub(super) fn is_behind(&self) -> bool {
        self.original.is_some() && !self.sending.up_to_date
    }

    /// The calls that sending a stored record takes, as it is now.
    pub(super) fn refresh_plan(&mut self) {
        if self.sending.up_to_date {
            return;
        }
        let Some(original) = &self.original else {
            return;
        };
        let (edited, _) = collect::stored(self.fields());
        let target = delta::Target {
            schema: &self.schema,
            stored: original,
            guarded: !self.sending.unguarded,
        };
        self.sending.plan = match self.sending.mode {
            Mode::Update => target.update(&edited),
            Mode::Replace => target.replace(&edited),
        };
        self.sending.marks = marks(self.fields(), &self.sending.plan.changes);
        self.sending.up_to_date = true;
        let mut size = 0;
        field::walk(self.fields(), &mut |_, _| size += 1);
        self.sending.size = size;
    }

    /// Whether it was made from a later state of the same record: a row of an earlier search is older than what was
    /// written since.
    pub(super) fn is_newer_than(&self, record: &Json) -> bool {
        let Some(original) = &self.original else {
            return false;
        };
        let stamp = |record: &Json| Some(record.get("lastUpdated")?.as_str()?.to_owned());
        original.get("uuid") == record.get("uuid") && stamp(original) > stamp(record)
    }

    /// How many values differ from what is stored.
    pub fn changes(&self) -> usize {
        self.sending.plan.changes.len()
    }

    /// How the row of `place` differs from what is stored.
    pub fn mark_of(&self, place: &[u32]) -> Option<Mark> {
        self.sending.marks.get(place).copied()
    }

    /// Whether what is at `path` goes out when the draft is sent: in an update, what changed and the whole of each element
    /// that changed.
    pub(super) fn is_sent(&self, path: &AttrPath) -> bool {
        if self.original.is_none() || self.sending.mode == Mode::Replace {
            return true;
        }
        let changes = self.sending.plan.changes.iter();
        changes
            .map(|change| sent_with(&change.path))
            .any(|sent| path.starts_with(&sent) || sent.starts_with(path))
    }

    /// Whether what is at `path` is not what is stored: all of a new record is not.
    pub(super) fn differs(&self, path: &AttrPath) -> bool {
        if self.original.is_none() || self.sending.mode == Mode::Replace {
            return true;
        }
        let mut changes = self.sending.plan.changes.iter();
        changes.any(|change| path.starts_with(&change.path))
    }

    /// What is stored at `path`, where that differs from the draft.
    fn stored_at(&self, path: &AttrPath) -> Option<&Change> {
        let mut changes = self.sending.plan.changes.iter();
        changes.find(|change| change.path == *path && change.kind != ChangeKind::Added)
    }

    /// Whether the field under the cursor was read with a value, which an update cannot leave out.
    pub(super) fn holds_stored_value(&self) -> bool {
        let loaded = self.place().and_then(|place| self.as_loaded(place));
        self.original.is_some()
            && loaded.is_some_and(|loaded| loaded.is_set() && loaded.presence != Presence::Null)
    }
}

/// The part of the record that goes out because of a change at `path`: the outermost element, which is sent whole.
fn sent_with(path: &AttrPath) -> AttrPath {
    let element = path.0.iter().position(|segment| segment.element.is_some());
    let length = element.map_or(path.0.len(), |at| at + 1);
    AttrPath(path.0[..length].to_vec())
}

fn marks(fields: &[Field], changes: &[Change]) -> HashMap<Place, Mark> {
    let mut marks = HashMap::new();
    for change in changes {
        let Some(place) = field::place_of(fields, &change.path) else {
            continue;
        };
        for length in 1..place.len() {
            marks
                .entry(place[..length].to_vec())
                .or_insert(Mark::Within);
        }
        let mark = match change.kind {
            ChangeKind::Set | ChangeKind::Cleared | ChangeKind::Moved => Mark::Changed,
            ChangeKind::Added => Mark::Added,
            ChangeKind::Removed => Mark::Lacks,
        };
        marks.insert(place, mark);
    }
    marks
}

/// Lets be open what was open.
pub(super) fn keep_folds(old: &[Field], new: &mut [Field]) {
    for field in new {
        let Some(before) = old.iter().find(|old| old.name() == field.name()) else {
            continue;
        };
        field.open = before.open;
        match (&before.editor, &mut field.editor) {
            (Editor::Object(old), Editor::Object(new)) => keep_folds(old, new),
            (Editor::Plural(old), Editor::Plural(new)) => {
                for (old, new) in old.iter().zip(new) {
                    new.open = old.open;
                    keep_folds(&old.fields, &mut new.fields);
                }
            }
            _ => {}
        }
    }
}

impl FormPane {
    /// Checks the draft and hands out the calls, or says why not and goes to the first problem. Asked again with nothing
    /// changed, it hands out a record that breaks the schema's rules too, to see what the service says.
    pub fn submit(&mut self, now: Timestamp) -> Outcome {
        self.commit(now);
        if let Some(reason) = self.json_refuses_sending(now) {
            return Outcome::Refused(reason);
        }
        self.settle();
        if let Some(reason) = self.misses_secret() {
            return Outcome::Refused(reason);
        }
        let Some(key) = self.current.clone() else {
            return Outcome::Refused("nothing to send: choose an entity type first".to_owned());
        };
        let Some(draft) = self.drafts.get_mut(&key) else {
            return Outcome::Refused("nothing to send: the schema is not loaded yet".to_owned());
        };
        if let Some(reason) = unsendable(draft) {
            return Outcome::Refused(reason);
        }
        let outcome = match draft.attempt(now) {
            Attempt::Goes(record) => {
                draft.status = Status::Sending;
                let calls = match draft.original {
                    None => vec![create(draft, &record)],
                    Some(_) => draft.sending.plan.calls.clone(),
                };
                self.hand_out(key, calls)
            }
            Attempt::Refused(refusal) => {
                if let Some(first) = &refusal.first {
                    self.show(first);
                }
                self.show_problems_in_json();
                Outcome::Refused(explain(&refusal))
            }
        };
        self.settle();
        outcome
    }

    fn hand_out(&mut self, key: DraftKey, calls: Vec<PlannedCall>) -> Outcome {
        self.sending = Some(OnItsWay {
            key,
            calls: calls.iter().map(|call| call.what.clone()).collect(),
        });
        Outcome::Submitted(calls)
    }

    /// Hands out the call that deletes the stored record.
    pub(super) fn delete_record(&mut self) -> Option<Outcome> {
        let key = self.current.clone()?;
        let draft = self.drafts.get_mut(&key)?;
        let target = delta::Target {
            schema: &draft.schema,
            stored: draft.original.as_ref()?,
            guarded: !draft.sending.unguarded,
        };
        let call = target.delete();
        draft.status = Status::Sending;
        Some(self.hand_out(key, vec![call]))
    }

    /// The call that reads the stored record anew.
    pub(super) fn ask_again(&self) -> Option<Outcome> {
        let draft = self.draft()?;
        let target = delta::Target {
            schema: &draft.schema,
            stored: draft.original.as_ref()?,
            guarded: false,
        };
        Some(Outcome::Ask(target.read()))
    }

    /// Takes what is stored now under the draft of the same record, if that is still on the screen, and says what came of
    /// it; `u` takes one's own changes off. `None` when another draft is shown.
    pub fn reloaded(&mut self, record: &Json, now: Timestamp) -> Option<String> {
        self.stop_typing(now);
        let Subject::Record(shown) = self.current.as_ref()?.subject else {
            return None;
        };
        if record.get("id").and_then(Json::as_i64) != Some(shown) {
            return None;
        }
        let draft = self.draft_mut()?;
        let both = draft.reload(record);
        let changes = match draft.changes() {
            0 => "this is what is stored now".to_owned(),
            1 => "what is stored now, with your 1 change put on it (<form.undo> takes it off)"
                .to_owned(),
            many => {
                format!(
                    "what is stored now, with your {many} changes put on it (<form.undo> takes them off)"
                )
            }
        };
        let told = if both.is_empty() {
            changes
        } else {
            let names: Vec<String> = both.iter().map(ToString::to_string).collect();
            format!(
                "both changed: {} (yours is here). {changes}",
                names.join(", ")
            )
        };
        self.settle();
        Some(told)
    }

    /// Begins a new record with the values of the shown one, without what the service gives. Unique values are marked:
    /// they cannot be there twice.
    pub(super) fn copy_as_new(&mut self, now: Timestamp) -> Option<Outcome> {
        let draft = self.draft()?;
        let schema = Arc::clone(&draft.schema);
        let record = collect::record(draft.fields()).0;
        let record = without_nothing(&delta::as_new(&schema, &record), schema.own_attr_defs());
        self.show_draft(DraftKey::new_record(&schema.name), &schema, now);
        self.load(&record);
        if let Some(copy) = self.draft_mut().filter(|draft| draft.is_created()) {
            copy.is_another();
        }
        let unique = self.unique_candidates();
        for path in &unique {
            let reason = "the record that this is a copy of has this value: it must be another one";
            self.show_error(path, ErrorCode::UNIQUE_VIOLATION, reason);
        }
        let told = match unique.len() {
            0 => "a new record with the same values: <app.send> creates it".to_owned(),
            _ => "a new record with the same values: <form.next-problem> goes to what must differ"
                .to_owned(),
        };
        Some(Outcome::Told(told))
    }

    pub(super) fn next_mode(&mut self) -> Option<String> {
        let draft = self.draft_mut()?;
        draft.sending.mode = match draft.sending.mode {
            Mode::Update => Mode::Replace,
            Mode::Replace => Mode::Update,
        };
        draft.touched();
        let told = match draft.sending.mode {
            Mode::Update => "<app.send> updates: only what changed is sent",
            Mode::Replace => {
                "<app.send> replaces: what is absent becomes null, elements get new ids"
            }
        };
        Some(told.to_owned())
    }

    pub(super) fn toggle_guard(&mut self) -> Option<String> {
        let draft = self.draft_mut()?;
        draft.sending.unguarded = !draft.sending.unguarded;
        draft.touched();
        let told = if draft.sending.unguarded {
            "what others changed since it was read is overwritten"
        } else {
            "refused if somebody changed the record since it was read"
        };
        Some(told.to_owned())
    }

    /// The calls that `submit` would hand out now, checked or not, without what cannot be written; `None` when there is
    /// no draft. Also how many fields cannot be written.
    pub fn requests(&self) -> Option<(Vec<ApiRequest>, usize)> {
        let draft = self.draft()?;
        let (record, faults) = collect::record(draft.fields());
        let calls = match draft.original {
            None => vec![create(draft, &record)],
            Some(_) => draft.sending.plan.calls.clone(),
        };
        let requests = calls.into_iter().map(|call| call.request).collect();
        Some((requests, faults.len()))
    }

    /// What F5 would send now, with a title; `None` without a form.
    pub fn plan(&self) -> Option<(String, Plan)> {
        let draft = self.draft()?;
        let key = self.current.as_ref()?;
        let name = &key.type_name;
        Some(match key.subject {
            Subject::New => {
                let (record, _) = collect::record(draft.fields());
                let plan = Plan {
                    calls: vec![create(draft, &record)],
                    ..Plan::default()
                };
                (format!("F5 sends · create {name}"), plan)
            }
            Subject::Record(id) => {
                let mode = draft.sending.mode.name();
                let title = format!("F5 sends · {mode} {name} {id}");
                (title, draft.sending.plan.clone())
            }
        })
    }

    /// The last characters of the uuid of the record shown, or else its id: what one types to confirm that it is meant.
    pub fn record_tail(&self) -> Option<String> {
        let original = self.draft()?.original.as_ref()?;
        match original.get("uuid").and_then(Json::as_str) {
            Some(uuid) => uuid.get(uuid.len().checked_sub(6)?..).map(str::to_owned),
            None => original.get("id").map(ToString::to_string),
        }
    }

    /// Whether the draft's record may have been made already by a call of which that is not known.
    pub fn may_be_created(&self) -> bool {
        self.draft()
            .is_some_and(|draft| draft.original.is_none() && draft.sending.may_be_made)
    }

    /// The draft on the screen holds what a record was made of before, to make it once more.
    pub fn makes_again(&mut self) {
        if let Some(draft) = self.draft_mut() {
            draft.sending.again = true;
        }
    }

    /// Whether it makes once more what was made before.
    pub fn is_again(&self) -> bool {
        self.draft()
            .is_some_and(|draft| draft.original.is_none() && draft.sending.again)
    }

    /// Whether the draft whose calls are being made is the one on the screen.
    pub fn shows_what_was_sent(&self) -> bool {
        let sent = self.sending.as_ref().map(|sent| &sent.key);
        sent.is_some() && sent == self.current.as_ref()
    }

    /// The draft that was handed out came to this; `None` when it certainly did not go out. It stays as it is, to be
    /// changed and sent again.
    pub fn sent(&mut self, verdict: Option<Verdict>) {
        if let Some(OnItsWay { key, .. }) = self.sending.take() {
            self.fared(&key, verdict);
        }
    }

    /// The draft's calls came to this, the last one last. Gives a sentence where the answer itself does not say what
    /// became of the record.
    pub fn answered(&mut self, made: &[Arc<Exchange>]) -> Option<String> {
        let OnItsWay { key, calls } = self.sending.take()?;
        let last = made.last()?;
        let went_well = last.verdict() == Verdict::Ok;
        let done = made.len() - usize::from(!went_well);
        if key.subject == Subject::New || done == 0 {
            self.fared(&key, Some(last.verdict()));
            if key.subject == Subject::New && went_well {
                let id = created_id(last);
                self.drafts.get_mut(&key)?.created = id;
                return id.map(|id| {
                    format!(
                        "created as {id}: <form.open-record> opens it, <form.new> begins another"
                    )
                });
            }
            return hint(last).map(str::to_owned);
        }
        let draft = self.drafts.get_mut(&key)?;
        let told = if done == calls.len() {
            all_done(draft, last)
        } else {
            draft.status = Status::Partly;
            Some(part_done(&calls, done, last.verdict()))
        };
        self.settle();
        told
    }

    /// The id of the record that the shown draft was made into, if it is of this entity type and as it was sent.
    pub fn created(&self, type_name: &str) -> Option<i64> {
        let draft = self.draft().filter(|draft| draft.is_created())?;
        draft.created.filter(|_| draft.schema.name == type_name)
    }

    fn fared(&mut self, key: &DraftKey, verdict: Option<Verdict>) {
        let Some(draft) = self.drafts.get_mut(key) else {
            return;
        };
        if verdict == Some(Verdict::Ok) {
            let record = collect::record(draft.fields()).0;
            self.last.insert(key.type_name.clone(), record);
        }
        match verdict {
            Some(Verdict::Unknown) => draft.sending.may_be_made = true,
            Some(Verdict::Ok) => {
                draft.sending.may_be_made = false;
                draft.sending.again = false;
            }
            _ => {}
        }
        if draft.status == Status::Sending {
            draft.became(match verdict {
                Some(Verdict::Ok) => Status::Sent,
                Some(Verdict::Error) => Status::Rejected,
                Some(Verdict::Unknown) => Status::Unknown,
                Some(Verdict::NotCapture | Verdict::NotSent) | None => Status::Changed,
            });
        }
        draft.regroup();
        draft.scroll = 0;
        self.settle();
    }

    /// For the inspector: what was stored in the field under the cursor, and what F5 sends.
    pub(super) fn about_sending(&self, help: &mut Vec<(&'static str, String)>) {
        let Some(draft) = self.draft().filter(|draft| draft.original.is_some()) else {
            return;
        };
        let path = draft.path();
        if let Some(change) = path.as_ref().and_then(|path| draft.stored_at(path)) {
            let secret = draft.field().is_some_and(Field::is_secret);
            let at = help.len().min(1);
            help.insert(at, ("stored", in_words(change, secret)));
        }
        let calls = &draft.sending.plan.calls;
        let mut lines: Vec<String> = calls
            .iter()
            .take(LISTED_CALLS)
            .map(|call| format!("{}: {}", call.request.endpoint.name(), call.what))
            .collect();
        if let Some(more) = calls.len().checked_sub(LISTED_CALLS + 1) {
            lines.push(format!(
                "and {} more: {}",
                more + 1,
                keyed("<form.plan> lists them")
            ));
        }
        if !lines.is_empty() {
            let keys = help.iter().position(|(label, _)| *label == "keys");
            let at = keys.unwrap_or(help.len());
            help.insert(at, ("<app.send> sends", lines.join("\n")));
        }
    }
}

/// Members without what says nothing in a new record: nulls, empty plurals, and objects that hold nothing else.
fn without_nothing<'a>(holder: &Json, defs: impl Iterator<Item = &'a AttrDef>) -> Json {
    let member = |def: &AttrDef| {
        let value = match (holder.get(&def.name)?, &def.attr_type) {
            (object @ Json::Object(_), AttrType::Object(inner)) => {
                without_nothing(object, inner.iter())
            }
            (other, _) => other.clone(),
        };
        let nothing = match &def.attr_type {
            AttrType::Object(_) => value.as_object().is_some_and(Object::is_empty),
            AttrType::Plural(_) => value.as_array().is_some_and(<[Json]>::is_empty),
            _ => false,
        };
        (!nothing && !value.is_null()).then(|| (def.name.clone(), value))
    };
    defs.filter_map(member).collect()
}

/// Why a draft cannot be sent as it is, whatever it holds.
fn unsendable(draft: &Draft) -> Option<String> {
    if draft.is_created() {
        let id = draft.created.map(|id| format!(" as {id}"));
        let id = id.unwrap_or_default();
        return Some(format!(
            "already created{id}: <form.open-record> opens it, <form.copy-as-new> copies it"
        ));
    }
    stored_unsendable(draft).map(str::to_owned)
}

fn stored_unsendable(draft: &Draft) -> Option<&'static str> {
    draft.original.as_ref()?;
    match draft.status {
        Status::Deleted => {
            Some("this record was deleted: <form.copy-as-new> makes a new one of what it held")
        }
        Status::Partly => Some(
            "part of it was done: <^form.reload> loads what is stored now and puts the rest of your changes on it",
        ),
        _ if draft.sending.lacks_secrets && draft.sending.mode == Mode::Replace => Some(
            "its secrets were not kept with the draft: <^form.reload> loads them, your changes stay",
        ),
        _ if draft.sending.plan.calls.is_empty() => {
            Some("nothing changed: there is nothing to send")
        }
        _ => None,
    }
}

fn create(draft: &Draft, record: &Json) -> PlannedCall {
    let mut request = ApiRequest::new(Endpoint::EntityCreate)
        .with("type_name", draft.schema.name.clone())
        .with("attributes", record.to_string())
        .hiding(draft.schema.password_names());
    if draft.include_record {
        request = request.with("include_record", "true");
    }
    PlannedCall {
        request,
        what: "create a record".to_owned(),
        destructive: false,
    }
}

/// What became of each call when the one after the first `done` did not go well.
fn part_done(calls: &[String], done: usize, verdict: Verdict) -> String {
    let (done_calls, open) = calls.split_at(done);
    let (failed, untried) = open.split_at(open.len().min(1));
    let word = match verdict {
        Verdict::Unknown => "Perhaps done",
        _ => "Not done",
    };
    let groups = [("done", done_calls), (word, failed), ("Not tried", untried)];
    let told: Vec<String> = groups
        .iter()
        .filter(|(_, calls)| !calls.is_empty())
        .map(|(word, calls)| format!("{word}: {}", calls.join("; ")))
        .collect();
    let all = calls.len();
    format!(
        "{done} of {all} {}. <^form.reload> loads what is stored now",
        told.join(". ")
    )
}

/// Every call for a stored record went well, this one last.
fn all_done(draft: &mut Draft, last: &Exchange) -> Option<String> {
    if last.request.endpoint == Endpoint::EntityDelete {
        draft.status = Status::Deleted;
        return Some("deleted: <form.copy-as-new> makes a new record of what it held".to_owned());
    }
    let record = match last.answer() {
        Some(Answer::Ok(answer)) => answer.get("result"),
        _ => None,
    };
    let Some(record) = record.filter(|record| record.as_object().is_some()) else {
        draft.status = Status::Partly;
        return Some("done, but the record did not come back: <^form.reload> loads it".to_owned());
    };
    draft.stored_anew(record);
    None
}

/// The id of the record that a create made.
fn created_id(exchange: &Exchange) -> Option<i64> {
    match exchange.answer()? {
        Answer::Ok(answer) => answer.get("id").and_then(Json::as_i64),
        Answer::Error(_) | Answer::NotCapture(_) => None,
    }
}

/// What to do about an error that only the form knows a way out of.
fn hint(exchange: &Exchange) -> Option<&'static str> {
    match exchange.answer()? {
        Answer::Error(error) if error.code == ErrorCode::TIMESTAMP_MISMATCH => Some(
            "somebody changed the record since it was read: <^form.reload> puts your changes on what is stored now, <^form.guard> overwrites it",
        ),
        _ => None,
    }
}

/// What is stored, for the inspector.
fn in_words(change: &Change, secret: bool) -> String {
    match (&change.old, change.kind) {
        (_, ChangeKind::Moved) => "in another order".to_owned(),
        (None | Some(Json::Null), _) => "null".to_owned(),
        (Some(_), _) if secret => "another password".to_owned(),
        (Some(old), ChangeKind::Removed) => format!("also {}", short(old)),
        (Some(old), _) => short(old),
    }
}

fn short(value: &Json) -> String {
    let text = match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    sanitize::truncate(
        &sanitize::clean(sanitize::head(&text, OLD_VALUE * 64)),
        OLD_VALUE,
    )
}
