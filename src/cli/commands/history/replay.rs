//! `captui history replay`: a call of the history sent again, where it was sent or elsewhere.
//!
//! ```text
//! the call as it was kept ─▶ with what is given again ─▶ all known? ─▶ may it change? ─▶ a yes, or a word ─▶ send
//! ```

use std::fmt::Write;

use crate::capture::json::Json;
use crate::capture::redact;
use crate::cli::args::history::Replay as Arguments;
use crate::cli::commands::call::warn_unknown;
use crate::cli::commands::history::diff;
use crate::cli::commands::history::opened;
use crate::cli::confirm::confirm;
use crate::cli::confirm::confirm_word;
use crate::cli::input;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::cli::shown::place;
use crate::config::environment::Environment;
use crate::curl::export::quote;
use crate::exchange::Exchange;
use crate::exchange::ExchangeId;
use crate::exchange::Outcome;
use crate::exchange::comparison::outcome;
use crate::exchange::replay::Again;
use crate::exchange::replay::Missing;
use crate::exchange::replay::Replay;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::worker::compare::Call;
use crate::worker::job::Job;
use crate::worker::job::Output;
use crate::worker::replay::Consent;
use crate::worker::replay::consent;

/// `history` is the session that the kept call is read with; it sends nothing.
pub(super) async fn replay(
    arguments: Arguments,
    environment: Option<&str>,
    history: &Session,
) -> Result<(), Stop> {
    let kept = opened(arguments.exchange, history).await?;
    let replay = Replay::of(&kept).with(given(&kept, &arguments.given)?);
    let session = session_for(&kept, environment, history.json())?;
    if arguments.dry_run {
        tell(arguments.exchange, &replay, &session)?;
    }
    refuse_unknown(arguments.exchange, &replay.missing)?;
    if replay.again() != Again::Reads {
        session.may_change()?;
    }
    if arguments.dry_run {
        return Ok(());
    }
    ask(&arguments, &kept, &replay, session.environment())?;
    let sent = match session.run(Job::Send(replay.request)).await? {
        Output::Exchange(exchange) => exchange,
        other => unreachable!("sending gives an exchange, not {other:?}"),
    };
    match (&sent.outcome, sent.failure()) {
        // Nothing came that could be compared.
        (Outcome::Failed(_), Some(failure)) => Err(failure.into()),
        _ if arguments.compare => diff::tell(Call::Shown(kept), Call::Shown(sent), history).await,
        _ => session.print(&sent, output::pretty),
    }
}

/// The arguments that are given again, with their files read.
fn given(
    kept: &Exchange,
    arguments: &[(String, String)],
) -> Result<Vec<(String, String)>, Failure> {
    let endpoint = kept.request.endpoint;
    let mut given = Vec::with_capacity(arguments.len());
    for (name, value) in arguments {
        if endpoint.spec().param(name).is_none() && kept.request.args.get(name).is_none() {
            warn_unknown(endpoint, name);
        }
        given.push((name.clone(), input::text(value)?));
    }
    Ok(given)
}

/// Where it is sent: to the environment that is named, else to the one it was sent to.
fn session_for(kept: &Exchange, environment: Option<&str>, json: bool) -> Result<Session, Failure> {
    Session::new(Some(environment.unwrap_or(&kept.environment)), json).map_err(|failure| {
        match environment {
            Some(_) => failure,
            None => failure
                .because("the call was sent there")
                .hint("--env NAME sends it elsewhere"),
        }
    })
}

/// A failure when something in the call is not known any more.
fn refuse_unknown(id: ExchangeId, missing: &[Missing]) -> Result<(), Failure> {
    let [first, rest @ ..] = missing else {
        return Ok(());
    };
    let mut what = first.describe();
    for missing in rest {
        let _ = write!(what, "; {}", missing.describe());
    }
    let given: Vec<String> = missing
        .iter()
        .map(|missing| quote(&format!("{}=…", missing.name)))
        .collect();
    Err(Failure::new(
        FailureKind::Usage,
        format!(
            "nothing was sent: the history does not hold all of call {}",
            id.0
        ),
    )
    .because(what)
    .hint(format!(
        "give it again: captui history replay {} -- {}",
        id.0,
        given.join(" ")
    ))
    .hint("a value @FILE is read from a file"))
}

/// Asks what must be asked before; see [`consent`].
fn ask(
    arguments: &Arguments,
    kept: &Exchange,
    replay: &Replay,
    environment: &Environment,
) -> Result<(), Failure> {
    let asked = consent(replay.again());
    if asked == Consent::None {
        return Ok(());
    }
    let name = &environment.name;
    let is_named = match &arguments.confirm {
        Some(word) if word != name => {
            return Err(Failure::new(
                FailureKind::Usage,
                "nothing was sent: --confirm does not name the environment",
            )
            .hint(format!("if you mean it: --confirm {}", quote(name))));
        }
        word => word.is_some(),
    };
    let is_answered = is_named || (asked == Consent::Yes && arguments.yes);
    if is_answered && replay.again() == Again::Creates && !arguments.create_again {
        return Err(Failure::new(
            FailureKind::Usage,
            format!("nothing was sent: {}", replay.describe()),
        )
        .because("what makes something new is not repeated by the way")
        .hint("--create-again does it"));
    }
    if is_answered {
        return Ok(());
    }
    let what = format!(
        "call {} in `{}` came to: {}; send it again to `{name}` ({}): {}",
        arguments.exchange.0,
        kept.environment,
        outcome(kept),
        place(environment),
        replay.describe()
    );
    match asked {
        Consent::Word => confirm_word(&what, name),
        Consent::Yes | Consent::None => confirm(&what, false),
    }
}

/// Tells what would be sent.
fn tell(id: ExchangeId, replay: &Replay, session: &Session) -> Result<(), Stop> {
    let environment = session.environment();
    let arguments = redact::args(&replay.request);
    let asked = match consent(replay.again()) {
        Consent::None => "nothing",
        Consent::Yes => "a yes",
        Consent::Word => "the environment's name",
    };
    if session.json() {
        let pair = |(name, value)| Json::Array(vec![Json::from(name), Json::from(value)]);
        let missing = replay.missing.iter();
        let missing = missing.map(|missing| Json::from(missing.describe().as_str()));
        let json: Json = [
            ("number", Json::from(id.0)),
            ("environment", Json::from(environment.name.as_str())),
            ("class", Json::from(environment.class.name())),
            ("operation", Json::from(replay.request.endpoint.name())),
            ("does", Json::from(replay.describe().as_str())),
            ("asks_for", Json::from(asked)),
            (
                "arguments",
                Json::Array(arguments.iter().map(pair).collect()),
            ),
            ("missing", Json::Array(missing.collect())),
        ]
        .into_iter()
        .collect();
        return Ok(output::print_json(&json)?);
    }
    let mut text = format!(
        "call {} again: {}\nto `{}` ({}); asks for {asked}\n\n",
        id.0,
        replay.describe(),
        environment.name,
        place(environment)
    );
    for (name, value) in arguments.iter() {
        text.extend([name, "=", value, "\n"]);
    }
    text.push_str("\nnothing was sent");
    Ok(output::print(&text)?)
}
