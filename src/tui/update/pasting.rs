//! Pasting where no text is edited: what the text was taken for is shown first; then the form is opened with it, or a
//! call is made as it stands.

use std::collections::BTreeMap;

use crossterm::event::KeyEvent;

use crate::capture::endpoint;
use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::curl::import::Files;
use crate::paste::Pasted;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::msg::PaneEvent;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::confirm::Confirm;
use crate::tui::overlays::confirm::Then;
use crate::tui::overlays::paste;
use crate::tui::overlays::paste::Around;
use crate::tui::overlays::paste::Opening;
use crate::tui::overlays::paste::PasteSheet;
use crate::tui::panes::form;
use crate::tui::panes::form::subject::DraftKey;
use crate::tui::panes::form::subject::Subject;
use crate::tui::panes::response::Source;
use crate::tui::session::PaneId;
use crate::tui::session::View;
use crate::tui::update::begin;
use crate::tui::update::choose;
use crate::tui::update::form_event;
use crate::tui::update::records;

/// A longer text is not looked at.
const MOST: usize = 8 << 20;

/// A longer text is read beside the event loop.
const LONG: usize = 16 << 10;

/// A longer text goes into a field only after a question, in bytes.
const MOST_UNASKED: usize = 1 << 20;

/// How many characters of a uuid are to be typed.
const UUID_TAIL: usize = 6;

/// Nobody types a longer word.
const LONGEST_WORD: usize = 40;

/// Shows what a pasted text was taken for, once that is known.
pub(super) fn show(model: &mut Model, text: String, effects: &mut Vec<Effect>) {
    if text.trim().is_empty() {
        return model.say(Tone::Refusal, "the clipboard holds nothing");
    }
    if text.len() > MOST {
        let reason = "that is more than 8 MiB: `captui record` takes files";
        return model.say(Tone::Refusal, reason);
    }
    if text.len() > LONG {
        model.say(Tone::Plain, format!("reading {} pasted bytes", text.len()));
        effects.push(Effect::ReadPaste(text));
    } else {
        let pasted = paste::read(&text);
        was_taken(model, text, pasted);
    }
}

/// Shows what a pasted text was taken for.
pub(super) fn was_taken(model: &mut Model, text: String, pasted: Pasted) {
    model.message = None;
    let session = &model.session;
    let around = Around {
        environment: session.environment.clone(),
        type_name: session.type_name.clone(),
        types: model.types.names().to_vec(),
        field: (model.focus == PaneId::Form)
            .then(|| model.form.text_field())
            .flatten(),
        schemas: session.schemas.clone(),
        now: session.now,
    };
    let sheet = PasteSheet::new(text, pasted, around);
    model.overlays.push(Overlay::Paste(Box::new(sheet)));
}

/// A key while it is shown.
pub(super) fn key(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) {
    let Some(Overlay::Paste(sheet)) = model.overlays.last_mut() else {
        return;
    };
    match sheet.key(key, model.area) {
        paste::Reply::Open => {}
        paste::Reply::Close => drop(model.overlays.pop()),
        paste::Reply::Form(opening) => {
            model.overlays.pop();
            open(model, *opening, effects);
        }
        paste::Reply::Schema(opening) => {
            model.overlays.pop();
            begin::open(model, *opening, effects);
        }
        paste::Reply::Send(request) => ask(model, *request, effects),
        paste::Reply::IntoField(text) => {
            model.overlays.pop();
            form_event(model, PaneEvent::Act(form::Action::Edit), effects);
            into_field(model, text, effects);
        }
        paste::Reply::ReadFiles(paths) => effects.push(Effect::ReadFiles(paths)),
        paste::Reply::Refused(reason) => model.say(Tone::Refusal, reason),
    }
}

/// Puts a text into the field that is edited; a very long one only after a question.
pub(super) fn into_field(model: &mut Model, text: String, effects: &mut Vec<Effect>) {
    if text.len() <= MOST_UNASKED {
        return form_event(model, PaneEvent::Paste(text), effects);
    }
    let lines = vec![
        format!("The pasted text has {} bytes.", text.len()),
        "A field seldom holds that much.".to_owned(),
    ];
    let answers = ["Do not paste", "Paste"];
    let question = Confirm::new("Paste a long text?", lines, answers, Then::Paste(text));
    model.overlays.push(Overlay::Confirm(question));
}

/// Files that a command names were read, or not.
pub(super) fn files_read(model: &mut Model, read: Vec<(String, Result<Vec<u8>, String>)>) {
    let mut files: Files = BTreeMap::new();
    for (path, content) in read {
        match content {
            Ok(content) => drop(files.insert(path, content)),
            Err(reason) => model.say(Tone::Refusal, format!("{path}: {reason}")),
        }
    }
    if let Some(Overlay::Paste(sheet)) = model.overlays.last_mut() {
        sheet.read_files(files);
    }
}

/// Opens the form with values from elsewhere: as a new record, or in the stored one, which is read first.
pub(super) fn open(model: &mut Model, opening: Opening, effects: &mut Vec<Effect>) {
    let name = opening.type_name.clone();
    model.session.type_name = Some(name.clone());
    model.show(View::Record);
    let read = opening.read.clone();
    model.pasted = Some(opening);
    if let Some(request) = read {
        return records::ask(model, request, Source::Opened, effects);
    }
    choose(model, name, effects);
}

/// The stored record was read that pasted values are for.
pub(super) fn was_read(model: &mut Model, record: &Json) {
    if let Some(opening) = &mut model.pasted {
        opening.subject = record.get("id").and_then(Json::as_i64).map(Subject::Record);
    }
}

/// Puts pasted values into the form, once it shows the draft that they are for: a kept one comes from the disk first.
pub(super) fn put(model: &mut Model) {
    let shown = model.form.shown_key();
    let meant = |opening: &Opening| {
        let subject = opening.subject?;
        Some(DraftKey {
            type_name: opening.type_name.clone(),
            subject,
        })
    };
    if shown.is_none() || model.pasted.as_ref().and_then(meant).as_ref() != shown {
        return;
    }
    let Some(opening) = model.pasted.take() else {
        return;
    };
    let what = opening.what;
    let put = model.form.put(&opening.values, opening.include_record);
    if opening.again {
        model.form.makes_again();
    }
    if put.masked > 0 {
        let told = format!("the form holds {what}, but no masked value: type those again");
        model.say(Tone::Plain, told);
    } else if put.changed {
        let told = format!("the form holds {what}: <form.undo> brings back what was there");
        model.say(Tone::Plain, told);
    }
}

/// Makes a pasted call as it stands, after the same questions as a call of the form's; says why not, and the sheet stays.
fn ask(model: &mut Model, request: ApiRequest, effects: &mut Vec<Effect>) {
    let writes = request.endpoint.spec().effect != endpoint::Effect::Read;
    if writes && model.session.read_only {
        let reason = "this environment is read-only: the call is refused";
        return model.say(Tone::Refusal, reason);
    }
    if model.response.is_waiting() {
        let reason = "a call is still running: it must end first";
        return model.say(Tone::Refusal, reason);
    }
    if let Some(warning) = model.session.permission.warning(request.endpoint) {
        return model.say(Tone::Refusal, warning);
    }
    model.overlays.pop();
    match question(model, &request) {
        Some(question) => model.overlays.push(Overlay::Confirm(question)),
        None => send(model, request, effects),
    }
}

/// What to ask before a pasted call (design D.7), as before the form's.
fn question(model: &Model, request: &ApiRequest) -> Option<Confirm> {
    let effect = request.endpoint.spec().effect;
    if effect == endpoint::Effect::Read {
        return None;
    }
    let destroys = effect == endpoint::Effect::Destroy;
    if !records::is_to_be_asked(model, destroys) {
        return None;
    }
    let session = &model.session;
    let class = session.class.name().to_uppercase();
    let mut lines = vec![
        format!("{class}  {}", session.domain),
        format!("{} as it was pasted", request.endpoint),
    ];
    let named = ["type_name", "attribute_name"]
        .iter()
        .filter_map(|name| Some(format!("  {name} {}", request.args.get(name)?)));
    lines.extend(named);
    let then = Then::SendPasted(Box::new(request.clone()));
    let answers = ["Cancel", "Send"];
    Some(if destroys {
        lines.push("What goes away is gone for good.".to_owned());
        let title = format!("This cannot be taken back · {}", session.environment);
        Confirm::new(title, lines, answers, then).typing(word_to_type(request))
    } else {
        let title = format!("Write to {}?", session.environment);
        Confirm::new(title, lines, answers, then).may_be_quiet()
    })
}

/// What names best that which goes away: the end of a uuid, a number, a name. Where that cannot be typed, the operation.
fn word_to_type(request: &ApiRequest) -> String {
    let names = [
        "uuid",
        "id",
        "key_value",
        "client_id_for_deletion",
        "for_client_id",
        "key",
        "attribute_name",
        "type_name",
    ];
    let word = names.iter().find_map(|name| {
        let value = request.args.get(name)?;
        let skipped = match *name {
            "uuid" | "client_id_for_deletion" | "for_client_id" => {
                value.chars().count().saturating_sub(UUID_TAIL)
            }
            _ => 0,
        };
        Some(value.chars().skip(skipped).collect::<String>())
    });
    let can_be_typed = |word: &String| {
        (1..=LONGEST_WORD).contains(&word.len()) && word.chars().all(|c| c.is_ascii_graphic())
    };
    word.filter(can_be_typed)
        .unwrap_or_else(|| request.endpoint.name().to_owned())
}

/// Makes a pasted call.
pub(super) fn send(model: &mut Model, request: ApiRequest, effects: &mut Vec<Effect>) {
    let schema = request.args.get("type_name");
    let schema = schema.and_then(|name| model.session.schemas.get(name));
    let names = match schema {
        Some(schema) => schema.password_names(),
        None => redact::names_written(&request),
    };
    let request = request.hiding(names);
    records::ask(model, request, Source::Pasted, effects);
    model.focus = PaneId::Response;
}
