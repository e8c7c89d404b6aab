//! `captui env`: the environments of the configuration, to list, show, add, try out and take over from other tools.
//! What is written goes through `config::edit`, which keeps the author's comments.

mod add;
mod import;

use std::fs;

use crate::capture::endpoint::ClientFeature;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::cli::args::env::Class;
use crate::cli::args::env::EnvCommand;
use crate::cli::commands::bulk::dump;
use crate::cli::commands::types::count;
use crate::cli::confirm::confirm;
use crate::cli::output;
use crate::cli::output::table;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::cli::shown::place;
use crate::config::Config;
use crate::config::credentials::SecretSource;
use crate::config::edit::Editor;
use crate::config::edit::method_word;
use crate::config::environment::Environment;
use crate::config::environment::EnvironmentClass;
use crate::config::environment::SANDBOX;
use crate::config::environment::Target;
use crate::config::paths::Paths;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::worker::job::Job;
use crate::worker::job::Output;

/// The longest cell of the list, in screen cells.
const LONGEST: usize = 60;

/// Carries out a command. `named` is what `--env` says.
pub(in crate::cli) async fn run(
    command: EnvCommand,
    named: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    match command {
        EnvCommand::List => list(json),
        EnvCommand::Show(show) => {
            let config = Config::load(Paths::find().as_ref())?;
            let environment = config.environment(show.name.as_deref().or(named))?;
            tell(environment, &config, json)
        }
        EnvCommand::Add(add) => Ok(add::add(add)?),
        EnvCommand::Test(test) => {
            try_out(&Session::new(test.name.as_deref().or(named), json)?).await
        }
        EnvCommand::Use { name } => Ok(make_default(&name)?),
        EnvCommand::Remove { name, yes } => Ok(remove(&name, yes)?),
        EnvCommand::Import(import) => import::import(&import, json),
        EnvCommand::Dump(work) => Box::pin(dump::dump(work, &Session::new(named, json)?)).await,
    }
}

/// The folders of this user, where a configuration can be written.
pub(in crate::cli) fn folders() -> Result<Paths, Failure> {
    Paths::find().ok_or_else(|| {
        Failure::new(
            FailureKind::Usage,
            "there is no home folder for a configuration",
        )
        .hint("set HOME, or XDG_CONFIG_HOME, to a folder")
    })
}

fn list(json: bool) -> Result<(), Stop> {
    let config = Config::load(Paths::find().as_ref())?;
    if json {
        let all = config.environments.iter();
        let all = all.map(|environment| to_json(environment, &config));
        return Ok(output::print_json(&Json::Array(all.collect()))?);
    }
    let row = |environment: &Environment| {
        let (domain, client, secret) = match &environment.target {
            Target::Embedded => ("inside captui".to_owned(), String::new(), String::new()),
            Target::Remote {
                domain,
                credentials,
            } => (
                domain.clone(),
                credentials.client_id.clone(),
                describe_secret(&credentials.secret),
            ),
        };
        let mut notes = Vec::new();
        if environment.name == config.default_environment {
            notes.push("default");
        }
        if environment.read_only {
            notes.push("read-only");
        }
        vec![
            environment.name.clone(),
            environment.class.to_string(),
            domain,
            client,
            secret,
            notes.join(", "),
        ]
    };
    let rows: Vec<_> = config.environments.iter().map(row).collect();
    let heading = ["NAME", "CLASS", "AT", "CLIENT", "SECRET", "NOTE"];
    Ok(output::print(&table(&heading, &rows, LONGEST))?)
}

/// Where a secret is, in words.
pub(in crate::cli) fn describe_secret(secret: &SecretSource) -> String {
    match secret {
        SecretSource::Env(variable) => format!("variable {variable}"),
        // Its arguments may say more than is good.
        SecretSource::Command(words) => {
            let program = words.first().map_or("", String::as_str);
            format!("command {program}")
        }
        SecretSource::File(path) => format!("file {}", path.display()),
        SecretSource::Given(_) => "given".to_owned(),
    }
}

fn features(environment: &Environment) -> Option<Vec<&'static str>> {
    let features = environment.features.as_ref()?;
    Some(
        features
            .iter()
            .map(|feature| ClientFeature::name(*feature))
            .collect(),
    )
}

/// Everything about an environment that is no secret.
pub(in crate::cli) fn to_json(environment: &Environment, config: &Config) -> Json {
    let mut members = vec![
        ("name", Json::from(environment.name.as_str())),
        ("class", Json::from(environment.class.name())),
    ];
    if let Target::Remote {
        domain,
        credentials,
    } = &environment.target
    {
        members.extend([
            ("domain", Json::from(domain.as_str())),
            ("auth", Json::from(method_word(credentials.method))),
            ("client_id", Json::from(credentials.client_id.as_str())),
            (
                "secret",
                Json::from(describe_secret(&credentials.secret).as_str()),
            ),
        ]);
    }
    if let Some(features) = features(environment) {
        let features = features.into_iter().map(Json::from);
        members.push(("features", Json::Array(features.collect())));
    }
    members.extend([
        ("read_only", Json::from(environment.read_only)),
        (
            "default",
            Json::from(environment.name == config.default_environment),
        ),
    ]);
    members.into_iter().collect()
}

fn tell(environment: &Environment, config: &Config, json: bool) -> Result<(), Stop> {
    if json {
        return Ok(output::print_json(&to_json(environment, config))?);
    }
    let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let mut rows = vec![
        ("name", environment.name.clone()),
        ("class", environment.class.to_string()),
    ];
    match &environment.target {
        Target::Embedded => rows.push(("at", "inside captui".to_owned())),
        Target::Remote {
            domain,
            credentials,
        } => rows.extend([
            ("at", domain.clone()),
            ("auth", method_word(credentials.method).to_owned()),
            ("client", credentials.client_id.clone()),
            ("secret", describe_secret(&credentials.secret)),
        ]),
    }
    if let Some(features) = features(environment) {
        rows.push(("features", features.join(", ")));
    }
    let is_default = environment.name == config.default_environment;
    rows.extend([
        ("read-only", yes_no(environment.read_only)),
        ("default", yes_no(is_default)),
    ]);
    let lines: Vec<String> = rows
        .into_iter()
        .map(|(label, value)| format!("{label:<10} {value}\n"))
        .collect();
    Ok(output::print(&lines.concat())?)
}

/// Makes a call that changes nothing, and says what came of it.
async fn try_out(session: &Session) -> Result<(), Stop> {
    let environment = session.environment();
    let (name, at) = (environment.name.clone(), place(environment));
    let request = ApiRequest::new(Endpoint::TypeList);
    let exchange = match session.run(Job::Send(request)).await? {
        Output::Exchange(exchange) => exchange,
        other => unreachable!("sending gives an exchange, not {other:?}"),
    };
    let told = session.print(&exchange, |answer| {
        let types = answer.get("results").and_then(Json::as_array);
        let types = types.map_or_else(String::new, |types| {
            format!(", {}", count(types.len(), "entity type"))
        });
        format!("`{name}` ({at}) answers: the client may call it{types}")
    });
    match told {
        Err(Stop::Failed(failure)) => Err(Stop::Failed(explained(failure, &exchange))),
        other => other,
    }
}

/// What a refusal says of the environment rather than of the call.
pub(in crate::cli) fn explained(failure: Failure, exchange: &Exchange) -> Failure {
    let code = match &exchange.outcome {
        Outcome::Answered(answered) => match &answered.answer {
            Answer::Error(error) => Some(error.code),
            _ => None,
        },
        Outcome::Failed(_) => None,
    };
    match (failure.kind, code) {
        (FailureKind::Denied, Some(ErrorCode::CLIENT_PERMISSION_ERROR)) => failure
            .hint("the id and the secret are right: the client is no owner, and only owners list entity types"),
        (FailureKind::Denied, _) => failure.hint(
            "check the client's id, its secret, its list of allowed addresses and, for `signed`, this machine's clock",
        ),
        (FailureKind::NotSent, _) => failure.hint("check the domain, the network and the proxy"),
        _ => failure,
    }
}

fn make_default(name: &str) -> Result<(), Failure> {
    let paths = folders()?;
    Config::load(Some(&paths))?.environment(Some(name))?;
    let mut editor = Editor::open(&paths)?;
    editor.make_default(name);
    let config = editor.write()?;
    let environment = config.environment(None)?;
    output::note(&format!(
        "`{name}` ({}) is used when --env names no other",
        place(environment)
    ));
    Ok(())
}

fn remove(name: &str, yes: bool) -> Result<(), Failure> {
    let paths = folders()?;
    let config = Config::load(Some(&paths))?;
    let environment = config.environment(Some(name))?;
    if name == SANDBOX {
        let message = "the sandbox inside captui is always there";
        return Err(Failure::new(FailureKind::Usage, message)
            .hint("captui sandbox reset puts it back to its first content"));
    }
    let secret = own_secret(environment, &config, &paths);
    let with = if secret.is_some() {
        " and its secret"
    } else {
        ""
    };
    confirm(
        &format!(
            "remove `{name}` ({}){with} from the configuration",
            place(environment)
        ),
        yes,
    )?;
    let mut editor = Editor::open(&paths)?;
    editor.remove(name);
    let config = editor.write()?;
    if let Some(file) = secret {
        fs::remove_file(file).map_err(|error| {
            let message = format!("the secret file {} is still there", file.display());
            Failure::new(FailureKind::Usage, message).because(error)
        })?;
    }
    output::note(&format!(
        "`{name}` is removed; `{}` is the default",
        config.default_environment
    ));
    Ok(())
}

/// The file with the secret of this environment alone, if captui keeps it.
fn own_secret<'a>(
    environment: &'a Environment,
    config: &Config,
    paths: &Paths,
) -> Option<&'a std::path::Path> {
    let file = |environment: &'a Environment| match &environment.target {
        Target::Remote { credentials, .. } => match &credentials.secret {
            SecretSource::File(path) => Some(path.as_path()),
            _ => None,
        },
        Target::Embedded => None,
    };
    let own = file(environment)?;
    let is_ours = own.parent() == Some(&paths.config) && own.extension()? == "secret";
    let is_shared = config.environments.iter().any(|other| {
        other.name != environment.name
            && matches!(&other.target, Target::Remote { credentials, .. }
                if credentials.secret == SecretSource::File(own.to_owned()))
    });
    (is_ours && !is_shared && own.is_file()).then_some(own)
}

/// The configuration's word for how careful to be.
fn class_of(class: Class) -> EnvironmentClass {
    match class {
        Class::Sandbox => EnvironmentClass::Sandbox,
        Class::Dev => EnvironmentClass::Dev,
        Class::Prod => EnvironmentClass::Prod,
    }
}
