//! Further names for a sandbox. Programs that were written for the service often call `https://` and a host that they
//! put together themselves; under its name, here, the sandbox answers them. That the name leads to this machine is the
//! user's affair.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use rustls::pki_types::ServerName;

/// A host: a DNS name in lower case, or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(ServerName<'static>);

/// Why a text is no [`HostName`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostNameError {
    /// A URL, or a host with a port.
    #[error("give the host alone, without scheme, port and path")]
    MoreThanHost,
    /// A pattern.
    #[error("a pattern is no host: name each host by itself")]
    Pattern,
    /// Neither of the two kinds.
    #[error("neither a DNS name such as my-app.janraincapture.com nor an IP address")]
    Malformed,
}

impl HostName {
    /// As certificates name it.
    pub fn as_text(&self) -> String {
        self.0.to_str().into_owned()
    }

    /// As URLs and the `Host` header name it: an IPv6 address stands in brackets.
    pub fn in_url(&self) -> String {
        match &self.0 {
            ServerName::IpAddress(address) => in_url(IpAddr::from(*address)),
            _ => self.as_text(),
        }
    }
}

/// An address as URLs and the `Host` header name it.
pub(crate) fn in_url(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

impl From<IpAddr> for HostName {
    fn from(address: IpAddr) -> Self {
        Self(ServerName::IpAddress(address.into()))
    }
}

impl FromStr for HostName {
    type Err = HostNameError;

    fn from_str(text: &str) -> Result<Self, HostNameError> {
        let bracketed = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        if let Ok(address) = bracketed.unwrap_or(text).parse::<IpAddr>() {
            return Ok(address.into());
        }
        if text.contains([':', '/']) {
            return Err(HostNameError::MoreThanHost);
        }
        if text.contains('*') {
            return Err(HostNameError::Pattern);
        }
        // With a final dot it means the same host, but no client sends it so.
        if text.ends_with('.') {
            return Err(HostNameError::Malformed);
        }
        ServerName::try_from(text.to_ascii_lowercase())
            .map(Self)
            .map_err(|_| HostNameError::Malformed)
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_and_written() {
        for (text, name, url) in [
            (
                "My-App.janraincapture.com",
                "my-app.janraincapture.com",
                "my-app.janraincapture.com",
            ),
            ("my_app.localhost", "my_app.localhost", "my_app.localhost"),
            ("host", "host", "host"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
            ("2001:DB8:0::1", "2001:db8::1", "[2001:db8::1]"),
            ("[::1]", "::1", "[::1]"),
        ] {
            let host: HostName = text.parse().expect(text);
            assert_eq!(
                (host.to_string().as_str(), host.in_url().as_str()),
                (name, url)
            );
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        let long = "a".repeat(64);
        for (text, why) in [
            ("", HostNameError::Malformed),
            ("a b", HostNameError::Malformed),
            ("a..b", HostNameError::Malformed),
            ("-a.example", HostNameError::Malformed),
            ("example.com.", HostNameError::Malformed),
            ("müller.example", HostNameError::Malformed),
            ("192.0.2.256", HostNameError::Malformed),
            (&long, HostNameError::Malformed),
            ("https://a.example", HostNameError::MoreThanHost),
            ("a.example:443", HostNameError::MoreThanHost),
            ("a.example/", HostNameError::MoreThanHost),
            ("*.janraincapture.com", HostNameError::Pattern),
        ] {
            assert_eq!(text.parse::<HostName>(), Err(why), "{text}");
        }
    }
}
