//! Sending a call again, here or in another environment. Part of the root's update: panes name the call, only the root
//! knows the environments, the forms and the jobs.
//!
//! ```text
//! r ─▶ the call, whole ───────────────────────┬─▶ what makes a record: its form, to be looked over and sent
//! R ─▶ the call, whole ─▶ which environment? ─┴─▶ all known? allowed? ─▶ a question ─▶ sent ─▶ beside the answer before
//! ```

use std::sync::Arc;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::capture::request::truth;
use crate::config::environment::Environment;
use crate::config::environment::EnvironmentClass;
use crate::config::environment::Target;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::exchange::comparison::outcome;
use crate::exchange::replay::Again;
use crate::exchange::replay::Missing;
use crate::exchange::replay::Replay;
use crate::exchange::replay::Why;
use crate::json::sanitize;
use crate::tui::effect::Effect;
use crate::tui::effect::Owner;
use crate::tui::masking;
use crate::tui::masking::Mask;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::choose::Choose;
use crate::tui::overlays::choose::Of;
use crate::tui::overlays::choose::Row;
use crate::tui::overlays::confirm::Confirm;
use crate::tui::overlays::confirm::LINE;
use crate::tui::overlays::confirm::Then;
use crate::tui::overlays::paste::Opening;
use crate::tui::panes::form::subject::Subject;
use crate::tui::panes::response::Source;
use crate::tui::session::Marked;
use crate::tui::session::PaneId;
use crate::tui::update::calls;
use crate::tui::update::failure_of;
use crate::tui::update::pasting;
use crate::tui::viewer::words;
use crate::worker::compare::Call;
use crate::worker::compare::Pair;
use crate::worker::compare::operation;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::JobId;
use crate::worker::job::Output;
use crate::worker::replay::Consent;
use crate::worker::replay::consent;
use crate::worker::replay::consent_words;

/// What is said while another call is under way.
const BUSY: &str = "a call is still running: <app.back> cancels it";

/// How many rows of a question the arguments take at most, and one of them.
const ROWS: usize = 8;
const ROWS_OF_ONE: usize = 3;

/// What is told at most of the end of an argument that is longer.
const LONGEST_REST: usize = "... 999 999 999 more characters".len();

/// Where a call is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whither {
    /// To the environment of now.
    Here,
    /// To one that is asked for.
    Elsewhere,
}

/// How far sending a call again has come.
#[derive(Debug)]
pub struct Replaying(Stage);

#[derive(Debug)]
enum Stage {
    /// The history is asked for the call.
    Opening(JobId, Whither),
    /// It is asked where it goes.
    Choosing(Arc<Exchange>),
    /// It is asked whether it shall go.
    Asking(Ready),
    /// It went; the answer is put beside that of this call.
    Sent(Arc<Exchange>),
}

/// A call that can go.
#[derive(Debug)]
struct Ready {
    before: Arc<Exchange>,
    request: ApiRequest,
    there: Place,
}

/// An environment, as much of it as matters here.
#[derive(Clone, Debug)]
struct Place {
    name: String,
    class: EnvironmentClass,
    domain: String,
    read_only: bool,
    /// Whether it is the environment of now.
    is_here: bool,
}

impl Place {
    fn here(model: &Model) -> Self {
        let session = &model.session;
        Self {
            name: session.environment.clone(),
            class: session.class,
            domain: session.domain.clone(),
            read_only: session.read_only,
            is_here: true,
        }
    }

    fn of(environment: &Environment) -> Self {
        Self {
            name: environment.name.clone(),
            class: environment.class,
            domain: match &environment.target {
                Target::Embedded => "the sandbox in this program".to_owned(),
                Target::Remote { domain, .. } => domain.clone(),
            },
            read_only: environment.read_only,
            is_here: false,
        }
    }
}

/// Every environment but the one that the call went to: that of now first, production last.
fn places(model: &Model, before: &Exchange) -> Vec<Place> {
    let others = model.session.environments.iter().map(Place::of);
    let all = std::iter::once(Place::here(model)).chain(others);
    let here = &model.session.environment;
    let mut places: Vec<Place> = all
        .filter(|place| place.name != *here || before.environment != *here)
        .collect();
    places.sort_by_key(|place| {
        let is_prod = place.class == EnvironmentClass::Prod;
        (is_prod, place.name != before.environment)
    });
    places
}

/// A call of the history is to be sent again: it is read first.
pub(super) fn kept(model: &mut Model, id: ExchangeId, whither: Whither, effects: &mut Vec<Effect>) {
    if model.response.is_waiting() {
        return model.say(Tone::Refusal, BUSY);
    }
    let job = Job::OpenExchange(id);
    let job = model.fx(Owner::Replay, effects).run("history", job, false);
    model.replaying = Some(Replaying(Stage::Opening(job, whither)));
}

/// The call on the screen is to be sent again.
pub(super) fn shown(model: &mut Model, whither: Whither, effects: &mut Vec<Effect>) {
    if model.response.is_waiting() {
        return model.say(Tone::Refusal, BUSY);
    }
    if let Some(exchange) = model.response.exchange().map(Arc::clone) {
        begin(model, exchange, whither, effects);
    }
}

/// The call came from the history, or why it did not.
pub(super) fn opened(
    model: &mut Model,
    id: JobId,
    result: Result<Output, JobError>,
    effects: &mut Vec<Effect>,
) {
    let Some(Replaying(Stage::Opening(job, whither))) = model.replaying else {
        return;
    };
    if job != id {
        return;
    }
    model.replaying = None;
    match result {
        // Who does something else by now is not torn away.
        Ok(Output::Exchange(exchange)) if model.overlays.is_empty() => {
            begin(model, exchange, whither, effects);
        }
        Ok(Output::Exchange(_)) => {}
        other => model.say(Tone::Refusal, failure_of(other).message),
    }
}

fn begin(model: &mut Model, before: Arc<Exchange>, whither: Whither, effects: &mut Vec<Effect>) {
    // What went elsewhere does not come here by the way.
    if whither == Whither::Here && before.environment == model.session.environment {
        let here = Place::here(model);
        return go(model, before, here, effects);
    }
    let again = Replay::of(&before).again();
    let rows: Vec<Row> = places(model, &before)
        .into_iter()
        .map(|place| {
            let words = consent_words(again, place.read_only);
            Row {
                note: format!("{words}  {}", place.domain),
                class: Some(place.class),
                name: place.name,
            }
        })
        .collect();
    if rows.is_empty() {
        let reason = "the configuration names no other environment";
        return model.say(Tone::Refusal, reason);
    }
    let choose = Choose::new("Send it again where?", rows, Of::Replay);
    model.overlays.push(Overlay::Choose(choose));
    model.replaying = Some(Replaying(Stage::Choosing(before)));
}

/// The environment was chosen.
pub(super) fn chosen(model: &mut Model, at: usize, effects: &mut Vec<Effect>) {
    let Some(Replaying(Stage::Choosing(before))) = model.replaying.take() else {
        return;
    };
    if let Some(place) = places(model, &before).into_iter().nth(at) {
        go(model, before, place, effects);
    }
}

/// Sends the call there, or asks before, or says why not.
fn go(model: &mut Model, before: Arc<Exchange>, there: Place, effects: &mut Vec<Effect>) {
    if model.response.is_waiting() {
        return model.say(Tone::Refusal, BUSY);
    }
    let replay = Replay::of(&before);
    let again = replay.again();
    if there.read_only && again != Again::Reads {
        let reason = format!(
            "{} is read-only: {} is refused",
            there.name, replay.request.endpoint
        );
        return model.say(Tone::Refusal, reason);
    }
    if there.is_here
        && let Some(warning) = model.session.permission.warning(replay.request.endpoint)
    {
        return model.say(Tone::Refusal, warning);
    }
    if there.is_here
        && let Some(opening) = as_form(model, &replay.request)
    {
        return pasting::open(model, opening, effects);
    }
    if let Some(missing) = replay.missing.first() {
        return model.say(Tone::Refusal, unknown(&before, missing));
    }
    let schema = replay.request.args.get("type_name");
    let schema = schema.and_then(|name| model.session.schemas.get(name));
    let names = schema.map(|schema| schema.password_names());
    let replay = Replay {
        request: replay.request.hiding(names.unwrap_or_default()),
        ..replay
    };
    let mask = model.session.mask.as_ref();
    let question = question(&replay, &before, &there, mask);
    let ready = Ready {
        before,
        request: replay.request,
        there,
    };
    match question {
        None => send(model, ready, effects),
        Some(question) => {
            model.replaying = Some(Replaying(Stage::Asking(ready)));
            model.overlays.push(Overlay::Confirm(question));
        }
    }
}

/// The form that holds what a call makes, where there is one: a record is never made once more by the way.
fn as_form(model: &Model, request: &ApiRequest) -> Option<Opening> {
    if request.endpoint != Endpoint::EntityCreate {
        return None;
    }
    let type_name = request.args.get("type_name")?;
    let has_form = model.types.names().iter().any(|name| name == type_name);
    let values = Json::parse(request.args.get("attributes")?).ok()?;
    (has_form && values.as_object().is_some()).then(|| Opening {
        type_name: type_name.to_owned(),
        values,
        include_record: request.args.get("include_record").and_then(truth) == Some(true),
        read: None,
        subject: Some(Subject::New),
        what: "that record",
        again: true,
    })
}

/// Why a call cannot go as it was kept, and where it can; short enough for a narrow screen.
fn unknown(before: &Exchange, missing: &Missing) -> String {
    let name = &missing.name;
    let how = match missing.why {
        Why::Masked | Why::MaskedAt(_) => "masked",
        Why::Cut(_) => "cut",
    };
    match before.id {
        Some(id) => format!(
            "not sent: {name} is {how}: captui history replay {} -- {name}=…",
            id.0
        ),
        None => format!("not sent without {}", missing.describe()),
    }
}

/// What to ask before (design D.7).
fn question(
    replay: &Replay,
    before: &Exchange,
    there: &Place,
    mask: Option<&Mask>,
) -> Option<Confirm> {
    let asked = consent(replay.again());
    if asked == Consent::None {
        return None;
    }
    let class = there.class.name().to_uppercase();
    let mut lines = vec![
        format!("{class}  {}", there.domain),
        format!("1 call: {}", replay.describe()),
    ];
    lines.extend(arguments(&replay.request, mask));
    if let Some(id) = before.id {
        let came = outcome(before);
        let place = &before.environment;
        lines.push(format!("Call {} in {place} came to: {came}", id.0));
    }
    if replay.again() == Again::Destroys {
        lines.push("What goes away is gone for good.".to_owned());
    }
    let title = format!("Send it again to {}?", there.name);
    let question = Confirm::new(title, lines, ["Cancel", "Send"], Then::Replay);
    Some(if asked == Consent::Word {
        question.typing(there.name.clone())
    } else {
        question
    })
}

/// The arguments as lines of a question, secrets masked; what there is no room for is counted.
fn arguments(request: &ApiRequest, mask: Option<&Mask>) -> Vec<String> {
    let arguments = redact::args(request);
    let listed: Vec<(&str, &str)> = arguments
        .iter()
        .filter(|(name, _)| *name != "type_name")
        .collect();
    let mut lines = Vec::new();
    for (at, (name, value)) in listed.iter().enumerate() {
        let rows = argument(name, masking::outside(mask, value));
        if lines.len() + rows.len() > ROWS {
            lines.push(format!("  and {} more", listed.len() - at));
            break;
        }
        lines.extend(rows);
    }
    lines
}

/// An argument on as many rows as it may have; of a longer one how much follows.
fn argument(name: &str, value: &str) -> Vec<String> {
    // No more is looked at than can be shown, and then some.
    let most = 2 * ROWS_OF_ONE * LINE;
    let begun: String = value.chars().take(most).collect();
    let mut rows = sanitize::wrap(&sanitize::clean(&format!("  {name} {begun}")), LINE);
    if rows.len() <= ROWS_OF_ONE {
        return rows;
    }
    rows.truncate(ROWS_OF_ONE);
    let last = rows.pop().unwrap_or_default();
    let last = sanitize::truncate(&last, LINE - LONGEST_REST);
    let last = last.trim_end_matches('…');
    let shown: usize = rows.iter().map(|row| row.chars().count()).sum();
    let label = "  ".len() + name.chars().count() + 1;
    let length = label + value.chars().count();
    let more = length.saturating_sub(shown + last.chars().count());
    rows.push(format!("{last}… {} more characters", words::count(more)));
    rows
}

/// The question was answered so that it goes.
pub(super) fn confirmed(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(Replaying(Stage::Asking(ready))) = model.replaying.take() {
        send(model, ready, effects);
    }
}

/// The question was answered so that nothing goes, or no environment was chosen.
pub(super) fn dropped(model: &mut Model) {
    model.replaying = None;
    model.say(Tone::Plain, "nothing was sent");
}

fn send(model: &mut Model, ready: Ready, effects: &mut Vec<Effect>) {
    let Ready {
        before,
        request,
        there,
    } = ready;
    let name = request.endpoint.name();
    let (title, job, source) = if there.is_here {
        (name.to_owned(), Job::Send(request), Source::Again)
    } else {
        let title = format!("{name} in {}", there.name);
        let job = Job::SendTo {
            environment: there.name,
            request,
        };
        (title, job, Source::Elsewhere)
    };
    let id = model.fx(PaneId::Response, effects).run(title, job, true);
    model.response.wait_for(id, source);
    model.replaying = Some(Replaying(Stage::Sent(before)));
    model.focus = PaneId::Response;
}

/// The answer came to a call that is the same as one before: puts both side by side when they went to two environments,
/// else marks the one before, to be compared.
pub(super) fn answered(model: &mut Model, now: &Arc<Exchange>, effects: &mut Vec<Effect>) {
    let sent = |replaying: &mut Replaying| matches!(replaying.0, Stage::Sent(_));
    let Some(Replaying(Stage::Sent(before))) = model.replaying.take_if(sent) else {
        return;
    };
    // Without an answer there is nothing to compare.
    if now.head().is_none() {
        return;
    }
    let is_elsewhere = before.environment != now.environment;
    // Who does something else by now is not torn away.
    if is_elsewhere && model.overlays.is_empty() {
        let pair = Pair::Of(Call::Shown(before), Call::Shown(Arc::clone(now)));
        return calls::compare(model, pair, effects);
    }
    let what = operation(&before);
    let said =
        format!("answered again: the {what} before is marked, <response.compare> compares them");
    let call = Call::Shown(before);
    model.session.marked = Some(Marked { call, what });
    model.say(Tone::Plain, said);
}
