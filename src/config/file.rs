//! The configuration file: exactly its TOML, and the check that turns it into a [`Config`].
//!
//! Every message names the file, the line and the key. An unknown key is an error: a mistyped `read_only` must not
//! leave an environment writable.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;
use toml::Value;

use crate::capture::endpoint::ClientFeature;
use crate::config::Config;
use crate::config::HistorySettings;
use crate::config::Timeouts;
use crate::config::credentials::AuthMethod;
use crate::config::credentials::CredentialSource;
use crate::config::credentials::SecretSource;
use crate::config::environment::Environment;
use crate::config::environment::EnvironmentClass;
use crate::config::environment::SANDBOX;
use crate::config::environment::Target;
use crate::config::environment::read_domain;
use crate::config::keys;
use crate::config::look::AUTO;
use crate::config::look::Depth;
use crate::config::look::LookSettings;
use crate::config::look::ThemeName;
use crate::config::look::named;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ConfigFile {
    default_environment: Spanned<String>,
    timeouts: TimeoutsTable,
    history: HistoryTable,
    look: LookTable,
    /// Read on its own, with the places of its keys.
    keys: IgnoredAny,
    environments: BTreeMap<String, Spanned<EnvironmentTable>>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TimeoutsTable {
    connect_seconds: Spanned<u64>,
    total_seconds: Spanned<u64>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct HistoryTable {
    enabled: bool,
    except: Vec<Spanned<String>>,
    max_rows: u32,
    max_days: u32,
    max_megabytes: Spanned<u32>,
    max_body_bytes: u32,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LookTable {
    theme: Option<Spanned<Value>>,
    colours: Option<Spanned<Value>>,
    ascii: Option<Spanned<Value>>,
    mouse: Option<bool>,
    motion: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentTable {
    domain: Spanned<String>,
    class: ClassWord,
    #[serde(default)]
    auth: AuthWord,
    client_id: String,
    secret_env: Option<String>,
    secret_command: Option<Vec<String>>,
    secret_file: Option<PathBuf>,
    read_only: Option<bool>,
    features: Option<Vec<Spanned<String>>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ClassWord {
    Sandbox,
    Dev,
    Prod,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AuthWord {
    #[default]
    Basic,
    Signed,
    Params,
}

impl Default for ConfigFile {
    fn default() -> Self {
        Self {
            default_environment: Spanned::new(0..0, SANDBOX.to_owned()),
            timeouts: TimeoutsTable::default(),
            history: HistoryTable::default(),
            look: LookTable::default(),
            keys: IgnoredAny,
            environments: BTreeMap::new(),
        }
    }
}

impl Default for TimeoutsTable {
    fn default() -> Self {
        let Timeouts { connect, total } = Timeouts::default();
        Self {
            connect_seconds: Spanned::new(0..0, connect.as_secs()),
            total_seconds: Spanned::new(0..0, total.as_secs()),
        }
    }
}

impl Default for HistoryTable {
    fn default() -> Self {
        let settings = HistorySettings::default();
        Self {
            enabled: settings.enabled,
            except: Vec::new(),
            max_rows: settings.max_rows,
            max_days: settings.max_days.unwrap_or_default(),
            max_megabytes: Spanned::new(0..0, settings.max_megabytes),
            max_body_bytes: settings.max_body_bytes,
        }
    }
}

/// Reads the text of the file at `path`, which is used for messages and for relative paths.
pub fn read(text: &str, path: &Path) -> Result<Config, Failure> {
    // Some editors put a byte order mark first.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let reader = Reader { text, path };
    let file: ConfigFile = toml::from_str(text).map_err(|error| reader.syntax(&error))?;
    reader.resolve(file)
}

/// The text being read, for saying where in it a fault is.
struct Reader<'a> {
    text: &'a str,
    path: &'a Path,
}

impl Reader<'_> {
    fn resolve(&self, file: ConfigFile) -> Result<Config, Failure> {
        let mut environments = vec![Environment::embedded_sandbox()];
        for (name, table) in file.environments {
            environments.push(self.environment(name, table)?);
        }
        let default = file.default_environment;
        let history = self.history(file.history, &environments)?;
        let config = Config {
            environments,
            default_environment: default.get_ref().clone(),
            timeouts: Timeouts {
                connect: self.seconds("connect_seconds", &file.timeouts.connect_seconds)?,
                total: self.seconds("total_seconds", &file.timeouts.total_seconds)?,
            },
            history,
            look: self.look(file.look)?,
            keys: keys::read(self.text, |at| self.place(at))
                .map_err(|(at, words)| self.fault(at, &words))?,
        };
        match config.environment(None) {
            Ok(_) => Ok(config),
            Err(unknown) => Err(Failure {
                hints: unknown.hints,
                ..self.fault(
                    default.span().start,
                    &format!("default_environment: {}", unknown.message),
                )
            }),
        }
    }

    fn history(
        &self,
        table: HistoryTable,
        environments: &[Environment],
    ) -> Result<HistorySettings, Failure> {
        // SQLite's log is part of it.
        const SMALLEST: u32 = 32;
        let mut except = Vec::new();
        for name in table.except {
            let at = name.span().start;
            let name = name.into_inner();
            if !environments.iter().any(|known| known.name == name) {
                let words = format!("history: except: there is no environment called `{name}`");
                let failure = self.fault(at, &words);
                let names = environments.iter().map(|known| known.name.as_str());
                return Err(match nearest(&name, names) {
                    Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
                    None => failure,
                });
            }
            except.push(name);
        }
        let max_megabytes = *table.max_megabytes.get_ref();
        if max_megabytes < SMALLEST {
            return Err(self.fault(
                table.max_megabytes.span().start,
                &format!("history: max_megabytes must be at least {SMALLEST}, not {max_megabytes}"),
            ));
        }
        Ok(HistorySettings {
            enabled: table.enabled,
            except,
            max_rows: table.max_rows,
            max_days: (table.max_days > 0).then_some(table.max_days),
            max_megabytes,
            max_body_bytes: table.max_body_bytes,
        })
    }

    fn look(&self, table: LookTable) -> Result<LookSettings, Failure> {
        let usual = LookSettings::default();
        let themes = ThemeName::ALL.map(|theme| (theme.name(), theme));
        let mut depths = vec![(AUTO, None)];
        depths.extend(Depth::ALL.map(|depth| (depth.name(), Some(depth))));
        let ascii = [(AUTO, None), ("true", Some(true)), ("false", Some(false))];
        Ok(LookSettings {
            theme: self.word("theme", table.theme, &themes, usual.theme)?,
            colours: self.word("colours", table.colours, &depths, usual.colours)?,
            ascii: self.word("ascii", table.ascii, &ascii, usual.ascii)?,
            mouse: table.mouse.unwrap_or(usual.mouse),
            motion: table.motion.unwrap_or(usual.motion),
        })
    }

    /// What one of the words of `[look]` means. A number or a truth value is as good as the text of it.
    fn word<T: Copy>(
        &self,
        key: &str,
        value: Option<Spanned<Value>>,
        all: &[(&'static str, T)],
        usual: T,
    ) -> Result<T, Failure> {
        let Some(value) = value else {
            return Ok(usual);
        };
        let at = value.span().start;
        let said = match value.into_inner() {
            Value::String(word) => word,
            other => other.to_string(),
        };
        named(&said, all).map_err(|(names, meant)| {
            let words = format!("look: {key}: `{said}` is none of {names}");
            let failure = self.fault(at, &words);
            match meant {
                Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
                None => failure,
            }
        })
    }

    fn environment(
        &self,
        name: String,
        table: Spanned<EnvironmentTable>,
    ) -> Result<Environment, Failure> {
        let at = table.span().start;
        let table = table.into_inner();
        let fault =
            |at: usize, words: &str| Err(self.fault(at, &format!("environment `{name}`: {words}")));
        if name == SANDBOX {
            return fault(at, "this name is taken by the sandbox inside the program");
        }
        let domain = match read_domain(table.domain.get_ref()) {
            Ok(domain) => domain,
            Err(reason) => {
                return fault(table.domain.span().start, &format!("domain: {reason}")).map_err(
                    |failure| {
                        failure.hint(format!("write it so: domain = {}", example_of("domain")))
                    },
                );
            }
        };
        let secret = match (table.secret_env, table.secret_command, table.secret_file) {
            (Some(variable), None, None) => SecretSource::Env(variable),
            (None, Some(words), None) if !words.is_empty() => SecretSource::Command(words),
            (None, None, Some(file)) => SecretSource::File(self.beside(&file)),
            _ => {
                return fault(
                    at,
                    "say where the secret is with exactly one of secret_env, secret_command, secret_file",
                );
            }
        };
        let class = match table.class {
            ClassWord::Sandbox => EnvironmentClass::Sandbox,
            ClassWord::Dev => EnvironmentClass::Dev,
            ClassWord::Prod => EnvironmentClass::Prod,
        };
        let method = match table.auth {
            AuthWord::Basic => AuthMethod::Basic,
            AuthWord::Signed => AuthMethod::Signed,
            AuthWord::Params => AuthMethod::Params,
        };
        let features = match table.features {
            None => None,
            Some(words) => {
                let mut features = Vec::new();
                for word in &words {
                    let Some(feature) = ClientFeature::from_name(word.get_ref()) else {
                        let known = ClientFeature::ALL.map(ClientFeature::name).join(", ");
                        let words = format!("features: `{}` is none of {known}", word.get_ref());
                        let names = ClientFeature::ALL.map(ClientFeature::name);
                        let meant = nearest(word.get_ref(), names);
                        let hint = meant.map(|meant| format!("did you mean \"{meant}\"?"));
                        return fault(word.span().start, &words).map_err(|failure| {
                            failure.hint(hint.unwrap_or_else(|| "remove it".to_owned()))
                        });
                    };
                    features.push(feature);
                }
                Some(features)
            }
        };
        Ok(Environment {
            name,
            class,
            target: Target::Remote {
                domain,
                credentials: CredentialSource {
                    method,
                    client_id: table.client_id,
                    secret,
                },
            },
            // Real customers' data is not changed by default.
            read_only: table.read_only.unwrap_or(class == EnvironmentClass::Prod),
            features,
        })
    }

    /// A relative path is meant from the file's own folder.
    fn beside(&self, file: &Path) -> PathBuf {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        folder.join(file)
    }

    fn seconds(&self, key: &str, value: &Spanned<u64>) -> Result<Duration, Failure> {
        const HOUR: u64 = 3600;
        match *value.get_ref() {
            seconds @ 1..=HOUR => Ok(Duration::from_secs(seconds)),
            other => Err(self.fault(
                value.span().start,
                &format!("timeouts: {key} must be between 1 and {HOUR}, not {other}"),
            )),
        }
    }

    /// What the parser says, in words about the key, with what to write instead.
    fn syntax(&self, error: &toml::de::Error) -> Failure {
        let at = error.span().map_or(0, |span| span.start);
        let message = error.message();
        // The fixed words of serde and toml: unknown field `a`, expected one of `b`, `c`.
        let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let expected = message
            .rsplit_once("expected ")
            .map_or("", |(_, expected)| expected);
        let key = self.key_at(at);
        match quoted.split_first() {
            Some((unknown, known)) if message.starts_with("unknown field") => {
                let failure = self.fault(at, &format!("unknown key `{unknown}`"));
                match nearest(unknown, known.iter().copied()) {
                    Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
                    None => failure.hint(format!("the keys here are: {}", known.join(", "))),
                }
            }
            Some((unknown, known)) if message.starts_with("unknown variant") => {
                let words = format!("{key}: `{unknown}` is none of {}", known.join(", "));
                let failure = self.fault(at, &words);
                match nearest(unknown, known.iter().copied()) {
                    Some(meant) => failure.hint(format!("did you mean \"{meant}\"?")),
                    None => failure.hint(format!("write one of them: {key} = \"{}\"", known[0])),
                }
            }
            Some((missing, _)) if message.starts_with("missing field") => {
                let failure = self.fault(at, &format!("`{missing}` is missing here"));
                failure.hint(format!("add a line: {missing} = {}", example_of(missing)))
            }
            _ if message.starts_with("invalid type") || message.starts_with("invalid value") => {
                let (what, example) = match expected {
                    "a boolean" => ("true or false", "true"),
                    "a string" => ("a text in quotes", "\"text\""),
                    "a sequence" => ("a list", "[\"one\", \"two\"]"),
                    "u64" | "u32" => ("a whole number from 0 on", "10"),
                    _ => {
                        let words = format!("{key}: this is to be a table");
                        let hint = format!("write [environments.{key}] and its settings below it");
                        return self.fault(at, &words).hint(hint);
                    }
                };
                let failure = self.fault(at, &format!("{key}: this is to be {what}"));
                failure.hint(format!("write it so: {key} = {example}"))
            }
            _ if message.starts_with("duplicate key") => {
                let failure = self.fault(at, &format!("{key} stands there twice"));
                failure.hint("remove one of the two")
            }
            _ if message.contains("must be quoted") => {
                let failure = self.fault(at, &format!("{key}: {message}"));
                failure.hint("texts stand in quotes; true, false and numbers do not")
            }
            _ => {
                let failure = self.fault(at, message);
                failure.hint("`captui config init` writes a file with every setting to look at")
            }
        }
    }

    /// The key of the line of a place.
    fn key_at(&self, at: usize) -> &str {
        let before = self.text.get(..at).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = self.text.get(start..).unwrap_or_default();
        let line = line.lines().next().unwrap_or_default();
        line.split('=').next().unwrap_or_default().trim()
    }

    fn fault(&self, at: usize, words: &str) -> Failure {
        Failure::new(FailureKind::Usage, format!("{}: {words}", self.place(at)))
    }

    /// File, line and column, as messages begin.
    fn place(&self, at: usize) -> String {
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before
            .chars()
            .rev()
            .take_while(|char| *char != '\n')
            .count()
            + 1;
        format!("{}:{line}:{column}", self.path.display())
    }
}

/// What a setting looks like.
fn example_of(key: &str) -> &'static str {
    match key {
        "domain" => "\"https://my-app.janraincapture.com\"",
        "class" => "\"dev\"",
        "client_id" => "\"0123456789abcdefghijklmnopqrstuv\"",
        _ => "…",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../config.example.toml");

    fn read_text(text: &str) -> Result<Config, Failure> {
        read(text, Path::new("/home/me/config.toml"))
    }

    #[test]
    fn the_example_and_an_empty_file_are_the_defaults() {
        assert_eq!(read_text(EXAMPLE), Ok(Config::default()));
        assert_eq!(read_text(""), Ok(Config::default()));
        assert_eq!(read_text("\u{feff}\r\n"), Ok(Config::default()));
    }

    #[test]
    fn the_example_with_its_environments_works_and_shows_every_key() {
        // A setting that is commented out has no space after its `#`; prose has one.
        let uncommented: String = EXAMPLE
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(setting) if !setting.starts_with(' ') => format!("{setting}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let config = read_text(&uncommented).expect("the example's environments");
        let names: Vec<&str> = config
            .environments
            .iter()
            .map(|it| it.name.as_str())
            .collect();
        assert_eq!(names, ["sandbox", "dev", "local", "prod"]);
        for key in [
            "auth",
            "secret_env",
            "secret_command",
            "secret_file",
            "read_only",
        ] {
            assert!(uncommented.contains(&format!("\n{key} = ")), "{key}");
        }
    }

    #[test]
    fn an_environment_says_everything() {
        let config = read_text(
            "default_environment = 'live'\n[environments.live]\ndomain = 'app.janraincapture.com'\nclass = 'prod'\n\
             auth = 'signed'\nclient_id = 'id'\nsecret_file = 'live.secret'\nfeatures = ['direct_access']\n",
        )
        .expect("a whole environment");
        assert_eq!(
            config.environment(None).expect("the default"),
            &Environment {
                name: "live".to_owned(),
                class: EnvironmentClass::Prod,
                target: Target::Remote {
                    domain: "https://app.janraincapture.com".to_owned(),
                    credentials: CredentialSource {
                        method: AuthMethod::Signed,
                        client_id: "id".to_owned(),
                        secret: SecretSource::File("/home/me/live.secret".into()),
                    },
                },
                read_only: true,
                features: Some(vec![ClientFeature::DirectAccess]),
            }
        );
    }

    #[test]
    fn the_history_may_leave_out_environments_and_keep_for_ever() {
        let config =
            read_text("[history]\nexcept = ['sandbox']\nmax_days = 0\n").expect("settings");
        assert!(!config.history.keeps("sandbox"));
        assert!(config.history.keeps("prod"));
        assert_eq!(config.history.max_days, None);
        let off = read_text("[history]\nenabled = false\n").expect("settings");
        assert!(!off.history.keeps("prod"));
    }

    #[test]
    fn the_look_is_said_in_words() {
        let look = |text: &str| read_text(&format!("[look]\n{text}")).expect(text).look;
        for theme in ThemeName::ALL {
            let said = look(&format!("theme = '{}'", theme.name()));
            assert_eq!(said.theme, theme);
        }
        for depth in Depth::ALL {
            let said = look(&format!("colours = '{}'", depth.name()));
            assert_eq!(said.colours, Some(depth));
        }
        assert_eq!(look("colours = 256").colours, Some(Depth::Of256));
        assert_eq!(look("colours = 'auto'").colours, None);
        for (word, ascii) in [
            ("true", Some(true)),
            ("false", Some(false)),
            ("'auto'", None),
        ] {
            assert_eq!(look(&format!("ascii = {word}")).ascii, ascii);
        }
        let still = look("mouse = false\nmotion = false");
        assert!(!still.mouse && !still.motion);
    }

    #[test]
    fn faults_name_the_place_and_the_remedy() {
        let environment =
            |lines: &str| format!("[environments.dev]\nclass = 'dev'\nclient_id = 'i'\n{lines}");
        for (text, place, words) in [
            (
                "[timeouts]\ntotal_secs = 3".to_owned(),
                ":2:1:",
                "did you mean `total_seconds`?",
            ),
            (
                "tiemouts = 1".to_owned(),
                ":1:1:",
                "did you mean `timeouts`?",
            ),
            (
                "[timeouts]\ntotal_seconds = 0".to_owned(),
                ":2:17:",
                "between 1 and 3600",
            ),
            (
                "[history]\nenabled = 'yes'".to_owned(),
                ":2:11:",
                "to be true or false",
            ),
            ("[history\n".to_owned(), ":1:9:", ""),
            (
                "[history]\nexcept = ['sandbx']".to_owned(),
                ":2:11:",
                "did you mean `sandbox`?",
            ),
            (
                "[history]\nmax_megabytes = 1".to_owned(),
                ":2:17:",
                "at least 32",
            ),
            (
                "[look]\ntheme = 'drak'".to_owned(),
                ":2:9:",
                "`drak` is none of terminal, dark, light, high-contrast, pastel did you mean `dark`?",
            ),
            (
                "[look]\ntheme = 'high contrast'".to_owned(),
                ":2:9:",
                "did you mean `high-contrast`?",
            ),
            (
                "[look]\ntheme = 1".to_owned(),
                ":2:9:",
                "look: theme: `1` is none of terminal",
            ),
            (
                "[look]\ncolours = 'truecolor'".to_owned(),
                ":2:11:",
                "did you mean `truecolour`?",
            ),
            (
                "[look]\ncolours = 88".to_owned(),
                ":2:11:",
                "none of auto, truecolour, 256, 16, none",
            ),
            (
                "[look]\ncolors = 'auto'".to_owned(),
                ":2:1:",
                "did you mean `colours`?",
            ),
            (
                "[look]\nascii = 'yes'".to_owned(),
                ":2:9:",
                "none of auto, true, false",
            ),
            (
                "[look]\nmouse = 'off'".to_owned(),
                ":2:9:",
                "to be true or false",
            ),
            (
                "[loook]\nmouse = true".to_owned(),
                ":1:2:",
                "did you mean `look`?",
            ),
            (
                "default_environment = 'sandbx'".to_owned(),
                ":1:23:",
                "did you mean `sandbox`?",
            ),
            (
                environment("domain = 'http://h'\nsecret_env = 'S'"),
                ":4:10:",
                "unencrypted",
            ),
            (environment("domain = 'h'"), ":1:1:", "exactly one of"),
            (
                environment("domain = 'h'\nsecret_env = 'S'\nsecret_file = 'f'"),
                ":1:1:",
                "exactly one of",
            ),
            (
                environment("domain = 'h'\nsecret_command = []"),
                ":1:1:",
                "exactly one of",
            ),
            (
                environment("domain = 'h'\nclient_secret = 'inline'"),
                ":5:1:",
                "unknown key `client_secret`",
            ),
            (
                "[environments.sandbox]\ndomain='h'\nclass='dev'\nclient_id='i'".to_owned(),
                ":1:1:",
                "taken",
            ),
        ] {
            let failure = read_text(&text).expect_err(&text);
            let shown = format!("{} {}", failure.message, failure.hints.join(" "));
            assert_eq!(failure.kind, FailureKind::Usage);
            assert!(
                shown.contains(place) && shown.contains(words),
                "{text}: {shown}"
            );
            assert!(!shown.contains("inline"), "{shown}");
        }
    }
}
