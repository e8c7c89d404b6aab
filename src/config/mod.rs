//! The configuration: which environments there are and how calls are made, checked and resolved.
//!
//! [`mod@file`] is exactly the TOML; [`Config`] is what the rest of the program uses. Without a file there is one
//! environment, the sandbox inside the program. Secrets are never part of it: an environment names where its secret is
//! to be found.

pub mod columns;
pub mod credentials;
pub mod edit;
pub mod environment;
pub mod file;
pub mod janrain;
pub mod keys;
pub mod look;
pub mod paths;

use std::fs;
use std::io;
use std::time::Duration;

use crate::config::environment::Environment;
use crate::config::environment::SANDBOX;
use crate::config::keys::KeySetting;
use crate::config::look::LookSettings;
use crate::config::paths::Paths;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;

/// The settings, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The embedded sandbox first, then the configured ones by name.
    pub environments: Vec<Environment>,
    /// The name of the environment used when none is asked for.
    pub default_environment: String,
    /// How long to wait for the service.
    pub timeouts: Timeouts,
    /// What the history keeps.
    pub history: HistorySettings,
    /// How the explorer looks and moves.
    pub look: LookSettings,
    /// Keys for verbs of the explorer, in place of the verb's own.
    pub keys: Vec<KeySetting>,
}

/// How long to wait for the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For a whole call, to the last byte of its answer.
    pub total: Duration,
}

/// What the history keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistorySettings {
    /// Whether anything is added to it.
    pub enabled: bool,
    /// The environments of which nothing is added.
    pub except: Vec<String>,
    /// How many exchanges it keeps; the oldest go first.
    pub max_rows: u32,
    /// How many days it keeps them; `None` for ever.
    pub max_days: Option<u32>,
    /// How large its file may be, in units of 1,048,576 bytes.
    pub max_megabytes: u32,
    /// How many bytes of a request's or an answer's body it keeps.
    pub max_body_bytes: u32,
}

impl HistorySettings {
    /// Whether calls to this environment are kept.
    pub fn keeps(&self, environment: &str) -> bool {
        self.enabled && !self.except.iter().any(|name| name == environment)
    }
}

impl Config {
    /// Reads `config.toml`; without one, or without a folder to look in, gives the defaults.
    pub fn load(paths: Option<&Paths>) -> Result<Self, Failure> {
        let Some(paths) = paths else {
            return Ok(Self::default());
        };
        let path = paths.config.join("config.toml");
        // No file, no folder, or a home that this user may not enter: nothing was configured.
        let Ok(metadata) = fs::metadata(&path) else {
            return Ok(Self::default());
        };
        let read = if metadata.is_file() {
            fs::read_to_string(&path)
        } else {
            // Reading a pipe would wait for ever.
            Err(io::Error::other("it is not a file"))
        };
        let text = read.map_err(|error| {
            Failure::new(
                FailureKind::Usage,
                format!("the configuration {} cannot be read", path.display()),
            )
            .because(error)
        })?;
        file::read(&text, &path)
    }

    /// Lets nothing be changed in any environment.
    pub fn make_read_only(&mut self) {
        for environment in &mut self.environments {
            environment.read_only = true;
        }
    }

    /// The environment called `name`, or the default one; a failure that names what exists when there is none.
    pub fn environment(&self, name: Option<&str>) -> Result<&Environment, Failure> {
        let name = name.unwrap_or(&self.default_environment);
        let found = self.environments.iter().find(|known| known.name == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = self
                .environments
                .iter()
                .map(|known| known.name.as_str())
                .collect();
            let failure = Failure::new(
                FailureKind::Usage,
                format!("there is no environment called `{name}`"),
            );
            match nearest(name, names.iter().copied()) {
                Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
                None => failure.hint(format!("the environments are: {}", names.join(", "))),
            }
        })
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            environments: vec![Environment::embedded_sandbox()],
            default_environment: SANDBOX.to_owned(),
            timeouts: Timeouts::default(),
            history: HistorySettings::default(),
            look: LookSettings::default(),
            keys: Vec::new(),
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(60),
        }
    }
}

impl Default for HistorySettings {
    fn default() -> Self {
        Self {
            enabled: true,
            except: Vec::new(),
            max_rows: 100_000,
            max_days: Some(365),
            max_megabytes: 512,
            max_body_bytes: 4 << 20,
        }
    }
}
