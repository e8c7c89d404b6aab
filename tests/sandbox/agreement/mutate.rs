//! What people and programs send instead of a record: one thing wrong, or merely odd, at one place.

use captui::capture::attr_type::AttrType;
use captui::capture::json::Json;
use captui::capture::json::Number;
use captui::capture::json::object::Object;
use captui::capture::schema::AttrDef;
use captui::capture::schema::EntityType;

/// Where and what: three numbers, each taken modulo the choices there are, so that a failing case can shrink.
pub(super) type Mutation = (u16, u16, u16);

/// A member of the record: the way to its holder, its name, and the definition if it has one.
struct Site<'a> {
    holder: Vec<Step>,
    def: &'a AttrDef,
}

#[derive(Clone)]
enum Step {
    Member(String),
    Element(usize),
}

/// Texts that some type, length or constraint does not take, and some that each of them does.
const TEXTS: &[&str] = &[
    "",
    " ",
    "x",
    "ümlaut",
    "two words",
    "abc123",
    "a\u{0}b",
    "\u{202e}x",
    "👩‍👩‍👧",
    "漢字",
    "x@y",
    "a@b.c",
    "A@B.C",
    "@example.com",
    "a..b@example.com",
    "null",
    "$.a",
    "'; drop table records --",
    "\u{2028}",
    "true",
    "12",
    "ß",
    "SS",
    "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890",
];

const DATES: &[&str] = &[
    "2026-02-30",
    "soon",
    "13/13/2013",
    "2003-01-02 25:00",
    "0000-01-01",
    "10000-01-01",
    "",
    "2003-01-02 6:15pm",
    "2 Jan 03 18:15:00.00",
    "01-02-03 6:15pm",
    "January 2, 2003 11:15am -0700",
    "19871231",
    "1881-01-29 00:00:00",
    "2015-12-15T07:36:25Z",
    "2000-01-02 03:04:05.0000006 +0000",
    "9999-12-31 23:59:59 +0000",
    "2012-02-29",
    "2011-02-29",
    "07/03/2018",
    "31/12/1999",
];

const ADDRESSES: &[&str] = &[
    "192.0.2.1",
    "1.2.3",
    "::1",
    "01.2.3.4",
    "1.2.3.4 ",
    "255.255.255.256",
    "0.0.0.0",
    "",
    "1.2.3.4/24",
];

const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "1.0",
    "1.5",
    "1e3",
    "1E+2",
    "1e400",
    "-1e-400",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "12345678901234567890.10",
    "0.1",
    "1e9999999999",
    "4503599627370497.5",
];

const PASSWORDS: &[&str] = &[
    r#""""#,
    r#""a\u0000b""#,
    r#"{"type":"password-md5","value":"2f23"}"#,
    r#"{"type":"nope","value":"x"}"#,
    r#"{"value":"x"}"#,
    r#"{"type":1,"value":"x"}"#,
    r#"{"type":"password-bcrypt","value":null}"#,
    r#"{"type":"password-md5-salted-right-base64","value":"EA78","salt":"S41t"}"#,
    r#""12345678901234567890123456789012345678901234567890123456789012345678901234567890""#,
    "[]",
];

/// Of every JSON type, and some documents.
const ANYTHING: &[&str] = &[
    "null",
    "true",
    "false",
    "1",
    r#""x""#,
    r#""1""#,
    r#""true""#,
    "[]",
    "{}",
    "[1]",
    r#"["a","b"]"#,
    "[null]",
    "[[]]",
    r#"{"a":1}"#,
    r#"{"":[{"b":1.50}],"$":"\ud83d\ude00"}"#,
    "[{},{}]",
    "1.0",
];

const STRANGERS: &[&str] = &[
    "nosuch",
    "",
    "a/b",
    "a.b",
    "$",
    "é",
    "#1",
    "Email",
    "__proto__",
    "name with spaces",
    "x\u{0}",
];

/// Members that the service keeps for itself, with values as it would write them.
const RESERVED: &[(&str, &str)] = &[
    ("id", "5"),
    ("id", "null"),
    ("id", r#""5""#),
    ("uuid", r#""02b0c68d-7d7a-49d8-a88d-022585b0f877""#),
    ("uuid", "null"),
    ("created", r#""1875-08-02 15:28:31""#),
    ("created", r#""2014-11-15 01:58:01.862312 +0000""#),
    ("created", r#""never""#),
    ("created", "1"),
    ("lastUpdated", r#""2014-11-15 01:58:01 +0000""#),
    ("lastUpdated", "null"),
];

/// Changes one thing in `record`.
pub(super) fn mutate(record: &mut Json, schema: &EntityType, (site, kind, choice): Mutation) {
    // Rarely: what is no record at all.
    if kind % 60 == 59 {
        *record = json(pick(ANYTHING, choice));
        return;
    }
    let mut sites = Vec::new();
    let own: Vec<&AttrDef> = schema.own_attr_defs().collect();
    find_sites(record, &own, &mut Vec::new(), &mut sites);
    let Some(site) = sites.get(usize::from(site) % sites.len().max(1)) else {
        return;
    };
    let Some(holder) = holder(record, &site.holder) else {
        return;
    };
    let name = site.def.name.clone();
    match kind % 12 {
        0 => {
            holder.shift_remove(&name);
        }
        1 => {
            holder.insert(name, Json::Null);
        }
        2 => {
            holder.insert(name, json(pick(ANYTHING, choice)));
        }
        3 => {
            holder.insert(pick(STRANGERS, choice).to_owned(), Json::from(1));
        }
        4 => {
            let (name, value) = RESERVED[usize::from(choice) % RESERVED.len()];
            holder.insert(name.to_owned(), json(value));
        }
        5 => {
            // Its first place, so that the order of members is another.
            if let Some(value) = holder.shift_remove(&name) {
                holder.shift_insert(0, name, value);
            }
        }
        _ => {
            let value = odd(site.def, holder.get(&name), choice);
            holder.insert(name, value);
        }
    }
}

/// A value that is likely to be wrong for this definition, or right in an unusual way.
fn odd(def: &AttrDef, now: Option<&Json>, choice: u16) -> Json {
    match &def.attr_type {
        AttrType::String { length, .. } => match length {
            // Just too long, and just not, in characters of several bytes.
            Some(length) if choice.is_multiple_of(3) => {
                let count = *length as usize + usize::from(choice % 2);
                "é".repeat(count).into()
            }
            _ => pick(TEXTS, choice).into(),
        },
        AttrType::Integer | AttrType::Decimal => number(pick(NUMBERS, choice)),
        AttrType::Date | AttrType::DateTime => pick(DATES, choice).into(),
        AttrType::IpAddress => pick(ADDRESSES, choice).into(),
        AttrType::Password(_) => json(pick(PASSWORDS, choice)),
        AttrType::Plural(_) => odd_plural(now, choice),
        _ => json(pick(ANYTHING, choice)),
    }
}

fn odd_plural(now: Option<&Json>, choice: u16) -> Json {
    let mut elements = now.and_then(Json::as_array).unwrap_or_default().to_vec();
    match choice % 5 {
        // What is locally unique is there twice.
        0 => elements.extend(elements.first().cloned()),
        1 => elements.push(pick(TEXTS, choice / 5).into()),
        2 => elements.push(json(pick(ANYTHING, choice / 5))),
        3 => elements = vec!["ab".into(), "".into(), "ab".into()],
        _ => elements.reverse(),
    }
    elements.into()
}

/// Every member that the record has or could have, with the way to what holds it.
fn find_sites<'a>(
    holder: &Json,
    defs: &[&'a AttrDef],
    way: &mut Vec<Step>,
    sites: &mut Vec<Site<'a>>,
) {
    for def in defs {
        sites.push(Site {
            holder: way.clone(),
            def,
        });
        let inner: Vec<&AttrDef> = def.attr_type.attr_defs().iter().collect();
        let inner: Vec<&AttrDef> = inner
            .into_iter()
            .filter(|def| !def.is_reserved(false))
            .collect();
        let Some(value) = holder.get(&def.name) else {
            continue;
        };
        way.push(Step::Member(def.name.clone()));
        match value {
            Json::Object(_) => find_sites(value, &inner, way, sites),
            Json::Array(elements) => {
                for (at, element) in elements.iter().enumerate() {
                    way.push(Step::Element(at));
                    find_sites(element, &inner, way, sites);
                    way.pop();
                }
            }
            _ => {}
        }
        way.pop();
    }
}

fn holder<'a>(record: &'a mut Json, way: &[Step]) -> Option<&'a mut Object> {
    let mut value = record;
    for step in way {
        value = match (step, value) {
            (Step::Member(name), Json::Object(members)) => members.get_mut(name)?,
            (Step::Element(at), Json::Array(elements)) => elements.get_mut(*at)?,
            _ => return None,
        };
    }
    value.as_object_mut()
}

fn pick<'a>(choices: &[&'a str], choice: u16) -> &'a str {
    choices[usize::from(choice) % choices.len()]
}

fn json(text: &str) -> Json {
    Json::parse(text).expect("is JSON")
}

fn number(text: &str) -> Json {
    Json::Number(Number::parse(text).expect("is a number"))
}
