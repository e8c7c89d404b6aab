//! Where a pasted call goes, and as whom.

use std::io;
use std::io::IsTerminal;

use reqwest::Url;

use crate::capture::auth::Presented;
use crate::cli::args::pasted::Pasted;
use crate::cli::confirm::confirm;
use crate::cli::shown::place;
use crate::config::Config;
use crate::config::credentials::AuthMethod;
use crate::config::credentials::CredentialSource;
use crate::config::credentials::SecretSource;
use crate::config::environment::Environment;
use crate::config::environment::EnvironmentClass;
use crate::config::environment::Target;
use crate::config::environment::is_loopback;
use crate::config::environment::read_domain;
use crate::curl::export::quote;
use crate::curl::import::Import;
use crate::curl::import::Offered;
use crate::failure::Failure;
use crate::failure::FailureKind;

/// Where a call goes.
#[derive(Debug)]
pub(super) struct Destination {
    /// The environment, with the credentials that are used.
    pub(super) environment: Environment,
    /// What became of the host and the credentials that the call names, for people.
    pub(super) notes: Vec<String>,
}

/// Decides where the call goes; asks the person at the terminal where that is theirs to say.
pub(super) fn destination(
    import: &Import,
    how: &Pasted,
    named: Option<&str>,
    config: &Config,
) -> Result<Destination, Failure> {
    let environment = config.environment(named)?;
    if how.host_of_command {
        return own_host(import);
    }
    let Some(host) = &import.domain else {
        let notes = unused_credentials(import, "its host is not in the text");
        return Ok(at(environment.clone(), notes));
    };
    if is_host_of(environment, host) {
        return Ok(as_written(environment, import));
    }
    let is_chosen = named.is_some() || environment.class == EnvironmentClass::Sandbox;
    if is_chosen {
        let mut notes = vec![format!(
            "its host {host} is not used: the call goes to `{}`, as the client of that environment",
            environment.name
        )];
        notes.extend(unused_credentials(import, "they are for that host"));
        return Ok(at(environment.clone(), notes));
    }
    let is_asked = io::stdin().is_terminal() && io::stderr().is_terminal();
    if is_asked && own_credentials(import).is_some() {
        let what = format!(
            "the call is for {host}, and `{}` is at another host: send it to {host}, with the credentials that stand in it",
            environment.name
        );
        confirm(&what, false)?;
        return own_host(import);
    }
    Err(elsewhere(host, environment, config))
}

fn at(environment: Environment, notes: Vec<String>) -> Destination {
    Destination { environment, notes }
}

/// The environment whose host the call names, as whoever the call says if it does.
fn as_written(environment: &Environment, import: &Import) -> Destination {
    let Some(own) = own_credentials(import) else {
        let why = match import.credentials {
            Offered::Usable(_) => "a signature is valid for its own text and minute",
            Offered::Unusable { .. } | Offered::Nothing => "",
        };
        return at(environment.clone(), unused_credentials(import, why));
    };
    let note = match own.method {
        AuthMethod::Token => "the access token in it calls".to_owned(),
        _ => format!("the client in it calls: {}", own.client_id),
    };
    let mut environment = environment.clone();
    if let Target::Remote { credentials, .. } = &mut environment.target {
        *credentials = own;
    }
    // They are those of another client.
    environment.features = None;
    at(environment, vec![note])
}

/// The host that the call names, with the credentials that it names.
fn own_host(import: &Import) -> Result<Destination, Failure> {
    let refused = |message: &str| Failure::new(FailureKind::Usage, message);
    let Some(host) = &import.domain else {
        return Err(refused("nothing was sent: no host is named"));
    };
    let domain = read_domain(host).map_err(|why| {
        refused("nothing was sent: the host cannot be called").because(format!("{host}: {why}"))
    })?;
    let Some(credentials) = own_credentials(import) else {
        let failure = refused("nothing was sent: no credentials that can be used are named")
            .because(match &import.credentials {
                Offered::Unusable { why, .. } => why.clone(),
                Offered::Usable(_) => "a signature is valid for its own text and minute".to_owned(),
                Offered::Nothing => "there are none".to_owned(),
            });
        return Err(failure.hint(
            "those of an environment are for its own host: captui env add makes one of this host",
        ));
    };
    let is_here = Url::parse(&domain).is_ok_and(|url| is_loopback(&url));
    let name = domain.split("://").last().unwrap_or(&domain).to_owned();
    let environment = Environment {
        name,
        // Nobody said how careful to be.
        class: if is_here {
            EnvironmentClass::Dev
        } else {
            EnvironmentClass::Prod
        },
        target: Target::Remote {
            domain,
            credentials,
        },
        read_only: false,
        features: None,
    };
    let note = "it goes to its own host, with its own credentials".to_owned();
    Ok(at(environment, vec![note]))
}

/// The credentials of a call, if they can be used anew.
fn own_credentials(import: &Import) -> Option<CredentialSource> {
    let Offered::Usable(presented) = &import.credentials else {
        return None;
    };
    let (method, client_id, secret) = match presented {
        Presented::Basic { id, secret } => (AuthMethod::Basic, id.clone(), secret),
        Presented::Params { id, secret } => (AuthMethod::Params, id.clone(), secret),
        Presented::Token(token) => (AuthMethod::Token, String::new(), token),
        Presented::Signature { .. } | Presented::Nothing => return None,
    };
    Some(CredentialSource {
        method,
        client_id,
        secret: SecretSource::Given(secret.clone()),
    })
}

/// Says that the credentials of a call are not used, if it has any.
fn unused_credentials(import: &Import, why: &str) -> Vec<String> {
    match &import.credentials {
        Offered::Usable(_) => vec![format!(
            "its credentials are not used: {why}; the client of the environment calls"
        )],
        Offered::Unusable { .. } | Offered::Nothing => Vec::new(),
    }
}

/// Whether the environment is at this host; `http` for a host that is called over `https` is taken for the same.
fn is_host_of(environment: &Environment, host: &str) -> bool {
    let Target::Remote { domain, .. } = &environment.target else {
        return false;
    };
    let bare = |text: &str| {
        let text = text.trim_start_matches("https://");
        text.trim_start_matches("http://").to_owned()
    };
    bare(domain) == bare(host)
}

fn elsewhere(host: &str, environment: &Environment, config: &Config) -> Failure {
    let name = &environment.name;
    let mut failure = Failure::new(
        FailureKind::Usage,
        format!("nothing was sent: the call is for {host}"),
    )
    .because(format!("`{name}` is {}", place(environment)));
    for other in &config.environments {
        if is_host_of(other, host) {
            failure = failure.hint(format!("that is `{0}`: --env {0}", quote(&other.name)));
        }
    }
    failure
        .hint(format!(
            "--env {} sends it there all the same, as its client",
            quote(name)
        ))
        .hint("--host-of-command sends it to its own host, with the credentials that stand in it")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cli::args::shared::Answers;
    use crate::cli::args::shared::Sending;
    use crate::config::file;
    use crate::curl::import::import;

    const CONFIG: &str = "default_environment = 'dev'\n\
        [environments.dev]\ndomain='dev.x.com'\nclass='dev'\nclient_id='of_dev'\nsecret_env='S'\n\
        [environments.prod]\ndomain='prod.x.com'\nclass='prod'\nclient_id='of_prod'\nsecret_env='S'\n";

    /// Where a command goes: domain, id, and whose secret.
    fn goes(command: &str, named: Option<&str>, host_of_command: bool) -> Result<String, Failure> {
        let config = file::read(CONFIG, Path::new("/c")).expect("a configuration");
        let import = import(command).expect("is a command");
        let how = Pasted {
            host_of_command,
            set: Vec::new(),
            sending: Sending::default(),
            answers: Answers::default(),
        };
        let destination = destination(&import, &how, named, &config)?;
        Ok(match destination.environment.target {
            Target::Embedded => "sandbox".to_owned(),
            Target::Remote {
                domain,
                credentials,
            } => {
                let whose = match credentials.secret {
                    SecretSource::Given(_) => "its own",
                    _ => "ours",
                };
                format!(
                    "{domain} {} {whose} {}",
                    credentials.client_id, destination.environment.class
                )
            }
        })
    }

    #[test]
    fn no_secret_goes_to_another_host() {
        let own = "-u cid:hunter2";
        let elided = "-u cid:YOUR_SECRET";
        for (host, credentials, named, own_host, expected) in [
            (
                "https://dev.x.com",
                own,
                None,
                false,
                "https://dev.x.com cid its own dev",
            ),
            (
                "http://dev.x.com",
                own,
                None,
                false,
                "https://dev.x.com cid its own dev",
            ),
            (
                "https://DEV.x.com:443",
                own,
                None,
                false,
                "https://dev.x.com cid its own dev",
            ),
            (
                "https://dev.x.com",
                elided,
                None,
                false,
                "https://dev.x.com of_dev ours dev",
            ),
            (
                "https://dev.x.com",
                "",
                None,
                false,
                "https://dev.x.com of_dev ours dev",
            ),
            (
                "https://dev.x.com",
                "-H 'Date: 2016-02-26 19:08:44' -H 'Authorization: Signature cid:c2ln'",
                None,
                false,
                "https://dev.x.com of_dev ours dev",
            ),
            (
                "https://dev.x.com",
                "--oauth2-bearer t0ken12",
                None,
                false,
                "https://dev.x.com  its own dev",
            ),
            (
                "$HOST",
                own,
                None,
                false,
                "https://dev.x.com of_dev ours dev",
            ),
            (
                "https://prod.x.com",
                own,
                Some("dev"),
                false,
                "https://dev.x.com of_dev ours dev",
            ),
            (
                "https://prod.x.com",
                own,
                Some("prod"),
                false,
                "https://prod.x.com cid its own prod",
            ),
            ("https://prod.x.com", own, Some("sandbox"), false, "sandbox"),
            (
                "https://other.com",
                own,
                None,
                true,
                "https://other.com cid its own prod",
            ),
            (
                "http://127.0.0.1:80",
                own,
                None,
                true,
                "http://127.0.0.1 cid its own dev",
            ),
            (
                "https://dev.x.com.evil.com",
                own,
                Some("dev"),
                false,
                "https://dev.x.com of_dev ours dev",
            ),
        ] {
            let command = format!("curl {credentials} {host}/entity.count");
            let told = goes(&command, named, own_host).expect(&command);
            assert_eq!(told, expected, "{command}");
        }
    }

    #[test]
    fn what_is_not_sent_says_what_to_do() {
        for (command, named, own_host, words) in [
            (
                "curl -u a:b https://prod.x.com/entity",
                None,
                false,
                "that is `prod`",
            ),
            (
                "curl -u a:b https://other.com/entity",
                None,
                false,
                "--host-of-command",
            ),
            (
                "curl -u a:<secret> https://other.com/entity",
                None,
                true,
                "placeholder",
            ),
            (
                "curl https://other.com/entity",
                None,
                true,
                "there are none",
            ),
            (
                "curl -u a:b http://other.com/entity",
                None,
                true,
                "unencrypted",
            ),
            ("curl -u a:b $HOST/entity", None, true, "no host"),
            (
                "curl -u a:b https://other.com/entity",
                Some("dve"),
                false,
                "did you mean `dev`",
            ),
        ] {
            let failure = goes(command, named, own_host).expect_err(command);
            let shown = format!("{failure:?}");
            assert!(shown.contains(words), "{command}: {shown}");
            assert_eq!(failure.kind, FailureKind::Usage);
        }
    }
}
