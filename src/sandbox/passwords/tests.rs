//! Hashes made by other programs: crypt(3) of the C library, OpenSSL, Python's `hashlib`, the published vector of phpass,
//! and the vendor's own loader samples.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::capture::attr_type::PASSWORD_TYPES;
use crate::capture::json::Json;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::sandbox::passwords::hash_all;
use crate::sandbox::passwords::remember;
use crate::sandbox::passwords::unacceptable;
use crate::sandbox::passwords::used_before;
use crate::sandbox::passwords::verify;

const HORSE: &str = "correct horse";
const ACCENTS: &str = "pässwörd-ñ";

/// Type, other members as JSON, password.
const HASHES: &[(&str, &str, &str)] = &[
    (
        "password",
        r#""value":"$2a$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e""#,
        "x",
    ),
    (
        "password-bcrypt",
        r#""value":"$2a$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e""#,
        "x",
    ),
    // The loader's samples.
    (
        "password-md5",
        r#""value":"2f23fa3579f3f75175793649115c1b25""#,
        "Pass123",
    ),
    (
        "password-sha",
        r#""value":"54e8d2e15d3caa89aa3f82c8c0428ad5742f056c""#,
        "Pass123",
    ),
    ("password-base64", r#""value":"UGFzczEyMw==""#, "Pass123"),
    (
        "password-md5-salted-right-base64",
        r#""value":"EA781758F006D63D8B138D9D01E00E55","salt":"S41t""#,
        "Test123",
    ),
    // Digests in either spelling, with a salt on either side.
    (
        "password-md5",
        r#""value":"PLTnMmMfR+brlh80VUt83g==""#,
        HORSE,
    ),
    ("password-md5", r#""value":"PLTnMmMfR-brlh80VUt83g""#, HORSE),
    (
        "password-md5",
        r#""value":"d897cc54e94fe33e4da398599cbdfbec","salt":"NaCl""#,
        HORSE,
    ),
    (
        "password-md5-salted-left-base64",
        r#""value":"d897cc54e94fe33e4da398599cbdfbec","salt":"NaCl""#,
        HORSE,
    ),
    (
        "password-md5-salted-right-base64",
        r#""value":"WvNhLLitFNNM0XshzutEnQ==","salt":"NaCl""#,
        HORSE,
    ),
    (
        "password-sha",
        r#""value":"L55TUjtiq8FBorTWAZ0jy6g129A=""#,
        HORSE,
    ),
    (
        "password-sha1",
        r#""value":"2F9E53523B62ABC141A2B4D6019D23CBA835DBD0""#,
        HORSE,
    ),
    (
        "password-sha1",
        r#""value":"Ki+Q9Ri8Nn2QN1jUbcaqfsgK/pI=","salt":"NaCl""#,
        HORSE,
    ),
    (
        "password-sha256",
        r#""value":"4104d36f8da2c254349f85836793ebe029e0c957063a34c91c2e9203187b5631""#,
        HORSE,
    ),
    (
        "password-sha-256",
        r#""value":"QQTTb42iwlQ0n4WDZ5Pr4CngyVcGOjTJHC6SAxh7VjE=""#,
        HORSE,
    ),
    (
        "password-sha-256",
        r#""value":"cc0c19e7e854dad3a1ac59d270a830024c7d2efa248ea80d0a27223f30bbf504","salt":"NaCl""#,
        HORSE,
    ),
    (
        "password-sha512",
        r#""value":"VraY3v7bWkNbY0r+MyC7rz/c2SC2xQOkRvx7endrKY1HnRumqLYXgI6wv1ec6aldZoNHvKtxSQhayTyyeZUZew==""#,
        HORSE,
    ),
    (
        "password-sha-512",
        r#""value":"56b698defedb5a435b634afe3320bbaf3fdcd920b6c503a446fc7b7a776b298d479d1ba6a8b617808eb0bf579ce9a95d668347bcab7149085ac93cb27995197b""#,
        HORSE,
    ),
    // crypt(3), also of no password, of one that is longer than a digest, and with a salt that is cut.
    (
        "password-crypt-md5",
        r#""value":"$1$saltsalt$NuzA7WTAelpl95xgBGWN60""#,
        HORSE,
    ),
    (
        "password-crypt-md5",
        r#""value":"$1$ab$WrB2zhH1fC.0ELGqD2cHf1""#,
        ACCENTS,
    ),
    (
        "password-crypt-md5",
        r#""value":"$1$saltsalt$5Jhcit4zN9UlGiA0txPkO0""#,
        "",
    ),
    (
        "password-crypt-md5",
        r#""value":"$1$ab$ysRrHVko1lIRL77t.tIu51""#,
        LONG,
    ),
    ("password-crypt-des", r#""value":"abhfCpXqd4GrI""#, HORSE),
    (
        "password-crypt-des",
        r#""value":"abhfCpXqd4GrI""#,
        "correct and more",
    ),
    ("password-crypt-des", r#""value":"./vYBXr45rAoM""#, ACCENTS),
    ("password-crypt-des", r#""value":"zZO7u0HfQST3A""#, ""),
    ("password-crypt-des", r#""value":"zZ7ZiWSxfqAtU""#, "x"),
    (
        "password-crypt-sha256",
        r#""value":"$5$saltstring$vc6YOOogU4kWVvwga8e9zTFgKcy4tb5LaPxIiPJzqEC""#,
        HORSE,
    ),
    (
        "password-crypt-sha256",
        r#""value":"$5$rounds=1000$saltstringlonger$CQRcC4nUX/Yd7tUNrDIE3P9jd8l8gcqUu2icEaK8kzD""#,
        ACCENTS,
    ),
    (
        "password-crypt-sha256",
        r#""value":"$5$rounds=1000$saltstringlonger$tPhBSa9JuR9tMNiLc5q4cZwY9FW8iTarH6b8wAJKHy9""#,
        "",
    ),
    (
        "password-crypt-sha256",
        r#""value":"$5$rounds=1000$saltstringlonger$jlTiKnle6ENYvlr8ddsp1q0T6D354teCvoPbywkYMc5""#,
        LONG,
    ),
    (
        "password-crypt-sha512",
        r#""value":"$6$saltstring$.r0X7ub5wGR2v4Xz7svCIozfnlorFh19V89t8KC9Umd81uGhFgsyTRNyzQDXDIm17fFcR9z3z7oBNdsyYBbtm/""#,
        HORSE,
    ),
    (
        "password-crypt-sha512",
        r#""value":"$6$rounds=1234$abc$Pe6lyOzdUPmu2P5VQCbYfG1DompFFuO1GNgrsosaA5MAV3Lpr7Ove7ZywEKYpEtL1jC8C5l2qlJx3NFHR4sJw/""#,
        ACCENTS,
    ),
    (
        "password-crypt-sha512",
        r#""value":"$6$rounds=1234$abc$3lGXK7ZUpAtRkZEGKgSh.nOGrL9Bobqs4HE10IeSzB4YxTckKCYDMtm2UPI5.t//C6fMfCAQZQd7mlgr5ngs1/""#,
        LONG,
    ),
    (
        "password-phpass-55",
        r#""value":"$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0""#,
        "test12345",
    ),
    (
        "password-phpass-55",
        r#""value":"$H$5saltSALT9YzpIw4J0Mu.66Mt1yJWp/""#,
        ACCENTS,
    ),
    (
        "password-phpass-md5",
        r#""value":"$P$6saltSALTAs5vyIGgKGLVR93xw3sDd0""#,
        HORSE,
    ),
    (
        "password-phpass-sha512-truncated-55",
        r#""value":"$S$6saltSALTRyBi1V3gIbH9X9mfSCeXCrNoC4Mo7/PTTqDFc5pLO/6""#,
        HORSE,
    ),
    (
        "password-phpass-sha512-truncated-55",
        r#""value":"U$S$5saltSALTsb2gsj6IGeO39oLXQcO.cm0vC6Libj5NPJspSGSN7qT""#,
        HORSE,
    ),
    // Every spelling of PBKDF2.
    (
        "password-pbkdf2-sha1",
        r#""value":"25d096321c48c74080b3550e876254cec5a5169d","salt":"NaClNaCl","iterations":1000"#,
        HORSE,
    ),
    (
        "password-pbkdf2-sha1",
        r#""value":"$pbkdf2$1000$TmFDbE5hQ2w$JdCWMhxIx0CAs1UOh2JUzsWlFp0""#,
        HORSE,
    ),
    (
        "password-pbkdf2-sha256",
        r#""value":"DFRHyP75NhhP9KfmBQVw3DRMTlplRxD2m0/X6CUIpWg=","salt":"TmFDbE5hQ2w=","iterations":"1000""#,
        HORSE,
    ),
    (
        "password-pbkdf2-sha256",
        r#""value":"DFRHyP75NhhP9KfmBQVw3DRMTlplRxD2m0/X6CUIpWg=","salt":"4e61436c4e61436c","rounds":1000"#,
        HORSE,
    ),
    (
        "password-pbkdf2-sha256",
        r#""value":"pbkdf2_sha256$1000$NaClNaCl$DFRHyP75NhhP9KfmBQVw3DRMTlplRxD2m0/X6CUIpWg=""#,
        HORSE,
    ),
    (
        "password-pbkdf2-sha256",
        r#""value":"$pbkdf2-sha256$i=1000,l=32$TmFDbE5hQ2w$DFRHyP75NhhP9KfmBQVw3DRMTlplRxD2m0/X6CUIpWg""#,
        HORSE,
    ),
    (
        "password-pbkdf2-sha512",
        r#""value":"$pbkdf2-sha512$1000$TmFDbE5hQ2w$VHxchAxAXSgQneBx5TSuHBIsUfKGaZ7UuMVTGJLSbVXwzuReJ4EwAEvEWN1PulOV7mv.taDqxdKDIs7KF5uAFQ""#,
        HORSE,
    ),
];

const LONG: &str =
    "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij";

fn json(text: &str) -> Json {
    Json::parse(text).expect("is JSON")
}

fn stored(name: &str, members: &str) -> Json {
    json(&format!(r#"{{"type":"{name}",{members}}}"#))
}

fn is(stored: &Json, plain: &str) -> Result<bool, i64> {
    verify(stored, plain).map_err(|error| error.code.0)
}

#[test]
fn hashes_of_other_programs_are_checked() {
    for (name, members, plain) in HASHES {
        let hash = stored(name, members);
        assert_eq!(is(&hash, plain), Ok(true), "{name} {members}");
        assert_eq!(
            is(&hash, &format!("!{plain}")),
            Ok(false),
            "{name} {members}"
        );
        let remembering = remember(hash, &Json::Null, 3);
        assert_eq!(is(&remembering, plain), Ok(true), "{name} with history");
    }
}

#[test]
fn every_known_type_is_checked_or_named() {
    for name in PASSWORD_TYPES {
        let checked = HASHES.iter().any(|(checked, ..)| *checked == name);
        let answer = is(&stored(name, r#""value":"x""#), "y");
        match name {
            "password-netforum" => assert_eq!(answer, Err(480)),
            _ => assert!(checked && answer == Ok(false), "{name}"),
        }
    }
    let error = verify(&stored("password-quantum", r#""value":"q""#), "q").expect_err("is unknown");
    assert_eq!(
        error.description,
        "checking a password-quantum is not in this sandbox yet"
    );
}

#[test]
fn what_is_not_a_hash_of_its_type_matches_nothing() {
    let cases = [
        ("password-bcrypt", r#""value":"""#),
        ("password-bcrypt", r#""value":"$2a$04$short""#),
        ("password-md5", r#""value":"""#),
        ("password-md5", r#""value":"correct horse""#),
        ("password-base64", r#""value":"""#),
        ("password-crypt-md5", r#""value":"$1$""#),
        ("password-crypt-md5", r#""value":"$1$$""#),
        ("password-crypt-md5", r#""value":"$1$ñéñéñé$x""#),
        ("password-crypt-des", r#""value":"ab""#),
        ("password-crypt-des", r#""value":"ñhfCpXqd4GrI""#),
        ("password-crypt-sha256", r#""value":"$5$""#),
        ("password-crypt-sha256", r#""value":"$5$rounds=$a$b""#),
        ("password-crypt-sha256", r#""value":"$5$rounds=-1$a$b""#),
        // Another type's hash.
        (
            "password-crypt-sha256",
            r#""value":"$6$saltstring$.r0X7ub5wGR2v4Xz7svCIozfnlorFh19V89t8KC9Umd81uGhFgsyTRNyzQDXDIm17fFcR9z3z7oBNdsyYBbtm/""#,
        ),
        ("password-crypt-sha512", r#""value":"$6$rounds=1000$a$""#),
        ("password-phpass-55", r#""value":"$P$""#),
        ("password-phpass-55", r#""value":"$P$0saltsalt""#),
        ("password-phpass-55", r#""value":"$P$5éééééééé""#),
        ("password-phpass-sha512-truncated-55", r#""value":"U$S$""#),
        (
            "password-phpass-sha512-truncated-55",
            r#""value":"U$P$5saltSALT""#,
        ),
        (
            "password-pbkdf2-sha1",
            r#""value":"$pbkdf2-sha256$1000$TmFDbE5hQ2w$DFRHyP75NhhP9KfmBQVw3DRMTlplRxD2m0/X6CUIpWg""#,
        ),
        (
            "password-pbkdf2-sha256",
            r#""value":"DFRHyP75NhhP9KfmBQVw3DRMTlplRxD2m0/X6CUIpWg=","salt":"NaClNaCl""#,
        ),
        (
            "password-pbkdf2-sha256",
            r#""value":"","salt":"NaClNaCl","iterations":1"#,
        ),
        (
            "password-pbkdf2-sha256",
            r#""value":"00","salt":"NaClNaCl","iterations":0"#,
        ),
        (
            "password-pbkdf2-sha256",
            r#""value":"00","salt":"NaClNaCl","iterations":-1"#,
        ),
        (
            "password-pbkdf2-sha256",
            r#""value":"$pbkdf2-sha256$l=1$a$b""#,
        ),
        ("password-pbkdf2-sha256", r#""value":"pbkdf2_sha256$$$""#),
    ];
    for (name, members) in cases {
        for plain in ["", HORSE] {
            assert_eq!(
                is(&stored(name, members), plain),
                Ok(false),
                "{name} {members}"
            );
        }
    }
    for nothing in [
        "null",
        "7",
        r#""x""#,
        "{}",
        r#"{"type":"password-md5"}"#,
        r#"{"password":null,"history":[]}"#,
    ] {
        assert_eq!(is(&json(nothing), ""), Ok(false), "{nothing}");
    }
}

/// A hash says itself how long its check takes, and a call must not be held up by one.
#[test]
fn slow_hashes_are_refused_before_the_work() {
    let long = "x".repeat(1_000);
    let cases = [
        (
            "password-bcrypt",
            r#""value":"$2b$16$uv6sOTnkdPeBxr96CTVBOOeuERUlcQfgrDhONRt1UBQehsSdEZnQu""#,
            HORSE,
        ),
        (
            "password-bcrypt",
            r#""value":"$2b$31$uv6sOTnkdPeBxr96CTVBOOeuERUlcQfgrDhONRt1UBQehsSdEZnQu""#,
            HORSE,
        ),
        (
            "password-crypt-sha256",
            r#""value":"$5$rounds=999999999$a$b""#,
            HORSE,
        ),
        (
            "password-crypt-sha512",
            r#""value":"$6$rounds=2000001$a$b""#,
            HORSE,
        ),
        (
            "password-crypt-sha512",
            r#""value":"$6$rounds=200000$a$b""#,
            &long,
        ),
        ("password-phpass-55", r#""value":"$P$Ssaltsaltx""#, HORSE),
        (
            "password-phpass-sha512-truncated-55",
            r#""value":"$S$Ssaltsaltx""#,
            HORSE,
        ),
        (
            "password-pbkdf2-sha1",
            r#""value":"00","salt":"a","iterations":4294967295"#,
            HORSE,
        ),
        (
            "password-pbkdf2-sha256",
            r#""value":"pbkdf2_sha256$2000001$a$AAAA""#,
            HORSE,
        ),
    ];
    for (name, members, plain) in cases {
        assert_eq!(
            is(&stored(name, members), plain),
            Err(480),
            "{name} {members}"
        );
    }
    let longest = "x".repeat(1_025);
    let md5 = stored(
        "password-md5",
        r#""value":"2f23fa3579f3f75175793649115c1b25""#,
    );
    assert_eq!(is(&md5, &longest), Ok(false));
}

fn defs() -> Vec<AttrDef> {
    let (defs, problems) = schema::read_attr_defs(&json(
        r#"[{"name":"password","type":"password-bcrypt"},{"name":"text","type":"string"},
            {"name":"home","type":"object","attr_defs":[{"name":"pin","type":"password-md5"}]},
            {"name":"keys","type":"plural","attr_defs":[{"name":"key","type":"password-crypt-sha256"}]}]"#,
    ));
    assert_eq!(problems, []);
    defs
}

#[test]
fn plain_texts_are_hashed_wherever_they_are() {
    let given = r#"{"password":"sécret","text":"sécret","home":{"pin":"1234"},
        "keys":[{"key":"one"},{"key":{"type":"password-md5","value":"x"}},{"key":null}]}"#;
    let mut body = json(given);
    hash_all(&mut body, &defs(), 4).expect("is hashed");
    let at = |path: &[&str]| {
        let member = path
            .iter()
            .fold(&body, |value, name| value.get(name).expect("is there"));
        member.clone()
    };
    assert_eq!(is(&at(&["password"]), "sécret"), Ok(true));
    assert_eq!(at(&["text"]), Json::from("sécret"));
    assert_eq!(at(&["home", "pin", "type"]), Json::from("password-bcrypt"));
    assert_eq!(is(&at(&["home", "pin"]), "1234"), Ok(true));
    let keys = at(&["keys"]);
    let keys = keys.as_array().expect("is an array");
    assert_eq!(is(keys[0].get("key").expect("is there"), "one"), Ok(true));
    assert_eq!(
        keys[1],
        json(r#"{"key":{"type":"password-md5","value":"x"}}"#)
    );
    assert_eq!(keys[2], json(r#"{"key":null}"#));
}

#[test]
fn of_a_long_text_bcrypt_sees_the_beginning() {
    let long = "é".repeat(36);
    let mut body = json(&format!(r#"{{"password":"{long}x"}}"#));
    hash_all(&mut body, &defs(), 4).expect("is hashed");
    let hash = body.get("password").expect("is there");
    assert_eq!(is(hash, &format!("{long}y")), Ok(true));
    assert_eq!(is(hash, &long[2..]), Ok(false));
}

fn base64_of(plain: &str) -> Json {
    let value = STANDARD.encode(plain);
    stored("password-base64", &format!(r#""value":"{value}""#))
}

/// The vendor's example: with a size of 2, the third password makes the first one usable again.
#[test]
fn a_history_counts_the_current_password() {
    let mut password = Json::Null;
    for plain in ["password1", "password2"] {
        assert!(!used_before(&password, plain));
        password = remember(base64_of(plain), &password, 2);
    }
    assert_eq!(password.get("password"), Some(&base64_of("password2")));
    assert_eq!(
        password.get("history"),
        Some(&Json::Array(vec![base64_of("password1")]))
    );
    assert!(used_before(&password, "password1") && used_before(&password, "password2"));
    password = remember(base64_of("password3"), &password, 2);
    assert!(!used_before(&password, "password1"));
    assert!(used_before(&password, "password2") && used_before(&password, "password3"));
}

#[test]
fn a_history_begins_ends_and_shrinks() {
    let [one, two, three] = ["one", "two", "three"].map(base64_of);
    let with = |current: &Json, history: &[&Json]| {
        let history: Vec<Json> = history.iter().map(|hash| (*hash).clone()).collect();
        [("password", current.clone()), ("history", history.into())]
            .into_iter()
            .collect::<Json>()
    };
    let full = with(&two, &[&one]);
    for (new, old, size, expected) in [
        (&one, &Json::Null, 0, one.clone()),
        (&one, &Json::Null, 1, with(&one, &[])),
        (&two, &one, 0, two.clone()),
        (&two, &one, 1, with(&two, &[])),
        (&two, &one, 10, with(&two, &[&one])),
        (&three, &full, 10, with(&three, &[&two, &one])),
        (&three, &full, 1, with(&three, &[])),
        (&three, &full, 0, three.clone()),
        // What was read and is sent back.
        (&two, &full, 10, full.clone()),
        (&Json::Null, &full, 10, Json::Null),
    ] {
        assert_eq!(remember(new.clone(), old, size), expected, "{size}");
    }
}

#[test]
fn what_cannot_be_checked_quickly_forbids_no_new_password() {
    let slow = stored(
        "password-bcrypt",
        r#""value":"$2b$13$uv6sOTnkdPeBxr96CTVBOOeuERUlcQfgrDhONRt1UBQehsSdEZnQu""#,
    );
    let old = remember(stored("password-netforum", r#""value":"x""#), &slow, 10);
    assert!(!used_before(&old, "x"));
    assert!(!used_before(&Json::Null, ""));
    let error = unacceptable();
    assert_eq!(
        (error.code.0, error.error.as_str()),
        (352, "password_unacceptable")
    );
}
