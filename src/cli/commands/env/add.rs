//! `captui env add`: a new environment, with its secret kept where it says or in a file of its own.

use std::path::Path;
use std::path::PathBuf;

use crate::cli::args::env::Add;
use crate::cli::args::env::Auth;
use crate::cli::commands::env::class_of;
use crate::cli::commands::env::folders;
use crate::cli::output;
use crate::cli::secret;
use crate::cli::shown::place;
use crate::config::credentials::AuthMethod;
use crate::config::credentials::SecretSource;
use crate::config::edit::Editor;
use crate::config::edit::Entry;
use crate::config::edit::secret_file_name;
use crate::config::edit::write_secret;
use crate::config::environment::SANDBOX;
use crate::config::environment::read_domain;
use crate::config::paths::Paths;
use crate::config::paths::from_home;
use crate::curl::export::quote;
use crate::failure::Failure;
use crate::failure::FailureKind;

/// Adds it.
pub(super) fn add(add: Add) -> Result<(), Failure> {
    let paths = folders()?;
    check_name(&add.name)?;
    let domain =
        read_domain(&add.domain).map_err(|why| usage(format!("--domain {}: {why}", add.domain)))?;
    let mut editor = Editor::open(&paths)?;
    let is_there = editor.has(&add.name);
    if is_there && !add.replace {
        return Err(usage(format!("there is an environment `{}`", add.name))
            .hint("--replace puts this one in its place"));
    }
    let (secret, kept) = source(&add, &paths, is_there)?;
    let entry = Entry {
        name: add.name.clone(),
        domain,
        class: class_of(add.class),
        method: method_of(add.auth),
        client_id: add.client_id,
        secret,
        read_only: add.set_read_only,
        features: add.features,
    };
    editor.put(&entry);
    if add.default {
        editor.make_default(&entry.name);
    }
    let config = editor.write()?;
    let environment = config.environment(Some(&entry.name))?;
    if let Some(file) = kept {
        output::note(&format!("the secret is in {}", file.display()));
    }
    output::note(&format!(
        "`{0}` ({1}) is in {2}; captui env test {3} tries it out",
        entry.name,
        place(environment),
        editor.path().display(),
        quote(&entry.name)
    ));
    Ok(())
}

fn usage(message: String) -> Failure {
    Failure::new(FailureKind::Usage, message)
}

/// A name can be typed behind `--env` and before a colon.
fn check_name(name: &str) -> Result<(), Failure> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name == SANDBOX {
        return Err(usage(format!(
            "`{SANDBOX}` is the name of the sandbox inside captui"
        )));
    }
    if name.is_empty() || name.starts_with(['-', '.']) || !name.chars().all(is_plain) {
        return Err(
            usage(format!("`{name}` cannot be a name")).hint("letters, digits, and - _ . within")
        );
    }
    Ok(())
}

fn method_of(auth: Auth) -> AuthMethod {
    match auth {
        Auth::Basic => AuthMethod::Basic,
        Auth::Signed => AuthMethod::Signed,
        Auth::Params => AuthMethod::Params,
    }
}

/// Where the secret is; when nobody says, it is asked for and kept in a file, which is told too.
fn source(
    add: &Add,
    paths: &Paths,
    is_there: bool,
) -> Result<(SecretSource, Option<PathBuf>), Failure> {
    if let Some(variable) = &add.secret_env {
        return Ok((SecretSource::Env(variable.clone()), None));
    }
    if let Some(words) = &add.secret_command {
        return Ok((SecretSource::Command(words.clone()), None));
    }
    if let Some(file) = &add.secret_file {
        let file = file.to_str().map_or_else(|| file.clone(), from_home);
        let file = std::path::absolute(&file).unwrap_or(file);
        let source = SecretSource::File(file);
        source.look().map_err(|error| usage(error.to_string()))?;
        return Ok((source, None));
    }
    let name = secret_file_name(&add.name);
    let file = paths.config.join(&name);
    if file.exists() && !(add.replace && is_there) {
        return Err(
            usage(format!("the file {} is there already", file.display())).hint(format!(
                "--secret-file {} takes the secret in it",
                quote(&file.to_string_lossy())
            )),
        );
    }
    let secret = secret::ask(&format!("the secret of client {}", add.client_id))?;
    write_secret(&file, &secret, add.replace).map_err(|error| {
        usage(format!(
            "the secret file {} cannot be written",
            file.display()
        ))
        .because(error)
    })?;
    // As it stands in the configuration: beside that.
    Ok((SecretSource::File(Path::new(&name).to_owned()), Some(file)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_be_typed() {
        for name in ["dev", "eu-prod", "a.b_c", "prüfung"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", "sandbox", "-x", ".x", "a b", "a:b", "a/b", "@a", "a\n"] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
