//! What the form gives away to be kept on the disk, and takes back at another start.
//!
//! After every message the root asks what has changed ([`FormPane::take_changes`]). A draft's fields are gone through
//! only when a value has changed; while a text is typed, that text alone is new. Secrets do not leave the form: where
//! one was, the kept draft says so, and so does the draft that is made of it.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::path::AttrPath;
use crate::capture::path::Element as PathElement;
use crate::capture::redact;
use crate::capture::schema::EntityType;
use crate::capture::secret::MASK;
use crate::drafts::desk::Command;
use crate::drafts::kept;
use crate::drafts::kept::Kept;
use crate::drafts::kept::Key;
use crate::drafts::kept::Of;
use crate::tui::panes::form::FormPane;
use crate::tui::panes::form::Target;
use crate::tui::panes::form::build;
use crate::tui::panes::form::draft::Draft;
use crate::tui::panes::form::draft::NotKept;
use crate::tui::panes::form::draft::Status;
use crate::tui::panes::form::field;
use crate::tui::panes::form::field::Attr;
use crate::tui::panes::form::field::Editor;
use crate::tui::panes::form::field::Element;
use crate::tui::panes::form::field::Field;
use crate::tui::panes::form::field::Node;
use crate::tui::panes::form::field::Place;
use crate::tui::panes::form::field::Presence;
use crate::tui::panes::form::json::JsonView;
use crate::tui::panes::form::json::text;
use crate::tui::panes::form::subject::DraftKey;
use crate::tui::panes::form::subject::Subject;
use crate::tui::panes::form::typing;
use crate::tui::session::Session;

/// What is known of the drafts' files.
#[derive(Default)]
pub(super) struct Keeper {
    states: HashMap<DraftKey, State>,
    /// Whether a draft is being read that is to be shown.
    pub(super) awaits_draft: bool,
}

/// What is known of one draft's file.
#[derive(Default)]
struct State {
    /// What the draft was when it was last looked at.
    seen: Seen,
    /// The fields as they were then, and how many were set.
    fields: Arc<Vec<kept::Field>>,
    set: usize,
    /// What the fields were as the stored record had them; nothing for a new one.
    began: Vec<kept::Field>,
    /// The schema that this is of, and what it says to be secret.
    schema: Option<Arc<EntityType>>,
    secret_names: Arc<Vec<String>>,
    /// Whether those fields differ from what the draft began with.
    differs: bool,
    original: Option<Arc<Json>>,
    /// Whether it was given away, so that there may be a file.
    given_away: bool,
    /// Its file, once known.
    file: Option<String>,
    outcome: Outcome,
}

/// What decides whether a draft has changed.
#[derive(Default, PartialEq, Eq)]
struct Seen {
    revision: u64,
    status: Option<Status>,
    include_record: bool,
    typing: Option<kept::Typing>,
    /// The text of the draft as JSON, where the fields do not say the same.
    json: Option<String>,
}

/// How the last attempt to keep a draft ended.
#[derive(Default)]
enum Outcome {
    /// Not known yet.
    #[default]
    Pending,
    /// On the disk since then.
    Saved(Timestamp),
    /// Not kept, for this reason.
    Failed(String),
}

impl DraftKey {
    /// The name of the kept draft in an environment.
    pub fn in_environment(&self, environment: &str) -> Key {
        Key {
            environment: environment.to_owned(),
            type_name: self.type_name.clone(),
            of: match self.subject {
                Subject::New => Of::NewRecord,
                Subject::Record(id) => Of::Record(id),
            },
        }
    }

    /// The draft of this kept one; `None` when that is no record's.
    pub fn of_kept(key: &Key) -> Option<Self> {
        let subject = match key.of {
            Of::NewRecord => Subject::New,
            Of::Record(id) => Subject::Record(id),
            Of::NewType | Of::Schema => return None,
        };
        Some(Self {
            type_name: key.type_name.clone(),
            subject,
        })
    }
}

// ---- Giving away ----

impl FormPane {
    /// What is to be kept, and what need not be any more, since this was last asked.
    pub fn take_changes(&mut self, session: &Session) -> Vec<Command> {
        let mut commands = Vec::new();
        let typing = self.typed();
        for (key, draft) in &self.drafts {
            let current = self.current.as_ref() == Some(key);
            let seen = Seen {
                revision: draft.revision,
                status: Some(draft.status),
                include_record: draft.include_record,
                typing: typing.clone().filter(|_| current),
                json: draft.json.open.as_ref().and_then(|view| view.unread()),
            };
            let state = self.keeper.states.entry(key.clone()).or_default();
            if state.seen == seen {
                continue;
            }
            let values_changed = state.seen.revision != seen.revision;
            let begun = seen.revision > 0 || seen.typing.is_some() || seen.json.is_some();
            state.seen = seen;
            if values_changed || begun && state.schema.is_none() {
                state.look_at(draft);
            }
            let name = key.in_environment(&session.environment);
            if state.is_worth_keeping() {
                state.given_away = true;
                commands.push(Command::Save {
                    kept: Box::new(state.kept(name, draft, session.now)),
                    secret_names: Arc::clone(&state.secret_names),
                });
            } else if std::mem::take(&mut state.given_away) {
                state.file = None;
                state.outcome = Outcome::Pending;
                commands.push(Command::Remove(name));
            }
        }
        commands
    }

    /// The text being edited, if it was changed.
    fn typed(&self) -> Option<kept::Typing> {
        let typing = self.typing.as_ref()?;
        let Target::Field { place, .. } = &typing.target else {
            return None;
        };
        let draft = self.draft()?;
        let text = typing.area.lines().join("\n");
        let state = self.keeper.states.get(self.current.as_ref()?);
        let names = state.map_or_else(Arc::default, |state| Arc::clone(&state.secret_names));
        (text != typing.before).then(|| kept::Typing {
            text: (!is_secret_place(draft, place, &names)).then_some(text),
            path: field::path_of(draft.fields(), place),
        })
    }

    /// A draft was written.
    pub fn kept(&mut self, key: &DraftKey, file: String, at: Timestamp) {
        if let Some(state) = self.keeper.states.get_mut(key)
            && state.given_away
        {
            state.file = Some(file);
            state.outcome = Outcome::Saved(at);
        }
    }

    /// A draft was not written. `true` when that is news.
    pub fn not_kept(&mut self, key: &DraftKey, reason: &str) -> bool {
        let Some(state) = self.keeper.states.get_mut(key) else {
            return false;
        };
        let known = matches!(&state.outcome, Outcome::Failed(known) if known == reason);
        state.outcome = Outcome::Failed(reason.to_owned());
        !known
    }

    /// The file that the form's draft of this key is kept in.
    pub fn file_of(&self, key: &DraftKey) -> Option<&str> {
        self.keeper.states.get(key)?.file.as_deref()
    }

    /// Whether the draft of this key is the one that is shown.
    pub fn is_shown(&self, key: &DraftKey) -> bool {
        self.current.as_ref() == Some(key)
    }

    /// Shows a draft that the form has; `false` when it has none of this key.
    pub fn show_again(&mut self, key: &DraftKey, now: Timestamp) -> bool {
        let Some(draft) = self.drafts.get(key) else {
            return false;
        };
        let schema = Arc::clone(&draft.schema);
        self.show_draft(key.clone(), &schema, now);
        true
    }

    /// Whether the form has a draft of this key in which anything was done.
    pub fn has_begun(&self, key: &DraftKey) -> bool {
        let draft = self.drafts.get(key);
        draft.is_some_and(|draft| draft.status != Status::Fresh)
    }

    /// What leaving now would lose, in a sentence; `None` when everything is kept, as far as drafts are kept at all.
    pub fn lost_by_leaving(&self, are_kept: bool) -> Option<String> {
        let lost = |state: &State| match &state.outcome {
            Outcome::Failed(reason) => Some(format!("The draft is not saved: {reason}.")),
            Outcome::Pending | Outcome::Saved(_) if !are_kept => {
                Some("The form holds values that were not sent.".to_owned())
            }
            Outcome::Pending | Outcome::Saved(_) => state
                .holds_secret()
                .then(|| "The form holds a password, which drafts do not keep.".to_owned()),
        };
        let states = self.keeper.states.values();
        states
            .filter(|state| state.is_worth_keeping())
            .find_map(lost)
    }

    /// What became of the shown draft's file: `draft saved 12:04:31`; `None` while that is not known, and when it is as
    /// it began.
    pub(super) fn keep_note(&self) -> Option<String> {
        let state = self.keeper.states.get(self.current.as_ref()?)?;
        match &state.outcome {
            _ if !state.is_worth_keeping() => None,
            Outcome::Pending => None,
            Outcome::Saved(at) => {
                let local = at.to_zoned(TimeZone::system());
                Some(format!("draft saved {}", local.strftime("%H:%M:%S")))
            }
            Outcome::Failed(_) => Some("draft not saved".to_owned()),
        }
    }
}

impl State {
    /// Goes through the draft's values.
    fn look_at(&mut self, draft: &Draft) {
        let same_schema = self
            .schema
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, &draft.schema));
        if !same_schema {
            self.schema = Some(Arc::clone(&draft.schema));
            self.secret_names = Arc::new(draft.schema.password_names());
        }
        let tree = Tree {
            draft,
            secret_names: &self.secret_names,
        };
        let same_original = match (&self.original, &draft.original) {
            (Some(known), Some(original)) => Arc::ptr_eq(known, original),
            (known, original) => known.is_none() && original.is_none(),
        };
        if !same_original || !same_schema {
            self.began = match &draft.original {
                None => Vec::new(),
                Some(_) => tree.fields(&draft.began_with(), &mut Place::new(), false),
            };
            self.original.clone_from(&draft.original);
        }
        self.fields = Arc::new(tree.fields(draft.fields(), &mut Place::new(), false));
        self.set = draft.tally().set;
        self.differs = !same_values(&self.fields, &self.began);
    }

    fn is_worth_keeping(&self) -> bool {
        let unsent = matches!(
            self.seen.status,
            Some(
                Status::Changed
                    | Status::Sending
                    | Status::Rejected
                    | Status::Unknown
                    | Status::Partly
            )
        );
        self.seen.typing.is_some() || self.seen.json.is_some() || unsent && self.differs
    }

    fn holds_secret(&self) -> bool {
        let typed = self.seen.typing.as_ref();
        typed.is_some_and(|typing| typing.text.is_none()) || holds_secret(&self.fields)
    }

    fn kept(&self, key: Key, draft: &Draft, now: Timestamp) -> Kept {
        let is_typed = self.seen.typing.is_some() || self.seen.json.is_some();
        Kept {
            key,
            changed: now,
            set: self.set.max(usize::from(is_typed)),
            in_doubt: matches!(
                draft.status,
                Status::Sending | Status::Unknown | Status::Partly
            ),
            include_record: draft.include_record,
            cursor: draft.path().unwrap_or_default(),
            typing: self.seen.typing.clone(),
            json: self.seen.json.clone(),
            fields: Arc::clone(&self.fields),
            original: self.original.clone(),
            lacks_secrets: draft.sending.lacks_secrets,
            design: None,
        }
    }
}

/// Makes what is kept of a draft's fields.
struct Tree<'a> {
    draft: &'a Draft,
    secret_names: &'a [String],
}

impl Tree<'_> {
    /// All of `fields` that are not as in a new form.
    fn fields(&self, fields: &[Field], place: &mut Place, within_secret: bool) -> Vec<kept::Field> {
        let mut out = Vec::new();
        for (at, field) in fields.iter().enumerate() {
            place.push(at as u32);
            out.extend(self.field(field, place, within_secret));
            place.pop();
        }
        out
    }

    fn field(&self, field: &Field, place: &mut Place, within: bool) -> Option<kept::Field> {
        let secret = within || is_secret(field, self.secret_names);
        let value = match &field.editor {
            Editor::Text(_) | Editor::Json(_) if secret => {
                // A stored password comes again with its record; one that was typed or copied is missed.
                let comes_again = self.draft.original.is_some()
                    && self
                        .draft
                        .as_loaded(place)
                        .is_some_and(|loaded| loaded.text() == field.text());
                let missed = field.presence == Presence::Given && !comes_again;
                match (missed, field.presence) {
                    (true, _) => kept::Value::NotKept,
                    (false, Presence::Null) => kept::Value::Text(String::new()),
                    (false, _) => return None,
                }
            }
            Editor::Text(text) => kept::Value::Text(text.clone()),
            Editor::Json(text) => kept::Value::Json(text.clone()),
            Editor::Toggle(value) => kept::Value::Toggle(*value),
            Editor::Object(members) => kept::Value::Object(self.fields(members, place, secret)),
            Editor::Plural(elements) => kept::Value::Plural(self.elements(elements, place, secret)),
        };
        let is_empty = match &value {
            kept::Value::Text(text) | kept::Value::Json(text) => text.is_empty(),
            kept::Value::Toggle(value) => !value,
            kept::Value::Object(members) => members.is_empty(),
            kept::Value::Plural(elements) => elements.is_empty(),
            kept::Value::NotKept => false,
        };
        let presence = match field.presence {
            Presence::Absent if is_empty && !field.open => return None,
            Presence::Absent => kept::Presence::Absent,
            Presence::Null => kept::Presence::Null,
            Presence::Given => kept::Presence::Given,
        };
        Some(kept::Field {
            name: field.name().to_owned(),
            presence,
            open: field.open,
            value,
        })
    }

    fn elements(&self, all: &[Element], place: &mut Place, secret: bool) -> Vec<kept::Element> {
        let mut out = Vec::new();
        for (at, element) in all.iter().enumerate() {
            place.push(at as u32);
            out.push(kept::Element {
                id: element.id,
                open: element.open,
                plain: element.plain,
                fields: self.fields(&element.fields, place, secret),
            });
            place.pop();
        }
        out
    }
}

fn is_secret(field: &Field, names: &[String]) -> bool {
    field.is_secret() || redact::is_secret_name(field.name(), names)
}

/// Whether the field at `place` is secret, or anything around it.
fn is_secret_place(draft: &Draft, place: &[u32], names: &[String]) -> bool {
    (1..=place.len()).any(|length| {
        field::field(draft.fields(), &place[..length]).is_some_and(|field| is_secret(field, names))
    })
}

/// Whether two trees hold the same; what is folded does not matter.
fn same_values(one: &[kept::Field], other: &[kept::Field]) -> bool {
    fn filled(fields: &[kept::Field]) -> Vec<&kept::Field> {
        fields.iter().filter(|field| !is_only_open(field)).collect()
    }
    let (one, other) = (filled(one), filled(other));
    one.len() == other.len()
        && one.iter().zip(&other).all(|(one, other)| {
            one.name == other.name
                && one.presence == other.presence
                && match (&one.value, &other.value) {
                    (kept::Value::Object(one), kept::Value::Object(other)) => {
                        same_values(one, other)
                    }
                    (kept::Value::Plural(one), kept::Value::Plural(other)) => {
                        one.len() == other.len()
                            && one.iter().zip(other).all(|(one, other)| {
                                one.id == other.id && same_values(&one.fields, &other.fields)
                            })
                    }
                    (one, other) => one == other,
                }
        })
}

/// Whether a field is kept for nothing but that it was unfolded.
fn is_only_open(field: &kept::Field) -> bool {
    field.presence == kept::Presence::Absent
        && match &field.value {
            kept::Value::Object(members) => members.iter().all(is_only_open),
            kept::Value::Plural(elements) => elements.is_empty(),
            kept::Value::Text(text) | kept::Value::Json(text) => text.is_empty(),
            kept::Value::Toggle(_) => true,
            kept::Value::NotKept => false,
        }
}

fn holds_secret(fields: &[kept::Field]) -> bool {
    fields.iter().any(|field| match &field.value {
        kept::Value::NotKept => true,
        kept::Value::Object(members) => holds_secret(members),
        kept::Value::Plural(elements) => elements.iter().any(|e| holds_secret(&e.fields)),
        kept::Value::Text(_) | kept::Value::Toggle(_) | kept::Value::Json(_) => false,
    })
}

// ---- Taking back ----

impl FormPane {
    /// Shows nothing until a draft comes that is being read.
    pub fn await_draft(&mut self) {
        self.current = None;
        self.keeper.awaits_draft = true;
    }

    /// Shows a draft as it was kept in `file`, in place of the one of its key. Returns what of it was not kept, since it
    /// is secret.
    pub fn restore(
        &mut self,
        schema: &Arc<EntityType>,
        file: String,
        kept: &Kept,
        now: Timestamp,
    ) -> Vec<NotKept> {
        self.typing = None;
        self.keeper.awaits_draft = false;
        let Some(key) = DraftKey::of_kept(&kept.key) else {
            return Vec::new();
        };
        let draft = Draft::restore(schema, kept);
        let not_kept = draft.not_kept.clone();
        let mut state = State {
            given_away: true,
            file: Some(file),
            outcome: Outcome::Saved(kept.changed),
            seen: Seen {
                revision: draft.revision,
                status: Some(draft.status),
                include_record: draft.include_record,
                typing: None,
                json: kept.json.clone(),
            },
            ..State::default()
        };
        state.look_at(&draft);
        self.keeper.states.insert(key.clone(), state);
        self.drafts.insert(key.clone(), draft);
        self.current = Some(key);
        self.settle();
        self.go_to(&kept.cursor);
        self.check_json(now);
        not_kept
    }

    /// Drops a draft that was thrown away. If it is shown, it begins anew.
    pub fn forget(&mut self, key: &DraftKey) {
        self.keeper.states.remove(key);
        let Some(dropped) = self.drafts.remove(key) else {
            return;
        };
        if self.current.as_ref() == Some(key) {
            self.typing = None;
            let anew = match &dropped.original {
                Some(record) => Draft::of_record(&dropped.schema, record),
                None => Draft::new(&dropped.schema),
            };
            self.drafts.insert(key.clone(), anew);
            self.settle();
        }
    }

    /// Why the draft does not go out before a secret that was not kept is typed again. Asked a second time, it goes
    /// without; but never with the mask that stands for a secret.
    pub(super) fn misses_secret(&mut self) -> Option<String> {
        let draft = self.draft_mut()?;
        let mut masked_anywhere = false;
        field::walk(draft.fields(), &mut |_, node| {
            let text = match node {
                Node::Field(field) => field.text(),
                Node::Element(_) => None,
            };
            masked_anywhere |= text.is_some_and(|text| text.contains(MASK));
        });
        let still_missed = |lost: &NotKept| match (field_at(draft.fields(), &lost.path), lost.part)
        {
            (None, _) => lost.path.is_root() && masked_anywhere,
            (Some(field), false) => !field.is_set(),
            (Some(field), true) => field.text().is_some_and(|text| text.contains(MASK)),
        };
        let mut missed: Vec<NotKept> = draft.not_kept.clone();
        missed.retain(still_missed);
        let first = missed.first().cloned();
        missed.retain(|lost| lost.part);
        let masked = !missed.is_empty();
        draft.not_kept = missed;
        let path = first?.path;
        self.go_to(&path);
        Some(if path.is_root() {
            format!("{MASK} stands for what was not kept: type that again")
        } else if masked {
            format!("{path} holds a mask for what was not kept: type that again")
        } else {
            format!("{path} was not kept: type it again, or <app.send> again leaves it out")
        })
    }
}

impl Draft {
    /// A draft as it was kept, under the schema of now.
    pub(super) fn restore(schema: &Arc<EntityType>, kept: &Kept) -> Self {
        let mut draft = match &kept.original {
            Some(record) => Self::of_record(schema, record),
            None => Self::new(schema),
        };
        let mut fields = draft.new_fields();
        let mut not_kept = Vec::new();
        fill_fields(&mut fields, &kept.fields, &AttrPath::root(), &mut not_kept);
        if let Some(typed) = &kept.typing {
            let field = field_at_mut(&mut fields, &typed.path);
            match (&typed.text, field) {
                (Some(text), Some(field)) => typing::put_text(field, text.clone(), kept.changed),
                (None, Some(_)) => not_kept.push(NotKept {
                    path: typed.path.clone(),
                    part: false,
                }),
                (_, None) => {}
            }
        }
        draft.include_record = kept.include_record;
        draft.not_kept = not_kept;
        draft.sending.lacks_secrets = kept.lacks_secrets;
        let status = if kept.in_doubt {
            Status::Unknown
        } else {
            Status::Changed
        };
        draft.go_on_with(fields, status);
        if let Some(text) = &kept.json {
            if text.contains(MASK) {
                draft.not_kept.push(NotKept {
                    path: AttrPath::root(),
                    part: true,
                });
            }
            let mut view = JsonView::new(text::write(draft.fields()));
            view.replace(text);
            draft.json.open = Some(Box::new(view));
        }
        draft
    }
}

/// The field that a path names, and nothing around it.
fn field_at<'a>(fields: &'a [Field], path: &AttrPath) -> Option<&'a Field> {
    let place = exact_place(fields, path)?;
    field::field(fields, &place)
}

fn field_at_mut<'a>(fields: &'a mut [Field], path: &AttrPath) -> Option<&'a mut Field> {
    let place = exact_place(fields, path)?;
    field::field_mut(fields, &place)
}

fn exact_place(fields: &[Field], path: &AttrPath) -> Option<Place> {
    let place = field::place_of(fields, path)?;
    (field::path_of(fields, &place) == *path).then_some(place)
}

/// Puts what was kept into a new form's fields, by name. What the schema lacks by now becomes a field of unknown type.
fn fill_fields(
    fields: &mut Vec<Field>,
    kept: &[kept::Field],
    around: &AttrPath,
    not_kept: &mut Vec<NotKept>,
) {
    let mut next = 0;
    for kept in kept {
        // Nearly always in the same order.
        let here = fields
            .get(next)
            .is_some_and(|field| field.name() == kept.name);
        let found = || fields.iter().position(|field| field.name() == kept.name);
        let at = if here { Some(next) } else { found() };
        let at = at.unwrap_or_else(|| {
            fields.push(Field::new(&build::unknown(&kept.name)));
            fields.len() - 1
        });
        next = at + 1;
        let path = around.child(kept.name.as_str());
        fill_field(&mut fields[at], kept, &path, not_kept);
    }
}

fn fill_field(field: &mut Field, kept: &kept::Field, path: &AttrPath, not_kept: &mut Vec<NotKept>) {
    field.open = kept.open;
    field.presence = match kept.presence {
        kept::Presence::Absent => Presence::Absent,
        kept::Presence::Null => Presence::Null,
        kept::Presence::Given => Presence::Given,
    };
    match (&kept.value, &mut field.editor) {
        (kept::Value::NotKept, _) => {
            field.presence = Presence::Absent;
            not_kept.push(NotKept {
                path: path.clone(),
                part: false,
            });
        }
        (kept::Value::Text(text), Editor::Text(held)) => held.clone_from(text),
        (kept::Value::Toggle(value), Editor::Toggle(held)) => *held = *value,
        (kept::Value::Object(members), Editor::Object(held)) => {
            fill_fields(held, members, path, not_kept);
        }
        (kept::Value::Plural(elements), Editor::Plural(held)) => {
            let attr = Arc::clone(&field.attr);
            *held = elements
                .iter()
                .enumerate()
                .map(|(at, element)| fill_element(&attr, element, &indexed(path, at), not_kept))
                .collect();
        }
        (kept::Value::Json(text), editor) => {
            if text.contains(MASK) {
                not_kept.push(NotKept {
                    path: path.clone(),
                    part: true,
                });
            }
            *editor = Editor::Json(text.clone());
        }
        // The type has changed since. An object is absent also while something in it is given.
        (value, editor) => {
            let json = as_json(value);
            let given = kept.presence == kept::Presence::Given
                || json.as_object().is_some_and(|members| !members.is_empty());
            if given {
                field.presence = Presence::Given;
                *editor = Editor::Json(json.pretty());
            }
        }
    }
}

fn indexed(path: &AttrPath, at: usize) -> AttrPath {
    path.element(PathElement::Index(at))
}

fn fill_element(
    plural: &Attr,
    kept: &kept::Element,
    path: &AttrPath,
    not_kept: &mut Vec<NotKept>,
) -> Element {
    let mut fields = build::empty(&plural.members);
    fill_fields(&mut fields, &kept.fields, path, not_kept);
    Element {
        fields,
        id: kept.id,
        open: kept.open,
        plain: kept.plain,
    }
}

/// What was kept as a value that any type can show. Recursion is bounded by the reader's limit.
fn as_json(value: &kept::Value) -> Json {
    match value {
        kept::Value::Text(text) => text.as_str().into(),
        kept::Value::Toggle(value) => (*value).into(),
        kept::Value::Object(members) => members_json(members),
        kept::Value::Plural(elements) => {
            let items = elements.iter().map(|element| members_json(&element.fields));
            Json::Array(items.collect())
        }
        kept::Value::Json(text) => Json::parse(text).unwrap_or_else(|_| text.as_str().into()),
        kept::Value::NotKept => Json::Null,
    }
}

fn members_json(members: &[kept::Field]) -> Json {
    let mut object = Object::new();
    for member in members {
        let value = match member.presence {
            kept::Presence::Absent => continue,
            kept::Presence::Null => Json::Null,
            kept::Presence::Given => as_json(&member.value),
        };
        object.insert(member.name.clone(), value);
    }
    Json::Object(object)
}
