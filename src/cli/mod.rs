//! The command line: arguments to jobs, outputs to text.
//!
//! Every command is a job (or a few) of the worker, run here directly. This is one of the two places where failures
//! become text; what they mean is decided below, in `exchange` and `failure`.

pub mod args;
mod commands;
pub mod complete;
mod confirm;
mod help;
mod input;
pub mod items;
mod names;
pub mod output;
mod pasted;
mod plain;
mod progress;
mod secret;
mod session;
mod shown;

use std::io;
use std::process::ExitCode;

use crate::cli::args::Command;
use crate::cli::args::sandbox::SandboxCommand;
use crate::cli::args::shared::Sent;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::config::Config;
use crate::config::look::LookSettings;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::worker::filter;

/// A verb of the explorer with its keys.
#[derive(Clone, Debug)]
pub struct VerbKeys {
    /// Its name: `form.add`.
    pub id: &'static str,
    /// Where its keys work.
    pub place: &'static str,
    /// Its keys as people see them.
    pub keys: Vec<String>,
    /// What it does.
    pub title: &'static str,
    /// The command that does the same, if there is one.
    pub command: Option<&'static str>,
}

/// The verbs of the explorer with the keys that a configuration gives them, or what is wrong with those.
pub type VerbTable = fn(&Config) -> Result<Vec<VerbKeys>, Vec<Failure>>;

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Fine,
    /// Works, and could be better.
    Note,
    /// Keeps something from working, or lets others see what is not theirs.
    Wrong,
}

impl State {
    /// In a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Note => "note",
            Self::Wrong => "wrong",
        }
    }
}

/// Something that `captui doctor` looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it belongs to: `folders`.
    pub area: &'static str,
    /// What was looked at.
    pub name: String,
    /// How well it is.
    pub state: State,
    /// What was found.
    pub value: String,
    /// What to do about it; none where it is as it should be.
    pub remedy: Option<String>,
}

impl Check {
    /// Something that is as it should be.
    pub fn fine(area: &'static str, name: &str, value: &str) -> Self {
        Self {
            area,
            name: name.to_owned(),
            state: State::Fine,
            value: value.to_owned(),
            remedy: None,
        }
    }

    /// The same, where something could be better.
    #[must_use]
    pub fn but(self, remedy: &str) -> Self {
        Self {
            state: State::Note,
            remedy: Some(remedy.to_owned()),
            ..self
        }
    }

    /// The same, where something is wrong.
    #[must_use]
    pub fn wrong(self, remedy: &str) -> Self {
        Self {
            state: State::Wrong,
            remedy: Some(remedy.to_owned()),
            ..self
        }
    }
}

/// What the explorer finds around it with these settings: the terminal, and the programs it would run.
pub type ScreenTeller = fn(LookSettings) -> Vec<Check>;

/// In what manner a command works, whatever it does.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Whether only the least is printed.
    pub quiet: bool,
    /// Whether no call is sent that changes anything.
    pub read_only: bool,
    /// The verbs of the explorer, which this module does not know.
    pub verbs: VerbTable,
    /// What is around the explorer, which this module does not know either.
    pub screen: ScreenTeller,
}

/// Carries out a command in the environment called `environment` (or the default one) and gives the exit code; what
/// there is to say has been said.
pub fn run(command: Command, environment: Option<&str>, json: bool, manner: Manner) -> ExitCode {
    if manner.quiet {
        output::be_quiet();
    }
    if manner.read_only {
        session::be_read_only();
    }
    if let Command::Jq = command {
        // Before anything is opened that its limits would not let live.
        return filter::be_the_process();
    }
    let done = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Stop::from)
        .and_then(|runtime| {
            let done = runtime.block_on(carry_out(command, environment, json, manner));
            // Work in other threads that nobody waits for any more does not keep the program from ending.
            runtime.shutdown_background();
            done
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Failed(failure)) => finish(&failure),
        Err(Stop::Found) => ExitCode::from(FailureKind::Found.exit_code()),
        // Whoever read the output has had enough.
        Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Stop::Output(error)) => finish(
            &Failure::new(FailureKind::Internal, "the output cannot be written").because(error),
        ),
    }
}

/// Tells a failure and gives its exit code.
pub fn finish(failure: &Failure) -> ExitCode {
    output::report(failure);
    ExitCode::from(failure.kind.exit_code())
}

async fn carry_out(
    command: Command,
    environment: Option<&str>,
    json: bool,
    manner: Manner,
) -> Result<(), Stop> {
    let verbs = manner.verbs;
    match command {
        Command::Curl(curl) => commands::curl::run(curl, environment, json).await,
        Command::Postman(command) => commands::postman::run(command, environment, json).await,
        Command::Completions(asked) => commands::completions::print(&asked),
        Command::Man(man) => commands::man::run(&man),
        Command::Commands => commands::overview::print(json),
        Command::Env(command) => commands::env::run(command, environment, json).await,
        Command::Config(command) => commands::config::run(&command, verbs, json),
        Command::Doctor => Box::pin(commands::doctor::run(environment, json, manner)).await,
        Command::Keys => commands::keys::print(verbs, json),
        Command::View(view) => commands::view::print(&view.files),
        Command::Explain(explain) => commands::explain::explain(explain.what.as_deref(), json),
        // Done above.
        Command::Jq => Ok(()),
        Command::Sandbox(command) => sandbox(command, json).await,
        Command::Type(command) => {
            commands::types::run(command, &Session::new(environment, json)?).await
        }
        Command::Schema(command) => {
            Box::pin(commands::schema::run(command, environment, json)).await
        }
        Command::Record(command) => {
            commands::record::run(command, &Session::new(environment, json)?).await
        }
        Command::Client(command) => {
            commands::client::run(command, &Session::new(environment, json)?).await
        }
        Command::Setting(command) => {
            commands::setting::run(command, &Session::new(environment, json)?).await
        }
        Command::Access(command) => {
            commands::access::run(command, &Session::new(environment, json)?).await
        }
        Command::History(command) => commands::history::run(command, environment, json).await,
        Command::Call(call) => {
            let request = commands::call::request(&call.operation, call.arguments)?;
            let sent = Sent {
                sending: call.sending,
                answers: call.answers,
            };
            commands::call::call(request, sent, &Session::new(environment, json)?).await
        }
    }
}

/// Does work that waits for the sandbox's writer, as no thread that runs asynchronous tasks may.
async fn blocking(work: impl FnOnce() -> Result<(), Stop> + Send + 'static) -> Result<(), Stop> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

async fn sandbox(command: SandboxCommand, json: bool) -> Result<(), Stop> {
    let changes = !matches!(
        command,
        SandboxCommand::Status(_) | SandboxCommand::Snapshot(_)
    );
    if changes && session::is_read_only() {
        let message = "nothing was done: --read-only lets nothing be changed in the sandbox";
        return Err(Failure::new(FailureKind::Usage, message).into());
    }
    match command {
        SandboxCommand::Serve(serve) => commands::sandbox::serve::serve(serve, json).await,
        SandboxCommand::Status(status) => commands::sandbox::status::status(&status, json),
        SandboxCommand::Reset(reset) => commands::sandbox::reset::reset(&reset, json),
        SandboxCommand::Seed(seed) => {
            blocking(move || commands::sandbox::seed::seed(&seed, json)).await
        }
        SandboxCommand::Snapshot(snapshot) => {
            commands::sandbox::snapshot::snapshot(&snapshot, json)
        }
        SandboxCommand::Restore(restore) => commands::sandbox::restore::restore(&restore, json),
        SandboxCommand::CopySchema(copy) => {
            commands::sandbox::copy_schema::copy_schema(&copy, json).await
        }
    }
}
