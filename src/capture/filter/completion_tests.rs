//! What completion offers, shown as the filter that each offer would leave.

use jiff::Timestamp;

use crate::capture::filter::completion::complete;
use crate::capture::filter::completion::quote;
use crate::capture::filter::lex::Lexer;
use crate::capture::filter::lex::TokenKind;
use crate::capture::json::Json;
use crate::capture::schema::EntityType;
use crate::capture::schema::read_attr_defs;

const SCHEMA: &str = r#"[
    {"name":"email","type":"string","constraints":["unique"]},
    {"name":"displayName","type":"string"},
    {"name":"verified","type":"boolean"},
    {"name":"age","type":"integer"},
    {"name":"birthday","type":"date"},
    {"name":"lastLogin","type":"dateTime"},
    {"name":"ip","type":"ipAddress"},
    {"name":"password","type":"password-bcrypt"},
    {"name":"or","type":"string"},
    {"name":"with-hyphen","type":"string"},
    {"name":"primaryAddress","type":"object","attr_defs":[{"name":"city","type":"string"}]},
    {"name":"profiles","type":"plural","attr_defs":[{"name":"domain","type":"string"}]}]"#;

fn now() -> Timestamp {
    "2026-03-31T12:00:00Z".parse().expect("is an instant")
}

fn schema() -> EntityType {
    let (attr_defs, problems) = read_attr_defs(&Json::parse(SCHEMA).expect("is JSON"));
    assert_eq!(problems, []);
    EntityType::create("user", attr_defs)
}

/// What is offered at the bar: the whole filter as each offer would leave it.
fn offered(marked: &str) -> Vec<String> {
    let (before, after) = marked.split_once('|').expect("has a cursor");
    let text: Vec<char> = before.chars().chain(after.chars()).collect();
    let text_now: String = text.iter().collect();
    complete(&text_now, before.chars().count(), &schema(), now())
        .into_iter()
        .map(|offer| {
            let head: String = text[..offer.replaces.start].iter().collect();
            let tail: String = text[offer.replaces.end..].iter().collect();
            format!("{head}{}{tail}", offer.text)
        })
        .collect()
}

#[test]
fn what_can_follow_is_offered() {
    for (marked, expected) in [
        // Attributes: the beginning first, then names inside, then anything.
        ("dis|", &["displayName"][..]),
        ("ci|", &["primaryAddress.city"]),
        ("CITY|", &["primaryAddress.city"]),
        ("primaryAddress.|", &["primaryAddress.city"]),
        ("/primaryAddress/c|", &["primaryAddress.city"]),
        ("do|", &["profiles.domain"]),
        ("last|", &["lastUpdated", "lastLogin"]),
        ("age = 1 and ver|", &["age = 1 and verified"]),
        ("(ver|", &["(verified"]),
        ("not (ver|", &["not (verified"]),
        ("!ver|", &["!verified"]),
        // What stands behind the cursor in the same word goes with it.
        ("dis|play = 'x'", &["displayName = 'x'"]),
        // Names that cannot be written, or not so.
        ("hyphen|", &[]),
        ("or|", &["/or", "password"]),
        ("nothing|", &[]),
        // Operators that mean something for the type.
        (
            "verified |",
            &[
                "verified =",
                "verified !=",
                "verified is null",
                "verified is not null",
                "verified and",
                "verified or",
            ],
        ),
        (
            "primaryAddress |",
            &["primaryAddress is null", "primaryAddress is not null"],
        ),
        ("password i|", &["password is null", "password is not null"]),
        ("age <|", &["age <="]),
        ("age !|", &["age !="]),
        ("age is |", &["age is null", "age is not null"]),
        ("age is not |", &["age is not null"]),
        ("age is not n|", &["age is not null"]),
        // Values, quoted as their type wants it.
        ("verified = |", &["verified = true", "verified = false"]),
        ("verified=|", &["verified=true", "verified=false"]),
        ("verified = t|", &["verified = true"]),
        ("email = bob@example.com|", &["email = 'bob@example.com'"]),
        ("email = bob@example.com |", &["email = 'bob@example.com'"]),
        ("displayName = O'Neil|", &[r"displayName = 'O\'Neil'"]),
        (
            "displayName = Bob the Builder|",
            &["displayName = 'Bob the Builder'"],
        ),
        ("displayName = 'Bob|", &["displayName = 'Bob'"]),
        (r"displayName = C:\temp|", &[r"displayName = 'C:\\temp'"]),
        ("displayName = 007|", &["displayName = '007'"]),
        (
            "displayName = ema|",
            &["displayName = 'ema'", "displayName = email"],
        ),
        ("birthday > 2003-1-2|", &["birthday > '2003-01-02'"]),
        ("birthday > yesterday|", &["birthday > '2026-03-30'"]),
        (
            "lastUpdated > 2 Jan 2003|",
            &["lastUpdated > '2003-01-02 00:00:00 +0000'"],
        ),
        ("ip = 192.0.2.1|", &["ip = '192.0.2.1'"]),
        (
            "birthday > |",
            &[
                "birthday > '2026-03-31'",
                "birthday > '2026-03-30'",
                "birthday > '2026-03-24'",
                "birthday > '2026-02-28'",
                "birthday > '2026-01-01'",
            ],
        ),
        ("age = |", &[]),
        ("age = 5|", &[]),
        // What joins.
        ("age = 5 |", &["age = 5 and", "age = 5 or"]),
        ("age = 5 a|", &["age = 5 and"]),
        ("(age = 5 |", &["(age = 5 and", "(age = 5 or", "(age = 5 )"]),
        (
            "(displayName = Bob) |",
            &["(displayName = Bob) and", "(displayName = Bob) or"],
        ),
        (
            "displayName = email |",
            &["displayName = email and", "displayName = email or"],
        ),
        ("age is null |", &["age is null and", "age is null or"]),
        // Nothing inside a text, nor where nothing makes sense.
        ("email = 'bo|b' and age = 1", &[]),
        ("age age |", &[]),
        ("age # |", &[]),
    ] {
        assert_eq!(offered(marked), expected, "{marked}");
    }
}

#[test]
fn an_empty_filter_begins_with_what_can_be_compared() {
    let found = complete("", 0, &schema(), now());
    let texts: Vec<&str> = found.iter().map(|offer| offer.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "id",
            "uuid",
            "created",
            "lastUpdated",
            "age",
            "birthday",
            "displayName",
            "email",
            "ip",
            "lastLogin",
            "/or",
            "verified",
            "primaryAddress.city",
            "profiles.id",
            "profiles.domain",
            "password",
            "primaryAddress",
            "profiles",
            "not (",
            "(",
        ]
    );
    let note = |text: &str| {
        let offer = found.iter().find(|offer| offer.text == text);
        offer.map(|offer| offer.note.as_str())
    };
    assert_eq!(note("email"), Some("string · unique"));
    assert_eq!(note("profiles.domain"), Some("string · any element"));
    assert_eq!(note("password"), Some("password-bcrypt · only is null"));
}

#[test]
fn quoted_texts_are_read_back() {
    for text in [
        "",
        "it's",
        r"\",
        r"\'",
        r#"say "so""#,
        r#"\"x"#,
        "''",
        "é\u{0}\n",
    ] {
        let read = Lexer::new(&quote(text)).next().map(|token| token.kind);
        assert_eq!(read, Ok(TokenKind::Text(text.to_owned())), "{text}");
    }
}
