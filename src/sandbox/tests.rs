//! The sandbox over real HTTP, with texts written by hand: what other people's clients send, and what the vendor's pages
//! print. Nothing here uses our own client.

mod access_schemas;
mod callers;
mod gate;
mod remembered;
mod tokens;

use std::io::Read;
use std::io::Write;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use jiff::ToSpan;

use crate::capture::auth;
use crate::capture::auth::Presented;
use crate::capture::endpoint::ENDPOINTS;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::request::Args;
use crate::capture::request::Call;
use crate::capture::secret::Secret;
use crate::sandbox::Handle;
use crate::sandbox::Options;
use crate::sandbox::allow_list;
use crate::sandbox::operations::Fault;
use crate::sandbox::pipeline::answer;
use crate::sandbox::spawn;
use crate::sandbox::store::Store;
use crate::sandbox::store::StoreError;
use crate::sandbox::store::StorePath;
use crate::sandbox::store::clients;
use crate::sandbox::store::clients::ApiClient;

/// Where calls without a connection come from.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn sandbox() -> Handle {
    start(StorePath::Memory)
}

fn start(data: StorePath) -> Handle {
    spawn(&Options {
        bcrypt_cost: Some(4),
        ..Options::new(data)
    })
    .expect("starts")
}

fn parse(text: &str) -> Json {
    Json::parse(text).expect("is JSON")
}

fn address(sandbox: &Handle) -> &str {
    sandbox.url.trim_start_matches("http://")
}

fn connect(sandbox: &Handle) -> TcpStream {
    let stream = TcpStream::connect(address(sandbox)).expect("connects");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a socket takes a timeout");
    stream
}

/// An HTTP answer.
struct Answer {
    status: u16,
    head: String,
    body: Json,
}

/// Sends `request` as it stands and reads until the server closes.
fn exchange(sandbox: &Handle, request: &[u8]) -> Answer {
    let mut stream = connect(sandbox);
    stream.write_all(request).expect("sends");
    read_answer(&mut stream)
}

fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("answers");
    let (head, body) = text.split_once("\r\n\r\n").expect("has a head");
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    Answer {
        status: status.expect("has a status"),
        head: head.to_owned(),
        body: parse(body),
    }
}

fn form(pairs: &[(&str, &str)]) -> String {
    Args::from_pairs(pairs.iter().copied()).to_form()
}

fn basic(sandbox: &Handle) -> String {
    use base64::Engine;
    let pair = format!("{}:{}", sandbox.client_id, sandbox.client_secret.reveal());
    base64::engine::general_purpose::STANDARD.encode(pair)
}

/// `POST` with a form body and Basic, as in the vendor's documentation.
fn call(sandbox: &Handle, operation: &str, pairs: &[(&str, &str)]) -> Json {
    let headers = format!("Authorization: Basic {}\r\n", basic(sandbox));
    let answer = post(sandbox, operation, &headers, &form(pairs));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn post(sandbox: &Handle, operation: &str, headers: &str, body: &str) -> Answer {
    let request = format!(
        "POST /{operation} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
        address(sandbox),
        body.len()
    );
    exchange(sandbox, request.as_bytes())
}

fn code(answer: &Json) -> Option<i64> {
    answer.get("code").and_then(Json::as_i64)
}

fn keys(json: &Json) -> Vec<&str> {
    let members = json.as_object().expect("is an object");
    members.keys().map(String::as_str).collect()
}

fn text<'a>(json: &'a Json, key: &str) -> &'a str {
    json.get(key).and_then(Json::as_str).expect("is text")
}

fn count(sandbox: &Handle, type_name: &str) -> i64 {
    let answer = call(sandbox, "entity.count", &[("type_name", type_name)]);
    answer
        .get("total_count")
        .and_then(Json::as_i64)
        .expect("counts")
}

const USER_TEST: &str = r#"[{"name":"name","type":"string","case-sensitive":false},{"name":"description","type":"string","length":1000,"case-sensitive":false}]"#;

const USER_TEST_ANSWER: &str = r#"{"schema":{"attr_defs":[
    {"name":"id","description":"simple identifier for this entity","type":"id"},
    {"name":"uuid","description":"globally unique identifier for this entity","type":"uuid"},
    {"name":"created","description":"when this entity was created","type":"dateTime"},
    {"name":"lastUpdated","description":"when this entity was last updated","type":"dateTime"},
    {"length":1000,"name":"description","type":"string","case-sensitive":false},
    {"length":null,"name":"name","type":"string","case-sensitive":false}],"name":"user_test"},"stat":"ok"}"#;

const USER2: &str = r#"[{"name":"consent","type":"string","length":200,"description": "The name of the consent in the user entity.","constraints":["unique", "required"]},{"name": "consentDescription","type":"string","length":1000,"description":"A short description of the consent."},{"name":"consentAttributes","type":"plural","description":"Attributes associated with the consent.","attr_defs":[{"name":"consentName","type": "string","length":200,"description":"An attribute name from the user entity.","features":["primary-key"],"constraints":["locally-unique", "required"]}]}]"#;

const USER2_ANSWER: &str = r#"{"schema":{"name":"user2","attr_defs":[
    {"name":"id","type":"id","description":"simple identifier for this entity"},
    {"name":"uuid","type":"uuid","description":"globally unique identifier for this entity"},
    {"name":"created","type":"dateTime","description":"when this entity was created"},
    {"name":"lastUpdated","type":"dateTime","description":"when this entity was last updated"},
    {"length":200,"case-sensitive":true,"constraints":["unique","required"],"name":"consent","type":"string","description":"The name of the consent in the user entity."},
    {"name":"consentAttributes","attr_defs":[
        {"name":"id","type":"id","description":"simple identifier for this sub-entity"},
        {"length":200,"case-sensitive":true,"constraints":["locally-unique","required"],"name":"consentName","features":["primary-key"],"type":"string","description":"An attribute name from the user entity."}],
     "type":"plural","description":"Attributes associated with the consent."},
    {"length":1000,"case-sensitive":true,"name":"consentDescription","type":"string","description":"A short description of the consent."}]},"stat":"ok"}"#;

/// Both documented examples of `entityType.create`: a fresh sandbox has these types, so they are created once more under
/// other names.
#[test]
fn entity_type_create_answers_as_documented() {
    let sandbox = sandbox();
    for (name, attr_defs, documented) in [
        ("user_test", USER_TEST, USER_TEST_ANSWER),
        ("user2", USER2, USER2_ANSWER),
    ] {
        let viewed = call(&sandbox, "entityType", &[("type_name", name)]);
        assert_eq!(viewed, parse(documented));
        let again = format!("{name}_again");
        let answer = call(
            &sandbox,
            "entityType.create",
            &[("type_name", &again), ("attr_defs", attr_defs)],
        );
        let documented = documented.replace(
            &format!(r#""name":"{name}""#),
            &format!(r#""name":"{again}""#),
        );
        assert_eq!(answer, parse(&documented));
        let twice = call(
            &sandbox,
            "entityType.create",
            &[("type_name", &again), ("attr_defs", attr_defs)],
        );
        assert_eq!(code(&twice), Some(232));
        assert_eq!(text(&twice, "type_name"), again);
    }
    let list = call(&sandbox, "entityType.list", &[]);
    let names =
        r#"{"results":["user","user2","user2_again","user_test","user_test_again"],"stat":"ok"}"#;
    assert_eq!(list, parse(names));
}

#[test]
fn a_broken_design_is_told_everything_at_once() {
    let sandbox = sandbox();
    let create = |name: &str, attr_defs: &str| {
        call(
            &sandbox,
            "entityType.create",
            &[("type_name", name), ("attr_defs", attr_defs)],
        )
    };
    let answer = create(
        "broken",
        r#"[{"name":"a","type":"binary"},{"name":"b","type":"integer","constraints":["alphabetic"]}]"#,
    );
    assert_eq!(
        (code(&answer), text(&answer, "argument_name")),
        (Some(200), "attr_defs")
    );
    let description = text(&answer, "error_description");
    assert!(
        description.contains("/a: ") && description.contains("/b: "),
        "{description}"
    );
    let answer = create("1st", USER_TEST);
    assert_eq!(
        (code(&answer), text(&answer, "argument_name")),
        (Some(200), "type_name")
    );
    let answer = create("broken", r#"[{"name":"uuid","type":"string"}]"#);
    assert_eq!(
        (code(&answer), text(&answer, "attribute_name")),
        (Some(234), "/uuid")
    );
    let answer = create(
        "broken",
        r#"[{"name":"p","type":"plural","attr_defs":[{"name":"id","type":"integer"}]}]"#,
    );
    assert_eq!(
        (code(&answer), text(&answer, "attribute_name")),
        (Some(234), "/p/id")
    );
    let answer = call(&sandbox, "entityType", &[("type_name", "broken")]);
    assert_eq!(
        (code(&answer), text(&answer, "type_name")),
        (Some(222), "broken")
    );
    let own = call(
        &sandbox,
        "entityType",
        &[("type_name", "user2"), ("remove_reserved", "true")],
    );
    let sendable = own
        .get("schema")
        .and_then(|schema| schema.get("attr_defs"))
        .expect("has attr_defs");
    assert_eq!(text(&create("copy", &sendable.to_string()), "stat"), "ok");
}

/// The documented example of `entity.create`.
#[test]
fn entity_create_answers_as_documented() {
    let sandbox = sandbox();
    let attributes = r#"{"givenName":"Bob","familyName":"Smith","email":"bob.smith@example.com","statuses":[
        {"status":"Joined","statusCreated":"2015-12-15T07:36:25Z"},{"status":"Working"}]}"#;
    let answer = call(
        &sandbox,
        "entity.create",
        &[("type_name", "user"), ("attributes", attributes)],
    );
    assert_eq!(keys(&answer), ["id", "uuid", "stat"]);
    let id = answer.get("id").and_then(Json::as_i64).expect("has an id");
    let uuid = text(&answer, "uuid");
    let selected = [
        ("uuid".to_owned(), uuid.to_owned()),
        ("id".to_owned(), id.to_string()),
    ];
    let mut views: Vec<Json> = selected
        .iter()
        .map(|(name, value)| call(&sandbox, "entity", &[("type_name", "user"), (name, value)]))
        .collect();
    for (attribute, value) in [
        ("email", "\"BOB.smith@example.com\""),
        ("uuid", &format!("\"{uuid}\"")),
        ("id", &id.to_string()),
    ] {
        let key = [
            ("type_name", "user"),
            ("key_attribute", attribute),
            ("key_value", value),
        ];
        views.push(call(&sandbox, "entity", &key));
    }
    let first = views[0].clone();
    assert!(views.iter().all(|view| *view == first));
    let record = first.get("result").expect("has a result");
    let statuses = format!(
        r#"[{{"id":{},"status":"Joined","statusCreated":"2015-12-15 07:36:25 +0000"}},{{"id":{},"status":"Working","statusCreated":null}}]"#,
        id + 1,
        id + 2
    );
    assert_eq!(record.get("statuses"), Some(&parse(&statuses)));
    assert_eq!(record.get("photos"), Some(&parse("[]")));
    assert_eq!(record.get("birthday"), Some(&Json::Null));
    let address = record.get("primaryAddress").expect("is an object");
    assert!(
        address
            .as_object()
            .expect("is an object")
            .values()
            .all(Json::is_null)
    );
    assert_eq!(
        text(record, "created").len(),
        "2015-11-15 01:58:01.862312 +0000".len()
    );
    assert_eq!(text(record, "created"), text(record, "lastUpdated"));
    let next = call(
        &sandbox,
        "entity.create",
        &[
            ("type_name", "user"),
            ("attributes", "{}"),
            ("include_record", "true"),
        ],
    );
    assert_eq!(keys(&next), ["id", "uuid", "result", "stat"]);
    assert_eq!(next.get("id"), Some(&Json::from(id + 3)));
    assert_eq!(
        next.get("result").and_then(|record| record.get("email")),
        Some(&Json::Null)
    );
}

/// The documented error of `entity.create`, member by member.
#[test]
fn broken_json_is_answered_as_documented() {
    let sandbox = sandbox();
    let answer = call(
        &sandbox,
        "entity.create",
        &[
            ("type_name", "user"),
            ("attributes", r#"{"givenName":"Bob""#),
        ],
    );
    let request_id = text(&answer, "request_id").to_owned();
    assert_eq!(request_id.len(), 16);
    assert!(
        request_id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    );
    let documented = r#"{"argument_name":"attributes","request_id":"geup8cd3gvcvjjnc","code":200,"error_description":"attributes was not valid for the following reason: the JSON is not syntactically valid","error":"invalid_argument","stat":"error"}"#;
    assert_eq!(
        answer.to_string(),
        documented.replace("geup8cd3gvcvjjnc", &request_id)
    );
}

/// Reference 1.1: every form in which real clients send their calls.
#[test]
fn every_form_of_request_is_understood() {
    let sandbox = sandbox();
    let host = address(&sandbox);
    let (id, secret) = (&sandbox.client_id, sandbox.client_secret.reveal());
    let credentials = form(&[("client_id", id), ("client_secret", secret)]);
    let arguments = "type_name=user_test";
    let now = Timestamp::now();
    let date = auth::format_date(now);
    let args = Args::from_form(arguments.as_bytes());
    let signature = auth::sign(&sandbox.client_secret, "/entity.count", &date, &args);
    let signed = format!("Authorization: Signature {id}:{signature}\r\nDate: {date}\r\n");
    let basic = format!("Authorization: Basic {}\r\n", basic(&sandbox));
    let unpadded = basic.replace('=', "");
    let form_type = "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n";
    let json_type = "Content-Type: application/json\r\n";
    let both = format!("{arguments}&{credentials}");
    let query = |path: &str, query: &str| format!("{path}?{query}");
    let count = "/entity.count";
    for (name, method, target, headers, body) in [
        (
            "signed",
            "POST",
            count.to_owned(),
            format!("{signed}{form_type}"),
            arguments.to_owned(),
        ),
        (
            "signed, doubled slash",
            "POST",
            "//entity.count".to_owned(),
            format!("{signed}{form_type}"),
            arguments.to_owned(),
        ),
        (
            "signed, arguments in the query",
            "GET",
            query(count, arguments),
            signed.clone(),
            String::new(),
        ),
        (
            "Basic",
            "POST",
            count.to_owned(),
            format!("{basic}{form_type}"),
            arguments.to_owned(),
        ),
        (
            "Basic without padding",
            "POST",
            count.to_owned(),
            format!("{unpadded}{form_type}"),
            arguments.to_owned(),
        ),
        (
            "credentials in the body",
            "POST",
            count.to_owned(),
            form_type.to_owned(),
            both.clone(),
        ),
        (
            "credentials in the query",
            "POST",
            query(count, &credentials),
            form_type.to_owned(),
            arguments.to_owned(),
        ),
        (
            "all in the query",
            "POST",
            query(count, &both),
            String::new(),
            String::new(),
        ),
        (
            "a JSON body that says nothing",
            "POST",
            query(count, &both),
            json_type.to_owned(),
            "\"\"".to_owned(),
        ),
        (
            "GET",
            "GET",
            query(count, &both),
            String::new(),
            String::new(),
        ),
        (
            "GET with a body",
            "GET",
            count.to_owned(),
            form_type.to_owned(),
            both.clone(),
        ),
        (
            "no content type, & first",
            "POST",
            count.to_owned(),
            String::new(),
            format!("&{both}&unknown=1"),
        ),
    ] {
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = exchange(&sandbox, request.as_bytes());
        assert_eq!(
            answer.body,
            parse(r#"{"total_count":4,"stat":"ok"}"#),
            "{name}"
        );
        assert_eq!(answer.status, 200, "{name}");
        for header in [
            "Content-Type: application/json",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
        ] {
            assert!(answer.head.contains(header), "{name}: {header}");
        }
    }
}

#[test]
fn only_who_proves_it_is_let_in() {
    let sandbox = sandbox();
    let id = &sandbox.client_id;
    let count = |headers: &str| post(&sandbox, "entity.count", headers, "type_name=user").body;
    assert_eq!(text(&count(""), "argument_name"), "client_id");
    assert_eq!(code(&count("Authorization: Bearer abc\r\n")), Some(205));
    assert_eq!(code(&count("Authorization: OAuth abc\r\n")), Some(413));
    let args = Args::from_form(b"type_name=user");
    let sign = |hours: i64, secret: &Secret| {
        let then = Timestamp::now()
            .saturating_add(hours.hours())
            .expect("in range");
        let date = auth::format_date(then);
        let signature = auth::sign(secret, "/entity.count", &date, &args);
        format!("Authorization: Signature {id}:{signature}\r\nDate: {date}\r\n")
    };
    assert_eq!(code(&count(&sign(0, &sandbox.client_secret))), None);
    let refusals = [
        count(&sign(1, &sandbox.client_secret)),
        count(&sign(-1, &sandbox.client_secret)),
        count(&sign(0, &Secret::new("wrong"))),
        post(
            &sandbox,
            "entity.count",
            &sign(0, &sandbox.client_secret),
            "type_name=user2",
        )
        .body,
        post(
            &sandbox,
            "entity.count",
            "",
            &form(&[("client_id", id), ("client_secret", "wrong")]),
        )
        .body,
        post(
            &sandbox,
            "entity.count",
            "",
            &form(&[("client_id", "nobody"), ("client_secret", "wrong")]),
        )
        .body,
    ];
    for refusal in &refusals {
        assert_eq!(code(refusal), Some(402), "{refusal}");
        assert!(!refusal.to_string().contains(sandbox.client_secret.reveal()));
    }
    assert_eq!(
        text(&refusals[4], "error_description"),
        text(&refusals[5], "error_description")
    );
    let other = call(
        &sandbox,
        "entity.count",
        &[("type_name", "user"), ("application_id", "another")],
    );
    assert_eq!(
        (code(&other), text(&other, "application_id")),
        (Some(221), "another")
    );
}

/// Every row of the table, for a client without features.
#[test]
fn a_client_without_features_may_only_look_at_schemas() {
    let store = Store::open(StorePath::Memory).expect("opens");
    let nobody = ApiClient {
        id: "nobody".to_owned(),
        secret: Secret::new("secret"),
        description: String::new(),
        features: Vec::new(),
        whitelist: vec![allow_list::EVERYWHERE.to_owned()],
    };
    store
        .write(move |transaction| clients::add(transaction, &nobody))
        .expect("is added");
    for spec in ENDPOINTS {
        let call = Call {
            path: spec.path.to_owned(),
            endpoint: Some(spec.endpoint),
            args: Args::from_pairs([("type_name", "user")]),
            presented: Ok(Presented::Basic {
                id: "nobody".to_owned(),
                secret: Secret::new("secret"),
            }),
        };
        let reply = answer(&store, &call, HERE, Timestamp::now());
        let status = if spec.endpoint == Endpoint::OauthToken {
            400
        } else {
            200
        };
        assert_eq!(reply.status, status);
        assert_eq!(
            code(&reply.body) == Some(403),
            !spec.any_client,
            "{}",
            spec.path
        );
    }
}

#[test]
fn an_unknown_path_is_told_from_an_unknown_record() {
    let sandbox = sandbox();
    let unknown = post(&sandbox, "entity.explode", "", "");
    assert_eq!((unknown.status, code(&unknown.body)), (404, Some(404)));
}

#[test]
fn refused_records_say_why_and_leave_nothing() {
    let sandbox = sandbox();
    let before = count(&sandbox, "user");
    let long = format!(r#"{{"givenName":"{}"}}"#, "é".repeat(1001));
    for (attributes, expected) in [
        (r#"{"nickname":"Bob"}"#, 223),
        (r#"{"primaryAddress":{"planet":"Earth"}}"#, 223),
        (r#"{"statuses":[{"id":5,"status":"x"}]}"#, 320),
        (r#"{"registrationIp":"300.1.1.1"}"#, 340),
        (r#"{"givenName":5}"#, 341),
        (r#"{"loyaltyPoints":1.5}"#, 341),
        (r#"{"birthday":"the day after"}"#, 342),
        (r#"{"created":"never"}"#, 342),
        (r#"{"email":"no address"}"#, 360),
        (r#"{"email":"JohnDoe@Example.com"}"#, 361),
        (
            r#"{"profiles":[{"identifier":"HTTPS://social.example.com/users/556","domain":"d"}]}"#,
            361,
        ),
        (
            r#"{"profiles":[{"identifier":"a","domain":"d"},{"identifier":"A","domain":"d"}]}"#,
            361,
        ),
        (r#"{"clients":[{"clientId":"a"},{"clientId":"a"}]}"#, 361),
        (r#"{"profiles":[{"identifier":"b"}]}"#, 362),
        (&long, 363),
        ("[]", 200),
    ] {
        let pairs = [("type_name", "user"), ("attributes", attributes)];
        let answer = call(&sandbox, "entity.create", &pairs);
        assert_eq!(code(&answer), Some(expected), "{attributes}: {answer}");
        if expected == 361 {
            assert_eq!(
                text(&answer, "error_description"),
                "Attempted to update a duplicate value"
            );
        }
    }
    let deeper = call(
        &sandbox,
        "entity.create",
        &[
            ("type_name", "user"),
            ("attributes", r#"{"primaryAddress":{"planet":"Earth"}}"#),
        ],
    );
    assert_eq!(
        text(&deeper, "error_description"),
        "attribute does not exist: /primaryAddress/planet"
    );
    assert_eq!(text(&deeper, "attribute_name"), "/primaryAddress/planet");
    assert_eq!(count(&sandbox, "user"), before);
}

#[test]
fn a_record_is_chosen_guarded_and_cut_to_size() {
    let sandbox = sandbox();
    let user = |pairs: &[(&str, &str)]| {
        let key = [
            ("type_name", "user"),
            ("key_attribute", "email"),
            ("key_value", "\"hanako.yamada@example.net\""),
        ];
        call(&sandbox, "entity", &[&key, pairs].concat())
    };
    let result = |answer: &Json| answer.get("result").cloned().expect("has a result");
    let whole = result(&user(&[]));
    let profile = whole
        .get("profiles")
        .and_then(Json::as_array)
        .expect("is a plural")[0]
        .clone();
    let id = profile.get("id").and_then(Json::as_i64).expect("has an id");
    let friend = profile
        .get("friends")
        .and_then(Json::as_array)
        .expect("is a plural")[1]
        .clone();
    assert_eq!(
        text(&friend, "identifier"),
        "https://social.example.com/users/907"
    );
    let friend_id = friend.get("id").and_then(Json::as_i64).expect("has an id");
    for (path, expected) in [
        (format!("/profiles#{id}"), &profile),
        (format!("profiles#{id}/friends#{friend_id}"), &friend),
        (format!("/#{friend_id}"), &friend),
        (
            format!("/profiles#{id}/friends#{friend_id}/identifier"),
            friend.get("identifier").expect("is there"),
        ),
        ("uuid".to_owned(), whole.get("uuid").expect("is there")),
        ("/".to_owned(), &whole),
    ] {
        assert_eq!(
            result(&user(&[("attribute_name", &path)])),
            *expected,
            "{path}"
        );
    }
    for (path, expected) in [
        ("/profiles#1", 310),
        ("/profiles/domain", 200),
        ("/nickname", 223),
        ("/email#3", 200),
        ("a..b", 200),
    ] {
        assert_eq!(
            code(&user(&[("attribute_name", path)])),
            Some(expected),
            "{path}"
        );
    }
    let some = user(&[(
        "attributes",
        r#"["profiles.domain","familyName","primaryAddress.city"]"#,
    )]);
    let expected = r#"{"familyName":"山田","primaryAddress":{"city":"大阪市"},"profiles":[{"domain":"social.example.com"}]}"#;
    let mut some = result(&some);
    some.as_object_mut().expect("is an object").sort_keys();
    assert_eq!(some, parse(expected));
    assert_eq!(
        code(&user(&[("attributes", r#"["familyname"]"#)])),
        Some(223)
    );

    let updated = text(&whole, "lastUpdated").to_owned();
    assert_eq!(
        code(&user(&[
            ("lastUpdated", &updated),
            ("created", "2016-04-01T09:00:00.125Z")
        ])),
        None
    );
    let stale = user(&[("last_updated", "2016-04-01 09:00:00 +0000")]);
    assert_eq!(code(&stale), Some(330));
    assert_eq!(text(&stale, "attribute_name"), "lastUpdated");
    assert_eq!(text(&stale, "actual_value"), updated);
    assert_eq!(text(&stale, "supplied_value"), "2016-04-01 09:00:00 +0000");

    for (pairs, expected) in [
        (&[("id", "1"), ("uuid", "x")][..], 201),
        (&[], 100),
        (&[("uuid", "x")], 200),
        (&[("uuid", "00000000-0000-4000-8000-000000000000")], 310),
        (&[("id", "99999999")], 310),
        (&[("key_attribute", "email"), ("key_value", "a@b.c")], 200),
        (
            &[("key_attribute", "givenName"), ("key_value", "\"Bob\"")],
            200,
        ),
        (
            &[("key_attribute", "nickname"), ("key_value", "\"Bob\"")],
            223,
        ),
    ] {
        let answer = call(
            &sandbox,
            "entity",
            &[&[("type_name", "user")], pairs].concat(),
        );
        assert_eq!(code(&answer), Some(expected), "{pairs:?}");
    }
    let malformed = call(&sandbox, "entity", &[("type_name", "user"), ("uuid", "x")]);
    assert_eq!(
        text(&malformed, "error_description"),
        "uuid was not valid for the following reason: invalid uuid"
    );
}

#[test]
fn passwords_are_hashed_kept_and_checked() {
    let sandbox = sandbox();
    let check = |email: &str, password: &str| {
        let email = format!("\"{email}\"");
        let answer = call(
            &sandbox,
            "entity",
            &[
                ("type_name", "user"),
                ("key_attribute", "email"),
                ("key_value", &email),
                ("password_attribute", "password"),
                ("password_value", password),
            ],
        );
        code(&answer)
    };
    assert_eq!(
        check("johndoe@example.com", "correct horse battery staple"),
        None
    );
    assert_eq!(check("johndoe@example.com", "wrong"), Some(350));
    assert_eq!(check("fatima@example.org", "nobody's"), Some(350));
    assert_eq!(check("anna.kovalchuk@example.com", "md5"), Some(350));
    let create = |attributes: &str| {
        let pairs = [
            ("type_name", "user"),
            ("attributes", attributes),
            ("include_record", "true"),
        ];
        let answer = call(&sandbox, "entity.create", &pairs);
        let record = answer.get("result").cloned().expect("is created");
        record.get("password").cloned().expect("has a password")
    };
    let hashed = create(r#"{"email":"p@example.com","password":"sécret"}"#);
    assert_eq!(keys(&hashed), ["type", "value"]);
    assert_eq!(text(&hashed, "type"), "password-bcrypt");
    assert!(text(&hashed, "value").starts_with("$2b$04$"));
    assert_eq!(check("p@example.com", "sécret"), None);
    let slow = r#"{"email":"r@example.com","password":{"type":"password-bcrypt","value":"$2b$31$uv6sOTnkdPeBxr96CTVBOOeuERUlcQfgrDhONRt1UBQehsSdEZnQu"}}"#;
    create(slow);
    assert_eq!(check("r@example.com", "any"), Some(480));
    let imported = r#"{"type":"password-md5-salted-right-base64","value":"EA781758F006D63D8B138D9D01E00E55","salt":"S41t"}"#;
    let kept = create(&format!(
        r#"{{"email":"q@example.com","password":{imported}}}"#
    ));
    assert_eq!(kept, parse(imported));
    assert_eq!(check("q@example.com", "Test123"), None);
    assert_eq!(check("q@example.com", "test123"), Some(350));
    let unpublished = r#"{"type":"password-netforum","value":"x"}"#;
    create(&format!(
        r#"{{"email":"s@example.com","password":{unpublished}}}"#
    ));
    assert_eq!(check("s@example.com", "any"), Some(480));
}

#[test]
fn records_are_found_sorted_and_counted() {
    let sandbox = sandbox();
    let find = |pairs: &[(&str, &str)]| {
        call(
            &sandbox,
            "entity.find",
            &[
                &[("type_name", "user_test"), ("attributes", r#"["name"]"#)],
                pairs,
            ]
            .concat(),
        )
    };
    let names = |answer: &Json| -> Vec<String> {
        let results = answer
            .get("results")
            .and_then(Json::as_array)
            .expect("has results");
        results
            .iter()
            .map(|record| text(record, "name").to_owned())
            .collect()
    };
    let seeded = [
        "Zebra crossing",
        "Ångström",
        "empty description",
        "No description",
    ];
    assert_eq!(names(&find(&[])), seeded);
    assert_eq!(names(&find(&[("sort_on", "[]")])), seeded);
    let ascii = [
        "No description",
        "Zebra crossing",
        "empty description",
        "Ångström",
    ];
    assert_eq!(names(&find(&[("sort_on", r#"["name"]"#)])), ascii);
    let newest = find(&[
        ("sort_on", r#"["-created"]"#),
        ("max_results", "2"),
        ("show_total_count", "true"),
    ]);
    assert_eq!(names(&newest), ["No description", "empty description"]);
    assert_eq!(
        keys(&newest),
        ["result_count", "results", "total_count", "stat"]
    );
    assert_eq!(newest.get("total_count"), Some(&Json::from(4)));
    assert_eq!(names(&find(&[("first_result", "3")])), seeded[3..]);
    let nulls_last = find(&[("sort_on", r#"["description"]"#)]);
    assert_eq!(
        names(&nulls_last).last().map(String::as_str),
        Some("No description")
    );
    let many = format!("[{}\"id\"]", r#""id","#.repeat(16));
    let exhausted = find(&[("first_result", "4")]);
    assert_eq!(
        exhausted,
        parse(r#"{"result_count":0,"results":[],"stat":"ok"}"#)
    );
    for (pairs, expected) in [
        (("max_results", "10001"), 200),
        (("max_results", "-1"), 200),
        (("first_result", "x"), 200),
        (("sort_on", r#"["size"]"#), 223),
        (("sort_on", r#"["name'); DROP TABLE records; --"]"#), 223),
        (("sort_on", "[1]"), 200),
        (("sort_on", &many), 200),
    ] {
        assert_eq!(code(&find(&[pairs])), Some(expected), "{pairs:?}");
    }
    let in_plural = call(
        &sandbox,
        "entity.find",
        &[("type_name", "user"), ("sort_on", r#"["statuses.status"]"#)],
    );
    assert_eq!(code(&in_plural), Some(200));
    assert_eq!(
        count(&sandbox, "user") + count(&sandbox, "user2") + count(&sandbox, "user_test"),
        25
    );
}

#[test]
fn of_many_parallel_creators_exactly_one_gets_a_value() {
    let dir = tempfile::tempdir().expect("a directory");
    // Two servers on one directory stand for two processes: they share nothing but the file.
    let servers = [
        start(StorePath::Dir(dir.path().into())),
        start(StorePath::Dir(dir.path().into())),
    ];
    assert_eq!(servers[0].client_id, servers[1].client_id);
    let codes: Vec<Option<i64>> = thread::scope(|scope| {
        let callers: Vec<_> = (0..64)
            .map(|caller| {
                let sandbox = &servers[caller % 2];
                // Written differently, the same to an attribute that is not case-sensitive.
                let name = if caller % 3 == 0 { "RACE" } else { "race" };
                let attributes = format!(
                    r#"{{"email":"{name}@example.com","statuses":[{{"status":"{caller}"}}]}}"#
                );
                scope.spawn(move || {
                    code(&call(
                        sandbox,
                        "entity.create",
                        &[("type_name", "user"), ("attributes", &attributes)],
                    ))
                })
            })
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().expect("returns"))
            .collect()
    });
    assert_eq!(codes.iter().filter(|code| code.is_none()).count(), 1);
    assert_eq!(codes.iter().filter(|code| **code == Some(361)).count(), 63);
    assert_eq!(count(&servers[0], "user"), 18);
}

#[test]
fn parallel_creators_get_different_ids_and_required_holds() {
    let dir = tempfile::tempdir().expect("a directory");
    let servers = [
        start(StorePath::Dir(dir.path().into())),
        start(StorePath::Dir(dir.path().into())),
    ];
    let answers: Vec<Json> = thread::scope(|scope| {
        let callers: Vec<_> = (0..48)
            .map(|caller| {
                let sandbox = &servers[caller % 2];
                let attributes = match caller % 3 {
                    0 => r#"{"consent":null}"#.to_owned(),
                    _ => format!(r#"{{"consent":"c{caller}","consentAttributes":["a","b"]}}"#),
                };
                scope.spawn(move || {
                    let pairs = [
                        ("type_name", "user2"),
                        ("attributes", attributes.as_str()),
                        ("include_record", "true"),
                    ];
                    call(sandbox, "entity.create", &pairs)
                })
            })
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().expect("returns"))
            .collect()
    });
    let mut ids = Vec::new();
    for answer in &answers {
        let Some(record) = answer.get("result") else {
            assert_eq!(code(answer), Some(362));
            continue;
        };
        ids.push(record.get("id").and_then(Json::as_i64).expect("has an id"));
        let elements = record
            .get("consentAttributes")
            .and_then(Json::as_array)
            .expect("is a plural");
        ids.extend(
            elements
                .iter()
                .filter_map(|one| one.get("id").and_then(Json::as_i64)),
        );
    }
    assert_eq!(ids.len(), 32 * 3);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 32 * 3);
    // A type made by one server is known to the other at once.
    call(
        &servers[0],
        "entityType.create",
        &[("type_name", "fresh"), ("attr_defs", USER_TEST)],
    );
    assert_eq!(count(&servers[1], "fresh"), 0);
}

/// The files as a crash would leave them: copied while the store is open, nothing closed or checkpointed.
#[test]
fn what_was_acknowledged_survives_a_crash() {
    let dir = tempfile::tempdir().expect("a directory");
    let after = tempfile::tempdir().expect("a directory");
    let sandbox = start(StorePath::Dir(dir.path().into()));
    let uuids: Vec<String> = (0..20)
        .map(|n| {
            let attributes = format!(r#"{{"name":"n{n}"}}"#);
            let answer = call(
                &sandbox,
                "entity.create",
                &[("type_name", "user_test"), ("attributes", &attributes)],
            );
            text(&answer, "uuid").to_owned()
        })
        .collect();
    for file in std::fs::read_dir(dir.path()).expect("lists") {
        let file = file.expect("lists");
        let name = file.file_name();
        // The shared memory dies with its processes.
        if !name.to_string_lossy().ends_with("-shm") {
            std::fs::copy(file.path(), after.path().join(name)).expect("copies");
        }
    }
    let reopened = start(StorePath::Dir(after.path().into()));
    assert_eq!(reopened.client_id, sandbox.client_id);
    assert_eq!(count(&reopened, "user_test"), 24);
    for uuid in &uuids {
        assert_eq!(
            code(&call(
                &reopened,
                "entity",
                &[("type_name", "user_test"), ("uuid", uuid)]
            )),
            None
        );
    }
}

#[test]
fn a_database_is_seeded_once_and_never_downgraded() {
    let dir = tempfile::tempdir().expect("a directory");
    let inner = dir.path().join("deeper").join("data");
    let open = |dir: &Path| Store::open(StorePath::Dir(dir.to_owned()));
    // All at once, as when several programs start together.
    let owners: Vec<String> = thread::scope(|scope| {
        let openers: Vec<_> = (0..8).map(|_| scope.spawn(|| open(&inner))).collect();
        openers
            .into_iter()
            .map(|opener| opener.join().expect("returns").expect("opens"))
            .map(|store| store.owner().expect("has an owner").0)
            .collect()
    });
    assert!(owners.iter().all(|owner| *owner == owners[0]));
    let sandbox = start(StorePath::Dir(inner.clone()));
    assert_eq!(count(&sandbox, "user"), 17);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| {
            std::fs::metadata(path)
                .expect("exists")
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!(mode(&inner), 0o700);
        for file in std::fs::read_dir(&inner).expect("lists") {
            assert_eq!(mode(&file.expect("lists").path()), 0o600);
        }
    }
    drop(sandbox);
    let connection = rusqlite::Connection::open(inner.join("sandbox.db")).expect("opens");
    connection
        .pragma_update(None, "user_version", 99)
        .expect("writes");
    assert!(matches!(
        open(&inner),
        Err(StoreError::Newer { found: 99, .. })
    ));
}

#[test]
fn another_programs_database_is_left_as_it_is() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("sandbox.db");
    let foreign = rusqlite::Connection::open(&path).expect("opens");
    foreign
        .execute_batch("CREATE TABLE theirs (x)")
        .expect("writes");
    assert!(matches!(
        Store::open(StorePath::Dir(dir.path().to_owned())),
        Err(StoreError::Damaged("it is another program's"))
    ));
    let tables = foreign.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0));
    assert_eq!(tables, Ok(1));
}

/// What durability and deletion rest on, asked of the writer's own connection.
#[test]
fn the_database_is_set_up_to_last() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(StorePath::Dir(dir.path().to_owned())).expect("opens");
    let settings = store.write(|transaction| {
        let ask = |pragma: &str| {
            transaction
                .pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0))
        };
        Ok::<_, StoreError>([
            ask("journal_mode")?,
            ask("synchronous")?,
            ask("foreign_keys")?,
            ask("secure_delete")?,
        ])
    });
    let full = 2.into();
    let on = || 1.into();
    let expected = ["wal".to_owned().into(), full, on(), on()];
    assert_eq!(settings.expect("answers"), expected);
}

#[test]
fn a_panic_is_undone_and_the_store_lives() {
    let store = Store::open(StorePath::Memory).expect("opens");
    let panicked = store.write(|transaction| -> Result<(), Fault> {
        transaction
            .execute("DELETE FROM records", [])
            .expect("deletes");
        panic!("planted")
    });
    assert!(matches!(panicked, Err(Fault::Store(StoreError::Panicked))));
    let refused = store.write(|transaction| -> Result<(), StoreError> {
        transaction
            .execute("DELETE FROM records", [])
            .expect("deletes");
        Err(StoreError::Stopped)
    });
    assert!(matches!(refused, Err(StoreError::Stopped)));
    let left: i64 = store
        .read(|transaction| {
            let count =
                transaction.query_row("SELECT count(*) FROM records", [], |row| row.get(0))?;
            Ok::<_, StoreError>(count)
        })
        .expect("reads");
    assert_eq!(left, 25);
}

/// The disk fills up: the caller is told, nothing half-done stays, and reading goes on.
#[test]
fn a_full_disk_is_code_500_and_not_the_end() {
    let store = Arc::new(Store::open(StorePath::Memory).expect("opens"));
    let (id, secret) = store.owner().expect("has an owner");
    let ask = |operation: &str, pairs: &[(&str, &str)]| {
        let call = Call {
            path: format!("/{operation}"),
            endpoint: Endpoint::from_path(operation),
            args: Args::from_pairs(pairs.iter().copied()),
            presented: Ok(Presented::Params {
                id: id.clone(),
                secret: secret.clone(),
            }),
        };
        answer(&store, &call, HERE, Timestamp::now())
    };
    let limit = |pages: &'static str| {
        store
            .read(|transaction| {
                transaction
                    .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
                Ok::<_, StoreError>(())
            })
            .expect("sets");
    };
    limit("1");
    let big = format!(r#"{{"aboutMe":"{}"}}"#, "x".repeat(500_000));
    let create = [("type_name", "user"), ("attributes", big.as_str())];
    let refused = ask("entity.create", &create);
    assert_eq!(
        (refused.status, code(&refused.body)),
        (500, Some(500)),
        "{:?}",
        refused.body
    );
    assert!(text(&refused.body, "error_description").contains("the disk is full"));
    assert_eq!(
        ask("entity.count", &[("type_name", "user")]).body,
        parse(r#"{"total_count":17,"stat":"ok"}"#)
    );
    limit("100000");
    assert_eq!(ask("entity.create", &create).status, 200);
}

#[test]
fn a_sandbox_for_other_machines_answers_to_any_name() {
    let mut options = Options::new(StorePath::Memory);
    options.listen = "0.0.0.0:0".parse().expect("an address");
    let sandbox = spawn(&options).expect("starts");
    let port = address(&sandbox).rsplit_once(':').expect("has a port").1;
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).expect("listens");
    stream
        .write_all(b"GET /entity HTTP/1.1\r\nHost: sandbox.lan:80\r\nConnection: close\r\n\r\n")
        .expect("is read");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("is text");
    assert!(answer.contains("missing_argument"), "{answer}");
}

#[test]
fn strangers_are_not_heard() {
    let sandbox = sandbox();
    let own = address(&sandbox).to_owned();
    let port = own.rsplit_once(':').expect("has a port").1.to_owned();
    let ask = |version: &str, headers: &str| {
        let request =
            format!("GET /entity.count HTTP/{version}\r\nConnection: close\r\n{headers}\r\n");
        let answer = exchange(&sandbox, request.as_bytes());
        assert_eq!(text(&answer.body, "stat"), "error");
        answer.status
    };
    // 200: heard, and refused for lack of credentials.
    for (headers, expected) in [
        (format!("Host: {own}\r\n"), 200),
        (format!("Host: LOCALHOST:{port}\r\n"), 200),
        ("Host: [::1]\r\n".to_owned(), 200),
        ("Host: evil.example\r\n".to_owned(), 403),
        (format!("Host: localhost.evil.example:{port}\r\n"), 403),
        ("Host: \r\n".to_owned(), 403),
        (String::new(), 400),
        (format!("Host: {own}\r\nHost: evil.example\r\n"), 400),
        (format!("Host: {own}\r\nOrigin: http://{own}\r\n"), 200),
        (
            format!("Host: {own}\r\nOrigin: https://evil.example\r\n"),
            403,
        ),
        (format!("Host: {own}\r\nOrigin: null\r\n"), 403),
        (format!("Host: {own}\r\nSec-Fetch-Site: none\r\n"), 200),
        (
            format!("Host: {own}\r\nSec-Fetch-Site: cross-site\r\n"),
            403,
        ),
        (format!("Host: {own}\r\nSec-Fetch-Site: same-site\r\n"), 403),
    ] {
        assert_eq!(ask("1.1", &headers), expected, "{headers}");
    }
    assert_eq!(ask("1.0", ""), 200);
    let other_method = exchange(
        &sandbox,
        format!("DELETE /entity HTTP/1.1\r\nHost: {own}\r\n\r\n").as_bytes(),
    );
    assert_eq!(other_method.status, 405);
}

#[test]
fn what_is_too_big_is_refused() {
    let sandbox = sandbox();
    let host = address(&sandbox);
    let headers = format!("Authorization: Basic {}\r\n", basic(&sandbox));
    let body = format!("type_name=user&attributes={}", "x".repeat(3 << 20));
    assert_eq!(post(&sandbox, "entity.create", &headers, &body).status, 413);
    // As large, but where large bodies belong: heard.
    assert_eq!(
        post(&sandbox, "entity.bulkCreate", &headers, &body).status,
        200
    );
    // Answered from what the header declares, before any of the body is there.
    let declared = format!(
        "POST /entity HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3000000\r\nExpect: 100-continue\r\n\r\n"
    );
    assert_eq!(exchange(&sandbox, declared.as_bytes()).status, 413);
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, "x".repeat(1 << 20));
    let endless = format!(
        "POST /entity HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n"
    );
    assert_eq!(exchange(&sandbox, endless.as_bytes()).status, 413);
    let url = format!(
        "GET /entity?{} HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "x".repeat(9000)
    );
    assert_eq!(exchange(&sandbox, url.as_bytes()).status, 414);
    let flood = "a=b&".repeat(100_000);
    assert_eq!(
        post(&sandbox, "entity.create", &headers, &flood).status,
        400
    );
    assert_eq!(count(&sandbox, "user"), 17);
}

#[test]
fn a_header_that_never_ends_is_closed() {
    let sandbox = sandbox();
    let mut silent = connect(&sandbox);
    let mut slow = connect(&sandbox);
    slow.write_all(b"POST /entity HTTP/1.1\r\nHost: localh")
        .expect("sends");
    // A second request on a connection that was idle: the shorter time counts again.
    let mut second = connect(&sandbox);
    second
        .write_all(b"GET /entity.count HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .expect("sends");
    let mut first_bytes = [0; 4096];
    assert!(second.read(&mut first_bytes).expect("answers") > 0);
    second.write_all(b"GET /ent").expect("sends");
    for stream in [&mut silent, &mut slow, &mut second] {
        let mut rest = Vec::new();
        // The client's own patience of 20 s would be an error here.
        stream.read_to_end(&mut rest).expect("is closed");
        assert_eq!(rest, b"");
    }
}

#[test]
fn calls_under_way_are_finished_before_the_end() {
    let sandbox = sandbox();
    let mut idle = connect(&sandbox);
    idle.write_all(b"GET /entity.count HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .expect("sends");
    let mut bytes = [0; 4096];
    assert!(idle.read(&mut bytes).expect("answers") > 0);
    let address = address(&sandbox).to_owned();
    sandbox.stop();
    assert_eq!(idle.read(&mut bytes).expect("is closed in order"), 0);
    assert!(TcpStream::connect(address).is_err());
}
