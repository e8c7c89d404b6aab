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
mod clipboard;
pub mod drafts;
pub mod editor;
pub mod effect;
pub mod json_text;
pub mod keys;
pub mod layout;
pub mod line_edit;
pub mod model;
pub mod msg;
pub mod overlays;
pub mod panes;
pub mod perform;
pub mod permission;
pub mod risk;
pub mod runtime;
pub mod schema_text;
pub mod session;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod verdict;
pub mod view;
pub mod widgets;
mod wire;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::config::Config;
use crate::config::environment::Environment;
use crate::config::paths::Paths;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::tui::model::Model;
use crate::tui::perform::Performer;
use crate::tui::runtime::End;
use crate::tui::theme::Theme;
use crate::worker;
use crate::worker::services::Services;

/// What the explorer is told at its start.
pub struct Options {
    /// How things look.
    pub theme: Theme,
    /// The command that edits a file: see [`editor::command`].
    pub editor: String,
    /// Whether F12 panics, for the test that the terminal is restored then.
    pub panic_key: bool,
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
            .map(|other| other.name.clone())
            .filter(|name| *name != environment.name)
            .collect(),
    };
    on_terminal(services, &environment, drafts, told, options).map_err(|error| {
        Failure::new(FailureKind::Internal, "the terminal could not be used").because(error)
    })
}

/// What the configuration says that the explorer shows.
struct Told {
    /// How long a call may take.
    patience: Duration,
    /// The names of the other environments.
    environments: Vec<String>,
}

fn on_terminal(
    services: Services,
    environment: &Environment,
    drafts: Option<PathBuf>,
    told: Told,
    options: Options,
) -> io::Result<End> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    terminal::restore_on_panic();
    let mut screen = terminal::enter()?;
    let size = screen.size()?;
    let area = Rect::new(0, 0, size.width, size.height);
    let mut model = Model::new(environment, options.theme, area, Timestamp::now());
    model.session.patience = told.patience;
    model.session.environments = told.environments;
    model.panic_key = options.panic_key;
    if drafts.is_some() {
        model.drafts.expect();
    }
    let ended = runtime::draw(&mut screen, &model).and_then(|()| {
        let mut performer = Performer::new(worker::spawn(services)?, drafts)?;
        terminal::watch_for_hangup(performer.finisher());
        for effect in model.start() {
            performer.perform(effect, &mut screen)?;
        }
        let ended = runtime.block_on(runtime::run(
            &mut screen,
            &mut model,
            &mut performer,
            &options.editor,
        ));
        terminal::leave();
        performer.stop();
        ended
    });
    terminal::leave();
    ended
}
