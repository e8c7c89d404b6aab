//! A record through time: which record is meant, from whatever shows one, and what its sheet asks of the root. Part of the
//! root's update; nothing is asked of the service.

use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::response::Answer;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::history::record::PrimaryKeys;
use crate::history::record::RecordKey;
use crate::history::record::Sighting;
use crate::history::record::place::Way;
use crate::history::record::sighting::sightings;
use crate::tui::effect::Effect;
use crate::tui::effect::Owner;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::help::Help;
use crate::tui::overlays::timeline::Action;
use crate::tui::overlays::timeline::Goal;
use crate::tui::overlays::timeline::Reply;
use crate::tui::overlays::timeline::TimelineSheet;
use crate::tui::panes::response::Source;
use crate::tui::session::PaneId;
use crate::tui::update::copying;
use crate::tui::update::failure_of;
use crate::tui::update::toggle_mask;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::JobId;
use crate::worker::job::Output;

/// What is said where there is no record to go back in time with.
const NO_RECORD: &str = "go to a record first: in an answer, a find, the form, the history";

/// What is said where no field can be blamed.
const NO_FIELD: &str = "go to a field of the record first";

/// What is said of an answer that shows several.
const SEVERAL: &str = "the answer shows several records: go to one of them";

/// What is said of a call that names its record by neither uuid nor id.
const UNNAMED: &str = "the call tells neither uuid nor id of a record";

/// Whose past is asked for.
enum Subject {
    /// This record's, and where to go in it.
    Record(RecordKey, Goal),
    /// That of the record that this call is about.
    Call(ExchangeId),
}

/// Why there is no record to go back in time with; `None` when there is one, or it takes a closer look.
pub(super) fn refuses(model: &Model) -> Option<&'static str> {
    // Asked for each frame: what an answer shows is not looked through for it.
    match (model.focus, model.response.exchange()) {
        (PaneId::Response, Some(exchange)) if is_of_records(exchange) => None,
        (PaneId::Response, _) => Some(NO_RECORD),
        _ => subject(model, false).err(),
    }
}

/// Why nothing can be blamed for what is under the cursor of the answer; `None` when it can, or it takes a closer look.
pub(super) fn refuses_blame(model: &Model) -> Option<&'static str> {
    if model.files.shows_exchange() {
        return Some("captui view only looks: the history belongs to the explorer");
    }
    let Some(exchange) = model.response.exchange() else {
        return Some("there is no answer yet");
    };
    let way = model.response.way().unwrap_or_default();
    let is_field = match way.as_slice() {
        [Way::Member(name), _, ..] if name == "result" => true,
        [Way::Member(name), Way::Element(_), _, ..] => name == "results",
        _ => false,
    };
    (!is_field || !is_of_records(exchange)).then_some(NO_FIELD)
}

/// Why a verb of the sheet cannot be used now.
pub(super) fn refuses_in_sheet(model: &Model, action: Action) -> Option<&'static str> {
    let copies = matches!(action, Action::CopyValue | Action::CopyRecord);
    if copies && model.session.mask.is_some() {
        return Some(
            "it would be copied as it is: <timeline.mask> shows personal data again first",
        );
    }
    model.timeline.as_ref()?.refuses(action)
}

/// Whether a call is about records.
fn is_of_records(exchange: &Exchange) -> bool {
    let request = &exchange.request;
    let is_of_entity = request.endpoint.name().split('.').next() == Some("entity");
    is_of_entity && request.args.get("type_name").is_some()
}

/// The record that the focused pane shows; with `blame`, the field under the cursor of the answer.
fn subject(model: &Model, blame: bool) -> Result<Subject, &'static str> {
    let environment = || model.session.environment.clone();
    match model.focus {
        PaneId::Response => {
            let exchange = model.response.exchange().ok_or(NO_RECORD)?;
            of_answer(model, exchange, blame)
        }
        PaneId::History => {
            let call = model.history.under_cursor().ok_or(NO_RECORD)?;
            Ok(Subject::Call(call.id))
        }
        PaneId::Records => {
            let (type_name, record) = model.records.under_cursor().ok_or(NO_RECORD)?;
            let key = key_of(environment(), type_name, record).ok_or(UNNAMED)?;
            Ok(Subject::Record(key, Goal::default()))
        }
        PaneId::Form => {
            let (type_name, id) = model.form.stored_record().ok_or(NO_RECORD)?;
            let key = RecordKey {
                environment: environment(),
                type_name: type_name.to_owned(),
                uuid: None,
                id: Some(id),
            };
            Ok(Subject::Record(key, Goal::default()))
        }
        PaneId::Types | PaneId::Files | PaneId::Schema | PaneId::Attribute => Err(NO_RECORD),
    }
}

fn key_of(environment: String, type_name: &str, record: &Json) -> Option<RecordKey> {
    let uuid = record.get("uuid").and_then(Json::as_str).map(str::to_owned);
    let id = record.get("id").and_then(Json::as_i64);
    (uuid.is_some() || id.is_some()).then(|| RecordKey {
        environment,
        type_name: type_name.to_owned(),
        uuid,
        id,
    })
}

/// The record of an answer in which its cursor is, or that the call is about.
fn of_answer(model: &Model, exchange: &Exchange, blame: bool) -> Result<Subject, &'static str> {
    let request = &exchange.request;
    let type_name = request.args.get("type_name").ok_or(NO_RECORD)?;
    let way = model.response.way().unwrap_or_default();
    let found = sightings(
        request.endpoint,
        &request.args,
        exchange.verdict(),
        exchange.answer(),
    );
    let (record, below) = shown(exchange, &way);
    let environment = exchange.environment.clone();
    let listed = record
        .as_ref()
        .and_then(|record| key_of(environment.clone(), type_name, record));
    let key = match (listed, found.as_slice()) {
        // A part of a record has ids of its own.
        (Some(key), _) if request.args.get("attribute_name").is_none() => key,
        (_, [one]) => named(environment, one).ok_or(UNNAMED)?,
        (_, []) => return Err(NO_RECORD),
        (_, _) => return Err(SEVERAL),
    };
    let field = record.filter(|_| blame && !below.is_empty());
    if blame && field.is_none() {
        return Err(NO_FIELD);
    }
    let goal = Goal {
        exchange: exchange.id,
        field: field.map(|record| (record, below)),
    };
    Ok(Subject::Record(key, goal))
}

fn named(environment: String, sighting: &Sighting<'_>) -> Option<RecordKey> {
    (sighting.uuid.is_some() || sighting.id.is_some()).then(|| RecordKey {
        environment,
        type_name: sighting.type_name.clone(),
        uuid: sighting.uuid.clone(),
        id: sighting.id,
    })
}

/// The record of an answer that a way in its body goes through, and the rest of the way.
fn shown(exchange: &Exchange, way: &[Way]) -> (Option<Json>, Vec<Way>) {
    let Some(Answer::Ok(answer)) = exchange.answer() else {
        return (None, Vec::new());
    };
    match way {
        [Way::Member(name), Way::Element(at), below @ ..] if name == "results" => {
            let records = answer.get("results").and_then(Json::as_array);
            let record = records.and_then(|records| records.get(*at)).cloned();
            (record, below.to_vec())
        }
        [Way::Member(name), below @ ..] if name == "result" => {
            let path = exchange.request.args.get("attribute_name");
            let result = answer.get("result").cloned();
            within(path.unwrap_or_default(), result, below)
        }
        _ => (None, Vec::new()),
    }
}

/// A value as the part of a record that a path leads to. Through a single element nothing can be told from outside: then
/// the plural is meant.
fn within(path: &str, value: Option<Json>, below: &[Way]) -> (Option<Json>, Vec<Way>) {
    let Ok(path) = path.parse::<AttrPath>() else {
        return (None, Vec::new());
    };
    let plain = path.0.iter().take_while(|step| step.element.is_none());
    let is_plain = plain.count() == path.0.len();
    let upto = path.0.iter().position(|step| step.element.is_some());
    let steps = path.0.iter().take(upto.map_or(path.0.len(), |at| at + 1));
    let names: Vec<&str> = steps.map(|step| step.name.as_str()).collect();
    let mut way: Vec<Way> = names
        .iter()
        .map(|name| Way::Member((*name).to_owned()))
        .collect();
    if is_plain {
        way.extend_from_slice(below);
    }
    let record = value.map(|value| {
        let wrap = |inner: Json, name: &&str| [(*name, inner)].into_iter().collect();
        names.iter().rev().fold(value, wrap)
    });
    (record, way)
}

/// What tells the elements of a type's plurals apart, as far as its schema is known.
fn keys(model: &Model, type_name: &str) -> PrimaryKeys {
    let schema = model.session.schemas.get(type_name);
    schema
        .map(|schema| PrimaryKeys::of(schema))
        .unwrap_or_default()
}

/// Shows the record of the focused pane through time.
pub(super) fn show(model: &mut Model, effects: &mut Vec<Effect>) {
    open(model, false, effects);
}

/// Shows since when the field under the cursor of the answer is so.
pub(super) fn blame(model: &mut Model, effects: &mut Vec<Effect>) {
    open(model, true, effects);
}

fn open(model: &mut Model, blame: bool, effects: &mut Vec<Effect>) {
    match subject(model, blame) {
        Err(why) => return model.say(Tone::Refusal, why),
        Ok(Subject::Record(key, goal)) => read(model, key, goal, effects),
        Ok(Subject::Call(exchange)) => {
            let mut fx = model.fx(Owner::Timeline, effects);
            let id = fx.run("history", Job::OpenExchange(exchange), false);
            let goal = Goal {
                exchange: Some(exchange),
                field: None,
            };
            let sheet = TimelineSheet::new(RecordKey::default(), goal, id);
            model.timeline = Some(sheet);
        }
    }
    model.overlays.push(Overlay::Timeline);
}

fn read(model: &mut Model, key: RecordKey, goal: Goal, effects: &mut Vec<Effect>) {
    let keys = keys(model, &key.type_name);
    let job = Job::RecordTimeline {
        key: key.clone(),
        keys,
    };
    let mut fx = model.fx(Owner::Timeline, effects);
    let id = fx.run("the record through time", job, false);
    model.timeline = Some(TimelineSheet::new(key, goal, id));
}

/// The history answered. What was asked for by a sheet that is not there any more is dropped.
pub(super) fn finished(
    model: &mut Model,
    id: JobId,
    result: Result<Output, JobError>,
    effects: &mut Vec<Effect>,
) {
    let Some(sheet) = model.timeline.as_mut().filter(|sheet| sheet.awaits(id)) else {
        return;
    };
    match result {
        Ok(Output::Timeline(timeline)) => sheet.came(timeline),
        Ok(Output::Exchange(exchange)) => {
            let goal = sheet.goal().clone();
            let request = &exchange.request;
            let found = sightings(
                request.endpoint,
                &request.args,
                exchange.verdict(),
                exchange.answer(),
            );
            let key = match found.as_slice() {
                [one] => named(exchange.environment.clone(), one)
                    .ok_or("tells neither uuid nor id of a record"),
                [] => Err("is about no single record"),
                _ => Err("shows several records: open it, then go to one of them"),
            };
            match key {
                Ok(key) => read(model, key, goal, effects),
                Err(why) => {
                    // There is nothing to show; with help over it, the sheet says so itself.
                    let why = format!("call {} {why}", number(&goal));
                    if matches!(model.overlays.last(), Some(Overlay::Timeline)) {
                        model.overlays.pop();
                        model.timeline = None;
                        model.say(Tone::Refusal, why);
                    } else {
                        sheet.failed(why);
                    }
                }
            }
        }
        other => sheet.failed(failure_of(other).message),
    }
}

fn number(goal: &Goal) -> i64 {
    goal.exchange.map_or(0, |exchange| exchange.0)
}

/// Does a verb of the sheet.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(sheet) = &mut model.timeline else {
        return;
    };
    match sheet.act(action) {
        Reply::Open => {}
        Reply::Close => drop(model.overlays.pop()),
        Reply::Help => {
            let help = Help::new(&model.keymap, &model.scopes(), |_| true);
            model.overlays.push(Overlay::Help(Box::new(help)));
        }
        Reply::Mask => toggle_mask(model),
        Reply::Copy(what, text) => copying::copy(what, text, effects),
        Reply::Call(exchange) => {
            model.overlays.pop();
            let mut fx = model.fx(PaneId::Response, effects);
            let id = fx.run("history", Job::OpenExchange(exchange), false);
            model.response.wait_for(id, Source::History);
            model.focus = PaneId::Response;
        }
    }
}
