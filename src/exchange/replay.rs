//! What it takes to send a call again that was kept: which of its arguments are whole, which were masked or cut and must
//! be given again, and what sending it does.
//!
//! Pure, and the same for the command line and the explorer. What to ask before depends on the environment and is
//! `worker::replay`'s; sending is the worker's.

use crate::capture::endpoint::Effect;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::redact;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::capture::secret::MASK;
use crate::exchange::Exchange;

/// How many masked places inside of one argument are named.
const NAMED: usize = 5;

/// A call that is to be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The call. It is whole only when nothing is missing.
    pub request: ApiRequest,
    /// What must be given again before it can be sent.
    pub missing: Vec<Missing>,
}

/// An argument whose value is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub name: String,
    /// Why.
    pub why: Why,
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is masked.
    Masked,
    /// It is masked at these places, of which only the first are named.
    MaskedAt(Vec<String>),
    /// Only its beginning was kept, of this many bytes.
    Cut(u64),
}

/// What sending a call again does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// It changes nothing.
    Reads,
    /// It changes what is there.
    Changes,
    /// It makes one more each time.
    Creates,
    /// It removes what the service cannot bring back.
    Destroys,
}

impl Replay {
    /// The call of an exchange.
    pub fn of(exchange: &Exchange) -> Self {
        Self::new(exchange.request.clone())
    }

    fn new(request: ApiRequest) -> Self {
        let known = |(name, value): (&str, &str)| {
            why(value).map(|why| Missing {
                name: name.to_owned(),
                why,
            })
        };
        let missing = request.args.iter().filter_map(known).collect();
        Self { request, missing }
    }

    /// The same call with these arguments in place of those of the same name. What they write is hidden like in any call
    /// whose schema is not known, but for names whose values were kept in the open.
    #[must_use]
    pub fn with(self, given: Vec<(String, String)>) -> Self {
        let names = hidden_names(&self.request, &given);
        let mut args: Vec<(String, String)> = Vec::new();
        for (name, value) in self.request.args.0 {
            match given.iter().rev().find(|(other, _)| *other == name) {
                None => args.push((name, value)),
                Some(_) if args.iter().any(|(other, _)| *other == name) => {}
                Some((_, value)) => args.push((name, value.clone())),
            }
        }
        for (name, value) in given {
            if !args.iter().any(|(other, _)| *other == name) {
                args.push((name, value));
            }
        }
        let request = ApiRequest {
            args: Args(args),
            ..self.request
        };
        Self::new(request.hiding(names))
    }

    /// What sending it does.
    pub fn again(&self) -> Again {
        again(self.request.endpoint)
    }

    /// What it would do, in a sentence: `entity.create of user makes one more record`.
    pub fn describe(&self) -> String {
        let endpoint = self.request.endpoint;
        let of = match self.request.args.get("type_name") {
            Some(name) => format!(" of {name}"),
            None => String::new(),
        };
        let does = match self.again() {
            Again::Reads => "changes nothing",
            Again::Changes => "changes what is stored",
            Again::Creates => match endpoint {
                Endpoint::EntityCreate => "makes one more record",
                Endpoint::EntityBulkCreate => "makes all these records once more",
                _ => "makes one more",
            },
            Again::Destroys => "removes for good",
        };
        format!("{endpoint}{of} {does}")
    }
}

impl Missing {
    /// For people: `attributes, which is masked at password`.
    pub fn describe(&self) -> String {
        let name = &self.name;
        match &self.why {
            Why::Masked => format!("{name}, which is masked"),
            Why::MaskedAt(places) if places.is_empty() => {
                format!("{name}, which is masked in part")
            }
            Why::MaskedAt(places) => format!("{name}, which is masked at {}", places.join(", ")),
            Why::Cut(bytes) => format!("{name}, of whose {bytes} bytes only the first were kept"),
        }
    }
}

/// What sending a call of this operation again does.
pub fn again(endpoint: Endpoint) -> Again {
    match (endpoint, endpoint.spec().effect) {
        (_, Effect::Read) => Again::Reads,
        (_, Effect::Destroy) => Again::Destroys,
        (
            Endpoint::EntityCreate
            | Endpoint::EntityBulkCreate
            | Endpoint::TypeCreate
            | Endpoint::ClientsAdd,
            Effect::Write,
        ) => Again::Creates,
        (_, Effect::Write) => Again::Changes,
    }
}

/// What stands behind a text of which only the beginning is kept; `bytes` is the length of the whole.
pub fn cut_mark(bytes: usize) -> String {
    format!("… (cut: {bytes} bytes)")
}

/// How long a text was that ends with [`cut_mark`].
fn cut_from(text: &str) -> Option<u64> {
    let (kept, rest) = text.rsplit_once("… (cut: ")?;
    let bytes: u64 = rest.strip_suffix(" bytes)")?.parse().ok()?;
    // Nothing is cut that is not longer.
    (bytes > kept.len() as u64).then_some(bytes)
}

/// Why this value of an argument cannot be sent as it is.
fn why(value: &str) -> Option<Why> {
    if let Some(bytes) = cut_from(value) {
        return Some(Why::Cut(bytes));
    }
    if value == MASK {
        return Some(Why::Masked);
    }
    if !value.contains(MASK) {
        return None;
    }
    let mut places = Vec::new();
    if let Ok(json) = Json::parse(value) {
        masked_places(&json, "", &mut places);
    }
    if places.len() > NAMED {
        places.truncate(NAMED);
        places.push("…".to_owned());
    }
    Some(Why::MaskedAt(places))
}

/// Recursion is bounded by the reader's limit.
fn masked_places(json: &Json, path: &str, places: &mut Vec<String>) {
    if places.len() > NAMED {
        return;
    }
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                let dot = if path.is_empty() { "" } else { "." };
                masked_places(value, &format!("{path}{dot}{name}"), places);
            }
        }
        Json::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                masked_places(item, &format!("{path}[{place}]"), places);
            }
        }
        Json::String(text) if text.contains(MASK) => places.push(path.to_owned()),
        Json::String(_) | Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// The names in what is given whose values must not be kept: those that were masked before, and new ones.
fn hidden_names(kept: &ApiRequest, given: &[(String, String)]) -> Vec<String> {
    let request = ApiRequest {
        args: Args(given.to_vec()),
        ..ApiRequest::new(kept.endpoint)
    };
    let shown = redact::args(kept);
    let is_open = |name: &String| {
        let hiding = kept.clone().hiding([name.clone()]);
        redact::args(&hiding) != shown
    };
    let mut names = redact::names_written(&request);
    // Of another attribute or type nothing was ever in the open.
    let is_about_other = |name: &&str| {
        let told = request.args.get(name);
        told.is_some() && told != kept.args.get(name)
    };
    if !["attribute_name", "type_name"].iter().any(is_about_other) {
        // The name of an argument stands for a value that tells no names.
        names.retain(|name| redact::carries_values(name) || !is_open(name));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(endpoint: Endpoint, args: &[(&str, &str)]) -> ApiRequest {
        ApiRequest {
            args: Args::from_pairs(args.iter().copied()),
            ..ApiRequest::new(endpoint)
        }
    }

    #[test]
    fn what_is_given_anew_is_hidden_even_where_it_names_nothing() {
        let open = request(
            Endpoint::EntityUpdate,
            &[
                ("type_name", "user"),
                ("id", "1"),
                ("attributes", r#"{"nick":"x"}"#),
            ],
        );
        let value = request(
            Endpoint::EntityUpdate,
            &[
                ("type_name", "user"),
                ("attribute_name", "nick"),
                ("value", r#""x""#),
            ],
        );
        for (kept, given) in [
            (
                &open,
                &[("attributes", r#"{"nick":"y","pin":"hunter2",}"#)][..],
            ),
            (
                &value,
                &[("attribute_name", "pin"), ("value", r#""hunter2""#)],
            ),
            (&value, &[("value", r#""hunter2""#)]),
        ] {
            let given = given
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let again = Replay::new(kept.clone()).with(given.collect());
            let shown = redact::args(&again.request).to_form();
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }

    fn create(attributes: &str) -> Replay {
        let args = [("type_name", "user"), ("attributes", attributes)];
        Replay::new(request(Endpoint::EntityCreate, &args))
    }

    fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
        Args::from_pairs(given.iter().copied()).0
    }

    #[test]
    fn what_is_not_known_is_named() {
        let long = format!("abc{}", cut_mark(4000));
        let filter = format!("password = '{MASK}'");
        let nested = format!(r#"{{"a":1,"password":"{MASK}","list":[{{"pin":"{MASK}"}}]}}"#);
        let many = format!("[{}]", vec![format!("\"{MASK}\""); 9].join(","));
        for (value, told) in [
            ("plain", None),
            ("", None),
            ("• one dot", None),
            ("(cut: 5 bytes)", None),
            ("longer than this… (cut: 5 bytes)", None),
            (MASK, Some("x, which is masked")),
            (&filter, Some("x, which is masked in part")),
            (&nested, Some("x, which is masked at password, list[0].pin")),
            (
                &many,
                Some("x, which is masked at [0], [1], [2], [3], [4], …"),
            ),
            (
                &long,
                Some("x, of whose 4000 bytes only the first were kept"),
            ),
        ] {
            let replay = Replay::new(request(Endpoint::EntityFind, &[("x", value)]));
            let missing = replay.missing.iter().map(Missing::describe).next();
            assert_eq!(missing.as_deref(), told, "{value}");
        }
    }

    #[test]
    fn what_is_given_takes_the_place() {
        let kept = Replay::new(request(
            Endpoint::EntityUpdate,
            &[("uuid", "u"), ("value", MASK), ("uuid", "w")],
        ));
        assert_eq!(kept.missing.len(), 1);
        let whole = kept.with(pairs(&[("value", "1"), ("uuid", "v"), ("new", "n")]));
        assert_eq!(whole.missing, []);
        let args: Vec<(&str, &str)> = whole.request.args.iter().collect();
        assert_eq!(args, [("uuid", "v"), ("value", "1"), ("new", "n")]);
    }

    #[test]
    fn what_was_hidden_stays_hidden() {
        let kept = create(&format!(r#"{{"email":"a@b.c","pin":"{MASK}"}}"#));
        let given = r#"{"email":"a@b.c","pin":"1234","other":"x"}"#;
        let replay = kept.with(pairs(&[("attributes", given)]));
        assert_eq!(replay.missing, []);
        assert_eq!(replay.request.args.get("attributes"), Some(given));
        let shown = redact::args(&replay.request);
        let shown = shown.get("attributes").expect("is there");
        assert_eq!(
            shown,
            format!(r#"{{"email":"a@b.c","pin":"{MASK}","other":"{MASK}"}}"#)
        );
    }

    #[test]
    fn operations_say_what_they_do_again() {
        for (endpoint, expected) in [
            (Endpoint::EntityFind, Again::Reads),
            (Endpoint::EntityUpdate, Again::Changes),
            (Endpoint::EntityCreate, Again::Creates),
            (Endpoint::EntityBulkCreate, Again::Creates),
            (Endpoint::ClientsAdd, Again::Creates),
            (Endpoint::EntityDelete, Again::Destroys),
            (Endpoint::TypeRemoveAttribute, Again::Destroys),
            (Endpoint::AccessToken, Again::Changes),
        ] {
            assert_eq!(again(endpoint), expected, "{endpoint}");
        }
        assert_eq!(
            create("{}").describe(),
            "entity.create of user makes one more record"
        );
    }
}
