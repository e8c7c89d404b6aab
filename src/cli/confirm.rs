//! Asking before something goes that may be missed. Used by the commands that write.

use std::io;
use std::io::IsTerminal;
use std::io::Write;

use crate::capture::request::ApiRequest;
use crate::cli::args::shared::Answers;
use crate::cli::session::Session;
use crate::cli::shown::place;
use crate::config::environment::Environment;
use crate::config::environment::EnvironmentClass;
use crate::curl::export::quote;
use crate::exchange::replay::Again;
use crate::exchange::replay::again;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::json::sanitize::clean;
use crate::worker::replay::Consent;

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
/// not done: like a flag that is missing, that is wrong usage.
pub(super) fn confirm_word(what: &str, word: &str) -> Result<(), Failure> {
    let stopped = |kind: FailureKind, message: String| {
        Failure::new(kind, message).hint(format!("if you mean it: --confirm {}", quote(word)))
    };
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(
            stopped(FailureKind::Usage, format!("nothing was sent: {what}"))
                .because("this is not a terminal, so nobody can be asked"),
        );
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
        FailureKind::Interrupted,
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
    answered(stakes, what, word, answers, session.environment())?;
    session.agree();
    Ok(())
}

fn answered(
    stakes: Stakes,
    what: &str,
    word: &str,
    answers: &Answers,
    environment: &Environment,
) -> Result<(), Failure> {
    if let Some(given) = &answers.confirm {
        if given == word {
            return Ok(());
        }
        return Err(Failure::new(
            FailureKind::Usage,
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

/// The one rule for every call that a command sends, unless something more exact was asked before: a yes before a change
/// in production, the environment's name before what removes for good.
pub(super) fn before_sending(
    request: &ApiRequest,
    answers: &Answers,
    session: &Session,
) -> Result<(), Failure> {
    if session.is_agreed() {
        return Ok(());
    }
    let environment = session.environment();
    let (stakes, does) = match consent(again(request.endpoint), environment.class) {
        Consent::None => return Ok(()),
        Consent::Yes => (Stakes::Change, "changes what is stored"),
        Consent::Word => (Stakes::Loss, "removes for good"),
    };
    let what = format!("send {}, which {does},", request.endpoint);
    before(stakes, &what, &environment.name, answers, session)
}

/// What must be answered before a call is sent for the first time (design D.7): a yes before a change in production, a
/// typed word before what cannot be taken back, nothing in a sandbox.
pub(super) fn consent(again: Again, class: EnvironmentClass) -> Consent {
    match (again, class) {
        (Again::Reads, _)
        | (_, EnvironmentClass::Sandbox)
        | (Again::Changes | Again::Creates, EnvironmentClass::Dev) => Consent::None,
        (Again::Destroys, EnvironmentClass::Dev | EnvironmentClass::Prod) => Consent::Word,
        (Again::Changes | Again::Creates, EnvironmentClass::Prod) => Consent::Yes,
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
    fn the_more_is_at_stake_the_more_is_asked() {
        use Again::Changes;
        use Again::Creates;
        use Again::Destroys;
        use Again::Reads;
        for (again, asked) in [
            (Reads, [Consent::None; 3]),
            (Changes, [Consent::None, Consent::None, Consent::Yes]),
            (Creates, [Consent::None, Consent::None, Consent::Yes]),
            (Destroys, [Consent::None, Consent::Word, Consent::Word]),
        ] {
            let classes = [
                EnvironmentClass::Sandbox,
                EnvironmentClass::Dev,
                EnvironmentClass::Prod,
            ];
            let told = classes.map(|class| consent(again, class));
            assert_eq!(told, asked, "{again:?}");
        }
    }

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
