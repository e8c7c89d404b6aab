//! Where credentials come from. The configuration names a source; the secret itself is read only when a call needs it.

use std::fs;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::capture::auth::Credentials;
use crate::capture::secret::Secret;

/// How long a program that prints a secret may take: it may ask a key store, but nobody can answer it here.
pub const COMMAND_LIMIT: Duration = Duration::from_secs(10);

/// A secret is never longer, in bytes.
const MAX_SECRET: u64 = 64 << 10;

/// Who calls, and where the secret is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialSource {
    /// How the credentials are shown to the service.
    pub method: AuthMethod,
    /// The API client's id.
    pub client_id: String,
    /// Where its secret is.
    pub secret: SecretSource,
}

/// How credentials are shown to the service (reference 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthMethod {
    /// `Authorization: Basic`.
    #[default]
    Basic,
    /// `Authorization: Signature`, "janrain-signed".
    Signed,
    /// `client_id` and `client_secret` among the parameters.
    Params,
    /// `Authorization: OAuth`, with a user's access token in place of a client's secret. No configuration says so: a token
    /// lives for an hour.
    Token,
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In this environment variable.
    Env(String),
    /// On the first line that this program prints; the program and its arguments, run without a shell.
    Command(Vec<String>),
    /// In this file, which only its owner may read.
    File(PathBuf),
    /// Here: it came with the call that it is for, and is kept nowhere.
    Given(Secret),
}

/// Why a secret cannot be had. No text here holds any part of one.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The environment variable is not set.
    #[error("the environment variable {0}, which holds the secret, is not set")]
    NoVariable(String),
    /// The environment variable is not text.
    #[error("the environment variable {0} is not valid UTF-8")]
    NotText(String),
    /// The file cannot be read.
    #[error("the secret file {path} cannot be read: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The path is a folder, a pipe or a device.
    #[error("the secret file {0} is not a regular file")]
    NotAFile(PathBuf),
    /// Others may read the file.
    #[error("others may read the secret file {path} (mode {mode:o}): run `chmod 600` on it")]
    Readable {
        /// Which file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The program cannot be run.
    #[error("the secret command `{program}` cannot be run: {source}")]
    Command {
        /// The program's name.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The program failed.
    #[error("the secret command `{program}` failed ({status}){said}")]
    CommandFailed {
        /// The program's name.
        program: String,
        /// Its exit status.
        status: ExitStatus,
        /// What it printed to standard error, after a colon.
        said: String,
    },
    /// The program took too long.
    #[error("the secret command `{0}` took longer than 10 s; it cannot ask for anything here")]
    CommandSlow(String),
    /// There is nothing.
    #[error("{0} gives an empty secret")]
    Empty(String),
    /// There is more than a secret.
    #[error("{0} gives more than one line or is not UTF-8 text: a secret is one line")]
    NotOneLine(String),
}

impl CredentialSource {
    /// Reads the secret. Takes as long as the secret command does, up to [`COMMAND_LIMIT`]; dropping the future ends
    /// the command.
    pub async fn open(&self) -> Result<Credentials, SecretError> {
        let id = self.client_id.clone();
        let secret = self.secret.read().await?;
        Ok(match self.method {
            AuthMethod::Basic => Credentials::Basic { id, secret },
            AuthMethod::Signed => Credentials::Signed { id, secret },
            AuthMethod::Params => Credentials::Params { id, secret },
            AuthMethod::Token => Credentials::Token(secret),
        })
    }
}

impl SecretSource {
    /// Whether a secret is where it should be, as far as that can be said without running anything.
    pub fn look(&self) -> Result<(), SecretError> {
        match self {
            Self::Env(name) => variable(name).map(drop),
            Self::File(path) => {
                let from = format!("the secret file {}", path.display());
                one_line(read_file(path)?, &from).map(drop)
            }
            Self::Command(_) | Self::Given(_) => Ok(()),
        }
    }

    async fn read(&self) -> Result<Secret, SecretError> {
        match self {
            Self::Env(name) => variable(name),
            Self::File(path) => one_line(
                read_file(path)?,
                &format!("the secret file {}", path.display()),
            ),
            Self::Command(words) => run(words, COMMAND_LIMIT).await,
            Self::Given(secret) => Ok(secret.clone()),
        }
    }
}

fn variable(name: &str) -> Result<Secret, SecretError> {
    match std::env::var(name) {
        Ok(text) if text.is_empty() => Err(SecretError::Empty(format!("the variable {name}"))),
        Ok(text) => Ok(Secret::new(text)),
        Err(std::env::VarError::NotPresent) => Err(SecretError::NoVariable(name.to_owned())),
        Err(std::env::VarError::NotUnicode(_)) => Err(SecretError::NotText(name.to_owned())),
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, SecretError> {
    let failed = |source| SecretError::File {
        path: path.to_owned(),
        source,
    };
    // Asked before opening, because opening a pipe would wait for a writer.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(SecretError::NotAFile(path.to_owned()));
    }
    let file = fs::File::open(path).map_err(failed)?;
    refuse_shared(path, &file.metadata().map_err(failed)?)?;
    let mut bytes = Vec::new();
    file.take(MAX_SECRET)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

#[cfg(unix)]
fn refuse_shared(path: &Path, metadata: &fs::Metadata) -> Result<(), SecretError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    let for_others = mode & 0o077;
    if for_others == 0 {
        return Ok(());
    }
    Err(SecretError::Readable {
        path: path.to_owned(),
        mode,
    })
}

#[cfg(not(unix))]
fn refuse_shared(_path: &Path, _metadata: &fs::Metadata) -> Result<(), SecretError> {
    Ok(())
}

async fn run(words: &[String], limit: Duration) -> Result<Secret, SecretError> {
    let (program, arguments) = words
        .split_first()
        .map_or(("", words), |(first, rest)| (first.as_str(), rest));
    let (status, stdout, stderr) = tokio::time::timeout(limit, output(program, arguments))
        .await
        .map_err(|_| SecretError::CommandSlow(program.to_owned()))?
        .map_err(|source| SecretError::Command {
            program: program.to_owned(),
            source,
        })?;
    // Of one that prints without end only the beginning is read, which ends it in failure.
    let source = format!("the secret command `{program}`");
    if stdout.len() as u64 == MAX_SECRET {
        return Err(SecretError::NotOneLine(source));
    }
    if !status.success() {
        return Err(SecretError::CommandFailed {
            program: program.to_owned(),
            status,
            said: excerpt(&stderr),
        });
    }
    one_line(stdout, &source)
}

/// Runs a program to its end: its status, and at most [`MAX_SECRET`] bytes of what it printed and of what it said.
async fn output(program: &str, arguments: &[String]) -> io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    // Each pipe is closed once it has been read: a program that goes on printing is told so.
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = tokio::try_join!(start_of(stdout), start_of(stderr))?;
    Ok((child.wait().await?, stdout, stderr))
}

async fn start_of(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(MAX_SECRET).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// The start of what a program said, for an error text.
fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match text.trim() {
        "" => String::new(),
        said => format!(": {}", said.chars().take(300).collect::<String>()),
    }
}

/// A secret without the one newline that programs and editors put at the end.
fn one_line(bytes: Vec<u8>, source: &str) -> Result<Secret, SecretError> {
    let text = String::from_utf8(bytes).map_err(|_| SecretError::NotOneLine(source.to_owned()))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(SecretError::Empty(source.to_owned()));
    }
    if line.contains(['\n', '\r']) {
        return Err(SecretError::NotOneLine(source.to_owned()));
    }
    Ok(Secret::new(line))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn shell(script: &str) -> Vec<String> {
        ["sh", "-c", script].map(str::to_owned).to_vec()
    }

    #[tokio::test]
    async fn takes_one_line_from_a_command() {
        for (script, secret) in [
            ("printf 'a:b ü'", "a:b ü"),
            ("echo hunter2", "hunter2"),
            ("printf 'x\\r\\n'", "x"),
            ("cat; echo after", "after"),
        ] {
            let read = run(&shell(script), COMMAND_LIMIT).await.expect(script);
            assert_eq!(read.reveal(), secret, "{script}");
        }
    }

    #[tokio::test]
    async fn says_why_a_command_gives_no_secret_without_what_it_printed() {
        for (script, why) in [
            ("echo hunter2; echo locked >&2; exit 3", "locked"),
            ("echo hunter2; echo more", "one line"),
            ("true", "empty"),
            ("printf '\\377'", "not UTF-8"),
            ("yes hunter2", "one line"),
            ("while echo locked >&2; do :; done; echo hunter2", "locked"),
        ] {
            let error = run(&shell(script), COMMAND_LIMIT)
                .await
                .expect_err(script)
                .to_string();
            assert!(
                error.contains(why) && !error.contains("hunter2"),
                "{script}: {error}"
            );
        }
        let error = run(&["no-such-program-here".to_owned()], COMMAND_LIMIT).await;
        assert!(matches!(error, Err(SecretError::Command { .. })));
        let slow = run(&shell("sleep 60"), Duration::from_millis(50)).await;
        assert!(matches!(slow, Err(SecretError::CommandSlow(_))));
    }

    #[tokio::test]
    async fn refuses_a_file_that_others_may_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("secret");
        fs::write(&path, "hunter2\n").expect("writable");
        for (mode, allowed) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("own file");
            let read = SecretSource::File(path.clone()).read().await;
            assert_eq!(read.is_ok(), allowed, "{mode:o}: {read:?}");
        }
        let folder = SecretSource::File(folder.path().to_owned()).read().await;
        assert!(matches!(folder, Err(SecretError::NotAFile(_))));
    }
}
