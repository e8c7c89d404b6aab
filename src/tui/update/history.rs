//! The history: asking for what its pane wants to know, and what it hands out: showing a call, comparing, handing over,
//! taking calls out for good. Part of the root's update: the pane knows its list, only the root knows the jobs.

use crate::history::query::Query;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::msg::PaneEvent;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::confirm::Confirm;
use crate::tui::overlays::confirm::Then;
use crate::tui::panes::history::Action;
use crate::tui::panes::history::Outcome;
use crate::tui::panes::history::Purge;
use crate::tui::panes::response::Source;
use crate::tui::session::PaneId;
use crate::tui::update::calls;
use crate::tui::update::failure_of;
use crate::tui::update::handover;
use crate::tui::update::replay;
use crate::tui::update::replay::Whither;
use crate::tui::viewer::words;
use crate::worker::compare::Call;
use crate::worker::job::Job;
use crate::worker::job::JobError;
use crate::worker::job::JobId;
use crate::worker::job::Output;

/// The word that takes everything out.
const EVERYTHING: &str = "everything";

/// Has the pane handle an event.
pub(super) fn event(model: &mut Model, event: PaneEvent<Action>, effects: &mut Vec<Effect>) {
    match model.history.update(event, model.session.now) {
        Some(Outcome::Opened(exchange)) => {
            let mut fx = model.fx(PaneId::Response, effects);
            let id = fx.run("history", Job::OpenExchange(exchange), false);
            model.response.wait_for(id, Source::History);
            model.focus = PaneId::Response;
        }
        Some(Outcome::CopyTicket(id, what)) => {
            handover::copy_ticket_of(model, id, &what, effects);
        }
        Some(Outcome::Export(id, endpoint)) => {
            handover::ask_export_of(model, id, endpoint);
        }
        Some(Outcome::Replay(id)) => replay::kept(model, id, Whither::Here, effects),
        Some(Outcome::ReplayElsewhere(id)) => {
            replay::kept(model, id, Whither::Elsewhere, effects);
        }
        Some(Outcome::Mark(id, what)) => calls::mark(model, Call::Kept(id), what),
        Some(Outcome::Compare(id)) => calls::compare_with_mark(model, Call::Kept(id), effects),
        Some(Outcome::Search) => begin_search(model),
        Some(Outcome::Purge(purge)) => count_before_purge(model, purge, effects),
        Some(Outcome::Refused(reason)) => model.say(Tone::Refusal, reason),
        None => {}
    }
}

fn begin_search(model: &mut Model) {
    let session = &model.session;
    let own = std::iter::once(session.environment.clone());
    let environments = own
        .chain(session.environments.iter().map(|other| other.name.clone()))
        .collect();
    let types = model.types.names().to_vec();
    model.history.begin_search(environments, types);
}

/// Asks for what the pane wants to know. What it does not want any more is given up.
pub fn ask(model: &mut Model, effects: &mut Vec<Effect>) {
    for job in model.history.take_outdated() {
        effects.extend(model.jobs.get(job).map(|_| Effect::Cancel(job)));
    }
    while let Some((question, job)) = model.history.take_question() {
        let id = model
            .fx(PaneId::History, effects)
            .run("history", job, false);
        model.history.wait_for(question, id);
    }
}

/// A job of the pane ended.
pub(super) fn finished(model: &mut Model, id: JobId, result: Result<Output, JobError>) {
    match result {
        Ok(Output::History(rows)) => {
            // Who is there keeps the call under the cursor; who only looks on sees the newest.
            let follows = model.focus != PaneId::History;
            model.history.loaded(id, Ok(rows), follows);
        }
        Ok(Output::Count(count)) => match model.history.counted_to_purge(id) {
            Some(purge) => ask_before_purge(model, purge, count),
            None => model.history.counted(id, count),
        },
        Ok(Output::Purged(purged)) => {
            model.history.begin_anew();
            let kilobytes = |bytes: u64| words::bytes(usize::try_from(bytes).unwrap_or(usize::MAX));
            let said = format!(
                "removed {} for good; the history takes {} now, {} before",
                calls_in_words(purged.exchanges),
                kilobytes(purged.after),
                kilobytes(purged.before)
            );
            model.say(Tone::Done, said);
        }
        Err(JobError::Cancelled(_)) => {}
        other => {
            let purges = model.history.counted_to_purge(id).is_some();
            let reason = failure_of(other).message;
            if purges || !model.history.waits_for(id) {
                model.say(Tone::Refusal, reason);
            } else {
                model.history.loaded(id, Err(reason), false);
            }
        }
    }
}

/// How many they are is told before they go.
fn count_before_purge(model: &mut Model, purge: Purge, effects: &mut Vec<Effect>) {
    let job = Job::CountHistory(purge.query.clone());
    let id = model
        .fx(PaneId::History, effects)
        .run("history", job, false);
    model.history.counts_to_purge(id, purge);
}

fn ask_before_purge(model: &mut Model, purge: Purge, count: u64) {
    let calls = calls_in_words(count);
    let gone = "They are gone for good then: from the file, its index and its log.".to_owned();
    let answers = ["Keep", "Remove"];
    let Purge { query, searched } = purge;
    let question = if query == Query::default() {
        let lines = vec![
            format!("The whole history: {calls}, of every environment."),
            gone,
        ];
        let title = "This cannot be taken back · all of the history";
        Confirm::new(title, lines, answers, Then::PurgeHistory(query)).typing(EVERYTHING)
    } else {
        let lines = vec![
            format!("{calls} that this search finds, in every environment:"),
            format!("  {searched}"),
            gone,
        ];
        let title = format!("Remove {calls} from the history?");
        Confirm::new(title, lines, answers, Then::PurgeHistory(query))
    };
    model.overlays.push(Overlay::Confirm(question));
}

/// Removes the calls that were asked about.
pub(super) fn purge(model: &mut Model, query: Query, effects: &mut Vec<Effect>) {
    let job = Job::PurgeHistory(query);
    model
        .fx(PaneId::History, effects)
        .run("removing calls", job, false);
}

fn calls_in_words(count: u64) -> String {
    match count {
        1 => "1 call".to_owned(),
        count => {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            format!("{} calls", words::count(count))
        }
    }
}
