//! Environments: the places that calls are sent to, each with a class that says how careful to be.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::capture::endpoint::ClientFeature;
use crate::config::credentials::CredentialSource;

/// The name of the environment that is always there: the sandbox inside the program.
pub const SANDBOX: &str = "sandbox";

/// A place to send calls to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The name the user gave it.
    pub name: String,
    /// How careful to be.
    pub class: EnvironmentClass,
    /// Where it is.
    pub target: Target,
    /// Whether every call that changes something is refused before it is sent.
    pub read_only: bool,
    /// What the client may do, when the user says it; calls that it cannot make are then told of before they are made.
    pub features: Option<Vec<ClientFeature>>,
}

/// How careful to be in an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EnvironmentClass {
    /// Nothing in it matters.
    Sandbox,
    /// Mistakes cost time.
    Dev,
    /// Real customers' data.
    Prod,
}

/// Where an environment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The sandbox inside the program, started when it is first needed.
    Embedded,
    /// A Capture domain.
    Remote {
        /// Scheme and host, perhaps a port, without a path: `https://my-app.us-dev.janraincapture.com`.
        domain: String,
        /// Who calls.
        credentials: CredentialSource,
    },
}

impl Environment {
    /// The environment that needs no configuration.
    pub fn embedded_sandbox() -> Self {
        Self {
            name: SANDBOX.to_owned(),
            class: EnvironmentClass::Sandbox,
            target: Target::Embedded,
            read_only: false,
            features: Some(vec![ClientFeature::Owner]),
        }
    }
}

impl EnvironmentClass {
    /// The word for badges and for the configuration file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Dev => "dev",
            Self::Prod => "prod",
        }
    }
}

impl fmt::Display for EnvironmentClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads what a user writes as a Capture domain: a host, perhaps with a scheme and a port. Gives scheme, host and port;
/// `https` is assumed. Plain `http` is refused except to this machine: a call carries a secret.
pub fn read_domain(text: &str) -> Result<String, String> {
    let text = text.trim();
    let absolute = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    let url = Url::parse(&absolute).map_err(|error| format!("not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("a Capture domain begins with https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "a secret must not stand in a URL: use secret_env, secret_command or secret_file"
                .to_owned(),
        );
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("only scheme and host: the operation's path is added to it".to_owned());
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err("http:// would send the secret unencrypted: use https:// (http is for this machine only)".to_owned());
    }
    Ok(url.origin().ascii_serialization())
}

/// Whether a URL leads to this machine itself, by a loopback address or the name `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_domains() {
        for (text, domain) in [
            (
                "my-app.janraincapture.com",
                "https://my-app.janraincapture.com",
            ),
            (
                "https://My-App.janraincapture.com/",
                "https://my-app.janraincapture.com",
            ),
            ("https://h:8443", "https://h:8443"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://localhost", "http://localhost"),
        ] {
            assert_eq!(read_domain(text), Ok(domain.to_owned()), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_unsafe_or_no_domain() {
        for (text, why) in [
            ("http://my-app.janraincapture.com", "unencrypted"),
            ("http://127.0.0.1.example.com", "unencrypted"),
            ("https://id:secret@h", "secret must not stand"),
            ("https://h/entity", "only scheme and host"),
            ("https://h?client_secret=x", "only scheme and host"),
            ("ftp://h", "begins with https"),
            ("", "not a URL"),
        ] {
            let refusal = read_domain(text).expect_err(text);
            assert!(refusal.contains(why), "{text}: {refusal}");
        }
    }
}
