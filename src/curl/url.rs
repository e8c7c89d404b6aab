//! URLs as people paste them: with or without a scheme, with credentials, parameters and stand-ins. What the parts mean
//! to a call is decided in `import`.

use form_urlencoded::parse as parse_form;

/// The parts of a URL, as written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Url<'a> {
    /// `http`, `https` or another word; `None` when none is written.
    pub(super) scheme: Option<&'a str>,
    /// What stands before the `@`.
    pub(super) user: Option<&'a str>,
    /// Host and perhaps port; empty when the URL is a path.
    pub(super) authority: &'a str,
    /// From the first slash; perhaps empty.
    pub(super) path: &'a str,
    /// After the `?`, without it.
    pub(super) query: &'a str,
    /// After the `#`.
    pub(super) fragment: Option<&'a str>,
}

impl<'a> Url<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
            _ => (None, text),
        };
        let (rest, fragment) = match rest.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment)),
            None => (rest, None),
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, authority) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        Self {
            scheme,
            user,
            authority,
            path,
            query,
            fragment,
        }
    }

    /// Scheme and host as an environment's domain is written; `None` when the host is no host. Without a scheme, a
    /// machine of one's own is meant to be called over `http` and everything else over `https`.
    pub(super) fn origin(&self) -> Option<String> {
        let host = self.authority.trim_end_matches('.').to_ascii_lowercase();
        let is_host = !host.is_empty()
            && host
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_'));
        let scheme = match self.scheme {
            Some(scheme) => scheme.to_ascii_lowercase(),
            None if is_own(&host) => "http".to_owned(),
            None => "https".to_owned(),
        };
        let default = if scheme == "http" { ":80" } else { ":443" };
        is_host.then(|| format!("{scheme}://{}", host.strip_suffix(default).unwrap_or(&host)))
    }
}

/// What percent-encoding in the part before `@` stands for.
pub(super) fn decode(text: &str) -> String {
    // In a form `+` is a space, and in user-info it is itself.
    let text = text
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('=', "%3D");
    let mut pairs = parse_form(text.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(name, _)| name.into_owned())
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn is_own(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) {
            name
        } else {
            host
        }
    });
    name == "localhost" || name.starts_with("127.") || name == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let url =
            Url::read("HTTPS://id%40:s@My-App.janraincapture.com:443//entity.find?a=/x@y?z#top");
        assert_eq!(url.user, Some("id%40:s"));
        assert_eq!((url.path, url.query), ("//entity.find", "a=/x@y?z"));
        assert_eq!(url.fragment, Some("top"));
        assert_eq!(
            url.origin().as_deref(),
            Some("https://my-app.janraincapture.com")
        );
        for (text, origin, path) in [
            (
                "my-app.janraincapture.com/entity",
                Some("https://my-app.janraincapture.com"),
                "/entity",
            ),
            (
                "localhost:8080/entity",
                Some("http://localhost:8080"),
                "/entity",
            ),
            ("[::1]:80/entity", Some("http://[::1]"), "/entity"),
            ("/entity", None, "/entity"),
            ("https://$HOST/entity", None, "/entity"),
            ("{{host}}/entity", None, "/entity"),
            ("https://h", Some("https://h"), ""),
            ("", None, ""),
        ] {
            let url = Url::read(text);
            assert_eq!(
                (url.origin().as_deref(), url.path),
                (origin, path),
                "{text}"
            );
        }
        assert_eq!(decode("a%40b+c=d"), "a@b+c=d");
    }
}
