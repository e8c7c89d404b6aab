//! The table of curl's options: how each is written, and what it means to a call of Capture. An option that is not here
//! is reported as unknown; what the options do to a call is in `import`.

/// What an option is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Where to.
    Url,
    /// The HTTP method.
    Method,
    /// The data go into the query.
    Get,
    /// Only the head of the answer is asked for.
    Head,
    /// A header line.
    Header,
    /// A part of the form body.
    Data(Data),
    /// A JSON body.
    Json,
    /// A part of the query.
    UrlQuery,
    /// A part of a multipart body; a file or options may be named in it.
    Form,
    /// A part of a multipart body, as it stands.
    FormString,
    /// Client id and secret.
    User,
    /// An access token.
    Bearer,
    /// Another request follows.
    Next,
    /// Changes nothing about the call: why.
    Ignored(&'static str),
    /// Would change something and is not taken: why.
    Refused(&'static str),
}

/// The ways of giving a part of the form body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Data {
    /// As it stands, or a file without its line ends.
    Ascii,
    /// As it stands, or a file.
    Binary,
    /// As it stands.
    Raw,
    /// Encoded, in five forms.
    Encoded,
}

/// An option.
#[derive(Debug)]
pub(super) struct Opt {
    pub(super) long: &'static str,
    pub(super) short: Option<char>,
    /// Whether the next word, or the rest of this one, belongs to it.
    pub(super) takes: bool,
    pub(super) role: Role,
}

const SHOWN: &str = "only changes what curl shows or saves";
const REDIRECTS: &str = "captui follows no redirects";
const RETRIES: &str = "captui repeats no call by itself";
const TLS: &str = "how the service is trusted is a setting of the environment and this system";
const WAY: &str = "the way to the service is a setting of the environment";
const NETRC: &str =
    "the credentials are in a file of this machine: the environment's client is used";
const OTHER: &str = "is for other protocols than HTTP";

/// The option with this long name, which may be cut short as long as it stays the only one; `no-` before the name of a
/// switch turns it off.
pub(super) fn long(name: &str) -> Option<&'static Opt> {
    if name.is_empty() {
        return None;
    }
    let exact = OPTIONS.iter().find(|option| option.long == name);
    exact.or_else(|| {
        let mut begin = OPTIONS
            .iter()
            .filter(|option| option.long.starts_with(name));
        let first = begin.next();
        first.filter(|_| begin.next().is_none())
    })
}

/// The option with this letter.
pub(super) fn short(letter: char) -> Option<&'static Opt> {
    OPTIONS.iter().find(|option| option.short == Some(letter))
}

const fn row(long: &'static str, short: Option<char>, takes: bool, role: Role) -> Opt {
    Opt {
        long,
        short,
        takes,
        role,
    }
}

#[rustfmt::skip]
const OPTIONS: &[Opt] = &[
    row("url", None, true, Role::Url),
    row("request", Some('X'), true, Role::Method),
    row("get", Some('G'), false, Role::Get),
    row("head", Some('I'), false, Role::Head),
    row("header", Some('H'), true, Role::Header),
    row("data", Some('d'), true, Role::Data(Data::Ascii)),
    row("data-ascii", None, true, Role::Data(Data::Ascii)),
    row("data-binary", None, true, Role::Data(Data::Binary)),
    row("data-raw", None, true, Role::Data(Data::Raw)),
    row("data-urlencode", None, true, Role::Data(Data::Encoded)),
    row("json", None, true, Role::Json),
    row("url-query", None, true, Role::UrlQuery),
    row("form", Some('F'), true, Role::Form),
    row("form-string", None, true, Role::FormString),
    row("user", Some('u'), true, Role::User),
    row("oauth2-bearer", None, true, Role::Bearer),
    row("next", Some(':'), false, Role::Next),
    row("silent", Some('s'), false, Role::Ignored(SHOWN)),
    row("show-error", Some('S'), false, Role::Ignored(SHOWN)),
    row("include", Some('i'), false, Role::Ignored(SHOWN)),
    row("verbose", Some('v'), false, Role::Ignored(SHOWN)),
    row("fail", Some('f'), false, Role::Ignored(SHOWN)),
    row("fail-early", None, false, Role::Ignored(SHOWN)),
    row("fail-with-body", None, false, Role::Ignored(SHOWN)),
    row("progress-bar", Some('#'), false, Role::Ignored(SHOWN)),
    row("no-buffer", Some('N'), false, Role::Ignored(SHOWN)),
    row("buffer", None, false, Role::Ignored(SHOWN)),
    row("progress-meter", None, false, Role::Ignored(SHOWN)),
    row("styled-output", None, false, Role::Ignored(SHOWN)),
    row("trace-time", None, false, Role::Ignored(SHOWN)),
    row("trace-ids", None, false, Role::Ignored(SHOWN)),
    row("remote-name", Some('O'), false, Role::Ignored(SHOWN)),
    row("remote-name-all", None, false, Role::Ignored(SHOWN)),
    row("remote-header-name", Some('J'), false, Role::Ignored(SHOWN)),
    row("remote-time", Some('R'), false, Role::Ignored(SHOWN)),
    row("create-dirs", None, false, Role::Ignored(SHOWN)),
    row("clobber", None, false, Role::Ignored(SHOWN)),
    row("remove-on-error", None, false, Role::Ignored(SHOWN)),
    row("xattr", None, false, Role::Ignored(SHOWN)),
    row("out-null", None, false, Role::Ignored(SHOWN)),
    row("suppress-connect-headers", None, false, Role::Ignored(SHOWN)),
    row("use-ascii", Some('B'), false, Role::Ignored(SHOWN)),
    row("help", Some('h'), false, Role::Ignored(SHOWN)),
    row("manual", Some('M'), false, Role::Ignored(SHOWN)),
    row("version", Some('V'), false, Role::Ignored(SHOWN)),
    row("list-only", Some('l'), false, Role::Ignored(SHOWN)),
    row("raw", None, false, Role::Ignored(SHOWN)),
    row("skip-existing", None, false, Role::Ignored(SHOWN)),
    row("output", Some('o'), true, Role::Ignored(SHOWN)),
    row("output-dir", None, true, Role::Ignored(SHOWN)),
    row("dump-header", Some('D'), true, Role::Ignored(SHOWN)),
    row("write-out", Some('w'), true, Role::Ignored(SHOWN)),
    row("stderr", None, true, Role::Ignored(SHOWN)),
    row("trace", None, true, Role::Ignored(SHOWN)),
    row("trace-ascii", None, true, Role::Ignored(SHOWN)),
    row("trace-config", None, true, Role::Ignored(SHOWN)),
    row("libcurl", None, true, Role::Ignored(SHOWN)),
    row("create-file-mode", None, true, Role::Ignored(SHOWN)),
    row("etag-save", None, true, Role::Ignored(SHOWN)),
    row("compressed", None, false, Role::Ignored("captui always takes compressed answers")),
    row("tr-encoding", None, false, Role::Ignored("captui always takes compressed answers")),
    row("location", Some('L'), false, Role::Ignored(REDIRECTS)),
    row("post301", None, false, Role::Ignored(REDIRECTS)),
    row("post302", None, false, Role::Ignored(REDIRECTS)),
    row("post303", None, false, Role::Ignored(REDIRECTS)),
    row("follow", None, false, Role::Ignored(REDIRECTS)),
    row("location-trusted", None, false, Role::Refused("captui follows no redirect, least of all with credentials")),
    row("max-redirs", None, true, Role::Ignored(REDIRECTS)),
    row("proto-redir", None, true, Role::Ignored(REDIRECTS)),
    row("max-time", Some('m'), true, Role::Ignored("time limits are the environment's")),
    row("connect-timeout", None, true, Role::Ignored("time limits are the environment's")),
    row("expect100-timeout", None, true, Role::Ignored("time limits are the environment's")),
    row("speed-limit", Some('Y'), true, Role::Ignored("time limits are the environment's")),
    row("speed-time", Some('y'), true, Role::Ignored("time limits are the environment's")),
    row("keepalive-time", None, true, Role::Ignored("time limits are the environment's")),
    row("keepalive-cnt", None, true, Role::Ignored("time limits are the environment's")),
    row("happy-eyeballs-timeout-ms", None, true, Role::Ignored("time limits are the environment's")),
    row("retry", None, true, Role::Ignored(RETRIES)),
    row("retry-delay", None, true, Role::Ignored(RETRIES)),
    row("retry-max-time", None, true, Role::Ignored(RETRIES)),
    row("retry-all-errors", None, false, Role::Ignored(RETRIES)),
    row("retry-connrefused", None, false, Role::Ignored(RETRIES)),
    row("limit-rate", None, true, Role::Ignored("how fast and how much is not the call's matter")),
    row("rate", None, true, Role::Ignored("how fast and how much is not the call's matter")),
    row("parallel-max", None, true, Role::Ignored("how fast and how much is not the call's matter")),
    row("parallel-max-host", None, true, Role::Ignored("how fast and how much is not the call's matter")),
    row("max-filesize", None, true, Role::Ignored("how fast and how much is not the call's matter")),
    row("parallel", Some('Z'), false, Role::Ignored("one call is sent at a time")),
    row("parallel-immediate", None, false, Role::Ignored("one call is sent at a time")),
    row("globoff", Some('g'), false, Role::Ignored("captui takes brackets in a URL as they are anyway")),
    row("path-as-is", None, false, Role::Ignored("captui sends an operation's own path")),
    row("http1.0", Some('0'), false, Role::Ignored("how the connection is made is captui's choice")),
    row("http1.1", None, false, Role::Ignored("how the connection is made is captui's choice")),
    row("http2", None, false, Role::Ignored("how the connection is made is captui's choice")),
    row("http2-prior-knowledge", None, false, Role::Ignored("how the connection is made is captui's choice")),
    row("http3", None, false, Role::Ignored("how the connection is made is captui's choice")),
    row("http3-only", None, false, Role::Ignored("how the connection is made is captui's choice")),
    row("http0.9", None, false, Role::Ignored("how the connection is made is captui's choice")),
    row("ipv4", Some('4'), false, Role::Ignored("how the connection is made is captui's choice")),
    row("ipv6", Some('6'), false, Role::Ignored("how the connection is made is captui's choice")),
    row("keepalive", None, false, Role::Ignored("how the connection is made is captui's choice")),
    row("sessionid", None, false, Role::Ignored("how the connection is made is captui's choice")),
    row("alpn", None, false, Role::Ignored("how the connection is made is captui's choice")),
    row("npn", None, false, Role::Ignored("how the connection is made is captui's choice")),
    row("tcp-fastopen", None, false, Role::Ignored("how the connection is made is captui's choice")),
    row("tcp-nodelay", None, false, Role::Ignored("how the connection is made is captui's choice")),
    row("mptcp", None, false, Role::Ignored("how the connection is made is captui's choice")),
    row("disable", Some('q'), false, Role::Ignored("says what holds anyway")),
    row("disallow-username-in-url", None, false, Role::Ignored("says what holds anyway")),
    row("ignore-content-length", None, false, Role::Ignored("says what holds anyway")),
    row("basic", None, false, Role::Ignored("says what holds anyway")),
    row("junk-session-cookies", Some('j'), false, Role::Ignored("says what holds anyway")),
    row("user-agent", Some('A'), true, Role::Ignored("captui says who it is itself")),
    row("referer", Some('e'), true, Role::Ignored("captui says who it is itself")),
    row("insecure", Some('k'), false, Role::Refused("captui does not talk to a service that cannot prove who it is")),
    row("proxy-insecure", None, false, Role::Refused("captui does not talk to a service that cannot prove who it is")),
    row("doh-insecure", None, false, Role::Refused("captui does not talk to a service that cannot prove who it is")),
    row("ssl-allow-beast", None, false, Role::Refused(TLS)),
    row("ssl-no-revoke", None, false, Role::Refused(TLS)),
    row("ssl-revoke-best-effort", None, false, Role::Refused(TLS)),
    row("ssl-auto-client-cert", None, false, Role::Refused(TLS)),
    row("proxy-ssl-allow-beast", None, false, Role::Refused(TLS)),
    row("proxy-ssl-auto-client-cert", None, false, Role::Refused(TLS)),
    row("cert-status", None, false, Role::Refused(TLS)),
    row("doh-cert-status", None, false, Role::Refused(TLS)),
    row("false-start", None, false, Role::Refused(TLS)),
    row("ca-native", None, false, Role::Refused(TLS)),
    row("proxy-ca-native", None, false, Role::Refused(TLS)),
    row("dump-ca-embed", None, false, Role::Refused(TLS)),
    row("sslv2", Some('2'), false, Role::Refused(TLS)),
    row("sslv3", Some('3'), false, Role::Refused(TLS)),
    row("tlsv1", Some('1'), false, Role::Refused(TLS)),
    row("tlsv1.0", None, false, Role::Refused(TLS)),
    row("tlsv1.1", None, false, Role::Refused(TLS)),
    row("tlsv1.2", None, false, Role::Refused(TLS)),
    row("tlsv1.3", None, false, Role::Refused(TLS)),
    row("ssl", None, false, Role::Refused(TLS)),
    row("ssl-reqd", None, false, Role::Refused(TLS)),
    row("proxy-tlsv1", None, false, Role::Refused(TLS)),
    row("tls-earlydata", None, false, Role::Refused(TLS)),
    row("cacert", None, true, Role::Refused(TLS)),
    row("capath", None, true, Role::Refused(TLS)),
    row("cert", Some('E'), true, Role::Refused(TLS)),
    row("cert-type", None, true, Role::Refused(TLS)),
    row("ciphers", None, true, Role::Refused(TLS)),
    row("crlfile", None, true, Role::Refused(TLS)),
    row("curves", None, true, Role::Refused(TLS)),
    row("egd-file", None, true, Role::Refused(TLS)),
    row("engine", None, true, Role::Refused(TLS)),
    row("key", None, true, Role::Refused(TLS)),
    row("key-type", None, true, Role::Refused(TLS)),
    row("pass", None, true, Role::Refused(TLS)),
    row("pinnedpubkey", None, true, Role::Refused(TLS)),
    row("random-file", None, true, Role::Refused(TLS)),
    row("tls-max", None, true, Role::Refused(TLS)),
    row("tls13-ciphers", None, true, Role::Refused(TLS)),
    row("tlsauthtype", None, true, Role::Refused(TLS)),
    row("tlspassword", None, true, Role::Refused(TLS)),
    row("tlsuser", None, true, Role::Refused(TLS)),
    row("ech", None, true, Role::Refused(TLS)),
    row("sigalgs", None, true, Role::Refused(TLS)),
    row("proxy", Some('x'), true, Role::Refused(WAY)),
    row("preproxy", None, true, Role::Refused(WAY)),
    row("proxy-user", Some('U'), true, Role::Refused(WAY)),
    row("proxy1.0", None, true, Role::Refused(WAY)),
    row("socks4", None, true, Role::Refused(WAY)),
    row("socks4a", None, true, Role::Refused(WAY)),
    row("socks5", None, true, Role::Refused(WAY)),
    row("socks5-hostname", None, true, Role::Refused(WAY)),
    row("socks5-gssapi-service", None, true, Role::Refused(WAY)),
    row("proxy-cacert", None, true, Role::Refused(WAY)),
    row("proxy-capath", None, true, Role::Refused(WAY)),
    row("proxy-cert", None, true, Role::Refused(WAY)),
    row("proxy-cert-type", None, true, Role::Refused(WAY)),
    row("proxy-ciphers", None, true, Role::Refused(WAY)),
    row("proxy-crlfile", None, true, Role::Refused(WAY)),
    row("proxy-header", None, true, Role::Refused(WAY)),
    row("proxy-key", None, true, Role::Refused(WAY)),
    row("proxy-key-type", None, true, Role::Refused(WAY)),
    row("proxy-pass", None, true, Role::Refused(WAY)),
    row("proxy-pinnedpubkey", None, true, Role::Refused(WAY)),
    row("proxy-service-name", None, true, Role::Refused(WAY)),
    row("proxy-tls13-ciphers", None, true, Role::Refused(WAY)),
    row("proxy-tlsauthtype", None, true, Role::Refused(WAY)),
    row("proxy-tlspassword", None, true, Role::Refused(WAY)),
    row("proxy-tlsuser", None, true, Role::Refused(WAY)),
    row("noproxy", None, true, Role::Refused(WAY)),
    row("haproxy-clientip", None, true, Role::Refused(WAY)),
    row("proxytunnel", Some('p'), false, Role::Refused(WAY)),
    row("proxy-anyauth", None, false, Role::Refused(WAY)),
    row("proxy-basic", None, false, Role::Refused(WAY)),
    row("proxy-digest", None, false, Role::Refused(WAY)),
    row("proxy-negotiate", None, false, Role::Refused(WAY)),
    row("proxy-ntlm", None, false, Role::Refused(WAY)),
    row("proxy-http2", None, false, Role::Refused(WAY)),
    row("socks5-basic", None, false, Role::Refused(WAY)),
    row("socks5-gssapi", None, false, Role::Refused(WAY)),
    row("socks5-gssapi-nec", None, false, Role::Refused(WAY)),
    row("haproxy-protocol", None, false, Role::Refused(WAY)),
    row("resolve", None, true, Role::Refused(WAY)),
    row("connect-to", None, true, Role::Refused(WAY)),
    row("interface", None, true, Role::Refused(WAY)),
    row("unix-socket", None, true, Role::Refused(WAY)),
    row("abstract-unix-socket", None, true, Role::Refused(WAY)),
    row("dns-interface", None, true, Role::Refused(WAY)),
    row("dns-ipv4-addr", None, true, Role::Refused(WAY)),
    row("dns-ipv6-addr", None, true, Role::Refused(WAY)),
    row("dns-servers", None, true, Role::Refused(WAY)),
    row("doh-url", None, true, Role::Refused(WAY)),
    row("local-port", None, true, Role::Refused(WAY)),
    row("alt-svc", None, true, Role::Refused(WAY)),
    row("hsts", None, true, Role::Refused(WAY)),
    row("request-target", None, true, Role::Refused(WAY)),
    row("proto", None, true, Role::Refused(WAY)),
    row("proto-default", None, true, Role::Refused(WAY)),
    row("ip-tos", None, true, Role::Refused(WAY)),
    row("vlan-priority", None, true, Role::Refused(WAY)),
    row("ipfs-gateway", None, true, Role::Refused(WAY)),
    row("digest", None, false, Role::Refused("Capture knows Basic, Signature and OAuth only")),
    row("ntlm", None, false, Role::Refused("Capture knows Basic, Signature and OAuth only")),
    row("ntlm-wb", None, false, Role::Refused("Capture knows Basic, Signature and OAuth only")),
    row("negotiate", None, false, Role::Refused("Capture knows Basic, Signature and OAuth only")),
    row("anyauth", None, false, Role::Refused("Capture knows Basic, Signature and OAuth only")),
    row("aws-sigv4", None, true, Role::Refused("Capture knows Basic, Signature and OAuth only")),
    row("delegation", None, true, Role::Refused("Capture knows Basic, Signature and OAuth only")),
    row("krb", None, true, Role::Refused("Capture knows Basic, Signature and OAuth only")),
    row("login-options", None, true, Role::Refused("Capture knows Basic, Signature and OAuth only")),
    row("sasl-authzid", None, true, Role::Refused("Capture knows Basic, Signature and OAuth only")),
    row("service-name", None, true, Role::Refused("Capture knows Basic, Signature and OAuth only")),
    row("sasl-ir", None, false, Role::Refused("Capture knows Basic, Signature and OAuth only")),
    row("netrc", Some('n'), false, Role::Refused(NETRC)),
    row("netrc-optional", None, false, Role::Refused(NETRC)),
    row("netrc-file", None, true, Role::Refused(NETRC)),
    row("config", Some('K'), true, Role::Refused("further options are in this file: paste them too")),
    row("variable", None, true, Role::Refused("curl's own variables are not read")),
    row("expand-data", None, true, Role::Refused("curl's own variables are not read")),
    row("expand-url", None, true, Role::Refused("curl's own variables are not read")),
    row("expand-header", None, true, Role::Refused("curl's own variables are not read")),
    row("expand-user", None, true, Role::Refused("curl's own variables are not read")),
    row("expand-data-urlencode", None, true, Role::Refused("curl's own variables are not read")),
    row("expand-data-raw", None, true, Role::Refused("curl's own variables are not read")),
    row("expand-data-binary", None, true, Role::Refused("curl's own variables are not read")),
    row("expand-form", None, true, Role::Refused("curl's own variables are not read")),
    row("expand-output", None, true, Role::Refused("curl's own variables are not read")),
    row("expand-json", None, true, Role::Refused("curl's own variables are not read")),
    row("cookie", Some('b'), true, Role::Refused("Capture knows no cookies")),
    row("cookie-jar", Some('c'), true, Role::Ignored("Capture knows no cookies")),
    row("upload-file", Some('T'), true, Role::Refused("Capture takes no uploads")),
    row("etag-compare", None, true, Role::Refused("Capture knows no conditional and no partial answers")),
    row("time-cond", Some('z'), true, Role::Refused("Capture knows no conditional and no partial answers")),
    row("range", Some('r'), true, Role::Refused("Capture knows no conditional and no partial answers")),
    row("continue-at", Some('C'), true, Role::Refused("Capture knows no conditional and no partial answers")),
    row("ftp-ssl-control", None, false, Role::Refused(OTHER)),
    row("ftp-account", None, true, Role::Refused(OTHER)),
    row("ftp-alternative-to-user", None, true, Role::Refused(OTHER)),
    row("ftp-method", None, true, Role::Refused(OTHER)),
    row("ftp-port", Some('P'), true, Role::Refused(OTHER)),
    row("ftp-ssl-ccc-mode", None, true, Role::Refused(OTHER)),
    row("mail-auth", None, true, Role::Refused(OTHER)),
    row("mail-from", None, true, Role::Refused(OTHER)),
    row("mail-rcpt", None, true, Role::Refused(OTHER)),
    row("quote", Some('Q'), true, Role::Refused(OTHER)),
    row("telnet-option", Some('t'), true, Role::Refused(OTHER)),
    row("tftp-blksize", None, true, Role::Refused(OTHER)),
    row("hostpubmd5", None, true, Role::Refused(OTHER)),
    row("hostpubsha256", None, true, Role::Refused(OTHER)),
    row("pubkey", None, true, Role::Refused(OTHER)),
    row("upload-flags", None, true, Role::Refused(OTHER)),
    row("append", Some('a'), false, Role::Refused(OTHER)),
    row("crlf", None, false, Role::Refused(OTHER)),
    row("compressed-ssh", None, false, Role::Refused(OTHER)),
    row("disable-eprt", None, false, Role::Refused(OTHER)),
    row("disable-epsv", None, false, Role::Refused(OTHER)),
    row("eprt", None, false, Role::Refused(OTHER)),
    row("epsv", None, false, Role::Refused(OTHER)),
    row("ftp-create-dirs", None, false, Role::Refused(OTHER)),
    row("ftp-pasv", None, false, Role::Refused(OTHER)),
    row("ftp-pret", None, false, Role::Refused(OTHER)),
    row("ftp-skip-pasv-ip", None, false, Role::Refused(OTHER)),
    row("ftp-ssl-ccc", None, false, Role::Refused(OTHER)),
    row("mail-rcpt-allowfails", None, false, Role::Refused(OTHER)),
    row("metalink", None, false, Role::Refused(OTHER)),
    row("tftp-no-options", None, false, Role::Refused(OTHER)),
    row("form-escape", None, false, Role::Refused(OTHER)),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_may_be_cut_short() {
        let names: HashSet<&str> = OPTIONS.iter().map(|option| option.long).collect();
        assert_eq!(names.len(), OPTIONS.len());
        let letters: Vec<char> = OPTIONS.iter().filter_map(|option| option.short).collect();
        let unique: HashSet<&char> = letters.iter().collect();
        assert_eq!(unique.len(), letters.len());
        for (name, found) in [
            ("data", Some("data")),
            ("data-u", Some("data-urlencode")),
            ("data-", None),
            ("reque", None),
            ("inse", Some("insecure")),
            ("nothing-like-it", None),
            ("", None),
        ] {
            assert_eq!(long(name).map(|option| option.long), found, "{name}");
        }
        assert_eq!(short('d').map(|option| option.long), Some("data"));
    }
}
