//! Credentials, and the two sides of authentication (reference 9).
//!
//! The client signs, the sandbox verifies, and both use the same string to sign. Which clients exist and what they may
//! do is not here, nor is the clock: a date comes in as text or as an argument.

use std::time::Duration;

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sha1::Sha1;

use crate::capture::request::Args;
use crate::capture::secret::MASK;
use crate::capture::secret::Secret;

/// How far the `Date` of a signed call may lie from the receiver's clock, in both directions. Our choice: the service's
/// window is not documented.
pub const SIGNATURE_WINDOW: Duration = Duration::from_secs(15 * 60);

/// The arguments that carry credentials. They are no part of a call's arguments and are left out of what is signed.
pub const CREDENTIAL_ARGS: [&str; 3] = ["client_id", "client_secret", "access_token"];

/// The standard alphabet; reads with or without padding, since the vendor's own printed examples lack it.
pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The form of the `Date` header of a signed call: UTC, and not an HTTP date.
const DATE_FORMAT: &str = "%Y-%m-%d %H:%M:%S";

/// Who calls, and in which of the protocol's ways this is shown.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// `Authorization: Basic`.
    Basic {
        /// Client id.
        id: String,
        /// Client secret.
        secret: Secret,
    },
    /// `Authorization: Signature` with `Date` ("janrain-signed").
    Signed {
        /// Client id.
        id: String,
        /// Client secret.
        secret: Secret,
    },
    /// `client_id` and `client_secret` among the parameters.
    Params {
        /// Client id.
        id: String,
        /// Client secret.
        secret: Secret,
    },
    /// An end user's access token, as `Authorization: OAuth`.
    Token(Secret),
}

impl Credentials {
    /// The same caller with [`MASK`] for a secret: for showing how a call will look.
    #[must_use]
    pub fn masked(&self) -> Self {
        let (id, secret) = (self.id().unwrap_or_default().to_owned(), Secret::new(MASK));
        match self {
            Self::Basic { .. } => Self::Basic { id, secret },
            Self::Signed { .. } => Self::Signed { id, secret },
            Self::Params { .. } => Self::Params { id, secret },
            Self::Token(_) => Self::Token(secret),
        }
    }

    /// The client's id; a token has none.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Basic { id, .. } | Self::Signed { id, .. } | Self::Params { id, .. } => Some(id),
            Self::Token(_) => None,
        }
    }
}

/// The credentials that came with a call, not yet checked.
#[derive(Clone, Debug)]
pub enum Presented {
    /// `Authorization: Basic`.
    Basic {
        /// Client id.
        id: String,
        /// What is said to be its secret.
        secret: Secret,
    },
    /// `Authorization: Signature` with `Date`.
    Signature {
        /// Client id.
        id: String,
        /// The signature in base64.
        signature: String,
        /// The `Date` header as it came: it is part of what is signed.
        date: String,
    },
    /// `client_id` and `client_secret` among the parameters.
    Params {
        /// Client id.
        id: String,
        /// What is said to be its secret.
        secret: Secret,
    },
    /// An access token, from the header or from the parameter `access_token`.
    Token(Secret),
    /// Nothing at all.
    Nothing,
}

impl Presented {
    /// The client that is said to call; `None` for a user's token, and for nothing.
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Basic { id, .. } | Self::Signature { id, .. } | Self::Params { id, .. } => {
                Some(id)
            }
            Self::Token(_) | Self::Nothing => None,
        }
    }
}

/// The strings to sign of a call: path, date and the decoded `name=value` texts in their order, a line each.
///
/// The first is what the vendor's library and ours sign. The second differs only for a call without arguments, where the
/// documentation's sample code adds an empty line.
pub fn base_strings(path: &str, args: &Args, date: &str) -> [String; 2] {
    let mut lines: Vec<String> = args
        .iter()
        .filter(|(name, _)| !CREDENTIAL_ARGS.contains(name))
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    // By the joined text without its line end, so that `attribute_name=` comes before `attributes=`.
    lines.sort_unstable_by(|a, b| a[..a.len() - 1].cmp(&b[..b.len() - 1]));
    let library = format!("{path}\n{date}\n{}", lines.concat());
    let sample = if lines.is_empty() {
        format!("{library}\n")
    } else {
        library.clone()
    };
    [library, sample]
}

/// The signature of a call, in base64. `path` has its leading slash and `date` is the text of the `Date` header.
pub fn sign(secret: &Secret, path: &str, date: &str, args: &Args) -> String {
    let [base, _] = base_strings(path, args, date);
    BASE64.encode(mac(secret, &base).finalize().into_bytes())
}

/// Whether `signature` is that of the call, in either spelling of the string to sign. Compares in constant time; does
/// not look at how old `date` is, see [`within_window`].
pub fn verify_signature(
    secret: &Secret,
    path: &str,
    date: &str,
    args: &Args,
    signature: &str,
) -> bool {
    let Ok(signature) = BASE64.decode(signature.trim()) else {
        return false;
    };
    base_strings(path, args, date)
        .iter()
        .any(|base| mac(secret, base).verify_slice(&signature).is_ok())
}

fn mac(secret: &Secret, base: &str) -> Hmac<Sha1> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.reveal().as_bytes())
        .expect("HMAC takes keys of any length");
    mac.update(base.as_bytes());
    mac
}

/// `now` as the `Date` header of a signed call wants it: `2016-02-26 19:08:44`, UTC.
pub fn format_date(now: Timestamp) -> String {
    now.strftime(DATE_FORMAT).to_string()
}

/// Reads the `Date` header of a signed call; `None` when it has another form.
pub fn parse_date(date: &str) -> Option<Timestamp> {
    let date = DateTime::strptime(DATE_FORMAT, date.trim()).ok()?;
    Some(TimeZone::UTC.to_zoned(date).ok()?.timestamp())
}

/// Whether a call of this date may still be accepted at `now`, see [`SIGNATURE_WINDOW`].
pub fn within_window(date: Timestamp, now: Timestamp) -> bool {
    date.duration_since(now).unsigned_abs() <= SIGNATURE_WINDOW
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::prelude::prop;
    use proptest::prop_assert;
    use proptest::proptest;

    use super::*;

    struct Vector {
        path: &'static str,
        date: &'static str,
        secret: &'static str,
        args: &'static [(&'static str, &'static str)],
        base: &'static str,
        signature: &'static str,
    }

    /// Vectors 0 to 4 of reference 9; the arguments of each in another order than the signed one.
    const VECTORS: &[Vector] = &[
        Vector {
            path: "/entity",
            date: "2000-01-01 01:01:01",
            secret: "bar",
            args: &[
                ("param3", "one=1\ntwo=2,three=3"),
                ("param1", "this is a string"),
                ("param2", "10"),
            ],
            base: "/entity\n2000-01-01 01:01:01\nparam1=this is a string\nparam2=10\nparam3=one=1\ntwo=2,three=3\n",
            signature: "G3N5RxCVc0d6rDLmBRGvcg2hCVY=",
        },
        Vector {
            path: "/entity.count",
            date: "2016-02-26 19:08:44",
            secret: "123456abcdefghijklmnopqrstuvwxyz",
            args: &[("type_name", "user")],
            base: "/entity.count\n2016-02-26 19:08:44\ntype_name=user\n",
            signature: "9o5GKZkgdDtpsNDq5NcPxovRitE=",
        },
        Vector {
            path: "/entity.find",
            date: "2016-02-26 19:08:44",
            secret: "123456abcdefghijklmnopqrstuvwxyz",
            args: &[
                ("type_name", "user"),
                ("max_results", "100"),
                ("attributes", r#"["id", "uuid", "email"]"#),
                ("sort_on", r#"["id"]"#),
                ("filter", "lastUpdated >= '2016-01-01'"),
            ],
            base: "/entity.find\n2016-02-26 19:08:44\nattributes=[\"id\", \"uuid\", \"email\"]\n\
                   filter=lastUpdated >= '2016-01-01'\nmax_results=100\nsort_on=[\"id\"]\ntype_name=user\n",
            signature: "xIZBU3BmFagMBoJWLkDfJhShwzk=",
        },
        Vector {
            path: "/entity.create",
            date: "2015-12-15 07:36:25",
            secret: "sécret",
            args: &[
                ("type_name", "user"),
                ("include_record", "true"),
                (
                    "attributes",
                    r#"{"givenName":"Zoë","email":"zoe@example.com","statuses":[{"status":"a=1\nb"}]}"#,
                ),
            ],
            base: "/entity.create\n2015-12-15 07:36:25\nattributes={\"givenName\":\"Zoë\",\"email\":\
                   \"zoe@example.com\",\"statuses\":[{\"status\":\"a=1\\nb\"}]}\ninclude_record=true\ntype_name=user\n",
            signature: "BR5kQn6fFIJD1nBQ/pH8qMcK0dg=",
        },
        Vector {
            path: "/entityType.list",
            date: "2015-12-15 07:36:25",
            secret: "sec",
            args: &[],
            base: "/entityType.list\n2015-12-15 07:36:25\n",
            signature: "Fv871s6eDlFWjU5cgjzWxWWek+E=",
        },
    ];

    #[test]
    fn the_reference_vectors_hold() {
        for vector in VECTORS {
            let secret = Secret::new(vector.secret);
            let args = Args::from_pairs(vector.args.iter().copied());
            let (path, date) = (vector.path, vector.date);
            assert_eq!(base_strings(path, &args, date)[0], vector.base);
            assert_eq!(sign(&secret, path, date, &args), vector.signature);
            let verify = |date, signature| verify_signature(&secret, path, date, &args, signature);
            assert!(verify(date, vector.signature));
            assert!(!verify("2016-02-26 19:08:45", vector.signature));
            assert!(!verify(date, "not base64!") && !verify(date, ""));
            assert!(!verify(date, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="));
            let other = Secret::new("other");
            assert!(!verify_signature(
                &other,
                path,
                date,
                &args,
                vector.signature
            ));
        }
    }

    #[test]
    fn both_spellings_without_arguments_are_accepted() {
        let secret = Secret::new("sec");
        let verify = |args: &Args, signature| {
            verify_signature(
                &secret,
                "/entityType.list",
                "2015-12-15 07:36:25",
                args,
                signature,
            )
        };
        let none = Args::default();
        assert!(verify(&none, "Fv871s6eDlFWjU5cgjzWxWWek+E="));
        assert!(verify(&none, "5zmnSbDJ4guGh+kZPGpIM988hhE="));
        let [first, second] = base_strings("/entity", &Args::from_pairs([("a", "1")]), "d");
        assert_eq!(first, second);
    }

    #[test]
    fn what_is_signed_is_sorted_as_joined_text_without_credentials() {
        let args = Args::from_pairs([
            ("client_id", "x"),
            ("attributes", "[]"),
            ("access_token", "x"),
            ("attribute_name", "statuses"),
            ("client_secret", "x"),
            ("a", "b\u{1}"),
            ("a", "b"),
        ]);
        let [base, _] = base_strings("/entity.replace", &args, "d");
        let expected =
            "/entity.replace\nd\na=b\na=b\u{1}\nattribute_name=statuses\nattributes=[]\n";
        assert_eq!(base, expected);
    }

    #[test]
    fn dates_are_utc_and_exact() {
        let now: Timestamp = "2016-02-26T20:08:44.9+01:00".parse().expect("is a time");
        assert_eq!(format_date(now), "2016-02-26 19:08:44");
        let read = parse_date("2016-02-26 19:08:44").expect("is a date");
        assert_eq!(read.to_string(), "2016-02-26T19:08:44Z");
        for text in [
            "",
            "2016-02-26",
            "2016-02-30 00:00:00",
            "2016-02-26T19:08:44Z",
            "2016-02-26 19:08:44 +0000",
            "Fri, 26 Feb 2016 19:08:44 GMT",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn the_window_is_open_to_both_sides() {
        let now: Timestamp = "2016-02-26T19:00:00Z".parse().expect("is a time");
        for (date, inside) in [
            ("2016-02-26 18:45:00", true),
            ("2016-02-26 19:15:00", true),
            ("2016-02-26 18:44:59", false),
            ("2016-02-26 19:15:01", false),
            ("9999-12-30 00:00:00", false),
        ] {
            let date = parse_date(date).expect("is a date");
            assert_eq!(within_window(date, now), inside, "{date}");
        }
    }

    proptest! {
        #[test]
        fn what_is_signed_verifies_in_any_order(
            secret in ".{0,40}",
            seconds in 0_i64..4_000_000_000,
            mut pairs in prop::collection::vec((".{0,10}", any::<String>()), 0..6),
        ) {
            let secret = Secret::new(secret);
            let now = Timestamp::from_second(seconds).expect("is in range");
            let date = format_date(now);
            let signature = sign(&secret, "/entity.find", &date, &Args::from_pairs(pairs.clone()));
            pairs.reverse();
            let args = Args::from_pairs(pairs);
            prop_assert!(verify_signature(&secret, "/entity.find", &date, &args, &signature));
            prop_assert!(!verify_signature(&secret, "/entity.count", &date, &args, &signature));
            prop_assert!(parse_date(&date) == Some(now));
        }

        #[test]
        fn any_signature_and_date_are_read_without_panic(text in any::<String>()) {
            let _ = parse_date(&text);
            prop_assert!(!verify_signature(&Secret::new("s"), "/entity", &text, &Args::default(), &text));
        }
    }
}
