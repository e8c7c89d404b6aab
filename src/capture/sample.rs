//! Sample records: believable, valid for any schema, and the same for the same seed.
//!
//! Used to fill a sandbox, by the form's "fill", and by tests that need many records. What an attribute is for is
//! guessed from its name, so that a `givenName` is a name and a `city` a town; where a guess does not fit the
//! attribute's length and constraints, something shorter and plainer does. Absent on purpose: a clock, so nothing is
//! dated after 2024; real people, addresses and numbers (mail is at example.com and example.org, addresses are of
//! RFC 5737); and validation rules, which a schema does not hold.
//!
//! ```text
//!  seed ─▶ Random ─▶ Person ─┐
//!                            ├─▶ for every attribute: wanted? ─▶ value by type ─▶ fits? ─▶ member
//!  schema ───────────────────┘                                   (text: by name)  └ else a plainer one, or none
//! ```

mod people;
mod random;

use jiff::Timestamp;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::json::object::Object;
use crate::capture::sample::people::Person;
use crate::capture::sample::people::Spelled;
use crate::capture::sample::random::Random;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::value;

/// How much of a schema a sample record fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Only what the service insists on.
    RequiredOnly,
    /// What a real record has: most attributes, plurals of 0 to 3 elements.
    Typical,
    /// Every attribute that can have a value, and an element at least in every plural.
    Everything,
}

/// A record for `schema`, without reserved attributes. Two seeds give different values to `unique` attributes, as long
/// as these can hold so many: a boolean cannot, an address of RFC 5737 has 762 values.
///
/// The record is valid whenever a valid one is possible by what is tried: constraints that exclude each other on a
/// required attribute (an e-mail address of three characters) give a record that the service refuses.
pub fn record(schema: &EntityType, seed: u64, fill: Fill) -> Json {
    let mut random = Random::new(seed);
    let person = Person::draw(&mut random);
    let mut sample = Sample {
        seed,
        fill,
        random,
        person,
        elements: 0,
    };
    let place = Place {
        holder: &schema.name,
        plurals: 0,
        index: 0,
        element: 0,
    };
    let own: Vec<&AttrDef> = schema.own_attr_defs().collect();
    sample.members(&own, place)
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The name of the object or plural around it.
    holder: &'a str,
    /// How many plurals there are around it.
    plurals: usize,
    /// The place of its element in the innermost plural.
    index: u64,
    /// The running number of that element in the whole record, from 1; 0 outside plurals.
    element: u64,
}

/// One record in the making.
struct Sample {
    seed: u64,
    fill: Fill,
    random: Random,
    person: Person,
    elements: u64,
}

/// Up to this many plurals in one another get several elements; below, one is enough, so that a deep schema does not
/// grow a record beyond every size.
const WIDE_PLURALS: usize = 2;

impl Sample {
    fn members(&mut self, defs: &[&AttrDef], place: Place) -> Json {
        let mut members = Object::new();
        for def in defs {
            if def.is_reserved(false) || (def.name == "id" && place.plurals > 0) {
                continue;
            }
            if let Some(value) = self.member(def, place) {
                members.insert(def.name.clone(), value);
            }
        }
        members.into()
    }

    fn member(&mut self, def: &AttrDef, place: Place) -> Option<Json> {
        let needed = needs_value(def);
        let wanted = match self.fill {
            Fill::RequiredOnly => false,
            Fill::Typical => {
                is_identity(&def.name) || self.random.chance(75) && !is_an_end(&def.name)
            }
            Fill::Everything => true,
        };
        if !needed && !wanted {
            return None;
        }
        match &def.attr_type {
            AttrType::Object(inner) => {
                let inner: Vec<&AttrDef> = inner.iter().collect();
                let holder = &def.name;
                Some(self.members(&inner, Place { holder, ..place }))
            }
            AttrType::Plural(inner) => Some(self.plural(&def.name, inner, place)),
            _ => self.primitive(def, place).filter(|value| fits(value, def)),
        }
    }

    fn plural(&mut self, holder: &str, inner: &[AttrDef], place: Place) -> Json {
        let least = u64::from(self.fill == Fill::Everything);
        let most = if place.plurals < WIDE_PLURALS { 3 } else { 1 };
        let most = most.min(most_elements(inner));
        let count = least + self.random.below(most - least + 1);
        let inner: Vec<&AttrDef> = inner.iter().collect();
        let mut elements = Vec::new();
        for index in 0..count {
            self.elements += 1;
            let place = Place {
                holder,
                plurals: place.plurals + 1,
                index,
                element: self.elements,
            };
            elements.push(self.members(&inner, place));
        }
        elements.into()
    }

    fn primitive(&mut self, def: &AttrDef, place: Place) -> Option<Json> {
        let distinct = Distinct::of(def);
        match &def.attr_type {
            AttrType::String { length, .. } => self.text(def, *length, place).map(Json::from),
            AttrType::Boolean => self.boolean(def, place).map(Json::from),
            AttrType::Integer => Some(self.integer(&def.name, distinct, place).into()),
            AttrType::Decimal => Some(self.decimal(&def.name, distinct, place)),
            AttrType::Date => Some(self.date(&def.name, distinct, place).into()),
            AttrType::DateTime => Some(self.date_time(distinct, place).into()),
            AttrType::IpAddress => Some(self.address(distinct, place).into()),
            AttrType::Json => Some(self.document()),
            AttrType::Password(_) => Some(self.password().into()),
            // A newer service's type: nothing is known about its values, so only what must be there is.
            AttrType::Unknown(_) => needs_value(def).then(|| self.word().into()),
            AttrType::Object(_) | AttrType::Plural(_) | AttrType::Id | AttrType::Uuid => None,
        }
    }

    fn boolean(&mut self, def: &AttrDef, place: Place) -> Option<bool> {
        match Distinct::of(def) {
            Distinct::No => Some(self.random.chance(70)),
            Distinct::InPlural => (place.index < 2).then_some(place.index == 0),
            Distinct::Everywhere => needs_value(def).then_some(self.seed.is_multiple_of(2)),
        }
    }

    fn integer(&mut self, name: &str, distinct: Distinct, place: Place) -> i64 {
        if distinct != Distinct::No {
            return self.number(distinct, place);
        }
        let name = name.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match () {
            () if name == "age" => i64::from(2024 - self.person.born.year()),
            () if has(&["year"]) => 1990 + self.random.below(35) as i64,
            () if has(&["height"]) => 150 + self.random.below(50) as i64,
            () if has(&["weight"]) => 48 + self.random.below(60) as i64,
            () => self.random.below(1_000) as i64,
        }
    }

    fn decimal(&mut self, name: &str, distinct: Distinct, place: Place) -> Json {
        let name = name.to_lowercase();
        let (whole, digits) = match () {
            () if distinct != Distinct::No => (self.number(distinct, place), 0),
            () if name.contains("latitude") => (self.random.below(120) as i64 - 60, 5),
            () if name.contains("longitude") => (self.random.below(360) as i64 - 180, 5),
            () => (self.random.below(500) as i64, 2),
        };
        let fraction = self.random.digits(&"#".repeat(digits));
        let text = if digits == 0 {
            whole.to_string()
        } else {
            format!("{whole}.{fraction}")
        };
        Number::parse(&text).map_or(Json::Null, Json::Number)
    }

    fn date(&mut self, name: &str, distinct: Distinct, place: Place) -> String {
        let name = name.to_lowercase();
        let is_birth = ["birth", "dob", "born"]
            .iter()
            .any(|word| name.contains(word));
        if is_birth && distinct == Distinct::No {
            return self.person.born.to_string();
        }
        let days = match distinct {
            Distinct::No => self.random.below(DAYS),
            _ => self.number(distinct, place) as u64 % DAYS,
        };
        let date_time = instant(days * 86_400);
        date_time[..10].to_owned()
    }

    fn date_time(&mut self, distinct: Distinct, place: Place) -> String {
        let seconds = match distinct {
            Distinct::No => self.random.below(DAYS * 86_400),
            _ => self.number(distinct, place) as u64 % (DAYS * 86_400),
        };
        instant(seconds)
    }

    /// An address that documentation may use (RFC 5737).
    fn address(&mut self, distinct: Distinct, place: Place) -> String {
        const NETS: [&str; 3] = ["192.0.2", "198.51.100", "203.0.113"];
        const HOSTS: u64 = 254;
        let number = match distinct {
            Distinct::No => self.random.below(NETS.len() as u64 * HOSTS),
            _ => self.number(distinct, place) as u64 % (NETS.len() as u64 * HOSTS),
        };
        let net = NETS[(number / HOSTS) as usize];
        format!("{net}.{}", 1 + number % HOSTS)
    }

    fn document(&mut self) -> Json {
        let channel = *self.random.pick(&["web", "app", "store", "phone"]);
        let score = self.random.below(100) as i64;
        let tags = vec![self.word().into()];
        [
            ("channel", Json::from(channel)),
            ("score", score.into()),
            ("tags", tags.into()),
        ]
        .into_iter()
        .collect()
    }

    fn password(&mut self) -> String {
        let [one, other] = [(); 2].map(|()| *self.random.pick(WORDS));
        let digits = self.random.digits("####");
        format!("{}-{}-{digits}!", capital(one), capital(other))
    }

    /// A whole number that no other seed has, or no other element of the plural.
    fn number(&self, distinct: Distinct, place: Place) -> i64 {
        if distinct == Distinct::InPlural {
            return place.index as i64 + 1;
        }
        let scattered = self.seed.wrapping_mul(100).wrapping_add(place.element);
        (scattered & i64::MAX as u64) as i64
    }

    fn text(&mut self, def: &AttrDef, length: Option<u32>, place: Place) -> Option<String> {
        let letters = Letters::of(def);
        let tag = match Distinct::of(def) {
            Distinct::No => String::new(),
            Distinct::InPlural => letters.count(place.index + 1),
            Distinct::Everywhere => self.tag(letters, place),
        };
        let most = length.map_or(usize::MAX, |length| length as usize);
        let candidates = if def.has(&Constraint::EmailAddress) {
            self.addresses(&tag, place)
        } else {
            let spelled = self.believable(&def.name, place);
            let base = letters.spell(&spelled);
            let room = most.saturating_sub(tag.chars().count());
            let base: String = base.chars().take(room).collect();
            // A tag of letters alone would melt into the name.
            let plain = format!("{}{tag}", base.trim_end());
            vec![plain, tag, "a".to_owned(), String::new()]
        };
        let mut candidates = candidates.into_iter();
        candidates.find(|text| text.chars().count() <= most && fits(&text.as_str().into(), def))
    }

    /// What makes a text unlike that of any other seed and element.
    fn tag(&self, letters: Letters, place: Place) -> String {
        let seed = letters.count(self.seed);
        if place.element == 0 {
            seed
        } else {
            format!("{seed}{}{}", Letters::BETWEEN, letters.count(place.element))
        }
    }

    /// E-mail addresses, from a believable one to the shortest there is.
    fn addresses(&mut self, tag: &str, place: Place) -> Vec<String> {
        let tag = if tag.is_empty() {
            self.tag(Letters::Digits, place)
        } else {
            tag.to_owned()
        };
        let (given, family) = (fold(self.person.given.1), fold(self.person.family.1));
        let host = *self.random.pick(&["example.com", "example.org"]);
        vec![
            format!("{given}.{family}{tag}@{host}"),
            format!("{given}{tag}@{host}"),
            format!("{tag}@{host}"),
            format!("{tag}@a.test"),
            format!("{tag}@a.a"),
            "a@a.a".to_owned(),
        ]
    }

    fn word(&mut self) -> &'static str {
        self.random.pick::<&'static str>(WORDS)
    }

    fn sentence(&mut self) -> String {
        let hobbies = [(); 2].map(|()| *self.random.pick(HOBBIES));
        let town = self.person.town.name.0;
        match hobbies {
            [one, other] if one == other => format!("Likes {one}. Lives in {town}."),
            [one, other] => format!("Likes {one} and {other}. Lives in {town}."),
        }
    }

    fn handle(&self) -> String {
        let (given, family) = (fold(self.person.given.1), fold(self.person.family.1));
        format!("{given}.{family}{}", self.seed % 10_000)
    }

    fn url(&mut self, kind: &str) -> String {
        let host = *self.random.pick(&["example.com", "example.org"]);
        format!("https://www.{host}/{kind}/{}", self.handle())
    }

    /// Text for an attribute called `name`, as it is written and in ASCII.
    fn believable(&mut self, name: &str, place: Place) -> (String, String) {
        let own = name.to_lowercase().replace(['_', '-'], "");
        // The members of a plural such as `emails` are `type` and `value`: its name says what the value is.
        let about = if matches!(own.as_str(), "value" | "name" | "text") && place.plurals > 0 {
            place.holder.to_lowercase()
        } else {
            own
        };
        let has = |words: &[&str]| words.iter().any(|word| about.contains(word));
        let both = |text: String| (text.clone(), text);
        let spelled = |(own, ascii): Spelled| (own.to_owned(), ascii.to_owned());
        let person = &self.person;
        let full = |between: &str| {
            (
                format!("{}{between}{}", person.given.0, person.family.0),
                format!("{}{between}{}", person.given.1, person.family.1),
            )
        };
        match () {
            () if has(&["givenname", "firstname", "forename"]) => spelled(person.given),
            () if has(&["familyname", "lastname", "surname"]) => spelled(person.family),
            () if has(&["middlename"]) => spelled(person.middle),
            () if has(&["username", "nickname", "handle", "login"]) => both(self.handle()),
            () if has(&["prefix"]) => both(
                if person.gender == "female" {
                    "Ms"
                } else {
                    "Mr"
                }
                .into(),
            ),
            () if has(&["suffix"]) => both("PhD".into()),
            () if has(&["mail"]) => {
                let tag = self.tag(Letters::Digits, place);
                both(self.addresses(&tag, place).swap_remove(0))
            }
            () if has(&["phone", "mobile", "fax", "telephone"]) => both(person.phone.clone()),
            () if has(&["street", "address1", "addressline1"]) => (
                format!("{} {}", person.street.0, person.house),
                format!("{} {}", person.street.1, person.house),
            ),
            () if has(&["address2", "addressline2", "apartment"]) => {
                both(format!("Apt. {}", 1 + person.house % 40))
            }
            () if has(&["zip", "postal", "postcode"]) => both(person.zip.clone()),
            () if has(&["city", "town", "locality"]) => spelled(person.town.name),
            () if has(&["region", "province", "county"]) || about.starts_with("state") => {
                spelled(person.town.region)
            }
            () if has(&["countrycode"]) => both(person.country.code.into()),
            () if has(&["country", "nationality"]) => both(person.country.name.into()),
            () if has(&["formatted", "address", "location"]) => (
                format!(
                    "{} {}, {} {}",
                    person.street.0, person.house, person.zip, person.town.name.0
                ),
                format!(
                    "{} {}, {} {}",
                    person.street.1, person.house, person.zip, person.town.name.1
                ),
            ),
            () if has(&["displayname", "fullname", "legalname"]) || about == "name" => full(" "),
            () if has(&["gender", "sex"]) => both(person.gender.into()),
            () if has(&["locale", "language", "lang"]) => both(person.country.locale.into()),
            () if has(&["timezone", "utcoffset"]) => both(person.country.time_zone.into()),
            () if has(&["currency"]) => both(person.country.currency.into()),
            () if has(&["identifier"]) => both(self.url("profile")),
            () if has(&["photo", "avatar", "image", "picture"]) => both(self.url("photo")),
            () if has(&["url", "website", "homepage", "link", "uri"]) => both(self.url("people")),
            () if has(&["domain", "provider", "issuer"]) => both(
                (*self
                    .random
                    .pick(&["example.com", "login.example.org", "id.example.com"]))
                .into(),
            ),
            () if has(&["about", "bio", "descri", "note", "comment", "message"]) => {
                both(self.sentence())
            }
            () if has(&["compan", "organi", "employer", "department"]) => {
                both((*self.random.pick(COMPANIES)).into())
            }
            () if has(&["title", "job", "occupation", "profession"]) => {
                both((*self.random.pick(JOBS)).into())
            }
            () if has(&["status", "state"]) => both(
                (*self
                    .random
                    .pick(&["active", "pending", "verified", "suspended"]))
                .into(),
            ),
            () if has(&["type", "kind", "label", "category"]) => {
                both((*self.random.pick(&["home", "work", "other"])).into())
            }
            () if has(&["version"]) => both(self.random.digits("1.#.#")),
            () if has(&["color", "colour"]) => {
                both((*self.random.pick(&["green", "violet", "amber", "blue"])).into())
            }
            () if has(&["token", "clientid", "uid", "guid", "key", "code"]) => {
                both(self.random.digits("a#c#e###"))
            }
            () if has(&[
                "interest", "hobb", "sport", "music", "activit", "book", "movie", "food",
            ]) =>
            {
                both((*self.random.pick(HOBBIES)).into())
            }
            () => both(format!("{} {}", self.word(), self.word())),
        }
    }
}

/// Between the first and the last day in sample records: 2008-01-01 to 2024-12-31.
const DAYS: u64 = 6_210;
const FIRST_SECOND: u64 = 1_199_145_600;

/// So many seconds after the first one, as the service writes it.
fn instant(seconds: u64) -> String {
    let instant = Timestamp::from_second((FIRST_SECOND + seconds) as i64).unwrap_or_default();
    value::date::format_date_time(instant)
}

/// Which values of an attribute must differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Distinct {
    No,
    InPlural,
    Everywhere,
}

impl Distinct {
    fn of(def: &AttrDef) -> Self {
        if def.has(&Constraint::Unique) {
            Self::Everywhere
        } else if def.has(&Constraint::LocallyUnique) {
            Self::InPlural
        } else {
            Self::No
        }
    }
}

/// Which characters a text may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    /// A–Z, a–z.
    Ascii,
    /// These and digits.
    Digits,
    /// Letters of every script.
    Unicode,
    /// Anything printable.
    Any,
}

impl Letters {
    /// Stands in no [`Letters::count`], so that two counts with it between them can be told apart.
    const BETWEEN: char = 'x';

    fn of(def: &AttrDef) -> Self {
        let has = |constraint| def.has(&constraint);
        let letters = has(Constraint::UnicodeLetters);
        match () {
            () if has(Constraint::Alphabetic) || (letters && has(Constraint::Alphanumeric)) => {
                Self::Ascii
            }
            () if has(Constraint::Alphanumeric) => Self::Digits,
            () if letters => Self::Unicode,
            () => Self::Any,
        }
    }

    /// Of both spellings the one that these characters can write, without the others.
    fn spell(self, (own, ascii): &(String, String)) -> String {
        let text = if matches!(self, Self::Ascii | Self::Digits) {
            ascii
        } else {
            own
        };
        let may_stay = |c: &char| match self {
            Self::Ascii => c.is_ascii_alphabetic(),
            Self::Digits => c.is_ascii_alphanumeric(),
            Self::Unicode => c.is_alphabetic(),
            Self::Any => true,
        };
        text.chars().filter(may_stay).collect()
    }

    /// `number` in digits, or in the first twenty letters where digits may not be.
    fn count(self, number: u64) -> String {
        if matches!(self, Self::Digits | Self::Any) {
            return number.to_string();
        }
        let mut letters = Vec::new();
        let mut rest = number;
        loop {
            letters.push(b'a' + (rest % 20) as u8);
            rest /= 20;
            if rest == 0 {
                break;
            }
        }
        letters.reverse();
        letters.into_iter().map(char::from).collect()
    }
}

/// Whether the service refuses a record in which `def` has no value.
fn needs_value(def: &AttrDef) -> bool {
    match &def.attr_type {
        AttrType::Object(inner) => inner.iter().any(needs_value),
        AttrType::Plural(_) => false,
        _ => def.has(&Constraint::Required),
    }
}

/// How many elements of these attributes can differ where they must: a boolean has two values.
fn most_elements(defs: &[AttrDef]) -> u64 {
    let most = defs.iter().map(|def| match &def.attr_type {
        AttrType::Object(inner) => most_elements(inner),
        AttrType::Boolean if needs_value(def) => match Distinct::of(def) {
            Distinct::No => u64::MAX,
            Distinct::InPlural => 2,
            Distinct::Everywhere => 1,
        },
        _ => u64::MAX,
    });
    most.min().unwrap_or(u64::MAX)
}

/// What every real record has, however many others it lacks.
fn is_identity(name: &str) -> bool {
    let name = name.to_lowercase().replace('_', "");
    ["email", "givenname", "familyname", "displayname"].contains(&name.as_str())
}

/// Whether an attribute says of a record that it is deleted or shut down, or is to be: a typical one lives.
fn is_an_end(name: &str) -> bool {
    let name = name.to_lowercase();
    ["delete", "deactivat"].iter().any(|end| name.contains(end))
}

/// Whether the service takes `value` for `def`. None of the values here is a date's keyword, so any clock will do.
fn fits(value: &Json, def: &AttrDef) -> bool {
    value::read(value, def, Timestamp::UNIX_EPOCH).is_ok()
}

/// A name as people write it before an `@`.
fn fold(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_lowercase()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

const WORDS: &[&str] = &[
    "amber", "birch", "cedar", "delta", "ember", "falcon", "garnet", "harbor", "indigo", "juniper",
    "kestrel", "lagoon", "meadow", "north", "orchid", "pebble", "quartz", "river", "saffron",
    "timber", "umber", "velvet", "willow", "zephyr",
];

const HOBBIES: &[&str] = &[
    "hiking",
    "chess",
    "cycling",
    "baking",
    "jazz",
    "gardening",
    "sailing",
    "photography",
    "old maps",
    "football",
    "pottery",
    "astronomy",
];

const COMPANIES: &[&str] = &[
    "Example Trading",
    "Sample & Sons",
    "Specimen Labs",
    "Placeholder Foods",
    "Testbed Travel",
];

const JOBS: &[&str] = &[
    "Engineer",
    "Teacher",
    "Nurse",
    "Baker",
    "Librarian",
    "Electrician",
    "Designer",
    "Accountant",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::collection;
    use proptest::option;
    use proptest::prelude::BoxedStrategy;
    use proptest::prelude::Just;
    use proptest::prelude::ProptestConfig;
    use proptest::prelude::Strategy;
    use proptest::prelude::any;
    use proptest::prop_assert;
    use proptest::prop_assert_eq;
    use proptest::prop_oneof;
    use proptest::proptest;
    use proptest::sample;

    use super::*;
    use crate::capture::schema;
    use crate::capture::validate;
    use crate::capture::validate::Mode;

    const FILLS: [Fill; 3] = [Fill::RequiredOnly, Fill::Typical, Fill::Everything];

    fn now() -> Timestamp {
        "2026-02-28T13:14:15Z".parse().expect("is a timestamp")
    }

    fn schema(attr_defs: &str) -> EntityType {
        let (attr_defs, problems) =
            schema::read_attr_defs(&Json::parse(attr_defs).expect("is JSON"));
        assert_eq!(problems, []);
        EntityType::create("t", attr_defs)
    }

    fn published(text: &str) -> EntityType {
        let json = Json::parse(text).expect("is JSON");
        EntityType::from_json(&json).expect("is a schema").0
    }

    fn users() -> [EntityType; 2] {
        [
            published(include_str!(
                "../../tests/data/schema-user-default-2012.json"
            )),
            published(include_str!(
                "../../tests/data/schema-test-user1-every-type.json"
            )),
        ]
    }

    #[track_caller]
    fn assert_valid(record: &Json, schema: &EntityType) {
        for mode in [Mode::Create, Mode::Replace, Mode::Update] {
            let found = validate::validate(record, schema, mode, now());
            assert!(found.is_empty(), "{found:?} in {record}");
        }
    }

    #[test]
    fn it_is_believable() {
        let schema = schema(
            r#"[{"name":"givenName","type":"string"},{"name":"family_name","type":"string","constraints":["alphabetic"]},
                {"name":"displayName","type":"string"},{"name":"email","type":"string","constraints":["email-address","unique"]},
                {"name":"birthday","type":"date"},{"name":"gender","type":"string"},{"name":"password","type":"password-bcrypt"},
                {"name":"lastLogin","type":"dateTime"},{"name":"ip","type":"ipAddress"},{"name":"latitude","type":"decimal"},
                {"name":"primaryAddress","type":"object","attr_defs":[{"name":"streetAddress1","type":"string"},
                    {"name":"city","type":"string"},{"name":"zip","type":"string"},{"name":"country","type":"string"},
                    {"name":"phone","type":"string"}]},
                {"name":"emails","type":"plural","attr_defs":[{"name":"value","type":"string"},{"name":"type","type":"string"}]},
                {"name":"statuses","type":"plural","attr_defs":[{"name":"status","type":"string","length":4}]}]"#,
        );
        insta::assert_snapshot!(record(&schema, 5, Fill::Everything).pretty());
    }

    #[test]
    fn the_published_schemas_are_filled() {
        for schema in users() {
            for seed in 0..10 {
                for fill in FILLS {
                    assert_valid(&record(&schema, seed, fill), &schema);
                }
                let everything = record(&schema, seed, Fill::Everything);
                let members = everything.as_object().expect("is an object");
                assert_eq!(members.len(), schema.own_attr_defs().count());
            }
        }
    }

    #[test]
    fn only_what_is_required_is_given() {
        let schema = schema(
            r#"[{"name":"a","type":"string"},{"name":"b","type":"integer","constraints":["required"]},
                {"name":"c","type":"object","attr_defs":[{"name":"d","type":"date","constraints":["required"]},{"name":"e","type":"date"}]},
                {"name":"f","type":"object","attr_defs":[{"name":"g","type":"date"}]},
                {"name":"h","type":"plural","attr_defs":[{"name":"i","type":"date","constraints":["required"]}]}]"#,
        );
        let record = record(&schema, 1, Fill::RequiredOnly);
        let text = record.to_string();
        let members: Vec<&String> = record.as_object().expect("is an object").keys().collect();
        assert_eq!(members, ["b", "c"], "{text}");
        assert!(text.contains("\"d\"") && !text.contains("\"e\""), "{text}");
    }

    #[test]
    fn a_seed_is_a_record_and_unique_values_differ() {
        let [schema, _] = users();
        let mut emails = HashSet::new();
        for seed in (0..500).chain([u64::MAX, u64::MAX - 1, 1 << 40]) {
            let one = record(&schema, seed, Fill::Typical);
            assert_eq!(one, record(&schema, seed, Fill::Typical));
            let email = one.get("email").and_then(Json::as_str).expect("has one");
            assert!(emails.insert(email.to_lowercase()), "{email} twice");
        }
    }

    #[test]
    fn a_typical_record_is_not_about_to_end() {
        let schema = schema(
            r#"[{"name":"accountDeleteRequestTime","type":"dateTime"},
                {"name":"deactivateAccount","type":"dateTime"}]"#,
        );
        let ends = ["accountDeleteRequestTime", "deactivateAccount"];
        for seed in 0..100 {
            let typical = record(&schema, seed, Fill::Typical);
            for end in ends {
                assert_eq!(typical.get(end), None, "{seed}");
            }
        }
        let all = record(&schema, 0, Fill::Everything);
        assert!(ends.iter().all(|end| all.get(end).is_some()));
    }

    #[test]
    fn nothing_is_dated_after_2024_and_nothing_deep_explodes() {
        assert_eq!(instant(0), "2008-01-01 00:00:00 +0000");
        assert_eq!(instant(DAYS * 86_400 - 1), "2024-12-31 23:59:59 +0000");
        let mut inner = vec![AttrDef::new("v", AttrType::Date)];
        for _ in 0..60 {
            inner = vec![AttrDef::new("p", AttrType::Plural(inner))];
        }
        let schema = EntityType::create("deep", inner);
        let text = record(&schema, 3, Fill::Everything).to_string();
        assert!(text.len() < 5_000, "{} bytes", text.len());
    }

    /// Definitions of every type, nested up to `depth` times, whose constraints can all be held at once.
    fn attr_defs(depth: u32, in_plural: bool) -> BoxedStrategy<Vec<AttrDef>> {
        let name = sample::select(vec![
            "givenName",
            "family_name",
            "email",
            "zip",
            "city",
            "birthday",
            "value",
            "type",
            "photo",
            "status",
            "x",
            "aboutMe",
            "domain",
            "identifier",
            "phoneNumber",
        ]);
        let string = (option::of(7_u32..40), any::<bool>()).prop_map(|(length, case_sensitive)| {
            AttrType::String {
                length,
                case_sensitive,
            }
        });
        let plain = prop_oneof![
            4 => string,
            5 => sample::select(vec![
                "boolean", "integer", "decimal", "date", "dateTime", "ipAddress", "json", "password-bcrypt", "newer",
            ])
            .prop_map(AttrType::from_name),
        ];
        let attr_type = if depth == 0 {
            plain.boxed()
        } else {
            prop_oneof![
                3 => plain,
                1 => attr_defs(depth - 1, in_plural).prop_map(AttrType::Object),
                1 => attr_defs(depth - 1, true).prop_map(AttrType::Plural),
            ]
            .boxed()
        };
        let constraints = (
            any::<bool>(),
            sample::select(vec![
                None,
                Some(Constraint::Unique),
                Some(Constraint::LocallyUnique),
            ]),
            prop_oneof![
                Just(vec![Constraint::EmailAddress, Constraint::UnicodePrintable]),
                sample::subsequence(
                    vec![
                        Constraint::Alphabetic,
                        Constraint::Alphanumeric,
                        Constraint::UnicodeLetters,
                        Constraint::UnicodePrintable,
                    ],
                    0..=4,
                ),
            ],
        );
        collection::vec((name, attr_type, constraints), 1..6)
            .prop_map(move |defs| {
                let defs = defs.into_iter().enumerate();
                defs.map(
                    |(place, (name, attr_type, (required, distinct, letters)))| {
                        let mut constraints: Vec<Constraint> = distinct.into_iter().collect();
                        constraints.extend(required.then_some(Constraint::Required));
                        constraints.extend(letters);
                        let nests = !attr_type.attr_defs().is_empty();
                        let is_text = matches!(attr_type, AttrType::String { .. });
                        let has_key = is_text
                            || matches!(
                                attr_type,
                                AttrType::Boolean
                                    | AttrType::Integer
                                    | AttrType::Decimal
                                    | AttrType::Date
                                    | AttrType::DateTime
                                    | AttrType::IpAddress
                            );
                        constraints.retain(|constraint| match constraint {
                            Constraint::Required => !nests,
                            Constraint::Unique => has_key,
                            Constraint::LocallyUnique => has_key && in_plural,
                            _ => is_text,
                        });
                        AttrDef {
                            constraints: Some(constraints),
                            ..AttrDef::new(format!("{name}{place}"), attr_type)
                        }
                    },
                )
                .collect()
            })
            .boxed()
    }

    fn schemas() -> impl Strategy<Value = EntityType> {
        attr_defs(4, false).prop_map(|attr_defs| EntityType::create("t", attr_defs))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_record_is_valid(schema in schemas(), seed in any::<u64>()) {
            for fill in FILLS {
                let record = record(&schema, seed, fill);
                for mode in [Mode::Create, Mode::Replace, Mode::Update] {
                    let found = validate::validate(&record, &schema, mode, now());
                    prop_assert!(found.is_empty(), "{:?} in {}", found, record);
                }
            }
            prop_assert_eq!(
                record(&schema, seed, Fill::Typical),
                record(&schema, seed, Fill::Typical)
            );
        }

        /// An e-mail address that cannot be, and other schemas that ask too much: no panic.
        #[test]
        fn any_schema_gets_some_record(
            mut schema in schemas(), length in 1_u32..6, seed in any::<u64>()
        ) {
            for def in &mut schema.attr_defs {
                if let AttrType::String { length: given, .. } = &mut def.attr_type {
                    *given = Some(length);
                }
            }
            let record = record(&schema, seed, Fill::Everything);
            prop_assert!(record.as_object().is_some());
        }
    }
}
