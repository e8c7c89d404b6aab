//! Reading an HTTP request as a call, in every form that real clients use (reference 1.1).

use base64::Engine;

use crate::capture::auth::BASE64;
use crate::capture::auth::CREDENTIAL_ARGS;
use crate::capture::auth::Presented;
use crate::capture::endpoint::Endpoint;
use crate::capture::endpoint::collapse_slashes;
use crate::capture::error::ApiError;
use crate::capture::error::ErrorCode;
use crate::capture::request::Args;
use crate::capture::request::Call;
use crate::capture::request::FORM;
use crate::capture::request::HttpParts;
use crate::capture::secret::Secret;

impl Call {
    /// Reads an HTTP request. The rules are our choice, made so that every client in reference 1.1 works:
    ///
    /// - the arguments are those of the query, and those of a form body in their place where both have a name;
    /// - the body is a form when its content type is absent or that of a form; any other body is ignored;
    /// - an access token comes before a client, and the `Authorization` header before arguments; empty credentials
    ///   count as none;
    /// - another scheme than Basic, Signature and OAuth is 205 even beside arguments that would do.
    ///
    /// Fails with 200 for a method other than `GET` and `POST`. Trouble with the credentials is no failure here but
    /// stands in [`Call::presented`], so that the call can still be logged.
    pub fn read(parts: &HttpParts<'_>) -> Result<Self, ApiError> {
        if !matches!(parts.method, "GET" | "POST") {
            return Err(ApiError::new(
                ErrorCode::INVALID_ARGUMENT,
                format!(
                    "the HTTP method {} is not supported: use POST or GET",
                    parts.method
                ),
            ));
        }
        let mut args = merge(
            Args::from_form(parts.query.as_bytes()),
            read_body(parts.content_type, parts.body),
        );
        let presented = read_credentials(parts.authorization, parts.date, &args);
        args.0
            .retain(|(name, _)| !CREDENTIAL_ARGS.contains(&name.as_str()));
        let path = collapse_slashes(parts.path);
        Ok(Self {
            endpoint: Endpoint::from_path(&path),
            path,
            args,
            presented,
        })
    }
}

fn read_body(content_type: Option<&str>, body: &[u8]) -> Args {
    let essence = content_type
        .and_then(|text| text.split(';').next())
        .map_or("", str::trim);
    if essence.is_empty() || essence.eq_ignore_ascii_case(FORM) {
        Args::from_form(body)
    } else {
        Args::default()
    }
}

/// The arguments of the query that the body does not repeat, then those of the body.
fn merge(mut query: Args, body: Args) -> Args {
    query.0.retain(|(name, _)| body.get(name).is_none());
    query.0.extend(body.0);
    query
}

fn read_credentials(
    authorization: Option<&str>,
    date: Option<&str>,
    args: &Args,
) -> Result<Presented, ApiError> {
    let header = match authorization.map(str::trim) {
        None | Some("") => Presented::Nothing,
        Some(header) => read_authorization(header, date)?,
    };
    let given = |name: &str| args.get(name).filter(|value| !value.is_empty());
    if let (false, Some(token)) = (matches!(header, Presented::Token(_)), given("access_token")) {
        return Ok(Presented::Token(Secret::new(token)));
    }
    if !matches!(header, Presented::Nothing) {
        return Ok(header);
    }
    match (given("client_id"), given("client_secret")) {
        (Some(id), Some(secret)) => Ok(Presented::Params {
            id: id.to_owned(),
            secret: Secret::new(secret),
        }),
        (Some(_), None) => Err(ApiError::missing_argument("client_secret")),
        (None, Some(_)) => Err(ApiError::missing_argument("client_id")),
        (None, None) => Ok(Presented::Nothing),
    }
}

/// Reads the `Authorization` header. A known scheme with unusable content is 402, our choice.
fn read_authorization(header: &str, date: Option<&str>) -> Result<Presented, ApiError> {
    let refused = |why: &str| ApiError::new(ErrorCode::INVALID_CLIENT_CREDENTIALS, why);
    let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
    let rest = rest.trim();
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => {
            let pair = BASE64
                .decode(rest)
                .map_err(|_| refused("the Basic credentials are not base64"))?;
            let pair = Secret::from(String::from_utf8_lossy(&pair).into_owned());
            let (id, secret) = pair
                .reveal()
                .split_once(':')
                .ok_or_else(|| refused("the Basic credentials have no colon"))?;
            Ok(Presented::Basic {
                id: id.to_owned(),
                secret: Secret::new(secret),
            })
        }
        "signature" => {
            let (id, signature) = rest
                .split_once(':')
                .ok_or_else(|| refused("the Signature credentials have no colon"))?;
            let date = date.ok_or_else(|| refused("a signed call needs a Date header"))?;
            Ok(Presented::Signature {
                id: id.to_owned(),
                signature: signature.to_owned(),
                date: date.trim().to_owned(),
            })
        }
        "oauth" if rest.is_empty() => Err(refused("the OAuth credentials have no token")),
        "oauth" => Ok(Presented::Token(Secret::new(rest))),
        _ => Err(ApiError::new(
            ErrorCode::INVALID_AUTH_METHOD,
            "the authentication scheme is not supported: use Basic, Signature or OAuth",
        )),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::Strategy;
    use proptest::prelude::any;
    use proptest::prelude::prop;
    use proptest::prop_assert_eq;
    use proptest::proptest;

    use super::*;
    use crate::capture::auth::Credentials;
    use crate::capture::auth::verify_signature;
    use crate::capture::request::ApiRequest;
    use crate::capture::request::Wire;

    const NOTHING: HttpParts<'_> = HttpParts {
        method: "POST",
        path: "/entity",
        query: "",
        content_type: Some(FORM),
        authorization: None,
        date: None,
        body: b"",
    };

    fn read(parts: HttpParts<'_>) -> Call {
        Call::read(&parts).expect("GET and POST are read")
    }

    fn args(parts: HttpParts<'_>) -> Vec<(String, String)> {
        read(parts).args.0
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        Args::from_pairs(pairs.iter().copied()).0
    }

    /// In words: which credentials were presented.
    fn presented(parts: HttpParts<'_>) -> String {
        match read(parts).presented {
            Ok(Presented::Basic { id, secret }) => format!("basic {id} {}", secret.reveal()),
            Ok(Presented::Signature {
                id,
                signature,
                date,
            }) => format!("signature {id} {signature} {date}"),
            Ok(Presented::Params { id, secret }) => format!("params {id} {}", secret.reveal()),
            Ok(Presented::Token(token)) => format!("token {}", token.reveal()),
            Ok(Presented::Nothing) => "nothing".to_owned(),
            Err(error) => format!("{} {}", error.code, error.argument_name().unwrap_or("-")),
        }
    }

    #[test]
    fn arguments_come_from_query_and_form_body() {
        let body = HttpParts {
            body: b"type_name=user&id=7",
            ..NOTHING
        };
        let both = pairs(&[("type_name", "user"), ("id", "7")]);
        assert_eq!(args(body), both);
        for method in ["GET", "POST"] {
            let query = HttpParts {
                method,
                query: "type_name=user&id=7",
                ..NOTHING
            };
            assert_eq!(args(query), both);
            assert_eq!(args(HttpParts { method, ..body }), both);
        }
        // The body stands in place of what the query says of the same name.
        let overridden = HttpParts {
            query: "id=1&a=b&id=2",
            ..body
        };
        assert_eq!(
            args(overridden),
            pairs(&[("a", "b"), ("type_name", "user"), ("id", "7")])
        );
    }

    #[test]
    fn only_a_form_body_is_read() {
        let body = HttpParts {
            query: "a=1",
            body: b"b=2",
            ..NOTHING
        };
        for (content_type, is_form) in [
            (None, true),
            (Some(""), true),
            (Some("application/x-www-form-urlencoded"), true),
            (
                Some("Application/X-WWW-Form-Urlencoded ; charset=UTF-8"),
                true,
            ),
            (Some("application/json"), false),
            (Some("text/plain"), false),
            (Some("multipart/form-data; boundary=x"), false),
        ] {
            let count = args(HttpParts {
                content_type,
                ..body
            })
            .len();
            assert_eq!(count, if is_form { 2 } else { 1 }, "{content_type:?}");
        }
    }

    /// The iOS SDK's body: a leading `&`, raw `/` and `#`, no content type (reference 1.1).
    #[test]
    fn the_oddities_of_real_clients_are_read() {
        let ios = HttpParts {
            content_type: None,
            body: b"&attributes=%5B%5D&access_token=t0k&include_record=true&attribute_name=/profiles#12",
            ..NOTHING
        };
        assert_eq!(
            args(ios),
            pairs(&[
                ("attributes", "[]"),
                ("include_record", "true"),
                ("attribute_name", "/profiles#12")
            ])
        );
        assert_eq!(presented(ios), "token t0k");
        let decoded = HttpParts {
            body: b"a+b=%C3%A9+%2B%zz&&c&=d&%ff=\xfe",
            ..NOTHING
        };
        assert_eq!(
            args(decoded),
            pairs(&[
                ("a b", "\u{e9} +%zz"),
                ("c", ""),
                ("", "d"),
                ("\u{fffd}", "\u{fffd}")
            ])
        );
    }

    #[test]
    fn doubled_slashes_are_one() {
        for path in ["/entity.count", "//entity.count", "entity.count"] {
            let call = read(HttpParts { path, ..NOTHING });
            assert_eq!(
                (call.path.as_str(), call.endpoint),
                ("/entity.count", Some(Endpoint::EntityCount))
            );
        }
        let call = read(HttpParts {
            path: "/favicon.ico",
            ..NOTHING
        });
        assert_eq!((call.path.as_str(), call.endpoint), ("/favicon.ico", None));
    }

    #[test]
    fn other_methods_are_refused() {
        for method in ["PUT", "DELETE", "HEAD", "post", ""] {
            let error = Call::read(&HttpParts { method, ..NOTHING }).expect_err("is refused");
            assert_eq!(error.code, ErrorCode::INVALID_ARGUMENT);
        }
    }

    #[test]
    fn credentials_are_found_wherever_they_are() {
        let params = "client_id=cid&client_secret=sec";
        let both = "client_id=cid&client_secret=sec&access_token=tok";
        for (authorization, query, expected) in [
            (None, "", "nothing"),
            (Some(" "), "", "nothing"),
            (None, params, "params cid sec"),
            (None, both, "token tok"),
            (None, "client_id=&client_secret=&access_token=", "nothing"),
            (None, "client_id=cid", "100 client_secret"),
            (None, "client_secret=sec", "100 client_id"),
            (Some("OAuth abc"), both, "token abc"),
            (Some("oauth  abc "), "", "token abc"),
            (Some("OAuth"), "", "402 -"),
            // `cid:sec` and `a:b:c` with and without padding; then what is no pair.
            (
                Some("Basic Y2lkOnNlYw=="),
                "client_id=x&client_secret=y",
                "basic cid sec",
            ),
            (Some("basic Y2lkOnNlYw"), "", "basic cid sec"),
            (Some("Basic YTpiOmM="), "", "basic a b:c"),
            (Some("Basic Y2lkOnNlYw=="), "access_token=tok", "token tok"),
            (Some("Basic Y2lk"), "", "402 -"),
            (Some("Basic !!"), "", "402 -"),
            (Some("Basic"), "", "402 -"),
            (
                Some("Signature cid:c2ln"),
                "",
                "signature cid c2ln 2016-02-26 19:08:44",
            ),
            (Some("Signature cid"), "", "402 -"),
            (Some("Bearer abc"), both, "205 -"),
            (Some("Y2lkOnNlYw=="), "", "205 -"),
        ] {
            let date = Some("2016-02-26 19:08:44");
            let parts = HttpParts {
                query,
                authorization,
                date,
                ..NOTHING
            };
            assert_eq!(presented(parts), expected, "{authorization:?} {query}");
            assert!(args(parts).is_empty(), "credentials are no arguments");
        }
        let undated = HttpParts {
            authorization: Some("Signature cid:c2ln"),
            ..NOTHING
        };
        assert_eq!(presented(undated), "402 -");
        // Secrets in the query, the rest in the body, as one php client does.
        let split = HttpParts {
            query: params,
            body: b"type_name=user",
            ..NOTHING
        };
        assert_eq!(presented(split), "params cid sec");
        assert_eq!(args(split), pairs(&[("type_name", "user")]));
    }

    /// What was recorded from the vendor's python library (reference 13).
    #[test]
    fn the_recorded_request_is_read() {
        let call = read(HttpParts {
            path: "/entity.find",
            authorization: Some("Signature cid:IQOwPpLOYHGMbIr/Q9XXs21xc8U="),
            date: Some("2026-11-22 00:36:04"),
            body: b"type_name=user&filter=email+%3D+%27a%40b.c%27+and+birthday+is+null&\
                attributes=%5B%22id%22%2C+%22uuid%22%5D&max_results=2&show_total_count=true",
            ..NOTHING
        });
        assert_eq!(call.endpoint, Some(Endpoint::EntityFind));
        assert_eq!(
            call.args.get("filter"),
            Some("email = 'a@b.c' and birthday is null")
        );
        assert_eq!(call.args.get("attributes"), Some(r#"["id", "uuid"]"#));
        let request = ApiRequest {
            args: call.args,
            ..ApiRequest::new(Endpoint::EntityFind)
        };
        assert_eq!(request.check(false), Ok(()));
    }

    fn any_args() -> impl Strategy<Value = Args> {
        let pair = (any::<String>(), any::<String>());
        prop::collection::vec(pair, 0..8).prop_map(|pairs| {
            Args::from_pairs(
                pairs
                    .into_iter()
                    .filter(|(n, _)| !CREDENTIAL_ARGS.contains(&n.as_str())),
            )
        })
    }

    proptest! {
        #[test]
        fn what_is_sent_is_what_is_read(args in any_args()) {
            let request = ApiRequest { args, ..ApiRequest::new(Endpoint::EntityFind) };
            let form = request.to_form();
            let body = HttpParts { path: "/entity.find", body: form.as_bytes(), ..NOTHING };
            prop_assert_eq!(&read(body).args, &request.args);
            let query = HttpParts { path: "/entity.find", query: &form, ..NOTHING };
            prop_assert_eq!(&read(query).args, &request.args);
        }

        #[test]
        fn a_form_is_read_as_the_standard_says(
            text in prop::collection::vec(prop::sample::select(&b"%%%++&==aF0c3\xff\xbc "[..]), 0..60),
        ) {
            let standard = Args::from_pairs(form_urlencoded::parse(&text));
            prop_assert_eq!(Args::from_form(&text), standard);
        }

        #[test]
        fn a_signed_wire_verifies_at_the_other_end(args in any_args(), seconds in 0_i64..4_000_000_000) {
            let request = ApiRequest { args, ..ApiRequest::new(Endpoint::TypeList) };
            let secret = Secret::new("sec");
            let credentials = Credentials::Signed { id: "cid".to_owned(), secret: secret.clone() };
            let now = Timestamp::from_second(seconds).expect("is in range");
            let wire = Wire::new(&request, Some(&credentials), now);
            let call = read(HttpParts {
                path: &wire.path,
                authorization: wire.header("authorization"),
                date: wire.header("date"),
                body: wire.body.as_bytes(),
                ..NOTHING
            });
            let Ok(Presented::Signature { id, signature, date }) = call.presented else {
                panic!("is signed");
            };
            prop_assert_eq!(id, "cid");
            assert!(verify_signature(&secret, &call.path, &date, &call.args, &signature));
        }

        #[test]
        fn any_request_is_read_without_panic(
            path in any::<String>(),
            query in any::<String>(),
            header in any::<Option<String>>(),
            scheme in "(Basic |Signature |OAuth |)",
            body in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            let authorization = header.map(|rest| scheme + &rest);
            let parts = HttpParts {
                path: &path,
                query: &query,
                content_type: None,
                authorization: authorization.as_deref(),
                body: &body,
                ..NOTHING
            };
            let call = read(parts);
            assert!(call.path.starts_with('/') && !call.path.contains("//"));
        }
    }
}
