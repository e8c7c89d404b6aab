//! A call that was written for another program, sent by ours: where it goes, as whom, and what is asked before. Used by
//! the commands that read such calls, of curl and of Postman; reading them is `curl`'s and `paste`'s.
//!
//! ```text
//! Import ─▶ whole? ─▶ whose host, whose client? ─▶ told ─▶ shown, or asked ─▶ sent
//! ```
//!
//! The rule that all of it serves: a secret goes to the host that it is for, and nowhere else.

mod destination;
mod told;

use crate::capture::endpoint::ENDPOINTS;
use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::cli::args::pasted::Pasted;
use crate::cli::args::shared::Sent;
use crate::cli::commands::call::warn_unknown;
use crate::cli::confirm::consent;
use crate::cli::input;
use crate::cli::output;
use crate::cli::pasted::destination::destination;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::config::Config;
use crate::config::paths::Paths;
use crate::curl::account::Fate;
use crate::curl::import::Import;
use crate::curl::import::Operation;
use crate::exchange::replay::again;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;

/// Sends a call, or shows it, as `how` says, and prints the answer.
pub(super) async fn send(
    import: &Import,
    how: &Pasted,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    let request = whole(import, &how.set)?;
    let config = Config::load(Paths::find().as_ref())?;
    let destination = destination(import, how, environment, &config)?;
    let is_told_as_json = how.sending.dry_run && json;
    if !output::is_quiet() && !is_told_as_json {
        output::tell(&told::account(import, &request, &destination));
    }
    for (name, _) in request.args.iter() {
        if request.endpoint.spec().param(name).is_none() {
            warn_unknown(request.endpoint, name);
        }
    }
    let asked = consent(again(request.endpoint), destination.environment.class);
    if how.sending.dry_run {
        return told::dry_run(import, &request, &destination, asked, json);
    }
    let session = Session::within(destination.environment, &config, json);
    let show = |answer: &Json| Ok(output::print(&output::pretty(answer))?);
    let sent = Sent {
        sending: how.sending,
        answers: how.answers.clone(),
    };
    session.send(request, sent, show).await
}

/// The call with the arguments of `--set`; a failure when it would be less or other than what was written.
fn whole(import: &Import, set: &[(String, String)]) -> Result<ApiRequest, Failure> {
    let endpoint = match &import.operation {
        Operation::Known(endpoint) => *endpoint,
        Operation::Unknown(path) => return Err(unknown_operation(path)),
        Operation::Missing => {
            let message = "nothing was sent: the URL names no operation";
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("it ends with one, as in https://my-app.janraincapture.com/entity.count"));
        }
    };
    if import.lacks_data {
        let refused = import
            .accounts
            .iter()
            .filter(|it| matches!(it.fate, Fate::Refused(_)));
        let parts: Vec<String> = refused
            .map(|it| format!("{}: {}", it.text, it.fate.reason()))
            .collect();
        return Err(
            Failure::new(FailureKind::Usage, "nothing was sent: a part is missing")
                .because(parts.join("\n"))
                .hint("--set NAME=VALUE gives arguments; captui call sends a call that you write"),
        );
    }
    let args = with(&import.args, set)?;
    let given = |text: &str| {
        set.iter()
            .any(|(name, _)| text.contains(&format!("{name}=")))
    };
    let missing: Vec<String> = import
        .placeholders()
        .filter(|account| !given(&account.text))
        .map(|account| format!("{}: {}", account.text, account.fate.reason()))
        .collect();
    if !missing.is_empty() {
        return Err(Failure::new(
            FailureKind::Usage,
            "nothing was sent: what stands for a value is no value",
        )
        .because(missing.join("\n"))
        .hint("--set NAME=VALUE gives the value"));
    }
    let request = ApiRequest {
        args,
        ..ApiRequest::new(endpoint)
    };
    // The schema is not asked for: what it calls a password is not known.
    let names = redact::names_written(&request);
    Ok(request.hiding(names))
}

/// The arguments, with those of `set` in place of those of the same name.
fn with(args: &Args, set: &[(String, String)]) -> Result<Args, Failure> {
    let mut given = Vec::with_capacity(set.len());
    for (name, value) in set {
        given.push((name.clone(), input::text(value)?));
    }
    let mut all: Vec<(String, String)> = Vec::new();
    for (name, value) in &args.0 {
        match given.iter().rev().find(|(other, _)| other == name) {
            None => all.push((name.clone(), value.clone())),
            Some(_) if all.iter().any(|(other, _)| other == name) => {}
            Some(replaced) => all.push(replaced.clone()),
        }
    }
    for (name, value) in given {
        if !args.iter().any(|(other, _)| other == name) {
            all.retain(|(other, _)| *other != name);
            all.push((name, value));
        }
    }
    Ok(Args(all))
}

fn unknown_operation(path: &str) -> Failure {
    let failure = Failure::new(
        FailureKind::Usage,
        format!("nothing was sent: no operation is called `{path}`"),
    );
    match nearest(path, ENDPOINTS.iter().map(|spec| spec.path)) {
        Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
        None => failure.hint("captui postman export lists all operations"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curl::import::import;

    fn read(command: &str, set: &[(&str, &str)]) -> Result<Vec<(String, String)>, Failure> {
        let set: Vec<_> = set
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let import = import(command).expect("is a command");
        whole(&import, &set).map(|request| request.args.0)
    }

    #[test]
    fn arguments_take_the_place_of_others() {
        for (command, set, expected) in [
            ("curl h.x/entity -d a=1 -d b=2", &[][..], "a=1 b=2"),
            (
                "curl h.x/entity -d a=1 -d b=2 -d a=3",
                &[("a", "4")],
                "a=4 b=2",
            ),
            (
                "curl h.x/entity -d a=1",
                &[("c", "5"), ("c", "6")],
                "a=1 c=6",
            ),
            (
                "curl h.x/entity -d type_name='{{type}}'",
                &[("type_name", "user")],
                "type_name=user",
            ),
            ("curl h.x/entity -d a=1", &[("b", "@@x")], "a=1 b=@x"),
        ] {
            let args = read(command, set).expect(command);
            let args: Vec<String> = args.iter().map(|(n, v)| format!("{n}={v}")).collect();
            assert_eq!(args.join(" "), expected, "{command}");
        }
    }

    #[test]
    fn what_is_not_whole_is_not_sent() {
        for (command, words) in [
            ("curl https://h.x/entity.craete -d a=1", "entity.create"),
            ("curl https://h.x/ -d a=1", "names no operation"),
            ("curl https://h.x/entity -d id=$ID", "$ID is a variable"),
            ("curl https://h.x/entity -d 'uuid=<uuid>'", "--set"),
            (
                "curl https://h.x/entity.create --json '{\"a\":1}'",
                "a part is missing",
            ),
            (
                "curl https://h.x/entity.create -F photo=@x.png",
                "a part is missing",
            ),
        ] {
            let failure = read(command, &[]).expect_err(command);
            let shown = format!("{failure:?}");
            assert!(shown.contains(words), "{command}: {shown}");
            assert_eq!(failure.kind, FailureKind::Usage);
        }
    }
}
