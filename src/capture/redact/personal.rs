//! Which values tell who a person is: by the names of attributes, and by their definitions where a schema is at hand.
//!
//! Used by [`crate::capture::redact::sharing`] for what leaves the program. Names are read as words (`primaryEmail` is
//! *primary*, *email*), so that attributes of any application are known. What is kept although it stands beside such
//! values, since support needs it and it tells nobody's name: ids and uuids, types, countries, dates of changes, and
//! whether something is verified. What the name and the definition do not tell is found by the shape of the text, and
//! that is not here.

use std::collections::HashMap;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;

/// What a personal value is; the word that stands in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A number to call.
    Phone,
    /// A name, or a part of one.
    Name,
    /// Where somebody lives or is.
    Address,
    /// When somebody was born, or how old they are.
    Birthday,
    /// What somebody is called elsewhere: a user name, a profile, a picture.
    Account,
    /// A number that an authority or a bank gave.
    Document,
    /// An address in a network.
    Network,
    /// What somebody tells of themselves: gender, biography.
    Trait,
}

impl Kind {
    /// The word for people: `‹email 1›`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Name => "name",
            Self::Address => "address",
            Self::Birthday => "birthday",
            Self::Account => "account",
            Self::Document => "document",
            Self::Network => "ip",
            Self::Trait => "trait",
        }
    }
}

/// Last words of names that only tell something about a value: `emailVerified`, `phone_type`.
const ABOUT: [&str; 34] = [
    "verified",
    "verification",
    "confirmed",
    "confirmation",
    "validated",
    "valid",
    "status",
    "type",
    "types",
    "kind",
    "format",
    "count",
    "consent",
    "opt",
    "optin",
    "optout",
    "in",
    "out",
    "enabled",
    "allowed",
    "required",
    "language",
    "locale",
    "created",
    "updated",
    "changed",
    "at",
    "time",
    "timestamp",
    "id",
    "uuid",
    "subscription",
    "template",
    "attribute",
];

/// Members that are kept wherever they stand, also inside an address.
const KEPT: [&str; 12] = [
    "id",
    "uuid",
    "type",
    "kind",
    "label",
    "primary",
    "domain",
    "country",
    "countrycode",
    "created",
    "lastupdated",
    "provider",
];

/// Words that tell the kind of a value when they stand anywhere in a name.
const WORDS: &[(&str, Kind)] = &[
    ("email", Kind::Email),
    ("emails", Kind::Email),
    ("mail", Kind::Email),
    ("ip", Kind::Network),
    ("phone", Kind::Phone),
    ("phones", Kind::Phone),
    ("telephone", Kind::Phone),
    ("tel", Kind::Phone),
    ("mobile", Kind::Phone),
    ("cell", Kind::Phone),
    ("fax", Kind::Phone),
    ("msisdn", Kind::Phone),
    ("birth", Kind::Birthday),
    ("birthday", Kind::Birthday),
    ("birthdate", Kind::Birthday),
    ("birthplace", Kind::Birthday),
    ("dob", Kind::Birthday),
    ("age", Kind::Birthday),
    ("surname", Kind::Name),
    ("forename", Kind::Name),
    ("nickname", Kind::Name),
    ("spouse", Kind::Name),
    ("formatted", Kind::Name),
    ("username", Kind::Account),
    ("screenname", Kind::Account),
    ("handle", Kind::Account),
    ("identifier", Kind::Account),
    ("photo", Kind::Account),
    ("photos", Kind::Account),
    ("avatar", Kind::Account),
    ("picture", Kind::Account),
    ("ims", Kind::Account),
    ("twitter", Kind::Account),
    ("facebook", Kind::Account),
    ("linkedin", Kind::Account),
    ("skype", Kind::Account),
    ("ssn", Kind::Document),
    ("passport", Kind::Document),
    ("iban", Kind::Document),
    ("licence", Kind::Document),
    ("license", Kind::Document),
    ("insurance", Kind::Document),
    ("street", Kind::Address),
    ("address", Kind::Address),
    ("addresses", Kind::Address),
    ("city", Kind::Address),
    ("town", Kind::Address),
    ("locality", Kind::Address),
    ("zip", Kind::Address),
    ("zipcode", Kind::Address),
    ("postal", Kind::Address),
    ("postcode", Kind::Address),
    ("location", Kind::Address),
    ("latitude", Kind::Address),
    ("longitude", Kind::Address),
    ("coordinates", Kind::Address),
    ("gender", Kind::Trait),
    ("sex", Kind::Trait),
    ("bio", Kind::Trait),
    ("biography", Kind::Trait),
    ("religion", Kind::Trait),
    ("ethnicity", Kind::Trait),
    ("nationality", Kind::Trait),
];

/// Ends of names whose words are written together, or mean something only together.
const ENDS: &[(&str, Kind)] = &[
    ("email", Kind::Email),
    ("emailaddress", Kind::Email),
    ("ipaddress", Kind::Network),
    ("phone", Kind::Phone),
    ("phonenumber", Kind::Phone),
    ("phonenumbers", Kind::Phone),
    ("givenname", Kind::Name),
    ("familyname", Kind::Name),
    ("middlename", Kind::Name),
    ("firstname", Kind::Name),
    ("lastname", Kind::Name),
    ("displayname", Kind::Name),
    ("fullname", Kind::Name),
    ("maidenname", Kind::Name),
    ("legalname", Kind::Name),
    ("preferredname", Kind::Name),
    ("contactname", Kind::Name),
    ("holdername", Kind::Name),
    ("username", Kind::Account),
    ("profileurl", Kind::Account),
    ("taxid", Kind::Document),
    ("vatid", Kind::Document),
    ("nationalid", Kind::Document),
    ("taxnumber", Kind::Document),
    ("cardnumber", Kind::Document),
    ("creditcard", Kind::Document),
    ("accountnumber", Kind::Document),
    ("socialsecuritynumber", Kind::Document),
    ("streetaddress", Kind::Address),
    ("aboutme", Kind::Trait),
    ("maritalstatus", Kind::Trait),
];

/// The kind of the values under this name, as far as the name alone tells.
pub fn by_name(name: &str) -> Option<Kind> {
    let words = words(name);
    let joined = words.concat();
    if joined == "name" || joined == "names" {
        return Some(Kind::Name);
    }
    let by_end = || ENDS.iter().find(|(end, _)| joined.ends_with(end));
    if let Some((_, kind)) = ENDS.iter().find(|(end, _)| joined == *end) {
        return Some(*kind);
    }
    if words
        .last()
        .is_some_and(|last| ABOUT.contains(&last.as_str()))
    {
        return None;
    }
    let by_word = || {
        WORDS
            .iter()
            .find(|(known, _)| words.iter().any(|word| word == known))
    };
    by_end().or_else(by_word).map(|(_, kind)| *kind)
}

/// Whether a member of this name is kept inside something personal.
pub fn is_kept(name: &str) -> bool {
    let words = words(name);
    let last_is_about = words
        .last()
        .is_some_and(|last| ABOUT.contains(&last.as_str()));
    last_is_about || KEPT.contains(&words.concat().as_str())
}

/// The words of a name in lower case, without the numbers at their ends: `emailAddress1` is *email*, *address*.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        let begins = !before.is_alphabetic() || (c.is_uppercase() && before.is_lowercase());
        if c.is_alphabetic() {
            if begins || words.is_empty() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words
}

/// What the schemas at hand say beside the names.
#[derive(Clone, Debug, Default)]
pub struct Defined {
    kinds: HashMap<String, Option<Kind>>,
    /// Names of attributes that hold passwords.
    pub passwords: Vec<String>,
}

impl Defined {
    /// Takes over an entity type. Of two attributes of one name the personal one counts.
    pub fn learn(&mut self, schema: &EntityType) {
        for (_, def) in schema.walk() {
            if matches!(def.attr_type, AttrType::Password(_)) {
                self.passwords.push(def.name.clone());
            }
            let told = match by_definition(def) {
                Some(kind) => Some(kind),
                None if tells_nobody(def) => None,
                None => continue,
            };
            let known = self.kinds.entry(def.name.clone()).or_insert(told);
            *known = known.or(told);
        }
    }

    /// The kind of the values under this name: as the schemas say, else as the name tells.
    pub fn kind(&self, name: &str) -> Option<Kind> {
        match self.kinds.get(name) {
            Some(told) => *told,
            None => by_name(name),
        }
    }
}

/// The shape of a personal text: `x` for each letter and `1` for each digit, so that a date stays one, and a number. What
/// is percent-encoded stays.
pub fn shape(text: &str) -> String {
    let mut coded = 0;
    let of = |c: char| {
        if c == '%' {
            coded = 2;
        } else if coded > 0 {
            coded -= 1;
        } else {
            return shape_of(c);
        }
        c
    };
    text.chars().map(of).collect()
}

/// What stands for a character of something personal.
pub fn shape_of(c: char) -> char {
    match c {
        _ if c.is_ascii_digit() => '1',
        _ if c.is_alphabetic() => 'x',
        _ => c,
    }
}

fn by_definition(def: &AttrDef) -> Option<Kind> {
    if def.has(&Constraint::EmailAddress) {
        return Some(Kind::Email);
    }
    matches!(def.attr_type, AttrType::IpAddress).then_some(Kind::Network)
}

/// Whether the type rules out what the name may say: only the day of a birth is a date that tells who somebody is.
fn tells_nobody(def: &AttrDef) -> bool {
    match def.attr_type {
        AttrType::Boolean | AttrType::Id | AttrType::Uuid => true,
        AttrType::Date | AttrType::DateTime => by_name(&def.name) != Some(Kind::Birthday),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::json::Json;

    #[test]
    fn names_tell() {
        for (name, kind) in [
            ("email", Some(Kind::Email)),
            ("primaryEmail", Some(Kind::Email)),
            ("EMAIL_ADDRESS", Some(Kind::Email)),
            ("useremail", Some(Kind::Email)),
            ("emailVerified", None),
            ("email_opt_in", None),
            ("phoneNumber", Some(Kind::Phone)),
            ("mobile", Some(Kind::Phone)),
            ("phoneType", None),
            ("givenName", Some(Kind::Name)),
            ("lastname", Some(Kind::Name)),
            ("name", Some(Kind::Name)),
            ("type_name", None),
            ("argument_name", None),
            ("appName", None),
            ("preferredUsername", Some(Kind::Account)),
            ("address1", Some(Kind::Address)),
            ("primaryAddress", Some(Kind::Address)),
            ("ipAddress", Some(Kind::Network)),
            ("lastLoginIp", Some(Kind::Network)),
            ("birthday", Some(Kind::Birthday)),
            ("dateOfBirth", Some(Kind::Birthday)),
            ("gender", Some(Kind::Trait)),
            ("uuid", None),
            ("id", None),
            ("status", None),
            ("description", None),
            ("message", None),
            ("page", None),
            ("", None),
        ] {
            assert_eq!(by_name(name), kind, "{name}");
        }
        for (name, kept) in [
            ("country", true),
            ("type", true),
            ("emailVerified", true),
            ("city", false),
            ("value", false),
        ] {
            assert_eq!(is_kept(name), kept, "{name}");
        }
    }

    #[test]
    fn definitions_tell_more() {
        let schema = r#"{"name":"user","attr_defs":[
            {"name":"contact","type":"string","constraints":["email-address"]},
            {"name":"seenFrom","type":"ipAddress"},
            {"name":"mailing","type":"boolean"},
            {"name":"emailChecked","type":"dateTime"},
            {"name":"birthDay","type":"date"},
            {"name":"things","type":"plural","attr_defs":[{"name":"pin","type":"password-bcrypt"}]}]}"#;
        let (schema, _) =
            EntityType::from_json(&Json::parse(schema).expect("is JSON")).expect("is a schema");
        let mut defined = Defined::default();
        assert_eq!(defined.kind("contact"), None);
        defined.learn(&schema);
        for (name, kind) in [
            ("contact", Some(Kind::Email)),
            ("seenFrom", Some(Kind::Network)),
            ("emailChecked", None),
            ("birthDay", Some(Kind::Birthday)),
            ("elsewhereEmail", Some(Kind::Email)),
        ] {
            assert_eq!(defined.kind(name), kind, "{name}");
        }
        assert_eq!(defined.passwords, ["pin"]);
    }
}
