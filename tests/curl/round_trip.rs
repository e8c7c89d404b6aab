//! Exported commands, run by a shell with the real curl, send what captui sends.

use captui::capture::auth::CREDENTIAL_ARGS;
use captui::capture::auth::Credentials;
use captui::capture::endpoint::Endpoint;
use captui::capture::request::ApiRequest;
use captui::capture::request::Args;
use captui::capture::request::Wire;
use captui::capture::secret::Secret;
use captui::curl::export::Shown;
use captui::curl::export::export;
use captui::curl::import::import;
use jiff::Timestamp;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::curl::echo::Echo;
use crate::curl::echo::form;
use crate::support::Home;

const SECRET: &str = "s3cr3t '7f3a\\";

fn now() -> Timestamp {
    "2016-02-26T19:08:44Z".parse().expect("is a time")
}

fn credentials() -> [Credentials; 4] {
    let id = || "cid".to_owned();
    let secret = || Secret::new(SECRET);
    [
        Credentials::Basic {
            id: id(),
            secret: secret(),
        },
        Credentials::Signed {
            id: id(),
            secret: secret(),
        },
        Credentials::Params {
            id: id(),
            secret: secret(),
        },
        Credentials::Token(Secret::new("tok3n")),
    ]
}

/// Has a shell run the command, and compares what arrives with what captui's own client would send.
fn assert_same(echo: &Echo, home: &Home, request: &ApiRequest, credentials: &Credentials) {
    let domain = format!("http://{}", echo.address);
    let command = export(request, &domain, Shown::Secrets(credentials, now()));
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let seen = echo.run(&command, folder.path(), home);
    let wire = Wire::new(request, Some(credentials), now());
    assert_eq!(
        (seen.method.as_str(), &seen.path),
        (wire.method, &wire.path)
    );
    assert_eq!(seen.pairs, form(wire.body.as_bytes()), "{command}");
    let header = wire.header("Authorization").unwrap_or_default();
    let expected = match credentials {
        Credentials::Basic { .. } => format!("basic cid:{SECRET}"),
        Credentials::Signed { .. } => {
            let (_, rest) = header.split_once(' ').expect("has a scheme");
            format!("signature {rest} at 2016-02-26 19:08:44")
        }
        Credentials::Params { .. } => String::new(),
        Credentials::Token(_) => "oauth tok3n".to_owned(),
    };
    assert_eq!(seen.auth, expected);
    let args = import(&command).expect("is a command").args;
    let own = request
        .args
        .iter()
        .filter(|(name, _)| !CREDENTIAL_ARGS.contains(name));
    assert_eq!(args, Args::from_pairs(own), "{command}");
}

fn request(args: Args) -> ApiRequest {
    ApiRequest {
        args,
        ..ApiRequest::new(Endpoint::EntityCreate)
    }
}

#[test]
fn what_is_hard_to_quote_arrives() {
    let home = Home::new();
    let Some(echo) = Echo::start() else {
        return;
    };
    let [basic, ..] = credentials();
    let hard = Args::from_pairs([
        ("type_name", "user"),
        ("at", "@/etc/passwd"),
        ("equals", "=a=b&c=d"),
        ("quotes", "it's \"so\" `x` $HOME $(id) ${x} \\ !! *"),
        ("lines", "a\n\n'\nb\n"),
        ("returns", "a\r\nb\tc"),
        ("nul", "a\0b\u{1b}[31m\u{85}"),
        ("", "no name"),
        ("empty", ""),
        ("a b&c=%41+@[]{}", "the name"),
        ("plus", "+%20% %zz"),
        ("not ascii", "Zo\u{eb} \u{6f22} \u{1f600} \u{202e}"),
        ("last", "\\"),
        ("last", "'"),
    ]);
    for one in &hard.0 {
        assert_same(&echo, &home, &request(Args(vec![one.clone()])), &basic);
    }
    for credentials in &credentials() {
        assert_same(&echo, &home, &request(hard.clone()), credentials);
        assert_same(
            &echo,
            &home,
            &ApiRequest::new(Endpoint::TypeList),
            credentials,
        );
    }
}

#[test]
fn what_is_too_long_for_a_command_line_arrives() {
    let home = Home::new();
    let Some(echo) = Echo::start() else {
        return;
    };
    let long = "\u{e9}\n'\" ".repeat(40_000);
    let args = Args::from_pairs([("type_name", "user"), ("attributes", &long), ("END", "END")]);
    for credentials in &credentials() {
        assert_same(&echo, &home, &request(args.clone()), credentials);
    }
}

/// Some dozens of them in every run: each costs a shell and a curl.
#[test]
fn any_call_arrives() {
    let home = Home::new();
    let Some(echo) = Echo::start() else {
        return;
    };
    let mut runner = TestRunner::default();
    let text = prop::collection::vec(
        prop::sample::select(vec![
            "'", "\"", "\\", "\n", "@", "=", "&", "$", "`", "!", " ", "a", "\u{e9}", "%", "+",
        ]),
        0..20,
    );
    let text = prop::strategy::Union::new([
        text.prop_map(|pieces| pieces.concat()).boxed(),
        any::<String>().boxed(),
    ]);
    let pairs = prop::collection::vec((text.clone(), text), 0..6);
    let credentials = credentials();
    for round in 0..40 {
        let pairs = pairs
            .new_tree(&mut runner)
            .expect("makes a value")
            .current();
        let credentials = &credentials[round % credentials.len()];
        assert_same(&echo, &home, &request(Args(pairs)), credentials);
    }
}

/// The command that is safe to share runs too, once its variable is set.
#[test]
fn a_redacted_command_runs_with_its_variable() {
    let home = Home::new();
    let Some(echo) = Echo::start() else {
        return;
    };
    let [basic, signed, params, token] = credentials();
    let domain = format!("http://{}", echo.address);
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let request = request(Args::from_pairs([("type_name", "user")]));
    for (credentials, expected) in [
        (basic, "basic cid:s3cr3t"),
        (signed, "basic cid:s3cr3t"),
        (params, ""),
        (token, "oauth tok3n"),
    ] {
        let command = export(&request, &domain, Shown::Redacted(&credentials));
        assert!(!command.contains("s3cr3t") && !command.contains("tok3n"));
        let script = format!("CLIENT_SECRET=s3cr3t ACCESS_TOKEN=tok3n\n{command}");
        let seen = echo.run(&script, folder.path(), &home);
        assert_eq!(seen.auth, expected, "{command}");
        let by_params = seen
            .pairs
            .contains(&("client_secret".to_owned(), "s3cr3t".to_owned()));
        assert_eq!(by_params, expected.is_empty());
    }
}
