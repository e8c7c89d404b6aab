//! `captui env import`: the clients of the vendor's Python tools as environments. Each is told of: taken over, there
//! already, or why not.

use std::fs;
use std::io;
use std::io::IsTerminal;
use std::path::Path;
use std::path::PathBuf;

use directories::BaseDirs;

use crate::capture::json::Json;
use crate::cli::args::env::Import;
use crate::cli::commands::env::class_of;
use crate::cli::commands::env::folders;
use crate::cli::confirm::confirm;
use crate::cli::output;
use crate::cli::output::table;
use crate::cli::session::Stop;
use crate::config::credentials::AuthMethod;
use crate::config::credentials::SecretSource;
use crate::config::edit::Editor;
use crate::config::edit::Entry;
use crate::config::edit::secret_file_name;
use crate::config::edit::write_secret;
use crate::config::environment::EnvironmentClass;
use crate::config::environment::SANDBOX;
use crate::config::environment::read_domain;
use crate::config::janrain;
use crate::config::janrain::Client;
use crate::config::paths::Paths;
use crate::config::paths::from_home;
use crate::curl::export::quote;
use crate::failure::Failure;
use crate::failure::FailureKind;

/// A longer file is none of clients.
const LONGEST: u64 = 4 << 20;

/// Screen cells of the longest cell.
const WIDEST: usize = 60;

/// What became of a client.
struct Told {
    from: String,
    name: String,
    place: String,
    fate: Fate,
    notes: Vec<String>,
}

#[derive(PartialEq)]
enum Fate {
    Added,
    Replaced,
    Kept(String),
    Refused(String),
}

impl Fate {
    fn word(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Replaced => "replaced",
            Self::Kept(_) => "not replaced",
            Self::Refused(_) => "not taken",
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Added | Self::Replaced => "",
            Self::Kept(why) | Self::Refused(why) => why,
        }
    }
}

/// Takes the clients of the file over.
pub(super) fn import(import: &Import, json: bool) -> Result<(), Stop> {
    let paths = folders()?;
    let file = import.file.clone().map_or_else(usual_file, Ok)?;
    let clients = read(&file)?;
    let mut editor = Editor::open(&paths)?;
    let mut told = Vec::new();
    for client in &clients {
        told.push(take(client, import, &paths, &mut editor)?);
    }
    let is_changed = told
        .iter()
        .any(|it| matches!(it.fate, Fate::Added | Fate::Replaced));
    if is_changed && !import.dry_run {
        editor.write()?;
    }
    tell(&told, &clients, import, json)?;
    let is_whole = told
        .iter()
        .all(|it| matches!(it.fate, Fate::Added | Fate::Replaced));
    if is_whole { Ok(()) } else { Err(Stop::Found) }
}

/// Where the Python tools look.
fn usual_file() -> Result<PathBuf, Failure> {
    if let Some(file) = std::env::var_os("JANRAIN_CONFIG") {
        return Ok(file.into());
    }
    let home = BaseDirs::new().map(|dirs| dirs.home_dir().join(".janrain-capture"));
    home.ok_or_else(|| {
        Failure::new(FailureKind::Usage, "there is no home folder")
            .hint("captui env import FILE reads another file")
    })
}

fn read(file: &Path) -> Result<Vec<Client>, Failure> {
    let file = file.to_str().map_or_else(|| file.to_owned(), from_home);
    let refused = |why: String| {
        let message = format!("the clients in {} cannot be read", file.display());
        Failure::new(FailureKind::Usage, message).because(why)
    };
    let metadata = fs::metadata(&file).map_err(|error| refused(error.to_string()))?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        return Err(refused("it is no file of clients".to_owned()));
    }
    let text = fs::read_to_string(&file).map_err(|error| refused(error.to_string()))?;
    warn_shared(&file, &metadata);
    janrain::read(&text).map_err(|error| refused(error.to_string()))
}

/// The file holds secrets: its owner should know when it is open to others.
#[cfg(unix)]
fn warn_shared(file: &Path, metadata: &fs::Metadata) {
    use std::os::unix::fs::PermissionsExt;
    if metadata.permissions().mode() & 0o077 != 0 {
        output::note(&format!(
            "others may read the secrets in {}: chmod 600 keeps them from that",
            file.display()
        ));
    }
}

#[cfg(not(unix))]
fn warn_shared(_file: &Path, _metadata: &fs::Metadata) {}

/// Takes one client over, as far as it can be.
fn take(
    client: &Client,
    import: &Import,
    paths: &Paths,
    editor: &mut Editor,
) -> Result<Told, Failure> {
    let mut told = Told {
        from: client.path.clone(),
        name: client.name.clone(),
        place: String::new(),
        fate: Fate::Added,
        notes: Vec::new(),
    };
    if let Some(cluster) = &client.unknown_cluster {
        told.notes.push(format!("there is no cluster `{cluster}`"));
    }
    if !client.others.is_empty() {
        let others = client.others.join(", ");
        told.notes.push(format!("says nothing to captui: {others}"));
    }
    let (Some(uri), Some(id), Some(secret)) =
        (&client.apid_uri, &client.client_id, &client.client_secret)
    else {
        told.fate = Fate::Refused(missing(client));
        return Ok(told);
    };
    let domain = match read_domain(uri) {
        Ok(domain) => domain,
        Err(why) => {
            told.fate = Fate::Refused(format!("apid_uri: {why}"));
            return Ok(told);
        }
    };
    let class = import.class.map_or_else(|| class_by(&domain), class_of);
    told.place = format!("{class}, {domain}");
    if client.name == SANDBOX || client.name.is_empty() {
        told.fate = Fate::Refused("this name is taken by the sandbox inside captui".to_owned());
        return Ok(told);
    }
    let file_name = secret_file_name(&client.name);
    let file = paths.config.join(&file_name);
    let is_there = editor.has(&client.name);
    if is_there || file.exists() {
        let what = if is_there {
            format!(
                "put `{}` ({}) in the place of the one there is",
                client.name, told.place
            )
        } else {
            format!("write over the file {}", file.display())
        };
        if let Some(why) = keeps(&what, import)? {
            told.fate = Fate::Kept(why);
            return Ok(told);
        }
        told.fate = Fate::Replaced;
    }
    editor.put(&Entry {
        name: client.name.clone(),
        domain,
        class,
        // As those tools call.
        method: AuthMethod::Signed,
        client_id: id.clone(),
        secret: SecretSource::File(file_name.into()),
        read_only: None,
        features: Vec::new(),
    });
    if !import.dry_run {
        write_secret(&file, secret, true).map_err(|error| {
            let message = format!("the secret file {} cannot be written", file.display());
            Failure::new(FailureKind::Usage, message).because(error)
        })?;
    }
    Ok(told)
}

/// Why what is there stays; `None` when it is to be replaced.
fn keeps(what: &str, import: &Import) -> Result<Option<String>, Failure> {
    if import.replace || import.dry_run {
        return Ok(None);
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(Some("it is there; --replace replaces it".to_owned()));
    }
    match confirm(what, false) {
        Ok(()) => Ok(None),
        Err(failure) if failure.kind == FailureKind::Interrupted => {
            Ok(Some("it is there".to_owned()))
        }
        Err(failure) => Err(failure),
    }
}

fn missing(client: &Client) -> String {
    let parts = [
        ("apid_uri", client.apid_uri.is_none()),
        ("client_id", client.client_id.is_none()),
        ("client_secret", client.client_secret.is_none()),
    ];
    let parts = parts.into_iter().filter(|(_, is_missing)| *is_missing);
    let names: Vec<&str> = parts.map(|(name, _)| name).collect();
    format!("it has no {}", names.join(", "))
}

/// How careful to be, by the vendor's names of hosts (reference 1.3): what is not plainly for development is not.
fn class_by(domain: &str) -> EnvironmentClass {
    let host = domain.split("://").last().unwrap_or_default();
    let is_dev = host
        .split('.')
        .any(|label| matches!(label, "us-dev" | "eu-dev" | "dev" | "eval" | "localhost"));
    if is_dev || host.starts_with("127.") {
        EnvironmentClass::Dev
    } else {
        EnvironmentClass::Prod
    }
}

fn tell(told: &[Told], clients: &[Client], import: &Import, json: bool) -> Result<(), Stop> {
    if json {
        let one = |it: &Told| -> Json {
            let notes = it.notes.iter().map(|note| Json::from(note.as_str()));
            [
                ("from", Json::from(it.from.as_str())),
                ("name", Json::from(it.name.as_str())),
                ("place", Json::from(it.place.as_str())),
                ("result", Json::from(it.fate.word())),
                ("reason", Json::from(it.fate.reason())),
                ("notes", Json::Array(notes.collect())),
            ]
            .into_iter()
            .collect()
        };
        output::print_json(&Json::Array(told.iter().map(one).collect()))?;
    } else {
        let row = |it: &Told| {
            let mut notes: Vec<&str> = it.notes.iter().map(String::as_str).collect();
            if !it.fate.reason().is_empty() {
                notes.insert(0, it.fate.reason());
            }
            vec![
                it.from.clone(),
                it.name.clone(),
                it.place.clone(),
                it.fate.word().to_owned(),
                notes.join("; "),
            ]
        };
        let rows: Vec<_> = told.iter().map(row).collect();
        output::print(&table(
            &["FROM", "NAME", "AT", "RESULT", "NOTE"],
            &rows,
            WIDEST,
        ))?;
    }
    if import.dry_run {
        output::note("nothing was written");
    }
    if let Some(default) = clients.iter().find(|client| client.is_default) {
        output::note(&format!(
            "`{}` is the default there: captui env use {} makes it the default here",
            default.name,
            quote(&default.name)
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_plainly_for_development_is_not() {
        for (domain, class) in [
            ("https://a.us-dev.janraincapture.com", EnvironmentClass::Dev),
            ("https://a.eval.janraincapture.com", EnvironmentClass::Dev),
            ("http://127.0.0.1:80", EnvironmentClass::Dev),
            ("https://a.janraincapture.com", EnvironmentClass::Prod),
            ("https://a.eu.janraincapture.com", EnvironmentClass::Prod),
            ("https://dev-shop.example.com", EnvironmentClass::Prod),
        ] {
            assert_eq!(class_by(domain), class, "{domain}");
        }
    }
}
