//! A case's hands: a sandbox of its own, calls in every form, and a note of each.

use captui::capture::error::ErrorCode;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::live::Live;
use crate::support::http;
use crate::support::http::Answer;
use crate::support::http::Connection;

/// One call, as the page needs it.
pub(super) struct Call {
    /// The operation's name; as it was written, when there is none of that name.
    pub(super) operation: String,
    /// The names of the arguments sent, in query and body.
    pub(super) arguments: Vec<String>,
    /// The code answered; 0 for success.
    pub(super) code: i64,
    /// The whole answer, for the checks that hold for every one.
    pub(super) answer: Value,
}

/// Somebody who calls.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: String,
}

/// A sandbox and everything that is sent to it.
pub(super) struct Play {
    sandbox: Live,
    connection: Connection,
    calls: Vec<Call>,
}

/// A type with something of everything, for cases that are not about the schema.
pub(super) const PERSON: &str = r#"[
    {"name":"email","type":"string","length":200,"case-sensitive":false,"constraints":["unique","email-address"]},
    {"name":"givenName","type":"string","length":50},
    {"name":"familyName","type":"string","length":50},
    {"name":"age","type":"integer"},
    {"name":"score","type":"decimal"},
    {"name":"active","type":"boolean"},
    {"name":"birthday","type":"date"},
    {"name":"seen","type":"dateTime"},
    {"name":"ip","type":"ipAddress"},
    {"name":"extra","type":"json"},
    {"name":"password","type":"password-bcrypt"},
    {"name":"address","type":"object","attr_defs":[
        {"name":"city","type":"string"},
        {"name":"zip","type":"string","length":10,"constraints":["alphanumeric"]},
        {"name":"geo","type":"object","attr_defs":[{"name":"lat","type":"decimal"},{"name":"lon","type":"decimal"}]}]},
    {"name":"tags","type":"plural","attr_defs":[{"name":"tag","type":"string"}]},
    {"name":"accounts","type":"plural","attr_defs":[
        {"name":"domain","type":"string"},
        {"name":"identifier","type":"string","constraints":["unique","required"]},
        {"name":"handle","type":"string","constraints":["locally-unique"]},
        {"name":"emails","type":"plural","attr_defs":[{"name":"value","type":"string"}]},
        {"name":"profile","type":"object","attr_defs":[{"name":"name","type":"string"}]}]}]"#;

impl Play {
    pub(super) fn start() -> Self {
        let sandbox = Live::start();
        Self {
            connection: sandbox.connect(),
            sandbox,
            calls: Vec::new(),
        }
    }

    pub(super) fn into_calls(self) -> Vec<Call> {
        self.calls
    }

    pub(super) fn owner(&self) -> Client {
        Client {
            id: self.sandbox.client_id().to_owned(),
            secret: self.sandbox.client_secret().to_owned(),
        }
    }

    /// Where the sandbox listens, without `http://`.
    pub(super) fn host(&self) -> String {
        self.sandbox.url().trim_start_matches("http://").to_owned()
    }

    /// Calls as the owner.
    pub(super) fn call(&mut self, operation: &str, arguments: &[(&str, &str)]) -> Value {
        let owner = self.owner();
        self.call_as(&owner, operation, arguments)
    }

    /// Calls as this client, by Basic.
    pub(super) fn call_as(
        &mut self,
        client: &Client,
        operation: &str,
        arguments: &[(&str, &str)],
    ) -> Value {
        let headers = http::basic(&client.id, &client.secret);
        self.send(operation, &headers, arguments).json()
    }

    /// Calls with these headers, which end in line breaks.
    pub(super) fn send(
        &mut self,
        operation: &str,
        headers: &str,
        arguments: &[(&str, &str)],
    ) -> Answer {
        let body = http::form(arguments);
        let answer = self
            .connection
            .post(operation, headers, &body)
            .expect("the sandbox answers");
        let names = arguments.iter().map(|(name, _)| *name);
        self.note(operation, names, &answer);
        answer
    }

    /// Sends these bytes, which call `operation` with these arguments.
    pub(super) fn send_raw(
        &mut self,
        operation: &str,
        arguments: &[&str],
        request: &str,
    ) -> Answer {
        let answer = self.sandbox.connect().exchange(request.as_bytes());
        let answer = answer.expect("the sandbox answers");
        self.note(operation, arguments.iter().copied(), &answer);
        answer
    }

    fn note<'a>(
        &mut self,
        operation: &str,
        arguments: impl Iterator<Item = &'a str>,
        answer: &Answer,
    ) {
        let answer = answer.json();
        self.calls.push(Call {
            operation: operation.to_owned(),
            arguments: arguments.map(str::to_owned).collect(),
            code: answer["code"].as_i64().unwrap_or(0),
            answer,
        });
    }

    /// Calls as the owner; it must go well.
    #[track_caller]
    pub(super) fn ok(&mut self, operation: &str, arguments: &[(&str, &str)]) -> Value {
        let answer = self.call(operation, arguments);
        assert_ok(operation, arguments, answer)
    }

    /// Calls as this client; it must go well.
    #[track_caller]
    pub(super) fn ok_as(
        &mut self,
        client: &Client,
        operation: &str,
        arguments: &[(&str, &str)],
    ) -> Value {
        let answer = self.call_as(client, operation, arguments);
        assert_ok(operation, arguments, answer)
    }

    /// Calls as the owner; it must be refused with this code.
    #[track_caller]
    pub(super) fn refused(
        &mut self,
        code: i64,
        operation: &str,
        arguments: &[(&str, &str)],
    ) -> Value {
        let answer = self.call(operation, arguments);
        assert_refused(code, operation, arguments, answer)
    }

    /// Calls as this client; it must be refused with this code.
    #[track_caller]
    pub(super) fn refused_as(
        &mut self,
        client: &Client,
        code: i64,
        operation: &str,
        arguments: &[(&str, &str)],
    ) -> Value {
        let answer = self.call_as(client, operation, arguments);
        assert_refused(code, operation, arguments, answer)
    }

    /// Makes an entity type.
    #[track_caller]
    pub(super) fn entity_type(&mut self, name: &str, attr_defs: &str) {
        let arguments = [("type_name", name), ("attr_defs", attr_defs)];
        self.ok("entityType.create", &arguments);
    }

    /// Makes the type [`PERSON`], called `person`.
    #[track_caller]
    pub(super) fn person(&mut self) {
        self.entity_type("person", PERSON);
    }

    /// Makes a record and gives it back as it was answered, ids and all.
    #[track_caller]
    pub(super) fn create(&mut self, type_name: &str, attributes: &Value) -> Value {
        let attributes = attributes.to_string();
        let arguments = [
            ("type_name", type_name),
            ("attributes", attributes.as_str()),
            ("include_record", "true"),
        ];
        self.ok("entity.create", &arguments)["result"].take()
    }

    /// The record as it is now.
    #[track_caller]
    pub(super) fn view(&mut self, type_name: &str, record: &Value) -> Value {
        let id = record["id"].to_string();
        let arguments = [("type_name", type_name), ("id", id.as_str())];
        self.ok("entity", &arguments)["result"].take()
    }

    /// Whether the record is there.
    pub(super) fn is_there(&mut self, type_name: &str, record: &Value) -> bool {
        let id = record["id"].to_string();
        let answer = self.call("entity", &[("type_name", type_name), ("id", &id)]);
        answer["stat"] == "ok"
    }

    /// How many records the type has.
    #[track_caller]
    pub(super) fn count(&mut self, type_name: &str) -> i64 {
        let answer = self.ok("entity.count", &[("type_name", type_name)]);
        answer["total_count"].as_i64().expect("is a number")
    }

    /// Makes a client with these features.
    #[track_caller]
    pub(super) fn client(&mut self, features: &[&str]) -> Client {
        let features = json!(features).to_string();
        let arguments = [("description", "a case's"), ("features", features.as_str())];
        client_of(&self.ok("clients/add", &arguments))
    }
}

/// The client that an answer tells of.
pub(super) fn client_of(answer: &Value) -> Client {
    let text = |name: &str| answer[name].as_str().expect("is text").to_owned();
    Client {
        id: text("client_id"),
        secret: text("client_secret"),
    }
}

#[track_caller]
fn assert_ok(operation: &str, arguments: &[(&str, &str)], answer: Value) -> Value {
    assert_eq!(answer["stat"], "ok", "{operation} {arguments:?}: {answer}");
    answer
}

/// An error with this code has its word, its text, its extra members, and a request id.
#[track_caller]
pub(super) fn assert_refused(
    code: i64,
    operation: &str,
    arguments: &[(&str, &str)],
    answer: Value,
) -> Value {
    assert_eq!(
        (&answer["stat"], &answer["code"]),
        (&json!("error"), &json!(code)),
        "{operation} {arguments:?}: {answer}"
    );
    if let Some(fault) = error_fault(&answer) {
        panic!("{operation} {arguments:?}: {fault}: {answer}");
    }
    answer
}

/// What is wrong with an error answer, whatever it is about (reference 1.2 and 8); `None` for one that is right.
pub(super) fn error_fault(answer: &Value) -> Option<String> {
    let code = answer["code"].as_i64()?;
    let Some(info) = ErrorCode(code).info() else {
        return Some("its code is in no table".to_owned());
    };
    // OAuth's operations have OAuth's word there, and this one beside it.
    let given = answer.get("sub_error").unwrap_or(&answer["error"]);
    if let Some(word) = info.name
        && given != word
    {
        return Some(format!("its word is not {word}"));
    }
    if answer["error_description"]
        .as_str()
        .is_none_or(str::is_empty)
    {
        return Some("it has no text".to_owned());
    }
    let request_id = answer["request_id"].as_str().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if request_id.len() != 16 || !request_id.bytes().all(is_plain) {
        return Some("its request_id is not 16 letters and digits".to_owned());
    }
    info.extra_fields
        .iter()
        .find(|field| answer.get(**field).is_none())
        .map(|field| format!("it has no {field}"))
}

/// The names of an object's members, in order.
pub(super) fn keys(object: &Value) -> Vec<&str> {
    let members = object.as_object().expect("is an object");
    members.keys().map(String::as_str).collect()
}

/// One member of every element.
pub(super) fn pluck(elements: &Value, member: &str) -> Vec<Value> {
    let elements = elements.as_array().expect("is an array");
    elements
        .iter()
        .map(|element| element[member].clone())
        .collect()
}
