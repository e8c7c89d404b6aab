//! What leaves the machine: secrets masked always, personal data by its schema, by its name and by its value.
//!
//! A [`Veil`] masks everything of some exchanges that are handed over together. It goes over them twice: first it learns
//! what is secret or personal, then it masks that wherever it stands again, in whatever encoding: a password that an error
//! repeats, an e-mail address in a URL. Each personal value gets a name of its own (`‹email 1›`), the same everywhere, so
//! that a ticket can still be read. Ids and uuids stay: support needs them. Used by the hand-over; the history and the
//! screen mask with [`crate::capture::redact`] alone.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::capture::attr_type::AttrType;
use crate::capture::endpoint::ENDPOINTS;
use crate::capture::error::CATALOGUE;
use crate::capture::filter;
use crate::capture::json::Json;
use crate::capture::json::Number;
use crate::capture::json::object::Object;
use crate::capture::redact::NAMED;
use crate::capture::redact::NAMING;
use crate::capture::redact::Names;
use crate::capture::redact::WRITTEN;
use crate::capture::redact::broken;
use crate::capture::redact::find::Finder;
use crate::capture::redact::find::Found;
use crate::capture::redact::find::Value;
use crate::capture::redact::layers::layers;
use crate::capture::redact::personal;
use crate::capture::redact::personal::Defined;
use crate::capture::redact::personal::Kind;
use crate::capture::request::ApiRequest;
use crate::capture::request::Args;
use crate::capture::schema::EntityType;
use crate::capture::secret::MASK;

/// Whether personal data is masked. Secrets are in either case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// It is masked.
    #[default]
    Masked,
    /// It stays, because a person said so.
    Unmasked,
}

/// What stands in place of personal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// A name of its own for each: `‹email 1›`.
    Names,
    /// The value's shape: what checks it, and what is as wide as it, stay the same.
    Shapes,
}

/// What stands in place of a text in base64 that holds something personal.
const ENCODED: &str = "‹encoded›";

/// What stands in place of the id of the client that calls.
pub const CLIENT: &str = "‹client›";

/// Arguments that say what a call is about, never who.
const PLAIN_ARGS: [&str; 6] = [
    "type_name",
    "attribute_name",
    "key_attribute",
    "sort_on",
    "password_attribute",
    "client_id",
];

/// Headers whose values open doors.
const SECRET_HEADERS: [&str; 7] = [
    "cookie", "token", "secret", "password", "api-key", "apikey", "session",
];

/// Headers that tell where somebody sits.
const PLACE_HEADERS: [&str; 4] = [
    "x-forwarded-for",
    "x-real-ip",
    "forwarded",
    "true-client-ip",
];

/// Texts within texts are read as JSON so often.
const MOST_NESTED: usize = 4;

/// How many values are looked for wherever they stand: those of a page of records, and then some.
const MOST_VALUES: usize = 50_000;

/// Words of the protocol: a name that is one of them is masked in its place, not wherever the word stands.
const WORDS: [&str; 22] = [
    "true",
    "false",
    "null",
    "stat",
    "error",
    "code",
    "result",
    "results",
    "type",
    "name",
    "value",
    "user",
    "get",
    "post",
    "http",
    "https",
    "application",
    "json",
    "utf-8",
    "localhost",
    "basic",
    "captui",
];

/// Masks what leaves.
#[derive(Debug)]
pub struct Veil {
    sharing: Sharing,
    stand: Stand,
    defined: Defined,
    /// Words that are never looked for.
    plain: HashSet<String>,
    /// What stands in place of a personal value, by the value in lower case.
    aliases: HashMap<String, String>,
    counts: HashMap<Kind, usize>,
    /// What is looked for, each with what stands in its place.
    values: Vec<(Value, String)>,
    known: HashSet<String>,
    finder: Finder,
    /// Whether something was learnt that is not looked for yet.
    is_open: bool,
}

/// What is to be hidden of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hidden {
    Secret,
    Personal(Kind),
}

/// What decides the meaning of names in one call.
#[derive(Clone, Debug)]
pub struct Context {
    secret_names: Vec<String>,
    /// Whether it is about records rather than about schemas, clients and settings, where a `name` is no person's.
    pub of_records: bool,
}

impl Veil {
    /// Masks so much; these are the schemas at hand.
    pub fn new<'a>(sharing: Sharing, schemas: impl IntoIterator<Item = &'a EntityType>) -> Self {
        let mut plain: HashSet<String> = WORDS.map(str::to_owned).into();
        for spec in ENDPOINTS {
            plain.extend(spec.path.split(['/', '.']).map(str::to_lowercase));
            plain.extend(spec.params.iter().map(|param| param.name.to_owned()));
        }
        plain.extend(
            CATALOGUE
                .iter()
                .filter_map(|row| row.name)
                .map(str::to_owned),
        );
        let mut veil = Self {
            finder: Finder::new(&[], sharing == Sharing::Masked),
            sharing,
            stand: Stand::Names,
            defined: Defined::default(),
            plain,
            aliases: HashMap::new(),
            counts: HashMap::new(),
            values: Vec::new(),
            known: HashSet::new(),
            is_open: false,
        };
        for schema in schemas {
            veil.know(schema);
        }
        veil
    }

    /// A veil that puts the shape of a personal value in its place, for what is played again: `‹email 1›` is no address.
    pub fn in_shapes() -> Self {
        Self {
            stand: Stand::Shapes,
            ..Self::new(Sharing::Masked, [])
        }
    }

    /// Takes over what an entity type tells of its values.
    pub fn know(&mut self, schema: &EntityType) {
        self.defined.learn(schema);
        self.plain.insert(schema.name.to_lowercase());
        let names = schema.walk();
        let names = names.iter().map(|(_, def)| def.name.to_lowercase());
        self.plain.extend(names);
    }

    /// Whether something was learnt since the last sealing.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Looks from now on for all that was learnt so far.
    pub fn seal(&mut self) {
        self.is_open = false;
        let values: Vec<Value> = self.values.iter().map(|(value, _)| value.clone()).collect();
        self.finder = Finder::new(&values, self.sharing == Sharing::Masked);
    }

    /// Whether anything personal was met.
    pub fn met_personal_data(&self) -> bool {
        !self.aliases.is_empty()
    }

    /// How much is masked.
    pub fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// What decides the meaning of names in this call.
    pub fn context(&self, request: &ApiRequest) -> Context {
        let name = request.endpoint.name();
        let others = ["entityType", "clients", "settings", "versions/entityType"];
        let mut secret_names = request.secret_names.clone();
        secret_names.extend(self.defined.passwords.iter().cloned());
        Context {
            secret_names,
            of_records: !others.iter().any(|beginning| name.starts_with(beginning)),
        }
    }

    /// What decides the meaning of names where the call is not known.
    pub fn any_context(&self) -> Context {
        Context {
            secret_names: self.defined.passwords.clone(),
            of_records: true,
        }
    }

    /// The arguments of a call.
    pub fn args(&mut self, args: &Args, context: &Context) -> Args {
        let about = self.about(args, context);
        let calls_as = args.get("client_secret").is_some();
        let pairs: Vec<(String, String)> = args
            .iter()
            .map(|(name, value)| {
                let shown = match name {
                    "client_id" if calls_as => CLIENT.to_owned(),
                    name => self.arg(name, value, about, context),
                };
                (name.to_owned(), shown)
            })
            .collect();
        Args(pairs)
    }

    /// What the attribute is that a call is about, if it is about one.
    fn about(&self, args: &Args, context: &Context) -> Option<Hidden> {
        if Names::new(&context.secret_names).are_meant(args) {
            return Some(Hidden::Secret);
        }
        let mut named = NAMING.iter().filter_map(|naming| args.get(naming));
        named.find_map(|path| self.path_kind(path).map(Hidden::Personal))
    }

    /// The kind of what a path leads to.
    fn path_kind(&self, path: &str) -> Option<Kind> {
        let names = path
            .split(['/', '.'])
            .map(|name| name.split(['#', '[']).next().unwrap_or(name));
        let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        if names.last().is_some_and(|last| personal::is_kept(last)) {
            return None;
        }
        names.iter().rev().find_map(|name| self.kind(name))
    }

    /// The kind of the values under a name, where personal data is masked at all.
    fn kind(&self, name: &str) -> Option<Kind> {
        (self.sharing == Sharing::Masked)
            .then(|| self.defined.kind(name))
            .flatten()
    }

    fn arg(&mut self, name: &str, value: &str, about: Option<Hidden>, context: &Context) -> String {
        let names = Names::new(&context.secret_names);
        if name == "code" || names.has_argument(name) {
            return self.hide(Hidden::Secret, value);
        }
        if PLAIN_ARGS.contains(&name) {
            return value.to_owned();
        }
        if name == "filter" {
            return self.filter(value, context);
        }
        let about = about.filter(|_| NAMED.contains(&name));
        let own = (name != "name")
            .then(|| self.kind(name).map(Hidden::Personal))
            .flatten();
        match (about.or(own), Json::parse(value)) {
            (Some(Hidden::Secret), Ok(mut json)) => {
                self.hide_all(Hidden::Secret, &mut json);
                MASK.to_owned()
            }
            (hidden, Ok(mut json @ (Json::Object(_) | Json::Array(_) | Json::String(_)))) => {
                let kind = match hidden {
                    Some(Hidden::Personal(kind)) => Some(kind),
                    Some(Hidden::Secret) | None => None,
                };
                if self.walk(&mut json, kind, context, 0) {
                    json.to_string()
                } else {
                    value.to_owned()
                }
            }
            (Some(hidden), _) => self.hide(hidden, value),
            (None, Err(_))
                if WRITTEN.contains(&name) || value.trim_start().starts_with(['{', '[']) =>
            {
                self.broken(value, context)
            }
            (None, _) => self.text(value, context),
        }
    }

    /// A filter: values that are compared with something personal, and the rest as a text.
    fn filter(&mut self, text: &str, context: &Context) -> String {
        let (sharing, defined) = (self.sharing, self.defined.clone());
        let meant = |path: &str| {
            if Names::new(&context.secret_names).has_argument(path) {
                return Some(Hidden::Secret);
            }
            let mut names = path.rsplit(['/', '.']);
            let kind =
                (sharing == Sharing::Masked).then(|| names.find_map(|name| defined.kind(name)));
            kind.flatten().map(Hidden::Personal)
        };
        let replaced =
            filter::secrets::replaced(text, meant, |hidden, value| self.hide(hidden, value));
        self.text(&replaced, context)
    }

    /// A form body, or a query. One in which nothing is masked is kept byte for byte.
    pub fn form(&mut self, form: &str, context: &Context) -> String {
        let before = Args::from_form(form.as_bytes());
        let after = self.args(&before, context);
        if after == before {
            form.to_owned()
        } else {
            after.to_form()
        }
    }

    /// A URL.
    pub fn url(&mut self, url: &str, context: &Context) -> String {
        let (rest, fragment) = url
            .split_once('#')
            .map_or((url, None), |(rest, f)| (rest, Some(f)));
        let (path, query) = rest
            .split_once('?')
            .map_or((rest, None), |(path, q)| (path, Some(q)));
        let mut out = self.text(&without_user(path), context);
        if let Some(query) = query {
            out.push('?');
            out.push_str(&self.form(query, context));
        }
        if let Some(fragment) = fragment {
            out.push('#');
            out.push_str(&self.form(fragment, context));
        }
        out
    }

    /// Headers of a request or of an answer.
    pub fn headers(
        &mut self,
        headers: &[(String, String)],
        context: &Context,
    ) -> Vec<(String, String)> {
        let pairs = headers
            .iter()
            .map(|(name, value)| (name.clone(), self.header(name, value, context)));
        pairs.collect()
    }

    fn header(&mut self, name: &str, value: &str, context: &Context) -> String {
        let name = name.to_ascii_lowercase();
        if name.ends_with("authorization") {
            return match value.split_once(' ') {
                Some((scheme, _)) if scheme.eq_ignore_ascii_case("signature") => {
                    format!("{scheme} {CLIENT}:{MASK}")
                }
                Some((scheme, token)) => {
                    self.learn_secret(token);
                    format!("{scheme} {MASK}")
                }
                None => MASK.to_owned(),
            };
        }
        if SECRET_HEADERS.iter().any(|word| name.contains(word)) {
            return self.hide(Hidden::Secret, value);
        }
        if self.sharing == Sharing::Masked && PLACE_HEADERS.contains(&name.as_str()) {
            return self.hide(Hidden::Personal(Kind::Network), value);
        }
        if name == "location" || name == "referer" {
            return self.url(value, context);
        }
        self.text(value, context)
    }

    /// The body of an answer to a call with these arguments. One in which nothing is masked is kept byte for byte; what is
    /// not UTF-8 becomes it when something is.
    pub fn body(&mut self, body: &[u8], args: &Args, context: &Context) -> Vec<u8> {
        let text = String::from_utf8_lossy(body);
        let trimmed = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let masked = if let Ok(mut json) = Json::parse(trimmed) {
            let about = self.about(args, context);
            let mut changed = self.walk(&mut json, None, context, 0);
            let result = json
                .as_object_mut()
                .and_then(|answer| answer.get_mut("result"));
            if let (Some(hidden), Some(result)) = (about, result) {
                changed |= self.hide_all(hidden, result);
            }
            changed.then(|| json.to_string())
        } else {
            let masked = self.broken(&text, context);
            (masked != text).then_some(masked)
        };
        masked.map_or_else(|| body.to_vec(), String::into_bytes)
    }

    /// A value; says whether anything in it was masked.
    pub fn json(&mut self, json: &mut Json, context: &Context) -> bool {
        self.walk(json, None, context, 0)
    }

    /// Recursion is bounded by the reader's limit, and by [`MOST_NESTED`] for texts within texts.
    fn walk(
        &mut self,
        json: &mut Json,
        inside: Option<Kind>,
        context: &Context,
        nested: usize,
    ) -> bool {
        match json {
            Json::Object(members) => self.walk_members(members, inside, context, nested),
            Json::Array(items) => {
                let mut changed = false;
                for item in items {
                    changed |= self.walk(item, inside, context, nested);
                }
                changed
            }
            Json::String(text) => {
                let shown = match inside {
                    Some(kind) => self.hide(Hidden::Personal(kind), text),
                    None => self.nested_text(text, context, nested),
                };
                let changed = shown != *text;
                *text = shown;
                changed
            }
            Json::Number(number) => {
                let shown = match inside {
                    Some(kind) => self.hide(Hidden::Personal(kind), number.as_str()),
                    None => self.text(number.as_str(), context),
                };
                let changed = shown != number.as_str();
                if changed {
                    *json = as_number(shown);
                }
                changed
            }
            Json::Null | Json::Bool(_) => false,
        }
    }

    fn walk_members(
        &mut self,
        members: &mut Object,
        inside: Option<Kind>,
        context: &Context,
        nested: usize,
    ) -> bool {
        let is_password = members
            .get("type")
            .and_then(Json::as_str)
            .is_some_and(|name| name.starts_with("password"));
        // A definition's name is an attribute's.
        let is_definition = members.contains_key("attr_defs")
            || members
                .get("type")
                .and_then(Json::as_str)
                .is_some_and(|name| !matches!(AttrType::from_name(name), AttrType::Unknown(_)));
        let names_thing = !context.of_records || is_definition;
        let names = Names::new(&context.secret_names);
        let mut changed = false;
        for (name, value) in members.iter_mut() {
            if names.has_argument(name) || (is_password && name == "value") {
                changed |= self.hide_all(Hidden::Secret, value);
                continue;
            }
            let own = if name == "name" && names_thing {
                None
            } else {
                self.kind(name)
            };
            let kind = own.or(inside.filter(|_| !personal::is_kept(name)));
            changed |= self.walk(value, kind, context, nested);
        }
        changed | self.mask_keys(members, context)
    }

    /// Keys are masked too where people use values as keys.
    fn mask_keys(&mut self, members: &mut Object, context: &Context) -> bool {
        let odd = |name: &str| name.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        if !members.keys().any(|name| odd(name)) {
            return false;
        }
        let shown: Vec<String> = members
            .keys()
            .map(|name| self.text(name, context))
            .collect();
        let changed = members.keys().ne(shown.iter());
        if changed {
            let values = std::mem::take(members).into_iter().map(|(_, value)| value);
            *members = shown.into_iter().zip(values).collect();
        }
        changed
    }

    /// A text in a value: as JSON, if it is some.
    fn nested_text(&mut self, text: &str, context: &Context, nested: usize) -> String {
        if nested < MOST_NESTED
            && text.trim_start().starts_with(['{', '['])
            && let Ok(mut json) = Json::parse(text)
        {
            let changed = self.walk(&mut json, None, context, nested + 1);
            return if changed {
                json.to_string()
            } else {
                text.to_owned()
            };
        }
        self.text(text, context)
    }

    /// A text that was meant to be JSON, or anything.
    fn broken(&mut self, text: &str, context: &Context) -> String {
        let (sharing, defined) = (self.sharing, self.defined.clone());
        let shows_password = text.contains("password-");
        let meant = |name: &str| {
            if Names::new(&context.secret_names).has_argument(name)
                || (shows_password && name == "value")
            {
                return Some(Hidden::Secret);
            }
            let kind = (sharing == Sharing::Masked)
                .then(|| defined.kind(name))
                .flatten();
            kind.map(Hidden::Personal)
        };
        let replaced = broken::replaced(text, meant, |hidden, value| {
            let shown = self.hide(hidden, value.trim_matches(['"', '\'', '\\']));
            format!("\"{shown}\"")
        });
        self.text(&replaced, context)
    }

    /// A text for people: what is known, and what looks personal.
    pub fn text(&mut self, text: &str, context: &Context) -> String {
        let names = Names::new(&context.secret_names);
        let is_named = |name: &str| names.has_argument(name) || self.kind(name).is_some();
        let found = self.finder.find(text, &is_named);
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (place, what) in found {
            out.push_str(text.get(at..place.start).unwrap_or_default());
            let shown = match what {
                Found::Known(value) => self
                    .values
                    .get(value)
                    .map_or_else(|| MASK.to_owned(), |(_, shown)| shown.clone()),
                Found::Email(text) => self.hide(Hidden::Personal(Kind::Email), &text),
                Found::Phone(text) => self.hide(Hidden::Personal(Kind::Phone), &text),
                Found::Credentials => MASK.to_owned(),
                Found::Encoded => ENCODED.to_owned(),
                Found::Named(name, value) => {
                    let personal = self.kind(&name).filter(|_| !names.has_argument(&name));
                    let hidden = personal.map_or(Hidden::Secret, Hidden::Personal);
                    self.hide(hidden, &read(&value))
                }
            };
            out.push_str(&shown);
            at = place.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }

    /// Hides every text and number in `json`, except the types of passwords and what is kept of personal data.
    fn hide_all(&mut self, hidden: Hidden, json: &mut Json) -> bool {
        match json {
            Json::String(_) | Json::Number(_) => {
                let text = json
                    .as_str()
                    .map_or_else(|| json.to_string(), str::to_owned);
                let shown = self.hide(hidden, &text);
                let changed = shown != text;
                if changed {
                    let is_number = matches!(json, Json::Number(_));
                    *json = if is_number {
                        as_number(shown)
                    } else {
                        Json::String(shown)
                    };
                }
                changed
            }
            Json::Array(items) => items
                .iter_mut()
                .fold(false, |changed, item| self.hide_all(hidden, item) | changed),
            Json::Object(members) => members
                .iter_mut()
                .filter(|(name, _)| match hidden {
                    Hidden::Secret => *name != "type",
                    Hidden::Personal(_) => !personal::is_kept(name),
                })
                .fold(false, |changed, (_, value)| {
                    self.hide_all(hidden, value) | changed
                }),
            Json::Null | Json::Bool(_) => false,
        }
    }

    /// What stands in place of a value, which is looked for from the next sealing on.
    fn hide(&mut self, hidden: Hidden, value: &str) -> String {
        if value.is_empty() || is_hidden(value) {
            return value.to_owned();
        }
        match hidden {
            Hidden::Secret => {
                self.learn_secret(value);
                MASK.to_owned()
            }
            Hidden::Personal(kind) => self.alias(kind, value),
        }
    }

    fn learn_secret(&mut self, value: &str) {
        let value = value.trim().trim_matches('"');
        if value.chars().count() >= 4 && !is_hidden(value) {
            self.learn(value, value.len() < 6, MASK.to_owned());
        }
    }

    /// What stands in place of a personal value.
    fn alias(&mut self, kind: Kind, value: &str) -> String {
        if self.stand == Stand::Shapes {
            let shown = personal::shape(value);
            self.learn_personal(kind, value, &personal::shape(value.trim()));
            return shown;
        }
        let key = value.trim().to_lowercase();
        if let Some(alias) = self.aliases.get(&key) {
            return alias.clone();
        }
        let kind = if key.contains('@') { Kind::Email } else { kind };
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let alias = format!("‹{} {count}›", kind.word());
        self.aliases.insert(key, alias.clone());
        self.learn_personal(kind, value, &alias);
        alias
    }

    fn learn_personal(&mut self, kind: Kind, value: &str, shown: &str) {
        let value = value.trim();
        if value != shown && self.values.len() < MOST_VALUES && is_worth_looking_for(kind, value) {
            let whole_word = !matches!(kind, Kind::Email | Kind::Phone);
            self.learn(value, whole_word, shown.to_owned());
        }
    }

    fn learn(&mut self, value: &str, whole_word: bool, shown: String) {
        let key = value.to_lowercase();
        if !self.plain.contains(&key) && self.known.insert(key) {
            let value = Value {
                text: value.to_owned(),
                whole_word,
            };
            self.values.push((value, shown));
            self.is_open = true;
        }
    }
}

/// What stands in place of a number: a number, if it reads as one.
fn as_number(shown: String) -> Json {
    Number::parse(&shown).map_or(Json::String(shown), Json::Number)
}

/// Whether a personal value says enough to be masked wherever it stands: short ones and small numbers would mask
/// everything.
fn is_worth_looking_for(kind: Kind, value: &str) -> bool {
    let length = value.chars().count();
    let is_number = value
        .chars()
        .all(|c| c.is_ascii_digit() || c == '.' || c == '-');
    let least = match kind {
        Kind::Trait => 12,
        _ if is_number => 6,
        _ => 3,
    };
    length >= least
}

fn is_hidden(value: &str) -> bool {
    value == MASK || (value.starts_with('‹') && value.ends_with('›'))
}

/// A value as it reads when all escapes are undone.
fn read(value: &str) -> String {
    let layers = layers(value);
    let last = layers
        .last()
        .map_or_else(|| value.as_bytes(), |layer| &layer.bytes);
    String::from_utf8_lossy(last).replace('+', " ")
}

/// A URL's beginning without a user's name and password.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("//") else {
        return url.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}//{MASK}@{host}{path}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::endpoint::Endpoint;

    fn create(attributes: &str) -> ApiRequest {
        ApiRequest::new(Endpoint::EntityCreate)
            .with("type_name", "user")
            .with("attributes", attributes)
    }

    /// What becomes of the arguments and the answer of a call.
    fn shared(request: &ApiRequest, body: &str, sharing: Sharing) -> (Args, String) {
        let mut veil = Veil::new(sharing, []);
        let context = veil.context(request);
        veil.args(&request.args, &context);
        veil.body(body.as_bytes(), &request.args, &context);
        veil.seal();
        let args = veil.args(&request.args, &context);
        let body = veil.body(body.as_bytes(), &request.args, &context);
        (args, String::from_utf8(body).expect("is text"))
    }

    #[test]
    fn what_is_masked_in_one_place_is_masked_in_all_and_under_one_name() {
        let request = create(
            r#"{"email":"ada@example.com","givenName":"Ada","password":"hunter2","status":"new"}"#,
        );
        let body = r#"{"stat":"error","code":361,"error_description":"Ada <ADA@example.com> with hunter2 exists","uuid":"02b0c68d"}"#;
        let (args, answer) = shared(&request, body, Sharing::Masked);
        assert_eq!(
            args.get("attributes"),
            Some(
                r#"{"email":"‹email 1›","givenName":"‹name 1›","password":"••••••••","status":"new"}"#
            )
        );
        assert_eq!(args.get("type_name"), Some("user"));
        assert_eq!(
            answer,
            r#"{"stat":"error","code":361,"error_description":"‹name 1› <‹email 1›> with •••••••• exists","uuid":"02b0c68d"}"#
        );
        let (args, answer) = shared(&request, body, Sharing::Unmasked);
        assert_eq!(
            args.get("attributes")
                .map(|text| text.contains("ada@example.com")),
            Some(true)
        );
        assert!(
            answer.contains("Ada <ADA@example.com> with •••••••• exists"),
            "{answer}"
        );
    }

    #[test]
    fn names_decide_inside_objects_and_ids_stay() {
        let body = r#"{"stat":"ok","result":{"id":7,"uuid":"u-1","primaryAddress":{"city":"Ulm","country":"DE","zip":"89073"},"phones":[{"id":1,"type":"home","value":"0731 12345"}],"displayName":"user","created":"2026-03-01 12:00:00 +0000","attr_defs":[{"name":"email","type":"string"}],"who":{"type":"friend","name":"Bea"}}}"#;
        let (_, answer) = shared(&create("{}"), body, Sharing::Masked);
        assert_eq!(
            answer,
            r#"{"stat":"ok","result":{"id":7,"uuid":"u-1","primaryAddress":{"city":"‹address 1›","country":"DE","zip":"‹address 2›"},"phones":[{"id":1,"type":"home","value":"‹phone 1›"}],"displayName":"‹name 1›","created":"2026-03-01 12:00:00 +0000","attr_defs":[{"name":"email","type":"string"}],"who":{"type":"friend","name":"‹name 2›"}}}"#
        );
        let plain = r#"{ "stat":"ok", "result_count" : 1.50 }"#;
        assert_eq!(shared(&create("{}"), plain, Sharing::Masked).1, plain);
    }

    #[test]
    fn calls_about_one_attribute_filters_and_broken_texts_are_masked() {
        for (pairs, name, shown) in [
            (
                &[("attribute_name", "/email"), ("value", r#""ada at home""#)][..],
                "value",
                r#""‹email 1›""#,
            ),
            (
                &[
                    ("attribute_name", "/emails#3/value"),
                    ("value", "ada at home"),
                ],
                "value",
                "‹email 1›",
            ),
            (
                &[("attribute_name", "/password"), ("value", r#""hunter2""#)],
                "value",
                "••••••••",
            ),
            (
                &[("key_attribute", "email"), ("key_value", r#""ada""#)],
                "key_value",
                r#""‹email 1›""#,
            ),
            (
                &[("filter", "givenName = 'Ada' and n = 'x'")],
                "filter",
                "givenName = '‹name 1›' and n = 'x'",
            ),
            (
                &[("filter", "password = 'hunter2'")],
                "filter",
                "password = '••••••••'",
            ),
            (
                &[("attributes", r#"{"givenName":"Ada","n":1,}"#)],
                "attributes",
                r#"{"givenName":"‹name 1›","n":1,}"#,
            ),
            (
                &[("redirect_uri", "https://h/?email=x%40y.z&n=1")],
                "redirect_uri",
                "https://h/?email=‹email 1›&n=1",
            ),
            (&[("code", "abcdef")], "code", "••••••••"),
            (
                &[("client_id", "c1"), ("client_secret", "hunter2")],
                "client_id",
                "‹client›",
            ),
        ] {
            let mut request = ApiRequest::new(Endpoint::EntityUpdate);
            request.args = Args::from_pairs(pairs.iter().copied());
            let (args, _) = shared(&request, "{}", Sharing::Masked);
            assert_eq!(args.get(name), Some(shown), "{pairs:?}");
        }
    }

    #[test]
    fn headers_and_urls_are_masked() {
        let mut veil = Veil::new(Sharing::Masked, []);
        let context = veil.any_context();
        for (name, value, shown) in [
            ("Authorization", "Basic YTpi", "Basic ••••••••"),
            (
                "Authorization",
                "Signature the-client:abc",
                "Signature ‹client›:••••••••",
            ),
            ("Set-Cookie", "sid=1", "••••••••"),
            ("X-Forwarded-For", "10.1.2.3", "‹ip 1›"),
            ("Content-Type", "application/json", "application/json"),
            (
                "Location",
                "https://h/x?access_token=abcdef#t",
                "https://h/x?access_token=%E2%80%A2%E2%80%A2%E2%80%A2%E2%80%A2%E2%80%A2%E2%80%A2%E2%80%A2%E2%80%A2#t",
            ),
        ] {
            assert_eq!(veil.header(name, value, &context), shown);
        }
        assert_eq!(
            veil.url("https://id:pw@h/entity", &context),
            "https://••••••••@h/entity"
        );
    }
}
