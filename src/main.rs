//! The command `captui`: reads the arguments, picks a front-end, gives the exit code.

use std::io::IsTerminal;
use std::process::ExitCode;

use captui::cli;
use captui::cli::args::Cli;
use captui::config::Config;
use captui::config::paths::Paths;
use captui::failure::Failure;
use captui::failure::FailureKind;
use captui::tui;
use captui::tui::runtime::End;
use captui::tui::theme::Theme;
use clap::Parser;

fn main() -> ExitCode {
    // Nothing that this program writes is for others to read.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let cli = Cli::parse();
    match cli.command {
        Some(command) => cli::run(command, cli.env.as_deref(), cli.json),
        None => match explorer(cli.env.as_deref()) {
            Ok(code) => code,
            Err(failure) => cli::finish(&failure),
        },
    }
}

/// Runs the explorer; needs a terminal that can be drawn on. A signal that ends it gives the shell's 128 + number.
fn explorer(environment: Option<&str>) -> Result<ExitCode, Failure> {
    require_terminal()?;
    let paths = Paths::find();
    let config = Config::load(paths.as_ref())?;
    let variable = |name: &str| std::env::var(name).ok();
    let options = tui::Options {
        theme: Theme::detect(variable),
        editor: tui::editor::command(variable),
        // For the test that a panic restores the terminal.
        panic_key: variable("CAPTUI_TEST_PANIC_KEY").is_some(),
    };
    match tui::run(&config, environment, paths, options)? {
        End::Quit => Ok(ExitCode::SUCCESS),
        End::Signal(number) => Ok(ExitCode::from(128 + number)),
    }
}

fn require_terminal() -> Result<(), Failure> {
    let reason = if !std::io::stdin().is_terminal() {
        "standard input is not a terminal"
    } else if !std::io::stdout().is_terminal() {
        "standard output is not a terminal"
    } else {
        match std::env::var("TERM").as_deref() {
            Ok("dumb") => "the terminal cannot be drawn on (TERM is `dumb`)",
            Ok("") | Err(_) => "the terminal's kind is not known (TERM is not set)",
            Ok(_) => return Ok(()),
        }
    };
    Err(
        Failure::new(FailureKind::Usage, "the explorer needs a terminal")
            .because(reason)
            .hint("without one, use the commands: captui type list, captui record find user, …")
            .hint("captui --help lists them all"),
    )
}
