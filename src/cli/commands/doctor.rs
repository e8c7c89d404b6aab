//! `captui doctor`: what somebody who helps asks first. Nothing is changed, no secret is shown, and nobody is called unless
//! `--env` names an environment; then one call is made that changes nothing.
//!
//! What there is to know of the terminal the program's entry brings, as this module knows none.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use rustix::fs::Access;
use rustix::fs::access;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::cli::Check;
use crate::cli::Manner;
use crate::cli::State;
use crate::cli::commands::env::explained;
use crate::cli::commands::sandbox::size;
use crate::cli::commands::types::count;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::cli::session::unexpected;
use crate::cli::shown::place;
use crate::config::Config;
use crate::config::edit::FILE;
use crate::config::environment::Target;
use crate::config::paths::Paths;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::failure::Failure;
use crate::history::store;
use crate::sandbox::store::survey;
use crate::worker::job::Job;
use crate::worker::job::Output;

/// How far clocks may be apart before signed calls are refused, in seconds (reference 3.3).
const FAR: i64 = 15 * 60;

/// How far they may be apart before it is worth a word, in seconds: twice what an answer may take.
const NEAR: i64 = 120;

/// Looks at everything, and tells it. `named` is what `--env` says.
pub(in crate::cli) async fn run(
    named: Option<&str>,
    json: bool,
    manner: Manner,
) -> Result<(), Stop> {
    let paths = Paths::find();
    let loaded = Config::load(paths.as_ref());
    let config = loaded.as_ref().cloned().unwrap_or_default();
    let mut checks = vec![
        Check::fine("program", "version", env!("CARGO_PKG_VERSION")),
        Check::fine(
            "program",
            "platform",
            &format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        ),
    ];
    checks.extend((manner.screen)(config.look));
    match &paths {
        Some(paths) => checks.extend(folders(paths)),
        None => {
            checks.push(Check::fine("folders", "home", "none").wrong(
                "set HOME to an absolute path: without it nothing is read and nothing is kept",
            ));
        }
    }
    checks.extend(configuration(paths.as_ref(), &loaded));
    if let Ok(config) = &loaded {
        checks.extend(keys((manner.verbs)(config)));
        checks.extend(secrets(config));
    }
    if let Some(paths) = &paths {
        checks.push(history(&paths.state));
        checks.push(sandbox(&paths.sandbox()));
    }
    if let Some(name) = named {
        match &loaded {
            Ok(_) => checks.extend(Box::pin(call(name)).await?),
            Err(_) => checks.push(
                Check::fine("call", name, "not made")
                    .wrong("the configuration has to be mended first"),
            ),
        }
    }
    tell(&checks, json)?;
    if checks.iter().any(|check| check.state == State::Wrong) {
        return Err(Stop::Found);
    }
    Ok(())
}

fn folders(paths: &Paths) -> Vec<Check> {
    [
        ("config", &paths.config, false),
        ("data", &paths.data, true),
        ("state", &paths.state, true),
        ("cache", &paths.cache, false),
    ]
    .into_iter()
    .map(|(name, path, is_private)| folder(name, path, is_private))
    .collect()
}

/// What is `is_private` holds people's records, so that nobody else should see into it.
fn folder(name: &str, path: &Path, is_private: bool) -> Check {
    let shown = path.display();
    let check = |value: &str| Check::fine("folders", name, value);
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let above = path.ancestors().skip(1).find(|above| above.exists());
            let check = check(&format!("{shown}, not there yet"));
            return match above {
                Some(above) if access(above, Access::WRITE_OK).is_err() => check.wrong(&format!(
                    "it cannot be made: {} may not be written to",
                    above.display()
                )),
                _ => check,
            };
        }
        Err(error) => return check(&shown.to_string()).wrong(&error.to_string()),
    };
    let mode = metadata.permissions().mode() & 0o7777;
    let check = check(&format!("{shown}, mode {mode:04o}"));
    if !metadata.is_dir() {
        return check.wrong("it is no folder: move what is there out of the way");
    }
    if access(path, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        return check.wrong(&format!(
            "it has to be readable and writable: chmod 700 {shown}"
        ));
    }
    // Nothing for the group and for others.
    if mode.trailing_zeros() >= 6 {
        check
    } else if is_private {
        check.wrong(&format!("others may look into it: chmod 700 {shown}"))
    } else {
        check.but("others may look into it; files with secrets are still for you alone")
    }
}

fn configuration(paths: Option<&Paths>, loaded: &Result<Config, Failure>) -> Vec<Check> {
    let file = paths.map(|paths| paths.config.join(FILE));
    let shown = file
        .as_ref()
        .map_or("none".to_owned(), |file| file.display().to_string());
    let is_there = file.is_some_and(|file| file.exists());
    let check = match loaded {
        Ok(config) => {
            let environments = count(config.environments.len(), "environment");
            let note = if is_there {
                ""
            } else {
                ", not there and not needed"
            };
            Check::fine(
                "configuration",
                "file",
                &format!("{shown}{note}: {environments}"),
            )
        }
        Err(failure) => Check::fine("configuration", "file", &shown).wrong(&in_words(failure)),
    };
    vec![check]
}

fn keys(verbs: Result<Vec<crate::cli::VerbKeys>, Vec<Failure>>) -> Vec<Check> {
    let faults = verbs.err().unwrap_or_default();
    let one =
        |fault: &Failure| Check::fine("configuration", "keys", "a fault").wrong(&in_words(fault));
    faults.iter().map(one).collect()
}

/// Whether each secret is where the configuration says. None is shown, and no program run.
fn secrets(config: &Config) -> Vec<Check> {
    let one = |environment: &crate::config::environment::Environment| {
        let Target::Remote { credentials, .. } = &environment.target else {
            return None;
        };
        let check = |value| Check::fine("secrets", &environment.name, value);
        Some(match credentials.secret.look() {
            Ok(()) => check("is where the configuration says"),
            Err(error) => check("cannot be read").wrong(&error.to_string()),
        })
    };
    config.environments.iter().filter_map(one).collect()
}

fn history(folder: &Path) -> Check {
    let check = |value: &str| Check::fine("history", "file", value);
    match store::look(folder) {
        Ok(None) => check("not begun yet"),
        Ok(Some(bytes)) => check(&format!("opens, {}", size(bytes))),
        Err(error) => check("does not open").wrong(&format!(
            "{error}; at the next call it is set aside if it is damaged, and a new one begun"
        )),
    }
}

fn sandbox(folder: &Path) -> Check {
    let check = |value: &str| Check::fine("sandbox", "database", value);
    match survey::survey(folder) {
        Ok(None) => check("not begun yet"),
        Ok(Some(found)) => {
            let records: i64 = found.types.iter().map(|(_, records)| records).sum();
            check(&format!(
                "opens, {}: {}, {}",
                size(found.bytes),
                count(found.types.len(), "entity type"),
                count(usize::try_from(records).unwrap_or_default(), "record"),
            ))
        }
        Err(error) => check("does not open").wrong(&format!(
            "{error}; captui sandbox restore takes a snapshot back, captui sandbox reset begins again"
        )),
    }
}

/// Makes one call that changes nothing, and says what came of it and what the service's clock shows.
async fn call(name: &str) -> Result<Vec<Check>, Stop> {
    let session = Session::new(Some(name), false)?;
    let at = place(session.environment());
    let check = |value: &str| Check::fine("call", name, value);
    let exchange = match session
        .run(Job::Send(ApiRequest::new(Endpoint::TypeList)))
        .await
    {
        Ok(Output::Exchange(exchange)) => exchange,
        Ok(_) => return Err(unexpected().into()),
        Err(Stop::Failed(failure)) => {
            return Ok(vec![
                check(&format!("{at}, not made")).wrong(&in_words(&failure)),
            ]);
        }
        Err(other) => return Err(other),
    };
    let took = exchange.elapsed.as_millis();
    let value = format!("{at}, entityType.list, {took} ms");
    let answer = match exchange.failure() {
        None => check(&value),
        Some(failure) => check(&value).wrong(&in_words(&explained(failure, &exchange))),
    };
    Ok([Some(answer), clock(&exchange)]
        .into_iter()
        .flatten()
        .collect())
}

/// How far this machine's clock is from the service's, if the answer tells the time.
fn clock(exchange: &Exchange) -> Option<Check> {
    let Outcome::Answered(answered) = &exchange.outcome else {
        return None;
    };
    let date = answered.header("date")?;
    let theirs = rfc2822::parse(date).ok()?.timestamp();
    let ours = exchange.started.checked_add(exchange.elapsed).ok()?;
    Some(skew(ours, theirs))
}

fn skew(ours: Timestamp, theirs: Timestamp) -> Check {
    let ahead = ours.as_second() - theirs.as_second();
    let apart = ahead.abs();
    let way = if ahead > 0 { "ahead of" } else { "behind" };
    let check = |value: &str| Check::fine("call", "clock", value);
    if apart <= 2 {
        return check("the same as the service's");
    }
    let check = check(&format!("{apart} seconds {way} the service's"));
    if apart > FAR {
        check.wrong("signed calls are refused beyond 15 minutes: set this machine's clock")
    } else if apart > NEAR {
        check.but("signed calls are refused beyond 15 minutes")
    } else {
        check
    }
}

/// A failure with what caused it and what to do, on one line.
fn in_words(failure: &Failure) -> String {
    let mut words = failure.to_string();
    for hint in &failure.hints {
        let _ = write!(words, "; {hint}");
    }
    words
}

fn tell(checks: &[Check], json: bool) -> Result<(), Stop> {
    let wrong = checks.iter().filter(|it| it.state == State::Wrong).count();
    if json {
        let one = |check: &Check| -> Json {
            [
                ("area", Json::from(check.area)),
                ("name", Json::from(check.name.as_str())),
                ("state", Json::from(check.state.word())),
                ("value", Json::from(check.value.as_str())),
                (
                    "remedy",
                    check
                        .remedy
                        .as_ref()
                        .map_or(Json::Null, |remedy| Json::from(remedy.as_str())),
                ),
            ]
            .into_iter()
            .collect()
        };
        let json: Json = [
            ("version", Json::from(env!("CARGO_PKG_VERSION"))),
            ("well", Json::from(wrong == 0)),
            ("checks", Json::Array(checks.iter().map(one).collect())),
        ]
        .into_iter()
        .collect();
        return Ok(output::print_json(&json)?);
    }
    let mut text = String::new();
    let mut area = "";
    for check in checks {
        if area != check.area {
            area = check.area;
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{area}");
        }
        let state = check.state.word();
        let _ = writeln!(text, "  {state:<5}  {:<18}  {}", check.name, check.value);
        if let Some(remedy) = &check.remedy {
            let _ = writeln!(text, "         {:<18}  {remedy}", "");
        }
    }
    let end = match wrong {
        0 => "all is well".to_owned(),
        _ => format!("{} found: see `wrong` above", count(wrong, "fault")),
    };
    let _ = writeln!(text, "\n{end}");
    Ok(output::print(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_be_a_quarter_of_an_hour_apart() {
        let theirs: Timestamp = "2026-03-01T12:00:00Z".parse().expect("an instant");
        for (ahead, state, words) in [
            (1, State::Fine, "the same"),
            (30, State::Fine, "30 seconds ahead of"),
            (-30, State::Fine, "30 seconds behind"),
            (600, State::Note, "600 seconds ahead of"),
            (901, State::Wrong, "901 seconds ahead of"),
            (-4000, State::Wrong, "4000 seconds behind"),
        ] {
            let ours = Timestamp::from_second(theirs.as_second() + ahead).expect("an instant");
            let check = skew(ours, theirs);
            assert_eq!(check.state, state, "{ahead}");
            assert!(check.value.starts_with(words), "{ahead}: {}", check.value);
        }
    }
}
