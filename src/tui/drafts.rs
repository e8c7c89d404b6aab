//! Drafts between the form and the disk: which there are, which is being read, and what becomes of the form then.
//!
//! The root calls this; the form knows only the drafts that it holds, and the desk only files.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::capture::json::Json;
use crate::capture::schema::EntityType;
use crate::drafts::desk::Command;
use crate::drafts::desk::Event;
use crate::drafts::kept::Kept;
use crate::drafts::kept::Of;
use crate::drafts::kept::Summary;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::drafts::DraftList;
use crate::tui::overlays::drafts::Reply;
use crate::tui::panes::form::subject::DraftKey;
use crate::tui::panes::form::subject::Subject;
use crate::tui::panes::schema::DesignKey;
use crate::tui::session::View;
use crate::tui::update;
use crate::tui::update::schema;

/// What the explorer knows of kept drafts.
#[derive(Debug, Default)]
pub struct Drafts {
    /// All there are, of every environment, the one changed last first.
    pub all: Vec<Summary>,
    /// Whether there is a desk that keeps them.
    are_kept: bool,
    /// Whether the list is still to come, so that no draft may be begun.
    awaited: bool,
    /// The one that is to be shown once it has been read and its schema is there.
    opening: Option<Opening>,
    /// The design that is to be shown once it has been read and its schema is there.
    design: Option<OpeningDesign>,
    /// The files that were thrown away, the last one last, with their key where the form showed them.
    discarded: Vec<(String, Option<DraftKey>)>,
}

/// A draft on its way into the form.
#[derive(Debug)]
struct Opening {
    key: DraftKey,
    /// `None` while it is not known whether there is a draft.
    file: Option<String>,
    kept: Option<Box<Kept>>,
    /// The stored record as it was read just now, for when the draft cannot be had.
    record: Option<Json>,
}

/// A design on its way into the schema's pane.
#[derive(Debug)]
struct OpeningDesign {
    key: DesignKey,
    file: String,
    kept: Option<Box<Kept>>,
}

impl Drafts {
    /// There is a desk, and its first list is to come.
    pub fn expect(&mut self) {
        self.are_kept = true;
        self.awaited = true;
    }

    /// Whether drafts are kept at all.
    pub fn are_kept(&self) -> bool {
        self.are_kept
    }

    /// How many there are of an environment.
    pub fn count(&self, environment: &str) -> usize {
        let here = |summary: &&Summary| summary.key.environment == environment;
        self.all.iter().filter(here).count()
    }

    /// The newest draft of a key.
    fn newest(&self, environment: &str, key: &DraftKey) -> Option<&Summary> {
        let wanted = key.in_environment(environment);
        self.all.iter().find(|summary| summary.key == wanted)
    }
}

/// What has changed in the form and in the designs, for the desk.
pub fn changes(model: &mut Model) -> impl Iterator<Item = Effect> + use<> {
    let of_form = model.form.take_changes(&model.session);
    let of_designs = model.schema.take_changes(&model.session);
    of_form.into_iter().chain(of_designs).map(Effect::Drafts)
}

/// Shows the kept design of a key in place of one that nothing was done in, if there is one.
pub fn open_design(model: &mut Model, key: &DesignKey, effects: &mut Vec<Effect>) {
    let wanted = key.in_environment(&model.session.environment);
    let kept = model
        .drafts
        .all
        .iter()
        .find(|summary| summary.key == wanted);
    let Some(file) = kept.map(|summary| summary.file.clone()) else {
        return;
    };
    if model.schema.may_restore(key) {
        load_design(model, key.clone(), file, effects);
    }
}

/// A new entity type that was begun and not created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Which design it is.
    pub key: DesignKey,
    /// Its name; empty when it has none yet.
    pub name: String,
    /// How many attributes it has; `None` when it is a text that cannot be read yet.
    pub attributes: Option<usize>,
}

/// The new entity types that were begun, here or before the start, the one begun last first.
pub fn begun(model: &Model) -> Vec<Begun> {
    let here = model.schema.begun().map(|(key, desk)| Begun {
        key: key.clone(),
        name: desk.design.tree().name.clone(),
        attributes: desk.unread_json().is_none().then(|| desk.change_count()),
    });
    let mut all: Vec<Begun> = here.collect();
    for summary in &model.drafts.all {
        let key = DesignKey::of_kept(&summary.key)
            .filter(|key| key.in_environment(&model.session.environment) == summary.key)
            .filter(|key| matches!(key, DesignKey::New(_)));
        let Some(key) = key.filter(|key| all.iter().all(|begun| begun.key != *key)) else {
            continue;
        };
        all.push(Begun {
            key,
            name: summary.type_name.clone(),
            attributes: (!summary.is_unread).then_some(summary.set),
        });
    }
    all.sort_by(|one, other| other.key.cmp(&one.key));
    all
}

/// Shows a new entity type that was begun: the design that is here, else the kept one.
pub fn go_on(model: &mut Model, key: &DesignKey, effects: &mut Vec<Effect>) {
    if model.schema.begun().any(|(begun, _)| begun == key) {
        model.schema.show_again(key);
    } else {
        open_design(model, key, effects);
    }
}

fn load_design(model: &mut Model, key: DesignKey, file: String, effects: &mut Vec<Effect>) {
    // What was done last goes to the desk before that draft is asked for.
    effects.extend(changes(model));
    effects.push(Effect::Drafts(Command::Load(file.clone())));
    model.schema.await_draft(true);
    model.drafts.design = Some(OpeningDesign {
        key,
        file,
        kept: None,
    });
}

/// Shows the kept design that was waited for, once there is all it takes.
pub fn show_opened_design(model: &mut Model) {
    let Some(opening) = model
        .drafts
        .design
        .take_if(|opening| opening.kept.is_some())
    else {
        return;
    };
    let stored = match &opening.key {
        DesignKey::New(_) => None,
        DesignKey::Stored(name) => {
            let Some(stored) = model.session.schemas.get(name).map(Arc::clone) else {
                model.drafts.design = Some(opening);
                return;
            };
            Some(stored)
        }
    };
    let Some(kept) = opening.kept else {
        return;
    };
    let Some(restored) = model.schema.restore(&kept, stored.as_ref()) else {
        return;
    };
    let at = clock(kept.changed, model.session.now);
    let mut said = format!("design of {at} restored; <app.drafts> lists what is kept");
    if let Some(name) = restored.went.first() {
        said = format!("design of {at} restored; {name} is not stored any more: it is new in it");
    } else if let Some(name) = restored.came.first() {
        said = format!("design of {at} restored; {name} was added to the stored type meanwhile");
    }
    model.say(Tone::Plain, said);
}

/// Opens a design of the list.
fn open_listed_design(
    model: &mut Model,
    key: DesignKey,
    summary: &Summary,
    effects: &mut Vec<Effect>,
) {
    model.overlays.pop();
    schema::enter(model, effects);
    if let DesignKey::Stored(name) = &key {
        model.session.type_name = Some(name.clone());
        if model.session.schema().is_none() {
            update::load_type(model, name.clone(), effects);
        }
    }
    if model.schema.may_restore(&key) {
        load_design(model, key, summary.file.clone(), effects);
    } else {
        model.schema.show_again(&key);
    }
}

/// Shows the draft of a new record: the one in the form, else the one that was kept, else an empty one.
pub fn open_new(model: &mut Model, schema: &Arc<EntityType>, effects: &mut Vec<Effect>) {
    let opening = model.drafts.opening.as_ref();
    if opening.is_some_and(|opening| opening.key.type_name == schema.name && opening.file.is_some())
    {
        show_opened(model);
        return;
    }
    model.drafts.opening = None;
    let key = DraftKey::new_record(&schema.name);
    let kept = model.drafts.newest(&model.session.environment, &key);
    let file = kept.map(|summary| summary.file.clone());
    if (model.drafts.awaited || file.is_some()) && !model.form.has_begun(&key) {
        wait(model, key, file, None, effects);
    } else {
        model.form.open(schema, model.session.now);
    }
}

/// Shows a stored record that was read just now: the draft of it in the form, else the one that was kept, else the
/// record as it is.
pub fn open_record(
    model: &mut Model,
    schema: &Arc<EntityType>,
    record: &Json,
    effects: &mut Vec<Effect>,
) {
    let key = record.get("id").and_then(Json::as_i64).map(|id| DraftKey {
        type_name: schema.name.clone(),
        subject: Subject::Record(id),
    });
    let environment = &model.session.environment;
    let kept = key
        .clone()
        .filter(|key| !model.form.has_begun(key))
        .and_then(|key| {
            let file = model.drafts.newest(environment, &key)?.file.clone();
            Some((key, file))
        });
    if let Some((key, file)) = kept {
        wait(model, key, Some(file), Some(record.clone()), effects);
    } else if !model.form.open_record(schema, record, model.session.now) {
        model.say(Tone::Refusal, "this has no id: it is no stored record");
    } else if model.pasted.is_none() && model.form.has_changes() {
        model.say(
            Tone::Plain,
            "your unsent changes are kept: <^form.reload> loads what is stored now",
        );
    }
}

/// Closes the form until a draft has been read. What was typed goes to the desk before that draft is asked for.
fn wait(
    model: &mut Model,
    key: DraftKey,
    file: Option<String>,
    record: Option<Json>,
    effects: &mut Vec<Effect>,
) {
    model.form.stop_typing(model.session.now);
    effects.extend(changes(model));
    model.form.await_draft();
    if let Some(file) = &file {
        effects.push(Effect::Drafts(Command::Load(file.clone())));
    }
    model.drafts.opening = Some(Opening {
        key,
        file,
        kept: None,
        record,
    });
}

/// The user chose an entity type: what was on its way is wanted no more, unless it is just that.
pub fn stop_opening(model: &mut Model, type_name: &str) {
    let wanted = DraftKey::new_record(type_name);
    let opening = &mut model.drafts.opening;
    *opening = opening.take().filter(|opening| opening.key == wanted);
}

/// Opens a draft of the list.
fn open(model: &mut Model, summary: &Summary, effects: &mut Vec<Effect>) {
    if summary.key.environment != model.session.environment {
        let name = &summary.key.environment;
        let reason = format!("that draft is of {name}: captui --env {name} opens it");
        model.say(Tone::Refusal, reason);
        return;
    }
    if let Some(key) = DesignKey::of_kept(&summary.key) {
        return open_listed_design(model, key, summary, effects);
    }
    let Some(key) = DraftKey::of_kept(&summary.key) else {
        return;
    };
    model.overlays.pop();
    model.session.type_name = Some(key.type_name.clone());
    model.show(View::Record);
    if model.form.file_of(&key) == Some(&summary.file)
        && model.form.show_again(&key, model.session.now)
    {
        return;
    }
    let type_name = key.type_name.clone();
    wait(model, key, Some(summary.file.clone()), None, effects);
    if model.session.schema().is_none() {
        update::load_type(model, type_name, effects);
    }
}

/// Shows the draft that was waited for, once there is all it takes.
fn show_opened(model: &mut Model) {
    let ready = |opening: &Opening| opening.kept.is_some();
    let Some(schema) = model.session.schema().map(Arc::clone) else {
        return;
    };
    if !model.drafts.opening.as_ref().is_some_and(ready) {
        return;
    }
    let Some(Opening {
        file: Some(file),
        kept: Some(kept),
        ..
    }) = model.drafts.opening.take()
    else {
        return;
    };
    let not_kept = model.form.restore(&schema, file, &kept, model.session.now);
    let at = clock(kept.changed, model.session.now);
    let way_back = match kept.key.of {
        Of::Record(_) => "<^form.reload> loads what is stored now",
        Of::NewRecord | Of::NewType | Of::Schema => "<form.new> begins anew",
    };
    let mut said = format!("draft of {at} restored; {way_back}");
    if let Some(path) = not_kept.first().map(|lost| &lost.path) {
        said = format!("draft of {at} restored without {path}, a secret: type it again");
    } else if kept.in_doubt {
        said = format!("draft of {at} restored: it was sent, and may have been taken");
    }
    model.say(Tone::Plain, said);
}

/// What the desk tells.
pub fn heard(model: &mut Model, event: Event, effects: &mut Vec<Effect>) {
    match event {
        Event::Listed(all) => listed(model, all, effects),
        Event::Saved { key, file, at } => {
            if let Some(key) = DraftKey::of_kept(&key) {
                model.form.kept(&key, file, at);
            }
        }
        Event::NotSaved(key, reason) => {
            let is_here = match (DraftKey::of_kept(&key), DesignKey::of_kept(&key)) {
                (Some(key), _) => model.form.not_kept(&key, &reason),
                (None, Some(key)) => model.schema.not_kept(&key),
                (None, None) => false,
            };
            if is_here {
                model.say(Tone::Refusal, format!("the draft is not saved: {reason}"));
            }
        }
        Event::Loaded(file, loaded)
            if model
                .drafts
                .design
                .as_ref()
                .is_some_and(|open| open.file == file) =>
        {
            match (loaded, &mut model.drafts.design) {
                (Ok(kept), Some(opening)) => {
                    opening.kept = Some(kept);
                    show_opened_design(model);
                }
                (Err(reason), _) => {
                    model.drafts.design = None;
                    model.schema.await_draft(false);
                    model.say(Tone::Refusal, format!("no design was restored: {reason}"));
                }
                (Ok(_), None) => {}
            }
        }
        Event::Loaded(file, loaded) => {
            let opening = model.drafts.opening.as_mut();
            let Some(opening) = opening.filter(|open| open.file.as_ref() == Some(&file)) else {
                return;
            };
            match loaded {
                Ok(kept) => {
                    opening.kept = Some(kept);
                    show_opened(model);
                }
                Err(reason) => {
                    let record = opening.record.take();
                    model.drafts.opening = None;
                    let now = model.session.now;
                    match (model.session.schema().map(Arc::clone), record) {
                        (Some(schema), Some(record)) => {
                            model.form.open_record(&schema, &record, now);
                        }
                        (Some(schema), None) => model.form.open(&schema, now),
                        (None, _) => {}
                    }
                    model.say(Tone::Refusal, format!("no draft was restored: {reason}"));
                }
            }
        }
        Event::Notice(text) => model.say(Tone::Refusal, text),
    }
}

fn listed(model: &mut Model, all: Vec<Summary>, effects: &mut Vec<Effect>) {
    for key in all
        .iter()
        .filter_map(|summary| DesignKey::of_kept(&summary.key))
    {
        model.schema.is_taken(&key);
    }
    let before = std::mem::replace(&mut model.drafts.all, all);
    if let Some(Overlay::Drafts(list)) = model.overlays.last_mut() {
        list.follow(&before, &model.drafts.all);
    }
    if !std::mem::take(&mut model.drafts.awaited) {
        return;
    }
    let said = match model.drafts.count(&model.session.environment) {
        0 => None,
        1 => Some("1 draft from before: gd shows it".to_owned()),
        count => Some(format!("{count} drafts from before: gd lists them")),
    };
    if let Some(said) = said.filter(|_| model.message.is_none()) {
        model.say(Tone::Plain, said);
    }
    // An entity type was chosen before it was known whether there is a draft.
    if model.drafts.opening.is_some()
        && let Some(schema) = model.session.schema().map(Arc::clone)
    {
        open_new(model, &schema, effects);
    }
}

/// Shows the list of drafts, as it is on the disk now.
pub fn show_list(model: &mut Model, effects: &mut Vec<Effect>) {
    effects.push(Effect::Drafts(Command::List));
    let list = DraftList::new(&model.session.environment);
    model.overlays.push(Overlay::Drafts(list));
}

/// Does what the list of drafts was asked for.
pub fn list_replied(model: &mut Model, reply: Reply, effects: &mut Vec<Effect>) {
    match reply {
        Reply::Nothing => {}
        Reply::Close => {
            model.overlays.pop();
        }
        Reply::Open(at) => {
            if let Some(summary) = model.drafts.all.get(at).cloned() {
                open(model, &summary, effects);
            }
        }
        Reply::Discard(at) => {
            if let Some(summary) = model.drafts.all.get(at).cloned() {
                discard(model, &summary, effects);
            }
        }
        Reply::BringBack => bring_back(model, effects),
    }
}

fn discard(model: &mut Model, summary: &Summary, effects: &mut Vec<Effect>) {
    // What was typed last is thrown away with the rest, and comes back with it.
    model.form.stop_typing(model.session.now);
    effects.extend(changes(model));
    let here = summary.key.environment == model.session.environment;
    if let Some(key) = DesignKey::of_kept(&summary.key).filter(|_| here) {
        model.schema.forget(&key);
    }
    let Some(key) = DraftKey::of_kept(&summary.key) else {
        model.drafts.discarded.push((summary.file.clone(), None));
        effects.push(Effect::Drafts(Command::Discard(summary.file.clone())));
        return model.say(Tone::Plain, "discarded: u brings it back");
    };
    let in_form = here && model.form.file_of(&key) == Some(&summary.file);
    let shown = in_form && model.form.is_shown(&key);
    if in_form {
        model.form.forget(&key);
    }
    let shown = shown.then_some(key);
    model.drafts.discarded.push((summary.file.clone(), shown));
    effects.push(Effect::Drafts(Command::Discard(summary.file.clone())));
    model.say(Tone::Plain, "discarded: u brings it back");
}

fn bring_back(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some((file, was_shown)) = model.drafts.discarded.pop() else {
        model.say(Tone::Refusal, "no draft was discarded since the start");
        return;
    };
    effects.push(Effect::Drafts(Command::BringBack(file.clone())));
    model.say(Tone::Plain, "brought back");
    // Into the form too, unless something else has been begun there.
    if let Some(key) =
        was_shown.filter(|key| model.form.is_shown(key) && !model.form.has_begun(key))
    {
        wait(model, key, Some(file), None, effects);
    }
}

/// A moment in short, on the user's clock: `12:04`, or with its day when that is another one.
pub fn clock(at: Timestamp, now: Timestamp) -> String {
    let (at, now) = (
        at.to_zoned(TimeZone::system()),
        now.to_zoned(TimeZone::system()),
    );
    let format = if at.date() == now.date() {
        "%H:%M"
    } else if at.year() == now.year() {
        "%b %-d %H:%M"
    } else {
        "%Y-%m-%d"
    };
    at.strftime(format).to_string()
}
