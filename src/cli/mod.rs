//! The command line: arguments to jobs, outputs to text.
//!
//! Every command is a job (or a few) of the worker, run here directly. This is one of the two places where failures
//! become text; what they mean is decided below, in `exchange` and `failure`.

pub mod args;
mod commands;
mod input;
pub mod output;
mod session;

use std::io;
use std::process::ExitCode;

use crate::cli::args::Command;
use crate::cli::args::SandboxCommand;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;

/// Carries out a command in the environment called `environment` (or the default one) and gives the exit code; what
/// there is to say has been said.
pub fn run(command: Command, environment: Option<&str>, json: bool) -> ExitCode {
    let done = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Stop::from)
        .and_then(|runtime| runtime.block_on(carry_out(command, environment, json)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Failed(failure)) => finish(&failure),
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

async fn carry_out(command: Command, environment: Option<&str>, json: bool) -> Result<(), Stop> {
    match command {
        Command::Explain { code } => commands::explain::explain(&code, json),
        Command::Sandbox(SandboxCommand::Serve(serve)) => {
            commands::sandbox::serve(serve, json).await
        }
        Command::Type(command) => {
            commands::types::run(command, &Session::new(environment, json)?).await
        }
        Command::Record(command) => {
            commands::record::run(command, &Session::new(environment, json)?).await
        }
        Command::Call {
            operation,
            arguments,
        } => {
            let request = commands::call::request(&operation, arguments)?;
            commands::call::call(request, &Session::new(environment, json)?).await
        }
    }
}
