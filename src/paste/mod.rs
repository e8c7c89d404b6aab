//! What a pasted text is: a call, a record, a schema, an answer of the service, or just text.
//!
//! [`read`] looks at the text itself and never at what the user happens to be doing, and accounts for what it takes and
//! what it leaves. Used by the explorer's paste preview and by the commands. Deliberately absent: opening anything, the
//! clipboard, and repairing broken JSON, which is handed in as a function.

pub mod collection;
pub mod postman;

use std::ops::Range;

use crate::capture::attr_type::AttrType;
use crate::capture::endpoint::Endpoint;
use crate::capture::error::ApiError;
use crate::capture::json::Json;
use crate::capture::json::JsonError;
use crate::capture::json::object::Object;
use crate::capture::schema::AttrDef;
use crate::capture::schema::SchemaProblem;
use crate::capture::schema::read_attr_defs;
use crate::curl::account::Account;
use crate::curl::account::Fate;
use crate::curl::fragment;
use crate::curl::import::Import;
use crate::curl::import::import;

/// A pasted text, read.
#[derive(Clone, Debug)]
pub struct Pasted {
    /// What it is.
    pub what: What,
    /// What became of the parts of the text. Those of a call are in the call itself.
    pub accounts: Vec<Account>,
    /// Why it could not be read as it is: it was repaired.
    pub repaired: Option<JsonError>,
}

/// What a pasted text can be.
#[derive(Clone, Debug)]
pub enum What {
    /// A curl command, or one request of a Postman collection.
    Call(Box<Import>),
    /// The requests of a Postman collection, in order.
    Collection(Vec<Named>),
    /// One record: bare, or from an answer.
    Record(Json),
    /// Several records.
    Records(Vec<Json>),
    /// A schema, or attribute definitions without the name of a type.
    Schema {
        /// The entity type's name.
        name: Option<String>,
        /// The definitions that could be read.
        attr_defs: Vec<AttrDef>,
        /// What could not be.
        problems: Vec<SchemaProblem>,
    },
    /// An answer that says that a call failed.
    Error(ApiError),
    /// An answer that names a record without showing it, as the one of `entity.create`.
    Reference {
        /// The record's uuid.
        uuid: Option<String>,
        /// The record's number.
        id: Option<i64>,
    },
    /// A text with the id of a call in it, as tickets have them.
    RequestId(String),
    /// Something that begins like JSON and is not.
    BrokenJson(JsonError),
    /// None of these.
    Text,
}

/// A call with the name it has where it comes from.
#[derive(Clone, Debug)]
pub struct Named {
    /// Folders and name, with slashes between them.
    pub name: String,
    /// The call.
    pub call: Import,
}

/// Where a call can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// In the form of a record.
    Form,
    /// In the schema editor.
    SchemaEditor,
    /// In no form yet: it is kept as a call.
    Call,
}

/// A function that repairs broken JSON: the repaired text, or nothing.
pub type Repair<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Pasted {
    fn new(what: What, accounts: Vec<Account>) -> Self {
        Self {
            what,
            accounts,
            repaired: None,
        }
    }

    /// What became of every token.
    pub fn accounts(&self) -> &[Account] {
        match &self.what {
            What::Call(call) => &call.accounts,
            _ => &self.accounts,
        }
    }
}

/// Where a call of this operation is opened.
pub fn opens(endpoint: Endpoint) -> Opens {
    match endpoint {
        Endpoint::EntityCreate | Endpoint::EntityUpdate | Endpoint::EntityReplace => Opens::Form,
        Endpoint::TypeCreate
        | Endpoint::TypeAddAttribute
        | Endpoint::TypeRemoveAttribute
        | Endpoint::TypeSetAttributeConstraints
        | Endpoint::TypeSetAttributeDescription => Opens::SchemaEditor,
        _ => Opens::Call,
    }
}

/// Says what `text` is. JSON that is broken is offered to `repair`, and read again if that helps; what was changed is
/// for its author to show, that it was changed stands in the accounts.
pub fn read(text: &str, repair: Option<Repair<'_>>) -> Pasted {
    let body = bare(text);
    let inner = &text[body.clone()];
    let is_json = inner.starts_with(['{', '[']);
    if !is_json && let Some(call) = import(text) {
        return Pasted::new(What::Call(Box::new(call)), Vec::new());
    }
    if !is_json {
        return read_prose(text);
    }
    let mut accounts = around(text, &body);
    match Json::parse(inner) {
        Ok(json) => read_json(inner, body, json, accounts),
        Err(error) => {
            let error = in_paste(error, &text[..body.start]);
            if let Some(fixed) = repair.and_then(|repair| repair(inner))
                && let Ok(json) = Json::parse(&fixed)
            {
                let fate =
                    Fate::Translated("was broken JSON, and is read as it was repaired".into());
                accounts.push(Account::new(body.clone(), "JSON", fate));
                let mut pasted = read_json(&fixed, 0..fixed.len(), json, Vec::new());
                // Places in the repaired text say nothing about the pasted one.
                for account in &mut pasted.accounts {
                    account.range = body.clone();
                    account.more.clear();
                }
                accounts.append(&mut pasted.accounts);
                return Pasted {
                    repaired: Some(error),
                    ..Pasted::new(pasted.what, accounts)
                };
            }
            let fate = Fate::Refused(format!("begins like JSON: {error}"));
            accounts.push(Account::new(body, "JSON", fate));
            Pasted::new(What::BrokenJson(error), accounts)
        }
    }
}

/// The place of an error in the whole paste, when `before` stands before the JSON.
fn in_paste(mut error: JsonError, before: &str) -> JsonError {
    if error.line == 1 {
        error.column += before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    }
    error.line += before.matches('\n').count();
    error
}

/// Where the text proper stands: without white space, a byte order mark and a fence of Markdown around it.
fn bare(text: &str) -> Range<usize> {
    let blank = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}');
    let start = text.len() - text.trim_start_matches(blank).len();
    let inner = text[start..].trim_end_matches(blank);
    let whole = start..start + inner.len();
    let Some((first, rest)) = inner.split_once('\n') else {
        return whole;
    };
    let Some(content) = rest.trim_end().strip_suffix("```") else {
        return whole;
    };
    if !first.starts_with("```") {
        return whole;
    }
    let from = whole.start + first.len() + 1;
    let trimmed = content.trim_start_matches(blank);
    let from = from + content.len() - trimmed.len();
    from..from + trimmed.trim_end_matches(blank).len()
}

/// The accounts of what stands around `body`.
fn around(text: &str, body: &Range<usize>) -> Vec<Account> {
    let sides = [0..body.start, body.end..text.len()];
    let mut accounts = Vec::new();
    for side in sides {
        let part = &text[side.clone()];
        let start = side.end - part.trim_start().len();
        let range = start..start + text[start..side.end].trim_end().len();
        if !range.is_empty() {
            let fate = Fate::Ignored("stands around the JSON".into());
            let shown = fragment::masked(&text[range.clone()]);
            accounts.push(Account::new(range, &shown, fate));
        }
    }
    accounts
}

/// Reads what is neither a command nor JSON from its beginning on.
fn read_prose(text: &str) -> Pasted {
    // A line of a log with an answer in it.
    if let (Some(start), Some(end)) = (text.find('{'), text.rfind('}'))
        && start < end
        && let Ok(json) = Json::parse(&text[start..=end])
        && let Some(error) = ApiError::from_json(&json)
    {
        let body = start..end + 1;
        let mut accounts = around(text, &body);
        accounts.push(Account::new(body, &error.error, Fate::Imported));
        return Pasted::new(What::Error(error), accounts);
    }
    let all = Account::new(0..text.len(), &first_words(text), Fate::Imported);
    match request_id(text) {
        Some(range) => {
            let id = text[range.clone()].to_owned();
            let mut accounts = vec![Account::new(range.clone(), &id, Fate::Imported)];
            for side in [0..range.start, range.end..text.len()] {
                if !text[side.clone()].trim().is_empty() {
                    let shown = first_words(&text[side.clone()]);
                    let fate = Fate::Ignored("stands around the request id".into());
                    accounts.push(Account::new(side, &shown, fate));
                }
            }
            Pasted::new(What::RequestId(id), accounts)
        }
        None => Pasted::new(What::Text, vec![all]),
    }
}

fn first_words(text: &str) -> String {
    let masked = fragment::masked(text);
    let words: Vec<&str> = masked.split_whitespace().take(6).collect();
    words.join(" ")
}

/// The first word that looks like a request id: behind its name, or 16 small letters and digits of both kinds.
fn request_id(text: &str) -> Option<Range<usize>> {
    let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut named = false;
    let mut found = None;
    let mut at = 0;
    for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        let range = at..at + word.len();
        // Every separator but the last has its own length.
        at = range.end + text[range.end..].chars().next().map_or(0, char::len_utf8);
        let lower = word.to_ascii_lowercase();
        if matches!(lower.as_str(), "request_id" | "request_token" | "requestid") {
            named = true;
            continue;
        }
        let long_enough = word.len() == 16 && word.chars().all(is_id);
        let both = word.contains(|c: char| c.is_ascii_digit())
            && word.contains(|c: char| c.is_ascii_lowercase());
        if long_enough && named {
            return Some(range);
        }
        if long_enough && both && found.is_none() {
            found = Some(range);
        }
    }
    found
}

/// Says what a JSON text is. `at` is where it stands in the paste.
fn read_json(text: &str, at: Range<usize>, json: Json, mut accounts: Vec<Account>) -> Pasted {
    if postman::is_meant(&json) {
        let mut pasted = postman::read(text, at.start);
        pasted.accounts.splice(0..0, accounts);
        return pasted;
    }
    let mut told = |shown: &str, fate: Fate| accounts.push(Account::new(at.clone(), shown, fate));
    let what = if let Some(error) = ApiError::from_json(&json) {
        told(&error.error, Fate::Imported);
        What::Error(error)
    } else if let Some((name, attr_defs, problems)) = schema(&json) {
        told(name.as_deref().unwrap_or("attr_defs"), Fate::Imported);
        for problem in &problems {
            told("attr_defs", Fate::Refused(problem.to_string()));
        }
        What::Schema {
            name,
            attr_defs,
            problems,
        }
    } else if let Some(result) = json.get("result").or_else(|| json.get("results"))
        && json.get("stat").is_some()
    {
        told("result", Fate::Imported);
        told("stat", Fate::Ignored("says that the call succeeded".into()));
        records(result.clone(), &mut told)
    } else if json.get("stat").is_some() {
        told("uuid, id", Fate::Imported);
        What::Reference {
            uuid: json.get("uuid").and_then(Json::as_str).map(str::to_owned),
            id: json.get("id").and_then(Json::as_i64),
        }
    } else {
        records(json, &mut told)
    };
    Pasted::new(what, accounts)
}

/// One record or several; anything else is no more than text.
fn records(json: Json, told: &mut dyn FnMut(&str, Fate)) -> What {
    match json {
        Json::Object(ref members) => {
            told(
                &format!("a record with {} attributes", members.len()),
                Fate::Imported,
            );
            What::Record(json)
        }
        Json::Array(items)
            if !items.is_empty() && items.iter().all(|it| it.as_object().is_some()) =>
        {
            told(&format!("{} records", items.len()), Fate::Imported);
            What::Records(items)
        }
        other => {
            let why = format!(
                "a JSON {} is neither a record nor a list of records",
                other.kind()
            );
            told("JSON", Fate::Refused(why));
            What::Text
        }
    }
}

/// A schema as the service shows it, as a caller writes it, or its definitions alone.
fn schema(json: &Json) -> Option<(Option<String>, Vec<AttrDef>, Vec<SchemaProblem>)> {
    let inner = json.get("schema").unwrap_or(json);
    let attr_defs = match inner.get("attr_defs") {
        Some(attr_defs) => attr_defs,
        None if looks_like_definitions(json) => json,
        None => return None,
    };
    let name = inner.get("name").and_then(Json::as_str).map(str::to_owned);
    let (attr_defs, problems) = read_attr_defs(attr_defs);
    Some((name, attr_defs, problems))
}

/// The members that a definition can have.
const OF_DEFINITION: [&str; 8] = [
    "name",
    "type",
    "length",
    "case-sensitive",
    "description",
    "constraints",
    "features",
    "attr_defs",
];

/// Whether every element has a name and a type that the service knows. A record could have attributes of these names,
/// but hardly such values. A type that is misspelt is for its author to see where it stands: it passes beside a known
/// one, where nothing is said that a definition does not say.
fn looks_like_definitions(json: &Json) -> bool {
    let text = |item: &Json, name: &str| item.get(name)?.as_str().map(str::to_owned);
    let says_no_more = |item: &Json| {
        let mut keys = item.as_object().into_iter().flat_map(Object::keys);
        keys.all(|key| OF_DEFINITION.contains(&key.as_str()))
    };
    let is_definition = |item: &Json| {
        text(item, "name").is_some()
            && text(item, "type").is_some_and(|name| is_known(&name) || says_no_more(item))
    };
    json.as_array()
        .is_some_and(|items| items.iter().all(is_definition) && has_known_type(items))
}

fn is_known(type_name: &str) -> bool {
    !matches!(AttrType::from_name(type_name), AttrType::Unknown(_))
}

/// Recursion is bounded by the reader's limit.
fn has_known_type(items: &[Json]) -> bool {
    items.iter().any(|item| {
        let name = item.get("type").and_then(Json::as_str);
        let inner = item.get("attr_defs").and_then(Json::as_array);
        name.is_some_and(is_known) || inner.is_some_and(has_known_type)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::proptest;

    use super::*;

    fn kind(text: &str) -> String {
        match read(text, None).what {
            What::Call(call) => format!("call {:?}", call.operation),
            What::Collection(calls) => format!("collection of {}", calls.len()),
            What::Record(json) => format!("record {json}"),
            What::Records(items) => format!("{} records", items.len()),
            What::Schema {
                name,
                attr_defs,
                problems,
            } => {
                format!("schema {name:?} {} {}", attr_defs.len(), problems.len())
            }
            What::Error(error) => format!("error {} {:?}", error.code, error.request_id),
            What::Reference { uuid, id } => format!("reference {uuid:?} {id:?}"),
            What::RequestId(id) => format!("request {id}"),
            What::BrokenJson(error) => format!("broken at {}", error.line),
            What::Text => "text".to_owned(),
        }
    }

    #[test]
    fn a_paste_is_recognised() {
        for (text, expected) in [
            (
                "curl -d a=b https://h/entity.create",
                "call Known(EntityCreate)",
            ),
            ("{\"givenName\":\"Bob\"}", "record {\"givenName\":\"Bob\"}"),
            ("\u{feff} ```json\n{\"a\":1}\n```\n", "record {\"a\":1}"),
            (
                "{\"cmd\":\"curl -d a https://h/x\"}",
                "record {\"cmd\":\"curl -d a https://h/x\"}",
            ),
            ("[{\"a\":1},{\"a\":2}]", "2 records"),
            ("[{\"name\":\"a\",\"type\":\"string\"}]", "schema None 1 0"),
            ("[{\"name\":\"a\",\"type\":\"dog\"}]", "1 records"),
            (
                "[{\"name\":\"a\",\"type\":\"strng\"},{\"name\":\"b\",\"type\":\"string\"}]",
                "schema None 2 0",
            ),
            (
                "[{\"name\":\"a\",\"type\":\"plurl\",\"attr_defs\":[{\"name\":\"b\",\"type\":\"string\"}]}]",
                "schema None 1 0",
            ),
            (
                "[{\"name\":\"a\",\"type\":\"strng\",\"age\":7},{\"name\":\"b\",\"type\":\"string\"}]",
                "2 records",
            ),
            (
                "{\"attr_defs\":[{\"name\":\"a\",\"type\":\"string\"},{}]}",
                "schema None 1 1",
            ),
            (
                "{\"schema\":{\"name\":\"user2\",\"attr_defs\":[]},\"stat\":\"ok\"}",
                "schema Some(\"user2\") 0 0",
            ),
            (
                "{\"stat\":\"error\",\"code\":200,\"error\":\"invalid_argument\",\"request_id\":\"geup8cd3gvcvjjnc\"}",
                "error 200 Some(\"geup8cd3gvcvjjnc\")",
            ),
            (
                "12:03 ERROR answer={\"stat\":\"error\",\"code\":310,\"error\":\"x\"} after 3 s",
                "error 310 None",
            ),
            (
                "{\"result\":{\"id\":7},\"stat\":\"ok\"}",
                "record {\"id\":7}",
            ),
            ("{\"results\":[{\"id\":7}],\"stat\":\"ok\"}", "1 records"),
            ("{\"result\":\"x\",\"stat\":\"ok\"}", "text"),
            (
                "{\"id\":7,\"uuid\":\"u\",\"stat\":\"ok\"}",
                "reference Some(\"u\") Some(7)",
            ),
            (
                "Our call failed, request_id: geup8cd3gvcvjjnc, please help",
                "request geup8cd3gvcvjjnc",
            ),
            ("geup8cd3gvcvjjnc", "request geup8cd3gvcvjjnc"),
            (
                "see abcdefghijklmnop and geup8cd3gvcvjjnc",
                "request geup8cd3gvcvjjnc",
            ),
            ("\n{\n\"a\":", "broken at 3"),
            ("[]", "text"),
            ("[1]", "text"),
            ("hello", "text"),
            ("", "text"),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn a_command_without_its_first_line_shows_no_credentials() {
        for text in [
            "-H \"Authorization: Basic aW1fYV9pZDpzM2NyM3Q=\" --data-urlencode type_name=user",
            "  -u im_an_id:s3cr3t -d type_name=user",
            "-u im_an_id:s3cr3t -d 'attributes={\"a\":1}' {\"stat\":\"error\",\"code\":310,\"error\":\"x\"}",
        ] {
            for account in read(text, None).accounts() {
                let shown = format!("{} {}", account.text, account.fate.reason());
                assert!(
                    !shown.contains("s3cr3t") && !shown.contains("aW1f"),
                    "{shown}"
                );
            }
        }
    }

    #[test]
    fn broken_json_is_offered_for_repair() {
        let repair = |text: &str| Some(text.replace(",}", "}"));
        let pasted = read(" {\"a\":1,} ", Some(&repair));
        assert!(matches!(pasted.what, What::Record(_)));
        let words: Vec<&str> = pasted.accounts().iter().map(|it| it.fate.word()).collect();
        assert_eq!(words, ["translated", "imported"]);
        assert_eq!(pasted.accounts()[0].range, 1..9);
        let no = |_: &str| None;
        assert!(matches!(read("{", Some(&no)).what, What::BrokenJson(_)));
    }

    #[test]
    fn calls_open_where_they_can() {
        assert_eq!(opens(Endpoint::EntityCreate), Opens::Form);
        assert_eq!(opens(Endpoint::TypeCreate), Opens::SchemaEditor);
        assert_eq!(opens(Endpoint::EntityFind), Opens::Call);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>(), quoted in any::<String>()) {
            let request = format!("{{\"item\":[{{\"request\":\"{text}\"}}]}}");
            for text in [text.clone(), format!("{{\"{quoted}\":{text}"), request] {
                for account in read(&text, None).accounts() {
                    for range in account.ranges() {
                        assert!(text.get(range.clone()).is_some(), "{range:?} of {text:?}");
                    }
                }
            }
        }
    }
}
