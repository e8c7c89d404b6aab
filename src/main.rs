//! The command `captui`: reads the arguments, picks a front-end, gives the exit code.

use std::io;
use std::io::IsTerminal;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;

use captui::cli;
use captui::cli::Check;
use captui::cli::Manner;
use captui::cli::VerbKeys;
use captui::cli::args::Cli;
use captui::cli::args::Command;
use captui::cli::complete;
use captui::config::Config;
use captui::config::look::LookSettings;
use captui::config::paths::Paths;
use captui::failure::Failure;
use captui::failure::FailureKind;
use captui::tui;
use captui::tui::action::Action;
use captui::tui::action::spec::ActionSpec;
use captui::tui::action::twin::Twin;
use captui::tui::keys::keymap::Keymap;
use captui::tui::keys::keymap::Keys;
use captui::tui::overlays::help::heading;
use captui::tui::runtime::End;
use captui::tui::surroundings;
use captui::tui::surroundings::Fact;
use captui::tui::theme::Theme;
use clap::Parser;

fn main() -> ExitCode {
    // Nothing that this program writes is for others to read.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    complete::answer_if_asked();
    let cli = Cli::parse();
    let done = match (cli.command, cli.replay) {
        (Some(_), replay) if replay.is_some() || cli.record.is_some() => {
            let message = "--record and --replay are for the explorer, which has no command";
            Err(Failure::new(FailureKind::Usage, message))
        }
        (Some(Command::View(view)), _) if io::stdout().is_terminal() => look(&view.files),
        (Some(command), _) => {
            let manner = Manner {
                quiet: cli.quiet,
                read_only: cli.read_only,
                verbs,
                screen,
            };
            return cli::run(command, cli.env.as_deref(), cli.json, manner);
        }
        (None, Some(file)) => replay(&file, cli.speed),
        (None, None) => explorer(cli.env.as_deref(), cli.read_only, cli.record),
    };
    match done {
        Ok(End::Quit) => ExitCode::SUCCESS,
        // The shell's 128 + number.
        Ok(End::Signal(number)) => ExitCode::from(128 + number),
        Err(failure) => cli::finish(&failure),
    }
}

/// Shows files, or what a pipe brings; needs a terminal that can be drawn on, and no configuration.
fn look(files: &[PathBuf]) -> Result<End, Failure> {
    drawable().map_err(|reason| {
        Failure::new(FailureKind::Usage, "files are shown on a terminal")
            .because(reason)
            .hint("captui view FILE | cat prints the JSON indented instead")
    })?;
    // Files are shown without a configuration, and so with one that is broken.
    let config = Config::load(Paths::find().as_ref()).unwrap_or_default();
    let keymap = keys(&config).unwrap_or_default();
    tui::look(files, options(&config, keymap, None))
}

/// Plays a recording; needs a terminal, and no configuration.
fn replay(file: &Path, speed: Option<f64>) -> Result<End, Failure> {
    require_terminal()?;
    let config = Config::load(Paths::find().as_ref()).unwrap_or_default();
    let theme = Theme::chosen(&config.look, variable);
    tui::replay(file, speed, theme)?;
    Ok(End::Quit)
}

/// Runs the explorer; needs a terminal that can be drawn on.
fn explorer(
    environment: Option<&str>,
    read_only: bool,
    record: Option<PathBuf>,
) -> Result<End, Failure> {
    require_terminal()?;
    let paths = Paths::find();
    let mut config = Config::load(paths.as_ref())?;
    if read_only {
        config.make_read_only();
    }
    let keymap = keys(&config).map_err(Failure::first_of)?;
    tui::run(
        &config,
        environment,
        paths,
        options(&config, keymap, record),
    )
}

/// The keys of the explorer, or what is wrong with those in the configuration.
fn keys(config: &Config) -> Result<Keymap, Vec<Failure>> {
    Keymap::configured(&config.keys)
}

/// The verbs of the explorer, for the commands.
fn verbs(config: &Config) -> Result<Vec<VerbKeys>, Vec<Failure>> {
    let map = keys(config)?;
    let verb = |(spec, keys): (&ActionSpec<Action>, &[Keys])| VerbKeys {
        id: spec.id,
        place: heading(spec.bound_in()),
        keys: keys.iter().map(ToString::to_string).collect(),
        title: spec.title,
        command: match spec.twin {
            Twin::Command(command) => Some(command),
            Twin::OnlyOnScreen(_) => None,
        },
    };
    Ok(map.verbs().map(verb).collect())
}

/// What is around the explorer, for the commands.
fn screen(look: LookSettings) -> Vec<Check> {
    let told = |fact: Fact| {
        let check = Check::fine("terminal", fact.name, &fact.value);
        match (fact.remedy, fact.advice) {
            (Some(remedy), _) => check.wrong(&remedy),
            (None, Some(advice)) => check.but(&advice),
            (None, None) => check,
        }
    };
    let facts = surroundings::facts(&look, variable);
    facts.into_iter().map(told).collect()
}

/// What this process's environment says under a name.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What the configuration and the surroundings say of how the screen is to be used.
fn options(config: &Config, keymap: Keymap, record: Option<PathBuf>) -> tui::Options {
    tui::Options {
        theme: Theme::chosen(&config.look, variable),
        mouse: config.look.mouse,
        keymap: Rc::new(keymap),
        programs: tui::editor::Programs::find(variable),
        // For the test that a panic restores the terminal.
        panic_key: variable("CAPTUI_TEST_PANIC_KEY").is_some(),
        record,
    }
}

fn require_terminal() -> Result<(), Failure> {
    let usable = if !io::stdin().is_terminal() {
        Err("standard input is not a terminal")
    } else if !io::stdout().is_terminal() {
        Err("standard output is not a terminal")
    } else {
        drawable()
    };
    usable.map_err(|reason| {
        Failure::new(FailureKind::Usage, "the explorer needs a terminal")
            .because(reason)
            .hint("without one, use the commands: captui type list, captui record find user, …")
            .hint("captui --help lists them all")
    })
}

/// Whether the terminal can be drawn on, or why not.
fn drawable() -> Result<(), &'static str> {
    match std::env::var("TERM").as_deref() {
        Ok("dumb") => Err("the terminal cannot be drawn on (TERM is `dumb`)"),
        Ok("") | Err(_) => Err("the terminal's kind is not known (TERM is not set)"),
        Ok(_) => Ok(()),
    }
}
