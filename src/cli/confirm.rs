//! Asking before something goes that may be missed. Used by the commands that delete.

use std::io;
use std::io::IsTerminal;
use std::io::Write;

use crate::cli::args::shared::Answers;
use crate::cli::session::Session;
use crate::cli::shown::place;
use crate::config::environment::EnvironmentClass;
use crate::curl::export::quote;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::json::sanitize::clean;

/// Asks the person at the terminal whether `what` shall be done, unless `yes` says so already. Without a terminal
/// nobody can be asked, so it is not done.
pub(super) fn confirm(what: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("not done without asking: {what}"),
        )
        .because("this is not a terminal, so nobody can be asked")
        .hint("--yes does it"));
    }
    forget_typed();
    let mut answer = String::new();
    let asked = write!(io::stderr(), "captui: {}? [y/N] ", clean(what))
        .and_then(|()| io::stdin().read_line(&mut answer));
    if asked.is_ok() && is_yes(&answer) {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Interrupted, "nothing was done"))
}

/// Asks the person at the terminal to type `word` before `what` happens. Without a terminal nobody can be asked, so it is
/// not done.
pub(super) fn confirm_word(what: &str, word: &str) -> Result<(), Failure> {
    let stopped = |message: String| {
        Failure::new(FailureKind::Found, message)
            .hint(format!("if you mean it: --confirm {}", quote(word)))
    };
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(stopped(format!("nothing was sent: {what}"))
            .because("this is not a terminal, so nobody can be asked"));
    }
    forget_typed();
    let mut answer = String::new();
    let asked = write!(
        io::stderr(),
        "captui: {}. Type {} to go on: ",
        clean(what),
        clean(word)
    )
    .and_then(|()| io::stdin().read_line(&mut answer));
    if asked.is_ok() && answer.trim_end_matches(['\n', '\r']) == word {
        return Ok(());
    }
    Err(stopped(
        "nothing was sent: that was another word".to_owned(),
    ))
}

/// What is at stake when a call cannot be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stakes {
    /// Something stops working, or a value is lost that is easily set again: a yes suffices.
    Change,
    /// Data goes for good: a name must be typed.
    Loss,
}

/// Asks before a call that cannot be taken back, outside of sandboxes (design D.7): for a yes, or for `word`, which names
/// what goes or where it goes. `what` completes "captui: …?".
pub(super) fn before(
    stakes: Stakes,
    what: &str,
    word: &str,
    answers: &Answers,
    session: &Session,
) -> Result<(), Failure> {
    session.may_change()?;
    let environment = session.environment();
    if let Some(given) = &answers.confirm {
        if given == word {
            return Ok(());
        }
        return Err(Failure::new(
            FailureKind::Found,
            format!("nothing was sent: {what} asks for another name"),
        )
        .hint(format!("if you mean it: --confirm {}", quote(word))));
    }
    if environment.class == EnvironmentClass::Sandbox {
        return Ok(());
    }
    let what = format!("{what} in `{}` ({})", environment.name, place(environment));
    match stakes {
        Stakes::Change => confirm(&what, answers.yes),
        Stakes::Loss => confirm_word(&what, word),
    }
}

/// What was typed before the question was seen is no answer to it.
pub(super) fn forget_typed() {
    // Without a terminal there is nothing to throw away.
    let _ = rustix::termios::tcflush(
        rustix::stdio::stdin(),
        rustix::termios::QueueSelector::IFlush,
    );
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_is_one() {
        for (answer, yes) in [
            ("y\n", true),
            (" YES \n", true),
            ("\n", false),
            ("", false),
            ("no\n", false),
            ("yess", false),
        ] {
            assert_eq!(is_yes(answer), yes, "{answer:?}");
        }
    }
}
