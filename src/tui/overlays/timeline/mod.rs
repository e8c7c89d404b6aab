//! A record through time: its states, what it was in each of them, and which call is to blame for a field.
//!
//! ```text
//!  ┏ states, the newest first ┓┌ the record as it was then, beside another state ┐
//!  ┗━━━━━━━━━━━━━━━━━━━━━━━━━━┛└─────────────────────────────────────────────────┘
//!  ┌ the state, or since when the field under the cursor has its value ───────────┐
//! ```
//!
//! A sheet over the panes. The root asks the history for the states and opens calls; nothing is asked of the service. A
//! state is compared with the one before it, or with one that was marked. Only the state that is looked at is taken apart.

pub mod view;

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::capture::json::Json;
use crate::exchange::ExchangeId;
use crate::history::record::RecordKey;
use crate::history::record::fields::Field;
use crate::history::record::fields::Holds;
use crate::history::record::fields::Mark;
use crate::history::record::fields::fields;
use crate::history::record::place::Place;
use crate::history::record::place::Way;
use crate::history::record::place::of_way;
use crate::history::record::timeline::Blame;
use crate::history::record::timeline::State;
use crate::history::record::timeline::Timeline;
use crate::history::record::words;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::action::twin::CLOSING;
use crate::tui::action::twin::COPYING;
use crate::tui::action::twin::LOOKING;
use crate::tui::action::twin::MOVING;
use crate::tui::action::twin::Twin;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::worker::job::JobId;

/// A verb of the record through time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Show the call of the state, or the one that is to blame for the field.
    Open,
    /// The state before.
    Older,
    /// The state after.
    Newer,
    /// From the states to the fields and back.
    Switch,
    /// Since when the field is so; from there, to that state.
    Blame,
    /// Compare with this state from now on, or with the one before each.
    MarkState,
    /// Show what has a value, only what differs, or also what is empty.
    TurnExtent,
    /// The next field that differs.
    NextChange,
    /// The field before that differs.
    PreviousChange,
    /// Copy the value of the field.
    CopyValue,
    /// Copy the record as it was.
    CopyRecord,
    /// Mask personal data on the screen, or show it again.
    Mask,
    /// Move in the list that has the keys.
    Go(Move),
    /// Show the keys.
    Help,
    /// Close it.
    Close,
}

/// The rows of its verbs.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec<Action>] = &[
    ActionSpec::new(Scope::Timeline, Action::Open, "timeline.open", "Show the call of the state, or that which is to blame for the field", &["enter"], Twin::Command("history show")).hint("call"),
    ActionSpec::new(Scope::Timeline, Action::Older, "timeline.older", "State before", &["left", "h"], Twin::Command("history record")).hint("older"),
    ActionSpec::new(Scope::Timeline, Action::Newer, "timeline.newer", "State after", &["right", "l"], Twin::Command("history record")).hint("newer"),
    ActionSpec::new(Scope::Timeline, Action::Switch, "timeline.switch", "Go to the fields, or back to the states", &["tab", "shift-tab"], MOVING).hint("fields"),
    ActionSpec::new(Scope::Timeline, Action::Blame, "timeline.blame", "Since when the field is so; again, go to that state", &["b"], Twin::Command("history record")).hint("blame"),
    ActionSpec::new(Scope::Timeline, Action::MarkState, "timeline.mark", "Compare with this state from now on; again, with the state before each", &["m"], LOOKING).hint("mark"),
    ActionSpec::new(Scope::Timeline, Action::TurnExtent, "timeline.extent", "Show what has a value, only what differs, or also what is empty", &["="], LOOKING).hint("changes only"),
    ActionSpec::new(Scope::Timeline, Action::NextChange, "timeline.next-change", "Next field that differs", &["n"], MOVING).hint("next"),
    ActionSpec::new(Scope::Timeline, Action::PreviousChange, "timeline.previous-change", "Field before that differs", &["N"], MOVING),
    ActionSpec::new(Scope::Timeline, Action::CopyValue, "timeline.copy-value", "Copy the value of the field", &["y y"], COPYING),
    ActionSpec::new(Scope::Timeline, Action::CopyRecord, "timeline.copy-record", "Copy the record as it was, as JSON", &["y j"], Twin::Command("history record")),
    ActionSpec::new(Scope::Timeline, Action::Mask, "timeline.mask", "Mask personal data on the screen, or show it again", &["M"], LOOKING).hint("mask"),
    ActionSpec::new(Scope::Timeline, Action::Go(Move::Pages(1)), "timeline.further", "Several rows further", &["space"], MOVING),
    ActionSpec::new(Scope::Timeline, Action::Help, "timeline.help", "Show these keys", &["?", "f1"], CLOSING),
    ActionSpec::new(Scope::Timeline, Action::Close, "timeline.close", "Close it", &["esc", "q", "ctrl-c"], CLOSING),
];

/// The names of its verbs that move in the list.
#[rustfmt::skip]
pub const MOVES: [&str; 6] = ["timeline.down", "timeline.up", "timeline.page-down", "timeline.page-up", "timeline.first", "timeline.last"];

/// A record through time, shown.
#[derive(Debug)]
pub struct TimelineSheet {
    /// Which record; nothing of it is known while the call is read that names it.
    pub key: RecordKey,
    known: Known,
    waiting: Option<JobId>,
    /// With the newest in row 0.
    states: ListCursor,
    /// The fields of the state that is looked at, all of them.
    fields: Vec<Field>,
    /// Which of them are shown.
    shown: Vec<usize>,
    field: ListCursor,
    part: Part,
    /// The state that others are compared with.
    marked: Option<usize>,
    extent: Extent,
    /// Where to go once the states are there.
    goal: Goal,
}

/// What is known of the record.
#[derive(Debug)]
enum Known {
    /// Nothing yet.
    Reading,
    /// Nothing, for this reason.
    Nothing(String),
    /// Its states; never none.
    States(Arc<Timeline>),
}

/// Where to go once the states are there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Goal {
    /// To the state that this call tells of; else to the newest.
    pub exchange: Option<ExchangeId>,
    /// To the field that this way leads to in this record, or a part of it; else the states get the keys.
    pub field: Option<(Json, Vec<Way>)>,
}

/// How much of the record is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Extent {
    /// What has a value, or had one in the other state.
    #[default]
    Values,
    /// Only what differs.
    Changes,
    /// Also what is null or has no elements.
    All,
}

/// What has the keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    States,
    Fields,
}

/// What a verb asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing, or it was done here.
    Open,
    /// Close the sheet.
    Close,
    /// Show the keys.
    Help,
    /// Mask personal data, or show it again.
    Mask,
    /// Show this call.
    Call(ExchangeId),
    /// Copy this text: what it is, and the text.
    Copy(String, String),
}

impl TimelineSheet {
    /// The sheet of a record, whose states this job brings.
    pub fn new(key: RecordKey, goal: Goal, job: JobId) -> Self {
        Self {
            key,
            known: Known::Reading,
            waiting: Some(job),
            states: ListCursor::default(),
            fields: Vec::new(),
            shown: Vec::new(),
            field: ListCursor::default(),
            part: Part::default(),
            marked: None,
            extent: Extent::default(),
            goal,
        }
    }

    /// Whether the answer of this job is awaited.
    pub fn awaits(&self, job: JobId) -> bool {
        self.waiting == Some(job)
    }

    /// Where to go once the states are there.
    pub fn goal(&self) -> &Goal {
        &self.goal
    }

    /// There is nothing to show, for this reason.
    pub fn failed(&mut self, why: String) {
        self.waiting = None;
        self.known = Known::Nothing(why);
    }

    /// The states came.
    pub fn came(&mut self, timeline: Arc<Timeline>) {
        self.waiting = None;
        let count = timeline.states.len();
        if count == 0 {
            let tried = timeline.events.last().map(|event| {
                let call = words::call(event);
                format!("It was asked for in vain: {call}.")
            });
            self.known = Known::Nothing(tried.unwrap_or_else(|| {
                "Its values were never seen by captui: a call that shows it makes the first state."
                    .to_owned()
            }));
            return;
        }
        let goal = std::mem::take(&mut self.goal);
        let wanted = goal.exchange.and_then(|exchange| {
            let of = |state: &State| state.event.exchange == exchange;
            timeline.states.iter().rposition(of)
        });
        let place = goal.field.as_ref();
        let place = place.map(|(record, way)| of_way(record, way, &timeline.keys));
        let mut states = timeline.states.iter().rev();
        let record = states.find_map(|state| state.record.as_deref());
        if let Some(record) = record {
            let uuid = record.get("uuid").and_then(Json::as_str);
            self.key.uuid = self.key.uuid.take().or(uuid.map(str::to_owned));
        }
        self.known = Known::States(timeline);
        self.states
            .put(count - 1 - wanted.unwrap_or(count - 1), count);
        self.show(place.as_ref());
        if place.is_some() {
            self.part = Part::Fields;
        }
    }

    fn timeline(&self) -> Option<&Arc<Timeline>> {
        match &self.known {
            Known::States(timeline) => Some(timeline),
            Known::Reading | Known::Nothing(_) => None,
        }
    }

    fn count(&self) -> usize {
        self.timeline().map_or(0, |timeline| timeline.states.len())
    }

    /// Which state is looked at.
    fn at(&self) -> Option<usize> {
        self.count().checked_sub(self.states.at + 1)
    }

    fn state(&self) -> Option<&State> {
        self.timeline()?.states.get(self.at()?)
    }

    /// The state that it is compared with: the marked one, else the one before.
    fn base(&self) -> Option<usize> {
        let at = self.at()?;
        match self.marked {
            Some(marked) if marked != at => Some(marked),
            Some(_) => None,
            None => at.checked_sub(1),
        }
    }

    /// Takes the state apart that is looked at; the cursor stays on its field, or goes to this one.
    fn show(&mut self, place: Option<&Place>) {
        // Who walks through the states sees what changed; who is in a field stays there.
        let here = self.under_cursor().filter(|_| self.part == Part::Fields);
        let here = here.map(|field| field.place.clone());
        let wanted = place.cloned().or(here);
        let (base, is_marked) = (self.base(), self.marked.is_some());
        let Some((timeline, state)) = self.timeline().zip(self.state()) else {
            return;
        };
        let record = |at: usize| timeline.states.get(at)?.record.as_deref();
        let before = base.and_then(record);
        let mut all = fields(state.record.as_deref(), before, &timeline.keys);
        for field in &mut all {
            // A value that is written anew may look the same, or be kept masked: a password.
            let single = matches!(field.holds, Holds::Value { .. });
            let is_open = matches!(field.mark, Mark::Same | Mark::Unknown);
            let is_told = !is_marked && base.is_some() && single && is_open;
            if is_told
                && state.changed.contains(&field.place)
                && timeline.is_news(&field.place, state)
                && !timeline.is_first_look(&field.place, state)
            {
                field.mark = Mark::Changed;
            }
        }
        self.fields = all;
        self.choose_shown(wanted.as_ref());
    }

    fn choose_shown(&mut self, wanted: Option<&Place>) {
        let is_empty = |field: &Field| wanted == Some(&field.place) && !field.has_value();
        if self.extent == Extent::Values && self.fields.iter().any(is_empty) {
            self.extent = Extent::All;
        }
        self.shown = self.in_extent();
        let place = |at: &usize| self.fields.get(*at).map(|field| &field.place);
        let found = wanted.and_then(|wanted| {
            let exactly = self.shown.iter().position(|at| place(at) == Some(wanted));
            // Of what is not there any more, where it was.
            let around = || {
                let holds = |at: &usize| place(at).is_some_and(|place| wanted.is_in(place));
                self.shown.iter().rposition(holds)
            };
            exactly.or_else(around)
        });
        let first = || {
            let differs = |at: &usize| is_single_change(&self.fields[*at]);
            self.shown.iter().position(differs)
        };
        let at = found.or_else(first).unwrap_or(0);
        self.field.put(at, self.shown.len());
    }

    /// The rows to be shown: those of values, each with all that it is in.
    fn in_extent(&self) -> Vec<usize> {
        let mut is_shown = vec![false; self.fields.len()];
        let mut around: Vec<usize> = Vec::new();
        for (at, field) in self.fields.iter().enumerate() {
            around.truncate(field.depth);
            around.push(at);
            let is_wanted = match self.extent {
                Extent::All => true,
                Extent::Changes => field.mark != Mark::Same,
                Extent::Values => field.mark != Mark::Same || field.has_value(),
            };
            if is_wanted {
                for row in &around {
                    is_shown[*row] = true;
                }
            }
        }
        (0..is_shown.len()).filter(|at| is_shown[*at]).collect()
    }

    fn under_cursor(&self) -> Option<&Field> {
        self.fields.get(*self.shown.get(self.field.at)?)
    }

    /// Since when the field under the cursor has its value.
    fn blame(&self) -> Option<Blame> {
        let (timeline, state, field) = (self.timeline()?, self.state()?, self.under_cursor()?);
        timeline.blame_at(&field.place, state)
    }

    /// Why a verb cannot be used now.
    pub fn refuses(&self, action: Action) -> Option<&'static str> {
        if matches!(action, Action::Mask | Action::Help | Action::Close) {
            return None;
        }
        let Some(at) = self.at() else {
            return Some(match self.known {
                Known::Reading => "the history is being read",
                _ => "nothing was seen of this record",
            });
        };
        match action {
            Action::Older if at == 0 => Some("nothing older was seen"),
            Action::Newer if self.states.at == 0 => Some("this is what was seen last"),
            Action::MarkState if self.count() == 1 => Some("there is only this state"),
            Action::CopyValue if self.value().is_none() => {
                Some("there is no value here: <timeline.switch> goes to the fields")
            }
            Action::CopyRecord if self.record().is_none() => {
                Some("there is no record in this state: it was deleted")
            }
            Action::NextChange | Action::PreviousChange
                if !self.fields.iter().any(is_single_change) =>
            {
                Some("nothing differs")
            }
            _ => None,
        }
    }

    /// The word for a verb in the footer.
    pub fn hint(&self, action: Action, usual: &'static str) -> &'static str {
        match action {
            Action::Switch if self.part == Part::Fields => "states",
            Action::Blame if self.part == Part::Fields => "to that state",
            Action::MarkState if self.marked.is_some() && self.marked == self.at() => "unmark",
            Action::TurnExtent => match self.extent {
                Extent::Values => "changes only",
                Extent::Changes => "all fields",
                Extent::All => "values",
            },
            _ => usual,
        }
    }

    fn record(&self) -> Option<&Json> {
        self.state()?.record.as_deref()
    }

    fn value(&self) -> Option<&Json> {
        match &self.under_cursor()?.holds {
            Holds::Value { now, before } => now.as_ref().or(before.as_ref()),
            Holds::Members | Holds::Elements(_) => None,
        }
    }

    /// Does a verb.
    pub fn act(&mut self, action: Action) -> Reply {
        match action {
            Action::Close => return Reply::Close,
            Action::Help => return Reply::Help,
            Action::Mask => return Reply::Mask,
            Action::Open => return self.call().map_or(Reply::Open, Reply::Call),
            Action::Older => self.walk(Move::By(1)),
            Action::Newer => self.walk(Move::By(-1)),
            Action::Switch => {
                self.part = match self.part {
                    Part::States => Part::Fields,
                    Part::Fields => Part::States,
                };
            }
            Action::Blame => self.follow_blame(),
            Action::MarkState => {
                let at = self.at();
                self.marked = at.filter(|_| self.marked != at);
                self.show(None);
            }
            Action::TurnExtent => {
                let here = self.under_cursor().map(|field| field.place.clone());
                self.extent = match self.extent {
                    Extent::Values => Extent::Changes,
                    Extent::Changes => Extent::All,
                    Extent::All => Extent::Values,
                };
                self.choose_shown(here.as_ref());
            }
            Action::NextChange => self.step(true),
            Action::PreviousChange => self.step(false),
            Action::CopyValue => {
                if let (Some(field), Some(value)) = (self.under_cursor(), self.value()) {
                    let text = value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned);
                    return Reply::Copy(field.place.to_string(), text);
                }
            }
            Action::CopyRecord => {
                if let Some(record) = self.record() {
                    return Reply::Copy("the record as it was".to_owned(), record.pretty());
                }
            }
            Action::Go(to) => match self.part {
                Part::States => self.walk(to),
                Part::Fields => self.field.go(to, self.shown.len()),
            },
        }
        Reply::Open
    }

    fn walk(&mut self, to: Move) {
        self.states.go(to, self.count());
        self.show(None);
    }

    /// The call of the state, or the one that is to blame for the field.
    fn call(&self) -> Option<ExchangeId> {
        let of_state = || self.state().map(|state| state.event.exchange);
        match self.part {
            Part::States => of_state(),
            Part::Fields => {
                let blame = self.blame();
                blame
                    .map(|blame| words::blamed(&blame).exchange)
                    .or_else(of_state)
            }
        }
    }

    /// To the fields; from there, to the state since which the field is so.
    fn follow_blame(&mut self) {
        if self.part == Part::States {
            self.part = Part::Fields;
            return;
        }
        let Some(exchange) = self.blame().map(|blame| words::blamed(&blame).exchange) else {
            return;
        };
        let of = |state: &State| state.event.exchange == exchange;
        let found = self
            .timeline()
            .and_then(|timeline| timeline.states.iter().rposition(of));
        if let Some(at) = found {
            let count = self.count();
            self.states.put(count - 1 - at, count);
            self.show(None);
        }
    }

    /// To the next field that differs, or the one before; round the end.
    fn step(&mut self, forward: bool) {
        self.part = Part::Fields;
        let len = self.shown.len();
        let places = (1..=len).map(|far| {
            let far = if forward { far } else { len - far };
            (self.field.at + far) % len
        });
        let differs = |at: &usize| {
            let field = self.shown.get(*at).and_then(|at| self.fields.get(*at));
            field.is_some_and(is_single_change)
        };
        if let Some(at) = places.into_iter().find(differs) {
            self.field.put(at, len);
        }
    }

    /// Keeps the cursors in sight, on a screen of this size.
    pub fn fit(&mut self, screen: Rect) {
        let places = view::Places::new(screen, self.part == Part::Fields);
        self.states.height = usize::from(places.inside_states().height);
        self.field.height = usize::from(places.inside_fields().height);
        self.states.fit(self.count());
        self.field.fit(self.shown.len());
    }
}

/// Whether it is a value that differs, and no heading.
fn is_single_change(field: &Field) -> bool {
    let differs = !matches!(field.mark, Mark::Same | Mark::Unknown);
    differs && matches!(field.holds, Holds::Value { .. })
}
