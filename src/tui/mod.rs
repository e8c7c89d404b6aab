//! The terminal program.
//!
//! ```text
//!   keys, mouse, paste, resize, signals          the worker's events
//!                  └────────────┬───────────────────────┘
//!                              Msg
//!                               ▼
//!            update(&mut Model, Msg, now) ──▶ Vec<Effect> ──▶ perform ──▶ worker, terminal
//!                               │
//!                     view(&Model, Frame)
//! ```
//!
//! `runtime` is the loop, `update` routes, `panes` and `overlays` hold state and drawing, `perform`, `terminal` and
//! `clipboard` are the only files that touch the world.

pub mod action;
pub mod badge;
mod clipboard;
pub mod drafts;
pub mod editor;
pub mod effect;
pub mod feed;
pub mod json_text;
pub mod keyboard;
pub mod keys;
pub mod layout;
pub mod line_edit;
pub mod masking;
pub mod model;
pub mod msg;
pub mod overlays;
pub mod panes;
pub mod perform;
pub mod permission;
pub mod recording;
pub mod risk;
pub mod runtime;
pub mod schema_text;
pub mod session;
pub mod surroundings;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod verdict;
pub mod view;
pub mod viewer;
pub mod which_key;
pub mod widgets;
mod wire;

use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::config::Config;
use crate::config::environment::Environment;
use crate::config::paths::Paths;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::tui::editor::Programs;
use crate::tui::feed::Item;
use crate::tui::keys::keymap;
use crate::tui::keys::keymap::Keymap;
use crate::tui::model::Model;
use crate::tui::panes::files::FilesPane;
use crate::tui::perform::Performer;
use crate::tui::recording::Recorder;
use crate::tui::recording::player;
use crate::tui::recording::replay::Replay;
use crate::tui::runtime::End;
use crate::tui::runtime::Signals;
use crate::tui::theme::Theme;
use crate::worker;
use crate::worker::services::Services;

/// What the explorer is told at its start.
pub struct Options {
    /// How things look.
    pub theme: Theme,
    /// Whether the mouse is the program's.
    pub mouse: bool,
    /// Which verb a key means.
    pub keymap: Rc<Keymap>,
    /// The programs of the user's that the terminal is lent to.
    pub programs: Programs,
    /// Whether F12 panics, for the test that the terminal is restored then.
    pub panic_key: bool,
    /// The file that the session is recorded in; it must not exist.
    pub record: Option<PathBuf>,
}

/// Runs the explorer until the user leaves or a signal ends it. The first frame is drawn before anything is opened:
/// the sandbox, the history and the network start behind it.
///
/// Fails when the environment does not exist or the terminal cannot be used.
pub fn run(
    config: &Config,
    environment: Option<&str>,
    paths: Option<Paths>,
    options: Options,
) -> Result<End, Failure> {
    let drafts = paths.as_ref().map(Paths::drafts);
    let services = Services::new(config, environment, paths)?;
    let environment = services.environment().clone();
    let told = Told {
        patience: config.timeouts.total,
        environments: config
            .environments
            .iter()
            .filter(|other| other.name != environment.name)
            .cloned()
            .collect(),
        unkept: if config.history.enabled {
            config.history.except.clone()
        } else {
            vec![environment.name.clone()]
        },
    };
    on_terminal(services, &environment, drafts, told, options)
}

/// Looks at files, or at standard input for `-`, until the user leaves or a signal ends it. Nothing else is opened or
/// written, and nobody is called. A long file is not read before its beginning is on the screen.
///
/// Fails when none of them can be opened, or when the terminal cannot be used.
pub fn look(files: &[PathBuf], options: Options) -> Result<End, Failure> {
    let mut items: Vec<Item> = files.iter().map(|file| Item::open(file)).collect();
    // With others, the list says which cannot be opened, and why.
    if items.iter().all(|item| item.given.is_err())
        && let Some(Err(failure)) = items.pop().map(|item| item.given)
    {
        return Err(failure);
    }
    let services = Services::new(&Config::default(), None, None)?;
    let mut model = first_model(services.environment(), &options)?;
    model.look_at(FilesPane::new(items));
    let ended = draw(services, &mut model, None, &options, &mut None);
    terminal::leave();
    ended.map_err(unusable)
}

/// Plays a recording, at this speed or step by step.
///
/// Fails when the file is no recording or the terminal cannot be used.
pub fn replay(file: &Path, speed: Option<f64>, theme: Theme) -> Result<(), Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let message = format!("the recording {} cannot be read", file.display());
        Failure::new(FailureKind::Usage, message).because(error)
    })?;
    let replay = Replay::read(&text, theme.clone())?;
    player::run(replay, speed, &theme).map_err(unusable)
}

fn unusable(error: io::Error) -> Failure {
    Failure::new(FailureKind::Internal, "the terminal could not be used").because(error)
}

/// What the configuration says that the explorer shows.
struct Told {
    /// How long a call may take.
    patience: Duration,
    /// The other environments.
    environments: Vec<Environment>,
    /// The environments whose calls are not kept.
    unkept: Vec<String>,
}

fn on_terminal(
    services: Services,
    environment: &Environment,
    drafts: Option<PathBuf>,
    told: Told,
    options: Options,
) -> Result<End, Failure> {
    let mut model = first_model(environment, &options)?;
    model.session.patience = told.patience;
    model.session.environments = told.environments;
    model.session.unkept = told.unkept;
    if drafts.is_some() {
        model.drafts.expect();
    }
    let mut recorder = match &options.record {
        Some(file) => Some(record(file, environment, &model, drafts.is_some())?),
        None => None,
    };
    let ended = draw(services, &mut model, drafts, &options, &mut recorder);
    terminal::leave();
    let ended = ended.map_err(unusable)?;
    if let Some(Err(error)) = recorder.map(Recorder::finish) {
        return Err(Failure::new(FailureKind::Internal, "the recording broke off").because(error));
    }
    Ok(ended)
}

/// The program as it starts on this terminal.
fn first_model(environment: &Environment, options: &Options) -> Result<Model, Failure> {
    let (width, height) = crossterm::terminal::size().map_err(unusable)?;
    let area = Rect::new(0, 0, width, height);
    let mut model = Model::new(environment, options.theme.clone(), area, Timestamp::now());
    model.panic_key = options.panic_key;
    model.keymap = Rc::clone(&options.keymap);
    keymap::put_in_force(&model.keymap);
    Ok(model)
}

fn record(
    file: &Path,
    environment: &Environment,
    model: &Model,
    keeps_drafts: bool,
) -> Result<Recorder, Failure> {
    Recorder::create(file, environment, model, keeps_drafts).map_err(|error| {
        let message = format!("the recording {} cannot be begun", file.display());
        Failure::new(FailureKind::Usage, message).because(error)
    })
}

fn draw(
    services: Services,
    model: &mut Model,
    drafts: Option<PathBuf>,
    options: &Options,
    recorder: &mut Option<Recorder>,
) -> io::Result<End> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let recording = recorder.as_ref().map(Recorder::finisher);
    terminal::restore_on_panic(recording.clone());
    let inside = runtime.enter();
    // Before the terminal is entered: a signal then finds somebody who leaves it.
    let signals = Signals::new()?;
    let mut screen = terminal::enter(options.mouse)?;
    runtime::draw(&mut screen, model)?;
    let mut performer = Performer::new(worker::spawn(services)?, drafts)?;
    terminal::watch_for_hangup(performer.finisher(), recording);
    for effect in model.start() {
        performer.perform(effect, &mut screen)?;
    }
    drop(inside);
    let ended = runtime.block_on(runtime::run(
        &mut screen,
        model,
        &mut performer,
        &options.programs,
        recorder,
        signals,
    ));
    terminal::leave();
    performer.stop();
    ended
}
