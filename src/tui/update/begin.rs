//! Beginning an entity type from something, and opening the schema editor with what was pasted. Part of the root's update:
//! the question knows what can be chosen, only the root can load, read and show.

use std::path::Path;
use std::sync::Arc;

use crossterm::event::KeyEvent;

use crate::capture::endpoint::Endpoint;
use crate::capture::schema::EntityType;
use crate::capture::schema::infer::Inferred;
use crate::capture::schema::infer::reading::ReadError;
use crate::capture::schema::is_valid_name;
use crate::capture::schema::template;
use crate::capture::schema::without_reserved;
use crate::curl::import::Import;
use crate::curl::import::Operation;
use crate::paste::Pasted;
use crate::paste::What;
use crate::tui::drafts;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::msg::PaneEvent;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::begin::Begin;
use crate::tui::overlays::begin::Reply;
use crate::tui::overlays::paste;
use crate::tui::panes::schema::Action;
use crate::tui::panes::schema::opening::Amendment;
use crate::tui::panes::schema::opening::Opening;
use crate::tui::schema_text::placed;
use crate::tui::session::PaneId;
use crate::tui::update::failure_of;
use crate::tui::update::schema;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::JobId;
use crate::worker::job::Output;

/// A longer text is read beside the event loop, in bytes.
const LONG: usize = 16 << 10;

/// What the schema editor is opened with once an entity type has come.
#[derive(Debug)]
pub struct Beginning {
    job: JobId,
    wanted: Wanted,
}

#[derive(Debug)]
enum Wanted {
    /// A new type begins as a copy of it.
    Copy,
    /// It is changed.
    Amend(Amendment),
}

/// Asks from what a new entity type is begun.
pub(super) fn ask(model: &mut Model) {
    let begun = drafts::begun(model);
    let question = Begin::new(begun, model.types.names().to_vec());
    model.overlays.push(Overlay::Begin(Box::new(question)));
}

fn question(model: &mut Model) -> Option<&mut Begin> {
    match model.overlays.last_mut() {
        Some(Overlay::Begin(begin)) => Some(begin),
        _ => None,
    }
}

/// Whether a text or an entity type is awaited to begin with.
pub(super) fn waits(model: &Model) -> bool {
    matches!(model.overlays.last(), Some(Overlay::Begin(begin)) if begin.is_waiting())
}

/// A key while it is asked.
pub(super) fn key(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) {
    let Some(begin) = question(model) else {
        return;
    };
    let reply = begin.key(key);
    carry_out(model, reply, effects);
}

/// A text was pasted while it is asked: a path where one is typed, else what to begin with.
pub(super) fn pasted(model: &mut Model, text: String, effects: &mut Vec<Effect>) {
    let Some(begin) = question(model) else {
        return;
    };
    if let Some(reply) = begin.paste_path(&text) {
        return carry_out(model, reply, effects);
    }
    begin.wait("reading what was pasted".to_owned());
    text_came(model, text, effects);
}

fn carry_out(model: &mut Model, reply: Reply, effects: &mut Vec<Effect>) {
    match reply {
        Reply::Open => {}
        Reply::Close => drop(model.overlays.pop()),
        Reply::GoOn(key) => {
            model.overlays.pop();
            drafts::go_on(model, &key, effects);
            schema::enter(model, effects);
        }
        Reply::Empty => {
            model.overlays.pop();
            begin(
                model,
                String::new(),
                &EntityType::create("", Vec::new()),
                effects,
            );
            // Its name comes first.
            schema::event(model, PaneEvent::Act(Action::Edit), effects);
        }
        Reply::Template(template) => {
            model.overlays.pop();
            let is_free = !model.types.names().iter().any(|name| name == template.name);
            let name = if is_free && is_valid_name(template.name) {
                template.name
            } else {
                ""
            };
            let attr_defs = template::attr_defs(template.name).unwrap_or_default();
            let schema = EntityType {
                name: name.to_owned(),
                attr_defs,
            };
            begin(model, name.to_owned(), &schema, effects);
        }
        Reply::Inferred(attr_defs) => {
            let name = question(model).map(|begin| begin.name.clone());
            model.overlays.pop();
            let name = name.unwrap_or_default();
            let schema = EntityType {
                name: name.clone(),
                attr_defs,
            };
            begin(model, name, &schema, effects);
        }
        Reply::Copy(name) => match model.session.schemas.get(&name).map(Arc::clone) {
            Some(stored) => copy(model, &stored, effects),
            None => load(model, name, Wanted::Copy, effects),
        },
        Reply::File(path) => {
            if let Some(begin) = question(model) {
                begin.wait(format!("reading {path}"));
            }
            effects.push(Effect::ReadFiles(vec![path]));
        }
        Reply::Clipboard => {
            if let Some(begin) = question(model) {
                begin.wait("reading what is copied".to_owned());
            }
            effects.push(Effect::ReadClipboard);
        }
        Reply::FindPaths(typed) => effects.push(Effect::FindPaths(typed)),
    }
}

/// The files and folders that were found for what was typed.
pub(super) fn paths_found(model: &mut Model, typed: &str, found: Vec<String>) {
    if let Some(begin) = question(model) {
        begin.paths_found(typed, found);
    }
}

/// The file was read, or why it could not be.
pub(super) fn file_read(
    model: &mut Model,
    read: Vec<(String, Result<Vec<u8>, String>)>,
    effects: &mut Vec<Effect>,
) {
    let Some((path, content)) = read.into_iter().next() else {
        return;
    };
    match content {
        Ok(bytes) => {
            let name = Path::new(&path).file_stem();
            let name = name.and_then(|stem| stem.to_str()).unwrap_or_default();
            if is_valid_name(name)
                && let Some(begin) = question(model)
            {
                name.clone_into(&mut begin.name);
            }
            text_came(model, String::from_utf8_lossy(&bytes).into_owned(), effects);
        }
        Err(reason) => refuse(model, format!("{path}: {reason}")),
    }
}

/// Nothing was begun, for this reason: it is asked again.
fn refuse(model: &mut Model, reason: impl Into<String>) {
    if let Some(begin) = question(model) {
        begin.ask_again();
    }
    model.say(Tone::Refusal, reason);
}

/// A text came to begin with.
pub(super) fn text_came(model: &mut Model, text: String, effects: &mut Vec<Effect>) {
    if text.len() > LONG {
        effects.push(Effect::ReadPaste(text));
    } else {
        let pasted = paste::read(&text);
        was_taken(model, text, pasted, effects);
    }
}

/// What the text was taken for.
pub(super) fn was_taken(
    model: &mut Model,
    text: String,
    pasted: Pasted,
    effects: &mut Vec<Effect>,
) {
    let chosen = model.session.type_name.clone();
    let of_call = |call: &Import| {
        let endpoint = match call.operation {
            Operation::Known(endpoint) => endpoint,
            Operation::Missing if call.args.get("attr_defs").is_some() => Endpoint::TypeCreate,
            Operation::Missing | Operation::Unknown(_) => return None,
        };
        Opening::of_call(endpoint, &call.args, chosen.as_deref())
    };
    let opening = match &pasted.what {
        What::Schema {
            name,
            attr_defs,
            problems,
        } => Some(Ok(Opening::New {
            name: name.clone().unwrap_or_default(),
            attr_defs: attr_defs.clone(),
            problems: problems.clone(),
            repaired: pasted.repaired.clone(),
        })),
        What::Call(call) => of_call(call),
        What::Collection(calls) => calls.iter().find_map(|named| of_call(&named.call)),
        _ => None,
    };
    match opening {
        Some(Ok(mut opening)) => {
            if let (Opening::New { name, .. }, Some(begin)) = (&mut opening, question(model))
                && name.is_empty()
            {
                name.clone_from(&begin.name);
            }
            model.overlays.pop();
            model.message = None;
            open(model, opening, effects);
        }
        Some(Err(reason)) => refuse(model, reason),
        // Sample data, unless it is nothing of use.
        None => effects.push(Effect::Infer(text)),
    }
}

/// What sample data says of a schema, or why nothing.
pub(super) fn inferred(model: &mut Model, result: Result<Box<Inferred>, ReadError>) {
    if !waits(model) {
        return;
    }
    match (result, question(model)) {
        (Ok(inferred), Some(begin)) => begin.show_sample(*inferred),
        (Err(reason), _) => {
            let reason =
                format!("neither a schema nor a call that makes one, nor records: {reason}");
            refuse(model, reason);
        }
        (Ok(_), None) => {}
    }
}

/// Opens the schema editor: on a new design, or on a stored type, which is loaded when it is not there.
pub(super) fn open(model: &mut Model, opening: Opening, effects: &mut Vec<Effect>) {
    let repaired = opening.repaired().cloned();
    match opening {
        Opening::New {
            name,
            attr_defs,
            problems,
            ..
        } => {
            let schema = EntityType {
                name: name.clone(),
                attr_defs,
            };
            begin(model, name, &schema, effects);
            if let Some(first) = problems.first() {
                let count = problems.len();
                let said =
                    format!("{count} part(s) could not be read and are left out; first: {first}");
                model.say(Tone::Refusal, said);
            }
        }
        Opening::Amend {
            type_name, change, ..
        } => match model.session.schemas.get(&type_name).map(Arc::clone) {
            Some(stored) => amend(model, &stored, &change, effects),
            None => load(model, type_name, Wanted::Amend(change), effects),
        },
    }
    if let Some(error) = repaired {
        model.say_too(
            Tone::Plain,
            format!("the JSON is repaired, {}", placed(&error)),
        );
    }
}

fn begin(model: &mut Model, name: String, schema: &EntityType, effects: &mut Vec<Effect>) {
    let attr_defs = without_reserved(&schema.attr_defs, true);
    let had_begun = model.schema.begun().next().is_some();
    model.schema.begin(name, &attr_defs);
    schema::enter(model, effects);
    if had_begun {
        let said = "the type that was begun before stays: <schema.begin> goes on with it";
        model.say(Tone::Plain, said);
    }
}

fn copy(model: &mut Model, stored: &EntityType, effects: &mut Vec<Effect>) {
    model.overlays.pop();
    begin(model, format!("{}_copy", stored.name), stored, effects);
}

fn amend(
    model: &mut Model,
    stored: &Arc<EntityType>,
    change: &Amendment,
    effects: &mut Vec<Effect>,
) {
    model.session.type_name = Some(stored.name.clone());
    model.schema.open(stored);
    schema::enter(model, effects);
    match model.schema.amend(change) {
        Ok(said) => model.say(Tone::Plain, said),
        Err(reason) => model.say(Tone::Refusal, reason),
    }
}

fn load(model: &mut Model, name: String, wanted: Wanted, effects: &mut Vec<Effect>) {
    if let Some(begin) = question(model) {
        begin.wait(format!("loading {name}"));
    }
    let mut fx = model.fx(PaneId::Schema, effects);
    let job = fx.run(format!("entityType {name}"), Job::LoadType(name), true);
    model.beginning = Some(Beginning { job, wanted });
}

/// The entity type came that something begins with, or why it did not.
pub(super) fn loaded(
    model: &mut Model,
    id: JobId,
    result: Result<Output, JobError>,
    effects: &mut Vec<Effect>,
) {
    let is_awaited = |beginning: &Beginning| beginning.job == id;
    if !model.beginning.as_ref().is_some_and(is_awaited) {
        return;
    }
    let Some(Beginning { wanted, .. }) = model.beginning.take() else {
        return;
    };
    match result {
        Ok(Output::Type { schema, .. }) => {
            model.keep_schema(Arc::clone(&schema));
            match wanted {
                // Who went back meanwhile wants it no more.
                Wanted::Copy if waits(model) => copy(model, &schema, effects),
                Wanted::Copy => {}
                Wanted::Amend(change) => amend(model, &schema, &change, effects),
            }
        }
        Err(JobError::Exchange(exchange)) => {
            refuse(model, "the schema did not come: see the response");
            model.response.show(exchange, None);
        }
        other => refuse(model, failure_of(other).message),
    }
}
