//! Requests of Postman collections (formats 2.0 and 2.1) as calls.
//!
//! A request is written down as the words that would follow `curl`, and read like any other. Scripts are not run,
//! variables are not filled in but named, and what is switched off there stays off.

use std::ops::Range;

use form_urlencoded::byte_serialize;

use crate::capture::json::Json;
use crate::curl::account::Account;
use crate::curl::account::Fate;
use crate::curl::import::from_words;
use crate::curl::lex::Word;
use crate::json::document::Document;
use crate::json::document::Kind;
use crate::json::document::NodeId;
use crate::paste::Named;
use crate::paste::Pasted;
use crate::paste::What;

/// A longer text in double braces is no variable.
const LONGEST_NAME: usize = 128;

/// Members that say nothing about a call.
const SILENT: [&str; 12] = [
    "info",
    "name",
    "description",
    "id",
    "uid",
    "_postman_id",
    "_exporter_id",
    "_postman_isSubFolder",
    "protocolProfileBehavior",
    "response",
    "variable",
    "event",
];

/// Whether a document is a collection, a folder or request of one, or what stands in a request.
pub(super) fn is_meant(json: &Json) -> bool {
    let has = |key: &str| json.get(key).is_some();
    let items = json.get("item").and_then(Json::as_array);
    let is_folder = items.is_some_and(|items| {
        has("info")
            || (!items.is_empty()
                && items
                    .iter()
                    .all(|it| it.get("request").is_some() || it.get("item").is_some()))
    });
    let is_url = |json: Option<&Json>| {
        json.is_some_and(|url| {
            url.get("raw").is_some() || url.get("host").is_some() || url.as_str().is_some()
        })
    };
    let is_request = |json: &Json| {
        is_url(json.get("url")) && (json.get("method").is_some() || json.get("header").is_some())
    };
    is_folder
        || is_request(json)
        || json.get("request").is_some_and(|request| {
            is_request(request)
                || (request.as_str().is_some_and(|url| url.contains('/')) && has("name"))
        })
}

/// Reads what [`is_meant`] took for Postman's. `offset` is where `text` begins in the paste.
pub(super) fn read(text: &str, offset: usize) -> Pasted {
    let document = Document::parse(text.as_bytes());
    let mut reader = Reader {
        document: &document,
        offset,
        calls: Vec::new(),
        accounts: Vec::new(),
    };
    if let Some(root) = document.root() {
        reader.read(root);
    }
    let Reader {
        mut calls,
        accounts,
        ..
    } = reader;
    let is_single = document
        .root()
        .is_some_and(|root| document.member(root, "item").is_none());
    match calls.pop() {
        Some(only) if is_single && calls.is_empty() => {
            let mut call = only.call;
            call.accounts.extend(accounts);
            Pasted::new(What::Call(Box::new(call)), Vec::new())
        }
        last => {
            calls.extend(last);
            Pasted::new(What::Collection(calls), accounts)
        }
    }
}

struct Reader<'a> {
    document: &'a Document,
    offset: usize,
    calls: Vec<Named>,
    accounts: Vec<Account>,
}

/// A folder or request that waits to be read.
struct Waiting {
    node: NodeId,
    folder: String,
    /// The credentials of the nearest folder that has any.
    auth: Option<NodeId>,
}

impl Reader<'_> {
    fn read(&mut self, root: NodeId) {
        let mut waiting = vec![Waiting {
            node: root,
            folder: String::new(),
            auth: None,
        }];
        while let Some(Waiting { node, folder, auth }) = waiting.pop() {
            let auth = self.document.member(node, "auth").or(auth);
            self.silent_members(node);
            let own = self.text(node, "name");
            let name = match (folder.as_str(), own.as_deref()) {
                ("", own) => own.unwrap_or_default().to_owned(),
                (folder, Some(own)) => format!("{folder}/{own}"),
                (folder, None) => folder.to_owned(),
            };
            if let Some(items) = self.document.member(node, "item") {
                let children: Vec<NodeId> = self.document.children(items).collect();
                // The last is read first from a stack.
                waiting.extend(children.into_iter().rev().map(|node| Waiting {
                    node,
                    folder: name.clone(),
                    auth,
                }));
                continue;
            }
            let request = self.document.member(node, "request").unwrap_or(node);
            self.request(request, name, auth);
        }
    }

    fn request(&mut self, request: NodeId, name: String, auth: Option<NodeId>) {
        let mut read = Request {
            reader: self,
            words: Vec::new(),
            accounts: Vec::new(),
            lacks_data: false,
        };
        read.request(request, auth);
        let Request {
            words,
            accounts,
            lacks_data,
            ..
        } = read;
        let mut call = from_words(&words, self.range(request));
        call.lacks_data |= lacks_data;
        call.accounts.extend(accounts);
        call.accounts.sort_by_key(|account| account.range.start);
        self.calls.push(Named { name, call });
    }

    /// Accounts for what is not part of a call, where a person may have expected an effect.
    fn silent_members(&mut self, node: NodeId) {
        for (key, fate) in [
            (
                "event",
                Fate::Refused("not taken: scripts are not run".into()),
            ),
            (
                "variable",
                Fate::Ignored("variables are named in the calls, not filled in".into()),
            ),
            ("response", Fate::Ignored("examples of answers".into())),
        ] {
            if let Some(member) = self.document.member(node, key)
                && self.document.child_count(member) > 0
            {
                self.accounts
                    .push(Account::new(self.range(member), key, fate));
            }
        }
        let known = ["item", "request", "auth", "url", "method", "header", "body"];
        let others: Vec<NodeId> = self.document.children(node).collect();
        for member in others {
            let key = self.document.key(member).unwrap_or_default().into_owned();
            if !known.contains(&key.as_str()) && !SILENT.contains(&key.as_str()) {
                let fate = Fate::Ignored("says nothing about a call".into());
                self.accounts
                    .push(Account::new(self.range(member), &key, fate));
            }
        }
    }

    /// Where a node stands in the paste.
    fn range(&self, node: NodeId) -> Range<usize> {
        let raw = self.document.raw(node);
        let start = raw.as_ptr() as usize - self.document.bytes().as_ptr() as usize + self.offset;
        start..start + raw.len()
    }

    /// The text of a member; a number or a truth value as it is written.
    fn text(&self, node: NodeId, key: &str) -> Option<String> {
        let member = self.document.member(node, key)?;
        self.text_of(member)
    }

    fn text_of(&self, node: NodeId) -> Option<String> {
        match self.document.kind(node) {
            Kind::String => self.document.string(node).map(std::borrow::Cow::into_owned),
            Kind::Number | Kind::True | Kind::False => Some(self.document.text(node).into_owned()),
            Kind::Object | Kind::Array | Kind::Null | Kind::Broken => None,
        }
    }

    fn is_disabled(&self, node: NodeId) -> bool {
        self.document
            .member(node, "disabled")
            .is_some_and(|it| self.document.kind(it) == Kind::True)
    }
}

/// One request as words.
struct Request<'a, 'd> {
    reader: &'a Reader<'d>,
    words: Vec<Word>,
    accounts: Vec<Account>,
    /// Whether parts that carry data were refused.
    lacks_data: bool,
}

impl Request<'_, '_> {
    fn request(&mut self, request: NodeId, inherited: Option<NodeId>) {
        let reader = self.reader;
        let document = reader.document;
        if document.kind(request) == Kind::String {
            self.url(request);
            return;
        }
        if let Some(method) = document.member(request, "method")
            && let Some(text) = reader.text_of(method)
        {
            self.option("-X", method, text);
        }
        if let Some(url) = document.member(request, "url") {
            self.url(url);
        }
        if let Some(auth) = document.member(request, "auth").or(inherited) {
            self.auth(auth);
        }
        if let Some(headers) = document.member(request, "header") {
            self.headers(headers);
        }
        if let Some(body) = document.member(request, "body") {
            self.body(body);
        }
    }

    fn refuse(&mut self, node: NodeId, shown: &str, why: &str) {
        let fate = Fate::Refused(format!("not taken: {why}"));
        self.accounts
            .push(Account::new(self.reader.range(node), shown, fate));
    }

    fn refuse_data(&mut self, node: NodeId, shown: &str, why: &str) {
        self.lacks_data = true;
        self.refuse(node, shown, why);
    }

    fn word(&mut self, node: NodeId, text: String) {
        let variables = variables(&text);
        self.words.push(Word {
            range: self.reader.range(node),
            text,
            variables,
        });
    }

    fn option(&mut self, flag: &str, node: NodeId, value: String) {
        self.word(node, flag.to_owned());
        self.word(node, value);
    }

    /// The URL as it was typed, or put together from its parts.
    fn url(&mut self, url: NodeId) {
        let reader = self.reader;
        let typed = reader.text_of(url).or_else(|| reader.text(url, "raw"));
        let text = typed.unwrap_or_else(|| self.url_of_parts(url));
        self.option("--url", url, text);
        if let Some(query) = reader.document.member(url, "query") {
            let parts: Vec<NodeId> = reader.document.children(query).collect();
            for part in parts.into_iter().filter(|part| reader.is_disabled(*part)) {
                self.disabled(part);
            }
        }
    }

    fn url_of_parts(&self, url: NodeId) -> String {
        let reader = self.reader;
        let joined = |key: &str, separator: &str| {
            let member = reader.document.member(url, key)?;
            if let Some(text) = reader.text_of(member) {
                return Some(text);
            }
            let parts = reader
                .document
                .children(member)
                .filter_map(|part| reader.text_of(part));
            Some(parts.collect::<Vec<_>>().join(separator))
        };
        let scheme =
            joined("protocol", "").map_or_else(String::new, |scheme| format!("{scheme}://"));
        let port = joined("port", "").map_or_else(String::new, |port| format!(":{port}"));
        let host = joined("host", ".").unwrap_or_default();
        let path = joined("path", "/").unwrap_or_default();
        let mut text = format!("{scheme}{host}{port}/{}", path.trim_start_matches('/'));
        let query = reader.document.member(url, "query").into_iter();
        let mut separator = '?';
        for part in query.flat_map(|query| reader.document.children(query)) {
            if reader.is_disabled(part) {
                continue;
            }
            let key = reader.text(part, "key").unwrap_or_default();
            let value = reader.text(part, "value").unwrap_or_default();
            text.push(separator);
            text.extend([encode(&key), "=".to_owned(), encode(&value)]);
            separator = '&';
        }
        text
    }

    fn disabled(&mut self, node: NodeId) {
        let key = self.reader.text(node, "key").unwrap_or_default();
        let fate = Fate::Ignored("switched off in the collection".into());
        self.accounts
            .push(Account::new(self.reader.range(node), &key, fate));
    }

    fn headers(&mut self, headers: NodeId) {
        let reader = self.reader;
        // Format 2.0 allows all headers in one text.
        if let Some(text) = reader.text_of(headers) {
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                self.option("-H", headers, line.to_owned());
            }
            return;
        }
        let items: Vec<NodeId> = reader.document.children(headers).collect();
        for item in items {
            if reader.is_disabled(item) {
                self.disabled(item);
                continue;
            }
            let name = reader.text(item, "key").unwrap_or_default();
            let value = reader.text(item, "value").unwrap_or_default();
            self.option("-H", item, format!("{name}: {value}"));
        }
    }

    fn auth(&mut self, auth: NodeId) {
        let reader = self.reader;
        let Some(kind) = reader.text(auth, "type") else {
            return;
        };
        let settings = reader.document.member(auth, &kind);
        let setting = |wanted: &str| self.setting(settings?, wanted);
        match kind.as_str() {
            "noauth" => {}
            "basic" => {
                let id = setting("username").unwrap_or_default();
                let secret = setting("password").unwrap_or_default();
                self.option("-u", auth, format!("{id}:{secret}"));
            }
            "bearer" => {
                let token = setting("token").unwrap_or_default();
                self.option("--oauth2-bearer", auth, token);
            }
            other => {
                let why = format!("Capture knows no {other} authentication");
                self.refuse(auth, other, &why);
            }
        }
    }

    /// A setting: a member in format 2.0, an element with its name as `key` in 2.1.
    fn setting(&self, settings: NodeId, wanted: &str) -> Option<String> {
        let reader = self.reader;
        if reader.document.kind(settings) == Kind::Object {
            return reader.text(settings, wanted);
        }
        let mut items = reader.document.children(settings);
        let item = items.find(|item| reader.text(*item, "key").as_deref() == Some(wanted))?;
        reader.text(item, "value")
    }

    fn body(&mut self, body: NodeId) {
        let reader = self.reader;
        if reader.is_disabled(body) {
            self.disabled(body);
            return;
        }
        let Some(mode) = reader.text(body, "mode") else {
            return;
        };
        let Some(content) = reader.document.member(body, &mode) else {
            return;
        };
        match mode.as_str() {
            "raw" => {
                let text = reader.text_of(content).unwrap_or_default();
                if !text.is_empty() {
                    self.option("--data-raw", content, text);
                }
            }
            "urlencoded" | "formdata" => self.fields(content, mode == "formdata"),
            "file" => self.refuse_data(body, "file", "Capture takes no uploads"),
            other => self.refuse_data(body, other, "the service reads forms only"),
        }
    }

    fn fields(&mut self, content: NodeId, multipart: bool) {
        let reader = self.reader;
        // Format 2.0 allows a form as one text.
        if let Some(text) = reader.text_of(content) {
            self.option("--data-raw", content, text);
            return;
        }
        let items: Vec<NodeId> = reader.document.children(content).collect();
        for item in items {
            let key = reader.text(item, "key").unwrap_or_default();
            let value = reader.text(item, "value").unwrap_or_default();
            if reader.is_disabled(item) {
                self.disabled(item);
            } else if reader.text(item, "type").as_deref() == Some("file") {
                self.refuse_data(item, &key, "Capture takes no uploads");
            } else if multipart {
                self.option("--form-string", item, format!("{key}={value}"));
            } else if key.is_empty() && value.is_empty() {
                let fate = Fate::Ignored("empty".into());
                self.accounts
                    .push(Account::new(reader.range(item), "", fate));
            } else {
                self.option(
                    "--data-urlencode",
                    item,
                    format!("{}={value}", encode(&key)),
                );
            }
        }
    }
}

/// The `{{names}}` in a text, braces included.
fn variables(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, _) in text.match_indices("{{") {
        let name: String = text[start + 2..]
            .chars()
            .take(LONGEST_NAME)
            .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '$' | ' '))
            .collect();
        let closed = text[start + 2 + name.len()..].starts_with("}}");
        if !name.trim().is_empty() && closed {
            found.push(format!("{{{{{name}}}}}"));
        }
    }
    found
}

fn encode(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::auth::Presented;
    use crate::capture::endpoint::Endpoint;
    use crate::capture::request::Args;
    use crate::curl::import::Import;
    use crate::curl::import::Offered;
    use crate::curl::import::Operation;
    use crate::paste;

    const COLLECTION: &str = r#"{
      "info": {"name": "Capture", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
      "auth": {"type": "basic", "basic": [{"key": "username", "value": "cid"},
                                          {"key": "password", "value": "{{client_secret}}"}]},
      "variable": [{"key": "host", "value": "https://h.example"}],
      "item": [
        {"name": "Records", "item": [
          {"name": "Create", "event": [{"listen": "test"}], "request": {
            "method": "POST",
            "header": [{"key": "Accept", "value": "*/*"}, {"key": "X-Old", "value": "1", "disabled": true}],
            "url": {"raw": "{{host}}/entity.create?include_record=true",
                    "query": [{"key": "off", "value": "1", "disabled": true}]},
            "body": {"mode": "urlencoded", "urlencoded": [
              {"key": "type_name", "value": "user"},
              {"key": "attributes", "value": "{\"a\":{\"b\":\"c & d\"}}"},
              {"key": "skipped", "value": "x", "disabled": true},
              {"key": "uuid", "value": "{{uuid}}"}]}}},
          {"name": "Count", "request": {
            "method": "GET", "auth": {"type": "noauth"},
            "url": {"protocol": "https", "host": ["my-app", "janraincapture", "com"], "path": ["entity.count"],
                    "query": [{"key": "type_name", "value": "us er"}]}}}]},
        {"name": "Upload", "request": {"method": "POST", "url": "https://h.example/entity.update",
          "auth": {"type": "digest"},
          "body": {"mode": "formdata", "formdata": [
            {"key": "type_name", "value": "user", "type": "text"}, {"key": "photo", "type": "file", "src": "/a"}]}}},
        {"name": "Raw", "request": {"method": "POST", "url": "https://h.example/entity.find", "header": "Accept: */*\n",
          "auth": {"type": "basic", "basic": {"username": "cid", "password": "s3cr3t"}},
          "body": {"mode": "raw", "raw": "type_name=user&filter=a+b"}}},
        {"name": "Short", "request": "https://h.example/entityType.list"}
      ]}"#;

    fn told(call: &Import) -> Vec<String> {
        let told = call
            .accounts
            .iter()
            .filter(|account| account.fate != Fate::Imported);
        told.map(|account| format!("{} {}", account.fate.word(), account.text))
            .collect()
    }

    #[test]
    fn a_collection_is_read_request_by_request() {
        let pasted = paste::read(COLLECTION, None);
        let What::Collection(calls) = &pasted.what else {
            panic!("is a collection");
        };
        let names: Vec<&str> = calls.iter().map(|call| call.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "Capture/Records/Create",
                "Capture/Records/Count",
                "Capture/Upload",
                "Capture/Raw",
                "Capture/Short"
            ]
            .map(|name| name.trim_start_matches("Capture/"))
        );
        let [create, count, upload, raw, short] = &calls[..] else {
            panic!("are five");
        };
        assert_eq!(
            create.call.operation,
            Operation::Known(Endpoint::EntityCreate)
        );
        assert_eq!(create.call.domain, None);
        assert_eq!(
            create.call.args,
            Args::from_pairs([
                ("include_record", "true"),
                ("type_name", "user"),
                ("attributes", r#"{"a":{"b":"c & d"}}"#),
                ("uuid", "{{uuid}}"),
            ])
        );
        assert!(
            matches!(&create.call.credentials, Offered::Unusable { id: Some(id), .. } if id == "cid")
        );
        let told_of_create = told(&create.call);
        for expected in [
            "translated -u cid:{{client_secret}}",
            "ignored -X POST",
            "ignored -H Accept: */*",
            "ignored X-Old",
            "ignored off",
            "ignored skipped",
            "placeholder --data-urlencode uuid={{uuid}}",
        ] {
            assert!(
                told_of_create.iter().any(|it| it == expected),
                "{expected} in {told_of_create:#?}"
            );
        }
        assert_eq!(count.call.args, Args::from_pairs([("type_name", "us er")]));
        assert_eq!(
            count.call.domain.as_deref(),
            Some("https://my-app.janraincapture.com")
        );
        assert!(matches!(count.call.credentials, Offered::Nothing));
        assert_eq!(upload.call.args, Args::from_pairs([("type_name", "user")]));
        let told_of_upload = told(&upload.call);
        for expected in ["refused digest", "refused photo"] {
            assert!(
                told_of_upload.iter().any(|it| it == expected),
                "{told_of_upload:#?}"
            );
        }
        assert_eq!(
            raw.call.args,
            Args::from_pairs([("type_name", "user"), ("filter", "a b")])
        );
        let Offered::Usable(Presented::Basic { secret, .. }) = &raw.call.credentials else {
            panic!("is basic");
        };
        assert!(secret.matches("s3cr3t"));
        assert_eq!(short.call.operation, Operation::Known(Endpoint::TypeList));
        let told_of_all: Vec<&str> = pasted
            .accounts
            .iter()
            .map(|account| account.fate.word())
            .collect();
        assert_eq!(told_of_all, ["ignored", "refused"], "variables and scripts");
        for call in calls {
            assert!(
                !format!("{:?}", call.call).contains("s3cr3t"),
                "{}",
                call.name
            );
            for account in &call.call.accounts {
                assert!(COLLECTION.get(account.range.clone()).is_some());
            }
        }
    }

    #[test]
    fn one_request_is_one_call() {
        for text in [
            r#"{"name":"x","request":{"method":"POST","url":"https://h/entity.count"}}"#,
            r#"{"method":"POST","url":{"raw":"https://h/entity.count"}}"#,
        ] {
            let What::Call(call) = paste::read(text, None).what else {
                panic!("{text} is a call");
            };
            assert_eq!(call.operation, Operation::Known(Endpoint::EntityCount));
        }
        // A record with a URL is none.
        assert!(matches!(
            paste::read(r#"{"url":"https://h/x"}"#, None).what,
            What::Record(_)
        ));
    }

    #[test]
    fn variables_are_named() {
        assert_eq!(
            variables("{{a}} {{ b.c }} {{{\"x\":{}}} {{}} {{a"),
            ["{{a}}", "{{ b.c }}"]
        );
    }
}
