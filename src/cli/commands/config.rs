//! `captui config`: where the settings are, whether they can be read, what they say, and a first file to change.

use std::fmt::Write as _;
use std::io;
use std::io::Write as _;

use crate::capture::json::Json;
use crate::cli::VerbTable;
use crate::cli::args::config::ConfigCommand;
use crate::cli::commands::env::describe_secret;
use crate::cli::commands::env::folders;
use crate::cli::commands::env::to_json;
use crate::cli::commands::types::count;
use crate::cli::output;
use crate::cli::session::Stop;
use crate::config::Config;
use crate::config::credentials::SecretSource;
use crate::config::edit::FILE;
use crate::config::environment::Target;
use crate::config::look::AUTO;
use crate::config::look::Depth;
use crate::config::look::LookSettings;
use crate::config::paths::create_private;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::files::NewFile;

/// Every setting with its default.
const EXAMPLE: &str = include_str!("../../../config.example.toml");

/// Carries out a command.
pub(in crate::cli) fn run(
    command: &ConfigCommand,
    verbs: VerbTable,
    json: bool,
) -> Result<(), Stop> {
    match command {
        ConfigCommand::Path => path(json),
        ConfigCommand::Check => check(verbs, json),
        ConfigCommand::Show => show(json),
        ConfigCommand::Init => Ok(init()?),
    }
}

fn path(json: bool) -> Result<(), Stop> {
    let paths = folders()?;
    let file = paths.config.join(FILE);
    if !json {
        return Ok(output::print_document(&file.to_string_lossy())?);
    }
    let text = |path: &std::path::Path| Json::from(path.to_string_lossy().as_ref());
    let json: Json = [
        ("config", text(&file)),
        ("exists", Json::from(file.is_file())),
        ("data", text(&paths.data)),
        ("state", text(&paths.state)),
        ("cache", text(&paths.cache)),
    ]
    .into_iter()
    .collect();
    Ok(output::print_json(&json)?)
}

/// Reads it, and looks where every secret should be.
fn check(verbs: VerbTable, json: bool) -> Result<(), Stop> {
    let paths = folders()?;
    let config = Config::load(Some(&paths))?;
    let keys = verbs(&config).err().unwrap_or_default();
    let problems: Vec<(&str, String)> = config
        .environments
        .iter()
        .filter_map(|environment| match &environment.target {
            Target::Embedded => None,
            Target::Remote { credentials, .. } => {
                let problem = credentials.secret.look().err()?;
                Some((environment.name.as_str(), problem.to_string()))
            }
        })
        .collect();
    let file = paths.config.join(FILE);
    if json {
        let one = |(name, problem): &(&str, String)| -> Json {
            [
                ("environment", Json::from(*name)),
                ("problem", Json::from(problem.as_str())),
            ]
            .into_iter()
            .collect()
        };
        let json: Json = [
            ("config", Json::from(file.to_string_lossy().as_ref())),
            ("exists", Json::from(file.is_file())),
            ("problems", Json::Array(problems.iter().map(one).collect())),
            (
                "keys",
                Json::Array(
                    keys.iter()
                        .map(|key| Json::from(key.message.as_str()))
                        .collect(),
                ),
            ),
        ]
        .into_iter()
        .collect();
        output::print_json(&json)?;
    } else {
        let mut text = if file.is_file() {
            format!("{} can be read: ", file.display())
        } else {
            format!("{} is not there, and need not be: ", file.display())
        };
        let _ = writeln!(text, "{}", count(config.environments.len(), "environment"));
        for (name, problem) in &problems {
            let _ = writeln!(text, "`{name}`: {problem}");
        }
        for key in &keys {
            let _ = writeln!(text, "{}", key.message);
            for hint in &key.hints {
                let _ = writeln!(text, "  {hint}");
            }
        }
        output::print(&text)?;
    }
    if problems.is_empty() && keys.is_empty() {
        Ok(())
    } else {
        Err(Stop::Found)
    }
}

/// The settings that hold. No secret is among them.
fn show(json: bool) -> Result<(), Stop> {
    let config = Config::load(Some(&folders()?))?;
    let history = &config.history;
    let except = history.except.iter().map(|name| Json::from(name.as_str()));
    let number = |number: u64| Json::from(i64::try_from(number).unwrap_or(i64::MAX));
    let tables: Vec<(&str, Vec<(&str, Json)>)> = vec![
        (
            "timeouts",
            vec![
                ("connect_seconds", number(config.timeouts.connect.as_secs())),
                ("total_seconds", number(config.timeouts.total.as_secs())),
            ],
        ),
        (
            "history",
            vec![
                ("enabled", Json::from(history.enabled)),
                ("except", Json::Array(except.collect())),
                ("max_rows", number(history.max_rows.into())),
                ("max_days", number(history.max_days.unwrap_or(0).into())),
                ("max_megabytes", number(history.max_megabytes.into())),
                ("max_body_bytes", number(history.max_body_bytes.into())),
            ],
        ),
        ("look", look(config.look)),
    ];
    if json {
        let environments = config.environments.iter();
        let environments = environments.map(|environment| to_json(environment, &config));
        let mut members = vec![(
            "default_environment",
            Json::from(config.default_environment.as_str()),
        )];
        let tables = tables
            .into_iter()
            .map(|(name, settings)| (name, settings.into_iter().collect::<Json>()));
        members.extend(tables);
        members.push(("environments", Json::Array(environments.collect())));
        return Ok(output::print_json(&members.into_iter().collect())?);
    }
    let mut text = String::new();
    // JSON's texts, numbers, truth values and arrays are TOML's too.
    let name = Json::from(config.default_environment.as_str());
    let _ = writeln!(text, "default_environment = {name}");
    for (table, settings) in tables {
        let _ = writeln!(text, "\n[{table}]");
        for (name, value) in settings {
            let _ = writeln!(text, "{name} = {value}");
        }
    }
    for environment in &config.environments {
        let name = Json::from(environment.name.as_str());
        let Target::Remote { credentials, .. } = &environment.target else {
            let _ = writeln!(text, "\n# {name}: the sandbox inside captui");
            continue;
        };
        let _ = writeln!(text, "\n[environments.{name}]");
        let described = to_json(environment, &config);
        for (key, value) in described.as_object().into_iter().flatten() {
            if !matches!(key.as_str(), "name" | "default" | "secret") {
                let _ = writeln!(text, "{key} = {value}");
            }
        }
        let _ = writeln!(text, "{}", secret_line(&credentials.secret));
    }
    Ok(output::print(&text)?)
}

fn look(look: LookSettings) -> Vec<(&'static str, Json)> {
    let ascii = look.ascii.map_or(Json::from(AUTO), Json::from);
    vec![
        ("theme", Json::from(look.theme.name())),
        (
            "colours",
            Json::from(look.colours.map_or(AUTO, Depth::name)),
        ),
        ("ascii", ascii),
        ("mouse", Json::from(look.mouse)),
        ("motion", Json::from(look.motion)),
    ]
}

fn secret_line(secret: &SecretSource) -> String {
    match secret {
        SecretSource::Env(variable) => format!("secret_env = {}", Json::from(variable.as_str())),
        SecretSource::File(path) => {
            format!(
                "secret_file = {}",
                Json::from(path.to_string_lossy().as_ref())
            )
        }
        SecretSource::Command(_) | SecretSource::Given(_) => {
            format!("# the secret: {}", describe_secret(secret))
        }
    }
}

fn init() -> Result<(), Failure> {
    let paths = folders()?;
    let file = paths.config.join(FILE);
    let write = || -> io::Result<()> {
        create_private(&paths.config)?;
        let mut new = NewFile::begin(&file)?;
        new.write_all(EXAMPLE.as_bytes())?;
        new.finish()
    };
    write().map_err(|error| {
        let message = format!("{} is not written", file.display());
        let failure = Failure::new(FailureKind::Usage, message);
        if error.kind() == io::ErrorKind::AlreadyExists {
            failure
                .because("it is there already")
                .hint("captui config show prints the settings that hold; captui env add adds an environment")
        } else {
            failure.because(error)
        }
    })?;
    output::note(&format!(
        "{} is written: every setting with its default",
        file.display()
    ));
    Ok(())
}
