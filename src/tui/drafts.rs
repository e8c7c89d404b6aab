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
use crate::drafts::kept::Summary;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::drafts::DraftList;
use crate::tui::overlays::drafts::Reply;
use crate::tui::panes::form::subject::DraftKey;
use crate::tui::panes::form::subject::Subject;
use crate::tui::session::View;
use crate::tui::update;

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

/// What has changed in the form, for the desk.
pub fn changes(model: &mut Model) -> impl Iterator<Item = Effect> + use<> {
    let commands = model.form.take_changes(&model.session);
    commands.into_iter().map(Effect::Drafts)
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
            "your unsent changes are kept: ^R loads what is stored now",
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
    model.overlays.pop();
    let key = DraftKey::of_kept(&summary.key);
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
    let way_back = match kept.key.record {
        None => "N begins anew",
        Some(_) => "^R loads what is stored now",
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
        Event::Saved { key, file, at } => model.form.kept(&DraftKey::of_kept(&key), file, at),
        Event::NotSaved(key, reason) => {
            if model.form.not_kept(&DraftKey::of_kept(&key), &reason) {
                model.say(Tone::Refusal, format!("the draft is not saved: {reason}"));
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
    let key = DraftKey::of_kept(&summary.key);
    let here = summary.key.environment == model.session.environment;
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
