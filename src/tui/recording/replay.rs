//! A recording, played back into a model: no network, no store, no clock, no terminal.
//!
//! What the explorer asks for is not done: what came of it is in the recording. Only what follows from data alone is
//! computed again, such as how a long answer is shown.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::Event as TerminalEvent;
use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::capture::endpoint::ClientFeature;
use crate::capture::schema::infer::infer;
use crate::capture::schema::infer::reading::Format;
use crate::config::credentials::AuthMethod;
use crate::config::credentials::CredentialSource;
use crate::config::credentials::SecretSource;
use crate::config::environment::Environment;
use crate::config::environment::EnvironmentClass;
use crate::config::environment::Target;
use crate::config::keys::KeySetting;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::history::query::Summary;
use crate::tui::effect::Effect;
use crate::tui::keys::keymap;
use crate::tui::keys::keymap::Keymap;
use crate::tui::masking::Mask;
use crate::tui::model::Model;
use crate::tui::msg::Msg;
use crate::tui::overlays::paste;
use crate::tui::panes::response::body::Body;
use crate::tui::recording::line;
use crate::tui::recording::line::Header;
use crate::tui::recording::line::Known;
use crate::tui::recording::line::Line;
use crate::tui::recording::line::VERSION;
use crate::tui::recording::line::What;
use crate::tui::schema_text;
use crate::tui::theme::Theme;
use crate::tui::update::update;
use crate::tui::viewer::work;
use crate::tui::viewer::work::Told;
use crate::tui::viewer::work::Work;
use crate::worker::filter::own_program;
use crate::worker::job::Event;
use crate::worker::job::JobId;

/// A screen of more cells is not drawn: no terminal has them.
const MOST_CELLS: u32 = 1 << 20;

/// A recording being played.
pub struct Replay {
    model: Model,
    lines: Vec<String>,
    next: usize,
    started: Timestamp,
    /// When the last line happened.
    at: Duration,
    /// What the last line told, in a few words.
    told: String,
    asked: Asked,
    rows: Rows,
}

/// How a step went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A line was played.
    Played,
    /// The recording cannot be played any further, for this reason.
    Over(String),
}

/// What the explorer asked for and can be computed here.
#[derive(Default)]
struct Asked {
    bodies: Vec<(Arc<Exchange>, Option<Mask>)>,
    samples: Vec<String>,
    pastes: usize,
    /// What work for viewers told and was not played yet.
    told: VecDeque<Told>,
}

/// Rows of the history that stood in the recording.
#[derive(Default)]
struct Rows(HashMap<ExchangeId, Summary>);

impl Known for Rows {
    fn row(&self, id: ExchangeId) -> Option<Summary> {
        self.0.get(&id).cloned()
    }

    fn learn(&mut self, row: &Summary) {
        self.0.insert(row.id, row.clone());
    }
}

impl Replay {
    /// Reads a recording, up to its first message. A last line that was not written to its end is left out.
    pub fn read(text: &str, theme: Theme) -> Result<Self, Failure> {
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut lines = whole.split('\n').map(str::to_owned);
        let first = lines.next().unwrap_or_default();
        let version: serde_json::Value = serde_json::from_str(&first).unwrap_or_default();
        match version.get("recording").and_then(serde_json::Value::as_u64) {
            Some(version) if version > u64::from(VERSION) => {
                let newer = format!("a newer captui made this recording (version {version})");
                return Err(Failure::new(FailureKind::Usage, newer));
            }
            Some(_) => {}
            None => {
                let other = "this is no recording of captui: its first line is not one";
                return Err(Failure::new(FailureKind::Usage, other));
            }
        }
        let header: Header = serde_json::from_str(&first).map_err(|error| damaged(1, &error))?;
        let (model, started) = begin(header, theme).ok_or_else(|| damaged(1, &"a value in it"))?;
        let mut replay = Self {
            model,
            lines: lines.collect(),
            next: 0,
            started,
            at: Duration::ZERO,
            told: "the start".to_owned(),
            asked: Asked::default(),
            rows: Rows::default(),
        };
        keymap::put_in_force(&replay.model.keymap);
        for effect in replay.model.start() {
            replay.asked.note(effect);
        }
        Ok(replay)
    }

    /// The explorer as it is after the lines played so far.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// How many lines were played, and how many there are.
    pub fn progress(&self) -> (usize, usize) {
        (self.next, self.lines.len())
    }

    /// When the last line happened, from the start.
    pub fn at(&self) -> Duration {
        self.at
    }

    /// What the last line told.
    pub fn told(&self) -> &str {
        &self.told
    }

    /// When the next line happens; `None` when there is none, or it cannot be read.
    pub fn next_at(&self) -> Option<Duration> {
        let line: Line = serde_json::from_str(self.lines.get(self.next)?).ok()?;
        Some(Duration::from_micros(line.at))
    }

    /// Plays the next line.
    pub fn step(&mut self) -> Step {
        let Some(text) = self.lines.get(self.next) else {
            return Step::Over("the recording ends here".to_owned());
        };
        let number = self.next + 2;
        let line: Line = match serde_json::from_str(text) {
            Ok(line) => line,
            Err(error) => return Step::Over(damaged(number, &error).to_string()),
        };
        let at = Duration::from_micros(line.at);
        let now = self.started.checked_add(at).unwrap_or(self.started);
        let told = in_words(&line.what);
        let msg = match self.msg(line.what, now) {
            Ok(msg) => msg,
            Err(Unplayable::Gap(what)) => {
                let gap = format!("from here on the recording lacks what the screen shows: {what}");
                return Step::Over(gap);
            }
            Err(Unplayable::Panicked(place)) => {
                return Step::Over(format!("captui panicked here, at {place}"));
            }
            Err(Unplayable::Unreadable) => {
                let told = damaged(number, &"a value in it is not known");
                return Step::Over(told.to_string());
            }
        };
        self.next += 1;
        self.at = at;
        self.told = told;
        if let Some(msg) = msg {
            for effect in update(&mut self.model, msg, now) {
                self.asked.note(effect);
            }
        }
        Step::Played
    }

    /// The message that a line is of; `None` when the explorer did not ask for it this time.
    fn msg(&mut self, what: What, now: Timestamp) -> Result<Option<Msg>, Unplayable> {
        let readable = |read: Option<Msg>| read.map(Some).ok_or(Unplayable::Unreadable);
        match what {
            What::Terminal(TerminalEvent::Resize(width, height)) => readable(
                area(width, height).map(|_| Msg::Terminal(TerminalEvent::Resize(width, height))),
            ),
            What::Terminal(event) => Ok(Some(Msg::Terminal(event))),
            What::Told(id, told) => {
                let told = Event::Progress(JobId(id), told.into_progress());
                Ok(Some(Msg::Worker(told)))
            }
            What::Done(id, output) => {
                let output = output.into_output(&mut self.rows);
                readable(output.map(|output| Msg::Worker(Event::Finished(JobId(id), Ok(output)))))
            }
            What::Failed(id, why) => {
                let error = why.into_error();
                readable(error.map(|error| Msg::Worker(Event::Finished(JobId(id), Err(error)))))
            }
            What::Body(at) => Ok(self.asked.bodies.get(at).map(|(exchange, mask)| {
                let body = Body::read_masked(exchange, mask.as_ref());
                Msg::BodyRead(Arc::clone(exchange), body)
            })),
            What::Clipboard(read) => Ok(Some(Msg::ClipboardRead(read))),
            What::Taken(text) => Ok(self.asked.pastes.checked_sub(1).map(|left| {
                self.asked.pastes = left;
                let pasted = paste::read(&text);
                Msg::PasteRead(text, Box::new(pasted))
            })),
            What::Files(files) => {
                let files = files
                    .into_iter()
                    .map(|(path, read)| (path, read.map(String::into_bytes)));
                Ok(Some(Msg::FilesRead(files.collect())))
            }
            What::Schema(text) => {
                let read = text.and_then(|text| schema_text::read(text.as_bytes()));
                Ok(Some(Msg::SchemaRead(read.map(Box::new))))
            }
            What::Inferred(()) => Ok(self.asked.samples.pop().map(|text| {
                let inferred = infer(&text, Format::of(&text), now);
                Msg::Inferred(inferred.map(Box::new))
            })),
            What::Paths(typed, found) => Ok(Some(Msg::PathsFound(typed, found))),
            What::Copied(said) => Ok(Some(Msg::Copied(said))),
            What::Edited(text) => Ok(Some(Msg::Edited(text))),
            What::Viewed(()) => Ok(self.asked.viewed().map(Msg::Viewer)),
            What::Shown(result) => Ok(Some(Msg::Shown(result))),
            What::Drafts(event) => readable(event.into_event().map(Msg::Drafts)),
            What::Tick(()) => Ok(Some(Msg::Tick)),
            What::Continued(()) => Ok(Some(Msg::Continued)),
            What::Gap(what) => Err(Unplayable::Gap(what)),
            What::Panicked(place) => Err(Unplayable::Panicked(place)),
        }
    }
}

/// Why a line cannot be played.
enum Unplayable {
    Gap(String),
    Panicked(String),
    Unreadable,
}

impl Asked {
    /// What work for a viewer told next that is still wanted.
    fn viewed(&mut self) -> Option<Told> {
        while let Some(told) = self.told.pop_front() {
            if told.stub.is_wanted() {
                return Some(told);
            }
        }
        None
    }

    fn note(&mut self, effect: Effect) {
        match effect {
            Effect::ReadBody(exchange, mask) => self.bodies.push((exchange, mask)),
            Effect::Infer(text) => self.samples.push(text),
            Effect::ReadPaste(_) => self.pastes += 1,
            // A replay writes nothing.
            Effect::Work(task) if matches!(task.work, Work::Save(_)) => {}
            Effect::Work(task) => work::carry_out(task, &own_program(), |told| {
                self.told.push_back(told);
                true
            }),
            Effect::Run(..)
            | Effect::Cancel(_)
            | Effect::Copy(_)
            | Effect::ReadClipboard
            | Effect::ReadFiles(_)
            | Effect::ReadSchema(_)
            | Effect::FindPaths(_)
            | Effect::Edit(_)
            | Effect::Show(_)
            | Effect::Feed(_)
            | Effect::Drafts(_)
            | Effect::Redraw
            | Effect::Suspend
            | Effect::Resume
            | Effect::Quit => {}
        }
    }
}

fn damaged(line: usize, why: &dyn std::fmt::Display) -> Failure {
    let message = format!("line {line} of the recording cannot be read");
    Failure::new(FailureKind::Usage, message).because(why)
}

fn area(width: u16, height: u16) -> Option<Rect> {
    (u32::from(width) * u32::from(height) <= MOST_CELLS).then(|| Rect::new(0, 0, width, height))
}

/// The explorer as it was when the recording began.
fn begin(header: Header, theme: Theme) -> Option<(Model, Timestamp)> {
    let started: Timestamp = header.started.parse().ok()?;
    let own = environment(header.environment)?;
    let area = area(header.size.0, header.size.1)?;
    let mut model = Model::new(&own, theme, area, started);
    model.session.patience = Duration::from_millis(header.patience);
    let others = header.others.into_iter().map(environment);
    model.session.environments = others.collect::<Option<_>>()?;
    if header.drafts {
        model.drafts.expect();
    }
    model.keymap = Rc::new(keys_of(header.keys)?);
    Some((model, started))
}

/// The keys of a recording; `None` when a verb of it is not known any more.
fn keys_of(keys: Vec<(String, Vec<String>)>) -> Option<Keymap> {
    let settings = keys.into_iter().map(|(verb, keys)| KeySetting {
        verb,
        keys,
        place: "recording".to_owned(),
    });
    Keymap::configured(&settings.collect::<Vec<_>>()).ok()
}

fn environment(environment: line::Environment) -> Option<Environment> {
    let class = match environment.class.as_str() {
        "sandbox" => EnvironmentClass::Sandbox,
        "dev" => EnvironmentClass::Dev,
        "prod" => EnvironmentClass::Prod,
        _ => return None,
    };
    let features = environment.features.map(|names| {
        let features = names.iter().map(|name| ClientFeature::from_name(name));
        features.collect::<Option<Vec<_>>>()
    });
    Some(Environment {
        name: environment.name,
        class,
        target: match environment.domain {
            None => Target::Embedded,
            // Nobody calls here.
            Some(domain) => Target::Remote {
                domain,
                credentials: CredentialSource {
                    method: AuthMethod::default(),
                    client_id: String::new(),
                    secret: SecretSource::Env(String::new()),
                },
            },
        },
        read_only: environment.read_only,
        features: match features {
            None => None,
            Some(features) => Some(features?),
        },
    })
}

/// What a line tells, for people.
fn in_words(what: &What) -> String {
    match what {
        What::Terminal(TerminalEvent::Key(key)) => {
            let combo = crate::tui::keys::combo::Combo::from(*key);
            format!("key {combo}")
        }
        What::Terminal(TerminalEvent::Paste(_)) => "a paste".to_owned(),
        What::Terminal(TerminalEvent::Mouse(_)) => "the mouse".to_owned(),
        What::Terminal(TerminalEvent::Resize(width, height)) => format!("{width}×{height}"),
        What::Terminal(TerminalEvent::FocusGained | TerminalEvent::FocusLost) => {
            "the focus".to_owned()
        }
        What::Told(..) => "a job gets on".to_owned(),
        What::Done(..) | What::Failed(..) => "a job ended".to_owned(),
        What::Body(_)
        | What::Taken(_)
        | What::Inferred(())
        | What::Viewed(())
        | What::Files(_)
        | What::Schema(_)
        | What::Paths(..) => "something was read".to_owned(),
        What::Clipboard(_) | What::Copied(_) => "the clipboard".to_owned(),
        What::Edited(_) => "the editor".to_owned(),
        What::Shown(_) => "a program that shows texts".to_owned(),
        What::Drafts(_) => "drafts".to_owned(),
        What::Tick(()) => "time".to_owned(),
        What::Continued(()) => "the shell goes on".to_owned(),
        What::Gap(_) | What::Panicked(_) => String::new(),
    }
}
