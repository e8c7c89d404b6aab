//! Stored records: asking before calls that the environment's class makes serious, making them, opening what was read,
//! and taking in what came of it. Part of the root's update: the form knows its draft, only the root knows the
//! environment and the jobs.

use std::sync::Arc;

use crossterm::event::KeyEvent;
use jiff::SignedDuration;

use crate::capture::delta::PlannedCall;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::config::environment::EnvironmentClass;
use crate::exchange::Exchange;
use crate::tui::action::Action;
use crate::tui::action::app;
use crate::tui::drafts;
use crate::tui::effect::Effect;
use crate::tui::keys::keymap::keyed;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::msg::PaneEvent;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::confirm;
use crate::tui::overlays::confirm::Confirm;
use crate::tui::overlays::confirm::Then;
use crate::tui::overlays::open_record;
use crate::tui::overlays::open_record::OpenRecord;
use crate::tui::overlays::plan;
use crate::tui::overlays::plan::PlanSheet;
use crate::tui::panes::form;
use crate::tui::panes::response::Source;
use crate::tui::session::PaneId;
use crate::tui::session::View;
use crate::tui::update::act;
use crate::tui::update::carry_out;
use crate::tui::update::copying;
use crate::tui::update::field_of;
use crate::tui::update::form_event;
use crate::tui::update::history;
use crate::tui::update::load_type;
use crate::tui::update::pasting;
use crate::tui::update::reason_at_field;
use crate::tui::update::replay;
use crate::tui::update::schema;
use crate::tui::update::schema_access;
use crate::tui::update::schema_plan;
use crate::tui::update::sheets;
use crate::worker::job::Job;

/// How long nothing is asked for after somebody said so.
const QUIET: SignedDuration = SignedDuration::from_mins(10);

/// How many calls a question lists.
const LISTED_CALLS: usize = 5;

/// The form hands out calls: asks first where the environment's class wants that, else makes them.
pub(super) fn submitted(model: &mut Model, calls: Vec<PlannedCall>, effects: &mut Vec<Effect>) {
    let mut endpoints = calls.iter().map(|call| call.request.endpoint);
    let permission = &mut model.session.permission;
    let warning = endpoints.find_map(|one| permission.warning(one));
    if let Some(warning) = warning {
        model.form.sent(None);
        model.say(Tone::Refusal, warning);
        return;
    }
    match question(model, &calls) {
        Some(question) => model.overlays.push(Overlay::Confirm(question)),
        None => make(model, calls, effects),
    }
}

/// What to ask before these calls (design D.7): nothing in a sandbox, a typed word before something stored goes away,
/// in production before every write, and everywhere before a record is made once more.
fn question(model: &Model, calls: &[PlannedCall]) -> Option<Confirm> {
    let session = &model.session;
    let destructive = calls.iter().any(|call| call.destructive);
    let may_be_there = model.form.may_be_created();
    let again = model.form.is_again();
    if !may_be_there && !again && !is_to_be_asked(model, destructive) {
        return None;
    }
    let count = match calls.len() {
        1 => "1 call".to_owned(),
        count => format!("{count} calls, one after the other"),
    };
    let class = session.class.name().to_uppercase();
    let mut lines = vec![format!("{class}  {}", session.domain), format!("{count}:")];
    let call_line = |call: &PlannedCall| format!("  {}: {}", call.request.endpoint, call.what);
    lines.extend(calls.iter().take(LISTED_CALLS).map(call_line));
    if calls.len() > LISTED_CALLS {
        lines.push(format!("  and {} more", calls.len() - LISTED_CALLS));
    }
    let then = Then::Send(calls.to_vec());
    let tail = model.form.record_tail().filter(|_| destructive);
    let answers = ["Cancel", "Send"];
    Some(if let Some(tail) = tail {
        lines.push("What goes away is gone for good.".to_owned());
        let title = format!("This cannot be taken back · {}", session.environment);
        Confirm::new(title, lines, answers, then).typing(tail)
    } else if may_be_there {
        lines.push("The one before may have made this record: look for it first.".to_owned());
        Confirm::new("Perhaps one record more?", lines, answers, then)
    } else if again {
        lines.push("Such a record was made before: this makes one more.".to_owned());
        let title = format!("Send it again to {}?", session.environment);
        Confirm::new(title, lines, answers, then)
    } else {
        let title = format!("Write to {}?", session.environment);
        Confirm::new(title, lines, answers, then).may_be_quiet()
    })
}

/// Whether the environment's class wants a question before a write.
pub(super) fn is_to_be_asked(model: &Model, destructive: bool) -> bool {
    let session = &model.session;
    let quiet = model.quiet_until.is_some_and(|until| session.now < until);
    match session.class {
        EnvironmentClass::Sandbox => false,
        EnvironmentClass::Prod => destructive || !quiet,
        EnvironmentClass::Dev => destructive,
    }
}

/// Makes calls for the form's draft.
fn make(model: &mut Model, calls: Vec<PlannedCall>, effects: &mut Vec<Effect>) {
    let mut requests: Vec<ApiRequest> = calls.into_iter().map(|call| call.request).collect();
    let title = match requests.as_slice() {
        [only] => only.endpoint.name().to_owned(),
        several => format!("{} calls", several.len()),
    };
    let job = match requests.len() {
        1 => Job::Send(requests.remove(0)),
        _ => Job::SendAll(requests),
    };
    let id = model.fx(PaneId::Response, effects).run(title, job, true);
    model.response.wait_for(id, Source::Draft);
}

/// A key while a question is open.
pub(super) fn confirm_key(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) {
    let Some(Overlay::Confirm(open)) = model.overlays.last_mut() else {
        return;
    };
    let reply = open.key(key);
    if reply == confirm::Reply::Open {
        return;
    }
    let Some(Overlay::Confirm(closed)) = model.overlays.pop() else {
        return;
    };
    if reply == confirm::Reply::GoOn && closed.quiet == Some(true) {
        model.quiet_until = model.session.now.checked_add(QUIET).ok();
    }
    match (reply, closed.then) {
        (confirm::Reply::GoOn, Then::Act(action)) => carry_out(model, action, effects),
        (confirm::Reply::GoOn, Then::CopyCurl(requests)) => {
            copying::curl_with_secrets(model, requests, effects);
        }
        (confirm::Reply::GoOn, Then::SendPasted(request)) => {
            pasting::send(model, *request, effects);
        }
        (confirm::Reply::GoOn, Then::Paste(text)) => {
            form_event(model, PaneEvent::Paste(text), effects);
        }
        (confirm::Reply::GoOn, Then::ApplyPlan(file)) => {
            let is_wanted = closed.also.is_some_and(|also| also.on);
            schema_plan::confirmed(model, is_wanted.then_some(file), effects);
        }
        (confirm::Reply::GoOn, Then::PurgeHistory(query)) => history::purge(model, query, effects),
        (confirm::Reply::GoOn, Then::ForgetPlan(journal)) => {
            schema_plan::forget(model, journal, effects);
        }
        (confirm::Reply::GoOn, Then::Send(calls)) => make(model, calls, effects),
        (confirm::Reply::GoOn, Then::Replay) => replay::confirmed(model, effects),
        (_, Then::Replay) => replay::dropped(model),
        (confirm::Reply::GoOn, Then::SendOfSheet(request)) => {
            sheets::call(model, *request, effects);
        }
        (_, Then::Send(_)) => {
            model.form.sent(None);
            model.say(Tone::Plain, "nothing was sent");
        }
        (_, Then::SendPasted(_) | Then::ApplyPlan(_)) => {
            model.say(Tone::Plain, "nothing was sent");
        }
        (_, Then::SendOfSheet(_)) => sheets::not_made(model, "nothing was sent"),
        (
            _,
            Then::Act(_)
            | Then::CopyCurl(_)
            | Then::Paste(_)
            | Then::ForgetPlan(_)
            | Then::PurgeHistory(_),
        ) => {}
    }
}

/// Shows what F5 would send.
pub(super) fn show_plan(model: &mut Model) {
    if let Some((title, plan)) = model.form.plan() {
        let sheet = PlanSheet::new(title, &plan);
        model.overlays.push(Overlay::Plan(sheet));
    }
}

/// A key while the calls are shown.
pub(super) fn plan_key(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) {
    let Some(Overlay::Plan(sheet)) = model.overlays.last_mut() else {
        return;
    };
    let action = match sheet.key(key, model.area) {
        plan::Reply::Open => return,
        plan::Reply::Close => None,
        plan::Reply::Send => Some(Action::App(app::Action::Send)),
        plan::Reply::NextMode => Some(Action::Form(form::Action::NextMode)),
        plan::Reply::Guard => Some(Action::Form(form::Action::Guard)),
    };
    model.overlays.pop();
    if let Some(action) = action {
        act(model, action, effects);
        if action != Action::App(app::Action::Send) {
            show_plan(model);
        }
    }
}

/// Asks which record of an entity type to open.
pub(super) fn ask_which(model: &mut Model, type_name: &str) {
    let schema = model.session.schemas.get(type_name);
    let mut question = OpenRecord::new(type_name, schema.map(Arc::as_ref));
    if let Some(id) = model.form.created(type_name) {
        question.suggest(id);
    }
    model.overlays.push(Overlay::OpenRecord(Box::new(question)));
}

/// A key while it is asked which record to open.
pub(super) fn which_key(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) {
    let Some(Overlay::OpenRecord(question)) = model.overlays.last_mut() else {
        return;
    };
    match question.key(key) {
        open_record::Reply::Open => {}
        open_record::Reply::Close => drop(model.overlays.pop()),
        open_record::Reply::Ask(request) => {
            model.overlays.pop();
            ask(model, request, Source::Opened, effects);
        }
    }
}

/// Reads a record, to open it or to show what is stored now.
pub(super) fn ask(
    model: &mut Model,
    request: ApiRequest,
    source: Source,
    effects: &mut Vec<Effect>,
) {
    let title = request.endpoint.name();
    let mut fx = model.fx(PaneId::Response, effects);
    let id = fx.run(title, Job::Send(request), true);
    model.response.wait_for(id, source);
}

/// Calls ended, all but perhaps the last one well: shows the last one, and the form hears of it.
pub(super) fn answered(
    model: &mut Model,
    made: &[Arc<Exchange>],
    source: Source,
    effects: &mut Vec<Effect>,
) {
    let Some(last) = made.last() else {
        return;
    };
    if !matches!(source, Source::History | Source::Elsewhere) {
        for exchange in made {
            learn(model, exchange);
            model.records.was_written(exchange);
        }
    }
    let about = field_of(model, last);
    let is_hidden = schema_access::hidden(model, last).is_some();
    let is_shown = model.form.shows_what_was_sent();
    let told = match source {
        Source::Draft => model.form.answered(made),
        Source::Opened
        | Source::Reloaded
        | Source::Pasted
        | Source::Design
        | Source::Sheet
        | Source::Again
        | Source::Elsewhere
        | Source::History => None,
    };
    if source == Source::Draft
        && let (Some(path), Some(Answer::Error(error))) = (&about, last.answer())
    {
        let own = model.form.own_reason(path, error.code, model.session.now);
        let reason = if is_hidden {
            keyed(schema_access::HIDDEN)
        } else {
            own.unwrap_or_else(|| reason_at_field(error))
        };
        model.form.show_error(path, error.code, reason);
        // Who writes elsewhere by now is not torn away.
        if is_shown && !model.is_typing() {
            model.form.go_to(path);
        }
    }
    model.response.show(Arc::clone(last), about);
    if let Some(told) = told {
        model.say(Tone::Plain, told);
    }
    if is_hidden {
        schema_access::explain(model, last);
    }
    match source {
        Source::Opened | Source::Reloaded => read(model, last, source, effects),
        Source::Design => schema::answered(model, last, effects),
        Source::Sheet => sheets::answered(model, last, effects),
        Source::Again | Source::Elsewhere => replay::answered(model, last, effects),
        Source::Draft | Source::Pasted | Source::History => {}
    }
}

/// Remembers what the client may do.
pub(super) fn learn(model: &mut Model, exchange: &Exchange) {
    let endpoint = exchange.request.endpoint;
    schema_access::learn(model, exchange);
    let permission = &mut model.session.permission;
    match exchange.answer() {
        Some(Answer::Error(error)) if error.code == ErrorCode::CLIENT_PERMISSION_ERROR => {
            permission.refused(endpoint);
        }
        Some(Answer::Ok(_)) => permission.granted(endpoint),
        _ => {}
    }
}

/// A record was read, or the service says why not.
fn read(model: &mut Model, exchange: &Exchange, source: Source, effects: &mut Vec<Effect>) {
    let record = match exchange.answer() {
        Some(Answer::Ok(answer)) => answer.get("result").cloned(),
        _ => None,
    };
    let type_name = exchange.request.args.get("type_name");
    let (Some(record), Some(type_name)) = (record, type_name) else {
        if source != Source::Reloaded {
            model.focus = PaneId::Response;
        } else if let Some(failure) = exchange.failure() {
            model.say(Tone::Refusal, failure.message);
        }
        return;
    };
    if source == Source::Reloaded
        && let Some(told) = model.form.reloaded(&record, model.session.now)
    {
        model.say(Tone::Plain, told);
        return;
    }
    open(model, type_name, record, effects);
}

/// Opens the form on a stored record, whole as it was read just now; its schema is asked for when it is not there yet.
pub(crate) fn open(model: &mut Model, type_name: &str, record: Json, effects: &mut Vec<Effect>) {
    model.session.type_name = Some(type_name.to_owned());
    model.show(View::Record);
    pasting::was_read(model, &record);
    let Some(schema) = model.session.schema().map(Arc::clone) else {
        model.opening = Some(record);
        load_type(model, type_name.to_owned(), effects);
        return;
    };
    drafts::open_record(model, &schema, &record, effects);
}
